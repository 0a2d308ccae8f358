"""Ways to get a quantity wrong, each with the numbers that it would give."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, Final, TypeAlias

import numpy as np

from engine.arrays import Array, Index
from engine.errors import EngineError
from engine.grader.cases import Case, Convention, Reference, Subject, layer
from engine.grader.outcome import close
from engine.grader.wire import Numbers
from engine.layers import Conv1D, ReLU
from engine.reach import influence
from engine.trace import Trace, trace

Predict = Callable[["Look"], Numbers | None]


@dataclass(frozen=True)
class Hypothesis:
    """A way to get a quantity wrong.

    sentence: with {d} for the gradient (or the output), {up} for what comes from above, {x}, {w}
    for the inputs. predict: the numbers that it would give, None where it says nothing. classes:
    of which it is asked; none: of all.
    """

    sentence: str
    predict: Predict
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Look:
    """One wrong quantity of one case: the output (argument −1), or the gradient of an input."""

    reference: Reference
    argument: int
    got: Numbers
    convention: Convention

    @property
    def case(self) -> Case:
        """The case."""
        return self.reference.case

    @property
    def subject(self) -> Subject:
        """The class."""
        return self.reference.subject

    @property
    def dout(self) -> Array:
        """What comes from above."""
        return self.case.dout

    @property
    def x(self) -> Array:
        """The first input."""
        return self.case.inputs[0]

    @property
    def w(self) -> Array | None:
        """The second input, where there is one."""
        return self.case.inputs[1] if len(self.case.inputs) > 1 else None

    @cached_property
    def expected(self) -> Array:
        """The right numbers."""
        if self.argument < 0:
            return self.reference.output
        return self.reference.grads(self.convention)[self.argument]

    def passed(self, *inputs: Array, dout: Array | None = None, **settings: Any) -> Trace | None:
        """A pass with something else changed; None where the engine refuses that."""
        try:
            return self.reference.traced(self.convention, inputs or None, dout, **settings)
        except EngineError:
            return None

    def grad(self, *inputs: Array, dout: Array | None = None, **settings: Any) -> Array | None:
        """This gradient, had something else been changed."""
        passed = self.passed(*inputs, dout=dout, **settings)
        return None if passed is None else passed.grads[self.argument]

    def output(self, *inputs: Array, **settings: Any) -> Array | None:
        """The output, had something else been changed; whatever dout is then."""
        passed = self.passed(*inputs, dout=np.asarray(1.0), **settings)
        return None if passed is None else passed.output

    def shares(self) -> Iterator[tuple[Index, Array]]:
        """For each output what it alone sends back; together they are this gradient."""
        for index in np.ndindex(*self.dout.shape):
            alone = np.zeros_like(self.dout)
            alone[index] = self.dout[index]
            grad = self.grad(dout=alone)
            assert grad is not None
            yield index, grad

    @cached_property
    def readers(self) -> dict[Index, list[Index]]:
        """For each output the entries of x that it reads."""
        ours = layer(self.subject.name, self.case)
        passed = trace(ours, *self.case.inputs)
        read: dict[Index, list[Index]] = {index: [] for index in np.ndindex(*self.dout.shape)}
        for entry in np.ndindex(*self.x.shape):
            for index in np.argwhere(influence(passed, 0, 0, entry)[-1]):
                read[tuple(map(int, index))].append(entry)
        return read

    def extents(self, setting: str) -> tuple[int, ...]:
        """A setting of this case for each spatial axis; 0 where it has none."""
        value = self.case.settings.get(setting, 0)
        return value if isinstance(value, tuple) else (value,) * self.subject.axes

    @property
    def positions(self) -> tuple[int, ...]:
        """The spatial part of the output's shape."""
        name, axes = self.subject.name, self.subject.axes
        return self.dout.shape[-axes:] if name in ("Conv1D", "Conv2D") else ()

    @property
    def examples(self) -> int:
        """The examples of a minibatch; 1 where there is none."""
        return len(self.x) if self.subject.batched(self.x) else 1

    def matches(self, predicted: Numbers | None) -> bool:
        """Whether the student's numbers are these, and these are not the right ones."""
        if predicted is None:
            return False
        predicted = np.asarray(predicted, dtype=np.float64)
        return close(self.got, predicted) and not close(predicted, self.expected)

    def agrees(self, predicted: Numbers | None) -> bool:
        """Whether these are the student's numbers, or say nothing."""
        return predicted is None or close(self.got, np.asarray(predicted, dtype=np.float64))


