// Grids: maps of many cells, each with one element over it and a cursor that shows which cell.
//
// To a reader each is a grid of which only the cell under the cursor is there.

import { make } from "./elements.js";

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const TYPES = { 1: Int8Array, 2: Int16Array, 4: Int32Array }; // by bytes
let made = 0;

export class Grids {
  // choose(entry): a cell was chosen.
  constructor(choose) {
    this.choose = choose;
    this.element = make("div", "live-figure-grids");
    this.readout = make("div", "live-figure-readout");
    this.readout.setAttribute("aria-hidden", "true");
    this.grids = [];
  }

  describe(grids, chosen) {
    const places = grids.map(({ values, gradients, ...place }) => JSON.stringify(place));
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
      grid.say();
    }
  }

  // A grid that stays in its place keeps its element, and that the focus.
  arrange(grids, places) {
    const there = new Map(this.grids.map((grid) => [grid.key, grid]));
    this.grids = grids.map((grid, i) => there.get(places[i]) ?? new Grid(grid, this, places[i]));
    const kept = new Set(this.grids);
    for (const grid of there.values()) if (!kept.has(grid)) grid.element.remove();
    this.element.append(this.readout);
    for (const { element } of this.grids) if (!element.parentElement) this.readout.before(element);
    oneStop(this.grids);
    this.tell(null);
  }

  // What is to be said of the number at a place, "value" or "gradient"; "" for nothing.
  said(prefix, what, place) {
    return this.numbers?.get(`${prefix} ${what}`)?.(place) ?? "";
  }

  // What stands beside the cursor; null for nothing.
  tell(grid) {
    this.telling = grid;
    this.readout.hidden = !grid;
    if (!grid) return;
    this.readout.textContent = grid.said;
    const [left, top, width, height] = grid.cellBox();
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
  constructor(grid, all, key) {
    Object.assign(this, grid, { all, key, row: 0, column: 0 });
    const [left, top, width, height] = this.box;
    this.element = make("div", "live-figure-grid");
    this.element.tabIndex = 0;
    this.element.dataset.prefix = this.prefix;
    place(this.element, left, top, width, height);
    this.cursor = make("div", "live-figure-cursor");
    this.cursor.id = `live-figure-cursor-${(made += 1)}`;
    this.line = make("div", "live-figure-row");
    this.line.append(this.cursor);
    this.element.append(this.line);
    attributes(this.element, {
      role: "grid",
      "aria-label": this.said,
      "aria-rowcount": this.rows,
      "aria-colcount": this.columns,
      "aria-activedescendant": this.cursor.id,
    });
    attributes(this.line, { role: "row" });
    attributes(this.cursor, { role: "gridcell" });
    this.said = "";
    this.listen();
    this.goTo(0, 0);
  }

  listen() {
    const on = (name, act) => this.element.addEventListener(name, act);
    on("pointermove", (event) => this.follow(event));
    on("pointerleave", () => this.element.matches(":focus-visible") || this.all.tell(null));
    on("focus", () => {
      stopAt(this, this.all.grids);
      if (this.element.matches(":focus-visible")) this.all.tell(this);
    });
    on("blur", () => this.all.tell(null));
    on("click", (event) => {
      this.follow(event);
      this.all.choose(this.entry());
    });
    on("keydown", (event) => this.pressed(event));
  }

  follow(event) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    this.goTo(
      Math.floor(((event.clientY - top) / height) * this.rows),
      Math.floor(((event.clientX - left) / width) * this.columns),
    );
    this.all.tell(this);
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in STEPS) {
      this.step(...STEPS[event.key]);
    } else if (event.key === "Enter" || event.key === " ") {
      this.all.choose(this.entry());
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  step(down, right) {
    const next = beyond(this, this.all.grids, down, right);
    if (next) next.goTo(...entered(next, this, down, right));
    else this.goTo(this.row + down, this.column + right);
    (next ?? this).element.focus({ preventScroll: true });
    this.all.tell(next ?? this);
  }

  goTo(row, column) {
    this.row = Math.max(0, Math.min(this.rows - 1, row));
    this.column = Math.max(0, Math.min(this.columns - 1, column));
    const [left, top, width, height] = this.cellBox();
    place(this.cursor, left - this.box[0], top - this.box[1], width, height);
    this.cursor.dataset.entry = this.entry();
    attributes(this.line, { "aria-rowindex": this.row + 1 });
    attributes(this.cursor, {
      "aria-colindex": this.column + 1,
      "aria-selected": this.entry() === this.chosen,
    });
    this.say();
  }

  // The chosen cell is where the cursor starts from.
  mark(chosen) {
    if (chosen === this.chosen) return;
    this.chosen = chosen;
    const [row, column, more] = chosen.startsWith(this.prefix)
      ? chosen.slice(this.prefix.length).split(",").map(Number)
      : [];
    const here = row >= 1 && column >= 1 && more === undefined;
    if (here && !this.element.matches(":hover, :focus")) this.goTo(row - 1, column - 1);
    else this.goTo(this.row, this.column);
  }

  say() {
    const at = this.row * this.columns + this.column;
    const value = this.all.said(this.prefix, "value", at);
    const gradient = this.all.said(this.prefix, "gradient", at);
    const said = this.entry() + (value && ` = ${value}`) + (gradient && `, ${gradient}`);
    if (said === this.said) return;
    this.said = said;
    this.cursor.setAttribute("aria-label", said);
    if (this.all.telling === this) this.all.tell(this);
  }

  entry() {
    return `${this.prefix}${this.row + 1},${this.column + 1}`;
  }

  cellBox() {
    const [left, top, width, height] = this.box;
    const [across, down] = [width / this.columns, height / this.rows];
    return [left + this.column * across, top + this.row * down, across, down];
  }
}

