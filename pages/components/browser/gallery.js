// All presets as thumbnails in groups: each opens its page in that state, each can be downloaded,
// and those that are marked in one .zip.

import { pngOf, svgOf } from "./drawing.js";
import { make, makeButton } from "./elements.js";
import { residentOf, themeOfPage } from "./page.js";
import { loadPlotly } from "./plot.js";
import { download } from "./slide.js";
import { zipOf } from "./zip.js";

const TYPES = { png: "image/png", svg: "image/svg+xml" };
const MARKS = "gallery:marked";

export default function gallery({ data, parentElement }) {
  const { resident, leave } = residentOf(parentElement, () => new Gallery(parentElement, data));
  resident.follow(themeOfPage());
  return leave;
}

class Gallery {
  constructor(parent, data) {
    this.data = data;
    this.drawer = new Drawer(data);
    this.cards = [];
    this.element = make("div", "gallery");
    this.element.dataset.testid = "gallery";
    const groups = data.groups.map((group) => this.group(group));
    this.element.append(this.bar(), ways(groups), ...groups);
    parent.append(this.element);
    const before = kept();
    this.mark(this.cards.filter(({ slide }) => before.has(slide.name)), true);
  }

  // The page's theme has changed, or is known now: thumbnails as the page, slides as they were wanted.
  follow(theme) {
    if (theme === this.shown) return;
    if (!this.shown || this.theme.value === this.shown) this.theme.value = theme;
    this.shown = theme;
    for (const { slide, picture } of this.cards) {
      picture.src = `${this.data.files}/${theme}/${slide.name}.png?${slide.versions[theme]}`;
    }
  }

  bar() {
    const bar = make("div", "gallery-bar");
    this.format = choice("Format", { png: "PNG, 1920 × 1080", svg: "SVG" });
    this.theme = choice("Theme", { light: "light", dark: "dark" });
    this.zip = makeButton("gallery-button gallery-zip", "", () => this.downloadMarked());
    this.clear = makeButton("gallery-button", "Unmark all", () => this.mark(this.cards, false));
    this.status = make("span", "gallery-status");
    this.status.setAttribute("role", "status");
    bar.append(this.zip, this.clear, this.format.parentElement, this.theme.parentElement, this.status);
    return bar;
  }

  group({ title, about, slides }) {
    const cards = slides.map((slide) => this.card(slide));
    this.cards.push(...cards);
    const section = make("section", "gallery-group");
    section.setAttribute("aria-label", title);
    const head = make("div", "gallery-head");
    const everyone = makeButton("gallery-button", "Mark all", () => {
      this.mark(cards, !cards.every(({ box }) => box.checked));
    });
    everyone.setAttribute("aria-label", `Mark all: ${title}`);
    head.append(
      make("h2", "gallery-title", { textContent: title }),
      make("p", "gallery-about", { textContent: about }),
      everyone,
    );
    const list = make("ul", "gallery-cards");
    list.append(...cards.map(({ element }) => element));
    section.append(head, list);
    return section;
  }

  card(slide) {
    const element = make("li", "gallery-card");
    const link = make("a", "gallery-link", {
      href: this.data.home + slide.address,
      target: "_self",
    });
    // As large as it will be before it is there, and not loaded before it is near.
    const picture = make("img", "gallery-picture", {
      loading: "lazy", decoding: "async", width: 480, height: 270, alt: "",
    });
    link.append(picture, make("span", "gallery-caption", { textContent: slide.title }));
    const box = make("input", "", { type: "checkbox" });
    box.addEventListener("change", () => this.count());
    const label = make("label", "gallery-mark");
    label.append(box, "mark");
    box.setAttribute("aria-label", `Mark: ${slide.title}`);
    const button = makeButton("gallery-button", "Download", () => this.downloadOne(slide));
    button.setAttribute("aria-label", `Download: ${slide.title}`);
    const foot = make("div", "gallery-foot");
    foot.append(label, button);
    element.append(link, foot);
    return { slide, element, picture, box };
  }

  mark(cards, on) {
    for (const { box } of cards) box.checked = on;
    this.count();
  }

  marked() {
    return this.cards.filter(({ box }) => box.checked).map(({ slide }) => slide);
  }

