"""The module of sliders, number fields and buttons: what the user does, and what is shown."""

from typing import Final

import pytest
from playwright.sync_api import Page

from tests.for_each import for_each

# Moves a finger this far over a slider from -4 to 4, to a value, and lifts it. Returns [the values
# sent while it moves, and the thumb's value then], all values sent by the time that it is lifted,
# and how often the slider was said to rest.
SLIDE = """async ([far, at]) => {
  const { Controls } = await import("/browser/controls.js");
  const moved = [];
  let rested = 0;
  const controls = new Controls({
    grab() {}, move: (name, value) => moved.push(value), rest: () => { rested += 1; }, choose() {},
    release() {},
  });
  const { range } = controls.slider({ name: "x1", value: 0, low: -4, high: 4, grid: 0.25 });
  const finger = (kind, clientX) => {
    const pointer = { pointerType: "touch", clientX, bubbles: true };
    range.dispatchEvent(new PointerEvent(kind, pointer));
    window.dispatchEvent(new PointerEvent(kind, pointer));
  };
  finger("pointerdown", 100);
  finger("pointermove", 100 + far);
  range.value = at;
  range.dispatchEvent(new Event("input"));
  const meanwhile = [...moved, Number(range.value)];
  finger("pointerup", 100 + far);
  return [meanwhile, moved, rested];
}"""


@pytest.mark.parametrize(
    ("far", "meanwhile"), [(20, [1.25, 1.25]), (-20, [1.25, 1.25]), (5, [0]), (-5, [0])]
)
def test_a_finger_moves_a_slider_once_it_goes_along_it_either_way(
    modules: Page, far: int, meanwhile: list[float]
) -> None:
    taps = abs(far) < 8  # after a slide the browser itself says that it has changed
    for at in ("1.3", "1.2"):  # nearest to 1.25 on the grid
        assert modules.evaluate(SLIDE, [far, at]) == [meanwhile, [1.25], int(taps)]


# Whether a slider has the focus after a pointer came down on it, in a browser that gives it none.
FOCUS = """async (pointerType) => {
  const { Controls } = await import("/browser/controls.js");
  const controls = new Controls({ grab() {}, move() {}, rest() {}, choose() {}, release() {} });
  const { range } = controls.slider({ name: "x1", value: 0, low: -4, high: 4, grid: 0.25 });
  document.body.append(range);
  range.dispatchEvent(new PointerEvent("pointerdown", { pointerType, bubbles: true }));
  const focused = document.activeElement === range;
  window.dispatchEvent(new PointerEvent("pointerup"));
  range.remove();
  return focused;
}"""


def test_the_arrow_keys_go_on_where_a_mouse_has_moved_a_slider(modules: Page) -> None:
    assert modules.evaluate(FOCUS, "mouse")
    assert not modules.evaluate(FOCUS, "touch")


# Presses each of these keys, with its modifiers, on a slider. Returns for each whether the browser
# may handle it too, and the values that the slider is moved to.
WITH = """async ([keys, value]) => {
  const { Controls } = await import("/browser/controls.js");
  const moved = [];
  const move = (name, to) => moved.push(to);
  const controls = new Controls({ grab() {}, move, rest() {}, choose() {}, release() {} });
  const { range } = controls.slider({ name: "x1", value, low: -4, high: 4, grid: 0.25 });
  return keys.map((how) => {
    const event = new KeyboardEvent("keydown", { cancelable: true, ...how });
    const heard = range.dispatchEvent(event);
    if (controls.gripped === heard) throw new Error("a key that is held is one movement");
    window.dispatchEvent(new Event("keyup"));
    return [heard, ...moved.splice(0)];
  });
}"""


def test_a_key_with_alt_ctrl_or_meta_moves_no_slider(modules: Page) -> None:
    held = [{"altKey": True}, {"ctrlKey": True}, {"metaKey": True}]
    keys = [{"key": key, **how} for key in ("ArrowLeft", "PageDown", "Home") for how in held]
    assert modules.evaluate(WITH, [keys, 0]) == [[True]] * len(keys)
    assert modules.evaluate(WITH, [[{"key": "ArrowLeft"}], 0]) == [[False, -0.25]]


KEYS: Final = (
    ("ArrowRight", 1.75),
    ("ArrowUp", 2),
    ("ArrowLeft", 1.75),
    ("ArrowDown", 1.5),
    ("PageUp", 2.5),
    ("PageDown", 1.5),
    ("Home", -4),
    ("ArrowLeft", -4),
    ("PageUp", -3),
    ("End", 4),
    ("ArrowRight", 4),
)


def test_keys_move_a_slider_along_its_grid(modules: Page) -> None:
    moved = modules.evaluate(WITH, [[{"key": key} for key, _ in KEYS], 1.5])
    assert moved == [[False, value] for _, value in KEYS]
    for key, value in (("ArrowDown", 0.25), ("ArrowUp", 0.5)):  # to the next line of the grid
        for between in (0.3125, 0.4375):
            assert modules.evaluate(WITH, [[{"key": key}], between]) == [[False, value]]


