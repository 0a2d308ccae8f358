"""Rows, on a phone: at which side of the edges parameters stand."""

import numpy as np
import pytest

from engine import Conv1D, trace
from pages.figures.info import Naming
from pages.figures.ranks import Wishes
from pages.figures.rows import rows_of

NAMING = Naming((("x", "w"),), "a")


@pytest.mark.parametrize(
    ("shape", "right"),
    [
        ((), []),
        ((1,), []),
        ((4,), []),
        ((5,), ["w2", "w4"]),
        ((8,), ["w2", "w4", "w6", "w8"]),
        ((2, 1), ["w2,1"]),  # the second of two filters
        ((2, 3), ["w2,1", "w2,2", "w2,3"]),
        ((3, 1), []),
        ((3, 2), ["w1,2", "w2,2", "w3,2"]),
    ],
)
def test_right_stands_the_second_filter_of_two_or_every_other_of_many(
    shape: tuple[int, ...], right: list[str]
) -> None:
    passed = trace(Conv1D(), np.ones(9), np.ones(shape), dout=1.0)
    layout = rows_of(passed, NAMING, Wishes())
    left, _, width, _ = layout.columns["x"]
    beside = {entry: box for entry, box in layout.boxes.items() if entry[0] == "w"}
    assert len(beside) == np.ones(shape).size
    assert [entry for entry, box in beside.items() if box[0] >= left + width] == right
    others = [box for entry, box in beside.items() if entry not in right]
    assert all(box[0] + box[2] <= left for box in others)
