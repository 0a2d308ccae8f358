"""The browser's modules by themselves, apart from any page; and all of them as one script."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from pages.components.live_figure import shown
from pages.components.picture import SCREEN
from pages.components.scripts import MODULES, as_one_script, components_source
from pages.figures.info import plain
from pages.figures.words import name as written
from pages.state.message import REMEMBERED
from pages.state.scene import STEP
from tests.pages.components.test_live_figure import sweep_text
from tests.pages.scenes import BLOCK, block

DRAW = """async (text) => {
  const { Sweeps } = await import("/browser/sweeps.js");
  const sweeps = new Sweeps();
  sweeps.take(text);
  const { name, key, values } = JSON.parse(text);
  return values.map((value) => [value, sweeps.frame(name, key, value)]);
}"""

# A message with a click that is lost: with the server, and on the way to it.
CLICK = """async (lost) => {
  const { Mail, Requests } = await import("/browser/mail.js");
  const sent = [];
  const mail = new Mail(() => ({}), new Requests());
  mail.send = (message) => sent.push(message);
  mail.say({ changed: true, clicked: true });
  if (lost === "server") mail.remind({ w: "2" });
  else mail.repeat();
  mail.answered(mail.serial());
  mail.say({ changed: true });
  mail.close();
  return sent.map(({ clicked, address }) => [clicked, address]);
}"""

# The sweep, the case and the address that a message asks for, and those that follow: it is lost.
LOST = """async (news) => {
  const { Mail, Requests } = await import("/browser/mail.js");
  const sent = [];
  const mail = new Mail(() => ({}), new Requests());
  mail.send = ({ ask, preset, address }) => sent.push({ ask, preset, address });
  mail.say({ changed: true, ...news });
  mail.repeat();
  mail.answered(mail.serial());
  mail.say({ changed: true });
  mail.close();
  return sent;
}"""

# What comes of two questions of one name, as one answer after the other is heard.
ANSWERS = """async (heard) => {
  const { Requests } = await import("/browser/mail.js");
  const requests = new Requests();
  const came = [];
  for (const entry of ["x1", "x2"]) requests.add("look", entry).then((said) => came.push(said));
  const steps = [];
  for (const argument of heard) {
    requests.take({ look: { argument, answer: `of ${argument}` } });
    await null;
    steps.push([[...came], requests.any]);
  }
  return steps;
}"""

# Acts that were asked for one after the other, before any of them was heard.
ACTS = """async (acts) => {
  const { Mail, Requests } = await import("/browser/mail.js");
  const sent = [];
  const mail = new Mail(() => ({}), new Requests());
  mail.send = (message) => sent.push(message.act);
  for (const act of acts) mail.say({ changed: true, act });
  mail.repeat();
  mail.close();
  return sent;
}"""

# Which of so many movements are told that ended while nobody heard of them.
RESTED = """async (count) => {
  const { Mail, Requests } = await import("/browser/mail.js");
  let told = [];
  const mail = new Mail(() => ({}), new Requests());
  mail.send = ({ rested }) => { told = rested; };
  for (let x1 = 0; x1 < count; x1 += 1) {
    mail.rested({ x1 });
    if (x1 % 40 === 0) mail.note({ changed: true });
    if (x1 % 40 === 0) mail.repeat();
  }
  mail.repeat();
  mail.close();
  return told.map(({ x1 }) => x1);
}"""

# What a finger does to a slider from -4 to 4: while it moves this far, and when it is lifted.
SLIDE = """async (far) => {
  const { Controls } = await import("/browser/controls.js");
  const moved = [];
  const controls = new Controls({
    grab() {}, move: (name, value) => moved.push(value), rest() {}, choose() {},
  });
  const { range } = controls.slider({ name: "x1", value: 0, low: -4, high: 4, grid: 0.25 });
  const finger = (kind, clientX) => {
    const pointer = { pointerType: "touch", clientX, bubbles: true };
    range.dispatchEvent(new PointerEvent(kind, pointer));
    window.dispatchEvent(new PointerEvent(kind, pointer));
  };
  finger("pointerdown", 100);
  finger("pointermove", 100 + far);
  range.value = "1.3";
  range.dispatchEvent(new Event("input"));
  const meanwhile = [...moved];
  finger("pointerup", 100 + far);
  return [meanwhile, moved];
}"""

# What a slider from -4 to 4 is moved to by each text in its number field, and what stands there.
TYPED = """async (texts) => {
  const { Controls } = await import("/browser/controls.js");
  const moved = [];
  const controls = new Controls({
    grab() {}, move: (name, value) => moved.push(value), rest() {}, choose() {}, release() {},
  });
  const slider = { name: "x1", value: 0.5, low: -4, high: 4, grid: 0.25 };
  return texts.map((text) => {
    const { typed } = controls.slider(slider);
    typed.value = text;
    typed.dispatchEvent(new Event("change"));
    return [moved.splice(0), typed.value];
  });
}"""

# How often it is told that a slider was let go of, after each of two grips and what follows them.
GRIP = """async () => {
  const { Controls } = await import("/browser/controls.js");
  let released = 0;
  const release = () => { released += 1; };
  const controls = new Controls({ grab() {}, move() {}, rest() {}, choose() {}, release });
  return [1, 2].map(() => {
    controls.grip(["pointerup", "pointercancel"]);
    for (const end of ["pointerup", "pointercancel", "pointerup"]) {
      window.dispatchEvent(new Event(end));
    }
    return [released, controls.gripped];
  });
}"""

# The parts of a sentence between which alone its lines end.
WRITE = """async (text) => {
  const { write } = await import("/browser/elements.js");
  const element = document.createElement("p");
  write(element, text);
  return [element.textContent, [...element.children].map((each) => each.textContent)];
}"""

# A field for a number and one for a text.
FIELDS = """async () => {
  await import("/browser/page.js");
  const fields = document.body.appendChild(document.createElement("div"));
  fields.id = "fields";
  fields.innerHTML = "<input type=number step=any><input type=text>";
}"""

# Which of two buttons has the focus, and how each is described, once a reason came while it was
# there, then went, and then another button came; and which of them does something meanwhile.
BUTTONS = """async () => {
  const { default: buttonRow } = await import("/browser/button_row.js");
  const parentElement = document.body.appendChild(document.createElement("div"));
  const pressed = [];
  const setTriggerValue = (_, label) => pressed.push(label);
  const show = (buttons) =>
    buttonRow({ data: { buttons }, parentElement, setTriggerValue }) &&
    [...parentElement.querySelectorAll("button")].map((each) => [
      each.textContent, each.getAttribute("aria-disabled"), each === document.activeElement,
      document.getElementById(each.getAttribute("aria-describedby")).textContent,
    ]);
  show([["one", null], ["two", null]]);
  parentElement.querySelectorAll("button")[1].focus();
  const changed = show([["one", "why"], ["two", null]]);
  for (const button of parentElement.querySelectorAll("button")) button.click();
  return [changed, pressed, show([["one", null], ["two", null]]), show([["three", null]])];
}"""

# What is told beside a map whose cells are small for a finger, each time that somebody has tapped.
TAPS = """async () => {
  const { Grids } = await import("/browser/grids.js");
  const grids = new Grids(() => {});
  document.body.append(grids.element);
  const small = { prefix: "x", said: "x", rows: 20, columns: 20, box: [0, 0, 200, 200], group: "" };
  const large = { ...small, prefix: "w", rows: 2, columns: 2 };
  grids.describe([small, large], "");
  const taught = grids.grids.map((grid) => {
    grids.tell(null);
    grids.teach(grid);
    return !grids.readout.hidden && grids.readout.textContent;
  });
  grids.loupe.open(grids.grids[0].element);
  grids.loupe.close();
  grids.tell(null);
  grids.teach(grids.grids[0]);
  grids.element.remove();
  return [...taught, grids.readout.hidden];
}"""

# Whether a map is seen in the loupe a while after a finger came down on it, and after what else a
# hand does by then: another finger comes, the browser scrolls, the finger is lifted.
FINGERS = """async () => {
  const { Grids } = await import("/browser/grids.js");
  const grids = new Grids(() => {});
  document.body.append(grids.element);
  grids.describe(
    [{ prefix: "x", said: "x", rows: 20, columns: 20, box: [0, 0, 200, 200], group: "" }], "");
  const [{ element }] = grids.grids;
  const finger = { clientX: 50, clientY: 50 };
  const { setTimeout, clearTimeout } = window;
  const hand = (kind, touches = []) =>
    element.dispatchEvent(Object.assign(new Event(kind), { touches }));
  const ways = [
    () => {}, () => hand("touchstart", [finger, finger]), () => hand("touchcancel"),
    () => hand("touchend"),
  ];
  const found = ways.map((act) => {
    const timers = new Map();
    window.setTimeout = (held) => timers.set(timers.size + 1, held).size;
    window.clearTimeout = (timer) => timers.delete(timer);
    hand("touchstart", [finger]);
    act();
    for (const held of timers.values()) held();
    const { opened } = grids.loupe;
    grids.loupe.close();
    return opened;
  });
  Object.assign(window, { setTimeout, clearTimeout });
  grids.element.remove();
  return found;
}"""

# What a key that reveals does: where it was pressed, and with what else was held.
PRESSED = """async ([places, keys]) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const acts = [];
  const figure = { side: { keys: { r: "reveal" }, answer: null }, act: (act) => acts.push(act) };
  const body = document.body.appendChild(document.createElement("div"));
  const press = (how) => {
    const event = new KeyboardEvent("keydown", { key: "r", bubbles: true, ...how });
    body.querySelector("button").dispatchEvent(event);
    const meant = LiveFigure.prototype.keyed.call(figure, event);
    return [meant, ...acts.splice(0)];
  };
  const found = places.map((html) => {
    body.innerHTML = html;
    return press({});
  });
  body.innerHTML = "<button>";
  const held = keys.map((key) => press({ [key]: true }));
  body.remove();
  return [found, held];
}"""

# Between which px of 200 stands what is said beside the first and the last cell of a map.
BESIDE_CELLS = """async () => {
  const { Grids } = await import("/browser/grids.js");
  const grids = new Grids(() => {});
  document.body.append(grids.element);
  grids.element.style.cssText = "position: relative; width: 200px";
  grids.readout.style.position = "absolute";
  grids.describe(
    [{ prefix: "x", said: "x", rows: 20, columns: 20, box: [0, 0, 200, 200], group: "" }], "");
  const [grid] = grids.grids;
  const found = [0, 19].map((column) => {
    grid.goTo(10, column);
    grids.tell(grid, "x = 0.12345");
    const left = parseFloat(grids.readout.style.left);
    return [left, left + grids.readout.offsetWidth];
  });
  grids.element.remove();
  return found;
}"""

# Whether a slider, its number field and its place on the picture do nothing: while it is held for a
# reason, and then not any more; while nothing at all can be moved, and then not any more.
HELD = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const controls = new Controls({ grab() {}, move() {}, rest() {}, choose() {}, release() {} });
  const box = { left: 0, top: 0, width: 200, area: [0, 0, 200, 200] };
  const slider = { name: "eps", value: 0, low: -4, high: 4, grid: 0.25, ...box };
  controls.arrange({ steps: [], sliders: [slider] });
  const [{ element, range, typed, field }] = controls.sliders.values();
  const held = ["a question", ""].map((sliders) => {
    controls.hold({ sliders, steps: "" });
    return [range.disabled, typed.disabled, field.hidden, element.title];
  });
  const locked = [true, false].map((on) => {
    controls.lock(on);
    return [element.inert, field.inert];
  });
  return [held, locked];
}"""

