"""The layers once more, slow and obvious: one output and one entry at a time.

An `Answer` writes a layer out as what each output reads: ∂output/∂entry for every pair of an entry
and an output that reads it. Gradients and reasons follow from that by their definitions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
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
"""The least number above 0."""


@dataclass(frozen=True)
class Answer:
    """A layer at some inputs: the output, and per input its shape and what reads it.

    stop(entry, live) says why an entry whose slopes at the live outputs are all 0 gets nothing;
    at_kink(entry, live), whether it sits on a kink there.
    """

    output: Array
    shapes: tuple[Index, ...]
    reads: tuple[Reads, ...]
    stop: Callable[[Index, list[Index]], Why]
    at_kink: Callable[[Index, list[Index]], bool]

    def grads(self, dout: Array) -> list[Array]:
        """Per input the sum of slope · dout over the outputs that read each entry."""
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
        """Per input the reason for each entry of its gradient, or of `grads`, rounded otherwise."""
        whys = []
        for shape, reads, grad in zip(
            self.shapes, self.reads, grads or self.grads(dout), strict=True
        ):
            why = np.zeros(shape, dtype=np.uint8)
            for entry in np.ndindex(*shape):
                why[entry] = self._reason(entry, reads.get(entry, []), dout, float(grad[entry]))
            whys.append(why)
        return whys

    def kinked(self, dout: Array) -> list[NDArray[np.bool_]]:
        """Per input, which entries sit on a kink at which something arrives."""
        marks = []
        for shape, reads in zip(self.shapes, self.reads, strict=True):
            kinked = np.zeros(shape, dtype=np.bool_)
            for entry in np.ndindex(*shape):
                live = [output for output, _ in reads.get(entry, []) if dout[output] != 0]
                kinked[entry] = self.at_kink(entry, live)
            marks.append(kinked)
        return marks

    def _reason(
        self, entry: Index, reads: list[tuple[Index, Slope]], dout: Array, grad: float
    ) -> Why:
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
        return self.stop(entry, [output for output, _ in live])


def convolution(x: Array, w: Array, b: Array, stride: Index, padding: Index) -> Answer:
    """x (N, C, *S), w (F, C, *K), b (F,) -> (N, F, *O)"""
    output = np.zeros((len(x), len(w), *_counts(x.shape[2:], w.shape[2:], stride, padding)))
    reads_x, reads_w, reads_b = (defaultdict[Index, list[tuple[Index, Slope]]](list) for _ in "xwb")
    for at in np.ndindex(*output.shape):
        sample, filter_, window = at[0], at[1], at[2:]
        output[at] = b[filter_]
        reads_b[(filter_,)].append((at, 1.0))
        for channel in range(x.shape[1]):
            for offset, place in _window(window, w.shape[2:], stride, padding):
                of_x, of_w = (sample, channel, *place), (filter_, channel, *offset)
                inside = _inside(place, x.shape[2:])
                seen = x[of_x] if inside else 0.0
                output[at] += w[of_w] * seen
                reads_w[of_w].append((at, seen))
                if inside:
                    reads_x[of_x].append((at, w[of_w]))
    return Answer(
        output,
        (x.shape, w.shape, b.shape),
        (reads_x, reads_w, reads_b),
        stop=lambda entry, live: Why.ZERO_FACTOR,
        at_kink=lambda entry, live: False,
    )


def relu(a: Array, slope_at_zero: float) -> Answer:
    """(…) -> (…)"""

    def slope(value: float) -> float:
        return 1.0 if value > 0 else 0.0 if value < 0 else slope_at_zero

    reads: Reads = {at: [(at, slope(float(a[at])))] for at in np.ndindex(*a.shape)}
    return Answer(
        np.array([max(0.0, value) for value in a.ravel()]).reshape(a.shape),
        (a.shape,),
        (reads,),
        stop=lambda entry, live: Why.GATE_CLOSED if a[entry] < 0 else Why.AT_KINK,
        at_kink=lambda entry, live: bool(live) and bool(a[entry] == 0),
    )


def max_pool(x: Array, size: Index, stride: Index, padding: Index, ties: str) -> Answer:
    """(N, C, *S) -> (N, C, *O)"""
    output = np.zeros((*x.shape[:2], *_counts(x.shape[2:], size, stride, padding)))
    reads: Reads = defaultdict(list)
    winners: dict[Index, list[Index]] = {}
    for at in np.ndindex(*output.shape):
        places = [place for _, place in _window(at[2:], size, stride, padding)]
        seen = [(*at[:2], *place) for place in places if _inside(place, x.shape[2:])]
        output[at] = max(x[entry] for entry in seen)
        winners[at] = [entry for entry in seen if x[entry] == output[at]]
        for entry in seen:
            share = {
                "all": Fraction(1),
                "first": Fraction(entry == winners[at][0]),
                "split": Fraction(1, len(winners[at])),
            }[ties]
            reads[entry].append((at, share if entry in winners[at] else Fraction(0)))

    def won(entry: Index, live: list[Index]) -> list[Index]:
        return [at for at in live if entry in winners[at]]

    return Answer(
        output,
        (x.shape,),
        (reads,),
        stop=lambda entry, live: Why.TIE_LOST if won(entry, live) else Why.NOT_MAX,
        at_kink=lambda entry, live: any(len(winners[at]) > 1 for at in won(entry, live)),
    )


def _counts(size: Index, kernel: Index, stride: Index, padding: Index) -> Index:
    """How many windows fit along each axis, by trying."""
    return tuple(
        len(range(-p, s + p - k + 1, step))
        for s, k, step, p in zip(size, kernel, stride, padding, strict=True)
    )


def _window(
    window: Index, kernel: Index, stride: Index, padding: Index
) -> Iterator[tuple[Index, Index]]:
    """Each offset in a window, and the place that it is at, which may lie in the padding."""
    for offset in product(*map(range, kernel)):
        yield (
            offset,
            tuple(
                at * step - p + k
                for at, step, p, k in zip(window, stride, padding, offset, strict=True)
            ),
        )


def _inside(place: Index, size: Index) -> bool:
    return all(0 <= at < extent for at, extent in zip(place, size, strict=True))
