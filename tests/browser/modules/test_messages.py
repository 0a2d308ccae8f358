"""The messages between browser and server: what happens when one is lost, late, or repeated."""

import json

import pytest
from playwright.sync_api import Page

from pages.components.live_figure import shown
from pages.derive.picture import SCREEN
from pages.session.message import REMEMBERED
from tests.pages.scenes import BLOCK, block

# Loses a message with a click: with the server, or on the way to it. Returns for each message sent
# whether it has the click, its address, and whether its news has the number of the first message's.
CLICK = """async (lost) => {
  const { Mail, Requests } = await import("/browser/mail.js");
  const sent = [];
  const mail = new Mail(() => ({}), new Requests());
  mail.send = (message) => sent.push(message);
  mail.say({ changed: true, clicked: true });
  if (lost === "server") mail.remind({ w: "2" });
  else mail.repeat();
  mail.answered(mail.serial());
  mail.say({ changed: true });
  mail.close();
  const first = sent[0].news;
  return sent.map(({ clicked, address, news }) => [clicked, address, news === first]);
}"""


def test_a_click_outlives_a_restart_and_is_never_made_twice(modules: Page) -> None:
    once = [True, None, True]
    later = [False, None, False]
    # A new server does not know the click; an old one knows by its news that it is the same one.
    assert modules.evaluate(CLICK, "server") == [once, [True, {"w": "2"}, False], later]
    assert modules.evaluate(CLICK, "message") == [once, once, later]


# Sends one message that is lost, notes another, and repeats. Returns for each message sent what it
# tells once only, the index of the message whose news it has, and whether it has the first one's
# state, which changes each time.
AGAIN = """async ([then, since]) => {
  const { Mail, Requests } = await import("/browser/mail.js");
  const sent = [];
  let step = 0;
  const mail = new Mail(() => ({ step: (step += 1) }), new Requests(), () => {});
  mail.send = (message) => sent.push(message);
  mail.say({ changed: true, ...then });
  mail.note({ changed: true, ...since });
  mail.repeat();
  mail.answered(mail.serial());
  mail.flush();
  mail.close();
  const once = ({ act, preset, clicked, rested }) => ({ act, preset, clicked, rested });
  return sent.map((message) => [
    once(message),
    sent.findIndex(({ serial }) => serial === message.news),
    message.step === sent[0].step,
  ]);
}"""


@pytest.mark.parametrize(
    ("then", "since"),
    [
        ({"act": "undo"}, {}),
        ({"act": "undo"}, {"ask": "x1"}),
        ({"act": "undo"}, {"address": {"w": "2"}}),
        ({"act": "undo"}, {"act": "redo"}),
        ({"act": "undo"}, {"preset": "max-tie"}),
        ({"act": "next"}, {"clicked": True}),
        ({"preset": "max-tie"}, {"preset": "unique-max"}),
        ({"clicked": True}, {"act": "reveal"}),
        ({"clicked": True}, {"clicked": True}),
        ({"rested": [{"w": 1}]}, {"rested": [{"w": 2}]}),
        ({}, {"rested": [{"w": 1}]}),
        ({}, {"clicked": True}),
    ],
)
def test_a_repeated_message_keeps_its_news_and_its_state_and_later_news_follow(
    modules: Page, then: dict[str, object], since: dict[str, object]
) -> None:
    """Also if more was done since, which is sent after it, as news of its own."""
    nothing = {"act": "", "preset": "", "clicked": False, "rested": []}
    first = {**nothing, **then}
    later = {**nothing, **{name: since[name] for name in since if name in nothing}}
    expected = [[first, 0, True], [first, 0, True], [later, 2, False]]
    assert modules.evaluate(AGAIN, [then, since]) == expected


# The contents of a message that is lost, and of those that follow it.
LOST = """async (news) => {
  const { Mail, Requests } = await import("/browser/mail.js");
  const sent = [];
  const mail = new Mail(() => ({}), new Requests());
  mail.send = (message) =>
    sent.push(Object.fromEntries(Object.keys(news).map((name) => [name, message[name]])));
  mail.say({ changed: true, ...news });
  mail.repeat();
  mail.answered(mail.serial());
  mail.say({ changed: true });
  mail.close();
  return sent;
}"""


def test_what_was_lost_on_the_way_is_said_once_more(modules: Page) -> None:
    news = {"ask": "x1", "preset": "max-tie", "act": "answer", "argument": "7"}
    there = {**news, "address": {"w": "2"}}
    later = {**dict.fromkeys(news, ""), "address": None}
    assert modules.evaluate(LOST, there) == [there, there, later]


# How many messages are sent if the mail is closed while an answer is awaited, and before any
# message.
CLOSED = """async () => {
  const { Mail, Requests } = await import("/browser/mail.js");
  return [true, false].map((waiting) => {
    let sent = 0;
    const mail = new Mail(() => ({ settled: true }), new Requests(), () => {});
    mail.send = () => { sent += 1; };
    if (waiting) mail.say({ changed: true });
    mail.close();
    mail.answered(mail.serial());
    mail.say({ changed: true, rested: [{ w: 1 }] });
    mail.repeat();
    mail.remind({ w: "2" });
    return sent;
  });
}"""


def test_mail_that_was_closed_sends_no_more_messages(modules: Page) -> None:
    assert modules.evaluate(CLOSED) == [1, 0]


# The requests in each message, while the user moves something and once it rests.
WANTED = """async () => {
  const { Mail, Requests } = await import("/browser/mail.js");
  const [sent, requests] = [[], new Requests()];
  let settled = false;
  const mail = new Mail(() => ({ settled }), requests, () => {});
  mail.send = ({ wants }) => {
    sent.push(wants);
    if (sent.length < 9) mail.answered(mail.serial());
  };
  requests.add("html", "x");
  mail.flush();
  mail.say({ changed: true });
  mail.flush();
  settled = true;
  mail.flush();
  mail.close();
  return sent;
}"""


def test_nothing_is_asked_for_about_what_a_hand_still_moves(modules: Page) -> None:
    assert modules.evaluate(WANTED) == [{}, {"html": "x"}]


# The answers that two requests of the same name get, and whether any is still open, after each of
# these answers has come in.
ANSWERS = """async (heard) => {
  const { Requests } = await import("/browser/mail.js");
  const requests = new Requests();
  const came = [];
  for (const entry of ["x1", "x2"]) requests.add("look", entry).then((said) => came.push(said));
  const steps = [];
  for (const argument of heard) {
    requests.take({ look: { argument, answer: `of ${argument}` } });
    await null;
    steps.push([[...came], requests.any]);
  }
  return steps;
}"""


def test_only_the_answer_to_the_last_question_of_a_name_is_one(modules: Page) -> None:
    both = ["of x2", "of x2"]
    assert modules.evaluate(ANSWERS, ["x1", "x2"]) == [[[], True], [both, False]]


# Values of the message's field `key`: of messages sent one after the other, and of the repetition.
NEWS = """async ([key, wanted]) => {
  const { Mail, Requests } = await import("/browser/mail.js");
  const sent = [];
  const mail = new Mail(() => ({}), new Requests());
  mail.send = (message) => sent.push(message[key]);
  for (const each of wanted) mail.say({ changed: true, [key]: each });
  mail.repeat();
  mail.close();
  return sent;
}"""


@pytest.mark.parametrize("key", ["ask", "address"])
def test_a_repeated_message_carries_the_later_of_two_wishes(modules: Page, key: str) -> None:
    assert modules.evaluate(NEWS, [key, ["one", "two"]]) == ["one", "two"]
    assert modules.evaluate(NEWS, [key, ["one"]]) == ["one", "one"]


# The state of the scene in a message, while a slider is held and once nothing moves.
STATE = """async (held) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  document.body.style.background = "black";
  const values = new Map([["x1", 3], ["step", 2]]);
  const stage = { narrow: true };
  return LiveFigure.prototype.state.call({ values, entry: "x1", stage, version: 4, held });
}"""


@pytest.mark.parametrize("held", ["x1", None])
def test_every_message_says_whether_something_moves(modules: Page, held: str | None) -> None:
    assert modules.evaluate(STATE, held) == {
        "values": {"x1": 3},
        "step": 2,
        "entry": "x1",
        "theme": "dark",
        "narrow": True,
        "version": 4,
        "settled": held is None,
    }


