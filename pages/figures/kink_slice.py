"""Draw the slice: the output over one entry, its tangents at the point, and each rule's slope.

Beside the frame, about level with the end of each line, its slope is named, and who claims it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from pages.figures.axes import Frame, Scale, area_on, legible, line_on, path_on, spread, ticks
from pages.figures.kink_info import ClaimedSlope, Look, RuleGroup, SliceInfo, rule_marks
from pages.figures.primitives import (
    Drawing,
    Point,
    area_trace,
    fitting,
    line_trace,
    points_trace,
    text_trace,
    text_width,
)
from pages.figures.words import DIGITS, number, signed

LINES: Final = 4
"""The least number of traces for slopes: three groups of rules and a central difference. It is the
same on every page, so that one picture can be updated to another."""
EVERY_RULE: Final = "every rule"
CENTRAL: Final = "central difference"


@dataclass(frozen=True)
class Plane:
    """The slice's frame with its two axes."""

    info: SliceInfo
    frame: Frame

    @cached_property
    def x(self) -> Scale:
        """The axis of the entry."""
        return Scale(*self.info.reach, self.frame.left, self.frame.right)

    @cached_property
    def y(self) -> Scale:
        """The axis of the output."""
        return Scale(*self.info.heights, self.frame.bottom, self.frame.top)

    def pixel(self, at: float, height: float) -> Point:
        """The pixel of a value of the output."""
        return self.x(at), self.y(height)

    @property
    def here(self) -> Point:
        """The pixel of the present point, moved up or down to the frame if it lies outside."""
        at, height = self.info.point
        return self.x(at), self.y.held(height)

    def ray(self, slope: float, side: int) -> Point:
        """The end of a line through the point, at the frame's right (1) or left (-1) edge's x."""
        (at, height), (left, right) = self.info.point, self.info.reach
        edge = right if side > 0 else left
        return self.pixel(edge, height + slope * (edge - at))

    def through(self, slope: float) -> Iterator[Point | None]:
        """The line with this slope through the point, cut off at the frame."""
        yield from path_on((self.ray(slope, -1), self.ray(slope, 1)), self.frame)

    def leaves(self, slope: float) -> Point:
        """Where the line with this slope leaves the frame on the right of the point."""
        part = line_on(self.pixel(*self.info.point), self.ray(slope, 1), self.frame)
        end = part[1] if part else self.ray(slope, 1)
        return end[0], min(self.frame.bottom, max(self.frame.top, end[1]))


def slice_drawings(info: SliceInfo, look: Look, colours: Sequence[str], most: int) -> list[Drawing]:
    """Draw the slice, from back to front. colours: of each line; most: the traces for lines."""
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
    """Draw thin lines at round numbers, and the numbers; label: the entry on the x axis."""
    across = legible(ticks(x.low, x.high), x, look.m.note)
    down = ticks(y.low, y.high)
    heights, ends = [*map(number, down)], look.m.frame.left - look.m.note / 3
    # Numbers wider than the space left of the frame reach into it, so that none is cut off.
    into = max(0.0, *(text_width(each, look.m.note) - ends for each in heights))
    grid: list[Point | None] = []
    for value in across:
        grid += [(x(value), look.m.frame.top), (x(value), look.m.frame.bottom), None]
    for value in down:
        grid += [(look.m.frame.left + into, y(value)), (look.m.frame.right, y(value)), None]
    under = look.m.frame.bottom + 0.88 * look.m.note
    below = [(x(value), under) for value in across]
    beside = [(ends + into, y(value)) for value in down]
    said = [*map(number, across), f"<b><i>{label}</i></b>"]
    # A long name stands further right, clear of the last number.
    *_, (last, _) = below or [(0.0, under)]
    reach = sum(text_width(each, look.m.note) / 2 for each in said[-2:])
    below.append((max(look.m.frame.right + look.m.note, last + reach + look.m.note / 4), under))
    return [
        line_trace(grid, 1.5, look.palette.hatch),
        text_trace(below, said, look.m.note, look.palette.muted, still=True),
        text_trace(beside, heights, look.m.note, look.palette.muted, "middle left", still=True),
    ]


