// A voter's page: shows the cells, keeps the marks, sends them until the server has them, and tells the
// voter how things stand. The server's stream reports only phases; everything else is fetched.

/** @typedef {{name: string, label: string, number: string, row: number, column: number, nonzero?: boolean, reasons?: string[]}} Cell */
/** @typedef {{label: string, rows: number, columns: number, asked: boolean, cells: (string | Cell)[]}} Lay */
/** @typedef {{phase: "open" | "closed" | "revealed" | "ended" | "done", round: number, attempt: number, title: string, rule: string, ask: string, cells: Cell[], arrays: Lay[]}} State */
/** @typedef {{voter: string, at: number, round: number, marked: string[], sent: string[] | null, posted?: string[] | null}} Kept posted: marks sent since, which may have arrived */

const PREFIX = "backprop-vote:";
const DAY = 86_400_000;
const SILENCE = 40_000; // ms without an event after which a stream counts as dead; a beat comes every 15 s
const LONGEST = 8_000; // about the longest pause between two attempts to reach the server, in ms
const PHASES = ["open", "closed", "revealed", "ended", "done"]; // of a round, in order
const SPREAD = 500; // ms over which the requests of a whole lecture hall are spread

const home = location.pathname.replace(/\/+$/, "");
const [, folder, code = ""] = /** @type {string[]} */ (/^(.*\/vote)(?:\/(.*))?$/.exec(home));
/** @type {Record<string, string>} */
const texts = JSON.parse(element("texts").textContent ?? "{}");
const form = /** @type {HTMLFormElement} */ (element("cells"));

/** @type {State | null} */
let state = null;
/** @type {Kept} */
let kept = restored();
/** @type {EventSource | null} */
let events = null;
let ended = !code; // there is no such vote (any more)
let reached = true;
let answering = true; // whether the server has answered since it was last lost
let sending = false;
let refused = ""; // why the server did not take the last vote
let connecting = false;
let failures = 0; // since a stream last sent something
let heard = 0; // when the stream last sent something
let drawn = ""; // the round on the screen, and whether its answer is
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retry;
let wake = () => {}; // ends the pause in which `send` waits to try again
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;

