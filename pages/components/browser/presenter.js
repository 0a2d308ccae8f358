// The presenter's mode: the picture fills the screen, and a remote goes from case to case.

import { allow, around, attributes, make, makeButton, write } from "./elements.js";
import { partsOf } from "./grids.js";
import {
  app,
  GALLERY,
  here,
  isCommand,
  isInMenu,
  isOnOneLine,
  isPresenting,
  isTyping,
  mainPart,
  nameOf,
  presented,
  presentList,
  setPresenting,
  showPresenting,
} from "./page.js";

const USES_ARROWS = "input, select, [role=radiogroup], .live-figure-cell, [role=grid]";
const USES_SPACE = `${USES_ARROWS}, button:not([aria-disabled=true])`;
// At 1280 × 600 the strip has room for one more key with six letters, not for one with eleven.
const KEYS = ["Home ← → End step", "PgUp PgDn case", "Esc leave"];
const MEANWHILE = ["PageDown", "PageUp", "Escape"]; // the keys that work while another page is on its way
const OWN = "*"; // in place of a preset's slug: the user's own state in which a page was left; also in page_state.py
const VOTING = ["A address"]; // while nothing can be moved
/** @type {Partial<Record<Act, string>>} */
const VOTES = {
  "vote ask": "ask",
  "vote open": "open the vote",
  "vote close": "close",
  "vote again": "vote again",
  "vote reveal": "reveal",
  "vote next": "next question",
  reveal: "answer",
  "list next": "next question",
};
const PATIENCE = 5000; // ms after which the curtain opens on whatever there is by then
const SPOKEN = ["id", "role", "aria-label", "data-testid", "data-entry"]; // not on a curtain: it is only seen
const REST = 200; // ms of rest on a cell after which its whole reason is requested
/** @type {Record<string, keyof Colours>} */
const SIGNS = { "+": "positive", "\u2212": "negative" };

/** @typedef {import("./live_figure.js").LiveFigure} LiveFigure */
/** @type {Map<Theme, Answers["presenter"]>} */
const known = new Map(); // the server's answers, the same on every page
/** @typedef {{ page: string, slug: string }} Stop */
/** @typedef {Stop & { at: number }} Place a stop, and the index of the preset that it is or stands at */
/** @type {Map<string, { slug: string, at?: number }>} */
const own = new Map(); // by page: the preset after which the user's own state stands; "" before the first
/** @type {import("./page.js").Lecture | null} */
let toBeAsked = null; // a list, to ask the class once its case is here, if that list is still presented
/** @type {Stop | null} */
let toBeShown = null; // what was requested while another page was already on its way
/** @type {{ by: Presenter, to: string } | null} */
let left = null; // the presenter left while another page was on its way, and where to: "" for no page

// The stops of a presentation: the presets, or those of the list that is presented, and among them the
// user's own states in which pages were left.
/** @param {NamedPreset[]} presets @param {typeof own} kept */
function stopsOf(presets, kept = own) {
  /** @type {Place[]} */
  const stops = presets.map(({ page, slug }, at) => ({ page, slug, at }));
  for (const [page, base] of kept) {
    const at = nearest(presets, base.at, (stop) => stop.page === page && (!base.slug || stop.slug === base.slug));
    if (at < 0) continue;
    const place = stops.findIndex((stop) => stop.slug !== OWN && stop.at === at);
    stops.splice(base.slug ? place + 1 : place, 0, { page, slug: OWN, at });
  }
  return stops;
}

// The index of a stop that fits: `at` if that one does, because a list may have a case twice; otherwise
// the first; -1 if there is none.
/** @param {Stop[]} stops @param {number | undefined} at @param {(stop: Stop) => boolean} fits */
function nearest(stops, at, fits) {
  return at !== undefined && stops[at] && fits(stops[at]) ? at : stops.findIndex(fits);
}

/** @param {Stop} one @param {Stop} other */
const same = (one, other) => one.page === other.page && one.slug === other.slug;

