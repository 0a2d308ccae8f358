"""Several servers behind nginx, by the configuration in deploy/."""

import asyncio
import gzip
import re
from collections.abc import Iterator
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from playwright.sync_api import Browser

from pages.server.streamlit_files import FOLDER
from tests.browser.live_page import LivePage
from tests.browser.server import Server, free_port
from tests.load.replicas import NGINX, Replicas
from tests.load.wire import Connection
from tests.pages.apart import apart

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

DIRECTLY = build_opener(ProxyHandler({}))
"""A proxy of the network's does not know this machine."""


@pytest.fixture(scope="module")
def replicas() -> Iterator[Replicas]:
    with Replicas(2) as running:
        yield running


def asked(url: str, accepted: str) -> tuple[str | None, bytes]:
    """How an answer is encoded, and its body, for who accepts these encodings."""
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
    """None of them listens yet."""
    ports = [free_port() for _ in range(60)]
    assert len({*ports}) == len(ports)
    assert all(1024 < port < 32768 for port in ports)  # no system gives these out by itself


def test_a_session_that_comes_back_is_still_there(replicas: Replicas) -> None:
    async def visits() -> None:
        for _ in range(8):
            connection = Connection(replicas.url)
            async with connection:
                await connection.rerun()
                await connection.rerun({"serial": "1", "values": {"w": -1.5}})
                session = connection.session
            async with connection:
                answer = await connection.rerun()
                assert connection.session == session
                assert answer.figure is not None
                assert answer.figure["address"]["w"] == "-1.5"

    apart(asyncio.run, visits())


def test_a_replica_that_dies_costs_its_visitors_nothing_but_a_reconnect(
    replicas: Replicas, browser: Browser
) -> None:
    tab = LivePage(browser.new_page(bypass_csp=True), replicas.url)
    tab.open(w="-1.5")
    tab.drag("x2", 2.75)
    left, address = tab.everything(), tab.address()

    (busy,) = (server for server in replicas.servers if sessions(server))
    tab.wait_reconnected(busy.kill)
    tab.wait_address(**address)
    assert tab.everything() == left
    tab.drag("x2", 1)
    assert tab.address() == {**address, "x": "1.5,1,1.5,0.5,0"}
    tab.page.close()


def test_below_a_path_and_behind_https(browser: Browser) -> None:
    with Replicas(1, "--server.baseUrlPath", "backprop", https=True) as behind:
        context = browser.new_context(ignore_https_errors=True, bypass_csp=True)
        tab = LivePage(context.new_page(), f"{behind.url}backprop/")
        tab.open(w="-1.5")
        tab.drag("x2", 2.75)
        assert tab.address()["x"].split(",")[1] == "2.75"
        assert tab.problems == []
        context.close()


def test_what_stays_for_ever_is_asked_of_a_replica_once(replicas: Replicas) -> None:
    """They are all gone in the end."""
    style = min((FOLDER / "static" / "css").glob("index.*"))
    whole = style.read_bytes()
    url = f"{replicas.url}static/css/{style.name}"
    assert asked(url, "") == asked(url, "identity") == (None, whole)
    packed = asked(url, "br, gzip")
    assert packed[0] == "gzip"
    assert gzip.decompress(packed[1]) == whole
    for server in replicas.servers:
        server.kill()
    assert asked(url, "br, gzip") == packed
    assert asked(url, "") == (None, whole)
