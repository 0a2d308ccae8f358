"""Cases for property tests: hypothesis draws each as a string of bytes, from which it is read.

To draw thirty entries one by one takes hypothesis 1.7 ms, ten times as long as a layer computes
with them. Numbers whose bytes form the string take less for all arrays of a case together, and
still shrink: a byte of 0 is read as the simplest value.
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
from hypothesis.vendor.pretty import RepresentationPrinter
from numpy.typing import NDArray

from tests.engine.rows import Array, Shape

T = TypeVar("T")
Test = TypeVar("Test", bound=Callable[..., None])

LONGEST: Final = 4_000
"""The most bytes of a string: hypothesis warns if its simplest example is longer."""
NUMBER: Final = int(sys.int_info.default_max_str_digits / math.log10(256))
"""Bytes of a number: hypothesis prints that of a failure, and Python only so many digits."""


class Drawn(bytes):
    """A string of bytes that a failing test does not spell out, only what was read from it."""

    def _repr_pretty_(self, printer: RepresentationPrinter, _: bool) -> None:
        printer.text(f"<{len(self)} bytes>")


class Case:
    """A string of bytes that is read from its beginning; a failing test reports what was read.

    IndexError if more is read than there is: `on_cases` then needs a larger size.
    """

    def __init__(self, drawn: bytes) -> None:
        self._left = np.frombuffer(drawn, np.uint8)

    def integers(self, shape: Shape, most: int = 2) -> Array:
        """Read an array of whole numbers from −most to most, so that ties and zeros are common."""
        return self.floats(
            shape, sorted(range(-most, most + 1), key=lambda each: (abs(each), -each))
        )

    def inputs(self, *shapes: Shape) -> tuple[Array, ...]:
        """Read an array of such numbers for each shape."""
        return tuple(self.integers(shape) for shape in shapes)

    def floats(self, shape: Shape, options: Sequence[float]) -> Array:
        """Read an array of some of these numbers."""
        places = self._read(prod(shape)) % len(options)
        array = np.array(options, np.float64)[places].reshape(shape)
        note(array)
        return array

    def one_of(self, options: Sequence[T]) -> T:
        """Read one of at most 256 options."""
        return options[self.whole(0, len(options) - 1)]

    def whole(self, low: int, high: int) -> int:
        """Read a whole number from low to high, which is at most 255 more."""
        number = low + int(self._read(1)[0]) % (high - low + 1)
        note(number)
        return number

    def wholes(self, low: int, high: int, count: int) -> tuple[int, ...]:
        """Read `count` such numbers."""
        return tuple(self.whole(low, high) for _ in range(count))

    def padding(self, most: int) -> int | tuple[int, int]:
        """Read a padding: a number for both sides, or (before, after)."""
        before, after = self.wholes(0, most, 2)
        return before if self.whole(0, 1) else (before, after)

    def paddings(self, most: int, axes: int) -> tuple[int | tuple[int, int], ...]:
        """Read a padding for each axis."""
        return tuple(self.padding(most) for _ in range(axes))

    def _read(self, count: int) -> NDArray[np.uint8]:
        read, self._left = self._left[:count], self._left[count:]
        if len(read) < count:
            raise IndexError("a case is too short for what is read from it")
        return read


def on_cases(count: int = 25, size: int = 500) -> Callable[[Test], Test]:
    """Run a test with at least `count` cases of `size` bytes each, the first of which is all zeros.

    Several cases are read from one longer string: for each string hypothesis looks up what it has
    tried, draws it and stores it, which takes longer than most tests of one case.
    """
    each = max(1, min(count - 1, LONGEST // size))
    long = math.ceil(each * size / math.ceil(each * size / NUMBER))

    def decorated(test: Test) -> Test:
        @wraps(test)
        def tried(*args: Any, drawn: bytes, **given: Any) -> None:
            for start in range(0, len(drawn) if any(drawn) else 1, size):
                note("a case:")
                with suppress(UnsatisfiedAssumption):  # other cases may still be possible
                    test(*args, case=Case(drawn[start : start + size]), **given)

        signature = inspect.signature(test)
        drawn = inspect.Parameter("drawn", inspect.Parameter.KEYWORD_ONLY)
        others = [it for it in signature.parameters.values() if it.name != "case"]
        tried.__signature__ = signature.replace(parameters=[*others, drawn])  # type: ignore[attr-defined]
        # Drawn as numbers, since st.binary draws each byte on its own.
        number = st.integers(0, 256**long - 1).map(lambda drawn: drawn.to_bytes(long, "big"))
        numbers = st.tuples(*[number] * math.ceil(each * size / long))
        strings = numbers.map(lambda parts: Drawn(b"".join(parts)[: each * size]))
        examples = 1 + math.ceil((count - 1) / each)
        # Cases share function-scoped fixtures: pytest's subtests (for_each) is the only one used.
        same = [HealthCheck.function_scoped_fixture]
        tuned = settings(max_examples=examples, suppress_health_check=same)
        return cast(Test, tuned(hypothesis.given(drawn=strings)(tried)))

    return decorated
