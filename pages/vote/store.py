"""Where polls and votes are kept: the interface, and the one inside this process."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeAlias

from pages.vote.poll import Marks, Poll

MOST_POLLS: Final = 100
"""So many at a time on a server, or on a Redis with all its servers; one that is over, which phones
may still look at, makes room for another."""
MOST_VOTERS: Final = 2000
"""So many in a round: more than any hall seats."""

Taken: TypeAlias = Literal["counted", "closed", "other round", "full", "gone"]
"""What became of a vote: it counts; the poll is not open; another round is; there are too many
voters; there is no such poll (any more)."""
Added: TypeAlias = Literal["added", "taken", "full"]
"""What became of a new poll: it is there; its code is another's; there are too many polls of
which none is over."""


class StoreError(Exception):
    """The store cannot be reached, or read, at present. What it acknowledged before is not lost."""


class PollStore(Protocol):
    """Polls by their codes, and their votes. Every method may raise StoreError.

    A vote and a change of phase are atomic: what `vote` has answered with "counted" is in the
    `votes` of whoever closes the poll afterwards, exactly once.
    """

    async def add(self, code: str, poll: Poll) -> Added:
        """Keeps a new poll until its time ends; without room, in place of one that is over."""

    async def find(self, code: str) -> Poll | None:
        """The poll as it is; None for a code that there is not, or not any more."""

    async def replace(self, code: str, before: Poll, after: Poll) -> bool:
        """Changes a poll, unless its phase or round is no longer that of before; whether it did."""

    async def vote(self, code: str, round_: int, voter: str, marks: Marks) -> Taken:
        """Takes a vote in, in place of the voter's former one in that round."""

    async def count(self, code: str, round_: int) -> int:
        """How many have voted in a round."""

    async def votes(self, code: str, round_: int) -> Mapping[str, Marks]:
        """All votes of a round, by voter."""

    def changes(self, code: str) -> AsyncGenerator[None, None]:
        """Yields once it listens, and then whenever a poll may have changed; `find` tells what.

        A change may be missed where the connection to the store is lost: whoever must know looks
        now and then.
        """

    async def close(self) -> None:
        """Lets go of connections."""


@dataclass
class _Kept:
    poll: Poll
    votes: dict[int, dict[str, Marks]] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class MemoryStore:
    """In this process: gone when it ends. Only for the event loop's thread."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """now: a clock, for the tests."""
        self._polls: dict[str, _Kept] = {}
        self._now = now

    async def add(self, code: str, poll: Poll) -> Added:
        """Keeps a new poll."""
        for old in [code for code in self._polls if self._kept(code) is None]:
            del self._polls[old]
        if code in self._polls:
            return "taken"
        if len(self._polls) >= MOST_POLLS:
            over = next((code for code, kept in self._polls.items() if kept.poll.over), None)
            if over is None:
                return "full"
            del self._polls[over]
        self._polls[code] = _Kept(poll)
        return "added"

    async def find(self, code: str) -> Poll | None:
        """The poll as it is."""
        kept = self._kept(code)
        return kept.poll if kept else None

    async def replace(self, code: str, before: Poll, after: Poll) -> bool:
        """Changes a poll, if it is still as before."""
        kept = self._kept(code)
        if kept is None or (kept.poll.phase, kept.poll.round) != (before.phase, before.round):
            return False
        kept.poll = after
        kept.changed.set()
        kept.changed = asyncio.Event()
        return True

    async def vote(self, code: str, round_: int, voter: str, marks: Marks) -> Taken:
        """Takes a vote in."""
        kept = self._kept(code)
        if kept is None:
            return "gone"
        if kept.poll.round != round_:
            return "other round"
        if kept.poll.phase != "open":
            return "closed"
        votes = kept.votes.setdefault(round_, {})
        if voter not in votes and len(votes) >= MOST_VOTERS:
            return "full"
        votes[voter] = marks
        return "counted"

    async def count(self, code: str, round_: int) -> int:
        """How many have voted in a round."""
        return len(await self.votes(code, round_))

    async def votes(self, code: str, round_: int) -> Mapping[str, Marks]:
        """All votes of a round, by voter."""
        kept = self._kept(code)
        return kept.votes.get(round_, {}) if kept else {}

    async def changes(self, code: str) -> AsyncGenerator[None, None]:
        """Yields whenever the poll may have changed."""
        yield
        while kept := self._kept(code):
            await kept.changed.wait()
            yield

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _kept(self, code: str) -> _Kept | None:
        kept = self._polls.get(code)
        return kept if kept and self._now() < kept.poll.until else None
