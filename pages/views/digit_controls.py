"""Which of MNIST's digits: the widgets that the pages about images share."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.components.controls import bound
from pages.session.page_state import PageState, in_session
from pages.state.digits import IMAGES


def folded(label: str, key: str, fill: Callable[[], None]) -> bool:
    """A popover: what nobody sees need not be made while a hand moves something.

    -> whether it is open.
    """
    popover = st.popover(label, key=f"{key}:open", on_change="rerun")
    if popover.open:
        with popover:
            fill()
    return bool(popover.open)


def to_neighbours(
    keys: tuple[str, str], said: Callable[[int], str], go: Callable[[int], None]
) -> None:
    """◀ and ▶: what is there is said, and gone to, by -1 for the one before, 1 for the next."""
    with st.container(horizontal=True, width="content", gap="xsmall"):
        for title, key, by in zip("◀▶", keys, (-1, 1), strict=True):
            st.button(title, key=key, help=said(by), on_click=go, args=(by,))


def image_number(
    state: PageState[Any], key: str, present: int | None, there: Callable[[int], Any]
) -> None:
    """The number of a test image. there: the scene with another one.

    A field that is emptied says what it showed at first: the present one.
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
    """A row of digits, of which none stays chosen.

    there: the scene with such a one. digits: those that one of the images gone through shows.
    """
    name = f"{key}:next"
    st.session_state[name] = None

    def chosen() -> None:
        wanted = in_session(name)
        if wanted in digits:
            state.change(there(wanted))

    st.pills(label, digits, key=name, on_change=chosen)