# How far a page is scrolled, on a phone and beside a picture, after what was asked is over.
OVER = """async (task) => {
  const { Side } = await import("/browser/side.js");
  const main = document.body.appendChild(document.createElement("div"));
  main.className = "stMain";
  main.style.cssText = "height: 100px; overflow: auto; overflow-anchor: none";
  const far = [true, false].map((narrow) => {
    const side = new Side(() => {}, document.createElement("div"));
    const figure = document.createElement("div");
    figure.dataset.narrow = String(narrow);
    figure.style.height = "900px";
    figure.append(side.element);
    main.replaceChildren(figure);
    side.ask(task);
    main.scrollTop = 50;
    side.ask(null);
    return [main.scrollTop, side.task.hidden];
  });
  main.remove();
  return far;
}"""

# Of the last cell of a map what is heard, also of its place, and what is seen beside it.
NAMES = """async (map) => {
  const { Grids } = await import("/browser/grids.js");
  const grids = new Grids(() => {});
  document.body.append(grids.element);
  grids.describe([{ said: "a map", box: [0, 0, 200, 200], group: "", ...map }], "");
  const [grid] = grids.grids;
  grid.goTo(grid.rows - 1, grid.columns - 1);
  grids.tell(grid);
  grids.element.remove();
  const at = [grid.line.getAttribute("aria-rowindex"), grid.cursor.getAttribute("aria-colindex")];
  return [grid.cursor.getAttribute("aria-label"), at, grids.readout.textContent];
}"""

# What charts show to a server that gave them a token and forgets it.
CHARTS = """async () => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  window.Plotly = { react: async () => {}, purge() {} };
  const parentElement = document.body.appendChild(document.createElement("div"));
  parentElement.className = "stMain";
  const data = {
    texts: {}, address: {}, assets: { plotly: "" }, charts: [], theme: "light", token: "kept",
  };
  const said = [];
  const run = (news) =>
    liveCharts({
      data: { ...data, ...news }, parentElement, setStateValue: (_, { wants }) => said.push(wants),
    });
  document.body.style.background = "white";
  run({ session: "one" });
  const leave = run({ session: "two", token: "" });
  parentElement.remove();
  leave();
  history.replaceState(null, "", "/");
  delete window.Plotly;
  return said;
}"""

# A drawing as Plotly may give it, with another name; and how large Plotly was to draw it.
RENAME = """async (svg) => {
  const { svgOf } = await import("/browser/drawing.js");
  const asked = [];
  window.Plotly = { toImage: async (_, { width, height }) => asked.push(width, height) && svg };
  const named = await svgOf({ layout: { width: 4, height: 3 } }, 8, 6, "mine");
  delete window.Plotly;
  return [named, asked];
}"""

# What is taken for drawn where Plotly is done with a first figure after it is done with a second.
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
  delete window.Plotly;
  return plot.painter.traces[0].x;
}"""

# Where the keys go once a class cannot be asked, though the button for that had the focus.
ASKING = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const { strip } = new Presenter({ data: { page: "conv-block" } });
  document.body.append(strip.element);
  const focused = [true, true, false].map((able) => {
    strip.showAsk(true, able);
    if (able) strip.ask.focus();
    return document.activeElement === strip.ask;
  });
  strip.element.remove();
  return [focused, strip.ask.disabled];
}"""

# Beside a picture: what is done with lessons that were passed, and what is typed meanwhile.
BESIDE = """async (task) => {
  const { Side } = await import("/browser/side.js");
  const acts = [];
  const side = new Side((act) => acts.push(act), document.createElement("div"));
  document.body.append(side.element);
  side.ask(task);
  side.answer.value = "7";
  side.ask(structuredClone(task));
  const typed = side.answer.value;
  const forget = () => {
    side.element.querySelector(".live-figure-begin").click();
    return [...acts];
  };
  const forgotten = [forget(), forget()];
  side.element.remove();
  return { typed, forgotten };
}"""

# What Enter says in a field with each of these answers.
ENTER = """async ([task, answers]) => {
  const { Side } = await import("/browser/side.js");
  const acts = [];
  const said = (act, argument) => acts.push([act, argument]);
  const side = new Side(said, document.createElement("div"));
  document.body.append(side.element);
  side.ask(task);
  const found = answers.map((answer) => {
    side.answer.value = answer;
    side.answer.form.dispatchEvent(new Event("submit", { cancelable: true }));
    return acts.splice(0);
  });
  side.element.remove();
  return found;
}"""

# What a projector shows and asks for, as the server tells of votes in this phase and of that round.
HEARD = """async (events) => {
  const { ClassVote } = await import("/browser/class_vote.js");
  const { fetch, setTimeout } = window;
  const LOOKS = 1500;
  window.setTimeout = (act, pause) => setTimeout(act, pause === LOOKS ? 0 : pause);
  const said = events.map((data) => `event: phase\\ndata: ${JSON.stringify(data)}\\n\\n`);
  window.fetch = async () => new Response(said.join(""));
  const acts = [];
  const vote = new ClassVote((act) => acts.push(act), async () => ({}));
  vote.show({ address: "http://a.test/vote/X", path: "", phase: "open", round: 1, votes: 0 });
  await new Promise((go) => setTimeout(go, 50));
  vote.close();
  Object.assign(window, { fetch, setTimeout });
  return [vote.count.textContent, acts];
}"""

# Whether a vote is asked for again by a page that does not show it: one that this server's session
# has shown, and one of a session that began since.
AGAIN = """async () => {
  const { ClassVote } = await import("/browser/class_vote.js");
  const vote = new ClassVote(() => {}, async () => ({}));
  const card = { code: "ABCD", token: "t", address: "", everywhere: false };
  const data = { page: "conv-block", address: {}, query: null, voteEnded: "", votes: true };
  vote.remember({ ...data, session: "one", task: { vote: card } });
  const again = ["one", "two", "two"].map(
    (session) => vote.lost({ ...data, session, task: null }) !== null);
  localStorage.clear();
  return again;
}"""

# Whether each button of a mouse draws.
DRAWS = """async (buttons) => {
  const { Pad } = await import("/browser/pad.js");
  const drawn = [];
  const pad = new Pad({ move: (name, text) => drawn.push(text), rest() {} });
  pad.element.setPointerCapture = () => {}; // of a pointer that there is
  document.body.append(pad.element);
  const [image, colours] = [btoa("\\0".repeat(784)), ["#ffffff", "#000000"]];
  const there = { name: "painting", text: "", prefix: "x", box: [0, 0, 280, 280], image, colours };
  const each = buttons.map((button) => {
    pad.show({ ...there, tool: "draw" });
    const { left, top } = pad.element.getBoundingClientRect();
    const pointer = { button, clientX: left + 14, clientY: top + 14 };
    pad.element.dispatchEvent(new PointerEvent("pointerdown", pointer));
    pad.element.dispatchEvent(new PointerEvent("pointerup", pointer));
    return drawn.splice(0).length > 0;
  });
  pad.element.remove();
  return each;
}"""

# In which of these somebody who presses a letter is writing.
WRITES = """async (elements) => {
  const { isTyping } = await import("/browser/page.js");
  const place = document.body.appendChild(document.createElement("div"));
  const found = elements.filter((html) => {
    place.innerHTML = html;
    return isTyping({ target: place.firstChild });
  });
  place.remove();
  return found;
}"""

# Which keys the page hears while the Slide button's menu is open.
MENU = """async (keys) => {
  const { SlideMenu } = await import("/browser/slide.js");
  const text = (label) => ({ label, text: () => label });
  const menu = new SlideMenu({
    files: [{ label: "File", ending: "png", made: async () => [] }],
    texts: [text("Link"), text("Text")],
    ask: async () => ({}),
  });
  document.body.append(menu.element);
  const heard = [];
  const hear = ({ key }) => heard.push(key);
  document.addEventListener("keydown", hear);
  menu.toggle();
  for (const key of keys) {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  }
  document.removeEventListener("keydown", hear);
  menu.close();
  return heard;
}"""