# Puts finger 1 down on a slider and lifts a finger. Returns whether the slider is released: when
# another finger is lifted; when finger 1 is; and when a new first touch is, after finger 1 was
# lost.
OTHER_FINGER = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const controls = new Controls({ grab() {}, move() {}, rest() {}, choose() {}, release() {} });
  const { range } = controls.slider({ name: "x1", value: 0, low: -4, high: 4, grid: 0.25 });
  return [{ pointerId: 2 }, { pointerId: 1 }, { pointerId: 3, isPrimary: true }].map((finger) => {
    range.dispatchEvent(new PointerEvent("pointerdown", { pointerType: "touch", pointerId: 1 }));
    window.dispatchEvent(new PointerEvent("pointerup", finger));
    return !controls.gripped;
  });
}"""


def test_another_finger_lets_no_slider_go(modules: Page) -> None:
    assert modules.evaluate(OTHER_FINGER) == [False, True, True]


# Types each text into the number field of a slider from -4 to 4. Returns for each the values that
# the slider is moved to, the text left in the field, and the message of refusal. power: whether the
# numbers are powers of ten.
TYPED = """async ([texts, power]) => {
  const { Controls } = await import("/browser/controls.js");
  const moved = [];
  const controls = new Controls({
    grab() {}, move: (name, value) => moved.push(value), rest() {}, choose() {}, release() {},
  });
  const slider = { name: "x1", value: 0.5, low: -4, high: 4, grid: 0.25, power };
  return texts.map((text) => {
    const { typed } = controls.slider(slider);
    let seen = false;
    typed.addEventListener("invalid", () => { seen = true; });
    typed.value = text;
    typed.dispatchEvent(new Event("change"));
    if (seen !== (typed.validationMessage !== "")) throw new Error("nobody sees why");
    return [moved.splice(0), typed.value, typed.validationMessage];
  });
}"""


@for_each(
    ("power", "taken", "others", "before", "ends"),
    [
        (False, {"-4": -4, "0.3": 0.3, "4": 4}, ["-4.01", "4.01", "1e99"], "0.5", ("-4", "4")),
        (True, {"1e-4": -4, "0.1": -1}, ["9e-5", "0", "-1"], "3.16e+0", ("1e-4", "1e+4")),
    ],
)
def test_a_number_is_taken_where_the_slider_can_be_there(
    modules: Page,
    power: bool,
    taken: dict[str, float],
    others: list[str],
    before: str,
    ends: tuple[str, str],
) -> None:
    assert modules.evaluate(TYPED, [[*taken], power]) == [
        [[value], text, ""] for text, value in taken.items()
    ]
    least, most = ends
    needs = f"x1 needs a number from {least} to {most}; got "
    assert modules.evaluate(TYPED, [[*others, ""], power]) == [
        [[], before, f"{needs}{text or 'nothing that is a number'}."] for text in (*others, "")
    ]


# Holds an arrow key in a slider's number field, whose value changes, and releases it. Returns what
# the slider reports. Then presses Ctrl+Z while a number is being typed, Ctrl+Z once it is applied,
# and a digit. Returns for each the keys that reach the page, whether the field may handle the key,
# and whether the slider has the focus.
IN_A_FIELD = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const [told, heard] = [[], []];
  const controls = new Controls({
    grab() {}, choose() {}, move: (name, to) => told.push(to), rest: () => told.push("rests"),
    release: () => told.push("let go"),
  });
  const { element, range, typed } =
    controls.slider({ name: "x1", value: 0.5, low: -4, high: 4, grid: 0.25 });
  document.body.append(element);
  const hear = ({ key, ctrlKey }) => heard.push([key, ctrlKey]);
  document.addEventListener("keydown", hear);
  const press = (key, ctrlKey = false) => {
    const how = { key, ctrlKey, bubbles: true, cancelable: true };
    typed.focus();
    const own = typed.dispatchEvent(new KeyboardEvent("keydown", how));
    return [heard.splice(0), own, document.activeElement === range];
  };
  const take = (text) => {
    typed.value = text;
    typed.dispatchEvent(new Event("change"));
  };
  press("ArrowUp");
  for (const text of ["1.5", "2.5"]) take(text);
  window.dispatchEvent(new Event("keyup"));
  take("3.5");
  typed.value = "4";
  const undone = [press("z", true)];
  take("4.0");
  undone.push(press("z", true), press("7"));
  document.removeEventListener("keydown", hear);
  element.remove();
  return [told, undone];
}"""


def test_a_key_in_a_number_field_is_held_and_undo_is_the_pages_once_it_is_taken_over(
    modules: Page,
) -> None:
    told, (typing, taken, written) = modules.evaluate(IN_A_FIELD)
    assert told == [1.5, 2.5, "let go", 3.5, "rests", 4, "rests"]
    assert typing == written == [[], True, False]
    assert taken == [[["z", True]], False, True]


