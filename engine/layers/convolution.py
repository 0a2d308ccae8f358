"""Convolution, in one and two dimensions: cross-correlation, as in every framework."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import product
from math import prod
from operator import attrgetter
from types import MappingProxyType
from typing import ClassVar, Final, NamedTuple

import numpy as np

from engine.arrays import Array, Extent, Index, Mask, in_order, indices
from engine.errors import ShapeError, whole_number
from engine.kinks import Kinks
from engine.layers.base import ONE, Factor, Grads, Operation, Size, Words
from engine.layers.copies import Beside, Side
from engine.layers.patches import Patches, unfold
from engine.layers.spelling import (
    Framework,
    alike,
    both_sides,
    call,
    jax_sides,
    reshaped,
    torch_padded,
)
from engine.layers.windows import Geometry, Layout, Padding, extent, padding_of, windows
from engine.why import Products, Why, WhyArray, paint, paint_sum, product_coats, settle

_SHAPE: Final = attrgetter("shape")


class _Cache(NamedTuple):
    """What the pullback needs."""

    shapes: tuple[Extent, ...]  # those of the inputs
    geometry: Geometry
    weights: Array  # w as (F, C·K / groups)
    patches: Patches  # what each window saw
    groups: int

    def fired(self, da: Array | Mask) -> Mask:
        """Return which windows of each channel have a nonzero da: (F, *O, N) -> (C, *O, N).

        A channel is read by all filters of its group.
        """
        own = da.reshape(self.groups, -1, *da.shape[1:]).astype(np.bool_).any(axis=1)
        return own.repeat(self.geometry.x.inside[0] // self.groups, axis=0)

    def met(self, da: Array | Mask) -> Mask:
        """Return which entries of w meet one of x where da is nonzero: (F, *O, N) -> like w."""
        where = self.geometry.windows
        there = da.astype(np.bool_).any(axis=-1).reshape(len(da), where.count)
        met = (there @ where.meets.T)[:, None]  # in every channel
        return met.repeat(self.weights.shape[1] // where.area, axis=1).reshape(self.shapes[1])

    def param_grads(self, da: Array) -> tuple[Array, ...]:
        """dw and, if there is a b, db: (F, *O, N) -> like w, like b."""
        dw = self.patches.against(da).reshape(self.shapes[1])
        if len(self.shapes) == 2:
            return (dw,)
        # einsum takes a third of the time of .sum(axis=1).
        db = np.einsum("fl->f", da.reshape(len(da), -1)).reshape(self.shapes[2])
        return dw, db

    def products(self, da: Array) -> Products:
        """Return the products that dw sums, and how: (C·K, O·N), (F, O·N) -> like w."""

        def combine(x: Array, da: Array) -> Array:
            return (da @ x.swapaxes(-1, -2)).reshape(self.shapes[1])

        x = self.patches.matrix()
        return combine, x, da.reshape(*x.shape[:-2], len(da) // self.groups, -1)

    def spread(self, weights: Array, da: Array) -> Array:
        """weights^T · da, summed where each window read: (F, C·K / G), (F, *O, N) -> like x."""
        return self.geometry.x.outward(self.patches.back(weights, da))


class Weighted(Operation):
    """The base of layers with filters: the inputs are x, the filters w and optionally biases b."""

    arguments = ("x", "w", "b")
    optional = 1
    kink_choices = ()
    straight = True
    axes: ClassVar[int]  # how many spatial axes there are
    groups: int = 1  # how many groups of channels there are, each read by filters of its own

    @abstractmethod
    def parameter_shapes(
        self, x: Extent, sizes: Mapping[str, Extent], *, bias: bool
    ) -> tuple[Extent, ...]:
        """Return the shape of w and, with a bias, that of b."""

    def apply_to_copies(self, copied: tuple[int, ...], inputs: tuple[Array, ...]) -> Array:
        """Compute copies of x as examples, and copies of w or b as filters that see the same x."""
        if len(copied) > 1 or (self.groups > 1 and 0 not in copied):
            return super().apply_to_copies(copied, inputs)
        copies, axes = len(inputs[copied[0]]), self.axes
        x, w = (each[0] if i in copied else each for i, each in enumerate(inputs[:2]))
        space = x.shape[x.ndim - axes :]
        kernel = (w.shape[w.ndim - axes :] if w.ndim else ()) or (1,) * axes
        channels = self._channels(x.shape)
        read = channels // self.groups  # by each filter
        batch, filters = self._leading(x.shape, w.shape)
        folded = [inputs[0].reshape(-1, channels, *space)]
        for i, each in enumerate(inputs[1:], 1):
            if 0 not in copied and i not in copied:  # copies of b repeat w, and those of w repeat b
                each = np.broadcast_to(each, (copies, *each.shape))
            folded.append(each.reshape(-1, read, *kernel) if i == 1 else each.reshape(-1))
        output = self.apply(*folded)[0]
        after = output.shape[2:]
        if 0 not in copied:
            output = np.moveaxis(output.reshape(len(folded[0]), copies, -1, *after), 1, 0)
        return output.reshape(copies, *batch, *filters, *after)

    def _leading(self, x: Extent, w: Extent) -> tuple[Extent, Extent]:
        """Return (N,) of x and (F,) of w, or () if that axis is missing."""
        return x[:1] if len(x) == self.axes + 2 else (), w[:1] if len(w) > self.axes else ()

    def _channels(self, x: Extent) -> int:
        """Return how many channels x has: 1 if that axis is missing."""
        return x[-self.axes - 1] if len(x) > self.axes else 1


class _Conv(Weighted):
    """What both convolutions share."""

    settings = ("stride", "padding", "dilation", "groups")
    unsaid = MappingProxyType({"dilation": 1, "groups": 1})
    words = Words(
        letter="a",
        name="convolution",
        forward="Convolution slides {weight} over {input} and sums the products in each window.",
        backward="Convolution gives {input} the weights, and {weight} the inputs, times the "
        "gradient, summed over the windows.",
        value="{sum}",
        passes="times {factor}",
    )
    needs: ClassVar[str]  # the shapes that it takes, for messages

    def __init__(
        self,
        stride: int | Extent = 1,
        padding: int | Padding = 0,
        dilation: int | Extent = 1,
        groups: int = 1,
    ) -> None:
        """Raises SettingError for a padding below 0, or another setting below 1."""
        self.stride = extent(self.title, "stride", stride, self.axes)
        self.padding = padding_of(self.title, padding, self.axes)
        self.dilation = extent(self.title, "dilation", dilation, self.axes)
        self.groups = whole_number(self.title, "groups", groups, 1)

    def apply(self, *inputs: Array) -> tuple[Array, _Cache]:
        """a = w * x + b, summed over the channels."""
        x, w = inputs[:2]
        shapes = tuple(map(_SHAPE, inputs))
        geometry = self._geometry(*shapes)
        patches = unfold(geometry.windows, geometry.x.inward(x), self.groups)
        weights = w.reshape(geometry.output.inside[0], -1)
        a = patches.times(weights)
        if len(inputs) == 3:
            a += inputs[2].reshape(-1, 1)
        return geometry.output.outward(a), _Cache(shapes, geometry, weights, patches, self.groups)

    def vjp(self, dout: Array, cache: _Cache, kinks: Kinks) -> Grads:
        """dx = w^T · da, added up where windows overlap; dw = da · x^T; db = the sum of da."""
        seen, da = cache, in_order(cache.geometry.output.inward(dout))
        dx, (dw, *db) = seen.spread(seen.weights, da), seen.param_grads(da)
        settle(dx, da, lambda: (seen.spread, seen.weights, da))
        settle(dw, da, lambda: seen.products(da))
        return Grads((dx, dw, *db), partial(_why, (dx, dw, *db), da, seen))

    def param_grads(self, dout: Array, cache: _Cache, kinks: Kinks) -> tuple[Array, ...]:
        """dw = da · x^T; db = the sum of da."""
        return cache.param_grads(in_order(cache.geometry.output.inward(dout)))

    def beside(self, copies: int, *shapes: Extent) -> Beside:
        """Return one pass over the groups of channels of all copies, side by side."""
        x, w, *biases = shapes
        where, _, output = self._geometry(*shapes)
        batch, filters = self._leading(x, w)
        channels = self._channels(x)
        made, at = copies * prod(filters), len(batch)
        sides = [
            Side.of(copies, x, (*batch, copies * channels, *where.size), at),
            Side.of(copies, w, (made, channels // self.groups, *where.kernel)),
            *[Side.of(copies, b, (made,)) for b in biases],
        ]
        settings = self.stride, self.padding, self.dilation, copies * self.groups
        outside = Side.of(copies, output.outside, (*batch, made, *where.output), at)
        return Beside(type(self)(*settings), sides, outside)

    def feeds(self, argument: int, index: Index, cache: _Cache) -> Iterator[Index]:
        """Return the outputs that read this entry: of x in its windows, of w and b in its filter.

        An output at which an entry of w meets padding does not depend on it and is left out.
        """
        batch, filters = self._leading(*cache.shapes[:2])
        where = cache.geometry.windows
        if argument == 0:
            n, inner = index[: len(batch)], where.readers(index[-self.axes :])
            readers = indices(filters)
            if self.groups > 1:
                own = filters[0] // self.groups
                group = self.groups * index[-self.axes - 1] // cache.shapes[0][-self.axes - 1]
                readers = ((f,) for f in range(group * own, (group + 1) * own))
            return ((*n, *f, *at) for f, at in product(readers, inner))
        f, every = index[: len(filters)], indices(where.output)
        met = where.meeting(index[len(index) - self.axes :] or (0,)) if argument == 1 else every
        return ((*n, *f, *at) for n, at in product(indices(batch), met))

    def factor(self, argument: int, index: Index, output: Index, cache: _Cache) -> Factor:
        """Return an entry of w as the factor of one of x, and the reverse; 1 for b."""
        if argument == 2:
            return ONE
        where = cache.geometry.windows
        examples, filters = map(len, self._leading(*cache.shapes[:2]))
        batch = output[:examples]
        window = output[-self.axes :]
        if argument == 0:
            own = output[len(batch) : len(batch) + filters]
            channel = index[len(batch) : -self.axes]
            if self.groups > 1:
                channel = (channel[0] % cache.shapes[1][1],)
            offset = where.offset(window, index[-self.axes :])
            found = (*own, *channel, *offset)
            return Factor("{cofactor}", "{cofactor}", (1, found if cache.shapes[1] else ()))
        at = where.place(window, index[len(index) - self.axes :] or (0,))
        channel = index[filters : len(index) - self.axes]
        if self.groups > 1:
            group = self.groups * index[0] // cache.shapes[1][0]
            channel = (group * cache.shapes[1][1] + channel[0],)
        return Factor("{cofactor}", "{cofactor}", (0, (*batch, *channel, *at)))

    def spelled(
        self, framework: Framework, names: Sequence[str], shapes: Sequence[Extent], kinks: Kinks
    ) -> str:
        """Return F.conv1d, F.conv2d or lax.conv_general_dilated; w * x if that does the same."""
        (where, _, output), x, w = self._geometry(*shapes), *shapes[:2]
        if w == () and where.as_they_lie:
            return " + ".join([f"{names[1]} * {names[0]}", *names[2:]])
        batch, filters = self._leading(x, w)
        image = (*batch, *(x[len(batch) : -self.axes] or (1,)), *where.size)
        kernels = (*(filters or (1,)), image[-self.axes - 1] // self.groups, *where.kernel)
        made = (*batch, kernels[0], *where.output)
        dilation, groups = alike(where.dilation, 1), self.groups if self.groups > 1 else None
        biases = list(zip(names[2:], shapes[2:], strict=True))
        if framework == "torch":
            sides = both_sides(where)
            seen = reshaped(names[0], x, image)
            written = call(
                f"F.conv{self.axes}d",
                seen if sides else torch_padded(seen, where),
                reshaped(names[1], w, kernels),
                *(reshaped(b, shape, kernels[:1]) for b, shape in biases),
                stride=alike(where.stride, 1),
                padding=alike(sides or (0,), 0),
                dilation=dilation,
                groups=groups,
            )
            return reshaped(written, made, output.outside)
        one = () if batch else (1,)  # it takes only batches
        written = call(
            "lax.conv_general_dilated",
            reshaped(names[0], x, (*one, *image)),
            reshaped(names[1], w, kernels),
            where.stride,
            jax_sides(where, 0),
            rhs_dilation=dilation and where.dilation,
            feature_group_count=groups,
        )
        for b, shape in biases:
            written = f"{written} + {reshaped(b, shape, (kernels[0], *(1,) * self.axes))}"
            if (*one, *made) != output.outside:
                written = f"({written})"
        return reshaped(written, (*one, *made), output.outside)

    def output_shape(self, *shapes: Extent) -> Extent:
        """Return (N, F, *O), with windows O along each axis; N and F only if x and w have them."""
        return self._geometry(*shapes).output.outside

    def parameter_shapes(
        self, x: Extent, sizes: Mapping[str, Extent], *, bias: bool
    ) -> tuple[Extent, ...]:
        """w (F, C / groups, *K) for an x with channels; else (F, *K), (*K,) or, for one axis, ().

        If not stated, the kernel is one entry, and there is one filter.
        """
        kernel = sizes.get("kernel_size", (1,) * self.axes)
        channels = tuple(each // self.groups for each in x[: -self.axes][-1:])
        filters = sizes.get("filters", ())
        if channels:
            filters = filters or (1,)
        elif self.axes == 1 and not sizes:
            kernel = ()
        return ((*filters, *channels, *kernel), *([filters] if bias else []))

    def unfolded(self, *shapes: Extent) -> int:
        """Return how many entries the windows see: N·C·kernel·output."""
        x, where = shapes[0], self._geometry(*shapes).windows
        return prod(x[: len(x) - self.axes]) * where.area * prod(where.output)

    def read_by(self, marked: Mask, inputs: tuple[Array, ...], cache: _Cache) -> tuple[Mask, ...]:
        """Return what the marked windows see, and the entries of w and b that are used there."""
        where, x_layout, output = cache.geometry
        da = output.inward(marked)
        x = x_layout.outward(where.read_by(cache.fired(da)))
        own: Mask = np.any(da.reshape(len(da), -1), axis=1)
        return (x, cache.met(da), *(own.reshape(shape) for shape in cache.shapes[2:]))

    def _geometry(self, *shapes: Extent) -> Geometry:
        """Return what follows from the inputs' shapes. Raises ShapeError if they do not fit."""
        settings = self.stride, self.padding, self.dilation, self.groups
        return _geometry(self.title, self.needs, self.axes, settings, *shapes)