export class Presenter {
  /** @param {LiveFigure} figure */
  constructor(figure) {
    this.figure = figure;
    /** @type {Theme | null} */
    this.theme = null; // the theme whose colours are known
    /** @type {Promise<NamedPreset[]>} */
    this.presets = Promise.resolve([]);
    this.on = false;
    this.closed = false;
    this.stop = { page: figure.data.page, slug: "" }; // what was last shown or requested
    this.base = ""; // the preset of this page that was last shown; "" if none was
    this.button = makeButton("live-figure-tool live-figure-present", "Present", () => this.begin());
    this.button.title = "The picture fills the screen; Escape leaves";
    attributes(this.button, { role: "switch", "aria-checked": false });
    this.card = new AddressCard(figure);
    this.magnifier = new Magnifier(figure);
    this.strip = new Strip({
      go: (by) => this.go(by),
      show: (stop, at) => this.show(stop, at),
      address: () => this.card.toggle(),
      ask: () => this.figure.act("vote ask"),
      leave: () => this.leave(),
    });
    showPresenting(isPresenting()); // before anything is drawn
    this.keydown = (/** @type {KeyboardEvent} */ event) => this.pressed(event);
    // In the capture phase, so that it comes before a focused slider and the step-through.
    window.addEventListener("keydown", this.keydown, true);
    this.screen = () => this.screenChanged();
    document.addEventListener("fullscreenchange", this.screen);
  }

  // Begins presenting, in full screen if the browser allows it: after a click, but not by an address.
  begin() {
    left = null;
    presentList(null);
    this.turn(true);
    document.documentElement.requestFullscreen?.().catch(() => {});
  }

  // Ends presenting. A list ends in the gallery, where it began; but while a class votes, its page stays.
  leave() {
    const { data, mail } = this.figure;
    const to = presented() && !data.locked ? GALLERY : "";
    // If the server has not heard of the other page yet, it hears of the gallery instead.
    if (closedBy === this && (!to || mail.underWay.preset.includes("/"))) left = { by: this, to };
    if (this.closed) return presentList(null);
    this.turn(false);
    this.screenChanged();
    remove();
    if (to) this.figure.goTo(to);
  }

  // Escape, which a browser does not pass on in full screen, has left it; or full screen came only after
  // the user had left.
  screenChanged() {
    const whole = Boolean(document.fullscreenElement); // an iPhone has no full screen
    if (whole && !isPresenting()) document.exitFullscreen().catch(() => {});
    if (whole || !this.on) return;
    if (this.card.open) this.card.close();
    else this.leave();
  }

  /** @param {boolean} on */
  turn(on) {
    if (on === this.on) return;
    this.on = on;
    const { stage, controls, tools } = this.figure;
    setPresenting(on, this.figure.data.asks);
    showPresenting(on);
    attributes(this.button, { "aria-checked": on });
    if (on) {
      stage.element.append(this.strip.element);
      this.strip.hold(controls.steps, tools.slide.element);
      stage.legend.element.before(controls.stepName); // in large letters, not shortened
      this.learn();
    } else {
      presentList(null);
      stage.legend.element.before(controls.steps);
      controls.steps.append(controls.stepName);
      tools.help.element.after(tools.slide.element);
      this.strip.element.remove();
      this.card.close();
      this.button.focus();
    }
    this.magnifier.turn(on);
    stage.present(on ? this.strip.element : null);
  }

  // Learns from the server the presets of all pages, and the theme's colours.
  learn() {
    const { theme, page } = this.figure.data;
    this.theme = theme;
    const answer = known.get(theme) ?? this.figure.request("presenter");
    this.presets = Promise.resolve(answer).then(({ presets, colours }) => {
      known.set(theme, { presets, colours });
      this.magnifier.colours = colours;
      const list = presented();
      this.strip.list(list?.stops ?? presets, page, list !== null);
      return list?.stops ?? presets;
    });
    this.showPosition();
  }

