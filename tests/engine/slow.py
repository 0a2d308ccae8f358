"""The layers once more, slow and obvious: one output and one entry at a time.

An `Answer` states a layer as what each output reads: ∂output/∂entry for every pair of an entry and
an output that reads it. Gradients and reasons follow from these slopes by definition.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import exp, log
from operator import contains
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Why

Array = NDArray[np.float64]
Index = tuple[int, ...]
Slope = float | Fraction
Reads = dict[Index, list[tuple[Index, Slope]]]
"""For each entry the outputs that read it, each with its slope."""
LEAST = Fraction(5e-324)
"""The smallest number above 0."""


@dataclass(frozen=True)
class Answer:
    """A layer at some inputs: the output, and for each input its shape and what reads it.

    stop(argument, entry, live): why an entry whose slopes at the live outputs are all 0 gets
    nothing; at_kink(argument, entry, live): whether it sits on a kink there. An output is live if
    its dout is not 0.
    """

    output: Array
    shapes: tuple[Index, ...]
    reads: tuple[Reads, ...]
    stop: Callable[[int, Index, list[Index]], Why] = lambda argument, entry, live: Why.ZERO_FACTOR
    at_kink: Callable[[int, Index, list[Index]], bool] = lambda argument, entry, live: False

    def grads(self, dout: Array) -> list[Array]:
        """For each input the sum of slope · dout over the outputs that read each entry."""
        grads = []
        for shape, reads in zip(self.shapes, self.reads, strict=True):
            grad = np.zeros(shape)
            for entry, outputs in reads.items():
                grad[entry] = sum(slope * dout[output] for output, slope in outputs)
            grads.append(grad)
        return grads

    def why(
        self, dout: Array, grads: Sequence[NDArray[np.floating[Any]]] = ()
    ) -> list[NDArray[np.uint8]]:
        """For each input why each gradient entry is what it is.

        grads: the gradients to explain, if they are rounded otherwise than those here.
        """
        whys = []
        each = enumerate(zip(self.shapes, grads or self.grads(dout), strict=True))
        for argument, (shape, grad) in each:
            why = np.zeros(shape, dtype=np.uint8)
            for entry in np.ndindex(*shape):
                why[entry] = self._reason(argument, entry, dout, float(grad[entry]))
            whys.append(why)
        return whys

    def kinked(self, dout: Array) -> list[NDArray[np.bool_]]:
        """For each input, which entries sit on a kink of a live output."""
        marks = []
        for argument, (shape, reads) in enumerate(zip(self.shapes, self.reads, strict=True)):
            kinked = np.zeros(shape, dtype=np.bool_)
            for entry in np.ndindex(*shape):
                live = [output for output, _ in reads.get(entry, []) if dout[output] != 0]
                kinked[entry] = self.at_kink(argument, entry, live)
            marks.append(kinked)
        return marks

    def _reason(self, argument: int, entry: Index, dout: Array, grad: float) -> Why:
        reads = self.reads[argument].get(entry, [])
        if grad != 0:
            return Why.FLOWS
        if not reads:
            return Why.NOT_COVERED
        live = [(output, slope) for output, slope in reads if dout[output] != 0]
        if not live:
            return Why.UPSTREAM_ZERO
        if any(slope * dout[output] != 0 for output, slope in live):
            exact = sum(Fraction(slope) * Fraction(dout[output]) for output, slope in live)
            if exact == 0:
                return Why.CANCELLED
            return Why.ROUNDED if abs(exact) > LEAST / 2 else Why.UNDERFLOW
        if any(slope != 0 for _, slope in live):
            return Why.UNDERFLOW
        return self.stop(argument, entry, [output for output, _ in live])


@dataclass(frozen=True)
class Settings:
    """Settings of windows, per axis; padding is a number for both sides, or (before, after)."""

    stride: Index = (1, 1)
    padding: tuple[int | tuple[int, int], ...] = (0, 0)
    dilation: Index = (1, 1)
    ceil_mode: bool = False

    def around(self, axis: int) -> tuple[int, int]:
        """The padding along an axis, (before, after)."""
        sides = self.padding[axis]
        return sides if isinstance(sides, tuple) else (sides, sides)

    def windows(self, size: Index, kernel: Index) -> Index:
        """How many windows there are along each axis, found by trying."""
        return tuple(
            self._along(axis, s, k) for axis, (s, k) in enumerate(zip(size, kernel, strict=True))
        )

    def _along(self, axis: int, size: int, kernel: int) -> int:
        (before, after), count = self.around(axis), 0
        while True:
            start = count * self.stride[axis] - before
            last = start + (kernel - 1) * self.dilation[axis]
            if last >= size + after:  # it does not fit
                # Rounding up still takes it, if the windows before it have left some entries.
                left = last - self.stride[axis] < size + after - 1
                return count + (self.ceil_mode and left and start < size)
            count += 1

    def window(self, window: Index, kernel: Index) -> Iterator[tuple[Index, Index]]:
        """Each offset in a window and its place in x, which may lie in the padding."""
        for offset in product(*map(range, kernel)):
            yield (
                offset,
                tuple(
                    window[axis] * self.stride[axis]
                    - self.around(axis)[0]
                    + offset[axis] * self.dilation[axis]
                    for axis in range(len(kernel))
                ),
            )


def convolution(x: Array, w: Array, b: Array, how: Settings, groups: int = 1) -> Answer:
    """x (N, C, *S), w (F, C / groups, *K), b (F,) -> (N, F, *O)"""
    output = np.zeros((len(x), len(w), *how.windows(x.shape[2:], w.shape[2:])))
    reads_x, reads_w, reads_b = (defaultdict[Index, list[tuple[Index, Slope]]](list) for _ in "xwb")
    for at in np.ndindex(*output.shape):
        sample, filter_, window = at[0], at[1], at[2:]
        output[at] = b[filter_]
        reads_b[(filter_,)].append((at, 1.0))
        group = filter_ // (len(w) // groups)
        for channel in range(w.shape[1]):
            for offset, place in how.window(window, w.shape[2:]):
                of_x = (sample, group * w.shape[1] + channel, *place)
                of_w = (filter_, channel, *offset)
                there = inside(place, x.shape[2:])
                if there:  # otherwise it is padding, which contributes nothing
                    output[at] += w[of_w] * x[of_x]
                    reads_w[of_w].append((at, x[of_x]))
                    reads_x[of_x].append((at, w[of_w]))
    return Answer(
        output,
        (x.shape, w.shape, b.shape),
        (reads_x, reads_w, reads_b),
    )


def linear(x: Array, w: Array, b: Array) -> Answer:
    """x (N, D), w (M, D), b (M,) -> (N, M)"""
    output = np.zeros((len(x), len(w)))
    reads_x, reads_w, reads_b = (defaultdict[Index, list[tuple[Index, Slope]]](list) for _ in "xwb")
    for n, m in np.ndindex(*output.shape):
        output[n, m] = b[m]
        reads_b[(m,)].append(((n, m), 1.0))
        for d in range(x.shape[1]):
            output[n, m] += w[m, d] * x[n, d]
            reads_x[n, d].append(((n, m), w[m, d]))
            reads_w[m, d].append(((n, m), x[n, d]))
    return Answer(output, (x.shape, w.shape, b.shape), (reads_x, reads_w, reads_b))


def entrywise(a: Array, value: Callable[[float], float], slope: Callable[[float], float]) -> Answer:
    """(…) -> (…); the reasons hold for curves that are nowhere level."""
    reads: Reads = {at: [(at, slope(float(a[at])))] for at in np.ndindex(*a.shape)}
    output = np.array([value(float(each)) for each in a.ravel()]).reshape(a.shape)
    return Answer(output, (a.shape,), (reads,))


def bent_at_0(a: Array, left: float, right: float, at_zero: float) -> Answer:
    """(…) -> (…), with three slopes: below 0, above 0 and at 0."""

    def slope(value: float) -> float:
        return right if value > 0 else left if value < 0 else at_zero

    straight = entrywise(a, lambda value: value * slope(value), slope)
    return Answer(
        straight.output,
        straight.shapes,
        straight.reads,
        stop=lambda argument, entry, live: Why.GATE_CLOSED if a[entry] else Why.AT_KINK,
        at_kink=lambda argument, entry, live: left != right and bool(live) and bool(a[entry] == 0),
    )


def relu(a: Array, slope_at_zero: float) -> Answer:
    """(…) -> (…)"""
    return bent_at_0(a, 0.0, 1.0, slope_at_zero)


def softplus(a: Array) -> Answer:
    """(…) -> (…)"""
    return entrywise(
        a, lambda value: log(1 + exp(value)), lambda value: exp(value) / (1 + exp(value))
    )


def add(*inputs: Array) -> Answer:
    """(…), (…), … -> (…)"""
    reads: Reads = {at: [(at, 1.0)] for at in np.ndindex(*inputs[0].shape)}
    return Answer(np.sum(inputs, axis=0), tuple(x.shape for x in inputs), (reads,) * len(inputs))


def maximum(*inputs: Array, ties: str) -> Answer:
    """(…), (…), … -> (…)"""
    output = np.zeros(inputs[0].shape)
    reads: tuple[Reads, ...] = tuple({} for _ in inputs)
    winners: dict[Index, list[int]] = {}
    for at in np.ndindex(*output.shape):
        values = [x[at] for x in inputs]
        output[at] = max(values)
        winners[at] = [each for each, value in enumerate(values) if value == output[at]]
        for argument, read in enumerate(reads):
            read[at] = [(at, _share(argument, winners[at], ties))]
    return Answer(
        output,
        tuple(x.shape for x in inputs),
        reads,
        stop=lambda argument, entry, live: (
            Why.TIE_LOST if argument in winners[entry] else Why.NOT_MAX
        ),
        at_kink=lambda argument, entry, live: (
            bool(live) and argument in winners[entry] and len(winners[entry]) > 1
        ),
    )


def concat(*inputs: Array, axis: int) -> Answer:
    """(…, n1, …), (…, n2, …), … -> (…, n1 + n2 + …, …)"""
    before = 0
    reads: list[Reads] = []
    for x in inputs:
        places = {
            at: (*at[:axis], at[axis] + before, *at[axis + 1 :]) for at in np.ndindex(*x.shape)
        }
        reads.append({at: [(place, 1.0)] for at, place in places.items()})
        before += x.shape[axis]
    shape = (*inputs[0].shape[:axis], before, *inputs[0].shape[axis + 1 :])
    output = np.zeros(shape)
    for x, each in zip(inputs, reads, strict=True):
        for at, [(place, _)] in each.items():
            output[place] = x[at]
    return Answer(output, tuple(x.shape for x in inputs), tuple(reads))


def average_pool(x: Array, size: Index, how: Settings, *, count_include_pad: bool) -> Answer:
    """(N, C, *S) -> (N, C, *O); padding that counts consists of zeros."""
    output = np.zeros((*x.shape[:2], *how.windows(x.shape[2:], size)))
    reads: Reads = defaultdict(list)
    around = zip(x.shape[2:], map(how.around, range(len(size))), strict=True)
    padded = [range(-before, extent + after) for extent, (before, after) in around]
    for at in np.ndindex(*output.shape):
        places = [place for _, place in how.window(at[2:], size)]
        seen = [place for place in places if inside(place, x.shape[2:])]
        in_padded = [place for place in places if all(map(contains, padded, place))]
        count = len(in_padded if count_include_pad else seen)
        for place in seen:
            entry = (*at[:2], *place)
            output[at] += x[entry] / count
            reads[entry].append((at, Fraction(1, count)))
    return Answer(output, (x.shape,), (reads,))


def max_pool(x: Array, size: Index, how: Settings, ties: str) -> Answer:
    """(N, C, *S) -> (N, C, *O)"""
    output = np.zeros((*x.shape[:2], *how.windows(x.shape[2:], size)))
    reads: Reads = defaultdict(list)
    winners: dict[Index, list[Index]] = {}
    for at in np.ndindex(*output.shape):
        places = [place for _, place in how.window(at[2:], size)]
        seen = [(*at[:2], *place) for place in places if inside(place, x.shape[2:])]
        output[at] = max(x[entry] for entry in seen)
        winners[at] = [entry for entry in seen if x[entry] == output[at]]
        for entry in seen:
            reads[entry].append((at, _share(entry, winners[at], ties)))

    def won(entry: Index, live: list[Index]) -> list[Index]:
        return [at for at in live if entry in winners[at]]

    return Answer(
        output,
        (x.shape,),
        (reads,),
        stop=lambda argument, entry, live: Why.TIE_LOST if won(entry, live) else Why.NOT_MAX,
        at_kink=lambda argument, entry, live: any(len(winners[at]) > 1 for at in won(entry, live)),
    )


def _share(each: Any, winners: list[Any], ties: str) -> Fraction:
    """The share of the upstream gradient that one of the compared entries gets."""
    of_the_winners = {
        "all": Fraction(1),
        "first": Fraction(each == winners[0]),
        "last": Fraction(each == winners[-1]),
        "split": Fraction(1, len(winners)),
    }
    return of_the_winners[ties] if each in winners else Fraction(0)


def inside(place: Index, size: Index) -> bool:
    """Whether a place lies in the input, not in the padding."""
    return all(0 <= at < extent for at, extent in zip(place, size, strict=True))
