"""Convolution, in one and two dimensions: cross-correlation, as in every framework."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Index, Mask
from engine.errors import ShapeError
from engine.kinks import Kinks
from engine.layers.base import Grads, Layer, Reasons, nothing_kinked
from engine.layers.windows import Extent, Windows, extent, windows
from engine.why import Why, WhyArray, paint


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the pullback needs.

    shapes: the inputs' own. batch and filters: (N,) and (F,), or () where that axis is not there.
    weights: w as (F, C·K). patches: (C·K, O·N), what each window saw.
    """

    shapes: tuple[Extent, ...]
    batch: Extent
    filters: Extent
    windows: Windows
    weights: Array
    patches: Array

    def spread(self, weights: Array, da: Array) -> Array:
        """weights^T · da, added up where each window read: (F, C·K), (F, O·N) -> like x."""
        where = self.windows
        parts = (weights.T @ da).reshape(-1, where.area, *where.output, *(self.batch or (1,)))
        return self.like_x(where.scatter(parts))

    def like_x(self, inward: Array) -> Array:
        """(C, *S, N) -> the shape of x."""
        return np.moveaxis(inward, -1, 0) if self.batch else inward.reshape(self.shapes[0])


class _Conv(Layer):
    """What both convolutions share."""

    arguments = ("x", "w", "b")
    optional = 1
    axes: ClassVar[int]
    """How many spatial axes there are."""
    needs: ClassVar[str]
    """The shapes that it takes, for messages."""

    def __init__(self, stride: int | Extent = 1, padding: int | Extent = 0) -> None:
        """Raises SettingError for a stride below 1 or a padding below 0."""
        self.stride = extent(self.title, "stride", stride, self.axes, 1)
        self.padding = extent(self.title, "padding", padding, self.axes, 0)

    def apply(self, *inputs: Array) -> tuple[Array, _Seen]:
        """a = w * x + b, summed over the channels."""
        x, w = inputs[:2]
        self._check_shapes(*inputs)
        batch = x.shape[:1] if x.ndim == self.axes + 2 else ()
        filters = w.shape[:1] if w.ndim > self.axes else ()
        space, kernel = x.shape[-self.axes :], w.shape[-self.axes :] or (1,)
        where = windows(self.title, space, kernel, self.stride, self.padding)
        patches = where.gather(np.moveaxis(x, 0, -1) if batch else x.reshape(-1, *space, 1))
        patches = patches.reshape(patches.shape[0] * where.area, -1)
        weights = w.reshape(-1, patches.shape[0])
        a = weights @ patches
        if len(inputs) == 3:
            a += inputs[2].reshape(-1, 1)
        shapes = tuple(each.shape for each in inputs)
        if batch:
            a = np.moveaxis(a.reshape(-1, *where.output, *batch), -1, 0)
        else:
            a = a.reshape(*filters, *where.output)
        return a, _Seen(shapes, batch, filters, where, weights, patches)

    def vjp(self, dout: Array, cache: _Seen, kinks: Kinks) -> Grads:
        """dx = w^T · da, added up where windows overlap; dw = da · x^T; db = the sum of da."""
        seen = cache
        da = np.moveaxis(dout, 0, -1) if seen.batch else dout
        da = da.reshape(seen.weights.shape[0], -1)
        dx, dw = seen.spread(seen.weights, da), da @ seen.patches.T
        parts = (dx, dw, da.sum(axis=1))[: len(seen.shapes)]
        grads = tuple(part.reshape(shape) for part, shape in zip(parts, seen.shapes, strict=True))
        return Grads(grads, partial(_reasons, grads, da, seen))

    def feeds(self, argument: int, index: Index, cache: _Seen) -> Iterator[Index]:
        """The outputs that read this entry: of x through its windows, of w and b in their filter."""
        if argument == 0:
            batch = index[: len(cache.batch)]
            outer = [(*batch, *f) for f in np.ndindex(*cache.filters)]
            inner = list(cache.windows.readers(index[-self.axes :]))
        else:
            own = index[: len(cache.filters)]
            outer = [(*n, *own) for n in np.ndindex(*cache.batch)]
            inner = list(np.ndindex(*cache.windows.output))
        return ((*before, *window) for before in outer for window in inner)

    def __repr__(self) -> str:
        """The constructor call."""
        return f"{self.title}(stride={self.stride}, padding={self.padding})"

    def _check_shapes(self, x: Array, w: Array, b: Array | None = None) -> None:
        plain = x.ndim == self.axes and w.ndim in (self.axes, self.axes + 1)
        scalar = x.ndim == self.axes == 1 and w.ndim == 0
        channels = x.ndim in (self.axes + 1, self.axes + 2) and w.ndim == self.axes + 2
        if not (plain or scalar or channels):
            raise ShapeError(
                f"{self.title}: needs {self.needs}; got x of shape {x.shape} with w {w.shape}"
            )
        if channels and w.shape[1] != x.shape[-self.axes - 1]:
            raise ShapeError(
                f"{self.title}: needs in w as many channels as in x {x.shape}, "
                f"{x.shape[-self.axes - 1]}; got w of shape {w.shape}"
            )
        if b is not None and b.shape != (filters := w.shape[:1] if w.ndim > self.axes else ()):
            raise ShapeError(
                f"{self.title}: needs b of shape {filters} for w of shape {w.shape}; got {b.shape}"
            )


