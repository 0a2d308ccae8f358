"""A snap button does what its name says; where that cannot be had, it says why."""

import pytest
from playwright.sync_api import expect

from tests.browser.live_page import LivePage
from tests.pages.lab import OPENED_WITH, lab

EPSILON = 2.0**-10


def test_a_nudge_is_exact_and_can_be_taken_back(page: LivePage) -> None:
    page.open(entry="x1")
    page.press("nudge +ε")
    assert page.address()["x"] == f"{1.5 + EPSILON},-1,1.5,0.5,0"
    assert page.numbers()["x3"] == (1.5, 0)
    page.press("nudge −ε")
    assert page.numbers() == lab(*OPENED_WITH)


@pytest.mark.parametrize(
    ("state", "names", "reason"),
    [
        (
            {"w": 0},
            ("unique max", "make a tie", "three-way tie", "all negative", "all positive"),
            "At w = 0 every a is 0: move w first.",
        ),
        (
            {"entry": "h2"},
            ("nudge +ε", "nudge −ε"),
            "Choose a cell that has a slider first: all others follow from these.",
        ),
        ({"w": 4, "entry": "w"}, ("nudge +ε",), "w is at the end of its range."),
    ],
)
def test_one_that_cannot_be_had_is_disabled_and_says_why(
    page: LivePage, state: dict[str, object], names: tuple[str, ...], reason: str
) -> None:
    page.open(**state)
    with page.unfolded("Edit"):
        for name in names:
            expect(page.button(name)).to_be_disabled()
        tooltip = page.page.get_by_role("tooltip")
        page.button(names[0]).hover(force=True)
        expect(tooltip).to_have_text(reason)
        page.page.mouse.move(0, 0)
        expect(tooltip).to_have_count(0)
        page.page.keyboard.press("Tab")  # by keyboard too
        page.button(names[0]).focus()
        expect(tooltip).to_have_text(reason)
