// Grids: maps of many cells, each map with a single element over it and a cursor that shows which cell.
//
// For a screen reader each is a grid in which only the cell under the cursor is there.

import { attributes, make, placeAt } from "./elements.js";
import { bytesOf } from "./files.js";
import { isCommand } from "./page.js";

/** @type {Record<string, [down: number, right: number]>} */
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const TYPES = { 1: Int8Array, 2: Int16Array, 4: Int32Array }; // by the bytes of a number
const [RAISED, LOWERED] = ["⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"]; // digits
const INDEX_COMMA = "\u201a";
const DIGITS = 6; // significant ones, of a number
const WHOLE = 1000; // from which on a number is not written with a fraction
const PACKED = 5e-7; // how far a number may be from the fraction: four bytes do not hold it exactly
/** @type {[fraction: number, sign: string][]} */
const ENDLESS = [[1 / 3, "⅓"], [2 / 3, "⅔"], [1 / 6, "⅙"], [5 / 6, "⅚"], [1 / 7, "⅐"], [1 / 9, "⅑"]];
let made = 0;

const FINGER = 44; // least px of a cell that a finger can hit
const HOLD = 180; // ms after which a finger that has not moved is not going to scroll
const TAUGHT = 2500; // ms for which the hint "Hold to magnify" stays
const MOVED = 10; // px of movement after which a finger's direction is known
const SEEN = 5; // cells in a row, and in a column, of the loupe
const CLEAR = 36; // px between the finger and the loupe
const EDGE = 4; // px between the loupe and the window's edge

export class Grids {
  // choose(entry): called when a cell is chosen.
  /** @param {(entry: string) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.element = make("div", "live-figure-grids");
    this.readout = make("div", "live-figure-readout");
    attributes(this.readout, { "aria-hidden": true });
    this.loupe = new Loupe();
    /** @type {Grid[]} */
    this.grids = [];
    this.places = "";
    /** @type {Map<string, (place: number) => string>} */
    this.numbers = new Map(); // by the cells' prefix, and "value" or "gradient"
    /** @type {Grid | null} */
    this.telling = null; // the grid whose cursor has the readout beside it
    this.teaching = 0; // a timer
  }

  /** @param {GridData[]} grids @param {string} chosen */
  describe(grids, chosen) {
    const places = grids.map((grid) => JSON.stringify({ ...grid, values: 0, gradients: 0 }));
    if (places.join() !== this.places) {
      this.places = places.join();
      this.arrange(grids, places);
    }
    // Several grids may show the same cells; one of them carries the numbers.
    this.numbers = new Map();
    for (const { prefix, values, gradients } of grids) {
      if (values) this.numbers.set(`${prefix} value`, unpacked(values, ""));
      if (gradients) this.numbers.set(`${prefix} gradient`, unpacked(gradients, "+"));
    }
    for (const grid of this.grids) {
      grid.mark(chosen);
      grid.describe();
    }
  }

  // A grid that stays in place keeps its element, and so the focus.
  /** @param {GridData[]} grids @param {string[]} places */
  arrange(grids, places) {
    const there = new Map(this.grids.map((grid) => [grid.key, grid]));
    this.grids = grids.map((grid, i) => there.get(places[i]) ?? new Grid(grid, this, places[i]));
    const kept = new Set(this.grids);
    for (const grid of there.values()) if (!kept.has(grid)) grid.remove();
    this.element.append(this.readout);
    for (const { element } of this.grids) if (!element.parentElement) this.readout.before(element);
    oneStop(this.grids);
    this.tell(null);
  }

  // The value or the gradient at a place, in words; "" if there is none.
  /** @param {string} prefix @param {"value" | "gradient"} what @param {number} place */
  words(prefix, what, place) {
    return this.numbers.get(`${prefix} ${what}`)?.(place) ?? "";
  }

  // Tells a user who has tapped on cells too small for a finger how to magnify them, until that was done.
  /** @param {Grid} grid */
  teach(grid) {
    if (this.loupe.known || !grid.isSmall()) return;
    this.tell(grid, "Hold to magnify", grid.box); // beside the map: the user looks at the tapped cell
    this.telling = null; // so that a changing number does not replace the hint
    clearTimeout(this.teaching);
    this.teaching = setTimeout(() => this.telling || this.tell(null), TAUGHT);
  }

  // Shows the readout beside the cursor of a grid, or beside another box; null hides it.
  /** @param {Grid | null} grid @param {string} said @param {Box | undefined} box */
  tell(grid, said = grid?.shown ?? "", box = grid?.cellBox()) {
    this.telling = grid;
    this.readout.hidden = !grid;
    if (!grid || !box) return;
    this.readout.textContent = said;
    const [left, top, width, height] = box;
    const above = top > 60;
    const half = this.readout.offsetWidth / 2;
    const middle = Math.max(half, left + width / 2);
    const farthest = this.element.clientWidth - half;
    this.readout.style.left = `${Math.min(middle, farthest) - half}px`;
    this.readout.style.top = `${above ? top - 8 : top + height + 8}px`;
    this.readout.style.transform = above ? "translateY(-100%)" : "";
  }
}

