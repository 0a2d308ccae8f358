// All presets as pictures in folding groups. Each can be shown larger with its explanation, opened on its
// page, and downloaded. The marked ones can be downloaded in one .zip, or presented one after another,
// like the cases of a lecture file.

import { attributes, make, makeButton, makeDialog, refocus, write } from "./elements.js";
import { bytesOf, pngOf, svgOf, zipOf } from "./files.js";
import { PATIENCE, PATIENCE_MOST } from "./mail.js";
import { keep, kept, keptList, presentList, residentOf, themeOfPage, unlessLeaving } from "./page.js";
import { loadPlotly } from "./plot.js";
import { download, InTurn, messageOf } from "./slide.js";

/** @typedef {"png" | "svg"} Format */
const TYPES = { png: "image/png", svg: "image/svg+xml" };
const MARKS = "gallery:marked";
const OPEN = "gallery:open";
const FILE = "gallery:file";
const NO_FILE = { name: "", text: "" };
const MARKED_AS_ZIP = "Download marked as .zip";
const PRESENT_MARKED = "Present marked";
const ASKED_FIRST = "Present asks a title that ends in “?” first; any other case shows its answer at once.";
/** @param {number} count */
const markAgain = (count) => `Mark ${count} again`;
const UNHEARD = "The server does not answer. Trying again.";
const NARROW = "(max-width: 700px)"; // on such screens only the first group is open at first

/** @param {Component<GalleryData>} component */
export default function gallery({ data, parentElement, setTriggerValue }) {
  const { resident, leave } = residentOf(parentElement, () => new Gallery(parentElement, data));
  resident.open = unlessLeaving((name) => setTriggerValue("first", name));
  resident.hand = (file) => setTriggerValue("file", file);
  resident.showLecture(data.lecture);
  resident.showTheme(themeOfPage());
  return leave;
}

class Gallery {
  /** @param {HTMLElement} parent @param {GalleryData} data */
  constructor(parent, data) {
    this.data = data;
    this.drawer = new Drawer(data);
    /** @type {(name: string) => void} */
    this.open = () => {}; // asks the server to present, from this case on
    /** @type {(file: { name: string, text: string }) => void} */
    this.hand = () => {}; // sends a lecture file to the server, which reads it; NO_FILE closes it
    this.opener = this.makeOpener();
    this.lecture = new Lecture(data.home, (stops) => this.present(stops), () => {
      this.read(null);
      this.opener.focus({ preventScroll: true }); // the pressed button is gone
    });
    this.asking = 0; // a timer
    this.fresh = true; // whether the server has sent nothing yet
    presentList(null); // in the gallery nothing is presented
    this.turns = new InTurn();
    /** @type {Set<string>} */
    this.missed = new Set(); // the messages of failures since nothing was under way
    /** @type {Theme | null} */
    this.page = null; // the page's theme
    /** @type {ReturnType<Gallery["card"]>[]} */
    this.cards = [];
    this.format = choice("Format", { png: "PNG, 1920 × 1080", svg: "SVG" });
    this.theme = choice("Theme", { light: "light", dark: "dark" }, () => this.show());
    this.zip = makeButton("gallery-button gallery-zip", "", () => this.downloadMarked());
    this.presents = makeButton("gallery-button gallery-present", "", () => this.presentMarked());
    this.presents.title = "One after the other, on the whole screen";
    this.clear = makeButton("gallery-button", "Unmark all", () => this.unmark());
    /** @type {Gallery["cards"]} */
    this.unmarked = []; // what "Unmark all" has unmarked
    // Each button has the width of its longest label, so that no other one moves under the pointer.
    this.zip.dataset.longest = MARKED_AS_ZIP;
    this.presents.dataset.longest = PRESENT_MARKED;
    this.clear.dataset.longest = markAgain(data.groups.flatMap(({ slides }) => slides).length);
    this.status = make("span", "gallery-status");
    attributes(this.status, { role: "status" });
    const said = make("div", "gallery-said");
    said.append(make("span", "gallery-note", { textContent: ASKED_FIRST }), this.status);
    this.larger = new Larger(this.drawer, data.home, (slide) => this.downloadOne(slide));
    this.larger.element.addEventListener("close", () => this.larger.element.open || said.append(this.status));
    this.element = make("div", "gallery");
    this.element.dataset.testid = "gallery";
    const opened = keptList(OPEN);
    this.groups = data.groups.map((group, n) => {
      const open = opened ? opened.includes(group.title) : n === 0 || !matchMedia(NARROW).matches;
      return this.group(group, open);
    });
    const bar = make("div", "gallery-bar");
    const { zip, presents, clear, format, theme } = this;
    bar.append(zip, presents, clear, format.label, theme.label, this.opener, said);
    this.element.append(
      bar, this.lecture.element, groupLinks(this.groups), ...this.groups, this.larger.element,
    );
    parent.append(this.element);
    const before = keptList(MARKS) ?? [];
    this.mark(this.cards.filter(({ slide }) => before.includes(slide.name)), true);
  }

