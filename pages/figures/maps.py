"""Maps: arrays as coloured cells, with their numbers where there is room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.arrays import Mask
from pages.figures.arrangement import Drawing, Point, View, line_trace, plain_layout, text_trace
from pages.figures.heat import heat_map
from pages.figures.map_info import Map
from pages.figures.map_lines import border, borders, frame
from pages.figures.map_numbers import SIZE, number_traces
from pages.figures.map_panels import MapArrangement
from pages.figures.map_shown import Shown, shown_on
from pages.figures.map_texts import captions, guesses, legend, numbers_of
from pages.figures.theme import PALETTES, POSITIVE

MARKED: Final = ("not marked", "marked as nonzero")


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
    shown = [shown_on(panel, maps, palette) for panel in arrangement.panels]
    frames = [point for each in shown for point in frame(each.panel.box)]
    return {
        "data": [
            *map(_heat, shown),
            line_trace(frames, 1.5, palette.line),
            *number_traces(numbers_of(shown), palette),
            captions(shown, view.captions, palette),
            *borders(_around(shown, view.lit), 4, palette.lit, palette),
            *borders(_around(shown, view.sent), 3, POSITIVE, palette),
            *borders(_around(shown, view.chosen), 5, palette.accent, palette),
            *guesses(shown, palette),
            text_trace([arrangement.legend], [legend(palette)], SIZE, palette.muted),
        ],
        "layout": plain_layout(arrangement, palette),
    }


def _heat(each: Shown) -> Drawing:
    words = MARKED if each.hidden else None
    return heat_map(each.panel.name, each.array, each.panel.box, each.top, each.colours, words)


def _around(shown: Sequence[Shown], masks: Mapping[str, Mask]) -> list[Point | None]:
    return [
        point
        for each in shown
        if each.panel.prefix in masks
        for point in border(each.panel.box, masks[each.panel.prefix])
    ]
