"""The page of max pooling alone: its windows, numbers, snaps and questions."""

from dataclasses import replace
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import RULES, MaxPool
from pages.derive.derivation import DerivedScene, derived
from pages.derive.page import Impossible
from pages.derive.picture import Screen
from pages.derive.snaps import EPSILON, POOLING
from pages.explore.additions import WINDOWS_BEHIND
from pages.explore.max_pool import (
    LENGTH,
    MOST_OUTPUTS,
    PADDINGS,
    PAGE,
    QUESTIONS,
    SIZES,
    STRIDES,
    WHOLE,
)
from pages.state.codecs import GRID
from pages.sweep import sweep
from tests.for_each import for_each
from tests.pages.boxes import assert_well_arranged
from tests.pages.scenes import POOL, pool

SETTINGS = [
    (size, stride, padding)
    for size, stride, padding in product(SIZES, STRIDES, PADDINGS)
    if size == WHOLE or int(padding) < int(size)
]


def with_setting(setting: tuple[str, ...], scene: Any | None = None) -> Any:
    size, stride, padding = setting
    return replace(scene or pool(), size=size, stride=stride, padding=padding)


on_grid = st.integers(-4, 4).map(lambda step: step * GRID)
scenes = st.builds(
    with_setting,
    st.sampled_from(SETTINGS),
    st.builds(
        pool,
        h=st.tuples(*[on_grid] * LENGTH),
        dz=st.tuples(*[on_grid] * MOST_OUTPUTS),
        rule=st.sampled_from(list(RULES)),
        entry=st.sampled_from(["", "h1", "h5", "z", "z1", "z7"]),
    ),
)


def seen(scene: Any) -> list[list[int]]:
    """The entries that each window reads, counted as on paper."""
    if scene.size == WHOLE:
        return [list(range(LENGTH))]
    size, stride, padding = int(scene.size), int(scene.stride), int(scene.padding)
    firsts = range(-padding, LENGTH + padding - size + 1, stride)
    return [[i for i in range(at, at + size) if 0 <= i < LENGTH] for at in firsts]


def by_hand(scene: Any) -> tuple[list[float], list[float]]:
    """z, and dh under the scene's rule, computed entry by entry."""
    z, dh = [], [0.0] * LENGTH
    for window, dz in zip(seen(scene), scene.dz, strict=False):
        largest = max(scene.h[i] for i in window)
        winners = [i for i in window if scene.h[i] == largest]
        ties = RULES[scene.rule].kinks.pool_ties
        given_to = winners[:1] if ties == "first" else winners
        for i in given_to:
            dh[i] += dz / len(winners) if ties == "split" else dz
        z.append(largest)
    return z, dh


@given(scenes)
def test_the_picture_shows_what_one_computes_by_hand(scene: Any) -> None:
    info = POOL.describe(POOL.trace(scene), scene)
    z, dh = by_hand(scene)
    shown = [cell.value for cell in info.cells.values() if cell.letter == "z"]
    assert shown == z
    assert [info.cells[f"h{i + 1}"].grad for i in range(LENGTH)] == pytest.approx(dh)
    unread = {i for i in range(LENGTH) if not any(i in window for window in seen(scene))}
    assert unread == {i for i in range(LENGTH) if info.cells[f"h{i + 1}"].reason == "unused"}


def dh(scene: Any) -> list[float]:
    return [float(grad) for grad in POOL.trace(scene).grads[0]]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("pytorch-max-pool", [1, 1, 0, 2, 0]),
        ("lab", [1, 2, 0, 2, 1]),
        ("jax-max", [0.5, 1.5, 0, 1.5, 0.5]),
    ],
)
def test_an_entry_that_wins_two_windows_collects_two_gradients(
    rule: str, expected: list[float]
) -> None:
    assert dh(replace(POOL.presets["overlap"], rule=rule)) == expected


