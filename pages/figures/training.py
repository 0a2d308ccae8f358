"""Draw the course of training: curves, a table of the layers, a confusion matrix, and mistakes.

The vertical axes of the curves are logarithmic. The upper one is logarithmic in the error, so that
the distance from 98 % to 99 % equals that from 80 % to 90 %.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from math import log
from statistics import fmean
from typing import Any, Final

import numpy as np

from engine.arrays import Array
from engine.mnist import Bytes
from engine.training import Evaluation, LayerRecord, Network, Record
from pages.figures.heat_maps import Mosaic, heat_map, largest
from pages.figures.layout import Layout, finished
from pages.figures.primitives import (
    STILL,
    Box,
    Drawing,
    Point,
    line_trace,
    points_trace,
    text_trace,
)
from pages.figures.theme import PALETTES, Palette, Theme
from pages.figures.words import number, percent

CURVES_LEFT: Final = 78.0  # the left end of the curves, in pixels
CURVES_RIGHT: Final = 468.0  # their right end
MOST_TICKS: Final = 10  # up to this many epochs, each has a number; of more, every other one

HEADING_SIZE: Final = 25
NOTE_SIZE: Final = 20
# Side by side, the three figures have the proportions of the free area on a projector.
CURVES_SIZE: Final = (480.0, 500.0)
LAYERS_SIZE: Final = (576.0, 500.0)
MISTAKES_SIZE: Final = (576.0, 500.0)

TRAINING: Final = "dot"  # the line style for the training images; that for the test images is solid

LEGEND: Final[dict[str, Point]] = {"test": (0, 46), "training": (250, 46), "loss": (250, 290)}
"""Where the sample of each line begins; the line's name follows it."""
SAMPLE_WIDTH: Final = 32  # the length of that sample
FINEST_STEP: Final = 3.0  # records within this many pixels are merged into one point of a curve
DOT: Final = {"size": 11}  # Plotly's marker for a point that stands out

FILTERS: Final = Mosaic((2, 64), columns=8, rows=1, tile=9, cell=7, gap=(1, 1))
"""Filters of 3 × 3 numbers, each drawn as 3 × 3 cells."""
TEMPLATES: Final = Mosaic((2, 64), columns=5, rows=2, tile=28, cell=2.5, gap=(3, 6))
"""For each digit, a weight for each pixel."""

SHAPES_LEFT: Final = 138.0  # the left end of the table's column of shapes
# The table's other columns: (left, width of a bar of 100 %).
GRADIENT_COLUMN: Final = (252.0, 96.0)
UNITS_COLUMN: Final = (358.0, 90.0)
MAPS_COLUMN: Final = (466.0, 90.0)
TABLE: Final = (30.0, 30.0, 28.0)
"""The distances from the weights to the table's heading, on to its titles, and to its first row."""
LAST_ROW: Final = 450.0  # the lowest level at which the table's last row may stand
TALLEST_ROW: Final = 30.0  # the largest distance between two rows
BAR_WIDTH: Final = 20.0  # the thickness of a bar
MEANING: Final = 482.0  # the level of the words that say what "dead" means

DIGITS: Final = range(10)
CONFUSION_MATRIX: Final[Box] = (35, 86, 540, 210)
WRONG_IMAGES: Final = Mosaic((12, 364), columns=8, rows=2, tile=28, cell=1.5, gap=(20, 18))
"""The misclassified images, with room beneath each for its label and the prediction. On a phone
they are far enough apart for a finger."""


@dataclass(frozen=True)
class Axis:
    """A vertical log axis."""

    top: float  # in pixels
    bottom: float  # in pixels
    first: float  # the value at the top
    last: float  # the value at the bottom
    ticks: Mapping[float, str]  # by value, the text beside the axis

    def pixel(self, value: float) -> float:
        """The pixel of a value; that of the nearer end if the value lies beyond the axis."""
        low, high = sorted((self.first, self.last))
        within = min(max(value, low), high)
        part = log(within / self.first) / log(self.last / self.first)
        return round(self.top + part * (self.bottom - self.top), 1)


ERRORS: Final = Axis(
    top=68,
    bottom=252,
    first=0.004,
    last=1.0,
    ticks={error: percent(1 - error) for error in (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005)},
)
LOSSES: Final = Axis(
    top=320,
    bottom=458,
    first=4.0,
    last=0.005,
    ticks={loss: number(loss) for loss in (3, 1, 0.3, 0.1, 0.03, 0.01)},
)


def across(epoch: float, epochs: int) -> float:
    """The pixel of a moment (in epochs) on an axis of this many epochs."""
    return round(CURVES_LEFT + (CURVES_RIGHT - CURVES_LEFT) * epoch / epochs, 1)


