"""The scene of any stack: its address both ways, what is refused, what an address cannot hold."""

import json
import re
from itertools import count
from random import Random
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import RULES, Conv1D, Linear, MaxPool, ReLU, Residual, Sequential, trace
from pages.derive.picture import Screen
from pages.figures.primitives import text_width
from pages.session.page_state import PageState
from pages.stack.array_codec import ArrayCodec
from pages.stack.cases import CASES
from pages.stack.grammar import read_stack
from pages.stack.stack import ENTRIES_MOST, LAYERS, LENGTH_MOST, Stack, StackError, item, new_item
from pages.stack.stack_scene import (
    ADDRESS_MOST,
    KEYS,
    SHAPE_CODEC,
    StackScene,
    _computes,
    as_file,
    from_file,
    nearest,
)
from pages.stack.stack_subject import STACK_SUBJECT
from pages.stack.start import drawn
from pages.state.predict import Exercise
from pages.state.scene import STEP, escaped
from tests.for_each import for_each

START: Final = STACK_SUBJECT.start
NETS: Final = (
    "relu",
    "leakyrelu(0.25)-abs",
    "conv1d(2)-residual(conv1d(3,padding=1,bias=True)-relu)-maxpool",
    "concat(relu|residual(abs)|)-maxpool(2)",
    "conv2d(3,filters=2)-relu-maxpool2d(2)-flatten-linear(2)-softmaxcrossentropy(1)",
)
EVERY: Final = {
    **CASES,
    **{net: START.updated({"layers": net})[0] for net in NETS},
}


def opened(layers: str, **others: str) -> StackScene:
    scene, problems = START.updated({"layers": layers, **others})
    assert problems == []
    return scene


# --- the address


@pytest.mark.parametrize("name", EVERY)
def test_an_address_holds_the_whole_state_whatever_was_there_before(name: str) -> None:
    scene = EVERY[name]
    for before in (START, EVERY["relu"], scene):
        assert before.updated(scene.query()) == (scene, [])
    assert {*scene.query()} <= KEYS
    moved = scene.moved(next(iter(scene.entry_names())), -1.5)
    assert START.updated(moved.query()) == (moved, [])


def test_cases_are_true_to_their_titles() -> None:
    dead = CASES["dead-relu"]
    before = dead.array("w1") @ dead.array("x")
    assert [*(before < 0)] == [False, True, False]
    assert dead.entry == "w1.2,1", "of the unit that is dead"
    assert not dead.trace.grads[1][1].any()
    assert dead.trace.grads[1][[0, 2]].all()
    tied = CASES["maximum-tie"]
    x, w1, w2 = (tied.array(letter) for letter in ("x", "w1", "w2"))
    one, other = (np.correlate(x, w) for w in (w1, w2))
    assert [*(one == np.maximum(other, 0))] == [True, False, False, False]
    assert tied.entry == "a1.1", "of the tie"
    for slug in ("two-filters", "digit"):
        argument, index = CASES[slug].place(CASES[slug].entry) or (1, ())
        assert (argument, CASES[slug].trace.grads[0][index]) == (0, 0), "of a zero of x"
    paths = CASES["residual"].trace.values[0].parts
    assert len(paths) == 2
    assert all(part.any() for part in paths)


def test_layers_alone_get_a_shape_that_fits_and_numbers_with_which_something_happens() -> None:
    for net in NETS:
        scene = opened(net)
        assert str(scene.stack) == net
        assert scene.stack.shape(scene.shape) is not None
        gradients = scene.trace.grads[0]
        if "relu" in net.split("-"):
            assert gradients.any(), net
            assert not gradients.all(), net
            assert scene.trace.grads[0][scene.place(scene.entry)[1]] == 0  # type: ignore[index]
        assert opened(net) == scene, "the same each time"


@for_each(
    ("net", "shape"),
    [
        ("add(conv1d(1,stride=4)|conv1d(9))", (11,)),  # ⌊10 / 4⌋ + 1 = 11 − 8
        ("add(maxpool(9)|conv1d(9))-relu", (9,)),
        ("add(maxpool(9)|conv1d(9))-flatten-linear(2)", (1, 1, 9)),
        ("add(maxpool(100)|conv1d(100))", (100,)),
    ],
)
def test_the_only_length_that_fits_is_found(net: str, shape: tuple[int, ...]) -> None:
    assert opened(net).shape == shape


