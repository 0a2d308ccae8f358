"""How long a start takes: `python -m tests.bench.start`.

From the command to the first complete picture, in a browser that runs already but has loaded
nothing of the page, so that neither the browser's start nor its cache counts.
"""

from statistics import median
from time import monotonic

from playwright.sync_api import Browser

from tests.bench.table import Row, load, print_table, with_browser
from tests.browser.live_page import LivePage
from tests.browser.server import Server

STARTS = 7


def start(browser: Browser) -> tuple[float, float]:
    """Return the seconds from the command until the server takes connections, and the picture."""
    context = browser.new_context(bypass_csp=True, viewport={"width": 1600, "height": 900})
    server = Server()
    page = LivePage(context.new_page(), server.url)
    begin = monotonic()
    with server:
        ready = monotonic() - begin
        page.open()
        drawn = monotonic() - begin
        context.close()
    return ready, drawn


def main(browser: Browser) -> None:
    """Start several times, and print the times."""
    print(f"load at the beginning: {load()}")
    ready, drawn = zip(*(start(browser) for _ in range(STARTS)), strict=True)
    print_table(
        Row("server takes connections, median", median(ready), None, "s"),
        Row("first complete picture, shortest", min(drawn), None, "s"),
        Row("first complete picture, median", median(drawn), 4, "s"),
        Row("first complete picture, longest", max(drawn), None, "s"),
    )
    print(f"load at the end: {load()}")


if __name__ == "__main__":
    with_browser(main)
