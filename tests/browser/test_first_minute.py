"""What a class sees of a page without scrolling: on a projector, presented, on a phone.

A page is loaded once; then its presets that need most room are opened in turn as Back does.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from playwright.sync_api import CDPSession, Locator, Page, ViewportSize, expect

from pages.derive.picture import Picture
from pages.registry import HOME, SUBJECTS, page_path
from tests.browser.live_page import LivePage, box_of
from tests.browser.test_accessibility import no_violation, no_violation_in_the_dark

PROJECTOR: Final[ViewportSize] = {"width": 1280, "height": 600}
PRESENTED: Final[ViewportSize] = {"width": 1280, "height": 720}
PHONE: Final[ViewportSize] = {"width": 390, "height": 664}
ACROSS: Final[ViewportSize] = {"width": 664, "height": 390}
"""A phone turned sideways."""

OUTSIDE: Final = """([parts, bottom]) => {
  const found = [];
  for (const part of parts) {
    const element = document.querySelector(part);
    if (!element || !element.offsetParent) continue;
    const box = element.getBoundingClientRect();
    if (box.top < -1 || box.bottom > bottom + 1 || box.left < -1 || box.right > innerWidth + 1)
      found.push(`${part} from ${Math.round(box.top)} to ${Math.round(box.bottom)}`);
    if (element.scrollHeight > element.clientHeight + 2 && part === ".live-figure-side")
      found.push(`${part} hides ${element.scrollHeight - element.clientHeight} px`);
  }
  return found;
}"""
PARTS: Final = (
    ".live-figure-frame",
    ".live-figure-side",
    ".live-figure-steps",
    ".live-figure-legend",
)
"""The picture, the whole explanation, the row of steps, the legend."""

SMALL: Final = """(least) => {
  const canvas = document.querySelector(".live-figure-canvas");
  const scale = canvas.getBoundingClientRect().width / canvas.offsetWidth;
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility !== "hidden";
  };
  const own = (element) => [...element.childNodes].some(
    (node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const found = [];
  const roots = document.querySelectorAll(".live-figure, .st-key-heading, .st-key-toolbar");
  for (const root of roots) {
    for (const element of root.querySelectorAll("*")) {
      const typed = element.matches("input[type=number], select");
      if (!(own(element) || typed) || !seen(element)) continue;
      if (element.closest(".live-figure-summary, [aria-hidden=true] svg")) continue;
      const size = parseFloat(getComputedStyle(element).fontSize) *
        (canvas.contains(element) ? scale : 1);
      if (size < least - 0.05)
        found.push(`${size.toFixed(1)} px: ${(element.textContent || element.value).slice(0, 40)}`);
    }
  }
  return [...new Set(found)];
}"""


def outside(page: LivePage, bottom: float, parts: Sequence[str] = PARTS) -> list[str]:
    found: list[str] = page.page.evaluate(OUTSIDE, [parts, bottom])
    return found


def small(page: LivePage, least: float) -> list[str]:
    found: list[str] = page.page.evaluate(SMALL, least)
    return found


def unlike(key: str) -> list[str]:
    """The presets of a page that take up most room.

    A page is laid out around the size of its picture; otherwise only the lengths of its sentences,
    its legend and the line about its step vary. If the longest of them fit, all do, and if the
    widest and the highest picture are whole and legible, so are those that are scaled down less.
    One preset for each greatest length is enough. Presets with a sheet to draw on are added. All
    presets of "Look inside" are taken, as its folded formulas need room that no length tells.
    Lessons are tested by test_learn.py.
    """
    subject = SUBJECTS[key]
    if key == "look-inside":
        return [*subject.presets]
    if key == "learn":
        return [next(iter(subject.presets))]
    pictures = {slug: subject.picture(scene) for slug, scene in subject.presets.items()}
    lengths = {slug: _lengths(picture) for slug, picture in pictures.items()}
    longest = [max(each) for each in zip(*lengths.values(), strict=True)]
    longest_in = {
        slug: {at for at, most in enumerate(longest) if its[at] == most}
        for slug, its in lengths.items()
    }
    left = set(range(len(longest)))
    chosen: list[str] = []
    while left:
        chosen.append(max(pictures, key=lambda slug: len(longest_in[slug] & left)))
        left -= longest_in[chosen[-1]]
    return [slug for slug, it in pictures.items() if slug in chosen or it.pad]


def _lengths(picture: Picture) -> tuple[float, ...]:
    """The lengths of what may be too long for its place: in letters, in lines, in px."""
    said, signs, layout = picture.explanation, picture.legend, picture.figure["layout"]
    letters = sum(map(len, said)), sum(len(sign.meaning) for sign in signs), len(picture.step)
    return (*letters, len(said), layout["width"], layout["height"])


def at_rest(page: LivePage, problems: Callable[[], list[str]]) -> list[str]:
    """The problems of a page, after it has had time to come to rest."""
    for pause in (50, 100, 200, 400, 800, 1600):
        page.page.wait_for_timeout(pause)
        if not (found := problems()):
            break
    return found


def presented(page: LivePage, key: str, slug: str) -> list[str]:
    """Present a case and leave again; return what is wrong with it while it is presented.

    Nothing may be missing but controls.
    """
    page.page.set_viewport_size(PRESENTED)
    page.visit(page_path(key), preset=slug, present=1)
    slugs = list(SUBJECTS[key].presets)
    position = page.page.locator(".live-figure-position[role=status]")
    expect(position).to_have_text(f"{slugs.index(slug) + 1} of {len(slugs)}")

    def problems() -> list[str]:
        strip = box_of(page.page.locator(".live-figure-strip"))
        parts = [part for part in PARTS if part != ".live-figure-steps"]
        return outside(page, strip["y"], parts) + small(page, 14)

    found = at_rest(page, problems)
    assert page.page.locator("h1").is_visible()
    if key == "learn":  # other pages go on as the home page does: test_presenter.py
        page.page.keyboard.press("PageDown")
        expect(position).to_have_text(f"2 of {len(slugs)}")
    page.page.keyboard.press("Escape")
    expect(position).to_have_count(0)
    return found


LIKE_HOME: Final = ("relu", "max-pool", "conv-1d", "minibatch", "stack", "gradient-check")
"""The pages that are laid out as the home page is: cells, and sliders that move them.

They are so too on a phone turned sideways, under a finger, and when presented, where
test_presenter.py looks at the home page.
"""
IN_THE_DARK: Final = (HOME, "at-a-kink", "learn")
"""Pages that together, and with those without a figure, have every kind of element with words.

No page has colours of its own; tests/pages/figures/test_colours.py tests those of pictures.
"""


@pytest.mark.window(*PROJECTOR.values())
@pytest.mark.parametrize("key", SUBJECTS)
def test_every_page_fits_a_projector_presented_too_and_violates_no_rule_of_axe(
    guarded: LivePage, key: str
) -> None:
    """All cases that `unlike` names, the first one presented unless the page is like the home page.

    axe-core checks the last one, on the pages IN_THE_DARK in both themes.
    """
    first, *others = unlike(key)
    if key in (HOME, *LIKE_HOME):
        guarded.visit(page_path(key), preset=first)
    else:
        assert presented(guarded, key, first) == []
        guarded.page.set_viewport_size(PROJECTOR)
    found: dict[str, Any] = {}
    bottom = PROJECTOR["height"]
    for slug in (first, *others):
        if slug != first:
            guarded.go_back_to(page_path(key), f"preset={slug}")
        if problems := at_rest(guarded, lambda: outside(guarded, bottom) + small(guarded, 14)):
            found[slug] = problems
    assert found == {}
    no_violation(guarded)
    if key not in IN_THE_DARK:
        return
    no_violation_in_the_dark(guarded)
    # Wait for the light picture, so that the next test need not load the page.
    before = guarded.revision()
    guarded.page.emulate_media(color_scheme="light")
    guarded.until(lambda: guarded.revision() > before)


WITHOUT_A_FIGURE: Final = {"train": "Start", "gallery": "Download"}
"""Path of each page without a figure -> a button that is there once the page is."""


@pytest.mark.parametrize("path", WITHOUT_A_FIGURE)
def test_a_page_without_a_figure_has_no_violation(guarded: LivePage, path: str) -> None:
    guarded.come_to(path)
    guarded.page.get_by_role("button", name=WITHOUT_A_FIGURE[path]).first.wait_for()
    no_violation(guarded)
    no_violation_in_the_dark(guarded)
    guarded.wait_for_run()
    came = guarded.page.evaluate("network.came")
    guarded.page.emulate_media(color_scheme="light")
    if path == "train":  # the messages about its redrawn charts would overtake the next address
        guarded.until(lambda: guarded.page.evaluate("network.came") > came)
        guarded.wait_for_run()


def test_a_foreign_script_does_not_run(guarded: LivePage) -> None:
    guarded.come_to("gallery")
    guarded.page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.intruder = true";
      document.body.append(script);
    }""")
    assert guarded.page.evaluate("window.intruder") is None
    assert guarded.page.evaluate("refused.splice(0)") == ["script-src-elem inline"]
    guarded.problems.clear()


