"""A phone's page of a vote, in the browser: what it shows in each phase, and what a finger does."""

import re
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
)

from pages.vote.box import Opened
from tests.browser.test_accessibility import AXE, COLOURS, RUN
from tests.browser.tunnel import Tunnel
from tests.pages.apart import apart
from tests.pages.vote.served import Served, asked, served

Phones = Callable[..., Page]
# A timeout by the page's clock, which a test moves, unlike the browser's own.
OWN_PATIENCE: Final = """AbortSignal.timeout = (ms) => {
  const control = new AbortController();
  setTimeout(() => control.abort(), ms);
  return control.signal;
};"""


@pytest.fixture(scope="module")
def hall() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture
def opened(hall: Served) -> Opened:
    return apart(hall.votes.open, *asked())


@pytest.fixture
def phones(browser: Browser, hall: Served) -> Iterator[Phones]:
    """A function that opens a vote on a new phone; at the end no phone may have had an error."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def logged(said: ConsoleMessage) -> None:
        if said.type == "error":
            problems.append(said.text)

    def make(
        code: str,
        server: Served = hall,
        *,
        quiet: bool = True,
        clock: bool = False,
        axe: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": 390, "height": 664},
            has_touch=True,
            is_mobile=True,
            bypass_csp=axe,
        )
        contexts.append(context)
        page = context.new_page()
        if clock:
            page.clock.install()
            page.add_init_script(OWN_PATIENCE)
        page.on("pageerror", lambda error: problems.append(str(error)))
        if quiet:
            page.on("console", logged)
        page.goto(f"{server.url}vote/{code}")
        if axe:
            page.evaluate(AXE)
        return page

    yield make
    for context in contexts:
        context.close()
    assert problems == []


def says(page: Page, text: str) -> None:
    expect(page.get_by_role("status")).to_have_text(text)


def cell(page: Page, label: str) -> Locator:
    """A cell, by the beginning of the name that a screen reader reads."""
    return page.get_by_role("button", name=re.compile(f"^{label}")).first


def mark(page: Page, *labels: str) -> None:
    for label in labels:
        cell(page, label).tap()


def send(page: Page) -> None:
    page.locator("#send").tap()


def later(page: Page, seconds: int, text: str = "") -> None:
    """Let seconds pass on the page's clock, until the status is the text; let answers come in."""
    for _ in range(seconds):
        page.clock.run_for(1000)
        page.wait_for_timeout(30)
        if page.get_by_role("status").inner_text() == text:
            return


OPEN: Final = "Open. Nothing is sent yet."
WAIT: Final = "Look at the projector: this page changes by itself."
NEXT: Final = "The next question comes by itself; a new vote has a new code."


def test_a_question_with_two_rounds(hall: Served, opened: Opened, phones: Phones) -> None:
    page = phones(opened.code)
    says(page, OPEN)
    expect(page.get_by_role("heading", level=1)).to_have_text("The conv block")
    expect(page.get_by_text("on the same question")).to_be_hidden()
    expect(page.get_by_role("group", name="x", exact=True)).to_contain_text("x₁")
    expect(page.locator("#shown table")).to_have_count(3)
    mark(page, "x₁", "x₂", "w, 2")
    expect(page.locator("#send")).to_have_text("Send: x₁, x₂, w")
    send(page)
    says(page, "Sent: x₁, x₂, w. You can change it until the vote is closed.")
    mark(page, "x₂")
    says(page, "Sent: x₁, x₂, w. Your changes since then are not sent yet.")
    send(page)
    says(page, "Sent: x₁, w. You can change it until the vote is closed.")
    mark(page, "x₄")  # not sent: does not count

    apart(hall.votes.close, *opened)
    says(page, f"Closed. Your vote counts: x₁, w. {WAIT}")
    expect(page.locator("#send")).to_be_hidden()
    expect(cell(page, "x₄")).to_have_attribute("aria-pressed", "false")
    cell(page, "x₅").tap(force=True)
    expect(cell(page, "x₅")).to_have_attribute("aria-pressed", "false")

    apart(hall.votes.again, *opened)
    says(page, "Open again. Change your marks or leave them, and send them.")
    expect(page.get_by_text("Vote 2 on the same question")).to_be_visible()
    expect(cell(page, "x₁")).to_have_attribute("aria-pressed", "true")
    mark(page, "x₄")
    send(page)
    says(page, "Sent: x₁, x₄, w. You can change it until the vote is closed.")
    apart(hall.votes.close, *opened)
    assert page.get_by_text("gradient is").count() == 0

    apart(hall.votes.reveal, *opened)
    says(page, f"The answer: 4 of 6 cells right. {NEXT}")
    answers = page.get_by_role("listitem")
    expect(answers).to_have_count(6)
    told = [text.split("\n")[0] for text in answers.all_inner_texts()]
    assert told == [
        "x₃: wrong, you left it out, but its gradient is not 0.",
        "x₄: wrong, you marked it, but its gradient is 0.",
        "x₁: right, you marked it.",
        "x₂: right, you left it out.",
        "x₅: right, you left it out.",
        "w: right, you marked it.",
    ]
    expect(answers.nth(1)).to_contain_text("∂L/∂x₄ = 0: h₄ = 1 is not the maximum.")
    for said in told:  # each cell says so too
        expect(page.get_by_role("button", name=said, exact=True)).to_have_count(1)
    assert apart(hall.votes.results, *opened).rounds[0].marked == (1, 0, 0, 0, 0, 1)

    apart(hall.votes.ask, *opened, *asked("overlap", "max-pool"))
    says(page, OPEN)
    expect(page.get_by_role("heading", level=1)).to_have_text("Max pool")
    expect(page.locator('[aria-pressed="true"]')).to_have_count(0)
    expect(page.locator("#shown table")).to_have_count(1)  # not those of the question before

    apart(hall.votes.close, *opened)
    apart(hall.votes.end, *opened)  # before its answer
    for again in (False, True):
        if again:
            page.reload()
        says(page, "The vote is over.")


