"""The address holds the whole state: opened elsewhere, and after the connection was lost."""

from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.live_page import LivePage
from tests.pages.lab import OPENED_WITH, lab

OPENED_AT = {
    "x": "1.5,-1,1.5,0.5,0",
    "w": "2",
    "dz": "1",
    "rule": "lab",
    "step": "6",
    "entry": "x3",
}
X, W = OPENED_WITH


WRITES: Final = """() => {
  window.writes = [];
  for (const name of ["pushState", "replaceState"]) {
    const write = history[name];
    history[name] = (...given) => (window.writes.push(name), write.apply(history, given));
  }
}"""


ENTRY: Final = "navigation.currentEntry.key"
"""The key of the entry in the browser's history: kept if the address is replaced, else new."""


def test_an_address_opened_elsewhere_gives_the_same_picture_and_back_leaves(page: LivePage) -> None:
    """Also for values between a slider's steps; each new address replaces the one before."""
    page.open()
    page.typed("x4").fill("0.3")
    page.typed("x4").press("Enter")
    page.wait_address(x="1.5,-1,1.5,0.3,0")
    page.press("nudge +ε")
    assert page.address()["x"] == "1.5,-1,1.5009765625,0.3,0"
    page.drag("x2", 0.75, 3.25)
    page.drag("dz", -1.5)
    page.choose_rule("slope 0 at 0, ties: split")
    page.wait_address(rule="pytorch-amax")
    page.cell("w").click()
    page.wait_address(entry="w")
    page.page.keyboard.press("b")
    page.wait_address(step="5")
    address = {
        **OPENED_AT,
        "x": "1.5,3.25,1.5009765625,0.3,0",
        "dz": "-1.5",
        "rule": "pytorch-amax",
        "step": "5",
        "entry": "w",
    }
    assert page.address() == address
    before = page.everything()
    page.page.evaluate("[localStorage, sessionStorage].forEach((kept) => kept.clear())")
    page.load("", urlsplit(page.page.url).query)
    assert page.everything() == before
    entry = page.page.evaluate(ENTRY)
    assert page.address() == address
    assert page.value("x4") == 0.3
    assert page.typed("x4").input_value() == "0.3"

    page.wait_sweep("x1")
    page.page.evaluate(WRITES)
    page.sweep_through("x1", 4)
    assert page.address() == address, "it moves still"
    page.wait_address(x="4,3.25,1.5009765625,0.3,0")
    assert page.page.evaluate("window.writes") == ["replaceState"]
    page.press("all negative")
    assert page.page.evaluate(ENTRY) == entry, "Back leaves"


def test_what_cannot_be_read_gives_its_default_and_a_sentence(page: LivePage) -> None:
    page.open("x=1,2&w=<img src=x onerror=alert(1)>&dz=nan&rule=**bold**&step=7&entry=x4&other=1")
    assert page.address() == {**OPENED_AT, "entry": "x4", "other": "1"}
    assert page.numbers() == lab(X, W)
    sentences = page.page.locator(".st-key-problems").inner_text()
    for quoted in ("x = “1,2”", "w = “<img src=x onerror=alert…”", "rule = “**bold**”"):
        assert f"The address asked for {quoted}, but" in sentences
    assert page.page.locator("img[src=x]").count() == 0
    page.slider("x1").hover()
    page.wait_sweep("x2")
    assert page.page.locator(".st-key-problems").is_visible()
    page.drag("x1", 0)
    expect(page.page.locator(".st-key-problems")).to_have_count(0)


def test_what_a_page_says_as_one_leaves_does_not_bring_it_back(page: LivePage) -> None:
    page.open(entry="x2")
    page.page.evaluate("""() => {
      document.querySelector("[data-testid=stTopNavLink][href$=learn]").click();
      document.querySelector('.live-figure-cell[data-entry="x1"]').click();
    }""")
    expect(page.page.get_by_role("heading", level=1)).to_have_text("Learn")
    page.wait_drawn()
    assert urlsplit(page.page.url).path == "/learn"
    page.page.get_by_role("button", name="Lesson 2: ").click()  # the new page reacts to it
    page.wait_address(lesson="2")


def test_a_lost_connection_loses_nothing(page: LivePage) -> None:
    page.open(w="-1")
    page.wait_sweep("x2")
    page.lose_network()
    page.hold("x2")
    page.move("x2", 1, 2.5)
    page.release()
    page.wait_numbers(lab((1.5, 2.5, 1.5, 0.5, 0.0), -1.0))  # from the sweep
    page.wait_reconnected(page.find_network)
    page.wait_address(x="1.5,2.5,1.5,0.5,0", w="-1")
    page.problems.clear()  # the browser reports each failed attempt
    page.press("make a tie")
    assert page.address()["w"] == "-1"
