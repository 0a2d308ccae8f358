"""Pooling, in one and two dimensions: each window's largest entry, or its mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import lcm, prod
from types import MappingProxyType
from typing import Any, ClassVar, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Extent, Index, Mask, in_order, once
from engine.errors import SettingError, ShapeError, true_or_false
from engine.kinks import Kinks, PoolTies, Rule, Ties
from engine.layers.base import (
    SHARE,
    Bends,
    Factor,
    Grads,
    Operation,
    Pieces,
    Words,
    through_zero,
)
from engine.layers.copies import Beside, Side
from engine.layers.spelling import (
    Framework,
    alike,
    both_sides,
    call,
    flat_lead,
    jax_reduced,
    jax_seen,
    reshaped,
    torch_padded,
    torch_seen,
)
from engine.layers.windows import (
    Geometry,
    Layout,
    Padding,
    Windows,
    extent,
    padding_of,
    reach_of,
    windows,
)
from engine.why import Exact, Why, WhyArray, exact, paint, sum_coats

LEVEL: Final = 2.0**-30
"""Relative: two entries that cross count as the top if they are below it by less than this."""
ENTRIES_FROM: Final = 2**10
"""From this many windows on, a loop over a window's entries is faster than unfolding them."""


@dataclass(eq=False)  # made in every pass: frozen, it would take four times as long
class _Cache:
    """What the pullback needs."""

    geometry: Geometry
    x: Array  # the input, (C, *S, N)
    maxima: Array  # (C, *O, N)

    @once
    def largest(self) -> Mask:
        """(C, K, *O, N): which entries equal the maximum of their window."""
        seen = self.geometry.windows.gather(self.x, fill=-np.inf)
        return np.equal(seen, self.maxima[:, None])

    def pulled(self, arriving: Array, ties: PoolTies) -> Array:
        """(C, *O, N) -> (C, *S, N): what each entry gets from all of its windows."""
        where = self.geometry.windows
        if not (ties == "first" and where.apart and self.maxima.size >= ENTRIES_FROM):
            return where.scatter(shares(self.largest, arriving, ties)[1])
        # A loop over the places in a window, in order: each wins those windows that no earlier one
        # has won and whose maximum it equals; the last wins all the rest.
        dx = np.empty_like(self.x) if where.tile else np.zeros_like(self.x)
        *others, last = where.offsets
        left = np.ones(self.maxima.shape, dtype=np.bool_)
        for entry in others:
            won = np.equal(self.x[entry], self.maxima)
            won &= left
            left ^= won
            np.multiply(arriving, won, out=dx[entry])
        np.multiply(arriving, left, out=dx[last])
        return dx


def shares(largest: Mask, arriving: Array, ties: Ties) -> tuple[Mask, Array]:
    """Return which of K entries win under a rule, and what each gets of what arrives.

    largest: (C, K, …), which of them equal the maximum; arriving: (C, …). -> (C, K, …), twice.
    """
    winners, each = largest, arriving
    if nobody_ties(largest):
        ties = "all"
    if ties == "first":
        winners = largest & (largest.cumsum(axis=1) == 1)
    elif ties == "last":
        winners = largest & (largest[:, ::-1].cumsum(axis=1) == 1)[:, ::-1]
    elif ties == "split":
        each = arriving / largest.sum(axis=1, dtype=arriving.dtype)
    return winners, winners * each[:, None]


def nobody_ties(largest: Mask) -> bool:
    """Return whether only one of the K entries equals the maximum, everywhere: (C, K, …)."""
    return bool(np.count_nonzero(largest) * largest.shape[1] == largest.size)


class _Averaged(NamedTuple):
    """What the pullback of a mean needs, in a field because `_Pool` reads `cache.geometry`."""

    geometry: Geometry