# At which cell of three the Tab key stops, by which is chosen.
TAB = """async (chosen) => {
  const { Stage } = await import("/browser/stage.js");
  window.Plotly = {};
  const side = { element: document.createElement("div") };
  const stage = new Stage({ assets: { plotly: "" } }, side, { choose() {}, resized() {} });
  const targets = ["x1", "x2", "w"].map((entry) => ({ entry, said: entry, box: [0, 0, 9, 9] }));
  stage.describe({ targets, grids: [], summary: "" }, chosen);
  delete window.Plotly;
  return stage.buttons.filter(({ tabIndex }) => !tabIndex).map(({ dataset }) => dataset.entry);
}"""

# A gallery of one picture: where that is, and which lectures the server is handed, once a file was
# opened, once the page was loaded anew, and once the file was closed and the page loaded anew.
GALLERY = """async (theme) => {
  const { default: gallery } = await import("/browser/gallery.js");
  document.body.style.background = theme === "dark" ? "black" : "white";
  const versions = { light: "one", dark: "two" };
  const slides = [{ name: "tie", title: "A tie", address: "?", versions }];
  const data = { files: "files", home: "/", assets: {}, groups: [{ title: "All", slides }] };
  const handed = [];
  const loaded = (lecture) => {
    const parentElement = document.createElement("div");
    const setTriggerValue = (name, file) => handed.push(file.name);
    gallery({ data: { ...data, lecture }, parentElement, setTriggerValue });
    return parentElement;
  };
  const opened = loaded(null);
  const source = opened.querySelector(".gallery-card img").getAttribute("src");
  const [input, files] = [opened.querySelector("input[type=file]"), new DataTransfer()];
  files.items.add(new File(["[scenes.one]"], "monday.toml"));
  input.files = files.files;
  input.dispatchEvent(new Event("change"));
  const pause = () => new Promise((go) => setTimeout(go, 5));
  for (let i = 0; i < 400 && !handed.length; i += 1) await pause();
  loaded(null);
  const again = loaded({ name: "monday.toml", stops: [], problems: [] });
  again.querySelector(".gallery-lecture button").click();
  loaded(null);
  sessionStorage.clear();
  return [source, handed];
}"""

# What a figure says as soon as the server's scene has become another one, by a case or by Undo: x1
# was moved since, and before that a movement of the former scene had ended.
ANOTHER = """async () => {
  const [{ LiveFigure }, { Mail, Requests }] = await Promise.all(
    ["live_figure", "mail"].map((name) => import(`/browser/${name}.js`)),
  );
  const sliders = [{ name: "x1", value: 1 }, { name: "x2", value: 2 }];
  const sent = [];
  const mail = new Mail(() => ({}), new Requests());
  mail.send = ({ rested }) => sent.push(rested);
  mail.note({ changed: true, rested: [{ x1: -4, x2: -4 }] });
  const figure = {
    data: { sliders, steps: [] },
    mail,
    moved: new Set(["x1", "gone"]),
    values: new Map([["x1", 3], ["x2", -4]]),
    controls: { show() {} },
  };
  LiveFigure.prototype.goOnFromThere.call(figure);
  mail.flush();
  mail.close();
  return [Object.fromEntries(figure.values), sent];
}"""

# What is said of the scene: while a slider is held, and once nothing moves.
STATE = """async (held) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  document.body.style.background = "black";
  const values = new Map([["x1", 3], ["step", 2]]);
  const stage = { narrow: true };
  return LiveFigure.prototype.state.call({ values, entry: "x1", stage, version: 4, held });
}"""

# What a slider's number field shows of news, while somebody is writing there and afterwards; and
# what is heard of a power of ten.
NEWS = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const controls = new Controls({ grab() {}, move() {}, rest() {}, choose() {}, release() {} });
  const slider = { value: 0, low: -4, high: 4, grid: 0.25, left: 0, top: 0, width: 200 };
  const sliders = [{ ...slider, name: "x1" }, { ...slider, name: "rate", power: true }];
  const data = { steps: [], sliders };
  controls.arrange(data);
  const [{ typed, element }, rate] = controls.sliders.values();
  document.body.append(element);
  typed.focus();
  typed.value = "2";
  const shown = [() => {}, () => typed.blur()].map((act) => {
    act();
    controls.show(data, new Map([["x1", 1], ["rate", -3]]));
    return typed.value;
  });
  element.remove();
  return [shown, rate.range.getAttribute("aria-valuetext")];
}"""

# What comes of an answer, and of one that does not come before any other has, and after: whether it
# is told that the server is there, and how often a message was sent.
WAITS = """async () => {
  const { Mail, Requests } = await import("/browser/mail.js");
  const { setTimeout, clearTimeout } = window;
  const timers = new Map();
  window.setTimeout = (act) => timers.set(timers.size + 1, act).size;
  window.clearTimeout = (timer) => timers.delete(timer);
  const later = () => [...timers].forEach(([timer, act]) => timers.delete(timer) && act());
  let sent = 0;
  const told = [];
  const mail = new Mail(() => ({}), new Requests(), (there) => told.push(there));
  mail.send = () => { sent += 1; };
  mail.say({ changed: true });
  const seen = () => [[...told], sent];
  const answered = () => mail.answered(mail.serial());
  const steps = [later, answered, later, () => mail.say({ changed: true }), later, answered, later];
  const found = steps.map((step) => {
    step();
    return seen();
  });
  Object.assign(window, { setTimeout, clearTimeout });
  return found;
}"""

# What is drawn of three figures, the second of which is repainted, by one who takes a list that was
# drawn before for drawn, as Plotly does; and the layouts of what does not move.
REPAINTED = """async () => {
  const { Plot } = await import("/browser/plot.js");
  const plot = new Plot("plot");
  const drawn = new Set();
  const [shown, layouts] = [[], []];
  let now = null;
  window.Plotly = {
    react: async (graph, [{ x }], { width }) => {
      if (graph === plot.still) return layouts.push(width);
      if (!drawn.has(x)) now = [...x];
      drawn.add(x);
    },
  };
  plot.painter.paint = ([{ x }]) => {
    if (x[0] === 2) now = x;
    return x[0] === 2;
  };
  plot.moving.emit = () => {};
  const still = { type: "scatter", mode: "lines", meta: "still", x: [0], y: [0] };
  const moving = (x) => ({ type: "scatter", mode: "lines", x, y: x });
  const first = [1];
  for (const [x, width] of [[first, 1], [[2], 1], [first, 1], [first, 2]]) {
    await plot.draw({ data: [moving(x), still], layout: { width } });
    shown.push(now[0]);
  }
  delete window.Plotly;
  return [shown, layouts];
}"""

# What a stage says where there is no library to draw with, and whether it still says that it waits;
# and how often the library is asked for, as one tries once more.
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
  const before = stage.loading.parentElement === stage.box;
  await stage.ready;
  await loadPlotly("/nowhere.js").catch(() => {});
  const scripts = document.querySelectorAll("script[src='/nowhere.js']");
  for (const script of scripts) script.remove();
  return [before, stage.loading.parentElement === null, said.length, scripts.length];
}"""

# The address, once a scene has another one.
ADDRESS = """async ([before, scene]) => {
  const { replaceAddress } = await import("/browser/page.js");
  history.replaceState(null, "", before);
  replaceAddress(scene);
  const { pathname, search, hash } = location;
  history.replaceState(null, "", "/");
  return pathname + search + hash;
}"""

# Who has the keys once a case was chosen from the presenter's list, and which that is.
CASES = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const presenter = new Presenter({ data: { page: "relu" } });
  const { strip } = presenter;
  let chosen = null;
  presenter.show = (stop) => { chosen = stop.slug; };
  const presets = ["one", "two"].map((slug) => ({ page: "relu", group: "", slug, title: slug }));
  strip.list(presets, "relu", false);
  document.body.append(strip.element);
  strip.titles.focus();
  strip.titles.selectedIndex = 2;
  strip.titles.dispatchEvent(new Event("change"));
  const focused = document.activeElement === strip.titles;
  strip.element.remove();
  return [chosen, focused];
}"""

# What the keyboard and a reader find of a page that is only seen while another one is made ready;
# and whether it is still there, if that one does not come.
CURTAIN = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const main = document.body.appendChild(document.createElement("div"));
  main.className = "stMain";
  main.innerHTML =
    "<button id=one aria-label=One data-testid=one>1</button><select><option>a<option>b</select>";
  main.querySelector("select").selectedIndex = 1;
  const asked = [];
  const { setTimeout } = window;
  const later = [];
  window.setTimeout = (act) => later.push(act);
  const figure = { data: { page: "relu", case: "" }, goTo: (place) => asked.push(place) };
  new Presenter(figure).show({ page: "max-pool", slug: "overlap" });
  const curtain = document.querySelector(".live-figure-curtain");
  const button = curtain.querySelector("button");
  const found = [
    asked, curtain.inert, button.getAttributeNames(), curtain.querySelector("select").value,
  ];
  for (const act of later) act();
  found.push(curtain.isConnected);
  window.setTimeout = setTimeout;
  curtain.remove();
  main.remove();
  return found;
}"""

# What stands in the line about the connection, and whether it is to be seen: it is lost, found and
# lost again, and then everything is done that was to be done later; and of a figure that was left
# while nothing could be moved whether the line is there, and the controls above it do nothing.
LINE = """async (data) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  window.Plotly = { react: async () => {}, purge() {} };
  const main = document.body.appendChild(document.createElement("div"));
  main.className = "stMain";
  const figure = new LiveFigure(main, data);
  const { setTimeout, clearTimeout } = window;
  const timers = new Map();
  window.setTimeout = (act) => timers.set(timers.size + 1, act).size;
  window.clearTimeout = (timer) => timers.delete(timer);
  const { connection } = figure;
  const { element } = connection;
  const later = () => [...timers.values()].forEach((act) => act());
  const steps = [false, true, false, later, true, later];
  const seen = steps.map((step) => {
    if (step === later) later();
    else connection.show(step);
    return element.hidden ? "" : element.textContent.split(".")[0];
  });
  Object.assign(window, { setTimeout, clearTimeout });
  main.remove();
  const toolbar = document.body.appendChild(document.createElement("div"));
  toolbar.className = "st-key-toolbar";
  toolbar.inert = true;
  figure.close();
  toolbar.remove();
  delete window.Plotly;
  return [seen, element.isConnected, toolbar.inert];
}"""

