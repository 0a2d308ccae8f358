"""Twelve short lessons: a picture in a state, a few sentences, one question, and what to try.

In the first minute a student reads three sentences, works out which x becomes z, clicks it, reads
in numbers why that is right, and goes on; on the bus home the same page goes on where it was left.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Final

import streamlit as st

from pages.derive.page import PicturePage
from pages.derive.picture import Button, Lessons, Still, Task
from pages.language.catalogue import say
from pages.learn.learn_subject import LearnScene
from pages.learn.lessons import LESSONS, Outcome
from pages.navigation import own_page, to_next_page
from pages.session.page_state import PageState
from pages.state.acts import Act, act_of
from pages.state.scene import STEP
from pages.views.workbench import workbench

COURSE: Final = "learn:course"  # the session's key for its progress through the lessons


@dataclass
class Course:
    """A session's progress through the lessons."""

    passed: set[int] = field(default_factory=set)  # lessons whose question was answered correctly
    lesson: int = 0  # the present one, 0 before the first
    outcome: Outcome | None = None  # of the last answer to its question; None if there was none

    def prepare(self, page: PicturePage, state: PageState[LearnScene]) -> None:
        """Ask the question of the lesson that is open, before the picture is made."""
        scene = state.scene
        if scene.lesson != self.lesson:
            self.lesson, self.outcome, state.exercise = scene.lesson, None, None
        if self._holds_steps(scene) and (begun := scene.having(STEP, _first(scene))) != scene:
            state.history.rested = begun  # an address led there, so that nothing is to be undone
            said = state.problems
            state.change(scene := begun)
            state.problems = said
        exercise = scene.told.question.exercise(scene.told.subject, scene.inner)
        if self.is_closed or exercise is None:
            revealed = state.exercise is not None and state.exercise.revealed
            state.exercise = state.exercise if revealed else None
        elif state.exercise is None or state.exercise.among != exercise.among:
            state.exercise = exercise

    @property
    def is_closed(self) -> bool:
        """Whether the present question is answered and cannot be answered again."""
        if self.outcome is None:
            return False
        return self.outcome.right is True or not LESSONS[self.lesson - 1].question.keeps_open

    def _holds_steps(self, scene: LearnScene) -> bool:
        """Whether the steps cannot be moved until the question is answered."""
        return scene.told.steps_tell and not self.is_closed

    def still(self, page: PicturePage, state: PageState[LearnScene]) -> Still:
        """What cannot be moved at present: the steps, if they would give the answer away."""
        return Still(steps=say("lesson.still") if self._holds_steps(state.scene) else "")

    def task(self, page: PicturePage, state: PageState[LearnScene]) -> Task:
        """The lesson beside the picture: its text, its question, and the reply to the answer."""
        scene, outcome = state.scene, self.outcome
        lesson = scene.told
        asked = [("", lesson.text), ("", f"**{lesson.asked}**")]
        lines = []
        if outcome:
            mark = {True: "right", False: "wrong", None: ""}[outcome.right]
            # A chosen entry's explanation stands below, so that only the first line is given here.
            because = outcome.because[:1] if scene.entry else outcome.because
            lines += [(mark, outcome.said), *(("", line) for line in because)]
        if self.is_closed:
            lines.append(("", say("lesson.try", tried=lesson.tried)))
        heading = say("lesson.heading", len(LESSONS), lesson=scene.lesson, title=lesson.title)
        lessons = Lessons([each.title for each in LESSONS], scene.lesson, sorted(self.passed))
        acts = self._acts()
        able = [at for at, (name, _) in enumerate(acts) if name]
        main = 0 if acts[0][0] else able[-1]  # after a right answer, the next lesson
        return Task(heading, lines, acts, main=main, asked=asked, lessons=lessons)

    def act(
        self, page: PicturePage, state: PageState[LearnScene], name: str, argument: str
    ) -> None:
        """Do what the student asked for beside the picture; an unknown name is ignored."""
        here = state.scene.lesson
        there: dict[Act, int] = {"again": here, "next": here + 1, "back": here - 1, "begin": 1}
        if argument.isdecimal() and len(argument) < 9:
            there["lesson"] = int(argument)
        asked = act_of(name)
        # One message may open another lesson and check the answer to the one before.
        if asked == "check" and here == self.lesson and not self.is_closed:
            self._check(state)
        if asked == "begin":
            self.passed.clear()
        if asked in there:
            self._open(state, there[asked])

    def _acts(self) -> list[Button]:
        """The three buttons, always in the same places; "" as the name of one that is disabled."""
        wrong = self.is_closed and self.outcome is not None and not self.outcome.right
        able: dict[Act, bool] = {
            "again" if wrong else "check": wrong or not self.is_closed,
            "back": self.lesson > 1,
            "next": self.lesson < len(LESSONS),
        }
        return [(name if can else "", say(f"lesson.{name}")) for name, can in able.items()]

    def _check(self, state: PageState[LearnScene]) -> None:
        scene = state.scene
        lesson, marked = scene.told, state.exercise.marked if state.exercise else frozenset()
        self.outcome = lesson.question.outcome(lesson.subject, scene.inner, marked)
        if self.outcome.right:
            self.passed.add(scene.lesson)
        if self.is_closed:
            exercise, state.exercise = state.exercise, None
            state.change(scene.updated(dict(lesson.answered))[0])
            if exercise and self.outcome.wrong:
                state.exercise = replace(exercise, revealed=True, wrong=self.outcome.wrong)

    def _open(self, state: PageState[LearnScene], lesson: int) -> None:
        """Open a lesson at its beginning; a number that is no lesson's is ignored."""
        if 1 <= lesson <= len(LESSONS):
            self.outcome = state.exercise = None
            state.change(LearnScene.begun(lesson))


def _first(scene: LearnScene) -> int:
    """The step at which the lesson begins."""
    step: int = getattr(scene.told.scene, STEP)
    return step


def _around(scene: LearnScene) -> tuple[Any, ...]:
    """What of a scene is shown around the figure: the lesson, and the settings of its picture."""
    return scene.lesson, *scene.inner.settings()


def show(page: PicturePage) -> None:
    """Draw the page."""
    course: Course = st.session_state.setdefault(COURSE, Course())
    bench = workbench(page, course, around=_around)
    scene: LearnScene = bench.state.scene
    lesson = scene.told
    with bench.toolbar:
        bench.rule()
        bench.edit()
        own_page(lesson.subject.key, scene.inner)
        if lesson.next_page:
            to_next_page(lesson.next_page)
