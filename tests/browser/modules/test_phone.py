"""The script of a voter's page: what it asks the server, and what it does with the answers."""

import json
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from pages.language.catalogue import say
from pages.vote.poll import Poll
from pages.vote.routes import HERE, page_text
from tests.pages.vote.served import asked

PATH: Final = "http://phone.test/vote/ABCDEFGH"
STATE: Final = Poll(*asked(), owner="", until=0).for_phones

# Replaces the browser's event stream and interval timer by ones that a test controls. On the first
# load of a page, what an earlier test has stored is cleared.
STREAMS: Final = """
  if (!window.name) localStorage.clear();
  window.name = "opened";
  window.streams = [];
  crypto.getRandomValues = (bytes) => bytes.fill(10);
  window.EventSource = class extends EventTarget {
    constructor() {
      super();
      streams.push(this);
    }
    close() {
      this.closed = true;
    }
  };
  window.setInterval = (act, pause) => Object.assign(window, { lookAround: act, looks: pause });
"""


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """A tab in which a vote is open, without a server."""
    page = browser.new_page()
    page.add_init_script(STREAMS)
    script = (HERE / "phone.js").read_text(encoding="utf-8")

    def answer(route: Route) -> None:
        url = route.request.url
        if url == PATH:
            route.fulfill(content_type="text/html", body=page_text(PATH).decode())
        elif url.endswith(".js"):
            route.fulfill(content_type="text/javascript", body=script)
        else:
            route.fulfill(json=STATE if url.endswith("/state") else {})

    page.route("http://phone.test/**", answer)
    yield page
    page.close()


@pytest.fixture
def phone(tab: Page) -> Iterator[Page]:
    """The page of that vote, as it is when opened for the first time."""
    tab.goto(PATH)
    tab.locator(".cell").first.wait_for()
    yield tab
    tab.evaluate("window.name = ''")


# How many streams have been requested: once the page is open; after the stream is lost; after the
# user returns to the page while the server cannot be reached, and while it refuses (each with
# whether the page says so); and once it answers. Whether the new stream is closed when the lost one
# fails again; then, after the new one is lost, how many retries are planned, and how many streams
# follow.
AGAIN = """async () => {
  const pause = () => new Promise((go) => setTimeout(go, 5));
  const until = async (count) => {
    for (let i = 0; i < 100 && streams.length < count; i += 1) await pause();
    return streams.length;
  };
  const found = [await until(1)];
  streams[0].onerror();
  found.push(streams.length);
  const { fetch } = window;
  for (const refuse of [() => { throw new Error("not reached"); }, () => ({ status: 429 })]) {
    window.fetch = async () => new Response("{}", refuse());
    dispatchEvent(new Event("pageshow"));
    await pause();
    found.push(streams.length, document.getElementById("link").textContent !== "");
  }
  window.fetch = fetch;
  dispatchEvent(new Event("pageshow"));
  found.push(await until(2));
  streams[0].onerror();
  found.push(Boolean(streams[1].closed));
  const { setTimeout: wait } = window;
  const later = [];
  window.setTimeout = (act) => later.push(act);
  streams[1].onerror();
  window.setTimeout = wait;
  for (const act of later) act();
  found.push(later.length, await until(3));
  return found;
}"""


def test_a_lost_stream_is_asked_for_again_at_once_where_somebody_looks(phone: Page) -> None:
    assert phone.evaluate(AGAIN) == [1, 1, 1, True, 1, True, 2, False, 1, 3]


# The shortest pauses in ms before a stream is requested again that is refused this often, though
# the server answers everything else, and then after a stream that said something; and what is said.
REFUSED = """async (refusals) => {
  const { setTimeout: wait } = window;
  const { random } = Math;
  Math.random = () => 0;
  const pauses = [];
  const said = new Set();
  const lose = async () => {
    const count = streams.length;
    let again;
    window.setTimeout = (act, pause) => { again = act; pauses.push(pause); };
    streams[count - 1].onerror();
    window.setTimeout = wait;
    said.add(document.getElementById("link").textContent);
    again();
    for (let i = 0; i < 100 && streams.length === count; i += 1) {
      await new Promise((go) => wait(go, 5));
    }
  };
  while (!streams.length) await new Promise((go) => wait(go, 5));
  for (let i = 0; i < refusals; i += 1) await lose();
  streams.at(-1).dispatchEvent(new MessageEvent("beat"));
  await lose();
  Math.random = random;
  return [pauses, [...said]];
}"""


def test_a_stream_that_is_refused_is_asked_for_later_and_later(phone: Page) -> None:
    assert phone.evaluate(REFUSED, 6) == [[500, 1000, 2000, 4000, 4000, 4000, 500], [""]]


