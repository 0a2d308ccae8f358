"""The picture of a one-dimensional convolution: x and its padding, the filters, what they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pages.figures.arrangement import (
    HINT,
    Arrangement,
    Box,
    Drawing,
    Heading,
    Point,
    View,
    line_trace,
    text_trace,
)
from pages.figures.info import plain
from pages.figures.theme import NOTE_SIZE, PALETTES

WIDTH: Final = 1600
X_CENTRE: Final = 385
"""Left of x there is room for its sliders."""
A_BOX: Final = (1308.0, 280.0)
"""The left edge and the width of the outputs' column: −42.3125 has room in a flat cell."""
W_CENTRE: Final = 820
W_CELL: Final = (190.0, 60.0)
W_PITCH: Final = 215
W_TOPS: Final = (36.0, 604.0)
"""The first filter stands above the ways, the second below them."""
MIDDLE: Final = 354.0
"""The middle of both columns: a window lies level with what it makes."""
TALLEST: Final = 456.0
"""How high the outputs' column may be: the ways out of w need room to spread."""
BETWEEN_FILTERS: Final = 12
X_PITCH: Final = (92, 80, 68)
"""From one entry of x to the next, by the padding at each end."""
PADDING_PITCH: Final = 38
UNDER_COLUMNS: Final = 640
DA_PLACE: Final = (A_BOX[0], UNDER_COLUMNS, A_BOX[1])
"""The left end, the level and the width of the slider of an upstream gradient."""
HEIGHTS: Final = (664, 700)
"""For one filter, for two."""


@dataclass(frozen=True)
class Padding:
    """An entry of padding: its box, and the outputs whose windows read it."""

    box: Box
    readers: tuple[str, ...]


@lru_cache(maxsize=64)
def conv_arrangement(
    length: int, weights: tuple[int, ...], output: tuple[int, ...], padding: int, formula: str
) -> Arrangement:
    """Where everything lies for x of this length, w and a of these shapes."""
    middles = _x_middles(length, padding)[padding : padding + length]
    cell = X_PITCH[padding] - 12
    boxes = {
        plain("x", (i,)): _around(X_CENTRE, middle, (190, cell)) for i, middle in enumerate(middles)
    }
    boxes |= _w_boxes(weights) | _a_boxes(output)
    return Arrangement(
        width=WIDTH,
        height=HEIGHTS[len(weights) == 2],
        boxes=boxes,
        headings=[
            Heading((X_CENTRE, 28), "input", "x"),
            Heading((A_BOX[0] + A_BOX[1] / 2, 28), "Conv", formula),
        ],
        counts={"x": (X_CENTRE, UNDER_COLUMNS), "w": (1220, W_TOPS[0] + W_CELL[1] / 2)},
        above="w",
    )


def padding_boxes(length: int, padding: int) -> list[Box]:
    """Where the padding lies: that above x, then that below it."""
    middles = _x_middles(length, padding)
    return [
        _around(X_CENTRE, middle, (190, PADDING_PITCH - 8))
        for middle in (*middles[:padding], *middles[padding + length :])
    ]


def padding_drawings(
    paddings: Sequence[Padding], boxes: Mapping[str, Box], view: View
) -> list[Drawing]:
    """The padding in dashed boxes, and its ways to the windows that read it."""
    palette = PALETTES[view.theme]
    ways: list[Point | None] = []
    chosen: list[Point | None] = []
    outlines: list[Point | None] = []
    for each in paddings:
        left, top, width, height = each.box
        right, bottom = left + width, top + height
        outlines += [(left, top), (right, top), (right, bottom), (left, bottom), (left, top), None]
        for reader in each.readers:
            way = [(right, top + height / 2), (boxes[reader][0], _middle(boxes[reader])[1]), None]
            ways += way
            chosen += way if reader == view.entry else []
    middles = [_middle(each.box) for each in paddings]
    return [
        line_trace(ways, 1.5, palette.hatch),
        line_trace(chosen, 2.5, palette.line, "dot"),
        line_trace(outlines, 1.5, palette.line, "dash"),
        text_trace(middles, ["0 · padding"] * len(middles), NOTE_SIZE, palette.muted),
    ]


def hint(text: str, view: View) -> Drawing:
    """A few words under the outputs."""
    at = (A_BOX[0] + A_BOX[1] / 2, UNDER_COLUMNS)
    drawn = text_trace([at], [text], NOTE_SIZE, PALETTES[view.theme].muted)
    return {**drawn, "meta": HINT}


def _x_middles(length: int, padding: int) -> list[float]:
    """The middles of x and its padding, downwards."""
    pitch = X_PITCH[padding]
    first = MIDDLE - pitch * (length - 1) / 2
    last = MIDDLE + pitch * (length - 1) / 2
    beyond = [(pitch + PADDING_PITCH) / 2 + PADDING_PITCH * k for k in range(padding)]
    return [
        *(first - far for far in reversed(beyond)),
        *(first + pitch * i for i in range(length)),
        *(last + far for far in beyond),
    ]


def _w_boxes(shape: tuple[int, ...]) -> dict[str, Box]:
    filters = shape[0] if len(shape) == 2 else 1
    taps = shape[-1] if shape else 1
    boxes = {}
    for f in range(filters):
        for k in range(taps):
            index = ((f, k) if len(shape) == 2 else (k,)) if shape else ()
            left = W_CENTRE + W_PITCH * (k - (taps - 1) / 2) - W_CELL[0] / 2
            boxes[plain("w", index)] = (left, W_TOPS[f], *W_CELL)
    return boxes


def _a_boxes(shape: tuple[int, ...]) -> dict[str, Box]:
    """One column; under the first filter's outputs those of the second."""
    filters, rows = shape if len(shape) == 2 else (1, shape[0])
    pitch = min(X_PITCH[0], (TALLEST - BETWEEN_FILTERS * (filters - 1)) / (filters * rows))
    height = pitch - (6 if pitch > 40 else 4)
    total = pitch * filters * rows + BETWEEN_FILTERS * (filters - 1)
    boxes = {}
    for f in range(filters):
        for row in range(rows):
            middle = MIDDLE - total / 2 + pitch * (f * rows + row + 0.5) + BETWEEN_FILTERS * f
            index = (f, row) if len(shape) == 2 else (row,)
            boxes[plain("a", index)] = (A_BOX[0], middle - height / 2, A_BOX[1], height)
    return boxes


def _around(x: float, y: float, size: tuple[float, float]) -> Box:
    width, height = size
    return x - width / 2, y - height / 2, width, height


def _middle(box: Box) -> Point:
    left, top, width, height = box
    return left + width / 2, top + height / 2