// --- grids in groups: tiles beside each other, one stop of the Tab key all together, through which
// the arrow keys go from one to the next

// Of each group one grid is a stop: the one that had the focus last, else the first.
function oneStop(grids) {
  for (const grid of grids) {
    const own = grids.filter(({ group }) => group === grid.group);
    const stop = own.find(({ stop }) => stop) ?? own[0];
    grid.element.tabIndex = !grid.group || grid === stop ? 0 : -1;
  }
}

function stopAt(grid, grids) {
  for (const other of grids) if (other.group === grid.group) other.stop = other === grid;
  oneStop(grids);
}

// The grid beside this one of its group, where a step down or right leaves it; null where it does
// not, or where there is none.
function beyond(grid, grids, down, right) {
  const [row, column] = [grid.row + down, grid.column + right];
  const inside = row >= 0 && row < grid.rows && column >= 0 && column < grid.columns;
  if (inside || !grid.group) return null;
  const [left, top, width, height] = grid.box;
  const [x, y] = [left + width * (0.5 + 1.2 * right), top + height * (0.5 + 1.2 * down)];
  const there = ({ box, group }) =>
    group === grid.group &&
    box[0] <= x && x <= box[0] + box[2] &&
    box[1] <= y && y <= box[1] + box[3];
  return grids.find(there) ?? null;
}

// Where a step of the arrow keys comes in: at the near edge, in the same row or column.
function entered(grid, from, down, right) {
  return [
    down ? (down > 0 ? 0 : grid.rows - 1) : from.row,
    right ? (right > 0 ? 0 : grid.columns - 1) : from.column,
  ];
}

// --- numbers: many in few characters, as pages/figures/pack.py makes them

// What is said of the number at a place: a function of the place.
function unpacked({ size, data, scale, words }, plus) {
  let numbers = null;
  return (place) => {
    numbers ??= new TYPES[size](Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0)).buffer);
    const number = numbers[place] * scale;
    if (words.length) return words[number];
    const said = (number > 0 ? plus : "") + formatted(number);
    return plus ? `gradient ${said}` : said;
  };
}

// As pages/figures/words.py writes a number.
function formatted(number) {
  return String(Number(number.toPrecision(6))).replaceAll("-", "\u2212");
}

function place(element, left, top, width, height) {
  const px = { left, top, width, height };
  for (const [key, value] of Object.entries(px)) element.style[key] = `${value}px`;
}

function attributes(element, values) {
  for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
}
