"""The module for what all others do with the page: texts, fields, keys, menus, the address."""

import re

import pytest
from playwright.sync_api import Page

from pages.server.streamlit_files import FOLDER

# The text of an element, and the parts of its sentence between which alone a line may end.
WRITE = """async (text) => {
  const { write } = await import("/browser/elements.js");
  const element = document.createElement("p");
  write(element, text);
  return [element.textContent, [...element.children].map((each) => each.textContent)];
}"""


def test_what_is_not_parted_is_as_short_as_a_line(modules: Page) -> None:
    for text in (f"∂L/∂w = {'2 · 1 + ' * 12}0.5 · 3 = 25.5", f"y = {'0.25 · ' * 7}3"):
        written, parts = modules.evaluate(WRITE, text)
        assert written == text
        assert len(parts) > 1
        assert all(len(part) <= 30 for part in parts)
    formula = f"{'x₁+' * 14}x₁"
    assert modules.evaluate(WRITE, formula)[1] == [formula], "without a space it is one"
    assert modules.evaluate(WRITE, f"{'x₁+' * 21}x₁")[1] == [], "else no line would have room"


def test_an_operator_begins_a_line_and_what_belongs_to_a_number_ends_none(modules: Page) -> None:
    for text, bound in (
        ("of ∂L/∂a + ∂L/∂b = ∂L/∂c alone", ["∂L/∂a", "+ ∂L/∂b", "= ∂L/∂c"]),
        *((f"it is x₁ {sign} x₂ here", ["x₁", f"{sign} x₂"]) for sign in "=≈≤≥<>+−←→"),
        ("it is x₁ · x₂ × x₃ alone", ["x₁ · x₂ × x₃"]),
        ("about 97 % of it, ± 1.", ["about 97 %", "± 1."]),
    ):
        written, parts = modules.evaluate(WRITE, text)
        assert written == text
        assert parts == bound


# The elements in which a key press counts as typing.
WRITES = """async (elements) => {
  const { isTyping } = await import("/browser/page.js");
  const place = document.body.appendChild(document.createElement("div"));
  const found = elements.filter((html) => {
    place.innerHTML = html;
    return isTyping({ target: place.firstChild });
  });
  place.remove();
  return found;
}"""


def test_a_letter_is_written_into_a_field_and_meant_elsewhere(modules: Page) -> None:
    fields = [
        "<input>",
        "<input type=number>",
        "<textarea></textarea>",
        "<p contenteditable></p>",
    ]
    others = ["<input type=range>", "<input type=radio>", "<button></button>", "<select></select>"]
    assert modules.evaluate(WRITES, fields + others) == fields


# The names of these keys.
NAMES = """async (keys) => {
  const { nameOf } = await import("/browser/page.js");
  return keys.map(([key, code]) => nameOf({ key, code }));
}"""


def test_a_letter_is_the_latin_one_in_its_place_where_another_script_is_written(
    modules: Page,
) -> None:
    called = {
        ("n", "KeyN"): "n",
        ("Z", "KeyY"): "z",  # a German keyboard: the letter it writes counts
        ("\N{CYRILLIC CAPITAL LETTER TE}", "KeyN"): "n",
        ("\N{LATIN SMALL LETTER DOTLESS I}", "KeyI"): "i",  # Turkish
        (
            "\N{LATIN SMALL LETTER O WITH DIAERESIS}",
            "Semicolon",
        ): "\N{LATIN SMALL LETTER O WITH DIAERESIS}",
        ("7", "Digit7"): "7",
        ("ArrowRight", "ArrowRight"): "ArrowRight",
        ("n", ""): "n",  # a key of a remote or a screen keyboard may have no code
    }
    assert modules.evaluate(NAMES, list(called)) == list(called.values())


# Adds a field for a number and one for a text to the page.
FIELDS = """async () => {
  await import("/browser/page.js");
  const fields = document.body.appendChild(document.createElement("div"));
  fields.id = "fields";
  fields.innerHTML = "<input type=number step=any><input type=text>";
}"""


