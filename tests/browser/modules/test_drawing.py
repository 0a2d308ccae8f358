"""The modules that draw: sweeps, plots, a picture as a file, the stage around a picture."""

import json
import re
from base64 import b64encode
from typing import TypeAlias

import pytest
from playwright.sync_api import Page

from pages.state.scene import STEP
from tests.browser.modules.test_messages import of_a_figure
from tests.pages.components.test_live_figure import sweep_text
from tests.pages.scenes import BLOCK, block

DRAW = """async (text) => {
  const { Sweeps } = await import("/browser/sweeps.js");
  const sweeps = new Sweeps();
  sweeps.take(text);
  const { name, key, values } = JSON.parse(text);
  const others = sweeps.frame(name, `${key} of another state`, values[0]);
  return [others, values.map((value) => [value, sweeps.frame(name, key, value)])];
}"""


@pytest.mark.parametrize("name", ["x2", "w", "dz", STEP])
def test_a_picture_of_a_sweep_is_the_picture_of_its_value(modules: Page, name: str) -> None:
    scene = block(entry="x3")
    others, drawn = modules.evaluate(DRAW, sweep_text(scene, name))
    assert others is None
    assert len(drawn) == (7 if name == STEP else 33)
    for value, frame in drawn:
        picture = BLOCK.picture(scene.moved(name, value))
        assert frame["traces"] == json.loads(json.dumps(picture.figure["data"]))
        assert frame["explanation"] == list(picture.explanation)
        assert frame["legend"] == json.loads(json.dumps(picture.legend))


# The bytes that the server packed as a text.
BYTES = """async (packed) => {
  const { bytesOf } = await import("/browser/files.js");
  return [...bytesOf(packed)];
}"""


def test_each_byte_comes_as_it_was_packed(modules: Page) -> None:
    assert modules.evaluate(BYTES, b64encode(bytes(range(256))).decode()) == [*range(256)]


# An SVG from Plotly in which the ids have another name; and the size that Plotly was asked for.
RENAME = """async (svg) => {
  const { svgOf } = await import("/browser/files.js");
  const asked = [];
  window.Plotly = { toImage: async (_, { width, height }) => asked.push(width, height) && svg };
  const named = await svgOf({ layout: { width: 4, height: 3 } }, 8, 6, "mine").catch(String);
  delete window.Plotly;
  return [named, asked];
}"""


def test_every_part_of_a_drawing_is_found_under_its_own_name(modules: Page) -> None:
    drawn = """<svg style="background: white" width="4" height="3">
      <defs id="defs-0a1"><clipPath id="clip0a1xy"/></defs><g clip-path="url(#clip0a1xy)"/>
      <path style="fill: url(&quot;#g0a1-0&quot;)"/>
      <use xlink:href="#p0a1"/><use href="#p0a1"/><text data-said="0a1">0a1</text></svg>"""
    named, asked = modules.evaluate(RENAME, drawn)
    assert asked == [4, 3], "as it was laid out"
    same = re.sub(r'(\bid="|#)([a-z-]*)0a1', r"\1\2mine", drawn)
    assert named == same.replace(
        ' style="background: white" width="4" height="3"',
        ' width="8" height="6" xml:space="preserve"',
    )
    assert named.count("mine") == 6
    refused, _ = modules.evaluate(RENAME, drawn.replace("defs-0a1", "0a1"))
    assert "names the parts" in refused, "two would have the same names"


# Returns the points of the picture taken as drawn when Plotly finishes a first figure after a
# second one; and whether a drawing counts as done before the still part is drawn: for a figure that
# Plotly draws, and for one whose moving part is repainted.
LATE = """async () => {
  const { Plot } = await import("/browser/plot.js");
  const plot = new Plot("plot");
  const done = [];
  window.Plotly = {
    react: (graph) => graph === plot.still ? null : new Promise((resolve) => done.push(resolve)),
  };
  const figure = (width, x) => ({
    data: [{ type: "scatter", mode: "markers", x: [x], y: [0], marker: {} }], layout: { width },
  });
  const [first, second] = [plot.draw(figure(1, 1)), plot.draw(figure(2, 2))];
  done[1]();
  await second;
  done[0]();
  await first;
  const { x } = plot.painter.traces[0];
  const still = [];
  window.Plotly.react = (graph) => graph === plot.still && new Promise((go) => still.push(go));
  plot.moving.emit = () => {};
  const found = [];
  for (const [paints, at] of [[false, 3], [true, 4]]) {
    plot.painter.paint = () => paints;
    const stays = { type: "scatter", meta: "still", x: [at] };
    let drawn = false;
    const all = plot.draw({ data: [...figure(2, at).data, stays], layout: { width: 2 } });
    const there = all.then(() => { drawn = true; });
    await new Promise((go) => setTimeout(go));
    found.push(drawn);
    still.pop()();
    await there;
  }
  delete window.Plotly;
  return [x, found];
}"""


def test_a_drawing_that_is_done_late_is_not_taken_for_the_last(modules: Page) -> None:
    assert modules.evaluate(LATE) == [[2], [False, False]]


# With this cell chosen: at which cells the Tab key stops, which are announced as pressed, and which
# is to be scrolled into sight. The last cell has no value.
TAB = """async (chosen) => {
  const { makeStage } = await import("/tests/page.js");
  const stage = await makeStage();
  const targets = ["x1", "x2", "w"].map((entry) =>
    ({ entry, said: entry, box: [0, 0, 9, 9], valued: entry !== "w" }));
  stage.describe({ targets, grids: [], summary: "" }, chosen);
  const ways = [({ tabIndex }) => !tabIndex, ({ ariaPressed }) => ariaPressed === "true"];
  const found = ways.map((is) => stage.buttons.filter(is).map(({ dataset }) => dataset.entry));
  return [...found, stage.chosen];
}"""


@pytest.mark.parametrize(
    ("chosen", "stop", "sought"),
    [("x2", "x2", "x2"), ("", "x1", ""), ("w", "w", ""), ("of a map", "x1", "")],
)
def test_the_tab_key_stops_at_the_chosen_cell_or_the_first(
    modules: Page, chosen: str, stop: str, sought: str
) -> None:
    pressed = [chosen] if chosen == stop else []
    assert modules.evaluate(TAB, chosen) == [[stop], pressed, sought]


# The cell that has the focus after a click that gives none, and the cell that was chosen.
CHOSEN = """async () => {
  const { makeStage } = await import("/tests/page.js");
  const stage = await makeStage();
  const targets = ["x1", "x2"].map((entry) => ({ entry, said: entry, box: [0, 0, 9, 9] }));
  stage.describe({ targets, grids: [], summary: "" }, "x1");
  document.body.append(stage.element);
  let chosen = "";
  stage.choose = (entry) => { chosen = entry; };
  stage.buttons[1].click();
  const { entry } = document.activeElement.dataset;
  stage.element.remove();
  return [entry, chosen];
}"""


def test_the_arrow_keys_go_on_from_a_cell_that_was_clicked(modules: Page) -> None:
    assert modules.evaluate(CHOSEN) == ["x2", "x2"]


# How a phone scrolls, and how far, after a tap on the sign above the sliders that there is more: to
# a part that begins 50 px below, and within a part that begins above and that the slider cuts.
ON = """async () => {
  const { Stage } = await import("/browser/stage.js");
  const list = document.body.appendChild(document.createElement("div"));
  list.className = "live-figure-list";
  const { top } = list.getBoundingClientRect();
  const found = [50, -20].map((begin) => {
    let way;
    const main = { scrollBy: ({ behavior, top }) => { way = [behavior, top]; } };
    const figure = { main, edge: () => 0, parts: () => [{ top: begin, bottom: top + 99 }] };
    Stage.prototype.goOn.call(figure, { target: list, clientY: top + 9 }); // on a slider
    if (way) throw new Error("a slider is no sign");
    Stage.prototype.goOn.call(figure, { target: list, clientY: top - 9 });
    return way;
  });
  list.remove();
  return [...found, top];
}"""


