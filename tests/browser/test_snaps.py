"""Every snap button does what its name says; where that cannot be had, it says why."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.live_page import LivePage
from tests.pages.lab import OPENED_WITH, Numbers, lab

EPSILON = 2.0**-10


def column(numbers: Numbers, letter: str) -> list[float]:
    return [
        value for entry, (value, _) in numbers.items() if entry[0] == letter and value is not None
    ]


def winners(numbers: Numbers) -> int:
    """How many entries of a share a positive maximum."""
    a = column(numbers, "a")
    return a.count(max(a)) if max(a) > 0 else 0


SAID: dict[str, Callable[[Numbers], bool]] = {
    "unique max": lambda numbers: winners(numbers) == 1,
    "make a tie": lambda numbers: winners(numbers) == 2,
    "three-way tie": lambda numbers: winners(numbers) == 3,
    "all negative": lambda numbers: all(a < 0 for a in column(numbers, "a")),
    "all positive": lambda numbers: all(a > 0 for a in column(numbers, "a")),
    "a = 0": lambda numbers: 0 in column(numbers, "a"),
    "w = 0": lambda numbers: column(numbers, "w") == [0] and not any(column(numbers, "a")),
    "random": lambda numbers: all((4 * x).is_integer() for x in column(numbers, "x")),
    "reset": lambda numbers: numbers == lab(*OPENED_WITH),
}


@pytest.mark.apart
def test_each_does_what_it_says(page: LivePage) -> None:
    page.open()
    for name, is_true in SAID.items():
        page.press(name)
        numbers = page.numbers()
        assert is_true(numbers), name
        assert numbers == lab(column(numbers, "x"), *column(numbers, "w")), name


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
        page.button(names[0]).hover(force=True)
        expect(page.page.get_by_role("tooltip")).to_have_text(reason)
