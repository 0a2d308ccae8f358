"""The numbers in the cells of maps, where there is room for them."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import numpy as np

from engine.arrays import Array, Mask
from pages.figures.arrangement import Box, Drawing, Point, text_trace
from pages.figures.theme import Palette
from pages.figures.words import MINUS, number

SIZE: Final = 18
LEAST: Final = 26.0
"""A cell that is smaller has no number."""
_WIDTHS: Final = {".": 5.0, MINUS: 10.5, "e": 10.0}
"""Of characters at that size; a digit has the last one's."""


class Numbers(NamedTuple):
    """What stands in a box: the numbers, which of them on something dark, which at all."""

    box: Box
    array: Array
    dark: Mask
    shown: Mask


def has_room(box: Box, columns: int) -> bool:
    """Whether cells of this map may have numbers."""
    return box[2] / columns >= LEAST


def number_traces(shown: Iterable[Numbers], palette: Palette) -> list[Drawing]:
    """The numbers of maps in two traces, one for light cells and one for dark ones.

    So each trace has one colour, and a sweep need not repeat any.
    """
    points: list[Point] = []
    on_light: list[str] = []
    on_dark: list[str] = []
    for box, array, dark, there in shown:
        points += middles(box, *array.shape)
        texts = np.reshape(_texts(array, box[2] / array.shape[1]), array.shape)
        texts = np.where(there, texts, "")
        on_light += np.where(dark, "", texts).ravel().tolist()
        on_dark += np.where(dark, texts, "").ravel().tolist()
    black, white = sorted((palette.ink, palette.paper))
    return [text_trace(points, on_light, SIZE, black), text_trace(points, on_dark, SIZE, white)]


def middles(box: Box, rows: int, columns: int) -> list[Point]:
    """The middle of each cell, row by row."""
    left, top, width, height = box
    across, down = width / columns, height / rows
    return [
        (round(left + (column + 0.5) * across, 1), round(top + (row + 0.5) * down, 1))
        for row in range(rows)
        for column in range(columns)
    ]


def _texts(array: Array, room: float) -> list[str]:
    """All with as many decimals as fit into every cell; none at all where not even one does."""
    for written in _WAYS:
        texts = [written(float(value)) for value in array.flat]
        if max(map(_width, texts)) <= room - 2:
            return texts
    return [""] * array.size


def _rounded(decimals: int) -> Callable[[float], str]:
    return lambda value: _short(number(round(value, decimals)))


def _short(text: str) -> str:
    """Without the 0 before a point."""
    return text.replace("0.", ".", 1) if text.removeprefix(MINUS).startswith("0.") else text


_WAYS: Final = (number, lambda value: _short(number(value)), _rounded(2), _rounded(1))


def _width(text: str) -> float:
    return sum(_WIDTHS.get(sign, _WIDTHS["e"]) for sign in text)
