"""A change in a figure makes the server send the figure, and the rest only if it changes too.

Tested by Streamlit's websocket, without a browser: what was sent last would be on the screen.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pages.registry import HOME, PAGES, SUBJECTS
from tests.browser.server import Server
from tests.load.wire import Answer, Connection
from tests.pages.apart import apart

MOVING = sorted(key for key, subject in SUBJECTS.items() if subject.sliders(subject.start))


def as_always(element: str) -> str:
    """An element without its widget's value, which Streamlit sends only once."""
    return re.sub(r"\n *(set_value|raw_value|value|default|has_one_shot_effect): .*", "", element)


class Hand:
    """A user at a page's figure, and the other elements that are on their screen."""

    def __init__(self, connection: Connection, figure: dict[str, Any], beside: list[str]) -> None:
        self.connection, self.figure, self.beside = connection, figure, beside
        self.count = 0

    async def say(self, **said: Any) -> Answer:
        """Send a message as the figure; return what the server sent again."""
        self.count += 1
        answer = await self.connection.rerun({"serial": str(self.count), "theme": "light", **said})
        assert not answer.exceptions
        assert answer.figure
        assert answer.figure["acknowledged"] == str(self.count)
        self.figure = answer.figure
        self.beside = answer.others or self.beside
        return answer

    async def move(self, slider: int, value: float) -> Answer:
        """Move a slider to a value, where it stays."""
        return await self.say(values={self.figure["sliders"][slider]["name"]: value}, settled=True)

    async def is_up_to_date(self) -> None:
        """Assert that what is left on the screen is what a run of the whole page shows."""
        answer = await self.connection.rerun()
        assert [*map(as_always, answer.others)] == [*map(as_always, self.beside)]


def at(server: Server, key: str, act: Callable[[Hand], Awaitable[None]], query: str = "") -> None:
    """Open a page for a user, who then acts on it."""

    async def run() -> None:
        path = "" if key == HOME else PAGES[key].path
        async with Connection(server.url, path, query) as connection:
            await connection.rerun()
            first = await connection.rerun()  # a widget's new value is sent only once
            assert first.figure
            await act(Hand(connection, first.figure, first.others))

    apart(asyncio.run, run())


@pytest.mark.parametrize("key", MOVING)
def test_what_is_left_on_the_screen_is_what_the_whole_page_would_show(
    server: Server, key: str
) -> None:
    """A movement that goes on has the figure alone sent again.

    The first movement has the rest sent too: the case has another name, and Undo becomes possible.
    """

    async def act(hand: Hand) -> None:
        sliders, steps = hand.figure["sliders"], hand.figure["steps"]
        first, last = sliders[0], sliders[-1]
        assert (await hand.move(0, first["low"])).others
        for value in (first["high"], first["low"] + first["grid"]):
            others = (await hand.move(0, value)).others
            assert not others or key == "at-a-kink"  # whose table changes too
        await hand.is_up_to_date()
        await hand.move(-1, last["low"])
        await hand.is_up_to_date()
        if steps:
            await hand.say(step=len(steps) // 2, settled=True)
            await hand.is_up_to_date()
        for target in hand.figure["targets"][:1]:
            await hand.say(clicked=True, entry=target["entry"], settled=True)
            await hand.is_up_to_date()
        for name in ("undo", "redo"):
            await hand.say(act=name)
            await hand.is_up_to_date()

    at(server, key, act)


def test_in_a_window_that_became_narrow_all_else_is_a_phones(server: Server) -> None:
    async def act(hand: Hand) -> None:
        assert (await hand.say(narrow=True)).others
        await hand.is_up_to_date()

    at(server, HOME, act)


def test_ones_own_values_are_in_the_menu_of_the_cases_unless_they_are_what_is_shown(
    server: Server,
) -> None:
    async def act(hand: Hand) -> None:
        first = hand.figure["sliders"][0]
        await hand.move(0, first["high"])
        await hand.say(preset="max-tie")
        for value in (first["low"], first["high"], first["low"]):
            await hand.move(0, value)
            await hand.is_up_to_date()

    at(server, HOME, act)


def test_a_session_that_knows_nothing_of_the_figure_shows_the_whole_page(server: Server) -> None:
    """As after a long sleep or a restart; the new session's id makes the browser send its state."""

    async def act(hand: Hand) -> None:
        before = hand.figure["session"]
        await hand.connection.drop()
        hand.connection.session = ""
        await hand.connection.__aenter__()
        answer = await hand.connection.rerun({"serial": "lost", "ask": "x1", "values": {}})
        assert answer.others
        assert answer.figure
        assert answer.figure["session"] != before
        assert not (await hand.say(ask="x1", values={})).others

    at(server, HOME, act)
