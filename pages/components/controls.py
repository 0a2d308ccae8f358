"""Stock widgets that several pages use, bound to the scene."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.button_row import button_row
from pages.derive.page import Impossible, Page, Select, Snap
from pages.language.catalogue import say
from pages.session.page_state import PageState, in_session
from pages.state.scene import SceneType


def choice(state: PageState[Any], box: Select) -> None:
    """Show a select box for one field of the scene."""

    def chosen(value: Any) -> None:
        there = state.scene.having(box.field, value)
        _, refusals = there.possible()  # the scene may be another than the box was made for
        state.change(there if refusals else box.then(there))

    name, present = f"{type(state.scene).__name__}:{box.field}", getattr(state.scene, box.field)
    st.selectbox(
        box.label,
        format_func=box.labels.__getitem__,
        width=box.width,
        **bound_list(name, present, box.labels, chosen),
    )
    if box.note:
        st.caption(box.note)


def case_menu(
    key: str,
    titles: Mapping[str, str],
    here: str,
    present: str,
    chosen: Callable[[str], None],
    width: int,
    disabled: bool,
) -> None:
    """Show the menu of cases. titles: by name.

    here: the case with a check mark; "" or any other name for none. present: the text on the menu
    itself. width: in pixels.

    With a select box, every first visit would load 17 more files, 50 kB, for typing into its list.
    """
    heard = one_of(titles, chosen)

    st.menu_button(
        f"Case: **{present}**",
        list(titles),
        key=key,
        format_func=lambda case: (
            say("case.here", title=titles[case]) if case == here else titles[case]
        ),
        on_click=lambda: heard(in_session(key)),
        width=width,
        disabled=disabled,
    )


def bound(
    name: str, value: Any, changed: Callable[[Any], None], told: str = "value"
) -> dict[str, Any]:
    """Return the arguments with which a widget shows a value and reports what it is changed to.

    told: the name of the argument for the value.

    The value is passed as the widget's initial value in every run. Set through the session's state
    it would be sent only once, and what an interrupted run sends may never reach the browser.
    """
    return _heard(name, value, changed) | {told: value}


def bound_list(
    name: str, value: Any, options: Iterable[Any], changed: Callable[[Any], None]
) -> dict[str, Any]:
    """Return the same for a list of options; the value is passed by its index in the list."""
    options = list(options)
    index = options.index(value) if value in options else None
    return {**_heard(name, value, one_of(options, changed)), "options": options, "index": index}


def _heard(name: str, value: Any, changed: Callable[[Any], None]) -> dict[str, Any]:
    """Return a widget's key and callback.

    The scene decides what a widget shows. If the address, a button or a drag has changed the scene,
    the widget gets a new key. A message that leaves the browser before it knows of that still has
    the old widget, which Streamlit takes for a change and calls back. So a widget that reports just
    the value it was given to show has not been changed.
    """
    generation = st.session_state.get(f"{name}:generation", 0)
    key = f"{name}:{generation}" if generation else name
    if key in st.session_state and st.session_state[key] != value:
        st.session_state[f"{name}:generation"] = generation + 1
        key = f"{name}:{generation + 1}"
    shown = value

    def heard() -> None:
        nonlocal shown
        said = in_session(key)
        if said != shown:
            shown = said
            changed(said)

    return {"key": key, "on_change": heard}


def one_of(options: Iterable[Any], changed: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a callback that ignores all but the options: a client may send anything."""

    def heard(value: Any) -> None:
        if any(each == value for each in options):
            changed(value)

    return heard


def snap_buttons(
    state: PageState[SceneType], snaps: Mapping[str, Snap[SceneType]], key: str = "snaps"
) -> None:
    """Show a button for each snap; an impossible one is disabled, and says why."""

    def pressed(label: str) -> None:
        there = snaps[label](state.scene)
        if not isinstance(there, Impossible):
            state.change(there)

    scenes = {label: snap(state.scene) for label, snap in snaps.items()}
    why = {at: it.reason if isinstance(it, Impossible) else None for at, it in scenes.items()}
    button_row(key, why, pressed)


def heading(page: Page) -> DeltaGenerator:
    """Show a row with the page's title and its purpose, and return the row."""
    row = st.container(horizontal=True, vertical_alignment="bottom", key="heading")
    row.title(page.title, anchor=False, width="content")
    row.text(page.purpose, width="content")
    return row


def article(page: Page, *more: str) -> None:
    """Show the page's article, below the fold and under "?". more: further text after it."""
    with st.container(key="article"):
        st.markdown("\n\n".join(filter(None, (page.article, *more))))
