// Figures side by side, drawn in place whenever the server has news; beneath each other where the
// screen is narrow.
//
// A tab remembers one token for the server: after a reload, which makes a new session of it, it
// shows the token and gets back what it had.

import { ChartsSlide } from "./charts_slide.js";
import { make } from "./elements.js";
import { replaceAddress, residentOf, themeOfPage } from "./page.js";
import { loadPlotly, Plot } from "./plot.js";

const NARROW = 700; // px of width below which the figures stand beneath each other
const SMALLEST = 0.5; // scale below which nothing could be read
const REST_OF_PAGE = 206; // px of height that are not the figures'
const GAP = 20; // px of the figures' own between two of them
const TOKEN = "live-charts:token";
let shown = ""; // the token that the server knows or has refused

export default function liveCharts({ data, parentElement, setStateValue }) {
  const { resident, leave } = residentOf(parentElement, () => new LiveCharts(parentElement, data));
  resident.receive(data, (message) => setStateValue("message", message));
  return leave;
}

class LiveCharts {
  constructor(parent, data) {
    this.instance = Math.random().toString(36).slice(2);
    this.sent = 0;
    this.element = make("div", "live-charts");
    this.element.dataset.testid = "live-charts";
    this.element.dataset.revision = 0;
    this.charts = data.charts.map(() => new Chart());
    this.slide = new ChartsSlide({
      figures: () => this.ready.then(() => this.charts.map(({ text }) => JSON.parse(text))),
      texts: () => this.texts,
    });
    this.element.append(...this.charts.map(({ element }) => element), this.slide.element);
    parent.append(this.element);
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.element);
    this.onresize = () => this.fit();
    window.addEventListener("resize", this.onresize);
    this.ready = loadPlotly(data.assets.plotly).catch((error) => {
      this.element.textContent = error.message;
    });
  }

  close() {
    this.observer.disconnect();
    window.removeEventListener("resize", this.onresize);
    for (const chart of this.charts) chart.close();
    this.slide.close();
    this.element.remove();
  }

  receive(data, send) {
    const restarted = Boolean(this.session) && this.session !== data.session;
    this.session = data.session;
    this.texts = data.texts;
    this.charts.forEach((chart, i) => chart.want(data.charts[i]));
    this.fit();
    this.draw();
    const theme = themeOfPage();
    const claim = this.claim(data.token, restarted);
    if (restarted || claim || (theme !== data.theme && theme !== this.reported)) {
      this.reported = theme;
      this.sent += 1;
      const serial = `${this.instance}-${this.sent}`;
      // A restarted server knows no more than the address with which this page was opened.
      const address = restarted ? this.address : null;
      send({ serial, address, theme, wants: claim ? { claim } : {} });
    }
    if (!restarted) replaceAddress((this.address = data.address));
  }

  // The token to be shown, if any: one that was kept and has not been shown yet.
  claim(given, restarted) {
    if (given) {
      shown = given;
      keep(given);
      return "";
    }
    const kept = keptToken();
    if (!kept) return "";
    if (kept === shown && !restarted) {
      keep(""); // it is worth nothing any more
      return "";
    }
    return (shown = kept);
  }

  async draw() {
    if (!window.Plotly) await this.ready;
    if (!window.Plotly) return;
    const drawn = await Promise.all(this.charts.map((chart) => chart.draw()));
    if (!drawn.includes(true)) return;
    this.element.dataset.revision = Number(this.element.dataset.revision) + 1;
  }

  fit() {
    const width = this.element.clientWidth;
    if (!width) return;
    const narrow = width < NARROW;
    const gaps = GAP * (this.charts.length - 1);
    const together = this.charts.reduce((sum, chart) => sum + chart.width, gaps);
    const tallest = Math.max(...this.charts.map((chart) => chart.height));
    const byHeight = (window.innerHeight - REST_OF_PAGE) / tallest;
    const wide = Math.max(SMALLEST, Math.min(width / together, byHeight));
    for (const chart of this.charts) chart.scale(narrow ? Math.min(1, width / chart.width) : wide);
    this.element.style.gap = `${GAP * (narrow ? 1 : wide)}px`;
  }
}

// One figure, scaled as a whole, so that texts and lines keep their places.
class Chart {
  constructor() {
    this.element = make("div", "live-charts-chart");
    this.element.setAttribute("role", "img");
    this.canvas = make("div", "live-charts-canvas");
    this.plot = new Plot("live-charts-plot");
    this.canvas.append(this.plot.moving, this.plot.still);
    this.element.append(this.canvas);
  }

  close() {
    this.plot.close();
  }

  want({ figure, said }) {
    this.element.setAttribute("aria-label", said);
    if (figure === this.text) return;
    this.text = figure;
    this.wanted = JSON.parse(figure);
    const { width, height } = this.wanted.layout;
    Object.assign(this, { width, height });
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
  }

  // Resolves to whether there was anything to draw.
  async draw() {
    const { wanted } = this;
    if (!wanted) return false;
    this.wanted = null;
    await this.plot.draw(wanted);
    return true;
  }

  scale(factor) {
    this.canvas.style.transform = `scale(${factor})`;
    this.element.style.width = `${this.width * factor}px`;
    this.element.style.height = `${this.height * factor}px`;
  }
}

// A browser may forbid to keep anything; then a reload begins anew.
function keptToken() {
  try {
    return sessionStorage.getItem(TOKEN) ?? "";
  } catch {
    return "";
  }
}

function keep(token) {
  try {
    if (token) sessionStorage.setItem(TOKEN, token);
    else sessionStorage.removeItem(TOKEN);
  } catch {
    // as above
  }
}
