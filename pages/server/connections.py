"""Until the browser has the whole page, every run is one of the whole page, never of a fragment.

A new connection starts like this. A browser that was away for long, or whose server was restarted,
shows a page of which the session behind its new connection knows nothing. If such a page asks for
one of its fragments alone, Streamlit ignores that silently, and what the user did would be lost.

The same is true from any request for the page until the page is sent. If a fragment is asked for
meanwhile, Streamlit runs it right after the page, and drops what of the fragment has not gone out
yet. The browser would then take the page for complete without the fragment, and throw the fragment
away, with whatever the user is doing there.

A request by a fragment's timer is dropped meanwhile, because the page includes the fragment. Turned
into one for the page, it would stop the run that has begun, maybe before a button takes effect.
"""

from math import inf
from time import monotonic

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_SHORT = 256  # bytes; the message that a run has ended is never longer
_LOST = 5.0  # seconds until a timer too may ask again for a page that did not come


class WholePageFirst:
    """Middleware that does this for every connection."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the browser's messages; if the page is owed, requests for a run ask for that."""
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
    """The request for a run in a message; None if it is not one, or cannot be read."""
    try:
        message = BackMsg.FromString(said or b"")
    except Exception:  # noqa: BLE001 - protobuf's own; Streamlit itself replies to the message
        return None
    return message if message.HasField("rerun_script") else None


def _is_a_timers(wish: BackMsg) -> bool:
    """Whether only a timer asks: no button was pressed, which the browser reports only once."""
    run = wish.rerun_script
    said = (widget.WhichOneof("value") or "" for widget in run.widget_states.widgets)
    return run.is_auto_rerun and not any("trigger" in kind for kind in said)


def _is_whole_page(told: bytes | None) -> bool:
    """Whether the browser has the whole page with this message."""
    if not told or len(told) > _SHORT:
        return False
    message = ForwardMsg.FromString(told)
    ends: bool = message.HasField("script_finished")
    return ends and bool(message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY)
