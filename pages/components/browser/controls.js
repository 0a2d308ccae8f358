// The sliders, and the buttons of the step-through.

import { allow, attributes, make, makeButton, placeAt, refocus, StepThrough, write } from "./elements.js";
import { partsOf } from "./grids.js";
import { isCommand, isInMenu, isUndoOrRedo, isTyping, nameOf } from "./page.js";

const HOVER = 100; // ms of hovering after which the sweep is asked for
const FITTING = 6; // signs that a number field always has room for
const SIDEWAYS = 8; // px that a finger moves along a slider before it is not about to scroll
const BEAT = 3000; // ms between the steps while playing: one speaks over each
const UP = new Set(["ArrowRight", "ArrowUp"]);
const DOWN = new Set(["ArrowLeft", "ArrowDown"]);
const POINTER_UP = ["pointerup", "pointercancel"];
const KEY_UP = ["keyup", "blur"]; // of the window: nobody hears the key then
/** @typedef {{ kind: string, at: { left: number, top: number, width: number } }} Placed */

// How the number field writes and reads what a slider has: as it is, or as a power of ten.
/** @typedef {{ write: (value: number) => string, read: (text: string) => number }} Form */
/** @type {Form} */
const PLAIN = { write: String, read: Number };
/** @type {Form} */
const POWER = {
  write: (exponent) => Number((10 ** exponent).toPrecision(3)).toExponential(),
  read: (text) => Math.round(Math.log10(Number(text)) * 1e9) / 1e9,
};

// How many sliders a phone's list has, as styles know it.
/** @param {number} count */
export const listed = (count) => ["none", "one"][count] ?? "several";

export class Controls extends StepThrough {
  // grab(name): a slider, or the step, is about to be moved. rest(): it has been moved. release(): no
  // finger and no key is on a slider any more. choose(entry): another entry is looked at.
  /**
   * @param {{
   *   grab: (name: string) => void, move: (name: string, value: number) => void, rest: () => void,
   *   release: () => void, choose: (entry: string) => void,
   * }} on
   */
  constructor({ grab, move, rest, release, choose }) {
    const go = (/** @type {number} */ step) => {
      grab("step");
      move("step", step);
    };
    /** @type {(textContent: string, title: string) => HTMLButtonElement} */
    const button = (textContent, title) => make("button", "live-figure-step", { type: "button", textContent, title });
    const buttons = {
      start: button("\u21E4 Start", "To the first step"),
      back: button("◀ Step", "One step back (key B)"),
      next: button("Step ▶", "One step on (key N)"),
      play: button("Play", "All the steps, one after the other (key P)"),
    };
    super(go, BEAT, buttons);
    this.grab = grab;
    this.move = move;
    this.rest = rest;
    this.release = release;
    /** @type {Map<string, ReturnType<Controls["slider"]> & Placed>} */
    this.sliders = new Map();
    this.list = make("div", "live-figure-list");
    this.list.dataset.all = "false";
    this.turns = new Turns((by) => this.turn(by), () => this.showAll());
    this.current = ""; // the slider that a phone shows
    this.entry = ""; // that is looked at
    this.gripped = false; // whether a slider is under a finger, a mouse's button, or a key that is held
    this.choose = choose;
    this.steps = make("div", "live-figure-steps");
    this.steps.dataset.beneath = "true";
    this.stepping = make("div", "live-figure-stepping");
    this.stepping.append(...Object.values(buttons));
    this.stepping.addEventListener("focusin", () => this.grab("step"));
    this.stepName = make("p", "live-figure-said", { hidden: true });
    this.stepName.dataset.beneath = "true"; // where it is apart
    this.steps.append(this.stepName);
    attributes(this.steps, { role: "group", "aria-label": "Step through" });
    this.onIntent(this.steps, "step");
  }

  // Which sliders there are: a setting may add some, take some away, or move them; and whether
  // there are steps.
  /** @param {LiveFigureData} data */
  arrange(data) {
    this.last = data.steps.length - 1;
    this.stepName.hidden = this.last <= 0;
    if (this.last <= 0) {
      this.stop(); // what is played is no more
      this.stepping.remove();
    } else if (!this.stepping.isConnected) this.steps.prepend(this.stepping);
    const before = this.sliders;
    this.sliders = new Map();
    for (const { left, top, width, label, ...slider } of data.sliders) {
      const kind = JSON.stringify({ ...slider, value: null });
      const old = before.get(slider.name);
      const made = old?.kind === kind ? old : this.slider(slider);
      made.text.textContent = label;
      this.sliders.set(slider.name, { ...made, kind, at: { left, top, width } });
    }
    const kept = new Set([...this.sliders.values()].map(({ element }) => element));
    for (const { element, field } of before.values()) {
      if (kept.has(element)) continue;
      element.remove();
      field?.remove();
    }
  }

