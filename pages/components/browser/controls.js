// The sliders, and the buttons of the step-through.

import { make } from "./elements.js";

const HOVER = 100; // ms of hovering after which the sweep is asked for
const BEAT = 1400; // ms between the steps while playing
const UP = new Set(["ArrowRight", "ArrowUp"]);
const DOWN = new Set(["ArrowLeft", "ArrowDown"]);
// How the number field writes and reads what a slider has: as it is, or as a power of ten.
const PLAIN = { write: String, read: Number };
const POWER = {
  write: (exponent) => Number((10 ** exponent).toPrecision(3)).toExponential(),
  read: (text) => Math.round(Math.log10(Number(text)) * 1e9) / 1e9,
};

export class Controls {
  constructor(data, { grab, move, rest }) {
    Object.assign(this, { grab, move, rest });
    this.sliders = new Map();
    this.list = make("div", "live-figure-list");
    this.last = data.steps.length - 1;
    this.steps = data.steps.length ? this.stepBar() : make("div", "live-figure-steps");
    this.onIntent(this.steps, "step");
  }

  // Which sliders there are: a setting may add some, take some away, or move them.
  arrange(data) {
    const wanted = new Map(data.sliders.map((slider) => [slider.name, slider]));
    const there = [...wanted].map(([name, { left, top, width, label, ...slider }]) => {
      const kind = JSON.stringify({ ...slider, value: null });
      const old = this.sliders.get(name);
      const made = old?.kind === kind ? old : this.slider(slider);
      if (made !== old) old?.field?.remove();
      made.text.textContent = label;
      return [name, { ...made, kind, at: { left, top, width } }];
    });
    const kept = new Set(there.map(([, { element }]) => element));
    for (const { element, field } of this.sliders.values()) {
      if (kept.has(element)) continue;
      element.remove();
      field?.remove();
    }
    this.sliders = new Map(there);
  }