# Of two places on a chart, which has the focus: it had it, and the places moved; then were fewer.
PLACES = """async () => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  window.Plotly = { react: async () => {}, purge() {} };
  const parentElement = document.body.appendChild(document.createElement("div"));
  parentElement.className = "stMain";
  const run = (entries, left) => {
    const targets = entries.map((entry) => ({ entry, said: entry, box: [left, 0, 9, 9] }));
    const figure = JSON.stringify({ data: [], layout: { width: 10, height: 10 } });
    const charts = [{ figure, said: "a chart", targets }];
    const data = { texts: {}, address: {}, assets: {}, theme: "light", token: "", charts };
    return liveCharts({ data, parentElement, setStateValue() {} });
  };
  document.body.style.background = "white";
  run(["one", "two"], 0);
  parentElement.querySelectorAll(".live-figure-cell")[1].focus();
  const focused = () => document.activeElement.getAttribute("aria-label");
  run(["one", "two"], 10);
  const moved = focused();
  const leave = run(["one"], 10);
  const fewer = focused();
  parentElement.remove();
  leave();
  history.replaceState(null, "", "/");
  delete window.Plotly;
  return [moved, fewer];
}"""

# What a gallery says of a slide that there is not, how often it asked for it, and whether it can
# still be asked for what is marked; then whether a group that was shut is open for whoever goes to
# it, and who has the focus there.
MISSED = """async () => {
  const { default: gallery } = await import("/browser/gallery.js");
  document.body.style.background = "white";
  const slides = [{ name: "tie", title: "A tie", address: "?", versions: { light: "", dark: "" } }];
  const groups = [{ title: "All", about: "", slides }];
  const data = { files: "/files", home: "/", assets: {}, groups, lecture: null };
  const parentElement = document.body.appendChild(document.createElement("div"));
  gallery({ data, parentElement, setTriggerValue() {} });
  const { fetch } = window;
  let asked = 0;
  window.fetch = async () => {
    asked += 1;
    return new Response("", { status: 404 });
  };
  const find = (selector) => parentElement.querySelector(selector);
  const pause = () => new Promise((go) => setTimeout(go, 5));
  find(".gallery-card input").click();
  for (let i = 0; i < 2; i += 1) {
    find(".gallery-foot button").click();
    await pause();
  }
  const said = [find(".gallery-status").textContent, asked, find(".gallery-zip").disabled];
  const group = find("details");
  group.open = false;
  find(".gallery-group-link").click();
  const there = [group.open, document.activeElement === find("summary")];
  parentElement.remove();
  sessionStorage.clear();
  window.fetch = fetch;
  return [...said, ...there];
}"""

# What is said and downloaded where slides are drawn of which some are not there: for each of these
# lists of their names, all of which are marked.
SOME = """async (lists) => {
  const { default: gallery } = await import("/browser/gallery.js");
  const { fetch, Plotly } = window;
  const { click } = HTMLAnchorElement.prototype;
  document.body.style.background = "white";
  const svg = '<svg width="4" height="3"><defs id="defs-0a1"></defs></svg>';
  window.Plotly = { toImage: async () => svg };
  window.fetch = async (url) => {
    const slide = { figure: { layout: {} }, size: [4, 3], id: "mine" };
    return new Response(JSON.stringify(slide), { status: url.includes("gone") ? 404 : 200 });
  };
  const files = [];
  HTMLAnchorElement.prototype.click = function () { files.push(this.download); };
  const found = [];
  for (const names of lists) {
    const versions = { light: "", dark: "" };
    const slides = names.map((name) => ({ name, title: name, address: "?", versions, scene: "" }));
    const groups = [{ title: "All", about: "", slides }];
    const data = { files: "/files", home: "/", assets: {}, groups, lecture: null };
    const parentElement = document.body.appendChild(document.createElement("div"));
    sessionStorage.clear();
    gallery({ data, parentElement, setTriggerValue() {} });
    const find = (selector) => parentElement.querySelector(selector);
    find("select").value = "svg";
    find(".gallery-head button").click();
    find(".gallery-zip").click();
    for (let i = 0; i < 400 && find(".gallery-zip").disabled; i += 1) {
      await new Promise((go) => setTimeout(go, 5));
    }
    found.push([find(".gallery-status").textContent, ...files.splice(0)]);
    parentElement.remove();
  }
  HTMLAnchorElement.prototype.click = click;
  sessionStorage.clear();
  Object.assign(window, { fetch, Plotly });
  return found;
}"""

# The Slide button's menu: what is marked as copied, once it was, and when the menu opens again; and
# how a switch stands there that was turned elsewhere meanwhile.
OPENED = """async () => {
  const { SlideMenu } = await import("/browser/slide.js");
  const clipboard = { writeText: async () => {} };
  Object.defineProperty(navigator, "clipboard", { value: clipboard, configurable: true });
  const text = (label) => ({ label, text: () => label });
  let dark = false;
  const menu = new SlideMenu({
    files: [],
    texts: [text("Link"), text("Text")],
    ask: async () => ({}),
    switches: [{ label: "Dark", does: "Dark", on: () => dark, turn: () => { dark = !dark; } }],
  });
  document.body.append(menu.element);
  const [copy, turn] = ["Text", "Dark"].map(
    (name) => menu.items.find((item) => item.textContent.startsWith(name)));
  const seen = () => [copy.dataset.done ?? "", turn.getAttribute("aria-checked")];
  menu.button.click();
  copy.click();
  for (let i = 0; i < 400 && !copy.dataset.done; i += 1) {
    await new Promise((go) => setTimeout(go, 5));
  }
  const copied = seen();
  menu.button.click();
  dark = true;
  menu.button.click();
  const again = seen();
  menu.close();
  delete navigator.clipboard;
  return [copied, again];
}"""

# How many pixels have less ink than before, after a second stroke close to a first one; and how
# many are touched in the column between two strokes.
STROKES = """async () => {
  const { Pad } = await import("/browser/pad.js");
  const pad = new Pad({ move() {}, rest() {} });
  pad.element.setPointerCapture = () => {}; // of a pointer that there is
  document.body.append(pad.element);
  const [image, colours] = [btoa("\\0".repeat(784)), ["#ffffff", "#000000"]];
  const there = { name: "painting", text: "", prefix: "x", box: [0, 0, 280, 280], image, colours };
  pad.show({ ...there, tool: "draw" });
  const { left, top } = pad.element.getBoundingClientRect();
  const stroke = (x, y) => {
    const pointer = { button: 0, clientX: left + 10 * x, clientY: top + 10 * y };
    for (const kind of ["pointerdown", "pointerup"]) {
      pad.element.dispatchEvent(new PointerEvent(kind, pointer));
    }
  };
  stroke(5.5, 5.5);
  const before = pad.states.slice();
  stroke(6.5, 5.5);
  const less = before.filter((state, place) => pad.states[place] < state).length;
  stroke(20.5, 5.5);
  const between = pad.states.filter((state, place) => place % 28 === 13 && state).length;
  const drawn = before.some(Boolean) && pad.states[5 * 28 + 20] > 0;
  pad.element.remove();
  return [drawn, less, between];
}"""

# To what window, document and the page beside it still listen once a component has been left.
LEAVE = """async ([name, data]) => {
  const { default: component } = await import(`/browser/${name}.js`);
  window.Plotly = { react: async () => {}, purge() {} };
  const main = document.body.appendChild(document.createElement("div"));
  main.className = "stMain";
  const parentElement = main.appendChild(document.createElement("div"));
  const heard = [];
  for (const target of [window, document, main]) {
    const { addEventListener: add, removeEventListener: remove } = target;
    const told = (kind, act, how) => [kind, act, how?.capture ?? how === true];
    target.addEventListener = (...given) => {
      heard.push(told(...given));
      add.apply(target, given);
    };
    target.removeEventListener = (...given) => {
      const at = heard.findIndex((each) => told(...given).every((part, i) => part === each[i]));
      if (at >= 0) heard.splice(at, 1);
      remove.apply(target, given);
    };
  }
  const say = () => {};
  const run = () => component({ data, parentElement, setStateValue: say, setTriggerValue: say });
  run();
  const leave = run();
  await new Promise((go) => setTimeout(go, 50));
  const there = heard.length;
  main.remove();
  leave();
  for (const target of [window, document, main]) {
    delete target.addEventListener;
    delete target.removeEventListener;
  }
  delete window.Plotly;
  history.replaceState(null, "", "/");
  return [there, heard.map(([kind]) => kind)];
}"""

# What is heard of the first of two cells, and whether it is chosen: with numbers, with others and
# another choice, and with none; and which keys a map keeps for itself.
MAP = """async () => {
  const { Grids } = await import("/browser/grids.js");
  const grids = new Grids(() => {});
  document.body.append(grids.element);
  const map = { prefix: "x", said: "x", rows: 1, columns: 2, box: [0, 0, 200, 100], group: "" };
  const packed = (...numbers) =>
    ({ size: 1, data: btoa(String.fromCharCode(...numbers)), scale: 1, words: [] });
  const shown = (numbers, chosen) => {
    grids.describe([{ ...map, ...numbers }], chosen);
    const { cursor } = grids.grids[0];
    return [cursor.getAttribute("aria-label"), cursor.getAttribute("aria-selected")];
  };
  const found = [
    shown({ values: packed(3, 0), gradients: packed(2, 0) }, "x1,1"),
    shown({ values: packed(4, 0), gradients: packed(0, 1) }, "y"),
    shown({ values: packed(4, 0) }, "y"),
    shown({}, "y"),
  ];
  const kept = [{}, { altKey: true }, { ctrlKey: true }, { metaKey: true }].map((held) => {
    const event = new KeyboardEvent("keydown", { key: "ArrowRight", cancelable: true, ...held });
    grids.grids[0].element.dispatchEvent(event);
    return event.defaultPrevented;
  });
  grids.element.remove();
  return [found, kept];
}"""

