"""The modules of heat maps and the sheet to draw on: fingers, keys, the text beside a cell."""

from itertools import pairwise, product

import numpy as np
import pytest
from playwright.sync_api import Page

from pages.figures.info import plain
from pages.figures.words import ENDLESS, number
from pages.figures.words import name as written
from pages.inside.painting import INK
from pages.inside.painting import written as drawing

# The hint beside a map after a tap, once its numbers have changed too: on maps with small, large
# and low cells. Then some time later, and later if a cell is being described by then. Last, whether
# no hint is shown once the loupe has been used.
TAPS = """async () => {
  const { showMaps } = await import("/tests/page.js");
  const large = { prefix: "w", rows: 2, columns: 2 };
  const grids = await showMaps({}, large, { ...large, prefix: "a", rows: 20 });
  const told = () => !grids.readout.hidden && grids.readout.textContent;
  const { setTimeout, clearTimeout } = window;
  let later;
  const timers = new Set();
  window.setTimeout = (act) => {
    later = act;
    timers.add(act);
    return act;
  };
  window.clearTimeout = (timer) => timers.delete(timer);
  const taught = grids.grids.map((grid) => {
    grids.tell(null);
    grids.teach(grid);
    grid.label = "";
    grid.describe();
    return told();
  });
  for (const act of [() => {}, () => grids.tell(grids.grids[1])]) {
    grids.teach(grids.grids[0]);
    act();
    later();
    taught.push(told());
  }
  if (timers.size > 1) throw new Error("an earlier tap ends the hint");
  Object.assign(window, { setTimeout, clearTimeout });
  grids.loupe.open(grids.grids[0].element);
  grids.loupe.close();
  grids.tell(null);
  grids.teach(grids.grids[0]);
  grids.element.remove();
  return [...taught, grids.readout.hidden];
}"""


def test_the_hint_to_hold_is_not_shown_once_the_loupe_has_been_used(modules: Page) -> None:
    hold = "Hold to magnify"
    assert modules.evaluate(TAPS) == [hold, False, hold, False, "w₁‚₁", True]


# Whether a map shows a cell as pointed at while a pointer moves, and still after a click, in a
# browser whose click events do not tell the pointer's type.
CLICKED = """async (pointerType) => {
  const { showMaps } = await import("/tests/page.js");
  const grids = await showMaps({});
  const [{ element }] = grids.grids;
  element.dispatchEvent(new PointerEvent("pointermove", { pointerType, clientX: 50, clientY: 50 }));
  const moving = element.dataset.under ?? "false";
  element.dispatchEvent(new PointerEvent("pointerdown", { pointerType }));
  element.dispatchEvent(new MouseEvent("click", { clientX: 50, clientY: 50 }));
  grids.element.remove();
  return [moving, element.dataset.under];
}"""


@pytest.mark.parametrize(("pointer", "under"), [("mouse", "true"), ("touch", "false")])
def test_a_finger_points_at_nothing_once_it_is_lifted(
    modules: Page, pointer: str, under: str
) -> None:
    assert modules.evaluate(CLICKED, pointer) == [under, under]


# Whether the loupe opens some time after a finger came down on a map with small cells, and has
# since stayed, been joined by another finger, begun to scroll, been lifted, moved a little, across,
# or down and then across; the same on a map with large cells, for staying and across. Then, for a
# finger that moves on with the loupe open, and after it is closed: its row and column, and whether
# the page scrolls; and whether the loupe is still open after another finger has come.
FINGERS = """async () => {
  const { showMaps } = await import("/tests/page.js");
  const grids = await showMaps({}, { prefix: "w", rows: 2, columns: 2 });
  const [small, large] = grids.grids.map(({ element }) => element);
  let element = small;
  const finger = { clientX: 50, clientY: 50 };
  const { setTimeout, clearTimeout } = window;
  const hand = (kind, touches = []) =>
    element.dispatchEvent(Object.assign(new Event(kind), { touches }));
  const stays = () => {};
  const ways = [
    stays, () => hand("touchstart", [finger, finger]), () => hand("touchcancel"),
    () => hand("touchend"),
    ...[[[53, 58]], [[90, 55]], [[55, 90], [99, 90]]].map((way) => () => {
      for (const [clientX, clientY] of way) hand("touchmove", [{ clientX, clientY }]);
    }),
  ];
  const across = ways.at(-2);
  const all = [...ways.map((act) => [act, small]), [stays, large], [across, large]];
  const found = all.map(([act, on]) => {
    element = on;
    const timers = new Map();
    window.setTimeout = (held) => timers.set(timers.size + 1, held).size;
    window.clearTimeout = (timer) => timers.delete(timer);
    hand("touchstart", [finger]);
    act();
    for (const held of timers.values()) held();
    const { opened } = grids.loupe;
    grids.loupe.close();
    return opened;
  });
  Object.assign(window, { setTimeout, clearTimeout });
  element = small;
  const [grid] = grids.grids;
  const { left, top } = small.getBoundingClientRect();
  grid.enlarge(finger);
  const onItsWay = [[95, 5], [15, 25]].map(([x, y]) => {
    const touches = [{ clientX: left + x, clientY: top + y }];
    const moved = Object.assign(new Event("touchmove", { cancelable: true }), { touches });
    small.dispatchEvent(moved);
    grids.loupe.close();
    return [grid.row, grid.column, !moved.defaultPrevented];
  });
  hand("touchstart", [finger]);
  grid.enlarge(finger);
  const { pictures } = grids.loupe;
  grid.enlarge(finger);
  if (grids.loupe.pictures !== pictures) throw new Error("the drawing is copied at each move");
  hand("touchstart", [finger, finger]);
  const joined = grids.loupe.opened;
  grids.element.remove();
  return [...found, onItsWay, joined];
}"""


