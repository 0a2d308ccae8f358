"""Training on the page: start, pause, step, resume, finish; tabs, places, and who comes back."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.live_page import PATIENCE, LivePage
from tests.browser.server import Server

CHARTS = "[data-testid=live-charts]"
SHORT = "architecture=linear&epochs=2&batch_size=32&learning_rate=0.02"
LONG = "architecture=linear&epochs=20&batch_size=4&learning_rate=0.001"
GRACE = 2


class TrainingPage(LivePage):
    """The page "Train", as those who train see it."""

    def open(self, query: str = "", /, **state: object) -> None:
        self.page.goto(f"{self.base}train?{query}")
        self.wait_drawn()

    def wait_drawn(self) -> None:
        self.page.wait_for_selector(f'{CHARTS}:not([data-revision="0"])')

    def pictures(self) -> int:
        return int(self.page.locator(CHARTS).get_attribute("data-revision") or 0)

    def wait_status(self, beginning: str) -> str:
        line = self.page.locator(".st-key-run")
        expect(line).to_contain_text(re.compile(rf"^\s*{beginning}"), timeout=1000 * PATIENCE)
        return line.inner_text().strip()

    def step(self) -> int:
        found = re.search(r"step ([\d,]+) of", self.page.locator(".st-key-run").inner_text())
        return int(found[1].replace(",", "")) if found else 0

    def chart_texts(self, chart: int) -> list[str]:
        texts = self.page.locator(".live-charts-chart").nth(chart).locator("svg text")
        return texts.all_text_contents()


@pytest.fixture(scope="module")
def classroom() -> Iterator[Server]:
    """A server with one place, which does not wait long for a tab that is gone."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRAINING_PLACES", "1")
        environment.setenv("TRAINING_GRACE", str(GRACE))
        with Server() as running:
            yield running


@pytest.fixture
def open_tab(browser: Browser, classroom: Server) -> Iterator[Callable[[str], TrainingPage]]:
    """Opens tabs of people who share nothing."""
    opened: list[TrainingPage] = []

    def open_one(query: str) -> TrainingPage:
        opened.append(TrainingPage(browser.new_page(bypass_csp=True), classroom.url))
        opened[-1].open(query)
        return opened[-1]

    yield open_one
    for tab in opened:
        if not tab.page.is_closed() and tab.button("Reset").is_enabled():
            tab.button("Reset").click()
            tab.wait_status("Press Start")
        tab.page.close()
    assert [problem for tab in opened for problem in tab.problems] == []


def test_a_run_starts_pauses_takes_a_step_goes_on_and_finishes(
    open_tab: Callable[[str], TrainingPage],
) -> None:
    tab = open_tab(SHORT)
    tab.wait_status("Press Start: 7,850 numbers learn from 60,000 images, 2 times.")
    expect(tab.page.get_by_role("spinbutton", name="Epochs")).to_be_enabled()
    tab.button("Start").click()
    tab.wait_status("Training: epoch 1 of 2")
    before = tab.pictures()
    expect(tab.page.get_by_role("spinbutton", name="Epochs")).to_be_disabled()
    tab.until(lambda: tab.pictures() > before + 1)
    tab.button("Pause").click()
    tab.wait_status("Paused in epoch")
    paused_at = tab.step()
    assert 0 < paused_at < 3750
    tab.page.wait_for_timeout(600)
    assert tab.step() == paused_at
    tab.button("Step").click()
    tab.until(lambda: tab.step() == paused_at + 1)
    tab.button("Resume").click()
    said = tab.wait_status("Finished: ")
    right = re.match(r"Finished: ([\d.]+) % of 10,000 test images right", said)
    assert right
    assert 85 < float(right[1]) < 95
    title = next(text for text in tab.chart_texts(2) if text.startswith("Still wrong: "))
    wrong = int(title.removeprefix("Still wrong: ").removesuffix(" of 10,000").replace(",", ""))
    assert wrong == pytest.approx(10_000 - 100 * float(right[1]), abs=5.1)
    expect(tab.page.get_by_role("spinbutton", name="Epochs")).to_be_enabled()
    tab.button("Reset").click()
    tab.wait_status("Press Start")
    assert "Still wrong" in tab.chart_texts(2)


