"""From page to page."""

import re

from playwright.sync_api import expect

from tests.browser.live_page import LivePage


def go(page: LivePage, title: str, path: str) -> None:
    """Chooses a page in the navigation, and waits until its picture is there."""
    page.page.get_by_text("Explore", exact=True).click()
    page.page.get_by_role("menuitem", name=title).click()
    expect(page.page).to_have_url(re.compile(rf"^{page.base}{path}\?"))
    page.wait_drawn()


def test_a_page_is_found_again_as_it_was_left(page: LivePage) -> None:
    page.open(rule="mlx")
    page.drag("x2", 2.75)
    left, address = page.everything(), page.address()
    go(page, "ReLU", "relu")
    go(page, "The conv block", "")
    page.wait_address(**address)
    page.wait_settled()
    assert page.everything() == left
    page.drag("x2", 1)
    assert page.address() == {**address, "x": "1.5,1,1.5,0.5,0"}
