"""What of a line or of an area lies on a frame."""

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pages.figures.arrangement import Point


class Frame(NamedTuple):
    """A rectangle, in pixels, y downwards."""

    left: float
    right: float
    top: float
    bottom: float


def line_on(start: Point, end: Point, frame: Frame) -> tuple[Point, Point] | None:
    """The part of a line on the frame; None where there is none.

    By Liang and Barsky: each of the four edges cuts off what lies beyond it.
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
    return _rounded(one), _rounded(other)


def path_on(corners: Sequence[Point], frame: Frame) -> Iterator[Point | None]:
    """The parts of a path on the frame, with None between them."""
    for start, end in itertools.pairwise(corners):
        part = line_on(start, end, frame)
        if part:
            yield from (*part, None)


def area_on(corners: Sequence[Point], frame: Frame) -> list[Point]:
    """The part of a convex area on the frame, by its corners; [] for none.

    By Sutherland and Hodgman: edge by edge.
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
    return [_rounded(point) for point in found]


def _rounded(point: Point) -> Point:
    return round(point[0], 1), round(point[1], 1)