# Stores a vote from less than a day ago, one from more than a day ago, and a foreign entry.
OTHERS = """() => {
  const hours = (many) => JSON.stringify({ at: Date.now() - many * 3_600_000 });
  localStorage.setItem("backprop-vote:/vote/TODAY", hours(23));
  localStorage.setItem("backprop-vote:/vote/BEFORE", hours(25));
  localStorage.setItem("not-ours", hours(25));
}"""


def test_a_page_that_is_loaded_again_is_the_same_voter(
    hall: Served, opened: Opened, phones: Phones
) -> None:
    page = phones(opened.code)
    expect(page.locator("#send")).to_have_text("Send: no cell")
    send(page)  # nothing marked is a vote
    says(page, "Sent: no cell. You can change it until the vote is closed.")
    assert apart(hall.votes.standing, opened.code).votes == 1
    mark(page, "x₁")
    send(page)
    says(page, "Sent: x₁. You can change it until the vote is closed.")
    mark(page, "x₃")
    page.evaluate(OTHERS)
    page.reload()
    says(page, "Sent: x₁. Your changes since then are not sent yet.")
    others = f"Object.keys(localStorage).filter((key) => !key.endsWith('{opened.code}')).sort()"
    assert page.evaluate(others) == ["backprop-vote:/vote/TODAY", "not-ours"]
    page.evaluate("localStorage.removeItem('backprop-vote:/vote/TODAY')")
    send(page)
    says(page, "Sent: x₁, x₃. You can change it until the vote is closed.")
    assert apart(hall.votes.standing, opened.code).votes == 1


def test_a_phone_keeps_the_answer_and_says_that_the_vote_is_over(
    hall: Served, opened: Opened, phones: Phones
) -> None:
    page = phones(opened.code)
    mark(page, "x₁")
    send(page)
    says(page, "Sent: x₁. You can change it until the vote is closed.")
    apart(hall.votes.close, *opened)
    apart(hall.votes.reveal, *opened)
    expect(page.locator("#status")).to_contain_text("The next question comes by itself")
    answers = page.locator("#answers").inner_text()
    apart(hall.votes.end, *opened)
    for again in (False, True):
        if again:
            page.reload()
        expect(page.locator("#status")).to_contain_text("cells right. The vote is over.")
        assert page.locator("#answers").inner_text() == answers


def test_a_phone_that_comes_late_shows_how_the_vote_stands(
    hall: Served, opened: Opened, phones: Phones
) -> None:
    apart(hall.votes.close, *opened)
    page = phones(opened.code)
    says(page, f"Closed. You have not voted. {WAIT}")
    apart(hall.votes.reveal, *opened)
    says(page, f"The answer. You have not voted. {NEXT}")
    expect(page.get_by_role("listitem").first).to_contain_text("x₁: its gradient is not 0.")


