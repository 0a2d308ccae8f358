// Sentences with formulas: their lines end at spaces alone, and not at each of them.

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
