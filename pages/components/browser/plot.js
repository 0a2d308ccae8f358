// A Plotly figure that is redrawn in place: a graph of the traces that change ("moving"), and over it a
// graph of those that do not ("still").
//
// Plotly redraws a whole graph when a part of it changes. The still traces are spared that, and the moving
// ones are updated by the Painter below, without Plotly, whenever it can.

import { make } from "./elements.js";

const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false };
/** @type {Promise<unknown> | null} */
let loading = null;

export class Plot {
  /** @param {string} name the class of both graphs */
  constructor(name) {
    /** @type {Graph} */
    this.moving = /** @type {any} */ (make("div", name)); // a Graph once Plotly has drawn into it
    this.still = make("div", name);
    this.painter = new Painter(this.moving);
    this.painted = false; // whether the painter has painted since Plotly drew the moving traces
    this.drawings = 0; // how many drawings by Plotly were begun
    /** @type {Promise<unknown>} */
    this.drawn = Promise.resolve(); // settles with the latest drawing
    /** @type {unknown} */
    this.stillDrawn = null;
    /** @type {Layout | null} */
    this.wanted = null; // the last layout, as it came
    /** @type {Layout | null} */
    this.layout = null; // the copy of it that Plotly has
  }

  // Waits for the latest drawing, because Plotly fails if its graph is purged while it draws.
  close() {
    this.drawn.finally(() => [this.moving, this.still].forEach((graph) => window.Plotly?.purge(graph)));
  }

  // Resolves once the figure is drawn.
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
    // The same object for the same layout, so that Plotly need not draw the axes and titles again.
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

