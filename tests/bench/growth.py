"""How the cost of a stack grows with it: `python -m tests.bench.growth`. Prints figures.

A stack grows in two ways: in the entries of a convolution, a ReLU and a max pool, from a few to the
most that a stack takes, and in the number of its layers, all ReLUs. Printed for each size are the
times of the trace, the reasons for all zeros, the picture, a sweep of one slider and the drawing in
a browser, in milliseconds, the least of several turns; and the bytes of picture and sweep (0 if the
sweep is too long to be sent). Below each column stands its exponent: the slope of a straight line
through the logarithms of the larger half of the sizes; 1 is linear.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from playwright.sync_api import Browser, Page

from pages.registry import SUBJECTS
from pages.server.scripts import plotly_source
from pages.sweep import sweep
from tests.bench.table import load, with_browser

TURNS: Final = 5
ENTRIES: Final = (8, 24, 80, 240, 800, 2000)
LAYERS: Final = (2, 4, 8, 16, 32, 50)
STACK: Final = SUBJECTS["stack"]
COLUMNS: Final = ("trace", "reasons", "picture", "sweep", "drawing", "picture kB", "sweep kB")
DRAWING: Final = """async (figure) => {
  const place = document.getElementById("place");
  await Plotly.newPlot(place, figure.data, figure.layout);
  let least = Infinity;
  for (let turn = 0; turn < 5; turn += 1) {
    const data = figure.data.map((trace) => ({ ...trace }));
    const start = performance.now();
    await Plotly.react(place, data, figure.layout);
    place.getBoundingClientRect();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}"""


def entries() -> Iterator[tuple[int, Any]]:
    """Scenes with the number of entries in all their arrays."""
    for length in ENTRIES:
        yield from sized("conv1d(3)-relu-maxpool(2)", f"1,1,{length}")


def layers() -> Iterator[tuple[int, Any]]:
    """Scenes with the number of their layers."""
    for count in LAYERS:
        for _, scene in sized("-".join(["relu"] * count), "8"):
            yield count, scene


def sized(stack: str, shape: str) -> Iterator[tuple[int, Any]]:
    """The scene of a stack, with the number of entries in all its arrays."""
    scene, problems = STACK.start.updated({"layers": stack, "shape": shape})
    assert problems == []
    yield sum(value.array.size for value in STACK.trace(scene).values), scene


def least(act: Callable[[], object]) -> float:
    """Return the least milliseconds of several turns."""
    times = []
    for _ in range(TURNS):
        start = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


def costs(scene: Any, page: Page) -> list[float]:
    """Return one row of the table."""
    slider = STACK.sliders(scene)[0]
    picture = STACK.picture(scene)
    text = json.dumps(picture.figure, separators=(",", ":"))
    swept = sweep(STACK, scene, slider.name, slider.values, "key")
    moved = (scene.moved(slider.name, value) for value in np.linspace(-3, 3, 100))  # new each

    def reasons() -> None:
        traced = STACK.trace(next(moved))
        for step in traced.steps:
            assert step.why

    traced = least(lambda: STACK.trace(next(moved)))
    return [
        traced,
        max(least(reasons) - traced, 0.0),
        least(lambda: STACK.picture(next(moved))),
        least(lambda: sweep(STACK, scene, slider.name, slider.values, "key")),
        page.evaluate(DRAWING, picture.figure),
        len(text) / 1000,
        len(swept or "") / 1000,
    ]


def exponent(sizes: Sequence[float], found: Sequence[float]) -> float:
    """The exponent fitted to the larger half of the sizes; zero costs are left out."""
    known = [(size, cost) for size, cost in zip(sizes, found, strict=True) if cost > 0]
    larger = np.log(known[len(known) // 2 - 1 :])
    return float(np.polyfit(larger[:, 0], larger[:, 1], 1)[0]) if len(larger) > 1 else float("nan")


def table(title: str, grown: Iterator[tuple[int, Any]], page: Page) -> None:
    """Print the costs of one way of growing."""
    print(f"{title:>8} {' '.join(f'{column:>11}' for column in COLUMNS)}")
    rows = []
    for size, scene in grown:
        rows.append((size, costs(scene, page)))
        print(f"{size:8} {' '.join(f'{cost:11.2f}' for cost in rows[-1][1])}", flush=True)
    sizes, columns = [size for size, _ in rows], zip(*(cost for _, cost in rows), strict=True)
    slopes = [exponent(sizes, column) for column in columns]
    print(f"exponent {' '.join(f'{slope:11.2f}' for slope in slopes)}\n")


def main(browser: Browser) -> None:
    """Measure both ways of growing."""
    print(f"load {load()}")
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    page.set_content('<div id="place"></div>')
    page.add_script_tag(content=plotly_source())
    table("entries", entries(), page)
    table("layers", layers(), page)


if __name__ == "__main__":
    with_browser(main)
