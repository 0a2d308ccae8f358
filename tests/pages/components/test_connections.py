"""The first run of a connection is of the whole page: whatever else is said passes as it came."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.components.connections import WholePageFirst
from tests.pages.apart import apart


def run(fragment: str, query: str = "x=1") -> dict[str, Any]:
    said = BackMsg()
    said.rerun_script.query_string, said.rerun_script.fragment_id = query, fragment
    return {"type": "websocket.receive", "bytes": said.SerializeToString()}


def other() -> dict[str, Any]:
    return {"type": "websocket.receive", "bytes": BackMsg(stop_script=True).SerializeToString()}


def heard(*said: dict[str, Any], kind: str = "websocket") -> list[Message]:
    """What the app hears of this."""
    came: list[Message] = []
    told = iter(said)

    async def receive() -> Message:
        return next(told)

    async def send(message: Message) -> None:
        raise AssertionError(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        came.extend([await receive() for _ in said])

    apart(asyncio.run, WholePageFirst(app)({"type": kind}, receive, send))
    return came


def test_the_first_run_is_of_the_whole_page_and_the_others_as_they_were_asked_for() -> None:
    first, second = run("figure"), run("figure", "x=2")
    assert heard(first, second) == [run(""), second]


@pytest.mark.parametrize(
    "before",
    [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "what is no message"},
        {"type": "websocket.receive", "bytes": b""},
        {"type": "websocket.receive", "bytes": b"\xff" * 9},
        other(),
    ],
)
def test_what_asks_for_no_run_passes_as_it_came_and_the_first_run_is_still_to_come(
    before: dict[str, Any],
) -> None:
    assert heard(before, run("figure"), run("figure")) == [before, run(""), run("figure")]


def test_a_connection_of_another_kind_passes_as_it_came() -> None:
    assert heard(run("figure"), kind="http") == [run("figure")]
