"""Both stores by the same tests, and what only Redis can do by tests of its own."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import fields, replace
from types import SimpleNamespace

import pytest

from pages.vote import redis_store
from pages.vote.poll import Ballot, Poll, VoteArray, VoteCell
from pages.vote.redis_store import RedisStore
from pages.vote.store import MOST_POLLS, MemoryStore, PollStore, StoreError
from tests.pages.apart import apart
from tests.pages.vote.served import REDIS, RedisServer
from tests.pages.vote.test_poll import BALLOT, TRUTH

Test = Callable[[PollStore], Awaitable[None]]
without_redis = pytest.mark.skipif(REDIS is None, reason="redis-server is not installed")


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture(params=["memory", pytest.param("redis", marks=without_redis)])
def play(request: pytest.FixtureRequest) -> Callable[[Test], None]:
    """A function that runs a test on an empty store."""
    url = request.getfixturevalue("redis").url if request.param == "redis" else ""

    async def played(test: Test) -> None:
        store: PollStore = RedisStore(url) if url else MemoryStore()
        if isinstance(store, RedisStore):
            await store._redis.flushall()
        try:
            await test(store)
        finally:
            await store.close()

    return lambda test: apart(lambda: asyncio.run(played(test)))


def poll(seconds: float = 60) -> Poll:
    return poll_until(time.time() + seconds)


def poll_until(until: float) -> Poll:
    return Poll(BALLOT, TRUTH, "owner", until)


ASKED = VoteArray("∂L/∂x", 2, 3, asked=True, cells=(VoteCell("x1,2", "x₁‚₂", "−1.5", 4, 5),))
SHOWN = replace(ASKED, asked=False, cells=())
WHOLE = Poll(
    Ballot("A page", "A rule", "Mark.", (ASKED, SHOWN)), TRUTH, "owner", 9e9 + 0.1, "closed", 3, 2
)
"""A poll that has no field's default."""


