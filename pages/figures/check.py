"""The picture of a gradient check: a table of entries, the error against the step, and maps.

The table compares the analytic with the numeric gradient, under a line for each param. The maps
show which entries are wrong, each param in its own shape, beneath the bug (if any) and its code.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html import escape
from math import prod
from textwrap import wrap
from typing import Any, Final

from engine.check.examination import Status
from engine.check.gradient import Verdict
from pages.figures.check_curve import PROJECTOR as CURVE_ON_A_PROJECTOR
from pages.figures.check_curve import (
    CurveInfo,
    CurveMeasures,
    curve_drawings,
    curve_legend,
    on_a_phone,
)
from pages.figures.layout import Layout, View, finished
from pages.figures.legend import Sign, present
from pages.figures.primitives import (
    Box,
    Drawing,
    Point,
    boxes_trace,
    line_trace,
    middle_of,
    outline,
    text_trace,
    text_width,
)
from pages.figures.theme import PALETTES, Palette
from pages.figures.words import number, signed

MARKS: Final[Mapping[Status | Verdict | None, str]] = {
    **dict.fromkeys(("agrees", "closer", "rounded", "PASSED"), "✓"),
    **dict.fromkeys(("kink", "KINK"), "◆"),
    **dict.fromkeys(("wrong", "FAILED"), "✗"),
    None: "?",
}
"""The symbol of an entry's status, and of a param's verdict; None stands for a hidden result."""


@dataclass(frozen=True)
class CheckRow:
    """One entry, with its analytic and its numeric gradient."""

    entry: str  # its plain name
    label: str
    value: float
    analytic: float
    numeric: float
    difference: str
    status: Status | None  # None if the results of the check are hidden
    said: str  # a few words beside the row


@dataclass(frozen=True)
class Param:
    """One param."""

    letter: str
    shape: tuple[int, ...]
    line: str  # the check's line about it
    verdict: Verdict | None  # None if it is hidden
    rows: Sequence[CheckRow]  # its entries in index order


@dataclass(frozen=True)
class CheckInfo:
    """The data of the whole picture."""

    title: str
    formula: str
    about: str  # the upstream gradient if it is not 1, otherwise a remark on the function
    params: Sequence[Param]
    curve: CurveInfo
    heading: str  # the text over the maps
    code: str  # the line of code beneath that text

    @property
    def rows(self) -> dict[str, CheckRow]:
        """Every row, by its entry."""
        return {row.entry: row for param in self.params for row in param.rows}

    def unseen(self) -> "CheckInfo":
        """The same with the check's results hidden, because the user is asked about them."""
        nothing = {"analytic": 0.0, "numeric": 0.0, "difference": "?", "status": None, "said": ""}
        params = [
            replace(
                param,
                line="",
                verdict=None,
                rows=[replace(row, **nothing) for row in param.rows],  # type: ignore[arg-type]
            )
            for param in self.params
        ]
        return replace(self, params=params, curve=self.curve.unseen())


@dataclass(frozen=True)
class CheckMeasures:
    """The size of the picture and where its parts lie, in its pixels."""

    width: float = 1600.0
    height: float = 670.0
    left: float = 222.0  # where the table begins
    table: float = 906.0  # the width of the table
    top: float = 106.0  # of the table
    bottom: float = 664.0  # the lowest level that the table may reach
    band: float = 36.0  # the height of the line over a param's entries
    gap: float = 6.0  # between two params
    pitches: tuple[float, float] = (36.0, 82.0)  # the least and largest distance between entries
    columns: Sequence[tuple[float, float]] = ((0, 208), (212, 152), (368, 152), (524, 138))
    """(offset, width) of the cells of a row: entry, analytic, numeric and, if there is room,
    difference."""
    words: float = 674.0  # the offset of the words beside a row
    subject: tuple[float, float] = (16.0, 48.0)  # the levels of the two lines about the function
    named: bool = True  # whether these lines begin with the layer's name
    titles: float = 84.0  # the level of the column titles
    note: int = 25  # a text size
    heading: int = 27  # a text size
    largest: int = 29  # a text size
    outline: float = 4  # the thickness of the chosen row's outline
    pattern: tuple[float, float, float, float] | None = (1144.0, 472.0, 506.0, 526.0)
    """(left, level of the heading, level of the code, top of the maps below one line of code); None
    for no maps."""
    signs: int = 35  # the characters in a line of code
    cell: float = 36.0  # the side of a map's cell


