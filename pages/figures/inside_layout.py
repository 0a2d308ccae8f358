"""Where everything lies on the picture of a network: the image, the maps, the classes, one large.

A stage's maps are tiles of one mosaic. Convolution n's maps stand in rows, so that the first
filter, what it makes, and what ReLU and pool make of that are beside each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Final

from pages.figures.arrangement import Arrangement, Box, Point
from pages.figures.heat_maps import Mosaic

WIDTH: Final = 1600.0
HEIGHT: Final = 710.0
TITLE: Final = 18.0
UNDER: Final = 50.0
"""Where titles are, and what stands under them."""
TOP: Final = 74.0
"""Where pictures begin."""
DOWN: Final = 560.0
"""How far the tiles go down."""
COUNTS: Final = (650.0, 674.0)
NONZERO: Final = (294.0, 663.0)
"""Where the counts of nonzero gradients are, and what says so."""
LEGEND: Final = 698.0
X: Final[Box] = (10.0, TOP, 270.0, 270.0)
X_GRADIENT: Final[Box] = (10.0, TOP + 290.0 + 12, 270.0, 270.0)
STAGES: Final = (304.0, 1258.0)
"""From where to where the stages may go."""
RIGHT: Final = (1284.0, 1590.0)
BAR_TOP: Final = 92.0
BAR: Final = 25.0
"""From one class to the next."""
SLIDER: Final = (RIGHT[0] + 112, 362.0, 194.0)
"""That of the learning rate: where it begins, its middle, its width."""
RATE: Final = (RIGHT[0] + 52, 362.0)
LARGE_SIDE: Final = 268.0
LARGE: Final[Box] = (1303.0, 406.0, LARGE_SIDE, LARGE_SIDE)
LEAST_TILE: Final = 12
"""Pixels of a tile's picture: smaller maps are enlarged, so that a gap of one is no wide one."""
FILTER_SIDE: Final = 3
"""Maps of so many rows or less are filters."""
MOST_IN_ROWS: Final = 16
"""More maps than these stand in rows of half the height."""


@dataclass(frozen=True)
class StageShape:
    """The maps of one stage: how they are called, how many they are, how large.

    letter: as entries have it; title: what made them; written: the letter as it is written.
    """

    letter: str
    title: str
    written: str
    channels: int
    side: int


@dataclass(frozen=True)
class InsideLayout(Arrangement):
    """mosaics: by letter where a stage's tiles are."""

    mosaics: tuple[tuple[StageShape, Mosaic], ...] = ()

    @cached_property
    def tiles(self) -> dict[str, list[Box]]:
        """Where each map is, by letter; the image has no tile."""
        return {shape.letter: mosaic.boxes[: shape.channels] for shape, mosaic in self.mosaics}

    def across(self, letter: str) -> float:
        """The middle of a stage."""
        boxes = self.tiles[letter]
        return (boxes[0][0] + max(box[0] + box[2] for box in boxes)) / 2


def inside_layout(shapes: Sequence[StageShape]) -> InsideLayout:
    """Where everything lies; shapes: of all stages but the image."""
    rows = [_rows(shape) for shape in shapes]
    columns = [ceil(shape.channels / row) for shape, row in zip(shapes, rows, strict=True)]
    left, right = STAGES
    sizes = zip(shapes, rows, columns, strict=True)
    parts = [_part(shape) * column / row for shape, row, column in sizes]
    least = 18.0
    down = min(DOWN, (right - left - least * (len(shapes) - 1)) / sum(parts))
    gap = (right - left - down * sum(parts)) / max(1, len(shapes))
    gap = min(gap, 60.0)
    left += (right - left - down * sum(parts) - gap * (len(shapes) - 1)) / 2
    mosaics = []
    for shape, row, column, part in zip(shapes, rows, columns, parts, strict=True):
        mosaics.append((shape, _mosaic(shape, (left, TOP), row, column, down / row)))
        left += part * down + gap
    return InsideLayout(WIDTH, HEIGHT, {}, (), {}, mosaics=tuple(mosaics))


def bar_box(digit: int) -> Box:
    """A class's row."""
    return RIGHT[0], BAR_TOP + digit * BAR, RIGHT[1] - RIGHT[0], BAR


def cell_box(box: Box, side: int, row: int, column: int) -> Box:
    """A cell of a map in this box."""
    cell = box[2] / side
    return box[0] + column * cell, box[1] + row * cell, cell, cell


def middle(box: Box) -> Point:
    """Of a box."""
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def _rows(shape: StageShape) -> int:
    if shape.channels == 10:  # one for each class
        return 5
    return 8 if shape.channels <= MOST_IN_ROWS else MOST_IN_ROWS


def _part(shape: StageShape) -> float:
    """How wide a tile is, of its height."""
    return 0.72 if shape.side <= FILTER_SIDE and shape.title == "Filters" else 1.0


def _mosaic(shape: StageShape, at: Point, rows: int, columns: int, pitch: float) -> Mosaic:
    times = max(1, -(-LEAST_TILE // shape.side))
    tile = times * shape.side
    across = max(1, round(tile / 13))
    if _part(shape) < 1:  # as far apart as the maps that the filters make
        cell = pitch / (1.5 * tile)
        return Mosaic(at, columns, rows, tile, cell, (across, tile // 2))
    return Mosaic(at, columns, rows, tile, pitch / (tile + across), (across, across))
