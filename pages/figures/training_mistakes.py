"""What a network takes for what: its answers to the test images, and those it still gets wrong."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from engine.mnist import Bytes
from engine.training import Evaluation
from pages.figures.arrangement import (
    STILL,
    Arrangement,
    Box,
    Drawing,
    Point,
    line_trace,
    text_trace,
)
from pages.figures.finish import finished
from pages.figures.heat_maps import Mosaic, heat_map
from pages.figures.theme import HEADING_SIZE, NOTE_SIZE, PALETTES, Palette, Theme

SIZE: Final = (560.0, 640.0)

DIGITS: Final = range(10)
MATRIX: Final[Box] = (34, 78, 524, 278)
GALLERY: Final = Mosaic((4, 438), columns=7, rows=2, tile=28, cell=2.25, gap=(8, 17))
"""The wrong ones, with room beneath each for what it is and what it was taken for."""


def training_mistakes(
    evaluation: Evaluation | None, step: int, images: Bytes, theme: Theme
) -> dict[str, Any]:
    """The figure.

    evaluation: the answers after so many steps; None: nothing was asked yet. images: all that were
    asked about, (N, 28, 28).
    """
    palette = PALETTES[theme]
    drawings = [
        *_still(palette),
        *_matrix(evaluation, step, theme, palette),
        *_gallery(evaluation, images, theme, palette),
    ]
    return finished(drawings, Arrangement(*SIZE, {}, (), {}), palette)


def _still(palette: Palette) -> Iterator[Drawing]:
    """The digits at the matrix's edges, the lines between its cells."""
    left, top, width, height = MATRIX
    across, down = width / len(DIGITS), height / len(DIGITS)
    words = text_trace([(left + width, top - 44)], ["shown ↓  answered →"], NOTE_SIZE,
                       palette.muted)  # fmt: skip
    yield {**words, "textposition": "middle left", "meta": STILL}
    columns = [(left + across * (digit + 0.5), top - 18) for digit in DIGITS]
    rows = [(left - 16, top + down * (digit + 0.5)) for digit in DIGITS]
    texts = [str(digit) for digit in (*DIGITS, *DIGITS)]
    yield {**text_trace([*columns, *rows], texts, NOTE_SIZE, palette.muted), "meta": STILL}
    lines: list[Point | None] = []
    for at in range(len(DIGITS) + 1):
        x, y = left + across * at, top + down * at
        lines += [(x, top), (x, top + height), None, (left, y), (left + width, y), None]
    yield {**line_trace(lines, 1, palette.hatch), "meta": STILL}


def _matrix(
    evaluation: Evaluation | None, step: int, theme: Theme, palette: Palette
) -> Iterator[Drawing]:
    """How many of each digit were taken for which; the mistakes coloured by their number."""
    when = "" if evaluation is None else f" at step {step:,}"
    heading = text_trace([(0, 16)], [f"<b>Answers{when}</b>"], HEADING_SIZE, palette.ink)
    yield {**heading, "textposition": "middle right"}
    confusion = np.zeros((10, 10), int) if evaluation is None else evaluation.confusion
    mistakes = confusion * (1 - np.eye(10, dtype=int))
    top = float(mistakes.max()) or 1.0
    yield heat_map(-mistakes, MATRIX, top, theme, "values", pale=True)
    left, upper, width, height = MATRIX
    filled = [*zip(*np.nonzero(confusion), strict=True)]
    at = [(left + width * (p + 0.5) / 10, upper + height * (t + 0.5) / 10) for t, p in filled]
    texts = [f"<b>{confusion[t, p]}</b>" if t == p else str(confusion[t, p]) for t, p in filled]
    yield text_trace(at, texts, NOTE_SIZE, palette.ink)


def _gallery(
    evaluation: Evaluation | None, images: Bytes, theme: Theme, palette: Palette
) -> Iterator[Drawing]:
    """The most confident mistakes."""
    wrong = [] if evaluation is None else [int(at) for at in evaluation.wrong]
    shown = wrong[: len(GALLERY.boxes)]
    yield GALLERY.drawn([images[at] / 255 for at in shown], 1.0, theme)
    yield {**GALLERY.frames(len(GALLERY.boxes), palette.line), "meta": STILL}
    count = "" if evaluation is None else f": {len(wrong):,} of {len(evaluation.labels):,}"
    title = text_trace([(0, 392)], [f"<b>Still wrong{count}</b>"], HEADING_SIZE, palette.ink)
    yield {**title, "textposition": "middle right"}
    note = text_trace([(0, 420)], ["the surest mistakes: shown → answered"], NOTE_SIZE,
                      palette.muted)  # fmt: skip
    yield {**note, "textposition": "middle right", "meta": STILL}
    if evaluation is not None:
        boxes = GALLERY.boxes[: len(shown)]
        under = [(left + width / 2, top + height + 16) for left, top, width, height in boxes]
        said = [f"{evaluation.labels[at]} → <b>{evaluation.predicted[at]}</b>" for at in shown]
        yield text_trace(under, said, NOTE_SIZE, palette.ink)
