"""Charts that are redrawn in place while a run goes on, without a blank frame or a jump.

They have no sliders: they change on the server. The browser's half is in browser/.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from pages.components.component import component
from pages.components.live_figure import session_name
from pages.derive.picture import Target
from pages.figures.theme import Theme

CLAIM: Final = "claim"
"""The name in a message for the token of the run that the tab had before it was reloaded."""
CHOSEN: Final = "chosen"
"""The name in a message for the entry of the place on a chart that was clicked."""

_mount = component("live_charts")


@dataclass(frozen=True)
class Chart:
    """A Plotly figure as JSON, its description for a screen reader, its clickable places."""

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
    """Mount the charts, or update what has changed in them.

    address: the parameters of the browser's address. token: what the tab keeps and sends after a
    reload; "" for nothing. texts: what the Slide button copies, and under "name" the name of a
    downloaded file. on_message: called when the browser has sent a new message, under
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