def test_a_vote_sent_without_a_network_counts_once_it_is_back_thirty_seconds_later(
    hall: Served, opened: Opened, phones: Phones
) -> None:
    with Tunnel(hall.port) as network:
        there = Served(hall.votes, network.port)
        page = phones(opened.code, there, quiet=False, clock=True)
        says(page, OPEN)
        network.cut()
        mark(page, "x₁", "x₃")
        send(page)
        says(page, "Sending …")
        later(page, 12)
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("Not reached. This page goes on trying")
        later(page, 18)
        expect(alert).to_be_visible()
        says(page, "Sending …")
        assert apart(hall.votes.standing, opened.code).votes == 0
        network.mend()
        sent = "Sent: x₁, x₃. You can change it until the vote is closed."
        later(page, 25, sent)  # it tries every 8 s, more or less by a half
        says(page, sent)
        expect(alert).to_be_hidden()
        assert apart(hall.votes.standing, opened.code).votes == 1
        apart(hall.votes.close, *opened)  # the phone is notified
        says(page, f"Closed. Your vote counts: x₁, x₃. {WAIT}")


def test_a_voter_without_a_code_or_with_a_wrong_one_types_it(hall: Served, phones: Phones) -> None:
    opened = apart(hall.votes.open, *asked())
    page = phones("", quiet=False, axe=True)
    says(page, "Which vote?")
    field, go = page.get_by_label("The code on the projector"), page.get_by_role("button")
    go.click()
    says(page, "Which vote?")
    assert violations(page) == []
    assert all(height >= 44 for *_, height in go.or_(field).evaluate_all(BOXES))
    field.fill("22222222")
    field.press("Enter")
    says(page, "There is no vote with this code, or it has ended.")
    field.fill(f" {hall.url}vote/{opened.code.lower()} ")
    go.click()
    says(page, OPEN)
    expect(field).to_be_hidden()


def violations(page: Page) -> list[str]:
    """The violations in both themes."""
    found: list[str] = page.evaluate(RUN, {})
    page.emulate_media(color_scheme="dark")
    found += page.evaluate(RUN, COLOURS)  # only colours are different in the dark
    page.emulate_media(color_scheme="light")
    return found


# [left, width, height] of all the elements at once.
BOXES = """(all) => all.map((it) => {
  const { left, width, height } = it.getBoundingClientRect();
  return [left, width, height];
})"""


def can_be_hit(page: Page) -> None:
    """Assert that a thumb can hit every cell and button without scrolling sideways."""
    boxes = page.get_by_role("button").evaluate_all(BOXES)
    assert boxes
    assert all(width >= 44 and height >= 44 for _, width, height in boxes)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    cells = page.locator(".cell").evaluate_all(BOXES)
    assert cells
    assert all(left >= 0 and left + width <= 390 for left, width, _ in cells)


def test_the_page_of_a_voter_can_be_read_and_used_by_keyboard_and_thumb(
    hall: Served, opened: Opened, phones: Phones
) -> None:
    page = phones(opened.code, axe=True)
    says(page, OPEN)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(cell(page, "x₁")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(cell(page, "x₃")).to_have_attribute("aria-pressed", "true")
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.locator("#send")).to_be_focused()
    page.keyboard.press("Enter")
    says(page, "Sent: x₁, x₃. You can change it until the vote is closed.")
    sign = "(it) => getComputedStyle(it, '::after').content"
    assert cell(page, "x₁").evaluate(sign) == '"✓"', "it is not by its colour alone"
    assert cell(page, "x₂").evaluate(sign) == "none"
    can_be_hit(page)
    assert violations(page) == []
    apart(hall.votes.close, *opened)
    apart(hall.votes.reveal, *opened)
    expect(page.get_by_role("status")).to_contain_text("The answer")
    assert violations(page) == []


def test_the_many_cells_of_an_image_can_be_hit_and_voted_on(hall: Served, phones: Phones) -> None:
    opened = apart(hall.votes.open, *asked("digit", "conv-2d"))
    page = phones(opened.code, axe=True)
    says(page, OPEN)
    assert page.locator(".dense .cell").count() > 60
    can_be_hit(page)
    mark(page, "x₁")
    send(page)
    says(page, "Sent: x₁‚₁. You can change it until the vote is closed.")
    apart(hall.votes.close, *opened)
    apart(hall.votes.reveal, *opened)
    expect(page.get_by_role("status")).to_contain_text("The answer")
    found: list[str] = page.evaluate(RUN, {})
    assert found == []
