"""The subdifferential: by hand at each kind of kink, and against all gradients near a point."""

from collections.abc import Sequence
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from engine import (
    RULES,
    Abs,
    Add,
    AvgPool,
    Concat,
    Conv1D,
    ConvBlock,
    Graph,
    Kinks,
    Layer,
    LeakyReLU,
    Linear,
    Maximum,
    MaxPool,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    Softplus,
    Trace,
    trace,
)
from engine.arrays import Array, Index
from engine.check.subgradient import Subdifferential, nearest, subdifferential
from engine.errors import LimitError
from engine.layers.base import Grads, LinearMap, Pieces
from tests.engine.cases import Case, on_cases
from tests.for_each import for_each

Gradient = tuple[float, ...]
Points = NDArray[np.float64]


def pieces(traced: Trace) -> set[Gradient]:
    return {tuple(row) for row in np.round(subdifferential(traced).pieces, 9) + 0.0}


def gradient_at(traced: Trace, layer: Layer, *inputs: NDArray[np.float64]) -> Gradient:
    grads = trace(layer, *inputs, dout=traced.dout, kinks=Kinks(0.0, "first")).grads
    return tuple(np.concatenate([grad.ravel() for grad in grads]) + 0.0)


# x, w -> the gradients of the pieces: (dx…, dw)
BLOCKS: dict[str, tuple[list[float], float, set[Gradient]]] = {
    "a unique maximum": ([3, 2, 1], 2, {(2, 0, 0, 3)}),
    "a two-way tie": ([3, 3, 1], 1, {(1, 0, 0, 3), (0, 1, 0, 3)}),
    "a three-way tie": ([2, 2, 2], 1, {(1, 0, 0, 2), (0, 1, 0, 2), (0, 0, 1, 2)}),
    "a tie under a negative weight": ([-2, -2, 1], -1, {(-1, 0, 0, -2), (0, -1, 0, -2)}),
    "all negative: a tie of h, and constant": ([-1, -2, -3], 1, {(0, 0, 0, 0)}),
    "ReLU's zero under the maximum": ([-1, 0, -3], 1, {(0, 0, 0, 0), (0, 1, 0, 0)}),
    "ReLU's zero that is no maximum": ([2, 0, -3], 1, {(1, 0, 0, 2)}),
    "zero weight": ([1, -2, 0.5], 0, {(0, 0, 0, 1), (0, 0, 0, -2)}),
    "zero weight, all x positive": ([1, 2, 0.5], 0, {(0, 0, 0, 2), (0, 0, 0, 0)}),
    "a tie and zero weight": ([2, 2, 1], 0, {(0, 0, 0, 2), (0, 0, 0, 0)}),
    "all zero": ([0, 0, 0], 0, {(0, 0, 0, 0)}),
    "x zero": ([0, 0, -1], 3, {(3, 0, 0, 0), (0, 3, 0, 0), (0, 0, 0, 0)}),
}


@for_each(("x", "w", "expected"), BLOCKS.values(), ids=list(BLOCKS))
def test_the_block_by_hand(x: list[float], w: float, expected: set[Gradient]) -> None:
    for dz in (1.0, -2.0):
        scaled = {tuple(dz * each + 0.0 for each in gradient) for gradient in expected}
        assert pieces(trace(ConvBlock(), x, w, dout=dz)) == scaled


def test_what_is_constant_is_told_from_what_has_no_slope() -> None:
    assert subdifferential(trace(ConvBlock(), [-1, -2], 1)).constant
    assert subdifferential(trace(ConvBlock(), [1, 2], 1, dout=0)).constant
    assert not subdifferential(trace(ConvBlock(), [0, 0], 0)).constant
    assert not subdifferential(trace(MaxPool(), [1, 2])).constant
    # The only output with a gradient reads nothing but padding: it moves with the bias, not with x.
    beyond = trace(Conv1D(padding=2), [1.0, 2.0], [1.0, 1.0], 0.5, dout=[1.0, 0, 0, 0, 0])
    assert not subdifferential(beyond).constant


