"""Heat maps: arrays as coloured cells."""

import base64
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.arrays import Array
from pages.figures.arrangement import Box, Drawing
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE, Theme

Colouring: TypeAlias = Literal["values", "gradients", "marks"]
"""Values: the paper at 0, ink above, another colour below. Gradients: grey at 0 alone, orange
above, blue below. Marks: 1 is marked, 0 is not."""

MIDDLE: Final = 31
"""The number of the colour of 0: there are as many on either side of it."""
FAINTEST: Final = 0.3
"""Of a gradient's colour, how much the smallest one has that is not 0."""
PALE: Final[dict[Colouring, float]] = {"values": 0.55, "gradients": 0.75, "marks": 0.55}
"""How much of their colours maps have whose cells have numbers, which are written in ink."""


def heat_map(
    array: Array, box: Box, top: float, theme: Theme, colouring: Colouring, *, pale: bool
) -> Drawing:
    """The numbers of an array (rows, columns) as coloured cells in a box.

    top: the number that has the last colour; minus this one has the first.
    """
    left, upper, width, height = box
    across, down = width / array.shape[1], height / array.shape[0]
    return {
        "type": "image",
        "source": data_uri(levels(array, top), colours(theme, colouring, pale=pale)),
        "x0": round(left + across / 2, 3),
        "dx": round(across, 3),
        "y0": round(upper + down / 2, 3),
        "dy": round(down, 3),
        "hoverinfo": "skip",
    }


def data_uri(pixels: NDArray[np.uint8], colours: Sequence[str]) -> str:
    """A PNG of pixels (rows, columns): the numbers of colours like "#D55E00", at most 256 of these.

    Only the colours that are used are in it, so that few of them take few bits a pixel.
    """
    used, index = np.unique(pixels, return_inverse=True)
    picture = Image.fromarray(index.reshape(pixels.shape).astype(np.uint8))
    picture.putpalette(b"".join(bytes.fromhex(colours[number][1:]) for number in used))
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def levels(array: Array, top: float) -> NDArray[np.uint8]:
    """Each number's colour: MIDDLE for 0 and for nothing else, 0 for -top, 2·MIDDLE for top."""
    sizes = np.minimum(np.ceil(np.abs(array) * (MIDDLE / top)), MIDDLE)
    return np.asarray(MIDDLE + np.sign(array) * sizes, dtype=np.uint8)


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
    """The colour at this part of the way."""
    pairs = zip(bytes.fromhex(start[1:]), bytes.fromhex(end[1:]), strict=True)
    return "#" + "".join(f"{round(a + part * (b - a)):02X}" for a, b in pairs)