# Returns, for arrow keys in the field of a power of ten, whether the browser may handle each and
# where the slider moves; whether the field keeps the focus when the mouse wheel turns over it; and
# the moves by a step key that is pressed inside a menu.
IN_THE_WAY = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const moved = [];
  const controls = new Controls({
    grab() {}, rest() {}, choose() {}, release() {}, move: (...to) => moved.push(to),
  });
  const eps = { name: "eps", value: -6, low: -13, high: -1, grid: 1, power: true };
  const { element, range, typed } = controls.slider(eps);
  document.body.append(element);
  const press = (key) => {
    typed.focus();
    const how = { key, bubbles: true, cancelable: true };
    return typed.dispatchEvent(new KeyboardEvent("keydown", how));
  };
  const keys = ["ArrowDown", "ArrowUp", "ArrowUp"].map((key) => [press(key), ...moved.splice(0)]);
  typed.focus();
  typed.dispatchEvent(new WheelEvent("wheel", { deltaY: 100, bubbles: true, cancelable: true }));
  const scrolled = document.activeElement === typed;
  const menu = document.body.appendChild(document.createElement("div"));
  menu.setAttribute("role", "menu");
  Object.assign(controls, { last: 6, step: 3 });
  menu.addEventListener("keydown", (event) => controls.shortcut(event));
  menu.dispatchEvent(new KeyboardEvent("keydown", { key: "b", bubbles: true }));
  menu.remove();
  element.remove();
  return [keys, scrolled, moved];
}"""


def test_a_number_field_keeps_its_number_where_the_browser_would_change_it(modules: Page) -> None:
    keys, scrolled, in_menu = modules.evaluate(IN_THE_WAY)
    assert keys == [[False, ["eps", -7]], [False, ["eps", -6]], [False, ["eps", -5]]]
    assert not scrolled
    assert in_menu == []


# Returns, after each of two grips and the events that follow it, how many releases were reported so
# far, and whether the slider is still gripped.
GRIP = """async () => {
  const { Controls } = await import("/browser/controls.js");
  let released = 0;
  const release = () => { released += 1; };
  const controls = new Controls({ grab() {}, move() {}, rest() {}, choose() {}, release });
  return [1, 2].map(() => {
    controls.grip(["pointerup", "pointercancel"]);
    for (const end of ["pointerup", "pointercancel", "pointerup"]) {
      window.dispatchEvent(new Event(end));
    }
    return [released, controls.gripped];
  });
}"""


def test_a_slider_reports_the_end_of_each_grip_once(modules: Page) -> None:
    assert modules.evaluate(GRIP) == [[1, False], [2, False]]


# Returns for each button its text, whether it is disabled, whether it has the focus, and its
# description: when a reason to disable the first comes, when it goes, and when another button
# replaces both. Also which buttons reported a click meanwhile, and to which run.
BUTTONS = """async () => {
  const { default: buttonRow } = await import("/browser/button_row.js");
  const parentElement = document.body.appendChild(document.createElement("div"));
  const pressed = [];
  let run = 0;
  const show = (buttons) => {
    const own = (run += 1);
    const setTriggerValue = (_, label) => pressed.push([label, own]);
    buttonRow({ data: { buttons }, parentElement, setTriggerValue });
    return [...parentElement.querySelectorAll("button")].map((each) => [
      each.textContent, each.getAttribute("aria-disabled"), each === document.activeElement,
      document.getElementById(each.getAttribute("aria-describedby")).textContent,
    ]);
  };
  show([["one", null], ["two", null]]);
  parentElement.querySelectorAll("button")[1].focus();
  const changed = show([["one", "why"], ["two", null]]);
  for (const button of parentElement.querySelectorAll("button")) button.click();
  return [changed, pressed, show([["one", null], ["two", null]]), show([["three", null]])];
}"""


def test_a_button_that_is_changed_keeps_the_focus_and_does_nothing_where_it_says_why(
    modules: Page,
) -> None:
    changed, pressed, able, others = modules.evaluate(BUTTONS)
    assert changed == [["one", "true", False, "why"], ["two", "false", True, ""]]
    assert pressed == [["two", 2]]
    assert able == [["one", "false", False, ""], ["two", "false", True, ""]]
    assert others == [["three", "false", False, ""]]


# For a step-through of three steps and a phone's three sliders: at each end, whether the button
# that leads further keeps the focus, which buttons are disabled then, and what clicks on those do.
# Then where the two buttons back lead from the last step.
ENDS = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const moved = [];
  const on = { grab() {}, move: (_, step) => moved.push(step), rest() {}, release() {} };
  const controls = new Controls({ ...on, choose: (entry) => moved.push(entry) });
  const slider = { value: 0, low: -4, high: 4, grid: 0.25, left: 0, top: 0, width: 200 };
  const sliders = ["x1", "x2", "x3"].map((name) => ({ ...slider, name, label: name }));
  const data = { steps: ["one", "two", "three"], sliders };
  controls.arrange(data);
  const { turns, steps } = controls;
  document.body.append(steps, turns.element);
  const frame = () => new Promise(requestAnimationFrame);
  const at = async (place, row, button) => {
    const show = (each) => {
      controls.show(new Map([["step", each]]));
      controls.lookAt(sliders[each].name);
    };
    show(1);
    button.focus();
    show(place);
    for (let i = 0; i < 3; i += 1) await frame();
    const kept = document.activeElement === button;
    const unable = [...row.querySelectorAll("[aria-disabled=true]")];
    for (const each of unable) each.click();
    return [kept, unable.map((each) => each.textContent.trim()), moved.splice(0)];
  };
  const found = [
    await at(2, steps, controls.next),
    await at(0, steps, controls.back),
    await at(2, turns.element, turns.next),
    await at(0, turns.element, turns.back),
  ];
  const buttons = [...steps.querySelectorAll("button")];
  for (const named of ["⇤ Start", "◀ Step"]) {
    controls.show(new Map([["step", 2]]));
    buttons.find(({ textContent }) => textContent.trim() === named).click();
    found.push([named, ...moved.splice(0)]);
  }
  steps.remove();
  turns.element.remove();
  return found;
}"""


