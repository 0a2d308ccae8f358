"""The ballot box: opens polls, takes votes, notifies listeners, and counts.

    from pages.vote.box import VOTES
    from pages.views.class_question import ballot_of

    ballot, truth = ballot_of(page, state.scene)
    opened = VOTES.open(ballot, truth)      # a code for the phones, a token for the lecturer's tab
    VOTES.standing(opened.code).votes       # how many have voted, at any time
    VOTES.close(*opened)                    # or POST /vote/CODE/close from the lecturer's browser
    VOTES.results(*opened).rounds[-1].shares
    VOTES.again(*opened)                    # the same question once more, or
    VOTES.reveal(*opened)                   # phones show right and wrong; results have the truth
    VOTES.ask(*opened, *ballot_of(page, next_scene))  # the next question, under the same code

`BallotBox` does this in the event loop, for the routes. `Votes` is the same for Streamlit's
threads: it waits for the loop, for at most `PATIENCE` seconds.
"""

import asyncio
import hashlib
import hmac
import os
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from pages.language.catalogue import say
from pages.vote.limits import Buckets, network
from pages.vote.poll import Ballot, Poll, Results, Truth, WrongPhaseError, results_of
from pages.vote.store import MOST_POLLS, MOST_VOTERS, MemoryStore, PollStore, StoreError

REDIS: Final = "BACKPROP_REDIS"
"""The environment variable with the address of a Redis, if there is one: redis://host:6379/0."""

ALPHABET: Final = "23456789ACDEFGHJKMNPQRTVWXY"
"""Characters that are not mistaken for each other on a projector: of 2 and Z, 5 and S, 8 and B, V
and U only the first; of 0 and O, and of 1, I and L, none."""
LOOK_ALIKES: Final = str.maketrans("ZSBU", "258V")
"""What someone may read instead of a character of the alphabet, and that character."""
LENGTH: Final = 8
"""Characters of a code: 27⁸ = 2.8 · 10¹¹ codes. With 100 polls open, somebody who tries 20 codes a
second, which is the limit, finds one of them within two hours with a probability of 5 · 10⁻⁵. On a
server that did nothing but answer 2,000 guesses a second, it would be 0.5 %."""
LASTS: Final = 2 * 3600.0  # seconds after which a poll ends on its own
PATIENCE: Final = 10.0  # seconds for which a lecturer's session waits for the event loop
LOOK: Final = 2.0
"""Seconds after which a poll is looked up again even if no change of it was announced."""
REMEMBERED: Final = 512  # how many polls are remembered, so that they need not be looked up again

Result = TypeVar("Result")


class VoteError(Exception):
    """Why something cannot be done, in a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status  # the HTTP status for it


class Opened(NamedTuple):
    """A poll that was opened."""

    code: str  # which everybody may know: '7KQM2XPA'
    token: str  # the lecturer's secret


class Standing(NamedTuple):
    """A poll's present state."""

    poll: Poll
    votes: int  # in its present round


@dataclass(eq=False)
class Watch:
    """A poll as its listeners on this server see it."""

    poll: Poll | None  # None once it is gone
    changed: "asyncio.Future[None]"
    """A future that is done when the poll changes, and is then replaced by a new one."""
    look: asyncio.Event  # set to have the poll looked up now
    listeners: int = 0  # their number

    def shows(self, poll: Poll | None) -> None:
        """Show a poll, and wake the listeners if it differs from the last one."""
        if poll != self.poll:
            self.poll = poll
            self.tell()

    def tell(self) -> None:
        """Wake everyone who waits for a change."""
        done, self.changed = self.changed, asyncio.get_running_loop().create_future()
        done.set_result(None)


