// The sliders, and the buttons of the step-through.

import { allow, attributes, make, makeButton, placeAt, refocus, StepThrough, write } from "./elements.js";
import { partsOf } from "./grids.js";
import { isCommand, isInMenu, isUndoOrRedo, isTyping, nameOf } from "./page.js";

const HOVER = 100; // ms of hovering after which the sweep is requested
const FITTING = 6; // characters that a number field always has room for
const SIDEWAYS = 8; // px along a slider after which a finger is not going to scroll
const BEAT = 3000; // ms between the steps while playing: time to speak about each
const UP = new Set(["ArrowRight", "ArrowUp"]);
const DOWN = new Set(["ArrowLeft", "ArrowDown"]);
const POINTER_UP = ["pointerup", "pointercancel"];
const KEY_UP = ["keyup", "blur"]; // blur is the window's: no keyup comes after it
/** @typedef {{ kind: string, at: { left: number, top: number, width: number } }} Placed */

// How the number field writes and reads a slider's value: as it is, or as a power of ten.
/** @typedef {{ write: (value: number) => string, read: (text: string) => number }} Form */
/** @type {Form} */
const PLAIN = { write: String, read: Number };
/** @type {Form} */
const POWER = {
  write: (exponent) => Number((10 ** exponent).toPrecision(3)).toExponential(),
  read: (text) => Math.round(Math.log10(Number(text)) * 1e9) / 1e9,
};

// How many sliders a phone's list has, as the styles are told.
/** @param {number} count */
export const listed = (count) => ["none", "one"][count] ?? "several";

