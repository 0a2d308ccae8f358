"""The picture of the lab's block, and the sentences below it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from math import dist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine import (
    RULES,
    Conv1D,
    Graph,
    Layer,
    Linear,
    Maximum,
    MaxPool,
    ReLU,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
    Trace,
    trace,
)
from engine.kinks import groups
from pages.derive.derivation import letters
from pages.derive.picture import Screen
from pages.explain.entry import Entry, entries
from pages.explain.sentences import explain, explain_entry, weighted_loss
from pages.explain.steps import value_line
from pages.figures.info import Naming
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE, Theme
from pages.state.codecs import GRID
from tests.engine.rows import Row, every_layer
from tests.engine.written import worked_out
from tests.for_each import for_each
from tests.pages.lab import lab
from tests.pages.scenes import BLOCK, LAST_STEP, LENGTH, block

on_grid = st.integers(-6, 6).map(lambda step: step * GRID)
scenes = st.builds(
    block,
    x=st.tuples(*[on_grid] * LENGTH),
    w=on_grid,
    dz=on_grid,
    rule=st.sampled_from(list(RULES)),
    step=st.integers(0, LAST_STEP),
    entry=st.sampled_from(["", "x1", "a3", "h5", "w", "z"]),
)
ALL = "ties for the maximum and by this rule gets all of it (1)"
ZEROS = (0.0,) * LENGTH
THEMES: tuple[Theme, ...] = ("light", "dark")


def said(scene: Any) -> list[str]:
    return list(BLOCK.picture(scene).explanation)


# --- numbers


@given(scenes)
def test_the_numbers_are_those_of_the_lab(scene: Any) -> None:
    scene = replace(scene, rule="lab", step=LAST_STEP)
    info = BLOCK.describe(BLOCK.trace(scene), scene)
    expected = lab(scene.x, scene.w, scene.dz)
    assert {name: (cell.value, cell.grad) for name, cell in info.cells.items()} == expected
    for letter, count in info.counts.items():
        column = [grad for name, (_, grad) in expected.items() if name[0] == letter]
        assert count == (sum(map(bool, column)), len(column))


@given(scenes)
def test_what_comes_back_along_the_ways_is_the_gradient(scene: Any) -> None:
    trace = BLOCK.trace(scene)
    info = BLOCK.describe(trace, replace(scene, step=LAST_STEP))
    arrived = dict.fromkeys(info.cells, 0.0)
    for edge in info.edges:
        arrived[edge.tail] += edge.amount
    arrived["z"] = scene.dz
    grads = {name: cell.grad for name, cell in info.cells.items()}
    assert arrived == pytest.approx(grads, abs=1e-12)
    assert [grads["w"], *(grads[f"x{i}"] for i in range(1, LENGTH + 1))] == [
        trace.grads[1].item(),
        *trace.grads[0].tolist(),
    ]


@given(scenes)
def test_under_a_zero_stands_a_reason_and_only_there(scene: Any) -> None:
    info = BLOCK.describe(BLOCK.trace(scene), replace(scene, step=LAST_STEP))
    for cell in info.cells.values():
        assert bool(cell.reason) == (cell.grad == 0 and not cell.given)


def test_a_step_shows_no_more_than_was_computed() -> None:
    trace = BLOCK.trace(block())
    known = {
        step: {
            cell.letter: cell.known
            for cell in BLOCK.describe(trace, block(step=step)).cells.values()
        }
        for step in range(len(BLOCK.steps(BLOCK.start)))
    }
    assert [known[step]["z"] for step in known] == ["nothing"] * 3 + ["value"] + ["gradient"] * 3
    assert [known[step]["h"] for step in known] == ["nothing"] * 2 + ["value"] * 2 + [
        "gradient"
    ] * 3
    assert [known[step]["a"] for step in known] == ["nothing"] + ["value"] * 4 + ["gradient"] * 2
    for letter in "xw":
        assert [known[step][letter] for step in known] == ["value"] * 6 + ["gradient"]


# --- the figure


def sizes_of_text(part: Any) -> Iterator[float]:
    """The size of every text in a figure, wherever it is given."""
    if isinstance(part, list):
        for each in part:
            yield from sizes_of_text(each)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in ("textfont", "font") and "size" in value:
                size = value["size"]
                yield from size if isinstance(size, list) else [size]
            else:
                yield from sizes_of_text(value)


def ends(scene: Any, colour: str) -> set[tuple[float, float]]:
    """The corners of all arrows of this colour, which include the ends of the arrows."""
    return {
        point
        for trace in BLOCK.picture(scene).figure["data"]
        if trace.get("fillcolor") == colour
        for point in zip(trace["x"], trace["y"], strict=True)
        if None not in point
    }


@pytest.mark.parametrize("dz", [1.0, -1.0])
def test_an_arrow_has_the_colour_of_its_sign(dz: float) -> None:
    # With a negative w the sign turns on the way from a to x: both are there at once.
    scene = block(x=(1.0, -2.0, 0.5, -2.0, 0.0), w=-1.5, dz=dz, step=LAST_STEP)
    boxes = BLOCK.layout(scene).boxes
    tails = {
        entry: (left + width, top + height / 2)
        for entry, (left, top, width, height) in boxes.items()
    }
    signs = {"h2": dz, "h4": dz, "a2": dz, "a4": dz, "x2": -dz, "x4": -dz}
    drawn = {+1: ends(scene, POSITIVE), -1: ends(scene, NEGATIVE)}
    for sign, points in drawn.items():
        # Drawn to a tenth of a pixel.
        there = {
            entry
            for entry in boxes
            if entry != "w" and any(dist(tails[entry], point) < 0.2 for point in points)
        }
        assert there == {entry for entry, each in signs.items() if each * sign > 0}


@pytest.mark.parametrize("theme", THEMES)
def test_a_figure_is_json_with_one_layout_a_theme(theme: Theme) -> None:
    layout = BLOCK.picture(block(), Screen(theme)).figure["layout"]

    @given(scenes)
    def every(scene: Any) -> None:
        figure = BLOCK.picture(scene, Screen(theme)).figure
        assert json.loads(json.dumps(figure, allow_nan=False)) == figure
        assert figure["layout"] == layout
        sizes = list(sizes_of_text(figure))
        assert sizes
        assert min(sizes) >= 18

    every()
    assert layout["paper_bgcolor"] == PALETTES[theme].paper


def test_the_themes_differ_in_colours_only() -> None:
    light, dark = (json.dumps(BLOCK.picture(block(), Screen(theme)).figure) for theme in THEMES)
    assert light != dark
    for ours, theirs in zip(
        PALETTES["light"].__dict__.values(), PALETTES["dark"].__dict__.values(), strict=True
    ):
        light, dark = light.replace(f'"{ours}"', "#"), dark.replace(f'"{theirs}"', "#")
    assert light == dark


def test_every_cell_can_be_chosen_where_it_is_drawn() -> None:
    picture = BLOCK.picture(block())
    bars = picture.figure["data"][0]
    drawn = {
        (x - width / 2, base, width, height)
        for x, base, width, height in zip(
            bars["x"], bars["base"], bars["width"], bars["y"], strict=True
        )
    }
    assert {target.box for target in picture.targets} == drawn
    assert {target.entry for target in picture.targets} == set(lab(ZEROS, 0.0))


def test_what_is_heard_of_a_cell() -> None:
    heard = {target.entry: target.said for target in BLOCK.picture(block()).targets}
    assert heard["x1"] == "x1 = 1.5, gradient +2"
    assert heard["h2"] == "h2 = 0, gradient 0, not max"
    at_start = BLOCK.picture(block(step=0)).targets
    heard = {target.entry: target.said for target in at_start}
    assert heard["x1"] == "x1 = 1.5, gradient not computed yet"
    assert heard["a1"] == "a1, not computed yet"


# --- the sentences

SPLIT, FIRST = "pytorch-amax", "pytorch-max-pool"


@for_each(
    ("scene", "answer"),
    [
        (
            block(entry="x2"),
            "∂L/∂x₂ = 0: h₂ = 0 is not the maximum; its ReLU is inactive too (a₂ = −2).",
        ),
        (BLOCK.presets["all-negative"], "∂L/∂x₁ = 0: the ReLU is inactive at a₁ = −1."),
        (
            block(entry="x1"),
            (f"∂L/∂x₁ = +2: h₁ {ALL}, its ReLU is active (1), times w = 2."),
        ),
        (block(entry="x4"), "∂L/∂x₄ = 0: h₄ = 1 is not the maximum."),
        (
            block(entry="x5"),
            "∂L/∂x₅ = 0: h₅ = 0 is not the maximum; its ReLU is at its kink too (a₅ = 0).",
        ),
        (
            block(entry="h3"),
            f"∂L/∂h₃ = +1: h₃ {ALL}.",
        ),
        (block(entry="z"), "∂L/∂z = +1: the upstream gradient, which is given."),
        (block(entry="z", dz=-0.5), "∂L/∂z = −0.5: the upstream gradient, which is given."),
        (
            block(entry="x1", dz=-0.5),
            (f"∂L/∂x₁ = −1: ∂L/∂z = −0.5, h₁ {ALL}, its ReLU is active (1), times w = 2."),
        ),
        (block(entry="x1", dz=0.0), "∂L/∂x₁ = 0: the upstream gradient ∂L/∂z is 0."),
        (
            block(entry="x3", rule=FIRST),
            (
                "∂L/∂x₃ = 0: h₃ = 3 ties for the maximum, "
                "but this rule gives the gradient to h₁ alone."
            ),
        ),
        (
            replace(BLOCK.presets["relu-zero"], entry="x2", rule=SPLIT),
            "∂L/∂x₂ = 0: a₂ = 0 is the ReLU's kink, and this rule's slope there is 0.",
        ),
        (
            block(entry="x1", w=0.0),
            "∂L/∂x₁ = 0: the upstream gradient is multiplied by w = 0.",
        ),
        (
            BLOCK.presets["zero-weight"],
            (
                "∂L/∂w = +2.5: the sum of 4 contributions: +1.5 through a₁, +1.5 through a₃, −1 "
                "through a₂ and +0.5 through a₄."
            ),
        ),
        (
            replace(BLOCK.presets["all-negative"], entry="w"),
            "∂L/∂w = 0: the ReLU is inactive at a₁ = −1, and on its other 4 paths.",
        ),
        (
            block(x=ZEROS, w=1.0, entry="w"),
            "∂L/∂w = 0: the upstream gradient is multiplied by x₁ = x₂ = x₃ = x₄ = x₅ = 0.",
        ),
        (
            block(x=(1.0, -1.0, 0.0, 0.0, 0.0), w=0.0, entry="w"),
            "∂L/∂w = 0: the contributions cancel: 1 · 1 + (−1) · 1 = 0.",
        ),
        (
            block(entry="x2", step=4),
            "Max pool: h₁ and h₃ tie, and by this rule each of a tie gets all: +1 each.",
        ),
        (
            block(entry=""),
            "Choose a cell to see its gradient, its formula with numbers, and the reason.",
        ),
    ],
)
def test_the_answer(scene: Any, answer: str) -> None:
    assert said(scene)[0] == answer


@pytest.mark.parametrize(
    ("entry", "formula"),
    [
        ("x1", "∂L/∂x₁ = w · ∂L/∂a₁ = 2 · 1 = +2"),
        ("a2", "∂L/∂a₂ = (slope of ReLU at a₂ < 0) · ∂L/∂h₂ = 0 · 0 = 0"),
        ("h3", "∂L/∂h₃ = (share of h₃ in z) · ∂L/∂z = 1 · 1 = +1"),
    ],
)
def test_the_formula_has_its_numbers_plugged_in(entry: str, formula: str) -> None:
    assert said(block(entry=entry))[1] == formula


@pytest.mark.parametrize(
    ("passed", "entry", "formula"),
    [
        (  # what arrives is (0, 1): a₁'s product is 0
            trace(Conv1D(), [1.0, 2.0, 4.0], [2.0, 3.0], dout=[0, 1]),
            "x2",
            "∂L/∂x₂ = w₂ · ∂L/∂a₁ + w₁ · ∂L/∂a₂ = 3 · 0 + 2 · 1 = +2",
        ),
        (  # six of the eight that are not 0 are written out
            trace(Linear(), [[1.0, 0.0]], np.ones((16, 2)), dout=[[1.0, 0.0] * 8]),
            "x1,1",
            " + 2 more = +8 (the other 8 are 0)",
        ),
        (
            trace(Linear(), [[1.0, 0.0]], np.ones((16, 2)), dout=[[0.0] * 16]),
            "x1,1",
            "∂L/∂x₁‚₁ is a sum of 16 products, each of them 0",
        ),
        (
            trace(Linear(), [[1.0]], np.ones((16, 1)), dout=[[1.0] * 15 + [0.0]]),
            "x1,1",
            " = +15 (the other is 0)",
        ),
    ],
)
def test_a_long_formula_says_how_many_of_its_terms_are_0(
    passed: Trace, entry: str, formula: str
) -> None:
    lines = explain(passed, entry, letters(passed))
    assert lines[1].endswith(formula)


def test_the_formula_of_w_has_a_term_for_each_a() -> None:
    formula = said(block(entry="w"))[1]
    assert formula.endswith("= 1.5 · 1 + (−1) · 0 + 1.5 · 1 + 0.5 · 0 + 0 · 0 = +3")


def test_the_gradient_of_a_loss_is_1_its_derivative_by_itself() -> None:
    passed = trace(SoftmaxCrossEntropy([0]), [[1.0, 2.0]])
    assert explain(passed, "L", letters(passed))[0] == (
        "∂L/∂L = +1: the derivative of L by itself."
    )


@pytest.mark.parametrize("entry", ["x2", "w", "a1", "z"])
def test_what_l_is_is_said_once_where_it_is_simply_the_output(entry: str) -> None:
    assert said(block(entry=entry))[-1] == "Here L = z."
    assert not any("L = " in line for line in said(block(entry=entry, dz=-0.5)))
    assert not any("L = " in line for line in said(block(entry=entry, step=3)))


def test_a_zero_is_followed_back_to_where_it_was_stopped() -> None:
    chain = "Followed back: ∂L/∂x₂ = 0 ← ∂L/∂a₂ = 0 ← ∂L/∂h₂ = 0"
    assert chain in said(block(entry="x2"))
    assert "Followed back: ∂L/∂x₁ = 0 ← ∂L/∂a₁ = 0" in said(BLOCK.presets["all-negative"])
    assert not any("Followed back" in line for line in said(block(entry="h2")))


def test_a_zero_that_is_rounded_is_not_said_to_cancel() -> None:
    # 1e17 + 1 is written 1e17, less 1e17.
    traced = trace(Linear(), [[0.0]], np.ones((3, 1)), dout=[[1e17, 1, -1e17]])
    assert explain(traced, "s1,1", Naming((("s", "w"),), "y"))[0] == (
        "∂L/∂s₁‚₁ = 0: the contributions nearly cancel, and the rest is lost in rounding."
    )


@pytest.mark.parametrize(("pairs", "rest"), [(3, ""), (5, " + 4 more")])
def test_six_contributions_that_cancel_are_written_out_and_the_rest_counted(
    pairs: int, rest: str
) -> None:
    traced = trace(Linear(), [[0.0]], [[1.0], [-1.0]] * pairs)
    shown = " + ".join(["1 · 1", "(−1) · 1"] * 3)
    assert explain(traced, "s1,1", Naming((("s", "w"),), "y"))[0] == (
        f"∂L/∂s₁‚₁ = 0: the contributions cancel: {shown}{rest} = 0."
    )


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (3, "z = max(x₁, x₂, x₃) = max(1, 2, 3) = 3."),
        (9, "z = max(x) = max(1, 2, 3, 4, 5, 6, 7, 8, 9) = 9."),
        (10, "z = max(x) = 10."),
    ],
)
def test_each_number_of_a_window_of_up_to_nine_is_said(size: int, said: str) -> None:
    passed = trace(MaxPool(), np.arange(1.0, size + 1))
    assert value_line(entries(passed, letters(passed))["z"]) == said


@every_layer
def test_a_formula_of_a_value_is_true(row: Row) -> None:
    random = np.random.default_rng(1)
    inputs = [random.integers(-2, 3, shape).astype(float) for shape in row.shapes]
    passed = trace(row.make(), *inputs, kinks=RULES["jax-max"].kinks)
    naming = letters(passed)
    for position, step in enumerate(passed.steps):
        words = step.layer.words
        named = words.value.startswith(f"{words.name}(")  # it says no more than its own name
        if words.value.strip("{}") == "inputs":  # each output is an input as it is
            assert np.isin(step.output, np.concatenate([*map(np.ravel, step.inputs)])).all()
            continue
        if named or "{" not in words.value:
            continue
        for index in [*np.ndindex(step.output.shape)][:4]:
            entry = Entry(passed, naming, position, 0, ()).output(position, index)
            *_, made, value = value_line(entry).removesuffix(".").split(" = ")
            if made == entry.name:  # of padding alone
                assert value == "0"
                continue
            made = re.sub(r" \(the bias [^ ]*\)", "", made)
            try:
                found = worked_out(made)
            except (SyntaxError, NameError) as error:
                error.add_note(f"in Words.value: write Python, or {words.name}({{inputs}})")
                raise
            assert found == pytest.approx(worked_out(value), rel=1e-4), value_line(entry)


def test_where_the_rule_decides_each_rule_is_named_with_its_number() -> None:
    # x₁ and x₃ tie, w = 2, and every ReLU on the way is open: only the share counts.
    for entry, first in (("x1", "+2"), ("x3", "0")):
        share = {"all": "+2", "first": first, "split": "+1"}
        by_number: dict[str, list[str]] = {}
        for rule in RULES.values():
            if rule.slug == "cs231n-im2col":
                continue  # a rule for windows that do not tile the input
            by_number.setdefault(share[rule.kinks.pool_ties], []).append(rule.short)
        groups = "; ".join(f"{number} in {', '.join(rules)}" for number, rules in by_number.items())
        assert said(block(entry=entry))[-2] == f"The rule decides here: {groups}."


@given(scenes)
def test_the_rule_decides_exactly_where_another_gives_another_number(scene: Any) -> None:
    scene = replace(scene, step=LAST_STEP, entry="x1")
    trace = BLOCK.trace(scene)
    gradients = {trace.under(rule.kinks).grads[0][0].item() for rule in RULES.values()}
    decided = any(line.startswith("The rule decides here: ") for line in said(scene))
    assert decided == (len(gradients) > 1)


NETWORKS: dict[str, tuple[Layer, list[tuple[int, ...]]]] = {
    "windows that overlap": (Sequential(ReLU(), MaxPool(3, 1), ReLU(), MaxPool()), [(5,)]),
    "a residual connection": (
        Sequential(Residual(Sequential(Conv1D(padding=1), ReLU())), MaxPool(2)),
        [(4,), (3,)],
    ),
    "one that is read twice": (
        Graph(("h", ReLU(), "x"), ("m", Maximum(), "h", "x"), ("z", MaxPool(2), "m")),
        [(4,)],
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
@given(data=st.data())
def test_every_entry_of_a_network_says_whether_the_rule_decides_its_gradient(
    name: str, data: st.DataObject
) -> None:
    layer, shapes = NETWORKS[name]
    inputs = [data.draw(arrays(float, shape, elements=st.integers(-1, 1))) for shape in shapes]
    rule = data.draw(st.sampled_from(["pytorch-max-pool", "pytorch-amax"]))
    passed = trace(layer, *inputs, kinks=RULES[rule].kinks)
    others = [passed.under(rules[0].kinks) for rules in groups(layer.kink_choices).values()]
    for entry in entries(passed, letters(passed)).values():
        gradients = {float(other.grad(entry.number)[entry.index]) for other in others}
        decided = any(each.startswith("The rule decides here: ") for each in explain_entry(entry))
        assert decided == (len(gradients) > 1)


@pytest.mark.parametrize(
    ("sent", "lines"),
    [
        ((1, 1, 1, 1), ["Here L = h₁ + h₂ + h₃ + h₄."]),
        ((-1, 0, 2, -0.5), ["Here L = −h₁ + 2 · h₃ − 0.5 · h₄."]),
        ((0, 0), ["Here L = 0."]),
        ((1, 1, 1, 1, 1), ["Here L = the sum of all 5 entries of h."]),
        ((1, 1, 1, 1, 2), []),
        ((0, 0, 2, 0, 0, -1), ["Here L = 2 · h₃ − h₆."]),
    ],
)
def test_what_the_loss_is_of_several_outputs(sent: tuple[float, ...], lines: list[str]) -> None:
    passed = trace(ReLU(), [1.0] * len(sent), dout=sent)
    assert weighted_loss(passed, Naming((("a",),), "h")) == lines


def test_a_loss_is_not_said_to_be_a_multiple_of_itself() -> None:
    passed = trace(SoftmaxCrossEntropy([0]), [[1.0, 2.0]], dout=-2.0)
    assert weighted_loss(passed, letters(passed)) == []
    assert not any(line.startswith("Here L") for line in explain(passed, "x1,1", letters(passed)))
