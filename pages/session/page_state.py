"""A page's scene from one rerun to the next: in the session, the address, the browser's message.

The scene lives under a session key that is no widget's: a page switch clears the address and the
widgets, but not that. The address is read when a session starts, and again when it became
something that this page did not give out: somebody went back, or typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, Generic, TypeVar
from urllib.parse import parse_qsl

import streamlit as st

from pages.figures.theme import Theme
from pages.session.class_vote import Classroom
from pages.session.message import REMEMBERED, Message
from pages.state.predict import Exercise, Tally
from pages.state.quiz import MODE, QUESTION, ListQuestion, Mode, Quiz
from pages.state.scene import PRESET, STEP, Scene, unread

SceneType = TypeVar("SceneType", bound=Scene)

OWN: Final = "*"
"""As a preset's slug: what somebody had made of their own when they went to a case."""

_GIVEN: Final = 20
"""How many addresses that were given out and not yet seen are remembered."""


@dataclass
class History(Generic[SceneType]):
    """What Undo and Redo bring back.

    past, future: the scenes, the next one last; rested: the scene when it rested last.
    """

    past: list[SceneType] = field(default_factory=list)
    future: list[SceneType] = field(default_factory=list)
    rested: SceneType | None = None

    def rest(self, scene: SceneType) -> None:
        """The scene is one to come back to."""
        if self.rested is not None and self.rested != scene:
            self.past = [*self.past[1 - REMEMBERED :], self.rested]
            self.future = []
        self.rested = scene


