"""How numbers, entries and reasons are written, once for every picture and sentence."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from engine import Why

MINUS: Final = "\N{MINUS SIGN}"
INDEX_COMMA: Final = "\N{SINGLE LOW-9 QUOTATION MARK}"
"""Stands between the numbers of an index."""
_SUBSCRIPTS = str.maketrans("0123456789,", f"₀₁₂₃₄₅₆₇₈₉{INDEX_COMMA}")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

REASONS: Final[Mapping[Why, str]] = MappingProxyType(
    {
        Why.FLOWS: "flows",
        Why.NOT_COVERED: "not read",
        Why.UPSTREAM_ZERO: "nothing in",
        Why.GATE_CLOSED: "closed",
        Why.AT_KINK: "at kink",
        Why.NOT_MAX: "not max",
        Why.TIE_LOST: "tie lost",
        Why.ZERO_FACTOR: "times zero",
        Why.CANCELLED: "cancelled",
        Why.UNDERFLOW: "underflow",
        Why.ROUNDED: "rounded",
    }
)
"""The few words under a zero."""
SEVERAL: Final = "several"
"""Under one whose ways end for different reasons."""


# A sweep writes the same few names and numbers thousands of times.
@lru_cache(maxsize=4096)
def number(value: float, digits: int = 6) -> str:
    """So many significant digits at most, with a real minus sign: −1.5, 2, 1e−7."""
    text = f"{value + 0.0:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    if e:
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", MINUS)


def signed(value: float, digits: int = 6) -> str:
    """As `number`, with a plus sign where it is positive: +2, −1.5, 0."""
    return f"+{number(value, digits)}" if value > 0 else number(value, digits)


def factor(value: float) -> str:
    """As `number`, in brackets where it is negative: for a product."""
    return f"({number(value)})" if value < 0 else number(value)


def percent(fraction: float) -> str:
    """In hundredths, to a tenth of one, finer near 0 and 1: 12.5 %, 98.12 %; 0 % is exactly 0."""
    digits = 2 if fraction < 0.01 or fraction > 0.98 else 1
    hundredths = round(100 * fraction, digits)
    if hundredths in (0, 100) and fraction not in (0, 1):
        return "<0.01 %" if hundredths == 0 else ">99.99 %"
    return f"{hundredths:g} %"


def subscript(label: str) -> str:
    """What stands below the line at the end of an entry's name: x₁‚₂ -> ₁‚₂."""
    return label[len(label.rstrip("".join(map(chr, _SUBSCRIPTS.values())))) :]


@lru_cache(maxsize=4096)
def name(letter: str, *index: int) -> str:
    """The entry of an array, counted from one: x₂, w; of the second of several, a2: a⁽²⁾₁."""
    base = letter.rstrip("0123456789")
    raised = f"⁽{letter[len(base) :].translate(_RAISED)}⁾" if base != letter else ""
    return base + raised + ",".join(str(i + 1) for i in index).translate(_SUBSCRIPTS)