def move_clock(store: PollStore, now: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop a store's clock at a time; the clock of its Redis goes on."""
    if isinstance(store, MemoryStore):
        store._now = lambda: now
    else:
        monkeypatch.setattr(redis_store, "time", SimpleNamespace(time=lambda: now))


def test_a_poll_is_found_as_it_was_added(play: Callable[[Test], None]) -> None:
    async def test(store: PollStore) -> None:
        made = poll()
        assert await store.find("AAAA") is None
        assert await store.add("AAAA", made) == "added"
        assert await store.find("AAAA") == made
        assert await store.add("AAAA", poll()) == "taken"
        assert await store.find("AAAA") == made

    play(test)


def test_every_field_of_a_poll_is_kept(play: Callable[[Test], None]) -> None:
    kept = [field.name for field in fields(Poll) if getattr(WHOLE, field.name) != field.default]
    assert kept == [field.name for field in fields(Poll)], "give WHOLE a value of its own for each"

    async def test(store: PollStore) -> None:
        assert await store.add("AAAA", WHOLE) == "added"
        assert await store.find("AAAA") == WHOLE

    play(test)


def test_redis_reads_every_field_that_it_writes_without_a_server() -> None:
    flat = redis_store._flat(WHOLE)
    said = dict(zip(flat[::2], flat[1::2], strict=True))
    assert redis_store._poll(said) == WHOLE
    scripts_need = {"until": "9000000000.1", "phase": "closed", "round": "3"}
    assert said | scripts_need == said


def test_a_vote_counts_once_and_a_changed_one_replaces(play: Callable[[Test], None]) -> None:
    async def test(store: PollStore) -> None:
        await store.add("AAAA", poll())
        for voter, marks in (("ann", "100"), ("bob", "000"), ("ann", "101")):
            assert await store.vote("AAAA", 1, voter, marks) == "counted"
        assert await store.count("AAAA", 1) == 2
        assert await store.votes("AAAA", 1) == {"ann": "101", "bob": "000"}
        assert await store.vote("BBBB", 1, "ann", "100") == "gone"

    play(test)


def test_a_vote_counts_only_in_the_present_round_while_it_is_open(
    play: Callable[[Test], None],
) -> None:
    async def test(store: PollStore) -> None:
        now = poll()
        await store.add("AAAA", now)
        assert await store.vote("AAAA", 1, "ann", "100") == "counted"
        assert await store.vote("AAAA", 2, "ann", "100") == "other round"
        assert await store.replace("AAAA", now, now.closed())
        assert await store.vote("AAAA", 1, "bob", "100") == "closed"
        assert await store.replace("AAAA", now.closed(), now.closed().again())
        assert await store.vote("AAAA", 1, "ann", "111") == "other round"
        assert await store.vote("AAAA", 2, "ann", "111") == "counted"
        assert await store.votes("AAAA", 1) == {"ann": "100"}
        assert await store.votes("AAAA", 2) == {"ann": "111"}

    play(test)


def test_only_one_of_several_changes_made_at_once_happens(play: Callable[[Test], None]) -> None:
    async def test(store: PollStore) -> None:
        now = poll()
        await store.add("AAAA", now)
        next_ = now.closed()
        done = await asyncio.gather(*(store.replace("AAAA", now, next_) for _ in range(8)))
        assert sum(done) == 1
        assert not await store.replace("BBBB", now, next_)
        again = next_.again()
        assert await store.replace("AAAA", next_, again)
        # Open as before, but in the next round: closing the first round comes too late.
        assert not await store.replace("AAAA", now, next_)
        assert await store.find("AAAA") == again

    play(test)


def test_no_vote_slips_in_behind_the_close(play: Callable[[Test], None]) -> None:
    """Every vote that was acknowledged as counted is among those read after the close."""

    async def test(store: PollStore) -> None:
        now = poll()
        await store.add("AAAA", now)
        votes = [store.vote("AAAA", 1, f"voter{at}", "100") for at in range(200)]

        async def closing() -> dict[str, str]:
            await asyncio.sleep(0)
            assert await store.replace("AAAA", now, now.closed())
            return dict(await store.votes("AAAA", 1))

        counted, *taken = await asyncio.gather(closing(), *votes)
        told = {f"voter{at}" for at, said in enumerate(taken) if said == "counted"}
        assert told == {*counted} == {*await store.votes("AAAA", 1)}
        assert {*taken} <= {"counted", "closed"}

    play(test)


def test_a_poll_ends_by_itself_with_its_votes(
    play: Callable[[Test], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(store: PollStore) -> None:
        # Redis keeps it for whole seconds of its own clock, which are one or two more.
        until = math.ceil(time.time() + 0.8) - 0.1
        assert await store.add("AAAA", poll_until(until)) == "added"
        assert await store.vote("AAAA", 1, "ann", "100") == "counted"
        move_clock(store, until + 0.01, monkeypatch)
        assert await store.find("AAAA") is None
        while isinstance(store, RedisStore) and time.time() < until + 0.15:
            await asyncio.sleep(0.05)
        assert await store.vote("AAAA", 1, "ann", "100") == "gone"
        assert await store.votes("AAAA", 1) == {}
        assert await store.add("AAAA", poll_until(until + 60)) == "added"

    play(test)


def test_a_store_takes_so_many_polls_and_no_more_until_one_ends(
    play: Callable[[Test], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(store: PollStore) -> None:
        now = time.time()
        for at in range(MOST_POLLS):
            made = poll_until(now + (30 if at == 7 else 90))
            assert await store.add(f"POLL{at}", made) == "added"
        assert await store.add("MORE", poll_until(now + 90)) == "full"
        move_clock(store, now + 30.5, monkeypatch)
        assert await store.add("MORE", poll_until(now + 90)) == "added"
        assert await store.add("LAST", poll_until(now + 90)) == "full"

    play(test)


def test_a_poll_that_is_over_makes_room_for_another(
    play: Callable[[Test], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening and ending polls cannot keep others out."""
    monkeypatch.setattr("pages.vote.store.MOST_POLLS", 4)
    monkeypatch.setattr(redis_store, "MOST_POLLS", 4)

    async def test(store: PollStore) -> None:
        for at, code in enumerate(("OPEN", "ENDED", "DONE", "ASKED")):
            now = poll(60 + at)
            assert await store.add(code, now) == "added"
            assert await store.vote(code, 1, "ann", "100") == "counted"
            closed = now.closed()
            over = closed.revealed().ended() if code == "DONE" else closed.ended()
            if code != "OPEN":
                assert await store.replace(code, now, over)
            if code == "ASKED":  # again: it is open
                assert await store.replace(code, over, over.asking(BALLOT, TRUTH))
        assert await store.count("ENDED", 1) == 1
        for code, gone in (("MORE", "ENDED"), ("LAST", "DONE")):
            assert await store.find(gone)
            assert await store.add(code, poll(70)) == "added"
            assert await store.find(gone) is None
            assert await store.count(gone, 1) == 0
        assert await store.add("FULL", poll()) == "full"
        for code in ("OPEN", "ASKED", "MORE", "LAST"):
            assert await store.find(code)
        assert await store.count("OPEN", 1) == 1

    play(test)


def test_a_hall_that_is_full_takes_only_changes(
    play: Callable[[Test], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.vote.store.MOST_VOTERS", 2)
    monkeypatch.setattr(redis_store, "MOST_VOTERS", 2)

    async def test(store: PollStore) -> None:
        await store.add("AAAA", poll())
        for voter in ("ann", "bob"):
            assert await store.vote("AAAA", 1, voter, "100") == "counted"
        assert await store.vote("AAAA", 1, "cem", "100") == "full"
        assert await store.vote("AAAA", 1, "ann", "001") == "counted"
        assert await store.count("AAAA", 1) == 2

    play(test)


def test_a_change_is_heard_of(play: Callable[[Test], None]) -> None:
    async def test(store: PollStore) -> None:
        now = poll()
        await store.add("AAAA", now)
        changes = store.changes("AAAA")
        await anext(changes)  # it listens
        heard = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0.05)
        assert not heard.done()
        await store.replace("AAAA", now, now.closed())
        await asyncio.wait_for(heard, 2)
        await changes.aclose()

    play(test)


@without_redis
def test_two_servers_see_the_same(redis: RedisServer) -> None:
    async def test() -> None:
        one, other = RedisStore(redis.url), RedisStore(redis.url)
        now = poll()
        await one.add("SAME", now)
        changes = other.changes("SAME")
        await anext(changes)
        assert await other.vote("SAME", 1, "ann", "100") == "counted"
        assert await one.count("SAME", 1) == 1
        heard = asyncio.ensure_future(anext(changes))
        await one.replace("SAME", now, now.closed())
        await asyncio.wait_for(heard, 2)
        await changes.aclose()
        assert await other.vote("SAME", 1, "bob", "100") == "closed"
        for store in (one, other):
            await store.close()

    apart(lambda: asyncio.run(test()))


@without_redis
def test_a_redis_that_is_killed_loses_no_vote_that_it_has_acknowledged() -> None:
    async def test(running: RedisServer) -> None:
        store = RedisStore(running.url)
        await store.add("AAAA", poll())
        acknowledged: set[str] = set()

        async def votes(name: str) -> None:
            for at in range(100_000):
                with suppress(StoreError):
                    if await store.vote("AAAA", 1, f"{name}-{at}", "100") == "counted":
                        acknowledged.add(f"{name}-{at}")
                        continue
                return

        voting = [asyncio.ensure_future(votes(f"voter{at}")) for at in range(8)]
        while len(acknowledged) < 200:
            await asyncio.sleep(0.005)
        running.kill()
        await asyncio.gather(*voting)
        with pytest.raises(StoreError):
            await store.count("AAAA", 1)
        running.start()
        kept = {*await store.votes("AAAA", 1)}
        assert acknowledged <= kept
        assert len(kept - acknowledged) <= 8  # votes under way, whose voters try again
        changed = replace(poll(), phase="closed")
        assert await store.replace("AAAA", poll(), changed)
        await store.close()

    with RedisServer() as running:
        apart(lambda: asyncio.run(test(running)))


@without_redis
@pytest.mark.parametrize(
    ("field", "said"), [("round", "two"), ("ballot", "[]"), ("truth", '{"nonzero": 1}')]
)
def test_a_poll_of_another_version_cannot_be_read(
    redis: RedisServer, field: str, said: str
) -> None:
    async def test() -> None:
        store = RedisStore(redis.url)
        try:
            await store._redis.flushall()
            made = poll()
            await store.add("AAAA", made)
            await store._redis.hset(f"{redis_store.PREFIX}AAAA", field, said)
            with pytest.raises(StoreError, match="no poll of this version"):
                await store.find("AAAA")
        finally:
            await store.close()

    apart(lambda: asyncio.run(test()))


@without_redis
def test_an_address_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="redis"):
        RedisStore("http://localhost")
