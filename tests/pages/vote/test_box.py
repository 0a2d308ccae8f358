"""The ballot box inside the event loop: the listeners of a poll."""

import asyncio
from contextlib import AsyncExitStack, nullcontext

import pytest

from pages.vote import box as ballot_box
from pages.vote import store
from pages.vote.box import BallotBox, VoteError, Watch
from pages.vote.poll import Poll
from pages.vote.store import MemoryStore
from tests.pages.apart import apart
from tests.pages.vote.test_poll import BALLOT, TRUTH


def test_a_listener_that_leaves_takes_no_news_from_others() -> None:
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

    apart(lambda: asyncio.run(test()))


@pytest.mark.parametrize(("taken", "opens"), [(1, True), (1000, False)])
def test_a_code_that_is_taken_is_drawn_again_and_not_without_end(taken: int, opens: bool) -> None:
    class Taken(MemoryStore):
        left = taken

        async def add(self, code: str, poll: Poll) -> store.Added:
            self.left -= 1
            return "taken" if self.left >= 0 else await super().add(code, poll)

    async def test() -> None:
        box = BallotBox(Taken())
        with nullcontext() if opens else pytest.raises(VoteError, match=r"no room"):
            await box.open(BALLOT, TRUTH)

    apart(lambda: asyncio.run(test()))


def test_a_step_is_taken_again_from_where_another_has_moved_the_poll_meanwhile() -> None:
    class Contended(MemoryStore):
        moved = 0

        async def replace(self, code: str, before: Poll, after: Poll) -> bool:
            self.moved += 1
            return self.moved > 1 and await super().replace(code, before, after)

    async def test() -> None:
        box = BallotBox(Contended())
        code, token = await box.open(BALLOT, TRUTH)
        assert (await box.move(code, token, Poll.closed)).phase == "closed"
        kept = await box.store.find(code)
        assert kept is not None
        assert kept.phase == "closed"

    apart(lambda: asyncio.run(test()))


def test_who_listened_to_a_poll_that_is_gone_ends_no_other_watch_of_its_code() -> None:
    async def test() -> None:
        box = BallotBox(MemoryStore())
        code, _ = await box.open(BALLOT, TRUTH)
        async with AsyncExitStack() as gone:
            await gone.enter_async_context(box.watching(code))
            box._watches.pop(code)[1].cancel()
            async with box.watching(code) as watch:
                await gone.aclose()
                assert box._watches[code][0] is watch

    apart(lambda: asyncio.run(test()))


def test_a_vote_of_another_round_is_refused_before_its_cells_are_looked_at() -> None:
    """The question of that round may have had others."""

    async def test() -> None:
        box = BallotBox(MemoryStore())
        code, _ = await box.open(BALLOT, TRUTH)
        with pytest.raises(VoteError) as refused:
            await box.vote(code, "ann", 7, ["a cell of that round"])
        assert refused.value.status == 409

    apart(lambda: asyncio.run(test()))


def test_one_look_at_the_store_serves_all_who_listen() -> None:
    class Counting(MemoryStore):
        looks = 0

        async def find(self, code: str) -> Poll | None:
            self.looks += 1
            await asyncio.sleep(0)
            return await super().find(code)

    async def test() -> None:
        store = Counting()
        box = BallotBox(store)
        code, _ = await box.open(BALLOT, TRUTH)

        async def listen() -> Watch:
            async with box.watching(code) as watch:
                await asyncio.sleep(0.01)
                return watch

        first, second = await asyncio.gather(listen(), listen())
        assert first is second, "also of two who come at once"
        async with box.watching(code):
            before = store.looks
            async with box.watching(code):
                assert (await box.seen(code)).phase == "open"
                assert store.looks == before

    apart(lambda: asyncio.run(test()))


def test_what_was_looked_up_before_a_vote_was_closed_does_not_open_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = []
    monkeypatch.setattr(Watch, "tell", lambda watch: told.append(watch.poll))

    class Late(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            self.late, self.read, self.answers = False, asyncio.Event(), asyncio.Event()

        async def find(self, code: str) -> Poll | None:
            found, late, self.late = await super().find(code), self.late, False
            if late:
                self.read.set()
                await self.answers.wait()
            return found

    async def test() -> None:
        box = BallotBox(store := Late())
        code, token = await box.open(BALLOT, TRUTH)
        async with box.watching(code) as watch:
            store.late = True
            watch.look.set()
            await store.read.wait()
            closed = await box.move(code, token, Poll.closed)
            store.answers.set()
            await asyncio.sleep(0.01)
            assert told == [closed]

    apart(lambda: asyncio.run(test()))


def test_listeners_are_let_go_and_watching_stops_when_the_server_ends() -> None:
    async def test() -> None:
        box = BallotBox(MemoryStore())
        code, _ = await box.open(BALLOT, TRUTH)
        async with box.watching(code) as watch:
            ((_, looking),), news = box._watches.values(), watch.changed
            box.end()
            assert news.done()
            await asyncio.wait([looking], timeout=1)
            assert looking.cancelled()

    apart(lambda: asyncio.run(test()))


def test_only_the_polls_asked_for_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ballot_box, "REMEMBERED", 2)

    async def test() -> None:
        box = BallotBox(MemoryStore())
        codes = [(await box.open(BALLOT, TRUTH)).code for _ in range(3)]
        for code in codes:
            await box.seen(code)
        assert [code for code, _ in box._asked] == codes[1:]

    apart(lambda: asyncio.run(test()))


def test_where_there_is_no_room_it_is_said_how_much_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (store, ballot_box):
        monkeypatch.setattr(module, "MOST_POLLS", 2)
        monkeypatch.setattr(module, "MOST_VOTERS", 2)

    async def test() -> None:
        box = BallotBox(MemoryStore())
        await box.open(BALLOT, TRUTH)
        code, _ = await box.open(BALLOT, TRUTH)
        with pytest.raises(VoteError) as no_poll:
            await box.open(BALLOT, TRUTH)
        said = (
            "This server has no room for another vote (2 open at most): wait until one has ended."
        )
        assert (no_poll.value.status, str(no_poll.value)) == (503, said)
        for voter in ("ann", "bob", "ann"):
            await box.vote(code, voter, 1, ["x1"])
        with pytest.raises(VoteError) as no_voter:
            await box.vote(code, "cem", 1, ["x1"])
        said = "2 have voted already, and no more can."
        assert (no_voter.value.status, str(no_voter.value)) == (409, said)

    apart(lambda: asyncio.run(test()))
