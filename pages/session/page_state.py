"""A page's state from one rerun to the next, and how the address and the browser change it.

The state lives in the session under a key that belongs to no widget, because switching pages clears
the address and the widgets. The address is read when a session starts, and again whenever it is one
that this page did not write itself: the user went back, or typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic
from urllib.parse import parse_qsl

import streamlit as st

from pages.figures.theme import Theme
from pages.session.class_vote import Classroom
from pages.session.message import REMEMBERED, Message
from pages.state.acts import act_of
from pages.state.predict import Exercise, Tally
from pages.state.quiz import MODE, QUESTION, ListQuestion, Mode, Quiz
from pages.state.scene import PRESET, STEP, SceneType, unread

OWN: Final = "*"
"""In place of a preset's slug: the user's own scene, kept when they went to a preset."""

_GIVEN: Final = 20
"""How many addresses are remembered that were written but have not come back yet."""


@dataclass
class History(Generic[SceneType]):
    """What Undo and Redo bring back."""

    past: list[SceneType] = field(default_factory=list)  # the next one last
    future: list[SceneType] = field(default_factory=list)
    rested: SceneType | None = None  # the scene when it last stopped changing

    def rest(self, scene: SceneType) -> None:
        """Record that the scene has stopped changing, so that Undo can come back to it."""
        if self.rested is not None and self.rested != scene:
            self.past = [*self.past[1 - REMEMBERED :], self.rested]
            self.future = []
        self.rested = scene


@dataclass
class PageState(Generic[SceneType]):
    """What a session remembers of one page."""

    start: SceneType  # provides what an address does not say
    presets: Mapping[str, SceneType]  # by the names that an address may use instead
    scene: SceneType
    history: History[SceneType] = field(default_factory=History)
    version: int = 0
    """Grows whenever anything but the browser's own values changes the scene, so that values moved
    before that change do not undo it."""

    # What is asked
    mode: Mode = "look"
    exercise: Exercise | None = None  # the prediction under way
    quiz: Quiz | None = None  # the quiz under way
    tally: Tally = field(default_factory=Tally)  # the result of all predictions
    question: ListQuestion | None = None  # what the user's own list asks about the present case
    classroom: Classroom = field(default_factory=Classroom)

    # The way here, and on to other pages
    own: SceneType | None = None  # the user's own scene, kept when they went to a preset
    listed: tuple[str, SceneType] | None = None  # name and scene last asked for by the user's list
    brought: str = ""  # the key of the page from which the scene was brought here
    onward: str = ""  # a preset of another page that was asked for, "page/slug": see `take_up`
    walking: bool = False  # whether the last change of the step was by one, or back to the start

    # The address
    seen: dict[str, str] | None = None  # the browser's last
    given: list[dict[str, str]] = field(default_factory=list)  # those written since then
    foreign_address: dict[str, str] = field(default_factory=dict)
    """The last address that was not written here, until it has been dealt with."""
    problems: list[str] = field(default_factory=list)  # sentences about what could not be read
    reopened: Mapping[str, str] = field(default_factory=dict)
    """A question mentioned in the address when the session began, or reported by the browser after
    its former session was lost."""

    # The browser
    message: Message | None = None  # its last
    theme: Theme | None = None
    narrow: bool | None = None
    last_shown: tuple[object, Any] = None, None  # what the last picture shows, and that picture
    unfolded: bool = False  # whether a menu was open when the whole page was last shown

    def read_address(self, address: Mapping[str, str]) -> None:
        """Take over the address if it is new."""
        known = {*self.scene.keys(), PRESET}
        said = {name: text for name, text in address.items() if name in known}
        if said == self.seen:
            return
        self.seen = said
        if not said:  # reached from the menu, so no list is being presented
            self.question = None
        if said in self.given:
            del self.given[: self.given.index(said) + 1]
            return
        if said and said != self.scene.address()[0]:
            self.foreign_address = said
            self.version += 1
            scene, self.problems = asked_for(self.start, self.presets, said)
            self._go_to(scene)
            self.rest()

    def give_address(self) -> None:
        """Remember the address that is written together with the scene."""
        address, _ = self.scene.address()
        if address != self.seen and address not in self.given:
            self.given = [*self.given[1 - _GIVEN :], address]

    def hear(self, raw: object) -> bool:
        """Apply a message from the browser. Return False if it is not a message or not new."""
        message = Message.read(raw)
        if message is None or (self.message and message.serial == self.message.serial):
            return False
        if self.message and message.news and message.news == self.message.news:
            message = message.without_news()
        self.message = message
        if message.address:
            self.reopened = _asked_in(message.address)
        scene = self._take_preset(message, self._take_values(message))
        scene = self._take_click(message, scene)
        if scene != self.scene:
            self._go_to(scene)
            self.problems = []
        if message.settled:
            self.rest()
        act = act_of(message.act)
        if act == "undo":
            self.undo()
        elif act == "redo":
            self.redo()
        if message.theme in ("light", "dark"):
            self.theme = message.theme
        self.narrow = message.narrow
        return True

    def _take_values(self, message: Message) -> SceneType:
        """Return the scene with what was moved, recording each place where the user let go."""
        stale = message.version not in (None, self.version) and not message.address
        for values in () if stale or message.address else message.rested:
            self._go_to(_all_moved(self.scene, values))
            self.rest()
        looks = {"step": message.step, "entry": None if message.clicked else message.entry}
        now = {name: value for name, value in looks.items() if value is not None and not stale}
        scene, _ = self.scene.updated(
            {name: str(value) for name, value in {**message.address, **now}.items()}
        )
        before, step = (getattr(each, STEP, None) for each in (self.scene, scene))
        if before is not None and step is not None and step != before:
            self.walking = step == 0 or abs(step - before) == 1
        return scene if stale else _all_moved(scene, message.values)

    def _take_preset(self, message: Message, scene: SceneType) -> SceneType:
        """Return the preset that was chosen, as reached from this scene; without one, the scene."""
        if self.locked:
            return scene
        if self.knows(message.preset):
            self._go_to(scene)
            self.version += 1
            scene = self.take_up(message.preset, scene.rule, walking=self.walking)
            self.exercise = self.exercise and self.exercise.again()
            # The quiz's question is not about this case; and a list's question ends a quiz.
            if self.quiz and (self.quiz.waiting or self.question):
                self.look()
        elif "/" in message.preset:
            self._go_to(scene)
            self.keep()
            self.onward = message.preset
        return scene

    def _take_click(self, message: Message, scene: SceneType) -> SceneType:
        """Return the scene with the clicked entry explained; in a prediction, mark that entry."""
        clicked = str(message.entry) if message.clicked else ""
        if clicked and self.exercise and not self.exercise.revealed:
            self.exercise = self.exercise.toggled(clicked)
            return scene
        return scene.chosen(clicked) if clicked else scene

    @property
    def preset(self) -> str:
        """The name of the preset that equals the scene, or ""."""
        return next((slug for slug, there in self.presets.items() if there == self.scene), "")

    @property
    def case(self) -> str:
        """The name of the preset, or list entry, that is the same case as the scene, or ""."""
        alike = (slug for slug, there in self.presets.items() if self.is_case(there))
        return self.preset or next(alike, "") or self.marked

    @property
    def marked(self) -> str:
        """The name in the user's own list of a scene that is the same case, or ""."""
        return self.listed[0] if self.listed and self.is_case(self.listed[1]) else ""

    def is_case(self, there: SceneType) -> bool:
        """Whether the scene is the same case as another: they differ only in how they are shown."""
        return self.scene.is_but_for(self.scene.looks, self.scene.into(there))

    def keep(self) -> None:
        """Before another case is opened, keep the present scene if it is not a case itself."""
        self.question = None
        if self.quiz:
            named = self.quiz.before in self.presets.values()
            self.own = self.own if named else self.quiz.before
        elif not self.case:
            self.own = self.scene

    def swap_with_own(self) -> SceneType:
        """Return the scene that was kept, if any, and keep the present one in its place."""
        there = self.own or self.scene
        self.keep()
        return there

    def with_rule(self, rule: str, case: SceneType) -> SceneType:
        """Return a case under this rule, unless it is about one of its own."""
        about_its_own = case.rule != self.start.rule
        return case if about_its_own else case.under(rule)

    def knows(self, name: str) -> bool:
        """Whether `take_up` knows a scene by this name."""
        return name == OWN or name.startswith("?") or name.partition("?")[0] in self.presets

    def take_up(self, name: str, rule: str, *, walking: bool = False) -> SceneType:
        """Return the case with this name, keep the present scene, and set the list's question.

        name: OWN for the scene kept before; a preset's slug, which is shown under the given rule;
        or an entry of the user's own list, "slug?changes" ("max-tie?rule=mlx"). Without a slug the
        changes are to the page's start. An entry of a list keeps its own rule, and the changes may
        include a question. walking: whether to begin at the case's first step.
        """
        if name == OWN:
            return self.swap_with_own()
        self.keep()
        slug, marked, changes = name.partition("?")
        if not marked:
            return _begun(self.with_rule(rule, self.presets[slug]), walking=walking)
        case, said = self.presets.get(slug, self.start), dict(parse_qsl(changes, True))
        scene = case.updated(said)[0]
        self.listed = name, scene
        text = said.get(QUESTION, "")
        self.question = ListQuestion(text) if text and not self.classroom.vote else None
        return _begun(scene, walking=walking)

    @property
    def locked(self) -> bool:
        """Whether the scene must not change: a class votes on it, the answer is not revealed."""
        vote = self.classroom.vote
        return vote is not None and vote.locked

    @property
    def list_question(self) -> ListQuestion | None:
        """The list's question; None while a prediction or a quiz asks its own."""
        return self.question if self.mode in ("look", "step") else None

    @property
    def asked_about(self) -> bool:
        """Whether a question about the present values is not answered yet."""
        if self.quiz:
            return self.quiz.waiting
        return bool(self.list_question and not self.list_question.revealed)

    @property
    def hiding(self) -> Exercise | None:
        """What hides gradients: an unanswered question, or a prediction, possibly a class's."""
        if self.asked_about:
            return Exercise(marking=False)
        if (vote := self.classroom.vote) and self.mode == "predict":
            return vote.exercise(self.scene, self.case)
        return self.exercise

    @property
    def question_in_address(self) -> dict[str, str]:
        """The unanswered question as parameters of an address; {} if there is none.

        A class's vote is not in the address: the server keeps it.
        """
        if self.list_question and not self.list_question.revealed:
            return {QUESTION: self.list_question.text}
        hidden = self.quiz.waiting if self.quiz else self.exercise and not self.exercise.revealed
        return {MODE: self.mode} if hidden else {}

    def hand_vote_to(self, other: "PageState[Any]") -> None:
        """Let another page continue this page's vote."""
        vote, self.classroom.vote = self.classroom.vote, None
        other.classroom.vote = vote and replace(vote, case="")
        other.mode, self.mode = "predict", "look"
        other.leave_quiz()
        other.exercise = other.question = None

    def change(self, scene: SceneType, *, values: bool = True) -> None:
        """Take over a scene that a widget asks for, as far as it is possible.

        values: whether the change sets values; otherwise values moved before it are still valid.
        """
        if self.locked:
            return
        self.version += values
        scene, refusals = scene.possible()
        if refusals or scene != self.scene:
            self.problems = refusals
        self._go_to(scene)
        self.rest()

    def _go_to(self, scene: SceneType) -> None:
        """Go to a scene. A verdict belongs to its scene; in another, predicting starts over."""
        if self.locked:
            return
        looked = scene.is_but_for(("entry", STEP), self.scene)
        if self.exercise and self.exercise.revealed and not looked:
            self.exercise = self.exercise.again()
        self.scene = scene

    # --- undo and redo

    def rest(self) -> None:
        """Record that the scene has stopped changing, so that Undo can come back to it."""
        self.history.rest(self.scene)

    def forget_history(self) -> None:
        """Forget everything that Undo could bring back."""
        self.history = History(rested=self.scene)

    def leave_quiz(self) -> None:
        """End the quiz; Undo goes back to what was before it, not to its questions."""
        if self.quiz:
            self.history = History([*self.quiz.past], rested=self.quiz.before)
            self.quiz = None

    def look(self) -> None:
        """End a prediction or a quiz."""
        self.leave_quiz()
        self.mode, self.exercise = "look", None

    def undo(self) -> None:
        """Go back to the scene before the last change, one still under way included."""
        self.rest()
        self._turn(self.history.past, self.history.future)

    def redo(self) -> None:
        """Repeat the change undone last, if nothing has changed since."""
        self.rest()
        self._turn(self.history.future, self.history.past)

    def _turn(self, source: list[SceneType], target: list[SceneType]) -> None:
        if not source or self.locked:
            return
        self.version += 1
        target.append(self.scene)
        self._go_to(source.pop())
        self.history.rested, self.problems = self.scene, []


