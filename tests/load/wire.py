"""As much of Streamlit's websocket protocol as a visitor without a browser needs."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Final, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

FIGURE: Final = "live_figure"
PATIENCE: Final = 30.0
"""Seconds after which a rerun counts as lost."""


class WrongError(Exception):
    """A wrong answer of the server, or a request that this module must not make."""


@dataclass
class Answer:
    """The result of one rerun.

    figure: the live figure's data; None if the page has none. others: all other elements that were
    shown. size: all bytes received. exceptions: those that the page showed.
    """

    figure: dict[str, Any] | None = None
    others: list[str] = field(default_factory=list)
    size: int = 0
    exceptions: list[str] = field(default_factory=list)


class Connection:
    """One session: a context in which reruns can be asked for.

    url: the server's, 'http://127.0.0.1:8501/'; only servers on this machine are accepted, so that
    no other is ever flooded. Raises WrongError, OSError, TimeoutError.
    """

    def __init__(self, url: str, path: str = "", query: str = "") -> None:
        """path: the page's, '' or 'relu'; query: the address with which it is opened."""
        host = url.split("/")[2].rsplit(":", 1)[0]
        if host not in ("127.0.0.1", "localhost", "[::1]"):
            raise WrongError(f"load: needs a server on this machine; got {url}")
        self.url, self.path, self.query = url.rstrip("/"), path, query
        self.session = ""
        self.widgets: dict[str, WidgetState] = {}
        self.buttons: dict[str, str] = {}
        self.ids: list[str] = []
        """The ids of the page's widgets."""
        self.follows = ""
        """The id of the fragment that the page wants rerun again and again."""
        self.cookies: dict[str, str] = {}
        """Cookies from a proxy, by which it finds this visitor's replica."""
        self._hashes: dict[str, ForwardMsg] = {}
        self._socket: ClientConnection | None = None
        self._figure_id = ""
        self._figure_fragment = ""
        self._page_hash = ""

    async def __aenter__(self) -> Self:
        """Connect, and resume the earlier session if there was one."""
        # As the browser does. The second is a token, which is not checked for the same origin.
        protocols = ["streamlit", "none", self.session] if self.session else ["streamlit"]
        self._socket = await connect(
            f"ws{self.url.removeprefix('http')}/_stcore/stream",
            subprotocols=[Subprotocol(each) for each in protocols],
            additional_headers={"Cookie": "; ".join(map("=".join, self.cookies.items()))}
            if self.cookies
            else None,
            max_size=None,
            open_timeout=PATIENCE,
            proxy=None,  # a network's proxy cannot reach this machine
            # Compressing what never leaves the machine would only add to the waits.
            compression=None,
        )
        assert self._socket.response is not None
        for cookie in self._socket.response.headers.get_all("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self.drop()

    async def drop(self) -> None:
        """Disconnect, but remember the session."""
        if self._socket is not None:
            await self._socket.close()

    async def press(self, label: str) -> Answer:
        """Press a button of the page, and wait for the rerun to end. KeyError if there is none.

        The button counts as gone until the page shows it again.
        """
        pressed = WidgetState(id=self.buttons.pop(label), trigger_value=True)
        self.widgets[pressed.id] = pressed
        try:
            return await self.rerun()
        finally:
            del self.widgets[pressed.id]

    async def rerun(self, message: dict[str, Any] | None = None, fragment: str = "") -> Answer:
        """Ask for a rerun, with a message of the live figure if there is one, and wait for its end.

        fragment: the only one to rerun; for a message of the figure by default the figure's own.
        """
        asked = BackMsg()
        run = asked.rerun_script
        run.query_string, run.page_name = self.query, "" if self._page_hash else self.path
        run.context_info.url = f"{self.url}/{self.path}"
        run.context_info.color_scheme = "light"
        run.cached_message_hashes.extend(self._hashes)
        if message is not None and self._figure_id:
            fragment = fragment or self._figure_fragment
            self.widgets[self._figure_id] = WidgetState(
                id=self._figure_id, json_value=json.dumps({"message": message})
            )
        run.page_script_hash, run.fragment_id = self._page_hash, fragment
        run.widget_states.widgets.extend(self.widgets.values())
        return await self.send(asked)

    async def shout(self, raw: bytes | str) -> None:
        """Send anything at all, without waiting for an answer."""
        if self._socket is None:
            raise WrongError("load: needs a connection before anything is sent")
        await self._socket.send(raw)

    async def send(self, asked: BackMsg) -> Answer:
        """Send any message, and wait for the end of the rerun that it causes."""
        await self.shout(asked.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            return await self._answer()

    async def _answer(self) -> Answer:
        answer = Answer()
        assert self._socket is not None
        async for raw in self._socket:
            if not isinstance(raw, bytes):
                raise WrongError(f"load: needs messages of bytes; got {raw[:80]!r}")
            answer.size += len(raw)
            message = ForwardMsg.FromString(raw)
            kind = message.WhichOneof("type")
            if kind == "ref_hash":
                message, kind = self._hashes[message.ref_hash], "delta"
            elif message.metadata.cacheable:
                self._hashes[message.hash] = message
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id
            elif kind == "navigation":
                self._page_hash = message.navigation.page_script_hash
            elif kind == "delta":
                self._take(message, answer)
            elif kind == "auto_rerun":
                self.follows = message.auto_rerun.fragment_id
            elif kind == "page_not_found":
                raise WrongError(f"load: there is no page {self.path!r}")
            elif kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue
                return answer
        raise WrongError("load: the connection ended before the answer did")

    def _take(self, message: ForwardMsg, answer: Answer) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind and (widget := getattr(getattr(element, kind), "id", "")):
            self.ids.append(widget)
        if kind == "exception":
            answer.exceptions.append(f"{element.exception.type}: {element.exception.message}")
        elif kind == "button":
            self.buttons[element.button.label] = element.button.id
        elif kind == "bidi_component" and element.bidi_component.component_name == FIGURE:
            component: BidiComponent = element.bidi_component
            self._figure_id = component.id
            self._figure_fragment = message.delta.fragment_id
            answer.figure = json.loads(component.bytes)
            return
        if kind:
            answer.others.append(str(element))
