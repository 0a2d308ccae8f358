"""Axes: their ends, numbers and labels, which do not overlap, and lines cut off at a frame."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.figures.axes import (
    Frame,
    Scale,
    area_on,
    legible,
    line_on,
    path_on,
    reach,
    spread,
    ticks,
)
from pages.figures.primitives import text_width
from pages.figures.words import number
from tests.for_each import for_each

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


def test_the_ends_of_an_axis_are_on_it_and_what_lies_beyond_is_held_there() -> None:
    axis = Scale(-1, 3, 100, 20)
    values = (-1.5, -1, 0, 3, 4)
    assert [axis.inside(value) for value in values] == [False, True, True, True, False]
    assert [axis(value) for value in values] == [110, 100, 80, 20, 0]
    assert [axis.held(value) for value in values] == [100, 100, 80, 20, 20]


def test_the_ends_of_an_axis_are_written_shortly() -> None:
    # 0.5 around 0.15, and 0.04 more on both sides: from −0.14 to 0.44, in steps of 0.05.
    assert reach([0, 0.3], 0.5, 0.08, 0.08) == (-0.15, 0.45)
    assert reach([0, 1], 1, 0, 1) == (0, 2), "the space is above"


@pytest.mark.parametrize("value", [1e12, -1e17, 1e18 / 3, 1e120])
def test_an_axis_of_one_large_value_has_some_extent_and_round_numbers(value: float) -> None:
    low, high = reach([value, value], 2, 0.1, 0.1)
    assert low < value < high
    assert 4 <= len({*ticks(low, high)}) <= 12


@for_each(
    ("low", "high", "expected"),
    [
        (2, 7, [2, 3, 4, 5, 6, 7]),
        (-4.5, 6.5, [-4, -2, 0, 2, 4, 6]),
        (-0.75, 1.75, [-0.5, 0, 0.5, 1, 1.5]),
        (0, 0.05, [0, 0.01, 0.02, 0.03, 0.04, 0.05]),
        (0, 0.3, [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),  # 0.3 / 0.05 < 6
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


def test_labels_that_are_moved_onto_others_move_these_too() -> None:
    # Side by side they wish to begin at 5, 5, -4 and -13: at -1.75 on the average.
    found = spread([10, 20, 21, 22], [10] * 4, (-100, 100))
    assert found == pytest.approx([3.25, 13.25, 23.25, 33.25])


def test_labels_with_room_stay_and_others_share_their_middle() -> None:
    assert spread([100, 200], [50, 50], (0, 400)) == [100, 200]
    assert spread([100, 100], [50, 30], (0, 400)) == [80, 120]
    assert spread([395], [50], (0, 400)) == [375]


# --- lines on a frame

FRAME = Frame(0, 10, 0, 5)
points = st.tuples(st.integers(-20, 30).map(float), st.integers(-20, 30).map(float))


def inside(point: tuple[float, float]) -> bool:
    return -0.06 <= point[0] <= 10.06 and -0.06 <= point[1] <= 5.06


@given(points, points)
def test_what_is_left_of_a_line_lies_on_the_frame_and_on_the_line(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    part = line_on(start, end, FRAME)
    shares = [step / 400 for step in range(401)]
    on_it = [
        (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
        for share in shares
    ]
    if part is None:
        assert not any(0 <= x <= 10 and 0 <= y <= 5 for x, y in on_it)
        return
    assert all(map(inside, part))
    for x, y in part:
        assert min(abs(x - px) + abs(y - py) for px, py in on_it) < 0.5


@pytest.mark.parametrize(
    ("start", "end", "part"),
    [
        ((2, 1), (8, 4), ((2, 1), (8, 4))),
        ((-5, 2), (15, 2), ((0, 2), (10, 2))),
        ((0, -5), (10, 15), ((2.5, 0), (5, 5))),
        ((3, -1), (3, -2), None),
        ((-1, 0), (-1, 5), None),
    ],
)
def test_lines_by_hand(start: tuple[float, float], end: tuple[float, float], part: object) -> None:
    assert line_on(start, end, FRAME) == part


def test_a_path_is_broken_where_it_leaves_the_frame() -> None:
    path = list(path_on([(1, 1), (5, 20), (9, 1)], Frame(0, 10, 0, 10)))
    assert path[2] is path[5] is None
    assert path[0] == (1, 1)
    assert path[4] == (9, 1)


def area(corners: list[tuple[float, float]]) -> float:
    pairs = zip(corners, corners[1:] + corners[:1], strict=True)
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairs)) / 2


def test_areas_by_hand() -> None:
    assert area(area_on([(1, 1), (2, 1), (2, 3)], FRAME)) == 1
    assert area(area_on([(-10, -10), (30, -10), (30, 30), (-10, 30)], FRAME)) == 50
    assert area(area_on([(0, 0), (20, 0), (0, 10)], FRAME)) == 50
    assert area_on([(20, 20), (30, 20), (25, 30)], FRAME) == []
    assert area(area_on([(5, 0), (15, 5), (5, 5)], FRAME)) == pytest.approx(25 - 6.25)


@given(points, points, points)
def test_what_is_left_of_an_area_lies_on_the_frame_and_is_no_larger(
    one: tuple[float, float], other: tuple[float, float], third: tuple[float, float]
) -> None:
    part = area_on([one, other, third], FRAME)
    assert all(map(inside, part))
    assert area(part) <= min(area([one, other, third]), 50) + 3


@for_each("width", [40.0, 90.0, 150.0, 260.0, 600.0])
@for_each("low", [-5, -3, -2, 0, 1])
def test_the_numbers_on_an_axis_do_not_touch_and_0_is_one_of_them(low: int, width: float) -> None:
    values, along = [*map(float, range(low, 6))], Scale(low, 5, 0, width)
    shown = legible(values, along, 25)
    assert (0.0 in shown) == (0.0 in values)
    for one, other in pairwise(shown):
        assert along(other) - along(one) >= text_width(f" {number(other)}", 25)
    assert len(shown) > 1 or width < 150
    assert shown == values or width < 600
