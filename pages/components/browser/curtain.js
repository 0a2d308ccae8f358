// What was on the screen stays there while another page is made ready behind it.

import { make } from "./elements.js";

const PATIENCE = 5000; // ms after which whatever there is by then is shown
const SAID = ["id", "role", "aria-label", "data-testid", "data-entry"]; // it is only to be seen
let curtain = null;
let timer = 0;
let closedBy = null;

// figure: the one that is about to go.
export function closeCurtain(figure) {
  remove();
  closedBy = figure;
  const app = document.querySelector(".stApp");
  const shown = app.querySelector(".stMain");
  const copy = shown.cloneNode(true);
  const [selects, copies] = [shown, copy].map((root) => [...root.querySelectorAll("select")]);
  selects.forEach(({ selectedIndex }, i) => Object.assign(copies[i], { selectedIndex }));
  for (const element of copy.querySelectorAll("*")) {
    if (element.closest("svg")) continue; // a clip is found by its id
    for (const name of SAID) element.removeAttribute(name);
  }
  curtain = make("div", "live-figure-curtain", { inert: true });
  curtain.style.background = getComputedStyle(app).backgroundColor;
  curtain.append(copy);
  app.append(curtain);
  copy.scrollTop = shown.scrollTop;
  timer = setTimeout(remove, PATIENCE);
}

// figure: one that is drawn.
export function openCurtain(figure) {
  if (figure !== closedBy) remove();
}

function remove() {
  clearTimeout(timer);
  curtain?.remove();
  curtain = null;
  closedBy = null;
}
