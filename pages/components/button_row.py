"""Buttons side by side, as one message: a stock button each would be a third of a page's messages.

Like the stock buttons they look, and in a toolbar they take their places in its row, wherever that
breaks. One that cannot be pressed stays in reach of the Tab key, and says why.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from pages.components.assets import LOADER, packed

_component = st.components.v2.component(
    "button_row",
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=LOADER,
    # Not in a shadow root: the row takes part in the toolbar's layout, and tests find the buttons.
    isolate_styles=False,
)


def button_row(
    key: str, buttons: Mapping[str, str | None], on_press: Callable[[str], object]
) -> None:
    """Shows the buttons by their labels, each with None or with why it cannot be pressed.

    on_press is called with the label of the one that was pressed, before the page runs.
    """

    def pressed() -> None:
        # What comes is whatever a visitor chose to send.
        row = st.session_state.get(key)
        label = row.get("pressed") if isinstance(row, Mapping) else None
        if isinstance(label, str) and buttons.get(label, "unknown") is None:
            on_press(label)

    _component(
        key=key,
        data=packed(
            st.get_option("server.baseUrlPath"), "button_row.js", {"buttons": [*buttons.items()]}
        ),
        on_pressed_change=pressed,
    )
