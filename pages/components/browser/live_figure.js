// A Plotly figure and the sliders that move it, in one frame.
//
// While a slider moves, the figure is drawn from its sweep: the pictures of all its values, which
// the server sends when it is grabbed. When it rests, the server answers with the settled state.

import { ClassVote, mayHaveVote } from "./class_vote.js";
import { Controls, listed } from "./controls.js";
import { attributes, make } from "./elements.js";
import { svgOf } from "./files.js";
import { Mail, Requests } from "./mail.js";
import { Pad } from "./pad.js";
import {
  app,
  GALLERY,
  hasDialog,
  hasStreamlit,
  here,
  isCommand,
  isInMenu,
  isPresenting,
  isUndoOrRedo,
  isTyping,
  lockToolbar,
  nameOf,
  replaceAddress,
  residentOf,
  runToClaim,
  themeOfPage,
  themeToCome,
  unlessLeaving,
  whenLeft,
} from "./page.js";
import { Presenter } from "./presenter.js";
import { alone, chosen, LINK, pngBlob, SCRIPTS, SlideMenu, svgBlob } from "./slide.js";
import { Help, Side } from "./side.js";
import { Stage } from "./stage.js";
import { Sweeps } from "./sweeps.js";

const REST = 250; // ms without a movement after which a value counts as settled
const EVENTS = ["pointerdown", "keydown", "popstate"]; // events by which the user may change the scene
/** @type {(Act | undefined)[]} */
const TURNS = ["undo", "redo"]; // done as often as pressed; any other act that still waits is done once
const NO_FORMULA = "Nothing to copy: no formula is explained here. Choose a cell first.";
// A deed: what the user does once, by choosing a case, a cell or a button.
/** @typedef {{ preset?: string, clicked?: true, entry?: string, act?: Act, argument?: string }} Deed */
// A deed with the movements that had ended before it, whether anything was moved since the deed before
// it, and the state at that time; moved: what the user has moved since the deed before.
/** @typedef {{ values: Map<string, Value>, held: string | null, moved: Set<string> }} Then */
/** @typedef {Deed & { rested: News["rested"], changed: boolean, then: Then }} Done */
/** @type {(live: LiveFigure) => import("./slide.js").Text[]} */
const textsOf = (live) => [
  LINK,
  { label: "Copy export command", text: ({ command }) => command + flags(live) },
  ...SCRIPTS,
  { label: "Copy LaTeX", text: ({ latex }) => latex, none: NO_FORMULA },
];

/** @param {Component<LiveFigureData>} component */
export default function liveFigure({ data, parentElement, setStateValue }) {
  const { resident, leave } = residentOf(parentElement, () => new LiveFigure(parentElement, data));
  resident.receive(data, unlessLeaving((message) => setStateValue("message", message)));
  resident.stage.drawn.then(() => first?.close());
  return leave;
}

export class LiveFigure {
  /** @param {HTMLElement} parent @param {LiveFigureData} data */
  constructor(parent, data) {
    this.data = data; // what the server last sent
    this.entry = data.entry;
    /** @type {Done[]} */
    this.queue = []; // deeds that wait for the answer to the last message
    /** @type {Address | null} */
    this.address = null; // of the last settled state
    /** @type {Address} */
    this.asks = {}; // the parameters of its open question
    this.session = "";
    this.version = data.version; // of the scene that is shown
    /** @type {Map<string, Value>} */
    this.values = new Map(); // what the sliders show, including the step
    this.sweeps = new Sweeps();
    this.requests = new Requests();
    /** @type {string | null} */
    this.held = null; // the slider that moves
    /** @type {Set<string>} */
    this.moved = new Set(); // what the user has moved since the last deed
    this.asked = ""; // the key of the last sweep that was requested
    this.resting = 0; // a timer; 0 if none runs
    this.places = ""; // where everything lies, as JSON
    this.reported = ""; // theme and width last reported to the server
    this.connection = new Connection();
    this.mail = new Mail((then) => this.state(then), this.requests, (there) => this.connection.show(there));
    this.vote = new ClassVote(
      (act) => this.act(act),
      () => this.request("votes"),
    );
    this.side = new Side((act, argument) => this.act(act, argument), this.vote.element);
    this.stage = new Stage(data, this.side, {
      choose: (entry) => this.choose(entry),
      resized: (narrow) => {
        this.controls.place(this.stage, narrow);
        if (this.session) this.report();
      },
    }, { plot: first?.handedOver() });
    this.controls = new Controls({
      grab: (name) => this.grab(name),
      move: (name, value) => this.move(name, value),
      rest: () => this.rest(),
      release: () => this.resting || this.rest(),
      choose: (entry) => this.lookAt(entry),
    });
    this.pad = new Pad({
      move: (name, text) => this.move(name, text),
      rest: () => this.rest(),
    });
    this.stage.canvas.append(this.pad.element);
    this.stage.element.append(this.controls.steps, this.stage.legend.element);
    parent.append(this.stage.element);
    this.keydown = (/** @type {KeyboardEvent} */ event) => this.pressed(event);
    document.addEventListener("keydown", this.keydown);
    this.elsewhere = (/** @type {Event} */ { target }) => {
      if (!(target instanceof Node) || !this.stage.element.contains(target)) this.moved.clear();
    };
    for (const event of EVENTS) window.addEventListener(event, this.elsewhere, true);
    this.tools = new Tools(this);
    this.stage.watch();
  }

