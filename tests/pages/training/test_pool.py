"""The pool of training runs: places, the waiting line, runs that are ended; by a fake clock."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from pages.training.session import (
    LOOKS,
    TURN,
    Place,
    Pool,
    _connected,
    _setting,
    claim,
    line,
    order,
    patience,
    shared_pool,
    start,
    trained,
)
from pages.training.settings import START
from pages.training.training_run import Order, Phase, Progress, TrainingRun
from tests.pages.training.records import progress, record


class StillRun(TrainingRun):
    """A run that starts and ends without a process."""

    def __init__(self) -> None:
        super().__init__(START)

    def begin(self) -> None:
        self.become("running")

    def become(self, phase: Phase) -> None:
        self.progress = replace(self.progress, phase=phase)


@dataclass
class Hall:
    """A pool of two places, whose clock and sessions a test sets."""

    now: float = 1000.0
    there: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.pool = Pool(2, 30, self.there.__contains__, lambda: self.now)

    def come(self, *sessions: str) -> list[StillRun]:
        runs = [StillRun() for _ in sessions]
        for run, session in zip(runs, sessions, strict=True):
            self.there.add(session)
            self.pool.admit(run, session)
        return runs

    def after(self, seconds: float) -> None:
        self.now += seconds
        self.pool.tend()


def phases(*runs: TrainingRun) -> list[Phase]:
    return [run.progress.phase for run in runs]


def test_a_session_is_there_as_long_as_the_server_has_its_browser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _connected("anybody's"), "where there is no server that would know"
    server = SimpleNamespace(is_active_session={"here"}.__contains__)
    monkeypatch.setattr("pages.training.session.runtime.exists", lambda: True)
    monkeypatch.setattr("pages.training.session.runtime.get_instance", lambda: server)
    assert [_connected(session) for session in ("here", "gone")] == [True, False]


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_as_many_runs_as_there_are_places_run_and_the_rest_stand_in_line(hall: Hall) -> None:
    runs = hall.come(*"abcde")
    assert phases(*runs) == ["running", "running", "waiting", "waiting", "waiting"]
    assert [hall.pool.line(run) for run in runs] == [0, 0, 1, 2, 3]


def test_the_run_that_waits_longest_gets_the_place_that_becomes_free(hall: Hall) -> None:
    first, second, third, fourth = hall.come(*"abcd")
    second.become("finished")
    hall.after(0.25)
    assert phases(first, second, third, fourth) == ["running", "finished", "running", "waiting"]
    assert [hall.pool.line(run) for run in (third, fourth)] == [0, 1]
    first.become("failed")
    hall.after(0.25)
    assert phases(fourth) == ["running"]


def test_a_dismissed_run_frees_its_place_at_once(hall: Hall) -> None:
    first, second, third = hall.come(*"abc")
    hall.pool.dismiss(first)
    assert phases(first, second, third) == ["ended", "running", "running"]
    assert hall.pool.claim(first.token, "a") is None


def test_a_paused_run_keeps_its_place(hall: Hall) -> None:
    first, second, third = hall.come(*"abc")
    first.become("paused")
    hall.after(0.25)
    assert phases(first, second, third) == ["paused", "running", "waiting"]


@pytest.mark.parametrize("phase", ["running", "paused"])
def test_a_run_ends_when_its_connection_has_been_lost_for_30_seconds(
    hall: Hall, phase: Phase
) -> None:
    first, second, third = hall.come(*"abc")
    first.become(phase)
    hall.after(100)
    hall.there.remove("a")
    hall.after(30)
    assert phases(first, third) == [phase, "waiting"]
    hall.after(1)
    assert phases(first, second, third) == ["ended", "running", "running"]
    assert first.progress.sentence == (
        "The connection was lost for more than 30 seconds: the run was ended."
    )
    assert hall.pool.claim(first.token, "a") is None


def test_a_waiting_run_whose_visitor_leaves_loses_its_place_in_line(hall: Hall) -> None:
    *_, third, fourth = hall.come(*"abcd")
    hall.there.remove("c")
    hall.after(31)
    assert hall.pool.line(fourth) == 1
    assert phases(third) == ["ended"]


@pytest.mark.parametrize("gone", ["first", "second"])
def test_a_run_that_two_tabs_watch_goes_on_as_long_as_one_is_there(hall: Hall, gone: str) -> None:
    (run,) = hall.come("first")
    hall.there.add("second")
    hall.pool.claim(run.token, "second")
    hall.there.remove(gone)
    hall.after(31)
    assert phases(run) == ["running"]


def test_a_tab_that_comes_back_finds_its_run(hall: Hall) -> None:
    (run,) = hall.come("before")
    hall.there.remove("before")
    hall.after(29)
    hall.there.add("after")
    assert hall.pool.claim(run.token, "after") is run
    hall.after(1000)
    assert phases(run) == ["running"]
    hall.there.remove("after")
    hall.after(31)
    assert phases(run) == ["ended"]


def test_a_finished_run_is_found_again_too_and_then_forgotten(hall: Hall) -> None:
    (run,) = hall.come("a")
    run.become("finished")
    hall.there.remove("a")
    hall.after(29)
    assert hall.pool.claim(run.token, "b") is run
    hall.after(31)
    assert hall.pool.claim(run.token, "b") is None
    assert phases(run) == ["finished"]


def test_nobody_takes_a_place_without_the_token(hall: Hall) -> None:
    (run,) = hall.come("a")
    assert len(run.token) >= 20
    assert hall.pool.claim("", "b") is None
    assert hall.pool.claim(run.token[:-1], "b") is None


def test_a_run_with_a_place_for_long_makes_room_only_when_others_wait(hall: Hall) -> None:
    first, second = hall.come(*"ab")
    hall.after(TURN + 1)
    assert phases(first, second) == ["running", "running"]
    (third,) = hall.come("c")
    assert phases(first, second, third) == ["ended", "running", "running"]
    assert first.progress.sentence == (
        "The run made room: others were waiting, and it had had its place for five minutes."
    )
    (fourth,) = hall.come("d")
    assert phases(second, third, fourth) == ["ended", "running", "running"]


def test_nobody_makes_room_where_there_is_some(hall: Hall) -> None:
    first, second = hall.come(*"ab")
    hall.after(TURN + 1)
    second.become("finished")
    (third,) = hall.come("c")
    assert phases(first, third) == ["running", "running"]


@pytest.fixture
def place(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The place of session "a", without a run at first."""
    there = Place()
    for name, made in (
        ("_place", lambda: there),
        ("_session", lambda: "a"),
        ("pool", lambda: hall.pool),
        ("TrainingRun", lambda *_: StillRun()),
    ):
        monkeypatch.setattr(f"pages.training.session.{name}", made)
    return there