def test_a_tap_goes_on_to_what_is_cut_and_glides_where_nobody_minds(modules: Page) -> None:
    to_the_next, within, slider = modules.evaluate(ON)
    assert to_the_next == ["smooth", 50]
    assert within == ["smooth", slider - 23]  # a line that was seen before stays in sight
    modules.emulate_media(reduced_motion="reduce")
    assert [how for how, _ in modules.evaluate(ON)[:2]] == ["instant"] * 2
    modules.emulate_media(reduced_motion="no-preference")


# The cell that has the focus, or "", after the cells have moved, as by Undo: if none had it before,
# if the cell is still there, if it is gone, and then while presenting. Last, where the first one is
# after these moved, and nothing else changed.
ELSEWHERE = """async () => {
  const { makeStage } = await import("/tests/page.js");
  const stage = await makeStage();
  document.body.append(stage.element);
  const show = (left, ...entries) => {
    const box = [left, 0, 9, 9];
    const targets = entries.map((entry) => ({ entry, said: entry, box }));
    stage.describe({ targets, grids: [], summary: "" }, "x1");
    return document.activeElement.dataset.entry ?? "";
  };
  show(0, "x1", "x2");
  const found = [show(9, "x1", "x2")]; // nobody was there
  stage.buttons[1].focus();
  found.push(show(20, "x1", "x2", "x3"), show(30, "x1"));
  stage.strip = document.createElement("div");
  found.push(show(40, "x1", "x2"));
  show(50, "x1", "x2");
  found.push(stage.cells.firstChild.style.left);
  stage.element.remove();
  return found;
}"""


def test_the_arrow_keys_go_on_where_the_cells_lie_elsewhere(modules: Page) -> None:
    assert modules.evaluate(ELSEWHERE) == ["", "x2", "x1", "", "50px"]


# Draws figures, of which the second is repainted, with a Plotly that takes a list drawn before for
# drawn and that writes into layouts. Returns the figures shown; the layouts of the still graph; the
# names of the moving traces, and how many are known; and how often a repainting is reported.
REPAINTED = """async () => {
  const { Plot } = await import("/browser/plot.js");
  const plot = new Plot("plot");
  const drawn = new Set();
  const [shown, layouts, names, told] = [[], [], new Set(), []];
  let now = null;
  window.Plotly = {
    react: async (graph, [{ x }, ...others], layout) => {
      const { width, paper_bgcolor, plot_bgcolor } = layout;
      if (graph === plot.still) return layouts.push([width, paper_bgcolor, plot_bgcolor]);
      for (const { uid } of [{ uid: "" }, ...others]) names.add(uid);
      layout.autosize = false;
      if (!drawn.has(x)) now = [...x];
      drawn.add(x);
    },
  };
  plot.painter.paint = ([{ x }]) => {
    if (x[0] === 2) now = x;
    return x[0] === 2;
  };
  plot.moving.emit = (kind) => told.push([kind, plot.moving.data[0].x[0]]);
  const still = { type: "scatter", mode: "lines", meta: "still", x: [0], y: [0] };
  const moving = (x) => ({ type: "scatter", mode: "lines", x, y: x });
  const first = [1];
  for (const [x, width] of [[first, 1], [[2], 1], [first, 1], [first, 2], [[2], 3]]) {
    const layout = { width, paper_bgcolor: "white", plot_bgcolor: "white" };
    const away = { ...moving([5]), visible: false };
    await plot.draw({ data: [moving(x), still, away, moving([6])], layout });
    shown.push(now[0]);
  }
  delete window.Plotly;
  return [shown, layouts, [[...names], plot.painter.traces.length], told];
}"""


def test_what_was_repainted_is_drawn_again_and_what_stays_in_each_layout(modules: Page) -> None:
    shown, layouts, known, told = modules.evaluate(REPAINTED)
    assert shown == [1, 2, 1, 1, 2]
    assert known == [["", "trace3"], 4], "what comes and goes takes no other's name"
    assert told == [["plotly_afterplot", 2]], "in another layout Plotly draws it"
    clear = ["transparent", "transparent"]  # the moving graph below is seen through it
    assert layouts == [[1, *clear], [2, *clear], [3, *clear]]


# The widths of the pictures that a stage draws once its library is there, after two were wanted.
SOON = """async () => {
  const { makeStage } = await import("/tests/page.js");
  const stage = await makeStage();
  const drawn = [];
  stage.plot.draw = async ({ layout }) => drawn.push(layout.width);
  let come;
  stage.ready = new Promise((go) => { come = go; });
  for (const width of [1, 2]) stage.draw([], { width });
  window.Plotly = {};
  come();
  await new Promise((go) => setTimeout(go));
  delete window.Plotly;
  return drawn;
}"""


def test_once_the_library_is_there_the_last_picture_is_drawn_once(modules: Page) -> None:
    assert modules.evaluate(SOON) == [2]


# Returns the text of a stage before it is known that there is no drawing library; whether it then
# stops saying that it waits, and how many lines it says; and how often the library is requested
# when two places try again.
MISSING = """async () => {
  const { Stage } = await import("/browser/stage.js");
  const { loadPlotly } = await import("/browser/plot.js");
  delete window.Plotly;
  const said = [];
  const side = {
    element: document.createElement("div"), explanation: { show: (lines) => said.push(...lines) },
  };
  const on = { choose() {}, resized() {} };
  const stage = new Stage({ assets: { plotly: "/nowhere.js" } }, side, on);
  const before = stage.box.textContent;
  await stage.ready;
  await Promise.allSettled([1, 2].map(() => loadPlotly("/nowhere.js")));
  const scripts = document.querySelectorAll("script[src='/nowhere.js']");
  for (const script of scripts) script.remove();
  return [before, stage.loading.parentElement === null, said.length, scripts.length];
}"""


def test_where_nothing_can_be_drawn_it_is_said_and_not_waited_for(modules: Page) -> None:
    assert modules.evaluate(MISSING) == ["Loading…", True, 1, 2]


# Returns the picture's summary before and after a change; the cell that the right arrow key leads
# to from the first of three, and the keys that cells keep for themselves; and the height of a
# legend of 1, 3 and 1 signs, in two widths; and how many of 8 signs it shows.
CELLS = """async () => {
  const { makeStage } = await import("/tests/page.js");
  const stage = await makeStage();
  document.body.append(stage.element, stage.legend.element);
  const at = { x1: [0, 0, 10, 10], near: [20, 20, 10, 10], level: [50, 0, 10, 10] };
  const targets = Object.entries(at).map(([entry, box]) => ({ entry, said: entry, box }));
  const cells = document.createElement("style");
  cells.textContent = ".live-figure-cell { position: absolute }";
  stage.element.append(cells);
  const said = ["one", "two"].map((summary) => {
    stage.describe({ targets, grids: [], summary }, "x1");
    return stage.summary.textContent;
  });
  const keys = ["ArrowRight", "Enter", "Tab", "n"].map((key) => ({ key }));
  const backs = ["altKey", "metaKey"].map((held) => ({ key: "ArrowLeft", [held]: true }));
  const kept = [...keys, ...backs].filter((how) => {
    const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...how });
    return !stage.buttons[0].dispatchEvent(event);
  });
  const went = [document.activeElement.dataset.entry, kept];
  const legend = stage.legend.element;
  const signs = [1, 3, 1].map((count) => {
    stage.legend.show(Array.from({ length: count }, (_, i) => ["box", "red", `sign ${i}`]));
    if (legend.lastChild.textContent !== `sign ${count - 1}`) throw new Error("it says nothing");
    const colour = legend.lastChild.firstChild.style.getPropertyValue("--sign");
    if (colour !== "red") throw new Error(`it is ${colour}`);
    return legend.clientHeight;
  });
  legend.style.width = "300px";
  for (const count of [1, 3, 1]) {
    stage.legend.show(Array.from({ length: count }, (_, i) => ["box", "blue", `sign ${i}`]));
    signs.push(legend.clientHeight);
  }
  stage.legend.show(Array.from({ length: 8 }, (_, i) => ["box", "red", `sign ${i}`]));
  const all = legend.children.length;
  stage.element.remove();
  legend.remove();
  return [said, went, signs, all];
}"""


