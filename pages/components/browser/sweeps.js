// The sweeps that the server sent: the pictures of every value of a slider.

export class Sweeps {
  constructor() {
    this.sweeps = new Map(); // by slider name
  }

  take(text) {
    const sweep = JSON.parse(text);
    this.sweeps.set(sweep.name, sweep);
  }

  // The sweep of a slider, where it is that of the present state; else null.
  of(name, key) {
    const sweep = this.sweeps.get(name);
    return sweep && sweep.key === key ? sweep : null;
  }

  // The traces and the explanation of one value; null where they are not there.
  frame(name, key, value) {
    const sweep = this.of(name, key);
    const frame = sweep?.frames[sweep.values.indexOf(value)];
    if (!frame) return null;
    const traces = sweep.base.map((trace, i) => overlaid(trace, frame.traces[i]));
    return { traces, explanation: frame.explanation };
  }
}

// The trace with what is different laid over it, key by key, in a list index by index; nothing
// that is drawn is changed.
export function overlaid(trace, changes) {
  const result = Array.isArray(trace) ? [...trace] : { ...trace };
  for (const [key, value] of Object.entries(changes)) {
    const nested = value !== null && typeof value === "object" && !Array.isArray(value);
    result[key] = nested ? overlaid(trace[key] ?? {}, value) : value;
  }
  return result;
}