def test_the_pass_of_a_scene_is_its_layers_on_its_numbers() -> None:
    scene = opened(
        "residual(conv1d(2,padding=1)-relu-maxpool(2,stride=1))", shape="4", x="1,2,-1,3", w="1,-1"
    )
    block = Residual(Sequential(Conv1D(padding=1), ReLU(), MaxPool(2, 1)))
    expected = trace(block, [1, 2, -1, 3], [1, -1], kinks=RULES["pytorch-max-pool"].kinks)
    assert np.array_equal(scene.trace.output, expected.output)
    for one, other in zip(scene.trace.grads, expected.grads, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    ("net", "rule"),
    [
        ("conv1d(3)-relu-maxpool(2)", "lab"),
        ("linear(2)", "lab"),
        ("relu-leakyrelu", "pytorch-max-pool"),
        ("maximum(relu|)-maxpool", "pytorch-max-pool"),
    ],
)
def test_a_stack_opens_with_the_labs_rule_where_the_lab_has_all_its_kinks(
    net: str, rule: str
) -> None:
    assert opened(net).rule == rule
    assert opened(net, rule="jax-max").rule == "jax-max"
    assert opened(net, rule="pytorch-max-pool").query()["rule"] == "pytorch-max-pool"


def test_what_can_be_said_is_said_in_the_address() -> None:
    query = opened("linear(2,bias=True)-relu-linear(1)", shape="2", x="1,-0.5").query()
    assert [*query] == ["layers", "shape", "x", "w1", "b", "w2", "dy2", "rule", "step", "entry"]
    assert (query["shape"], query["x"], query["dy2"], query["step"]) == ("2", "1,-0.5", "1", "6")


def test_every_letter_that_a_stack_may_have_is_a_key() -> None:
    for name in LAYERS:
        for letter in new_item(name).arguments:
            assert {letter, f"{letter}1", f"{letter}64"} <= KEYS
    assert {"dL", "dz", "dy2", "x"} <= KEYS


# --- the numbers of an array

SMALL: Final = ArrayCodec((3,), is_input=True)
LARGE: Final = ArrayCodec((1, 1, 6, 6), is_input=True)
WEIGHTS: Final = ArrayCodec((6, 6), is_input=False)


def test_a_shape_of_at_most_2000_entries_is_read() -> None:
    assert SHAPE_CODEC.read("(40, 50)") == (40, 50)
    assert SHAPE_CODEC.read("(6,)") == SHAPE_CODEC.read("6,") == (6,)
    with pytest.raises(ValueError, match="41,50"):
        SHAPE_CODEC.read("41,50")


def test_an_array_of_more_than_24_numbers_keeps_its_origin() -> None:
    each = [ArrayCodec((count,), is_input=False).of("seed:3") for count in (24, 25)]
    assert [values.origin for values in each] == ["", "seed:3"]


def test_few_numbers_are_written_each() -> None:
    values = SMALL.read("seed:3")
    assert values.numbers == tuple(drawn((3,), 3, is_input=True))
    assert SMALL.write(values) == ",".join(f"{each:g}" for each in values.numbers)
    assert SMALL.read("1,-0.5,0.1") == SMALL.made([1, -0.5, 0.1])


@pytest.mark.parametrize(
    ("codec", "text", "numbers"),
    [
        (LARGE, "seed:7", drawn((36,), 7, is_input=True)),
        (WEIGHTS, "seed:7", drawn((6, 6), 7, is_input=False)),
        (LARGE, "2", np.full(36, 2.0)),
        (LARGE, "0;36=1;to=8", np.eye(1, 36, 35)),
        (LARGE, "1;2=5", np.where(np.arange(36) == 1, 5, 1)),
    ],
)
def test_many_numbers_are_written_by_where_they_come_from(
    codec: ArrayCodec, text: str, numbers: Any
) -> None:
    values = codec.read(text)
    assert values.numbers == tuple(np.ravel(numbers))
    assert codec.write(values) == text
    assert codec.read(codec.write(values)) == values