def test_one_finger_that_stays_sees_the_loupe(modules: Page) -> None:
    *found, on_its_way, joined = modules.evaluate(FINGERS)
    stays, another, scrolls, lifted, little, across, down, *large = found
    assert stays
    assert little
    assert across
    assert [another, scrolls, lifted, down] == [False] * 4, "which may be a swipe"
    assert large == [False, False], "nothing is hidden there"
    assert on_its_way == [[0, 9, False], [0, 9, True]], "the loupe goes with it"
    assert not joined, "two fingers zoom"


# Returns whether the loupe is open, and how many cells are chosen, if a map is removed while a
# finger is on one. stays: whether the finger has stayed long enough for the loupe. gone: which map
# is removed, that under the finger (0) or another (1).
GONE_UNDER = """async ([stays, gone]) => {
  const { showMaps } = await import("/tests/page.js");
  const maps = [{ prefix: "x" }, { prefix: "w" }];
  const grids = await showMaps(...maps);
  const chosen = [];
  grids.choose = (entry) => chosen.push(entry);
  const [held] = grids.grids;
  const { setTimeout, clearTimeout } = window;
  const timers = new Map();
  window.setTimeout = (act) => timers.set(timers.size + 1, act).size;
  window.clearTimeout = (timer) => timers.delete(timer);
  const later = () => [...timers].forEach(([timer, act]) => timers.delete(timer) && act());
  const hand = (kind, touches) =>
    held.element.dispatchEvent(Object.assign(new Event(kind), { touches }));
  hand("touchstart", [{ clientX: 50, clientY: 50 }]);
  if (stays) later();
  const there = { said: "a map", rows: 20, columns: 20, box: [0, 0, 200, 200], group: "" };
  grids.describe([{ ...maps[1 - gone], ...there }], "");
  later();
  hand("touchmove", [{ clientX: 90, clientY: 50 }]);
  const { opened } = grids.loupe;
  hand("touchend", []);
  Object.assign(window, { setTimeout, clearTimeout });
  grids.element.remove();
  return [opened, chosen.length];
}"""


@pytest.mark.parametrize("stays", [False, True])
def test_a_finger_on_a_map_that_goes_chooses_nothing(modules: Page, stays: bool) -> None:
    assert modules.evaluate(GONE_UNDER, [stays, 0]) == [False, 0]
    assert modules.evaluate(GONE_UNDER, [stays, 1]) == [True, 1], "another one goes"


# For the last cell of a map, beyond which there is none: its label, its place and the map's size
# for screen readers, the text shown beside it, and whether that text is hidden from screen readers.
NAMES = """async (map) => {
  const { showMaps } = await import("/tests/page.js");
  const grids = await showMaps(map);
  const [grid] = grids.grids;
  grid.goTo(grid.rows, grid.columns);
  grids.tell(grid);
  grids.element.remove();
  const { element, line, cursor } = grid;
  const at = [line.ariaRowIndex, cursor.ariaColIndex, element.ariaRowCount, element.ariaColCount];
  return [cursor.ariaLabel, at, grids.readout.textContent, grids.readout.ariaHidden];
}"""


@pytest.mark.parametrize(
    ("letter", "prefix", "lined", "index"),
    [
        ("x", "x", False, (3, 14)),
        ("a", "a2,", False, (1, 3, 14)),
        ("w1", "w1.", False, (3, 14)),
        ("p12", "p12.2,", False, (1, 3, 14)),
        ("h1", "h1.", True, (59,)),
    ],
)
def test_beside_a_map_a_name_is_written_as_everywhere(
    modules: Page, letter: str, prefix: str, lined: bool, index: tuple[int, ...]
) -> None:
    heard, at, seen, unheard = modules.evaluate(
        NAMES, {"prefix": prefix, "lined": lined, "rows": 4, "columns": 15}
    )
    assert heard == plain(letter, index)
    assert at == ["4", "15"] * 2
    assert unheard == "true"
    assert seen == written(letter, *index)