def test_a_comma_and_a_minus_sign_are_read_in_every_field_of_a_number(modules: Page) -> None:
    values = {
        "-2,5": "-2.5",
        "2.5": "2.5",
        "1e-3": "1e-3",
        "\N{MINUS SIGN}1.5": "-1.5",
        "\N{EN DASH}1,5": "-1.5",
    }
    modules.reload()  # so that no earlier test's listener is left
    modules.evaluate(FIELDS)
    number, text = (modules.locator(f"#fields [type={kind}]") for kind in ("number", "text"))
    found = {}
    for typed in values:
        for field in (number, text):
            field.fill("")
            field.press_sequentially(typed)
        by_keys = number.input_value()
        assert text.input_value() == typed
        number.fill("")
        modules.keyboard.insert_text(typed)  # as a clipboard does
        assert number.input_value() == by_keys
        found[typed] = by_keys
    assert found == values
    modules.reload()


def test_several_numbers_are_no_number(modules: Page) -> None:
    modules.reload()
    modules.evaluate(FIELDS)
    number, text = (modules.locator(f"#fields [type={kind}]") for kind in ("number", "text"))
    number.fill("7")
    for several in ("1, 2, 3", "1,2,3", "0 1", "0;1", "1.234,5", "1/2", "1 1/2"):
        for field in (number, text):
            field.select_text()
            modules.keyboard.insert_text(several)  # as a clipboard does
        assert [number.input_value(), text.input_value()] == ["7", several]
    number.select_text()
    modules.keyboard.insert_text(" 2.5 ")
    assert number.input_value() == "2.5"
    for sign, value in {"½": "0.5", "−1⅓": "-1.3333333333333333", "2¾": "2.75"}.items():
        number.select_text()
        modules.keyboard.insert_text(f"{sign} ")  # as a number copied from a picture
        assert number.input_value() == value
    number.fill("1")
    number.press("End")
    modules.keyboard.insert_text("⅓")
    assert number.input_value() == "1", "1⅓ would be meant, or a third"
    modules.reload()


# The text of a number field after keys, and after a paste, in a browser that sends no other events
# for them, as WebKit does.
UNSAID = """async () => {
  await import("/browser/page.js");
  const field = document.body.appendChild(document.createElement("input"));
  field.type = "number";
  field.step = "any";
  const common = { bubbles: true, cancelable: true };
  const typed = (sign) => {
    const event = new KeyboardEvent("keydown", { ...common, key: sign });
    if (field.dispatchEvent(event) && sign >= "0") document.execCommand("insertText", false, sign);
  };
  field.focus();
  [..."−2,5"].forEach(typed);
  const composed = { ...common, key: ",", isComposing: true };
  if (!field.dispatchEvent(new KeyboardEvent("keydown", composed))) throw new Error("it is a part");
  const keys = field.value;
  field.select();
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", "−1,5");
  field.dispatchEvent(new ClipboardEvent("paste", { ...common, clipboardData }));
  const pasted = field.value;
  field.remove();
  return [keys, pasted];
}"""


def test_a_key_and_a_clipboard_tell_what_is_meant_in_a_number(modules: Page) -> None:
    modules.reload()
    assert modules.evaluate(UNSAID) == ["-2.5", "-1.5"]
    modules.reload()


# The address after a scene has replaced its parameters twice, what its entry in the history holds,
# and how often it was written.
ADDRESS = """async ([before, scene]) => {
  const { replaceAddress } = await import("/browser/page.js");
  history.replaceState("of Streamlit", "", before);
  let written = 0;
  history.replaceState = function (...given) {
    written += 1;
    History.prototype.replaceState.apply(this, given);
  };
  for (let i = 0; i < 2; i += 1) replaceAddress(scene);
  delete history.replaceState;
  const { pathname, search, hash } = location;
  const { state } = history;
  history.replaceState(null, "", "/");
  return [pathname + search + hash, state, written];
}"""


