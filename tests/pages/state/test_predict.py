"""Predictions: which entries can be marked, and what the picture shows meanwhile."""

import numpy as np
import pytest

from engine import ConvBlock, ReLU, trace
from pages.figures.info import Naming, describe_graph
from pages.state.predict import FEW, MANY, Exercise, Tally, tallies, wrong

LETTERS = Naming((("x", "w"), ("a",), ("h",)), "z")
INFO = describe_graph(trace(ConvBlock(), [1.5, -1.0, 1.0, 0.5, 0.0], 2.0), LETTERS)
AMONG = frozenset({"x1", "x2", "x3"})


def test_only_what_is_asked_for_can_be_marked() -> None:
    exercise = Exercise(among=AMONG)
    assert exercise.toggled("x1").toggled("h1").toggled("x3").marked == {"x1", "x3"}
    assert exercise.toggled("x1").toggled("x1").marked == frozenset()
    for revealed in (Exercise(revealed=True), Exercise(revealed=True, among=AMONG)):
        assert revealed.toggled("x1") == revealed
    for hidden in (Exercise(marking=False), Exercise(marking=False, everywhere=True)):
        assert not hidden.covers("x", ("x",)), "they are only hidden"


def test_entries_of_a_later_layer_are_asked_for_by_its_letter() -> None:
    exercise = Exercise(among=frozenset({"a2.1", "a2.2"}))
    assert exercise.covers("a2", ("x",))
    assert not exercise.covers("a", ("x",))


def test_a_single_mark_gives_way_to_the_next_and_can_be_taken_back() -> None:
    exercise = Exercise(among=AMONG, alone=True).toggled("x1").toggled("x2")
    assert exercise.marked == {"x2"}
    assert exercise.toggled("h1") == exercise
    assert exercise.toggled("x2").marked == frozenset()


def test_marks_are_no_guesses_and_all_gradients_are_hidden() -> None:
    shown = Exercise(frozenset({"x2"}), among=AMONG).over(INFO)
    marked = {entry: cell.marked for entry, cell in shown.cells.items()}
    assert {entry for entry, mark in marked.items() if mark is not None} == AMONG
    assert marked["x2"]
    assert all(cell.guess is None for cell in shown.cells.values())
    assert {entry for entry, cell in shown.cells.items() if cell.known == "gradient"} == {"z"}
    assert all(edge.known == "value" for edge in shown.edges)
    assert set(shown.counts.values()) == {None}
    assert Exercise(among=AMONG, revealed=True).over(INFO) == INFO


@pytest.mark.parametrize(
    ("merged", "entries", "asked"),
    [("a", MANY + 1, FEW), ("a", MANY, MANY), ("", MANY + 1, MANY + 1)],
)
def test_only_a_large_heat_map_is_asked_for_in_a_few_of_its_entries(
    merged: str, entries: int, asked: int
) -> None:
    passed = trace(ReLU(), np.ones(entries))
    info = describe_graph(passed, Naming((("a",),), "h"), merged=merged)
    assert len(Exercise().entries(info)["a"]) == asked


def test_a_heat_map_is_asked_for_by_entries_of_each_kind_the_middle_ones_first() -> None:
    """20 units are inactive, 21 are not: the 11th of each, then the 6th of each."""
    passed = trace(ReLU(), np.repeat([-1.0, 1.0], (20, 21)))
    info = describe_graph(passed, Naming((("a",),), "h"), merged="a")
    assert Exercise().entries(info) == {"a": ["a6", "a11", "a26", "a31"]}


def test_a_prediction_says_which_arrays_it_asks_for_and_which_few_entries_of_a_large_one() -> None:
    ask, everything = Exercise(), Exercise(everywhere=True)
    assert ask.sentence(INFO).startswith("Mark every entry of x and w whose")
    assert everything.sentence(INFO).startswith("Mark every entry of any array whose")
    passed = trace(ConvBlock(), np.arange(MANY + 1.0), 2.0)
    info = describe_graph(passed, LETTERS, merged="xah")
    few = [*ask.entries(info)["x"]]
    assert len(few) == FEW
    assert everything.entries(info) == ask.entries(info) == {"x": few, "w": ["w"]}
    for exercise in (ask, everything):
        some = exercise.sentence(info)
        assert some.startswith("Mark those of x")
        assert ", and of all entries of w, whose" in some
    alone = describe_graph(trace(ReLU(), np.ones(MANY + 1)), Naming((("a",),), "h"), merged="a")
    assert ", and of all" not in ask.sentence(alone)
    assert ask.sentence(alone).startswith("Mark those of a")


def test_before_anybody_votes_all_that_is_asked_for_waits_for_a_share() -> None:
    cells = Exercise(shares=(("x1", (0.5,)),)).over(INFO).cells
    assert (cells["x1"].shares, cells["x2"].shares, cells["h1"].shares) == ((0.5,), (), None)


def test_a_new_exercise_asks_for_the_same_entries() -> None:
    exercise = Exercise(frozenset({"x1"}), everywhere=True, among=AMONG, alone=True)
    exercise = exercise.tallied({"x": Tally(found=1)})
    assert exercise.revealed
    assert exercise.again() == Exercise(everywhere=True, among=AMONG, alone=True)


def test_a_guess_is_judged_by_what_it_found_what_it_missed_and_what_is_zero() -> None:
    """∂L/∂x = (2, 0, 0, 0, 0) and ∂L/∂w = 1.5: x₁ and w are to be marked."""
    guessed = Exercise(frozenset({"x2", "x3", "w"}), revealed=True).over(INFO)
    found = tallies(guessed)
    assert found == {"x": Tally(missed=1, false_alarms=2), "w": Tally(found=1)}
    assert wrong(guessed) == ["x1", "x2", "x3"]
    assert found["w"] + found["x"] == Tally(found=1, missed=1, false_alarms=2)
    assert [each.nonzero for each in found.values()] == [1, 1]
    assert [Tally(1, 0, 0).perfect, Tally(1, 1, 0).perfect, Tally(1, 0, 1).perfect] == [1, 0, 0]
