// The picture itself: Plotly's drawing, the cells that can be chosen, and the legend beneath.
//
// The figure has one size in its own pixels and is scaled as a whole, so that text, cells and
// sliders keep their places; on a narrow screen it scrolls inside its own box.

import { attributes, make, placeAt } from "./elements.js";
import { Grids } from "./grids.js";
import { isCommand, mainPart } from "./page.js";
import { loadPlotly, Plot } from "./plot.js";

const SMALLEST = 0.5; // scale below which nothing could be read
const SMALLER = 0.35; // the same, where else the text beside the picture would cut it
const NARROW = 700; // px of width below which the sliders stand beneath the picture
const LOW = 480; // px of a wide window's height below which they stand at its right: a phone's
const FOOT = 143; // px of a phone's lower edge, with the slider and the tabs
const LINES = 46; // px of two lines of the reason
const MOST = 348; // px of a phone's picture, and, over a slider, at least so many
const LEAST = 240;
const DOCK = 96; // px of the slider with the ways to the others
const SIGN = 20; // px of height of the word that there is more
const CLEAR = 8; // px around a cell that has come into sight
const GAPS = 16; // px of height between the picture and what stands under it
const SPACE = 44; // the same, presented
const LONGEST = 1600; // its own pixels of a picture that are always on the screen together
const WIDE = 2.8; // width by height from which on the reason stands beneath the picture
const UPRIGHT = 0.85; // height by width of a window from which on it does
const BESIDE_TEXT = 0.4; // scale below which a picture would be too small beside it
const BESIDE = 150; // px for the sliders left of the cells, presented
const SIDE = 280; // px that the text beside a picture has at least
const TEXT = 484; // what the longest text beside a picture takes: its area by its letters' square
// Of the window's width and height, how large letters are, and at least so many px.
const LETTERS = { height: 0.0225, width: 0.0128, least: 16 };
const PRESENTED = { height: 0.024, width: 0.0135, least: 16 };
const PRINT = ["beforeprint", "afterprint"];
/** @type {Record<string, [right: number, down: number]>} */
const DIRECTIONS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** @typedef {Pick<LiveFigureData, "figure" | "targets" | "grids" | "left">} StageData */

export class Stage {
  // choose(entry): a cell was chosen. resized(narrow): the sliders have another place now. main: in
  // what it is scrolled. plot: that of another stage, which goes on with what is drawn there.
  /**
   * @param {StageData & { assets: { plotly: string } }} data
   * @param {import("./side.js").Side} side
   * @param {{ choose: (entry: string) => void, resized: (narrow: boolean) => void }} on
   * @param {{ main?: HTMLElement, plot?: Plot }} [of]
   */
  constructor(data, side, { choose, resized }, { main, plot } = {}) {
    this.scrolled = main;
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
    this.chosen = ""; // where its value stands
    this.sought = ""; // what was brought into sight last
    /** @type {HTMLButtonElement[]} */
    this.buttons = [];
    this.element = make("div", "live-figure");
    this.element.dataset.testid = "live-figure";
    attributes(this.element, { "data-revision": "0", "data-drawn": "false" });
    this.box = make("div", "live-figure-box");
    this.frame = make("div", "live-figure-frame");
    this.canvas = make("div", "live-figure-canvas");
    this.plot = plot ?? new Plot("live-figure-plot");
    this.cells = make("div", "live-figure-cells");
    attributes(this.cells, { role: "group", "aria-label": "Cells of the picture" });
    this.grids = new Grids(choose);
    this.canvas.append(this.plot.moving, this.plot.still, this.cells, this.grids.element);
    this.frame.append(this.canvas);
    this.box.append(this.frame);
    this.legend = new Legend();
    this.loading = make("p", "live-figure-loading", { textContent: "Loading\u2026" });
    this.box.append(this.loading);
    this.summary = make("p", "live-figure-summary");
    attributes(this.summary, { "aria-live": "polite" });
    this.element.append(this.box, side.element, this.summary);
    this.cells.addEventListener("keydown", (event) => this.pressed(event));
    this.element.addEventListener("click", (event) => this.goOn(event));
    this.lookAgain = () => this.showWhetherMore();
    this.frame.addEventListener("scroll", this.lookAgain, { passive: true });
    this.ready = loadPlotly(data.assets.plotly).catch((error) => {
      this.loading.remove();
      side.explanation.show([error.message]);
    });
    this.drawn = this.ready; // by and by: the last drawing
    this.observer = new ResizeObserver(() => this.fit());
    /** @type {Set<Element>} */
    this.watched = new Set();
    this.fitAgain = () => this.fit();
    // A window's width is cut on paper; a phone's is not, and what is presented fills a window.
    this.print = (/** @type {Event} */ { type }) => {
      this.element.dataset.paper = String(type === "beforeprint" && !this.narrow && !this.strip);
      this.fit();
    };
  }