  // The dialog takes the status line with it: nobody would see or hear the line behind the dialog.
  /** @param {GallerySlide} slide */
  showLarger(slide) {
    if (!this.turns.busy) this.status.textContent = "";
    this.larger.show(slide, this.theme.chosen, this.status);
  }

  // Takes over the page's theme when it is known or changes; slides have it until the other is chosen.
  /** @param {Theme} theme */
  showTheme(theme) {
    if (theme === this.page) return;
    this.theme.choose(theme); // if the other was chosen, it is this one
    this.page = theme;
    this.show();
  }

  // Shows the thumbnails in the theme that the slides will have.
  show() {
    for (const { slide, picture } of this.cards) {
      picture.src = this.drawer.thumbnail(slide, this.theme.chosen);
    }
  }

  /** @param {GalleryData["groups"][number]} group @param {boolean} open */
  group({ title, about, slides }, open) {
    const cards = slides.map((slide) => this.card(slide, title));
    this.cards.push(...cards);
    const section = make("details", "gallery-group", { open });
    attributes(section, { "aria-label": title });
    section.addEventListener("toggle", () => {
      const shown = this.data.groups.filter((_, n) => this.groups[n].open);
      keep(OPEN, shown.map((group) => group.title));
    });
    const summary = make("summary", "gallery-summary");
    summary.append(
      make("h2", "gallery-title", { textContent: title }),
      make("span", "gallery-count", { textContent: String(slides.length) }),
    );
    const head = make("div", "gallery-head");
    const everyone = makeButton("gallery-button", "Mark all", () => {
      this.mark(cards, !cards.every(({ box }) => box.checked));
    });
    attributes(everyone, { "aria-label": `Mark all: ${title}` });
    head.append(make("p", "gallery-about", { textContent: about }), everyone);
    const list = make("ul", "gallery-cards");
    list.append(...cards.map(({ element }) => element));
    section.append(summary, head, list);
    return section;
  }

  /** @param {GallerySlide} slide @param {string} group */
  card(slide, group) {
    const element = make("li", "gallery-card");
    const larger = makeButton("gallery-larger", "", () => this.showLarger(slide));
    attributes(larger, { "aria-label": `Larger: ${slide.title}`, "aria-haspopup": "dialog" });
    // It takes its room before it is loaded, and is loaded only when it is nearly in sight.
    const picture = make("img", "gallery-picture", {
      loading: "lazy", decoding: "async", width: 960, height: 540, alt: "",
    });
    larger.append(picture);
    const link = linkTo("gallery-link", this.data.home, slide, slide.title);
    const box = make("input", "", { type: "checkbox" });
    box.addEventListener("change", () => this.count());
    const label = make("label", "gallery-mark");
    label.append(box, "mark");
    attributes(box, { "aria-label": `Mark: ${slide.title}` });
    const button = makeButton("gallery-button", "Download", () => this.downloadOne(slide));
    attributes(button, { "aria-label": `Download: ${slide.title}` });
    const foot = make("div", "gallery-foot");
    foot.append(label, button);
    element.append(link, larger, foot);
    return { slide, group, element, picture, box };
  }