# Of the step row and a phone's sliders: whether N is theirs with each of these keys held, how
# "all sliders" is heard once it is pressed and once more, and whether a number field says that it
# was refused what was typed, and still as something else is typed.
ROW = """async (keys) => {
  const { Controls } = await import("/browser/controls.js");
  const controls = new Controls({ grab() {}, move() {}, rest() {}, release() {}, choose() {} });
  const slider = { value: 0, low: -4, high: 4, grid: 0.25, left: 0, top: 0, width: 200 };
  const sliders = ["x1", "x2"].map((name) => ({ ...slider, name }));
  controls.arrange({ steps: ["one", "two"], sliders });
  const pressed = keys.map((held) => {
    const event = new KeyboardEvent("keydown", { key: "n", cancelable: true, ...held });
    controls.shortcut(event);
    window.dispatchEvent(new Event("keyup"));
    return event.defaultPrevented;
  });
  const { all } = controls.turns;
  controls.lookAt("x1");
  const heard = [0, 1].map(() => {
    all.click();
    return all.getAttribute("aria-expanded");
  });
  const { typed } = controls.sliders.get("x1");
  typed.value = "99";
  typed.dispatchEvent(new Event("change"));
  const refused = typed.validationMessage !== "";
  typed.value = "1";
  typed.dispatchEvent(new Event("input"));
  return [pressed, heard, [refused, typed.validationMessage]];
}"""

# Of the Slide button's menu: who has the focus and whether it is open, after each of these; and
# what is seen of a text that could not be copied, when the menu opens again.
SHUT = """async () => {
  const { SlideMenu } = await import("/browser/slide.js");
  const text = (label) => ({ label, text: () => label });
  const file = (label, there) =>
    ({ label, ending: "png", made: async () => [], there: () => there });
  const menu = new SlideMenu({
    files: [file("gone", false), file("there", true)],
    texts: [text("Link"), text("Text")],
    ask: async () => ({}),
  });
  document.body.append(menu.element);
  const key = (key) =>
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const acts = [
    () => key("ArrowDown"),
    () => key("Tab"),
    () => menu.element.dispatchEvent(new Event("pointerdown", { bubbles: true })),
    () => document.body.dispatchEvent(new Event("pointerdown", { bubbles: true })),
  ];
  const found = acts.map((act) => {
    if (!menu.open) menu.button.click();
    menu.items[0].focus();
    act();
    const expanded = menu.button.getAttribute("aria-expanded");
    return [menu.open, expanded, document.activeElement.textContent];
  });
  Object.assign(menu.copying.field, { hidden: false, value: "before" });
  menu.button.click();
  const { hidden, value } = menu.copying.field;
  menu.close();
  return [found, [hidden, value]];
}"""

# Of three cells to which the right arrow key goes from the first, and whether the page scrolls
# besides; the picture in words, as it was and as it is; and how high the legend is of 1, 3, and 1
# sign, and of 1 in another width.
CELLS = """async () => {
  const { Stage } = await import("/browser/stage.js");
  window.Plotly = {};
  const side = { element: document.createElement("div") };
  const stage = new Stage({ assets: { plotly: "" } }, side, { choose() {}, resized() {} });
  document.body.append(stage.element, stage.legend.element);
  delete window.Plotly;
  const at = { x1: [0, 0, 10, 10], near: [30, 40, 10, 10], level: [50, 0, 10, 10] };
  const targets = Object.entries(at).map(([entry, box]) => ({ entry, said: entry, box }));
  const cells = document.createElement("style");
  cells.textContent = ".live-figure-cell { position: absolute }";
  stage.element.append(cells);
  const said = ["one", "two"].map((summary) => {
    stage.describe({ targets, grids: [], summary }, "x1");
    return stage.summary.textContent;
  });
  const pressed = { key: "ArrowRight", bubbles: true, cancelable: true };
  const event = new KeyboardEvent("keydown", pressed);
  stage.buttons[0].dispatchEvent(event);
  const went = [document.activeElement.dataset.entry, event.defaultPrevented];
  const legend = stage.legend.element;
  const signs = [1, 3, 1].map((count) => {
    stage.legend.show(Array.from({ length: count }, (_, i) => ["box", "red", `sign ${i}`]));
    return legend.clientHeight;
  });
  legend.style.width = "300px";
  stage.legend.show([["box", "red", "sign"]]);
  signs.push(legend.clientHeight);
  stage.element.remove();
  legend.remove();
  return [said, went, signs];
}"""

# Beside a picture: whether it is news what is said, and once more; which key a button names, and
# whether a verdict is heard; and who has the focus once a lesson was chosen, and once the lessons
# that were passed are forgotten.
NEXT = """async (task) => {
  const { Side } = await import("/browser/side.js");
  const side = new Side(() => {}, document.createElement("div"));
  document.body.append(side.element);
  const news = [["one"], ["one"], ["two"]].map((lines) => side.explanation.show(lines));
  side.ask(task);
  const { title } = side.task.querySelector("button");
  const { role } = side.task.querySelector(".live-figure-lines");
  const focused = () => document.activeElement.getAttribute("aria-label");
  const find = (selector) => side.element.querySelector(selector);
  [...side.element.querySelectorAll(".live-figure-chip")].at(-1).focus();
  side.ask({ ...task, lessons: { ...task.lessons, at: 2 } });
  const chosen = focused();
  find(".live-figure-begin").focus();
  for (let i = 0; i < 2; i += 1) find(".live-figure-begin").click();
  const forgotten = focused();
  side.element.remove();
  return [news, [title, role], chosen, forgotten];
}"""

# What a projector tells and counts, while the server is not reached, and once it is and says how
# many have voted in two parts; and whether it still listens to a vote when it shows another one.
STREAM = """async () => {
  const { ClassVote } = await import("/browser/class_vote.js");
  const { fetch, setTimeout } = window;
  const SILENCE = 40_000;
  window.setTimeout = (act, pause) => setTimeout(act, pause < SILENCE ? 0 : pause);
  const vote = new ClassVote(() => {}, async () => ({}));
  const seen = () => [vote.note.textContent, vote.note.hidden, vote.count.textContent];
  const event = 'event: phase\\ndata: {"phase": "open", "round": 1, "votes": 3}\\n\\n';
  const parts = [event.slice(0, 30), event.slice(30)];
  const [found, signals] = [[], []];
  window.fetch = async (_, { signal }) => {
    signals.push(signal);
    found.push(seen());
    if (signals.length < 3) throw new Error("lost");
    const start = async (stream) => {
      for (const part of parts) {
        stream.enqueue(new TextEncoder().encode(part));
        await new Promise((go) => setTimeout(go, 5));
      }
    };
    return new Response(new ReadableStream({ start }));
  };
  const there = { address: "http://a.test/vote/X", path: "", phase: "open", round: 1, votes: 0 };
  vote.show(there);
  for (let i = 0; i < 400 && !vote.count.textContent.startsWith("3"); i += 1) {
    await new Promise((go) => setTimeout(go, 5));
  }
  const told = [...found, seen()];
  vote.show({ ...there, phase: "closed" });
  const left = [signals[2].aborted, signals.at(-1).aborted];
  vote.close();
  Object.assign(window, { fetch, setTimeout });
  return [told, left];
}"""

# What charts say to a server: one that was started anew, and one that draws for another theme; and
# then, while it has not heard it yet.
TOLD = """async () => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  window.Plotly = { react: async () => {}, purge() {} };
  const said = [];
  for (const news of [{ session: "two" }, { theme: "dark" }]) {
    const parentElement = document.body.appendChild(document.createElement("div"));
    parentElement.className = "stMain";
    const data = { texts: {}, assets: {}, charts: [], theme: "light", token: "", session: "one" };
    const tell = (_, { address, theme }) => said.push([address, theme]);
    const run = (more) =>
      liveCharts({ data: { ...data, ...more }, parentElement, setStateValue: tell });
    document.body.style.background = "white";
    run({ address: { w: "2" } });
    run({ ...news, address: {} });
    const leave = run({ ...news, address: {} });
    parentElement.remove();
    leave();
  }
  history.replaceState(null, "", "/");
  delete window.Plotly;
  return said;
}"""

# Who has the focus once a choice of a menu was made by a key, which has shut it.
CHOICE = """async () => {
  await import("/browser/page.js");
  const place = document.body.appendChild(document.createElement("div"));
  place.innerHTML = `<button data-testid=stMenuButtonButton aria-expanded=true>Menu</button>
    <div data-testid=stMenuButtonBody><button>One</button></div>`;
  const [button, menu] = place.children;
  button.click(); // by the keyboard: it has no place
  menu.firstChild.focus();
  menu.firstChild.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  menu.remove();
  for (let i = 0; i < 400 && document.activeElement === document.body; i += 1) {
    await new Promise((go) => setTimeout(go, 5));
  }
  const focused = document.activeElement.textContent;
  place.remove();
  return focused;
}"""