  // In what it is scrolled; kept: when the picture is left it may be gone.
  get main() {
    return (this.scrolled ??= mainPart());
  }

  // --- size

  // How large the picture is; a setting may change it, and where everything lies.
  /** @param {StageData} data */
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
    this.over([this.element, ...this.main.children]); // what is above it too
    window.addEventListener("resize", this.fitAgain);
    for (const each of PRINT) window.addEventListener(each, this.print);
    this.main.addEventListener("scroll", this.lookAgain, { passive: true });
  }

  // What takes room from the picture: when it grows the picture shrinks.
  /** @param {Iterable<Element>} elements */
  over(elements) {
    for (const each of elements) {
      if (this.watched.has(each)) continue; // observed again it would be heard again
      this.observer.observe(each, { box: "border-box" }); // the room for a phone's tabs is a padding
      this.watched.add(each);
    }
  }

  unwatch() {
    this.observer.disconnect();
    window.removeEventListener("resize", this.fitAgain);
    for (const each of PRINT) window.removeEventListener(each, this.print);
    this.scrolled?.removeEventListener("scroll", this.lookAgain);
  }

  close() {
    this.unwatch();
    this.plot.close();
  }

  // Whether the picture has the screen to itself, but for a strip at its lower edge.
  /** @param {HTMLElement | null} strip */
  present(strip) {
    this.strip = strip;
    this.fit();
  }

  // Where a phone has the step row: see the server's data. Whether somebody begins to step, and the
  // row is not beside the picture, nor in the strip.
  /** @param {boolean | null} on */
  stepping(on) {
    const { dataset } = this.element;
    const begins = on && dataset.stepping === "false";
    dataset.stepping = String(on);
    return begins && this.narrow && !this.strip && dataset.low !== "true";
  }

  // Who begins to step sees the menus where there is room for them, the picture, and the sentence.
  beginSteps() {
    const [said, row] = [".live-figure-steps > .live-figure-said", ".live-figure-stepping"]
      .map((each) => /** @type {HTMLElement} */ (this.element.querySelector(each)).getBoundingClientRect());
    const scrolled = this.main.scrollTop;
    this.main.scrollTop = Math.max(0, scrolled + Math.ceil(said.bottom - row.top));
  }

  // px of a phone's window that stay at its upper edge while one scrolls: with the picture and the
  // reason, or, held across, with the slider.
  edge() {
    const { low, above } = this.element.dataset;
    const list = /** @type {HTMLElement | null} */ (this.element.querySelector(".live-figure-list"));
    const stays = low === "true" && list ? list : this.box;
    const reason = above === "true" ? 0 : (this.side.explanation.answer?.offsetHeight ?? 0);
    return parseFloat(getComputedStyle(stays).top) + stays.offsetHeight + reason;
  }

  // As large as what else has to be seen allows.
  fit() {
    const whole = this.element.clientWidth;
    if (!whole) return;
    const { element, strip } = this;
    const { narrow, low, paper, wide } = this.shape(whole);
    if (strip) this.lay(strip);
    const letters = lettersOf(strip ? PRESENTED : LETTERS);
    element.style.setProperty("--live-figure-type", `${letters}px`);
    const top = element.getBoundingClientRect().top + this.main.scrollTop;
    const room = this.room(strip, top);
    // Presented, the text takes as little of the width as it needs: the picture gets the rest.
    const needed = Math.min(0.27 * whole, Math.max(SIDE, (TEXT * letters ** 2) / room));
    element.style.setProperty("--side", strip ? `${needed}px` : "");
    // With the sliders beneath, their place on the picture is not needed; presented, a part of it.
    const inset = narrow ? this.leftmost : strip ? Math.max(0, this.leftmost - BESIDE) : 0;
    const picture = this.scaled(inset, { narrow, paper, room });
    this.dock(top, picture, narrow && !low);
    // Whether there is room for letters that are larger still, however large they are at present.
    const said = element.querySelector(":scope > .live-figure-said")?.clientHeight ?? 0;
    element.dataset.roomy = String(room + said - picture > 4.5 * letters);
    const text = (TEXT * letters ** 2) / this.side.element.clientWidth;
    const beside = Math.max(picture, strip ? room : Math.min(room, text));
    this.side.fit(narrow || paper || wide ? null : beside, room);
    this.seek();
    this.showWhetherMore();
    const placed = `${narrow} ${inset}`;
    if (placed !== this.placed) {
      Object.assign(this, { placed, narrow, inset });
      this.resized(narrow);
    }
  }

  // What of the window's shape styles know too. low: a phone's that is held across. narrow: with
  // the sliders beneath the picture. wide: with the text beneath it.
  /** @param {number} whole */
  shape(whole) {
    const { strip, element } = this;
    const paper = element.dataset.paper === "true";
    const low = window.innerHeight <= LOW && window.innerWidth > window.innerHeight;
    const narrow = low || whole < NARROW;
    // A tablet held upright, and half a screen, have more room for it there too.
    const upright = window.innerHeight > UPRIGHT * window.innerWidth;
    const half = !narrow && !strip && (upright || (whole - SIDE) / this.width < BESIDE_TEXT);
    const wide = half || this.isWide();
    element.dataset.wide = String(wide);
    element.dataset.narrow = String(narrow);
    element.dataset.low = String(low);
    return { narrow, low, paper, wide };
  }

  // Scales the picture, and says how high it is.
  /** @param {number} inset @param {{ narrow: boolean, paper: boolean, room: number }} _ */
  scaled(inset, { narrow, paper, room }) {
    const byHeight = paper ? Infinity : room / this.height;
    // A picture of very many layers goes on beyond the right edge, and is scrolled to.
    const shown = paper ? this.width : Math.min(this.width, LONGEST);
    const byWidth = this.box.clientWidth / (shown - inset);
    const smallest = narrow ? SMALLEST : Math.max(SMALLER, Math.min(SMALLEST, byWidth));
    const scale = Math.max(paper ? 0 : smallest, Math.min(byWidth, narrow ? 1 : byHeight));
    const height = this.height * scale;
    this.canvas.style.setProperty("--scale", String(scale)); // what shall be read is not scaled
    this.canvas.style.transform = `scale(${scale}) translateX(${-inset}px)`;
    this.frame.style.width = `${(this.width - inset) * scale}px`;
    this.frame.style.height = `${height}px`;
    this.element.style.setProperty("--picture", `${height}px`);
    return height;
  }

  // Of a phone held upright: whether the reason stands above the picture, and how much of it is
  // seen of a picture that scrolls in itself.
  /** @param {number} top @param {number} picture @param {boolean} phone */
  dock(top, picture, phone) {
    const { element } = this;
    const above = phone && top + Math.min(picture, MOST) + LINES > window.innerHeight - FOOT;
    element.dataset.above = String(above);
    // As much as has room over the slider, and over the sign that there is more.
    const tabs = parseFloat(getComputedStyle(element).getPropertyValue("--foot")) || 0;
    const free = window.innerHeight - tabs - DOCK - top - LINES - SIGN;
    const over = above && picture > MOST && element.querySelector(".live-figure-slider");
    const most = over ? Math.max(LEAST, Math.min(MOST, free)) : MOST;
    element.style.setProperty("--high", `${most}px`);
  }

  // The chosen cell comes into sight where the picture goes on beneath its lower edge.
  seek() {
    const { chosen, places, frame } = this;
    if (!this.narrow) return; // nothing is measured while a slider moves
    const sought = JSON.stringify([chosen, places, frame.clientHeight]);
    if (sought === this.sought) return;
    this.sought = sought;
    const cell = this.buttons.find(({ dataset }) => dataset.entry === chosen)?.getBoundingClientRect();
    if (!cell) return;
    const { top, bottom } = frame.getBoundingClientRect();
    const [below, above] = [cell.bottom + CLEAR - bottom, cell.top - CLEAR - top];
    if (below > 0 || above < 0) frame.scrollTop += below > 0 ? below : above;
  }

  // On a phone: whether the picture goes on beyond its edges; else whether the slider lies on
  // something of picture, reason or legend, and cuts a line of it.
  showWhetherMore() {
    const { box, frame, element } = this;
    if (!this.narrow) return;
    const list = element.querySelector(".live-figure-list");
    const { scrollTop, scrollHeight, clientHeight } = frame;
    box.dataset.up = String(scrollTop > 2);
    box.dataset.down = String(scrollHeight - scrollTop - clientHeight > 2);
    if (!(list instanceof HTMLElement)) return;
    const docked = element.dataset.low === "false" && getComputedStyle(list).position === "sticky";
    const edge = list.getBoundingClientRect().top + 1;
    const boxes = this.parts();
    const said = box.dataset.down === "true" && frame.getBoundingClientRect().bottom <= edge;
    list.dataset.more = String(docked && !said && boxes.some(({ bottom }) => bottom > edge));
    list.dataset.cuts = String(docked && boxes.some(({ top, bottom }) => top < edge && bottom > edge));
  }

  // The boxes of what the slider may lie on.
  parts() {
    const { explanation } = this.side;
    return [...explanation.element.children, ...this.legend.element.children, this.frame]
      .map((each) => each.getBoundingClientRect());
  }

  // A tap on the sign over the sliders that there is more, which is of their style and no element:
  // the first line that is not seen whole comes under what stays, so that none is passed over.
  /** @param {MouseEvent} event */
  goOn({ target, clientY }) {
    if (!(target instanceof HTMLElement && target.matches(".live-figure-list"))) return;
    const { top: slider } = target.getBoundingClientRect();
    const next = clientY < slider && this.parts().find(({ bottom }) => bottom > slider + 1);
    if (!next) return;
    const edge = this.edge();
    const page = slider - edge - LINES / 2; // of what is longer
    const top = next.top > edge + 1 ? next.top - edge : page;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches; // a browser heeds it in styles alone
    this.main.scrollBy({ top, behavior: still ? "instant" : "smooth" });
  }

  isWide() {
    return this.width / this.height > WIDE;
  }

  // px of the window's height that are the picture's, which begins at top.
  /** @param {HTMLElement | null} strip @param {number} top */
  room(strip, top) {
    const beneath = [...this.element.children].filter(
      (each) => each instanceof HTMLElement && each.dataset.beneath === "true" && each !== strip,
    );
    if (this.isWide()) beneath.push(this.side.element);
    this.over(strip ? [...beneath, strip] : beneath);
    const heights = beneath.map((each) => each.getBoundingClientRect().height);
    const taken = heights.reduce((sum, height) => sum + height, 0);
    const gaps = strip ? strip.getBoundingClientRect().height + SPACE : GAPS;
    return window.innerHeight - top - taken - gaps;
  }

  // The pages' names at the side take the strip's place too.
  /** @param {HTMLElement} strip */
  lay(strip) {
    strip.style.left = `${this.main.getBoundingClientRect().left}px`;
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
      this.element.dataset.drawn = "true"; // what styles see: it stays as it is
      this.loading.remove();
    });
  }

  // --- the cells

  /** @param {LiveFigureData} data @param {string} chosen */
  describe({ targets, grids, summary }, chosen) {
    this.chosen = targets.find(({ entry, valued }) => valued && entry === chosen)?.entry ?? "";
    this.grids.describe(grids, chosen);
    // What is the same is not said again.
    if (this.summary.textContent !== summary) this.summary.textContent = summary;
    const places = JSON.stringify(targets.map(({ entry, box }) => [entry, box]));
    // Presented, the keys are the page's again.
    const focused = this.strip ? undefined : this.buttons.find((each) => each === document.activeElement);
    if (places !== this.places) {
      this.places = places;
      this.buttons = targets.map((target) => this.button(target));
      this.cells.replaceChildren(...this.buttons);
    }
    const stop = targets.find(({ entry }) => entry === chosen) ?? targets[0]; // of the Tab key
    targets.forEach((target, i) => {
      const button = this.buttons[i];
      attributes(button, { "aria-label": target.said, "aria-pressed": target.entry === chosen });
      button.tabIndex = target === stop ? 0 : -1;
    });
    if (focused && !focused.isConnected) {
      const same = targets.find(({ entry }) => entry === focused.dataset.entry) ?? stop;
      this.buttons[targets.indexOf(same)]?.focus({ preventScroll: true });
    }
    this.seek();
  }

  /** @param {Target} target */
  button({ entry, box }) {
    const button = make("button", "live-figure-cell", { type: "button" });
    button.dataset.entry = entry;
    placeAt(button, box);
    button.addEventListener("click", () => {
      button.focus({ preventScroll: true }); // Safari's mouse does not: the arrow keys go on from there
      this.choose(entry);
    });
    return button;
  }

  // Arrow keys go to the nearest cell in their direction.
  /** @param {KeyboardEvent} event */
  pressed(event) {
    const [x, y] = DIRECTIONS[event.key] ?? [0, 0];
    if (!(event.target instanceof Element) || isCommand(event) || (!x && !y)) return;
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

/** @param {{ height: number, width: number, least: number }} shares */
const lettersOf = ({ height, width, least }) =>
  Math.max(least, Math.min(height * window.innerHeight, width * window.innerWidth));

// What is on the picture means: each sign that is there, and no other. It keeps the room that it
// has once had: what is above it stays in its place.
class Legend {
  constructor() {
    this.element = make("ul", "live-figure-legend");
    this.element.dataset.beneath = "true";
    attributes(this.element, { "aria-label": "Legend" });
    this.shown = "";
    this.width = 0; // in px, for which it has its room
    this.height = 0;
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
    const { clientWidth, clientHeight } = this.element;
    this.height = clientWidth === this.width ? clientHeight : 0; // never less than it had
    this.width = clientWidth;
    this.element.style.minHeight = `${this.height}px`;
  }
}