# Whether each mouse button draws.
DRAWS = """async (buttons) => {
  const { showPad } = await import("/tests/page.js");
  const drawn = [];
  const { pad, sheet, left, top } = await showPad({ move: (name, text) => drawn.push(text) });
  const each = buttons.map((button) => {
    pad.show(sheet);
    const pointer = { button, clientX: left + 14, clientY: top + 14, cancelable: true };
    const free = pad.element.dispatchEvent(new PointerEvent("pointerdown", pointer));
    if (free !== Boolean(button)) throw new Error("a text is selected meanwhile");
    pad.element.dispatchEvent(new PointerEvent("lostpointercapture", pointer));
    return drawn.splice(0).length > 0;
  });
  pad.element.remove();
  return each;
}"""


def test_the_first_button_of_a_mouse_alone_draws(modules: Page) -> None:
    assert modules.evaluate(DRAWS, [0, 1, 2]) == [True, False, False]


# Returns whether the strokes draw; how many pixels lose ink by a second stroke close to the first;
# how many are touched at the right edge by a stroke over the left one, in a column between two
# strokes, and where there is full ink already; and the width and height of the sheet.
STROKES = """async () => {
  const { showPad } = await import("/tests/page.js");
  const { pad, sheet, left, top } = await showPad();
  const touched = (from, to) =>
    pad.states.filter((state, place) => from <= place % 28 && place % 28 < to && state).length;
  const stroke = (x, y) => {
    const pointer = { button: 0, clientX: left + 10 * x, clientY: top + 10 * y };
    for (const kind of ["pointerdown", "lostpointercapture"]) {
      pad.element.dispatchEvent(new PointerEvent(kind, pointer));
    }
  };
  stroke(5.5, 5.5);
  const before = pad.states.slice();
  stroke(6.5, 5.5);
  const less = before.filter((state, place) => pad.states[place] < state).length;
  stroke(0.2, 5.5);
  const beyond = touched(20, 28);
  stroke(20.5, 5.5);
  const between = touched(13, 14);
  const drawn = before.some(Boolean) && pad.states[5 * 28 + 20] > 0;
  pad.show({ ...sheet, image: btoa("\xff".repeat(784)) });
  stroke(5.5, 5.5);
  const over = touched(0, 28);
  pad.element.remove();
  const { width, height } = pad.element;
  return [drawn, less, [beyond, between, over], width, height];
}"""


def test_a_stroke_takes_no_ink_away_and_begins_where_the_hand_does(modules: Page) -> None:
    assert modules.evaluate(STROKES) == [True, 0, [0, 0, 0], 28, 28]


# The state of each pixel (0 if untouched, otherwise 1 + its ink in steps) after a hand moves along
# this way, in pixels: on an empty sheet, on one with nine tenths of the ink, when erasing, and when
# restoring what was all erased.
ALONG = """async (way) => {
  const { showPad } = await import("/tests/page.js");
  const { pad, sheet, left, top } = await showPad();
  const go = () => {
    for (const [i, [x, y]] of way.entries()) {
      const place = { clientX: left + 10 * x, clientY: top + 10 * y };
      const kind = i ? "pointermove" : "pointerdown";
      pad.element.dispatchEvent(new PointerEvent(kind, { button: 0, pointerId: 1, ...place }));
    }
    pad.element.dispatchEvent(new PointerEvent("lostpointercapture", { pointerId: 1 }));
    return [...pad.states];
  };
  const drawn = go();
  pad.show({ ...sheet, image: btoa("\\xe6".repeat(784)) });
  const over = go();
  pad.show({ ...sheet, tool: "erase" });
  const erased = go();
  pad.show({ ...sheet, tool: "restore" });
  pad.states.fill(1);
  const restored = go();
  pad.element.remove();
  return [drawn, over, erased, restored];
}"""


def test_ink_is_laid_along_the_way_of_the_hand_and_taken_away(modules: Page) -> None:
    way = [(3.95, 23.05), (20.1, 8.95), (27.45, 25.05)]  # up to the right edge
    row, column = np.indices((28, 28)) + 0.5
    between = np.linspace(0, 1, 401)[:, None, None]
    far = np.min(
        [
            np.hypot(column - x1 - between * (x2 - x1), row - y1 - between * (y2 - y1)).min(axis=0)
            for (x1, y1), (x2, y2) in pairwise(way)
        ],
        axis=0,
    )
    levels = np.rint(4 * np.clip((1.7 - far) / (1.7 - 0.9), 0, 1))  # of soft edges
    drawn, over, erased, restored = modules.evaluate(ALONG, way)
    assert drawn == np.where(levels > 0, 1 + levels, 0).ravel().tolist()
    assert over == np.where(levels == 4, 5, 0).ravel().tolist(), "there was less ink"
    assert erased == (far < 1.5).ravel().astype(int).tolist()
    assert restored == (far >= 1.5).ravel().astype(int).tolist()


