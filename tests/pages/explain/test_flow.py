"""Why a gradient is not zero: the factors named are exactly those of the path."""

import re
import unicodedata
from collections.abc import Sequence
from math import prod
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from engine import (
    RULES,
    Abs,
    Add,
    AvgPool,
    Concat,
    Conv1D,
    ConvBlock,
    Flatten,
    Graph,
    Layer,
    LeakyReLU,
    Linear,
    Maximum,
    MaxPool,
    ReLU,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
    Softplus,
    Trace,
    trace,
)
from pages.derive.derivation import letters
from pages.explain.entry import Entry, entries
from pages.explain.sentences import explain, flow, mostly
from pages.figures.info import Naming
from tests.for_each import for_each

LAB, FIRST, SPLIT = "lab", "pytorch-max-pool", "pytorch-amax"
ALL = "ties for the maximum and by this rule gets all of it (1)"
HALF = "ties for the maximum and by this rule gets ½ of it"
TIE = ([1.5, -1.0, 1.5, 0.5, 0.0], 2.0)


def passed(
    layer: Layer, inputs: Sequence[ArrayLike], rule: str = LAB, dout: ArrayLike = 1.0
) -> tuple[Trace, Naming]:
    traced = trace(layer, *inputs, dout=dout, kinks=RULES[rule].kinks)
    return traced, letters(traced)


def answer(
    entry: str, layer: Layer, inputs: Sequence[ArrayLike], rule: str = LAB, dout: ArrayLike = 1.0
) -> str:
    traced, naming = passed(layer, inputs, rule, dout)
    return explain(traced, entry, naming)[0]


# --- exactly


@for_each(
    ("entry", "x", "w", "said"),
    [
        ("x1", (3, 1), 2.0, "+2: h₁ is the maximum (1), its ReLU is active (1), times w = 2"),
        ("a1", (3, 1), 2.0, "+1: h₁ is the maximum (1), its ReLU is active (1)"),
        ("h1", (3, 1), 2.0, "+1: h₁ is the maximum (1)"),
        ("w", (3, 1), 2.0, "+3: h₁ is the maximum (1), its ReLU is active (1), times x₁ = 3"),
        ("x2", (3, -1), -2, "−2: h₂ is the maximum (1), its ReLU is active (1), times w = −2"),
        (
            "x1",
            (0, -1),
            2.0,
            (f"+2: h₁ {ALL}, a₁ = 0 is the ReLU's kink (1 by this rule), times w = 2"),
        ),
    ],
)
def test_the_lab(entry: str, x: tuple[float, ...], w: float, said: str) -> None:
    assert answer(entry, ConvBlock(), (x, w)).partition(" = ")[2] == f"{said}."


@pytest.mark.parametrize(
    ("rule", "x1", "w"),
    [
        (
            LAB,
            f"+2: h₁ {ALL}, its ReLU is active (1), times w = 2.",
            "+3: the sum of 2 contributions: +1.5 through a₁ and +1.5 through a₃.",
        ),
        (
            FIRST,
            f"+2: h₁ {ALL}, its ReLU is active (1), times w = 2.",
            f"+1.5: h₁ {ALL}, its ReLU is active (1), times x₁ = 1.5.",
        ),
        (
            SPLIT,
            f"+1: h₁ {HALF}, its ReLU is active (1), times w = 2.",
            "+1.5: the sum of 2 contributions: +0.75 through a₁ and +0.75 through a₃.",
        ),
    ],
)
def test_a_tie_under_each_rule(rule: str, x1: str, w: str) -> None:
    assert answer("x1", ConvBlock(), TIE, rule) == f"∂L/∂x₁ = {x1}"
    assert answer("w", ConvBlock(), TIE, rule) == f"∂L/∂w = {w}"


def test_windows_that_overlap() -> None:
    layer = Sequential(ReLU(), MaxPool(2, 1))
    inputs = ([1.0, 3.0, 2.0],)
    meet = "the sum of 2 contributions"
    each = "+2 through z₂ and +1 through z₁"
    assert answer("h2", layer, inputs, dout=[1.0, 2.0]) == f"∂L/∂h₂ = +3: {meet}: {each}."
    assert answer("x2", layer, inputs, dout=[1.0, 2.0]) == (
        f"∂L/∂x₂ = +3: ∂L/∂h₂ = +3 is {meet} ({each}), its ReLU is active (1)."
    )
    assert answer("x2", layer, ([3.0, 2.0, 1.0],), dout=[1.0, 2.0]) == (
        "∂L/∂x₂ = +2: ∂L/∂z₂ = +2, h₂ is the maximum (1), its ReLU is active (1)."
    )


def test_a_convolution() -> None:
    conv, inputs = Conv1D(), ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, -2.0])
    assert answer("x1", conv, inputs) == "∂L/∂x₁ = +1: ∂L/∂a₁ = +1, times w₁ = 1."
    assert answer("x2", conv, inputs) == (
        "∂L/∂x₂ = −1: the sum of 2 contributions: −2 through a₁ and +1 through a₂."
    )
    assert answer("w1", conv, inputs) == (
        "∂L/∂w₁ = +10: the sum of 4 contributions: +4 through a₄, +3 through a₃, +2 through a₂ "
        "and +1 through a₁."
    )
    assert answer("w1", conv, ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, -2.0])) == (
        "∂L/∂w₁ = +15: the sum of 5 contributions: +5 through a₅, +4 through a₄, +3 through a₃ "
        "and 2 more."
    )