@lru_cache(maxsize=256)  # a layer sees the same shapes again and again
def _geometry(
    owner: str,
    needs: str,
    axes: int,
    settings: tuple[Extent, Padding, Extent, int],
    x: Extent,
    w: Extent,
    b: Extent | None = None,
) -> Geometry:
    stride, padding, dilation, groups = settings
    plain = len(x) == axes and len(w) in (axes, axes + 1)
    scalar = len(x) == axes == 1 and len(w) == 0
    channels = len(x) in (axes + 1, axes + 2) and len(w) == axes + 2
    if not (plain or scalar or channels):
        raise ShapeError(f"{owner}: needs {needs}; got x of shape {x} with w {w}")
    if groups > 1:
        if not channels or x[-axes - 1] != groups * w[1] or w[0] % groups:
            raise ShapeError(
                f"{owner}: needs, for {groups} groups, x with channels, w with as many channels as "
                f"are in a group, and as many filters for each; got x of shape {x} with w {w}"
            )
    elif channels and w[1] != x[-axes - 1]:
        raise ShapeError(
            f"{owner}: needs in w as many channels as in x {x}, {x[-axes - 1]}; got w of shape {w}"
        )
    filters = w[:1] if len(w) > axes else ()
    if b is not None and b != filters:
        raise ShapeError(f"{owner}: needs b of shape {filters} for w of shape {w}; got {b}")
    batch = x[:1] if len(x) == axes + 2 else ()
    where = windows(owner, x[-axes:], w[-axes:] or (1,), stride, padding, dilation)
    output = Layout.of((*batch, *filters), where.output)
    return Geometry(where, Layout.of(x[:-axes], where.size), output)


