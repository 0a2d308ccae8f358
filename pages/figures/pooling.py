"""The windows of a pool: a bracket along each, and its way to what it makes."""

from collections.abc import Sequence, Set
from typing import Final, NamedTuple

from pages.figures.layout import Layout, View
from pages.figures.primitives import Box, Drawing, Point, line_trace, turned
from pages.figures.theme import PALETTES

INSET: Final = 4.0
"""Between the bracket of a window and that of the next, at least, twice."""
LANE: Final = 20.0
"""From the bracket of a window to that of the next one that overlaps it."""
MOUTH: Final = 24.0
"""How far above and below the middle of an output its window ends."""


class Window(NamedTuple):
    """What a window reads, padding too, from the first to the last box; and what it makes."""

    first: Box
    last: Box
    output: str


def window_drawings(
    windows: Sequence[Window], lanes: int, chosen: Set[str], layout: Layout, view: View
) -> list[Drawing]:
    """The traces behind everything.

    lanes: how many windows may read one entry. chosen: the outputs whose windows stand out.
    """
    palette, line, down = PALETTES[view.theme], layout.measures.line, layout.down
    drawn: list[Drawing] = []
    for position, window in enumerate(windows):
        colour = palette.windows[position % len(palette.windows)]
        first, last, made = (
            turned(box) if down else box
            for box in (window.first, window.last, layout.boxes[window.output])
        )
        left = first[0] + first[2] + line * (26 + LANE * (position % lanes))
        top = first[1] - line * INSET / 2
        bottom = last[1] + last[3] + line * INSET / 2
        end, above, _, height = made
        middle, mouth = above + height / 2, MOUTH * line
        out = window.output in chosen
        area = [
            (left, top),
            (end, middle - mouth),
            (end, middle + mouth),
            (left, bottom),
            (left, top),
        ]
        along = bracket(left, top, bottom, line)
        if down:
            area, along = [each[::-1] for each in area], [each[::-1] for each in along]
        drawn += [
            {
                **line_trace(area, 0, colour),
                "fill": "toself",
                "fillcolor": palette.faint(colour, 0.2 if out else 0.09),
                "zorder": -2,
            },
            {**line_trace(along, line * (7 if out else 4), colour), "zorder": -1},
        ]
    return drawn


def bracket(left: float, top: float, bottom: float, line: float) -> list[Point]:
    """A line along a window."""
    back = left - 12 * line
    return [(back, top), (left, top), (left, bottom), (back, bottom)]
