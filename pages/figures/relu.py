"""The picture of a ReLU: a and h side by side, and right of them the curve that h lies on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine import Trace, terms
from pages.figures.arrangement import (
    CELL,
    Arrangement,
    Drawing,
    Heading,
    Point,
    View,
    column,
    line_trace,
    points_trace,
    text_trace,
)
from pages.figures.theme import NOTE_SIZE, PALETTES, Palette
from pages.figures.words import name, number

ROW_PITCH: Final = 95
FIRST_ROW: Final = 158
CENTRE: Final = {"a": 341, "h": 681}
"""The middle of each column; left of a and right of h there is room for sliders."""
HEADINGS: Final = (
    Heading((341, 34), "input", "a"),
    Heading((681, 34), "ReLU", "h = max(0, a)"),
    Heading((918, 34), "sent back", "dh = ∂L/∂h"),
    Heading((1330, 34), "The curve", "h, and its slope, for every a"),
)


def relu_arrangement(rows: int) -> Arrangement:
    """Where everything lies for so many entries."""
    middles = [FIRST_ROW + row * ROW_PITCH for row in range(rows)]
    bottom = middles[-1] + CELL[1] / 2
    return Arrangement(
        width=1600,
        height=bottom + 67,
        boxes=column("a", CENTRE["a"], middles) | column("h", CENTRE["h"], middles),
        headings=HEADINGS,
        counts={letter: (x, bottom + 43) for letter, x in CENTRE.items()},
    )


ZERO: Final = 1330.0
"""Where a = 0 lies; UNIT is one of a, and one of h, so that a slope of 1 rises by 45 degrees."""
UNIT: Final = 50.0
FLOOR: Final = 330.0
"""Where h = 0 lies on the curve."""
NO_SLOPE: Final = 556.0
FULL_SLOPE: Final = 452.0
"""Where slopes of 0 and of 1 lie."""
END: Final = 4.5


def pixel(a: float, h: float) -> Point:
    """Where (a, h) lies on the curve."""
    return round(ZERO + a * UNIT, 1), round(FLOOR - h * UNIT, 1)


def at_zero(slope: float) -> Point:
    """Where a slope lies above a = 0."""
    return ZERO, round(NO_SLOPE + slope * (FULL_SLOPE - NO_SLOPE), 1)


def graph() -> Iterator[Point | None]:
    """The curve, and its slope: 0 up to a = 0, 1 from there on."""
    yield from (pixel(-END, 0), pixel(0, 0), pixel(END, END), None)
    yield from ((ZERO - END * UNIT, NO_SLOPE), (ZERO, NO_SLOPE), None)
    yield from ((ZERO, FULL_SLOPE), (ZERO + END * UNIT, FULL_SLOPE))


def axes(palette: Palette) -> list[Drawing]:
    """Thin lines at whole numbers, and the numbers: the same in every state."""
    left, right, ticks, heights = ZERO - END * UNIT, ZERO + END * UNIT, range(-4, 5, 2), (0, 2, 4)
    levels = [pixel(0, h)[1] for h in heights] + [at_zero(0)[1], at_zero(1)[1]]
    grid: list[Point | None] = []
    for y in levels:
        grid += [(left, y), (right, y), None]
    for x in (ZERO + a * UNIT for a in ticks):
        grid += [(x, FLOOR - END * UNIT), (x, FLOOR), None, (x, FULL_SLOPE - 8), (x, NO_SLOPE + 8)]
        grid.append(None)
    at = [(left - 18, y) for y in levels] + [(ZERO + a * UNIT, NO_SLOPE + 26) for a in ticks]
    said = [*map(number, heights), "0", "1", *map(number, ticks)]
    names = [
        (left - 18, FLOOR - 3 * UNIT),
        (left + 2, FULL_SLOPE - 26),
        (right + 18, NO_SLOPE + 26),
    ]
    return [
        line_trace(grid, 1.5, palette.hatch),
        text_trace(at, said, NOTE_SIZE, palette.muted),
        text_trace(names, ["<i>h</i>", "<i>slope</i>", "<i>a</i>"], NOTE_SIZE, palette.muted),
    ]


TANGENT: Final = 0.5
WEDGE: Final = 1.2
"""How far a tangent and the wedge of all subgradients reach to either side, in units of a."""


@dataclass(frozen=True)
class CurvePoint:
    """An entry of a on the curve: its label, its value, h, and the slope that the trace used."""

    label: str
    a: float
    h: float
    slope: float


def curve_points(trace: Trace) -> list[CurvePoint]:
    """A point for each entry of a ReLU's trace."""
    (step,) = trace.steps
    return [
        CurvePoint(
            name("a", i),
            float(step.inputs[0][i]),
            float(step.output[i]),
            terms(trace, 0, 0, (i,))[0].slope,
        )
        for i in range(step.output.size)
    ]


