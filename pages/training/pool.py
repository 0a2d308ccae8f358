"""The places for runs on this server: so many at a time, all others in line, nobody forgotten.

TRAINING_PLACES in the server's environment is how many runs may have a process at the same time:
as many as there are cores where it says nothing. A run in training keeps one core busy and takes
some 200 MB. TRAINING_GRACE is for how many seconds a run goes on after its last tab lost the
connection: 30.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from threading import RLock, Thread
from time import monotonic, sleep
from typing import Final

from engine.training.workers import cores
from pages.training.training_run import BUSY, TrainingRun

TURN: Final = 300.0
"""Seconds for which a run has its place, pauses included, when others wait for one."""

EVERY: Final = 0.25
"""Seconds between two rounds of the keeper."""

MADE_ROOM: Final = (
    "The run made room: others were waiting, and it had had its place for five minutes."
)


@dataclass
class _Ticket:
    """A run, the sessions that watch it, when one was last there, since when it has its place."""

    run: TrainingRun
    sessions: set[str]
    seen: float
    since: float = 0.0


@dataclass
class Pool:
    """Runs by token, in the order in which they were asked for.

    connected: whether the session of this name has its browser. clock: seconds.
    """

    places: int
    grace: float
    connected: Callable[[str], bool]
    clock: Callable[[], float] = monotonic
    _tickets: dict[str, _Ticket] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    def admit(self, run: TrainingRun, session: str) -> None:
        """Gives a run a place, or lets it wait for one."""
        with self._lock:
            self._tickets[run.token] = _Ticket(run, {session}, self.clock())
            self.tend()

    def claim(self, token: str, session: str) -> TrainingRun | None:
        """The run with this token, which this session watches from now on; None if it is gone."""
        with self._lock:
            ticket = self._tickets.get(token)
            if ticket is None:
                return None
            ticket.sessions.add(session)
            return ticket.run

    def dismiss(self, run: TrainingRun, sentence: str = "") -> None:
        """Ends a run and frees its place."""
        with self._lock:
            self._tickets.pop(run.token, None)
            run.end(sentence)
            self.tend()

    def line(self, run: TrainingRun) -> int:
        """Which in line a run is, from 1; 0 where it does not wait."""
        with self._lock:
            waiting = [ticket.run.token for ticket in self._waiting()]
        return waiting.index(run.token) + 1 if run.token in waiting else 0

    def tend(self) -> None:
        """One round: lets go who has left, makes room, gives free places to those who wait."""
        with self._lock:
            now = self.clock()
            for ticket in list(self._tickets.values()):
                if any(map(self.connected, ticket.sessions)):
                    ticket.seen = now
                elif now - ticket.seen > self.grace:
                    del self._tickets[ticket.run.token]
                    ticket.run.end(
                        f"The connection was lost for more than {self.grace:g} seconds: "
                        "the run was ended."
                    )
            busy = [each for each in self._tickets.values() if each.run.progress.phase in BUSY]
            overdue = [each for each in busy if now - each.since > TURN]
            waiting = self._waiting()
            for ticket in overdue[: max(0, len(waiting) - (self.places - len(busy)))]:
                ticket.run.end(MADE_ROOM)
                busy.remove(ticket)
            for ticket in waiting[: max(0, self.places - len(busy))]:
                ticket.since = now
                ticket.run.begin()

    def _waiting(self) -> list[_Ticket]:
        return [each for each in self._tickets.values() if each.run.progress.phase == "waiting"]


@cache
def shared_pool(connected: Callable[[str], bool]) -> Pool:
    """The one pool of this server, and its keeper."""
    places = _setting("TRAINING_PLACES", cores(), least=1)
    pool = Pool(places, _setting("TRAINING_GRACE", 30, least=0), connected)

    def keep() -> None:
        while True:
            sleep(EVERY)
            pool.tend()

    Thread(target=keep, name="keeper of the training pool", daemon=True).start()
    return pool


def _setting(name: str, default: int, least: int) -> int:
    """A whole number from the environment."""
    text = os.getenv(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        raise ValueError(f"{name} needs a whole number from {least} on; got {text!r}")
    return int(text)