# Returns what a figure shows, what it sends, and whether it still plays its steps, when the
# server's scene has been replaced by a preset, Undo or another lesson, after x1 and the step were
# moved, and after a movement in the former scene had ended. step: the step moved to. playing: by a
# clock.
ANOTHER = """async ([step, playing]) => {
  const [{ LiveFigure }, { Mail, Requests }] = await Promise.all(
    ["live_figure", "mail"].map((name) => import(`/browser/${name}.js`)),
  );
  const sliders = [{ name: "x1", value: 1 }, { name: "x2", value: 2 }];
  const sent = [];
  const mail = new Mail(() => ({}), new Requests());
  mail.send = ({ rested }) => sent.push(rested);
  mail.note({ rested: [{ x1: -4, x2: -4 }] });
  const waiting = { rested: [{ x1: -4 }], then: { values: new Map(), moved: new Set() } };
  const figure = {
    data: { sliders, steps: ["inputs", "forward", "backward"], step: 0 },
    mail,
    queue: [waiting],
    moved: new Set(["x1", "gone", "step"]),
    values: new Map([["x1", 3], ["x2", -4], ["step", step]]),
    controls: { show() {}, playing, stop() { this.playing = 0; } },
  };
  LiveFigure.prototype.goOnFromThere.call(figure);
  mail.flush();
  mail.close();
  sent.push(waiting.rested);
  return [Object.fromEntries(figure.values), sent, figure.controls.playing];
}"""


def test_in_another_scene_only_what_was_moved_since_is_said_again(modules: Page) -> None:
    still = {"x1": 3, "x2": 2}
    none_rested: list[list[object]] = [[], []]  # of what is sent, and of what waits to be sent
    for asked, step, why in (
        ([2, 0], 2, ""),
        ([3, 0], 0, "no such step"),
        ([2, 1], 0, "it is played"),
    ):
        found = modules.evaluate(ANOTHER, asked)
        assert found == [{**still, "step": step}, none_rested, 0], why


# Returns, after the server's picture is adopted: the sliders that count as moved; the address for a
# restarted server, if the page's address has no room for everything; the page's address; what is
# sent when the window's shape is reported twice; and what has a value, where there are no steps.
ADOPTED = """async () => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  document.body.style.background = "white";
  const any = new Proxy(() => {}, { get: () => any, apply: () => any });
  const parts = ["pad", "stage", "controls", "vote", "side", "requests", "tools"];
  const said = [];
  const figure = Object.assign(Object.create(LiveFigure.prototype), {
    ...Object.fromEntries(parts.map((part) => [part, any])),
    data: {
      sliders: [], steps: [], address: { w: "2" }, query: { x: "1" }, theme: "dark", narrow: false,
    },
    moved: new Set(["x1"]),
    queue: [],
    mail: { say: (news) => said.push(news) },
    arrange() {},
    drawAnswer() {},
  });
  figure.adopt();
  figure.stage = { narrow: true };
  for (let run = 0; run < 2; run += 1) figure.report();
  const { search } = location;
  history.replaceState(null, "", "/");
  return [[...figure.moved], figure.address, search, said, [...figure.values.keys()]];
}"""


def test_what_the_server_shows_is_not_moved_any_more_and_a_window_is_told_once(
    modules: Page,
) -> None:
    assert modules.evaluate(ADOPTED) == [[], {"x": "1"}, "?w=2", [{"changed": True}], []]


# The entries that are chosen when the sliders of two entries, one of them in the picture, are
# shown.
TURNED = """async (marking) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const chosen = [];
  const data = { targets: [{ entry: "x1" }], marking };
  const figure = { data, choose: (entry) => chosen.push(entry) };
  for (const entry of ["x1", "dz"]) LiveFigure.prototype.lookAt.call(figure, entry);
  return chosen;
}"""


@pytest.mark.parametrize(("marking", "chosen"), [(False, ["x1"]), (True, [])])
def test_an_entry_whose_slider_is_turned_to_is_never_marked(
    modules: Page, marking: bool, chosen: list[str]
) -> None:
    assert modules.evaluate(TURNED, marking) == chosen


# How many listeners a component with an open menu has on the window, the document and the page, and
# which remain after it has been left.
LEAVE = """async ([name, data]) => {
  const { default: component } = await import(`/browser/${name}.js`);
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const parentElement = main.appendChild(document.createElement("div"));
  const heard = [];
  for (const target of [window, document, main]) {
    const { addEventListener: add, removeEventListener: remove } = target;
    const told = (kind, act, how) => [kind, act, how?.capture ?? how === true];
    target.addEventListener = (...given) => {
      heard.push(told(...given));
      add.apply(target, given);
    };
    target.removeEventListener = (...given) => {
      const at = heard.findIndex((each) => told(...given).every((part, i) => part === each[i]));
      if (at >= 0) heard.splice(at, 1);
      remove.apply(target, given);
    };
  }
  const say = () => {};
  const run = () => component({ data, parentElement, setStateValue: say, setTriggerValue: say });
  run();
  const leave = run();
  await new Promise((go) => setTimeout(go, 50));
  parentElement.querySelector(".live-figure-slide > button")?.click();
  const there = heard.length;
  close(main, leave);
  for (const target of [window, document, main]) {
    delete target.addEventListener;
    delete target.removeEventListener;
  }
  return [there, heard.map(([kind]) => kind)];
}"""


def of_a_figure() -> dict[str, object]:
    """The data that a live figure gets from the server."""
    scene = block()
    picture, sliders, steps = BLOCK.picture(scene), BLOCK.sliders(scene), BLOCK.steps(scene)
    there: dict[str, object] = json.loads(shown(scene, picture, sliders, steps, SCREEN).packed)
    told = {"page": "conv-block", "case": "", "session": "one", "version": 0, "voteEnded": ""}
    still = {"sliders": "", "steps": ""}
    return {**there, **told, "still": still, "assets": {}, "votes": True, "locked": False}


@pytest.mark.parametrize(
    ("name", "data", "listens"),
    [
        ("live_figure", of_a_figure(), True),
        ("live_charts", {"texts": {}, "address": {}, "assets": {}, "charts": []}, True),
        ("gallery", {"groups": [], "assets": {}, "lecture": None}, False),
        ("button_row", {"buttons": [["one", None]]}, False),
    ],
)
def test_a_component_that_was_left_hears_nothing(
    modules: Page, name: str, data: dict[str, object], listens: bool
) -> None:
    there, left = modules.evaluate(LEAVE, [name, data])
    assert bool(there) == listens
    assert left == []


# How many messages a component sends when a cell is chosen in it. path: where a link was followed.
TOLD = """async ([name, data, path]) => {
  const { default: component } = await import(`/browser/${name}.js`);
  const { residentOf } = await import("/browser/page.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  main.innerHTML = "<div></div><a data-testid=stSidebarNavLink></a>";
  const [parentElement, link] = main.children;
  link.href = path;
  link.addEventListener("click", (event) => event.preventDefault());
  let told = 0;
  const leave = component({ data, parentElement, setStateValue: () => { told += 1; } });
  link.click();
  told = 0;
  parentElement.querySelector(".live-figure-cell").click();
  await new Promise((go) => setTimeout(go, 20));
  close(main, leave);
  residentOf(document.createElement("div"), () => ({}));
  return told;
}"""


def test_what_is_chosen_on_the_way_to_another_page_is_not_told(modules: Page) -> None:
    targets = [{"entry": "x1", "said": "x1", "box": [0, 0, 9, 9]}]
    layout = {"width": 10, "height": 10}
    figure = {**of_a_figure(), "targets": targets}
    chart = json.dumps({"data": [], "layout": layout})
    charts = [{"figure": chart, "said": "a chart", "targets": targets}]
    there = {"texts": {}, "address": {}, "assets": {}, "charts": charts, "token": ""}
    for name, data in (("live_figure", figure), ("live_charts", there)):
        for path, told in (("/", 1), ("/relu", 0)):
            assert modules.evaluate(TOLD, [name, data, path]) == told, (name, path)