  /** @param {Gallery["cards"]} cards @param {boolean} on */
  mark(cards, on) {
    for (const { box } of cards) box.checked = on;
    this.count();
  }

  // Unmarks all; when pressed again, marks them again.
  unmark() {
    const marked = this.marked();
    if (!marked.length) return this.mark(this.unmarked, true);
    this.unmarked = marked;
    this.mark(marked, false);
  }

  marked() {
    return this.cards.filter(({ box }) => box.checked);
  }

  presentMarked() {
    this.present(this.marked().map(({ group, slide: { page, slug, title } }) => ({ page, slug, group, title })));
  }

  // The server opens the first. Browsers allow the full screen only during a click.
  /** @param {NamedPreset[]} stops */
  present(stops) {
    presentList({ stops, at: 0 });
    document.documentElement.requestFullscreen?.().catch(() => {});
    this.insist(`${stops[0].page}/${stops[0].slug}`);
  }

  // Asks until the page is another one, because a message is lost with its connection.
  /** @param {string} name @param {number} patience */
  insist(name, patience = PATIENCE) {
    clearTimeout(this.asking);
    this.open(name);
    this.asking = setTimeout(() => {
      if (!this.element.isConnected) return;
      this.say(UNHEARD);
      this.insist(name, Math.min(2 * patience, PATIENCE_MOST));
    }, patience);
  }

  // The button that opens a lecture file.
  makeOpener() {
    const input = make("input", "", { type: "file", accept: ".toml", hidden: true });
    input.addEventListener("change", async () => {
      const file = input.files?.[0];
      input.value = ""; // the same file, changed, can be opened again
      if (file) this.read({ name: file.name, text: await file.text() });
    });
    const button = makeButton("gallery-button gallery-opener", "Open a lecture file", () => input.click());
    button.title = "lecture.toml, as a .zip from here has it, or one that you wrote";
    button.append(input);
    return button;
  }

  // Sends a file, or null to close it. The tab keeps it, so that a reloaded page can send it again.
  /** @param {{ name: string, text: string } | null} file */
  read(file) {
    keep(FILE, file);
    this.hand(file ?? NO_FILE);
  }

  /** @param {LectureFile | null} lecture */
  showLecture(lecture) {
    this.lecture.show(lecture);
    const file = this.fresh && !lecture ? kept(FILE) : null;
    this.fresh = false;
    if (file) this.hand(file);
  }

  count() {
    for (const { element, box } of this.cards) element.classList.toggle("is-marked", box.checked);
    const marked = this.marked();
    keep(MARKS, marked.map(({ slide }) => slide.name));
    const count = marked.length;
    this.zip.textContent = count ? `Download ${count} as .zip` : MARKED_AS_ZIP;
    this.zip.disabled = !count || this.turns.busy;
    this.presents.textContent = count ? `Present ${count}` : PRESENT_MARKED;
    this.presents.disabled = !count;
    const again = count ? 0 : this.unmarked.length;
    this.clear.textContent = again ? markAgain(again) : "Unmark all";
    this.clear.disabled = !(count || again);
  }

  /** @param {GallerySlide} slide */
  async downloadOne({ name, title }) {
    const [format, theme] = [this.format.chosen, this.theme.chosen];
    const file = `${name}.${format}`;
    await this.work(`${file} ${theme}`, `Drawing ${title} …`, async () => {
      const bytes = await this.drawer.bytes(name, format, theme);
      download(new Blob([bytes], { type: TYPES[format] }), file);
      return `${file} is downloaded.`;
    });
  }

