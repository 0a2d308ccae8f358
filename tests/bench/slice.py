"""How fast the slice follows: `python -m tests.bench.slice`. Prints figures.

60 changes of the entry along which the slice is taken, and 60 of another entry, which moves the
slice itself. Each is timed from its event to the end of the first frame that shows its result: by
key, in a drag of the slider below the slice, and in a drag of the point on it. All come from the
sweep; the first is measured once more with a round trip for each value.
"""

from collections.abc import Callable

from playwright.sync_api import Browser

from tests.bench.slider import Eye, Point, Way, percentile, tab
from tests.bench.table import Row, load, print_table, with_browser
from tests.browser.live_page import LivePage
from tests.browser.server import Server

WANTED = 50
"""Milliseconds that the 95th percentile may take, from the sweep."""
FIELD = ".live-figure-field"
ALONG = "x=1.5,3,1,0,-1&w=1"
"""x1 is the first of VALUES, which go up to the slider's end."""
OTHER = "x=3,1.5,1,0,-1&w=1"
BATCH = "of=minibatch&x=1.5,-1,1.5,-1,-2,-0.5,0.5,2,-1.5&entry=w"
SHAPES = """() => {
  probe.shown = () => {
    const plot = document.querySelector(".js-plotly-plot");
    const drawn = [...(plot?.querySelectorAll(".js-line, .point") ?? [])];
    return drawn.map((path) => path.getAttribute("d") + path.getAttribute("transform")).join();
  };
}"""
"""Compares the paths: on a flat part of the slice only the point moves, and no text changes."""


def seen(browser: Browser, url: str, name: str, query: str, *, swept: bool = True) -> Way:
    """Measure 60 changes by key, 60 in a drag of the slider, and a drag without a pause."""
    page = _opened(browser, url, name, query, swept=swept)
    return _way(page, lambda value: page.point(name, value), page.value(name))


def on_the_figure(browser: Browser, url: str, name: str) -> Way:
    """Measure the same, with the drag on the picture itself."""
    page = _opened(browser, url, name, ALONG)
    box = page.page.locator(FIELD).bounding_box()
    assert box, "the slice cannot be dragged"

    def point(value: float) -> Point:
        return box["x"] + box["width"] * (value + 4) / 8, box["y"] + box["height"] / 2

    return _way(page, point, page.value(name))


def _opened(browser: Browser, url: str, name: str, query: str, *, swept: bool = True) -> LivePage:
    page = tab(browser, f"{url}at_a_kink")
    page.open(query)
    page.page.evaluate(SHAPES)
    if not swept:
        page.refuse_sweeps()
    page.slider(name).focus()
    page.page.wait_for_timeout(2000)
    return page


def _way(page: LivePage, point: Callable[[float], Point], value: float) -> Way:
    result = Eye(page).way(point(value), point)
    page.page.close()
    return result


def main(browser: Browser) -> None:
    """Measure all ways, and print the figures."""
    print(f"load at the beginning: {load()}", flush=True)
    with Server() as server:
        ways = {
            "x1, along the slice": seen(browser, server.url, "x1", ALONG),
            "x1, on the picture": on_the_figure(browser, server.url, "x1"),
            "x2, which moves the slice": seen(browser, server.url, "x2", OTHER),
            "x1,1 of a minibatch": seen(browser, server.url, "x1,1", BATCH),
        }
        round_trip = seen(browser, server.url, "x1", ALONG, swept=False)
    for name, way in {**ways, "x1, by round trips": round_trip}.items():
        print(f"{name:28} {way}")
    print_table(
        *(
            Row(f"{name}: drag, p95", percentile(way.hand, 95), WANTED, "ms")
            for name, way in ways.items()
        ),
        *(
            Row(f"{name}: key, p95", percentile(way.key, 95), WANTED, "ms")
            for name, way in ways.items()
        ),
        Row("round trips: drag, p95", percentile(round_trip.hand, 95), None, "ms"),
        Row("blank frames", sum(way.blank for way in (*ways.values(), round_trip)), 0),
    )
    print(f"load at the end: {load()}")


if __name__ == "__main__":
    with_browser(main)
