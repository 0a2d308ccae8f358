// Beside the picture: what is asked, if anything is, and the sentences about the chosen entry; and
// the help about all of it.

import { attributes, make, makeButton, makeDialog, write } from "./elements.js";
import { articleOfPage, keep, keptList, mainPart, purposeOfPage, titleOfPage } from "./page.js";

const MARKS = { right: "\u2713", wrong: "\u2717", "": "" };
const MARGIN = 6; // px beneath what has come into sight
const LOW = 500; // px of height in which a lesson with its reason needs the smaller type
const FORGET = "Forget what is done";
const KEPT = "backpropagation-live:lessons"; // the browser's key of the lessons that were passed

export class Side {
  // act(name, argument): what a button asks for.
  // vote: what is shown of a class's.
  /** @param {(name: string, argument: string) => void} act @param {HTMLElement} vote */
  constructor(act, vote) {
    this.act = act;
    this.vote = vote;
    /** @type {Record<string, string>} */
    this.keys = {}; // what a key does at present, by its letter
    /** @type {HTMLInputElement | null} */
    this.answer = null; // where a number is asked for
    this.element = make("div", "live-figure-side");
    this.task = make("section", "live-figure-task");
    // A reader tells what becomes of it, and only if it stays.
    this.said = make("div", "live-figure-lines");
    attributes(this.said, { role: "status" });
    this.task.append(this.said);
    this.explanation = new Explanation();
    this.course = new Course(act);
    // Its lessons' numbers stay where they are, however long what is told of one.
    this.element.append(this.course.element, this.task, this.explanation.element);
    this.element.addEventListener("scroll", () => this.showWhetherMore(), { passive: true });
    this.asked = "";
    this.stale = false; // whether something else is asked than what was fitted
    /** @type {number | null | undefined} */
    this.height = undefined; // until the picture has one
    this.most = 0; // px that it may take in the window
    this.asks = false; // a question, or a prediction
    this.lesson = 0; // 0 where there is none
    this.acted = false; // by a button here, whose answer has not come yet
    this.pressed = ""; // what the button asked for that was pressed last
  }

  // Whole within so many px of height, by smaller type where that has to be; null for any height.
  // A question with its reason takes most where that does not do; a class's vote always does.
  /** @param {number | null} height @param {number} most */
  fit(height, most) {
    this.height = height;
    this.most = most;
    const whole = Math.max(height ?? 0, most);
    const votes = Boolean(this.element.dataset.vote);
    const over = this.take(height !== null && votes ? whole : height);
    // Else as high as without a question: what stands beneath stays in its place.
    if (over && this.asks && !votes) this.take(whole);
    this.showWhetherMore();
    // On a phone the picture may stay beneath the first sentence.
    const { answer } = this.explanation;
    const figure = this.element.parentElement;
    if (!figure) return;
    figure.style.setProperty("--answer", `${answer?.getBoundingClientRect().height ?? 0}px`);
    figure.dataset.answer = String(Boolean(answer));
  }

  // So many px; whether even smaller type does not fit there.
  /** @param {number | null} px */
  take(px) {
    const { style, dataset } = this.element;
    const isOver = () => this.element.scrollHeight > this.element.clientHeight + 1;
    style.height = px === null ? "" : `${px}px`;
    dataset.tight = "false";
    if (px === null) return false;
    // A course's buttons stay in their place whatever the answer: its type does not depend on that.
    dataset.tight = String(this.course.on ? this.element.clientHeight < LOW : isOver());
    return isOver();
  }

