"""How fast the heaviest page follows: `python -m tests.bench.heavy_page`. Prints figures.

28 × 28 pixels, 3 filters, values and gradients, with an upstream gradient of 1 at every output: 60
changes of one number of a filter, each from the event to the end of the first frame that shows new
maps. Measured from the sweep, which is just short enough to be sent, and with a round trip for each
value; then from the sweep with a few pixels, whose cells show numbers.
"""

from playwright.sync_api import Browser

from tests.bench.slider import Eye, Way, percentile, tab
from tests.bench.table import Row, load, print_table, with_browser
from tests.browser.server import Server

HEAVY = "digit=61&filters=3&back=sum&entry=w1,2,2"
FEW = "preset=patch"
SLIDER = "w2,2"
MAPS = """() => {
  probe.shown = () =>
    [...document.querySelectorAll(".js-plotly-plot image")]
      .map((image) => image.getAttribute("href") ?? image.getAttribute("xlink:href"))
      .join(" ");
}"""


def seen(browser: Browser, url: str, query: str, *, swept: bool = True) -> Way:
    """Measure 60 changes, and a drag."""
    page = tab(browser, f"{url}conv_2d")
    page.open(query)
    page.page.evaluate(MAPS)
    if not swept:
        page.refuse_sweeps()
    page.slider(SLIDER).focus()
    page.page.wait_for_timeout(1500)
    thumb = page.point(SLIDER, page.value(SLIDER))
    result = Eye(page).way(thumb, lambda value: page.point(SLIDER, value))
    page.page.close()
    return result


def main(browser: Browser) -> None:
    """Measure all three, and print the figures."""
    print(f"load at the beginning: {load()}")
    with Server() as server:
        heavy = seen(browser, server.url, HEAVY)
        round_trip = seen(browser, server.url, HEAVY, swept=False)
        few = seen(browser, server.url, FEW)
    for name, way in (
        ("28 × 28, 3 filters, swept", heavy),
        ("28 × 28, 3 filters, by round trips", round_trip),
        ("8 × 8, one filter, swept", few),
    ):
        print(f"{name:36} {way}")
    print_table(
        Row("28 × 28, 3 filters, swept: p95", percentile(heavy.hand, 95), 150, "ms"),
        Row("28 × 28, 3 filters, round trips: p95", percentile(round_trip.hand, 95), None, "ms"),
        Row("8 × 8, one filter, swept: p95", percentile(few.hand, 95), 150, "ms"),
        Row("blank frames", heavy.blank + round_trip.blank + few.blank, 0),
    )
    print(f"load at the end: {load()}")


if __name__ == "__main__":
    with_browser(main)