# How often the server is asked for the question after each of these phases comes by the stream.
LOOKS = """async (phases) => {
  const question = await (await fetch(`${location.pathname}/state`)).json();
  const { fetch: fetched } = window;
  const { random } = Math;
  let now;
  let asked = 0;
  Math.random = () => 0;
  window.fetch = async () => {
    asked += 1;
    return new Response(JSON.stringify({ ...question, ...now }));
  };
  const found = [];
  for (const [phase, round] of phases) {
    now = { phase, round };
    asked = 0;
    streams[0].dispatchEvent(new MessageEvent("phase", { data: JSON.stringify(now) }));
    await new Promise((go) => setTimeout(go, 20));
    found.push(asked);
  }
  window.fetch = fetched;
  Math.random = random;
  return found;
}"""


def test_what_a_stream_says_is_asked_for_only_where_it_brings_more(phone: Page) -> None:
    """A hundred phones are told at the same moment."""
    asks = {"closed": 0, "revealed": 1, "done": 0, "ended": 0}
    assert phone.evaluate(LOOKS, [("open", 1)]) == [0], "it is open already"
    assert phone.evaluate(LOOKS, [(phase, 1) for phase in asks]) == list(asks.values())
    # Another question; one that is over without its answer having come; and an unknown one.
    assert phone.evaluate(LOOKS, [("open", 2), ("done", 2), ("closed", 3)]) == [1, 1, 1]
    assert phone.locator("#answers li").count() == 0, "the last question's answers are gone"


# The status, the cells marked, and how many are judged right, if the stream reports these phases
# before the answer to a vote on the first cell comes.
LATE = """async (phases) => {
  const question = await (await fetch(`${location.pathname}/state`)).json();
  const cells = question.cells.map((cell) => ({ ...cell, nonzero: true, reasons: ["why"] }));
  const { fetch: fetched } = window;
  const { random } = Math;
  Math.random = () => 0;
  let now;
  let answer;
  window.fetch = (_, { method }) => {
    if (method) return new Promise((go) => { answer = () => go(new Response("{}")); });
    return Promise.resolve(new Response(JSON.stringify({ ...question, ...now, cells })));
  };
  document.querySelector(".cell").click();
  document.getElementById("send").click();
  const pause = () => new Promise((go) => setTimeout(go, 20));
  for (const phase of phases) {
    now = { phase, round: 1 };
    streams[0].dispatchEvent(new MessageEvent("phase", { data: JSON.stringify(now) }));
    await pause();
  }
  answer();
  await pause();
  window.fetch = fetched;
  Math.random = random;
  const marked = [...document.querySelectorAll(".cell[aria-pressed=true]")];
  const said = document.getElementById("status").textContent.split(".")[0];
  return [said, marked.map(({ name }) => name), document.querySelectorAll(".cell.right").length];
}"""


def test_a_vote_that_was_taken_counts_also_where_the_end_was_heard_before(phone: Page) -> None:
    assert phone.evaluate(LATE, ["closed"]) == ["Closed", ["x1"], 0]


def test_a_vote_is_judged_also_where_the_answer_was_heard_before_it_was_taken(phone: Page) -> None:
    assert phone.evaluate(LATE, ["closed", "revealed"]) == [
        f"The answer: 1 of {len(STATE['cells'])} cells right",
        ["x1"],
        1,
    ]


# The status, the cells marked, and how many are judged, after a vote on the first cell and then
# ones on the second too get answers with these statuses (0: no answer), and the stream reports the
# phase: afterwards, or just before the last answer. zeros: the cells whose gradient is 0; then each
# cell has two reasons.
UNANSWERED = """async ([statuses, phase, before, { round = 1, zeros = [] } = {}]) => {
  const question = await (await fetch(`${location.pathname}/state`)).json();
  const reasons = zeros.length ? ["why", "more"] : ["why"];
  const cells = question.cells.map((cell) =>
    ({ ...cell, nonzero: !zeros.includes(cell.name), reasons }));
  const { fetch: fetched, setTimeout: wait } = window;
  const { random } = Math;
  Math.random = () => 0;
  const later = [];
  window.setTimeout = (act, ms) => (ms ? later.push(act) : wait(act));
  const left = [...statuses];
  let now = {};
  window.fetch = async (_, { method }) => {
    if (!method) return Response.json({ ...question, ...now, cells });
    const status = left.shift();
    if (before && !left.length) end();
    if (!status) throw new TypeError("the answer is lost");
    return Response.json({ error: "No." }, { status });
  };
  const pause = () => new Promise((go) => wait(go, 5));
  const end = () => {
    now = { phase, round };
    streams.at(-1).dispatchEvent(new MessageEvent("phase", { data: JSON.stringify(now) }));
  };
  document.querySelector(".cell").click();
  document.getElementById("send").click();
  await pause();
  while (left.length) {
    document.querySelectorAll(".cell")[1].click();
    const { length } = left;
    for (const act of later.splice(0)) act(); // it tries again
    document.getElementById("send").click();
    for (let i = 0; i < 100 && left.length === length; i += 1) await pause();
    await pause();
  }
  if (!before) end();
  await pause();
  Object.assign(window, { fetch: fetched, setTimeout: wait });
  Math.random = random;
  const marked = [...document.querySelectorAll(".cell[aria-pressed=true]")];
  const judged = document.querySelectorAll(".cell.right, .cell.wrong").length;
  return [document.getElementById("status").textContent, marked.map(({ name }) => name), judged];
}"""


