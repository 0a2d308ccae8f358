"""The modules of the presenter and the Slide menu: keys, focus, the walk through cases, files."""

import json
from itertools import groupby

import pytest
from playwright.sync_api import Page

from tests.browser.modules.test_messages import of_a_figure
from tests.for_each import for_each

# Whether the button "Ask the class" keeps the focus while a class can be asked, and once it cannot;
# whether it is disabled then; and whether it is hidden where no class is ever asked, and where one
# is.
ASKING = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const { strip } = new Presenter({ data: { page: "conv-block" } });
  document.body.append(strip.element);
  const focused = [true, true, false].map((able) => {
    strip.showAsk(true, able);
    if (able) strip.ask.focus();
    return document.activeElement === strip.ask;
  });
  strip.element.remove();
  const { disabled } = strip.ask;
  const hidden = [false, true].map((there) => [strip.showAsk(there, false), strip.ask.hidden][1]);
  return [focused, disabled, hidden];
}"""


def test_ask_the_class_is_disabled_and_loses_the_focus_where_no_class_can_be_asked(
    modules: Page,
) -> None:
    assert modules.evaluate(ASKING) == [[True, True, False], True, [True, False]]


# Which of these keys reach the page when pressed in the Slide button's menu, which is open until
# Escape shuts it and the focus returns to the button.
MENU = """async (keys) => {
  const { SlideMenu } = await import("/browser/slide.js");
  const text = (label) => ({ label, text: () => label });
  const menu = new SlideMenu({
    files: [{ label: "File", ending: "png", made: async () => [] }],
    texts: [text("Link"), text("Text")],
    ask: async () => ({}),
  });
  document.body.append(menu.element);
  const heard = [];
  const hear = ({ key }) => heard.push(key);
  document.addEventListener("keydown", hear);
  menu.toggle();
  for (const key of keys) {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  }
  document.removeEventListener("keydown", hear);
  menu.close();
  return heard;
}"""


def test_keys_pressed_in_an_open_menu_do_not_reach_the_page(modules: Page) -> None:
    assert modules.evaluate(MENU, ["n", "ArrowDown", "b", "Escape", "p"]) == ["p"]


# After a case is chosen from the presenter's list: the list's value, the case shown, whether the
# list has the focus, and the list's groups, each with its number of cases.
CASES = """async (groups) => {
  const { Presenter } = await import("/browser/presenter.js");
  const presenter = new Presenter({ data: { page: "relu" } });
  const { strip } = presenter;
  let chosen = null;
  presenter.show = (stop) => { chosen = stop.slug; };
  const slugs = ["one", "two", "three"];
  const presets = slugs.map((slug, n) => ({ page: "relu", group: groups[n], slug, title: slug }));
  strip.list(presets, "relu", false);
  document.body.append(strip.element);
  strip.titles.focus();
  strip.titles.selectedIndex = 2;
  const title = strip.titles.value;
  strip.titles.dispatchEvent(new Event("change"));
  const focused = document.activeElement === strip.titles;
  const headings = [...strip.titles.querySelectorAll("optgroup")].map(({ label, children }) =>
    label + children.length);
  strip.element.remove();
  return [title, chosen, focused, headings];
}"""


# If a lecture returns to a page, its titles are still listed in the order of presentation.
@pytest.mark.parametrize("groups", ["AAA", "ABA", "AAB"])
def test_a_case_that_was_chosen_is_shown_and_does_not_keep_the_keys(
    groups: str, modules: Page
) -> None:
    headings = [f"{group}{len([*cases])}" for group, cases in groupby(groups)]
    assert modules.evaluate(CASES, groups) == ["two", "two", False, headings]


# Shows a copy of the page, the curtain, while another page is made ready. Returns the places asked
# for; whether the copy is inert, the attributes of its button, the value of its select box, the
# name of a clip in its drawing, how far it is scrolled, and its background. Then how many curtains
# there are once a third page is asked for (in the app, and in all), once the wait for the second
# one would have ended, and once all have.
CURTAIN = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const app = document.body.appendChild(document.createElement("div"));
  app.className = "stApp";
  app.style.background = "rgb(1, 2, 3)";
  const main = app.appendChild(document.createElement("div"));
  main.className = "stMain";
  main.innerHTML =
    "<button id=one role=switch aria-label=One data-testid=one data-entry=x1>1</button>" +
    "<select><option>a<option>b</select><svg><clipPath id=clip></clipPath></svg>";
  main.querySelector("select").selectedIndex = 1;
  main.style = "height: 10px; overflow: hidden";
  main.scrollTop = 7;
  const asked = [];
  const { setTimeout, clearTimeout } = window;
  const later = new Map();
  let timer = 0;
  window.setTimeout = (act) => later.set((timer += 1), act) && timer;
  window.clearTimeout = (timer) => later.delete(timer);
  const figure = { data: { page: "relu", case: "" }, goTo: (place) => asked.push(place) };
  const presenter = new Presenter(figure);
  presenter.show({ page: "max-pool", slug: "overlap" });
  const curtain = document.querySelector(".live-figure-curtain");
  const button = curtain.querySelector("button");
  const found = [
    asked, curtain.inert, button.getAttributeNames(), curtain.querySelector("select").value,
    curtain.querySelector("svg").firstChild.id, curtain.firstChild.scrollTop,
    curtain.style.background,
  ];
  const count = () => document.querySelectorAll(".live-figure-curtain").length;
  presenter.show({ page: "conv-2d", slug: "one" });
  found.push(app.querySelectorAll(".live-figure-curtain").length, count());
  later.get(1)?.();
  found.push(count());
  for (const act of later.values()) act();
  found.push(count());
  Object.assign(window, { setTimeout, clearTimeout });
  app.remove();
  return found;
}"""


def test_what_is_only_seen_is_not_heard_and_has_no_focus(modules: Page) -> None:
    asked, *found = modules.evaluate(CURTAIN)
    assert asked == ["max-pool/overlap", "conv-2d/one"]
    assert found == [True, [], "b", "clip", 7, "rgb(1, 2, 3)", 1, 1, 1, 0]


# For the Slide button's menu: what is marked as copied and how a switch is set, after copying, and
# when the menu opens again after the switch was set elsewhere; and whether a file is hidden, before
# the state has one and then.
OPENED = """async () => {
  const { SlideMenu } = await import("/browser/slide.js");
  const { giveClipboard } = await import("/tests/page.js");
  const takeAway = giveClipboard(() => {});
  const text = (label) => ({ label, text: () => label });
  let [dark, long] = [false, false];
  const menu = new SlideMenu({
    files: [{ label: "State", ending: "json", made: async () => [], there: () => long }],
    texts: [text("Link"), text("Text")],
    ask: async () => ({}),
    switches: [{ label: "Dark", does: "Dark", on: () => dark, turn: () => { dark = !dark; } }],
  });
  document.body.append(menu.element);
  const [copy, turn, state] = ["Text", "Dark", "State"].map(
    (name) => menu.items.find((item) => item.textContent.startsWith(name)));
  const seen = () => [copy.dataset.done ?? "", turn.getAttribute("aria-checked")];
  menu.button.click();
  copy.click();
  for (let i = 0; i < 400 && !copy.dataset.done; i += 1) {
    await new Promise((go) => setTimeout(go, 5));
  }
  const copied = seen();
  menu.button.click();
  dark = true;
  menu.button.click();
  const again = seen();
  const offered = [state.hidden];
  long = true;
  menu.offer();
  offered.push(state.hidden);
  menu.close();
  takeAway();
  return [copied, again, offered];
}"""


def test_a_menu_that_opens_again_says_how_things_stand(modules: Page) -> None:
    assert modules.evaluate(OPENED) == [["true", "false"], ["", "true"], [True, False]]


# The items that an open menu beside a figure offers in each of these states, and whether it shows
# that slides are dark.
STATES = """async ([data, states]) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const figure = new LiveFigure(main, data);
  const { slide } = figure.tools;
  slide.button.click();
  const found = states.map((state) => {
    figure.data = { ...data, ...state };
    if (state.present) history.replaceState(null, "", "?present=1");
    figure.tools.settled();
    const there = slide.items.filter(({ hidden }) => !hidden);
    const labels = there.map(({ firstChild }) => firstChild.textContent);
    for (let click = 0; click < 2; click += 1) slide.button.click();
    const dark = there.find(({ textContent }) => textContent.startsWith("Dark"));
    return [labels, dark.ariaChecked];
  });
  close(main, () => figure.close());
  return found;
}"""


def test_an_open_menu_offers_what_the_state_has(modules: Page) -> None:
    states: list[dict[str, object]] = [
        {"query": None, "theme": "light"},
        {"locked": True},
        {"task": {"lessons": None}},  # a question, as opposed to a lesson
        {"query": {"x": "1"}},
        {"theme": "dark"},
        {"present": True},
    ]
    found = modules.evaluate(STATES, [of_a_figure() | states[0], states])
    (plain, _), *others = found
    changes = [({*plain} - {*labels}, {*labels} - {*plain}) for labels, _ in others]
    assert changes == [
        ({"Gallery"}, set()),
        ({"Download PNG, 1920 × 1080", "Download SVG"}, {"Question and answer: 2 SVGs"}),
        (set(), {"Download the state as a file"}),
        (set(), set()),
        ({"Gallery"}, set()),
    ]
    assert [dark for _, dark in found] == ["false"] * 4 + ["true", "false"]


# The files downloaded, and the message, when an interactive file is made without its library.
PLAYS = """async (data) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { giveSlides, open, close } = await import("/tests/page.js");
  const main = open();
  const files = [];
  const end = giveSlides(files, () => {});
  const figure = new LiveFigure(main, { ...data, assets: { plotly: "/gone.js" } });
  const { slide } = figure.tools;
  const answers = { texts: { name: "tie" }, html: { html: "<i>HERE</i>", mark: "HERE" } };
  figure.request = async (name) => answers[name];
  slide.items.find(({ textContent }) => textContent.includes("HTML")).click();
  for (let i = 0; i < 400 && slide.status.textContent === "…"; i += 1) {
    await new Promise((go) => setTimeout(go, 5));
  }
  const said = slide.status.textContent;
  end();
  close(main, () => figure.close());
  return [files, said];
}"""


