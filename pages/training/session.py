"""Who has which training run, and whose turn it is: a limited number train, all others wait.

The session of a browser tab has at most one run. It keeps the run under `KEY`, also while another
page is open. A reloaded tab is a new session, which claims its run with the token that the tab has
kept (pages/components/live_charts.py).

Two variables of the server's environment: TRAINING_PLACES is the number of runs that may have a
process at the same time, by default the number of cores available; a run keeps one core busy and
takes some 200 MB. TRAINING_GRACE is the number of seconds for which a run goes on after its last
tab has lost the connection, by default 30.
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
"""Seconds between two looks at a run that trains, which reports a little less often."""

KEY: Final = "training:run"
"""The session's key for its place. It belongs to no widget, so it survives a change of page."""

TURN: Final = 300.0
"""Seconds for which a run keeps its place, pauses included, when others wait for one."""

EVERY: Final = 0.25  # seconds between two rounds of the keeper's thread


@dataclass
class Place:
    """Holds a session's run, so that a callback can replace it without touching session state."""

    run: TrainingRun | None = None


@dataclass
class _Ticket:
    """A run in the pool."""

    run: TrainingRun
    sessions: set[str]  # those that watch it
    seen: float  # when one of them was last connected
    since: float = 0.0  # when it got its place


@dataclass
class Pool:
    """All runs of the server."""

    places: int  # how many may have a process
    grace: int  # for how many seconds a run outlives its last connection
    connected: Callable[[str], bool]  # whether the session with this name has its browser
    clock: Callable[[], float] = monotonic  # in seconds
    _tickets: dict[str, _Ticket] = field(default_factory=dict)
    """By token, in the order in which the runs were requested."""
    _lock: RLock = field(default_factory=RLock)

    def admit(self, run: TrainingRun, session: str) -> None:
        """Give a run a place, or let it wait for one."""
        with self._lock:
            self._tickets[run.token] = _Ticket(run, {session}, self.clock())
            self.tend()

    def claim(self, token: str, session: str) -> TrainingRun | None:
        """Return the run with this token, which this session now watches; None if it is gone."""
        with self._lock:
            ticket = self._tickets.get(token)
            if ticket is None:
                return None
            ticket.sessions.add(session)
            return ticket.run

    def dismiss(self, run: TrainingRun, sentence: str = "") -> None:
        """End a run and free its place."""
        with self._lock:
            self._tickets.pop(run.token, None)
            run.end(sentence)
            self.tend()

    def line(self, run: TrainingRun) -> int:
        """Return a run's place in the queue, from 1; 0 if it is not waiting."""
        with self._lock:
            waiting = [ticket.run.token for ticket in self._waiting()]
        return waiting.index(run.token) + 1 if run.token in waiting else 0

    def tend(self) -> None:
        """End abandoned runs, make room for runs that wait, and give free places to them."""
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
    """Return this server's only pool, and start the thread that tends it."""
    places = _setting("TRAINING_PLACES", cores(), least=1)
    pool = Pool(places, _setting("TRAINING_GRACE", 30, least=0), connected)

    def keep() -> None:
        while True:
            sleep(EVERY)
            pool.tend()

    Thread(target=keep, name="keeper of the training pool", daemon=True).start()
    return pool


def _setting(name: str, default: int, least: int) -> int:
    """Return a whole number from the environment."""
    text = os.getenv(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        raise ValueError(f"{name} needs a whole number from {least} on; got {text!r}")
    return int(text)


def present_run() -> TrainingRun | None:
    """Return this session's run, in whatever phase; None if it has none."""
    return _place().run


def _place() -> Place:
    place: Place | None = in_session(KEY)
    if place is None:
        place = st.session_state[KEY] = Place()
    return place


def present_progress(scene: TrainingScene) -> Progress:
    """Return the progress of this session's run; without one, the start under these settings."""
    run = present_run()
    return run.progress if run else Progress.of(scene)


def trained() -> Progress | None:
    """Return the progress of this session's run, with its network; None before its first record.

    For other pages. The object is frozen: as the run goes on, it is replaced by another.
    """
    run = present_run()
    return run.progress if run and run.progress.history else None


def start(scene: TrainingScene, first: Order = "run") -> None:
    """Start a new run in place of any present one."""
    leave()
    run = _place().run = TrainingRun(scene, first)
    pool().admit(run, _session())


def order(what: Order) -> None:
    """Give this session's run an order."""
    if run := present_run():
        run.order(what)


def claim(token: str) -> bool:
    """Take over the run with this token. Return whether it is still there."""
    run = pool().claim(token, _session())
    if run is not None:
        _place().run = run
    return run is not None


def leave() -> None:
    """End and forget this session's run, if it has one."""
    place = _place()
    run, place.run = place.run, None
    if run is not None:
        pool().dismiss(run, say("train.reset"))


def line() -> tuple[int, int]:
    """Return the run's place in the queue, 0 if it is not waiting, and the number of places."""
    run = present_run()
    return (pool().line(run) if run else 0), pool().places


def patience(phase: Phase) -> float | None:
    """Return the seconds until a page looks at its run again; None if nothing can change."""
    if phase in WORKING:
        return LOOKS
    if phase == "waiting":  # more often near the front: a hundred waiting pages must cost little
        return min(1.0 + line()[0] / 4, 5.0)
    return 1.0 if phase == "paused" else None


def pool() -> Pool:
    """Return this server's pool."""
    return shared_pool(_connected)


def _connected(session: str) -> bool:
    """Whether a session has its browser; always true without a server, as in a test."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""
