// A network that can be slow, hold back what the server says, or be lost. Every page gets this first.

const SWEPT = /\\"name\\":\\"([^"]+)\\",\\"key\\":\\"([^"]+)\\"/; // how a sweep begins, a text in JSON
const KEYS = /"keys":(\{("[^"]+":"[0-9a-f]{8}",?)+\})/; // by which a picture's sweeps are known

window.network = {
  delay: 0, // ms each way
  holding: false, // whether what comes is kept until `release`
  after: "", // what begins with the next message in which this stands
  opened: 0, // connections
  sent: 0, // messages of ours
  came: 0, // messages that were handed to the page
  sweeps: [], // the sliders whose sweeps were handed to the page
  swept: {}, // of each the last sweep's key, and the figure that got it
  keys: {}, // the keys that the sweeps of the last picture have
  held: [],
  lost: false, // whether there is none
  sockets: new Set(),

  figure: () => document.querySelector("[data-testid=live-figure]"),

  // Whether the figure that is there has the sweep of a slider, for its present picture.
  has(name) {
    this.hand();
    const { key, figure } = this.swept[name] ?? {};
    return figure === this.figure() && key === this.keys[name];
  },

  // A sweep that came with a page's first picture is the figure's that is made of it.
  hand() {
    const figure = this.figure();
    if (figure) for (const swept of Object.values(this.swept)) swept.figure ??= figure;
  },

  lose() {
    this.lost = true;
    for (const socket of this.sockets) socket.close();
  },

  release() {
    this.holding = false;
    for (const deliver of this.held.splice(0)) deliver();
  },

  // As it is at first, for the next test.
  reset() {
    Object.assign(this, { delay: 0, after: "", lost: false });
    this.release();
  },

  arrive(deliver) {
    if (this.holding) this.held.push(deliver);
    else deliver();
  },

  later(act) {
    if (this.delay) setTimeout(act, this.delay);
    else act();
  },
};

window.WebSocket = class extends WebSocket {
  constructor(url, ...given) {
    super(network.lost ? "ws://localhost:9/" : url, ...given); // where nobody answers
    super.addEventListener("open", () => (network.opened += 1));
    network.sockets.add(this);
    super.addEventListener("close", () => network.sockets.delete(this));
  }

  send(data) {
    network.sent += 1;
    network.later(() => super.send(data));
  }

  addEventListener(type, listener, ...options) {
    if (type !== "message") return super.addEventListener(type, listener, ...options);
    const deliver = (event) => {
      network.hand();
      listener.call(this, event);
      network.came += 1;
      const said = new TextDecoder().decode(event.data);
      const swept = said.match(SWEPT);
      if (swept) {
        network.sweeps.push(swept[1]);
        network.swept[swept[1]] = { key: swept[2], figure: network.figure() };
      }
      const keys = said.match(KEYS);
      if (keys) network.keys = JSON.parse(keys[1]);
      if (!network.after || !said.includes(network.after)) return;
      Object.assign(network, { holding: true, after: "" });
    };
    super.addEventListener(
      type,
      (event) => network.later(() => network.arrive(() => deliver(event))),
      ...options,
    );
  }
};
