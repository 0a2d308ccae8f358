// The Slide button: a menu that saves what is on the screen as a file, made in the visitor's browser, or
// copies it as text.

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
/** @typedef {{ suffix: string, blob: Blob }} Made one of the files that an item makes */
// does: what the item does to a slide, if its label does not say so. there(): whether the item is
// offered; without this function it always is.
/** @typedef {{ label: string, does?: string, ending: string, made: () => Promise<Made[]>, there?: () => boolean }} File */
/** @typedef {{ label: string, does: string, on: () => boolean, turn: () => void }} Switch */
/** @typedef {{ label: string, does: string, go: () => void, there: () => boolean }} Way to another page */
/**
 * none: the message if there is no text. note: a remark about the text.
 * @typedef {{ label: string, text: (texts: Texts) => string | undefined, none?: string,
 *   note?: (texts: Texts) => string | undefined }} Text
 */

// What is chosen in the menu applies to every page, until the browser leaves or reloads the site.
/** @type {{ caption: boolean, theme: Theme | null }} */
export const chosen = { caption: true, theme: null }; // null: the page's theme

export class SlideMenu {
  // texts: the first is the link. ask(): fetches what can be copied, and the files' name. switches: for
  // the look of slides. ways: to pages that make more.
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
    this.saving = new InTurn(); // since the server answers only the latest of several requests
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
    this.panel = make("div", "live-figure-panel", { tabIndex: -1 }); // gets the keys if no item has the focus
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

  // Shows the items that the present state offers; it may have changed while the menu was open.
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
    event.stopPropagation(); // so that letters do not reach the step-through
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

  // --- what the items do, each with the state in which everything has come to rest

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

  /** @param {Text} which @param {HTMLElement} item shows that it is done */
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

  // Shows a message. That something is copied is seen at the pressed item; here it is only read out.
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

// The address of what is on the screen, as others can open it.
/** @type {Text} */
export const LINK = {
  label: "Copy link",
  text: ({ here }) => here + queryForOthers(),
  note: ({ here, hereNote }) => hereNote && `${hereNote} ${here}${queryForOthers() && "?…"}`,
};

// What is on the screen as a script, for this project's engine and for frameworks.
/** @type {Text[]} */
export const SCRIPTS = [
  { label: "Copy Python", text: ({ python }) => python },
  { label: "Copy PyTorch", text: ({ torch }) => torch, note: ({ torchNote }) => torchNote },
  { label: "Copy JAX", text: ({ jax }) => jax, note: ({ jaxNote }) => jaxNote },
];

// Copies text, also in a browser that gives no clipboard, as on a page over plain http: there the text
// is selected in a field.
class Copying {
  constructor() {
    this.field = make("textarea", "live-figure-copied");
    this.field.readOnly = true;
    attributes(this.field, { "aria-label": "The text to copy" });
  }

  // Copies a text that is still coming; resolves to whether that was possible. It must begin before the
  // text is there: Safari allows it during the click, and no longer when the server has answered.
  /** @param {Promise<string | undefined>} coming */
  async write(coming) {
    this.forget();
    const written = coming.then(plain);
    written.catch(() => {}); // the error is reported elsewhere, and the clipboard may never wait for it
    try {
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": written })]);
      return true;
    } catch {
      return false;
    }
  }

  // Shows the text, selected in the field. Returns whether it could be copied, too.
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

// A single file, with no suffix to its name.
/** @param {Promise<Blob>} blob @returns {Promise<Made[]>} */
export const alone = async (blob) => [{ suffix: "", blob: await blob }];

// Does one thing after another. A thing that is waiting or under way is not added a second time.
export class InTurn {
  constructor() {
    /** @type {Map<unknown, Promise<void>>} */
    this.open = new Map(); // by the thing to be done
  }

  get busy() {
    return this.open.size > 0;
  }

  // act(): must not fail.
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
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may still be asking where to save it
}

/** @param {string} svg */
export const svgBlob = (svg) => new Blob([svg], { type: "image/svg+xml" });

/** @param {string} svg @param {[width: number, height: number]} size */
export async function pngBlob(svg, size) {
  return new Blob([bytesOf(await pngOf(svg, ...size))], { type: "image/png" });
}

// The message about something that went wrong.
/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));