BLOCK: Final = ("ConvBlock",)


def _slope(slope: Callable[[Array, Array], Any]) -> Callable[[Look], Numbers | None]:
    """da = dh · slope(a, dh), in a ReLU or in the block's."""

    def predict(look: Look) -> Numbers | None:
        if look.subject.name == "ReLU":
            return np.asarray(look.dout * slope(look.x, look.dout))
        conv, relu, _ = look.reference.traced(look.convention).steps
        da = relu.dout * slope(conv.output, relu.dout)
        return trace(Conv1D(), *look.case.inputs, dout=da).grads[look.argument]

    return predict


def _every_entry(look: Look) -> Numbers | None:
    """The block whose pool hands dz to every entry of h."""
    conv = look.reference.traced(look.convention).steps[0]
    dh = np.broadcast_to(look.dout[..., None], conv.output.shape)
    da = trace(ReLU(), conv.output, dout=dh, kinks=look.convention.kinks).grads[0]
    return trace(Conv1D(), *look.case.inputs, dout=da).grads[look.argument]


def _of_a(combined: Callable[[Array], Any]) -> Callable[[Look], Numbers | None]:
    """The block with something else than ReLU and max: of a."""
    return lambda look: np.asarray(combined(look.reference.traced(look.convention).steps[0].output))


RELU_OUTPUT: Final = (
    *(
        Hypothesis(sentence, lambda look, wrong=wrong: wrong(look.x), ("ReLU",))  # type: ignore[misc]
        for sentence, wrong in (
            ("{d} is |a|, not max(0, a)", np.abs),
            ("{d} is a itself: nothing is cut off", lambda a: a),
            ("{d} is min(0, a), not max(0, a)", lambda a: np.minimum(0, a)),
            ("{d} is 1 where a > 0: the mask, not max(0, a)", lambda a: a > 0),
            ("{d} is max(0, -a), not max(0, a)", lambda a: np.maximum(0, -a)),
            ("{d} is max(1, a), not max(0, a)", lambda a: np.maximum(1, a)),
        )
    ),
    *(
        Hypothesis(sentence, _of_a(combined), BLOCK)
        for sentence, combined in (
            ("{d} is max(a): the ReLU is missing", lambda a: a.max(axis=-1)),
            ("{d} is the minimum of h, not the maximum", lambda a: np.maximum(a, 0).min(axis=-1)),
            ("{d} is the mean of h, not the maximum", lambda a: np.maximum(a, 0).mean(axis=-1)),
            ("{d} is the sum of h, not the maximum", lambda a: np.maximum(a, 0).sum(axis=-1)),
            ("{d} is max |a|, not max(0, a)", lambda a: np.abs(a).max(axis=-1)),
            ("{d} is h: the pool is missing", lambda a: np.maximum(a, 0)),
        )
    ),
)

RELU_GRADIENT: Final = (
    *(
        Hypothesis(sentence, _slope(slope), ("ReLU", *BLOCK))
        for sentence, slope in (
            ("{d}: ReLU's mask is for a < 0, not for a > 0", lambda a, dh: a < 0),
            ("{d}: ReLU's mask is for a <= 0, not for a > 0", lambda a, dh: a <= 0),
            ("{d}: ReLU's mask is missing, everything passes", lambda a, dh: np.ones_like(a)),
            ("{d}: ReLU's mask looks at the gradient, not at a", lambda a, dh: dh > 0),
            ("{d}: ReLU's mask looks at the gradient, not at a", lambda a, dh: dh >= 0),
            (
                "{d}: ReLU's mask looks at the gradient as well as at a",
                lambda a, dh: (a > 0) & (dh > 0),
            ),
            ("{d} is multiplied by relu(a), not by its slope", lambda a, dh: np.maximum(a, 0)),
            ("{d} is multiplied by a, not by ReLU's slope", lambda a, dh: a),
            ("{d}: ReLU passes the sign of a: -1 where a < 0", lambda a, dh: np.sign(a)),
            ("{d}: ReLU's mask is for a > 1, not for a > 0", lambda a, dh: a > 1),
        )
    ),
    Hypothesis("{d}: the pool hands the gradient to every entry of h", _every_entry, BLOCK),
)