# For lists of so many sliders on a phone: what the styles know of the list, in the first picture
# and in the live one that replaces it, and how many first pictures remain. Throws an error if the
# first picture has no heading, its parts have another order, or the live one does not take its
# drawing.
FIRST = """async ([data, counts]) => {
  const { default: liveFigure, LiveFigure, showFirstPicture } =
    await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const found = [];
  for (const count of counts) {
    const main = open();
    const shown = { ...data, sliders: data.sliders.slice(0, count) };
    const inside = main.appendChild(document.createElement("p"));
    inside.id = "first-picture";
    const themes = { light: shown, dark: shown };
    inside.textContent = JSON.stringify({ title: "A page", purpose: " and why", ...themes });
    const purged = new Set();
    window.Plotly.purge = (graph) => purged.add(graph);
    showFirstPicture("");
    const graph = document.querySelector(".first-picture .live-figure-plot");
    const lists = [document.querySelector(".first-picture .live-figure").dataset.list];
    const names = ({ children }) => [...children].map(({ className }) => className);
    const parts = (selector) => names(document.querySelector(selector));
    const [above, first] = [".first-picture", ".first-picture > .live-figure"].map(parts);
    if (above.join() !== "first-picture-heading,live-figure") throw new Error("it has no heading");
    const heading = document.querySelector(".first-picture-heading").textContent;
    if (heading !== "A page and why") throw new Error(heading);
    const parentElement = main.appendChild(document.createElement("div"));
    parentElement.style.width = "390px";
    const leave = liveFigure({ data: shown, parentElement, setStateValue() {} });
    if (!document.querySelector(".first-picture")) throw new Error("nothing is there meanwhile");
    await new Promise((go) => setTimeout(go, 5));
    lists.push(parentElement.querySelector(".live-figure").dataset.list);
    const live = parts(".stMain .live-figure").filter((name) => first.includes(name));
    if (live.join() !== first.join() || live.length < 5) throw new Error("it lies elsewhere");
    found.push([...lists, document.querySelectorAll(".first-picture").length]);
    if (purged.has(graph)) throw new Error("the drawing is gone");
    close(main, leave);
    const next = open();
    const figure = new LiveFigure(next, data);
    if (figure.stage.plot.moving === graph) throw new Error("another page draws into it");
    close(next, () => figure.close());
    document.title = "";
  }
  return found;
}"""


def test_styles_know_the_same_of_a_first_picture_as_of_the_live_one(modules: Page) -> None:
    lists = modules.evaluate(FIRST, [of_a_figure(), [0, 1, 2]])
    assert lists == [[each, each, 0] for each in ("none", "one", "several")]


# For each way (the chosen theme, an element of the page, a stored vote, steps): the first picture's
# theme, the page's title, the explanation, and how many rows have room reserved below it, that of a
# step's name included; null if there is no first picture.
IN_A_THEME = """async ([data, ways]) => {
  const { showFirstPicture } = await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const { residentOf } = await import("/browser/page.js");
  const go = (path) => {
    history.replaceState(null, "", path);
    dispatchEvent(new PopStateEvent("popstate"));
  };
  return ways.map(([chosen, around, vote, steps]) => {
    const main = open();
    main.innerHTML = `<div class="${around}"></div><p id=first-picture></p>`;
    const of = (said) => ({ ...data, steps, explanation: [said] });
    const themes = { light: of("In light."), dark: of("In dark.") };
    main.lastChild.textContent = JSON.stringify({ title: "A page", purpose: "", ...themes });
    localStorage.setItem("stActiveTheme-/-v2", JSON.stringify(chosen));
    localStorage.setItem("backpropagation-live:vote", JSON.stringify(vote));
    showFirstPicture("");
    localStorage.clear();
    const first = document.querySelector(".first-picture");
    const rows = first?.querySelectorAll("[data-beneath=true], .live-figure-steps > p") ?? [];
    const said = first?.querySelector(".live-figure-explanation").textContent;
    const seen = first && [first.dataset.theme, document.title, said, rows.length];
    go("/relu");
    go("/");
    residentOf(document.createElement("div"), () => ({}));
    close(main);
    document.title = "";
    return seen;
  });
}"""


def test_a_first_picture_has_the_theme_to_come_and_tells_no_class_its_answer(
    modules: Page,
) -> None:
    vote = {"at": 9e15, "vote": {"code": "ABCD"}}
    ways = [
        ["Light", "", None, ["one"]],
        ["Dark", "", None, []],
        ["Dark", "stApp", None, []],
        ["Dark", "", [vote], []],
    ]
    assert modules.evaluate(IN_A_THEME, [of_a_figure(), ways]) == [
        ["light", "A page", "In light.", 3],
        ["dark", "A page", "In dark.", 2],
        None,
        None,
    ]


# How many graphs of a first picture are purged when another page is requested before the live
# figure is there; how many first pictures remain; and how often one reacts to a resize of the
# window, then and before.
LEFT_FIRST = """async (data) => {
  const { showFirstPicture } = await import("/browser/live_figure.js");
  const { Stage } = await import("/browser/stage.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const { fit } = Stage.prototype;
  let [purged, fitted] = [0, 0];
  window.Plotly.purge = () => { purged += 1; };
  const inside = main.appendChild(document.createElement("p"));
  inside.id = "first-picture";
  const themes = { light: data, dark: data };
  inside.textContent = JSON.stringify({ title: "A page", purpose: "", ...themes });
  showFirstPicture("");
  Stage.prototype.fit = () => { fitted += 1; };
  dispatchEvent(new Event("resize"));
  const before = fitted;
  history.replaceState(null, "", "/relu");
  dispatchEvent(new PopStateEvent("popstate"));
  await new Promise((go) => setTimeout(go));
  fitted = 0;
  dispatchEvent(new Event("resize"));
  Object.assign(Stage.prototype, { fit });
  history.replaceState(null, "", "/");
  dispatchEvent(new PopStateEvent("popstate"));
  const { residentOf } = await import("/browser/page.js");
  residentOf(document.createElement("div"), () => ({}));
  close(main);
  document.title = "";
  return [purged, document.querySelectorAll(".first-picture").length, fitted, before];
}"""


def test_a_first_picture_whose_page_is_left_leaves_nothing_behind(modules: Page) -> None:
    *left, before = modules.evaluate(LEFT_FIRST, of_a_figure())
    assert left == [2, 0, 0]
    assert before == 1, "until then it follows the window"


# The values of x1 in the ended movements that are sent after the server has answered none of so
# many.
RESTED = """async (count) => {
  const { Mail, Requests } = await import("/browser/mail.js");
  let told = [];
  const mail = new Mail(() => ({}), new Requests());
  mail.send = ({ rested }) => { told = rested; };
  mail.say({ changed: true });
  for (let x1 = 0; x1 < count; x1 += 1) {
    mail.rested({ x1 });
    if (x1 % 40 === 0) mail.note({ changed: true });
    if (x1 % 40 === 0) mail.repeat();
  }
  mail.answered(mail.serial());
  mail.flush();
  mail.close();
  return told.map(({ x1 }) => x1);
}"""


@pytest.mark.parametrize("count", [90, 250])
def test_only_as_many_unanswered_movements_are_sent_as_can_be_undone(
    modules: Page, count: int
) -> None:
    assert modules.evaluate(RESTED, count) == [*range(count)][-REMEMBERED:]


# After each step, whether the server is reported as reachable, and how many messages were sent: if
# an answer is late before the first one, comes, and is late after it, some seconds later each time.
WAITS = """async () => {
  const { Mail, Requests } = await import("/browser/mail.js");
  const { setTimeout, clearTimeout } = window;
  const timers = new Map();
  const [SOONEST, LATEST] = [1000, 10_000];
  window.setTimeout = (act, pause) =>
    SOONEST <= pause && pause <= LATEST ? timers.set(timers.size + 1, act).size : 0;
  window.clearTimeout = (timer) => timers.delete(timer);
  const later = () => [...timers].forEach(([timer, act]) => timers.delete(timer) && act());
  let sent = 0;
  const told = [];
  const mail = new Mail(() => ({}), new Requests(), (there) => told.push(there));
  mail.send = () => { sent += 1; };
  mail.say({ changed: true });
  const seen = () => [[...told], sent];
  const answered = () => mail.answered(mail.serial());
  const steps = [later, answered, later, () => mail.say({ changed: true }), later, answered, later];
  const found = steps.map((step) => {
    step();
    return seen();
  });
  Object.assign(window, { setTimeout, clearTimeout });
  return found;
}"""


