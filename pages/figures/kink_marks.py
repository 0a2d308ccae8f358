"""The marks on the brackets: each rule's claim, a ring around what is no derivative."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from pages.figures.arrangement import Drawing, Point, points_trace
from pages.figures.kink_info import Row
from pages.figures.kink_names import rule_marks
from pages.figures.kink_places import ROW_AXIS, Scale, pitch
from pages.figures.theme import Palette

GAP: Final = 19.0
"""From a mark to what stands beside it."""
SMALLEST: Final = 13.0
"""A mark is not smaller."""


def mark_drawings(
    pairs: Sequence[tuple[Row, float]], axis: Scale, palette: Palette
) -> list[Drawing]:
    """The rings, the marks, and arrows towards those that lie further out than the axis goes.

    pairs: the rows with their middles.
    """
    return [
        _rings(pairs, axis, palette),
        _marks(pairs, axis, palette),
        _beyond(pairs, axis, palette),
    ]


def _places(row: Row, middle: float, rows: int, axis: Scale) -> list[Point]:
    """Where each group's mark lies: above or below the others; in flat rows two share a level."""
    apart, each = _levels(rows, len(row.claims))
    levels = [group // each for group in range(len(row.claims))]
    places = []
    for group, value in enumerate(row.claims):
        together = [
            other
            for other in range(len(levels))
            if levels[other] == levels[group] and row.claims[other] == value
        ]
        aside = (together.index(group) - (len(together) - 1) / 2) * SMALLEST
        level = (levels[group] - levels[-1] / 2) * apart
        places.append((round(axis.held(value) + aside, 1), round(middle + level, 1)))
    return places


def _levels(rows: int, groups: int) -> tuple[float, int]:
    """From one level of marks in a row to the next, and how many marks share one."""
    apart = 0.92 * pitch(rows) / groups
    shared = max(1, ceil(SMALLEST / apart)) if apart < SMALLEST else 1
    return shared * apart, shared


def _marks(pairs: Sequence[tuple[Row, float]], axis: Scale, palette: Palette) -> Drawing:
    """Each group's claim."""
    at = [place for row, y in pairs for place in _places(row, y, len(pairs), axis)]
    groups = [group for row, _ in pairs for group in range(len(row.claims))]
    most = max((len(row.claims) for row, _ in pairs), default=1)
    size = SMALLEST + 1 if _levels(len(pairs), most)[1] > 1 else 15.0
    return rule_marks(at, groups, size, palette)


def _beyond(pairs: Sequence[tuple[Row, float]], axis: Scale, palette: Palette) -> Drawing:
    """An arrow at the end of a row of which something lies further out than the axis goes."""
    at, symbols = [], []
    for row, middle in pairs:
        values = (row.left, row.right, *row.claims)
        if min(values) < axis.low:
            at.append((ROW_AXIS[0] - GAP, middle))
            symbols.append("triangle-left")
        if max(values) > axis.high:
            at.append((ROW_AXIS[1] + GAP, middle))
            symbols.append("triangle-right")
    return _symbols(at, symbols, 18, palette.ink, palette.ink)


def _rings(pairs: Sequence[tuple[Row, float]], axis: Scale, palette: Palette) -> Drawing:
    """Around each claim that is no derivative."""
    at = [
        place
        for row, y in pairs
        for group, place in enumerate(_places(row, y, len(pairs), axis))
        if group in row.outside
    ]
    return _symbols(at, ["circle"] * len(at), 25, palette.paper, palette.ink)


def _symbols(
    at: Sequence[Point], symbols: Sequence[str], size: float, fill: str, line: str
) -> Drawing:
    return points_trace(
        at,
        {
            "symbol": symbols,
            "size": size,
            "color": fill,
            "line": {"width": 2.5, "color": line},
        },
    )