# How many pixels a second finger touches that comes down, moves and is lifted while the first one
# draws; whether the first still draws then, and after it is lifted; and how often a rest is
# reported.
TWO_FINGERS = """async () => {
  const { showPad } = await import("/tests/page.js");
  let rests = 0;
  const { pad, left, top } = await showPad({ rest: () => { rests += 1; } });
  const say = (kind, pointerId, at) => {
    const place = { clientX: left + 10 * at, clientY: top + 10 * at };
    pad.element.dispatchEvent(new PointerEvent(kind, { button: 0, pointerId, ...place }));
  };
  say("pointerdown", 1, 3.5);
  say("pointerdown", 2, 20.5);
  say("pointermove", 2, 22.5);
  say("lostpointercapture", 2, 22.5);
  const touched = pad.states.filter((state, place) => place >= 10 * 28 && state).length;
  const found = [touched, pad.drawing];
  say("lostpointercapture", 1, 3.5);
  found.push(pad.drawing, rests);
  pad.element.remove();
  return found;
}"""


def test_a_second_finger_draws_nothing_and_ends_nothing(modules: Page) -> None:
    assert modules.evaluate(TWO_FINGERS) == [0, True, False, 1]


# The ink in the corner of a stroke that turns between two frames. A browser reports the points in
# between only to pages from a secure origin, which this one is not, so the test supplies them.
FAST = """async () => {
  const { showPad } = await import("/tests/page.js");
  const { pad, left, top } = await showPad();
  const event = (kind, x, y) => {
    const place = { clientX: left + 10 * x, clientY: top + 10 * y };
    return new PointerEvent(kind, { button: 0, pointerId: 1, ...place });
  };
  const move = event("pointermove", 22, 22);
  move.getCoalescedEvents = () => [event("pointermove", 22, 6), move];
  for (const each of [event("pointerdown", 6, 6), move, event("lostpointercapture", 22, 22)]) {
    pad.element.dispatchEvent(each);
  }
  const ink = pad.states[6 * 28 + 22];
  pad.element.remove();
  return ink;
}"""


def test_a_fast_stroke_loses_no_point(modules: Page) -> None:
    assert modules.evaluate(FAST) == INK


# For every cell of a map with this many rows and columns in this box of the picture: the cell under
# a pointer at its middle, and the place and size of the cursor in the map.
POINTED_AT = """async ([rows, columns, box]) => {
  const { showMaps } = await import("/tests/page.js");
  const grids = await showMaps({ rows, columns, box });
  const [grid] = grids.grids;
  grid.element.style.position = "absolute";
  const { left, top } = grid.element.getBoundingClientRect();
  const [wide, high] = [box[2] / columns, box[3] / rows];
  const found = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [clientX, clientY] = [left + (column + 0.5) * wide, top + (row + 0.5) * high];
      grid.element.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY }));
      const { style, dataset } = grid.cursor;
      const at = [style.left, style.top, style.width, style.height].map(parseFloat);
      found.push([dataset.entry, at]);
    }
  }
  grids.element.remove();
  return found;
}"""


def test_a_cursor_lies_on_the_cell_that_is_pointed_at(modules: Page) -> None:
    rows, columns, box = 2, 4, [10, 20, 200, 60]
    assert modules.evaluate(POINTED_AT, [rows, columns, box]) == [
        [f"x{row + 1},{column + 1}", [50 * column, 30 * row, 50, 30]]
        for row, column in product(range(rows), range(columns))
    ]


# The left and right edges, in px of 200, of the text beside the first and the last cell of a row;
# and whether the text covers the cell, in the first row and in a middle one.
BESIDE_CELLS = """async () => {
  const { showMaps } = await import("/tests/page.js");
  const grids = await showMaps({});
  grids.element.style.cssText = "position: relative; width: 200px";
  grids.readout.style.position = "absolute";
  const [grid] = grids.grids;
  grid.element.style.position = grid.cursor.style.position = "absolute";
  const at = (row, column) => {
    grid.goTo(row, column);
    grids.tell(grid, "x = 0.12345");
    return [grids.readout, grid.cursor].map((each) => each.getBoundingClientRect());
  };
  const { left } = grids.element.getBoundingClientRect();
  const found = [0, 19].map((column) => {
    const [said] = at(10, column);
    return [said.left - left, said.right - left];
  });
  const covers = [0, 10].map((row) => {
    const [said, cell] = at(row, 10);
    return said.top < cell.bottom && cell.top < said.bottom;
  });
  grids.element.remove();
  return [found, covers];
}"""


def test_what_stands_beside_a_cell_stands_on_the_picture(modules: Page) -> None:
    found, covers = modules.evaluate(BESIDE_CELLS)
    for left, right in found:
        assert 0 <= left < right <= 201  # half a px is rounded
    assert covers == [False, False]