  // Beside their cells where there is room, else in a list beneath the picture.
  place(stage, narrow) {
    for (const { element, field, at } of this.sliders.values()) {
      const left = Math.max(at.left, stage.inset + 4); // of what is visible
      element.dataset.cut = left > at.left;
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
    if (narrow) stage.box.after(this.list);
    else this.list.remove();
  }

  // What the sliders and the step bar show.
  show(data, values) {
    for (const [name, { range, typed, form }] of this.sliders) {
      const value = values.get(name);
      const written = form.write(value);
      if (Number(range.value) !== value) range.value = value;
      if (document.activeElement !== typed && typed.value !== written) typed.value = written;
      if (form === POWER) range.setAttribute("aria-valuetext", written);
    }
    if (this.last < 0) return;
    this.step = values.get("step");
    this.back.disabled = this.step === 0;
    this.next.disabled = this.step === this.last;
    this.said.textContent = data.steps[this.step];
    if (this.step === this.last) this.stop();
  }

  // --- one slider

  slider({ name, said, value, low, high, grid, named, power, area }) {
    const form = power ? POWER : PLAIN;
    const [least, most] = [form.write(low), form.write(high)];
    const element = make("div", "live-figure-slider");
    const text = make("span", "live-figure-label");
    text.dataset.named = named;
    text.setAttribute("aria-hidden", "true");
    const range = make("input", "live-figure-range");
    Object.assign(range, { type: "range", min: low, max: high, step: "any", value });
    range.setAttribute("aria-label", said || name);
    const typed = make("input", "live-figure-number");
    const shown = { min: least, max: most, step: "any", value: form.write(value) };
    Object.assign(typed, { type: "number", ...shown });
    typed.setAttribute("aria-label", `${said || name}, exact value`);
    element.append(text, range, typed);

    const snap = (raw) => Math.min(high, Math.max(low, Math.round(raw / grid) * grid)) + 0;
    const go = (to) => {
      range.value = to;
      this.move(name, to);
    };
    range.addEventListener("input", () => go(snap(Number(range.value))));
    range.addEventListener("change", () => this.rest());
    range.addEventListener("focus", () => this.grab(name));
    range.addEventListener("pointerdown", () => this.grab(name));
    range.addEventListener("keydown", (event) => {
      const now = Number(range.value);
      const big = { PageUp: 4 * grid, PageDown: -4 * grid }[event.key];
      let to;
      if (UP.has(event.key)) to = (Math.floor(now / grid) + 1) * grid;
      else if (DOWN.has(event.key)) to = (Math.ceil(now / grid) - 1) * grid;
      else if (big) to = now + big;
      else if (event.key === "Home") to = low;
      else if (event.key === "End") to = high;
      else return;
      event.preventDefault();
      go(snap(to));
    });
    this.onIntent(range, name);
    typed.addEventListener("keydown", (event) => event.stopPropagation());
    typed.addEventListener("input", () => typed.setCustomValidity(""));
    typed.addEventListener("change", () => {
      const to = typed.value ? form.read(typed.value) : NaN;
      if (Number.isFinite(to) && low <= to && to <= high) {
        go(to);
        this.rest();
        return;
      }
      const came = typed.value || "nothing that is a number";
      typed.setCustomValidity(`${name} needs a number from ${least} to ${most}; got ${came}.`);
      typed.reportValidity();
      typed.value = form.write(range.value);
    });
    const field = area && dragField(area, range);
    if (field) this.onIntent(field, name);
    return { element, text, range, typed, form, field };
  }

  // Whoever stays over a control is about to use it.
  onIntent(element, name) {
    let timer = 0;
    element.addEventListener("pointerenter", () => {
      timer = setTimeout(() => this.grab(name), HOVER);
    });
    element.addEventListener("pointerleave", () => clearTimeout(timer));
  }

  // --- the step-through

  stepBar() {
    const bar = make("div", "live-figure-steps");
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Step through");
    const button = (label, title, act) => {
      const made = make("button", "live-figure-step");
      Object.assign(made, { type: "button", textContent: label, title });
      made.addEventListener("click", act);
      made.addEventListener("focus", () => this.grab("step"));
      bar.append(made);
      return made;
    };
    this.back = button("◀ Back", "One step back (key B)", () => this.goBy(-1));
    this.next = button("Next ▶", "One step on (key N)", () => this.goBy(+1));
    this.play = button("Play", "All the steps, one after the other (key P)", () => this.toggle());
    this.said = make("span", "live-figure-said");
    bar.append(this.said);
    return bar;
  }

  goBy(by) {
    this.stop();
    this.goTo(this.step + by);
  }

  goTo(step) {
    if (step < 0 || step > this.last || step === this.step) return;
    this.grab("step");
    this.move("step", step);
  }

  toggle() {
    if (this.playing) return this.stop();
    this.play.textContent = "Pause";
    this.playing = setInterval(() => this.goTo(this.step + 1), BEAT);
    this.goTo(this.step === this.last ? 0 : this.step + 1);
  }

  stop() {
    clearInterval(this.playing);
    this.playing = null;
    if (this.play) this.play.textContent = "Play";
  }

  shortcut(event) {
    const typing = event.target.closest?.("input:not([type=range]), textarea, [contenteditable]");
    if (this.last < 0 || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { n: () => this.goBy(1), b: () => this.goBy(-1), p: () => this.toggle() };
    const key = event.key.toLowerCase();
    if (!(key in act)) return;
    event.preventDefault();
    act[key]();
  }
}

// A part of the picture on which one drags a slider's value itself, from left to right.
//
// The range hears of it as if its thumb were dragged; it gets the focus, so that the arrow keys go
// on from there.
function dragField([left, top, width, height], range) {
  const field = make("div", "live-figure-field");
  Object.assign(field.style, {
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    height: `${height}px`,
  });
  const tell = (type) => range.dispatchEvent(new Event(type, { bubbles: true }));
  const follow = ({ clientX }) => {
    const box = field.getBoundingClientRect();
    const [low, high] = [Number(range.min), Number(range.max)];
    range.value = low + ((clientX - box.left) / box.width) * (high - low); // it keeps to its ends
    tell("input");
  };
  field.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault(); // no text is selected
    range.focus({ preventScroll: true });
    field.setPointerCapture(event.pointerId);
    follow(event);
  });
  field.addEventListener("pointermove", (event) => {
    if (field.hasPointerCapture(event.pointerId)) follow(event);
  });
  field.addEventListener("lostpointercapture", () => tell("change"));
  return field;
}