class BallotBox:
    """Polls and votes, in the event loop.

    Every method may raise VoteError: 404 for an unknown poll, 503 if the store cannot be reached.
    """

    def __init__(self, store: PollStore) -> None:
        self.store = store
        self.ending = False  # whether the server is ending, so that streams have to end too
        self._watches: dict[str, tuple[Watch, asyncio.Task[None]]] = {}
        # The question of a code and a round never changes, so a vote need not look it up.
        self._asked: OrderedDict[tuple[str, int], Poll] = OrderedDict()
        self._openers = Buckets(1 / 60, 20)

    async def open(self, ballot: Ballot, truth: Truth, opener: str = "") -> Opened:
        """Ask a class, under a new code. VoteError 503 if there are too many polls.

        opener: the address that asks, whose number of polls is limited: 429 beyond that.
        """
        if opener and self._openers.take(network(opener)):
            raise VoteError(429, say("vote.often"))
        token = secrets.token_urlsafe(32)
        poll = Poll(ballot, truth, _hashed(token), time.time() + LASTS)
        for _ in range(10):
            code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
            match await _stored(self.store.add(code, poll)):
                case "added":
                    return Opened(code, token)
                case "full":
                    break
        raise VoteError(503, say("vote.polls", most=MOST_POLLS))

    async def standing(self, code: str) -> Standing:
        """Return the poll and its number of votes."""
        poll = await self.seen(code)
        return Standing(poll, await self.votes(code, poll))

    async def votes(self, code: str, poll: Poll) -> int:
        """Return the number of votes in the present round."""
        return await _stored(self.store.count(code, poll.round))

    async def seen(self, code: str) -> Poll:
        """Return the poll as its listeners here see it, or looked up if there are none."""
        watch, _ = self._watches.get(code, (None, None))
        return watch.poll if watch and watch.poll else await self._find(code)

    async def owned(self, code: str, token: str) -> Poll:
        """Return the poll to whoever opened it. VoteError 403 for others."""
        poll = await self._find(code)
        if not hmac.compare_digest(poll.owner, _hashed(token)):
            raise VoteError(403, say("vote.not_yours"))
        return poll

    async def move(self, code: str, token: str, step: Callable[[Poll], Poll]) -> Poll:
        """Take the owner's next step with a poll. VoteError 403 for others, 409 out of turn."""
        while True:
            before = await self.owned(code, token)
            try:
                after = step(before)
            except WrongPhaseError as error:
                raise VoteError(409, str(error)) from None
            if after == before or await _stored(self.store.replace(code, before, after)):
                if code in self._watches:
                    self._watches[code][0].shows(after)
                return after

    async def results(self, code: str, token: str) -> Results:
        """Return the results of the present question. VoteError 409 while a round is open."""
        poll = await self.owned(code, token)
        if poll.phase == "open":
            raise VoteError(409, say("vote.not_closed.open"))
        rounds = range(poll.first, poll.round + 1)
        return results_of(
            poll, [await _stored(self.store.votes(code, round_)) for round_ in rounds]
        )

    async def vote(self, code: str, voter: str, round_: int, marked: Sequence[str]) -> None:
        """Take a vote, replacing the voter's former one in this round.

        VoteError 422 for a cell that is not asked for; 409 if the poll is not open, is in another
        round, or has too many voters.
        """
        poll = self._asked.get((code, round_)) or await self._find(code)
        if poll.round != round_:
            raise VoteError(409, say("vote.other_round"))
        try:
            marks = poll.marks(marked)
        except KeyError:
            raise VoteError(422, say("vote.unknown")) from None
        match await _stored(self.store.vote(code, round_, voter, marks)):
            case "closed":
                raise VoteError(409, say("vote.closed"))
            case "other round":
                raise VoteError(409, say("vote.other_round"))
            case "full":
                raise VoteError(409, say("vote.full", most=MOST_VOTERS))
            case "gone":
                raise VoteError(404, say("vote.phone.gone"))

    @asynccontextmanager
    async def watching(self, code: str) -> AsyncIterator[Watch]:
        """Watch a poll while the context lasts: one look at the store serves all its listeners."""
        if code not in self._watches:
            poll = await self._find(code)
            if code not in self._watches:  # another listener may have come meanwhile
                made = Watch(poll, asyncio.get_running_loop().create_future(), asyncio.Event())
                self._watches[code] = made, asyncio.create_task(self._follow(code, made))
        watch, _ = self._watches[code]
        watch.listeners += 1
        try:
            yield watch
        finally:
            watch.listeners -= 1
            if not watch.listeners and self._watches.get(code, (None,))[0] is watch:
                self._watches.pop(code)[1].cancel()

    def end(self) -> None:
        """Release all listeners, because an open stream would keep the server from ending."""
        self.ending = True
        for watch, task in self._watches.values():
            task.cancel()
            watch.tell()

    async def _find(self, code: str) -> Poll:
        poll = await _stored(self.store.find(code))
        if poll is None:
            raise VoteError(404, say("vote.phone.gone"))
        self._asked[code, poll.round] = poll
        if len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
        return poll

    async def _follow(self, code: str, watch: Watch) -> None:
        """Keep a watch's poll up to date with the store until the poll is gone."""
        listening = asyncio.create_task(self._listen(code, watch))
        try:
            while watch.poll is not None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(watch.look.wait(), LOOK)
                watch.look.clear()
                with suppress(StoreError):
                    known, found = watch.poll, await self.store.find(code)
                    if watch.poll is known:  # otherwise it has been moved here since the look-up
                        watch.shows(found)
            self._watches.pop(code, None)
        finally:
            listening.cancel()

    async def _listen(self, code: str, watch: Watch) -> None:
        while True:
            with suppress(StoreError):
                async for _ in self.store.changes(code):
                    watch.look.set()
            await asyncio.sleep(LOOK / 2)


