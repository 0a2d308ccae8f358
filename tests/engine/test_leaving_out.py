"""Errors for what a layer leaves undefined, and for choices that a rule does not state."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from engine import (
    LAB,
    RULES,
    Conv1D,
    Elementwise,
    Gate,
    Kinks,
    Layer,
    LeakyReLU,
    Maximum,
    MaxPool,
    Operation,
    ReLU,
    Sequential,
    SettingError,
    trace,
)
from engine.arrays import Array, Extent, Index, Mask
from engine.check.claims import point
from engine.check.crossings import crossed
from engine.check.slices import slice_along
from engine.check.subgradient import subdifferential
from engine.layers.base import Factor, Grads, Pieces, Words
from engine.why import Why, paint
from tests.engine.rows import ROWS
from tests.for_each import for_each

WORDS = Words(
    letter="y",
    name="double",
    forward="Doubling adds {input} to itself.",
    backward="Doubling doubles.",
    value="2 · {inputs}",
    passes="doubled ({slope})",
)


class Double(Operation):
    """y = 2 x, with everything that an operation has to define and nothing more."""

    kink_choices = ()
    straight = True
    words = WORDS

    def apply(self, *inputs: Array) -> tuple[Array, Extent]:
        """Return 2 x."""
        return 2 * inputs[0], inputs[0].shape

    def vjp(self, dout: Array, cache: Extent, kinks: Kinks) -> Grads:
        """Return 2 dout."""
        grads = (2 * dout,)
        why = paint(grads[0], Why.UPSTREAM_ZERO)
        return Grads(grads, lambda: (why,))

    def output_shape(self, *shapes: Extent) -> Extent:
        """Return the shape of x."""
        return shapes[0]

    def feeds(self, argument: int, index: Index, cache: Extent) -> Iterator[Index]:
        """Yield the one output that reads the entry."""
        yield index

    def factor(self, argument: int, index: Index, output: Index, cache: Extent) -> Factor:
        """Return the slope, 2."""
        return Factor("2", "2")


REQUIRED = [
    "apply", "vjp", "kink_choices", "straight", "words", "output_shape", "feeds", "factor",
]  # fmt: skip
SAID = {name: vars(Double)[name] for name in REQUIRED}


def made_of(base: type, **parts: object) -> Any:
    return type("Half", (base,), parts)


@for_each("missing", REQUIRED)
def test_a_part_left_out_is_named(missing: str) -> None:
    parts = {name: part for name, part in SAID.items() if name != missing}
    with pytest.raises(TypeError, match=rf"abstract (class|method).*\b{missing}\b"):
        made_of(Operation, **parts)()
    assert trace(made_of(Operation, **SAID)(), [1.0]).grads[0] == [2]


@pytest.mark.parametrize("missing", ["kink_choices", "straight", "words", "value", "derivative"])
def test_a_curve_that_leaves_a_part_out_is_named(missing: str) -> None:
    parts = {name: getattr(ReLU, name) for name in ("straight", "words", "value", "derivative")}
    parts |= {"kink_choices": ()}
    made_of(Elementwise, **parts)()
    del parts[missing]
    with pytest.raises(TypeError, match=rf"abstract (class|method).*\b{missing}\b"):
        made_of(Elementwise, **parts)()


def test_a_layer_with_parameters_says_their_shapes() -> None:
    two = {**SAID, "arguments": ("x", "w")}
    with pytest.raises(TypeError, match=r"Half: has parameters and needs parameter_shapes"):
        made_of(Operation, **two)
    shapes = made_of(Operation, **two, parameter_shapes=lambda self, x, sizes, *, bias: (x,))
    assert shapes().parameter_shapes((2,), {}, bias=False) == ((2,),)
    assert made_of(Operation, **SAID)().parameter_shapes((2,), {}, bias=True) == ()


def test_a_layer_says_all_that_it_is_constructed_from() -> None:
    def init(self: Any, rate: float = 0.5, *, labels: object = None) -> None:
        """Take a setting and data."""

    with pytest.raises(TypeError, match=r"needs every argument .* got labels, rate besides"):
        made_of(Operation, **SAID, __init__=init)
    with pytest.raises(TypeError, match=r"got labels besides"):
        made_of(Operation, **SAID, __init__=init, settings=("rate",))
    made_of(Operation, **SAID, __init__=init, settings=("rate",), data="labels")()


def test_a_layer_with_kinks_says_what_meets_there() -> None:
    choices = ("relu_at_zero",)
    for kinks in (choices, property(lambda self: choices)):
        parts = {**SAID, "kink_choices": kinks}
        with pytest.raises(TypeError, match=r"Half: has kinks and needs pieces and bends"):
            made_of(Operation, **parts)
        with pytest.raises(TypeError, match=r"Half: has kinks and needs bends"):
            made_of(Operation, **parts, pieces=lambda self, output, cache: Pieces(({},)))
        with pytest.raises(TypeError, match=r"Half: has kinks and needs pieces"):
            made_of(Operation, **parts, bends=lambda self, inputs, marked, cache: [])
        with pytest.raises(TypeError, match=r"Half: has kinks and its words need to say"):
            made_of(
                Operation,
                **parts,
                pieces=lambda self, output, cache: Pieces(({},)),
                bends=lambda self, inputs, marked, cache: [],
            )
    with pytest.raises(NotImplementedError, match="Half: has no kinks"):
        made_of(Operation, **SAID)().pieces((0,), None)
    with pytest.raises(NotImplementedError, match="Half: has no kinks"):
        made_of(Operation, **SAID)().bends((), None, None)


@pytest.mark.parametrize("choices", ["relu_at_zero", ("relu_at_0",), ["relu_at_zero"], None, (1,)])
def test_choices_are_those_of_a_rule(choices: object) -> None:
    with pytest.raises(
        TypeError, match="Half: kink_choices needs to be a tuple of fields of Kinks"
    ):
        made_of(Operation, **{**SAID, "kink_choices": choices})


def test_a_curve_that_is_level_beside_a_break_says_what_a_zero_there_is_called() -> None:
    words = replace(ReLU.words, zeros=MappingProxyType({Why.AT_KINK: "{subject}"}))
    with pytest.raises(TypeError, match="Half: is level beside a break; its words need GATE_CLOSE"):
        made_of(ReLU, words=words)


def test_a_curve_that_is_nowhere_level_has_slopes_too_small() -> None:
    """e^a at −800 has a gradient that underflows; it is not called inactive."""
    words = replace(ReLU.words, zeros=MappingProxyType({}))
    parts = {"words": words, "straight": False, "kink_choices": ()}
    parts |= {"value": lambda self, a: np.exp(a), "derivative": lambda self, a, kinks: np.exp(a)}
    passed = trace(made_of(Elementwise, **parts)(), [0.0, -800.0])
    assert [*passed.steps[0].why[0]] == [Why.FLOWS, Why.UNDERFLOW]


def test_a_curve_has_breaks_exactly_where_it_has_kinks() -> None:
    with pytest.raises(TypeError, match="needs breaks exactly where it has kinks"):
        made_of(ReLU, breaks=MappingProxyType({}))
    with pytest.raises(TypeError, match="needs breaks exactly where it has kinks"):
        made_of(ReLU, kink_choices=())


OPEN = {each.name for each in fields(Kinks) if each.default is None}
"""The choices that a rule may leave open."""
KINKED: dict[str, tuple[Layer, list[Any], list[Any]]] = {
    # a layer, inputs at its kink, and inputs away from it
    **{
        choice: (layer, [[at, at + 0.5, at or -0.0]], [[at - 0.5, at + 0.5, at + 0.5]])
        for row in reversed(ROWS.values())
        if isinstance(layer := row.make(), Elementwise) and {*layer.kink_choices} <= OPEN
        for choice, at in zip(layer.kink_choices, layer.breaks, strict=False)
    },
    "maximum_ties": (Maximum(), [[1.0, 2.0], [1.0, 3.0]], [[1.0, 2.0], [0.0, 3.0]]),
}


@pytest.mark.parametrize("choice", KINKED)
def test_a_choice_that_is_not_stated_raises_where_it_is_read(choice: str) -> None:
    layer, at_kink, away = KINKED[choice]
    stated = {each.name: getattr(RULES["pytorch-amax"].kinks, each.name) for each in fields(Kinks)}
    rule = Kinks(**{**stated, choice: None})
    for unset in (LAB, rule):
        for act in (
            lambda kinks: trace(layer, *at_kink, kinks=kinks),
            lambda kinks: layer.backward(np.ones_like(at_kink[0]), kinks),
            lambda kinks: trace(layer, *at_kink, kinks=Kinks(**stated)).under(kinks),
        ):
            layer.forward(*at_kink)
            with pytest.raises(SettingError, match=f"Kinks: {choice} needs to be stated"):
                act(unset)
        assert_same(trace(layer, *away, kinks=unset).grads, trace(layer, *away).grads)
    others = {name: None for name in KINKED if name != choice}
    trace(layer, *at_kink, kinks=Kinks(**{**stated, **others}))


def assert_same(some: tuple[Array, ...], others: tuple[Array, ...]) -> None:
    for one, other in zip(some, others, strict=True):
        assert np.array_equal(one, other)


def test_every_choice_that_may_be_left_open_is_tried() -> None:
    assert {*KINKED} == OPEN


def test_the_labs_rule_states_what_the_lab_has() -> None:
    for layer, at_kink in ((ReLU(), [0.0]), (MaxPool(), [1.0, 1.0])):
        assert LAB.states(layer.kink_choices)
        trace(layer, at_kink)
    for choice in KINKED:
        assert not LAB.states([choice])
        assert all(rule.kinks.states([choice]) for slug, rule in RULES.items() if "jax" in slug)


class Elu(Elementwise):
    """A curve whose kink is not at 0: a above 1, 2 e^(a − 1) − 1 below.

    It borrows the choice of another curve; in the engine each operation whose slope at a kink the
    frameworks choose on its own has a choice of its own.
    """

    kink_choices = ("leaky_relu_at_zero",)
    straight = False
    words = LeakyReLU.words
    breaks: Mapping[float, tuple[float, float]] = MappingProxyType({1.0: (2.0, 1.0)})

    def value(self, a: Array) -> Array:
        """Return the values, which bend at 1."""
        return np.where(a > 1, a, 1 + 2 * np.expm1(a - 1))

    def derivative(self, a: Array, kinks: Kinks) -> Array | Mask:
        """Return the slopes: 1 above 1, from 0 to 2 below, the choice at 1."""
        slope = np.where(a > 1, 1.0, 2 * np.exp(a - 1))
        if (a == 1).any():
            slope[a == 1] = 2 - kinks.stated("leaky_relu_at_zero")
        return slope


def test_a_curve_with_a_kink_is_one_class() -> None:
    """A curve from outside the engine needs no more: everything else asks the layer."""
    layer, jax, torch = Elu(), RULES["jax-max"].kinks, RULES["pytorch-amax"].kinks
    assert [float(trace(layer, 1.0, kinks=kinks).grads[0]) for kinks in (jax, torch)] == [1, 2]
    assert sorted(subdifferential(trace(layer, 1.0, kinks=jax)).pieces.ravel()) == [1, 2]
    assert slice_along(trace(layer, 2.0), 0, (), -2, 3).kinks == pytest.approx([1], abs=1e-7)
    for at, kinks_within in ((0.0, 0), (2.0, 0), (1.0, 1), (1.125, 1), (1.25, 0)):
        assert len(crossed(layer, (at,), 0, (), 0.25)) == kinks_within
    # a = (w + 1, w + 5): as w passes 0, only the first passes 1.
    both = Sequential(Conv1D(), layer)
    (only,) = crossed(both, ([1.0, 1.0, 5.0], [0.0, 1.0]), 1, (0,), 0.25)
    assert (only.step, only.output) == (1, (0,))
    there = point(trace(layer, 1.0, kinks=jax), [(0, ())])
    assert {there.verdict(claim) for claim in there.claims.values()} == {"subgradient"}
    away = point(trace(layer, 0.0), [(0, ())])
    assert {away.verdict(claim) for claim in away.claims.values()} == {"derivative"}
    assert layer.gates(np.array([0.0, 1.0])).tolist() == [Gate.OPEN, Gate.KINK]
    steps = [trace(layer, at, kinks=jax).steps[0] for at in (0.0, 1.0)]
    assert [bool(step.kinked[0]) for step in steps] == [False, True]
    # Below the kink the slope varies, so that the entry's side alone does not tell the slope.
    factor = layer.factor(0, (), (), steps[0].run.cache)
    assert factor.text == "(slope of leaky ReLU at {entry} = {value})"


class HardSwish(Elementwise):
    """A curve with two kinks: 0 up to −3, a · (a + 3) / 6 up to 3, a beyond."""

    kink_choices = ("leaky_relu_at_zero",)
    straight = False
    words = LeakyReLU.words
    breaks: Mapping[float, tuple[float, float]] = MappingProxyType(
        {-3.0: (0.0, -0.5), 3.0: (1.5, 1.0)}
    )

    def value(self, a: Array) -> Array:
        """Return the values, which bend at −3 and at 3."""
        return a * np.clip(a + 3, 0, 6) / 6

    def derivative(self, a: Array, kinks: Kinks) -> Array | Mask:
        """Return the slopes: 0, (2 a + 3) / 6 or 1, at a kink the one on the right."""
        return np.where(a >= 3, 1.0, np.where(a >= -3, (2 * a + 3) / 6, 0.0))


def test_a_curve_may_have_several_kinks() -> None:
    layer = HardSwish()
    assert slice_along(trace(layer, 1.0), 0, (), -5, 5).kinks == pytest.approx([-3, 3], abs=1e-7)
    for at, slopes in layer.breaks.items():
        assert sorted(subdifferential(trace(layer, at)).pieces.ravel()) == sorted(slopes)
        (crossing,) = crossed(layer, ([0.0, at],), 0, (1,), 0.25)
        assert (crossing.entries, crossing.output) == (((0, (1,)),), (1,))
    for at in (-3.5, 0.0, 3.5):
        assert not crossed(layer, (at,), 0, (), 0.25)
