"""Layers that compute the right output and a wrong gradient."""

from typing import Any

import numpy as np

from engine import Conv1D, Conv2D, Kinks, Linear, MaxPool, MaxPool2D, ReLU, SoftmaxCrossEntropy, Why
from engine.arrays import Array
from engine.layers.base import Grads, Reasons, nothing_kinked
from engine.layers.windows import Windows
from engine.why import paint


def _made(*grads: Array) -> Grads:
    """Gradients that have no better reason than that they were written so."""

    def reasons() -> Reasons:
        why = tuple(paint(grad, Why.UPSTREAM_ZERO) for grad in grads)
        return Reasons(why, nothing_kinked(grads))

    return Grads(grads, reasons)


def _cut_off(right: Grads) -> Grads:
    """The right gradients, cut off to whole numbers."""
    return _made(*map(np.trunc, right.grads))


def _overwritten(where: Windows, parts: Array) -> Array:
    """What `where.scatter` adds up, with = in the place of +=: (C, K, *O, N) -> (C, *S, N)."""
    channels, batch = parts.shape[0], parts.shape[-1]
    sizes = [size + 2 * padding for size, padding in zip(where.size, where.padding, strict=True)]
    padded = np.zeros((channels, *sizes, batch), dtype=parts.dtype)
    for output in np.ndindex(*where.output):
        corners = np.multiply(output, where.stride)
        window = tuple(slice(c, c + k) for c, k in zip(corners, where.kernel, strict=True))
        part = parts[(slice(None), slice(None), *output)]
        padded[(slice(None), *window)] = part.reshape(channels, *where.kernel, batch)
    inside = (slice(p, p + s) for p, s in zip(where.padding, where.size, strict=True))
    return padded[(slice(None), *inside)]


class ForgetfulReLU(ReLU):
    """da = (a > 0): what is sent back is forgotten."""

    def vjp(self, dout: Array, cache: Array, kinks: Kinks) -> Grads:
        """Not multiplied with dout."""
        return _made(np.asarray(cache > 0, dtype=dout.dtype))


class ReversedReLU(ReLU):
    """da = dh · (a < 0): the mask the wrong way round."""

    def vjp(self, dout: Array, cache: Array, kinks: Kinks) -> Grads:
        """Through the closed gates alone."""
        return _made(np.asarray(dout * (cache < 0)))


class OpenReLU(ReLU):
    """da = dh: no mask at all."""

    def vjp(self, dout: Array, cache: Array, kinks: Kinks) -> Grads:
        """Through all gates."""
        return _made(dout.copy())


class IntegerReLU(ReLU):
    """da is an array of whole numbers, into which the gradient is written."""

    def vjp(self, dout: Array, cache: Array, kinks: Kinks) -> Grads:
        """Cut off."""
        return _cut_off(super().vjp(dout, cache, kinks))


class NegatedLoss(SoftmaxCrossEntropy):
    """dlogits = (truth − softmax) / N."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Uphill."""
        return _made(-super().vjp(dout, cache, kinks).grads[0])


class SummedLoss(SoftmaxCrossEntropy):
    """dlogits = softmax − truth, though the loss is a mean over N."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """N times too large."""
        return _made(super().vjp(dout, cache, kinks).grads[0] * len(cache.truth))


class TruthlessLoss(SoftmaxCrossEntropy):
    """dlogits = softmax / N: the 1 at the label is not taken off."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Wrong at the labels alone."""
        return _made(cache.probabilities * (dout / len(cache.truth)))


class ForgetfulPool(MaxPool):
    """dh = (h == max): what is sent back is forgotten."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """As if dout were 1."""
        return super().vjp(np.ones_like(dout), cache, kinks)


class OverwritingPool(MaxPool):
    """dh[window] = … in a loop over the windows, not dh[window] += …."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """The last window that reads an entry has it."""
        return _made(_overwritten_pool(dout, cache))


class OverwritingPool2D(MaxPool2D):
    """The same in two dimensions."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """The last window that reads an entry has it."""
        return _made(_overwritten_pool(dout, cache))


class LocalIndexPool(MaxPool):
    """dh[argmax(window)] += dz: the place in the window is taken for the place in h (L,)."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """All of it lands in the first entries."""
        dh = np.zeros(cache.x.size)
        for k, arrives in zip(cache.largest[0].argmax(axis=0).ravel(), dout, strict=True):
            dh[k] += arrives
        return _made(dh)


class IntegerPool(MaxPool):
    """dh is an array of whole numbers, into which the gradient is written."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Cut off."""
        return _cut_off(super().vjp(dout, cache, kinks))


def _overwritten_pool(dout: Array, cache: Any) -> Array:
    where, x, output = cache.geometry
    parts = cache.largest * output.inward(dout)[:, None]
    return np.asarray(x.outward(_overwritten(where, parts)))


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
        return _made(dx, *super().vjp(last, cache, kinks).grads[1:])


class LastPositionConv2D(Conv2D):
    """The same in two dimensions."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """dx as it should be."""
        last = np.zeros_like(dout)
        last[..., -1, -1] = dout[..., -1, -1]
        dx, *_ = super().vjp(dout, cache, kinks).grads
        return _made(dx, *super().vjp(last, cache, kinks).grads[1:])


class LastExampleConv1D(Conv1D):
    """dw = the share of example n in a loop over the examples of x (N, C, L), not +=."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """dx as it should be."""
        last = np.zeros_like(dout)
        last[-1] = dout[-1]
        dx, *_ = super().vjp(dout, cache, kinks).grads
        return _made(dx, *super().vjp(last, cache, kinks).grads[1:])


class UncutConv1D(Conv1D):
    """dx = the first entries of the padded gradient: the padding before them is not cut off."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Each entry has that of its neighbour."""
        dx, *others = super().vjp(dout, cache, kinks).grads
        (padding,) = self.padding
        whole = Conv1D()  # the same windows, over x and its padding
        _, over_all = whole.apply(np.zeros(len(dx) + 2 * padding), cache.weights[0])
        return _made(whole.vjp(dout, over_all, kinks).grads[0][: len(dx)], *others)


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
        return _cut_off(super().vjp(dout, cache, kinks))


class UntransposedLinear(Linear):
    """dx = dy · w^T, where y = x · w^T has dx = dy · w; w is square."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """dw and db as they should be."""
        _, *others = super().vjp(dout, cache, kinks).grads
        return _made(dout @ cache.w.T, *others)


class ExchangedLinear(Linear):
    """dw = x^T · dy, where y = x · w^T has dw = dy^T · x; w is square."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """dx and db as they should be."""
        dx, dw, *db = super().vjp(dout, cache, kinks).grads
        return _made(dx, dw.T, *db)


class LastExampleLinear(Linear):
    """dw = dy[n]^T · x[n], db = dy[n] in a loop over the examples, not +=."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """dx as it should be."""
        last = np.zeros_like(dout)
        last[-1] = dout[-1]
        dx, *_ = super().vjp(dout, cache, kinks).grads
        return _made(dx, *super().vjp(last, cache, kinks).grads[1:])


def _flipped(cache: Any) -> Any:
    return cache._replace(weights=np.flip(cache.weights, axis=1))


def _overwritten_conv(right: Grads, dout: Array, cache: Any) -> Grads:
    _, _, where, x, _ = cache.geometry
    parts = cache.weights.T @ dout.reshape(1, -1)
    dx = _overwritten(where, parts.reshape(1, where.area, *where.output, 1))
    return _made(x.outward(dx), *right.grads[1:])
