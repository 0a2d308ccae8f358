"""The page of the 2D convolution: numbers, layout, address, clicks, presets, questions, sweeps."""

import json
import re
from base64 import b64decode
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import RULES, Conv2D, MaxPool2D, ReLU, Sequential, trace
from engine.errors import LimitError
from engine.mnist import SIDE, load
from pages.derive.page import Impossible
from pages.derive.picture import Screen
from pages.derive.questions import influenced
from pages.explore import conv_2d
from pages.explore.conv_2d import (
    CONV_2D_SUBJECT,
    QUESTIONS,
    _cut,
    _maps,
    at_random,
    background,
    batch_trace,
    column_layout,
    conv_2d_trace,
    for_a_prediction,
    map_pass,
    naming,
    pixels,
    shares,
    strongest,
    tied,
    unpainted,
    weights,
)
from pages.explore.conv_2d_scene import CROPS, FILTERS, PRESETS, Conv2DScene, controls, split
from pages.figures.words import factor, signed
from pages.figures.words import name as written
from pages.session.page_state import PageState
from pages.state.digits import Dot, digit
from pages.state.predict import Exercise, Tally, tallies, wrong
from pages.sweep import sweep
from pages.views.conv_2d_page import OWN, _kind
from tests.engine import slow
from tests.for_each import for_each
from tests.pages.boxes import apart
from tests.pages.state.test_digits import DOTS
from tests.pages.test_overlaps import crossing

on_grid = st.integers(-8, 8).map(lambda step: step / 4)
scenes = st.builds(
    Conv2DScene,
    digit=st.integers(0, 9_999),
    digits=st.integers(1, 8),
    shown=st.integers(1, 8),
    crop=st.sampled_from(CROPS),
    row=st.integers(1, 28),
    column=st.integers(1, 28),
    painted=DOTS,
    filters=st.integers(1, 3),
    filter=st.integers(1, 3),
    w=st.tuples(*[on_grid] * 27),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    pool=st.integers(1, 4),
    pool_stride=st.integers(1, 4),
    pool_padding=st.integers(0, 2),
    back=st.sampled_from(["one", "sum"]),
    show=st.sampled_from(["both", "values", "gradients"]),
    rule=st.sampled_from(list(RULES)),
    entry=st.sampled_from(["", "x2,3", "w1,2,2", "a1,1,1", "h1,1,2", "z1,1,1", "b1,1,1"]),
).map(lambda scene: scene.possible()[0])


OF_FOUR = PRESETS["patch"].having("digits", 4).having("shown", 3).having("row", 5)
"""The patch of the third of four digits, 61 to 64."""


# --- the numbers


@given(scenes.filter(lambda scene: scene.side <= 8))
@settings(max_examples=25)
def test_the_maps_are_what_loops_make_of_the_same_numbers(scene: Conv2DScene) -> None:
    kinks = RULES[scene.rule].kinks
    x = pixels(scene, scene.shown - 1)[None, None]
    w = np.array(weights(scene)[:, None], np.float64)
    pair = ((scene.stride,) * 2, (scene.padding,) * 2)
    conv = slow.convolution(x, w, np.zeros(len(w)), slow.Settings(*pair))
    relu = slow.relu(conv.output, kinks.relu_at_zero)
    windows = slow.Settings((scene.pool_stride,) * 2, (scene.pool_padding,) * 2)
    pool = slow.max_pool(relu.output, (scene.pool,) * 2, windows, kinks.pool_ties)
    traced = conv_2d_trace(scene)
    dz = np.array(traced.dout[None], np.float64)
    if scene.back == "sum":
        assert (dz == 1).all()
    else:
        assert [dz.sum(), dz.max()] == [1, 1]
    (dh,) = pool.grads(dz)
    (da,) = relu.grads(dh)
    dx, dw, _ = conv.grads(da)
    maps = map_pass(scene).maps()
    for letter, values, grads in (
        ("a", conv.output, da),
        ("h", relu.output, dh),
        ("z", pool.output, dz),
        ("w", w.transpose(1, 0, 2, 3), dw.transpose(1, 0, 2, 3)),
    ):
        np.testing.assert_allclose(maps[letter].values, values[0], atol=1e-12)
        assert maps[letter].gradients is not None
        np.testing.assert_allclose(maps[letter].gradients, grads[0], atol=1e-12)  # type: ignore[arg-type]
    np.testing.assert_allclose(maps["x"].gradients, dx[0], atol=1e-12)  # type: ignore[arg-type]


def test_by_hand() -> None:
    """An edge between paper and ink: Sobel's filter gives 4, in one window either way."""
    scene = Conv2DScene(crop="6", rule="pytorch-max-pool", back="sum")
    top, left = scene.corner
    cells = product(range(6), range(6))
    ink = tuple(Dot(0, top + row, left + column, ink=column > 2) for row, column in cells)
    traced = conv_2d_trace(replace(scene, painted=ink))
    assert traced.steps[0].inputs[0].tolist() == [[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]] * 6
    assert traced.steps[0].output[0].tolist() == [[0.0, 4.0, 4.0, 0.0]] * 4
    assert traced.output[0].tolist() == [[4.0, 4.0]] * 2
    first = [[0.0, 1.0, 1.0, 0.0], [0.0] * 4] * 2
    assert traced.steps[1].grads[0][0].tolist() == first
    assert traced.grads[1][0].tolist() == [[0.0, 2.0, 4.0]] * 3


