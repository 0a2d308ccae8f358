// The Slide button: what is on the screen as a file, made in the visitor's browser, or as text for
// the clipboard.

import { pngOf, svgOf } from "./drawing.js";
import { make, makeButton } from "./elements.js";

const NO_FORMULA = "Nothing to copy: no formula is explained here. Choose a cell first.";
const MOVES = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (at, count) => count - 1,
};

export class SlideMenu {
  // files: each { label, ending, made() }, a promise of a blob. texts: each { label, text(texts) },
  // of what ask() promises, which also has the files' name.
  constructor({ files, texts, ask }) {
    this.ask = ask;
    this.button = makeButton("live-figure-tool", "Slide", () => this.toggle());
    this.button.title = "This picture as a file, a link, a script, a formula";
    this.button.setAttribute("aria-haspopup", "menu");
    this.copying = new Copying();
    this.status = make("div", "live-figure-status");
    this.status.setAttribute("role", "status");
    this.items = [
      ...files.map((file) => this.item(`Download ${file.label}`, () => this.save(file))),
      ...texts.map((each) => this.item(each.label, () => this.copy(each))),
    ];
    this.items[files.length].classList.add("live-figure-first");
    this.menu = make("div", "live-figure-menu");
    this.menu.setAttribute("role", "menu");
    this.menu.setAttribute("aria-label", "Slide");
    this.menu.append(...this.items);
    this.panel = make("div", "live-figure-panel");
    this.panel.append(this.menu, this.copying.field, this.status);
    this.element = make("div", "live-figure-slide");
    this.element.append(this.button, this.panel);
    this.element.addEventListener("keydown", (event) => this.open && this.pressed(event));
    this.outside = ({ target }) => this.element.contains(target) || this.shut();
    this.shut();
  }

  item(label, act) {
    const item = makeButton("live-figure-item", label, act);
    item.setAttribute("role", "menuitem");
    item.tabIndex = -1;
    return item;
  }

  get open() {
    return !this.panel.hidden;
  }

  toggle() {
    if (this.open) return this.shut();
    this.panel.hidden = false;
    this.button.setAttribute("aria-expanded", true);
    this.say("");
    this.copying.forget();
    document.addEventListener("pointerdown", this.outside);
    this.items[0].focus();
  }

  shut() {
    this.panel.hidden = true;
    this.button.setAttribute("aria-expanded", false);
    document.removeEventListener("pointerdown", this.outside);
  }

  pressed(event) {
    if (event.key === "Tab") return this.shut(); // the focus goes on from the button
    event.stopPropagation(); // the letters are not the step-through's
    const at = this.items.indexOf(document.activeElement);
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

  async save({ ending, made }) {
    await this.during(async () => {
      const { name } = await this.ask();
      const file = `${name}.${ending}`;
      download(await made(), file);
      return `${file} is downloaded.`;
    });
  }

  async copy({ text }) {
    await this.during(async () => {
      const copied = text(await this.ask());
      if (!copied) return NO_FORMULA;
      return (await this.copying.copy(copied)) ? "Copied" : "Press Ctrl+C or ⌘C to copy what is selected.";
    });
  }

  async during(act) {
    this.say("…");
    try {
      this.say(await act());
    } catch (error) {
      this.say(`That went wrong: ${error.message}`);
    }
  }

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
    this.field.setAttribute("aria-label", "The text to copy");
  }

  // Whether the text is on the clipboard now; if not, it stands selected in the field.
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

async function drawn(live) {
  const { figure, size, name } = await live.request("slide");
  await live.stage.ready;
  return { svg: await svgOf(JSON.parse(figure), ...size, name), size };
}

export async function svgFile(live) {
  const { svg } = await drawn(live);
  return new Blob([svg], { type: "image/svg+xml" });
}

export async function pngFile(live) {
  const { svg, size } = await drawn(live);
  return pngBlob(svg, size);
}

export async function pngBlob(svg, size) {
  const packed = atob(await pngOf(svg, ...size));
  const bytes = Uint8Array.from(packed, (sign) => sign.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}

// One file with all in it, plotly.js too: it plays without a server.
export async function htmlFile(live) {
  const { html, mark } = await live.request("html");
  const plotly = await fetch(live.data.assets.plotly);
  if (!plotly.ok) throw new Error("The drawing library could not be loaded.");
  const source = await plotly.text();
  return new Blob([html.replace(mark, () => source)], { type: "text/html" });
}

export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", "", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may still be asking where to
}
