"""The page of the minibatch: each example as if it were alone, and one gradient of w for all."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import RULES
from pages.derive.derivation import DerivedScene
from pages.derive.page import Impossible
from pages.derive.picture import Screen
from pages.explore.minibatch import EXAMPLES, LENGTH, QUESTIONS, SNAPS, shares, sum_of_shares
from pages.export import extent
from pages.figures.array_maps import apart
from pages.figures.edges import ends
from pages.figures.info import GraphInfo
from pages.figures.primitives import middle_of
from pages.state.codecs import GRID
from pages.state.predict import Exercise, wrong
from pages.sweep import sweep
from tests.pages.boxes import assert_well_arranged
from tests.pages.lab import lab
from tests.pages.scenes import BATCH, batch
from tests.pages.test_overlaps import said

on_grid = st.integers(-6, 6).map(lambda step: step * GRID)
scenes = st.builds(
    batch,
    x=st.tuples(*[on_grid] * EXAMPLES * LENGTH),
    w=on_grid,
    dz=st.tuples(*[on_grid] * EXAMPLES),
)


def own_x(scene: Any, n: int) -> tuple[float, ...]:
    return tuple(scene.x[n * LENGTH : (n + 1) * LENGTH])


def described(scene: Any) -> GraphInfo:
    return BATCH.describe(BATCH.trace(scene), scene)


@given(scenes)
def test_each_example_is_the_labs_block(scene: Any) -> None:
    cells = described(scene).cells
    total = 0.0
    for n in range(EXAMPLES):
        alone = dict(lab(own_x(scene, n), scene.w, scene.dz[n]))
        share, z = alone.pop("w"), alone.pop("z")
        assert (cells[f"share{n + 1}"].value, cells[f"share{n + 1}"].grad) == share
        assert (cells[f"z{n + 1}"].value, cells[f"z{n + 1}"].grad) == z
        for entry, pair in alone.items():
            cell = cells[f"{entry[0]}{n + 1},{entry[1:]}"]
            assert (cell.value, cell.grad) == pair
        total += share[1] or 0
    assert (cells["w"].value, cells["w"].grad) == (scene.w, total)


@pytest.mark.parametrize("slug", BATCH.presets)
def test_on_a_phone_no_edge_begins_at_what_all_examples_share(slug: str) -> None:
    scene = BATCH.presets[slug]
    info = described(scene)
    shared = {entry for entry, cell in info.cells.items() if cell.letter in ("w", "share")}
    drawn, maps, between = apart(info, BATCH.narrow(scene))
    assert drawn.cells == info.cells
    assert shared & {edge.tail for edge in info.edges}, "on a projector they are drawn"
    assert drawn.edges == tuple(edge for edge in info.edges if edge.tail not in shared)
    assert drawn.gates == tuple(gate for gate in info.gates if gate.tail not in shared)
    assert (maps, between) == ([], [])


@given(scenes, st.sampled_from(list(RULES)))
@settings(max_examples=40)
def test_the_batch_is_the_sum_of_its_examples_under_every_rule(scene: Any, rule: str) -> None:
    batch = BATCH.trace(replace(scene, rule=rule))
    assert float(batch.grads[1].sum()) == pytest.approx(sum(share.grad for share in shares(batch)))


@given(scenes)
@settings(max_examples=40)
def test_the_ways_to_w_carry_the_shares_and_the_ways_to_them_what_they_are_made_of(
    scene: Any,
) -> None:
    info = described(scene)
    into_w = [edge for edge in info.edges if edge.tail == "w"]
    assert [edge.head for edge in into_w] == ["share1", "share2", "share3"]
    assert sum(edge.amount for edge in into_w) == info.cells["w"].grad
    for n, edge in enumerate(into_w, 1):
        assert edge.amount == info.cells[f"share{n}"].grad
        parts = [part for part in info.edges if part.tail == f"share{n}"]
        assert [part.head for part in parts] == [f"a{n},{i + 1}" for i in range(LENGTH)]
        assert sum(part.amount for part in parts) == edge.amount
    assert info.counts["share"] == (sum(bool(edge.amount) for edge in into_w), EXAMPLES)


def test_on_a_phone_a_heading_stands_over_its_column_and_the_shares_add_up() -> None:
    layout = BATCH.narrow(BATCH.start)
    columns = {"input": "x1,1", "Conv": "a1,1", "ReLU": "h1,1", "Max pool": "z1"}
    assert {each.title: each.at[0] for each in layout.headings} == {
        title: middle_of(layout.boxes[entry])[0] for title, entry in columns.items()
    }
    for exercise in (None, Exercise()):  # that shares add up tells no answer
        figure = BATCH.picture(BATCH.start, Screen(exercise=exercise, narrow=True)).figure
        at = [*extent.texts(figure)]
        signs = [
            (each.x, sign)
            for each in at
            if (sign := said(figure, each)) in ("<b>+</b>", "<b>=</b>")
        ]
        assert [sign for _, sign in sorted(signs)] == ["<b>+</b>", "<b>+</b>", "<b>=</b>"]


# --- sentences


def test_the_sum_is_written_out() -> None:
    assert list(BATCH.picture(batch()).explanation) == [
        "∂L/∂w = +3.5: the sum of 2 contributions: +2 through a₃‚₂ and +1.5 through a₁‚₁.",
        "∂L/∂w = x₁‚₁ · ∂L/∂a₁‚₁ + x₃‚₂ · ∂L/∂a₃‚₂ = 1.5 · 1 + 2 · 1 = +3.5 (the other 7 are 0)",
        "w influences 9 entries of a: a₁‚₁, a₁‚₂, a₁‚₃, a₂‚₁, a₂‚₂, a₂‚₃, a₃‚₁, a₃‚₂, a₃‚₃.",
        "∂L/∂w = ∂L/∂w⁽¹⁾ + ∂L/∂w⁽²⁾ + ∂L/∂w⁽³⁾ = 1.5 + 0 + 2 = +3.5: 2 of 3 examples contribute.",
    ]
    cancelled = BATCH.picture(BATCH.presets["shares-cancel"]).explanation
    assert cancelled[0] == "∂L/∂w = 0: the contributions cancel: 1.5 · 1 + 0.5 · 1 + 2 · (−1) = 0."
    assert cancelled[-1].endswith(" = 1.5 + 0.5 + (−2) = 0: 3 of 3 examples contribute.")
    alone = BATCH.picture(batch(x=(1.5, *[-1.0] * 8))).explanation
    assert alone[-1].endswith(" = 1.5 + 0 + 0 = +1.5: 1 of 3 examples contributes.")


@pytest.mark.parametrize("narrow", [False, True])
def test_the_name_of_an_example_stands_beside_its_first_entry(narrow: bool) -> None:
    layout = BATCH.narrow(BATCH.start) if narrow else BATCH.layout(BATCH.start)
    figure = BATCH.picture(BATCH.start, Screen(narrow=narrow)).figure
    at = {said(figure, each): each.y for each in extent.texts(figure)}
    for n in range(1, EXAMPLES + 1):
        assert at[f"example {n}"] == middle_of(layout.boxes[f"x{n},1"])[1]


@pytest.mark.parametrize("narrow", [False, True])
def test_a_line_across_the_picture_lies_between_each_example_and_the_next(narrow: bool) -> None:
    layout = BATCH.narrow(BATCH.start) if narrow else BATCH.layout(BATCH.start)
    figure = BATCH.picture(BATCH.start, Screen(narrow=narrow)).figure
    spans = [
        (layout.boxes[f"x{n},1"][1], sum(layout.boxes[f"x{n},{LENGTH}"][1::2]))
        for n in range(1, EXAMPLES + 1)
    ]
    levels = {
        y
        for each in figure["data"]
        if each.get("mode") == "lines"
        for x, y, to_x, to_y in zip(
            each["x"], each["y"], each["x"][1:], each["y"][1:], strict=False
        )
        if y == to_y and abs(to_x - x) > 0.9 * layout.width
    }
    assert len(levels) == EXAMPLES - 1
    for (_, above), level, (below, _) in zip(spans, sorted(levels), spans[1:], strict=False):
        assert above < level < below


def test_a_share_is_explained_by_its_own_example() -> None:
    assert list(BATCH.picture(batch(entry="share3")).explanation) == [
        (
            "∂L/∂w⁽³⁾ = +2: ∂L/∂z₃ = +1, h₃‚₂ is the maximum (1), its ReLU is active (1), times "
            "x₃‚₂ = 2."
        ),
        (
            "∂L/∂w⁽³⁾ = x₃‚₁ · ∂L/∂a₃‚₁ + x₃‚₂ · ∂L/∂a₃‚₂ + x₃‚₃ · ∂L/∂a₃‚₃ = "
            "0.5 · 0 + 2 · 1 + (−1.5) · 0 = +2"
        ),
        "w⁽³⁾ influences 3 entries of a₃: a₃‚₁, a₃‚₂, a₃‚₃.",
        "It is what example 3 adds to ∂L/∂w.",
    ]
    (first, *_) = BATCH.picture(batch(entry="share2")).explanation
    assert first == "∂L/∂w⁽²⁾ = 0: the ReLU is inactive at a₂‚₁ = −2, and on its other 2 paths."
    (first, *_) = BATCH.picture(batch(entry="share1", dz=(0, 1, 1))).explanation
    assert first == "∂L/∂w⁽¹⁾ = 0: the upstream gradient ∂L/∂z₁ is 0."
    kept = batch(entry="share2")
    assert batch().updated(kept.query()) == (kept, [])


def test_another_examples_maximum_does_not_matter() -> None:
    (first, *_) = BATCH.picture(batch(entry="x1,2")).explanation
    assert first == (
        "∂L/∂x₁‚₂ = 0: h₁‚₂ = 0 is not the maximum of z₁'s window; "
        "its ReLU is inactive too (a₁‚₂ = −2)."
    )


def texts(scene: Any, exercise: Exercise | None = None) -> set[str]:
    figure = BATCH.picture(scene, Screen(exercise=exercise)).figure
    return {text for trace in figure["data"] for text in trace.get("text", ())}


def test_shares_are_predicted_like_any_other_gradient() -> None:
    scene, said = batch(), "<b>∂L/∂w = 1.5 + 0 + 2 = +3.5</b>"
    assert said in texts(scene)
    assert said not in texts(scene, Exercise())
    revealed = Exercise(frozenset({"share2", "w"}), revealed=True, everywhere=True)
    assert said in texts(scene, revealed)
    info = revealed.over(described(scene))
    assert {"share1", "share2", "share3"} <= set(wrong(info))
    for entry, reason in (
        ("share1", "∂L/∂w⁽¹⁾ = +1.5: ∂L/∂z₁ = +1, h₁‚₁ is"),
        ("share2", "∂L/∂w⁽²⁾ = 0: the ReLU is inactive"),
    ):
        told = BATCH.picture(scene.having("entry", entry), Screen(exercise=revealed))
        assert told.explanation[0].startswith(reason)


@pytest.mark.parametrize(
    ("own", "dz", "said"),
    [
        ((3.5, 3, 3.75), (-4, 3.75, 0.75), "(−14) + 11.25 + 2.8125 = +0.0625"),
        ((1 / 3, -1, -1), (2, 1, 1), "∂L/∂w = ⅔ + 0 + 0 = +⅔"),
        # With six digits (−8.75) + 14 + (−0.8125) = +4.4375.
        ((2.5, 4, 3.25), (-3.5, 3.5, -0.25), "(−8.75) + 14 + (−0.813) ≈ +4.44"),
        # With six (−12.1875) + (−6.25) + 22.75: no shorter way of writing them adds up.
        ((3.75, 2.5, 3.25), (-3.25, -2.5, 7), "∂L/∂w = +4.3125"),
        ((1e-300,) * 3, (-4,) * 3, "∂L/∂w = −1.2e−299"),
    ],
)
def test_the_written_shares_add_up_to_the_written_sum(
    own: tuple[float, ...], dz: tuple[float, ...], said: str
) -> None:
    x = [each for first in own for each in (first, -1.0, -1.0)]
    assert f"<b>{said}</b>" in texts(batch(x=tuple(x), dz=dz, w=1.0))


def test_a_sum_that_six_digits_round_is_said_to_be_rounded() -> None:
    told = BATCH.picture(batch(x=(1.2345678,) * 9, dz=(1, 1, 1), rule="jax-max")).explanation
    assert " = 1.23457 + 1.23457 + 1.23457 ≈ +3.7037: " in told[-1]


# --- presets, snaps, questions

COARSE = list(product(range(-4, 5), repeat=EXAMPLES))
NEAR = list(product((-2 * GRID, -GRID, 0.0, GRID, 2 * GRID), repeat=EXAMPLES))
"""Changes of the upstream gradients to neighbouring ones."""


def cancels(dz: Sequence[float], alone: Sequence[float]) -> bool:
    """Whether at least two shares are nonzero under these upstream gradients, and sum to 0."""
    products = [arriving * each for arriving, each in zip(dz, alone, strict=True)]
    return sum(products) == 0 and sum(map(bool, products)) >= 2


def far(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("one-without-share", "∂L/∂w = 1.5 + 0 + 2 = +3.5"),
        ("all-contribute", "∂L/∂w = 1.5 + 1 + 2 = +4.5"),
        ("all-negative", "∂L/∂w = 0 + 0 + 0 = 0"),
        ("shares-cancel", "∂L/∂w = 1.5 + 0.5 + (−2) = 0"),
        ("tie-in-one", "∂L/∂w = 3 + 0 + 2 = +5"),
    ],
)
def test_a_preset_is_what_it_is_called(slug: str, said: str) -> None:
    assert sum_of_shares(BATCH.trace(BATCH.presets[slug])) == said


@given(scenes)
@example(batch(x=(1.5, -1.0, -1.0, *[1.0, -1.0, -1.0] * 2), w=1.0, dz=(0.5, -3.75, 2.5)))
@example(batch(x=(0.09375, *[-1.0] * 2, 3.75, *[-1.0] * 5), w=1.0))  # shares of 1 : 40
@settings(max_examples=40)
def test_shares_cancel_by_the_least_change(scene: Any) -> None:
    found = SNAPS["shares cancel"](scene)
    alone = [lab(own_x(scene, n), scene.w)["w"][1] or 0.0 for n in range(EXAMPLES)]
    beside = [tuple(map(sum, zip(scene.dz, by, strict=True))) for by in NEAR]
    others = [dz for dz in (*COARSE, *beside) if cancels(dz, alone)]
    if isinstance(found, Impossible):
        assert others == []
        assert found.reason == (
            "Fewer than two examples can contribute: nothing cancels."
            if sum(share != 0 for share in alone) < 2
            else "No upstream gradients on the sliders' grid let these shares cancel."
        )
        return
    info = described(found)
    assert (info.cells["w"].grad, info.cells["w"].reason) == (0, "cancelled")
    assert cancels(found.dz, alone)
    assert replace(found, dz=scene.dz) == scene
    assert all(far(found.dz, scene.dz) <= far(dz, scene.dz) for dz in others)


@pytest.mark.parametrize(
    ("x", "dz"),
    [
        ((1.5, -1.0, 0.5, -1.0, 0.5, -0.5, 0.5, 2.0, -1.5), (0.125, 0.125, -0.125)),
        # If one share is 40 times the other, no gradients on the grid make them cancel.
        ((0.09375, *[-1.0] * 2, 3.75, *[-1.0] * 5), (2.5, -0.0625, 1.0)),
    ],
)
def test_shares_that_cancel_off_the_grid_stay(x: tuple[float, ...], dz: tuple[float, ...]) -> None:
    scene = batch(x=x, dz=dz)
    assert described(scene).cells["w"].reason == "cancelled"
    assert SNAPS["shares cancel"](scene) == scene


@given(scenes)
@settings(max_examples=40)
def test_the_snap_one_all_negative_moves_a_single_example(scene: Any) -> None:
    found = SNAPS["one all negative"](scene)
    if scene.w == 0:
        assert found == Impossible("At w = 0 every a is 0: move w first.")
        return
    assert isinstance(found, DerivedScene)
    negative = [all(scene.w * x < 0 for x in own_x(found, n)) for n in range(EXAMPLES)]
    assert any(negative)
    moved = [own_x(found, n) != own_x(scene, n) for n in range(EXAMPLES)]
    assert sum(moved) <= 1
    sunk = -GRID if scene.w > 0 else GRID
    whole = [sum(abs(sunk - x) for x in own_x(scene, n) if x * sunk <= 0) for n in range(EXAMPLES)]
    assert far(found.x, scene.x) == min(whole), "it is the one that has it least far"
    assert all(low for low, went in zip(negative, moved, strict=True) if went)
    assert described(found).cells[f"share{negative.index(True) + 1}"].grad == 0


def test_the_questions_are_answered_by_the_engine() -> None:
    scene = batch()
    found = [question.answer(BATCH.trace(question.set_up(scene))) for question in QUESTIONS]
    assert found == [3, 2, 3, 0, 3]
    everywhere = batch(x=(-1.0,) * EXAMPLES * LENGTH)
    assert QUESTIONS[0].answer(BATCH.trace(everywhere)) == 0


# --- the layout, and its sliders


@pytest.mark.parametrize("narrow", [False, True])
def test_the_page_is_well_arranged(narrow: bool) -> None:
    layout = (BATCH.narrow if narrow else BATCH.layout)(batch())
    assert_well_arranged(layout)
    assert set(layout.boxes) == set(described(batch()).cells)


def test_the_shares_are_a_column_between_two_ways_each_and_free_of_those_to_w() -> None:
    layout = BATCH.layout(batch())
    boxes = layout.boxes
    for n in range(1, EXAMPLES + 1):
        _, top, _, height = boxes[f"share{n}"]
        ways = [box[1] + box[3] / 2 for entry, box in boxes.items() if entry[:3] == f"x{n},"]
        assert ways[0] + 5 < top < top + height < ways[1] - 5
        (at, _), (to, _) = ends(boxes["w"], boxes[f"share{n}"], layout, "w")
        assert boxes["x1,1"][0] + boxes["x1,1"][2] + 20 < to < at - 10
    assert len({boxes[f"share{n}"][0] for n in range(1, EXAMPLES + 1)}) == 1


@pytest.mark.parametrize("name", ["x1,1", "x3,3", "w", "dz2"])
def test_each_slider_is_swept(name: str) -> None:
    scene = batch()
    sliders = {slider.name: slider for slider in BATCH.sliders(scene)}
    assert {*sliders, "step"} == set(scene.entry_names())
    values = sliders[name].values
    text = sweep(BATCH, scene, name, values, "key")
    assert text is not None
    assert len(json.loads(text)["frames"]) == len(values)