@given(scenes.filter(lambda scene: scene.digits > 1))
@settings(max_examples=15)
def test_the_shares_of_the_digits_sum_to_the_minibatch(scene: Conv2DScene) -> None:
    total = batch_trace(scene).grads[1][:, 0]
    np.testing.assert_allclose(sum(shares(scene)), total, atol=1e-9)
    own = conv_2d_trace(scene).grads[1]
    np.testing.assert_array_equal(shares(scene)[scene.shown - 1], own)


def test_pixels_are_the_digit_in_quarters() -> None:
    image = load().images[61].astype(float) / 255
    assert np.abs(digit(61) - image).max() <= 1 / 8
    assert set(np.unique(digit(61) * 4)) <= {0, 1, 2, 3, 4}
    top, left = Conv2DScene(crop="8", row=9, column=3).corner
    assert pixels(Conv2DScene(crop="8", row=9, column=3), 0).tolist() == (
        digit(61)[top : top + 8, left : left + 8].tolist()
    )


def test_a_pass_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conv_2d, "LIMIT", 1_000)
    conv_2d_trace.cache_clear()
    with pytest.raises(LimitError, match=r"Conv2D: needs at most 1,000 unfolded entries"):
        conv_2d_trace(Conv2DScene())


# --- places


@pytest.mark.parametrize("filters", [1, 2, 3])
@pytest.mark.parametrize("shown", ["both", "values", "gradients"])
@pytest.mark.parametrize("crop", ["28", "6"])
@pytest.mark.parametrize("digits", [1, 4])
def test_maps_captions_and_sliders_lie_apart(
    filters: int, shown: str, crop: str, digits: int
) -> None:
    scene = Conv2DScene(filters=filters, show=shown, crop=crop, digits=digits, pool_stride=1)
    scene, _ = scene.possible()
    grids = CONV_2D_SUBJECT.picture(scene).grids
    assert {grid.prefix[0] for grid in grids} >= set("xwahz")
    columns = column_layout(scene)
    layout, m = columns.layout, columns.measures
    assert (layout.width, layout.height) == (1600, 655)
    boxes = {(panel.letter, panel.first, panel.kind): panel.box for panel in layout.panels}
    assert len(boxes) == len(layout.panels)
    above = m.caption - 4
    with_captions = {
        key: (left, top - above, width, height + above) if key[0] != "d" else box
        for key, box in boxes.items()
        for left, top, width, height in [box]
    }
    left, middle = columns.sliders
    with_captions["sliders", 0, "values"] = (
        left,
        middle - columns.pitch / 2,
        m.w,
        9 * columns.pitch,
    )
    for (name, box), (other, other_box) in combinations(with_captions.items(), 2):
        assert apart(box, other_box), (name, other)
    for name, (left, top, width, height) in with_captions.items():
        assert left >= 0, name
        assert left + width <= 1600, name
        assert top >= 28, name  # below the headings
        assert top + height <= layout.height, name


@pytest.mark.parametrize(
    ("slug", "only", "without"),
    [
        ("digit", "what it affects", "receptive field"),
        ("patch", "receptive field", "what it affects"),
        ("overlap", "receptive field, and what it affects", "upstream gradient 1"),
        ("patch", "upstream gradient 1", "marked as nonzero"),
        ("patch", "gradient 0", "the class is split"),
    ],
)
def test_the_legend_is_of_what_is_on_the_picture(slug: str, only: str, without: str) -> None:
    meant = {
        meaning for *_, meaning in CONV_2D_SUBJECT.picture(CONV_2D_SUBJECT.presets[slug]).legend
    }
    assert only in meant
    assert without not in meant


@pytest.mark.parametrize(
    ("exercise", "meant"),
    [
        # Eight of the filter's nine gradients are nonzero, including those of w₁‚₂ and w₁‚₃.
        (Exercise(marked=frozenset(("w1,1,2",))), {}),
        (
            Exercise(marked=frozenset(("w1,1,2",)), revealed=True),
            {"✓": "your mark is right", "✗": "your mark is wrong"},
        ),
        (Exercise(marked=frozenset(), revealed=True), {"✗": "your mark is wrong"}),
        (
            Exercise(shares=(("w1,1,2", (0.25, 0.75)), ("w1,1,3", (0.5,))), revealed=True),
            {"✓": "most were right", "✗": "half or more were wrong"},
        ),
        (Exercise(shares=(), revealed=True), {}),
    ],
)
def test_a_legend_says_what_marks_in_cells_mean(exercise: Exercise, meant: dict[str, str]) -> None:
    scene = CONV_2D_SUBJECT.presets["patch"]
    picture = CONV_2D_SUBJECT.picture(scene, Screen(exercise=exercise))
    written = {text for each in picture.figure["data"] for text in each.get("text", ())}
    assert written & {"✓", "✗"} == {*meant}
    looks = {"right": "✓", "wrong": "✗"}
    said = {looks[look]: meaning for look, _, meaning in picture.legend if look in looks}
    assert said == meant


def test_a_legend_has_no_colour_that_is_not_there() -> None:
    blur = Conv2DScene(w=(0.0625,) * 27, show="values", back="sum")
    meant = {meaning for *_, meaning in CONV_2D_SUBJECT.picture(blur).legend}
    assert "value above 0" in meant
    assert "value below 0" not in meant, "neither the digit nor the filter has any"
    assert "gradient below 0" not in meant, "w's alone is shown, and nothing on its way is below 0"


def test_sliders_are_those_of_one_filter_and_of_the_corner() -> None:
    scene = Conv2DScene(crop="8", filters=2, filter=2)
    sliders = {slider.said or slider.name: slider for slider in CONV_2D_SUBJECT.sliders(scene)}
    cells = [f"w{row},{column}" for row, column in product((1, 2, 3), repeat=2)]
    assert list(sliders) == [*cells, "row", "column"]
    assert [sliders[cell].value for cell in cells] == list(FILTERS["Sobel y"])
    assert scene.moved(sliders["w1,2"].name, 3.0).w[10] == 3.0
    assert (sliders["row"].low, sliders["row"].high, sliders["row"].grid) == (1, 21, 1)
    assert scene.moved("row", 4.0).corner[0] == 3
    assert (sliders["row"].value, sliders["column"].value) == (scene.row, scene.column) == (7, 9)