# --- a phone

SMALL_TARGETS: Final = """() => {
  const found = [];
  const targets = document.querySelectorAll(
    ".live-figure-cell, .live-figure-tool, .live-figure-step, .live-figure-list input, " +
    ".stMain .st-key-toolbar button, .st-key-modes button");
  for (const target of targets) {
    if (target.closest(".stSelectbox")) continue; // all of it is one target
    const { width, height } = target.getBoundingClientRect();
    if (width > 1 && (width < 43.5 || height < 43.5))
      found.push(`${Math.round(width)} x ${Math.round(height)}: ` +
        (target.getAttribute("aria-label") ?? target.textContent));
  }
  return [...new Set(found)];
}"""


HIGHER: Final = """() => {
  const buttons = [...document.querySelectorAll(".st-key-toolbar button")];
  return buttons.filter((it) => it.offsetHeight > 45).map((it) => it.textContent);
}"""
"""The buttons of the toolbar with more lines than fit."""


def a_finger_moves(phone: Page, slider: Locator, *along: float) -> CDPSession:
    """Put a finger down on a slider, move it along (in parts of the width), and leave it there."""
    box = box_of(slider)
    touch = phone.context.new_cdp_session(phone)
    level = box["y"] + box["height"] / 2
    for i, part in enumerate(along):
        points = [{"x": box["x"] + part * box["width"], "y": level}]
        kind = "touchMove" if i else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        phone.wait_for_timeout(60)
    return touch