def test_a_file_that_would_not_play_is_not_downloaded(modules: Page) -> None:
    said = "That went wrong: The drawing library could not be loaded."
    assert modules.evaluate(PLAYS, of_a_figure()) == [[], said]


# For each of these items of the menu beside a figure, in such a state: the requests, the names and
# contents of files, and the text copied or the page gone to. Then the last message, and whether
# nothing new is stored in the browser.
PRESSED = """async ([data, presses]) => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { giveClipboard, giveSlides, open, close } = await import("/tests/page.js");
  const main = open();
  const [files, blobs] = [[], []];
  const end = giveSlides(files, () => {}, blobs);
  let copied = "";
  const takeAway = giveClipboard((text) => { copied = text; });
  window.fetch = async () => new Response("$& is said in the library");
  const { setTimeout } = window;
  window.setTimeout = (act, pause) => setTimeout(act, Math.min(pause, 20)); // between two files
  const figure = new LiveFigure(main, { ...data, assets: { plotly: "/plotly.js" } });
  const { slide } = figure.tools;
  let asked = [];
  const suffixes = (how) => (how.endsWith("pair") ? ["-question", "-answer"] : [""]);
  const drawn = { figure: '{"layout": {}}', size: [4, 3], name: "mine" };
  const answers = {
    texts: () => ({ name: "tie", command: "export", latex: "" }),
    html: () => ({ html: "<i>HERE</i>", mark: "HERE" }),
    slide: (how) => suffixes(how).map((suffix) => ({ ...drawn, suffix })),
  };
  figure.request = async (name, how) => {
    if (name !== "texts") asked.push(`${name} ${how}`);
    return answers[name](how);
  };
  figure.goTo = (place) => { copied = place; };
  let ready = false;
  figure.stage.ready = new Promise((go) => setTimeout(go)).then(() => { ready = true; });
  const { toImage } = window.Plotly;
  window.Plotly.toImage = async (...how) => {
    if (!ready) throw new Error("the library is still on its way");
    return toImage(...how);
  };
  const found = [];
  const kept = () => JSON.stringify([localStorage, sessionStorage]);
  const before = kept();
  for (const [label, state] of presses) {
    [asked, copied] = [[], ""];
    figure.data = { ...data, assets: { plotly: "/plotly.js" }, ...state };
    slide.items.find(({ textContent }) => textContent.startsWith(label)).click();
    const done = () => slide.status.textContent !== "…" && !slide.saving.busy;
    for (let i = 0; i < 400 && !done(); i += 1) await new Promise((go) => setTimeout(go, 5));
    const texts = await Promise.all(blobs.splice(0).map((blob) => blob.text()));
    const begins = texts.map((text) => (/^({|<i>)/.test(text) ? text : text.slice(0, 4)));
    found.push([...asked, ...files.splice(0), ...begins, copied]);
  }
  end();
  takeAway();
  Object.assign(window, { setTimeout });
  const said = slide.status.textContent;
  close(main, () => figure.close());
  return [found, said, kept() === before];
}"""


def test_each_item_of_the_menu_asks_for_what_it_says(modules: Page) -> None:
    asks: dict[str, object] = {"task": {"lessons": None}}
    both = ["tie-question.svg", "tie-answer.svg", "<svg", "<svg"]
    state = json.dumps({"page": "conv-block", "x": "1"}, indent=1)
    plays = "<i>$& is said in the library</i>"
    pngs = ["tie-question.png", "tie-answer.png", *["\N{REPLACEMENT CHARACTER}PNG"] * 2]
    presses: list[tuple[str, dict[str, object], list[str]]] = [
        ("Download PNG", {}, ["slide light", "tie.png", "\N{REPLACEMENT CHARACTER}PNG", ""]),
        ("Download SVG", {}, ["slide light", "tie.svg", "<svg", ""]),
        ("Download SVG", {"theme": "dark"}, ["slide dark", "tie.svg", "<svg", ""]),
        ("Download interactive HTML", {}, ["html light", "tie.html", plays, ""]),
        ("Copy export command", {}, ["export"]),
        ("Copy export command", {"task": {"lessons": {}}}, ["export"]),
        ("With its reason", {}, [""]),
        ("Download SVG", {}, ["slide light plain", "tie.svg", "<svg", ""]),
        ("Copy export command", {}, ["export --no-caption"]),
        ("Dark", {"theme": "dark"}, [""]),  # as it was: it is pressed for the first time
        ("Download SVG", {"theme": "dark"}, ["slide light plain", "tie.svg", "<svg", ""]),
        ("Dark", {}, [""]),
        ("Download interactive HTML", {}, ["html dark plain", "tie.html", plays, ""]),
        ("Copy export command", {}, ["export --theme dark --no-caption"]),
        ("Question and answer: 2 SVGs", asks, ["slide dark plain pair", *both, ""]),
        ("With its reason", {}, [""]),
        ("Dark", {}, [""]),
        ("Question and answer: 2 SVGs", asks, ["slide light pair", *both, ""]),
        ("Question and answer: 2 PNGs", asks, ["slide light pair", *pngs, ""]),
        ("Copy export command", asks, ["export --pair"]),
        ("Download the state", {"query": {"x": "1"}}, ["tie.json", state, ""]),
        ("Gallery", {}, ["gallery/"]),
        ("Copy LaTeX", {}, [""]),
    ]
    given = [of_a_figure() | {"theme": "light"}, [each[:2] for each in presses]]
    found, said, nothing_kept = modules.evaluate(PRESSED, given)
    assert found == [came for *_, came in presses]
    assert said == "Nothing to copy: no formula is explained here. Choose a cell first."
    assert nothing_kept


# After each of these: whether the Slide button's menu is open, whether the button says so, and what
# has the focus. Then, when the menu opens again, whether the field of a text that could not be
# copied is hidden, its text, and the message.
SHUT = """async () => {
  const { SlideMenu } = await import("/browser/slide.js");
  const text = (label) => ({ label, text: () => label });
  const file = (label, there) =>
    ({ label, ending: "png", made: async () => [], there: () => there });
  const menu = new SlideMenu({
    files: [file("gone", false), file("there", true)],
    texts: [text("Link"), text("Text")],
    ask: async () => ({}),
  });
  document.body.append(menu.element);
  const key = (key) =>
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const acts = [
    () => key("ArrowDown"),
    () => key("Tab"),
    () => menu.element.dispatchEvent(new Event("pointerdown", { bubbles: true })),
    () => document.body.dispatchEvent(new Event("pointerdown", { bubbles: true })),
  ];
  const found = acts.map((act) => {
    if (!menu.open) menu.button.click();
    menu.items[0].focus();
    act();
    const expanded = menu.button.getAttribute("aria-expanded");
    return [menu.open, expanded, document.activeElement.textContent];
  });
  Object.assign(menu.copying.field, { hidden: false, value: "before" });
  menu.say("It was downloaded.");
  menu.button.click();
  const { hidden, value } = menu.copying.field;
  menu.close();
  return [found, [hidden, value, menu.status.textContent]];
}"""


def test_a_menu_is_shut_by_what_is_done_elsewhere(modules: Page) -> None:
    found, field = modules.evaluate(SHUT)
    assert found == [
        [True, "true", "there"],
        [False, "false", "Link"],
        [True, "true", "Link"],
        [False, "false", "Link"],
    ]
    assert field == [True, "", ""]


# For a key with each of these modifiers: whether the browser's own action is prevented, whether the
# event stops, and how often the presenter has acted and whatever is played was told that a key
# was pressed; last, in an open menu, and when nothing is presented any more.
COMMANDS = """async (keys) => {
  const { Presenter } = await import("/browser/presenter.js");
  let [acts, presses] = [0, 0];
  const meant = () => () => { acts += 1; };
  const controls = { press: () => { presses += 1; } };
  const presenter = { on: true, meant, figure: { controls } };
  const press = (held, target = document.body) => {
    const event = new KeyboardEvent("keydown", { key: "a", cancelable: true, ...held });
    Object.defineProperty(event, "target", { value: target });
    Presenter.prototype.pressed.call(presenter, event);
    return [event.defaultPrevented, event.cancelBubble, acts, presses];
  };
  const found = keys.map((held) => press(held));
  const menu = document.createElement("div");
  menu.role = "menu";
  found.push(press(keys.at(-1), menu.appendChild(document.createElement("button"))));
  presenter.on = false;
  return [...found, press(keys.at(-1))];
}"""


def test_a_presenters_letters_are_not_the_browsers(modules: Page) -> None:
    held = [{"ctrlKey": True}, {"metaKey": True}, {"altKey": True}, {}]
    *browsers, own, menus, nobodys = modules.evaluate(COMMANDS, held)
    assert browsers == [[False, False, 0, 0]] * 3
    assert own == [True, True, 1, 1]
    assert [menus, nobodys] == [[False, False, 1, 1]] * 2


# Which of these keys a presenter takes from a select box with text input: shut, and open; and from
# a number field in which the user has typed, with what happens then.
CHOICES = """async (keys) => {
  const { Presenter } = await import("/browser/presenter.js");
  const list = document.body.appendChild(document.createElement("input"));
  const heard = [];
  list.role = "combobox";
  const presenter = new Presenter({ data: { page: "relu" }, controls: { press() {} } });
  Object.assign(presenter, { on: true, meant: ({ key }) => () => heard.push(key) });
  const taken = () => keys.filter((key) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    return !list.dispatchEvent(event);
  });
  const found = [false, true].map((open) => {
    list.ariaExpanded = String(open);
    return taken();
  });
  Object.assign(list, { role: null, ariaExpanded: null, type: "number" });
  list.addEventListener("blur", () => heard.push("left"));
  list.focus();
  heard.splice(0);
  found.push(taken(), heard);
  presenter.on = false;
  list.remove();
  return found;
}"""


def test_a_list_that_is_shut_leaves_a_presenter_its_remote_alone(modules: Page) -> None:
    shut, opened, *number = modules.evaluate(CHOICES, ["a", "PageDown", "n"])
    assert [shut, opened] == [["PageDown"], []]
    assert number == [["PageDown"], ["left", "PageDown"]], "what was typed is taken over before"


