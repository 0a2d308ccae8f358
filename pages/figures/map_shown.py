"""What each panel of maps shows: numbers with their colours, and the marks of a prediction."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Mask
from pages.figures.heat import Colours, gradient_colours, is_dark, mark_colours, value_colours
from pages.figures.map_info import Map
from pages.figures.map_numbers import has_room
from pages.figures.map_panels import Panel
from pages.figures.theme import Palette

Texts: TypeAlias = NDArray[np.str_]


class Shown(NamedTuple):
    """What a panel shows: numbers, the one that has the last colour, and the colours."""

    panel: Panel
    map: Map
    array: Array
    top: float
    colours: Colours

    @property
    def hidden(self) -> bool:
        """Whether these are gradients that are not to be seen."""
        return self.panel.kind == "gradients" and self.map.gradients is None

    @property
    def dark(self) -> Mask:
        """Which cells are dark, so that a light text is read best on them."""
        return is_dark(self.array, self.top, self.colours)

    @property
    def marks(self) -> Texts | None:
        """What stands in each cell because of a guess; None for no guesses."""
        if self.panel.kind == "values" or self.map.marks is None:
            return None
        if self.map.right is None:
            unmarked = "?" if has_room(self.panel.box, self.array.shape[1]) else ""
            return np.where(self.map.marks, "≠", unmarked)
        return np.where(self.map.right, np.where(self.map.marks, "✓", ""), "✗")


def shown_on(panel: Panel, maps: Mapping[str, Map], palette: Palette) -> Shown:
    """What a panel shows of the maps; hidden gradients as the guesses at them."""
    here = maps[panel.prefix]
    if panel.kind == "values":
        return Shown(panel, here, here.values, _top(here, "values", maps), value_colours(palette))
    if here.gradients is None:
        marks = np.zeros(here.values.shape) if here.marks is None else here.marks
        return Shown(panel, here, marks.astype(np.float64), 1.0, mark_colours(palette))
    top = _top(here, "gradients", maps)
    return Shown(panel, here, here.gradients, top, gradient_colours(palette))


def _top(here: Map, kind: str, maps: Mapping[str, Map]) -> float:
    """The largest number of all maps of a letter, which share their colours."""
    least = 2.0 if kind == "gradients" else 0.0  # a gradient of 1 everywhere shall not scream
    arrays = [getattr(each, kind) for each in maps.values() if each.letter == here.letter]
    largest = max(float(np.abs(array).max()) for array in arrays if array is not None)
    return max(largest, least) or 1.0
