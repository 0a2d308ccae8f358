"""A Plotly figure together with the sliders that move it.

While a slider moves, the browser draws from a *sweep* (pages/sweep.py): the pictures of every value
that the slider can take, made and sent all at once when it is grabbed. When the slider comes to
rest, its value is sent here, and the final picture goes back. The browser's half is in browser/.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from secrets import token_hex
from typing import Any, Final
from zlib import crc32

import streamlit as st

from pages.components.component import component, packed
from pages.derive.picture import Picture, Screen, Slider, Still, Task
from pages.session.message import Message
from pages.session.page_state import PageState
from pages.state.scene import STEP, Scene

_SESSION: Final = "live-figure:session"
"""The key of the session's random name. From a new name the browser knows of a server restart."""


_mount = component("live_figure")


def session_name() -> str:
    """Return this session's random name."""
    if _SESSION not in st.session_state:
        st.session_state[_SESSION] = token_hex(8)
    name: str = st.session_state[_SESSION]
    return name


@dataclass(frozen=True)
class Shown:
    """The browser's data that depend on scene and screen alone, so that reruns can reuse them."""

    packed: str  # JSON
    values: Mapping[str, Callable[[], Sequence[float]]]  # by slider, returns all its values
    keys: Mapping[str, str]  # by slider, identifies its sweep in the browser


def shown(
    scene: Scene, picture: Picture, sliders: Sequence[Slider], steps: Sequence[str], screen: Screen
) -> Shown:
    """Pack a scene's picture. steps: the names of all steps; the scene's `step` is the present."""
    values = {slider.name: partial(getattr, slider, "values") for slider in sliders}
    if steps:
        values[STEP] = partial(list, range(len(steps)))
    keys = {name: _key(scene, name, str(screen)) for name in values}
    address, left_out = scene.address()
    data = {
        "figure": picture.figure,
        "targets": [vars(target) for target in picture.targets],
        "grids": [asdict(grid) for grid in picture.grids],
        "left": picture.left,
        "pad": picture.pad and asdict(picture.pad),
        "explanation": list(picture.explanation),
        "legend": list(picture.legend),
        "stepSaid": picture.step,
        "summary": picture.summary(),
        "sliders": [vars(slider) for slider in sliders],
        "steps": list(steps),
        "step": getattr(scene, STEP, None),
        "entry": scene.entry,
        "marking": screen.hidden and screen.exercise is not None and screen.exercise.marking,
        "theme": screen.theme,
        "narrow": screen.narrow,
        "keys": keys,
        "address": address,
        # What an address has no room for must come back from the browser, too.
        "query": scene.query() if left_out else None,
    }
    return Shown(packed(data), values, keys)


def live_figure(
    key: str,
    there: Shown,
    state: PageState[Any],
    *,
    task: Task | None,
    still: Still,
    stepping: bool | None,
    votes: bool,
    sweep: Callable[[str, Sequence[float], str], str | None],
    answer: Callable[[str, str], object],
    on_message: Callable[[], None],
) -> None:
    """Mount the figure of a page's scene.

    task: what is asked beside the picture. still: what cannot be moved. stepping: whether a phone
    shows the row of steps in place of the slider; None: below the picture. votes: whether a class
    can be asked here. sweep: makes a slider's sweep from its name, its values and its key. answer:
    returns the answer to a further request of a message, by its name and argument. on_message:
    called before the page runs when there is a new message under
    `st.session_state[key]["message"]`.
    """
    message = state.message
    asked = message.ask if message and message.ask in there.keys else ""
    data = {
        "task": task and asdict(task),
        "stepping": stepping,
        "still": asdict(still),
        "locked": state.locked,
        "votes": votes,
        "voteEnded": state.classroom.ended,
        "asks": state.question_in_address,
        "session": session_name(),
        "version": state.version,
        "page": key,
        "case": state.marked or state.case,
        "answers": _answers(key, message, answer),
        "acknowledged": message.serial if message else None,
        "sweep": sweep(asked, there.values[asked](), there.keys[asked]) if asked else None,
    }
    _mount(key, data, there.packed, on_message_change=on_message)


def _answers(
    key: str, message: Message | None, answer: Callable[[str, str], object]
) -> dict[str, Any] | None:
    """Return the answers to a message once only; a run started by another widget gives none.

    If the browser misses them, it asks again.
    """
    if message is None or not message.wants:
        return None
    if st.session_state.get(f"{key}:answered") == message.serial:
        return None
    st.session_state[f"{key}:answered"] = message.serial
    return {
        name: {"argument": argument, "answer": answer(name, argument)}
        for name, argument in message.wants.items()
    }


def _key(scene: Scene, name: str, context: str) -> str:
    """Return a hash of everything that a sweep depends on: all but the entry that it moves."""
    kept = scene.moved(name, 0).query()
    return f"{crc32(json.dumps([type(scene).__name__, name, context, kept]).encode()):08x}"
