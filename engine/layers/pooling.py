"""Pooling, in one and two dimensions: each window's largest entry, or its mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import prod
from types import MappingProxyType
from typing import Any, ClassVar, Final, NamedTuple

import numpy as np

from engine.arrays import Array, Extent, Index, Mask
from engine.errors import SettingError, ShapeError
from engine.kinks import Kinks, PoolTies, Ties
from engine.layers.base import (
    SHARE,
    Bends,
    Factor,
    Grads,
    Operation,
    Pieces,
    Reasons,
    Words,
    nothing_kinked,
    through_zero,
)
from engine.layers.windows import Geometry, Layout, Windows, extent, windows
from engine.why import Exact, Why, paint, sum_coats, whole

LEVEL: Final = 2.0**-30
"""Relative: who is below the top by less than that, where two pass each other, is one of them."""
MANY: Final = 2**10
"""From so many windows on it is quicker to go through their entries than to unfold them."""


@dataclass(eq=False)  # made in every pass: frozen, it would take four times as long
class _Cache:
    """What the pullback needs.

    x: (C, *S, N), the input. maxima: (C, *O, N).
    """

    geometry: Geometry
    x: Array
    maxima: Array
    _largest: Mask | None = None

    @property
    def largest(self) -> Mask:
        """(C, K, *O, N): which entries equal the maximum of their window."""
        if self._largest is None:  # a cached_property takes a lock, and 0.4 µs for it
            seen = self.geometry.windows.gather(self.x, fill=-np.inf)
            self._largest = np.equal(seen, self.maxima[:, None])
        return self._largest

    def pulled(self, arriving: Array, ties: PoolTies) -> Array:
        """(C, *O, N) -> (C, *S, N): what each entry gets from all of its windows."""
        where = self.geometry.windows
        if not (ties == "first" and where.apart and self.maxima.size >= MANY):
            return where.scatter(shares(self.largest, arriving, ties)[1])
        # Entry by entry of the window, in order: each wins the windows that those before it have
        # left, the last one all the rest.
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
    """Who wins under a rule, of the K that tie, and what each gets of what arrives.

    largest: (C, K, …), which of them equal the maximum; arriving: (C, …). -> (C, K, …), twice.
    """
    winners, each = largest, arriving
    if ties == "first":
        winners = largest & (np.cumsum(largest, axis=1) == 1)
    elif ties == "last":
        winners = largest & (np.cumsum(largest[:, ::-1], axis=1) == 1)[:, ::-1]
    elif ties == "split":
        each = arriving / largest.sum(axis=1, dtype=arriving.dtype)
    return winners, winners * each[:, None]


class _Averaged(NamedTuple):
    """What the pullback of a mean needs."""

    geometry: Geometry


class _Pool(Operation):
    """What all pools share; `axes` says over how many of the last axes they pool."""

    axes: ClassVar[int]
    settings = ("size", "stride", "padding")
    straight = True

    def __init__(
        self,
        size: int | Extent | None = None,
        stride: int | Extent | None = None,
        padding: int | Extent = 0,
    ) -> None:
        """Raises SettingError for settings that no input could satisfy."""
        self.padding = extent(self.title, "padding", padding, self.axes, 0)
        self.size = None if size is None else extent(self.title, "size", size, self.axes, 1)
        if self.size is None and (stride is not None or any(self.padding)):
            raise SettingError(
                f"{self.title}: without a size it pools over everything, which needs no stride "
                f"and no padding; got stride {stride!r}, padding {padding!r}"
            )
        if self.size is not None and np.greater_equal(self.padding, self.size).any():
            raise SettingError(
                f"{self.title}: needs a padding below its size {self.size}, since a window of "
                f"padding alone has nothing to pool; got {padding!r}"
            )
        self.stride = (
            self.size if stride is None else extent(self.title, "stride", stride, self.axes, 1)
        )

    def output_shape(self, *shapes: Extent) -> Extent:
        """Each window becomes an entry; without a size nothing is left of the pooled axes."""
        return self._geometry(*shapes).output.outside

    def unfolded(self, *shapes: Extent) -> int:
        """What the windows see."""
        geometry = self._geometry(*shapes)
        return prod(geometry.output.whole) * geometry.windows.area

    def feeds(self, argument: int, index: Index, cache: Any) -> Iterator[Index]:
        """The windows that read this entry."""
        lead, entry = index[: -self.axes], index[-self.axes :]
        for window in cache.geometry.windows.readers(entry):
            yield lead if self.size is None else (*lead, *window)

    def read_by(self, marked: Mask, inputs: tuple[Array, ...], cache: Any) -> tuple[Mask, ...]:
        """All that the marked windows see."""
        where, x, output = cache.geometry
        return (x.outward(where.read_by(output.inward(marked))),)

    def apply_to_copies(self, copied: tuple[int, ...], inputs: tuple[Array, ...]) -> Array:
        """All leading axes are alike to a pool, and it likes two of them best."""
        (x,) = inputs
        lead, space = x.shape[: -self.axes], x.shape[-self.axes :]
        output = self.apply(x.reshape(len(x), -1, *space))[0]
        return output.reshape(*lead, *output.shape[2:])

    def __repr__(self) -> str:
        """The constructor call."""
        return f"{self.title}()" if self.size is None else super().__repr__()

    def _geometry(self, shape: Extent) -> Geometry:
        """What the input's shape settles; ShapeError where no window fits."""
        return _geometry(self.title, self.axes, self.size, self.stride, self.padding, shape)

    def _inside(self, output: Index, cache: _Cache) -> list[Index]:
        """The entries that the window of an output sees, in order."""
        where, x, _ = cache.geometry
        lead = output[: len(x.outside) - self.axes]
        window = output[len(lead) :] or (0,) * self.axes
        return [(*lead, *entry) for entry in where.entries(window)]