POOLS: Final = ("MaxPool", "MaxPool2D")


def _windows(look: Look, *, padded: bool) -> Iterator[tuple[Index, list[Index], Array]]:
    """Each output, the entries that it reads, their values; padded: and −inf where it is beyond."""
    full = prod(look.extents("size")) or max(map(len, look.readers.values()))
    for output, entries in look.readers.items():
        beyond = [-np.inf] * (full - len(entries) if padded else 0)
        yield output, entries, np.array([*(look.x[entry] for entry in entries), *beyond])


def _value(
    of_window: Callable[[Array], Any], *, padded: bool = False
) -> Callable[[Look], Numbers | None]:
    """Another number than the maximum of each window."""

    def predict(look: Look) -> Numbers:
        found = np.empty(look.dout.shape)
        for output, _, values in _windows(look, padded=padded):
            found[output] = of_window(values)
        return found

    return predict


def _winner(
    of_window: Callable[[Array], Any], *, padded: bool = False
) -> Callable[[Look], Numbers | None]:
    """Shares of what arrives at each window, by other weights than for the maximum."""

    def predict(look: Look) -> Numbers:
        grad = np.zeros_like(look.x)
        for output, entries, values in _windows(look, padded=padded):
            for entry, weight in zip(entries, np.asarray(of_window(values)), strict=False):
                grad[entry] += look.dout[output] * weight
        return grad

    return predict


def _smallest(values: Array) -> Array:
    return np.asarray(np.arange(values.size) == values.argmin(), dtype=np.float64)


def _first(values: Array) -> Array:
    return np.asarray(np.arange(values.size) == 0, dtype=np.float64)


def _misplaced(corner: Callable[[int, int], int]) -> Callable[[Look], Numbers | None]:
    """The winner's place, counted from another corner of its window than it has."""

    def predict(look: Look) -> Numbers | None:
        if "size" not in look.case.settings:
            return None
        axes = look.subject.axes
        strides = look.extents("stride")
        grad = np.zeros_like(look.x)
        for output, entries, values in _windows(look, padded=False):
            winner = entries[int(values.argmax())]
            place = tuple(
                at - index * stride + corner(index, stride)
                for at, index, stride in zip(winner[-axes:], output[-axes:], strides, strict=True)
            )
            inside = zip(place, look.x.shape[-axes:], strict=True)
            if all(0 <= at < extent for at, extent in inside):
                grad[(*winner[:-axes], *place)] += look.dout[output]
        return grad

    return predict


def _exchanged(look: Look) -> Numbers | None:
    """The winner's row in its window taken for its column, and the other way round."""
    if "size" not in look.case.settings:
        return None
    grad = np.zeros_like(look.x)
    corners = list(zip(look.extents("stride"), look.extents("padding"), strict=True))
    for output, entries, values in _windows(look, padded=False):
        winner = entries[int(values.argmax())]
        places = zip(output[-2:], corners, strict=True)
        top, left = (index * stride - padding for index, (stride, padding) in places)
        row, column = top + winner[-1] - left, left + winner[-2] - top
        if 0 <= row < look.x.shape[-2] and 0 <= column < look.x.shape[-1]:
            grad[(*winner[:-2], row, column)] += look.dout[output]
    return grad


def _zeros_around(look: Look) -> Numbers | None:
    """A pool that pads with zeros, which may be the largest."""
    paddings = look.extents("padding")
    if not any(paddings):
        return None
    around = [(0, 0)] * (look.x.ndim - len(paddings)) + [(each, each) for each in paddings]
    return look.output(np.pad(look.x, around), padding=0)


def _side_by_side(look: Look) -> Numbers | None:
    size = look.case.settings.get("size")
    return look.output(stride=size) if size else None


