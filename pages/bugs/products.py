"""Convolutions and linear layers that compute the right output and a wrong gradient."""

from typing import Any

import numpy as np

from engine import Conv1D, Conv2D, Kinks, Linear
from engine.arrays import Array
from engine.layers.base import Grads
from pages.bugs.made import cut_off, made, overwritten


class FlippedConv1D(Conv1D):
    """dx = da slid over with the filter as it is, which has to be flipped."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """The weights in reverse order, for dx alone."""
        return super().vjp(dout, _flipped(cache), kinks)


class FlippedConv2D(Conv2D):
    """The same in two dimensions."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """The weights in reverse order, for dx alone."""
        return super().vjp(dout, _flipped(cache), kinks)


class LastPositionConv1D(Conv1D):
    """dw = da[i] · x[window], db = da[i] in a loop over positions, not +=."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """dx as it should be."""
        last = np.zeros_like(dout)
        last[..., -1] = dout[..., -1]
        dx, *_ = super().vjp(dout, cache, kinks).grads
        return made(dx, *super().vjp(last, cache, kinks).grads[1:])


class LastPositionConv2D(Conv2D):
    """The same in two dimensions."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """dx as it should be."""
        last = np.zeros_like(dout)
        last[..., -1, -1] = dout[..., -1, -1]
        dx, *_ = super().vjp(dout, cache, kinks).grads
        return made(dx, *super().vjp(last, cache, kinks).grads[1:])


class LastExampleConv1D(Conv1D):
    """dw = the share of example n in a loop over the examples of x (N, C, L), not +=."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """dx as it should be."""
        last = np.zeros_like(dout)
        last[-1] = dout[-1]
        dx, *_ = super().vjp(dout, cache, kinks).grads
        return made(dx, *super().vjp(last, cache, kinks).grads[1:])


class UncutConv1D(Conv1D):
    """dx = the first entries of the padded gradient: the padding before them is not cut off."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Each entry has that of its neighbour."""
        dx, *others = super().vjp(dout, cache, kinks).grads
        (padding,) = self.padding
        whole = Conv1D()  # the same windows, over x and its padding
        _, over_all = whole.apply(np.zeros(len(dx) + 2 * padding), cache.weights[0])
        return made(whole.vjp(dout, over_all, kinks).grads[0][: len(dx)], *others)


class OverwritingConv1D(Conv1D):
    """dx[window] = w · da[i] in a loop over positions, not +=."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """The last window that reads an entry has it."""
        return _overwritten_conv(super().vjp(dout, cache, kinks), dout, cache)


class OverwritingConv2D(Conv2D):
    """The same in two dimensions."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """The last window that reads an entry has it."""
        return _overwritten_conv(super().vjp(dout, cache, kinks), dout, cache)


class IntegerConv1D(Conv1D):
    """dx, dw and db are arrays of whole numbers, into which the gradients are written."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Cut off."""
        return cut_off(super().vjp(dout, cache, kinks))


class UntransposedLinear(Linear):
    """dx = dy · w^T, where y = x · w^T has dx = dy · w; w is square."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """dw and db as they should be."""
        _, *others = super().vjp(dout, cache, kinks).grads
        return made(dout @ cache.w.T, *others)


class ExchangedLinear(Linear):
    """dw = x^T · dy, where y = x · w^T has dw = dy^T · x; w is square."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """dx and db as they should be."""
        dx, dw, *db = super().vjp(dout, cache, kinks).grads
        return made(dx, dw.T, *db)


class LastExampleLinear(Linear):
    """dw = dy[n]^T · x[n], db = dy[n] in a loop over the examples, not +=."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """dx as it should be."""
        last = np.zeros_like(dout)
        last[-1] = dout[-1]
        dx, *_ = super().vjp(dout, cache, kinks).grads
        return made(dx, *super().vjp(last, cache, kinks).grads[1:])


def _flipped(cache: Any) -> Any:
    return cache._replace(weights=np.flip(cache.weights, axis=1))


def _overwritten_conv(right: Grads, dout: Array, cache: Any) -> Grads:
    _, _, where, x, _ = cache.geometry
    parts = cache.weights.T @ dout.reshape(1, -1)
    dx = overwritten(where, parts.reshape(1, where.area, *where.output, 1))
    return made(x.outward(dx), *right.grads[1:])
