"""Draw arrays as heat maps: coloured cells, the numbers in them, and the lines between them.

Also pack arrays for the browser, which states the numbers of single cells.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from math import ceil, copysign, floor, frexp, log2
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.arrays import Array, Mask, once
from pages.figures.primitives import Box, Drawing, Point, corners, line_trace, outlines
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE, Palette, Theme
from pages.figures.words import ENDLESS, MINUS, number

Colouring: TypeAlias = Literal["values", "gradients", "marks"]
"""values: paper at 0, ink above, another colour below. gradients: grey at exactly 0, orange above,
blue below. marks: 1 is marked, 0 is not."""

MIDDLE: Final = 31  # the index of the colour of 0: there are as many colours on either side of it
BETWEEN: Final = 2 * MIDDLE + 1  # the index of the colour between tiles, after those of all levels
FAINTEST: Final = 0.3  # the strength from which the colours of nonzero gradients rise
PALE: Final[dict[Colouring, float]] = {"values": 0.55, "gradients": 0.75, "marks": 0.55}
"""The strength of the colours of maps whose cells contain numbers, which are written in ink."""

EXACT_FROM: Final = 100
"""From this many cells in a row on, cell sizes have one more decimal: rounding errors add up."""

NUMBER_SIZE: Final = 18  # the size of the numbers in cells
LEAST_CELL: Final = 25.0  # a cell that is smaller has no number
NO_NUMBER: Final = " "
"""The text of a cell whose number does not fit: it keeps the text's place, and so sweeps short."""
_WIDTHS: Final = {".": 5.2, MINUS: 13.6, **dict.fromkeys(ENDLESS.values(), 16.6)}
"""The widths of characters at NUMBER_SIZE, in Arial or in DejaVu Sans Condensed."""
_DIGIT: Final = 10.3  # the width of a digit, and of any other character

SPACIOUS: Final = 18  # cells with a side of at least this many pixels have lines between them
LEAST_POWER: Final = -1074  # the least power of 2 that is not rounded to 0 as a float64
HALO: Final = 4
"""How much wider the paper-coloured line beneath a border is, so that it shows on any colour."""


def data_uri(pixels: NDArray[np.uint8], colours: Sequence[str]) -> str:
    """A PNG as a data URI. pixels (rows, columns): indices of colours like "#D55E00", at most 256.

    Its palette has only the colours in use, so that few colours take few bits a pixel.
    """
    return _data_uri(pixels.tobytes(), pixels.shape[1], tuple(colours))