def test_the_server_is_missed_once_it_was_there_and_then_does_not_answer(modules: Page) -> None:
    assert modules.evaluate(WAITS) == [
        [[], 2],  # slow at first: the message is repeated, and nothing is reported
        [[], 2],
        [[], 2],  # it was answered, so nothing is awaited
        [[], 3],
        [[False], 4],
        [[False, True], 4],
        [[False, True], 4],
    ]


# How long an answer is waited for, in multiples of the first time: for three that do not come, for
# the next one after an answer came, and for one to a request.
PAUSES = """async (asked) => {
  const { Mail, Requests } = await import("/browser/mail.js");
  const { setTimeout } = window;
  const [pauses, requests] = [[], new Requests()];
  let later = () => {};
  window.setTimeout = (act, pause) => {
    later = act;
    return pauses.push(pause);
  };
  const mail = new Mail(() => ({ settled: true }), requests, () => {});
  mail.say({ changed: true });
  for (let missed = 0; missed < 3; missed += 1) later();
  mail.answered(mail.serial());
  requests.add(asked, "");
  mail.flush();
  window.setTimeout = setTimeout;
  mail.close();
  return pauses.map((pause) => pause / pauses[0]);
}"""


@pytest.mark.parametrize(("asked", "last"), [("look", 1), ("html", 4)])
def test_a_server_that_is_still_at_it_is_let_finish(modules: Page, asked: str, last: int) -> None:
    assert modules.evaluate(PAUSES, asked) == [1, 2, 4, 4, last]


# The visible text about the connection, after it is lost, found and lost again, and after timers
# have run. Then, for a figure that is left while everything is locked: whether the line is there,
# whether the controls above are still disabled, and how many messages are sent when a slider is
# released.
LINE = """async (data) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const figure = new LiveFigure(main, data);
  const { setTimeout, clearTimeout } = window;
  const timers = new Map();
  window.setTimeout = (act) => timers.set(timers.size + 1, act).size;
  window.clearTimeout = (timer) => timers.delete(timer);
  const { connection } = figure;
  const { element } = connection;
  const later = () => [...timers.values()].forEach((act) => act());
  const steps = [false, true, false, later, true, later];
  const seen = steps.map((step) => {
    if (step === later) later();
    else figure.mail.reached(step);
    return element.hidden ? "" : element.textContent;
  });
  Object.assign(window, { setTimeout, clearTimeout });
  const toolbar = document.body.appendChild(document.createElement("div"));
  toolbar.className = "st-key-toolbar";
  toolbar.inert = true;
  const sent = [];
  figure.mail.send = (message) => sent.push(message);
  figure.held = "x1";
  const { signal } = (figure.vote.listening = new AbortController());
  figure.controls.playing = setInterval(() => {}, 1e6);
  close(main, () => figure.close());
  if (!signal.aborted) throw new Error("it still hears a vote");
  if (figure.controls.playing) throw new Error("it still plays");
  toolbar.remove();
  figure.rest();
  return [seen, element.isConnected, toolbar.inert, sent.length];
}"""


def test_what_is_said_of_a_lost_connection_stays_until_it_is_found(modules: Page) -> None:
    lost = "The server does not answer. Trying again; what is on the screen stays."
    found = "The server answers again. Nothing was lost."
    told = [lost, found, lost, lost, found, ""]
    assert modules.evaluate(LINE, of_a_figure()) == [told, False, False, 0]


# For a figure while a class votes, and afterwards: whether the controls above it are disabled, and
# what its parts are told when a state has settled. Then whether the line about the connection is
# hidden; how often the sliders were laid out so far, after a picture of another size, after cells
# have moved, and after sliders have; and what its parts are told while an act waits. Throws an
# error if the figure's own controls, or the styles, do not follow.
SETTLED = """async ([data, vote]) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const toolbar = main.appendChild(document.createElement("div"));
  toolbar.className = "st-key-toolbar";
  const figure = new LiveFigure(main, data);
  const { side, stage, tools, vote: shown } = figure;
  const quiet = figure.connection.element.hidden;
  let [heard, serial] = [[], null];
  side.ask = () => {};
  side.bringIntoSight = (task, edge) => heard.push(task?.vote?.phase ?? "", edge());
  stage.edge = () => 40;
  stage.stepping = (on) => on;
  stage.beginSteps = () => heard.push("begins to step");
  shown.show = (each) => heard.push(each);
  shown.remember = () => {};
  stage.grids.describe = (grids, chosen) => heard.push(chosen);
  tools.slide.offer = () => heard.push("menu");
  tools.presenter.settled = () => heard.push("presenter");
  const { controls } = figure;
  const { arrange } = controls;
  let laid = 0;
  controls.arrange = (news) => [arrange.call(controls, news), (laid += 1)];
  const receive = (news) => figure.receive({ ...data, entry: "x1", acknowledged: serial, ...news },
    (message) => { serial = message.serial; });
  controls.lookAt = (entry) => heard.push(`slider of ${entry}`);
  const found = [true, false].map((locked) => {
    const still = { sliders: "", steps: locked ? "A class votes." : "" };
    const sheet = { name: "painting", text: "", image: "", box: [0, 0, 9, 9], tool: "draw" };
    const how = { still, pad: locked ? null : sheet, marking: locked, stepping: !locked };
    receive({ locked, task: locked ? { vote } : null, ...how });
    const { dataset } = stage.element;
    if (dataset.pad !== String(!locked)) throw new Error("styles do not know of the sheet");
    if (controls.locked !== locked || controls.held !== locked) throw new Error("it can be moved");
    return [toolbar.inert, ...heard.splice(0)];
  });
  const often = [laid];
  const layout = { ...data.figure.layout, height: data.figure.layout.height + 1 };
  receive({ figure: { ...data.figure, layout } });
  often.push(laid);
  const targets = data.targets.map((target) => ({ ...target, box: [9, ...target.box.slice(1)] }));
  receive({ figure: { ...data.figure, layout }, targets });
  often.push(laid);
  const sliders = data.sliders.map((slider) => ({ ...slider, value: slider.value + 1 }));
  const figured = { figure: { ...data.figure, layout }, targets, sliders };
  receive({ ...figured, sweep: '{"name":"w","key":"k"}' });
  if (!figure.sweeps.of("w", "k")) throw new Error("the sweep is not there");
  often.push(laid);
  heard.splice(0);
  const then = { values: figure.values, held: null, moved: new Set() };
  figure.queue.push({ act: "next", changed: false, rested: [], then });
  const sign = stage.legend.element.firstChild;
  receive({});
  if (stage.legend.element.firstChild !== sign) throw new Error("the same is laid out again");
  close(main, () => figure.close());
  return [found, quiet, often, heard];
}"""


def test_each_part_of_a_figure_hears_of_what_has_settled(modules: Page) -> None:
    vote = {"phase": "open"}
    found, quiet, often, waits = modules.evaluate(SETTLED, [of_a_figure(), vote])
    assert found == [
        [True, vote, "x1", "open", 40, "menu", "presenter"],
        [False, None, "x1", "slider of x1", "begins to step", "", 40, "menu", "presenter"],
    ]
    assert quiet
    assert often == [1, 2, 3, 3], "what is under a hand stays in its place"
    settled = [None, "x1", "slider of x1", "menu", "presenter"]
    assert waits == settled, "nothing is scrolled to before what is asked for is there"


# The address that a restarted server is told, with the question asked: the page's, or the whole
# state if the page's address has no room for it; the acts that claim a trained network's run; the
# timer of a slider that was about to rest; and the acts for a later session, each answered, if this
# browser has also opened a vote.
RESTARTED = """async ([data, queries]) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  let sent = [];
  const send = (message) => sent.push(message);
  const told = (runs) => {
    const figure = new LiveFigure(main, data);
    sent = [];
    for (const run of runs) {
      const acknowledged = sent.at(-1)?.serial ?? null;
      figure.receive({ ...data, acknowledged, ...run }, send);
    }
    figure.rest.call(Object.assign(figure, { resting: 1 }));
    const { resting } = figure;
    figure.close();
    figure.stage.element.remove();
    return [sent, resting];
  };
  const found = queries.map((query) => {
    const run = { query, address: { w: "2" }, asks: { question: "3" } };
    return told([run, { ...run, session: "two" }])[0].at(-1).address;
  });
  sessionStorage.setItem("live-charts:token", '"kept"');
  const run = { address: { net: "yours" }, votes: false, session: "three" };
  const acts = (messages) => messages.map(({ act, argument }) => [act, argument]);
  const shipped = { ...run, address: { net: "shipped" }, session: "zero" };
  const [claims, resting] = told([run, run, shipped]);
  const vote = { code: "ABCD" };
  const opened = { page: data.page, at: Date.now(), address: '{"net":"yours"}', query: {}, vote };
  localStorage.setItem("backpropagation-live:vote", JSON.stringify([opened]));
  const later = { ...run, votes: true, session: "four" };
  const [both] = told([run, later, later, later]);
  localStorage.clear();
  sessionStorage.clear();
  close(main);
  return [found, acts(claims), resting, acts(both)];
}"""