@lru_cache(maxsize=256)  # a layer sees the same shapes again and again
def _geometry(
    owner: str,
    axes: int,
    size: Extent | None,
    stride: Extent | None,
    padding: Extent,
    shape: Extent,
) -> Geometry:
    if len(shape) < axes:
        wanted = "an axis" if axes == 1 else f"{axes} axes"
        raise ShapeError(f"{owner}: needs x with {wanted} or more; got x of shape {shape}")
    lead, space = shape[: len(shape) - axes], shape[len(shape) - axes :]
    where = windows(owner, space, size or space, stride or space, padding)
    output = Layout.of(lead, where.output, dropped=size is None)
    return Geometry(where, Layout.of(lead, space), output)


class _MaxPool(_Pool):
    """What both max pools share."""

    kink_choices = ("pool_ties",)
    words = Words(
        letter="z",
        name="max pool",
        forward="Max pool keeps the largest entry of each window.",
        backward="Max pool hands each window's gradient to its maximum.",
        value="max({inputs})",
        passes="{entry} is the maximum ({slope})",
        chosen="{entry} shares the maximum ({share} by this rule)",
        zeros=MappingProxyType(
            {
                Why.NOT_MAX: "{subject} is not the maximum{of}",
                Why.TIE_LOST: "{subject} ties for the maximum{of}, but this rule gives {gradients} "
                "to {winners}",
            }
        ),
    )

    def apply(self, *inputs: Array) -> tuple[Array, _Cache]:
        """The largest entry of each window; padding never wins."""
        (x,) = inputs
        geometry = self._geometry(x.shape)
        inside = geometry.x.inward(x)
        maxima = _maxima(geometry.windows, inside)
        return geometry.output.outward(maxima), _Cache(geometry, inside, maxima)

    def vjp(self, dout: Array, cache: _Cache, kinks: Kinks) -> Grads:
        """Each window hands what arrives to those of its largest entries that the rule names."""
        seen, (where, x, output) = cache, cache.geometry
        arriving = output.inward(dout)
        dx = x.outward(seen.pulled(arriving, kinks.pool_ties))

        def exactly() -> Exact:
            numbers, unit = whole(arriving)
            fractions = np.asarray(np.frompyfunc(Fraction, 1, 1)(numbers))  # shares are parts
            parts = shares(seen.largest, fractions, kinks.pool_ties)[1]
            return Exact(x.outward(where.scatter(parts)), unit)

        def reasons() -> Reasons:
            winners, parts = shares(seen.largest, arriving, kinks.pool_ties)
            carrying = arriving.astype(np.bool_)
            won = seen.largest & carrying[:, None]
            tied = won & (seen.largest.sum(axis=1, keepdims=True) > 1)
            why = paint(
                dx,
                where.ground,
                *(
                    (x.outward(mask), code)
                    for mask, code in (
                        (where.read_by(carrying), Why.NOT_MAX),
                        (where.scatter(won), Why.TIE_LOST),
                        (where.scatter(won & winners), Why.UNDERFLOW),
                    )
                ),
                *sum_coats(dx, x.outward(where.scatter(parts.astype(np.bool_))), exactly),
            )
            return Reasons((why,), (x.outward(where.scatter(tied)),))

        return Grads((dx,), reasons)

    def factor(self, argument: int, index: Index, output: Index, cache: _Cache) -> Factor:
        """The entry's share in the window."""
        return SHARE

    def pieces(self, output: Index, cache: _Cache) -> Pieces:
        """The output is the largest of those that tie for it."""
        seen, entries = cache.geometry.x.outward(cache.x), self._inside(output, cache)
        most = max(seen[entry] for entry in entries)
        return Pieces(tuple({(0, entry): 1.0} for entry in entries if seen[entry] == most))

    def bends(self, inputs: tuple[Array, ...], fed: Mask, cache: _Cache) -> list[Bends]:
        """Where two entries of a window pass each other, and nobody is above them."""
        (x,), where = inputs, cache.geometry.windows
        each = x.reshape(-1, *where.size, 1)
        seen = where.gather(each, fill=float(x.min()) - 1)  # padding is below all that there is
        seen = seen.reshape(len(x), -1, where.area, prod(where.output))
        within = np.moveaxis(seen, 2, 1)[:, :, fed.reshape(seen.shape[1], -1)]
        found = []
        for one, other in combinations(range(where.area), 2):
            stretch, window, share = through_zero(within[:, one] - within[:, other])
            before, after = within[stretch, :, window], within[stretch + 1, :, window]
            there = before + (after - before) * share[:, None]
            tops = there.max(axis=1, initial=-np.inf)
            highest = there[:, one] >= tops - LEVEL * np.maximum(1, np.abs(tops))
            found.append((stretch[highest], share[highest]))
        return found


