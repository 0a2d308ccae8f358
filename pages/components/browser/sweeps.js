// The sweeps that the server sent: the pictures of every value of a slider.

/** @typedef {Omit<Frame, "traces"> & { traces: Trace[] }} Shown */

export class Sweeps {
  constructor() {
    /** @type {Map<string, SweepData>} */
    this.sweeps = new Map(); // by slider name
  }

  /** @param {string} text */
  take(text) {
    const sweep = JSON.parse(text);
    this.sweeps.set(sweep.name, sweep);
  }

  // The sweep of a slider, if it belongs to the state with this key; otherwise null.
  /** @param {string} name @param {string} key */
  of(name, key) {
    const sweep = this.sweeps.get(name);
    return sweep && sweep.key === key ? sweep : null;
  }

  // The traces and texts of one value; null if their sweep is not there.
  /** @param {string} name @param {string} key @param {number} value @returns {Shown | null} */
  frame(name, key, value) {
    const sweep = this.of(name, key);
    const frame = sweep?.frames[sweep.values.indexOf(value)];
    if (!sweep || !frame) return null;
    const traces = sweep.base.map((trace, i) => overlaid(trace, frame.traces[i]));
    // The server sends null for what is the same as in the first frame.
    const [first] = sweep.frames;
    const explanation = frame.explanation.map((line, i) => line ?? first.explanation[i] ?? "");
    return { ...frame, traces, explanation, legend: frame.legend ?? first.legend ?? [] };
  }
}

// The trace with the changes laid over it, by key, and in a list by index; the trace itself if there
// are none. The trace that may be on the screen is not modified.
/** @param {Trace} trace @param {Changes} changes @returns {Trace} */
export function overlaid(trace, changes) {
  if (!Object.keys(changes).length) return trace;
  /** @type {Trace} */
  const result = Array.isArray(trace) ? [...trace] : { ...trace };
  for (const [key, value] of Object.entries(changes)) {
    result[key] = isNested(value) ? overlaid(trace[key] ?? {}, value) : value;
  }
  return result;
}

/** @param {unknown} value @returns {value is Changes} */
function isNested(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
