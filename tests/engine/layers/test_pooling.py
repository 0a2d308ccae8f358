"""Pooling: exact values by hand at every kind of tie, and the slow implementation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from engine import AvgPool, AvgPool2D, Kinks, Layer, MaxPool, MaxPool2D, Why, trace
from engine.kinks import PoolTies
from tests.engine import slow
from tests.engine.rows import Shape, integers, normals

FLOWS, NOT_COVERED, UPSTREAM_ZERO = Why.FLOWS, Why.NOT_COVERED, Why.UPSTREAM_ZERO
NOT_MAX, TIE_LOST, CANCELLED, UNDERFLOW = Why.NOT_MAX, Why.TIE_LOST, Why.CANCELLED, Why.UNDERFLOW

TIES: tuple[PoolTies, ...] = ("all", "first", "split")

BY_HAND: dict[str, tuple[list[float], MaxPool, list[list[float]]]] = {
    # input, layer, and dx for dout = 1 at every window under "all", "first" and "split"
    "unique maximum": ([1, 4, 2], MaxPool(), [[0, 1, 0]] * 3),
    "two-way tie": ([3, 1, 3], MaxPool(), [[1, 0, 1], [1, 0, 0], [0.5, 0, 0.5]]),
    "four-way tie": ([2, 2, 2, 2], MaxPool(), [[1] * 4, [1, 0, 0, 0], [0.25] * 4]),
    "zeros of both signs": ([-0.0, 0.0], MaxPool(), [[1, 1], [1, 0], [0.5, 0.5]]),
    "negative": ([-2, -1, -1], MaxPool(), [[0, 1, 1], [0, 1, 0], [0, 0.5, 0.5]]),
    "windows": ([1, 1, 0, 2], MaxPool(2), [[1, 1, 0, 1], [1, 0, 0, 1], [0.5, 0.5, 0, 1]]),
    "overlap": ([3, 3, 3], MaxPool(2, 1), [[1, 2, 1], [1, 1, 0], [0.5, 1, 0.5]]),
    "gaps": ([1, 9, 9, 1], MaxPool(1, 3), [[1, 0, 0, 1]] * 3),
    "padding never wins": ([-2, -2], MaxPool(2, 2, 1), [[1, 1]] * 3),
    "size that does not divide": ([1, 1, 5], MaxPool(2), [[1, 1, 0], [1, 0, 0], [0.5, 0.5, 0]]),
}


@pytest.mark.parametrize(("x", "layer", "expected"), BY_HAND.values(), ids=list(BY_HAND))
def test_ties_by_hand(x: list[float], layer: MaxPool, expected: list[list[float]]) -> None:
    output = layer.forward(x)
    for ties, dx in zip(TIES, expected, strict=True):
        assert_array_equal(layer.backward(np.ones(output.shape), Kinks(0.0, ties)), dx)


def test_a_tie_in_two_dimensions_by_hand() -> None:
    layer = MaxPool2D()
    assert_array_equal(layer.forward([[1, 3], [3, 0]]), 3)
    assert_array_equal(layer.backward(2.0, Kinks(0, "all")), [[0, 2], [2, 0]])
    assert_array_equal(layer.backward(2.0, Kinks(0, "first")), [[0, 2], [0, 0]])
    assert_array_equal(layer.backward(2.0, Kinks(0, "split")), [[0, 1], [1, 0]])


def why(x: object, layer: Layer, dout: object, ties: PoolTies = "all") -> list[Why]:
    (step,) = trace(layer, x, dout=dout, kinks=Kinks(0.0, ties)).steps  # type: ignore[arg-type]
    return [Why(int(code)) for code in step.why[0].ravel()]


def test_reasons_by_hand() -> None:
    assert why([3, 1, 3], MaxPool(), 1, "first") == [FLOWS, NOT_MAX, TIE_LOST]
    assert why([3, 1, 3], MaxPool(), 0, "first") == [UPSTREAM_ZERO] * 3
    assert why([1, 9, 9, 1], MaxPool(1, 3), [1, 0]) == [
        FLOWS, NOT_COVERED, NOT_COVERED, UPSTREAM_ZERO,
    ]  # fmt: skip
    # The second entry loses the window that carries, and wins the one that does not.
    assert why([3, 2, 1], MaxPool(2, 1), [1, 0]) == [FLOWS, NOT_MAX, UPSTREAM_ZERO]
    # It ties in the window that carries: that it wins the other does not make it NOT_MAX.
    assert why([3, 3, 1], MaxPool(2, 1), [1, 0], "first") == [FLOWS, TIE_LOST, UPSTREAM_ZERO]
    assert why([0, 3, 0], MaxPool(2, 1), [1, -1]) == [NOT_MAX, CANCELLED, NOT_MAX]
    assert why([3, 3], MaxPool(), 5e-324, "split") == [UNDERFLOW, UNDERFLOW]


def test_kinked_marks_the_ties_at_which_something_arrives() -> None:
    for ties in TIES:
        (step,) = trace(MaxPool(2), [3, 3, 1, 1, 2, 0], dout=[1, 0, 1], kinks=Kinks(0, ties)).steps
        assert_array_equal(step.kinked[0], [True, True, False, False, False, False])


@pytest.mark.parametrize("axes", [1, 2])
@settings(max_examples=300)
@given(data=st.data())
def test_it_agrees_with_the_slow_one(axes: int, data: st.DataObject) -> None:
    few, per_axis = st.integers(1, 2), st.tuples(*[st.integers(1, 3)] * axes)
    size, stride, ties = data.draw(per_axis), data.draw(per_axis), data.draw(st.sampled_from(TIES))
    padding = tuple(data.draw(st.integers(0, s - 1)) for s in size)
    space = tuple(
        max(1, s - 2 * p) + data.draw(st.integers(0, 3)) for s, p in zip(size, padding, strict=True)
    )
    x = data.draw(integers((data.draw(few), data.draw(few), *space)))
    answer = slow.max_pool(x, size, stride, padding, ties)
    # Multiples of 2520, so that any share of up to nine is a whole number.
    dout = 2520 * data.draw(integers(answer.output.shape))

    layer = (MaxPool, MaxPool2D)[axes - 1](size, stride, padding)
    (step,) = trace(layer, x, dout=dout, kinks=Kinks(0.0, ties)).steps
    assert_array_equal(step.output, answer.output)
    assert_allclose(step.grads[0], answer.grads(dout)[0], rtol=1e-14)
    assert_array_equal(step.why[0], answer.why(dout)[0])
    assert_array_equal(step.kinked[0], answer.kinked(dout)[0])
    for entry in np.ndindex(*x.shape):
        feeds = step.layer.feeds(0, entry, step.run.cache)
        assert list(feeds) == [output for output, _ in answer.reads[0].get(entry, [])]


@pytest.mark.parametrize("axes", [1, 2])
@settings(max_examples=60)
@given(data=st.data())
def test_a_mean_agrees_with_the_slow_one(axes: int, data: st.DataObject) -> None:
    few, per_axis = st.integers(1, 2), st.tuples(*[st.integers(1, 3)] * axes)
    size, stride = data.draw(per_axis), data.draw(per_axis)
    padding = tuple(data.draw(st.integers(0, s - 1)) for s in size)
    space = tuple(
        max(1, s - 2 * p) + data.draw(st.integers(0, 3)) for s, p in zip(size, padding, strict=True)
    )
    x = data.draw(integers((data.draw(few), data.draw(few), *space)))
    answer = slow.average_pool(x, size, stride, padding)
    dout = 2520 * data.draw(integers(answer.output.shape))

    layer = (AvgPool, AvgPool2D)[axes - 1](size, stride, padding)
    (step,) = trace(layer, x, dout=dout).steps
    assert_allclose(step.output, answer.output, rtol=1e-14, atol=1e-14)
    assert_allclose(step.grads[0], answer.grads(dout)[0], rtol=1e-14)
    assert_array_equal(step.why[0], answer.why(dout)[0])
    assert not step.kinked[0].any()
    for entry in np.ndindex(*x.shape):
        feeds = step.layer.feeds(0, entry, step.run.cache)
        assert list(feeds) == [output for output, _ in answer.reads[0].get(entry, [])]


def test_a_mean_by_hand() -> None:
    layer = AvgPool(2, 1, 1)
    assert_array_equal(layer.forward([1, 3, -5]), [0.5, 2, -1, -2.5])
    assert_array_equal(layer.backward([2, 4, -4, 8]), [3, 0, 2])
    assert_array_equal(AvgPool().forward([[1, 2, 3, 6], [0, 0, 0, 1]]), [3, 0.25])
    assert_array_equal(AvgPool2D().forward([[1, 2], [3, 6]]), 3)
    (step,) = trace(AvgPool(2, 1, 1), [1, 3, -5], dout=[2, 4, -4, 5e-324]).steps
    assert_array_equal(step.why[0], [FLOWS, CANCELLED, FLOWS])
    (step,) = trace(AvgPool(2, 3), [1, 3, -5, 1, 1], dout=[5e-324, 0]).steps
    assert_array_equal(
        step.why[0], [UNDERFLOW, UNDERFLOW, Why.NOT_COVERED, UPSTREAM_ZERO, UPSTREAM_ZERO]
    )


@given(data=st.data())
def test_split_and_first_sum_to_what_arrived(data: st.DataObject) -> None:
    layer = data.draw(st.sampled_from([MaxPool(), MaxPool(2), MaxPool(3, 1, 1), MaxPool(1, 2)]))
    x = data.draw(integers((2, 7)))
    dout = data.draw(integers(layer.forward(x).shape))
    for ties in ("split", "first"):
        assert_allclose(layer.backward(dout, Kinks(0.0, ties)).sum(), dout.sum(), atol=1e-14)


def test_a_whole_axis_is_one_window() -> None:
    x = np.array([[1.0, 3, 3], [2, 0, 1]])
    assert_array_equal(MaxPool().forward(x), [3, 2])
    assert_array_equal(MaxPool(3).forward(x), [[3], [2]])
    (step,) = trace(MaxPool(), x, dout=[0, 1]).steps
    assert list(step.layer.feeds(0, (1, 2), step.run.cache)) == [(1,)]


SHAPES: dict[str, tuple[Layer, Shape, Shape]] = {
    "whole axis": (MaxPool(), (5,), ()),
    "whole axis of a batch": (MaxPool(), (4, 2, 5), (4, 2)),
    "more leading axes": (MaxPool(2), (3, 4, 2, 5), (3, 4, 2, 2)),
    "stride is the size": (MaxPool(2), (5,), (2,)),
    "overlap and padding": (MaxPool(3, 1, 2), (2, 4), (2, 6)),
    "both axes": (MaxPool2D(), (2, 3, 4, 5), (2, 3)),
    "one matrix": (MaxPool2D(), (4, 5), ()),
    "squares": (MaxPool2D(2), (3, 5, 4), (3, 2, 2)),
    "pairs": (MaxPool2D((2, 3), (1, 2), (0, 1)), (4, 5), (3, 3)),
}


@pytest.mark.parametrize(("layer", "shape", "expected"), SHAPES.values(), ids=list(SHAPES))
def test_shapes(layer: Layer, shape: Shape, expected: Shape) -> None:
    (x,) = normals([shape])
    assert layer.forward(x).shape == expected
    assert layer.backward(np.ones(expected)).shape == shape


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"MaxPool: needs x with an axis or more; got .*\(\)"):
        MaxPool().forward(1.0)
    with pytest.raises(ValueError, match=r"MaxPool2D: needs x with 2 axes or more; got .*\(3,\)"):
        MaxPool2D().forward([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"MaxPool: needs a window of at most 2 entries.*; got 3"):
        MaxPool(3).forward([1.0, 2.0])


def test_settings() -> None:
    for unfit in ({"stride": 2}, {"padding": 1}):
        with pytest.raises(ValueError, match=r"MaxPool: without a size .*; got stride"):
            MaxPool(**unfit)
    for size, padding in ((2, 2), (1, 1), (2, 5)):
        with pytest.raises(ValueError, match=r"MaxPool: needs a padding below its size .*; got"):
            MaxPool(size, padding=padding)
    with pytest.raises(ValueError, match=r"MaxPool2D: needs a padding below its size .*; got"):
        MaxPool2D((3, 2), padding=(1, 2))
    for wrong in (0, -1, 1.5, True, "2", (2, 2, 2)):
        with pytest.raises(ValueError, match=r"MaxPool2D: size needs .*; got"):
            MaxPool2D(wrong)  # type: ignore[arg-type]
    assert repr(MaxPool()) == "MaxPool()"
    assert repr(MaxPool(2)) == "MaxPool(size=(2,), stride=(2,), padding=(0,))"