class _Pool(Operation):
    """The base of all pools; `axes` says over how many of the last axes they pool."""

    axes: ClassVar[int]
    torch_names = MappingProxyType({"size": "kernel_size"})
    straight = True

    def __init__(
        self,
        size: int | Extent | None = None,
        stride: int | Extent | None = None,
        padding: int | Padding = 0,
        dilation: int | Extent = 1,
        ceil_mode: bool = False,
    ) -> None:
        """Raises SettingError for settings that no input could satisfy."""
        self.padding = padding_of(self.title, padding, self.axes)
        self.size = None if size is None else extent(self.title, "size", size, self.axes)
        self.dilation = extent(self.title, "dilation", dilation, self.axes)
        self.ceil_mode = true_or_false(self.title, "ceil_mode", ceil_mode)
        if self.size is None and (
            stride is not None or any(self.padding) or {*self.dilation} != {1} or ceil_mode
        ):
            given = {"stride": stride, "padding": padding, "dilation": dilation}
            given |= {"ceil_mode": self.ceil_mode}
            own = [name for name in given if name in self.settings]  # a mean has no dilation
            *others, last = (f"no {name.replace('_', ' ')}" for name in own)
            raise SettingError(
                f"{self.title}: without a size it pools over everything, which needs "
                f"{', '.join(others)} and {last}; got "
                + ", ".join(f"{name} {given[name]!r}" for name in own)
            )
        if self.size is not None:
            reach = reach_of(self.size, self.dilation)
            most = [max(each) if isinstance(each, tuple) else each for each in self.padding]
            if np.greater_equal(most, reach).any():
                spans = "" if reach == self.size else f", over {reach} places"
                raise SettingError(
                    f"{self.title}: needs a padding below its size {self.size}{spans}, since a "
                    f"window of padding alone has nothing to pool; got {padding!r}"
                )
        self.stride = (
            self.size if stride is None else extent(self.title, "stride", stride, self.axes)
        )

    def output_shape(self, *shapes: Extent) -> Extent:
        """Return the shape with an entry per window; without a size the pooled axes are dropped."""
        return self._geometry(*shapes).output.outside

    def unfolded(self, *shapes: Extent) -> int:
        """Return how many entries the windows see."""
        geometry = self._geometry(*shapes)
        return prod(geometry.output.whole) * geometry.windows.area

    def feeds(self, argument: int, index: Index, cache: Any) -> Iterator[Index]:
        """Yield the outputs whose windows read this entry."""
        lead, entry = index[: -self.axes], index[-self.axes :]
        for window in cache.geometry.windows.readers(entry):
            yield lead if self.size is None else (*lead, *window)

    def read_by(self, marked: Mask, inputs: tuple[Array, ...], cache: Any) -> tuple[Mask, ...]:
        """Return all that the marked windows see."""
        where, x, output = cache.geometry
        return (x.outward(where.read_by(output.inward(marked))),)

    def beside(self, copies: int, *shapes: Extent) -> Beside:
        """Return one pass over the channels of all copies, side by side."""
        lead = len(shapes[0]) - self.axes
        at = int(lead == 2)  # after the axis of examples
        *inputs, output = (
            Side.of(copies, shape, (*shape[:at], -1, *shape[lead:]), at)
            for shape in (*shapes, self.output_shape(*shapes))
        )
        return Beside(self, inputs, output)

    def _torch_pool(
        self, kind: str, name: str, shape: Extent, where: Windows, padding: str, **settings: object
    ) -> str:
        """Return F.max_pool1d(z, 2), of a padded z if the function cannot pad that way itself."""
        wanted, sides = flat_lead(shape, self.axes), both_sides(where, half=True)
        image = reshaped(name, shape, wanted)
        common: dict[str, object] = {"stride": alike(where.stride, where.kernel)}
        if sides:
            common |= {"padding": alike(sides, 0), "dilation": alike(where.dilation, 1)}
            settings = common | {"ceil_mode": self.ceil_mode or None} | settings
        else:
            image = torch_padded(image, where, padding)
            settings = common | {"dilation": alike(where.dilation, 1)}
        written = call(f"F.{kind}_pool{self.axes}d", image, alike(where.kernel), **settings)
        made = (*wanted[: len(wanted) - self.axes], *where.output)
        return reshaped(written, made, (*shape[: len(shape) - self.axes], *where.output))

    def __repr__(self) -> str:
        """The constructor call."""
        return f"{self.title}()" if self.size is None else super().__repr__()

    def _geometry(self, shape: Extent) -> Geometry:
        """Return what follows from the input's shape. Raises ShapeError if no window fits."""
        settings = self.size, self.stride, self.padding, self.dilation, self.ceil_mode
        return _geometry(self.title, self.axes, settings, shape)

    def _inside(self, output: Index, cache: _Cache) -> list[Index]:
        """Return the entries that the window of an output sees, in order."""
        where, x, _ = cache.geometry
        lead = output[: len(x.outside) - self.axes]
        window = output[len(lead) :] or (0,) * self.axes
        return [(*lead, *entry) for entry in where.entries(window)]