POOL_OUTPUT: Final = (
    Hypothesis("the stride is ignored: windows lie side by side", _side_by_side, POOLS),
    Hypothesis("padding with zeros: they take part in the maximum", _zeros_around, POOLS),
    *(
        Hypothesis(sentence, _value(of_window, padded=padded), POOLS)
        for padded in (False, True)
        for sentence, of_window in (
            ("{d} is the minimum, not the maximum", np.min),
            ("{d} is the mean, not the maximum", np.mean),
            ("{d} is the sum, not the maximum", np.sum),
            ("{d} is the place of the maximum, not its value", np.argmax),
            ("{d} is the largest absolute value", lambda each: np.abs(each).max()),
            ("{d} is never below 0: the search starts at 0", lambda each: max(0.0, each.max())),
            ("{d} is the first entry", lambda each: each[0]),
            ("{d} is the last entry", lambda each: each[-1]),
        )
    ),
)

POOL_GRADIENT: Final = (
    Hypothesis(
        "every entry of a window gets the gradient, not only the largest",
        _winner(np.ones_like),
        POOLS,
    ),
    Hypothesis(
        "the gradient is spread evenly over the window, as for a mean",
        _winner(lambda values: np.full(values.size, 1 / values.size)),
        POOLS,
    ),
    Hypothesis(
        "the gradient goes to the first entry, wherever the largest is", _winner(_first), POOLS
    ),
    *(
        Hypothesis(
            "the gradient goes to the smallest entry", _winner(_smallest, padded=each), POOLS
        )
        for each in (False, True)
    ),
    Hypothesis(
        "{d}: the winner's place in its window is taken for its place in h",
        _misplaced(lambda index, stride: 0),
        POOLS,
    ),
    Hypothesis(
        "{d}: the winner's row in its window is taken for its column", _exchanged, ("MaxPool2D",)
    ),
    Hypothesis(
        "{d}: the stride is ignored on the way back",
        _misplaced(lambda index, stride: index),
        POOLS,
    ),
)


CONVOLUTIONS: Final = ("Conv1D", "Conv2D")
PRODUCTS: Final = (*CONVOLUTIONS, "Linear")


def _spatial(look: Look) -> tuple[int, ...]:
    return tuple(range(-look.subject.axes, 0))


Alteration: TypeAlias = Callable[[Look, Numbers], Numbers | None]
"""What becomes of a filter, or of an array of its shape; None where nothing would."""


def _flipped(look: Look, w: Numbers) -> Numbers | None:
    return np.flip(w, _spatial(look)) if w.ndim else None


def _transposed(look: Look, w: Numbers) -> Numbers | None:
    """Rows and columns exchanged, where that makes no other shape."""
    square = w.ndim >= 2 and w.shape[-2] == w.shape[-1]
    return w.swapaxes(-1, -2) if square else None


def _through(altered: Alteration) -> Callable[[Look], Numbers | None]:
    """The output through the altered filter."""

    def predict(look: Look) -> Numbers | None:
        w = None if look.w is None else altered(look, look.w)
        return None if w is None else look.output(look.x, w, *look.case.inputs[2:])

    return predict


def _back_through(altered: Alteration) -> Callable[[Look], Numbers | None]:
    """dx through the altered filter; dw itself altered."""

    def predict(look: Look) -> Numbers | None:
        w = None if look.w is None else altered(look, look.w)
        if w is None or look.argument > 1:
            return None
        if look.argument == 0:
            return look.grad(look.x, w, *look.case.inputs[2:])
        return altered(look, look.expected)

    return predict


def _bias(times: float) -> Callable[[Look], Numbers | None]:
    def predict(look: Look) -> Numbers | None:
        if len(look.case.inputs) != 3:
            return None
        x, w, b = look.case.inputs
        return look.output(x, w, times * b)

    return predict


def _mean_of_products(look: Look) -> Numbers | None:
    count = look.w.size if look.w is not None and look.w.ndim <= look.subject.axes else 0
    return look.expected / count if count > 1 else None


