"""What a first visit costs: `python -m tests.bench.first_visit [--before TREE]`. Prints figures.

The pages are an empty Streamlit page, this tree's first page, and that of another commit, whose
tree is TREE. They are visited in turn at an address that is not localhost, as in a class: only
there does Chromium take brotli. Measured are the requests and bytes, and the median times from the
address to the first complete picture and to the first that can be moved ("live"), each to the end
of its frame: on this machine's own network, on a slow link, and again with the browser's cache
filled. The figures of the last release, from first_visit.json, stand beside them; `--keep` writes
this tree's figures there.
"""

import argparse
import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page

from tests.bench.table import Row, load, print_table, with_browser
from tests.browser.live_page import FIGURE
from tests.browser.server import ROOT, Server

SLOW: Final = {
    "offline": False,
    "latency": 100,  # ms
    "downloadThroughput": 5e6 / 8,  # bytes a second
    "uploadThroughput": 5e6 / 8,
}
KEPT: Final = Path(__file__).with_suffix(".json")
"""The last release's figures; its times are of one machine with two cores."""
SETTLES: Final = 2000
"""Milliseconds after the picture during which what still loads is counted."""
WITNESS: Final = """(() => {
  window.seen = {};
  const look = () => {
    for (const [what, selector] of Object.entries(WANTED)) {
      if (what in seen || !document.querySelector(selector)) continue;
      seen[what] = 0;
      requestAnimationFrame(() => setTimeout(() => (seen[what] = performance.now())));
    }
  };
  new MutationObserver(look).observe(document, {
    subtree: true, childList: true, attributes: true,
    attributeFilter: ["data-revision", "data-drawn"],
  });
})()"""


@dataclass
class Way:
    """A page, the selectors of its complete and of its movable picture, and the measurements."""

    name: str
    url: str
    shown: str
    live: str
    requests: int = 0
    megabytes: float = 0
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def took(self, visit: str) -> float:
        """The median of the seconds of this kind of visit."""
        return median(self.seconds[visit])


def own_address() -> str:
    """This machine's address in its network, as the system chooses it; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(("192.0.2.1", 9))  # an address for documentation
        address: str = asking.getsockname()[0]
        return address


def opened(context: BrowserContext, way: Way, visit: str) -> Page:
    """Open the page in a new tab, and note the seconds from its address to its picture."""
    page = context.new_page()
    wanted = {visit: way.shown, f"{visit}, live": way.live}
    page.add_init_script(WITNESS.replace("WANTED", json.dumps(wanted)))
    if visit == "slow":
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW)
    page.goto(way.url, wait_until="commit")
    all_seen = f"Object.values(seen).filter(Boolean).length === {len(wanted)}"
    page.wait_for_function(all_seen, polling=50, timeout=120_000)
    for what, after in page.evaluate("seen").items():
        way.seconds.setdefault(what, []).append(after / 1000)
    return page


def weigh(context: BrowserContext, way: Way) -> None:
    """Count the requests, and the bytes of the answers with their headers."""
    asked: set[str] = set()
    came: dict[str, float] = {}

    def sent(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            asked.add(event["requestId"])

    def finished(event: dict[str, Any]) -> None:
        came[event["requestId"]] = event["encodedDataLength"]

    page = context.new_page()
    session = context.new_cdp_session(page)
    session.on("Network.requestWillBeSent", sent)
    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    page.goto(way.url, wait_until="commit")
    page.wait_for_selector(way.shown, timeout=120_000)
    page.wait_for_timeout(SETTLES)
    way.requests = len(asked)
    way.megabytes = sum(came.get(each, 0) for each in asked) / 1e6


def measure(browser: Browser, ways: Sequence[Way], visits: int) -> None:
    """Visit each page in turn; the first turn, when all is cold, only counts the bytes."""
    for turn in range(visits + 1):
        for way in ways:
            for visit in ("first", "slow"):
                context = browser.new_context(
                    bypass_csp=True, viewport={"width": 1600, "height": 900}
                )
                if not turn:
                    weigh(context, way)
                else:
                    page = opened(context, way, visit)
                    if visit == "first":
                        page.wait_for_timeout(SETTLES)
                        page.close()
                        opened(context, way, "second")
                context.close()


def lines(ways: Sequence[Way]) -> Iterator[str]:
    """Yield a table with a column for each way; with the median times also the shortest."""
    yield " " * 34 + "".join(f"{way.name:>16}" for way in ways)
    yield f"{'requests':34}" + "".join(f"{way.requests:16}" for way in ways)
    yield f"{'MB on the wire':34}" + "".join(f"{way.megabytes:16.2f}" for way in ways)
    for visit in ways[0].seconds:
        told = (f"{way.took(visit):.2f} ({min(way.seconds[visit]):.2f})" for way in ways)
        yield f"{f's, {visit} visit (shortest)':34}" + "".join(f"{each:>16}" for each in told)


def main(browser: Browser, before: Path | None, visits: int, keep: bool) -> None:
    """Measure, and print the figures."""
    print(f"load at the beginning: {load()}", flush=True)
    picture, moves = '.live-figure[data-drawn="true"]', f'{FIGURE}:not([data-revision="0"])'
    text = "[data-testid=stText]"
    with ExitStack() as stack:

        def way(name: str, script: str, shown: str, live: str, folder: Path = ROOT) -> Way:
            server = stack.enter_context(Server(script, folder=folder))
            return Way(name, f"http://{own_address()}:{server.port}/", shown, live)

        empty = way("empty page", "tests/bench/stock/empty.py", text, text)
        now = way("now", "app.py", picture, moves)
        ways = [empty, now]
        if before:
            ways.append(way("before", "app.py", picture, moves, before))
        measure(browser, ways, visits)
    released = Way(**json.loads(KEPT.read_text(encoding="utf-8")))
    print("\n".join(lines([*ways, released])))
    print_table(
        Row("on the wire", now.megabytes, 1.8, "MB"),
        Row("requests more than an empty page", now.requests - empty.requests, 20),
        Row("picture after the empty page", now.took("first") - empty.took("first"), 0.35, "s"),
        Row("5 Mbit/s, 100 ms", now.took("slow"), 4, "s"),
        Row("second visit", now.took("second"), 0.8, "s"),
    )
    print(f"load at the end: {load()}")
    if keep:
        kept = json.dumps(asdict(replace(now, name="last release", url="")), indent=1)
        KEPT.write_text(f"{kept}\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--before", type=Path, help="the tree of another commit")
    parser.add_argument("--visits", type=int, default=7, help="of each page (7)")
    parser.add_argument("--keep", action="store_true", help=f"write this tree's to {KEPT.name}")
    wanted = parser.parse_args()
    with_browser(lambda browser: main(browser, wanted.before, wanted.visits, wanted.keep))
