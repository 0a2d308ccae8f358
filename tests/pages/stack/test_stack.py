"""A stack: its address both ways, its shapes as in a run, layers that fit, edits, hostile texts."""

import random
import tracemalloc
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

import engine.layers
from engine import RULES, Graph, Operation, Residual, Sequential, trace
from pages.derive.derivation import letters
from pages.figures.info import letters_of
from pages.stack.grammar import read_stack, read_value
from pages.stack.stack import (
    LAYERS,
    Item,
    Stack,
    StackError,
    fields_of,
    item,
    joins,
    new_item,
    written,
)
from pages.stack.start import APART, TRIES, drawn, input_shape, shape_at_a_join, start
from tests.engine.rows import Row, every_layer
from tests.for_each import for_each

NET = "conv1d(3,filters=2,stride=2)-relu-maxpool(2)-flatten-linear(2)-softmaxcrossentropy(1)"


def shapes(text: str, shape: tuple[int, ...]) -> list[Any]:
    return [joint.shape for joint in read_stack(text).joints(shape)]


def problem(text: str, shape: tuple[int, ...]) -> str:
    (found,) = [joint.problem for joint in read_stack(text).joints(shape) if joint.problem]
    return found


# --- the address


def test_the_designs_address() -> None:
    stack = read_stack(NET)
    assert str(stack) == NET
    assert shapes(NET, (1, 1, 9)) == [(1, 2, 4), (1, 2, 4), (1, 2, 2), (1, 4), (1, 2), ()]
    assert stack.parameters((1, 1, 9)) == {"w1": (2, 1, 3), "w2": (2, 4)}
    assert isinstance(stack.layer, Sequential)
    assert stack.letters == ("x", "w1", "w2", "a", "h", "z", "f", "y", "L")


@for_each(
    ("text", "canonical"),
    [
        ("ReLU", "relu"),
        (" relu - maxpool( 2 ) ", "relu-maxpool(2)"),
        ("relu   -  maxpool(  2  )", "relu-maxpool(2)"),
        ("conv1d(kernel_size=3)", "conv1d(3)"),
        ("conv1d(3,padding=0,stride=1,bias=False)", "conv1d(3)"),
        ("conv2d((3,3),stride=(2,2),padding=(1,0))", "conv2d(3,stride=2,padding=(1,0))"),
        ("maxpool(2,stride=2)", "maxpool(2)"),
        ("maxpool(stride=1,kernel_size=(3))", "maxpool(3,stride=1)"),
        ("leakyrelu(negative_slope=-2.0)", "leakyrelu(-2)"),
        ("leakyrelu(1e-7)", "leakyrelu(1e-07)"),
        ("leakyrelu(0.01)", "leakyrelu"),
        ("linear(2,bias=true)", "linear(2,bias=True)"),
        ("softmaxcrossentropy(1,0)", "softmaxcrossentropy(1,0)"),
        ("convblock", "conv1d-relu-maxpool"),
        (" Conv1D ( 3 , Filters = 2 ) - Add ( ReLU | ) ", "conv1d(3,filters=2)-add(relu|)"),
        ("residual(convblock)", "residual(conv1d-relu-maxpool)"),
        ("residual()", "residual()"),
        ("add(|)", "add(|)"),
        ("concat(|relu|,dim=1)", "concat(|relu|,dim=1)"),
        ("concat(relu|, axis=0)", ""),
        ("", ""),
    ],
)
def test_the_shortest_form(text: str, canonical: str) -> None:
    if text and not canonical:
        with pytest.raises(StackError, match="concat has no argument axis; it has dim"):
            read_stack(text)
        return
    assert str(read_stack(text)) == canonical
    assert read_stack(canonical) == read_stack(text)