def test_a_server_that_has_restarted_is_told_the_state_and_whose_run_it_is(modules: Page) -> None:
    data = {**of_a_figure(), "theme": "light", "narrow": False}
    found, claims, resting, both = modules.evaluate(RESTARTED, [data, [None, {"x": "1"}]])
    assert found == [{"w": "2", "question": "3"}, {"x": "1", "question": "3"}]
    assert claims == [["claim", "kept"], ["", ""]], "the shipped network is nobody's"
    assert resting == 0
    told = ["", ""], ["vote resume", '{"code":"ABCD"}'], ["claim", "kept"]
    assert both == [*map(list, told)], "a message has one act"


# What the key R does when pressed on each of these places, and with each of these modifiers; and
# which of some keys are typed into the field for a number.
PRESSED = """async ([places, keys]) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const acts = [];
  const answer = { focus: () => acts.push("types") };
  const figure = { side: { keys: { r: "reveal" }, answer }, act: (act) => acts.push(act) };
  const body = document.body.appendChild(document.createElement("div"));
  const press = (how) => {
    const event = new KeyboardEvent("keydown", { key: "r", bubbles: true, ...how });
    body.querySelector("button").dispatchEvent(event);
    const meant = LiveFigure.prototype.keyed.call(figure, event);
    return [meant, ...acts.splice(0)];
  };
  const found = places.map((html) => {
    body.innerHTML = html;
    return press({});
  });
  body.innerHTML = "<button>";
  const held = keys.map(press);
  const typed = ["7", "0", "r", "F7", "x", "٣"].filter((key) => press({ key }).includes("types"));
  figure.side.answer = null;
  press({ key: "7" });
  body.remove();
  return [found, held, typed];
}"""


def test_a_letter_means_something_where_no_menu_is_open_and_nothing_else_is_held(
    modules: Page,
) -> None:
    anywhere = ["<button>", '<div role=dialog class="live-figure-card"><button>']
    menus = [
        "<div role=menu><button>",
        '<div class="live-figure-panel"><button>',
        "<div role=dialog><button>",
        '<button aria-expanded="true">',
        "<div contenteditable><button>",
    ]
    greek = {"key": "\N{GREEK SMALL LETTER RHO}", "code": "KeyR"}
    keys = [greek, {"ctrlKey": True}, {"metaKey": True}, {"altKey": True}, {"repeat": True}]
    found, held, typed = modules.evaluate(PRESSED, [anywhere + menus, keys])
    assert found == [[True, "reveal"]] * len(anywhere) + [[False]] * len(menus)
    assert held == [[True, "reveal"]] + [[False]] * 3 + [[True]], "a key that is held means it once"
    assert typed == ["7", "0"]


# The messages sent for choices and key presses that were made before the server answered, each
# answered once all were made; and whether the figure was idle before and after.
AT_ONCE = """async (deeds) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { Mail, Requests } = await import("/browser/mail.js");
  const told = [];
  const figure = Object.assign(Object.create(LiveFigure.prototype), {
    entry: "", queue: [], moved: new Set(), data: { marking: true },
    pad: { takes: () => false }, rest() {},
  });
  figure.mail = new Mail(() => ({ entry: figure.entry, settled: true }), new Requests(), () => {});
  figure.mail.send = ({ preset, clicked, entry, act, argument, serial }) => {
    const said = [preset, clicked ? entry : "", act + argument].filter((each) => each);
    told.push({ said, serial });
  };
  for (const [does, ...what] of deeds) figure[does](...what);
  const idle = [figure.idle()];
  for (let i = 0; i < told.length; i += 1) {
    figure.mail.answered(told[i].serial);
    figure.goOn();
  }
  idle.push(figure.idle());
  figure.mail.close();
  return [told.map(({ said }) => said), idle];
}"""
X1, X2, X3 = ["choose", "x1"], ["choose", "x2"], ["choose", "x3"]
UNDO, REDO = ["act", "undo"], ["act", "redo"]
NEXT, REVEAL, ANEW = ["act", "next"], ["act", "reveal"], ["act", "again"]
TIE, UNIQUE, FLAT = ["goTo", "tie"], ["goTo", "unique"], ["goTo", "flat"]


@pytest.mark.parametrize(
    ("deeds", "told"),
    [
        ([X1, X2, X1, X3], [["x1"], ["x2"], ["x1"], ["x3"]]),
        ([UNDO, UNDO, UNDO, REDO, UNDO], [["undo"], ["undo"], ["undo"], ["redo"], ["undo"]]),
        ([UNDO, REDO, REDO], [["undo"], ["redo"], ["redo"]]),
        # An act that is repeated in a hurry skips nothing; of several presets the last is wanted.
        ([NEXT, NEXT, NEXT], [["next"], ["next"]]),
        ([X1, X2, NEXT, NEXT, X3], [["x1"], ["x2", "next"], ["x3"]]),
        ([["act", "answer", "1"], ["act", "answer", "2"], ["act", "answer", "3"]],
         [["answer1"], ["answer3"]]),
        ([TIE, UNIQUE, FLAT], [["tie"], ["flat"]]),
        # Marks are sent before the act that judges them, and what comes after the act after it.
        ([X1, X2, X3, REVEAL], [["x1"], ["x2"], ["x3", "reveal"]]),
        ([X1, X2, X3, TIE, UNIQUE], [["x1"], ["x2"], ["x3"], ["unique"]]),
        ([X1, TIE, X2, REVEAL, X3], [["x1"], ["tie", "x2", "reveal"], ["x3"]]),
        ([REVEAL, X1, X2], [["reveal"], ["x1"], ["x2"]]),
        ([X1, REVEAL, ANEW, X2, REVEAL], [["x1"], ["reveal"], ["again"], ["x2", "reveal"]]),
        ([X1, X2, UNDO, UNDO, TIE], [["x1"], ["x2", "undo"], ["undo"], ["tie"]]),
        ([X1, UNDO, TIE, UNDO], [["x1"], ["undo"], ["tie", "undo"]]),
        ([X1, UNDO, TIE, X2, UNIQUE], [["x1"], ["undo"], ["tie", "x2"], ["unique"]]),
        ([TIE, UNIQUE, X1, FLAT], [["tie"], ["unique", "x1"], ["flat"]]),
        ([TIE, UNIQUE, UNDO, FLAT], [["tie"], ["unique", "undo"], ["flat"]]),
        # The act has the address at which the class's phones find the server.
        ([["act", "vote ask"]], [["vote askhttp://modules.test"]]),
    ],
)  # fmt: skip
def test_what_was_done_at_once_is_told_in_its_order(
    modules: Page, deeds: list[list[str]], told: list[list[str]]
) -> None:
    assert modules.evaluate(AT_ONCE, deeds) == [told, [False, True]]


# The messages about what was done before the server answered, each as [the values at ended
# movements, the values, the entry clicked, the act]; whether nothing is left to send; and the
# values that are shown after each answer. The server's sliders all stay at 0, and after Undo its
# scene is another one.
IN_ORDER = """async ([data, deeds]) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const sliders = ["x1", "x2", "x3"].map((name) => ({ ...data.sliders[0], name, value: 0 }));
  let [serial, version, now] = [null, 0, 0];
  const figure = new LiveFigure(main, { ...data, sliders });
  const told = [];
  const numbers = ({ x1, x2, x3 }) => [x1, x2, x3];
  const send = (message) => {
    serial = message.serial;
    version = message.version;
    const { rested, values, clicked, entry, act } = message;
    if (message.version !== now) throw new Error("it would be heard of another scene");
    told.push([rested.map(numbers), numbers(values), clicked ? entry : "", act]);
  };
  const answer = () => {
    now = version += told.at(-1)?.[3] === "undo";
    const there = { ...data, sliders, steps: [], version, answers: null };
    figure.receive({ ...there, acknowledged: serial }, send);
  };
  answer();
  figure.mail.say({ changed: true });
  answer();
  told.splice(0);
  for (const [does, ...what] of deeds) figure[does](...what);
  const shown = [];
  for (let at = 0; at < told.length; at += 1) {
    answer();
    shown.push(numbers(Object.fromEntries(figure.values)));
  }
  const idle = figure.idle();
  close(main, () => figure.close());
  return [told, idle, shown];
}"""


