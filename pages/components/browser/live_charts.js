// Figures side by side, redrawn in place whenever the server sends new ones; one below another on a
// narrow screen.

import { attributes, make, makeButton, placeAt } from "./elements.js";
import { svgOf } from "./files.js";
import {
  isInMenu,
  isPresenting,
  keep,
  mainPart,
  replaceAddress,
  residentOf,
  RUN,
  runToClaim,
  setPresenting,
  showPresenting,
  themeOfPage,
  unlessLeaving,
} from "./page.js";
import { loadPlotly, Plot } from "./plot.js";
import { Help } from "./side.js";
import { alone, LINK, pngBlob, SCRIPTS, SlideMenu, svgBlob } from "./slide.js";

const NARROW = 700; // px of width below which the figures stand one below another
const SMALLEST = 0.5; // the smallest scale at which the figures can be read
const GAP = 20; // the gap between two figures, in their own px
/** @type {[width: number, height: number]} */
const SIZE = [1920, 1080]; // of the files that the Slide button makes
const MARGIN = 40; // px around the figures in a file, and between two of them
/** @type {import("./slide.js").Text[]} */
const TEXTS = [
  LINK,
  { label: "Copy command", text: ({ command }) => command },
  ...SCRIPTS,
];

/** @param {Component<LiveChartsData>} component */
export default function liveCharts({ data, parentElement, setStateValue }) {
  const { resident, leave } = residentOf(parentElement, () => new LiveCharts(parentElement, data));
  resident.receive(data, unlessLeaving((message) => setStateValue("message", message)));
  return leave;
}

class LiveCharts {
  /** @param {HTMLElement} parent @param {LiveChartsData} data */
  constructor(parent, data) {
    this.texts = data.texts;
    this.address = data.address;
    this.session = "";
    /** @type {Theme | null} */
    this.reported = null; // the theme last reported to the server
    this.instance = Math.random().toString(36).slice(2);
    this.sent = 0;
    this.element = make("div", "live-charts");
    this.element.dataset.testid = "live-charts";
    this.element.dataset.revision = "0";
    /** @param {ChartWants} _wants */
    this.send = (_wants) => {};
    this.charts = data.charts.map(() => new Chart((chosen) => this.send({ chosen })));
    const figures = () => this.ready.then(() => this.charts.map(({ text }) => JSON.parse(text)));
    const svg = async () => sideBySide(await figures());
    this.slide = new SlideMenu({
      files: [
        { label: "Download PNG, 1920 × 1080", ending: "png", made: async () => alone(pngBlob(await svg(), SIZE)) },
        { label: "Download SVG", ending: "svg", made: () => alone(svg().then(svgBlob)) },
      ],
      texts: TEXTS,
      ask: async () => this.texts,
    });
    const tools = make("div", "live-figure-tools");
    this.present = makeButton("live-figure-tool live-figure-present", "Present", () => this.fill(true));
    this.present.title = "The charts fill the screen; Escape leaves";
    this.leave = makeButton("live-figure-tool live-charts-leave", "Leave", () => this.fill(false));
    tools.append(new Help().element, this.slide.element, this.present);
    this.element.append(...this.charts.map(({ element }) => element), tools, this.leave);
    this.keydown = (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape" && isPresenting() && !isInMenu(event)) this.fill(false);
    };
    document.addEventListener("keydown", this.keydown);
    showPresenting(isPresenting());
    parent.append(this.element);
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.element);
    this.fitAgain = () => this.fit();
    window.addEventListener("resize", this.fitAgain);
    this.ready = loadPlotly(data.assets.plotly).catch((error) => {
      this.element.textContent = error.message;
    });
  }

  close() {
    this.observer.disconnect();
    window.removeEventListener("resize", this.fitAgain);
    document.removeEventListener("keydown", this.keydown);
    for (const chart of this.charts) chart.close();
    this.slide.close();
    showPresenting(isPresenting()); // the next page may go on presenting
  }

  /** @param {LiveChartsData} data @param {(message: object) => void} send */
  receive(data, send) {
    const restarted = Boolean(this.session) && this.session !== data.session;
    this.session = data.session;
    this.texts = data.texts;
    this.charts.forEach((chart, i) => chart.want(data.charts[i]));
    this.fit();
    this.draw();
    const theme = themeOfPage();
    this.send = (/** @type {ChartWants} */ wants) => {
      this.reported = theme;
      this.sent += 1;
      const serial = `${this.instance}-${this.sent}`;
      // A restarted server knows only the address with which this page was opened.
      send({ serial, address: restarted ? this.address : null, theme, wants });
    };
    const claim = runToClaim(data.session, data.token);
    if (!data.token && !claim) keep(RUN, null); // the server did not accept the kept token
    if (claim) this.send({ claim });
    else if (restarted || (theme !== data.theme && theme !== this.reported)) this.send({});
    if (!restarted) replaceAddress((this.address = data.address));
  }

  async draw() {
    if (!window.Plotly) await this.ready;
    if (!window.Plotly) return;
    const drawn = await Promise.all(this.charts.map((chart) => chart.draw()));
    if (!drawn.includes(true)) return;
    this.element.dataset.revision = String(Number(this.element.dataset.revision) + 1);
  }

  // Lets the charts fill the screen, or ends that.
  /** @param {boolean} on */
  fill(on) {
    setPresenting(on);
    showPresenting(on);
    this.fit();
    (on ? this.leave : this.present).focus();
  }

  fit() {
    const width = this.element.clientWidth;
    if (!width) return;
    const narrow = width < NARROW;
    const gaps = GAP * (this.charts.length - 1);
    const together = this.charts.reduce((sum, chart) => sum + chart.width, gaps);
    const tallest = Math.max(...this.charts.map((chart) => chart.height));
    const top = this.element.getBoundingClientRect().top + mainPart().scrollTop;
    const byHeight = (window.innerHeight - top - MARGIN / 2) / tallest;
    const wide = Math.max(SMALLEST, Math.min(width / together, byHeight));
    for (const chart of this.charts) chart.scale(narrow ? Math.min(1, width / chart.width) : wide);
    this.element.style.gap = `${GAP * (narrow ? 1 : wide)}px`;
  }
}

