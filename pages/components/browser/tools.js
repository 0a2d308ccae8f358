// What every page with a live figure has beside it: the Slide button, and the presenter's mode.

import { make } from "./elements.js";
import { Presenter } from "./presenter.js";
import { SlideMenu } from "./slide_menu.js";

export class Tools {
  constructor(figure) {
    this.slide = new SlideMenu(figure);
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
