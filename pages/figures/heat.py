"""Heat maps: numbers packed for the browser, and the colours they get."""

import base64
from collections.abc import Sequence
from math import ceil, log2
from typing import Any, Final, TypeAlias

import numpy as np

from engine.arrays import Array, Mask
from pages.figures.arrangement import Box, Drawing
from pages.figures.theme import NEGATIVE, POSITIVE, Palette

FAINTEST: Final = 0.3
"""Of a gradient's colour, how much of it the smallest nonzero one gets."""
NEAREST: Final = 2.0**-33
"""How near to the middle of the colours a number is 0: half of the smallest that `pack` keeps."""
SPACIOUS: Final = 18
"""Cells at least so large stand GAP pixels apart."""
GAP: Final = 1
Colours: TypeAlias = list[tuple[float, str]]
"""Places from 0 to 1 in order, and the colour there, as Plotly has them."""


def heat_map(
    name: str,
    array: Array,
    box: Box,
    top: float,
    colours: Colours,
    words: Sequence[str] | None = None,
) -> Drawing:
    """The numbers of an array (rows, columns) as coloured cells in a box.

    top: the number that has the last colour; minus this one has the first. name: by which a grid
    finds the numbers again; they are meta.scale times what the trace holds, or said by `words`.
    """
    left, upper, width, height = box
    rows, columns = array.shape
    packed, scale = pack(array)
    across, down = width / columns, height / rows
    gap = GAP if across >= SPACIOUS else 0
    return {
        "type": "heatmap",
        "name": name,
        "z": packed,
        "meta": {"scale": scale} if words is None else {"scale": scale, "words": list(words)},
        "x0": left + across / 2,
        "dx": across,
        "y0": upper + down / 2,
        "dy": down,
        "zmin": -top / scale,
        "zmax": top / scale,
        "colorscale": colours,
        "showscale": False,
        "hoverinfo": "skip",
        "xgap": gap,
        "ygap": gap,
    }


def pack(array: Array) -> tuple[dict[str, Any], float]:
    """The array as whole numbers, and what they are to be multiplied by, 2^k.

    Of one byte each, of two or of four: the fewest that hold every number exactly, as far as four
    can. A number is never packed as 0 that is not 0.
    """
    top = float(np.abs(array).max()) or 1.0
    for dtype, scale in ((f"i{size}", _scale(top, size)) for size in (1, 2, 4)):  # noqa: B007
        whole = np.round(array / scale)
        if np.array_equal(whole * scale, array):
            break
    whole = np.where((whole == 0) & (array != 0), np.sign(array), whole)
    data = base64.b64encode(whole.astype(f"<{dtype}").tobytes()).decode()
    return {"dtype": dtype, "bdata": data, "shape": ",".join(map(str, array.shape))}, scale


def _scale(top: float, size: int) -> float:
    """The least power of 2 of which so many bytes can count to the top."""
    return 2.0 ** ceil(log2(top / (2 ** (8 * size - 1) - 1)))


def gradient_colours(palette: Palette) -> Colours:
    """Blue below 0, orange above, grey at 0 alone."""
    zero = palette.map_zero
    return [
        (0.0, NEGATIVE),
        (0.5 - NEAREST, between(zero, NEGATIVE, FAINTEST)),
        (0.5 - NEAREST, zero),
        (0.5 + NEAREST, zero),
        (0.5 + NEAREST, between(zero, POSITIVE, FAINTEST)),
        (1.0, POSITIVE),
    ]


def value_colours(palette: Palette) -> Colours:
    """The paper at 0, ink above, another colour below."""
    return [(0.0, palette.map_below), (0.5, palette.paper), (1.0, palette.ink)]


def mark_colours(palette: Palette) -> Colours:
    """For guesses: 1 is marked, 0 is not."""
    return [(0.0, palette.fill_unknown), (0.5, palette.fill_unknown), (1.0, palette.muted)]


def is_dark(array: Array, top: float, colours: Colours) -> Mask:
    """Which cells get a dark colour, so that a light text is read best on them."""
    places = 0.5 + 0.5 * np.clip(array / top, -1, 1)
    at = [place for place, _ in colours]
    channels = np.array([_rgb(colour) for _, colour in colours]) / 255
    mixed = np.stack([np.interp(places, at, channels[:, i]) for i in range(3)], axis=-1)
    linear = np.where(mixed <= 0.04045, mixed / 12.92, ((mixed + 0.055) / 1.055) ** 2.4)
    # Halfway, as contrast goes, between white (1) and black (0).
    return np.asarray(linear @ [0.2126, 0.7152, 0.0722] < 0.179)


def between(start: str, end: str, part: float) -> str:
    """The colour at this part of the way."""
    first, last = _rgb(start), _rgb(end)
    red, green, blue = np.round(first + part * (last - first)).astype(int)
    return f"#{red:02X}{green:02X}{blue:02X}"


def _rgb(colour: str) -> Array:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float64)
