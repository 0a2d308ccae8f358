// Elements: made in one line, and what there is to be done with each of them.

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
  button.addEventListener("click", act);
  return button;
}

/** @param {Element} element @param {Record<string, string | number | boolean>} values */
export function attributes(element, values) {
  for (const [key, value] of Object.entries(values)) element.setAttribute(key, String(value));
}

// Gives the focus back that was lost where what had it was laid out anew, or could not be pressed for a
// while; not where something else has it by now.
/** @param {Element | null} focused */
export function refocus(focused) {
  if (document.activeElement !== document.body || !(focused instanceof HTMLElement)) return;
  focused.focus({ preventScroll: true });
}

// A dialog that is shut by a click beside it: one that began there, and is no second of two, whose first
// has opened it. A text that is selected to beyond its edge is none.
/** @param {string} name */
export function makeDialog(name) {
  const dialog = make("dialog", name);
  let pressed = false; // beside it
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

// Places an element, in px of what it is placed in.
/** @param {HTMLElement} element @param {Box} box */
export function placeAt(element, [left, top, width, height]) {
  const px = { left, top, width, height };
  for (const [key, value] of Object.entries(px)) element.style.setProperty(key, `${value}px`);
}

// The first element that matches, from where an event happened outwards; null where none does.
/** @param {Event} event @param {string} selector @returns {HTMLElement | null} */
export function around({ target }, selector) {
  return target instanceof Element ? target.closest(selector) : null;
}

// --- sentences with formulas: their lines end at spaces alone, and not at each of them

const LONG = 30; // signs that a line always has room for
const BINDS = /^[=≈≤≥<>+−·×←→]$/; // an operator begins a line, and does not end one
// What is not parted from what stands before it: a unit, a factor, a bare number.
const BOUND = /^(%|[·×]$|[−+]?\d[\d.,]*[).:;,]*$)/;
const PLAIN = /^[A-Za-z,.;:()’']*$/; // nowhere in it would a line end

// The text of an element; a copy of it is the text itself.
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