@pytest.mark.parametrize(
    ("statuses", "closed", "marked"),
    [
        ([0], "unknown", ["x1"]),
        ([500], "unknown", ["x1"]),  # from a proxy on the way
        ([200, 0], "unknown", ["x1", "x2"]),
        ([0, 409], "unknown", ["x1"]),  # the first one may have been in time
        ([0, 200], "closed", ["x1", "x2"]),
        ([409], "missed", []),
        ([429], "missed", []),
        ([200, 409], "closed", ["x1"]),
    ],
)
def test_no_phone_says_that_a_vote_does_not_count_when_its_answer_was_lost(
    phone: Page, statuses: list[int], closed: str, marked: list[str]
) -> None:
    labels = [cell["label"] for cell in STATE["cells"] if cell["name"] in marked]
    expected = f"{say(f'vote.phone.{closed}', marked=', '.join(labels))} {say('vote.phone.wait')}"
    assert phone.evaluate(UNANSWERED, [statuses, "closed"]) == [expected, marked, 0]


def test_a_vote_that_may_have_come_is_shown_also_where_the_end_was_heard_before(
    phone: Page,
) -> None:
    label = STATE["cells"][0]["label"]
    said = f"{say('vote.phone.unknown', marked=label)} {say('vote.phone.wait')}"
    assert phone.evaluate(UNANSWERED, [[0, 429], "closed", True]) == [said, ["x1"], 0]


def test_a_vote_that_may_have_been_lost_is_none_in_the_next_round(phone: Page) -> None:
    missed = f"{say('vote.phone.missed', marked=say('vote.phone.none'))} {say('vote.phone.wait')}"
    assert phone.evaluate(UNANSWERED, [[0], "closed", False, {"round": 2}]) == [missed, [], 0]


def test_a_vote_that_may_have_been_lost_is_not_judged_at_the_answer(phone: Page) -> None:
    unsure = say("vote.phone.unsure", next=say("vote.phone.next"))
    assert phone.evaluate(UNANSWERED, [[200, 0], "revealed"]) == [unsure, ["x1", "x2"], 0]


def test_each_cell_of_a_vote_that_was_taken_is_judged_at_the_answer(phone: Page) -> None:
    count = len(STATE["cells"])
    told = say("vote.phone.revealed", right=1, count=count, next=say("vote.phone.next"))
    assert phone.evaluate(UNANSWERED, [[200], "revealed"]) == [told, ["x1"], count]
    classes = "[...document.querySelectorAll('#answers li')].map(({ className }) => className)"
    assert phone.evaluate(classes) == [*["wrong"] * (count - 1), "right"]
    assert phone.locator("#answers details").count() == 0, "one reason is all"
    shown = [each for each in STATE["arrays"] if not each["asked"]]
    assert phone.locator("#shown > *").count() == len(shown), "once each"


def test_a_zero_is_right_where_it_was_not_marked(phone: Page) -> None:
    zeros = [cell["name"] for cell in STATE["cells"][:2]]
    phone.evaluate(UNANSWERED, [[200], "revealed", False, {"zeros": zeros}])
    first, second, *others = (cell["label"] for cell in STATE["cells"])
    verdicts = [("wrong.marked", first), *(("wrong.left", each) for each in others)]
    verdicts.append(("right.left", second))
    told = [say(f"vote.phone.{verdict}", label=label) for verdict, label in verdicts]
    assert phone.locator("#answers strong").all_inner_texts() == told
    rest = phone.locator("#answers details p")
    assert rest.all_text_contents() == ["more"] * len(told), "the first reason is there already"


def test_after_the_last_answer_no_other_question_is_said_to_come(phone: Page) -> None:
    count, over = len(STATE["cells"]), say("vote.phone.over")
    told = say("vote.phone.revealed", right=1, count=count, next=over)
    assert phone.evaluate(UNANSWERED, [[200], "done"]) == [told, ["x1"], count]


# The status after the stream reports another round and then its end, and the answers to the
# requests that follow come in the opposite order.
OVERTAKEN = """async () => {
  const question = await (await fetch(`${location.pathname}/state`)).json();
  const { fetch: fetched } = window;
  const { random } = Math;
  Math.random = () => 0;
  const answers = [];
  window.fetch = () => new Promise((go) => {
    answers.push((now) => go(new Response(JSON.stringify({ ...question, ...now }))));
  });
  const pause = () => new Promise((go) => setTimeout(go, 20));
  const both = ["open", "closed"].map((phase) => ({ phase, round: 2, attempt: 2 }));
  for (const now of both) {
    streams[0].dispatchEvent(new MessageEvent("phase", { data: JSON.stringify(now) }));
    await pause();
  }
  for (const at of [1, 0]) {
    answers[at](both[at]);
    await pause();
  }
  window.fetch = fetched;
  Math.random = random;
  return document.getElementById("status").textContent.split(".")[0];
}"""


def test_an_answer_that_was_overtaken_opens_nothing_again(phone: Page) -> None:
    assert phone.evaluate(OVERTAKEN) == "Closed"


