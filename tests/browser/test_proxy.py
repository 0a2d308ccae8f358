"""Several servers behind nginx, with the configuration in deploy/."""

import asyncio
import gzip
import re
import time
from collections.abc import Iterator
from contextlib import nullcontext
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from pages.server.streamlit_files import FOLDER
from pages.vote.box import REDIS, Votes
from pages.vote.redis_store import RedisStore
from tests.browser.server import Server, free_port
from tests.load.replicas import NGINX, Replicas
from tests.load.wire import Connection
from tests.pages.apart import apart
from tests.pages.vote.served import REDIS as REDIS_SERVER
from tests.pages.vote.served import RedisServer, Served, asked, served
from tests.pages.vote.test_routes import NO_SUCH
from tests.pages.vote.test_stores import without_redis

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

DIRECTLY = build_opener(ProxyHandler({}))
"""Opens addresses without the network's proxy, which cannot reach this machine."""


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer | None]:
    """A Redis server, or None if this machine has none."""
    with RedisServer() if REDIS_SERVER else nullcontext() as running:
        yield running


@pytest.fixture(scope="module")
def replicas(redis: RedisServer | None) -> Iterator[Replicas]:
    """Two servers that share their votes if there is Redis; one that a test kills stays dead."""
    with pytest.MonkeyPatch.context() as environment:
        if redis:
            environment.setenv(REDIS, redis.url)
        # At an IPv4 address a server trusts a proxy on the same machine.
        with Replicas(2, "--server.address", "127.0.0.1") as running:
            yield running


def encoded(url: str, accepted: str) -> tuple[str | None, bytes]:
    """The encoding of an answer and its body, for a client that accepts these encodings."""
    with DIRECTLY.open(Request(url, headers={"accept-encoding": accepted}), timeout=10) as answer:
        return answer.headers["content-encoding"], answer.read()


def sessions(server: Server) -> int:
    """How many sessions a server has."""
    with DIRECTLY.open(f"{server.url}_stcore/metrics", timeout=10) as answer:
        metrics = answer.read().decode()
    found = re.search(r"^active_sessions (\d+)$", metrics, re.MULTILINE)
    assert found
    return int(found[1])


def test_servers_that_start_one_after_the_other_are_given_different_ports() -> None:
    """None of the servers listens yet."""
    ports = [free_port() for _ in range(60)]
    assert len({*ports}) == len(ports)
    assert all(1024 < port < 32768 for port in ports)  # ports that no system gives out itself


def test_a_session_that_comes_back_is_still_there(replicas: Replicas) -> None:
    async def visits() -> None:
        connection = Connection(replicas.url)
        async with connection:
            await connection.rerun()
            await connection.rerun({"serial": "1", "values": {"w": -1.5}})
        async with connection:
            answer = await connection.rerun()
            assert answer.figure is not None
            assert answer.figure["address"]["w"] == "-1.5"
        for _ in range(6):  # enough that not all can come back to their server by chance
            connection = Connection(replicas.url, "gallery")
            async with connection:
                await connection.rerun()
                session = connection.session
            async with connection:
                await connection.rerun()
                assert connection.session == session

    apart(asyncio.run, visits())


@without_redis
def test_a_replica_that_dies_takes_no_vote_with_it_and_no_visitor(
    redis: RedisServer, replicas: Replicas
) -> None:
    """A browser connects again on its own, which test_base_path.py tests."""
    visitor = Connection(replicas.url)

    async def visit() -> None:
        async with visitor:
            await visitor.rerun()
            there = await visitor.rerun({"serial": "1", "values": {"w": -1.5}})
            (busy,) = (server for server in replicas.servers if sessions(server))
            busy.kill()
        before = visitor.session
        async with visitor:
            await visitor.rerun()
            assert visitor.session != before
            assert there.figure is not None
            address = there.figure["address"]
            here = await visitor.rerun({"serial": "2", "address": address})
            assert here.figure is not None
            assert here.figure["address"] == address == address | {"w": "-1.5"}

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

    with served(RedisStore(redis.url)) as lecturer:
        opened = lecturer.votes.open(*asked())
        hall = Served(lecturer.votes, replicas.port)
        assert hall.ask(opened.code).headers["set-cookie"] is None
        for at in range(40):
            vote(at)
        apart(asyncio.run, visit())
        for at in range(30, 80):  # some vote twice, and count once
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


def test_a_visitor_who_claims_many_addresses_counts_as_one(replicas: Replicas) -> None:
    hall = Served(Votes(), replicas.port)
    tries = (
        hall.ask(f"{NO_SUCH}/state", x_forwarded_for=f"192.0.2.{at % 250}") for at in range(500)
    )
    assert any(tried.status == 429 for tried in tries)


def test_the_proxy_asks_a_replica_once_for_a_file_that_never_changes(replicas: Replicas) -> None:
    """It is still served after all replicas are killed."""
    style = min((FOLDER / "static" / "css").glob("index.*"))
    whole = style.read_bytes()
    url = f"{replicas.url}static/css/{style.name}"
    assert encoded(url, "") == encoded(url, "identity") == (None, whole)
    packed = encoded(url, "br, gzip")
    assert packed[0] == "gzip"
    assert gzip.decompress(packed[1]) == whole
    for server in replicas.servers:
        server.kill()
    assert encoded(url, "br, gzip") == packed
    assert encoded(url, "") == (None, whole)
