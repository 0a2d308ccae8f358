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

/** @param {string} name @param {string} label @param {() => void} act */
export function makeButton(name, label, act) {
  const button = make("button", name, { type: "button", textContent: label });
  button.addEventListener("click", act);
  return button;
}

/** @param {Element} element @param {Record<string, string | number | boolean>} values */
export function attributes(element, values) {
  for (const [key, value] of Object.entries(values)) element.setAttribute(key, String(value));
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
