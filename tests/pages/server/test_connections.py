"""While the whole page is due, every run is one of the whole page; other messages just pass."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.server import connections
from pages.server.connections import WholePageFirst
from tests.pages.apart import apart


def run(fragment: str, query: str = "x=1", **more: Any) -> dict[str, Any]:
    said = BackMsg(rerun_script=ClientState(query_string=query, fragment_id=fragment, **more))
    return {"type": "websocket.receive", "bytes": said.SerializeToString()}


def other() -> dict[str, Any]:
    return {"type": "websocket.receive", "bytes": BackMsg(stop_script=True).SerializeToString()}


def told(**said: Any) -> dict[str, Any]:
    return {"type": "websocket.send", "bytes": ForwardMsg(**said).SerializeToString()}


WHOLE = told(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
PAGE, FIGURE = run(""), run("figure")


def heard(*said: dict[str, Any], kind: str = "websocket") -> list[Message]:
    """The messages that reach the app; those of type websocket.send are sent by the app itself."""
    came: list[Message] = []
    sent: list[Message] = []
    due: list[Message] = []

    async def receive() -> Message:
        return due.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for each in said:
            if each["type"] == "websocket.send":
                await send(each)
                continue
            due.append(each)
            with suppress(IndexError):  # the message was held back, and there is no other yet
                came.append(await receive())

    apart(asyncio.run, WholePageFirst(app)({"type": kind}, receive, send))
    assert sent == [each for each in said if each["type"] == "websocket.send"]
    return came


def test_the_first_run_is_of_the_whole_page_and_the_others_as_they_were_asked_for() -> None:
    second = run("figure", "x=2")
    ended = told(script_finished=ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
    assert heard(FIGURE, WHOLE, second, ended, second) == [PAGE, second, second]


def test_while_the_whole_page_is_made_a_fragment_is_not_run_after_it() -> None:
    assert heard(PAGE, WHOLE, PAGE, FIGURE, WHOLE, FIGURE) == [PAGE, PAGE, PAGE, FIGURE]


TIMERS = run("figure", is_auto_rerun=True)
PRESSED = run(
    "figure",
    is_auto_rerun=True,
    widget_states={"widgets": [{"id": "a button", "trigger_value": True}]},
)


def test_no_timer_stops_a_run_of_the_whole_page() -> None:
    """Otherwise the run would be stopped before it reacts to what was pressed."""
    assert heard(PAGE, TIMERS, WHOLE, TIMERS) == [PAGE, TIMERS]


def test_what_is_pressed_as_a_timer_runs_out_is_heard() -> None:
    first, second = heard(PAGE, PRESSED, WHOLE)
    assert first == PAGE
    pressed = BackMsg.FromString(second["bytes"]).rerun_script
    assert not pressed.fragment_id
    assert pressed.widget_states.widgets[0].trigger_value


def test_a_timer_is_heard_where_nobody_has_asked_for_the_page_or_it_never_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = run("", is_auto_rerun=True)
    assert heard(TIMERS, WHOLE, TIMERS) == [whole, TIMERS]
    monkeypatch.setattr(connections, "monotonic", iter((0.0, 4.9, 5.1, 5.1)).__next__)
    assert heard(PAGE, TIMERS, TIMERS) == [PAGE, whole]


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
def test_a_run_of_the_whole_page_is_owed_until_all_of_it_was_sent(sent: dict[str, Any]) -> None:
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
