// The picture itself: Plotly's drawing, the cells that can be chosen, and the legend below.
//
// The figure has one size in its own pixels and is scaled as a whole, so that text, cells and
// sliders keep their places; on a narrow screen it scrolls inside its own box.

import { attributes, make, placeAt } from "./elements.js";
import { Grids } from "./grids.js";
import { isCommand, mainPart } from "./page.js";
import { loadPlotly, Plot } from "./plot.js";

const SMALLEST = 0.5; // the smallest scale at which the picture can be read
const SMALLER = 0.35; // the same, if the text beside the picture would otherwise cut it off
const NARROW = 700; // px of width below which the sliders stand below the picture
const LOW = 480; // px of a wide window's height up to which they stand right of it: a phone held sideways
const FOOT = 143; // px at a phone's lower edge for the slider and the tabs
const LINES = 46; // px of two lines of the reason
const MOST = 348; // px of height that a phone's picture has at most, and at least above a slider
const LEAST = 240;
const DOCK = 96; // px of the slider with the buttons to the other sliders
const SIGN = 20; // px of height of the sign "more"
const CLEAR = 8; // px left free around a cell that is scrolled into sight
const GAPS = 16; // px of height of the gaps between the picture and what stands below it
const SPACE = 44; // the same while presenting
const LONGEST = 1600; // width in the picture's own px up to which all of it is on the screen at once
const WIDE = 2.8; // width / height of a picture above which the reason stands below it
const UPRIGHT = 0.85; // height / width of a window above which it does too
const BESIDE_TEXT = 0.4; // scale below which a picture would be too small beside the reason
const BESIDE = 150; // px for the sliders left of the cells while presenting
const SIDE = 280; // px of width that the text beside a picture has at least
const TEXT = 484; // area of the longest text beside a picture, divided by the square of the letters' size
// The size of letters as shares of the window's height and width, and the least size in px.
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
  // choose(entry): called when a cell is chosen. resized(narrow): called when the sliders have another
  // place. main: the element that scrolls the stage. plot: another stage's, with what is drawn there.
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
    this.leftmost = 0; // px at the picture's left edge with nothing but sliders
    this.inset = 0; // px at the picture's left edge that are not shown
    this.narrow = false;
    this.placed = ""; // narrow and inset when `resized` was last called
    /** @type {HTMLElement | null} */
    this.strip = null; // the presenter's strip, while presenting
    /** @type {Pick<Figure, "data" | "layout"> | null} */
    this.wanted = null; // the figure still to be drawn
    this.places = ""; // of the cells' buttons, as JSON
    this.chosen = ""; // the chosen entry, if its value is on the picture
    this.sought = ""; // what was last scrolled into sight, as JSON
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
    this.drawn = this.ready; // settles with the latest drawing
    this.observer = new ResizeObserver(() => this.fit());
    /** @type {Set<Element>} */
    this.watched = new Set();
    this.fitAgain = () => this.fit();
    // Paper would cut off a wide window: it has a layout of its own. A phone's width is not cut off, and
    // what is presented fills the window.
    this.print = (/** @type {Event} */ { type }) => {
      this.element.dataset.paper = String(type === "beforeprint" && !this.narrow && !this.strip);
      this.fit();
    };
  }

  // The element that scrolls the stage; kept, because it may be gone when the page is left.
  get main() {
    return (this.scrolled ??= mainPart());
  }

  // --- size

  // Takes over the picture's size and the places on it, which a setting may change.
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
    this.over([this.element, ...this.main.children]); // including what is above the picture
    window.addEventListener("resize", this.fitAgain);
    for (const each of PRINT) window.addEventListener(each, this.print);
    this.main.addEventListener("scroll", this.lookAgain, { passive: true });
  }

  // Watches elements that take room from the picture: when they grow, the picture shrinks.
  /** @param {Iterable<Element>} elements */
  over(elements) {
    for (const each of elements) {
      if (this.watched.has(each)) continue; // a second `observe` would call `fit` again
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

  // Gives the picture the whole screen except for a strip at its lower edge; null ends that.
  /** @param {HTMLElement | null} strip */
  present(strip) {
    this.strip = strip;
    this.fit();
  }

  // Sets where a phone has the step row: see `stepping` in the server's data. Returns whether stepping
  // begins and the row is neither beside the picture nor in the strip.
  /** @param {boolean | null} on */
  stepping(on) {
    const { dataset } = this.element;
    const begins = on && dataset.stepping === "false";
    dataset.stepping = String(on);
    return begins && this.narrow && !this.strip && dataset.low !== "true";
  }

  // Scrolls until the step's sentence is just above the step row, so that the picture is in sight and, if
  // there is room, the menus are too.
  beginSteps() {
    const [said, row] = [".live-figure-steps > .live-figure-said", ".live-figure-stepping"]
      .map((each) => /** @type {HTMLElement} */ (this.element.querySelector(each)).getBoundingClientRect());
    const scrolled = this.main.scrollTop;
    this.main.scrollTop = Math.max(0, scrolled + Math.ceil(said.bottom - row.top));
  }

  // px at the upper edge of a phone's window that stay while the user scrolls: with the picture and the
  // reason, or, if it is held sideways, with the slider and the reason.
  edge() {
    const { low, above } = this.element.dataset;
    const list = /** @type {HTMLElement | null} */ (this.element.querySelector(".live-figure-list"));
    const stays = low === "true" && list ? list : this.box;
    const reason = above === "true" ? 0 : (this.side.explanation.answer?.offsetHeight ?? 0);
    return parseFloat(getComputedStyle(stays).top) + stays.offsetHeight + reason;
  }

  // Makes the picture as large as everything else that has to be seen allows.
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
    // While presenting, the text takes only the width that it needs: the picture gets the rest.
    const needed = Math.min(0.27 * whole, Math.max(SIDE, (TEXT * letters ** 2) / room));
    element.style.setProperty("--side", strip ? `${needed}px` : "");
    // With the sliders below, their place on the picture is not needed; while presenting, a part of it is.
    const inset = narrow ? this.leftmost : strip ? Math.max(0, this.leftmost - BESIDE) : 0;
    const picture = this.scaled(inset, { narrow, paper, room });
    this.dock(top, picture, narrow && !low);
    // Whether the step's sentence has room for larger letters, however large they are at present.
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

  // The window's shape, which the styles are told too. low: a phone held sideways. narrow: with the
  // sliders below the picture. wide: with the text below it.
  /** @param {number} whole */
  shape(whole) {
    const { strip, element } = this;
    const paper = element.dataset.paper === "true";
    const low = window.innerHeight <= LOW && window.innerWidth > window.innerHeight;
    const narrow = low || whole < NARROW;
    // A tablet held upright, and half a screen, also have more room for the text there.
    const upright = window.innerHeight > UPRIGHT * window.innerWidth;
    const half = !narrow && !strip && (upright || (whole - SIDE) / this.width < BESIDE_TEXT);
    const wide = half || this.isWide();
    element.dataset.wide = String(wide);
    element.dataset.narrow = String(narrow);
    element.dataset.low = String(low);
    return { narrow, low, paper, wide };
  }

  // Scales the picture. Returns its height in px.
  /** @param {number} inset @param {{ narrow: boolean, paper: boolean, room: number }} _ */
  scaled(inset, { narrow, paper, room }) {
    const byHeight = paper ? Infinity : room / this.height;
    // A picture of very many layers extends beyond the right edge, and can be scrolled.
    const shown = paper ? this.width : Math.min(this.width, LONGEST);
    const byWidth = this.box.clientWidth / (shown - inset);
    const smallest = narrow ? SMALLEST : Math.max(SMALLER, Math.min(SMALLEST, byWidth));
    const scale = Math.max(paper ? 0 : smallest, Math.min(byWidth, narrow ? 1 : byHeight));
    const height = this.height * scale;
    this.canvas.style.setProperty("--scale", String(scale)); // what must be readable undoes the scale
    this.canvas.style.transform = `scale(${scale}) translateX(${-inset}px)`;
    this.frame.style.width = `${(this.width - inset) * scale}px`;
    this.frame.style.height = `${height}px`;
    this.element.style.setProperty("--picture", `${height}px`);
    return height;
  }

  // On a phone held upright: sets whether the reason stands above the picture, and how much height a
  // picture that scrolls in its own box has.
  /** @param {number} top @param {number} picture @param {boolean} phone */
  dock(top, picture, phone) {
    const { element } = this;
    const above = phone && top + Math.min(picture, MOST) + LINES > window.innerHeight - FOOT;
    element.dataset.above = String(above);
    // As much as there is room for above the slider and the sign "more".
    const tabs = parseFloat(getComputedStyle(element).getPropertyValue("--foot")) || 0;
    const free = window.innerHeight - tabs - DOCK - top - LINES - SIGN;
    const over = above && picture > MOST && element.querySelector(".live-figure-slider");
    const most = over ? Math.max(LEAST, Math.min(MOST, free)) : MOST;
    element.style.setProperty("--high", `${most}px`);
  }

  // Scrolls to the chosen cell if the picture extends beyond its box.
  seek() {
    const { chosen, places, frame } = this;
    if (!this.narrow) return; // so that nothing is measured while a slider moves
    const sought = JSON.stringify([chosen, places, frame.clientHeight]);
    if (sought === this.sought) return;
    this.sought = sought;
    const cell = this.buttons.find(({ dataset }) => dataset.entry === chosen)?.getBoundingClientRect();
    if (!cell) return;
    const { top, bottom } = frame.getBoundingClientRect();
    const [below, above] = [cell.bottom + CLEAR - bottom, cell.top - CLEAR - top];
    if (below > 0 || above < 0) frame.scrollTop += below > 0 ? below : above;
  }

  // On a phone, tells the styles whether the picture extends beyond its box; if it does not say so just
  // there, whether the slider covers picture, reason or legend; and whether it cuts through one of them.
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

  // The boxes of everything that the slider may cover.
  parts() {
    const { explanation } = this.side;
    return [...explanation.element.children, ...this.legend.element.children, this.frame]
      .map((each) => each.getBoundingClientRect());
  }

  // Answers a tap on the sign "more" above the sliders, which is a pseudo-element of their list: scrolls the
  // first part that is not wholly visible to just below what stays, so that none is skipped.
  /** @param {MouseEvent} event */
  goOn({ target, clientY }) {
    if (!(target instanceof HTMLElement && target.matches(".live-figure-list"))) return;
    const { top: slider } = target.getBoundingClientRect();
    const next = clientY < slider && this.parts().find(({ bottom }) => bottom > slider + 1);
    if (!next) return;
    const edge = this.edge();
    const page = slider - edge - LINES / 2; // for a part that is longer
    const top = next.top > edge + 1 ? next.top - edge : page;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches; // browsers heed it in styles only
    this.main.scrollBy({ top, behavior: still ? "instant" : "smooth" });
  }

  isWide() {
    return this.width / this.height > WIDE;
  }

  // px of the window's height that are left for the picture, which begins at top.
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

  // The strip begins right of the sidebar with the pages' names. The styles are told its height.
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
      this.element.dataset.drawn = "true"; // for the styles; it is never unset
      this.loading.remove();
    });
  }

  // --- the cells

  /** @param {LiveFigureData} data @param {string} chosen */
  describe({ targets, grids, summary }, chosen) {
    this.chosen = targets.find(({ entry, valued }) => valued && entry === chosen)?.entry ?? "";
    this.grids.describe(grids, chosen);
    // So that the same text is not read out again.
    if (this.summary.textContent !== summary) this.summary.textContent = summary;
    const places = JSON.stringify(targets.map(({ entry, box }) => [entry, box]));
    // While presenting, a new button does not get the focus, so that the keys are the presenter's.
    const focused = this.strip ? undefined : this.buttons.find((each) => each === document.activeElement);
    if (places !== this.places) {
      this.places = places;
      this.buttons = targets.map((target) => this.button(target));
      this.cells.replaceChildren(...this.buttons);
    }
    const stop = targets.find(({ entry }) => entry === chosen) ?? targets[0]; // the stop of the Tab key
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
      button.focus({ preventScroll: true }); // a click in Safari does not; the arrow keys go on from there
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

// The meaning of each sign on the picture, and of no other. The legend keeps the height that it once
// had, so that what is above it stays in its place.
class Legend {
  constructor() {
    this.element = make("ul", "live-figure-legend");
    this.element.dataset.beneath = "true";
    attributes(this.element, { "aria-label": "Legend" });
    this.shown = "";
    this.width = 0; // px for which the height is kept
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
