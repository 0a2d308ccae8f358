"""Convolution, in one and two dimensions: cross-correlation, as in every framework."""

from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import product
from math import prod
from operator import attrgetter
from typing import ClassVar, Final, NamedTuple

import numpy as np

from engine.arrays import Array, Extent, Index, Mask, indices
from engine.errors import ShapeError
from engine.kinks import Kinks
from engine.layers.base import ONE, Factor, Grads, Operation, Reasons, Words, nothing_kinked
from engine.layers.patches import Patches, unfold
from engine.layers.windows import Geometry, Layout, extent, windows
from engine.why import Why, WhyArray, paint, paint_sum, product_coats

_SHAPE: Final = attrgetter("shape")


class _Cache(NamedTuple):
    """What the pullback needs.

    shapes: the inputs' own. weights: w as (F, C·K). patches: what each window saw.
    """

    shapes: tuple[Extent, ...]
    geometry: Geometry
    weights: Array
    patches: Patches

    def param_grads(self, da: Array) -> tuple[Array, ...]:
        """dw and, where there is a b, db: (F, *O, N) -> like w, like b."""
        dw = self.patches.against(da).reshape(self.shapes[1])
        if len(self.shapes) == 2:
            return (dw,)
        # A third of the time of .sum(axis=1).
        db = np.einsum("fl->f", da.reshape(len(da), -1)).reshape(self.shapes[2])
        return dw, db

    def spread(self, weights: Array, da: Array) -> Array:
        """weights^T · da, added up where each window read: (F, C·K), (F, *O, N) -> like x."""
        return self.geometry.x.outward(self.patches.back(weights, da))


class Weighted(Operation):
    """What layers of filters share: x, the filters w, and perhaps a bias b for each of them."""

    arguments = ("x", "w", "b")
    optional = 1
    kink_choices = ()
    straight = True
    axes: ClassVar[int]
    """How many spatial axes there are."""

    def apply_to_copies(self, copied: tuple[int, ...], inputs: tuple[Array, ...]) -> Array:
        """Copies of x are examples; copies of w and b are filters, which all see the same x."""
        if len(copied) > 1:
            return super().apply_to_copies(copied, inputs)
        copies, axes = len(inputs[copied[0]]), self.axes
        x, w = (each[0] if i in copied else each for i, each in enumerate(inputs[:2]))
        space = x.shape[x.ndim - axes :]
        kernel = (w.shape[w.ndim - axes :] if w.ndim else ()) or (1,) * axes
        channels = x.shape[-axes - 1] if x.ndim > axes else 1
        batch, filters = self._leading(x.shape, w.shape)
        folded = [inputs[0].reshape(-1, channels, *space)]
        for i, each in enumerate(inputs[1:], 1):
            if 0 not in copied and i not in copied:  # copies of b repeat w, and those of w repeat b
                each = np.broadcast_to(each, (copies, *each.shape))
            folded.append(each.reshape(-1, channels, *kernel) if i == 1 else each.reshape(-1))
        output = self.apply(*folded)[0]
        after = output.shape[2:]
        if 0 not in copied:
            output = np.moveaxis(output.reshape(len(folded[0]), copies, -1, *after), 1, 0)
        return output.reshape(copies, *batch, *filters, *after)

    def _leading(self, x: Extent, w: Extent) -> tuple[Extent, Extent]:
        """(N,) of x and (F,) of w, or () where that axis is not there."""
        return x[:1] if len(x) == self.axes + 2 else (), w[:1] if len(w) > self.axes else ()


