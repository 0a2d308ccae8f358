"""Linear and Flatten, by hand and against the slow implementation."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine import Flatten, Linear, ShapeError, Why, trace
from tests.engine import slow
from tests.engine.cases import Case, on_cases

X = [[1.0, 0.0], [2.0, -1.0]]
W = [[1.0, 2.0], [0.0, 3.0], [-1.0, 1.0]]


def test_linear_by_hand() -> None:
    layer = Linear()
    assert_array_equal(layer.forward(X, W, [1, 0, 0]), [[2, 0, -1], [1, -3, -3]])
    dx, dw, db = layer.backward([[1, 0, 2], [0, 1, 0]])
    assert_array_equal(dx, [[-1, 4], [0, 3]])
    assert_array_equal(dw, [[1, 0], [2, -1], [2, 0]])
    assert_array_equal(db, [1, 1, 2])


def test_entries_feed_the_outputs_of_their_example_or_of_their_row() -> None:
    (step,) = trace(Linear(), X, W, [1, 0, 0], dout=1).steps
    assert step.fed(0, (1, 0)) == [(1, 0), (1, 1), (1, 2)]
    assert step.fed(1, (2, 0)) == step.fed(2, (2,)) == [(0, 2), (1, 2)]


def test_what_lies_otherwise_in_memory_is_rounded_as_ever() -> None:
    x, w = [[0.1, 0.1]], np.array([[0.1, 0.1], [0.7, 0.1]])
    expected = Linear().forward(x, w)
    assert_array_equal(Linear().forward(x, np.asfortranarray(w)), expected)


def test_reasons_by_hand() -> None:
    dout = [[1, 0, 1], [0, 0, 0]]
    (step,) = trace(Linear(), X, W, dout=dout).steps
    cancelled, nothing = Why.CANCELLED, Why.UPSTREAM_ZERO
    assert_array_equal(step.why[0], [[cancelled, Why.FLOWS], [nothing, nothing]])
    flows, zero = Why.FLOWS, Why.ZERO_FACTOR
    assert_array_equal(step.why[1], [[flows, zero], [nothing, nothing], [flows, zero]])


@on_cases()
def test_linear_agrees_with_the_slow_one(case: Case) -> None:
    n, d, m = case.wholes(1, 3, 3)
    inputs = case.inputs((n, d), (m, d), (m,))
    answer, dout = slow.linear(*inputs), case.integers((n, m))
    (step,) = trace(Linear(), *inputs, dout=dout).steps
    assert_array_equal(step.output, answer.output)
    grads = answer.grads(dout)
    reasons = answer.why(dout, grads)
    for position in range(3):
        assert_array_equal(step.grads[position], grads[position])
        assert_array_equal(step.why[position], reasons[position])
        assert not step.kinked[position].any()


def test_a_bias_cancels_over_the_examples() -> None:
    dout = [[1, 2, 0], [-1, 1, 0]]
    (step,) = trace(Linear(), X, W, [0, 0, 0], dout=dout).steps
    assert_array_equal(step.grads[2], [0, 3, 0])
    assert_array_equal(step.why[2], [Why.CANCELLED, Why.FLOWS, Why.UPSTREAM_ZERO])


def test_flatten_by_hand() -> None:
    layer = Flatten()
    assert_array_equal(
        layer.forward([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]), [[1, 2, 3, 4], [5, 6, 7, 8]]
    )
    assert_array_equal(
        layer.backward([[1, 0, 0, 2], [0, 3, 0, 0]]), [[[1, 0], [0, 2]], [[0, 3], [0, 0]]]
    )


@pytest.mark.parametrize(
    ("shape", "index", "fed"),
    [
        ((2,), (1,), (1, 0)),
        ((2, 3), (1, 2), (1, 2)),
        ((2, 3, 4), (1, 2, 3), (1, 11)),
        ((2, 3, 4), (1, 1, 2), (1, 6)),
    ],
)
def test_an_entry_feeds_its_place_in_the_row(
    shape: tuple[int, ...], index: tuple[int, ...], fed: tuple[int, int]
) -> None:
    (step,) = trace(Flatten(), np.ones(shape), dout=1).steps
    assert step.fed(0, index) == [fed]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ((X, [[1.0, 2.0, 3.0]]), r"needs x \(D,\) or \(N, D\) with w \(M, D\); got x of shape"),
        ((X, [1.0, 2.0]), "needs x"),
        (([X], W), "needs x"),
        ((X, W, [1.0]), r"needs b of shape \(3,\) for w of shape \(3, 2\); got \(1,\)"),
    ],
)
def test_bad_shapes_are_named(inputs: tuple[list[float], ...], said: str) -> None:
    with pytest.raises(ShapeError, match=f"Linear: {said}"):
        Linear().forward(*inputs)
    with pytest.raises(ShapeError, match="Flatten: needs a first axis"):
        Flatten().forward(1.0)