def test_at_its_ends_a_row_of_buttons_keeps_the_focus(modules: Page) -> None:
    assert modules.evaluate(ENDS) == [
        [True, ["Step ▶"], []],
        [True, ["⇤ Start", "◀ Step"], []],
        [True, ["›"], []],
        [True, ["‹"], []],
        ["⇤ Start", 0],
        ["◀ Step", 1],
    ]


# Returns the text and width of a slider's number field after new values, and whether it is marked
# as refused: while it has the focus, while the user is writing there, and afterwards; how the
# slider of a power of ten is read out, and its position; the names of both sliders and their
# fields; and, once the sliders are arranged anew, the first one's label, and what is grabbed when
# it gets the focus.
NEWS = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const grabbed = [];
  const grab = (name) => grabbed.push(name);
  const controls = new Controls({ grab, move() {}, rest() {}, choose() {}, release() {} });
  const slider = { value: 0, low: -4, high: 4, grid: 0.25, left: 0, top: 0, width: 200 };
  const rates = { ...slider, name: "rate", said: "learning rate", power: true };
  const sliders = [{ ...slider, name: "x1", label: "x" }, rates];
  const data = { steps: [], sliders };
  controls.arrange(data);
  const [{ typed, element, range, text }, rate] = controls.sliders.values();
  document.body.append(element);
  const write = () => { typed.value = "2"; };
  const acts = [[() => typed.focus(), 0.25], [write, 1.25], [() => typed.blur(), 2.25]];
  const refuse = () => typed.setCustomValidity("refused");
  const shown = [...acts, [refuse, 2.25], [() => {}, -0.1234567]].map(([act, value]) => {
    act();
    controls.show(new Map([["x1", value], ["rate", -3]]));
    return [typed.value, typed.style.width, typed.validationMessage];
  });
  controls.show(new Map([["rate", -3]])); // of another arrangement
  if (Number(range.value) !== -0.1234567) throw new Error("it has moved");
  const called = [range, typed, rate.range, rate.typed].map(({ ariaLabel }) => ariaLabel);
  controls.arrange({ steps: [], sliders: [{ ...sliders[0], label: "of x" }] });
  range.focus();
  called.push(text.textContent, grabbed);
  element.remove();
  return [shown, rate.range.getAttribute("aria-valuetext"), rate.range.value, called];
}"""


def test_a_number_is_not_overwritten_while_it_is_typed_and_a_power_of_ten_is_read_out(
    modules: Page,
) -> None:
    shown, *power, called = modules.evaluate(NEWS)
    assert shown == [
        *([value, "", ""] for value in ("0.25", "2", "2.25")),
        ["2.25", "", "refused"],
        ["-0.1234567", "11ch", ""],
    ]
    assert power == ["1e-3", "-3"]
    heard = ["x1", "x1, exact value", "learning rate", "learning rate, exact value"]
    assert called == [*heard, "of x", ["x1"]]


# While a question holds the sliders and steps, and after it: whether slider, number field and drag
# area are disabled, the reason given, how many step buttons are disabled, and what the keys N and P
# do to "Play" and the step. Then, while everything is locked and afterwards, whether all is inert,
# and which step a key leads to.
HELD = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const moved = [];
  const move = (name, value) => moved.push([name, value]);
  const controls = new Controls({ grab() {}, move, rest() {}, choose() {}, release() {} });
  const box = { left: 0, top: 0, width: 200, area: [0, 0, 200, 200] };
  const slider = { name: "eps", value: 0, low: -4, high: 4, grid: 0.25, ...box };
  const data = { steps: ["one", "two", "three"], sliders: [slider] };
  controls.arrange(data);
  const [{ element, range, typed, field }] = controls.sliders.values();
  const press = (key) => {
    controls.shortcut(new KeyboardEvent("keydown", { key }));
    window.dispatchEvent(new Event("keyup"));
  };
  const held = ["a question", ""].map((sliders) => {
    controls.hold({ sliders, steps: sliders });
    controls.show(new Map([["step", 1]]));
    const unable = controls.stepping.querySelectorAll("[aria-disabled=true]").length;
    const { title } = controls.stepping;
    for (const key of "np") press(key);
    const keyed = [controls.play.textContent, ...moved.splice(0).map(([, step]) => step)];
    controls.stop();
    return [range.disabled, typed.disabled, field.hidden, element.title, unable, title, keyed];
  });
  const locked = [true, false].map((on) => {
    controls.lock(on);
    press("n");
    return [element.inert, field.inert, controls.stepping.inert, ...moved.splice(0)];
  });
  return [held, locked];
}"""


def test_while_a_question_is_asked_nothing_can_be_moved(modules: Page) -> None:
    held, locked = modules.evaluate(HELD)
    asked = "a question"
    free = [False, False, False, "", 0, "", ["Pause", 2, 2]]
    assert held == [[True, True, True, asked, 4, asked, ["Play"]], free]
    assert locked == [[True] * 3, [*[False] * 3, ["step", 2]]]


