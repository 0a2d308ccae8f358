"""What every page with a live figure shows: its title, the controls, the figure, its article.

In the first ten seconds the user reads what the page is about. Case, At ties and kinks, Edit and
the modes are one row; the rest of the screen has only the picture and the reason beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine import RULES
from engine.kinks import briefly, groups
from pages.components.component import hear
from pages.components.controls import (
    article,
    bound,
    bound_list,
    case_menu,
    choice,
    heading,
    one_of,
    snap_buttons,
)
from pages.components.live_figure import Shown, live_figure, shown
from pages.derive.page import PicturePage
from pages.derive.picture import Screen, Still, Task
from pages.derive.subject import PageSubject
from pages.figures.primitives import text_width
from pages.kink.results import PAGES_WITH_A_SLICE
from pages.language.catalogue import say
from pages.navigation import to_the_kink, walk_on
from pages.registry import titled
from pages.session.page_state import (
    OWN,
    PageState,
    is_narrow,
    page_state,
    present_theme,
)
from pages.state.quiz import Mode
from pages.state.scene import Scene
from pages.views import tasks
from pages.views.requests import SceneRequests

LABEL: Final = 14  # the font size on a button, in pixels
CLOSER: Final = 0.9  # the width of a text in the font of buttons, as a share of its width in Arial
BESIDE: Final = 158  # the width of the rest of the rules' button, in pixels: label, arrow, edges


class Tasks(Protocol):
    """What asks beside the picture and takes the answers; on most pages the module `tasks`."""

    def task(self, page: PicturePage, state: PageState[Any], /) -> Task | None:
        """What is asked there at present, if anything."""

    def still(self, page: PicturePage, state: PageState[Any], /) -> Still:
        """What cannot be moved while that is asked."""

    def prepare(self, page: PicturePage, state: PageState[Any], /) -> None:
        """Bring what is asked up to date with the scene, before anything is shown."""

    def act(self, page: PicturePage, state: PageState[Any], name: str, argument: str, /) -> None:
        """Do what the user asked for there."""


@dataclass(frozen=True)
class Workbench:
    """A page that was drawn, and the places in it to which a caller may add."""

    page: PicturePage
    state: PageState[Any]
    toolbar: DeltaGenerator  # the row of controls above the picture
    problems: DeltaGenerator | None  # in the heading; None if there are none

    def case(self, width: int = 330) -> None:
        """Draw the menu of the presets, by their titles. width: in pixels."""
        subject, state = self.page.subject, self.state
        case = state.case
        titles = {slug: titled(self.page.key, slug) for slug in subject.presets}

        if state.own not in (None, state.scene):
            titles[OWN] = say("case.own")

        def chosen(slug: str) -> None:
            if slug == OWN:
                state.change(state.swap_with_own())
                return
            state.keep()
            rule = state.scene.rule
            state.change(state.with_rule(rule, state.scene.into(subject.presets[slug])))

        case_menu(
            f"{subject.key}:case",
            titles,
            case,
            titles.get(case) or say("case.asked" if _is_set_up(state) else "case.own"),
            chosen,
            width,
            disabled=state.asked_about,
        )

    def rule(self) -> None:
        """Draw the menu of behaviours at ties and kinks, each with the frameworks that have it.

        If only other layers of the page have kinks, the button is in its place, but disabled.
        """
        state = self.state
        trace = self.page.subject.trace
        own = trace(state.scene).layer.kink_choices
        choices = own or trace(state.start).layer.kink_choices
        if not choices:
            return
        alike = groups(choices)
        short = partial(briefly, choices)
        # As wide as the longest needs, so that what stands beside it does not move.
        widest = max(text_width(short(each), LABEL) for each in alike)
        width = round(CLOSER * widest) + BESIDE
        if not own:
            st.popover(say("kinks.none"), key="rule", width=width, disabled=True)
            return
        present = RULES[state.scene.rule].kinks.chosen(choices)

        def chosen(behaviour: Any) -> None:
            now = RULES[state.scene.rule].kinks.chosen(choices)
            if behaviour != now:
                # Not by `having`: the scene may be another by now, with kinks that the rule lacks.
                scene, _ = state.scene.updated({"rule": alike[behaviour][0].slug})
                state.change(scene, values=False)

        label = say("kinks.menu", chosen=short(present))
        with st.popover(label, key="rule", width=width):
            st.radio(
                say("kinks.all"),
                format_func=short,
                captions=[  # the frameworks, with their versions and operations, each once
                    "; ".join(dict.fromkeys(rule.label_for(choices) for rule in rules))
                    for rules in alike.values()
                ],
                **bound_list(f"{self.page.key}:rule", present, alike, chosen),
            )

    def edit(self, more: Callable[[], None] = lambda: None, *, arranged: bool = False) -> None:
        """Draw the menu Edit, for all that is seldom changed. more: draws what a page adds to it.

        arranged: whether `more` draws the page's controls too, in rows of its own.
        """
        page, state = self.page, self.state
        held = state.asked_about
        popover = st.popover(
            "Edit",
            key="edit",
            on_change="rerun",
            width="content",
            disabled=held,
            help=say("quiz.still") if held else None,
        )
        if not popover.open:  # what nobody sees need not be made while a slider moves
            return
        self.unfold()
        with popover:
            with st.container(horizontal=True, key="history"):
                for label, act, there, done in (
                    ("Undo", state.undo, state.history.past, "changed"),
                    ("Redo", state.redo, state.history.future, "undone"),
                ):
                    why = None if there else say("help.nothing", done=done)
                    st.button(label, key=label, on_click=act, disabled=not there, help=why)
            for each in () if arranged else page.controls(state.scene):
                choice(state, each)
            more()
            if page.snaps:
                snap_buttons(state, page.snaps)
            if page.key in PAGES_WITH_A_SLICE:
                to_the_kink(page.key, state.scene)

    def unfold(self) -> None:
        """Note that a menu is open, whose content may depend on anything that moves."""
        self.state.unfolded = True

    def modes(self) -> None:
        """Draw the choice of the mode: Look, Predict, Quiz, and on a phone Step."""
        found = tasks.modes_of(self.page, stepped=tasks.has_steps(self.page, self.state))
        if len(found) == 1:
            return

        def chosen(mode: Mode) -> None:
            tasks.turn(self.page, self.state, mode)

        with st.container(key="modes", width="content"):
            st.segmented_control(
                "Mode",
                found,
                format_func=lambda mode: say(f"mode.{mode}"),
                required=True,
                label_visibility="collapsed",
                **bound(
                    f"{self.page.key}:mode",
                    tasks.mode_of(self.page, self.state),
                    one_of(found, chosen),
                    told="default",
                ),
            )


def _is_set_up(state: PageState[Any]) -> bool:
    """Whether a question of the quiz has set the values."""
    quiz = state.quiz
    return quiz is not None and not quiz.done and state.is_case(quiz.there)


def workbench(
    page: PicturePage,
    asking: Tasks = tasks,
    notes: Callable[[PageState[Any]], Sequence[str]] = lambda state: (),
    around: Callable[[Any], Any] | None = None,
) -> Workbench:
    """Draw a page as it was left, or as the address says: its heading, live figure and article.

    notes: gives the sentences about the picture that are not for an audience.
    around: gives the parts of a scene that the page shows besides the figure while its menus are
    closed. As long as they stay the same, only the figure is drawn again. None: any part.
    The caller draws the controls into the toolbar. The figure is made before them, though it stands
    below, because the user may be waiting for its sweep.
    """
    subject = page.subject
    state = page_state(subject.key, subject.start, subject.presets)
    walk_on(state)
    page = page.about(state.scene)
    asking.prepare(page, state)
    notice = problems(heading(page), state, notes(state))
    toolbar = st.container(horizontal=True, vertical_alignment="center", key="toolbar")
    state.unfolded = False
    if around:
        # An error has to be raised here, where site.py handles it, and not in the fragment.
        _there(page, state)
        _figure_alone(page, asking, around, _besides(page, state, around))
    else:
        _figure(page, state, asking)
    article(page, say("help.undo"), say("help.list"))
    return Workbench(page, state, toolbar, notice)


def _besides(page: PicturePage, state: PageState[Any], around: Callable[[Any], Any]) -> Any:
    """All that the page outside its figure depends on."""
    scene = state.scene
    return (
        scene if state.unfolded else around(scene),
        state.own in (None, scene),
        bool(state.history.past),
        bool(state.history.future),
        state.case,
        tasks.mode_of(page, state),
        state.asked_about,
        _is_set_up(state),
        is_narrow(state),
        state.onward,
        [*state.problems, *scene.address()[1]],
    )


def _figure_alone(
    page: PicturePage, asking: Tasks, around: Callable[[Any], Any], besides: Any
) -> None:
    """Draw the live figure as a fragment, which is run alone if nothing else on the page changes.

    That costs the server two thirds of what the whole page costs, and the browser half.
    besides: what the rest of the page was drawn for.
    """

    def figure() -> None:
        subject = page.subject
        state = page_state(subject.key, subject.start, subject.presets)
        present = page.about(state.scene)
        asking.prepare(present, state)
        if _besides(present, state, around) != besides:
            st.rerun()
        _figure(present, state, asking)

    # Streamlit identifies a fragment by its name and its place, and keeps the one registered last.
    # A run that is abandoned for another page can still register its own after that page's: under
    # one name for all, that page would go on with this one's figure.
    figure.__qualname__ = f"{_figure_alone.__qualname__}.{page.key}"
    st.fragment(figure)()


def _figure(page: PicturePage, state: PageState[Any], asking: Tasks) -> None:
    subject, question = page.subject, tasks.asked(page, state)
    screen = _screen(page, state)
    requests = SceneRequests(subject, state.scene, state.preset, screen, question)
    # Before the figure is sent: an answer that comes at once ends this run, and has the address.
    state.give_address()
    live_figure(
        subject.key,
        _there(page, state),
        state,
        task=asking.task(page, state),
        still=asking.still(page, state),
        stepping=tasks.mode_of(page, state) == "step" if asking is tasks else None,
        votes=page.predicts,
        sweep=requests.sweep,
        answer=partial(_reply, requests, state),
        on_message=partial(_hear, page, state, asking),
    )


def _screen(page: PicturePage, state: PageState[Any]) -> Screen:
    return Screen(present_theme(state), tasks.hiding(page, state), is_narrow(state))


def _there(page: PicturePage, state: PageState[Any]) -> Shown:
    """What is shown of the scene; kept, since a sweep or an opened menu does not change it."""
    asked = page.subject, state.scene, _screen(page, state)
    if state.last_shown[0] != asked:
        state.last_shown = asked, on_screen(*asked)
    there: Shown = state.last_shown[1]
    return there


def on_screen(subject: PageSubject[Any], scene: Scene, screen: Screen) -> Shown:
    """A scene in the form in which the browser gets it."""
    picture = subject.picture(scene, screen)
    return shown(scene, picture, subject.sliders(scene), subject.steps(scene), screen)


def _reply(requests: SceneRequests[Any], state: PageState[Any], name: str, argument: str) -> Any:
    """Answer what the browser asks for: about the scene, or the files of a class's votes."""
    if name == "votes":
        return state.classroom.vote.files() if state.classroom.vote else None
    return requests.answer(name, argument)


def problems(
    row: DeltaGenerator, state: PageState[Any], notes: Sequence[str] = ()
) -> DeltaGenerator | None:
    """Draw what could not be read of an address, and what has no room in one; None if nothing.

    It takes the place of the purpose in the heading's row, so that the picture does not move.
    notes: sentences that are drawn first.
    """
    said = [*state.problems, *state.scene.address()[1]]
    if not said and not notes:
        return None
    notice = row.container(key="problems")
    with notice:
        if notes:
            with st.container(key="notes"):
                for sentence in notes:
                    st.text(sentence)
        for sentence in said:
            # As text, never as Markdown: it quotes the address.
            st.text(sentence)
    return notice


def show(page: PicturePage) -> None:
    """Draw a page that has no module of its own under pages/views."""
    bench = workbench(page, around=Scene.settings)
    with bench.toolbar:
        bench.case()
        bench.rule()
        bench.edit()
        bench.modes()


def _hear(page: PicturePage, state: PageState[Any], asking: Tasks) -> None:
    """Apply the browser's message to the scene, and do what was asked for beside the picture."""
    if message := hear(state, page.subject.key):
        asking.act(page, state, message.act, message.argument)