# Whether the button to send can be pressed before, while and after a vote is sent; for this round
# and the next ones, which are these attempts: the line about the attempt, if it is shown, and the
# status; and what the browser keeps of the vote while it is sent.
ATTEMPTS = """async (attempts) => {
  const { fetch } = window;
  const { random } = Math;
  Math.random = () => 0;
  let now = await (await fetch(`${location.pathname}/state`)).json();
  let answer;
  window.fetch = async (_, { method }) =>
    method ? new Promise((go) => (answer = go)) : Response.json(now);
  const pause = () => new Promise((go) => setTimeout(go, 5));
  const parts = ["send", "attempt", "status"];
  const [send, line, status] = parts.map((id) => document.getElementById(id));
  const shown = () => [line.hidden ? "" : line.textContent, status.textContent];
  const rounds = [shown()];
  const can = [send.ariaDisabled !== "true"];
  send.click();
  can.push(send.ariaDisabled !== "true");
  const { posted } = JSON.parse(localStorage.getItem("backprop-vote:/vote/ABCDEFGH"));
  answer(Response.json({}));
  for (let i = 0; i < 100 && !status.textContent.startsWith("Sent"); i += 1) await pause();
  can.push(send.ariaDisabled !== "true");
  for (const attempt of attempts) {
    now = { ...now, attempt, round: now.round + 1 };
    streams[0].dispatchEvent(new MessageEvent("phase", { data: JSON.stringify(now) }));
    const before = String(shown());
    for (let i = 0; i < 100 && String(shown()) === before; i += 1) await pause();
    rounds.push(shown());
  }
  Object.assign(window, { fetch });
  Math.random = random;
  return [can, rounds, posted];
}"""


def test_a_phone_says_which_attempt_it_is_and_sends_one_vote_at_a_time(phone: Page) -> None:
    first = ["", say("vote.phone.open")]
    second, third = (
        [say("vote.phone.second", attempt=attempt), say("vote.phone.reopened")]
        for attempt in (2, 3)
    )
    can = [True, False, False]
    *found, posted = phone.evaluate(ATTEMPTS, [2, 3, 1])
    assert found == [can, [first, second, third, first]]
    assert posted == [], "a page that is opened again knows that it may have come"


# The votes that a phone posts after it was told to send without a network, once it is back in this
# round: on its own, and when it is told to send again in a later round; and the status.
NEXT_ROUND = """async (next) => {
  const question = await (await fetch(`${location.pathname}/state`)).json();
  const { fetch: fetched } = window;
  const { random } = Math;
  Math.random = () => 0;
  const { setTimeout: wait } = window;
  // It does not wait until it would try again.
  window.setTimeout = (act, ms) => (ms < 100 ? wait(act, ms) : 0);
  const posted = [];
  let there = false;
  let now = {};
  window.fetch = async (_, { method, body }) => {
    if (!there) throw new Error("not reached");
    if (method) posted.push(JSON.parse(body));
    return new Response(JSON.stringify({ ...question, ...now }));
  };
  const pause = () => new Promise((go) => setTimeout(go, 20));
  const send = document.getElementById("send");
  const said = () => document.getElementById("status").textContent.split(":")[0];
  document.querySelector(".cell").click();
  send.click();
  await pause();
  [there, now] = [true, next];
  dispatchEvent(new Event("online"));
  for (let i = 0; i < 20; i += 1) await pause();
  const alone = posted.splice(0);
  if (next.round > 1) send.click();
  for (let i = 0; i < 20; i += 1) await pause();
  Object.assign(window, { fetch: fetched, setTimeout: wait });
  Math.random = random;
  const votes = [alone, posted].map((each) => each.map(({ round, marked }) => [round, marked]));
  return [...votes, said()];
}"""


@pytest.mark.parametrize(
    ("state", "alone", "then"),
    [
        ({}, [[1, ["x1"]]], []),
        ({"round": 2}, [], [[2, []]]),
        ({"round": 2, "attempt": 2}, [], [[2, ["x1"]]]),
        ({"round": 3, "attempt": 2}, [], [[3, []]]),  # of another question
        ({"round": 2, "attempt": 2, "cells": STATE["cells"][1:]}, [], [[2, []]]),
    ],
)
def test_what_a_phone_could_not_send_is_never_a_vote_in_the_next_round(
    phone: Page, state: dict[str, object], alone: list[object], then: list[object]
) -> None:
    next_round = {"round": 1, "attempt": 1, **state}
    assert phone.evaluate(NEXT_ROUND, next_round) == [alone, then, "Sent"]