class Grid {
  /** @param {GridData} grid @param {Grids} all @param {string} key */
  constructor({ prefix, said, rows, columns, box, group, lined }, all, key) {
    this.all = all;
    this.key = key;
    this.prefix = prefix;
    this.rows = rows;
    this.columns = columns;
    this.box = box;
    this.group = group;
    this.lined = lined; // whether it is one long row, broken into lines
    this.stop = false; // whether the Tab key's stop in the group is this grid
    this.row = 0;
    this.column = 0;
    /** @type {string | null} */
    this.chosen = null;
    this.asked = ""; // the cell last chosen on this grid
    this.label = ""; // of the cell under the cursor, for a screen reader
    this.shown = ""; // the same for the readout
    /** @type {Touch | null} */
    this.finger = null; // a finger that may be about to scroll
    this.tapped = false; // whether the last pointer was a finger
    this.holding = 0; // a timer
    this.element = make("div", "live-figure-grid");
    this.element.tabIndex = 0;
    this.element.dataset.prefix = this.prefix;
    placeAt(this.element, box);
    this.cursor = make("div", "live-figure-cursor");
    this.cursor.id = `live-figure-cursor-${(made += 1)}`;
    this.line = make("div", "");
    this.line.append(this.cursor);
    this.element.append(this.line);
    attributes(this.element, {
      role: "grid",
      "aria-label": said,
      "aria-rowcount": rows,
      "aria-colcount": columns,
      "aria-activedescendant": this.cursor.id,
    });
    attributes(this.line, { role: "row" });
    attributes(this.cursor, { role: "gridcell" });
    this.listen();
    this.goTo(0, 0);
  }

