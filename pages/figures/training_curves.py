"""How training goes: right answers and loss over the epochs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean
from typing import Any, Final

from engine.training import Record
from pages.figures.arrangement import STILL, Arrangement, Drawing, Point, line_trace, text_trace
from pages.figures.finish import finished
from pages.figures.theme import NOTE_SIZE, PALETTES, Palette, Theme
from pages.figures.training_axes import ERRORS, LOSSES, across, axes
from pages.figures.words import number, percent

SIZE: Final = (500.0, 640.0)

TRAINING: Final = "dot"
"""The kind of line that is about the training images; what is about the test images is solid."""

LEGEND: Final[dict[str, Point]] = {"test": (0, 50), "training": (250, 50), "loss": (250, 376)}
"""Where a sample of each line begins; what it is called stands behind it."""
SAMPLE: Final = 44
FINEST: Final = 3.0
"""Pixels between two points of a curve."""


@dataclass(frozen=True)
class _Moment:
    """A point of the curves; whole: where all test images were asked, at the end of an epoch."""

    x: float
    test: float
    training: float
    loss: float
    whole: bool


def _moments(history: Sequence[Record], steps_per_epoch: int, epochs: int) -> Iterator[_Moment]:
    """Records that lie within a few pixels are one point: their mean; an epoch's end is exact."""

    def at(record: Record) -> float:
        return across(record.step / steps_per_epoch, epochs)

    for _, near in groupby(history, lambda record: (at(record) // FINEST, record.epoch)):
        records = [*near]
        images = [record.images for record in records]
        end = next((record for record in records if record.end_of_epoch), None)
        yield _Moment(
            at(records[-1]),
            end.test_accuracy if end else fmean(record.test_accuracy for record in records),
            fmean((record.training_accuracy for record in records), images),
            fmean((record.loss for record in records), images),
            end is not None,
        )


def training_curves(
    history: Sequence[Record], steps_per_epoch: int, epochs: int, theme: Theme
) -> dict[str, Any]:
    """The figure, over an axis of so many epochs of so many steps."""
    palette = PALETTES[theme]
    colour = palette.windows[0]
    moments = [*_moments(history, steps_per_epoch, epochs)]
    last = moments[-1] if moments else None
    test = [(each.x, ERRORS.pixel(1 - each.test)) for each in moments]
    training = [(each.x, ERRORS.pixel(1 - each.training)) for each in moments]
    loss = [(each.x, LOSSES.pixel(each.loss)) for each in moments]
    ends = [point for point, each in zip(test, moments, strict=True) if each.whole]
    drawings = [
        *axes(epochs, palette),
        *_samples(palette),
        line_trace(training, 3, colour, dash=TRAINING),
        line_trace(loss, 3, colour, dash=TRAINING),
        line_trace(test, 4, palette.ink),
        _dots([*ends, *test[-1:]], palette.ink),
        _dots([*training[-1:], *loss[-1:]], colour),
        _said(last, palette),
    ]
    return finished(drawings, Arrangement(*SIZE, {}, (), {}), palette)


def _samples(palette: Palette) -> list[Drawing]:
    """The lines of the legend."""
    lines: dict[str, list[Point | None]] = {
        name: [(x, y), (x + SAMPLE, y), None] for name, (x, y) in LEGEND.items()
    }
    training = [*lines["training"], *lines["loss"]]
    return [
        {**line_trace(lines["test"], 4, palette.ink), "meta": STILL},
        {**line_trace(training, 3, palette.windows[0], dash=TRAINING), "meta": STILL},
    ]


def _said(last: _Moment | None, palette: Palette) -> Drawing:
    """The names of the lines, and how much each is now."""
    values = {
        "test": percent(last.test) if last else "",
        "training": percent(last.training) if last else "",
        "loss": number(round(last.loss, 3)) if last else "",
    }
    texts = [f"{'training' if name == 'loss' else name}  <b>{values[name]}</b>" for name in LEGEND]
    at = [(x + SAMPLE + 6, y) for x, y in LEGEND.values()]
    return {**text_trace(at, texts, NOTE_SIZE, palette.ink), "textposition": "middle right"}


def _dots(points: Sequence[Point], colour: str) -> Drawing:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "marker": {"size": 11, "color": colour},
        "hoverinfo": "skip",
    }
