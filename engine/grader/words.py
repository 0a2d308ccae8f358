"""How a report writes numbers, arrays and cases: as Python to paste, in 80 columns."""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.grader.outcome import Outcome
from engine.grader.wire import Numbers

WIDTH = 80


def number(value: Any) -> str:
    """Return a number in at most six digits: 2, 0.5, 1.23457e-05, nan."""
    return f"{float(value) + 0.0:.6g}"  # + 0.0 turns −0 into 0


def exact(value: Any) -> str:
    """Return a number in all its digits, so that typing it in gives the same number."""
    short = number(value)
    return short if float(short) == float(value) else repr(float(value))


def listed(words: Sequence[str]) -> str:
    """Join words: 'a, b and c'."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def wrapped(text: str, first: str, further: str, width: int = WIDTH) -> list[str]:
    """Break text into lines of whole words; `first` and `further` are the indents."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )


def literal(array: Numbers, digits: Callable[[Any], str] = number) -> str:
    """Return an array as nested lists, on one line."""
    if array.ndim == 0:
        return digits(array)
    return f"[{', '.join(literal(row, digits) for row in array)}]"


def assignment(name: str, array: Numbers, indent: str, *, typed: bool = False) -> Iterator[str]:
    """Yield 'x = [1, -2, 3]', broken over several lines if it is long.

    typed: with all digits and as it can be typed in, 'x = np.array([1, -2, 3], float)'.
    """
    digits, before, after = number, "", ""
    if typed:
        digits, before = exact, "np.array(" if array.ndim else "np.float64("
        after = ", float)" if array.ndim and array.dtype.kind == "f" else ")"
    line = f"{indent}{name} = {before}{literal(array, digits)}{after}"
    if len(line) <= WIDTH or not array.ndim:
        yield line
        return
    yield f"{indent}{name} = {before}["
    yield from _rows(array, indent + "    ", digits)
    yield f"{indent}]{after}"


def _rows(array: Numbers, indent: str, digits: Callable[[Any], str]) -> Iterator[str]:
    if array.ndim == 1:
        text = " ".join(f"{digits(value)}," for value in array)
        yield from wrapped(text, indent, indent, WIDTH - 1)
        return
    for row in array:
        line = f"{indent}{literal(row, digits)},"
        if len(line) <= WIDTH:
            yield line
        else:
            yield f"{indent}["
            yield from _rows(row, indent + "    ", digits)
            yield f"{indent}],"


def case_title(outcome: Outcome) -> str:
    """Return a case's feature and what is special about its numbers: 'windows, ties'."""
    return f"{outcome.feature.name}, {outcome.case.point}"
