"""The ballot box inside the event loop: who listens to a poll."""

import asyncio

import pytest

from pages.vote import box as ballot_box
from pages.vote.box import BallotBox
from pages.vote.poll import Poll
from pages.vote.store import MemoryStore
from tests.pages.apart import apart
from tests.pages.vote.test_poll import BALLOT, TRUTH


def test_who_stops_listening_takes_the_news_from_nobody_else() -> None:
    async def test() -> None:
        box = BallotBox(MemoryStore())
        code, token = await box.open(BALLOT, TRUTH)
        async with box.watching(code) as watch:
            async with box.watching(code) as other:
                assert other is watch
            await box.move(code, token, Poll.closed)
            assert watch.poll is not None
            assert watch.poll.phase == "closed"
        assert not box._watches, "nobody listens any more"
        box.end()

    apart(lambda: asyncio.run(test()))


def test_so_many_polls_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ballot_box, "REMEMBERED", 2)

    async def test() -> None:
        box = BallotBox(MemoryStore())
        codes = [(await box.open(BALLOT, TRUTH)).code for _ in range(3)]
        for code in codes:
            await box.seen(code)
        assert [code for code, _ in box._asked] == codes[1:]

    apart(lambda: asyncio.run(test()))
