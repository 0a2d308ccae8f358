"""A vote of a class: a projector and a phone, each in a browser page of its own."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from pages.vote.box import Votes
from tests.browser.live_page import LivePage, box_of
from tests.browser.server import Server
from tests.pages.vote.served import Served

PROJECTOR: Final[ViewportSize] = {"width": 1280, "height": 600}
ENLARGED: Final[ViewportSize] = {"width": 960, "height": 540}
"""A projector of 1920 × 1080 px on which the browser shows everything twice as large."""
KEPT: Final = "localStorage.getItem('backpropagation-live:vote')"
# Marks cells and sends the vote, all at once; test_vote.py does so by touch.
MARK: Final = """(places) => {
  const cells = document.querySelectorAll("#cells button");
  for (const place of places) cells[place].click();
  document.querySelector("#send").click();
}"""
Hall = Callable[[str], Page]
Marks = tuple[list[int], ...]
CELLS: Final = ("x1", "x2", "x3", "x4", "x5", "w")
# Per phone, the places of the cells that it marks. The correct ones are x₁, x₃ and w.
FIRST: Final[Marks] = ([0], [0, 2], [0, 2, 5], [0, 1], [5], [0, 5], [2], [])
# Per phone, the places whose marks it changes for the second vote.
THEN: Final[Marks] = ([2, 5], [5], [], [2, 1, 5], [0, 2], [2], [0, 5], [0, 2, 5])


@pytest.fixture
def hall(browser: Browser, page: LivePage) -> Iterator[Hall]:
    """A function that opens a vote, by its code, on a phone.

    A test must end its vote, or the next test would find it again on the page. What a failed test
    leaves in the browser is cleared.
    """
    contexts: list[BrowserContext] = []

    def phone(code: str) -> Page:
        context = browser.new_context(
            viewport={"width": 390, "height": 664}, has_touch=True, is_mobile=True
        )
        contexts.append(context)
        found = context.new_page()
        found.goto(f"{page.base}vote/{code}", wait_until="commit")
        return found

    yield phone
    for context in contexts:
        context.close()
    left = page.page.evaluate(KEPT)
    page.page.evaluate("[localStorage, sessionStorage].forEach((kept) => kept.clear())")
    assert left is None


def heading(page: LivePage, text: str) -> None:
    expect(page.task.locator("h2")).to_have_text(text)


def opened(page: LivePage) -> str:
    """Open a vote by keys, and return its code."""
    expect(page.button("Ask the class")).to_be_visible()  # from then on the page reacts to keys
    page.page.keyboard.press("o")
    expect(page.task).to_contain_text("localhost, which reaches only this computer")
    page.page.keyboard.press("o")
    heading(page, "The class votes")
    return page.page.locator(".live-figure-path").inner_text().rpartition("/")[2]


def vote(phone: Page, places: list[int]) -> None:
    phone.locator("#cells button").first.wait_for()
    phone.evaluate(MARK, places)


def others_vote(server: Server, code: str, marks: Marks, round_: int) -> None:
    """Send one vote for each of the marks, without a browser."""
    hall = Served(Votes(), server.port)
    for at, places in enumerate(marks):
        marked = (CELLS[place] for place in places)
        assert hall.vote(code, f"voter{at}", *marked, round_=round_).status == 200


def voted(page: LivePage, count: int) -> None:
    said = f"{count} {'has' if count == 1 else 'have'} voted"
    expect(page.page.locator(".live-figure-count")).to_have_text(said)


def drawn(page: LivePage) -> dict[str, str]:
    """The lowest text of each cell that the class is asked about."""
    return {entry: said[-1] for entry, said in page.cells().items() if entry[0] in "xw"}


def test_eight_people_and_a_projector_play_two_rounds_and_go_on_to_another_page(
    page: LivePage, hall: Hall, server: Server
) -> None:
    """One of them has a phone in the browser; the others only send their votes."""
    page.page.set_viewport_size(PROJECTOR)
    page.open(preset="max-tie", present="1")
    strip = page.page.locator(".live-figure-strip").get_by_role("button")
    expect(page.button("Ask the class")).to_be_visible()
    places = [each.bounding_box() for each in strip.all()]
    code = opened(page)
    assert [each.bounding_box() for each in strip.all()] == places, "a button has moved"
    voted(page, 0)
    button = page.task.get_by_role("button", name="Close the vote")

    def all_of_it_is_on_the_screen() -> bool:
        box, side = box_of(button), box_of(page.page.locator(".live-figure-side"))
        return box["y"] + box["height"] <= side["y"] + side["height"]

    for size in (ENLARGED, PROJECTOR):
        page.page.set_viewport_size(size)
        page.until(all_of_it_is_on_the_screen)
    asked = dict.fromkeys(CELLS, "∂ ≠ 0 ?")
    page.until(lambda: drawn(page) == asked)
    phone = hall(code)
    vote(phone, FIRST[0])
    others_vote(server, code, FIRST[1:], 1)
    voted(page, 8)
    assert drawn(page) == asked

    # During a vote neither keys nor controls change the scene.
    before = page.page.url
    for key in ("PageDown", "ArrowLeft", "Home", "b"):
        page.page.keyboard.press(key)
    expect(page.slider("x1")).not_to_be_focused()
    page.slider("x1").focus()
    expect(page.slider("x1")).not_to_be_focused()
    assert page.page.url == before

    page.page.keyboard.press("o")
    heading(page, "The vote is closed")
    first = {"x1": "63 % split", "x2": "13 %", "x3": "38 % split"} | {
        "x4": "0 %",
        "x5": "0 %",
        "w": "38 % split",
    }
    page.until(lambda: drawn(page) == first)

    page.page.reload()
    page.wait_drawn()
    expect(page.page.get_by_test_id("stHeader")).to_be_hidden()
    heading(page, "The vote is closed")
    assert drawn(page) == first, "the first picture hides what is not known yet"
    assert code not in page.page.url
    (kept,) = json.loads(page.page.evaluate(KEPT))
    token = kept["vote"]["token"]
    assert token not in page.page.url

    page.page.keyboard.press("v")
    heading(page, "The class votes: vote 2")
    expect(phone.get_by_text("Vote 2 on the same question")).to_be_visible()
    vote(phone, THEN[0])
    changed = tuple([*{*one} ^ {*other}] for one, other in zip(FIRST, THEN, strict=True))
    others_vote(server, code, changed[1:], 2)
    voted(page, 8)
    page.page.keyboard.press("o")
    heading(page, "The vote is closed")
    second = {"x1": "63 → 100 %", "x2": "13 → 0 %", "x3": "38 → 100 %"} | {
        "x4": "0 → 0 %",
        "x5": "0 → 0 %",
        "w": "38 → 100 %",
    }
    page.until(lambda: drawn(page) == second)

    page.page.keyboard.press("r")
    heading(page, "The answer")
    expect(page.task).to_contain_text("8 of 8 had all right (1 of 8 in the first vote).")
    expect(page.task).to_contain_text("7 went from wrong to right, 0 from right to wrong")
    page.until(lambda: drawn(page)["x1"] == "∂ +2 (63→100%)")
    expect(phone.get_by_role("status")).to_contain_text("The answer: 6 of 6 cells right. ")

    # Another case, which the class is asked about first: on this page, then on the next page.
    position = page.page.locator(".live-figure-position")
    page.page.get_by_label("Cases").select_option(label="A weight of zero")
    expect(position).to_have_text("7 of 7")
    heading(page, "Ask the class")
    page.page.keyboard.press("PageDown")
    page.page.wait_for_url("**/relu?*")
    expect(page.task).to_have_count(1)  # the curtain between the pages has opened
    heading(page, "Ask the class")
    wanted = dict.fromkeys((f"a{at}" for at in range(1, 6)), "∂ ≠ 0 ?")
    page.until(lambda: {a: page.cells().get(a, [""])[-1] for a in wanted} == wanted)
    page.page.keyboard.press("o")
    heading(page, "The class votes")
    expect(page.page.locator("[translate=no] .live-figure-path")).to_have_text(f"/vote/{code}")
    expect(phone.get_by_role("heading", level=1)).to_have_text("ReLU")
    expect(phone.get_by_role("status")).to_have_text("Open. Nothing is sent yet.")
    page.page.keyboard.press("o")
    heading(page, "The vote is closed")
    page.task.get_by_role("button", name="End").click()
    expect(page.task).to_be_hidden()
    assert page.page.evaluate(KEPT) is None


LECTURE: Final = """
[scenes.mine]
url = "http://localhost:8501/?x=3,3,1,0,0&w=1"
title = "Mine"