@pytest.mark.parametrize(
    ("deeds", "told"),
    [
        # A verdict is about the state before it, not about what was moved since.
        (
            [["choose", "x1"], REVEAL, ["move", "x1", 1], ["rest"]],
            [[[], [0, 0, 0], "x1", ""], [[], [0, 0, 0], "", "reveal"], [[], [1, 0, 0], "", ""]],
        ),
        (
            [["choose", "x1"], REVEAL, ["move", "x1", 1], ["move", "x2", 1], ["rest"]],
            [
                [[], [0, 0, 0], "x1", ""],
                [[], [0, 0, 0], "", "reveal"],
                [[[1, 0, 0]], [1, 1, 0], "", ""],
            ],
        ),
        # What is asked for again, or after a cell, is about what was moved in between.
        (
            [["choose", "x1"], REVEAL, ["move", "x1", 1], ["rest"], REVEAL],
            [
                [[], [0, 0, 0], "x1", ""],
                [[], [0, 0, 0], "", "reveal"],
                [[], [1, 0, 0], "", "reveal"],
            ],
        ),
        (
            [["choose", "x1"], ["choose", "x2"], ["move", "x1", 1], ["rest"], REVEAL],
            [[[], [0, 0, 0], "x1", ""], [[], [0, 0, 0], "x2", ""], [[], [1, 0, 0], "", "reveal"]],
        ),
        # A movement after Undo is not undone by it, and does not contain what was undone.
        (
            [["move", "x2", 1], ["rest"], UNDO, ["move", "x3", 1], ["rest"]],
            [[[], [0, 1, 0], "", ""], [[], [0, 1, 0], "", "undo"], [[], [0, 0, 1], "", ""]],
        ),
        # What is told with a cell is told with the act that comes with it.
        (
            [
                ["choose", "x1"],
                *(step for x in ("x1", "x2") for step in (["move", x, 1], ["rest"])),
                ["choose", "x3"],
                REVEAL,
            ],
            [[[], [0, 0, 0], "x1", ""], [[[1, 0, 0]], [1, 1, 0], "x3", "reveal"]],
        ),
        # Movements that follow each other before the server answers are undone one by one.
        (
            [step for x in ("x1", "x2", "x3") for step in (["move", x, 1], ["rest"])],
            [[[], [1, 0, 0], "", ""], [[[1, 0, 0], [1, 1, 0]], [1, 1, 1], "", ""]],
        ),
        # That may be taken back itself, with what the server does by then.
        (
            [UNDO, ["move", "x3", 1], ["rest"], UNDO],
            [[[], [0, 0, 0], "", "undo"], [[], [0, 0, 1], "", "undo"]],
        ),
        (
            [UNDO, ["move", "x3", 1], ["rest"], UNDO, ["move", "x1", 1], ["rest"]],
            [[[], [0, 0, 0], "", "undo"], [[], [0, 0, 1], "", "undo"], [[], [1, 0, 0], "", ""]],
        ),
        # So it is where more was done than a message tells.
        (
            [UNDO, UNDO, UNDO, ["move", "x1", 1], ["rest"]],
            [*[[[], [0, 0, 0], "", "undo"]] * 3, [[], [1, 0, 0], "", ""]],
        ),
        (
            [UNDO, ["move", "x3", 1], ["rest"], REVEAL, ["move", "x1", 1], ["rest"], NEXT],
            [
                [[], [0, 0, 0], "", "undo"],
                [[], [0, 0, 1], "", "reveal"],
                [[], [1, 0, 1], "", "next"],
            ],
        ),
    ],
)
def test_an_act_is_sent_with_the_state_before_it_and_later_movements_follow(
    modules: Page, deeds: list[list[object]], told: list[object]
) -> None:
    assert modules.evaluate(IN_ORDER, [of_a_figure(), deeds])[:2] == [told, True]


def test_what_was_moved_stays_there_until_it_could_be_told(modules: Page) -> None:
    deeds = [["choose", "x1"], ["move", "x2", 1], ["rest"], ["choose", "x3"]]
    told, _, shown = modules.evaluate(IN_ORDER, [of_a_figure(), deeds])
    assert told == [[[], [0, 0, 0], "x1", ""], [[], [0, 1, 0], "x3", ""]]
    assert shown == [[0, 1, 0], [0, 0, 0]], "only the last answer knows better"


# For each answer to the messages about cells that were chosen in quick succession: the cells whose
# explanation is shown, the sliders that a phone shows, and the answers to another request. Then the
# entry of the figure after a run that knew of none of them, and after a later run with another one.
IN_TURN = """async ([data, entries]) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const figure = new LiveFigure(main, data);
  const messages = [];
  const [described, answered, looked] = [[], [], []];
  figure.stage.describe = (_, entry) => described.push(entry);
  figure.drawAnswer = () => {};
  figure.controls.lookAt = (entry) => looked.push(entry);
  const send = (message) => messages.push(message);
  const answer = ({ serial, entry, wants }) => {
    const answers = Object.fromEntries(Object.entries(wants).map(([name, argument]) =>
      [name, { argument, answer: `of ${entry}` }]));
    figure.receive({ ...data, answers, entry, acknowledged: serial }, send);
  };
  figure.receive({ ...data, answers: null, acknowledged: null }, send);
  figure.mail.say({ changed: true });
  answer(messages.at(-1));
  for (const entry of entries) figure.choose(entry);
  figure.request("look", "").then((said) => answered.push(said));
  described.splice(0);
  looked.splice(0);
  figure.receive({ ...data, entry: "dz", answers: null, acknowledged: null }, send);
  const own = [figure.entry];
  const steps = [];
  for (let at = messages.length - 1; at < messages.length; at += 1) {
    answer(messages[at]);
    await null;
    steps.push([described.splice(0), looked.splice(0), answered.splice(0)]);
  }
  const acknowledged = messages.at(-1).serial;
  figure.receive({ ...data, entry: "dz", answers: null, acknowledged }, send);
  own.push(figure.entry);
  close(main, () => figure.close());
  return [steps, own];
}"""


def test_each_cell_that_was_chosen_shows_in_its_turn_and_an_answer_is_of_the_last(
    modules: Page,
) -> None:
    nothing: list[str] = []
    steps, own = modules.evaluate(IN_TURN, [of_a_figure(), ["x1", "x2", "w"]])
    assert steps == [
        [["x1"], nothing, nothing],  # the phone's slider is that of w by now
        [["x2"], nothing, nothing],
        [["w"], ["w"], ["of w"]],
    ]
    assert own == ["x1", "dz"]


# The calls of a figure's methods, with their arguments, that its parts make.
PARTS = """async (data) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const heard = [];
  class Heard extends LiveFigure {}
  for (const name of ["act", "request", "choose", "lookAt", "grab", "move", "rest", "report"]) {
    Heard.prototype[name] = function (...given) {
      if (this instanceof LiveFigure) heard.push([name, ...given]);
    };
  }
  const figure = new Heard(main, data);
  const { vote, side, stage, controls, pad } = figure;
  heard.splice(0);
  vote.act("vote look");
  vote.files();
  side.act("answer", "7");
  stage.choose("x1");
  stage.grids.choose("x2");
  controls.grab("w");
  controls.move("w", 2);
  controls.rest();
  controls.release();
  figure.resting = 1; // it is about to rest by itself
  const before = heard.length;
  controls.release();
  if (heard.length > before) throw new Error("it rests twice");
  figure.resting = 0;
  controls.choose("x3");
  pad.move("painting", "A");
  pad.rest();
  const { place } = controls;
  controls.place = (on, narrow) => heard.push(["lays out", on === stage, narrow]);
  stage.resized(true); // nothing has come from the server yet
  figure.session = "one";
  stage.resized(false);
  Object.assign(controls, { place });
  close(main, () => figure.close());
  return heard;
}"""