  // What does not fit even so is scrolled to: it fades out at the lower edge.
  showWhetherMore() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    this.element.dataset.more = String(this.height !== null && scrollHeight - scrollTop - clientHeight > 2);
  }

  // The sentences about the chosen entry. Where they, or what is asked, are news, all of it is
  // fitted: once for both.
  /** @param {string[]} lines */
  say(lines) {
    const said = this.explanation.show(lines);
    if ((said || this.stale) && this.height !== undefined) this.fit(this.height, this.most);
    this.stale = false;
  }

  /** @param {TaskData | null} task */
  ask(task) {
    const asked = JSON.stringify(task);
    if (asked === this.asked) return; // what is typed stays
    const arrived = !this.asked; // with the page, which begins at its top
    this.asked = asked;
    this.stale = true;
    this.keys = task?.keys ?? {};
    this.answer = task?.highest ? numberField(task.highest) : null;
    this.task.hidden = !task;
    this.course.on = Boolean(task?.lessons);
    this.course.element.hidden = !this.course.on;
    this.asks = Boolean(task) && !this.course.on;
    const figure = this.element.parentElement; // whose style depends on it
    if (figure) figure.dataset.asked = this.course.on ? "lesson" : String(this.asks);
    this.element.dataset.vote = task?.vote?.phase ?? "";
    if (!task) {
      // On a phone one was sent to the lower half of the picture: all of it is looked at again.
      if (this.element.closest('[data-narrow="true"]')) mainPart().scrollTop = 0;
      return this.surround([], []);
    }
    const { heading, lines, acts, main, asked: above, missed, lessons, keys, vote } = task;
    const letters = Object.fromEntries(Object.entries(keys).map(([key, name]) => [name, key]));
    const focused = this.task.contains(document.activeElement);
    attributes(this.task, { "aria-label": heading });
    const again = missed.map(([number, sentence]) => {
      const look = () => this.act("look again", String(number));
      return line("wrong", sentence, makeButton("live-figure-line live-figure-missed", "", look));
    });
    const form = make("form", "live-figure-acts");
    const typed = this.answer;
    if (typed) form.append(typed);
    const buttons = acts.map(([name, label], i) => {
      const send = (/** @type {MouseEvent} */ { detail }) => {
        // The second click of two on what stood there before: "Close the vote" is where "Open" was,
        // and the next lesson's "Next" where this one's was.
        if (detail > 1 && (lessons || name !== this.pressed)) return;
        if (!i && !mayBeSent(typed)) return;
        this.pressed = name;
        this.acted = true;
        this.act(name, i ? "" : answerIn(typed));
      };
      const kind = i === main ? "live-figure-tool live-figure-main" : "live-figure-tool";
      const button = makeButton(kind, label, send);
      button.disabled = !name;
      if (letters[name]) button.title = `Key ${letters[name].toUpperCase()}`;
      return button;
    });
    form.append(...buttons);
    form.addEventListener("submit", (event) => {
      event.preventDefault(); // Enter in the field is the first button
      if (typed?.value && mayBeSent(typed)) this.act(acts[0][0], answerIn(typed));
    });
    this.element.scrollTop = 0; // a verdict is read from its beginning
    const title = make("h2", "", { textContent: heading });
    const question = above.map(([mark, sentence]) => line(mark, sentence));
    const besides = [...again, ...(vote ? [this.vote] : [])];
    if (question.length) this.surround([title, ...question, form, ...besides], []);
    else this.surround([title], [...besides, form]);
    this.said.append(...lines.map(([mark, sentence]) => line(mark, sentence)));
    if (lessons) this.course.show(lessons, lines[0]?.[0] === "right");
    // On a phone what is asked is a sheet over the lower half: what it is about goes above it.
    const phone = arrived ? null : this.element.closest('[data-narrow="true"]');
    if (!lessons) phone?.scrollIntoView();
    // Who works by keyboard goes on from here, the verdict before their eyes.
    if (focused) (typed ?? buttons[main])?.focus({ preventScroll: true });
  }

  // What stands before and after what came of an answer, which is to be said anew.
  /** @param {Element[]} before @param {Element[]} after */
  surround(before, after) {
    for (const element of [...this.task.children]) if (element !== this.said) element.remove();
    this.said.replaceChildren();
    this.said.before(...before);
    this.said.after(...after);
  }

  // On a phone a lesson stands beneath the picture. A new one begins at its top; its buttons come
  // into sight then, and after an answer the verdict with its reason: so far as its heading does
  // not go behind what stays while one scrolls.
  /** @param {TaskData | null} task @param {() => number} edge px that stay at the window's top */
  bringIntoSight(task, edge) {
    const at = task?.lessons?.at ?? 0;
    const [begun, acted] = [at !== this.lesson, this.acted];
    const arrived = !this.lesson; // with the page
    Object.assign(this, { lesson: at, acted: false });
    if (!at || arrived || !(begun || acted) || !this.element.closest('[data-narrow="true"]')) return;
    if (begun) mainPart().scrollTop = 0;
    const { said } = this;
    const last = said.children[Math.min(1, said.children.length - 1)] ?? said;
    const { top, bottom } = this.task.getBoundingClientRect();
    const lowest = task?.lines.length ? last.getBoundingClientRect().bottom : bottom;
    const [below, room] = [lowest + MARGIN - window.innerHeight, top - edge()];
    const far = room < 0 ? room : Math.max(0, Math.min(below, room));
    mainPart().scrollTop += Math.ceil(far);
  }
}

