"""The state of the page about kinks: another page's scene in its address, snaps, cases."""

from dataclasses import replace
from math import ulp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from engine.check.claims import point
from pages.derive.page import Impossible
from pages.explore.conv_2d import CONV_2D_SUBJECT
from pages.kink.kink_scene import PRESETS, SNAPS, KinkScene, fitted, to_a_kink
from pages.kink.kink_subject import KINK_SUBJECT
from pages.kink.results import PAGES_WITH_A_SLICE, inputs_of
from pages.registry import named_scene, subject_of
from pages.session.page_state import PageState
from pages.stack.grammar import read_stack
from pages.stack.stack_scene import SHAPE_CODEC, StackScene
from tests.for_each import for_each
from tests.pages import opening
from tests.pages.opening import site, turned_to, unfolded
from tests.pages.rows import Row
from tests.pages.scenes import BATCH, BLOCK, activation, block, pool

START = KINK_SUBJECT.start
EVERY = {
    f"{of}/start": KinkScene.over(of, page.subject.start) for of, page in PAGES_WITH_A_SLICE.items()
}


def state() -> PageState[KinkScene]:
    return PageState(START, KINK_SUBJECT.presets, START)


# --- the address


@pytest.mark.parametrize("name", EVERY)
def test_an_address_holds_the_whole_state(name: str) -> None:
    scene = EVERY[name]
    assert START.updated(scene.query()) == (scene, [])
    assert {*scene.query()} <= START.keys()


def test_however_large_the_numbers_of_a_stack_become_their_address_is_read() -> None:
    inner = StackScene.opened(read_stack("-".join(["linear(4)"] * 5)), (4,))
    for entry in inner.entry_names().keys() & inputs_of("stack", inner).keys():
        inner = inner.moved(entry, 4.0)
    scene = KinkScene.over("stack", inner)
    assert scene.heights[0] <= 16.0**5 * 16 <= scene.heights[1]
    assert START.updated(scene.query()) == (scene, [])


def test_the_pages_own_keys_come_beside_the_scenes() -> None:
    query = START.query()
    assert (query["of"], query["x"], query["w"], query["entry"]) == (
        "conv-block",
        "3,3,1,0,-1",
        "1",
        "x1",
    )
    assert (query["heights"], query["slopes"]) == ("2,7", "-0.5,6.5")


def test_another_page_in_an_address_begins_with_its_own_state_there() -> None:
    scene, problems = START.updated({"of": "relu", "a": "0,0,0,1,2"})
    assert problems == []
    assert scene == KinkScene.over("relu", activation(a=(0.0, 0.0, 0.0, 1.0, 2.0)))


def test_axes_are_fitted_where_the_point_is_another_one_and_else_stay() -> None:
    moved, _ = START.updated({"x": "1,1,1,1,1"})
    assert moved.heights != START.heights
    assert START.updated({"rule": "mlx", "entry": "x1"})[0].heights == START.heights
    along_w = START.chosen("w")
    assert along_w.entry == "w"
    assert along_w.heights != START.heights
    assert START.moved("x1", -4.0).heights == START.heights
    assert START.updated({"x": "1,1,1,1,1", "heights": "-1,9"})[0].heights == (-1, 9)
    wide = replace(START, heights=(-9.0, 99.0), slopes=(-9.0, 99.0))
    for query in ({"rule": "mlx"}, {"step": "2"}, {"of": "conv-block"}, {"entry": "x1"}):
        there, problems = wide.updated(query)
        assert ((there.heights, there.slopes), problems) == ((wide.heights, wide.slopes), [])
    elsewhere, _ = replace(along_w, heights=(-9.0, 99.0)).updated({"of": "minibatch"})
    assert elsewhere.entry == along_w.entry, "by its name; it is another one"
    assert elsewhere == KinkScene.over("minibatch", BATCH.start)


def test_the_slice_of_a_scene_is_always_along_an_input() -> None:
    for entry in ("", "z", "a2"):
        scene, problems = START.having("entry", entry).possible()
        assert (scene, problems) == (START, []), "the first that has a slider"


def test_what_an_address_has_no_room_for_is_said_here_too() -> None:
    inner = StackScene.opened(read_stack("relu"), (40, 50))
    inner = inner.numbered("x", np.random.default_rng(1).normal(0, 1, (40, 50)).round(3))
    _, (said,) = inner.address()
    query, problems = replace(START, of="stack", inner=inner).address()
    assert problems == [said]
    assert "x" not in query