  listen() {
    const { element, all } = this;
    element.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") this.follow(event);
    });
    element.addEventListener("pointerleave", () => {
      element.dataset.under = "false";
      if (!element.matches(":focus-visible")) all.tell(null);
    });
    element.addEventListener("focus", () => {
      stopAt(this, all.grids);
      if (element.matches(":focus-visible")) all.tell(this);
    });
    element.addEventListener("blur", () => all.tell(null));
    // Taken from the pointer event, since the click of an older Safari does not have the pointer's type.
    element.addEventListener("pointerdown", ({ pointerType }) => (this.tapped = pointerType === "touch"));
    element.addEventListener("click", (event) => {
      this.follow(event);
      if (this.tapped) {
        element.dataset.under = "false"; // the finger left before this, and does not again
        all.tell(null);
        all.teach(this);
      }
      this.choose();
    });
    element.addEventListener("keydown", (event) => this.pressed(event));
    element.addEventListener("touchstart", (event) => this.touched(event), { passive: false });
    element.addEventListener("touchmove", (event) => this.slid(event), { passive: false });
    element.addEventListener("touchend", (event) => this.lifted(event), { passive: false });
    element.addEventListener("touchcancel", () => {
      this.release();
      all.loupe.close();
    });
  }

  // --- a finger, which hides what it touches. If the cells are small, and it stays or moves sideways, a
  // loupe shows them; a swipe up or down scrolls, and a tap chooses as a click does

  /** @param {TouchEvent} event */
  touched(event) {
    this.release();
    if (!this.isSmall() || event.touches.length > 1) return this.all.loupe.close(); // two fingers zoom
    const [finger] = event.touches;
    this.finger = finger;
    this.holding = setTimeout(() => this.enlarge(finger), HOLD);
  }

  // Whether its cells are too small for a finger.
  isSmall() {
    const { width, height } = this.element.getBoundingClientRect();
    return Math.min(width / this.columns, height / this.rows) < FINGER;
  }

  // Ends the wait for what the finger will do.
  release() {
    clearTimeout(this.holding);
    this.finger = null;
  }

  // Removes the grid, also from under a finger, which then means nothing any more.
  remove() {
    this.release();
    if (this.all.loupe.grid === this.element) this.all.loupe.close();
    this.element.remove();
  }

  /** @param {Touch} finger */
  enlarge(finger) {
    this.release();
    if (!this.all.loupe.opened) this.all.loupe.open(this.element);
    this.follow(finger);
    this.all.tell(null); // the loupe shows it
    this.all.loupe.show(this.cellBox(), this.shown, finger);
  }

  /** @param {TouchEvent} event */
  slid(event) {
    const [finger] = event.touches;
    if (this.finger) {
      const across = Math.abs(finger.clientX - this.finger.clientX);
      const along = Math.abs(finger.clientY - this.finger.clientY);
      if (Math.max(across, along) < MOVED) return;
      if (along > across) return this.release();
    } else if (!this.all.loupe.opened) {
      return;
    }
    event.preventDefault(); // so that nothing scrolls meanwhile
    this.enlarge(finger);
  }

  /** @param {TouchEvent} event */
  lifted(event) {
    this.release();
    if (!this.all.loupe.opened) return;
    event.preventDefault(); // so that no click follows
    this.all.loupe.close();
    this.element.dataset.under = "false";
    this.choose();
  }

  choose() {
    this.asked = this.entry();
    this.all.choose(this.asked);
  }

  /** @param {{ clientX: number, clientY: number }} event */
  follow(event) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    this.goTo(
      Math.floor(((event.clientY - top) / height) * this.rows),
      Math.floor(((event.clientX - left) / width) * this.columns),
    );
    this.element.dataset.under = "true"; // set by movement: a resting pointer may be elsewhere
    this.all.tell(this);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (isCommand(event)) return;
    if (event.key in STEPS) {
      this.step(...STEPS[event.key]);
    } else if (event.key === "Enter" || event.key === " ") {
      this.choose();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} down @param {number} right */
  step(down, right) {
    const next = beyond(this, this.all.grids, down, right);
    if (next) next.goTo(...entered(next, this, down, right));
    else this.goTo(this.row + down, this.column + right);
    (next ?? this).element.focus({ preventScroll: true });
    this.all.tell(next ?? this);
  }

  /** @param {number} row @param {number} column */
  goTo(row, column) {
    this.row = Math.max(0, Math.min(this.rows - 1, row));
    this.column = Math.max(0, Math.min(this.columns - 1, column));
    const [left, top, width, height] = this.cellBox();
    placeAt(this.cursor, [left - this.box[0], top - this.box[1], width, height]);
    this.cursor.dataset.entry = this.entry();
    attributes(this.line, { "aria-rowindex": this.row + 1 });
    attributes(this.cursor, {
      "aria-colindex": this.column + 1,
      "aria-selected": this.entry() === this.chosen,
    });
    this.describe();
  }

  // Marks the chosen cell. The cursor goes there, unless it was chosen here or the pointer is on the grid.
  /** @param {string} chosen */
  mark(chosen) {
    if (chosen === this.chosen) return;
    this.chosen = chosen;
    const counted = chosen.startsWith(this.prefix)
      ? chosen.slice(this.prefix.length).split(",").map(Number)
      : [];
    const place = counted[0] - 1;
    const [row, column, more] = this.lined
      ? [Math.floor(place / this.columns) + 1, (place % this.columns) + 1, counted[1]]
      : counted;
    const here = row >= 1 && column >= 1 && more === undefined;
    const own = this.asked === chosen || this.element.dataset.under === "true";
    if (here && !own) this.goTo(row - 1, column - 1);
    else this.goTo(this.row, this.column);
  }

  // Labels the cell under the cursor.
  describe() {
    const at = this.row * this.columns + this.column;
    const value = this.all.words(this.prefix, "value", at);
    const gradient = this.all.words(this.prefix, "gradient", at);
    const numbers = (value && ` = ${value}`) + (gradient && `, ${gradient}`);
    const label = this.entry() + numbers;
    if (label === this.label) return;
    this.label = label;
    this.shown = written(this.entry()) + numbers;
    attributes(this.cursor, { "aria-label": label });
    if (this.all.telling === this) this.all.tell(this);
  }

  entry() {
    const place = this.row * this.columns + this.column + 1;
    return this.prefix + (this.lined ? place : `${this.row + 1},${this.column + 1}`);
  }

  /** @returns {Box} */
  cellBox() {
    const [left, top, width, height] = this.box;
    const [across, down] = [width / this.columns, height / this.rows];
    return [left + this.column * across, top + this.row * down, across, down];
  }
}

