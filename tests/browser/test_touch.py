"""A finger that scrolls changes nothing; one that stays, taps, or moves sideways does."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.live_page import LivePage, box_of

SCROLLED: Final = "document.querySelector('.stMain').scrollTop"
Finger = Callable[..., None]


@pytest.fixture
def finger(phone: LivePage) -> Finger:
    """A function that sends a touch event at some places, or at none when the finger is lifted."""
    phone.page.set_viewport_size({"width": 390, "height": 664})
    session = phone.page.context.new_cdp_session(phone.page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        if kind == "touchStart":  # for a moment after a menu was shut it does nothing
            expect(phone.page.locator(".stMain")).to_have_css("pointer-events", "auto")
        points = [{"x": x, "y": y} for x, y in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return touch


def swipe_up(phone: LivePage, finger: Finger, x: float, y: float) -> float:
    """Swipe up swiftly; return how far that scrolled the page, which is put back to its top."""
    seen: list[float] = [phone.page.evaluate(SCROLLED)]
    finger("touchStart", (x, y))
    for step in range(1, 9):
        finger("touchMove", (x + step, y - 15 * step))
    finger("touchEnd")
    phone.until(lambda: phone.page.evaluate(SCROLLED) != seen[0])
    while len(seen) < 3 or seen[-1] != seen[-2]:  # scrolling goes on without the finger
        phone.page.wait_for_timeout(200)
        seen.append(phone.page.evaluate(SCROLLED))
    phone.page.evaluate(f"{SCROLLED} = 0")
    return seen[-1] - seen[0]


def middle_of(element: Locator) -> tuple[float, float]:
    box = box_of(element)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def at_rest(phone: LivePage, element: Locator) -> tuple[float, float]:
    """The middle of an element, once it no longer moves."""
    seen = [middle_of(element)]
    while len(seen) < 3 or seen[-1] != seen[-3]:
        phone.page.wait_for_timeout(50)
        seen.append(middle_of(element))
    return seen[-1]


def test_a_swipe_that_begins_on_a_slider_scrolls_and_a_tap_sets_it(
    phone: LivePage, finger: Finger
) -> None:
    phone.open(entry="x3")
    before = phone.address()
    assert swipe_up(phone, finger, *phone.point("x3", -2)) > 50
    assert phone.value("x3") == 1.5
    assert phone.address() == before
    place = phone.point("x3", -2)
    finger("touchStart", place)
    assert phone.value("x3") == 1.5
    finger("touchEnd")
    phone.wait_address(x="1.5,-1,-2,0.5,0")


def test_a_menu_is_shut_by_a_choice_hit_anywhere_and_by_a_tap_beside_it_which_does_nothing_else(
    phone: LivePage,
) -> None:
    phone.page.set_viewport_size({"width": 390, "height": 664})
    phone.open(entry="x3", rule="lab")
    toolbar = phone.page.locator(".st-key-toolbar")
    rule = toolbar.get_by_role("button", name=re.compile("^At ties and kinks"))
    case = toolbar.get_by_role("button", name=re.compile("^Case: "))
    field = middle_of(phone.typed("x3"))
    menus = phone.page.locator("[data-testid=stPopoverBody], [data-testid=stMenuButtonBody]")
    phone.delay(100)
    for button in (rule, case):
        button.tap()
        expect(menus).to_be_visible()
        phone.page.wait_for_timeout(60)  # from then on Streamlit notices when the menu is shut
        phone.page.touchscreen.tap(*field)
        expect(menus).to_have_count(0)
        for _ in range(15):
            phone.page.wait_for_timeout(20)
            assert menus.count() == 0, "an answer of the server opened it again"
        expect(phone.typed("x3")).not_to_be_focused()
    phone.delay(0)
    # To the right of the words, and on the line below them.
    for chosen, words, share in (("pytorch-amax", "split", 0.97), ("lab", "all get it", 0.6)):
        rule.tap()
        _, y = middle_of(menus.get_by_text(words).first)
        box = box_of(menus.get_by_role("radiogroup"))
        down = 0 if share > 0.9 else 20
        phone.page.touchscreen.tap(box["x"] + share * box["width"], y + down)
        phone.wait_address(rule=chosen)
        expect(menus).to_have_count(0)


def test_a_slider_turned_to_on_a_phone_while_predicting_stays_and_marks_nothing(
    phone: LivePage,
) -> None:
    phone.page.set_viewport_size({"width": 390, "height": 664})
    phone.open(entry="x3")
    turns = phone.page.locator(".live-figure-turns")
    sliders = phone.page.locator(".live-figure-list")

    def press(button: Locator) -> None:  # wherever the page is scrolled to
        button.evaluate("(button) => button.click()")

    # One slider stays above the tabs, unless all sliders are shown or the task is there.
    expect(sliders).to_have_css("position", "sticky")
    press(turns.get_by_role("button", name="all sliders"))
    expect(sliders).to_have_css("position", "static")
    press(turns.get_by_role("button", name="one slider"))
    expect(sliders).to_have_css("position", "sticky")
    phone.turn_to("Predict")
    expect(sliders).to_have_css("position", "static")
    expect(phone.figure).to_have_css("padding-bottom", f"{0.42 * 664:g}px")
    x3 = phone.cell("x3")
    press(x3)
    expect(x3).to_have_attribute("aria-label", re.compile("marked as nonzero"))
    for name in ("x₄", "x₃", "x₄"):
        press(turns.get_by_role("button", name=name))
    press(phone.cell("x1"))
    phone.wait_for_run()
    expect(phone.cell("x1")).to_have_attribute("aria-label", re.compile("marked as nonzero"))
    expect(phone.slider("x4")).to_be_visible()
    expect(x3).to_have_attribute("aria-label", re.compile("marked as nonzero"))
    expect(phone.cell("x4")).not_to_have_attribute("aria-label", re.compile("marked as nonzero"))
    phone.look_again()


# Whether the tip does not cover the map. Both are measured at once, as the explanation moves them.
IS_CLEAR: Final = """(map) => {
  const tip = document.querySelector(".live-figure-readout");
  const [said, tapped] = [tip, map].map((each) => each.getBoundingClientRect());
  return said.bottom <= tapped.top || said.top >= tapped.bottom;
}"""


@pytest.mark.anew
def test_on_a_map_a_tap_leaves_no_frame_behind_a_swipe_scrolls_and_who_stays_has_the_loupe(
    phone: LivePage, finger: Finger
) -> None:
    phone.visit("stack", preset="digit")
    for map_of, entry in (("w", "w"), ("x", "x")):
        there = phone.page.locator(f'.live-figure-grid[data-prefix^="{map_of}"]').last
        phone.page.touchscreen.tap(*at_rest(phone, there))
        tip = phone.page.locator(".live-figure-readout")
        expect(tip).to_have_text("Hold to magnify")
        assert there.evaluate(IS_CLEAR), "it lies on the map"
        phone.until(lambda entry=entry: phone.address()["entry"].startswith(entry))  # type: ignore[misc]
    expect(phone.page.locator('.live-figure-grid[data-under="true"]')).to_have_count(0)
    before = phone.address()
    image = phone.page.locator(".live-figure-grid[data-prefix=x]").first
    assert swipe_up(phone, finger, *at_rest(phone, image)) > 50
    loupe = phone.page.locator(".live-figure-loupe")
    expect(loupe).to_have_count(0)
    assert phone.address() == before
    at_rest(phone, image)
    box = box_of(image)
    across, down = box["width"] / 14, box["height"] / 14

    def touch(kind: str, row: int, column: int) -> None:
        finger(kind, (box["x"] + (column - 0.5) * across, box["y"] + (row - 0.5) * down))

    touch("touchStart", 5, 5)
    expect(loupe).to_contain_text("x₅‚₅ = ")
    touch("touchMove", 13, 12)
    expect(loupe).to_contain_text("x₁₃‚₁₂ = ")
    seen, cell = box_of(loupe), box_of(loupe.locator(".live-figure-loupe-frame"))
    assert min(cell["width"], cell["height"]) >= 44
    x, y = box["x"] + 11.5 * across, box["y"] + 12.5 * down
    under = seen["x"] <= x <= seen["x"] + seen["width"]
    assert not (under and seen["y"] <= y <= seen["y"] + seen["height"]), "seen beside the finger"
    assert 0 <= seen["x"] <= 390 - seen["width"]
    assert 0 <= seen["y"] <= 664 - seen["height"]
    assert phone.address() == before, "nothing is chosen before the finger is lifted"
    finger("touchEnd")
    expect(loupe).to_have_count(0)
    phone.wait_address(entry="x13,12")