def test_a_digit_is_a_part_of_its_image() -> None:
    from pages.state.digits import digit

    values = LARGE.read("digit:61,10,12;1=-3")
    expected = digit(61)[10:16, 12:18].ravel().tolist()
    assert values.numbers == (-3, *expected[1:])
    assert LARGE.write(values) == "digit:61,10,12;1=-3"
    assert SMALL.read("digit:61,10,12").numbers == tuple(expected[:3])


@for_each(
    ("text", "written"),
    [("0.0", "0"), ("2.00", "2"), ("digit:61,0,0", "0"), ("1;5=1", "1"), ("1;to=4", "1")],
)
def test_numbers_that_are_all_alike_are_written_as_one_number(text: str, written: str) -> None:
    assert LARGE.write(LARGE.read(text)) == written


def test_a_single_number_is_asked_for_as_one() -> None:
    one = "a number from −1,000,000 to 1,000,000"
    assert ArrayCodec((1, 1), is_input=True).needs == one


def test_an_origin_that_is_gone_is_forgotten() -> None:
    values = LARGE.read("seed:7")
    for at in range(19):
        assert values.origin == "seed:7", "half of the numbers are still there"
        values = LARGE.moved(values, at, 0.125 * at + 3)
    assert values.origin == ""
    assert LARGE.read(LARGE.write(values)) == values


@pytest.mark.parametrize(
    ("numbers", "reach"), [([0, 0, 0], 4), ([4, -4, 1], 4), ([1, -5, 0], 8), ([1e5, 0, 0], 131072)]
)
def test_sliders_reach_a_power_of_two_beyond_the_numbers(numbers: list[float], reach: int) -> None:
    values = SMALL.made(numbers)
    assert values.reach == reach
    smaller = SMALL.moved(values, numbers.index(max(numbers, key=abs)), 0.5)
    assert smaller.reach == reach, "they stay as they are while one moves"
    assert SMALL.read(SMALL.write(smaller)) == smaller


@for_each(
    "text",
    [
        "",
        "1,2",
        "1,2,3,4",
        "a,b,c",
        "nan,0,0",
        "1e7,0,0",
        "seed:",
        "seed:-1",
        "seed:1.5",
        "digit:1",
        "digit:10000,0,0",
        "digit:1,28,0",
        "1,2,3;4=1",
        "1,2,3;0=1",
        "1,2,3;1=x",
        "1,2,3;to=0",
        "1,2,3;to=3",
        "1,2,3;to=6",  # no power of two: steps would not be exact
        "8,2,3;to=4",
        "1,2,3;to=1e300",
        "1,2,3;",
        "__import__:1",
    ],
)
def test_what_are_no_numbers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*$"):
        SMALL.read(text)


# --- values that are refused


X_NEEDS = (
    "x = “1,2”, but x needs 6 numbers from −1,000,000 to 1,000,000, or an origin as in seed:3: "
)
SHAPE_NEEDS = "shape needs one to 4 whole numbers, as in 1,1,6, of 2,000 entries at most: "
NOT_SHOWN = "The address asks for a network that cannot be shown."


@for_each(
    ("key", "text", "said"),
    [
        ("x", "1,2", X_NEEDS),
        ("x", "digit:0,28,0", "x: A part of 1 × 6 pixels is needed"),
        ("w2", "<b>", "w2 = “<b>”, but w2 needs 8 numbers"),
        ("dy", "inf,1", "dy = “inf,1”"),
        ("rule", "mine", "rule needs one of lab,"),
        ("step", "99", "step needs a whole number from 0 to 10: it is 10 instead"),
        ("entry", "q1", "entry needs one of (nothing), x1, x2,"),
        ("shape", "banana", SHAPE_NEEDS),
        ("shape", "1,1,1,1,6", SHAPE_NEEDS),
        ("shape", "1 1 6", SHAPE_NEEDS),  # and not 116
        ("shape", "0", SHAPE_NEEDS),
        ("shape", "99999999", SHAPE_NEEDS),
        ("shape", "1,1,2", "So x has shape (1, 1, 6) instead."),
        ("layers", "conv1d(3", "Character 9: “)” is needed here; got “the end”."),
        ("layers", "convv1d", "there is no layer convv1d; is it conv1d?"),
        ("layers", "", f"{NOT_SHOWN} A stack needs at least one layer."),
        ("layers", "maxpool(-1)", "maxpool"),
        ("layers", "linear(3)-conv2d(5)", f"{NOT_SHOWN} linear(3) does not fit"),
        ("layers", "conv1d(3,filters=900)", f"{NOT_SHOWN} w has shape (900, 1, 3), 2,700 entries"),
        ("layers", "relu-conv2d(1,padding=200)", f"{NOT_SHOWN} The output of conv2d has shape"),
        ("layers", "linear(99999999)", "linear takes at most 2,000 for out_features."),
        ("layers", "-".join(["relu"] * 1000), "A stack has at most 64 layers; this one has 1000."),
        ("layers", "relu-" * 5000, "A stack takes at most 5,900 characters"),
        ("layers", "__import__('os').system('true')", "Character 1"),
    ],
)
def test_a_mangled_value_is_one_sentence_and_the_rest_stays(key: str, text: str, said: str) -> None:
    scene, problems = START.updated({**START.query(), key: text})
    assert scene == START
    assert len(problems) == 1
    assert said in problems[0]
    assert len(problems[0]) < 1000


