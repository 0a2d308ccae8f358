"""The gradient check as a subject: analytic beside numeric, the error against eps, and the bugs.

In the first thirty seconds a lecturer reads PASSED with its numbers, drags x1 up to x3 and sees
KINK with its bracket, drags eps along the curve from truncation to rounding; then chooses a bug
and sees FAILED, which entries are wrong, and what they have in common.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import log10
from typing import Final

import numpy as np

from engine import Trace
from engine.check import CheckResult
from pages.bugs.layers import LAYERS
from pages.bugs.table import BUGS
from pages.derive.page import Select
from pages.derive.picture import SCREEN, Picture, Screen, Slider, Target, track
from pages.derive.script import Script
from pages.derive.subject import OneByOne
from pages.explain.aria import legend_in_words
from pages.explain.formula import latex_name, latex_number, latex_slope
from pages.explain.sentences import check_line
from pages.figures.check import (
    MOST_DIGITS,
    PHONE,
    PROJECTOR,
    CheckArrangement,
    CheckInfo,
    CheckRow,
    Param,
    check_arrangement,
    check_figure,
    check_legend,
)
from pages.figures.check_curve import DTYPES, KINDS, STEPS, CurveInfo, ErrorCurve
from pages.figures.check_curve import PROJECTOR as CURVE
from pages.figures.info import GraphInfo, describe_graph
from pages.figures.layout import View
from pages.figures.theme import PALETTES
from pages.figures.words import LOSS, gradient_of, number, raised
from pages.gradient_check.check_scene import NO_BUG, PRESETS, CheckScene, fitting
from pages.gradient_check.explanation import (
    VERDICTS,
    beside,
    explanation,
    findings,
    heading,
    is_coarse,
    small,
)
from pages.gradient_check.results import Results, results, to_a_wrong_entry
from pages.language.catalogue import say

_CHECK: Final = """
gradient_check(
    lambda *params: np.vdot(layer.forward(*params), {sent}),
    lambda dout: layer.backward(dout * {sent}, RULES["{rule}"].kinks),
    {params},
    eps={eps!r},
)"""


class CheckSubject(OneByOne[CheckScene]):
    """What the page is about: a PageSubject whose picture has a table instead of single cells."""

    key: Final = "gradient-check"
    start: Final = CheckScene()
    presets: Final = PRESETS

    def trace(self, scene: CheckScene) -> Trace:
        """The pass that is checked: that of the broken layer if there is a bug."""
        return results(scene).examined.passed

    def describe(self, traced: Trace, scene: CheckScene) -> GraphInfo:
        """The cells of the pass."""
        return describe_graph(traced, scene.checked.naming)

    def sliders(self, scene: CheckScene) -> list[Slider]:
        """A slider level with each entry, and one of eps, which is dragged on the curve as well."""
        boxes = _arrangement(scene).boxes
        sliders = []
        for entry, (argument, index) in scene.entries.items():
            left, top, _, height = boxes[entry]
            label = scene.checked.label(argument, index)
            place = (4, top + height / 2, left - 16)
            sliders.append(Slider(entry, label, scene.value(entry), *place))
        left, right, top, _ = CURVE.frame
        under, plane = track(left, right, CURVE.slider), (left, top, right - left, CURVE.none - top)
        eps = Slider("eps", "eps", scene.eps, *under, *STEPS, grid=0.25, power=True, area=plane)
        return [*sliders, eps]

    def picture(self, scene: CheckScene, screen: Screen = SCREEN) -> Picture:
        """The scene's figure, the rows that can be chosen on it, and the sentences about it."""
        found = results(scene)
        arrangement = _arrangement(scene, narrow=screen.narrow)
        info = describe(found, narrow=screen.narrow)
        if screen.hidden:
            info = info.unseen()
        rows = info.rows
        return Picture(
            check_figure(info, arrangement, View(scene.entry, screen.theme)),
            lambda: (Target(at, _aria(rows[at]), box) for at, box in arrangement.rows.items()),
            [] if screen.hidden else [*explanation(found), *findings(found)],
            latex=(lambda: "") if screen.hidden else partial(_latex, found),
            left=0 if screen.narrow else None,
            legend=legend_in_words(check_legend(info, PALETTES[screen.theme])),
        )

    def script(self, scene: CheckScene) -> Script:
        """The pass and its check as a script; of the broken layer if there is a bug."""
        found, layer, broken = results(scene), scene.checked, scene.bug != NO_BUG
        checked = _CHECK.format(
            sent=f"d{layer.naming.output}",
            rule=scene.rule,
            params=", ".join(layer.letters),
            eps=scene.step,
        )
        return Script(
            found.examined.passed,
            layer.naming,
            scene.rule,
            layer=f'BUGS["{scene.bug}"].layers["{scene.layer}"]()' if broken else "",
            after=[checked],
            imports=["from pages.bugs.table import BUGS"] if broken else (),
            right=found.right if broken else None,
        )


def describe(found: Results, *, narrow: bool = False) -> CheckInfo:
    """Everything that the figure shows. narrow: whether it is on a phone, whose lines are short."""
    scene = found.scene
    dout = found.right.dout
    upstream = (
        f"{gradient_of(scene.checked.naming.output)} = {', '.join(map(number, dout.ravel()))}"
    )
    title, code = heading(scene)
    return CheckInfo(
        title=scene.checked.title,
        formula=scene.checked.formula,
        about=upstream if scene.checked.weighted else scene.checked.about,
        params=list(_params(found, narrow)),
        curve=_curve(found),
        heading=title,
        code=code,
    )


