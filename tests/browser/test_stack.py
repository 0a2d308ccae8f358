"""The page of any stack, in the browser: pasted code, a phone, numbers too long for an address."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

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


@pytest.fixture
def shut(page: LivePage) -> Iterator[LivePage]:
    """A page whose menus and help are shut again for the next test."""
    yield page
    for _ in range(2):
        page.page.keyboard.press("Escape")
    expect(body(page)).to_have_count(0)


@pytest.fixture
def stack(shut: LivePage) -> LivePage:
    """The page of the stack as it opens."""
    shut.visit("stack")
    expect(shut.page.locator(".st-key-problems")).to_have_count(0)
    return shut


def pasted() -> StackScene:
    """The scene that the code makes."""
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
"""The contrast by WCAG of a button's words with its background; 7 is the stricter threshold."""


def test_the_first_thirty_seconds(stack: LivePage) -> None:
    """Text without a network is reported, the button is legible, code is pasted and explored."""
    page = stack
    page.wait_for_run()  # a run that began while the menu was shut would shut it again
    expect(menu(page)).to_have_attribute("data-testid", "stPopoverButton")
    menu(page).click()
    read = body(page).get_by_role("button", name="Read", exact=True)
    expect(read).to_be_enabled()
    page.until(lambda: read.evaluate(CONTRAST) >= 7)
    # Streamlit's hint, which has another word for the button, is hidden.
    field = body(page).get_by_label("The code of a network")
    field.press_sequentially("nn")
    said = body(page).get_by_test_id("InputInstructions")
    expect(said).to_be_attached()
    expect(said).to_be_hidden()
    before = page.page.url
    field.fill("import os\nos.system('true')")
    read.click()
    expect(body(page).get_by_text("There is no network in this text")).to_be_visible()
    assert page.page.url == before
    assert field.input_value().startswith("import os")
    light, drawn = read.evaluate(COLOURS), page.revision()
    page.page.emulate_media(color_scheme="dark")
    page.until(lambda: read.evaluate(COLOURS) != light and read.evaluate(CONTRAST) >= 7)
    page.until(lambda: page.revision() > drawn)
    # Wait for the light picture, so that the next test need not load the page.
    drawn = page.revision()
    page.page.emulate_media(color_scheme="light")
    page.until(lambda: page.revision() > drawn)
    page.wait_for_run()
    field.fill(CODE)
    read.click()
    scene = pasted()
    page.wait_address(layers=str(scene.stack), shape="1,1,6")
    expect(body(page)).to_have_count(0)
    (_, channel, place), *_ = np.argwhere(scene.trace.steps[0].output < 0)
    dead = f"a{channel + 1},{place + 1}"
    page.until(lambda: dead in page.cells())
    page.cell(dead).click()
    page.wait_address(entry=dead)
    page.until(lambda: "inactive" in page.explanation()[0])


def test_in_a_row_that_goes_on_in_lines_the_cursor_is_at_the_chosen_entry(page: LivePage) -> None:
    page.visit("stack", preset="digit", entry="f20")  # f has 72 entries, in lines of 9
    cursor = page.page.locator(".live-figure-grid[data-prefix=f] .live-figure-cursor").first
    expect(cursor).to_have_attribute("data-entry", "f20")
    expect(cursor).to_have_attribute("aria-selected", "true")


@pytest.mark.window(*PROJECTOR.values())
def test_what_is_said_of_a_paste_puts_nothing_out_of_the_window_and_no_audience_is_told(
    stack: LivePage,
) -> None:
    page = stack
    code = NETWORKS["branches"].code
    page.wait_for_run()  # as above
    menu(page).click()
    field = body(page).get_by_label("The code of a network")
    field.fill(f"{code}\nloss = nn.Fancy()")
    field.press("Control+Enter")
    told = page.page.locator(".st-key-problems")
    expect(told).to_contain_text("Fancy is not known here")
    expect(told).to_contain_text("enter yours under Network, Numbers")
    expect(told.get_by_role("button", name="Enter numbers")).to_be_visible()
    page.wait_address(layers=str(read_pytorch(code).stack))
    page.wait_for_run()
    assert at_rest(page, lambda: outside(page, PROJECTOR["height"])) == []
    page.page.keyboard.press("Escape")
    page.page.get_by_role("switch", name="Present").click()
    expect(told).to_be_hidden()
    page.page.keyboard.press("Escape")
    expect(told).to_be_visible()
    page.button("Help").click()
    purpose = page.page.locator(".live-figure-help-purpose")
    expect(purpose).to_contain_text(re.compile("^Paste the network of your exercise"))


@pytest.mark.window(390, 844)
def test_numbers_are_entered_on_a_phone_too_and_what_is_too_long_for_an_address_is_a_file(
    shut: LivePage, tmp_path: Path
) -> None:
    page = shut
    page.visit("stack", layers="relu", shape="20,20")
    menu(page).click()
    box = box_of(body(page))
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 391
    body(page).get_by_role("tab", name="Numbers").click()
    body(page).get_by_text("A list", exact=True).click()
    numbers = body(page).get_by_label("A Python list")
    rows = [[(7 * i + j) / 256 + 2**-20 for j in range(20)] for i in range(20)]
    # The result is seen where the finger is.
    for given, came in ((1, "are needed; got shape"), (rows, "x has these numbers now.")):
        numbers.fill(json.dumps(given))
        use = body(page).get_by_role("button", name="Use", exact=True)
        use.scroll_into_view_if_needed()
        use.click()
        expect(body(page).get_by_text(came)).to_be_in_viewport(ratio=1)
    expect(page.page.get_by_text("too long for an address")).to_be_visible()
    assert len(page.page.url) < ADDRESS_MOST
    menu(page).click()
    page.button("Slide, link").click()
    item = page.page.get_by_role("menuitem", name="Download the state as a file")
    file = page.downloaded(item.click, tmp_path)
    state = json.loads(file.read_text(encoding="utf-8"))
    assert [float(each) for each in state["x"].split(",")] == [*chain(*rows)]
    page.page.keyboard.press("Escape")
    # The file can be opened again; it is made shorter, so that this is seen.
    file.write_text(json.dumps(state | {"shape": "2", "x": "1,-1"}), encoding="utf-8")
    menu(page).click()
    body(page).get_by_role("tab", name="File").click()
    page.page.set_input_files("input[type=file]", file)
    page.wait_address(layers="relu", shape="2", x="1,-1")
    expect(page.page.get_by_text("too long for an address")).to_be_hidden()