def test_numbers_for_a_shape_that_x_cannot_have_are_not_spoken_of_besides() -> None:
    scene, (problem,) = START.updated({"layers": "maxpool(5)", "shape": "2", "x": "1,2"})
    assert scene.shape == (10,)
    assert problem.endswith("So x has shape (10,) instead.")


def test_a_message_quotes_the_beginning_of_a_long_value_that_is_kept() -> None:
    scene = opened("relu", shape="24", x=",".join(["0.25"] * 23 + ["1"]), entry="")
    _, (problem,) = scene.updated({"x": "banana"})
    assert problem.endswith(f": it is {'0.25,' * 8}… instead.")
    _, (problem,) = scene.updated({"entry": "q1"})
    assert problem.endswith(": it is none instead.")


def test_weights_that_are_too_many_with_any_x_are_said_before_a_window_that_is_too_large() -> None:
    # As LeNet begins: 16 filters of 6 channels of 5 × 5.
    lenet = "conv2d(5,filters=6)-relu-maxpool2d(2)-conv2d(5,filters=16)-flatten-linear(10)"
    _, (problem,) = START.updated({"layers": lenet})
    assert "w2 has shape (16, 6, 5, 5), 2,400 entries: an array has at most 2,000." in problem


def test_the_same_layers_with_an_x_of_another_shape_begin_with_numbers_of_their_own() -> None:
    before = START.moved("x1", 2.0)
    scene, problems = before.updated({"shape": "1,1,8"})
    assert (scene.stack, scene.shape, problems) == (START.stack, (1, 1, 8), [])
    assert scene.array("x").shape == (1, 1, 8)
    assert scene.array("w2").shape == (2, 6)
    for text in ("1,1,6", "(1, 1, 6)", " ( 1 , 1 , 6 ) "):
        assert before.updated({"shape": text}) == (before, [])
    assert scene.updated({"layers": str(scene.stack)}) == (scene, []), "its shape stays"
    assert scene.updated({"shape": "banana"})[0] == scene


def test_a_loss_that_cannot_have_these_examples_is_said_at_its_place() -> None:
    scene, problems = START.updated({"layers": "linear(2)-softmaxcrossentropy(7)", "shape": "1,3"})
    assert scene == START
    assert "softmaxcrossentropy(7)" in problems[0]


def test_numbers_that_leave_the_range_of_floats_are_refused() -> None:
    deep = opened("-".join(["linear(4)"] * 30), shape="4")
    large = ",".join(["1e6"] * 16)
    scene, problems = deep, []
    for number in range(1, 31):
        scene, said = scene.updated({f"w{number}": large})
        problems += said
        assert np.isfinite(scene.trace.output).all()
    told = "With numbers that are so large the pass leaves the range of numbers."
    assert any(each.endswith(told) for each in problems)
    assert all(len(each) < 200 for each in problems)


def test_only_an_entry_that_leaves_its_range_can_be_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pages.stack.stack_scene._computes", lambda *_: False)
    assert START.moved("x1", 4.0).value("x1") == 4
    with pytest.raises(StackError, match="so large"):
        START.moved("x1", 4.25)


