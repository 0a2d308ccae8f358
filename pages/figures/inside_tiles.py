"""The maps of a stage as one picture: values, gradients, or the reasons for these."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine import Why
from engine.arrays import Array
from pages.figures.arrangement import Box, Drawing
from pages.figures.heat_maps import MIDDLE, Colouring, Mosaic, colours, data_uri, has_room, levels
from pages.figures.inside_info import Maps, Show
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE, REASON_COLOURS, Theme
from pages.figures.words import REASONS

GAP: Final = 2 * MIDDLE + 1
"""The colour between tiles, behind the levels."""


def tiles(maps: Maps, mosaic: Mosaic, show: Show, theme: Theme) -> Drawing:
    """Every map of a stage."""
    pixels, palette = _pixels(maps, show, theme)
    down, across = (mosaic.tile + gap for gap in reversed(mosaic.gap))
    whole = np.full((mosaic.rows * down, mosaic.columns * across), GAP, np.uint8)
    times = mosaic.tile // pixels.shape[1]
    for at, tile in enumerate(pixels):
        row, column = divmod(at, mosaic.columns)
        place = whole[row * down :, column * across :][: mosaic.tile, : mosaic.tile]
        place[:] = tile.repeat(times, axis=0).repeat(times, axis=1)
    whole = whole[: down * mosaic.rows - mosaic.gap[1], : across * mosaic.columns - mosaic.gap[0]]
    left, top = mosaic.at
    box = (left, top, whole.shape[1] * mosaic.cell, whole.shape[0] * mosaic.cell)
    return _image(whole, box, palette)


def one_map(maps: Maps, channel: int, box: Box, show: Show, theme: Theme) -> Drawing:
    """One map alone, in the colours that it has among the others."""
    # What has numbers in its cells is paler: they are written in ink.
    pale = has_room(box, maps.values.shape[2]) and show != "reasons"
    pixels, palette = _pixels(maps, show, theme, pale=pale)
    return _image(pixels[channel], box, palette)


def reasons_legend(theme: Theme, present: set[int]) -> str:
    """What the colours of the reasons mean, of those that there are."""
    marks = {why: ("■", colour) for why, colour in zip(Why, REASON_COLOURS[theme], strict=True)}
    marks[Why.NOT_COVERED] = ("□", PALETTES[theme].muted)  # which has the paper's colour
    said = (
        _key(mark, colour, REASONS[why])
        for why, (mark, colour) in marks.items()
        if int(why) in present
    )
    return f"{' &nbsp; '.join(said)} &nbsp; · &nbsp; {_borders(theme)}"


def legend(theme: Theme) -> str:
    """What the colours of values and gradients mean."""
    palette = PALETTES[theme]
    keys = {
        "values": {"below 0": palette.map_below, "above 0": palette.ink},
        "gradients": {"below 0": NEGATIVE, "0": palette.map_zero, "above 0": POSITIVE},
    }
    parts = [
        f"{title}: " + " &nbsp;".join(_key("■", colour, key) for key, colour in of.items())
        for title, of in keys.items()
    ]
    return " &nbsp; · &nbsp; ".join([*parts, _borders(theme)])


def _borders(theme: Theme) -> str:
    reads = _key("■", PALETTES[theme].lit, "reads, or is read by, the chosen entry")
    return f"{reads} &nbsp; {_key('━', POSITIVE, 'to who won the window')}"


def _key(mark: str, colour: str, said: str) -> str:
    return f'<span style="color:{colour}">{mark}</span> {said}'


def _pixels(
    maps: Maps, show: Show, theme: Theme, *, pale: bool = False
) -> tuple[NDArray[np.uint8], list[str]]:
    """Each entry's colour by its number, and the colours."""
    paper = PALETTES[theme].paper
    if show == "reasons" and maps.why is not None:
        own = [*REASON_COLOURS[theme]]
        return maps.why.astype(np.uint8), own + [paper] * (GAP + 1 - len(own))
    array = maps.values if show == "activations" else maps.gradients
    kind: Colouring = "values" if show == "activations" else "gradients"
    return levels(array, _top(array)), [*colours(theme, kind, pale=pale), paper]


def _top(array: Array) -> float:
    return float(np.abs(array).max()) or 1.0


def _image(pixels: NDArray[np.uint8], box: Box, palette: list[str]) -> Drawing:
    left, top, width, height = box
    across, down = width / pixels.shape[1], height / pixels.shape[0]
    return {
        "type": "image",
        "source": data_uri(pixels, palette),
        "x0": round(left + across / 2, 3),
        "dx": round(across, 4),
        "y0": round(top + down / 2, 3),
        "dy": round(down, 4),
        "hoverinfo": "skip",
    }
