"""What hypothesis tries a layer with: each case is one string of bytes, from which it is read.

To draw thirty entries one by one takes hypothesis 1.7 ms, in which a layer computes with them ten
times. Numbers, whose bytes the string is, take it less for all arrays of a case, and are shrunk as
well: a byte of 0 is read as the simplest value.
"""

import inspect
import math
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from math import prod
from typing import Any, Final, TypeVar, cast

import hypothesis
import numpy as np
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption
from numpy.typing import NDArray

from tests.engine.rows import Array, Shape

T = TypeVar("T")
Test = TypeVar("Test", bound=Callable[..., None])

LONGEST: Final = 4_000
"""Bytes of a string: hypothesis warns where its simplest example is longer."""
NUMBER: Final = int(sys.int_info.default_max_str_digits / math.log10(256))
"""Bytes of a number: hypothesis writes down those of a failure, and Python so many digits alone."""


class Case:
    """A string of bytes that is read from its beginning; what was read is told where a test fails.

    IndexError where more is read than there is: `on_cases` then needs a larger size.
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


def on_cases(count: int = 25, size: int = 500) -> Callable[[Test], Test]:
    """Runs a test of a `case` with at least so many, each of so many bytes; the first is all zeros.

    One after the other is read from a longer string: for each string hypothesis looks up what it
    has tried, draws and keeps it, which takes longer than most tests of one case.
    """
    each = max(1, min(count - 1, LONGEST // size))
    long = math.ceil(each * size / math.ceil(each * size / NUMBER))

    def decorated(test: Test) -> Test:
        @wraps(test)
        def tried(*args: Any, drawn: bytes, **given: Any) -> None:
            for start in range(0, len(drawn) if any(drawn) else 1, size):
                note("a case:")
                with suppress(UnsatisfiedAssumption):  # the others may be possible all the same
                    test(*args, case=Case(drawn[start : start + size]), **given)

        signature = inspect.signature(test)
        drawn = inspect.Parameter("drawn", inspect.Parameter.KEYWORD_ONLY)
        others = [it for it in signature.parameters.values() if it.name != "case"]
        tried.__signature__ = signature.replace(parameters=[*others, drawn])  # type: ignore[attr-defined]
        # Drawn as numbers: st.binary draws each byte on its own.
        number = st.integers(0, 256**long - 1).map(lambda drawn: drawn.to_bytes(long, "big"))
        numbers = st.tuples(*[number] * math.ceil(each * size / long))
        strings = numbers.map(lambda parts: b"".join(parts)[: each * size])
        examples = 1 + math.ceil((count - 1) / each)
        # Of fixtures that are the same for all cases there are pytest's subtests alone: for_each.
        same = [HealthCheck.function_scoped_fixture]
        tuned = settings(max_examples=examples, suppress_health_check=same)
        return cast(Test, tuned(hypothesis.given(drawn=strings)(tried)))

    return decorated
