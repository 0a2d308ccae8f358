"""As long as a connection is owed the whole page, every run is one of that, whatever was asked for.

At first: a browser that was away for long, or whose server was started anew, has a page of which
the session behind its new connection knows nothing. Streamlit passes over it in silence when such a
page asks for one of its fragments alone, and what somebody did there would never be heard.

And whenever the page was asked for: a fragment that is asked for meanwhile is run right after it,
and Streamlit drops what of the fragment has not gone out yet. The browser then takes the page for
complete without it, and throws the fragment away, with all that a hand is doing there.

What a fragment's timer asks for meanwhile is not passed on: the page has all of it. As a run of the
page it would stop the one that was begun, maybe before what a button was pressed for is heard.
"""

from math import inf
from time import monotonic

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_SHORT = 256
"""Bytes; so long is no message that a run has ended."""
_LOST = 5.0
"""Seconds after which a page that was asked for and did not come is asked for by a timer too."""


class WholePageFirst:
    """Has it so for every connection."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what the browser says, its wishes for a run as ones for what it is owed."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        owed, asked = True, -inf

        async def heard() -> Message:
            nonlocal owed, asked
            while True:
                message = await receive()
                wish = _wish(message.get("bytes"))
                if wish is None:
                    return message
                owed = owed or not wish.rerun_script.fragment_id
                if not owed:
                    return message
                if _is_a_timers(wish) and monotonic() < asked + _LOST:
                    continue
                asked = monotonic()
                wish.rerun_script.ClearField("fragment_id")
                return {**message, "bytes": wish.SerializeToString()}

        async def told(message: Message) -> None:
            nonlocal owed
            await send(message)
            owed = owed and not _is_whole_page(message.get("bytes"))

        await self.app(scope, heard, told)


def _wish(said: bytes | None) -> BackMsg | None:
    """A wish for a run; None for what is none, or cannot be read."""
    try:
        message = BackMsg.FromString(said or b"")
    except Exception:  # noqa: BLE001 - protobuf's own; Streamlit answers it in its own words
        return None
    return message if message.HasField("rerun_script") else None


def _is_a_timers(wish: BackMsg) -> bool:
    """Whether it is a timer's alone: nothing was pressed, which is said but once."""
    run = wish.rerun_script
    said = (widget.WhichOneof("value") or "" for widget in run.widget_states.widgets)
    return run.is_auto_rerun and not any("trigger" in kind for kind in said)


def _is_whole_page(told: bytes | None) -> bool:
    """Whether with this message the browser has the whole page."""
    if not told or len(told) > _SHORT:
        return False
    message = ForwardMsg.FromString(told)
    ends: bool = message.HasField("script_finished")
    return ends and bool(message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY)