def test_a_new_scene_leaves_the_other_keys_and_the_fragment_of_an_address(modules: Page) -> None:
    before = "/relu?embed=true&w=1&preset=two#rules"
    scene = {"w": "2", "x": "1,2;3:4"}
    after = "/relu?w=2&x=1,2;3:4&embed=true#rules"
    assert modules.evaluate(ADDRESS, [before, scene]) == [after, "of Streamlit", 1]


# The query while a question is presented, and after presenting has ended.
PRESENTED = """async (asks) => {
  const { setPresenting } = await import("/browser/page.js");
  history.replaceState(null, "", "/relu?w=1");
  const found = [true, false].map((on) => {
    setPresenting(on, asks);
    return location.search;
  });
  history.replaceState(null, "", "/");
  return found;
}"""


def test_the_address_asks_no_question_once_presenting_has_ended(modules: Page) -> None:
    asks = {"mode": "predict", "question": "2"}
    presented = "?w=1&present=1&mode=predict&question=2"
    assert modules.evaluate(PRESENTED, asks) == [presented, "?w=1"]


# The title and purpose of a page, from its elements and without them; and the theme to expect for
# each of these choices.
ITSELF = """async (chosen) => {
  const { purposeOfPage, themeToCome, titleOfPage } = await import("/browser/page.js");
  const place = document.body.appendChild(document.createElement("div"));
  place.innerHTML = "<p class=stText>Other</p><h1>A page</h1>"
    + "<div class=st-key-heading><p class=stText>What it shows</p></div>";
  document.title = "Of the tab";
  const found = [titleOfPage(), purposeOfPage()];
  place.remove();
  found.push(titleOfPage(), purposeOfPage());
  document.title = "";
  const themes = chosen.map((name) => {
    if (name) localStorage.setItem("stActiveTheme-/-v2", JSON.stringify(name));
    return themeToCome();
  });
  localStorage.clear();
  return [found, themes];
}"""


def test_a_page_knows_what_it_is_called_and_which_theme_comes(modules: Page) -> None:
    chosen = [None, "Dark", "Light", "System"]
    called = ["A page", "What it shows", "Of the tab", ""]
    modules.emulate_media(color_scheme="dark")
    assert modules.evaluate(ITSELF, chosen) == [called, ["dark", "dark", "light", "dark"]]
    modules.emulate_media(color_scheme="light")
    assert modules.evaluate(ITSELF, chosen) == [called, ["light", "dark", "light", "light"]]


# The theme of a page with each of these backgrounds.
GROUNDS = """async (grounds) => {
  const { themeOfPage } = await import("/browser/page.js");
  const found = grounds.map((ground) => {
    document.body.style.background = ground;
    return themeOfPage();
  });
  document.body.style.background = "";
  return found;
}"""


def test_a_page_on_a_ground_darker_than_the_middle_grey_is_dark(modules: Page) -> None:
    grounds = {"#000000": "dark", "#7f7f7f": "dark", "#818181": "light", "#ffffff": "light"}
    grounds |= {"#ff0000": "dark", "#00ffff": "light"}  # all three of its colours count
    assert modules.evaluate(GROUNDS, [*grounds]) == [*grounds.values()]


