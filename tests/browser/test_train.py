"""Training on the page: start, pause, step, resume, finish; tabs, places, and who comes back."""

import asyncio
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.live_page import GO_BACK, PATIENCE, LivePage, box_of
from tests.browser.server import Server
from tests.load.wire import Connection
from tests.pages.apart import apart

CHARTS = "[data-testid=live-charts]"
SHORT = "architecture=linear&epochs=2&batch_size=256&learning_rate=0.02"
LONG = "architecture=linear&epochs=20&batch_size=1&learning_rate=0.0001"
"""Longer than any test: only by what a test does can it come to an end."""


class TrainingPage(LivePage):
    """The page "Train", as those who train see it."""

    def open(self, query: str = "", /, **state: object) -> None:
        """Loads it; or, once after each test that has left no run, goes there as Back does."""
        kept, self.kept = self.kept, False
        if not kept:
            self.load("train", query)
            return
        if self.was_asked("train", query):
            query += "&seed=1"  # what it was opened with before would be no news to the server
        self.asks("train", query)
        address = f"{self.base}train?{query}"
        self.wait_for_run()
        self.page.evaluate(GO_BACK, address)
        self.page.wait_for_function("(address) => location.href !== address", arg=address)
        self.wait_for_run()

    def wait_drawn(self) -> None:
        self.page.wait_for_selector(f'{CHARTS}:not([data-revision="0"])')

    def pictures(self) -> int:
        return int(self.page.locator(CHARTS).get_attribute("data-revision") or 0)

    def wait_status(self, beginning: str) -> str:
        line = self.page.locator(".st-key-run")
        expect(line).to_contain_text(re.compile(rf"^\s*{beginning}"))
        return line.inner_text().strip()

    def step(self) -> int:
        found = re.search(r"step ([\d,]+) of", self.page.locator(".st-key-run").inner_text())
        return int(found[1].replace(",", "")) if found else 0

    def chart_texts(self, chart: int) -> list[str]:
        texts = self.page.locator(".live-charts-chart").nth(chart).locator("svg text")
        return texts.all_text_contents()


