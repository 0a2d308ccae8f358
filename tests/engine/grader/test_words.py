"""Numbers and arrays as a report shows them: short, or as they can be typed in."""

from typing import Any

import numpy as np
import pytest

from engine.grader.words import WIDTH, assignment, exact, listed, literal, number, wrapped
from tests.for_each import for_each


@for_each(
    ("value", "short", "whole"),
    [
        (2.0, "2", "2"),
        (-0.5, "-0.5", "-0.5"),
        (-0.0, "0", "0"),
        (1 / 3, "0.333333", "0.3333333333333333"),
        (1.23456789e-5, "1.23457e-05", "1.23456789e-05"),
        (123456.0, "123456", "123456"),
        (1234567.0, "1.23457e+06", "1234567.0"),
        (np.float64(0.25), "0.25", "0.25"),
        (np.int64(3), "3", "3"),
    ],
)
def test_a_number_is_short_or_whole(value: Any, short: str, whole: str) -> None:
    assert (number(value), exact(value)) == (short, whole)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_called_by_its_name(value: float) -> None:
    assert number(value) == str(value)


def test_names_are_listed() -> None:
    assert [listed(["a", "b", "c"][:count]) for count in (1, 2, 3)] == [
        "a",
        "a and b",
        "a, b and c",
    ]


def test_lines_are_of_whole_words() -> None:
    lines = wrapped("not a well-known name: of_twenty_one_letters", "", "  ", 14)
    assert lines == ["not a", "  well-known", "  name:", "  of_twenty_one_letters"]


def test_an_array_is_a_list_of_lists() -> None:
    assert literal(np.array([[1, -2.5], [1 / 3, 0]])) == "[[1, -2.5], [0.333333, 0]]"
    assert literal(np.array(1.5)) == "1.5"
    assert literal(np.array([[3.0]])) == "[[3]]"


DRAWN = np.random.default_rng(0)
ARRAYS = [
    *(DRAWN.normal(size=shape) for shape in [(), (3,), (40,), (2, 3), (2, 40), (3, 2, 2, 9)]),
    *(DRAWN.permutation(count) / 4 for count in (4, 90)),
    np.array([2, 0, 1]),
    np.array([5, *range(100, 112)]),  # a line of exactly 80
    np.arange(1000, 1060),
]


@pytest.mark.parametrize("indent", ["", "    "])
@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_an_array_can_be_typed_in(array: Any, indent: str) -> None:
    lines = [*assignment("dout", array, indent, typed=True)]
    assert all(line.startswith(indent) and len(line) <= WIDTH for line in lines)
    kind = ", float" if array.dtype.kind == "f" else ""
    whole = f"{indent}dout = np.array({literal(array, exact)}{kind})"
    assert len(lines) == 1 or len(whole) > WIDTH
    depth = 0
    for line in lines:  # what stands in an open bracket is indented
        within = line.removeprefix(indent)
        depth -= within.lstrip().startswith("]")
        assert len(within) - len(within.lstrip()) == 4 * depth, line
        depth += within.endswith("[")
    shell: dict[str, Any] = {"np": np}
    exec("\n".join(line.removeprefix(indent) for line in lines), shell)
    assert shell["dout"].dtype == array.dtype
    np.testing.assert_array_equal(shell["dout"], array)


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_an_array_that_is_only_shown_has_its_numbers_in_short(array: Any) -> None:
    lines = [*assignment("got      dx", array, "  ")]
    assert all(line.startswith("  ") and len(line) <= WIDTH for line in lines)
    name, _, values = "".join(lines).partition(" = ")
    assert name == "  got      dx"
    np.testing.assert_allclose(np.array(eval(values)), array, rtol=1e-5)
