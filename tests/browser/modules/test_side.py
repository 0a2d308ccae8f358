"""The modules beside the picture: tasks, lessons, a class's vote."""

from collections.abc import Mapping
from typing import Final

import pytest
from playwright.sync_api import Page

from pages.vote.box import LASTS
from pages.vote.routes import BEAT

NOTHING: Final[Mapping[str, object]] = {
    "lines": [], "asked": [], "missed": [], "keys": {}, "vote": None
}  # fmt: skip
"""The optional parts of a task, all empty."""

# Returns what is typed after the same task comes again; how far the task is scrolled then, and
# after a verdict (an error is thrown if typing cannot go on); and the acts and the button's text
# after each press on the button that forgets the lessons passed.
BESIDE = """async (task) => {
  const { Side } = await import("/browser/side.js");
  const acts = [];
  const side = new Side((act) => acts.push(act), document.createElement("div"));
  document.body.append(side.element);
  side.ask(task);
  side.answer.value = "7";
  side.element.style = "height: 10px; overflow: auto";
  side.answer.focus();
  side.element.scrollTop = 7;
  side.ask(structuredClone(task));
  const typed = side.answer.value;
  const scrolled = [side.element.scrollTop];
  side.ask({ ...task, lines: [["wrong", "No."]] });
  scrolled.push(side.element.scrollTop);
  if (document.activeElement !== side.answer) throw new Error("the keys are lost");
  const forget = () => {
    side.element.querySelector(".live-figure-begin").click();
    return [...acts, side.element.querySelector(".live-figure-begin").textContent];
  };
  const forgotten = [forget(), forget()];
  side.element.remove();
  return { typed, scrolled, forgotten };
}"""


def test_what_is_typed_stays_and_lessons_are_forgotten_at_the_second_press(modules: Page) -> None:
    lessons = {"titles": ["One", "Two"], "at": 1, "passed": [2]}
    task = {"heading": "A task", "acts": [["answer", "Check"]], "main": 0, "highest": 9}
    found = modules.evaluate(BESIDE, {**NOTHING, **task, "lessons": lessons})
    forgotten = [["Press again to forget them"], ["begin", "Forget what is done"]]
    assert found == {"typed": "7", "scrolled": [7, 0], "forgotten": forgotten}


# Which buttons of a task can be pressed, and which stand out; and the task's parts from its top on.
ABLE = """async (task) => {
  const { Side } = await import("/browser/side.js");
  const side = new Side(() => {}, document.createElement("div"));
  side.ask(task);
  const buttons = [...side.element.querySelectorAll(".live-figure-acts button")];
  const able = buttons.map(({ disabled }) => !disabled);
  const main = buttons.map(({ className }) => className.includes("live-figure-main"));
  return [able, main, [...side.task.children].map((part) => part.className || part.localName)];
}"""


def test_what_cannot_be_done_at_present_keeps_its_place_alone(modules: Page) -> None:
    acts = [["check", "Check"], ["", "Back"], ["next", "Next"]]
    task = {**NOTHING, "heading": "A task", "acts": acts, "main": 2, "highest": 0, "lessons": None}
    able, main, parts = modules.evaluate(ABLE, {**task, "missed": [[1, "No."]]})
    assert able == [True, False, True]
    assert main == [False, False, True]
    missed = "live-figure-line live-figure-missed"
    assert parts == ["h2", "live-figure-lines", missed, "live-figure-acts"]


# The text of each button for a question that was answered wrongly, and the act that it asks for.
MISSED = """async (task) => {
  const { Side } = await import("/browser/side.js");
  const acts = [];
  const side = new Side((...act) => acts.push(act), document.createElement("div"));
  side.ask(task);
  return [...side.element.querySelectorAll("button.live-figure-missed")].map((button) => {
    button.click();
    return [button.textContent, ...acts.splice(0)];
  });
}"""


def test_a_question_that_was_answered_wrongly_is_looked_at_again(modules: Page) -> None:
    missed = [[0, "How many?"], [3, "Which?"]]
    task = {**NOTHING, "heading": "How it went", "acts": [], "main": 0, "lessons": None}
    assert modules.evaluate(MISSED, {**task, "missed": missed}) == [
        ["✗ How many?", ["look again", "0"]],
        ["✗ Which?", ["look again", "3"]],
    ]


# What a click on the first button of each of these tasks asks for, one after the other; a task's
# number says whether its click is the first or the second of a double click. Then whether lessons
# are forgotten by a double click.
TWICE = """async ([tasks, lessons]) => {
  const { Side } = await import("/browser/side.js");
  const acts = [];
  const side = new Side((act) => acts.push(act), document.createElement("div"));
  document.body.append(side.element);
  const click = (selector, detail) =>
    side.element.querySelector(selector).dispatchEvent(new MouseEvent("click", { detail }));
  const found = tasks.map(([task, detail]) => {
    side.ask(task);
    click(".live-figure-acts button", detail);
    return acts.splice(0);
  });
  side.ask(lessons);
  for (const detail of [1, 2]) click(".live-figure-begin", detail);
  side.element.remove();
  return [found, acts];
}"""


def test_two_clicks_mean_what_stood_there_at_the_first(modules: Page) -> None:
    ways = ("vote open", 1), ("vote close", 2), ("vote close", 1), ("next", 1), ("next", 2)
    tasks = [
        ({**NOTHING, "heading": f"{i}", "acts": [[act, act]], "main": 0, "highest": 0}, detail)
        for i, (act, detail) in enumerate(ways)
    ]
    lessons = {**tasks[0][0], "lessons": {"titles": ["One"], "at": 1, "passed": [1]}}
    found, acts = modules.evaluate(TWICE, [tasks, lessons])
    assert found == [["vote open"], [], ["vote close"], ["next"], ["next"]]
    assert acts == [], "they are forgotten at a second press alone"


