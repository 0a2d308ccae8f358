"""Figures are drawn in place: no frame is blank, and every drawing is counted once."""

from tests.browser.live_page import LivePage

# Counts frames and blank ones, until `frames_seen` is set to NaN.
SAMPLE = """() => {
  window.frames_seen = 0;
  window.blank = 0;
  const look = () => {
    window.frames_seen += 1;
    const bars = document.querySelectorAll(".js-plotly-plot .bars path");
    const texts = document.querySelectorAll(".js-plotly-plot text");
    const box = bars[0]?.getBoundingClientRect();
    if (!(bars.length && texts.length && box.width && box.height)) window.blank += 1;
    if (window.frames_seen) requestAnimationFrame(look);
  };
  look();
}"""

# Counts drawings; returns the number of the last one before them. It first waits for a drawing that
# may be under way on a page that has just been opened, which would be counted only in part.
COUNT = """async () => {
  const figure = document.querySelector("[data-testid=live-figure]");
  let last = -1;
  while (last !== Number(figure.dataset.revision)) {
    last = Number(figure.dataset.revision);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const first = last;
  window.drawn = 0;
  window.steps = [];
  document.querySelector(".js-plotly-plot").on("plotly_afterplot", () => { window.drawn += 1; });
  new MutationObserver(() => {
    window.steps.push(Number(figure.dataset.revision) - last);
    last = Number(figure.dataset.revision);
  }).observe(figure, { attributeFilter: ["data-revision"] });
  return first;
}"""


def test_no_frame_is_blank_and_every_drawing_is_counted_once(page: LivePage) -> None:
    page.open()
    page.wait_sweep("x1")
    page.page.evaluate(SAMPLE)
    first = page.page.evaluate(COUNT)
    down = [2 - 0.25 * step for step in range(24)]
    page.drag("x1", *down, *reversed(down[-5:]))
    with page.unfolded("Edit") as body:
        for name in ("three-way tie", "all negative", "a = 0", "w = 0", "reset"):
            with page.another_address():
                body.get_by_role("button", name=name, exact=True).click()
    page.wait_settled()
    page.until(lambda: page.page.evaluate("window.drawn") == page.revision() - first)
    steps = page.page.evaluate("window.steps")
    assert len(steps) >= 30
    assert set(steps) == {1}
    assert page.page.evaluate("window.blank") == 0
    assert page.page.evaluate("window.frames_seen") > 30
    page.page.evaluate("window.frames_seen = NaN")
