"""Cells and the edges between them: values forward, gradients flowing back."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from pages.figures.cells import cell_boxes, cell_texts, counts, most_digits
from pages.figures.edges import (
    along_grids,
    amounts,
    corners,
    faint,
    filled,
    flow,
    gate_marks,
    onward,
    parted,
    thin,
)
from pages.figures.info import Edge, Form, GraphInfo
from pages.figures.layout import Layout, View, finished
from pages.figures.primitives import Drawing
from pages.figures.theme import PALETTES, Palette


def graph_figure(
    info: GraphInfo, layout: Layout, view: View, extra: Sequence[Drawing] = ()
) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}; extra traces lie over the edges and under the text."""
    palette, form = PALETTES[view.theme], info.form
    strong, _ = parted(info.edges, view)
    digits = most_digits(info, layout)
    texts = cell_texts(info, layout, palette, digits)
    return finished(
        [
            cell_boxes(form, layout, view.entry, palette),
            *([] if info.now is None else [_now(form, layout, palette)]),
            *_edges(info, strong, layout, view),
            gate_marks(form, layout, palette),
            *extra,
            *(amounts(info, strong, layout, view, digits, texts) if view.focus else []),
            *texts,
            counts(form, layout, palette),
        ],
        layout,
        palette,
    )


def _edges(
    info: GraphInfo, strong: Sequence[Edge], layout: Layout, view: View
) -> Iterator[Drawing]:
    """Edges, behind the cells where some go between them."""
    palette, form = PALETTES[view.theme], info.form
    drawn = [
        *([faint(form, layout, view)] if view.focus else []),
        *([onward(layout, palette)] if layout.reach and layout.down else []),
        thin(form, layout, view, "gradient"),
        thin(form, layout, view, "value"),
        *flow(info, strong, layout, palette),
        *(along_grids(info, strong, layout, palette, sign) for sign in (+1, -1) if layout.grids),
    ]
    yield from ({**each, "zorder": -1} if layout.down else each for each in drawn)


@lru_cache(maxsize=128)
def _now(form: Form, layout: Layout, palette: Palette) -> Drawing:
    """Behind the cells, or the heat maps, of what is computed at this step."""
    letters = form.of.now or frozenset()
    around = 0.5 * layout.measures.gap + 2
    computed = [cell for cell in form.of.cells.values() if cell.letter in letters]
    boxes = [layout.boxes[cell.entry] for cell in computed if cell.entry in layout.boxes]
    boxes += [layout.columns[letter] for letter in sorted(letters & layout.maps.keys())]
    grown = [
        (left - around, top - around, width + 2 * around, height + 2 * around)
        for left, top, width, height in boxes
    ]
    return {**filled(map(corners, grown), palette.now), "zorder": -1}
