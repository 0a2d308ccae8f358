"""What every page with a live figure does: what was left there, the prediction, the figure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.controls import choice, hear, snap_buttons
from pages.components.live_figure import live_figure
from pages.explain.questions import Question
from pages.explore import pages as explore
from pages.navigation import to_the_kink, walk_on
from pages.page import PicturePage, rule_select
from pages.sharing.requests import SceneRequests
from pages.state.page_state import PageState, page_state, present_theme
from pages.state.predict import Exercise, Score
from pages.state.scene import Scene
from pages.subject import PageSubject

SceneType = TypeVar("SceneType", bound=Scene)

_SCORE = "score"


@dataclass(frozen=True)
class Workbench(Generic[SceneType]):
    """A page's subject, its state, and the row of controls above the picture."""

    subject: PageSubject[SceneType]
    state: PageState[SceneType]
    toolbar: DeltaGenerator

    def rule(self, width: int) -> None:
        """The select of the rule at kinks, for the toolbar."""
        choice(self.state, *rule_select(self.subject, self.state.scene, width))

    def predict(self, setting: Callable[[SceneType], SceneType] = lambda scene: scene) -> None:
        """The switch "predict", its buttons, and the session's score; for the toolbar.

        setting: from the present scene to one that can be predicted.
        """
        key = f"{self.subject.key}:predict"
        st.session_state[key] = self.state.exercise is not None
        st.toggle("predict", key=key, on_change=self._switch, args=(key, setting))
        exercise = self.state.exercise
        if exercise and not exercise.revealed:
            st.button("reveal", key="reveal", type="primary", on_click=self._reveal)
        elif exercise:
            st.button("predict again", key="again", on_click=self._start)
        score: Score = st.session_state.get(_SCORE, Score())
        if exercise and score.guesses:
            st.text(f"score {score.right} of {score.guesses}", width="content")

    def questions(self, questions: Sequence[Question[SceneType]]) -> None:
        """The switch "questions", for the toolbar; while it is on, they are at the side."""
        if _kept_toggle("questions"):
            with st.sidebar:
                for each in questions:
                    self._question(each)

    def _question(self, question: Question[SceneType]) -> None:
        key = f"{self.subject.key}:{question.text}"
        with st.container(border=True):
            st.markdown(question.text)
            if question.setting is not None:
                st.button("Set it up", key=f"{key}:set", on_click=self._set_up, args=(question,))
            guess = st.number_input("Your answer", 0, 999, None, key=f"{key}:answer")
            if guess is not None:
                answer = question.answer(self.subject.trace(self.state.scene))
                said = "Yes" if guess == answer else "No"
                st.markdown(f"{said}: here it is **{answer}**. {question.because}")

    def _set_up(self, question: Question[SceneType]) -> None:
        if question.setting is not None:
            self.state.change(question.setting(self.state.scene))

    def _switch(self, key: str, setting: Callable[[SceneType], SceneType]) -> None:
        self.state.exercise = Exercise() if st.session_state[key] else None
        if self.state.exercise:
            self.state.change(setting(self.state.scene))

    def _start(self) -> None:
        self.state.exercise = Exercise()

    def _reveal(self) -> None:
        state, subject = self.state, self.subject
        if state.exercise is None:
            return
        state.exercise = Exercise(state.exercise.marked, revealed=True)
        info = state.exercise.over(subject.describe(subject.trace(state.scene), state.scene))
        score: Score = st.session_state.get(_SCORE, Score())
        st.session_state[_SCORE] = score.with_answers(info)


def workbench(subject: PageSubject[SceneType]) -> Workbench[SceneType]:
    """The page of a subject as it was left, or as the address says, with its live figure.

    What else there is goes into the toolbar. The figure is made before that, though it stands
    below it: a hand may be waiting for its sweep.
    """
    state = page_state(subject.key, subject.start, subject.presets)
    walk_on(state)
    toolbar = st.container(horizontal=True, vertical_alignment="center", key="toolbar")
    if state.problems:
        with st.container(key="problems"):
            for sentence in state.problems:
                # As text, never as Markdown: it quotes the address.
                st.text(sentence)
    theme = present_theme(state)
    requests = SceneRequests(subject, state.scene, state.preset, theme, state.exercise)
    live_figure(
        subject.key,
        state.scene,
        subject.picture(state.scene, theme, state.exercise),
        subject.sliders(state.scene),
        requests.sweep,
        theme=theme,
        steps=subject.steps,
        context=repr(state.exercise),
        message=state.message,
        on_message=partial(hear, subject.key),
        preset=state.preset,
        answer=requests.answer,
    )
    state.give_address()
    return Workbench(subject, state, toolbar)


def show(page: PicturePage) -> None:
    """A page that is data and nothing else."""
    bench = workbench(page.subject)
    with bench.toolbar:
        for each in page.controls(bench.state.scene):
            choice(bench.state, *each)
        snap_buttons(bench.state, page.snaps)
        show_tasks(page, bench)


def show_tasks(
    page: PicturePage,
    bench: Workbench[Any],
    setting: Callable[[Any], Any] = lambda scene: scene,
) -> None:
    """What every page's toolbar ends with: the prediction, the questions, the way to the kink.

    setting: as in `Workbench.predict`.
    """
    if page.predicts:
        bench.predict(setting)
    if page.questions:
        bench.questions(page.questions)
    if page.key in explore.PAGES:
        to_the_kink(page.key, bench.state.scene)


def _kept_toggle(label: str) -> bool:
    """A switch that stays as it is from page to page; a widget's own state would be forgotten."""
    kept, key = f"kept:{label}", f"toggle:{label}"
    st.session_state[key] = st.session_state.get(kept, False)

    def switched() -> None:
        st.session_state[kept] = st.session_state[key]

    return st.toggle(label, key=key, on_change=switched)
