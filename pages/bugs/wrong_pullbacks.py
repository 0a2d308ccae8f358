"""Pullbacks that are wrong in one way, each for the layers that it fits.

A function makes gradients of the right layer, of what is sent back to it, and of what it kept.
"""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, TypeAlias, TypeVar

import numpy as np

from engine import Conv1D, Kinks, Layer, Why
from engine.arrays import Array
from engine.layers.base import Grads, Reasons, nothing_kinked
from engine.layers.windows import Windows
from engine.why import paint

LayerType = TypeVar("LayerType", bound=Layer)
Pullback: TypeAlias = Callable[[Any, Array, Any, Kinks], Sequence[Array]]


def broken(layer: LayerType, pullback: Pullback) -> LayerType:
    """A layer that computes the same, and sends this back."""

    def vjp(_: LayerType, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        grads = tuple(map(np.asarray, pullback(layer, dout, cache, kinks)))

        def reasons() -> Reasons:  # there is no better one than that it was written so
            why = tuple(paint(grad, Why.UPSTREAM_ZERO) for grad in grads)
            return Reasons(why, nothing_kinked(grads))

        return Grads(grads, reasons)

    made = copy(layer)
    made.__class__ = type(f"Wrong{layer.title}", (type(layer),), {"vjp": vjp})
    return made


# --- of any layer


def whole_numbers(layer: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """The gradients are written into arrays of whole numbers."""
    return [np.trunc(grad) for grad in layer.vjp(dout, cache, kinks).grads]


def last_share(*last: Any) -> Pullback:
    """dw = … in a loop, not +=: the share of what was sent back to this last part of the output."""

    def pullback(layer: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
        alone = np.zeros_like(dout)
        alone[last] = dout[last]
        dx, *_ = layer.vjp(dout, cache, kinks).grads
        return [dx, *layer.vjp(alone, cache, kinks).grads[1:]]

    return pullback


# --- of a ReLU: cache is its input


def gate_alone(_: Layer, dout: Array, a: Array, kinks: Kinks) -> Sequence[Array]:
    """da = (a > 0): what is sent back is forgotten."""
    return [np.asarray(a > 0, dtype=dout.dtype)]


def closed_gates(_: Layer, dout: Array, a: Array, kinks: Kinks) -> Sequence[Array]:
    """da = dh · (a < 0): the mask the wrong way round."""
    return [dout * (a < 0)]


def no_gates(_: Layer, dout: Array, a: Array, kinks: Kinks) -> Sequence[Array]:
    """da = dh: no mask at all."""
    return [dout.copy()]


# --- of softmax with cross entropy


def uphill(loss: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dlogits = (truth − softmax) / N."""
    return [-loss.vjp(dout, cache, kinks).grads[0]]


def summed(loss: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dlogits = softmax − truth, though the loss is a mean over N."""
    return [loss.vjp(dout, cache, kinks).grads[0] * len(cache.truth)]


def without_truth(loss: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dlogits = softmax / N: the 1 at the label is not taken off."""
    return [cache.probabilities * (dout / len(cache.truth))]


# --- of a max pool


def winners_alone(pool: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dh = (h == max): what is sent back is forgotten."""
    return pool.vjp(np.ones_like(dout), cache, kinks).grads


def overwritten_windows(pool: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dh[window] = … in a loop over the windows, not +=: the last that reads an entry has it."""
    where, x, output = cache.geometry
    return [x.outward(_overwritten(where, cache.largest * output.inward(dout)[:, None]))]


def place_in_window(pool: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dh[argmax(window)] += dz: the place in the window is taken for the place in h (L,)."""
    dh = np.zeros(cache.x.size)
    np.add.at(dh, cache.largest[0].argmax(axis=0).ravel(), dout)
    return [dh]


# --- of a convolution


def flipped(conv: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dx = da slid over with the filter as it is, which has to be flipped."""
    kept = cache._replace(weights=np.flip(cache.weights, axis=1))
    return conv.vjp(dout, kept, kinks).grads


def uncut_padding(conv: Conv1D, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dx = the first entries of the padded gradient: each has that of its neighbour."""
    dx, *others = conv.vjp(dout, cache, kinks).grads
    ((before, after),) = cache.geometry.windows.around
    whole = Conv1D()  # the same windows, over x and its padding
    _, over_all = whole.apply(np.zeros(before + len(dx) + after), cache.weights[0])
    return [whole.vjp(dout, over_all, kinks).grads[0][: len(dx)], *others]


def overwritten_parts(conv: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dx[window] = w · da[i] in a loop over positions, not +=: the last has it."""
    where, x, _ = cache.geometry
    parts = (cache.weights.T @ dout.reshape(1, -1)).reshape(1, where.area, *where.output, 1)
    return [x.outward(_overwritten(where, parts)), *conv.vjp(dout, cache, kinks).grads[1:]]


def _overwritten(where: Windows, parts: Array) -> Array:
    """What `where.scatter` adds up, with = in the place of +=: (C, K, *O, N) -> (C, *S, N)."""
    channels, batch = parts.shape[0], parts.shape[-1]
    padded = where.padded(np.zeros((channels, *where.size, batch), dtype=parts.dtype))
    for output in np.ndindex(*where.output):
        corners = np.multiply(output, where.stride)
        along = zip(corners, where.reach, where.dilation, strict=True)
        window = tuple(slice(start, start + reach, apart) for start, reach, apart in along)
        part = parts[(slice(None), slice(None), *output)]
        padded[(slice(None), *window)] = part.reshape(channels, *where.kernel, batch)
    return padded[where.inside]


# --- of a linear layer, y = x · w^T, whose w is square


def untransposed(linear: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dx = dy · w^T, where it is dy · w."""
    return [dout @ cache.w.T, *linear.vjp(dout, cache, kinks).grads[1:]]


def exchanged(linear: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dw = x^T · dy, where it is dy^T · x."""
    dx, dw, *db = linear.vjp(dout, cache, kinks).grads
    return [dx, dw.T, *db]
