"""The page Train: starting, pausing, stepping, resuming and finishing a run; coming back to it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.live_page import LivePage

CHARTS = "[data-testid=live-charts]"
DRAWN = f'{CHARTS}:not([data-revision="0"])'
SHORT = "architecture=linear&epochs=2&batch_size=256&learning_rate=0.02"
LONG = "architecture=linear&epochs=20&batch_size=1&learning_rate=0.0001"
"""A run that takes longer than any test, so that it only ends if the test ends it."""


def status(page: LivePage, beginning: str) -> str:
    """The line about the run, once it begins like this."""
    line = page.page.locator(".st-key-run")
    expect(line).to_contain_text(re.compile(rf"^\s*{beginning}"))
    return line.inner_text().strip()


def open_charts(page: LivePage, query: str) -> None:
    """Go to "Train" as Back does, or load it if no page can be reused; wait for its charts."""
    page.come_to("train", query)
    page.page.wait_for_selector(DRAWN)
    page.wait_for_run()
    status(page, "Press Start")


def pictures(page: LivePage) -> int:
    return int(page.page.locator(CHARTS).get_attribute("data-revision") or 0)


def step(page: LivePage) -> int:
    found = re.search(r"step ([\d,]+) of", page.page.locator(".st-key-run").inner_text())
    return int(found[1].replace(",", "")) if found else 0


def chart_texts(page: LivePage, chart: int) -> list[str]:
    texts = page.page.locator(".live-charts-chart").nth(chart).locator("svg text")
    return texts.all_text_contents()


@pytest.fixture
def tab(page: LivePage) -> Iterator[LivePage]:
    """A page whose run is reset at the end."""
    page.page.set_viewport_size({"width": 1280, "height": 720})
    yield page
    if page.button("Reset").is_enabled():
        page.button("Reset").click()
        status(page, "Press Start")


def test_a_run_pauses_takes_a_step_goes_on_and_is_found_by_a_tab_that_comes_back(
    tab: LivePage,
) -> None:
    """It comes back from another page, which was reloaded meanwhile."""
    open_charts(tab, LONG)
    status(tab, "Press Start: 7,850 parameters learn from 60,000 images, 20 times.")
    network = tab.page.get_by_role("combobox", name="Network")
    expect(network).to_be_enabled()
    tab.button("Start").click()
    status(tab, r"Training: epoch \d+ of 20, step")
    before = pictures(tab)
    expect(network).to_be_disabled()
    tab.until(lambda: pictures(tab) > before + 1)
    tab.button("Pause").click()
    status(tab, "Paus(ing|ed) in epoch")
    status(tab, "Paused in epoch")
    paused_at = step(tab)
    assert paused_at > 0
    when = f"at step {paused_at:,}"
    tab.until(lambda: f"Confusion matrix {when}" in chart_texts(tab, 2))
    assert f"Accuracy {when}" in chart_texts(tab, 0)
    (wrong,) = (text for text in chart_texts(tab, 2) if text.startswith("Wrong at step"))
    count = int(wrong.partition(": ")[2].removesuffix(" of 10,000").replace(",", ""))
    (test,) = (text for text in chart_texts(tab, 0) if text.startswith("test  "))
    assert float(test.split()[1]) == pytest.approx(100 - count / 100, abs=0.051)
    tab.button("Step").click()
    tab.until(lambda: step(tab) != paused_at)
    assert step(tab) == paused_at + 1  # so it has stood still
    tab.button("Resume").click()
    status(tab, "Training")
    tab.until(lambda: step(tab) > paused_at + 1)
    tab.button("Pause").click()
    status(tab, "Paused in epoch")
    at = step(tab)
    tab.button("Look inside").click()
    inside = tab.page.get_by_test_id("explanation").get_by_text("Your network")
    inside.first.wait_for()
    tab.page.reload()
    inside.first.wait_for()
    tab.page.get_by_text("Train", exact=True).click()
    tab.page.get_by_role("menuitem", name="Train").click()
    status(tab, "Paused in epoch")
    assert step(tab) == at
    tab.wait_address(batch_size=1)
    tab.button("Reset").click()
    status(tab, "Press Start")
    expect(network).to_be_enabled()
    tab.until(lambda: "Wrong" in chart_texts(tab, 2))


def test_a_run_finishes(tab: LivePage) -> None:
    open_charts(tab, SHORT)
    tab.button("Start").click()
    said = status(tab, "Finished, ")
    right = re.search(
        r"2 times through the images: accuracy ([\d.]+) % on 10,000 test images", said
    )
    assert right
    assert 85 < float(right[1]) < 95

    def wrong() -> int:
        title = next(text for text in chart_texts(tab, 2) if text.startswith("Wrong at step"))
        return int(title.partition(": ")[2].removesuffix(" of 10,000").replace(",", ""))

    # The charts are sent separately, a little later.
    tab.until(lambda: wrong() == pytest.approx(10_000 - 100 * float(right[1]), abs=5.1))
    expect(tab.page.get_by_role("combobox", name="Network")).to_be_enabled()
    expect(tab.button("Start")).to_be_enabled()
    errors = tab.page.get_by_role(
        "button", name=re.compile(r"^Label \d, prediction \d: look inside$")
    )
    expect(errors).to_have_count(16)
    tab.page.set_viewport_size({"width": 390, "height": 844})
    sizes = """(all) => all.map((it) => {
      const { width, height } = it.getBoundingClientRect();
      return [width, height];
    })"""
    tab.until(lambda: min(errors.evaluate_all(sizes))[0] < 50)
    assert min(min(size) for size in errors.evaluate_all(sizes)) >= 44
    third = errors.nth(2)
    label, prediction = re.findall(r"\d", third.get_attribute("aria-label") or "")
    third.click()
    tab.page.wait_for_url("**/look_inside?*net=yours*")
    verdict = re.compile(rf"Your network predicts an? {prediction} .* but it is an? {label}:")
    expect(tab.page.locator("[data-testid=explanation]")).to_contain_text(verdict)
    tab.wait_for_run()  # a run of the page might overtake the way back
    tab.page.go_back()
    tab.page.wait_for_selector(DRAWN)


SMALLEST_TEXT = """() => Math.min(
  ...[...document.querySelectorAll(".live-charts-chart text")].map((text) =>
    parseFloat(getComputedStyle(text).fontSize) *
      (document.querySelector(".live-charts-canvas").getBoundingClientRect().width /
        document.querySelector(".live-charts-canvas").offsetWidth)))
"""


def test_all_charts_are_visible_without_scrolling(tab: LivePage) -> None:
    open_charts(tab, "architecture=deeper")
    charts = tab.page.locator(".live-charts-chart")
    for width, height, least in ((1600, 900, 18), (1280, 600, 14), (390, 844, 12)):

        def fit(width: int = width, height: int = height, least: int = least) -> bool:
            """Whether the charts are in the window and legible, as they are soon after a resize."""
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
