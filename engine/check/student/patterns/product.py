"""Mistakes in a convolution or a fully connected layer: sums of products of x and w."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np

from engine.check.student.patterns.look import Hypothesis, Look
from engine.check.student.wire import Numbers

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


OUTPUT: Final = (
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

GRADIENT: Final = (
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
