// Grids: maps of many cells, each with one element over it and a cursor that shows which cell.
//
// To a reader each is a grid of which only the cell under the cursor is there; what is said of that
// cell is read off the heat maps that are drawn, so it need not be sent again.

import { make } from "./stage.js";

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const arrays = new WeakMap(); // heat maps' packed numbers, unpacked
const TYPES = { i1: Int8Array, i2: Int16Array, i4: Int32Array, f4: Float32Array, f8: Float64Array };
let made = 0;

export class Grids {
  // choose(entry): a cell was chosen. drawn(): the traces on the screen.
  constructor({ choose, drawn }) {
    Object.assign(this, { choose, drawn });
    this.element = make("div", "live-figure-grids");
    this.readout = make("div", "live-figure-readout");
    this.readout.setAttribute("aria-hidden", "true");
    this.grids = [];
  }

  describe(grids, chosen) {
    const places = JSON.stringify(grids);
    if (places !== this.places) {
      this.places = places;
      this.grids = grids.map((grid) => new Grid(grid, this));
      this.element.replaceChildren(...this.grids.map(({ element }) => element), this.readout);
      this.tell(null);
    }
    for (const grid of this.grids) grid.mark(chosen);
  }

  // The numbers under the cursors have changed.
  refresh() {
    for (const grid of this.grids) grid.say();
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
  constructor(grid, all) {
    Object.assign(this, grid, { all, row: 0, column: 0 });
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
    on("focus", () => this.element.matches(":focus-visible") && this.all.tell(this));
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
      const [down, right] = STEPS[event.key];
      this.goTo(this.row + down, this.column + right);
      this.all.tell(this);
    } else if (event.key === "Enter" || event.key === " ") {
      this.all.choose(this.entry());
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
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
    const value = this.read(this.values);
    const gradient = this.read(this.gradients);
    const said =
      this.entry() + (value ? ` = ${value.said}` : "") + (gradient ? `, ${gradient.words}` : "");
    if (said === this.said) return;
    this.said = said;
    this.cursor.setAttribute("aria-label", said);
    if (this.all.telling === this) this.all.tell(this);
  }

  // The number under the cursor in the heat map of this name.
  read(name) {
    const trace = name && this.all.drawn().find((each) => each.name === name);
    if (!trace?.z) return null;
    const { scale = 1, words } = trace.meta ?? {};
    const number = at(trace.z, this.row, this.column, this.columns) * scale;
    const said = formatted(number);
    if (words) return { said, words: words[number] };
    return { said, words: `gradient ${number > 0 ? "+" : ""}${said}` };
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

function at(z, row, column, columns) {
  if (!z.bdata) return z[row][column];
  if (!arrays.has(z)) {
    const bytes = Uint8Array.from(atob(z.bdata), (letter) => letter.charCodeAt(0));
    arrays.set(z, new TYPES[z.dtype](bytes.buffer));
  }
  return arrays.get(z)[row * columns + column];
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
