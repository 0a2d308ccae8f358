"""The reasons that answers to questions give, which name the entries that decide."""

import numpy as np
import pytest

from engine import RULES, Conv1D, ConvBlock, ReLU, trace
from pages.derive.derivation import letters
from pages.derive.questions import Question, by_the_rule, inactive, influenced, nonzero, opened
from pages.registry import SUBJECTS

LABELS = ("x₁", "x₂", "x₃", "x₄", "x₅", "x₆", "x₇", "x₈", "x₉", "x₁₀", "x₁₁", "x₁₂")


@pytest.mark.parametrize(
    ("units", "said"),
    [
        (1, "It is the one after x₁."),
        (3, "They are those after x₁, x₂ and x₃."),
        (12, f"They are those after {', '.join(LABELS[:11])} and x₁₂."),
        (13, "They are those after x₁, x₂, x₃, x₄ and 9 more."),
    ],
)
def test_up_to_twelve_entries_are_each_named_and_of_more_only_four(units: int, said: str) -> None:
    passed = trace(ReLU(), np.full(units, -1.0))
    assert inactive(0)(passed) == units
    assert inactive(0).reason(passed, letters(passed)) == said


@pytest.mark.parametrize(
    ("open_", "said"),
    [
        (0, "0 of the 13 entries of ∂L/∂x are nonzero."),
        (1, "1 of the 13 entries of ∂L/∂x is nonzero."),
        (2, "2 of the 13 entries of ∂L/∂x are nonzero."),
    ],
)
def test_the_nonzero_ones_of_more_than_twelve_gradients_are_counted(open_: int, said: str) -> None:
    passed = trace(ReLU(), np.where(np.arange(13) < open_, 1.0, -1.0))
    assert nonzero(0).reason(passed, letters(passed)) == said


def test_up_to_twelve_gradients_are_each_named_without_where_they_stopped() -> None:
    passed = trace(ReLU(), np.where(np.arange(12) < 11, 1.0, -1.0))
    told = nonzero(0).reason(passed, letters(passed))
    assert all(f"∂L/∂{label} = +1" in told for label in LABELS[:11])
    assert told.endswith(". Gradient 0: x₁₂ (inactive).")
    block = trace(ConvBlock(), [3.0, 1.0], 1.0)
    assert nonzero(0).reason(block, letters(block)) == "∂L/∂x₁ = +1. Gradient 0: x₂ (not max)."


def test_while_a_question_is_asked_nothing_can_be_marked_or_gives_it_away() -> None:
    for answer, units in ((inactive(0), False), (nonzero(0), True)):
        exercise = Question("How many?", answer).exercise
        assert (exercise.marking, exercise.units, exercise.revealed) == (False, units, False)


def test_an_answer_under_another_rule_is_told_only_if_it_differs() -> None:
    # At 0, PyTorch's slope of ReLU is 0 and the lab's is 1.
    for x, counts in (([0.0, -1.0, 1.0], [2, 1]), ([2.0, -1.0, 1.0], [1, 1])):
        for rule, count in zip(("pytorch-max-pool", "lab"), counts, strict=True):
            passed = trace(ReLU(), x, kinks=RULES[rule].kinks)
            assert inactive(0)(passed) == count
            assert len(by_the_rule(passed, inactive(0))) == (counts[0] != counts[1])


def test_what_is_asked_of_the_opening_scene_keeps_the_rule_alone() -> None:
    start = SUBJECTS["conv-block"].start
    there = start.moved("dz", -2.0).having("rule", "mlx")
    assert opened(w=0.5)(there) == start.moved("w", 0.5).having("rule", "mlx")


@pytest.mark.parametrize(("entry", "count"), [(0, 1), (1, 2), (None, 2), (4, 1)])
def test_an_entry_is_the_first_the_second_or_the_one_in_the_middle(
    entry: int | None, count: int
) -> None:
    # Windows of two over x₁ to x₅: only one reads x₁, and only one reads x₅.
    traced = trace(Conv1D(), [1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 1.0])
    assert influenced(0, 0, entry)(traced) == count
