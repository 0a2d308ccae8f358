"""The presenter's mode: a full screen, a remote, an address for everybody."""

import re
from functools import partial
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from playwright.sync_api import FloatRect, Locator, expect

from pages.figures.theme import PALETTES, POSITIVE
from pages.registry import SUBJECTS
from pages.server.assets import style_url
from tests.browser.live_page import LivePage, box_of
from tests.browser.server import Server
from tests.browser.test_first_minute import at_rest
from tests.pages.scenes import BLOCK

pytestmark = pytest.mark.window(1280, 720)

SLUGS = list(BLOCK.presets)

# Counts frames, and those with no picture of this page or of the one before, until `seen` is set to
# NaN.
WATCH = """() => {
  Object.assign(window, { blank: 0, seen: 0 });
  const look = () => {
    const strips = document.querySelectorAll(".live-figure-strip").length;
    const texts = document.querySelectorAll(".js-plotly-plot text").length;
    window.seen += 1;
    if (!strips || texts < 4) window.blank += 1;
    if (window.seen) requestAnimationFrame(look);
  };
  look();
}"""


def position(page: LivePage) -> Locator:
    return page.page.locator(".live-figure-position[role=status]")


def wait_preset(page: LivePage, slug: str, **more: str) -> None:
    expect(position(page)).to_have_text(f"{SLUGS.index(slug) + 1} of {len(SLUGS)}")
    page.wait_address(**{**BLOCK.presets[slug].query(), **more}, present="1")


def present(page: LivePage, slug: str = "unique-max", width: int = 1280, height: int = 720) -> None:
    page.page.set_viewport_size({"width": width, "height": height})
    page.open(preset=slug, present="1")
    wait_preset(page, slug)


def rgb(colour: str) -> str:
    """A colour as a browser reports it: "#D55E00" -> "rgb(213, 94, 0)"."""
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


@pytest.mark.anew  # another test may have left a state of its own among the cases
def test_a_remote_walks_through_the_presets_whatever_has_the_focus(page: LivePage) -> None:
    present(page)
    press = page.page.keyboard.press
    page.cell("h1").focus()
    press("b")  # steps back, as everywhere
    page.wait_address(step="5")
    press("n")
    page.slider("x1").focus()
    press("PageDown")
    wait_preset(page, "max-tie", step="0")  # while stepping, each case begins at its start
    expect(page.slider("x1")).to_be_focused()
    press("PageUp")
    wait_preset(page, "unique-max", step="0")
    page.page.evaluate("document.activeElement.blur()")
    press("End")  # the last step: the next cases do not begin at their first one
    wait_preset(page, "unique-max")
    press("PageUp")
    for _ in range(3):
        press("PageDown")
    wait_preset(page, "all-negative")


def test_a_click_takes_the_whole_screen_and_to_leave_it_leaves(page: LivePage) -> None:
    page.open(preset="unique-max")
    page.page.get_by_role("switch", name="Present").click()
    whole = "(wanted) => (document.fullscreenElement !== null) === wanted"
    page.page.wait_for_function(whole, arg=True)
    header = page.page.get_by_test_id("stHeader")
    expect(header).to_be_hidden()
    expect(page.page.locator("[role=group] > .live-figure-keys")).to_have_text(
        "O ask · Home ← → End step · PgUp PgDn case · Esc leave"
    )
    page.page.keyboard.press("a")
    card = page.page.get_by_role("dialog")
    expect(card).to_contain_text("Esc or a click closes this.")
    page.page.evaluate("document.exitFullscreen()")  # as Escape does, of which the page is not told
    expect(card).to_have_count(0)
    assert page.address()["present"] == "1"
    page.button("Leave").click()
    page.page.keyboard.press("PageDown")  # a remote does nothing after Leave
    page.typed("x1").press("n")
    page.page.get_by_role("switch", name="Present").click()
    page.page.wait_for_function(whole, arg=True)
    page.page.evaluate("document.exitFullscreen()")
    expect(header).to_be_visible()
    assert "present" not in page.address()
    page.wait_for_run()
    assert page.address()["x"] == "1.5,-1,1,0.5,0"
    tools = page.page.locator(".live-figure-tools button:visible").all_inner_texts()
    assert tools == ["?", "Slide, link", "Present"], "as they were"


PLACES = """() => [...document.querySelectorAll(".live-figure-strip, .live-figure-strip button")]
  .filter((each) => each.offsetParent || each.matches(".live-figure-strip"))
  .map((each) => each.getBoundingClientRect()).map(({ x, y, height }) => [x, y, height])"""
