"""All bugs: the wrong pullback, the bug's title, the wrong line of code, and the layers it fits.

A pullback computes the gradients from the correct layer, dout, and the cache of the forward pass.
The docstring of each gives the formula that it computes.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar, cast

import numpy as np

from engine import Conv1D, Kinks, Layer, Sequential
from engine.arrays import Array
from engine.layers.base import Grads, passed_on
from engine.layers.windows import Windows
from pages.bugs.layers import LAYERS

LayerType = TypeVar("LayerType", bound=Layer)
Pullback: TypeAlias = Callable[[Any, Array, Any, Kinks], Sequence[Array]]


def broken(layer: LayerType, pullback: Pullback) -> LayerType:
    """Return a copy of a layer with this pullback; all zeros have the reason UPSTREAM_ZERO."""

    def vjp(_: LayerType, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        return passed_on(tuple(map(np.asarray, pullback(layer, dout, cache, kinks))))

    made = copy(layer)
    made.__class__ = type(f"Wrong{layer.title}", (type(layer),), {"vjp": vjp})
    return made


# --- of any layer


def whole_numbers(layer: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """The gradients are stored in integer arrays, which cuts off their fractions."""
    return [np.trunc(grad) for grad in layer.vjp(dout, cache, kinks).grads]


def last_share(*last: Any) -> Pullback:
    """dw = … in a loop, not +=: only the share of the last part of the output is left.

    last: the index of that part.
    """

    def pullback(layer: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
        alone = np.zeros_like(dout)
        alone[last] = dout[last]
        dx, *_ = layer.vjp(dout, cache, kinks).grads
        return [dx, *layer.vjp(alone, cache, kinks).grads[1:]]

    return pullback


# --- of a ReLU: cache is its input


def gate_alone(_: Layer, dout: Array, a: Array, kinks: Kinks) -> Sequence[Array]:
    """da = (a > 0): the upstream gradient is forgotten."""
    return [np.asarray(a > 0, dtype=dout.dtype)]


def closed_gates(_: Layer, dout: Array, a: Array, kinks: Kinks) -> Sequence[Array]:
    """da = dh · (a < 0): the mask is inverted."""
    return [dout * (a < 0)]


def no_gates(_: Layer, dout: Array, a: Array, kinks: Kinks) -> Sequence[Array]:
    """da = dh: the mask is missing."""
    return [dout.copy()]


# --- of softmax with cross entropy


def uphill(loss: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dlogits = (truth − softmax) / N."""
    return [-loss.vjp(dout, cache, kinks).grads[0]]