def test_overlapping_windows_share_their_entries() -> None:
    tied = trace(MaxPool(2, 1), [3, 3, 1, 3, 3])
    assert pieces(tied) == {
        (first, 2 - first, 0, 1 + last, 1 - last) for first in (0, 1) for last in (0, 1)
    } | {(1 - first, 1 + first, 0, 1 + last, 1 - last) for first in (0, 1) for last in (0, 1)}


def test_with_mixed_signs_the_pieces_still_have_to_go_together() -> None:
    # h2 cannot lose to h1 and win against h3 unless h3 < h2 < h1.
    tied = trace(MaxPool(2, 1), [3, 3, 3], dout=[1, -0.25])
    assert pieces(tied) == {(1, -0.25, 0), (1, 0, -0.25), (0, 0.75, 0), (0, 1, -0.25)}
    alternating = trace(MaxPool(2, 1), [3, 3, 3], dout=[1, 1])
    assert pieces(alternating) == {(1, 1, 0), (1, 0, 1), (0, 2, 0), (0, 1, 1)}


def test_rules_composed_give_what_no_piece_has() -> None:
    # relu(w) − relu(−w) = w
    x, w, dz = np.reshape([1.0, -1.0], (2, 1, 1)), np.zeros((1, 1, 1)), np.reshape([1, -1], (2, 1))
    found = subdifferential(composed := trace(ConvBlock(), x, w, dout=dz))
    assert found.smooth
    assert pieces(composed) == {(0, 0, 1)}
    assert not found.contains(composed.under(Kinks(0.0, "first")).grads)


def test_one_filter_for_all_examples() -> None:
    x = np.reshape([2.0, 2.0, -1.0, -3.0], (2, 1, 2))
    tied = trace(ConvBlock(), x, np.ones((1, 1, 1)), dout=[[1.0], [5.0]])
    assert pieces(tied) == {(1, 0, 0, 0, 2), (0, 1, 0, 0, 2)}


def test_a_subdifferential_contains_what_lies_between_the_pieces_and_nothing_beyond() -> None:
    found = subdifferential(trace(ConvBlock(), [3, 3, 1], 1))
    for share in (0, 0.25, 0.5, 1):
        assert found.contains([np.array([share, 1 - share, 0]), np.array(3.0)])
    for dx, dw in (([1, 1, 0], 6), ([1, 1, 0], 3), ([0.5, 0.5, 0], 3.001), ([1.001, -0.001, 0], 3)):
        assert not found.contains([np.array(dx), np.array(float(dw))])


@pytest.mark.parametrize("size", [1.0, 1e9])
def test_what_is_near_is_relative_to_the_largest_gradient(size: float) -> None:
    found = Subdifferential(np.array([[size, 0.0], [-size, 0.0]]), constant=False)
    smooth = Subdifferential(np.array([[size, 0.0]]), constant=False)
    for off, holds in ((1e-9 * size, True), (5e-9 * size, True), (1e-7 * size, False)):
        assert found.contains([np.array([0.0]), np.array([off])]) == holds
        assert smooth.contains([np.array([size]), np.array([off])]) == holds


def generic(count: int) -> list[NDArray[np.float64]]:
    """A small step for each order of the entries' moves and each place of 0 in it: all kinds."""
    orders = permutations(range(count))
    return [
        np.array(order) - zero + 0.5 for order in map(list, orders) for zero in range(count + 1)
    ]


STEPS = generic(4)


@pytest.mark.parametrize(
    "layer",
    [MaxPool(2, 1), MaxPool(3, 1, 1), Sequential(ReLU(), MaxPool(2, 1)), ReLU(), MaxPool()],
    ids=repr,
)
@on_cases(9)
def test_the_pieces_are_all_gradients_next_to_the_point(layer: Layer, case: Case) -> None:
    h = case.integers((4,))
    dout = case.integers(trace(layer, h).output.shape)
    here = trace(layer, h, dout=dout)
    beside = {gradient_at(here, layer, h + step / 64) for step in STEPS}
    assert pieces(here) == beside