# A gallery of two pictures: how many are marked, and whether they can be presented, at first, with
# one marked by hand, and each time that "Mark all" is pressed; whether a lecture file that was
# opened can be opened again; which theme slides have as the page's changes, and once another one
# was chosen; and what is said of a picture that is not there larger.
MARKS = """async () => {
  const { default: gallery } = await import("/browser/gallery.js");
  const { fetch } = window;
  window.fetch = async () => new Response("", { status: 404 });
  const versions = { light: "", dark: "" };
  const slides = ["one", "two"].map((name) => ({ name, title: name, address: "?", versions }));
  const groups = [{ title: "All", about: "", slides }];
  const data = { files: "/files", home: "/", assets: {}, groups, lecture: null };
  const parentElement = document.body.appendChild(document.createElement("div"));
  const run = (background) => {
    document.body.style.background = background;
    gallery({ data, parentElement, setTriggerValue() {} });
  };
  run("white");
  const find = (selector) => parentElement.querySelector(selector);
  const pause = () => new Promise((go) => setTimeout(go, 5));
  const boxes = [...parentElement.querySelectorAll("[type=checkbox]")];
  const marked = () =>
    [boxes.filter(({ checked }) => checked).length, find(".gallery-present").disabled];
  const all = find(".gallery-head button");
  const marks = [null, boxes[0], all, all].map((pressed) => {
    pressed?.click();
    return marked();
  });
  const [input, files] = [find("input[type=file]"), new DataTransfer()];
  files.items.add(new File(["[scenes.one]"], "monday.toml"));
  input.files = files.files;
  input.dispatchEvent(new Event("change"));
  const free = input.files.length === 0;
  await pause();
  const theme = [...parentElement.querySelectorAll("select")].at(-1);
  const themes = ["black", "white"].map((background) => {
    run(background);
    return theme.value;
  });
  theme.value = "dark";
  run("white");
  themes.push(theme.value);
  find(".gallery-larger").click();
  for (let i = 0; i < 400 && !find(".gallery-reason").textContent; i += 1) await pause();
  const said = find(".gallery-reason").textContent;
  find("dialog").close();
  parentElement.remove();
  sessionStorage.clear();
  window.fetch = fetch;
  return [marks, free, themes, said];
}"""

# Whether a presenter does something at a key, with each of these held.
COMMANDS = """async (keys) => {
  const { Presenter } = await import("/browser/presenter.js");
  let acts = 0;
  const meant = () => () => { acts += 1; };
  const presenter = { on: true, meant, figure: { controls: { press() {} } } };
  return keys.map((held) => {
    const event = new KeyboardEvent("keydown", { key: "a", cancelable: true, ...held });
    Presenter.prototype.pressed.call(presenter, event);
    return [event.defaultPrevented, acts];
  });
}"""

# In which order cells are told that were chosen while the server could not hear of them.
CLICKS = """async (entries) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const told = [];
  const choose = (entry) => told.push(entry);
  const figure = { clicks: [...entries], mail: { flush() {} }, choose };
  for (const _ of entries) LiveFigure.prototype.chooseNext.call(figure);
  return told;
}"""

# How far a picture is scrolled, which is seen from 100 to 200 px, for a cell between these.
SOUGHT = """async (cells) => {
  const { Stage } = await import("/browser/stage.js");
  return cells.map(([top, bottom]) => {
    const box = (top, bottom) => ({ getBoundingClientRect: () => ({ top, bottom }) });
    const frame = { ...box(100, 200), clientHeight: 100, scrollTop: 50 };
    const buttons = [{ ...box(top, bottom), dataset: { entry: "x1" } }];
    Stage.prototype.seek.call({ narrow: true, chosen: "x1", places: "", frame, buttons });
    return frame.scrollTop;
  });
}"""

# What a pixel is, as a key uses each of these tools on it.
TOOLS = """async (tools) => {
  const { Pad } = await import("/browser/pad.js");
  const pad = new Pad({ move() {}, rest() {} });
  const [image, colours] = [btoa("\\0".repeat(784)), ["#ffffff", "#000000"]];
  const there = { name: "painting", text: "", prefix: "x", box: [0, 0, 280, 280], image, colours };
  return tools.map((tool) => {
    pad.show({ ...there, tool });
    pad.states[0] = 3;
    return [pad.takes("x1,1"), pad.states[0]];
  });
}"""

# What is said where there is no text to copy.
NOTHING = """async (none) => {
  const { SlideMenu } = await import("/browser/slide.js");
  const texts = ["Link", "Text"].map((label) => ({ label, text: () => "", none }));
  const menu = new SlideMenu({ files: [], texts, ask: async () => ({}) });
  await menu.copy(texts[1], menu.items[1]);
  return menu.status.textContent;
}"""


# Names that others have too, or that are the browser's own; and that one is used before its place.
LIKE_OURS = {
    "main": """
import { count as counted, make, Thing } from "./parts.js";
import {
  name,
  stop,
} from "./below/more.js";

const hidden = "main";
export const chosen = { made: make(hidden), counted };
export async function waited() {
  return [await Promise.resolve(name), stop(), chosen, new Thing().whole(), close === window.close];
}
export default function main(added) {
  return `${hidden} ${added}`;
}
""",
    "parts": """
import { name } from "./below/more.js";

const hidden = "parts"; // not main's
export const count = [...name].length;
export class Thing {
  whole() {
    return [hidden, later()];
  }
}
export function make(of) {
  return `${hidden} of ${of}`;
}
function later() {
  return typeof chosen;
}
""",
    "below/more": """
const hidden = "more";
export const name = `${hidden}!`;
function close() {
  return hidden;
}
export function stop() {
  return close();
}
""",
}
ASK = "async ({ waited, default: main }) => JSON.stringify([await waited(), main(2)])"


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """A tab that may import what lies in a folder, as its server gives it: no server is asked."""
    page = browser.new_page()
    page.route("http://modules.test/", lambda route: route.fulfill(content_type="text/html"))
    page.goto("http://modules.test/")
    yield page
    page.close()


def serve(page: Page, name: str, folder: Path) -> None:
    """Gives the files of a folder to a tab, below a name."""

    def answer(route: Route) -> None:
        file = folder / route.request.url.partition(f"/{name}/")[2]
        route.fulfill(content_type="text/javascript", body=file.read_text(encoding="utf-8"))

    page.route(f"http://modules.test/{name}/**", answer)


@pytest.fixture(scope="module")
def modules(tab: Page) -> Page:
    """A tab that may import them."""
    serve(tab, "browser", MODULES)
    return tab


def test_one_script_does_what_the_modules_do(tab: Page, tmp_path: Path) -> None:
    for name, source in LIKE_OURS.items():
        (tmp_path / f"{name}.js").parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.js").write_text(source, encoding="utf-8")
    serve(tab, "like-ours", tmp_path)
    apart = tab.evaluate(f"async () => ({ASK})(await import('/like-ours/main.js'))")
    script = as_one_script(tmp_path / "main.js")
    assert tab.evaluate(f"async () => {{\n{script}\nreturn ({ASK})($main);\n}}") == apart
    assert json.loads(apart)[1] == "main 2"


