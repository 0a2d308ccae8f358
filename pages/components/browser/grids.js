// Grids: maps of many cells, each with one element over it and a cursor that shows which cell.
//
// To a reader each is a grid of which only the cell under the cursor is there.

import { attributes, make, placeAt } from "./elements.js";
import { bytesOf } from "./files.js";
import { isCommand } from "./page.js";

/** @type {Record<string, [down: number, right: number]>} */
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const TYPES = { 1: Int8Array, 2: Int16Array, 4: Int32Array }; // by bytes
const [RAISED, LOWERED] = ["⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"]; // digits
const INDEX_COMMA = "\u201a";
const DIGITS = 6; // of a number
const WHOLE = 1000; // from which on it has no sign of a fraction
const PACKED = 5e-7; // how far from a fraction it may lie: four bytes do not hold it exactly
/** @type {[fraction: number, sign: string][]} */
const ENDLESS = [[1 / 3, "⅓"], [2 / 3, "⅔"], [1 / 6, "⅙"], [5 / 6, "⅚"], [1 / 7, "⅐"], [1 / 9, "⅑"]];
let made = 0;

const FINGER = 44; // px of a cell that a finger can hit
const HOLD = 180; // ms after which a finger that stays is not about to scroll
const TAUGHT = 2500; // ms for which it is said that one can hold
const MOVED = 10; // px after which it is seen where a finger goes
const SEEN = 5; // cells of the loupe, in a row and in a column
const CLEAR = 36; // px between the finger and the loupe
const EDGE = 4; // px between the loupe and the window's edge

export class Grids {
  // choose(entry): a cell was chosen.
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
    this.telling = null; // the grid beside whose cursor something stands
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

  // A grid that stays in its place keeps its element, and that the focus.
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

  // What is to be said of the number at a place; "" for nothing.
  /** @param {string} prefix @param {"value" | "gradient"} what @param {number} place */
  words(prefix, what, place) {
    return this.numbers.get(`${prefix} ${what}`)?.(place) ?? "";
  }

  // Whoever has tapped on cells that a finger cannot hit hears how it can, until that is known.
  /** @param {Grid} grid */
  teach(grid) {
    if (this.loupe.known || !grid.isSmall()) return;
    this.tell(grid, "Hold to magnify", grid.box); // beside the map: what was tapped is looked at
    this.telling = null; // a number that changes does not take its place
    clearTimeout(this.teaching);
    this.teaching = setTimeout(() => this.telling || this.tell(null), TAUGHT);
  }

  // What stands beside the cursor, or another box; null for nothing.
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
    this.lined = lined; // one row that goes on in lines
    this.stop = false; // whether the Tab key stops here, of all grids of the group
    this.row = 0;
    this.column = 0;
    /** @type {string | null} */
    this.chosen = null;
    this.asked = ""; // the cell that was chosen here last
    this.label = ""; // of the cell under the cursor, as it is heard
    this.shown = ""; // as it is seen
    /** @type {Touch | null} */
    this.finger = null; // that may be about to scroll
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
    // Asked of the pointer: an older Safari's click does not know what it came from.
    element.addEventListener("pointerdown", ({ pointerType }) => (this.tapped = pointerType === "touch"));
    element.addEventListener("click", (event) => {
      this.follow(event);
      if (this.tapped) {
        element.dataset.under = "false"; // the finger has left before this, and leaves no more
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

  // --- a finger, which hides what it touches: where cells are small, and it stays, or moves
  // sideways, it sees them in a loupe; a swipe up or down scrolls, and a tap chooses as a click does

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

  // It is not about to scroll, or does not touch any more.
  release() {
    clearTimeout(this.holding);
    this.finger = null;
  }

  // A finger that is still on it means nothing any more.
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
    this.all.tell(null); // the loupe says it
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
    event.preventDefault(); // nothing scrolls meanwhile
    this.enlarge(finger);
  }

  /** @param {TouchEvent} event */
  lifted(event) {
    this.release();
    if (!this.all.loupe.opened) return;
    event.preventDefault(); // it is no click besides
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
    this.element.dataset.under = "true"; // a hand: where nothing moves, a cursor may be elsewhere
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

  // The chosen cell is where the cursor starts from.
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

// What lies around a finger, so large that it can hit a cell, with the cell under it framed.
class Loupe {
  constructor() {
    this.element = make("div", "live-figure-loupe");
    attributes(this.element, { "aria-hidden": true });
    this.said = make("div", "live-figure-loupe-said");
    this.frame = make("div", "live-figure-loupe-frame");
    /** @type {SVGElement[]} */
    this.pictures = [];
    /** @type {HTMLElement | null} */
    this.grid = null; // on which it was opened last
    this.opened = false;
    this.known = false; // whether it was ever opened
  }

  // With the drawing that a grid lies on.
  /** @param {HTMLElement} grid */
  open(grid) {
    const drawn = grid.closest(".live-figure-canvas")?.querySelectorAll("svg.main-svg") ?? [];
    this.pictures = [...drawn].map((svg) => {
      const copy = /** @type {SVGElement} */ (svg.cloneNode(true));
      copy.removeAttribute("style"); // its size, and its paper
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

  // Around a cell, by its box on the picture; above the finger, and where no room is there, beside
  // it: beneath it is the hand.
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

// Where something of a size begins, so that it does not go beyond the window.
/** @param {number} begin @param {number} size @param {number} room */
const within = (begin, size, room) => Math.max(EDGE, Math.min(begin, room - size - EDGE));

// --- grids in groups: tiles beside each other, one stop of the Tab key all together, through which
// the arrow keys go from one to the next

// Of each group one grid is a stop: the one that had the focus last, else the first.
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

// The grid beside this one of its group, where a step down or right leaves it; null where it does
// not, or where there is none.
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

// Where a step of the arrow keys comes in: at the near edge, in the same row or column.
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

// --- numbers: many in few characters, as pages/figures/heat_maps.py packs them

// What is said of the number at a place: a function of the place.
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

// What a plain name consists of: w1.1,4 -> w, 1, and 1,4.
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

// As pages/figures/words.py writes a number: −1.5, 1e−7, 1.23457e6, −1⅓.
/** @param {number} number */
export function formatted(number) {
  const size = Math.abs(number);
  const whole = size < WHOLE ? Math.trunc(size) : 0;
  const fraction = ENDLESS.find(([each]) => Math.abs(size - whole - each) < PACKED);
  const [mantissa, exponent] = size.toExponential(DIGITS - 1).split("e");
  const small = Number(exponent) < -4; // as Python writes a number in so many digits
  const digits = small || Number(exponent) >= DIGITS
    ? `${Number(mantissa)}e${Number(exponent)}`
    : String(Number(size.toPrecision(DIGITS)));
  const said = fraction ? `${whole || ""}${fraction[1]}` : digits;
  return (number < 0 ? `-${said}` : said).replaceAll("-", "\u2212");
}
