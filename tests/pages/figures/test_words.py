"""How numbers and names are written."""

from fractions import Fraction

import numpy as np

from engine import Why
from pages.figures.words import (
    DIGITS,
    REASONS,
    digits_of,
    equated,
    factor,
    hundredths,
    is_on_grid,
    name,
    number,
    percent,
    probability,
    share,
    shares_beside,
    signed,
    written,
)
from tests.for_each import for_each


@for_each(
    ("value", "plain", "with_sign", "in_product"),
    [
        (2.0, "2", "+2", "2"),
        (-1.5, "−1.5", "−1.5", "(−1.5)"),
        (0.0, "0", "0", "0"),
        (-0.0, "0", "0", "0"),
        (1 / 3, "⅓", "+⅓", "⅓"),
        (-2 / 3, "−⅔", "−⅔", "(−⅔)"),
        (4 * 2 / 3, "2⅔", "+2⅔", "2⅔"),
        (0.333333, "0.333333", "+0.333333", "0.333333"),
        (5 / 12, "0.416667", "+0.416667", "0.416667"),
        (1e4 / 3, "3333.33", "+3333.33", "3333.33"),
        (1e-7, "1e−7", "+1e−7", "1e−7"),
        (-123456789.0, "−1.23457e8", "−1.23457e8", "(−1.23457e8)"),
    ],
)
def test_a_number(value: float, plain: str, with_sign: str, in_product: str) -> None:
    assert (number(value), signed(value), factor(value)) == (plain, with_sign, in_product)
    assert number(-0.0, 9) == "0", "even if no other 0 was written so before"


@for_each(
    ("value", "digits", "exactly"),
    [
        (2.8125, 2, Fraction(28, 10)),
        (-3.75, 6, Fraction(-15, 4)),
        (-4 / 3, 2, Fraction(-4, 3)),
        (0.333333, 6, Fraction(333333, 10**6)),
        (1e-7, 6, Fraction(1, 10**7)),
        (0.0, 2, Fraction(0)),
    ],
)
def test_what_is_written_exactly(value: float, digits: int, exactly: Fraction) -> None:
    assert written(value, digits) == exactly


@for_each(
    ("sides", "line"),
    [
        (["a", "2 · 3 + 1", "7"], "a = 2 · 3 + 1 = 7"),
        (["a", "1.5 · (−1) + 0.5", "−1"], "a = 1.5 · (−1) + 0.5 = −1"),
        (["a", "1.5 · (−1) + 0.5", "−1.1"], "a = 1.5 · (−1) + 0.5 ≈ −1.1"),
        (["a", "⅓ · 1⅔ + (−⅓) · 3", "−0.444444"], "a = ⅓ · 1⅔ + (−⅓) · 3 ≈ −0.444444"),  # −4/9
        (["1.23457 · 2", "+2.46913"], "1.23457 · 2 ≈ +2.46913"),
        (["1.23457 · 2", "+2.46914"], "1.23457 · 2 = +2.46914"),
        (["1e−7 · (−3)", "−3e−7"], "1e−7 · (−3) = −3e−7"),
        (["(−1.25) · 0.1 + 0.1 · 1.25", "8e−18"], "(−1.25) · 0.1 + 0.1 · 1.25 ≈ 8e−18"),
        (["w · x", "2"], "w · x = 2"),
        (["0.1 (the bias) + 2 · 3", "6.1"], "0.1 (the bias) + 2 · 3 = 6.1"),
        (["0.1 (the bias) + 2 · 3", "6.09"], "0.1 (the bias) + 2 · 3 ≈ 6.09"),
        (["1.23457 · 2 + 4 more", "+3"], "1.23457 · 2 + 4 more = +3"),
    ],
)
def test_between_numbers_that_are_rounded_is_no_equals_sign(sides: list[str], line: str) -> None:
    assert equated(*sides) == line


@for_each(
    ("value", "tried"),
    [
        (1.125, ["1.125", "1.125", "1.13", "1.1"]),
        (2.25, ["2.25", "2.25", "2.25", "2.3"]),
        (-3.75, ["−3.75", "−3.75", "−3.75", "−3.8"]),
        (0.0625, ["0.0625", "0.0625", "0.0625", "0.063"]),
        (5 / 12, ["0.4167", "0.4167", "0.417", "0.42"]),
        (1.5 + 2**-10, ["1.501", "1.501", "1.5", "1.5"]),
        (2 / 3, ["⅔", "⅔", "⅔", "⅔"]),
    ],
)
def test_a_number_with_fewer_digits_is_rounded_half_away_from_zero(
    value: float, tried: list[str]
) -> None:
    assert [number(value, digits_of(value, most)) for most in DIGITS] == tried


@for_each(
    ("fraction", "said"),
    [
        (0.0, "0 %"),
        (1e-5, "<0.01 %"),
        (0.0004, "0.04 %"),
        (0.1234, "12.3 %"),
        (0.9812, "98.12 %"),
        (0.9999, "99.99 %"),
        (0.99999, ">99.99 %"),
        (1.0, "100 %"),
    ],
)
def test_all_and_nothing_are_said_of_nothing_else(fraction: float, said: str) -> None:
    assert percent(fraction) == said


def test_what_a_class_says_is_first_said_at_its_longest() -> None:
    assert shares_beside((0.43, 0.71)) == ("(43 → 71 %)", "(43→71%)", "(71 %)")
    assert shares_beside((0.43,)) == ("(43 %)",)


def test_no_probability_of_a_softmax_is_all_or_nothing() -> None:
    # In float32 1 / (1 + e⁻³⁰) is 1, and e⁻¹²⁰ is 0.
    rounded = np.exp(np.array([0, -120], np.float32)) / np.float32(1 + np.exp(-30))
    assert [*rounded] == [1, 0]
    assert [probability(float(each)) for each in rounded] == [">99.99 %", "<0.01 %"]
    assert [probability(each) for each in (0.02, 0.99, 0.9999)] == ["2 %", "99 %", "99.99 %"]


def test_a_name_counts_from_one() -> None:
    assert [name("w"), name("x", 0), name("x", 10), name("w", 0, 1)] == ["w", "x₁", "x₁₁", "w₁‚₂"]


def test_halves_of_a_percent_are_rounded_up() -> None:
    assert [hundredths(each) for each in (1 / 8, 23 / 40, 0.574, 0.0, 1.0)] == [13, 58, 57, 0, 100]


def test_a_number_in_a_cell_has_four_digits_unless_six_are_all_or_it_is_large() -> None:
    numbers = (0.123456, 0.1234567, 12345.678, -1000.5678)
    assert [digits_of(each, 6) for each in numbers] == [6, 4, 6, 6]
    assert [digits_of(each, 2) for each in numbers] == [2] * 4


def test_a_share_of_up_to_ten_is_a_fraction() -> None:
    assert [share(1 / parts) for parts in (1, 2, 10, 11)] == ["1", "½", "⅒", "0.0909091"]


def test_the_number_of_an_array_is_raised() -> None:
    assert [name("a2"), name("a12", 0)] == ["a⁽²⁾", "a⁽¹²⁾₁"]


def test_the_sliders_grid_has_quarters() -> None:
    assert [is_on_grid(value) for value in (0.25, -1.75, 3.0, 0.125, 0.3)] == [True] * 3 + [
        False
    ] * 2


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == set(Why)
    assert len(set(REASONS.values())) == len(Why)