  settled() {
    this.turn(isPresenting());
    this.leaveOnArrival();
    if (!this.on) return;
    this.magnifier.settled();
    setPresenting(true, this.figure.data.asks);
    if (this.theme !== this.figure.data.theme) this.learn();
    this.goOnFromArrival();
    this.askOnArrival();
    this.card.refresh();
    this.showPosition();
    this.figure.stage.drawn.then(() => openCurtain(this));
  }

  // Goes on to the list's next case, to ask the class about it. Returns false if no list is presented.
  askNext() {
    const list = this.on ? presented() : null;
    const next = list?.stops[list.at + 1];
    if (!list) return false;
    if (next) {
      this.show(next, list.at + 1);
      toBeAsked = presented();
    } else {
      this.figure.vote.tell("This was the last question of the list.");
    }
    return true;
  }

  // Ends presenting if it was left while this page was on its way, unless a new list is presented.
  leaveOnArrival() {
    if (closedBy !== this) release();
    if (!left || left.by === this) return;
    const { to } = left;
    left = null;
    if (presented()) return;
    toBeShown = null;
    remove();
    this.turn(false);
    this.screenChanged();
    if (to) this.figure.goTo(to);
  }

  goOnFromArrival() {
    const stop = toBeShown;
    toBeShown = null;
    if (stop) this.show(stop);
  }

  askOnArrival() {
    const list = presented();
    if (!list || list !== toBeAsked || !this.figure.idle()) return;
    const { page, slug } = list.stops[list.at];
    if (page !== this.figure.data.page) return;
    toBeAsked = null;
    if (this.shown() === slug) this.figure.act("vote ask");
  }

  // The slug of the stop that is shown; "" if the user's own state is.
  shown() {
    const { page, case: name } = this.figure.data;
    const list = presented();
    const [slug] = name.split("?");
    if (!list) return slug;
    const stop = list.stops[list.at];
    const here = name === stop.slug || (name && name === stop.slug.split("?")[0]);
    return stop.page === page && here ? stop.slug : "";
  }

  // Shows the present place among the presets.
  async showPosition() {
    const presets = await this.presets;
    const { data, controls } = this.figure;
    const { page } = data;
    const shown = this.shown();
    if (this.figure.idle()) {
      // The own state was requested, but is not there: a restarted server has forgotten it.
      if (shown && same(this.stop, { page, slug: OWN })) own.delete(page);
      this.stop = { page, slug: shown || OWN };
      this.base = shown || this.base || (own.get(page)?.slug ?? "");
    }
    const stops = stopsOf(presets, new Map([...own, ...this.toKeep()]));
    const at = presented()?.at ?? presets.findIndex((stop) => same(stop, { page, slug: this.base }));
    const place = this.placeIn(stops);
    this.strip.showPosition(at, !shown, own.has(page));
    const last = place === stops.length - 1;
    this.strip.showEnds(place === 0, last && !this.waits);
    const voting = { ...this.votingKeys() };
    if (last && voting.n === "list next") delete voting.n;
    this.strip.showKeys(controls.last > 0, data.locked, voting);
    this.strip.showAsk(data.votes, Object.values(voting).includes("vote ask"));
    for (const each of [this.strip.titles, this.strip.back, this.strip.next]) each.inert = data.locked;
  }

  // Whether the answer to a list's question is still to be shown.
  get waits() {
    return Object.values(this.votingKeys()).includes("reveal");
  }

  // Goes to the next case while presenting.
  next() {
    if (this.on) this.go(1);
  }

  // Goes on by so many stops. After a question its answer comes first: a remote has no other key for it.
  /** @param {number} by */
  async go(by) {
    if (this.figure.data.locked) return; // while a class votes its page stays
    if (by > 0 && this.waits) return this.figure.act("reveal");
    const presets = await this.presets;
    this.remember();
    const stops = stopsOf(presets);
    const to = this.placeIn(stops) + by;
    const stop = stops[Math.min(Math.max(to, 0), stops.length - 1)];
    this.show(stop, stop.at);
  }