[scenes.nobody]
preset = "nobody"

[scenes.case]
preset = "max-pool/overlap"
"""


@pytest.mark.usefixtures("hall")
def test_the_questions_of_a_lectures_file_are_asked_in_its_order(
    page: LivePage, tmp_path: Path
) -> None:
    """They can be about any page, and about a scene that is no preset; no others are asked."""
    file = tmp_path / "monday.toml"
    file.write_text(LECTURE, encoding="utf-8")
    page.come_to("gallery")
    with page.page.expect_file_chooser() as chooser:
        page.page.get_by_role("button", name="Open a lecture file").press("Enter")
    chooser.value.set_files(file)
    lecture = page.page.get_by_role("region", name=file.name)
    cases = lecture.get_by_role("listitem")
    expect(cases).to_have_text(["Mine", "Max pool · Windows that overlap · ties: all get it"])
    expect(lecture.get_by_text("'nobody' is no preset")).to_be_visible()
    lecture.get_by_role("button", name="Present 2").click()
    page.wait_address(x="3,3,1,0,0", w="1", present="1")
    code = opened(page)
    page.page.keyboard.press("PageDown")  # while the class votes, its case stays
    for key, said in {"o": "The vote is closed", "r": "The answer"}.items():
        page.page.keyboard.press(key)
        heading(page, said)
    position = page.page.locator(".live-figure-position")
    expect(position).to_have_text("1 of 2")
    page.page.keyboard.press("n")
    page.page.wait_for_url("**/max_pool?*")
    expect(page.task).to_have_count(1)
    heading(page, "The class votes")
    expect(page.page.locator(".live-figure-path")).to_have_text(f"/vote/{code}")
    expect(position).to_have_text("2 of 2")
    page.page.keyboard.press("o")
    heading(page, "The vote is closed")
    page.task.get_by_role("button", name="End").click()
    expect(page.task).to_be_hidden()
    page.button("Leave").click()  # back to the gallery, which lists the lecture's cases
    expect(page.page.get_by_role("heading", level=1)).to_have_text("Gallery")
    page.page.wait_for_function("document.fullscreenElement === null")
    lecture.get_by_role("button", name="Close").click()
    expect(lecture).to_be_hidden()
    page.wait_for_run()


@pytest.mark.usefixtures("hall")
def test_a_lecturer_runs_a_vote_by_the_mouse_and_saves_its_results(
    page: LivePage, server: Server
) -> None:
    page.open(preset="max-tie")
    page.page.get_by_test_id("stButtonGroup").get_by_text("Predict").click()
    page.task.get_by_role("button", name="Ask the class").click()
    page.task.get_by_role("button", name="Not now").click()
    heading(page, "Predict")
    page.task.get_by_role("button", name="Ask the class").click()
    page.task.get_by_role("button", name="Open the vote").click()
    heading(page, "The class votes")
    code = page.page.locator(".live-figure-path").inner_text().rpartition("/")[2]
    others_vote(server, code, FIRST[:2], 1)
    voted(page, 2)
    said = page.page.locator(".live-figure-said")
    expect(said).to_be_hidden()  # it describes a step that is not shown
    expect(page.page.locator(".st-key-toolbar")).to_have_attribute("inert", "")
    page.task.get_by_role("button", name="Close the vote").click()
    with page.page.expect_download() as found:
        page.task.get_by_role("button", name="Save as CSV").click()
    assert found.value.suggested_filename == f"votes-{code}.csv"
    rows = Path(found.value.path()).read_text(encoding="utf-8").splitlines()
    assert rows[0] == "question,title,round,cell,votes,marked,share,nonzero"
    assert rows[1] == "1,The conv block: A tie of two maxima,1,x1,2,2,1.0000,"
    with page.page.expect_download() as found:
        page.task.get_by_role("button", name="Save as JSON").click()
    whole = json.loads(Path(found.value.path()).read_text(encoding="utf-8"))
    assert whole["questions"][0]["rounds"][0]["marked"]["x3"] == 1
    assert not re.search("voter|token", json.dumps(whole))
    page.task.get_by_role("button", name="End").click()
    expect(page.task).to_be_hidden()
    expect(said).to_be_visible()
    expect(page.page.locator(".st-key-toolbar")).not_to_have_attribute("inert", "")
