"""The page of any stack, in the browser: the first thirty seconds, a phone, what is too long."""

import json
import re
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from pages.stack.cases import CASES
from pages.stack.paste import read_pytorch
from pages.stack.stack_scene import ADDRESS_MOST, StackScene
from tests.browser.live_page import LivePage, box_of
from tests.browser.test_first_minute import PROJECTOR, at_rest, outside
from tests.pages.stack.networks import NETWORKS

CODE: Final = """nn.Sequential(
    nn.Conv1d(1, 2, 3),
    nn.ReLU(),
    nn.MaxPool1d(2),
    nn.Flatten(),
    nn.Linear(4, 3),
)"""


def menu(page: LivePage) -> Locator:
    return page.page.locator(".st-key-toolbar").get_by_role("button", name="Network", exact=True)


def body(page: LivePage) -> Locator:
    return page.page.get_by_test_id("stPopoverBody")


def paste(page: LivePage, code: str, *, by_keys: bool = False) -> None:
    page.wait_for_run()  # one that began while the menu was shut would shut it, and what is in it
    menu(page).click()
    field = body(page).get_by_label("The code of a network")
    field.fill(code)
    if by_keys:
        field.press("Control+Enter")
    else:
        body(page).get_by_role("button", name="Read", exact=True).click()


@pytest.fixture
def stack(page: LivePage) -> Iterator[LivePage]:
    """The page as it opens; no menu and no help is left open for whoever comes next."""
    page.visit("stack")
    expect(page.page.locator(".st-key-problems")).to_have_count(0)
    yield page
    for _ in range(2):
        page.page.keyboard.press("Escape")
    expect(body(page)).to_have_count(0)


def pasted() -> StackScene:
    """What comes of the code."""
    found = read_pytorch(CODE)
    assert found.input
    return StackScene.opened(found.stack, found.input)


COLOURS: Final = """(button) => {
  const {color, backgroundColor} = getComputedStyle(button);
  return [color, backgroundColor];
}"""
CONTRAST: Final = """(button) => {
  const {color, backgroundColor} = getComputedStyle(button);
  const pen = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const light = [color, backgroundColor].map((it) => {
    pen.fillStyle = it;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((part) => {
      const of = part / 255;
      return of <= 0.04045 ? of / 12.92 : ((of + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  });
  return Math.max(...light) / Math.min(...light);
}"""
"""Of the words on a button with its ground, as WCAG has it; 7 is its stricter threshold."""


def test_the_button_that_reads_looks_as_if_it_could_be_pressed(stack: LivePage) -> None:
    page = stack
    menu(page).click()
    read = body(page).get_by_role("button", name="Read", exact=True)
    expect(read).to_be_enabled()
    page.until(lambda: read.evaluate(CONTRAST) >= 7)
    # Nothing beside the code calls the button otherwise.
    body(page).get_by_label("The code of a network").press_sequentially("nn")
    said = body(page).get_by_test_id("InputInstructions")
    expect(said).to_be_attached()
    expect(said).to_be_hidden()
    light = read.evaluate(COLOURS)
    page.page.emulate_media(color_scheme="dark")
    page.until(lambda: read.evaluate(COLOURS) != light and read.evaluate(CONTRAST) >= 7)


def test_the_first_thirty_seconds(page: LivePage) -> None:
    page.visit("stack")
    expect(menu(page)).to_have_attribute("data-testid", "stPopoverButton")
    paste(page, CODE)
    scene = pasted()
    page.wait_address(layers=str(scene.stack), shape="1,1,6")
    expect(body(page)).to_have_count(0)
    (_, channel, place), *_ = np.argwhere(scene.trace.steps[0].output < 0)
    dead = f"a{channel + 1},{place + 1}"
    page.until(lambda: dead in page.cells())
    page.cell(dead).click()
    page.wait_address(entry=dead)
    page.until(lambda: "inactive" in page.explanation()[0])
    seen = page.everything()
    page.page.reload()  # in a session of its own
    page.wait_drawn()
    assert page.everything() == seen


def test_in_a_row_that_goes_on_in_lines_the_cursor_is_at_the_chosen_entry(page: LivePage) -> None:
    page.visit("stack", preset="digit", entry="f20")  # of 72 in lines of 9
    cursor = page.page.locator(".live-figure-grid[data-prefix=f] .live-figure-cursor").first
    expect(cursor).to_have_attribute("data-entry", "f20")
    expect(cursor).to_have_attribute("aria-selected", "true")


