"""Draw the error of a finite difference against its step, on log axes.

The curves show truncation at large steps, rounding at small ones, and kinks within a step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from math import log10
from typing import Any, Final, Literal, TypeAlias

from pages.figures.axes import Frame, Scale
from pages.figures.legend import Sign, present
from pages.figures.primitives import (
    ROUNDED,
    Drawing,
    Point,
    area_trace,
    line_trace,
    points_trace,
    text_trace,
    text_width,
)
from pages.figures.theme import Palette
from pages.figures.words import number

DType: TypeAlias = Literal["float64", "float32"]
Kind: TypeAlias = Literal["central", "one-sided"]
DTYPES: Final[tuple[DType, ...]] = ("float32", "float64")  # in drawing order: the finer on top
READING: Final[Mapping[DType, str]] = {dtype: f"● {dtype}" for dtype in DTYPES}
"""The text with which the present error of each dtype begins."""
KINDS: Final[tuple[Kind, ...]] = ("central", "one-sided")
STEPS: Final = (-13.0, -1.0)  # the range of eps, the difference quotient's step, as powers of ten
ERRORS: Final = (-16.0, 1.0)  # the range of the axis of errors, as powers of ten
CENTRAL: Final = (3.5, "solid")  # the width and the dash style of a central difference's curve
ONE_SIDED: Final = (2.5, "dot")  # the same of a one-sided difference's curve


@dataclass(frozen=True, eq=False)
class CurveMeasures:
    """The position and size of the curve on the picture, in its pixels."""

    frame: Frame  # of the axes
    none: float  # the level of errors of exactly 0, which have no place on a log axis
    title: float  # the level of the title
    readings: tuple[float, float, float]
    """(left, right, level) of the texts with the errors at the present step."""
    slider: float  # the level of the eps slider beneath; 0 on a phone, where it stands in a list
    note: int  # a text size
    heading: int  # a text size
    mark: float  # the size of the marker of a present error

    def level(self, power: float) -> float:
        """The level of an error of this power of ten."""
        share = (power - ERRORS[0]) / (ERRORS[1] - ERRORS[0])
        return self.frame.bottom - (self.frame.bottom - self.frame.top) * share


PROJECTOR: Final = CurveMeasures(
    Frame(1216.0, 1498.0, 88.0, 330.0), 352.0, 22.0, (1144.0, 1590.0, 58.0), 424.0, 25, 27, 17
)


def on_a_phone(top: float) -> CurveMeasures:
    """The measures on a phone, for a curve that begins at this level."""
    frame = Frame(44.0, 326.0, top + 40, top + 166)
    return CurveMeasures(frame, top + 177, top + 10, (10.0, 364.0, top + 27), 0.0, 12, 13, 9)


@lru_cache(maxsize=8192)  # most errors of a curve stay as they are while one entry moves
def place(m: CurveMeasures, eps: float, error: float) -> Point:
    """The point of an error; eps: log₁₀ of its step. An error of 0 stands on the level `none`."""
    x = Scale(*STEPS, m.frame.left, m.frame.right)(eps)
    if error == 0:
        return x, m.none
    return x, Scale(*ERRORS, m.frame.bottom, m.frame.top).held(log10(error))


@dataclass(frozen=True)
class ErrorCurve:
    """The errors of one kind of difference in one dtype."""

    dtype: DType
    kind: Kind
    points: Sequence[tuple[float, float]]
    """(log₁₀ eps, error) in order of eps, without steps lost in rounding."""
    present: float | None  # the error at the present step; None if that step is lost


@dataclass(frozen=True)
class CurveInfo:
    """The errors of the differences of one entry against their step."""

    slope: str  # the derivative, like ∂L/∂x₂
    eps: float  # log₁₀ of the present step
    present: Mapping[DType, str]  # the errors of the central differences there, as text
    curves: Sequence[ErrorCurve]
    kink: float | None  # log₁₀ of the smallest step within which a kink lies; None if there is none
    # The words for the regimes of the float64 errors; "" for a regime that they do not show.
    central: str
    one_sided: str
    rounding: str

    def unseen(self) -> "CurveInfo":
        """The same with all errors hidden."""
        return replace(
            self,
            present=dict.fromkeys(self.present, "?"),
            curves=(),
            kink=None,
            central="",
            one_sided="",
            rounding="",
        )


def curve_legend(info: CurveInfo, palette: Palette) -> list[Sign]:
    """The legend of the curves that are drawn."""
    kinds = {curve.kind for curve in info.curves}
    return present(
        ("central" in kinds, "line", palette.ink, "central"),
        ("one-sided" in kinds, "dotted", palette.ink, "one_sided"),
        (info.kink is not None, "box", palette.kink, "within"),
    )


@lru_cache(maxsize=64)
def _axes(slope: str, m: CurveMeasures, palette: Palette) -> Sequence[Drawing]:
    """Draw thin lines and their numbers, which are the same in every state, and the title."""
    least = int(STEPS[0])
    steps, errors = range(least, 0, 6), range(-12, 1, 4)
    (left, right, top, _), grid = m.frame, list[Point | None]()
    for power in range(-16, 1, 4):
        grid += [(left, m.level(power)), (right, m.level(power)), None]
    for power in range(least, 0, 3):
        x, _ = place(m, power, 1)
        grid += [(x, top), (x, m.none + m.note / 3), None]
    lines = line_trace([*grid, (left, m.none), (right, m.none)], 1.5, palette.hatch)
    at = [(left - m.note / 3, m.level(power)) for power in errors]
    at.append((left - m.note / 3, m.none + m.note / 4))
    named = [f"1e{number(power)}" if power else "1" for power in errors] + ["0"]
    beside = text_trace(at, named, m.note, palette.muted, "middle left", still=True)
    at = [(place(m, power, 1)[0], m.none + 1.45 * m.note) for power in steps]
    named = [f"1e{number(power)}" for power in steps]
    below = text_trace(at, named, m.note, palette.muted, still=True)
    at = [(left - 40, m.slider)] if m.slider else []
    eps = text_trace(at, ["<i>eps</i>"] * len(at), m.note, palette.ink, still=True)
    start, end, _ = m.readings
    title = f"<b>Error of {slope} against eps</b>"
    over = text_trace([((start + end) / 2, m.title)], [title], m.heading, palette.ink)
    return lines, beside, below, eps, over


def curve_drawings(info: CurveInfo, m: CurveMeasures, palette: Palette) -> list[Drawing]:
    """Draw the axes, the curves, the present errors and the texts."""
    return [
        _within(info.kink, m, palette),
        *_axes(info.slope, m, palette),
        *(_line(curve, m, palette) for curve in info.curves),
        _points(info, m, palette),
        _upright(info, m, palette),
        _present(info, m, palette),
        _readings(info, m, palette),
        _regimes(info, m, palette),
    ]


def _colour(dtype: DType, palette: Palette) -> str:
    return palette.windows[0 if dtype == "float64" else 2]


def _line(curve: ErrorCurve, m: CurveMeasures, palette: Palette) -> Drawing:
    """Draw a curve, broken where the error is 0."""
    points: list[Point | None] = []
    for positive, run in groupby(curve.points, lambda point: point[1] > 0):
        if positive:
            points += [*(place(m, *point) for point in run), None]
    width, dash = CENTRAL if curve.kind == "central" else ONE_SIDED
    return {**line_trace(points, width, _colour(curve.dtype, palette), dash), "meta": ROUNDED}


def _points(info: CurveInfo, m: CurveMeasures, palette: Palette) -> Drawing:
    """Draw the errors of the central differences as dots, those of exactly 0 below the frame."""
    shown = [
        (place(m, *point), _colour(curve.dtype, palette))
        for curve in info.curves
        for point in curve.points
        if curve.kind == "central"
    ]
    at, colours = [at for at, _ in shown], [each for _, each in shown]
    return _markers(at, colours, m.mark / 3, {"width": 0})


def _upright(info: CurveInfo, m: CurveMeasures, palette: Palette) -> Drawing:
    """Draw a line at the present step, down to its smallest error; the words stand below that."""
    at = [place(m, info.eps, curve.present) for curve in info.curves if curve.present is not None]
    ends = [(at[0][0], m.frame.top - m.note / 4), max(at, key=lambda each: each[1])] if at else []
    return {**line_trace(ends, 2, palette.ink, "dash"), "meta": ROUNDED}


def _present(info: CurveInfo, m: CurveMeasures, palette: Palette) -> Drawing:
    """Draw the errors at the present step."""
    there = [(curve, curve.present) for curve in info.curves if curve.present is not None]
    at = [place(m, info.eps, error) for _, error in there]
    sizes = [m.mark * (1 if curve.kind == "central" else 0.65) for curve, _ in there]
    colours = [_colour(curve.dtype, palette) for curve, _ in there]
    return _markers(at, colours, sizes, {"width": 2, "color": palette.paper})


def _markers(
    at: list[Point], colours: list[str], size: float | list[float], border: Mapping[str, Any]
) -> Drawing:
    marker = {"size": size, "color": colours, "opacity": 1, "line": border}
    return {**points_trace(at, marker), "meta": ROUNDED}


def _within(kink: float | None, m: CurveMeasures, palette: Palette) -> Drawing:
    """Shade the steps within which a kink lies."""
    corners: list[Point | None] = []
    if kink is not None:
        left, _ = place(m, kink, 1)
        (_, right, top, _), bottom = m.frame, m.none + m.note / 3
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    return area_trace(corners, palette.kink, palette.faint(palette.kink, 0.16))


def _readings(info: CurveInfo, m: CurveMeasures, palette: Palette) -> Drawing:
    """Write the present errors; the first begins further left if they would touch."""
    start, end, level = m.readings
    said = [f"{READING[dtype]} {info.present[dtype]}" for dtype in DTYPES[::-1]]
    start = min(start, end - sum(text_width(each, m.note) for each in said) - m.note / 4)
    return text_trace(
        [(start, level), (end, level)],
        said,
        m.note,
        [_colour(dtype, palette) for dtype in DTYPES[::-1]],
        ["middle right", "middle left"],
    )


def _regimes(info: CurveInfo, m: CurveMeasures, palette: Palette) -> Drawing:
    """Write the regimes of the float64 errors: beneath its branches, and beside the one-sided."""
    _, right, _, bottom = m.frame
    ends = [c.points[-1] for c in info.curves if (c.dtype, c.kind) == ("float64", "one-sided")]
    beside = [(right + m.note / 3, place(m, *end)[1]) for end in ends]
    # Both below the second lowest line of the grid, clear of all lines.
    upper, lower = m.level(ERRORS[0] + 4) + 0.62 * m.note, bottom - 0.64 * m.note
    low = (m.frame.left + 4, upper), (right - 4, lower)
    return text_trace(
        [*low, *beside],
        [info.rounding, info.central, *[info.one_sided] * len(beside)],
        m.note,
        palette.ink,
        ["middle right", "middle left", *["middle right"] * len(beside)],
    )
