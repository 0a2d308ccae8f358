"""Padding around an array: what windows read beyond its ends."""

from collections.abc import Mapping, Sequence

from pages.figures.layout import Layout, View
from pages.figures.primitives import Drawing, Point, line_trace, middle_of, outlines, text_trace
from pages.figures.theme import PALETTES


def padding_drawings(
    letter: str, text: str, readers: Mapping[int, Sequence[str]], layout: Layout, view: View
) -> list[Drawing]:
    """The padding in dashed boxes, which are no cells, and its edges to the windows that read it.

    text: what stands in each. readers: the outputs that read it, by its place from top to bottom.
    """
    palette, boxes = PALETTES[view.theme], layout.padding.get(letter, ())
    edges: list[Point | None] = []
    chosen: list[Point | None] = []
    for place, (left, top, width, height) in enumerate(boxes):
        for reader in readers.get(place, ()):
            end = (layout.boxes[reader][0], middle_of(layout.boxes[reader])[1])
            edge = [(left + width, top + height / 2), end, None]
            edges += edge
            chosen += edge if reader == view.entry else []
    middles = [middle_of(box) for box in boxes]
    return [
        line_trace(edges, 1.5, palette.hatch),
        line_trace(chosen, 2.5, palette.line, "dot"),
        line_trace(outlines(boxes), 1.5, palette.line, "dash"),
        text_trace(middles, [text] * len(boxes), layout.measures.note, palette.muted),
    ]