@pytest.mark.parametrize("filters", [1, 2])
def test_a_weight_has_one_name_beside_its_slider_and_in_the_reasons(filters: int) -> None:
    scene = Conv2DScene(filters=filters, filter=filters)
    for slider in CONV_2D_SUBJECT.sliders(scene):
        if slider.name.startswith("w"):
            assert slider.label == conv_2d.entry_of(scene, slider.name).name


@given(scenes)
@settings(max_examples=25)
def test_every_scene_has_a_picture(scene: Conv2DScene) -> None:
    picture = CONV_2D_SUBJECT.picture(scene, Screen("dark"))
    assert picture.explanation
    carried = {grid.prefix for grid in picture.grids if grid.values}
    assert carried == {grid.prefix for grid in picture.grids}


# --- the address


@given(scenes)
def test_an_address_is_read_as_it_was_written(scene: Conv2DScene) -> None:
    assert Conv2DScene().updated(scene.query()) == (scene, [])


POOL_NEEDS = "pool = 4 needs to be at most 2, the rows of h: it is 2 instead."
A_CELL = "a cell, like x1,2 or w1,2,3 or b1,2,3 or a1,2,3 or h1,2,3 or z1,2,3"


@for_each(
    ("query", "said"),
    [
        ({"digit": "10000"}, "digit needs a whole number from 0 to 9999: it is 61"),
        ({"crop": "27"}, "crop needs one of 28, 14, 8, 6: it is 28"),
        ({"w": "nan"}, "w needs 27 numbers"),
        ({"painted": "AA"}, "painted needs at most 784 painted pixels"),
        ({"painted": "AABAAA"}, "painted needs"),
        ({"entry": "<b>"}, "entry needs a cell"),
        ({"entry": "x0,1"}, "entry needs a cell"),
        ({"entry": "x1"}, "entry needs a cell"),
        ({"entry": "x29,1"}, f"entry needs {A_CELL}, that is there: it is nothing"),
        ({"entry": "b1,1,1"}, "that is there: it is nothing"),
        ({"source": "z1,14,1"}, "that is there: it is z1,7,7"),
        ({"source": "x1,1"}, "source needs a cell, like z1,2,3: it is z1,6,5"),
        ({"filter": "2"}, "filter = 2 needs to be at most 1, the filters: it is 1 instead."),
        ({"shown": "3"}, "shown = 3 needs to be at most 1, the minibatch's size: it is 1 instead."),
        ({"pool_padding": "2"}, "pool_padding = 2 needs to be less than the pool's size 2"),
        ({"crop": "6", "stride": "3", "pool": "4", "source": "z1,1,1"}, POOL_NEEDS),
    ],
)
def test_a_bad_value_gives_way_with_one_sentence(query: dict[str, str], said: str) -> None:
    query = {"entry": "", **query}
    scene, problems = Conv2DScene().updated(query)
    assert len(problems) == 1
    assert said in problems[0]
    assert CONV_2D_SUBJECT.picture(scene).explanation


def test_with_a_pool_its_padding_gives_way_else_a_window_would_see_nothing() -> None:
    asked = {"crop": "6", "stride": "3", "pool": "4", "pool_padding": "2", "source": "z1,1,1"}
    scene, problems = Conv2DScene().updated({**asked, "entry": ""})
    assert (scene.pool, scene.pool_padding) == (2, 1)
    assert [problem.partition(" = ")[0] for problem in problems] == ["pool", "pool_padding"]
    assert CONV_2D_SUBJECT.picture(scene).explanation


# --- what a click does


def test_a_pool_is_offered_that_fits_and_padding_that_it_covers() -> None:
    # A digit of 6 × 6, filtered with stride 2, leaves 2 × 2.
    scene = Conv2DScene(crop="6", stride=2)
    offered = {each.field: [*each.labels] for each in controls(scene)}
    assert (offered["pool"], offered["pool_padding"]) == ([1, 2], [0, 1])
    offered = {each.field: [*each.labels] for each in controls(scene.having("pool", 1))}
    assert offered["pool_padding"] == [0]


def test_a_pixel_is_painted_in_the_other_colour_of_the_digit_that_is_shown() -> None:
    scene = OF_FOUR.having("paint", "on")
    part = digit(63)[4:12, 8:16]
    for row, column in product(range(8), repeat=2):
        (dot,) = scene.chosen(f"x{row + 1},{column + 1}").painted
        assert dot == Dot(2, row + 4, column + 8, ink=bool(part[row, column] < 0.5))


def test_there_are_cells_of_no_more_filters_than_there_are() -> None:
    for filters in (1, 2, 3):
        there = [Conv2DScene(filters=filters).has(f"z{number},1,1") for number in (1, 2, 3, 4)]
        assert there == [number <= filters for number in (1, 2, 3, 4)]


def test_a_cell_is_called_by_its_filter_even_if_there_is_one() -> None:
    for filters in (1, 2):
        scene = Conv2DScene(filters=filters)
        cells = CONV_2D_SUBJECT.describe(conv_2d_trace(scene), scene).cells
        for entry, label in (("x2,3", "x₂‚₃"), ("h1,2,3", "h₁‚₂‚₃")):
            assert cells[entry].label == label


