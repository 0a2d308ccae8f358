// The page around a component: Streamlit's own elements, the theme, the address, whether somebody
// presents; and what lives in a component from one run of the page to the next.

import { around, make, refocus } from "./elements.js";

const PRESENT = "present"; // the address's key; no part of a scene
const ASKS = ["mode", "question"]; // likewise, beside it
const MENUS = "[role=menu], .live-figure-panel, [role=dialog]:not(.live-figure-card), [aria-expanded=true]";

// --- Streamlit's own elements: nobody else looks for them

/** @returns {HTMLElement} */
export const app = () => document.querySelector(".stApp") ?? document.body;

// What is beside the pages' names.
/** @returns {HTMLElement} */
export function mainPart() {
  const found = document.querySelector(".stMain");
  if (!(found instanceof HTMLElement)) throw new Error("Streamlit's page has no .stMain");
  return found;
}

// Shuts the drawer with the pages' names, which a narrow window has, and where one is open.
function shutDrawer() {
  const button = document.querySelector("[data-testid=stSidebarCollapseButton] button");
  if (button instanceof HTMLElement) button.click();
}

// What stands below the fold.
/** @returns {HTMLElement} */
export const articleOfPage = () => document.querySelector(".st-key-article") ?? make("div", "");

// Whether the controls above the picture do nothing at present.
/** @param {boolean} on */
export function lockToolbar(on) {
  document.querySelector(".st-key-toolbar")?.toggleAttribute("inert", on);
}

// What the page shows, in a line: beside its title, where there is room.
export const purposeOfPage = () => document.querySelector(".st-key-heading .stText")?.textContent ?? "";

export const titleOfPage = () => document.querySelector("h1")?.textContent ?? document.title;

/** @returns {Theme} */
export function themeOfPage() {
  const channels = getComputedStyle(app()).backgroundColor.match(/[\d.]+/g);
  const [red, green, blue] = /** @type {string[]} */ (channels).map(Number);
  return red + green + blue < 384 ? "dark" : "light";
}

/** @type {Record<string, Theme>} */
const CHOSEN = { Light: "light", Dark: "dark" };

// What Streamlit will choose: what somebody has chosen on this page, else what the system has.
/** @returns {Theme} */
export function themeToCome() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  return CHOSEN[kept(`stActiveTheme-${location.pathname}-v2`, "localStorage")] ?? system;
}

export const hasStreamlit = () => document.querySelector(".stApp") !== null;

// Whether an event belongs to somebody who is writing.
/** @param {Event} event */
export const isTyping = (event) =>
  around(event, "input:not([type=range], [type=radio]), textarea, [contenteditable]") !== null;

// Half of the world writes 2,5, and a picture −1.5: a number field of Chromium's drops such signs, and
// reads 25 and 1.5. So does WebKit's, and drops them before it says what is put in: there a key tells,
// and the clipboard. Of several numbers, "1, 2, 3", Chromium makes 1.23: nothing is put in. Of −1⅓, as a
// picture says it, it makes −1. Streamlit's fields are meant as well.
const SEVERAL = /[\s;/]|\..*\./; // in what is put in at once
const FRACTION = /(\d*)([¼-¾⅐-⅞])$/;
/** @param {string} _ @param {string} before @param {string} sign */
const inDecimals = (_, before, sign) => {
  const [above, below] = sign.normalize("NFKC").split("\u2044");
  return String(Number(before) + Number(above) / Number(below));
};
/** @param {Event} event @param {string | null} text */
function putAsMeant(event, text) {
  if (!text || !(event.target instanceof Element && event.target.matches("input[type=number]"))) return;
  let meant = text.trim().replaceAll(",", ".").replaceAll(/[−–]/g, "-");
  if (text.length > 1) meant = meant.replace(FRACTION, inDecimals); // what comes before a sign alone is not known
  const several = SEVERAL.test(meant);
  if (meant === text && !several) return;
  event.preventDefault();
  if (meant && !several) document.execCommand("insertText", false, meant);
}
document.addEventListener("beforeinput", (event) => putAsMeant(event, event.data), true);
document.addEventListener("keydown", (event) => {
  if (!event.ctrlKey && !event.metaKey && !event.isComposing) putAsMeant(event, event.key);
}, true);
document.addEventListener("paste", (event) => {
  putAsMeant(event, event.clipboardData?.getData("text/plain") ?? null);
}, true);