def page_state(
    key: str, start: SceneType, presets: Mapping[str, SceneType]
) -> PageState[SceneType]:
    """Return the state of the page with this key, with the present address applied."""
    state = left_there(key, start, presets)
    address = st.query_params.to_dict()
    if state.seen is None:
        state.reopened = _asked_in(address)
    state.read_address(address)
    if state.history.rested is None:  # the opening scene is not a change
        state.rest()
    return state


def _asked_in(address: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters of an address that name a mode or a question."""
    return {name: str(address[name]) for name in (MODE, QUESTION) if name in address}


def name_of(key: str) -> str:
    """Return the session key of the state of the page with this key."""
    return f"page:{key}"


def left_there(
    key: str, start: SceneType, presets: Mapping[str, SceneType]
) -> PageState[SceneType]:
    """Return the state of the page with this key as it was left, without reading the address."""
    name = name_of(key)
    if name not in st.session_state:
        st.session_state[name] = PageState(start, presets, start)
    state: PageState[SceneType] = st.session_state[name]
    return state


def in_session(key: str) -> Any:
    """Return the session's value under a key, say a widget's, in a callback; None if it has none.

    At `st.session_state[key]` Streamlit may abandon a run for a newer one. In a callback it would
    abandon the callback too, and the user's choice would be lost.
    """
    return st.session_state.to_dict().get(key)


def is_narrow(state: PageState[Any]) -> bool:
    """Whether the window is a phone's, as the component saw it, or else by the browser's name."""
    if state.narrow is None:
        return is_phone(st.context.headers.get("user-agent") or "")
    return state.narrow


def is_phone(user_agent: str) -> bool:
    """Whether a browser's user agent is a phone's."""
    return "Mobi" in user_agent


def present_theme(state: PageState[Any]) -> Theme:
    """Return the browser's theme as the component saw it, or else as Streamlit reports it."""
    return state.theme or ("dark" if st.context.theme.type == "dark" else "light")


def asked_for(
    start: SceneType, presets: Mapping[str, SceneType], address: Mapping[str, str]
) -> tuple[SceneType, list[str]]:
    """Return the scene that an address asks for, and a sentence for each value that was refused."""
    slug = address.get(PRESET, "")
    scene, problems = presets.get(slug, start).updated(address)
    if slug and slug not in presets:
        needs = f"one of {', '.join(presets)}"
        problems.append(unread(PRESET, slug, needs, "the page's own start"))
    return scene, problems


def _begun(scene: SceneType, *, walking: bool) -> SceneType:
    """Return a case, at its first step if the user is walking through the steps."""
    return scene.moved(STEP, 0) if walking and STEP in scene.codecs() else scene


def _all_moved(scene: SceneType, values: Mapping[str, Any]) -> SceneType:
    """Return the scene with the values of a message's sliders."""
    for name, value in values.items():
        scene = _moved(scene, name, value)
    return scene


def _moved(scene: SceneType, name: str, value: object) -> SceneType:
    """Return the scene with one entry moved; unchanged if the value or the name is not valid."""
    if isinstance(value, str) and name in scene.texts():
        return scene.updated({name: value})[0]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return scene
    try:
        read = scene.codec_of(name).read(repr(float(value)).removesuffix(".0"))
    except (KeyError, ValueError, OverflowError):
        return scene
    return scene.moved(name, read)
