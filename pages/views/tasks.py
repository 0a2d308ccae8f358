"""The modes of a page, what is asked beside the picture in them, and what comes of the answers.

In Look the user only looks, and may be asked a question from a presenter's list. In Step, which is
a mode on phones, the user goes through the steps. In Predict the user predicts alone, or a class
votes. Quiz asks the page's questions.

The engine computes what is right, once, in the state in which the user answered; a verdict stays as
it was given, whatever is moved afterwards.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from engine import Trace
from pages.derive.page import PicturePage
from pages.derive.picture import MOVABLE, Button, Still, Task
from pages.derive.questions import Explained, Question, by_the_rule
from pages.derive.subject import at_last_step
from pages.figures.words import name
from pages.language.catalogue import listed, say
from pages.session.class_vote import BeforeVote
from pages.session.message import LONGEST
from pages.session.page_state import PageState, is_narrow
from pages.state.acts import Act, act_of
from pages.state.predict import Exercise, Tally, tallies, wrong
from pages.state.quiz import MODE, QUESTION, ListQuestion, Mode, Quiz, Verdict
from pages.state.scene import STEP
from pages.views import classroom

HIGHEST: Final = 9999  # the largest number that an answer may be
ASKS_A_CLASS: Final[tuple[Act, ...]] = ("vote ask", "vote resume")  # in Predict only


def modes_of(page: PicturePage, *, stepped: bool = False) -> list[Mode]:
    """The modes of a page, looking first. stepped: whether stepping is one of them."""
    modes: dict[Mode, Any] = {"predict": page.predicts, "quiz": page.questions, "step": stepped}
    return ["look", *(mode for mode, there in modes.items() if there)]


def has_steps(page: PicturePage, state: PageState[Any]) -> bool:
    """Whether stepping is a mode: in a phone's window, on a page that has steps."""
    return is_narrow(state) and bool(page.subject.steps(state.scene))


def mode_of(page: PicturePage, state: PageState[Any]) -> Mode:
    """The present mode; if stepping is a mode, looking at a step before the last is stepping."""
    if state.mode not in ("look", "step"):
        return state.mode
    if not has_steps(page, state):
        return "look"
    if state.mode == "look" and state.scene == at_last_step(page.subject, state.scene):
        return "look"
    return "step"


def turn(page: PicturePage, state: PageState[Any], mode: Mode) -> None:
    """Change to another mode, which starts over; leaving the quiz restores what was before it."""
    if state.locked:
        return
    stepping = mode_of(page, state) == "step"
    begins = mode == "step" and not stepping
    if mode != "step" and stepping:
        state.change(at_last_step(page.subject, state.scene))  # the steps are out of sight then
        state.walking = False
    before = _kept(state, state.quiz, leaving=mode != "quiz") if state.quiz else state.scene
    state.rest()
    past = state.quiz.past if state.quiz else (*state.history.past,)
    if state.quiz and mode != "quiz":
        state.leave_quiz()
        state.change(before)
    state.mode = mode
    state.exercise = Exercise() if mode == "predict" and not state.classroom.vote else None
    state.classroom.origin = ""
    state.quiz = (
        Quiz(_texts(page), before, there=state.scene, past=past) if mode == "quiz" else None
    )
    if mode == "predict" and not state.classroom.vote:  # at the last step all can be revealed
        scene = page.to_predict(at_last_step(page.subject, state.scene))
        state.change(scene, values=scene != state.scene)
    if begins and has_steps(page, state):  # at the last step there would be nothing left to do
        state.change(state.scene.having(STEP, 0))
        state.walking = True
    if mode == "quiz":
        _set_up(page, state)


def _kept(state: PageState[Any], quiz: Quiz, *, leaving: bool) -> Any:
    """The scene from before the quiz, under the rule that was chosen since.

    leaving: whether the quiz is left. Then a scene that the user has made from that of the present
    question is kept instead; when the quiz goes on, the next question has a scene of its own.
    """
    scene, there, before = state.scene, quiz.there, quiz.before
    if leaving and not state.is_case(there):
        return scene
    rule = scene.rule
    return before if rule == there.rule else before.updated({"rule": rule})[0]


def prepare(page: PicturePage, state: PageState[Any]) -> None:
    """Take up a question from before a reload; restart the quiz if its questions have changed."""
    # After a reload the question is asked again, so that a reload shows no answer.
    said, state.reopened = state.reopened, {}
    if text := said.get(QUESTION, "")[:LONGEST]:
        state.question = ListQuestion(text)
    elif mode := next((each for each in modes_of(page) if each == said.get(MODE)), None):
        turn(page, state, mode)
    # If the questions have changed, to those of another network, the quiz starts again.
    if state.quiz and state.quiz.questions != _texts(page):
        state.quiz = None  # the scene from before the quiz is of another network
        turn(page, state, "quiz")


def _texts(page: PicturePage) -> tuple[str, ...]:
    return tuple(question.text for question in page.questions)


