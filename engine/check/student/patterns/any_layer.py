"""Mistakes that any layer can have."""

from collections.abc import Callable
from typing import Final

import numpy as np

from engine.check.student.patterns.look import Hypothesis, Look
from engine.check.student.wire import Numbers


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

OUTPUT: Final = (
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

GRADIENT: Final = (
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