def test_presets_are_true_to_their_names() -> None:
    assert dh(POOL.presets["whole-axis"]) == [0, 1, 0, 1, 0]
    assert dh(POOL.presets["two-gradients"]) == [0, 0, 2, 0, 0]
    assert POOL.picture(POOL.presets["cancelled"]).explanation[0] == (
        "∂L/∂h₃ = 0: the contributions cancel: 1 · 1 + 1 · (−1) = 0."
    )
    for slug, entry in (("gaps", 3), ("left-over", 5)):
        said = POOL.picture(POOL.presets[slug]).explanation[0]
        assert said == f"∂L/∂h{'₃₅'[entry // 5]} = 0: no output depends on h{'₃₅'[entry // 5]}."
    assert (POOL.trace(POOL.presets["padding"]).output < 0).all()
    assert len(set(POOL.presets["all-equal"].h)) == 1


def test_the_tie_that_was_lost_is_told_of_the_window_where_it_was() -> None:
    # h3 reads three windows: it is not the maximum of the first, nor of the last.
    scene = pool(h=(4.0, 3.0, 3.0, 1.0, 3.5), size="3", entry="h3")
    assert POOL.picture(scene).explanation[0] == (
        "∂L/∂h₃ = 0: h₃ = 3 ties for the maximum of z₂'s window, but this rule gives the gradient "
        "to h₂ alone; it is not the maximum of z₁'s window or z₃'s window."
    )


# --- settings that do not go together


def test_padding_stays_below_the_size() -> None:
    for size, padding in product(SIZES[1:], PADDINGS):
        scene, said = pool(size=size, padding=padding).possible()
        POOL.trace(scene)
        assert scene.padding == min(padding, str(int(size) - 1))
        assert bool(said) == (scene.padding != padding)


@for_each("size", SIZES)
def test_no_setting_is_offered_that_cannot_be_had(size: str) -> None:
    scene = pool(size=size)
    offered = {select.field: {*select.labels} for select in PAGE.controls(scene)}
    padding = {each for each in PADDINGS if not replace(scene, padding=each).possible()[1]}
    windows = {"stride": {*STRIDES}, "padding": padding} if size != WHOLE else {}
    assert offered == {"size": {*SIZES}, **windows}


def test_an_address_that_asks_for_too_much_padding_is_told_so() -> None:
    scene, said = pool().updated({"size": "1", "padding": "2"})
    assert (scene.size, scene.padding) == ("1", "0")
    (sentence,) = said
    assert sentence == (
        "A window of 1 with a padding of 2 might see padding alone, which has no maximum: "
        "the padding is 0 instead."
    )


# --- the layout, the windows, the sliders


@for_each("setting", SETTINGS)
def test_every_setting_is_well_arranged(setting: tuple[str, ...]) -> None:
    scene = with_setting(setting)
    layout = POOL.layout(scene)
    assert_well_arranged(layout)
    sliders = POOL.sliders(scene)
    assert [*(slider.name for slider in sliders), "step"] == list(scene.entry_names())
    assert len(sliders) == len(layout.boxes)
    # Each slider is level with its cell.
    for slider, (_, top, _, height) in zip(sliders, layout.boxes.values(), strict=True):
        assert slider.top == top + height / 2


@for_each("setting", SETTINGS)
def test_a_bracket_encloses_what_its_window_reads_and_lies_on_no_other(
    setting: tuple[str, ...],
) -> None:
    scene = with_setting(setting)
    boxes = POOL.layout(scene).boxes
    drawn = POOL.picture(scene).figure["data"]
    traces = [trace for trace in drawn if trace.get("zorder") == -1 and trace["y"]]
    brackets = [trace["y"] for trace in traces]
    enclosed = [
        [
            i
            for i in range(LENGTH)
            if min(bracket) - 1 <= boxes[f"h{i + 1}"][1]
            and boxes[f"h{i + 1}"][1] + boxes[f"h{i + 1}"][3] <= max(bracket) + 1
        ]
        for bracket in brackets
    ]
    assert enclosed == seen(scene)
    spines = [max(trace["x"]) for trace in traces]
    for (one, reads), (other, also) in combinations(zip(spines, seen(scene), strict=True), 2):
        assert one != other or not {*reads} & {*also}


