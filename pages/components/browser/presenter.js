// The presenter's mode: the picture fills the screen, and a remote walks through the presets.

import { AddressCard } from "./address_card.js";
import { closeCurtain, openCurtain } from "./curtain.js";
import { makeButton } from "./elements.js";
import { Magnifier } from "./magnifier.js";
import { isPresenting, isTyping, setPresenting } from "./page.js";
import { Strip } from "./strip.js";

const CLASS = "live-figure-presenting"; // of the whole document
const MENUS = "[role=menu], [role=dialog]:not(.live-figure-card), [aria-expanded=true]";
const BUSY = "input, select, button, a, [role=grid]"; // what has a use for arrows or the space bar

const told = new Map(); // by theme: what the server has to say, on every page the same

// A remote's keys mean nothing to a list of choices that was left shut, though one can type there.
const isChosen = ({ key, target }) =>
  key.startsWith("Page") && target.matches('[role=combobox][aria-expanded="false"]');

export class Presenter {
  constructor(figure) {
    this.figure = figure;
    this.on = false;
    this.at = -1; // the preset that was shown last; -1 for none
    this.button = makeButton("live-figure-tool", "Present", () => this.turn(!this.on));
    this.button.title = "The picture fills the screen; Escape leaves";
    this.button.setAttribute("role", "switch");
    this.button.setAttribute("aria-checked", false);
    this.card = new AddressCard(figure);
    this.magnifier = new Magnifier(figure);
    this.strip = new Strip({
      go: (by) => this.go(by),
      show: (place) => this.show(place),
      address: () => this.card.toggle(),
      leave: () => this.turn(false),
    });
    document.documentElement.classList.toggle(CLASS, isPresenting()); // before anything is drawn
    this.keydown = (event) => this.pressed(event);
    // On its way down: before the keys of a focused slider, and of the step-through.
    window.addEventListener("keydown", this.keydown, true);
  }

  turn(on) {
    if (on === this.on) return;
    this.on = on;
    const { stage, controls, tools } = this.figure;
    setPresenting(on);
    document.documentElement.classList.toggle(CLASS, on);
    this.button.setAttribute("aria-checked", on);
    if (on) {
      stage.element.append(this.strip.element);
      this.strip.hold(controls.steps, tools.slide.element);
      this.learn();
    } else {
      stage.explanation.element.before(controls.steps);
      tools.element.prepend(tools.slide.element);
      this.strip.element.remove();
      this.card.close();
      this.button.focus();
    }
    this.magnifier.turn(on);
    stage.present(on ? this.strip.element : null);
  }

  // What the server has to say of all pages' presets, and in which colours.
  learn() {
    const { page, theme } = this.figure.data;
    this.theme = theme;
    const answer = told.get(theme) ?? this.figure.request("presenter");
    this.known = Promise.resolve(answer).then(({ presets, colours }) => {
      told.set(theme, { presets, colours });
      this.strip.list(presets, page);
      this.magnifier.colours = colours;
      return presets;
    });
    this.known.then(() => this.tell());
  }

  settled() {
    this.turn(isPresenting());
    if (!this.on) return;
    if (this.theme !== this.figure.data.theme) this.learn();
    this.card.refresh();
    this.tell();
    this.figure.stage.drawn.then(() => openCurtain(this.figure));
  }

  // Where in the presets one is.
  async tell() {
    const presets = await this.known;
    const { page, preset } = this.figure.data;
    const place = presets.findIndex((each) => each.page === page && each.slug === preset);
    if (place >= 0 && this.figure.idle()) this.at = place;
    this.strip.tell(this.at, place < 0);
  }

  // From a state without a name, of which nothing is remembered, to the page's first preset.
  async go(by) {
    const presets = await this.known;
    const { page } = this.figure.data;
    const to = this.at < 0 ? presets.findIndex((each) => each.page === page) : this.at + by;
    this.show(Math.min(Math.max(to, 0), presets.length - 1));
  }

  async show(place) {
    if (place === this.at && this.figure.data.preset) return;
    const presets = await this.known;
    const { page, slug } = presets[place];
    this.at = place;
    if (page === this.figure.data.page) return this.figure.goTo(slug);
    closeCurtain(this.figure);
    this.figure.goTo(`${page}/${slug}`);
  }

  pressed(event) {
    if (!this.on || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.(MENUS) || (isTyping(event) && !isChosen(event))) return;
    const act = this.meant(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  // What a key means here; undefined for nothing.
  meant({ key, target }) {
    const next = () => this.go(1);
    const back = () => this.go(-1);
    const always = {
      PageDown: next,
      PageUp: back,
      n: next,
      b: back,
      a: () => this.card.toggle(),
      Escape: () => (this.card.open ? this.card.close() : this.turn(false)),
    };
    const { controls } = this.figure;
    const [on, off] =
      controls.last > 0 ? [() => controls.goBy(1), () => controls.goBy(-1)] : [next, back];
    const free = { ArrowRight: on, ArrowLeft: off, " ": on };
    const own = always[key.length > 1 ? key : key.toLowerCase()];
    return own ?? (target.closest?.(BUSY) ? undefined : free[key]);
  }

  close() {
    window.removeEventListener("keydown", this.keydown, true);
    document.documentElement.classList.toggle(CLASS, isPresenting()); // the next page may go on
    this.magnifier.turn(false);
  }
}