def _curve_axes(epochs: int, palette: Palette) -> Iterator[Drawing]:
    """Draw what is the same in every state: the lines of the axes, and the numbers beside them."""
    epoch_ticks = range(0, epochs + 1, 1 if epochs <= MOST_TICKS else 2)
    columns = [across(epoch, epochs) for epoch in epoch_ticks]
    lines: list[Point | None] = []
    for axis in (ERRORS, LOSSES):
        for y in map(axis.pixel, axis.ticks):
            lines += [(CURVES_LEFT, y), (CURVES_RIGHT, y), None]
        for x in columns:
            lines += [(x, axis.top), (x, axis.bottom), None]
    yield {**line_trace(lines, 1.5, palette.hatch), "meta": STILL}
    ticks = [
        ((CURVES_LEFT - 8, axis.pixel(value)), said)
        for axis in (ERRORS, LOSSES)
        for value, said in axis.ticks.items()
    ]
    at, texts = [*zip(*ticks, strict=True)]
    foot = LOSSES.bottom + 22
    places = [*at, (CURVES_LEFT - 14, foot)]
    yield _notes(places, [*texts, "epoch"], palette.muted, "left", still=True)
    numbers = [str(epoch) for epoch in epoch_ticks]
    yield _notes([(x, foot) for x in columns], numbers, palette.muted, "center", still=True)


def _notes(
    points: Sequence[Point],
    texts: Sequence[str],
    colour: str | list[str],
    towards: str = "right",
    *,
    still: bool = False,
) -> Drawing:
    """Draw small texts, each on the side `towards` of its point; still: the same in every state."""
    return text_trace(points, texts, NOTE_SIZE, colour, f"middle {towards}", still=still)


def _headings(texts: Mapping[float, str], palette: Palette, *, still: bool = False) -> Drawing:
    """Draw headings at the left edge. texts: by their distance from the top."""
    points, bold = [(0, y) for y in texts], [f"<b>{text}</b>" for text in texts.values()]
    return text_trace(points, bold, HEADING_SIZE, palette.ink, "middle right", still=still)


@dataclass(frozen=True)
class Moment:
    """A point of the curves."""

    x: float
    test: float
    training: float
    loss: float
    whole: bool  # whether all test images were evaluated there


