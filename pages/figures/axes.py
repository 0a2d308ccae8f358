"""The axes of diagrams: their ranges, the numbers beside them, and what lies within a frame."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final, NamedTuple

from pages.figures.primitives import Point, brief, text_width
from pages.figures.words import number

FEWEST: Final = 4  # the least number of steps on an axis; there are fewer than three times as many
LOST: Final = 1e-9  # the share of a value that is hardly more than its rounding error
_STEPS: Final = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """A linear map from values to pixels along one axis."""

    low: float
    high: float
    at_low: float
    at_high: float

    def __call__(self, value: float) -> float:
        """The pixel of a value, also beyond the ends."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.at_low + share * (self.at_high - self.at_low), 1)

    def inside(self, value: float) -> bool:
        """Whether a value lies between the ends."""
        return self.low <= value <= self.high

    def held(self, value: float) -> float:
        """The pixel of a value, or of the nearer end if the value lies beyond."""
        return self(min(self.high, max(self.low, value)))


def step_of(low: float, high: float) -> float:
    """The largest round number that fits FEWEST times between the ends: …, 0.5, 1, 2, 5, 10, …"""
    raw = (high - low) / FEWEST
    power = 10.0 ** floor(log10(raw))
    return max(step * power for step in _STEPS if step * power <= raw * (1 + 1e-9))


def reach(values: Iterable[float], least: float, below: float, above: float) -> tuple[float, float]:
    """The two ends, both round numbers, of an axis on which all values lie.

    least: the least span, before the shares `below` and `above` of it are added as free space; it
    is larger if the values are so large that this would be lost in their rounding.
    """
    found = list(values)
    low, high = min(found), max(found)
    span = max(high - low, least, LOST * max(abs(low), abs(high)))
    middle = (low + high) / 2
    low, high = min(low, middle - span / 2), max(high, middle + span / 2)
    low, high = low - below * span, high + above * span
    step = step_of(low, high) / 2
    ends = floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step
    return round(ends[0], 12), round(ends[1], 12)


def ticks(low: float, high: float) -> list[float]:
    """The round numbers between the ends of an axis."""
    step = step_of(low, high)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(step * each, 12) for each in range(first, last + 1)]


def legible(values: Sequence[float], along: Scale, size: float) -> list[float]:
    """Every n-th number on a horizontal axis, with 0 if it is one, so that no two texts touch."""
    widths = [text_width(f" {number(value)}", size) for value in values]
    pitch = abs(along(values[1]) - along(values[0])) if len(values) > 1 else 0.0
    every = next((n for n in range(1, len(values)) if n * pitch >= max(widths)), len(values))
    first = values.index(0) % every if 0 in values else 0
    return [*values[first::every]]


def spread(
    wanted: Sequence[float], sizes: Sequence[float], ends: tuple[float, float]
) -> list[float]:
    """The middles of things of these sizes, side by side, each near its wanted middle.

    wanted: in order. All stay between the ends if there is room. Those that would overlap form a
    group without gaps, placed at the average of their wishes.
    """
    groups: list[list[int]] = []

    def start(group: list[int]) -> float:
        before = [sum(sizes[i] for i in group[:n]) for n in range(len(group) + 1)]
        shifts = [wanted[i] - sizes[i] / 2 - before[n] for n, i in enumerate(group)]
        return max(ends[0], min(ends[1] - before[-1], sum(shifts) / len(shifts)))

    for each in range(len(wanted)):
        groups.append([each])
        while len(groups) > 1 and start(groups[-1]) < (
            start(groups[-2]) + sum(sizes[i] for i in groups[-2])
        ):
            groups[-2:] = [groups[-2] + groups[-1]]
    return [
        start(group) + sum(sizes[i] for i in group[:n]) + sizes[own] / 2
        for group in groups
        for n, own in enumerate(group)
    ]


# --- the parts of lines and areas within a frame


class Frame(NamedTuple):
    """A rectangle, in pixels, y downwards."""

    left: float
    right: float
    top: float
    bottom: float


def line_on(start: Point, end: Point, frame: Frame) -> tuple[Point, Point] | None:
    """The part of a line within the frame; None if there is none.

    By the algorithm of Liang and Barsky: each of the four edges cuts off what lies beyond it.
    """
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    first, last = 0.0, 1.0
    for towards, room in (
        (-dx, x - frame.left),
        (dx, frame.right - x),
        (-dy, y - frame.top),
        (dy, frame.bottom - y),
    ):
        if towards == 0 and room < 0:
            return None
        if towards < 0:
            first = max(first, room / towards)
        elif towards > 0:
            last = min(last, room / towards)
    if first > last:
        return None
    one, other = ((x + share * dx, y + share * dy) for share in (first, last))
    return brief(*one), brief(*other)


def path_on(corners: Sequence[Point], frame: Frame) -> Iterator[Point | None]:
    """The parts of a path within the frame, with None between them."""
    for start, end in itertools.pairwise(corners):
        part = line_on(start, end, frame)
        if part:
            yield from (*part, None)


def area_on(corners: Sequence[Point], frame: Frame) -> list[Point]:
    """The corners of the part of a convex area within the frame; [] if there is none.

    By the algorithm of Sutherland and Hodgman, one edge of the frame after the other.
    """
    found = list(corners)
    for axis, bound, sign in (
        (0, frame.left, 1),
        (0, frame.right, -1),
        (1, frame.top, 1),
        (1, frame.bottom, -1),
    ):
        before, found = found, []
        for start, end in zip([*before[-1:], *before[:-1]], before, strict=True):
            rooms = [sign * (point[axis] - bound) for point in (start, end)]
            if (rooms[0] < 0) != (rooms[1] < 0):
                share = rooms[0] / (rooms[0] - rooms[1])
                found.append(
                    (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
                )
            if rooms[1] >= 0:
                found.append(end)
    return [brief(*point) for point in found]
