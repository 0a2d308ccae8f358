"""The stock widgets that pages share."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import streamlit as st

from pages.components.button_row import button_row
from pages.components.component import said_by
from pages.state.message import Message
from pages.state.page_state import PageState
from pages.state.scene import Scene
from pages.state.snaps import Impossible, Snap

SceneType = TypeVar("SceneType", bound=Scene)


def choice(
    state: PageState[Any],
    field: str,
    label: str,
    labels: Mapping[Any, str],
    width: int,
    then: Callable[[Any], Any] = lambda scene: scene,
) -> None:
    """A select for one field of the scene; labels by value. then: what else comes with a choice."""
    key = showing(f"{type(state.scene).__name__}:{field}", getattr(state.scene, field))

    def chosen() -> None:
        value = picked(key, labels)
        if value is not None:
            state.change(then(state.scene.having(field, value)))

    st.selectbox(
        label,
        list(labels),
        key=key,
        format_func=labels.__getitem__,
        on_change=chosen,
        width=width,
    )


def showing(name: str, value: Any) -> str:
    """The key of a widget that shows a value: another one where it was not the widget that set it.

    The scene decides what a widget shows, and may have been changed by the address, a button or a
    drag. What a browser then still sends of the widget is older than that: under its former key
    nobody hears it.
    """
    generation = st.session_state.get(f"{name}:generation", 0)
    key = f"{name}:{generation}" if generation else name
    if key in st.session_state and st.session_state[key] != value:
        st.session_state[f"{name}:generation"] = generation + 1
        key = f"{name}:{generation + 1}"
    st.session_state[key] = value
    return key


def picked(key: str, options: Iterable[Any]) -> Any:
    """The option that the widget with this key was set to; None for what is none of them.

    The browser does not offer that, but what comes is whatever a visitor chose to send.
    """
    value = st.session_state[key]
    return next((each for each in options if each == value), None)


def snap_buttons(
    state: PageState[SceneType], snaps: Mapping[str, Snap[SceneType]], key: str = "snaps"
) -> None:
    """A button for each snap; one that cannot be had is disabled, and says why."""
    there = {label: snap(state.scene) for label, snap in snaps.items()}
    button_row(
        key,
        {
            label: scene.reason if isinstance(scene, Impossible) else None
            for label, scene in there.items()
        },
        lambda label: _snap(state, snaps[label]),
    )


def _snap(state: PageState[SceneType], snap: Snap[SceneType]) -> None:
    there = snap(state.scene)
    if not isinstance(there, Impossible):
        state.change(there)


def hear(key: str) -> Message | None:
    """For the callback of the component with this key: what it has said, where that is new."""
    state: PageState[Any] = st.session_state[f"page:{key}"]
    return state.message if state.hear(said_by(key, "message")) else None
