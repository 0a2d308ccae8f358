"""The right of a kink's picture: for every entry its bracket, and what each rule claims.

A bracket goes from one one-sided derivative to the other; each rule's claim is a mark on it, with a
ring around what is no derivative. Beneath are the rules, and how each shares out what arrives at a
maximum for which two or three entries tie. Of two the shares are a point in a square, of three one
in a triangle, whose corners stand for "all of it to this one". Valid are those that sum to 1: the
square's diagonal, the whole triangle. Shares with another sum lie in no triangle; they stand beside
it, with their sum.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from textwrap import wrap
from typing import Final

from pages.figures.arrangement import (
    STILL,
    Box,
    Drawing,
    Point,
    boxes_trace,
    line_trace,
    points_trace,
    text_trace,
)
from pages.figures.kink_info import BracketRow, RuleGroup, Shares
from pages.figures.theme import GRADIENT_SIZE, HEADING_SIZE, NOTE_SIZE, RULE_SYMBOLS, Palette
from pages.figures.ticks import ticks
from pages.figures.words import number, signed

ROWS: Final = (84.0, 470.0)
"""The brackets' rows, from where to where; the axis is beneath them."""
PITCH: Final = 64.0
"""The most from one row to the next."""
ROW_LABEL: Final = 850.0
ROW_SLIDER: Final = (948.0, 196.0)
"""The left end and the width of a slider."""
ROW_AXIS: Final = (1164.0, 1446.0)
ROW_SAID: Final = 1488.0
"""Where a bracket stands in numbers."""
LEGEND: Final = (850.0, 522.0)
"""The left end and the first line of the rules' legend; LEGEND_PITCH from one group to the next."""
LEGEND_PITCH: Final = 76.0
LEGEND_SIGNS: Final = 58
"""So many signs of a group's members fit beside the square, a line."""
SHARES: Final = (1464.0, 568.0, 114.0)
"""Left and top of the square, or of the box around the triangle, and its side."""
TITLE: Final = 26.0
"""The level of what stands over each half of the picture."""
LABEL_WIDTH: Final = 92.0
CHARACTER: Final = 10.8
"""About the width of a bold sign of NOTE_SIZE, in the widest of the fonts."""
NOTHING: Final = ("no derivative", "no<br>derivative")
FINE: Final = ("still a subgradient", "still a<br>subgradient")
SHORT: Final = "outside"
TWO_LINES: Final = 54.0
"""A row less high than this has room for one line."""
GAP: Final = 19.0
"""From a mark to what stands beside it."""
SMALLEST: Final = 13.0
"""A mark is not smaller."""
MARK: Final = 17.0
SUM: Final = 1e-9
"""Shares sum to 1 but for rounding."""
AROUND: Final = 8.0
"""Marks in one place lie around it, so that each is seen."""