# The status after a vote was refused and then a mark changes or the next round opens; or after a
# vote was taken, if that has happened before the answer comes.
TAKEN = """async ([refused, again]) => {
  const { fetch } = window;
  const { random } = Math;
  Math.random = () => 0;
  let now = await (await fetch(`${location.pathname}/state`)).json();
  const pause = () => new Promise((go) => setTimeout(go, 5));
  const line = document.getElementById("status");
  let answer;
  window.fetch = async (_, { method }) =>
    method ? new Promise((go) => (answer = go)) : Response.json(now);
  const [cell, other] = document.querySelectorAll(".cell");
  cell.click();
  document.getElementById("send").click();
  if (refused) {
    answer(Response.json({ error: refused }, { status: 422 }));
    for (let i = 0; i < 100 && line.textContent !== refused; i += 1) await pause();
  }
  if (again) {
    now = { ...now, round: now.round + 1 };
    streams[0].dispatchEvent(new MessageEvent("phase", { data: JSON.stringify(now) }));
    const marked = () => document.querySelector(".cell[aria-pressed=true]");
    for (let i = 0; i < 100 && marked(); i += 1) await pause();
  } else {
    other.click();
  }
  if (!refused) answer(Response.json({}));
  await pause();
  Object.assign(window, { fetch });
  Math.random = random;
  return line.textContent;
}"""


@pytest.mark.parametrize("refused_again", [["", True], ["No vote.", False], ["No vote.", True]])
def test_what_came_of_a_vote_is_said_of_that_vote_alone(
    phone: Page, refused_again: list[object]
) -> None:
    assert phone.evaluate(TAKEN, refused_again) == say("vote.phone.open")


# Whether the user can still send and choose a cell, whether the page still listens, and whether it
# plans to ask again after a long silence, once the server knows no such vote, or its stream tells
# that it is gone; and the status.
UNKNOWN = """async (told) => {
  const { fetch, setTimeout } = window;
  const { now } = Date;
  window.fetch = async () => new Response("{}", { status: 404 });
  const send = document.getElementById("send");
  if (told) streams[0].dispatchEvent(new MessageEvent("gone"));
  else send.click();
  for (let i = 0; i < 100 && !send.hidden; i += 1) await new Promise((go) => setTimeout(go, 5));
  let planned = 0;
  window.setTimeout = () => { planned += 1; };
  Date.now = () => now() + 41_000;
  lookAround();
  Date.now = now;
  Object.assign(window, { fetch, setTimeout });
  const { ariaDisabled } = document.querySelector(".cell");
  const can = [!send.hidden, ariaDisabled !== "true", !streams[0].closed, planned > 0];
  return [can, document.getElementById("status").textContent];
}"""


@pytest.mark.parametrize("told", [False, True])
def test_nobody_listens_to_a_vote_that_is_gone(phone: Page, told: bool) -> None:
    phone.wait_for_function("streams.length === 1")
    assert phone.evaluate(UNKNOWN, told) == [[False] * 4, say("vote.phone.gone")]


# Whether a vote can be sent while a phone waits to send one again to a server that is overasked,
# and once the next round has opened.
WAITED = """async () => {
  const { fetch, setTimeout } = window;
  const { random } = Math;
  Math.random = () => 0;
  let now = await (await fetch(`${location.pathname}/state`)).json();
  window.setTimeout = (act, ms) => (ms < 100 ? setTimeout(act, ms) : 0);
  window.fetch = async (_, { method }) => Response.json(now, { status: method ? 429 : 200 });
  const pause = () => new Promise((go) => setTimeout(go, 5));
  const send = document.getElementById("send");
  const can = () => send.ariaDisabled !== "true";
  send.click();
  for (let i = 0; i < 4; i += 1) await pause();
  const found = [can()];
  now = { ...now, round: now.round + 1 };
  streams[0].dispatchEvent(new MessageEvent("phase", { data: JSON.stringify(now) }));
  for (let i = 0; i < 100 && !can(); i += 1) await pause();
  Object.assign(window, { fetch, setTimeout });
  Math.random = random;
  return [...found, can()];
}"""


def test_a_vote_of_the_last_round_does_not_keep_one_waiting_in_the_next(phone: Page) -> None:
    phone.wait_for_function("streams.length === 1")
    assert phone.evaluate(WAITED) == [False, True]


# The pauses in ms before a phone tries again to send, the first as short and the others as long as
# chance allows, while the server is busy or overasked this often; how often it was asked; the
# status.
TRIES = """async (refusals) => {
  const { fetch, setTimeout } = window;
  const { random } = Math;
  let chance = 0;
  let asked = 0;
  const pauses = [];
  Math.random = () => chance;
  window.setTimeout = (go, pause) => {
    chance = 1;
    pauses.push(pause);
    return setTimeout(go, 0);
  };
  window.fetch = async () => {
    asked += 1;
    return new Response("{}", { status: asked > refusals ? 200 : asked % 2 ? 503 : 429 });
  };
  document.getElementById("send").click();
  const line = document.getElementById("status");
  const said = () => line.textContent.split(":")[0];
  const wait = () => new Promise((go) => setTimeout(go, 5));
  for (let i = 0; i < 400 && said() !== "Sent"; i += 1) await wait();
  Object.assign(window, { fetch, setTimeout });
  Math.random = random;
  return [pauses, asked, said()];
}"""


def test_the_longer_a_server_is_busy_the_less_it_is_asked(phone: Page) -> None:
    pauses, asked, said = phone.evaluate(TRIES, 7)
    assert asked == 8
    assert said == "Sent"
    assert pauses == [400, 2400, 4800, 9600, 12_000, 12_000, 12_000]