@pytest.mark.parametrize(
    ("reaches", "computes"),
    [
        ((4, 4, 4), True),
        ((1e200, 1e200, 1), False),  # y is infinite
        ((1, 1, 1e130), False),  # only what is sent back is too large
    ],
)
def test_a_pass_computes_if_all_that_flows_is_in_range(
    reaches: tuple[float, ...], computes: bool
) -> None:
    assert _computes(read_stack("linear(1)"), (1,), reaches) == computes


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=150)
def test_no_mangled_address_breaks_it(seed: int) -> None:
    """Characters are lost, doubled, or replaced."""
    random = Random(seed)
    query = dict(random.choice([*EVERY.values()]).query())
    for _ in range(random.randrange(1, 4)):
        key = random.choice([*query])
        text = query[key]
        at = random.randrange(len(text) + 1)
        sign = random.choice("()|-,=:;0123456789.eE _xwd\x00\ud800é<")
        query[key] = random.choice(
            [text[:at] + text[at + 1 :], text[:at] + sign + text[at:], text[:at], text[at:] * 2]
        )
    scene, problems = START.updated(query)
    assert START.updated(scene.query()) == (scene, [])
    assert scene.trace.values
    assert all(each and len(each) < 1000 for each in problems)


# --- another network


def test_numbers_stay_where_they_fit() -> None:
    before = START.moved("x2", 3.25).moved("w1.2,1", -2.5)
    there = before.over(before.stack.removed((2,)), before.shape)
    assert str(there.stack) == "conv1d(3,filters=2)-relu-flatten-linear(2)"
    assert there.values("x") == before.values("x")
    assert there.values("w1") == before.values("w1")
    assert there.array_codecs["w2"].shape == (2, 8)
    with pytest.raises(StackError, match="does not fit"):
        before.over(before.stack, (2, 2))


@pytest.mark.parametrize("at", [1, 2, 3])
def test_another_network_opens_at_a_zero_of_the_numbers_that_stay(at: int) -> None:
    before = opened("relu", shape="3", x="1,1,1").moved(f"x{at}", -1)
    assert before.over(read_stack("relu-abs"), (3,)).entry == f"x{at}"


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_address_of_another_network_opens_at_a_zero_of_its_own_numbers(at: int) -> None:
    x = ",".join("-1" if entry == at else "1" for entry in (1, 2, 3))
    assert opened("relu", shape="3", x=x).entry == f"x{at}"


def test_a_stack_of_no_layers_cannot_be_opened() -> None:
    with pytest.raises(StackError, match="at least one layer"):
        StackScene.opened(Stack(()), (2,))


def test_layers_of_another_name_do_not_take_numbers_that_would_fit() -> None:
    before, _ = numbered("conv2d(3)", "5,5")
    there = before.over(read_stack("linear(3)"), (3,))
    assert there.array("w").shape == before.array("w").shape == (3, 3)
    assert there.values("w") == opened("linear(3)", shape="3").values("w")


@pytest.mark.parametrize(
    ("layers", "shape"),
    [("conv1d(30)", (32,)), ("conv1d(3)-conv2d(3)", (5,)), ("relu-linear(2)-conv2d(5)", (5,))],
)
def test_the_nearest_shape_fits_if_one_does(layers: str, shape: tuple[int, ...]) -> None:
    assert nearest(read_stack(layers)) == shape


def test_only_x_and_the_parameters_have_a_place() -> None:
    assert START.place("x2") == (0, (0, 0, 1))
    assert START.place("w2.2,4") == (2, (1, 3))
    for entry in ("dy1", "step", "h1", ""):
        assert START.place(entry) is None


def test_the_rule_stays_where_it_states_what_the_layers_need() -> None:
    before = opened("relu", shape="4").under("mlx")
    assert before.rule == "mlx" != opened("relu", shape="4").rule
    assert before.over(read_stack("relu-maxpool(2)"), (1, 1, 4)).rule == "mlx"
    begun = opened("maximum(relu|abs)", shape="4")
    lab = opened("relu", shape="4").under("lab")
    assert lab.over(begun.stack, (4,)).rule == begun.rule != "lab"


def test_x_does_not_take_the_numbers_of_what_was_sent_where_that_had_its_shape() -> None:
    before = opened("maxpool(2,stride=1)", shape="4", dy="5,6,7")
    there = before.over(before.stack, (3,))
    assert there.array("x").tolist() == opened("maxpool(2,stride=1)", shape="3").array("x").tolist()
    assert there.array("x").tolist() != [5, 6, 7]


