"""Predict and Quiz on every page that has them: questions, verdicts, and what stays."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any, Final

import numpy as np
import pytest

from pages.derive.page import PicturePage
from pages.derive.picture import MOVABLE
from pages.inside.inside_scene import questions_of
from pages.registry import PICTURE_PAGES
from pages.session.page_state import PageState
from pages.state.predict import Exercise, Tally
from pages.state.quiz import ListQuestion, Mode, Quiz, Verdict
from pages.views import tasks
from tests.for_each import for_each

INSIDE: Final = PICTURE_PAGES["look-inside"]
PREDICTING: Final = {key: page for key, page in PICTURE_PAGES.items() if page.predicts}
ASKING: Final = {
    **{key: page for key, page in PICTURE_PAGES.items() if page.questions},
    INSIDE.key: replace(
        INSIDE, questions=tuple(questions_of(INSIDE.subject.trace(INSIDE.subject.start)))
    ),
}
SERIALS: Final = count()


def opened(page: PicturePage, preset: str = "") -> PageState[Any]:
    """What a session keeps of a page, opened at a preset or as the page opens."""
    subject = page.subject
    start = subject.presets.get(preset, subject.start)
    state: PageState[Any] = PageState(start, subject.presets, start)
    state.rest()
    return state


def say(page: PicturePage, state: PageState[Any], **said: Any) -> None:
    """Let the page handle a message of the browser."""
    assert state.hear({"serial": str(next(SERIALS)), **said})
    assert state.message
    tasks.act(page, state, state.message.act, state.message.argument)


def told(page: PicturePage, state: PageState[Any]) -> list[tuple[str, str]]:
    task = tasks.task(page, state)
    assert task
    return [*task.lines]


def moved_everything(page: PicturePage, state: PageState[Any]) -> Iterator[None]:
    """Move everything that can be moved, one after the other, and yield after each."""
    subject = page.subject
    for slider in subject.sliders(state.scene)[:3]:
        say(page, state, values={slider.name: slider.low})
        yield
    for slug in [*subject.presets][:3]:
        say(page, state, preset=slug)
        yield
    for rule in ("lab", "mlx"):
        if "rule" in state.scene.query():
            state.change(state.scene.having("rule", rule))
            yield
    say(page, state, act="undo")
    yield
    say(page, state, act="redo")
    yield


# --- quiz


def answer_of(page: PicturePage, state: PageState[Any]) -> int:
    """The right answer in the state that has been set up."""
    assert state.quiz
    return page.questions[state.quiz.at].answer(page.subject.trace(state.scene))


@pytest.mark.parametrize("key", ASKING)
def test_a_verdict_belongs_to_its_state_and_stays(key: str) -> None:
    page = ASKING[key]
    state = opened(page)
    tasks.turn(page, state, "quiz")
    missed: list[tuple[int, str]] = []
    verdicts: list[tuple[Any, Any]] = []
    for at, question in enumerate(page.questions):
        truth, begun = answer_of(page, state), tasks.task(page, state)
        assert begun
        assert begun.heading == f"Question {at + 1} of {len(page.questions)}"
        assert begun.highest >= truth, "a number can be entered, up to the answer at least"
        right = bool(at % 2)
        assert told(page, state)[0] == ("", question.text)
        assert state.hiding
        assert tasks.hiding(page, state)
        say(page, state, act="answer", argument=str(truth if right else truth + 1))
        given, there = tasks.task(page, state), state.scene
        assert given
        assert given.lines[1][0] == ("right" if right else "wrong")
        assert str(truth) in given.lines[1][1]
        assert tasks.asked(page, state) is question, "until the next one is"
        last = question is page.questions[-1]
        assert given.acts == [("next", "How it went" if last else "Next question")]
        assert not given.highest, "there is nothing to enter"
        assert state.hiding is None
        assert tasks.hiding(page, state) is None
        for _ in moved_everything(page, state):
            assert tasks.task(page, state) == given
        say(page, state, act="answer", argument=str(truth if not right else truth + 1))
        assert tasks.task(page, state) == given, "one answer a question"
        if not right:
            missed.append((at, question.text))
            verdicts.append((there, given.lines))
        say(page, state, act="next")
    assert state.hiding is None, "nothing is asked any more"
    rights = len(page.questions) - len(missed)
    score, _ = told(page, state)
    assert str(rights) in score[1]
    assert str(len(page.questions)) in score[1]
    end = tasks.task(page, state)
    assert end
    assert end.missed == missed
    for (at, _), (there, verdict) in zip(missed, verdicts, strict=True):
        say(page, state, act="look again", argument=str(at))
        assert told(page, state) == verdict
        assert state.scene == there, "what was asked about"
        say(page, state, act="next")
        assert tasks.task(page, state) == end
    for nobody in ("", "-1", "1.5", "²", "99", "1" * 2000):
        say(page, state, act="look again", argument=nobody)
        assert tasks.task(page, state) == end
    say(page, state, act="answer", argument="1")
    assert tasks.task(page, state) == end, "nothing is asked any more"
    say(page, state, act="from the start")
    assert told(page, state)[0] == ("", page.questions[0].text)


def test_a_question_whose_answer_the_rule_decides_names_it() -> None:
    page = ASKING["conv-block"]
    state = opened(page)
    state.change(state.scene.having("rule", "jax-max"))
    tasks.turn(page, state, "quiz")
    ruled = "At ties and kinks: slope 0 at 0, ties: split."
    rules = []
    for _ in page.questions:
        there = state.scene
        for moved in (there, page.subject.presets["max-tie"].having("rule", "jax-max")):
            state.change(moved)
            lines = [line for _, line in told(page, state)[1:]]
            assert lines in ([], [ruled])
            rules.append(bool(lines))
        say(page, state, act="answer", argument="9")
        rules.append(told(page, state)[-1] == ("", ruled))
        say(page, state, act="next")
    # A unique maximum, a tie of two, all negative, all positive, what x₃ and w influence: each as
    # it is asked, also in another state, and as it was answered.
    assert rules == [each for each in (False, True, *[False] * 4) for _ in range(3)]


@pytest.mark.parametrize(
    ("preset", "everywhere", "names"),
    [
        # A zero of an a that is not the maximum: a gradient reaches h and a there under no rule.
        ("unique-max", False, False),
        ("unique-max", True, False),
        ("max-tie", False, True),
        # All h are 0, and tie: the rule says which dh is nonzero, but x and w get 0 under each.
        ("all-negative", False, False),
        ("all-negative", True, True),
    ],
)
def test_a_prediction_that_the_rule_decides_names_it(
    preset: str, everywhere: bool, names: bool
) -> None:
    page = PREDICTING["conv-block"]
    state = opened(page)
    state.change(page.subject.presets[preset].having("rule", "pytorch-max-pool"))
    tasks.turn(page, state, "predict")
    if everywhere:
        say(page, state, act="everywhere")
    ruled = [("", "At ties and kinks: slope 0 at 0, ties: the first.")]
    assert told(page, state)[1:] == (ruled if names else [])


def test_a_prediction_of_the_inputs_may_be_one_of_all_arrays_and_back() -> None:
    page = PREDICTING["conv-block"]
    state = opened(page)
    tasks.turn(page, state, "predict")
    offers = ("everywhere", "Ask for all arrays"), ("inputs", "Ask for x and w only")
    for name, label in offers * 2:
        asked = tasks.task(page, state)
        assert asked
        assert asked.acts[:2] == [("reveal", "Reveal"), (name, label)]
        say(page, state, act=name)


def test_after_the_answer_one_may_predict_again() -> None:
    page = PREDICTING["conv-block"]
    state = opened(page)
    tasks.turn(page, state, "predict")
    before = tasks.task(page, state)
    say(page, state, entry="x1", clicked=True)
    say(page, state, act="reveal")
    shown = tasks.task(page, state)
    assert shown
    assert ("again", "Predict again") in shown.acts
    say(page, state, act="again")
    assert (tasks.task(page, state), state.hiding) == (before, Exercise())
    for act in ("everywhere", "reveal", "again"):
        say(page, state, act=act)
    assert state.hiding == Exercise(everywhere=True), "of the same arrays"


@for_each("key", PREDICTING)
def test_a_prediction_is_about_the_whole_pass(key: str) -> None:
    page = PREDICTING[key]
    state = opened(page)
    steps = page.subject.steps(state.scene)
    state.change(state.scene.having("step", 1))
    tasks.turn(page, state, "predict")
    assert state.scene.step == len(steps) - 1 > 1


def test_stepping_is_a_mode_of_its_own_on_a_phone_and_leaving_it_shows_the_whole_pass() -> None:
    page = PREDICTING["conv-block"]
    state = opened(page)
    state.narrow = False
    assert not tasks.has_steps(page, state)
    tasks.turn(page, state, "step")
    assert tasks.mode_of(page, state) == "look"
    assert state.scene.step == 6
    tasks.turn(page, state, "look")
    state.narrow = True
    assert tasks.has_steps(page, state)
    assert tasks.modes_of(page, stepped=True) == ["look", "predict", "quiz", "step"]
    assert tasks.mode_of(page, state) == "look"
    tasks.turn(page, state, "step")
    assert (tasks.mode_of(page, state), state.scene.step) == ("step", 0)
    say(page, state, preset="max-tie", narrow=True)
    assert state.scene.step == 0, "another case is gone through from its beginning too"
    state.change(state.scene.having("step", 6))
    assert tasks.mode_of(page, state) == "step", "at the last step one steps still"
    state.change(state.scene.having("step", 2))
    tasks.turn(page, state, "step")
    assert state.scene.step == 2, "who steps already stays where they are"
    tasks.turn(page, state, "predict")
    assert state.scene.step == 6
    tasks.turn(page, state, "look")
    say(page, state, preset="unique-max", narrow=True)
    assert (tasks.mode_of(page, state), state.scene.step) == ("look", 6)
    state.change(state.scene.having("step", 3))  # as an address asks for
    assert tasks.mode_of(page, state) == "step"
    tasks.turn(page, state, "look")
    assert (tasks.mode_of(page, state), state.scene.step) == ("look", 6)


def test_there_is_a_quiz_where_there_are_questions() -> None:
    page = PREDICTING["conv-block"]
    assert tasks.modes_of(page) == ["look", "predict", "quiz"]
    assert tasks.modes_of(replace(page, questions=())) == ["look", "predict"]


@pytest.mark.parametrize("step", [3, 6])
def test_the_quiz_gives_back_what_was_there_before_it(step: int) -> None:
    page = ASKING["conv-block"]
    state = opened(page)
    state.narrow = False
    state.change(state.scene.moved("x1", 3.75).having("step", step))
    before = state.scene
    tasks.turn(page, state, "quiz")
    assert state.scene != before
    tasks.turn(page, state, "look")
    assert state.scene == before


def test_a_quiz_that_starts_again_gives_back_what_was_there_before_it_began() -> None:
    page = ASKING["conv-block"]
    state = opened(page)
    say(page, state, values={"x1": 3.75})
    before = state.scene
    tasks.turn(page, state, "quiz")
    say(page, state, act="answer", argument="1")
    say(page, state, values={"x2": -3.5})
    tasks.turn(page, state, "quiz")
    assert state.quiz
    assert (state.quiz.before, state.quiz.past) == (before, (page.subject.start,))
    tasks.turn(page, state, "look")
    assert state.scene == before
    say(page, state, act="undo")
    assert state.scene == page.subject.start


def test_a_rule_that_was_chosen_in_the_quiz_stays_when_it_is_left() -> None:
    page = ASKING["conv-block"]
    state = opened(page)
    state.change(state.scene.moved("x1", 3.75))
    before = state.scene
    tasks.turn(page, state, "quiz")
    say(page, state, act="answer", argument="1")
    state.change(state.scene.having("rule", "jax-max"))
    say(page, state, act="next")
    say(page, state, act="answer", argument="1")
    tasks.turn(page, state, "look")
    assert state.scene == before.having("rule", "jax-max")


def test_what_was_made_of_a_question_stays_when_the_quiz_is_left() -> None:
    page = ASKING["conv-block"]
    state = opened(page)
    tasks.turn(page, state, "quiz")
    say(page, state, act="answer", argument="1")
    say(page, state, entry="w", clicked=True)  # choosing an entry changes nothing
    changed = state.scene.moved("x2", -3.5)
    say(page, state, values={"x2": -3.5})
    tasks.turn(page, state, "look")
    assert state.scene == changed


@pytest.mark.parametrize("key", ASKING)
def test_what_is_moved_meanwhile_is_not_what_was_asked_about(key: str) -> None:
    """The picture beside a verdict shows the state that the verdict is about."""
    page = ASKING[key]
    state = opened(page)
    tasks.turn(page, state, "quiz")
    for question in page.questions:
        rule = state.scene.query().get("rule")
        asked = state.scene
        truth = answer_of(page, state)
        for there in [*page.subject.presets.values()][:2]:
            state.change(there)
        if rule:
            state.change(state.scene.having("rule", rule))
        there = state.scene
        say(page, state, act="answer", argument=str(truth))
        if question.set_up(there) != there:
            assert told(page, state)[1][0] == "right"
            assert state.is_case(asked)
        say(page, state, act="next")


def test_after_an_answer_the_entry_that_was_asked_about_is_explained() -> None:
    page = ASKING["conv-block"]
    state = opened(page)
    tasks.turn(page, state, "quiz")
    for _ in page.questions:
        asked, truth = tasks.asked(page, state), answer_of(page, state)
        assert asked
        say(page, state, act="answer", argument=str(truth))
        for entry in ("x₃", "w"):
            if f"**{entry}** influence" in asked.text:
                below = page.subject.picture(state.scene).explanation[0]
                assert below.startswith(f"∂L/∂{entry} =")
        say(page, state, act="next")
    assert state.quiz
    assert state.quiz.done


def test_a_hint_comes_only_with_a_wrong_answer() -> None:
    page = ASKING["conv-block"]
    for off in (0, 1):
        state = opened(page)
        tasks.turn(page, state, "quiz")
        for question in page.questions:
            say(page, state, act="answer", argument=str(answer_of(page, state) + off))
            assert (("", question.because) in told(page, state)) == bool(off)
            say(page, state, act="next")


@pytest.mark.parametrize("key", ASKING)
def test_a_right_answer_comes_with_its_reason(key: str) -> None:
    page = ASKING[key]
    state = opened(page)
    tasks.turn(page, state, "quiz")
    for question in page.questions:
        say(page, state, act="answer", argument=str(answer_of(page, state)))
        _, (mark, _), *why = told(page, state)
        assert (mark, bool(why)) == ("right", True), question.text
        say(page, state, act="next")
    assert len(told(page, state)) == 1, "there is nothing to look at again"


@pytest.mark.parametrize("leave", ["look", "case"])
def test_what_a_question_set_up_is_nothing_to_come_back_to(leave: str) -> None:
    page = ASKING["conv-block"]
    state = opened(page)
    mine = state.scene.moved("w", -3.0)
    state.change(mine)
    tasks.turn(page, state, "quiz")
    for _ in page.questions[:2]:
        say(page, state, act="answer", argument="1")
        say(page, state, act="next")
    if leave == "look":
        tasks.turn(page, state, "look")
    else:
        say(page, state, preset="all-negative")
        say(page, state, act="undo")
    assert state.scene == mine
    say(page, state, act="undo")
    assert state.scene == page.subject.start
    say(page, state, act="undo")
    assert state.scene == page.subject.start


@pytest.mark.parametrize("asks", ["quiz", "list"])
def test_the_sliders_are_still_until_the_answer_and_say_why(asks: str) -> None:
    page = ASKING["conv-block"]
    state = opened(page)
    assert tasks.still(page, state) == MOVABLE
    if asks == "quiz":
        tasks.turn(page, state, "quiz")
    else:
        say(page, state, preset="max-tie?question=How many?")
    still = tasks.still(page, state)
    assert still.sliders == (
        "The question is about these values. They can be moved once it is answered."
    )
    assert not still.steps
    say(page, state, act="answer" if asks == "quiz" else "reveal", argument="1")
    assert tasks.still(page, state) == MOVABLE


def test_undo_stays_within_a_question() -> None:
    page = ASKING["conv-block"]
    state = opened(page)
    say(page, state, values={"x1": 3.0})
    tasks.turn(page, state, "quiz")
    for _ in page.questions:
        there = state.scene
        say(page, state, act="undo")
        say(page, state, act="redo")
        assert state.scene == there
        say(page, state, act="answer", argument="1")
        there = state.scene
        say(page, state, values={"x2": -3.5})
        for _ in range(2):
            say(page, state, act="undo")
            assert state.scene == there
        say(page, state, act="next")


def test_another_case_ends_a_quiz_whose_question_waits() -> None:
    """As when a presenter goes on: the question is not about the new case."""
    page = ASKING["conv-block"]
    state = opened(page)
    tasks.turn(page, state, "quiz")
    say(page, state, preset="all-negative")
    assert (state.mode, state.quiz, state.hiding) == ("look", None, None)
    assert state.scene == page.subject.presets["all-negative"]


@pytest.mark.parametrize("begun", ["in a case", "in a state of one's own"])
def test_ones_own_state_is_come_back_to_from_a_case_after_a_quiz(begun: str) -> None:
    page = ASKING["conv-block"]
    state = opened(page)
    say(page, state, values={"x1": 3.0})
    mine = state.scene
    if begun == "in a case":
        say(page, state, preset="three-way-tie")
    tasks.turn(page, state, "quiz")
    say(page, state, preset="all-negative")
    say(page, state, preset="*")
    assert state.scene == mine


def test_a_button_pressed_twice_leaves_out_no_question() -> None:
    page = ASKING["conv-block"]
    state = opened(page)
    tasks.turn(page, state, "quiz")
    say(page, state, act="answer", argument="1")
    say(page, state, act="next")
    say(page, state, act="next")
    assert told(page, state)[0] == ("", page.questions[1].text)


def test_what_still_moved_as_a_quiz_began_can_be_undone_after_it() -> None:
    page = ASKING["relu"]
    state = opened(page)
    say(page, state, values={"a1": -2.5}, settled=False)
    moved = state.scene
    for mode in ("quiz", "look"):
        tasks.turn(page, state, mode)
    assert state.scene == moved != page.subject.start
    say(page, state, act="undo")
    assert state.scene == page.subject.start


def test_other_questions_are_asked_from_the_start() -> None:
    page = ASKING["relu"]
    state = opened(page)
    tasks.turn(page, state, "quiz")
    for _ in page.questions[1:]:
        say(page, state, act="answer", argument="0")
        say(page, state, act="next")
    fewer, there = replace(page, questions=page.questions[:2]), state.scene
    assert there != page.subject.start
    tasks.prepare(fewer, state)
    assert told(fewer, state) == [("", page.questions[0].text)]
    assert state.quiz
    assert state.quiz.before == there, "the scene from before the quiz was of another network"


def test_a_question_has_one_verdict() -> None:
    given = Verdict(1, True, 1, (), None)
    quiz = Quiz(("one", "two")).answered(given)
    assert quiz.answered(Verdict(2, False, 1, (), None)) == quiz
    assert quiz.next().next() == quiz.next(), "the second was not answered"
    done = quiz.next().answered(given).next()
    assert (done.done, done.waiting, done.next(), done.answered(given)) == (True, False, done, done)


# --- predict


def nonzeros(page: PicturePage, state: PageState[Any]) -> tuple[frozenset[str], frozenset[str]]:
    """The entries that a prediction is about, and the ones with a nonzero gradient."""
    trace = page.subject.trace(state.scene)
    info = page.subject.describe(trace, state.scene)
    cells = [cell for cell in info.cells.values() if cell.letter in info.inputs and not cell.given]
    asked = frozenset(cell.entry for cell in cells)
    found = frozenset(cell.entry for cell in cells if cell.grad)
    assert len(found) == sum(
        np.count_nonzero(grad)
        for value, grad in zip(trace.params, trace.grads, strict=True)
        if value.size
    )
    # On a large stack only a few entries are asked for: see stack/test_stack_questions.py.
    assert state.exercise
    few = {entry for each in state.exercise.entries(info).values() for entry in each}
    return asked & few, found & few


@pytest.mark.parametrize("key", PREDICTING)
@pytest.mark.parametrize("marking", ["nothing", "everything", "the truth", "its opposite"])
def test_a_prediction_is_tallied_by_what_was_found_missed_and_marked_in_vain(
    key: str, marking: str
) -> None:
    page = PREDICTING[key]
    for slug in page.subject.presets:
        state = opened(page)
        say(page, state, preset=slug)
        tasks.turn(page, state, "predict")
        asked, found = nonzeros(page, state)
        marked = {
            "nothing": frozenset[str](),
            "everything": asked,
            "the truth": found,
            "its opposite": asked - found,
        }[marking]
        for entry in marked:
            say(page, state, entry=entry, clicked=True)
        assert state.exercise
        assert state.exercise.marked == marked
        explained = state.scene.entry
        say(page, state, act="reveal")
        expected = Tally(len(marked & found), len(found - marked), len(marked - found))
        assert state.tally == expected, slug
        assert state.tally.perfect == (marked == found)
        mistakes = marked ^ found
        assert state.scene.entry in mistakes or not mistakes, "of a mistake it is said why"
        assert state.scene.entry == explained or explained not in mistakes, "of that it was"
        lines = told(page, state)
        wrongs = [text for mark, text in lines if mark == "wrong"]
        assert bool(wrongs) == (marked != found)
        faults = [re.search(r"\b0 (missed|false)|: *\(", text) for text in wrongs]
        assert not any(faults), "only what there is of is counted"
        several = len(mistakes) > 1
        assert (("", "Choose what is wrong to see its reason.") in lines) == several
        if not several:
            continue
        # For x and w: nonzero entries that were not marked, and marked ones that are 0.
        missed, alarms = len(found - marked), len(marked - found)
        assert sum(int(n) for text in wrongs for n in re.findall(r"(\d+) missed", text)) == missed
        alarmed = [re.search(r"(\d+) false alarm(s?)\b", text) for text in wrongs]
        assert sum(int(each[1]) for each in alarmed if each) == alarms
        assert all((each[1] != "1") == bool(each[2]) for each in alarmed if each)


@pytest.mark.parametrize("key", PREDICTING)
def test_to_move_something_begins_a_new_prediction_and_the_sum_stays(key: str) -> None:
    page = PREDICTING[key]
    state = opened(page)
    tasks.turn(page, state, "predict")
    first = page.subject.sliders(state.scene)[0]
    _, missed = nonzeros(page, state)
    say(page, state, act="reveal")
    say(page, state, act="reveal")
    worth = state.tally
    assert worth == Tally(0, len(missed), 0), "it counts once"
    assert state.exercise
    assert state.exercise.revealed
    given = told(page, state)
    assert not any("So far" in text for _, text in given), "the first is the sum"
    for target in page.subject.picture(state.scene).targets[-1:]:
        say(page, state, entry=target.entry, clicked=True)
    assert told(page, state) == given, "what is explained is no other state"
    for step in range(len(page.subject.steps(state.scene))):
        say(page, state, step=step)
        assert told(page, state) == given, "nor is what is looked at of it"
    other = first.low if first.value != first.low else first.high
    say(page, state, values={first.name: other})
    assert state.exercise == Exercise()
    assert told(page, state) != given
    assert state.tally == worth
    asked, found = nonzeros(page, state)
    for entry in asked:
        say(page, state, entry=entry, clicked=True)
    say(page, state, act="reveal")
    assert state.tally == worth + Tally(len(found), 0, len(asked - found))
    assert told(page, state)[-1][0] == ""
    assert str(worth.nonzero + len(found)) in told(page, state)[-1][1]


# --- a list's question

ASKED: Final = "max-tie?question=How many?"


@pytest.mark.parametrize(
    ("said", "mode", "asked"),
    [
        ({"mode": "predict"}, "predict", None),
        ({"mode": "quiz"}, "quiz", None),
        ({"mode": "<b>"}, "look", None),
        ({"mode": "quiz", "question": "Why?"}, "look", "Why?"),
        ({"question": "?" * 9000}, "look", "?" * 2000),
    ],
)
def test_what_was_asked_before_a_reload_is_asked_again_once(
    said: dict[str, str], mode: str, asked: str | None
) -> None:
    page = PREDICTING["conv-block"]
    state = opened(page)
    state.reopened = said
    tasks.prepare(page, state)
    assert (state.mode, state.question and state.question.text) == (mode, asked)
    asks = {"question": asked} if asked else {"mode": mode} if mode != "look" else {}
    assert state.question_in_address == asks, "as the next address says it"
    state.question = None
    state.look()
    tasks.prepare(page, state)
    assert (state.mode, state.question, state.question_in_address) == ("look", None, {})


def test_a_session_that_has_forgotten_what_it_asked_is_told_by_the_browser() -> None:
    page = PREDICTING["conv-block"]
    state = opened(page)
    say(page, state, address={"w": "3", "mode": "predict"})
    tasks.prepare(page, state)
    assert (state.mode, state.scene.w) == ("predict", 3)
    assert state.hiding == Exercise()


def test_a_list_asks_and_then_shows_all_of_the_answer() -> None:
    page = PREDICTING["conv-block"]
    state = opened(page)
    state.walking = True  # so that the case begins at its first step
    say(page, state, preset=ASKED)
    say(page, state, step=1)
    asked = tasks.task(page, state)
    assert asked
    assert (asked.lines, asked.keys) == ([("", "How many?")], {"r": "reveal", "o": "vote ask"})
    assert state.hiding == Exercise(marking=False)
    assert (state.case, state.scene.step) == ("max-tie", 1)
    say(page, state, act="reveal")
    shown = tasks.task(page, state)
    assert shown
    assert (shown.lines, shown.acts) == (asked.lines, [])
    assert state.hiding is None
    assert shown.keys == {"n": "list next", "o": "vote ask"}
    assert state.list_question == ListQuestion("How many?", revealed=True)
    assert state.scene.step == page.subject.start.step
    say(page, state, values={"x1": 3.0})
    assert tasks.task(page, state) == shown
    say(page, state, preset=ASKED)
    assert tasks.task(page, state) == asked, "who comes back is asked anew"


@pytest.mark.parametrize("leave", ["case", "own", "menu", "page", "opened"])
def test_what_a_list_asks_ends_with_its_case(leave: str) -> None:
    page = PREDICTING["conv-block"]
    state = opened(page)
    say(page, state, preset=ASKED)
    if leave == "menu":
        state.keep()
    elif leave == "opened":
        state.read_address({})
    else:
        preset = {"case": "max-tie", "own": "*", "page": "relu/one-at-zero"}[leave]
        say(page, state, preset=preset)
    assert (state.hiding, tasks.task(page, state)) == (None, None)


@pytest.mark.parametrize(("key", "asks"), [("conv-block", True), ("at-a-kink", False)])
def test_a_class_can_be_asked_instead_where_something_is_predicted(key: str, asks: bool) -> None:
    page = PICTURE_PAGES[key]
    state = opened(page)
    state.question = ListQuestion("How many?")
    asked = tasks.task(page, state)
    assert asked
    assert asked.keys == {"r": "reveal"} | ({"o": "vote ask"} if asks else {})
    say(page, state, act="vote ask", argument="http://localhost:8501")
    assert (state.mode == "predict") == asks


def test_a_prediction_asks_instead_and_a_quiz_gives_way() -> None:
    page = PREDICTING["conv-block"]
    state = opened(page)
    tasks.turn(page, state, "predict")
    say(page, state, preset=ASKED)
    assert state.hiding == Exercise()
    tasks.turn(page, state, "quiz")
    say(page, state, act="answer", argument="1")
    say(page, state, preset=ASKED)
    assert (state.mode, state.quiz) == ("look", None)
    assert told(page, state) == [("", "How many?")]


# --- acts that the mode does not offer

ACTS: Final = (
    "reveal",
    "again",
    "everywhere",
    "inputs",
    "answer",
    "next",
    "set up",
    "from the start",
)
NONE: Final = ("", "nope", "__class__", "Reveal", "reveal ", "look", "quiz", "x" * 5000, "\ud800")


def changed(page: PicturePage, state: PageState[Any], **said: Any) -> bool:
    """Whether a message changes anything in the state except that it is the last message."""

    def remembered() -> list[Any]:
        tried = (state.mode, state.exercise, state.quiz, state.tally, state.problems)
        there = state.history
        return [*tried, state.scene, there.rested, [*there.past], [*there.future]]

    before = remembered()
    say(page, state, **said)
    return remembered() != before


@for_each("key", PICTURE_PAGES)
def test_in_the_mode_look_nothing_is_asked_and_no_act_changes_anything(key: str) -> None:
    page = PICTURE_PAGES[key]
    state = opened(page)
    for act in (*NONE, *ACTS):
        assert not changed(page, state, act=act, argument="1"), act
        assert tasks.task(page, state) is None


@pytest.mark.parametrize(
    ("mode", "its_own"), [("predict", ("reveal", "again", "everywhere")), ("quiz", ("answer",))]
)
def test_only_the_acts_of_the_present_mode_change_anything(
    mode: Mode, its_own: tuple[str, ...]
) -> None:
    page = PREDICTING["conv-block"]
    state = opened(page)
    tasks.turn(page, state, mode)
    say(page, state, entry="x1", clicked=True)
    for act in {*NONE, *ACTS} - {*its_own, "set up"}:
        assert not changed(page, state, act=act, argument="1"), act
    for raw in (None, 1, [its_own[0]], {"act": its_own[0]}, True):
        assert not changed(page, state, act=raw, argument="1"), raw
    assert changed(page, state, act=its_own[0], argument="1")


@pytest.mark.parametrize(
    "argument",
    [
        *("", " ", "-1", "+1", "1.0", "1e3", "0x1", "1_0", "nan", "²", "one", "<b>", "1 1"),
        *("99999", "9" * 10**6, 1, None, [1], {"1": 1}, True),
    ],
    ids=lambda argument: repr(argument)[:9],
)
def test_what_is_no_number_answers_nothing(argument: Any) -> None:
    page = ASKING["conv-block"]
    state = opened(page)
    tasks.turn(page, state, "quiz")
    assert not changed(page, state, act="answer", argument=argument)
    assert changed(page, state, act="answer", argument="1")


def test_the_sum_so_far_counts_what_was_found_of_what_is_nonzero_and_the_false_alarms() -> None:
    said = tasks._so_far(Tally(found=2, missed=1, false_alarms=3))
    assert said == "So far: 2 of 3 nonzero found, 3 false alarms."