def test_arrow_keys_go_straight_on_and_what_stands_there_follows_the_scene(modules: Page) -> None:
    said, went, (one, three, again, *others), signs = modules.evaluate(CELLS)
    assert said == ["one", "two"]
    assert went == ["level", [{"key": "ArrowRight"}]], "what goes back in the browser still does"
    assert 0 < one < three == again, "what is above the legend stays in its place"
    assert others == [one, three, three]
    assert signs == 8


# The px at the left of a picture that are free for sliders, as given by the server or up to its
# first cell; and the picture's size.
PLACED = """async (cases) => {
  const { makeStage } = await import("/tests/page.js");
  const stage = await makeStage();
  stage.fit = () => {};
  return cases.map(([left, begins, width, height]) => {
    const [one, ...others] = begins.map((begin) => ({ box: [begin, 0, 10, 10] }));
    stage.arrange({ figure: { layout: { width, height } }, left, targets: [one], grids: others });
    const { width: across, height: down } = stage.canvas.style;
    return [stage.leftmost, across, down];
  });
}"""


def test_left_of_the_cells_a_picture_has_room_for_sliders_alone(modules: Page) -> None:
    cases: list[tuple[int | None, list[int], int, int]] = [
        (None, [150, 200], 900, 300),
        (None, [200, 150], 800, 300),
        (None, [4], 900, 300),
        (0, [150], 900, 300),
        (30, [150], 900, 300),
    ]
    placed = modules.evaluate(PLACED, cases)
    assert [free for free, *_ in placed] == [140, 140, 0, 0, 30]
    assert [size for *_, size in placed] == ["300px"] * 5
    assert [across for *_, across, _ in placed] == [f"{width}px" for *_, width, _ in cases]


# How far a picture, of which 100 to 200 px are seen, is scrolled for a cell at these px; then after
# the user has scrolled it elsewhere and nothing else has changed; after the cells have moved; and
# after they have moved in a window that shows all of it.
SOUGHT = """async (cells) => {
  const { Stage } = await import("/browser/stage.js");
  return cells.map(([top, bottom]) => {
    const box = (top, bottom) => ({ getBoundingClientRect: () => ({ top, bottom }) });
    const frame = { ...box(100, 200), clientHeight: 100, scrollTop: 50 };
    const buttons = [{ ...box(top, bottom), dataset: { entry: "x1" } }];
    const stage = { chosen: "x1", places: "", frame, buttons };
    const ways = [[50, ""], [7, ""], [50, "elsewhere"], [50, "", false]];
    return ways.map(([scrollTop, places, narrow = true]) => {
      Object.assign(frame, { scrollTop });
      Stage.prototype.seek.call(Object.assign(stage, { places, narrow }));
      return frame.scrollTop;
    });
  });
}"""


def test_a_chosen_cell_comes_into_sight_once_from_both_sides(modules: Page) -> None:
    found = modules.evaluate(SOUGHT, [[90, 110], [140, 160], [190, 210]])
    assert found == [[32, 7, 32, 50], [50, 7, 50, 50], [68, 7, 68, 50]]


# The height of a picture of 1600 by 900 px in boxes of these widths: in a window, and on a phone.
SMALLEST = """async (widths) => {
  const { makeStage } = await import("/tests/page.js");
  const main = document.body.appendChild(document.createElement("div"));
  const stage = await makeStage(main);
  Object.assign(stage, { width: 1600, height: 900 });
  main.append(stage.box);
  const found = widths.map((width) => {
    stage.box.style.width = `${width}px`;
    return [false, true].map((narrow) => stage.scaled(0, { narrow, paper: false, room: 900 }));
  });
  main.remove();
  return found.flat().map(Math.round);
}"""


def test_a_picture_is_never_too_small_to_be_read(modules: Page) -> None:
    heights = [[900, 900], [720, 720], [360, 450], [315, 450]]
    assert modules.evaluate(SMALLEST, [1600, 1280, 640, 400]) == [
        px for two in heights for px in two
    ]


# Whether a picture is laid out for paper while it is printed and afterwards: in a window, on a
# phone, and while presented.
PRINTED = """async () => {
  const { makeStage } = await import("/tests/page.js");
  const stage = await makeStage(document.createElement("div"));
  stage.watch();
  let fitted = "";
  stage.fit = () => { fitted = stage.element.dataset.paper; };
  const ways = [{}, { narrow: true }, { strip: stage.side.element }];
  const found = ways.map((way) => ["beforeprint", "afterprint"].map((type) => {
    Object.assign(stage, { narrow: false, strip: null, ...way });
    fitted = "";
    dispatchEvent(new Event(type));
    return fitted;
  }));
  stage.unwatch();
  return found;
}"""


def test_only_what_a_window_cuts_is_laid_out_for_paper(modules: Page) -> None:
    others = [["false", "false"]] * 2
    assert modules.evaluate(PRINTED) == [["true", "false"], *others]


# Fits a picture into its window. Returns its height with the page at the top and scrolled; its
# heights above a legend of 100 px and 200 px; whether it fills the paper's width, even if very
# wide; the size and transform of a picture of 430 by 900 px on a phone, whose cells begin at 40 px;
# the places reported to the sliders; the px for the text beside it, if limited, in a window, on
# paper, below a wide picture and on a phone; and whether a phone counts as upright: upright,
# sideways, and another window. Throws an error if the style does not have the picture's height.
FITTED = """async () => {
  const { makeStage, sizeWindow } = await import("/tests/page.js");
  const part = () => document.createElement("div");
  const main = document.body.appendChild(part());
  main.style.cssText = "position: fixed; inset: 0; overflow: auto";
  const stage = await makeStage(main);
  const behind = part();
  behind.style.height = "2000px";
  main.append(stage.element, behind);
  const layout = { width: 1600, height: 900 };
  const told = [];
  stage.resized = (narrow) => told.push([narrow, stage.narrow, stage.inset]);
  const { observer } = stage;
  const observed = [];
  stage.observer = {
    observe: (each, how) => [observed.push(each), observer.observe(each, how)],
    disconnect: () => observer.disconnect(),
  };
  let text = [];
  stage.side.fit = (...px) => { text = px; };
  const high = () => {
    const known = stage.element.style.getPropertyValue("--picture");
    if (!(Math.abs(parseFloat(known) - stage.frame.clientHeight) < 1)) throw new Error(known);
    return stage.frame.clientHeight;
  };
  stage.arrange({ figure: { layout }, left: 0, targets: [], grids: [] });
  const found = [0, 300].map((scrollTop) => {
    Object.assign(main, { scrollTop });
    stage.fit();
    return [main.scrollTop, high()];
  });
  const texts = [text[0]];
  const legend = stage.legend.element;
  legend.style.height = "100px";
  stage.element.append(legend);
  stage.fit();
  const over = [high()];
  legend.style.height = "200px";
  for (let i = 0; i < 2; i += 1) await new Promise(requestAnimationFrame);
  over.push(high());
  if (new Set(observed).size < observed.length) throw new Error("it is heard again");
  stage.element.dataset.paper = "true";
  const printed = [[1600, 900], [4000, 500]].map(([width, height]) => {
    Object.assign(stage, { width, height });
    stage.fit();
    texts.push(text[0]);
    return stage.frame.clientWidth === stage.box.clientWidth;
  });
  stage.element.dataset.paper = "false";
  stage.fit();
  texts.push(text[0]);
  main.style.width = "390px";
  Object.assign(stage, { width: 430, height: 900, leftmost: 40 });
  for (let i = 0; i < 2; i += 1) stage.fit();
  const phone = [stage.frame.clientWidth, high(), stage.canvas.style.transform];
  texts.push(text[0]);
  const places = [...told];
  const docked = [[390, 720], [844, 390], [1280, 720]].map(([width, height]) => {
    const end = sizeWindow(width, height);
    main.style.width = `${width}px`;
    let upright;
    stage.dock = (...how) => { upright = how.at(-1); };
    stage.fit();
    end();
    return upright;
  });
  stage.unwatch();
  main.remove();
  return [...found, over, printed, phone, places, texts, docked];
}"""


