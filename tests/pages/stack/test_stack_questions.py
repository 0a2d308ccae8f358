"""The questions about a stack, compared with simple counts; and predictions on large ones."""

import re
from itertools import product
from typing import Any, Final

import numpy as np
import pytest

from pages.derive.picture import Screen
from pages.derive.questions import Explained, Question, inactive
from pages.export.question import pair, question_about
from pages.export.render_jobs import job_of_page
from pages.export.style import Style
from pages.figures.theme import PALETTES
from pages.registry import PICTURE_PAGES
from pages.session.page_state import PageState
from pages.stack.cases import CASES
from pages.stack.stack_scene import StackScene
from pages.stack.stack_subject import STACK_SUBJECT, questions_of
from pages.state.predict import FEW, Exercise, tallies
from pages.views import tasks

START: Final = STACK_SUBJECT.start
PAGE: Final = PICTURE_PAGES["stack"]


def opened(layers: str, **others: str) -> StackScene:
    scene, problems = STACK_SUBJECT.start.updated({"layers": layers, **others})
    assert problems == []
    return scene


def asked(scene: StackScene) -> dict[str, Question[Any]]:
    return {re.sub(r"\*", "", each.text): each for each in questions_of(scene)}


def told(question: Question[Any], scene: StackScene) -> str:
    assert isinstance(question.answer, Explained)
    return question.answer.reason(scene.trace, scene.derivation.naming)


