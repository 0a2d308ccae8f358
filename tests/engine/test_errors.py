"""The checks of settings: whatever kind of number is given, Python's own type is kept."""

from collections.abc import Callable

import numpy as np

from engine.errors import one_of, real_number, true_or_false, whole_number
from tests.for_each import for_each


@for_each(
    ("check", "value", "kept"),
    [
        (lambda value: whole_number("test", "n", value, 1), np.uint8(3), 3),
        # A np.float64 would turn a float32 array that it is multiplied with into doubles.
        (lambda value: real_number("test", "n", value, "a number"), np.float64(0.5), 0.5),
        (lambda value: real_number("test", "n", value, "a number"), 2, 2.0),
        (lambda value: true_or_false("test", "n", value), np.True_, True),
        (lambda value: true_or_false("test", "n", value), False, False),
        (lambda value: one_of("test", "n", value, ("a", "b")), np.str_("b"), "b"),
    ],
)
def test_a_setting_is_pythons_own(
    check: Callable[[object], object], value: object, kept: object
) -> None:
    found = check(value)
    assert found == kept
    assert type(found) is type(kept)
