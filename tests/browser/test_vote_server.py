"""The whole server with its votes: its limits at the start, its signals, and how it ends."""

import os
import runpy
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from pages.vote.box import Votes
from tests.browser.server import Server
from tests.pages.vote.served import Served
from tests.pages.vote.test_routes import NO_SUCH

STREAMS = 60
LINUX = sys.platform.startswith("linux")


@contextmanager
def few_open_files() -> Iterator[int]:
    """Let a process started meanwhile open 1,024 files; yield up to how many it can raise that."""
    if not LINUX:
        yield 0
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    try:
        yield hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def open_files(server: Server) -> int:
    """How many files a server may open."""
    limits = Path(f"/proc/{server.pid}/limits").read_text(encoding="utf-8")
    (line,) = (line for line in limits.splitlines() if line.startswith("Max open files"))
    return int(line.split()[3])


def seconds_to_the_end(streams: int) -> float:
    """The seconds from the signal to the server's end, with this many phones listening."""
    with ExitStack() as stack:
        with few_open_files() as most:
            server = stack.enter_context(Server("tests/load/voting.py"))
        hall = Served(Votes(), server.port)
        code = hall.post("/open-a-vote", {}).json[0]
        phones = [
            stack.enter_context(hall.events(code, accept_encoding="gzip")) for _ in range(streams)
        ]
        assert all(phone()[0] == "phase" for phone in phones)
        if LINUX:  # where limits are read from /proc
            assert open_files(server) == min(most, 65_536), "it raises its limit"
        process = server._process
        assert process is not None
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        seconds = time.monotonic() - begin
        # the streams were ended properly: nothing was cut off
        assert all(phone() == ("", None) for phone in phones)
        return seconds


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals that ask a process to end")
def test_the_server_ends_within_two_seconds_with_streams_open() -> None:
    seconds = seconds_to_the_end(STREAMS)
    # An overloaded machine takes longer, but then it does so without streams too.
    assert seconds < 2 or seconds < 1 + 2 * seconds_to_the_end(0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_streams_are_told_of_each_signal_before_the_server_is(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    loop = SimpleNamespace(call_soon_threadsafe=lambda act: act())
    monkeypatch.setattr("asyncio.get_running_loop", lambda: loop)
    handlers = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        for each in handlers:
            signal.signal(each, lambda *_: told.append("server"))
        runpy.run_path("app.py")["when_asked_to_end"](lambda: told.append("streams"))
        signal.raise_signal(number)
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
    assert told == ["streams", "server"]


def test_the_app_has_the_votes(server: Server) -> None:
    hall = Served(Votes(), server.port)
    page = hall.ask(NO_SUCH)
    assert page.status == 404
    assert b'src="/vote-' in page.body
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert page.headers["set-cookie"] is None
    assert hall.ask(f"{NO_SUCH}/state").status == 404