  count() {
    for (const { element, box } of this.cards) element.classList.toggle("is-marked", box.checked);
    keep(this.marked().map(({ name }) => name));
    const count = this.marked().length;
    this.zip.textContent = count ? `Download ${count} as .zip` : "Download marked as .zip";
    this.zip.disabled = !count || this.busy;
    this.clear.disabled = !count;
  }

  async downloadOne({ name, title }) {
    await this.work(`Drawing ${title} …`, async () => {
      const format = this.format.value;
      const bytes = await this.drawer.bytes(name, format, this.theme.value);
      download(new Blob([bytes], { type: TYPES[format] }), `${name}.${format}`);
      return `${name}.${format}`;
    });
  }

  async downloadMarked() {
    const slides = this.marked();
    await this.work(`Drawing 1 of ${slides.length} …`, async () => {
      const tell = (done) => {
        if (done < slides.length) this.say(`Drawing ${done + 1} of ${slides.length} …`);
      };
      const { format, theme } = this;
      const { blob, failed } = await this.drawer.zip(slides, format.value, theme.value, tell);
      if (failed.length === slides.length) throw new Error("None could be drawn. Try again.");
      download(blob, "slides.zip");
      return failed.length ? `Without ${failed.join(", ")}: try again.` : "slides.zip";
    });
  }

  // One thing after the other; says what came of it.
  async work(begun, act) {
    if (this.busy) return;
    this.busy = true;
    this.count();
    this.say(begun);
    try {
      this.say(await act());
    } catch (error) {
      this.say(error.message);
    }
    this.busy = false;
    this.count();
  }

  say(text) {
    this.status.textContent = text;
  }
}

// From the top to each group; the keyboard goes on from there.
function ways(groups) {
  const nav = make("nav", "gallery-ways");
  nav.setAttribute("aria-label", "Groups");
  for (const group of groups) {
    group.tabIndex = -1;
    const way = makeButton("gallery-way", group.getAttribute("aria-label"), () => {
      group.scrollIntoView();
      group.focus({ preventScroll: true });
    });
    nav.append(way);
  }
  return nav;
}

// A labelled choice: its select element, which stands in its label.
function choice(name, options) {
  const label = make("label", "gallery-choice", { textContent: name });
  const select = make("select", "gallery-select");
  for (const [value, text] of Object.entries(options)) select.append(new Option(text, value));
  label.append(select);
  return select;
}

// --- slides as files, drawn in the visitor's browser

// What is needed to draw: where figures and plotly.js are; format: "png" or "svg"; theme.
class Drawer {
  constructor({ files, assets }) {
    Object.assign(this, { files, plotly: assets.plotly });
  }

  // The bytes of one slide's file.
  async bytes(name, format, theme) {
    const answer = await fetch(`${this.files}/${theme}/${name}.json`);
    if (!answer.ok) throw new Error("The server has no such slide. Reload the page to try again.");
    const { figure, size, id } = await answer.json();
    await loadPlotly(this.plotly); // not before the first download: it is large
    const svg = await svgOf(figure, ...size, id);
    if (format === "svg") return new TextEncoder().encode(svg);
    return Uint8Array.from(atob(await pngOf(svg, ...size)), (sign) => sign.charCodeAt(0));
  }

  // All of them in one .zip, with the file of scenes that makes them again. Calls tell(done) after
  // each; one that fails stops no other: {blob, failed: their names}.
  async zip(slides, format, theme, tell) {
    const made = [];
    const failed = [];
    for (const { name } of slides) {
      try {
        made.push([`${name}.${format}`, await this.bytes(name, format, theme)]);
      } catch {
        failed.push(name);
      }
      tell(made.length + failed.length);
    }
    const lecture = [
      "# Made again by: python -m pages.export lecture.toml\n",
      `theme = "${theme}"\nformat = "${format}"\n`,
      ...slides.map(({ scene }) => `\n${scene}`),
    ].join("");
    made.push(["lecture.toml", new TextEncoder().encode(lecture)]);
    return { blob: zipOf(made), failed };
  }
}

// --- the names of marked slides, kept in the tab while a picture's page is open
//
// A browser may forbid to keep anything; then whoever comes back begins anew.

function kept() {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(MARKS) ?? "[]"));
  } catch {
    return new Set();
  }
}

function keep(names) {
  try {
    sessionStorage.setItem(MARKS, JSON.stringify(names));
  } catch {
    // as above
  }
}