  // The index of the present stop. In a list it is the list's place, unless the user's own state is shown.
  /** @param {Place[]} stops */
  placeIn(stops) {
    const list = presented();
    const place = stops.findIndex((each) => same(each, this.stop));
    if (!list || (place >= 0 && this.stop.slug === OWN)) return place;
    return stops.findIndex(({ slug, at }) => slug !== OWN && at === list.at);
  }

  // Makes what is shown a stop to come back to, if it is the user's own state.
  remember() {
    for (const [page, base] of this.toKeep()) own.set(page, base);
  }

  // What `remember` keeps.
  /** @returns {[page: string, base: { slug: string, at?: number }][]} */
  toKeep() {
    return this.stop.slug === OWN ? [[this.stop.page, { slug: this.base, at: presented()?.at }]] : [];
  }

  // wanted: the case's index in a list, if it is known.
  /** @param {Stop} stop @param {number} [wanted] */
  show({ page, slug }, wanted) {
    const here = this.figure.data.page;
    const there = slug === (this.shown() || OWN);
    const list = presented();
    const goesOn = list && slug !== OWN && (wanted ?? list.at) !== list.at; // perhaps to the same case
    if (there && page === here && same(this.stop, { page, slug }) && !goesOn) return;
    this.remember();
    this.stop = { page, slug };
    const kept = slug === OWN ? own.get(page) : { slug, at: wanted };
    const base = kept?.slug ?? "";
    const at = nearest(list?.stops ?? [], kept?.at ?? list?.at, (each) => same(each, { page, slug: base }));
    if (list && at >= 0 && at !== list.at) presentList({ ...list, at });
    if (this.closed) return void (toBeShown = this.stop);
    if (page === here) {
      this.base = base;
      return this.figure.goTo(slug);
    }
    closeCurtain(this);
    this.figure.goTo(`${page}/${slug}`);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (!this.on || isCommand(event)) return;
    if (isInMenu(event) || (isTyping(event) && !this.isRemote(event))) return;
    const act = this.meant(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    around(event, "[type=number]")?.blur(); // what was typed is taken over first
    this.figure.controls.press();
    act();
  }

  // Whether a key is a remote's: such keys mean nothing to a closed list of choices, nor to a number.
  /** @param {KeyboardEvent} event */
  isRemote(event) {
    return event.key.startsWith("Page") && isOnOneLine(event);
  }

  // By letter, the acts of keys about a class vote or a list's question. A vote can be opened even if no
  // gradient is hidden yet.
  /** @returns {Record<string, Act>} */
  votingKeys() {
    const { votes, task } = this.figure.data;
    return task || !votes ? this.figure.side.keys : { o: "vote ask" };
  }

  // What a key does; undefined if it does nothing.
  /** @param {KeyboardEvent} event @returns {(() => void) | undefined} */
  meant(event) {
    const name = nameOf(event);
    if (this.closed && !MEANWHILE.includes(name)) return undefined;
    // A held key acts once: the next question may use the same letter.
    const once = (/** @type {() => void} */ act) => () => event.repeat || act();
    const voting = this.votingKeys()[name];
    if (voting) return once(() => this.figure.act(voting));
    const next = () => this.go(1);
    const back = () => this.go(-1);
    // The letters that are taken: A here; N, B and P in the step-through (elements.js); before these O, V,
    // R and N beside a vote or a list's question (classroom.py, tasks.py); with Ctrl Z and Y (page.js).
    /** @type {Record<string, () => void>} */
    const always = {
      PageDown: next,
      PageUp: back,
      a: once(() => this.card.toggle()),
      Escape: once(() => (this.card.open ? this.card.close() : this.leave())),
    };
    const { controls } = this.figure;
    const [on, off, start, end] =
      controls.last > 0
        ? [
            ...[1, -1].map((by) => () => controls.goBy(by)),
            ...[0, controls.last].map((step) => () => {
              controls.stop(); // as the buttons do, if it plays
              controls.goTo(step);
            }),
          ]
        : [
            next,
            back,
            ...[false, true].map((last) => async () => {
              const presets = await this.presets;
              const at = last ? presets.length - 1 : 0;
              this.show(presets[at], at);
            }),
          ];
    /** @type {Record<string, () => void>} */
    const free = { ArrowRight: on, ArrowLeft: off, " ": on, n: on, b: off, Home: start, End: end };
    return always[name] ?? (around(event, name === " " ? USES_SPACE : USES_ARROWS) ? undefined : free[name]);
  }

  close() {
    if (this.on && this.figure.mail.outbox.preset) toBeShown = this.stop;
    this.closed = true;
    if (closedBy !== this) this.release();
    showPresenting(isPresenting()); // the next page may go on presenting
  }

  // Gives up the keys, which it has until the page that it has requested is there.
  release() {
    if (!this.closed) return;
    window.removeEventListener("keydown", this.keydown, true);
    document.removeEventListener("fullscreenchange", this.screen);
  }
}

// The strip: the case that is shown, the step-through, the keys, the address, the button to leave.
class Strip {
  // go(by): goes so many stops on. show(stop, at): goes to a stop; at: the preset's index.
  /**
   * @param {{
   *   go: (by: number) => void, show: (stop: Stop, at: number) => void,
   *   address: () => void, ask: () => void, leave: () => void,
   * }} act
   */
  constructor({ go, show, address, ask, leave }) {
    this.first = 0; // index of the first preset of the page, or of a list
    this.count = 0; // how many presets the page, or a list, has
    /** @type {Stop[]} */
    this.stops = []; // by their index in `titles`
    this.element = make("div", "live-figure-strip");
    attributes(this.element, { role: "group", "aria-label": "Presentation" });
    /** @type {(label: string, title: string, act: () => void) => HTMLButtonElement} */
    const button = (label, title, act) =>
      Object.assign(makeButton("live-figure-tool", label, act), { title });
    this.back = button("◀", "The case before (Page Up)", () => go(-1));
    this.next = button("▶", "The next case (Page Down)", () => go(1));
    attributes(this.back, { "aria-label": "Case before" });
    attributes(this.next, { "aria-label": "Next case" });
    this.position = make("span", "live-figure-position");
    attributes(this.position, { role: "status" });
    this.titles = make("select", "live-figure-tool live-figure-titles");
    attributes(this.titles, { "aria-label": "Cases" });
    this.titles.addEventListener("change", () => {
      const { selectedIndex } = this.titles;
      show(this.stops[selectedIndex], selectedIndex - 1);
      this.titles.blur(); // so that the arrow keys are the step-through's again
    });
    this.middle = make("div", "live-figure-middle");
    this.keys = make("span", "live-figure-keys");
    this.right = make("div", "live-figure-right");
    this.ask = button("Ask the class", "All phones vote on what is shown (key O)", ask);
    this.right.append(
      this.ask,
      button("Address", "The address and its QR code (key A)", address),
      button("Leave", "Back to the page (Escape)", leave),
    );
    this.element.append(
      this.back,
      this.position,
      this.titles,
      this.next,
      this.middle,
      this.keys,
      this.right,
    );
  }

