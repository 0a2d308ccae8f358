// Beside the picture: the task, if there is one, and the sentences about the chosen entry, called the
// explanation; and the Help dialog.

import { attributes, make, makeButton, makeDialog, write } from "./elements.js";
import { articleOfPage, keep, keptList, mainPart, purposeOfPage, titleOfPage } from "./page.js";

const MARKS = { right: "\u2713", wrong: "\u2717", "": "" };
const MARGIN = 6; // px left free below what is scrolled into sight
const LOW = 500; // px of height below which a lesson and its explanation need smaller type
const FORGET = "Forget what is done";
const KEPT = "backpropagation-live:lessons"; // the key in localStorage of the lessons passed

export class Side {
  // act(name, argument): called with the act of a pressed button.
  // vote: the element that shows a class vote.
  /** @param {(name: Act, argument: string) => void} act @param {HTMLElement} vote */
  constructor(act, vote) {
    this.act = act;
    this.vote = vote;
    /** @type {Record<string, Act>} */
    this.keys = {}; // by letter, the act that a key does at present
    /** @type {HTMLInputElement | null} */
    this.answer = null; // the field, if a number is asked for
    this.element = make("div", "live-figure-side");
    this.task = make("section", "live-figure-task");
    // A screen reader reads out what changes in this element, but only if the element itself stays.
    this.said = make("div", "live-figure-lines");
    attributes(this.said, { role: "status" });
    this.task.append(this.said);
    this.explanation = new Explanation();
    this.course = new Course(act);
    // The course is first, so that its lessons' numbers stay in place however long a lesson's text is.
    this.element.append(this.course.element, this.task, this.explanation.element);
    this.element.addEventListener("scroll", () => this.showWhetherMore(), { passive: true });
    this.asked = "";
    this.stale = false; // whether the task has changed since the last fit
    /** @type {number | null | undefined} */
    this.height = undefined; // as given to `fit`; undefined before the first
    this.most = 0; // px of height that it may take at most
    this.asks = false; // whether there is a task that is not a lesson
    this.lesson = 0; // the number of the lesson last shown; 0 if there is none
    this.acted = false; // whether a button here was pressed and its answer has not come yet
    this.pressed = /** @type {Act} */ (""); // the act of the button pressed last
  }

  // Fits everything into this height in px, by smaller type if necessary; null: into any height. If that is
  // not enough for a question and its explanation, they take `most`; a class vote always does.
  /** @param {number | null} height @param {number} most */
  fit(height, most) {
    this.height = height;
    this.most = most;
    const whole = Math.max(height ?? 0, most);
    const votes = Boolean(this.element.dataset.vote);
    const over = this.take(height !== null && votes ? whole : height);
    // Otherwise the height is that without a question, so that what stands below stays in place.
    if (over && this.asks && !votes) this.take(whole);
    this.showWhetherMore();
    // On a phone the styles keep the picture and the first sentence clear of each other.
    const { answer } = this.explanation;
    const figure = this.element.parentElement;
    if (!figure) return;
    figure.style.setProperty("--answer", `${answer?.getBoundingClientRect().height ?? 0}px`);
    figure.dataset.answer = String(Boolean(answer));
  }

  // Sets the height, with smaller type if necessary. Returns whether even that does not fit.
  /** @param {number | null} px */
  take(px) {
    const { style, dataset } = this.element;
    const isOver = () => this.element.scrollHeight > this.element.clientHeight + 1;
    style.height = px === null ? "" : `${px}px`;
    dataset.tight = "false";
    if (px === null) return false;
    // In a course the type depends on the height alone, so that an answer does not move the buttons.
    dataset.tight = String(this.course.on ? this.element.clientHeight < LOW : isOver());
    return isOver();
  }

