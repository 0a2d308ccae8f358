"""What app.py does once as the server starts and ends, without a server."""

import asyncio
import runpy
import sys
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from pages.server.connections import WholePageFirst
from pages.vote.box import REDIS, VOTES
from tests.pages.apart import apart
from tests.pages.asking import asked

APP = Path(__file__).parents[1] / "app.py"
INFINITE = -1  # as Linux writes it


def test_what_the_first_visitor_would_wait_for_is_done_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done = Mock()
    monkeypatch.delenv(REDIS, raising=False)
    monkeypatch.setattr("pages.sweep.SWEEPER", done.sweeper)
    monkeypatch.setattr("pages.sweep.spare_the_collector", done.spare_the_collector)
    at_start: Any = runpy.run_path(str(APP))["at_start"]
    ours = at_start.__wrapped__.__globals__
    names = ("pool", "allow_open_files", "gzip_what_every_page_needs", "when_asked_to_end")
    for name in names:
        monkeypatch.setitem(ours, name, getattr(done, name))
    before = {"pool", "sweeper.start", "allow_open_files", "spare_the_collector"}

    async def serve() -> None:
        async with at_start(None):
            assert VOTES.box
            done.when_asked_to_end.assert_called_once_with(VOTES.box.end)
            assert before <= {name for name, *_ in done.mock_calls}
            done.sweeper.stop.assert_not_called()

    apart(lambda: asyncio.run(serve()))
    done.sweeper.stop.assert_called_once()
    done.gzip_what_every_page_needs.assert_called_once()


def test_what_is_asked_for_comes_through_all_that_the_server_adds() -> None:
    """A vote is found however it is written, with the headers; and a page is sent whole first."""
    middleware = runpy.run_path(str(APP))["MIDDLEWARE"]
    app: ASGIApp = PlainTextResponse("Streamlit's own answer.")
    for each in reversed(middleware):
        app = each.cls(app, *each.args, **each.kwargs)
    got = asked(app, "/Vote/7KQM2XPA")
    assert (got.status, got.headers["location"]) == (307, "/vote/7KQM2XPA")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert WholePageFirst in {each.cls for each in middleware}


def test_no_signal_is_handled_outside_the_main_thread() -> None:
    """Python refuses it there; a test's server runs in such a thread."""
    apart(runpy.run_path(str(APP))["when_asked_to_end"], Mock())


@pytest.mark.parametrize(
    ("soft", "hard", "raised"),
    [
        (1024, 4096, (4096, 4096)),
        (1024, 1_000_000, (65_536, 1_000_000)),
        (1024, INFINITE, (65_536, INFINITE)),
        (65_536, 1_000_000, None),
        (100_000, INFINITE, None),
        (INFINITE, INFINITE, None),
    ],
)
def test_the_limit_of_open_files_is_raised_and_never_lowered(
    soft: int, hard: int, raised: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Mock(RLIM_INFINITY=INFINITE, getrlimit=lambda _: (soft, hard))
    monkeypatch.setitem(sys.modules, "resource", limits)
    runpy.run_path(str(APP))["allow_open_files"]()
    given = [call.args[1] for call in limits.setrlimit.call_args_list]
    assert given == ([raised] if raised else [])