// What lies around a finger, so enlarged that the finger can hit a cell; the cell under it is framed.
class Loupe {
  constructor() {
    this.element = make("div", "live-figure-loupe");
    attributes(this.element, { "aria-hidden": true });
    this.said = make("div", "live-figure-loupe-said");
    this.frame = make("div", "live-figure-loupe-frame");
    /** @type {SVGElement[]} */
    this.pictures = [];
    /** @type {HTMLElement | null} */
    this.grid = null; // the one on which it was last opened
    this.opened = false;
    this.known = false; // whether it was ever opened
  }

  // Opens with a copy of the drawing that a grid lies on.
  /** @param {HTMLElement} grid */
  open(grid) {
    const drawn = grid.closest(".live-figure-canvas")?.querySelectorAll("svg.main-svg") ?? [];
    this.pictures = [...drawn].map((svg) => {
      const copy = /** @type {SVGElement} */ (svg.cloneNode(true));
      copy.removeAttribute("style"); // its size, and its background
      return copy;
    });
    this.grid = grid;
    this.opened = this.known = true;
    this.element.replaceChildren(...this.pictures, this.frame, this.said);
    grid.closest(".live-figure")?.append(this.element);
  }

  close() {
    this.opened = false;
    this.element.remove();
  }

  // Shows the cells around a cell, given by its box on the picture. The loupe is above the finger, or
  // beside it if there is no room: below it is the hand.
  /** @param {Box} cell @param {string} label @param {{ clientX: number, clientY: number }} finger */
  show([left, top, width, height], label, { clientX, clientY }) {
    const around = (SEEN - 1) / 2;
    const [x, y] = [left - around * width, top - around * height];
    for (const picture of this.pictures) {
      attributes(picture, { viewBox: `${x} ${y} ${SEEN * width} ${SEEN * height}` });
    }
    this.said.textContent = label;
    const { offsetWidth, offsetHeight } = this.element;
    const above = clientY - CLEAR - offsetHeight;
    const middle = [clientX - offsetWidth / 2, above];
    const aside = clientX < window.innerWidth / 2 ? clientX + CLEAR : clientX - CLEAR - offsetWidth;
    const [x0, y0] = above >= EDGE ? middle : [aside, clientY - offsetHeight / 2];
    this.element.style.left = `${within(x0, offsetWidth, window.innerWidth)}px`;
    this.element.style.top = `${within(y0, offsetHeight, window.innerHeight)}px`;
  }
}

// Where something of this size begins, so that it does not extend beyond the window.
/** @param {number} begin @param {number} size @param {number} room */
const within = (begin, size, room) => Math.max(EDGE, Math.min(begin, room - size - EDGE));

// --- grids in groups: tiles side by side that are a single stop of the Tab key; the arrow keys go from
// one tile to the next

