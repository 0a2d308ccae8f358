"""The windows of a pool: a bracket along each, and its way to what it makes."""

from collections.abc import Sequence, Set
from typing import Final, NamedTuple

from pages.figures.layout import Layout, View
from pages.figures.primitives import Box, Drawing, Point, line_trace
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
    palette = PALETTES[view.theme]
    drawn: list[Drawing] = []
    for position, window in enumerate(windows):
        colour = palette.windows[position % len(palette.windows)]
        left = window.first[0] + window.first[2] + 26 + LANE * (position % lanes)
        top = window.first[1] - INSET / 2
        bottom = window.last[1] + window.last[3] + INSET / 2
        end, above, _, height = layout.boxes[window.output]
        middle = above + height / 2
        out = window.output in chosen
        way = [(left, top), (end, middle - MOUTH), (end, middle + MOUTH)]
        drawn += [
            {
                **line_trace([*way, (left, bottom), (left, top)], 0, colour),
                "fill": "toself",
                "fillcolor": palette.faint(colour, 0.2 if out else 0.09),
                "zorder": -2,
            },
            {**line_trace(bracket(left, top, bottom), 7 if out else 4, colour), "zorder": -1},
        ]
    return drawn


def bracket(left: float, top: float, bottom: float) -> list[Point]:
    """A line along a window."""
    return [(left - 12, top), (left, top), (left, bottom), (left - 12, bottom)]
