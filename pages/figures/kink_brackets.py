"""The brackets: for every entry its two one-sided derivatives, and each rule's claim as a mark."""

from collections.abc import Iterator, Sequence
from typing import Final

from pages.figures.arrangement import (
    STILL,
    Box,
    Drawing,
    Point,
    boxes_trace,
    line_trace,
    text_trace,
)
from pages.figures.kink_info import Row
from pages.figures.kink_marks import GAP, mark_drawings
from pages.figures.kink_places import (
    ROW_AXIS,
    ROW_LABEL,
    ROW_SAID,
    ROWS,
    Scale,
    pitch,
    row_middles,
)
from pages.figures.theme import HEADING_SIZE, NOTE_SIZE, Palette
from pages.figures.ticks import ticks
from pages.figures.words import number, signed

TITLE: Final = 26.0
LABEL_WIDTH: Final = 92.0
CHARACTER: Final = 10.8
"""About the width of a bold sign of NOTE_SIZE, in the widest of the fonts."""
NOTHING: Final = ("no derivative", "no<br>derivative")
FINE: Final = ("still a subgradient", "still a<br>subgradient")
SHORT: Final = "outside"
TWO_LINES: Final = 54.0
"""A row less high than this has room for one line."""


def label_boxes(rows: Sequence[Row]) -> dict[str, Box]:
    """Where the label of each row can be chosen."""
    height = min(44.0, pitch(len(rows)) - 6)
    return {
        row.entry: (ROW_LABEL, middle - height / 2, LABEL_WIDTH, height)
        for row, middle in zip(rows, row_middles(len(rows)), strict=True)
    }


def bracket_drawings(
    rows: Sequence[Row], ends: tuple[float, float], chosen: str, left_out: int, palette: Palette
) -> list[Drawing]:
    """From the ground up: the axis, the brackets, the marks, the words."""
    axis = Scale(*ends, *ROW_AXIS)
    middles = row_middles(len(rows))
    pairs = list(zip(rows, middles, strict=True))
    return [
        *_axis(axis, len(rows), palette),
        _labels(rows, chosen, palette),
        line_trace([*_bars(pairs, axis)], min(26.0, pitch(len(rows)) * 0.5), palette.bracket),
        line_trace([*_ends(pairs, axis)], 4, palette.ink),
        *mark_drawings(pairs, axis, palette),
        *_words(pairs, axis, palette),
        *_said(pairs, left_out, palette),
    ]


def _axis(axis: Scale, rows: int, palette: Palette) -> list[Drawing]:
    bottom = ROWS[0] + pitch(rows) * rows
    values = ticks(axis.low, axis.high)
    grid: list[Point | None] = []
    for value in values:
        grid += [(axis(value), ROWS[0]), (axis(value), bottom), None]
    at = [(axis(value), bottom + 16) for value in values]
    numbers = text_trace(at, [*map(number, values)], NOTE_SIZE, palette.muted)
    return [line_trace(grid, 1.5, palette.hatch), {**numbers, "meta": STILL}]


def _labels(rows: Sequence[Row], chosen: str, palette: Palette) -> Drawing:
    """The boxes of the labels, which can be chosen as cells can."""
    boxes = label_boxes(rows)
    return boxes_trace(
        boxes.values(),
        {
            "color": palette.fill_zero,
            "line": {
                "color": [palette.accent if e == chosen else palette.line for e in boxes],
                "width": [5 if entry == chosen else 1.5 for entry in boxes],
            },
        },
    )


def _bars(pairs: Sequence[tuple[Row, float]], axis: Scale) -> Iterator[Point | None]:
    for row, middle in pairs:
        if row.kinked:
            yield from ((axis.held(row.left), middle), (axis.held(row.right), middle), None)


def _ends(pairs: Sequence[tuple[Row, float]], axis: Scale) -> Iterator[Point | None]:
    """A short upright line at each one-sided derivative."""
    half = min(20.0, pitch(len(pairs)) * 0.38)
    for row, middle in pairs:
        for side in (row.left, row.right) if row.kinked else (row.left,):
            at = axis.held(side)
            yield from ((at, middle - half), (at, middle + half), None)


def _words(pairs: Sequence[tuple[Row, float]], axis: Scale, palette: Palette) -> Iterator[Drawing]:
    """Beside the marks that a bracket does not hold: what they are, and how far off, if beyond."""
    at, texts, places = [], [], []
    for row, middle in pairs:
        strays = [row.claims[group] for group in row.outside or row.beside]
        if not strays:
            continue
        farthest = max(strays, key=lambda value: abs(value - (row.left + row.right) / 2))
        beyond = "" if axis.inside(farthest) else f"{signed(farthest)}: "
        mark = axis.held(farthest)
        others = [axis.held(value) for value in (row.left, row.right, *row.claims)]
        left = max([ROW_AXIS[0], *(other for other in others if other < mark - 1)])
        right = min([ROW_SAID - GAP, *(other for other in others if other > mark + 1)])
        words = (NOTHING if row.outside else FINE)[: 1 + (pitch(len(pairs)) >= TWO_LINES)]
        words = (*words, SHORT) if row.outside else words
        word, side = _fitting(words, beyond, mark - left - GAP, right - mark - GAP)
        at.append((mark + GAP * side, middle))
        texts.append(f"<b>{word}</b>" if word else "")
        places.append("middle right" if side > 0 else "middle left")
    yield {**text_trace(at, texts, NOTE_SIZE, palette.ink), "textposition": places}


def _fitting(words: Sequence[str], beyond: str, left: float, right: float) -> tuple[str, int]:
    """The first of the words that there is room for, and on which side of the mark."""
    side, room = (1, right) if right >= left else (-1, left)
    for word in words:
        width = max(map(len, f"{beyond}{word}".split("<br>"))) * CHARACTER
        if width + GAP / 2 <= room:
            return beyond + word, side
    return "", side  # the ring says it, and the sentences


def _said(pairs: Sequence[tuple[Row, float]], left_out: int, palette: Palette) -> Iterator[Drawing]:
    middle = (ROW_LABEL + ROW_SAID + 90) / 2
    title = "<b>What each rule claims, and the truth</b>"
    yield {**text_trace([(middle, TITLE)], [title], HEADING_SIZE, palette.ink), "meta": STILL}
    said = "grey: from the left to the right derivative; ringed: no derivative"
    if left_out:
        said += f"; {left_out} more not shown"
    yield {**text_trace([(middle, 60)], [said], NOTE_SIZE, palette.muted), "meta": STILL}
    labels = [(ROW_LABEL + LABEL_WIDTH / 2, y) for _, y in pairs]
    names = [f"<i>{row.label}</i>" for row, _ in pairs]
    yield {**text_trace(labels, names, NOTE_SIZE, palette.ink), "meta": STILL}
    numbers = [
        f"[{', '.join(map(number, sorted((row.left, row.right))))}]"
        if row.kinked
        else number(row.left)
        for row, _ in pairs
    ]
    at = [(ROW_SAID, y) for _, y in pairs]
    yield {
        **text_trace(at, numbers, NOTE_SIZE, palette.muted),
        "textposition": "middle right",
    }