@lru_cache(maxsize=256)  # a layer sees the same shapes again and again
def _geometry(
    owner: str,
    axes: int,
    settings: tuple[Extent | None, Extent | None, Padding, Extent, bool],
    shape: Extent,
) -> Geometry:
    if len(shape) < axes:
        wanted = "an axis" if axes == 1 else f"{axes} axes"
        raise ShapeError(f"{owner}: needs x with {wanted} or more; got x of shape {shape}")
    lead, space = shape[: len(shape) - axes], shape[len(shape) - axes :]
    size, stride, padding, dilation, ceil_mode = settings
    where = windows(
        owner, space, size or space, stride or space, padding, dilation, ceil_mode=ceil_mode
    )
    if where.blind:
        raise ShapeError(
            f"{owner}: needs in each window an entry of the input, since padding alone is nothing "
            f"to pool; got x of shape {shape} with a dilation of {dilation}"
        )
    output = Layout.of(lead, where.output, dropped=size is None)
    return Geometry(where, Layout.of(lead, space), output)


class _MaxPool(_Pool):
    """What both max pools share."""

    settings = ("size", "stride", "padding", "dilation", "ceil_mode")
    unsaid = MappingProxyType({"dilation": 1, "ceil_mode": False})
    kink_choices = ("pool_ties",)
    words = Words(
        letter="z",
        name="max pool",
        forward="Max pool keeps the largest entry of each window.",
        backward="Max pool hands each gradient to the maximum of its window.",
        value="max({inputs})",
        passes="{entry} is the maximum ({slope})",
        chosen="{entry} ties for the maximum and by this rule gets {share}",
        zeros=MappingProxyType(
            {
                Why.NOT_MAX: "{subject} is not the maximum{of}",
                Why.TIE_LOST: "{subject} ties for the maximum{of}, but this rule gives {gradients} "
                "to {winners}",
            }
        ),
    )

    def takes(self, rule: Rule, cache: _Cache) -> bool:
        """Return whether a rule is for these windows; some rules need those that tile the input."""
        return rule.tiled in (None, cache.geometry.windows.tile)

    def apply(self, *inputs: Array) -> tuple[Array, _Cache]:
        """Return the largest entry of each window; padding never wins."""
        (x,) = inputs
        geometry = self._geometry(x.shape)
        inside = geometry.x.inward(x)
        maxima = _maxima(geometry.windows, inside)
        return geometry.output.outward(maxima), _Cache(geometry, inside, maxima)

    def vjp(self, dout: Array, cache: _Cache, kinks: Kinks) -> Grads:
        """Give what arrives at a window to those of its largest entries that the rule names."""
        seen, (where, x, output) = cache, cache.geometry
        arriving = output.inward(dout)
        dx = x.outward(seen.pulled(arriving, kinks.pool_ties))

        def exactly() -> Exact:
            numbers, unit = exact(arriving)
            fractions = np.asarray(np.frompyfunc(Fraction, 1, 1)(numbers))  # for shares
            parts = shares(seen.largest, fractions, kinks.pool_ties)[1]
            return Exact(x.outward(where.scatter(parts)), unit)

        def why() -> tuple[WhyArray]:
            winners, parts = shares(seen.largest, arriving, kinks.pool_ties)
            met = np.empty((3, *winners.shape), dtype=np.bool_)
            met[0] = arriving.astype(np.bool_)[:, None]
            met[1] = met[0] & seen.largest
            met[2] = met[1] & winners
            each = where.scatter(met.reshape(-1, *winners.shape[1:])).reshape(3, *seen.x.shape)
            read, won, paid = map(x.outward, each)
            coats = [(read, Why.NOT_MAX), (won, Why.TIE_LOST), (paid, Why.UNDERFLOW)]
            if not where.apart:  # otherwise nothing is summed
                coats += sum_coats(dx, x.outward(where.scatter(parts.astype(np.bool_))), exactly)
            return (paint(dx, where.ground, *coats),)

        def tied() -> tuple[Mask]:
            if nobody_ties(seen.largest):
                return (np.zeros(dx.shape, dtype=np.bool_),)
            met = (seen.largest.sum(axis=1) > 1) & arriving.astype(np.bool_)
            return (x.outward(where.scatter(seen.largest & met[:, None])),)

        return Grads((dx,), why, tied)

    def factor(self, argument: int, index: Index, output: Index, cache: _Cache) -> Factor:
        """Return the entry's share in the window, by name."""
        return SHARE

    def spelled(
        self, framework: Framework, names: Sequence[str], shapes: Sequence[Extent], kinks: Kinks
    ) -> str:
        """Return max_pool, max(dim) or reduce_window if the first gets it, else amax or jnp.max."""
        (name,), (shape,) = names, shapes
        (where, _, output), lead = self._geometry(shape), len(shape) - self.axes
        first, axis = kinks.pool_ties == "first", alike(tuple(range(-self.axes, 0)))
        if framework == "torch":
            if first and self.size:
                return self._torch_pool("max", name, shape, where, "-torch.inf")
            if first:
                flat = f"{name}.flatten(-2)" if self.axes == 2 else name
                return f"{flat}.max(dim=-1).values"
            seen = torch_seen(name, where) if self.size else name
            return f"{seen}.amax(dim={axis})"
        if not first:
            seen = jax_seen(name, where, lead)
            return f"jnp.max({seen}, axis=-1)" if self.size else f"jnp.max({name}, axis={axis})"
        if {*where.dilation} == {1}:
            written = jax_reduced(name, where, lead, "-jnp.inf", "lax.max")
            return reshaped(written, (*shape[:lead], *where.output), output.outside)
        # lax.reduce_window has no gradient over windows with gaps.
        alone, seen = (*(1,) * len(shape), where.area), jax_seen(name, where, lead)
        reduced = call("lax.reduce_window", seen, "-jnp.inf", "lax.max", alone, alone, '"VALID"')
        return f"{reduced}[..., 0]"

    def pieces(self, output: Index, cache: _Cache) -> Pieces:
        """Return a map for each tied entry: the output is the largest of them."""
        seen, entries = cache.geometry.x.outward(cache.x), self._inside(output, cache)
        most = max(seen[entry] for entry in entries)
        return Pieces(tuple({(0, entry): 1.0} for entry in entries if seen[entry] == most))

    def bends(self, inputs: tuple[Array, ...], marked: Mask, cache: _Cache) -> list[Bends]:
        """Return where two entries of a window cross with no other entry above them."""
        (x,), where = inputs, cache.geometry.windows
        each = x.reshape(-1, *where.size, 1)
        seen = where.gather(each, fill=float(x.min()) - 1)  # padding is below every entry
        seen = seen.reshape(len(x), -1, where.area, prod(where.output))
        within = np.moveaxis(seen, 2, 1)[:, :, marked.reshape(seen.shape[1], -1)]
        found = []
        for one, other in combinations(range(where.area), 2):
            stretch, window, share = through_zero(within[:, one] - within[:, other])
            before, after = within[stretch, :, window], within[stretch + 1, :, window]
            there = before + (after - before) * share[:, None]
            tops = there.max(axis=1)
            highest = there[:, one] >= tops - LEVEL * np.maximum(1, np.abs(tops))
            found.append((stretch[highest], share[highest]))
        return found


