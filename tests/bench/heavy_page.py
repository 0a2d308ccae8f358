"""How fast the heaviest page follows: `python -m tests.bench.heavy_page`. Prints figures.

28 × 28 pixels, 3 filters, values and gradients, what is sent back being the sum: 60 changes of a
number of a filter, each from the event to the end of the first frame that shows new maps. Such a
sweep would be too long to send, so that every value is a round trip. Then the same with a few
pixels, where a sweep is sent.
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


def seen(browser: Browser, url: str, query: str) -> Way:
    """60 changes, and a drag."""
    page = tab(browser, f"{url}conv_2d")
    page.open(query)
    page.page.evaluate(MAPS)
    page.slider(SLIDER).focus()
    page.page.wait_for_timeout(1500)
    thumb = page.point(SLIDER, page.value(SLIDER))
    result = Eye(page).way(thumb, lambda value: page.point(SLIDER, value))
    page.page.close()
    return result


def main(browser: Browser) -> None:
    """Measure both, and print."""
    print(f"load at the beginning: {load()}")
    with Server() as server:
        heavy, few = seen(browser, server.url, HEAVY), seen(browser, server.url, FEW)
    print(f"28 × 28, 3 filters   {heavy}\n8 × 8, one filter    {few}")
    print_table(
        Row("28 × 28, 3 filters: p95", percentile(heavy.hand, 95), 150, "ms"),
        Row("28 × 28, 3 filters: blank frames", heavy.blank, 0),
        Row("8 × 8, one filter: p95", percentile(few.hand, 95), 50, "ms"),
    )
    print(f"load at the end: {load()}")


if __name__ == "__main__":
    with_browser(main)