/** @type {Course | null} */
let shown = null; // that which this tab has shown last
/** @type {Set<number>} */
const forgotten = new Set(); // what the server still has as passed, forgotten in another tab since

window.addEventListener("storage", ({ key, newValue }) => {
  if (newValue === null && (key === KEPT || key === null)) shown?.forget(); // null: all that is kept
});

// The way through a course: a chip for each lesson, which shows whether it was passed. The browser
// keeps their numbers; where it keeps nothing, they are known as long as the page is open.
class Course {
  /** @param {(name: string, argument: string) => void} act */
  constructor(act) {
    this.act = act;
    this.on = false;
    this.right = true; // a verdict that has come with the page is none of now
    /** @type {LessonsData | null} */
    this.lessons = null;
    /** @type {Set<number>} */
    this.passed = new Set();
    this.element = make("nav", "live-figure-lessons");
    attributes(this.element, { "aria-label": "Lessons" });
  }

  // In another tab.
  forget() {
    for (const lesson of this.lessons?.passed ?? []) forgotten.add(lesson);
    this.passed.clear();
    if (this.lessons) this.show(this.lessons, this.right);
  }

  // right: whether the answer to this lesson is.
  /** @param {LessonsData} lessons @param {boolean} right */
  show(lessons, right) {
    const { titles, at, passed } = lessons;
    if (right && !this.right) forgotten.delete(at);
    for (const lesson of forgotten) if (!passed.includes(lesson)) forgotten.delete(lesson);
    Object.assign(this, { lessons, right });
    shown = this;
    const kept = keptList(KEPT, "localStorage")?.filter(Number.isInteger) ?? []; // in another tab too
    const here = passed.filter((lesson) => !forgotten.has(lesson));
    for (const lesson of [...kept, ...here]) this.passed.add(lesson);
    keep(KEPT, this.passed.size ? [...this.passed] : null, "localStorage");
    const chips = titles.map((title, i) => this.chip(i + 1, title, at));
    let asked = false;
    const begin = makeButton("live-figure-begin", FORGET, ({ detail }) => {
      if (!asked) begin.textContent = "Press again to forget them";
      if (!asked || detail > 1) return void (asked = true); // a double click is one press
      this.passed.clear();
      keep(KEPT, null, "localStorage");
      this.show({ titles, at, passed: [] }, right);
      this.act("begin", "");
    });
    begin.disabled = !this.passed.size; // not seen then, but in its place: an answer moves nothing
    const atAnEnd = at === 1 || at === titles.length;
    const focused = this.element.contains(document.activeElement);
    this.element.replaceChildren(...chips, ...(atAnEnd ? [begin] : []));
    // Who works by keyboard goes on from here.
    if (focused) chips[at - 1].focus({ preventScroll: true });
  }