PROJECTOR: Final = CheckMeasures()
PHONE: Final = CheckMeasures(
    width=374.0,
    height=368.0,
    left=2.0,
    table=370.0,
    top=52.0,
    bottom=368.0,
    band=21.0,
    gap=4.0,
    pitches=(44.0, 44.0),
    columns=((0, 88), (90, 80), (172, 80)),
    words=256.0,
    subject=(8.0, 24.0),
    named=False,
    titles=41.0,
    note=12,
    heading=13,
    largest=15,
    outline=3,
    pattern=None,
)
"""On a phone, the curve stands beneath the table."""
SUBJECTS: Final = ("entry", "analytic", "numeric", "difference")  # the titles of the columns
CURVE: Final = 218.0  # the height of the curve's picture on a phone
BETWEEN: Final = 48.0  # the space between two maps, in which a letter stands
LINE: Final = 30.0  # the distance between two lines of code
TWO_LINES: Final = 2.2  # the height of two lines, in units of the text size
MOST_DIGITS: Final = 8  # the most digits of an entry's value, if there is room


@dataclass(frozen=True, eq=False)
class CheckArrangement(Layout):
    """The layout of the picture of a gradient check."""

    bands: Sequence[Box] = ()  # of each param's line
    rows: Mapping[str, Box] = field(default_factory=dict)
    """The box in which each entry can be chosen, without gaps between entries."""
    own: CheckMeasures = PROJECTOR
    curve: CurveMeasures = CURVE_ON_A_PROJECTOR


@lru_cache(maxsize=64)
def check_arrangement(
    params: tuple[tuple[str, ...], ...], m: CheckMeasures = PROJECTOR
) -> CheckArrangement:
    """Lay out the picture for params with these entries."""
    rows = sum(map(len, params))
    free = m.bottom - m.top - len(params) * (m.band + m.gap) + m.gap
    pitch = min(m.pitches[1], max(m.pitches[0], free / rows))
    boxes, edges, bands, top = {}, {}, [], m.top
    for entries in params:
        bands.append((m.left, top, m.table, m.band))
        top += m.band
        for entry in entries:
            boxes[entry] = (m.left, top + 3, m.table, pitch - 5)
            edges[entry] = (m.left, top + 0.5, m.table, pitch)
            top += pitch
        top += m.gap
    if m is PHONE:
        height, curve = top + CURVE, on_a_phone(top)
    else:
        height, curve = m.height, CURVE_ON_A_PROJECTOR
    return CheckArrangement(
        m.width, height, boxes, bands=tuple(bands), rows=edges, own=m, curve=curve
    )