def test_a_figure_hears_what_is_done_in_each_of_its_parts(modules: Page) -> None:
    assert modules.evaluate(PARTS, of_a_figure()) == [
        ["act", "vote look"],
        ["request", "votes"],
        ["act", "answer", "7"],
        ["choose", "x1"],
        ["choose", "x2"],
        ["grab", "w"],
        ["move", "w", 2],
        ["rest"],
        ["rest"],
        ["lookAt", "x3"],
        ["move", "painting", "A"],
        ["rest"],
        ["lays out", True, True],
        ["lays out", True, False],
        ["report"],
    ]


# For a figure whose sliders move one after the other: the sweeps that it requests, what it reports,
# the sliders that count as moved, the ms of each timer that waits, what is shown, and the slider
# held at last.
MOVED = """async (moves) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { setTimeout, clearTimeout } = window;
  const [timers, pauses] = [new Map(), new Map()];
  window.setTimeout = (act, ms) => {
    pauses.set(timers.size + 1, ms);
    return timers.set(timers.size + 1, act).size;
  };
  window.clearTimeout = (timer) => timers.delete(timer);
  const [asked, told, shown] = [[], [], []];
  const outbox = { changed: false };
  const figure = Object.assign(Object.create(LiveFigure.prototype), {
    data: { keys: { x1: "of x1", w: "of w" } },
    values: new Map([["x1", 0], ["w", 0]]),
    moved: new Set(), held: null, resting: 0, asked: "",
    controls: { gripped: false, show: (values) => shown.push(Object.fromEntries(values)) },
    pad: { drawing: false },
    mail: {
      outbox, flush() {},
      say: ({ ask }) => (ask ? asked.push(ask) : told.push("rests")),
      note: () => {},
      rested: (values) => told.push(values),
    },
    sweepOf: () => null, draw: () => true,
  });
  for (const [name, value] of moves) {
    figure.grab(name);
    figure.grab(name);
    figure.move(name, value);
  }
  const waiting = [...timers.keys()].map((timer) => pauses.get(timer));
  figure.data.keys.w = "of w, where x1 is elsewhere";
  figure.grab("w");
  figure.sweepOf = () => ({});
  figure.grab("x1");
  for (const act of [...timers.values()]) act();
  Object.assign(window, { setTimeout, clearTimeout });
  return [asked, told, [...figure.moved], waiting, shown, figure.held];
}"""


def test_a_figure_reports_once_where_each_movement_ended(modules: Page) -> None:
    asked, told, moved, waiting, shown, held = modules.evaluate(
        MOVED, [["x1", 1], ["x1", 2], ["w", 3], ["w", 3]]
    )
    again = "once for as long as nothing else has changed, and not where it is there"
    assert asked == ["x1", "w", "w"], again
    assert told == [{"x1": 2, "w": 0}, "rests"]
    assert moved == ["x1", "w"]
    assert waiting == [250], "a quarter of a second after it was moved"
    assert shown == [{"x1": 1, "w": 0}, {"x1": 2, "w": 0}, {"x1": 2, "w": 3}]
    assert held is None


# Whether a slider still counts as moved after each of these events: elsewhere on the page, in the
# browser's history, and on the figure itself.
SINCE = """async (data) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const figure = new LiveFigure(main, data);
  const ways = [
    ["pointerdown", main], ["keydown", main], ["popstate", window],
    ["pointerdown", figure.stage.box], ["keydown", figure.stage.box],
  ];
  const found = ways.map(([kind, target]) => {
    figure.moved.add("x1");
    target.dispatchEvent(new Event(kind, { bubbles: true }));
    return figure.moved.size > 0;
  });
  close(main, () => figure.close());
  return found;
}"""


def test_what_was_moved_before_the_page_was_changed_elsewhere_is_not_said_again(
    modules: Page,
) -> None:
    assert modules.evaluate(SINCE, of_a_figure()) == [False, False, False, True, True]


# What a figure does when nothing moves for a while, if its slider or its sheet is held, or neither;
# and whether it is still about to rest.
PAUSED = """async (ways) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  return ways.map(([gripped, drawing]) => {
    const did = [];
    const mail = { flush: () => did.push("tells") };
    const hand = { controls: { gripped }, pad: { drawing }, rest: () => did.push("rests") };
    const figure = { ...hand, mail, resting: 1 };
    LiveFigure.prototype.pause.call(figure);
    return [...did, Boolean(figure.resting)];
  });
}"""


def test_what_is_under_a_hand_that_pauses_does_not_rest(modules: Page) -> None:
    """Otherwise a stroke would be several steps of Undo, and a later release would not end it."""
    ways = [[True, False], [False, True], [False, False]]
    told = [[each, False] for each in ("tells", "tells", "rests")]
    assert modules.evaluate(PAUSED, ways) == told


# For each of these movements, the frame drawn from its slider's sweep, or null if the server is
# asked instead. There is a sweep for every slider, and the server knows of no movement yet.
SWEPT = """async (moves) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const shown = [];
  const figure = Object.assign(Object.create(LiveFigure.prototype), {
    data: {
      keys: { x1: "of x1", w: "of w", step: "of the step" },
      sliders: [{ name: "x1", value: 0 }, { name: "w", value: 0 }],
      steps: ["inputs", "forward"], step: 0, pad: { name: "painting", text: "" },
    },
    values: new Map([["x1", 0], ["w", 0], ["step", 0], ["painting", ""]]),
    moved: new Set(), held: null, resting: 0,
    controls: { show() {} },
    sweeps: { frame: (name, key, value) => (name in figure.data.keys ? [name, value] : null) },
    mail: { outbox: {}, say() {}, note() {}, rested() {}, flush: () => shown.push(null) },
    show: (frame) => shown.push(frame),
  });
  for (const [name, value] of moves) figure.move(name, value);
  clearTimeout(figure.resting);
  return shown;
}"""


@pytest.mark.parametrize(
    ("moves", "drawn"),
    [
        ([["x1", 1], ["x1", 2], ["x1", 0]], [True, True, True]),
        ([["step", 1], ["step", 0]], [True, True]),
        ([["x1", 1], ["w", 2], ["x1", 3]], [True, False, False]),  # two fingers
        ([["x1", 1], ["step", 1], ["x1", 2]], [True, False, False]),  # a key while a mouse holds
        ([["x1", 1], ["x1", 0], ["w", 2]], [True, True, True]),  # x1 is back where it was
        ([["painting", "A"], ["w", 2]], [False, False]),
    ],
)
def test_a_frame_of_a_sweep_is_drawn_only_where_nothing_else_was_moved(
    modules: Page, moves: list[list[object]], drawn: list[bool]
) -> None:
    """Otherwise the server is asked for the picture of both movements."""
    expected = [move if there else None for move, there in zip(moves, drawn, strict=True)]
    assert modules.evaluate(SWEPT, moves) == expected


# What each part of a figure shows: of one frame of a sweep, and then of the server's last answer.
FRAME = """async () => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const shown = {};
  const part = (name, act) => ({ [act]: (...given) => { shown[name] = given; } });
  const figure = Object.assign(Object.create(LiveFigure.prototype), {
    data: {
      figure: { data: ["last"], layout: "layout" },
      explanation: ["Why last."], legend: ["last sign"], stepSaid: "Last step.",
    },
    stage: { ...part("picture", "draw"), legend: part("legend", "show") },
    side: part("reason", "say"),
    controls: part("step", "say"),
  });
  const frame = { traces: ["one"], explanation: ["Why."], legend: ["sign"], step: "Step." };
  return [() => figure.show(frame), () => figure.drawAnswer()].map((act) => {
    act();
    return { ...shown };
  });
}"""


def test_a_frame_of_a_sweep_and_an_answer_each_show_their_own_legend_reason_and_step(
    modules: Page,
) -> None:
    frame, last = modules.evaluate(FRAME)
    assert frame == {
        "picture": [["one"], "layout"],
        "legend": [["sign"]],
        "reason": [["Why."]],
        "step": ["Step."],
    }
    assert last == {
        "picture": [["last"], "layout"],
        "legend": [["last sign"]],
        "reason": [["Why last."]],
        "step": ["Last step."],
    }