def test_a_click_on_an_output_sends_back_from_it() -> None:
    scene = Conv2DScene(filters=2).chosen("z2,3,4")
    assert (scene.source, scene.entry, scene.filter) == ("z2,3,4", "z2,3,4", 2)
    assert scene.chosen("a1,2,2").source == "z2,3,4"
    assert scene.chosen("x1,1").filter == 2, "a pixel is no filter's"


def test_a_click_paints_where_that_is_on() -> None:
    scene = Conv2DScene(crop="8", row=3, column=5)
    assert scene.chosen("x1,1").painted == ()
    inked = replace(scene, paint="on").chosen("x1,1")
    beside = replace(PRESETS["patch"], paint="on").chosen("x9,1")
    assert beside.painted == (), "there are eight rows"
    assert inked.painted == (Dot(0, 2, 4, ink=True),)
    assert inked.entry == scene.entry
    assert pixels(inked, 0)[0, 0] == 1
    assert inked.chosen("x1,1").painted == ()  # the pixel of the digit is paper


def test_paint_stays_on_the_digit_that_was_painted() -> None:
    scene = Conv2DScene(digits=2, paint="on", shown=2).chosen("x1,1")
    assert pixels(scene, 1)[0, 0] == 1
    assert pixels(scene, 0)[0, 0] == 0
    assert scene.with_digit(5).painted == ()
    assert OF_FOUR.with_digit(5).shown == 1


def test_a_script_paints_each_digit_of_the_minibatch_as_it_was_painted() -> None:
    ink = (Dot(0, 7, 9, ink=True), Dot(1, 8, 10, ink=True), Dot(1, 9, 9, ink=False))
    cut = replace(PRESETS["patch"], digits=3, row=8, column=10, painted=ink)
    for scene in (replace(cut, shown=shown) for shown in (1, 2)):
        printed: dict[str, Any] = {}

        def kept(said: str, *values: Any, into: dict[str, Any] = printed) -> None:
            into[said] = values

        made: dict[str, Any] = {"print": kept}
        exec(str(CONV_2D_SUBJECT.script(scene)), made)
        np.testing.assert_array_equal(made["x"], pixels(scene, scene.shown - 1))
        np.testing.assert_array_equal(made["batch"][:, 0], [pixels(scene, of) for of in range(3)])
        (of_all,) = printed["dw of the minibatch:"]
        np.testing.assert_allclose(of_all, batch_trace(scene).grads[1][:, 0])


@pytest.mark.parametrize(
    ("clicked", "row", "column"), [("d14,15", 10, 11), ("d1,1", 1, 1), ("d28,28", 21, 21)]
)
def test_a_click_on_the_small_digit_moves_the_crop(clicked: str, row: int, column: int) -> None:
    scene = Conv2DScene(crop="8").chosen(clicked)
    assert (scene.row, scene.column) == (row, column)


@for_each("clicked", ["", "x", "dfoo", "d", "x0,0", "x99,99", "a4,1,1", "<b>"])
@for_each("paint", ["off", "on"])
def test_a_click_on_nothing_changes_no_number(clicked: str, paint: str) -> None:
    scene = Conv2DScene(paint=paint)
    assert replace(scene.chosen(clicked), entry="") == replace(scene, entry="")


def test_a_click_is_heard_once() -> None:
    state = PageState(Conv2DScene(), {}, Conv2DScene(paint="on"))
    message = {"serial": "a-1", "values": {}, "entry": "x1,1", "clicked": True}
    assert state.hear(message)
    assert len(state.scene.painted) == 1
    assert not state.hear(message)
    # A restarted server gets the message again, with the address at which it was sent.
    again = PageState(Conv2DScene(), {}, state.scene)
    assert again.hear({**message, "address": Conv2DScene(paint="on").query()})
    assert again.scene == state.scene


# --- presets and snaps


def test_presets_are_possible_and_say_something() -> None:
    for slug, scene in PRESETS.items():
        assert scene.possible() == (scene, []), slug
        assert CONV_2D_SUBJECT.picture(scene).explanation, slug


def test_presets_are_true_to_their_names() -> None:
    overlap = conv_2d_trace(PRESETS["overlap"])
    assert overlap.steps[2].grads[0].max() >= 2
    gaps = conv_2d_trace(PRESETS["gaps"])
    assert "no output depends on" in CONV_2D_SUBJECT.picture(PRESETS["gaps"]).explanation[0]
    assert (gaps.grads[0][:, -2:] == 0).all()
    paper = conv_2d_trace(PRESETS["paper"])
    assert (paper.steps[0].output[0, :2, :2] == 0).all()
    assert PRESETS["minibatch"].digits > 1
    assert PRESETS["three-filters"].filters == 3


@given(scenes)
@settings(max_examples=20)
def test_snaps_are_true_to_their_names(scene: Conv2DScene) -> None:
    brightest = strongest(scene)
    assert isinstance(brightest, Conv2DScene)
    z = conv_2d_trace(brightest).output
    assert conv_2d_trace(brightest).dout[z == z.max()].max() == 1
    shared = tied(scene)
    if isinstance(shared, Conv2DScene):
        lab = conv_2d_trace(replace(shared, rule="lab"))
        assert np.count_nonzero(lab.steps[2].grads[0]) > 1
        assert lab.output[lab.dout == 1].min() > 0
    else:
        said = "Every maximum above 0 is unique here: paint pixels, or change the filter."
        assert shared.reason == said
    dark = background(scene)
    assert (dark == Impossible("No output is 0 here.")) == (not (z == 0).any())
    for found in (brightest, shared, dark):
        if isinstance(found, Conv2DScene):  # the output is explained at once
            assert found.entry == found.source
    random = at_random(scene)
    assert all(abs(value) <= 4 and value % 0.25 == 0 for value in random.own())
    nothing = Impossible("Nothing is painted.")
    assert unpainted(scene) == (replace(scene, painted=()) if scene.painted else nothing)


