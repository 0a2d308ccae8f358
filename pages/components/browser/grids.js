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
    const places = JSON.stringify(grids.map(({ values, gradients, ...place }) => place));
    if (places !== this.places) {
      this.places = places;
      this.grids = grids.map((grid) => new Grid(grid, this));
      this.element.replaceChildren(...this.grids.map(({ element }) => element), this.readout);
      this.tell(null);
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

// From what pages/figures/pack.py makes to what is said of the number at a place.
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
