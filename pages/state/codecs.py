"""How one value of a scene is read from an address, and written into it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, isfinite, log10
from typing import Any, Final, Protocol

# Sliders run from LOW to HIGH in steps of GRID: dyadic, so that sums and ties are exact.
LOW: Final = -4.0
HIGH: Final = 4.0
GRID: Final = 0.25
ON_GRID: Final = tuple(LOW + GRID * step for step in range(round((HIGH - LOW) / GRID) + 1))
"""Every value that a slider takes."""
MANY: Final = 20  # the most words of a choice that a message names in full
FIRST: Final = 8  # how many words it names if there are more


class Codec(Protocol):
    """Reads one value of a scene from text and writes it. `read` raises ValueError."""

    @property
    def needs(self) -> str:
        """What values it accepts, for messages."""

    def read(self, text: str) -> Any:
        """Return the value. Raises ValueError."""

    def write(self, value: Any) -> str:
        """Return the text from which `read` makes the same value."""


@dataclass(frozen=True)
class Number:
    """A finite number in a range, kept exactly."""

    low: float = LOW
    high: float = HIGH

    @property
    def needs(self) -> str:
        """For messages."""
        return f"a number from {_plain(self.low)} to {_plain(self.high)}"

    def read(self, text: str) -> float:
        """Return float(text), in range; only ASCII, and none of Python's underscores."""
        number = float(text)
        plain = text.isascii() and "_" not in text
        if not plain or not isfinite(number) or not self.low <= number <= self.high:
            raise ValueError(text)
        return number + 0.0  # no negative zero

    def write(self, value: float) -> str:
        """Return the shortest text that reads back as the same number."""
        return _plain(value)


@dataclass(frozen=True)
class Numbers:
    """A fixed count of numbers, separated by commas."""

    length: int
    each: Number = Number()

    @property
    def needs(self) -> str:
        """For messages."""
        return f"{self.length} numbers from {_plain(self.each.low)} to {_plain(self.each.high)}"

    def read(self, text: str) -> tuple[float, ...]:
        """Each number in turn."""
        if text.count(",") != self.length - 1:
            raise ValueError(text)
        return tuple(self.each.read(part) for part in text.split(","))

    def write(self, value: Sequence[float]) -> str:
        """Each number in turn."""
        return ",".join(map(self.each.write, value))


@dataclass(frozen=True)
class UpTo(Numbers):
    """At most `length` numbers: the rest of the scene decides how many."""

    @property
    def needs(self) -> str:
        """For messages."""
        return f"at most {super().needs}"

    def read(self, text: str) -> tuple[float, ...]:
        """Each number in turn; none for no text."""
        count = text.count(",") + 1
        if count > self.length:
            raise ValueError(text)
        return Numbers(count, self.each).read(text) if text else ()


@dataclass(frozen=True)
class Power(Number):
    """A power of ten, kept as the exponent that a slider moves: -6 is written 1e-6.

    All exponents are negative, so that a negative number can be read as an exponent.
    """

    @property
    def needs(self) -> str:
        """For messages."""
        return f"a number from {self.write(self.low)} to {self.write(self.high)}"

    def read(self, text: str) -> float:
        """1e-6, 1e-5.75, 0.001 or the exponent alone."""
        if text.startswith("1e"):
            return super().read(text.removeprefix("1e"))
        number = Number(-inf, 1).read(text)
        return super().read(text if number < 0 else repr(log10(number)))

    def write(self, value: float) -> str:
        """1e-6."""
        return f"1e{_plain(value)}"


@dataclass(frozen=True)
class Choice:
    """One of these words."""

    words: tuple[str, ...]

    @property
    def needs(self) -> str:
        """For messages: of very many words, as of entries, the first."""
        named = self.words[:FIRST] if len(self.words) > MANY else self.words
        more = len(self.words) - len(named)
        words = [word or "(nothing)" for word in named]
        return f"one of {', '.join(words)}" + (f" and {more} more" if more else "")

    def read(self, text: str) -> str:
        """The word itself."""
        if text not in self.words:
            raise ValueError(text)
        return text

    def write(self, value: str) -> str:
        """The word itself."""
        return value


@dataclass(frozen=True)
class EntryName:
    """Reads and writes the name of an entry, or nothing."""

    pattern: str  # a regular expression for the names
    needs: str  # for messages

    def read(self, text: str) -> str:
        """The name itself."""
        if text and re.fullmatch(self.pattern, text) is None:
            raise ValueError(text)
        return text

    def write(self, value: str) -> str:
        """The name itself."""
        return value


@dataclass(frozen=True)
class Whole:
    """A whole number in a range."""

    low: int
    high: int

    @property
    def needs(self) -> str:
        """For messages."""
        return f"a whole number from {self.low} to {self.high}"

    def read(self, text: str) -> int:
        """int(text), in range; only plain ASCII digits."""
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            raise ValueError(text)
        if not self.low <= (number := int(text)) <= self.high:
            raise ValueError(text)
        return number

    def write(self, value: int) -> str:
        """Its digits."""
        return str(value)


def param(codec: Codec, default: Any) -> Any:
    """Return a dataclass field of a scene, with its codec and its default."""
    return field(default=default, metadata={"codec": codec})


def _plain(value: float) -> str:
    return repr(float(value)).removesuffix(".0")
