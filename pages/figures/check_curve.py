"""The error of a difference against its step, on log axes: truncation, rounding, and kinks."""

from itertools import groupby
from typing import Final

from pages.figures.arrangement import Drawing, Point, line_trace, text_trace
from pages.figures.check_axes import BOTTOM, LEFT, NONE, RIGHT, TOP, axes, legend, level, place
from pages.figures.check_info import CurveInfo, ErrorCurve
from pages.figures.theme import NOTE_SIZE, Palette

CENTRAL_AT: Final = (-3.4, -13.2)
ONE_SIDED_AT: Final = (-8.0, -4.0)
ROUNDING_AT: Final = (-10.4, -10.6)
"""Where the words for a regime stand, in powers of ten: beside its branch, off the others."""


def curve_drawings(info: CurveInfo, palette: Palette) -> list[Drawing]:
    """The traces."""
    return [
        _within(info.kink, palette),
        *axes(palette),
        *(_line(curve, palette) for curve in info.curves),
        _points(info, palette),
        line_trace([(place(info.eps, 0)[0], TOP - 6), place(info.eps, 0)], 2, palette.ink, "dash"),
        _present(info, palette),
        *legend(palette),
        _said(info, palette),
    ]


def _colour(curve: ErrorCurve, palette: Palette) -> str:
    return palette.windows[0 if curve.dtype == "float64" else 2]


def _line(curve: ErrorCurve, palette: Palette) -> Drawing:
    """Broken where the error is 0."""
    points: list[Point | None] = []
    for positive, run in groupby(curve.points, lambda point: point[1] > 0):
        if positive:
            points += [*(place(*point) for point in run), None]
    central = curve.kind == "central"
    return line_trace(points, 3.5 if central else 2.5, _colour(curve, palette), _dash(curve))


def _dash(curve: ErrorCurve) -> str:
    return "solid" if curve.kind == "central" else "dot"


def _points(info: CurveInfo, palette: Palette) -> Drawing:
    """The errors of the central differences, those of exactly 0 under the axes."""
    shown = [
        (place(*point), _colour(curve, palette))
        for curve in info.curves
        for point in curve.points
        if curve.kind == "central"
    ]
    drawn = _markers([at for at, _ in shown], [each for _, each in shown], 6, palette)
    return {**drawn, "marker": {**drawn["marker"], "line": {"width": 0}}}


def _present(info: CurveInfo, palette: Palette) -> Drawing:
    """The errors at the present step."""
    at = [place(info.eps, curve.present) for curve in info.curves]
    sizes = [17 if curve.kind == "central" else 11 for curve in info.curves]
    return _markers(at, [_colour(curve, palette) for curve in info.curves], sizes, palette)


def _markers(
    at: list[Point], colours: list[str], size: int | list[int], palette: Palette
) -> Drawing:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in at],
        "y": [y for _, y in at],
        "marker": {
            "size": size,
            "color": colours,
            "opacity": 1,
            "line": {"width": 2, "color": palette.paper},
        },
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _within(kink: float | None, palette: Palette) -> Drawing:
    """The steps within which a kink lies."""
    corners: list[Point | None] = []
    if kink is not None:
        left, _ = place(kink, 1)
        corners = [(left, TOP), (RIGHT, TOP), (RIGHT, NONE + 10), (left, NONE + 10), (left, TOP)]
    drawn = line_trace(corners, 0, palette.kink)
    return {**drawn, "fill": "toself", "fillcolor": palette.faint(palette.kink, 0.16)}


def _said(info: CurveInfo, palette: Palette) -> Drawing:
    """Of which entry, what the errors are now, and what they grow with."""
    branches = [
        (CENTRAL_AT, info.central),
        (ONE_SIDED_AT, info.one_sided),
        (ROUNDING_AT, info.rounding),
    ]
    middle = (LEFT + RIGHT) / 2 + 14
    at = [(middle, 52), (middle, 80), *((place(x, 1)[0], level(y)) for (x, y), _ in branches)]
    texts = [info.title, info.said, *(words for _, words in branches)]
    at.append((RIGHT - 6, BOTTOM - 10))
    texts.append("" if info.kink is None else "a kink within eps")
    drawn = text_trace(
        at,
        texts,
        [NOTE_SIZE] * 2 + [18] * 4,
        [palette.ink] * 5 + [palette.kink],
    )
    return {**drawn, "textposition": ["middle center"] * 5 + ["middle left"]}