// --- small things

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id}`);
  return found;
}

/** @param {string} id @param {string} text */
function write(id, text) {
  const place = element(id);
  if (place.textContent !== text) place.textContent = text; // so that only what is new is read out
}

/** @param {string} key @param {Record<string, string | number>} [gaps] */
function say(key, gaps = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, gap) => String(gaps[gap]));
}

/** @param {string} tag @param {string} text @param {string} [name] */
function made(tag, text, name = "") {
  const node = document.createElement(tag);
  node.textContent = text;
  if (name) node.className = name;
  return node;
}

/** Counts a failure. Returns the ms to wait: more after each, and other than on the neighbour's phone. */
function pause() {
  failures += 1;
  return Math.min(LONGEST, 500 * 2 ** failures) * (0.5 + Math.random());
}

// --- what is kept in this browser: the voter's token for this vote, the marks, what was sent

/** What is kept under a key, if anything; other code may have written it. @param {string} key @returns {Partial<Kept> | null} */
function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null; // a browser that keeps nothing: the page works until it is closed
  }
}

/** @returns {Kept} */
function restored() {
  const key = PREFIX + home;
  try {
    for (const other of Object.keys(localStorage)) {
      if (!other.startsWith(PREFIX) || other === key) continue;
      if (Date.now() - (read(other)?.at ?? 0) > DAY) localStorage.removeItem(other);
    }
  } catch {
    // as above
  }
  const found = read(key) ?? history.state;
  if (Array.isArray(found?.marked)) return /** @type {Kept} */ (found);
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const voter = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { voter, at: Date.now(), round: 0, marked: [], sent: null };
}

function keep() {
  kept.at = Date.now();
  try {
    localStorage.setItem(PREFIX + home, JSON.stringify(kept));
  } catch {
    history.replaceState(kept, ""); // a reload must not make another voter, whose vote would count too
  }
}

/**
 * Takes over what another tab of this phone, which is the same voter, has kept since in a round.
 * @param {number} round
 */
function share(round) {
  const found = /** @type {Kept | null} */ (read(PREFIX + home));
  if (!Array.isArray(found?.marked) || found.round !== round) return;
  if (kept.round === round && kept.at >= found.at) return;
  kept = found;
  if (state?.phase !== "open") drawn = "";
}

// --- the server

/** @param {string} [path] @param {RequestInit} [init] */
async function asked(path = "", init = {}) {
  const signal = AbortSignal.timeout?.(10_000); // a phone of before 2022 has none, and waits
  const answer = await fetch(home + path, { cache: "no-store", signal, ...init });
  if (answer.status === 404) {
    ended = true;
    events?.close();
  }
  return answer;
}

/** Fetches the state and listens; tries until the server is reached or says that there is no such vote. */
async function connect() {
  if (connecting) return;
  connecting = true;
  clearTimeout(retry);
  events?.close();
  events = null;
  try {
    await look();
    if (!ended) listen();
    wake();
  } catch {
    lost();
  }
  connecting = false;
}

/** Fetches the state soon, and only once for several calls until then. */
function lookSoon() {
  clearTimeout(soon);
  soon = setTimeout(() => look().catch(lost), Math.random() * SPREAD);
}

async function look() {
  const answer = await asked("/state");
  if (answer.ok) take(await answer.json());
  else if (!ended) throw new Error(String(answer.status));
  draw();
}

/** How far a vote has come: a number that grows with round and phase. @param {State} now */
const far = ({ round, phase }) => PHASES.length * round + PHASES.indexOf(phase);

/** @param {State} next */
function take(next) {
  if (state && far(next) < far(state)) return; // an answer older than the state shown
  share(next.round);
  const anew = next.round !== kept.round;
  if (anew) {
    // A second vote on the same question begins with the marks of the first; nothing is sent yet.
    const names = next.cells.map(({ name }) => name);
    const same = next.attempt > 1 && kept.round > 0 && kept.round >= next.round - next.attempt + 1;
    kept.marked = same ? kept.marked.filter((name) => names.includes(name)) : [];
    kept.sent = kept.posted = null;
    kept.round = next.round;
    refused = "";
    keep();
    wake(); // the marks of the last round are no longer wanted
  }
  if (next.phase !== "open") kept.marked = kept.posted ?? kept.sent ?? [];
  state = next;
  reached = answering = true;
}

/** Notes that the stream works. That the state was fetched is no proof: it comes without a stream, too. */
function hear() {
  heard = Date.now();
  failures = 0;
}

function listen() {
  const source = new EventSource(`${home}/events`);
  events = source;
  heard = Date.now();
  source.addEventListener("phase", ({ data }) => {
    hear();
    const { phase, round } = JSON.parse(data);
    if (!state || (phase === state.phase && round === state.round)) return;
    const known = phase === "closed" || phase === "ended" || (phase === "done" && answered(state));
    if (known && round === state.round) {
      take({ ...state, phase }); // nothing else is new, so it need not be fetched
      return draw();
    }
    lookSoon();
  });
  source.addEventListener("beat", hear);
  source.addEventListener("gone", () => {
    ended = true;
    source.close();
    draw();
  });
  source.onerror = () => {
    if (events === source) lost();
  };
}

function lost() {
  events?.close();
  events = null;
  if (ended) return draw();
  reached = answering; // the first time it may be back before anybody has read the message
  answering = false;
  clearTimeout(retry);
  retry = setTimeout(connect, pause());
  draw();
}

/** Sends the marks, and goes on trying until the server has them or no longer wants them. */
async function send() {
  if (!state || state.phase !== "open") return;
  sending = true;
  refused = "";
  draw();
  let tries = 0;
  const { round } = state; // marks of another round are sent only by a press
  while (state.phase === "open" && state.round === round && !ended) {
    const { marked } = kept;
    const before = kept.posted;
    kept.posted = marked;
    keep();
    try {
      const answer = await asked("", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ voter: kept.voter, round, marked }),
      });
      if (answer.ok) {
        reached = true;
        if (kept.round === round) settle(marked, null);
        if (!events) connect(); // at once, now that it is known that the server is there
        break;
      }
      if (answer.status < 500 && kept.round === round) settle(kept.sent, before); // the marks were not taken
      if (answer.status !== 429 && answer.status < 500) {
        refused = ended ? "" : (await answer.json()).error;
        if (!ended) await look();
        break;
      }
    } catch {
      if (events) lost(); // then the stream is dead too, even if it has not noticed
      reached = false;
    }
    draw();
    tries += 1;
    await new Promise((go) => {
      wake = () => go(undefined);
      setTimeout(go, Math.min(LONGEST, 400 * 2 ** tries) * (0.5 + Math.random()));
    });
  }
  sending = false;
  draw();
}

/**
 * Notes that the server has the marks `sent`, and perhaps those `posted` since. The end of the round may
 * have been reported before.
 * @param {Kept["sent"]} sent @param {Kept["posted"]} posted
 */
function settle(sent, posted) {
  Object.assign(kept, { sent, posted });
  if (state?.phase !== "open") {
    kept.marked = posted ?? sent ?? [];
    drawn = "";
  }
  keep();
}

// --- what the voter sees

/** @param {string[] | null} names */
function labels(names) {
  const found = state?.cells.filter(({ name }) => names?.includes(name)).map(({ label }) => label) ?? [];
  return found.join(", ") || say("none");
}

/** @param {string[]} one @param {string[]} other */
const alike = (one, other) => one.length === other.length && one.every((name) => other.includes(name));

/** Whether the answer is known. @param {State} now */
const answered = ({ phase }) => phase === "revealed" || phase === "done";

/** The marks that count; null if there are none, or if that is not known. */
const counts = () => (kept.posted ? null : kept.sent);

/** Whether the server has exactly the present marks. */
function isSent() {
  const sent = counts();
  return sent !== null && alike(sent, kept.marked);
}

function standing() {
  if (!state) return say("loading");
  const marked = labels(kept.sent);
  if (answered(state)) {
    const next = say(state.phase === "done" ? "over" : "next");
    const sent = counts();
    if (!sent) return say(kept.posted ? "unsure" : "unvoted", { next });
    const right = state.cells.filter((cell) => cell.nonzero === sent.includes(cell.name));
    return say("revealed", { right: right.length, count: state.cells.length, next });
  }
  if (state.phase === "ended") return say("over");
  if (state.phase === "closed") {
    const closed = kept.posted
      ? say("unknown", { marked: labels(kept.posted) })
      : say(kept.sent ? "closed" : "missed", { marked });
    return `${closed} ${say("wait")}`;
  }
  if (refused) return refused;
  if (sending) return say("sending");
  if (!kept.sent) return say(state.attempt > 1 ? "reopened" : "open");
  return say(isSent() ? "sent" : "differs", { marked });
}

function draw() {
  if (ended) {
    write("status", say(code ? "gone" : "which"));
    write("link", "");
    element("send").hidden = true;
  } else {
    write("status", standing());
    write("link", reached ? "" : say("down"));
  }
  element("other").hidden = !ended;
  if (!state) return;
  const { phase, round, attempt, title, ask, rule } = state;
  const question = `${round} ${answered(state)}`;
  if (question !== drawn) {
    drawn = question;
    write("title", title);
    write("ask", ask);
    write("rule", rule);
    write("attempt", say("second", { attempt }));
    element("attempt").hidden = attempt < 2;
    lay(state);
    answers(state);
  }
  const button = element("send");
  button.hidden = phase !== "open" || ended;
  const done = isSent();
  const idle = sending || done;
  write("send", done ? say("done") : say("send", { marked: labels(kept.marked) }));
  button.setAttribute("aria-disabled", String(idle));
  for (const cell of form.querySelectorAll("button")) {
    cell.setAttribute("aria-pressed", String(kept.marked.includes(cell.name)));
    cell.setAttribute("aria-disabled", String(phase !== "open" || ended));
  }
}

/** @param {State} now */
function lay(now) {
  form.replaceChildren();
  element("shown").replaceChildren();
  for (const { label, rows, columns, asked: marks, cells } of now.arrays) {
    if (!marks) {
      element("shown").append(numbers(label, rows, columns, /** @type {Cell[]} */ (cells)));
      continue;
    }
    const field = document.createElement("fieldset");
    field.append(made("legend", label));
    const grid = made("div", "", columns > 6 ? "grid dense" : "grid");
    grid.style.setProperty("--columns", String(columns));
    const own = now.cells.filter(({ name }) => cells.includes(name));
    grid.append(...own.map(button));
    field.append(grid);
    form.append(field);
  }
}

/** @param {Cell} cell */
function button(cell) {
  const { name, label, number, row, column, nonzero } = cell;
  const place = document.createElement("button");
  place.type = "button";
  place.name = name;
  place.className = "cell";
  place.style.gridArea = `${row + 1} / ${column + 1}`;
  place.append(made("i", label), made("b", number));
  place.setAttribute("aria-label", number ? say("cell", { label, number }) : label);
  if (nonzero !== undefined) {
    const sent = counts();
    const right = nonzero === Boolean(sent?.includes(name));
    if (sent) place.classList.add(right ? "right" : "wrong");
    place.append(made("u", `${sent ? (right ? "✓ " : "✗ ") : ""}${say(nonzero ? "nonzero" : "zero")}`));
    place.setAttribute("aria-label", verdict(cell));
  }
  return place;
}

/** @param {string} label @param {number} rows @param {number} columns @param {Cell[]} cells */
function numbers(label, rows, columns, cells) {
  const place = made("div", "", "shown");
  const table = document.createElement("table");
  for (let row = 0; row < rows; row += 1) {
    const line = table.insertRow();
    for (let column = 0; column < columns; column += 1) line.insertCell();
  }
  for (const { row, column, number } of cells) table.rows[row].cells[column].textContent = number;
  place.append(made("i", label), table);
  return place;
}

/** @param {Cell} cell */
function verdict({ name, label, nonzero }) {
  const sent = counts();
  if (!sent) return say(nonzero ? "told.nonzero" : "told.zero", { label });
  const marked = sent.includes(name);
  return say(`${marked === nonzero ? "right" : "wrong"}.${marked ? "marked" : "left"}`, { label });
}

/** @param {State} now */
function answers(now) {
  const { cells } = now;
  const sent = counts();
  const place = element("answers");
  place.replaceChildren();
  if (!answered(now)) return;
  const list = document.createElement("ul");
  // Wrong answers first: they are what a voter looks for.
  /** @param {Cell} cell */
  const isRight = (cell) => cell.nonzero === Boolean(sent?.includes(cell.name));
  const sorted = sent ? [...cells].sort((one, other) => Number(isRight(one)) - Number(isRight(other))) : cells;
  for (const cell of sorted) {
    const right = isRight(cell);
    const item = made("li", "", sent ? (right ? "right" : "wrong") : "");
    const [first, ...more] = cell.reasons ?? [];
    item.append(made("strong", verdict(cell)), made("p", first));
    if (more.length) {
      const rest = document.createElement("details");
      rest.append(made("summary", say("more")), ...more.map((line) => made("p", line)));
      item.append(rest);
    }
    list.append(item);
  }
  place.append(list);
}

// --- what the voter does

form.addEventListener("click", ({ target }) => {
  const cell = /** @type {Element} */ (target).closest("button");
  if (!cell || !state || state.phase !== "open" || ended) return;
  const { name } = cell;
  kept.marked = kept.marked.includes(name) ? kept.marked.filter((each) => each !== name) : [...kept.marked, name];
  refused = "";
  keep();
  draw();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (element("send").getAttribute("aria-disabled") !== "true") send();
});

const other = /** @type {HTMLFormElement} */ (element("other"));
const typed = /** @type {HTMLInputElement} */ (element("code"));
typed.labels?.[0].append(say("code"));
write("go", say("go"));
other.addEventListener("submit", (event) => {
  event.preventDefault();
  const meant = typed.value.replace(/\s/g, "").split("/").filter(Boolean).pop(); // the code alone, or the whole address
  if (meant) location.assign(`${folder}/${encodeURIComponent(meant)}`);
});

for (const name of ["visibilitychange", "pageshow"]) {
  addEventListener(name, () => {
    if (!document.hidden && !ended && (!events || Date.now() - heard > SILENCE)) connect();
  });
}
addEventListener("storage", () => {
  share(kept.round);
  draw();
});
addEventListener("online", () => {
  if (!ended) setTimeout(connect, Math.random() * SPREAD); // the stream belongs to the network before
});
setInterval(() => {
  if (events && Date.now() - heard > SILENCE) lost();
}, 5_000);

draw();
if (!ended) connect();

export {}; // a module: its names are its own
