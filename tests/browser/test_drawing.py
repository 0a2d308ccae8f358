"""A repainted picture is the one that Plotly draws: every text, position, colour and width."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, Route

from pages.derive.picture import Screen
from pages.registry import SUBJECTS
from pages.server.scripts import MODULES, plotly_source
from tests.browser.random_figures import RandomFigures

# Draws figures one after the other in place, and each also in a new graph by Plotly alone. Returns
# for each figure what differs, whether it was repainted, and the traces that its graph has.
DRAW: Final = """async (figures) => {
  const { Plot } = await import("/browser/plot.js");
  const plot = new Plot("plot");
  document.body.replaceChildren(plot.moving, plot.still);
  const config = { displayModeBar: false, responsive: false, scrollZoom: false };
  const read = (root) => {
    const lines = [];
    const visit = (element, depth) => {
      if (element.matches(".textpoint:not(:has(text))")) return; // of an empty text: it may stay
      const style = new Map([...element.style].map((key) => [key, element.style[key]]));
      const empty = element.getAttribute("d") === "M0,0Z"; // which has no colour
      for (const key of empty ? ["fill", "fill-opacity"] : []) style.delete(key);
      if (parseFloat(style.get("stroke-width")) === 0) {
        style.delete("stroke"); // and so it has none
        style.delete("stroke-opacity");
      }
      const attributes = [...element.attributes]
        .filter(({ name, value }) => name !== "style" && value)
        .map(({ name, value }) => `${name}=${value}`);
      const styles = [...style].map((each) => each.join(": "));
      const own = [...element.childNodes].map(({ data }) => data).filter(Boolean);
      const parts = [...attributes.sort(), ...styles.sort(), ...own];
      const all = [depth, element.tagName, ...parts].join(" ");
      lines.push(all.replace(/\\b(clip|defs-|p)[0-9a-f]{6}/g, "$1")); // names drawn at random
      for (const child of element.children) visit(child, depth + 1);
    };
    const drawn = root.querySelectorAll(".cartesianlayer .trace, .cartesianlayer .im");
    for (const element of drawn) visit(element, 0);
    return lines;
  };
  let finished = 0;
  const results = [];
  for (const figure of figures) {
    const { drawings, painted } = plot;
    await plot.draw(structuredClone(figure));
    if (!results.length) plot.moving.on("plotly_afterplot", () => (finished += 1));
    const shown = structuredClone(plot.moving.data);
    const repainted = plot.drawings === drawings;
    const told = { repainted, shown: shown.map(({ uid, ...trace }) => trace) };
    if (!repainted && !painted) {
      results.push({ differs: [], ...told });
      continue;
    }
    const fresh = document.createElement("div");
    document.body.append(fresh);
    await Plotly.newPlot(fresh, structuredClone(shown), structuredClone(figure.layout), config);
    const [ours, theirs] = [read(plot.moving), read(fresh)];
    const at = ours.findIndex((line, i) => line !== theirs[i]);
    Plotly.purge(fresh);
    fresh.remove();
    results.push({
      differs: at >= 0 || ours.length !== theirs.length ? [ours[at], theirs[at]] : [],
      ...told,
    });
  }
  plot.close();
  return { results, finished };
}"""

TAG: Final = re.compile("</?[a-z]+")


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """A tab with plotly.js that can import the browser modules, without a server."""
    page = browser.new_page()

    def answer(route: Route) -> None:
        file = MODULES / route.request.url.partition("/browser/")[2]
        route.fulfill(content_type="text/javascript", body=file.read_text(encoding="utf-8"))

    page.route("http://modules.test/", lambda route: route.fulfill(content_type="text/html"))
    page.route("http://modules.test/browser/**", answer)
    page.goto("http://modules.test/")
    page.add_script_tag(content=plotly_source())
    yield page
    page.close()


def pictures(key: str, screen: Screen, parts: int = 2) -> tuple[list[Any], list[Any]]:
    """The figures of a page: those of presets; and the first preset with some sliders moved.

    The presets have between them all kinds of marks that the page's presets have. The first slider,
    an input, is moved to the values that divide its range into a number of parts: its ends, and 0.
    The last one, a weight or a gradient, is moved to its lowest value. Of a page without sliders,
    only the first preset, some of the others and the last one are taken.
    """
    subject = SUBJECTS[key]
    first, *others = subject.presets.values()
    sliders = subject.sliders(first)
    moved = [
        first.moved(slider.name, value)
        for slider, into in zip([*sliders[:1], *sliders[-1:]], (parts, 1), strict=False)
        for value in slider.values[:: max(1, len(slider.values) // into)]
    ]
    start, *after = (subject.picture(scene, screen).figure for scene in (first, *moved))
    presets = [subject.picture(scene, screen).figure for scene in others]
    if moved:
        drawn_by = dict.fromkeys(marks(start), start)
        for figure in (presets[-1], *sorted(presets, key=lambda figure: -len(marks(figure)))):
            drawn_by |= dict.fromkeys(marks(figure) - drawn_by.keys(), figure)
        presets = [
            figure
            for figure in presets
            if figure is presets[-1] or any(figure is each for each in drawn_by.values())
        ]
    else:
        presets = [*presets[:: len(presets) // parts], presets[-1]]
    made: tuple[list[Any], list[Any]] = json.loads(json.dumps((presets, [start, *after])))
    return made


def marks(figure: Mapping[str, Any]) -> set[tuple[object, ...]]:
    """The kinds of marks that a figure draws, whatever their numbers and colours."""
    found: set[tuple[object, ...]] = set()
    for trace in figure["data"]:
        kind, marker, line = trace["type"], trace.get("marker", {}), trace.get("line", {})
        long = len(trace.get("x", ())) > 8  # Plotly leaves out other points of such a line
        found.add((kind, trace.get("mode"), trace.get("meta"), trace.get("visible"), long))
        found.add((kind, line.get("dash"), line.get("shape"), trace.get("fill")))
        for name, value in (
            ("symbol", marker.get("symbol")),
            ("pattern", marker.get("pattern", {}).get("shape")),
            ("place", trace.get("textposition")),
            ("tag", [tag for text in trace.get("text", ()) for tag in TAG.findall(text)]),
        ):
            found |= {
                (kind, name, each)
                for each in (value if isinstance(value, list | tuple) else [value])
            }
    return found


def drawn(tab: Page, figures: Sequence[Any]) -> list[dict[str, Any]]:
    """Draw figures one after the other, and assert that each is as Plotly draws it."""
    answer = tab.evaluate(DRAW, figures)
    results: list[dict[str, Any]] = answer["results"]
    assert [each["differs"] for each in results] == [[]] * len(figures)
    assert answer["finished"] == len(figures) - 1, "whoever waits for a drawing is told"
    for figure, each in zip(figures, results, strict=True):
        moving = [
            trace
            for trace in figure["data"]
            if trace.get("visible", True) and trace.get("meta") != "still"
        ]
        assert each["shown"] == moving
    return results


@pytest.mark.parametrize("key", SUBJECTS)
def test_a_picture_in_place_is_the_picture_that_plotly_draws(tab: Page, key: str) -> None:
    moves = key in ("conv-block", "relu", "conv-2d")
    presets, moved = pictures(key, Screen(), parts=4 if key == "conv-block" else 2)
    results = drawn(tab, [*presets, *moved])[len(presets) + 1 :]
    by_plotly = [each for each in results if not each["repainted"]]
    assert not moves or len(by_plotly) <= 1, "none but the first marker of its shape"


def test_a_picture_in_place_is_the_one_that_plotly_draws_on_a_phone_too(tab: Page) -> None:
    presets, moved = pictures("max-pool", Screen(narrow=True))
    assert any(each["repainted"] for each in drawn(tab, [*presets, *moved]))


def test_an_area_that_leaves_the_axes_comes_back(tab: Page) -> None:
    """The area between the slopes at a kink has no points at w = 0.25, and some at w = 0.5."""
    subject = SUBJECTS["at-a-kink"]
    tied = subject.presets["two-way-tie"]
    figures = [subject.picture(tied.moved("w", w), Screen()).figure for w in (0.5, 0.25, 0.5)]
    _, away, back = drawn(tab, json.loads(json.dumps(figures)))
    assert away["repainted"]
    assert back["repainted"]


def test_whatever_is_different_is_drawn_as_plotly_draws_it(tab: Page) -> None:
    figures = RandomFigures(seed=5).figures()
    results = drawn(tab, [next(figures) for _ in range(70)])
    assert sum(each["repainted"] for each in results) > 35