# Whether a menu is open after each of these: a click elsewhere shuts it; the server's late answer
# opens it; the user opens it; a button of the page shuts it; the answer to that opens it; a click
# inside leaves it open; the answer to that; a click elsewhere shuts it; and the server opens it so
# late that this is no answer any more.
LATE = """async () => {
  await import("/browser/page.js");
  const place = document.body.appendChild(document.createElement("div"));
  place.innerHTML = "<button data-testid=stPopoverButton aria-expanded=true>Menu</button><p></p>"
    + "<div class=stButton><button></button></div><i></i>";
  const [button, elsewhere, ours, inside] = place.children;
  const { setTimeout } = window;
  let late = () => {};
  window.setTimeout = (act, pause) => (pause ? void (late = act) : setTimeout(act));
  const open = (on) => { button.ariaExpanded = String(on); };
  button.addEventListener("click", () => open(button.ariaExpanded !== "true"));
  for (const each of [elsewhere, ours]) each.addEventListener("click", () => open(false));
  const ways = [
    () => elsewhere.click(), () => open(true), () => button.click(),
    () => ours.firstChild.click(), () => open(true),
    () => inside.click(), () => open(true),
    () => elsewhere.click(), () => [late(), open(true)],
  ];
  const found = [];
  for (const way of ways) {
    way();
    for (let i = 0; i < 2; i += 1) await new Promise((go) => setTimeout(go));
    found.push(button.ariaExpanded === "true");
  }
  Object.assign(window, { setTimeout });
  place.remove();
  return found;
}"""


def test_a_menu_that_was_shut_is_opened_by_nobody_else(modules: Page) -> None:
    assert modules.evaluate(LATE) == [False, False, True, False, True, True, True, False, True]


# How often the menu about ties and kinks is shut after a click on its text and on a choice in it:
# beside a picture, and on a phone.
RULES = """async () => {
  await import("/browser/page.js");
  const place = document.body.appendChild(document.createElement("div"));
  const found = [];
  for (const narrow of [false, true]) {
    place.innerHTML = `<p class=live-figure data-narrow=${narrow}></p>
      <p class=st-key-rule><button aria-expanded=true></button></p>
      <div data-testid=stPopoverBody><p>At a tie</p><label>first</label></div>`;
    let shut = 0;
    place.querySelector("button").addEventListener("click", () => { shut += 1; });
    for (const pressed of place.lastChild.children) {
      pressed.click();
      await new Promise((go) => setTimeout(go));
      found.push(shut);
    }
  }
  place.remove();
  return found;
}"""


def test_on_a_phone_a_choice_shuts_its_menu(modules: Page) -> None:
    assert modules.evaluate(RULES) == [0, 0, 0, 1]


# What has the focus after a choice in a menu by a key, which shuts the menu; elsewhere: whether the
# user has gone on to a link meanwhile.
CHOICE = """async ([key, elsewhere]) => {
  await import("/browser/page.js");
  const place = document.body.appendChild(document.createElement("div"));
  place.innerHTML = `<button data-testid=stMenuButtonButton aria-expanded=true>Menu</button>
    <div data-testid=stMenuButtonBody><button>One</button></div><a href=/>Link</a>`;
  const [button, menu, link] = place.children;
  button.click(); // by the keyboard: it has no place
  menu.firstChild.focus();
  menu.firstChild.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  menu.remove();
  if (elsewhere) link.focus();
  for (let i = 0; i < (elsewhere ? 3 : 400) && document.activeElement !== button; i += 1) {
    await new Promise(requestAnimationFrame);
  }
  const focused = document.activeElement.textContent;
  place.remove();
  return focused;
}"""


@pytest.mark.parametrize("key", ["Enter", " "])
def test_the_focus_returns_to_the_button_of_a_menu_after_a_choice_by_a_key(
    modules: Page, key: str
) -> None:
    assert modules.evaluate(CHOICE, [key, False]) == "Menu"
    assert modules.evaluate(CHOICE, [key, True]) == "Link"


