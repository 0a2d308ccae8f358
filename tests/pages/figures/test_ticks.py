"""Axes: their ends, their numbers, and labels that do not overlap."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.figures.ticks import reach, spread, ticks

numbers = st.floats(-500, 500).map(lambda value: round(value, 2))


@given(st.lists(numbers, min_size=1, max_size=6))
def test_an_axis_holds_all_its_values_and_a_few_round_numbers(values: list[float]) -> None:
    low, high = reach(values, 2, 0.1, 0.1)
    assert low < min(values)
    assert max(values) < high
    assert high - low >= 2
    there = ticks(low, high)
    assert 4 <= len(there) <= 12
    assert all(low - 1e-6 <= tick <= high + 1e-6 for tick in there)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (2, 7, [2, 3, 4, 5, 6, 7]),
        (-4.5, 6.5, [-4, -2, 0, 2, 4, 6]),
        (-0.75, 1.75, [-0.5, 0, 0.5, 1, 1.5]),
        (0, 0.05, [0, 0.01, 0.02, 0.03, 0.04, 0.05]),
        (-30, 700, [0, 100, 200, 300, 400, 500, 600, 700]),
    ],
)
def test_the_numbers_by_hand(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == expected


@given(st.lists(st.tuples(numbers, st.floats(1, 60)), max_size=5))
def test_labels_lie_beside_each_other(labels: list[tuple[float, float]]) -> None:
    labels.sort()
    sizes = [size for _, size in labels]
    middles = spread([wanted for wanted, _ in labels], sizes, (-600, 600))
    edges = [
        (middle - size / 2, middle + size / 2) for middle, size in zip(middles, sizes, strict=True)
    ]
    for (_, bottom), (top, _) in pairwise(edges):
        assert bottom <= top + 1e-6
    assert all(top >= -600 - 1e-6 and bottom <= 600 + 1e-6 for top, bottom in edges)


def test_labels_with_room_stay_and_others_share_their_middle() -> None:
    assert spread([100, 200], [50, 50], (0, 400)) == [100, 200]
    assert spread([100, 100], [50, 30], (0, 400)) == [80, 120]
    assert spread([395], [50], (0, 400)) == [375]