@pytest.mark.parametrize(
    "text",
    [
        "-".join(["relu"] * 64),
        "residual(" * 4 + "relu" + ")" * 4,
        "add(|" * 4 + ")" * 4,
        "relu".ljust(5_900),
    ],
)
def test_a_stack_exactly_at_the_limits_is_taken(text: str) -> None:
    stack = read_stack(text)
    assert stack.checked() is stack


def random_value(draw: random.Random) -> Any:
    simple = [1, 2, 3, 0.25, -0.5, True, False, (1, 2), (2, 2), (1,), (1, (0, 2)), "same"]
    return draw.choice(simple)


def random_item(draw: random.Random, depth: int) -> Item:
    while True:
        name = draw.choice([*LAYERS])
        each = {it.name: random_value(draw) for it in fields_of(name) if draw.random() < 0.5}
        several = 1 if name == "residual" else draw.choice((2, 2, 3))
        branches = [random_stack(draw, depth - 1) for _ in range(several)] if joins(name) else []
        data = (
            draw.choices(range(4), k=draw.randint(1, 3))
            if not joins(name) and LAYERS[name].data
            else []
        )
        try:
            return item(name, each, data, branches)
        except StackError:
            continue


def random_stack(draw: random.Random, depth: int = 2) -> Stack:
    most = 4 if depth else 0
    return Stack(tuple(random_item(draw, depth) for _ in range(draw.randint(0, most))))


def random_stacks(count: int) -> Iterator[Stack]:
    draw = random.Random(15)
    found = (random_stack(draw) for _ in range(10 * count))
    yield from (each for each in found if each.count <= 30)


def test_every_stack_survives_its_address() -> None:
    names = set()
    for stack, _ in zip(random_stacks(300), range(300), strict=False):
        text = str(stack)
        again = read_stack(text)
        assert again == stack, text
        assert str(again) == text
        assert "+" not in text
        assert " " not in text
        names |= {step.item.name for step in stack.steps}
    assert names == {*LAYERS}


def test_a_number_keeps_all_its_digits_in_an_address() -> None:
    text = "leakyrelu(0.123456789)"
    stack = read_stack(text)
    assert str(stack) == text
    assert stack.layer.forward([-1.0]).tolist() == [-0.123456789]


def test_a_mangled_address_is_refused_at_a_place_or_is_another_stack() -> None:
    draw = random.Random(16)
    texts = [NET, "residual(conv2d((3,2),padding=1)-relu)-concat(relu||abs,dim=1)"]
    for _ in range(600):
        text = draw.choice(texts)
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(text) + 1)
            gone = at + draw.randint(0, 3)
            text = text[:at] + draw.choice(["", *"(),-|=x9.é☃", "((", "1e9", "-0"]) + text[gone:]
        error = refusal(text)
        if error is None:
            stack = read_stack(text)
            assert read_stack(str(stack)) == stack
            continue
        assert error.position is not None, text
        assert 0 <= error.position <= len(text)
        assert str(error).startswith(f"Character {error.position + 1}: ")
        assert str(error).endswith((".", "?"))


def refusal(text: str) -> StackError | None:
    try:
        read_stack(text)
    except StackError as error:
        return error
    return None


