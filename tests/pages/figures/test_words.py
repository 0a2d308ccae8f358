"""How numbers and names are written."""

import pytest

from engine import Why
from pages.figures.words import REASONS, factor, name, number, percent, signed


@pytest.mark.parametrize(
    ("value", "plain", "with_sign", "in_product"),
    [
        (2.0, "2", "+2", "2"),
        (-1.5, "−1.5", "−1.5", "(−1.5)"),
        (0.0, "0", "0", "0"),
        (-0.0, "0", "0", "0"),
        (1 / 3, "0.333333", "+0.333333", "0.333333"),
        (1e-7, "1e−7", "+1e−7", "1e−7"),
        (-123456789.0, "−1.23457e8", "−1.23457e8", "(−1.23457e8)"),
    ],
)
def test_a_number(value: float, plain: str, with_sign: str, in_product: str) -> None:
    assert (number(value), signed(value), factor(value)) == (plain, with_sign, in_product)


@pytest.mark.parametrize(
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


def test_a_name_counts_from_one() -> None:
    assert [name("w"), name("x", 0), name("x", 10), name("w", 0, 1)] == ["w", "x₁", "x₁₁", "w₁‚₂"]


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == set(Why)
    assert len(set(REASONS.values())) == len(Why)
