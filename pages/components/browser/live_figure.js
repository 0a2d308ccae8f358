// A Plotly figure and the sliders that move it, in one frame.
//
// While a slider moves, the figure is drawn from its sweep: the pictures of all its values, which
// the server sends when the slider is grabbed. At most one message is under way: the newest state
// goes out when the answer to the last has come, so that a slow network delays but never floods.

import { Controls } from "./controls.js";
import { Stage } from "./stage.js";

const REST = 250; // ms without a movement after which a value counts as settled
const PATIENCE = 3000; // ms after which an answer is taken for lost
const figures = new WeakMap();

export default function liveFigure({ data, parentElement, setStateValue }) {
  let figure = figures.get(parentElement);
  if (!figure) {
    figure = new LiveFigure(parentElement, data);
    figures.set(parentElement, figure);
  }
  figure.receive(data, (message) => setStateValue("message", message));
  return () => {
    // Streamlit also calls this for a run that a newer one has overtaken: the figure lives on then.
    if (!parentElement.isConnected) figure.close();
  };
}

class LiveFigure {
  constructor(parent, data) {
    this.parent = parent;
    this.values = new Map(); // what the sliders show, the step among them
    this.sweeps = new Map(); // by slider name
    this.held = null; // the slider that moves
    this.sent = 0;
    this.instance = Math.random().toString(36).slice(2);
    this.waiting = false; // for an answer
    this.outbox = { ask: "", changed: false, clicked: false };
    this.stage = new Stage(data, {
      choose: (entry) => this.choose(entry),
    });
    this.controls = new Controls(data, {
      grab: (name) => this.grab(name),
      move: (name, value) => this.move(name, value),
      rest: () => this.rest(),
    });
    this.stage.element.append(this.controls.steps, this.stage.explanation);
    parent.append(this.stage.element);
    this.stage.resized = (narrow) => this.controls.place(this.stage, narrow);
    this.keydown = (event) => this.controls.shortcut(event);
    document.addEventListener("keydown", this.keydown);
    this.stage.watch();
  }

  close() {
    clearTimeout(this.resting);
    clearTimeout(this.patience);
    document.removeEventListener("keydown", this.keydown);
    this.controls.stop();
    this.stage.close();
    figures.delete(this.parent);
    this.stage.element.remove();
  }

  // --- from the server

  receive(data, send) {
    this.send = send;
    this.data = data;
    if (data.sweep) {
      const sweep = JSON.parse(data.sweep);
      this.sweeps.set(sweep.name, sweep);
    }
    if (data.acknowledged === this.serial()) this.answered();
    if (this.idle()) this.adopt();
    else if (this.held) this.draw(); // the sweep may just have come
    else if (!this.waiting) this.flush();
    const theme = themeOfPage();
    if (theme !== data.theme && this.reported !== theme) {
      this.reported = theme;
      this.outbox.changed = true;
      this.flush();
    }
  }

  // The server knows all there is to know: its picture is the picture.
  adopt() {
    const { data } = this;
    this.entry = data.entry;
    for (const slider of data.sliders) this.values.set(slider.name, slider.value);
    if (data.steps.length) this.values.set("step", data.step);
    this.controls.show(data, this.values);
    this.stage.describe(data.targets, data.entry);
    this.stage.draw(data.figure.data, data.figure.layout, data.explanation);
    replaceAddress(data.address);
  }

  answered() {
    this.waiting = false;
    clearTimeout(this.patience);
    if (this.held && !this.sweepOf(this.held)) this.flush();
  }

  // --- from the hand

  grab(name) {
    if (this.sweepOf(name) || this.asked === this.data.keys[name]) return;
    this.asked = this.data.keys[name];
    this.outbox.ask = name;
    this.flush();
  }

  move(name, value) {
    if (this.values.get(name) === value) return;
    this.held = name;
    this.values.set(name, value);
    this.outbox.changed = true;
    this.controls.show(this.data, this.values);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), REST);
    if (!this.draw()) this.flush();
  }

  rest() {
    clearTimeout(this.resting);
    if (!this.held) return;
    this.held = null;
    this.flush();
  }

  choose(entry) {
    this.entry = entry;
    this.outbox.changed = this.outbox.clicked = true;
    this.flush();
  }

  // --- to the server

  flush() {
    const { ask, changed, clicked } = this.outbox;
    if (this.waiting || !(ask || changed)) return;
    this.outbox = { ask: "", changed: false, clicked: false };
    this.sent += 1;
    this.waiting = true;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      this.waiting = false;
      this.asked = null;
      this.outbox.changed = true;
      this.flush();
    }, PATIENCE);
    const { step, ...values } = Object.fromEntries(this.values);
    this.send({
      serial: this.serial(),
      values,
      step: step ?? null,
      entry: this.entry ?? "",
      clicked,
      theme: themeOfPage(),
      ask,
      settled: !this.held,
    });
  }

  serial() {
    return `${this.instance}-${this.sent}`;
  }

  idle() {
    return !this.held && !this.waiting && !this.outbox.changed;
  }

  // --- the picture of what the sliders show

  sweepOf(name) {
    const sweep = this.sweeps.get(name);
    return sweep && sweep.key === this.data.keys[name] ? sweep : null;
  }

  // Draws from the sweep; false where there is none for the slider that moves.
  draw() {
    const sweep = this.sweepOf(this.held);
    const at = sweep ? sweep.values.indexOf(this.values.get(this.held)) : -1;
    if (at < 0) return false;
    const frame = sweep.frames[at];
    const traces = sweep.base.map((trace, i) => overlaid(trace, frame.traces[i]));
    this.stage.draw(traces, this.data.figure.layout, frame.explanation);
    return true;
  }
}

// The trace with what is different laid over it, key by key; nothing that is drawn is changed.
function overlaid(trace, changes) {
  const result = { ...trace };
  for (const [key, value] of Object.entries(changes)) {
    const nested = value !== null && typeof value === "object" && !Array.isArray(value);
    result[key] = nested ? overlaid(trace[key] ?? {}, value) : value;
  }
  return result;
}

function themeOfPage() {
  const app = document.querySelector(".stApp") ?? document.body;
  const [red, green, blue] = getComputedStyle(app).backgroundColor.match(/[\d.]+/g).map(Number);
  return red + green + blue < 384 ? "dark" : "light";
}

// Replaced, never pushed: Back leaves the page instead of walking through every change. Keys that
// are not the scene's (?embed=true) stay.
function replaceAddress(address) {
  const ours = { ...address, preset: "" }; // a preset is spelled out
  const foreign = [...new URLSearchParams(location.search)].filter(([key]) => !(key in ours));
  const query = [...Object.entries(address), ...foreign]
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join("&")
    .replaceAll("%2C", ",");
  if (location.search !== `?${query}`) {
    history.replaceState(history.state, "", `${location.pathname}?${query}${location.hash}`);
  }
}