// Makes one grid of each group its stop: the one that last had the focus, otherwise the first.
/** @param {Grid[]} grids */
function oneStop(grids) {
  for (const grid of grids) {
    const own = grids.filter(({ group }) => group === grid.group);
    const stop = own.find(({ stop }) => stop) ?? own[0];
    grid.element.tabIndex = !grid.group || grid === stop ? 0 : -1;
  }
}

/** @param {Grid} grid @param {Grid[]} grids */
function stopAt(grid, grids) {
  for (const other of grids) if (other.group === grid.group) other.stop = other === grid;
  oneStop(grids);
}

// The neighbour in the group if a step by down and right leaves this grid; null if it does not, or if
// there is no neighbour.
/** @param {Grid} grid @param {Grid[]} grids @param {number} down @param {number} right */
function beyond(grid, grids, down, right) {
  const [row, column] = [grid.row + down, grid.column + right];
  const inside = row >= 0 && row < grid.rows && column >= 0 && column < grid.columns;
  if (inside || !grid.group) return null;
  const [left, top, width, height] = grid.box;
  const [x, y] = [left + width * (0.5 + 1.2 * right), top + height * (0.5 + 1.2 * down)];
  const there = grids.find(({ box, group }) =>
    group === grid.group &&
    box[0] <= x && x <= box[0] + box[2] &&
    box[1] <= y && y <= box[1] + box[3],
  );
  return there ?? null;
}

// Where an arrow key's step enters a grid: at the near edge, in the same row or column.
/**
 * @param {Grid} grid @param {Grid} from @param {number} down @param {number} right
 * @returns {[row: number, column: number]}
 */
function entered(grid, from, down, right) {
  return [
    down ? (down > 0 ? 0 : grid.rows - 1) : from.row,
    right ? (right > 0 ? 0 : grid.columns - 1) : from.column,
  ];
}

// --- numbers, which pages/figures/heat_maps.py packs into few characters

// A function that returns the number at a place, in words.
/** @param {Packed} packed @param {string} plus @returns {(place: number) => string} */
function unpacked({ size, data, scale, words }, plus) {
  /** @type {Int8Array | Int16Array | Int32Array | null} */
  let numbers = null;
  return (place) => {
    numbers ??= new TYPES[size](bytesOf(data).buffer);
    const number = numbers[place] * scale;
    if (words.length) return words[number];
    const said = (number > 0 ? plus : "") + formatted(number);
    return plus ? `gradient ${said}` : said;
  };
}

// The parts of a plain name: w1.1,4 -> w, 1, and 1,4.
/** @param {string} entry @returns {[letter: string, number: string, index: string]} */
export function partsOf(entry) {
  const [, letter = entry, number = "", index = ""] =
    entry.match(/^(.*?)(?:(\d+)\.)?([\d,]*)$/) ?? [];
  return [letter, number, index];
}

// A plain name as pages/figures/words.py writes it: w1.1,4 -> w⁽¹⁾₁‚₄.
/** @param {string} entry */
function written(entry) {
  const [letter, number, index] = partsOf(entry);
  const raised = number ? `⁽${number.replace(/\d/g, (digit) => RAISED[Number(digit)])}⁾` : "";
  const lowered = index.replace(/\d/g, (digit) => LOWERED[Number(digit)]);
  return letter + raised + lowered.replaceAll(",", INDEX_COMMA);
}

// A number as pages/figures/words.py writes it: −1.5, 1e−7, 1.23457e6, −1⅓.
/** @param {number} number */
export function formatted(number) {
  const size = Math.abs(number);
  const whole = size < WHOLE ? Math.trunc(size) : 0;
  const fraction = ENDLESS.find(([each]) => Math.abs(size - whole - each) < PACKED);
  const [mantissa, exponent] = size.toExponential(DIGITS - 1).split("e");
  const small = Number(exponent) < -4; // as Python writes a number with this many digits
  const digits = small || Number(exponent) >= DIGITS
    ? `${Number(mantissa)}e${Number(exponent)}`
    : String(Number(size.toPrecision(DIGITS)));
  const said = fraction ? `${whole || ""}${fraction[1]}` : digits;
  return (number < 0 ? `-${said}` : said).replaceAll("-", "\u2212");
}
