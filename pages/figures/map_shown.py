"""What each panel of maps shows: numbers with their colours, and what stands in the cells."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from engine.arrays import Array
from pages.figures.heat import Colouring
from pages.figures.map_info import Map
from pages.figures.map_numbers import has_room, written
from pages.figures.map_panels import Panel

LEAST_TOP: Final = 2.0
"""A gradient of 1 everywhere shall not scream."""


class Shown(NamedTuple):
    """A panel with the numbers that it shows, how they are coloured, and who has the last colour.

    marks: what stands in the cells because of a prediction; None where there is none.
    """

    panel: Panel
    map: Map
    array: Array
    colouring: Colouring
    top: float
    marks: list[str] | None = None

    @property
    def roomy(self) -> bool:
        """Whether there is room for a text in each cell."""
        return has_room(self.panel.box, self.array.shape[1])

    @property
    def texts(self) -> list[str]:
        """What stands in the cells, row by row: marks, and where these leave room the numbers."""
        if self.colouring == "marks":
            return self.marks or [""] * self.array.size
        numbers = written(self.array, self.panel.box[2] / self.array.shape[1])
        return [
            mark or text
            for mark, text in zip(self.marks or [""] * self.array.size, numbers, strict=True)
        ]


def shown_on(panel: Panel, maps: Mapping[str, Map]) -> Shown:
    """What a panel shows of the maps; gradients that are hidden as the guesses at them."""
    here = maps[panel.prefix]
    if panel.kind == "values":
        return Shown(panel, here, here.values, "values", _top(here, "values", maps) or 1.0)
    if here.gradients is None:
        marks = np.zeros(here.values.shape) if here.marks is None else here.marks
        texts = np.where(marks, "≠", "?").ravel().tolist()
        return Shown(panel, here, marks.astype(np.float64), "marks", 1.0, texts)
    top = max(_top(here, "gradients", maps), LEAST_TOP)
    if here.marks is None or here.right is None:
        return Shown(panel, here, here.gradients, "gradients", top)
    answers = np.where(here.right, np.where(here.marks, "✓", ""), "✗").ravel().tolist()
    return Shown(panel, here, here.gradients, "gradients", top, answers)


def _top(here: Map, kind: str, maps: Mapping[str, Map]) -> float:
    """The largest number of all maps of a letter, which share their colours."""
    arrays = [getattr(each, kind) for each in maps.values() if each.letter == here.letter]
    return max(float(np.abs(array).max()) for array in arrays if array is not None)
