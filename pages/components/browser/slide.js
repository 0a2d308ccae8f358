// The Slide button: what is on the screen as a file, made in the visitor's browser, or as text for
// the clipboard.

import { attributes, make, makeButton } from "./elements.js";
import { bytesOf, pngOf } from "./files.js";
import { queryForOthers } from "./page.js";

const COPIED = "Copied.";
const NO_QUESTION = "This page hides nothing, so that no question can be asked.";
const APART = 300; // ms between two downloads: WebKit drops the first of two that are asked for together
/** @type {Record<string, (at: number, count: number) => number>} */
const MOVES = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at > 0 ? at : count) - 1,
  Home: () => 0,
  End: (_, count) => count - 1,
};
/** @typedef {{ suffix: string, blob: Blob }} Made one of the files that are made at once */
// does: what it does to a slide, where its label does not say it. there(): whether it is offered; it
// is without.
/** @typedef {{ label: string, does?: string, ending: string, made: () => Promise<Made[]>, there?: () => boolean }} File */
/** @typedef {{ label: string, does: string, on: () => boolean, turn: () => void }} Switch */
/** @typedef {{ label: string, does: string, go: () => void, there: () => boolean }} Way to another page */
/**
 * none: what is said where there is no text. note: what is to be said of it.
 * @typedef {{ label: string, text: (texts: Texts) => string | undefined, none?: string,
 *   note?: (texts: Texts) => string | undefined }} Text
 */

// What is chosen in the menu holds for every page, until the browser leaves or reloads the site.
/** @type {{ caption: boolean, theme: Theme | null }} */
export const chosen = { caption: true, theme: null }; // null: the page's

export class SlideMenu {
  // texts: the first is the link. ask(): what can be copied, and the files' name. switches: of how
  // slides look. ways: to where more can be made.
  /**
   * @param {{ files: File[], texts: Text[], ask: () => Promise<Texts>, switches?: Switch[],
   *   ways?: Way[] }} menu
   */
  constructor({ files, texts, ask, switches = [], ways = [] }) {
    this.ask = ask;
    this.button = makeButton("live-figure-tool", "Slide", () => this.toggle());
    this.button.append(make("span", "live-figure-link", { textContent: ", link" }));
    this.button.title = "This picture as a link, a file, a script, a formula";
    attributes(this.button, { "aria-haspopup": "menu" });
    /** @type {Map<HTMLElement, () => boolean>} */
    this.offers = new Map(); // whether each item is offered
    this.copying = new Copying();
    this.saving = new InTurn(); // since the server answers but the last of what it is asked for at once
    this.status = make("div", "live-figure-status");
    attributes(this.status, { role: "status" });
    const [link, ...copies] = texts.map((each) => {
      const copy = this.item(each, () => this.copy(each, copy));
      return copy;
    });
    const saves = files.map((file) => this.item(file, () => this.save(file), file.there));
    const turns = switches.map((each) => this.switchItem(each));
    const leaves = ways.map((each) => this.item(each, each.go, each.there));
    this.items = [link, ...saves, ...turns, ...copies, ...leaves];
    link.classList.add("live-figure-last");
    for (const each of [copies[0], ...leaves]) each.classList.add("live-figure-first");
    this.menu = make("div", "live-figure-menu");
    attributes(this.menu, { role: "menu", "aria-label": "Slide" });
    this.menu.append(...this.items);
    this.panel = make("div", "live-figure-panel", { tabIndex: -1 }); // has the keys where no item has them
    this.panel.append(this.menu, this.copying.field, this.status);
    this.element = make("div", "live-figure-slide");
    this.element.append(this.button, this.panel);
    this.element.addEventListener("keydown", (event) => this.open && this.pressed(event));
    this.outside = (/** @type {Event} */ { target }) => {
      if (!(target instanceof Node && this.element.contains(target))) this.shut();
    };
    this.shut();
  }

  /** @param {{ label: string, does?: string }} what @param {() => void} act @param {() => boolean} [there] */
  item({ label, does }, act, there = () => true) {
    const item = makeButton("live-figure-item", label, act);
    attributes(item, { role: "menuitem" });
    if (does) {
      item.append(make("span", "live-figure-does", { textContent: does }));
      attributes(item, { "aria-label": label, "aria-description": does });
    }
    item.tabIndex = -1;
    this.offers.set(item, there);
    return item;
  }

  /** @param {Switch} which */
  switchItem({ on, turn, ...what }) {
    const show = () => attributes(item, { "aria-checked": on() });
    const item = this.item(what, () => {
      turn();
      show();
    });
    attributes(item, { role: "menuitemcheckbox" });
    item.classList.add("live-figure-switch");
    this.button.addEventListener("click", show);
    show();
    return item;
  }

  get open() {
    return !this.panel.hidden;
  }

  toggle() {
    if (this.open) return this.shut();
    this.panel.hidden = false;
    this.offer();
    attributes(this.button, { "aria-expanded": true });
    this.say("");
    this.unmark();
    this.copying.forget();
    document.addEventListener("pointerdown", this.outside);
    this.items[0].focus();
  }

  // Of the state that is here now, which may have come while the menu was open.
  offer() {
    for (const item of this.items) item.hidden = !this.offers.get(item)?.();
  }

  unmark() {
    for (const item of this.items) delete item.dataset.done;
  }

