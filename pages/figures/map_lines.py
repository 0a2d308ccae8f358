"""Lines on maps: the frame around one, the border around some of its cells."""

import numpy as np

from engine.arrays import Mask
from pages.figures.arrangement import Box, Drawing, Point, line_trace
from pages.figures.theme import Palette

HALO = 4
"""How much of the paper is seen beside a border, so that it shows on any colour."""


def frame(box: Box) -> list[Point | None]:
    """Around all of a map."""
    left, top, width, height = box
    right, bottom = left + width, top + height
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top), None]


def border(box: Box, mask: Mask) -> list[Point | None]:
    """Between the cells that a mask (rows, columns) marks and the others: lines with gaps."""
    left, top, width, height = box
    rows, columns = mask.shape
    around = np.pad(mask, 1)

    def at(row: int, column: int) -> Point:
        x, y = left + column * width / columns, top + row * height / rows
        return round(float(x), 1), round(float(y), 1)

    points: list[Point | None] = []
    for row, column in np.argwhere(around[1:, 1:-1] != around[:-1, 1:-1]):
        points += [at(row, column), at(row, column + 1), None]
    for row, column in np.argwhere(around[1:-1, 1:] != around[1:-1, :-1]):
        points += [at(row, column), at(row + 1, column), None]
    return points


def borders(
    points: list[Point | None], width: float, colour: str, palette: Palette
) -> list[Drawing]:
    """The lines, and beneath them the same in the paper's colour, wider."""
    return [line_trace(points, width + HALO, palette.paper), line_trace(points, width, colour)]
