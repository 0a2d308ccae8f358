"""The picture of a kink: what it shows, as plain data, and how it is drawn.

On the left is the slice: the output over one entry, the tangents at the point, and every rule's
slope there, each with a name beside the frame that is level with its line's end.

On the right is for every entry its bracket, and what each rule claims. A bracket goes from one
one-sided derivative to the other; each rule's claim is a mark on it, with a ring around what is no
derivative. Beneath are the rules, what comes of each, and how each shares out what arrives at a
maximum for which two or three entries tie. Of two the shares are a point in a square, of three one
in a triangle, whose corners stand for "all of it to this one". Valid are those that sum to 1: the
square's diagonal, the whole triangle. Shares with another sum lie in no triangle; they stand beside
it, with their sum.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from pages.figures.axes import Frame, Scale, area_on, legible, line_on, path_on, spread, ticks
from pages.figures.layout import Layout, finished
from pages.figures.legend import Sign
from pages.figures.primitives import (
    STILL,
    Box,
    Drawing,
    Point,
    boxes_trace,
    line_trace,
    middle_of,
    points_trace,
    text_trace,
    text_width,
)
from pages.figures.theme import PALETTES, RULE_SYMBOLS, Palette, Theme
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

    entry: the plain name; label: x₁; function: L = z, what L is. reach: the
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
    """The rules that do the same at kinks: what they are called, what comes of it.

    stands_out: whether the chosen rule is one of them.
    """

    title: str
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


# --- where everything lies


_FRAME: Final = Frame(84.0, 590.0, 92.0, 566.0)


@dataclass(frozen=True, eq=False)
class KinkMeasures:
    """How large the picture is, and where its parts lie, in its pixels.

    note, title: the sizes of texts. titles: the level of what stands over each half. slopes: that
    of the line above the frame, which says the slopes to either side of the point; None without.
    frame: the slice's; slider: the middle of the slider beneath it. names: from where to where the
    names of its lines go, line: from one of their lines to the next. rows: the brackets' rows, from
    where to where, the axis is beneath them; pitch: the most from one to the next. label: where
    their labels begin, and how wide they are. row_slider: left end and width. axis: from where to
    where; interval: where a bracket stands in numbers. legend: the left end and the first line of
    the rules; legend_pitch from one to the next, at most. shares: left and top of the square, or of
    the box around the triangle, and its side; None without. mark: the size of a rule's mark.
    chips: on a phone, where the entries to choose from begin, and their height.
    """

    width: float = 1600.0
    height: float = 670.0
    note: int = 25
    title: int = 27
    titles: float = 22.0
    slopes: float | None = 60.0
    frame: Frame = _FRAME
    slider: float = 634.0
    names: tuple[float, float] = (610.0, 846.0)
    line: float = 32.0
    rows: tuple[float, float] = (52.0, 436.0)
    pitch: float = 64.0
    label: tuple[float, float] = (860.0, 112.0)
    row_slider: tuple[float, float] = (984.0, 186.0)
    axis: tuple[float, float] = (1192.0, 1434.0)
    interval: float = 1474.0
    legend: Point = (860.0, 512.0)
    legend_pitch: float = 50.0
    shares: tuple[float, float, float] | None = (1470.0, 530.0, 84.0)
    mark: float = 15.0
    chips: tuple[float, float] | None = None

    @property
    def gap(self) -> float:
        """From a mark to what stands beside it."""
        return self.mark + 4

    @property
    def smallest(self) -> float:
        """A mark is not smaller."""
        return self.mark - 2


PROJECTOR: Final = KinkMeasures()
PHONE: Final = KinkMeasures(
    width=374.0,
    height=338.0,
    note=12,
    title=13,
    titles=8.0,
    slopes=None,
    frame=Frame(30.0, 252.0, 20.0, 166.0),
    names=(262.0, 374.0),
    line=16.0,
    rows=(196.0, 226.0),
    pitch=30.0,
    label=(2.0, 56.0),
    axis=(78.0, 284.0),
    interval=312.0,
    legend=(4.0, 249.0),
    legend_pitch=16.0,
    shares=None,
    mark=9.0,
    chips=(293.0, 44.0),
)
"""The brackets are the chosen entry's alone."""
MOST_CHIPS: Final = 8
"""So many entries can be chosen from, those around the chosen one: a finger needs its room."""


