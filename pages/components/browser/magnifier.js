// The cell under the pointer, large enough for the last row: value, gradient, reason.

import { around, attributes, make, write } from "./elements.js";

const REST = 200; // ms of rest on a cell after which its whole reason is asked for
/** @type {Record<string, keyof Colours>} */
const SIGNS = { "+": "positive", "\u2212": "negative" };

export class Magnifier {
  /** @param {import("./live_figure.js").LiveFigure} figure */
  constructor(figure) {
    this.figure = figure;
    /** @type {Colours | null} */
    this.colours = null; // as the server has said
    this.entry = ""; // of the cell that is shown; "" for none
    this.label = ""; // the same cell's
    this.timer = 0;
    this.element = make("div", "live-figure-magnifier");
    attributes(this.element, { "aria-hidden": true }); // a reader hears the cells themselves
    this.name = make("div", "live-figure-large-name");
    this.value = make("div", "live-figure-large-value");
    this.gradient = make("div", "live-figure-large-gradient");
    this.reason = make("div", "live-figure-large-reason");
    this.element.append(this.name, this.value, this.gradient, this.reason);
    this.move = (/** @type {PointerEvent} */ event) => this.follow(event);
    this.leave = () => this.hide();
  }

  /** @param {boolean} on */
  turn(on) {
    const { canvas, element } = this.figure.stage;
    this.hide();
    if (on) {
      canvas.addEventListener("pointermove", this.move);
      canvas.addEventListener("pointerleave", this.leave);
      element.append(this.element);
    } else {
      canvas.removeEventListener("pointermove", this.move);
      canvas.removeEventListener("pointerleave", this.leave);
      this.element.remove();
    }
  }

  hide() {
    this.entry = "";
    this.element.hidden = true;
    clearTimeout(this.timer);
  }

  /** @param {PointerEvent} event */
  follow(event) {
    const cell = around(event, ".live-figure-cell");
    const shown = cell ?? around(event, ".live-figure-grid")?.querySelector("[role=gridcell]");
    if (!(shown instanceof HTMLElement)) return this.hide();
    const label = shown.getAttribute("aria-label") ?? "";
    // Over the foot of what stands beside the picture: never over what is pointed at.
    const { left, width } = this.figure.stage.side.element.getBoundingClientRect();
    Object.assign(this.element.style, { left: `${left}px`, width: `${width}px` });
    if (label === this.label && this.entry) return;
    const { entry = "" } = shown.dataset;
    this.label = label;
    this.entry = entry;
    this.show(label);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(entry), REST);
  }

  // label: "x2 = −1, gradient 0, → not max"; of other cells other things, between commas.
  /** @param {string} label */
  show(label) {
    const [head, second = "", ...others] = label.split(", ");
    const [name, value = ""] = head.split(" = ");
    const gradient = second.replace("gradient ", "∂ ");
    this.name.replaceChildren(name[0], make("sub", "", { textContent: name.slice(1) }));
    this.value.textContent = value;
    this.gradient.textContent = gradient;
    this.reason.textContent = others.join(", ");
    const [fill, line, text] = this.colours?.[SIGNS[gradient[2]] ?? "zero"] ?? ["", "", ""];
    Object.assign(this.element.style, { background: fill, borderColor: line });
    this.gradient.style.color = text;
    this.element.hidden = false;
  }

  /** @param {string} entry */
  async ask(entry) {
    if (this.figure.held) return;
    const sentence = await this.figure.request("look", entry);
    if (sentence && entry === this.entry) write(this.reason, sentence);
  }
}
