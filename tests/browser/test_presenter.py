"""The presenter's mode: a full screen, a remote, an address for everybody."""

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE, Theme
from pages.registry import SUBJECTS, names, titled
from tests.browser.live_page import LivePage, box_of
from tests.browser.server import Server
from tests.pages.scenes import BLOCK

pytestmark = pytest.mark.window(1280, 720)

SLUGS = list(BLOCK.presets)

# Counts the frames in which there is no picture, of this page or of the one before, until `seen` is
# made NaN.
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
    """As a browser has it: "#D55E00" -> "rgb(213, 94, 0)"."""
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


@pytest.mark.anew  # whoever has stepped last walks through beginnings
def test_a_remote_walks_through_the_presets_whatever_has_the_focus(page: LivePage) -> None:
    present(page)
    page.slider("x1").focus()
    press = page.page.keyboard.press
    press("PageDown")
    wait_preset(page, "max-tie")
    expect(page.slider("x1")).to_be_focused()
    press("PageDown")
    wait_preset(page, "three-way-tie")
    press("PageUp")
    wait_preset(page, "max-tie")
    page.cell("h1").focus()
    press("b")  # is the step-through's, as everywhere
    page.wait_address(step="5")
    press("n")
    wait_preset(page, "max-tie")
    press("PageUp")
    wait_preset(page, "unique-max", step="0")  # for who walks through, each begins at its start
    page.page.evaluate("document.activeElement.blur()")
    press("End")
    wait_preset(page, "unique-max")
    press("PageUp")
    press("PageDown")
    press("PageDown")
    press("PageDown")
    wait_preset(page, "all-negative")
    page.page.get_by_label("Cases").select_option("A weight of zero")
    wait_preset(page, "zero-weight")
    page.button("Case before").click()
    wait_preset(page, "relu-zero")
    press("b")
    expect(position(page)).to_have_text("6 of 7")


def test_a_click_takes_the_whole_screen_and_to_leave_it_leaves(page: LivePage) -> None:
    page.open(preset="unique-max")
    page.page.get_by_role("switch", name="Present").click()
    whole = "(wanted) => (document.fullscreenElement !== null) === wanted"
    page.page.wait_for_function(whole, arg=True)
    expect(page.page.locator("[role=group] > .live-figure-keys")).to_have_text(
        "O ask · Home ← → End step · PgUp PgDn case · Esc leave"
    )
    page.page.keyboard.press("a")
    card = page.page.get_by_role("dialog")
    expect(card).to_contain_text("Esc or a click closes this.")
    page.page.evaluate("document.exitFullscreen()")  # as Escape does, which no page hears there
    expect(card).to_have_count(0)
    assert page.address()["present"] == "1"
    page.button("Leave").click()
    page.page.get_by_role("switch", name="Present").click()
    page.page.wait_for_function(whole, arg=True)
    page.page.evaluate("document.exitFullscreen()")
    expect(page.page.get_by_test_id("stHeader")).to_be_visible()
    assert "present" not in page.address()
    tools = page.page.locator(".live-figure-tools button:visible").all_inner_texts()
    assert tools == ["?", "Slide, link", "Present"], "as they were"


def test_the_sentence_of_the_step_is_whole_and_large(page: LivePage) -> None:
    for width, height in ((1280, 600), (1600, 900)):
        present(page, "max-tie", width, height)
        sentence = page.page.locator(".live-figure-said")
        expect(sentence).to_have_text(re.compile("Backward 3 of 3: .*∂L/∂w = .*= \\+3\\."))
        box, strip = box_of(sentence), box_of(page.page.locator(".live-figure-strip"))
        assert box["y"] + box["height"] <= strip["y"]
        clipped, size = sentence.evaluate(
            "(it) => [it.scrollWidth > it.clientWidth, parseFloat(getComputedStyle(it).fontSize)]"
        )
        assert not clipped
        assert size >= max(20, 0.035 * height - 2)


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


def test_the_strip_is_one_line_whatever_is_changed_and_no_title_is_cut_off(page: LivePage) -> None:
    for width, height in ((1280, 600), (1280, 720), (1600, 900)):
        present(page, width=width, height=height)
        before = page.page.evaluate(PLACES)
        assert before[0][2] < 50, "one line"
        page.slider("x1").press("End")
        expect(position(page)).to_have_text("1 of 7, changed")
        assert page.page.evaluate(PLACES) == before, "no button moves under the hand"
        assert page.page.evaluate(CUT) == []
        page.page.keyboard.press("PageUp")  # one comes back to what one moved away from
        expect(position(page)).to_have_text("1 of 7")
        page.wait_address(x="1.5,-1,1,0.5,0")


