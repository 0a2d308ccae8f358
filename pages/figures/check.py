"""The picture of a gradient check: entry by entry, the error against the step, the pattern.

The table has analytic beside numeric under the line of each param; the maps show where a gradient
is wrong, each param in its own shape, over what the wrong entries share.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from math import prod
from textwrap import wrap
from typing import Any, Final

from engine.check.examination import Status
from engine.check.gradient import Verdict
from pages.figures.check_curve import CurveInfo, curve_drawings
from pages.figures.layout import Layout, View, finished
from pages.figures.primitives import Box, Drawing, Point, boxes_trace, line_trace, text_trace
from pages.figures.theme import HEADING_SIZE, NOTE_SIZE, PALETTES, Palette
from pages.figures.words import signed

MARKS: Final[Mapping[Status, str]] = {
    "agrees": "✓",
    "closer": "✓",
    "rounded": "✓",
    "kink": "◆",
    "wrong": "✗",
}
SYMBOLS: Final[Mapping[Verdict, str]] = {"PASSED": "✓", "KINK": "◆", "FAILED": "✗"}


@dataclass(frozen=True)
class CheckRow:
    """One entry: its plain name and label, its value, what is claimed and what the differences say.

    said: a few words beside it.
    """

    entry: str
    label: str
    value: str
    analytic: float
    numeric: float
    difference: str
    status: Status
    said: str


@dataclass(frozen=True)
class Param:
    """One param: its letter and shape, the check's line and verdict, its entries in index order."""

    letter: str
    shape: tuple[int, ...]
    line: str
    verdict: Verdict
    rows: Sequence[CheckRow]


@dataclass(frozen=True)
class CheckInfo:
    """All of the picture.

    sent: what is sent back, "" for 1. heading: over the pattern; code: two lines of it; findings:
    sentences.
    """

    title: str
    formula: str
    sent: str
    params: Sequence[Param]
    curve: CurveInfo
    heading: str
    code: str
    findings: Sequence[str]

    @property
    def rows(self) -> dict[str, CheckRow]:
        """Every row by its entry."""
        return {row.entry: row for param in self.params for row in param.rows}


WIDTH: Final = 1600
HEIGHT: Final = 700
LEFT: Final = 250.0
"""Left of the table there is room for the sliders."""
TABLE: Final = 806.0
TOP: Final = 96.0
BOTTOM: Final = 692.0
BAND: Final = 32.0
"""How high the line over a param's entries is."""
GAP: Final = 8.0
TALLEST: Final = 82.0
"""From one entry to the next, at most."""
COLUMNS: Final = ((0.0, 160.0), (164.0, 140.0), (308.0, 140.0), (452.0, 110.0))
"""Offset and width of the cells of a row: the entry, analytic, numeric, difference."""
WORDS: Final = 572.0
"""Where the words beside a row begin."""
SUBJECTS: Final = ("entry", "analytic", "numeric", "difference")
LEVELS: Final = (18.0, 45.0, 77.0)
"""Of the function's two lines, and of the columns' titles."""
LARGEST: Final = 26
NAME: Final = 48.0
"""How much of an entry's cell its name takes."""
SIGN: Final = 0.62
"""About how wide a sign of a number is, of its size."""
MIDDLE: Final = 20
SMALLEST: Final = 18
MAPS_LEFT: Final = 1084.0
HEADING: Final = 470.0
CODE: Final = 500.0
MAPS_TOP: Final = 518.0
"""The levels of the heading and the code, the upper edge of the maps behind one line of it."""
CELL: Final = 32.0
BETWEEN: Final = 52.0
"""From a map to the next one: room for a letter."""
LINE: Final = 24.0
SIGNS: Final = 48
"""In a line of a sentence."""


@dataclass(frozen=True)
class CheckArrangement(Layout):
    """bands: the box of each param's line."""

    bands: Sequence[Box] = ()


@lru_cache(maxsize=64)
def check_arrangement(params: tuple[tuple[str, ...], ...]) -> CheckArrangement:
    """Where everything lies for params with these entries."""
    rows = sum(map(len, params))
    free = BOTTOM - TOP - len(params) * (BAND + GAP) + GAP
    pitch = min(TALLEST, free / rows)
    boxes, bands, top = {}, [], TOP
    for entries in params:
        bands.append((LEFT, top, TABLE, BAND))
        top += BAND
        for entry in entries:
            boxes[entry] = (LEFT, top + 3, TABLE, pitch - 5)
            top += pitch
        top += GAP
    return CheckArrangement(WIDTH, HEIGHT, boxes, (), {}, bands=tuple(bands))


