"""How fast the picture follows: `python -m tests.bench.slider`. Prints figures and ratios.

60 changes of x1, each timed from its event to the end of the first frame that shows the new
numbers, once in a drag with the mouse and once by key; then a drag without a pause. Three ways are
compared in one run on one machine: (a) from the sweep, (b) with a round trip for each value, (c)
the same picture with st.slider and st.plotly_chart, which shows nothing during a drag.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import quantiles

from playwright.sync_api import Browser

from tests.bench.table import Row, load, print_table, with_browser
from tests.browser.live_page import LivePage
from tests.browser.server import ROOT, Server

Point = tuple[float, float]
CHANGES = 60
ASKS = 30
PROBE = ROOT / "tests" / "bench" / "probe.js"
VALUES = [1.5 + 0.25 * min(change % 20, 20 - change % 20) for change in range(CHANGES + 1)]
"""Values of x1: up from the one that the page opens with, and down again, repeatedly."""


@dataclass(frozen=True)
class Way:
    """The results of one way. hand, key: times in ms; the last three: the drag without a pause."""

    hand: Sequence[float]
    key: Sequence[float]
    blank: int
    values: int
    pictures: int
    seconds: float

    def __str__(self) -> str:
        """One line for the printed report."""
        return (
            f"drag {spread(self.hand)}, key {spread(self.key)}, blank frames {self.blank}; "
            f"{self.pictures} pictures of {self.values} values in a drag, "
            f"{self.pictures / self.seconds:.0f} a second"
        )


def percentile(times: Sequence[float], percent: int) -> float:
    """The time that so many percent do not exceed; infinity if there are no times."""
    if not times:
        return float("inf")
    return quantiles(times, n=100, method="inclusive")[percent - 1]


def spread(times: Sequence[float]) -> str:
    """The median and the 95th percentile, as text."""
    return f"{percentile(times, 50):.1f}/{percentile(times, 95):.1f}"


class Eye:
    """Watches a page while something is done on it."""

    def __init__(self, page: LivePage) -> None:
        self.page = page.page
        self.blank = 0
        self.random = Random(0)
        self.page.evaluate("probe.start()")

    def start(self) -> None:
        """Forget what was seen, except the number of blank frames."""
        self.blank += int(self.page.evaluate("probe.blank"))
        self.page.evaluate("probe.start()")

    def changes(
        self, act: Callable[[int], None], end: Callable[[int], None] = lambda change: None
    ) -> Sequence[float]:
        """Make 60 changes, each some random time after the last one's picture; return their ms.

        end: called with each change once its picture is shown.
        """
        self.start()
        for change in range(CHANGES):
            act(change)
            self.page.wait_for_function("(count) => probe.delays.length > count", arg=change)
            end(change)
            self.page.wait_for_timeout(self.random.uniform(60, 140))
        delays: Sequence[float] = self.page.evaluate("probe.delays")
        return delays

    def keys(self, value: Callable[[int], float]) -> Sequence[float]:
        """Measure arrow keys from value to value, each held until its picture is shown.

        A person releases a key later than that. If a key is released within the measured frame,
        Chromium reports the end of that frame only in the next one.
        """

        def key(change: int) -> str:
            return "ArrowRight" if value(change + 1) > value(change) else "ArrowLeft"

        down, up = self.page.keyboard.down, self.page.keyboard.up
        return self.changes(lambda change: down(key(change)), lambda change: up(key(change)))

    def drag(self, points: Sequence[Point]) -> tuple[int, int, float]:
        """Drag along these points without a pause; return its values, pictures and seconds."""
        self.start()
        for point in points:
            self.page.mouse.move(*point)
        self.page.evaluate(
            "new Promise((seen) => requestAnimationFrame(() => probe.painted(seen)))"
        )
        values, pictures, time = self.page.evaluate(
            "[probe.values.size, probe.pictures.length - 1, performance.now() - probe.began]"
        )
        return values, pictures, time / 1000

    def way(self, thumb: Point, point: Callable[[float], Point], *, moves: bool = True) -> Way:
        """Measure everything, with the mouse on a thumb whose slider has the focus."""
        key = self.keys(VALUES.__getitem__)
        self.page.wait_for_timeout(500)
        self.page.mouse.move(*thumb)
        self.page.mouse.down()
        hand = (
            self.changes(lambda change: self.page.mouse.move(*point(VALUES[change + 1])))
            if moves
            else []
        )
        drag = self.drag([point(4 - 0.125 * step) for step in range(64)])
        self.page.mouse.up()
        self.start()
        return Way(hand, key, self.blank, *drag)


def live(browser: Browser, prepare: Callable[[LivePage], None], url: str) -> Way:
    """Measure the live figure, after `prepare`."""
    page = tab(browser, url)
    page.open()
    prepare(page)
    page.slider("x1").focus()
    page.page.wait_for_timeout(1000)
    seen = Eye(page).way(page.point("x1", VALUES[0]), lambda value: page.point("x1", value))
    page.page.close()
    return seen


def stock(browser: Browser, url: str) -> Way:
    """Measure the same picture through Streamlit's own slider and chart."""
    page = tab(browser, url)
    page.page.goto(url)
    thumb = page.page.get_by_role("slider")
    page.page.wait_for_function("probe.shown() !== ''")
    thumb.focus()
    page.page.wait_for_timeout(1000)
    box = thumb.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    seen = Eye(page).way((x, y), lambda value: (x + 150 * (value - VALUES[0]), y), moves=False)
    page.page.close()
    return seen


