"""The nearest point of a hull, against a search through all of its faces."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from engine.check.hull import nearest

Points = NDArray[np.float64]


def by_search(points: Points) -> Points:
    """Of the nearest points of all planes through some of the points the nearest in the hull."""
    found = list(points)
    for count in range(2, min(len(points), points.shape[1] + 1) + 1):
        for corner, *others in combinations(points, count):
            edges = np.array(others) - corner
            shares = np.linalg.lstsq(edges.T, -corner, rcond=None)[0]
            if shares.sum() <= 1 + 1e-9 and (shares >= -1e-9).all():
                found.append(corner + shares @ edges)
    return min(found, key=lambda point: float(point @ point))


points = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(-3, 3).map(float), min_size=width, max_size=width),
        min_size=1,
        max_size=6,
    ).map(np.array)
)


@given(points)
def test_nobody_is_nearer(points: Points) -> None:
    assert_allclose(nearest(points), by_search(points), atol=1e-8)


@given(points)
def test_every_point_lies_beyond_it_or_it_is_the_origin(points: Points) -> None:
    point = nearest(points)
    assert not point.any() or (points @ point >= point @ point - 1e-8).all()


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_the_size_does_not_matter(scale: float) -> None:
    square = scale * np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    assert not nearest(square).any()
    assert_allclose(nearest(square + np.array([2 * scale, 0.0])), [scale, 0.0], atol=1e-12 * scale)


def test_a_point_in_the_hull_but_for_rounding_is_the_origin() -> None:
    third = np.array([[1.0, 0.0], [0.0, 1.0], [-1 / 3, -2 / 3]])
    inside = np.array([0.1, 0.1, 0.8]) @ third
    assert not nearest(third - inside).any()
