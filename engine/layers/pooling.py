"""Max pooling, in one and two dimensions: each window's largest entry."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import ClassVar, Final

import numpy as np

from engine.arrays import Array, Index, Mask
from engine.errors import SettingError, ShapeError
from engine.kinks import Kinks, PoolTies
from engine.layers.base import Grads, Layer, Reasons
from engine.layers.windows import Extent, Windows, extent, inward, outward, windows
from engine.why import Exact, Why, paint, sum_coats, whole

MANY: Final = 2**10
"""From so many windows on it is quicker to go through their entries than to unfold them."""


@dataclass(frozen=True, eq=False)
class _Seen:
    """What the pullback needs.

    shape: the input's. x: (C, *S, N), the input. maxima: (C, *O, N).
    """

    shape: Extent
    windows: Windows
    x: Array
    maxima: Array

    @cached_property
    def largest(self) -> Mask:
        """(C, K, *O, N): which entries equal the maximum of their window."""
        return np.equal(self.windows.gather(self.x, fill=-np.inf), self.maxima[:, None])

    def shares(self, arriving: Array, ties: PoolTies) -> tuple[Mask, Array]:
        """Who wins each window under a rule, and what it gets of what arrives: (C, K, *O, N)."""
        winners, each = self.largest, arriving
        if ties == "first":
            winners = winners & (np.cumsum(winners, axis=1) == 1)
        elif ties == "split":
            each = arriving / winners.sum(axis=1, dtype=arriving.dtype)
        return winners, winners * each[:, None]

    def pulled(self, arriving: Array, ties: PoolTies) -> Array:
        """(C, *O, N) -> (C, *S, N): what each entry gets from all of its windows."""
        where = self.windows
        if not (ties == "first" and where.apart and self.maxima.size >= MANY):
            return where.scatter(self.shares(arriving, ties)[1])
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
        if self.size is not None and np.greater_equal(self.padding, self.size).any():
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
            axes = "an axis" if self.axes == 1 else f"{self.axes} axes"
            raise ShapeError(f"{self.title}: needs x with {axes} or more; got x of shape {x.shape}")
        lead, space = x.shape[: x.ndim - self.axes], x.shape[x.ndim - self.axes :]
        where = windows(self.title, space, self.size or space, self.stride or space, self.padding)
        inside = inward(x, self.axes)
        maxima = _maxima(where, inside)
        output = outward(maxima, lead if self.size is None else (*lead, *where.output))
        return output, _Seen(x.shape, where, inside, maxima)

    def vjp(self, dout: Array, cache: _Seen, kinks: Kinks) -> Grads:
        """Each window hands what arrives to those of its largest entries that the rule names."""
        seen, where = cache, cache.windows
        arriving = inward(dout.reshape(*seen.shape[: -self.axes], *where.output), self.axes)
        dx = outward(seen.pulled(arriving, kinks.pool_ties), seen.shape)

        def exactly() -> Exact:
            numbers, unit = whole(arriving)
            fractions = np.asarray(np.frompyfunc(Fraction, 1, 1)(numbers))  # shares are parts
            parts = seen.shares(fractions, kinks.pool_ties)[1]
            return Exact(outward(where.scatter(parts), dx.shape), unit)

        def reasons() -> Reasons:
            winners, parts = seen.shares(arriving, kinks.pool_ties)
            carrying = arriving.astype(np.bool_)
            won = seen.largest & carrying[:, None]
            tied = won & (seen.largest.sum(axis=1, keepdims=True) > 1)
            why = paint(
                dx,
                where.ground,
                *(
                    (outward(mask, dx.shape), code)
                    for mask, code in (
                        (where.read_by(carrying), Why.NOT_MAX),
                        (where.scatter(won), Why.TIE_LOST),
                        (where.scatter(won & winners), Why.UNDERFLOW),
                    )
                ),
                *sum_coats(dx, outward(where.scatter(parts.astype(np.bool_)), dx.shape), exactly),
            )
            return Reasons((why,), (outward(where.scatter(tied), dx.shape),))

        return Grads((dx,), reasons)

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


def _maxima(where: Windows, x: Array) -> Array:
    """The largest entry of each window: (C, *S, N) -> (C, *O, N)."""
    if any(where.padding) or x.shape[0] * prod(where.output) * x.shape[-1] < MANY:
        return np.asarray(where.gather(x, fill=-np.inf).max(axis=1))
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