def test_a_picture_is_as_large_wherever_its_page_is_scrolled_to(modules: Page) -> None:
    found = modules.evaluate(FITTED)
    (top, high), (scrolled, then), over, printed, phone, told, texts, docked = found
    beside, *beneath = texts
    assert beside >= high, "the text is as high at least"
    assert beneath == [None] * 4, "on paper and below a picture it takes what it needs"
    assert (top, scrolled) == (0, 300)
    assert over == [high - 100, high - 200]
    assert 200 < high == then
    assert printed == [True, True], "paper is as high as it has to be, and nothing scrolls there"
    assert phone == [390, 900, "scale(1) translateX(-40px)"], "it scrolls there"
    assert told == [[False, False, 0], [True, True, 40]], "once for each place that they have"
    assert docked == [True, False, False], "on a phone that is held upright"


# By how many px a picture of this shape becomes lower when each part of its figure becomes 20 px
# higher, by the part's class; when the picture begins 20 px further down; when the presenter's
# strip is 20 px higher; and when there is a strip of 100 px. Whether such a strip is watched.
BENEATH = """async ([data, shape]) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const figure = new LiveFigure(main, data);
  const { stage, controls } = figure;
  Object.assign(stage, shape);
  stage.legend.element.before(controls.stepName); // as it is presented
  const found = [...stage.element.children].map((each) => {
    const [high, higher] = [100, 120].map((height) => {
      each.style.cssText = `display: block; height: ${height}px`;
      return stage.room(null, 0);
    });
    return [each.className, high - higher];
  });
  const { strip } = figure.tools.presenter;
  stage.element.append(strip.element);
  stage.room(strip.element, 0);
  const watched = stage.watched.has(strip.element);
  strip.element.dataset.beneath = "true";
  const room = (height, top) => {
    strip.element.style.cssText = `display: block; height: ${height}px`;
    return stage.room(height ? strip.element : null, top);
  };
  const lower = [room(0, 0) - room(0, 20), room(100, 0) - room(120, 0), room(0, 0) - room(100, 0)];
  close(main, () => figure.close());
  return [Object.fromEntries(found.filter(([, less]) => less)), lower, watched];
}"""


def test_what_stands_beneath_a_picture_has_its_room(modules: Page) -> None:
    beneath = ("live-figure-steps", "live-figure-said", "live-figure-legend")
    data, (high, wide) = of_a_figure(), ({"width": 900, "height": each} for each in (600, 300))
    found, lower, watched = modules.evaluate(BENEATH, [data, high])
    assert [*found.items()] == [(each, 20) for each in beneath], "in this order"
    begins, higher, presented = lower
    assert begins == higher == 20
    assert 100 < presented <= 100 + 44, "and a gap"
    assert watched, "once its keys take two lines the picture makes room"
    reason = "live-figure-side"
    assert modules.evaluate(BENEATH, [data, wide])[0] == dict.fromkeys((reason, *beneath), 20)


# For windows of these sizes, whether a picture of this width, 900 by 500 px if none is given, is
# laid out as on a phone held sideways, as on a phone, and with its text below: on its own, and
# presented.
SHAPES = """async (sizes) => {
  const { makeStage, sizeWindow } = await import("/tests/page.js");
  const stage = await makeStage();
  return sizes.map(([width, height, across = 900]) => {
    Object.assign(stage, { width: across, height: (across * 5) / 9 });
    const end = sizeWindow(width, height);
    const found = [null, stage.element].map((strip) => {
      Object.assign(stage, { strip });
      stage.shape(width);
      const { low, narrow, wide } = stage.element.dataset;
      return [low, narrow, wide].map((each) => each === "true");
    });
    end();
    return found;
  });
}"""


def test_a_window_is_a_phones_a_tablets_or_another(modules: Page) -> None:
    windows: dict[tuple[int, ...], list[list[bool]]] = {
        (844, 390): [[True, True, False]] * 2,
        (390, 844): [[False, True, False]] * 2,
        (390, 470): [[False, True, False]] * 2,  # an older phone's
        (820, 1180): [[False, False, True], [False, False, False]],
        (1280, 720): [[False, False, False]] * 2,
        # Beside 280 px of text the picture would have less than two fifths of its size.
        (900, 700, 1600): [[False, False, True], [False, False, False]],
    }
    assert modules.evaluate(SHAPES, [*windows]) == [*windows.values()]


# On a phone whose row of steps is 500 px below the window's top: how far the page is scrolled when
# stepping begins, and how far above the row the step's text ends, for this height of what is above
# and this scroll position before.
STEPPED = """async (aboves) => {
  const { open, close, makeStage } = await import("/tests/page.js");
  const main = open();
  main.style.cssText = "position: fixed; inset: 0; overflow: auto";
  const stage = await makeStage(main);
  const found = aboves.map(([above, scrolled]) => {
    main.innerHTML = `<div style="height: ${above}px"></div>
      <div class="live-figure-steps">
        <p class="live-figure-said" style="height: 30px; margin: 0"></p>
        <div class="live-figure-stepping" style="position: fixed; top: 500px; height: 40px"></div>
      </div>
      <div style="height: 3000px"></div>`;
    main.scrollTop = scrolled;
    stage.element = main;
    stage.beginSteps();
    const { bottom } = main.querySelector("p").getBoundingClientRect();
    return [main.scrollTop, 500 - bottom];
  });
  close(main);
  return found;
}"""


def test_a_phone_scrolls_the_text_of_a_step_into_sight_when_stepping_begins(modules: Page) -> None:
    aboves = [(above, scrolled) for scrolled in (0, 90) for above in (600, 470, 100)]
    assert modules.evaluate(STEPPED, aboves) == [[130, 0], [0, 0], [0, 370]] * 2


# The size of a picture's letters in windows of these sizes, each after a resize event.
LETTERS = """async (sizes) => {
  const { open, close, makeStage, sizeWindow } = await import("/tests/page.js");
  const main = open();
  const stage = await makeStage(main);
  main.append(stage.element);
  stage.watch();
  const found = sizes.map((size) => {
    const end = sizeWindow(...size);
    window.dispatchEvent(new Event("resize"));
    end();
    return parseFloat(stage.element.style.getPropertyValue("--live-figure-type"));
  });
  stage.unwatch();
  close(main);
  return found;
}"""


def test_letters_are_as_large_as_both_sides_of_a_window_allow(modules: Page) -> None:
    sizes = [[1920, 1080], [3840, 2160], [3840, 1080], [1920, 2160], [600, 400], [300, 400]]
    one, twice, low, upright, *small = modules.evaluate(LETTERS, sizes)
    assert 16 < one < twice == 2 * one
    assert low == pytest.approx(one, rel=0.02)
    assert upright == pytest.approx(one, rel=0.02)
    assert small == [16, 16], "smaller nobody could read them"


