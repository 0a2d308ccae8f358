"""Padding around an array: what windows read beyond its ends."""

from collections.abc import Mapping, Sequence

from pages.figures.edges import ends
from pages.figures.layout import Layout, View
from pages.figures.primitives import Drawing, Point, line_trace, middle_of, outlines, text_trace
from pages.figures.theme import PALETTES


def padding_drawings(
    letter: str,
    text: str,
    sign: str,
    readers: Mapping[int, Sequence[str]],
    layout: Layout,
    view: View,
) -> list[Drawing]:
    """The padding in dashed boxes, which are no cells, and its edges to the windows that read it.

    text: what stands in each, or where there is little room the sign alone. readers: the outputs
    that read it, by its place from first to last.
    """
    palette, boxes = PALETTES[view.theme], layout.padding.get(letter, ())
    edges: list[Point | None] = []
    chosen: list[Point | None] = []
    for place, (left, top, width, height) in enumerate(boxes):
        for reader in readers.get(place, ()):
            if reader not in layout.boxes:  # of a heat map
                continue
            reads = layout.reach.get(reader, layout.boxes[reader])
            edge = [*ends((left, top, width, height), reads, layout), None]
            edges += edge
            chosen += edge if reader == view.entry else []
    said = sign if layout.measures.stacked else text
    middles = [middle_of(box) for box in boxes]
    return [
        *(
            {**each, "zorder": -1} if layout.down else each
            for each in (
                line_trace(edges, 1.5, palette.hatch),
                line_trace(chosen, 2.5, palette.line, "dot"),
            )
        ),
        line_trace(outlines(boxes), 1.5, palette.line, "dash"),
        text_trace(middles, [said] * len(boxes), layout.measures.note, palette.muted),
    ]
