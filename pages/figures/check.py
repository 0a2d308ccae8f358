"""The picture of a gradient check: entry by entry, the error against the step, the pattern."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pages.figures.arrangement import Arrangement, Box, View
from pages.figures.check_curve import curve_drawings
from pages.figures.check_info import CheckInfo
from pages.figures.check_map import map_drawings
from pages.figures.check_table import table_drawings
from pages.figures.finish import finished
from pages.figures.theme import PALETTES

WIDTH: Final = 1600
HEIGHT: Final = 700
LEFT: Final = 250.0
"""Left of the table there is room for the sliders."""
TABLE: Final = 806.0
TOP: Final = 96.0
BOTTOM: Final = 692.0
BAND: Final = 32.0
"""How high the line over a param's entries is."""
GAP: Final = 8.0
TALLEST: Final = 82.0
"""From one entry to the next, at most."""


@dataclass(frozen=True)
class CheckArrangement(Arrangement):
    """bands: the box of each param's line."""

    bands: Sequence[Box] = ()


@lru_cache(maxsize=64)
def check_arrangement(params: tuple[tuple[str, ...], ...]) -> CheckArrangement:
    """Where everything lies for params with these entries."""
    rows = sum(map(len, params))
    free = BOTTOM - TOP - len(params) * (BAND + GAP) + GAP
    pitch = min(TALLEST, free / rows)
    boxes, bands, top = {}, [], TOP
    for entries in params:
        bands.append((LEFT, top, TABLE, BAND))
        top += BAND
        for entry in entries:
            boxes[entry] = (LEFT, top + 3, TABLE, pitch - 5)
            top += pitch
        top += GAP
    return CheckArrangement(WIDTH, HEIGHT, boxes, (), {}, bands=tuple(bands))


def check_figure(info: CheckInfo, arrangement: CheckArrangement, view: View) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}."""
    palette = PALETTES[view.theme]
    return finished(
        [
            *table_drawings(info, arrangement.boxes, arrangement.bands, view.entry, palette),
            *curve_drawings(info.curve, palette),
            *map_drawings(info, palette),
        ],
        arrangement,
        palette,
    )
