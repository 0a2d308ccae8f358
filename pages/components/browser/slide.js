// The Slide button: what is on the screen as a file, made in the visitor's browser, or as text for
// the clipboard.

import { bytesOf, pngOf } from "./drawing.js";
import { attributes, make, makeButton } from "./elements.js";

const NO_QUESTION = "This page hides nothing, so that no question can be asked.";
const NO_FORMULA = "Nothing to copy: no formula is explained here. Choose a cell first.";
/** @type {Record<string, (at: number, count: number) => number>} */
const MOVES = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};
/** @typedef {{ suffix: string, blob: Blob }} Made one of the files that are made at once */
/** @typedef {{ label: string, ending: string, made: () => Promise<Made[]> }} File */
/** @typedef {{ label: string, text: (texts: Texts) => string | undefined }} Text */

// What is chosen in the menu holds for every page, until the browser leaves or reloads the site.
export const chosen = { caption: true };

export class SlideMenu {
  // ask(): what can be copied, and the files' name. captioned: whether slides may have a caption.
  /** @param {{ files: File[], texts: Text[], ask: () => Promise<Texts>, captioned?: boolean }} menu */
  constructor({ files, texts, ask, captioned = false }) {
    this.ask = ask;
    this.button = makeButton("live-figure-tool", "Slide", () => this.toggle());
    this.button.title = "This picture as a file, a link, a script, a formula";
    attributes(this.button, { "aria-haspopup": "menu" });
    this.copying = new Copying();
    this.status = make("div", "live-figure-status");
    attributes(this.status, { role: "status" });
    const copies = texts.map((each) => this.item(each.label, () => this.copy(each)));
    this.items = [
      ...files.map((file) => this.item(file.label, () => this.save(file))),
      ...(captioned ? [this.captionItem()] : []),
      ...copies,
    ];
    copies[0].classList.add("live-figure-first");
    this.menu = make("div", "live-figure-menu");
    attributes(this.menu, { role: "menu", "aria-label": "Slide" });
    this.menu.append(...this.items);
    this.panel = make("div", "live-figure-panel");
    this.panel.append(this.menu, this.copying.field, this.status);
    this.element = make("div", "live-figure-slide");
    this.element.append(this.button, this.panel);
    this.element.addEventListener("keydown", (event) => this.open && this.pressed(event));
    this.outside = (/** @type {Event} */ { target }) => {
      if (!(target instanceof Node && this.element.contains(target))) this.shut();
    };
    this.shut();
  }

  /** @param {string} label @param {() => void} act */
  item(label, act) {
    const item = makeButton("live-figure-item", label, act);
    attributes(item, { role: "menuitem" });
    item.tabIndex = -1;
    return item;
  }

  // Whether the reason stands on slides.
  captionItem() {
    const item = this.item("With its reason", () => {
      chosen.caption = !chosen.caption;
      attributes(item, { "aria-checked": chosen.caption });
    });
    attributes(item, { role: "menuitemcheckbox", "aria-checked": chosen.caption });
    item.classList.add("live-figure-switch");
    return item;
  }

  get open() {
    return !this.panel.hidden;
  }

  toggle() {
    if (this.open) return this.shut();
    this.panel.hidden = false;
    attributes(this.button, { "aria-expanded": true });
    this.say("");
    this.copying.forget();
    document.addEventListener("pointerdown", this.outside);
    this.items[0].focus();
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
    const at = this.items.findIndex((item) => item === document.activeElement);
    if (event.key === "Escape") {
      this.shut();
      this.button.focus();
    } else if (event.key in MOVES && event.target !== this.copying.field) {
      this.items[MOVES[event.key](at, this.items.length)].focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  // --- what the items do; each about the state that is here once nothing moves

  /** @param {File} file */
  async save({ ending, made }) {
    await this.during(async () => {
      const { name } = await this.ask();
      const files = (await made()).map(({ suffix, blob }) => {
        const file = `${name}${suffix}.${ending}`;
        download(blob, file);
        return file;
      });
      if (!files.length) return NO_QUESTION;
      return files.length > 1
        ? `${files.join(" and ")} are downloaded.`
        : `${files[0]} is downloaded.`;
    });
  }

  /** @param {Text} which */
  async copy({ text }) {
    await this.during(async () => {
      const copied = text(await this.ask());
      if (!copied) return NO_FORMULA;
      return (await this.copying.copy(copied)) ? "Copied" : "Press Ctrl+C or ⌘C to copy what is selected.";
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

  /** @param {string} text */
  say(text) {
    this.status.textContent = text;
  }

  close() {
    this.shut();
    this.element.remove();
  }
}

// Text for the clipboard, also where a browser gives none: on a page that came over plain http.
class Copying {
  constructor() {
    this.field = make("textarea", "live-figure-copied");
    this.field.readOnly = true;
    this.field.hidden = true;
    attributes(this.field, { "aria-label": "The text to copy" });
  }

  // Whether the text is on the clipboard now; if not, it stands selected in the field.
  /** @param {string} text */
  async copy(text) {
    this.forget();
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      this.field.value = text;
      this.field.hidden = false;
      this.field.focus();
      this.field.select();
      return document.execCommand("copy");
    }
  }

  forget() {
    this.field.hidden = true;
    this.field.value = "";
  }
}

// --- files

// A file by itself, with nothing behind its name.
/** @param {Promise<Blob>} blob @returns {Promise<Made[]>} */
export const alone = async (blob) => [{ suffix: "", blob: await blob }];

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