def _wedge(plane: Plane, look: Look) -> Drawing:
    """Shade all lines through the point whose slope lies between the two one-sided ones."""
    info = plane.info
    middle = plane.pixel(*info.point)
    outline: list[Point | None] = []
    for side in (-1, 1) if info.kinked else ():
        corners = (middle, plane.ray(info.left, side), plane.ray(info.right, side))
        part = area_on(corners, look.m.frame)
        outline += [*part, *part[:1], None]
    return area_trace(outline, look.palette.bracket, look.palette.faint(look.palette.bracket, 0.6))


def _dots(bends: Sequence[Point], here: Point, look: Look) -> Drawing:
    """Draw the kinks of the slice, and the present point on top."""
    points = [*bends, here]
    return points_trace(
        points,
        {
            "symbol": [*["diamond"] * len(bends), "circle"],
            "size": [*[look.m.mark] * len(bends), 1.6 * look.m.mark],
            "opacity": 1,  # Plotly's default is less for markers of several sizes
            "color": look.palette.paper,
            "line": {"width": 3.5, "color": look.palette.ink},
        },
    )


def _titles(info: SliceInfo, look: Look) -> list[Drawing]:
    """Write what is drawn, and its slopes at the point with as many digits as fit.

    The texts are centred over the frame, or further right if they would begin left of the picture.
    """
    m = look.m
    middle = (m.frame.left + m.frame.right) / 2
    title = f"<b>{info.function} as {info.label} alone moves</b>"
    over = max(middle, text_width(title, m.title) / 2)
    sides = fitting((_sides(info, digits) for digits in DIGITS), m.note, 2 * middle)
    at = [] if m.slopes is None else [(max(middle, text_width(sides, m.note) / 2), m.slopes)]
    return [
        text_trace([(over, m.titles)], [title], m.title, look.palette.ink, still=True),
        text_trace(at, [sides] * len(at), m.note, look.palette.ink),
    ]


def _sides(info: SliceInfo, digits: int) -> str:
    """The words about the slopes on either side of the present point."""
    left, right = signed(info.left, digits), signed(info.right, digits)
    if info.kinked:
        return f"a kink: slope <b>{left}</b> on its left, <b>{right}</b> on its right"
    return f"no kink: slope <b>{left}</b> on both sides"


def name_drawings(plane: Plane, groups: Sequence[RuleGroup], look: Look) -> list[Drawing]:
    """Write the slope of each line and, beneath it, the groups that claim it, with their marks.

    If there is no room for all, several groups at one line are shown by their marks alone.
    """
    lines, m = plane.info.lines, look.m
    mark, left = m.mark + 1, m.names[0]
    wanted = [plane.leaves(line.slope) for line in lines]
    ends = m.frame.top - 0.9 * m.note, m.frame.bottom + m.note / 4
    for brief in (False, True):
        said = [_names(line, groups, brief=brief) for line in lines]
        between = m.line / (4 if brief else 2)
        sizes = [m.line * (1 + len(names)) + between for names in said]
        if sum(sizes) <= ends[1] - ends[0]:
            break
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
        for position, (text, whose) in enumerate(names, 1):
            x, y = left, top + position * m.line
            for group in whose:
                marks.append(((x + mark / 2 + 1, y), group))
                x += mark + m.note / 3
            if whose and x + text_width(text, m.note) > m.names[1]:
                text = ""  # its mark tells whose it is
            at.append((x, y))
            texts.append(text)
            colours.append(look.palette.rule(whose[0]) if whose else look.palette.muted)
    return [
        line_trace(leaders, 2, look.palette.muted, "dot"),
        rule_marks(marks, mark, look),
        text_trace(at, texts, m.note, colours, "middle right"),
    ]


def _names(
    line: ClaimedSlope, groups: Sequence[RuleGroup], *, brief: bool
) -> list[tuple[str, Sequence[int]]]:
    """The lines under a slope: (text, groups with a mark before it). brief: no names of several."""
    if len(line.groups) == len(groups):
        names: list[tuple[str, Sequence[int]]] = [(EVERY_RULE, ())]
    elif brief and len(line.groups) > 1:
        names = [("", line.groups)]
    else:
        titles = [groups[each].title for each in line.groups]
        bold = [groups[each].stands_out for each in line.groups]
        names = [
            (f"<b>{title}</b>" if own else title, (each,))
            for title, own, each in zip(titles, bold, line.groups, strict=True)
        ]
    return [*names, (CENTRAL, ())] if line.central else names
