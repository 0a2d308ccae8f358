"""The Slide button: exactly what is on the screen, as a file or as text."""

import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Download, expect
from streamlit.net_util import get_internal_ip

from pages.export.document import html_file
from pages.export.render_jobs import job_of_address
from pages.export.style import Style
from tests.browser.live_page import LivePage, box_of

CLIPBOARD = ["clipboard-read", "clipboard-write"]
SLIDE = re.compile("^Slide(, link)?$")  # it is shorter while somebody presents
WITHOUT_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"


def for_others(url: str) -> str:
    """The page's address by the network's, where this computer has one."""
    host = get_internal_ip() or "127.0.0.1"
    return url if host.startswith("127.") else url.replace("//localhost:", f"//{host}:")


@pytest.fixture
def slide(page: LivePage) -> Iterator[Callable[[str], None]]:
    """Chooses an item of the menu, which it opens where it is shut, and waits for what comes."""
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
    assert box["y"] + box["height"] <= height
    menu = page.page.locator(".live-figure-menu")
    heights = menu.evaluate("(it) => [it.scrollHeight, it.clientHeight]")
    assert heights[0] <= heights[1], "nothing is scrolled to"


def copied(page: LivePage) -> str:
    assert status(page) == "Copied."
    text: str = page.page.evaluate("navigator.clipboard.readText()")
    return text


@pytest.mark.apart
def test_files_of_the_state_with_its_reason_or_without(
    page: LivePage, slide: Callable[[str], None], tmp_path: Path
) -> None:
    page.open(preset="max-tie")
    png = page.downloaded(lambda: slide("PNG"), tmp_path)
    assert png.name == "max-tie.png"
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png.read_bytes()[16:24]) == (1920, 1080)
    page.drag("x2", 2.75)
    svg = page.downloaded(lambda: slide("SVG"), tmp_path)
    assert svg.name == "conv-block.svg"
    root = ET.parse(svg).getroot()
    assert (root.get("width"), root.get("height")) == ("1920", "1080")
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"The conv block · slope 1 at 0, ties: all get it", "2.75", "5.5", "∂ +2"} <= set(texts)
    html = page.downloaded(lambda: slide("HTML"), tmp_path)
    assert html.name == "conv-block.html"
    job = job_of_address(page.page.url, Style())
    # What that is in a browser is told by test_html_file.py.
    assert html.read_text(encoding="utf-8") == html_file(job), "the file that is exported"
    reason = "∂L/∂x₃ = w · ∂L/∂a₃ = 2 · 0 = 0"
    assert reason in svg.read_text(encoding="utf-8")
    slide("With its reason")
    switch = page.page.get_by_role("menuitemcheckbox", name="With its reason")
    expect(switch).to_have_attribute("aria-checked", "false")
    plain = page.downloaded(lambda: slide("SVG"), tmp_path)
    assert reason not in plain.read_text(encoding="utf-8")
    slide("Dark")
    slide("Copy export command")
    assert copied(page).endswith("--format png --theme dark --no-caption")
    page.page.keyboard.press("Escape")
    page.open(preset="unique-max")
    page.button("Slide, link").click()
    expect(switch).to_have_attribute("aria-checked", "true")  # a page that was loaded anew


@pytest.mark.window(1280, 600)
def test_what_a_choice_does_to_a_slide_is_seen_in_a_menu_that_fits(page: LivePage) -> None:
    page.open()
    page.button("Slide, link").click()
    menu = page.page.get_by_role("menu", name="Slide")
    choices = menu.get_by_role("menuitemcheckbox").all()
    for choice in (*choices, menu.get_by_role("menuitem", name="Question and answer")):
        does = choice.locator(".live-figure-does")
        expect(does).to_be_visible()
        expect(choice).to_have_accessible_description(does.inner_text())
    assert len(choices) == 2
    filled = "(it) => getComputedStyle(it, '::before').boxShadow !== 'none'"
    assert [each.evaluate(filled) for each in choices] == [True, False], "its reason, not dark"
    assert_fits(page, 600)
    menu.get_by_role("menuitem", name="Gallery").click()
    page.page.wait_for_url("**/gallery*")
    expect(page.page.get_by_role("button", name="Present marked")).to_be_visible()


def test_a_question_and_its_answer_are_two_files(
    page: LivePage, slide: Callable[[str], None], tmp_path: Path
) -> None:
    page.open(preset="unique-max")
    with page.page.expect_event("download"), page.page.expect_event("download"):
        slide("Question and answer")
    assert status(page) == ("unique-max-question.png and unique-max-answer.png are downloaded.")
    page.page.keyboard.press("Escape")
    page.page.get_by_role("radio", name="Predict").click()
    expect(page.page.get_by_text("Mark every entry")).to_be_visible()
    downloads: list[Download] = []
    page.page.on("download", lambda download: downloads.append(download))
    slide("SVG")
    assert status(page).endswith("answer.svg are downloaded.")
    page.until(lambda: len(downloads) == 2)
    asked, answered = (each.path().read_text(encoding="utf-8") for each in downloads)
    assert "Which gradients are nonzero?" in asked
    assert "not max" not in asked
    assert "not max" in answered
    slide("Copy export command")
    assert copied(page).endswith("--format png --pair")
    page.page.keyboard.press("Escape")
    page.look_again()


