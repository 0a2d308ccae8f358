"""A Plotly figure together with the sliders that move it, in one frame.

While a slider moves, the browser draws from a *sweep* (pages/sweep.py): the pictures of every
value that the slider can take, made when it is grabbed, and sent at once. When the slider rests,
its value comes here, and the settled picture goes back. The browser's half is in browser/.
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
from pages.state.scene import STEP, Scene

_SESSION: Final = "live-figure:session"
"""The session's own name: by a new one the browser sees that the server was restarted."""


_mount = component("live_figure")


def session_name() -> str:
    """This session's own name."""
    if _SESSION not in st.session_state:
        st.session_state[_SESSION] = token_hex(8)
    name: str = st.session_state[_SESSION]
    return name


@dataclass(frozen=True)
class Shown:
    """A scene on a screen, as the browser gets it: what no run changes that leaves both alone.

    packed: JSON. values: by a slider's name what gives all that it can take; keys: by which the
    browser knows their sweeps.
    """

    packed: str
    values: Mapping[str, Callable[[], Sequence[float]]]
    keys: Mapping[str, str]


def shown(
    scene: Scene, picture: Picture, sliders: Sequence[Slider], steps: Sequence[str], screen: Screen
) -> Shown:
    """What is shown of a scene. steps: the names of the steps of the step-through, if there is one.

    The scene has the present one as `step`.
    """
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
        # What an address has no room for comes back from the browser all the same.
        "query": scene.query() if left_out else None,
    }
    return Shown(packed(data), values, keys)


def live_figure(
    key: str,
    there: Shown,
    sweep: Callable[[str, Sequence[float], str], str | None],
    *,
    version: int,
    message: Message | None,
    on_message: Callable[[], None],
    case: str,
    answer: Callable[[str, str], object],
    task: Task | None,
    stepping: bool | None,
    still: Still,
    locked: bool,
    votes: bool,
    vote_ended: str,
    asks: Mapping[str, str],
) -> None:
    """Mounts the figure of a scene.

    sweep: makes a slider's, by its name, its values and the key that the browser knows it by.
    version: of the scene. message: the browser's last; on_message is called, before the page runs,
    when there is a new one under `st.session_state[key]["message"]`. case: the name of that which
    the scene is, in a list of somebody's own the one that it has there. answer: what there is to
    say, by name and with an argument, when the message wants something besides. task: what is asked
    beside the picture. stepping: whether a phone has its step row, in the place of the slider;
    None: beneath the picture. still: what cannot be moved there. locked: whether nothing can be.
    votes: whether a class can be asked here; vote_ended: the code of a vote that is over.
    asks: what a presenter's address says besides, so that a reload asks it again.
    """
    asked = message.ask if message and message.ask in there.keys else ""
    data = {
        "task": task and asdict(task),
        "stepping": stepping,
        "still": asdict(still),
        "locked": locked,
        "votes": votes,
        "voteEnded": vote_ended,
        "asks": dict(asks),
        "session": session_name(),
        "version": version,
        "page": key,
        "case": case,
        "answers": _answers(key, message, answer),
        "acknowledged": message.serial if message else None,
        "sweep": sweep(asked, there.values[asked](), there.keys[asked]) if asked else None,
    }
    _mount(key, data, there.packed, on_message_change=on_message)


def _answers(
    key: str, message: Message | None, answer: Callable[[str, str], object]
) -> dict[str, Any] | None:
    """The answers to a message, once: a run that another widget started need not give them again.

    Whoever missed them asks again.
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
    """What a sweep depends on: everything but the entry that it moves."""
    kept = scene.moved(name, 0).query()
    return f"{crc32(json.dumps([type(scene).__name__, name, context, kept]).encode()):08x}"
