"""Predict and Quiz: what is asked beside the picture, and what comes of the answers.

Everything that is right or wrong is computed by the engine, once, in the state in which somebody
answered; a verdict stays as it was given, whatever is moved afterwards.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pages.components.picture import Task
from pages.explain.catalogue import listed, say
from pages.explain.questions import Explained, Question
from pages.page import PicturePage
from pages.state.page_state import Mode, PageState
from pages.state.predict import Exercise, Tally, tallies
from pages.state.quiz import Quiz, Verdict

MOST_MISTAKES: Final = 2
"""So many wrong guesses are put right in words; the picture shows all of them."""
HIGHEST: Final = 9999
"""The greatest number that an answer may be."""


def modes_of(page: PicturePage) -> list[Mode]:
    """What can be done on a page besides looking."""
    found: list[Mode] = ["look"]
    if page.mistakes:
        found.append("predict")
    if page.questions:
        found.append("quiz")
    return found


def turn(page: PicturePage, state: PageState[Any], mode: Mode) -> None:
    """To another mode, which begins anew."""
    state.mode = mode
    state.exercise = Exercise() if mode == "predict" else None
    state.quiz = Quiz(len(page.questions)) if mode == "quiz" else None
    if mode == "predict":
        state.change(page.to_predict(state.scene))
    if mode == "quiz":
        _set_up(page, state)


def renew(page: PicturePage, state: PageState[Any]) -> None:
    """Questions that are others now, those of another network, are asked from the start."""
    if state.quiz and state.quiz.questions != len(page.questions):
        turn(page, state, "quiz")


def task(page: PicturePage, state: PageState[Any]) -> Task | None:
    """What stands beside the picture in the present mode; None where one only looks."""
    if state.exercise:
        return _prediction(page, state, state.exercise)
    if state.quiz:
        return _question(page, state.quiz)
    return None


def asked(page: PicturePage, state: PageState[Any]) -> Question[Any] | None:
    """The question of the quiz that is asked at present, or was answered last."""
    return page.questions[state.quiz.at] if state.quiz and not state.quiz.done else None


def act(page: PicturePage, state: PageState[Any], name: str, argument: str) -> None:
    """What somebody asked for beside the picture; a name that there is not is for nobody."""
    acts: Mapping[str, Callable[[], None]] = {
        "reveal": lambda: _reveal(page, state),
        "again": lambda: _again(state),
        "everywhere": lambda: _everywhere(state),
        "answer": lambda: _answer(page, state, argument),
        "next": lambda: _go_on(page, state),
        "set up": lambda: _set_up(page, state),
        "from the start": lambda: _from_the_start(page, state),
    }
    if name in acts:
        acts[name]()


# --- predict


def _prediction(page: PicturePage, state: PageState[Any], exercise: Exercise) -> Task:
    if exercise.revealed:
        return _revealed(page, state, exercise)
    info = page.subject.describe(page.subject.trace(state.scene), state.scene)
    inputs = listed(letter for letter in info.counts if letter in info.inputs)
    arrays = say("predict.any") if exercise.everywhere else inputs
    acts = [("reveal", say("predict.reveal"))]
    if not exercise.everywhere:
        acts.append(("everywhere", say("predict.everywhere")))
    return Task(say("predict.heading"), [("", say("predict.ask", arrays=arrays))], acts)


def _reveal(page: PicturePage, state: PageState[Any]) -> None:
    if state.exercise is None or state.exercise.revealed:
        return
    subject = page.subject
    info = subject.describe(subject.trace(state.scene), state.scene)
    shown = state.exercise.tallied({}).over(info)
    state.exercise = state.exercise.tallied(tallies(shown))
    state.tally += sum((tally for _, tally in state.exercise.tallies), Tally())


def _revealed(page: PicturePage, state: PageState[Any], exercise: Exercise) -> Task:
    info = exercise.over(page.subject.describe(page.subject.trace(state.scene), state.scene))
    wrong = page.mistakes(state.scene, info) if page.mistakes else []
    lines = [
        (
            "right" if tally.perfect else "wrong",
            say("predict.worth", array=array, worth=_worth(tally)),
        )
        for array, tally in exercise.tallies
    ]
    lines += [("", line) for line in wrong[:MOST_MISTAKES]]
    if len(wrong) > MOST_MISTAKES:
        lines.append(("", say("predict.more", len(wrong) - MOST_MISTAKES)))
    if state.tally != sum((tally for _, tally in exercise.tallies), Tally()):
        lines.append(("", say("predict.sum", worth=_worth(state.tally))))
    return Task(say("predict.heading"), lines, [("again", say("predict.again"))])


def _worth(tally: Tally) -> str:
    """2 of 3 nonzero found, 1 false alarm."""
    return say("predict.found", tally.false_alarms, found=tally.found, nonzero=tally.nonzero)


def _again(state: PageState[Any]) -> None:
    if state.exercise:
        state.exercise = state.exercise.again()


def _everywhere(state: PageState[Any]) -> None:
    if state.exercise and not state.exercise.revealed:
        state.exercise = Exercise(state.exercise.marked, everywhere=True)


# --- quiz


def _question(page: PicturePage, quiz: Quiz) -> Task:
    questions = page.questions
    if quiz.done:
        return _end(page, quiz)
    asked, verdict = questions[quiz.at], quiz.verdict()
    heading = say("quiz.heading", len(questions), position=quiz.at + 1)
    if verdict is None:
        return Task(heading, [("", asked.text)], [("answer", say("quiz.check"))], HIGHEST)
    mark = "right" if verdict.right else "wrong"
    said = say(f"quiz.{mark}", given=verdict.given, answer=verdict.answer)
    last = quiz.at == len(questions) - 1
    return Task(
        heading,
        [("", asked.text), (mark, said), *(("", line) for line in verdict.because)],
        [("next", say("quiz.last" if last else "quiz.next"))],
    )


def _end(page: PicturePage, quiz: Quiz) -> Task:
    missed, count = quiz.missed(), len(quiz.verdicts)
    lines = [("", say("quiz.score", count, right=count - len(missed)))]
    if missed:
        lines.append(("", say("quiz.look")))
        lines += [("wrong", page.questions[at].text) for at in missed]
    return Task(say("quiz.last"), lines, [("from the start", say("quiz.again"))])


def _set_up(page: PicturePage, state: PageState[Any]) -> None:
    """The scene in which the present question is asked."""
    if state.quiz and not state.quiz.done:
        state.change(page.questions[state.quiz.at].set_up(state.scene))


def _answer(page: PicturePage, state: PageState[Any], argument: str) -> None:
    quiz = state.quiz
    if quiz is None or not quiz.waiting or not argument.isdecimal():
        return
    given, asked = int(argument), page.questions[quiz.at]
    if given > HIGHEST:
        return
    _set_up(page, state)  # what was moved meanwhile is not what was asked about
    scene = state.scene
    trace = page.subject.trace(scene)
    answer = asked.answer(trace)
    because = [asked.because] if asked.because else []
    if isinstance(asked.answer, Explained):
        because.insert(0, asked.answer.reason(trace, page.naming(scene)))
    verdict = Verdict(given, given == answer, answer, tuple(because))
    state.quiz = quiz.answered(verdict)


def _go_on(page: PicturePage, state: PageState[Any]) -> None:
    if state.quiz and state.quiz != state.quiz.next():
        state.quiz = state.quiz.next()
        _set_up(page, state)


def _from_the_start(page: PicturePage, state: PageState[Any]) -> None:
    if state.quiz and state.quiz.done:
        turn(page, state, "quiz")