# The lessons stored after two tabs have stored theirs, and after one press on a button that the
# browser has translated; and what double clicks on each button of a lesson ask for.
COURSES = """async (task) => {
  const { Side } = await import("/browser/side.js");
  const key = "backpropagation-live:lessons";
  const acts = [];
  const sides = [1, 2].map(() => new Side((act) => acts.push(act), document.createElement("div")));
  document.body.append(sides[0].element);
  const lesson = (side, passed) => side.ask({ ...task, lessons: { ...task.lessons, passed } });
  lesson(sides[0], [1]);
  lesson(sides[1], [3]);
  const kept = localStorage.getItem(key);
  for (const button of sides[0].element.querySelectorAll(".live-figure-acts button")) {
    for (const detail of [1, 2]) button.dispatchEvent(new MouseEvent("click", { detail }));
  }
  const begin = sides[0].element.querySelector(".live-figure-begin");
  begin.textContent = "Vergessen, was getan ist";
  begin.click();
  const left = localStorage.getItem(key);
  sides[0].element.remove();
  localStorage.clear();
  return [kept, left, acts];
}"""


def test_a_course_is_kept_from_two_tabs_quick_clicks_and_another_language(modules: Page) -> None:
    acts = [["check", "Check"], ["back", "Back"], ["next", "Next"]]
    lessons = {"titles": ["Lesson"] * 12, "at": 1}
    task = {**NOTHING, "heading": "A task", "acts": acts, "main": 0, "highest": None}
    kept = modules.evaluate(COURSES, {**task, "lessons": lessons})
    assert kept == ["[1,3]", "[1,3]", ["check", "back", "next"]]


# The lessons shown as done, and those stored, after each of these: a lesson is shown, with the
# lessons that the server knows as passed and its lines; the page is opened again; or another tab
# forgets the lessons.
ELSEWHERE = """async ([task, deeds]) => {
  const { Side } = await import("/browser/side.js");
  const key = "backpropagation-live:lessons";
  const other = document.body.appendChild(document.createElement("iframe")).contentWindow;
  const make = () => new Side(() => {}, document.createElement("div"));
  let side = make();
  const found = [];
  for (const [deed, at, passed, lines] of deeds) {
    if (deed === "forget") {
      const heard = new Promise((go) => addEventListener("storage", go, { once: true }));
      if (at === "all") other.localStorage.clear();
      else other.localStorage.removeItem(key);
      await heard;
    } else {
      if (deed === "open") side = make();
      side.ask({ ...task, lines, lessons: { ...task.lessons, at, passed } });
    }
    const chips = [...side.element.querySelectorAll("[data-done=true]")];
    const done = chips.map(({ textContent }) => Number(textContent));
    found.push([done, JSON.parse(localStorage.getItem(key)) ?? []]);
  }
  localStorage.clear();
  other.frameElement.remove();
  return found;
}"""


def test_what_another_tab_has_forgotten_comes_back_only_where_it_is_passed_again(
    modules: Page,
) -> None:
    right, wrong, more = [["right", "Yes."]], [["wrong", "No."]], [["right", "Yes."], ["", "For."]]
    deeds: list[tuple[list[object], list[int]]] = [
        (["show", 3, [1, 2], []], [1, 2]),
        (["forget"], []),
        (["show", 2, [1, 2], []], []),
        (["show", 2, [1, 2], wrong], []),
        (["open", 2, [1, 2], []], []),
        (["show", 2, [1, 2], right], [2]),
        (["show", 3, [1, 2], []], [2]),
        (["show", 3, [1, 2, 3], right], [2, 3]),
        (["forget"], []),
        (["show", 3, [1, 2, 3], more], []),  # the lines have changed without another answer
        (["open", 3, [1, 2, 3], right], []),
        (["show", 1, [], []], []),  # the server has forgotten them too
        (["show", 2, [3], []], [3]),
        (["forget", "all"], []),
        (["show", 2, [2], wrong], [2]),
        (["forget"], []),
        (["show", 2, [2], right], [2]),  # answered again
    ]
    lessons = {"lessons": {"titles": ["Lesson"] * 4}}
    task = {**NOTHING, "heading": "A task", "acts": [], "main": 0, "highest": None, **lessons}
    found = modules.evaluate(ELSEWHERE, [task, [deed for deed, _ in deeds]])
    assert found == [[done, done] for _, done in deeds]


# The verdict of each task, its place among the task's parts, and its bold words; how often its
# element was removed from the page; and how many such elements there are.
VERDICTS = """async (tasks) => {
  const { Side } = await import("/browser/side.js");
  const side = new Side(() => {}, document.createElement("div"));
  document.body.append(side.element);
  const status = side.element.querySelector("[role=status]");
  let gone = 0;
  new MutationObserver((records) => {
    gone += records.filter(({ removedNodes }) => [...removedNodes].includes(status)).length;
  }).observe(side.element, { childList: true, subtree: true });
  const said = tasks.map((task) => {
    side.ask(task);
    const bold = [...status.querySelectorAll("b")].map(({ textContent }) => textContent).join();
    return [status.textContent, [...side.task.children].indexOf(status), bold];
  });
  await null;
  side.element.remove();
  return [said, gone, side.element.querySelectorAll("[role=status]").length];
}"""


def test_what_came_of_an_answer_is_said_where_a_reader_listens(modules: Page) -> None:
    task = {**NOTHING, "heading": "A task", "acts": [["skip", "Skip"]], "main": 0, "highest": 0}
    above = {**task, "lines": [["right", "**Right**."]]}
    beneath = {**above, "asked": [["", "How many?"]]}
    said, gone, count = modules.evaluate(VERDICTS, [task, above, beneath, None, task])
    nothing, right = [["", at, ""] for at in (1, 0)], "\u2713 Right."
    verdicts = [[right, at, "Right"] for at in (1, 3)]
    assert said == [nothing[0], *verdicts, nothing[1], nothing[0]]
    assert (gone, count) == (0, 1)


# What Enter asks for in the field with each of these answers, and then what each button asks for.
ENTER = """async ([task, answers]) => {
  const { Side } = await import("/browser/side.js");
  const acts = [];
  const said = (act, argument) => acts.push([act, argument]);
  const side = new Side(said, document.createElement("div"));
  document.body.append(side.element);
  side.ask(task);
  let heard = false;
  side.element.addEventListener("keydown", () => { heard = true; });
  side.answer.dispatchEvent(new KeyboardEvent("keydown", { key: "r", bubbles: true }));
  if (heard) throw new Error("a letter means something outside the field");
  const found = answers.map((answer) => {
    side.answer.value = answer;
    side.answer.form.requestSubmit(); // which asks the field
    return acts.splice(0);
  });
  for (const button of side.answer.form.querySelectorAll("button")) {
    button.click();
    found.push(acts.splice(0));
  }
  side.element.remove();
  return found;
}"""


