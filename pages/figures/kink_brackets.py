"""Draw the bracket of every entry, and what each rule claims as its derivative.

A bracket reaches from one one-sided derivative to the other. Each rule's claim is a mark, with a
ring around it if it is no derivative. On a phone there is only the chosen entry's bracket.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import ceil
from typing import Final, TypeAlias

from pages.figures.axes import Scale, legible, ticks
from pages.figures.kink_info import PROJECTOR, BracketRow, KinkInfo, KinkMeasures, Look, rule_marks
from pages.figures.layout import around
from pages.figures.primitives import (
    Box,
    Drawing,
    Point,
    choices_trace,
    dots,
    fitting,
    line_trace,
    middle_of,
    text_trace,
    text_width,
)
from pages.figures.words import DIGITS, number, signed

MOST_CHIPS: Final = 8
"""The most chips to choose from, those around the chosen entry: a finger needs its room."""
WITHIN: Final = 8.0  # the width of a chip that its name leaves free
NOTHING: Final = ("no derivative", "no<br>derivative")  # beside a claim that is no subgradient
FINE: Final = ("still a subgradient", "still a<br>subgradient")  # beside one that is
SHORT: Final = "outside"  # instead of NOTHING, if there is little room
Pairs: TypeAlias = Sequence[tuple[BracketRow, float]]  # the rows, each with the level of its middle


def _pitch(count: int, m: KinkMeasures) -> float:
    """The distance between rows, if there are this many."""
    top, bottom = m.rows
    return min(m.pitch, (bottom - top) / count)


def row_middles(count: int, m: KinkMeasures = PROJECTOR) -> list[float]:
    """The middles of this many rows, from the top."""
    return [m.rows[0] + _pitch(count, m) * (row + 0.5) for row in range(count)]


def bracket_drawings(info: KinkInfo, look: Look) -> list[Drawing]:
    """Draw, from back to front, the axis, the brackets, the marks and the words."""
    m = look.m
    rows = info.rows if m.chips is None else [info.row(info.slice.entry)]
    axis, pitch = Scale(*info.slopes, *m.axis), _pitch(len(rows), m)
    pairs = list(zip(rows, row_middles(len(rows), m), strict=True))
    bars: list[Point | None] = []
    for row, middle in pairs:
        if row.kinked:
            bars += [(axis.held(row.left), middle), (axis.held(row.right), middle), None]
    return [
        *_axis(axis, len(rows), look),
        choices_trace(entry_boxes(info, m), {info.slice.entry}, (m.note / 5, 1.5), look.palette),
        line_trace(bars, min(26.0, pitch * 0.5), look.palette.bracket),
        line_trace([*_ends(pairs, axis, pitch)], 4 if m.chips is None else 2, look.palette.ink),
        *_marks(pairs, axis, look),
        _beyond(pairs, axis, look),
        *_words(pairs, axis, look),
        *_texts(pairs, info, look),
    ]


@lru_cache(maxsize=64)
def _axis(axis: Scale, rows: int, look: Look) -> list[Drawing]:
    """Draw thin lines at round numbers, and the numbers."""
    top = look.m.rows[0]
    bottom = top + _pitch(rows, look.m) * rows
    values = legible(ticks(axis.low, axis.high), axis, look.m.note)
    grid: list[Point | None] = []
    for value in values:
        grid += [(axis(value), top), (axis(value), bottom), None]
    at = [(axis(value), bottom + 0.72 * look.m.note) for value in values]
    numbers = [*map(number, values)]
    return [
        line_trace(grid, 1.5, look.palette.hatch),
        text_trace(at, numbers, look.m.note, look.palette.muted, still=True),
    ]


def _ends(pairs: Pairs, axis: Scale, pitch: float) -> Iterator[Point | None]:
    """The points of a short upright line at each one-sided derivative."""
    half = min(20.0, pitch * 0.38)
    for row, middle in pairs:
        for side in (row.left, row.right) if row.kinked else (row.left,):
            at = axis.held(side)
            yield from ((at, middle - half), (at, middle + half), None)


def _words(pairs: Pairs, axis: Scale, look: Look) -> Iterator[Drawing]:
    """Write beside marks outside a bracket what they are, with their value if off the axis."""
    m, gap, at, texts, places = look.m, look.m.gap, [], [], []
    lines = 2 if _pitch(len(pairs), m) >= 2.4 * m.note else 1
    for row, middle in pairs:
        strays = [row.claims[group] for group in row.outside or row.beside]
        if not strays:
            continue
        farthest = max(strays, key=lambda value: abs(value - (row.left + row.right) / 2))
        beyond = "" if axis.inside(farthest) else f"{signed(farthest)}: "
        mark = axis.held(farthest)
        others = [axis.held(value) for value in (row.left, row.right, *row.claims)]
        left = max([m.axis[0], *(other for other in others if other < mark - 1)])
        right = min([_number_at(row, m)[0] - gap, *(other for other in others if other > mark + 1)])
        words = (NOTHING if row.outside else FINE)[:lines]
        words = (*words, SHORT) if row.outside else words
        said = [f"<b>{beyond}{word}</b>" for word in words]
        word, side = _word_and_side(said, mark - left - 1.5 * gap, right - mark - 1.5 * gap, m.note)
        at.append((mark + gap * side, middle))
        texts.append(word)
        places.append("middle right" if side > 0 else "middle left")
    yield text_trace(at, texts, m.note, look.palette.ink, places)


def _word_and_side(words: Sequence[str], left: float, right: float, size: int) -> tuple[str, int]:
    """The first of the words that fits, and its side of the mark (1: right, -1: left)."""
    side, room = (1, right) if right >= left else (-1, left)
    # If none fits, the ring and the sentences beside the picture say it.
    return fitting((*words, ""), size, room), side


def _texts(pairs: Pairs, info: KinkInfo, look: Look) -> Iterator[Drawing]:
    m, ink, muted = look.m, look.palette.ink, look.palette.muted
    boxes = entry_boxes(info, m)
    if m.chips is None:
        more = f" ({info.left_out} more entries)" if info.left_out else ""
        title = f"<b>What each rule gives, and the truth</b>{more}"
        middle = min((m.label[0] + m.width) / 2, m.width - text_width(title, m.title) / 2)
        yield text_trace([(middle, m.titles)], [title], m.title, ink, still=True)
    else:
        at = [(m.label[0], y) for _, y in pairs]
        own = [f"<i>{row.label}</i>" for row, _ in pairs]
        yield text_trace(at, own, m.note, ink, "middle right")
    named = _names(info, m)
    names = [named[entry] for entry in boxes]
    room = min(wide for _, _, wide, _ in boxes.values()) - WITHIN / 2
    larger = m.note if m.chips is None else m.note + 3
    size = next(
        (size for size in range(larger, m.note, -1) if _widest(names, size) <= room), m.note
    )
    yield text_trace([middle_of(box) for box in boxes.values()], names, size, ink, still=True)
    numbers = [(_number_at(row, m), y) for row, y in pairs]
    at = [(x, y) for (x, _), y in numbers]
    yield text_trace(at, [text for (_, text), _ in numbers], m.note, muted, "middle right")


def _names(info: KinkInfo, m: KinkMeasures) -> dict[str, str]:
    """The text by which each entry is chosen: its derivative if there is room, or its name."""
    slopes = {row.entry: f"<i>{row.label}</i>" for row in info.rows}
    if m.chips is None and _widest(slopes.values(), m.note) <= m.label[1]:
        return slopes
    return {row.entry: f"<i>{row.label.rpartition('∂')[2]}</i>" for row in info.rows}


def _widest(names: Iterable[str], size: int) -> float:
    """The width of the widest of these names, in this size."""
    return max(text_width(name, size) for name in names)


def _number_at(row: BracketRow, m: KinkMeasures) -> tuple[float, str]:
    """Where a row's bracket in numbers begins, further left if it is long; and its text."""
    written = _in_numbers(row, m)
    return min(m.interval, m.width - text_width(written, m.note)), written


