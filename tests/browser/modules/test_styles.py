"""The components' styles, applied to elements of single modules: sizes, places, visibility."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

import pages.components

FOLDER: Final = Path(pages.components.__file__).parent
SHEETS: Final = [*FOLDER.parent.rglob("*.css")]
"""The style sheets of the components, the pages, a voter's phone and a picture as one file."""
STYLES: Final = "".join(path.read_text("utf-8") for path in sorted(FOLDER.glob("*.css")))
PAGE: Final = """
  :root {
    --st-font: sans-serif; --header: 48px; --foot: 51px; --st-text-color: #111111;
    --st-background-color: #FFFFFF; --st-secondary-background-color: #EEEEEE;
    --st-border-color: #CCCCCC; --st-primary-color: #0000CC; --st-link-color: #0000AA;
  }
  *, ::before, ::after { box-sizing: border-box; }
"""
"""The styles that components get from the page around them."""


@pytest.fixture
def styled(modules: Page) -> Iterator[Page]:
    """A tab with the components' styles that can import the modules."""
    style = modules.add_style_tag(content=PAGE + STYLES)
    yield modules
    style.evaluate("(style) => style.remove()")


# Which of these classes are displayed though the element is hidden.
HIDDEN = """(names) => {
  const found = names.filter((name) => {
    const element = document.body.appendChild(document.createElement("div"));
    Object.assign(element, { className: name, hidden: true });
    const { display } = getComputedStyle(element);
    element.remove();
    return display !== "none";
  });
  return found;
}"""


def test_what_a_script_hides_is_not_seen(styled: Page) -> None:
    parts = "copied field item lessons list magnifier panel qr readout said task turns vote"
    names = [f"live-figure-{part}" for part in (*parts.split(), "connection", "pad", "vote-note")]
    assert styled.evaluate(HIDDEN, [*names, "gallery-lecture"]) == []


# The width of a chart's place, and how far the picture's edges are from it, in a page of this width
# that has to scale the picture down.
CHART = """async ([wide, width, height]) => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { open, close } = await import("/tests/page.js");
  const parentElement = open();
  parentElement.style.width = `${wide}px`;
  const figure = JSON.stringify({ data: [], layout: { width, height } });
  const charts = [{ figure, said: "a chart", targets: [] }];
  const data = { texts: {}, address: {}, assets: {}, theme: "light", token: "", charts };
  const leave = liveCharts({ data, parentElement, setStateValue() {} });
  const box = (name) => parentElement.querySelector(name).getBoundingClientRect();
  const [place, canvas] = [".live-charts-chart", ".live-charts-canvas"].map(box);
  const far = ["left", "right", "top", "bottom"].map((edge) => canvas[edge] - place[edge]);
  close(parentElement, leave);
  return [place.width, far];
}"""


def test_a_chart_that_is_smaller_lies_in_its_place(styled: Page) -> None:
    for page in ([200, 400, 300], [1000, 400, 1400]):  # too narrow for it, and too low
        width, far = styled.evaluate(CHART, page)
        assert width == pytest.approx(200)
        assert far == pytest.approx([0, 0, 0, 0])


# The size on the screen of the letters beside a heat map's cell, in pictures of these scales.
LETTERS = """async (scales) => {
  const { Grids } = await import("/browser/grids.js");
  const { element, readout } = new Grids(() => {});
  element.append(readout);
  document.body.append(element);
  const found = scales.map((scale) => {
    element.style.setProperty("--scale", scale);
    return scale * parseFloat(getComputedStyle(readout).fontSize);
  });
  element.remove();
  return found;
}"""


def test_what_stands_beside_a_cell_is_as_large_on_every_picture(styled: Page) -> None:
    assert styled.evaluate(LETTERS, [0.5, 1, 1.5]) == pytest.approx([15, 15, 15])


# While stepping on a phone: the widths of the row of steps and of its buttons.
ROW = """async () => {
  const { Controls } = await import("/browser/controls.js");
  const controls = new Controls({ grab() {}, move() {}, rest() {}, choose() {}, release() {} });
  controls.arrange({ steps: ["one", "two"], sliders: [] });
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  Object.assign(figure.dataset, { narrow: "true", stepping: "true" });
  figure.append(controls.steps);
  const wide = (element) => element.getBoundingClientRect().width;
  const found = [wide(controls.stepping), [...controls.stepping.children].map(wide)];
  figure.remove();
  return found;
}"""