def check_figure(info: CheckInfo, arrangement: CheckArrangement, view: View) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}."""
    palette, m, rows = PALETTES[view.theme], arrangement.own, [*info.rows.values()]
    boxes, bands = arrangement.boxes, arrangement.bands
    around: list[Point] = []
    if view.entry in boxes:
        left, top, width, height = boxes[view.entry]
        around = outline((left - 2, top - 3, width + 2, height + 6))
    return finished(
        [
            _bands(info.params, bands, palette),
            _cells(rows, boxes, m, palette),
            line_trace(around, m.outline, palette.accent),
            *_titles(info, m, palette),
            *_lines(info.params, bands, m, palette),
            *_texts(rows, boxes, m, palette),
            *curve_drawings(info.curve, arrangement.curve, palette),
            *(_map_drawings(info, m, m.pattern, palette) if m.pattern else ()),
        ],
        arrangement,
        palette,
    )


def check_legend(info: CheckInfo, palette: Palette) -> list[Sign]:
    """The legend: the differences that stand out, and the curves."""
    found = {row.status for row in info.rows.values()}
    own = present(
        ("kink" in found, "frame", palette.kink, "kinked"),
        ("wrong" in found, "frame", palette.failed, "failed"),
    )
    return own + curve_legend(info.curve, palette)


def _colour(of: Status | Verdict | None, palette: Palette) -> str:
    """The colour of an entry's status or of a param's verdict."""
    if of is None:
        return palette.muted
    if of in ("kink", "KINK"):
        return palette.kink
    return palette.failed if of in ("wrong", "FAILED") else palette.passed


def _bordered(
    boxes: Sequence[Box], fills: list[str], lines: list[str], widths: list[float]
) -> Drawing:
    """Filled boxes, each with a border of its own."""
    return boxes_trace(boxes, {"color": fills, "line": {"color": lines, "width": widths}})


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


def _cells(
    rows: Sequence[CheckRow], boxes: Mapping[str, Box], m: CheckMeasures, palette: Palette
) -> Drawing:
    """Draw the cells of all rows: gradients coloured by sign, the difference by its status."""
    places, fills, lines, widths = [], [], [], []
    for row in rows:
        left, top, _, height = boxes[row.entry]
        off = row.status in ("kink", "wrong")
        mark = _colour(row.status, palette)
        looks = [
            (palette.fill_unknown, palette.line, 1.5),
            *(
                (palette.fill(each), palette.sign(each), 3.0 if each else 1.5)
                for each in (row.analytic, row.numeric)
            ),
            (palette.faint(mark, 0.2), mark, 4.0)
            if off
            else (palette.fill_zero, palette.line, 1.5),
        ]
        for (offset, wide), (fill, line, width) in zip(m.columns, looks, strict=False):
            places.append((left + offset, top, wide, height))
            fills.append(palette.fill_unknown if row.status is None else fill)
            lines.append(line)
            widths.append(width)
    return _bordered(places, fills, lines, widths)


def _titles(info: CheckInfo, m: CheckMeasures, palette: Palette) -> Iterator[Drawing]:
    """Write what is checked, and the titles of the columns."""
    title = f"<b>{info.title}</b>  " if m.named else ""
    at = [(m.left, level) for level in m.subject]
    said = [f"{title}<i>{info.formula}</i>", f"<i>{info.about}</i>"]
    yield text_trace(at, said, m.note, palette.ink, "middle right", still=True)
    middles = [(m.left + offset + width / 2, m.titles) for offset, width in m.columns]
    titles = [f"<b>{title}</b>" for title in SUBJECTS[: len(middles)]]
    yield text_trace(middles, titles, m.note, palette.ink, still=True)


def _lines(
    params: Sequence[Param], bands: Sequence[Box], m: CheckMeasures, palette: Palette
) -> Iterator[Drawing]:
    """Write the check's line for each param, after a symbol for its verdict."""
    at = [(left, top + height / 2) for left, top, _, height in bands]
    colours = [_colour(param.verdict, palette) for param in params]
    symbols = [f"<b>{MARKS[param.verdict]}</b>" for param in params]
    yield text_trace([(x + m.note, y) for x, y in at], symbols, m.heading, colours)
    lines = [
        param.line.replace(param.verdict, f'<b style="color:{shade}">{param.verdict}</b>')
        if param.verdict
        else ""
        for param, shade in zip(params, colours, strict=True)
    ]
    yield text_trace(
        [(x + 1.8 * m.note, y) for x, y in at], lines, m.note, palette.ink, "middle right"
    )


@lru_cache(maxsize=4096)
def _value(value: float, room: float, size: int, least: int) -> tuple[str, int]:
    """An entry's value with as many digits as fit, and its text size, which is small if long."""
    written = [number(value, digits) for digits in range(MOST_DIGITS, 0, -1)]
    return _fitting([(text, least if len(text) > 6 else size) for text in written], room)


@lru_cache(maxsize=4096)
def _gradient(value: float, room: float, size: int, least: int) -> tuple[str, int]:
    """A gradient with its sign and as many digits as fit, and its size, small for few digits."""
    ways = [*((digits, size) for digits in range(6, 1, -1)), (2, least), (1, least)]
    return _fitting([(signed(value, digits), own) for digits, own in ways], room)


def _fitting(ways: Sequence[tuple[str, int]], room: float) -> tuple[str, int]:
    """The first of these (text, size) pairs that fits in bold, or the last one."""
    bold = [(f"<b>{text}</b>", size) for text, size in ways]
    return next((way for way in bold if text_width(*way) <= room), bold[-1])


