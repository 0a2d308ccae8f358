"""Mistakes in a max pool."""

from collections.abc import Callable, Iterator
from math import prod
from typing import Any, Final

import numpy as np

from engine.arrays import Array, Index
from engine.check.student.patterns.look import Hypothesis, Look
from engine.check.student.wire import Numbers

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


OUTPUT: Final = (
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

GRADIENT: Final = (
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
