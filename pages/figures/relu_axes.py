"""The two diagrams right of a ReLU's cells: h over a, and beneath it the slope of that curve."""

from collections.abc import Iterator
from typing import Final

from pages.figures.arrangement import Drawing, Point, line_trace, text_trace
from pages.figures.theme import NOTE_SIZE, Palette
from pages.figures.words import number

ZERO: Final = 1330.0
"""Where a = 0 lies; UNIT is one of a, and one of h, so that a slope of 1 rises by 45 degrees."""
UNIT: Final = 50.0
FLOOR: Final = 330.0
"""Where h = 0 lies on the curve."""
NO_SLOPE: Final = 556.0
FULL_SLOPE: Final = 452.0
"""Where slopes of 0 and of 1 lie."""
END: Final = 4.5


def pixel(a: float, h: float) -> Point:
    """Where (a, h) lies on the curve."""
    return round(ZERO + a * UNIT, 1), round(FLOOR - h * UNIT, 1)


def at_zero(slope: float) -> Point:
    """Where a slope lies above a = 0."""
    return ZERO, round(NO_SLOPE + slope * (FULL_SLOPE - NO_SLOPE), 1)


def graph() -> Iterator[Point | None]:
    """The curve, and its slope: 0 up to a = 0, 1 from there on."""
    yield from (pixel(-END, 0), pixel(0, 0), pixel(END, END), None)
    yield from ((ZERO - END * UNIT, NO_SLOPE), (ZERO, NO_SLOPE), None)
    yield from ((ZERO, FULL_SLOPE), (ZERO + END * UNIT, FULL_SLOPE))


def axes(palette: Palette) -> list[Drawing]:
    """Thin lines at whole numbers, and the numbers: the same in every state."""
    left, right, ticks, heights = ZERO - END * UNIT, ZERO + END * UNIT, range(-4, 5, 2), (0, 2, 4)
    levels = [pixel(0, h)[1] for h in heights] + [at_zero(0)[1], at_zero(1)[1]]
    grid: list[Point | None] = []
    for y in levels:
        grid += [(left, y), (right, y), None]
    for x in (ZERO + a * UNIT for a in ticks):
        grid += [(x, FLOOR - END * UNIT), (x, FLOOR), None, (x, FULL_SLOPE - 8), (x, NO_SLOPE + 8)]
        grid.append(None)
    at = [(left - 18, y) for y in levels] + [(ZERO + a * UNIT, NO_SLOPE + 26) for a in ticks]
    said = [*map(number, heights), "0", "1", *map(number, ticks)]
    names = [
        (left - 18, FLOOR - 3 * UNIT),
        (left + 2, FULL_SLOPE - 26),
        (right + 18, NO_SLOPE + 26),
    ]
    return [
        line_trace(grid, 1.5, palette.hatch),
        text_trace(at, said, NOTE_SIZE, palette.muted),
        text_trace(names, ["<i>h</i>", "<i>slope</i>", "<i>a</i>"], NOTE_SIZE, palette.muted),
    ]