@for_each("rule", RULES)
def test_a_tie_is_found_though_the_rule_gives_one_of_them_all(rule: str) -> None:
    shared = tied(replace(PRESETS["digit"], rule=rule))
    assert isinstance(shared, Conv2DScene)
    assert (shared.rule, shared.back) == (rule, "one")
    row, column = (2 * (int(at) - 1) for at in shared.source.split(",")[1:])
    h = conv_2d_trace(shared).steps[1].output[0, row : row + 2, column : column + 2]
    assert np.count_nonzero(h == h.max()) > 1
    assert h.max() > 0


def test_a_filter_that_is_changed_by_hand_has_no_name_of_a_kind() -> None:
    for kind, numbers in FILTERS.items():
        scene = Conv2DScene().with_filter(numbers)
        assert _kind(scene) == kind
        assert _kind(scene.with_filter((numbers[0] + 0.25, *numbers[1:]))) == OWN


def test_filters_set_by_hand() -> None:
    scene = replace(Conv2DScene(filters=2, filter=2)).with_filter(FILTERS["identity"])
    traced = conv_2d_trace(scene)
    np.testing.assert_array_equal(traced.steps[0].output[1], pixels(scene, 0)[1:-1, 1:-1])
    assert sum(FILTERS["blur"]) == 1
    assert all(sum(FILTERS[kind]) == 0 for kind in ("Sobel x", "Sobel y", "outline"))


# --- predictions and questions


@given(scenes)
@example(replace(Conv2DScene(), crop="14", stride=2, pool=4, source="z1,1,1"))
@example(replace(Conv2DScene(), filters=2, stride=3, source="z2,3,2"))
@example(Conv2DScene(crop="14", row=9, column=13, stride=3, pool=1, pool_stride=3, source="z1,1,2"))
@example(Conv2DScene(source="z1,1,1"))
@example(Conv2DScene(source="z1,13,13"))
@settings(max_examples=25)
def test_a_prediction_is_about_the_same_output(scene: Conv2DScene) -> None:
    small, _ = for_a_prediction(scene).possible()
    assert small.side <= 8
    assert small.source == for_a_prediction(scene).source
    if scene.side > 8:  # with the output before, if there is one and both fit in
        assert (small.back, small.entry) == ("one", "")
        was, now = (split(each.source)[1] for each in (scene, small))
        assert was[0] == now[0]
        least = min(1, small.sides["z"] - 1)
        assert all(
            min(place, least) <= there for place, there in zip(was[1:], now[1:], strict=True)
        )
    inside = scene.padding == scene.pool_padding == 0
    fits = (scene.pool - 1) * scene.stride + 3 <= 8  # the pixels in a row that one output reads
    if inside and scene.side > 8:
        assert (small.pool == scene.pool) == fits
    step, outputs = scene.stride * scene.pool_stride, range(small.sides["z"])
    begins = [
        {corner + (place - before) * step for before in outputs if before <= place}
        for corner, place in zip(scene.corner, split(scene.source)[1][1:], strict=True)
    ]
    cut = all(min(each) <= SIDE - 8 for each in begins)  # otherwise no 8 rows of the digit have it
    if inside and fits and cut and scene.side > 8:
        there, here = (conv_2d_trace(replace(each, back="one")) for each in (scene, small))
        assert there.output[there.dout == 1] == here.output[here.dout == 1]


def test_marks_and_answers() -> None:
    scene = PRESETS["patch"]
    exercise = Exercise(everywhere=True).toggled("h1,4,3").toggled("x1,1")
    asked = CONV_2D_SUBJECT.picture(scene, Screen(exercise=exercise))
    grids = {grid.prefix: grid for grid in asked.grids if grid.values}
    assert grids["h1,"].gradients is not None
    assert grids["h1,"].gradients.words == ("not marked", "marked as nonzero")
    assert grids["z1,"].gradients is not None
    assert grids["z1,"].gradients.words == ()
    traced = conv_2d_trace(scene)
    maps = map_pass(scene).maps().values()
    guesses = [each.guessed(exercise.marked, revealed=True).right for each in maps]
    rights = [right for right in guesses if right is not None]
    assert sum(right.size for right in rights) == 145
    info = replace(exercise, revealed=True).over(CONV_2D_SUBJECT.describe(traced, scene))
    worth = sum(tallies(info).values(), Tally())
    nonzero = sum(int(np.count_nonzero(step.grads[0])) for step in traced.steps)
    assert worth.nonzero == nonzero + np.count_nonzero(traced.grads[1])
    assert worth.missed + worth.false_alarms == sum(int((~right).sum()) for right in rights)
    assert len(wrong(info)) == worth.missed + worth.false_alarms
    assert wrong(info)[0] == "x1,1"


def test_a_mark_is_said_in_the_map_that_it_is_in() -> None:
    scene = replace(PRESETS["patch"], filters=2)
    exercise = Exercise(everywhere=True).toggled("h2,4,3")
    picture = CONV_2D_SUBJECT.picture(scene, Screen(exercise=exercise))
    marks = {grid.prefix: grid.gradients.data for grid in picture.grids if grid.gradients}
    assert marks["h2,"] != marks["h1,"] == marks["a1,"] == marks["a2,"]


COMPUTED = ["xw", "xwa", "xwah", "xwahz", "xwahz", "xwahz", "xwahz"]
GRADIENTS = ["", "", "", "", "hz", "ahz", "xwahz"]
"""The letters of the gradients known at each step; COMPUTED: of the values."""