// The name of a key, of a letter in small; on a keyboard of another script, where N writes т or ν, that
// of the Latin letter in its place.
/** @param {{ key: string, code: string }} event */
export function nameOf({ key, code }) {
  if (key.length > 1) return key;
  return (key > "~" && /^Key[A-Z]$/.test(code) ? code[3] : key).toLowerCase();
}

// Whether a key is the browser's or the system's: Alt+← goes back.
/** @param {KeyboardEvent} event */
export const isCommand = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;

// Whether somebody wants to take back a change, or to have it again.
/** @param {KeyboardEvent} event */
export const isUndoOrRedo = (event) =>
  (event.ctrlKey || event.metaKey) && !event.altKey && "zy".includes(nameOf(event));

// Whether an event belongs to a menu, a dialog or a list that is open.
/** @param {Event} event */
export const isInMenu = (event) => around(event, MENUS) !== null;

// Whether a dialog lies over all else: what is beneath it has no keys then, wherever the focus is.
export const hasDialog = () => document.querySelector("dialog[open]") !== null;

// Whether an event belongs to where one can type, and has no pages: a list of choices that was left
// shut, or a number.
/** @param {Event} event */
export const isOnOneLine = ({ target }) =>
  target instanceof Element && target.matches('[role=combobox][aria-expanded="false"], [type=number]');

// --- Streamlit's menus and the keyboard: who opens one by a key goes on in it, and then from its button

const SOON = 1000; // ms within which a menu opens or shuts

// What is found as soon as it is there; null where it does not come.
/** @template Found @param {() => Found | null} find @returns {Promise<Found | null>} */
async function soon(find) {
  const end = performance.now() + SOON;
  let found = find();
  while (!found && performance.now() < end) {
    await new Promise(requestAnimationFrame);
    found = find();
  }
  return found;
}

/** @type {HTMLElement | null} */
let opener = null; // the button whose menu a key has opened

document.addEventListener("click", async (event) => {
  const button = around(event, "[data-testid=stPopoverButton], [data-testid=stMenuButtonButton]");
  if (event.detail || !(button instanceof HTMLElement)) return; // a pointer's
  opener = button;
  if (button.ariaExpanded === "true") return; // it shuts
  const find = () => document.querySelector("[data-testid=stPopoverBody]");
  const before = find(); // of another menu, which shuts
  const first = await soon(() => {
    const body = find();
    if (body === before) return null;
    return body?.querySelector("input:checked") ?? body?.querySelector("button:enabled, input:enabled") ?? null;
  });
  if (first instanceof HTMLElement && document.activeElement === button) first.focus();
}, true); // before it is open

document.addEventListener("keydown", async (event) => {
  const menu = ["Enter", " "].includes(event.key) ? around(event, "[data-testid=stMenuButtonBody]") : null;
  if (!menu) return;
  await soon(() => !menu.isConnected);
  if (document.activeElement === document.body) opener?.focus();
}, true);

// A button that a key has pressed may do nothing for a while, as "Start" does until it is "Pause": it had
// the focus, and has it again then.
const WHILE = 10_000; // ms

document.addEventListener("click", (event) => {
  const button = around(event, ".stButton button");
  if (event.detail || !(button instanceof HTMLButtonElement)) return;
  const able = new MutationObserver(() => button.disabled || refocus(button));
  able.observe(button, { attributeFilter: ["disabled"] });
  setTimeout(() => able.disconnect(), WHILE);
}, true);