// One figure, scaled as a whole, so that texts and lines keep their places.
class Chart {
  // choose(entry): called when a place on the figure is chosen.
  /** @param {(entry: string) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.element = make("div", "live-charts-chart");
    this.picture = make("div", "live-charts-picture");
    attributes(this.picture, { role: "img" });
    this.text = ""; // the figure as it came, as JSON
    /** @type {Figure | null} */
    this.wanted = null; // the figure still to be drawn
    this.width = 0;
    this.height = 0;
    this.canvas = make("div", "live-charts-canvas");
    this.plot = new Plot("live-charts-plot");
    this.picture.append(this.plot.moving, this.plot.still);
    this.targets = make("div", "");
    this.places = "";
    this.canvas.append(this.picture, this.targets);
    this.element.append(this.canvas);
  }

  close() {
    this.plot.close();
  }

  /** @param {LiveChartsData["charts"][number]} chart */
  want({ figure, said, targets }) {
    attributes(this.picture, { "aria-label": said });
    this.offer(targets);
    if (figure === this.text) return;
    this.text = figure;
    /** @type {Figure} */
    const wanted = JSON.parse(figure);
    const { width, height } = wanted.layout;
    Object.assign(this, { wanted, width, height });
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
  }

  // Offers the places that can be chosen. The same places keep their buttons; the focus stays at its index.
  /** @param {Target[]} targets */
  offer(targets) {
    const places = JSON.stringify(targets);
    if (places === this.places) return;
    this.places = places;
    const focused = [...this.targets.children].findIndex((each) => each === document.activeElement);
    const buttons = targets.map(({ entry, said, box }) => {
      const button = makeButton("live-figure-cell", "", () => this.choose(entry));
      attributes(button, { "aria-label": said, title: said });
      placeAt(button, box);
      return button;
    });
    this.targets.replaceChildren(...buttons);
    buttons[focused]?.focus({ preventScroll: true });
  }

  // Resolves to whether there was anything to draw.
  async draw() {
    const { wanted } = this;
    if (!wanted) return false;
    this.wanted = null;
    await this.plot.draw(wanted);
    return true;
  }

  /** @param {number} factor */
  scale(factor) {
    this.canvas.style.transform = `scale(${factor})`;
    this.element.style.width = `${this.width * factor}px`;
    this.element.style.height = `${this.height * factor}px`;
  }
}

// The figures in a row, centred and as large as the file allows, as SVG text.
/** @param {Figure[]} figures */
async function sideBySide(figures) {
  const [width, height] = SIZE;
  const sum = figures.reduce((all, { layout }) => all + layout.width, 0);
  const tallest = Math.max(...figures.map(({ layout }) => layout.height));
  const free = width - MARGIN * (figures.length + 1);
  const scale = Math.min(free / sum, (height - 2 * MARGIN) / tallest);
  let left = MARGIN + (free - sum * scale) / 2;
  const parts = [];
  for (const [i, figure] of figures.entries()) {
    const [wide, high] = [figure.layout.width * scale, figure.layout.height * scale];
    const svg = await svgOf(figure, wide, high, `chart${i}`);
    parts.push(svg.replace("<svg ", `<svg x="${left}" y="${(height - tallest * scale) / 2}" `));
    left += wide + MARGIN;
  }
  const paper = `<rect width="${width}" height="${height}" fill="${figures[0].layout.paper_bgcolor}"/>`;
  const root = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`;
  return `${root}${paper}${parts.join("")}</svg>`;
}