@pytest.mark.anew
def test_ones_own_state_stays_a_stop_between_the_cases(page: LivePage) -> None:
    page.open(x="2,0.5,-1,3,1", w="-2")
    page.page.get_by_role("switch", name="Present").click()
    press = page.page.keyboard.press
    own = {"x": "2,0.5,-1,3,1", "w": "-2", "present": "1"}
    press("PageDown")
    wait_preset(page, "unique-max")
    press("PageUp")
    page.wait_address(**own)
    press("PageDown")
    wait_preset(page, "unique-max")
    press("PageDown")
    wait_preset(page, "max-tie")
    press("Escape")
    expect(page.page.get_by_test_id("stHeader")).to_be_visible()
    page.page.get_by_role("switch", name="Present").click()
    press("PageUp")
    wait_preset(page, "unique-max")
    press("PageUp")
    page.wait_address(**own)
    page.page.get_by_label("Cases").select_option("A weight of zero")
    wait_preset(page, "zero-weight")
    page.page.get_by_label("Cases").select_option("your own values")
    page.wait_address(**own)
    page.slider("w").press("End")  # still the same stop
    page.wait_address(w="4")
    press("PageDown")
    wait_preset(page, "unique-max")
    press("PageUp")
    page.wait_address(**{**own, "w": "4"})


def test_ones_own_state_is_come_back_to_from_another_page(page: LivePage) -> None:
    page.visit("relu", a="0.5,0.25,-0.25,2,1", present="1")
    own = {"a": "0.5,0.25,-0.25,2,1", "present": "1"}
    first = next(iter(SUBJECTS["relu"].presets.values())).query()["a"]
    press = page.page.keyboard.press
    expect(position(page)).to_have_text("5 cases")
    press("PageDown")
    page.wait_address(a=first)
    press("PageUp")
    page.wait_address(**own)
    press("PageUp")
    wait_preset(page, "zero-weight")
    expect(page.page.locator(".live-figure-curtain")).to_have_count(0)
    press("PageDown")
    page.wait_address(**own)
    expect(page.page.locator(".live-figure-curtain")).to_have_count(0)
    press("PageDown")
    page.wait_address(a=first)
    page.altered = True  # one's own state is a stop for whoever comes next


def test_the_walk_goes_on_from_page_to_page_with_its_rule_and_no_frame_is_blank(
    page: LivePage,
) -> None:
    present(page, "relu-zero")
    # After another rule was chosen the list keeps the focus; a remote is still a remote.
    page.choose_rule("slope 0 at 0, ties: split")
    split = {"rule": "pytorch-amax"}  # goes on with the cases: it is the lecturer's
    wait_preset(page, "relu-zero", **split)
    page.page.keyboard.press("PageDown")
    wait_preset(page, "zero-weight", **split)
    page.page.evaluate(WATCH)
    page.slider("x1").focus()
    page.page.keyboard.press("PageDown")
    expect(page.slider("a1")).to_be_visible()
    expect(position(page)).to_have_text("1 of 5")
    one_at_zero = SUBJECTS["relu"].presets["one-at-zero"].query()
    page.wait_address(**{**one_at_zero, **split}, present="1")
    assert page.page.evaluate("window.blank") == 0
    assert page.page.evaluate("window.seen") > 3
    page.page.evaluate("window.seen = NaN")
    page.page.keyboard.press("PageUp")
    wait_preset(page, "zero-weight", **split)
    expect(page.page.locator(".live-figure-curtain")).to_have_count(0)
    # But not over a case about its own.
    page.page.get_by_label("Cases").select_option(titled("stack", "maximum-tie"))
    page.wait_address(**SUBJECTS["stack"].presets["maximum-tie"].address()[0], present="1")
    expect(page.page.locator(".live-figure-curtain")).to_have_count(0)