@pytest.mark.parametrize("sent", [-0.25, -0.001, 1e-5])
def test_axes_for_small_slopes_are_small_enough_to_show_them(sent: float) -> None:
    # h₃ is the maximum of three windows if it is larger than the others, otherwise of none.
    inner = pool(h=(-1.0,) * 5, dz=(sent,) * 7, size="3", stride="1", padding="1", entry="h3")
    (bottom, top), (left, right) = axes = KinkScene.over("max-pool", inner).results.axes
    assert min(left, bottom) < 0 < max(right, top)
    assert 3 * abs(sent) < right - left <= 4 * 3 * abs(sent)
    rise = 3 * abs(sent) * (4 + 2.5 + 1)  # from −1 to the end of the slice
    assert rise < top - bottom <= 4 * rise
    scene = KinkScene.over("max-pool", inner)
    assert scene.moved("h3", 2.0).slopes == scene.slopes == axes[1], "it stays during a drag"
    assert START.updated(scene.query()) == (scene, [])


def test_axes_of_what_is_flat_go_as_far_as_others() -> None:
    flat = KinkScene.over("relu", activation(dh=(0.0,) * 5))
    assert [high - low >= 2 for low, high in (flat.heights, flat.slopes)] == [True, True]


@for_each(
    ("query", "sentence"),
    [
        ({"of": "<b>"}, "of = “<b>”, but of needs one of conv-block, relu,"),
        ({"x": "nan"}, "x = “nan”, but x needs 5 numbers"),
        ({"w": "<b>"}, "w = “<b>”, but w needs a number"),
        ({"entry": "a3"}, "entry = “a3”, but entry needs one of x1, x2, x3, x4, x5, w: it is x1"),
        ({"entry": "q"}, "entry = “q”, but entry needs one of x1,"),
        ({"heights": "3,1"}, "heights = “3,1”, but heights needs 2 numbers"),
        ({"heights": "3,3"}, "the lower one first: it is 2,7 instead"),
        ({"heights": "0,5e-324"}, "the lower one first: it is 2,7 instead"),
        ({"heights": "0,1e-7"}, " to 1e+150, at least 1e-06 apart, the lower one first: it is"),
        ({"slopes": "inf,1"}, "the lower one first: it is -0.5,6.5 instead"),
    ],
)
def test_what_cannot_be_meant_leaves_what_is_there_with_a_sentence(
    query: dict[str, str], sentence: str
) -> None:
    scene, problems = START.updated(query)
    assert scene == START
    assert len(problems) == 1
    assert sentence in problems[0]


def test_a_refused_entry_names_a_few_others_and_counts_the_rest() -> None:
    """A digit has 784 pixels, and the filter 9 weights."""
    problems = START.updated({"of": "conv-2d", "entry": "z1,1,1"})[1]
    assert len(problems) == 1
    assert problems[0].endswith("x1,7, x1,8 and 785 more: it is x12,11 instead.")


@given(st.dictionaries(st.sampled_from([*sorted(START.keys()), "other"]), st.text()))
@settings(max_examples=40)
def test_no_address_breaks_it(query: dict[str, str]) -> None:
    scene, _ = START.updated(query)
    assert scene.entry
    assert START.updated(scene.query()) == (scene, [])


def test_an_explained_entry_that_is_computed_gives_way_to_the_first_input() -> None:
    assert KinkScene.over("conv-block", replace(BLOCK.presets["max-tie"], entry="a3")).entry == "x1"
    assert KinkScene.over("conv-block", replace(BLOCK.presets["max-tie"], entry="")).entry == "x1"
    assert KinkScene.over("conv-block", replace(BLOCK.presets["max-tie"], entry="w")).entry == "w"
    output = replace(CONV_2D_SUBJECT.start, entry="z1,6,5")
    assert KinkScene.over("conv-2d", output).entry == "w1,1,1", "a pixel has no slider"


def test_a_state_reads_the_keys_of_another_page() -> None:
    there = state()
    there.read_address({"of": "max-pool", "h": "1,1,0,0,0", "size": "whole", "other": "1"})
    assert there.scene.inner == pool(rule="lab", h=(1.0, 1.0, 0.0, 0.0, 0.0), size="whole")
    there.read_address({"preset": "composed"})
    assert there.scene == PRESETS["composed"]
    assert there.preset == "composed"


def test_the_page_and_its_presets_are_found_by_name() -> None:
    assert subject_of("at_a_kink")[0] is KINK_SUBJECT
    assert named_scene("at-a-kink/overlap")[1] == PRESETS["overlap"]


# --- the snaps


def test_the_nearest_kink_along_the_slice() -> None:
    off = START.moved("x1", 1.5)
    assert to_a_kink(off) == START
    assert isinstance(to_a_kink(START), Impossible)
    two = PRESETS["overlap"].moved("h4", 1.5)
    assert to_a_kink(two) == two.moved("h4", 1.0)
    assert to_a_kink(two.moved("h4", 1.0)) == two.moved("h4", 3.0)