@for_each(
    ("text", "said"),
    [
        ("con1d", "there is no layer con1d; is it conv1d?"),
        ("MaxPool1d(2)", "there is no layer maxpool1d; is it maxpool?"),
        ("zzz", "there is no layer zzz; there are abs, add, avgpool"),
        ("relu-", "a layer's name is needed here, as in relu-maxpool(2); got “the end”."),
        ("relu)", "“-” is needed here; got “)”."),
        ("conv1d(-3)", "conv1d: kernel_size needs a whole number, at least 1; got -3."),
        ("conv1d(3,padding=-1)", "conv1d: padding needs a"),
        ("conv1d(3,2)", "conv1d needs a name before each value but the first"),
        ("concat(relu|abs,1)", "concat needs a name before each value but the first"),
        ("conv1d(3,filtres=2)", "conv1d has no argument filtres; it has kernel_size, filters"),
        ("conv1d(3,stride=1,stride=2)", "conv1d has stride twice; once is enough."),
        ("conv1d(3,stride=9999)", "conv1d takes at most 200 for stride."),
        ("linear", "linear needs out_features, as in linear(2)."),
        ("linear(99999999999999999999)", "linear takes at most 2,000 for out_features."),
        ("leakyrelu(-201)", "leakyrelu takes at most 200 for negative_slope."),
        ("linear(2,bias=3)", "linear needs bias=True or nothing; got bias=3."),
        ("linear(2,bias=1)", "linear needs bias=True or nothing; got bias=1."),
        ("linear(2,bias=(1,))", "linear needs bias=True or nothing; got bias=(1,)."),
        ("softmaxcrossentropy(0,slope=1)", "softmaxcrossentropy has no argument slope"),
        ("relu(slope=1)", "relu has no argument slope; it has none."),
        ("relu(3)", "relu has no arguments."),
        ("softmaxcrossentropy", "softmaxcrossentropy needs its labels, as in softmax"),
        ("softmaxcrossentropy(-1)", "softmaxcrossentropy: needs labels that are whole"),
        ("softmaxcrossentropy(1000001)", "takes at most 2,000 numbers up to 1,000,000 for labels."),
        ("softmaxcrossentropy(-1000001)", "2,000 numbers up to 1,000,000 for labels."),
        (
            f"softmaxcrossentropy({','.join('0' * 2001)})",
            "2,000 numbers up to 1,000,000 for labels.",
        ),
        ("add(relu)", "add needs two branches or more, as in add(relu|)."),
        ("residual(relu|relu)", "residual needs one branch, as in residual(relu)."),
        ("conv1d(((((1)))))", "a number or a word is needed here"),
        ("conv1d(3", "“)” is needed here; got “the end”."),
        ("conv1d(3,", "Character 10: a number or a word is needed here; got “the end”."),
        ("conv1d(3,,bias=true)", "Character 10: a number or a word is needed here; got “,bias=t"),
        ("residual(relu", "Character 14: “)” is needed here; got “the end”."),
        ("concat(relu|relu", "Character 17: “)” is needed here; got “the end”."),
        ("add(relu(2)relu|)", "Character 5: relu has no arguments."),
        ("residual(abs relu)", "Character 14: “)” is needed here; got “relu)”."),
        ("residual(" * 5 + ")" * 5, "Branches lie at most 4 deep in each other."),
        ("add(|" * 5 + ")" * 5, "Branches lie at most 4 deep in each other."),
        ("add(|" * 1000, "Branches lie at most 4 deep in each other."),
    ],
)
def test_what_cannot_be_read_is_said_at_its_place(text: str, said: str) -> None:
    with pytest.raises(StackError) as raised:
        read_stack(text)
    assert said in str(raised.value)
    assert str(raised.value).startswith("Character ")


@for_each(
    ("text", "value"),
    [
        ("3", 3), (" -0.5 ", -0.5), ("(1, (2,3))", (1, (2, 3))), ("(1,)", (1,)), ("True", True),
        ("none", None),
    ],
)  # fmt: skip
def test_a_value_is_read(text: str, value: Any) -> None:
    assert read_value(text) == value
    assert read_value(written(value)) == value


@pytest.mark.parametrize(
    ("text", "position"), [("3 4", 2), ("3)", 1), ("(1,2) 5", 6), ("1,2", 1), ("true=1", 4)]
)
def test_what_is_behind_a_value_is_refused_at_its_place(text: str, position: int) -> None:
    with pytest.raises(StackError) as raised:
        read_value(text)
    assert raised.value.position == position


