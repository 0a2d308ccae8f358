"""What hypothesis tries a layer with: each case is one string of bytes, from which it is read.

To draw thirty entries one by one takes hypothesis 1.7 ms, in which a layer computes with them ten
times. A string of bytes takes it 0.4 ms, for all arrays of a case, and is shrunk as well: a byte
of 0 is read as the simplest value.
"""

from collections.abc import Sequence
from functools import cache
from math import prod
from typing import TypeVar

import numpy as np
from hypothesis import note
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.engine.rows import Array, Shape

T = TypeVar("T")


class Case:
    """A string of bytes that is read from its beginning; what was read is told where a test fails.

    IndexError where more is read than there is: `cases` then needs a larger size.
    """

    def __init__(self, drawn: bytes) -> None:
        self._left = np.frombuffer(drawn, np.uint8)

    def integers(self, shape: Shape, most: int = 2) -> Array:
        """An array of whole numbers from −most to most, so that ties and zeros are common."""
        return self.floats(
            shape, sorted(range(-most, most + 1), key=lambda each: (abs(each), -each))
        )

    def inputs(self, *shapes: Shape) -> tuple[Array, ...]:
        """Such arrays."""
        return tuple(self.integers(shape) for shape in shapes)

    def floats(self, shape: Shape, options: Sequence[float]) -> Array:
        """An array of some of these numbers."""
        places = self._read(prod(shape)) % len(options)
        array = np.array(options, np.float64)[places].reshape(shape)
        note(array)
        return array

    def one_of(self, options: Sequence[T]) -> T:
        """One of at most 256."""
        return options[self.whole(0, len(options) - 1)]

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, which is at most 255 more."""
        number = low + int(self._read(1)[0]) % (high - low + 1)
        note(number)
        return number

    def wholes(self, low: int, high: int, count: int) -> tuple[int, ...]:
        """So many of them."""
        return tuple(self.whole(low, high) for _ in range(count))

    def padding(self, most: int) -> int | tuple[int, int]:
        """As much on both sides, or (before, after)."""
        before, after = self.wholes(0, most, 2)
        return before if self.whole(0, 1) else (before, after)

    def paddings(self, most: int, axes: int) -> tuple[int | tuple[int, int], ...]:
        """That along each axis."""
        return tuple(self.padding(most) for _ in range(axes))

    def _read(self, count: int) -> NDArray[np.uint8]:
        read, self._left = self._left[:count], self._left[count:]
        if len(read) < count:
            raise IndexError("a case is too short for what is read from it")
        return read


@cache
def cases(size: int = 1000) -> st.SearchStrategy[Case]:
    """Cases of so many bytes."""
    return st.binary(min_size=size, max_size=size).map(Case)