def _first_channel(look: Look) -> Numbers | None:
    if look.w is None or look.w.ndim != look.subject.axes + 2:
        return None
    kept = np.zeros_like(look.w)
    kept[:, 0] = look.w[:, 0]
    return look.output(look.x, kept, *look.case.inputs[2:])


def _without_w(look: Look) -> Numbers | None:
    if look.w is None:
        return None
    return look.output(look.x, np.ones_like(look.w), *look.case.inputs[2:])


def _without_factor(other: int) -> Callable[[Look], Numbers | None]:
    """A gradient as if the other factor were 1."""

    def predict(look: Look) -> Numbers | None:
        if look.argument != 1 - other:
            return None
        inputs = list(look.case.inputs)
        inputs[other] = np.ones_like(inputs[other])
        return look.grad(*inputs)

    return predict


def _own_factor(look: Look) -> Numbers | None:
    """The entry itself in place of what it is multiplied with; for a scalar w."""
    if look.w is None or look.w.ndim or look.case.settings:
        return None
    if look.argument == 0:
        return look.dout * look.x
    return np.asarray(look.dout.sum() * look.w) if look.argument == 1 else None


def _mean_over_positions(look: Look) -> Numbers | None:
    count = int(np.prod(look.positions))
    return look.expected / count if look.argument > 0 and count > 1 else None


def _mean_over_all(look: Look) -> Numbers | None:
    count = int(np.prod(look.positions)) * look.examples
    return look.expected / count if look.argument > 0 else None


def _one_position(place: int) -> Callable[[Look], Numbers | None]:
    """dw from one position alone, all examples of it."""

    def predict(look: Look) -> Numbers | None:
        if look.argument < 1 or not look.positions:
            return None
        alone = np.zeros_like(look.dout)
        where: tuple[Any, ...] = (..., *(place for _ in look.positions))
        alone[where] = look.dout[where]
        return look.grad(dout=alone)

    return predict


def _not_summed(look: Look) -> Numbers | None:
    """Each position's share of dw by itself; all of db."""
    if look.argument == 2:
        return look.dout.reshape(look.got.shape) if look.got.size == look.dout.size else None
    if look.argument == 1 and look.w is not None and not look.w.ndim:
        return look.dout * look.x if look.dout.shape == look.x.shape else None
    return None


def _all_summed(look: Look) -> Numbers | None:
    return look.dout.sum() if look.argument == 2 else None


PRODUCT_OUTPUT: Final = (
    Hypothesis(
        "the filter is flipped: a true convolution, not a cross-correlation",
        _through(_flipped),
        CONVOLUTIONS,
    ),
    Hypothesis("the filter is transposed", _through(_transposed), ("Conv2D",)),
    Hypothesis("the bias b is not added", _bias(0)),
    Hypothesis("the bias b is subtracted", _bias(-1)),
    Hypothesis("the bias b is added twice", _bias(2)),
    Hypothesis("{d} is not multiplied by w", _without_w, PRODUCTS),
    Hypothesis("{d} is the mean of the products, not their sum", _mean_of_products, CONVOLUTIONS),
    Hypothesis("only the first channel is read", _first_channel, CONVOLUTIONS),
)

PRODUCT_GRADIENT: Final = (
    Hypothesis("{d} is the mean, not the sum, over positions", _mean_over_positions, CONVOLUTIONS),
    Hypothesis(
        "{d} is the mean, not the sum, over examples and positions", _mean_over_all, CONVOLUTIONS
    ),
    Hypothesis("{d} is not multiplied by {w}", _without_factor(1), PRODUCTS),
    Hypothesis("{d} is not multiplied by {x}", _without_factor(0), PRODUCTS),
    Hypothesis(
        "{d} is multiplied by the entry itself, not by the other factor", _own_factor, ("Conv1D",)
    ),
    Hypothesis("{d} comes from the last position alone: overwritten, not added", _one_position(-1)),
    Hypothesis("{d} comes from the first position alone", _one_position(0)),
    Hypothesis("{d}: the filter is flipped", _back_through(_flipped), CONVOLUTIONS),
    Hypothesis("{d}: the filter is transposed", _back_through(_transposed), ("Conv2D",)),
    Hypothesis("{d} is not summed over the positions and examples", _not_summed, PRODUCTS),
    Hypothesis("{d} is summed over everything, also over the filters", _all_summed, PRODUCTS),
)