@for_each("narrow", [False, True])
@for_each("entry", ["", "h1", "h2", "h3", "z1", "z2"])
def test_the_windows_of_what_is_chosen_stand_out_and_open_towards_what_they_read(
    entry: str, narrow: bool
) -> None:
    scene = pool(size="3", stride="2", entry=entry)
    of_entry = {
        at for at, window in enumerate(seen(scene)) if entry == f"z{at + 1}"
        or entry in {f"h{i + 1}" for i in window}
    }  # fmt: skip
    data = POOL.picture(scene, Screen(narrow=narrow)).figure["data"]
    brackets = [each for each in data if each.get("zorder") == -1 and len(each["x"]) == 4]
    areas = [each for each in data if each.get("zorder") == -2]
    assert len(brackets) == len(areas) == len(seen(scene))
    thin = min(each["line"]["width"] for each in brackets)
    for at, (bracket, area) in enumerate(zip(brackets, areas, strict=True)):
        first, back, along, last = bracket["y" if narrow else "x"]
        assert first == last < back == along
        opacity = float(area["fillcolor"].rpartition(",")[2].rstrip(")"))
        assert (opacity > 0.1) == (at in of_entry)
        if of_entry and len(of_entry) < len(brackets):
            assert (bracket["line"]["width"] > thin) == (at in of_entry)


@for_each("narrow", [False, True])
def test_a_window_that_reaches_beyond_the_input_ends_with_it(narrow: bool) -> None:
    rounded_up = derived(
        "up", MaxPool(2, 2, ceil_mode=True), [(1.0, 3.0, 2.0)], additions=(WINDOWS_BEHIND,)
    )
    start = rounded_up.start
    figure = rounded_up.picture(start, Screen(narrow=narrow)).figure
    layout = rounded_up.narrow(start) if narrow else rounded_up.layout(start)
    along, axis = (0, "x") if narrow else (1, "y")
    middle = [layout.boxes[x][along] + layout.boxes[x][along + 2] / 2 for x in ("x1", "x2", "x3")]
    brackets = [each for each in figure["data"] if each.get("zorder") == -1 and len(each["x"]) == 4]
    middles = [(min(each[axis]) + max(each[axis])) / 2 for each in brackets]
    assert middles == pytest.approx([(middle[0] + middle[1]) / 2, middle[2]], abs=1)


@given(scenes)
@settings(max_examples=30)
def test_a_state_that_differs_in_its_numbers_alone_has_the_same_traces(scene: Any) -> None:
    other = replace(scene, h=pool().h, dz=pool().dz)
    one, two = POOL.picture(scene).figure, POOL.picture(other).figure
    assert one["layout"] == two["layout"]
    assert [each["type"] for each in one["data"]] == [each["type"] for each in two["data"]]


@pytest.mark.parametrize("setting", [("2", "1", "0"), ("3", "1", "2"), (WHOLE, "1", "0")])
def test_every_slider_is_swept(setting: tuple[str, ...]) -> None:
    scene = with_setting(setting)
    for slider in POOL.sliders(scene)[LENGTH - 1 : LENGTH + 1]:
        values = slider.values
        assert sweep(POOL, scene, slider.name, values, "key")


def test_the_upstream_gradient_of_a_scalar_has_a_name_of_its_own() -> None:
    scene = pool(size=WHOLE)
    assert scene.moved("dz", -2.0).dz[0] == -2.0
    assert dh(replace(scene.moved("dz", -2.0), h=(0.0, 1.0, 0.0, 0.0, 0.0))) == [0, -2, 0, 0, 0]