# What a presenter does at these keys if there are no steps, including the acts of a vote.
MEANT = """async (keys) => {
  const { Presenter } = await import("/browser/presenter.js");
  const did = [];
  const card = { toggle: () => did.push("address") };
  const votingKeys = () => ({ v: "vote again" });
  const go = (by) => did.push(by);
  const figure = { act: (act) => did.push(act), controls: { last: 0 } };
  const presets = Promise.resolve(["first", "second", "last"]);
  const cases = { presets, show: (stop) => did.push(stop) };
  const presenter = { figure, card, votingKeys, go, ...cases, leave: () => did.push("leave") };
  for (const [key, code] of keys) {
    const event = new KeyboardEvent("keydown", { key, code });
    await Presenter.prototype.meant.call(presenter, event)?.();
  }
  return did;
}"""


# How often a presenter acts when each of these keys is pressed and then held.
ONCE = """async (keys) => {
  const { Presenter } = await import("/browser/presenter.js");
  let acts = 0;
  const act = () => { acts += 1; };
  const task = { lessons: null };
  const controls = { last: 0, press() {} };
  const figure = { data: { votes: true, task }, side: { keys: { o: "vote open" } }, controls, act };
  const presenter = new Presenter(figure);
  Object.assign(presenter, { on: true, go: act, leave: act });
  presenter.card.toggle = act;
  const found = keys.map((key) => {
    acts = 0;
    for (const repeat of [false, true, true]) {
      presenter.pressed(new KeyboardEvent("keydown", { key, repeat }));
    }
    return acts;
  });
  presenter.on = false; // else it would have the keys of the tests behind this one
  return found;
}"""


def test_a_presenters_key_that_is_held_votes_once_and_goes_on(modules: Page) -> None:
    assert modules.evaluate(ONCE, ["o", "a", "Escape", "PageDown", "n"]) == [1, 1, 1, 3, 3]


def test_a_presenters_letters_are_the_latin_ones_in_their_place(modules: Page) -> None:
    keys = {
        ("\N{CYRILLIC SMALL LETTER EM}", "KeyV"): "vote again",
        ("\N{CYRILLIC SMALL LETTER EF}", "KeyA"): "address",
        ("\N{CYRILLIC SMALL LETTER TE}", "KeyN"): 1,
        ("N", "KeyN"): 1,
        ("PageUp", "PageUp"): -1,
        ("Escape", "Escape"): "leave",
    }
    assert modules.evaluate(MEANT, list(keys)) == list(keys.values())


def test_without_steps_the_keys_lead_through_the_cases_to_both_ends(modules: Page) -> None:
    keys = {"ArrowRight": 1, "ArrowLeft": -1, " ": 1, "b": -1, "Home": "first", "End": "last"}
    assert modules.evaluate(MEANT, [[key, ""] for key in keys]) == list(keys.values())


# Which of these keys step through for a presenter if each of these elements has the focus.
FREE = """async ([places, keys]) => {
  const { Presenter } = await import("/browser/presenter.js");
  const did = [];
  const controls = {
    last: 3, goBy: (by) => did.push(by), goTo: (step) => did.push(`to ${step}`),
    stop: () => did.push("stops"),
  };
  const presenter = { figure: { controls }, votingKeys: () => ({}), go() {} };
  return places.map((html) => {
    const section = document.body.appendChild(document.createElement("section"));
    section.innerHTML = html;
    const focused = section.querySelector("[id=focused]");
    for (const key of keys) {
      const event = new KeyboardEvent("keydown", { key });
      Object.defineProperty(event, "target", { value: focused });
      Presenter.prototype.meant.call(presenter, event)?.();
    }
    section.remove();
    return did.splice(0);
  });
}"""


def test_only_what_has_a_use_for_a_key_keeps_it_from_a_presenter(modules: Page) -> None:
    keys = ["ArrowRight", "ArrowLeft", "Home", "End", "n", "b", " "]
    arrows = [1, -1, "stops", "to 0", "stops", "to 3", 1, -1]
    places = {
        '<p id="focused"></p>': [*arrows, 1],
        '<button id="focused"></button>': arrows,  # which the space bar presses
        '<button aria-disabled="true" id="focused"></button>': [*arrows, 1],
        '<input type="range" id="focused">': [],
        "<select id='focused'></select>": [],
        '<button class="live-figure-cell" id="focused"></button>': [],
        '<div role="grid" id="focused"></div>': [],
        '<div role="radiogroup"><button role="radio" id="focused"></button></div>': [],
    }
    assert modules.evaluate(FREE, [[*places], keys]) == [*places.values()]


# The message if there is no text to copy, what is copied, and whether an empty text can be written.
NOTHING = """async ([none, said]) => {
  const { SlideMenu } = await import("/browser/slide.js");
  const { giveClipboard } = await import("/tests/page.js");
  const of = { text: () => "", none, note: () => said };
  const texts = ["Link", "Text"].map((label) => ({ label, ...of }));
  const menu = new SlideMenu({ files: [], texts, ask: async () => ({}) });
  const copied = [];
  const takeAway = giveClipboard((text) => copied.push(text));
  await menu.copy(texts[1], menu.items[1]);
  const able = await menu.copying.write(Promise.resolve(""));
  takeAway();
  return [menu.status.textContent, copied, able];
}"""


def test_where_nothing_can_be_copied_it_is_said(modules: Page) -> None:
    choose, why = "Choose a cell first.", "It has no such layer."
    assert modules.evaluate(NOTHING, [choose, ""]) == [choose, [], False], "what was there stays"
    assert modules.evaluate(NOTHING, [choose, why]) == [why, [], False]


# The cases that a presenter asks for, going on or back this often on a page of two cases, from a
# state of the user's own that follows one of them ("*"); and, if a list of these cases is
# presented, the place in the list each time.
WALK = """async ([page, base, steps, list]) => {
  const { Presenter } = await import("/browser/presenter.js");
  const { presented, presentList } = await import("/browser/page.js");
  const asked = [];
  const data = { page, case: "", locked: false, votes: false, task: null };
  const goTo = (slug) => {
    asked.push(slug);
    data.case = slug === "*" ? "" : slug;
  };
  const presenter = new Presenter({ data, goTo, side: { keys: {} } });
  const stops = ["one", "two"].map((slug) => ({ page, slug }));
  presenter.presets = Promise.resolve(stops);
  if (list) presentList({ stops, at: Math.max(0, stops.findIndex(({ slug }) => slug === base)) });
  Object.assign(presenter, { stop: { page, slug: "*" }, base });
  const places = [];
  for (const by of steps) {
    await presenter.go(by);
    places.push(presented()?.at);
  }
  presentList(null);
  return list ? [asked, places] : asked;
}"""


@pytest.mark.parametrize(
    ("base", "steps", "asked"),
    [
        ("", [1, 1, -1, -1, -1, 1], ["one", "two", "one", "*", "one"]),
        ("one", [1, -1, -1, -1, 1, 1, 1], ["two", "*", "one", "*", "two"]),
        ("two", [1, -1, -1, -1, 1, 1, 1], ["two", "one", "two", "*"]),
    ],
)
def test_ones_own_state_is_one_stop_that_is_not_left_for_itself(
    modules: Page, base: str, steps: list[int], asked: list[str]
) -> None:
    assert modules.evaluate(WALK, [f"behind {base}", base, steps, False]) == asked


def test_in_a_list_ones_own_state_is_where_its_case_is(modules: Page) -> None:
    asked, places = modules.evaluate(WALK, ["of a list", "one", [1, -1, -1, 1, 1], True])
    assert asked == ["two", "*", "one", "*", "two"]
    assert places == [1, 0, 0, 0, 1]
    asked, places = modules.evaluate(WALK, ["before a list", "", [1, 1, -1, -1], True])
    assert asked == ["one", "two", "one", "*"]
    assert places == [0, 1, 0, 0]


# Presents a list of these cases of one page from this place on. Returns the place in the list, the
# text about it, and which ends are reached, after each of these: going on or back by a number,
# choosing a title, a key to either end, the class's next question, moving something (which leaves
# the case without a name), and reloading the page.
RETURNS = """async ([slugs, at, acts]) => {
  const { Presenter } = await import("/browser/presenter.js");
  const { presented, presentList } = await import("/browser/page.js");
  const page = `returns ${slugs} ${acts}`;
  const data = { page, case: slugs[at], locked: false, votes: false, task: {} };
  const goTo = (slug) => { data.case = slug === "*" ? "" : slug; };
  const others = { side: { keys: {} }, controls: { last: 0 }, vote: { tell() {} } };
  const figure = { data, goTo, idle: () => true, ...others };
  const stops = slugs.map((slug) => ({ page, slug, title: slug, group: page }));
  presentList({ stops, at });
  const load = () => {
    const presenter = new Presenter(figure);
    Object.assign(presenter, { on: true, presets: Promise.resolve(stops) });
    presenter.strip.list(stops, page, true);
    return presenter;
  };
  let presenter = load();
  const { titles } = presenter.strip;
  const ways = {
    choose: (place) => [(titles.selectedIndex = place), titles.dispatchEvent(new Event("change"))],
    press: (key) => presenter.meant(new KeyboardEvent("keydown", { key }))(),
    ask: () => presenter.askNext(),
    move: () => { data.case = ""; },
    load: () => [(presenter.on = false), (presenter = load())],
    go: (by) => presenter.go(by),
  };
  const found = [];
  await presenter.showPosition();
  for (const [way, argument] of acts) {
    await ways[way](argument);
    await presenter.showPosition();
    const ends = [presenter.strip.back, presenter.strip.next];
    const shut = ends.map(({ ariaDisabled }) => (ariaDisabled === "true" ? "|" : "")).join("-");
    found.push([presented().at, presenter.strip.position.textContent, shut]);
  }
  presenter.on = false;
  presentList(null);
  return found;
}"""