# Returns: for N with each of these modifiers, whether it is handled and grips; the slider shown on
# a phone when another entry is chosen, during and after a touch; the label and state of "all
# sliders" after one click and two, and whether the way on is hidden; whether a refused number is
# reported, and still after more typing; after two steps that are played, for 0, 1, 2 and 0 steps,
# whether the step row and the step's text are there, and the text of its last button; and whether a
# way on is shown among two sliders, and with one.
ROW = """async (keys) => {
  const { Controls } = await import("/browser/controls.js");
  const controls = new Controls({ grab() {}, move() {}, rest() {}, release() {}, choose() {} });
  const slider = { value: 0, low: -4, high: 4, grid: 0.25, left: 0, top: 0, width: 200 };
  const sliders = ["x1", "x2"].map((name) => ({ ...slider, name }));
  controls.arrange({ steps: ["one", "two"], sliders });
  const pressed = keys.map((held) => {
    const event = new KeyboardEvent("keydown", { key: "n", cancelable: true, ...held });
    controls.shortcut(event);
    const { gripped } = controls;
    window.dispatchEvent(new Event("keyup"));
    return [event.defaultPrevented, gripped];
  });
  const { all } = controls.turns;
  controls.lookAt("x1");
  const current = [true, false].map((gripped) => {
    Object.assign(controls, { gripped });
    controls.lookAt("x2");
    return controls.current;
  });
  const heard = [0, 1].map(() => {
    all.click();
    return [all.ariaLabel, all.ariaExpanded, controls.turns.next.hidden];
  });
  const ways = [2, 1].map((count) => {
    controls.turns.show([], false, count);
    return !controls.turns.element.hidden;
  });
  const { typed } = controls.sliders.get("x1");
  typed.value = "99";
  typed.dispatchEvent(new Event("change"));
  const refused = typed.validationMessage !== "";
  typed.value = "1";
  typed.dispatchEvent(new Event("input"));
  controls.play.click();
  const rows = [[], ["one"], ["one", "two"], []].map((steps) => {
    controls.arrange({ steps, sliders: [] });
    const there = [controls.stepping.parentElement === controls.steps, !controls.stepName.hidden];
    return [...there, controls.play.textContent];
  });
  return [pressed, current, heard, [refused, typed.validationMessage], rows, ways];
}"""


def test_the_step_row_and_a_phones_sliders_say_how_things_stand(modules: Page) -> None:
    held = [{"ctrlKey": True}, {"metaKey": True}, {"altKey": True}]
    greek = {"key": "\N{GREEK SMALL LETTER NU}", "code": "KeyN"}
    pressed, current, heard, refused, rows, ways = modules.evaluate(ROW, [{}, greek, *held])
    assert pressed == [[True, True]] * 2 + [[False, False]] * 3
    assert current == ["x1", "x2"], "what is under a finger stays there"
    assert heard == [["One slider", "true", True], ["All sliders", "false", False]]
    assert refused == [True, ""]
    row = [[*[there] * 2, "Play"] for there in (False, False, True, False)]
    assert rows == row, "one leads nowhere"
    assert ways == [True, False], "from two sliders, and not from the only one"


# Whether the key of the next step is taken where it is pressed in each of these elements.
IN_FIELDS = """async (elements) => {
  const { Controls } = await import("/browser/controls.js");
  const controls = new Controls({ grab() {}, move() {}, rest() {}, release() {}, choose() {} });
  controls.arrange({ steps: ["one", "two"], sliders: [] });
  return elements.map((html) => {
    const place = document.createElement("div");
    place.innerHTML = html;
    document.body.append(place);
    place.addEventListener("keydown", (event) => controls.shortcut(event));
    const event = new KeyboardEvent("keydown", { key: "n", cancelable: true, bubbles: true });
    place.firstChild.dispatchEvent(event);
    window.dispatchEvent(new Event("keyup"));
    place.remove();
    return event.defaultPrevented;
  });
}"""


def test_a_letter_that_is_typed_takes_no_step(modules: Page) -> None:
    fields = ["<input>", "<input type=number>", "<textarea></textarea>", "<p contenteditable></p>"]
    others = ["<input type=range>", "<p></p>"]
    assert modules.evaluate(IN_FIELDS, [*fields, *others]) == [False] * 4 + [True] * 2