WINDOWS: Final = (*CONVOLUTIONS, *POOLS)


def _other(**settings: int) -> Callable[[Look], Numbers | None]:
    """The output under other settings."""

    def predict(look: Look) -> Numbers | None:
        present = all(setting in look.case.settings for setting in settings)
        return look.output(**settings) if present else None

    return predict


def _read_too_early(look: Look) -> Numbers | None:
    """As many windows as there should be, but one entry apart."""
    if "stride" not in look.case.settings:
        return None
    ones = look.output(stride=1)
    return None if ones is None else ones[_as_many(look)]


def _as_many(look: Look) -> tuple[slice, ...]:
    return tuple(slice(count) for count in look.dout.shape)


def _one_short(look: Look) -> Numbers | None:
    if "size" not in look.case.settings and look.subject.pool:
        return None
    where: tuple[Any, ...] = (..., *[slice(-1)] * look.subject.axes)
    short = look.expected[where]
    return look.got if look.got.size == short.size == 0 else short


def _padded(look: Look, ends: Sequence[tuple[int, int]]) -> Array:
    """x with this much before and after each axis, of what a pool never chooses."""
    around = [(0, 0)] * (look.x.ndim - len(ends)) + list(ends)
    return np.pad(look.x, around, constant_values=-1e9 if look.subject.pool else 0.0)


def _one_side(*, front: bool) -> Callable[[Look], Numbers | None]:
    """All the padding at one end."""

    def predict(look: Look) -> Numbers | None:
        paddings = look.extents("padding")
        if not any(paddings):
            return None
        x = _padded(look, [(2 * each, 0) if front else (0, 2 * each) for each in paddings])
        return look.output(x, *look.case.inputs[1:], padding=0)

    return predict


def _cut_elsewhere(look: Look) -> Numbers | None:
    """The gradient of the padded input, cut at whatever wrong place the student cuts it."""
    return next((each for each in _cuts(look) if look.matches(each)), None)


def _cuts(look: Look) -> Iterator[Numbers]:
    paddings = look.extents("padding")
    if look.argument != 0 or not any(paddings):
        return
    x = _padded(look, [(each, each) for each in paddings])
    whole = look.grad(x, *look.case.inputs[1:], padding=0)
    if whole is None:
        return
    yield whole
    for shift in product(*(range(2 * each + 1) for each in paddings)):
        place = zip(shift, look.x.shape[-len(shift) :], strict=True)
        where: tuple[Any, ...] = (..., *(slice(at, at + size) for at, size in place))
        yield whole[where]


def _written_too_early(look: Look) -> Numbers | None:
    """Window i read and written at i, not at i · stride."""
    if "stride" not in look.case.settings:
        return None
    ones = look.output(stride=1)
    if ones is None:
        return None
    spread = np.zeros_like(ones)
    spread[_as_many(look)] = look.dout
    return look.grad(dout=spread, stride=1)


def _overwritten(*, grouped: bool, winners: bool) -> Callable[[Look], Numbers | None]:
    """Each window's share put where it belongs, over what was there: the last one stays.

    grouped: all filters at one position are still added. winners: only where it is not 0.
    """

    def predict(look: Look) -> Numbers | None:
        if look.argument != 0 or (winners and look.subject.name in CONVOLUTIONS):
            return None
        grad = np.zeros_like(look.x)
        for share, entries in _shares(look, grouped=grouped):
            for entry in entries:
                if not winners or share[entry] != 0:
                    grad[entry] = share[entry]
        return grad

    return predict


def _shares(look: Look, *, grouped: bool) -> Iterator[tuple[Array, set[Index]]]:
    """What each window sends back, in order, and which entries it covers."""
    axes = look.subject.axes
    found: dict[Index, tuple[Array, set[Index]]] = {}
    for output, share in look.shares():
        place = output[-axes:] if len(output) >= axes else ()
        batch = output[:1] if look.examples > 1 else ()
        middle = () if grouped else output[len(batch) : len(output) - len(place)]
        total, entries = found.setdefault((*batch, *middle, *place), (np.zeros_like(look.x), set()))
        total += share
        entries.update(look.readers[output])
    yield from found.values()