def test_a_mistake_in_a_branch_is_said_once_with_the_innermost_place() -> None:
    with pytest.raises(StackError) as raised:
        read_stack("relu-add(abs|residual(conv1d(0)))")
    assert raised.value.position == 22
    assert str(raised.value).startswith("Character 23: conv1d: kernel_size needs")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-".join(["relu"] * 65), "at most 64 layers; this one has 65."),
        ("-".join(["relu"] * 1000), "at most 64 layers; this one has 1000."),
        ("relu-" * 2000, "at most 5,900 characters in an address; this one takes 10,000."),
        (
            "add(" + "|" * 2000 + ")",
            "at most 5,900 characters in an address; this one takes 6,012.",
        ),
        ("(" * 5899, "Character 1: a layer's name is needed here"),
    ],
)
def test_limits_are_named(text: str, said: str) -> None:
    with pytest.raises(StackError) as raised:
        read_stack(text)
    assert said in str(raised.value)


def test_nothing_large_is_allocated() -> None:
    read_stack(NET).joints((1, 1, 9))  # fills the caches
    tracemalloc.start()
    found = [
        problem("linear(2000)", (2000,)),
        problem("conv2d(200,filters=2000)", (1, 40, 40)),
        problem("conv2d(1,padding=200)", (3, 3)),
        problem("relu", (10**9, 10**9)),
        problem("maxpool", (3, 0)),
        problem("-".join(["relu"] * 40), (2, 500)),
        problem("-".join(["linear(50)", "linear(40)"] * 2), (40,)),
    ]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 500_000
    assert found[0].startswith(
        "w has shape (2000, 2000), 4,000,000 entries: an array has at most 2,000."
    )
    assert "at most" in found[1]
    assert found[2].startswith("the output of conv2d has shape (403, 403)")
    assert found[3].startswith("x has shape")
    assert found[4] == "x has shape (3, 0): an array has at least one entry."
    assert found[5] == "Up to here all arrays have 9,000 entries: together they have at most 8,000."
    # 40, and four times 2,000 weights, with 50 or 40 outputs.
    assert found[6] == "Up to here all arrays have 8,220 entries: together they have at most 8,000."


# --- every layer


@every_layer
def test_every_layer_can_be_a_layer_of_a_stack(row: Row) -> None:
    """Its text contains its settings and the shapes of its parameters."""
    passed = trace(
        row.make(), *(np.ones(shape) for shape in row.shapes), kinks=RULES["jax-max"].kinks
    )
    for step in passed.steps:
        made = as_item(step.layer, [each.shape for each in step.inputs])
        (again,) = read_stack(str(made)).items
        assert again == made
        assert repr(again.layer) == repr(step.layer)


def as_item(layer: Operation, inputs: list[tuple[int, ...]]) -> Item:
    """The layer as an item of a stack; the sizes of its parameters are found by trying."""
    of = type(layer)
    name = of.__name__.lower()
    given = {of.torch_names.get(each, each): getattr(layer, each) for each in of.settings}
    data = np.asarray(getattr(layer, of.data)).tolist() if of.data else ()
    branches = [Stack()] * (len(inputs) if of.flowing > 1 else 0)
    parameters = tuple(inputs[of.flowing :]) if of.flowing == 1 else ()
    bias = {"bias": True} if of.optional and len(parameters) > of.optional else {}
    kinds = [[None, *product(range(1, 7), repeat=each.axes)] for each in of.sizes]
    for sizes in product(*kinds):
        named = {each.name: size for each, size in zip(of.sizes, sizes, strict=True)}
        try:
            made = item(name, {**given, **bias, **named}, data, branches)
        except StackError:
            continue
        if made.parameter_shapes(*inputs[: of.flowing]) == parameters:
            return made
    raise AssertionError(f"no sizes give {parameters}")


def test_all_names_of_the_engine_are_there() -> None:
    made = {"Layer", "Operation", "Elementwise", "Gate"}  # no layers
    composed = {"Sequential", "Graph"}  # what a stack is
    for name in {*engine.layers.__all__} - made - composed:
        assert read_stack(str(Stack(read_stack_of(name)))), name