def test_a_residual_connection() -> None:
    layer = Residual(Sequential(Conv1D(), ReLU()))
    assert answer("x1", layer, ([1.0, -2.0], 3.0)) == (
        "∂L/∂x₁ = +4: the sum of 2 contributions: +3 through a₁ and +1 through s₁."
    )
    assert answer("x2", layer, ([1.0, -2.0], 3.0)) == (
        "∂L/∂x₂ = +1: ∂L/∂s₂ = +1, the sum passes the gradient on (1)."
    )
    assert answer("w", layer, ([1.0, -2.0], 3.0)) == (
        "∂L/∂w = +1: ∂L/∂s₁ = +1, the sum passes the gradient on (1), a₁'s ReLU is active (1), "
        "times x₁ = 1."
    )


def test_the_loss() -> None:
    # Two equal logits: each has the probability ½.
    assert answer("x1,1", SoftmaxCrossEntropy([1]), ([[2.0, 2.0]],)) == (
        "∂L/∂x₁‚₁ = +0.5: p₁‚₁ = 0.5."
    )
    assert answer("x1,2", SoftmaxCrossEntropy([1]), ([[2.0, 2.0]],)) == (
        "∂L/∂x₁‚₂ = −0.5: p₁‚₂ − 1 = −0.5."
    )
    two = SoftmaxCrossEntropy([1, 0])
    assert answer("x1,2", two, ([[2.0, 2.0], [1.0, 1.0]],)) == (
        "∂L/∂x₁‚₂ = −0.25: (p₁‚₂ − 1)/2 = −0.25."
    )
    linear = Sequential(Linear(), SoftmaxCrossEntropy([1]))
    assert answer("w2,1", linear, ([[3.0]], [[0.0], [0.0]])) == (
        "∂L/∂w₂‚₁ = −1.5: p₁‚₂ − 1 = −0.5, times x₁‚₁ = 3."
    )


@pytest.mark.parametrize(
    ("layer", "x", "said"),
    [
        (LeakyReLU(0.25), [-2.0], "its leaky ReLU has the slope 0.25"),
        (LeakyReLU(0.25), [0.0], "x₁ = 0 is the leaky ReLU's kink (0.25 by this rule)"),
        (Abs(), [-2.0], "its absolute value has the slope −1"),
        (Softplus(), [0.0], "its softplus has the slope 0.5"),
        (AvgPool(), [1.0, 2.0, 3.0, 5.0], "times 1/4 = 0.25"),
    ],
)
def test_other_layers(layer: Layer, x: list[float], said: str) -> None:
    traced, naming = passed(layer, [x], SPLIT)
    assert flow(entries(traced, naming)["x1"]).removeprefix(f"∂L/∂{naming.output}₁ = +1, ") == said


def test_the_larger_of_two() -> None:
    both = Graph(("h", ReLU(), "x"), ("m", Maximum(), "h", "b"))
    assert answer("x1", both, ([2.0], [1.0]), SPLIT) == (
        "∂L/∂x₁ = +1: ∂L/∂m₁ = +1, h₁ is the larger (1), its ReLU is active (1)."
    )
    assert answer("x1", both, ([2.0], [2.0]), SPLIT) == (
        f"∂L/∂x₁ = +0.5: ∂L/∂m₁ = +1, h₁ {HALF}, its ReLU is active (1)."
    )


def test_two_of_three_inputs_may_tie_without_the_first() -> None:
    said = answer("x3.1", Maximum(), ([0.0], [1.0], [1.0]), SPLIT)
    assert said == f"∂L/∂x⁽³⁾₁ = +0.5: ∂L/∂m₁ = +1, x⁽³⁾₁ {HALF}."


# --- in every state

few = st.sampled_from([-2.0, -1.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0])


def many(count: int) -> st.SearchStrategy[list[float]]:
    return st.lists(few, min_size=count, max_size=count)