@pytest.mark.parametrize("step", range(7))
def test_a_step_shows_what_is_computed_by_then(step: int) -> None:
    scene = replace(PRESETS["sum"], digits=2, step=step, entry="x4,4")
    picture = CONV_2D_SUBJECT.picture(scene)
    grids = {grid.prefix[0]: grid for grid in picture.grids if grid.values}
    assert {*grids} == {*COMPUTED[step], "d", "b"}
    assert "?" not in str(picture.figure["data"]), "nothing is asked"
    told = {letter for letter, grid in grids.items() if grid.gradients}
    assert told == {*GRADIENTS[step]} | {*("b" if step == 6 else "")}
    said = (
        "Inputs",
        *(f"Forward {n} of 3" for n in (1, 2, 3)),
        *(f"Backward {n} of 3" for n in (1, 2, 3)),
    )
    assert picture.step.startswith(said[step])
    assert (picture.explanation[0].startswith("∂L/∂x") and bool(picture.latex())) == (step == 6)
    of_one = CONV_2D_SUBJECT.picture(replace(scene, back="one")).legend
    sent = "upstream gradient 1" in {meaning for *_, meaning in of_one}
    assert sent == ("z" in GRADIENTS[step]), "the upstream gradient is what is known of z"


def test_a_step_says_what_happens_in_the_numbers_on_the_screen() -> None:
    scene = replace(PRESETS["patch"], step=5)  # the one output that is L ties with nothing
    said = CONV_2D_SUBJECT.picture(scene).step
    assert said == (
        f"Backward 2 of 3: ReLU passes the gradient where a > 0: ∂L/∂{written('a', 0, 3, 2)} = +1; "
        "nothing arrives at the other 35."
    )
    assert conv_2d_trace(scene).steps[1].grads[0][0, 3, 2] == 1
    asleep = replace(scene, entry="x4,4")
    assert CONV_2D_SUBJECT.picture(asleep).explanation == [said.partition(": ")[2]]
    assert CONV_2D_SUBJECT.picture(asleep).step == "Backward 2 of 3: ReLU."


def test_at_first_a_prediction_is_about_x_and_w() -> None:
    picture = CONV_2D_SUBJECT.picture(
        PRESETS["patch"], Screen(exercise=Exercise(frozenset({"h1,4,3"})))
    )
    grids = {grid.prefix: grid for grid in picture.grids if grid.values}
    assert {prefix for prefix, grid in grids.items() if grid.gradients} == {"x", "w1,", "z1,"}


def test_the_questions_have_the_known_answers() -> None:
    answers = [
        question.answer(conv_2d_trace(question.set_up(Conv2DScene()).possible()[0]))
        for question in QUESTIONS
    ]
    assert answers[:4] == [9, 4, 36, 16]
    assert answers[4] == 1
    assert len(answers) == len(QUESTIONS)
    assert {question.set_up(Conv2DScene(rule="mlx")).rule for question in QUESTIONS} == {"mlx"}
    # All a are below 0, so that four h tie at 0: the lab's rule gives to each of them.
    dark = QUESTIONS[4].set_up(Conv2DScene()).with_filter((-1.0,) * 9)
    assert QUESTIONS[4].answer(conv_2d_trace(dark)) == 0
    stride_2, asked = QUESTIONS[1].set_up(Conv2DScene()).possible()[0], QUESTIONS[1].answer
    assert isinstance(asked, influenced)
    assert asked.reason(conv_2d_trace(stride_2), naming(stride_2)) == (
        "4 entries depend on x₅‚₅: a₁‚₂‚₂, a₁‚₂‚₃, a₁‚₃‚₂ and a₁‚₃‚₃."
    )