# --- snaps and questions


@given(scenes)
def test_after_make_a_tie_some_window_has_one(scene: Any) -> None:
    found = POOLING["make a tie"](scene)
    gaps = [
        ordered[0] - ordered[1]
        for window in seen(scene)
        if len(window) > 1
        for ordered in [sorted((scene.h[i] for i in window), reverse=True)]
    ]
    if isinstance(found, Impossible):
        assert not gaps
        assert found.reason == "Every window has one entry alone: nothing can tie with it."
        return
    moved = np.abs(np.array(found.h) - scene.h).sum()
    assert moved == min(gaps)
    assert min(np.subtract(found.h, scene.h)) == 0, "the runner-up is raised"
    assert any(
        sum(found.h[i] == max(found.h[j] for j in window) for i in window) > 1
        for window in seen(found)
    )


def test_the_chosen_entry_can_be_nudged() -> None:
    """A nudge away from a tie shows its two sides."""
    for name, shift in (("nudge +ε", EPSILON), ("nudge −ε", -EPSILON)):
        found = POOLING[name](pool(h=(0.0, 2.0, 1.0, 3.0, 3.0), entry="h4"))
        assert isinstance(found, DerivedScene)
        assert found.h == (0.0, 2.0, 1.0, 3.0 + shift, 3.0)


@for_each("setting", SETTINGS)
def test_only_of_a_window_that_reads_every_entry_it_is_said(setting: tuple[str, ...]) -> None:
    # Size 5 around a padding of 2 is one window too, and reads the first three entries alone.
    scene = with_setting(setting)
    said = {heading.formula for heading in scene.setup.layout.headings}
    every = seen(scene) == [list(range(LENGTH))]
    assert ("all of h" in said) == every
    (whole,) = said & {"z = max(h)", "z = max of its window"}
    assert (whole == "z = max(h)") == (scene.size == WHOLE)
    if not every:
        size, stride, padding = setting
        padded = f", padding {padding}" if padding != "0" else ""
        assert f"size {size}, stride {stride}{padded}" in said


@given(scenes)
def test_all_equal_moves_as_little_as_can_be(scene: Any) -> None:
    found = POOLING["all equal"](scene)
    assert isinstance(found, DerivedScene)
    assert len(set(found.h)) == 1
    costs = [sum(abs(each - value) for each in scene.h) for value in scene.h]
    assert sum(abs(each - found.h[0]) for each in scene.h) == min(costs)


@pytest.mark.parametrize(
    ("rule", "answers"), [("pytorch-max-pool", [2, 2, 1, 1, 3]), ("lab", [3, 2, 5, 1, 3])]
)
def test_the_questions_are_answered_under_the_present_rule(rule: str, answers: list[int]) -> None:
    found = []
    for question in QUESTIONS:
        scene = pool(rule=rule)
        found.append(question.answer(POOL.trace(question.set_up(scene))))
    assert found == answers, "answers: one for each of the page's QUESTIONS, in their order"


def test_a_tie_names_the_windows_in_which_it_was_lost() -> None:
    # h3 ties in all three windows; the third, of which it would be the maximum, gets 0.
    scene = pool(h=(2.0, 2.0, 2.0, 0.0, 0.0), dz=(1.0, 1.0, 0.0) + (1.0,) * 4, size="3")
    assert POOL.picture(replace(scene, entry="h3")).explanation[0] == (
        "∂L/∂h₃ = 0: h₃ = 2 ties for the maximum of z₁'s window and z₂'s window, but this rule "
        "gives their gradients to h₁ and h₂; on its other path the "
        "upstream gradient is 0."
    )
    # Over the whole axis there is one window alone.
    whole = replace(scene, size=WHOLE, entry="h3")
    assert POOL.picture(whole).explanation[0] == (
        "∂L/∂h₃ = 0: h₃ = 2 ties for the maximum, but this rule gives the gradient to h₁ alone."
    )