  // stepping: whether there are steps. locked: whether nothing can be moved. voting: the acts of
  // `votingKeys`.
  /** @param {boolean} stepping @param {boolean} locked @param {Record<string, Act>} voting */
  showKeys(stepping, locked, voting) {
    const asking = Object.values(voting).some((act) => act !== "vote ask");
    const keys = locked ? VOTING : stepping && !asking ? KEYS : KEYS.slice(1);
    const more = Object.entries(voting).map(([key, act]) => `${key.toUpperCase()} ${VOTES[act]}`);
    const whole = [...more, ...keys].map((each) => each.replaceAll(" ", "\u00a0")); // breaks between only
    this.keys.textContent = whole.join(" · ");
  }

  // Takes in the elements that are elsewhere when nothing is presented.
  /** @param {HTMLElement} steps @param {HTMLElement} slide */
  hold(steps, slide) {
    this.middle.append(steps);
    this.right.prepend(slide);
  }

  // presets: those of every page, page by page; page: the one that is open; whole: whether all presets
  // are counted together.
  /** @param {NamedPreset[]} presets @param {string} page @param {boolean} whole */
  list(presets, page, whole) {
    this.titles.replaceChildren(make("option", "", { textContent: "your own values" }));
    for (const [n, { group, title }] of presets.entries()) {
      if (group !== presets[n - 1]?.group) this.titles.append(make("optgroup", "", { label: group }));
      this.titles.lastElementChild?.append(make("option", "", { textContent: title }));
    }
    this.stops = [{ page, slug: OWN }, ...presets];
    const counted = presets.filter((each) => whole || each.page === page);
    this.first = presets.indexOf(counted[0]);
    this.count = counted.length;
  }

