"""Websocket messages that the page never sends harm nobody but their sender.

Streamlit reads a message before a page runs. If it cannot read it, it reports this in its own
words to that session alone; what it can read must do no harm in the pages.
"""

import asyncio
import json
import re
from contextlib import suppress
from typing import Any, Final

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed

from pages.registry import HOME, PAGES
from tests.browser.server import Server
from tests.load.truth import expected, shown
from tests.load.wire import Answer, Connection, WrongError
from tests.pages.apart import apart

PATHS: Final = ["", *(page.path for page in PAGES.values() if page.key not in (HOME, "gallery"))]

VALUES: Final[tuple[dict[str, Any], ...]] = (
    {"string_value": "<script>mark()</script>" * 100},
    {"string_value": "\x00"},
    {"int_value": 2**62},
    {"int_value": -1},
    {"double_value": float("nan")},
    {"double_value": 1e308},
    {"bool_value": True},
    {"trigger_value": True},
    {"bytes_value": b"\xff" * 1000},
    {"double_array_value": {"data": [float("inf")] * 10}},
    {"string_array_value": {"data": ["nothing of the kind"] * 1000}},
    {"json_value": "{{{"},
    {"json_value": "[" * 900 + "]" * 900},
)
MESSAGES: Final = (
    {"serial": "1", "values": {"w": 10**400, "x1": [], "a1": "nan", "h1": {"a": 1}}},
    {"serial": "2", "values": dict.fromkeys(map(str, range(20_000)), 1)},
    {"serial": "3", "ask": "w" * 100_000, "theme": ["dark"], "preset": "../../etc/passwd"},
    {"serial": "4", "step": -1, "entry": "x99", "clicked": True, "address": {"x": "1" * 9000}},
    {"serial": "5" * 50_000, "wants": {"code": "x", "latex": "y", "no such": "z"}},
    {"serial": "6", "values": {"w": float("nan"), "step": float("inf")}, "settled": "no"},
)
NOISE: Final[tuple[bytes | str, ...]] = (
    b"\xff" * 9,
    b"",
    "text",
    b"\x00" * 100_000,
    b"A" * 2_000_000,
)
OWN_FRAME: Final = re.compile(r'  File "[^"]*/(?:pages|engine)/[^"]*", .*\n(?:    .*\n)*(?=\S)')
"""A traceback's last frame, if it lies in pages/ or engine/: only the exception's name follows."""


@pytest.fixture(scope="module")
def said_before(server: Server) -> int:
    """The length of the server's log before the first attack; no other test runs meanwhile."""
    return len(server.log())


def connected(server: Server, path: str) -> Connection:
    return Connection(server.url, path)


async def sent(connection: Connection, states: list[WidgetState]) -> Answer:
    """The answer to a rerun with the states of these widgets and no others."""
    connection.widgets = {state.id: state for state in states}
    return await connection.rerun()


@pytest.mark.parametrize("path", PATHS)
def test_a_figure_takes_only_what_it_can_be_and_no_widget_state_reaches_an_exception_of_ours(
    server: Server, said_before: int, path: str
) -> None:
    left = list(VALUES)

    async def attack(connection: Connection) -> None:
        with suppress(ConnectionClosed):
            ids = list(connection.ids)
            while left:
                value = left.pop(0)
                await sent(connection, [WidgetState(id=each, **value) for each in ids])

    async def attacks() -> None:
        async with connected(server, path) as connection:
            await connection.rerun()
            for message in MESSAGES if path != "train" else ():  # which has no figure
                answer = await connection.rerun(message)
                assert answer.exceptions == []
                assert answer.figure is not None
                assert "passwd" not in json.dumps(answer.figure)
            await attack(connection)
        while left:  # after being disconnected the attacker connects again
            async with connected(server, path) as connection:
                await connection.rerun()
                await attack(connection)

    apart(asyncio.run, attacks())
    assert not OWN_FRAME.search(server.log()[said_before:])


def test_a_client_that_sends_nonsense_disturbs_no_other_session(server: Server) -> None:
    """While one client sends what is no message at all, another one's numbers stay right."""

    async def attack() -> None:
        async with connected(server, "") as other:
            await other.rerun()
            for raw in (*NOISE, *_reruns()):
                try:
                    async with connected(server, "relu") as connection:
                        await connection.rerun()
                        await connection.shout(raw)
                        await connection.rerun()
                except (ConnectionClosed, WrongError):
                    pass  # the server has disconnected it
                answer = await other.rerun({"serial": repr(raw)[:30], "values": {"w": -1.5}})
                assert answer.figure is not None
                address = answer.figure["address"]
                assert address["w"] == "-1.5"
                for wanted, got in zip(
                    expected("", address), shown(answer.figure["figure"]["data"]), strict=True
                ):
                    assert wanted
                    assert not wanted - got

    apart(asyncio.run, attack())


def _reruns() -> list[bytes]:
    """Well-formed messages that name what does not exist."""
    found = []
    for page, fragment, query in (
        ("no page", "", ""),
        ("", "no fragment", "x=1"),
        ("", "", "&" * 9),
    ):
        asked = BackMsg()
        run = asked.rerun_script
        run.page_script_hash, run.fragment_id, run.query_string = page, fragment, query
        found.append(asked.SerializeToString())
    return found
