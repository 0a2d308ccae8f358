// The page around the figure: its theme, its address, whether somebody presents.

const PRESENT = "present"; // the address's key; no part of a scene

export function themeOfPage() {
  const app = document.querySelector(".stApp") ?? document.body;
  const [red, green, blue] = getComputedStyle(app).backgroundColor.match(/[\d.]+/g).map(Number);
  return red + green + blue < 384 ? "dark" : "light";
}

const ours = new Set(["preset"]); // the keys of a scene, now or before; a preset is spelled out

// Replaced, never pushed: Back leaves the page instead of walking through every change. Keys that
// are not a scene's (?embed=true) stay.
export function replaceAddress(address) {
  for (const key of Object.keys(address)) ours.add(key);
  const foreign = [...new URLSearchParams(location.search)].filter(([key]) => !ours.has(key));
  replaceQuery([...Object.entries(address), ...foreign]);
}

// Where the page is, without what it shows.
export const here = () => location.origin + location.pathname;

export const isPresenting = () => new URLSearchParams(location.search).get(PRESENT) === "1";

export function setPresenting(on) {
  const others = [...new URLSearchParams(location.search)].filter(([key]) => key !== PRESENT);
  replaceQuery(on ? [...others, [PRESENT, "1"]] : others);
}

// Whether an event belongs to somebody who is writing.
export const isTyping = ({ target }) =>
  Boolean(target.closest?.("input:not([type=range]), textarea, [contenteditable]"));

function replaceQuery(entries) {
  const query = entries
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join("&")
    .replaceAll("%2C", ",");
  if (location.search !== `?${query}`) {
    history.replaceState(history.state, "", `${location.pathname}?${query}${location.hash}`);
  }
}

// --- what lives in a component's element, from one run of the page to the next

const residents = new WeakMap();

// The one that lives there, made if there is none yet; and what a component has to return.
export function residentOf(parentElement, make) {
  if (!residents.has(parentElement)) residents.set(parentElement, make());
  const resident = residents.get(parentElement);
  const leave = () => {
    // Streamlit also calls this for a run that a newer one has overtaken: it lives on then.
    if (parentElement.isConnected || !residents.delete(parentElement)) return;
    resident.close?.();
  };
  return { resident, leave };
}