  close() {
    this.mail.close();
    document.removeEventListener("keydown", this.keydown);
    for (const event of EVENTS) window.removeEventListener(event, this.elsewhere, true);
    this.controls.stop();
    for (const deed of this.queue) Object.assign(this.mail.outbox, deed); // a waiting case, for the presenter
    this.tools.close();
    this.vote.close();
    lockToolbar(false);
    this.stage.close();
    this.connection.element.remove();
  }

  // --- from the server

  /** @param {LiveFigureData} data @param {(message: Message) => void} send */
  receive(data, send) {
    this.mail.send = send;
    this.data = data;
    if (data.sweep) this.sweeps.take(data.sweep);
    if (this.session && data.session !== this.session) this.mail.remind({ ...this.address, ...this.asks });
    else if (data.version !== this.version) this.goOnFromThere();
    this.session = data.session;
    this.version = data.version;
    this.mail.answered(data.acknowledged);
    if (!this.mail.clicking) this.entry = data.entry;
    // No gradient is shown before a vote that this browser has opened is found again.
    const lost = this.vote.lost(data);
    if (lost) this.mail.say({ changed: true, act: "vote resume", ...lost });
    // Whose network it is; a message has one act, and that of a vote comes first.
    const claims = data.address.net === "yours" && !this.mail.outbox.act;
    const run = claims ? runToClaim(data.session) : "";
    if (run) this.mail.say({ changed: true, act: "claim", argument: run });
    const held = this.held !== null;
    const swept = held && this.draw(); // the sweep may just have come
    if (!held && this.mail.done && !this.queue.some(({ changed }) => changed)) this.adopt();
    // Sends what came up meanwhile, and again what was requested without an answer; but not the values that
    // are drawn from a sweep, which are sent once they rest.
    if (!swept || this.queue.length || this.mail.pressing) this.goOn();
    if (held && !swept) this.drawAnswer();
    this.report();
  }

  // Tells the server what it draws for: the theme, and whether the window is a phone's.
  report() {
    const { data } = this;
    const [theme, narrow] = [themeOfPage(), this.stage.narrow];
    const seen = `${theme} ${narrow}`;
    if (seen === `${data.theme} ${data.narrow}` || seen === this.reported) return;
    this.reported = seen;
    this.mail.say({ changed: true });
  }

  // Shows the server's picture: the server knows everything but what waits its turn.
  adopt() {
    const { data } = this;
    this.arrange(data);
    this.moved.clear();
    this.values = valuesOf(data);
    this.pad.show(data.pad);
    this.stage.element.dataset.pad = String(!this.pad.element.hidden);
    this.controls.hold(data.still);
    this.controls.show(this.values);
    this.controls.lock(data.locked);
    lockToolbar(data.locked);
    this.vote.remember(data);
    this.vote.show(data.task?.vote ?? null);
    this.stage.describe(data, data.entry);
    this.side.ask(data.task);
    const steps = this.stage.stepping(data.stepping);
    const chosen = this.queue.some(({ clicked }) => clicked); // another cell, which is looked at already
    if (!data.marking && !chosen) this.controls.lookAt(data.entry); // while marking, nothing is explained
    this.drawAnswer();
    if (steps) this.stage.beginSteps();
    // What a waiting act brings is brought into sight when it comes.
    if (!this.queue.some(({ act }) => act)) this.side.bringIntoSight(data.task, () => this.stage.edge());
    this.address = data.query ?? data.address;
    this.asks = data.asks;
    replaceAddress(data.address);
    if (this.idle()) this.requests.take(data.answers);
    this.tools.settled();
  }