def test_enter_in_an_empty_field_is_no_answer(modules: Page) -> None:
    task = {"heading": "A task", "acts": [["answer", "Check"], ["skip", "Skip"]], "main": 0}
    asked = {**NOTHING, **task, "highest": 9, "lessons": None}
    answers = ["", "7", "-1", "10", "1.5", "9", "3.0", "1e0", "0"]
    assert modules.evaluate(ENTER, [asked, answers]) == [
        [],
        [["answer", "7"]],
        *[[]] * 3,
        [["answer", "9"]],
        [["answer", "3"]],
        [["answer", "1"]],
        [["answer", "0"]],
        [["answer", "0"]],
        [["skip", ""]],
    ]
    # For a button as for Enter, the browser says why this is no answer.
    assert modules.evaluate(ENTER, [asked, ["1.5"]]) == [[], [], [["skip", ""]]]


# The lessons shown as done, and whether they can be forgotten, for these passed lessons, on a page
# whose storage begins with this text, or refuses every use (null), or even access to it (false).
COURSE = """async ([task, stored]) => {
  const { Side } = await import("/browser/side.js");
  const key = "backpropagation-live:lessons";
  const own = Object.getOwnPropertyDescriptors(Storage.prototype);
  const denied = () => { throw new DOMException("denied", "SecurityError"); };
  const place = Object.getOwnPropertyDescriptor(window, "localStorage");
  if (stored === false) Object.defineProperty(window, "localStorage", { ...place, get: denied });
  else if (stored !== null) localStorage.setItem(key, stored);
  else for (const name of ["getItem", "setItem", "removeItem"]) Storage.prototype[name] = denied;
  const side = new Side(() => {}, document.createElement("div"));
  const shown = (passed) => {
    side.ask({ ...task, lessons: { ...task.lessons, passed } });
    const done = side.element.querySelectorAll(".live-figure-lessons [data-done=true]");
    const forgets = side.element.querySelector(".live-figure-begin");
    return [[...done].map((chip) => chip.textContent), !forgets.disabled];
  };
  const found = [shown([]), shown([2]), shown([])];
  side.ask({ ...task, lessons: { ...task.lessons, at: 2, passed: [] } });
  if (side.element.querySelector(".live-figure-begin")) throw new Error("it is at both ends alone");
  Object.defineProperties(Storage.prototype, own);
  Object.defineProperty(window, "localStorage", place);
  localStorage.clear();
  return found;
}"""


@pytest.mark.parametrize(
    ("stored", "done"),
    [
        (None, []),
        (False, []),
        ("{", []),
        ('["1", 1.5, null]', []),
        ('["1", 40, -1, null, 4]', ["4"]),
    ],
)
def test_a_course_survives_nonsense_in_the_storage_and_the_lack_of_one(
    modules: Page, stored: str | bool | None, done: list[str]
) -> None:
    lessons = {"titles": ["Lesson"] * 12, "at": 1}
    task = {"heading": "A task", "acts": [["answer", "Check"]], "main": 0, "highest": None}
    found = modules.evaluate(COURSE, [{**NOTHING, **task, "lessons": lessons}, stored])
    assert found == [[done, done != []], [["2", *done], True], [["2", *done], True]]


# The state in which a page that does not show a vote asks for it again, if it does: in the session
# that has shown it, in a later session, twice, and in one that reports that the vote is over. Then
# those of another page in which the vote is shown, and of one that has no votes.
AGAIN = """async () => {
  const { ClassVote } = await import("/browser/class_vote.js");
  const vote = new ClassVote(() => {}, async () => ({}));
  const card = { code: "ABCD", token: "t", address: "", everywhere: false };
  const data = { page: "conv-block", address: {}, query: { w: "2" }, voteEnded: "", votes: true };
  vote.remember({ ...data, session: "one", task: { vote: card } });
  const again = ["one", "two", "two", "three"].map((session) => {
    const voteEnded = session === "three" ? card.code : "";
    const lost = vote.lost({ ...data, session, task: null, voteEnded });
    return lost && [JSON.parse(lost.argument), lost.address];
  });
  const task = { vote: card };
  for (const shown of [{ task }, { task: null, votes: false }]) {
    const other = new ClassVote(() => {}, async () => ({}));
    again.push(other.lost({ ...data, session: "four", ...shown }));
  }
  for (const store of [localStorage, sessionStorage]) store.clear();
  return again;
}"""


def test_a_vote_that_the_session_knows_is_not_asked_for_again(modules: Page) -> None:
    card = {"code": "ABCD", "token": "t", "address": "", "everywhere": False}
    assert modules.evaluate(AGAIN) == [None, [card, {"w": "2"}], None, None, None, None]


# The votes that are asked for again when each of these pages is loaded in its state, after votes
# were opened (page, x of the state, code, hours ago) and ended; whether the first picture must hide
# what a class may not know; and whether anything is still stored.
TABS = """async ([opened, ended, loaded, former]) => {
  const { ClassVote, mayHaveVote } = await import("/browser/class_vote.js");
  const { now } = Date;
  const tab = () => new ClassVote(() => {}, async () => ({}));
  const data = ([page, x], session) =>
    ({ page, address: { x }, query: null, session, voteEnded: "", votes: true, task: null });
  const key = "backpropagation-live:vote";
  if (former) localStorage.setItem(key, JSON.stringify(former));
  for (const [page, x, code, hours = 0] of opened) {
    const vote = { code, token: `of ${code}`, address: "", everywhere: false };
    Date.now = () => now() - hours * 3_600_000;
    tab().remember({ ...data([page, x], "before"), task: { vote } });
    Date.now = now;
  }
  for (const [page, x, code] of ended) {
    tab().remember({ ...data([page, x], "before"), voteEnded: code });
  }
  const found = loaded.map((there) => {
    const lost = tab().lost(data(there, "now"));
    return lost && [JSON.parse(lost.argument).code, lost.address.x];
  });
  const there = [mayHaveVote(), localStorage.getItem(key) !== null];
  for (const store of [localStorage, sessionStorage]) store.clear();
  return [found, there];
}"""
EARLIER, LONG_AGO = LASTS / 3600 - 0.1, LASTS / 3600 + 0.1
RELU: Final = ["relu", "1"]
CONV: Final = ["conv-2d", "2"]
FORMER: Final = {
    "page": "relu", "address": '{"x":"1"}', "query": {"x": "1"}, "vote": {"code": "OLD"}
}  # fmt: skip