# The status after a vote is sent by a browser that has no time-outs for requests.
OLDER = """async () => {
  AbortSignal.timeout = undefined;
  document.getElementById("send").click();
  const said = () => document.getElementById("status").textContent.split(":")[0];
  const pause = () => new Promise((go) => setTimeout(go, 5));
  for (let i = 0; i < 400 && said() !== "Sent"; i += 1) await pause();
  return said();
}"""


def test_an_older_phone_votes_too(phone: Page) -> None:
    assert phone.evaluate(OLDER) == "Sent"


# How often the status line is written while cells are marked, sent, and marked again; and the line.
WRITTEN = """async () => {
  let written = 0;
  const line = document.getElementById("status");
  const observer = new MutationObserver((news) => { written += news.length; });
  observer.observe(line, { childList: true, characterData: true, subtree: true });
  const [one, two, three] = document.querySelectorAll(".cell");
  const found = [];
  const presses = [[one, two], [document.getElementById("send")], [two, three]];
  for (const [at, pressed] of presses.entries()) {
    for (const each of pressed) each.click();
    const pause = () => new Promise((go) => setTimeout(go, 5));
    for (let i = 0; i < 400 && at && !line.textContent.startsWith("Sent"); i += 1) await pause();
    await pause();
    found.push([written, line.textContent.split(":")[0]]);
    written = 0;
  }
  return found;
}"""


def test_a_phone_writes_its_status_only_when_it_changes(phone: Page) -> None:
    assert phone.evaluate(WRITTEN) == [
        [0, "Open. Nothing is sent yet."],
        [2, "Sent"],  # after "Sending"
        [1, "Sent"],  # once, that the marks have changed
    ]


# The cells that are marked on a phone.
KEPT = "[...document.querySelectorAll('.cell[aria-pressed=true]')].map(({ name }) => name)"


def test_marks_in_the_storage_that_cannot_be_read_are_not_restored(phone: Page) -> None:
    def opened_again(key: str, text: str) -> list[str]:
        phone.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, text])
        phone.reload()
        phone.locator(".cell").first.wait_for()
        marked: list[str] = phone.evaluate(KEPT)
        return marked

    phone.locator(".cell").first.click()
    marked = phone.evaluate(KEPT)
    own, another = "backprop-vote:/vote/ABCDEFGH", "backprop-vote:/vote/ANOTHER1"
    assert opened_again(another, "null") == marked != []
    assert phone.evaluate("(key) => localStorage.getItem(key)", another) is None
    today = json.dumps({"at": phone.evaluate("Date.now()")})
    assert opened_again(another, today) == marked
    assert phone.evaluate("(key) => localStorage.getItem(key)", another) == today, "it may go on"
    mine = json.loads(phone.evaluate("(key) => localStorage.getItem(key)", own))
    assert opened_again(own, json.dumps({**mine, "at": 0})) == marked, "while it is open it counts"
    assert opened_again(own, "5") == []
    phone.locator(".cell").first.click()
    assert phone.evaluate(KEPT) == marked


# The name of the voter, and the time from which it is kept, once a cell is marked.
SINCE = """() => {
  const { now } = Date;
  Date.now = () => 1000;
  document.querySelector(".cell").click();
  Date.now = now;
  const { voter, at } = JSON.parse(localStorage.getItem("backprop-vote:/vote/ABCDEFGH"));
  return [voter, at];
}"""


def test_a_voter_has_a_name_of_one_length_that_is_kept_from_the_last_mark_on(phone: Page) -> None:
    assert phone.evaluate(SINCE) == ["0a" * 16, 1000]


def test_an_address_with_a_slash_at_its_end_is_taken_as_a_code(phone: Page) -> None:
    which = PATH.rpartition("/")[0]
    body = page_text(which).decode()
    phone.route(which, lambda route: route.fulfill(content_type="text/html", body=body))
    phone.goto(which)
    assert phone.locator("#status").inner_text() == say("vote.phone.which")
    phone.locator("#code").fill(f" {PATH}/ ")
    phone.locator("#code").press("Enter")
    phone.wait_for_url(PATH, timeout=3000)
    phone.goto(which)
    phone.route(f"{which}/**", lambda route: route.fulfill(body=""))
    phone.locator("#code").fill("A?B#C")
    phone.locator("#code").press("Enter")
    phone.wait_for_url(f"{which}/A%3FB%23C", timeout=3000)
    phone.unroute(f"{which}/**")
    phone.unroute(which)