def of(*shapes: tuple[int, ...]) -> st.SearchStrategy[list[Any]]:
    """Inputs of these shapes."""

    def shaped(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
        if not shape:
            return few
        return st.lists(shaped(shape[1:]), min_size=shape[0], max_size=shape[0])

    return st.tuples(*map(shaped, shapes)).map(list)


LAYERS: dict[str, tuple[Layer, st.SearchStrategy[list[Any]]]] = {
    "block": (ConvBlock(), of((5,), ())),
    "pool": (Sequential(Conv1D(padding=1), LeakyReLU(), MaxPool(2, 1, 1)), of((4,), (2,))),
    "residual": (
        Residual(Sequential(Conv1D(padding=1), ReLU())),
        of((4,), (3,)),
    ),
    "twice": (
        Residual(Residual(Sequential(Conv1D(padding=1), Abs(), Conv1D(padding=1), ReLU()))),
        of((3,), (3,), (3,)),
    ),
    "concat": (
        Graph(
            ("a", Conv1D(), "x", "w"),
            ("h", ReLU(), "a"),
            ("c", Concat(), "h", "x"),
            ("z", MaxPool(2, 1), "c"),
        ),
        of((3,), ()),
    ),
    "joins": (
        Graph(
            ("h", ReLU(), "x"),
            ("m", Maximum(), "h", "y"),
            ("s", Add(), "m", "m", "x"),
            ("p", AvgPool(2), "s"),
            ("q", Softplus(), "p"),
        ),
        of((4,), (4,)),
    ),
    "loss": (
        Sequential(Conv1D(), ReLU(), Flatten(), Linear(), SoftmaxCrossEntropy([1, 0])),
        of((2, 1, 3), (2, 1, 2), (2, 4)),
    ),
}
NUMBER = r"[+−]?(?:\d*[½⅓⅔¼⅕⅙⅚⅐⅑]|\d+(?:\.\d+)?(?:e−?\d+)?)"
FACTOR = [
    rf"\S+ = ({NUMBER}) is the sum of \d+ contributions \(.*?\)",
    rf"(?:\S+ is the maximum|\S+ is the larger) \(({NUMBER})\)",
    rf"\S+ ties for the maximum and by this rule gets (?:all of it \()?({NUMBER})(?:\)| of it)",
    rf"(?:its|\S+'s) ReLU is active \(({NUMBER})\)",
    rf"(?:its|\S+'s) (?:leaky ReLU|absolute value|softplus) has the slope ({NUMBER})",
    rf"\S+ = 0 is (?:the .*?ReLU's kink|the kink of \|\S+\|) \(({NUMBER}) by this rule\)",
    rf"(?:the sum|flatten|concatenation) passes the gradient on \(({NUMBER})\)",
    rf"times (?:\S+ = )?({NUMBER})",
    rf"\(?p\S+(?: − 1)?\)?(?:/2)? = ({NUMBER})",
    rf"∂L/∂\S+ = ({NUMBER})",
]


def value(text: str) -> float:
    sign, size = (-1 if text[0] == "−" else 1), text.lstrip("+−")
    if size[-1] in "½⅓⅔¼⅕⅙⅚⅐⅑":
        return sign * (float(size[:-1] or 0) + unicodedata.numeric(size[-1]))
    return sign * float(size.replace("−", "-"))


def product(said: str) -> float:
    """The product of the factors named; every word must belong to a factor."""
    found = []
    while said:
        match = next(
            filter(None, (re.match(rf"(?:{each})(?:, |$)", said) for each in FACTOR)), None
        )
        assert match, said
        found.append(value(match[1]))
        said = said[match.end() :]
    return prod(found)


def hold(place: Entry) -> None:
    said = flow(place)
    meeting = re.fullmatch(r"the sum of (\d+) contributions: (.*)", said)
    if not meeting:
        assert product(said) == pytest.approx(place.grad, rel=1e-4), said
        return
    named = re.findall(rf"({NUMBER}) through", meeting[2])
    contributions = [term.slope * term.arriving for term in place.terms]
    real = sorted((abs(each) for each in contributions if each), reverse=True)
    assert int(meeting[1]) == len(real)
    assert [abs(value(each)) for each in named] == pytest.approx(real[: len(named)], rel=1e-4)
    if " more" not in said:
        total = sum(map(value, named))
        assert total == pytest.approx(place.grad, rel=1e-3, abs=1e-5 * max(real)), said


@pytest.mark.parametrize("name", LAYERS)
def test_the_factors_multiply_to_the_gradient(name: str) -> None:
    layer, inputs = LAYERS[name]
    rules = [slug for slug, rule in RULES.items() if rule.kinks.states(layer.kink_choices)]

    @given(inputs, st.sampled_from(rules), st.randoms(use_true_random=False))
    @settings(max_examples=30, deadline=None)
    def every(given_inputs: list[Any], rule: str, chance: Any) -> None:
        shape = trace(layer, *given_inputs, kinks=RULES[rule].kinks).output.shape
        some = [chance.choice([-1.0, 0.5, 1.0]) for _ in range(*shape or (1,))]
        dout = some if shape else some[0]
        traced, naming = passed(layer, given_inputs, rule, dout)
        for place in entries(traced, naming).values():
            if place.grad and place.step < len(traced.steps):
                hold(place)

    every()


def test_what_is_checked_can_be_told_from_what_is_wrong() -> None:
    assert product("∂L/∂z = −0.5, h₁ is the maximum (1), times w = 2") == -1
    with pytest.raises(AssertionError):
        product("h₁ is some maximum (1)")


@pytest.mark.parametrize(
    ("w", "most"), [([2, 2.5, -3], ("y₂", 2.5)), ([-2, -2.5, 3], ("y₂", -2.5)), ([4], None)]
)
def test_most_comes_through_the_largest_of_the_gradients_own_sign(
    w: list[float], most: tuple[str, float] | None
) -> None:
    traced, naming = passed(Linear(), ([1.0], [[each] for each in w]))
    assert mostly(entries(traced, naming)["x1"]) == most
