"""The picture of a kink: what it shows, as plain data, and how it is drawn.

On the left is the slice: the output over one entry, the tangents at the point, and every rule's
slope there, each with a name beside the frame that is level with its line's end.

On the right is for every entry its bracket, and what each rule claims. A bracket goes from one
one-sided derivative to the other; each rule's claim is a mark on it, with a ring around what is no
derivative. Beneath are the rules, and how each shares out what arrives at a maximum for which two
or three entries tie. Of two the shares are a point in a square, of three one in a triangle, whose
corners stand for "all of it to this one". Valid are those that sum to 1: the square's diagonal, the
whole triangle. Shares with another sum lie in no triangle; they stand beside it, with their sum.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from textwrap import wrap
from typing import Any, Final, Literal, TypeAlias

from pages.figures.axes import Frame, Scale, area_on, line_on, path_on, spread, ticks
from pages.figures.layout import Layout, finished
from pages.figures.primitives import (
    STILL,
    Box,
    Drawing,
    Point,
    boxes_trace,
    line_trace,
    points_trace,
    text_trace,
)
from pages.figures.theme import (
    COUNT_SIZE,
    GRADIENT_SIZE,
    HEADING_SIZE,
    NOTE_SIZE,
    PALETTES,
    RULE_SYMBOLS,
    Palette,
    Theme,
)
from pages.figures.words import number, signed

# --- what it shows

Outcome: TypeAlias = Literal[
    "derivative", "subgradient", "not jointly", "composed", "nothing", "inside", "outside"
]


@dataclass(frozen=True)
class ClaimedSlope:
    """A slope that somebody claims at the present point.

    groups: the positions of those who do; central: whether a central difference says it too;
    stands_out: whether the chosen rule is one of them.
    """

    slope: float
    groups: tuple[int, ...]
    central: bool
    stands_out: bool


@dataclass(frozen=True)
class SliceInfo:
    """The output over one entry.

    entry: the plain name; label: x₁; function: z, or L where that is a sum over outputs. reach: the
    axis of the entry; movable: what of it the slider reaches. heights: the output's axis. at,
    values: the corners of the curve; kinks: those where the slope changes. point: where it is now.
    left, right: the slopes there. lines: the claims, from the steepest rise down.
    """

    entry: str
    label: str
    function: str
    reach: tuple[float, float]
    movable: tuple[float, float]
    heights: tuple[float, float]
    at: Sequence[float]
    values: Sequence[float]
    kinks: Sequence[tuple[float, float]]
    point: tuple[float, float]
    left: float
    right: float
    kinked: bool
    lines: Sequence[ClaimedSlope]


@dataclass(frozen=True)
class BracketRow:
    """The bracket of one entry, and each group's claim of it.

    outside: the groups whose claim the bracket does not hold and that is no subgradient; beside:
    those whose claim it does not hold though it is one, jointly.
    """

    entry: str
    label: str
    left: float
    right: float
    kinked: bool
    claims: tuple[float, ...]
    outside: frozenset[int]
    beside: frozenset[int]

    @property
    def interval(self) -> str:
        """[0, 1]: from the lower to the upper derivative."""
        return f"[{', '.join(map(number, sorted((self.left, self.right))))}]"


@dataclass(frozen=True)
class RuleGroup:
    """The rules that do the same at kinks: what they are called, who they are, what comes of it.

    stands_out: whether the chosen rule is one of them.
    """

    title: str
    members: str
    outcome: Outcome
    said: str
    stands_out: bool


@dataclass(frozen=True)
class Shares:
    """Two or three entries that tie for a maximum: what part of the gradient each group gives each.

    labels: h₁, h₃; of: what is shared out, z or z₂; parts: by group.
    """

    labels: tuple[str, ...]
    of: str
    parts: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class KinkInfo:
    """The whole picture. slopes: the axis of the brackets; left_out: entries without a row."""

    slice: SliceInfo
    rows: Sequence[BracketRow]
    slopes: tuple[float, float]
    groups: Sequence[RuleGroup]
    shares: Shares
    left_out: int


# --- the whole

WIDTH: Final = 1600.0
HEIGHT: Final = 740.0
TITLE: Final = 26.0
"""The level of what stands over each half of the picture."""


def kink_figure(info: KinkInfo, theme: Theme) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}."""
    palette, along = PALETTES[theme], info.slice
    colours = [_colour(line.groups, info.groups, palette) for line in along.lines]
    return finished(
        [
            *_bracket_drawings(info, palette),
            *_slice_drawings(along, palette, colours, max(LINES, len(info.groups) + 1)),
            *_name_drawings(Plane(along), info.groups, palette),
            *_legend_drawings(info.groups, palette),
            *_share_drawings(info.shares, palette),
        ],
        Layout(WIDTH, HEIGHT, label_boxes(info.rows), (), {}),
        palette,
    )