  // Beside their cells where there is room, else in a list beneath the picture. The one that has the
  // focus keeps it, unless somebody presents: then the keys are the page's again.
  /** @param {import("./stage.js").Stage} stage @param {boolean} narrow */
  place(stage, narrow) {
    const { activeElement } = document;
    this.lay(stage, narrow);
    if (!stage.strip) refocus(activeElement);
  }

  /** @param {import("./stage.js").Stage} stage @param {boolean} narrow */
  lay(stage, narrow) {
    for (const { element, field, at } of this.sliders.values()) {
      const left = Math.max(at.left, stage.inset + 4); // of what is visible
      element.dataset.cut = String(left > at.left);
      Object.assign(element.style, {
        left: narrow ? "" : `${left}px`,
        top: narrow ? "" : `${at.top}px`,
        width: narrow ? "" : `${at.left + at.width - left}px`,
      });
      (narrow ? this.list : stage.canvas).append(element);
      if (!field) continue;
      if (narrow) field.remove(); // a finger scrolls the picture
      else stage.canvas.append(field);
    }
    if (!narrow) return this.list.remove();
    this.list.hidden = !this.sliders.size;
    this.list.prepend(this.turns.element);
    stage.side.element.after(this.list);
    this.lookAt(this.entry);
  }

  // --- on a phone: the slider of the entry that is looked at, and the ways to the others

  // The slider of an entry; else that of the input with its place, from which it comes; else that of
  // before.
  /** @param {string} entry */
  lookAt(entry) {
    this.entry = entry;
    const names = [...this.sliders.keys()];
    const all = this.list.dataset.all === "true";
    const figure = this.list.parentElement; // whose style depends on what is in the list
    if (figure) figure.dataset.list = all ? "all" : listed(names.length);
    if (this.gripped) return; // what is under a finger stays there
    const [, , place] = partsOf(entry);
    const from = names.find((name) => name[0] !== "w" && place && partsOf(name)[2] === place);
    const own = [entry, `d${entry}`, from, this.current].find((name) => name && this.sliders.has(name));
    this.current = own ?? names[0] ?? "";
    for (const [name, { element }] of this.sliders) {
      element.dataset.current = String(name === this.current);
    }
    const at = names.indexOf(this.current);
    const labels = [at - 1, at + 1].map((place) => this.sliders.get(names[place])?.text.textContent);
    this.turns.show(labels, all, names.length);
  }

  /** @param {number} by */
  turn(by) {
    const names = [...this.sliders.keys()];
    const next = names[names.indexOf(this.current) + by];
    if (!next) return;
    this.lookAt(next);
    this.choose(next);
  }

  showAll() {
    this.list.dataset.all = String(this.list.dataset.all !== "true");
    this.lookAt(this.entry);
  }

  // Whether nothing can be moved, and no step be taken.
  /** @param {boolean} on */
  lock(on) {
    this.locked = on;
    if (on) this.stop();
    for (const { element, field } of this.sliders.values()) {
      element.inert = on;
      if (field) field.inert = on;
    }
    this.stepping.inert = on;
  }

  // What stays as it is, for the reason that it then has.
  /** @param {Still} still */
  hold({ sliders, steps }) {
    for (const { element, range, typed, field } of this.sliders.values()) {
      element.title = sliders;
      range.disabled = typed.disabled = sliders !== "";
      field?.toggleAttribute("hidden", sliders !== "");
    }
    this.stepping.title = steps;
    this.held = steps !== "";
    allow(this.play, !this.held);
    if (this.held) this.stop();
  }

  // What the sliders and the step bar show.
  /** @param {Map<string, Value>} values */
  show(values) {
    for (const [name, { range, typed, form }] of this.sliders) {
      if (!values.has(name)) continue; // of another arrangement, which goes when this one is drawn
      const value = Number(values.get(name));
      const written = form.write(value);
      if (Number(range.value) !== value) range.value = String(value);
      const told = typed.defaultValue; // as it was shown last: who writes there has something else
      const writes = document.activeElement === typed && ![told, written].includes(typed.value);
      if (!writes && told !== written) {
        typed.value = typed.defaultValue = written;
        typed.setCustomValidity(""); // of what was refused before
      }
      // Of 3.0000001 it is the last digit that matters.
      typed.style.width = written.length > FITTING ? `${written.length + 1}ch` : "";
      if (form === POWER) attributes(range, { "aria-valuetext": written });
    }
    if (this.last >= 0 && values.has("step")) this.showStep(Number(values.get("step")));
  }

