"""Many small pictures as one: tiles in rows, with gaps between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from pages.figures.arrangement import Box, Drawing, Point, line_trace
from pages.figures.heat import heat_map
from pages.figures.theme import Theme


@dataclass(frozen=True)
class Mosaic:
    """Where tiles lie: all of one size, row by row.

    at: the left upper corner. tile: how many cells one has, along either side; cell: a cell's
    width in pixels. gap: the cells between two tiles, across and down.
    """

    at: Point
    columns: int
    rows: int
    tile: int
    cell: float
    gap: tuple[int, int]

    @property
    def boxes(self) -> list[Box]:
        """Each tile's box, in pixels."""
        (left, top), side = self.at, self.tile * self.cell
        across, down = ((self.tile + gap) * self.cell for gap in self.gap)
        return [
            (left + column * across, top + row * down, side, side)
            for row in range(self.rows)
            for column in range(self.columns)
        ]

    def drawn(self, tiles: Sequence[Array], top: float, theme: Theme) -> Drawing:
        """The tiles' numbers, each an array (side, side), in colours; missing ones are paper.

        A side must go into `tile`: a number then fills several cells. top: the number of the last
        colour.
        """
        across, down = (self.tile + gap for gap in self.gap)
        whole = np.zeros((self.rows * down - self.gap[1], self.columns * across - self.gap[0]))
        for at, tile in enumerate(tiles[: self.rows * self.columns]):
            row, column = divmod(at, self.columns)
            times = self.tile // len(tile)
            place = whole[row * down :, column * across :][: self.tile, : self.tile]
            place[:] = np.kron(tile, np.ones((times, times)))
        (left, upper), cell = self.at, self.cell
        box = (left, upper, whole.shape[1] * cell, whole.shape[0] * cell)
        return heat_map(whole, box, top, theme, "values", pale=False)

    def frames(self, count: int, colour: str) -> Drawing:
        """A line around each of the first tiles."""
        points: list[Point | None] = []
        for left, top, width, height in self.boxes[:count]:
            right, bottom = left + width, top + height
            points += [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
            points.append(None)
        return line_trace(points, 1.5, colour)