def _maxima(where: Windows, x: Array) -> Array:
    """Return the largest entry of each window: (C, *S, N) -> (C, *O, N)."""
    if len(x) * where.count * x.shape[-1] < ENTRIES_FROM or not where.bare:
        return np.asarray(np.maximum.reduce(where.gather(x, fill=-np.inf), axis=1))
    first, *others = where.offsets
    maxima = x[first].copy()
    for entry in others:
        np.maximum(maxima, x[entry], out=maxima)
    return maxima


class MaxPool(_MaxPool):
    """z = max of each window along the last axis: (…, L) -> (…, Lo), or (…) over the whole axis.

    size None: the whole axis. stride None: stride = size. padding: a number or a pair (before,
    after); it is never the maximum. dilation: how far apart the entries of a window are. ceil_mode:
    whether a last window may reach beyond the end, provided that it begins before it.
    Backward: what arrives at a window goes to its largest entry; the rule decides a tie.
    """

    axes = 1


class MaxPool2D(_MaxPool):
    """z = max of each window over the last two axes: (…, H, W) -> (…, Ho, Wo), or (…) over both.

    size, stride and dilation are one number or a pair; padding is a number, or for each axis a
    number or a pair (before, after). Otherwise as MaxPool.
    """

    axes = 2


_MEAN: Final = Words(
    letter="z",
    name="average pool",
    forward="Average pool takes the mean of each window, whose padding counts as 0.",
    backward="Average pool shares each window's gradient equally among its entries.",
    value="mean({inputs})",
    passes="times {factor}",
)
_MEAN_OF_THE_INPUT: Final = replace(
    _MEAN, forward="Average pool takes the mean of each window, whose padding does not count."
)


