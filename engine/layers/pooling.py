"""Max pooling, in one and two dimensions: each window's largest entry."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Index, Mask
from engine.errors import SettingError, ShapeError
from engine.kinks import Kinks
from engine.layers.base import Grads, Layer, Reasons
from engine.layers.windows import Extent, Windows, extent, windows
from engine.why import Why, paint


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the pullback needs: the windows, what they saw (C, K, *O, N), and their maxima."""

    shape: Extent
    windows: Windows
    patches: Array
    maxima: Array


class _MaxPool(Layer):
    """What both pools share; `axes` says over how many of the last axes they pool."""

    axes: ClassVar[int]

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
        if self.size is not None and any(map(int.__ge__, self.padding, self.size)):
            raise SettingError(
                f"{self.title}: needs a padding below its size {self.size}, since a window of "
                f"padding alone has no maximum; got {padding!r}"
            )
        self.stride = (
            self.size if stride is None else extent(self.title, "stride", stride, self.axes, 1)
        )

    def apply(self, *inputs: Array) -> tuple[Array, _Seen]:
        """The largest entry of each window; padding never wins."""
        (x,) = inputs
        if x.ndim < self.axes:
            raise ShapeError(
                f"{self.title}: needs at least {self.axes} axes to pool over; got shape {x.shape}"
            )
        lead, space = x.shape[: x.ndim - self.axes], x.shape[x.ndim - self.axes :]
        where = windows(
            self.title, space, self.size or space, self.stride or space, self.padding
        )
        patches = where.gather(_inward(x, self.axes), fill=-np.inf)
        maxima = patches.max(axis=1)
        shape = lead if self.size is None else (*lead, *where.output)
        return _outward(maxima, shape), _Seen(x.shape, where, patches, maxima)

    def vjp(self, dout: Array, cache: _Seen, kinks: Kinks) -> Grads:
        """Each window hands what arrives to those of its largest entries that the rule names."""
        seen, where = cache, cache.windows
        arriving = _inward(dout.reshape((*seen.shape[: -self.axes], *where.output)), self.axes)
        largest = seen.patches == seen.maxima[:, None]
        share = _shares(largest, kinks).astype(dout.dtype)
        parts = share * arriving[:, None]
        dx = where.scatter(parts)

        def reasons() -> Reasons:
            carrying = np.empty(largest.shape, dtype=np.bool_)
            carrying[...] = (arriving != 0)[:, None]
            won = largest & carrying
            tied = won & (largest.sum(axis=1, keepdims=True) > 1)
            why = paint(
                dx,
                Why.NOT_COVERED,
                (where.reach(np.ones_like(largest)), Why.UPSTREAM_ZERO),
                (where.reach(carrying), Why.NOT_MAX),
                (where.reach(won), Why.TIE_LOST),
                (where.reach(won & (share != 0)), Why.UNDERFLOW),
                (where.reach(parts != 0), Why.CANCELLED),
            )
            outward = (_outward(why, seen.shape), _outward(where.reach(tied), seen.shape))
            return Reasons(outward[:1], outward[1:])

        return Grads((_outward(dx, seen.shape),), reasons)

    def feeds(self, argument: int, index: Index, cache: _Seen) -> Iterator[Index]:
        """The windows that read this entry."""
        lead, entry = index[: -self.axes], index[-self.axes :]
        for window in cache.windows.readers(entry):
            yield lead if self.size is None else (*lead, *window)

    def __repr__(self) -> str:
        """The constructor call."""
        if self.size is None:
            return f"{self.title}()"
        return f"{self.title}(size={self.size}, stride={self.stride}, padding={self.padding})"


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


def _shares(largest: Mask, kinks: Kinks) -> Array | Mask:
    """What part of a window's gradient each entry gets: (C, K, *O, N) -> the same."""
    if kinks.pool_ties == "all":
        return largest
    if kinks.pool_ties == "split":
        return largest / largest.sum(axis=1, keepdims=True)
    return largest & (np.cumsum(largest, axis=1) == 1)


def _inward(x: Array, axes: int) -> Array:
    """(N, C, *S), or with fewer or more leading axes, -> (C, *S, N)."""
    lead, space = x.shape[: x.ndim - axes], x.shape[x.ndim - axes :]
    if len(lead) == 2:
        return np.moveaxis(x, 0, -1)
    return x.reshape((prod(lead), *space, 1))


def _outward(x: Array, shape: Extent) -> Array:
    """The way back, into `shape`."""
    if x.shape[-1] == 1:
        return x.reshape(shape)
    return np.moveaxis(x, -1, 0).reshape(shape)
