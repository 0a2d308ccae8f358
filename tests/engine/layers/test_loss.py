"""SoftmaxCrossEntropy: by hand, at the ends of the range, and its labels."""

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine import (
    EngineError,
    Flatten,
    Linear,
    Sequential,
    SoftmaxCrossEntropy,
    Why,
    gradient_check,
    trace,
)
from tests.for_each import for_each


def test_by_hand() -> None:
    layer = SoftmaxCrossEntropy()
    # Row one: probabilities 1/4, 3/4. Row two: 1/2 each.
    logits = [[0.0, math.log(3)], [5.0, 5.0]]
    assert_allclose(layer.forward(logits, [0, 1]), (math.log(4) + math.log(2)) / 2)
    assert_allclose(layer.backward(), [[-3 / 8, 3 / 8], [1 / 4, -1 / 4]])
    assert_array_equal(layer.backward(2.0), 2 * layer.backward(1.0))


def test_stable_at_a_thousand() -> None:
    layer = SoftmaxCrossEntropy([1, 0])
    assert layer.forward([[1000.0, -1000.0], [1000.0, -1000.0]]) == 1000
    assert_array_equal(layer.backward(), [[0.5, -0.5], [0, 0]])


def test_reasons_at_certainty() -> None:
    for dout in (1.0, -1.0):
        (step,) = trace(SoftmaxCrossEntropy([0]), [[1000.0, 0.0]], dout=dout).steps
        # At the label it is −exp(−1000), elsewhere exp(−1000).
        assert_array_equal(step.why[0], [[Why.UNDERFLOW, Why.UNDERFLOW]])
    (step,) = trace(SoftmaxCrossEntropy([0]), [[40.0, 0.0]], dout=1e-310).steps
    assert_array_equal(step.why[0], [[Why.UNDERFLOW, Why.UNDERFLOW]])
    (step,) = trace(SoftmaxCrossEntropy([0]), [[5.0]]).steps
    assert_array_equal(step.why[0], [[Why.CANCELLED]])
    (step,) = trace(SoftmaxCrossEntropy([0]), [[1000.0, 0.0]], dout=0).steps
    assert_array_equal(step.why[0], [[Why.UPSTREAM_ZERO] * 2])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_near_certainty_the_gradient_at_the_label_is_not_rounded_away(dtype: type) -> None:
    # p = 1 − 4.2e-18 is rounded to 1, and p − 1 would be 0 or a multiple of the rounding error.
    (grads,) = trace(SoftmaxCrossEntropy([0]), np.array([[40, 0]], dtype)).grads
    assert_allclose(grads, [[-math.exp(-40), math.exp(-40)]], rtol=1e-5)
    assert grads[0, 0] == -grads[0, 1], "of two classes they are exactly opposite"
    (grads,) = trace(SoftmaxCrossEntropy([1]), np.array([[0, 15, 2]], dtype)).grads
    others = 1 / (1 + math.exp(15) + math.exp(2)), math.exp(2) / (1 + math.exp(15) + math.exp(2))
    assert_allclose(grads, [[others[0], -sum(others), others[1]]], rtol=1e-6)


def test_labels_may_come_either_way() -> None:
    logits = np.array([[1.0, 2.0, 4.0]])
    bound, free = SoftmaxCrossEntropy([2]), SoftmaxCrossEntropy()
    assert bound.forward(logits) == free.forward(logits, [2])
    assert bound.forward(logits) == free.forward(logits, np.array([2], np.uint64))
    assert trace(free, logits, [2]).grads[0].shape == (1, 3)
    net = Sequential(Flatten(), Linear(), SoftmaxCrossEntropy([2]))
    assert len(trace(net, logits, np.eye(3)).grads) == 2


def test_it_is_written_as_it_is_constructed() -> None:
    assert repr(SoftmaxCrossEntropy()) == "SoftmaxCrossEntropy()"
    assert repr(SoftmaxCrossEntropy([2, 0])) == "SoftmaxCrossEntropy(labels=[2, 0])"


def test_float32_is_kept() -> None:
    layer = SoftmaxCrossEntropy([0])
    assert layer.forward(np.ones((1, 2), np.float32)).dtype == np.float32
    assert layer.backward().dtype == np.float32