@contextmanager
def started(grace: int) -> Iterator[Server]:
    """A server with one place, which waits so many seconds for a tab that is gone."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRAINING_PLACES", "1")
        environment.setenv("TRAINING_GRACE", str(grace))
        with Server() as running:
            yield running


@pytest.fixture(scope="module")
def classroom() -> Iterator[Server]:
    """Where it does not matter how long a page takes to load."""
    with started(grace=60) as running:
        yield running


@pytest.fixture(scope="module")
def kept_tab(browser: Browser, classroom: Server) -> TrainingPage:
    """Kept, since a new tab compiles two megabytes of scripts."""
    return TrainingPage(browser.new_page(), classroom.url)


@pytest.fixture
def tab(kept_tab: TrainingPage) -> Iterator[TrainingPage]:
    """Leaves no run behind."""
    kept_tab.problems.clear()
    kept_tab.page.set_viewport_size({"width": 1280, "height": 720})
    yield kept_tab
    if kept_tab.button("Reset").is_enabled():
        kept_tab.button("Reset").click()
        kept_tab.wait_status("Press Start")
    assert kept_tab.problems == []
    kept_tab.kept = True


def test_a_run_pauses_takes_a_step_goes_on_and_is_found_by_a_tab_that_comes_back(
    tab: TrainingPage,
) -> None:
    """In time after a reload, or from another page."""
    tab.open(LONG)
    tab.wait_status("Press Start: 7,850 parameters learn from 60,000 images, 20 times.")
    network = tab.page.get_by_role("combobox", name="Network")
    expect(network).to_be_enabled()
    tab.button("Start").click()
    tab.wait_status(r"Training: epoch \d+ of 20, step")
    before = tab.pictures()
    expect(network).to_be_disabled()
    tab.until(lambda: tab.pictures() > before + 1)
    tab.button("Pause").click()
    tab.wait_status("Paus(ing|ed) in epoch")
    tab.wait_status("Paused in epoch")
    paused_at = tab.step()
    assert paused_at > 0
    when = f"at step {paused_at:,}"
    tab.until(lambda: f"Confusion matrix {when}" in tab.chart_texts(2))
    assert f"Accuracy {when}" in tab.chart_texts(0)
    (wrong,) = (text for text in tab.chart_texts(2) if text.startswith("Wrong at step"))
    count = int(wrong.partition(": ")[2].removesuffix(" of 10,000").replace(",", ""))
    (test,) = (text for text in tab.chart_texts(0) if text.startswith("test  "))
    assert float(test.split()[1]) == pytest.approx(100 - count / 100, abs=0.051)
    tab.button("Step").click()
    tab.until(lambda: tab.step() != paused_at)
    assert tab.step() == paused_at + 1  # so it has stood still
    tab.button("Resume").click()
    tab.wait_status("Training")
    tab.until(lambda: tab.step() > paused_at + 1)
    step = tab.step()
    tab.page.reload()
    tab.wait_status("Training")
    assert tab.step() > step
    tab.button("Pause").click()
    tab.wait_status("Paused in epoch")
    step = tab.step()
    tab.button("Look inside").click()
    inside = tab.page.get_by_test_id("explanation").get_by_text("Your network")
    inside.first.wait_for()
    tab.page.reload()
    inside.first.wait_for()
    tab.page.get_by_text("Train", exact=True).click()
    tab.page.get_by_role("menuitem", name="Train").click()
    tab.wait_status("Paused in epoch")
    assert tab.step() == step
    tab.wait_address(batch_size=1)
    tab.button("Reset").click()
    tab.wait_status("Press Start")
    expect(network).to_be_enabled()
    tab.until(lambda: "Wrong" in tab.chart_texts(2))


def test_a_run_finishes(tab: TrainingPage) -> None:
    tab.open(SHORT)
    tab.button("Start").click()
    said = tab.wait_status("Finished, ")
    right = re.search(
        r"2 times through the images: accuracy ([\d.]+) % on 10,000 test images", said
    )
    assert right
    assert 85 < float(right[1]) < 95

    def wrong() -> int:
        title = next(text for text in tab.chart_texts(2) if text.startswith("Wrong at step"))
        return int(title.partition(": ")[2].removesuffix(" of 10,000").replace(",", ""))

    # The charts come by a way of their own, a little later.
    tab.until(lambda: wrong() == pytest.approx(10_000 - 100 * float(right[1]), abs=5.1))
    expect(tab.page.get_by_role("combobox", name="Network")).to_be_enabled()
    expect(tab.button("Start")).to_be_enabled()
    errors = tab.page.get_by_role(
        "button", name=re.compile(r"^Label \d, prediction \d: look inside$")
    )
    expect(errors).to_have_count(16)
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.until(
        lambda: min(box["width"] for each in errors.all() if (box := each.bounding_box())) < 50
    )
    for error in errors.all():
        box = box_of(error)
        assert min(box["width"], box["height"]) >= 44
    third = errors.nth(2)
    label, prediction = re.findall(r"\d", third.get_attribute("aria-label") or "")
    third.click()
    tab.page.wait_for_url("**/look_inside?*net=yours*")
    verdict = re.compile(rf"Your network predicts an? {prediction} .* but it is an? {label}:")
    expect(tab.page.locator("[data-testid=explanation]")).to_contain_text(verdict)
    tab.wait_for_run()  # what leaves a page while it is still shown may be overtaken by it
    tab.page.go_back()
    tab.wait_drawn()


def test_two_tabs_have_two_runs_and_a_closed_tab_frees_its_place() -> None:
    async def told(tab: Connection, text: str) -> None:
        while not any(text in shown for shown in (await tab.rerun(fragment=tab.follows)).others):
            await asyncio.sleep(0.1)

    async def tabs(server: Server) -> None:
        first, second = (Connection(server.url, "train", LONG) for _ in range(2))
        async with first, second:
            for tab in (first, second):
                await tab.rerun()
            await first.press("Step")
            await told(first, "Paused")
            await second.press("Start")
            await told(second, "You are first in line: this server trains 1 network at a time.")
            await first.drop()
            await told(second, "Training")
            assert len(workers(server)) == 1
        while workers(server):
            await asyncio.sleep(0.1)

    with started(grace=0) as server:
        apart(asyncio.run, asyncio.wait_for(tabs(server), PATIENCE))


SMALLEST_TEXT = """() => Math.min(
  ...[...document.querySelectorAll(".live-charts-chart text")].map((text) =>
    parseFloat(getComputedStyle(text).fontSize) *
      (document.querySelector(".live-charts-canvas").getBoundingClientRect().width /
        document.querySelector(".live-charts-canvas").offsetWidth)))
"""


def test_all_charts_are_visible_without_scrolling(tab: TrainingPage) -> None:
    tab.open("architecture=deeper")
    charts = tab.page.locator(".live-charts-chart")
    for width, height, least in ((1600, 900, 18), (1280, 600, 14), (390, 844, 12)):

        def fit(width: int = width, height: int = height, least: int = least) -> bool:
            """They are in the window, and their texts can be read; soon after it has its size."""
            boxes = [chart.bounding_box() for chart in charts.all()]
            return (
                len(boxes) == 3
                and all(
                    box
                    and box["x"] >= 0
                    and box["x"] + box["width"] <= width
                    and (box["y"] + box["height"] <= height or width == 390)
                    for box in boxes
                )
                and tab.page.evaluate(SMALLEST_TEXT) >= least
            )

        tab.page.set_viewport_size({"width": width, "height": height})
        tab.until(fit)
        if width == 1280:  # presented, too
            tab.page.get_by_role("button", name="Present", exact=True).click()
            leave = tab.page.get_by_role("button", name="Leave", exact=True)
            expect(leave).to_be_focused()
            tab.until(fit)
            leave.click()
            expect(leave).to_be_hidden()


def workers(server: Server) -> list[int]:
    """The processes that train for this server."""
    listing = subprocess.run(
        ["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
    )
    lines = (line.split(None, 2) for line in listing.stdout.splitlines())
    return [
        int(pid)
        for pid, parent, command in lines
        if parent == str(server.pid) and "pages.training.process" in command
    ]