@for_each("rule", list(RULES))
def test_a_pixel_without_a_gradient_affects_no_maximum_above_0(rule: str) -> None:
    question = QUESTIONS[5]
    assert question.because == "The others affect no maximum above 0."
    scene = question.set_up(Conv2DScene(rule=rule))
    traced = conv_2d_trace(scene)
    (h,), w = traced.steps[2].inputs[0], scene.own()
    flows = traced.grads[0] != 0
    maxima, affected = set(), np.zeros_like(flows)
    for row, column in np.ndindex(3, 3):
        window = [(2 * row + i, 2 * column + j) for i, j in np.ndindex(2, 2)]
        largest = max(h[at] for at in window)
        maxima |= {(at, largest) for at in window if h[at] == largest}
    for ((row, column), largest), (number, weight) in product(maxima, enumerate(w)):
        affected[row + number // 3, column + number % 3] |= weight != 0 and largest > 0
    assert not (affected & ~flows).any()
    # Some pixels affect a maximum that is 0, that of blank paper, where all entries tie.
    assert any(largest == 0 for _, largest in maxima)


# --- sweeps


@pytest.mark.parametrize(
    ("scene", "slider"),
    [
        (PRESETS["patch"], "w1,2,2"),
        (PRESETS["patch"], "row"),
        (replace(PRESETS["sum"], filters=2, filter=2), "w2,1,1"),
        (PRESETS["digit"], "w1,2,2"),
        (replace(PRESETS["digit"], filters=3), "w1,1,2"),
        (replace(PRESETS["three-filters"], entry="z1,3,3"), "w1,1,1"),
    ],
)
def test_what_a_slider_moves_is_swept(scene: Conv2DScene, slider: str) -> None:
    sliders = {each.name: each for each in CONV_2D_SUBJECT.sliders(scene)}
    values = sliders[slider].values
    text = sweep(CONV_2D_SUBJECT, scene, slider, values, "key")
    assert text is not None
    assert len(json.loads(text)["frames"]) == len(values)


# --- sentences about a cell


def said(**settings: Any) -> list[str]:
    scene, problems = replace(Conv2DScene(), **settings).possible()
    assert not problems
    return list(CONV_2D_SUBJECT.picture(scene).explanation)


def test_a_sum_that_is_cut_off_says_so() -> None:
    edge = (*[-0.5] * 4, 4.0, *[-0.5] * 4, *[0.0] * 18)
    first, formula, *_ = said(w=edge, back="sum", rule="lab", entry="x5,5")
    _, _, shown = first.removesuffix(" = 0.").partition("the contributions cancel: ")
    *products, more = shown.split(" + ")
    numbers = [
        np.prod([float(part.strip("()").replace("−", "-")) for part in product.split(" · ")])
        for product in products
    ]
    assert (len(numbers), sum(numbers)) == (6, 1.5)
    assert more == "3 more"  # of −0.5 each
    assert formula.endswith(f"{shown} = 0")


def test_an_entry_affects_no_output_in_which_it_is_multiplied_by_0() -> None:
    # The Sobel filter's column of zeros meets a pixel at 3 of its 9 windows.
    scene = Conv2DScene(entry="x14,14").with_filter(FILTERS["Sobel x"])
    assert said(w=scene.w, entry="x14,14")[2].endswith(
        "It affects 6 of a, 6 of h and 4 of z; in 3 more of a it is multiplied by 0."
    )
    moved = pixels(scene, 0).copy()
    moved[13, 13] += 1
    changed = Conv2D().forward(moved, weights(scene)) != conv_2d_trace(scene).steps[0].output
    lit = map_pass(scene).lit(conv_2d.entry_of(scene, "x14,14"))
    np.testing.assert_array_equal(lit["a"], changed)
    # A weight has no effect on white paper either.
    ink = int(np.count_nonzero(pixels(scene, 0)[:26, :26]))
    assert said(w=scene.w, entry="w1,1,1")[2].startswith(f"w₁‚₁‚₁ = −1. It affects {ink} of a")


def test_another_filters_weights_are_not_in_the_output_that_sends_back() -> None:
    first, *_ = said(crop="14", filters=3, pool_stride=3, source="z1,3,3", entry="w3,3,2")
    assert first == "∂L/∂w₃‚₃‚₂ = 0: the upstream gradient of every output that it affects is 0."


def test_an_explanation_says_how_many_of_each_map_read_a_cell_and_are_read() -> None:
    # A filter of 3 × 3 reads a pixel from 3 rows and 3 columns; of these, pools of 2 take 2 and 2.
    blur = Conv2DScene().with_filter(FILTERS["blur"]).w
    reach = said(entry="x14,14", w=blur)[2].partition(". ")[2]
    assert reach == "It affects 9 of a, 9 of h and 4 of z."
    assert said(entry="a1,5,5")[2].endswith(
        "Its receptive field is 9 of x; it affects 1 of h and 1 of z."
    )
    assert said(entry="z1,5,5")[1].endswith("Its receptive field is 16 of x, 4 of a and 4 of h.")


def test_over_each_map_stands_which_image_filter_or_gradient_it_is() -> None:
    for filters, own in ((1, ("w", "a = w ∗ x", "h = max(0, a)", "z = max h")), (2, None)):
        scene = OF_FOUR.having("filters", filters)
        drawn = CONV_2D_SUBJECT.picture(scene).figure["data"]
        found = [text for each in drawn for text in each.get("text") or ()]
        assert f"image 63, 3 of 4: a {load().labels[63]}" in found
        names = own or [written(letter, n) for letter in "wahz" for n in (0, 1)]
        assert {f"<i>{each}</i>" for each in names} <= {*found}
        for n in range(filters):
            at = found.index(f"<i>{written('w', n) if filters > 1 else 'w'}</i>")
            assert found[at + 1 : at + 3] == ["∂ this", "∂ all 4"]


def test_the_whole_digit_is_the_one_shown_and_the_batchs_gradient_that_of_all() -> None:
    scene = OF_FOUR.having("back", "sum")
    maps = _maps(scene, map_pass(scene))
    np.testing.assert_array_equal(maps["d"].values[0], digit(63))
    of_all = maps["b"].gradients
    assert of_all is not None
    np.testing.assert_allclose(of_all, np.sum(shares(scene), axis=0))
    rows, columns = _cut(scene)[0].nonzero()
    assert ({*rows.tolist()}, {*columns.tolist()}) == ({*range(4, 12)}, {*range(8, 16)})
    assert naming(scene).function == "Σz"
    assert naming(scene.having("back", "one")).function == "z₁‚₂‚₂"


@for_each(("back", "loss"), [("sum", "Here L = Σz."), ("one", "Here L = z₁‚₂‚₂.")])
def test_an_explanation_says_which_output_l_is_or_that_it_is_the_sum(back: str, loss: str) -> None:
    scene = OF_FOUR.having("back", back).having("entry", "w1,2,2")
    assert loss in CONV_2D_SUBJECT.picture(scene).explanation


def test_each_map_carries_its_own_numbers_and_count() -> None:
    scene = OF_FOUR.having("filters", 2).having("back", "sum")
    maps, picture = _maps(scene, map_pass(scene)), CONV_2D_SUBJECT.picture(scene)
    own = {p: (each, i) for each in maps.values() for i, p in enumerate(each.prefixes)}
    carried = [grid for grid in picture.grids if grid.values and grid.gradients]
    assert {"w1,", "w2,", "a1,", "a2,"} <= {grid.prefix for grid in carried}
    for grid in carried:
        of, i = own[grid.prefix]
        for packed, numbers in ((grid.values, of.values), (grid.gradients, of.gradients)):
            assert packed is not None
            assert numbers is not None
            found = np.frombuffer(b64decode(packed.data), f"<i{packed.size}") * packed.scale
            np.testing.assert_allclose(found, numbers[i].ravel())
    for prefix, (of, i) in own.items():
        if of.gradients is not None:
            count, size = np.count_nonzero(of.gradients[i]), of.gradients[i].size
            counted = f"Gradient of {prefix.rstrip(',')}, {count} of {size} nonzero."
            assert counted in picture.summary()


def test_while_gradients_are_predicted_their_maps_are_there_whatever_was_shown() -> None:
    predicting = Screen(exercise=Exercise())
    both, values = (
        {grid.said for grid in CONV_2D_SUBJECT.picture(scene, predicting).grids}
        for scene in (OF_FOUR, OF_FOUR.having("show", "values"))
    )
    assert both == values
    picture = CONV_2D_SUBJECT.picture(OF_FOUR, predicting)
    assert (picture.explanation, picture.latex()) == ([], "")


def test_a_sweep_of_another_digit_than_the_first_is_of_that_digit() -> None:
    moved = [OF_FOUR.moved("w1,1,1", value) for value in (-1.0, 0.5)]
    for scene, picture in zip(moved, CONV_2D_SUBJECT.pictures(moved), strict=True):
        assert picture.figure == CONV_2D_SUBJECT.picture(scene).figure


def test_what_another_rule_would_give_is_described_by_its_own_gradients() -> None:
    scene = PRESETS["paper"].having("crop", "6").having("back", "sum")
    traced = conv_2d_trace(scene)
    for rule in ("lab", "pytorch-max-pool"):
        there = traced.under(RULES[rule].kinks)
        cells = CONV_2D_SUBJECT.describe(there, scene).cells
        given = [cell.grad for cell in cells.values() if cell.letter == "h"]
        assert given == there.steps[2].grads[0].ravel().tolist()


def test_each_digits_share_stands_beside_its_name() -> None:
    scene = Conv2DScene(digits=3, back="sum", entry="b1,2,3")
    assert CONV_2D_SUBJECT.script(scene).explained is None, "a script's pass is of one digit"
    layer = Sequential(Conv2D(), ReLU(), MaxPool2D(2))
    parts = []
    for number in (61, 62, 63):
        top, left = scene.corner
        x = digit(number)[top : top + 28, left : left + 28]
        share = trace(layer, x, weights(scene), kinks=RULES["lab"].kinks).grads[1][0, 1, 2]
        parts.append((float(share), int(load().labels[number])))
    assert len({share for share, _ in parts}) == 3
    shares_said = " + ".join(
        f"{factor(share)} (digit {i}, {'an' if shown == 8 else 'a'} {shown})"
        for i, (share, shown) in enumerate(parts, 1)
    )
    total = signed(sum(share for share, _ in parts))
    assert list(CONV_2D_SUBJECT.picture(scene).explanation[:3]) == [
        f"∂L/∂w₁‚₂‚₃ over the minibatch = {total}.",
        f"Each digit adds its share: {shares_said} = {total}.",
        "It is a sum, since every digit meets the same filters.",
    ]
    # The other digits have no part in one z of the digit that is shown.
    alone = CONV_2D_SUBJECT.picture(replace(scene, back="one")).explanation
    assert [share.partition(" ")[0] for share in alone[1].split(": ")[1].split(" + ")][1:] == [
        "0",
        "0",
    ]
    assert alone[2] == "L is one output of one digit: the other digits add nothing."
    of_two = CONV_2D_SUBJECT.picture(replace(scene, digits=2, shown=1, back="one")).explanation
    assert of_two[2] == "L is one output of one digit: the other digit adds nothing."


def test_a_sum_over_the_minibatch_that_the_written_shares_do_not_give_is_only_about_that() -> None:
    thirds = replace(PRESETS["minibatch"], pool=3, pool_stride=3, rule="pytorch-amax")
    picture = CONV_2D_SUBJECT.picture(replace(thirds, entry="b1,1,1"))
    said = picture.explanation[1]
    assert said.endswith(" + 3.85417 (digit 3, a 3) + 8.25 (digit 4, a 7) ≈ +18.1458.")
    assert picture.latex().endswith(r"= 3.25 + 2.79167 + 3.85417 + 8.25 \approx 18.1458")


@for_each("narrow", [False, True])
@for_each("slug", CONV_2D_SUBJECT.presets)
def test_every_count_says_what_is_counted(slug: str, narrow: bool) -> None:
    picture = CONV_2D_SUBJECT.picture(CONV_2D_SUBJECT.presets[slug], Screen(narrow=narrow))
    said = [text for trace in picture.figure["data"] for text in trace.get("text", ())]
    counts = [text for text in said if re.search(r"\d</b>( of |/)\d", text)]
    assert counts
    assert all(text.endswith((" nonzero", " ≠ 0")) for text in counts)


@pytest.mark.parametrize(("narrow", "written"), [(False, "all"), (True, "100")])
def test_cells_that_a_whole_class_marked_say_all_where_100_has_no_room(
    narrow: bool, written: str
) -> None:
    shares = tuple((f"w1,{row},{column}", (1.0,)) for row, column in product((1, 2, 3), repeat=2))
    screen = Screen(narrow=narrow, exercise=Exercise(shares=shares))
    figure = CONV_2D_SUBJECT.picture(Conv2DScene(), screen).figure
    assert [text for each in figure["data"] for text in each.get("text", ())].count(written) == 9
    assert [*crossing(figure)] == []