  // What happens at the present step.
  /** @param {string} step */
  say(step) {
    if (this.stepName.textContent !== step) write(this.stepName, step);
  }

  // --- one slider

  /** @param {Omit<SliderData, "left" | "top" | "width" | "label">} slider */
  slider({ name, said, value, low, high, grid, named, power, area }) {
    const form = power ? POWER : PLAIN;
    const [least, most] = [form.write(low), form.write(high)];
    const element = make("div", "live-figure-slider");
    const text = make("span", "live-figure-label");
    text.dataset.named = String(named);
    attributes(text, { "aria-hidden": true });
    const range = make("input", "live-figure-range");
    Object.assign(range, { type: "range", min: low, max: high, step: "any", value });
    attributes(range, { "aria-label": said || name });
    const typed = make("input", "live-figure-number");
    const shown = { min: least, max: most, step: "any", defaultValue: form.write(value) };
    Object.assign(typed, { type: "number", ...shown });
    attributes(typed, { "aria-label": `${said || name}, exact value` });
    element.append(text, range, typed);

    const snap = (/** @type {number} */ raw) =>
      Math.min(high, Math.max(low, Math.round(raw / grid) * grid)) + 0;
    const go = (/** @type {number} */ to) => {
      range.value = String(to);
      this.move(name, to);
    };
    // A finger on a slider may be about to scroll: it moves the slider once it moves along it, or
    // when it is lifted where it came down.
    /** @type {{ from: number, before: string, to: number | null } | null} */
    let finger = null;
    range.addEventListener("input", () => {
      const to = snap(Number(range.value));
      if (!finger) return go(to);
      finger.to = to;
      range.value = finger.before;
    });
    range.addEventListener("change", () => this.rest());
    range.addEventListener("focus", () => this.grab(name));
    range.addEventListener("pointerdown", ({ button, pointerType, pointerId, clientX }) => {
      if (button) return; // a menu opens, which keeps for itself that it is let go
      finger = pointerType === "touch" ? { from: clientX, before: range.value, to: null } : null;
      this.grab(name);
      this.grip(POINTER_UP, pointerId);
      if (!finger) range.focus({ preventScroll: true }); // Safari's mouse does not
    });
    range.addEventListener("pointermove", ({ clientX }) => {
      if (finger && Math.abs(clientX - finger.from) > SIDEWAYS) finger = null;
    });
    range.addEventListener("pointercancel", () => (finger = null));
    range.addEventListener("pointerup", () => {
      const to = finger?.to ?? null;
      finger = null;
      if (to === null) return;
      go(to);
      this.rest();
    });
    range.addEventListener("keydown", (event) => {
      if (isCommand(event)) return; // Alt and ← go back in the browser
      const now = Number(range.value);
      let to;
      if (UP.has(event.key)) to = (Math.floor(now / grid) + 1) * grid;
      else if (DOWN.has(event.key)) to = (Math.ceil(now / grid) - 1) * grid;
      else if (event.key === "PageUp") to = now + 4 * grid;
      else if (event.key === "PageDown") to = now - 4 * grid;
      else if (event.key === "Home") to = low;
      else if (event.key === "End") to = high;
      else return;
      event.preventDefault();
      this.press();
      go(snap(to));
    });
    this.onIntent(range, name);
    typed.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (["ArrowUp", "ArrowDown"].includes(event.key)) {
        this.press();
        if (form === POWER) { // the browser's own step is 1, from the least
          event.preventDefault();
          go(snap(Number(range.value) + (event.key === "ArrowUp" ? grid : -grid)));
        }
      }
      // Undo is the page's again once what was typed is taken over.
      if (!isUndoOrRedo(event) || typed.value !== typed.defaultValue) return;
      event.preventDefault();
      range.focus();
      range.dispatchEvent(new KeyboardEvent(event.type, event));
    });
    // Else it would change, unheard, while the page is scrolled.
    typed.addEventListener("wheel", () => typed.blur(), { passive: true });
    typed.addEventListener("input", () => typed.setCustomValidity(""));
    typed.addEventListener("change", () => {
      const to = typed.value ? form.read(typed.value) : NaN;
      if (Number.isFinite(to) && low <= to && to <= high) {
        typed.defaultValue = typed.value; // however it is written: .5, 2.0
        go(to);
        if (!this.gripped) this.rest();
        return;
      }
      const came = typed.value || "nothing that is a number";
      typed.setCustomValidity(`${name} needs a number from ${least} to ${most}; got ${came}.`);
      typed.reportValidity();
      typed.value = form.write(Number(range.value));
    });
    const field = area && dragField(area, range);
    if (field) {
      field.addEventListener("pointerdown", ({ button, pointerId }) => button || this.grip(POINTER_UP, pointerId));
      this.onIntent(field, name);
    }
    return { element, text, range, typed, form, field };
  }

  // From now until it is let go; ends: how it may be; pointer: by which, none by a key.
  /** @param {string[]} ends @param {number} [pointer] */
  grip(ends, pointer) {
    if (this.gripped) return; // a key that is held says so again and again
    const release = (/** @type {Event} */ event) => {
      // Another finger's that came later; the first of a new touch lets go of what was lost, too.
      if (event instanceof PointerEvent && !event.isPrimary && event.pointerId !== pointer) return;
      for (const end of ends) window.removeEventListener(end, release);
      this.gripped = false;
      this.lookAt(this.entry);
      this.release();
    };
    for (const end of ends) window.addEventListener(end, release);
    this.gripped = true;
  }

  // The same of a key.
  press() {
    this.grip(KEY_UP);
  }

  // Whoever stays over a control is about to use it.
  /** @param {HTMLElement} element @param {string} name */
  onIntent(element, name) {
    let timer = 0;
    element.addEventListener("pointerenter", () => {
      timer = setTimeout(() => this.grab(name), HOVER);
    });
    element.addEventListener("pointerleave", () => clearTimeout(timer));
  }

  // --- the step-through

  /** @param {KeyboardEvent} event */
  shortcut(event) {
    if (this.last < 0 || isTyping(event) || isInMenu(event) || isCommand(event)) return;
    const act = this.meant(nameOf(event), event.repeat);
    if (!act) return;
    event.preventDefault();
    this.press();
    act();
  }
}

