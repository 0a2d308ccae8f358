"""The description of a picture for screen readers."""

from dataclasses import replace

from engine import ReLU, Sequential, trace
from pages.derive.derivation import letters
from pages.derive.picture import Screen
from pages.explain.aria import array_summary, cell_label, marks_in_words, summary
from pages.explore.conv_2d import CONV_2D_SUBJECT
from pages.figures.info import describe_graph
from pages.state.predict import Exercise
from tests.pages.scenes import BLOCK


def said(slug: str, exercise: Exercise | None = None) -> str:
    return BLOCK.picture(BLOCK.presets[slug], Screen(exercise=exercise)).summary()


def test_the_labs_tie_in_words() -> None:
    """x = (1.5, −1, 1.5, 0.5, 0), w = 2, z = 3 twice; the lab gives both the gradient 1."""
    assert said("max-tie") == (
        "Gradient of x, 2 of 5 nonzero: "
        "x1 +2; x2 0, → not max; x3 +2; x4 0, → not max; x5 0, → not max. "
        "Gradient of w, 1 of 1 nonzero: w +3. "
        "Gradient of a, 2 of 5 nonzero: "
        "a1 +1; a2 0, → not max; a3 +1; a4 0, → not max; a5 0, → not max. "
        "Gradient of h, 2 of 5 nonzero: "
        "h1 +1; h2 0, not max; h3 +1; h4 0, not max; h5 0, not max. "
        "Gradient of z, 1 of 1 nonzero: z +1."
    )


def test_the_entries_of_one_layer_are_not_heard_with_those_of_another() -> None:
    passed = trace(Sequential(ReLU(), ReLU()), [1.0, 2.0], dout=[3.0, 0.0])
    assert summary(describe_graph(passed, letters(passed))) == (
        "Gradient of x, 1 of 2 nonzero: x1 +3; x2 0, → upstream 0. "
        "Gradient of h1, 1 of 2 nonzero: h1.1 +3; h1.2 0, upstream 0. "
        "Gradient of h2, 1 of 2 nonzero: h2.1 +3; h2.2 0."
    )


def test_nothing_is_given_away_before_it_is_revealed() -> None:
    assert said("max-tie", Exercise()) == ""
    assert said("max-tie", Exercise(revealed=True)) == said("max-tie")


def test_what_became_of_a_mark_is_heard() -> None:
    """x₁ is nonzero and was not marked, x₂ is zero and was, x₄ is zero and was not."""
    info = BLOCK.describe(BLOCK.trace(BLOCK.presets["max-tie"]), BLOCK.presets["max-tie"])
    cells = Exercise(frozenset({"x2"}), revealed=True).over(info).cells
    assert [cell_label(cells[entry]) for entry in ("x1", "x2", "x4")] == [
        "x1 = 1.5, gradient +2, missed",
        "x2 = −1, gradient 0, → not max, false alarm",
        "x4 = 0.5, gradient 0, → not max, your mark is right",
    ]


def test_a_cell_that_is_asked_for_says_whether_it_is_marked() -> None:
    info = BLOCK.describe(BLOCK.trace(BLOCK.presets["max-tie"]), BLOCK.presets["max-tie"])
    cells = Exercise(frozenset({"x2"})).over(info).cells
    assert [cell_label(cells[entry]) for entry in ("x2", "x4", "h2")] == [
        "x2 = −1, gradient marked as nonzero",
        "x4 = 0.5, gradient not marked",
        "h2 = 0, gradient not computed yet",
    ]
    of_a_question = Exercise(frozenset({"x2"}), among=frozenset({"x2", "x4"}))
    asked = of_a_question.over(info).cells
    judged = replace(of_a_question, revealed=True, wrong=frozenset({"x2"})).over(info).cells
    assert [cell_label(cells["x2"]) for cells in (asked, judged)] == [
        "x2 = −1, marked",
        "x2 = −1, gradient 0, → not max, your mark is wrong",
    ]
    assert cell_label(asked["x4"]) == "x4 = 0.5, not marked"
    assert marks_in_words() == ("not marked", "marked as nonzero")


def test_what_a_class_has_voted_is_heard_before_and_after_it_is_revealed() -> None:
    """Of two rounds both shares are said; a class is split from 30 to 70 %."""
    info = BLOCK.describe(BLOCK.trace(BLOCK.presets["max-tie"]), BLOCK.presets["max-tie"])
    shares = (("x1", (0.5, 0.9)), ("x2", (0.9, 0.5)), ("x4", (0.1,)))
    before, after = (
        Exercise(revealed=each, shares=shares).over(info).cells for each in (False, True)
    )
    assert [cell_label(before[entry]) for entry in ("x1", "x2", "x4")] == [
        "x1 = 1.5, 50 → 90 % say nonzero",
        "x2 = −1, 90 → 50 % say nonzero: the class is split",
        "x4 = 0.5, 10 % say nonzero",
    ]
    assert [cell_label(after[entry]) for entry in ("x1", "x2")] == [
        "x1 = 1.5, gradient +2, 50 → 90 % said nonzero",
        "x2 = −1, gradient 0, → not max, 90 → 50 % said nonzero",
    ]


def test_a_gradient_is_heard_once_it_is_revealed_though_nobody_has_voted() -> None:
    info = BLOCK.describe(BLOCK.trace(BLOCK.presets["max-tie"]), BLOCK.presets["max-tie"])
    before, after = (Exercise(revealed=each, shares=()).over(info).cells for each in (False, True))
    assert cell_label(before["x1"]) == "x1 = 1.5, gradient not computed yet"
    assert cell_label(after["x1"]) == "x1 = 1.5, gradient +2"


def test_many_entries_are_array_summary() -> None:
    assert array_summary("x", 3, 784) == "Gradient of x, 3 of 784 nonzero."
    subject = CONV_2D_SUBJECT
    summary_2d = subject.picture(subject.start).summary()
    assert "Gradient of x, " in summary_2d
    assert len(summary_2d) < 500
    assert (
        subject.picture(subject.start, Screen(exercise=Exercise())).summary().count("Gradient") <= 1
    )


def test_up_to_twelve_entries_are_each_said_and_more_are_only_counted() -> None:
    info = BLOCK.describe(BLOCK.trace(BLOCK.presets["max-tie"]), BLOCK.presets["max-tie"])
    cells = [*info.cells.values()][:13]
    few, many = array_summary("x", 3, 12, cells[:12]), array_summary("x", 3, 13, cells)
    assert few.count("; ") == 11
    assert many == "Gradient of x, 3 of 13 nonzero."


def test_without_counts_there_is_nothing_to_say() -> None:
    info = BLOCK.describe(BLOCK.trace(BLOCK.presets["max-tie"]), BLOCK.presets["max-tie"])
    assert summary(Exercise().over(info)) == ""
