// The sentences beneath the picture.

import { make } from "./elements.js";

export class Explanation {
  constructor() {
    this.element = make("div", "live-figure-explanation");
    this.element.dataset.testid = "explanation";
    this.element.setAttribute("aria-live", "polite");
    this.limit = Infinity;
  }

  say(lines) {
    const said = lines.join("\n");
    if (said === this.said) return; // it is neither laid out nor read out again
    this.said = said;
    const shown = lines.map((line, i) =>
      make("p", i ? "live-figure-detail" : "live-figure-answer", { textContent: line }),
    );
    this.element.replaceChildren(...shown);
    if (this.limit < Infinity) this.fit(this.limit);
  }

  // Shows only what ends above this line of the screen, and nothing behind what does not.
  fit(limit) {
    this.limit = limit;
    const lines = [...this.element.children];
    for (const line of lines) line.hidden = false;
    if (limit === Infinity) return;
    const below = lines.findIndex((line) => line.getBoundingClientRect().bottom > limit);
    if (below >= 0) for (const line of lines.slice(below)) line.hidden = true;
  }
}
