// A Plotly figure drawn in place: what moves, and over it what stays the same.
//
// Plotly draws all of a graph when a part of it changes; what does not change has its own graph.

import { make } from "./elements.js";

const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false };
const isStill = (trace) => trace.meta === "still";
let loading = null;

export class Plot {
  constructor(name) {
    this.moving = make("div", name);
    this.still = make("div", name);
  }

  close() {
    window.Plotly?.purge(this.moving);
    window.Plotly?.purge(this.still);
  }

  // Resolves once it is drawn. Needs window.Plotly.
  async draw({ data, layout }) {
    const same = this.same(layout);
    const drawn = this.drawStill(data.filter(isStill), same);
    // By its own name a trace keeps its place without those that are not visible.
    const moving = data
      .map((trace, i) => ({ ...trace, uid: `trace${i}` }))
      .filter((trace) => trace.visible !== false && !isStill(trace));
    await Promise.all([drawn, window.Plotly.react(this.moving, moving, same, CONFIG)]);
  }

  drawStill(traces, layout) {
    const wanted = JSON.stringify([traces, layout]);
    if (wanted === this.stillDrawn) return null;
    this.stillDrawn = wanted;
    const clear = { ...layout, paper_bgcolor: "transparent", plot_bgcolor: "transparent" };
    return window.Plotly.react(this.still, traces, clear, CONFIG);
  }

  // The same object for the same layout: then Plotly need not draw the axes and titles again.
  same(layout) {
    const text = JSON.stringify(layout);
    if (text !== this.layoutText) {
      this.layoutText = text;
      this.layout = layout;
    }
    return this.layout;
  }
}

// The library itself, loaded once for all figures.
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