BEYOND: Final = """() => {
  const { scrollWidth, clientWidth } = document.querySelector(".stMain");
  return scrollWidth - clientWidth;
}"""
"""How far the page can be scrolled sideways, in px."""
OVERLAPS: Final = """(parts) => {
  const there = parts.filter((part) => document.querySelector(part));
  const boxes = there.map((part) => document.querySelector(part).getBoundingClientRect());
  const over = (one, other) =>
    one.left < other.right - 1 && other.left < one.right - 1 &&
    one.top < other.bottom - 1 && other.top < one.bottom - 1;
  return boxes.flatMap((one, i) =>
    boxes.slice(i + 1).flatMap((other, j) =>
      over(one, other) ? [`${there[i]} and ${there[i + 1 + j]}`] : []));
}"""


@pytest.mark.parametrize("key", SUBJECTS)
def test_with_a_finger_on_a_slider_one_sees_picture_and_reason(phone: LivePage, key: str) -> None:
    """A finger on a slider changes no layout, so nothing else depends on which slider it moves."""
    page = phone.page
    page.set_viewport_size(PHONE)
    phone.visit(page_path(key), preset=next(iter(SUBJECTS[key].presets)))
    # The phone upright, then turned sideways.
    hands = ((PHONE, (0.5, 0.9)), (ACROSS, (0.5, 0.1)))
    for held, along in hands[:1] if key in LIKE_HOME else hands:
        page.set_viewport_size(held)
        page.wait_for_selector(f".live-figure[data-low={str(held is ACROSS).lower()}]")
        page.wait_for_timeout(100)  # until it is laid out
        assert page.evaluate(SMALL_TARGETS) == []
        assert page.evaluate(HIGHER) == []
        assert page.evaluate(BEYOND) == 0
        if key == HOME and held is ACROSS:
            page.locator(".stMain").evaluate("(main) => (main.scrollTop = 0)")
            expect(phone.cell("z")).to_be_in_viewport(ratio=1)
        sliders = page.locator(".live-figure-list input[type=range]:visible")
        if not sliders.count():
            assert key == "look-inside"  # its only slider is that of a gradient step
            continue
        slider = sliders.first
        page.locator(".live-figure").evaluate("(figure) => figure.scrollIntoView()")
        before = slider.input_value()
        touch = None if key in LIKE_HOME else a_finger_moves(page, slider, *along)
        parts = [".live-figure-frame", ".live-figure-answer", ".live-figure-list"]
        tabs = page.locator(".st-key-modes")
        upright = tabs.count() and held is PHONE
        foot = tabs.bounding_box() if upright else None
        assert outside(phone, foot["y"] if foot else held["height"], parts) == []
        assert page.evaluate(OVERLAPS, ["[data-testid=stHeader]", *parts]) == []
        if touch:
            assert slider.input_value() != before
            touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        if held is ACROSS:  # also while the user reads on
            page.locator(".live-figure-legend").evaluate("(it) => it.scrollIntoView(false)")
            expect(page.locator(".live-figure-list")).to_be_in_viewport(ratio=1)
        assert small(phone, 12) == []