def _maxima(where: Windows, x: Array) -> Array:
    """The largest entry of each window: (C, *S, N) -> (C, *O, N)."""
    if len(x) * where.count * x.shape[-1] < MANY or any(where.padding):
        return np.asarray(np.maximum.reduce(where.gather(x, fill=-np.inf), axis=1))
    first, *others = where.offsets
    maxima = x[first].copy()
    for entry in others:
        np.maximum(maxima, x[entry], out=maxima)
    return maxima


class MaxPool(_MaxPool):
    """z = max of each window along the last axis: (…, L) -> (…, Lo), or (…) over the whole axis.

    size None: the whole axis. stride None: stride = size. Padding is never the maximum.
    Backward: what arrives at a window goes to its largest entry; the rule decides a tie.
    """

    axes = 1


class MaxPool2D(_MaxPool):
    """z = max of each window over the last two axes: (…, H, W) -> (…, Ho, Wo), or (…) over both.

    size, stride and padding are one number or a pair. Otherwise as MaxPool.
    """

    axes = 2


class _AveragePool(_Pool):
    """What both average pools share."""

    kink_choices = ()
    words = Words(
        letter="z",
        name="average pool",
        forward="Average pool takes the mean of each window, whose padding counts as 0.",
        backward="Average pool shares each window's gradient equally among its entries.",
        value="mean({inputs})",
        passes="times {factor}",
    )

    def apply(self, *inputs: Array) -> tuple[Array, _Averaged]:
        """The mean of each window, padding included."""
        (x,) = inputs
        geometry = self._geometry(x.shape)
        where = geometry.windows
        means = where.gather(geometry.x.inward(x)).sum(axis=1) / where.area
        return geometry.output.outward(means), _Averaged(geometry)

    def vjp(self, dout: Array, cache: _Averaged, kinks: Kinks) -> Grads:
        """Each entry of a window gets an equal share of what arrives there."""
        where, x, output = cache.geometry
        arriving = output.inward(dout)
        dx = self._spread(arriving / where.area, cache)

        def exactly() -> Exact:
            numbers, unit = whole(arriving)
            return Exact(self._spread(numbers, cache), unit / where.area)

        def reasons() -> Reasons:
            met = x.outward(where.read_by(arriving.astype(np.bool_)))
            why = paint(dx, where.ground, *sum_coats(dx, met, exactly))
            return Reasons((why,), nothing_kinked((dx,)))

        return Grads((dx,), reasons)

    def factor(self, argument: int, index: Index, output: Index, cache: _Averaged) -> Factor:
        """1 / K, of K entries in the window."""
        area = cache.geometry.windows.area
        return Factor(f"1/{area}", rf"\frac{{{{1}}}}{{{{{area}}}}}")

    def _spread(self, parts: Array, cache: _Averaged) -> Array:
        """(C, *O, N) -> like x: each window's part to every entry that it sees."""
        where, x, _ = cache.geometry
        every = np.repeat(parts[:, None], where.area, axis=1)
        return x.outward(where.scatter(every))


class AvgPool(_AveragePool):
    """z = mean of each window along the last axis: (…, L) -> (…, Lo), or (…) over the whole axis.

    size None: the whole axis. stride None: stride = size. Padding counts as zeros.
    Backward: each entry of a window of K gets 1/K of what arrives there.
    """

    axes = 1


class AvgPool2D(_AveragePool):
    """z = mean of each window over the last two axes: (…, H, W) -> (…, Ho, Wo), or (…) over both.

    size, stride and padding are one number or a pair. Otherwise as AvgPool.
    """

    axes = 2