@dataclass(frozen=True)
class Scale:
    """From values to pixels along one axis, straight."""

    low: float
    high: float
    at_low: float
    at_high: float

    def __call__(self, value: float) -> float:
        """The pixel of a value, also beyond the ends."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.at_low + share * (self.at_high - self.at_low), 1)

    def inside(self, value: float) -> bool:
        """Whether a value lies between the ends."""
        return self.low <= value <= self.high

    def held(self, value: float) -> float:
        """The pixel of a value, or of the end that is nearest to it."""
        return self(min(self.high, max(self.low, value)))


def _pitch(count: int) -> float:
    """From one of so many rows to the next."""
    top, bottom = ROWS
    return min(PITCH, (bottom - top) / count)


def row_middles(count: int) -> list[float]:
    """The middles of so many rows, from the top."""
    return [ROWS[0] + _pitch(count) * (row + 0.5) for row in range(count)]


def label_boxes(rows: Sequence[BracketRow]) -> dict[str, Box]:
    """Where the label of each row can be chosen."""
    height = min(44.0, _pitch(len(rows)) - 6)
    return {
        row.entry: (ROW_LABEL, middle - height / 2, LABEL_WIDTH, height)
        for row, middle in zip(rows, row_middles(len(rows)), strict=True)
    }


def bracket_drawings(
    rows: Sequence[BracketRow],
    ends: tuple[float, float],
    chosen: str,
    left_out: int,
    palette: Palette,
) -> list[Drawing]:
    """From the ground up: the axis, the brackets, the marks, the words."""
    axis = Scale(*ends, *ROW_AXIS)
    middles = row_middles(len(rows))
    pairs = list(zip(rows, middles, strict=True))
    return [
        *_axis(axis, len(rows), palette),
        _labels(rows, chosen, palette),
        line_trace([*_bars(pairs, axis)], min(26.0, _pitch(len(rows)) * 0.5), palette.bracket),
        line_trace([*_ends(pairs, axis)], 4, palette.ink),
        *_mark_drawings(pairs, axis, palette),
        *_words(pairs, axis, palette),
        *_texts(pairs, left_out, palette),
    ]


def _axis(axis: Scale, rows: int, palette: Palette) -> list[Drawing]:
    bottom = ROWS[0] + _pitch(rows) * rows
    values = ticks(axis.low, axis.high)
    grid: list[Point | None] = []
    for value in values:
        grid += [(axis(value), ROWS[0]), (axis(value), bottom), None]
    at = [(axis(value), bottom + 16) for value in values]
    numbers = text_trace(at, [*map(number, values)], NOTE_SIZE, palette.muted)
    return [line_trace(grid, 1.5, palette.hatch), {**numbers, "meta": STILL}]


def _labels(rows: Sequence[BracketRow], chosen: str, palette: Palette) -> Drawing:
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


def _bars(pairs: Sequence[tuple[BracketRow, float]], axis: Scale) -> Iterator[Point | None]:
    for row, middle in pairs:
        if row.kinked:
            yield from ((axis.held(row.left), middle), (axis.held(row.right), middle), None)


def _ends(pairs: Sequence[tuple[BracketRow, float]], axis: Scale) -> Iterator[Point | None]:
    """A short upright line at each one-sided derivative."""
    half = min(20.0, _pitch(len(pairs)) * 0.38)
    for row, middle in pairs:
        for side in (row.left, row.right) if row.kinked else (row.left,):
            at = axis.held(side)
            yield from ((at, middle - half), (at, middle + half), None)


def _words(
    pairs: Sequence[tuple[BracketRow, float]], axis: Scale, palette: Palette
) -> Iterator[Drawing]:
    """Beside marks that a bracket does not hold: what they are, and how far off, if beyond."""
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
        words = (NOTHING if row.outside else FINE)[: 1 + (_pitch(len(pairs)) >= TWO_LINES)]
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


def _texts(
    pairs: Sequence[tuple[BracketRow, float]], left_out: int, palette: Palette
) -> Iterator[Drawing]:
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
    numbers = [row.interval if row.kinked else number(row.left) for row, _ in pairs]
    at = [(ROW_SAID, y) for _, y in pairs]
    yield {
        **text_trace(at, numbers, NOTE_SIZE, palette.muted),
        "textposition": "middle right",
    }


def _mark_drawings(
    pairs: Sequence[tuple[BracketRow, float]], axis: Scale, palette: Palette
) -> list[Drawing]:
    """The rings, the marks, and arrows towards those that lie further out than the axis goes.

    pairs: the rows with their middles.
    """
    return [
        _rings(pairs, axis, palette),
        _marks(pairs, axis, palette),
        _beyond(pairs, axis, palette),
    ]


def _places(row: BracketRow, middle: float, rows: int, axis: Scale) -> list[Point]:
    """Where each group's mark lies: above or below the others; in flat rows two share a level."""
    apart, each = _levels(rows, len(row.claims))
    levels = [group // each for group in range(len(row.claims))]
    places = []
    for group, value in enumerate(row.claims):
        together = [
            other
            for other in range(len(levels))
            if levels[other] == levels[group] and row.claims[other] == value
        ]
        aside = (together.index(group) - (len(together) - 1) / 2) * SMALLEST
        level = (levels[group] - levels[-1] / 2) * apart
        places.append((round(axis.held(value) + aside, 1), round(middle + level, 1)))
    return places


def _levels(rows: int, groups: int) -> tuple[float, int]:
    """From one level of marks in a row to the next, and how many marks share one."""
    apart = 0.92 * _pitch(rows) / groups
    shared = max(1, ceil(SMALLEST / apart)) if apart < SMALLEST else 1
    return shared * apart, shared


def _marks(pairs: Sequence[tuple[BracketRow, float]], axis: Scale, palette: Palette) -> Drawing:
    """Each group's claim."""
    at = [place for row, y in pairs for place in _places(row, y, len(pairs), axis)]
    groups = [group for row, _ in pairs for group in range(len(row.claims))]
    most = max((len(row.claims) for row, _ in pairs), default=1)
    size = SMALLEST + 1 if _levels(len(pairs), most)[1] > 1 else 15.0
    return rule_marks(at, groups, size, palette)


def _beyond(pairs: Sequence[tuple[BracketRow, float]], axis: Scale, palette: Palette) -> Drawing:
    """An arrow at the end of a row of which something lies further out than the axis goes."""
    at, symbols = [], []
    for row, middle in pairs:
        values = (row.left, row.right, *row.claims)
        if min(values) < axis.low:
            at.append((ROW_AXIS[0] - GAP, middle))
            symbols.append("triangle-left")
        if max(values) > axis.high:
            at.append((ROW_AXIS[1] + GAP, middle))
            symbols.append("triangle-right")
    return _symbols(at, symbols, 18, palette.ink, palette.ink)


def _rings(pairs: Sequence[tuple[BracketRow, float]], axis: Scale, palette: Palette) -> Drawing:
    """Around each claim that is no derivative."""
    at = [
        place
        for row, y in pairs
        for group, place in enumerate(_places(row, y, len(pairs), axis))
        if group in row.outside
    ]
    return _symbols(at, ["circle"] * len(at), 25, palette.paper, palette.ink)


def _symbols(
    at: Sequence[Point], symbols: Sequence[str], size: float, fill: str, line: str
) -> Drawing:
    return points_trace(
        at,
        {
            "symbol": symbols,
            "size": size,
            "color": fill,
            "line": {"width": 2.5, "color": line},
        },
    )


def rule_marks(
    points: Sequence[Point], groups: Sequence[int], size: float | list[float], palette: Palette
) -> Drawing:
    """The groups' marks, each with its shape and its colour."""
    return points_trace(
        points,
        {
            "symbol": [RULE_SYMBOLS[group % len(RULE_SYMBOLS)] for group in groups],
            "size": size,
            "color": [palette.rule(group) for group in groups],
            "line": {"width": 1.5, "color": palette.paper},
        },
    )


def legend_drawings(groups: Sequence[RuleGroup], palette: Palette) -> list[Drawing]:
    """Each group's mark, name and members, and what comes of its claim."""
    left, top = LEGEND
    pitch = min(LEGEND_PITCH, 3 * LEGEND_PITCH / len(groups))
    lines = [top + pitch * i for i in range(len(groups))]
    titles = [
        f"<b>{group.title}</b>: {group.said}"
        if not group.stands_out
        else f"<b>{group.title}: {group.said}</b>"
        for group in groups
    ]
    names = text_trace(
        [(left + 28, y) for y in lines],
        titles,
        GRADIENT_SIZE,
        [palette.rule(i) for i in range(len(groups))],
    )
    wrapped = [
        ((left + 28, y + 25 + 26 * line), text)
        for y, group in zip(lines, groups, strict=True)
        for line, text in enumerate(wrap(group.members, LEGEND_SIGNS))
    ]
    members = text_trace(
        [at for at, _ in wrapped], [text for _, text in wrapped], NOTE_SIZE - 2, palette.muted
    )
    marks = rule_marks([(left + 12, y) for y in lines], range(len(groups)), 20, palette)
    return [
        {**marks, "meta": STILL},
        {**names, "textposition": "middle right"},
        {**members, "textposition": "middle right", "meta": STILL},
    ]


def share_drawings(shares: Shares, palette: Palette) -> list[Drawing]:
    """The square, the triangle, or nothing: as many traces each time."""
    if len(shares.labels) == 2:
        return _square(shares, palette)
    if len(shares.labels) == 3:
        return _triangle(shares, palette)
    return (
        [line_trace([], 2, palette.ink)] * 2
        + [rule_marks([], [], MARK, palette)]
        + [text_trace([], [], NOTE_SIZE, palette.ink)]
    )


def _square(shares: Shares, palette: Palette) -> list[Drawing]:
    left, top, side = SHARES
    across, up = Scale(0, 1, left, left + side), Scale(0, 1, top + side, top)
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    ends = [(0.0, 1.0), (1.0, 0.0)]
    first, second = (f"∂{shares.of}/∂{label}" for label in shares.labels)
    words: list[tuple[Point, str, str]] = [
        ((left + side / 2 - 6, top + side + 28), first, "middle center"),
        ((left - 4, top - 26), second, "middle center"),
        ((left - 10, top + side + 2), "0", "middle left"),
        ((left + side, top + side + 28), "1", "middle center"),
        ((left - 10, top), "1", "middle left"),
    ]
    return _drawn(
        [(across(x), up(y)) for x, y in corners],
        [(across(x), up(y)) for x, y in ends],
        _apart([(across(x), up(y)) for x, y in shares.parts]),
        words,
        palette,
    )


def _triangle(shares: Shares, palette: Palette) -> list[Drawing]:
    left, top, side = SHARES
    height = side * 0.866
    corners = [(left, top + height), (left + side, top + height), (left + side / 2, top)]
    places: list[Point] = []
    strays: list[tuple[Point, str, str]] = []
    for parts in shares.parts:
        total = sum(parts)
        if abs(total - 1) <= SUM:
            x = sum(part * corner[0] for part, corner in zip(parts, corners, strict=True))
            y = sum(part * corner[1] for part, corner in zip(parts, corners, strict=True))
            places.append((round(x, 1), round(y, 1)))
        else:
            places.append((left + side / 2 - 40, top + height + 52))
            strays = [
                ((left + side / 2 - 24, top + height + 52), f"sum {number(total)}", "middle right")
            ]
    words = [
        ((corners[0][0] - 4, corners[0][1] + 18), shares.labels[0], "middle center"),
        ((corners[1][0] + 4, corners[1][1] + 18), shares.labels[1], "middle center"),
        ((corners[2][0], corners[2][1] - 16), shares.labels[2], "middle center"),
        *strays,
    ]
    outline = [*corners, corners[0]]
    return _drawn(outline, outline, _apart(places), words, palette, filled=True)


def _drawn(
    outline: Sequence[Point],
    valid: Sequence[Point],
    marks: Sequence[Point],
    words: Sequence[tuple[Point, str, str]],
    palette: Palette,
    *,
    filled: bool = False,
) -> list[Drawing]:
    drawn = line_trace(valid, 3 if filled else 14, palette.bracket)
    if filled:
        drawn |= {"fill": "toself", "fillcolor": palette.faint(palette.bracket, 0.6)}
    texts = [f"<i>{text}</i>" for _, text, _ in words]
    return [
        line_trace(outline, 2, palette.line),
        drawn,
        rule_marks(marks, range(len(marks)), MARK, palette),
        {
            **text_trace([at for at, *_ in words], texts, NOTE_SIZE, palette.ink),
            "textposition": [place for *_, place in words],
        },
    ]


def _apart(points: Sequence[Point]) -> list[Point]:
    """The same, but those in one place side by side around it."""
    moved = []
    for i, (x, y) in enumerate(points):
        there = [j for j, other in enumerate(points) if other == (x, y)]
        shift = AROUND * 2 * (there.index(i) - (len(there) - 1) / 2)
        moved.append((x + shift, y))
    return moved