  // at: the index of the preset last shown, -1 if there is none; changed: whether what is shown is no
  // preset; kept: whether the user's own state is kept, to come back to.
  /** @param {number} at @param {boolean} changed @param {boolean} kept */
  showPosition(at, changed, kept) {
    const where = at < 0 ? `${this.count} cases` : `${at - this.first + 1} of ${this.count}`;
    this.position.textContent = changed && at >= 0 ? `${where}, changed` : where;
    const none = this.titles.options[0];
    none.hidden = !kept;
    this.titles.selectedIndex = changed && kept ? 0 : at + 1;
  }

  // If a class can be asked, the button keeps its place, even while it is disabled.
  /** @param {boolean} there @param {boolean} able */
  showAsk(there, able) {
    this.ask.hidden = !there;
    if (!able && document.activeElement === this.ask) this.ask.blur(); // the keys are the presenter's again
    this.ask.disabled = !able;
  }

  /** @param {boolean} first @param {boolean} last */
  showEnds(first, last) {
    allow(this.back, !first);
    allow(this.next, !last);
  }
}

// The address of what is shown, large and as a QR code, for other people's devices.
class AddressCard {
  /** @param {LiveFigure} figure */
  constructor(figure) {
    this.figure = figure;
    this.open = false; // whether it is shown, or about to be
    this.shown = ""; // what the card is about: see `now`
    this.code = make("div", "live-figure-qr");
    this.address = make("p", "live-figure-address", { translate: false });
    this.note = make("p", "live-figure-note");
    this.element = make("div", "live-figure-card", { tabIndex: -1 });
    attributes(this.element, { role: "dialog", "aria-label": "Address of this picture" });
    const way = make("p", "live-figure-note", { textContent: "Esc or a click closes this." });
    this.element.append(this.code, this.address, this.note, way);
    this.element.addEventListener("click", () => this.close());
  }

  toggle() {
    if (this.open) this.close();
    else this.show();
  }

  async show() {
    this.open = true;
    await this.fill();
    if (!this.open) return;
    this.figure.stage.element.append(this.element);
    this.element.focus();
  }

  close() {
    this.open = false;
    this.element.remove();
  }

  // Called when the page may show something else.
  refresh() {
    if (!this.open || this.shown === this.now()) return;
    if (this.shown.startsWith("open") || this.figure.data.locked) this.close(); // the result must be seen
    else this.fill();
  }

  // What the card is about: the phase of a class vote, if there is one, and the address.
  now() {
    return `${this.figure.data.task?.vote?.phase ?? ""} ${location.href}`;
  }