def relu_curve(
    points: Sequence[CurvePoint], slope_at_zero: float, rule: str, chosen: int | None, view: View
) -> list[Drawing]:
    """The traces. rule: what to call the rule; chosen: the position of the point to stand out.

    While the gradients are hidden no point shows its slope.
    """
    palette = PALETTES[view.theme]
    at_kink = any(point.a == 0 for point in points)
    guide = [] if chosen is None else [_curve(points[chosen]), _slope(points[chosen])]
    known = [] if view.hidden else points
    return [
        *axes(palette),
        _wedge(palette, shown=at_kink),
        line_trace([*graph()], 3, palette.ink),
        line_trace([(ZERO, NO_SLOPE), (ZERO, FULL_SLOPE)], 2.5, palette.slope, dash="dot"),
        line_trace([*_interval()] if at_kink else [], 16, palette.faint(palette.slope)),
        line_trace(guide, 2, palette.muted, dash="dash"),
        line_trace([*_tangents(known)], 7, palette.slope),
        _dots([_curve(point) for point in points], 15, palette.paper, palette.ink),
        _dots([_slope(point) for point in known], 12, palette.paper, palette.ink),
        _dots(guide[:1], 17, palette.accent, palette.ink),
        _dots([at_zero(slope_at_zero)], 24, palette.slope, palette.paper, "diamond"),
        _labels(points, palette),
        _said(slope_at_zero, rule, palette, at_kink=at_kink),
    ]


def _curve(point: CurvePoint) -> Point:
    return pixel(point.a, point.h)


def _slope(point: CurvePoint) -> Point:
    return round(ZERO + point.a * UNIT, 1), at_zero(point.slope)[1]


def _interval() -> Iterator[Point]:
    yield from (at_zero(0), at_zero(1))


def _tangents(points: Sequence[CurvePoint]) -> Iterator[Point | None]:
    for point in points:
        for side in (-TANGENT, TANGENT):
            yield pixel(point.a + side, point.h + side * point.slope)
        yield None


def _wedge(palette: Palette, *, shown: bool) -> Drawing:
    """All the lines through the kink that lie nowhere above the curve."""
    corners = [(0.0, 0.0), (WEDGE, 0.0), (WEDGE, WEDGE), (0.0, 0.0), (-WEDGE, 0.0)]
    outline = [pixel(a, h) for a, h in (*corners, (-WEDGE, -WEDGE), (0.0, 0.0))]
    drawn = line_trace([*outline] if shown else [], 0, palette.slope)
    return {**drawn, "fill": "toself", "fillcolor": palette.faint(palette.slope)}


def _labels(points: Sequence[CurvePoint], palette: Palette) -> Drawing:
    """The names of the points; of those that lie together in one text."""
    drawn = [*_grouped([p for p in points if p.a <= 0]), *_grouped([p for p in points if p.a > 0])]
    at, texts, places = [], [], []
    for group in drawn:
        middle = sum(point.a for point in group) / len(group)
        x, y = pixel(middle, max(0, middle))
        names = [f"<b><i>{point.label}</i></b>" for point in group]
        if middle <= 0:  # there is room above the curve
            # Beside the kink a little to the left, off the other side's points.
            at.append((x - 14 if middle > -0.5 else x, y - 10))
            texts.append("<br>".join(names))
            places.append("top center")
        else:  # beneath it near the kink, and further out above it
            side = -1 if middle > 2 else 1
            outermost, _ = pixel(group[0 if side < 0 else -1].a, 0)
            at.append((outermost + side * 12, y - 4 if side < 0 else y + 2))
            texts.append(" ".join(names))
            places.append("middle left" if side < 0 else "middle right")
    return {**text_trace(at, texts, NOTE_SIZE, palette.ink), "textposition": places}


def _grouped(points: Sequence[CurvePoint]) -> Iterator[list[CurvePoint]]:
    """Those whose labels would lie on each other, together."""
    group: list[CurvePoint] = []
    for point in sorted(points, key=lambda point: point.a):
        if group and point.a - group[-1].a > 0.55:
            yield group
            group = []
        group.append(point)
    if group:
        yield group


def _said(slope: float, rule: str, palette: Palette, *, at_kink: bool) -> Drawing:
    """What the rule takes at 0; and, where an entry lies there, of what."""
    _, y = at_zero(slope)
    beside = (ZERO + 18.0, y - 32 if slope < 0.5 else y + 34)
    at = [beside, (ZERO - 16.0, (NO_SLOPE + FULL_SLOPE) / 2)]
    texts = [
        f"<b>{number(slope)}</b> at a = 0:<br>{rule}",
        "any of <b>[0, 1]</b>" if at_kink else "",
    ]
    drawn = text_trace(at, texts, NOTE_SIZE, palette.slope)
    return {**drawn, "textposition": ["middle right", "middle left"]}


def _dots(
    points: Sequence[Point], size: float, fill: str, line: str, symbol: str = "circle"
) -> Drawing:
    return points_trace(
        points,
        {
            "symbol": symbol,
            "size": size,
            "color": fill,
            "line": {"width": 2.5, "color": line},
        },
    )