// The server hears of some menus, whose content it makes only while they are open, and its answer says
// whether one is: late, so that it would open again what was shut meanwhile, and what somebody does by
// then would have it stay so. Such a one is shut again, before it is to be seen.
const LATE = 5000; // ms within which an answer to what was before comes

/** @param {Event} event */
function keepShut(event) {
  const button = document.querySelector("[data-testid=stPopoverButton][aria-expanded=true]");
  if (!(button instanceof HTMLElement) || around(event, ".stButton")) return; // which may open it anew
  setTimeout(() => {
    if (button.ariaExpanded === "true") return;
    const answers = new MutationObserver(() => button.ariaExpanded === "true" && button.click());
    answers.observe(button, { attributeFilter: ["aria-expanded"] });
    const end = () => answers.disconnect();
    button.addEventListener("click", end, { once: true, capture: true });
    setTimeout(end, LATE);
  }); // once it is shut
}
for (const act of ["click", "keydown"]) document.addEventListener(act, keepShut, true);

// On a phone a choice at ties and kinks shuts its menu, which lies over what it changes there. Here,
// since the server does not hear of it.
document.addEventListener("click", (event) => {
  const phone = document.querySelector(".live-figure[data-narrow=true]");
  const button = document.querySelector(".st-key-rule button[aria-expanded=true]");
  const choice = around(event, "[data-testid=stPopoverBody] label");
  if (phone && choice && button instanceof HTMLElement) setTimeout(() => button.click()); // once it has chosen
}, true);

// --- the address

const ours = new Set(["preset"]); // the keys of a scene, now or before; a preset is spelled out

// Replaced, never pushed: Back leaves the page instead of walking through every change. Keys that
// are not a scene's (?embed=true) stay.
/** @param {Address} address */
export function replaceAddress(address) {
  for (const key of Object.keys(address)) ours.add(key);
  const foreign = [...new URLSearchParams(location.search)].filter(([key]) => !ours.has(key));
  replaceQuery([...Object.entries(address), ...foreign]);
}

// Where the page is, without what it shows.
export const here = () => location.origin + location.pathname;

export const isPresenting = () => new URLSearchParams(location.search).get(PRESENT) === "1";

// What the page shows, for others: they do not present it.
export function queryForOthers() {
  const query = location.search.slice(1).split("&").filter((each) => each !== `${PRESENT}=1`).join("&");
  return query && `?${query}`;
}

// asks: what is asked of the class, so that a reload does not answer it.
/** @param {boolean} on @param {Address} [asks] */
export function setPresenting(on, asks = {}) {
  const own = [PRESENT, ...ASKS];
  const others = [...new URLSearchParams(location.search)].filter(([key]) => !own.includes(key));
  replaceQuery(on ? [...others, [PRESENT, "1"], ...Object.entries(asks)] : others);
}

// Streamlit's own parts make room, or come back.
/** @param {boolean} on */
export const showPresenting = (on) =>
  document.documentElement.classList.toggle("live-figure-presenting", on);

/** @param {[key: string, value: string][]} entries */
function replaceQuery(entries) {
  const query = entries
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join("&")
    .replace(/%(2C|3A|3B|3D)/g, decodeURIComponent);
  if (location.search !== `?${query}`) {
    history.replaceState(history.state, "", `${location.pathname}?${query}${location.hash}`);
  }
}

// As the server has a page without a picture: that from which a list of somebody's own comes.
export const GALLERY = "gallery/";

// --- what lives in a component's element, from one run of the page to the next

const ARRIVAL = 2000; // ms within which a page that was asked for comes
let path = location.pathname; // of the page that is shown
let leaving = -ARRIVAL; // when another one was last asked for, until it is there
let left = () => {}; // what is done then

/** @param {string} wanted */
function leaveFor(wanted) {
  if (wanted === path) return;
  leaving = performance.now();
  left();
}