# What has the focus after a menu is opened, by a key (detail 0) or a mouse (1), while another one
# is open, which then shuts; elsewhere: whether the user has gone on to a link meanwhile; own:
# whether the menu is open already, so that it shuts, and is opened again by a mouse.
ANOTHER = """async ([detail, elsewhere, own = false]) => {
  await import("/browser/page.js");
  const place = document.body.appendChild(document.createElement("div"));
  place.innerHTML = `<button data-testid=stPopoverButton aria-expanded=${own}>Menu</button>
    <a href=/>Link</a>`;
  const open = (choice) => {
    const body = place.appendChild(document.createElement("div"));
    body.dataset.testid = "stPopoverBody";
    body.innerHTML = `<button>${choice}</button>`;
    return body;
  };
  const other = open("Other");
  const [button, link] = place.children;
  button.focus();
  button.dispatchEvent(new MouseEvent("click", { bubbles: true, detail }));
  if (elsewhere) link.focus();
  for (let i = 0; i < 3; i += 1) await new Promise(requestAnimationFrame);
  other.remove();
  const { firstChild: choice } = open("One");
  for (let i = 0; i < 10 && document.activeElement !== choice; i += 1) {
    await new Promise(requestAnimationFrame);
  }
  const focused = document.activeElement.textContent;
  place.remove();
  return focused;
}"""


def test_the_focus_goes_into_a_menu_opened_by_a_key_while_another_was_open(modules: Page) -> None:
    assert modules.evaluate(ANOTHER, [0, False]) == "One"
    assert modules.evaluate(ANOTHER, [0, True]) == "Link"
    assert modules.evaluate(ANOTHER, [1, False]) == "Menu", "after a mouse as the browser has it"
    assert modules.evaluate(ANOTHER, [0, False, True]) == "Menu", "the key has shut it"


# What has the focus after a button is pressed, by a key (detail 0) or a mouse (1), and is disabled
# for a while; elsewhere: whether the user has gone on to a field meanwhile; long: whether it takes
# longer than the page waits.
WHILE = """async ([detail, elsewhere, long = false]) => {
  await import("/browser/page.js");
  const { setTimeout } = window;
  const timers = [];
  window.setTimeout = (act) => timers.push(act);
  const place = document.body.appendChild(document.createElement("div"));
  place.innerHTML = "<p class=stButton><button>Start</button></p><input>";
  const [button, input] = place.querySelectorAll("button, input");
  const frames = async () => {
    for (let i = 0; i < 3; i += 1) await new Promise(requestAnimationFrame);
  };
  button.focus();
  button.dispatchEvent(new MouseEvent("click", { bubbles: true, detail }));
  button.disabled = true;
  Object.assign(window, { setTimeout });
  await frames();
  if (elsewhere) input.focus();
  if (long) for (const act of timers) act();
  button.disabled = false;
  await frames();
  const { tagName } = document.activeElement;
  place.remove();
  return tagName;
}"""


def test_the_focus_returns_to_a_button_pressed_by_a_key_once_it_is_enabled_again(
    modules: Page,
) -> None:
    assert modules.evaluate(WHILE, [0, False]) == "BUTTON"
    assert modules.evaluate(WHILE, [0, True]) == "INPUT"
    assert modules.evaluate(WHILE, [1, False]) == "BODY", "after a mouse as the browser has it"
    assert modules.evaluate(WHILE, [0, False, True]) == "BODY", "nobody is there any more"


# Whether a button below the edge has the focus again, and how far its part of the page is scrolled.
AGAIN = """async () => {
  const { refocus } = await import("/browser/elements.js");
  const place = document.body.appendChild(document.createElement("div"));
  place.style.cssText = "height: 10px; overflow: auto";
  place.innerHTML = "<p style='height: 300px'></p><button></button>";
  refocus(place.lastChild);
  const found = [document.activeElement === place.lastChild, place.scrollTop];
  place.remove();
  return found;
}"""


def test_what_gets_the_focus_again_is_not_scrolled_to(modules: Page) -> None:
    assert modules.evaluate(AGAIN) == [True, 0]