@pytest.mark.parametrize(
    ("opened", "ended", "former", "found", "there"),
    [
        ([[*RELU, "A"], [*CONV, "B"]], [], None, [["A", "1"], ["B", "2"]], True),
        ([[*RELU, "A"], [*CONV, "B"]], [[*CONV, "B"]], None, [["A", "1"], None], True),
        ([[*RELU, "A"], ["relu", "3", "B"]], [], None, [["A", "1"], None], True),
        ([[*RELU, "A"], [*RELU, "B"]], [], None, [["B", "1"], None], True),
        ([[*RELU, "A"], [*CONV, "A"]], [], None, [None, ["A", "2"]], True),  # its next question
        ([[*RELU, "A"]], [[*RELU, "A"]], None, [None, None], False),
        (
            [[*RELU, "A", EARLIER], [*CONV, "B", LONG_AGO]],
            [],
            None,
            [["A", "1"], None],
            True,
        ),
        ([[*CONV, "B"]], [], FORMER, [["OLD", "1"], ["B", "2"]], True),
        ([], [[*RELU, "OLD"]], FORMER, [None, None], False),
        ([], [], 5, [None, None], False),
    ],
)
def test_a_vote_is_found_again_whatever_another_tab_has_opened(
    modules: Page,
    opened: list[object],
    ended: list[object],
    former: object,
    found: list[object],
    there: bool,
) -> None:
    asked, [may_have, kept] = modules.evaluate(TABS, [opened, ended, [RELU, CONV], former])
    assert asked == found
    assert may_have == there
    assert kept == (there or former == 5), "what is over is forgotten"


# The codes of the votes that two tabs ask for again when each is loaded in its state, x = 1 and
# x = 3: both showed the same vote, the second later; or the second opened another one, also in
# x = 1. Each time also those after the second has reported that its vote is over.
TWO_TABS = """async () => {
  const { ClassVote } = await import("/browser/class_vote.js");
  const key = "backpropagation-live:vote";
  const everywhere = { page: "relu", query: null, voteEnded: "", votes: true, task: null };
  const data = (x) => ({ ...everywhere, address: { x }, session: x });
  const own = { one: null, two: null };
  const inTab = (name, act) => {
    sessionStorage.clear();
    if (own[name]) sessionStorage.setItem(key, own[name]);
    const done = act(new ClassVote(() => {}, async () => ({})));
    own[name] = sessionStorage.getItem(key);
    return done;
  };
  const shows = (name, x, code) => {
    const vote = { code, token: "t", address: "", everywhere: false };
    inTab(name, (tab) => tab.remember({ ...data(x), task: { vote } }));
  };
  const lost = (name, x) => inTab(name, (tab) => {
    const found = tab.lost(data(x));
    return found && JSON.parse(found.argument).code;
  });
  const found = [];
  for (const [x, code] of [["3", "A"], ["1", "B"]]) {
    shows("one", "1", "A");
    shows("two", x, code);
    found.push([lost("one", "1"), lost("two", x)]);
    inTab("two", (tab) => tab.remember({ ...data(x), voteEnded: code }));
    found.push([lost("one", "1"), lost("two", x)]);
  }
  for (const store of [localStorage, sessionStorage]) store.clear();
  return found;
}"""


def test_a_tab_finds_its_own_vote_again_whatever_another_one_shows(modules: Page) -> None:
    assert modules.evaluate(TWO_TABS) == [["A", "A"], ["A", None], ["A", "B"], ["A", None]]


# The count that a projector shows, and what it asks for, when the server reports votes in these
# phases and rounds, or that the vote is gone; shut: whether the vote is closed before the projector
# would ask.
HEARD = """async ([shut, ...events]) => {
  const { ClassVote } = await import("/browser/class_vote.js");
  const { fetch, setTimeout } = window;
  const LOOKS = 1500;
  const looks = [];
  window.setTimeout = (act, pause) => (pause === LOOKS ? looks.push(act) : setTimeout(act, pause));
  const said = events.map(({ name = "phase", ...data }) =>
    `event: ${name}\\ndata: ${JSON.stringify(data)}\\n\\n`);
  window.fetch = async () => new Response(said.join(""));
  const acts = [];
  const vote = new ClassVote((act) => acts.push(act), async () => ({}));
  vote.show({ address: "http://a.test/vote/X", path: "", phase: "open", round: 1, votes: 0 });
  await new Promise((go) => setTimeout(go, 50));
  if (shut) vote.close();
  for (const look of looks) look();
  await new Promise((go) => setTimeout(go));
  vote.close();
  Object.assign(window, { fetch, setTimeout });
  return [vote.count.textContent, acts];
}"""


@pytest.mark.parametrize(
    ("phase", "round_", "shut", "heard"),
    [
        ("open", 1, False, ["4 have voted", []]),
        ("open", 2, False, ["3 have voted", ["vote look"]]),
        ("closed", 1, False, ["3 have voted", ["vote look"]]),
        ("closed", 1, True, ["3 have voted", []]),
        ("gone", 1, False, ["3 have voted", ["vote look"]]),
    ],
)
def test_votes_of_another_round_are_not_counted_for_this_one(
    modules: Page, phase: str, round_: int, shut: bool, heard: list[object]
) -> None:
    counted = {"phase": "open", "round": 1, "votes": 3}
    news = {"phase": phase, "round": round_, "votes": 4}
    if phase == "gone":
        news = {"name": "gone"}
    later = (
        [{**counted, "votes": 9}] if shut else []
    )  # it would be counted for the vote that is shown by then
    assert modules.evaluate(HEARD, [shut, counted, news, *later]) == heard