def test_a_session_takes_over_the_run_whose_token_it_knows(
    hall: Hall, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = hall.come("before the reload")
    told = list[Order]()
    monkeypatch.setattr(run, "order", told.append)
    assert not claim("another token")
    order("pause")  # there is no run that it could reach
    assert (place.run, told) == (None, [])
    assert claim(run.token)
    assert not claim("another token")
    order("pause")
    assert (place.run, told) == (run, ["pause"])


def test_a_session_has_one_run_at_most(hall: Hall, place: Place) -> None:
    start(START)
    first = place.run
    start(START)
    assert first
    assert place.run
    assert phases(first, place.run) == ["ended", "running"]
    assert first.progress.sentence == "The run was reset in another tab."
    assert hall.pool.claim(first.token, "a") is None


def test_a_run_begins_with_what_was_ordered(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def run(*given: Any) -> StillRun:
        made.append(given)
        return StillRun()

    monkeypatch.setattr("pages.training.session.TrainingRun", run)
    for first in ("step", "run"):
        start(START, first)
    assert made == [(START, "step"), (START, "run")]


def test_without_a_run_nobody_stands_in_line(place: Place) -> None:
    assert place.run is None
    assert line()[0] == 0


@pytest.mark.parametrize(
    ("phase", "place", "seconds"),
    [
        ("starting", 0, LOOKS),
        ("running", 0, LOOKS),
        ("pausing", 0, LOOKS),
        ("waiting", 1, 1.25),
        ("waiting", 100, 5.0),
        ("paused", 0, 1.0),
        ("none", 0, None),
        ("finished", 0, None),
        ("failed", 0, None),
        ("ended", 0, None),
    ],
)
def test_the_nearer_something_is_the_more_often_it_is_looked_for(
    phase: Phase, place: int, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.training.session.line", lambda: (place, 2))
    assert patience(phase) == seconds


def test_nothing_is_trained_before_the_first_record(monkeypatch: pytest.MonkeyPatch) -> None:
    run: StillRun | None = None
    monkeypatch.setattr("pages.training.session.present_run", lambda: run)
    assert trained() is None
    run = StillRun()
    assert trained() is None
    run.progress = progress(record(1))
    assert trained() is run.progress


@pytest.mark.parametrize(("text", "found"), [("3", 3), ("1", 1), (None, 2)])
def test_how_many_places_the_environment_says(
    text: str | None, found: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLACES", raising=False)
    if text is not None:
        monkeypatch.setenv("PLACES", text)
    assert _setting("PLACES", 2, least=1) == found


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "٣", "", "many"])
def test_a_number_of_places_that_cannot_be_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACES", text)
    with pytest.raises(ValueError, match="PLACES needs a whole number from 1 on"):
        _setting("PLACES", 2, least=1)


@pytest.mark.parametrize(("name", "least"), [("TRAINING_PLACES", 1), ("TRAINING_GRACE", 0)])
def test_a_server_needs_a_place_and_may_have_no_grace(
    name: str, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(least - 1))
    with pytest.raises(ValueError, match=f"{name} needs a whole number from {least} on"):
        shared_pool(lambda _: True)


def test_two_runs_have_two_tokens() -> None:
    assert Progress.of(START).phase == "none"
    assert StillRun().token != StillRun().token