class Look(NamedTuple):
    """In which colours the picture is drawn, and how large."""

    palette: Palette
    m: KinkMeasures


def kink_figure(info: KinkInfo, theme: Theme, measures: KinkMeasures = PROJECTOR) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}; on a phone with the chosen entry's bracket alone."""
    look, along = Look(PALETTES[theme], measures), info.slice
    colours = [_colour(line.groups, info.groups, look.palette) for line in along.lines]
    return finished(
        [
            *_bracket_drawings(info, look),
            *_slice_drawings(along, look, colours, max(LINES, len(info.groups) + 1)),
            *_name_drawings(Plane(along, measures.frame), info.groups, look),
            *_legend_drawings(info.groups, look),
            *_share_drawings(info.shares, look),
        ],
        Layout(measures.width, measures.height, entry_boxes(info, measures), (), {}),
        look.palette,
    )


def chosen_rows(info: KinkInfo, measures: KinkMeasures) -> Sequence[BracketRow]:
    """Those whose brackets are shown."""
    if measures.chips is None:
        return info.rows
    return [row for row in info.rows if row.entry == info.slice.entry]


def entry_boxes(info: KinkInfo, measures: KinkMeasures = PROJECTOR) -> dict[str, Box]:
    """Where each entry can be chosen: at the label of its row, or from the chips."""
    if measures.chips is None:
        return label_boxes(info.rows, measures)
    entries = [row.entry for row in info.rows]
    first = max(
        0, min(entries.index(info.slice.entry) - MOST_CHIPS // 2, len(entries) - MOST_CHIPS)
    )
    shown, (top, height) = entries[first : first + MOST_CHIPS], measures.chips
    wide = measures.width / max(len(shown), MOST_CHIPS - 2)
    return {e: (i * wide + 2, top, wide - 4, height) for i, e in enumerate(shown)}


def kink_legend(info: KinkInfo, theme: Theme) -> list[Sign]:
    """What there is on the picture besides what has its name there."""
    palette = PALETTES[theme]
    signs = [Sign("box", palette.bracket, "bracket")] if any(r.kinked for r in info.rows) else []
    if info.slice.kinked:
        signs.append(Sign("dotted", palette.ink, "sides"))
    if any(row.outside for row in info.rows):
        signs.append(Sign("ring", palette.ink, "outside"))
    return signs


def _colour(claimants: Sequence[int], groups: Sequence[RuleGroup], palette: Palette) -> str:
    """A line's: that of the group that stands out where it is one of them, else the first's."""
    if not claimants:
        return palette.line
    first = next((each for each in claimants if groups[each].stands_out), claimants[0])
    return palette.rule(first)


# --- the slice

LINES: Final = 4
"""So many slopes are drawn at least, of three groups of rules and a central difference: as many
traces on every page, so that one picture becomes another."""
EVERYBODY: Final = "every rule"
CENTRAL: Final = "central difference"


@dataclass(frozen=True)
class Plane:
    """The slice's frame with its two axes."""

    info: SliceInfo
    frame: Frame

    @cached_property
    def x(self) -> Scale:
        """Of the entry."""
        return Scale(*self.info.reach, self.frame.left, self.frame.right)

    @cached_property
    def y(self) -> Scale:
        """Of the output."""
        return Scale(*self.info.heights, self.frame.bottom, self.frame.top)

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
        yield from path_on((self.ray(slope, -1), self.ray(slope, 1)), self.frame)

    def leaves(self, slope: float) -> Point:
        """Where the line with this slope leaves the frame on the right of the point."""
        part = line_on(self.pixel(*self.info.point), self.ray(slope, 1), self.frame)
        end = part[1] if part else self.ray(slope, 1)
        return end[0], min(self.frame.bottom, max(self.frame.top, end[1]))


def _slice_drawings(
    info: SliceInfo, look: Look, colours: Sequence[str], most: int
) -> list[Drawing]:
    """From the ground up. colours: of each line; most: how many lines there may be."""
    plane = Plane(info, look.m.frame)
    corners = [plane.pixel(*each) for each in zip(info.at, info.values, strict=True)]
    bends = [plane.pixel(*each) for each in info.kinks if plane.y.inside(each[1])]
    width = 6 if look.m.shares else 3
    claims = [
        line_trace([*plane.through(line.slope)], width * (1.5 if line.stands_out else 1), colour)
        for line, colour in zip(info.lines, colours, strict=True)
    ]
    claims += [line_trace([], width, look.palette.line)] * (most - len(claims))
    return [
        *_axes(plane.x, plane.y, info.label, look),
        _wedge(plane, look),
        *claims,
        line_trace(
            [*plane.through(info.left), *plane.through(info.right)], 2.5, look.palette.ink, "dash"
        ),
        line_trace([*path_on(corners, look.m.frame)], 4, look.palette.ink),
        line_trace(
            [plane.here, (plane.here[0], look.m.frame.bottom)], 2, look.palette.muted, "dot"
        ),
        _dots(bends, plane.here, look),
        *_titles(info, look),
    ]


@lru_cache(maxsize=64)
def _axes(x: Scale, y: Scale, label: str, look: Look) -> list[Drawing]:
    """Thin lines at round numbers, and the numbers; label: what is across."""
    across = legible(ticks(x.low, x.high), x, look.m.note)
    down = ticks(y.low, y.high)
    grid: list[Point | None] = []
    for value in across:
        grid += [(x(value), look.m.frame.top), (x(value), look.m.frame.bottom), None]
    for value in down:
        grid += [(look.m.frame.left, y(value)), (look.m.frame.right, y(value)), None]
    under = look.m.frame.bottom + 0.88 * look.m.note
    below = [(x(value), under) for value in across]
    beside = [(look.m.frame.left - look.m.note / 3, y(value)) for value in down]
    below.append((look.m.frame.right + look.m.note, under))
    said = [*map(number, across), f"<b><i>{label}</i></b>"]
    heights = [*map(number, down)]
    return [
        line_trace(grid, 1.5, look.palette.hatch),
        text_trace(below, said, look.m.note, look.palette.muted, still=True),
        text_trace(beside, heights, look.m.note, look.palette.muted, "middle left", still=True),
    ]


def _wedge(plane: Plane, look: Look) -> Drawing:
    """All lines through the point whose slope lies between the two one-sided ones."""
    info = plane.info
    middle = plane.pixel(*info.point)
    outline: list[Point | None] = []
    for side in (-1, 1):
        corners = (middle, plane.ray(info.left, side), plane.ray(info.right, side))
        part = area_on(corners, look.m.frame) if info.kinked else []
        outline += [*part, *part[:1], None]
    drawn = line_trace(outline if info.kinked else [], 0, look.palette.bracket)
    return {**drawn, "fill": "toself", "fillcolor": look.palette.faint(look.palette.bracket, 0.6)}


def _dots(bends: Sequence[Point], here: Point, look: Look) -> Drawing:
    """The kinks of the slice, and over them the point."""
    points = [*bends, here]
    return points_trace(
        points,
        {
            "symbol": [*["diamond"] * len(bends), "circle"],
            "size": [*[look.m.mark] * len(bends), 1.6 * look.m.mark],
            "opacity": 1,  # of markers of several sizes it would be less
            "color": look.palette.paper,
            "line": {"width": 3.5, "color": look.palette.ink},
        },
    )


def _titles(info: SliceInfo, look: Look) -> list[Drawing]:
    """What is drawn; and the slopes on either side of where it is now."""
    left, right = signed(info.left), signed(info.right)
    slopes = f"a kink: slope <b>{left}</b> on its left, <b>{right}</b> on its right"
    if not info.kinked:
        slopes = f"no kink: slope <b>{left}</b> on both sides"
    m = look.m
    middle = (m.frame.left + m.frame.right) / 2
    title = f"<b>{info.function} as {info.label} alone moves</b>"
    lines = [] if m.slopes is None else [((middle, m.slopes), slopes)]
    return [
        text_trace([(middle, m.titles)], [title], m.title, look.palette.ink, still=True),
        text_trace([at for at, _ in lines], [text for _, text in lines], m.note, look.palette.ink),
    ]


def _name_drawings(plane: Plane, groups: Sequence[RuleGroup], look: Look) -> list[Drawing]:
    """The slope of each line, and beneath it who claims it, with their shapes."""
    lines, m = plane.info.lines, look.m
    mark, between, left = m.mark + 1, m.line / 2, m.names[0]
    said = [_names(line, groups) for line in lines]
    wanted = [plane.leaves(line.slope) for line in lines]
    sizes = [m.line * (1 + len(names)) + between for names in said]
    ends = m.frame.top - 0.9 * m.note, m.frame.bottom + m.note / 4
    middles = spread([y for _, y in wanted], sizes, ends)
    at: list[Point] = []
    texts: list[str] = []
    colours: list[str] = []
    marks: list[tuple[Point, int]] = []
    leaders: list[Point | None] = []
    for line, names, (x, y), middle, size in zip(lines, said, wanted, middles, sizes, strict=True):
        top = middle - (size - between) / 2 + m.line / 2
        leaders += [(x, y), (left - m.note / 4, top), None]
        at.append((left, top))
        texts.append(f"<b>{signed(line.slope)}</b>")
        colours.append(look.palette.ink)
        for position, (text, group) in enumerate(names, 1):
            here = (left, top + position * m.line)
            if group is not None:
                marks.append(((here[0] + mark / 2 + 1, here[1]), group))
            at.append((here[0] + (mark + m.note / 3 if group is not None else 0), here[1]))
            texts.append(text)
            colours.append(look.palette.muted if group is None else look.palette.rule(group))
    return [
        line_trace(leaders, 2, look.palette.muted, "dot"),
        _rule_marks([point for point, _ in marks], [group for _, group in marks], mark, look),
        text_trace(at, texts, m.note, colours, "middle right"),
    ]


def _names(line: ClaimedSlope, groups: Sequence[RuleGroup]) -> list[tuple[str, int | None]]:
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

NOTHING: Final = ("no derivative", "no<br>derivative")
FINE: Final = ("still a subgradient", "still a<br>subgradient")
SHORT: Final = "outside"
Pairs: TypeAlias = Sequence[tuple[BracketRow, float]]
"""The rows, each with the level of its middle."""


def _pitch(count: int, m: KinkMeasures) -> float:
    """From one of so many rows to the next."""
    top, bottom = m.rows
    return min(m.pitch, (bottom - top) / count)


def row_middles(count: int, m: KinkMeasures = PROJECTOR) -> list[float]:
    """The middles of so many rows, from the top."""
    return [m.rows[0] + _pitch(count, m) * (row + 0.5) for row in range(count)]


def label_boxes(rows: Sequence[BracketRow], m: KinkMeasures = PROJECTOR) -> dict[str, Box]:
    """Where the label of each row is, and can be chosen where there are no chips."""
    height = min(44.0, _pitch(len(rows), m) - 5)
    left, width = m.label
    return {
        row.entry: (left, middle - height / 2, width, height)
        for row, middle in zip(rows, row_middles(len(rows), m), strict=True)
    }


def _bracket_drawings(info: KinkInfo, look: Look) -> list[Drawing]:
    """From the ground up: the axis, the brackets, the marks, the words."""
    rows, m = chosen_rows(info, look.m), look.m
    axis, pitch = Scale(*info.slopes, *m.axis), _pitch(len(rows), m)
    pairs = list(zip(rows, row_middles(len(rows), m), strict=True))
    return [
        *_axis(axis, len(rows), look),
        _labels(info, look),
        line_trace([*_bars(pairs, axis)], min(26.0, pitch * 0.5), look.palette.bracket),
        line_trace([*_ends(pairs, axis, pitch)], 4 if m.chips is None else 2, look.palette.ink),
        *_marks(pairs, axis, look),
        _beyond(pairs, axis, look),
        *_words(pairs, axis, look),
        *_texts(pairs, info, look),
    ]


@lru_cache(maxsize=64)
def _axis(axis: Scale, rows: int, look: Look) -> list[Drawing]:
    """Thin lines at round numbers, and the numbers."""
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


def _labels(info: KinkInfo, look: Look) -> Drawing:
    """The boxes of what can be chosen as cells can."""
    boxes, chosen = entry_boxes(info, look.m), info.slice.entry
    return boxes_trace(
        boxes.values(),
        {
            "color": look.palette.fill_zero,
            "line": {
                "color": [look.palette.accent if e == chosen else look.palette.line for e in boxes],
                "width": [look.m.note / 5 if e == chosen else 1.5 for e in boxes],
            },
        },
    )


def _bars(pairs: Pairs, axis: Scale) -> Iterator[Point | None]:
    for row, middle in pairs:
        if row.kinked:
            yield from ((axis.held(row.left), middle), (axis.held(row.right), middle), None)


def _ends(pairs: Pairs, axis: Scale, pitch: float) -> Iterator[Point | None]:
    """A short upright line at each one-sided derivative."""
    half = min(20.0, pitch * 0.38)
    for row, middle in pairs:
        for side in (row.left, row.right) if row.kinked else (row.left,):
            at = axis.held(side)
            yield from ((at, middle - half), (at, middle + half), None)


def _words(pairs: Pairs, axis: Scale, look: Look) -> Iterator[Drawing]:
    """Beside marks that a bracket does not hold: what they are, and how far off, if beyond."""
    m, gap, at, texts, places = look.m, look.m.gap, [], [], []
    lines = 1 + (_pitch(len(pairs), m) >= 2.4 * m.note)
    for row, middle in pairs:
        strays = [row.claims[group] for group in row.outside or row.beside]
        if not strays:
            continue
        farthest = max(strays, key=lambda value: abs(value - (row.left + row.right) / 2))
        beyond = "" if axis.inside(farthest) else f"{signed(farthest)}: "
        mark = axis.held(farthest)
        others = [axis.held(value) for value in (row.left, row.right, *row.claims)]
        left = max([m.axis[0], *(other for other in others if other < mark - 1)])
        right = min([m.interval - gap, *(other for other in others if other > mark + 1)])
        words = (NOTHING if row.outside else FINE)[:lines]
        words = (*words, SHORT) if row.outside else words
        said = [f"<b>{beyond}{word}</b>" for word in words]
        word, side = _fitting(said, mark - left - 1.5 * gap, right - mark - 1.5 * gap, m.note)
        at.append((mark + gap * side, middle))
        texts.append(word)
        places.append("middle right" if side > 0 else "middle left")
    yield text_trace(at, texts, m.note, look.palette.ink, places)


def _fitting(words: Sequence[str], left: float, right: float, size: int) -> tuple[str, int]:
    """The first of the words that there is room for, and on which side of the mark."""
    side, room = (1, right) if right >= left else (-1, left)
    # Without any the ring says it, and the sentences.
    return next((word for word in words if text_width(word, size) <= room), ""), side


def _texts(pairs: Pairs, info: KinkInfo, look: Look) -> Iterator[Drawing]:
    m, ink, muted = look.m, look.palette.ink, look.palette.muted
    boxes = entry_boxes(info, m)
    if m.chips is None:
        more = f" ({info.left_out} more entries)" if info.left_out else ""
        title = f"<b>What each rule gives, and the truth</b>{more}"
        middle = (m.label[0] + m.width) / 2
        yield text_trace([(middle, m.titles)], [title], m.title, ink, still=True)
        labels = {row.entry: row.label for row in info.rows}
    else:
        at = [(m.label[0], y) for _, y in pairs]
        own = [f"<i>{row.label}</i>" for row, _ in pairs]
        yield text_trace(at, own, m.note, ink, "middle right")
        labels = {row.entry: row.label.rpartition("∂")[2] for row in info.rows}
    names = [f"<i>{labels[entry]}</i>" for entry in boxes]
    size = m.note if m.chips is None else m.note + 3
    yield text_trace([middle_of(box) for box in boxes.values()], names, size, ink, still=True)
    numbers = [row.interval if row.kinked else number(row.left) for row, _ in pairs]
    yield text_trace([(m.interval, y) for _, y in pairs], numbers, m.note, muted, "middle right")


def _places(row: BracketRow, middle: float, rows: int, axis: Scale, m: KinkMeasures) -> list[Point]:
    """Where each group's mark lies: above or below the others; in flat rows two share a level."""
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
    """From one level of marks in a row to the next, and how many marks share one."""
    apart = 0.92 * _pitch(rows, m) / groups
    shared = max(1, ceil(m.smallest / apart)) if apart < m.smallest else 1
    return shared * apart, shared


def _marks(pairs: Pairs, axis: Scale, look: Look) -> Iterator[Drawing]:
    """A ring around each claim that is no derivative, and each group's claim."""
    places = [
        (row, group, place)
        for row, y in pairs
        for group, place in enumerate(_places(row, y, len(pairs), axis, look.m))
    ]
    rings, ink = [place for row, group, place in places if group in row.outside], look.palette.ink
    yield _symbols(rings, ["circle"] * len(rings), look.m.mark + 10, look.palette.paper, ink)
    most = max((len(row.claims) for row, _ in pairs), default=1)
    several = _levels(len(pairs), most, look.m)[1] > 1
    size = look.m.smallest + 1 if several else look.m.mark
    yield _rule_marks(
        [place for *_, place in places], [group for _, group, _ in places], size, look
    )


def _beyond(pairs: Pairs, axis: Scale, look: Look) -> Drawing:
    """An arrow at the end of a row of which something lies further out than the axis goes."""
    at, symbols = [], []
    for row, middle in pairs:
        values = (row.left, row.right, *row.claims)
        if min(values) < axis.low:
            at.append((look.m.axis[0] - look.m.gap, middle))
            symbols.append("triangle-left")
        if max(values) > axis.high:
            at.append((look.m.axis[1] + look.m.gap, middle))
            symbols.append("triangle-right")
    return _symbols(at, symbols, look.m.mark + 3, look.palette.ink, look.palette.ink)


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
    points: Sequence[Point], groups: Sequence[int], size: float | list[float], look: Look
) -> Drawing:
    """The groups' marks, each with its shape and its colour."""
    return points_trace(
        points,
        {
            "symbol": [RULE_SYMBOLS[group % len(RULE_SYMBOLS)] for group in groups],
            "size": size,
            "color": [look.palette.rule(group) for group in groups],
            "line": {"width": 1.5, "color": look.palette.paper},
        },
    )


