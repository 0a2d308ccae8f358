"""A page's scene from one rerun to the next: in the session, the address, the browser's message.

The scene lives under a session key that is no widget's: a page switch clears the address and the
widgets, but not that. The address is read when a session starts, and again when it became
something that this page did not give out: somebody went back, or typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import streamlit as st

from pages.figures.theme import Theme
from pages.state.message import Message
from pages.state.predict import Exercise
from pages.state.scene import Scene, unread

SceneType = TypeVar("SceneType", bound=Scene)

PRESET: Final = "preset"
"""The address's key for a state by name; all other keys change that state."""

_GIVEN: Final = 20
"""How many addresses that were given out and not yet seen are remembered."""


@dataclass
class PageState(Generic[SceneType]):
    """What a session remembers of one page.

    start: what an address leaves unsaid; presets: what an address may ask for by name instead.
    problems: the sentences about an address that could not be read. exercise: the prediction that
    is under way, if one is. seen: the last address that the browser had; given: those that it was
    given since. onward: the preset of another page that was asked for, "page/slug"; "" for none.
    """

    start: SceneType
    presets: Mapping[str, SceneType]
    scene: SceneType
    exercise: Exercise | None = None
    theme: Theme | None = None
    message: Message | None = None
    problems: list[str] = field(default_factory=list)
    seen: dict[str, str] | None = None
    given: list[dict[str, str]] = field(default_factory=list)
    onward: str = ""

    def read_address(self, address: Mapping[str, str]) -> None:
        """Takes the address over where it is news."""
        known = {*self.scene.keys(), PRESET}
        own = {name: text for name, text in address.items() if name in known}
        if own == self.seen:
            return
        self.seen = own
        if own in self.given:
            del self.given[: self.given.index(own) + 1]
            return
        if own and own != self.scene.query():
            slug = own.get(PRESET, "")
            self.scene, self.problems = self.presets.get(slug, self.start).updated(own)
            if slug and slug not in self.presets:
                needs = f"one of {', '.join(self.presets)}"
                self.problems.append(unread(PRESET, slug, needs, "the page's own start"))

    def give_address(self) -> None:
        """Remembers the address that goes out with the scene."""
        query = self.scene.query()
        if query != self.seen and query not in self.given:
            self.given = [*self.given[1 - _GIVEN :], query]

    def hear(self, raw: object) -> bool:
        """Takes over what the browser says; False where that is not new, or nothing."""
        message = Message.read(raw)
        if message is None or (self.message and message.serial == self.message.serial):
            return False
        self.message = message
        said = {"step": message.step, "entry": message.entry}
        clicked = str(said.pop("entry")) if message.clicked else ""
        now = {name: value for name, value in said.items() if value is not None}
        scene, _ = self.scene.updated(
            {name: str(value) for name, value in {**message.address, **now}.items()}
        )
        for name, value in message.values.items():
            scene = _moved(scene, name, value)
        if message.preset in self.presets:
            scene = self.presets[message.preset]
            self.exercise = self.exercise and Exercise()
        elif "/" in message.preset:
            self.onward = message.preset
        if clicked and self.exercise:
            self.exercise = self.exercise.toggled(clicked)
        elif clicked:
            scene = scene.chosen(clicked)
        if scene != self.scene:
            self.scene, self.problems = scene, []
        if message.theme in ("light", "dark"):
            self.theme = message.theme
        return True

    @property
    def preset(self) -> str:
        """The name of the scene, where it has one."""
        return next((slug for slug, there in self.presets.items() if there == self.scene), "")

    def change(self, scene: SceneType) -> None:
        """Takes over a scene that a widget asks for, as far as it is possible."""
        self.scene, self.problems = scene.possible()


def page_state(
    key: str, start: SceneType, presets: Mapping[str, SceneType]
) -> PageState[SceneType]:
    """The state of the page with this key, after what the address says."""
    state = left_there(key, start, presets)
    state.read_address(st.query_params.to_dict())
    return state


def left_there(
    key: str, start: SceneType, presets: Mapping[str, SceneType]
) -> PageState[SceneType]:
    """The state in which the page with this key was left: that of a page that is not open."""
    name = f"page:{key}"
    if name not in st.session_state:
        st.session_state[name] = PageState(start, presets, start)
    state: PageState[SceneType] = st.session_state[name]
    return state


def present_theme(state: PageState[Any]) -> Theme:
    """The browser's theme: what the component saw, else what Streamlit says."""
    return state.theme or ("dark" if st.context.theme.type == "dark" else "light")


def _moved(scene: SceneType, name: str, value: object) -> SceneType:
    """The scene with one entry moved; the scene itself where the value or the name is no good."""
    if isinstance(value, str) and name in scene.texts():
        return scene.updated({name: value})[0]
    named = scene.entry_names()
    if name not in named or isinstance(value, bool) or not isinstance(value, int | float):
        return scene
    codec = scene.codecs()[named[name][0]]
    try:
        read = getattr(codec, "each", codec).read(repr(float(value)).removesuffix(".0"))
    except (ValueError, OverflowError):
        return scene
    return scene.moved(name, read)