# Returns, for windows of these sizes, the width of the text beside a presented picture whose height
# is limited, in px and in letters; then for one that is not presented; where the strip is and its
# height in the styles; how often the picture is looked over again; whether the sentence about a
# step is large, and the height that the text may take then; and how much is cut off of 200 px for
# sliders, presented and not.
ASIDE = """async (sizes) => {
  const { open, close, makeStage, sizeWindow } = await import("/tests/page.js");
  const main = open();
  const stage = await makeStage(main);
  main.append(stage.element);
  const strip = main.appendChild(document.createElement("div"));
  strip.style.height = "60px";
  main.style.cssText = "position: absolute; left: 30px";
  Object.assign(stage, { width: 900, height: 500, strip });
  const looked = [];
  for (const look of ["seek", "showWhetherMore"]) stage[look] = () => looked.push(look);
  const found = sizes.map(([width, height, room]) => {
    main.style.width = `${width}px`;
    const end = sizeWindow(width, height);
    stage.room = () => room;
    stage.fit();
    end();
    const { style } = stage.element;
    const [side, letters] = ["--side", "--live-figure-type"].map((name) =>
      parseFloat(style.getPropertyValue(name)));
    return [side, side / letters];
  });
  stage.present(null);
  const [side, high] = ["--side", "--live-figure-strip"].map((name) =>
    stage.element.style.getPropertyValue(name));
  found.push(side, [strip.style.left, high], looked.length);
  const said = stage.element.appendChild(document.createElement("p"));
  said.style.margin = 0;
  stage.strip = strip;
  main.style.width = "720px";
  const end = sizeWindow(720, 720);
  const heights = [];
  stage.side.fit = (beside) => heights.push(beside);
  const roomy = [[430, 0], [430, 60], [500, 0]].map(([room, height]) => {
    said.style.height = `${height}px`;
    said.className = "live-figure-said";
    stage.room = () => room;
    stage.fit();
    return stage.element.dataset.roomy === "true";
  });
  end();
  stage.side.fit = () => {};
  stage.leftmost = 200;
  const insets = [strip, null].map((each) => {
    stage.present(each);
    return stage.inset;
  });
  found.push(roomy, heights, insets);
  close(main);
  return found;
}"""


def test_beside_what_is_presented_the_text_takes_what_it_needs(modules: Page) -> None:
    sizes = [[1280, 720, 440], [2560, 1440, 880], [2560, 1440, 990], [1280, 720, 640],
             [1280, 720, 100]]  # fmt: skip
    *found, alone, strip, looked, roomy, heights, insets = modules.evaluate(ASIDE, sizes)
    one, twice, higher, least, most = found
    assert twice == pytest.approx([2 * one[0], one[1]]), "as many letters in a line"
    assert higher[0] * 990 == pytest.approx(twice[0] * 880), "the same text"
    assert [least[0], most[0]] == pytest.approx([280, 0.27 * 1280])
    assert least[0] < one[0] < most[0]
    assert alone == "", "else styles say it"
    assert strip == ["30px", "60px"], "beneath what is presented, and nothing behind it"
    assert looked == 2 * (len(sizes) + 1), "the chosen cell comes into sight again"
    assert roomy == [False, True, True], "a step is said in larger letters, and stays in them"
    assert heights == [430, 430, 500], "all that there is"
    assert insets == [50, 0], "150 px are enough for sliders"


# For each of these arrangements of parts, given by their upper and lower edges: whether a picture
# on a phone shows that it goes on below, and whether the slider, from 500 px on, shows that there
# is more and cuts a line. position: of the slider; ends: the lower edge of the picture's frame.
MORE = """async (ways) => {
  const { Stage } = await import("/browser/stage.js");
  const list = document.body.appendChild(document.createElement("div"));
  list.className = "live-figure-list";
  list.getBoundingClientRect = () => ({ top: 500 });
  const element = { dataset: { low: "false" }, querySelector: () => list };
  const found = ways.map(([parts, goesOn, position = "sticky", ends = 400, more = {}]) => {
    const { low = false, scrollTop = 0 } = more;
    list.style.position = position;
    element.dataset.low = String(low);
    const box = document.createElement("div");
    const frame = { scrollTop, scrollHeight: goesOn ? 900 : 300, clientHeight: 300 };
    frame.getBoundingClientRect = () => ({ bottom: ends });
    const boxes = parts.map(([top, bottom]) => ({ top, bottom }));
    const stage = { narrow: true, box, frame, element, parts: () => boxes };
    Stage.prototype.showWhetherMore.call(stage);
    const { down, up } = box.dataset;
    return [down, list.dataset.more, list.dataset.cuts, up].map((each) => each === "true");
  });
  list.remove();
  return found;
}"""


def test_a_phones_slider_says_that_there_is_more_where_it_lies_on_something(modules: Page) -> None:
    ways: dict[tuple[bool, bool, bool], list[list[object]]] = {
        (False, False, False): [
            [[[100, 400], [400, 500.5]], False],
            [[[100, 600]], False, "static"],
        ],
        (False, True, True): [[[[100, 400], [480, 520]], False]],
        (False, True, False): [[[[100, 400], [520, 540]], False]],
        (True, False, True): [[[[480, 520]], True]],  # the picture's own sign is seen
        (True, True, True): [[[[480, 520]], True, "sticky", 520]],
    }  # fmt: skip
    expected = [[*seen, False] for seen, each in ways.items() for _ in each]
    assert modules.evaluate(MORE, [way for each in ways.values() for way in each]) == expected
    cut = [[[480, 520]], True, "sticky", 400]
    sideways, scrolled = modules.evaluate(MORE, [[*cut, {"low": True}], [*cut, {"scrollTop": 10}]])
    assert sideways == [True, False, False, False], "there the slider lies at the upper edge"
    assert scrolled == [True, False, True, True]


# Whether the explanation stands above a picture with this top and height, and the height in which
# the picture is shown: in a window of 720 px, with a slider or without, on a phone or not.
DOCKED = """async (ways) => {
  const { Stage } = await import("/browser/stage.js");
  const { sizeWindow } = await import("/tests/page.js");
  const end = sizeWindow(360, 720);
  const found = ways.map(([top, high, slider, phone]) => {
    const element = document.createElement("div");
    element.innerHTML = slider ? "<p class=live-figure-slider>" : "";
    Stage.prototype.dock.call({ element }, top, high, phone);
    return [element.dataset.above === "true", element.style.getPropertyValue("--high")];
  });
  end();
  return found;
}"""


def test_a_phones_reason_stands_where_it_is_seen_with_the_picture(modules: Page) -> None:
    """A high picture scrolls inside its frame, which is as high as there is room."""
    ways = [(top, high, True, True) for top in (100, 250, 270, 600) for high in (300, 400, 900)]
    most = "348px"
    (one, two, three), *others = (
        modules.evaluate(DOCKED, ways)[i : i + 3] for i in range(0, len(ways), 3)
    )
    assert one == two == three == [False, most]
    assert [low for low, *_ in others] == [[True, most]] * 3, "it is seen whole"
    assert all(high == higher for _, high, higher in others)
    seen = [(above, float(high.removesuffix("px"))) for _, (above, high), _ in others]
    assert all(above for above, _ in seen)
    nearly, less, least = (high for _, high in seen)
    assert 348 > nearly == less + 20 > less > least == 240
    assert modules.evaluate(DOCKED, [(600, 900, False, True), (600, 900, True, False)]) == [
        [True, most],
        [False, most],
    ]