WINDOW_OUTPUT: Final = (
    Hypothesis("the stride is ignored", _other(stride=1), WINDOWS),
    Hypothesis("window i begins at i, not at i * stride", _read_too_early, WINDOWS),
    Hypothesis("the padding is ignored", _other(padding=0), WINDOWS),
    Hypothesis("stride and padding are ignored", _other(stride=1, padding=0), WINDOWS),
    Hypothesis("the padding is all at the front", _one_side(front=True), WINDOWS),
    Hypothesis("the padding is all at the end", _one_side(front=False), WINDOWS),
    Hypothesis("the last window is missing: the output is one short", _one_short, WINDOWS),
)

WINDOW_GRADIENT: Final = (
    *(
        Hypothesis(
            "{d}: where windows overlap, contributions are overwritten, not added",
            _overwritten(grouped=grouped, winners=winners),
            WINDOWS,
        )
        for grouped in (False, True)
        for winners in (False, True)
    ),
    Hypothesis("{d}: the stride is ignored on the way back", _written_too_early, WINDOWS),
    Hypothesis(
        "{d}: the padding is cut off at the wrong place, or not at all", _cut_elsewhere, WINDOWS
    ),
)


LOSS: Final = ("SoftmaxCrossEntropy",)


def _truth(look: Look) -> Numbers:
    """1 at each example's label: (N, K)."""
    labels = look.case.labels
    assert labels is not None
    return np.eye(look.x.shape[1])[labels]


def _probabilities(look: Look) -> Numbers:
    """softmax(logits): what the right gradient is before the labels are subtracted."""
    gradient = look.reference.traced(dout=np.asarray(1.0)).grads[0]
    return np.asarray(gradient * len(look.x) + _truth(look))


def _of_labels(look: Look) -> Numbers:
    return np.asarray((_probabilities(look) * _truth(look)).sum(axis=1))


LOSS_LAYER_OUTPUT: Final = (
    Hypothesis(
        "{d} is the sum over the examples, not the mean",
        lambda look: look.expected * look.examples,
        LOSS,
    ),
    Hypothesis(
        "{d} is the probability of the label: the logarithm is missing",
        lambda look: _of_labels(look).mean(),
        LOSS,
    ),
    Hypothesis(
        "{d} is the logarithm of the mean probability, not the mean of the logarithms",
        lambda look: -np.log(_of_labels(look).mean()),
        LOSS,
    ),
    Hypothesis(
        "{d} is taken with the logarithm to base 2", lambda look: look.expected / np.log(2), LOSS
    ),
)

LOSS_LAYER_GRADIENT: Final = (
    Hypothesis(
        "{d} is not divided by the number of examples",
        lambda look: look.expected * look.examples,
        LOSS,
    ),
    Hypothesis(
        "{d} is the softmax alone: the 1 at the label is not subtracted",
        lambda look: _probabilities(look) * (look.dout / look.examples),
        LOSS,
    ),
    Hypothesis(
        "{d} is the softmax alone, neither less 1 at the label nor divided by the examples",
        lambda look: _probabilities(look) * look.dout,
        LOSS,
    ),
)


def _divided(look: Look) -> Numbers | None:
    return look.grad(dout=1 / look.dout) if look.dout.all() else None


def _summed(look: Look) -> Numbers | None:
    return look.grad(dout=np.full_like(look.dout, look.dout.sum()))


def _one_example(place: int) -> Callable[[Look], Numbers | None]:
    """As if one example alone had been sent back."""

    def predict(look: Look) -> Numbers | None:
        if look.examples == 1:
            return None
        if not look.dout.ndim:  # a loss: one number for all of them
            kept = np.zeros_like(look.expected)
            kept[place] = look.expected[place]
            return kept
        alone = np.zeros_like(look.dout)
        alone[place] = look.dout[place]
        return look.grad(dout=alone)

    return predict