// A part of the picture on which one drags a slider's value itself, from left to right.
//
// The range hears of it as if its thumb were dragged; it gets the focus, so that the arrow keys go
// on from there.
/** @param {Box} area @param {HTMLInputElement} range */
function dragField(area, range) {
  const field = make("div", "live-figure-field");
  placeAt(field, area);
  /** @param {"input" | "change"} type */
  const tell = (type) => range.dispatchEvent(new Event(type, { bubbles: true }));
  const follow = (/** @type {PointerEvent} */ { clientX }) => {
    const box = field.getBoundingClientRect();
    const [low, high] = [Number(range.min), Number(range.max)];
    const value = low + ((clientX - box.left) / box.width) * (high - low);
    range.value = String(value); // it keeps to its ends
    tell("input");
  };
  /** @type {number | null} */
  let pointer = null; // that drags; another finger does not
  // A field that is laid out elsewhere meanwhile loses it, and does not hear of that.
  const drags = () => pointer !== null && field.hasPointerCapture(pointer);
  field.addEventListener("pointerdown", (event) => {
    if (event.button || drags()) return;
    event.preventDefault(); // no text is selected
    range.focus({ preventScroll: true });
    field.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    follow(event);
  });
  field.addEventListener("pointermove", (event) => {
    if (event.pointerId === pointer && drags()) follow(event);
  });
  field.addEventListener("lostpointercapture", ({ pointerId }) => {
    if (pointerId !== pointer) return;
    pointer = null;
    tell("change");
  });
  return field;
}

// The ways from one slider to the next where there is room for one, and to all of them.
class Turns {
  /** @param {(by: number) => void} turn @param {() => void} showAll */
  constructor(turn, showAll) {
    this.back = makeButton("live-figure-tool", "", () => turn(-1));
    this.all = makeButton("live-figure-tool", "", showAll);
    this.next = makeButton("live-figure-tool", "", () => turn(1));
    this.element = make("div", "live-figure-turns");
    attributes(this.element, { role: "group", "aria-label": "Sliders" });
    this.element.append(this.back, this.all, this.next);
  }

  // before, after: the labels of the neighbours; none at the ends. open: whether all are there.
  /** @param {(string | null | undefined)[]} labels @param {boolean} open @param {number} count */
  show([before, after], open, count) {
    this.element.hidden = count < 2;
    this.back.hidden = this.next.hidden = open;
    this.back.textContent = `\u2039 ${before ?? ""}`;
    this.next.textContent = `${after ?? ""} \u203A`;
    allow(this.back, Boolean(before));
    allow(this.next, Boolean(after));
    this.all.textContent = open ? "one slider" : "all sliders";
    attributes(this.all, { "aria-expanded": open, "aria-label": open ? "One slider" : "All sliders" });
  }
}