def summed(loss: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dlogits = softmax − truth, though the loss is a mean over N."""
    return [loss.vjp(dout, cache, kinks).grads[0] * len(cache.truth)]


def without_truth(loss: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dlogits = softmax / N: the 1 at the label is not subtracted."""
    return [cache.probabilities * (dout / len(cache.truth))]


# --- of a max pool


def winners_alone(pool: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dh = (h == max): the upstream gradient is forgotten."""
    return pool.vjp(np.ones_like(dout), cache, kinks).grads


def overwritten_windows(pool: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dh[window] = … in a loop over windows, not +=: the last window with an entry sets it."""
    where, x, output = cache.geometry
    return [x.outward(_overwritten(where, cache.largest * output.inward(dout)[:, None]))]


def place_in_window(pool: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dh[argmax(window)] += dz: the place in the window is taken for the place in h (L,)."""
    dh = np.zeros(cache.x.size)
    np.add.at(dh, cache.largest[0].argmax(axis=0).ravel(), dout)
    return [dh]


# --- of a convolution


def flipped(conv: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dx = da correlated with the filter as it is, which has to be flipped first."""
    kept = cache._replace(weights=np.flip(cache.weights, axis=1))
    return conv.vjp(dout, kept, kinks).grads


def uncut_padding(conv: Conv1D, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dx = the first entries of the padded gradient: each entry gets that of its neighbour."""
    dx, *others = conv.vjp(dout, cache, kinks).grads
    ((before, after),) = cache.geometry.windows.around
    whole = Conv1D()  # the same windows, over x and its padding
    _, over_all = whole.apply(np.zeros(before + len(dx) + after), cache.weights[0])
    return [whole.vjp(dout, over_all, kinks).grads[0][: len(dx)], *others]


def overwritten_parts(conv: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dx[window] = w · da[i] in a loop over positions, not +=: the last position sets an entry."""
    where, x, _ = cache.geometry
    parts = (cache.weights.T @ dout.reshape(1, -1)).reshape(1, where.area, *where.output, 1)
    return [x.outward(_overwritten(where, parts)), *conv.vjp(dout, cache, kinks).grads[1:]]


def _overwritten(where: Windows, parts: Array) -> Array:
    """Do what `where.scatter` does, but with = in place of +=: (C, K, *O, N) -> (C, *S, N)."""
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
    """dx = dy · w^T, instead of dy · w."""
    return [dout @ cache.w.T, *linear.vjp(dout, cache, kinks).grads[1:]]


def exchanged(linear: Layer, dout: Array, cache: Any, kinks: Kinks) -> Sequence[Array]:
    """dw = x^T · dy, instead of dy^T · x."""
    dx, dw, *db = linear.vjp(dout, cache, kinks).grads
    return [dx, dw.T, *db]


# --- the table

CONV, GATE, LOSS = 0, 1, 3  # the positions of these layers in a block


@dataclass(frozen=True)
class Bug:
    """One bug."""

    title: str
    written: str  # the wrong line
    meant: str  # the correct line, as far as it differs
    layers: Mapping[str, Callable[[], Layer]]
    """By the slug of a layer on the page, a function that makes the broken layer."""
    leaves: frozenset[str] = frozenset()  # the MISTAKES that its numbers look like
    own: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By the slug of a layer, `written` and `meant` for it if they differ from these."""

    def lines(self, layer: str) -> tuple[str, str]:
        """Return the wrong line for a layer, and what is meant instead."""
        return self.own.get(layer, (self.written, self.meant))


def _alone(pullback: Pullback, *slugs: str) -> dict[str, Callable[[], Layer]]:
    """Return functions that make single layers with this pullback, by slug."""
    return {slug: partial(lambda of: broken(LAYERS[of].layer(), pullback), slug) for slug in slugs}


def _within(pullback: Pullback, at: int, *slugs: str) -> dict[str, Callable[[], Layer]]:
    """Return functions that make blocks whose layer at position `at` has this pullback, by slug."""

    def made(slug: str) -> Layer:
        layers = list(cast(Sequential, LAYERS[slug].layer()).layers)
        layers[at] = broken(layers[at], pullback)
        return Sequential(*layers)

    return {slug: partial(made, slug) for slug in slugs}


def _gates(pullback: Pullback) -> dict[str, Callable[[], Layer]]:
    """Return functions that make a ReLU with this pullback, alone and in every block, by slug."""
    inside = _within(pullback, GATE, "block-loss", "conv-block", "minibatch")
    return {**inside, **_alone(pullback, "relu")}


BUGS: Final[Mapping[str, Bug]] = {
    "forgotten-factor": Bug(
        "forgotten factor",
        "da = a > 0",
        "dh * (a > 0)",
        {**_gates(gate_alone), **_alone(winners_alone, "max-pool")},
        frozenset({"not multiplied"}),
        {"max-pool": ("dh[argmax(window)] += 1", "+= dz[i]")},
    ),
    "wrong-mask": Bug(
        "wrong mask",
        "da = dh * (a < 0)",
        "a > 0",
        _gates(closed_gates),
    ),
    "no-mask": Bug(
        "no mask",
        "da = dh",
        "dh * (a > 0)",
        _gates(no_gates),
    ),
    "sign": Bug(
        "wrong sign",
        "ds = (truth - softmax) / N",
        "(softmax - truth) / N",
        {**_within(uphill, LOSS, "block-loss"), **_alone(uphill, "loss")},
        own={"block-loss": ("dz = (truth - softmax) / N", "(softmax - truth) / N")},
    ),
    "missing-sum": Bug(
        "missing sum",
        "dw = x[window] * da[i]",
        "dw += …",
        {
            **_alone(last_share(..., -1), "conv-1d"),
            **_alone(last_share(..., -1, -1), "conv-2d"),
            **_alone(last_share(-1), "linear"),
            **_within(last_share(-1), CONV, "minibatch"),
        },
        frozenset({"overwritten"}),
        {
            "conv-2d": ("dw = x[window] * da[i, j]", "dw += …"),
            "linear": ("dw = outer(dy[n], x[n])", "dw += …"),
            "minibatch": ("dw = sum(x[n] * da[n])", "dw += …"),
        },
    ),
    "flipped-filter": Bug(
        "filter reversed",
        "dx[i] += w[K-1-k] * da[i-k]",
        "w[k]",
        _alone(flipped, "conv-1d", "conv-2d"),
        frozenset({"param reversed"}),
        {"conv-2d": ("dx[i, j] += w[K-1-k, K-1-l] * da[i-k, j-l]", "w[k, l]")},
    ),
    "not-transposed": Bug(
        "w transposed",
        "dx = dy @ w.T",
        "dy @ w",
        _alone(untransposed, "linear"),
        frozenset({"param transposed"}),
    ),
    "exchanged": Bug(
        "x and dy exchanged",
        "dw = x.T @ dy",
        "dy.T @ x",
        _alone(exchanged, "linear"),
        frozenset({"transposed"}),
    ),
    "padding-off-by-one": Bug(
        "padding off by one",
        "dx = padded[0:L]",
        "[1:L+1]",
        _alone(uncut_padding, "conv-1d"),
        frozenset({"displaced"}),
    ),
    "overwritten-overlaps": Bug(
        "overlaps overwritten",
        "dx[window] = part",
        "dx[window] += part",
        {
            **_alone(overwritten_windows, "max-pool", "max-pool-2d"),
            **_alone(overwritten_parts, "conv-1d", "conv-2d"),
        },
        frozenset({"overwritten"}),
        dict.fromkeys(("max-pool", "max-pool-2d"), ("dh[window] = part", "dh[window] += part")),
    ),
    "place-in-window": Bug(
        "place in the window",
        "dh[argmax(window)] += dz[i]",
        "dh[i + argmax(window)]",
        _alone(place_in_window, "max-pool"),
    ),
    "integer-gradient": Bug(
        "integer gradient",
        "dx = np.zeros(L, dtype=int)",
        "dtype=float",
        _alone(whole_numbers, "relu", "max-pool", "conv-1d"),
        frozenset({"cut off"}),
        {
            "relu": ("da = np.zeros(L, dtype=int)", "dtype=float"),
            "max-pool": ("dh = np.zeros(L, dtype=int)", "dtype=float"),
        },
    ),
    "forgotten-mean": Bug(
        "mean forgotten",
        "ds = softmax - truth",
        "(softmax - truth) / N",
        _alone(summed, "loss"),
    ),
    "no-truth": Bug(
        "truth forgotten",
        "ds = softmax / N",
        "(softmax - truth) / N",
        _alone(without_truth, "loss"),
    ),
}
