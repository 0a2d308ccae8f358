"""ReLU as a curve with a point for each entry, and beneath it the slope at each.

At 0 the slope is no number but an interval, [0, 1]; a rule chooses one of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine import Trace, terms
from pages.figures.arrangement import Drawing, Point, View, line_trace, points_trace, text_trace
from pages.figures.relu_axes import (
    FULL_SLOPE,
    NO_SLOPE,
    UNIT,
    ZERO,
    at_zero,
    axes,
    graph,
    pixel,
)
from pages.figures.theme import NOTE_SIZE, PALETTES, Palette
from pages.figures.words import name, number

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
