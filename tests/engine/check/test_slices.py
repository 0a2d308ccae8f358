"""Slices: they are exactly the function, and have exactly its kinks."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from engine import (
    Conv1D,
    Conv2D,
    ConvBlock,
    Flatten,
    Graph,
    Layer,
    Linear,
    MaxPool,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
    Softplus,
    trace,
)
from engine.check import slices
from engine.check.slices import Slice, slice_along
from engine.errors import LimitError, NumberError
from tests.engine.cases import Case, on_cases

Arrays = list[NDArray[np.float64]]

NETWORKS: dict[str, tuple[Layer, list[tuple[int, ...]]]] = {
    "block": (ConvBlock(), [(5,), ()]),
    "pool": (MaxPool(2, 1), [(5,)]),
    "padded pool": (MaxPool(3, 2, 1), [(2, 5)]),
    "relu": (ReLU(), [(3,)]),
    "minibatch": (ConvBlock(), [(3, 1, 3), (2, 1, 2)]),
    "two of each": (
        Sequential(Conv1D(padding=1), ReLU(), MaxPool(2, 1), Conv1D(), ReLU(), MaxPool()),
        [(2, 2, 4), (2, 2, 2), (2, 2, 2)],
    ),
    "with biases": (
        Sequential(Conv2D(), ReLU(), MaxPool2D(2, 1), Flatten(), Linear()),
        [(1, 1, 4, 3), (1, 1, 2, 2), (1,), (2, 2), (2,)],
    ),
}


def value(layer: Layer, inputs: Arrays, dout: NDArray[np.float64]) -> float:
    return float(np.sum(layer.forward(*inputs) * dout))


@pytest.mark.parametrize("name", NETWORKS)
@on_cases(15)
def test_a_slice_is_the_function_and_has_all_its_kinks_and_no_others(name: str, case: Case) -> None:
    layer, shapes = NETWORKS[name]
    inputs = [case.integers(shape) for shape in shapes]
    dout = case.integers(trace(layer, *inputs).output.shape)
    argument = case.whole(0, len(shapes) - 1)
    index = tuple(case.whole(0, extent - 1) for extent in shapes[argument])
    found = slice_along(trace(layer, *inputs, dout=dout), argument, index, -4.5, 5.0)

    def at(place: float) -> float:
        moved = [each.copy() for each in inputs]
        moved[argument][index] = place
        return value(layer, moved, dout)

    grid = np.linspace(-4.5, 5.0, 39)
    expected = [at(t) for t in grid]
    assert_allclose(np.interp(grid, found.at, found.values), expected, atol=1e-9)
    # Straight between the kinks, and bent at each of them.
    corners = np.array([-4.5, *found.kinks, 5.0])
    heights = [at(t) for t in corners]
    assert_allclose(np.interp(grid, corners, heights), expected, atol=1e-6)
    for kink in found.kinks:
        step = 2.0**-20
        assert abs(at(kink - step) + at(kink + step) - 2 * at(kink)) > step * 1e-6


def kinks(
    layer: Layer, *inputs: object, argument: int = 0, at: tuple[int, ...] = ()
) -> list[float]:
    found: Slice = slice_along(trace(layer, *inputs), argument, at, -4, 4)  # type: ignore[arg-type]
    return [float(kink) for kink in found.kinks]


def test_the_kinks_by_hand() -> None:
    assert kinks(ConvBlock(), [3, 3, 1], 1, at=(0,)) == [3]
    assert kinks(ConvBlock(), [3, 2, 1], 1, at=(0,)) == [2]
    assert kinks(ConvBlock(), [-1, -2, -3], 1, at=(0,)) == [0]
    assert kinks(ConvBlock(), [1, 2, -3], -2, at=(1,)) == [-3]
    assert kinks(ConvBlock(), [1, 2, -3], -2, at=(0,)) == [-3]
    assert kinks(ConvBlock(), [1, 2, -3], 0, at=(1,)) == []
    assert kinks(ConvBlock(), [1, -2], 1, argument=1) == [0]
    assert kinks(ConvBlock(), [1, 2], 1, argument=1) == [0]
    assert kinks(MaxPool(2, 1), [3, 3, 1, 2], at=(1,)) == [1, 3]
    assert kinks(ConvBlock(), [0.75, 0, 1], [[1, 3]], at=(1,)) == [-3, 1.125]


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e200, 1e300])
def test_kinks_at_the_ends_of_the_range(size: float) -> None:
    for layer, x in ((ReLU(), [0.5]), (MaxPool(), [0.5, 0.0]), (MaxPool(2, 1, 1), [0.5, 0.0])):
        found = slice_along(trace(layer, np.multiply(x, size)), 0, (0,), -size, size)
        assert_allclose(found.kinks / size, [0], atol=1e-9)


def test_a_bend_that_another_one_undoes_is_no_kink() -> None:
    # relu(x) − relu(−x) = x
    layer = Sequential(Conv1D(), ReLU(), Conv1D())
    w, v = np.reshape([1.0, -1.0], (2, 1, 1)), np.reshape([1.0, -1.0], (1, 2, 1))
    found = slice_along(trace(layer, np.ones((1, 1)), w, v), 0, (0, 0), -4, 4)
    assert not len(found.kinks)
    assert_allclose(found.values, found.at)


def test_large_slopes_that_differ_only_by_rounding_make_no_kink() -> None:
    # relu(s (x − 1)) − relu(−s (x − 1)) + 2 s = s (x + 1), which the last ReLU bends at −1.
    layer, s = Sequential(Conv1D(), ReLU(), Conv1D(), ReLU()), 1e12 / 3
    w, v = np.reshape([s, -s], (2, 1, 1)), np.reshape([1.0, -1.0], (1, 2, 1))
    found = slice_along(trace(layer, np.ones((1, 1)), w, [-s, s], v, [2 * s]), 0, (0, 0), -3, 4)
    assert found.at.tolist() == pytest.approx([-3, -1, 1, 4])
    assert found.kinks.tolist() == pytest.approx([-1])


def test_two_bends_that_rounding_alone_parts_are_one_kink() -> None:
    for apart, count in ((2.0**-40, 1), (2.0**-20, 2)):  # relu(w − 1) + relu((1 + apart) w − 1)
        traced = trace(Sequential(Conv1D(), ReLU()), [[[1.0, 1.0 + apart]]], [[[0.5]]], [-1.0])
        assert len(slice_along(traced, 1, (0, 0, 0), 0, 2).kinks) == count


def test_what_no_gradient_reaches_bends_nothing() -> None:
    found = slice_along(trace(MaxPool(2, 1), [1, 2, 3], dout=[0, 1]), 0, (0,), -4, 4)
    assert found.at.tolist() == [-4, 4]


def test_entries_that_pass_each_other_below_the_maximum_bend_nothing() -> None:
    # Below 3 the first entry passes −1 and 2, but the maximum is 3: only beyond 3 does it count.
    found = slice_along(trace(MaxPool(), [0, -1, 2, 3]), 0, (0,), -4, 4)
    assert found.at.tolist() == [-4, 3, 4]
    assert found.values.tolist() == [3, 3, 4]


def test_the_nearest_kink_is_another_one() -> None:
    found = slice_along(trace(MaxPool(2, 1), [3, 3, 1, 2]), 0, (1,), -4, 4)
    assert found.nearest_kink(2.5, -4, 4) == 3
    assert found.nearest_kink(3, -4, 4) == 1
    assert found.nearest_kink(3, 2, 4) is None
    assert found.nearest_kink(3 + 1e-12, -4, 4) == 1, "but for rounding it is there"
    assert found.nearest_kink(-4, -4, 2) == 1
    assert found.nearest_kink(2, 3, 4) == 3, "from here on"
    assert found.nearest_kink(0, -4, 1) == 1, "up to here"
    assert found.nearest_kink(2, 3 + 1e-12, 4) == 3, "from here on, but for rounding"
    assert found.nearest_kink(0, -4, 1 - 1e-12) == 1, "up to here, but for rounding"


def test_a_curved_slice_has_its_kinks() -> None:
    loss = Sequential(ReLU(), SoftmaxCrossEntropy([0]))
    found = slice_along(trace(loss, [[1.0, 2.0]]), 0, (0, 0), -4, 4)
    assert found.curved
    assert found.kinks == pytest.approx([0.0], abs=1e-7)
    there = np.maximum(found.at, 0)
    assert_allclose(found.values, np.logaddexp(there, 2) - there, atol=1e-12)


def test_a_kink_behind_a_curve_is_closed_in_on() -> None:
    network = Sequential(Softplus(), Conv1D(), ReLU(), MaxPool())
    # ReLU(1 − softplus(x)) bends where softplus(x) = 1, at log(e − 1).
    found = slice_along(trace(network, [0.0], -1.0, 1.0), 0, (0,), -4, 4)
    assert found.kinks == pytest.approx([np.log(np.e - 1)], abs=1e-7)


def test_a_weight_that_is_read_twice_makes_a_curve() -> None:
    twice = Graph(("a", Conv1D(), "x", "w"), ("h", ReLU(), "a"), ("b", Conv1D(), "h", "w"))
    found = slice_along(trace(twice, [2.0], 1.0), 1, (), -4, 4)  # w · max(0, 2 w)
    assert found.curved
    assert found.kinks.size == 0  # 2 w² and 0 meet at 0 with the same slope
    assert_allclose(found.values, 2 * found.at * np.maximum(found.at, 0), atol=1e-12)


def test_a_value_added_to_itself_makes_no_curve() -> None:
    found = slice_along(trace(Residual(ReLU()), [1.0]), 0, (0,), -4, 4)
    assert not found.curved
    assert (found.at.tolist(), found.values.tolist()) == ([-4, 0, 4], [-4, 0, 8])


def test_a_weight_read_twice_makes_a_curve_beside_a_constant_bias_too() -> None:
    twice = Graph(("a", Conv1D(), "x", "w"), ("y", Conv1D(), "a", "w", "b"))
    found = slice_along(trace(twice, [2.0], 1.0, 3.0), 1, (), -4, 4)  # 2 w² + 3
    assert found.curved
    assert_allclose(found.values, 2 * found.at**2 + 3, atol=1e-12)


def test_a_bend_of_a_curve_without_a_jump_is_no_kink_at_whatever_height() -> None:
    twice = Graph(("a", Conv1D(), "x", "w"), ("h", ReLU(), "a"), ("y", Conv1D(), "h", "w", "b"))
    found = slice_along(trace(twice, [2.0], 1.0, 3.0), 1, (), -4, 4)  # w · max(0, 2 w) + 3
    assert found.kinks.size == 0


def test_in_a_short_slice_of_a_curve_kinks_are_as_near_to_each_other() -> None:
    network = Sequential(Conv1D(), ReLU(), Softplus())
    apart, w = [0.0, 1e-4], np.ones((2, 1))
    found = slice_along(trace(network, [0.0], w, apart), 0, (0,), -4e-3, 4e-3)
    assert found.curved
    assert found.kinks == pytest.approx([-1e-4, 0.0], abs=1e-9)


def test_what_cannot_be_followed_is_refused() -> None:
    with pytest.raises(IndexError):
        slice_along(trace(ReLU(), [1.0, 2.0]), 0, (2,), -4, 4)
    many = np.linspace(-3, 3, 3000)
    with pytest.raises(LimitError, match="at most 2048 bends along a slice"):
        slice_along(trace(Sequential(Conv1D(), ReLU()), many, 1.0, 1.0), 2, (), -4, 4)
    with pytest.raises(NumberError, match="Conv1D: the output needs to stay within the range of"):
        slice_along(trace(Conv1D(), [1.0, 1.0], [10.0]), 0, (0,), -1e308, 1e308)


def test_a_slice_with_more_bends_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    units = trace(Sequential(Linear(), ReLU()), [0.0], [[1.0]] * 3, [1.0, 2.0, 3.0], dout=[1, 1, 1])
    monkeypatch.setattr(slices, "BENDS_MOST", 5)  # both ends included
    assert slice_along(units, 0, (0,), -9, 9).kinks.tolist() == [-3, -2, -1]
    monkeypatch.setattr(slices, "BENDS_MOST", 4)
    with pytest.raises(LimitError, match="needs at most 4 bends along a slice; got 3 more"):
        slice_along(units, 0, (0,), -9, 9)
