"""The windows of a convolution or a pool: where they lie, reading and summing back through them.

Internally, an array is (C, *S, N): the spatial axes S in the middle and the batch last, so that one
slice copy moves long runs of memory, and the patches of a whole batch are one matrix.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product
from math import prod
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Extent, Index, Mask, nonzero_at, place_in
from engine.errors import SettingError, ShapeError
from engine.why import Why, WhyArray

AnyArray = TypeVar("AnyArray", Array, Mask)

Padding: TypeAlias = tuple[int | tuple[int, int], ...]  # per axis: both sides, or (before, after)


@dataclass(frozen=True)
class Windows:
    """Windows of `kernel` entries, `stride` apart, over `size` entries with `padding` around them.

    All six are tuples of one length, the number of spatial axes. A window reaches over
    reach = dilation · (kernel − 1) + 1 places. Along each axis
    output = (before + size + after − reach) // stride + 1, or one more in ceil mode, a window that
    reaches beyond the padding and sees nothing there.
    """

    size: Extent
    kernel: Extent
    stride: Extent
    padding: tuple[tuple[int, int], ...]  # (before, after) along each axis
    dilation: Extent  # how far apart a window's entries are
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
    def reach(self) -> Extent:
        """How many places a window spans along each axis, from its first entry to its last."""
        return reach_of(self.kernel, self.dilation)

    @cached_property
    def ground(self) -> WhyArray:
        """The ground for `paint`: UPSTREAM_ZERO for what windows read, else NOT_COVERED: (*S,)."""
        return _ground(self.read_by(np.ones((1, *self.output, 1), dtype=np.bool_))[0, ..., 0])

    @cached_property
    def kernel_ground(self) -> WhyArray:
        """The same for the entries of a filter, which may meet only padding: (*kernel,)."""
        return _ground(self.meets.any(axis=1).reshape(self.kernel))

    def gather(self, x: Array, fill: float = 0.0) -> Array:
        """Return what each window sees: (C, *S, N) -> (C, K, *O, N), with `fill` for padding."""
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

        For a mask: which entries the marked parts came from.
        """
        channels, batch = parts.shape[0], parts.shape[-1]
        if self.as_they_lie:
            return parts.reshape(channels, *self.size, batch)
        padded = np.zeros((channels, *self._padded_size, batch), dtype=parts.dtype)
        for where, part in zip(self.offsets, parts.swapaxes(0, 1), strict=True):
            there = padded[where]
            there += part
        return padded[self.inside]

    def read_by(self, marked: Mask) -> Mask:
        """Return which entries the marked windows read: (C, *O, N) -> (C, *S, N)."""
        parts = np.empty((marked.shape[0], self.area, *marked.shape[1:]), dtype=np.bool_)
        parts[...] = marked[:, None]
        return self.scatter(parts)

    def readers(self, entry: Index) -> Iterator[Index]:
        """Return the windows that read this entry (an index into S), in index order."""
        ranges = []
        for at, reach, stride, (before, _), dilation, count in zip(
            entry, self.reach, self.stride, self.padding, self.dilation, self.output, strict=True
        ):
            place = at + before
            first = max(0, -(-(place - reach + 1) // stride))
            near = range(first, min(count - 1, place // stride) + 1)
            ranges.append([window for window in near if (place - window * stride) % dilation == 0])
        return product(*ranges)

    def meeting(self, offset: Index) -> list[Index]:
        """Return the windows whose entry with this offset lies in the input, in index order."""
        return nonzero_at(self.meets[place_in(self.kernel, offset)].reshape(self.output))

    def places(self, window: Index) -> list[range]:
        """Return where a window's entries lie along each axis; outside of the input is padding."""
        starts = self.place(window, (0,) * len(window))
        return [
            range(start, start + reach, dilation)
            for start, reach, dilation in zip(starts, self.reach, self.dilation, strict=True)
        ]

    def entries(self, window: Index) -> Iterator[Index]:
        """Return the entries (indices into S) that a window sees, in order, without padding."""
        along = zip(self.places(window), self.size, strict=True)
        return product(*([place for place in each if 0 <= place < size] for each, size in along))

    def place(self, window: Index, offset: Index) -> Index:
        """Return where in the input a window's entry with this offset lies; outside is padding."""
        return tuple(
            at * stride - before + step * dilation
            for at, stride, (before, _), step, dilation in zip(
                window, self.stride, self.padding, offset, self.dilation, strict=True
            )
        )

    def offset(self, window: Index, entry: Index) -> Index:
        """Return the offset of an entry (an index into S) that the window sees: undoes `place`."""
        starts = self.place(window, (0,) * len(window))
        along = zip(entry, starts, self.dilation, strict=True)
        return tuple((at - start) // dilation for at, start, dilation in along)

    @cached_property
    def meets(self) -> Mask:
        """Which entries of each window lie in the input, not in its padding: (K, O)."""
        everything = np.ones((1, *self.size, 1))
        return self.gather(everything).astype(np.bool_).reshape(self.area, self.count)

    @cached_property
    def seen(self) -> NDArray[np.intp]:
        """How many entries of the input each window sees: (*O,)."""
        return np.asarray(self.meets.sum(axis=0).reshape(self.output))

    @cached_property
    def seen_padded(self) -> NDArray[np.intp]:
        """How many entries of the input and of its padding each window sees: (*O,)."""
        extents = zip(self.size, self.padding, strict=True)
        whole = tuple(size + before + after for size, (before, after) in extents)
        return replace(self, size=whole, padding=((0, 0),) * len(whole)).seen

    @cached_property
    def blind(self) -> bool:
        """Whether some window sees only padding, if the padding is less than its reach."""
        narrow = any(size < apart for size, apart in zip(self.size, self.dilation, strict=True))
        return narrow and not self.seen.all()  # only then can it be blind

    @cached_property
    def bare(self) -> bool:
        """Whether there is no padding and no window reaches beyond the input."""
        return self._padded_size == self.size

    @cached_property
    def apart(self) -> bool:
        """Whether no window reaches as far as the next one would begin, and none sees padding."""
        return self.bare and all(
            reach <= stride for reach, stride in zip(self.reach, self.stride, strict=True)
        )

    @cached_property
    def tile(self) -> bool:
        """Whether windows that are `apart` leave no entry out: each is in exactly one of them."""
        extents = zip(self.output, self.kernel, self.size, strict=True)
        return self.apart and all(count * kernel == size for count, kernel, size in extents)

    @cached_property
    def as_they_lie(self) -> bool:
        """Whether one window is the whole input, or each entry a window: no copy is needed."""
        return self.bare and self.size in (self.kernel, self.output)

    @cached_property
    def offsets(self) -> list[tuple[slice, ...]]:
        """For each offset in a window: the slices of a padded input that all windows have there."""
        steps = [range(0, r, d) for r, d in zip(self.reach, self.dilation, strict=True)]
        return [
            (
                slice(None),  # the channels
                *(
                    slice(start, start + stride * (count - 1) + 1, stride)
                    for start, stride, count in zip(offset, self.stride, self.output, strict=True)
                ),
            )
            for offset in product(*steps)
        ]

    @cached_property
    def _padded_size(self) -> Extent:
        """The size with padding, and with what windows reach beyond the padding."""
        return tuple(
            max(before + size + after, (count - 1) * stride + reach)
            for size, (before, after), count, stride, reach in zip(
                self.size, self.padding, self.output, self.stride, self.reach, strict=True
            )
        )

    @cached_property
    def around(self) -> tuple[tuple[int, int], ...]:
        """(before, after) of the padding, together with what windows reach beyond it."""
        along = zip(self._padded_size, self.size, self.padding, strict=True)
        return tuple((before, whole - size - before) for whole, size, (before, _) in along)

    @cached_property
    def inside(self) -> tuple[slice, ...]:
        """The slices of the padded input that are the input itself."""
        along = zip(self.padding, self.size, strict=True)
        return (slice(None), *(slice(before, before + size) for (before, _), size in along))

    def padded(self, x: Array, fill: float = 0.0) -> Array:
        """Return the input with its padding around it; without padding, the input itself."""
        if self.bare:
            return x
        padded = np.empty((x.shape[0], *self._padded_size, x.shape[-1]), dtype=x.dtype)
        padded.fill(fill)
        padded[self.inside] = x
        return padded


def _ground(covered: Mask) -> WhyArray:
    return np.where(covered, Why.UPSTREAM_ZERO, Why.NOT_COVERED).astype(np.uint8)


@lru_cache(maxsize=256)
def windows(
    owner: str,
    size: Extent,
    kernel: Extent,
    stride: Extent,
    padding: Padding,
    dilation: Extent = (),
    *,
    ceil_mode: bool = False,
) -> Windows:
    """Return the windows of these settings; cached, since a layer sees the same shape repeatedly.

    dilation: 1 along each axis if left out. ceil_mode: whether a last window may reach beyond the
    padding, provided that it begins before the input's end. Raises ShapeError, naming the owner, if
    no window fits.
    """
    around = tuple(each if isinstance(each, tuple) else (each, each) for each in padding)
    dilation = dilation or (1,) * len(size)
    output = []
    for s, sides, reach, k, step in zip(
        size, around, reach_of(kernel, dilation), kernel, stride, strict=True
    ):
        count, rest = divmod(s + sum(sides) - reach + step, step)
        if ceil_mode and rest and count * step < s + sides[0]:
            count += 1
        if count < 1:
            more = f" and {step - 1} beyond" if ceil_mode and step > 1 else ""
            most = s + sum(sides) + (step - 1 if ceil_mode else 0)
            raise ShapeError(
                f"{owner}: needs a window of at most {most} entries, the input's {s} and "
                f"{sum(sides)} of padding{more}; got {reach}"
                + (f", {k} with a dilation between them" if reach > k else "")
            )
        output.append(count)
    return Windows(size, kernel, stride, around, dilation, tuple(output))


def reach_of(kernel: Extent, dilation: Extent) -> Extent:
    """Return how many places a window spans along each axis: dilation · (kernel − 1) + 1."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


def extent(owner: str, name: str, value: int | Extent, axes: int) -> Extent:
    """Return a setting as one whole number per spatial axis: 2 -> (2, 2), (1, 2) -> (1, 2).

    Raises SettingError for anything else, or a number below 1.
    """
    numbers = value if isinstance(value, tuple | list) else (value,) * axes
    if len(numbers) != axes or not _whole(numbers, 1):
        pair = "a whole number" if axes == 1 else f"a whole number or {axes} of them"
        raise SettingError(f"{owner}: {name} needs {pair}, at least 1; got {value!r}")
    return tuple(int(n) for n in numbers)


def padding_of(owner: str, value: int | Padding, axes: int) -> Padding:
    """A padding by axis: 2 -> (2, 2), (1, (0, 2)) -> (1, (0, 2)); (0, 2) -> ((0, 2),) for one axis.

    Raises SettingError for anything else.
    """
    each = value if isinstance(value, tuple | list) else (value,) * axes
    if axes == 1 and len(each) == 2:
        each = (each,)  # type: ignore[assignment]
    sides = [tuple(side) if isinstance(side, tuple | list) else (side, side) for side in each]
    if len(sides) != axes or not all(len(side) == 2 and _whole(side, 0) for side in sides):
        each_axis = "" if axes == 1 else ", or one of these for each axis"
        raise SettingError(
            f"{owner}: padding needs a whole number or a pair (before, after){each_axis}, at least "
            f"0; got {value!r}"
        )
    return tuple(
        int(before) if before == after else (int(before), int(after)) for before, after in sides
    )


def _whole(numbers: Sequence[Any], least: int) -> bool:
    """Return whether all are whole numbers from `least` on."""
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in numbers)
    return whole and min(numbers) >= least


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of an array outside, as the caller has it, and inside."""

    outside: Extent  # the caller's shape; may lack the axes S if each is of length 1
    whole: Extent  # the shape with all axes: (N, C, *S), or with other leading ones
    inside: Extent  # (C, *S, N)
    order: tuple[int, ...] | None
    """The order of the axes of `whole` inside; None if a reshape is enough."""

    @classmethod
    def of(cls, lead: Extent, space: Extent, *, dropped: bool = False) -> "Layout":
        """lead: the axes before `space`; dropped: whether the caller's array is without `space`."""
        whole = (*lead, *space)
        outside = lead if dropped else whole
        if len(lead) != 2:
            return cls(outside, whole, (prod(lead), *space, 1), None)
        batch, channels = lead
        return cls(outside, whole, (channels, *space, batch), (*range(1, len(whole)), 0))

    def inward(self, x: AnyArray) -> AnyArray:
        """Convert an array from the caller's layout to (C, *S, N)."""
        if self.order is None:
            return x.reshape(self.inside)
        return x.reshape(self.whole).transpose(self.order)

    def outward(self, x: AnyArray) -> AnyArray:
        """Convert back, from (C, *S, N) or any other shape with the same entries in that order."""
        if self.order is None:
            return x.reshape(self.outside)
        return (
            x.reshape(self.inside).transpose(-1, *range(len(self.order) - 1)).reshape(self.outside)
        )


class Geometry(NamedTuple):
    """What follows from the inputs' shapes: the windows, and the layouts of x and the output."""

    windows: Windows
    x: Layout
    output: Layout
