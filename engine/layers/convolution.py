"""Convolution, in one and two dimensions: cross-correlation, as in every framework."""

from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import ClassVar, NamedTuple

import numpy as np

from engine.arrays import Array, Index, indices
from engine.errors import ShapeError
from engine.kinks import Kinks
from engine.layers.base import Grads, Layer, Reasons, nothing_kinked
from engine.layers.patches import Patches, unfold
from engine.layers.windows import Extent, Windows, extent, inward, outward, windows
from engine.why import Why, WhyArray, paint, paint_sum, product_coats


class _Seen(NamedTuple):
    """What the pullback needs.

    shapes: the inputs' own. batch and filters: (N,) and (F,), or () where that axis is not there.
    weights: w as (F, C·K). patches: what each window saw.
    """

    shapes: tuple[Extent, ...]
    batch: Extent
    filters: Extent
    windows: Windows
    weights: Array
    patches: Patches

    def param_grads(self, da: Array) -> tuple[Array, ...]:
        """dw and, where there is a b, db: (F, *O, N) -> like w, like b."""
        dw = self.patches.against(da).reshape(self.shapes[1])
        # A third of the time of .sum(axis=1).
        sums = (np.einsum("fl->f", da.reshape(len(da), -1)).reshape(shape)
                for shape in self.shapes[2:])  # fmt: skip
        return (dw, *sums)

    def spread(self, weights: Array, da: Array) -> Array:
        """weights^T · da, added up where each window read: (F, C·K), (F, *O, N) -> like x."""
        return outward(self.patches.back(weights, da), self.shapes[0])


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
        patches = unfold(where, inward(x, self.axes))
        weights = w.reshape(*(filters or (1,)), -1)
        a = patches.times(weights)
        if len(inputs) == 3:
            a += inputs[2].reshape(-1, *(1,) * (a.ndim - 1))
        shapes = tuple(each.shape for each in inputs)
        seen = _Seen(shapes, batch, filters, where, weights, patches)
        return outward(a, (*batch, *filters, *where.output)), seen

    def vjp(self, dout: Array, cache: _Seen, kinks: Kinks) -> Grads:
        """dx = w^T · da, added up where windows overlap; dw = da · x^T; db = the sum of da."""
        seen, da = cache, self._arriving(dout, cache)
        grads = (seen.spread(seen.weights, da), *seen.param_grads(da))
        return Grads(grads, partial(_reasons, grads, da, seen))

    def param_grads(self, dout: Array, cache: _Seen, kinks: Kinks) -> tuple[Array, ...]:
        """dw = da · x^T; db = the sum of da."""
        return cache.param_grads(self._arriving(dout, cache))

    def feeds(self, argument: int, index: Index, cache: _Seen) -> Iterator[Index]:
        """The outputs that read this entry, of x through its windows, of w and b in its filter."""
        if argument == 0:
            batch, inner = index[: len(cache.batch)], cache.windows.readers(index[-self.axes :])
            return ((*batch, *f, *at) for f, at in product(indices(cache.filters), inner))
        own, inner = index[: len(cache.filters)], indices(cache.windows.output)
        return ((*n, *own, *at) for n, at in product(indices(cache.batch), inner))

    def partner(self, argument: int, index: Index, output: Index, cache: _Seen) -> Index | None:
        """w's entry for one of x, x's for one of w; None for b, and for one of w over padding."""
        where, filters = cache.windows, len(cache.filters)
        batch = output[: len(cache.batch)]
        corner = np.multiply(output[-self.axes :], where.stride) - where.padding
        if argument == 0:
            own = output[len(batch) : len(batch) + filters]
            offset = np.array(index[-self.axes :]) - corner
            found = (*own, *index[len(batch) : -self.axes], *map(int, offset))
            return found if cache.shapes[1] else ()
        if argument == 1:
            at = corner + (index[-self.axes :] or (0,))
            if (at < 0).any() or (at >= where.size).any():
                return None
            return (*batch, *index[filters : len(index) - self.axes], *map(int, at))
        return None

    def __repr__(self) -> str:
        """The constructor call."""
        return f"{self.title}(stride={self.stride}, padding={self.padding})"

    def _arriving(self, dout: Array, seen: _Seen) -> Array:
        """dout as da (F, *O, N)."""
        return inward(dout, self.axes).reshape(len(seen.weights), *seen.windows.output, -1)

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
        filters = w.shape[:1] if w.ndim > self.axes else ()
        if b is not None and b.shape != filters:
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
    """Why each entry of dx, dw and db is what it is."""
    why = [_why_x(grads[0], da, seen), _why_w(grads[1], da.reshape(len(da), -1), seen)]
    if len(grads) == 3:
        why.append(paint_sum(grads[2], da.reshape(len(da), -1)))
    return Reasons(tuple(why), nothing_kinked(grads))


def _why_x(dx: Array, da: Array, seen: _Seen) -> WhyArray:
    where = seen.windows
    fired = da.astype(np.bool_).any(axis=0, keepdims=True)
    read = where.read_by(np.repeat(fired, seen.weights.shape[1] // where.area, axis=0))
    coats = product_coats(dx, outward(read, dx.shape), seen.spread, seen.weights, da)
    return paint(dx, where.ground, *coats)


def _why_w(dw: Array, da: Array, seen: _Seen) -> WhyArray:
    if np.count_nonzero(dw) == dw.size:
        return paint(dw, Why.FLOWS)
    patches = seen.patches.matrix()
    arrives = np.repeat(da.astype(np.bool_).any(axis=1), len(patches)).reshape(dw.shape)
    coats = product_coats(dw, arrives, lambda x, da: (da @ x.T).reshape(dw.shape), patches, da)
    return paint(dw, Why.UPSTREAM_ZERO, *coats)
