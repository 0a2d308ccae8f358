"""Write numbers, names of entries and reasons, in the same way in every picture and sentence."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Context
from fractions import Fraction
from functools import lru_cache
from math import floor, isclose, prod
from types import MappingProxyType
from typing import Final

from engine import Why

DIGITS: Final = (6, 4, 3, 2)
"""The numbers of significant digits that a number may have: as many as there is room for."""
ENDLESS: Final[Mapping[float, str]] = MappingProxyType(
    {1 / 3: "⅓", 2 / 3: "⅔", 1 / 6: "⅙", 5 / 6: "⅚", 1 / 7: "⅐", 1 / 9: "⅑"}
)
"""Fractions that no finite number of digits writes, with the characters that do."""
LOSS: Final = "L"  # the letter of the loss, whose derivative every gradient is
MINUS: Final = "\N{MINUS SIGN}"
INDEX_COMMA: Final = "\N{SINGLE LOW-9 QUOTATION MARK}"  # stands between the numbers of an index
_SUBSCRIPTS = str.maketrans("0123456789,", f"₀₁₂₃₄₅₆₇₈₉{INDEX_COMMA}")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

REASONS: Final[Mapping[Why, str]] = MappingProxyType(
    {
        Why.FLOWS: "nonzero",
        Why.NOT_COVERED: "unused",
        Why.UPSTREAM_ZERO: "upstream 0",
        Why.GATE_CLOSED: "inactive",
        Why.AT_KINK: "at kink",
        Why.NOT_MAX: "not max",
        Why.TIE_LOST: "tie lost",
        Why.ZERO_FACTOR: "times 0",
        Why.CANCELLED: "cancelled",
        Why.UNDERFLOW: "underflow",
        Why.ROUNDED: "rounded",
    }
)
"""The few words under a zero gradient. The sentence is in the layer's `Words.zeros` or, if any
operation may give the reason, in the catalogue (reason.…), as other short forms are (tally.…,
legend.…).
"""
SEVERAL: Final = "several"  # the word under a zero gradient whose paths end for different reasons
# The texts in a cell whose gradient the user predicts: the first that has room.
MARKED: Final = ("your mark: ≠ 0", "mark ≠ 0", "≠ 0")
UNMARKED: Final = ("your mark: none", "no mark", "–")
MARKS: Final[Mapping[bool, str]] = MappingProxyType({True: "✓", False: "✗"})
MISSED: Final = "missed"  # after the answer to a prediction: a nonzero gradient without a mark
FALSE_ALARM: Final = "false alarm"  # after the answer to a prediction: a zero with a mark


UNDECIDED: Final = ("∂ ≠ 0 ?", "≠ 0 ?", "?")
"""The texts in a cell on which a class votes, as long as the votes are hidden."""
ALL_MARK_IT: Final = ("100", "all")
"""The texts in a cell that 100 % of a class mark: the first that has room."""
SPLIT_WORD: Final = "split"  # the word in a cell about which a class disagrees


GRIDDED: Final = 4  # the number of slider steps from 0 to 1
WHOLE: Final = 1000  # from this size on, digits say more than a fraction behind them would
_PARTS = {f"{1 / parts:.6g}": sign for parts, sign in enumerate("½⅓¼⅕⅙⅐⅛⅑⅒", 2)}


# A sweep writes the same few names and numbers thousands of times.
@lru_cache(maxsize=4096)
def number(value: float, digits: int = 6) -> str:
    """A number with at most `digits` significant digits, a real minus: −1.5, 2, 1e−7, ⅔, −1⅓."""
    whole = int(value) if abs(value) < WHOLE else 0
    for fraction, sign in ENDLESS.items():
        if isclose(abs(value - whole), fraction, rel_tol=1e-12):
            minus = MINUS if value < 0 else ""
            return f"{minus}{abs(whole) or ''}{sign}"
    # Half away from zero, where Python would go to the even digit: 2.25 -> 2.3.
    nearest = Context(digits, ROUND_HALF_UP).create_decimal_from_float(value + 0.0)
    text = f"{float(nearest):.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    if e:
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", MINUS)


@lru_cache(maxsize=4096)
def read(text: str) -> Fraction:
    """The exact number that a text states, like 3.14, (−2), +1⅓ or 0.5 (a remark).

    Raises ValueError for any other text.
    """
    bare = text.partition(" (")[0].strip("()").removeprefix("+").replace(MINUS, "-")
    for fraction, sign in ENDLESS.items():
        if bare.endswith(sign):
            whole = bare.removesuffix(sign)
            part = Fraction(whole.strip("-") or 0) + Fraction(fraction).limit_denominator(9)
            return -part if whole.startswith("-") else part
    return Fraction(bare)


def written(value: float, digits: int = 6) -> Fraction:
    """The exact number that `number` writes: 3.14 for π with three digits, a third for ⅓."""
    return read(number(value, digits))


def equated(*sides: str) -> str:
    """An equation of these sides: a₁ = 2 · 3 + 1 = 7.

    ≈ stands before the last side if the sum of products before it, as written, is another number.
    The other sides consist of names, or of numbers as `factor` writes them.
    """
    *before, total = sides
    try:
        products = (map(read, each.split(" · ")) for each in before[-1].split(" + "))
        sign = "=" if sum(map(prod, products)) == read(total) else "≈"
    except ValueError:  # names, or not all of it is written out
        sign = "="
    return f"{' = '.join(before)} {sign} {total}"


@lru_cache(maxsize=4096)
def digits_of(value: float, most: int) -> int:
    """The digits of a number in a cell: `most`, but four at most if six do not write it exactly."""
    whole = float(f"{value:.{DIGITS[0]}g}") == value or abs(value) >= WHOLE
    return most if whole else min(most, DIGITS[1])


def signed(value: float, digits: int = 6) -> str:
    """As `number`, with a plus sign if it is positive: +2, −1.5, 0."""
    return f"+{number(value, digits)}" if value > 0 else number(value, digits)


def gradient_of(name: str) -> str:
    """x₂ -> ∂L/∂x₂."""
    return f"∂{LOSS}/∂{name}"


def power_of_ten(exponent: float) -> str:
    """10^exponent as in the number field of its slider, but with a real minus sign: 3.16e−3."""
    mantissa, _, written = f"{10**exponent:.2e}".partition("e")
    return f"{number(float(mantissa))}e{number(int(written))}"


def factor(value: float, digits: int = 6) -> str:
    """As `number`, in brackets if it is negative: for a product."""
    return f"({number(value, digits)})" if value < 0 else number(value, digits)


def share(value: float) -> str:
    """As `number`, but a share of up to ten equal parts is a fraction: ½, ⅓, 1."""
    return _PARTS.get(number(value), number(value))


def percent(fraction: float) -> str:
    """A percentage with a decimal, two near 0 and 1: 12.5 %, 98.12 %; 0 % is exactly 0."""
    digits = 2 if fraction < 0.01 or fraction > 0.98 else 1
    hundredths = round(100 * fraction, digits)
    if hundredths in (0, 100) and fraction not in (0, 1):
        return "<0.01 %" if hundredths == 0 else ">99.99 %"
    return f"{hundredths:g} %"


def probability(found: float) -> str:
    """As `percent`; a softmax is never 0 or 1, even if rounded to that: >99.99 %."""
    least = 1e-9
    return percent(min(max(found, least), 1 - least))


def hundredths(share: float) -> int:
    """A share in percent, halves up: 1 of 8 is 13; 23 of 40 is 58, though 100 · 0.575 < 57.5."""
    return floor(round(100 * share, 9) + 0.5)


def shares_of(shares: Sequence[float]) -> tuple[str, ...]:
    """The shares of a class in whole percent, a long and a short form: ("43 → 71 %", "71 %")."""
    first, last = map(hundredths, (shares[0], shares[-1]))
    alone = f"{last} %"
    return (f"{first} → {alone}", alone) if len(shares) > 1 else (alone,)


def shares_beside(shares: Sequence[float]) -> tuple[str, ...]:
    """The same in brackets, behind a gradient: ("(43 → 71 %)", "(43→71%)", "(71 %)")."""
    written = shares_of(shares)
    close = [each.replace(" ", "") for each in written[:-1]]
    return tuple(f"({each})" for each in (*written[:-1], *close, written[-1]))


def subscript(label: str) -> str:
    """The subscript at the end of an entry's name: x₁‚₂ -> ₁‚₂."""
    return label[len(label.rstrip("".join(map(chr, _SUBSCRIPTS.values())))) :]


def raised(digits: str) -> str:
    """The digits as an exponent: 2 -> ²."""
    return digits.translate(_RAISED)


@lru_cache(maxsize=32768)
def name(letter: str, *index: int) -> str:
    """The displayed name of an entry, counted from one: x₂, w; for a2, the second a: a⁽²⁾₁."""
    base = letter.rstrip("0123456789")
    group = f"⁽{raised(letter[len(base) :])}⁾" if base != letter else ""
    return base + group + ",".join(str(i + 1) for i in index).translate(_SUBSCRIPTS)


def is_on_grid(value: float) -> bool:
    """Whether a value is on the sliders' grid."""
    return (value * GRIDDED).is_integer()
