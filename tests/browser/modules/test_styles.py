"""The components' styles, on what single modules make: sizes, places, what is hidden."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page

import pages.components

FOLDER: Final = Path(pages.components.__file__).parent
STYLES: Final = "".join(path.read_text("utf-8") for path in sorted(FOLDER.glob("*.css")))
PAGE: Final = ":root { --st-font: sans-serif; --header: 48px; --foot: 51px; }"
"""What they have from the page around them."""


@pytest.fixture
def styled(modules: Page) -> Iterator[Page]:
    """A tab with them, that may import the modules."""
    style = modules.add_style_tag(content=PAGE + STYLES)
    yield modules
    style.evaluate("(style) => style.remove()")


# The names of these that are seen though they are hidden.
HIDDEN = """(names) => {
  const found = names.filter((name) => {
    const element = document.body.appendChild(document.createElement("div"));
    Object.assign(element, { className: name, hidden: true });
    const { display } = getComputedStyle(element);
    element.remove();
    return display !== "none";
  });
  return found;
}"""


def test_what_a_script_hides_is_not_seen(styled: Page) -> None:
    parts = "copied field item lessons list magnifier panel qr readout said task turns vote"
    names = [f"live-figure-{part}" for part in (*parts.split(), "connection", "pad", "vote-note")]
    assert styled.evaluate(HIDDEN, [*names, "gallery-lecture"]) == []


# How far the edges of a chart's picture are from those of its place, in a page so wide that has to
# scale it down.
CHART = """async ([wide, width, height]) => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { open, close } = await import("/tests/page.js");
  const parentElement = open();
  parentElement.style.width = `${wide}px`;
  const figure = JSON.stringify({ data: [], layout: { width, height } });
  const charts = [{ figure, said: "a chart", targets: [] }];
  const data = { texts: {}, address: {}, assets: {}, theme: "light", token: "", charts };
  const leave = liveCharts({ data, parentElement, setStateValue() {} });
  const box = (name) => parentElement.querySelector(name).getBoundingClientRect();
  const [place, canvas] = [".live-charts-chart", ".live-charts-canvas"].map(box);
  const far = ["left", "right", "top", "bottom"].map((edge) => canvas[edge] - place[edge]);
  close(parentElement, leave);
  return [place.width, far];
}"""


def test_a_chart_that_is_smaller_lies_in_its_place(styled: Page) -> None:
    for page in ([200, 400, 300], [1000, 400, 1400]):  # too narrow for it, and too low
        width, far = styled.evaluate(CHART, page)
        assert width == pytest.approx(200)
        assert far == pytest.approx([0, 0, 0, 0])


# How large the letters are on the screen that stand beside a map's cell, in pictures so large.
LETTERS = """async (scales) => {
  const { Grids } = await import("/browser/grids.js");
  const { element, readout } = new Grids(() => {});
  element.append(readout);
  document.body.append(element);
  const found = scales.map((scale) => {
    element.style.setProperty("--scale", scale);
    return scale * parseFloat(getComputedStyle(readout).fontSize);
  });
  element.remove();
  return found;
}"""


def test_what_stands_beside_a_cell_is_as_large_on_every_picture(styled: Page) -> None:
    assert styled.evaluate(LETTERS, [0.5, 1, 1.5]) == pytest.approx([15, 15, 15])


# On a phone that is stepped through: how wide the row is, and how wide each of its buttons.
ROW = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const controls = new Controls({ grab() {}, move() {}, rest() {}, choose() {}, release() {} });
  controls.arrange({ steps: ["one", "two"], sliders: [] });
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  Object.assign(figure.dataset, { narrow: "true", stepping: "true" });
  figure.append(controls.steps);
  const wide = (element) => element.getBoundingClientRect().width;
  const found = [wide(controls.stepping), [...controls.stepping.children].map(wide)];
  figure.remove();
  return found;
}"""


def test_on_a_phone_the_buttons_share_the_row(styled: Page) -> None:
    row, buttons = styled.evaluate(ROW)
    assert len(buttons) == 4
    assert 0.95 * row < sum(buttons) + 3 * 6 < row


# On a phone, of a question that is longer than its sheet: between which px of the sheet its button
# is seen.
SHEET = """async (task) => {
  const { Side } = await import("/browser/side.js");
  const side = new Side(() => {}, document.createElement("div"));
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  figure.dataset.narrow = "true";
  figure.append(side.element);
  side.ask(task);
  const box = (element) => element.getBoundingClientRect();
  const [sheet, button] = [box(side.task), box(side.task.querySelector("button"))];
  const longer = side.task.scrollHeight > side.task.clientHeight;
  figure.remove();
  return [longer, button.top - sheet.top, sheet.bottom - button.bottom];
}"""


def test_what_goes_on_from_a_long_question_is_seen(styled: Page) -> None:
    task: dict[str, object] = {
        "heading": "A task",
        "lines": [["", "It is said. " * 9]] * 20,
        "asked": [],
        "missed": [],
        "acts": [["reveal", "Reveal"]],
        "main": 0,
        "keys": {},
        "vote": None,
        "lessons": None,
    }
    before = styled.viewport_size
    assert before
    styled.set_viewport_size({"width": 390, "height": 664})
    longer, above, beneath = styled.evaluate(SHEET, task)
    styled.set_viewport_size(before)
    assert longer
    assert above > 0
    assert beneath > 0


# On a phone: as how high the first sentence is known where it stands, beside what it keeps clear of
# it, and to a text of the picture.
HEARD = """() => {
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  figure.dataset.narrow = "true";
  figure.innerHTML = `<div class="live-figure-box"><svg><text>1</text></svg></div>
    <div class="live-figure-side"><div class="live-figure-explanation">
      <p class="live-figure-answer"></p></div></div>
    <div class="live-figure-list"><div class="live-figure-slider">
      <input class="live-figure-range"></div></div>`;
  figure.style.setProperty("--answer", "30px");
  const heard = (name) => getComputedStyle(figure.querySelector(name)).getPropertyValue("--answer");
  const parts = ["answer", "box", "range"].map((part) => `.live-figure-${part}`);
  const found = [...parts, "text"].map(heard);
  figure.remove();
  return found;
}"""


def test_no_text_of_the_picture_gets_new_style_from_a_sentence(styled: Page) -> None:
    assert styled.evaluate(HEARD) == ["30px", "30px", "30px", "0px"]


# Of a stage whether a slider on it is seen, before its first picture and with it, and what of the
# stage changes with the second.
FIRST = """async () => {
  const { Stage } = await import("/browser/stage.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const side = { element: document.createElement("div") };
  const stage = new Stage({ assets: {} }, side, { choose() {}, resized() {} });
  stage.plot = { draw: async () => {} };
  main.append(stage.element);
  const slider = stage.canvas.appendChild(document.createElement("div"));
  slider.className = "live-figure-slider";
  const draw = async () => {
    stage.draw([], {});
    await stage.drawn;
    return getComputedStyle(slider).visibility;
  };
  const seen = [getComputedStyle(slider).visibility, await draw()];
  const before = { ...stage.element.dataset };
  await draw();
  const after = Object.entries(stage.element.dataset);
  close(main);
  return [seen, after.filter(([name, value]) => value !== before[name])];
}"""


def test_sliders_come_with_the_first_picture_and_each_is_counted(styled: Page) -> None:
    seen, changed = styled.evaluate(FIRST)
    assert seen == ["hidden", "visible"]
    assert changed == [["revision", "2"]]
    assert "data-revision" not in STYLES, "each picture would cost style"