@given(st.tuples(*[st.floats(-3, 3)] * 5), st.floats(0.5, 3))
@settings(max_examples=15)
def test_a_snap_hits_a_kink_to_the_last_bit(x: tuple[float, ...], w: float) -> None:
    there = to_a_kink(KinkScene.over("conv-block", block(x=x, w=w, entry="x2")))
    if isinstance(there, KinkScene):
        found = point(there.results.trace, [(0, (1,))])
        assert not found.smooth
        assert found.is_exact((0, (1,)))


@pytest.mark.parametrize("value", [0.1, 0.3, 1e-300, -0.7])
def test_a_snap_hits_a_tie_with_any_number_that_stands_there(value: float) -> None:
    inner = pool(h=(value, 1.0, -1.0, value, -1.0), size="whole")
    scene, _ = KinkScene.over("max-pool", inner).updated({"entry": "h2"})
    there = to_a_kink(scene)
    assert isinstance(there, KinkScene)
    assert there.value("h2") == value


@pytest.mark.parametrize(
    ("layers", "values", "entry", "there"),
    [
        ("softplus-maxpool(2,stride=1)", {"x": "0.25,-0.25,0.75,0"}, "x2", 0.25),
        ("softplus-maxpool(2,stride=1)", {"x": "-1.05,3.5,1.42,4"}, "x4", 1.42),
        ("softplus-maxpool(2,stride=1)", {"x": "3,-4,4,-4"}, "x3", -4),
        ("avgpool(2)-relu", {"x": "2.12,-0.24,-0.62,2.32"}, "x1", 0.24),
        ("conv1d(2)-relu", {"x": "1,-0.25,2", "w": "2.5,1"}, "x1", 0.1),
    ],
)
def test_a_kink_is_hit_though_its_slice_is_long_or_curved(
    layers: str, values: dict[str, str], entry: str, there: float
) -> None:
    shape = str(values["x"].count(",") + 1)
    inner = StackScene.opened(read_stack(layers), SHAPE_CODEC.read(shape))
    inner, problems = inner.updated({**values, "entry": entry})
    assert not problems
    snapped = to_a_kink(KinkScene.over("stack", inner))
    assert isinstance(snapped, KinkScene)
    assert snapped.value(entry) == pytest.approx(there, abs=1e-15)


def test_where_there_is_no_kink_it_is_said() -> None:
    straight = KinkScene.over("conv-1d", PAGES_WITH_A_SLICE["conv-1d"].subject.start)
    nowhere = to_a_kink(straight)
    assert isinstance(nowhere, Impossible)
    assert nowhere.reason == ("There is no other kink along x₃, as far as the slider reaches.")
    # relu(x₁ / 2 + x₂) has its kink at x₁ = 6, which is drawn, but behind the slider's end.
    inner = StackScene.opened(read_stack("linear(1)-relu"), (2,))
    inner, problems = inner.updated({"x": "1,-3", "w": "0.5,1", "entry": "x1"})
    beyond = KinkScene.over("stack", inner)
    assert not problems
    assert (beyond.entry, beyond.results.place_of(6.0)) == ("x1", 6.0)
    assert to_a_kink(beyond) == Impossible(nowhere.reason.replace("x₃", "x₁"))
    pixel = KinkScene.over("conv-2d", PAGES_WITH_A_SLICE["conv-2d"].subject.presets["patch"])
    still = to_a_kink(pixel.chosen("x1,1"))
    assert isinstance(still, Impossible)
    assert still.reason == "x₁‚₁ has no slider: it cannot be moved."


def test_a_kink_between_two_floats_is_told_with_a_minus_sign() -> None:
    # −1.75 x₁ = 29/16 at −29/28: the nearest floats give numbers ¾ and 1 ulp from 29/16.
    inner = StackScene.opened(read_stack("linear(2)-maxpool"), (2,))
    inner, _ = inner.updated({"x": "-1,1.8125", "w": "0,1,-1.75,0", "entry": "x1"})
    told = "The kink is near x₁ = −1.03571: no floating-point number hits it."
    assert to_a_kink(KinkScene.over("stack", inner)) == Impossible(told)


def test_a_kink_beyond_the_sliders_end_is_not_gone_to_however_near() -> None:
    # 1.5 x₁ = 6 + 2 ulps at 4 + 1 ulp, where it is rounded up, and at no number up to 4.
    x2 = 3 + ulp(6.0)
    assert 1.5 * (4 + ulp(4.0)) == 2 * x2 > 1.5 * 4
    inner = StackScene.opened(read_stack("conv1d(2)-relu"), (2,))
    inner, problems = inner.updated({"x": f"1,{x2!r}", "w": "1.5,-2", "entry": "x1"})
    assert not problems
    assert isinstance(to_a_kink(KinkScene.over("stack", inner)), Impossible)


