// What is kept in the tab: which slides are marked, and the list of them that somebody presents.
//
// A browser may forbid to keep anything; then whoever comes back begins anew.

/** @param {string} key @returns {any} null for nothing */
export function kept(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} key @param {unknown} value */
export function keep(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // as above
  }
}

const LECTURE = "presenter:list";

/** @typedef {{ stops: NamedPreset[], at: number }} Lecture what one presents, and where one is */
/** @type {Lecture | null} */
let lecture = kept(LECTURE);

// The list that is presented; null where a presenter walks through all cases.
export const presented = () => lecture;

/** @param {Lecture | null} there */
export function presentList(there) {
  if (there === lecture) return;
  lecture = there;
  keep(LECTURE, lecture);
}