  // The scene became another one, by a chosen case or by Undo. What the user has moved since then is newer:
  // it is sent again, for the new scene, after the deeds that wait; so are the values with which those were
  // done. What the user had moved before is not.
  goOnFromThere() {
    const values = valuesOf(this.data);
    if (this.controls.playing) this.moved.delete("step"); // moved by the playback, not by the user
    this.controls.stop(); // the steps of the former scene
    for (const then of [...this.queue.map(({ then }) => then), this]) {
      for (const name of then.moved) {
        const value = then.values.get(name);
        if (value === undefined || !values.has(name)) continue;
        if (name === "step" && Number(value) >= this.data.steps.length) continue; // a step of a longer pass
        values.set(name, value);
        if (then === this) this.mail.note({ changed: true });
      }
      then.values = new Map(values);
    }
    for (const each of [this.mail.outbox, ...this.queue]) each.rested = []; // of the former scene
    this.controls.show(values);
  }

  // Lays out sliders and picture again if a setting has changed where they lie.
  /** @param {LiveFigureData} data */
  arrange(data) {
    const { width, height } = data.figure.layout;
    const steps = data.steps.length;
    const sliders = data.sliders.map((slider) => ({ ...slider, value: 0 }));
    const places = JSON.stringify([width, height, data.targets.map(({ box }) => box), sliders, steps]);
    if (places === this.places) return;
    this.places = places;
    this.controls.arrange(data);
    this.stage.arrange(data);
    this.controls.place(this.stage, this.stage.narrow);
  }

  drawAnswer() {
    const { figure, explanation, legend, stepSaid } = this.data;
    this.show({ traces: figure.data, explanation, legend, step: stepSaid });
  }

  // Shows the picture of one state, with its texts.
  /** @param {import("./sweeps.js").Shown} shown */
  show({ traces, explanation, legend, step }) {
    this.stage.legend.show(legend); // first, since it is measured: little needs to be laid out yet
    this.stage.draw(traces, this.data.figure.layout);
    this.side.say(explanation);
    this.controls.say(step);
  }

  // --- from the user

  /** @param {string} name */
  grab(name) {
    if (this.sweepOf(name) || this.asked === this.data.keys[name]) return;
    this.asked = this.data.keys[name];
    this.mail.say({ ask: name });
  }

