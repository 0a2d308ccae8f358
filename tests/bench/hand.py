"""From key to complete picture: `python -m tests.bench.hand [--before TREE] [--rounds 3]`.

60 keys on one slider, and 60 moves of a drag, on each of three pages; each is timed from its event
to the end of the first frame that shows its result, and of the last one that shows anything new.
The sweep has arrived, so no answer is waited for. With another commit's tree both are measured in
turn, in one run on one machine, so that a load on it slows both. Each figure is the median of the
rounds' percentiles.
"""

import argparse
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from playwright.sync_api import Browser

from tests.bench.slider import CHANGES, Eye, percentile, tab
from tests.bench.table import Row, load, print_table, with_browser
from tests.browser.live_page import LivePage
from tests.browser.server import ROOT, Server


@dataclass(frozen=True)
class Case:
    """A page, one of its sliders, how far a key moves it, and the wanted p50 and p95 in ms.

    entry: the entry that the slider moves, whose sweep is used.
    """

    name: str
    path: str
    slider: str
    entry: str
    first: float
    step: float
    wanted: tuple[float, float]


CASES: Final = (
    Case("block", "", "x1", "x1", 1.5, 0.25, (14, 20)),
    Case("ReLU", "relu", "a1", "a1", 1.5, 0.25, (16, 24)),
    Case("2-D, three filters", "conv_2d?filters=3", "w1,1", "w1,1,1", -1.0, 0.5, (24, 34)),
)
Times = dict[tuple[str, str], list[Sequence[float]]]
"""By case and kind ("key", "key, settled" or "drag"): the ms of each round."""


def value(case: Case, change: int) -> float:
    """Eight steps up from the value that the page opens with, and down again, over and over."""
    place = change % 16
    return case.first + case.step * min(place, 16 - place)


def measured(browser: Browser, url: str, case: Case, times: Times) -> None:
    """Measure one round of a case, and add its results to the times."""
    page = tab(browser, url)
    page.page.goto(f"{url}{case.path}")
    page.wait_drawn()
    page.page.wait_for_timeout(500)
    page.wait_sweep(case.entry, page.slider(case.slider).focus)
    page.page.wait_for_timeout(1000)
    eye = Eye(page)

    def drag(change: int) -> None:
        page.page.mouse.move(*page.point(case.slider, value(case, change + 1)))

    times.setdefault((case.name, "key"), []).append(eye.keys(partial(value, case)))
    settled = page.page.evaluate("probe.settled")
    times.setdefault((case.name, "key, settled"), []).append(settled)
    page.page.wait_for_timeout(700)
    hold(page, case.slider, value(case, CHANGES))
    times.setdefault((case.name, "drag"), []).append(eye.changes(drag))
    page.release()
    page.page.close()


def hold(page: LivePage, name: str, at: float) -> None:
    """Press the mouse on a thumb, and wait until nothing moves any more."""
    page.page.mouse.move(*page.point(name, at))
    page.page.mouse.down()
    page.page.wait_for_timeout(700)


def figure(times: Times, key: tuple[str, str], percent: int) -> float:
    """The median of a percentile over the rounds."""
    return median(percentile(each, percent) for each in times[key])


def main(browser: Browser, before: Path | None, rounds: int) -> None:
    """Measure all cases, the trees in turn, and print the figures."""
    print(f"load at the beginning: {load()}", flush=True)
    trees = {"now": ROOT, **({"before": before} if before else {})}
    times: dict[str, Times] = {name: {} for name in trees}
    with ExitStack() as stack:
        urls = {n: stack.enter_context(Server(folder=tree)).url for n, tree in trees.items()}
        for _ in range(rounds):
            for case in CASES:
                for name, url in urls.items():
                    measured(browser, url, case, times[name])
    if before:
        print(f"{'ms, p50/p95':34}{'before':>16}{'now':>16}{'now / before':>16}")
        for key in times["now"]:
            was, now = ([figure(times[it], key, p) for p in (50, 95)] for it in ("before", "now"))
            ratios = "/".join(f"{new / old:.2f}" for new, old in zip(now, was, strict=True))
            both = (f"{first:.1f}/{second:.1f}" for first, second in (was, now))
            print(f"{', '.join(key):34}" + "".join(f"{each:>16}" for each in (*both, ratios)))
    print_table(
        *(
            Row(
                f"{case.name}, {kind}, p{percent}",
                figure(times["now"], (case.name, kind), percent),
                wanted,
                "ms",
            )
            for case in CASES
            for kind in ("key", "key, settled", "drag")
            for percent, wanted in zip((50, 95), case.wanted, strict=True)
        )
    )
    print(f"load at the end: {load()}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--before", type=Path, help="the tree of another commit")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    act: Callable[[Browser], None] = partial(main, before=options.before, rounds=options.rounds)
    with_browser(act)