def test_behind_the_last_case_of_all_there_is_no_next(page: LivePage) -> None:
    present(page)
    last = list(SUBJECTS.values())[-1]
    page.page.get_by_label("Cases").select_option(index=len(names()))
    count = len(last.presets)
    expect(position(page)).to_have_text(f"{count} of {count}")
    expect(page.button("Next case")).to_be_disabled()
    expect(page.page.locator(".live-figure-curtain")).to_have_count(0)
    before = page.address()
    page.page.keyboard.press("PageDown")
    page.page.keyboard.press("PageUp")
    expect(position(page)).to_have_text(f"{count - 1} of {count}")
    assert page.address() != before, "there is no next, and the one before is the next to last"


def test_what_is_pressed_while_another_page_is_on_its_way_counts(page: LivePage) -> None:
    present(page, "zero-weight")
    page.delay(200)
    press = page.page.keyboard.press
    for _ in range(3):
        press("PageDown")
    third = list(SUBJECTS["relu"].presets.values())[2]
    page.wait_address(**third.query(), present="1")
    for _ in range(3):
        press("PageUp")
    wait_preset(page, "zero-weight")
    press("PageDown")
    press("PageUp")
    expect(page.page.locator(".live-figure-curtain")).to_have_count(0)
    wait_preset(page, "zero-weight")


def test_arrows_step_through_where_nothing_else_wants_them(page: LivePage) -> None:
    present(page)
    press = page.page.keyboard.press
    press("ArrowLeft")
    page.wait_address(step="5")
    press(" ")
    page.wait_address(step="6")
    press("Home")
    page.wait_address(step="0")
    press("End")
    page.wait_address(step="6")
    page.slider("x1").focus()
    press("ArrowRight")
    page.wait_address(x="1.75,-1,1,0.5,0")
    page.button("◀ Step").click()
    page.wait_address(step="5")


def test_a_reload_does_not_answer_a_quiz(page: LivePage) -> None:
    page.open()
    page.turn_to("Quiz")
    expect(page.task).to_be_visible()
    page.page.get_by_role("switch", name="Present").click()
    page.wait_address(mode="quiz")
    asked = page.told()
    page.page.reload()
    page.wait_drawn()
    assert page.numbers()["x1"] == (1.5, None)
    assert page.told() == asked
    page.page.keyboard.press("Escape")
    page.until(lambda: "mode" not in page.address())


def test_a_reload_asks_what_a_list_asks_until_it_is_answered(page: LivePage) -> None:
    page.open(preset="max-tie", present="1", question="Which <b> are nonzero?")
    page.until(lambda: page.told() == ["Which <b> are nonzero?"])
    page.page.reload()
    page.wait_drawn()
    assert page.told() == ["Which <b> are nonzero?"]
    page.page.keyboard.press("r")
    page.until(lambda: page.numbers()["x1"] == (1.5, 2))
    page.until(lambda: "question" not in page.address())


def test_a_reload_keeps_it_and_a_prediction_and_escape_leaves(page: LivePage) -> None:
    present(page)
    header, typed = page.page.get_by_test_id("stHeader"), page.typed("x1")
    expect(header).to_be_hidden()
    page.turn_to("Predict")
    page.wait_address(mode="predict")
    asked = page.told()
    page.page.reload()
    page.wait_drawn()
    expect(header).to_be_hidden()
    assert page.numbers()["x1"] == (1.5, None), "it does not answer what is asked"
    assert page.told() == asked
    page.page.goto(f"{page.base}relu")
    page.wait_drawn()
    expect(header).to_be_visible()
    page.page.go_back()
    page.wait_drawn()
    expect(header).to_be_hidden()
    page.turn_to("Look")
    wait_preset(page, "unique-max")
    page.page.keyboard.press("Escape")
    expect(header).to_be_visible()
    assert "present" not in page.address()
    page.page.keyboard.press("PageDown")
    typed.press("n")
    assert page.address()["x"] == "1.5,-1,1,0.5,0"
    page.page.get_by_role("switch", name="Present").click()
    wait_preset(page, "unique-max")
    page.button("Leave").click()
    expect(header).to_be_visible()
    expect(page.page.get_by_role("switch", name="Present")).to_be_focused()


def test_letters_that_are_typed_are_no_commands(page: LivePage) -> None:
    present(page, width=600)
    for key in ("n", "PageDown", "a", "Escape"):
        page.typed("x2").press(key)
    page.slider("x2").focus()
    page.page.keyboard.press("PageDown")
    wait_preset(page, "max-tie")


@pytest.mark.anew
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


