"""The stock widgets that pages share."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.button_row import button_row
from pages.derive.page import Impossible, Page, Snap
from pages.language.catalogue import say
from pages.session.page_state import PageState, in_session
from pages.state.scene import SceneType


def choice(
    state: PageState[Any],
    field: str,
    label: str,
    labels: Mapping[Any, str],
    width: int,
    then: Callable[[Any], Any] = lambda scene: scene,
    note: str = "",
) -> None:
    """A select for one field of the scene; labels by value. then: what else comes with a choice.

    note: what stands beneath it.
    """

    def chosen(value: Any) -> None:
        state.change(then(state.scene.having(field, value)))

    name, present = f"{type(state.scene).__name__}:{field}", getattr(state.scene, field)
    st.selectbox(
        label,
        format_func=labels.__getitem__,
        width=width,
        **bound_list(name, present, labels, chosen),
    )
    if note:
        st.caption(note)


def case_menu(
    key: str,
    titles: Mapping[str, str],
    here: str,
    present: str,
    chosen: Callable[[str], None],
    width: int,
    disabled: bool,
) -> None:
    """The menu of the cases, by their titles.

    here: which of them has a check sign; one that is none of them, or "", for no one. present: what
    is said on the menu itself. width: in pixels.

    A select would have every first visit load 17 files more, 50 kB, to type into its list.
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
    """What a widget is given so that it shows a value, and hears what it is changed to.

    told: the name under which it is told the value.

    As what it shows at first, each time: told by the session's state it would be told but once, and
    what a run says that another one interrupts may never come to the browser.
    """
    return _heard(name, value, changed) | {told: value}


def bound_list(
    name: str, value: Any, options: Iterable[Any], changed: Callable[[Any], None]
) -> dict[str, Any]:
    """As `bound`, for a list of options: it is told the place of the value, and hears no other."""
    options = list(options)
    index = options.index(value) if value in options else None
    return {**_heard(name, value, one_of(options, changed)), "options": options, "index": index}


def _heard(name: str, value: Any, changed: Callable[[Any], None]) -> dict[str, Any]:
    """A widget's key and callback.

    The scene decides what a widget shows, and may have been changed by the address, a button or a
    drag: then the widget gets another key. A message that leaves the browser before it has heard of
    that still holds the former widget, which Streamlit takes for a change and calls back. So one
    that says no more than it was given to show has not been changed.
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
    """Hears the options only: a visitor can send what the browser does not offer."""

    def heard(value: Any) -> None:
        if any(each == value for each in options):
            changed(value)

    return heard


def snap_buttons(
    state: PageState[SceneType], snaps: Mapping[str, Snap[SceneType]], key: str = "snaps"
) -> None:
    """A button for each snap; one that cannot be had is disabled, and says why."""

    def pressed(label: str) -> None:
        there = snaps[label](state.scene)
        if not isinstance(there, Impossible):
            state.change(there)

    scenes = {label: snap(state.scene) for label, snap in snaps.items()}
    why = {at: it.reason if isinstance(it, Impossible) else None for at, it in scenes.items()}
    button_row(key, why, pressed)


def heading(page: Page) -> DeltaGenerator:
    """The page's title, and in a sentence what it is for: a row."""
    row = st.container(horizontal=True, vertical_alignment="bottom", key="heading")
    row.title(page.title, anchor=False, width="content")
    row.text(page.purpose, width="content")
    return row


def article(page: Page, *more: str) -> None:
    """Below the fold, and under "?": what this is, what to try, the terms; more: behind it."""
    with st.container(key="article"):
        st.markdown("\n\n".join(filter(None, (page.article, *more))))
