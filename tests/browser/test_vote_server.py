"""The whole server with its votes: how it starts, how it ends, and several behind nginx."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from pages.vote.box import REDIS, Votes
from pages.vote.redis_store import RedisStore
from tests.browser.server import Server
from tests.load.replicas import NGINX, Replicas
from tests.pages.vote.served import RedisServer, Served, asked, served
from tests.pages.vote.test_routes import NO_SUCH
from tests.pages.vote.test_stores import without_redis

STREAMS = 200
LINUX = sys.platform.startswith("linux")


@contextmanager
def few_open_files() -> Iterator[int]:
    """What is started meanwhile may open 1,024 files, and raise that limit to the one returned."""
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
    """How many a server may open."""
    limits = Path(f"/proc/{server.pid}/limits").read_text(encoding="utf-8")
    (line,) = (line for line in limits.splitlines() if line.startswith("Max open files"))
    return int(line.split()[3])


def seconds_to_the_end(number: int, streams: int) -> float:
    """From the signal on, with so many phones listening."""
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
        process.send_signal(number)
        process.wait(20)
        seconds = time.monotonic() - begin
        # to their end, as it should be: nothing was cut off
        assert all(phone() == ("", None) for phone in phones)
        return seconds


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals that ask a process to end")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_two_seconds_with_streams_open(number: int) -> None:
    seconds = seconds_to_the_end(number, STREAMS)
    # A machine with too much to do takes longer, but then also without a stream.
    assert seconds < 2 or seconds < 1 + 2 * seconds_to_the_end(number, 0)


def test_the_app_has_the_votes(server: Server) -> None:
    hall = Served(Votes(), server.port)
    page = hall.ask(NO_SUCH)
    assert page.status == 404
    assert b'src="/vote-' in page.body
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert page.headers["set-cookie"] is None
    assert hall.ask(f"{NO_SUCH}/state").status == 404


@without_redis
@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_behind_nginx_no_vote_is_lost_when_a_replica_dies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with RedisServer() as redis, served(RedisStore(redis.url)) as lecturer:
        monkeypatch.setenv(REDIS, redis.url)
        with Replicas(2) as behind:
            opened = lecturer.votes.open(*asked())
            hall = Served(lecturer.votes, behind.port)
            assert hall.ask(opened.code).headers["set-cookie"] is None

            def vote(at: int) -> None:
                while True:
                    try:
                        status = hall.vote(opened.code, f"voter{at}", "x1").status
                    except OSError:
                        continue
                    if status == 200:
                        return
                    assert status in (502, 503, 504)
                    time.sleep(0.05)

            for at in range(40):
                vote(at)
            behind.servers[0].kill()
            for at in range(30, 80):  # some of them once more: they count once
                vote(at)
            assert lecturer.votes.standing(opened.code).votes == 80
            with hall.events(opened.code) as phone:
                assert phone()[1]["phase"] == "open"
                begin = time.monotonic()
                lecturer.votes.close(*opened)
                assert phone()[1]["phase"] == "closed"
                assert time.monotonic() - begin < 1
            assert hall.vote(opened.code, "late", "x1").status == 409
            assert lecturer.votes.results(*opened).rounds[0].marked[0] == 80


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_behind_nginx_nobody_has_as_many_addresses_as_they_say() -> None:
    # At an address of IPv4 the server takes the word of a proxy on the same machine.
    with Replicas(1, "--server.address", "127.0.0.1") as behind:
        hall = Served(Votes(), behind.port)
        tries = (
            hall.ask(f"{NO_SUCH}/state", x_forwarded_for=f"192.0.2.{at % 250}") for at in range(500)
        )
        assert any(tried.status == 429 for tried in tries)