def task(page: PicturePage, state: PageState[Any]) -> Task | None:
    """What stands beside the picture in the present mode; None if nothing is asked."""
    if state.mode == "predict" and (asking := classroom.task(page, state)):
        return asking
    if state.exercise:
        return _prediction(page, state, state.exercise)
    if state.quiz:
        return _question(page, state, state.quiz)
    return _list_question(page, state.list_question) if state.list_question else None


def still(page: PicturePage, state: PageState[Any]) -> Still:
    """What cannot be moved: the sliders, while a question is asked about their values."""
    return Still(sliders=say("quiz.still")) if state.asked_about else MOVABLE


def asked(page: PicturePage, state: PageState[Any]) -> Question[Any] | None:
    """The question of the quiz that is asked at present, or was answered last."""
    return page.questions[state.quiz.at] if state.quiz and not state.quiz.done else None


def hiding(page: PicturePage, state: PageState[Any]) -> Exercise | None:
    """What hides gradients, if anything; a quiz question hides what would give its answer away."""
    question = asked(page, state)
    return question.exercise if question and state.asked_about else state.hiding


def act(page: PicturePage, state: PageState[Any], name: str, argument: str) -> None:
    """Do what the user asked for beside the picture; an unknown name is ignored."""
    asked = act_of(name)
    _class_act(page, state, asked, argument)
    acts: Mapping[Act, Callable[[], None]] = {
        "reveal": lambda: _reveal(page, state),
        "again": lambda: _again(state),
        "everywhere": lambda: _ask_for(state, everywhere=True),
        "inputs": lambda: _ask_for(state, everywhere=False),
        "answer": lambda: _take_answer(page, state, argument),
        "next": lambda: _go_to(page, state, state.quiz and state.quiz.next()),
        "look again": lambda: _look_again(page, state, argument),
        "from the start": lambda: _from_the_start(page, state),
    }
    if asked in acts:
        acts[asked]()


def _class_act(page: PicturePage, state: PageState[Any], name: Act, argument: str) -> None:
    """Do what a lecturer asked for: a vote changes to Predict, and back if none is opened."""
    back = None
    if page.predicts and name in ASKS_A_CLASS and state.mode != "predict":
        mode, scene = state.mode, state.scene
        turn(page, state, "predict")
        back = BeforeVote(mode, scene, state.scene)
    if state.mode == "predict":
        classroom.act(page, state, name, argument)
    if state.classroom.origin:
        state.classroom.before = back or state.classroom.before
    elif before := state.classroom.before:
        state.classroom.before = None
        if name == "vote not now":
            turn(page, state, before.mode)
            state.change(before.scene if state.scene == before.asked else state.scene)


# --- predict


def _prediction(page: PicturePage, state: PageState[Any], exercise: Exercise) -> Task:
    if exercise.revealed:
        return _revealed(state, exercise)
    trace = page.subject.trace(state.scene)
    info = page.subject.describe(trace, state.scene)
    inputs = listed(name(letter) for letter in info.counts if letter in info.inputs)
    acts: list[Button] = [("reveal", say("predict.reveal"))]
    if exercise.everywhere:
        acts.append(("inputs", say("predict.inputs", arrays=inputs)))
    else:
        acts.append(("everywhere", say("predict.everywhere")))
    asked = partial(_nonzero, everywhere=exercise.everywhere)
    lines = [("", said) for said in (exercise.sentence(info), *by_the_rule(trace, asked))]
    if state.classroom.problem:
        lines.append(("wrong", state.classroom.problem))
    return classroom.offer(Task(say("predict.heading"), lines, acts))


def _nonzero(trace: Trace, *, everywhere: bool) -> Hashable:
    """Which gradients are nonzero: those of the inputs, or all."""
    asked = [value.grad for value in trace.values] if everywhere else trace.grads
    return tuple((grad != 0).tobytes() for grad in asked)


def _reveal(page: PicturePage, state: PageState[Any]) -> None:
    if state.list_question and not state.list_question.revealed:
        state.question = replace(state.list_question, revealed=True)
        # At an earlier step nothing would be seen.
        state.change(at_last_step(page.subject, state.scene))
    if state.exercise is None or state.exercise.revealed:
        return
    subject = page.subject
    info = subject.describe(subject.trace(state.scene), state.scene)
    shown = state.exercise.tallied({}).over(info)
    state.exercise = state.exercise.tallied(tallies(shown))
    state.tally += sum((tally for _, tally in state.exercise.tallies), Tally())
    # The reason is given below: for a wrong mark, if there is one.
    mistakes = wrong(shown)
    if mistakes and state.scene.entry not in mistakes:
        state.change(state.scene.chosen(mistakes[0]))


def _revealed(state: PageState[Any], exercise: Exercise) -> Task:
    lines = [
        ("right" if tally.perfect else "wrong", _worth(array, tally))
        for array, tally in exercise.tallies
    ]
    worth = sum((tally for _, tally in exercise.tallies), Tally())
    if worth.missed + worth.false_alarms > 1:
        lines.append(("", say("predict.why")))
    if state.tally != worth:
        lines.append(("", _so_far(state.tally)))
    return Task(say("predict.heading"), lines, [("again", say("predict.again"))])


