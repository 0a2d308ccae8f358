"""ReLU: h = max(0, a)."""

from collections.abc import Iterator
from enum import Enum

import numpy as np

from engine.arrays import Array, Index
from engine.kinks import Kinks
from engine.layers.base import Grads, Layer, Reasons
from engine.why import Why, paint


class Gate(Enum):
    """What one ReLU does with its input."""

    OPEN = "open"
    CLOSED = "closed"
    KINK = "kink"


class ReLU(Layer):
    """h = max(0, a), entry by entry: (…) -> (…).

    Backward: da = dh where a > 0, 0 where a < 0, relu_at_zero · dh where a = 0.
    """

    def apply(self, *inputs: Array) -> tuple[Array, Array]:
        """a -> (h, a)."""
        (a,) = inputs
        return np.asarray(np.maximum(a, a.dtype.type(0))), a

    def vjp(self, dout: Array, cache: Array, kinks: Kinks) -> Grads:
        """da = dh · slope, the slope read off a and the rule."""
        a = cache
        slope = np.asarray(a > 0)
        if kinks.relu_at_zero:
            slope = slope.astype(a.dtype)
            slope[a == 0] = kinks.relu_at_zero
        da = np.asarray(dout * slope)

        def reasons() -> Reasons:
            arrives = dout.astype(np.bool_)
            kinked = np.asarray(arrives & (a == 0))
            why = paint(
                da,
                Why.UPSTREAM_ZERO,
                (arrives & (a < 0), Why.GATE_CLOSED),
                (kinked, Why.AT_KINK),
                (arrives & (slope != 0), Why.UNDERFLOW),
            )
            return Reasons((why,), (kinked,))

        return Grads((da,), reasons)

    def feeds(self, argument: int, index: Index, cache: Array) -> Iterator[Index]:
        """Each entry feeds its own output."""
        yield index

    @staticmethod
    def gate(a: float) -> Gate:
        """What the ReLU does with one input, whether or not a gradient arrives there."""
        return Gate.OPEN if a > 0 else Gate.CLOSED if a < 0 else Gate.KINK