  // Lets Plotly draw the moving traces.
  /** @param {Trace[]} data @param {Trace[]} moving @param {Layout} layout */
  async drawMoving(data, moving, layout) {
    this.painter.forget();
    // Plotly takes lists that it has seen for drawn. It has not drawn those that were painted: copy them.
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

// Plotly, which is loaded by now.
function plotly() {
  if (!window.Plotly) throw new Error("plotly.js is not loaded yet");
  return window.Plotly;
}

// Loads Plotly, once for all figures. Resolves when it is there.
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

// --- the Painter, which changes the elements that Plotly has drawn to another state of the same layout
//
// Plotly recomputes a whole graph even if only a few of its numbers, widths and colours differ, and loads
// each image again, which then appears some frames later. The Painter writes only what differs, into the
// attributes and styles that Plotly uses. What Plotly's drawing does not show, like the shape of a marker
// that was never drawn, is left to Plotly, which then draws over all of this.

const SVG = "http://www.w3.org/2000/svg";
const XLINK = "http://www.w3.org/1999/xlink";
const LINE = 1.3; // em from one line of a text to the next
// Plotly leaves out points of a line: those nearer to the last one than the line's width / NEAR, and, in
// runs of more than CURVE points, others by further rules.
const NEAR = 20;
const CURVE = 8;
const ASCENT = 0.75; // em of a text above its baseline
const TAGS = /(<[^<>]*>)/;
const TAG = /^<(\/?)(b|i)(?: style="color:(#\w+)")?>$/;
/** @type {Record<string, string>} by tag */
const STYLES = { b: "font-weight:bold", i: "font-style:italic" };
/** @type {Record<string, number[]>} in widths of the line, or in units of 3 px if it is thinner */
const DASHES = { solid: [], dot: [1, 1], dash: [3, 3] };
/** @type {Record<string, "start" | "middle" | "end">} */
const ANCHORS = { left: "end", center: "middle", right: "start" };
/** @type {Record<string, number>} */
const SIDES = { left: -1, center: 0, right: 1, top: -1, middle: 0, bottom: 1 };
/** @type {Record<string, (trace: Trace) => Trace>} by type, a trace without what may differ */
const KEPT = {
  image: (trace) => ({ ...trace, source: null }),
  bar: (trace) => ({ ...trace, marker: { ...trace.marker, color: null, line: null } }),
  scatter: ({ x, y, text, textposition, fillcolor, marker, line, textfont, ...kept }) => ({
    ...kept,
    font: { ...textfont, size: null, color: null },
  }),
};

/** @param {Trace} trace */
const isStill = (trace) => trace.meta === "still";
/** @param {Trace} trace */
const isMoving = (trace) => trace.visible !== false && !isStill(trace);
// With a name of its own a trace is still known to Plotly when invisible traces before it are left out.
/** @param {number} i */
const nameOf = (i) => `trace${i}`;

export class Painter {
  // graph: what Plotly draws into.
  /** @param {Graph} graph */
  constructor(graph) {
    this.graph = graph;
    /** @type {Trace[] | null} */
    this.traces = null; // the traces as they are drawn; null if that is not known
    /** @type {Map<number, Element>} */
    this.groups = new Map(); // each trace's group of elements, by its index
    /** @type {Set<Element>} */
    this.added = new Set(); // groups that Plotly does not know
    /** @type {Map<string, Element>} */
    this.markers = new Map(); // a drawn marker of each look
  }

  // Called when Plotly has drawn these traces: finds their elements.
  /** @param {Trace[]} traces */
  learn(traces) {
    this.traces = traces;
    this.groups.clear();
    const bars = this.graph.querySelectorAll(".trace.bars").values();
    const images = this.graph.querySelectorAll(".im").values();
    for (const [i, trace] of traces.entries()) {
      if (!isMoving(trace)) continue;
      const { type } = trace;
      const named = () => this.graph.querySelector(`.trace${nameOf(i)}`);
      const group = type === "bar" ? bars.next().value : type === "image" ? images.next().value : named();
      if (!group) continue;
      this.groups.set(i, group);
      if (!trace.mode?.includes("markers")) continue;
      const drawn = group.querySelector(".points")?.children ?? [];
      for (const [at, marker] of [...drawn].entries()) this.markers.set(lookOf(trace, at), clone(marker));
    }
  }

  // Called before Plotly draws: removes the groups that it does not know.
  forget() {
    this.traces = null;
    for (const group of this.added) group.remove();
    this.added.clear();
    // Plotly leaves the element of an empty text there, and would write no other text into it.
    for (const empty of this.graph.querySelectorAll(".textpoint:not(:has(text))")) empty.remove();
  }

  // Paints these traces. Returns false if it cannot: some may be painted, but Plotly has to draw them all.
  /** @param {Trace[]} traces */
  paint(traces) {
    const before = this.traces;
    if (before?.length !== traces.length) return false;
    this.traces = null;
    if (!traces.every((trace, i) => trace === before[i] || this.change(i, before[i], traces))) return false;
    this.traces = traces;
    return true;
  }

  /** @param {number} i @param {Trace} old @param {Trace[]} traces */
  change(i, old, traces) {
    const trace = traces[i];
    if (equal(old, trace)) return true;
    const group = this.groups.get(i);
    if (!isMoving(trace)) {
      this.groups.delete(i);
      group?.remove();
      return Boolean(group) || !isMoving(old);
    }
    const kept = KEPT[trace.type];
    if (!isMoving(old)) {
      const added = trace.type === "scatter" && this.add(i, traces);
      return added && this.scatter(added, { x: [], y: [] }, trace);
    }
    if (!group || !kept || !equal(kept(old), kept(trace))) return false;
    if (trace.type === "image") return paintImage(group, trace);
    return trace.type === "bar" ? paintBars(group, old, trace) : this.scatter(group, old, trace);
  }

  // Adds an empty group for a trace that was not visible, at its place among the traces of its layer.
  /** @param {number} i @param {Trace[]} traces */
  add(i, traces) {
    /** @param {Trace} trace */
    const layer = (trace) => trace.type === "scatter" && (trace.zorder ?? 0) === (traces[i].zorder ?? 0);
    const others = [...this.groups.keys()].filter((at) => layer(traces[at])).sort((a, b) => a - b);
    const next = others.find((at) => at > i);
    const other = next ?? others.at(-1);
    const beside = other !== undefined && this.groups.get(other);
    if (!beside) return null;
    const group = clone(beside);
    group.classList.replace(`trace${nameOf(other)}`, `trace${nameOf(i)}`);
    group.append(...[...beside.children].map(clone));
    if (next === undefined) beside.after(group);
    else beside.before(group);
    this.groups.set(i, group);
    this.added.add(group);
    return group;
  }

  /** @param {Element} group @param {Trace} old @param {Trace} trace */
  scatter(group, old, trace) {
    /** @type {Record<string, (group: Element, old: Trace, trace: Trace) => boolean>} */
    const ways = { lines: this.lines, markers: this.points, text: this.texts };
    return trace.mode.split("+").every((/** @type {string} */ mode) => ways[mode].call(this, group, old, trace));
  }

  /** @param {Element} group @param {Trace} old @param {Trace} trace */
  lines(group, old, trace) {
    const { color, width, dash } = trace.line ?? {};
    const [dashes, paths] = [DASHES[dash], this.paths(trace)];
    if (!dashes || !paths) return false;
    const parent = part(group, "lines");
    const known = equal(old.line, trace.line) ? parent.children.length : 0; // the style of these stays
    const drawn = this.fitted(parent, paths.length, ".js-line");
    if (!drawn) return false;
    for (const [i, line] of drawn.entries()) {
      if (i < known && line.getAttribute("d") === paths[i]) continue;
      line.setAttribute("d", paths[i]);
      if (i < known) continue;
      colour(line, "stroke", color);
      line.style.strokeWidth = `${width}px`;
      line.style.strokeDasharray = dashes.map((length) => `${length * Math.max(width, 3)}px`).join(", ");
    }
    if (!trace.fill) return true;
    const area = areaOf(part(group, "fills"));
    area.setAttribute("d", paths.length ? `${paths.join("Z")}Z` : "M0,0Z"); // Plotly's path of no line
    colour(area, "fill", trace.fillcolor);
    return true;
  }

  // The path of each run of a trace's line between gaps; null if a run has more than CURVE points.
  /** @param {Trace} trace */
  paths({ x, y, fill, line }) {
    const near = fill ? 0 : Math.max(line.width, 3) / NEAR;
    /** @type {[x: number, y: number][][]} */
    const runs = [[]];
    for (const [i, across] of x.entries()) {
      const run = /** @type {[x: number, y: number][]} */ (runs.at(-1));
      if (across === null) {
        runs.push([]);
        continue;
      }
      const [point, last] = [this.place(across, y[i]), run.at(-1)];
      if (!last || Math.hypot(point[0] - last[0], point[1] - last[1]) >= near) run.push(point);
    }
    if (runs.some(({ length }) => length > CURVE)) return null;
    return runs.filter(({ length }) => length).map((points) => `M${points.join("L")}`);
  }

  // The place of a point in px, rounded as Plotly does.
  /** @param {number} x @param {number} y @returns {[x: number, y: number]} */
  place(x, y) {
    const { xaxis, yaxis } = this.graph._fullLayout;
    return [xaxis.c2p(x), yaxis.c2p(y)];
  }

  /** @param {Element} group @param {Trace} old @param {Trace} trace */
  points(group, old, trace) {
    if (equal([old.x, old.y, old.marker], [trace.x, trace.y, trace.marker])) return true;
    const drawn = [];
    for (const [i, x] of trace.x.entries()) {
      const known = this.markers.get(lookOf(trace, i));
      if (!known) return false;
      const marker = clone(known);
      marker.setAttribute("transform", shift(...this.place(x, trace.y[i])));
      drawn.push(marker);
    }
    part(group, "points").replaceChildren(...drawn);
    return true;
  }

  /** @param {Element} group @param {Trace} old @param {Trace} trace */
  texts(group, old, trace) {
    const parent = part(group, "text");
    for (const point of [...parent.children]) if (!point.firstElementChild) point.remove(); // of an empty text
    const [before, wanted] = [wordsOf(old), wordsOf(trace)];
    const drawn = this.fitted(parent, wanted.length, ".textpoint:has(text)");
    const same = (/** @type {number} */ i) => equal(before[i], wanted[i]);
    return drawn?.every((point, i) => {
      return same(i) || paintText(point, this.place(wanted[i].x, wanted[i].y), wanted[i]);
    }) ?? false;
  }

  // Gives parent this many children, new ones copied from one that Plotly has drawn; null if there is none.
  /** @param {Element} parent @param {number} count @param {string} like */
  fitted(parent, count, like) {
    while (parent.children.length > count) parent.lastElementChild?.remove();
    while (parent.children.length < count) {
      const other = this.graph.querySelector(like);
      if (!other) return null;
      parent.append(other.cloneNode(true));
    }
    return /** @type {SVGElement[]} */ ([...parent.children]);
  }
}

// A copy of an element without its content.
/** @param {Element} element */
const clone = (element) => /** @type {Element} */ (element.cloneNode());

/** @param {Element} group @param {string} name */
const part = (group, name) => /** @type {Element} */ (group.querySelector(`:scope > .${name}`));

// The path of a filled area, made if there is none.
/** @param {Element} fills */
function areaOf(fills) {
  const known = fills.querySelector("path");
  if (known) return known;
  const [group, area] = [document.createElementNS(SVG, "g"), document.createElementNS(SVG, "path")];
  area.classList.add("js-fill");
  area.style.strokeWidth = "0";
  group.append(area);
  fills.append(group);
  return area;
}

/** @param {Element} group @param {Trace} trace */
function paintImage(group, { source }) {
  group.firstElementChild?.setAttributeNS(XLINK, "xlink:href", source);
  return true;
}

/** @param {Element} group @param {Trace} old @param {Trace} trace */
function paintBars(group, { marker: old }, { marker }) {
  const points = part(group, "points").children;
  for (const [i, point] of [...points].entries()) {
    const box = point.firstElementChild;
    const looks = boxLook(marker, i);
    if (equal(looks, boxLook(old, i))) continue;
    // A hatched bar has its colours in a pattern.
    if (!(box instanceof SVGElement) || each(marker.pattern?.shape, i)) return false;
    colour(box, "fill", looks.fill);
    colour(box, "stroke", looks.border);
    box.style.strokeWidth = `${looks.width}px`;
  }
  return true;
}

/** @param {any} marker of bars @param {number} i */
const boxLook = ({ color, line }, i) => ({
  fill: each(color, i),
  border: each(line?.color, i),
  width: each(line?.width, i),
});

/** @typedef {{ x: number, y: number, text: string, place: string, size: number, fill: string, gap: number }} Words */

// The place and the look of each text; gap: px between a text and its point, for the point's marker.
/** @param {Trace} trace @returns {Words[]} */
function wordsOf({ x, y, text = [], textposition = "middle center", textfont, mode, marker }) {
  const all = text.map((/** @type {string} */ said, /** @type {number} */ i) => ({
    x: x[i],
    y: y[i],
    text: said,
    place: each(textposition, i),
    size: each(textfont.size, i),
    fill: each(textfont.color, i),
    gap: mode.includes("markers") ? each(marker.size, i) / 2 / 0.8 + 1 : 0,
  }));
  return all.filter((/** @type {Words} */ words) => words.text);
}

/** @param {Element} point @param {[x: number, y: number]} at @param {Words} words */
function paintText(point, [x, y], { text, place, size, fill, gap }) {
  const words = point.firstElementChild;
  if (!(words instanceof SVGElement)) return false;
  const [high, across] = place.split(" ");
  for (const [key, value] of Object.entries({ x, y, "text-anchor": ANCHORS[across], "data-unformatted": text })) {
    words.setAttribute(key, String(value));
  }
  words.style.fontSize = `${size}px`;
  colour(words, "fill", fill);
  const lines = write(words, text);
  const height = (lines - 1) * LINE + 1;
  const down = size * ASCENT + SIDES[high] * gap + ((SIDES[high] - 1) * height * size) / 2;
  point.setAttribute("transform", shift(SIDES[across] * gap, down));
  return lines > 0;
}

// Writes a text with its tags. Returns the number of lines; 0 if it has something that is not known here.
/** @param {SVGElement} words @param {string} text */
function write(words, text) {
  /** @type {string[]} */
  const open = []; // the styles of the open tags
  let lines = 1;
  /** @type {Element} */
  let end = words;
  /** @param {Record<string, string>} attributes */
  const enter = (attributes) => {
    const span = document.createElementNS(SVG, "tspan");
    for (const [key, value] of Object.entries(attributes)) span.setAttribute(key, value);
    end.append(span);
    end = span;
  };
  const begin = () => {
    end = words;
    const [x, y] = [words.getAttribute("x") ?? "", words.getAttribute("y") ?? ""];
    enter({ class: "line", dy: `${(lines - 1) * LINE}em`, x, y });
    for (const style of open) enter({ style });
  };
  words.replaceChildren();
  if (text.includes("<br>")) begin();
  for (const piece of text.split(TAGS)) {
    const [whole, ends, name, fill] = TAG.exec(piece) ?? [];
    if (piece === "<br>") {
      lines += 1;
      begin();
    } else if (ends) {
      if (!open.pop()?.endsWith(STYLES[name])) return 0;
      end = /** @type {Element} */ (end.parentElement);
    } else if (whole) {
      const style = fill ? `fill:${fill};${STYLES[name]}` : STYLES[name];
      open.push(style);
      enter({ style });
    } else if (TAGS.test(piece) || piece.includes("&")) {
      return 0;
    } else if (piece) {
      end.append(piece);
    }
  }
  return lines;
}

// Everything that a marker's look depends on, as a key.
/** @param {Trace} trace @param {number} i */
function lookOf({ marker: { symbol, size, color, opacity, line } }, i) {
  const looks = [symbol, size, color, opacity, line?.width, line?.color];
  return JSON.stringify(looks.map((look) => each(look, i)));
}

/** @param {SVGElement} element @param {"fill" | "stroke"} which @param {string} value */
function colour({ style }, which, value) {
  const [red, green, blue, alpha = "1"] = value.startsWith("rgba") ? (value.match(/[\d.]+/g) ?? []) : [];
  style.setProperty(which, red ? `rgb(${red}, ${green}, ${blue})` : value);
  style.setProperty(`${which}-opacity`, alpha);
}

/** @param {number} x @param {number} y */
const shift = (x, y) => (x || y ? `translate(${x},${y})` : "");

// The i-th of a list with a value for each, or the one value for all.
/** @param {any} value @param {number} i */
const each = (value, i) => (Array.isArray(value) ? value[i] : value);

/** @param {any} one @param {any} other @returns {boolean} */
function equal(one, other) {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (Array.isArray(one)) return one.length === other.length && one.every((value, i) => equal(value, other[i]));
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => equal(one[key], other[key]));
}