class Conv1D(_Conv):
    """a = w * x + b along the last axis; Lo = (L + 2·padding − K) // stride + 1.

    x (L,) with w (), (K,) or (F, K) -> (Lo,), (Lo,) or (F, Lo); x (C, L) with w (F, C, K) ->
    (F, Lo); x (N, C, L) with w (F, C, K) -> (N, F, Lo). A scalar w is a kernel of one entry.
    b is optional: () for one filter without an axis of its own, else (F,).
    Backward: dx is the sum over the windows that read it, dw and db over all positions.
    """

    axes = 1
    needs = "x (L,) with w (), (K,) or (F, K), or x (C, L) or (N, C, L) with w (F, C, K)"


class Conv2D(_Conv):
    """a = w * x + b over the last two axes; stride and padding are one number or a pair.

    x (H, W) with w (kh, kw) or (F, kh, kw) -> (Ho, Wo) or (F, Ho, Wo); x (C, H, W) with
    w (F, C, kh, kw) -> (F, Ho, Wo); x (N, C, H, W) with the same -> (N, F, Ho, Wo).
    b and the backward pass are as in Conv1D.
    """

    axes = 2
    needs = (
        "x (H, W) with w (kh, kw) or (F, kh, kw), or x (C, H, W) or (N, C, H, W) "
        "with w (F, C, kh, kw)"
    )


def _reasons(grads: tuple[Array, ...], da: Array, seen: _Seen) -> Reasons:
    """Why each entry of dx, dw and db is what it is.

    Sums of absolute values cannot cancel, so they tell a sum that cancelled from one of zeros;
    pairs of nonzero factors tell a product that underflowed from one with a zero in it.
    """
    fires, magnitude = (da != 0).astype(da.dtype), np.abs(da)
    factors, sizes = (seen.weights != 0).astype(da.dtype), np.abs(seen.weights)
    anything = np.ones((1, seen.weights.shape[1]), dtype=da.dtype)
    with np.errstate(over="ignore"):
        why_x = paint(
            grads[0],
            (_covered(seen), Why.UPSTREAM_ZERO),
            (seen.spread(anything, fires.max(axis=0, keepdims=True)) > 0, Why.ZERO_FACTOR),
            (seen.spread(factors, fires) > 0, Why.UNDERFLOW),
            (seen.spread(sizes, magnitude) > 0, Why.CANCELLED),
        )
        pairs = fires @ (seen.patches != 0).astype(da.dtype).T
        products = magnitude @ np.abs(seen.patches).T
    filter_fires = np.broadcast_to(fires.max(axis=1, keepdims=True), pairs.shape)
    shape = seen.shapes[1]
    why: list[WhyArray] = [
        why_x,
        paint(
            grads[1],
            (np.True_, Why.UPSTREAM_ZERO),
            (filter_fires.reshape(shape) > 0, Why.ZERO_FACTOR),
            (pairs.reshape(shape) > 0, Why.UNDERFLOW),
            (products.reshape(shape) > 0, Why.CANCELLED),
        ),
    ]
    if len(grads) == 3:
        fires_at_all = filter_fires[:, 0].reshape(seen.shapes[2]) > 0
        why.append(paint(grads[2], (np.True_, Why.UPSTREAM_ZERO), (fires_at_all, Why.CANCELLED)))
    return Reasons(tuple(why), nothing_kinked(grads))


def _covered(seen: _Seen) -> Mask:
    """Which entries of x any window reads: broadcasts to x."""
    return seen.windows.covered.reshape(seen.windows.size)
