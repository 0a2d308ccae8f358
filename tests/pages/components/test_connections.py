"""What runs while the whole page is owed is the whole page: all else passes as it came."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.components.connections import WholePageFirst
from tests.pages.apart import apart


def run(fragment: str, query: str = "x=1") -> dict[str, Any]:
    said = BackMsg()
    said.rerun_script.query_string, said.rerun_script.fragment_id = query, fragment
    return {"type": "websocket.receive", "bytes": said.SerializeToString()}


def other() -> dict[str, Any]:
    return {"type": "websocket.receive", "bytes": BackMsg(stop_script=True).SerializeToString()}


def told(**said: Any) -> dict[str, Any]:
    return {"type": "websocket.send", "bytes": ForwardMsg(**said).SerializeToString()}


WHOLE = told(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
PAGE, FIGURE = run(""), run("figure")


def heard(*said: dict[str, Any], kind: str = "websocket") -> list[Message]:
    """What the app hears of this, where it says itself what is sent among it."""
    came: list[Message] = []
    sent: list[Message] = []
    received = iter([each for each in said if each["type"] != "websocket.send"])

    async def receive() -> Message:
        return next(received)

    async def send(message: Message) -> None:
        sent.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for each in said:
            if each["type"] == "websocket.send":
                await send(each)
            else:
                came.append(await receive())

    apart(asyncio.run, WholePageFirst(app)({"type": kind}, receive, send))
    assert sent == [each for each in said if each["type"] == "websocket.send"]
    return came


def test_the_first_run_is_of_the_whole_page_and_the_others_as_they_were_asked_for() -> None:
    second = run("figure", "x=2")
    assert heard(FIGURE, WHOLE, second, second) == [PAGE, second, second]


def test_while_the_whole_page_is_made_a_fragment_is_not_run_after_it() -> None:
    assert heard(PAGE, WHOLE, PAGE, FIGURE, WHOLE, FIGURE) == [PAGE, PAGE, PAGE, FIGURE]


@pytest.mark.parametrize(
    "sent",
    [
        told(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN),
        told(script_finished=ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY),
        told(session_event={"script_changed_on_disk": True}),
        told(delta={"new_element": {"markdown": {"body": "long" * 100}}}),
        {"type": "websocket.send", "text": "no message"},
    ],
)
def test_it_is_owed_until_all_of_it_was_told(sent: dict[str, Any]) -> None:
    assert heard(PAGE, sent, FIGURE, WHOLE, FIGURE) == [PAGE, PAGE, FIGURE]


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
    assert heard(before, FIGURE, WHOLE, FIGURE) == [before, PAGE, FIGURE]


def test_a_connection_of_another_kind_passes_as_it_came() -> None:
    assert heard(FIGURE, kind="http") == [FIGURE]
