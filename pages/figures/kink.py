"""The picture of a kink: the slice, the brackets, who the rules are, and how they share a tie.

Here are the whole and its left, the slice: the output over one entry, the tangents at the point,
and every rule's slope there, each with a name beside the frame that is level with its line's end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pages.figures.arrangement import (
    STILL,
    Arrangement,
    Drawing,
    Point,
    line_trace,
    points_trace,
    text_trace,
)
from pages.figures.clip import Frame, area_on, line_on, path_on
from pages.figures.finish import finished
from pages.figures.kink_claims import (
    TITLE,
    Scale,
    bracket_drawings,
    label_boxes,
    legend_drawings,
    rule_marks,
    share_drawings,
)
from pages.figures.kink_info import ClaimedSlope, KinkInfo, RuleGroup, SliceInfo
from pages.figures.theme import (
    COUNT_SIZE,
    GRADIENT_SIZE,
    HEADING_SIZE,
    NOTE_SIZE,
    PALETTES,
    Palette,
    Theme,
)
from pages.figures.ticks import spread, ticks
from pages.figures.words import number, signed

WIDTH: Final = 1600.0
HEIGHT: Final = 740.0
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
MARK: Final = 16.0
EVERYBODY: Final = "every rule"
CENTRAL: Final = "central difference"


def _arrangement(info: KinkInfo) -> Arrangement:
    """How large the picture is, and which boxes can be chosen."""
    return Arrangement(WIDTH, HEIGHT, label_boxes(info.rows), (), {})


def kink_figure(info: KinkInfo, theme: Theme) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}."""
    palette, along = PALETTES[theme], info.slice
    colours = [_colour(line.groups, info.groups, palette) for line in along.lines]
    return finished(
        [
            *bracket_drawings(info.rows, info.slopes, along.entry, info.left_out, palette),
            *_slice_drawings(along, palette, colours, max(LINES, len(info.groups) + 1)),
            *_name_drawings(Plane(along), info.groups, palette),
            *legend_drawings(info.groups, palette),
            *share_drawings(info.shares, palette),
        ],
        _arrangement(info),
        palette,
    )


def _colour(claimants: Sequence[int], groups: Sequence[RuleGroup], palette: Palette) -> str:
    """A line's: that of the group that stands out where it is one of them, else the first's."""
    if not claimants:
        return palette.line
    first = next((each for each in claimants if groups[each].stands_out), claimants[0])
    return palette.rule(first)


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
    numbers = text_trace(below, said, NOTE_SIZE, palette.muted)
    heights = text_trace(beside, [*map(number, down)], NOTE_SIZE, palette.muted)
    return [
        line_trace(grid, 1.5, palette.hatch),
        {**numbers, "meta": STILL},
        {**heights, "textposition": "middle left", "meta": STILL},
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
        {**text_trace([(middle, TITLE)], [title], HEADING_SIZE, palette.ink), "meta": STILL},
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
                marks.append(((here[0] + MARK / 2 + 1, here[1]), group))
            at.append((here[0] + (MARK + 8 if group is not None else 0), here[1]))
            texts.append(text)
            colours.append(palette.muted if group is None else palette.rule(group))
    sizes_of_text = [GRADIENT_SIZE if text.startswith("<b>") else NOTE_SIZE for text in texts]
    return [
        line_trace(leaders, 2, palette.muted, "dot"),
        rule_marks([point for point, _ in marks], [group for _, group in marks], MARK, palette),
        {
            **text_trace(at, texts, sizes_of_text, colours),
            "textposition": "middle right",
        },
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