@for_each(
    ("slugs", "at", "acts", "places"),
    [
        ("abac", 0, [("go", 1)] * 4 + [("go", -1)] * 4, [1, 2, 3, 3, 2, 1, 0, 0]),
        ("aab", 0, [("go", 1)] * 3 + [("go", -1)] * 3, [1, 2, 2, 1, 0, 0]),
        ("abab", 3, [("choose", 1), ("choose", 3), ("go", 1)], [0, 2, 3]),
        ("aab", 0, [("choose", 2), ("choose", 1), ("choose", 3)], [1, 0, 2]),
        ("aba", 0, [("press", "End"), ("press", "Home")], [2, 0]),
        ("aabab", 0, [("ask", None)] * 5, [1, 2, 3, 4, 4]),
        ("abac", 2, [("load", None), ("go", 1)], [2, 3]),
        # The user's own state follows the case from which it was made, and stays there.
        ("abac", 2, [("move", None), ("go", 1), ("go", -1), ("go", -1)], [2, 3, 2, 2]),
        ("abac", 0, [("move", None), ("go", 1), ("go", 1), ("go", 1)], [0, 1, 2, 3]),
        ("abac", 2, [("move", None), ("load", None), ("go", 1), ("go", 1)], [2, 2, 2, 3]),
    ],
)
def test_a_list_may_come_back_to_a_case(
    modules: Page, slugs: str, at: int, acts: list[tuple[str, object]], places: list[int]
) -> None:
    found = modules.evaluate(RETURNS, [[*slugs], at, acts])
    assert [place for place, *_ in found] == places
    for place, said, shut in found:
        assert said.removesuffix(", changed") == f"{place + 1} of {len(slugs)}"
        if said.endswith("changed"):
            continue
        last = "|" if place == len(slugs) - 1 else ""
        assert shut.endswith(f"-{last}")


@pytest.mark.parametrize(("at", "moved", "back"), [(0, "-", "|-"), (1, "-", "-"), (2, "-|", "-")])
def test_from_what_is_moved_in_a_list_one_goes_back_to_its_case(
    modules: Page, at: int, moved: str, back: str
) -> None:
    slugs = [f"{each} from {at}" for each in "abc"]
    found = modules.evaluate(RETURNS, [slugs, at, [("move", None), ("go", -1)]])
    assert found == [[at, f"{at + 1} of 3, changed", moved], [at, f"{at + 1} of 3", back]]


# Where in a list of cases of one page a presenter stands who moved something on another page.
ELSEWHERE = """async (at) => {
  const { Presenter } = await import("/browser/presenter.js");
  const { presentList } = await import("/browser/page.js");
  const presenter = new Presenter({ data: { page: "elsewhere", case: "" } });
  presenter.stop = { page: "elsewhere", slug: "*" };
  const stops = ["one", "two", "three"].map((slug) => ({ page: "here", slug }));
  presentList({ stops, at });
  const place = presenter.placeIn(stops.map((stop, i) => ({ ...stop, at: i })));
  presentList(null);
  return place;
}"""


@pytest.mark.parametrize("at", [0, 1, 2])
def test_on_a_page_that_a_list_does_not_have_its_place_is_where_it_was_left(
    modules: Page, at: int
) -> None:
    assert modules.evaluate(ELSEWHERE, at) == at


# Whether the presenter can go back and on at the first case and at the last one, with these keys of
# a task; the keys afterwards, and whether keys for steps are named; the text about the place,
# before and after something is moved; and what going on does at the last case, and then going back.
ENDS = """async (keys) => {
  const { Presenter } = await import("/browser/presenter.js");
  const data = { page: "ends", case: "one", locked: false, votes: false, task: {} };
  const did = [];
  const acts = { act: (act) => did.push(act), goTo: (slug) => did.push(slug), idle: () => true };
  const presenter = new Presenter({ data, ...acts, side: { keys }, controls: { last: 0 } });
  const presets = ["one", "two"].map((slug) => ({ page: "ends", slug }));
  presenter.presets = Promise.resolve(presets);
  presenter.strip.list(presets, "ends", true);
  const { back, next, position, keys: said } = presenter.strip;
  const ways = [];
  for (const slug of ["one", "two"]) {
    data.case = slug;
    await presenter.showPosition();
    ways.push([back, next].map((button) => button.ariaDisabled !== "true"));
  }
  const found = [...ways, keys, said.textContent.includes("step"), position.textContent];
  if (said.textContent.includes("question")) throw new Error("there is no next question");
  await presenter.go(1);
  data.case = "";
  await presenter.showPosition();
  found.push(position.textContent);
  presenter.remember = () => {}; // the next test begins anew
  await presenter.go(-1);
  return [...found, did];
}"""


@pytest.mark.parametrize(
    ("keys", "goes_on"),
    [({}, False), ({"r": "reveal"}, True), ({"n": "list next"}, False)],
)
def test_behind_the_last_case_comes_the_answer_to_its_question(
    modules: Page, keys: dict[str, str], goes_on: bool
) -> None:
    ways, said = [[False, True], [True, goes_on]], ["2 of 2", "2 of 2, changed"]
    did = ["reveal", "one"] if goes_on else ["one"]
    assert modules.evaluate(ENDS, keys) == [*ways, keys, False, *said, did]


# The slug that is shown, for the name of the page's case and the stop of a presented list.
SLUGS = """async ([name, place]) => {
  const { Presenter } = await import("/browser/presenter.js");
  const { presentList } = await import("/browser/page.js");
  const presenter = new Presenter({ data: { page: "relu", case: name } });
  const [page, slug] = place?.split("/") ?? [];
  presentList(page ? { stops: [{ page, slug }], at: 0 } : null);
  const shown = presenter.shown();
  presentList(null);
  return shown;
}"""


@for_each(
    ("name", "stop", "shown"),
    [
        ("two", None, "two"),
        ("two?w=2", None, "two"),
        ("", None, ""),
        ("two?w=2", "relu/two?w=2", "two?w=2"),
        ("two", "relu/two?w=2", "two?w=2"),
        ("one", "relu/two?w=2", ""),
        ("", "relu/?w=2", ""),
        ("two", "max-pool/two", ""),
    ],
)
def test_what_is_shown_is_a_case_of_its_own_page(
    modules: Page, name: str, stop: str | None, shown: str
) -> None:
    assert modules.evaluate(SLUGS, [name, stop]) == shown


# Whether the user's own state is offered after it was asked for and a restarted server forgot it.
FORGOTTEN = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const page = "forgotten";
  const data = { page, case: "two", locked: false, votes: false, task: {} };
  const figure = { data, side: { keys: {} }, controls: { last: 0 }, idle: () => true };
  const presenter = new Presenter(figure);
  const presets = ["one", "two"].map((slug) => ({ page, slug }));
  presenter.presets = Promise.resolve(presets);
  presenter.strip.list(presets, page, true);
  Object.assign(presenter, { stop: { page, slug: "*" }, base: "one" });
  presenter.remember();
  await presenter.showPosition();
  return !presenter.strip.titles.options[0].hidden;
}"""


def test_what_a_restarted_server_has_forgotten_is_not_offered(modules: Page) -> None:
    assert modules.evaluate(FORGOTTEN) is False


# For each place, given as (the case shown last, whether it is changed, whether the user's own state
# can be returned to): the strip's text about it among the page's cases, the title shown, and
# whether the user's own state is not offered. Then the text among the cases of all pages, and which
# of the buttons back and on are disabled at either end.
COUNTED = """async (places) => {
  const { Presenter } = await import("/browser/presenter.js");
  const { strip } = new Presenter({ data: { page: "relu" } });
  const presets = ["one", "two", "three", "four"].map((slug, n) =>
    ({ page: n < 2 ? "relu" : "max-pool", slug, title: slug, group: "All" }));
  strip.list(presets, "max-pool", false);
  const found = places.map((place) => {
    strip.showPosition(...place);
    return [strip.position.textContent, strip.titles.value, strip.titles.options[0].hidden];
  });
  strip.list(presets, "max-pool", true);
  strip.showPosition(3, false, false);
  const ends = [[true, false], [false, true]].map((each) => {
    strip.showEnds(...each);
    return [strip.back, strip.next].map(({ ariaDisabled }) => ariaDisabled === "true");
  });
  return [found, strip.position.textContent, ends];
}"""


def test_the_strip_says_the_place_and_the_title_of_the_case(modules: Page) -> None:
    places = {
        (3, False, False): ["2 of 2", "four", True],
        (2, True, False): ["1 of 2, changed", "three", True],
        (2, False, True): ["1 of 2", "three", False],
        (3, True, True): ["2 of 2, changed", "your own values", False],
        (-1, True, False): ["2 cases", "your own values", True],
    }
    found, of_all, ends = modules.evaluate(COUNTED, [*places])
    assert found == [*places.values()]
    assert of_all == "4 of 4"
    assert ends == [[True, False], [False, True]]


# The keys for a class's vote: beside a question or none, and with votes possible or not.
BY_LETTER = """async (ways) => {
  const { Presenter } = await import("/browser/presenter.js");
  return ways.map(([task, votes]) => {
    const data = { page: "relu", task, votes };
    return new Presenter({ data, side: { keys: { r: "reveal" } } }).votingKeys();
  });
}"""


def test_a_vote_is_opened_by_its_key_where_no_other_is_said(modules: Page) -> None:
    ways = [[{}, True], [{}, False], [None, True], [None, False]]
    own = {"r": "reveal"}
    assert modules.evaluate(BY_LETTER, ways) == [own, own, {"o": "vote ask"}, own]


# What is done when a list's next case is asked for beside the picture, and then a class's next
# question: without presenting, while presenting, and while presenting a list.
ON = """async () => {
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { Presenter } = await import("/browser/presenter.js");
  const { presentList } = await import("/browser/page.js");
  const did = [];
  const presenter = new Presenter({ data: { page: "on" }, vote: { tell: () => did.push("last") } });
  presenter.go = (by) => did.push(by);
  const figure = { tools: { presenter }, rest() {}, tell: ({ act }) => did.push(act) };
  const found = [[false, null], [true, null], [true, { stops: [{}], at: 0 }]].map(([on, list]) => {
    presenter.on = on;
    presentList(list);
    for (const act of ["list next", "vote next"]) LiveFigure.prototype.act.call(figure, act);
    return did.splice(0);
  });
  presenter.on = false;
  presentList(null);
  return found;
}"""


def test_next_beside_a_presented_list_shows_its_next_case_or_asks_a_class_its_next_question(
    modules: Page,
) -> None:
    assert modules.evaluate(ON) == [["vote next"], [1, "vote next"], [1, "last"]]


# The text, title and action of each button of a presenter's strip.
STRIP = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const done = [];
  const act = (name) => done.push(name);
  const presenter = new Presenter({ data: { page: "relu" }, act });
  presenter.go = (by) => act(`go ${by}`);
  presenter.leave = () => act("leave");
  presenter.card.toggle = () => act("address");
  return [...presenter.strip.element.querySelectorAll("button")].map((button) => {
    button.click();
    return [button.textContent, button.title, ...done.splice(0)];
  });
}"""