# The label of the first of two cells, and whether it is chosen: with numbers, with others and
# another choice, with values alone, with none, with words, and with numbers of two and of four
# bytes; while another map moves. Then how many elements each map has had, whether the map has still
# the focus, and with which modifiers an arrow key is kept from the browser.
MAP = """async () => {
  const { showMaps } = await import("/tests/page.js");
  const grids = await showMaps();
  const map = { prefix: "x", said: "x", rows: 1, columns: 2, box: [0, 0, 200, 100], group: "" };
  const packed = (...numbers) =>
    ({ size: 1, data: btoa(String.fromCharCode(...numbers)), scale: 1, words: [] });
  const shown = (numbers, chosen) => {
    const other = { ...map, prefix: "w", box: [0, 200, 100 + maps.size, 100] };
    grids.describe([{ ...map, ...numbers }, other], chosen);
    const { cursor, element } = grids.grids[0];
    if (!maps.size) element.focus();
    maps.add(element);
    others.add(grids.grids[1].element);
    return [cursor.getAttribute("aria-label"), cursor.getAttribute("aria-selected")];
  };
  const [maps, others] = [new Set(), new Set()];
  const four = btoa("\\xfe\\xff\\xff\\xff\\0\\0\\0\\0"); // bytes of each
  const found = [
    shown({ values: packed(3, 0), gradients: packed(2, 0) }, "x1,1"),
    shown({ values: packed(4, 0), gradients: packed(0, 1) }, "y"),
    shown({ values: packed(4, 0) }, "y"),
    shown({}, "y"),
    shown({ values: { ...packed(1, 0), words: ["no", "a tie"] } }, "y"),
    shown({ values: { size: 2, data: btoa("\\xfd\\xff\\0\\0"), scale: 0.5, words: [] } }, "y"),
    shown({ values: null, gradients: { size: 4, data: four, scale: 2 ** -20, words: [] } }, "y"),
  ];
  const focused = document.activeElement === grids.grids[0].element;
  const kept = [{}, { altKey: true }, { ctrlKey: true }, { metaKey: true }].map((held) => {
    const event = new KeyboardEvent("keydown", { key: "ArrowRight", cancelable: true, ...held });
    grids.grids[0].element.dispatchEvent(event);
    return event.defaultPrevented;
  });
  grids.element.remove();
  return [found, [maps.size, others.size, focused], kept];
}"""


def test_a_map_says_only_what_its_cell_shows_now_and_keeps_its_element(modules: Page) -> None:
    found, maps, kept = modules.evaluate(MAP)
    assert found == [
        ["x1,1 = 3, gradient +2", "true"],
        ["x1,1 = 4, gradient 0", "false"],
        ["x1,1 = 4", "false"],
        ["x1,1", "false"],
        ["x1,1 = a tie", "false"],
        ["x1,1 = −1.5", "false"],
        ["x1,1, gradient −1.90735e−6", "false"],
    ]
    assert maps == [1, 2, True], "another one would not have the focus"
    assert kept == [True, False, False, False], "with Alt one goes back to the page before"


NUMBERS = """async (numbers) => {
  const { formatted } = await import("/browser/grids.js");
  return numbers.map(formatted);
}"""


def test_a_number_beside_a_cell_is_written_as_in_the_sentence_about_it(modules: Page) -> None:
    sizes = [0.0, 1.0, 2.25, 999.5, 1000.5, 123456.0, 999999.5, 1234567.0, 1e-4, 9.8e-5, 1e-5]
    sizes += [
        1e-7,
        1e12,
        2**-20,
        0.1,
        1e100,
        *ENDLESS,
        *(12 + each for each in ENDLESS),
        1000 + 1 / 3,
    ]
    numbers = [*sizes, *(-each for each in sizes if each)]
    assert modules.evaluate(NUMBERS, numbers) == [*map(number, numbers)]
    packed = [np.round(each * 2**29) / 2**29 for each in ENDLESS]  # as four bytes hold them
    assert modules.evaluate(NUMBERS, packed) == [*ENDLESS.values()]


# The pixels of a drawing that the server sends, and what is reported for the same drawing: while it
# is known, and once it is not.
READ = """async (text) => {
  const { Pad } = await import("/browser/pad.js");
  const told = [];
  const pad = new Pad({ move: (name, text) => told.push(text), rest() {} });
  const [image, colours] = [btoa("\\0".repeat(784)), ["#ffffff", "#000000"]];
  const box = [0, 0, 280, 280];
  const there = { name: "painting", text, prefix: "x", box, image, colours, tool: "draw" };
  pad.show(there);
  const pixels = [...pad.states];
  pad.tell(there);
  const same = told.splice(0);
  pad.text = "";
  pad.tell(there);
  return [pixels, same, ...told];
}"""


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (28, 28)])
def test_a_drawing_is_read_and_written_as_the_server_does(
    modules: Page, shape: tuple[int, int]
) -> None:
    over = np.zeros((28, 28), np.uint8)
    over[-shape[0] :, -shape[1] :] = np.arange(1, shape[0] * shape[1] + 1).reshape(shape) % 6
    pixels, same, told = modules.evaluate(READ, drawing(over))
    assert pixels == over.ravel().tolist()
    assert same == [], "what is known is not told again"
    assert told == drawing(over)


