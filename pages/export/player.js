// Play a picture without a server: the steps of a pass, and one slider.
//
// The document contains all the pictures, each as its differences: see as_changes in animation.py.
import { StepThrough, write } from "../components/browser/elements.js";
import { overlaid } from "../components/browser/sweeps.js";

/** @typedef {{ traces: Changes[], frames: Frame[] }} Row */
/**
 * @typedef {object} Content
 * @property {Layout} layout
 * @property {object} moved the title while the slider is not at its initial value
 * @property {Trace[]} base
 * @property {Row[]} rows by step
 * @property {string[]} values of the slider
 * @property {[step: number, place: number]} at the picture that is shown first
 * @property {{ width: number, height: number }} canvas
 */
const BEAT = 1400; // ms between the steps while playing
/** @type {Record<string, string>} the letters that do the same */
const ARROWS = { ArrowRight: "n", ArrowLeft: "b" };
const Plotly = /** @type {NonNullable<Window["Plotly"]>} */ (window.Plotly);
/** @type {(id: string) => any} */
const byId = (id) => document.getElementById(id);
/** @type {Content} */
const content = JSON.parse(byId("content").textContent);
const { base, rows, values } = content;
/** @type {HTMLElement} */
const slide = byId("slide");
/** @type {HTMLElement} */
const picture = byId("picture");
/** @type {HTMLInputElement | null} */
const range = byId("range");
let [step, place] = content.at;
const [start, back, next, play] = ["start", "back", "next", "play"].map(byId);
const steps = start && new StepThrough(goTo, BEAT, { start, back, next, play });
const layouts = { own: content.layout, moved: { ...content.layout, title: content.moved } };

/** @param {Trace[]} traces @param {Changes[]} changes */
const laid = (traces, changes) => traces.map((trace, i) => overlaid(trace, changes[i]));

/** @type {Trace[][]} by step, each derived from the one before */
const owns = [];
for (const row of rows) owns.push(laid(owns.at(-1) ?? base, row.traces));

function show() {
  const frame = rows[step].frames[place];
  const traces = laid(owns[step], frame.traces);
  const layout = place === content.at[1] ? layouts.own : layouts.moved;
  Plotly.react(picture, traces, layout, { staticPlot: true }).then(() => {
    slide.dataset.revision = String(Number(slide.dataset.revision) + 1);
  });
  const said = frame.explanation.map((line) => {
    const paragraph = document.createElement("p");
    write(paragraph, line);
    return paragraph;
  });
  byId("explanation").replaceChildren(...said);
  if (steps) {
    steps.showStep(step);
    write(byId("step"), frame.step);
  }
  if (range) showValue(range);
}

/** @param {HTMLInputElement} range */
function showValue(range) {
  range.value = String(place);
  range.setAttribute("aria-valuetext", values[place]);
  byId("value").textContent = values[place];
}

/** @param {number} wanted */
function goTo(wanted) {
  step = wanted;
  show();
}

// Show the whole slide, as large as the window allows.
function fit() {
  const { width, height } = content.canvas;
  const { clientWidth, clientHeight } = document.documentElement; // on a phone, innerWidth is the content's
  const scale = Math.min(clientWidth / width, clientHeight / height);
  const beside = [(clientWidth - width * scale) / 2, (clientHeight - height * scale) / 2];
  slide.style.transform = `translate(${beside[0]}px, ${beside[1]}px) scale(${scale})`;
}

if (steps) {
  steps.last = rows.length - 1;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, code } = event;
    // On a keyboard with another script, a key means the Latin letter at its position.
    const letter = (key > "~" && code.startsWith("Key") ? code[3] : key).toLowerCase();
    const arrow = event.target !== range && ARROWS[key]; // a slider itself uses the arrow keys
    const act = steps.meant(arrow || letter, event.repeat);
    if (!act) return;
    event.preventDefault();
    act();
  });
}
range?.addEventListener("input", () => {
  place = Number(range.value);
  show();
});
addEventListener("resize", fit);
fit();
show();