def read_stack_of(name: str) -> tuple[Item, ...]:
    lower = name.lower()
    return (new_item(lower),) if lower in LAYERS else read_stack(lower).items


# --- shapes


def test_shapes_are_those_of_running_it() -> None:
    ran = 0
    for stack in random_stacks(100):  # how many of these can run depends on the layers that exist
        shape = input_shape(stack)
        if shape is None or not stack:
            continue
        ran += 1
        parameters = stack.parameters(shape)
        arrays = [np.ones(each) for each in (shape, *parameters.values())]
        layer, joints = stack.layer, stack.joints(shape)
        passed = trace(layer, *arrays, kinks=RULES["jax-max"].kinks)
        assert [joint.shape for joint in joints] == [step.output.shape for step in passed.steps]
        assert [joint.reads for joint in joints] == [
            tuple(passed.values[n].array.shape for n in step.reads if n == 0 or n > len(parameters))
            for step in passed.steps
        ]
        assert stack.letters == tuple(letters_of(passed, letters(passed)))
        assert not any(joint.problem for joint in joints)
        if ran > 40:
            break
    assert ran > 40


def test_branches_are_a_graph() -> None:
    stack = read_stack("conv1d-residual(conv1d(3,padding=1)-relu)-add(|abs)-linear(2,bias=True)")
    assert isinstance(stack.layer, Graph)
    x, w1, w2, w3, b = start(stack, (4,), 3)
    given = {"w1": w1, "w2": w2, "w3": w3, "b": b}
    assert stack.parameters((4,)) == {name: array.shape for name, array in given.items()}
    a = w1 * x
    r = a + np.maximum(0, np.convolve(a, w2[::-1], "same"))
    assert np.array_equal(stack.layer.forward(x, w1, w2, w3, b), w3 @ (r + np.abs(r)) + b)


def test_a_residual_is_the_engines() -> None:
    inner = read_stack("conv1d(3,padding=1)-relu")
    own, engines = read_stack(f"residual({inner})").layer, Residual(inner.layer)
    assert [each.reads for each in own.plan(2)] == [each.reads for each in engines.plan(2)]


def test_some_weights_have_a_bias() -> None:
    stack = read_stack("linear(2,bias=True)-linear(2)")
    assert stack.parameters((3,)) == {"w1": (2, 3), "b": (2,), "w2": (2, 2)}
    w1, b, w2 = np.arange(6.0).reshape(2, 3), np.array([1.0, 2]), np.eye(2)[::-1]
    assert stack.layer.forward([1.0, 1, 1], w1, b, w2).tolist() == [14, 4]