# How many streams were requested after the first was lost, and after a vote is taken long before
# the page would have tried again; and how often it has voted by then, after it is told to send the
# same again, and after one more cell is marked.
TAKES = """async () => {
  const { fetch, setTimeout } = window;
  let posted = 0;
  window.setTimeout = (act, ms) => (ms < 100 ? setTimeout(act, ms) : 0);
  window.fetch = (url, init) => {
    posted += init.method === "POST";
    return fetch(url, init);
  };
  const until = async (done) => {
    for (let i = 0; i < 100 && !done(); i += 1) await new Promise((go) => setTimeout(go, 5));
  };
  await until(() => streams.length);
  streams[0].onerror();
  const found = [streams.length];
  const form = document.getElementById("cells");
  document.querySelector(".cell").click();
  form.requestSubmit();
  await until(() => streams.length > 1);
  found.push(streams.length, posted);
  form.requestSubmit();
  await new Promise((go) => setTimeout(go, 20));
  found.push(posted);
  document.querySelectorAll(".cell")[1].click();
  form.requestSubmit();
  await until(() => posted > 1);
  Object.assign(window, { fetch, setTimeout });
  return [...found, posted];
}"""


def test_a_phone_whose_vote_is_taken_listens_again_and_votes_once(phone: Page) -> None:
    assert phone.evaluate(TAKES) == [1, 2, 1, 1, 2]


# The classes of a grid of cells with so many columns, in the next round; how its first cell is
# called, which has no number; and the place of the second.
COLUMNS = """async (columns) => {
  const { fetch } = window;
  const { random } = Math;
  Math.random = () => 0;
  const question = await (await fetch(`${location.pathname}/state`)).json();
  const arrays = question.arrays.map((each) => ({ ...each, columns }));
  const cells = question.cells.map((cell, i) => (i ? cell : { ...cell, number: "" }));
  const now = { ...question, round: 2, arrays, cells };
  window.fetch = async () => Response.json(now);
  streams[0].dispatchEvent(new MessageEvent("phase", { data: JSON.stringify(now) }));
  const grid = () => document.querySelector(".grid");
  const there = () => grid().style.getPropertyValue("--columns") === String(columns);
  for (let i = 0; i < 100 && !there(); i += 1) await new Promise((go) => setTimeout(go, 5));
  Object.assign(window, { fetch });
  Math.random = random;
  const [one, two] = document.querySelectorAll(".cell");
  return [there(), grid().className, one.ariaLabel, two.style.gridArea];
}"""


@pytest.mark.parametrize(("columns", "name"), [(6, "grid"), (7, "grid dense")])
def test_many_columns_of_cells_are_dense(phone: Page, columns: int, name: str) -> None:
    phone.wait_for_function("streams.length === 1")
    label = STATE["cells"][0]["label"]
    assert phone.evaluate(COLUMNS, columns) == [True, name, label, "1 / 2"]


# How often the server is asked for the question when the stream reports two phases at once; and how
# many cells remain marked once a vote is closed for which nothing was sent, and whether they are
# said to do nothing.
TOGETHER = """async () => {
  const { fetch } = window;
  const question = await (await fetch(`${location.pathname}/state`)).json();
  let asked = 0;
  window.fetch = async () => {
    asked += 1;
    return Response.json({ ...question, phase: "closed" });
  };
  document.querySelector(".cell").click();
  const { random } = Math;
  Math.random = () => 0;
  for (const phase of ["revealed", "done"]) {
    const data = JSON.stringify({ phase, round: 1 });
    streams[0].dispatchEvent(new MessageEvent("phase", { data }));
  }
  await new Promise((go) => setTimeout(go, 20));
  Object.assign(window, { fetch });
  Math.random = random;
  document.querySelector(".cell").click(); // too late
  const { ariaDisabled } = document.querySelector(".cell");
  return [asked, document.querySelectorAll(".cell[aria-pressed=true]").length, ariaDisabled];
}"""


def test_what_is_asked_for_twice_at_once_is_asked_once_and_unsent_marks_go(phone: Page) -> None:
    assert phone.evaluate(TOGETHER) == [1, 0, "true"]


# The status of a refused vote while it is sent again; and whether the page still considers its
# stream alive when that does not get through.
SENT_AGAIN = """async (refusals) => {
  const { fetch } = window;
  const line = document.getElementById("status");
  const send = document.getElementById("send");
  const answers = refusals.map((error) => async () => Response.json({ error }, { status: 422 }));
  const pause = () => new Promise((go) => setTimeout(go, 5));
  const state = await (await fetch(`${location.pathname}/state`)).json();
  let answer = () => new Promise(() => {});
  window.fetch = async (_, { method }) =>
    method ? (answers.shift() ?? answer)() : Response.json(state);
  const said = [];
  for (const refusal of refusals) {
    send.click();
    for (let i = 0; i < 400 && line.textContent !== refusal; i += 1) await pause();
  }
  answer = async () => { throw new Error("not reached"); };
  send.click();
  said.push(line.textContent);
  for (let i = 0; i < 400 && !document.getElementById("link").textContent; i += 1) await pause();
  Object.assign(window, { fetch });
  return [...said, !streams[0].closed];
}"""


def test_a_vote_that_is_sent_again_is_not_refused_yet_and_tells_what_is_dead(phone: Page) -> None:
    assert phone.evaluate(SENT_AGAIN, ["No vote."]) == [say("vote.phone.sending"), False]


