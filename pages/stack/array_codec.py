"""The numbers of one array of the stack page: their origin, and how an address writes them.

    1,0.5,-2            the numbers themselves, in order
    seed:3              drawn with this seed
    digit:61,4,4        a part of an MNIST test image: its number, the first row and column
    1                   the same number everywhere
    seed:3;5=0.25       with entries that were changed, counted from 1
    9,1;to=32           with the sliders' range, if it is larger than these numbers need

Arrays with at most FEW entries are written as their numbers, whatever their origin.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Final

import numpy as np

from engine.arrays import Array, Extent
from pages.language.catalogue import say
from pages.stack.own_numbers import LARGEST, from_digit
from pages.stack.start import drawn
from pages.state.codecs import HIGH, Number, Whole

FEW: Final = 24  # an array with more entries is written as its origin in an address, if it has one
SEED: Final = "seed"
DIGIT: Final = "digit"
REACH: Final = "to"
FARTHEST: Final = 2.0**20
"""The range of a slider for an entry as large as `LARGEST`: all that it can set is read again."""
_ANY: Final = Number(-FARTHEST, FARTHEST)
_WHOLE: Final = Whole(0, 99_999_999)


@dataclass(frozen=True)
class Values:
    """The numbers of an array in order; `ArrayCodec` makes them."""

    numbers: tuple[float, ...]
    origin: str = ""  # as it is written in an address
    reach: float = HIGH  # sliders run from -reach to reach


@dataclass(frozen=True)
class ArrayCodec:
    """The codec of an array of this shape. It reads whatever it writes."""

    shape: Extent
    is_input: bool  # whether the array is x, and not weights
    reach: float = HIGH  # its sliders run from -reach to reach at present

    @property
    def each(self) -> Number:
        """The codec of one entry, with the range of its slider."""
        return Number(-self.reach, self.reach)

    @property
    def size(self) -> int:
        """The number of entries."""
        return prod(self.shape)

    @property
    def needs(self) -> str:
        """What it reads, for messages."""
        key = "stack.number" if self.size == 1 else "stack.numbers"
        return say(key, self.size, most=f"{LARGEST:,.0f}", seed=f"{SEED}:3")

    def made(self, numbers: Sequence[float], origin: str = "", reach: float = HIGH) -> Values:
        """Return values with an origin that keeps an address short. reach: of sliders, at least."""
        numbers = tuple(map(float, numbers))
        reach = max(reach, _reach(numbers))
        if self.size <= FEW:
            return Values(numbers, reach=reach)
        if len({*numbers}) == 1:
            return Values(numbers, _ANY.write(numbers[0]), reach)
        if origin and 2 * len([*self._changed(numbers, origin)]) > self.size:
            origin = ""
        return Values(numbers, origin, reach)

    def moved(self, values: Values, at: int, number: float) -> Values:
        """Return values with another number at one place, counted from 0."""
        numbers = (*values.numbers[:at], number, *values.numbers[at + 1 :])
        return self.made(numbers, values.origin, values.reach)

    def taken(self, values: Values) -> Values:
        """Take the values of an array of the same size, with its origin if that is valid here."""
        with suppress(ValueError):
            return self.made(values.numbers, values.origin, values.reach)
        return self.made(values.numbers, reach=values.reach)

    def flat(self, array: Array) -> Values:
        """Return the values of an array of this shape."""
        return self.made(array.ravel().tolist())

    def of(self, origin: str) -> Values:
        """Return the values from an origin. Raises ValueError."""
        return self.made(self._numbers(origin), origin)

    def _numbers(self, origin: str) -> tuple[float, ...]:
        return _from(origin, self.shape, self.is_input)

    def read(self, text: str) -> Values:
        """Read what `write` writes. Raises ValueError."""
        base, *changes = text.split(";")
        if base.count(",") == self.size - 1 and ":" not in base:
            origin, numbers = "", [_ANY.read(each) for each in base.split(",")]
        else:
            origin, numbers = base, [*self._numbers(base)]
        reach = 0.0
        for change in changes:
            name, _, value = change.partition("=")
            if name == REACH:
                reach = Number(HIGH, FARTHEST).read(value)
            else:
                numbers[Whole(1, self.size).read(name) - 1] = _ANY.read(value)
        found = self.made(numbers, origin)
        if reach and (reach < found.reach or reach != _reach([reach])):
            raise ValueError(text)
        return self.made(numbers, origin, reach)

    def write(self, values: Values) -> str:
        """Write values as in an address, as short as possible."""
        return _written(self, values)

    def _changed(self, numbers: Sequence[float], origin: str) -> Iterator[str]:
        """Yield the entries that differ from their origin: 5=0.25 for the fifth."""
        there = zip(numbers, self._numbers(origin), strict=True)
        for at, (one, other) in enumerate(there, 1):
            if one != other:
                yield f"{at}={_ANY.write(one)}"


@lru_cache(maxsize=256)  # each slider's sweep has a key that contains all the other arrays
def _written(codec: ArrayCodec, values: Values) -> str:
    if values.origin:
        parts = [values.origin, *codec._changed(values.numbers, values.origin)]
    else:
        parts = [",".join(map(_ANY.write, values.numbers))]
    if values.reach != _reach(values.numbers):
        parts.append(f"{REACH}={_ANY.write(values.reach)}")
    return ";".join(parts)


@lru_cache(maxsize=128)
def _from(origin: str, shape: Extent, is_input: bool) -> tuple[float, ...]:
    kind, colon, which = origin.partition(":")
    if not colon:
        return (_ANY.read(origin),) * prod(shape)
    if kind == SEED:
        array = drawn(shape, _WHOLE.read(which), is_input=is_input)
    elif kind == DIGIT and which.count(",") == 2:
        number, top, left = map(_WHOLE.read, which.split(","))
        array = from_digit(number, top, left, shape)
    else:
        raise ValueError(origin)
    return tuple(array.ravel().tolist())


def _reach(numbers: Sequence[float]) -> float:
    """Return the range that sliders need: a power of two, so that their steps are exact."""
    most = max(map(abs, numbers))
    return max(HIGH, 2.0 ** int(np.ceil(np.log2(most)))) if most > HIGH else HIGH