def sweeps(browser: Browser, url: str) -> Sequence[float]:
    """Return the milliseconds from each of 30 requests to its sweep."""
    page = tab(browser, url)
    page.open()
    page.page.evaluate("probe.start()")
    for ask in range(ASKS):
        # Moving one slider makes the sweep of the other one obsolete.
        page.slider(f"x{ask % 2 + 1}").focus()
        page.page.wait_for_function("(count) => probe.sweeps.length > count", arg=ask)
        page.page.keyboard.press("ArrowRight" if ask % 4 < 2 else "ArrowLeft")
        page.wait_settled()
    times: Sequence[float] = page.page.evaluate("probe.sweeps")
    page.page.close()
    return times


def tab(browser: Browser, url: str) -> LivePage:
    """Open a tab of a projector's size with the probe that watches it."""
    page = LivePage(browser.new_page(bypass_csp=True, viewport={"width": 1600, "height": 900}), url)
    page.page.add_init_script(path=PROBE)
    return page


def main(browser: Browser) -> None:
    """Measure all three ways, and print the figures."""
    print(f"load at the beginning: {load()}", flush=True)
    with Server() as ours, Server("tests/bench/stock/page.py") as theirs:
        swept = live(browser, lambda page: None, ours.url)
        delayed = live(browser, lambda page: page.delay(150), ours.url)
        round_trip = live(browser, LivePage.refuse_sweeps, ours.url)
        streamlit = stock(browser, theirs.url)
        asked = sweeps(browser, ours.url)
    print("ms, p50/p95, from the event to the end of the first frame with the new numbers")
    print(f"(a) from the sweep         {swept}")
    print(f"(a) delayed by 150 ms      {delayed}")
    print(f"(b) round trips            {round_trip}")
    print(f"(c) st.slider, its chart   {streamlit}")
    print_table(
        Row("(a) drag, p50", percentile(swept.hand, 50), 20, "ms"),
        Row("(a) drag, p95", percentile(swept.hand, 95), 34, "ms"),
        Row("(a) delayed, drag, p50", percentile(delayed.hand, 50), 20, "ms"),
        Row("(a) delayed, drag, p95", percentile(delayed.hand, 95), 34, "ms"),
        Row("(a) blank frames", swept.blank + delayed.blank, 0),
        Row("(a) values without a picture", swept.values - swept.pictures, 0),
        Row("(b) drag, p95", percentile(round_trip.hand, 95), 90, "ms"),
        Row("(a) / (c), key, p50", percentile(swept.key, 50) / percentile(streamlit.key, 50), 0.3),
        Row("(a) / (c), key, p95", percentile(swept.key, 95) / percentile(streamlit.key, 95), 0.3),
        Row("ask to sweep, p50", percentile(asked, 50), None, "ms"),
        Row("ask to sweep, p95", percentile(asked, 95), 50, "ms"),
    )
    print(f"load at the end: {load()}")


if __name__ == "__main__":
    with_browser(main)