  /** @param {string} name @param {Value} value */
  move(name, value) {
    if (this.values.get(name) === value) return;
    this.remember(name);
    this.held = name;
    this.moved.add(name);
    this.values.set(name, value);
    this.mail.note({ changed: true });
    this.controls.show(this.values);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.pause(), REST);
    if (!this.draw()) this.mail.flush();
  }

  // Each movement is a step of Undo. If another one begins before the end of the last one was sent, notes
  // where the last one ended.
  /** @param {string} name of what is moved now */
  remember(name) {
    const untold = this.held ? this.held !== name : this.mail.outbox.changed;
    if (untold) this.mail.rested(Object.fromEntries(this.values));
  }

  // What a finger or a key holds may move on: the server hears where it is, and that it is not settled.
  pause() {
    this.resting = 0;
    if (this.controls.gripped || this.pad.drawing) this.mail.flush();
    else this.rest();
  }

  rest() {
    clearTimeout(this.resting);
    this.resting = 0;
    if (!this.held) return;
    this.held = null;
    this.mail.say({ changed: true }); // that it rests, even if the server knows its value
  }

  /** @param {string} entry */
  choose(entry) {
    if (this.pad.takes(entry)) return;
    // On a phone the entry's slider is there at once, before the server has heard of the choice.
    if (!this.data.marking) this.controls.lookAt(entry);
    this.tell({ clicked: true, entry });
  }

  // Explains the entry whose slider was turned to, if it is on the picture. The entry is never marked.
  /** @param {string} entry */
  lookAt(entry) {
    const { targets, marking } = this.data;
    if (!marking && targets.some((target) => target.entry === entry)) this.choose(entry);
  }

  // Queues a deed, with the present state, after all that was done before. If it repeats the last deed that
  // still waits, or both choose a case, and nothing was moved in between, only the new one counts.
  /** @param {Deed} deed */
  tell(deed) {
    const { mail, queue } = this;
    if (!deed.clicked) this.rest();
    const { changed, rested } = mail.outbox; // its message reports these too
    const last = queue.at(-1);
    if (last && !changed && means(deed, last)) {
      Object.assign(last, deed);
    } else {
      const then = { values: new Map(this.values), held: this.held, moved: new Set(this.moved) };
      queue.push({ ...deed, changed, rested, then });
      mail.note({ changed: false, rested: [] });
    }
    if (!deed.clicked) this.moved.clear(); // the deed came after that
    this.goOn();
  }

  // Sends what is to be sent: first the deeds that wait, as many as a message has room for.
  goOn() {
    const { mail, queue } = this;
    const done = mail.waiting ? undefined : queue.shift();
    if (!done) return mail.flush();
    for (let [next] = queue; next && hasRoom(done, next); [next] = queue) {
      Object.assign(done, next, { rested: done.rested });
      queue.shift();
    }
    const { then, entry = this.entry, ...news } = done;
    this.entry = entry;
    mail.sayThen(news, then);
  }

  // Does what a button beside the picture asks for.
  /** @param {Act} act @param {string} argument */
  act(act, argument = "") {
    if (act === "vote next" && this.tools.presenter.askNext()) return;
    if (act === "list next") return void this.tools.presenter.next();
    this.tell({ act, argument: act === "vote ask" ? location.origin : argument });
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (hasDialog()) return;
    if (isUndoOrRedo(event) && !isTyping(event)) {
      event.preventDefault();
      if (event.repeat && this.queue.length) return; // else it would go on after the key was released
      this.act(nameOf(event) === "y" || event.shiftKey ? "redo" : "undo");
    } else if (this.keyed(event)) {
      event.preventDefault();
    } else {
      this.controls.shortcut(event);
    }
  }

  // Does the act of the button beside the picture that a key stands for. Returns whether there is one.
  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (isTyping(event) || isInMenu(event) || isCommand(event)) return false;
    const act = this.side.keys[nameOf(event)];
    // A held key acts once: the next question may use the same letter.
    if (act) event.repeat || this.act(act);
    // A digit begins an answer: the field gets the focus before the digit is typed.
    else if (/^\d$/.test(event.key)) this.side.answer?.focus({ preventScroll: true });
    return Boolean(act);
  }

  // Goes to a preset: of this page by its slug, of another page by "page/slug".
  /** @param {string} preset */
  goTo(preset) {
    this.tell({ preset });
  }

  // --- to the server

  // What every message says: the state now, or then.
  /** @param {import("./mail.js").Then} then @returns {State} */
  state(then = this) {
    const { step, ...values } = Object.fromEntries(then.values);
    return {
      values,
      step: step ?? null,
      entry: this.entry,
      theme: themeOfPage(),
      narrow: this.stage.narrow,
      version: this.version,
      settled: !then.held,
    };
  }

  // Requests an answer about the state once nothing moves: a promise.
  /** @template {keyof Answers} Name @param {Name} name @param {string} argument */
  request(name, argument = "") {
    const answer = this.requests.add(name, argument);
    this.rest();
    this.mail.flush();
    return answer;
  }

  idle() {
    return !this.held && this.mail.done && !this.queue.length;
  }

  // --- the picture of what the sliders show

  /** @param {string} name */
  sweepOf(name) {
    return this.sweeps.of(name, this.data.keys[name]);
  }

  // Draws from the sweep. Returns false if there is none for the slider that moves, or if something else
  // was moved too, so that the server's keys are those of another state.
  draw() {
    const { held, data, values } = this;
    const there = held && [...valuesOf(data)].every(([name, value]) => name === held || values.get(name) === value);
    const frame = there && this.sweeps.frame(held, data.keys[held], Number(values.get(held)));
    if (!frame) return false;
    this.show(frame);
    return true;
  }
}

// Whether a deed repeats the last one that waits, or replaces it.
/** @param {Deed} deed @param {Partial<News>} last */
const means = ({ act, preset }, last) =>
  act ? act === last.act && !TURNS.includes(act) : Boolean(preset && last.preset);

