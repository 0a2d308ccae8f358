"""Where polls and votes are kept: the interface, and the store inside this process."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeAlias

from pages.vote.poll import Marks, Poll

MOST_POLLS: Final = 100
"""The most polls at a time, on a server or on a Redis with all its servers. A poll that is over,
which phones may still look at, makes room for a new one."""
MOST_VOTERS: Final = 2000  # the most voters in a round: more than any hall seats

Taken: TypeAlias = Literal["counted", "closed", "other round", "full", "gone"]
"""The outcome of a vote. closed: the poll is not open. other round: it is in another round. full:
there are too many voters. gone: the poll does not exist any more."""
Added: TypeAlias = Literal["added", "taken", "full"]
"""The outcome of adding a poll. taken: another poll has its code. full: there are too many polls,
and none is over."""


class StoreError(Exception):
    """The store cannot be reached or read now. What it has acknowledged is not lost."""


class PollStore(Protocol):
    """Polls by code, and their votes. Every method may raise StoreError.

    Votes and changes of phase are atomic: a vote answered with "counted" is in `votes` exactly
    once, for whoever closes the poll afterwards.
    """

    async def add(self, code: str, poll: Poll) -> Added:
        """Keep a new poll until its time ends; if full, in place of one that is over."""

    async def find(self, code: str) -> Poll | None:
        """Return the poll's present state; None if the code does not exist (any more)."""

    async def replace(self, code: str, before: Poll, after: Poll) -> bool:
        """Replace a poll if its phase and round are still those of before. Return whether."""

    async def vote(self, code: str, round_: int, voter: str, marks: Marks) -> Taken:
        """Take a vote, replacing the voter's former one in that round."""

    async def count(self, code: str, round_: int) -> int:
        """Return the number of votes in a round."""

    async def votes(self, code: str, round_: int) -> Mapping[str, Marks]:
        """Return all votes of a round, by voter."""

    def changes(self, code: str) -> AsyncGenerator[None, None]:
        """Yield once it listens, and then whenever a poll may have changed; `find` says how.

        A change may be missed if the connection to the store is lost, so the caller should also
        look from time to time.
        """

    async def close(self) -> None:
        """Close all connections."""


@dataclass
class _Kept:
    poll: Poll
    votes: dict[int, dict[str, Marks]] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class MemoryStore:
    """A `PollStore` in this process, lost when it ends. Only for the event loop's thread."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """now: a clock, for the tests."""
        self._polls: dict[str, _Kept] = {}
        self._now = now

    async def add(self, code: str, poll: Poll) -> Added:
        """See `PollStore.add`."""
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
        """See `PollStore.find`."""
        kept = self._kept(code)
        return kept.poll if kept else None

    async def replace(self, code: str, before: Poll, after: Poll) -> bool:
        """See `PollStore.replace`."""
        kept = self._kept(code)
        if kept is None or (kept.poll.phase, kept.poll.round) != (before.phase, before.round):
            return False
        kept.poll = after
        kept.changed.set()
        kept.changed = asyncio.Event()
        return True

    async def vote(self, code: str, round_: int, voter: str, marks: Marks) -> Taken:
        """See `PollStore.vote`."""
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
        """See `PollStore.count`."""
        return len(await self.votes(code, round_))

    async def votes(self, code: str, round_: int) -> Mapping[str, Marks]:
        """See `PollStore.votes`."""
        kept = self._kept(code)
        return kept.votes.get(round_, {}) if kept else {}

    async def changes(self, code: str) -> AsyncGenerator[None, None]:
        """See `PollStore.changes`."""
        yield
        while kept := self._kept(code):
            await kept.changed.wait()
            yield

    async def close(self) -> None:
        """See `PollStore.close`; there is nothing to close."""

    def _kept(self, code: str) -> _Kept | None:
        kept = self._polls.get(code)
        return kept if kept and self._now() < kept.poll.until else None