def test_all_components_are_one_module(tab: Page) -> None:
    asked = []

    def plotly(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(content_type="text/javascript", body="window.Plotly = {}")

    tab.route("http://modules.test/plotly.js", plotly)
    tab.route(
        "http://modules.test/components.js",
        lambda route: route.fulfill(
            content_type="text/javascript", body=components_source("/plotly.js")
        ),
    )
    kinds = tab.evaluate("""async () => {
      const components = await import("/components.js");
      return Object.entries(components).map(([name, it]) => [name, typeof it]);
    }""")
    named = {"button_row", "gallery", "live_charts", "live_figure"}
    assert dict(kinds) == dict.fromkeys(named, "function")
    tab.wait_for_function("window.Plotly")
    assert asked == ["http://modules.test/plotly.js"], "not only when a figure asks for it"


@pytest.mark.parametrize("name", ["x2", "w", "dz", STEP])
def test_a_picture_of_a_sweep_is_the_picture_of_its_value(modules: Page, name: str) -> None:
    scene = block(entry="x3")
    drawn = modules.evaluate(DRAW, sweep_text(scene, name))
    assert len(drawn) == (7 if name == STEP else 33)
    for value, frame in drawn:
        picture = BLOCK.picture(scene.moved(name, value))
        assert frame["traces"] == json.loads(json.dumps(picture.figure["data"]))
        assert frame["explanation"] == list(picture.explanation)
        assert frame["legend"] == json.loads(json.dumps(picture.legend))


def test_a_click_outlives_a_restart_and_is_never_made_twice(modules: Page) -> None:
    once = [True, None]
    later = [False, None]
    assert modules.evaluate(CLICK, "server") == [once, [True, {"w": "2"}], later]
    assert modules.evaluate(CLICK, "message") == [once, later, later]


def test_what_was_lost_on_the_way_is_said_once_more(modules: Page) -> None:
    news = {"ask": "x1", "preset": "max-tie", "address": {"w": "2"}}
    assert modules.evaluate(LOST, news) == [news, news, {"ask": "", "preset": "", "address": None}]


def test_only_the_answer_to_the_last_question_of_a_name_is_one(modules: Page) -> None:
    both = ["of x2", "of x2"]
    assert modules.evaluate(ANSWERS, ["x1", "x2"]) == [[[], True], [both, False]]


def test_of_two_acts_the_later_has_the_say_when_the_first_is_lost(modules: Page) -> None:
    assert modules.evaluate(ACTS, ["undo", "redo"]) == ["undo", "redo"]
    assert modules.evaluate(ACTS, ["undo"]) == ["undo", "undo"]


@pytest.mark.parametrize("held", ["x1", None])
def test_every_message_says_whether_something_moves(modules: Page, held: str | None) -> None:
    assert modules.evaluate(STATE, held) == {
        "values": {"x1": 3},
        "step": 2,
        "entry": "x1",
        "theme": "dark",
        "narrow": True,
        "version": 4,
        "settled": held is None,
    }


def test_in_another_scene_only_what_was_moved_since_is_said_again(modules: Page) -> None:
    assert modules.evaluate(ANOTHER) == [{"x1": 3, "x2": 2}, [[]]]


@pytest.mark.parametrize(("far", "meanwhile"), [(20, [1.25]), (-20, [1.25]), (5, []), (-5, [])])
def test_a_finger_moves_a_slider_once_it_goes_along_it_either_way(
    modules: Page, far: int, meanwhile: list[float]
) -> None:
    assert modules.evaluate(SLIDE, far) == [meanwhile, [1.25]]


def test_a_number_is_taken_where_the_slider_can_be_there(modules: Page) -> None:
    taken = {"-4": -4, "0.3": 0.3, "4": 4}
    assert modules.evaluate(TYPED, [*taken]) == [[[value], text] for text, value in taken.items()]
    others = ["-4.01", "4.01", "1e99", ""]
    assert modules.evaluate(TYPED, others) == [[[], "0.5"]] * len(others)


def test_of_each_grip_it_is_told_once_that_it_ended(modules: Page) -> None:
    assert modules.evaluate(GRIP) == [[1, False], [2, False]]


def test_what_is_not_parted_is_as_short_as_a_line(modules: Page) -> None:
    for text in (f"∂L/∂w = {'2 · 1 + ' * 12}0.5 · 3 = 25.5", f"y = {'0.25 · ' * 7}3"):
        written, parts = modules.evaluate(WRITE, text)
        assert written == text
        assert len(parts) > 1
        assert all(len(part) <= 30 for part in parts)
    assert modules.evaluate(WRITE, f"{'x₁+' * 21}x₁")[1] == [], "else no line would have room"


def test_an_operator_begins_a_line_and_what_belongs_to_a_number_ends_none(modules: Page) -> None:
    for text, bound in (
        ("of ∂L/∂a + ∂L/∂b = ∂L/∂c alone", ["∂L/∂a", "+ ∂L/∂b", "= ∂L/∂c"]),
        ("it is x₁ ≥ x₂ here", ["x₁", "≥ x₂"]),
        ("about 97 % of it, ± 1.", ["about 97 %", "± 1."]),
    ):
        written, parts = modules.evaluate(WRITE, text)
        assert written == text
        assert parts == bound


def test_a_button_that_is_changed_keeps_the_focus_and_does_nothing_where_it_says_why(
    modules: Page,
) -> None:
    changed, pressed, able, others = modules.evaluate(BUTTONS)
    assert changed == [["one", "true", False, "why"], ["two", "false", True, ""]]
    assert pressed == ["two"]
    assert able == [["one", "false", False, ""], ["two", "false", True, ""]]
    assert others == [["three", "false", False, ""]]


def test_whoever_has_held_is_not_told_again(modules: Page) -> None:
    assert modules.evaluate(TAPS) == ["Hold to magnify", False, True]


def test_one_finger_that_stays_sees_the_loupe(modules: Page) -> None:
    assert modules.evaluate(FINGERS) == [True, False, False, False]


@pytest.mark.parametrize(
    ("letter", "prefix", "lined", "index"),
    [
        ("x", "x", False, (3, 14)),
        ("a", "a2,", False, (1, 3, 14)),
        ("w1", "w1.", False, (3, 14)),
        ("p12", "p12.2,", False, (1, 3, 14)),
        ("h1", "h1.", True, (59,)),
    ],
)
def test_beside_a_map_a_name_is_written_as_everywhere(
    modules: Page, letter: str, prefix: str, lined: bool, index: tuple[int, ...]
) -> None:
    heard, at, seen = modules.evaluate(
        NAMES, {"prefix": prefix, "lined": lined, "rows": 4, "columns": 15}
    )
    assert heard == plain(letter, index)
    assert at == ["4", "15"]
    assert seen == written(letter, *index)


def test_charts_show_their_token_to_a_server_that_has_forgotten_it(modules: Page) -> None:
    assert modules.evaluate(CHARTS) == [{"claim": "kept"}]


def of_a_figure() -> dict[str, object]:
    """What a live figure gets."""
    scene = block()
    picture, sliders, steps = BLOCK.picture(scene), BLOCK.sliders(scene), BLOCK.steps(scene)
    there: dict[str, object] = json.loads(shown(scene, picture, sliders, steps, SCREEN).packed)
    told = {"page": "conv-block", "case": "", "session": "one", "version": 0, "voteEnded": ""}
    still = {"sliders": "", "steps": ""}
    return {**there, **told, "still": still, "assets": {}, "votes": True, "locked": False}


@pytest.mark.parametrize(
    ("name", "data", "listens"),
    [
        ("live_figure", of_a_figure(), True),
        ("live_charts", {"texts": {}, "address": {}, "assets": {}, "charts": []}, True),
        ("gallery", {"groups": [], "assets": {}, "lecture": None}, False),
        ("button_row", {"buttons": [["one", None]]}, False),
    ],
)
def test_a_component_that_was_left_hears_nothing(
    modules: Page, name: str, data: dict[str, object], listens: bool
) -> None:
    there, left = modules.evaluate(LEAVE, [name, data])
    assert bool(there) == listens
    assert left == []


def test_every_part_of_a_drawing_is_found_under_its_own_name(modules: Page) -> None:
    drawn = """<svg style="background: white" width="4" height="3">
      <defs id="defs-0a1"><clipPath id="clip0a1xy"/></defs><g clip-path="url(#clip0a1xy)"/>
      <path style="fill: url(&quot;#g0a1-0&quot;)"/>
      <use xlink:href="#p0a1"/><use href="#p0a1"/><text data-said="0a1">0a1</text></svg>"""
    named, asked = modules.evaluate(RENAME, drawn)
    assert asked == [4, 3], "as it was laid out"
    same = re.sub(r'(\bid="|#)([a-z-]*)0a1', r"\1\2mine", drawn)
    assert named == same.replace(
        ' style="background: white" width="4" height="3"', ' width="8" height="6"'
    )
    assert named.count("mine") == 6


def test_a_drawing_that_is_done_late_is_not_taken_for_the_last(modules: Page) -> None:
    assert modules.evaluate(LATE) == [2]


def test_the_keys_are_the_pages_again_where_nobody_can_be_asked(modules: Page) -> None:
    assert modules.evaluate(ASKING) == [[True, True, False], True]


def test_what_is_typed_stays_and_lessons_are_forgotten_at_the_second_press(modules: Page) -> None:
    lessons = {"titles": ["One", "Two"], "at": 1, "passed": [2]}
    nothing: dict[str, object] = {"lines": [], "asked": [], "missed": [], "keys": {}, "vote": None}
    task = {"heading": "A task", "acts": [["answer", "Check"]], "main": 0, "highest": 9}
    found = modules.evaluate(BESIDE, {**nothing, **task, "lessons": lessons})
    assert found == {"typed": "7", "forgotten": [[], ["begin"]]}


def test_enter_in_an_empty_field_is_no_answer(modules: Page) -> None:
    nothing: dict[str, object] = {"lines": [], "asked": [], "missed": [], "keys": {}, "vote": None}
    task = {"heading": "A task", "acts": [["answer", "Check"], ["skip", "Skip"]], "main": 0}
    asked = {**nothing, **task, "highest": 9, "lessons": None}
    assert modules.evaluate(ENTER, [asked, ["", "7", "0"]]) == [
        [],
        [["answer", "7"]],
        [["answer", "0"]],
    ]


def test_a_vote_that_the_session_knows_is_not_asked_for_again(modules: Page) -> None:
    assert modules.evaluate(AGAIN) == [False, True, False]


@pytest.mark.parametrize(
    ("phase", "round_", "heard"),
    [
        ("open", 1, ["4 have voted", []]),
        ("open", 2, ["3 have voted", ["vote look"]]),
        ("closed", 1, ["3 have voted", ["vote look"]]),
    ],
)
def test_votes_of_another_round_are_none_of_this(
    modules: Page, phase: str, round_: int, heard: list[object]
) -> None:
    counted = {"phase": "open", "round": 1, "votes": 3}
    news = {"phase": phase, "round": round_, "votes": 4}
    assert modules.evaluate(HEARD, [counted, news]) == heard


def test_the_first_button_of_a_mouse_alone_draws(modules: Page) -> None:
    assert modules.evaluate(DRAWS, [0, 1, 2]) == [True, False, False]


def test_a_letter_is_written_into_a_field_and_meant_elsewhere(modules: Page) -> None:
    fields = [
        "<input>",
        "<input type=number>",
        "<textarea></textarea>",
        "<p contenteditable></p>",
    ]
    others = ["<input type=range>", "<input type=radio>", "<button></button>", "<select></select>"]
    assert modules.evaluate(WRITES, fields + others) == fields


@pytest.mark.parametrize("count", [90, 250])
def test_of_movements_that_nobody_heard_of_those_are_told_that_can_be_undone(
    modules: Page, count: int
) -> None:
    assert modules.evaluate(RESTED, count) == [*range(count)][-REMEMBERED:]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("-2,5", "-2.5"),
        ("2.5", "2.5"),
        ("1e-3", "1e-3"),
        ("\N{MINUS SIGN}1.5", "-1.5"),
        ("\N{EN DASH}1,5", "-1.5"),
    ],
)
def test_a_comma_and_a_minus_sign_are_read_in_every_field_of_a_number(
    modules: Page, typed: str, value: str
) -> None:
    modules.reload()  # whoever still listens to keys is gone
    modules.evaluate(FIELDS)
    number, text = (modules.locator(f"#fields [type={kind}]") for kind in ("number", "text"))
    for field in (number, text):
        field.press_sequentially(typed)
    assert [number.input_value(), text.input_value()] == [value, typed]
    number.fill("")
    number.focus()
    modules.keyboard.insert_text(typed)  # as a clipboard does
    assert number.input_value() == value
    modules.reload()


def test_letters_in_a_menu_are_nobody_elses(modules: Page) -> None:
    assert modules.evaluate(MENU, ["n", "ArrowDown", "b"]) == []


