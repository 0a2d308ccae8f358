// Messages to the server. At most one is under way, and is repeated if no answer comes. What is new is
// sent, as it is by then, when the answer to the last message has come, so that a slow network delays
// messages but is never flooded.

// ms after which an answer counts as lost: doubled after each lost one, since a repetition interrupts a
// server that is still busy. PATIENCE_MOST: the most, and the ms for an answer that takes long to make.
export const PATIENCE = 3000;
export const PATIENCE_MOST = 12_000;
const REMEMBERED = 100; // changes that the server can undo; also in message.py
/** @typedef {News & { changed: boolean }} Outbox */
// state: when it was sent, or when the user did what it reports.
/** @typedef {Outbox & { state: State }} UnderWay */
/** @typedef {{ values: Map<string, Value>, held: string | null }} Then the controls' state at some time */
/** @returns {Outbox} */
const nothing = () => ({
  changed: false,
  ask: "", clicked: false, address: null, preset: "", act: "", argument: "", rested: [],
});

export class Mail {
  // state(then): what every message says, about now or then. requests: further requests, until they are
  // answered. reached(there): called when the server stops or begins to answer.
  /** @param {(then?: Then) => State} state @param {Requests} requests @param {(there: boolean) => void} reached */
  constructor(state, requests, reached) {
    this.reached = reached;
    this.lost = false;
    this.answeredOnce = false; // before that a page opens slowly, and no connection is lost
    this.state = state;
    this.requests = requests;
    /** @type {(message: Message) => void} */
    this.send = () => {}; // as the page's last run gave it
    this.instance = Math.random().toString(36).slice(2);
    this.sent = 0;
    this.news = ""; // the serial of the message that first reported the last one's news
    this.waiting = false; // for an answer
    this.outbox = nothing();
    this.underWay = /** @type {UnderWay} */ (nothing()); // has a state as soon as something is sent
    this.missed = 0; // answers in a row
    this.patience = 0; // a timer
    this.closed = false;
  }

  // A slider or a key may be released after its page was left: that is not sent.
  close() {
    clearTimeout(this.patience);
    this.closed = true;
  }

  // Notes where a movement ended; of very many, only those that can be undone.
  /** @param {Record<string, Value>} values */
  rested(values) {
    this.outbox.rested = [...this.outbox.rested, values].slice(-REMEMBERED);
  }

  // Sends news as soon as possible.
  /** @param {Partial<Outbox>} news */
  say(news) {
    this.note(news);
    this.flush();
  }

  // Notes news for the next message.
  /** @param {Partial<Outbox>} news */
  note(news) {
    Object.assign(this.outbox, news);
  }

  // Sends what was done before everything that is noted, with the state of then; no answer may be awaited.
  /** @param {Partial<Outbox>} news @param {Then} then */
  sayThen(news, then) {
    this.underWay = { ...nothing(), ...news, state: this.state(then) };
    this.transmit();
  }

  flush() {
    const state = this.state();
    const { ask, changed } = this.outbox;
    const wanted = state.settled && this.requests.any; // an answer is about a settled state
    if (this.closed || this.waiting || !(ask || changed || wanted)) return;
    this.underWay = { ...this.outbox, state };
    this.outbox = nothing();
    this.transmit();
  }

  // Sends what is under way. again: as a repetition, with the serial of the message that first told its news.
  transmit(again = false) {
    if (this.closed) return;
    const { changed, state, ...news } = this.underWay;
    this.sent += 1;
    this.waiting = true;
    const wants = state.settled ? this.requests.wanted() : {};
    const patience = "html" in wants ? PATIENCE_MOST : PATIENCE * 2 ** this.missed;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      this.missed += 1;
      this.tell(this.answeredOnce);
      this.repeat();
    }, Math.min(patience, PATIENCE_MOST));
    if (!again) this.news = this.serial();
    this.send({ serial: this.serial(), news: this.news, ...news, wants, ...state });
  }

  serial() {
    return `${this.instance}-${this.sent}`;
  }

  // Takes note of an answer. Returns whether it is to the last message.
  /** @param {string | null} serial */
  answered(serial) {
    if (serial !== this.serial()) return false;
    this.tell(false);
    this.answeredOnce = true;
    this.missed = 0;
    this.waiting = false;
    clearTimeout(this.patience);
    return true;
  }

  /** @param {boolean} lost */
  tell(lost) {
    if (lost === this.lost) return;
    this.lost = lost;
    this.reached(!lost);
  }

  // Whether the answer to a message about a chosen cell is still awaited.
  get clicking() {
    return this.waiting && this.underWay.clicked;
  }

  // Whether there is more to be sent than the present state.
  get pressing() {
    const { ask, act, rested } = this.outbox;
    return Boolean(ask || act || rested.length);
  }

  // Whether the server knows everything.
  get done() {
    return !this.waiting && !this.outbox.changed;
  }

  // Sends the address of the state to a restarted server, which knows only the one with which this page was
  // opened. For that server a chosen cell is news.
  /** @param {Address | null} address */
  remind(address) {
    this.outbox.address = address;
    if (this.waiting) return this.repeat(!this.underWay.clicked);
    this.outbox.changed = true;
    this.flush();
  }

  // Repeats what is under way as it was, but with the sweep that is requested by now and the address that a
  // restarted server needs. What else is new waits: the server may have heard the first message, and
  // recognizes by `news` what must happen only once.
  repeat(again = true) {
    const { ask, address } = this.outbox;
    if (ask) this.underWay.ask = ask;
    if (address) this.underWay.address = address;
    Object.assign(this.outbox, { ask: "", address: null });
    this.transmit(again);
  }
}

// Further requests to the server besides the picture, like the script of a scene, as promises.
//
// A request is sent with every message about a settled state until it is answered.
export class Requests {
  constructor() {
    /** @type {Map<string, { argument: string, waiting: ((answer: any) => void)[] }>} */
    this.open = new Map(); // by name
  }

  // A promise of the answer. A newer request of the same name replaces the argument, and its answer goes to
  // both: to get an answer for each, wait for the first.
  /**
   * @template {keyof Answers} Name
   * @param {Name} name
   * @param {string} argument
   * @returns {Promise<Answers[Name]>}
   */
  add(name, argument) {
    const waiting = this.open.get(name)?.waiting ?? [];
    this.open.set(name, { argument, waiting });
    return new Promise((resolve) => waiting.push(resolve));
  }

  get any() {
    return this.open.size > 0;
  }

  // The arguments by name, as they are sent to the server.
  wanted() {
    return Object.fromEntries([...this.open].map(([name, { argument }]) => [name, argument]));
  }

  // answers: null if the server sent none.
  /** @param {AnswersByName | null} answers */
  take(answers) {
    for (const [name, { argument, answer }] of Object.entries(answers ?? {})) {
      const asked = this.open.get(name);
      if (!asked || asked.argument !== argument) continue;
      this.open.delete(name);
      for (const resolve of asked.waiting) resolve(answer);
    }
  }
}