def _worth(array: str, tally: Tally) -> str:
    """x: 1 missed, 1 false alarm (2 of 3 nonzero found)."""
    counts = {"missed": tally.missed, "alarms": tally.false_alarms}
    faults = listed(say(f"predict.{fault}", count) for fault, count in counts.items() if count)
    key = f"predict.{'wrong' if faults else 'right'}"
    return say(key, array=name(array), found=tally.found, nonzero=tally.nonzero, faults=faults)


def _so_far(tally: Tally) -> str:
    """So far: 2 of 3 nonzero found, 1 false alarm."""
    alarms = say("predict.alarms", tally.false_alarms)
    return say("predict.sum", found=tally.found, nonzero=tally.nonzero, alarms=alarms)


def _again(state: PageState[Any]) -> None:
    if state.exercise:
        state.exercise = state.exercise.again()


def _ask_for(state: PageState[Any], *, everywhere: bool) -> None:
    if state.exercise and not state.exercise.revealed:
        state.exercise = Exercise(state.exercise.marked, everywhere=everywhere)


# --- a list's question


def _list_question(page: PicturePage, asked: ListQuestion) -> Task:
    """A list's question; its keys are for a presenter: the answer, the next one, a class's vote."""
    keys: dict[str, Act] = {"n": "list next"} if asked.revealed else {"r": "reveal"}
    if page.predicts:
        keys["o"] = "vote ask"
    acts: list[Button] = [] if asked.revealed else [("reveal", say("predict.reveal"))]
    return Task(say("list.heading"), [("", asked.text)], acts, keys=keys)


# --- quiz


def _question(page: PicturePage, state: PageState[Any], quiz: Quiz) -> Task:
    questions = page.questions
    if quiz.done:
        return _end(page, quiz)
    asked, verdict = questions[quiz.at], quiz.verdict()
    heading = say("quiz.heading", len(questions), position=quiz.at + 1)
    if verdict is None:
        there = page.subject.trace(asked.set_up(state.scene).possible()[0])
        lines = [("", line) for line in (asked.text, *by_the_rule(there, asked.answer))]
        return Task(heading, lines, [("answer", say("quiz.check"))], highest=HIGHEST)
    mark = "right" if verdict.right else "wrong"
    said = say(f"quiz.{mark}", given=verdict.given, answer=verdict.answer)
    return Task(
        heading,
        [("", asked.text), (mark, said), *(("", line) for line in verdict.because)],
        [("next", say("quiz.last" if quiz.next().done else "quiz.next"))],
    )


def _end(page: PicturePage, quiz: Quiz) -> Task:
    missed, count = quiz.missed(), len(quiz.verdicts)
    lines = [("", say("quiz.score", count, right=count - len(missed)))]
    if missed:
        lines.append(("", say("quiz.look")))
    again = [(at, page.questions[at].text) for at in missed]
    return Task(say("quiz.last"), lines, [("from the start", say("quiz.again"))], missed=again)


def _set_up(page: PicturePage, state: PageState[Any]) -> None:
    """Set up the scene in which the present question is asked, or was answered."""
    if state.quiz and not state.quiz.done:
        before, verdict = _kept(state, state.quiz, leaving=False), state.quiz.verdict()
        asked = page.questions[state.quiz.at]
        state.change(verdict.there if verdict else asked.set_up(state.scene))
        state.quiz = replace(state.quiz, before=before, there=state.scene)
        state.forget_history()  # Undo leads neither back to the question before nor out of the quiz


def _take_answer(page: PicturePage, state: PageState[Any], argument: str) -> None:
    if state.quiz is None or not state.quiz.waiting or not argument.isdecimal():
        return
    given, asked = int(argument), page.questions[state.quiz.at]
    if given > HIGHEST:
        return
    _set_up(page, state)  # the question is about these values, not about those moved meanwhile
    scene = state.scene
    trace = page.subject.trace(scene)
    answer = asked.answer(trace)
    right = given == answer
    because = []
    if isinstance(asked.answer, Explained):
        naming = page.naming(scene)
        because.append(asked.answer.reason(trace, naming))
        if about := asked.answer.about(trace, naming):  # its explanation stands below
            state.change(scene.chosen(about))
            state.forget_history()
    # A hint is given after a wrong answer, and if nothing else says why.
    if asked.because and not (right and because):
        because.append(asked.because)
    because += by_the_rule(trace, asked.answer)
    verdict = Verdict(given, right, answer, tuple(because), state.scene)
    state.quiz = state.quiz.answered(verdict)


def _go_to(page: PicturePage, state: PageState[Any], there: Quiz | None) -> None:
    """Go to another question of the quiz, or to its end. there: None if there is no quiz."""
    if there != state.quiz:
        state.quiz = there
        _set_up(page, state)


def _look_again(page: PicturePage, state: PageState[Any], argument: str) -> None:
    if argument.isdecimal() and len(argument) < 9:
        _go_to(page, state, state.quiz and state.quiz.again(int(argument)))


def _from_the_start(page: PicturePage, state: PageState[Any]) -> None:
    if state.quiz and state.quiz.done:
        turn(page, state, "quiz")