# How far a page is scrolled that was scrolled before, and whether the task is hidden, after each of
# these tasks: on a phone, and beside a picture.
SCROLLED = """async (tasks) => {
  const { Side } = await import("/browser/side.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  main.style.cssText = "height: 100px; overflow: auto; overflow-anchor: none";
  const far = [true, false].map((narrow) => {
    const side = new Side(() => {}, document.createElement("div"));
    const figure = document.createElement("div");
    figure.dataset.narrow = String(narrow);
    figure.style.height = "900px";
    figure.append(side.element);
    main.replaceChildren(figure);
    return tasks.map((task) => {
      main.scrollTop = 50;
      side.ask(task);
      side.bringIntoSight(task, () => 0);
      return [main.scrollTop, side.task.hidden];
    });
  });
  close(main);
  localStorage.clear();
  return far;
}"""
A_TASK = {**NOTHING, "heading": "A task", "acts": [["answer", "Check"]], "main": 0, "highest": 9}


def test_on_a_phone_the_picture_is_looked_at_again_after_what_was_asked(modules: Page) -> None:
    phone, beside = modules.evaluate(SCROLLED, [{**A_TASK, "lessons": None}, None])
    assert phone == [[50, False], [0, True]]
    assert beside == [[50, False], [50, True]]
    others = [{**A_TASK, "lessons": None, "heading": each} for each in ("One", "Another")]
    ((arrived, _), (another, _)), beside = modules.evaluate(SCROLLED, others)
    assert another < arrived == 50, "what it is about goes above it"
    assert [far for far, _ in beside] == [50, 50]


def test_on_a_phone_the_next_lesson_begins_at_its_top(modules: Page) -> None:
    lessons = [{"titles": ["One", "Two"], "at": at, "passed": []} for at in (2, 2, 1)]
    phone, beside = modules.evaluate(SCROLLED, [{**A_TASK, "lessons": each} for each in lessons])
    assert phone == [[50, False], [50, False], [0, False]]
    assert beside == [[50, False]] * 3
    same = [{**A_TASK, "lessons": lessons[0], "heading": each} for each in ("One", "Another")]
    phone, _ = modules.evaluate(SCROLLED, same)
    assert phone == [[50, False]] * 2, "it goes on where it is read"


# Returns the sizes to which everything is fitted after each sentence and task; the key that a
# button names, and the role of the verdict; the texts and states of the lessons; what has the focus
# after a lesson is chosen, and after the lessons are forgotten; and what was asked for.
NEXT = """async (task) => {
  const { Side } = await import("/browser/side.js");
  const acts = [];
  const side = new Side((...act) => acts.push(act), document.createElement("div"));
  document.body.append(side.element);
  side.fit(100, 200);
  const fitted = [];
  side.fit = (...px) => fitted.at(-1).push(px);
  const say = (sentence) => { fitted.push([]); side.say([sentence]); };
  ["one", "one", "two"].forEach(say);
  for (let i = 0; i < 2; i += 1) {
    side.ask(task);
    say("two");
  }
  const { title } = side.task.querySelector("button");
  const { role } = side.task.querySelector(".live-figure-lines");
  const focused = () => document.activeElement.getAttribute("aria-label");
  const find = (selector) => side.element.querySelector(selector);
  const chips = [...side.element.querySelectorAll(".live-figure-chip")];
  const told = chips.map((chip) =>
    [chip.title, ...["data-done", "aria-current"].map((name) => chip.getAttribute(name))]);
  chips.at(-1).focus();
  chips.at(-1).click();
  side.ask({ ...task, lessons: { ...task.lessons, at: 2 } });
  const chosen = focused();
  find(".live-figure-begin").focus();
  for (let i = 0; i < 2; i += 1) find(".live-figure-begin").click();
  const forgotten = focused();
  side.element.remove();
  return [fitted, [title, role], told, chosen, forgotten, acts];
}"""


def test_beside_a_picture_one_goes_on_from_where_one_was(modules: Page) -> None:
    lessons = {"titles": ["One", "Two"], "at": 1, "passed": [1]}
    acts = {"acts": [["reveal", "Reveal"]], "keys": {"r": "reveal"}, "lessons": lessons}
    task = {**NOTHING, "heading": "A task", "main": 0, **acts}
    fitted, task_says, told, chosen, forgotten, acted = modules.evaluate(NEXT, task)
    once = [[100, 200]]
    assert fitted == [once, [], once, once, []]
    assert task_says == ["Key R", "status"]
    assert told == [["Lesson 1: One (done)", "true", "step"], ["Lesson 2: Two", "false", None]]
    assert chosen == "Lesson 2: Two"
    assert forgotten == "Lesson 2: Two"
    assert acted == [["lesson", "2"], ["begin", ""]]


# The note, whether it is hidden, and the count on a projector: at each attempt to reach the server,
# and once an event has come in two parts; and whether the streams of the vote before, and of the
# one shown now, are ended when another vote is shown, and that one when there is none any more.
STREAM = """async () => {
  const { ClassVote } = await import("/browser/class_vote.js");
  const { fetch, setTimeout } = window;
  const SILENCE = 40_000;
  window.setTimeout = (act, pause) => setTimeout(act, pause < SILENCE ? 0 : pause);
  const vote = new ClassVote(() => {}, async () => ({}));
  const seen = () => [vote.note.textContent, vote.note.hidden, vote.count.textContent];
  const event = 'event: phase\\ndata: {"phase": "open", "round": 1, "votes": 3}\\n\\n';
  const parts = [event.slice(0, 30), event.slice(30)];
  const [found, signals] = [[], []];
  window.fetch = async (_, { signal }) => {
    signals.push(signal);
    found.push(seen());
    if (signals.length < 3) throw new Error("lost");
    const start = async (stream) => {
      for (const part of parts) {
        stream.enqueue(new TextEncoder().encode(part));
        await new Promise((go) => setTimeout(go, 5));
      }
    };
    return new Response(new ReadableStream({ start }));
  };
  const there = { address: "http://a.test/vote/X", path: "", phase: "open", round: 1, votes: 0 };
  vote.show(there);
  for (let i = 0; i < 400 && !vote.count.textContent.startsWith("3"); i += 1) {
    await new Promise((go) => setTimeout(go, 5));
  }
  const told = [...found, seen()];
  vote.show({ ...there, phase: "closed" });
  const left = [signals[2].aborted, signals.at(-1).aborted];
  vote.show(null);
  left.push(signals.at(-1).aborted);
  vote.close();
  Object.assign(window, { fetch, setTimeout });
  return [told, left];
}"""