@pytest.mark.parametrize(("chosen", "stop"), [("x2", "x2"), ("", "x1"), ("w", "w")])
def test_the_tab_key_stops_at_the_chosen_cell_or_the_first(
    modules: Page, chosen: str, stop: str
) -> None:
    assert modules.evaluate(TAB, chosen) == [stop]


@pytest.mark.parametrize(("theme", "version"), [("light", "one"), ("dark", "two")])
def test_a_gallery_shows_its_theme_and_keeps_its_lecture(
    modules: Page, theme: str, version: str
) -> None:
    source, handed = modules.evaluate(GALLERY, theme)
    assert source == f"files/{theme}/tie.png?{version}"
    assert handed == ["monday.toml", "monday.toml", ""]


def test_who_writes_a_number_is_not_written_over_and_a_power_of_ten_is_heard(modules: Page) -> None:
    assert modules.evaluate(NEWS) == [["2", "1"], "1e-3"]


def test_the_server_is_missed_once_it_was_there_and_then_does_not_answer(modules: Page) -> None:
    assert modules.evaluate(WAITS) == [
        [[], 2],  # slow to open: asked again, and nothing told
        [[], 2],
        [[], 2],  # it was answered: nothing is left to be waited for
        [[], 3],
        [[False], 4],
        [[False, True], 4],
        [[False, True], 4],
    ]


def test_what_was_repainted_is_drawn_again_and_what_stays_in_each_layout(modules: Page) -> None:
    assert modules.evaluate(REPAINTED) == [[1, 2, 1, 1], [1, 2]]


def test_where_nothing_can_be_drawn_it_is_said_and_not_waited_for(modules: Page) -> None:
    assert modules.evaluate(MISSING) == [True, True, 1, 2]


def test_of_an_address_all_stays_that_is_no_scenes(modules: Page) -> None:
    before = "/relu?embed=true&w=1&preset=two#rules"
    scene = {"w": "2", "x": "1,2;3:4"}
    assert modules.evaluate(ADDRESS, [before, scene]) == "/relu?w=2&x=1,2;3:4&embed=true#rules"


def test_a_case_that_was_chosen_does_not_keep_the_keys(modules: Page) -> None:
    assert modules.evaluate(CASES) == ["two", False]


def test_what_is_only_seen_is_not_heard_and_has_no_focus(modules: Page) -> None:
    assert modules.evaluate(CURTAIN) == [["max-pool/overlap"], True, [], "b", False]


def test_what_is_said_of_a_lost_connection_stays_until_it_is_found(modules: Page) -> None:
    lost, found = "The server does not answer", "The server answers again"
    told = [lost, found, lost, lost, found, ""]
    assert modules.evaluate(LINE, of_a_figure()) == [told, False, False]


def test_a_place_on_a_chart_that_moves_keeps_the_focus(modules: Page) -> None:
    assert modules.evaluate(PLACES) == ["two", None]


def test_a_gallery_goes_on_after_a_slide_that_is_not_there_and_opens_a_group(
    modules: Page,
) -> None:
    said, *found = modules.evaluate(MISSED)
    assert said == "The server has no such slide. Reload the page to try again."
    assert found == [2, False, True, True]


def test_a_menu_that_opens_again_says_how_things_stand(modules: Page) -> None:
    assert modules.evaluate(OPENED) == [["true", "false"], ["", "true"]]


def test_a_stroke_takes_no_ink_away_and_begins_where_the_hand_does(modules: Page) -> None:
    assert modules.evaluate(STROKES) == [True, 0, 0]


def test_a_letter_means_something_where_no_menu_is_open_and_nothing_else_is_held(
    modules: Page,
) -> None:
    anywhere = ["<button>", '<div role=dialog class="live-figure-card"><button>']
    menus = [
        "<div role=menu><button>",
        "<div role=dialog><button>",
        '<button aria-expanded="true">',
        "<div contenteditable><button>",
    ]
    found, held = modules.evaluate(PRESSED, [anywhere + menus, ["ctrlKey", "metaKey", "altKey"]])
    assert found == [[True, "reveal"]] * len(anywhere) + [[False]] * len(menus)
    assert held == [[False]] * 3


def test_what_stands_beside_a_cell_stands_on_the_picture(modules: Page) -> None:
    for left, right in modules.evaluate(BESIDE_CELLS):
        assert 0 <= left < right <= 201  # half a px is rounded


def test_while_a_question_is_asked_nothing_moves_a_slider(modules: Page) -> None:
    held, locked = modules.evaluate(HELD)
    assert held == [[True, True, True, "a question"], [False, False, False, ""]]
    assert locked == [[True, True], [False, False]]


def test_on_a_phone_the_picture_is_looked_at_again_after_what_was_asked(modules: Page) -> None:
    task = {"heading": "A task", "acts": [["answer", "Check"]], "main": 0, "highest": 9}
    nothing: dict[str, object] = {"lines": [], "asked": [], "missed": [], "keys": {}, "vote": None}
    assert modules.evaluate(OVER, {**nothing, **task, "lessons": None}) == [[0, True], [50, True]]


def test_a_slide_that_is_not_there_keeps_no_other_from_being_downloaded(modules: Page) -> None:
    assert modules.evaluate(SOME, [["one", "gone", "two"], ["one"], ["gone", "gone-too"]]) == [
        ["slides.zip is downloaded, without gone: try again.", "slides.zip"],
        ["slides.zip is downloaded.", "slides.zip"],
        ["None could be drawn. Try again."],
    ]


def test_of_a_map_what_was_said_before_is_not_said_again(modules: Page) -> None:
    found, kept = modules.evaluate(MAP)
    assert found == [
        ["x1,1 = 3, gradient +2", "true"],
        ["x1,1 = 4, gradient 0", "false"],
        ["x1,1 = 4", "false"],
        ["x1,1", "false"],
    ]
    assert kept == [True, False, False, False], "with Alt one goes back to the page before"


def test_the_step_row_and_a_phones_sliders_say_how_things_stand(modules: Page) -> None:
    held = [{}, {"ctrlKey": True}, {"metaKey": True}, {"altKey": True}]
    pressed, heard, refused = modules.evaluate(ROW, held)
    assert pressed == [True, False, False, False]
    assert heard == ["true", "false"]
    assert refused == [True, ""]


def test_a_menu_is_shut_by_what_is_done_elsewhere(modules: Page) -> None:
    found, field = modules.evaluate(SHUT)
    assert found == [
        [True, "true", "there"],
        [False, "false", "Link"],
        [True, "true", "Link"],
        [False, "false", "Link"],
    ]
    assert field == [True, ""]


def test_arrow_keys_go_straight_on_and_what_stands_there_follows_the_scene(modules: Page) -> None:
    said, went, (one, three, again, other) = modules.evaluate(CELLS)
    assert said == ["one", "two"]
    assert went == ["level", True]
    assert 0 < one < three == again, "what is above the legend stays in its place"
    assert other == one


def test_beside_a_picture_one_goes_on_from_where_one_was(modules: Page) -> None:
    lessons = {"titles": ["One", "Two"], "at": 1, "passed": [1]}
    task = {"heading": "A task", "lines": [], "asked": [], "missed": [], "vote": None, "main": 0}
    acts = {"acts": [["reveal", "Reveal"]], "keys": {"r": "reveal"}, "lessons": lessons}
    news, task_says, chosen, forgotten = modules.evaluate(NEXT, {**task, **acts})
    assert news == [True, False, True]
    assert task_says == ["Key R", "status"]
    assert chosen == "Lesson 2: Two"
    assert forgotten == "Lesson 2: Two"


def test_votes_are_counted_once_they_are_reached_and_of_this_vote_alone(modules: Page) -> None:
    found, left = modules.evaluate(STREAM)
    nobody, lost = "0 have voted", "The votes are not reached. Trying again."
    assert found == [
        ["", True, nobody],
        ["", True, nobody],
        [lost, False, nobody],
        ["", True, "3 have voted"],
    ]
    assert left == [True, False]


def test_charts_tell_once_where_they_were_and_what_they_are_drawn_for(modules: Page) -> None:
    assert modules.evaluate(TOLD) == [[{"w": "2"}, "light"], [None, "light"]]


def test_whoever_has_chosen_by_a_key_goes_on_from_the_menus_button(modules: Page) -> None:
    assert modules.evaluate(CHOICE) == "Menu"


def test_of_a_gallery_that_is_presented_which_is_marked_and_a_choice_stays(modules: Page) -> None:
    marks, free, themes, said = modules.evaluate(MARKS)
    assert marks == [[0, True], [1, False], [2, False], [0, True]]
    assert free, "a file that was changed is opened again"
    assert themes == ["dark", "light", "dark"]
    assert said == "The server has no such slide. Reload the page to try again."


def test_a_presenters_letters_are_not_the_browsers(modules: Page) -> None:
    held = [{"ctrlKey": True}, {"metaKey": True}, {"altKey": True}, {}]
    assert modules.evaluate(COMMANDS, held) == [[False, 0]] * 3 + [[True, 1]]


def test_cells_that_were_chosen_are_told_in_their_order(modules: Page) -> None:
    assert modules.evaluate(CLICKS, ["x1", "x2", "w"]) == ["x1", "x2", "w"]


def test_a_chosen_cell_comes_into_sight_from_both_sides(modules: Page) -> None:
    assert modules.evaluate(SOUGHT, [[90, 110], [140, 160], [190, 210]]) == [32, 50, 68]


def test_by_keyboard_a_tool_does_what_it_does_by_hand(modules: Page) -> None:
    found = modules.evaluate(TOOLS, ["draw", "erase", "restore", "look"])
    assert found == [[True, 5], [True, 1], [True, 0], [False, 3]]


def test_where_nothing_can_be_copied_it_is_said(modules: Page) -> None:
    assert modules.evaluate(NOTHING, "Choose a cell first.") == "Choose a cell first."
