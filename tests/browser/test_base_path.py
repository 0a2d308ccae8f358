"""On a server that has other things besides: everything below /backprop/."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.live_page import LivePage
from tests.browser.server import Server


@pytest.fixture
def below(browser: Browser) -> Iterator[LivePage]:
    with Server("app.py", "--server.baseUrlPath", "backprop") as server:
        tab = LivePage(browser.new_page(bypass_csp=True), f"{server.url}backprop/")
        yield tab
        tab.page.close()


def test_pages_sweeps_and_links_work(below: LivePage) -> None:
    below.visit("relu", a="1.5,-1,0,3,-2.5")
    below.page.get_by_text("Explore", exact=True).click()
    below.page.get_by_role("menuitem", name="The conv block").click()
    expect(below.page).to_have_url(re.compile(r"/backprop/\?x="))
    below.wait_drawn()
    below.drag("x2", 0.75, 3.25)
    below.page.reload()
    below.wait_drawn()
    assert below.address()["x"] == "1.5,3.25,1.5,0.5,0"
    assert below.page.url.startswith(f"{below.base}?")
    assert below.problems == []