@on_cases(30)
def test_a_vector_filter_and_two_filters_next_to_the_point(case: Case) -> None:
    layer = Sequential(Conv1D(), ReLU(), MaxPool(2, 1))
    x, w = case.integers((1, 4)), case.integers((2, 1, 2))
    dout = case.integers((2, 2))
    here = trace(layer, x, w, dout=dout)
    found = subdifferential(here)
    random = np.random.default_rng(0)
    for _ in range(20):
        step_x, step_w = random.normal(size=x.shape), random.normal(size=w.shape)
        beside = gradient_at(here, layer, x + step_x * 2.0**-24, w + step_w * 2.0**-24)
        assert np.abs(found.pieces - beside).max(axis=1).min() < 1e-4


class OfTheSum(ReLU):
    """h = max(0, Σ a), in one step: (L,) -> ()."""

    def apply(self, *inputs: Array) -> tuple[Array, Array]:
        (a,) = inputs
        return np.maximum(a.sum(), 0.0), a

    def vjp(self, dout: Array, cache: Array, kinks: Kinks) -> Grads:
        return Grads((np.full(cache.shape, dout * (cache.sum() > 0)),), tuple)

    def pieces(self, output: Index, cache: Array) -> Pieces:
        total = cache.sum()
        rising: LinearMap = {(0, (at,)): 1.0 for at in range(len(cache))}
        return Pieces(({}, rising) if total == 0 else (rising if total > 0 else {},))


GRAPHS: dict[str, tuple[Layer, list[tuple[int, ...]]]] = {
    "residual": (Residual(Sequential(Conv1D(), ReLU())), [(3,), ()]),
    "a sum of a value and itself": (Graph(("s", Add(), "x", "x"), ("h", ReLU(), "s")), [(3,)]),
    "a maximum": (Maximum(), [(2,), (2,)]),
    "a maximum of three": (Maximum(), [(2,)] * 3),
    "a maximum with itself": (Graph(("m", Maximum(), "x", "x", "y")), [(2,), (2,)]),
    "a maximum over branches": (
        Graph(("l", Abs(), "x"), ("a", Conv1D(), "x", "w"), ("m", Maximum(), "l", "a", "x")),
        [(2,), ()],
    ),
    "a shared weight": (
        Graph(("a", Conv1D(), "x", "w"), ("h", ReLU(), "a"), ("y", Conv1D(), "h", "w")),
        [(3,), ()],
    ),
    "branches that meet": (
        Graph(
            ("h", ReLU(), "x"),
            ("m", Maximum(), "h", "y"),
            ("c", Concat(), "m", "h", "x"),
            ("z", MaxPool(2, 2), "c"),
        ),
        [(2,), (2,)],
    ),
    "abs under a pool": (Sequential(Abs(), MaxPool(2, 1)), [(3,)]),
    "a pool under abs": (Sequential(MaxPool(2, 1), Abs()), [(3,)]),
    "bent downwards": (Sequential(LeakyReLU(2.5), MaxPool(2, 1)), [(3,)]),
    "a negative slope": (Sequential(LeakyReLU(-0.5), MaxPool(2, 1)), [(3,)]),
    "bent downwards behind a pool": (Sequential(MaxPool(2, 1), LeakyReLU(2.5)), [(3,)]),
    "bent up and down": (
        Sequential(LeakyReLU(2.5), LeakyReLU(0.25), MaxPool()),
        [(3,)],
    ),
    "undone": (Sequential(LeakyReLU(4), LeakyReLU(0.25)), [(2,)]),
    "residual of a negative slope": (Residual(LeakyReLU(-1)), [(3,)]),
    "a mean of maxima": (Sequential(Abs(), AvgPool(2, 1), LeakyReLU(0.5)), [(3,)]),
    "a kink of several, of which each has its own": (Sequential(ReLU(), OfTheSum()), [(2,)]),
    "a kink behind a curve": (
        Sequential(Softplus(), Conv1D(), Conv1D(), Abs(), MaxPool()),
        [(2,), (), ()],
    ),
}


