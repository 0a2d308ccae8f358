"""The Slide button: exactly what is on the screen, as a file or as text."""

import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from streamlit.net_util import get_internal_ip

from tests.browser.live_page import LivePage, box_of
from tests.browser.test_train import open_charts

CLIPBOARD = ["clipboard-read", "clipboard-write"]
FULL = "are there more items in the menu, or longer ones (Tools in live_figure.js)?"
SLIDE = re.compile("^Slide(, link)?$")  # shorter while presenting


def for_others(url: str) -> str:
    """The page's address on the network, if this computer has one there."""
    host = get_internal_ip() or "127.0.0.1"
    return url if host.startswith("127.") else url.replace("//localhost:", f"//{host}:")


@pytest.fixture
def slide(page: LivePage) -> Iterator[Callable[[str], None]]:
    """A function that chooses an item of the menu, which it opens if it is shut."""
    page.page.context.grant_permissions(CLIPBOARD, origin=page.base)

    def choose(item: str) -> None:
        button = page.page.get_by_role("button", name=SLIDE)
        if button.get_attribute("aria-expanded") == "false":
            button.click()
        items = page.page.get_by_role("menu", name="Slide").locator(".live-figure-item")
        items.filter(has_text=item, visible=True).first.click()

    yield choose
    page.page.context.clear_permissions()


def status(page: LivePage) -> str:
    said = page.page.locator(".live-figure-status")
    expect(said).not_to_have_text(re.compile("^…?$"))
    return " ".join(said.inner_text().split())


def assert_fits(page: LivePage, height: int) -> None:
    box = box_of(page.page.locator(".live-figure-panel"))
    assert box["y"] + box["height"] <= height, f"the menu ends within {height} px: {FULL}"
    menu = page.page.locator(".live-figure-menu")
    heights = menu.evaluate("(it) => [it.scrollHeight, it.clientHeight]")
    assert heights[0] <= heights[1], f"nothing is scrolled to: {FULL}"


def copied(page: LivePage) -> str:
    assert status(page) == "Copied."
    text: str = page.page.evaluate("navigator.clipboard.readText()")
    return text


@pytest.mark.window(1280, 600)
def test_the_menu_fits_and_stays_as_it_is_while_something_is_told(
    page: LivePage, slide: Callable[[str], None], tmp_path: Path
) -> None:
    button = page.page.get_by_role("button", name=SLIDE)
    menu = page.page.get_by_role("menu", name="Slide")
    items = page.page.locator(".live-figure-item")
    places = "(all) => all.map((each) => each.getBoundingClientRect().top)"
    page.open(preset="three-way-tie", present="1")
    button.click()
    assert_fits(page, 600)
    before = items.evaluate_all(places)
    png = page.downloaded(lambda: slide("Question and answer"), tmp_path)
    assert png.name == "three-way-tie-question.png"
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png.read_bytes()[16:24]) == (1920, 1080)
    page.until(lambda: "are downloaded" in status(page))
    files = "three-way-tie-question.png and three-way-tie-answer.png"
    assert status(page) == f"{files} are downloaded."
    assert items.evaluate_all(places) == before, f"a message moves no item: {FULL}"
    button.click()
    page.button("Leave").click()
    button.click()
    assert_fits(page, 600)
    # Each choice says what it does to a slide.
    choices = menu.get_by_role("menuitemcheckbox").all()
    for choice in (*choices, menu.get_by_role("menuitem", name="Question and answer")):
        does = choice.locator(".live-figure-does")
        expect(does).to_be_visible()
        expect(choice).to_have_accessible_description(does.inner_text())
    assert len(choices) == 2
    filled = "(it) => getComputedStyle(it, '::before').boxShadow !== 'none'"
    assert [each.evaluate(filled) for each in choices] == [True, False], "its reason, not dark"
    button.click()
    # On a phone too.
    page.page.set_viewport_size({"width": 390, "height": 664})
    expect(page.page.locator(".live-figure[data-narrow=true]")).to_be_visible()
    button.click()
    box = box_of(page.page.locator(".live-figure-panel"))
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert_fits(page, 664)
    page.page.keyboard.press("Escape")


def test_texts_and_a_file_are_of_what_is_on_the_screen_with_its_reason(
    page: LivePage, slide: Callable[[str], None], tmp_path: Path
) -> None:
    page.open("dz=-1&embed_options=light_theme")
    page.wait_sweep("x1")
    page.delay(100)
    page.sweep_through("x1", 4)  # its last value is settled before the link is copied
    page.button("Slide, link").evaluate("(button) => button.click()")
    page.page.get_by_role("menuitem", name="Copy link").evaluate("(item) => item.click()")
    assert status(page).startswith("Copied.")
    page.delay(0)
    heard = box_of(page.page.locator(".live-figure-heard"))
    assert heard["width"] <= 1, "it is seen beside the item"
    assert page.page.evaluate("navigator.clipboard.readText()") == for_others(page.page.url)
    query = urlsplit(page.page.url).query
    assert query.startswith("x=4,-1,1.5,0.5,0&")
    assert query.endswith("&embed_options=light_theme")
    slide("Copy export command")
    address = page.page.url.replace("&embed_options=light_theme", "")
    assert copied(page) == f"python -m pages.export --url '{address}' --format png"
    slide("Copy Python")
    assert "dz = -1.0\n" in copied(page)
    slide("Copy LaTeX")
    assert copied(page).startswith(r"\frac{\partial L}{\partial x_{")
    svg = page.downloaded(lambda: slide("SVG"), tmp_path)
    assert svg.name == "conv-block.svg"
    root = ET.parse(svg).getroot()
    assert (root.get("width"), root.get("height")) == ("1920", "1080")
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"The conv block · slope 1 at 0, ties: all get it", "4", "8", "∂ −2"} <= set(texts)
    assert "∂L/∂x₃ = w · ∂L/∂a₃ = 2 · 0 = 0" in svg.read_text(encoding="utf-8")
    page.page.keyboard.press("Escape")


def test_the_charts_of_a_training_are_one_file_and_no_single_pass(
    page: LivePage, slide: Callable[[str], None], tmp_path: Path
) -> None:
    open_charts(page, "epochs=2&seed=7")
    png = page.downloaded(lambda: slide("PNG"), tmp_path)
    assert png.name == "train.png"
    assert struct.unpack(">II", png.read_bytes()[16:24]) == (1920, 1080)
    root = ET.parse(page.downloaded(lambda: slide("SVG"), tmp_path)).getroot()
    assert (root.get("width"), root.get("height")) == ("1920", "1080")
    texts = {"".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Accuracy", "Confusion matrix"} <= texts
    places = [
        (float(each.attrib["x"]), float(each.attrib["width"]))
        for each in root
        if "x" in each.attrib
    ]
    ends = [0.0, *(left + width for left, width in places)]
    gaps = [left - end for (left, _), end in zip([*places, (1920.0, 0.0)], ends, strict=True)]
    assert len(places) == 3
    assert min(gaps) >= 39, "beside each other, and clear of the edges"
    slide("Copy command")
    assert copied(page).endswith("--momentum 0.9 --weight-decay 0.0 --seed 7")
    slide("Copy JAX")
    assert status(page).startswith("A training is no single pass")
    page.page.keyboard.press("Escape")