export class Controls extends StepThrough {
  // Called: grab(name) when a slider, or the step, is about to be moved; rest() when it has been moved;
  // release() when no finger and no key is on a slider any more; choose(entry) when a button turns to it.
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
    this.entry = ""; // the entry that is looked at
    this.gripped = false; // whether a finger, a mouse button or a key holds a slider
    this.choose = choose;
    this.steps = make("div", "live-figure-steps");
    this.steps.dataset.beneath = "true";
    this.stepping = make("div", "live-figure-stepping");
    this.stepping.append(...Object.values(buttons));
    this.stepping.addEventListener("focusin", () => this.grab("step"));
    this.stepName = make("p", "live-figure-said", { hidden: true });
    this.stepName.dataset.beneath = "true"; // counts while it is not in `steps`
    this.steps.append(this.stepName);
    attributes(this.steps, { role: "group", "aria-label": "Step through" });
    this.onIntent(this.steps, "step");
  }

  // Takes over which sliders there are, which a setting may add, remove or move, and whether there are
  // steps.
  /** @param {LiveFigureData} data */
  arrange(data) {
    this.last = data.steps.length - 1;
    this.stepName.hidden = this.last <= 0;
    if (this.last <= 0) {
      this.stop(); // the steps that may be playing are gone
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

  // Places the sliders beside their cells if there is room, otherwise in a list below the picture. A focused
  // slider keeps the focus, but not while presenting, when the keys belong to the presenter.
  /** @param {import("./stage.js").Stage} stage @param {boolean} narrow */
  place(stage, narrow) {
    const { activeElement } = document;
    this.lay(stage, narrow);
    if (!stage.strip) refocus(activeElement);
  }

  /** @param {import("./stage.js").Stage} stage @param {boolean} narrow */
  lay(stage, narrow) {
    for (const { element, field, at } of this.sliders.values()) {
      const left = Math.max(at.left, stage.inset + 4); // of the visible part
      element.dataset.cut = String(left > at.left);
      Object.assign(element.style, {
        left: narrow ? "" : `${left}px`,
        top: narrow ? "" : `${at.top}px`,
        width: narrow ? "" : `${at.left + at.width - left}px`,
      });
      (narrow ? this.list : stage.canvas).append(element);
      if (!field) continue;
      if (narrow) field.remove(); // so that a finger scrolls the picture
      else stage.canvas.append(field);
    }
    if (!narrow) return this.list.remove();
    this.list.hidden = !this.sliders.size;
    this.list.prepend(this.turns.element);
    stage.side.element.after(this.list);
    this.lookAt(this.entry);
  }

  // --- on a phone: the slider of the entry that is looked at, and the buttons to the others

  // Shows the slider of an entry, or of its upstream gradient; otherwise that of the input at the same
  // place; otherwise the one shown before.
  /** @param {string} entry */
  lookAt(entry) {
    this.entry = entry;
    const names = [...this.sliders.keys()];
    const all = this.list.dataset.all === "true";
    const figure = this.list.parentElement; // its style depends on what is in the list
    if (figure) figure.dataset.list = all ? "all" : listed(names.length);
    if (this.gripped) return; // the slider under a finger stays
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

  // Prevents every movement and every step, or allows them again.
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

  // Disables the sliders or the steps if there is a reason, which becomes their title.
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

  // Shows these values on the sliders and in the step-through.
  /** @param {Map<string, Value>} values */
  show(values) {
    for (const [name, { range, typed, form }] of this.sliders) {
      if (!values.has(name)) continue; // a slider that goes when the new arrangement is drawn
      const value = Number(values.get(name));
      const written = form.write(value);
      if (Number(range.value) !== value) range.value = String(value);
      const told = typed.defaultValue; // as last shown; a user typing there has something else
      const writes = document.activeElement === typed && ![told, written].includes(typed.value);
      if (!writes && told !== written) {
        typed.value = typed.defaultValue = written;
        typed.setCustomValidity(""); // clears the refusal of an earlier value
      }
      // Widens the field for 3.0000001, whose last digit matters.
      typed.style.width = written.length > FITTING ? `${written.length + 1}ch` : "";
      if (form === POWER) attributes(range, { "aria-valuetext": written });
    }
    if (this.last >= 0 && values.has("step")) this.showStep(Number(values.get("step")));
  }

  // Shows what happens at the present step.
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
    // A finger on a slider may be about to scroll. It moves the slider only once it moves along the
    // slider, or when it is lifted where it came down.
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
      if (button) return; // a context menu opens, which swallows the pointerup
      finger = pointerType === "touch" ? { from: clientX, before: range.value, to: null } : null;
      this.grab(name);
      this.grip(POINTER_UP, pointerId);
      if (!finger) range.focus({ preventScroll: true }); // a mouse press in Safari does not
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
      if (isCommand(event)) return; // Alt+← goes back in the browser
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
        if (form === POWER) { // the browser's own step is 1, counted from the minimum
          event.preventDefault();
          go(snap(Number(range.value) + (event.key === "ArrowUp" ? grid : -grid)));
        }
      }
      // Ctrl+Z is the page's Undo again once the typed value is taken over.
      if (!isUndoOrRedo(event) || typed.value !== typed.defaultValue) return;
      event.preventDefault();
      range.focus();
      range.dispatchEvent(new KeyboardEvent(event.type, event));
    });
    // Otherwise scrolling the page would change the number, without a change event.
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

  // Notes that a slider is held until one of the events `ends`. pointer: the one that holds it, if any.
  /** @param {string[]} ends @param {number} [pointer] */
  grip(ends, pointer) {
    if (this.gripped) return; // a held key repeats
    const release = (/** @type {Event} */ event) => {
      // Ignores another finger that came later. The first finger of a new touch also ends a lost grip.
      if (event instanceof PointerEvent && !event.isPrimary && event.pointerId !== pointer) return;
      for (const end of ends) window.removeEventListener(end, release);
      this.gripped = false;
      this.lookAt(this.entry);
      this.release();
    };
    for (const end of ends) window.addEventListener(end, release);
    this.gripped = true;
  }

  // The same for a key.
  press() {
    this.grip(KEY_UP);
  }

  // Grabs a control when the pointer stays over it, because it is then likely to be used.
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

// A part of the picture on which a slider's value can be dragged, from left to right.
//
// The range input gets the same events as if its thumb were dragged, and the focus, so that the arrow
// keys go on from there.
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
    range.value = String(value); // the range clamps it to its ends
    tell("input");
  };
  /** @type {number | null} */
  let pointer = null; // the pointer that drags; other fingers are ignored
  // A field that is moved in the document meanwhile loses the capture without an event.
  const drags = () => pointer !== null && field.hasPointerCapture(pointer);
  field.addEventListener("pointerdown", (event) => {
    if (event.button || drags()) return;
    event.preventDefault(); // so that no text is selected
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

// The buttons to the next slider and to the one before, if there is room for only one, and to all of them.
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

  // before, after: the labels of the neighbours; none at the ends. open: whether all sliders are shown.
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
