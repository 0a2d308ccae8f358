"""Lines and areas on a frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.figures.clip import Frame, area_on, line_on, path_on

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