  /** @param {number} lesson @param {string} title @param {number} at */
  chip(lesson, title, at) {
    const chip = makeButton("live-figure-chip", String(lesson), () => this.act("lesson", String(lesson)));
    const done = this.passed.has(lesson);
    const said = `Lesson ${lesson}: ${title}${done ? " (done)" : ""}`;
    attributes(chip, { "aria-label": said, title: said, "data-done": done });
    if (lesson === at) attributes(chip, { "aria-current": "step" });
    return chip;
  }
}

/** @param {number} highest */
function numberField(highest) {
  const field = make("input", "live-figure-number");
  Object.assign(field, { type: "number", min: 0, max: highest, step: 1, inputMode: "numeric" });
  attributes(field, { "aria-label": "Your answer", placeholder: "number" });
  field.addEventListener("keydown", (event) => event.stopPropagation());
  return field;
}

// Whether what stands in it can be an answer; else the browser says why not.
/** @param {HTMLInputElement | null} field */
const mayBeSent = (field) => field?.reportValidity() ?? true;

// What stands in it, however it is written: 2 of 2.0.
/** @param {HTMLInputElement | null} field */
const answerIn = (field) => (field?.value ? String(Number(field.value)) : "");

// A sentence, with **bold** words, behind the sign of what it judges; element: where it stands.
/** @param {"right" | "wrong" | ""} mark @param {string} sentence @param {HTMLElement} element */
function line(mark, sentence, element = make("p", "live-figure-line")) {
  if (mark) {
    element.dataset.mark = mark;
    element.append(make("span", "live-figure-mark", { textContent: `${MARKS[mark]} ` }));
  }
  sentence.split("**").forEach((part, i) => {
    const piece = make(i % 2 ? "b" : "span", "");
    write(piece, part);
    element.append(piece);
  });
  return element;
}

// The sentences about the chosen entry.
class Explanation {
  constructor() {
    this.element = make("div", "live-figure-explanation");
    this.element.dataset.testid = "explanation";
    attributes(this.element, { "aria-live": "polite" });
    this.text = "";
  }

  // The first sentence.
  get answer() {
    return /** @type {HTMLElement | null} */ (this.element.firstElementChild);
  }

  // Whether that is news.
  /** @param {string[]} lines */
  show(lines) {
    const text = lines.join("\n");
    if (text === this.text) return false; // it is neither laid out nor read out again
    this.text = text;
    const shown = lines.map((line, i) => {
      const paragraph = make("p", i ? "live-figure-detail" : "live-figure-answer");
      write(paragraph, line);
      return paragraph;
    });
    this.element.replaceChildren(...shown);
    return true;
  }
}

// "?": the article that stands below the page's fold, and what the signs on the screen mean, over
// everything else.
export class Help {
  // legend: as it stands beneath the picture, if one does.
  /** @param {HTMLElement | null} legend */
  constructor(legend = null) {
    this.legend = legend;
    this.button = makeButton("live-figure-tool", "?", () => this.open());
    this.button.title = "What this page is about, and what to try";
    attributes(this.button, { "aria-label": "Help", "aria-haspopup": "dialog" });
    this.dialog = makeDialog("live-figure-help");
    this.title = make("h2", "", { tabIndex: -1, id: "live-figure-help" });
    attributes(this.title, { autofocus: "" }); // so that nothing is scrolled to
    attributes(this.dialog, { "aria-labelledby": this.title.id });
    this.element = make("div", "live-figure-helper");
    this.element.append(this.button, this.dialog);
  }

  open() {
    const close = makeButton("live-figure-tool", "Close", () => this.dialog.close());
    const text = articleOfPage().cloneNode(true);
    const purpose = make("p", "live-figure-help-purpose", { textContent: purposeOfPage() });
    const signs = /** @type {HTMLElement | undefined} */ (this.legend?.cloneNode(true));
    if (signs) signs.style.minHeight = "";
    const head = make("div", "live-figure-help-head");
    this.title.textContent = titleOfPage();
    head.append(this.title, close);
    this.dialog.replaceChildren(head, purpose, ...(signs?.children.length ? [signs] : []), text);
    this.dialog.showModal();
    this.dialog.scrollTop = 0;
  }
}