def numbered(layers: str, shape: str) -> tuple[StackScene, Stack]:
    """A scene in which no number occurs twice, and its layers."""
    scene, numbers = opened(layers, shape=shape), count(1)
    for letter, codec in scene.array_codecs.items():
        scene = scene.numbered(letter, [next(numbers) / 4 for _ in range(codec.size)])
    return scene, scene.stack


def test_a_layer_that_is_kept_has_its_numbers_under_whatever_letters() -> None:
    before, stack = numbered("linear(4,bias=True)-relu-linear(4)", "4")

    without = before.over(stack.removed((0,)), (4,))
    assert without.letters == ["x", "w", "dy"]
    assert without.values("w") == before.values("w2"), "and not those of the one that is gone"
    assert without.values("x") == before.values("x")
    assert without.values("dy") == before.values("dy2")
    first = before.over(stack.removed((2,)), (4,))
    assert first.values("w") == before.values("w1")

    more = before.over(stack.added((0,), item("linear", {"out_features": 4})), (4,))
    assert [more.values(each) for each in ("w2", "b", "w3")] == [
        before.values(each) for each in ("w1", "b", "w2")
    ]
    assert more.values("w1") not in before.arrays

    swapped = before.over(stack.moved((2,), (0,)), (4,))
    assert [swapped.values(each) for each in ("w1", "w2", "b")] == [
        before.values(each) for each in ("w2", "w1", "b")
    ]


def test_a_layer_that_is_changed_or_typed_anew_has_its_numbers_as_far_as_they_fit() -> None:
    before, stack = numbered("conv1d(3,filters=2)-relu-flatten-linear(2)", "1,1,6")
    biased = before.over(stack.changed((0,), bias=True), before.shape)
    assert biased.values("w1") == before.values("w1")
    assert biased.values("w2") == before.values("w2")
    typed = before.over(read_stack("conv1d(3,filters=2)-abs"), before.shape)
    assert typed.values("w") == before.values("w1")
    larger = before.over(stack.changed((0,), kernel_size=5), before.shape)
    assert larger.array_codecs["w1"].shape == (2, 1, 5)


@pytest.mark.parametrize(
    ("layers", "shape", "other"),
    [
        ("relu", "6", (1, 1, 6)),
        ("conv1d(3,filters=2)-relu", "6", (1, 1, 6)),
        ("conv1d(3,filters=2)-relu", "1,1,6", (6,)),
        ("conv2d(2,filters=2)-maxpool2d(2)", "3,3", (1, 3, 3)),
        ("linear(4,bias=True)-relu-linear(2)", "3", (1, 3)),
    ],
)
def test_an_axis_of_one_entry_changes_no_number(
    layers: str, shape: str, other: tuple[int, ...]
) -> None:
    before, stack = numbered(layers, shape)
    there = before.over(stack, other)
    assert there.shape == other
    assert [each.numbers for each in there.arrays] == [each.numbers for each in before.arrays]
    assert START.updated(there.query()) == (there, [])


def test_what_has_another_shape_has_other_numbers_and_all_else_stays() -> None:
    before, stack = numbered("linear(4)-relu-linear(2)", "4")
    there = before.over(stack, (3,))
    kept = [letter for letter in there.letters if there.values(letter) == before.values(letter)]
    assert kept == ["w2", "dy2"]


@pytest.mark.parametrize(
    ("shape", "origin", "other", "its"),
    [
        ("30", "seed:3", (1, 1, 30), "seed:3"),
        ("1,28", "digit:61,14,0", (28, 1), ""),  # no column of the image is that row
        ("5,6", "digit:61,10,10", (1, 1, 5, 6), "digit:61,10,10"),
    ],
)
def test_an_origin_stays_where_it_is_one_of_the_other_shape_too(
    shape: str, origin: str, other: tuple[int, ...], its: str
) -> None:
    """The sliders keep their range, too."""
    before, _ = START.updated({"layers": "relu", "shape": shape, "x": f"{origin};to=32"})
    there = before.over(before.stack, other)
    assert there.values("x").numbers == before.values("x").numbers
    assert (there.values("x").origin, there.values("x").reach) == (its, 32)
    assert START.updated(there.query()) == (there, [])