def test_votes_are_counted_once_they_are_reached_and_of_this_vote_alone(modules: Page) -> None:
    found, left = modules.evaluate(STREAM)
    nobody, lost = "0 have voted", "The votes are not reached. Trying again."
    assert found == [
        ["", True, nobody],
        ["", True, nobody],
        [lost, False, nobody],
        ["", True, "3 have voted"],
    ]
    assert left == [True, False, True]


# For a vote on a projector: the element that draws its code; the note, whether it is hidden, and
# its role, after another phase and after its files fail to come; the files downloaded once they
# come; and whether the vote is visible, its phase, and where the class votes: before, during and
# after it.
CARD = """async () => {
  const { ClassVote } = await import("/browser/class_vote.js");
  const { hearFiles } = await import("/tests/page.js");
  const { fetch } = window;
  window.fetch = () => new Promise(() => {});
  const saved = [];
  const end = hearFiles((name, { type }) => saved.push([name, type]));
  let there = false;
  const files = async () => {
    if (!there) throw new Error("No files.");
    return { name: "vote", csv: "", json: "" };
  };
  const vote = new ClassVote(() => {}, files);
  const places = [];
  const look = () =>
    places.push([!vote.element.hidden, vote.element.dataset.phase, vote.where.textContent]);
  look();
  const shown = { address: "http://a.test/vote/X", path: "", qr: "<svg></svg>", round: 1 };
  vote.show({ ...shown, phase: "open", votes: 0 });
  const drawn = vote.qr.firstElementChild?.nodeName;
  const told = () => [vote.note.textContent, vote.note.hidden, vote.note.role];
  vote.tell("This was the last question of the list.");
  vote.show({ ...shown, phase: "closed", votes: 3 });
  const seen = [told()];
  const pressed = async () => {
    for (const button of vote.saving.children) button.click();
    await new Promise((go) => setTimeout(go, 5));
  };
  await pressed();
  seen.push(told());
  there = true;
  await pressed();
  look();
  vote.say(1);
  places.push(vote.count.textContent);
  vote.show(null);
  look();
  vote.close();
  end();
  window.fetch = fetch;
  return [drawn, seen, saved, places];
}"""


def test_the_card_of_a_vote_shows_its_code_and_says_what_went_wrong(modules: Page) -> None:
    drawn, told, saved, (before, there, one, after) = modules.evaluate(CARD)
    assert before == [False, None, ""]
    assert there == [True, "closed", "a.test/vote/X"]
    assert one == "1 has voted"
    assert not after[0]
    assert drawn == "svg"
    assert told == [["", True, "status"], ["That went wrong: No files.", False, "status"]]
    assert saved == [["vote.csv", "text/csv"], ["vote.json", "application/json"]]


# How often a projector requests a vote's stream in two minutes in which only beats come, one every
# so many ms, or none; and how many timers run then; by a simulated clock.
BEATS = """async (every) => {
  const { ClassVote } = await import("/browser/class_vote.js");
  const { fetch, setTimeout, clearTimeout } = window;
  const timers = new Map();
  let [now, made, asked, stream] = [0, 0, 0, null];
  const beat = new TextEncoder().encode("event: beat\\ndata: {}\\n\\n");
  window.setTimeout = (act, pause) => {
    timers.set((made += 1), { at: now + pause, act });
    return made;
  };
  window.clearTimeout = (timer) => timers.delete(timer);
  window.fetch = async () => {
    asked += 1;
    return new Response(new ReadableStream({ start: (given) => { stream = given; } }));
  };
  const vote = new ClassVote(() => {}, async () => ({}));
  vote.show({ address: "http://a.test/vote/X", path: "", phase: "open", round: 1, votes: 0 });
  for (; now < 120_000; now += 5000) {
    if (every && now % every === 0) stream?.enqueue(beat);
    for (const [timer, { at, act }] of timers) if (at <= now && timers.delete(timer)) act();
    await new Promise((go) => setTimeout(go));
  }
  vote.close();
  Object.assign(window, { fetch, setTimeout, clearTimeout });
  return [asked, timers.size];
}"""


def test_a_stream_without_beats_is_left_and_one_with_them_is_not(modules: Page) -> None:
    assert modules.evaluate(BEATS, 1000 * BEAT) == [1, 1], "one timer, for the next beat"
    assert modules.evaluate(BEATS, 0)[0] >= 2


# Adds the help, a dialog whose button is in the window's corner, and a legend with spare height.
HELP = """async () => {
  const { open } = await import("/tests/page.js");
  const { Help } = await import("/browser/side.js");
  const main = open();
  const legend = document.createElement("ul");
  legend.append(document.createElement("li"));
  legend.style.minHeight = "300px";
  const help = new Help(legend);
  help.element.style.cssText = "position: fixed; inset: 0 auto auto 0";
  main.innerHTML = "<h1>A page</h1><div class=st-key-heading><p class=stText>It shows</p></div>"
    + "<div class=st-key-article>An article.</div>";
  main.append(legend, help.element);
}"""


