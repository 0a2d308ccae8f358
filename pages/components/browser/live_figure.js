// A Plotly figure and the sliders that move it, in one frame.
//
// While a slider moves, the figure is drawn from its sweep: the pictures of all its values, which
// the server sends when the slider is grabbed. At most one message is under way: the newest state
// goes out when the answer to the last has come, so that a slow network delays but never floods.

import { Controls } from "./controls.js";
import { Stage } from "./stage.js";

const REST = 250; // ms without a movement after which a value counts as settled
const PATIENCE = 3000; // ms after which an answer is taken for lost
const nothing = () => ({ ask: "", changed: false, clicked: false, address: null });
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
    this.outbox = nothing();
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
    if (this.session && data.session !== this.session) this.remind();
    this.session = data.session;
    if (data.acknowledged === this.serial()) this.answered();
    if (this.idle()) this.adopt();
    else if (this.held && !this.draw()) this.drawAnswer(); // the sweep may just have come
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
    this.arrange(data);
    this.entry = data.entry;
    this.values.clear(); // a slider that is gone has nothing to say
    for (const slider of data.sliders) this.values.set(slider.name, slider.value);
    if (data.steps.length) this.values.set("step", data.step);
    this.controls.show(data, this.values);
    this.stage.describe(data, data.entry);
    this.drawAnswer();
    this.address = data.address;
    replaceAddress(data.address);
  }

  // Where everything lies changes with a setting only, as the layout does.
  arrange(data) {
    const { width, height } = data.figure.layout;
    const sliders = data.sliders.map(({ value, ...place }) => place);
    const places = JSON.stringify([width, height, data.targets.map(({ box }) => box), sliders]);
    if (places === this.places) return;
    this.places = places;
    this.controls.arrange(data);
    this.stage.arrange(data);
    this.controls.place(this.stage, this.stage.narrow);
  }

  drawAnswer() {
    const { figure, explanation } = this.data;
    this.stage.draw(figure.data, figure.layout, explanation);
  }

  // A restarted server knows no more than the address with which this page was opened.
  remind() {
    this.outbox.address = this.address;
    this.outbox.clicked ||= this.waiting && this.underWay.clicked;
    this.repeat();
  }

  // Says again what was said last, as it is by now.
  repeat() {
    const { ask, address } = this.waiting ? this.underWay : nothing();
    this.waiting = false;
    this.outbox.changed = true;
    this.outbox.ask ||= ask;
    this.outbox.address ??= address;
    this.flush();
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
    if (this.idle()) this.adopt(); // the last value's answer came before the hand let go
  }

  choose(entry) {
    this.entry = entry;
    this.outbox.changed = this.outbox.clicked = true;
    this.flush();
  }

  // --- to the server

  flush() {
    const { ask, changed, clicked, address } = this.outbox;
    if (this.waiting || !(ask || changed)) return;
    this.underWay = this.outbox;
    this.outbox = nothing();
    this.sent += 1;
    this.waiting = true;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.repeat(), PATIENCE);
    const { step, ...values } = Object.fromEntries(this.values);
    this.send({
      serial: this.serial(),
      address,
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

// The trace with what is different laid over it, key by key, in a list index by index; nothing
// that is drawn is changed.
function overlaid(trace, changes) {
  const result = Array.isArray(trace) ? [...trace] : { ...trace };
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