# How many px stay at a phone's upper edge during scrolling: with the explanation below the picture,
# above it, sideways with a slider, sideways without one; and without an explanation.
EDGE = """async () => {
  const { Stage } = await import("/browser/stage.js");
  const place = document.body.appendChild(document.createElement("div"));
  const part = (name, top, height) => {
    const element = document.createElement("div");
    element.className = name;
    element.style.cssText = `position: relative; top: ${top}px; height: ${height}px`;
    return element;
  };
  const [box, answer, list] = [part("", 40, 300), part("", 0, 50), part("live-figure-list", 8, 60)];
  const side = { explanation: { answer } };
  const ways = [["false", "false"], ["false", "true"], ["true", "true"], ["true", "true", "none"]];
  const found = ways.map(([low, above, none]) => {
    place.replaceChildren(box, answer, ...(none ? [] : [list]));
    Object.assign(place.dataset, { low, above });
    return Stage.prototype.edge.call({ element: place, box, side });
  });
  const none = { explanation: { answer: null } };
  Object.assign(place.dataset, { low: "false", above: "false" });
  found.push(Stage.prototype.edge.call({ element: place, box, side: none }));
  place.remove();
  return found;
}"""


def test_what_stays_at_a_phones_upper_edge_is_known(modules: Page) -> None:
    assert modules.evaluate(EDGE) == [40 + 300 + 50, 40 + 300, 8 + 60, 40 + 300, 40 + 300]


# Whether a phone's picture updates its signs when it is scrolled, when its page is scrolled, and
# when the page is scrolled after the picture has been left.
SCROLLED = """async () => {
  const { open, close, makeStage } = await import("/tests/page.js");
  const main = open();
  const stage = await makeStage(main);
  main.append(stage.element);
  stage.narrow = true;
  stage.watch();
  const found = [stage.frame, main].map((each) => {
    const { dataset } = stage.box;
    dataset.up = "true";
    each.dispatchEvent(new Event("scroll"));
    return dataset.up;
  });
  stage.unwatch();
  stage.box.dataset.up = "true";
  main.dispatchEvent(new Event("scroll"));
  found.push(stage.box.dataset.up);
  close(main);
  return found;
}"""


def test_a_phones_picture_knows_how_far_it_is_scrolled(modules: Page) -> None:
    assert modules.evaluate(SCROLLED) == ["false", "false", "true"]


Trace: TypeAlias = dict[str, object]
# Whether the painter can bring each trace, drawn alone, to its changed state, or, if it failed,
# takes the state before for the drawn one; the trace is gone if no change is given.
CHANGES = """async (cases) => {
  const { Painter } = await import("/browser/plot.js");
  const axis = { c2p: (place) => place };
  return cases.map(([trace, change]) => {
    const graph = document.createElement("div");
    graph.innerHTML = "<svg><path class=js-line></path></svg>";
    graph._fullLayout = { xaxis: axis, yaxis: axis };
    const painter = new Painter(graph);
    painter.traces = [trace];
    const group = document.createElement("div");
    const parts = ["points", "text", "lines"].map((part) => `<div class=${part}></div>`);
    group.innerHTML = parts.join("");
    if (trace.visible !== false) painter.groups.set(0, group);
    if (!change) return painter.paint([]);
    return painter.paint([{ ...trace, ...change }]) || painter.paint([trace]);
  });
}"""


def test_only_changes_of_colour_source_or_place_are_drawn_without_plotly(modules: Page) -> None:
    marker: Trace = {"color": "#111111", "line": {"width": 1, "color": "#222222"}}
    bar: Trace = {"type": "bar", "x": [1], "y": [2], "width": 1, "marker": marker}
    image: Trace = {"type": "image", "source": "one", "x0": 0, "dx": 1}
    texts: Trace = {"type": "scatter", "mode": "text", "x": [], "y": [], "text": [], "textfont": {}}
    line: Trace = {"color": "#111111", "width": 1, "dash": "solid"}
    lines: Trace = {"type": "scatter", "mode": "lines", "x": [], "y": [], "line": line}
    ours: list[tuple[Trace, Trace | None]] = [
        (lines, {"line": {**line, "dash": "dot"}}),
        (lines, {"line": {**line, "dash": "dash"}}),
        (lines, {"x": [None], "y": [None]}),
        (lines, {"x": [*range(8), None, 9], "y": [*range(8), None, 9]}),
        (bar, {"marker": {**marker, "color": "#333333"}}),
        (bar, {"marker": {**marker, "line": {"width": 2, "color": "#333333"}}}),
        (image, {"source": "two"}),
        (texts, {"textposition": "top center"}),
        (texts, {"visible": False}),
        ({**texts, "visible": False}, {"x": [1]}),
    ]
    keys = ("x", "y", "width", "base", "text")
    lengths: list[tuple[Trace, Trace]] = [(bar, {key: [3]}) for key in keys]
    plotlys: list[tuple[Trace, Trace | None]] = [
        *lengths,
        (bar, None),
        (bar, {"marker": {**marker, "opacity": 0.5}}),
        (image, {"x0": 1}),
        (image, {"dx": 2}),
        (texts, {"hoverinfo": "skip"}),
        (texts, {"textfont": {"family": "serif"}}),
        (texts, {"zorder": 2}),
        ({**texts, "visible": False}, {"visible": True}),  # no drawn neighbour to put it beside
        (texts, {"type": "bar"}),
        (lines, {"line": {**line, "dash": "longdash"}}),
        (lines, {"x": [*range(9)], "y": [*range(9)]}),  # of a longer line it leaves points out
    ]
    assert modules.evaluate(CHANGES, ours) == [True] * len(ours)
    assert modules.evaluate(CHANGES, plotlys) == [False] * len(plotlys)


# Whether the painter can hide the only trace, and then show it again, for which it would need a
# neighbour; whether the trace's drawing is there; and whether it can hide one that it has not
# found.
AWAY = """async (trace) => {
  const { Painter } = await import("/browser/plot.js");
  const graph = document.createElement("div");
  const painter = new Painter(graph);
  painter.traces = [trace];
  painter.groups.set(0, graph.appendChild(document.createElement("div")));
  const found = [false, true].map((visible) =>
    [painter.paint([{ ...trace, visible }]), graph.childElementCount]);
  painter.learn([trace]); // of which nothing is there
  return [...found, painter.paint([{ ...trace, visible: false }])];
}"""


def test_a_hidden_trace_without_a_neighbour_cannot_be_shown_again_without_plotly(
    modules: Page,
) -> None:
    texts = {"type": "scatter", "mode": "text", "x": [], "y": [], "text": [], "textfont": {}}
    assert modules.evaluate(AWAY, texts) == [[True, 0], [False, 0], False]


# The traces in the order in which they lie after one that was hidden is shown, in these layers.
LAYERS = """async ([trace, cases]) => {
  const { Painter } = await import("/browser/plot.js");
  return cases.map(([hidden, ...layers]) => {
    const graph = document.createElement("div");
    const groups = layers.map((_, i) => `<div class=tracetrace${i}><div class=text></div></div>`);
    graph.innerHTML = groups.filter((_, i) => i !== hidden).join("");
    const traces = layers.map((zorder, i) => ({ ...trace, zorder, visible: i !== hidden }));
    const painter = new Painter(graph);
    painter.learn(traces);
    painter.paint(traces.map((each) => ({ ...each, visible: true })));
    return [...graph.children].map(({ className }) => Number(className.at(-1)));
  });
}"""


def test_a_trace_that_is_shown_again_lies_at_its_place_in_its_layer(modules: Page) -> None:
    texts = {"type": "scatter", "mode": "text", "x": [], "y": [], "text": [], "textfont": {}}
    cases = [[2, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 1], [1, 0, 1, 1], [1, 1, 0, 2]]
    found = modules.evaluate(LAYERS, [texts, cases])
    assert found == [[0, 1, 2]] * 5 + [[0, 2]], "beside none of its layer Plotly draws it"


