"""Draw the windows of an operation: a bracket along each, its way to its output, and padding."""

from collections.abc import Mapping, Sequence, Set
from typing import Final, NamedTuple

from pages.figures.edges import behind, ends
from pages.figures.layout import Layout, View
from pages.figures.primitives import (
    Box,
    Drawing,
    Point,
    area_trace,
    line_trace,
    middle_of,
    outlines,
    text_trace,
    turned,
)
from pages.figures.theme import PALETTES

INSET: Final = 4.0  # how far a window's bracket reaches beyond its cells, both ends together
LANE: Final = 20.0  # the distance between the brackets of two windows that overlap
MOUTH: Final = 24.0  # how far above and below the middle of its output a window's way ends


class Window(NamedTuple):
    """A window of an operation."""

    first: Box  # the first box that it reads, padding included
    last: Box  # the last box that it reads, padding included
    output: str  # the entry that it makes


def window_drawings(
    windows: Sequence[Window], lanes: int, chosen: Set[str], layout: Layout, view: View
) -> list[Drawing]:
    """Draw the windows, behind everything else.

    lanes: the most windows that read one entry. chosen: the outputs whose windows stand out.
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
        corners = [
            (left, top),
            (end, middle - mouth),
            (end, middle + mouth),
            (left, bottom),
            (left, top),
        ]
        back = left - 12 * line
        along = [(back, top), (left, top), (left, bottom), (back, bottom)]
        if down:
            corners, along = [each[::-1] for each in corners], [each[::-1] for each in along]
        drawn += [
            {
                **area_trace(corners, colour, palette.faint(colour, 0.2 if out else 0.09)),
                "zorder": -2,
            },
            {**line_trace(along, line * (7 if out else 4), colour), "zorder": -1},
        ]
    return drawn


def padding_drawings(
    letter: str,
    text: str,
    sign: str,
    readers: Mapping[int, Sequence[str]],
    layout: Layout,
    view: View,
) -> list[Drawing]:
    """Draw the padding as dashed boxes, which are no cells, and its edges to its readers.

    text: the text in each box; if there is little room, it is the sign alone. readers: by place
    from first to last, the outputs whose windows read the padding there.
    """
    palette, boxes = PALETTES[view.theme], layout.padding.get(letter, ())
    edges: list[Point | None] = []
    chosen: list[Point | None] = []
    for place, (left, top, width, height) in enumerate(boxes):
        for reader in readers.get(place, ()):
            if reader not in layout.boxes:  # it is in a heat map
                continue
            reads = layout.reach.get(reader, layout.boxes[reader])
            edge = [*ends((left, top, width, height), reads, layout), None]
            edges += edge
            chosen += edge if reader == view.entry else []
    said = sign if layout.measures.stacked else text
    middles = [middle_of(box) for box in boxes]
    lines = (
        line_trace(edges, 1.5, palette.hatch),
        line_trace(chosen, 2.5, palette.line, "dot"),
    )
    return [
        *behind(lines, layout),
        line_trace(outlines(boxes), 1.5, palette.line, "dash"),
        text_trace(middles, [said] * len(boxes), layout.measures.note, palette.muted),
    ]
