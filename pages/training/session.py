"""Whose run it is: each session of a browser's tab has at most one.

The session keeps it under `KEY`, also while another page is open; a tab that was reloaded is a new
session, and claims its run by the token that the tab has kept (pages/components/live_charts.py).
"""

from typing import Final

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from engine.training import Network
from pages.training.pool import Pool, shared_pool
from pages.training.settings import TrainingScene
from pages.training.training_run import WORKING, Order, Phase, Progress, TrainingRun

LOOKS: Final = 0.15
"""Seconds between two looks at a run that trains; it tells of itself a little less often."""

KEY: Final = "training:run"
"""The session's key for its run; no widget's, so that it outlives a change of pages."""


def present_run() -> TrainingRun | None:
    """This session's run, in whatever phase; None where it has none."""
    run: TrainingRun | None = st.session_state.get(KEY)
    return run


def present_progress(scene: TrainingScene) -> Progress:
    """How this session's run is doing; where there is none, what these settings begin with."""
    run = present_run()
    return run.progress if run else Progress.of(scene)


def trained_network() -> Network | None:
    """The newest network of this session's run, for other pages; None before its first step.

    It is frozen: a run that goes on gives another one.
    """
    run = present_run()
    return run.progress.network if run and run.progress.history else None


def start(scene: TrainingScene, first: Order = "run") -> None:
    """A new run instead of the one that there may be."""
    leave()
    run = st.session_state[KEY] = TrainingRun(scene, first)
    pool().admit(run, _session())


def order(what: Order) -> None:
    """Tells this session's run what to do."""
    run = present_run()
    if run is not None:
        run.order(what)


def claim(token: str) -> bool:
    """Takes over the run with this token, if it is still there."""
    run = pool().claim(token, _session())
    if run is not None:
        st.session_state[KEY] = run
    return run is not None


def leave() -> None:
    """Ends this session's run, if it has one, and forgets it."""
    run = st.session_state.pop(KEY, None)
    if run is not None:
        pool().dismiss(run, "The run was reset in another tab.")


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
