// A Plotly figure drawn in place: what moves, and over it what stays the same.
//
// Plotly draws all of a graph when a part of it changes; what does not change has its own graph, and
// what does is repainted where that is enough.

import { make } from "./elements.js";
import { equal, isMoving, isStill, nameOf, Painter } from "./repaint.js";

const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false };
/** @type {Promise<unknown> | null} */
let loading = null;

export class Plot {
  /** @param {string} name of both graphs' class */
  constructor(name) {
    /** @type {Graph} */
    this.moving = /** @type {any} */ (make("div", name)); // it is one once Plotly has drawn
    this.still = make("div", name);
    this.painter = new Painter(this.moving);
    this.painted = false; // since Plotly drew what moves
    this.drawings = 0; // of Plotly's
    /** @type {Promise<unknown>} */
    this.drawn = Promise.resolve(); // by and by: the last drawing
    /** @type {unknown} */
    this.stillDrawn = null;
    /** @type {Layout | null} */
    this.wanted = null; // the layout, as it came
    /** @type {Layout | null} */
    this.layout = null; // the same, as Plotly has it
  }

  // Once it is drawn: what Plotly still does to a graph that is purged fails.
  close() {
    this.drawn.finally(() => [this.moving, this.still].forEach((graph) => window.Plotly?.purge(graph)));
  }

  // Resolves once it is drawn.
  /** @param {Figure} figure @returns {Promise<void>} */
  draw(figure) {
    const drawn = this.drawing(figure);
    this.drawn = drawn;
    return drawn;
  }

  /** @param {Figure} figure */
  async drawing({ data, layout }) {
    const known = equal(layout, this.wanted);
    this.wanted = layout;
    // The same object for the same layout: then Plotly need not draw the axes and titles again.
    const same = known && this.layout ? this.layout : (this.layout = structuredClone(layout));
    const still = this.drawStill(data.filter(isStill), same);
    const moving = data.map((trace, i) => ({ ...trace, uid: nameOf(i) })).filter(isMoving);
    if (known && this.painter.paint(data)) {
      this.painted = true;
      this.moving.data = moving;
      this.moving.emit("plotly_afterplot");
      await still;
    } else {
      await Promise.all([still, this.drawMoving(data, moving, same)]);
    }
  }

  // By Plotly.
  /** @param {Trace[]} data @param {Trace[]} moving @param {Layout} layout */
  async drawMoving(data, moving, layout) {
    this.painter.forget();
    // A list that it has seen is taken for drawn.
    const news = this.painted ? structuredClone(moving) : moving;
    this.painted = false;
    const drawing = (this.drawings += 1);
    await plotly().react(this.moving, news, layout, CONFIG);
    if (drawing === this.drawings) this.painter.learn(data);
  }

  /** @param {Trace[]} traces @param {Layout} layout */
  drawStill(traces, layout) {
    const wanted = { traces, layout };
    if (equal(wanted, this.stillDrawn)) return null;
    this.stillDrawn = wanted;
    const clear = { ...layout, paper_bgcolor: "transparent", plot_bgcolor: "transparent" };
    return plotly().react(this.still, traces, clear, CONFIG);
  }
}

// The library, which is there by now.
function plotly() {
  if (!window.Plotly) throw new Error("plotly.js is not loaded yet");
  return window.Plotly;
}

// Resolves once the library is there: it is loaded once for all figures.
/** @param {string} url @returns {Promise<unknown>} */
export function loadPlotly(url) {
  if (window.Plotly) return Promise.resolve();
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = resolve;
    script.onerror = () => {
      loading = null;
      reject(new Error("The drawing library could not be loaded. Reload the page to try again."));
    };
    document.head.append(script);
  });
  return loading;
}