# For a stream that has been silent for as long as one late beat takes, then so long that it is
# dead, and then still: whether it is closed, and how many retries are planned when the interval
# timer fires. Then whether the page says that the server is not reached when the user returns to
# it, and when there is no such vote any more.
SILENT = """async () => {
  const { fetch, setTimeout } = window;
  const { now } = Date;
  const link = document.getElementById("link");
  const later = [];
  window.setTimeout = (act) => void later.push(act);
  const found = [30_000, 41_000, 41_000].map((silence) => {
    Date.now = () => now() + silence;
    lookAround();
    return [Boolean(streams[0].closed), later.length];
  });
  const answers = [async () => { throw new Error("lost"); },
    async () => new Response("{}", { status: 404 })];
  for (const answer of answers) {
    window.fetch = answer;
    dispatchEvent(new Event("pageshow"));
    await new Promise((go) => setTimeout(go, 20));
    found.push(link.textContent !== "");
  }
  Date.now = now;
  Object.assign(window, { fetch, setTimeout });
  return found;
}"""


def test_a_silent_stream_is_left_once_and_of_a_vote_that_is_gone_no_more_is_said(
    phone: Page,
) -> None:
    phone.wait_for_function("streams.length === 1")
    assert phone.evaluate(SILENT) == [[False, 0], [True, 1], [True, 1], True, False]
    assert phone.evaluate("looks") <= 5000


# How many streams were requested after the user returns to a page: right away, after its stream has
# been silent for so long that it is dead, and so again after the next one, by another event.
LOOKED_AT = """async () => {
  const { now } = Date;
  const pause = () => new Promise((go) => setTimeout(go, 5));
  const found = [];
  for (const [later, way, count] of [
    [0, "pageshow", 2], [41_000, "pageshow", 2], [82_000, "visibilitychange", 3],
  ]) {
    Date.now = () => now() + later;
    dispatchEvent(new Event(way));
    for (let i = 0; i < (later ? 400 : 4) && streams.length < count; i += 1) await pause();
    found.push(streams.length);
  }
  Date.now = now;
  return found;
}"""


def test_a_phone_replaces_a_dead_stream_when_its_user_returns(phone: Page) -> None:
    phone.wait_for_function("streams.length === 1")
    assert phone.evaluate(LOOKED_AT) == [1, 2, 3]


# The status and the cells marked, after another tab of the phone has sent a vote on the first cell;
# and after the vote is closed; or, in the next round, if that tab has heard of it and voted before.
OTHER_TAB = """async ({ round, phase }) => {
  const key = "backprop-vote:/vote/ABCDEFGH";
  const question = await (await fetch(`${location.pathname}/state`)).json();
  const { fetch: fetched } = window;
  const { random } = Math;
  Math.random = () => 0;
  const found = [];
  const look = () => {
    const marked = [...document.querySelectorAll(".cell[aria-pressed=true]")];
    found.push([document.getElementById("status").textContent, marked.map(({ name }) => name)]);
  };
  document.querySelectorAll(".cell")[1].click();
  const kept = JSON.parse(localStorage.getItem(key));
  const sent = question.cells.slice(0, 1).map(({ name }) => name);
  const at = round > 1 ? kept.at - 1 : kept.at + 1;
  localStorage.setItem(key, JSON.stringify({ ...kept, round, at, marked: sent, sent }));
  dispatchEvent(new StorageEvent("storage", { key }));
  look();
  const now = { phase, round };
  window.fetch = async () => Response.json({ ...question, ...now });
  streams[0].dispatchEvent(new MessageEvent("phase", { data: JSON.stringify(now) }));
  await new Promise((go) => setTimeout(go, 20));
  look();
  window.fetch = fetched;
  Math.random = random;
  return found;
}"""


def test_two_tabs_of_a_phone_are_one_voter(phone: Page) -> None:
    label = STATE["cells"][0]["label"]
    sent = [say("vote.phone.sent", marked=label), ["x1"]]
    closed = f"{say('vote.phone.closed', marked=label)} {say('vote.phone.wait')}"
    assert phone.evaluate(OTHER_TAB, {"round": 1, "phase": "closed"}) == [sent, [closed, ["x1"]]]


def test_a_tab_does_not_undo_what_another_one_sent_in_a_later_round(phone: Page) -> None:
    sent = [say("vote.phone.sent", marked=STATE["cells"][0]["label"]), ["x1"]]
    before = [say("vote.phone.open"), ["x2"]]
    assert phone.evaluate(OTHER_TAB, {"round": 2, "phase": "open"}) == [before, sent]


# Sends a vote on the first cell from a browser that stores nothing.
WITHOUT_STORAGE = """async () => {
  localStorage.clear();
  Storage.prototype.setItem = () => { throw new DOMException("", "QuotaExceededError"); };
  document.querySelector(".cell").click();
  document.getElementById("send").click();
}"""


def test_a_reload_makes_no_other_voter_of_a_phone_that_stores_nothing(phone: Page) -> None:
    sent = say("vote.phone.sent", marked=STATE["cells"][0]["label"])
    phone.evaluate(WITHOUT_STORAGE)
    for again in (False, True):
        if again:
            phone.reload()
        expect(phone.locator("#status")).to_have_text(sent)
