// The names of marked slides, kept in the tab while a picture's page is open.
//
// A browser may forbid to keep anything; then whoever comes back begins anew.

const MARKS = "gallery:marked";

export function kept() {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(MARKS) ?? "[]"));
  } catch {
    return new Set();
  }
}

export function keep(names) {
  try {
    sessionStorage.setItem(MARKS, JSON.stringify(names));
  } catch {
    // as above
  }
}
