"""The table of a gradient check: analytic beside numeric, under the line of each param."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine.check.examination import Status
from engine.check.gradient import Verdict
from pages.figures.arrangement import (
    STILL,
    Box,
    Drawing,
    Point,
    boxes_trace,
    line_trace,
    text_trace,
)
from pages.figures.check_info import MARKS, SYMBOLS, CheckInfo, Group, Row
from pages.figures.theme import HEADING_SIZE, NOTE_SIZE, Palette
from pages.figures.words import signed

COLUMNS: Final = ((0.0, 160.0), (164.0, 140.0), (308.0, 140.0), (452.0, 110.0))
"""Offset and width of the cells of a row: the entry, analytic, numeric, difference."""
WORDS: Final = 572.0
"""Where the words beside a row begin."""
TITLES: Final = ("entry", "analytic", "numeric", "difference")
LEVELS: Final = (18.0, 45.0, 77.0)
"""Of the function's two lines, and of the columns' titles."""
LARGEST: Final = 26
NAME: Final = 48.0
"""How much of an entry's cell its name takes."""
SIGN: Final = 0.62
"""About how wide a sign of a number is, of its size."""
MIDDLE: Final = 20
SMALLEST: Final = 18


def table_drawings(
    info: CheckInfo,
    boxes: Mapping[str, Box],
    bands: Sequence[Box],
    chosen: str,
    palette: Palette,
) -> list[Drawing]:
    """The traces. chosen: the entry that stands out."""
    rows = [row for group in info.groups for row in group.rows]
    return [
        _bands(info.groups, bands, palette),
        _cells(rows, boxes, palette),
        line_trace(_outline(boxes.get(chosen)), 4, palette.accent),
        *_titles(info, bands[0], palette),
        *_lines(info.groups, bands, palette),
        *_texts(rows, boxes, palette),
    ]


def colour(of: Status | Verdict, palette: Palette) -> str:
    """A verdict's colour, an entry's or a param's."""
    if of in ("kink", "KINK"):
        return palette.kink
    return palette.failed if of in ("wrong", "FAILED") else palette.passed


def bordered(
    boxes: Sequence[Box], fills: Sequence[str], lines: Sequence[str], widths: Sequence[float]
) -> Drawing:
    """Filled boxes, each with a border of its own."""
    border = {"color": list(lines), "width": list(widths)}
    return boxes_trace(boxes, {"color": list(fills), "line": border})


def _bands(groups: Sequence[Group], bands: Sequence[Box], palette: Palette) -> Drawing:
    colours = [colour(group.verdict, palette) for group in groups]
    edges = [(left, top, 7.0, height) for left, top, _, height in bands]
    faint = [palette.faint(each, 0.14) for each in colours]
    return bordered(
        [*bands, *edges],
        [*faint, *colours],
        [palette.paper] * 2 * len(bands),
        [0.0] * 2 * len(bands),
    )


def _cells(rows: Sequence[Row], boxes: Mapping[str, Box], palette: Palette) -> Drawing:
    """Four cells a row: the two gradients in their sign's colours, the difference in its own."""
    places, fills, lines, widths = [], [], [], []
    for row in rows:
        left, top, _, height = boxes[row.entry]
        off = row.status in ("kink", "wrong")
        mark = colour(row.status, palette)
        places += [(left + offset, top, width, height) for offset, width in COLUMNS]
        fills += [palette.fill_unknown, palette.fill(row.analytic), palette.fill(row.numeric)]
        fills.append(palette.faint(mark, 0.2) if off else palette.fill_zero)
        lines += [palette.line, palette.sign(row.analytic), palette.sign(row.numeric)]
        lines.append(mark if off else palette.line)
        widths += [1.5, *(3.0 if each else 1.5 for each in (row.analytic, row.numeric))]
        widths.append(4.0 if off else 1.5)
    return bordered(places, fills, lines, widths)


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
    yield {
        **text_trace(at, [formula, f"<i>{info.sent}</i>"], NOTE_SIZE + 1, palette.ink),
        "textposition": "middle right",
        "meta": STILL,
    }
    middles = [(left + offset + width / 2, levels[2]) for offset, width in COLUMNS]
    titles = [f"<b>{title}</b>" for title in TITLES]
    yield {**text_trace(middles, titles, NOTE_SIZE + 1, palette.ink), "meta": STILL}


def _lines(groups: Sequence[Group], bands: Sequence[Box], palette: Palette) -> Iterator[Drawing]:
    """The check's own line for each param, its verdict before it as a symbol."""
    at = [(left, top + height / 2) for left, top, _, height in bands]
    colours = [colour(group.verdict, palette) for group in groups]
    symbols = [f"<b>{SYMBOLS[group.verdict]}</b>" for group in groups]
    yield text_trace([(x + 22, y) for x, y in at], symbols, HEADING_SIZE, colours)
    lines = [
        group.line.replace(group.verdict, f'<b style="color:{shade}">{group.verdict}</b>')
        for group, shade in zip(groups, colours, strict=True)
    ]
    yield {
        **text_trace([(x + 40, y) for x, y in at], lines, NOTE_SIZE - 1, palette.ink),
        "textposition": "middle right",
    }


def _fitting(number: str, width: float, largest: int) -> int:
    """The size at which a number has room: one of three, so that columns look even."""
    room = (width - 10) / (SIGN * len(number))
    return next((size for size in (largest, MIDDLE) if size <= room), SMALLEST)


def _texts(rows: Sequence[Row], boxes: Mapping[str, Box], palette: Palette) -> Iterator[Drawing]:
    """What stands in the cells, and the words beside them."""
    places = [boxes[row.entry] for row in rows]
    size = min(LARGEST, round(0.52 * min(height for *_, height in places)))
    levels = [top + height / 2 for _, top, _, height in places]
    left = places[0][0]
    names = [f"<i>{row.label}</i>" for row in rows]
    yield {
        **text_trace([(left + 8, y) for y in levels], names, NOTE_SIZE, palette.muted),
        "textposition": "middle right",
        "meta": STILL,
    }
    offset, width = COLUMNS[0]
    yield {
        **text_trace(
            [(left + offset + width - 8, y) for y in levels],
            [f"<b>{row.value}</b>" for row in rows],
            [_fitting(row.value, width - NAME, size) for row in rows],
            palette.ink,
        ),
        "textposition": "middle left",
    }
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
    yield {
        **text_trace(
            [(left + WORDS, y) for y in levels],
            [f"<b>{MARKS[row.status]}</b> {row.said}".rstrip() for row in rows],
            NOTE_SIZE,
            [colour(row.status, palette) for row in rows],
        ),
        "textposition": "middle right",
    }