def _params(found: Results, narrow: bool) -> Iterator[Param]:
    scene, examined = found.scene, found.examined
    for letter, result in zip(scene.checked.letters, examined.results, strict=True):
        own = {e: index for e, (arg, index) in scene.entries.items() if arg == result.parameter}
        yield Param(
            letter,
            result.analytic.shape,
            _line(found, result, narrow),
            result.verdict,
            [_row(found, entry, result.parameter, index) for entry, index in own.items()],
        )


def _line(found: Results, result: CheckResult, narrow: bool) -> str:
    """The line about a param: the verdict, and the norm of the differences in its rows.

    If some entries agree only with a smaller step, the line says so, and the norm is that of the
    check, which used such a step.
    """
    argument = result.parameter
    each = (index for of, index in found.scene.entries.values() if of == argument)
    closer = is_coarse(found) and any(
        found.examined.status(argument, index) == "closer" for index in each
    )
    letter = found.scene.checked.letters[argument]
    if not closer:
        shown = np.linalg.norm(result.analytic - found.examined.central[argument])
        result = replace(result, difference=float(shown))
    return check_line(letter, result, closer=closer, narrow=narrow)


def _row(found: Results, entry: str, argument: int, index: tuple[int, ...]) -> CheckRow:
    examined = found.examined
    status = examined.status(argument, index)
    claimed = float(examined.results[argument].analytic[index])
    central = float(examined.central[argument][index])
    return CheckRow(
        entry,
        found.scene.checked.label(argument, index),
        found.scene.value(entry),
        claimed,
        central,
        small(examined.difference(argument, index)),
        status,
        beside(found, argument, index, status),
    )


def _curve(found: Results) -> CurveInfo:
    scene, regimes, kink = found.scene, found.regimes, found.kink
    curves = list(_curves(found))
    return CurveInfo(
        slope=found.slope,
        eps=scene.eps,
        present={each.dtype: _present(each) for each in curves if each.kind == "central"},
        curves=curves,
        kink=None if kink is None else log10(kink),
        central=_power("curve.truncation", regimes.central),
        one_sided=_power("curve.one_sided", regimes.forward),
        rounding=say("curve.rounding") if (regimes.rounding or 0) < -0.5 else "",
    )


def _curves(found: Results) -> Iterator[ErrorCurve]:
    for dtype in DTYPES:
        grid, here = found.curve(dtype), found.here(dtype)
        for kind, errors, lost, here_error, here_lost in zip(
            KINDS,
            grid.errors(found.claimed),
            grid.lost,
            here.errors(found.claimed),
            here.lost,
            strict=True,
        ):
            there = zip(map(log10, grid.steps), map(float, errors), lost, strict=True)
            points = {step: error for step, error, gone in there if not gone}
            present = None if here_lost[0] else float(here_error[0])
            if present is not None:
                points[found.scene.eps] = present
            yield ErrorCurve(dtype, kind, sorted(points.items()), present)


def _present(curve: ErrorCurve) -> str:
    return say("curve.lost") if curve.present is None else small(curve.present)


def _power(key: str, exponent: float | None) -> str:
    """∝ eps²; "" if the errors do not fall with eps."""
    if exponent is None or exponent < 0.5:
        return ""
    power = round(exponent)
    return say(key, power=raised(f"{power}") if power > 1 else "")


def _arrangement(scene: CheckScene, *, narrow: bool = False) -> CheckArrangement:
    by_param: dict[int, list[str]] = {}
    for entry, (argument, _) in scene.entries.items():
        by_param.setdefault(argument, []).append(entry)
    return check_arrangement(tuple(map(tuple, by_param.values())), PHONE if narrow else PROJECTOR)


def _aria(row: CheckRow) -> str:
    value = number(row.value, MOST_DIGITS)
    if row.status is None:
        return f"{row.entry} = {value}"
    return say(
        "check.aria",
        entry=row.entry,
        value=value,
        analytic=number(row.analytic),
        numeric=number(row.numeric),
        verdict=VERDICTS.get(row.status) or say("check.passed"),
        beside=row.said,
    ).rstrip()


def _latex(found: Results) -> str:
    r"""∂L/∂x_{2} ≈ \frac{L(x_{2} + eps) - L(x_{2} - eps)}{2 · eps} = …: what the check says."""
    entry = latex_name(found.label)
    eps, numeric = latex_number(found.scene.step), latex_number(found.numeric)
    moved = rf"{LOSS}({entry} + {eps}) - {LOSS}({entry} - {eps})"
    return rf"{latex_slope(found.slope)} \approx \frac{{{moved}}}{{2 \cdot {eps}}} = {numeric}"


CHECK_SUBJECT: Final = CheckSubject()


def controls(scene: CheckScene) -> list[Select]:
    """The selects above the picture: the layer, and a bug that it can have."""
    bugs = {slug: f"bug: {BUGS[slug].title}" for slug in fitting(scene.layer)}
    return [
        Select("layer", "Layer", {slug: layer.title for slug, layer in LAYERS.items()}, 205),
        Select("bug", "Bug", {NO_BUG: "no bug", **bugs}, 230, to_a_wrong_entry, say("check.own")),
    ]