# How often a message is sent to the server: on a page, after a click on a link to it, after a click
# on a link to another page, once that is there, after Back, and once that page is there. name: the
# link's test id.
ON_THE_WAY = """async (name) => {
  const { residentOf, unlessLeaving } = await import("/browser/page.js");
  const place = document.body.appendChild(document.createElement("div"));
  place.className = "stMain";
  const link = place.appendChild(document.createElement("a"));
  link.dataset.testid = name;
  link.addEventListener("click", (event) => event.preventDefault());
  let said = 0;
  const say = unlessLeaving(() => { said += 1; });
  const click = (path) => {
    link.href = path;
    link.click();
  };
  const arrive = () => residentOf(document.createElement("div"), () => ({}));
  const go = (path) => history.replaceState(null, "", path);
  const ways = [
    () => {},
    () => click("/"),
    () => click("/relu"),
    () => [go("/relu"), arrive()],
    () => [go("/"), dispatchEvent(new PopStateEvent("popstate"))],
    arrive,
  ];
  const found = ways.map((way) => {
    way();
    said = 0;
    say("news");
    return said;
  });
  place.remove();
  return found;
}"""


def test_nothing_is_said_on_the_way_to_another_page_and_all_once_it_is_there(modules: Page) -> None:
    texts = (file.read_text("utf-8") for file in FOLDER.glob("static/js/index.*.js"))
    links = {name for text in texts for name in re.findall(r"\bst\w+Nav\w*Link\b", text)}
    assert {"stTopNavLink", "stSidebarNavLink"} < links, "a section's pages are in a menu"
    for name in links:
        assert modules.evaluate(ON_THE_WAY, name) == [1, 1, 0, 1, 0, 1], name


# How far a page is scrolled, and how often the sidebar was shut, after another run of it, and after
# another page has come; and which components are closed after a run is overtaken, after another one
# takes the place, and once it is gone.
STAYS = """async () => {
  const { residentOf } = await import("/browser/page.js");
  const main = document.body.appendChild(document.createElement("div"));
  main.className = "stMain";
  main.style.cssText = "height: 10px; overflow: auto";
  const place = main.appendChild(document.createElement("div"));
  place.style.height = "100px";
  place.innerHTML = "<p data-testid=stSidebarCollapseButton><button></button></p>";
  main.classList.add("stBidiComponent");
  let shut = 0;
  place.querySelector("button").addEventListener("click", () => { shut += 1; });
  const closed = [];
  const run = (name) => residentOf(place, () => ({ name, close: () => closed.push(name) }));
  const { leave } = run("one");
  if (!main.hasAttribute("data-arrived")) throw new Error("styles keep its place for it");
  const far = ["/", "/relu"].map((path) => {
    main.scrollTop = 50;
    history.replaceState(null, "", path);
    run("two");
    return [main.scrollTop, shut];
  });
  const found = [() => leave(), () => main.remove(), leave, leave].map((act) => {
    act();
    return [...closed];
  });
  document.body.append(main);
  history.replaceState(null, "", "/");
  residentOf(document.createElement("div"), () => ({})); // the tab is on its first page again
  main.remove();
  return [far, found];
}"""


def test_what_was_only_overtaken_stays_and_another_page_begins_at_its_top(modules: Page) -> None:
    far, closed = modules.evaluate(STAYS)
    assert far == [[50, 0], [0, 1]]
    assert closed == [[], [], ["one"], ["one"]]


# The list that a tab presents with this text in its storage.
KEPT_LIST = """async () => {
  const { presented } = await import("/browser/page.js");
  return presented();
}"""


def test_a_list_is_still_presented_after_a_reload_unless_it_cannot_be_read(modules: Page) -> None:
    stop = {"page": "relu", "slug": "one", "group": "ReLU", "title": "One"}
    lists = {"stops": [stop], "at": 0}, {"stops": [stop], "at": 1}, {"stops": [{}], "at": 0}, 5
    kept = "(list) => sessionStorage.setItem('presenter:list', JSON.stringify(list))"
    for there, found in zip(lists, (lists[0], None, None, None), strict=True):
        modules.evaluate(kept, there)
        modules.reload()
        assert modules.evaluate(KEPT_LIST) == found
    modules.evaluate("sessionStorage.clear()")
    modules.reload()
