// The page around a component: Streamlit's own elements, the theme, the address, whether the page is
// presented; and the objects that live in components from one run of the page to the next.

import { around, make, refocus } from "./elements.js";

const PRESENT = "present"; // a parameter of the address; no part of a scene
const ASKS = ["mode", "question"]; // parameters beside it; no part of a scene either; also in quiz.py
const MENUS = "[role=menu], .live-figure-panel, [role=dialog]:not(.live-figure-card), [aria-expanded=true]";

// --- Streamlit's own elements: no other module looks for them

/** @returns {HTMLElement} */
export const app = () => document.querySelector(".stApp") ?? document.body;

// The part of the page that scrolls, beside the pages' names.
/** @returns {HTMLElement} */
export function mainPart() {
  const found = document.querySelector(".stMain");
  if (!(found instanceof HTMLElement)) throw new Error("Streamlit's page has no .stMain");
  return found;
}

// Closes the drawer with the pages' names, which narrow windows have, if it is open.
function shutDrawer() {
  const button = document.querySelector("[data-testid=stSidebarCollapseButton] button");
  if (button instanceof HTMLElement) button.click();
}

// The article below the fold.
/** @returns {HTMLElement} */
export const articleOfPage = () => document.querySelector(".st-key-article") ?? make("div", "");

// Disables the controls above the picture, or enables them again.
/** @param {boolean} on */
export function lockToolbar(on) {
  document.querySelector(".st-key-toolbar")?.toggleAttribute("inert", on);
}

// The page's purpose: the line beside its title.
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

// The theme that Streamlit will choose: the user's choice on this page, otherwise the system's.
/** @returns {Theme} */
export function themeToCome() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  return CHOSEN[kept(`stActiveTheme-${location.pathname}-v2`, "localStorage")] ?? system;
}

export const hasStreamlit = () => document.querySelector(".stApp") !== null;

// Whether an event happens where the user types text.
/** @param {Event} event */
export const isTyping = (event) =>
  around(event, "input:not([type=range], [type=radio]), textarea, [contenteditable]") !== null;

// Half of the world writes 2,5, and the pictures write −1.5. Chromium's number fields drop such characters
// and read 25 and 1.5. WebKit's do too, before they report the input: there the key and the clipboard tell
// it. From several numbers, "1, 2, 3", Chromium makes 1.23: here they are refused. From −1⅓, as the
// pictures write it, it makes −1. All this applies to Streamlit's fields as well.
const SEVERAL = /[\s;/]|\..*\./; // in a text that is put in at once
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
  if (text.length > 1) meant = meant.replace(FRACTION, inDecimals); // what precedes a lone "⅓" is unknown
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

// The name of a key, a letter in lower case. On a keyboard of another script, where the key N writes т or
// ν, it is the Latin letter.
/** @param {{ key: string, code: string }} event */
export function nameOf({ key, code }) {
  if (key.length > 1) return key;
  return (key > "~" && /^Key[A-Z]$/.test(code) ? code[3] : key).toLowerCase();
}

// Whether a key is a command to the browser or the system, as Alt+← is, which goes back.
/** @param {KeyboardEvent} event */
export const isCommand = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;

// Whether a key means Undo or Redo.
/** @param {KeyboardEvent} event */
export const isUndoOrRedo = (event) =>
  (event.ctrlKey || event.metaKey) && !event.altKey && "zy".includes(nameOf(event));

// Whether an event belongs to a menu, a dialog or a list that is open.
/** @param {Event} event */
export const isInMenu = (event) => around(event, MENUS) !== null;

// Whether a dialog is open over everything else, which then gets no keys, wherever the focus is.
export const hasDialog = () => document.querySelector("dialog[open]") !== null;

// Whether an event happens in a field that can be typed in, but has no pages: a closed list of choices,
// or a number.
/** @param {Event} event */
export const isOnOneLine = ({ target }) =>
  target instanceof Element && target.matches('[role=combobox][aria-expanded="false"], [type=number]');