def _colour(claimants: Sequence[int], groups: Sequence[RuleGroup], palette: Palette) -> str:
    """A line's: that of the group that stands out where it is one of them, else the first's."""
    if not claimants:
        return palette.line
    first = next((each for each in claimants if groups[each].stands_out), claimants[0])
    return palette.rule(first)


# --- the slice

FRAME: Final = Frame(84.0, 634.0, 92.0, 606.0)
"""The slice's."""
NAMES: Final = 654.0
"""Where the names of its lines begin; they end at the brackets."""
SLIDER: Final = 668.0
"""The middle of the slider beneath it, whose thumb stands under the point."""
LINES: Final = 4
"""So many slopes are drawn at least, of three groups of rules and a central difference: as many
traces on every page, so that one picture becomes another."""
SLOPES: Final = 64.0
"""The level of the line above the frame: the slopes to either side of the point."""
LINE: Final = 26.0
"""From one line of a name to the next."""
BETWEEN: Final = 12.0
NAME_MARK: Final = 16.0
EVERYBODY: Final = "every rule"
CENTRAL: Final = "central difference"


@dataclass(frozen=True)
class Plane:
    """The slice's frame with its two axes."""

    info: SliceInfo

    @cached_property
    def x(self) -> Scale:
        """Of the entry."""
        return Scale(*self.info.reach, FRAME.left, FRAME.right)

    @cached_property
    def y(self) -> Scale:
        """Of the output."""
        return Scale(*self.info.heights, FRAME.bottom, FRAME.top)

    def pixel(self, at: float, height: float) -> Point:
        """Where a value of the output lies."""
        return self.x(at), self.y(height)

    @property
    def here(self) -> Point:
        """Where the point lies, or the edge of the frame that is nearest to it."""
        at, height = self.info.point
        return self.x(at), self.y.held(height)

    def ray(self, slope: float, side: int) -> Point:
        """The end of a line through the point, at the frame's right (1) or left (-1) edge's x."""
        at, height = self.info.point
        edge = self.info.reach[side > 0]
        return self.pixel(edge, height + slope * (edge - at))

    def through(self, slope: float) -> Iterator[Point | None]:
        """The line with this slope through the point, as far as the frame goes."""
        yield from path_on((self.ray(slope, -1), self.ray(slope, 1)), FRAME)

    def leaves(self, slope: float) -> Point:
        """Where the line with this slope leaves the frame on the right of the point."""
        part = line_on(self.pixel(*self.info.point), self.ray(slope, 1), FRAME)
        end = part[1] if part else self.ray(slope, 1)
        return end[0], min(FRAME.bottom, max(FRAME.top, end[1]))


def _slice_drawings(
    info: SliceInfo, palette: Palette, colours: Sequence[str], most: int
) -> list[Drawing]:
    """From the ground up. colours: of each line; most: how many lines there may be."""
    plane = Plane(info)
    corners = [plane.pixel(*each) for each in zip(info.at, info.values, strict=True)]
    bends = [plane.pixel(*each) for each in info.kinks if plane.y.inside(each[1])]
    claims = [
        line_trace([*plane.through(line.slope)], 9 if line.stands_out else 6, colour)
        for line, colour in zip(info.lines, colours, strict=True)
    ]
    claims += [line_trace([], 6, palette.line)] * (most - len(claims))
    return [
        *_axes(plane, palette),
        _wedge(plane, palette),
        *claims,
        line_trace(
            [*plane.through(info.left), *plane.through(info.right)], 2.5, palette.ink, "dash"
        ),
        line_trace([*path_on(corners, FRAME)], 4, palette.ink),
        line_trace([plane.here, (plane.here[0], FRAME.bottom)], 2, palette.muted, "dot"),
        _dots(bends, plane.here, palette),
        *_titles(info, palette),
    ]


