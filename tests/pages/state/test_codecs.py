"""Codecs that pages share: words, a power of ten by its exponent, and lists of numbers."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.state.codecs import ON_GRID, Choice, EntryName, Power, UpTo, Whole
from tests.for_each import for_each

POWER = Power(-13, -1)


@given(st.floats(-13, -1))
def test_an_exponent_survives_its_address(exponent: float) -> None:
    assert POWER.read(POWER.write(exponent)) == exponent + 0.0


@for_each(
    ("text", "exponent"),
    [
        ("1e-6", -6),
        ("1e-5.75", -5.75),
        ("0.001", -3),
        ("2e-5", math.log10(2e-5)),
        ("-6", -6),  # as a slider says it
        ("-12.25", -12.25),
        ("0.1", -1),
    ],
)
def test_a_power_is_read_as_people_write_it(text: str, exponent: float) -> None:
    assert POWER.read(text) == exponent


@for_each(
    "text",
    [
        *("", "0", "1", "1e3", "1e-14", "-0.5", "-14", "nan", "inf", "-inf", "1e", "1enan", "x"),
        *("0.00_1", "0.0١"),
    ],
)
def test_no_power_of_that_range(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        POWER.read(text)


def test_what_a_power_needs() -> None:
    assert POWER.needs == "a number from 1e-13 to 1e-1"


def test_a_slider_takes_every_quarter_from_its_lower_to_its_upper_end() -> None:
    assert [4 * value for value in ON_GRID] == [*range(-16, 17)]


def test_an_entrys_name_is_read_as_a_whole_or_not_at_all() -> None:
    entry = EntryName("x[1-9]|w", "an entry")
    assert [entry.read(text) for text in ("x3", "w", "")] == ["x3", "w", ""]
    for text in ("x3,1", "x10", "ww", " w", "w\n", "x0", "X3"):
        with pytest.raises(ValueError, match=f"^{text}$"):
            entry.read(text)


def test_as_many_numbers_as_come() -> None:
    some = UpTo(3)
    for text, numbers in (("", ()), ("1", (1.0,)), ("1,-2.5,0", (1.0, -2.5, 0.0))):
        assert some.read(text) == numbers
        assert some.write(numbers) == text
    for text in ("1,2,3,4", "1,,2", "5", "a", ","):
        with pytest.raises(ValueError, match=r".*"):
            some.read(text)
    assert some.needs == "at most 3 numbers from -4 to 4"


@pytest.mark.parametrize(
    ("count", "needs"),
    [
        (2, "one of (nothing), x1"),
        (20, f"one of (nothing), {', '.join(f'x{n}' for n in range(1, 20))}"),
        (21, "one of (nothing), x1, x2, x3, x4, x5, x6, x7 and 13 more"),
    ],
)
def test_a_message_lists_only_the_first_of_very_many_words(count: int, needs: str) -> None:
    words = ("", *(f"x{n}" for n in range(1, count)))
    assert Choice(words).needs == needs


@for_each(
    "text", ["1_0", "+1", " 1", "1 ", "٣", "²", "1e1", "1.0", "-1", "21", "", "0" * 9, "9" * 5000]
)
def test_only_plain_digits_are_a_whole_number(text: str) -> None:
    assert [Whole(0, 20).read(each) for each in ("0", "20", "07")] == [0, 20, 7]
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        Whole(0, 20).read(text)