CUT = """async () => {
  const select = document.querySelector(".live-figure-titles");
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = getComputedStyle(select).font;
  await document.fonts.load(pen.font);
  const room = select.clientWidth - 44; // its arrow, its padding
  return [...select.options].map(({ text }) => [text, pen.measureText(text).width, room])
    .filter(([, width]) => width > room);
}"""


# The parts of the strip whose words do not fit in.
TOO_LONG = """() => [...document.querySelectorAll(".live-figure-strip > *")]
  .filter((part) => part.scrollWidth > part.clientWidth).map((part) => part.className)"""


def test_the_picture_fills_the_screen_and_nothing_is_cut_or_moves(page: LivePage) -> None:
    present(page, "max-tie")
    page.cell("x3").click()
    page.until(lambda: any(line.startswith("The rule decides") for line in page.explanation()))
    sentence = page.page.locator(".live-figure-said")
    expect(sentence).to_have_text(re.compile("Backward 3 of 3: .*∂L/∂w = .*= \\+3\\."))
    expect(page.typed("x1")).to_be_hidden()  # so that the slider has its room
    for size in ((1024, 768), (1600, 900), (1280, 600)):
        page.page.set_viewport_size({"width": size[0], "height": size[1]})
        found = at_rest(page, partial(misplaced, page, *size))
        assert found == [], f"at {size} this is not so: has the strip more words (presenter.js)?"
        assert page.page.evaluate(CUT) == [], size
    before = page.page.evaluate(PLACES)
    assert before[0][2] < 50, "one line"
    page.slider("x1").press("End")
    expect(position(page)).to_have_text("2 of 7, changed")
    assert page.page.evaluate(PLACES) == before, "no button moves under the hand"
    page.page.keyboard.press("PageUp")  # back to the case whose slider was moved
    wait_preset(page, "max-tie")
    page.page.set_viewport_size({"width": 800, "height": 720})
    assert page.page.evaluate(TOO_LONG) == []


def misplaced(page: LivePage, width: int, height: int) -> list[str]:
    """The expectations that a screen of this size does not meet."""
    names = ("strip", "frame", "box", "side", "answer", "said", "explanation p >> nth=-1")
    strip, shown, around, side, answer, said, last = (
        box_of(page.page.locator(f".live-figure-{name}")) for name in names
    )
    toolbar = box_of(page.page.locator(".st-key-toolbar"))
    slider, cell = box_of(page.slider("x1")), box_of(page.cell("x1"))
    clipped, letters = page.page.locator(".live-figure-said").evaluate(
        "(it) => [it.scrollWidth > it.clientWidth, parseFloat(getComputedStyle(it).fontSize)]"
    )

    def foot(box: FloatRect) -> float:
        return box["y"] + box["height"]

    wanted = {
        "the strip is at the foot": foot(strip) == height,
        "in one line": strip["height"] < 50 or width < 1280,
        "and has room for its words": not page.page.evaluate(TOO_LONG),
        "the toolbar is low, the picture right beneath": toolbar["height"] <= 36
        and shown["y"] - foot(toolbar) <= 10,
        "nothing is left at the sides, unless it is low": height < 0.5 * width
        or shown["width"] + side["width"] >= 0.96 * width,
        "the reason is beside the picture": answer["x"] >= around["x"] + around["width"],
        "all sentences are there": max(map(foot, (answer, last, said))) <= strip["y"],
        "that of the step is whole and large": not clipped
        and letters >= max(20, 0.035 * height - 2),
        "sliders are left of the cells": 0 <= slider["x"] <= cell["x"] - slider["width"],
    }
    return [name for name, is_so in wanted.items() if not is_so]


def test_the_walk_goes_on_from_page_to_page_with_its_rule_and_no_frame_is_blank(
    page: LivePage,
) -> None:
    present(page, SLUGS[-1])
    # After a rule is chosen, its list keeps the focus; a remote still works.
    page.choose_rule("slope 0 at 0, ties: split")
    split = {"rule": "pytorch-amax"}  # the lecturer's rule stays for the next cases
    wait_preset(page, SLUGS[-1], **split)
    page.page.evaluate(WATCH)
    page.page.keyboard.press("PageDown")
    expect(page.slider("a1")).to_be_visible()
    expect(position(page)).to_have_text("1 of 5")
    one_at_zero = SUBJECTS["relu"].presets["one-at-zero"].query()
    page.wait_address(**{**one_at_zero, **split}, present="1")
    assert page.page.evaluate("window.blank") == 0
    assert page.page.evaluate("window.seen") > 3
    page.page.evaluate("window.seen = NaN")
    page.delay(200)
    for _ in range(3):  # keys count that are pressed while another page is loading
        page.page.keyboard.press("PageUp")
    wait_preset(page, SLUGS[-3], **split)
    expect(page.page.locator(".live-figure-curtain")).to_have_count(0)
    page.delay(0)