# --- too long for an address


def large() -> StackScene:
    scene = opened("relu", shape="40,50")
    numbers = np.random.default_rng(1).normal(0, 1, (40, 50)).round(3)
    return scene.numbered("x", numbers)


def test_what_has_no_room_in_an_address_is_said_and_is_in_a_file() -> None:
    scene = large()
    assert len(escaped(scene.query())) > ADDRESS_MOST
    address, (said,) = scene.address()
    assert len(escaped(address)) <= ADDRESS_MOST
    assert address == {key: text for key, text in scene.query().items() if key != "x"}
    assert said == (
        "This state is too long for an address, which leaves out x: Slide and Network have all of "
        "it as a file."
    )
    assert from_file(as_file(scene).encode(), START) == (scene, [])
    assert START.address() == (START.query(), [])


def test_the_longest_layers_have_room_in_an_address() -> None:
    labels = 1461
    loss = f"softmaxcrossentropy({','.join('0' * labels)})"
    scene = opened(f"add({loss}|{loss})", shape=f"{labels},1")
    assert len(escaped({"layers": str(scene.stack)})) == LENGTH_MOST - 1
    assert scene.address() == (scene.query(), [])
    for numbers in (np.arange(labels) / 8, np.arange(labels) % 2):  # the second is shorter
        address, (said,) = scene.numbered("x", numbers).address()
        assert address == {key: text for key, text in scene.query().items() if key != "x"}
        assert "which leaves out x:" in said


@pytest.mark.parametrize(("length", "whole"), [(5_999, True), (6_000, False), (6_004, False)])
def test_an_address_with_its_question_mark_has_6000_characters_at_most(
    length: int, whole: bool
) -> None:
    scene = opened(f"add({'|' * 99})", shape="1050")  # in an address, | takes three characters
    more = length - len(escaped(scene.numbered("x", [*[0.25] * 1049, 0.75]).query()))
    there = scene.numbered("x", [*[0.125] * more, *[0.25] * (1049 - more), 0.75])
    assert len(escaped(there.query())) == length
    assert (there.address() == (there.query(), [])) == whole


def test_a_server_that_forgot_it_hears_all_of_it_from_the_browser() -> None:
    state: PageState[StackScene] = PageState(START, STACK_SUBJECT.presets, START)
    state.read_address(large().address()[0])
    assert state.scene != large()
    state.hear({"serial": "1", "address": large().query()})
    assert state.scene == large()


NO_FILE = r"^A file is needed that was saved under Network; this one is none, or is damaged\.$"


@for_each(
    "content",
    [b"", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"layers": 3}', b'{"page": "stack"}'],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(StackError, match=NO_FILE):
        from_file(content, START)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ("convv1d", "Character 1: there is no layer convv1d; is it conv1d?"),
        ("", "A stack needs at least one layer."),
        ("linear(3)-conv2d(5)", "conv2d(5) does not fit"),
    ],
)
def test_a_file_of_a_network_that_cannot_be_shown_is_refused(layers: str, said: str) -> None:
    content = json.dumps({"page": "stack", "layers": layers, "x": "1,2"}).encode()
    with pytest.raises(StackError) as raised:
        from_file(content, START)
    assert str(raised.value).startswith(said)


def test_a_file_with_a_mangled_value_has_the_rest() -> None:
    for x, said in (("what", 1), (3, 0)):
        content = json.dumps({**START.query(), "x": x, "w1": "1,1,1,1,1,1"}).encode()
        scene, problems = from_file(content, START)
        assert scene.values("w1").numbers == (1,) * 6
        assert scene.values("x") == START.values("x")
        assert len(problems) == said


# --- its picture


def test_a_slider_goes_as_far_as_the_numbers() -> None:
    scene = opened("linear(2)", shape="2", x="1,-20", w="1,0.5,1,1")
    sliders = {each.name: each for each in STACK_SUBJECT.sliders(scene)}
    assert (sliders["x1"].low, sliders["x1"].high, sliders["x1"].grid) == (-32, 32, 2)
    assert (scene.codec_of("x1").low, scene.codec_of("x1").high) == (-32, 32)
    sent = {each.name: each for each in STACK_SUBJECT.sliders(scene.chosen("y1"))}
    assert (sent["dy1"].low, sent["dy1"].grid) == (-4, 0.25)


