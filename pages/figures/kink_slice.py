"""The slice: the output over one entry, the tangents at the point, and every rule's slope there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pages.figures.arrangement import STILL, Drawing, Point, line_trace, points_trace, text_trace
from pages.figures.clip import area_on, line_on, path_on
from pages.figures.kink_info import SliceInfo
from pages.figures.kink_places import FRAME, Scale
from pages.figures.theme import COUNT_SIZE, HEADING_SIZE, NOTE_SIZE, Palette
from pages.figures.ticks import ticks
from pages.figures.words import number, signed

TITLE: Final = 26.0
SLOPES: Final = 64.0
"""The lines above the frame: what is drawn, and the slopes to either side of the point."""


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


def slice_drawings(
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
        *_said(info, palette),
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


def _said(info: SliceInfo, palette: Palette) -> list[Drawing]:
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
