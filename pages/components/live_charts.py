"""Figures that are drawn in place again and again: no blank frame, nothing moves from its place.

Without sliders: what changes them happens on the server. The browser's half is in browser/.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from pages.components.assets import LOADER, packed
from pages.components.live_figure import session_name
from pages.figures.theme import Theme

CLAIM: Final = "claim"
"""Under this a message's `wants` have the token that a tab kept from before it was reloaded."""

_component = st.components.v2.component(
    "live_charts",
    css="\n".join(
        Path(__file__).with_name(name).read_text(encoding="utf-8")
        for name in ("live_charts.css", "slide.css")
    ),
    js=LOADER,
    # Not in a shadow root: tests and scripts find what is inside.
    isolate_styles=False,
)


@dataclass(frozen=True)
class Chart:
    """A Plotly figure as JSON, and what is said to those who cannot see it."""

    figure: str
    said: str


def live_charts(
    key: str,
    charts: Sequence[Chart],
    *,
    theme: Theme,
    address: Mapping[str, str],
    token: str,
    texts: Mapping[str, str],
    on_message: Callable[[], None],
) -> None:
    """Mounts the figures, or draws what is new in them.

    address: what the browser's address shall say. token: what the tab shall keep and show after a
    reload, "" for nothing. texts: what its Slide button copies, and under "name" that of a file
    that it downloads. on_message is called when there is a new message of the browser under
    `st.session_state[key]["message"]`.
    """
    base = st.get_option("server.baseUrlPath")
    _component(
        key=key,
        data=packed(
            base,
            "live_charts.js",
            {
                "charts": [asdict(chart) for chart in charts],
                "theme": theme,
                "address": dict(address),
                "token": token,
                "texts": dict(texts),
                "session": session_name(),
            },
        ),
        on_message_change=on_message,
    )
