// A class vote as the projector shows it: the address for the phones with its QR code, and a live count
// of the votes. The browser keeps the vote's code and token, so that a reload finds the vote again; the tab
// keeps them too, as another tab that shows the same vote may be at another cell of the picture.

import { attributes, make, makeButton } from "./elements.js";
import { keep, kept } from "./page.js";
import { download, messageOf } from "./slide.js";

const KEPT = "backpropagation-live:vote"; // the key in each of STORES
/** @type {import("./page.js").StorageName[]} */
const STORES = ["sessionStorage", "localStorage"];
const PATIENCE = 1500; // ms to wait before asking the server for a phase that this page does not know yet
const LONGEST = 8000; // the longest pause between two attempts to reach the server, in ms
const SILENCE = 40_000; // ms without an event after which a stream counts as dead; a beat comes every 15 s

const LASTS = 2 * 3_600_000; // ms after which a vote ends by itself; also in box.py

/** @typedef {{ page: string, at: number, address: string, query: Address, vote: Pick<VoteData, "code" | "token" | "address" | "everywhere"> }} Kept */

export class ClassVote {
  // act(name): sends an act to the server. files(): fetches the results of the votes.
  /** @param {(name: Act) => void} act @param {() => Promise<Answers["votes"]>} files */
  constructor(act, files) {
    this.act = act;
    this.files = files;
    this.shown = "null"; // the vote on the screen, as JSON
    /** @type {AbortController | null} */
    this.listening = null;
    this.tried = ""; // code and session of the last vote that a session knew of, or was told of by `lost`
    this.qr = make("div", "live-figure-qr");
    this.host = make("span", "");
    this.path = make("span", "live-figure-path");
    // A browser that translates pages would change the address.
    this.where = make("p", "live-figure-where", { translate: false });
    this.where.append(this.host, this.path);
    this.count = make("p", "live-figure-count");
    this.note = make("p", "live-figure-vote-note", { hidden: true });
    attributes(this.note, { role: "status" });
    this.saving = make("div", "live-figure-saving");
    for (const ending of /** @type {const} */ (["csv", "json"])) {
      const label = `Save as ${ending.toUpperCase()}`;
      this.saving.append(makeButton("live-figure-save", label, () => this.save(ending)));
    }
    this.element = make("div", "live-figure-vote", { hidden: true });
    this.element.append(this.qr, this.count, this.where, this.note, this.saving);
  }

  close() {
    this.listening?.abort();
  }

  /** @param {VoteData | null} vote */
  show(vote) {
    const shown = JSON.stringify(vote);
    if (shown === this.shown) return;
    this.shown = shown;
    this.element.hidden = !vote;
    this.close();
    if (!vote) return;
    const { qr, address, phase, votes } = vote;
    this.element.dataset.phase = phase;
    this.qr.innerHTML = qr; // safe: an SVG that the server has drawn
    const { host, pathname } = new URL(address);
    this.host.textContent = host;
    this.path.textContent = pathname;
    this.tell("");
    this.say(votes);
    this.listen(vote);
  }

  /** @param {number} votes */
  say(votes) {
    const many = make("b", "", { textContent: String(votes) });
    this.count.replaceChildren(many, votes === 1 ? " has voted" : " have voted");
  }

  /** @param {string} text */
  tell(text) {
    this.note.hidden = !text;
    this.note.textContent = text;
  }

  // --- events: counts while a round is open; a new phase makes the page ask its session

  /** @param {VoteData} vote */
  async listen(vote) {
    const own = new AbortController();
    this.listening = own;
    for (let failures = 0; !own.signal.aborted; failures += 1) {
      try {
        const headers = { authorization: `Bearer ${vote.token}` };
        const answer = await fetch(`${vote.path}/events`, { headers, signal: own.signal, cache: "no-store" });
        if (answer.status === 404 || answer.status === 403) await this.look(own.signal);
        if (!answer.ok || !answer.body) throw new Error(String(answer.status));
        if (failures > 1) this.tell(""); // clears the note about the failures, and no other note
        failures = 0;
        for await (const [name, said] of eventsOf(answer.body)) {
          if (own.signal.aborted) return;
          const { phase, round, votes } = JSON.parse(said);
          if (name === "gone" || (name === "phase" && `${phase} ${round}` !== `${vote.phase} ${vote.round}`)) {
            await this.look(own.signal);
          } else if (name === "phase") {
            this.say(votes);
          }
        }
      } catch {
        if (own.signal.aborted) return;
        if (failures) this.tell("The votes are not reached. Trying again.");
      }
      await new Promise((go) => setTimeout(go, Math.min(LONGEST, 500 * 2 ** failures)));
    }
  }