# --- who the rules are, and how they share a tie

SUM: Final = 1e-9
"""Shares sum to 1 but for rounding."""
AROUND: Final = 8.0
"""Marks in one place lie around it, so that each is seen."""


def _legend_drawings(groups: Sequence[RuleGroup], look: Look) -> list[Drawing]:
    """Each group's mark and name, and what comes of its claim."""
    m, (left, top) = look.m, look.m.legend
    pitch = min(m.legend_pitch, 3 * m.legend_pitch / len(groups))
    lines = [top + pitch * i for i in range(len(groups))]
    titles = [
        f"<b>{group.title}</b>: {group.said}"
        if not group.stands_out
        else f"<b>{group.title}: {group.said}</b>"
        for group in groups
    ]
    colours = [look.palette.rule(i) for i in range(len(groups))]
    beside = [(left + 1.1 * m.note, y) for y in lines]
    marks = [(left + m.note / 2, y) for y in lines]
    return [
        {**_rule_marks(marks, range(len(groups)), m.mark + 3, look), "meta": STILL},
        text_trace(beside, titles, m.note, colours, "middle right"),
    ]


def _share_drawings(shares: Shares, look: Look) -> list[Drawing]:
    """The square, the triangle, or nothing: as many traces each time."""
    if look.m.shares and len(shares.labels) == 2:
        return _square(shares, look.m.shares, look)
    if look.m.shares and len(shares.labels) == 3:
        return _triangle(shares, look.m.shares, look)
    return (
        [line_trace([], 2, look.palette.ink)] * 2
        + [_rule_marks([], [], look.m.mark + 2, look)]
        + [text_trace([], [], look.m.note, look.palette.ink)]
    )


