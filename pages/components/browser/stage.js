// The picture itself: Plotly's drawing, the cells that can be chosen, and the legend beneath.
//
// The figure has one size in its own pixels and is scaled as a whole, so that text, cells and
// sliders keep their places; on a narrow screen it scrolls inside its own box.

import { attributes, make, placeAt } from "./elements.js";
import { Grids } from "./grids.js";
import { mainPart } from "./page.js";
import { loadPlotly, Plot } from "./plot.js";

const SMALLEST = 0.5; // scale below which nothing could be read
const NARROW = 700; // px of width below which the sliders stand beneath the picture
const GAPS = 22; // px of height between the picture and what stands under it
const WIDE = 2.8; // width by height from which on the reason stands beneath the picture
const BESIDE = 150; // px for the sliders left of the cells, presented
/** @type {Record<string, [right: number, down: number]>} */
const DIRECTIONS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class Stage {
  // choose(entry): a cell was chosen. resized(narrow): the sliders have another place now.
  /**
   * @param {LiveFigureData} data
   * @param {import("./side.js").Side} side
   * @param {{ choose: (entry: string) => void, resized: (narrow: boolean) => void }} on
   */
  constructor(data, side, { choose, resized }) {
    this.side = side;
    this.choose = choose;
    this.resized = resized;
    this.width = 0;
    this.height = 0;
    this.leftmost = 0; // px of the picture's left edge that hold nothing but sliders
    this.inset = 0; // px of the picture's left edge that are not shown
    this.narrow = false;
    this.placed = ""; // narrow and inset, as the sliders know them
    /** @type {HTMLElement | null} */
    this.strip = null; // the presenter's, if somebody presents
    /** @type {Pick<Figure, "data" | "layout"> | null} */
    this.wanted = null; // to be drawn
    this.places = ""; // of the cells' buttons
    /** @type {HTMLButtonElement[]} */
    this.buttons = [];
    this.element = make("div", "live-figure");
    this.element.dataset.testid = "live-figure";
    this.element.dataset.revision = "0";
    this.box = make("div", "live-figure-box");
    this.frame = make("div", "live-figure-frame");
    this.canvas = make("div", "live-figure-canvas");
    this.plot = new Plot("live-figure-plot");
    this.cells = make("div", "live-figure-cells");
    attributes(this.cells, { role: "group", "aria-label": "Cells of the picture" });
    this.grids = new Grids(choose);
    this.readout = make("div", "live-figure-readout", { hidden: true });
    attributes(this.readout, { "aria-hidden": true });
    this.canvas.append(this.plot.moving, this.plot.still, this.cells, this.readout, this.grids.element);
    this.frame.append(this.canvas);
    this.box.append(this.frame);
    this.legend = new Legend();
    this.summary = make("p", "live-figure-summary");
    attributes(this.summary, { "aria-live": "polite" });
    this.element.append(this.box, side.element, this.summary);
    this.cells.addEventListener("keydown", (event) => this.pressed(event));
    this.ready = loadPlotly(data.assets.plotly).catch((error) => {
      side.explanation.show([error.message]);
    });
    this.drawn = this.ready; // by and by: the last drawing
    this.observer = new ResizeObserver(() => this.fit());
    this.fitAgain = () => this.fit();
  }

  // --- size

  // How large the picture is; a setting may change it, and where everything lies.
  /** @param {LiveFigureData} data */
  arrange(data) {
    this.width = data.figure.layout.width;
    this.height = data.figure.layout.height;
    const places = [...data.targets, ...data.grids];
    const cells = Math.min(...places.map(({ box }) => box[0])) - 10;
    this.leftmost = data.left ?? Math.max(0, cells);
    this.element.dataset.wide = String(this.width / this.height > WIDE);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.fit();
  }

  watch() {
    this.observer.observe(this.element);
    window.addEventListener("resize", this.fitAgain);
  }

  close() {
    this.observer.disconnect();
    window.removeEventListener("resize", this.fitAgain);
    this.plot.close();
  }

  // Whether the picture has the screen to itself, but for a strip at its lower edge.
  /** @param {HTMLElement | null} strip */
  present(strip) {
    this.strip = strip;
    this.fit();
  }

  // As large as what else has to be seen allows.
  fit() {
    const whole = this.element.clientWidth;
    if (!whole) return;
    const narrow = whole < NARROW;
    this.element.dataset.narrow = String(narrow);
    const { strip } = this;
    if (strip) this.grow(strip);
    // With the sliders beneath, their place on the picture is not needed; presented, a part of it.
    const inset = narrow ? this.leftmost : strip ? Math.max(0, this.leftmost - BESIDE) : 0;
    const room = this.room(strip);
    const byHeight = room / this.height;
    const byWidth = this.box.clientWidth / (this.width - inset);
    const scale = Math.max(SMALLEST, Math.min(byWidth, narrow ? 1 : byHeight));
    this.canvas.style.setProperty("--scale", String(scale)); // what shall be read is not scaled
    this.canvas.style.transform = `scale(${scale}) translateX(${-inset}px)`;
    this.frame.style.width = `${(this.width - inset) * scale}px`;
    this.frame.style.height = `${this.height * scale}px`;
    this.element.style.setProperty("--picture", `${this.height * scale}px`);
    const beside = !narrow && this.element.dataset.wide !== "true";
    this.side.fit(beside ? Math.max(room, this.height * scale) : null);
    const placed = `${narrow} ${inset}`;
    if (placed !== this.placed) {
      Object.assign(this, { placed, narrow, inset });
      this.resized(narrow);
    }
  }

  // px of the window's height that are the picture's.
  /** @param {HTMLElement | null} strip */
  room(strip) {
    const top = this.element.getBoundingClientRect().top + mainPart().scrollTop;
    const beneath = [...this.element.children].filter(
      (each) => each instanceof HTMLElement && each.dataset.beneath === "true" && each !== strip,
    );
    if (this.element.dataset.wide === "true") beneath.push(this.side.element);
    const heights = beneath.map((each) => each.getBoundingClientRect().height);
    const taken = heights.reduce((sum, height) => sum + height, 0);
    return window.innerHeight - top - taken - GAPS - (strip?.getBoundingClientRect().height ?? 0);
  }

  // Type grows with the screen; the pages' names at the side take the strip's place too.
  /** @param {HTMLElement} strip */
  grow(strip) {
    const type = Math.max(16, Math.min(0.026 * window.innerHeight, 0.0146 * window.innerWidth));
    this.element.style.setProperty("--live-figure-type", `${type}px`);
    strip.style.left = `${mainPart().getBoundingClientRect().left}px`;
    const { height } = strip.getBoundingClientRect();
    this.element.style.setProperty("--live-figure-strip", `${height}px`);
  }

  // --- the drawing

  /** @param {Trace[]} data @param {Layout} layout */
  draw(data, layout) {
    this.wanted = { data, layout };
    if (window.Plotly) this.react();
    else this.ready.then(() => this.react());
  }

  react() {
    if (!this.wanted || !window.Plotly) return;
    const figure = this.wanted;
    this.wanted = null;
    this.drawn = this.plot.draw(figure).then(() => {
      this.element.dataset.revision = String(Number(this.element.dataset.revision) + 1);
    });
  }

  // --- the cells

  /** @param {LiveFigureData} data @param {string} chosen */
  describe({ targets, grids, summary }, chosen) {
    this.grids.describe(grids, chosen);
    // What is the same is not said again.
    if (this.summary.textContent !== summary) this.summary.textContent = summary;
    const places = JSON.stringify(targets.map(({ entry, box }) => [entry, box]));
    if (places !== this.places) {
      this.places = places;
      this.buttons = targets.map((target) => this.button(target));
      this.cells.replaceChildren(...this.buttons);
    }
    targets.forEach((target, i) => {
      const button = this.buttons[i];
      attributes(button, { "aria-label": target.said, "aria-pressed": target.entry === chosen });
      button.tabIndex = target.entry === chosen || (!chosen && i === 0) ? 0 : -1;
    });
  }

  /** @param {Target} target */
  button({ entry, box }) {
    const button = make("button", "live-figure-cell", { type: "button" });
    button.dataset.entry = entry;
    placeAt(button, box);
    button.addEventListener("click", () => this.choose(entry));
    button.addEventListener("pointerenter", () => this.tell(button));
    button.addEventListener("focus", () => button.matches(":focus-visible") && this.tell(button));
    for (const end of ["pointerleave", "blur", "click"]) {
      button.addEventListener(end, () => this.tell(null));
    }
    return button;
  }

  // The short form beside a cell that is not explained; null for none.
  /** @param {HTMLButtonElement | null} button */
  tell(button) {
    const explained = !button || button.getAttribute("aria-pressed") === "true";
    this.readout.hidden = explained;
    if (explained) return;
    this.readout.textContent = button.getAttribute("aria-label");
    const { offsetLeft: left, offsetTop: top, offsetWidth: width, offsetHeight: height } = button;
    const most = this.width - this.readout.offsetWidth - 4;
    const middle = left + (width - this.readout.offsetWidth) / 2;
    this.readout.style.left = `${Math.max(this.inset + 4, Math.min(middle, most))}px`;
    const above = top - this.readout.offsetHeight - 8;
    this.readout.style.top = `${above > 0 ? above : top + height + 8}px`;
  }

  // Arrow keys go to the nearest cell in their direction.
  /** @param {KeyboardEvent} event */
  pressed(event) {
    const [x, y] = DIRECTIONS[event.key] ?? [0, 0];
    if (!(event.target instanceof Element) || (!x && !y)) return;
    event.preventDefault();
    event.stopPropagation();
    const from = middle(event.target);
    let best = null;
    for (const button of this.buttons) {
      const to = middle(button);
      const along = (to.x - from.x) * x + (to.y - from.y) * y;
      const aside = Math.abs((to.x - from.x) * y) + Math.abs((to.y - from.y) * x);
      const far = along + 2 * aside;
      if (along > 1 && (!best || far < best.far)) best = { button, far };
    }
    best?.button.focus();
  }
}

/** @param {Element} element */
function middle(element) {
  const box = element.getBoundingClientRect();
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
}

// What is on the picture means: each sign that is there, and no other.
class Legend {
  constructor() {
    this.element = make("ul", "live-figure-legend");
    this.element.dataset.beneath = "true";
    attributes(this.element, { "aria-label": "Legend" });
    this.shown = "";
  }

  /** @param {Sign[]} signs */
  show(signs) {
    const shown = JSON.stringify(signs);
    if (shown === this.shown) return;
    this.shown = shown;
    this.element.replaceChildren(
      ...signs.map(([symbol, colour, meaning]) => {
        const item = make("li", "live-figure-sign");
        const mark = make("span", `live-figure-symbol sign-${symbol}`);
        mark.style.setProperty("--sign", colour);
        item.append(mark, meaning);
        return item;
      }),
    );
  }
}