def test_two_tabs_have_two_runs_and_a_closed_tab_frees_its_place(
    open_tab: Callable[[str], TrainingPage],
) -> None:
    first, second, third = open_tab(LONG), open_tab(SHORT), open_tab(LONG)
    first.button("Start").click()
    first.wait_status("Training")
    second.button("Start").click()
    second.wait_status("You are first in line: this server trains 1 network at a time.")
    third.button("Start").click()
    third.wait_status("You are second in line")
    third.button("Reset").click()
    third.wait_status("Press Start")
    first.page.close()
    second.wait_status("Training")
    second.wait_status("Finished")


def test_a_tab_that_comes_back_in_time_finds_its_run(
    open_tab: Callable[[str], TrainingPage],
) -> None:
    tab = open_tab(LONG)
    tab.button("Start").click()
    tab.wait_status("Training")
    tab.until(lambda: tab.step() > 0)
    step = tab.step()
    tab.page.reload()
    tab.wait_status("Training")
    assert tab.step() > step
    tab.page.wait_for_timeout(1000 * GRACE + 500)
    tab.wait_status("Training")
    tab.page.goto("about:blank")
    tab.page.wait_for_timeout(1000 * GRACE + 800)
    tab.open(LONG)
    expect(tab.page.get_by_text("The run of this tab is over")).to_be_visible()
    tab.wait_status("Press Start")


def test_another_page_does_not_end_a_run(open_tab: Callable[[str], TrainingPage]) -> None:
    tab = open_tab(LONG)
    tab.button("Start").click()
    tab.wait_status("Training")
    tab.page.get_by_text("Explore", exact=True).click()
    tab.page.get_by_role("menuitem", name="ReLU").click()
    tab.page.wait_for_selector('[data-testid=live-figure]:not([data-revision="0"])')
    tab.page.wait_for_timeout(1000 * GRACE + 500)
    tab.page.get_by_text("Train", exact=True).click()
    tab.page.get_by_role("menuitem", name="Train").click()
    tab.wait_status("Training")
    tab.wait_address(batch_size=4)


def test_a_loss_that_overflows_is_one_sentence_and_a_free_place(
    open_tab: Callable[[str], TrainingPage],
) -> None:
    tab = open_tab("preset=overflow")
    tab.button("Start").click()
    said = tab.wait_status("Trainer: the loss")
    assert "learning rate" in said
    other = open_tab(SHORT)
    other.button("Start").click()
    other.wait_status("Training")


def test_a_process_that_is_killed_is_one_sentence(
    open_tab: Callable[[str], TrainingPage], classroom: Server
) -> None:
    tab = open_tab(LONG)
    tab.button("Start").click()
    tab.wait_status("Training")
    for process in workers():
        os.kill(process, signal.SIGKILL)
    tab.wait_status("The process that trained has ended unexpectedly")
    tab.button("Start").click()
    tab.wait_status("Training")


SMALLEST_TEXT = """() => Math.min(
  ...[...document.querySelectorAll(".live-charts-chart text")].map((text) =>
    parseFloat(getComputedStyle(text).fontSize) *
      (document.querySelector(".live-charts-canvas").getBoundingClientRect().width /
        document.querySelector(".live-charts-canvas").offsetWidth)))
"""


def test_all_charts_are_visible_without_scrolling(
    open_tab: Callable[[str], TrainingPage],
) -> None:
    tab = open_tab("architecture=deeper")
    for width, height in ((1600, 900), (1280, 720), (390, 844)):
        tab.page.set_viewport_size({"width": width, "height": height})
        tab.page.wait_for_function(
            "(width) => document.querySelector('.live-charts').clientWidth <= width", arg=width
        )
        tab.page.wait_for_timeout(100)
        charts = tab.page.locator(".live-charts-chart")
        assert charts.count() == 3
        for box in (charts.nth(i).bounding_box() for i in range(3)):
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["y"] + box["height"] <= height or width == 390
        if width == 1600:
            assert tab.page.evaluate(SMALLEST_TEXT) >= 18


def workers() -> list[int]:
    """The processes that train."""
    listing = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True)
    lines = (line.split(None, 1) for line in listing.stdout.splitlines())
    return [int(pid) for pid, command in lines if "pages.training.worker" in command]
