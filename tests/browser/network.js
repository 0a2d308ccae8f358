// A network that can be slow, hold back messages, or be lost. It is the first script of every page.

const SWEPT = /\\"name\\":\\"([^"]+)\\",\\"key\\":\\"([^"]+)\\"/; // the start of a sweep, itself a string in JSON
const KEYS = /"keys":(\{("[^"]+":"[0-9a-f]{8}",?)+\})/; // the keys of the sweeps for a picture

window.network = {
  delay: 0, // ms each way
  holding: false, // whether messages are held back until `release`
  after: "", // hold back what follows the next message that contains this
  opened: 0, // connections
  sent: 0, // messages from the page
  came: 0, // messages that were handed to the page
  sweeps: [], // the sliders whose sweeps were handed to the page
  swept: {}, // slider -> the key of its last sweep, and the figure that got it
  keys: {}, // slider -> the key of its sweep for the last picture
  held: [],
  lost: false, // whether there is no network
  sockets: new Set(),

  figure: () => document.querySelector("[data-testid=live-figure]"),

  // Whether the figure on the page has a slider's sweep for its present picture.
  has(name) {
    this.hand();
    const { key, figure } = this.swept[name] ?? {};
    return figure === this.figure() && key === this.keys[name];
  },

  // Assigns each sweep that came with a page's first picture to the figure made from that picture.
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

  // Ends delays, holding and loss, for the next test.
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
    super(network.lost ? "ws://localhost:9/" : url, ...given); // where nothing listens
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
