"""The numbers in the cells of maps, where there is room for them."""

from collections.abc import Callable
from math import copysign, floor
from typing import Final

from engine.arrays import Array
from pages.figures.arrangement import Box, Point
from pages.figures.words import MINUS, number

SIZE: Final = 18
LEAST: Final = 25.0
"""A cell that is smaller has no number."""
NOTHING: Final = " "
"""Where another number of this map may yet fit: a place for it, so that a sweep stays short."""
_WIDTHS: Final = {".": 5.2, MINUS: 13.6}
_DIGIT: Final = 10.3
"""How wide characters are at that size, in Arial or in DejaVu Sans Condensed."""


def has_room(box: Box, columns: int) -> bool:
    """Whether cells of this map may have numbers."""
    return box[2] / columns >= LEAST


def middles(box: Box, rows: int, columns: int) -> list[Point]:
    """The middle of each cell, row by row."""
    left, top, width, height = box
    across, down = width / columns, height / rows
    return [
        (round(left + (column + 0.5) * across, 1), round(top + (row + 0.5) * down, 1))
        for row in range(rows)
        for column in range(columns)
    ]


def written(array: Array, room: float) -> list[str]:
    """All with as many decimals as fit into every cell; none at all where not even one does."""
    for write in _WAYS:
        texts = [write(float(value)) for value in array.flat]
        if max(map(_width, texts)) <= room - 2:
            return texts
    return [NOTHING] * array.size


def _rounded(decimals: int) -> Callable[[float], str]:
    steps = 10.0**decimals
    # Halves away from 0: 0.25 is .3, where round() makes .2 of it.
    return lambda value: _short(number(copysign(floor(abs(value) * steps + 0.5) / steps, value)))


def _short(text: str) -> str:
    """Without the 0 before a point."""
    return text.replace("0.", ".", 1) if text.removeprefix(MINUS).startswith("0.") else text


_WAYS: Final = (number, lambda value: _short(number(value)), _rounded(2), _rounded(1))


def _width(text: str) -> float:
    return sum(_WIDTHS.get(sign, _DIGIT) for sign in text)
