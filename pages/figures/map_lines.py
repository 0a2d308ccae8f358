"""Lines on maps: the frame around one, the border around some of its cells."""

import numpy as np

from engine.arrays import Mask
from pages.figures.arrangement import Box, Drawing, Point, line_trace
from pages.figures.theme import Palette

HALO = 4
"""How much of the paper is seen beside a border, so that it shows on any colour."""


def corners(box: Box) -> list[Point]:
    """From the upper left one round to the lower left one."""
    left, top = round(box[0], 1), round(box[1], 1)
    right, bottom = round(box[0] + box[2], 1), round(box[1] + box[3], 1)
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def frame(box: Box) -> list[Point | None]:
    """Around all of a map."""
    around = corners(box)
    return [*around, around[0], None]


def lattice(box: Box, rows: int, columns: int) -> list[Point | None]:
    """Between the cells of a map."""
    (left, top), _, (right, bottom), _ = corners(box)
    points: list[Point | None] = []
    for column in range(1, columns):
        x = round(box[0] + column * box[2] / columns, 1)
        points += [(x, top), (x, bottom), None]
    for row in range(1, rows):
        y = round(box[1] + row * box[3] / rows, 1)
        points += [(left, y), (right, y), None]
    return points


def border(box: Box, mask: Mask) -> list[Point | None]:
    """Between the cells that a mask (rows, columns) marks and the others: lines with gaps."""
    left, top, width, height = box
    rows, columns = mask.shape
    around = np.pad(mask, 1)
    across = around[1:, 1:-1] != around[:-1, 1:-1]
    down = around[1:-1, 1:] != around[1:-1, :-1]
    lines = [((row, start), (row, stop)) for row, start, stop in _runs(across)]
    lines += [((start, column), (stop, column)) for column, start, stop in _runs(down.T)]
    return [
        point
        for ends in lines
        for point in (
            *(
                (round(left + column * width / columns, 1), round(top + row * height / rows, 1))
                for row, column in ends
            ),
            None,
        )
    ]


def _runs(edges: Mask) -> list[tuple[int, int, int]]:
    """Neighbours in a row as one: its number, where it starts, behind where it stops."""
    steps = np.diff(np.pad(edges, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, stops = np.argwhere(steps == 1).tolist(), np.argwhere(steps == -1).tolist()
    return [(row, start, stop) for (row, start), (_, stop) in zip(starts, stops, strict=True)]


def borders(
    points: list[Point | None], width: float, colour: str, palette: Palette
) -> list[Drawing]:
    """The lines, and beneath them the same in the paper's colour, wider."""
    return [line_trace(points, width + HALO, palette.paper), line_trace(points, width, colour)]