def _in_numbers(row: BracketRow, m: KinkMeasures) -> str:
    """A bracket or derivative, with as many digits as fit; with one if two would meet the axis."""
    *ways, shortest = (
        row.interval(digits) if row.kinked else number(row.left, digits) for digits in (*DIGITS, 1)
    )
    written = fitting(ways, m.note, m.width - m.interval)
    return fitting((written, shortest), m.note, m.width - m.axis[1])


def _mark_places(
    row: BracketRow, middle: float, rows: int, axis: Scale, m: KinkMeasures
) -> list[Point]:
    """The place of each group's mark: on a level of its own; in flat rows several share one."""
    apart, each = _levels(rows, len(row.claims), m)
    levels = [group // each for group in range(len(row.claims))]
    places = []
    for group, value in enumerate(row.claims):
        together = [
            other
            for other in range(len(levels))
            if levels[other] == levels[group] and row.claims[other] == value
        ]
        aside = (together.index(group) - (len(together) - 1) / 2) * m.smallest
        level = (levels[group] - levels[-1] / 2) * apart
        places.append((round(axis.held(value) + aside, 1), round(middle + level, 1)))
    return places


def _levels(rows: int, groups: int, m: KinkMeasures) -> tuple[float, int]:
    """The distance between levels of marks in a row, and how many marks share a level."""
    apart = 0.92 * _pitch(rows, m) / groups
    shared = max(1, ceil(m.smallest / apart)) if apart < m.smallest else 1
    return shared * apart, shared


def _marks(pairs: Pairs, axis: Scale, look: Look) -> Iterator[Drawing]:
    """Draw each group's claim, with a ring around it if it is no derivative."""
    places = [
        (row, group, place)
        for row, y in pairs
        for group, place in enumerate(_mark_places(row, y, len(pairs), axis, look.m))
    ]
    rings, ink = [place for row, group, place in places if group in row.outside], look.palette.ink
    yield dots(rings, look.m.mark + 10, look.palette.paper, ink, ["circle"] * len(rings))
    most = max(len(row.claims) for row, _ in pairs)
    several = _levels(len(pairs), most, look.m)[1] > 1
    size = look.m.smallest + 1 if several else look.m.mark
    yield rule_marks([(place, group) for _, group, place in places], size, look)


def _beyond(pairs: Pairs, axis: Scale, look: Look) -> Drawing:
    """Draw an arrow at the end of each row in which something lies beyond the axis."""
    at, symbols = [], []
    for row, middle in pairs:
        values = (row.left, row.right, *row.claims)
        if min(values) < axis.low:
            at.append((look.m.axis[0] - look.m.gap, middle))
            symbols.append("triangle-left")
        if max(values) > axis.high:
            at.append((look.m.axis[1] + look.m.gap, middle))
            symbols.append("triangle-right")
    return dots(at, look.m.mark + 3, look.palette.ink, look.palette.ink, symbols)


def entry_boxes(info: KinkInfo, m: KinkMeasures) -> dict[str, Box]:
    """The box in which each entry can be chosen: the label of its row or, on a phone, a chip."""
    entries = [row.entry for row in info.rows]
    if m.chips is None:
        (left, width), height = m.label, min(44.0, _pitch(len(entries), m) - 5)
        middles = zip(entries, row_middles(len(entries), m), strict=True)
        return {e: (left, middle - height / 2, width, height) for e, middle in middles}
    # Fewer, if their names are long.
    widest = _widest(_names(info, m).values(), m.note)
    most = min(MOST_CHIPS, int(m.width / (widest + WITHIN)))
    shown = around(info.slice.entry, entries, most)
    top, height = m.chips
    wide = m.width / max(len(shown), min(most, MOST_CHIPS - 2))
    return {e: (i * wide + 2, top, wide - 4, height) for i, e in enumerate(shown)}