@lru_cache(maxsize=256)  # most maps are the same in the next picture too
def _data_uri(pixels: bytes, columns: int, colours: tuple[str, ...]) -> str:
    used = bytes(sorted(set(pixels)))
    index = pixels.translate(bytes.maketrans(used, bytes(range(len(used)))))
    picture = Image.frombytes("P", (columns, len(pixels) // columns), index)
    picture.putpalette(b"".join(bytes.fromhex(colours[number][1:]) for number in used))
    png = BytesIO()
    picture.save(png, "PNG", compress_level=9)
    return f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"


def heat_map(
    array: Array, box: Box, top: float, theme: Theme, colouring: Colouring, *, pale: bool
) -> Drawing:
    """Draw the numbers of an array (rows, columns) as coloured cells in a box.

    top: the number that has the last colour; −top has the first.
    """
    return image(levels(array, top), box, colours(theme, colouring, pale=pale))


def image(pixels: NDArray[np.uint8], box: Box, shades: Sequence[str]) -> Drawing:
    """Draw pixels (rows, columns), each the index of a shade, as cells that fill a box."""
    left, upper, width, height = box
    across, down = width / pixels.shape[1], height / pixels.shape[0]
    digits = 3 if max(pixels.shape) < EXACT_FROM else 4
    return {
        "type": "image",
        "source": data_uri(pixels, shades),
        "x0": round(left + across / 2, 3),
        "dx": round(across, digits),
        "y0": round(upper + down / 2, 3),
        "dy": round(down, digits),
        "hoverinfo": "skip",
        "visible": True,
    }


def largest(array: Array) -> float:
    """The largest absolute value, which has the last colour; 1 if all entries are 0."""
    return float(np.abs(array).max()) or 1.0


def levels(array: Array, top: float) -> NDArray[np.uint8]:
    """The colour index of each number: 0 for −top, MIDDLE for exactly 0 alone, 2·MIDDLE for top."""
    part, power = frexp(top)  # dividing by `part` is safe, however small the top is
    sizes = np.ceil(np.abs(np.ldexp(array, -power)) * (MIDDLE / part))
    return np.asarray(MIDDLE + np.sign(array) * np.clip(sizes, 1, MIDDLE), dtype=np.uint8)


@cache
def colours(theme: Theme, colouring: Colouring, *, pale: bool) -> tuple[str, ...]:
    """A colour for each level."""
    palette = PALETTES[theme]
    zero, below, above, faintest = {
        "values": (palette.paper, palette.map_below, palette.ink, 0.0),
        "gradients": (palette.map_zero, NEGATIVE, POSITIVE, FAINTEST),
        "marks": (palette.fill_unknown, palette.fill_unknown, palette.muted, 0.0),
    }[colouring]
    full = PALE[colouring] if pale else 1.0
    parts = [full * (faintest + (1 - faintest) * i / MIDDLE) for i in range(1, MIDDLE + 1)]
    return (
        *(_between(zero, below, part) for part in reversed(parts)),
        zero,
        *(_between(zero, above, part) for part in parts),
    )


def _between(start: str, end: str, part: float) -> str:
    """The colour at this fraction of the way from start to end."""
    pairs = zip(bytes.fromhex(start[1:]), bytes.fromhex(end[1:]), strict=True)
    return "#" + "".join(f"{round(a + part * (b - a)):02X}" for a, b in pairs)


def has_room(cell: float, size: int) -> bool:
    """Whether cells of this width are large enough for numbers of this text size."""
    return cell >= LEAST_CELL * size / NUMBER_SIZE


@lru_cache(maxsize=256)  # maps stay in place, whatever moves
def cell_middles(box: Box, rows: int, columns: int) -> list[Point]:
    """The middle of each cell, row by row."""
    left, top, width, height = box
    across, down = width / columns, height / rows
    return [
        (round(left + (column + 0.5) * across, 1), round(top + (row + 0.5) * down, 1))
        for row in range(rows)
        for column in range(columns)
    ]


def cell_numbers(array: Array, room: float) -> list[str]:
    """The numbers of all cells with as many decimals as fit into every cell; blank if none fit.

    Only an exact zero is written as 0; another number that rounds to 0 is ≈0.
    """
    return _number_texts(tuple(map(float, array.ravel().tolist())), room)


@lru_cache(maxsize=256)  # most maps are the same in the next picture too
def _number_texts(values: tuple[float, ...], room: float) -> list[str]:
    for write in _WAYS:
        texts = [*map(write, values)]
        if max(map(_width, texts)) <= room - 2:
            return [
                "≈0" if text == "0" and value else text
                for text, value in zip(texts, values, strict=True)
            ]
    return [NO_NUMBER] * len(values)


def _rounded(decimals: int) -> Callable[[float], str]:
    steps = 10.0**decimals
    # Halves are rounded away from 0: 0.25 becomes .3, while round() would give .2.
    return lambda value: _short(number(copysign(floor(abs(value) * steps + 0.5) / steps, value)))


def _short(text: str) -> str:
    """The text without the 0 before its decimal point."""
    return text.replace("0.", ".", 1) if text.removeprefix(MINUS).startswith("0.") else text


_WAYS: Final = (number, lambda value: _short(number(value)), _rounded(2), _rounded(1))


@lru_cache(maxsize=4096)
def _width(text: str) -> float:
    return sum(_WIDTHS.get(sign, _DIGIT) for sign in text)


@lru_cache(maxsize=256)
def frame(box: Box) -> list[Point | None]:
    """The line around a map."""
    return [*corners(box), None]


@lru_cache(maxsize=256)
def lattice(box: Box, rows: int, columns: int) -> list[Point | None]:
    """The lines between the cells of a map."""
    (left, top), _, (right, bottom), *_ = corners(box)
    points: list[Point | None] = []
    for column in range(1, columns):
        x = round(box[0] + column * box[2] / columns, 1)
        points += [(x, top), (x, bottom), None]
    for row in range(1, rows):
        y = round(box[1] + row * box[3] / rows, 1)
        points += [(left, y), (right, y), None]
    return points


def border(box: Box, mask: Mask) -> list[Point | None]:
    """The lines between the cells that a mask (rows, columns) marks and all others."""
    (left, top, width, height), (rows, columns) = box, mask.shape
    return [
        at and (round(left + at[0] * width / columns, 1), round(top + at[1] * height / rows, 1))
        for at in _outline(mask.tobytes(), rows, columns)
    ]


@lru_cache(maxsize=256)  # the maps of one array are mostly marked alike
def _outline(mask: bytes, rows: int, columns: int) -> list[tuple[int, int] | None]:
    """The ends of these lines, counted in cells, with gaps between the lines."""
    around = np.pad(np.frombuffer(mask, np.bool_).reshape(rows, columns), 1)
    across = around[1:, 1:-1] != around[:-1, 1:-1]
    down = around[1:-1, 1:] != around[1:-1, :-1]
    points: list[tuple[int, int] | None] = []
    for row, start, stop in _runs(across):
        points += [(start, row), (stop, row), None]
    for column, start, stop in _runs(down.T):
        points += [(column, start), (column, stop), None]
    return points


def _runs(edges: Mask) -> list[tuple[int, int, int]]:
    """The runs of adjacent edges in each row: (row, start, stop), with stop excluded."""
    steps = np.diff(np.pad(edges, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, stops = np.argwhere(steps == 1).tolist(), np.argwhere(steps == -1).tolist()
    return [(row, start, stop) for (row, start), (_, stop) in zip(starts, stops, strict=True)]


def borders(
    points: list[Point | None], width: float, colour: str, palette: Palette
) -> list[Drawing]:
    """Draw lines, and beneath them wider ones in the paper's colour."""
    return [line_trace(points, width + HALO, palette.paper), line_trace(points, width, colour)]


@dataclass(frozen=True, eq=False)  # a cache key in every picture; each belongs to one layout
class Mosaic:
    """The positions of square tiles of one size, row by row."""

    at: Point  # the upper left corner
    columns: int  # of tiles
    rows: int  # of tiles
    tile: int  # the cells along a tile's side
    cell: float  # a cell's width in pixels
    gap: tuple[int, int]  # the cells between two tiles, across and down

    @once
    def pitch(self) -> Point:
        """The distance from one tile to the next, across and down, in pixels."""
        across, down = self.gap
        return (self.tile + across) * self.cell, (self.tile + down) * self.cell

    @once
    def boxes(self) -> list[Box]:
        """Each tile's box, in pixels."""
        (left, top), side, (across, down) = self.at, self.tile * self.cell, self.pitch
        return [
            (left + column * across, top + row * down, side, side)
            for row in range(self.rows)
            for column in range(self.columns)
        ]

    @once
    def box(self) -> Box:
        """The box around all tiles."""
        rows, columns = self._cells
        return *self.at, columns * self.cell, rows * self.cell

    @once
    def _cells(self) -> tuple[int, int]:
        across, down = self.gap
        return self.rows * (self.tile + down) - down, self.columns * (self.tile + across) - across

    def joined(self, tiles: Sequence[NDArray[Any]], between: float) -> NDArray[Any]:
        """One array with all tiles, each (side, side), and `between` in all other cells.

        A side must divide `tile`; a number then fills several cells.
        """
        whole = np.full(self._cells, between, tiles[0].dtype if tiles else None)
        across, down = (self.tile + gap for gap in self.gap)
        for at, tile in enumerate(tiles[: self.rows * self.columns]):
            row, column = divmod(at, self.columns)
            times = self.tile // len(tile)
            place = whole[row * down :, column * across :][: self.tile, : self.tile]
            place[:] = tile.repeat(times, axis=0).repeat(times, axis=1)
        return whole

    def drawn(self, tiles: Sequence[Array], top: float, theme: Theme) -> Drawing:
        """Draw the tiles' numbers in colours, missing tiles as paper; `top` has the last colour."""
        return heat_map(self.joined(tiles, 0), self.box, top, theme, "values", pale=False)

    def frames(self, colour: str) -> Drawing:
        """Draw a line around each tile."""
        return line_trace(outlines(self.boxes), 1.5, colour)


@dataclass(frozen=True)
class Packed:
    """An array row by row, as whole numbers that are to be multiplied by `scale`."""

    size: int  # the bytes of a number
    data: str  # in base 64
    scale: float
    words: tuple[str, ...] = ()  # the texts that stand for 0, 1, …; () for the numbers themselves


def pack(array: Array, words: tuple[str, ...] = ()) -> Packed:
    """Pack an array with a scale of 2^k, in one, two or four bytes a number.

    These are the fewest bytes that hold every number exactly; four may round. A nonzero number is
    never packed as 0.
    """
    top = largest(array)
    size = next((size for size in (1, 2) if _is_exact(array, _scale(top, size))), 4)
    scale = _scale(top, size)
    whole = np.round(array / scale)
    whole = np.where((whole == 0) & (array != 0), np.sign(array), whole)
    data = base64.b64encode(whole.astype(f"<i{size}").tobytes()).decode()
    return Packed(size, data, scale, words)


def pack_words(texts: Sequence[str]) -> Packed:
    """Pack a text for each place."""
    words, places = np.unique(texts, return_inverse=True)
    return pack(places.astype(np.float64), (*words.tolist(),))


def _scale(top: float, size: int) -> float:
    """The least power of 2 whose multiples, counted in this many bytes, reach the top."""
    part, power = frexp(top)
    return 2.0 ** max(LEAST_POWER, power + ceil(log2(part / (2 ** (8 * size - 1) - 1))))


def _is_exact(array: Array, scale: float) -> bool:
    return np.array_equal(np.round(array / scale) * scale, array)