def _right_example(place: int) -> Callable[[Look], Numbers | None]:
    """An output of which one example alone is right, whatever the others are."""

    def predict(look: Look) -> Numbers | None:
        if look.examples == 1 or look.got.shape != look.expected.shape or not look.got.ndim:
            return None
        off = np.abs(look.got - look.expected).reshape(len(look.got), -1).max(axis=1)
        return look.got if off[place] < 1e-5 and (off < 1e-5).sum() == 1 else None

    return predict


def _without(axis: int | None, place: int) -> Callable[[Look], Numbers | None]:
    """One output, or all outputs at one place along an axis, forgotten on the way back."""

    def predict(look: Look) -> Numbers | None:
        if axis is not None and look.dout.ndim < -axis:
            return None
        left = look.dout.copy()
        if axis is None:
            left.flat[place] = 0
        else:
            left.swapaxes(axis, 0)[place] = 0
        return look.grad(dout=left)

    return predict


ROUNDED: Final = tuple(
    Hypothesis(sentence, lambda look, rounded=rounded: rounded(look.expected))  # type: ignore[misc]
    for sentence, rounded in (
        ("{d} is rounded towards 0: an array of integers holds it", np.trunc),
        ("{d} is rounded to whole numbers", np.rint),
        ("{d} is rounded down to whole numbers", np.floor),
    )
)

ZERO: Final = Hypothesis("{d} is 0 everywhere", lambda look: np.zeros_like(look.expected))

ANY_OUTPUT: Final = (
    Hypothesis("{d} is right only for the first example of the minibatch", _right_example(0)),
    Hypothesis("{d} is right only for the last example of the minibatch", _right_example(-1)),
    Hypothesis("the sign of {d} is flipped", lambda look: -look.expected),
    ZERO,
    *ROUNDED,
    Hypothesis("{d} is transposed", lambda look: look.expected.T),
    Hypothesis(
        "{d}: the entries are in another order (order='F')",
        lambda look: look.x.reshape(len(look.x), -1, order="F"),
        ("Flatten",),
    ),
)

ANY_GRADIENT: Final = (
    ZERO,
    Hypothesis("the sign of {d} is flipped", lambda look: -look.expected),
    Hypothesis(
        "{d} is not multiplied by the upstream gradient {up}",
        lambda look: look.grad(dout=np.ones_like(look.dout)),
    ),
    Hypothesis("{d} is multiplied by {up} twice", lambda look: look.grad(dout=look.dout**2)),
    Hypothesis("{d} is divided by {up} instead of multiplied", _divided),
    Hypothesis("{d} is the upstream gradient {up} itself, unchanged", lambda look: look.dout),
    Hypothesis("{d} gets the sum of {up} everywhere, not each its own", _summed),
    Hypothesis("{d} is right only for the first example of the minibatch", _one_example(0)),
    Hypothesis("{d} is right only for the last example of the minibatch", _one_example(-1)),
    Hypothesis(
        "{d} is the mean, not the sum, over the minibatch",
        lambda look: look.expected / look.examples if look.argument > 0 else None,
    ),
    *ROUNDED,
    Hypothesis("{d} is transposed", lambda look: look.expected.T),
    Hypothesis(
        "{d} is multiplied by the output",
        lambda look: look.grad(dout=look.dout * look.reference.output),
    ),
    *(
        Hypothesis(f"{{d}}: the {name} output is forgotten on the way back", _without(axis, place))
        for name, place in (("last", -1), ("first", 0))
        for axis in (None, -1, -2)
    ),
    Hypothesis(
        "{d}: the entries are in another order (order='F')",
        lambda look: look.dout.reshape(look.x.shape, order="F"),
        ("Flatten",),
    ),
)

OUTPUT: Final = (
    *RELU_OUTPUT,
    *POOL_OUTPUT,
    *WINDOW_OUTPUT,
    *PRODUCT_OUTPUT,
    *LOSS_LAYER_OUTPUT,
    *ANY_OUTPUT,
)


GRADIENT: Final = (
    *RELU_GRADIENT,
    *POOL_GRADIENT,
    *WINDOW_GRADIENT,
    *PRODUCT_GRADIENT,
    *LOSS_LAYER_GRADIENT,
    *ANY_GRADIENT,
)
"""What belongs to a layer comes before what any layer may have."""