def test_on_a_phone_the_buttons_share_the_row(styled: Page) -> None:
    row, buttons = styled.evaluate(ROW)
    assert len(buttons) == 4
    assert 0.95 * row < sum(buttons) + 3 * 6 < row


# On a phone, for this task and a picture of this height: whether the task is longer than its sheet,
# how far its button is from the sheet's upper and lower edges, and the sheet's height.
SHEET = """async ([task, picture]) => {
  const { Side } = await import("/browser/side.js");
  const side = new Side(() => {}, document.createElement("div"));
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  figure.dataset.narrow = "true";
  figure.style.setProperty("--picture", `${picture}px`);
  figure.append(side.element);
  side.ask(task);
  const box = (element) => element.getBoundingClientRect();
  const act = side.task.querySelector(".live-figure-acts button");
  const [sheet, button] = [box(side.task), box(act)];
  const longer = side.task.scrollHeight > side.task.clientHeight;
  figure.remove();
  return [longer, button.top - sheet.top, sheet.bottom - button.bottom, sheet.height];
}"""


def test_what_goes_on_from_a_long_question_is_seen_and_from_many_answers(styled: Page) -> None:
    task: dict[str, object] = {
        "heading": "A task",
        "lines": [["", "It is said. " * 9]] * 20,
        "asked": [],
        "missed": [],
        "acts": [["reveal", "Reveal"]],
        "main": 0,
        "keys": {},
        "vote": None,
        "lessons": None,
    }
    before = styled.viewport_size
    assert before
    styled.set_viewport_size({"width": 390, "height": 664})
    found = [styled.evaluate(SHEET, [task, picture]) for picture in (250, 348, 340)]
    wrong = [[at, "It is said. " * 9] for at in range(20)]
    found.append(styled.evaluate(SHEET, [task | {"lines": [], "missed": wrong}, 340]))
    styled.set_viewport_size({"width": 390, "height": 560})
    found.append(styled.evaluate(SHEET, [task, 348]))
    styled.set_viewport_size(before)
    for longer, above, beneath, _ in found:
        assert longer
        assert above > 0
        assert beneath > 0
    heights = [664 - 48 - 51 - picture for picture in (250, 348, 340, 340)] + [0.3 * 560]
    assert [height for *_, height in found] == pytest.approx(heights, abs=1)


# On a phone, the height of the first sentence as known to the sentence, to the two parts that it
# must not cover, and to a text of the picture.
HEARD = """() => {
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  figure.dataset.narrow = "true";
  figure.innerHTML = `<div class="live-figure-box"><svg><text>1</text></svg></div>
    <div class="live-figure-side"><div class="live-figure-explanation">
      <p class="live-figure-answer"></p></div></div>
    <div class="live-figure-list"><div class="live-figure-slider">
      <input class="live-figure-range"></div></div>`;
  figure.style.setProperty("--answer", "30px");
  const heard = (name) => getComputedStyle(figure.querySelector(name)).getPropertyValue("--answer");
  const parts = ["answer", "box", "range"].map((part) => `.live-figure-${part}`);
  const found = [...parts, "text"].map(heard);
  figure.remove();
  return found;
}"""


def test_no_text_of_the_picture_gets_new_style_from_a_sentence(styled: Page) -> None:
    assert styled.evaluate(HEARD) == ["30px", "30px", "30px", "0px"]


# Whether a slider on a stage is visible, before the first picture and with it; and which attributes
# of the stage change with the second picture.
FIRST = """async () => {
  const { Stage } = await import("/browser/stage.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  const side = { element: document.createElement("div") };
  const stage = new Stage({ assets: {} }, side, { choose() {}, resized() {} });
  stage.plot = { draw: async () => {} };
  main.append(stage.element);
  const slider = stage.canvas.appendChild(document.createElement("div"));
  slider.className = "live-figure-slider";
  const draw = async () => {
    stage.draw([], {});
    await stage.drawn;
    return getComputedStyle(slider).visibility;
  };
  const seen = [getComputedStyle(slider).visibility, await draw()];
  const before = { ...stage.element.dataset };
  await draw();
  const after = Object.entries(stage.element.dataset);
  close(main);
  return [seen, after.filter(([name, value]) => value !== before[name])];
}"""