def test_a_help_is_shut_by_one_click_beside_it_and_by_no_other(modules: Page) -> None:
    modules.evaluate(HELP)
    dialog, mouse = modules.locator(".live-figure-help"), modules.mouse
    modules.get_by_role("button", name="Help").dblclick()
    assert dialog.is_visible(), "the second of two is none"
    for said in ("A page", "It shows", "An article."):
        assert dialog.get_by_text(said).is_visible()
    assert dialog.locator("ul").evaluate("(legend) => legend.clientHeight") < 100
    box = dialog.bounding_box()
    assert box is not None
    inside, beside = box["x"] + 40, box["x"] - 40
    middle, bottom = box["x"] + box["width"] / 2, box["y"] + box["height"]
    for x, y in (
        (box["x"] + box["width"] + 9, box["y"] + 8),
        (middle, box["y"] - 9),
        (middle, bottom + 9),
    ):
        mouse.click(x, y)
        assert dialog.is_hidden(), (x, y)
        modules.get_by_role("button", name="Help").click()
    for begin, end, stays in (
        (inside, beside, True),  # selecting text beyond the dialog's edge
        (beside, inside, True),
        (inside, inside, True),
        (box["x"] + 4, box["x"] + 4, True),  # its own edge
        (beside, beside, False),
    ):
        mouse.move(begin, box["y"] + 8)
        mouse.down()
        mouse.move(end, box["y"] + 8)
        mouse.up()
        assert dialog.is_visible() == stays, (begin, end)
    modules.locator(".stMain > ul").evaluate("(legend) => legend.replaceChildren()")
    modules.get_by_role("button", name="Help").click()
    dialog.evaluate("(dialog) => { dialog.style.cssText = 'height: 50px; overflow: auto'; }")
    assert dialog.evaluate("(dialog) => { dialog.scrollTop = 20; return dialog.scrollTop; }") == 20
    modules.keyboard.press("Escape")
    modules.get_by_role("button", name="Help").click()
    assert dialog.evaluate("(dialog) => dialog.scrollTop") == 0, "it begins at its top"
    dialog.evaluate("(dialog) => dialog.removeAttribute('style')")
    assert dialog.locator("ul").count() == 0, "no sign is on the picture now"
    dialog.get_by_role("button", name="Close").click()
    assert dialog.is_hidden()
    modules.evaluate("""async () => {
      const { close } = await import("/tests/page.js");
      close(document.querySelector(".stMain"));
    }""")


# On a phone: whether the page is scrolled to a verdict without an act, after one, and again after
# the user has scrolled away; how far the page is scrolled, and where the task is, if the verdict
# was in sight, and if the task was above the px that stay at the window's top; the px beneath each
# line of the verdict after the act; and where the task is if the verdict is higher than the window.
ACTED = """async (task) => {
  const { Side } = await import("/browser/side.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  main.style.cssText = "height: 100px; overflow: auto; overflow-anchor: none";
  const side = new Side(() => {}, document.createElement("div"));
  const figure = main.appendChild(document.createElement("div"));
  figure.dataset.narrow = "true";
  figure.style.height = "2000px";
  side.element.style.cssText = "position: relative; top: 1500px";
  figure.append(side.element);
  const shown = () => {
    main.scrollTop = 50;
    side.bringIntoSight(task, () => 0);
    return main.scrollTop !== 50;
  };
  side.ask(task);
  const found = [shown()];
  const [button] = side.task.getElementsByTagName("button");
  button.click();
  found.push(shown());
  const lines = [...side.said.children].map((line) => line.getBoundingClientRect().bottom);
  const left = lines.map((bottom) => window.innerHeight - bottom);
  found.push(shown());
  const places = [1400, 1600].map((far) => {
    main.scrollTop = far;
    button.click();
    side.bringIntoSight(task, () => 40);
    return [main.scrollTop, Math.round(side.task.getBoundingClientRect().top)];
  });
  side.task.style.paddingBottom = side.said.style.paddingBottom = "2000px";
  for (const line of side.said.children) line.style.paddingBottom = "2000px";
  main.scrollTop = 50;
  button.click();
  side.bringIntoSight(task, () => 40);
  const high = Math.round(side.task.getBoundingClientRect().top);
  close(main);
  localStorage.clear();
  return [found, places, left, high];
}"""


def test_on_a_phone_what_came_of_an_answer_comes_into_sight_once(modules: Page) -> None:
    lessons = {"titles": ["One", "Two"], "at": 1, "passed": []}
    found, places, _, high = modules.evaluate(ACTED, {**A_TASK, "lessons": lessons})
    assert found == [False, True, False]
    (stays, _), (_, top) = places
    assert stays == 1400, "it was in sight"
    assert top == 40, "its heading is not behind what stays"
    lines = [["right", "Yes."], ["", "For a reason."], ["", "And more."]]
    *_, left, higher = modules.evaluate(ACTED, {**A_TASK, "lessons": lessons, "lines": lines})
    assert high == higher == 40, "one begins at its heading"
    verdict, reason, more = left
    assert verdict > reason > 0 > more, "the verdict with its reason"


# The notes on a projector, which was told something else meanwhile, each time it requests the
# stream.
TOLD = """async (last) => {
  const { ClassVote } = await import("/browser/class_vote.js");
  const { fetch, setTimeout } = window;
  window.setTimeout = (act) => setTimeout(act, 0);
  const vote = new ClassVote(() => {}, async () => ({}));
  const found = [];
  window.fetch = async () => {
    found.push(vote.note.textContent);
    return found.length < 3 ? new Response("\\n") : new Promise(() => {});
  };
  vote.show({ address: "http://a.test/vote/X", path: "", phase: "open", round: 1, votes: 0 });
  vote.tell(last);
  for (let i = 0; i < 400 && found.length < 3; i += 1) await new Promise((go) => setTimeout(go, 5));
  vote.close();
  Object.assign(window, { fetch, setTimeout });
  return found;
}"""


def test_what_is_told_of_a_vote_stays_while_it_is_reached(modules: Page) -> None:
    assert modules.evaluate(TOLD, "The last.") == ["", "The last.", "The last."]


# The pauses in ms before a projector continues when its vote's stream is refused with these
# statuses, or ends at once (200); and what it asks for meanwhile.
REFUSED = """async (refusals) => {
  const { ClassVote } = await import("/browser/class_vote.js");
  const { fetch, setTimeout } = window;
  const [pauses, acts, left] = [[], [], [...refusals]];
  const SILENCE = 40_000;
  window.setTimeout = (act, pause) =>
    setTimeout(act, pause < SILENCE ? 0 * pauses.push(pause) : pause);
  let heard;
  const there = new Promise((go) => { heard = go; });
  window.fetch = async () => {
    if (left.length) return new Response("", { status: left.shift() });
    return new Promise(heard);
  };
  const vote = new ClassVote((act) => acts.push(act), async () => ({}));
  vote.show({ address: "http://a.test/vote/X", path: "", phase: "open", round: 1, votes: 0 });
  await there;
  vote.close();
  Object.assign(window, { fetch, setTimeout });
  return [pauses, acts];
}"""