  async downloadMarked() {
    const slides = this.marked().map(({ slide }) => slide);
    const drawing = (/** @type {number} */ n) => `Drawing ${n} of ${slides.length} …`;
    await this.work("zip", drawing(1), async () => {
      const tell = (/** @type {number} */ n) => this.say(drawing(n));
      const { format, theme } = this;
      const { blob, failed } = await this.drawer.zip(slides, format.chosen, theme.chosen, tell);
      if (failed.length === slides.length) throw new Error("None could be drawn. Try again.");
      download(blob, "slides.zip");
      return failed.length ? `slides.zip is downloaded, without ${failed.join(", ")}: try again.` : "slides.zip is downloaded.";
    });
  }

  // Does one thing after another, and shows what came of each.
  /** @param {string} what @param {string} begun @param {() => Promise<string>} act */
  async work(what, begun, act) {
    if (!this.turns.busy) this.missed.clear();
    const { activeElement } = document;
    this.say(begun);
    const done = this.turns.do(what, async () => {
      this.say(begun);
      this.say(await act().catch((error) => void this.missed.add(messageOf(error))) ?? "");
    });
    this.count();
    await done;
    this.count();
    refocus(activeElement);
  }

  /** @param {string} text */
  say(text) {
    this.status.textContent = [...this.missed, text].join(" ").trim();
  }
}

// The open lecture file: its cases, in its order, and what cannot be shown of it.
class Lecture {
  /** @param {string} home @param {(stops: NamedPreset[]) => void} present @param {() => void} shut */
  constructor(home, present, shut) {
    this.home = home;
    this.present = present;
    this.shut = shut;
    this.shown = "null"; // the file that is shown, as JSON
    this.element = make("section", "gallery-lecture", { hidden: true });
  }

  /** @param {LectureFile | null} file */
  show(file) {
    const shown = JSON.stringify(file);
    if (shown === this.shown) return; // so that the focus stays where it is
    this.shown = shown;
    this.element.hidden = !file;
    if (!file) return;
    const { name, stops, problems } = file;
    attributes(this.element, { "aria-label": name });
    const list = make("ol", "gallery-cases");
    for (const stop of stops) {
      const item = make("li", "");
      item.append(linkTo("gallery-link", this.home, stop, stop.title));
      list.append(item);
    }
    const head = make("div", "gallery-head");
    head.append(make("h2", "gallery-title", { textContent: name }));
    if (stops.length) {
      head.append(makeButton("gallery-button gallery-zip", `Present ${stops.length}`, () => this.present(stops)));
    }
    head.append(makeButton("gallery-button", "Close", () => this.shut()));
    const said = problems.map((textContent) => make("p", "gallery-problem", { textContent }));
    this.element.replaceChildren(head, ...said, list);
  }
}

// A link that opens a slide's page in the slide's state.
/** @param {string} name @param {string} home @param {{ address: string }} slide @param {string} text */
function linkTo(name, home, slide, text) {
  return make("a", name, { href: home + slide.address, target: "_self", textContent: text });
}

// A dialog with one picture, larger, and its explanation.
class Larger {
  /** @param {Drawer} drawer @param {string} home @param {(slide: GallerySlide) => void} download */
  constructor(drawer, home, download) {
    this.drawer = drawer;
    this.home = home;
    this.download = download;
    this.element = makeDialog("gallery-dialog");
  }