@dataclass
class PageState(Generic[SceneType]):
    """What a session remembers of one page.

    The scene. start: what an address leaves unsaid; presets: what an address may ask for by name
    instead. history: what Undo and Redo bring back. version: grows where something else than the
    browser's own values changes the scene: what was moved from a former one would take that back.

    What is asked of it. exercise: the prediction that is under way, if one is; quiz: likewise.
    mode: which of them; tally: what all predictions were worth. question: what a list of somebody's
    own asks, until its case is left. classroom: what a class is asked.

    Where it comes from, and where one goes on. own: what there was last that is no case, when a
    case was gone to; None for nothing. listed: the last scene that a list of somebody's own asked
    for, and by which name. brought: the key of the page from which the scene was brought here; ""
    for none. onward: the preset of another page that was asked for, "page/slug" as `take_up` has
    it; "" for none. walking: whether the step-through was last gone through step by step, or back
    to its start.

    The address. seen: the last that the browser had; given: those that it was given since.
    foreign_address: the last that was not given out here, until somebody has looked at it; {} for
    none. problems: the sentences about one that could not be read. reopened: what it said, when the
    session began, of a question that was asked then; or what the browser says of one that a session
    which is over had asked.

    The browser. message: what it said last; theme, narrow: as it said. last_shown: the picture that
    it was given, behind what it is of. unfolded: whether a menu was open when the whole page was
    shown last.
    """

    start: SceneType
    presets: Mapping[str, SceneType]
    scene: SceneType
    history: History[SceneType] = field(default_factory=History)
    version: int = 0

    mode: Mode = "look"
    exercise: Exercise | None = None
    quiz: Quiz | None = None
    tally: Tally = field(default_factory=Tally)
    question: ListQuestion | None = None
    classroom: Classroom = field(default_factory=Classroom)

    own: SceneType | None = None
    listed: tuple[str, SceneType] | None = None
    brought: str = ""
    onward: str = ""
    walking: bool = False

    seen: dict[str, str] | None = None
    given: list[dict[str, str]] = field(default_factory=list)
    foreign_address: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    reopened: Mapping[str, str] = field(default_factory=dict)

    message: Message | None = None
    theme: Theme | None = None
    narrow: bool | None = None
    last_shown: tuple[object, Any] = None, None
    unfolded: bool = False

    def read_address(self, address: Mapping[str, str]) -> None:
        """Takes the address over where it is news."""
        known = {*self.scene.keys(), PRESET}
        said = {name: text for name, text in address.items() if name in known}
        if said == self.seen:
            return
        self.seen = said
        if not said:  # from the menu: who comes that way presents no list
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
        """Remembers the address that goes out with the scene."""
        address, _ = self.scene.address()
        if address != self.seen and address not in self.given:
            self.given = [*self.given[1 - _GIVEN :], address]

    def hear(self, raw: object) -> bool:
        """Takes over what the browser says; False where that is not new, or nothing."""
        message = Message.read(raw)
        if message is None or (self.message and message.serial == self.message.serial):
            return False
        if self.message and message.news and message.news == self.message.news:
            message = message.but_for_its_news()
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
        if message.act == "undo":
            self.undo()
        elif message.act == "redo":
            self.redo()
        if message.theme in ("light", "dark"):
            self.theme = message.theme
        self.narrow = message.narrow
        return True

    def _take_values(self, message: Message) -> SceneType:
        """The scene with what was moved; where the hand let go meanwhile can be come back to."""
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
        """The case that was chosen, if one was: it is gone to from this scene."""
        if self.locked:
            return scene
        if self.knows(message.preset):
            self._go_to(scene)
            self.version += 1
            scene = self.take_up(message.preset, scene.rule, walking=self.walking)
            self.exercise = self.exercise and self.exercise.again()
            # Its question is not about this case; nor does it go on beside a list's.
            if self.quiz and (self.quiz.waiting or self.question):
                self.look()
        elif "/" in message.preset:
            self._go_to(scene)
            self.keep()
            self.onward = message.preset
        return scene

    def _take_click(self, message: Message, scene: SceneType) -> SceneType:
        """The scene with the entry explained that was clicked; in a prediction it is marked."""
        clicked = str(message.entry) if message.clicked else ""
        if clicked and self.exercise and not self.exercise.revealed:
            self.exercise = self.exercise.toggled(clicked)
            return scene
        return scene.chosen(clicked) if clicked else scene

    @property
    def preset(self) -> str:
        """The name of the scene, where it has one."""
        return next((slug for slug, there in self.presets.items() if there == self.scene), "")

    @property
    def case(self) -> str:
        """The name of a scene that is this one but for how it is looked at."""
        alike = (slug for slug, there in self.presets.items() if self.is_case(there))
        return self.preset or next(alike, "") or self.marked

    @property
    def marked(self) -> str:
        """How a list of somebody's own names this scene, but for the same; "" where it has none."""
        return self.listed[0] if self.listed and self.is_case(self.listed[1]) else ""

    def is_case(self, there: SceneType) -> bool:
        """Whether the scene is that one but for how it is looked at."""
        return self.scene.is_but_for(self.scene.looks, self.scene.into(there))

    def keep(self) -> None:
        """Before a case is gone to: what is there now can be come back to, where it is no case."""
        self.question = None
        if self.quiz:
            named = self.quiz.before in self.presets.values()
            self.own = self.own if named else self.quiz.before
        elif not self.case:
            self.own = self.scene

    def swap(self) -> SceneType:
        """To what was kept, if anything was; what is there now is kept in its place."""
        there = self.own or self.scene
        self.keep()
        return there

    def under(self, rule: str, case: SceneType) -> SceneType:
        """A case under this rule where it takes it, unless it is about a rule of its own."""
        if "rule" not in {each.name for each in fields(case)}:  # a lesson is about its own
            return case
        about_its_own = case.rule != self.start.rule
        return case if about_its_own else case.updated({"rule": rule})[0]

    def knows(self, name: str) -> bool:
        """Whether there is a scene with this name, as `take_up` has it, or somebody's own."""
        return name == OWN or name.startswith("?") or name.partition("?")[0] in self.presets

    def take_up(self, name: str, rule: str, *, walking: bool = False) -> SceneType:
        """To a case by its name; keeps what is there, and remembers what a list asks of the case.

        OWN: what was kept before. A slug: under this rule. Behind a "?" a list of somebody's own
        says how the case differs ("max-tie?rule=mlx"), or where there is no slug before it, how it
        differs from the page's start: there it stands as it was marked, whatever the rule is here;
        and what is asked about it. walking: it begins at its first step.
        """
        if name == OWN:
            return self.swap()
        self.keep()
        slug, marked, changes = name.partition("?")
        if not marked:
            return _begun(self.under(rule, self.presets[slug]), walking=walking)
        case, said = self.presets.get(slug, self.start), dict(parse_qsl(changes, True))
        scene = case.updated(said)[0]
        self.listed = name, scene
        text = said.get(QUESTION, "")
        self.question = ListQuestion(text) if text and not self.classroom.vote else None
        return _begun(scene, walking=walking)

    @property
    def locked(self) -> bool:
        """Whether the scene stays as it is: a class votes on it, or does not know the answer."""
        vote = self.classroom.vote
        return vote is not None and vote.locked

    @property
    def list_question(self) -> ListQuestion | None:
        """What a list asks, for whom looks: who predicts, or has a quiz, is asked by that."""
        return self.question if self.mode in ("look", "step") else None

    @property
    def asked_about(self) -> bool:
        """Whether a question is asked about the present values, and not answered yet."""
        if self.quiz:
            return self.quiz.waiting
        return bool(self.list_question and not self.list_question.revealed)

    @property
    def hiding(self) -> Exercise | None:
        """What hides gradients: a prediction, a class's too, or a question not answered yet."""
        if self.asked_about:
            return Exercise(marking=False)
        if (vote := self.classroom.vote) and self.mode == "predict":
            return vote.exercise(self.scene, self.case)
        return self.exercise

    @property
    def question_in_address(self) -> dict[str, str]:
        """What is asked and not answered yet, as an address says it; {} for nothing.

        Not a class's vote, which is kept elsewhere.
        """
        if self.list_question and not self.list_question.revealed:
            return {QUESTION: self.list_question.text}
        hidden = self.quiz.waiting if self.quiz else self.exercise and not self.exercise.revealed
        return {MODE: self.mode} if hidden else {}

    def hand_vote_to(self, other: "PageState[Any]") -> None:
        """Its vote goes on with another page."""
        vote, self.classroom.vote = self.classroom.vote, None
        other.classroom.vote = vote and replace(vote, case="")
        other.mode, self.mode = "predict", "look"
        other.leave_quiz()
        other.exercise = other.question = None

    def change(self, scene: SceneType, *, values: bool = True) -> None:
        """Takes over a scene that a widget asks for, as far as it is possible.

        values: whether it has values of its own; else what was moved before it holds there too.
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
        """A verdict belongs to its state: in another one predictions begin anew."""
        if self.locked:
            return
        looked = scene.is_but_for(("entry", STEP), self.scene)
        if self.exercise and self.exercise.revealed and not looked:
            self.exercise = self.exercise.again()
        self.scene = scene

    # --- undo and redo

    def rest(self) -> None:
        """The scene is one to come back to."""
        self.history.rest(self.scene)

    def begin(self) -> None:
        """What was before is nothing to come back to."""
        self.history = History(rested=self.scene)

    def leave_quiz(self) -> None:
        """Ends it: what its questions had set up is nothing to come back to."""
        if self.quiz:
            self.history = History([*self.quiz.past], rested=self.quiz.before)
            self.quiz = None

    def look(self) -> None:
        """Nothing is predicted any more, and no quiz goes on."""
        self.leave_quiz()
        self.mode, self.exercise = "look", None

    def undo(self) -> None:
        """The scene before the last change, if there was one; what still moves is one."""
        self.rest()
        self._turn(self.history.past, self.history.future)

    def redo(self) -> None:
        """What was undone last, if nothing has changed since."""
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
    """The state of the page with this key, after what the address says."""
    state = left_there(key, start, presets)
    address = st.query_params.to_dict()
    if state.seen is None:
        state.reopened = _asked_in(address)
    state.read_address(address)
    if state.history.rested is None:  # what it opens with is no change
        state.rest()
    return state


def _asked_in(address: Mapping[str, Any]) -> dict[str, str]:
    """What an address says of a question that was asked there."""
    return {name: str(address[name]) for name in (MODE, QUESTION) if name in address}


def name_of(key: str) -> str:
    """Under which the session has the state of the page with this key."""
    return f"page:{key}"


def left_there(
    key: str, start: SceneType, presets: Mapping[str, SceneType]
) -> PageState[SceneType]:
    """The state in which the page with this key was left: that of a page that is not open."""
    name = name_of(key)
    if name not in st.session_state:
        st.session_state[name] = PageState(start, presets, start)
    state: PageState[SceneType] = st.session_state[name]
    return state


def in_session(key: str) -> Any:
    """For a callback: what the session has under a key, a widget's value for one; None for nothing.

    `st.session_state[key]` is where Streamlit leaves a run for a newer one. In a callback it would
    leave that too, and what somebody chose would never be done.
    """
    return st.session_state.to_dict().get(key)


def is_narrow(state: PageState[Any]) -> bool:
    """Whether the window is a phone's: as the component saw it, else as the browser is called."""
    if state.narrow is None:
        return is_phone(st.context.headers.get("user-agent") or "")
    return state.narrow