class _AveragePool(_Pool):
    """What both average pools share."""

    settings = ("size", "stride", "padding", "ceil_mode", "count_include_pad")
    unsaid = MappingProxyType({"ceil_mode": False, "count_include_pad": True})
    kink_choices = ()

    def __init__(
        self,
        size: int | Extent | None = None,
        stride: int | Extent | None = None,
        padding: int | Padding = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        """Raises SettingError for settings that no input could satisfy."""
        super().__init__(size, stride, padding, ceil_mode=ceil_mode)
        self.count_include_pad = true_or_false(self.title, "count_include_pad", count_include_pad)

    @property
    def words(self) -> Words:
        """The words, which depend on whether the padding counts."""
        return _MEAN if self.count_include_pad else _MEAN_OF_THE_INPUT

    def apply(self, *inputs: Array) -> tuple[Array, _Averaged]:
        """Return the mean of each window."""
        (x,) = inputs
        geometry = self._geometry(x.shape)
        where = geometry.windows
        sums = in_order(where.gather(geometry.x.inward(x))).sum(axis=1)
        means = sums / self._counts(where).astype(x.dtype)
        return geometry.output.outward(means), _Averaged(geometry)

    def vjp(self, dout: Array, cache: _Averaged, kinks: Kinks) -> Grads:
        """Give each entry of a window an equal share of what arrives there."""
        where, x, output = cache.geometry
        arriving, counts = output.inward(dout), self._counts(where)
        parts = arriving / counts.astype(dout.dtype)
        dx = self._spread(parts, cache)

        def exactly() -> Exact:
            numbers, unit = exact(arriving)
            common = lcm(*map(int, counts.flat))
            return Exact(self._spread(numbers * (common // counts), cache), unit / common)

        def why() -> tuple[WhyArray]:
            arrives, met = (
                x.outward(where.read_by(each.astype(np.bool_))) for each in (arriving, parts)
            )
            coats = sum_coats(dx, met, exactly)
            return (paint(dx, where.ground, (arrives, Why.UNDERFLOW), *coats),)

        return Grads((dx,), why)

    def factor(self, argument: int, index: Index, output: Index, cache: _Averaged) -> Factor:
        """1 / K, if K entries count in the window."""
        window = output[len(output) - self.axes :] if self.size else (0,) * self.axes
        count = int(self._counts(cache.geometry.windows)[(*window, 0)])
        return Factor(f"1/{count}", rf"\frac{{{{1}}}}{{{{{count}}}}}", slope=1 / count)

    def spelled(
        self, framework: Framework, names: Sequence[str], shapes: Sequence[Extent], kinks: Kinks
    ) -> str:
        """Return mean, avg_pool, or each window's sum divided by how many of its entries count."""
        (name,), (shape,) = names, shapes
        where, lead = self._geometry(shape).windows, len(shape) - self.axes
        if self.size is None:
            axis = alike(tuple(range(-self.axes, 0)))
            torch = framework == "torch"
            return f"{name}.mean(dim={axis})" if torch else f"jnp.mean({name}, axis={axis})"
        counts = self._counts(where)[..., 0]
        divided = f"{where.area}" if (counts == where.area).all() else ""
        if framework == "jax":
            divided = divided or f"jnp.array({counts.tolist()})"
            return f"{jax_reduced(name, where, lead, '0.0', 'lax.add')} / {divided}"
        uncounted = None if self.count_include_pad else False
        written = self._torch_pool("avg", name, shape, where, "", count_include_pad=uncounted)
        if divided or both_sides(where, half=True):
            return written
        return f"{written} * {where.area} / torch.tensor({counts.tolist()})"

    def _counts(self, where: Windows) -> NDArray[np.intp]:
        """Return the number of entries by which each window's sum is divided: (*O, 1)."""
        return (where.seen_padded if self.count_include_pad else where.seen)[..., None]

    def _spread(self, parts: Array, cache: _Averaged) -> Array:
        """(C, *O, N) -> like x: each window's part to every entry that it sees."""
        where, x, _ = cache.geometry
        every = np.repeat(parts[:, None], where.area, axis=1)
        return x.outward(where.scatter(every))


class AvgPool(_AveragePool):
    """z = mean of each window along the last axis: (…, L) -> (…, Lo), or (…) over the whole axis.

    size None: the whole axis. stride None: stride = size. padding: a number or a pair (before,
    after); it counts as zeros or, if count_include_pad is False, not at all. ceil_mode: whether a
    last window may reach beyond the end, provided that it begins before it; what it sees there does
    not count.
    Backward: if K entries of a window count, each entry gets 1/K of what arrives there.
    """

    axes = 1


class AvgPool2D(_AveragePool):
    """z = mean of each window over the last two axes: (…, H, W) -> (…, Ho, Wo), or (…) over both.

    size and stride are one number or a pair; padding is a number, or for each axis a number or a
    pair (before, after). Otherwise as AvgPool.
    """

    axes = 2