def _texts(
    rows: Sequence[CheckRow], boxes: Mapping[str, Box], m: CheckMeasures, palette: Palette
) -> Iterator[Drawing]:
    """Write the texts in the cells, and the words beside them."""
    places = [boxes[row.entry] for row in rows]
    left, _, _, height = places[0]
    size = max(m.note, min(m.largest, round(0.52 * height)))
    levels = [top + height / 2 for _, top, _, height in places]

    def column(x: float, said: Sequence[tuple[str, int]], *look: Any, **others: Any) -> Drawing:
        texts, sizes = zip(*said, strict=True)
        return text_trace([(x, y) for y in levels], texts, [*sizes], *look, **others)

    names = [(f"<i>{row.label}</i>", m.note) for row in rows]
    yield column(left + m.note / 3, names, palette.muted, "middle right", still=True)
    offset, width = m.columns[0]
    free = width - 2 * m.note / 3
    values = [
        _value(row.value, free - text_width(*said), size, m.note)
        for row, said in zip(rows, names, strict=True)
    ]
    yield column(left + offset + width - m.note / 3, values, palette.ink, "middle left")
    gradients = [[row.analytic for row in rows], [row.numeric for row in rows]]
    for (offset, width), numbers in zip(m.columns[1:3], gradients, strict=True):
        found = [
            ("<b>?</b>", size) if row.status is None else _gradient(each, width - 8, size, m.note)
            for row, each in zip(rows, numbers, strict=True)
        ]
        yield column(left + offset + width / 2, found, [palette.text(each) for each in numbers])
    for offset, width in m.columns[3:]:
        yield column(
            left + offset + width / 2, [(row.difference, m.note) for row in rows], palette.ink
        )
    said = [_words_and_size(f"{MARKS[row.status]} {row.said}".rstrip(), m, height) for row in rows]
    yield column(
        left + m.words, said, [_colour(row.status, palette) for row in rows], "middle right"
    )


def _words_and_size(said: str, m: CheckMeasures, height: float) -> tuple[str, int]:
    """The words beside a row of this height, and their text size.

    A number or interval in them gets a line of its own if that allows a larger size.
    """
    in_two, room = re.sub(r" (?=[\[+−])", "<br>", said, count=1), m.table - m.words
    return next(
        (text, size)
        for size in range(m.note, 0, -1)
        for text, needed in ((said, size), (in_two, TWO_LINES * size))
        if text_width(text, size) <= room and needed <= height
    )


def _map_drawings(
    info: CheckInfo, m: CheckMeasures, pattern: tuple[float, float, float, float], palette: Palette
) -> list[Drawing]:
    left, heading, line, top = pattern
    code = wrap(info.code, m.signs)
    places = [*_boxes_by_param(info.params, left, top + LINE * (len(code) - 1), m.cell)]
    rows = info.rows.values()
    boxes = [box for _, of_it in places for box in of_it]
    marks = [_colour(row.status, palette) for row in rows]
    off = [row.status in ("kink", "wrong") for row in rows]
    fills = [
        palette.faint(mark, 0.3) if bad else palette.fill_zero
        for mark, bad in zip(marks, off, strict=True)
    ]
    lines = [mark if bad else palette.line for mark, bad in zip(marks, off, strict=True)]
    middles = [middle_of(box) for box in boxes]
    return [
        _bordered(boxes, fills, lines, [3.0 if bad else 1.5 for bad in off]),
        text_trace(middles, [f"<b>{MARKS[row.status]}</b>" for row in rows], m.note, marks),
        text_trace(
            [(of_it[0][0] - 20, of_it[0][1] + m.cell / 2) for _, of_it in places],
            [f"<i>{param.letter}</i>" for param, _ in places],
            m.note,
            palette.muted,
            still=True,
        ),
        text_trace(
            [(left, heading), *((left, line + LINE * i) for i in range(len(code)))],
            [f"<b>{info.heading}</b>", *map(escape, code)],
            [m.heading, *[m.note] * len(code)],
            [palette.ink, *[palette.muted] * len(code)],
            "middle right",
        ),
    ]


def _boxes_by_param(
    params: Sequence[Param], left: float, top: float, cell: float
) -> Iterator[tuple[Param, list[Box]]]:
    """The boxes of each param's map, the maps side by side; axes of length 1 are left out."""
    left += 36
    for param in params:
        shape = [extent for extent in param.shape if extent > 1]
        columns = shape[-1] if shape else 1
        yield (
            param,
            [
                (left + cell * (i % columns), top + cell * (i // columns), cell - 3, cell - 3)
                for i in range(prod(shape))
            ],
        )
        left += cell * columns + BETWEEN
