"""What training does to the network: its first weights as pictures, and what is 0 in each layer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from engine.arrays import Array
from engine.training import LayerRecord, Network
from pages.figures.arrangement import STILL, Arrangement, Drawing, Point, line_trace, text_trace
from pages.figures.finish import finished
from pages.figures.heat_maps import Mosaic
from pages.figures.theme import HEADING_SIZE, NOTE_SIZE, PALETTES, Palette, Theme
from pages.figures.words import number, percent

SIZE: Final = (500.0, 640.0)

FILTERS: Final = Mosaic((12, 68), columns=4, rows=2, tile=9, cell=12, gap=(1, 1))
"""Of 3 × 3 numbers, each of 3 × 3 cells."""
TEMPLATES: Final = Mosaic((18, 70), columns=5, rows=2, tile=28, cell=3, gap=(3, 6))
"""A weight for each pixel, for each digit."""

SHAPE: Final = 133.0
GRADIENT: Final = (258.0, 86.0)
UNITS: Final = (352.0, 70.0)
MAPS: Final = (430.0, 66.0)
"""The table's columns: where the texts begin; the left edge and the width of a bar of 100 %."""
FIRST_ROW: Final = 398.0
LAST_ROW: Final = 627.0
TALLEST: Final = 32.0
BAR: Final = 21.0


def training_layers(
    network: Network,
    shapes: Mapping[str, tuple[int, ...]],
    layers: Sequence[LayerRecord],
    theme: Theme,
) -> dict[str, Any]:
    """The figure.

    shapes: of each layer's output for one image, by the layer's name, in order. layers: of the last
    record; () before the first.
    """
    palette = PALETTES[theme]
    height = min(TALLEST, (LAST_ROW - FIRST_ROW) / (len(shapes) - 1))
    rows = dict(zip(shapes, (FIRST_ROW + height * row for row in range(len(shapes))), strict=True))
    drawings = [
        *_weights(np.asarray(network.params[0]), theme, palette),
        *_fractions(layers, rows, palette),
        *_table(shapes, rows, palette),
    ]
    return finished(drawings, Arrangement(*SIZE, {}, (), {}), palette)


def _weights(weights: Array, theme: Theme, palette: Palette) -> Iterator[Drawing]:
    """w (F, 1, 3, 3) as filters, or (M, 784) as what each class looks for."""
    flat = weights.ndim == 2
    mosaic, side = (TEMPLATES, 28) if flat else (FILTERS, weights.shape[-1])
    top = float(np.abs(weights).max()) or 1.0
    yield mosaic.drawn([*weights.reshape(-1, side, side)], top, theme)
    yield {**mosaic.frames(len(weights), palette.line), "meta": STILL}
    title = "Weights of each digit" if flat else "Filters of the first convolution"
    heading = text_trace([(0, 16)], [f"<b>{title}</b>"], HEADING_SIZE, palette.ink)
    yield {**heading, "textposition": "middle right", "meta": STILL}
    at = [(8.0, 46.0), (120.0, 46.0)]
    scale = text_trace(
        at,
        [f"■ +{number(top, 3)}", f"■ {number(-top, 3)}"],
        NOTE_SIZE,
        [palette.ink, palette.map_below],
    )
    yield {**scale, "textposition": "middle right"}


def _table(
    shapes: Mapping[str, tuple[int, ...]], rows: Mapping[str, float], palette: Palette
) -> Iterator[Drawing]:
    """Headings, names and shapes."""
    heading = text_trace([(0, 326)], ["<b>What is 0</b>"], HEADING_SIZE, palette.ink)
    yield {**heading, "textposition": "middle right", "meta": STILL}
    said = ("layer", "output", "gradient", "dead<br>units", "dead<br>maps")
    lefts = (0.0, SHAPE, GRADIENT[0], UNITS[0], MAPS[0])
    head = text_trace([(left, 362) for left in lefts], said, NOTE_SIZE, palette.muted)
    yield {**head, "textposition": "middle right", "meta": STILL}
    names = text_trace([(0, y) for y in rows.values()], [*shapes], NOTE_SIZE, palette.ink)
    yield {**names, "textposition": "middle right", "meta": STILL}
    extents = ["×".join(map(str, shape)) for shape in shapes.values()]
    sizes = text_trace([(SHAPE, y) for y in rows.values()], extents, NOTE_SIZE, palette.muted)
    yield {**sizes, "textposition": "middle right", "meta": STILL}


def _fractions(
    layers: Sequence[LayerRecord], rows: Mapping[str, float], palette: Palette
) -> Iterator[Drawing]:
    """A bar for each fraction, as long as it is large, over the line that all of it would fill."""
    shown = [
        (left, width, rows[layer.name], fraction)
        for layer in layers
        for (left, width), fraction in (
            (GRADIENT, layer.zero_gradient),
            (UNITS, layer.dead_units),
            (MAPS, layer.dead_maps),
        )
        if fraction is not None
    ]
    bars: list[Point | None] = []
    whole: list[Point | None] = []
    for left, width, y, fraction in shown:
        bars += [(left, y), (round(left + width * fraction, 1), y), None]
        whole += [(left, y + BAR / 2), (left + width, y + BAR / 2), None]
    yield line_trace(bars, BAR, palette.hatch)
    yield line_trace(whole, 2, palette.hatch)
    at = [(left, y) for left, _, y, _ in shown]
    numbers = text_trace(at, [percent(each) for *_, each in shown], NOTE_SIZE, palette.ink)
    yield {**numbers, "textposition": "middle right"}
