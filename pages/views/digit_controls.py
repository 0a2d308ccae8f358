"""The widgets that choose one of MNIST's digits, shared by the pages about images."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.components.controls import bound
from pages.session.page_state import PageState, in_session
from pages.state.digits import IMAGES


def folded(label: str, key: str, fill: Callable[[], None]) -> bool:
    """Draw a popover, filled only if it is open. Return whether it is.

    What nobody sees need not be made while the user moves something.
    """
    popover = st.popover(label, key=f"{key}:open", on_change="rerun")
    if popover.open:
        with popover:
            fill()
    return bool(popover.open)


def to_neighbours(
    keys: tuple[str, str], said: Callable[[int], str], go: Callable[[int], None]
) -> None:
    """Draw ◀ and ▶. said, go: the help of a button and its act, given -1 for back, 1 for on."""
    with st.container(horizontal=True, width="content", gap="xsmall"):
        for title, key, by in zip("◀▶", keys, (-1, 1), strict=True):
            st.button(title, key=key, help=said(by), on_click=go, args=(by,))


def image_number(
    state: PageState[Any], key: str, present: int | None, there: Callable[[int], Any]
) -> None:
    """Draw the field for the number of a test image. there: gives the scene with another image.

    A field that is emptied reports what it showed at first: the present number.
    """

    def chosen(number: Any) -> None:
        if number in range(IMAGES):
            state.change(there(number))

    shown = bound(f"{key}:number", present, chosen)
    st.number_input("Test image", 0, IMAGES - 1, width=200, **shown)


def next_image(
    state: PageState[Any],
    key: str,
    there: Callable[[int], Any],
    label: str = "The next image that shows a …",
    digits: Sequence[int] = range(10),
) -> None:
    """Draw a row of digits, each of which leads to an image; none stays chosen.

    there: gives the scene with an image of a digit. digits: those of which there is an image.
    """
    name = f"{key}:next"
    st.session_state[name] = None

    def chosen() -> None:
        wanted = in_session(name)
        if wanted in digits:
            state.change(there(wanted))

    st.pills(label, digits, key=name, on_change=chosen)