/** @param {() => void} act */
export const whenLeft = (act) => void (left = act);

window.addEventListener("popstate", () => leaveFor(location.pathname));
window.addEventListener("click", (event) => {
  const link = around(event, "a[data-testid=stTopNavLink], a[data-testid=stSidebarNavLink]");
  if (link instanceof HTMLAnchorElement) leaveFor(link.pathname);
}, true);

// What a component says to the server, unless another page is on its way: Streamlit would take it
// for a wish to see the one that is still shown.
/** @template Message @param {(message: Message) => void} send @returns {(message: Message) => void} */
export const unlessLeaving = (send) => (message) => {
  if (performance.now() - leaving > ARRIVAL) send(message);
};

// Another page begins at its top, with nothing over it; Streamlit leaves both as they were.
function arrive() {
  if (path === location.pathname) return;
  path = location.pathname;
  mainPart().scrollTop = 0;
  shutDrawer();
}

/** @type {WeakMap<HTMLElement, any>} */
const residents = new WeakMap();

// The one that lives there, made if there is none yet; and what a component has to return.
/**
 * @template Resident
 * @param {HTMLElement} parentElement
 * @param {() => Resident} make
 * @returns {{ resident: Resident, leave: () => void }}
 */
export function residentOf(parentElement, make) {
  arrive();
  if (!residents.has(parentElement)) {
    leaving = -ARRIVAL;
    residents.set(parentElement, make());
    // The style has kept its place free until now; by :has it would cost time at every movement.
    parentElement.closest(".stBidiComponent")?.setAttribute("data-arrived", "");
  }
  const resident = residents.get(parentElement);
  const leave = () => {
    // Streamlit also calls this for a run that a newer one has overtaken: it lives on then.
    if (parentElement.isConnected || !residents.delete(parentElement)) return;
    resident.close?.();
  };
  return { resident, leave };
}

// --- what is kept in the tab, or in the browser. A browser may forbid to keep anything, and something
// else may write there; then whoever comes back begins anew.

/** @typedef {"sessionStorage" | "localStorage"} StorageName */

/** @param {string} key @param {StorageName} where @returns {any} null for nothing */
export function kept(key, where = "sessionStorage") {
  try {
    return JSON.parse(window[where].getItem(key) ?? "null");
  } catch {
    return null;
  }
}

// The same, of a list.
/** @param {string} key @param {StorageName} [where] @returns {any[] | null} */
export function keptList(key, where) {
  const found = kept(key, where);
  return Array.isArray(found) ? found : null;
}

/** @param {string} key @param {unknown} value null for nothing @param {StorageName} where */
export function keep(key, value, where = "sessionStorage") {
  try {
    if (value === null) window[where].removeItem(key);
    else window[where].setItem(key, JSON.stringify(value));
  } catch {
    // as above
  }
}

export const RUN = "live-charts:token"; // the tab's key
let known = ""; // the session that has, or was shown, the run's token

// The token of this tab's run, where a session, after a reload another one, has still to be shown it;
// "" else. given: that of the run that it has.
/** @param {string} session @param {string} given @returns {string} */
export function runToClaim(session, given = "") {
  if (given) keep(RUN, given);
  const shown = session === known;
  known = session;
  return given || shown ? "" : (kept(RUN) ?? "");
}

const LECTURE = "presenter:list";

/** @typedef {{ stops: NamedPreset[], at: number }} Lecture what one presents, and where one is */
/** @type {Lecture | null} */
let lecture = keptLecture();

/** @returns {Lecture | null} */
function keptLecture() {
  const found = kept(LECTURE);
  return typeof found?.stops?.[found.at]?.slug === "string" ? found : null;
}

// The list that is presented; null where a presenter walks through all cases.
export const presented = () => lecture;

/** @param {Lecture | null} there */
export function presentList(there) {
  if (there === lecture) return;
  lecture = there;
  keep(LECTURE, lecture);
}
