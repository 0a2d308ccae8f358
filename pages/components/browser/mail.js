// Messages to the server. At most one is under way, and is said again where no answer comes: what is
// new goes out, as it is by then, when the answer to the last has come, so that a slow network delays
// but never floods.

// ms after which an answer is taken for lost: twice as many after each that was, since to ask again
// interrupts a server that is still at it; at most, and of what takes long to make.
const PATIENCE = 3000;
const PATIENCE_MOST = 12_000;
const REMEMBERED = 100; // changes that the server can undo; message.py has it too
// state: how things were as it went out, or as that was done which it tells; null before.
/** @typedef {News & { changed: boolean, state: State | null }} Outbox */
/** @typedef {{ values: Map<string, Value>, held: string | null }} Then how things were */
/** @returns {Outbox} */
const nothing = () => ({
  state: null, changed: false,
  ask: "", clicked: false, address: null, preset: "", act: "", argument: "", rested: [],
});

export class Mail {
  // state(then): what every message says, of now or of then. requests: what is asked for besides,
  // until it was answered. reached(there): whether answers come, told when that changes.
  /** @param {(then?: Then) => State} state @param {Requests} requests @param {(there: boolean) => void} reached */
  constructor(state, requests, reached) {
    this.reached = reached;
    this.lost = false;
    this.answeredOnce = false; // before that a page is slow to open, and no connection is lost
    this.state = state;
    this.requests = requests;
    /** @type {(message: Message) => void} */
    this.send = () => {}; // as the page's last run gave it
    this.instance = Math.random().toString(36).slice(2);
    this.sent = 0;
    this.news = ""; // the serial of the message that told the last one's news first
    this.waiting = false; // for an answer
    this.outbox = nothing();
    this.underWay = nothing();
    this.missed = 0; // answers in a row
    this.patience = 0; // a timer
    this.closed = false;
  }

  // A hand may let go of a slider, or of a key, after its page was left: nobody hears of that.
  close() {
    clearTimeout(this.patience);
    this.closed = true;
  }

  // Has to say where a movement ended; of very many, those that can be undone.
  /** @param {Record<string, Value>} values */
  rested(values) {
    this.outbox.rested = [...this.outbox.rested, values].slice(-REMEMBERED);
  }

  // Says something as soon as that can be.
  /** @param {Partial<Outbox>} news */
  say(news) {
    this.note(news);
    this.flush();
  }

  // Has something to say, but not yet.
  /** @param {Partial<Outbox>} news */
  note(news) {
    Object.assign(this.outbox, news);
  }

  // Says, where no answer is awaited, what was done before all that is noted, and how things were then.
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

  // Sends what is under way; again: as the news of the message that told them first.
  transmit(again = false) {
    if (this.closed) return;
    const { changed, state: said, ...news } = this.underWay;
    const state = /** @type {State} */ (said);
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

  // Whether this answers the last message.
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

  // Whether the server has still to answer that a cell was chosen.
  get clicking() {
    return this.waiting && this.underWay.clicked;
  }

  // Whether there is more to be said than how things are by now.
  get pressing() {
    const { ask, act, rested } = this.outbox;
    return Boolean(ask || act || rested.length);
  }

  // Whether the server knows all there is to know.
  get done() {
    return !this.waiting && !this.outbox.changed;
  }

  // A restarted server knows no more than the address with which this page was opened: that a cell was
  // chosen is news there.
  /** @param {Address | null} address */
  remind(address) {
    this.outbox.address = address;
    if (this.waiting) return this.repeat(!this.underWay.clicked);
    this.outbox.changed = true;
    this.flush();
  }

  // Says again what is under way, as it was said, with the sweep that is asked for by now and the
  // address of which there is to be reminded. What else is new waits its turn: the server may have
  // heard the first, and knows by its news what happens but once.
  repeat(again = true) {
    const { ask, address } = this.outbox;
    if (ask) this.underWay.ask = ask;
    if (address) this.underWay.address = address;
    Object.assign(this.outbox, { ask: "", address: null });
    this.transmit(again);
  }
}

// What is asked of the server beside the picture, like the script of a scene: promises.
//
// What is asked for goes out with every message about a settled state until it was answered.
export class Requests {
  constructor() {
    /** @type {Map<string, { argument: string, waiting: ((answer: any) => void)[] }>} */
    this.open = new Map(); // by name
  }

  // A promise of the answer. A newer request of the same name has the say in what is asked, and the
  // answer to that is both's: who wants each waits for the first.
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

  // As the server hears it: the arguments by name.
  wanted() {
    return Object.fromEntries([...this.open].map(([name, { argument }]) => [name, argument]));
  }

  // answers: null where nobody was asked.
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