MISFITS = [
    ("conv1d(7)-relu", (5,), "conv1d(5) or conv1d(7,padding=1) would fit"),
    ("conv1d(3)-linear(2)", (1, 2, 5), "flatten-linear(2) would fit"),
    ("residual(conv1d(3))", (5,), "residual(conv1d(3,padding=1)) would fit"),
    ("linear(2000)", (5,), "linear(400) would fit"),
    ("conv1d(17)", (1,), "conv1d(1) or conv1d(17,padding=8) would fit"),
    ("conv1d(19)", (1,), "conv1d(1) would fit"),  # a padding of 9 is too much to be tried
    ("conv2d(3)-maxpool2d(9)", (5, 5), "maxpool2d(3) or maxpool2d(9,padding=3) would fit"),
    (
        "flatten-softmaxcrossentropy(1)",
        (2, 3),
        "softmaxcrossentropy(1,1) or softmaxcrossentropy(0,0)",
    ),
    ("conv2d((7,3),stride=(1,2))", (4, 4), "conv2d((7,3),stride=(1,2),padding=2) or conv2d("),
    ("flatten-softmaxcrossentropy(0)", (2, 3), "(1,). softmaxcrossentropy(0,0) would fit"),
    (
        "flatten-softmaxcrossentropy(2,1)",
        (3, 4),
        "softmaxcrossentropy(2,1,2) or softmaxcrossentropy(0,0,0) would fit",
    ),
    (
        "flatten-softmaxcrossentropy(2,1,0)",
        (2, 4),
        "softmaxcrossentropy(2,1) or softmaxcrossentropy(0,0) would fit",
    ),
    ("residual(conv1d(3)-relu-abs)", (5,), "residual(conv1d(3,padding=1)-relu-abs) would fit"),
    ("concat(conv1d(3)|relu)", (1, 2, 9), "concat(conv1d(3)|relu)"),
    ("abs-relu-softmaxcrossentropy(1)", (1, 2, 9), "flatten-softmaxcrossentropy(1) would fit"),
    ("conv1d(3)-residual(relu-residual(conv1d(3)))", (9,), "residual(conv1d(3,padding=1))"),
    ("maxpool(2)-add(conv1d(5)|relu)", (6,), "conv1d(3) or conv1d(5,padding=1) would fit"),
    ("add(maxpool(2)-conv1d(5)|relu)", (6,), "conv1d(3) or conv1d(5,padding=1) would fit"),
    (  # a setting before a size
        "add(conv1d(3)|conv1d(5))",
        (9,),
        "add(conv1d(3,dilation=2)|conv1d(5)) or add(conv1d(5)|conv1d(5)) would fit",
    ),
]


@pytest.mark.parametrize(("text", "shape", "fits"), MISFITS)
def test_what_would_fit_is_said_at_the_joint(text: str, shape: Any, fits: str) -> None:
    stack = read_stack(text)
    joints = stack.joints(shape)
    (bad,) = [joint for joint in joints if joint.problem]
    assert bad.shape is None
    assert fits in bad.problem
    assert bad.problem.endswith(" would fit.") == bool(bad.fits)
    assert len({*bad.fits}) == len(bad.fits), "there is a button for each"
    at = [joint.path for joint in joints].index(bad.path)
    assert all(joint.shape is not None for joint in joints[:at])
    for mended in bad.fits:
        there = [j for j in mended.joints(shape) if j.path[: len(bad.path)] == bad.path]
        assert there
        assert not any(j.problem for j in there)
    with pytest.raises(StackError, match=r"fit|at most"):
        stack.parameters(shape)


def test_nothing_is_proposed_beyond_a_limit() -> None:
    full = f"{'relu-' * 63}linear(2)"
    assert read_stack(full).joints((1, 1, 5))[-1].fits == ()
    assert read_stack(full[5:]).joints((1, 1, 5))[-1].fits != ()


def test_the_first_three_of_several_misfits_get_a_proposal() -> None:
    joints = read_stack("add(linear(2)|conv1d(9)|maxpool(9)|avgpool(9)|conv1d(8))").joints((5,))
    assert [bool(joint.problem) for joint in joints] == [False, True, True, True, True, False]
    assert [bool(joint.fits) for joint in joints] == [False, True, True, True, False, False]


def test_after_a_misfit_shapes_are_unknown() -> None:
    joints = read_stack("add(linear(2)|conv2d(9))-relu-abs").joints((5,))
    assert [joint.shape for joint in joints] == [(2,), None, None, None, None]
    assert [bool(joint.problem) for joint in joints] == [False, True, False, False, False]
    too_long = read_stack("relu-abs").joints((10**9,))
    assert [bool(joint.problem) for joint in too_long] == [True, False], "it is said once"


# --- edits