  // Asks the session how the vote stands, unless the page has shown that by then: what the session's own
  // buttons change is reported as an event too.
  /** @param {AbortSignal} signal */
  async look(signal) {
    await new Promise((go) => setTimeout(go, PATIENCE));
    if (!signal.aborted) this.act("vote look");
  }

  // --- the results as files

  /** @param {"csv" | "json"} ending */
  async save(ending) {
    try {
      const { name, ...texts } = await this.files();
      const type = { csv: "text/csv", json: "application/json" }[ending];
      download(new Blob([texts[ending]], { type }), `${name}.${ending}`);
    } catch (error) {
      this.tell(`That went wrong: ${messageOf(error)}`);
    }
  }

  // --- what this browser keeps

  // Keeps the page's vote with the state in its address, or forgets a vote that is over.
  /** @param {LiveFigureData} data */
  remember({ page, address, query, task, session, voteEnded }) {
    /** @type {Kept[]} */
    const now = [];
    if (task?.vote) {
      const { code, token, everywhere } = task.vote;
      this.tried = inSession(code, session);
      const vote = { code, token, address: task.vote.address, everywhere };
      now.push({ page, at: Date.now(), address: JSON.stringify(address), query: query ?? address, vote });
    }
    const over = now[0]?.vote.code ?? voteEnded;
    for (const where of STORES) {
      const others = keptVotes(where).filter(
        (each) => each.vote.code !== over && !now.some((there) => isThere(each, there)),
      );
      const votes = [...others, ...now];
      keep(KEPT, votes.length ? votes : null, where);
    }
  }

  // What to tell a session that knows of no vote about the one that this browser has opened on this page
  // and in this state; null if there is none, or if the session was told already.
  /** @param {LiveFigureData} data @returns {{ argument: string, address: Address } | null} */
  lost({ page, address, task, session, voteEnded, votes }) {
    const there = { page, address: JSON.stringify(address) };
    const found = votes && !task?.vote ? STORES.flatMap(keptVotes).find((each) => isThere(each, there)) : null;
    if (!found || found.vote.code === voteEnded) return null;
    const tried = inSession(found.vote.code, session);
    if (tried === this.tried) return null;
    this.tried = tried;
    return { argument: JSON.stringify(found.vote), address: found.query };
  }
}

/** @param {string} code @param {string} session */
const inSession = (code, session) => `${code} ${session}`;

// Whether a vote was opened on this page and in this state.
/** @param {Kept} vote @param {{ page: string, address: string }} there */
const isThere = (vote, { page, address }) => vote.page === page && vote.address === address;

// Whether this browser may have opened a vote that is not over. If so, a picture with gradients would
// give the answers away.
export const mayHaveVote = () => STORES.flatMap(keptVotes).length > 0;

// The votes that are not over: each tab may have one. An earlier format is a single vote, not a list.
/** @param {import("./page.js").StorageName} where @returns {Kept[]} */
function keptVotes(where) {
  const found = [kept(KEPT, where)].flat();
  return found.filter((each) => typeof each?.vote?.code === "string" && !(Date.now() - each.at > LASTS));
}

// Yields the name and the data of each server-sent event; an EventSource could not send the token. Ends
// if nothing is heard for too long.
/** @param {ReadableStream<Uint8Array>} body @returns {AsyncGenerator<[name: string, said: string]>} */
async function* eventsOf(body) {
  const [reader, decoder] = [body.getReader(), new TextDecoder()];
  let text = "";
  try {
    while (true) {
      let timer = 0;
      const silence = new Promise((go) => (timer = setTimeout(() => go({ done: true }), SILENCE)));
      const { done, value } = await Promise.race([reader.read(), silence]);
      clearTimeout(timer);
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const part = (/** @type {string} */ name) =>
          event.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1] ?? "";
        yield [part("event"), part("data")];
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
