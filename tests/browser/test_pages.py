"""Going from one page to another: where a page begins, and what is found on the way back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.live_page import LivePage


def go(page: LivePage, title: str, path: str) -> None:
    """Choose a page in the navigation, and wait until its picture is there."""
    page.page.get_by_text("Explore", exact=True).click()
    page.page.get_by_role("menuitem", name=title).click()
    expect(page.page).to_have_url(re.compile(rf"^{page.base}{path}\?"))
    page.wait_drawn()


@pytest.mark.window(1280, 600)
def test_another_page_begins_at_its_top_and_one_is_found_again_as_it_was_left(
    page: LivePage,
) -> None:
    page.open(rule="mlx")
    page.drag("x2", 2.75)
    left, address = page.everything(), page.address()
    main = page.page.get_by_test_id("stMain")
    main.evaluate("(it) => it.scrollTo(0, it.scrollHeight)")
    page.until(lambda: bool(main.evaluate("(it) => it.scrollTop") > 0))
    go(page, "ReLU", "relu")
    assert main.evaluate("(it) => it.scrollTop") == 0
    expect(page.page.get_by_role("heading", name="ReLU")).to_be_in_viewport(ratio=1)
    place = page.page.locator(".stMainBlockContainer .stBidiComponent").filter(has=page.figure)
    expect(place).to_have_css("min-height", "0px")  # no more room is reserved for the picture
    go(page, "The conv block", "")
    page.wait_address(**address)
    page.wait_settled()
    assert page.everything() == left
    page.drag("x2", 1)
    assert page.address() == {**address, "x": "1.5,1,1.5,0.5,0"}


def test_in_a_narrow_window_the_drawer_shuts_and_a_page_left_in_its_quiz_begins_at_its_top(
    page: LivePage,
) -> None:
    page.page.set_viewport_size({"width": 640, "height": 768})
    page.open(step=6)
    main, drawer = page.page.get_by_test_id("stMain"), page.page.get_by_test_id("stSidebar")
    page.turn_to("Quiz")
    page.until(lambda: bool(main.evaluate("(it) => it.scrollTop") > 0))  # it scrolls to the task
    for width, title, path in ((640, "Max pool", "max_pool"), (390, "The conv block", "")):
        page.page.set_viewport_size({"width": width, "height": 768})
        page.page.get_by_test_id("stExpandSidebarButton").click()
        expect(drawer).to_be_in_viewport()
        drawer.get_by_text(title, exact=True).click()
        expect(page.page).to_have_url(re.compile(rf"^{page.base}{path}\?"))
        expect(drawer).not_to_be_in_viewport()
    expect(page.task).to_be_visible()
    page.wait_settled()
    assert main.evaluate("(it) => it.scrollTop") == 0
    page.look_again()