# For each tool, used by a key on a pixel: whether the key is taken, the pixel's state, what is
# reported, and whether there is a sheet to draw on by hand, then and after the sheet is gone.
TOOLS = """async (tools) => {
  const { Pad } = await import("/browser/pad.js");
  const told = [];
  const move = (name, text) => told.push(`${name} ${text}`);
  const pad = new Pad({ move, rest: () => told.push("rest") });
  const [image, colours] = [btoa("\\0".repeat(784)), ["#ffffff", "#000000"]];
  const there = { name: "painting", text: "", prefix: "x", box: [0, 0, 280, 280], image, colours };
  return tools.map((tool) => {
    pad.show({ ...there, tool });
    pad.states[0] = 3;
    const used = [pad.takes("x1,1"), pad.states[0], told.splice(0), !pad.element.hidden];
    pad.show(null);
    return [...used, !pad.element.hidden];
  });
}"""


def test_by_keyboard_a_tool_does_what_it_does_by_hand(modules: Page) -> None:
    found = modules.evaluate(TOOLS, ["draw", "erase", "restore", "look"])
    told = ["painting AABBo", "rest"], ["painting AABBI", "rest"]  # the box, its one pixel
    assert found == [
        [True, 5, told[0], True, False],
        [True, 1, told[1], True, False],
        [True, 0, ["rest"], True, False],
        [False, 3, [], False, False],
    ]


# Shows a map of two cells in the window's corner; `shows` gives it other numbers.
UNDER_A_HAND = """async () => {
  const { showMaps } = await import("/tests/page.js");
  const grids = await showMaps();
  const map = { prefix: "x", said: "x", rows: 1, columns: 2, box: [0, 0, 200, 100], group: "" };
  window.shows = (...numbers) => {
    const data = btoa(String.fromCharCode(...numbers));
    grids.describe([{ ...map, values: { size: 1, data, scale: 1, words: [] } }], "");
  };
  shows(3, 0);
  Object.assign(grids.grids[0].element.style, { position: "fixed", left: 0, top: 0 });
}"""


def test_what_stands_beside_a_cell_is_of_now_and_goes_with_the_mouse_unless_a_key_is_there(
    modules: Page,
) -> None:
    modules.reload()  # so that neither mouse nor focus is anywhere
    modules.evaluate(UNDER_A_HAND)
    readout, mouse = modules.locator(".live-figure-readout:not([hidden])"), modules.mouse
    mouse.move(50, 50)
    assert readout.all_inner_texts() == ["x₁‚₁ = 3"]
    modules.evaluate("shows(4, 0)")
    assert readout.all_inner_texts() == ["x₁‚₁ = 4"]
    mouse.click(150, 50)
    assert readout.all_inner_texts() == ["x₁‚₂ = 0"]
    mouse.move(400, 400)
    assert readout.all_inner_texts() == []
    modules.keyboard.press("ArrowLeft")
    mouse.move(50, 50)
    mouse.move(400, 400)
    assert readout.all_inner_texts() == ["x₁‚₁ = 4"]
    for key, told in (("Tab", []), ("Shift+Tab", ["x₁‚₁ = 4"])):
        modules.keyboard.press(key)
        assert readout.all_inner_texts() == told
    modules.reload()


# Five maps, three of them beside or below each other and two apart, with a wider gap, and beside
# those two more that are in no group: whether each refers to its cursor for screen readers; where
# the Tab key stops; which cell each of these key sequences leads to from the lower right cell of a
# map, the first if none is named, and the text beside it; where the Tab key stops afterwards; and
# which keys the page hears.
TILES = """async (ways) => {
  const { showMaps } = await import("/tests/page.js");
  const at = [[0, 0], [60, 0], [0, 60], [400, 400], [120, 0], [120, 60], [480, 400]];
  const maps = at.map(([left, top], i) => ({
    prefix: "abcdefg"[i], rows: 2, columns: 2, box: [left, top, 50, 50],
    group: "ef".includes("abcdefg"[i]) ? "" : "tiles",
  }));
  const grids = await showMaps(...maps);
  const all = grids.grids;
  const found = all.map(({ element, cursor }) =>
    document.getElementById(element.getAttribute("aria-activedescendant")) === cursor);
  const stops = all.map(({ element }) => element.tabIndex);
  const heard = [];
  const hear = ({ key }) => heard.push(key);
  document.addEventListener("keydown", hear);
  const went = ways.map((keys) => {
    const from = all.find(({ prefix }) => prefix === keys[0]) ?? all[0];
    from.goTo(1, 1);
    from.element.focus();
    for (const key of keys) {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      document.activeElement.dispatchEvent(event);
    }
    const there = all.find(({ element }) => element === document.activeElement);
    return [there.entry(), grids.readout.textContent];
  });
  const then = all.map(({ element }) => element.tabIndex);
  document.removeEventListener("keydown", hear);
  grids.element.remove();
  return [found, stops, went, then, heard];
}"""


