"""The first run that a connection asks for is one of the whole page, whatever it asked for.

A browser that was away for long, or whose server was started anew, has a page of which the session
behind its new connection knows nothing. Streamlit passes over it in silence when such a page asks
for one of its fragments alone, and what somebody did there would never be heard.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg


class WholePageFirst:
    """Has it so for every connection."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what the browser says, its first wish for a run as one for the whole page."""
        waiting = scope["type"] == "websocket"

        async def heard() -> Message:
            nonlocal waiting
            message = await receive()
            if waiting and (said := message.get("bytes")):
                whole = _of_the_whole_page(said)
                waiting = whole is None
                message = {**message, "bytes": whole or said}
            return message

        await self.app(scope, heard if waiting else receive, send)


def _of_the_whole_page(said: bytes) -> bytes | None:
    """A wish for a run as one for the whole page; None for what is none, or cannot be read."""
    try:
        message = BackMsg.FromString(said)
    except Exception:  # noqa: BLE001 - protobuf's own; Streamlit answers it in its own words
        return None
    if not message.HasField("rerun_script"):
        return None
    message.rerun_script.ClearField("fragment_id")
    whole: bytes = message.SerializeToString()
    return whole