def check_figure(info: CheckInfo, arrangement: CheckArrangement, view: View) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}."""
    palette = PALETTES[view.theme]
    return finished(
        [
            *_table_drawings(info, arrangement.boxes, arrangement.bands, view.entry, palette),
            *curve_drawings(info.curve, palette),
            *_map_drawings(info, palette),
        ],
        arrangement,
        palette,
    )


def _table_drawings(
    info: CheckInfo,
    boxes: Mapping[str, Box],
    bands: Sequence[Box],
    chosen: str,
    palette: Palette,
) -> list[Drawing]:
    """The traces. chosen: the entry that stands out."""
    rows = [row for param in info.params for row in param.rows]
    return [
        _bands(info.params, bands, palette),
        _cells(rows, boxes, palette),
        line_trace(_outline(boxes.get(chosen)), 4, palette.accent),
        *_titles(info, bands[0], palette),
        *_lines(info.params, bands, palette),
        *_texts(rows, boxes, palette),
    ]


def _colour(of: Status | Verdict, palette: Palette) -> str:
    """A verdict's colour, an entry's or a param's."""
    if of in ("kink", "KINK"):
        return palette.kink
    return palette.failed if of in ("wrong", "FAILED") else palette.passed


def _bordered(
    boxes: Sequence[Box], fills: Sequence[str], lines: Sequence[str], widths: Sequence[float]
) -> Drawing:
    """Filled boxes, each with a border of its own."""
    border = {"color": list(lines), "width": list(widths)}
    return boxes_trace(boxes, {"color": list(fills), "line": border})


def _bands(params: Sequence[Param], bands: Sequence[Box], palette: Palette) -> Drawing:
    colours = [_colour(param.verdict, palette) for param in params]
    edges = [(left, top, 7.0, height) for left, top, _, height in bands]
    faint = [palette.faint(each, 0.14) for each in colours]
    return _bordered(
        [*bands, *edges],
        [*faint, *colours],
        [palette.paper] * 2 * len(bands),
        [0.0] * 2 * len(bands),
    )


def _cells(rows: Sequence[CheckRow], boxes: Mapping[str, Box], palette: Palette) -> Drawing:
    """Four cells a row: the two gradients in their sign's colours, the difference in its own."""
    places, fills, lines, widths = [], [], [], []
    for row in rows:
        left, top, _, height = boxes[row.entry]
        off = row.status in ("kink", "wrong")
        mark = _colour(row.status, palette)
        places += [(left + offset, top, width, height) for offset, width in COLUMNS]
        fills += [palette.fill_unknown, palette.fill(row.analytic), palette.fill(row.numeric)]
        fills.append(palette.faint(mark, 0.2) if off else palette.fill_zero)
        lines += [palette.line, palette.sign(row.analytic), palette.sign(row.numeric)]
        lines.append(mark if off else palette.line)
        widths += [1.5, *(3.0 if each else 1.5 for each in (row.analytic, row.numeric))]
        widths.append(4.0 if off else 1.5)
    return _bordered(places, fills, lines, widths)


def _outline(box: Box | None) -> list[Point | None]:
    if box is None:
        return []
    left, top, width, height = box
    left, top, right, bottom = left - 4, top - 3, left + width + 2, top + height + 3
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def _titles(info: CheckInfo, first: Box, palette: Palette) -> Iterator[Drawing]:
    """What is checked, and over each column what stands there."""
    left, *levels = first[0], *LEVELS
    formula = f"<b>{info.title}</b>  <i>{info.formula}</i>"
    at = [(left, level) for level in levels[:2]]
    yield text_trace(
        at, [formula, f"<i>{info.sent}</i>"], NOTE_SIZE + 1, palette.ink, "middle right", still=True
    )
    middles = [(left + offset + width / 2, levels[2]) for offset, width in COLUMNS]
    titles = [f"<b>{title}</b>" for title in SUBJECTS]
    yield text_trace(middles, titles, NOTE_SIZE + 1, palette.ink, still=True)


def _lines(params: Sequence[Param], bands: Sequence[Box], palette: Palette) -> Iterator[Drawing]:
    """The check's own line for each param, its verdict before it as a symbol."""
    at = [(left, top + height / 2) for left, top, _, height in bands]
    colours = [_colour(param.verdict, palette) for param in params]
    symbols = [f"<b>{SYMBOLS[param.verdict]}</b>" for param in params]
    yield text_trace([(x + 22, y) for x, y in at], symbols, HEADING_SIZE, colours)
    lines = [
        param.line.replace(param.verdict, f'<b style="color:{shade}">{param.verdict}</b>')
        for param, shade in zip(params, colours, strict=True)
    ]
    yield text_trace(
        [(x + 40, y) for x, y in at], lines, NOTE_SIZE - 1, palette.ink, "middle right"
    )


def _fitting(number: str, width: float, largest: int) -> int:
    """The size at which a number has room: one of three, so that columns look even."""
    room = (width - 10) / (SIGN * len(number))
    return next((size for size in (largest, MIDDLE) if size <= room), SMALLEST)