def test_arrow_keys_go_from_a_map_to_the_one_beside_it(modules: Page) -> None:
    ways = {
        "a2,1": ["ArrowLeft"],
        "b2,1": ["ArrowRight"],
        "b2,2": ["ArrowRight", "ArrowRight", "ArrowRight"],  # there is no map beyond
        "c1,2": ["ArrowDown"],
        "a2,2": ["ArrowDown", "ArrowUp"],
        "a1,2": ["ArrowRight", "ArrowUp", "ArrowLeft"],
        "e2,2": ["e", "ArrowDown"],  # in no group there is no way on
        "g2,1": ["d", "ArrowRight"],
    }
    found, stops, went, then, heard = modules.evaluate(TILES, [*ways.values()])
    assert found == [True] * 7
    assert stops == [0, -1, -1, -1, 0, 0, -1]
    assert [entry for entry, _ in went] == [*ways]
    cells = [(each[0], int(each[1]) - 1, int(each[3]) - 1) for each in ways]
    assert [said for _, said in went] == [written(*cell) for cell in cells]
    assert then == [-1, -1, -1, -1, 0, 0, 0]
    assert heard == ["e", "d"], "an arrow key would step through the pass as well"


# The top of the readout beside the cursor of a map that begins at each of these heights, and how it
# is moved by its own height.
READOUT = """async (tops) => {
  const { showMaps } = await import("/tests/page.js");
  const found = [];
  for (const top of tops) {
    const grids = await showMaps({ rows: 2, columns: 2, box: [200, top, 50, 50] });
    grids.grids[0].goTo(0, 0);
    grids.tell(grids.grids[0]);
    const { top: at, transform } = grids.readout.style;
    found.push([at, transform]);
    grids.element.remove();
  }
  return found;
}"""


def test_a_readout_is_above_its_cell_where_there_is_room(modules: Page) -> None:
    assert modules.evaluate(READOUT, [100, 20]) == [["92px", "translateY(-100%)"], ["53px", ""]]


# For the loupe over a cell of 20 by 10 px, with the finger at each of these places: the part of the
# picture that it shows, its text, and its box in the window. Then the picture's own view box, and
# the style of its copy.
LOUPE = """async (fingers) => {
  const { showMaps } = await import("/tests/page.js");
  const grids = await showMaps({});
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  figure.innerHTML = `<div class="live-figure-canvas">
    <svg class="main-svg" viewBox="0 0 300 300" style="color: red"><text>1</text></svg></div>`;
  figure.firstElementChild.append(grids.element);
  const { loupe } = grids;
  loupe.open(grids.grids[0].element);
  loupe.element.style.cssText = "position: fixed; width: 220px; height: 240px";
  const found = fingers.map(([clientX, clientY]) => {
    loupe.show([100, 60, 20, 10], `at ${clientX}`, { clientX, clientY });
    const { left, top, right, bottom } = loupe.element.getBoundingClientRect();
    const shown = loupe.element.querySelector("svg").getAttribute("viewBox");
    return [shown, loupe.said.textContent, [left, top, right, bottom]];
  });
  const drawn = figure.querySelector("svg").getAttribute("viewBox");
  const style = loupe.element.querySelector("svg").getAttribute("style");
  loupe.close();
  figure.remove();
  return [found, drawn, style];
}"""


@pytest.mark.parametrize(
    ("width", "height", "fingers"),
    [
        (390, 664, [(200, 500), *product((5, 385), (5, 500, 659)), (60, 100), (330, 100)]),
        (664, 390, [*product((5, 60, 332, 604, 659), (5, 60, 240, 385))]),
    ],
)
def test_the_loupe_shows_what_is_around_a_cell_and_is_beside_the_hand(
    modules: Page, width: int, height: int, fingers: list[tuple[int, int]]
) -> None:
    before = modules.viewport_size
    assert before
    modules.set_viewport_size({"width": width, "height": height})
    found, drawn, style = modules.evaluate(LOUPE, fingers)
    modules.set_viewport_size(before)
    assert drawn == "0 0 300 300"
    assert style is None, "what is drawn in two parts is seen through the upper one"
    for (x, y), (shown, said, (left, top, right, bottom)) in zip(fingers, found, strict=True):
        assert shown == "60 40 100 50", "five cells each way, this one in the middle"
        assert said == f"at {x}"
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height
        assert not (left < x < right and top < y < bottom), "it is beneath no finger"
        assert bottom <= y - 20 or right <= x + 50 or left >= x - 50, "nor a hand"


