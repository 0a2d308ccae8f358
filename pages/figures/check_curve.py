"""The error of a difference against its step, on log axes: truncation, rounding, and kinks."""

from itertools import groupby
from typing import Final

from pages.figures.arrangement import Drawing, Point, line_trace, points_trace, text_trace
from pages.figures.check_axes import (
    BOTTOM,
    CENTRAL,
    LEVELS,
    NONE,
    ONE_SIDED,
    RIGHT,
    SAMPLES,
    TOP,
    WORDS,
    axes,
    legend,
    level,
    place,
)
from pages.figures.check_info import DTYPES, CurveInfo, DType, ErrorCurve
from pages.figures.theme import NOTE_SIZE, Palette

TRUNCATION_AT: Final = (-3.2, -13.4)
ROUNDING_AT: Final = (-10.2, -10.6)
"""Where the words for a regime stand, in powers of ten: beside its branch, off the others."""
PRESENT_AT: Final = (WORDS, 1240.0, 1420.0)
"""Where the present step stands, and its errors in float64 and in float32."""


def curve_drawings(info: CurveInfo, palette: Palette) -> list[Drawing]:
    """The traces."""
    return [
        _within(info.kink, palette),
        *axes(palette),
        *(_line(curve, palette) for curve in info.curves),
        _points(info, palette),
        _upright(info, palette),
        _present(info, palette),
        *legend(palette),
        _said(info, palette),
        _regimes(info, palette),
    ]


def _colour(dtype: DType, palette: Palette) -> str:
    return palette.windows[0 if dtype == "float64" else 2]


def _line(curve: ErrorCurve, palette: Palette) -> Drawing:
    """Broken where the error is 0."""
    points: list[Point | None] = []
    for positive, run in groupby(curve.points, lambda point: point[1] > 0):
        if positive:
            points += [*(place(*point) for point in run), None]
    width, dash = CENTRAL if curve.kind == "central" else ONE_SIDED
    return line_trace(points, width, _colour(curve.dtype, palette), dash)


def _points(info: CurveInfo, palette: Palette) -> Drawing:
    """The errors of the central differences, those of exactly 0 under the axes."""
    shown = [
        (place(*point), _colour(curve.dtype, palette))
        for curve in info.curves
        for point in curve.points
        if curve.kind == "central"
    ]
    drawn = _markers([at for at, _ in shown], [each for _, each in shown], 6, palette)
    return {**drawn, "marker": {**drawn["marker"], "line": {"width": 0}}}


def _upright(info: CurveInfo, palette: Palette) -> Drawing:
    """At the present step, down to the smallest of its errors: the words are beneath."""
    at = [place(info.eps, curve.present) for curve in info.curves if curve.present is not None]
    return line_trace(
        [(at[0][0], TOP - 6), max(at, key=lambda each: each[1])], 2, palette.ink, "dash"
    )


def _present(info: CurveInfo, palette: Palette) -> Drawing:
    """The errors at the present step."""
    there = [(curve, curve.present) for curve in info.curves if curve.present is not None]
    at = [place(info.eps, error) for _, error in there]
    sizes = [17 if curve.kind == "central" else 11 for curve, _ in there]
    return _markers(at, [_colour(curve.dtype, palette) for curve, _ in there], sizes, palette)


def _markers(
    at: list[Point], colours: list[str], size: int | list[int], palette: Palette
) -> Drawing:
    return {
        **points_trace(
            at,
            {
                "size": size,
                "color": colours,
                "opacity": 1,
                "line": {"width": 2, "color": palette.paper},
            },
        ),
        "cliponaxis": False,
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
    """Of which entry, and what the errors are now."""
    finest_first = DTYPES[::-1]
    drawn = text_trace(
        [(SAMPLES[1][1] + 14, LEVELS[0]), *((x, LEVELS[1]) for x in PRESENT_AT)],
        [
            f"difference for {info.slope}",
            f"eps = {info.step}",
            *(f"● {dtype} {info.present[dtype]}" for dtype in finest_first),
        ],
        NOTE_SIZE - 1,
        [palette.ink] * 2 + [_colour(dtype, palette) for dtype in finest_first],
    )
    return {**drawn, "textposition": "middle right"}


def _regimes(info: CurveInfo, palette: Palette) -> Drawing:
    """What the errors in float64 grow with, and where a kink is the matter."""
    inside = [(place(x, 1)[0], level(y)) for x, y in (TRUNCATION_AT, ROUNDING_AT)]
    ends = [c.points[-1] for c in info.curves if (c.dtype, c.kind) == ("float64", "one-sided")]
    beside = [(RIGHT + 8, place(*end)[1]) for end in ends]
    drawn = text_trace(
        [*inside, *beside, (RIGHT - 6, BOTTOM - 10)],
        [
            info.central,
            info.rounding,
            info.one_sided,
            "" if info.kink is None else "a kink within eps",
        ],
        18,
        [palette.ink] * 3 + [palette.kink],
    )
    return {
        **drawn,
        "textposition": ["middle center"] * 2 + ["middle right", "middle left"],
    }