def test_the_axes_are_fitted_when_asked() -> None:
    assert fitted(START) == Impossible("The axes fit as they are.")
    larger = START.moved("w", 4.0)
    assert larger.heights == START.heights
    assert fitted(larger) == KinkScene.over(larger.of, larger.inner)


# --- the page


@pytest.fixture
def page() -> AppTest:
    return turned_to(site(), "at-a-kink").run()


def scene_of(page: AppTest) -> KinkScene:
    scene: KinkScene = page.session_state["page:at-a-kink"].scene
    return scene


def test_the_page_opens_with_the_labs_tie(page: AppTest) -> None:
    assert not page.exception
    assert scene_of(page) == START
    assert len(page.table[0].value) == 11


def test_another_case_keeps_the_rule(page: AppTest) -> None:
    case = page.selectbox[0]
    assert case.value == "A tie of two maxima"
    opening.widget(page.radio, "at-a-kink:rule").set_value((0.0, "split")).run()
    page.selectbox[0].select("Max pool · Windows that overlap").run()
    assert not page.exception
    assert scene_of(page) == PRESETS["overlap"].having("rule", "pytorch-amax")
    assert page.selectbox[0].value == "Ties in windows that overlap"
    # The case is the same along every entry.
    page.session_state["page:at-a-kink"].change(scene_of(page).chosen("h2"))
    page.run()
    assert scene_of(page).entry == "h2"
    assert page.selectbox[0].value == "Ties in windows that overlap"
    page.session_state["page:at-a-kink"].change(scene_of(page).moved("h1", 0.25))
    case = page.run().selectbox[0]
    assert (case.value, case.placeholder) == (None, "your own values")


def test_a_case_that_cannot_be_under_the_rule_has_its_own(page: AppTest) -> None:
    assert scene_of(page).rule == "lab"
    page.selectbox[0].select("Your own stack · Two branches, of which a tie is kept").run()
    assert not page.exception
    assert scene_of(page).rule == "pytorch-max-pool"


def test_a_message_that_still_holds_the_former_case_changes_nothing(page: AppTest) -> None:
    case = page.selectbox[0]
    case.select("Max pool · Windows that overlap").run()
    page.session_state["page:at-a-kink"].change(START)
    page.run()
    said = page._tree.get_widget_states()
    said.widgets.append(case._widget_state)
    page._run(said)
    assert scene_of(page) == START


@pytest.mark.parametrize("name", SNAPS)
def test_a_button_is_its_snap(page: AppTest, row: Row, name: str) -> None:
    page.session_state["page:at-a-kink"].change(START.moved("x1", 1.5).moved("w", 4.0))
    unfolded(page, "edit").run()
    before = scene_of(page)
    row.press(name)
    page.run()
    assert not page.exception
    assert scene_of(page) == SNAPS[name](before)


def test_a_scene_is_brought_over_and_back(page: AppTest) -> None:
    turned_to(page, "relu").run()
    brought = activation(a=(1.0, 0.0, -1.0, 0.0, 2.0), entry="a2")
    page.session_state["page:relu"].change(brought)
    unfolded(page, "edit").run()
    page.button(key="bring").click().run()
    assert not page.exception
    assert scene_of(page) == KinkScene.over("relu", brought)
    page.session_state["page:at-a-kink"].change(scene_of(page).moved("a1", -2.0))
    turned_to(page, "at-a-kink").run()
    page.button(key="bring").click().run()
    assert not page.exception
    assert page.session_state["page:relu"].scene == brought.moved("a1", -2.0)


def test_a_scene_without_kinks_is_not_brought_over(page: AppTest) -> None:
    turned_to(page, "conv-1d").run()
    unfolded(page, "edit").run()
    button = page.button(key="bring")
    assert (button.disabled, button.help) == (True, "No ties or kinks here")


def test_the_way_back_leaves_what_was_made_of_a_page_that_nothing_was_brought_from(
    page: AppTest,
) -> None:
    turned_to(page, "conv-block").run()
    left = block(x=(0.5, 2.0, 2.0, -1.0, 0.25), w=-1.5).having("rule", "mlx")
    page.session_state["page:conv-block"].change(left)
    turned_to(page, "at-a-kink").run()
    page.button(key="bring").click().run()
    assert page.session_state["page:conv-block"].scene == left
    # The scene is brought over, but the case shown now was made from another one.
    unfolded(turned_to(page, "conv-block"), "edit").run()
    page.button(key="bring").click().run()
    assert scene_of(page).inner == KinkScene.over("conv-block", left).inner
    turned_to(page, "at-a-kink").run()
    page.selectbox[0].select("A tie of two maxima").run()
    page.session_state["page:at-a-kink"].change(scene_of(page).moved("x1", 0.5))
    page.run().button(key="bring").click().run()
    assert not page.exception
    assert page.session_state["page:conv-block"].scene == left