# The parts of the strip whose words do not fit in.
TOO_LONG = """(strip) => [...strip.children].filter((part) => part.scrollWidth > part.clientWidth)
  .map((part) => part.className)"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1024, 768)])
def test_the_picture_fills_the_screen(page: LivePage, width: int, height: int) -> None:
    present(page, "max-tie", width, height)
    strip = box_of(page.page.locator(".live-figure-strip"))
    shown = box_of(page.page.locator(".live-figure-frame"))
    toolbar = box_of(page.page.locator(".st-key-toolbar"))
    answer = box_of(page.page.locator(".live-figure-answer"))
    assert toolbar["height"] <= 36
    assert shown["y"] - toolbar["y"] - toolbar["height"] <= 10
    side = box_of(page.page.locator(".live-figure-side"))
    assert shown["width"] + side["width"] >= 0.96 * width
    around = box_of(page.page.locator(".live-figure-box"))
    assert answer["x"] >= around["x"] + around["width"], "the reason is beside the picture"
    assert answer["y"] + answer["height"] <= strip["y"]
    assert strip["y"] + strip["height"] == height
    slider, cell = box_of(page.slider("x1")), box_of(page.cell("x1"))
    assert slider["x"] >= 0
    assert slider["x"] + slider["width"] <= cell["x"]
    expect(page.typed("x1")).to_be_hidden()  # so that the slider has its room
    for narrower in (width, 800):
        page.page.set_viewport_size({"width": narrower, "height": height})
        assert page.page.locator(".live-figure-strip").evaluate(TOO_LONG) == []


def test_of_the_sentences_none_is_dropped(page: LivePage) -> None:
    present(page, "max-tie")
    page.cell("x3").click()
    page.until(lambda: any(line.startswith("The rule decides") for line in page.explanation()))
    strip = box_of(page.page.locator(".live-figure-strip"))
    for line in page.page.locator(".live-figure-explanation p").all():
        box = box_of(line)
        assert box["y"] + box["height"] <= strip["y"]


def test_it_is_large_in_the_colours_of_the_sign_and_of_the_theme(page: LivePage) -> None:
    present(page, "max-tie")
    large = page.page.locator(".live-figure-magnifier")

    def shows(sign: str, *colours: str) -> bool:
        """Whether a gradient of that sign is large, and has these colours."""
        page.cell("x2").hover()
        page.cell("z").hover()
        seen: list[str] = large.evaluate(
            "(shown) => [getComputedStyle(shown)].flatMap("
            "({ backgroundColor, borderTopColor }) => [backgroundColor, borderTopColor])"
        )
        return f"∂ {sign}" in large.inner_text() and seen == [rgb(colour) for colour in colours]

    themes: tuple[Theme, ...] = ("dark", "light")
    for theme in themes:
        page.page.emulate_media(color_scheme=theme)
        palette = PALETTES[theme]
        page.slider("dz").press("End")
        page.until(partial(shows, "+4", palette.fill_positive, POSITIVE))
        page.slider("dz").press("Home")
        page.until(partial(shows, "\N{MINUS SIGN}4", palette.fill_negative, NEGATIVE))


def test_the_reason_that_is_large_is_not_that_of_the_cell_before(page: LivePage) -> None:
    present(page, "max-tie")
    page.hold_answers()
    for entry in ("x2", "z"):
        page.cell(entry).hover()
        page.page.evaluate("new Promise((rested) => setTimeout(rested, 300))")
    page.release_answers()
    large = page.page.locator(".live-figure-magnifier")
    expect(large).to_contain_text("∂L/∂z = ")


def test_the_address_is_large_and_a_code(
    page: LivePage, new_tab: Callable[[], LivePage], server: Server
) -> None:
    present(page, "max-tie")
    page.page.keyboard.press("a")
    card = page.page.get_by_role("dialog")
    expect(card).to_contain_text("?preset=max-tie")
    expect(card).to_contain_text("localhost")
    assert box_of(card.locator("svg"))["height"] >= 400
    page.page.keyboard.press("PageDown")
    expect(card).to_contain_text("preset=three-way-tie")
    elsewhere = new_tab()
    there = card.locator(".live-figure-address[translate=no]").inner_text()
    assert urlsplit(there).port == urlsplit(server.url).port
    elsewhere.page.goto(there)
    elsewhere.wait_drawn()
    assert elsewhere.address() == BLOCK.presets["three-way-tie"].query()
    page.page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    wait_preset(page, "three-way-tie")
