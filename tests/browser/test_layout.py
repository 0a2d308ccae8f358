"""The layout in light and dark themes, on a projector, on a phone and on paper."""

from functools import partial
from io import BytesIO

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from pages.registry import SUBJECTS, titled
from pages.views.kink_page import cases
from tests.browser.live_page import LivePage, box_of
from tests.browser.test_first_minute import at_rest
from tests.pages.lab import OPENED_WITH, lab

X, W = OPENED_WITH

WIDER_THAN_ITS_PLACE = """() =>
  [...document.querySelectorAll("html, body, .stMain, .stMain *")]
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .filter((element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX))
    .map((element) => element.className)
"""

SMALLEST_TEXT = """() => Math.min(
  ...[...document.querySelectorAll(".js-plotly-plot text, .js-plotly-plot tspan")].map((text) =>
    parseFloat(getComputedStyle(text).fontSize) *
      (document.querySelector(".live-figure-canvas").getBoundingClientRect().width /
        document.querySelector(".live-figure-canvas").offsetWidth)))
"""


def test_the_picture_follows_the_theme_and_keeps_its_colours_where_a_system_has_its_own(
    page: LivePage,
) -> None:
    page.open()
    page.wait_sweep("x1")
    app, paper = page.page.locator(".stApp"), page.page.locator(".js-plotly-plot .main-svg").first
    ground = "(app) => getComputedStyle(app).backgroundColor"
    light = app.evaluate(ground)
    expect(paper).to_have_css("background-color", light)
    page.page.emulate_media(color_scheme="dark")
    expect(paper).not_to_have_css("background-color", light)
    expect(paper).to_have_css("background-color", app.evaluate(ground))
    page.hold("x1")
    page.move("x1", 2, 3)
    page.wait_numbers(lab((3.0, *X[1:]), W))
    moved = page.data()
    page.release()
    page.wait_address(x="3,-1,1.5,0.5,0")
    assert page.data() == moved, "the sweep is not the old theme's"
    # Wait for the light picture, so that the next test need not load the page.
    before = page.revision()
    page.page.emulate_media(color_scheme="light")
    page.until(lambda: page.revision() > before)
    expect(paper).to_have_css("background-color", light)
    said = [page.page.locator(".sign-box").first, page.page.get_by_role("radio", checked=True)]
    grounds = [each.evaluate(ground) for each in said]
    page.page.emulate_media(forced_colors="active")
    assert page.page.evaluate("matchMedia('(forced-colors: active)').matches")
    for each, colour in zip(said, grounds, strict=True):
        expect(each).to_have_css("background-color", colour)


def test_on_paper_is_the_whole_picture(page: LivePage) -> None:
    page.open()
    canvas = page.page.locator(".live-figure-canvas")
    before = canvas.bounding_box()
    paper = PdfReader(BytesIO(page.page.pdf())).pages[0].extract_text()
    printed = "".join(paper.split())
    assert [each for each in page.texts() if "".join(each.split()) not in printed] == []
    assert canvas.bounding_box() == before
    # In a dark theme the picture alone is printed with its background.
    page.page.emulate_media(media="print")
    for selector, adjusted in ((".stApp", "economy"), (".live-figure-box", "exact")):
        place = page.page.locator(selector)
        expect(place).to_have_css("print-color-adjust", adjusted)
    expect(page.page.locator(".live-figure-tools")).to_be_hidden()


HIDES_THE_NEXT = """(answer) => {
  const next = answer.nextElementSibling;
  next.scrollIntoView();
  const [{ bottom }, { top }] = [answer, next].map((it) => it.getBoundingClientRect());
  return bottom > top;
}"""


def test_on_paper_is_what_a_window_cuts_off(page: LivePage) -> None:
    page.page.set_viewport_size({"width": 390, "height": 664})
    page.visit("minibatch")
    is_cut = "(frame) => frame.scrollHeight > frame.clientHeight"
    is_whole_on_paper(page, ".live-figure-frame", is_cut)
    # A phone turned sideways, or a laptop that shows everything at double size.
    page.page.set_viewport_size({"width": 640, "height": 360})
    is_whole_on_paper(page, ".live-figure-answer", HIDES_THE_NEXT)


def is_whole_on_paper(page: LivePage, place: str, is_cut: str) -> None:
    """Assert that an element which the window cuts off is whole on paper."""
    shown = page.page.locator(place)
    page.until(lambda: shown.evaluate(is_cut))
    page.page.emulate_media(media="print")
    assert not shown.evaluate(is_cut)
    expect(page.page.locator(".live-figure-list")).to_be_hidden()
    page.page.emulate_media(media="screen")


