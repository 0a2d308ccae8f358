"""An exported html file plays on its own: opened as a file, in a frame, without a network."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, ViewportSize

from pages.export.document import html_file
from pages.export.render_jobs import RenderJob, job_of_preset
from pages.export.slide import picture_of
from pages.export.style import Style

DRAWN = '[data-testid=slide][data-revision="%d"]'
SAID = "[...document.querySelectorAll('#explanation p')].map((line) => line.textContent)"
TEXTS = "[...document.querySelectorAll('#picture text')].map((text) => text.textContent)"
PRESS = "([key, code]) => document.dispatchEvent(new KeyboardEvent('keydown', { key, code }))"
BROWSERS = """(held) => document.dispatchEvent(
  new KeyboardEvent("keydown", { key: "ArrowLeft", cancelable: true, [held]: true }))"""
BOX = "(element) => element.getBoundingClientRect().toJSON()"
JOB = job_of_preset("max-tie", Style())


@pytest.fixture(params=[False], scope="module")
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page without a network; asserts at the end that it requested nothing and had no error.

    Its parameter: whether it is a phone's page.
    """
    phone, laptop = ViewportSize(width=390, height=664), ViewportSize(width=1280, height=720)
    window = phone if request.param else laptop
    context = browser.new_context(viewport=window, is_mobile=request.param, offline=True)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    page.on(
        "request",
        lambda request: None if request.url.startswith("file:") else problems.append(request.url),
    )
    yield page
    context.close()
    assert problems == []


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("html") / "max tie.html"
    path.write_text(html_file(JOB), encoding="utf-8")
    return path


def expected(job: RenderJob, **moved: float) -> tuple[list[str], set[str]]:
    """The expected explanation and texts of the picture, at a state of the job."""
    scene = job.scene
    for name, value in moved.items():
        scene = scene.moved(name, value)
    picture = picture_of(job, scene)
    traces = [trace for trace in picture.figure["data"] if trace.get("visible") is not False]
    texts = {text for trace in traces for text in trace.get("text", ()) if text.strip()}
    plain = {text.replace("<b>", "").replace("</b>", "") for text in texts}
    return list(picture.explanation), {text for text in plain if "<" not in text}


def shows(page: Page | Frame, revision: int, **moved: float) -> None:
    """Assert that the drawing with this number shows the job with these values moved."""
    page.wait_for_selector(DRAWN % revision)
    said, texts = expected(JOB, **moved)
    assert page.evaluate(SAID) == said
    assert texts <= {*page.evaluate(TEXTS)}


def test_an_html_file_answers_to_its_buttons_its_slider_and_the_keys(
    page: Page, file: Path
) -> None:
    page.goto(file.as_uri())
    shows(page, 1)
    page.get_by_role("button", name="◀ Step").click()
    shows(page, 2, step=5)
    assert page.locator("#step").inner_text() == picture_of(JOB, JOB.scene.moved("step", 5)).step
    slider = page.get_by_role("slider", name="x3")
    slider.focus()
    page.keyboard.press("ArrowRight")
    shows(page, 3, step=5, x3=1.75)
    page.keyboard.press("n")
    shows(page, 4, step=6, x3=1.75)
    page.keyboard.press("Home")
    shows(page, 5, x3=-4)
    assert slider.get_attribute("aria-valuetext") == "−4"
    assert page.get_by_role("button", name="Step ▶").is_disabled()
    for act in page.keyboard.down, page.keyboard.down, page.keyboard.up:  # it is held
        act("p")  # it plays from the beginning, and goes on by itself
    shows(page, 6, step=0, x3=-4)
    shows(page, 7, step=1, x3=-4)
    page.evaluate(PRESS, ["\N{CYRILLIC SMALL LETTER I}", "KeyB"])  # B's place in Russian
    shows(page, 8, step=0, x3=-4)
    assert page.get_by_role("button", name="Play").is_visible()
    slider.blur()
    place = slider.bounding_box()
    for step in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        shows(page, 8 + step, step=step, x3=-4)
        assert slider.bounding_box() == place, "whatever the sentence beside the buttons"
    page.keyboard.press("ArrowLeft")
    shows(page, 12, step=2, x3=-4)
    for held in ("altKey", "ctrlKey", "metaKey"):
        assert page.evaluate(BROWSERS, held), "who goes back in the browser takes no step"
    assert not page.evaluate(BROWSERS, "shiftKey"), "nothing scrolls at a step"


def test_an_html_file_is_shown_whole_in_a_frame_of_any_size(page: Page, file: Path) -> None:
    deck = file.with_name("deck.html")
    head = '<!doctype html><link rel="icon" href="data:,">'
    deck.write_text(f'{head}<iframe src="{file.as_uri()}"></iframe>', encoding="utf-8")
    page.goto(deck.as_uri())
    inside = page.frames[1]
    shows(inside, 1)
    for width, height in ((960, 540), (400, 800), (1200, 300)):
        page.locator("iframe").evaluate(
            "(frame, size) => { [frame.width, frame.height] = size }", [width, height]
        )
        inside.wait_for_function("(size) => innerWidth === size[0]", arg=[width])
        inside.evaluate("new Promise((done) => requestAnimationFrame(() => done()))")
        slide: Any = inside.evaluate(f"({BOX})(document.getElementById('slide'))")
        assert max(slide["width"] / width, slide["height"] / height) == pytest.approx(1, abs=0.001)
        assert slide["width"] / slide["height"] == pytest.approx(16 / 9, rel=0.001)
        assert slide["left"] == pytest.approx(width - slide["right"], abs=0.01)
        assert slide["top"] == pytest.approx(height - slide["bottom"], abs=0.01)
        last: Any = inside.evaluate(f"({BOX})(document.querySelector('#explanation p:last-child'))")
        assert last["bottom"] <= height
        assert not inside.evaluate("document.documentElement.scrollHeight > innerHeight")
    # The title is that of the scene shown.
    title = "[...document.querySelectorAll('.gtitle')].map((line) => line.textContent)"
    assert JOB.title != JOB.topic
    assert inside.evaluate(title) == [JOB.title]
    inside.locator("#range").focus()
    page.keyboard.press("ArrowLeft")
    shows(inside, 2, x3=1.25)
    assert inside.evaluate(title) == [JOB.topic]
    page.keyboard.press("ArrowRight")
    shows(inside, 3)
    assert inside.evaluate(title) == [JOB.title]


@pytest.mark.parametrize("page", [True], indirect=True)
def test_an_html_file_is_shown_whole_on_a_phone(page: Page, file: Path) -> None:
    page.goto(file.as_uri())
    shows(page, 1)
    slide: Any = page.evaluate(f"({BOX})(document.getElementById('slide'))")
    assert (slide["left"], slide["right"]) == pytest.approx((0, 390), abs=0.5)
    assert slide["top"] == pytest.approx(664 - slide["bottom"], abs=0.5)


def test_where_there_are_no_steps_there_is_the_slider_alone(page: Page, tmp_path: Path) -> None:
    job = job_of_preset("at-a-kink/two-way-tie", Style(theme="dark", transparent=True))
    path = tmp_path / "kink.html"
    path.write_text(html_file(job), encoding="utf-8")
    page.goto(path.as_uri())
    page.wait_for_selector(DRAWN % 1)
    assert page.get_by_role("button").count() == 0
    page.get_by_role("slider", name="x1").fill("32")
    page.wait_for_selector(DRAWN % 2)
    assert page.evaluate(SAID) == expected(job, x1=4)[0]
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgba(0, 0, 0, 0)"