# Whether a trace is still known if Plotly has drawn nothing of the trace before it.
BEHIND = """async (trace) => {
  const { Painter } = await import("/browser/plot.js");
  const graph = document.createElement("div");
  graph.innerHTML = "<div class=tracetrace1><div class=text></div></div>";
  const painter = new Painter(graph);
  painter.learn([trace, trace]);
  return painter.paint([trace, { ...trace, textposition: "top center" }]);
}"""


def test_a_trace_behind_one_that_is_not_drawn_is_still_repainted(modules: Page) -> None:
    texts = {"type": "scatter", "mode": "text", "x": [], "y": [], "text": [], "textfont": {}}
    assert modules.evaluate(BEHIND, texts)


# Whether the painter can recolour a bar, without and with a pattern, whose colours are then the
# pattern's; the colours of the bar and its border and the border's width afterwards; and the texts
# that remain after the painter removes the places of empty ones.
LEFT = """async (shapes) => {
  const { Painter } = await import("/browser/plot.js");
  const found = shapes.map((shape) => {
    const place = document.createElement("div");
    place.innerHTML = "<svg><g class=points><g><path></path></g></g></svg>";
    const painter = new Painter(place);
    const look = { line: { color: "black", width: 1 }, pattern: { shape: [shape] } };
    const bar = (color) => [{ type: "bar", marker: { ...look, color } }];
    painter.traces = bar("#111111");
    painter.groups.set(0, place.firstElementChild);
    const { style } = place.querySelector("path");
    return [painter.paint(bar("rgb(1, 2, 3)")), style.fill, style.stroke, style.strokeWidth];
  });
  const graph = document.createElement("div");
  graph.innerHTML = "<p class=textpoint></p><p class=textpoint><text>1</text></p>";
  new Painter(graph).forget();
  return [found, [...graph.children].map(({ textContent }) => textContent)];
}"""


def test_plotly_draws_what_has_a_pattern_and_finds_no_place_of_an_empty_text(modules: Page) -> None:
    bars, texts = modules.evaluate(LEFT, ["", "/"])
    assert bars == [[True, "rgb(1, 2, 3)", "black", "1px"], [False, "", "", ""]]
    assert texts == ["1"], "it would write no text into an empty one's place"


# How many graphs are purged when their plot is closed while Plotly draws, and after it has drawn.
PURGED = """async () => {
  const { Plot } = await import("/browser/plot.js");
  const plot = new Plot("plot");
  const purged = [];
  let done;
  window.Plotly = {
    react: (graph) => graph === plot.moving && new Promise((go) => { done = go; }),
    purge: (graph) => purged.push(graph),
  };
  const drawn = plot.draw({ data: [], layout: {} });
  plot.close();
  await new Promise((go) => setTimeout(go));
  const found = [purged.length];
  done();
  await drawn;
  await new Promise((go) => setTimeout(go));
  delete window.Plotly;
  return [...found, purged.length];
}"""


def test_what_plotly_still_draws_is_purged_once_it_is_drawn(modules: Page) -> None:
    assert modules.evaluate(PURGED) == [0, 2]


# How often a screen reader hears each of these summaries in turn; whether stepping begins when
# steps appear: on a phone upright, sideways, presented, with steps before, with no possible steps
# before, without steps, and in a wide window; and what the styles know of the step row when it is
# there, is not, and can never be.
BEGINS = """async () => {
  const { makeStage } = await import("/tests/page.js");
  const stage = await makeStage();
  const observer = new MutationObserver(() => {});
  observer.observe(stage.summary, { childList: true, characterData: true, subtree: true });
  const heard = ["one", "one", "two"].map((summary) => {
    stage.describe({ targets: [], grids: [], summary }, "");
    return observer.takeRecords().length;
  });
  const ways = [
    {}, { low: "true" }, { strip: stage.side.element }, { before: "true" }, { before: "null" },
    { on: false }, { narrow: false },
  ];
  const begins = ways.map(({ low = "false", before = "false", on = true, ...how }) => {
    Object.assign(stage, { narrow: true, strip: null, ...how });
    Object.assign(stage.element.dataset, { low, stepping: before });
    return stage.stepping(on);
  });
  const known = [true, false, null].map((on) => {
    stage.stepping(on);
    return stage.element.dataset.stepping;
  });
  return [heard, begins, known];
}"""


def test_the_words_are_heard_once_and_a_phone_goes_to_the_steps_as_they_come(modules: Page) -> None:
    heard, begins, known = modules.evaluate(BEGINS)
    assert heard == [1, 0, 1]
    assert begins == [True] + [False] * 6
    assert known == ["true", "false", "null"]


# The order of two markers that Plotly has drawn after each gets the other one's colour; whether
# that is painted, and whether a colour is that was not there before, or any of these looks.
MARKERS = """async (looks) => {
  const { Painter } = await import("/browser/plot.js");
  const graph = document.createElement("div");
  graph.innerHTML =
    "<div class=tracetrace0><div class=points><p title=red></p><p title=blue></p></div></div>";
  const axis = { c2p: (place) => place };
  graph._fullLayout = { xaxis: axis, yaxis: axis };
  const of = (...color) =>
    [{ type: "scatter", mode: "markers", x: [1, 2], y: [1, 2], marker: { color } }];
  const painter = new Painter(graph);
  painter.learn(of("red", "blue"));
  const drawn = [painter.paint(of("blue", "red"))];
  const there = [...graph.querySelectorAll("p")].map(({ title }) => title);
  drawn.push(painter.paint(of("blue", "green")));
  return [there, ...drawn, looks.map((look) => {
    painter.learn(of("red", "blue"));
    const [trace] = of("blue", "red");
    return painter.paint([{ ...trace, marker: { ...trace.marker, ...look } }]);
  })];
}"""


def test_a_marker_of_another_colour_is_one_that_was_there(modules: Page) -> None:
    lines = [{"line": {"width": 1}}, {"line": {"color": "grey"}}]
    looks = [{"symbol": "square"}, {"size": 9}, {"opacity": 0.5}, *lines]
    found = modules.evaluate(MARKERS, looks)
    assert found == [["blue", "red"], True, False, [False] * len(looks)]


# The texts, and whether they are painted, if Plotly has left the place of an empty text before two
# others and the last one changes; and whether each of these texts can be painted, and can stay.
BEFORE = """async (texts) => {
  const { Painter } = await import("/browser/plot.js");
  const graph = document.createElement("div");
  const points = ["", "<text>one</text>", "<text>two</text>"].map((text) =>
    `<g class=textpoint>${text}</g>`);
  graph.innerHTML = `<svg><g class=tracetrace0><g class=text>${points.join("")}</g></g></svg>`;
  const axis = { c2p: (place) => place };
  graph._fullLayout = { xaxis: axis, yaxis: axis };
  const [textfont, places] = [{ size: 10, color: "#111111" }, { x: [1, 2, 3], y: [1, 2, 3] }];
  const of = (...text) => [{ type: "scatter", mode: "text", ...places, text, textfont }];
  const painter = new Painter(graph);
  painter.learn(of("", "one", "two"));
  const drawn = painter.paint(of("", "one", "three"));
  const there = [...graph.querySelectorAll("text")].map(({ textContent }) => textContent);
  return [there, drawn, ...["three", null].map((before) => texts.map((text) => {
    painter.learn(of("", "one", before ?? text));
    return painter.paint(of("", before ? "one" : "two", text));
  }))];
}"""


def test_behind_an_empty_text_each_stands_in_its_own_place(modules: Page) -> None:
    ours = ["<b>3</b>", "<i>a<b>b</b></i>", "one<br>two"]
    plotlys = ["x<sub>3</sub>", "<b>a<i>b</b></i>", "<u>3</u>", "1 &amp; 2"]
    there, drawn, known, kept = modules.evaluate(BEFORE, [*ours, *plotlys])
    assert [there, drawn] == [["one", "three"], True]
    assert known == [True] * len(ours) + [False] * len(plotlys)
    assert kept == [True] * len([*ours, *plotlys]), "Plotly has drawn it"


