"""Draw arrays with too many entries for cells: as tiled heat maps, with one edge per array pair."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import log, prod
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from pages.figures.edges import arrow, behind, ends, filled
from pages.figures.heat_maps import BETWEEN, Colouring, colours, image, largest, levels
from pages.figures.info import Cell, Edge, GraphInfo
from pages.figures.layout import Layout, View
from pages.figures.primitives import Box, Drawing, Point, line_trace, outlines
from pages.figures.theme import PALETTES, Palette

LEAST_WIDTH: Final = (5.0, 1.0)
"""The least width of a cell, if an array has one row and if it has several; a row whose cells
would be narrower is wrapped into lines."""


class Tile(NamedTuple):
    """Consecutive cells of an array, in rows and columns in a box."""

    first: int  # the position of the first cell in the array
    rows: int
    columns: int
    box: Box
    prefix: str  # what the cells' names begin with
    lined: bool
    """Whether the tile is one row of the array, in one or more lines; a cell is then named by its
    position in that row, otherwise by its row and column."""

    @property
    def size(self) -> int:
        """The number of cells."""
        return self.rows * self.columns

    def boxes(self, places: Iterable[int]) -> list[Box]:
        """The boxes of the cells at these positions in the array that belong to this tile."""
        own = (place - self.first for place in places)
        return [self._cell(at) for at in own if 0 <= at < self.size]

    def _cell(self, at: int) -> Box:
        left, top, width, height = self.box
        row, column = divmod(at, self.columns)
        wide, tall = width / self.columns, height / self.rows
        return left + wide * column, top + tall * row, wide, tall


class Grid(NamedTuple):
    """Tiles of one size in a box, one cell apart."""

    box: Box
    across: int  # the number of tiles side by side
    down: int  # the number of tiles one beneath another
    rows: int  # of a tile
    columns: int  # of a tile

    @property
    def cells(self) -> tuple[int, int]:
        """The number of cells down and across, including those between tiles."""
        return self.down * (self.rows + 1) - 1, self.across * (self.columns + 1) - 1

    def at(self, tile: int) -> tuple[int, int]:
        """The row and the column at which a tile begins."""
        row, column = divmod(tile, self.across)
        return row * (self.rows + 1), column * (self.columns + 1)

    def tile(self, tile: int) -> Box:
        """The box of a tile."""
        left, top, width, height = self.box
        (row, column), (rows, columns) = self.at(tile), self.cells
        wide, tall = width / columns, height / rows
        return left + wide * column, top + tall * row, wide * self.columns, tall * self.rows

    def squared(self) -> "Grid":
        """The same grid with square cells, centred in the box."""
        left, top, width, height = self.box
        rows, columns = self.cells
        side = min(width / columns, height / rows)
        wide, tall = side * columns, side * rows
        box = (left + (width - wide) / 2, top + (height - tall) / 2, wide, tall)
        return self._replace(box=box)


@dataclass(frozen=True)
class ArrayMap:
    """An array drawn as two heat maps: its cells, and the boxes for its values and gradients."""

    cells: Sequence[Cell]
    values: Box
    gradients: Box

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The extent of each axis that the entries' names count; () for a scalar."""
        *_, last = self.cells
        counted = last.entry.removeprefix(last.letter).removeprefix(".")
        return tuple(map(int, counted.split(","))) if counted else ()

    def grid(self, box: Box) -> tuple[Grid, bool]:
        """The grid of the array's tiles in a box, and whether the tiles are `lined`."""
        return _grid(self.shape, box)

    def tiles(self, box: Box) -> list[Tile]:
        """The array's tiles in a box, with the cells that each contains."""
        grid, lined = self.grid(box)
        size = grid.rows * grid.columns
        ending = "1" if lined else "1,1"
        return [
            Tile(
                at * size,
                grid.rows,
                grid.columns,
                grid.tile(at),
                self.cells[at * size].entry.removesuffix(ending),
                lined,
            )
            for at in range(len(self.cells) // size)
        ]

    @property
    def known(self) -> str:
        """What is known of the cells, the same for all."""
        return self.cells[0].known

    @cached_property
    def marked(self) -> bool:
        """Whether the user's marks, or a class's votes, are shown instead of the gradients."""
        return self.known == "value" and any(map(_is_asked, self.cells))

    @cached_property
    def asked(self) -> list[int]:
        """The positions of the cells that a question is about; [] if it is about all of them."""
        found = [at for at, cell in enumerate(self.cells) if _is_asked(cell)]
        return found if len(found) < len(self.cells) else []

    @property
    def voted(self) -> bool:
        """Whether the share of a class that marks each cell is shown."""
        return any(cell.shares is not None for cell in self.cells)

    @cached_property
    def numbers(self) -> tuple[Array, Array]:
        """The values, and the gradients or the marks; 0 for anything not known."""
        values = [0.0 if cell.known == "nothing" else cell.value for cell in self.cells]
        if self.marked:
            shown = [_marks(cell) for cell in self.cells]
        else:
            shown = [cell.grad if cell.known == "gradient" else 0.0 for cell in self.cells]
        return np.array(values), np.array(shown)


def _is_asked(cell: Cell) -> bool:
    """Whether the user, or a class, is asked to mark a cell."""
    return cell.guess is not None or cell.shares is not None


def _marks(cell: Cell) -> float:
    """The share (0 to 1) of those asked who mark a cell."""
    return cell.shares[-1] if cell.shares else float(bool(cell.guess))


@lru_cache(maxsize=1024)  # a sweep asks for the same grids in every frame
def _grid(shape: tuple[int, ...], box: Box) -> tuple[Grid, bool]:
    """The tiles of an array, images side by side or rows wrapped if too long; and `Tile.lined`."""
    *lead, rows, columns = (1, 1, *shape)
    _, _, width, height = box
    if len(shape) > 2:
        count = prod(lead)
        grids = (
            Grid(box, across, -(-count // across), rows, columns).squared()
            for across in range(1, count + 1)
        )
        return max(grids, key=lambda grid: grid.box[2] / grid.cells[1]), False
    of_one_row, of_several = LEAST_WIDTH
    if width / columns < (of_several if rows > 1 else of_one_row):
        return Grid(box, 1, rows, *_in_lines(columns, width, height / rows)), True
    return Grid(box, 1, 1, rows, columns), len(shape) == 1


def _in_lines(count: int, width: float, height: float) -> tuple[int, int]:
    """The lines and columns of a wrapped row, its cells as square as full lines allow."""
    divisors = [n for n in range(1, count + 1) if count % n == 0]
    squarest = min(divisors, key=lambda n: abs(log(width / n) - log(height * n / count)))
    return count // squarest, squarest


def apart(info: GraphInfo, layout: Layout) -> tuple[GraphInfo, list[ArrayMap], list[Edge]]:
    """Split a graph: the part drawn as cells, the heat maps, and the edges between whole arrays."""
    if not (layout.maps or layout.unlinked):
        return info, [], []
    cells: dict[str, list[Cell]] = {letter: [] for letter in layout.maps}
    alone: dict[str, Cell] = {}
    for entry, cell in info.cells.items():
        if cell.letter in cells:
            cells[cell.letter].append(cell)
        else:
            alone[entry] = cell
    between = [edge for edge in info.edges if {edge.tail, edge.head} & cells.keys()]
    left = replace(
        info,
        cells=alone,
        edges=tuple(
            edge
            for edge in info.edges
            if edge.tail in alone
            and edge.head in alone
            and alone[edge.tail].letter not in layout.unlinked
        ),
        gates=tuple(gate for gate in info.gates if alone[gate.tail].letter not in layout.unlinked),
    )
    maps = [ArrayMap(cells[letter], *boxes) for letter, boxes in layout.maps.items()]
    return left, maps, [edge for edge in between if edge.tail not in layout.unlinked]


def map_drawings(
    maps: Sequence[ArrayMap], edges: Sequence[Edge], layout: Layout, view: View
) -> list[Drawing]:
    """Draw the heat maps, a frame around each tile, the edges, and borders around marked cells."""
    if not maps:
        return []
    palette = PALETTES[view.theme]
    framed: list[Box] = []
    chosen: list[Box] = []
    asked: list[Box] = []
    split: list[Box] = []
    mistaken: list[Box] = []
    answered = False
    drawn: list[Drawing] = []
    for each in maps:
        values, gradients = each.numbers
        own = [at for at, cell in enumerate(each.cells) if cell.entry == view.entry]
        disputed = [at for at, cell in enumerate(each.cells) if each.marked and cell.split]
        verdicts = [cell.right for cell in each.cells]
        wrong = [at for at, right in enumerate(verdicts) if right is False]
        answered = answered or verdicts.count(None) < len(verdicts)
        halves: list[tuple[Box, Array | None, Colouring]] = [
            (each.values, None if each.known == "nothing" else values, "values"),
            (each.gradients, gradients, "marks")
            if each.marked
            else (each.gradients, gradients if each.known == "gradient" else None, "gradients"),
        ]
        for box, numbers, how in halves:
            drawn.append(_drawn(each.grid(box)[0], numbers, how, view))
            for tile in each.tiles(box):
                framed.append(tile.box)
                chosen += tile.boxes(own)
                asked += tile.boxes(each.asked)
                if how != "values":
                    mistaken += tile.boxes(wrong)
                    split += tile.boxes(disputed)
    thick = max(2.0, 4 * layout.measures.line)
    return [
        *drawn,
        *behind(_edges(edges, layout, palette), layout),
        line_trace(outlines(framed), 0.5 + layout.measures.line, palette.line),
        # The number of traces depends on no value and no step: a sweep lays frames over each other.
        *([line_trace(outlines(mistaken), thick, palette.failed)] if answered else []),
        *([line_trace(outlines(asked), thick / 2, palette.ink)] if asked else []),
        line_trace(outlines(chosen), thick, palette.accent),
        *([line_trace(outlines(split), thick, palette.accent)] if split else []),
    ]


def _drawn(grid: Grid, numbers: Array | None, colouring: Colouring, view: View) -> Drawing:
    """Draw all tiles of an array; the largest number has the last colour.

    numbers: None if they are not computed yet; the tiles are then empty.
    """
    joined: NDArray[np.uint8] = np.full(grid.cells, BETWEEN, np.uint8)
    if numbers is not None:
        top = 1.0 if colouring == "marks" else largest(numbers)
        for at, tile in enumerate(levels(numbers, top).reshape(-1, grid.rows, grid.columns)):
            row, column = grid.at(at)
            joined[row : row + grid.rows, column : column + grid.columns] = tile
    shades = [*colours(view.theme, colouring, pale=False), PALETTES[view.theme].paper]
    return image(joined, grid.box, shades)


def _edges(edges: Sequence[Edge], layout: Layout, palette: Palette) -> list[Drawing]:
    """Draw edges between arrays, in no sign's colour: arrows; dotted for 0; plain if unknown."""
    flowing: list[Sequence[Point]] = []
    plain: list[Point | None] = []
    dotted: list[Point | None] = []
    line = layout.measures.line
    for edge in edges:
        between = ends(layout.columns[edge.tail], layout.columns[edge.head], layout, edge.tail)
        if edge.known == "gradient" and edge.amount:
            flowing += arrow(*between, 3 * line, line)
        else:
            (dotted if edge.known == "gradient" else plain).extend((*between, None))
    return [
        line_trace(plain, 2.5, palette.line),
        line_trace(dotted, 2.5, palette.line, "dot"),
        filled(flowing, palette.muted),
    ]
