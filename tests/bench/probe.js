// Looks at every frame: how long after an input the new numbers are shown, and whether it is blank.

window.probe = {
  blank: 0, // frames
  values: new Set(), // that a range input took
  began: 0,
  pictures: [], // every picture that was shown, as `shown` says
  delays: [], // ms from a key, or from an input event, to the frame that shows what came of it
  settled: [], // the same, to the last frame that shows something new
  sweeps: [], // ms from an ask to its sweep

  // All that is written in the picture, and its maps; nothing where there is none, or no cells.
  shown() {
    const plot = document.querySelector(".js-plotly-plot");
    const texts = [...(plot?.querySelectorAll("text") ?? [])].map((text) => text.textContent);
    const maps = [...(plot?.querySelectorAll("image") ?? [])].map(({ href }) => href.baseVal);
    const cells = plot?.querySelector(".bars path, image");
    return cells ? [...texts, ...maps].join(" ").trim() : "";
  },

  look() {
    const now = probe.shown();
    probe.blank += now === "";
    if (now && now !== probe.pictures.at(-1)) {
      probe.pictures.push(now);
      const { since, last } = probe;
      probe.since = null;
      probe.last = since ?? last;
      // What is posted now is handled after this frame has been laid out and painted.
      probe.painted(() => {
        const delay = performance.now() - probe.last;
        if (since) probe.delays.push(delay);
        probe.settled[probe.delays.length - 1] = delay;
      });
    }
    requestAnimationFrame(probe.look);
  },

  painted(act) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = act;
    port2.postMessage(null);
  },

  start() {
    Object.assign(probe, { blank: 0, delays: [], settled: [], sweeps: [], since: null });
    probe.pictures = [probe.shown()];
    probe.values = new Set();
    probe.began = performance.now();
  },
};

addEventListener("keydown", (event) => (probe.since = event.timeStamp), true);
addEventListener("input", (event) => (probe.since ??= event.timeStamp), true);
addEventListener("input", (event) => probe.values.add(event.target.value));
requestAnimationFrame(probe.look);

// An ask goes out in a message of the live figure, and its sweep is read as JSON.
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  const text = new TextDecoder().decode(data);
  if (/"ask":"[^"]/.test(text)) probe.asked = performance.now();
  return send.call(this, data);
};
const parse = JSON.parse;
JSON.parse = (text, ...more) => {
  const result = parse(text, ...more);
  if (String(text).includes('"frames":')) probe.sweeps.push(performance.now() - probe.asked);
  return result;
};
