"""A snap button that is disabled says why."""

from playwright.sync_api import expect

from tests.browser.live_page import LivePage

NAMES = ("unique max", "make a tie", "three-way tie", "all negative", "all positive")
REASON = "At w = 0 every a is 0: move w first."


def test_a_snap_that_cannot_be_had_is_disabled_and_says_why(page: LivePage) -> None:
    page.open(w=0)
    with page.unfolded("Edit"):
        for name in NAMES:
            expect(page.button(name)).to_be_disabled()
        tooltip = page.page.get_by_role("tooltip")
        page.button(NAMES[0]).hover(force=True)
        expect(tooltip).to_have_text(REASON)
        page.page.mouse.move(0, 0)
        expect(tooltip).to_have_count(0)
        page.page.keyboard.press("Tab")  # by keyboard too
        page.button(NAMES[0]).focus()
        expect(tooltip).to_have_text(REASON)
