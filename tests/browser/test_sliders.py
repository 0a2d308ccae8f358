"""The sliders by keyboard."""

from tests.browser.live_page import LivePage
from tests.pages.lab import OPENED_WITH, lab

X, W = OPENED_WITH


KEYS = (
    ("ArrowRight", 1.75),
    ("ArrowUp", 2),
    ("ArrowLeft", 1.75),
    ("ArrowDown", 1.5),
    ("PageUp", 2.5),
    ("PageDown", 1.5),
    ("Home", -4),
    ("ArrowLeft", -4),
    ("PageUp", -3),
    ("End", 4),
    ("ArrowRight", 4),
)


def test_keys_move_a_slider_and_the_picture(page: LivePage) -> None:
    page.open()
    page.slider("x1").focus()
    for key, value in KEYS:
        page.page.keyboard.press(key)
        page.wait_numbers(lab((value, *X[1:]), W))
    page.wait_address(x="4,-1,1.5,0.5,0")
    sent = page.messages_sent()
    page.page.keyboard.press("ArrowRight")
    page.page.wait_for_timeout(100)
    assert page.messages_sent() == sent, "there is nothing beyond the end to be asked for"


def test_between_the_grid_a_key_moves_to_its_next_line(page: LivePage) -> None:
    page.open()
    for key, value in (("ArrowDown", 0.25), ("ArrowUp", 0.5)):
        page.typed("x1").fill("0.3125")
        page.page.keyboard.press("Enter")
        page.wait_numbers(lab((0.3125, *X[1:]), W))
        page.slider("x1").focus()
        page.page.keyboard.press(key)
        page.wait_numbers(lab((value, *X[1:]), W))


def test_every_control_of_the_picture_is_reached_with_tab(page: LivePage) -> None:
    page.open()
    page.slider("x1").focus()
    for wanted in (page.slider("x2"), page.typed("x2"), page.slider("w"), page.slider("dz")):
        page.reach(wanted)