def test_each_button_of_the_strip_does_what_it_says(modules: Page) -> None:
    assert modules.evaluate(STRIP) == [
        ["◀", "The case before (Page Up)", "go -1"],
        ["▶", "The next case (Page Down)", "go 1"],
        ["Ask the class", "All phones vote on what is shown (key O)", "vote ask"],
        ["Address", "The address and its QR code (key A)", "address"],
        ["Leave", "Back to the page (Escape)", "leave"],
    ]


# The keys that the strip names: while a class may vote again, while it votes, without a vote, with
# steps and without, and where a class may be asked.
KEYS = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const { strip } = new Presenter({ data: { page: "relu" } });
  const ways = [...[false, true].map((locked) => [true, locked, { v: "vote again" }]),
    ...[true, false].map((stepping) => [stepping, false, {}]), [true, false, { o: "vote ask" }]];
  return ways.map((way) => {
    strip.showKeys(...way);
    return strip.keys.textContent;
  });
}"""


def test_while_a_class_votes_no_key_is_said_to_go_on(modules: Page) -> None:
    said = modules.evaluate(KEYS)
    free, locked, *others = plain = [each.replace("\xa0", " ") for each in said]
    assert free == "V vote again · PgUp PgDn case · Esc leave"
    assert locked == "V vote again · A address"
    cases = "PgUp PgDn case · Esc leave"
    steps = f"Home ← → End step · {cases}"
    assert others == [steps, cases, f"O ask · {steps}"]
    for whole, each in zip(said, plain, strict=True):
        assert whole.split(" · ") == each.replace(" ", "\xa0").split("\xa0·\xa0"), "in a line each"


# The words for a key that does each of these acts of a vote or a list.
VOTING = """async (acts) => {
  const { Presenter } = await import("/browser/presenter.js");
  const { strip } = new Presenter({ data: { page: "relu" } });
  return acts.map((act) => {
    strip.showKeys(false, true, { k: act });
    return strip.keys.textContent.split(" · ")[0];
  });
}"""


def test_the_strip_says_what_the_key_for_each_act_of_a_vote_does(modules: Page) -> None:
    acts = {
        "vote ask": "ask",
        "vote open": "open the vote",
        "vote close": "close",
        "vote again": "vote again",
        "vote reveal": "reveal",
        "vote next": "next question",
        "reveal": "answer",
        "list next": "next question",
    }
    said = modules.evaluate(VOTING, [*acts])
    assert said == [f"K {act}".replace(" ", "\xa0") for act in acts.values()]


# The page gone to when a list is left on a phone, which has no full-screen mode; locked: whether a
# class votes.
LEFT = """async (locked) => {
  const { Presenter } = await import("/browser/presenter.js");
  const { presentList } = await import("/browser/page.js");
  for (const name of ["fullscreenElement", "exitFullscreen"]) {
    Object.defineProperty(document, name, { value: undefined, configurable: true });
  }
  const asked = [];
  const data = { page: "relu", case: "", locked };
  const presenter = new Presenter({ data, goTo: (place) => asked.push(place) });
  presentList({ stops: [{ page: "relu", slug: "one" }], at: 0 });
  presenter.leave();
  presentList(null);
  delete document.fullscreenElement;
  delete document.exitFullscreen;
  return asked;
}"""


def test_a_list_is_left_also_where_there_is_no_whole_screen(modules: Page) -> None:
    assert modules.evaluate(LEFT, False) == ["gallery/"]
    assert modules.evaluate(LEFT, True) == [], "its page stays"


# Presses keys while a list goes from one page to the next, before the first page is "gone" and
# after. Returns whether the next page is presented then, the cases asked for, and how many curtains
# there are; then how often Escape leads to the gallery, and how many cases are asked for after a
# new start.
MEANWHILE = """async ([keys, listed]) => {
  const { Presenter } = await import("/browser/presenter.js");
  const { presentList } = await import("/browser/page.js");
  const app = document.body.appendChild(document.createElement("div"));
  app.className = "stApp";
  app.innerHTML = "<div class=stMain></div>";
  const stops = ["relu/one", "max-pool/one", "max-pool/two"].map((place) => {
    const [page, slug] = place.split("/");
    return { page, slug };
  });
  const make = (page, name) => {
    const mail = { outbox: { preset: "" }, underWay: { preset: "" } };
    const asked = [];
    const goTo = (preset) => {
      asked.push(preset);
      Object.assign(mail[mail.underWay.preset ? "outbox" : "underWay"], { preset });
    };
    const canvas = document.createElement("div");
    const controls = { last: 0, press() {} };
    const data = { page, case: name, asks: {}, theme: null, task: {}, locked: false };
    const figure = {
      data, mail, goTo, controls, side: { keys: {} }, idle: () => !mail.underWay.preset,
      stage: { canvas, drawn: Promise.resolve() },
    };
    const presenter = new Presenter(figure);
    presenter.presets = Promise.resolve(stops);
    presenter.turn = (on) => {
      presenter.on = on;
      if (!on) presentList(null);
    };
    return { presenter, asked };
  };
  const go = () => new Promise((done) => setTimeout(done));
  presentList(listed ? { stops, at: 0 } : null);
  history.replaceState(null, "", "/?present=1");
  const { presenter, asked: before } = make("relu", "one");
  Object.assign(presenter, { on: true, stop: stops[0] });
  presenter.show(stops[1]);
  for (const key of keys) {
    if (key === "gone") presenter.close();
    else if (key === "fullscreenchange") document.dispatchEvent(new Event(key));
    else window.dispatchEvent(new KeyboardEvent("keydown", { key }));
    await go();
  }
  if (keys[0] === "gone" && before.length > 1) throw new Error("nobody is there any more");
  const next = make("max-pool", "one");
  next.presenter.settled();
  let taken = false;
  presenter.pressed = () => { taken = true; };
  window.dispatchEvent(new KeyboardEvent("keydown", { key: "F9" }));
  if (taken) throw new Error("the next one has the keys");
  await go();
  const curtains = document.querySelectorAll(".live-figure-curtain").length;
  const found = [next.presenter.on, [...next.asked], curtains];
  window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" })); // of the next one alone
  found.push(next.asked.filter((place) => place === "gallery/").length);
  next.presenter.begin(); // how it was left is forgotten, and what was wanted then
  const asked = next.asked.length;
  next.presenter.settled();
  found.push(next.asked.length - asked);
  next.presenter.turn(false);
  next.presenter.close();
  presentList(null);
  app.remove();
  history.replaceState(null, "", "/");
  return found;
}"""


@pytest.mark.parametrize(
    ("keys", "on", "asked"),
    [
        (["gone"], True, []),
        (["Escape", "gone"], False, ["gallery/"]),
        (["gone", "Escape"], False, ["gallery/"]),
        (["gone", "PageDown", "Escape"], False, ["gallery/"]),
        (["gone", "fullscreenchange"], False, ["gallery/"]),
        (["PageDown", "gone"], True, ["two"]),
        (["gone", "PageDown"], True, ["two"]),
        (["gone", "PageUp"], True, ["relu/one"]),
        (["gone", "a", "n"], True, []),
    ],
)
@pytest.mark.parametrize("listed", [True, False])
def test_what_is_pressed_before_the_next_page_is_there_counts(
    keys: list[str], on: bool, asked: list[str], listed: bool, modules: Page
) -> None:
    led = asked if listed or on else []
    left = int(listed)  # by the last Escape, or by an earlier one
    curtains = int("PageUp" in keys)  # for the page to which it goes back
    assert modules.evaluate(MEANWHILE, [keys, listed]) == [on, led, curtains, left, 0]


# For each of these answers about an address: its parts, between which a line may end; whether the
# QR code is hidden; the note; and the size of the letters, in hundredths of the window's width.
CARDS = """async (answers) => {
  const { Presenter } = await import("/browser/presenter.js");
  const figure = { data: { page: "relu", task: null } };
  const { card } = new Presenter(figure);
  const found = [];
  for (const answer of answers) {
    figure.request = async () => answer;
    await card.fill();
    const parts = [...card.address.children].map(({ textContent }) => textContent);
    const [, wide] = card.address.style.fontSize.match(/ ([\\d.]+)vw/);
    found.push([parts.filter(Boolean), card.code.hidden, card.note.textContent, Number(wide)]);
  }
  return found;
}"""


def test_the_lines_of_an_address_end_behind_a_value(modules: Page) -> None:
    parts = ["http://a.test/relu?x=1,", "2&", "w=3"]
    short = {"address": "".join(parts), "qr": "<svg></svg>", "note": "Of here."}
    four = {**short, "address": "".join(parts) * 4}
    *found, longer = modules.evaluate(CARDS, [short, {**short, "qr": ""}, four])
    letters = 2 * longer[-1]
    assert found == [
        [parts, False, "Of here.", pytest.approx(letters, rel=0.01)],
        [parts, True, "It is too long for a QR code. Of here.", found[0][-1]],
    ]


# The item of the Slide button's menu that has the focus after each of these keys, and whether the
# browser's own action is prevented.
MOVES = """async (keys) => {
  const { SlideMenu } = await import("/browser/slide.js");
  const texts = ["Link", "Text", "More"].map((label) => ({ label, text: () => label }));
  const menu = new SlideMenu({ files: [], texts, ask: async () => ({}) });
  document.body.append(menu.element);
  menu.button.click();
  const found = keys.map((key) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(event);
    return [document.activeElement.textContent, event.defaultPrevented];
  });
  menu.close();
  return found;
}"""


# Opens the Slide button's menu, with a message that a mouse can press.
SAID = """async () => {
  const { SlideMenu } = await import("/browser/slide.js");
  const texts = ["Link", "Text", "More"].map((label) => ({ label, text: () => label }));
  const menu = new SlideMenu({ files: [], texts, ask: async () => ({}) });
  document.body.append(menu.element);
  menu.button.click();
  menu.say("It is downloaded.");
}"""


def test_a_menu_has_the_keys_also_once_what_it_says_is_pressed(modules: Page) -> None:
    for key, focused in ("ArrowUp", "More"), ("ArrowDown", "Link"), ("Escape", "Slide, link"):
        modules.evaluate(SAID)
        modules.get_by_text("It is downloaded.").click()
        modules.keyboard.press(key)
        assert modules.evaluate("document.activeElement.textContent") == focused
        modules.evaluate("document.querySelector('.live-figure-slide').remove()")


def test_in_a_menu_the_arrow_keys_go_round(modules: Page) -> None:
    ways = {"ArrowDown": "Text", "End": "More", "ArrowUp": "Text", "Home": "Link"}
    keys = [*ways, "ArrowUp", "ArrowDown"]
    assert modules.evaluate(MOVES, keys) == [
        [focused, True] for focused in [*ways.values(), "More", "Link"]
    ]


# What is copied of these states, one after the other.
COPIES = """async (states) => {
  const { SlideMenu } = await import("/browser/slide.js");
  const copied = [];
  const { giveClipboard } = await import("/tests/page.js");
  const takeAway = giveClipboard((text) => copied.push(text));
  const texts = ["Link", "Text"].map((label) => ({ label, text: ({ python }) => python }));
  const left = [...states];
  const menu = new SlideMenu({ files: [], texts, ask: async () => ({ python: left.shift() }) });
  for (const _ of states) await menu.copy(texts[1], menu.items[1]);
  takeAway();
  return copied;
}"""


def test_what_is_copied_is_of_the_present_state(modules: Page) -> None:
    assert modules.evaluate(COPIES, ["w = 1", "w = 2"]) == ["w = 1", "w = 2"]


# In a browser that can only copy what is selected, and may refuse that too: the message while the
# text is under way, and whether the field is hidden; then the message, whether it is marked as
# seen, whether the item is marked as done, the selected text, whether the field is read-only, and
# whether it is hidden. Last, the message about a text with a note.
SELECTED = """async (ables) => {
  const { SlideMenu } = await import("/browser/slide.js");
  const { execCommand } = document;
  const texts = ["Link", "Text"].map((label) => ({ label, text: () => "w = 1" }));
  const menu = new SlideMenu({ files: [], texts, ask: async () => ({}) });
  document.body.append(menu.element);
  menu.button.click();
  const found = [];
  for (const able of ables) {
    document.execCommand = () => able;
    const copied = menu.copy(texts[1], menu.items[1]);
    const { field } = menu.copying;
    const meanwhile = [menu.status.textContent, field.hidden];
    await copied;
    const selected = field.value.slice(field.selectionStart, field.selectionEnd);
    const told = [menu.status.textContent.trim(), menu.status.hasAttribute("data-seen")];
    const done = menu.items[1].dataset.done ?? "";
    if (document.activeElement !== field) throw new Error("a key would copy something else");
    for (const key of ["ArrowDown", "Home"]) {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      if (!field.dispatchEvent(event)) throw new Error("one moves in the text by keys");
    }
    found.push([...meanwhile, ...told, done, selected, field.readOnly, field.hidden]);
  }
  document.execCommand = () => true;
  await menu.copy({ ...texts[1], note: () => "It is long." }, menu.items[1]);
  found.push(menu.status.textContent);
  document.execCommand = execCommand;
  menu.close();
  return found;
}"""


def test_without_a_clipboard_it_is_said_whether_a_key_is_still_to_be_pressed(
    modules: Page,
) -> None:
    assert modules.evaluate(SELECTED, [True, False]) == [
        ["…", True, "Copied.", False, "true", "w = 1", True, False],
        ["…", True, "Press Ctrl+C or ⌘C to copy what is selected.", True, "", "w = 1", True, False],
        "Copied. It is long.",
    ]


# The label, text and note of each script that can be copied.
SCRIPTS = """async (texts) => {
  const { SCRIPTS } = await import("/browser/slide.js");
  return SCRIPTS.map(({ label, text, note }) => [label, text(texts), note?.(texts) ?? ""]);
}"""


def test_each_script_is_copied_with_its_own_text_and_note(modules: Page) -> None:
    texts = {"python": "p", "torch": "t", "torchNote": "of t", "jax": "j", "jaxNote": "of j"}
    assert modules.evaluate(SCRIPTS, texts) == [
        ["Copy Python", "p", ""],
        ["Copy PyTorch", "t", "of t"],
        ["Copy JAX", "j", "of j"],
    ]


# The link that is copied of a page with this query, and its note, if others reach the page by
# another address, and if not.
COPIED_LINK = """async (query) => {
  const { LINK } = await import("/browser/slide.js");
  history.replaceState(null, "", `/${query}`);
  const texts = { here: "http://lab.test/relu" };
  const found = [LINK.text(texts), ...["From here:", ""].map((hereNote) =>
    LINK.note({ ...texts, hereNote }))];
  history.replaceState(null, "", "/");
  return found;
}"""


@pytest.mark.parametrize(
    ("query", "copied"),
    [
        ("", ""),
        ("?x=1,2&w=3", "?x=1,2&w=3"),
        ("?x=1,2&present=1", "?x=1,2"),
        ("?present=1&x=1,2&mode=predict", "?x=1,2&mode=predict"),
        ("?present=1", ""),
        ("?embed=true&present=10", "?embed=true&present=10"),
    ],
)
def test_a_copied_link_presents_nothing(modules: Page, query: str, copied: str) -> None:
    here = "http://lab.test/relu"
    link, said, nothing = modules.evaluate(COPIED_LINK, query)
    assert link == here + copied
    assert said == f"From here: {here}{'?…' if copied else ''}"
    assert nothing == ""


# The message when there is no such file, or when making it fails with this error.
NO_FILES = """async (error) => {
  const { SlideMenu } = await import("/browser/slide.js");
  const texts = ["Link", "Text"].map((label) => ({ label, text: () => label }));
  const menu = new SlideMenu({ files: [], texts, ask: async () => ({ name: "slide" }) });
  const made = async () => {
    if (error) throw new Error(error);
    return [];
  };
  await menu.save({ ending: "png", made });
  return menu.status.textContent.trim();
}"""


def test_where_nothing_is_hidden_it_is_said_that_there_is_no_question(modules: Page) -> None:
    said = "This page hides nothing, so that no question can be asked."
    assert modules.evaluate(NO_FILES, "") == said
    assert modules.evaluate(NO_FILES, "No ink.") == "That went wrong: No ink."


# How often the clipboard was asked for before the text was there; the names of two files saved
# together, and the ms between them.
IN_TIME = """async () => {
  const { SlideMenu } = await import("/browser/slide.js");
  const { giveClipboard, hearFiles } = await import("/tests/page.js");
  const takeAway = giveClipboard(() => {});
  const { write } = navigator.clipboard;
  let [asked, answer] = [0, () => {}];
  navigator.clipboard.write = (items) => {
    asked += 1;
    return write(items);
  };
  const texts = ["Link", "Text"].map((label) => ({ label, text: () => label }));
  const ask = () => new Promise((go) => { answer = () => go({ name: "slide" }); });
  const made = async () => ["-one", "-two"].map((suffix) => ({ suffix, blob: new Blob() }));
  const menu = new SlideMenu({ files: [], texts, ask });
  const copied = menu.copy(texts[1], menu.items[1]);
  const before = asked;
  answer();
  await copied;
  const saved = [];
  const end = hearFiles((name) => saved.push([name, performance.now()]));
  const saving = menu.save({ ending: "svg", made });
  answer();
  await saving;
  end();
  takeAway();
  const [[one, first], [two, second]] = saved;
  return [before, [one, two], second - first];
}"""


def test_the_clipboard_is_asked_for_at_once_and_files_one_after_the_other(modules: Page) -> None:
    asked, names, apart = modules.evaluate(IN_TIME)
    assert asked == 1
    assert names == ["slide-one.svg", "slide-two.svg"]
    assert apart > 200


# Asks for files by their names in quick succession, from a server that answers only the last
# request of a kind. Returns the files saved, the message after each press, and the last message.
SAVES = """async (presses) => {
  const { SlideMenu } = await import("/browser/slide.js");
  const { Requests } = await import("/browser/mail.js");
  const { hearFiles } = await import("/tests/page.js");
  const [requests, saved] = [new Requests(), []];
  const end = hearFiles((name, blob) => saved.push([name, blob]));
  const made = (argument) => async () => {
    const answer = await requests.add("slide", argument);
    return [{ suffix: "", blob: new Blob([answer]) }];
  };
  const files = Object.fromEntries(presses.map((label) => [
    label, { label, ending: label, made: made(label) },
  ]));
  const texts = ["Link", "Text"].map((label) => ({ label, text: () => label }));
  const ask = async () => ({ name: "slide" });
  const menu = new SlideMenu({ files: Object.values(files), texts, ask });
  const begun = [];
  const saving = presses.map((label) => {
    menu.say("");
    const saved = menu.save(files[label]);
    begun.push(menu.status.textContent);
    return saved;
  });
  for (let i = 0; i < presses.length; i += 1) {
    await new Promise((go) => setTimeout(go, 20));
    const answers = Object.entries(requests.wanted()).map(([name, argument]) =>
      [name, { argument, answer: argument }]);
    requests.take(Object.fromEntries(answers));
  }
  await Promise.all(saving);
  end();
  const found = await Promise.all(saved.map(async ([name, blob]) => [name, await blob.text()]));
  return [found, begun, menu.status.textContent];
}"""


@pytest.mark.parametrize(
    ("presses", "saved"),
    [
        (["picture", "pair"], ["picture", "pair"]),
        (["pair", "picture", "pair"], ["pair", "picture"]),
        (["picture", "picture", "picture"], ["picture"]),
        (["picture", "pair", "scene"], ["picture", "pair", "scene"]),
    ],
)
def test_files_that_are_asked_for_at_once_each_have_their_own_content(
    modules: Page, presses: list[str], saved: list[str]
) -> None:
    files, begun, said = modules.evaluate(SAVES, presses)
    assert begun == ["…"] * len(presses)
    assert files == [[f"slide.{each}", each] for each in saved]
    assert said == f"slide.{saved[-1]} is downloaded."


# The errors that nothing handles when there is nothing to copy, and no clipboard that asks for it.
UNHEARD = """async () => {
  const { SlideMenu } = await import("/browser/slide.js");
  const unheard = [];
  const hear = ({ reason }) => unheard.push(String(reason));
  addEventListener("unhandledrejection", hear);
  const texts = ["Link", "Text"].map((label) => ({ label, text: () => undefined }));
  const menu = new SlideMenu({ files: [], texts, ask: async () => ({}) });
  await menu.copy(texts[1], menu.items[1]);
  await new Promise((go) => setTimeout(go, 50));
  removeEventListener("unhandledrejection", hear);
  return unheard;
}"""


def test_what_nobody_copies_is_no_error(modules: Page) -> None:
    assert modules.evaluate(UNHEARD) == []


# The parts of the magnifier, and how many requests for a reason wait, while the pointer moves from
# cell to cell, on in a cell whose reason has come, beside the cells, away, and to a heat map with
# its cursor at a cell; after the cell's label changes, after the cell goes, and after presenting
# ends.
LARGE = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const make = () => document.createElement("div");
  const stage = { canvas: make(), element: make(), side: { element: make() } };
  stage.element.append(stage.canvas);
  const figure = { data: { page: "relu" }, stage, request: async () => "" };
  const { magnifier } = new Presenter(figure);
  const of = ["x1 = 2, gradient +1, → max, a tie", "w = 3", "w2.1,4 = 0, gradient −1"];
  const cells = of.map((label) => {
    const cell = stage.canvas.appendChild(make());
    cell.className = "live-figure-cell";
    cell.setAttribute("aria-label", label);
    cell.dataset.entry = label.split(" ")[0];
    return cell;
  });
  const point = (kind, cell) => () => cell.dispatchEvent(new PointerEvent(kind, { bubbles: true }));
  const [one, two, three] = cells.map((cell) => point("pointermove", cell));
  const map = stage.canvas.appendChild(make());
  map.className = "live-figure-grid";
  map.innerHTML = `<p role="gridcell" data-entry="x3,4" aria-label="x3,4 = 5, gradient 0">`;
  const seen = () => {
    const { element } = magnifier;
    const there = element.isConnected && !element.hidden;
    if (element.ariaHidden !== "true") throw new Error("a reader hears the cells themselves");
    const { left, width } = element.style;
    if (there && (left !== "30px" || width !== "200px")) throw new Error("it is over the picture");
    const parts = [...element.children].map(({ innerHTML }) => innerHTML);
    return there ? parts.map((part) => part.replaceAll(` class=""`, "")) : [];
  };
  stage.side.element.getBoundingClientRect = () => ({ left: 30, width: 200 });
  document.body.append(stage.element);
  magnifier.turn(true);
  const away = point("pointerleave", stage.canvas);
  const changed = () => {
    cells[2].setAttribute("aria-label", "w2.1,4 = 0, gradient +3");
    magnifier.settled();
  };
  const gone = () => {
    cells[2].remove();
    magnifier.settled();
  };
  const off = () => magnifier.turn(false);
  const on = () => {
    magnifier.reason.textContent = "its reason";
    two();
  };
  const [beside, at] = [point("pointermove", stage.canvas), point("pointermove", map)];
  const ways = [one, two, on, beside, two, away, one, at, three, changed, gone, off, two];
  const { setTimeout, clearTimeout } = window;
  const clocks = new Map();
  window.setTimeout = (act) => clocks.set(clocks.size + 1, act).size;
  window.clearTimeout = (clock) => clocks.delete(clock);
  const found = ways.map((way) => {
    way();
    return [seen(), clocks.size];
  });
  Object.assign(window, { setTimeout, clearTimeout });
  magnifier.hide();
  stage.element.remove();
  return found;
}"""


