"""Everything below /backprop/, on a server that has other things besides; and after a restart."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.live_page import LivePage
from tests.browser.server import Server
from tests.browser.test_address import OPENED_AT


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    with Server("app.py", "--server.baseUrlPath", "backprop") as server:
        yield server


@pytest.fixture(scope="module")
def below(browser: Browser, own: Server) -> Iterator[LivePage]:
    with browser.new_context(bypass_csp=True) as context:  # is closed before the server ends
        yield LivePage(context.new_page(), f"{own.url}backprop/")


@pytest.fixture
def beside(below: LivePage) -> Iterator[LivePage]:
    """Another tab."""
    tab = LivePage(below.page.context.new_page(), below.base)
    yield tab
    tab.page.close()


def test_a_deep_link_opens_at_once(below: LivePage) -> None:
    # The very first request after a start, and a deep one.
    below.visit("relu")
    expect(below.page.get_by_text("Page not found")).to_have_count(0)


def test_a_restart_forgets_nothing_and_does_not_answer_what_is_asked(
    below: LivePage, beside: LivePage, own: Server
) -> None:
    below.page.set_viewport_size({"width": 1600, "height": 900})
    below.open(x="1,2,3,2,1", w="-1", rule="mlx")
    assert below.address() == {**OPENED_AT, "x": "1,2,3,2,1", "w": "-1", "rule": "mlx"}
    below.drag("w", 1.5)
    below.choose_rule("slope 0 at 0, ties: the first")
    below.wait_address(rule="pytorch-max-pool")
    below.press("all negative")
    before = below.everything()
    beside.open(step=6)
    beside.turn_to("Predict")
    beside.cell("x1").click()
    beside.until(lambda: beside.cells()["x1"][-1] == "your mark: ≠ 0")
    assert below.problems == beside.problems == []
    own.stop()
    beside.wait_reconnected(lambda: below.wait_reconnected(own.start))

    # Streamlit says nothing of the new session before it is used.
    below.wait_sweep("x4")
    below.problems.clear()
    below.drag("x5", -1)
    below.drag("x5", -0.25)
    assert below.everything() == before
    below.press("three-way tie")
    assert below.address() == {
        **OPENED_AT,
        "x": "0.25,0.25,0.25,-0.25,-0.25",
        "w": "1.5",
        "rule": "pytorch-max-pool",
    }

    beside.drag("x2", 2)
    expect(beside.task).to_contain_text("Mark every entry of x and w")
    assert beside.cells()["x1"][-1] == "your mark: none"
    expect(beside.page.get_by_role("radio", name="Predict")).to_be_checked()


def test_pages_sweeps_and_links_work(below: LivePage) -> None:
    below.visit("relu", a="1.5,-1,0,3,-2.5")
    below.page.get_by_text("Explore", exact=True).click()
    below.page.get_by_role("menuitem", name="The conv block").click()
    expect(below.page).to_have_url(re.compile(r"/backprop/\?x="))
    below.wait_drawn()
    below.drag("x2", 0.75, 3.25)
    below.page.reload()
    below.wait_drawn()
    assert below.address()["x"].split(",")[1] == "3.25"
    assert below.page.url.startswith(f"{below.base}?")
    assert below.problems == []
