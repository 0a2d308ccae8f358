"""Whose run it is, and whose turn: so many train at a time, all others in line, nobody forgotten.

Each session of a browser's tab has at most one run. The session keeps it under `KEY`, also while
another page is open; a tab that was reloaded is a new session, and claims its run by the token that
the tab has kept (pages/components/live_charts.py).

TRAINING_PLACES in the server's environment is how many runs may have a process at the same time:
as many as there are cores for it where that says nothing. A run in training keeps one core busy
and takes some 200 MB. TRAINING_GRACE is for how many seconds a run goes on after its last tab lost
the connection: 30.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from threading import RLock, Thread
from time import monotonic, sleep
from typing import Final

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from engine.cores import cores
from pages.language.catalogue import say
from pages.session.page_state import in_session
from pages.training.settings import TrainingScene
from pages.training.training_run import BUSY, WORKING, Order, Phase, Progress, TrainingRun

LOOKS: Final = 0.15
"""Seconds between two looks at a run that trains; it tells of itself a little less often."""

KEY: Final = "training:run"
"""The session's key for its place; no widget's, so that it outlives a change of pages."""

TURN: Final = 300.0
"""Seconds for which a run has its place, pauses included, when others wait for one."""

EVERY: Final = 0.25
"""Seconds between two rounds of the keeper."""


@dataclass
class Place:
    """Where a session has its run: kept, so that a callback gives it another without giving way."""

    run: TrainingRun | None = None


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
    grace: int
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
                    ticket.run.end(say("train.lost", self.grace))
            busy = [each for each in self._tickets.values() if each.run.progress.phase in BUSY]
            overdue = [each for each in busy if now - each.since > TURN]
            waiting = self._waiting()
            for ticket in overdue[: max(0, len(waiting) - (self.places - len(busy)))]:
                ticket.run.end(say("train.made_room"))
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


def present_run() -> TrainingRun | None:
    """This session's run, in whatever phase; None where it has none."""
    return _place().run


def _place() -> Place:
    place: Place | None = in_session(KEY)
    if place is None:
        place = st.session_state[KEY] = Place()
    return place


def present_progress(scene: TrainingScene) -> Progress:
    """How this session's run is doing; where there is none, what these settings begin with."""
    run = present_run()
    return run.progress if run else Progress.of(scene)


def trained() -> Progress | None:
    """How far this session's run has come, with its network, for other pages; None before a step.

    It is frozen: a run that goes on gives another one.
    """
    run = present_run()
    return run.progress if run and run.progress.history else None


def start(scene: TrainingScene, first: Order = "run") -> None:
    """A new run instead of the one that there may be."""
    leave()
    run = _place().run = TrainingRun(scene, first)
    pool().admit(run, _session())


def order(what: Order) -> None:
    """Tells this session's run what to do."""
    if run := present_run():
        run.order(what)


def claim(token: str) -> bool:
    """Takes over the run with this token, if it is still there."""
    run = pool().claim(token, _session())
    if run is not None:
        _place().run = run
    return run is not None


def leave() -> None:
    """Ends this session's run, if it has one, and forgets it."""
    place = _place()
    run, place.run = place.run, None
    if run is not None:
        pool().dismiss(run, say("train.reset"))


def line() -> tuple[int, int]:
    """Which in line this session's run is, 0 where it does not wait; how many train at a time."""
    run = present_run()
    return (pool().line(run) if run else 0), pool().places


def patience(phase: Phase) -> float | None:
    """Seconds after which a page looks again how a run is doing; None where nothing can change."""
    if phase in WORKING:
        return LOOKS
    if phase == "waiting":  # the nearer, the more often: a hundred who wait must not keep us busy
        return min(1.0 + line()[0] / 4, 5.0)
    return 1.0 if phase == "paused" else None


def pool() -> Pool:
    """This server's."""
    return shared_pool(_connected)


def _connected(session: str) -> bool:
    """Whether a session has its browser; without a server, in a test, there is nothing to lose."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""