@pytest.mark.window(390, 844)
def test_on_a_phone_nothing_lies_on_anything_else_and_the_strip_is_whole(phone: LivePage) -> None:
    present(phone, "max-tie", 390, 844)
    strip = phone.page.locator(".live-figure-strip")
    said = phone.page.locator(".live-figure-said")
    answer = phone.page.locator(".live-figure-answer")

    def top_and_bottom(each: Locator) -> tuple[float, float]:
        box = box_of(each)
        return box["y"], box["y"] + box["height"]

    heading = phone.page.get_by_role("heading", name="The conv block")
    toolbar = phone.page.locator(".st-key-toolbar")
    parts = [heading, toolbar, phone.page.locator(".live-figure-frame"), answer, said]
    edges = [edge for each in parts for edge in top_and_bottom(each)]
    assert edges == sorted(edges)
    assert top_and_bottom(phone.slider("x3"))[1] <= top_and_bottom(strip)[0]
    assert strip.evaluate("(strip) => strip.scrollWidth <= strip.clientWidth")
    phone.button("◀ Step").click()
    phone.wait_address(step="5")

    phone.page.set_viewport_size({"width": 844, "height": 390})
    expect(phone.figure).to_have_attribute("data-low", "true")
    picture, (level, bottom) = (
        box_of(phone.page.locator(".live-figure-frame")),
        top_and_bottom(strip),
    )
    assert picture["y"] < 10
    assert picture["y"] + picture["height"] <= level
    assert bottom <= 390
    for each in (phone.slider("x3"), answer, said):
        box = box_of(each)
        assert picture["x"] + picture["width"] < box["x"]
        assert box["x"] + box["width"] <= 844
    assert strip.evaluate("(strip) => strip.scrollWidth <= strip.clientWidth")


def test_what_is_pointed_at_is_large_in_the_colours_of_its_sign_and_so_is_the_address(
    page: LivePage, server: Server
) -> None:
    present(page, "three-way-tie")
    large = page.page.locator(".live-figure-magnifier")

    def shows(sign: str, *colours: str) -> bool:
        """Whether the magnifier has a gradient of this sign, in these colours."""
        page.cell("x2").hover()
        page.cell("z").hover()
        seen: list[str] = large.evaluate(
            "(shown) => [getComputedStyle(shown)].flatMap("
            "({ backgroundColor, borderTopColor }) => [backgroundColor, borderTopColor])"
        )
        return f"∂ {sign}" in large.inner_text() and seen == [rgb(colour) for colour in colours]

    page.until(partial(shows, "+1", PALETTES["light"].fill_positive, POSITIVE))
    expect(large).to_contain_text("∂L/∂z = ")  # its whole reason, once the pointer rests
    page.page.keyboard.press("a")
    card = page.page.get_by_role("dialog")
    expect(card).to_contain_text("?preset=three-way-tie")
    expect(card).to_contain_text("localhost")
    assert box_of(card.locator("svg"))["height"] >= 400
    page.page.keyboard.press("PageDown")
    expect(card).to_contain_text("preset=all-negative")
    there = card.locator(".live-figure-address[translate=no]").inner_text()
    assert urlsplit(there).port == urlsplit(server.url).port
    assert urlsplit(there).query == "preset=all-negative"
    asked = Request(there, headers={"Accept": "text/html"})
    with build_opener(ProxyHandler({})).open(asked) as answer:  # a network's proxy cannot reach it
        assert style_url("").encode() in answer.read()
    page.page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    wait_preset(page, "all-negative")


def test_ones_own_state_stays_a_stop_between_the_cases_on_its_page(page: LivePage) -> None:
    page.visit("relu", a="0.5,0.25,-0.25,2,1", present="1")
    own = {"a": "0.5,0.25,-0.25,2,1", "present": "1"}
    first = next(iter(SUBJECTS["relu"].presets.values())).query()["a"]
    press, curtain = page.page.keyboard.press, page.page.locator(".live-figure-curtain")
    expect(position(page)).to_have_text("5 cases")
    press("PageDown")
    page.wait_address(a=first)
    press("Escape")
    expect(page.page.get_by_test_id("stHeader")).to_be_visible()
    page.page.get_by_role("switch", name="Present").click()
    page.page.get_by_label("Cases").select_option("your own values")
    page.wait_address(**own)
    press("PageUp")
    wait_preset(page, SLUGS[-1])
    press("PageDown")
    page.wait_address(**own)
    expect(curtain).to_have_count(0)
    press("Escape")
    page.page.wait_for_function("document.fullscreenElement === null")  # in it no size can be set
    page.altered = True  # the user's own state would be a stop in the next test