def test_what_the_pointer_is_on_is_large_as_long_as_it_is_there(modules: Page) -> None:
    one = ["x<sub>1</sub>", "2", "∂ +1", "→ max, a tie"]
    two = ["w<sub></sub>", "3", "", ""]
    on = [*two[:3], "its reason"]
    three = ["w<sup>(2)</sup><sub>1,4</sub>", "0", "∂ −1", ""]
    changed = [three[0], "0", "∂ +3", ""]
    of_a_map = ["x<sub>3,4</sub>", "5", "∂ 0", ""]
    found, asked = zip(*modules.evaluate(LARGE), strict=True)
    assert found == (one, two, on, [], two, [], one, of_a_map, three, changed, [], [], [])
    assert asked == (1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0)


# The background, border and letter colours of the magnifier for a gradient of each sign.
COLOURED = """async (gradients) => {
  const { Presenter } = await import("/browser/presenter.js");
  const { magnifier } = new Presenter({ data: { page: "relu" } });
  const of = (green) => [0, 1, 2].map((i) => `rgb(${i}, ${green}, 0)`);
  magnifier.colours = { positive: of(1), negative: of(2), zero: of(3) };
  return gradients.map((gradient) => {
    magnifier.show(`x1 = 2, gradient ${gradient}`);
    const { backgroundColor, borderColor } = magnifier.element.style;
    return [backgroundColor, borderColor, magnifier.gradient.style.color];
  });
}"""