class _Conv(Weighted):
    """What both convolutions share."""

    settings = ("stride", "padding")
    words = Words(
        letter="a",
        name="convolution",
        forward="Convolution slides {weight} over {input} and sums the products in each window.",
        backward="Convolution gives {input} the weights, and {weight} the inputs, times the "
        "gradient, summed over the windows.",
        value="{sum}",
        passes="times {factor}",
    )
    needs: ClassVar[str]
    """The shapes that it takes, for messages."""

    def __init__(self, stride: int | Extent = 1, padding: int | Extent = 0) -> None:
        """Raises SettingError for a stride below 1 or a padding below 0."""
        self.stride = extent(self.title, "stride", stride, self.axes, 1)
        self.padding = extent(self.title, "padding", padding, self.axes, 0)

    def apply(self, *inputs: Array) -> tuple[Array, _Cache]:
        """a = w * x + b, summed over the channels."""
        x, w = inputs[:2]
        shapes = tuple(map(_SHAPE, inputs))
        geometry = self._geometry(*shapes)
        patches = unfold(geometry.windows, geometry.x.inward(x))
        weights = w.reshape(geometry.output.inside[0], -1)
        a = patches.times(weights)
        if len(inputs) == 3:
            a += inputs[2].reshape(-1, 1)
        return geometry.output.outward(a), _Cache(shapes, geometry, weights, patches)

    def vjp(self, dout: Array, cache: _Cache, kinks: Kinks) -> Grads:
        """dx = w^T · da, added up where windows overlap; dw = da · x^T; db = the sum of da."""
        seen, da = cache, cache.geometry.output.inward(dout)
        grads = (seen.spread(seen.weights, da), *seen.param_grads(da))
        return Grads(grads, partial(_reasons, grads, da, seen))

    def param_grads(self, dout: Array, cache: _Cache, kinks: Kinks) -> tuple[Array, ...]:
        """dw = da · x^T; db = the sum of da."""
        return cache.param_grads(cache.geometry.output.inward(dout))

    def feeds(self, argument: int, index: Index, cache: _Cache) -> Iterator[Index]:
        """The outputs that read this entry, of x through its windows, of w and b in its filter."""
        batch, filters = self._leading(*cache.shapes[:2])
        where = cache.geometry.windows
        if argument == 0:
            n, inner = index[: len(batch)], where.readers(index[-self.axes :])
            return ((*n, *f, *at) for f, at in product(indices(filters), inner))
        f, inner = index[: len(filters)], indices(where.output)
        return ((*n, *f, *at) for n, at in product(indices(batch), inner))

    def factor(self, argument: int, index: Index, output: Index, cache: _Cache) -> Factor:
        """w's entry for one of x, x's for one of w, 0 where that lies in the padding; 1 for b."""
        if argument == 2:
            return ONE
        where = cache.geometry.windows
        examples, filters = map(len, self._leading(*cache.shapes[:2]))
        batch = output[:examples]
        corner = np.multiply(output[-self.axes :], where.stride) - where.padding
        if argument == 0:
            own = output[len(batch) : len(batch) + filters]
            offset = np.array(index[-self.axes :]) - corner
            found = (*own, *index[len(batch) : -self.axes], *map(int, offset))
            return Factor("{cofactor}", "{cofactor}", (1, found if cache.shapes[1] else ()))
        at = corner + (index[-self.axes :] or (0,))
        if (at < 0).any() or (at >= where.size).any():
            return Factor("(padding)", "0")
        found = (*batch, *index[filters : len(index) - self.axes], *map(int, at))
        return Factor("{cofactor}", "{cofactor}", (0, found))

    def output_shape(self, *shapes: Extent) -> Extent:
        """(N,), (F,) and the windows along each axis, as far as they are there."""
        return self._geometry(*shapes).output.outside

    def unfolded(self, *shapes: Extent) -> int:
        """What the windows see: N·C·kernel·output."""
        x, where = shapes[0], self._geometry(*shapes).windows
        return prod(x[: len(x) - self.axes]) * where.area * prod(where.output)

    def read_by(self, marked: Mask, inputs: tuple[Array, ...], cache: _Cache) -> tuple[Mask, ...]:
        """What the marked windows see; the filters that marked outputs come from."""
        where, x_layout, output = cache.geometry
        da = output.inward(marked)
        seen = where.read_by(np.any(da, axis=0, keepdims=True))
        x = x_layout.outward(np.repeat(seen, x_layout.inside[0], axis=0))
        own: Mask = np.any(da.reshape(len(da), -1), axis=1)
        w = np.repeat(own, cache.weights.shape[1]).reshape(cache.shapes[1])
        return (x, w, *(own.reshape(shape) for shape in cache.shapes[2:]))

    def _geometry(self, *shapes: Extent) -> Geometry:
        """What the inputs' shapes settle; ShapeError for shapes that do not fit."""
        return _geometry(self.title, self.needs, self.axes, self.stride, self.padding, *shapes)


@lru_cache(maxsize=256)  # a layer sees the same shapes again and again
def _geometry(
    owner: str,
    needs: str,
    axes: int,
    stride: Extent,
    padding: Extent,
    x: Extent,
    w: Extent,
    b: Extent | None = None,
) -> Geometry:
    plain = len(x) == axes and len(w) in (axes, axes + 1)
    scalar = len(x) == axes == 1 and len(w) == 0
    channels = len(x) in (axes + 1, axes + 2) and len(w) == axes + 2
    if not (plain or scalar or channels):
        raise ShapeError(f"{owner}: needs {needs}; got x of shape {x} with w {w}")
    if channels and w[1] != x[-axes - 1]:
        raise ShapeError(
            f"{owner}: needs in w as many channels as in x {x}, {x[-axes - 1]}; got w of shape {w}"
        )
    filters = w[:1] if len(w) > axes else ()
    if b is not None and b != filters:
        raise ShapeError(f"{owner}: needs b of shape {filters} for w of shape {w}; got {b}")
    batch = x[:1] if len(x) == axes + 2 else ()
    where = windows(owner, x[-axes:], w[-axes:] or (1,), stride, padding)
    output = Layout.of((*batch, *filters), where.output)
    return Geometry(where, Layout.of(x[:-axes], where.size), output)


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


def _reasons(grads: tuple[Array, ...], da: Array, seen: _Cache) -> Reasons:
    """Why each entry of dx, dw and db is what it is."""
    why = [_why_x(grads[0], da, seen), _why_w(grads[1], da.reshape(len(da), -1), seen)]
    if len(grads) == 3:
        why.append(paint_sum(grads[2], da.reshape(len(da), -1)))
    return Reasons(tuple(why), nothing_kinked(grads))


def _why_x(dx: Array, da: Array, seen: _Cache) -> WhyArray:
    where, x, _ = seen.geometry
    fired = da.astype(np.bool_).any(axis=0, keepdims=True)
    read = x.outward(where.read_by(np.repeat(fired, x.inside[0], axis=0)))
    coats = product_coats(dx, read, seen.spread, seen.weights, da)
    return paint(dx, where.ground, *coats)


def _why_w(dw: Array, da: Array, seen: _Cache) -> WhyArray:
    if np.count_nonzero(dw) == dw.size:
        return paint(dw, Why.FLOWS)
    patches = seen.patches.matrix()
    arrives = np.repeat(da.astype(np.bool_).any(axis=1), len(patches)).reshape(dw.shape)
    coats = product_coats(dw, arrives, lambda x, da: (da @ x.T).reshape(dw.shape), patches, da)
    return paint(dw, Why.UPSTREAM_ZERO, *coats)