  // While a class is asked, the card says where to vote, and nothing else.
  async fill() {
    this.shown = this.now();
    const { task } = this.figure.data;
    const { address, qr, note } = task?.vote
      ? { ...task.vote, note: "" }
      : await this.figure.request("address", here());
    this.code.innerHTML = qr; // safe: an SVG that the server has drawn
    this.code.hidden = !qr;
    // Lines break after a value, and not after the "?".
    const parts = address.match(/[^&,]*[&,]?/g) ?? [];
    this.address.replaceChildren(
      ...parts.map((textContent) => make("span", "live-figure-part", { textContent })),
    );
    // As large as a fifth of the screen allows.
    this.address.style.fontSize = `min(6vh, ${39 / Math.sqrt(address.length)}vw)`;
    this.note.textContent = qr ? note : `It is too long for a QR code. ${note}`;
  }
}

// --- the curtain: a copy of what was on the screen, which stays while another page comes behind it

/** @type {HTMLElement | null} */
let curtain = null;
let timer = 0;
/** @type {Presenter | null} */
let closedBy = null;

/** @param {Presenter} presenter the one whose page is about to go */
function closeCurtain(presenter) {
  remove();
  closedBy = presenter;
  const shown = mainPart();
  const copy = /** @type {HTMLElement} */ (shown.cloneNode(true));
  const [selects, copies] = [shown, copy].map((root) => [...root.querySelectorAll("select")]);
  selects.forEach(({ selectedIndex }, i) => Object.assign(copies[i], { selectedIndex }));
  for (const element of copy.querySelectorAll("*")) {
    if (element.closest("svg")) continue; // a clip is found by its id
    for (const name of SPOKEN) element.removeAttribute(name);
  }
  curtain = make("div", "live-figure-curtain", { inert: true });
  curtain.style.background = getComputedStyle(app()).backgroundColor;
  curtain.append(copy);
  app().append(curtain);
  copy.scrollTop = shown.scrollTop;
  timer = setTimeout(remove, PATIENCE);
}

/** @param {Presenter} presenter one whose picture is drawn */
function openCurtain(presenter) {
  if (presenter !== closedBy) remove();
}

function remove() {
  clearTimeout(timer);
  curtain?.remove();
  curtain = null;
  release();
}

// Takes the keys from the presenter that closed the curtain.
function release() {
  closedBy?.release();
  closedBy = null;
}

// The cell under the pointer, large enough for the last row: value, gradient, reason.
class Magnifier {
  /** @param {LiveFigure} figure */
  constructor(figure) {
    this.figure = figure;
    /** @type {Colours | null} */
    this.colours = null; // as the server has sent them
    this.entry = ""; // of the cell that is shown; "" if there is none
    this.label = ""; // the same cell's
    this.timer = 0;
    this.element = make("div", "live-figure-magnifier");
    attributes(this.element, { "aria-hidden": true }); // a screen reader reads the cells themselves
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
    // Over the lower end of the text beside the picture, and so never over what is pointed at.
    const { left, width } = this.figure.stage.side.element.getBoundingClientRect();
    Object.assign(this.element.style, { left: `${left}px`, width: `${width}px` });
    this.tell(shown);
  }

  // What a resting pointer points at may have changed: another step, another case.
  settled() {
    if (!this.entry) return;
    /** @type {NodeListOf<HTMLElement>} */
    const cells = this.figure.stage.canvas.querySelectorAll("[data-entry]");
    const shown = [...cells].find(({ dataset }) => dataset.entry === this.entry);
    if (shown) this.tell(shown);
    else this.hide();
  }

  /** @param {HTMLElement} shown */
  tell(shown) {
    const label = shown.getAttribute("aria-label") ?? "";
    const { entry = "" } = shown.dataset;
    if (label === this.label && entry === this.entry) return;
    this.label = label;
    this.entry = entry;
    this.show(label);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(entry), REST);
  }

  // label: "x2 = −1, gradient 0, → not max"; other cells have other parts, separated by commas.
  /** @param {string} label */
  show(label) {
    const [head, second = "", ...others] = label.split(", ");
    const [name, value = ""] = head.split(" = ");
    const gradient = second.replace("gradient ", "∂ ");
    const [letter, number, index] = partsOf(name);
    const raised = number ? [make("sup", "", { textContent: `(${number})` })] : [];
    this.name.replaceChildren(letter, ...raised, make("sub", "", { textContent: index }));
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