@pytest.mark.parametrize("slug", CASES)
def test_how_far_an_entry_reaches_is_what_changes_with_it(slug: str) -> None:
    """The answer counts the entries of the output that change with the middle entry."""
    scene = CASES[slug]
    trace = scene.trace
    for number, (text, question) in zip((0, 1), [*asked(scene).items()][1:3], strict=True):
        step, argument = trace.values[number].readers[0]
        layer, inputs = trace.steps[step].layer, [each.copy() for each in trace.steps[step].inputs]
        middle = tuple(side // 2 for side in inputs[argument].shape)
        before = layer.apply(*inputs)[0]
        inputs[argument][middle] += 7
        assert question.answer(trace) == np.count_nonzero(layer.apply(*inputs)[0] != before), text


def test_how_far_entries_reach_is_asked_of_x_and_of_the_first_parameter_alone() -> None:
    for layers, count in (("relu-abs", 1), ("linear(2,bias=True)-relu-linear(2,bias=True)", 2)):
        texts = [text for text in asked(opened(layers)) if "influence?" in text]
        assert len(texts) == count


def test_a_maximum_of_two_branches_brings_no_question_about_windows() -> None:
    assert not any("window" in text for text in asked(CASES["maximum-tie"]))


def test_the_labs_questions_by_hand() -> None:
    scene = opened("conv1d(2)-relu-maxpool(2)", shape="6", x="1,2,-3,4,-1,0.5", w="1,1")
    # a = 3, -1, 1, 3, -0.5; the pool's windows are a1 and a2, a3 and a4, and a5 is in none.
    found = asked(scene)
    answers = {text: question.answer(scene.trace) for text, question in found.items()}
    assert answers == {
        "How many entries of ∂L/∂x are nonzero?": 4,
        "How many entries of a does x₄ influence?": 2,
        "How many entries of a does w₂ influence?": 5,
        "How many of the 5 units of the ReLU after a are inactive?": 2,
        "How many entries of h are the maximum of no window of the max pool that has them?": 2,
        "How many entries of h are in no window of the max pool?": 1,
    }
    reasons = [told(question, scene) for question in found.values()]
    assert reasons[1:] == [
        "2 entries depend on x₄: a₃ and a₄.",
        "5 entries depend on w₂: a₁, a₂, a₃, a₄ and a₅.",
        "They are those after a₂ and a₅.",
        "They are h₂ and h₃.",
        "It is h₅.",
    ]


def test_the_question_about_a_single_unit_is_worded_for_one() -> None:
    scene = opened("maxpool-relu", shape="3", x="-1,-2,-3")
    found = asked(scene)
    assert "The ReLU after z has one unit: how many are inactive?" in found
    assert told(found["The ReLU after z has one unit: how many are inactive?"], scene) == (
        "It is the one after z."
    )


def test_an_entry_that_ties_has_not_lost_its_window() -> None:
    scene = opened("maxpool(3)", shape="3", x="1,1,0")
    (beaten,) = [each for text, each in asked(scene).items() if "maximum of no window" in text]
    assert beaten.answer(scene.trace) == 1
    assert told(beaten, scene) == "It is x₃."
    level = scene.moved("x3", 1.0)
    assert beaten.answer(level.trace) == 0
    assert told(beaten, level) == "There is none."


def test_an_entry_in_no_window_is_not_counted_as_having_lost_in_one() -> None:
    scene = opened("maxpool(2,stride=3)", shape="6", x="2,1,5,-1,3,4")
    (beaten,) = [each for text, each in asked(scene).items() if "maximum of no window" in text]
    assert told(beaten, scene) == "They are x₂ and x₄."
    (unread,) = [each for text, each in asked(scene).items() if "in no window" in text]
    assert told(unread, scene) == "They are x₃ and x₆."


def test_the_maxima_of_a_picture_by_looking_at_every_window() -> None:
    scene = CASES["digit"]
    (beaten,) = [each for text, each in asked(scene).items() if "maximum of no window" in text]
    h = scene.trace.steps[2].inputs[0]
    best = set()
    for channel, row, column in product(range(2), range(6), range(6)):
        window = h[0, channel, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        for i, j in np.argwhere(window == window.max()):
            best.add((channel, 2 * row + i, 2 * column + j))
    assert beaten.answer(scene.trace) == h.size - len(best)


def test_a_layer_without_units_or_windows_raises_none() -> None:
    assert len(asked(opened("linear(2)-softplus", shape="3"))) == 3
    assert len(asked(opened("abs", shape="3"))) == 2


def test_the_same_are_asked_whatever_the_numbers_are_and_others_of_another_stack() -> None:
    scene = CASES["residual"]
    assert questions_of(scene.moved("x1", -4.0)) == questions_of(scene)
    others = questions_of(CASES["concat"])
    assert others != questions_of(scene)
    back = others[0].set_up(scene.having("rule", "mlx"))
    assert (back.stack, back.rule) == (CASES["concat"].stack, "mlx"), "a rule stays that was chosen"
    assert back == CASES["concat"].having("rule", "mlx"), "with the numbers of the case"
    of_three, of_four = (opened("relu", shape=count) for count in "34")
    assert questions_of(of_three)[0].set_up(of_four).shape == (3,)


def test_the_quiz_begins_anew_where_the_network_is_another() -> None:
    state: PageState[Any] = PageState(PAGE.subject.start, PAGE.subject.presets, PAGE.subject.start)
    tasks.turn(PAGE.about(state.scene), state, "quiz")
    tasks.act(PAGE.about(state.scene), state, "answer", "3")
    state.change(CASES["residual"].moved("x1", 0.5))
    page = PAGE.about(state.scene)
    tasks.prepare(page, state)
    assert state.quiz
    assert (state.quiz.at, state.quiz.verdicts) == (0, ())
    assert state.scene == CASES["residual"].moved("x1", 0.5)
    tasks.turn(page, state, "look")
    assert state.scene == CASES["residual"].moved("x1", 0.5), "and does not bring back the other"


def test_a_kind_of_question_is_asked_of_two_layers_at_most() -> None:
    for layers, count in (("relu", 1), ("relu-abs-relu", 2), ("relu-abs-relu-abs-relu", 2)):
        texts = [text for text in asked(opened(layers, shape="4")) if "inactive" in text]
        assert len(texts) == count


def test_an_answer_that_comes_late_is_about_the_network_that_was_asked_about() -> None:
    state: PageState[Any] = PageState(PAGE.subject.start, PAGE.subject.presets, PAGE.subject.start)
    page = PAGE.about(state.scene)
    tasks.turn(page, state, "quiz")
    state.change(CASES["digit"])
    tasks.act(page, state, "answer", "3")
    assert state.scene.stack == CASES["two-filters"].stack
    assert state.quiz
    assert state.quiz.verdict()


def test_a_slide_asks_about_its_own_stack() -> None:
    scene = CASES["concat"].moved("x1", 0.5)
    job = job_of_page("stack", Style(), scene.query())
    question = question_about(job.subject, job.scene)
    assert question
    asked_on, answered = pair(job, question)
    assert "∂L/∂x" in asked_on.said(asked_on.scene)[0]
    assert answered.said(answered.scene)[0].startswith(
        f"The answer is {question.answer(scene.trace)}."
    )


# --- predictions


def test_a_few_entries_of_a_large_input_are_asked_for_some_zero_and_some_not() -> None:
    scene = CASES["digit"]
    info = STACK_SUBJECT.describe(scene.trace, scene)
    asked = Exercise().entries(info)
    assert {letter: len(entries) for letter, entries in asked.items()} == {
        "x": FEW,  # of 196
        "w1": 18,
        "b": 2,
        "w2": FEW,  # of 720
    }
    for letter in ("x", "w2"):
        gradients = scene.trace.values[scene.letters.index(letter)].grad.ravel()
        places = (scene.entry_names()[entry][1] for entry in asked[letter])
        assert {bool(gradients[place]) for place in places} == {False, True}
    assert Exercise().entries(info) == asked
    for letter in ("x", "w2"):
        at = [scene.entry_names()[entry][1] or 0 for entry in asked[letter]]
        assert at == sorted(at), "in their order, which tells nothing"
    assert {*Exercise(everywhere=True).entries(info)} == {*asked, "y"}
    small = STACK_SUBJECT.describe(START.trace, START)
    assert len(Exercise().entries(small)["x"]) == 6


def test_what_was_not_asked_for_counts_for_nothing() -> None:
    scene = CASES["digit"]
    info = STACK_SUBJECT.describe(scene.trace, scene)
    asked = Exercise().entries(info)
    nonzero = frozenset(
        entry for entries in asked.values() for entry in entries if info.cells[entry].grad
    )
    others = {entry for entry in info.cells if entry[0] == "x" and entry not in asked["x"]}
    found = tallies(Exercise(nonzero | others, revealed=True).over(info))
    assert {*found} == {*asked}
    assert all(tally.perfect for tally in found.values())


@pytest.mark.parametrize("narrow", [False, True])
def test_entries_that_are_asked_for_have_a_frame(narrow: bool) -> None:
    scene = CASES["digit"]
    plain, asking = (
        STACK_SUBJECT.picture(scene, Screen(exercise=each, narrow=narrow))
        for each in (Exercise(marking=False), Exercise())
    )
    ink = PALETTES["light"].ink
    lines = [each for each in asking.figure["data"] if each.get("mode") == "lines"]
    (frames,) = [
        each for each in lines if each["line"]["color"] == ink and each not in plain.figure["data"]
    ]
    assert len(frames["x"]) - frames["x"].count(None) == 2 * 2 * FEW * 5


def test_what_is_asked_for_is_said_by_its_name() -> None:
    state: PageState[StackScene] = PageState(CASES["digit"], {}, CASES["digit"])
    tasks.turn(PAGE, state, "predict")
    task = tasks.task(PAGE, state)
    assert task
    (_, said), _ = task.lines  # the last line says the rule
    assert said.startswith("Mark those of x")
    assert said.endswith(
        ", and of all entries of w⁽¹⁾ and b, whose gradient will be nonzero: tap or click the "
        "cells."
    )
    state.change(START)
    task = tasks.task(PAGE, state)
    assert task
    assert task.lines[0][1] == (
        "Mark every entry of x, w⁽¹⁾ and w⁽²⁾ whose gradient will be nonzero: tap or click the "
        "cells."
    )


def test_inactive_units_are_marked_once_they_are_counted() -> None:
    state: PageState[StackScene] = PageState(START, {}, START)
    page = PAGE.about(START)
    tasks.turn(page, state, "quiz")
    seen = []
    while (question := tasks.asked(page, state)) is not None:
        hidden = tasks.hiding(page, state)
        assert hidden == question.exercise
        seen.append((isinstance(question.answer, inactive), hidden.units))
        tasks.act(page, state, "answer", "0")
        assert tasks.hiding(page, state) is None
        tasks.act(page, state, "next", "")
    assert seen == [(False, True)] * 3 + [(True, False), (False, True)]
    (counted,) = [each for each in page.questions if isinstance(each.answer, inactive)]
    slides = pair(job_of_page("stack", Style(), START.query()), counted)
    assert [slide.exercise for slide in slides] == [counted.exercise, None]