  // Tells the styles whether there is more to scroll to, which fades out at the lower edge.
  showWhetherMore() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    this.element.dataset.more = String(this.height !== null && scrollHeight - scrollTop - clientHeight > 2);
  }

  // Shows the sentences about the chosen entry. If they or the task have changed, fits everything, once
  // for both.
  /** @param {string[]} lines */
  say(lines) {
    const said = this.explanation.show(lines);
    if ((said || this.stale) && this.height !== undefined) this.fit(this.height, this.most);
    this.stale = false;
  }

  /** @param {TaskData | null} task */
  ask(task) {
    const asked = JSON.stringify(task);
    if (asked === this.asked) return; // so that what is typed stays
    const arrived = !this.asked; // whether it has come with the page, which begins at its top
    this.asked = asked;
    this.stale = true;
    this.keys = task?.keys ?? {};
    this.answer = task?.highest ? numberField(task.highest) : null;
    this.task.hidden = !task;
    this.course.on = Boolean(task?.lessons);
    this.course.element.hidden = !this.course.on;
    this.asks = Boolean(task) && !this.course.on;
    const figure = this.element.parentElement; // its style depends on the task
    if (figure) figure.dataset.asked = this.course.on ? "lesson" : String(this.asks);
    this.element.dataset.vote = task?.vote?.phase ?? "";
    if (!task) {
      // On a phone the page was scrolled to show the picture above the sheet: back to its top.
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
        // The second click of a double click may fall on a new button in the same place: "Close the
        // vote" where "Open" was, or the next lesson's "Next" where this one's was.
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
      event.preventDefault(); // Enter in the field presses the first button
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
    // On a phone the task is a sheet over the lower half: the figure is scrolled to the half above it.
    const phone = arrived ? null : this.element.closest('[data-narrow="true"]');
    if (!lessons) phone?.scrollIntoView();
    // A keyboard user goes on from here, with the verdict still in sight.
    if (focused) (typed ?? buttons[main])?.focus({ preventScroll: true });
  }

  // Sets what stands before and after the verdict, and empties the verdict, which is then written again.
  /** @param {Element[]} before @param {Element[]} after */
  surround(before, after) {
    for (const element of [...this.task.children]) if (element !== this.said) element.remove();
    this.said.replaceChildren();
    this.said.before(...before);
    this.said.after(...after);
  }

  // On a phone, where a lesson stands below the picture: scrolls to the page's top for a new lesson,
  // and then as far down as its buttons, or after an answer the verdict with its reason, need. The
  // heading must not go behind what stays at the window's top.
  /** @param {TaskData | null} task @param {() => number} edge px that stay at the window's top */
  bringIntoSight(task, edge) {
    const at = task?.lessons?.at ?? 0;
    const [begun, acted] = [at !== this.lesson, this.acted];
    const arrived = !this.lesson; // whether it has come with the page
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
let shown = null; // the one that this tab has shown last
/** @type {Set<number>} */
const forgotten = new Set(); // lessons passed in this session, but forgotten in another tab since

window.addEventListener("storage", ({ key, newValue }) => {
  if (newValue === null && (key === KEPT || key === null)) shown?.forget(); // null: all was cleared
});

// The way through a course: a chip for each lesson, which shows whether it was passed. The browser keeps
// the numbers of those passed; if it cannot, they are known only as long as the page is open.
class Course {
  /** @param {(name: Act, argument: string) => void} act */
  constructor(act) {
    this.act = act;
    this.on = false;
    this.right = true; // of the last verdict; true at first, because one that comes with the page is not new
    /** @type {LessonsData | null} */
    this.lessons = null;
    /** @type {Set<number>} */
    this.passed = new Set();
    this.element = make("nav", "live-figure-lessons");
    attributes(this.element, { "aria-label": "Lessons" });
  }

  // Called when another tab has forgotten the lessons passed.
  forget() {
    for (const lesson of this.lessons?.passed ?? []) forgotten.add(lesson);
    this.passed.clear();
    if (this.lessons) this.show(this.lessons, this.right);
  }

  // right: whether this lesson was answered correctly.
  /** @param {LessonsData} lessons @param {boolean} right */
  show(lessons, right) {
    const { titles, at, passed } = lessons;
    if (right && !this.right) forgotten.delete(at);
    for (const lesson of forgotten) if (!passed.includes(lesson)) forgotten.delete(lesson);
    Object.assign(this, { lessons, right });
    shown = this;
    const kept = keptList(KEPT, "localStorage")?.filter(Number.isInteger) ?? []; // other tabs' too
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
    begin.disabled = !this.passed.size; // invisible then, but in its place, so that an answer moves nothing
    const atAnEnd = at === 1 || at === titles.length;
    const focused = this.element.contains(document.activeElement);
    this.element.replaceChildren(...chips, ...(atAnEnd ? [begin] : []));
    // A keyboard user goes on from here.
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

// Whether the field's content can be an answer; if not, the browser says why.
/** @param {HTMLInputElement | null} field */
const mayBeSent = (field) => field?.reportValidity() ?? true;

// The number in the field, in its shortest form: "2" for 2.0.
/** @param {HTMLInputElement | null} field */
const answerIn = (field) => (field?.value ? String(Number(field.value)) : "");

// A sentence with **bold** words, after the sign of its verdict, if any; element: what it is written into.
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

  // Shows the sentences. Returns whether they are new.
  /** @param {string[]} lines */
  show(lines) {
    const text = lines.join("\n");
    if (text === this.text) return false; // so that they are neither laid out nor read out again
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

// The button "?", which opens a dialog with the article from below the page's fold and with the meaning
// of the signs on the screen.
export class Help {
  // legend: the one below the picture, if there is one.
  /** @param {HTMLElement | null} legend */
  constructor(legend = null) {
    this.legend = legend;
    this.button = makeButton("live-figure-tool", "?", () => this.open());
    this.button.title = "What this page is about, and what to try";
    attributes(this.button, { "aria-label": "Help", "aria-haspopup": "dialog" });
    this.dialog = makeDialog("live-figure-help");
    this.title = make("h2", "", { tabIndex: -1, id: "live-figure-help" });
    attributes(this.title, { autofocus: "" }); // so that nothing further down is scrolled to
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