def test_the_whole_picture_is_visible_without_scrolling(page: LivePage) -> None:
    page.open()
    # The last two are half a screen, and an upright tablet.
    for width, height in ((1600, 900), (1024, 768), (960, 900), (768, 1024)):
        page.page.set_viewport_size({"width": width, "height": height})
        assert at_rest(page, partial(misplaced, page, width, height)) == [], (width, height)
        assert page.button("Step ▶").is_visible()
        assert page.page.evaluate(WIDER_THAN_ITS_PLACE) == []
        if width == 1600:
            assert page.page.evaluate(SMALLEST_TEXT) >= 14


def misplaced(page: LivePage, width: int, height: int) -> list[str]:
    """The expectations that a window of this size does not meet."""
    shown, said = (box_of(page.page.locator(f".live-figure-{name}")) for name in ("canvas", "side"))
    beneath = width < 1024
    wanted = {
        "all of the picture is there": 0 <= shown["x"] <= width - shown["width"]
        and 0 <= shown["y"] <= height - shown["height"],
        "the reason is beneath it where it is narrow": beneath
        == (said["y"] >= shown["y"] + shown["height"]),
        "then it is large, and the reason is there too": not beneath
        or (shown["width"] > 0.8 * width and said["y"] + said["height"] <= height),
    }
    return [name for name, is_so in wanted.items() if not is_so]


@pytest.mark.window(1366, 768)
def test_neither_a_prediction_nor_questions_move_the_picture_or_the_step_bar(
    page: LivePage,
) -> None:
    page.visit("stack")

    def places() -> list[object]:
        parts = (".live-figure-canvas", ".live-figure-stepping")
        return [page.page.locator(part).bounding_box() for part in parts]

    before = places()
    page.turn_to("Predict")
    expect(page.button("Reveal")).to_be_in_viewport(ratio=1)
    assert places() == before
    page.button("Reveal").click()
    expect(page.button("Predict again")).to_be_in_viewport(ratio=1)
    assert places() == before
    page.turn_to("Quiz")
    expect(page.task.get_by_role("button", name="Check")).to_be_in_viewport(ratio=1)
    expect(page.task.get_by_label("Your answer")).to_be_in_viewport(ratio=1)
    assert places() == before
    page.turn_to("Look")
    expect(page.task).to_be_hidden()
    page.until(lambda: places() == before)


CUT_ON_A_BUTTON = """(titles) => {
  const said = document.querySelector(".st-key-toolbar .stMenuButton strong");
  const end = said.closest("button").getBoundingClientRect().right - 28; // before the arrow
  return titles.filter((title) => {
    said.textContent = title;
    return said.getBoundingClientRect().right > end || said.getClientRects().length > 1;
  });
}"""
CUT_IN_A_SELECT = """(titles) => {
  const field = document.querySelector(".st-key-toolbar .stSelectbox input");
  const { font, paddingLeft, paddingRight } = getComputedStyle(field);
  const room = field.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  return titles.filter((title) => pen.measureText(title).width > room);
}"""


OTHERWISE = {"at-a-kink": [*cases()], "learn": []}
"""The pages with another list of cases, and with none: page -> titles."""


@pytest.mark.parametrize("path", ["conv_2d", "at_a_kink"])
def test_no_case_of_any_page_is_cut(page: LivePage, path: str) -> None:
    page.page.set_viewport_size({"width": 1280, "height": 600})
    titles, cut = OTHERWISE["at-a-kink"], CUT_IN_A_SELECT
    if path == "conv_2d":  # whose toolbar is the fullest
        keys = SUBJECTS.keys() - OTHERWISE
        titles = [titled(key, slug) for key in keys for slug in SUBJECTS[key].presets]
        cut = CUT_ON_A_BUTTON
    page.visit(path)
    page.page.wait_for_selector(".st-key-toolbar :is(.stMenuButton strong, .stSelectbox input)")
    assert page.page.evaluate(cut, [*titles, "W" * 60]) == ["W" * 60]
    toolbar = box_of(page.page.locator(".st-key-toolbar"))
    assert toolbar["height"] < 60, "it is one row"


def test_a_number_field_shows_the_digit_that_matters(page: LivePage) -> None:
    page.page.set_viewport_size({"width": 1280, "height": 600})
    page.visit("gradient_check", preset="near-a-kink")
    field = page.page.get_by_label("x1, exact value")
    assert field.input_value() == "3.0000001"
    assert field.evaluate("(it) => it.scrollWidth <= it.clientWidth")