class Conv1D(_Conv):
    """a = w * x + b along the last axis; Lo = (L + 2·padding − dilation·(K − 1) − 1) // stride + 1.

    x (L,) with w (), (K,) or (F, K) -> (Lo,), (Lo,) or (F, Lo); x (C, L) with w (F, C, K) ->
    (F, Lo); x (N, C, L) with w (F, C, K) -> (N, F, Lo). A scalar w is a kernel of one entry.
    b is optional: () for one filter without an axis of its own, otherwise (F,).
    padding: how many zeros, a number or a pair (before, after). dilation: how far apart the entries
    of a window are. groups: how many groups of channels there are, each with F / groups filters of
    its own: w (F, C / groups, K).
    Backward: dx is the sum over the windows that read it, dw and db over all positions.
    """

    axes = 1
    sizes = (Size("kernel_size", 1, unstated=1), Size("filters", unstated=1))
    needs = "x (L,) with w (), (K,) or (F, K), or x (C, L) or (N, C, L) with w (F, C, K)"


class Conv2D(_Conv):
    """a = w * x + b over the last two axes; stride and dilation are one number or a pair.

    x (H, W) with w (kh, kw) or (F, kh, kw) -> (Ho, Wo) or (F, Ho, Wo); x (C, H, W) with
    w (F, C, kh, kw) -> (F, Ho, Wo); x (N, C, H, W) with the same -> (N, F, Ho, Wo).
    padding is a number, or for each axis a number or a pair (before, after). b, groups and the
    backward pass are as in Conv1D.
    """

    axes = 2
    sizes = (Size("kernel_size", 2, unstated=1), Size("filters", unstated=1))
    needs = (
        "x (H, W) with w (kh, kw) or (F, kh, kw), or x (C, H, W) or (N, C, H, W) "
        "with w (F, C, kh, kw)"
    )


def _why(grads: tuple[Array, ...], da: Array, seen: _Cache) -> tuple[WhyArray, ...]:
    """Return the reason for each entry of dx, dw and db."""
    why = [_why_x(grads[0], da, seen), _why_w(grads[1], da, seen)]
    if len(grads) == 3:
        why.append(paint_sum(grads[2], da.reshape(len(da), -1)))
    return tuple(why)


def _why_x(dx: Array, da: Array, seen: _Cache) -> WhyArray:
    where, x, _ = seen.geometry
    read = x.outward(where.read_by(seen.fired(da)))
    coats = product_coats(dx, read, seen.spread, seen.weights, da)
    return paint(dx, where.ground, *coats)


def _why_w(dw: Array, da: Array, seen: _Cache) -> WhyArray:
    if np.count_nonzero(dw) == dw.size:
        return paint(dw, Why.FLOWS)
    coats = product_coats(dw, seen.met(da), *seen.products(da))
    return paint(dw, seen.geometry.windows.kernel_ground, *coats)