# What a trace is painted as after Plotly has drawn it differently, at the last change: the places
# of its texts, the content of the first, its lines, and its filled areas.
PAINTED = """async (cases) => {
  const { Painter } = await import("/browser/plot.js");
  const axis = { c2p: (place) => place };
  return cases.map(([old, ...changes]) => {
    const graph = document.createElement("div");
    const text = "<g class=text><g class=textpoint><text>old</text></g></g>";
    const parts = ["fills", "points", "lines"].map((part) => `<g class=${part}></g>`).join("");
    const others = "<path class=js-line></path>";
    graph.innerHTML = `<svg><g class=tracetrace0>${parts}${text}</g>${others}</svg>`;
    graph._fullLayout = { xaxis: axis, yaxis: axis };
    const painter = new Painter(graph);
    painter.learn([old]);
    for (const change of changes) {
      if (!painter.paint([{ ...old, ...change }])) throw new Error("it is left to Plotly");
    }
    const of = (element, ...names) => names.map((name) => element.getAttribute(name));
    const texts = [...graph.querySelectorAll(".textpoint")].map((point) =>
      [...of(point, "transform"), ...of(point.firstChild, "x", "y", "text-anchor")]);
    const { innerHTML, style: { fontSize, fill } } = graph.querySelector("text");
    const lines = [...graph.querySelectorAll(".lines path")].map((line) => {
      const { stroke, strokeOpacity, strokeWidth, strokeDasharray } = line.style;
      return [...of(line, "d"), stroke, strokeOpacity, strokeWidth, strokeDasharray];
    });
    const areas = [...graph.querySelectorAll(".fills > g > .js-fill")].map((area) =>
      [...of(area, "d"), area.style.fill, area.style.fillOpacity, area.style.strokeWidth]);
    return { texts, first: [innerHTML, fontSize, fill], lines, areas };
  });
}"""


def test_texts_are_repainted_where_plotly_has_them(modules: Page) -> None:
    """Recorded from plotly.js, with the same traces on axes on which a unit is one px."""
    sides = [f"{high} {across}" for high in ("top", "middle", "bottom")
             for across in ("left", "center", "right")]  # fmt: skip
    xs = [20 + 30 * i for i in range(9)]
    font = {"size": 20, "color": "#111111"}
    old: Trace = {
        "type": "scatter", "x": xs, "y": [100] * 9, "text": ["o"] * 9, "textposition": sides,
        "textfont": {**font, "size": 9}, "marker": {"size": 16, "color": "#eeeeee"},
    }  # fmt: skip
    cases = {
        ("text", "a"): (0, (-5, 5, 15)),
        ("text", "a<br>b"): (0, (-31, -8, 15)),
        ("markers+text", "a"): (11, (-16, 5, 26)),
        ("markers+text", "a<br>b"): (11, (-42, -8, 26)),
    }
    news = [({**old, "mode": mode}, {"text": [text] * 9, "textfont": font}) for mode, text in cases]
    anchors = [(-1, "end"), (0, "middle"), (1, "start")]
    for found, (aside, downs) in zip(modules.evaluate(PAINTED, news), cases.values(), strict=True):
        places = [(way * aside, down, anchor) for down in downs for way, anchor in anchors]
        assert found["texts"] == [
            [f"translate({across},{down})", str(x), "100", anchor]
            for x, (across, down, anchor) in zip(xs, places, strict=True)
        ]
    line = '<tspan class="line" dy="{}em" x="20" y="100">{}</tspan>'
    two = line.format(0, "a") + line.format(1.3, "b")
    assert found["first"] == [two, "20px", "rgb(17, 17, 17)"]
    alone: Trace = {
        "type": "scatter",
        "mode": "text",
        "x": [9],
        "y": [9],
        "text": ["o"],
        "textfont": {},
    }
    styled = '<b style="color:#aa0000">a<br>b</b> <i>c</i>'
    (found,) = modules.evaluate(PAINTED, [(alone, {"text": [styled], "textfont": font})])
    assert found["texts"] == [["translate(0,-8)", "9", "9", "middle"]], "in the middle, if not said"
    red, slanted = "fill:#aa0000;font-weight:bold", "font-style:italic"
    line = '<tspan class="line" dy="{}em" x="9" y="9"><tspan style="{}">{}</tspan>'
    last = f' <tspan style="{slanted}">c</tspan></tspan>'
    first = line.format(0, red, "a") + "</tspan>" + line.format(1.3, red, "b") + last
    assert found["first"][0] == first


def test_lines_are_repainted_as_plotly_draws_them(modules: Page) -> None:
    """Recorded in the same way."""
    xs, ys = [10, 60, None, 60, 60, 200], [20, 20, None, 80, 80.01, 90]
    black = {"color": "#111111", "width": 2, "dash": "solid"}
    old: Trace = {"type": "scatter", "mode": "lines", "x": [], "y": [], "line": black}
    paths = ["M10,20L60,20", "M60,80L200,90"]  # without points too near each other to be seen
    looks = {
        ("#111111", 2, "solid"): ["rgb(17, 17, 17)", "1", "2px", ""],
        ("rgba(10, 20, 30, 0.5)", 2, "dot"): ["rgb(10, 20, 30)", "0.5", "2px", "3px, 3px"],
        ("#111111", 4, "dash"): ["rgb(17, 17, 17)", "1", "4px", "12px, 12px"],
    }
    keys = ("color", "width", "dash")
    wanted = [{"x": xs, "y": ys, "line": dict(zip(keys, look, strict=True))} for look in looks]
    found = modules.evaluate(PAINTED, [(old, each) for each in wanted])
    assert [each["lines"] for each in found] == [
        [[path, *look] for path in paths] for look in looks.values()
    ]
    assert [each["areas"] for each in found] == [[]] * 3
    (recoloured,) = modules.evaluate(PAINTED, [(old, *wanted)])
    assert recoloured["lines"] == found[-1]["lines"], "along the same paths"
    area: Trace = {**old, "fill": "toself", "fillcolor": "rgba(1, 2, 3, 0.25)"}
    apart = {"x": [10, 60, 60, None, 60, 200], "y": [20, 20, 20.01, None, 80, 90]}
    news = [(area, apart), ({**area, **apart}, {"x": [], "y": []})]
    looks_of_area = ["rgb(1, 2, 3)", "0.25", "0"]
    assert [each["areas"] for each in modules.evaluate(PAINTED, news)] == [
        [["M10,20L60,20L60,20.01ZM60,80L200,90Z", *looks_of_area]],
        [["M0,0Z", *looks_of_area]],
    ]


# Whether the stage says that it is loading, before a picture is drawn and afterwards; and for each
# graph whether it lies above the other one, and whether its background is transparent.
WAITS = """async () => {
  const { Stage } = await import("/browser/stage.js");
  const graphs = [];
  const react = async (graph, _, { paper_bgcolor }) =>
    graphs.push([graph.previousSibling !== null, paper_bgcolor === "transparent"]);
  window.Plotly = { react };
  const side = { element: document.createElement("div") };
  const stage = new Stage({ assets: {} }, side, { choose() {}, resized() {} });
  const waits = () => stage.box.textContent === "Loading…";
  stage.draw([], {});
  const found = [waits()];
  await stage.drawn;
  delete window.Plotly;
  return [...found, waits(), graphs];
}"""


def test_what_is_drawn_is_not_waited_for(modules: Page) -> None:
    before, then, graphs = modules.evaluate(WAITS)
    assert (before, then) == (True, False)
    assert sorted(graphs) == [[False, False], [True, True]], "what moves is seen through what stays"