# Whether a chosen entry is said to the server, where a tool of the sheet takes it and elsewhere.
TAKEN = """async (ways) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  return ways.map((taken) => {
    const told = [];
    const parts = { data: { marking: true }, pad: { takes: () => taken } };
    LiveFigure.prototype.choose.call({ ...parts, tell: (deed) => told.push(deed) }, "x3,4");
    return told;
  });
}"""


def test_a_pixel_that_is_painted_by_a_key_is_not_explained(modules: Page) -> None:
    told = {"clicked": True, "entry": "x3,4"}
    assert modules.evaluate(TAKEN, [True, False]) == [[], [told]]


# How many messages were sent after each of these, each answered: a slider is grabbed; it moves, and
# its sweep comes; it moves twice; two cells are chosen and it moves; nothing; another slider moves;
# everything rests; it moves, and twice again before the end of the last movement could be told.
ANSWERED = """async (data) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const figure = new LiveFigure(main, data);
  const messages = [];
  const send = (message) => messages.push(message);
  const answer = () => {
    const acknowledged = messages.at(-1)?.serial ?? null;
    figure.receive({ ...data, answers: null, acknowledged }, send);
  };
  const sweeps = new Set();
  const there = (name) => (sweeps.has(name) ? {} : null);
  figure.sweeps = { of: there, frame: there };
  figure.show = () => {};
  answer();
  figure.mail.say({ changed: true });
  answer();
  messages.splice(0);
  const acts = [
    () => figure.grab("x1"),
    () => [figure.move("x1", 1), sweeps.add("x1")],
    () => figure.move("x1", 2),
    () => figure.move("x1", 3),
    () => [figure.choose("x2"), figure.choose("w"), figure.move("x1", 4)],
    () => {},
    () => figure.move("w", 0.5),
    () => figure.rest(),
    () => {
      for (const value of [5, 6, 7]) [figure.rest(), figure.move("x1", value)];
    },
  ];
  const found = acts.map((act) => {
    act();
    answer();
    return messages.length;
  });
  close(main, () => figure.close());
  return found;
}"""


def test_once_the_sweep_is_there_no_answer_brings_a_message_before_the_slider_rests(
    modules: Page,
) -> None:
    """Otherwise a drag would send a message after each answer, as it does without a sweep."""
    assert modules.evaluate(ANSWERED, of_a_figure()) == [1, 2, 2, 2, 4, 4, 5, 6, 8]


# What a figure does at each of these keys, and whether the browser's own action is prevented. over:
# the html of a dialog over the page; queue: the acts that could not be sent yet.
TURNS = """async ([keys, over, queue = []]) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const acts = [];
  const controls = { shortcut: () => acts.push("shortcut") };
  const keyed = ({ key }) => key === "r" && acts.push("reveal") > 0;
  const figure = { act: (act) => acts.push(act), keyed, controls, queue };
  const place = document.body.appendChild(document.createElement("div"));
  place.innerHTML = over;
  const found = keys.map((how) => {
    const event = new KeyboardEvent("keydown", { cancelable: true, ...how });
    LiveFigure.prototype.pressed.call(figure, event);
    return [...acts.splice(0), event.defaultPrevented];
  });
  place.remove();
  return found;
}"""


def test_the_keys_for_undo_and_redo_are_kept_from_the_browser(modules: Page) -> None:
    held, meta = {"ctrlKey": True}, {"metaKey": True}
    keys = [
        *({"key": key, **ctrl} for ctrl in (held, meta) for key in "zyZY"),
        {"key": "z", **held, "shiftKey": True},
        {"key": "\N{GREEK SMALL LETTER ZETA}", "code": "KeyZ", **held},
        {"key": "\N{GREEK SMALL LETTER UPSILON}", "code": "KeyY", **held},
        {"key": "z", **held, "altKey": True},
        {"key": "z"},
    ]
    undo, redo, other = ["undo", True], ["redo", True], ["shortcut", False]
    turns = [*[undo, redo] * 4, redo, undo, redo]
    assert modules.evaluate(TURNS, [keys, ""]) == [*turns, other, other]


def test_a_key_that_is_held_undoes_no_more_than_can_be_told(modules: Page) -> None:
    """Otherwise it would go on undoing after its release, for as long as it was held."""
    keys = [{"key": key, "ctrlKey": True, "repeat": held} for key in "zy" for held in (False, True)]
    undo, redo = ["undo", True], ["redo", True]
    assert modules.evaluate(TURNS, [keys, ""]) == [undo, undo, redo, redo]
    waits = [{"act": "undo", "argument": ""}]
    assert modules.evaluate(TURNS, [keys, "", waits]) == [undo, [True], redo, [True]]


def test_beneath_a_dialog_no_key_means_anything(modules: Page) -> None:
    keys = [{"key": "z", "ctrlKey": True}, {"key": "n"}, {"key": "r"}]
    assert modules.evaluate(TURNS, [keys, "<dialog open></dialog>"]) == [[False]] * 3
    others = [["shortcut", False], ["reveal", True]]
    assert modules.evaluate(TURNS, [keys[1:], "<dialog></dialog>"]) == others


# The messages to a server that has restarted, after it had answered the last message; and how many
# answers are awaited then, and after the mail is closed.
FORGOTTEN = """async () => {
  const { Mail, Requests } = await import("/browser/mail.js");
  const { setTimeout, clearTimeout } = window;
  const timers = new Map();
  window.setTimeout = (act) => timers.set(timers.size + 1, act).size;
  window.clearTimeout = (timer) => timers.delete(timer);
  const sent = [];
  const mail = new Mail(() => ({}), new Requests(), () => {});
  mail.send = ({ ask, preset, act, address }) => sent.push([ask, preset, act, address]);
  mail.say({ changed: true, ask: "x1", preset: "max-tie", act: "undo" });
  mail.answered(mail.serial());
  mail.remind({ w: "2" });
  mail.remind({ w: "2" });
  const awaited = timers.size;
  mail.close();
  Object.assign(window, { setTimeout, clearTimeout });
  return [sent, awaited, timers.size];
}"""


def test_what_was_answered_is_not_said_again_and_who_has_left_waits_for_nothing(
    modules: Page,
) -> None:
    (first, *later), awaited, waiting = modules.evaluate(FORGOTTEN)
    assert first == ["x1", "max-tie", "undo", None]
    assert later == [["", "", "", {"w": "2"}]] * 2, "the server restarts once more"
    assert (awaited, waiting) == (1, 0)


# Which sliders still count as moved when each of these is to be sent, and whether a movement ends
# before it is.
SAYS = """async (deeds) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  return deeds.map((deed) => {
    const moved = new Set(["x1"]);
    const did = [];
    const parts = { moved, mail: { outbox: {}, note() {} }, queue: [] };
    const does = { rest: () => did.push("rests"), goOn: () => did.push("says") };
    LiveFigure.prototype.tell.call({ ...parts, ...does }, deed);
    return [[...moved], did];
  });
}"""


def test_what_was_moved_before_a_case_or_an_act_is_of_the_scene_before(modules: Page) -> None:
    deeds = [{"preset": "tie"}, {"act": "undo"}, {"clicked": True, "entry": "x2"}]
    ended = [[], ["rests", "says"]]
    assert modules.evaluate(SAYS, deeds) == [ended, ended, [["x1"], ["says"]]]


# What the presenter finds left to send when a figure is closed with waiting presets in its queue.
WAITED = """async (queue) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const any = new Proxy(() => {}, { get: () => any, apply: () => any });
  const parts = ["controls", "vote", "stage"].map((name) => [name, any]);
  const mail = { outbox: { preset: "one" }, close() {} };
  let found;
  const tools = { close: () => { found = { ...mail.outbox }; } };
  const connection = { element: document.createElement("p") };
  const figure = { ...Object.fromEntries(parts), mail, tools, connection, queue };
  LiveFigure.prototype.close.call(figure);
  return found;
}"""


def test_a_case_that_waits_as_a_page_is_left_is_not_forgotten(modules: Page) -> None:
    assert modules.evaluate(WAITED, [{"preset": "two"}, {"act": "undo"}]) == {
        "preset": "two",
        "act": "undo",
    }
