"""Draw the curve of an elementwise operation, its slope, and the entries as points on both.

A slope of 1 rises at 45 degrees. Where the slope jumps, all slopes in between are shown as soon as
an entry lies there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product
from math import ceil, floor, inf
from statistics import fmean
from typing import Final

from pages.figures.layout import View
from pages.figures.primitives import (
    Drawing,
    Point,
    area_trace,
    dots,
    fitting,
    line_trace,
    smaller,
    text_trace,
    text_width,
)
from pages.figures.theme import NOTE_SIZE, PALETTES, Palette, Theme
from pages.figures.words import number

END: Final = 4.5  # how far the curve reaches to either side of a = 0
TOP: Final = 105.0  # the top of the curve, in pixels
HIGH: Final = 325.0  # its largest height, in pixels
UNIT: Final = 50.0  # the largest length of one unit of a, in pixels
NO_SLOPE: Final = 556.0  # the level of the slope 0, if all slopes lie from 0 to 1
FULL_SLOPE: Final = 452.0  # the level of the slope 1, if all slopes lie from 0 to 1
WIDTH: Final = 540.0  # the width of the whole drawing
ABOVE: Final = TOP - 20  # the free space above the drawing
SMALL: Final = 0.42  # the scale of the drawing on a phone
SMALL_HEIGHT: Final = SMALL * (NO_SLOPE + 50 - ABOVE)  # the height of the drawing on a phone
LEVEL: Final = 0.25  # where the slope is flatter than this, a name has room above its point
NAME: Final = 29.0  # the width of a point's name, in the small drawing too
TANGENT: Final = 0.5  # how far a tangent reaches to either side, in units of a
WEDGE: Final = 1.2  # how far the wedge of all subgradients reaches to either side, in units of a
ROOM: Final = 2.5 * UNIT
"""If a break has less space than this on one side, both of its texts stand on the roomier one."""
_BESIDE: Final = {-1: "middle left", 1: "middle right"}


@dataclass(frozen=True)
class CurvePoint:
    """An entry of a on the curve."""

    label: str
    a: float
    h: float
    slope: float  # as the trace used it


@dataclass(frozen=True)
class Break:
    """A jump of the slope at a."""

    a: float
    h: float
    left: float  # the slope on its left
    right: float  # the slope on its right
    claimed: float  # the slope that the rule takes


@dataclass(frozen=True)
class Curve:
    """The data of a drawing: h over a."""

    letters: tuple[str, str]  # of the two axes
    values: Sequence[Point]
    slopes: Sequence[Sequence[Point]]  # in pieces
    breaks: Sequence[Break]
    points: Sequence[CurvePoint]
    rule: str  # its name


@dataclass(frozen=True)
class Frame:
    """The position of a curve on the picture."""

    zero: float  # the x of a = 0
    low: float  # the least h
    high: float  # the largest h
    slopes: tuple[float, float]  # the least and the largest slope
    top: float = TOP  # the level of the largest h
    bend: float = 0.0  # the first a ≤ 0 from which the curve rises

    @cached_property
    def unit(self) -> float:
        """The pixels of one unit of a, and of h."""
        return min(UNIT, HIGH / (self.high - self.low))

    def pixel(self, a: float, h: float) -> Point:
        """The pixel of the point (a, h)."""
        return round(self.zero + a * self.unit, 1), round(self.top + (self.high - h) * self.unit, 1)

    def level(self, a: float, slope: float) -> Point:
        """The pixel of a slope at a."""
        low, high = self.slopes
        down = NO_SLOPE + (slope - low) / (high - low) * (FULL_SLOPE - NO_SLOPE)
        return round(self.zero + a * self.unit, 1), round(down, 1)


def small_curve(
    curve: Curve, at: Point, least: int, chosen: int | None, view: View
) -> list[Drawing]:
    """Draw a curve scaled down, its upper left corner at `at`. least: the smallest text size."""
    # Two lines of text shrink less than what they stand beside.
    further = max(0.0, 2 * (least / SMALL - NOTE_SIZE))
    drawn = curve_drawings(curve, WIDTH, chosen, view, further)
    return [smaller(each, SMALL, (at[0], at[1] - SMALL * ABOVE), least) for each in drawn]


def curve_drawings(
    curve: Curve, right: float, chosen: int | None, view: View, further: float = 0.0
) -> list[Drawing]:
    """Draw the axes, the curve, its slope, the points and the texts.

    right: the right end of the picture. chosen: the index of the point that stands out. further:
    how much further than on a slide the texts about a break stand from its line.

    While the gradients are hidden, no point shows its slope.
    """
    palette, names = PALETTES[view.theme], len(curve.points) * (NOTE_SIZE + further / 2)
    frame = _frame(curve.values, curve.slopes, tuple(curve.breaks), right, names)
    kinked = [b for b in curve.breaks if any(point.a == b.a for point in curve.points)]
    on_curve = [frame.pixel(point.a, point.h) for point in curve.points]
    on_slope = [frame.level(point.a, point.slope) for point in curve.points]
    *axes, graph = _still(frame, curve.letters, curve.values, curve.slopes, view.theme)
    guide = [] if chosen is None else [on_curve[chosen], on_slope[chosen]]
    jumps = [_jump(frame, each) for each in curve.breaks]
    claimed = [frame.level(each.a, each.claimed) for each in curve.breaks]
    known = [] if view.hidden else curve.points
    return [
        *axes,
        _wedges(frame, kinked, palette),
        graph,
        line_trace(_joined(jumps), 2.5, palette.slope, dash="dot"),
        line_trace(_joined([_jump(frame, b) for b in kinked]), 16, palette.faint(palette.slope)),
        line_trace(guide, 2, palette.muted, dash="dash"),
        line_trace([*_tangents(frame, known)], 7, palette.slope),
        dots(on_curve, 15, palette.paper, palette.ink),
        dots(on_slope[: len(known)], 12, palette.paper, palette.ink),
        dots(guide[:1], 17, palette.accent, palette.ink),
        dots(claimed, 24, palette.slope, palette.paper, "diamond"),
        _labels(frame, curve, palette),
        _said(frame, curve, kinked, chosen, palette, further),
    ]


@lru_cache(maxsize=32)  # only the points move
def _frame(
    values: Sequence[Point],
    pieces: Sequence[Sequence[Point]],
    breaks: Sequence[Break],
    right: float,
    names: float,
) -> Frame:
    """The frame of a curve; it lies lower if wedges, or all names at one point, reach above it.

    names: the height of the text of all names, without the space between them.
    """
    heights = dict(values)
    slopes = [(a, slope) for piece in pieces for a, slope in piece]
    reached = [0.0, 1.0, *(slope for _, slope in slopes)]
    bends = [each.a for each in breaks if each.a <= 0 and each.right >= LEVEL]
    low, high = min(heights.values()), max(heights.values())
    frame = Frame(right - WIDTH / 2, low, high, (min(reached), max(reached)))
    corners = [
        each.h + side * slope
        for each in breaks
        for side, slope in product((-WEDGE, WEDGE), (each.left, each.right))
    ]
    stacked = (10 + 1.3 * names) / frame.unit
    above = [heights[a] + stacked for a, slope in slopes if _above(a, slope)]
    needed = (max([high, *corners, *above]) - high) * frame.unit
    beneath = (low - min([low, *corners])) * frame.unit
    free = max(0.0, HIGH - (high - low) * frame.unit - beneath)
    return replace(frame, top=TOP + min(needed, free), bend=min(bends, default=0.0))


@lru_cache(maxsize=32)  # only the points move
def _still(
    frame: Frame,
    letters: tuple[str, str],
    values: Sequence[Point],
    slopes: Sequence[Sequence[Point]],
    theme: Theme,
) -> Sequence[Drawing]:
    """Draw the axes, and the curve with its slope."""
    palette = PALETTES[theme]
    points: list[Point | None] = [frame.pixel(a, h) for a, h in values]
    for piece in slopes:
        points += [None, *(frame.level(a, slope) for a, slope in piece)]
    return *_axes(frame, letters, palette), line_trace(points, 3, palette.ink)


def _axes(frame: Frame, letters: tuple[str, str], palette: Palette) -> list[Drawing]:
    """Draw thin lines at round numbers, and the numbers: the same in every state."""
    pixel, apart = frame.pixel, 2 if frame.unit > 1.1 * NOTE_SIZE else 4
    ticks = range(-4, 5, apart)
    # A sigmoid reaches no whole number.
    finer = (apart, 1, 0.5, 0.25, 0.125)
    heights = next(filter(None, (_heights(frame, step) for step in finer)), [frame.high])
    # As wide as with the largest unit, because the texts about breaks stand within.
    left, right = frame.zero - END * UNIT, frame.zero + END * UNIT
    levels = [pixel(0, h)[1] for h in heights] + [frame.level(0, slope)[1] for slope in (0, 1)]
    top, bottom = pixel(0, frame.high)[1], pixel(0, frame.low)[1]
    grid: list[Point | None] = []
    for y in levels:
        grid += [(left, y), (right, y), None]
    for a in ticks:
        x = pixel(a, 0)[0]
        grid += [(x, top), (x, bottom), None, (x, FULL_SLOPE - 8), (x, NO_SLOPE + 8), None]
    at = [(left - 18, y) for y in levels] + [(pixel(a, 0)[0], NO_SLOPE + 26) for a in ticks]
    said = [*map(number, heights), "0", "1", *map(number, ticks)]
    below_top = pixel(0, heights[-1] - apart / 2)[1]
    names = [(left - 18, below_top), (left + 2, FULL_SLOPE - 26), (right + 18, NO_SLOPE + 26)]
    across, up = letters
    said_of_axes = [f"<i>{up}</i>", "<i>slope</i>", f"<i>{across}</i>"]
    return [
        line_trace(grid, 1.5, palette.hatch),
        text_trace(at, said, NOTE_SIZE, palette.muted),
        text_trace(names, said_of_axes, NOTE_SIZE, palette.muted),
    ]


def _heights(frame: Frame, step: float) -> list[float]:
    """The multiples of a step that the curve reaches and that lie above the name of the slope."""
    reached = range(ceil(frame.low / step), floor(frame.high / step) + 1)
    lowest = FULL_SLOPE - 26 - 1.5 * NOTE_SIZE
    return [step * n for n in reached if frame.pixel(0, step * n)[1] < lowest]


def _jump(frame: Frame, each: Break) -> list[Point]:
    return [frame.level(each.a, each.left), frame.level(each.a, each.right)]


def _joined(lines: Sequence[Sequence[Point]]) -> list[Point | None]:
    """Lines as one, with gaps between them."""
    points: list[Point | None] = []
    for line in lines:
        points += [None, *line] if points else line
    return points


def _tangents(frame: Frame, points: Sequence[CurvePoint]) -> Iterator[Point | None]:
    for point in points:
        for side in (-TANGENT, TANGENT):
            yield frame.pixel(point.a + side, point.h + side * point.slope)
        yield None


def _wedges(frame: Frame, breaks: Sequence[Break], palette: Palette) -> Drawing:
    """Shade all lines through each kink whose slope lies between those on its two sides."""
    outlines = []
    for each in breaks:
        corners = [(0.0, 0.0)]
        for side in (WEDGE, -WEDGE):
            corners += [(side, side * each.left), (side, side * each.right), (0.0, 0.0)]
        outlines.append([frame.pixel(each.a + a, each.h + h) for a, h in corners])
    return area_trace(_joined(outlines), palette.slope, palette.faint(palette.slope))


def _labels(frame: Frame, curve: Curve, palette: Palette) -> Drawing:
    """Write the names of the points; those of points that lie together are one text."""
    points = [_with_what_follows(frame, point, curve.breaks) for point in curve.points]
    sides = ([p for p in points if p.a <= 0], [p for p in points if p.a > 0])
    labels = [_label(frame, group) for side in sides for group in _grouped(frame, side)]
    return text_trace(
        [at for at, _, _ in labels],
        [text for _, text, _ in labels],
        NOTE_SIZE,
        palette.ink,
        [place for _, _, place in labels],
    )


def _above(a: float, slope: float) -> bool:
    """Whether a name stands above its point: at a ≤ 0, or where the curve is nearly level."""
    return a <= 0 or abs(slope) < LEVEL


def _with_what_follows(frame: Frame, point: CurvePoint, breaks: Sequence[Break]) -> CurvePoint:
    """The point with the flattest slope above its name, if that stood beneath the curve."""
    end = point.a + (12 + NAME) / frame.unit
    following = [each.right for each in breaks if point.a <= each.a < end]
    return replace(point, slope=min(point.slope, *following, key=abs)) if following else point


def _label(frame: Frame, group: Sequence[CurvePoint]) -> tuple[Point, str, str]:
    """For points that lie together: where their names stand, the text, and its textposition."""
    middle = fmean(point.a for point in group)
    x, y = frame.pixel(middle, fmean(point.h for point in group))
    names = [f"<b><i>{point.label}</i></b>" for point in group]
    if any(_above(middle, point.slope) for point in group):
        aside = fmean(_aside(frame, point.a) for point in group)
        return (x - aside, y - 10), "<br>".join(names), "top center"
    (first, _), (last, _) = (frame.pixel(group[at].a, 0) for at in (0, -1))
    line = " ".join(names)
    if middle > 2:  # far out, above the curve
        return (first - 12, y - 4), line, "middle left"
    # Near the kink, beneath the curve; in two lines if there is no room for one.
    if last + 12 + text_width(line, NOTE_SIZE) > frame.zero + WIDTH / 2:
        half = ceil(len(names) / 2)
        line, y = f"{' '.join(names[:half])}<br>{' '.join(names[half:])}", y + NOTE_SIZE / 2
    return (last + 12, y + 2), line, "middle right"


def _aside(frame: Frame, a: float) -> float:
    """How far left of its point a name stands: near the kink, clear of the points beyond it."""
    # The distance grows gradually, so that a moving name never overtakes another.
    return 14.0 * min(max(0.0, 4 * (a - frame.bend) + 2), 1.0)


def _grouped(frame: Frame, points: Sequence[CurvePoint]) -> Iterator[list[CurvePoint]]:
    """Group the points on one side of the kink whose names would overlap."""
    group: list[CurvePoint] = []
    ends = -inf
    for point in sorted(points, key=lambda point: point.a):
        left = point.a * frame.unit - _aside(frame, point.a)
        if group and left > ends:
            yield group
            group = []
        group.append(point)
        ends = left + NAME
    if group:
        yield group


def _said(
    frame: Frame,
    curve: Curve,
    kinked: Sequence[Break],
    chosen: int | None,
    palette: Palette,
    further: float,
) -> Drawing:
    """Write the slope that the rule takes at each break and, if an entry lies there, its range.

    If there are several breaks, there is no room for the rule's name, and only the range at the
    chosen entry's break is written.
    """
    at, texts, places = [], [], []
    size, two_lines = NOTE_SIZE + further / 2, 34 + further  # how far their text reaches
    alone = len(curve.breaks) == 1
    there = None if chosen is None else curve.points[chosen].a
    for each in curve.breaks:
        right, left, room, near = _sides(frame, curve.breaks, each)
        x, y = frame.level(each.a, each.claimed)
        (_, first), (_, second) = _jump(frame, each)
        y += -32 - further if each.claimed < 0.5 else two_lines
        y = _clear(y, second if right > 0 else first, two_lines)
        claimed, where = f"<b>{number(each.claimed)}</b>", number(each.a)
        rule = f"{claimed} at {where}"
        slopes = sorted((each.left, each.right))
        anything = f"any of <b>[{', '.join(map(number, slopes))}]</b>"
        if right == left:  # one above the other, if there is room
            anything = fitting((anything, anything.removeprefix("any ")), size, room - 16)
            # A text may reach beyond the axis, but not beyond another break.
            rule, anything = (fitting((each, ""), size, near - 16) for each in (rule, anything))
            above, beneath = y - 0.65 * size, y + 0.5 * size
        else:
            if alone:
                rule = f"{claimed} at {curve.letters[0]} = {where}:<br>{curve.rule}"
            anything = fitting((anything, anything.replace(" <b>", "<br><b>")), size, room - 16)
            reach = two_lines if "<br>" in anything else 0.7 * size
            above, beneath = y, _clear((first + second) / 2, first, reach)
        at += [(x + right * 18.0, above), (x + left * 16.0, beneath)]
        texts.append(rule)
        texts.append(anything if each in kinked and (alone or each.a == there) else "")
        places += [_BESIDE[right], _BESIDE[left]]
    return text_trace(at, texts, NOTE_SIZE, palette.slope, places)


def _sides(frame: Frame, breaks: Sequence[Break], each: Break) -> tuple[int, int, float, float]:
    """The sides of a break (1: right, -1: left) for the slope that the rule takes and the range.

    These are right and left, but both on the side with more room if the break is far out or near
    another. Also the room for the range on its side, and the distance to the next break there.
    """
    x = frame.pixel(each.a, 0)[0]
    others = [frame.pixel(other.a, 0)[0] for other in breaks]
    ends = {side: abs(frame.zero + side * END * UNIT - x) for side in (-1, 1)}
    nearest = {
        side: min((side * (other - x) for other in others if side * (other - x) > 0), default=inf)
        for side in ends
    }
    rooms = {side: min(ends[side], nearest[side] / 2) for side in ends}  # half of what lies between
    if min(rooms.values()) >= ROOM:
        return 1, -1, rooms[-1], nearest[-1]
    side = max(rooms, key=lambda side: rooms[side])
    return side, side, min(ends[side], nearest[side]), nearest[side]


def _clear(wanted: float, line: float, reach: float) -> float:
    """The level of a text of half height `reach`, clear of a line and of what is beneath."""
    if line + 2 * reach > NO_SLOPE + 8:
        return min(wanted, line - reach)
    return min(max(wanted, line + reach), NO_SLOPE + 8 - reach)