def _axes(plane: Plane, palette: Palette) -> list[Drawing]:
    """Thin lines at round numbers, and the numbers."""
    across, down = ticks(*plane.info.reach), ticks(*plane.info.heights)
    grid: list[Point | None] = []
    for value in across:
        grid += [(plane.x(value), FRAME.top), (plane.x(value), FRAME.bottom), None]
    for value in down:
        grid += [(FRAME.left, plane.y(value)), (FRAME.right, plane.y(value)), None]
    below = [(plane.x(value), FRAME.bottom + 20) for value in across]
    beside = [(FRAME.left - 8, plane.y(value)) for value in down]
    below.append((FRAME.right + 16, FRAME.bottom + 20))
    said = [*map(number, across), f"<b><i>{plane.info.label}</i></b>"]
    heights = [*map(number, down)]
    return [
        line_trace(grid, 1.5, palette.hatch),
        text_trace(below, said, NOTE_SIZE, palette.muted, still=True),
        text_trace(beside, heights, NOTE_SIZE, palette.muted, "middle left", still=True),
    ]


def _wedge(plane: Plane, palette: Palette) -> Drawing:
    """All lines through the point whose slope lies between the two one-sided ones."""
    info = plane.info
    middle = plane.pixel(*info.point)
    outline: list[Point | None] = []
    for side in (-1, 1):
        corners = (middle, plane.ray(info.left, side), plane.ray(info.right, side))
        part = area_on(corners, FRAME) if info.kinked else []
        outline += [*part, *part[:1], None]
    drawn = line_trace(outline if info.kinked else [], 0, palette.bracket)
    return {**drawn, "fill": "toself", "fillcolor": palette.faint(palette.bracket, 0.6)}


def _dots(bends: Sequence[Point], here: Point, palette: Palette) -> Drawing:
    """The kinks of the slice, and over them the point."""
    points = [*bends, here]
    return points_trace(
        points,
        {
            "symbol": [*["diamond"] * len(bends), "circle"],
            "size": [*[14] * len(bends), 24],
            "opacity": 1,  # of markers of several sizes it would be less
            "color": palette.paper,
            "line": {"width": 3.5, "color": palette.ink},
        },
    )


def _titles(info: SliceInfo, palette: Palette) -> list[Drawing]:
    """What is drawn; and the slopes on either side of where it is now."""
    left, right = signed(info.left), signed(info.right)
    slopes = f"a kink: slope <b>{left}</b> on its left, <b>{right}</b> on its right"
    if not info.kinked:
        slopes = f"no kink: slope <b>{left}</b> on both sides"
    middle = (FRAME.left + FRAME.right) / 2
    title = f"<b>{info.function} as {info.label} alone moves</b>"
    return [
        text_trace([(middle, TITLE)], [title], HEADING_SIZE, palette.ink, still=True),
        text_trace([(middle, SLOPES)], [slopes], COUNT_SIZE, palette.ink),
    ]