def test_what_is_large_has_the_colours_of_its_sign(modules: Page) -> None:
    found = modules.evaluate(COLOURED, ["+4", "−4", "0"])
    assert found == [[f"rgb({i}, {sign}, 0)" for i in range(3)] for sign in (1, 2, 3)]


# Whether the card with the address stays open when something else is shown, and how often the
# address was requested by then; and the same when it is shown again. locked: whether a class votes;
# phase: of the vote until then.
SHOWN = """async ([phase, locked]) => {
  const { Presenter } = await import("/browser/presenter.js");
  let asked = 0;
  const request = async () => {
    asked += 1;
    return { address: "/", qr: "", note: "" };
  };
  const { card } = new Presenter({ data: { page: "relu", task: null, locked }, request });
  Object.assign(card, { open: true, shown: `${phase} /elsewhere` });
  return [1, 2].map(() => {
    card.refresh();
    return [card.open, asked];
  });
}"""


@pytest.mark.parametrize(
    ("phase", "locked", "stays"),
    [("closed", False, True), ("closed", True, False), ("open", False, False)],
)
def test_an_address_gives_way_to_what_came_of_a_vote(
    modules: Page, phase: str, locked: bool, stays: bool
) -> None:
    assert modules.evaluate(SHOWN, [phase, locked]) == [[stays, int(stays)]] * 2