def test_a_stack_is_edited() -> None:
    stack = read_stack("relu-residual(conv1d(3)-relu)-maxpool")
    assert str(stack.added((0,), new_item("abs"))) == f"abs-{stack}"
    assert str(stack.added((3,), new_item("linear"))) == f"{stack}-linear(2)"
    assert str(stack.added((1,), new_item("avgpool"))).split("-")[1] == "avgpool(2)"
    assert str(stack.added((1, 0, 2), new_item("add"))).split("-")[3] == "add(|))"
    assert str(stack.removed((1,))) == "relu-maxpool"
    assert str(stack.removed((1, 0, 0))) == "relu-residual(relu)-maxpool"
    assert str(stack.moved((0,), (1,))) == "residual(conv1d(3)-relu)-relu-maxpool"
    assert str(stack.moved((1, 0, 0), (0,))) == "conv1d(3)-relu-residual(relu)-maxpool"
    assert str(stack.changed((1, 0, 0), filters=2, kernel_size=None)).split("-")[1] == (
        "residual(conv1d(filters=2)"
    )
    beside = read_stack("add(relu-abs|linear(2)-relu)")
    assert str(beside.removed((0, 1, 0))) == "add(relu-abs|relu)"
    assert str(beside.added((0, 0, 2), new_item("relu"))) == "add(relu-abs-relu|linear(2)-relu)"
    joined = read_stack("concat(relu|abs)").changed((0,), dim=1)
    assert str(joined) == "concat(relu|abs,dim=1)"
    loss = read_stack("softmaxcrossentropy(1)")
    assert str(loss.changed((0,), labels=(0, 2))) == "softmaxcrossentropy(0,2)"
    assert str(stack) == "relu-residual(conv1d(3)-relu)-maxpool"
    assert not stack.removed((0,)).removed((0,)).removed((0,))


@pytest.mark.parametrize(
    "edit",
    [
        lambda it: it.removed((9,)),
        lambda it: it.removed((-1,)),
        lambda it: it.at((0, 0, 0)),
        lambda it: it.at((1, 7, 0)),
        lambda it: it.at((1, 0)),
        lambda it: it.at(()),
        lambda it: it.added((9,), new_item("relu")),
        lambda it: it.changed((0,), slope=1),
        lambda it: it.changed((1, 0, 0), stride=0),
        lambda it: it.added((0,), *[new_item("relu")] * 62),
        lambda it: it.added((1, 0, 0), *[new_item("relu")] * 62),
        lambda it: it.added((1, 0, 0), *read_stack("residual(" * 4 + ")" * 4).items),
        lambda it: Stack().layer,
        lambda it: item("layer"),
    ],
    ids=map(str, range(14)),
)
def test_an_edit_that_cannot_be_is_refused(edit: Any) -> None:
    with pytest.raises(StackError):
        edit(read_stack("relu-residual(conv1d(3))"))


def test_a_layer_without_branches_or_data_is_given_none() -> None:
    with pytest.raises(StackError, match="relu has no branches"):
        item("relu", branches=[Stack()])
    with pytest.raises(StackError, match="relu has no data"):
        item("relu", data=[1])


def test_a_path_that_leads_nowhere_is_named_whole() -> None:
    with pytest.raises(StackError, match=r"there is no layer at 1\.0\."):
        read_stack("relu-residual(abs)").at((1, 0))


def test_without_layers_the_output_has_the_shape_of_x() -> None:
    assert Stack().shape((2, 3)) == (2, 3)
    assert Stack().misfit((2, 3)) == ""


# --- what it opens with


@for_each(
    ("text", "shape"),
    [
        ("conv1d-relu-maxpool", (5,)),
        ("conv1d(3)-relu-maxpool(2)", (6,)),
        ("conv2d(3)-relu-maxpool2d(2)", (6, 6)),
        ("linear(3)-relu", (5,)),
        ("conv1d(3,filters=2)-flatten-linear(3)", (1, 1, 5)),
        ("linear(2)-softmaxcrossentropy(1,0)", (2, 5)),
        ("softmaxcrossentropy(0,1,2,0,1,2)", (6, 5)),
        ("flatten-linear(2)-softmaxcrossentropy(1)", (1, 5)),
        ("conv1d(30)", (32,)),
        ("conv2d(1)-flatten-linear(2)", (1, 1, 6, 6)),
        ("conv2d(3,padding=1)-flatten-conv1d(3)", (1, 1, 6, 6)),
        ("add(conv2d(3)|conv1d(1))", None),
    ],
)
def test_an_input_that_fits_is_proposed(text: str, shape: Any) -> None:
    assert input_shape(read_stack(text)) == shape


