"""A page with a live figure in a browser: what a user sees on it and does with it.

A slider's sweep is the pictures at all its values, sent ahead so that a drag needs no server.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import getsource, isfunction
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    FloatRect,
    Locator,
    Page,
    Playwright,
    Request,
    Response,
    expect,
)

from pages.figures.layout import SLIDE
from pages.registry import SUBJECTS, page_path
from tests.pages.lab import Numbers

NETWORK: Final = Path(__file__).with_name("network.js")
FIGURE: Final = "[data-testid=live-figure]"
# A browser that does not name itself a phone's gets a wide picture until it reports its width.
_TOO_WIDE: Final = f'[data-narrow=true]:has(.main-svg[width="{SLIDE.width:g}"])'
_DRAWN: Final = f'{FIGURE}:not([data-revision="0"], {_TOO_WIDE})'
PATIENCE: Final = 60
"""Seconds to wait for anything: on a busy machine a first page has taken more than 15."""
MOVED: Final = ("x1", "x2", "x3", "x4", "x5")
"""The sliders whose values share the parameter x of the address."""

_BROWSER_OPTIONS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
)
# A test uses a page for seconds, in which neither optimizing compiler earns back its cost, a
# fifteenth of what the browser tests take. Growing the heap in advance costs more than it saves.
_FOR_SHORT_LIVES: Final = "--js-flags=--no-opt --no-maglev"

# The texts of each cell from top to bottom, by entry; and the texts that lie in no cell.
_TEXTS: Final = """
() => {
  const middle = (box) => [box.left + box.width / 2, box.top + box.height / 2];
  const texts = [...document.querySelectorAll(".js-plotly-plot text")]
    .filter((text) => text.textContent.trim())
    .map((text) => ({ said: text.textContent, at: middle(text.getBoundingClientRect()) }))
    .sort((one, other) => one.at[1] - other.at[1]);
  // In a flat cell they stand beside each other.
  const reading = ({ at: [x, y] }, { at: [otherX, otherY] }) =>
    Math.abs(y - otherY) < 4 ? x - otherX : y - otherY;
  const cells = {};
  let free = texts;
  for (const cell of document.querySelectorAll(".live-figure-cell")) {
    const { left, right, top, bottom } = cell.getBoundingClientRect();
    const inside = ({ at: [x, y] }) => left < x && x < right && top < y && y < bottom;
    cells[cell.dataset.entry] = free.filter(inside).sort(reading).map(({ said }) => said);
    free = free.filter((text) => !inside(text));
  }
  return { cells, free: free.map(({ said }) => said) };
}
"""

_SETTLED: Final = """
(moved) => {
  const address = new URLSearchParams(location.search);
  const value = (name) => Number(document.querySelector(`input[aria-label="${name}"]`).value);
  const x = (address.get("x") ?? "").split(",").map(Number);
  return (
    moved.every((name, i) => value(name) === x[i]) &&
    ["w", "dz"].every((name) => value(name) === Number(address.get(name)))
  );
}
"""

_BEFORE_THE_FOCUS: Final = """(element) => {
  const position = document.activeElement.compareDocumentPosition(element);
  return (position & Node.DOCUMENT_POSITION_PRECEDING) > 0;
}"""

GO_BACK: Final = """(url) => {
  const figure = document.querySelector("[data-testid=live-figure]");
  const elsewhere = new URL(url).pathname !== location.pathname;
  window.left = { figure, revision: figure?.dataset.revision, elsewhere };
  history.pushState({}, "", url);
  dispatchEvent(new PopStateEvent("popstate"));
}"""
# Checks in every frame by a loop, since a policy may refuse `wait_for_function`, which is eval.
_ARRIVED: Final = """async ([query, patience]) => {
  const arrived = () => {
    const figure = document.querySelector("[data-testid=live-figure]");
    const { revision } = figure?.dataset ?? {};
    const { left } = window;
    const anew = !left.elsewhere && revision !== left.revision;
    const drawn = figure === left.figure ? anew : revision > 0;
    return drawn && location.search !== query;
  };
  const end = performance.now() + patience;
  while (!arrived() && performance.now() < end) await new Promise(requestAnimationFrame);
  return arrived();
}"""


def launched(
    playwright: Playwright, path: str, *, short_lived: bool = False, scrollbars: bool = False
) -> Browser:
    """Start a browser without a window, which sends requests to nobody but our server.

    short_lived: for tests, not for measuring. scrollbars: whether there are scrollbars, which take
    room as on most laptops.
    """
    options = [*_BROWSER_OPTIONS, *([_FOR_SHORT_LIVES] if short_lived else [])]
    # A headless shell uses the network's proxy whatever its options say.
    own: dict[str, str | float | bool] = {
        name: text for name, text in os.environ.items() if not name.lower().endswith("_proxy")
    }
    left_out = ["--hide-scrollbars"] if scrollbars else None
    return playwright.chromium.launch(
        executable_path=path, args=options, ignore_default_args=left_out, env=own
    )


def box_of(element: Locator) -> FloatRect:
    """The bounding box of an element, once it is visible; it may be about to be redrawn."""
    element.wait_for()
    while not (box := element.bounding_box()):
        element.wait_for()
    return box


def stop_at(wanted: Locator) -> None:
    """Focus an element, and assert that the Tab key stops there too."""
    wanted.focus()
    expect(wanted).to_be_focused()
    assert wanted.evaluate("(it) => it.tabIndex") == 0


class LivePage:
    """A page, and the problems on it: console errors, exceptions, requests that failed."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.problems: list[str] = []
        self.kept = False  # whether the page may be reused with another address
        self.altered = False  # whether the test has made the page unfit for the next one
        self.asked: dict[str, frozenset[str]] = {}  # path -> parameters of its last query
        page.add_init_script(path=NETWORK)
        page.set_default_timeout(1000 * PATIENCE)
        page.on("console", self._on_console)
        page.on("pageerror", self._on_error)
        page.on("response", self._on_response)
        page.on("requestfailed", self._on_failure)

    def _on_console(self, message: ConsoleMessage) -> None:
        # If a button and the figure send something at the same moment, Streamlit reruns the figure
        # alone, which has the page rerun if that was not enough.
        if "Multiple different fragmentIds" in message.text:
            return
        if message.type in ("error", "warning", "trace", "assert"):
            self.problems.append(f"console {message.type}: {message.text}")

    def _on_error(self, error: Error) -> None:
        self.problems.append(f"exception: {error}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status} {response.url}")

    def _on_failure(self, request: Request) -> None:
        # Leaving a page aborts what it was still loading.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.problems.append(f"{request.failure} {request.url}")

    # --- opening pages

    def open(self, query: str = "", /, **state: object) -> None:
        """Open the home page with this query or this state, and wait for its first picture."""
        self._go("", query or urlencode(state))

    def visit(self, path: str, **state: object) -> None:
        """Open another page of the site, by its path, and wait for its first picture."""
        self._go(path, urlencode(state))

    def _go(self, path: str, query: str) -> None:
        """Go to a page as Back does, in a fifth of the time of loading it; or load it."""
        if self.kept and not (path and query):
            # The server would ignore an empty query, and the same one as before.
            others = ("&".join(filter(None, (query, more))) for more in ("", *_opened_with(path)))
            query = next(each for each in others if each and not self.was_asked(path, each))
        known = self.was_asked(path, query) or query in ("", "present=1")
        if known or not self.kept:
            self.load(path, query)
            return
        # The page puts its address in order once the picture is there: this shows that it has come.
        backwards = "&".join(reversed(query.split("&")))
        self.go_back_to(path, backwards)
        if not self._looks():
            self.load(path, query)

    def come_to(self, path: str, query: str = "") -> None:
        """Go to a page without a figure as Back does; or load it if no page can be reused."""
        address = f"{self.base}{path}?{query}".removesuffix("?")
        if self.kept:
            self.wait_for_run()
            self.page.evaluate(GO_BACK, address)
        else:
            self.asked.clear()
            self.page.goto(address)
        self.asks(path, query)

    def was_asked(self, path: str, query: str) -> bool:
        """Whether the session's last query on that page was this one, which it would now ignore."""
        return self.asked.get(path) == _parts(query)

    def asks(self, path: str, query: str) -> None:
        """Remember the query that the session is asked for on a page."""
        self.asked[path] = _parts(query)

    def load(self, path: str, query: str) -> None:
        """Load a page in a new session, and wait for its first picture."""
        self.asked.clear()
        self.asks(path, query)
        self.page.goto(f"{self.base}{path}?{query}")
        self.wait_drawn()

    def _looks(self) -> bool:
        """Whether the mode is Look; a page that was left in another mode is still in it."""
        self.wait_for_run()
        look = self.page.get_by_role("radio", name="Look", exact=True)
        return not look.count() or look.is_checked()

    def go_back_to(self, path: str, query: str) -> None:
        """Go to a page as Back does, without loading anything, and wait for the picture."""
        self.asks(path, query)
        self.wait_for_run()  # whose messages would overtake the new address
        self.page.evaluate(GO_BACK, f"{self.base}{path}?{query}")
        asked = f"?{query}".removesuffix("?")
        assert self.page.evaluate(_ARRIVED, [asked, 1000 * PATIENCE]), "it never came"

    def wait_drawn(self) -> None:
        """Wait for the first picture; in a narrow window, for one that is made for it."""
        self.page.wait_for_selector(_DRAWN)
        self.wait_for_run()

    def wait_settled(self) -> None:
        """Wait until the address has the values that the sliders show."""
        self.page.wait_for_function(_SETTLED, arg=MOVED)

    def wait_address(self, **expected: object) -> None:
        """Wait until the address has these parameters, among others."""
        self.page.wait_for_function(
            """(expected) => {
              const address = new URLSearchParams(location.search);
              return Object.entries(expected).every(([key, text]) => address.get(key) === text);
            }""",
            arg={key: str(value) for key, value in expected.items()},
        )

    def address(self) -> dict[str, str]:
        """The parameters of the address."""
        query = parse_qs(urlsplit(self.page.url).query, keep_blank_values=True)
        return {key: values[0] for key, values in query.items()}

    # --- looking

    @property
    def figure(self) -> Locator:
        """The live figure."""
        return self.page.locator(FIGURE)

    def revision(self) -> int:
        """How many drawings have finished."""
        return int(self.figure.get_attribute("data-revision") or 0)

    def data(self) -> Any:
        """The traces that Plotly was given to draw."""
        traces = "JSON.stringify(document.querySelector('.js-plotly-plot').data)"
        return json.loads(self.page.evaluate(traces))

    def cells(self) -> dict[str, list[str]]:
        """The drawn texts of each cell, from top to bottom: name, value, gradient."""
        cells: dict[str, list[str]] = self.page.evaluate(_TEXTS)["cells"]
        return cells

    def texts(self) -> list[str]:
        """The drawn texts that lie in no cell, from top to bottom."""
        free: list[str] = self.page.evaluate(_TEXTS)["free"]
        return free

    def explanation(self) -> list[str]:
        """The lines about the chosen cell."""
        lines: list[str] = self.page.locator("[data-testid=explanation] p").all_inner_texts()
        return lines

    def numbers(self) -> Numbers:
        """The drawn value and gradient of each entry; None for what is not computed yet."""
        return {entry: _numbers(texts[1:]) for entry, texts in self.cells().items()}

    def until(self, condition: Callable[[], bool]) -> None:
        """Check a condition again and again until it is true."""
        deadline = time.monotonic() + PATIENCE
        pause = 5  # ms; a check is work for the page too, so the pauses grow
        while not condition():
            if time.monotonic() > deadline:
                said = getsource(condition).strip() if isfunction(condition) else condition
                raise AssertionError(f"it never became true: {said}")
            self.page.wait_for_timeout(pause)
            pause = min(2 * pause, 50)

    def wait_numbers(self, expected: Numbers) -> None:
        """Wait until these values and gradients are drawn."""
        self.until(lambda: self.numbers() == expected)

    def everything(self) -> dict[str, Any]:
        """The whole picture: its traces, the texts of its cells, and the explanation."""
        return {"data": self.data(), "cells": self.cells(), "explanation": self.explanation()}

    # --- using

    def slider(self, name: str) -> Locator:
        """The slider of an entry."""
        return self.page.locator(f'input[type=range][aria-label="{name}"]')

    def typed(self, name: str) -> Locator:
        """The field for an exact value of an entry."""
        return self.page.locator(f'input[type=number][aria-label="{name}, exact value"]')

    def value(self, name: str) -> float:
        """What a slider shows."""
        return float(self.slider(name).input_value())

    def cell(self, entry: str) -> Locator:
        """A cell of the picture."""
        return self.page.locator(f'.live-figure-cell[data-entry="{entry}"]')

    def button(self, name: str) -> Locator:
        """A button of the toolbar, or of the step-through."""
        return self.page.get_by_role("button", name=name, exact=True)

    def wait_for_run(self) -> None:
        """Wait until the server's run has ended."""
        self.page.wait_for_selector(".stApp[data-test-script-state=notRunning]")

    @contextmanager
    def unfolded(self, name: str) -> Iterator[Locator]:
        """Open a menu of the toolbar, by the beginning of its label, and shut it at the end."""
        named = re.compile(f"^{re.escape(name)}")
        button = self.page.locator(".st-key-toolbar").get_by_role("button", name=named)
        self.wait_for_run()
        button.click()
        body = self.page.get_by_test_id("stPopoverBody")
        body.wait_for()
        self.wait_for_run()
        yield body
        button.click()
        expect(body).to_have_count(0)
        self.page.wait_for_timeout(50)  # until the server has heard of it

    @contextmanager
    def another_address(self) -> Iterator[None]:
        """Wait, after the body of the `with`, until the address is another one."""
        before = self.page.url
        yield
        self.page.wait_for_function("(before) => location.href !== before", arg=before)

    def edit(self, name: str, menu: str = "Edit") -> None:
        """Click on a button of a menu, and wait until the address is another one."""
        with self.unfolded(menu) as body:
            button = body.get_by_role("button", name=name, exact=True)
            button.wait_for()
            with self.another_address():
                button.click()

    def press(self, name: str) -> None:
        """Do as `edit` does on the conv block's page, and wait until its sliders show the same."""
        self.edit(name)
        self.wait_settled()

    def choose(self, label: str, option: str, menu: str = "Edit") -> None:
        """Choose from a select box of a menu, and wait until the address is another one."""
        with self.unfolded(menu) as body:
            body.get_by_label(label, exact=True).click()
            with self.another_address():
                self.page.get_by_role("option", name=option, exact=True).click()

    def case(self, title: str) -> None:
        """Choose a case from the menu."""
        self.page.get_by_role("button", name=re.compile("^Case: ")).click()
        # The present case has a check mark.
        named = re.compile(f"^{re.escape(title)}( ✓)?$")
        self.page.get_by_role("menuitem", name=named).click()

    def choose_rule(self, behaviour: str) -> None:
        """Choose the rule for ties and kinks by its description: "slope 0 at 0, ties: split"."""
        with self.unfolded("At ties and kinks") as body, self.another_address():
            body.get_by_text(behaviour, exact=True).click()

    def turn_to(self, mode: str) -> None:
        """Choose a mode: Look, Step, Predict or Quiz."""
        self.page.get_by_role("radio", name=mode, exact=True).click()

    def look_again(self) -> None:
        """Return to Look at the end of a test, so that the next one need not load the page.

        Wait for the server's answer, which would otherwise overtake the next test's address.
        """
        came = self.page.evaluate("network.came")
        self.turn_to("Look")
        self.until(lambda: self.page.evaluate("network.came") > came)
        self.wait_for_run()

    @property
    def task(self) -> Locator:
        """The task beside the picture."""
        return self.page.locator(".live-figure-task")

    def told(self) -> list[str]:
        """The lines of the task: of its question, or of the verdict on an answer."""
        lines: list[str] = self.task.locator(".live-figure-line").all_inner_texts()
        return lines

    def reach(self, wanted: Locator) -> None:
        """Move the focus to an element by Tab alone, or by Shift+Tab if it is before the focus."""
        key = "Shift+Tab" if wanted.evaluate(_BEFORE_THE_FOCUS) else "Tab"
        for _ in range(80):
            if wanted.evaluate("(element) => element === document.activeElement"):
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{wanted} is not reached")

    def hold(self, name: str) -> None:
        """Press the mouse button on a slider's thumb."""
        self.page.mouse.move(*self.point(name, self.value(name)))
        self.page.mouse.down()

    def move(self, name: str, *values: float) -> None:
        """Move the mouse along a slider, from value to value."""
        for value in values:
            self.page.mouse.move(*self.point(name, value))

    def release(self) -> None:
        """Release the mouse button."""
        self.page.mouse.up()

    def sweep_through(self, name: str, step: float = 0.25) -> int:
        """Move a slider from -4 to 4 in steps, all at once: no timer can run in between.

        Returns how many messages the page had sent by then.
        """
        sent: int = self.slider(name).evaluate(
            """(slider, step) => {
              for (let value = -4; value <= 4; value += step) {
                slider.value = value;
                slider.dispatchEvent(new Event("input", { bubbles: true }));
              }
              return network.sent;
            }""",
            step,
        )
        return sent

    def drag(self, name: str, *values: float) -> None:
        """Drag a slider from value to value, let it go, and wait until the address has the last."""
        self.hold(name)
        self.move(name, *values)
        self.release()
        expect(self.slider(name)).to_have_js_property("value", f"{values[-1]:g}")
        self.wait_settled()

    def point(self, name: str, value: float) -> tuple[float, float]:
        """The middle of a slider's thumb on the screen when it shows a value."""
        slider = self.slider(name)
        box = box_of(slider)
        low, high = (float(slider.get_attribute(end) or 0) for end in ("min", "max"))
        # The picture is scaled as a whole, and a thumb with it.
        thumb = box["height"] / 2
        along = thumb / 2 + (box["width"] - thumb) * (value - low) / (high - low)
        return box["x"] + along, box["y"] + box["height"] / 2

    def downloaded(self, act: Callable[[], None], folder: Path) -> Path:
        """Save the file that an action downloads, under its suggested name; return its path."""
        with self.page.expect_download() as coming:
            act()
        path = folder / coming.value.suggested_filename
        coming.value.save_as(path)
        return path

    # --- the network

    def refuse_sweeps(self) -> None:
        """Discard all sweeps from now on, until the page is loaded again."""
        self.altered = True
        self.page.evaluate("""() => {
          const parse = JSON.parse;
          JSON.parse = (text, ...more) =>
            String(text).includes('"frames":') ? {} : parse(text, ...more);
        }""")

    def hold_answers(self, after: str = "") -> None:
        """Hold back the server's messages from now on.

        after: hold back only those that follow the next message that contains this text.
        """
        key, value = ("after", after) if after else ("holding", True)
        self.page.evaluate("([key, value]) => { network[key] = value }", [key, value])

    def release_answers(self) -> None:
        """Deliver the messages that were held back."""
        self.page.evaluate("network.release()")

    def delay(self, milliseconds: int) -> None:
        """Delay every message from now on, in each direction."""
        self.page.evaluate("(delay) => { network.delay = delay }", milliseconds)

    def lose_network(self) -> None:
        """Close the connection, and let every new one fail until `find_network` is called."""
        self.page.evaluate("network.lose()")

    def find_network(self) -> None:
        """Make connections possible again."""
        self.page.evaluate("network.lost = false")

    def messages_sent(self) -> int:
        """How many messages the page has sent."""
        sent: int = self.page.evaluate("network.sent")
        return sent

    def wait_reconnected(self, act: Callable[[], None]) -> None:
        """Act, and wait until the page has a new connection."""
        before = self.page.evaluate("network.opened")
        act()
        self.page.wait_for_function("(before) => network.opened > before", arg=before)

    def wait_sweep(self, name: str, act: Callable[[], None] | None = None) -> None:
        """Point at a slider, or act otherwise, and wait for the slider's sweep.

        A page that is reused may have the sweep already, and then asks for none.
        """
        (act or self.slider(name).hover)()
        self.until(lambda: self.page.evaluate("(name) => network.has(name)", name))
        self.wait_for_run()  # until the page has handled what has come


def _parts(query: str) -> frozenset[str]:
    """The set of a query's parameters, without `present`, which concerns the browser alone."""
    return frozenset(query.split("&")) - {"present=1"}


def _opened_with(path: str) -> Iterator[str]:
    """Queries of one parameter each, with the value that the page opens with anyway."""
    if not path:
        return iter(("dz=1", "step=6"))
    (key,) = (key for key in SUBJECTS if page_path(key) == path)
    start = SUBJECTS[key].start.query()
    return (urlencode({name: value}) for name, value in start.items() if value)


def _numbers(texts: list[str]) -> tuple[float | None, float | None]:
    value, gradient = (text.replace("\N{MINUS SIGN}", "-") for text in (*texts, "", "")[:2])
    known = re.match(r"∂ ?([-+]?[0-9.]+(?:e-?[0-9]+)?)(?!.*\?)", gradient)
    return (float(value) if value else None), (float(known[1]) if known else None)
