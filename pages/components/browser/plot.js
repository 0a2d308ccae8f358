// A Plotly figure drawn in place: what moves, and over it what stays the same.
//
// Plotly draws all of a graph when a part of it changes; what does not change has its own graph.

import { make } from "./elements.js";

const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false };
/** @param {Trace} trace */
const isStill = (trace) => trace.meta === "still";
/** @type {Promise<unknown> | null} */
let loading = null;

export class Plot {
  /** @param {string} name of both graphs' class */
  constructor(name) {
    this.moving = make("div", name);
    this.still = make("div", name);
    this.stillDrawn = "";
    this.layoutText = "";
    /** @type {Layout | null} */
    this.layout = null;
  }

  close() {
    window.Plotly?.purge(this.moving);
    window.Plotly?.purge(this.still);
  }

  // Resolves once it is drawn.
  /** @param {Figure} figure */
  async draw({ data, layout }) {
    const same = this.same(layout);
    const drawn = this.drawStill(data.filter(isStill), same);
    // By its own name a trace keeps its place without those that are not visible.
    const moving = data
      .map((trace, i) => ({ ...trace, uid: `trace${i}` }))
      .filter((/** @type {Trace} */ trace) => trace.visible !== false && !isStill(trace));
    await Promise.all([drawn, plotly().react(this.moving, moving, same, CONFIG)]);
  }

  /** @param {Trace[]} traces @param {Layout} layout */
  drawStill(traces, layout) {
    const wanted = JSON.stringify([traces, layout]);
    if (wanted === this.stillDrawn) return null;
    this.stillDrawn = wanted;
    const clear = { ...layout, paper_bgcolor: "transparent", plot_bgcolor: "transparent" };
    return plotly().react(this.still, traces, clear, CONFIG);
  }

  // The same object for the same layout: then Plotly need not draw the axes and titles again.
  /** @param {Layout} layout */
  same(layout) {
    const text = JSON.stringify(layout);
    if (!this.layout || text !== this.layoutText) {
      this.layoutText = text;
      this.layout = layout;
    }
    return this.layout;
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