// --- Streamlit's menus and the keyboard: a menu opened by a key gets the focus, then its button again

const SOON = 1000; // ms within which a menu opens or shuts

// Resolves to what is found as soon as it is there; to null if it does not come.
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
  if (event.detail || !(button instanceof HTMLElement)) return; // a pointer's click
  opener = button;
  if (button.ariaExpanded === "true") return; // it closes
  const find = () => document.querySelector("[data-testid=stPopoverBody]");
  const before = find(); // that of another menu, which closes
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

// A button pressed by a key may be disabled for a while, as "Start" is until it is "Pause". Then it gets
// back the focus that it had.
const WHILE = 10_000; // ms

document.addEventListener("click", (event) => {
  const button = around(event, ".stButton button");
  if (event.detail || !(button instanceof HTMLButtonElement)) return;
  const able = new MutationObserver(() => button.disabled || refocus(button));
  able.observe(button, { attributeFilter: ["disabled"] });
  setTimeout(() => able.disconnect(), WHILE);
}, true);

// The server makes the content of some menus only while they are open, and its answer says whether they
// are. A late answer would open a menu again that was closed meanwhile, and what the user does by then
// would keep it open. Such a menu is closed again before it is seen.
const LATE = 5000; // ms within which an answer from before the menu was closed comes

/** @param {Event} event */
function keepShut(event) {
  const button = document.querySelector("[data-testid=stPopoverButton][aria-expanded=true]");
  if (!(button instanceof HTMLElement) || around(event, ".stButton")) return; // a button may open it again
  setTimeout(() => {
    if (button.ariaExpanded === "true") return;
    const answers = new MutationObserver(() => button.ariaExpanded === "true" && button.click());
    answers.observe(button, { attributeFilter: ["aria-expanded"] });
    const end = () => answers.disconnect();
    button.addEventListener("click", end, { once: true, capture: true });
    setTimeout(end, LATE);
  }); // once it is closed
}
for (const act of ["click", "keydown"]) document.addEventListener(act, keepShut, true);

// On a phone a choice at ties and kinks closes its menu, which covers what the choice changes. This is
// done here because the server does not know of the menu.
document.addEventListener("click", (event) => {
  const phone = document.querySelector(".live-figure[data-narrow=true]");
  const button = document.querySelector(".st-key-rule button[aria-expanded=true]");
  const choice = around(event, "[data-testid=stPopoverBody] label");
  if (phone && choice && button instanceof HTMLElement) setTimeout(() => button.click()); // once it has chosen
}, true);

// --- the address

const ours = new Set(["preset"]); // the parameters of scenes so far; the scene's own replace `preset`

// Replaces the address, without an entry in the history: Back leaves the page instead of undoing change
// after change. Parameters that are not a scene's (?embed=true) stay.
/** @param {Address} address */
export function replaceAddress(address) {
  for (const key of Object.keys(address)) ours.add(key);
  const foreign = [...new URLSearchParams(location.search)].filter(([key]) => !ours.has(key));
  replaceQuery([...Object.entries(address), ...foreign]);
}

// The page's address, without what it shows.
export const here = () => location.origin + location.pathname;

export const isPresenting = () => new URLSearchParams(location.search).get(PRESENT) === "1";

// The query of what the page shows, for others, who do not present it.
export function queryForOthers() {
  const query = location.search.slice(1).split("&").filter((each) => each !== `${PRESENT}=1`).join("&");
  return query && `?${query}`;
}

// Notes it in the address. asks: the parameters of an open question, so that a reload does not answer it.
/** @param {boolean} on @param {Address} [asks] */
export function setPresenting(on, asks = {}) {
  const own = [PRESENT, ...ASKS];
  const others = [...new URLSearchParams(location.search)].filter(([key]) => !own.includes(key));
  replaceQuery(on ? [...others, [PRESENT, "1"], ...Object.entries(asks)] : others);
}

