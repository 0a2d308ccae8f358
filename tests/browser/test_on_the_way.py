"""What the user does now prevails over messages on their way to the server or from it."""

import re
from typing import Final

from playwright.sync_api import expect

from tests.browser.live_page import LivePage
from tests.pages.lab import OPENED_WITH, lab

X, W = OPENED_WITH


def test_a_message_that_leaves_before_the_controls_have_heard_brings_nothing_back(
    page: LivePage,
) -> None:
    page.open()
    page.cell("x4").click()
    page.wait_address(entry="x4")
    page.refuse_sweeps()
    page.wait_sweep("x3")
    page.hold("x3")
    page.hold_answers(after="acknowledged")  # the picture has come, the row of controls has not
    page.move("x3", 0.25)  # a scene that is no preset
    page.wait_numbers(lab((*X[:2], 0.25, *X[3:]), W))
    page.page.wait_for_timeout(500)  # until the run has ended, and has forgotten its former select
    sent = page.messages_sent()
    page.move("x3", -0.75)
    page.until(lambda: page.messages_sent() > sent)
    page.release()
    page.release_answers()
    page.wait_address(x="1.5,-1,-0.75,0.5,0", entry="x4")
    page.wait_numbers(lab((*X[:2], -0.75, *X[3:]), W))


def test_the_later_of_a_case_and_a_moved_value_wins(page: LivePage) -> None:
    """Even if the server is told of the value only after the case, as it is here."""
    page.open()

    def choose(case: str) -> None:
        page.case(case)
        # Streamlit loses a click if its run is overtaken before it begins, some milliseconds later.
        page.page.wait_for_timeout(100)

    def move() -> None:
        page.hold("x3")
        page.move("x3", 0.25)
        page.release()
        page.page.wait_for_timeout(400)  # until it has come to rest

    page.hold_answers()
    move()
    choose("All a are negative")
    page.release_answers()
    page.wait_address(x="-1,-2,-3,-0.5,-1.5", w="1")
    page.until(lambda: page.value("x3") == -3)
    page.wait_for_run()
    page.hold_answers()
    choose("A tie of two maxima")
    move()
    page.release_answers()
    page.wait_address(x="1.5,-1,0.25,0.5,0", w="2")
    page.until(lambda: page.value("x3") == 0.25)


def test_a_value_that_was_moved_before_stays_where_none_is_changed(page: LivePage) -> None:
    """When a rule is chosen, and when the mode Predict is."""
    page.open()

    def move(value: float) -> None:
        page.hold_answers()
        page.hold("x3")
        page.move("x3", value)
        page.release()
        page.page.wait_for_timeout(400)  # until it has come to rest

    move(0.25)
    page.page.locator(".st-key-rule button").click()
    page.page.get_by_text("slope 0 at 0, ties: split", exact=True).click()
    page.page.wait_for_timeout(100)  # as above
    page.release_answers()
    page.wait_address(x="1.5,-1,0.25,0.5,0", rule="pytorch-amax")
    page.until(lambda: page.value("x3") == 0.25)
    page.page.keyboard.press("Escape")  # the menu
    page.wait_for_run()
    move(1)
    page.turn_to("Predict")
    page.page.wait_for_timeout(100)
    page.release_answers()
    page.wait_address(x="1.5,-1,1,0.5,0", rule="pytorch-amax")
    page.until(lambda: page.value("x3") == 1)
    page.look_again()


def test_the_slider_of_a_cell_is_there_at_once_and_stays_under_the_finger(phone: LivePage) -> None:
    phone.open(entry="x2")
    shown = phone.page.locator(".live-figure-list input[type=range]:visible")
    expect(shown).to_have_attribute("aria-label", "x2")
    phone.hold_answers()
    phone.cell("x4").tap()
    expect(shown).to_have_attribute("aria-label", "x4")
    touch = phone.page.context.new_cdp_session(phone.page)

    def finger(kind: str, *at: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in at]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", phone.point("x4", 0.5))
    phone.page.locator(".live-figure-cell[data-entry=x1]").dispatch_event("click")
    phone.release_answers()
    phone.wait_address(entry="x1")
    expect(shown).to_have_attribute("aria-label", "x4")
    finger("touchMove", phone.point("x4", 1.5))
    finger("touchMove", phone.point("x4", 3))
    finger("touchEnd")
    phone.wait_address(x="1.5,-1,1.5,3,0", entry="x1")
    expect(shown).to_have_attribute("aria-label", "x1")


SEEN_OPEN: Final = """() => {
  window.seenOpen = 0;
  const look = () => {
    seenOpen += document.querySelectorAll("[data-testid=stPopoverBody]").length;
    if (!seenOpen) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def test_a_menu_that_was_shut_at_once_is_opened_by_no_answer(page: LivePage) -> None:
    page.open()
    page.delay(150)
    button = page.page.locator(".st-key-toolbar").get_by_role("button", name=re.compile("^Edit"))
    body = page.page.get_by_test_id("stPopoverBody")
    button.click()
    body.wait_for()
    page.page.wait_for_timeout(150)  # the answer is on its way
    page.page.keyboard.press("Escape")
    expect(body).to_have_count(0)
    page.page.evaluate(SEEN_OPEN)
    page.page.wait_for_timeout(800)
    assert page.page.evaluate("seenOpen") == 0
    button.click()
    page.page.wait_for_timeout(800)
    expect(body).to_have_count(1)
    page.delay(0)
    button.click()
    expect(body).to_have_count(0)
    page.page.wait_for_timeout(50)  # until the server has heard of it