class Votes:
    """The ballot box for Streamlit's threads.

    Every method may raise VoteError, whose text is a sentence for the page.
    """

    def __init__(self, store: PollStore | None = None) -> None:
        """store: where votes are kept; by default as the environment says at the start."""
        self.box: BallotBox | None = None
        self._store = store
        self._loop: asyncio.AbstractEventLoop | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[BallotBox]:
        """Run the box from the server's start to its end. ValueError for a bad Redis address."""
        self.box = BallotBox(self._store or store_of(os.environ))
        self._loop = asyncio.get_running_loop()
        try:
            yield self.box
        finally:
            self.box.end()
            await self.box.store.close()
            self.box = self._loop = None

    def open(self, ballot: Ballot, truth: Truth, opener: str = "") -> Opened:
        """Ask a class.

        opener: the lecturer's address, st.context.ip_address. Each may open 20 polls, and one more
        per minute.
        """
        return self._done(lambda box: box.open(ballot, truth, opener))

    def ask(
        self, code: str, token: str, ballot: Ballot, truth: Truth, after: int | None = None
    ) -> Poll:
        """Ask the next question under the same code; the phones show it on their own.

        after: as in `Poll.asking`, so that two tabs do not replace each other's question.
        """
        return self._done(
            lambda box: box.move(code, token, lambda poll: poll.asking(ballot, truth, after))
        )

    def standing(self, code: str) -> Standing:
        """Return the poll and its number of votes. No token is needed: it reveals no result."""
        return self._done(lambda box: box.standing(code))

    def owned(self, code: str, token: str) -> Poll:
        """Return the poll of a tab that has its token, say after a reload."""
        return self._done(lambda box: box.owned(code, token))

    def close(self, code: str, token: str) -> Poll:
        """Close the present round."""
        return self._done(lambda box: box.move(code, token, Poll.closed))

    def again(self, code: str, token: str) -> Poll:
        """Ask the same question again, in another round."""
        return self._done(lambda box: box.move(code, token, Poll.again))

    def reveal(self, code: str, token: str) -> Poll:
        """Show the truth on all phones."""
        return self._done(lambda box: box.move(code, token, Poll.revealed))

    def end(self, code: str, token: str) -> Poll:
        """End the poll: phones say that no further answer or question will come."""
        return self._done(lambda box: box.move(code, token, Poll.ended))

    def results(self, code: str, token: str) -> Results:
        """Return the shares by cell and round of closed rounds; with the truth once revealed."""
        return self._done(lambda box: box.results(code, token))

    def _done(self, act: Callable[[BallotBox], Coroutine[Any, Any, Result]]) -> Result:
        if self.box is None or self._loop is None:
            raise VoteError(503, say("vote.no_server"))
        done = asyncio.run_coroutine_threadsafe(act(self.box), self._loop)
        try:
            return done.result(PATIENCE)
        except TimeoutError:
            done.cancel()
            raise VoteError(503, say("vote.store")) from None


VOTES: Final = Votes()  # the server's own


def store_of(environment: Mapping[str, str]) -> PollStore:
    """The store that an environment asks for: the Redis that it names, or this process."""
    if url := environment.get(REDIS):
        from pages.vote.redis_store import RedisStore  # who needs no Redis need not load it

        return RedisStore(url)
    return MemoryStore()


def _hashed(token: str) -> str:
    # A token out of a browser's JSON may be no text that UTF-8 has.
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


async def _stored(asked: Coroutine[Any, Any, Result]) -> Result:
    """What the store answers; 503 where it does not."""
    try:
        return await asked
    except StoreError:
        raise VoteError(503, say("vote.store")) from None
