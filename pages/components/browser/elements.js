// Short functions that make, place and fill HTML elements; and the buttons of the step-through, which
// the pages share with an exported interactive file.

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} name
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, name, properties = {}) {
  const element = document.createElement(tag);
  element.className = name;
  return Object.assign(element, properties);
}

/** @param {string} name @param {string} label @param {(event: MouseEvent) => void} act */
export function makeButton(name, label, act) {
  const button = make("button", name, { type: "button", textContent: label });
  onPress(button, act);
  return button;
}

// Calls act on each click, unless the button is disabled by `allow`.
/** @param {HTMLButtonElement} button @param {(event: MouseEvent) => void} act */
function onPress(button, act) {
  button.addEventListener("click", (event) => button.getAttribute("aria-disabled") === "true" || act(event));
}

// Enables or disables a button. A disabled one keeps the focus, so that the keyboard goes on from there
// and a screen reader reports that it is disabled.
/** @param {HTMLButtonElement} button @param {boolean} able */
export const allow = (button, able) => attributes(button, { "aria-disabled": !able });

/** @param {Element} element @param {Record<string, string | number | boolean>} values */
export function attributes(element, values) {
  for (const [key, value] of Object.entries(values)) element.setAttribute(key, String(value));
}

// Gives the focus back to an element that lost it because it was laid out again or disabled for a while,
// unless another element has the focus by now.
/** @param {Element | null} focused */
export function refocus(focused) {
  if (document.activeElement !== document.body || !(focused instanceof HTMLElement)) return;
  focused.focus({ preventScroll: true });
}

// A dialog that a click beside it closes. The press must have begun there too, because selecting text may
// end beyond the edge; and the second click of a double click, whose first opened the dialog, is ignored.
/** @param {string} name */
export function makeDialog(name) {
  const dialog = make("dialog", name);
  let pressed = false; // whether the press began beside the dialog
  const isBeside = (/** @type {MouseEvent} */ { clientX: x, clientY: y }) => {
    const { left, top, right, bottom } = dialog.getBoundingClientRect();
    return x < left || x > right || y < top || y > bottom;
  };
  dialog.addEventListener("pointerdown", (event) => (pressed = isBeside(event)));
  dialog.addEventListener("click", (event) => {
    if (pressed && event.detail === 1 && isBeside(event)) dialog.close();
  });
  return dialog;
}

// Places an element, in px of its container.
/** @param {HTMLElement} element @param {Box} box */
export function placeAt(element, [left, top, width, height]) {
  const px = { left, top, width, height };
  for (const [key, value] of Object.entries(px)) element.style.setProperty(key, `${value}px`);
}

// The innermost element around an event's target that matches; null if none does.
/** @param {Event} event @param {string} selector @returns {HTMLElement | null} */
export function around({ target }, selector) {
  return target instanceof Element ? target.closest(selector) : null;
}

// --- sentences with formulas, whose lines break only at spaces, and not at every space

const LONG = 30; // characters that a line always has room for
const BINDS = /^[=≈≤≥<>+−·×←→]$/; // an operator may begin a line, but not end one
// What stays on the line of the word before it: a unit, a factor, a bare number.
const BOUND = /^(%|[·×]$|[−+]?\d[\d.,]*[).:;,]*$)/;
const PLAIN = /^[A-Za-z,.;:()’']*$/; // no line breaks within such a part anyway

// Sets the text of an element. What a user copies from it is the same text.
/** @param {HTMLElement} element @param {string} text */
export function write(element, text) {
  /** @type {string[]} */
  const parts = [];
  for (const word of text.split(" ")) {
    const before = parts.at(-1);
    const last = before?.slice(before.lastIndexOf(" ") + 1) ?? "";
    const bound = before !== undefined && (BOUND.test(word) || BINDS.test(last));
    if (bound && before.length + word.length < LONG) parts[parts.length - 1] = `${before} ${word}`;
    else parts.push(word);
  }
  element.replaceChildren(...parts.flatMap((part, i) => [i ? " " : "", whole(part)]));
}

/** @param {string} part */
function whole(part) {
  if (PLAIN.test(part) || part.length > 2 * LONG) return part;
  const span = document.createElement("span");
  span.style.whiteSpace = "nowrap";
  span.textContent = part;
  return span;
}

// --- the step-through

export class StepThrough {
  // go(step): shows that step. beat: ms between the steps while playing.
  /**
   * @param {(step: number) => void} go
   * @param {number} beat
   * @param {Record<"start" | "back" | "next" | "play", HTMLButtonElement>} buttons
   */
  constructor(go, beat, { start, back, next, play }) {
    this.go = go;
    this.beat = beat;
    this.last = -1; // the last step; -1 if there are none
    this.step = 0;
    this.playing = 0; // a timer; 0 if nothing plays
    this.held = this.locked = false; // held: no step can be taken; locked: nothing at all can be changed
    this.start = start;
    this.back = back;
    this.next = next;
    this.play = play;
    onPress(start, () => this.goBy(-this.last));
    onPress(back, () => this.goBy(-1));
    onPress(next, () => this.goBy(+1));
    onPress(play, () => this.toggle());
  }

  /** @param {number} step */
  showStep(step) {
    this.step = step;
    for (const each of [this.start, this.back]) allow(each, !this.held && step > 0);
    allow(this.next, !this.held && step < this.last);
    if (step === this.last) this.stop();
  }

  /** @param {number} by */
  goBy(by) {
    this.stop();
    this.goTo(Math.max(0, this.step + by));
  }

  /** @param {number} step */
  goTo(step) {
    if (this.locked || this.held) return;
    if (step >= 0 && step <= this.last && step !== this.step) this.go(step);
  }

  toggle() {
    if (this.locked || this.held) return;
    if (this.playing) return this.stop();
    this.play.textContent = "Pause";
    this.playing = setInterval(() => this.goTo(this.step + 1), this.beat);
    this.goTo(this.step === this.last ? 0 : this.step + 1);
  }

  stop() {
    clearInterval(this.playing);
    this.playing = 0;
    this.play.textContent = "Play";
  }

  // The act of a key; null if it has none. again: the key is held down, which would start and stop in turn.
  /** @param {string} key @param {boolean} again */
  meant(key, again) {
    if (key === "n") return () => this.goBy(1);
    if (key === "b") return () => this.goBy(-1);
    if (key === "p") return () => again || this.toggle();
    return null;
  }
}