# Whether a slider and its drag area are still on the page when the slider is placed elsewhere, and
# when there is none; whether a phone's list of sliders is hidden then, and with sliders again;
# the end of a slider that goes farther now, and its value once it was changed elsewhere, as Undo
# does, while it has the focus.
REMOVED = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const controls = new Controls({ grab() {}, move() {}, rest() {}, choose() {}, release() {} });
  const slider = { name: "u", value: 0, low: -4, high: 6, grid: 0.25, area: [0, 0, 9, 9] };
  const sliders = [{ ...slider, left: 0, top: 0, width: 200 }];
  controls.arrange({ steps: [], sliders });
  const [{ element, field }] = controls.sliders.values();
  document.body.append(element, field);
  const found = [[{ ...sliders[0], value: 1, top: 9 }], []].map((each) => {
    controls.arrange({ steps: [], sliders: each });
    return [element.isConnected, field.isConnected];
  });
  const side = { element: document.createElement("div") };
  const hidden = [[], sliders].map((each) => {
    controls.arrange({ steps: [], sliders: each });
    controls.place({ inset: 0, side }, true);
    return controls.list.hidden;
  });
  controls.arrange({ steps: [], sliders: [{ ...sliders[0], high: 8 }] });
  const { range } = controls.sliders.get("u");
  document.body.append(range);
  range.focus();
  controls.show(new Map([["u", 5]]));
  const { max, value } = range;
  range.remove();
  return [found, hidden, max, value];
}"""


def test_a_slider_goes_with_the_place_where_one_drags_it(modules: Page) -> None:
    assert modules.evaluate(REMOVED) == [[[True, True], [False, False]], [True, False], "8", "5"]


# Drags over a slider's area on the picture, with a mouse button, from place to place (in px of
# 200). Returns for each way whether the slider has the focus, the values that it is moved to, and
# whether it is gripped: during the drag, and when the slider itself is pressed.
DRAGGED = """async (ways) => {
  const { Controls } = await import("/browser/controls.js");
  const moved = [];
  const move = (name, value) => moved.push(value);
  const controls = new Controls({ grab() {}, move, rest() {}, choose() {}, release() {} });
  const area = [30, 0, 200, 200];
  const slider = { name: "u", value: 0, low: -4, high: 6, grid: 0.25, area };
  controls.arrange({ steps: [], sliders: [{ ...slider, left: 0, top: 0, width: 200 }] });
  const [{ element, range, field }] = controls.sliders.values();
  field.style.position = "absolute";
  element.style = "position: absolute; top: 5000px"; // out of sight
  document.body.append(element, field);
  field.setPointerCapture = () => {}; // of a pointer that there is
  field.hasPointerCapture = () => true;
  const { left } = field.getBoundingClientRect();
  const found = ways.map(([button, ...places]) => {
    range.blur();
    for (const [i, place] of places.entries()) {
      const pointer = { button, clientX: left + place, cancelable: true };
      const kind = i ? "pointermove" : "pointerdown";
      const free = field.dispatchEvent(new PointerEvent(kind, pointer));
      if (!i && free !== Boolean(button)) throw new Error("a text is selected meanwhile");
    }
    const grips = [controls.gripped];
    window.dispatchEvent(new Event("pointerup"));
    field.dispatchEvent(new PointerEvent("lostpointercapture"));
    range.dispatchEvent(new PointerEvent("pointerdown", { button }));
    grips.push(controls.gripped);
    window.dispatchEvent(new Event("pointerup"));
    if (scrollY) throw new Error("the picture is scrolled away from the hand");
    return [document.activeElement === range, moved.splice(0), grips];
  });
  element.remove();
  field.remove();
  return found;
}"""


def test_on_the_picture_a_slider_is_where_the_hand_is(modules: Page) -> None:
    ways = [[0, 0, 100], [0, 200, 50], [0, 300], [0, -5], [2, 100]]
    assert modules.evaluate(DRAGGED, ways) == [
        [True, [-4, 1], [True, True]],
        [True, [6, -1.5], [True, True]],
        [True, [6], [True, True]],
        [True, [-4], [True, True]],
        [False, [], [False, False]],  # it opens a menu, and no event reports its release
    ]


# Returns the values that a slider is moved to by two fingers on its area on the picture, and
# "rests" when it comes to rest: as the second comes down, each moves, and each is lifted. Then one
# finger comes down and the picture is laid out anew: as that finger moves, comes down again, or
# another does.
FINGERS = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const moved = [];
  const [move, rest] = [(name, value) => moved.push(value), () => moved.push("rests")];
  const controls = new Controls({ grab() {}, move, rest, choose() {}, release() {} });
  const area = [0, 0, 200, 200];
  const slider = { name: "u", value: 0, low: -4, high: 6, grid: 0.25, area };
  const { element, field } = controls.slider(slider);
  field.style.position = "absolute";
  document.body.append(element, field);
  const held = new Set(); // by pointers that there are
  field.setPointerCapture = (pointer) => held.add(pointer);
  field.hasPointerCapture = (pointer) => held.has(pointer);
  const { left } = field.getBoundingClientRect();
  const ways = [
    ["pointerdown", 1, 100], ["pointerdown", 2, 20], ["pointermove", 2, 40],
    ["pointermove", 1, 120], ["lostpointercapture", 2, 40], ["lostpointercapture", 1, 120],
    ["pointerdown", 1, 100], ["laid out"], ["pointermove", 1, 120], ["pointerdown", 1, 140],
    ["laid out"], ["pointerdown", 3, 160],
  ];
  const found = ways.map(([kind, pointerId, place]) => {
    if (!pointerId) return held.clear();
    const pointer = { pointerId, clientX: left + place, cancelable: true };
    field.dispatchEvent(new PointerEvent(kind, pointer));
    return moved.splice(0);
  });
  window.dispatchEvent(new Event("pointerup"));
  element.remove();
  field.remove();
  return found;
}"""


def test_on_the_picture_a_second_finger_moves_nothing(modules: Page) -> None:
    *found, down, _, moves, again, _, other = modules.evaluate(FINGERS)
    assert found == [[1], [], [], [2], [], ["rests"]]
    assert [down, moves, again, other] == [[1], [], [3], [4]]


