"""The page "Look inside", in the browser: drawing by mouse, finger and keyboard, and choosing."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from pages.inside.inside_scene import InsideScene
from pages.inside.inside_subject import INSIDE_SUBJECT
from pages.inside.painting import INK, PAPER, states
from tests.browser.live_page import LivePage, box_of

A_ONE = [(0.5, 0.2), (0.5, 0.3), (0.5, 0.5), (0.5, 0.65), (0.5, 0.8)]
"""A stroke from top to bottom, in fractions of the sheet."""
ACROSS = [(x / 28, 7 / 28) for x in (12, 19)]
"""A stroke across the top of the 4, in fractions of the sheet."""


def pad(page: LivePage) -> Locator:
    return page.page.locator(".live-figure-pad")


def at(page: LivePage, x: float, y: float) -> tuple[float, float]:
    """The place on the screen of a point that is given in fractions of the image."""
    box = box_of(pad(page))
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def images(page: LivePage) -> list[Any]:
    sources = """document.querySelector(".js-plotly-plot").data
      .filter(({ type }) => type === "image").map(({ source }) => source)"""
    found: list[Any] = page.page.evaluate(sources)
    return found


def drawing(page: LivePage) -> Any:
    return states(page.address()["painting"])


def grid(page: LivePage, name: str) -> Locator:
    return page.page.get_by_role("grid", name=name, exact=True)


def draw(page: LivePage, places: list[tuple[float, float]]) -> None:
    page.page.mouse.move(*at(page, *places[0]))
    page.page.mouse.down()
    for place in places[1:]:
        page.page.mouse.move(*at(page, *place))
    page.page.mouse.up()


def answer(page: LivePage) -> str:
    (said,) = [text for text in page.texts() if "predicted" in text]
    return said


def test_a_digit_is_drawn_wiped_painted_by_keys_and_kept_in_the_address(page: LivePage) -> None:
    page.visit("look_inside", image="blank", tool="draw", entry="")
    blank = images(page)
    page.page.mouse.move(*at(page, *A_ONE[0]))
    page.page.mouse.down()
    for place in A_ONE[1:3]:
        page.page.mouse.move(*at(page, *place))
    page.until(lambda: images(page) != blank)  # while the hand is still down
    for place in A_ONE[3:]:
        page.page.mouse.move(*at(page, *place))
    page.page.mouse.up()
    # The stroke is two pixels wide, and has no gap.
    page.until(lambda: (drawing(page)[7:21, 13:15] == INK).all())
    assert not drawing(page)[:, :10].any()
    page.until(lambda: "predicted 1" in answer(page))
    scene, problems = InsideScene().updated(page.address())
    assert problems == []
    figure = INSIDE_SUBJECT.picture(scene).figure
    drawn = [trace["source"] for trace in figure["data"] if trace["type"] == "image"]
    page.until(lambda: images(page) == drawn)
    page.button("undo drawing").click()
    page.wait_address(painting="")
    page.until(lambda: images(page) == blank)
    expect(page.button("undo drawing")).to_be_disabled()
    grid(page, "image").focus()  # by keyboard cell by cell
    for key in ("ArrowDown", "ArrowRight", "Enter", "ArrowDown", "Enter"):
        page.page.keyboard.press(key)
    page.until(lambda: page.address()["painting"] == "BBCBt")
    assert np.argwhere(drawing(page)).tolist() == [[1, 1], [2, 1]]


def test_a_part_is_covered_and_restored(page: LivePage) -> None:
    page.visit("look_inside", preset="a-mistake")
    plain = images(page)
    expect(pad(page)).to_be_hidden()
    page.button("Image").click()
    page.button("Draw on this image").click()
    page.wait_address(tool="draw")
    page.page.get_by_text("erase", exact=True).click()
    page.wait_address(tool="erase")
    draw(page, ACROSS)
    page.until(lambda: page.address()["painting"] != "")
    page.until(lambda: images(page) != plain)
    assert {*np.unique(drawing(page))} == {0, PAPER}
    page.page.get_by_text("restore", exact=True).click()
    page.wait_address(tool="restore")
    draw(page, ACROSS)
    page.wait_address(painting="")
    page.until(lambda: images(page) == plain)


def test_a_click_explains_and_shows_the_ways_and_a_case_marks_one_cell(page: LivePage) -> None:
    page.visit("look_inside", preset="a-mistake", entry="")
    before = page.data()
    box = box_of(grid(page, "h2.3"))
    page.page.mouse.click(box["x"] + 10.5 / 11 * box["width"], box["y"] + 10.5 / 11 * box["height"])
    page.wait_address(entry="h2.3,11,11")
    page.until(
        lambda: page.explanation()[0] == "∂L/∂h⁽²⁾₃‚₁₁‚₁₁ = 0: no output depends on h⁽²⁾₃‚₁₁‚₁₁."
    )
    page.until(lambda: page.data() != before)
    large = box_of(grid(page, "h2.3, enlarged"))
    page.page.mouse.click(large["x"] + 2, large["y"] + 2)
    page.wait_address(entry="h2.3,1,1")
    page.cell("s4").click()
    page.wait_address(entry="s4")
    page.until(lambda: page.explanation()[1].startswith("∂L/∂s₄ = p₄ − 1 = "))
    image = grid(page, "image")
    box = box_of(image)
    # A place under the menu of cases: when the menu shuts, the mouse rests over the picture.
    page.page.mouse.click(box["x"] + 0.52 * box["width"], box["y"] + 0.3 * box["height"])
    page.wait_address(entry="x9,15")
    page.case("What would make it another digit")
    page.wait_address(entry="x6,17")
    cursor = image.locator(".live-figure-cursor")
    expect(cursor).to_have_attribute("data-entry", "x6,17")
    expect(cursor).to_have_css("outline-style", "none")


def test_the_tiles_of_a_stage_are_walked_as_one(page: LivePage) -> None:
    page.visit("look_inside", preset="a-mistake", tool="look")
    press = page.page.keyboard.press
    grid(page, "p2.1").focus()
    for _ in range(5):
        press("ArrowRight")
    expect(grid(page, "p2.2")).to_be_focused()
    for key in ("Tab", "Shift+Tab"):
        press(key)
    expect(grid(page, "p2.2")).to_be_focused()  # where the focus was before
    for _ in range(5):
        press("ArrowDown")
    expect(grid(page, "p2.4")).to_be_focused()
    expect(grid(page, "p2.4").get_by_role("gridcell")).to_have_attribute("data-entry", "p2.4,1,1")
    press("Enter")
    page.wait_address(entry="p2.4,1,1")
    expect(grid(page, "p2.4, enlarged")).to_be_visible()
    expect(grid(page, "p2.4")).to_be_focused()  # though another map is shown large
    press("Tab")
    expect(grid(page, "p2.4, enlarged")).to_be_focused()
    press("Shift+Tab")
    expect(grid(page, "p2.4")).to_be_focused()
    press("Shift+Tab")
    stage_before = page.page.locator(".live-figure-grid[aria-label^='h2.']:focus")
    expect(stage_before).to_have_count(1)  # wherever the focus was before


def test_the_learning_rate_of_a_step_is_moved_by_powers(page: LivePage) -> None:
    page.visit("look_inside", preset="one-step")
    page.wait_sweep("rate", page.slider("learning rate").focus)
    before = answer(page)
    page.page.keyboard.press("ArrowRight")
    page.wait_address(rate="1e-2.25")
    page.until(lambda: "η = 5.62e−3" in page.texts())
    assert page.typed("learning rate").input_value() == "5.62e-3"
    page.until(lambda: answer(page) != before)


@pytest.mark.window(390, 664)
def test_a_finger_draws_and_nothing_moves_under_it(phone: LivePage) -> None:
    """On a digit, whose explanation becomes longer by the drawing."""
    phone.visit("look_inside", image=2130, tool="draw", entry="")
    pad(phone).scroll_into_view_if_needed()
    session = phone.page.context.new_cdp_session(phone.page)
    main = phone.page.locator(".stMain")
    scrolled = main.evaluate("(it) => it.scrollTop")
    place, before = pad(phone).bounding_box(), phone.explanation()

    def touch(kind: str, *points: tuple[float, float]) -> None:
        said = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        session.send("Input.dispatchTouchEvent", said)

    touch("touchStart", at(phone, *A_ONE[0]))
    for part in A_ONE[1:]:
        touch("touchMove", at(phone, *part))
    phone.until(lambda: phone.explanation()[0] != before[0])
    assert len(phone.explanation()[0]) > len(before[0]) + 40, "it takes another line"
    assert pad(phone).bounding_box() == place
    touch("touchEnd")
    phone.until(lambda: (drawing(phone)[8:20, 13:15] == INK).all())
    phone.wait_for_run()
    assert pad(phone).bounding_box() == place
    assert main.evaluate("(it) => it.scrollTop") == scrolled
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390


BROKEN = """() => {
  const lines = [...document.querySelectorAll(".live-figure-explanation p")];
  const range = document.createRange();
  return lines.flatMap((line) => {
    const found = [];
    const walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      for (const { index, 0: word } of node.data.matchAll(/[^ ]+( %)?/g)) {
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const tops = new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom)));
        if (tops.size > 1) found.push(word);
      }
    }
    return found;
  });
}"""


LAID_OUT = """async () => {
  for (const _ of "12") await new Promise(requestAnimationFrame);
}"""


def test_no_line_ends_within_a_formulas_parts_or_before_a_unit(page: LivePage) -> None:
    for entry in ("x6,17", "h2.10,3,10", ""):
        page.visit("look_inside", preset="one-part-covered", tool="look", entry=entry)
        for width in (1280, 1366):
            page.page.set_viewport_size({"width": width, "height": 700})
            page.page.evaluate(LAID_OUT)
            assert page.page.evaluate(BROKEN) == []
    scene, _ = InsideScene().updated(page.address())
    assert page.explanation() == [*INSIDE_SUBJECT.picture(scene).explanation], "copies are as said"
