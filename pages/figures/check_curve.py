"""The error of a difference against its step, on log axes: truncation, rounding, and kinks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import log10
from typing import Final, Literal, TypeAlias

from pages.figures.primitives import STILL, Drawing, Point, line_trace, points_trace, text_trace
from pages.figures.theme import HEADING_SIZE, NOTE_SIZE, Palette
from pages.figures.words import number

DType: TypeAlias = Literal["float64", "float32"]
Kind: TypeAlias = Literal["central", "one-sided"]
DTYPES: Final[tuple[DType, ...]] = ("float32", "float64")
"""In the order in which they are drawn: the finer one on top."""
KINDS: Final[tuple[Kind, ...]] = ("central", "one-sided")
LEFT: Final = 1140.0
RIGHT: Final = 1500.0
TOP: Final = 108.0
BOTTOM: Final = 352.0
"""The axes; SLIDER is the level of the slider of eps beneath them."""
NONE: Final = 372.0
"""The level of errors of exactly 0, which no log axis has."""
SLIDER: Final = 424.0
STEPS: Final = (-13.0, -1.0)
ERRORS: Final = (-16.0, 1.0)
"""What the axes show: powers of ten."""
WORDS: Final = 1084.0
"""Where the lines over the axes begin, and those beneath them."""
SAMPLES: Final = ((1156.0, 1206.0), (1312.0, 1362.0))
"""From where to where a sample of a line goes, behind its name: of a central difference, and of a
one-sided."""
LEVELS: Final = (51.0, 79.0)
"""Of the lines over the axes: what is drawn, and the errors at the present step."""
CENTRAL: Final = (3.5, "solid")
ONE_SIDED: Final = (2.5, "dot")
"""How wide the lines are, and of what kind."""
TRUNCATION_AT: Final = (-3.2, -13.4)
ROUNDING_AT: Final = (-10.2, -10.6)
"""Where the words for a regime stand, in powers of ten: beside its branch, off the others."""
PRESENT_AT: Final = (WORDS, 1240.0, 1420.0)
"""Where the present step stands, and its errors in float64 and in float32."""


@dataclass(frozen=True)
class ErrorCurve:
    """The errors of one kind of difference, (log₁₀ eps, error) with rising eps; the present one.

    Without the steps that are lost in rounding; present: None where the present one is.
    """

    dtype: DType
    kind: Kind
    points: Sequence[tuple[float, float]]
    present: float | None


@dataclass(frozen=True)
class CurveInfo:
    """The error of the differences against their step.

    slope: of which entry. eps: log₁₀ of the present step. step, present: that step, and the errors
    of the central differences there, as they are written. kink: log₁₀ of the step from which on a
    kink lies within it, None for none. central, one_sided, rounding: the words for the regimes that
    the errors in float64 have, "" for one that they have not.
    """

    slope: str
    eps: float
    step: str
    present: Mapping[DType, str]
    curves: Sequence[ErrorCurve]
    kink: float | None
    central: str
    one_sided: str
    rounding: str


def place(eps: float, error: float) -> Point:
    """Where an error stands: both by their logarithm, except for an error of 0."""
    x = LEFT + (RIGHT - LEFT) * (eps - STEPS[0]) / (STEPS[1] - STEPS[0])
    if error == 0:
        return round(x, 1), NONE
    height = min(max(log10(error), ERRORS[0]), ERRORS[1])
    return round(x, 1), round(_level(height), 1)


def _level(power: float) -> float:
    """Where an error of this power of ten stands."""
    return BOTTOM - (BOTTOM - TOP) * (power - ERRORS[0]) / (ERRORS[1] - ERRORS[0])


def _axes(palette: Palette) -> Iterator[Drawing]:
    """Thin lines and their numbers, the same in every state."""
    steps, errors = range(-13, 0, 3), range(-16, 1, 4)
    grid: list[Point | None] = []
    for power in errors:
        grid += [(LEFT, _level(power)), (RIGHT, _level(power)), None]
    for power in steps:
        x, _ = place(power, 1)
        grid += [(x, TOP), (x, NONE + 10), None]
    yield line_trace([*grid, (LEFT, NONE), (RIGHT, NONE)], 1.5, palette.hatch)
    at = [(LEFT - 12, _level(power)) for power in errors] + [(LEFT - 12, NONE + 2)]
    named = [f"1e{number(power)}" if power else "1" for power in errors] + ["0"]
    yield text_trace(at, named, 18, palette.muted, "middle left", still=True)
    below = [(place(power, 1)[0], NONE + 24) for power in steps]
    named = [f"1e{number(power)}" for power in steps]
    yield text_trace(below, named, 18, palette.muted, still=True)
    yield text_trace([(LEFT - 36, SLIDER)], ["<i>eps</i>"], NOTE_SIZE, palette.ink, still=True)
    yield text_trace(
        [((LEFT + RIGHT) / 2 + 14, 22)],
        ["<b>Error of the difference, against eps</b>"],
        HEADING_SIZE - 2,
        palette.ink,
        still=True,
    )


def _legend(palette: Palette) -> Iterator[Drawing]:
    """Over the axes: a line for each kind of difference."""
    names, level = ("central", "one-sided"), LEVELS[0]
    at = [(WORDS, level), (SAMPLES[0][1] + 14, level)]
    yield text_trace(at, names, NOTE_SIZE - 1, palette.ink, "middle right", still=True)
    for (left, right), (width, dash) in zip(SAMPLES, (CENTRAL, ONE_SIDED), strict=True):
        yield {
            **line_trace([(left, level), (right, level)], width, palette.ink, dash),
            "meta": STILL,
        }


def curve_drawings(info: CurveInfo, palette: Palette) -> list[Drawing]:
    """The traces."""
    return [
        _within(info.kink, palette),
        *_axes(palette),
        *(_line(curve, palette) for curve in info.curves),
        _points(info, palette),
        _upright(info, palette),
        _present(info, palette),
        *_legend(palette),
        _readings(info, palette),
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


def _readings(info: CurveInfo, palette: Palette) -> Drawing:
    """Of which entry, and what the errors are now."""
    finest_first = DTYPES[::-1]
    return text_trace(
        [(SAMPLES[1][1] + 14, LEVELS[0]), *((x, LEVELS[1]) for x in PRESENT_AT)],
        [
            f"difference for {info.slope}",
            f"eps = {info.step}",
            *(f"● {dtype} {info.present[dtype]}" for dtype in finest_first),
        ],
        NOTE_SIZE - 1,
        [palette.ink] * 2 + [_colour(dtype, palette) for dtype in finest_first],
        "middle right",
    )


def _regimes(info: CurveInfo, palette: Palette) -> Drawing:
    """What the errors in float64 grow with, and where a kink is the matter."""
    inside = [(place(x, 1)[0], _level(y)) for x, y in (TRUNCATION_AT, ROUNDING_AT)]
    ends = [c.points[-1] for c in info.curves if (c.dtype, c.kind) == ("float64", "one-sided")]
    beside = [(RIGHT + 8, place(*end)[1]) for end in ends]
    return text_trace(
        [*inside, *beside, (RIGHT - 6, BOTTOM - 10)],
        [
            info.central,
            info.rounding,
            info.one_sided,
            "" if info.kink is None else "a kink within eps",
        ],
        18,
        [palette.ink] * 3 + [palette.kink],
        ["middle center"] * 2 + ["middle right", "middle left"],
    )