def _name_drawings(plane: Plane, groups: Sequence[RuleGroup], palette: Palette) -> list[Drawing]:
    """The slope of each line, and beneath it who claims it, with their shapes."""
    lines = plane.info.lines
    said = [_names(line, groups, palette) for line in lines]
    wanted = [plane.leaves(line.slope) for line in lines]
    sizes = [LINE * (1 + len(names)) + BETWEEN for names in said]
    middles = spread([y for _, y in wanted], sizes, (FRAME.top - 24, FRAME.bottom + 6))
    at: list[Point] = []
    texts: list[str] = []
    colours: list[str] = []
    marks: list[tuple[Point, int]] = []
    leaders: list[Point | None] = []
    for line, names, (x, y), middle, size in zip(lines, said, wanted, middles, sizes, strict=True):
        top = middle - (size - BETWEEN) / 2 + LINE / 2
        leaders += [(x, y), (NAMES - 6, top), None]
        at.append((NAMES, top))
        texts.append(f"<b>{signed(line.slope)}</b>")
        colours.append(palette.ink)
        for position, (text, group) in enumerate(names, 1):
            here = (NAMES, top + position * LINE)
            if group is not None:
                marks.append(((here[0] + NAME_MARK / 2 + 1, here[1]), group))
            at.append((here[0] + (NAME_MARK + 8 if group is not None else 0), here[1]))
            texts.append(text)
            colours.append(palette.muted if group is None else palette.rule(group))
    sizes_of_text = [GRADIENT_SIZE if text.startswith("<b>") else NOTE_SIZE for text in texts]
    return [
        line_trace(leaders, 2, palette.muted, "dot"),
        _rule_marks(
            [point for point, _ in marks], [group for _, group in marks], NAME_MARK, palette
        ),
        text_trace(at, texts, sizes_of_text, colours, "middle right"),
    ]


def _names(
    line: ClaimedSlope, groups: Sequence[RuleGroup], palette: Palette
) -> list[tuple[str, int | None]]:
    """A line each: the text, and whose mark stands before it."""
    if len(line.groups) == len(groups):
        names: list[tuple[str, int | None]] = [(EVERYBODY, None)]
    else:
        names = [
            (
                f"<b>{groups[each].title}</b>" if groups[each].stands_out else groups[each].title,
                each,
            )
            for each in line.groups
        ]
    return [*names, (CENTRAL, None)] if line.central else names


# --- the brackets, and what each rule claims

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
Pairs: TypeAlias = Sequence[tuple[BracketRow, float]]
"""The rows, each with the level of its middle."""


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


def _bracket_drawings(info: KinkInfo, palette: Palette) -> list[Drawing]:
    """From the ground up: the axis, the brackets, the marks, the words."""
    rows, axis = info.rows, Scale(*info.slopes, *ROW_AXIS)
    pairs = list(zip(rows, row_middles(len(rows)), strict=True))
    return [
        *_axis(axis, len(rows), palette),
        _labels(rows, info.slice.entry, palette),
        line_trace([*_bars(pairs, axis)], min(26.0, _pitch(len(rows)) * 0.5), palette.bracket),
        line_trace([*_ends(pairs, axis)], 4, palette.ink),
        _rings(pairs, axis, palette),
        _marks(pairs, axis, palette),
        _beyond(pairs, axis, palette),
        *_words(pairs, axis, palette),
        *_texts(pairs, info.left_out, palette),
    ]


def _axis(axis: Scale, rows: int, palette: Palette) -> list[Drawing]:
    bottom = ROWS[0] + _pitch(rows) * rows
    values = ticks(axis.low, axis.high)
    grid: list[Point | None] = []
    for value in values:
        grid += [(axis(value), ROWS[0]), (axis(value), bottom), None]
    at = [(axis(value), bottom + 16) for value in values]
    numbers = [*map(number, values)]
    return [
        line_trace(grid, 1.5, palette.hatch),
        text_trace(at, numbers, NOTE_SIZE, palette.muted, still=True),
    ]


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


def _bars(pairs: Pairs, axis: Scale) -> Iterator[Point | None]:
    for row, middle in pairs:
        if row.kinked:
            yield from ((axis.held(row.left), middle), (axis.held(row.right), middle), None)


def _ends(pairs: Pairs, axis: Scale) -> Iterator[Point | None]:
    """A short upright line at each one-sided derivative."""
    half = min(20.0, _pitch(len(pairs)) * 0.38)
    for row, middle in pairs:
        for side in (row.left, row.right) if row.kinked else (row.left,):
            at = axis.held(side)
            yield from ((at, middle - half), (at, middle + half), None)


def _words(pairs: Pairs, axis: Scale, palette: Palette) -> Iterator[Drawing]:
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
    yield text_trace(at, texts, NOTE_SIZE, palette.ink, places)


