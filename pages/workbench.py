"""What every page with a live figure shows: its title, the controls, the figure, its article.

In the first ten seconds one reads what the page is about; Case, At ties and kinks, Edit and the
modes are one row; the picture and the reason beside it are all that else is on the screen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, Protocol, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine import RULES
from engine.kinks import CHOICES, groups
from pages import tasks
from pages.components.controls import choice, hear, picked, showing, snap_buttons
from pages.components.live_figure import live_figure
from pages.components.picture import Task
from pages.explain.catalogue import say
from pages.explore import pages as explore
from pages.navigation import to_the_kink, walk_on
from pages.page import Page, PicturePage
from pages.registry import titled
from pages.sharing.requests import SceneRequests
from pages.state.page_state import PageState, is_narrow, page_state, present_theme
from pages.state.scene import Scene

SceneType = TypeVar("SceneType", bound=Scene)

OWN_VALUES: Final = "your own values"
"""What stands for the case where the scene is none that has a name."""


class Tasks(Protocol):
    """What asks beside the picture, and hears the answers; `pages.tasks` on most pages."""

    def task(self, page: PicturePage, state: PageState[Any], /) -> Task | None:
        """What stands there at present."""

    def act(self, page: PicturePage, state: PageState[Any], name: str, argument: str, /) -> None:
        """What somebody asked for there."""


@dataclass(frozen=True)
class Workbench(Generic[SceneType]):
    """A page, its state, and the row of controls above the picture."""

    page: PicturePage
    state: PageState[SceneType]
    toolbar: DeltaGenerator

    def case(self) -> None:
        """The select of the presets, by their titles."""
        subject, state = self.page.subject, self.state
        titles = {slug: titled(self.page.key, slug) for slug in subject.presets}
        key = showing(f"{subject.key}:case", state.case or None)

        def chosen() -> None:
            slug = picked(key, titles)
            if slug is not None:
                state.change(subject.presets[slug])

        st.selectbox(
            "Case",
            list(titles),
            key=key,
            format_func=titles.__getitem__,
            placeholder=OWN_VALUES,
            on_change=chosen,
            width=300,
        )

    def rule(self) -> None:
        """What is done at ties and kinks: the behaviours, and who has them beneath each."""
        choices = self.page.subject.trace(self.state.scene).layer.kink_choices
        if not choices:
            return
        state = self.state
        alike = groups(choices)
        present = RULES[state.scene.query()["rule"]].kinks.chosen(choices)
        key = showing(f"{self.page.key}:rule", present)

        def chosen() -> None:
            behaviour = picked(key, alike)
            now = RULES[state.scene.query()["rule"]].kinks.chosen(choices)
            if behaviour is not None and behaviour != now:
                state.change(state.scene.having("rule", alike[behaviour][0].slug))

        def short(behaviour: tuple[Any, ...]) -> str:
            named = zip(choices, behaviour, strict=True)
            return ", ".join(dict.fromkeys(CHOICES[name].short(value) for name, value in named))

        with st.popover(f"At ties and kinks: **{short(present)}**", key="rule", width="content"):
            st.radio(
                "At ties and kinks",
                list(alike),
                key=key,
                format_func=short,
                captions=["; ".join(rule.label for rule in rules) for rules in alike.values()],
                on_change=chosen,
            )

    def edit(self, more: Callable[[], None] = lambda: None) -> None:
        """The menu of all that is not moved often; more: what a page adds to it."""
        page, state = self.page, self.state
        popover = st.popover("Edit", key="edit", on_change="rerun", width="content")
        if not popover.open:  # what nobody sees need not be made while a slider moves
            return
        with popover:
            for each in page.controls(state.scene):
                choice(state, *each)
            more()
            if page.snaps:
                snap_buttons(state, page.snaps)
            with st.container(horizontal=True, key="history"):
                for label, act, there in (
                    ("Undo", state.undo, state.past),
                    ("Redo", state.redo, state.future),
                ):
                    st.button(label, key=label, on_click=act, disabled=not there)
            if page.key in explore.PAGES:
                to_the_kink(page.key, state.scene)

    def modes(self) -> None:
        """Look, Predict, Quiz: what one does here."""
        found = tasks.modes_of(self.page)
        if len(found) == 1:
            return
        key = showing(f"{self.page.key}:mode", self.state.mode)

        def chosen() -> None:
            mode = picked(key, found)
            if mode is not None:
                tasks.turn(self.page, self.state, mode)

        with st.container(key="modes", width="content"):
            st.segmented_control(
                "Mode",
                found,
                key=key,
                format_func=lambda mode: say(f"mode.{mode}"),
                on_change=chosen,
                required=True,
                label_visibility="collapsed",
            )


def heading(page: Page) -> None:
    """The page's title, and in a sentence what it is for."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="heading"):
        st.title(page.title, anchor=False, width="content")
        st.text(page.purpose, width="content")


def article(page: Page) -> None:
    """Below the fold, and under "?": what this is, what to try, the terms."""
    with st.container(key="article"):
        st.markdown(page.article)


def workbench(
    page: PicturePage, asking: Tasks = tasks, steps: Sequence[str] | None = None
) -> Workbench[Any]:
    """A page as it was left, or as the address says, with its live figure.

    steps: of the step-through, where they are not the subject's.

    The controls go into the toolbar. The figure is made before them, though it stands below: a hand
    may be waiting for its sweep.
    """
    subject = page.subject
    state = page_state(subject.key, subject.start, subject.presets)
    walk_on(state)
    tasks.renew(page, state)
    heading(page)
    toolbar = st.container(horizontal=True, vertical_alignment="center", key="toolbar")
    problems(state)
    theme = present_theme(state)
    narrow = is_narrow(state)
    question = tasks.asked(page, state)
    requests = SceneRequests(
        subject, state.scene, state.preset, theme, state.hiding, narrow, question
    )
    live_figure(
        subject.key,
        state.scene,
        subject.picture(state.scene, theme, state.hiding, narrow=narrow),
        subject.sliders(state.scene),
        requests.sweep,
        theme=theme,
        narrow=narrow,
        version=state.version,
        steps=subject.steps if steps is None else steps,
        context=f"{state.hiding} {narrow}",
        message=state.message,
        on_message=partial(_hear, page, state, asking),
        preset=state.preset,
        answer=requests.answer,
        task=asking.task(page, state),
    )
    article(page)
    state.give_address()
    return Workbench(page, state, toolbar)


def problems(state: PageState[Any]) -> None:
    """What could not be read of an address."""
    if state.problems:
        with st.container(key="problems"):
            for sentence in state.problems:
                # As text, never as Markdown: it quotes the address.
                st.text(sentence)


def show(page: PicturePage) -> None:
    """A page that is data and nothing else."""
    bench = workbench(page)
    with bench.toolbar:
        bench.case()
        bench.rule()
        bench.edit()
        bench.modes()


def _hear(page: PicturePage, state: PageState[Any], asking: Tasks) -> None:
    """What the browser says: of the scene, and what was asked for beside the picture."""
    if message := hear(page.subject.key):
        asking.act(page, state, message.act, message.argument)