FIRST = RULES["tensorflow-max-pool"].kinks
"""If entries tie all around a point, as a value and itself do, only one gets the gradient."""


@pytest.mark.parametrize(("layer", "shapes"), GRAPHS.values(), ids=list(GRAPHS))
@pytest.mark.parametrize("seed", range(2))
def test_graphs_have_the_pieces_that_are_next_to_the_point(
    layer: Layer, shapes: list[tuple[int, ...]], seed: int
) -> None:
    random = np.random.default_rng(seed)
    inputs = [random.integers(-1, 2, shape).astype(float) for shape in shapes]
    if seed == 0:  # where all kinks meet
        inputs = [np.zeros(shape) for shape in shapes]
    dout = random.integers(-2, 3, trace(layer, *inputs, kinks=FIRST).output.shape)
    found = subdifferential(trace(layer, *inputs, dout=dout, kinks=FIRST)).pieces
    beside = []
    for _ in range(150):
        moved = [x + random.normal(size=x.shape) * 2.0**-20 for x in inputs]
        grads = trace(layer, *moved, dout=dout, kinks=FIRST).grads
        beside.append(np.concatenate([grad.ravel() for grad in grads]))
    apart = np.abs(found[:, None] - np.array(beside)).max(axis=2)
    assert (apart.min(axis=0) < 1e-4).all(), "next to the point, and not found"
    assert (apart.min(axis=1) < 1e-4).all(), "found, and not next to the point"


def test_two_convolutions_in_a_row() -> None:
    # relu(x) · v1 + relu(−x) · v2 with one filter each, at x = 0: |x| for v = (1, 1).
    layer = Sequential(Conv1D(), ReLU(), Conv1D())
    w, v = np.reshape([1.0, -1.0], (2, 1, 1)), np.reshape([1.0, 1.0], (1, 2, 1))
    kink = trace(layer, np.zeros((1, 1)), w, v)
    assert pieces(kink) == {(1, 0, 0, 0, 0), (-1, 0, 0, 0, 0)}
    straight = trace(layer, np.zeros((1, 1)), w, np.reshape([1.0, -1.0], (1, 2, 1)))
    assert pieces(straight) == {(1, 0, 0, 0, 0)}


def test_too_many_pieces_are_refused() -> None:
    with pytest.raises(LimitError, match="at most 16 combinations of choices; got 32"):
        subdifferential(trace(ReLU(), np.zeros(5)), limit=16)
    with pytest.raises(LimitError, match="at most 4 entries of a layer that matter; got 5"):
        subdifferential(trace(ReLU(), np.ones(5)), limit=4)
    assert subdifferential(trace(ReLU(), np.ones(5)), limit=5).smooth
    assert len(subdifferential(trace(ReLU(), np.zeros(5)), limit=32).pieces) == 32


def test_what_is_refused_is_only_what_has_to_be_looked_at() -> None:
    # Three entries of x matter, of each layer one.
    one = trace(Linear(), [1.0, 2.0, 3.0], [[1.0, 2.0, 3.0]])
    assert subdifferential(one, limit=2).smooth
    # The nine outputs have one kink in common.
    shared = trace(Sequential(ReLU(), Linear()), [0.0], np.ones((9, 1)))
    assert pieces(shared) == {(0.0,) * 10, (9.0, *[0.0] * 9)}


def test_what_two_operations_read_matters_to_either() -> None:
    graph = Graph(
        *(("h", ReLU(), "x"), ("p", AvgPool(1, 2), "h"), ("y", Linear(), "h", "w")),
        ("z", Add(), "p", "y"),
    )
    traced = trace(graph, [0.0, 0.0], [[1.0, 1.0]])  # z = 2 h1 + h2
    assert {each[:2] for each in pieces(traced)} == {(0, 0), (2, 0), (0, 1), (2, 1)}