// Whether a deed's message can also report the next deed: a message reports movements, then a case, then
// a cell, then an act. No case follows a case at once: of two that wait, only the later one counts.
/** @param {Done} done @param {Done} next */
const hasRoom = (done, { act, changed }) => !changed && !done.act && (act || !done.clicked);

// What the sliders show of a scene, including the step and what is drawn by hand.
/** @param {LiveFigureData} data @returns {Map<string, Value>} */
function valuesOf({ sliders, steps, step, pad }) {
  /** @type {Map<string, Value>} */
  const values = new Map(sliders.map(({ name, value }) => [name, value]));
  if (steps.length) values.set("step", Number(step));
  if (pad) values.set(pad.name, pad.text);
  return values;
}

// A line that says that the server does not answer, and when it does again.
class Connection {
  constructor() {
    this.element = make("p", "live-figure-connection", { hidden: true });
    attributes(this.element, { role: "status" });
    app().append(this.element); // where Streamlit does not fade it with what is out of date
    this.timer = 0;
  }

  /** @param {boolean} there */
  show(there) {
    clearTimeout(this.timer);
    this.element.hidden = false;
    this.element.textContent = there
      ? "The server answers again. Nothing was lost."
      : "The server does not answer. Trying again; what is on the screen stays.";
    if (there) this.timer = setTimeout(() => (this.element.hidden = true), 4000);
  }
}

// --- the picture that is inside the page, until the live figure is there: Streamlit needs a second more

/** @type {FirstPicture | null} */
let first = null;

// plotly: the address of plotly.js.
/** @param {string} plotly */
export function showFirstPicture(plotly) {
  const inside = document.querySelector("#first-picture")?.textContent;
  if (!inside || hasStreamlit() || mayHaveVote()) return;
  first = new FirstPicture(JSON.parse(inside), themeToCome(), plotly);
  whenLeft(() => first?.close());
}

// The picture and its texts, in the places that the live figure will give them; only to be looked at.
class FirstPicture {
  /** @param {FirstPictureData} data @param {Theme} theme @param {string} plotly */
  constructor({ title, purpose, ...shown }, theme, plotly) {
    const { figure, explanation, legend, steps, sliders, ...places } = shown[theme];
    this.element = make("div", "first-picture", { inert: true });
    this.element.dataset.theme = theme;
    const heading = make("div", "first-picture-heading");
    heading.append(make("strong", "", { textContent: title }), make("span", "", { textContent: purpose }));
    const side = new Side(() => {}, make("div", ""));
    const data = { ...places, figure, assets: { plotly } };
    const on = { choose() {}, resized() {} };
    this.stage = new Stage(data, side, on, { main: this.element });
    this.handed = false;
    const { element } = this.stage;
    delete element.dataset.testid; // it is not the live one
    element.dataset.list = listed(sliders.length); // its style depends on it
    side.ask(null);
    const room = make("div", "live-figure-steps");
    room.dataset.beneath = "true";
    if (steps.length) room.append(make("p", "live-figure-said"));
    element.append(room, this.stage.legend.element);
    this.element.append(heading, element);
    document.body.append(this.element);
    document.title = title;
    this.stage.arrange(data);
    this.stage.watch();
    this.stage.legend.show(legend);
    this.stage.draw(figure.data, figure.layout);
    side.say(explanation);
  }

  // Its drawing, for the stage of the live figure.
  handedOver() {
    this.handed = true;
    return this.stage.plot;
  }

  close() {
    first = null;
    if (this.handed) this.stage.unwatch();
    else this.stage.close();
    this.element.remove();
  }
}