def moments(history: Sequence[Record], steps_per_epoch: int, epochs: int) -> Iterator[Moment]:
    """Merge records within a few pixels to their mean; exact if all test images were evaluated."""

    def at(record: Record) -> float:
        return across(record.step / steps_per_epoch, epochs)

    for _, near in groupby(history, lambda record: (at(record) // FINEST_STEP, record.epoch)):
        records = [*near]
        images = [record.images for record in records]
        end = next((each for each in reversed(records) if not each.probed), None)
        yield Moment(
            at(records[-1]),
            end.test_accuracy if end else fmean(record.test_accuracy for record in records),
            fmean((record.training_accuracy for record in records), images),
            fmean((record.loss for record in records), images),
            end is not None,
        )


def training_curves(
    history: Sequence[Record], steps_per_epoch: int, epochs: int, theme: Theme
) -> dict[str, Any]:
    """The figure of the curves, over this many epochs of this many steps."""
    palette = PALETTES[theme]
    colour = palette.windows[0]
    shown = [*moments(history, steps_per_epoch, epochs)]
    newest = history[-1] if history else None
    test = [(each.x, ERRORS.pixel(1 - each.test)) for each in shown]
    training = [(each.x, ERRORS.pixel(1 - each.training)) for each in shown]
    loss = [(each.x, LOSSES.pixel(each.loss)) for each in shown]
    ends = [point for point, each in zip(test, shown, strict=True) if each.whole]
    drawings = [
        *_curve_axes(epochs, palette),
        *_legend_lines(palette),
        line_trace(training, 3, colour, dash=TRAINING),
        line_trace(loss, 3, colour, dash=TRAINING),
        line_trace(test, 4, palette.ink),
        points_trace([*ends, *test[-1:]], DOT | {"color": palette.ink}),
        points_trace([*training[-1:], *loss[-1:]], DOT | {"color": colour}),
        _legend(newest, shown[-1] if shown else None, palette),
        _headings({14: f"Accuracy{_when(newest.step if newest else None)}"}, palette),
        _headings({290: "Loss"}, palette, still=True),
    ]
    return finished(drawings, Layout(*CURVES_SIZE), palette)


def _when(step: int | None) -> str:
    """The step named in a heading, so that charts of different steps are not taken for one."""
    return "" if step is None else f" at step {step:,}"


def _legend_lines(palette: Palette) -> list[Drawing]:
    lines: dict[str, list[Point | None]] = {
        name: [(x, y), (x + SAMPLE_WIDTH, y), None] for name, (x, y) in LEGEND.items()
    }
    training = [*lines["training"], *lines["loss"]]
    return [
        {**line_trace(lines["test"], 4, palette.ink), "meta": STILL},
        {**line_trace(training, 3, palette.windows[0], dash=TRAINING), "meta": STILL},
    ]


def _legend(newest: Record | None, last: Moment | None, palette: Palette) -> Drawing:
    """Write each line's name and present value; for test, also how many images, if not all."""
    values = {
        "test": f"<b>{percent(newest.test_accuracy)}</b>" if newest else "",
        "training": f"<b>{percent(last.training)}</b>" if last else "",
        "loss": f"<b>{thousandths(last.loss)}</b>" if last else "",
    }
    if newest and newest.probed:
        values["test"] += f" of {newest.test_images:,}"
    texts = [f"{'training' if name == 'loss' else name}  {values[name]}" for name in LEGEND]
    at = [(x + SAMPLE_WIDTH + 6, y) for x, y in LEGEND.values()]
    return _notes(at, texts, palette.ink)


def thousandths(loss: float) -> str:
    """A loss with three decimals: 0.305, 12.5; only an exact 0 is written as 0."""
    return number(round(loss, 3)) if round(loss, 3) or not loss else "<0.001"


def training_layers(
    network: Network,
    shapes: Mapping[str, tuple[int, ...]],
    layers: Sequence[LayerRecord],
    theme: Theme,
) -> dict[str, Any]:
    """The figure of the first weights, and of the share of zeros in each layer.

    shapes: of each layer's output for one image, by the layer's name, in order. layers: of the last
    record; () before the first.
    """
    palette = PALETTES[theme]
    weights = np.asarray(network.params[0])
    mosaic = TEMPLATES if weights.ndim == 2 else FILTERS
    _, heading, titles, first = accumulate(TABLE, initial=mosaic.box[1] + mosaic.box[3])
    height = min(TALLEST_ROW, (LAST_ROW - first) / (len(shapes) - 1))
    rows = dict(zip(shapes, (first + height * row for row in range(len(shapes))), strict=True))
    drawings = [
        *_first_weights(weights, mosaic, theme, palette),
        *_zero_fractions(layers, rows, palette),
        *_layer_table(shapes, rows, (heading, titles), palette),
    ]
    return finished(drawings, Layout(*LAYERS_SIZE), palette)


def _first_weights(
    weights: Array, mosaic: Mosaic, theme: Theme, palette: Palette
) -> Iterator[Drawing]:
    """Draw w: (F, 1, 3, 3) as filters, or (M, 784) as the template of each class."""
    flat = weights.ndim == 2
    side = 28 if flat else weights.shape[-1]
    top = largest(weights)
    yield mosaic.drawn([*weights.reshape(-1, side, side)], top, theme)
    yield {**mosaic.frames(palette.line), "meta": STILL}
    title = "Weights of each digit" if flat else "Filters of the first convolution"
    yield _headings({14: title}, palette, still=True)
    scale = [f"■ +{number(top, 3)}", f"■ {number(-top, 3)}"]
    yield _notes([(0.0, 44.0), (110.0, 44.0)], scale, [palette.ink, palette.map_below])


def _layer_table(
    shapes: Mapping[str, tuple[int, ...]],
    rows: Mapping[str, float],
    levels: tuple[float, float],
    palette: Palette,
) -> Iterator[Drawing]:
    """Write heading and titles at their levels, names and shapes, and what "dead" means."""
    heading, under = levels
    yield _headings({heading: "Share that is exactly 0"}, palette, still=True)
    titles = ("layer", "output", "gradient", "dead units", "dead maps")
    lefts = (0.0, SHAPES_LEFT, GRADIENT_COLUMN[0], UNITS_COLUMN[0], MAPS_COLUMN[0])
    yield _notes([(left, under) for left in lefts], titles, palette.muted, still=True)
    yield _notes(
        [(0, MEANING)], ["dead: inactive for every image looked at"], palette.muted, still=True
    )
    yield _notes([(0, y) for y in rows.values()], [*shapes], palette.ink, still=True)
    extents = ["×".join(map(str, shape)) for shape in shapes.values()]
    yield _notes([(SHAPES_LEFT, y) for y in rows.values()], extents, palette.muted, still=True)


def _zero_fractions(
    layers: Sequence[LayerRecord], rows: Mapping[str, float], palette: Palette
) -> Iterator[Drawing]:
    """Draw each fraction as a bar, over a line with the length of 100 %, and as a text."""
    shown = [
        (left, width, rows[layer.name], fraction)
        for layer in layers
        for (left, width), fraction in (
            (GRADIENT_COLUMN, layer.zero_gradient),
            (UNITS_COLUMN, layer.dead_units),
            (MAPS_COLUMN, layer.dead_maps),
        )
        if fraction is not None
    ]
    bars: list[Point | None] = []
    whole: list[Point | None] = []
    for left, width, y, fraction in shown:
        bars += [(left, y), (round(left + width * fraction, 1), y), None]
        whole += [(left, y + BAR_WIDTH / 2), (left + width, y + BAR_WIDTH / 2), None]
    yield line_trace(bars, BAR_WIDTH, palette.hatch)
    yield line_trace(whole, 2, palette.hatch)
    at = [(left, y) for left, _, y, _ in shown]
    yield _notes(at, [percent(each) for *_, each in shown], palette.ink)


def training_mistakes(
    evaluation: Evaluation | None, step: int, images: Bytes, theme: Theme
) -> dict[str, Any]:
    """The figure of the confusion matrix and of the wrong images.

    evaluation: the predictions after this many steps; None if there are none yet. images: all that
    were evaluated, (N, 28, 28).
    """
    palette = PALETTES[theme]
    drawings = [
        *_matrix_axes(palette),
        *_confusion_matrix(evaluation, step, theme, palette),
        *_mistakes(evaluation, step, images, theme, palette),
    ]
    return finished(drawings, Layout(*MISTAKES_SIZE), palette)


def wrong_images(evaluation: Evaluation | None) -> dict[int, Box]:
    """The box of each of the most confident errors shown, with its text, by the image's number."""
    across, down = WRONG_IMAGES.pitch
    places = [
        (left + width / 2 - across / 2, top - 2, across, down)
        for left, top, width, _ in WRONG_IMAGES.boxes
    ]
    wrong = () if evaluation is None else evaluation.wrong[: len(places)]
    return dict(zip(map(int, wrong), places, strict=False))


def _matrix_axes(palette: Palette) -> Iterator[Drawing]:
    """Draw the digits at the matrix's edges, and the lines between its cells."""
    left, top, width, height = CONFUSION_MATRIX
    across, down = width / len(DIGITS), height / len(DIGITS)
    words = ["label ↓  prediction →"]
    yield _notes([(0, top - 42)], words, palette.muted, still=True)
    columns = [(left + across * (digit + 0.5), top - 16) for digit in DIGITS]
    rows = [(left - 16, top + down * (digit + 0.5)) for digit in DIGITS]
    texts = [str(digit) for digit in (*DIGITS, *DIGITS)]
    yield _notes([*columns, *rows], texts, palette.muted, "center", still=True)
    lines: list[Point | None] = []
    for at in range(len(DIGITS) + 1):
        x, y = left + across * at, top + down * at
        lines += [(x, top), (x, top + height), None, (left, y), (left + width, y), None]
    yield {**line_trace(lines, 1, palette.hatch), "meta": STILL}


def _confusion_matrix(
    evaluation: Evaluation | None, step: int, theme: Theme, palette: Palette
) -> Iterator[Drawing]:
    """Draw how often each digit was taken for which; mistakes are coloured by their number."""
    when = _when(None if evaluation is None else step)
    yield _headings({14: f"Confusion matrix{when}"}, palette)
    count = len(DIGITS)
    confusion = np.zeros((count, count), int) if evaluation is None else evaluation.confusion
    mistakes = confusion * (1 - np.eye(count, dtype=int))
    top = float(mistakes.max()) or 1.0
    yield heat_map(-mistakes, CONFUSION_MATRIX, top, theme, "values", pale=True)
    left, upper, width, height = CONFUSION_MATRIX
    filled = [*zip(*np.nonzero(confusion), strict=True)]
    places = [(p + 0.5, t + 0.5) for t, p in filled]
    at = [(left + width * x / count, upper + height * y / count) for x, y in places]
    texts = [f"<b>{confusion[t, p]}</b>" if t == p else str(confusion[t, p]) for t, p in filled]
    yield text_trace(at, texts, NOTE_SIZE, palette.ink)


def _mistakes(
    evaluation: Evaluation | None, step: int, images: Bytes, theme: Theme, palette: Palette
) -> Iterator[Drawing]:
    shown = [*wrong_images(evaluation)]
    yield WRONG_IMAGES.drawn([images[at] / 255 for at in shown], 1.0, theme)
    yield {**WRONG_IMAGES.frames(palette.line), "meta": STILL}
    title = "Wrong"
    if evaluation is not None:
        title += f"{_when(step)}: {len(evaluation.wrong):,} of {len(evaluation.labels):,}"
    yield _headings({324: title}, palette)
    note = ["most confident errors: label → prediction"]
    yield _notes([(0, 350)], note, palette.muted, still=True)
    if evaluation is not None:
        boxes = WRONG_IMAGES.boxes[: len(shown)]
        under = [(left + width / 2, top + height + 13) for left, top, width, height in boxes]
        said = [f"{evaluation.labels[at]} → <b>{evaluation.predicted[at]}</b>" for at in shown]
        yield text_trace(under, said, NOTE_SIZE, palette.ink)
