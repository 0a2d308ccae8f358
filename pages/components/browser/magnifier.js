// The cell under the pointer, large enough for the last row: value, gradient, reason.

import { make } from "./elements.js";

const REST = 200; // ms of rest on a cell after which its whole reason is asked for
const SIGNS = { "+": "positive", "\u2212": "negative" };

export class Magnifier {
  constructor(figure) {
    this.figure = figure;
    this.element = make("div", "live-figure-magnifier");
    this.element.setAttribute("aria-hidden", "true"); // a reader hears the cells themselves
    this.parts = ["name", "value", "gradient", "reason"].map((part) =>
      make("div", `live-figure-large-${part}`),
    );
    this.element.append(...this.parts);
    this.move = (event) => this.follow(event);
    this.leave = () => this.hide();
  }

  turn(on) {
    const { canvas, element } = this.figure.stage;
    const act = on ? "addEventListener" : "removeEventListener";
    canvas[act]("pointermove", this.move);
    canvas[act]("pointerleave", this.leave);
    this.hide();
    if (on) element.append(this.element);
    else this.element.remove();
  }

  hide() {
    this.entry = null;
    this.element.hidden = true;
    clearTimeout(this.timer);
  }

  follow({ target, clientX, clientY }) {
    const cell = target.closest(".live-figure-cell");
    const shown = cell ?? target.closest(".live-figure-grid")?.querySelector("[role=gridcell]");
    if (!shown) return this.hide();
    const said = shown.getAttribute("aria-label");
    // In the lower right corner; in the left one where that would cover what is pointed at.
    const right = clientX > innerWidth / 2 && clientY > innerHeight / 2;
    this.element.dataset.corner = right ? "left" : "right";
    if (said === this.said && this.entry) return;
    this.said = said;
    this.entry = shown.dataset.entry;
    this.show(said);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(this.entry), REST);
  }

  // said: "x2 = −1, gradient 0, → not max"; of other cells other things, between commas.
  show(said) {
    const [head, ...rest] = said.split(", ");
    const [name, value = ""] = head.split(" = ");
    const gradient = rest[0]?.replace("gradient ", "∂ ") ?? "";
    const sign = SIGNS[gradient[2]] ?? "zero";
    const [nameThere, ...others] = this.parts;
    nameThere.replaceChildren(name[0], make("sub", "", { textContent: name.slice(1) }));
    [value, gradient, rest.slice(1).join(", ")].forEach((text, i) => {
      others[i].textContent = text;
    });
    const [fill, line, text] = this.colours?.[sign] ?? [];
    Object.assign(this.element.style, { background: fill, borderColor: line });
    others[1].style.color = text;
    this.element.hidden = false;
  }

  async ask(entry) {
    if (this.figure.held) return;
    const sentence = await this.figure.request("look", entry);
    if (sentence && entry === this.entry) this.parts.at(-1).textContent = sentence;
  }
}