@for_each("net", ["relu", "linear(2)-softmaxcrossentropy(1)"])
def test_the_scene_of_its_own_subject_has_the_numbers_that_its_entries_were_moved_to(
    net: str,
) -> None:
    scene = opened(net)
    numbers = {entry: at % 16 / 8 for at, entry in enumerate(scene.entry_names()) if entry != STEP}
    for entry, number in numbers.items():
        scene = scene.moved(entry, number)
    assert {entry: scene.inner.value(entry) for entry in numbers} == numbers


@pytest.mark.parametrize("layers", [{"shape": "3", "x": "1e6,0,0"}, {"shape": "30", "x": "1e6"}])
def test_a_slider_goes_no_farther_than_is_read_again(layers: dict[str, str]) -> None:
    scene = opened("relu", **layers, entry="x1")
    slider = next(each for each in STACK_SUBJECT.sliders(scene) if each.name == "x1")
    for end in (slider.low, slider.high):
        there = scene.moved("x1", end)
        assert START.updated(there.query()) == (there, [])
        assert from_file(as_file(there).encode(), START) == (there, [])


@pytest.mark.parametrize("shape", ["2000", "1,1,40,50", "40,50"])
def test_as_many_entries_as_there_may_be_are_drawn(shape: str) -> None:
    scene = opened("relu", shape=shape)
    assert np.prod(scene.shape) == ENTRIES_MOST
    picture = STACK_SUBJECT.picture(scene)
    assert picture.explanation[0].startswith("∂L/∂x")
    assert STACK_SUBJECT.sliders(scene)


def test_what_l_is_is_said_once_and_not_while_the_reasons_are_hidden() -> None:
    scene = opened("linear(2)", shape="2")
    for cell in (*scene.entry_names(), "y1", "y2"):
        told = STACK_SUBJECT.picture(scene.chosen(cell)).explanation
        assert [*told].count("Here L = y₁ + y₂.") == 1, cell
    assert STACK_SUBJECT.picture(scene, Screen(exercise=Exercise())).explanation == []
    scalar = STACK_SUBJECT.picture(opened("maxpool", shape="3").chosen("x1")).explanation
    assert [*scalar].count("Here L = z.") == 1


def test_the_pictures_of_a_sweep_are_those_of_its_scenes_on_the_same_screen() -> None:
    scenes = [opened("relu", shape="2").moved("x1", value) for value in (-1.0, 0.0, 1.0)]
    screen = Screen("dark", narrow=True)
    swept = STACK_SUBJECT.pictures(scenes, screen)
    for scene, picture in zip(scenes, swept, strict=True):
        assert picture.figure == STACK_SUBJECT.picture(scene, screen).figure


def test_weights_of_a_layer_alone() -> None:
    scene = opened("linear(3)", shape="2")
    assert np.array_equal(scene.trace.output, trace(Linear(), *scene.trace.params).output)


def test_what_comes_back_along_edges_is_written_between_the_columns() -> None:
    net = "linear(5,bias=True)-relu-linear(3,bias=True)-softmaxcrossentropy(0)"
    scene = opened(net, shape="1,4").chosen("x1")
    layout, parts = STACK_SUBJECT.layout(scene), scene.trace.steps[0].grads[0]
    left, _, wide, _ = layout.boxes["x1"]
    right = layout.boxes["y1.1"][0]
    written = [
        (x, text)
        for trace in STACK_SUBJECT.picture(scene).figure["data"]
        if trace.get("mode") == "text"
        for x, text in zip(trace["x"], trace["text"], strict=True)
        if left + wide < x < right and re.fullmatch(r"[+−][\d.]+", text)
    ]
    assert parts[0, 0]
    assert len(written) == 2
    for x, text in written:
        half = text_width(text, layout.measures.note) / 2
        assert left + wide < x - half < x + half < right


def test_how_many_are_nonzero_stands_beneath_the_maps() -> None:
    layout = STACK_SUBJECT.layout(CASES["digit"])
    lowest = max(top + height for _, (_, top, _, height) in layout.maps.values())
    assert layout.counts_in_lines
    for _, y in layout.counts.values():
        assert y - 1.2 * layout.measures.count > lowest
        assert y + 1.2 * layout.measures.count < layout.height