def _texts(
    rows: Sequence[CheckRow], boxes: Mapping[str, Box], palette: Palette
) -> Iterator[Drawing]:
    """What stands in the cells, and the words beside them."""
    places = [boxes[row.entry] for row in rows]
    size = min(LARGEST, round(0.52 * min(height for *_, height in places)))
    levels = [top + height / 2 for _, top, _, height in places]
    left = places[0][0]
    names = [f"<i>{row.label}</i>" for row in rows]
    yield text_trace(
        [(left + 8, y) for y in levels], names, NOTE_SIZE, palette.muted, "middle right", still=True
    )
    offset, width = COLUMNS[0]
    yield text_trace(
        [(left + offset + width - 8, y) for y in levels],
        [f"<b>{row.value}</b>" for row in rows],
        [_fitting(row.value, width - NAME, size) for row in rows],
        palette.ink,
        "middle left",
    )
    gradients = [[row.analytic for row in rows], [row.numeric for row in rows]]
    for (offset, width), numbers in zip(COLUMNS[1:3], gradients, strict=True):
        words = [signed(each) for each in numbers]
        yield text_trace(
            [(left + offset + width / 2, y) for y in levels],
            [f"<b>{each}</b>" for each in words],
            [_fitting(each, width, size) for each in words],
            [palette.text(each) for each in numbers],
        )
    offset, width = COLUMNS[3]
    yield text_trace(
        [(left + offset + width / 2, y) for y in levels],
        [row.difference for row in rows],
        [_fitting(row.difference, width, min(size, 22)) for row in rows],
        palette.ink,
    )
    yield text_trace(
        [(left + WORDS, y) for y in levels],
        [f"<b>{MARKS[row.status]}</b> {row.said}".rstrip() for row in rows],
        NOTE_SIZE,
        [_colour(row.status, palette) for row in rows],
        "middle right",
    )


def _map_drawings(info: CheckInfo, palette: Palette) -> list[Drawing]:
    """The traces."""
    code = wrap(info.code, SIGNS + 4)
    places = list(_places(info.params, MAPS_TOP + LINE * (len(code) - 1)))
    rows = [row for param in info.params for row in param.rows]
    boxes = [box for _, of_it in places for box in of_it]
    marks = [_colour(row.status, palette) for row in rows]
    off = [row.status in ("kink", "wrong") for row in rows]
    fills = [
        palette.faint(mark, 0.3) if bad else palette.fill_zero
        for mark, bad in zip(marks, off, strict=True)
    ]
    lines = [mark if bad else palette.line for mark, bad in zip(marks, off, strict=True)]
    middles = [(left + width / 2, top + height / 2) for left, top, width, height in boxes]
    return [
        _bordered(boxes, fills, lines, [3.0 if bad else 1.5 for bad in off]),
        text_trace(middles, [f"<b>{MARKS[row.status]}</b>" for row in rows], NOTE_SIZE, marks),
        text_trace(
            [(of_it[0][0] - 22, of_it[0][1] + CELL / 2) for _, of_it in places],
            [f"<i>{param.letter}</i>" for param, _ in places],
            NOTE_SIZE,
            palette.muted,
            still=True,
        ),
        _words(info, code, max(top + CELL for _, top, _, _ in boxes), palette),
    ]


def _places(params: Sequence[Param], top: float) -> Iterator[tuple[Param, list[Box]]]:
    """Each param's cells, side by side; axes of length 1 are left out."""
    left = MAPS_LEFT + 38
    for param in params:
        shape = [extent for extent in param.shape if extent > 1]
        columns = shape[-1] if shape else 1
        yield (
            param,
            [
                (left + CELL * (i % columns), top + CELL * (i // columns), CELL - 3, CELL - 3)
                for i in range(prod(shape))
            ],
        )
        left += CELL * columns + BETWEEN


def _words(info: CheckInfo, code: Sequence[str], bottom: float, palette: Palette) -> Drawing:
    """The heading, the code, and as many lines of sentences as there is room for."""
    lines = [line for sentence in info.findings for line in wrap(sentence, SIGNS)]
    room = int((BOTTOM - bottom) // LINE)
    if len(lines) > room:
        lines = [*lines[: room - 1], f"{lines[room - 1]} …"]
    levels = [bottom + LINE * (i + 0.8) for i in range(room)]
    lines += [""] * (room - len(lines))
    return text_trace(
        [
            (MAPS_LEFT, HEADING),
            *((MAPS_LEFT, CODE + LINE * i) for i in range(len(code))),
            *((MAPS_LEFT, level) for level in levels),
        ],
        [f"<b>{info.heading}</b>", *map(escape, code), *lines],
        [HEADING_SIZE - 2, *[NOTE_SIZE - 1] * (len(code) + room)],
        [palette.ink, *[palette.muted] * len(code), *[palette.ink] * room],
        "middle right",
    )