# Whether the card with the address is there, and has the focus, after the server has answered, if
# it was called for and then dismissed by a second press, and if a third press called for it again;
# and after a click on it, whether it is there and whether it counts as open.
ADDRESS = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const found = [];
  for (const presses of [2, 3]) {
    let answer;
    const said = new Promise((go) => { answer = go; });
    const stage = { element: document.createElement("div") };
    const figure = { data: { page: "relu", task: null }, stage, request: () => said };
    const { card } = new Presenter(figure);
    document.body.append(stage.element);
    for (let press = 0; press < presses; press += 1) card.toggle();
    answer({ address: "http://localhost/relu", qr: "", note: "" });
    await new Promise((go) => setTimeout(go));
    found.push([stage.element.childElementCount, document.activeElement === card.element]);
    card.address.click();
    found.at(-1).push(stage.element.childElementCount, card.open);
    stage.element.remove();
  }
  return found;
}"""


def test_an_address_that_is_not_wanted_any_more_does_not_come(modules: Page) -> None:
    assert modules.evaluate(ADDRESS) == [[0, False, 0, False], [1, True, 0, False]]


# The reason in the magnifier when the answers about a cell that the pointer has left, and about the
# one it is on, come; held: the slider that is being moved.
RESTED = """async (held) => {
  const { Presenter } = await import("/browser/presenter.js");
  const request = async (_, entry) => `Of ${entry}.`;
  const { magnifier } = new Presenter({ data: { page: "relu" }, held, request });
  magnifier.show("x2 = 3, gradient 0, → max");
  magnifier.entry = "x2";
  const found = [];
  for (const entry of ["x1", "x2"]) {
    await magnifier.ask(entry);
    found.push(magnifier.reason.textContent);
  }
  return found;
}"""


def test_the_magnifier_shows_the_reason_of_the_cell_that_the_pointer_is_on_by_then(
    modules: Page,
) -> None:
    assert modules.evaluate(RESTED, None) == ["→ max", "Of x2."]
    assert modules.evaluate(RESTED, "x1") == ["→ max", "→ max"], "it would be let go of"


# The cases that a presenter of the first of two asks for, when the user wants these before any of
# them is there.
WISHES = """async (slugs) => {
  const { Presenter } = await import("/browser/presenter.js");
  const asked = [];
  const data = { page: "wishes", case: "one" };
  const presenter = new Presenter({ data, goTo: (slug) => asked.push(slug) });
  presenter.stop = { page: "wishes", slug: "one" };
  for (const slug of slugs) presenter.show({ page: "wishes", slug });
  return asked;
}"""


def test_a_presenter_asks_for_the_case_still_shown_when_another_is_on_its_way(
    modules: Page,
) -> None:
    assert modules.evaluate(WISHES, ["one", "two", "one", "one"]) == ["two", "one"]


# What is asked for when a class's next question of a list is wanted, twice: at once and on another
# page, while its case is under way, once it is there, and later; past: whether another case has
# come first. Then whether a further question remains to be asked for, and the message.
ARRIVED = """async (past) => {
  const { Presenter } = await import("/browser/presenter.js");
  const { presentList } = await import("/browser/page.js");
  const did = [];
  let idle = false;
  const data = { page: "arrived", case: "one" };
  const acts = { act: (act) => did.push(act), goTo: (slug) => did.push(slug), idle: () => idle };
  const vote = { tell: (said) => did.push(said) };
  const presenter = new Presenter({ data, vote, ...acts });
  const stops = ["one", "two"].map((slug) => ({ page: "arrived", slug }));
  presentList({ stops, at: 0 });
  Object.assign(presenter, { on: true, stop: stops[0] });
  presenter.askNext();
  presenter.show(stops[1]);
  [data.page, idle] = ["elsewhere", true];
  presenter.askOnArrival();
  [data.page, idle] = ["arrived", false];
  const found = [did.splice(0)];
  for (const there of [false, true, true]) {
    data.case = past && there !== idle ? "one" : "two";
    idle = there;
    presenter.askOnArrival();
    found.push(did.splice(0));
  }
  found.push([presenter.askNext(), ...did]);
  presentList(null);
  return found;
}"""


def test_the_next_question_is_asked_once_it_is_there(modules: Page) -> None:
    wanted = ["two", "two"]
    last = [True, "This was the last question of the list."]
    assert modules.evaluate(ARRIVED, False) == [wanted, [], ["vote ask"], [], last]
    assert modules.evaluate(ARRIVED, True) == [wanted, [], [], [], last], "it was passed over"


# What a class is asked, and the calls that lead to the gallery, if the next question, on the second
# of these pages, was wanted by a user who left before it was there and presents it later; heard:
# whether the server knew of it by then; anew: whether a new list was presented by then.
ASKED_AND_LEFT = """async ([pages, heard, anew]) => {
  const { Presenter } = await import("/browser/presenter.js");
  const { presentList } = await import("/browser/page.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const [did, led] = [[], []];
  const stops = pages.map((page, n) => ({ page, slug: String(n) }));
  const make = (page) => {
    const mail = { underWay: { preset: heard ? `${pages[1]}/1` : "" } };
    const goTo = (place) => led.push(`${page}: ${place}`);
    const acts = { act: (act) => did.push(act), goTo, idle: () => true };
    const presenter = new Presenter({ data: { page, case: "0" }, mail, ...acts });
    presenter.turn = (on) => Object.assign(presenter, { on });
    return presenter;
  };
  const left = make(pages[0]);
  presentList({ stops, at: 0 });
  Object.assign(left, { on: true, stop: stops[0] });
  left.askNext();
  left.leave();
  presentList(null);
  const next = pages[0] === pages[1] ? left : make(pages[1]);
  if (anew) presentList({ stops, at: 1 });
  next.leaveOnArrival();
  next.begin();
  presentList({ stops, at: 1 });
  next.figure.data.case = "1";
  next.askOnArrival();
  presentList(null);
  close(main);
  return [did, led.filter((each) => each.endsWith("gallery/"))];
}"""


@pytest.mark.parametrize(
    ("pages", "heard"),
    [(["relu", "relu"], False), (["relu", "max-pool"], False), (["relu", "max-pool"], True)],
)
def test_leaving_before_the_next_question_is_there_asks_a_class_nothing(
    modules: Page, pages: list[str], heard: bool
) -> None:
    """The page that is left leads back to the gallery; so does one that comes nevertheless."""
    led = [f"{page}: gallery/" for page in ("relu", "max-pool")]
    assert modules.evaluate(ASKED_AND_LEFT, [pages, heard, False]) == [[], led[: 1 + heard]]
    assert modules.evaluate(ASKED_AND_LEFT, [pages, heard, True]) == [[], led[:1]], "it is shown"


# How many curtains there are when the page that is about to go settles, in answer to an earlier
# message, and when the next page does; and whether the page makes room for a picture that its
# address presents, and does so after the browser's Back to another page.
SETTLED = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  history.replaceState(null, "", "/?present=1");
  const presenterOf = () => {
    const stage = { drawn: Promise.resolve() };
    const data = { page: "relu", case: "", theme: null, task: null };
    const parts = { data, stage, controls: { last: 0 }, side: { keys: {} } };
    return Object.assign(new Presenter({ ...parts, idle: () => false, goTo() {} }), { on: true });
  };
  document.documentElement.className = "";
  const [left, next] = [presenterOf(), presenterOf()];
  const filled = () => document.documentElement.classList.contains("live-figure-presenting");
  const room = [filled()];
  left.show({ page: "max-pool", slug: "overlap" });
  const found = [];
  for (const presenter of [left, next]) {
    presenter.settled();
    await new Promise((go) => setTimeout(go));
    found.push(document.querySelectorAll(".live-figure-curtain").length);
    presenter.on = false;
  }
  close(main, () => [history.replaceState(null, "", "/"), next.close()]);
  return [found, [...room, filled()]];
}"""


def test_only_the_next_page_opens_the_curtain_that_the_page_before_has_shut(modules: Page) -> None:
    assert modules.evaluate(SETTLED) == [[1, 0], [True, False]]


# Begins to present by the address, changes the theme, lets another presenter take over, and leaves.
# Returns: the requests to the server; whether a list from before and the address card are
# presented, when full screen ends and when presenting is left, and what has the focus; the state of
# the button; the addresses, and whether all elements are back in their places; the list of cases
# after the same scene settles, the stops of a presented list, and the magnifier's colours; the
# errors that nothing handles when a browser refuses full screen; and how often room is made, and
# full screen asked for.
TURNED = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const { presented, presentList } = await import("/browser/page.js");
  const make = () => document.createElement("div");
  const asked = [];
  const request = async (name) => {
    asked.push(name);
    return { presets: [], colours: { zero: ["black"] }, address: "/", qr: "", note: "" };
  };
  const filled = [];
  const presenterOf = (theme) => {
    const [element, canvas, legend, slide, help, steps, stepName] = Array.from({ length: 7 }, make);
    steps.append(stepName);
    element.append(canvas, steps, legend, help, slide);
    const stage = { element, canvas, legend: { element: legend }, drawn: Promise.resolve() };
    const presenter = new Presenter({
      data: { page: "relu", case: "", theme, asks: { question: "2" } },
      request, idle: () => false, side: { keys: {} },
      stage: { ...stage, present: (strip) => filled.push(strip !== null) },
      controls: { steps, stepName, last: 0 },
      tools: { slide: { element: slide }, help: { element: help } },
    });
    document.body.append(element);
    element.append(presenter.button);
    return presenter;
  };
  const presenter = presenterOf("one");
  const { figure, card, button } = presenter;
  const stops = [["relu", "tie"], ["max-pool", "overlap"]].map(([page, slug]) => ({ page, slug }));
  const list = { stops, at: 0 };
  const inside = () => [...figure.stage.element.querySelectorAll("*")];
  const before = inside();
  const unheard = [];
  const hear = ({ reason }) => unheard.push(String(reason));
  addEventListener("unhandledrejection", hear);
  const refuse = async () => { throw new Error("not by this browser"); };
  let wholes = 0;
  document.documentElement.requestFullscreen = () => [(wholes += 1), refuse()][1];
  presentList(list);
  presenter.begin();
  const { legend, element } = figure.stage;
  const { steps, stepName } = figure.controls;
  const { strip } = presenter;
  if (legend.element.previousElementSibling !== stepName) throw new Error("a step is not said");
  const held = [steps, figure.tools.slide.element].every((each) => strip.element.contains(each));
  if (!held || strip.element.parentElement !== element) throw new Error("it is not in the strip");
  if (!element.contains(presenter.magnifier.element)) throw new Error("nothing is magnified");
  delete document.documentElement.requestFullscreen;
  const places = [location.search];
  await card.show();
  const left = [presented()];
  const pressed = [button.ariaChecked];
  presenter.screenChanged();
  left.push(presenter.on, card.element.isConnected);
  await card.show();
  const [option] = presenter.strip.titles.options;
  presenter.settled();
  await presenter.presets;
  const walks = [presenter.strip.titles.options[0] === option];
  Object.assign(figure.data, { theme: "another", asks: { question: "3" } });
  presenter.settled();
  places.push(location.search);
  await presenter.presets;
  const next = presenterOf("another");
  asked.push("another one:");
  next.turn(true);
  await next.presets;
  presentList(list);
  next.learn();
  walks.push((await next.presets).map(({ slug }) => slug), next.strip.count);
  walks.push(next.magnifier.colours);
  presenter.turn(false);
  left.push(card.element.isConnected, document.activeElement === button);
  const after = inside();
  const same = after.length === before.length && after.every((each, i) => each === before[i]);
  places.push(location.search, same, presented());
  pressed.push(button.ariaChecked);
  for (const [name, value] of [["fullscreenElement", document.body],
    ["exitFullscreen", async () => { left.push("exit"); await refuse(); }]]) {
    Object.defineProperty(document, name, { value, configurable: true });
  }
  presenter.screenChanged();
  presenter.turn(true);
  presenter.screenChanged();
  presenter.turn(false);
  delete document.fullscreenElement;
  delete document.exitFullscreen;
  next.turn(false);
  for (const each of [presenter, next]) each.figure.stage.element.remove();
  document.documentElement.className = "";
  history.replaceState(null, "", "/");
  await new Promise((go) => setTimeout(go, 20)); // until it is told
  removeEventListener("unhandledrejection", hear);
  return [asked, left, pressed, places, walks, unheard, filled, wholes];
}"""


def test_a_presenter_asks_once_of_each_theme_and_leaves_nothing_behind(modules: Page) -> None:
    asked, left, pressed, places, walks, unheard, filled, wholes = modules.evaluate(TURNED)
    assert filled == [True, True, False, True, False, False]
    assert places == ["?present=1&question=2", "?present=1&question=3", "", True, None]
    assert pressed == ["true", "false"]
    assert asked == ["presenter", *["address"] * 2, "presenter", "address", "another one:"]
    assert left == [None, True, False, False, True, "exit"]
    assert walks == [True, ["tie", "overlap"], 2, {"zero": ["black"]}]
    assert unheard == []
    assert wholes == 1, "the whole screen is had where a browser gives it"


# The case that a remote asks for, and whether the list and the buttons can be used by mouse: while
# a class votes on the first of two cases, and afterwards.
LOCKED = """async () => {
  const { Presenter } = await import("/browser/presenter.js");
  const asked = [];
  const data = { page: "locked", case: "one", votes: false, task: {} };
  const acts = { idle: () => true, goTo: (slug) => asked.push(slug) };
  const figure = { data, ...acts, side: { keys: {} }, controls: { last: 0 } };
  const presenter = new Presenter(figure);
  const presets = ["one", "two"].map((slug) => ({ page: "locked", slug }));
  presenter.presets = Promise.resolve(presets);
  presenter.strip.list(presets, "locked", true);
  const { titles, back, next } = presenter.strip;
  const found = [];
  for (const locked of [true, false]) {
    Object.assign(data, { locked });
    await presenter.showPosition();
    await presenter.go(1);
    found.push([asked.splice(0), ...[titles, back, next].map(({ inert }) => !inert)]);
  }
  return found;
}"""


def test_while_a_class_votes_its_case_stays(modules: Page) -> None:
    assert modules.evaluate(LOCKED) == [[[], False, False, False], [["two"], True, True, True]]