# Places three sliders in windows: wide, narrow, wide again, and presented with px of the picture's
# left edge hidden. Returns for each the first slider's left, top, width and whether it is cut;
# whether its drag area is there; whether its number field keeps the focus; whether the list is
# there; and, on a phone, whether the list begins with the buttons to other sliders, and their
# texts.
TURNED = """async (windows) => {
  const { Controls } = await import("/browser/controls.js");
  const controls = new Controls({ grab() {}, move() {}, rest() {}, release() {}, choose() {} });
  const slider = { value: 0, low: -4, high: 4, grid: 0.25, left: 20, top: 30, width: 200 };
  const names = ["w", "x1", "b"];
  const sliders = names.map((name) => ({ ...slider, name, label: `of ${name}` }));
  sliders[0].area = [0, 0, 200, 200];
  controls.arrange({ steps: [], sliders });
  const [canvas, side] = ["div", "div"].map((tag) => document.createElement(tag));
  document.body.append(canvas, side);
  const { list, turns } = controls;
  const { element, field, typed } = controls.sliders.get("w");
  canvas.append(element);
  typed.focus();
  const found = windows.map(([narrow, strip, inset]) => {
    controls.place({ canvas, inset, side: { element: side }, strip }, narrow);
    const { style: { left, top, width }, dataset: { cut } } = element;
    const place = canvas.contains(element) ? [left, top, width, cut] : left + top + width;
    const there = [place, field.isConnected, document.activeElement === typed];
    if (!narrow) return [...there, list.isConnected];
    if (side.nextElementSibling !== list) throw new Error("the keys come to it before its reason");
    const [back, next] = [turns.back, turns.next].map(({ textContent }) => textContent.trim());
    return [...there, list.isConnected, list.firstElementChild === turns.element, back, next];
  });
  canvas.remove();
  side.remove();
  return found;
}"""


def test_as_a_window_becomes_narrow_its_sliders_go_into_a_list_in_their_order(
    modules: Page,
) -> None:
    windows = [[False, None, 0], [True, None, 300], [False, None, 0], [False, "a strip", 76]]
    whole, cut = ["20px", "30px", "200px", "false"], ["80px", "30px", "140px", "true"]
    assert modules.evaluate(TURNED, windows) == [
        [whole, True, True, False],
        ["", False, True, True, True, "\u2039", "of x1 \u203a"],
        [whole, True, True, False],
        [cut, True, False, False],  # while presenting, the keys are the presenter's
    ]


# Plays three steps. Returns the button's text, the number of timers and the steps gone to after
# each click, beat, and use of other step buttons and keys; and the same for the key P: while
# everything is locked, unlocked, pressed, held; and when the lock, or a question, comes while it
# plays.
PLAYED = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const { setInterval, clearInterval } = window;
  const clocks = new Map();
  window.setInterval = (act) => clocks.set(clocks.size + 1, act).size;
  window.clearInterval = (clock) => clocks.delete(clock);
  const moved = [];
  const data = { steps: ["one", "two", "three"], sliders: [] };
  const move = (name, step) => {
    moved.push(step);
    controls.show(new Map([["step", step]]));
  };
  const controls = new Controls({ grab() {}, move, rest() {}, choose() {}, release() {} });
  controls.arrange(data);
  controls.show(new Map([["step", 0]]));
  const press = () => controls.play.click();
  const beat = () => [...clocks.values()].forEach((act) => act());
  const [back, start, on] = ["back", "start", "next"].map((name) => () =>
    [press(), controls[name].click()]);
  const [b, n] = ["b", "n"].map((key) => () =>
    [press(), controls.shortcut(new KeyboardEvent("keydown", { key }))]);
  const others = [back, start, b, on, on, start, n, n, start];
  const before = () => controls.shortcut(new KeyboardEvent("keydown", { key: "b" }));
  const acts = [press, press, press, beat, press, press, ...others, before];
  const found = acts.map((act) => {
    act();
    return [controls.play.textContent, clocks.size, moved.splice(0)];
  });
  const key = (repeat) => controls.shortcut(new KeyboardEvent("keydown", { key: "p", repeat }));
  const keys = [
    () => [controls.lock(true), key(false)],
    () => controls.lock(false),
    () => key(false),
    () => key(true),
    () => [press(), controls.lock(true)],
    () => controls.lock(false),
    () => [press(), controls.hold({ sliders: "", steps: "Asked." })],
  ];
  const keyed = keys.map((act) => {
    act();
    beat();
    return [controls.play.textContent, clocks.size, moved.splice(0)];
  });
  controls.stop();
  Object.assign(window, { setInterval, clearInterval });
  return [found, keyed];
}"""


def test_what_is_played_goes_on_until_it_is_stopped_or_at_its_end(modules: Page) -> None:
    found, keyed = modules.evaluate(PLAYED)
    assert found == [
        ["Pause", 1, [1]],
        ["Play", 0, []],
        ["Play", 0, [2]],  # the end
        ["Play", 0, []],
        ["Pause", 1, [0]],  # from the beginning
        ["Play", 0, []],
        *(["Play", 0, [1, 0]] for _ in ("back", "start", "b")),  # it stops
        *(["Play", 0, each] for _ in ("on", "n") for each in ([1, 2], [0, 1], [2, 0])),
        ["Play", 0, []],  # before the first there is none
    ]
    moved = [[], [], [1, 2], [], [0], [], [1]]
    assert keyed == [["Play", 0, each] for each in moved]


# Returns the values sent when the slider is set by something else, while a finger is on it and
# after that finger has begun to scroll; which of two sliders a phone shows meanwhile and then, as
# the other one is chosen; and what is grabbed when a mouse stays on a slider, when it leaves early,
# and when it stays on the step row and the focus comes there.
SCROLLS = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const { setTimeout, clearTimeout } = window;
  const [moved, grabbed, timers] = [[], [], new Map()];
  const [grab, move] = [(name) => grabbed.push(name), (name, value) => moved.push(value)];
  const controls = new Controls({ grab, move, rest() {}, choose() {}, release() {} });
  const slider = { value: 0, low: -4, high: 4, grid: 0.25, left: 0, top: 0, width: 200 };
  controls.arrange({ steps: [], sliders: ["x1", "x2"].map((name) => ({ ...slider, name })) });
  const { range } = controls.sliders.get("x1");
  const say = (kind, target = range) =>
    target.dispatchEvent(new PointerEvent(kind, { pointerType: "touch", pointerId: 1 }));
  const put = (value) => {
    range.value = value;
    range.dispatchEvent(new Event("input"));
    return moved.splice(0);
  };
  controls.lookAt("x1");
  say("pointerdown");
  controls.lookAt("x2");
  const current = [controls.current];
  const puts = [put("1")];
  for (const target of [range, window]) say("pointercancel", target);
  current.push(controls.current);
  puts.push(put("2"));
  grabbed.splice(0);
  window.setTimeout = (act) => timers.set(timers.size + 1, act).size;
  window.clearTimeout = (timer) => timers.delete(timer);
  const stays = [["pointerenter"], ["pointerenter", "pointerleave"]].map((kinds) => {
    for (const kind of kinds) say(kind);
    for (const [timer, act] of timers) timers.delete(timer) && act();
    return grabbed.splice(0);
  });
  say("pointerenter", controls.steps);
  for (const act of timers.values()) act();
  controls.next.dispatchEvent(new Event("focusin", { bubbles: true }));
  stays.push(grabbed);
  Object.assign(window, { setTimeout, clearTimeout });
  return [puts, current, stays];
}"""


