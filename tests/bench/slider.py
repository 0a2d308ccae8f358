"""How fast the picture follows: `python -m tests.bench.slider`. Prints figures and ratios.

60 changes of x1 by key, each from the key's event to the end of the first frame that shows the new
numbers; then a drag with the mouse. Three ways in one run on one machine: (a) from the sweep,
(b) by a round trip for each value, (c) the same picture through st.slider and st.plotly_chart.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from playwright.sync_api import Browser

from tests.bench.table import Row, load, print_table, with_browser
from tests.browser.live_page import LivePage
from tests.browser.server import ROOT, Server

CHANGES = 60
ASKS = 30
PROBE = ROOT / "tests" / "bench" / "probe.js"
PAUSE = 0.15
"""Seconds between a picture and the next key: a hand that looks; and nothing is left to settle."""


@dataclass(frozen=True)
class Measured:
    """What came of 60 changes, and of a drag."""

    delays: Sequence[float]
    frames: int
    blank: int
    dragged: Sequence[float]
    values: int
    pictures: int
    pictures_a_second: float

    @property
    def p50(self) -> float:
        """Milliseconds."""
        return percentile(self.delays, 50)

    @property
    def p95(self) -> float:
        """Milliseconds."""
        return percentile(self.delays, 95)


def percentile(times: Sequence[float], percent: int) -> float:
    """The time below which so many percent are."""
    return quantiles(times, n=100, method="inclusive")[percent - 1]


def probe(page: LivePage) -> dict[str, Any]:
    """What the page has seen of itself since `probe.start()`."""
    seen: dict[str, Any] = page.page.evaluate("JSON.parse(JSON.stringify(probe))")
    return seen


def by_keys(page: LivePage) -> dict[str, Any]:
    """60 changes of the focused slider, back and forth, each once the last is shown."""
    page.page.evaluate("probe.start()")
    for change in range(CHANGES):
        page.page.keyboard.press("ArrowRight" if change % 20 < 10 else "ArrowLeft")
        page.page.wait_for_function("(count) => probe.delays.length > count", arg=change)
        page.page.wait_for_timeout(1000 * PAUSE)
    return probe(page)


def by_mouse(
    page: LivePage, points: Sequence[tuple[float, float]]
) -> tuple[dict[str, Any], int, float]:
    """A drag along these points: what was seen, the number of values, and its seconds."""
    page.page.evaluate("probe.start()")
    page.page.evaluate("""() => {
      window.values = new Set();
      const note = (event) => window.values.add(event.target.value);
      addEventListener("input", note);
      window.began = performance.now();
    }""")
    for point in points[1:]:
        page.page.mouse.move(*point)
    page.page.evaluate("new Promise((seen) => requestAnimationFrame(() => probe.painted(seen)))")
    values: int = page.page.evaluate("window.values.size")
    seconds: float = page.page.evaluate("(performance.now() - window.began) / 1000")
    return probe(page), values, seconds


def measured(page: LivePage, points: Sequence[tuple[float, float]]) -> Measured:
    """60 changes of the focused slider, and a drag along these points."""
    keys = by_keys(page)
    page.page.mouse.move(*points[0])
    page.page.mouse.down()
    drag, values, seconds = by_mouse(page, points)
    page.page.mouse.up()
    pictures = len(drag["pictures"]) - 1
    return Measured(
        keys["delays"],
        keys["looks"],
        keys["blank"] + drag["blank"],
        drag["delays"],
        values,
        pictures,
        pictures / seconds,
    )


def live(browser: Browser, prepare: Callable[[LivePage], None], url: str) -> Measured:
    """The live figure, once it is prepared."""
    page = tab(browser, url)
    page.open()
    prepare(page)
    page.slider("x1").focus()
    page.page.wait_for_timeout(1000)
    here = page.value("x1")
    points = [page.point("x1", here), *(page.point("x1", 4 - 0.125 * step) for step in range(64))]
    seen = measured(page, points)
    page.page.close()
    return seen


def stock(browser: Browser, url: str) -> Measured:
    """The same picture through Streamlit's own slider and chart."""
    page = tab(browser, url)
    page.page.goto(url)
    thumb = page.page.get_by_role("slider")
    page.page.wait_for_function("probe.shown() !== ''")
    thumb.focus()
    page.page.wait_for_timeout(1000)
    box = thumb.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    seen = measured(page, [(x - 8 * step, y) for step in range(64)])
    page.page.close()
    return seen


def sweeps(browser: Browser, url: str) -> Sequence[float]:
    """Milliseconds from each of 30 asks to its sweep."""
    page = tab(browser, url)
    page.open()
    page.page.evaluate("probe.start()")
    for ask in range(ASKS):
        # Moving one slider makes the other one's sweep obsolete.
        page.slider(f"x{ask % 2 + 1}").focus()
        page.page.wait_for_function("(count) => probe.sweeps.length > count", arg=ask)
        page.page.keyboard.press("ArrowRight" if ask % 4 < 2 else "ArrowLeft")
        page.wait_settled()
    times: Sequence[float] = probe(page)["sweeps"]
    page.page.close()
    return times


def tab(browser: Browser, url: str) -> LivePage:
    """A tab of a projector's size, which looks at itself."""
    page = LivePage(browser.new_page(viewport={"width": 1600, "height": 900}), url)
    page.page.add_init_script(path=PROBE)
    return page


def main(browser: Browser) -> None:
    """Measure all three, and print."""
    print(f"load at the beginning: {load()}")
    with Server() as ours, Server("tests/bench/stock/page.py") as theirs:
        swept = live(browser, lambda page: None, ours.url)
        delayed = live(browser, lambda page: page.delay(150), ours.url)
        round_trip = live(browser, LivePage.refuse_sweeps, ours.url)
        stock_seen = stock(browser, theirs.url)
        asked = sweeps(browser, ours.url)
    for name, seen in (
        ("(a) from the sweep", swept),
        ("(a) with 150 ms of delay each way", delayed),
        ("(b) a round trip for each value", round_trip),
        ("(c) st.slider + st.plotly_chart", stock_seen),
    ):
        print(
            f"{name:36} p50 {seen.p50:6.1f}  p95 {seen.p95:6.1f} ms  "
            f"blank {seen.blank} of {seen.frames}+ frames; in a drag: {seen.pictures} pictures "
            f"of {seen.values} values, {seen.pictures_a_second:.0f} a second"
        )
    print_table(
        Row("(a) p50", swept.p50, 20, "ms"),
        Row("(a) p95", swept.p95, 34, "ms"),
        Row("(a) delayed, p50", delayed.p50, 20, "ms"),
        Row("(a) delayed, p95", delayed.p95, 34, "ms"),
        Row("(a) delayed / (a), p50", delayed.p50 / swept.p50, 1.2),
        Row("(a) blank frames", swept.blank, 0),
        Row("(a) values of a drag without a picture", swept.values - swept.pictures, 0),
        Row("(b) p95", round_trip.p95, 90, "ms"),
        Row("(a) / (c), p50", swept.p50 / stock_seen.p50, 0.3),
        Row("(a) / (c), p95", swept.p95 / stock_seen.p95, 0.3),
        Row("ask to sweep, p50", percentile(asked, 50), None, "ms"),
        Row("ask to sweep, p95", percentile(asked, 95), 80, "ms"),
    )
    print(f"load at the end: {load()}")


if __name__ == "__main__":
    with_browser(main)