def test_an_audience_is_not_told_what_is_said_of_a_paste(stack: LivePage) -> None:
    page = stack
    paste(page, CODE.replace("nn.ReLU()", "nn.Fancy()"), by_keys=True)
    told = page.page.locator(".st-key-problems")
    expect(told).to_contain_text("Fancy is not known here")
    expect(told.get_by_role("button", name="Enter numbers")).to_be_visible()
    page.page.keyboard.press("Escape")
    page.page.get_by_role("switch", name="Present").click()
    expect(told).to_be_hidden()
    page.page.keyboard.press("Escape")
    expect(told).to_be_visible()


@pytest.mark.window(*PROJECTOR.values())
def test_what_is_said_of_a_paste_puts_nothing_out_of_the_window(stack: LivePage) -> None:
    page = stack
    for name in ("branches", "derived", "sequential"):
        paste(page, f"{NETWORKS[name].code}\nloss = nn.Fancy()")
        told = page.page.locator(".st-key-problems")
        expect(told).to_contain_text("enter yours under Network, Numbers")
        page.wait_address(layers=str(read_pytorch(NETWORKS[name].code).stack))
        page.wait_for_run()
        assert at_rest(page, lambda: outside(page, PROJECTOR["height"])) == [], name
        page.page.keyboard.press("Escape")
        expect(body(page)).to_have_count(0)
        page.page.wait_for_timeout(50)  # until the server has heard of it
    page.button("Help").click()
    purpose = page.page.locator(".live-figure-help-purpose")
    expect(purpose).to_contain_text(re.compile("^Paste the network of your exercise"))


def test_a_paste_that_is_no_network_is_said_beside_it(stack: LivePage) -> None:
    page = stack
    before = page.page.url
    paste(page, "import os\nos.system('true')")
    expect(body(page).get_by_text("There is no network in this text")).to_be_visible()
    assert page.page.url == before
    assert body(page).get_by_label("The code of a network").input_value().startswith("import os")


def test_a_layer_that_does_not_fit_is_said_at_its_joint(stack: LivePage) -> None:
    page = stack
    menu(page).click()
    body(page).get_by_role("tab", name="Layers").click()
    body(page).get_by_text("maxpool(2) → (1, 2, 2)").click()
    field = body(page).get_by_label("kernel_size")
    field.fill("5")
    field.press("Enter")
    expect(body(page).get_by_text("maxpool(5) does not fit").first).to_be_visible()
    body(page).get_by_role("button", name="Use maxpool(4)").click()
    page.wait_address(layers="conv1d(3,filters=2)-relu-maxpool(4)-flatten-linear(2)")


@pytest.mark.apart
def test_a_state_that_is_too_long_for_an_address_is_a_file(page: LivePage, tmp_path: Path) -> None:
    page.visit("stack", layers="relu", shape="25,40")
    menu(page).click()
    body(page).get_by_role("tab", name="Numbers").click()
    body(page).get_by_text("A list", exact=True).click()
    rows = [[round(0.001 * (7 * i + j) - 1.5, 3) for j in range(40)] for i in range(25)]
    body(page).get_by_label("A Python list").fill(json.dumps(rows))
    page.hold_answers()
    body(page).get_by_role("button", name="Use", exact=True).click()
    # Streamlit forgets a click whose run is overtaken before it has begun, some milliseconds.
    page.page.wait_for_timeout(100)
    menu(page).click()
    page.button("Slide, link").click()
    page.release_answers()  # a menu that is open already has it too
    expect(page.page.get_by_text("too long for an address")).to_be_visible()
    assert len(page.page.url) < ADDRESS_MOST
    item = page.page.get_by_role("menuitem", name="Download the state as a file")
    file = page.downloaded(item.click, tmp_path)
    state = json.loads(file.read_text(encoding="utf-8"))
    assert len(state["x"].split(",")) == 1000
    page.visit("stack")
    menu(page).click()
    body(page).get_by_role("tab", name="File").click()
    page.page.set_input_files("input[type=file]", file)
    expect(page.page.get_by_text("too long for an address")).to_be_visible()
    page.wait_address(layers="relu", shape="25,40")


def test_on_a_phone_the_menu_is_there_and_fits(phone: LivePage) -> None:
    phone.visit("stack", preset="residual")
    menu(phone).tap()
    box = box_of(body(phone))
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 391
    # What came of numbers is seen where the finger is.
    body(phone).get_by_role("tab", name="Numbers").tap()
    body(phone).get_by_text("A list", exact=True).tap()
    numbers = body(phone).get_by_label("A Python list")
    count = prod(CASES["residual"].shape)
    for given, came in ((1, "are needed; got shape"), (count, "x has these numbers now.")):
        numbers.fill(", ".join(["1"] * given))
        use = body(phone).get_by_role("button", name="Use", exact=True)
        use.scroll_into_view_if_needed()
        use.tap()
        expect(body(phone).get_by_text(came)).to_be_in_viewport(ratio=1)
    phone.page.keyboard.press("Escape")
    assert phone.address()["layers"] == str(CASES["residual"].stack)