// What stands beside every live figure: "?", the Slide button, and the presenter's mode.
class Tools {
  /** @param {LiveFigure} figure */
  constructor(figure) {
    // The menu is full: with one more item it is scrolled on a phone of 390 × 664, and at 1280 × 600, while
    // presenting, a message moves the items.
    this.slide = new SlideMenu({
      files: [
        {
          label: "Download PNG, 1920 × 1080",
          ending: "png",
          made: () => pngFiles(figure, false),
          there: () => !asks(figure),
        },
        {
          label: "Download SVG",
          ending: "svg",
          made: () => svgFiles(figure, false),
          there: () => !asks(figure),
        },
        { label: "Download interactive HTML", ending: "html", made: () => alone(htmlFile(figure)) },
        {
          label: "Question and answer: 2 PNGs",
          does: "No gradients on the first, all on the second",
          ending: "png",
          made: () => pngFiles(figure, true),
        },
        {
          label: "Question and answer: 2 SVGs",
          ending: "svg",
          made: () => svgFiles(figure, true),
          there: () => asks(figure),
        },
        {
          label: "Download the state as a file",
          ending: "json",
          made: () => alone(stateFile(figure)),
          there: () => figure.data.query !== null,
        },
      ],
      texts: textsOf(figure),
      ask: () => figure.request("texts", here()),
      switches: [
        {
          label: "With its reason",
          does: "A slide says why, beneath the picture",
          on: () => chosen.caption,
          turn: () => (chosen.caption = !chosen.caption),
        },
        {
          label: "Dark",
          does: "Light letters on a dark ground",
          on: () => slideTheme(figure) === "dark",
          turn: () => (chosen.theme = slideTheme(figure) === "dark" ? "light" : "dark"),
        },
      ],
      ways: [
        {
          label: "Gallery",
          does: "Several pictures, in a list of your own",
          go: () => figure.goTo(GALLERY),
          there: () => !figure.data.locked && !isPresenting(),
        },
      ],
    });
    this.presenter = new Presenter(figure);
    this.element = make("div", "live-figure-tools");
    this.help = new Help(figure.stage.legend.element);
    this.element.append(this.help.element, this.slide.element, this.presenter.button);
    figure.stage.element.append(this.element);
  }

  // Called when the figure shows a settled state.
  settled() {
    this.slide.offer();
    this.presenter.settled();
  }

  close() {
    this.slide.close();
    this.presenter.close();
  }
}

// --- the state of a figure as a file

// Whether Predict or Quiz is on: then a slide is two, a question and its answer.
/** @param {LiveFigure} live */
const asks = ({ data: { task } }) => Boolean(task && !task.lessons);

// The theme of slides: the chosen one, otherwise the page's.
/** @param {LiveFigure} live */
const slideTheme = ({ data }) => chosen.theme ?? data.theme;

// The flags with which the export command makes the same slides.
/** @param {LiveFigure} live */
const flags = (live) =>
  [
    slideTheme(live) === "dark" ? " --theme dark" : "",
    asks(live) ? " --pair" : "",
    chosen.caption ? "" : " --no-caption",
  ].join("");

// The look of slides, as the server is told.
/** @param {LiveFigure} live */
const looks = (live) => `${slideTheme(live)}${chosen.caption ? "" : " plain"}`;

// The slides that `python -m pages.export` writes, as SVG text.
/** @param {LiveFigure} live @param {boolean} pair */
async function drawn(live, pair) {
  const slides = await live.request("slide", `${looks(live)}${pair ? " pair" : ""}`);
  await live.stage.ready;
  return Promise.all(
    slides.map(async ({ suffix, figure, size, name }) => {
      return { suffix, size, svg: await svgOf(JSON.parse(figure), ...size, name) };
    }),
  );
}

/** @param {LiveFigure} live @param {boolean} pair */
async function svgFiles(live, pair) {
  return (await drawn(live, pair)).map(({ suffix, svg }) => ({ suffix, blob: svgBlob(svg) }));
}

/** @param {LiveFigure} live @param {boolean} pair */
async function pngFiles(live, pair) {
  const made = (await drawn(live, pair)).map(async ({ suffix, svg, size }) => {
    return { suffix, blob: await pngBlob(svg, size) };
  });
  return Promise.all(made);
}

// The state, for which an address has no room; the page can open this file again.
/** @param {LiveFigure} live */
async function stateFile({ data: { page, query, address } }) {
  return new Blob([JSON.stringify({ page, ...(query ?? address) }, null, 1)]);
}

// One file with everything in it, plotly.js too, so that it plays without a server.
/** @param {LiveFigure} live */
async function htmlFile(live) {
  const { html, mark } = await live.request("html", looks(live));
  const plotly = await fetch(live.data.assets.plotly);
  if (!plotly.ok) throw new Error("The drawing library could not be loaded.");
  const source = await plotly.text();
  return new Blob([html.replace(mark, () => source)], { type: "text/html" });
}
