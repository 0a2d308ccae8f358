"""Maps: arrays as coloured cells, with their numbers where there is room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.arrays import Mask
from pages.figures.arrangement import Point, View, line_trace, text_trace
from pages.figures.finish import finished
from pages.figures.heat import heat_map
from pages.figures.map_info import Map
from pages.figures.map_lines import border, borders, frame, lattice
from pages.figures.map_numbers import SIZE
from pages.figures.map_panels import MapArrangement
from pages.figures.map_shown import Shown, shown_on
from pages.figures.map_texts import captions, cell_texts, legend
from pages.figures.theme import PALETTES, POSITIVE

SPACIOUS: Final = 18
"""Cells with a side of so many pixels have lines between them."""


@dataclass(frozen=True)
class MapView(View):
    """How to look at maps: cells with a border around them, each a mask by prefix.

    chosen: the cell that is explained. lit: those that it reads, or that read it. sent: those at
    which a gradient was sent in. captions: what stands over a panel, by its name, where that is
    not the map's own name or count.
    """

    chosen: Mapping[str, Mask] = field(default_factory=dict)
    lit: Mapping[str, Mask] = field(default_factory=dict)
    sent: Mapping[str, Mask] = field(default_factory=dict)
    captions: Mapping[str, str] = field(default_factory=dict)


def maps_figure(
    maps: Mapping[str, Map], arrangement: MapArrangement, view: MapView
) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}: a heat map for each panel, numbers, captions, lines."""
    palette = PALETTES[view.theme]
    shown = [shown_on(panel, maps) for panel in arrangement.panels]
    frames = [point for each in shown for point in frame(each.panel.box)]
    lattices = [
        point
        for each in shown
        if each.panel.box[2] / each.array.shape[1] >= SPACIOUS
        for point in lattice(each.panel.box, *each.array.shape)
    ]
    return finished(
        [
            *(
                heat_map(
                    each.array,
                    each.panel.box,
                    each.top,
                    view.theme,
                    each.colouring,
                    pale=each.roomy,
                )
                for each in shown
            ),
            line_trace(lattices, 1, palette.line),
            line_trace(frames, 1.5, palette.line),
            captions(shown, view.captions, palette),
            *borders(_around(shown, view.lit), 4, palette.lit, palette),
            *borders(_around(shown, view.sent), 3, POSITIVE, palette),
            *borders(_around(shown, view.chosen), 5, palette.accent, palette),
            cell_texts(shown, palette),
            text_trace([arrangement.legend], [legend(palette)], SIZE, palette.muted),
        ],
        arrangement,
        palette,
    )


def _around(shown: Sequence[Shown], masks: Mapping[str, Mask]) -> list[Point | None]:
    return [
        point
        for each in shown
        if each.panel.prefix in masks
        for point in border(each.panel.box, masks[each.panel.prefix])
    ]
