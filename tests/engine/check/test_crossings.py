"""The kinks within a step: each is found, except those whose crossing changes nothing."""

import numpy as np
import pytest

from engine import Abs, Conv1D, ConvBlock, MaxPool, MaxPool2D, ReLU, Sequential, one_sided
from engine.check.crossings import Crossing, crossed, nearest
from tests.engine.cases import Case, on_cases
from tests.for_each import for_each

CASES = {
    # x, w, (argument, index), eps -> what is crossed: step, entries, output
    "tie": ([3, 3, 1], 1, (0, (0,)), 1e-6, [(2, ((0,), (1,)), ())]),
    "near a tie": ([3 + 1e-7, 3, 1], 1, (0, (0,)), 1e-6, [(2, ((0,), (1,)), ())]),
    "not so near": ([3 + 1e-5, 3, 1], 1, (0, (0,)), 1e-6, []),
    "all of a tie move": ([3, 3, 1], 1, (1, ()), 1e-6, []),
    "below the maximum": ([3, 1, 1], 1, (0, (1,)), 1e-6, []),
    "a gate": ([-1, 0], 1, (0, (1,)), 1e-6, [(1, ((1,),), (1,))]),
    "a gate that nothing reaches": ([3, 0], 1, (0, (1,)), 1e-6, []),
    "every tie at 0, and constant": ([-1, -2, -3], 1, (0, (0,)), 1e-6, []),
    "every gate": (
        [1, -2],
        0,
        (1, ()),
        1e-6,
        [(1, ((0,),), (0,)), (1, ((1,),), (1,)), (2, ((0,), (1,)), ())],
    ),
    "a step that ends on a gate's 0": ([0.5, -1], 1, (0, (0,)), 0.5, []),
    "an a that stays 0": ([0.5, -1], 0, (0, (0,)), 0.5, []),
    "a step that ends on the kink": ([3, 2.5], 1, (0, (0,)), 0.5, []),
}


@for_each(("x", "w", "entry", "eps", "expected"), CASES.values(), ids=list(CASES))
def test_the_block_by_hand(
    x: list[float],
    w: float,
    entry: tuple[int, tuple[int, ...]],
    eps: float,
    expected: list[tuple[int, tuple[tuple[int, ...], ...], tuple[int, ...]]],
) -> None:
    found = crossed(ConvBlock(), (x, w), *entry, eps)
    assert found == [
        Crossing(step, tuple((0, index) for index in entries), output)
        for step, entries, output in expected
    ]


def test_only_windows_that_carry_a_gradient_are_crossed() -> None:
    pool = MaxPool(2, 1)
    assert len(crossed(pool, ([3.0, 3.0, 3.0],), 0, (1,), 0.1)) == 2
    (only,) = crossed(pool, ([3.0, 3.0, 3.0],), 0, (1,), 0.1, dout=[0.0, 2.0])
    assert only == Crossing(0, ((0, (1,)), (0, (2,))), (1,))
    (flat,) = crossed(MaxPool2D(), ([[1.0, 2.0], [2.0, 0.0]],), 0, (0, 1), 0.1)
    assert flat.entries == ((0, (0, 1)), (0, (1, 0)))


@on_cases()
def test_a_kink_is_crossed_where_the_slopes_differ(case: Case) -> None:
    network, x = Sequential(Conv1D(), ReLU(), MaxPool(2, 1)), case.integers((4,))
    dout = [1.0, 0.5, 2.0]
    ((left, right), _) = one_sided(network.forward, x, 1.0, dout=dout)
    for i in range(len(x)):
        within = crossed(network, (x, 1.0), 0, (i,), 1e-3, dout)
        if abs(left[i] - right[i]) > 1e-6:
            assert within
        elif not within:
            assert left[i] == pytest.approx(right[i], abs=1e-6)


def test_the_nearest_kink() -> None:
    steps = [1e-3, 1e-2, 0.05, 0.1, 0.2]
    # At a distance of 0.1 the step 0.1 ends on the kink, which then does not lie within it.
    for distance, expected in ((0.0, 1e-3), (0.005, 1e-2), (0.1, 0.2), (0.15, 0.2), (0.5, None)):
        point = ([3.0, 3.0 - distance], 1.0)
        assert nearest(ConvBlock(), point, 0, (0,), steps) == expected
    tied = [3.0, 3.0, 9.0]
    assert nearest(MaxPool(2, 1), (tied,), 0, (0,), steps, dout=[2.0, 0.0]) == 1e-3
    assert nearest(MaxPool(2, 1), (tied,), 0, (0,), steps, dout=[0.0, 2.0]) is None


def test_a_step_may_end_on_a_kink_at_which_some_rules_choose_nothing() -> None:
    assert crossed(Abs(), ([0.5],), 0, (0,), 0.5) == []
    assert crossed(Abs(), ([0.5],), 0, (0,), 0.75) == [Crossing(0, ((0, (0,)),), (0,))]


def test_nothing_that_is_handed_over_is_changed() -> None:
    x = np.array([3.0, 3.0])
    crossed(ConvBlock(), (x, 1.0), 0, (0,), 0.1)
    assert x.tolist() == [3, 3]
