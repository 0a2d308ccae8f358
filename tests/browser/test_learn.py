"""The lessons: answering on the picture by mouse and by keyboard; what the browser keeps."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from pages.learn.learn_subject import LEARN_SUBJECT
from pages.learn.lessons import LESSONS
from tests.browser.live_page import LivePage, box_of, stop_at
from tests.browser.test_first_minute import PARTS, PROJECTOR, at_rest, outside, small
from tests.pages.views.test_learn_page import Desk

SMALL_TARGETS: Final = """
() => [...document.querySelectorAll(".live-figure-side button")]
  .filter((each) => Math.min(each.offsetWidth, each.offsetHeight) < 44)
  .map((each) => each.textContent)
"""


@pytest.fixture
def learner(page: LivePage) -> Iterator[LivePage]:
    """A page that keeps no lesson for the next test; each test opens another lesson first."""
    yield page
    page.page.evaluate("localStorage.clear()")


def chip(page: LivePage, lesson: int) -> Locator:
    """The button that leads to a lesson."""
    return page.page.get_by_role("button", name=f"Lesson {lesson}: ")


def main(page: LivePage) -> Locator:
    """The main button of the lesson."""
    return page.task.locator(".live-figure-main")


def verdict(page: LivePage) -> Locator:
    return page.task.locator("[data-mark]")


def at_lesson(page: LivePage, lesson: int) -> None:
    expect(page.task.get_by_role("heading")).to_contain_text(f"{lesson} of 12: ")
    page.until(lambda: page.address().get("lesson") == str(lesson))
    chips = page.page.locator(".live-figure-lessons")
    expect(chips.locator("[aria-current=step]")).to_have_text(str(lesson))


def done(page: LivePage) -> list[str]:
    return page.page.locator(".live-figure-lessons [data-done=true]").all_inner_texts()


def answer(page: LivePage, *entries: str) -> None:
    for entry in entries:
        page.cell(entry).click()
    page.until(lambda: not entries or "● marked" in page.cells()[entries[-1]])
    main(page).click()
    expect(verdict(page)).to_be_visible()


def test_three_lessons_by_mouse_one_by_keyboard_and_a_reload(learner: LivePage) -> None:
    page = learner
    page.visit("learn", lesson=1)
    at_lesson(page, 1)
    for key in ("n", "p"):  # a step would show the answer
        page.page.keyboard.press(key)
    expect(page.button("Step ▶")).to_be_disabled()
    assert page.address()["step"] == "0"
    expect(page.button("Forget what is done")).to_be_hidden()
    place = main(page).bounding_box()
    answer(page, "x1", "x2")
    expect(page.button("Step ▶")).to_be_enabled()
    expect(page.button("Forget what is done")).to_be_visible()
    moved = main(page).bounding_box()
    assert place
    assert moved
    assert moved["y"] == place["y"], "what can be forgotten now takes no room"
    expect(verdict(page)).to_have_text("✓ Right: x₂.")
    assert page.cells()["z"][1:] == ["2", "∂ not yet"]
    assert done(page) == ["1"]
    main(page).click()

    at_lesson(page, 2)
    assert page.cells()["h1"][1:] == ["3", "∂ not yet"], "it is hidden"
    answer(page, "x3")
    expect(verdict(page)).to_have_text("✗ You marked x₃; it is x₁.")
    page.until(lambda: page.cells()["x1"][1:] == ["1.5", "∂ +2"])
    assert done(page) == ["1"]
    page.cell("h2").click()
    page.until(lambda: page.explanation()[:1] != [] and "h₂ = 0" in page.explanation()[0])
    expect(verdict(page)).to_have_text("✗ You marked x₃; it is x₁.")
    page.task.get_by_role("button", name="Next lesson").click()

    at_lesson(page, 3)
    page.hold_answers()
    for entry in ("a1", "a3", "a4"):
        page.cell(entry).click()
    page.release_answers()  # every click counts, also before the first was answered
    page.until(lambda: sum("● marked" in texts for texts in page.cells().values()) == 3)
    answer(page)
    expect(verdict(page)).to_have_text("✓ Right: a₁, a₃ and a₄.")
    page.slider("a1").fill("-1")
    page.until(lambda: page.cells().get("a1", ("", ""))[1] == "−1")
    expect(verdict(page)).to_have_text("✓ Right: a₁, a₃ and a₄.")

    page.page.reload()
    page.wait_drawn()
    at_lesson(page, 3)
    assert done(page) == ["1", "3"]
    press = page.page.keyboard.press
    stop_at(page.cell("a1"))
    for key in ("ArrowDown", "ArrowDown", "Enter", "ArrowDown", "Enter"):
        press(key)
    page.until(lambda: sum("● marked" in texts for texts in page.cells().values()) == 2)
    stop_at(main(page))
    press("Enter")
    expect(verdict(page)).to_have_text("✓ Right: a₃ and a₄.")  # a₁ was moved below 0
    expect(main(page)).to_be_focused()
    press("Enter")
    at_lesson(page, 4)
    stop_at(chip(page, 1))
    press("Enter")
    at_lesson(page, 1)
    page.button("Forget what is done").click()
    assert done(page) == ["1", "3"]  # not forgotten yet: the button asks again
    page.button("Press again to forget them").click()
    page.until(lambda: done(page) == [])
    assert page.page.evaluate("localStorage.getItem('backpropagation-live:lessons')") is None


HIGH: Final = 655
"""Above this height a picture counts as high, in px at a width of 1600; all have 629 to 670."""


def unlike() -> list[int]:
    """The lessons with the longest texts, among low and among high pictures.

    The texts are the task before an answer, the task after it, and the legend.
    """
    most: dict[tuple[bool, int], tuple[int, int]] = {}
    for lesson in range(1, len(LESSONS) + 1):
        desk = Desk(lesson)
        picture = LEARN_SUBJECT.picture(desk.state.scene)
        said = [letters(desk)]
        desk.act("check")
        said += [letters(desk), sum(len(sign.meaning) for sign in picture.legend)]
        for what, length in enumerate(said):
            place = picture.figure["layout"]["height"] > HIGH, what
            most[place] = max(most.get(place, (0, 0)), (length, lesson))
    return sorted({lesson for _, lesson in most.values()})


def letters(desk: Desk) -> int:
    task = desk.task()
    return sum(len(sentence) for _, sentence in (*task.asked, *task.lines))


@pytest.mark.window(*PROJECTOR.values())
def test_everything_is_in_the_window_of_a_projector(learner: LivePage) -> None:
    page = learner
    page.visit("learn", lesson=2)

    def problems() -> list[str]:
        parts = (*PARTS, ".live-figure-box")
        return outside(page, PROJECTOR["height"], parts) + small(page, 14)

    for lesson in unlike():
        chip(page, lesson).click()
        at_lesson(page, lesson)
        assert at_rest(page, problems) == [], lesson
        asked = LESSONS[lesson - 1].asked
        expect(page.task.get_by_text(asked)).to_be_visible()
        place = main(page).bounding_box()
        main(page).click()
        expect(verdict(page)).to_be_visible()
        expect(page.task.get_by_text(asked)).to_be_visible()
        after = main(page).bounding_box()
        assert place
        assert after
        assert after["y"] == place["y"], "the buttons stay where they are"
        assert problems() == [], f"{lesson} answered"
        cells = page.page.locator(".live-figure-cell")
        if cells.count():
            lines = page.told()
            cells.nth(cells.count() // 2).click()
            page.until(lambda: page.explanation() != [])
            gone = {*lines} - {*page.told()}
            assert len(gone) <= 1, "what was read stays, but for a formula"
            assert main(page).bounding_box() == after
            # The explanation of a cell may come before the formula above has made room for it.
            page.until(lambda: problems() == [])


def test_on_a_phone_a_verdict_comes_into_sight_and_a_thumb_finds_every_button(
    learner: LivePage,
) -> None:
    page = learner
    page.page.set_viewport_size({"width": 390, "height": 664})
    page.visit("learn", lesson=3)
    buttons = page.task.locator(".live-figure-acts button")
    places: set[tuple[float, ...]] = set()

    def is_in_sight(*those: Locator) -> None:
        for each in those:
            expect(each).to_be_in_viewport(ratio=1)
        places.add(tuple((each.bounding_box() or {"x": -1})["x"] for each in buttons.all()))
        heading = page.task.get_by_role("heading").bounding_box()
        picture = page.page.locator(".live-figure-frame").bounding_box()
        assert heading
        assert picture
        assert heading["y"] >= picture["y"] + picture["height"], "the heading is behind the picture"

    # Their pictures are low, high, and so high that one must scroll to the lower part.
    for lesson in (5, 6, 10):
        chip(page, lesson).click()
        at_lesson(page, lesson)
        is_in_sight(main(page))
        assert page.page.evaluate(SMALL_TARGETS) == []
        main(page).dispatch_event("click")  # without scrolling to the button
        expect(verdict(page)).to_be_visible()
        is_in_sight(verdict(page), page.task.get_by_role("button", name="Next lesson"))
        if lesson == 5:  # "Choose the other rules": they are there
            rule = page.page.locator(".st-key-toolbar .st-key-rule")
            expect(rule).to_be_in_viewport(ratio=1)
    assert len(places) == 1, "a button stands in another place"
    # The test scrolls to nothing: the page brings the verdict into sight.
    chip(page, 1).click()
    at_lesson(page, 1)
    page.cell("x4").dispatch_event("click")
    main(page).dispatch_event("click")
    expect(verdict(page)).to_be_in_viewport(ratio=1)
    expect(page.task.get_by_text("largest h is 2")).to_be_in_viewport(ratio=1)
    assert page.page.evaluate(SMALL_TARGETS) == []
    last = box_of(chip(page, 12))
    assert 0 <= last["x"] <= 390 - last["width"]
