"""Layers in a row: the lab's block by hand, and how parameters are distributed."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine import (
    LAB,
    RULES,
    Conv1D,
    ConvBlock,
    Kinks,
    Linear,
    MaxPool,
    ReLU,
    Sequential,
    trace,
)
from engine.trace import influence
from tests.for_each import for_each

FIRST, SPLIT = Kinks(0.0, "first"), Kinks(0.0, "split")

BLOCKS: dict[str, tuple[list[float], float, float, list[tuple[list[float], float]]]] = {
    # x, w, z, and (dx, dw) under the lab's rule, "first" and "split" with a slope of 0 at 0
    "unique maximum": ([1, 3, 2], 2, 6, [([0, 2, 0], 3)] * 3),
    "two-way tie": ([3, 3, 1], 1, 3, [([1, 1, 0], 6), ([1, 0, 0], 3), ([0.5, 0.5, 0], 3)]),
    "all negative": ([-1, -2, -3], 1, 0, [([0, 0, 0], 0)] * 3),
    "zero among negatives": ([-1, 0, -2], 1, 0, [([0, 1, 0], 0), ([0] * 3, 0), ([0] * 3, 0)]),
    "zero weight": ([1, -2], 0, 0, [([0, 0], -1), ([0, 0], 0), ([0, 0], 0)]),
    "negative weight": ([1, -2], -1, 2, [([0, -1], -2)] * 3),
}


@for_each(("x", "w", "z", "expected"), BLOCKS.values(), ids=list(BLOCKS))
def test_the_block_by_hand(
    x: list[float], w: float, z: float, expected: list[tuple[list[float], float]]
) -> None:
    block = ConvBlock()
    assert_array_equal(block.forward(x, w), z)
    for kinks, (dx, dw) in zip((LAB, FIRST, SPLIT), expected, strict=True):
        grads = block.backward(1.0, kinks)
        assert_array_equal(grads[0], dx)
        assert_array_equal(grads[1], dw)


def test_dout_scales_the_gradient_also_below_zero() -> None:
    block = ConvBlock()
    block.forward([1, 3, 2], 2)
    dx, dw = block.backward(-2)
    assert_array_equal(dx, [0, -4, 0])
    assert_array_equal(dw, -6)


def test_parameters_go_in_order_to_the_layers_that_have_some() -> None:
    network = Sequential(Conv1D(), ReLU(), Conv1D(), MaxPool())
    assert_array_equal(network.forward([1, 2], 3, 5), 30)
    dx, d_first, d_second = network.backward(1.0)
    assert_array_equal(dx, [0, 15])
    assert (d_first, d_second) == (10, 6)
    assert_array_equal(network.forward([1, 2], 3, 0.5, 5, 0.25), 32.75)
    assert [float(grad) for grad in network.backward(1.0)[1:]] == [10, 5, 6.5, 1]


@pytest.mark.parametrize("count", [0, 1, 3, 5, 6])
def test_another_number_of_parameters_is_refused(count: int) -> None:
    message = rf"Sequential: needs x, and one parameter .* there are 2; got {count + 1} inputs"
    with pytest.raises(ValueError, match=message):
        Sequential(Conv1D(), ReLU(), Conv1D()).forward([1.0, 2.0], *[1.0] * count)


def test_no_layer_with_parameters_takes_x_alone() -> None:
    network = Sequential(ReLU(), MaxPool())
    assert_array_equal(network.forward([-1, 2]), 2)
    assert_array_equal(network.backward(1.0), [0, 1])
    with pytest.raises(ValueError, match="got 2 inputs"):
        network.forward([1.0], 1.0)


def test_a_row_inside_another_is_taken_as_its_layers() -> None:
    nested = Sequential(Sequential(Conv1D(), ReLU()), Sequential(Sequential(MaxPool(2))))
    flat = Sequential(Conv1D(), ReLU(), MaxPool(2))
    assert [type(layer) for layer in nested.layers] == [Conv1D, ReLU, MaxPool]
    one, other = (trace(network, [1, 3, 3, 2], 2) for network in (nested, flat))
    assert [step.name for step in one.steps] == [step.name for step in other.steps]
    assert_array_equal(one.grads[0], other.grads[0])


def test_one_layer_may_stand_twice() -> None:
    shared = Conv1D()
    network = Sequential(shared, ReLU(), shared)
    assert_array_equal(network.forward([1, 2], 3, 5), [15, 30])
    assert_array_equal(network.backward([1, 1])[0], [15, 15])


def test_a_message_names_the_layer_inside() -> None:
    with pytest.raises(ValueError, match=r"Conv1D: needs b of shape \(2,\)"):
        ConvBlock().forward([1.0, 2.0], [[1.0], [2.0]], 0.0)
    with pytest.raises(ValueError, match="ConvBlock: w needs finite numbers; got nan"):
        ConvBlock().forward([1.0], float("nan"))
    with pytest.raises(ValueError, match="Sequential: b2 needs real numbers; got dtype bool"):
        Sequential(Conv1D(), Conv1D()).forward([1.0], 1.0, 1.0, 1.0, True)


def test_a_result_out_of_range_is_refused_where_it_arose() -> None:
    for x in ([1e308, 1.0], [-1e308, 1.0]):  # the ReLU would have hidden the second
        with pytest.raises(ValueError, match=r"Conv1D: the output needs to stay within .*float64"):
            ConvBlock().forward(x, 10.0)
    with pytest.raises(ValueError, match=r"Conv1D: the output needs to stay within .*float32"):
        ConvBlock().forward(np.array([1e38, 1.0], dtype=np.float32), 10.0)
    block = ConvBlock()
    block.forward([1e300], 1.0)
    with pytest.raises(ValueError, match="ConvBlock: the gradient of w needs to stay within"):
        block.backward(1e300)


def test_numbers_too_large_for_their_dtype_are_refused() -> None:
    with pytest.raises(ValueError, match=r"w needs finite numbers; got inf.*float64 too large"):
        ConvBlock().forward(np.array([1.0], dtype=np.float32), 1e300)


def test_what_is_no_layer_is_refused() -> None:
    for layers in ((), (ReLU,), (ReLU(), None), ([ReLU()],)):
        with pytest.raises(ValueError, match=r"Sequential: needs .*; got"):
            Sequential(*layers)


def test_an_entry_of_a_parameter_reaches_the_output_through_all_layers() -> None:
    traced = trace(Sequential(Conv1D(), MaxPool(2), Conv1D()), *map(np.ones, ((4,), (), (2, 1))))
    reached = influence(traced, 2, 1, (1, 0))[-1]
    assert [tuple(map(int, at)) for at in np.argwhere(reached)] == [(1, 0), (1, 1)]


def test_a_network_gives_reasons_as_a_layer_does() -> None:
    inputs = (np.array([3.0, 3, -1]), np.array(1.0), np.array(2.0))
    network = Sequential(Conv1D(), ReLU(), MaxPool(2, 1), Conv1D())
    output, cache = network.apply(*inputs)
    reasons = network.vjp(np.ones(output.shape), cache, RULES["lab"].kinks).why()
    traced = trace(network, *inputs)
    expected = (*traced.steps[0].why, traced.steps[3].why[1])
    for mine, theirs in zip(reasons, expected, strict=True):
        assert_array_equal(mine, theirs)


def test_names_of_its_inputs() -> None:
    assert ConvBlock().names(3) == ("x", "w", "b")
    assert Sequential(Conv1D(), Conv1D()).names(5) == ("x", "w1", "b1", "w2", "b2")
    assert repr(Sequential(ReLU(), MaxPool())) == "Sequential(ReLU(), MaxPool())"
    assert repr(ConvBlock()) == "ConvBlock()"


class Biased(Linear):
    optional = 0


def test_a_layer_whose_bias_is_no_option_always_has_two_parameters() -> None:
    assert Sequential(Biased(), ReLU()).names(3) == ("x", "w", "b")
    assert Sequential(Conv1D(), Biased()).names(4) == ("x", "w1", "w2", "b2")