def is_phone(user_agent: str) -> bool:
    """Whether a browser is called one of a phone."""
    return "Mobi" in user_agent


def present_theme(state: PageState[Any]) -> Theme:
    """The browser's theme: what the component saw, else what Streamlit says."""
    return state.theme or ("dark" if st.context.theme.type == "dark" else "light")


def asked_for(
    start: SceneType, presets: Mapping[str, SceneType], address: Mapping[str, str]
) -> tuple[SceneType, list[str]]:
    """The scene that an address asks for, and a sentence for each value that was not taken."""
    slug = address.get(PRESET, "")
    scene, problems = presets.get(slug, start).updated(address)
    if slug and slug not in presets:
        needs = f"one of {', '.join(presets)}"
        problems.append(unread(PRESET, slug, needs, "the page's own start"))
    return scene, problems


def _begun(scene: SceneType, *, walking: bool) -> SceneType:
    """A case at its first step, for whom walks through; itself otherwise, or without steps."""
    return scene.moved(STEP, 0) if walking and STEP in scene.codecs() else scene


def _all_moved(scene: SceneType, values: Mapping[str, Any]) -> SceneType:
    """The scene with what a message says of its sliders."""
    for name, value in values.items():
        scene = _moved(scene, name, value)
    return scene


def _moved(scene: SceneType, name: str, value: object) -> SceneType:
    """The scene with one entry moved; the scene itself where the value or the name is no good."""
    if isinstance(value, str) and name in scene.texts():
        return scene.updated({name: value})[0]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return scene
    try:
        read = scene.codec_of(name).read(repr(float(value)).removesuffix(".0"))
    except (KeyError, ValueError, OverflowError):
        return scene
    return scene.moved(name, read)