  shut() {
    this.panel.hidden = true;
    attributes(this.button, { "aria-expanded": false });
    document.removeEventListener("pointerdown", this.outside);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key === "Tab") return this.shut(); // the focus goes on from the button
    event.stopPropagation(); // the letters are not the step-through's
    const items = this.items.filter((item) => !item.hidden);
    const at = items.findIndex((item) => item === document.activeElement);
    if (event.key === "Escape") {
      this.shut();
      this.button.focus();
    } else if (event.key in MOVES && event.target !== this.copying.field) {
      items[MOVES[event.key](at, items.length)].focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  // --- what the items do; each about the state that is here once nothing moves

  /** @param {File} file */
  async save(file) {
    this.say("…");
    await this.saving.do(file, () => this.saveNow(file));
  }

  /** @param {File} file */
  async saveNow({ ending, made }) {
    await this.during(async () => {
      const { name } = await this.ask();
      /** @type {string[]} */
      const files = [];
      for (const { suffix, blob } of await made()) {
        if (files.length) await new Promise((go) => setTimeout(go, APART));
        files.push(`${name}${suffix}.${ending}`);
        download(blob, files[files.length - 1]);
      }
      if (!files.length) return NO_QUESTION;
      return files.length > 1
        ? `${files.join(" and ")} are downloaded.`
        : `${files[0]} is downloaded.`;
    });
  }

  /** @param {Text} which @param {HTMLElement} item where one looks, and is told that it is done */
  async copy({ text, none = "", note }, item) {
    this.unmark();
    await this.during(async () => {
      const coming = this.ask();
      const writing = this.copying.write(coming.then(text));
      const texts = await coming;
      const [copied, more] = [text(texts), note?.(texts) ?? ""];
      if (!copied) return more || none;
      if (!(await writing) && !this.copying.select(copied)) return "Press Ctrl+C or ⌘C to copy what is selected.";
      item.dataset.done = "true";
      return `${COPIED} ${more}`;
    });
  }

  /** @param {() => Promise<string>} act */
  async during(act) {
    this.say("…");
    try {
      this.say(await act());
    } catch (error) {
      this.say(`That went wrong: ${messageOf(error)}`);
    }
  }

  // That something is copied is seen where one has pressed, and only heard here.
  /** @param {string} text */
  say(text) {
    const heard = text.startsWith(COPIED) ? COPIED : "";
    const seen = text.slice(heard.length);
    this.status.replaceChildren(make("span", "live-figure-heard", { textContent: heard }), seen);
    this.status.toggleAttribute("data-seen", seen.trim() !== "");
  }

  close() {
    this.shut();
    this.element.remove();
  }
}

// The address of what is on the screen, for others too.
/** @type {Text} */
export const LINK = {
  label: "Copy link",
  text: ({ here }) => here + queryForOthers(),
  note: ({ here, hereNote }) => hereNote && `${hereNote} ${here}${queryForOthers() && "?…"}`,
};

// What is on the screen as a script, of our engine and of frameworks.
/** @type {Text[]} */
export const SCRIPTS = [
  { label: "Copy Python", text: ({ python }) => python },
  { label: "Copy PyTorch", text: ({ torch }) => torch, note: ({ torchNote }) => torchNote },
  { label: "Copy JAX", text: ({ jax }) => jax, note: ({ jaxNote }) => jaxNote },
];

// Text for the clipboard, also where a browser gives none: on a page that came over plain http.
class Copying {
  constructor() {
    this.field = make("textarea", "live-figure-copied");
    this.field.readOnly = true;
    attributes(this.field, { "aria-label": "The text to copy" });
  }

  // Whether the text is on the clipboard once it is there. Begun before it is: Safari has a clipboard
  // for the click itself, and none any more when the server has answered.
  /** @param {Promise<string | undefined>} coming */
  async write(coming) {
    this.forget();
    const written = coming.then(plain);
    written.catch(() => {}); // that nothing came is said elsewhere; the clipboard may not ask for it
    try {
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": written })]);
      return true;
    } catch {
      return false;
    }
  }

  // The text, selected in the field; whether it is on the clipboard too.
  /** @param {string} text */
  select(text) {
    this.field.value = text;
    this.field.hidden = false;
    this.field.focus();
    this.field.select();
    return document.execCommand("copy");
  }

  forget() {
    this.field.hidden = true;
    this.field.value = "";
  }
}

/** @param {string | undefined} text */
function plain(text) {
  if (!text) throw new Error("there is nothing to copy");
  return new Blob([text], { type: "text/plain" });
}

// --- files

// A file by itself, with nothing behind its name.
/** @param {Promise<Blob>} blob @returns {Promise<Made[]>} */
export const alone = async (blob) => [{ suffix: "", blob: await blob }];

// Does one thing after the other. Whoever wants one again that is not done wants no other.
export class InTurn {
  constructor() {
    /** @type {Map<unknown, Promise<void>>} */
    this.open = new Map(); // by what they are
  }

  get busy() {
    return this.open.size > 0;
  }

  // act(): without fail.
  /** @param {unknown} what @param {() => Promise<void>} act */
  async do(what, act) {
    if (this.open.has(what)) return;
    const last = [...this.open.values()].at(-1);
    const done = last ? last.then(act) : act();
    this.open.set(what, done);
    await done;
    this.open.delete(what);
  }
}

/** @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", "", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may still be asking where to
}

/** @param {string} svg */
export const svgBlob = (svg) => new Blob([svg], { type: "image/svg+xml" });

/** @param {string} svg @param {[width: number, height: number]} size */
export async function pngBlob(svg, size) {
  return new Blob([bytesOf(await pngOf(svg, ...size))], { type: "image/png" });
}

// What is to be said of something that went wrong.
/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));