@pytest.mark.parametrize(
    ("refusals", "pauses", "acts"),
    [
        ([503] * 6, [500, 1000, 2000, 4000, 8000, 8000], []),
        ([503, 200, 503], [500, 500, 1000], []),
        ([404], [1500, 500], ["vote look"]),
        ([403], [1500, 500], ["vote look"]),
    ],
)
def test_a_vote_that_is_refused_is_asked_for_again_or_looked_at(
    modules: Page, refusals: list[int], pauses: list[int], acts: list[str]
) -> None:
    assert modules.evaluate(REFUSED, refusals) == [pauses, acts]


# What has the focus after each of these tasks: if a button of the task before had it, and if none.
FOCUSED = """async (tasks) => {
  const { Side } = await import("/browser/side.js");
  return [true, false].map((focused) => {
    const side = new Side(() => {}, document.createElement("div"));
    document.body.append(side.element);
    const found = tasks.map((task) => {
      side.ask(task);
      const { activeElement } = document;
      if (focused) side.task.querySelector("button").focus();
      return activeElement === document.body ? "" : activeElement.textContent || activeElement.type;
    });
    side.element.remove();
    return found;
  });
}"""


def test_after_an_answer_by_keys_the_focus_is_on_what_is_asked_next(modules: Page) -> None:
    acts = {"acts": [["check", "Check"], ["next", "Next"]], "highest": None, "lessons": None}
    tasks = [{**A_TASK, **acts, "heading": str(main), "main": main} for main in (0, 1)]
    found = modules.evaluate(FOCUSED, [*tasks, {**tasks[0], "highest": 9}])
    assert found == [["", "Next", "number"], [""] * 3]


# For each of these tasks, one after the other: its keys, whether a number can be typed, its label,
# the phase of its vote, what the figure's style knows of it, and whether the course is hidden.
ASKED = """async (tasks) => {
  const { Side } = await import("/browser/side.js");
  const side = new Side(() => {}, document.createElement("div"));
  const figure = document.createElement("div");
  figure.append(side.element);
  const found = tasks.map((task) => {
    side.ask(task);
    const { dataset } = side.element;
    const typed = side.answer !== null && side.element.contains(side.answer);
    const said = side.task.getAttribute("aria-label");
    const { hidden } = side.course.element;
    return [side.keys, typed, said, dataset.vote, figure.dataset.asked, hidden];
  });
  localStorage.clear();
  return found;
}"""


def test_nothing_is_left_of_what_was_asked_before(modules: Page) -> None:
    number = {**A_TASK, "lessons": None, "keys": {"s": "skip"}}
    vote = {**number, "heading": "A vote", "highest": None, "keys": {}, "vote": {"phase": "open"}}
    lesson = {**number, "lessons": {"titles": ["One"], "at": 1, "passed": []}}
    tasks = [number, None, vote, number, lesson]
    one, nothing, two, again, course = modules.evaluate(ASKED, tasks)
    assert one == again == [{"s": "skip"}, True, "A task", "", "true", True]
    assert [*nothing[:2], *nothing[3:]] == [{}, False, "", "false", True]
    assert two == [{}, False, "A vote", "open", "true", True]
    assert course == [{"s": "skip"}, True, "A task", "", "lesson", False]


# Returns whether the type is small in these heights (null: any height); the height of the side when
# small type does not suffice and more is given, for no task, a task, and a vote, also in any
# height; whether there is more to scroll to, before and at the end, and in any height; whether a
# lesson's type is small in these heights; and whether the figure's style knows the height of the
# first sentence.
FITTED = """async ([task, lesson]) => {
  const { Side } = await import("/browser/side.js");
  const style = document.head.appendChild(document.createElement("style"));
  style.textContent = ".live-figure-side { font: 20px/20px serif; overflow: auto } "
    + ".live-figure-side[data-tight=true] { font: 10px/10px serif } p { margin: 0 }";
  const side = new Side(() => {}, document.createElement("div"));
  const figure = document.body.appendChild(document.createElement("div"));
  figure.append(side.element);
  const { dataset } = side.element;
  side.ask(null);
  side.say(Array.from({ length: 10 }, () => "A line."));
  const tight = [120, 120, 240, null].map((height) => {
    side.fit(height, 0);
    return dataset.tight;
  });
  side.fit(60, 80);
  const { style: { height } } = side.element;
  const more = [dataset.more];
  const scrolled = new Promise((go) => side.element.addEventListener("scroll", go));
  side.element.scrollTop = 1000;
  await scrolled;
  more.push(dataset.more);
  side.element.style.maxHeight = "60px";
  side.fit(null, 80);
  more.push(dataset.more);
  side.element.style.maxHeight = "";
  side.ask(task);
  side.fit(60, 80);
  const heights = [height, side.element.style.height];
  side.ask({ ...task, vote: { phase: "open" } });
  for (const px of [60, null]) {
    side.fit(px, 80);
    heights.push(side.element.style.height);
  }
  side.ask(lesson);
  const lessons = [480, 520, null].map((px) => {
    side.fit(px, 80);
    return dataset.tight;
  });
  const known = [["One.", "Two."], []].map((lines) => {
    side.say(lines);
    const parts = [...side.explanation.element.children].map(({ className }) => className);
    const names = ["live-figure-answer", "live-figure-detail"].slice(0, lines.length);
    if (parts.join() !== names.join()) throw new Error("styles know them by name");
    const high = side.explanation.answer?.getBoundingClientRect().height ?? 0;
    return [figure.dataset.answer, parseFloat(figure.style.getPropertyValue("--answer")) === high];
  });
  figure.remove();
  style.remove();
  localStorage.clear();
  return [tight, heights, more, lessons, known];
}"""


def test_what_does_not_fit_is_in_smaller_type_and_can_be_scrolled_to(modules: Page) -> None:
    lessons = {"titles": ["One"], "at": 1, "passed": []}
    tasks = [{**A_TASK, "lessons": each} for each in (None, lessons)]
    tight, heights, more, lesson, known = modules.evaluate(FITTED, tasks)
    assert known == [["true", True], ["false", True]]
    assert tight == ["true", "true", "false", "false"]
    assert heights[:2] == ["60px", "80px"], "what stands beneath a question may make room"
    assert heights[2:] == ["80px", ""]
    assert more == ["true", "false", "false"]
    assert lesson == ["true", "false", "false"], "whatever its answer is"
