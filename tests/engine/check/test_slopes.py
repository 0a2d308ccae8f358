"""One-sided derivatives: exact on both sides of every kink of the block."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine import Conv1D, ConvBlock, Kinks, MaxPool, ReLU, Sequential, one_sided, trace
from tests.engine.rows import integers, normals

BLOCKS: dict[str, tuple[list[float], float, list[list[float]], list[float]]] = {
    # x, w, [left, right] for x, and for w
    "unique maximum": ([1, 3, 2], 2, [[0, 2, 0], [0, 2, 0]], [3, 3]),
    "two-way tie": ([3, 3, 1], 1, [[0, 0, 0], [1, 1, 0]], [3, 3]),
    "tie under a negative weight": ([-3, -3], -1, [[-1, -1], [0, 0]], [-3, -3]),
    "all negative": ([-1, -2, -3], 1, [[0, 0, 0], [0, 0, 0]], [0, 0]),
    "zero among negatives": ([-1, 0], 1, [[0, 0], [0, 1]], [0, 0]),
    "zero weight": ([1, -2], 0, [[0, 0], [0, 0]], [-2, 1]),
}


@pytest.mark.parametrize(("x", "w", "of_x", "of_w"), BLOCKS.values(), ids=list(BLOCKS))
def test_the_block_by_hand(
    x: list[float], w: float, of_x: list[list[float]], of_w: list[float]
) -> None:
    sides_x, sides_w = one_sided(ConvBlock().forward, x, w)
    assert_allclose(sides_x, of_x, atol=1e-9)
    assert_allclose(sides_w, of_w, atol=1e-9)


def test_shapes_and_dtypes() -> None:
    inputs = normals([(2, 3, 5), (2, 3, 2)])
    for (left, right), given_ in zip(one_sided(Conv1D().forward, *inputs), inputs, strict=True):
        assert left.shape == right.shape == given_.shape
    ((left, _),) = one_sided(ReLU().forward, np.float32(2))
    assert left.dtype == np.float64
    assert left == 1


def test_away_from_kinks_both_sides_are_precise() -> None:
    inputs = normals([(2, 3, 5), (2, 3, 2)])
    network = Sequential(Conv1D(), ReLU(), MaxPool(2))
    expected = trace(network, *inputs).grads
    for sides, grad in zip(one_sided(network.forward, *inputs), expected, strict=True):
        assert_allclose(sides, [grad, grad], atol=1e-7)


@pytest.mark.parametrize("x", [1e-7, 1e-9, -1e-9, 2.0**-33])
def test_a_kink_nearby_is_not_here(x: float) -> None:
    ((left, right),) = one_sided(ReLU().forward, x)
    assert_allclose([left, right], [x > 0] * 2, atol=1e-4)


def test_dout_weighs_the_outputs() -> None:
    relu = ReLU()
    for dout, slope in ((1.0, 1), (-2, -2), ([3.0, 0.0], [3, 0])):
        ((left, right),) = one_sided(relu.forward, [0.0, 0.0], dout=dout)
        assert_allclose(left, [0, 0], atol=1e-9)
        assert_allclose(right, np.broadcast_to(slope, 2), atol=1e-9)
    with pytest.raises(ValueError, match=r"check: dout needs the shape of the output, \(2,\)"):
        one_sided(relu.forward, [0.0, 0.0], dout=[1.0])


@given(data=st.data())
def test_every_gradient_lies_in_its_bracket_with_windows_of_one_sign(data: st.DataObject) -> None:
    network = Sequential(ReLU(), MaxPool(2, 1))
    x, dout = data.draw(integers((5,))), np.abs(data.draw(integers((4,))))
    ((left, right),) = one_sided(network.forward, x, dout=dout)
    for ties in ("first", "split"):
        grad = trace(network, x, dout=dout, kinks=Kinks(0.0, ties)).grads[0]
        assert (np.minimum(left, right) - 1e-8 <= grad).all()
        assert (grad <= np.maximum(left, right) + 1e-8).all()


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="param #0 needs finite numbers; got nan"):
        one_sided(ReLU().forward, [np.nan])
    with pytest.raises(ValueError, match="needs at least one param"):
        one_sided(ReLU().forward)
