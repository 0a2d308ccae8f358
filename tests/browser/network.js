// A network that can be slow, or hold back what the server says. Every page gets this first.

window.network = {
  delay: 0, // ms each way
  holding: false, // whether what comes is kept until `release`
  opened: 0, // connections
  sent: 0, // messages of ours
  sweeps: 0, // sweeps that were handed to the page
  held: [],

  release() {
    this.holding = false;
    for (const deliver of this.held.splice(0)) deliver();
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
  constructor(...given) {
    super(...given);
    super.addEventListener("open", () => (network.opened += 1));
  }

  send(data) {
    network.sent += 1;
    network.later(() => super.send(data));
  }

  addEventListener(type, listener, ...options) {
    if (type !== "message") return super.addEventListener(type, listener, ...options);
    const deliver = (event) => {
      listener.call(this, event);
      if (new TextDecoder().decode(event.data).includes("frames")) network.sweeps += 1;
    };
    super.addEventListener(
      type,
      (event) => network.later(() => network.arrive(() => deliver(event))),
      ...options,
    );
  }
};