@pytest.mark.parametrize("side", [2, 10, 16])
def test_a_tie_of_all_is_no_search(side: int) -> None:
    """Each entry alone may grow, so the unit vectors are the pieces, however many there are.

    To search for a direction into each piece would take minutes from a hundred entries on.
    """
    tied = trace(MaxPool2D(), np.zeros((side, side)), kinks=RULES["pytorch-amax"].kinks)
    found, count = subdifferential(tied), side**2
    assert_allclose(found.pieces, np.eye(count))
    for each, holds in ((1 / count, True), (1.0, False)):
        assert found.contains([np.full((side, side), each)]) == holds


def by_search(points: Points) -> Points:
    """The hull's nearest point to 0: the best of the nearest points of planes through corners."""
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
def test_no_point_of_the_hull_is_nearer_to_the_origin(points: Points) -> None:
    assert_allclose(nearest(points), by_search(points), atol=1e-8)


@given(points)
def test_every_point_lies_beyond_the_nearest_or_the_nearest_is_the_origin(points: Points) -> None:
    point = nearest(points)
    assert not point.any() or (points @ point >= point @ point - 1e-8).all()


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_the_nearest_point_scales_with_the_points(scale: float) -> None:
    square = scale * np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    assert not nearest(square).any()
    assert_allclose(nearest(square + np.array([2 * scale, 0.0])), [scale, 0.0], atol=1e-12 * scale)


def test_a_point_in_the_hull_but_for_rounding_is_the_origin() -> None:
    third = np.array([[1.0, 0.0], [0.0, 1.0], [-1 / 3, -2 / 3]])
    inside = np.array([0.1, 0.1, 0.8]) @ third
    assert not nearest(third - inside).any()


def test_a_point_between_large_ones_but_for_their_rounding_is_the_origin() -> None:
    along, across = np.array([0.1, 0.3]), np.array([-0.3, 0.1])
    assert not nearest(np.array([1e6 * along, -3e6 * along, 1e-6 * across])).any()


def test_a_search_has_found_its_point_if_only_rounding_is_left() -> None:
    rows = np.array([[-2.0, 1.0], [-4.0, 2.0], [0.0, 1.0]]) + np.array([1e-9, 0.0])
    assert_allclose(nearest(rows), [0, 1], atol=1e-8)  # between the 1st and the 3rd


def sees_the_origin(corners: Sequence[tuple[int, int]]) -> bool:
    """Whether the hull contains the origin, in whole numbers: as a corner, between two, or three.

    It is between three if going around them always turns the same way.
    """
    turns = {(a, b): a[0] * b[1] - a[1] * b[0] for a, b in product(corners, repeat=2)}
    return (
        (0, 0) in corners
        or any(not turns[a, b] and a[0] * b[0] + a[1] * b[1] < 0 for a, b in turns)
        or any(
            min(turns[a, b], turns[b, c], turns[c, a]) > 0 for a, b, c in permutations(corners, 3)
        )
    )


@given(
    st.lists(
        st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.sampled_from([1, 10**3, 10**6])),
        min_size=1,
        max_size=6,
    )
)
@example([(2, -2, 10**6), (-3, -3, 1), (-2, 2, 10**5)])
def test_points_of_all_sizes_have_the_origin_between_them_or_not(
    corners: list[tuple[int, int, int]],
) -> None:
    points = [(x * size, y * size) for x, y, size in corners]
    assert nearest(np.array(points, float)).any() != sees_the_origin(points)


@for_each(
    "points",
    # By hand: the foot of the perpendicular from the origin to the edge from the 2nd to the 4th,
    # t = 6/13, and to the edge from the 3rd to the 4th, t = 5/17.
    {
        (20 / 13, 4 / 13): [[1, 4], [2, -2], [3, 1], [1, 3]],
        (3 / 17, -12 / 17): [[-3, -3], [4, 0], [-1, -1], [3, 0]],
    }.items(),
)
def test_the_nearest_of_an_edge_that_only_two_of_all_are_on(points: tuple[Index, Points]) -> None:
    expected, rows = points
    assert_allclose(nearest(np.array(rows, float)), expected, atol=1e-12)