SIGNS: Final = """() => {
  const said = (selector, end) => {
    const { content, fontSize } = getComputedStyle(document.querySelector(selector), end);
    return content.includes("more") && parseFloat(fontSize) >= 12;
  };
  return {
    up: said(".live-figure-box", "::before"),
    down: said(".live-figure-box", "::after"),
    beneath: said(".live-figure-list", "::after"),
  };
}"""
"""The places at which a phone shows that there is more to scroll to."""


SMALLEST: Final[ViewportSize] = {"width": 360, "height": 640}
"""The phone on which least is in sight."""


def seen_from_its_top(phone: LivePage, path: str, preset: str) -> Page:
    """Open a preset on the smallest phone, scrolled to the top; return its page."""
    phone.page.set_viewport_size(SMALLEST)
    phone.visit(path, rule="lab", preset=preset)
    phone.page.locator(".stMain").evaluate("(main) => (main.scrollTop = 0)")
    return phone.page


def test_a_phone_says_that_more_lies_beneath_the_slider(phone: LivePage) -> None:
    page = seen_from_its_top(phone, "", "max-tie")
    beneath = {"up": False, "down": False, "beneath": True}
    phone.until(lambda: page.evaluate(SIGNS) == beneath)
    answer, slider = (
        box_of(page.locator(part)) for part in (".live-figure-answer", ".live-figure-list")
    )
    assert answer["y"] + answer["height"] <= slider["y"], "the first sentence is whole"
    unseen = page.evaluate_handle(
        """(edge) => [...document.querySelectorAll(".live-figure-explanation > *")]
          .find((line) => line.getBoundingClientRect().bottom > edge)""",
        slider["y"] + 1,
    ).as_element()
    assert unseen
    page.touchscreen.tap(SMALLEST["width"] - 20, slider["y"] - 9)

    def comes_next() -> bool:
        """Whether the first line unseen before is right under the first sentence, which stays."""
        above, line = page.locator(".live-figure-answer").bounding_box(), unseen.bounding_box()
        assert above
        assert line
        return abs(line["y"] - above["y"] - above["height"]) < 12

    phone.until(comes_next)
    page.locator(".live-figure-legend li").last.evaluate("(it) => it.scrollIntoView()")
    phone.until(lambda: not any(page.evaluate(SIGNS).values()))


def test_a_phone_says_that_a_high_picture_goes_on_and_shows_what_is_chosen(phone: LivePage) -> None:
    page = seen_from_its_top(phone, "minibatch", "one-without-share")
    phone.until(lambda: page.evaluate(SIGNS)["up"] and not page.evaluate(SIGNS)["down"])
    hit = """(cell) => {
      const { left, right, top, bottom } = cell.getBoundingClientRect();
      return [top + 2, bottom - 2].every(
        (y) => document.elementFromPoint((left + right) / 2, y) === cell);
    }"""
    phone.until(lambda: phone.cell("w").evaluate(hit))
    page.locator(".live-figure-frame").evaluate("(frame) => (frame.scrollTop = 0)")
    phone.until(lambda: page.evaluate(SIGNS)["down"] and not page.evaluate(SIGNS)["up"])
    # If the row of modes comes last, it takes its room from the picture alone.
    high = "document.querySelector('.live-figure-frame').clientHeight"
    before = page.evaluate(high)
    page.locator(".stApp").evaluate("(app) => app.style.setProperty('--foot', '71px')")
    phone.until(lambda: page.evaluate(high) == before - 20)
    page.locator(".stApp").evaluate("(app) => app.style.removeProperty('--foot')")
    phone.until(lambda: page.evaluate(high) == before)
