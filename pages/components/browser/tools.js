// What every page with a live figure has beside it: the Slide button, and the presenter's mode.

import { make } from "./elements.js";
import { here } from "./page.js";
import { Presenter } from "./presenter.js";
import { htmlFile, pngFile, SlideMenu, svgFile } from "./slide.js";

const TEXTS = [
  { label: "Copy link", text: () => location.href },
  { label: "Copy export command", text: ({ command }) => command },
  { label: "Copy Python", text: ({ python }) => python },
  { label: "Copy LaTeX", text: ({ latex }) => latex },
];

export class Tools {
  constructor(figure) {
    this.slide = new SlideMenu({
      files: [
        { label: "PNG, 1920 × 1080", ending: "png", made: () => pngFile(figure) },
        { label: "SVG", ending: "svg", made: () => svgFile(figure) },
        { label: "interactive HTML", ending: "html", made: () => htmlFile(figure) },
      ],
      texts: TEXTS,
      ask: () => figure.request("texts", here()),
    });
    this.presenter = new Presenter(figure);
    this.element = make("div", "live-figure-tools");
    this.element.append(this.slide.element, this.presenter.button);
    figure.stage.element.append(this.element);
  }

  // The figure shows a settled state.
  settled() {
    this.presenter.settled();
  }

  close() {
    this.slide.close();
    this.presenter.close();
  }
}