  /** @param {GallerySlide} slide @param {Theme} theme @param {HTMLElement} status */
  show(slide, theme, status) {
    const reason = make("div", "gallery-reason");
    attributes(reason, { "aria-live": "polite" });
    const picture = make("img", "gallery-picture", {
      src: this.drawer.thumbnail(slide, theme), width: 960, height: 540, alt: "",
    });
    const foot = make("div", "gallery-foot");
    foot.append(
      linkTo("gallery-button", this.home, slide, "Open the page"),
      makeButton("gallery-button", "Download", () => this.download(slide)),
      makeButton("gallery-button", "Close", () => this.element.close()),
      status,
    );
    attributes(this.element, { "aria-label": slide.title });
    this.element.replaceChildren(
      make("h2", "gallery-title", { textContent: slide.title }), picture, reason, foot,
    );
    this.element.showModal();
    this.drawer.slide(slide.name, theme).then(
      ({ explanation }) => {
        for (const line of explanation) {
          const paragraph = make("p", "");
          write(paragraph, line);
          reason.append(paragraph);
        }
      },
      (error) => (reason.textContent = messageOf(error)),
    );
  }
}

// Links from the top to each group, which the link opens; the keyboard goes on from there.
/** @param {HTMLDetailsElement[]} groups */
function groupLinks(groups) {
  const nav = make("nav", "gallery-links");
  attributes(nav, { "aria-label": "Groups" });
  for (const group of groups) {
    const link = makeButton("gallery-group-link", group.getAttribute("aria-label") ?? "", () => {
      group.open = true;
      group.scrollIntoView();
      group.querySelector("summary")?.focus({ preventScroll: true });
    });
    nav.append(link);
  }
  return nav;
}

// A labelled choice. changed(): called when another option is chosen.
/**
 * @template {string} Option @param {string} name @param {Record<Option, string>} options
 * @param {() => void} changed
 */
function choice(name, options, changed = () => {}) {
  const label = make("label", "gallery-choice", { textContent: name });
  const select = make("select", "gallery-select");
  for (const [value, text] of Object.entries(options)) select.append(new Option(text, value));
  select.addEventListener("change", changed);
  label.append(select);
  return {
    label,
    get chosen() {
      return /** @type {Option} */ (select.value);
    },
    choose(/** @type {Option} */ option) {
      select.value = option;
    },
  };
}

// --- slides as files, drawn in the visitor's browser

// Draws slides; files, plotly: where their figures and plotly.js are.
class Drawer {
  /** @param {GalleryData} data */
  constructor({ files, assets }) {
    this.files = files;
    this.plotly = assets.plotly;
  }

  /** @param {GallerySlide} slide @param {Theme} theme */
  thumbnail({ name, versions }, theme) {
    return `${this.files}/${theme}/${name}.png?${versions[theme]}`;
  }

  // A slide's figure and explanation. size: of its file, in px. id: see `svgOf`.
  /**
   * @param {string} name @param {Theme} theme
   * @returns {Promise<{ figure: Figure, size: [width: number, height: number], id: string,
   *   explanation: string[] }>}
   */
  async slide(name, theme) {
    const answer = await fetch(`${this.files}/${theme}/${name}.json`);
    if (!answer.ok) throw new Error("The server has no such slide. Reload the page to try again.");
    return answer.json();
  }

  // The bytes of one slide's file.
  /** @param {string} name @param {Format} format @param {Theme} theme */
  async bytes(name, format, theme) {
    const { figure, size, id } = await this.slide(name, theme);
    await loadPlotly(this.plotly); // not before the first download: it is large
    const svg = await svgOf(figure, ...size, id);
    if (format === "svg") return new TextEncoder().encode(svg);
    return bytesOf(await pngOf(svg, ...size));
  }

  // One .zip of these slides and of the file of scenes that makes them again. Calls tell(n) before the
  // n-th slide. One that fails stops no other. Resolves to {blob, failed: the names of those}.
  /**
   * @param {GallerySlide[]} slides @param {Format} format @param {Theme} theme
   * @param {(n: number) => void} tell
   */
  async zip(slides, format, theme, tell) {
    /** @type {[name: string, bytes: Uint8Array<ArrayBuffer>][]} */
    const made = [];
    const failed = [];
    for (const [at, { name }] of slides.entries()) {
      tell(at + 1);
      try {
        made.push([`${name}.${format}`, await this.bytes(name, format, theme)]);
      } catch {
        failed.push(name);
      }
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
