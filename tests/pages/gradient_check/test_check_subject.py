"""The page of the gradient check: its scene, sentences, picture, snaps, and code to check."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import engine
from engine import RULES, Conv1D, ConvBlock, MaxPool, ReLU, Sequential, gradient_check
from engine.arrays import Index
from engine.check.__main__ import main
from engine.check.crossings import Crossing
from engine.check.examination import Status
from engine.check.gradient import Disagreement
from pages.bugs.layers import LAYERS, CheckedLayer
from pages.bugs.table import BUGS
from pages.derive.derivation import letters
from pages.derive.page import Impossible
from pages.derive.picture import Screen
from pages.export.extent import texts as extents
from pages.figures.check import (
    MARKS,
    PHONE,
    PROJECTOR,
    SUBJECTS,
    CheckInfo,
    Param,
    _boxes_by_param,
    _words_and_size,
    check_arrangement,
)
from pages.figures.check_curve import PROJECTOR as CURVE
from pages.figures.check_curve import curve_drawings, place
from pages.figures.primitives import ROUNDED, Box
from pages.figures.theme import PALETTES
from pages.figures.words import number
from pages.gradient_check.check_scene import (
    NEAR_A_KINK,
    NO_BUG,
    PRESETS,
    QUESTIONS,
    SEEDS,
    SNAPS,
    TITLES,
    CheckScene,
    fitting,
)
from pages.gradient_check.check_subject import CHECK_SUBJECT, _power, describe
from pages.gradient_check.explanation import _passing, beside, findings, heading, is_coarse
from pages.gradient_check.results import results, to_a_wrong_entry
from pages.registry import PAGES
from pages.state.codecs import GRID
from pages.state.predict import Exercise
from tests.for_each import for_each
from tests.pages.boxes import assert_well_arranged
from tests.pages.sweeping import assert_is_sent
from tests.pages.test_overlaps import crossing

on_grid = st.integers(-16, 16).map(lambda step: step * GRID)


@st.composite
def scenes(draw: st.DrawFn) -> CheckScene:
    """Scenes of any layer, with any bug that fits, at any point."""
    scene = CheckScene().on(draw(st.sampled_from(list(LAYERS))))
    values = tuple(tuple(draw(on_grid) for _ in each) for each in scene.values)
    return replace(
        scene.at(values),
        bug=draw(st.sampled_from([NO_BUG, *fitting(scene.layer)])),
        rule=draw(st.sampled_from(list(RULES))),
        eps=draw(st.integers(-52, -4)) / 4,
        entry=draw(st.sampled_from(["", *scene.entries])),
    )


def info(scene: CheckScene) -> CheckInfo:
    return describe(results(scene))


def drawn(scene: CheckScene) -> dict[str, Any]:
    return dict(CHECK_SUBJECT.picture(scene).figure)


def texts(scene: CheckScene) -> list[str]:
    return [text for trace in drawn(scene)["data"] for text in trace.get("text", ())]


# --- the scene


@given(scenes())
@settings(max_examples=30)
def test_any_scene_survives_its_address(scene: CheckScene) -> None:
    assert CheckScene().updated(scene.query()) == (scene, [])
    for name in scene.entry_names():
        value = -2.0
        assert scene.moved(name, value).value(name) == value


def test_a_layer_without_values_has_its_own() -> None:
    scene, problems = CheckScene().updated({"layer": "max-pool"})
    assert (scene.x, problems) == (LAYERS["max-pool"].smooth[0], [])
    assert CheckScene(eps=-3.0).having("layer", "relu") == replace(
        CheckScene().on("relu"), eps=-3.0
    )
    moved = CheckScene().on("relu").moved("a1", -4.0)
    assert moved.updated({"layer": "relu"}) == (moved, []), "it is on that layer already"
    kept = replace(CheckScene().on("relu"), bug="forgotten-factor")
    assert kept.on("max-pool").bug == "forgotten-factor"
    assert kept.on("loss").bug == NO_BUG
    assert CheckScene().at_random(5).on("relu") == CheckScene().on("relu"), "no random point"


def test_a_seed_is_a_point_that_can_be_had_again() -> None:
    first = SNAPS["random point"](CheckScene().on("conv-2d"))
    assert isinstance(first, CheckScene)
    assert first.seed == 1
    assert first.values != CheckScene().on("conv-2d").values
    again, problems = CheckScene().updated({"layer": "conv-2d", "seed": "1"})
    assert (again.values, problems) == (first.values, [])
    second = SNAPS["random point"](first)
    assert isinstance(second, CheckScene)
    assert second.values != first.values
    # Given values take precedence over those of the seed.
    assert CheckScene().updated({"layer": "relu", "seed": "3", "x": "1,2"})[0].x == (1.0, 2.0)
    given = {"layer": "conv-1d", "seed": "3", "w": "1,2,3"}
    assert CheckScene().updated(given)[0].w == (1.0, 2.0, 3.0)


def test_what_was_moved_from_a_random_point_stays_moved() -> None:
    moved = CheckScene().on("relu").at_random(3).moved("a1", 1.25)
    looked, problems = moved.updated({"entry": "a2"})
    assert (looked.values, looked.entry, problems) == (moved.values, "a2", [])


def test_behind_the_last_seed_comes_the_first_and_never_that_of_no_point() -> None:
    before_last = replace(CheckScene().on("relu"), seed=SEEDS - 1)
    last = before_last.at_random(SEEDS)
    assert SNAPS["random point"](before_last) == last
    assert SNAPS["random point"](last) == last.at_random(1)
    assert CheckScene().updated({"layer": "relu", "seed": str(SEEDS)})[0].x == last.x


def test_what_does_not_go_together_gives_way_with_a_sentence() -> None:
    scene, problems = CheckScene().updated({"layer": "relu", "x": "1", "bug": "sign"})
    assert scene.x == (1.0, -1.0)
    assert scene.bug == NO_BUG
    assert problems == [
        "ReLU takes 2 to 6 values for a, not 1: a is 1,-1 instead.",
        "The bug “wrong sign” is none of ReLU: there is none.",
    ]
    scene, problems = CheckScene().updated({"layer": "linear", "b": "1,2,3", "w": "nan"})
    assert len(scene.b) == 2
    assert [problem[:18] for problem in problems] == ["The address asked ", "The address asked "]
    _, problems = CheckScene().updated({"layer": "relu", "x": "1,2,3,4,3,2,1"})
    assert problems == [
        "ReLU takes 2 to 6 values for a, not 7: a is 1,2,3,4,3,2 instead.",
    ]
    scene, _ = CheckScene().updated({"layer": "conv-block", "x": "1,2,3", "entry": "x5"})
    assert scene.entry == "x1"


def test_an_entry_whose_value_the_layer_adds_stays_chosen() -> None:
    """ReLU takes 2 values at least."""
    scene, _ = CheckScene().updated({"layer": "relu", "x": "1", "entry": "a2"})
    assert (len(scene.x), scene.entry) == (2, "a2")


# --- the layers and the cases


def log_softmax(s: np.ndarray) -> np.ndarray:
    return np.asarray(s - np.log(np.exp(s).sum(axis=-1, keepdims=True)))


def windows(x: np.ndarray, *sides: int) -> np.ndarray:
    axes = (*range(x.ndim)[-len(sides) :],)
    return np.lib.stride_tricks.sliding_window_view(x, sides, axes)


FORMULAS: dict[str, tuple[str, Callable[..., Any]]] = {
    "block-loss": (
        "L = −log softmax₂(max ReLU(w * x))",
        lambda x, w: -log_softmax(np.maximum(w[:, 0] * x[0], 0).max(axis=1))[1],
    ),
    "conv-block": ("z = max ReLU(w · x)", lambda x, w: np.maximum(w * x, 0).max()),
    "relu": ("L = Σ ∂L/∂h · h, h = max(0, a)", lambda a: np.maximum(0, a)),
    "max-pool": (
        "L = Σ ∂L/∂z · z, z = max of 2, stride 1",
        lambda h: np.maximum(h[:-1], h[1:]),
    ),
    "conv-1d": (
        "L = Σ ∂L/∂a · a, a = w * x + b, padding 1",
        lambda x, w, b: (windows(np.pad(x, 1), 3) * w).sum(axis=-1) + b,
    ),
    "conv-2d": (
        "L = Σ ∂L/∂a · a, a = w * x",
        lambda x, w: (windows(x, 2, 2) * w).sum(axis=(-2, -1)),
    ),
    "max-pool-2d": (
        "L = Σ ∂L/∂z · z, z = max of 2 × 2, stride 1",
        lambda h: windows(h, 2, 2).max(axis=(-2, -1)),
    ),
    "linear": (
        "L = Σ ∂L/∂y · y, y = x · wᵀ + b, 2 examples",
        lambda x, w, b: np.array([[row @ each for each in w] for row in x]) + b,
    ),
    "loss": (
        "L = mean of −log softmax(s), labels 1 and 3",
        lambda s: -(log_softmax(s)[0, 0] + log_softmax(s)[1, 2]) / 2,
    ),
    "minibatch": (
        "L = Σ ∂L/∂z · z, z = max ReLU(w · x)",
        lambda x, w: np.maximum(w[0, 0, 0] * x, 0).max(axis=(1, 2)),
    ),
}
"""Layer -> the formula that the page writes above it, and the same in plain numpy."""


@for_each("slug", LAYERS)
def test_a_layers_formula_is_what_it_computes(slug: str) -> None:
    layer = LAYERS[slug]
    formula, function = FORMULAS[slug]
    assert layer.formula == formula
    two = "w₁ and w₂ are two filters of one weight each; the label is 2"
    assert layer.about == (two if slug == "block-loss" else "")
    for seed in (1, 2):
        values = CheckScene().on(slug).at_random(seed).values
        params, dout = layer.params(values), layer.dout(values)
        output, _ = layer.layer().apply(*params)
        due = np.asarray(function(*params))
        np.testing.assert_allclose(output.squeeze(), due.squeeze())
        assert ("Σ" in formula) == (output.size > 1) == (dout.size > 1)
    said = CHECK_SUBJECT.picture(CheckScene().on(slug)).explanation
    of_loss = ["Here L = z."] if formula.startswith("z = ") else []
    assert [line for line in said if "Here L" in line] == of_loss


FLAWLESS: dict[str, Callable[[CheckScene], Any]] = {
    "A point with no kink nearby": lambda scene: verdicts(scene) == ["PASSED", "PASSED"],
    "A tie, where the rule takes the first": lambda scene: (
        scene.x[0] == scene.x[1] and scene.rule == "pytorch-max-pool"
    ),
    "A tie under the lab's rule": lambda scene: scene.x[0] == scene.x[1] and scene.rule == "lab",
    "All a are negative, so all h tie": lambda scene: max(scene.x) < 0 < scene.w[0],
    "A kink closer than eps": lambda scene: 0 < scene.x[0] - scene.x[1] < scene.step,
    "ReLU exactly at its zero": lambda scene: scene.layer == "relu" and scene.x.count(0) == 1,
    "The error against the step size": lambda scene: scene.layer == "loss",
    "A straight line: nothing but rounding": lambda scene: (
        scene.layer == "conv-block" and scene.x[0] - scene.x[1] > scene.step
    ),
}
FLAWED: dict[str, tuple[str, str]] = {
    "Bug: the block's ReLU has no mask": ("conv-block", "no-mask"),
    "Bug: no upstream gradient": ("relu", "forgotten-factor"),
    "Bug: ReLU's mask is inverted": ("relu", "wrong-mask"),
    "Bug: ReLU has no mask": ("relu", "no-mask"),
    "Bug: the sign is wrong": ("loss", "sign"),
    "Bug: the sum is missing": ("conv-1d", "missing-sum"),
    "Bug: the filter is reversed": ("conv-1d", "flipped-filter"),
    "Bug: the weights are transposed": ("linear", "not-transposed"),
    "Bug: x and ∂L/∂y are exchanged": ("linear", "exchanged"),
    "Bug: the padding is off by one": ("conv-1d", "padding-off-by-one"),
    "Bug: windows overwrite each other": ("conv-2d", "overwritten-overlaps"),
    "Bug: an index within the window": ("max-pool", "place-in-window"),
    "Bug: the gradient is cut to integers": ("max-pool", "integer-gradient"),
    "Bug: the mean is forgotten": ("loss", "forgotten-mean"),
    "Bug: the labels are forgotten": ("loss", "no-truth"),
}


def verdicts(scene: CheckScene) -> list[str | None]:
    return [param.verdict for param in info(scene).params]


def test_a_case_is_what_its_title_says() -> None:
    assert [*TITLES.values()] == [*FLAWLESS, *FLAWED]
    for slug, title in TITLES.items():
        scene = PRESETS[slug]
        if title in FLAWLESS:
            assert FLAWLESS[title](scene), title
            assert scene.bug == NO_BUG, title
        else:
            assert (scene.layer, scene.bug) == FLAWED[title]
            assert scene.rule == "pytorch-max-pool", "the lab's is no derivative at a tie"


# --- its sentences


def test_the_labs_example_to_the_letter(capsys: pytest.CaptureFixture[str]) -> None:
    block = ConvBlock()
    kinks = RULES["lab"].kinks
    gradient_check(block.forward, lambda dz: block.backward(dz, kinks), [3, 3, 1], 1)
    printed = [each for each in capsys.readouterr().out.splitlines() if each.startswith("Grad")]
    params = info(PRESETS["tie-lab"]).params
    assert [param.line for param in params] == [
        "x: KINK, norm of the difference 0.7071",  # of 1, 1, 0 and 1/2, 1/2, 0
        "w: FAILED, norm of the difference 3",
    ]
    assert [line.split()[5:6] + line.split()[-1:] for line in printed] == [
        ["KINK", "7.071e-01!"],
        ["FAILED", "3.000e+00!"],
    ]
    assert [param.verdict for param in params] == ["KINK", "FAILED"]
    (w,) = params[1].rows
    assert (w.analytic, w.status, w.said) == (6, "wrong", "slope is +3")
    assert w.numeric == pytest.approx(3)
    said = CHECK_SUBJECT.picture(PRESETS["tie-lab"]).explanation
    assert said[0] == "∂L/∂w: the layer gives +6, but the slope is +3 on both sides: FAILED."
    assert said[1] == (
        "It is no bug: the rule itself (the lab) gives +6 here, where ties get more in all than "
        "the upstream gradient. That is no derivative, which is what FAILED says."
    )
    # One explanation: no sentence says that the layer is wrong, and none repeats the rest.
    assert said[2:] == [
        "A smaller eps does not help: the error tends to 3, not to 0.",
        "Here L = z.",
        "x: 2 entries are at a kink: each gradient lies between L's two slopes there.",
    ]
    (first, *_) = findings(results(replace(PRESETS["tie-lab"], entry="x1")))
    assert first == "w: FAILED, but no bug: the rule itself gives that, which is no derivative."


def test_of_two_params_that_the_rule_makes_wrong_the_one_that_is_not_explained_is_told_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # z = max(w x + b) at a tie: the lab's rule gives 2 for b, and 6 for w.
    biased = CheckedLayer(
        "Biased block", lambda: Sequential(Conv1D(), MaxPool()), ((2,), (), ()),
        "z = max(w · x + b)", ((3.0, 1.0), (1.0,), (0.0,)), None, "x1",
    )  # fmt: skip
    monkeypatch.setitem(cast(dict[str, CheckedLayer], LAYERS), "biased", biased)
    tie = replace(CheckScene().on("biased").at(((3.0, 3.0), (1.0,), (0.0,))), rule="lab")
    for entry, other in (("w", "b"), ("b", "w")):
        assert findings(results(replace(tie, entry=entry)))[0] == (
            f"{other}: FAILED, but no bug: the rule itself gives that, which is no derivative."
        )


VERDICTS = {
    "smooth": ["PASSED", "PASSED"],
    "tie-first": ["KINK", "PASSED"],
    "tie-lab": ["KINK", "FAILED"],
    "all-negative": ["PASSED", "PASSED"],
    "near-a-kink": ["PASSED", "PASSED"],
    "relu-zero": ["KINK"],
    "step-size": ["PASSED"],
    "no-truncation": ["PASSED", "PASSED"],
    "hidden-bug": ["PASSED", "PASSED"],
}


@for_each("slug", VERDICTS)
def test_the_verdicts_of_the_presets(slug: str) -> None:
    assert [param.verdict for param in info(PRESETS[slug]).params] == VERDICTS[slug]


@for_each(
    "slug", [slug for slug in PRESETS if PRESETS[slug].bug != NO_BUG and slug != "hidden-bug"]
)
def test_a_bugs_preset_opens_where_it_shows(slug: str) -> None:
    answer, *_ = CHECK_SUBJECT.picture(PRESETS[slug]).explanation
    assert answer.endswith(" on both sides: FAILED.")


def test_the_labs_example_in_words_and_as_latex() -> None:
    picture = CHECK_SUBJECT.picture(PRESETS["tie-lab"])
    assert [target.said for target in picture.targets] == [
        "x1 = 3, analytic 1, numeric 0.5, KINK in [0, 1]",
        "x2 = 3, analytic 1, numeric 0.5, KINK in [0, 1]",
        "x3 = 1, analytic 0, numeric 0, passed",
        "w = 1, analytic 6, numeric 3, FAILED slope is +3",
    ]
    moved = CHECK_SUBJECT.picture(PRESETS["tie-lab"].moved("x3", 1.2345678)).targets[2]
    assert moved.said == "x3 = 1.2345678, analytic 0, numeric 0, passed", "as in its cell"
    step, slope = "10^{-6}", r"\frac{\partial L}{\partial w}"
    assert picture.latex() == (
        rf"{slope} \approx \frac{{L(w + {step}) - L(w - {step})}}{{2 \cdot {step}}} = 3"
    )


SAID = {
    "tie-first": "h₁ and h₂ tie in the max pool: that kink lies within eps = 1e−6.",
    "near-a-kink": "h₁ and h₂ change places in the max pool: that kink lies within eps = 1e−6.",
    "relu-zero": "a₃ of the ReLU is 0: that kink lies within eps = 1e−6.",
    "all-negative": (
        "No kink: along x₁ the function is constant here, so that every difference is exactly 0."
    ),
    "no-truncation": (
        "No truncation: along x₁ the function is a straight line, until a kink lies within eps, "
        "from eps = 0.0101 on. Before that, all error is rounding, as 1/eps."
    ),
    "wrong-mask": (
        "A smaller eps does not help: the error tends to 1.25, not to 0, so the layer's gradient "
        "is wrong."
    ),
    "hidden-bug": (
        "The layer is wrong, but not at this point: every gradient that it gives here agrees. "
        "Check at other points too."
    ),
    "forgotten-factor": (
        "The bug is “forgotten factor”. It is the gradient for 1 arriving at every output of the "
        "ReLU: what arrives there is not multiplied in."
    ),
}
OF_A_KINK = {
    "tie-first": (
        "A smaller eps does not help: at a kink a central difference tends to the mean of the two "
        "slopes."
    ),
    "near-a-kink": (
        "From eps = 1.01e−7 on a kink lies within eps, and the difference mixes the "
        "slopes on its two sides; below that every difference is exact."
    ),
}


def test_maxima_of_which_only_some_are_equal_change_places() -> None:
    scene = replace(PRESETS["near-a-kink"], x=(1.0, 1.0005, 1.0005), eps=-3.0)
    said = "h₁, h₂ and h₃ change places in the max pool: that kink lies within eps = 0.001."
    assert said in CHECK_SUBJECT.picture(scene).explanation


@for_each("slug", SAID)
def test_what_is_said_of_a_preset(slug: str) -> None:
    explanation = CHECK_SUBJECT.picture(PRESETS[slug]).explanation
    assert SAID[slug] in explanation
    if slug == "relu-zero":
        assert explanation[-1] == (
            "a: 1 entry is at a kink: its gradient lies between L's slopes on the two sides."
        )
    assert OF_A_KINK.get(slug, SAID[slug]) in explanation


@pytest.mark.parametrize("slug", ["smooth", "tie-first", "tie-lab", "near-a-kink", "sign"])
def test_what_comes_of_the_check_has_its_colour(slug: str) -> None:
    scene, palette = PRESETS[slug], PALETTES["light"]
    found, (bands, cells, *others) = info(scene), drawn(scene)["data"]
    statuses = [row.status for row in found.rows.values()]
    off = {"kink": palette.kink, "wrong": palette.failed}
    told = [
        text
        for each in others
        if "text" in each
        for text in zip(each["x"], each["y"], each["text"], each["textfont"]["color"], strict=True)
    ]
    # A row's second cell of four is the layer's gradient, its third that of the differences.
    for at, field in ((1, "analytic"), (2, "numeric")):
        gradients = [getattr(row, field) for row in found.rows.values()]
        assert cells["marker"]["color"][at::4] == [*map(palette.fill, gradients)]
        assert cells["marker"]["line"]["color"][at::4] == [*map(palette.sign, gradients)]
        offset, width = PROJECTOR.columns[at]
        middle = PROJECTOR.left + offset + width / 2
        written = [shade for x, y, _, shade in told if x == middle and y > PROJECTOR.top]
        assert written == [*map(palette.text, gradients)]
    # The last cell is the difference.
    edges = cells["marker"]["line"]["color"][3::4]
    assert edges == [off.get(str(each), palette.line) for each in statuses]
    right = [str(each) not in off for each in statuses]
    assert [fill == palette.fill_zero for fill in cells["marker"]["color"][3::4]] == right
    # The cells of the parameters at the right, and the mark in each.
    (maps_at,) = (each for each in others if each["type"] == "bar")
    maps = maps_at["marker"]
    assert maps["line"]["color"] == [off.get(str(each), palette.line) for each in statuses]
    assert [fill == palette.fill_zero for fill in maps["color"]] == right
    middles = [round(x, 2) for x in maps_at["x"]]
    marks = [shade for x, _, text, shade in told if round(x, 2) in middles and len(text) == 8]
    assert marks == [off.get(str(each), palette.passed) for each in statuses]
    of_verdicts = {"PASSED": palette.passed, "KINK": palette.kink, "FAILED": palette.failed}
    verdicts = [of_verdicts[str(param.verdict)] for param in found.params]
    assert bands["marker"]["color"][len(verdicts) :] == verdicts
    said = {f"{MARKS[row.status]} {row.said}".rstrip() for row in found.rows.values() if row.status}
    colours = {text: shade for _, _, text, shade in told}
    by_mark = {"✓": palette.passed, "◆": palette.kink, "✗": palette.failed}
    assert {text: colours[text] for text in said} == {text: by_mark[text[0]] for text in said}


@for_each("entry", ["", *PRESETS["tie-first"].entries])
def test_around_the_chosen_row_there_is_a_frame(entry: str) -> None:
    picture = CHECK_SUBJECT.picture(replace(PRESETS["tie-first"], entry=entry))
    _, _, frame, *_ = picture.figure["data"]
    assert frame["line"]["color"] == PALETTES["light"].accent
    xs, ys = frame["x"] or [0], frame["y"] or [0]
    framed = [
        target.entry
        for target in picture.targets
        for left, top, width, height in [target.box]
        if min(xs) < left + width / 2 < max(xs) and min(ys) < top + height / 2 < max(ys)
    ]
    assert framed == [entry] * bool(entry)


@pytest.mark.parametrize("slug", ["smooth", "sign"])
def test_before_the_first_row_of_a_params_marks_stands_its_letter(slug: str) -> None:
    scene, places = PRESETS[slug], defaultdict(list)
    for each in drawn(scene)["data"]:
        for text, *at in zip(each.get("text", ()), each["x"], each["y"], strict=False):
            places[text].append(at)
    marks = [at for mark in {*MARKS.values()} for at in places[f"<b>{mark}</b>"]]
    for param in info(scene).params:
        ((x, y),) = places[f"<i>{param.letter}</i>"]
        assert min(level for at, level in marks if x < at) == pytest.approx(y, abs=2)


def test_what_is_said_of_the_step() -> None:
    said, in_float32 = CHECK_SUBJECT.picture(PRESETS["step-size"]).explanation[1:3]
    # For large steps the error is truncation, which grows as eps² or eps; for small ones it is the
    # rounding of two numbers, divided by eps.
    assert re.fullmatch(
        r"Large eps: truncation, which on these axes has slope \S+ for the central difference, \S+ "
        r"for the one-sided\. Small eps: rounding, which grows as 1/eps\. The smallest error is "
        r"\S+, at eps = \S+\.",
        said,
    )
    assert re.fullmatch(r"In float32 the smallest error is \S+, at eps = \S+\.", in_float32)
    error = in_float32.split()[6].rstrip(",").replace("\N{MINUS SIGN}", "-")
    assert 2.0**-24 < float(error) < 1e-4, "its numbers have 24 bits"
    fitted = re.findall(r"slope (\S+) for|, (\S+) for the one", said)
    assert float(fitted[0][0]) == pytest.approx(2, abs=0.05)
    assert float(fitted[1][1]) == pytest.approx(1, abs=0.05)
    curve = info(PRESETS["step-size"]).curve
    branches = (curve.central, curve.one_sided, curve.rounding, curve.kink)
    assert branches == ("truncation ∝ eps²", "∝ eps", "rounding ∝ 1/eps", None)
    powers = [_power("curve.truncation", exponent) for exponent in (0.4, 0.6, 2.0, 6.1)]
    assert [said.rpartition("eps")[2] for said in powers] == ["", "", "²", "⁶"]
    assert powers[0] == ""
    # Along a straight line there is no truncation. If nothing changes, no eps gives an error; if
    # the layer is wrong, every eps gives the same one.
    of = {"no-truncation": "rounding ∝ 1/eps", "all-negative": "", "sign": "", "tie-lab": ""}
    for slug, rounding in of.items():
        curve = info(PRESETS[slug]).curve
        assert (curve.central, curve.one_sided, curve.rounding) == ("", "", rounding)


def test_truncation_is_told_of_large_steps_and_rounding_of_small_ones() -> None:
    data, curves = drawn(PRESETS["step-size"])["data"], info(PRESETS["step-size"]).curve.curves
    at = {
        text: (x, y)
        for each in data
        if each.get("mode") == "text"
        for text, x, y in zip(each["text"], each["x"], each["y"], strict=True)
    }
    left, right, top, bottom = CURVE.frame
    assert left <= at["rounding ∝ 1/eps"][0] < (left + right) / 2
    assert (left + right) / 2 < at["truncation ∝ eps²"][0] <= right < at["∝ eps"][0]
    assert all(top < at[said][1] < bottom for said in ("rounding ∝ 1/eps", "truncation ∝ eps²"))
    # The label of how one-sided errors grow is where their line ends at the right.
    ends = {(c.dtype, c.kind): place(CURVE, *max(c.points)) for c in curves}
    assert at["∝ eps"][1] == pytest.approx(ends["float64", "one-sided"][1], abs=0.1)
    assert ends["float64", "one-sided"] != ends["float64", "central"]


def test_at_each_number_of_the_axes_is_a_line_where_that_error_and_that_step_stand() -> None:
    left, right, top, bottom = CURVE.frame
    data, powers = drawn(PRESETS["step-size"])["data"], {"1": 0}
    powers |= {f"1e{number(power)}": power for power in range(-16, 0)}
    lines = next(
        each for each in data if each.get("line", {}).get("color") == PALETTES["light"].hatch
    )
    grid = {*zip(lines["x"], lines["y"], strict=True)}
    errors, steps = set(), set()
    for each in data:
        if each.get("mode") != "text":
            continue
        for text, x, y in zip(each["text"], each["x"], each["y"], strict=True):
            if text in powers and x < left and top < y < bottom:
                errors.add(text)
                _, level = place(CURVE, -1.0, 10.0 ** powers[text])
                assert y == pytest.approx(level, abs=0.1)
                assert {(left, y), (right, y)} <= grid
            elif text in powers and left <= x <= right and y > CURVE.none:
                steps.add(text)
                assert x == pytest.approx(place(CURVE, powers[text], 1)[0], abs=0.1)
                assert (x, top) in grid
            elif text == "0" and x < left and y > bottom:
                errors.add(text)
                assert abs(y - CURVE.none) < CURVE.note / 2
    assert errors == {"0", "1e−12", "1e−8", "1e−4", "1"}
    assert steps == {"1e−13", "1e−7", "1e−1"}


def test_the_steps_within_which_a_kink_lies_are_those_from_it_on() -> None:
    scene = PRESETS["tie-first"]
    kink = info(scene).curve.kink
    assert kink == -13, "x1 ties here"
    # 1e−7 apart: of 200 steps a decade the first beyond it is the next.
    assert info(PRESETS["near-a-kink"]).curve.kink == pytest.approx(-7 + 1 / 200)
    (area,) = [
        each for each in drawn(scene)["data"]
        if each.get("fillcolor") == PALETTES["light"].faint(PALETTES["light"].kink, 0.16)
    ]  # fmt: skip
    ends = place(CURVE, kink, 1)[0], CURVE.frame.right
    assert (min(area["x"]), max(area["x"])) == pytest.approx(ends, abs=0.1)


def test_a_curve_is_broken_where_its_error_is_0_and_the_central_ones_point_is_the_larger() -> None:
    curves = info(PRESETS["no-truncation"]).curve.curves
    assert any(error == 0 for curve in curves for _, error in curve.points)
    data = drawn(PRESETS["no-truncation"])["data"]
    lines = [each for each in data if each.get("meta") == ROUNDED and each["mode"] == "lines"]
    curved = [each for each in lines if each["line"]["dash"] != "dash"]
    assert len(curved) == len(curves)
    assert all(CURVE.none not in each["y"] for each in curved)
    sizes = [each["marker"]["size"] for each in data if each.get("mode") == "markers"]
    (present,) = [size for size in sizes if isinstance(size, list)]
    kinds = [curve.kind for curve in curves if curve.present is not None]
    assert [size == max(present) for size in present] == [kind == "central" for kind in kinds]
    assert {*kinds} == {"central", "one-sided"}


@pytest.mark.parametrize("eps", [-2.0, -5.25, -9.0])
def test_a_line_at_the_present_step_goes_down_to_its_smallest_error(eps: float) -> None:
    scene = replace(PRESETS["step-size"], eps=eps)
    present = [
        place(CURVE, eps, c.present) for c in info(scene).curve.curves if c.present is not None
    ]
    (line,) = (
        each for each in drawn(scene)["data"]
        if each.get("line", {}).get("dash") == "dash" and each.get("meta") == ROUNDED
    )  # fmt: skip
    assert {*line["x"]} == {x for x, _ in present}
    assert line["y"][0] < CURVE.frame.top
    assert line["y"][1] == max(y for _, y in present)


OF_AN_ENTRY = {
    ("tie-first", "x1"): (
        "∂L/∂x₁: the layer gives +1, between the one-sided derivatives, 0 on the left and +1 on "
        "the right: KINK."
    ),
    ("smooth", "w1"): "∂L/∂w₁: the layer gives +1.46212, and the central difference agrees.",
    ("sign", "s1,1"): (
        "∂L/∂s₁‚₁: the layer gives +0.384388, but the slope is −0.384388 on both sides: FAILED."
    ),
    ("smooth", ""): "Choose an entry to see what the check says about it, and its error over eps.",
}


@pytest.mark.parametrize(("slug", "entry"), OF_AN_ENTRY)
def test_the_answer_about_an_entry(slug: str, entry: str) -> None:
    first, *_ = CHECK_SUBJECT.picture(replace(PRESETS[slug], entry=entry)).explanation
    assert first == OF_AN_ENTRY[slug, entry]


def test_a_layer_that_is_wrong_at_a_kink_is_outside_the_slopes_on_its_two_sides() -> None:
    # z = (2, 1), L = log(1 + exp(z1 − z2)): dL/dz1 = σ(1) = 0.731059, and x1, which ties with x3,
    # has this slope to its right alone. The bug sends 1 instead; the mean of both sides is 0.3655.
    said = CHECK_SUBJECT.picture(
        asked("layer=block-loss&bug=forgotten-factor&rule=lab&x=2,-1,2,0.5&w=1,-1&entry=x1")
    ).explanation
    assert said == [
        (
            "∂L/∂x₁: the layer gives +1, outside the one-sided derivatives, 0 on the left and "
            "+0.731059 on the right: FAILED."
        ),
        "h₁‚₁ and h₁‚₃ tie in the max pool: that kink lies within eps = 1e−6.",
        (
            "The bug is “forgotten factor”. It is the gradient for 1 arriving at every output of "
            "the ReLU: what arrives there is not multiplied in."
        ),
        (
            "A smaller eps does not help: the error tends to 0.6345, not to 0, so the layer's "
            "gradient is wrong."
        ),
    ]


def test_slopes_that_are_allowed_each_but_composed_give_no_derivative_are_told_as_that() -> None:
    # With x = 0 and w = (1, −1) L has in x1 the slope of ½ · relu(x) − ½ · relu(−x) = ½ · x.
    said = CHECK_SUBJECT.picture(
        asked("layer=block-loss&bug=none&rule=pytorch-max-pool&x=0,0,0,0&w=1,-1&entry=x1")
    ).explanation
    assert said[:4] == [
        "∂L/∂x₁: the layer gives 0, but the slope is +0.5 on both sides: FAILED.",
        "a₁‚₁ and a₂‚₁ of the ReLU are 0: that kink lies within eps = 1e−6.",
        (
            "It is no bug: the rule itself (PyTorch max_pool, TensorFlow max_pool, JAX "
            "reduce_window, CS231n im2col) gives 0 here. Each layer's slope is allowed by itself, "
            "but composed they give no derivative, and that is what FAILED says."
        ),
        "A smaller eps does not help: the error tends to 0.5, not to 0.",
    ]


def test_a_difference_that_disagrees_is_not_written_as_what_the_layer_gives() -> None:
    x, w, b = (3.0, 0.0, -1.0, -2.0), (0.5, -2.0, 0.5, 1.5), (0.25, -0.5)
    scene = replace(CheckScene().on("linear").at((x, w, b)), eps=-9.75, entry="b2")
    (answer, *_) = CHECK_SUBJECT.picture(scene).explanation
    assert answer.startswith("∂L/∂b₂: the layer gives +2, and the check passes with other eps.")
    told = re.search(r"the central difference is \+(\S+): the step is lost in rounding", answer)
    assert told
    assert 1e-7 < abs(float(told[1]) - 2) < 1e-5


def test_along_a_straight_line_no_step_is_too_coarse() -> None:
    x, w, b = (0.0, -4.0, 4.0, 3.0), (2.0, 0.0, 3.0), (4.0,)
    scene = replace(CheckScene().on("conv-1d").at((x, w, b)), eps=-9.0)
    status = results(scene).examined.status
    closer = [entry for entry, place in scene.entries.items() if status(*place) == "closer"]
    assert closer, "sums of some 50 lose what is smaller than 1e-14"
    for entry in closer:
        (answer, *_) = CHECK_SUBJECT.picture(replace(scene, entry=entry)).explanation
        assert "and the check passes with other eps." in answer
        assert answer.endswith("the step is lost in rounding.")


def test_a_straight_line_without_a_kink_has_none_at_any_step() -> None:
    for entry in ("x1", "w1", "b"):  # along each of them a convolution is linear
        said = CHECK_SUBJECT.picture(replace(CheckScene().on("conv-1d"), entry=entry)).explanation
        assert any(
            line.startswith("No truncation: along ")
            and line.endswith(" the function is a straight line; all error is rounding, as 1/eps.")
            for line in said
        )
    scene = asked("layer=conv-block&x=3,2,1&w=1&entry=x1")
    assert CHECK_SUBJECT.picture(scene).explanation[1] == (
        "No truncation: along x₁ the function is a straight line; every difference is exact."
    )


def test_of_a_curve_that_bends_too_little_for_truncation_the_smallest_error_is_told() -> None:
    # Along x₁ the second derivative of L is w₁²/4 = 2.5e-7, and the third about 0.
    scene = replace(CheckScene().at(((3.0, -1.0, 2.0, 0.5), (1e-3, -1e-3))), entry="x1")
    said = CHECK_SUBJECT.picture(scene).explanation[1]
    told = re.fullmatch(r"The smallest error is (\S+)\N{MINUS SIGN}(\d+), at eps = \S+\.", said)
    assert told
    assert float(f"{told[1]}-{told[2]}") < 1e-14


def test_below_a_kink_nothing_is_said_of_an_error_that_no_step_shows() -> None:
    # x₂ is 1e-11 above x₃, and the slope, of two filters that are nearly alike, is 5e-11: before
    # the kink L moves by less than 1e-21.
    point = (0.0, 4.0, 4 - 1e-11, -4.0), (4.0, 4 - 1e-10)
    said = CHECK_SUBJECT.picture(replace(CheckScene().at(point), entry="x2")).explanation
    assert said[2] == (
        "From eps = 1.01e−11 on a kink lies within eps, and the difference mixes the slopes on "
        "its two sides."
    )


@pytest.mark.parametrize(
    ("layer", "x", "w", "entry"),
    [
        # The error of a difference on a curve is larger than its last digit.
        ("block-loss", (3.75, 3.75, -2.75, 3.0), (0.5, -1.75), "x1"),
        ("block-loss", (3.0, 3.0, 0.5, -3.75), (0.25, -3.5), "x1"),
        # Small slopes are not 0.
        ("block-loss", (4.0, 4.0, 0.0, 0.0), (0.0, 4.0), "x1"),
        ("conv-block", (3.0, 3.0), (1e-7,), "x2"),
    ],
)
def test_what_lies_between_two_slopes_does_so_as_written_too(
    layer: str, x: tuple[float, ...], w: tuple[float, ...], entry: str
) -> None:
    scene = replace(CheckScene().on(layer).at((x, w)), rule="pytorch-max-pool", entry=entry)
    answer, _, step, *_ = CHECK_SUBJECT.picture(scene).explanation
    told = re.search(
        r"gives (\S+), between .+, (\S+) on the left and (\S+) on the right: K", answer
    )
    assert told
    claimed, left, right = (float(each.replace("−", "-")) for each in told.groups())
    assert min(left, right) <= claimed <= max(left, right)
    assert left != right
    assert info(scene).rows[entry].said.startswith("in [")
    assert step.startswith("A smaller eps does not help: at a kink")


def test_kinks_that_cancel_are_not_denied() -> None:
    # Both filters are equal, so whatever x3 is, the two scores are equal.
    scene = CheckScene().on("block-loss").at(((0.0, 3.0, 3.0, 1.0), (1.0, 1.0)))
    assert CHECK_SUBJECT.picture(scene).explanation[:3] == [
        "∂L/∂x₃: the layer gives 0, and the central difference agrees.",
        "h₁‚₂ and h₁‚₃ tie; h₂‚₂ and h₂‚₃ tie in the max pool: that kink lies within eps = 1e−6.",
        (
            "All the same, along x₃ the function is constant here, so that every difference is "
            "exactly 0."
        ),
    ]


def test_a_slope_that_is_missed_is_not_written_as_what_the_layer_gives() -> None:
    scene = CheckScene().on("conv-block").at(((-1e-7, 1.5), (-1.0,)))
    scene = replace(scene, bug="wrong-mask", entry="w")
    (answer, *_) = CHECK_SUBJECT.picture(scene).explanation
    assert answer == "∂L/∂w: the layer gives 0, but the slope is −1e−7 on both sides: FAILED."
    assert info(scene).rows["w"].said == "slope is −1e−7"


def test_a_mean_is_not_mistaken_for_a_derivative() -> None:
    scene = replace(PRESETS["tie-first"], rule="jax-max")  # it splits: ½, as a central difference
    said = CHECK_SUBJECT.picture(scene).explanation
    assert said[0] == "∂L/∂x₁: the layer gives +0.5, and the central difference agrees."
    assert said[2] == (
        "So there is no derivative: the slope is 0 on the left, +1 on the right. The layer gives "
        "their mean, which a central difference cannot tell from a derivative."
    )


def test_a_bug_that_does_not_show_is_not_praised() -> None:
    (finding,) = findings(results(PRESETS["hidden-bug"]))
    assert finding.startswith("The layer is wrong, but not at this point")
    assert heading(PRESETS["hidden-bug"]) == (
        "The bug: no mask",
        "da = dh, not dh * (a > 0)",
    )
    (finding,) = findings(results(PRESETS["smooth"]))
    assert finding == "Every entry agrees."
    (finding,) = findings(results(replace(PRESETS["sign"], entry="")))
    assert finding == "s: Every wrong entry is the right one times −1.", "no entry says it"
    assert heading(PRESETS["smooth"]) == ("The pattern", "No bug: the engine's own layer.")


@pytest.mark.parametrize("bug", BUGS)
def test_beside_a_wrong_entry_it_is_not_said_that_all_agree(bug: str) -> None:
    for layer in BUGS[bug].layers:
        scene = asked(f"layer={layer}&bug={bug}")
        found = results(scene)
        for entry, at in scene.entries.items():
            if found.examined.status(*at) == "wrong":
                said = findings(results(replace(scene, entry=entry)))
                assert not any("agree" in line for line in said), (layer, entry)


def test_the_table_follows_the_step() -> None:
    coarse, fine = (replace(PRESETS["step-size"], eps=eps) for eps in (-1.0, -5.0))
    differences = [info(scene).rows["s1,1"] for scene in (coarse, fine)]
    # Truncation: L''' / 6 · eps², with L''' = p(1 − p)(1 − 2p) / 2 and p = 0.231.
    assert abs(differences[0].analytic - differences[0].numeric) == pytest.approx(7.97e-5, rel=0.02)
    assert abs(differences[1].analytic - differences[1].numeric) < 1e-9
    assert (differences[0].status, differences[0].said) == ("closer", "with smaller eps")
    assert {param.verdict for param in info(coarse).params} == {"PASSED"}


def test_a_slider_is_level_with_the_row_of_its_entry() -> None:
    rows = {each.entry: each.box for each in CHECK_SUBJECT.picture(PRESETS["tie-first"]).targets}
    *sliders, eps = CHECK_SUBJECT.sliders(PRESETS["tie-first"])
    assert {each.name: each.top for each in sliders} == {
        entry: top + height / 2 for entry, (_, top, _, height) in rows.items()
    }
    # eps is dragged anywhere over its curve, from the largest error down to none.
    (left, top), (right, bottom) = place(CURVE, -13, 10.0), place(CURVE, -1, 0)
    assert eps.area == (left, top, right - left, bottom - top)
    assert eps.values == [-13 + step / 4 for step in range(49)]


def test_of_a_row_whose_verdict_is_hidden_the_value_is_heard() -> None:
    picture = CHECK_SUBJECT.picture(PRESETS["tie-first"], Screen(exercise=Exercise()))
    assert [each.said for each in picture.targets] == ["x1 = 3", "x2 = 3", "x3 = 1", "w = 1"]


def test_a_row_says_by_how_much_the_claim_exceeds_the_difference() -> None:
    """The first of a tie gets 1, the second 0; a central difference gives each ½."""
    rows = info(PRESETS["tie-first"]).rows
    assert [rows[entry].difference for entry in ("x1", "x2")] == ["0.5", "−0.5"]
    # The curve's present error is that of the row, also where the outputs are weighted.
    for layer in LAYERS:
        scene = CheckScene().on(layer)
        found = info(scene)
        there = found.curve.present["float64"]
        assert found.rows[scene.entry].difference.removeprefix("−") == there


def test_over_the_table_stands_what_the_outputs_are_multiplied_by() -> None:
    relu = CheckScene().on("relu")
    weights = ", ".join(map(number, LAYERS["relu"].dout(relu.values)))
    assert info(relu).about == f"∂L/∂h = {weights}"
    assert info(CheckScene()).about == LAYERS["block-loss"].about


# --- the picture


@given(scenes())
@example(  # "slope is +10.0625" beside a low row
    replace(
        CheckScene().on("minibatch").having("bug", "forgotten-factor"),
        x=(0.0, 0.0, 2.5, 0.0, 0.0, 3.75, 0.0, 0.0, 2.75),
        w=(0.25,),
        eps=-1.0,
    )
)
@settings(max_examples=25, deadline=None)
def test_every_state_has_the_same_traces_and_lies_on_the_picture(scene: CheckScene) -> None:
    figure, before = drawn(scene), drawn(CheckScene().on(scene.layer))
    assert [trace["type"] for trace in figure["data"]] == [t["type"] for t in before["data"]]
    layout = figure["layout"]
    assert layout == before["layout"]
    for trace in figure["data"]:
        assert all(x is None or 0 <= x <= layout["width"] for x in trace["x"])
        assert all(y is None or 0 <= y <= layout["height"] for y in trace["y"])
        size = trace.get("textfont", {}).get("size", 25)
        assert min(size if isinstance(size, list) else [size], default=25) >= 25
    said = CHECK_SUBJECT.picture(scene)
    assert {target.entry for target in said.targets} == set(scene.entries)
    assert all(said.explanation)


@pytest.mark.parametrize(
    ("layer", "narrow", "size"),
    [
        ("relu", False, 29),  # five rows of 82, less 4 between them: the highest
        ("max-pool-2d", False, 28),  # nine of 58
        ("conv-1d", False, 26),  # eight of 55
        ("conv-2d", False, 25),  # thirteen of 37: the lowest
        ("relu", True, 15),
        ("conv-2d", True, 15),
    ],
)
def test_numbers_take_half_of_their_row_and_no_more_than_there_is_room_for(
    layer: str, narrow: bool, size: int
) -> None:
    scene = CheckScene().on(layer)
    values = [number(row.value) for row in info(scene).rows.values()]
    numbers = {f"<b>{value}</b>" for value in values if len(value) < 7}
    sizes = {
        own
        for each in CHECK_SUBJECT.picture(scene, Screen(narrow=narrow)).figure["data"]
        if each.get("mode") == "text"
        for text, own in zip(each["text"], each["textfont"]["size"], strict=True)
        if text in numbers
    }
    assert sizes == {size}


def test_words_beside_a_row_are_in_two_lines_only_where_it_is_high_enough_for_them() -> None:
    said, looks = "◆ between [−0.123456, 1.23456]", []
    for height in (20.0, 40.0, 82.0):
        text, size = _words_and_size(said, PROJECTOR, height)
        looks.append(("<br>" in text, size))
    (low, small), (high, medium), (highest, large) = looks
    assert (low, high, highest) == (False, True, True)
    assert small < medium == 18 < large  # twice 18, and a little between them


def test_nothing_that_was_sent_is_taken_for_markup() -> None:
    words = texts(PRESETS["wrong-mask"])
    assert "da = dh * (a &lt; 0), not a &gt; 0" in words


def test_an_error_of_0_lies_under_the_axes() -> None:
    left, right, top, bottom = CURVE.frame
    assert place(CURVE, -13, 0) == (left, CURVE.none)
    assert place(CURVE, -1, 10.0) == (right, top)
    assert place(CURVE, -1, 1e-16) == (right, bottom)
    assert place(CURVE, -1, 1e-30) == (right, bottom)
    # Decades are at equal distances.
    heights = [place(CURVE, -1, 10.0**power)[1] for power in (-12, -8, -4, 0)]
    apart = [above - below for below, above in pairwise(heights)]
    assert apart == [pytest.approx(apart[0], abs=0.2)] * 3


@for_each("layer", LAYERS)
def test_the_page_is_well_arranged_for_every_layer(layer: str) -> None:
    scene = CheckScene().on(layer)
    by_param = [[row.entry for row in param.rows] for param in info(scene).params]
    arrangement = check_arrangement(tuple(map(tuple, by_param)))
    assert_well_arranged(arrangement)
    assert len(arrangement.bands) == len(scene.values)
    sliders = CHECK_SUBJECT.sliders(scene)
    assert {slider.name for slider in sliders} == set(scene.entry_names())
    for slider in sliders[:-1]:  # each but that of eps is left of its entry's cell, in the middle
        left, top, _, height = arrangement.boxes[slider.name]
        assert slider.top - top == pytest.approx(top + height - slider.top)
        assert 0 < slider.left < slider.left + slider.width < left


@pytest.mark.parametrize(
    ("scene", "name"),
    [
        (PRESETS["smooth"].at_random(5), "x1"),
        (PRESETS["overwritten-overlaps"].at_random(5), "x2,2"),
        (PRESETS["step-size"], "eps"),
    ],
)
def test_a_slider_is_swept(scene: CheckScene, name: str) -> None:
    sliders = {slider.name: slider for slider in CHECK_SUBJECT.sliders(scene)}
    assert_is_sent(CHECK_SUBJECT, scene, name, sliders[name].values)


# --- snaps, questions, the script


@pytest.mark.parametrize("layer", LAYERS)
def test_the_snaps(layer: str) -> None:
    scene = CheckScene().on(layer).at_random(1)
    assert SNAPS["smooth point"](scene) == scene.at(LAYERS[layer].smooth)
    other = next(name for name in scene.entries if name != scene.entry)
    elsewhere = replace(scene, entry=other)
    kink, near = SNAPS["at a kink"](elsewhere), SNAPS["near a kink"](elsewhere)
    if LAYERS[layer].kink is None:
        assert isinstance(kink, Impossible)
        assert isinstance(near, Impossible)
        assert kink.reason == f"{LAYERS[layer].title} has no kink: it is smooth everywhere."
        return
    assert isinstance(kink, CheckScene)
    assert isinstance(near, CheckScene)
    assert kink.entry == near.entry == LAYERS[layer].entry, "whose kink it is"
    assert "KINK" in [param.verdict for param in info(kink).params]
    assert near.value(near.entry) == kink.value(kink.entry) + NEAR_A_KINK
    rows = info(near).rows
    assert {param.verdict for param in info(near).params} == {"PASSED"}
    assert rows[near.entry].said == "with smaller eps"


def test_the_questions() -> None:
    answers = []
    for question in QUESTIONS:
        assert question.set_up is not None
        answers.append(question.answer(CHECK_SUBJECT.trace(question.set_up(CheckScene()))))
        assert question.set_up(CheckScene(eps=-3.0)).eps == -3.0, "the step stays as it is"
    assert answers == [2, 1, 0, 3, 0], "a new one is in ASKED of tests/pages/test_questions.py too"


def test_the_script_prints_the_same_verdicts(capsys: pytest.CaptureFixture[str]) -> None:
    scene = PRESETS["tie-lab"]
    exec(compile(str(CHECK_SUBJECT.script(scene)), "script", "exec"), {})
    printed = capsys.readouterr().out
    for position, param in enumerate(info(scene).params):
        assert f"param #{position} {param.verdict} " in printed


def test_the_script_checks_with_the_step_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[float] = []
    monkeypatch.setattr(engine, "gradient_check", lambda *_, eps=1e-6: steps.append(eps))
    for eps in (-1.0, -12.25):
        exec(str(CHECK_SUBJECT.script(replace(PRESETS["step-size"], eps=eps))), {})
    assert steps == pytest.approx([0.1, 10**-12.25])


def test_a_bug_that_is_chosen_is_explained_where_it_shows() -> None:
    # Without its mask a closed gate lets through what it should stop: a2 and a5 are negative.
    broken = CheckScene().on("relu").having("bug", "no-mask")
    assert (broken.entry, to_a_wrong_entry(broken).entry) == ("a3", "a2")
    at_a_kink = replace(PRESETS["tie-first"], entry="x3")  # x1 and x2 are at one, and not wrong
    shown = (replace(broken, entry="a5"), PRESETS["smooth"], PRESETS["hidden-bug"])
    for unmoved in (*shown, at_a_kink):
        assert to_a_wrong_entry(unmoved) == unmoved


def asked(address: str) -> CheckScene:
    scene, problems = CheckScene().updated(dict(part.split("=") for part in address.split("&")))
    assert not problems
    return scene


def test_each_layer_tells_of_its_own_kinks_within_a_step() -> None:
    # a₁ goes from −0.15 to 0.05, over 0 and over h₂ = 0.02.
    scene = asked("layer=conv-block&x=-0.05,0.02,-2,-1,-1&w=1&eps=-1&entry=x1")
    said = CHECK_SUBJECT.picture(scene).explanation
    assert [line for line in said if "that kink lies" in line] == [
        "a₁ = −0.05 of the ReLU passes 0: that kink lies within eps = 0.1.",
        "h₁ and h₂ change places in the max pool: that kink lies within eps = 0.1.",
    ]


def test_the_errors_beyond_a_kink_have_no_say_in_how_they_grow_below_it() -> None:
    found = results(replace(CheckScene().on("block-loss").at_random(8), entry="x3"))
    assert found.kink == pytest.approx(0.05, rel=0.01)
    assert found.regimes.central == pytest.approx(2, abs=0.01)


def test_a_step_too_small_for_the_check_may_pass_over_a_kink_all_the_same() -> None:
    scene = asked("layer=conv-block&x=3.00000001,3,1&w=1&rule=pytorch-max-pool&eps=-7.25&entry=x1")
    first = CHECK_SUBJECT.picture(scene).explanation[0]
    assert first.endswith("it reaches over a kink beside this point.")


def test_of_two_arrays_that_a_bug_makes_wrong_in_two_ways_both_are_told() -> None:
    scene = replace(CheckScene().on("minibatch"), bug="no-mask", entry="w").at_random(2)
    said = CHECK_SUBJECT.picture(scene).explanation
    for way in ("in no simple way", "should be 0"):
        assert sum(way in line for line in said) == 1


def test_the_smallest_error_may_be_that_of_the_present_step() -> None:
    found = results(replace(CheckScene().on("block-loss").at_random(2), eps=-5.25))
    there, on_the_curve = found.best("float64"), found.curve("float64").best(found.claimed)
    assert there
    assert on_the_curve
    assert there[0] == found.scene.step
    assert there[1] < on_the_curve[1]
    far = results(replace(found.scene, eps=-2.25))
    assert far.best("float64") == on_the_curve
    near = results(replace(found.scene, eps=-9.0))
    assert near.best("float64") == on_the_curve, "a smaller step has a larger error"


def test_the_curves_go_through_the_errors_at_the_present_step() -> None:
    curve = info(replace(PRESETS["step-size"], eps=-5.25)).curve  # between two of the grid
    assert len(curve.curves) == 4
    for each in curve.curves:
        assert (-5.25, each.present) in each.points
        assert [*each.points] == sorted(each.points)


def test_each_kind_of_curve_is_drawn_as_the_legend_and_the_readings_say() -> None:
    scene = replace(PRESETS["step-size"], eps=-5.25)
    curves, data = info(scene).curve.curves, drawn(scene)["data"]
    looks = {words: look for look, _, words in CHECK_SUBJECT.picture(scene).legend}
    dashes = {"line": "solid", "dotted": "dot"}
    readings = {
        text.split()[1]: colour
        for each in data
        if "text" in each
        for text, colour in zip(each["text"], each["textfont"]["color"], strict=True)
        if text.startswith("● ")
    }
    assert len({*readings.values()}) == len(readings) == 2
    for curve in curves:
        through = {place(CURVE, *point) for point in curve.points if point[1]}
        (line,) = (
            each["line"]
            for each in data
            if each.get("meta") == ROUNDED and each["mode"] == "lines"
            if {*zip(each["x"], each["y"], strict=True)} - {(None, None)} == through
        )
        assert line["dash"] == dashes[looks[f"{curve.kind} difference"]]
        assert line["color"] == readings[curve.dtype]
    central = [each for each in curves if each.kind == "central"]
    of_central = [place(CURVE, *point)[0] for each in central for point in each.points]
    assert of_central in [each["x"] for each in data if each.get("mode") == "markers"]


def test_an_error_of_0_is_drawn_and_told_like_any_other() -> None:
    # x₁ is not the largest: L does not depend on it, whatever the step.
    scene = replace(PRESETS["smooth"], entry="x1", eps=-5.25)
    curve = info(scene).curve
    assert curve.present == {"float32": "0", "float64": "0"}
    assert all((-5.25, 0.0) in each.points for each in curve.curves)
    lines = [each for each in drawn(scene)["data"] if each.get("meta") == ROUNDED]
    (marks,) = (each for each in lines if each.get("marker", {}).get("line", {}).get("width") == 2)
    (upright,) = (each for each in lines if each.get("line", {}).get("dash") == "dash")
    assert len(marks["x"]) == len(curve.curves)
    assert {*upright["x"]} == {*marks["x"]}


def test_a_gradient_that_is_the_mean_of_two_slopes_is_not_said_to_agree_on_both_sides() -> None:
    # Two h tie, and the rule splits; the loss is curved, so a step of 0.1 gives another number.
    scene = asked("layer=block-loss&bug=none&rule=mlx&x=-0.5,2,1,-0.5&w=-1,0&eps=1e-1&entry=x1")
    answer, *others = CHECK_SUBJECT.picture(scene).explanation
    # L = log(1 + exp(z1 − z2)), z = (0.5, 0): dL/dz1 = σ(0.5) = 0.622459, and dz1/dx1 is −1 or 0.
    assert re.fullmatch(
        r"∂L/∂x₁: the layer gives −0\.31123\. The central difference with eps = 0\.1 is \S+; with "
        r"a smaller eps it agrees, so the check passes, though the slopes on the two "
        r"sides differ\.",
        answer,
    )
    assert (
        "So there is no derivative: the slope is −0.622459 on the left, 0 on the right. The layer "
        "gives their mean, which a central difference cannot tell from a derivative."
    ) in others
    assert not any("both sides" in line or "No eps helps" in line for line in others)


@pytest.mark.parametrize(
    ("slug", "rule", "is_mean"),
    [
        ("tie-first", "pytorch-max-pool", False),
        ("tie-first", "mlx", True),
        ("relu-zero", "lab", False),
    ],
)
def test_only_a_mean_is_called_one(slug: str, rule: str, is_mean: bool) -> None:
    scene = PRESETS[slug].having("rule", rule)
    said = " ".join(CHECK_SUBJECT.picture(scene).explanation)
    assert ("The layer gives their mean" in said) == is_mean
    assert ("at a kink a central difference tends to the mean" in said) == (not is_mean)


def test_ties_in_two_windows_are_told_one_by_one() -> None:
    scene = replace(CheckScene().on("max-pool"), entry="h3", eps=-1.0, rule="lab")
    # h3 ties with h2 in the second window and with h4, which passes it, in the third.
    said = CHECK_SUBJECT.picture(scene.at(((0.0, 1.0, 1.0, 0.95, 0.0),))).explanation
    assert "h₂ and h₃ tie; h₃ and h₄ change places in the max pool: that kink" in " ".join(said)


def test_no_error_is_told_of_steps_that_are_lost() -> None:
    scene = replace(PRESETS["step-size"], eps=-13.0)
    curve = info(scene).curve
    assert curve.present["float32"] == "lost"
    for each in curve.curves:
        # At 1, the entry's value, float32 has no step below 6e-8.
        steps = [10**at for at, _ in each.points]
        assert min(steps) > 2.9e-8 if each.dtype == "float32" else min(steps) < 2e-13
    said = next(line for line in CHECK_SUBJECT.picture(scene).explanation if "float32" in line)
    assert float(said.rpartition("= ")[2].rstrip(".").replace("−", "-")) > 1e-7


@given(scenes())
@example(  # reversed or transposed, this filter is the same
    replace(CheckScene().on("conv-2d").having("bug", "flipped-filter"), w=(2.0, -2.0, -1.0, 2.0))
)
@settings(max_examples=30, deadline=None)
def test_the_mistake_that_is_named_is_the_bug_that_is_chosen(scene: CheckScene) -> None:
    named = {
        "not multiplied in": {"forgotten-factor"},
        "cut off to a whole number": {"integer-gradient"},
        "not the sum": {"missing-sum", "overwritten-overlaps"},
        "the sum over all is missing": {"missing-sum", "overwritten-overlaps"},
        "gradient for w in reverse order": {"flipped-filter"},
        "gradient for w with rows and columns": {"not-transposed"},
        "right numbers with rows and columns": {"exchanged"},
        "right numbers in reverse order": set(),
        "one place": {"padding-off-by-one"},
    }
    for sentence in results(scene).patterns:
        for words, bugs in named.items():
            assert words not in sentence or scene.bug in bugs, (scene, sentence)


def test_a_gate_the_wrong_way_round_is_not_called_a_cut() -> None:
    scene = asked("layer=block-loss&bug=wrong-mask&x=2.43,2.77,2.05,-0.01&w=-1.71,2.83")
    assert findings(results(scene)) == [
        "x and w: Every wrong entry is 0: nothing comes back where something should."
    ]


def test_what_the_rule_does_is_not_laid_at_a_bugs_door() -> None:
    # Every gate is open, so a missing mask changes nothing; the 6 for w comes from the lab's rule.
    scene = replace(PRESETS["tie-lab"], bug="no-mask")
    said = CHECK_SUBJECT.picture(scene).explanation
    assert any(line.startswith("The bug does not show here: the rule itself (") for line in said)
    assert not any("The bug is" in line or "gradient is wrong" in line for line in said)
    (first, *_) = findings(results(replace(scene, entry="x1")))
    assert first.startswith("w: FAILED, but not by the bug, which does not show at this point: ")
    # The first filter's gates are open as well, the second's are closed.
    scene = asked("layer=block-loss&bug=no-mask&rule=lab&x=3,3,1,2&w=1,-1")
    for entry, origin in (("w1", "The bug does not show here: the rule"), ("w2", "The bug is “no")):
        said = CHECK_SUBJECT.picture(replace(scene, entry=entry)).explanation
        assert said[1].startswith(origin)


def test_beside_a_kink_it_is_said_how_the_check_passes_although_the_rows_differ() -> None:
    scene = PRESETS["near-a-kink"]
    x, w = info(scene).params
    assert x.line == "x: PASSED with smaller eps, norm of difference there 0"
    on_a_phone, _ = describe(results(scene), narrow=True).params
    assert on_a_phone.line == "x: PASSED with smaller eps, difference there 0"
    assert w.line.startswith("w: PASSED, norm of the difference ")
    assert [row.said for row in x.rows] == ["with smaller eps", "with smaller eps", ""]
    said = CHECK_SUBJECT.picture(scene).explanation
    assert said[0] == (
        "∂L/∂x₁: the layer gives +1, and the check passes with a smaller eps. With eps = 1e−6 the "
        "central difference is +0.55: it reaches over a kink beside this point."
    )
    assert said[-1] == "Every entry agrees, 2 only with a smaller eps."
    # L = log(1 + …) bends: with a step of 0.1 truncation is too much, with 1e-13 rounding.
    for eps, other, why in (
        (-1.0, "a smaller eps", "the step is too coarse"),
        (-13.0, "other eps", "the step is lost in rounding"),
    ):
        scene = replace(PRESETS["step-size"], eps=eps)
        (param,) = info(scene).params
        assert ("with smaller eps" in param.line) == (other == "a smaller eps")
        besides = {row.said for row in param.rows} - {"", "up to rounding"}
        assert besides == {f"with {other.removeprefix('a ')}"}
        (closer, *_) = (
            entry
            for entry, place in scene.entries.items()
            if results(scene).examined.status(*place) == "closer"
        )
        (first, *_) = CHECK_SUBJECT.picture(replace(scene, entry=closer)).explanation
        assert f"the check passes with {other}. With eps = " in first
        assert first.endswith(f"{why}.")


# --- numbers that agree with each other


@given(scenes())
@settings(max_examples=30)
def test_the_norm_in_the_banner_is_that_of_the_differences_in_the_rows(scene: CheckScene) -> None:
    for param in info(scene).params:
        if "smaller eps" in param.line or len(param.rows) < np.prod(param.shape, dtype=int):
            continue
        said = param.line.rpartition(" ")[2].replace("−", "-")
        whole, fraction = (said, "0") if said[-1].isdecimal() else (said[:-1] or "0", said[-1])
        norm = float(whole) + unicodedata.numeric(fraction)
        rows = [row.analytic - row.numeric for row in param.rows]
        assert norm == pytest.approx(np.linalg.norm(rows), rel=1e-3, abs=1e-15)


def test_the_slope_beside_an_entry_is_the_number_in_its_cell() -> None:
    (param,) = info(CheckScene().on("loss").having("bug", "sign")).params
    assert [row.said for row in param.rows] == [
        f"slope is {number}"
        for number in ("−0.3844", "+0.3143", "+0.0701", "+0.021", "+0.0571", "−0.0781")
    ]


# --- the user's own code


def test_the_file_that_the_article_shows_is_checked_as_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    article = PAGES["gradient-check"].article
    code, said = re.findall(r"```text\n(.*?)```", article, re.DOTALL)
    file = tmp_path / "mine.py"
    file.write_text(code, encoding="utf-8")
    assert f"python -m engine.check {file.name}" in article
    assert main([str(file)]) == 0
    assert capsys.readouterr().out.startswith(said)


KINK = "KINK: between the slopes on the two sides"


@pytest.mark.parametrize(
    ("slug", "meant"),
    [
        ("smooth", set()),
        ("tie-first", {KINK}),
        ("tie-lab", {KINK, "FAILED: not the derivative"}),
    ],
)
def test_the_legend_says_what_stands_out(slug: str, meant: set[str]) -> None:
    signs = CHECK_SUBJECT.picture(PRESETS[slug]).legend
    assert {words for look, _, words in signs if look == "frame"} == meant
    curves = {look: words for look, _, words in signs if look != "frame"}
    assert curves["line"] == "central difference"
    assert curves["dotted"] == "one-sided difference"
    assert curves.get("box", "") == ("a kink within eps" if slug == "tie-first" else "")
    hidden = CHECK_SUBJECT.picture(PRESETS[slug], Screen(exercise=Exercise(marking=False))).legend
    assert [*hidden] == [], "a frame would give the answer away, and no curve is drawn"
    drawn = CHECK_SUBJECT.picture(PRESETS[slug], Screen(exercise=Exercise(marking=False))).figure
    said = [text for trace in drawn["data"] for text in trace.get("text", ())]
    entries = len(PRESETS[slug].entries)
    # Two gradients and a map's cell for each entry, the verdict of each of two params.
    assert said.count("<b>?</b>") == 3 * entries + 2
    assert said.count("?") == 2 * entries


@pytest.mark.parametrize(("eps", "coarse"), [(-6.0, True), (-7.0, True), (-7.25, False)])
def test_a_step_that_may_be_lost_in_rounding_is_not_called_coarse(eps: float, coarse: bool) -> None:
    assert is_coarse(results(replace(CheckScene(), eps=eps))) == coarse


@pytest.mark.parametrize("layer", [slug for slug, checked in LAYERS.items() if checked.free])
def test_every_entry_of_the_longest_vector_can_be_asked_for(layer: str) -> None:
    letter = LAYERS[layer].letters[0]
    query = {"layer": layer, "x": "1,-2,3,0.5,2,-1", "entry": f"{letter}6"}
    scene, problems = CheckScene().updated(query)
    assert (scene.entry, problems) == (f"{letter}6", [])


@pytest.mark.parametrize(
    ("slope", "said"),
    [
        (0.12346, "+0.1235"),
        (-2.0, "−2"),
        (0.000126, "+0.00013"),
        (5e-5, "+5e−5"),
        (5e-12, "0"),  # of a layer that gives 1 it is noise
    ],
)
def test_a_slope_beside_an_entry_is_never_rounded_away(slope: float, said: str) -> None:
    against = Disagreement((0,), 1.0, slope, slope, excused=False)
    examined = SimpleNamespace(disagreement=lambda *_: against)
    found: Any = SimpleNamespace(examined=examined)
    assert beside(found, 0, (0,), "wrong").endswith(f" {said}")


@pytest.mark.parametrize(("status", "said"), [("rounded", "up to rounding"), ("agrees", "")])
def test_beside_an_entry_that_agrees_no_more_is_said_than_that_it_is_rounded(
    status: Status, said: str
) -> None:
    found: Any = SimpleNamespace(examined=SimpleNamespace(disagreement=lambda *_: None))
    assert beside(found, 0, (0,), status) == said


@pytest.mark.parametrize(("excused", "said"), [(True, "in "), (False, "not in ")])
@pytest.mark.parametrize(("left", "right"), [(-1.5, 0.25), (0.25, -1.5)])
def test_the_bracket_beside_an_entry_begins_with_the_lower_slope(
    left: float, right: float, excused: bool, said: str
) -> None:
    against = Disagreement((0,), 0.0, left, right, excused)
    found: Any = SimpleNamespace(examined=SimpleNamespace(disagreement=lambda *_: against))
    words = beside(found, 0, (0,), "kink" if excused else "wrong")
    assert words == f"{said}[\N{MINUS SIGN}1.5, 0.25]"


def test_a_curve_that_is_not_to_be_seen_tells_its_entry_and_step_and_nothing_else() -> None:
    shown = [describe(results(scene)).curve for scene in PRESETS.values()]
    assert any(curve.kink is not None for curve in shown)
    for curve in shown:
        known = {"slope": curve.slope, "eps": curve.eps}
        nothing = {"kink": None, "central": "", "one_sided": "", "rounding": ""}
        present = dict.fromkeys(curve.present, "?")
        assert vars(curve.unseen()) == {**known, "present": present, "curves": (), **nothing}


def test_a_column_of_entries_lies_on_its_side_on_the_map() -> None:
    shapes: tuple[Index, ...] = ((3, 1), (1, 3), (3,), (2, 3), ())
    boxes: dict[Index, list[Box]] = {}
    for shape in shapes:
        param = Param("w", shape, "", None, ())
        ((_, boxes[shape]),) = _boxes_by_param([param], 0.0, 0.0, 10.0)
    assert boxes[3, 1] == boxes[1, 3] == boxes[3,]
    assert [len({at[0] for at in found}) for found in boxes.values()] == [3, 3, 3, 3, 1]
    assert [len({at[1] for at in found}) for found in boxes.values()] == [1, 1, 1, 2, 1]


def test_a_long_error_at_the_present_step_begins_further_left() -> None:
    curve, palette = describe(results(PRESETS["smooth"])).curve, PALETTES["light"]
    start, end, _ = CURVE.readings
    for text, moved in (("8.9e-16", False), ("8.9e-16 of what it is", True)):
        long = replace(curve, present=dict.fromkeys(curve.present, text))
        ((left, right),) = (
            each["x"]
            for each in curve_drawings(long, CURVE, palette)
            if text in str(each.get("text"))
        )
        assert (left < start, right) == (moved, end)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("value", [0.123456789, -3.9999999, -1.23456e-5, -0.001234567, 5e-324])
def test_any_number_has_room_in_its_cell(value: float, narrow: bool) -> None:
    scene = CheckScene().moved("x1", value).moved("w2", value)
    assert [*crossing(CHECK_SUBJECT.picture(scene, Screen(narrow=narrow)).figure)] == []


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("weight", [0.00045, 1.2e-9, 2e-310])
def test_no_gradient_is_left_out_for_want_of_room(weight: float, narrow: bool) -> None:
    scene = CheckScene().moved("w1", weight)
    rows, m = info(scene).rows, PHONE if narrow else PROJECTOR
    assert any(0 < abs(row.analytic) < 0.001 for row in rows.values())
    found = [*extents(CHECK_SUBJECT.picture(scene, Screen(narrow=narrow)).figure)]
    for offset, width in m.columns[1:3]:
        left = m.left + offset
        boxes = [each.box for each in found if left < each.box[0] < left + width]
        there = [top for x, top, wide, _ in boxes if x + wide < left + width and top > m.top]
        assert len(there) == len(rows)


@pytest.mark.parametrize("narrow", [False, True])
def test_a_title_stands_over_the_middle_of_its_columns_cells(narrow: bool) -> None:
    figure = CHECK_SUBJECT.picture(CheckScene(), Screen(narrow=narrow)).figure
    places = {text: x for each in figure["data"] if "text" in each
              for x, text in zip(each["x"], each["text"], strict=True)}  # fmt: skip
    m = PHONE if narrow else PROJECTOR
    for title, (offset, width) in zip(SUBJECTS, m.columns, strict=False):
        assert places[f"<b>{title}</b>"] == m.left + offset + width / 2


@for_each(
    ("a", "said"),
    [
        ((0.0, 0.0), "a₁ and a₂ of the ReLU are 0"),
        ((0.0, 2e-4), "a₁ = 0 and a₂ = 0.0002 of the ReLU pass 0"),
    ],
)
def test_of_entries_that_are_not_all_0_it_is_said_what_they_are(
    a: tuple[float, float], said: str
) -> None:
    right = engine.trace(ReLU(), a)
    checked = SimpleNamespace(naming=replace(letters(right), inputs=(("a",),)))
    found: Any = SimpleNamespace(right=right, scene=SimpleNamespace(checked=checked))
    crossings = [Crossing(0, ((0, (at,)),), (at,)) for at in range(2)]
    assert _passing(found, crossings) == said
