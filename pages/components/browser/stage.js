// The picture itself: Plotly's drawing, the cells that can be chosen, and the sentences beneath.
//
// The figure has one size in its own pixels and is scaled as a whole, so that text, cells and
// sliders keep their places; on a narrow screen it scrolls inside its own box.

import { attributes, make, placeAt } from "./elements.js";
import { Grids } from "./grids.js";
import { mainPart } from "./page.js";
import { loadPlotly, Plot } from "./plot.js";

const SMALLEST = 0.5; // scale below which nothing could be read
const NARROW = 700; // px of width below which the sliders stand beneath the picture
const REST_OF_PAGE = 206; // px of height that are not the picture's
// Presented, px: as above, besides the strip and a line; for the sliders left of the cells.
const PRESENTED = { rest: 44, beside: 150 };
const LINE = 1.65; // height of the explanation's first line, in sizes of its type
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
   * @param {{ choose: (entry: string) => void, resized: (narrow: boolean) => void }} on
   */
  constructor(data, { choose, resized }) {
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
    this.canvas.append(this.plot.moving, this.plot.still, this.cells, this.grids.element);
    this.frame.append(this.canvas);
    this.box.append(this.frame);
    this.explanation = new Explanation();
    this.summary = make("p", "live-figure-summary");
    attributes(this.summary, { "aria-live": "polite" });
    this.element.append(this.box, this.summary);
    this.cells.addEventListener("keydown", (event) => this.pressed(event));
    this.ready = loadPlotly(data.assets.plotly).catch((error) => {
      this.explanation.show([error.message]);
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

  fit() {
    const width = this.element.clientWidth;
    if (!width) return;
    const narrow = width < NARROW;
    const { strip } = this;
    // With the sliders beneath, their place on the picture is not needed; presented, a part of it.
    const inset = narrow ? this.leftmost : strip ? Math.max(0, this.leftmost - PRESENTED.beside) : 0;
    const rest = strip ? PRESENTED.rest + this.grow(strip) : REST_OF_PAGE;
    const byHeight = (window.innerHeight - rest) / this.height;
    const byWidth = width / (narrow ? this.width : this.width - inset);
    const scale = Math.max(SMALLEST, Math.min(byWidth, narrow ? 1 : byHeight));
    this.canvas.style.transform = `scale(${scale}) translateX(${-inset}px)`;
    this.frame.style.width = `${(this.width - inset) * scale}px`;
    this.frame.style.height = `${this.height * scale}px`;
    const placed = `${narrow} ${inset}`;
    if (placed !== this.placed) {
      Object.assign(this, { placed, narrow, inset });
      this.resized(narrow);
    }
    const limit = strip && !narrow ? strip.getBoundingClientRect().top : Infinity;
    this.explanation.fit(limit);
  }

  // Type grows with the screen; questions at the side take the strip's place too. Returns the height
  // of the strip and of a line above it.
  /** @param {HTMLElement} strip */
  grow(strip) {
    const type = Math.max(22, Math.min(0.0306 * window.innerHeight, 0.0172 * window.innerWidth));
    this.element.style.setProperty("--live-figure-type", `${type}px`);
    strip.style.left = `${mainPart().getBoundingClientRect().left}px`;
    const { height } = strip.getBoundingClientRect();
    this.element.style.setProperty("--live-figure-strip", `${height}px`);
    return height + LINE * type;
  }

  // --- the drawing

  /** @param {Trace[]} data @param {Layout} layout @param {string[]} explanation */
  draw(data, layout, explanation) {
    this.explanation.show(explanation);
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
    return button;
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

// The sentences beneath the picture.
class Explanation {
  constructor() {
    this.element = make("div", "live-figure-explanation");
    this.element.dataset.testid = "explanation";
    attributes(this.element, { "aria-live": "polite" });
    this.limit = Infinity;
    this.text = "";
  }

  /** @param {string[]} lines */
  show(lines) {
    const text = lines.join("\n");
    if (text === this.text) return; // it is neither laid out nor read out again
    this.text = text;
    const shown = lines.map((line, i) =>
      make("p", i ? "live-figure-detail" : "live-figure-answer", { textContent: line }),
    );
    this.element.replaceChildren(...shown);
    if (this.limit < Infinity) this.fit(this.limit);
  }

  // Shows only what ends above this line of the screen, and nothing behind what does not.
  /** @param {number} limit */
  fit(limit) {
    this.limit = limit;
    const lines = [...this.element.querySelectorAll("p")];
    for (const line of lines) line.hidden = false;
    if (limit === Infinity) return;
    const below = lines.findIndex((line) => line.getBoundingClientRect().bottom > limit);
    if (below >= 0) for (const line of lines.slice(below)) line.hidden = true;
  }
}
