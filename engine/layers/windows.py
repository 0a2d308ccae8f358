"""Where the windows of a convolution or a pool lie, and reading and adding through them.

Inside, an array is (C, *S, N): the spatial axes S in the middle and the batch last, so that one
slice copy moves long runs of memory, and the patches of a whole batch are one matrix.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from math import prod
from typing import NamedTuple, TypeVar

import numpy as np

from engine.arrays import Array, Extent, Index, Mask
from engine.errors import SettingError, ShapeError
from engine.why import Why, WhyArray

AnyArray = TypeVar("AnyArray", Array, Mask)


@dataclass(frozen=True)
class Windows:
    """Windows of `kernel` entries, `stride` apart, over `size` entries with `padding` around them.

    All five are tuples of one length, the number of spatial axes; along each,
    output = (size + 2·padding − kernel) // stride + 1.
    """

    size: Extent
    kernel: Extent
    stride: Extent
    padding: Extent
    output: Extent

    @cached_property
    def area(self) -> int:
        """Entries in one window: K."""
        return prod(self.kernel)

    @cached_property
    def count(self) -> int:
        """How many windows there are."""
        return prod(self.output)

    @cached_property
    def ground(self) -> WhyArray:
        """What an entry is at the least, NOT_COVERED or else UPSTREAM_ZERO: (*S,)."""
        covered = self.read_by(np.ones((1, *self.output, 1), dtype=np.bool_))[0, ..., 0]
        return np.where(covered, Why.UPSTREAM_ZERO, Why.NOT_COVERED).astype(np.uint8)

    def gather(self, x: Array, fill: float = 0.0) -> Array:
        """What each window sees: (C, *S, N) -> (C, K, *O, N), `fill` where it sees padding."""
        channels, batch = x.shape[0], x.shape[-1]
        if self.as_they_lie:
            return x.reshape(channels, self.area, *self.output, batch)
        padded = self.padded(x, fill)
        patches = np.empty((channels, self.area, *self.output, batch), dtype=x.dtype)
        for k, where in enumerate(self.offsets):
            patches[:, k] = padded[where]
        return patches

    def scatter(self, parts: AnyArray) -> AnyArray:
        """The transpose of `gather`: (C, K, *O, N) -> (C, *S, N), each added where it came from.

        Of a mask: which entries a marked part came from.
        """
        channels, batch = parts.shape[0], parts.shape[-1]
        if self.as_they_lie:
            return parts.reshape(channels, *self.size, batch)
        padded = np.zeros((channels, *self._padded_size, batch), dtype=parts.dtype)
        for k, where in enumerate(self.offsets):
            padded[where] += parts[:, k]
        return padded[self.inside]

    def read_by(self, marked: Mask) -> Mask:
        """Which entries the marked windows read: (C, *O, N) -> (C, *S, N)."""
        parts = np.empty((marked.shape[0], self.area, *marked.shape[1:]), dtype=np.bool_)
        parts[...] = marked[:, None]
        return self.scatter(parts)

    def readers(self, entry: Index) -> Iterator[Index]:
        """The windows that read this entry (an index into S), in index order."""
        ranges = []
        for at, kernel, stride, padding, count in zip(
            entry, self.kernel, self.stride, self.padding, self.output, strict=True
        ):
            first = max(0, -(-(at + padding - kernel + 1) // stride))
            ranges.append(range(first, min(count - 1, (at + padding) // stride) + 1))
        return product(*ranges)

    def entries(self, window: Index) -> Iterator[Index]:
        """The entries (indices into S) that a window sees, in order; padding is left out."""
        ranges = [
            range(max(0, at * stride - padding), min(size, at * stride - padding + kernel))
            for at, stride, padding, kernel, size in zip(
                window, self.stride, self.padding, self.kernel, self.size, strict=True
            )
        ]
        return product(*ranges)

    @cached_property
    def apart(self) -> bool:
        """No entry is in two windows, and none sees padding."""
        return not any(self.padding) and all(
            kernel <= stride for kernel, stride in zip(self.kernel, self.stride, strict=True)
        )

    @cached_property
    def tile(self) -> bool:
        """Every entry is in exactly one window."""
        extents = zip(self.output, self.kernel, self.size, strict=True)
        return self.apart and all(count * kernel == size for count, kernel, size in extents)

    @cached_property
    def as_they_lie(self) -> bool:
        """One window that is all of the input, or one for each entry: nothing need be copied."""
        return not any(self.padding) and self.size in (self.kernel, self.output)

    @cached_property
    def offsets(self) -> list[tuple[slice, ...]]:
        """Per offset in the window: where in a padded input every window finds that entry."""
        return [
            (
                slice(None),  # the channels
                *(
                    slice(start, start + stride * (count - 1) + 1, stride)
                    for start, stride, count in zip(offset, self.stride, self.output, strict=True)
                ),
            )
            for offset in product(*map(range, self.kernel))
        ]

    @property
    def _padded_size(self) -> Extent:
        return tuple(s + 2 * p for s, p in zip(self.size, self.padding, strict=True))

    @cached_property
    def inside(self) -> tuple[slice, ...]:
        """Where the input lies in the padded one."""
        inside = (slice(p, p + s) for s, p in zip(self.size, self.padding, strict=True))
        return (slice(None), *inside)

    def padded(self, x: Array, fill: float = 0.0) -> Array:
        """The input with its padding around it; without any, the input itself."""
        if not any(self.padding):
            return x
        padded = np.full((x.shape[0], *self._padded_size, x.shape[-1]), fill, dtype=x.dtype)
        padded[self.inside] = x
        return padded


@lru_cache(maxsize=256)
def windows(owner: str, size: Extent, kernel: Extent, stride: Extent, padding: Extent) -> Windows:
    """The windows of these settings; remembered, since a layer sees the same shape again and again.

    Raises ShapeError, naming the owner, where no window fits.
    """
    output = []
    for s, k, step, p in zip(size, kernel, stride, padding, strict=True):
        if k > s + 2 * p:
            raise ShapeError(
                f"{owner}: needs a window of at most {s + 2 * p} entries, the input's {s} and "
                f"{2 * p} of padding; got {k}"
            )
        output.append((s + 2 * p - k) // step + 1)
    return Windows(size, kernel, stride, padding, tuple(output))


def extent(owner: str, name: str, value: int | Extent, axes: int, least: int) -> Extent:
    """A setting as one whole number per spatial axis: 2 -> (2, 2), (1, 2) -> (1, 2).

    Raises SettingError for anything else, or a number below `least`.
    """
    numbers = value if isinstance(value, tuple | list) else (value,) * axes
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in numbers)
    if len(numbers) != axes or not whole or min(numbers) < least:
        pair = "a whole number" if axes == 1 else f"a whole number or {axes} of them"
        raise SettingError(f"{owner}: {name} needs {pair}, at least {least}; got {value!r}")
    return tuple(int(n) for n in numbers)


@dataclass(frozen=True, slots=True)
class Layout:
    """How an array lies: outside, the caller's shape, and inside, (C, *S, N).

    whole: (N, C, *S) or with other leading axes; outside may be without the axes S, where each is
    of length 1. order: of its axes inside, where they are not as they lie.
    """

    outside: Extent
    whole: Extent
    inside: Extent
    order: tuple[int, ...] | None

    @classmethod
    def of(cls, lead: Extent, space: Extent, *, dropped: bool = False) -> "Layout":
        """lead: the axes before the spatial ones, which the caller's array may be without."""
        whole = (*lead, *space)
        outside = lead if dropped else whole
        if len(lead) != 2:
            return cls(outside, whole, (prod(lead), *space, 1), None)
        batch, channels = lead
        return cls(outside, whole, (channels, *space, batch), (*range(1, len(whole)), 0))

    def inward(self, x: AnyArray) -> AnyArray:
        """From the caller's layout."""
        if self.order is None:
            return x.reshape(self.inside)
        return x.reshape(self.whole).transpose(self.order)

    def outward(self, x: AnyArray) -> AnyArray:
        """The way back; from (C, *S, N), or any other shape that holds the same in that order."""
        if self.order is None:
            return x.reshape(self.outside)
        return (
            x.reshape(self.inside).transpose(-1, *range(len(self.order) - 1)).reshape(self.outside)
        )


class Geometry(NamedTuple):
    """What the inputs' shapes settle: where the windows lie, and how x and the output do."""

    windows: Windows
    x: Layout
    output: Layout