@pytest.mark.parametrize(
    ("text", "branches"),
    [
        ("conv1d(3)-residual(conv1d(2))", True),
        ("linear(3)-residual(linear(2))", True),
        ("linear(3)-residual(relu)-maxpool(9)", False),
        ("linear(3)-residual(relu)-linear(2)-maxpool(9)", False),
    ],
)
def test_a_shape_is_given_for_a_misfit_only_where_branches_join(text: str, branches: bool) -> None:
    stack = read_stack(text)
    assert input_shape(stack) is None
    assert (shape_at_a_join(stack, {}) is not None) == branches


@for_each("seed", range(3))
@for_each(
    "text",
    ["convblock", NET, "residual(conv1d(3,padding=1)-relu)-maxpool", "conv2d(3)-relu-maxpool2d"],
)
def test_numbers_with_which_something_happens(text: str, seed: int) -> None:
    stack = read_stack(text)
    shape = input_shape(stack)
    assert shape
    arrays = start(stack, shape, seed)
    for one, other in zip(arrays, start(stack, shape, seed), strict=True):
        assert np.array_equal(one, other)
        assert np.array_equal(one * 4, np.round(one * 4))
        assert np.abs(one).max() <= 4
    flowing = trace(stack.layer, *arrays).grads[0] != 0
    assert flowing.any()
    assert not flowing.all()
    assert not np.array_equal(arrays[0], start(stack, shape, seed + 1)[0])


def test_dead_units_are_drawn_anew() -> None:
    stack = read_stack("linear(1)-relu")
    for seed in range(12):
        assert trace(stack.layer, *start(stack, (3,), seed)).grads[0].any()


def shown(stack: Stack, arrays: list[Any]) -> float:
    """What `start` prefers: gradients of x of which some are 0, and units some inactive."""
    passed = trace(stack.layer, *arrays, kinks=RULES["lab"].kinks)
    zeros = float(np.mean(passed.grads[0] == 0))
    units = [float(np.mean(it.inputs[0] < 0)) for it in passed.steps if it.layer.is_level]
    return 0.7 * ((0 < zeros < 1) + (zeros == 0) / 2) + 0.3 * (0 < sum(units) < len(units))


@for_each("seed", range(3))
@for_each(
    "text",
    [
        "linear(1)-relu",
        "linear(2)-relu-linear(2)",
        "conv1d(2)-relu-maxpool(2)",
        "add(linear(2)-relu|linear(2))",
    ],
)
def test_the_first_numbers_that_show_most_are_taken(text: str, seed: int) -> None:
    stack = read_stack(text)
    shapes = [(4,), *stack.parameters((4,)).values()]
    tries = [
        [drawn(it, one + APART * at, is_input=not at) for at, it in enumerate(shapes)]
        for one in range(TRIES * seed, TRIES * (seed + 1))
    ]
    rates = [shown(stack, each) for each in tries]
    for one, other in zip(start(stack, (4,), seed), tries[rates.index(max(rates))], strict=True):
        assert np.array_equal(one, other)


def test_weights_are_drawn_with_the_scale_of_he_initialization() -> None:
    """An x is drawn with scale 1. Both are cut at 2 and -2."""
    x, w = start(read_stack("linear(50)"), (40, 8))
    assert abs(x.std() - 1) < 0.1
    assert abs(w.std() - (2 / 8) ** 0.5) < 0.05
    assert x.min() == -2
    assert x.max() == 2