@for_each(
    ("labels", "said"),
    [
        ([3], "needs labels below 3, the number of classes; got 3"),
        ([0.5], "needs labels that are whole numbers from 0 on; got 0.5"),
        ([0, 0.5, -1], "needs labels that are whole numbers from 0 on; got 0.5"),
        (np.array([-1]), "needs labels that are whole numbers from 0 on; got -1"),
        ([-1], "needs labels that are whole numbers from 0 on; got -1"),
        ([1e20], r"needs labels within the range of int64; got 1e\+20"),
        (
            [2.0**63],
            r"needs labels within the range of int64; got 9.22\d*e\+18",
        ),  # the first beyond it
        (np.array([2**64 - 1], np.uint64), "needs labels within the range of int64; got 1.8"),
        (np.array([3], np.uint64), "needs labels below 3, the number of classes; got 3"),
        ([True], "labels needs real numbers; got dtype bool"),
        (np.array([True]), "labels needs real numbers; got dtype bool"),
        (np.array([], np.intp), "labels needs at least one entry"),
        (np.array([[1]]), r"needs labels \(N,\); got shape \(1, 1\)"),
        (
            np.ma.array([0, 1], mask=[False, True]),
            "labels needs a number for every entry; got masked ones",
        ),
        ([0, 1], "needs one label for each of 1 rows"),
        (1, r"needs labels \(N,\); got shape \(\)"),
    ],
)
def test_bad_labels_are_named(labels: object, said: str) -> None:
    with pytest.raises(EngineError, match=f"SoftmaxCrossEntropy: {said}"):
        SoftmaxCrossEntropy().forward([[1.0, 2.0, 3.0]], labels)  # type: ignore[arg-type]


def test_labels_may_not_come_both_ways() -> None:
    for act in (SoftmaxCrossEntropy([0]).forward, partial(trace, SoftmaxCrossEntropy([0]))):
        with pytest.raises(EngineError, match=r"needs the inputs \(logits\); got 2 of them"):
            act([[1.0, 2.0]], [1])


def test_logits_without_labels_are_refused() -> None:
    with pytest.raises(EngineError, match="needs labels"):
        SoftmaxCrossEntropy().forward([[1.0, 2.0]])
    with pytest.raises(EngineError, match=r"needs logits \(N, K\)"):
        SoftmaxCrossEntropy([0]).forward([1.0, 2.0])
    with pytest.raises(EngineError, match=r"needs logits \(N, K\); got shape \(1, 1, 2\)"):
        SoftmaxCrossEntropy([0]).forward([[[1.0, 2.0]]])
    with pytest.raises(EngineError, match="needs one label for each of 2 rows"):
        SoftmaxCrossEntropy([0]).forward([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    "params", [[[[1.0, 2.0]]], [[[1.0, 2.0], [3.0, 4.0]]], [], [[[1.0]], [2.0]]]
)
def test_in_a_row_of_layers_labels_are_no_bias(params: list[Any]) -> None:
    """Nor are they a parameter too many; the error comes before any shape is checked."""
    said = r"SoftmaxCrossEntropy: needs SoftmaxCrossEntropy\(labels\) among other layers"
    row = Sequential(Linear(), SoftmaxCrossEntropy())
    for act in (row.forward, partial(trace, row)):
        with pytest.raises(EngineError, match=said):
            act([[1.0, 2.0]], *params, [0])


@pytest.mark.parametrize("ahead", [1.0, 10.0, 30.0, 100.0, 700.0])
def test_a_small_loss_is_not_lost_beside_1(ahead: float) -> None:
    loss = SoftmaxCrossEntropy([1]).forward([[0.0, ahead, 0.0]])
    assert_allclose(loss, math.log1p(2 * math.exp(-ahead)), rtol=1e-14)
    tied = SoftmaxCrossEntropy([0]).forward([[ahead, ahead, 0.0]])
    assert_allclose(tied, math.log1p(1 + math.exp(-ahead)), rtol=1e-14)


def test_the_check_passes_what_a_sure_network_says() -> None:
    # The loss and its slopes are about 1e-4: an error of 1e-16 would be large beside them.
    logits = np.array([[9.2, 0.1, -0.3]])
    for eps in (1e-6, 1e-9):
        loss = SoftmaxCrossEntropy([0])
        (result,) = gradient_check(loss.forward, loss.backward, logits, eps=eps)
        assert result.verdict == "PASSED"
