"""A server below the path /backprop/, which is restarted and has one place to train."""

import asyncio
import re
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.live_page import PATIENCE, LivePage
from tests.browser.server import Server
from tests.browser.test_address import OPENED_AT
from tests.browser.test_train import LONG
from tests.load.replicas import NGINX, Replicas
from tests.load.wire import Connection
from tests.pages.apart import apart


@pytest.fixture(scope="module")
def own() -> Iterator[tuple[Server, str]]:
    """The server and its address, which is behind https if this machine has an nginx.

    Only one network can train at a time, and it ends as soon as its tab is gone.
    """
    options = ("--server.baseUrlPath", "backprop")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRAINING_PLACES", "1")
        environment.setenv("TRAINING_GRACE", "0")
        if NGINX is None:
            with Server("app.py", *options) as server:
                yield server, server.url
        else:
            with Replicas(1, *options, https=True) as behind:
                yield behind.servers[0], behind.url


@pytest.fixture(scope="module")
def below(browser: Browser, own: tuple[Server, str]) -> Iterator[LivePage]:
    # The certificate is self-signed. The context is closed before the server ends.
    with browser.new_context(bypass_csp=True, ignore_https_errors=True) as context:
        yield LivePage(context.new_page(), f"{own[1]}backprop/")


def test_a_deep_link_opens_at_once_and_pages_sweeps_and_links_work(below: LivePage) -> None:
    # The very first request after a start, and a deep one.
    below.visit("relu", a="1.5,-1,0,3,-2.5")
    expect(below.page.get_by_text("Page not found")).to_have_count(0)
    below.page.get_by_text("Explore", exact=True).click()
    below.page.get_by_role("menuitem", name="The conv block").click()
    expect(below.page).to_have_url(re.compile(r"/backprop/\?x="))
    below.wait_drawn()
    below.drag("x2", 0.75, 3.25)
    assert below.address()["x"].split(",")[1] == "3.25"
    assert below.page.url.startswith(f"{below.base}?")
    assert below.problems == []
    below.kept = True  # so that the next test goes on from this page, as Back does


def test_a_restart_forgets_nothing_and_does_not_answer_what_is_asked(
    below: LivePage, own: tuple[Server, str]
) -> None:
    server, _ = own
    below.open(x="1,2,3,2,1", w="-1", rule="pytorch-max-pool")
    below.drag("w", 1.5)
    below.press("all negative")
    before = below.everything()
    below.turn_to("Predict")
    below.cell("x1").click()
    below.until(lambda: below.cells()["x1"][-1] == "your mark: ≠ 0")
    assert below.problems == []
    server.stop()
    below.wait_reconnected(server.start)

    # Streamlit does not announce the new session before it is used.
    below.wait_sweep("x4")
    below.problems.clear()
    below.drag("x5", -1, -0.25)
    expect(below.task).to_contain_text("Mark every entry of x and w")
    assert below.cells()["x1"][-1] == "your mark: none"
    expect(below.page.get_by_role("radio", name="Predict")).to_be_checked()
    below.look_again()  # the answer to the drag may still be on its way
    below.until(lambda: below.everything() == before)
    below.press("three-way tie")
    assert below.address() == {
        **OPENED_AT,
        "x": "0.25,0.25,0.25,-0.25,-0.25",
        "w": "1.5",
        "rule": "pytorch-max-pool",
    }


def test_two_tabs_have_two_runs_and_a_closed_tab_frees_its_place(
    own: tuple[Server, str],
) -> None:
    async def told(tab: Connection, text: str) -> None:
        while not any(text in shown for shown in (await tab.rerun(fragment=tab.follows)).others):
            await asyncio.sleep(0.1)

    async def tabs(server: Server) -> None:
        first, second = (Connection(f"{server.url}backprop", "train", LONG) for _ in range(2))
        async with first, second:
            for tab in (first, second):
                await tab.rerun()
            await first.press("Step")
            await told(first, "Paused")
            await second.press("Start")
            await told(second, "You are first in line: this server trains 1 network at a time.")
            await first.drop()
            await told(second, "Training")
            assert len(workers(server)) == 1
        while workers(server):
            await asyncio.sleep(0.1)

    apart(asyncio.run, asyncio.wait_for(tabs(own[0]), PATIENCE))


def workers(server: Server) -> list[int]:
    """The processes that train for this server."""
    listing = subprocess.run(
        ["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
    )
    lines = (line.split(None, 2) for line in listing.stdout.splitlines())
    return [
        int(pid)
        for pid, parent, command in lines
        if parent == str(server.pid) and "pages.training.process" in command
    ]