def _square(shares: Shares, place: tuple[float, float, float], look: Look) -> list[Drawing]:
    left, top, side = place
    across, up = Scale(0, 1, left, left + side), Scale(0, 1, top + side, top)
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    ends = [(0.0, 1.0), (1.0, 0.0)]
    first, second = (f"share of {label}" for label in shares.labels)
    words: list[tuple[Point, str, str]] = [
        ((left + side / 2, top + side + 34), first, "middle center"),
        ((left - 4, top - 37), second, "middle center"),
        ((left - 10, top + side + 2), "0", "middle left"),
        ((left + side + 10, top + side + 2), "1", "middle right"),
        ((left - 10, top), "1", "middle left"),
    ]
    return _drawn(
        [(across(x), up(y)) for x, y in corners],
        [(across(x), up(y)) for x, y in ends],
        _apart([(across(x), up(y)) for x, y in shares.parts]),
        words,
        look,
    )


def _triangle(shares: Shares, place: tuple[float, float, float], look: Look) -> list[Drawing]:
    left, top, side = place
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
            places.append((left + side / 2 - 40, top + height + 50))
            strays = [
                ((left + side / 2 - 24, top + height + 50), f"sum {number(total)}", "middle right")
            ]
    words = [
        ((corners[0][0] - 4, corners[0][1] + 18), shares.labels[0], "middle center"),
        ((corners[1][0] + 4, corners[1][1] + 18), shares.labels[1], "middle center"),
        ((corners[2][0], corners[2][1] - 16), shares.labels[2], "middle center"),
        *strays,
    ]
    outline = [*corners, corners[0]]
    return _drawn(outline, outline, _apart(places), words, look, filled=True)


def _drawn(
    outline: Sequence[Point],
    valid: Sequence[Point],
    marks: Sequence[Point],
    words: Sequence[tuple[Point, str, str]],
    look: Look,
    *,
    filled: bool = False,
) -> list[Drawing]:
    drawn = line_trace(valid, 3 if filled else 14, look.palette.bracket)
    if filled:
        drawn |= {"fill": "toself", "fillcolor": look.palette.faint(look.palette.bracket, 0.6)}
    texts = [f"<i>{text}</i>" for _, text, _ in words]
    return [
        line_trace(outline, 2, look.palette.line),
        drawn,
        _rule_marks(marks, range(len(marks)), look.m.mark + 2, look),
        text_trace(
            [at for at, *_ in words],
            texts,
            look.m.note,
            look.palette.ink,
            [place for *_, place in words],
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