def _fitting(words: Sequence[str], beyond: str, left: float, right: float) -> tuple[str, int]:
    """The first of the words that there is room for, and on which side of the mark."""
    side, room = (1, right) if right >= left else (-1, left)
    for word in words:
        width = max(map(len, f"{beyond}{word}".split("<br>"))) * CHARACTER
        if width + GAP / 2 <= room:
            return beyond + word, side
    return "", side  # the ring says it, and the sentences


def _texts(pairs: Pairs, left_out: int, palette: Palette) -> Iterator[Drawing]:
    middle = (ROW_LABEL + ROW_SAID + 90) / 2
    title = "<b>What each rule claims, and the truth</b>"
    yield text_trace([(middle, TITLE)], [title], HEADING_SIZE, palette.ink, still=True)
    said = "grey: from the left to the right derivative; ringed: no derivative"
    if left_out:
        said += f"; {left_out} more not shown"
    yield text_trace([(middle, 60)], [said], NOTE_SIZE, palette.muted, still=True)
    labels = [(ROW_LABEL + LABEL_WIDTH / 2, y) for _, y in pairs]
    names = [f"<i>{row.label}</i>" for row, _ in pairs]
    yield text_trace(labels, names, NOTE_SIZE, palette.ink, still=True)
    numbers = [row.interval if row.kinked else number(row.left) for row, _ in pairs]
    at = [(ROW_SAID, y) for _, y in pairs]
    yield text_trace(at, numbers, NOTE_SIZE, palette.muted, "middle right")


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


def _marks(pairs: Pairs, axis: Scale, palette: Palette) -> Drawing:
    """Each group's claim."""
    at = [place for row, y in pairs for place in _places(row, y, len(pairs), axis)]
    groups = [group for row, _ in pairs for group in range(len(row.claims))]
    most = max((len(row.claims) for row, _ in pairs), default=1)
    size = SMALLEST + 1 if _levels(len(pairs), most)[1] > 1 else 15.0
    return _rule_marks(at, groups, size, palette)


def _beyond(pairs: Pairs, axis: Scale, palette: Palette) -> Drawing:
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


def _rings(pairs: Pairs, axis: Scale, palette: Palette) -> Drawing:
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


def _rule_marks(
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


# --- who the rules are, and how they share a tie

LEGEND: Final = (850.0, 522.0)
"""The left end and the first line of the rules' legend; LEGEND_PITCH from one group to the next."""
LEGEND_PITCH: Final = 76.0
LEGEND_SIGNS: Final = 58
"""So many signs of a group's members fit beside the square, a line."""
SHARES: Final = (1464.0, 568.0, 114.0)
"""Left and top of the square, or of the box around the triangle, and its side."""
SHARE_MARK: Final = 17.0
SUM: Final = 1e-9
"""Shares sum to 1 but for rounding."""
AROUND: Final = 8.0
"""Marks in one place lie around it, so that each is seen."""


def _legend_drawings(groups: Sequence[RuleGroup], palette: Palette) -> list[Drawing]:
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
    marks = _rule_marks([(left + 12, y) for y in lines], range(len(groups)), 20, palette)
    return [
        {**marks, "meta": STILL},
        {**names, "textposition": "middle right"},
        {**members, "textposition": "middle right", "meta": STILL},
    ]


def _share_drawings(shares: Shares, palette: Palette) -> list[Drawing]:
    """The square, the triangle, or nothing: as many traces each time."""
    if len(shares.labels) == 2:
        return _square(shares, palette)
    if len(shares.labels) == 3:
        return _triangle(shares, palette)
    return (
        [line_trace([], 2, palette.ink)] * 2
        + [_rule_marks([], [], SHARE_MARK, palette)]
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
        _rule_marks(marks, range(len(marks)), SHARE_MARK, palette),
        text_trace(
            [at for at, *_ in words], texts, NOTE_SIZE, palette.ink, [place for *_, place in words]
        ),
    ]


def _apart(points: Sequence[Point]) -> list[Point]:
    """The same, but those in one place side by side around it."""
    moved = []
    for i, (x, y) in enumerate(points):
        there = [j for j, other in enumerate(points) if other == (x, y)]
        shift = AROUND * 2 * (there.index(i) - (len(there) - 1) / 2)
        moved.append((x + shift, y))
    return moved