// Hides Streamlit's own parts, or shows them again.
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

// What the server calls the gallery, a page without a picture, from which a user's own list comes.
export const GALLERY = "gallery/";

// --- what lives in a component's element, from one run of the page to the next

const ARRIVAL = 2000; // ms within which a requested page comes
let path = location.pathname; // of the page that is shown
let leaving = -ARRIVAL; // when another page was last requested, until it is there
let left = () => {}; // called then

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
  const link = around(event, "a[data-testid^=stTopNav], a[data-testid=stSidebarNavLink]");
  if (link instanceof HTMLAnchorElement) leaveFor(link.pathname);
}, true);

// Sends a component's message to the server, unless another page is on its way: Streamlit would take the
// message as a request for the page that is still shown.
/** @template Message @param {(message: Message) => void} send @returns {(message: Message) => void} */
export const unlessLeaving = (send) => (message) => {
  if (performance.now() - leaving > ARRIVAL) send(message);
};

// Starts another page at its top, with the drawer closed; Streamlit leaves both as they were.
function arrive() {
  if (path === location.pathname) return;
  path = location.pathname;
  mainPart().scrollTop = 0;
  shutDrawer();
}

/** @type {WeakMap<HTMLElement, any>} */
const residents = new WeakMap();

// The object that lives in an element, made if there is none yet; and what the component has to return.
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
    // Ends the style that kept the place free; with :has instead it would cost time at every movement.
    parentElement.closest(".stBidiComponent")?.setAttribute("data-arrived", "");
  }
  const resident = residents.get(parentElement);
  const leave = () => {
    // Streamlit also calls this for a run that a newer one has overtaken: then the object lives on.
    if (parentElement.isConnected || !residents.delete(parentElement)) return;
    resident.close?.();
  };
  return { resident, leave };
}

// --- what is kept in the tab, or in the browser. A browser may forbid that, and other code may write
// there; then a returning user begins afresh.

/** @typedef {"sessionStorage" | "localStorage"} StorageName */

/** @param {string} key @param {StorageName} where @returns {any} null if there is nothing */
export function kept(key, where = "sessionStorage") {
  try {
    return JSON.parse(window[where].getItem(key) ?? "null");
  } catch {
    return null;
  }
}

// The same, if it is a list; otherwise null.
/** @param {string} key @param {StorageName} [where] @returns {any[] | null} */
export function keptList(key, where) {
  const found = kept(key, where);
  return Array.isArray(found) ? found : null;
}

/** @param {string} key @param {unknown} value null to keep nothing @param {StorageName} where */
export function keep(key, value, where = "sessionStorage") {
  try {
    if (value === null) window[where].removeItem(key);
    else window[where].setItem(key, JSON.stringify(value));
  } catch {
    // as above
  }
}

export const RUN = "live-charts:token"; // the key in sessionStorage
let known = ""; // the session that gave the run's token, or was shown it

// The token of this tab's run, if the session, which is another one after a reload, must still be shown
// it; otherwise "". given: the token of the run that the session has.
/** @param {string} session @param {string} given @returns {string} */
export function runToClaim(session, given = "") {
  if (given) keep(RUN, given);
  const shown = session === known;
  known = session;
  return given || shown ? "" : (kept(RUN) ?? "");
}

const LECTURE = "presenter:list";

/** @typedef {{ stops: NamedPreset[], at: number }} Lecture the list that is presented, and the place in it */
/** @type {Lecture | null} */
let lecture = keptLecture();

/** @returns {Lecture | null} */
function keptLecture() {
  const found = kept(LECTURE);
  return typeof found?.stops?.[found.at]?.slug === "string" ? found : null;
}

// The list that is presented; null if a presenter goes through all cases.
export const presented = () => lecture;

/** @param {Lecture | null} there */
export function presentList(there) {
  lecture = there;
  keep(LECTURE, lecture);
}