# The cell of a map's cursor after each cell is marked as chosen: the one chosen by a key, from
# which the cursor has gone on; another one; and another one after a finger was lifted. Whether the
# cursor stays while a mouse is there, and where it is after the mouse has left. Then for cells of
# the first row and column, for cells of other maps, and for cells of a row that continues over
# several lines.
CURSOR = """async () => {
  const { showMaps } = await import("/tests/page.js");
  const grids = await showMaps({}, { prefix: "h", lined: true });
  const [grid] = grids.grids;
  const marked = (chosen) => {
    grid.mark(chosen);
    return grid.entry();
  };
  grid.goTo(4, 4);
  grid.pressed(new KeyboardEvent("keydown", { key: " " }));
  grid.step(0, 1);
  const found = [marked("x5,5"), marked("x9,9")];
  const hand = { clientX: 50, clientY: 50 };
  grid.enlarge(hand);
  grid.lifted(new Event("touchend", { cancelable: true }));
  found.push(marked("x7,7"));
  grid.follow(hand);
  const there = grid.entry();
  found.push(marked("x4,4") === there);
  grid.element.dispatchEvent(new Event("pointerleave"));
  found.push(...["x2,2", "x1,3", "x3,1", "x2,2,2", "y2,2"].map(marked));
  const lines = grids.grids[1];
  found.push(...["h45", "h40", "h1", "h4,5"].map((chosen) => {
    lines.mark(chosen);
    return [lines.entry(), lines.row, lines.column];
  }));
  grids.element.remove();
  return found;
}"""


def test_a_cursor_goes_to_what_is_chosen_and_is_not_called_back(modules: Page) -> None:
    *cells, third, second, first, others = modules.evaluate(CURSOR)
    assert cells[:5] == ["x5,6", "x9,9", "x7,7", True, "x2,2"]
    assert cells[5:] == ["x1,3", "x3,1", "x3,1", "x3,1"]
    assert [third, second, first] == [["h45", 2, 4], ["h40", 1, 19], ["h1", 0, 0]]
    assert others == ["h1", 0, 0], "an entry with two numbers is none of a row"


# At which of five maps, two groups and a single one, the Tab key stops when the second map of each
# group gets the focus.
STOPS = """async () => {
  const { showMaps } = await import("/tests/page.js");
  const groups = { a: "one", b: "one", c: "two", d: "two", e: "" };
  const maps = Object.entries(groups).map(([prefix, group]) => ({ prefix, group }));
  const grids = await showMaps(...maps);
  const found = [1, 3].map((at) => {
    grids.grids[at].element.focus();
    const stops = grids.grids.filter(({ element }) => element.tabIndex === 0);
    return stops.map(({ prefix }) => prefix).join("");
  });
  grids.element.remove();
  return found;
}"""


def test_each_group_of_maps_keeps_its_own_stop(modules: Page) -> None:
    assert modules.evaluate(STOPS) == ["bce", "bde"]


# Whether a pixel of a drawing is shown in ink some time after each of these: it is drawn just after
# the server's picture came; the hand is lifted; the server's picture of the drawing comes.
CLEARED = """async () => {
  const { showPad } = await import("/tests/page.js");
  const { setTimeout, clearTimeout } = window;
  const { pad, sheet, left, top } = await showPad();
  const say = (kind) => {
    const place = { clientX: left + 55, clientY: top + 55 };
    pad.element.dispatchEvent(new PointerEvent(kind, { button: 0, pointerId: 1, ...place }));
  };
  const timers = new Map();
  window.setTimeout = (act) => timers.set(timers.size + 1, act).size;
  window.clearTimeout = (timer) => timers.delete(timer);
  pad.show(sheet);
  const acts = [
    () => say("pointerdown"), () => say("lostpointercapture"), () => pad.show(sheet),
  ];
  const found = acts.map((act) => {
    act();
    for (const later of timers.values()) later();
    return pad.context.getImageData(5, 5, 1, 1).data.join() === "0,0,0,255";
  });
  Object.assign(window, { setTimeout, clearTimeout });
  pad.element.remove();
  return found;
}"""


def test_what_a_hand_draws_stays_until_the_server_has_drawn_it(modules: Page) -> None:
    assert modules.evaluate(CLEARED) == [True, True, False]


# Whether the loupe is still open after the browser begins to scroll with its finger; whether the
# text beside a cell is still shown after its map has lost the focus, and after another map replaces
# it; and whether lifting a finger clicks, without the loupe and with it.
GONE = """async () => {
  const { showMaps } = await import("/tests/page.js");
  const grids = await showMaps({});
  const [grid] = grids.grids;
  const finger = { clientX: 50, clientY: 50 };
  grid.enlarge(finger);
  const { loupe, readout } = grids;
  const alone = loupe.said.textContent === grid.shown && readout.hidden;
  if (!alone) throw new Error("the loupe says what it shows, and nobody else");
  grid.element.dispatchEvent(new Event("touchcancel"));
  const found = [grids.loupe.opened];
  grid.element.focus();
  grids.tell(grid);
  grid.element.blur();
  found.push(!grids.readout.hidden);
  const clicks = [() => {}, () => grid.enlarge(finger)].map((act) => {
    act();
    return grid.element.dispatchEvent(new Event("touchend", { cancelable: true }));
  });
  grids.tell(grid);
  const map = { prefix: "x", said: "x", rows: 1, columns: 2, box: [0, 0, 50, 50], group: "" };
  grids.describe([map], "");
  grids.element.remove();
  return [...found, !grids.readout.hidden, clicks];
}"""


def test_what_is_said_of_a_cell_goes_with_the_finger_and_the_keys(modules: Page) -> None:
    assert modules.evaluate(GONE) == [False, False, False, [True, False]]
