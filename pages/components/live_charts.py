"""Figures that are drawn in place again and again: no blank frame, nothing moves from its place.

Without sliders: what changes them happens on the server. The browser's half is in browser/.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from pages.components.component import component
from pages.components.live_figure import session_name
from pages.derive.picture import Target
from pages.figures.theme import Theme

CLAIM: Final = "claim"
"""By this name a message has the token of the run that the tab had before it was loaded again."""
CHOSEN: Final = "chosen"
"""Under this they have the entry of a place on a chart that was chosen."""

_mount = component("live_charts")


@dataclass(frozen=True)
class Chart:
    """A Plotly figure as JSON, what is said to those who cannot see it, what can be chosen."""

    figure: str
    said: str
    targets: tuple[Target, ...]


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
    data = {
        "charts": [asdict(chart) for chart in charts],
        "theme": theme,
        "address": dict(address),
        "token": token,
        "texts": dict(texts),
        "session": session_name(),
    }
    _mount(key, data, on_message_change=on_message)
