"""The sentence about a step: the operation, and what it does in this state."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pytest
from numpy.typing import ArrayLike

from engine import (
    RULES,
    Add,
    AvgPool,
    AvgPool2D,
    Concat,
    Conv1D,
    Conv2D,
    ConvBlock,
    Elementwise,
    Flatten,
    Graph,
    Kinks,
    Layer,
    LeakyReLU,
    Linear,
    Maximum,
    MaxPool,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
    trace,
)
from engine.arrays import Array
from pages.derive.derivation import letters
from pages.derive.picture import Screen
from pages.derive.subject import Subject
from pages.explain.steps import LOOKED, SENTENCE_MOST, step_sentence
from pages.registry import SUBJECTS, named_scene, names
from tests.for_each import for_each

LAB, FIRST, SPLIT = "lab", "pytorch-max-pool", "pytorch-amax"


def said(
    layer: Layer, inputs: Sequence[ArrayLike], rule: str = LAB, dout: ArrayLike = 1.0
) -> list[str]:
    traced = trace(layer, *inputs, dout=dout, kinks=RULES[rule].kinks)
    naming = letters(traced)
    return [step_sentence(traced, naming, step) for step in range(2 * len(traced.steps) + 1)]


def test_the_lab() -> None:
    assert said(ConvBlock(), ([1.5, -1.0, 1.5, 0.5, 0.25], 2.0)) == [
        "x and w are given.",
        "Convolution: a₁ = w · x₁ = 2 · 1.5 = 3.",
        "ReLU: h₂ = max(0, a₂) = max(0, −2) = 0.",
        "Max pool: z = max(h) = 3, at h₁ and h₃, which tie. Backward begins with ∂L/∂z = +1.",
        "Max pool: h₁ and h₃ tie, and by this rule each of a tie gets all: +1 each.",
        (
            "ReLU passes the gradient where a > 0: ∂L/∂a₁ = +1 and ∂L/∂a₃ = +1; nothing arrives at "
            "the other 3."
        ),
        "Convolution: ∂L/∂x₁ = w · ∂L/∂a₁ = 2 · 1 = +2; ∂L/∂w = 1.5 · 1 + 1.5 · 1 = +3.",
    ]


def test_a_sentence_with_long_numbers_names_one_entry_of_each_kind_and_counts_the_rest() -> None:
    x, sent = [1.0, 2.0, 3.0, 4.0, -1.0625, -2.0625, -3.0, -4.0, 5.0], [0.328125] * 8 + [0.0]
    assert said(ReLU(), (x,), dout=sent)[-1] == (
        "ReLU: ∂L/∂x₁ = +0.328125 and 3 more; it stops at x₅ = −1.0625 and 3 more; nothing arrives "
        "at x₉."
    )


def test_a_sentence_about_many_entries_picks_one_that_is_nonzero_and_counts_all() -> None:
    x = np.zeros((21, 21))
    x[8:16, 8:16] = np.arange(1, 9)
    told = said(Sequential(Conv2D(), ReLU(), MaxPool2D(2)), (x, [[-1.0, 1.0], [0.0, 0.0]]))
    zeros = int(np.count_nonzero(x[:-1, 1:] == x[:-1, :-1]))
    assert zeros > LOOKED
    assert told[1] == "Convolution: a₉‚₉ = (−1) · 1 + 1 · 2 = 1."
    assert told[2].startswith("ReLU: h₉‚₁₆ = max(0, a₉‚₁₆) = max(0, −8) = 0; ")
    assert told[2].endswith(f" and {zeros - 2} more are exactly at the kink.")
    assert told[3].startswith("Max pool: z₅‚₅ = max(1, 1, 1, 1) = 1, at h₉‚₉, ")
    assert told[4].startswith("Max pool: h₉‚₉, h₉‚₁₀, h₁₀‚₉ and h₁₀‚₁₀ tie, and by this rule ")


def test_what_the_rule_decides() -> None:
    x, tie = ([3.0, 3.0, 1.0], 1.0), "Max pool: h₁ and h₂ tie, and by this rule"
    assert said(ConvBlock(), x, FIRST)[4] == f"{tie} the first of a tie gets all: ∂L/∂h₁ = +1."
    assert said(ConvBlock(), x, SPLIT)[4] == f"{tie} a tie gets equal shares: +0.5 each."
    assert said(ConvBlock(), x, SPLIT, 3.0)[4] == f"{tie} a tie gets equal shares: +1.5 each."
    told = said(MaxPool(2), ([2.0, 2.0, 1.0, 3.0],), dout=[0.0, 1.0])[2]
    assert told.endswith(": ∂L/∂x₄ = +1."), "nothing arrives at the tie"
    at_zero, slope = ([0.0, -1.0], 1.0), "by this rule the slope of ReLU at 0 is"
    assert said(ConvBlock(), at_zero)[2] == (
        "ReLU: h₂ = max(0, a₂) = max(0, −1) = 0; a₁ = 0 is exactly at the kink."
    )
    assert said(ConvBlock(), at_zero, FIRST)[5] == (
        f"ReLU: it stops at a₁ = 0; {slope} 0; nothing arrives at a₂."
    )
    assert said(ConvBlock(), at_zero)[5] == f"ReLU: ∂L/∂a₁ = +1; it stops at a₂ = −1; {slope} 1."


class HardTanh(Elementwise):
    """y = a, clipped to [−1, 1], with a different kind of kink at each end."""

    kink_choices = ("relu_at_zero", "abs_at_zero")
    breaks: Mapping[float, tuple[float, float]] = MappingProxyType(
        {-1.0: (0.0, 1.0), 1.0: (1.0, 0)}
    )
    straight = True
    words = ReLU.words

    def value(self, a: Array) -> Array:
        """y = a, clipped to [−1, 1]."""
        return np.clip(a, -1.0, 1.0)

    def derivative(self, a: Array, kinks: Kinks) -> Array:
        """1 between −1 and 1, the stated slopes at them, 0 beyond."""
        inside = np.where(abs(a) < 1, 1.0, 0.0)
        inside[a == -1] = kinks.stated("relu_at_zero")
        inside[a == 1] = kinks.stated("abs_at_zero")
        return inside


def test_an_entry_picked_from_any_of_several_inputs_gets_the_gradient() -> None:
    told = said(Maximum(), ([2.0, 1.0], [0.0, 3.0]))[-1]
    assert told.endswith(": ∂L/∂x₁ = +1 and ∂L/∂x⁽²⁾₂ = +1.")
    for rule, gets in (("tensorflow-max-pool", "∂L/∂x₁"), ("mlx", "∂L/∂x⁽²⁾₁")):
        told = said(Maximum(), ([2.0], [2.0]), rule)[-1]
        assert "x₁ and x⁽²⁾₁ tie" in told
        assert told.endswith(f"gets all: {gets} = +1.")
    twice = Graph(("h", ReLU(), "x"), ("s", Concat(), "h", "x"))
    told = said(twice, ([2.0],), dout=[0.5, 3.0])[3]
    assert told.endswith("1 · 0.5 = +0.5; +3 is a part of ∂L/∂x₁.")


def test_what_a_rule_with_two_kinds_of_kink_decides() -> None:
    told = said(HardTanh(), ([-1.0, 0.5, 1.0],), FIRST)[2]
    assert told.endswith("; by this rule the slope of ReLU at 0 is 0 and slope of |a| at 0 is 0.")


def test_a_unit_at_its_kink_is_spoken_of_before_an_active_one() -> None:
    forward = said(HardTanh(), ([0.5, 1.0],), SPLIT)[1]
    assert forward == "ReLU: h₂ = max(0, x₂) = max(0, 1) = 1; x₂ = 1 is exactly at the kink."


def test_a_step_back_says_what_arrives_at_each_input_even_if_it_is_0() -> None:
    """For w too, whose gradient is 0."""
    assert said(ConvBlock(), ([0.0, -1.0], 1.0))[6] == (
        "Convolution: ∂L/∂x₁ = w · ∂L/∂a₁ = 1 · 1 = +1; ∂L/∂w = 0 · 1 = 0."
    )
    assert said(ConvBlock(), ([2.0, -1.0], 0.0))[6] == (
        "Convolution: ∂L/∂w = x₁ · ∂L/∂a₁ + x₂ · ∂L/∂a₂ = 2 · 1 + (−1) · 1 = +1; "
        "∂L/∂x₁ = 0 · 1 = 0."
    )


def test_where_nothing_is_stopped() -> None:
    passes = "ReLU passes the gradient where x > 0"
    assert said(ReLU(), ([1.0, 2.0],))[2] == (
        f"{passes}: ∂L/∂x₁ = (slope of ReLU at x₁ > 0) · ∂L/∂h₁ = 1 · 1 = +1."
    )
    assert (
        said(ReLU(), ([1.0, 2.0],), dout=[0.0, 0.0])[2] == f"{passes}: the upstream gradient is 0."
    )
    assert said(ReLU(), ([-1.0, -2.0, -3.0, -4.0],))[2] == (
        f"{passes}: it stops at x₁ = −1, x₂ = −2 and 2 more."
    )
    assert said(ReLU(), ([1.0, 2.0],), dout=[1.0, 0.0])[2] == (
        f"{passes}: ∂L/∂x₁ = +1; nothing arrives at x₂."
    )
    assert said(ReLU(), ([0.0, 1.0],))[2] == (
        f"{passes}: ∂L/∂x₁ = +1 and ∂L/∂x₂ = +1; by this rule the slope of ReLU at 0 is 1."
    )


def test_what_is_too_small_for_a_float_is_not_said_to_be_nothing() -> None:
    told = said(Linear(), ([[1e-200]], [[1e-200]]), dout=[[1e-200]])
    assert told[2] == "Linear layer: what it gives is too small to be told from 0."
    # 10¹⁷ + 1 − 10¹⁷ is 1, but 0 in floating-point numbers.
    told = said(Linear(), ([0.0], [[1e17], [1.0], [-1e17]]), dout=[1.0, 1.0, 1.0])
    assert told[2] == "Linear layer: what it gives is too small to be told from 0."


def test_what_is_multiplied_by_zeros_is_not_said_to_be_too_small() -> None:
    assert said(Conv1D(), ([0.0, 0.0], 0.0))[2] == (
        "Convolution: ∂L/∂x₁ = w · ∂L/∂a₁ = 0 · 1 = 0; ∂L/∂w = 0 · 1 + 0 · 1 = 0."
    )
    assert said(Linear(), ([[0.0]], [[0.0]]), dout=[[1e-200]])[2] == (
        "Linear layer: ∂L/∂x₁‚₁ = w₁‚₁ · ∂L/∂y₁‚₁ = 0 · 1e−200 = 0; ∂L/∂w₁‚₁ = 0 · 1e−200 = 0."
    )


def test_a_maximum_whose_gradients_cancel() -> None:
    assert said(MaxPool(2, 1), ([1.0, 2.0, 1.0],), dout=[1.0, -1.0])[2] == (
        "Max pool: ∂L/∂x₂ = (share of x₂ in z₁) · ∂L/∂z₁ + (share of x₂ in z₂) · ∂L/∂z₂ = 1 · 1 + "
        "1 · (−1) = 0."
    )


def test_an_output_of_padding_alone() -> None:
    given = ([0.0, 0.0], 0.0)
    assert said(Conv1D(padding=1), given)[1] == "Convolution: a₁ = 0."
    assert said(Conv1D(padding=1), given, dout=[1.0, 0.0, 0.0, 0.0])[2] == (
        "Convolution: no entry gets a gradient."
    )


def test_where_backward_begins_the_output_is_written_as_on_the_picture() -> None:
    assert said(Sequential(MaxPool(1), MaxPool()), ([2.0],))[2] == (
        "Max pool: z⁽²⁾ = max(z⁽¹⁾₁) = max(2) = 2, at z⁽¹⁾₁. Backward begins with ∂L/∂z⁽²⁾ = +1."
    )
    begun = said(MaxPool(), ([1.0, 2.0],), dout=-2.5)[1]
    assert begun.endswith(" Backward begins with ∂L/∂z = −2.5.")


def test_a_window_at_a_tie_is_spoken_of_before_one_without() -> None:
    assert said(MaxPool(2, 1), ([1.0, 3.0, 3.0],))[1] == (
        "Max pool: z₂ = max(x₂, x₃) = max(3, 3) = 3, at x₂ and x₃, which tie."
    )
    assert said(MaxPool(2, 1), ([1.0, 2.0, 3.0],))[1] == (
        "Max pool: z₁ = max(x₁, x₂) = max(1, 2) = 2, at x₂."
    )


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ((1.0, 2.0, 3.0), "x₁ + x⁽²⁾₁ + x⁽³⁾₁ = 1 + 2 + 3 = 6"),
        ((1.0, 0.0, 3.0, 2.0), "1 + 3 + 2 = 6"),
        ((1.0, 2.0, 3.0, 4.0), "a sum of 4 values, 4 of them not 0 = 10"),
        ((0.0, 0.0, 0.0, 0.0), "a sum of 4 zeros = 0"),
    ],
)
def test_a_sum_of_several_values_has_no_bias(values: Sequence[float], total: str) -> None:
    forward = said(Add(), [[value] for value in values])[1]
    assert forward == f"Sum: s₁ = {total}."


@pytest.mark.parametrize(
    ("x", "value"),
    [
        ((1.234567,), "w₁‚₁ · x₁ + b₁ = 2 · 1.23457 + 0.5 ≈ 2.96913"),
        ((1.234567, 1.0, 3.0), "0.5 (the bias b₁) + 2 · 1.23457 + 2 · 1 + 2 · 3 ≈ 10.9691"),
        ((1.25, 1.0, 3.0), "0.5 (the bias b₁) + 2 · 1.25 + 2 · 1 + 2 · 3 = 11"),
    ],
)
def test_a_value_that_the_written_numbers_do_not_give_is_only_about_that(
    x: Sequence[float], value: str
) -> None:
    forward = said(Linear(), (x, [[2.0] * len(x)], [0.5]), dout=[1.0])[1]
    assert forward == f"Linear layer: y₁ = {value}."


@pytest.mark.parametrize(
    ("layer", "x", "mean"),
    [
        (AvgPool(2, padding=1), [3.0], "z₁ = mean(x₁, 0) = mean(3, 0) = 1.5"),
        (AvgPool(3, 1, (1, 0)), [6.0, 3.0], "z₁ = mean(x₁, x₂, 0) = mean(6, 3, 0) = 3"),
        (AvgPool(4, 4, (3, 0)), [4.0], "z₁ = mean(x₁, 0, 0, 0) = mean(4, 0, 0, 0) = 1"),
        (AvgPool(3, 1, 1, count_include_pad=False), [6.0, 3.0], "mean(x₁, x₂) = mean(6, 3) = 4.5"),
        (AvgPool2D(3, 3, 1), 9 * np.eye(3), "z₁‚₁ = mean(9, 0, 0, 9, 5 times 0) = 2"),
        (AvgPool2D(5, 5, 2), np.ones((3, 3)), "z₁‚₁ = mean(x, 16 times 0) = 0.36"),
    ],
)
def test_a_mean_is_of_the_padding_too_that_counts(layer: Layer, x: ArrayLike, mean: str) -> None:
    assert mean in said(layer, (x,))[1]


@pytest.mark.parametrize(
    ("layer", "inputs", "forward", "backward"),
    [
        (
            Conv1D(),
            ([1.0, 2.0], [3.0, -1.0], 0.5),
            "Convolution: a₁ = w₁ · x₁ + w₂ · x₂ + b = 3 · 1 + (−1) · 2 + 0.5 = 1.5.",
            (
                "Convolution: ∂L/∂x₁ = w₁ · ∂L/∂a₁ = 3 · 1 = +3; ∂L/∂w₁ = 1 · 1 = +1; "
                "∂L/∂b = 1 · 1 = +1."
            ),
        ),
        (
            AvgPool(),
            ([1.0, 2.0],),
            "Average pool: z = mean(x₁, x₂) = mean(1, 2) = 1.5. Backward begins with ∂L/∂z = +1.",
            (
                "Average pool shares each window's gradient equally among its entries: ∂L/∂x₁ = "
                "1/2 · ∂L/∂z = 0.5 · 1 = +0.5."
            ),
        ),
        (
            Flatten(),
            ([[1.0], [2.0]],),
            "Flatten: f₁‚₁ = x₁‚₁ = 1.",
            (
                "Flatten gives the gradient its old shape back: ∂L/∂x₁‚₁ = 1 · ∂L/∂f₁‚₁ = 1 · 1 = "
                "+1."
            ),
        ),
        (
            LeakyReLU(0.5),
            ([-2.0],),
            "Leaky ReLU: h₁ = leaky ReLU(x₁) = leaky ReLU(−2) = −1.",
            ("Leaky ReLU: ∂L/∂x₁ = (slope of leaky ReLU at x₁ < 0) · ∂L/∂h₁ = 0.5 · 1 = +0.5."),
        ),
        (
            SoftmaxCrossEntropy([0]),
            ([[0.0, 0.0]],),
            "Softmax cross entropy: L = the mean of −log p at the labels = 0.693147.",
            "Softmax cross entropy: ∂L/∂x₁‚₁ = (p₁‚₁ − 1) · ∂L/∂L = (−0.5) · 1 = −0.5.",
        ),
    ],
)
def test_each_operation(
    layer: Layer, inputs: Sequence[ArrayLike], forward: str, backward: str
) -> None:
    rule = LAB if RULES[LAB].kinks.states(layer.kink_choices) else SPLIT
    assert said(layer, inputs, rule)[1:] == [forward, backward]


def test_a_gradient_that_several_add_to() -> None:
    steps = said(Residual(Sequential(Conv1D(), ReLU())), ([1.0, -2.0], 3.0))
    assert steps[3:] == [
        "Sum: s₁ = h₁ + x₁ = 3 + 1 = 4.",
        (
            "The sum passes the gradient to every input: ∂L/∂h₁ = 1 · ∂L/∂s₁ = 1 · 1 = +1; "
            "+1 is a part of ∂L/∂x₁."
        ),
        "ReLU passes the gradient where a > 0: ∂L/∂a₁ = +1; it stops at a₂ = −6.",
        "Convolution: +3 is a part of ∂L/∂x₁; ∂L/∂w = 1 · 1 = +1.",
    ]


def test_many_inputs_are_not_all_named() -> None:
    x, w = [[1.0] * 4] * 4, [[1.0] * 4] * 4
    assert said(Conv2D(), (x, w))[1] == (
        "Convolution: a₁‚₁ = a sum of 16 products, 16 of them not 0 = 16."
    )
    assert said(Conv1D(), ([1.0, 2.0, 3.0], [3.0, -1.0, 1.0], 0.5))[1] == (
        "Convolution: a₁ = 0.5 (the bias b) + 3 · 1 + (−1) · 2 + 1 · 3 = 4.5."
    )
    assert said(Linear(), ([1.0] * 4, [[0.0] * 4]))[1] == (
        "Linear layer: y₁ = a sum of 4 zeros = 0."
    )
    assert said(MaxPool(9, 1), (np.arange(1.0, 11.0),))[1] == (
        "Max pool: z₁ = max(1, 2, 3, 4, 5, 6, 7, 8, 9) = 9, at x₉."
    )
    graph = Graph(("c", Concat(), "x", "y"), ("z", MaxPool(10, 1), "c"))
    assert said(graph, ([1.0] * 6, [1.0] * 5))[2] == (
        "Max pool: z₁ = max(c₁, …, c₁₀) = 1, at c₁, c₂, c₃ and 7 more, which tie."
    )


@for_each("name", names())
def test_every_step_of_every_page_has_a_short_sentence(name: str) -> None:
    subject, scene, _ = named_scene(name)
    if not isinstance(subject, Subject):
        return
    traced = subject.trace(scene)
    for step in range(2 * len(traced.steps) + 1):
        sentence = step_sentence(traced, subject.naming, step)
        assert sentence.endswith(".")
        assert not {"{", "}"} & {*sentence}
        assert len(sentence) <= SENTENCE_MOST


@pytest.mark.parametrize("step", [-1, 7])
def test_a_step_that_there_is_not_is_refused(step: int) -> None:
    traced = trace(ConvBlock(), [1.0], 1.0)
    with pytest.raises(IndexError, match="a step from 0 to 6"):
        step_sentence(traced, letters(traced), step)


def test_where_the_sentence_stands_apart_the_operation_is_named() -> None:
    block = SUBJECTS["conv-block"]
    rows = [block.picture(block.start.moved("step", step), Screen()).step for step in range(7)]
    assert rows[:6] == [
        "Inputs.",
        "Forward 1 of 3: Convolution.",
        "Forward 2 of 3: ReLU.",
        "Forward 3 of 3: Max pool.",
        "Backward 1 of 3: Max pool.",
        "Backward 2 of 3: ReLU.",
    ]
    assert rows[6].startswith("Backward 3 of 3: Convolution: ")
