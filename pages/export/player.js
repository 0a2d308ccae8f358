// A picture that plays without a server: the steps of a pass, and one slider.
//
// Behind it stand all its pictures, each as what differs: see as_changes in animation.py.
import { overlaid } from "../components/browser/sweeps.js";

const BEAT = 1400; // ms between the steps while playing
const content = JSON.parse(document.getElementById("content").textContent);
const { layout, base, rows, steps, values } = content;
const last = rows.length - 1;
const slide = document.getElementById("slide");
const picture = document.getElementById("picture");
const [back, next, play] = ["back", "next", "play"].map((id) => document.getElementById(id));
const range = document.getElementById("range");
let [step, place] = content.at;
let playing = null;

const laid = (traces, changes) => traces.map((trace, i) => overlaid(trace, changes[i]));

function show() {
  const row = rows[step];
  const frame = row.frames[place];
  const traces = laid(laid(base, row.traces), frame.traces);
  window.Plotly.react(picture, traces, layout, { staticPlot: true }).then(() => {
    slide.dataset.revision = Number(slide.dataset.revision) + 1;
  });
  const said = frame.explanation.map((line) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = line;
    return paragraph;
  });
  document.getElementById("explanation").replaceChildren(...said);
  if (last) showStep();
  if (range) showValue();
}

function showStep() {
  back.disabled = step === 0;
  next.disabled = step === last;
  document.getElementById("step").textContent = steps[step];
  if (step === last) stop();
}

function showValue() {
  range.value = place;
  range.setAttribute("aria-valuetext", values[place]);
  document.getElementById("value").textContent = values[place];
}

function goTo(wanted) {
  if (wanted < 0 || wanted > last || wanted === step) return;
  step = wanted;
  show();
}

function goBy(by) {
  stop();
  goTo(step + by);
}

function toggle() {
  if (playing) return stop();
  play.textContent = "Pause";
  playing = setInterval(() => goTo(step + 1), BEAT);
  goTo(step === last ? 0 : step + 1);
}

function stop() {
  clearInterval(playing);
  playing = null;
  play.textContent = "Play";
}

// Shown whole, as large as the frame allows.
function fit() {
  const { width, height } = content.canvas;
  const scale = Math.min(innerWidth / width, innerHeight / height);
  const beside = [(innerWidth - width * scale) / 2, (innerHeight - height * scale) / 2];
  slide.style.transform = `translate(${beside[0]}px, ${beside[1]}px) scale(${scale})`;
}

if (last) {
  back.addEventListener("click", () => goBy(-1));
  next.addEventListener("click", () => goBy(1));
  play.addEventListener("click", toggle);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { n: () => goBy(1), b: () => goBy(-1), p: toggle }[event.key.toLowerCase()];
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
