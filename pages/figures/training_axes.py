"""The axes of the curves of training: the right answers above, the loss beneath.

Both are logarithmic, the upper one in the errors, so that the way from 98 % to 99 % is as long as
that from 80 % to 90 %.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log
from typing import Final

from pages.figures.arrangement import STILL, Drawing, Point, line_trace, text_trace
from pages.figures.theme import HEADING_SIZE, NOTE_SIZE, Palette
from pages.figures.words import number, percent

LEFT: Final = 84.0
RIGHT: Final = 484.0
"""The curves' edges, in pixels."""
MOST_TICKS: Final = 10
"""Epochs that have a number each; of more, every other one."""


@dataclass(frozen=True)
class Axis:
    """What lies at the top and at the bottom, in pixels and in values; the values written there."""

    top: float
    bottom: float
    first: float
    last: float
    ticks: Mapping[float, str]

    def pixel(self, value: float) -> float:
        """Where a value lies; at an end of the axis where it is beyond that."""
        low, high = sorted((self.first, self.last))
        within = min(max(value, low), high)
        part = log(within / self.first) / log(self.last / self.first)
        return round(self.top + part * (self.bottom - self.top), 1)


ERRORS: Final = Axis(
    *(84, 330, 0.004, 1.0),
    {error: percent(1 - error) for error in (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005)},
)
LOSSES: Final = Axis(
    *(418, 590, 4.0, 0.005), {loss: number(loss) for loss in (3, 1, 0.3, 0.1, 0.03, 0.01)}
)


def across(epoch: float, epochs: int) -> float:
    """Where a moment lies on an axis of so many epochs."""
    return round(LEFT + (RIGHT - LEFT) * epoch / epochs, 1)


def axes(epochs: int, palette: Palette) -> Iterator[Drawing]:
    """What is the same for every state: lines, numbers, headings."""
    epoch_ticks = range(0, epochs + 1, 1 if epochs <= MOST_TICKS else 2)
    columns = [across(epoch, epochs) for epoch in epoch_ticks]
    lines: list[Point | None] = []
    for axis in (ERRORS, LOSSES):
        for y in map(axis.pixel, axis.ticks):
            lines += [(LEFT, y), (RIGHT, y), None]
        for x in columns:
            lines += [(x, axis.top), (x, axis.bottom), None]
    yield {**line_trace(lines, 1.5, palette.hatch), "meta": STILL}
    ticks = [
        ((LEFT - 8, axis.pixel(value)), said)
        for axis in (ERRORS, LOSSES)
        for value, said in axis.ticks.items()
    ]
    at, texts = [*zip(*ticks, strict=True)]
    levels = text_trace([*at, (LEFT - 14, 614)], [*texts, "epoch"], NOTE_SIZE, palette.muted)
    yield {**levels, "textposition": "middle left", "meta": STILL}
    numbers = text_trace(
        [(x, 614) for x in columns], [str(epoch) for epoch in epoch_ticks], NOTE_SIZE, palette.muted
    )
    yield {**numbers, "meta": STILL}
    headings = text_trace(
        [(0, 16), (0, 376)], ["<b>Right answers</b>", "<b>Loss</b>"], HEADING_SIZE, palette.ink
    )
    yield {**headings, "textposition": "middle right", "meta": STILL}