def test_sliders_come_with_the_first_picture_and_each_is_counted(styled: Page) -> None:
    seen, changed = styled.evaluate(FIRST)
    assert seen == ["hidden", "visible"]
    assert changed == [["revision", "2"]]
    assert "data-revision" not in STYLES, "each picture would cost style"


# For each rule, nested ones included, whose selector contains this text: the selector, and these of
# its values.
RULES = """([part, names]) => {
  const all = (rules) => [...rules].flatMap((rule) => [rule, ...all(rule.cssRules ?? [])]);
  return [...document.styleSheets].flatMap((sheet) => all(sheet.cssRules))
    .filter(({ selectorText }) => selectorText?.includes(part))
    .map(({ selectorText, style }) => [selectorText, ...names.map((name) => style[name])]);
}"""


@pytest.fixture(params=SHEETS, ids=lambda path: path.stem)
def sheet(modules: Page, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab with one of the style sheets."""
    style = modules.add_style_tag(path=request.param)
    yield modules
    style.evaluate("(style) => style.remove()")


def test_letters_have_another_colour_than_what_is_behind_them(sheet: Page) -> None:
    found = sheet.evaluate(RULES, ["", ["color", "background", "backgroundColor"]])
    assert found
    for selector, colour, *grounds in found:
        assert colour == "" or colour not in grounds, selector


def test_what_has_the_focus_is_framed(sheet: Page) -> None:
    for selector, frame in sheet.evaluate(RULES, [":focus-visible", ["outline"]]):
        if not frame:
            continue  # it sets no frame: it moves the element, or frames another one
        width = next(part for part in frame.split() if part.endswith("px"))
        assert int(width.removesuffix("px")) >= 2, selector
        assert "solid" in frame, selector


# These values of the style of an element of each class, in a wide window.
VALUES = """([names, wanted]) => {
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  figure.dataset.drawn = "true";
  const found = names.map((name) => {
    const element = figure.appendChild(document.createElement("div"));
    element.className = name;
    element.style.cssText = "width: 100px; height: 60px";
    const style = getComputedStyle(element);
    return wanted.map((each) => style[each]);
  });
  figure.remove();
  return found;
}"""


def test_what_lies_over_a_picture_leaves_its_cells_to_the_pointer(styled: Page) -> None:
    over = ["plot", "cells", "grids", "cursor", "readout", "loupe", "magnifier", "curtain"]
    through = [*(f"live-figure-{part}" for part in over), "live-charts-plot"]
    pressed = ["cell", "grid", "slider", "range", "field", "pad", "strip", "card", "tool", "legend"]
    takes = [f"live-figure-{part}" for part in pressed]
    found = styled.evaluate(VALUES, [[*through, *takes], ["pointerEvents"]])
    assert found == [["none"]] * len(through) + [["auto"]] * len(takes)


def test_what_is_scaled_is_scaled_from_its_corner(styled: Page) -> None:
    canvases = ["live-figure-canvas", "live-charts-canvas"]
    wanted = ["position", "left", "top", "transformOrigin"]
    found = styled.evaluate(VALUES, [canvases, wanted])
    assert found == [["absolute", "0px", "0px", "0px 0px"]] * 2


def test_what_opens_lies_over_what_is_always_there(styled: Page) -> None:
    stays = ["magnifier", "connection", "strip"]
    names = [f"live-figure-{part}" for part in (*stays, "card", "curtain")]
    found = styled.evaluate(VALUES, [[*names, "live-figure-tools"], ["position", "zIndex"]])
    assert [position for position, _ in found] == ["fixed"] * 6
    *heights, tools = [int(height) for _, height in found]
    assert heights == sorted({*heights})
    assert tools == heights[stays.index("strip")], "which takes their place"


# How each of these elements looks, without and with each state: all that is visible of it, of the
# text before and after it, and of its contents.
LOOKS = """(cases) => cases.map(([html, ...states]) => {
  const seen = ["color", "backgroundColor", "opacity", "display", "visibility", "content",
    "boxShadow", "borderTopStyle", "borderTopColor", "borderTopLeftRadius", "outlineStyle",
    "outlineWidth", "fontWeight", "borderTopWidth", "cursor"];
  return ["", ...states].map((state) => {
    const place = document.body.appendChild(document.createElement("div"));
    place.innerHTML = html.replace("$", state);
    const looks = [...place.querySelectorAll("*")].flatMap((element) =>
      [null, "::before", "::after"].map((part) => {
        const style = getComputedStyle(element, part);
        return seen.map((name) => style[name]);
      }));
    place.remove();
    return JSON.stringify(looks);
  });
})"""


def test_each_state_is_seen(styled: Page) -> None:
    done, disabled = 'data-done="true"', "disabled"
    cases = [
        ['<button class="live-figure-item live-figure-switch" $>', 'aria-checked="true"'],
        ['<button class="live-figure-item" $>', "data-done"],
        ['<button class="live-figure-chip" $>', done, 'aria-current="step"'],
        ['<button class="live-figure-begin" $>', disabled],
        ['<p class="live-figure-line" $>', 'data-mark="right"', 'data-mark="wrong"'],
        ['<button class="live-figure-tool" $>', disabled, 'aria-expanded="true"'],
        ['<button class="live-figure-tool" $>', 'aria-disabled="true"'],
        ['<button class="live-figure-step" $>', 'aria-disabled="true"'],
        ['<div class="live-figure-slider"><input class="live-figure-range" $></div>', disabled],
        ['<div class="live-figure-slider" $>', "inert"],
        ['<div class="live-figure-stepping" $>', "inert"],
        ['<div class="live-figure-strip"><select $></select></div>', "inert"],
        ['<div class="live-figure-grid" $><i class="live-figure-cursor">', 'data-under="true"'],
        ['<div data-narrow="true"><div class="live-figure-box" $></div></div>', 'data-up="true"',
         'data-down="true"'],
        ['<div data-narrow="true"><div class="live-figure-list" $></div></div>', 'data-more="true"',
         'data-cuts="true"'],
        ['<div class="live-figure-side" $></div><p class="live-figure-said">', 'data-vote="open"'],
        ['<div class="live-figure-list" data-all="false"><p class="live-figure-slider" $>',
         'data-current="false"'],
        ['<button class="gallery-button" $>', disabled],
        ['<button class="gallery-button gallery-zip" $>', disabled],
        ['<li class="gallery-card $">', "is-marked"],
        ['<button class="button-row-button" $>', 'aria-disabled="true"'],
    ]  # fmt: skip
    for (html, *states), looks in zip(cases, styled.evaluate(LOOKS, cases), strict=True):
        assert len({*looks}) == 1 + len(states), html


PHONE: Final = """
  :root {
    --ink: #111111; --paper: #FFFFFF; --muted: #666666; --line: #CCCCCC; --fill-zero: #EEEEEE;
    --lit: #0000CC; --passed: #006600; --failed: #990000; --font: sans-serif;
  }
"""
"""The colours that a voter's page gets from the server."""


def test_on_a_voters_phone_each_state_is_seen(modules: Page) -> None:
    text = (FOLDER.parent / "vote" / "phone.css").read_text("utf-8")
    style = modules.add_style_tag(content=PHONE + text)
    cases = [
        ['<button class="cell" $><i></i></button>', 'aria-pressed="true"', 'aria-disabled="true"'],
        ['<button class="cell $">', "right", "wrong"],
        ['<div id="answers"><ul><li class="$">', "right", "wrong"],
        ['<button id="send" $>', 'aria-disabled="true"'],
        ['<footer><button id="send" $></button></footer>', "hidden"],
    ]
    found = modules.evaluate(LOOKS, cases)
    style.evaluate("(style) => style.remove()")
    for (html, *states), looks in zip(cases, found, strict=True):
        assert len({*looks}) == 1 + len(states), html


def test_where_a_system_has_its_own_colours_it_is_seen_what_is_on_and_what_does_nothing(
    styled: Page,
) -> None:
    phone = (FOLDER.parent / "vote" / "phone.css").read_text("utf-8")
    styled.emulate_media(forced_colors="active")
    for html, state in (
        ('<button class="live-figure-item live-figure-switch" $>one', 'aria-checked="true"'),
        ('<button class="button-row-button" $>one', 'aria-disabled="true"'),
        (f'<style>{PHONE}{phone}</style><button id="send" $>one', 'aria-disabled="true"'),
    ):
        seen = []
        for there in ("", state):
            styled.evaluate(
                "(html) => { document.body.append(document.createElement('section'));"
                " document.querySelector('section').innerHTML = html; }",
                html.replace("$", there),
            )
            seen.append(styled.locator("section").screenshot())
            styled.locator("section").evaluate("(section) => section.remove()")
        assert seen[0] != seen[1], html[-60:]
    styled.emulate_media(forced_colors="none")


# The parts of a figure on a phone from top to bottom, with these attributes and without these
# parts.
ORDER = """([attributes, without]) => {
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  const phone = { narrow: true, low: false, answer: true, above: false, stepping: null };
  Object.assign(figure.dataset, phone, attributes);
  figure.style.cssText = "--answer: 20px; --picture: 100px; margin-top: 300px";
  figure.innerHTML = `
    <div class="live-figure-box"><div class="live-figure-frame" style="height: 100px"></div></div>
    <div class="live-figure-side">
      <nav class="live-figure-lessons">1</nav><section class="live-figure-task">1</section>
      <div class="live-figure-explanation">
        <p class="live-figure-answer" style="height: 20px">1</p><p class="live-figure-detail">1</p>
      </div>
    </div>
    <div class="live-figure-list"><div class="live-figure-slider">1</div></div>
    <div class="live-figure-steps">1</div><ul class="live-figure-legend"><li>1</li></ul>
    <p class="live-figure-said">1</p>`;
  const part = (name) => figure.querySelector(`.live-figure-${name}`);
  for (const name of without) part(name).remove();
  const names = ["said", "lessons", "task", "answer", "detail", "list", "steps", "legend", "box"];
  const there = names.filter(part);
  const top = (name) => part(name).getBoundingClientRect().top;
  there.sort((one, other) => top(one) - top(other));
  figure.remove();
  return there.join(" ");
}"""


@pytest.mark.parametrize(
    ("attributes", "without", "order"),
    [
        ({"asked": "lesson"}, ["said"], "box answer task list detail lessons steps legend"),
        ({"asked": "lesson", "above": True}, ["said"],
         "answer box task list detail lessons steps legend"),
        ({"asked": False, "list": "one"}, ["said", "lessons", "task"],
         "box answer detail steps legend list"),
        ({"asked": False, "list": "all"}, ["lessons", "task", "steps"],
         "box answer said list detail legend"),
    ],
)  # fmt: skip
def test_on_a_phone_the_reason_stands_under_its_picture_and_the_rest_beneath(
    styled: Page, attributes: dict[str, object], without: list[str], order: str
) -> None:
    assert styled.evaluate(ORDER, [attributes, without]) == order


# Which of these rows have something beyond their edge when filled with more than they have room
# for.
ROWS = """(names) => names.filter((name) => {
  const place = document.body.appendChild(document.createElement("div"));
  place.className = "gallery";
  place.style.width = "300px";
  const row = place.appendChild(document.createElement("div"));
  row.className = name;
  for (let i = 0; i < 20; i += 1) {
    row.appendChild(document.createElement("div")).style.cssText = "flex: none; width: 90px";
  }
  const edge = row.getBoundingClientRect().right;
  const beyond = [...row.children].some((each) => each.getBoundingClientRect().right > edge);
  place.remove();
  return beyond;
})"""


def test_a_row_goes_on_in_the_next_line(styled: Page) -> None:
    parts = ["acts", "legend", "steps", "stepping", "strip", "saving"]
    galleries = [f"gallery-{part}" for part in ["bar", "links", "head", "foot"]]
    rows = [*(f"live-figure-{part}" for part in parts), *galleries, "button-row", "live-charts"]
    assert styled.evaluate(ROWS, rows) == []


# The indentation of a lecture's cases, in multiples of their letters' size.
NUMBERS = """() => {
  const place = document.body.appendChild(document.createElement("div"));
  place.className = "gallery";
  const list = place.appendChild(document.createElement("ol"));
  list.className = "gallery-cases";
  const { marginLeft, paddingLeft, fontSize } = getComputedStyle(list);
  place.remove();
  return (parseFloat(marginLeft) + parseFloat(paddingLeft)) / parseFloat(fontSize);
}"""


def test_the_cases_of_a_lecture_have_room_for_their_numbers(styled: Page) -> None:
    assert styled.evaluate(NUMBERS) > 1.2


@pytest.fixture
def site(modules: Page) -> Iterator[Page]:
    """A tab with the style sheet for Streamlit's own elements."""
    before = modules.viewport_size
    assert before
    style = modules.add_style_tag(path=FOLDER.parent / "site.css")
    yield modules
    style.evaluate("(style) => style.remove()")
    modules.set_viewport_size(before)


# The least height, in px, of the last element in each of these.
LOWEST = """(all) => all.map((html) => {
  const app = document.body.appendChild(document.createElement("div"));
  app.className = "stApp";
  app.innerHTML = html;
  const { minHeight, height } = getComputedStyle([...app.querySelectorAll("*")].at(-1));
  app.remove();
  return Math.max(...[minHeight, height].map((each) => parseFloat(each) || 0));
})"""


@pytest.mark.parametrize(("width", "height"), [(390, 664), (664, 390)])
def test_on_a_phone_a_finger_hits_what_is_streamlits(site: Page, width: int, height: int) -> None:
    site.set_viewport_size({"width": width, "height": height})
    buttons = ["stButton", "stMenuButton", "stPopover"]
    opened = '<div data-testid="stPopoverBody">'
    pressed = [
        '<a data-testid="stSidebarNavLink">',
        '<div data-testid="stNavSectionHeader">',
        '<button data-testid="stExpandSidebarButton">',
        '<div data-testid="stSidebarCollapseButton"><button>',
        *(f'<div class="st-key-toolbar"><div class="{name}"><button>' for name in buttons),
        '<div class="st-key-toolbar"><div class="stSelectbox"><div><div>',
        '<div class="st-key-problems"><div class="stButton"><button>',
        '<div data-testid="stMenuButtonBody"><div role="menuitem">',
        '<div data-testid="stSelectboxVirtualDropdown"><div role="option">',
        f'{opened}<div class="stButtonGroup"><button>',
        f'{opened}<div class="stSelectbox"><div><div>',
        f'{opened}<div class="stCheckbox"><label>',
        f'{opened}<div class="stRadio"><div role="radiogroup"><div>',
    ]
    for html, found in zip(pressed, site.evaluate(LOWEST, pressed), strict=True):
        assert found >= 44, html


# The height of the header and the room above a page's first element; and, in the toolbar, the width
# of a label, and the room left after its choice and after the menu of rules.
PLACES = """() => {
  const app = document.body.appendChild(document.createElement("div"));
  app.className = "stApp";
  app.innerHTML = `<div data-testid="stHeader"></div><div class="stMain">
    <div class="stMainBlockContainer"><div class="st-key-toolbar">
      <div class="stSelectbox" style="width: 300px"><label>Rule</label><div>1</div></div>
      <div class="st-key-rule" style="width: 250px">
        <div class="stMenuButton"><button>1</button></div></div>
    </div></div></div>`;
  const find = (selector) => app.querySelector(selector);
  const box = (selector) => find(selector).getBoundingClientRect();
  const free = parseFloat(getComputedStyle(find(".stMainBlockContainer")).paddingTop);
  const [whole, label, choice] = ["", " > label", " > div"].map((it) => box(`.stSelectbox${it}`));
  const beyond = [whole.right - choice.right, 250 - box("button").width];
  const found = [box("[data-testid=stHeader]").height, free, label.width, ...beyond];
  app.remove();
  return found;
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 664), (664, 390)])
def test_a_page_begins_beneath_its_header_and_a_choice_behind_its_label(
    site: Page, width: int, height: int
) -> None:
    site.set_viewport_size({"width": width, "height": height})
    header, free, label, beyond, behind = site.evaluate(PLACES)
    assert 44 <= header <= free < header + 8
    assert 0 < label < 60
    assert beyond == 0
    assert behind == 0 or width == 1280, "on a phone it takes its part of the row"


# For pictures of these sizes in a place of this width: whether it counts as a phone's, the scale,
# the scales across and down as measured, and the frame's width as a multiple of the picture's.
SCALED = """async ([wide, sizes]) => {
  const { Stage } = await import("/browser/stage.js");
  const { Side } = await import("/browser/side.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  Object.assign(main.style, { position: "absolute", width: `${wide}px` });
  const found = sizes.map(([width, height]) => {
    const side = new Side(() => {}, document.createElement("div"));
    const stage = new Stage({ assets: {} }, side, { choose() {}, resized() {} });
    main.replaceChildren(stage.element);
    stage.arrange({ figure: { layout: { width, height } }, left: 0, targets: [], grids: [] });
    const { width: across, height: high } = stage.canvas.getBoundingClientRect();
    const scale = Number(stage.canvas.style.getPropertyValue("--scale"));
    return [stage.narrow, scale, across / width, high / height, stage.frame.clientWidth / width];
  });
  close(main);
  return found;
}"""


def test_a_picture_is_as_large_as_its_place_and_on_a_phone_no_larger_than_it_is(
    styled: Page,
) -> None:
    before = styled.viewport_size
    assert before
    beside = 1280 - 0.255 * 1280 - 16  # what the explanation and the gap leave
    for height, wide, narrow, scales in (
        (664, 390, True, {(200, 100): 1, (520, 300): 390 / 520, (1600, 300): 0.5}),
        (1000, 1280, False, {(600, 400): beside / 600, (1280, 300): 1, (4000, 900): 0.8}),
        (600, 720, False, {(1600, 600): 720 / 1600}),  # smaller, but whole, and its text below
    ):
        styled.set_viewport_size({"width": wide, "height": height})
        found = styled.evaluate(SCALED, [wide, [*scales]])
        for (is_narrow, *factors), scale in zip(found, scales.values(), strict=True):
            assert is_narrow == narrow
            assert factors == pytest.approx([scale] * 4, abs=0.01)
    styled.set_viewport_size(before)


def test_what_can_be_pressed_says_so_and_what_is_longer_is_scrolled_to(styled: Page) -> None:
    pressed = [f"live-figure-{part}" for part in ("cell", "tool", "step", "chip", "item", "begin")]
    names = [*pressed, "button-row-button", "gallery-button", "live-figure-grid"]
    cursors = styled.evaluate(VALUES, [names, ["cursor"]])
    assert cursors == [["pointer"]] * 8 + [["crosshair"]]
    longer = ["live-figure-side", "live-figure-menu", "live-figure-help", "gallery-dialog"]
    assert styled.evaluate(VALUES, [longer, ["overflowY"]]) == [["auto"]] * 4


# In how many lines the twelve lessons of a course are set, beside a picture and on a phone.
LINES = """() => [false, true].map((narrow) => {
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  figure.dataset.narrow = String(narrow);
  const list = figure.appendChild(document.createElement("nav"));
  list.className = "live-figure-lessons";
  for (let i = 0; i < 12; i += 1) {
    list.appendChild(document.createElement("button")).className = "live-figure-chip";
  }
  const tops = [...list.children].map((each) => each.getBoundingClientRect().top);
  figure.remove();
  return new Set(tops).size;
})"""


def test_a_course_takes_one_line_and_on_a_phone_two(styled: Page) -> None:
    assert styled.evaluate(LINES) == [1, 2]


# The size of the letters in each of these fields and select boxes, on a phone.
TYPED = """(all) => all.map((html) => {
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  figure.dataset.narrow = "true";
  figure.innerHTML = html;
  const fields = figure.querySelector("input, select");
  const { fontSize } = getComputedStyle(fields);
  figure.remove();
  return parseFloat(fontSize);
})"""


def test_a_phone_does_not_zoom_in_on_a_field(styled: Page) -> None:
    """It zooms in on letters smaller than 16 px."""
    before = styled.viewport_size
    assert before
    styled.set_viewport_size({"width": 390, "height": 844})
    number = '<input type="number" class="live-figure-number">'
    fields = [
        '<div class="live-figure-strip"><select class="live-figure-titles"></select></div>',
        f'<div class="live-figure-list">{number}</div>',
        f'<div class="live-figure-acts">{number}</div>',
        '<div class="gallery"><select class="gallery-select"></select></div>',
    ]
    found = styled.evaluate(TYPED, fields)
    styled.set_viewport_size(before)
    assert min(found) >= 16, found


# Where a picture on a phone fades out if it continues beyond its edge.
FADES = """(edges) => edges.map((edge) => {
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  figure.dataset.narrow = "true";
  const box = figure.appendChild(document.createElement("div"));
  box.className = "live-figure-box";
  if (edge) box.dataset[edge] = "true";
  const frame = box.appendChild(document.createElement("div"));
  frame.className = "live-figure-frame";
  const { maskImage } = getComputedStyle(frame);
  figure.remove();
  return maskImage.match(/[\\d.]+px/g);
})"""


def test_a_picture_fades_out_where_it_goes_on(styled: Page) -> None:
    none, up, down = styled.evaluate(FADES, ["", "up", "down"])
    assert none == ["0px"]  # and 100 %
    assert up == ["28px"]
    assert down == ["0px", "28px"]


# The places of the tools on a page with a figure, and on one with charts.
TOOLS = """() => ["live-figure", "live-charts"].map((name) => {
  const page = document.body.appendChild(document.createElement("div"));
  page.className = name;
  const tools = page.appendChild(document.createElement("div"));
  tools.className = "live-figure-tools";
  const { top, right } = getComputedStyle(tools);
  page.remove();
  return [top, right];
})"""


def test_on_every_page_the_tools_keep_clear_of_the_toolbar(styled: Page) -> None:
    before = styled.viewport_size
    assert before
    for height, width, place in ((900, 1600, ["6px", "16px"]), (315, 683, ["2px", "8px"])):
        styled.set_viewport_size({"width": width, "height": height})
        assert styled.evaluate(TOOLS) == [place, place]
    styled.set_viewport_size(before)


# The px between a frame's edge and its contents, for a picture that is higher than a phone.
BESIDE = """() => {
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  figure.dataset.narrow = "true";
  const frame = figure.appendChild(document.createElement("div"));
  frame.className = "live-figure-frame";
  frame.style.width = "300px";
  frame.appendChild(document.createElement("div")).style.height = "2000px";
  const room = frame.offsetWidth - frame.clientWidth;
  figure.remove();
  return room;
}"""


def test_no_scrollbar_lies_on_a_high_picture(launch: Callable[..., Browser]) -> None:
    # A window of a laptop, enlarged to 200 %, is as narrow as a phone; its scrollbars take room.
    with launch(scrollbars=True) as laptop:
        page = laptop.new_page()
        page.add_style_tag(content=PAGE + STYLES)
        assert page.evaluate(BESIDE) == 0


# On a phone held sideways, with no slider, one, or more: how far from the window's edge the
# explanation stays during scrolling.
STAYS = """(lists) => lists.map((list) => {
  const figure = document.body.appendChild(document.createElement("div"));
  figure.className = "live-figure";
  Object.assign(figure.dataset, { narrow: "true", low: "true", list });
  const answer = figure.appendChild(document.createElement("p"));
  answer.className = "live-figure-answer";
  const { top } = getComputedStyle(answer);
  figure.remove();
  return top;
})"""


def test_held_across_the_reason_stays_right_beneath_what_stays_above_it(styled: Page) -> None:
    tops = styled.evaluate(STAYS, ["none", "one", "several", "all"])
    assert tops == ["48px", "96px", "144px", "48px"]


# The element that a finger hits at the right end of the description of a choice in a menu.
CHOICE = """() => {
  const menu = document.body.appendChild(document.createElement("div"));
  menu.dataset.testid = "stPopoverBody";
  menu.style.cssText = "position: fixed; inset: 0 auto auto 0";
  menu.innerHTML = `<div data-testid="stRadioGroup" data-orientation="vertical"><div>
    <label data-testid="stRadioOption"><div>One</div></label><p>What it does</p></div></div>`;
  const { right, bottom } = menu.querySelector("p").getBoundingClientRect();
  const hit = document.elementFromPoint(right - 2, bottom - 2).dataset.testid;
  menu.remove();
  return hit;
}"""


def test_what_is_said_of_a_choice_chooses_it(site: Page) -> None:
    assert site.evaluate(CHOICE) == "stRadioOption"
