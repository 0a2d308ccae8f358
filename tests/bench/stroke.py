"""How fast the maps follow a pen: `python -m tests.bench.stroke`. Prints figures.

40 moves of a pen on the page "Look inside", each timed from its event to the end of the first frame
with maps of the new drawing, and each made once the last one's maps are shown. Then a stroke
without a pause: how many pictures it gets.
"""

from typing import Final

from playwright.sync_api import Browser

from tests.bench.slider import percentile, spread
from tests.bench.table import Row, load, print_table, with_browser
from tests.browser.live_page import LivePage
from tests.browser.server import Server

MOVES: Final = 40
PEN: Final = """
() => {
  const pad = document.querySelector(".live-figure-pad");
  const figure = document.querySelector("[data-testid=live-figure]");
  window.pen = { delays: [], moved: 0 };
  pad.addEventListener("pointermove", () => { pen.moved ||= performance.now(); }, true);
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
    if (pen.moved) pen.delays.push(performance.now() - pen.moved);
    pen.moved = 0;
  }))).observe(figure, { attributeFilter: ["data-revision"] });
}
"""


def strokes(browser: Browser, url: str) -> tuple[list[float], int, float]:
    """Return the ms of each move, and the pictures and seconds of a stroke without a pause."""
    page = LivePage(browser.new_page(viewport={"width": 1600, "height": 900}), url)
    page.visit("look_inside", image="blank", tool="draw")
    box = page.page.locator(".live-figure-pad").bounding_box()
    assert box

    def move(part: float) -> None:
        x, y = 0.2 + 0.6 * (part % 1), 0.2 + 0.15 * int(part)
        page.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])

    move(0)
    page.page.wait_for_timeout(1500)
    page.page.mouse.down()
    page.page.wait_for_timeout(500)
    page.page.evaluate(PEN)
    for number in range(1, MOVES + 1):
        move(number / 10)
        page.page.wait_for_function("(count) => pen.delays.length >= count", arg=number)
        page.page.wait_for_timeout(400)  # the hand rests until everything has settled
        page.page.evaluate("(count) => { pen.delays.length = count; pen.moved = 0; }", number)
    delays = page.page.evaluate("pen.delays")
    page.page.mouse.up()
    page.button("undo drawing").click()
    page.page.wait_for_timeout(1000)
    move(0)
    page.page.mouse.down()
    before, began = page.revision(), page.page.evaluate("performance.now()")
    for number in range(1, 2 * MOVES):
        move(number / 20)
        page.page.wait_for_timeout(16)
    seconds = (page.page.evaluate("performance.now()") - began) / 1000
    pictures = page.revision() - before
    page.page.close()
    return delays, pictures, seconds


def main(browser: Browser) -> None:
    """Measure, and print the figures."""
    print(f"load at the beginning: {load()}")
    with Server() as server:
        delays, pictures, seconds = strokes(browser, server.url)
    print(f"a move of the pen: {spread(delays)} ms; {pictures / seconds:.0f} pictures a second")
    print_table(Row("from the pen to the maps: median", percentile(delays, 50), 100, "ms"))
    print(f"load at the end: {load()}")


if __name__ == "__main__":
    with_browser(main)
