"""The page of the minibatch, in the browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.live_page import LivePage


@pytest.mark.window(1280, 600)
def test_no_number_field_is_cut_by_the_pictures_edge(page: LivePage) -> None:
    page.visit("minibatch")
    tops = page.page.evaluate(
        """() => [".live-figure-box", "[data-testid=live-figure] .live-figure-number"].map((name) =>
          Math.min(...[...document.querySelectorAll(name)].map((each) =>
            each.getBoundingClientRect().top)))"""
    )
    assert tops[0] <= tops[1] < 200


def test_on_a_phone_a_finger_hits_what_is_asked_for_wherever_it_has_scrolled(
    phone: LivePage,
) -> None:
    phone.page.set_viewport_size({"width": 390, "height": 664})
    phone.visit("minibatch")
    phone.turn_to("Predict")
    expect(phone.task).to_be_visible()
    phone.page.locator(".live-figure-frame").evaluate("(it) => (it.scrollTop = it.scrollHeight)")
    w = phone.cell("w")
    hit = """(cell) => {
      const { left, right, top, bottom } = cell.getBoundingClientRect();
      return [top + 2, bottom - 2].every(
        (y) => document.elementFromPoint((left + right) / 2, y) === cell);
    }"""
    for further in (150, 200, 250):  # where the picture stays at the top
        phone.page.locator(".stMain").evaluate("(main, to) => (main.scrollTop = to)", further)
        assert w.evaluate(hit), further
