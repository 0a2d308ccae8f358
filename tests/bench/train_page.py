"""What watching costs a run: `python -m tests.bench.train_page`. Prints figures and ratios.

One epoch with the page's defaults, in three ways: by the engine alone, with one report at the end
of the epoch; in the page's process, with all its reports but no viewer; and on the page, with a
browser that draws them. Each is timed from the start of its process to its end, with one thread of
BLAS, in interleaved rounds, of which medians are printed. The browser counts its pictures, and
checks every frame for a blank chart.
"""

import os
import subprocess
import sys
import time
from statistics import median

from playwright.sync_api import Browser

from pages.training.settings import TrainingScene
from pages.training.training_run import OVER, TrainingRun
from tests.bench.table import Row, load, print_table, with_browser
from tests.browser.server import ROOT, Server

ROUNDS = 3
IMAGES = 60_000
CHARTS = "[data-testid=live-charts]"
ALONE = """
from engine.training import Network, Trainer
for _ in Trainer(Network.new("cnn"), epochs=1).run():
    pass
"""
EYE = """
() => {
  const charts = document.querySelector("[data-testid=live-charts]");
  const said = () => document.querySelector(".st-key-run").textContent;
  const drawn = () => Number(charts.dataset.revision);
  window.eye = { blank: 0, frames: 0, longest: 0 };
  let [last, changed] = [drawn(), performance.now()];
  const look = () => {
    const now = performance.now();
    if (said().startsWith("Training")) {
      eye.first ??= { at: now, drawn: drawn() };
      eye.last = { at: now, drawn: drawn() };
      eye.longest = Math.max(eye.longest, now - changed);
    }
    if (drawn() !== last) [last, changed] = [drawn(), now];
    eye.frames += 1;
    const plots = [...document.querySelectorAll(".live-charts-plot")];
    const full = (plot) => plot.querySelector(".scatterlayer .trace, .imagelayer image[href]");
    eye.blank += plots.length !== 6 || !plots.every(full);
    requestAnimationFrame(look);
  };
  look();
}
"""


def alone() -> float:
    """Return the seconds of the engine alone."""
    began = time.perf_counter()
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", ALONE], env=environment, check=True)
    return time.perf_counter() - began


def unwatched() -> float:
    """Return the seconds of a run of the page that nobody watches."""
    run = TrainingRun(TrainingScene(epochs=1))
    began = time.perf_counter()
    run.begin()
    while run.progress.phase not in OVER:
        time.sleep(0.01)
    assert run.progress.phase == "finished", run.progress.sentence
    return time.perf_counter() - began


def watched(browser: Browser, url: str) -> tuple[float, float, float, int]:
    """Return a watched run's seconds, pictures per second, longest pause in ms and blank frames."""
    page = browser.new_page(bypass_csp=True, viewport={"width": 1280, "height": 720})
    page.goto(f"{url}train?epochs=1")
    page.wait_for_selector(f'{CHARTS}:not([data-revision="0"])')
    page.wait_for_timeout(500)
    page.evaluate(EYE)
    began = time.perf_counter()
    page.get_by_role("button", name="Start").click()
    page.get_by_text("Finished, ").wait_for(timeout=120_000)
    took = time.perf_counter() - began
    eye = page.evaluate("eye")
    page.close()
    seconds = (eye["last"]["at"] - eye["first"]["at"]) / 1000
    pictures = eye["last"]["drawn"] - eye["first"]["drawn"]
    return took, pictures / seconds, eye["longest"], eye["blank"]


def main(browser: Browser) -> None:
    """Measure all three ways, and print the figures."""
    print(f"load at the beginning: {load()}")
    with Server() as server:
        rounds = [(alone(), unwatched(), watched(browser, server.url)) for _ in range(ROUNDS)]
    bare = median(each[0] for each in rounds)
    reported = median(each[1] for each in rounds)
    seen = median(each[2][0] for each in rounds)
    print(f"images/s: {IMAGES / bare:.0f} alone, {IMAGES / reported:.0f} unwatched, "
          f"{IMAGES / seen:.0f} watched")  # fmt: skip
    print_table(
        Row("watched / unwatched: seconds", seen / reported, 1.25),
        Row("watched / alone: seconds", seen / bare, None),
        # More pictures are better, but a row's limit is a maximum: hence the time between two.
        Row("time between two pictures", 1000 / median(e[2][1] for e in rounds), 200, "ms"),
        Row("longest without a new picture", max(each[2][2] for each in rounds), None, "ms"),
        Row("blank frames", sum(each[2][3] for each in rounds), 0),
    )
    print(f"load at the end: {load()}")


if __name__ == "__main__":
    with_browser(main)