def test_a_finger_that_scrolls_leaves_its_slider_to_others(modules: Page) -> None:
    puts, current, stays = modules.evaluate(SCROLLS)
    assert puts == [[], [2]]
    assert current == ["x1", "x2"]
    assert stays == [["x1"], [], ["step", "step"]]


# The entries that a phone explains, and the slider that it shows at the end, when the user goes to
# the next two of three sliders and back once.
ON_AND_BACK = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const chosen = [];
  const choose = (entry) => chosen.push(entry);
  const controls = new Controls({ grab() {}, move() {}, rest() {}, release() {}, choose });
  const slider = { value: 0, low: -4, high: 4, grid: 0.25, left: 0, top: 0, width: 200 };
  const names = ["x1", "x2", "x3"];
  controls.arrange({ steps: [], sliders: names.map((name) => ({ ...slider, name, label: name })) });
  controls.lookAt("x1");
  const { next, back } = controls.turns;
  for (const button of [next, next, back]) button.click();
  return [chosen, controls.current];
}"""


def test_the_entry_of_a_slider_that_is_turned_to_is_explained(modules: Page) -> None:
    assert modules.evaluate(ON_AND_BACK) == [["x2", "x3", "x2"], "x2"]


# The slider that a phone shows after each of these entries is chosen in turn.
LOOKED_AT = """async ([sliders, entries]) => {
  const { Controls } = await import("/browser/controls.js");
  const controls = new Controls({ grab() {}, move() {}, rest() {}, release() {}, choose() {} });
  const slider = { value: 0, low: -4, high: 4, grid: 0.25, left: 0, top: 0, width: 200 };
  controls.arrange({ steps: [], sliders: sliders.map((name) => ({ ...slider, name })) });
  return entries.map((entry) => {
    controls.lookAt(entry);
    return controls.current;
  });
}"""


def test_a_phone_shows_the_slider_of_an_entry_or_of_the_input_that_it_comes_from(
    modules: Page,
) -> None:
    shown = {"w2": "w2", "a1": "x1", "z": "dz", "h2": "x2", "h3": "x2", "w1": "w1", "z2": "dz2"}
    sliders = ["w1", "w2", "x1", "x2", "dz", "dz2"]
    assert modules.evaluate(LOOKED_AT, [sliders, [*shown]]) == [*shown.values()]


# The values sent by the arrow keys in the number field of a slider for powers of ten at its end.
BEYOND = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const moved = [];
  const move = (_, value) => moved.push(value);
  const controls = new Controls({ grab() {}, move, rest() {}, release() {}, choose() {} });
  const slider = { name: "eps", value: -2, low: -9, high: -2, grid: 0.5, power: true };
  const { typed } = controls.slider(slider);
  for (const key of ["ArrowUp", "ArrowDown"]) {
    typed.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
  }
  window.dispatchEvent(new Event("keyup"));
  return moved;
}"""


def test_no_key_leads_beyond_the_end_of_a_power(modules: Page) -> None:
    assert modules.evaluate(BEYOND) == [-2, -2.5]