@pytest.mark.parametrize("mode", [{}, {"present": "1"}])
@pytest.mark.window(1280, 600)
def test_what_is_told_of_a_file_leaves_the_items_in_their_places(
    page: LivePage, slide: Callable[[str], None], mode: dict[str, str]
) -> None:
    page.open(preset="max-tie", **mode)
    slide("Dark")  # nothing is told of that
    items = page.page.locator(".live-figure-item")
    places = "(all) => all.map((each) => each.getBoundingClientRect().top)"
    before = items.evaluate_all(places)
    slide("Question and answer")
    page.until(lambda: "are downloaded" in status(page))
    assert items.evaluate_all(places) == before
    slide("Dark")


@pytest.mark.apart
def test_texts_of_the_state_are_copied_or_stand_selected(
    page: LivePage, slide: Callable[[str], None]
) -> None:
    page.open("dz=-1&embed_options=light_theme")
    slide("Copy link")
    assert status(page).startswith("Copied.")
    heard = box_of(page.page.locator(".live-figure-heard"))
    assert heard["width"] <= 1, "it is seen beside the item"
    assert page.page.evaluate("navigator.clipboard.readText()") == for_others(page.page.url)
    assert urlsplit(page.page.url).query.endswith("entry=x3&embed_options=light_theme")
    slide("Copy export command")
    address = page.page.url.replace("&embed_options=light_theme", "")
    assert copied(page) == f"python -m pages.export --url '{address}' --format png"
    slide("Copy Python")
    assert "dz = -1.0\n" in copied(page)
    slide("Copy LaTeX")
    assert copied(page).startswith(r"\frac{\partial L}{\partial x_{3}} = w \cdot ")
    page.page.evaluate(WITHOUT_CLIPBOARD)
    slide("Copy link")
    assert re.match("Copied|Press Ctrl\\+C or ⌘C to copy what is selected.", status(page))
    assert page.page.evaluate("String(getSelection())") == for_others(page.page.url)
    page.page.keyboard.press("Escape")
    expect(page.button("Slide, link")).to_be_focused()


def test_scripts_for_frameworks(page: LivePage, slide: Callable[[str], None]) -> None:
    page.open(preset="max-tie")
    for item, used in (("Copy PyTorch", "import torch\n"), ("Copy JAX", "import jax\n")):
        slide(item)
        name = item.removeprefix("Copy ")
        assert status(page).startswith(f"Copied. {name} gives other numbers than this page for dh3")
        assert used in page.page.evaluate("navigator.clipboard.readText()")
    page.open(preset="unique-max")
    slide("Copy PyTorch")
    assert "z.backward(gradient=dz)" in copied(page)


def test_the_charts_of_a_training_are_one_file_and_no_single_pass(
    page: LivePage, slide: Callable[[str], None], tmp_path: Path
) -> None:
    page.page.goto(f"{page.base}train?epochs=2&seed=7")
    page.page.wait_for_selector('[data-testid=live-charts]:not([data-revision="0"])')
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


def test_what_still_moves_is_settled_first(page: LivePage, slide: Callable[[str], None]) -> None:
    page.open()
    page.wait_sweep("x1")
    page.delay(100)
    page.sweep_through("x1")
    page.button("Slide, link").evaluate("(button) => button.click()")
    page.page.get_by_role("menuitem", name="Copy link").evaluate("(item) => item.click()")
    assert status(page).startswith("Copied")
    assert "?x=4,-1,1.5,0.5,0&" in page.page.evaluate("navigator.clipboard.readText()")
    page.page.keyboard.press("Escape")
    page.cell("z").click()
    page.wait_address(entry="z")
    page.page.keyboard.press("b")
    page.page.keyboard.press("b")
    slide("Copy LaTeX")
    assert copied(page) == r"\frac{\partial L}{\partial z} = 1"
    page.page.keyboard.press("Escape")
    page.page.keyboard.press("b")
    slide("Copy LaTeX")
    assert status(page).startswith("Nothing to copy: no formula")
    page.page.keyboard.press("Escape")


def test_the_menu_is_used_by_keyboard_and_fits_a_phone(page: LivePage) -> None:
    page.page.set_viewport_size({"width": 390, "height": 664})
    page.open()
    keyboard, items = page.page.keyboard, page.page.get_by_role("menuitem")
    page.button("Slide, link").focus()
    keyboard.press("Enter")
    expect(items.first).to_be_focused()
    expect(items.first).to_have_text("Copy link")
    keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    keyboard.press("Home")
    keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    box = box_of(page.page.locator(".live-figure-panel"))
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert_fits(page, 664)
    keyboard.press("b")
    keyboard.press("Escape")
    expect(items.first).to_be_hidden()
    expect(page.button("Slide, link")).to_be_focused()
    assert page.address()["step"] == "6", "a letter in the menu does not step"
    page.button("Slide, link").click()
    page.page.mouse.click(20, 400)
    expect(items.first).to_be_hidden()
