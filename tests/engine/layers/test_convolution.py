"""Convolution: exact values by hand, every shape, and the slow implementation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from engine import Conv1D, Conv2D, Layer, Why, trace
from tests.engine import slow
from tests.engine.rows import Shape, integers, normals

FLOWS, NOT_COVERED, UPSTREAM_ZERO = Why.FLOWS, Why.NOT_COVERED, Why.UPSTREAM_ZERO
ZERO_FACTOR, CANCELLED, UNDERFLOW = Why.ZERO_FACTOR, Why.CANCELLED, Why.UNDERFLOW


def test_a_scalar_weight_by_hand() -> None:
    layer = Conv1D()
    assert_array_equal(layer.forward([1, 2, -3], 2), [2, 4, -6])
    dx, dw = layer.backward([1, 0, -1])
    assert_array_equal(dx, [2, 0, -2])
    assert_array_equal(dw, 1 * 1 - 1 * -3)


def test_a_vector_by_hand_is_cross_correlation() -> None:
    layer = Conv1D()
    assert_array_equal(layer.forward([1, 2, 4], [10, 1], 100), [112, 124])
    dx, dw, db = layer.backward([1, 2])
    assert_array_equal(dx, [10, 1 + 20, 2])
    assert_array_equal(dw, [1 + 4, 2 + 8])
    assert_array_equal(db, 3)


SHAPES: dict[str, tuple[Layer, list[Shape], Shape]] = {
    "scalar": (Conv1D(), [(5,), (), ()], (5,)),
    "scalar filters": (Conv1D(), [(5,), (3, 1), (3,)], (3, 5)),
    "vector": (Conv1D(), [(5,), (2,), ()], (4,)),
    "vectors": (Conv1D(), [(5,), (3, 2), (3,)], (3, 4)),
    "channels": (Conv1D(), [(2, 5), (3, 2, 2), (3,)], (3, 4)),
    "minibatch": (Conv1D(), [(4, 2, 5), (3, 2, 2), (3,)], (4, 3, 4)),
    "one of everything": (Conv1D(), [(1, 1, 1), (1, 1, 1), (1,)], (1, 1, 1)),
    "does not divide": (Conv1D(3), [(9,), (2,), ()], (3,)),
    "divides": (Conv1D(3), [(8,), (2,), ()], (3,)),
    "wider padding than kernel": (Conv1D(1, 3), [(2,), (2,), ()], (7,)),
    "kernel wider than x": (Conv1D(1, 1), [(1,), (3,), ()], (1,)),
    "matrix": (Conv2D(), [(4, 5), (2, 3), ()], (3, 3)),
    "matrices": (Conv2D(), [(4, 5), (6, 2, 3), (6,)], (6, 3, 3)),
    "2D channels": (Conv2D(), [(2, 4, 5), (3, 2, 2, 3), (3,)], (3, 3, 3)),
    "2D minibatch": (Conv2D(), [(4, 2, 4, 5), (3, 2, 2, 3), (3,)], (4, 3, 3, 3)),
    "pairs": (Conv2D((2, 1), (0, 2)), [(5, 3), (2, 3), ()], (2, 5)),
}


@pytest.mark.parametrize(("layer", "shapes", "expected"), SHAPES.values(), ids=list(SHAPES))
def test_shapes(layer: Layer, shapes: list[Shape], expected: Shape) -> None:
    x, w, b = normals(shapes)
    with_bias, without = layer.forward(x, w, b), layer.forward(x, w)
    assert with_bias.shape == without.shape == expected
    assert [grad.shape for grad in layer.backward(np.ones(expected))] == shapes[:2]
    layer.forward(x, w, b)
    assert [grad.shape for grad in layer.backward(np.ones(expected))] == shapes


@pytest.mark.parametrize("axes", [1, 2])
@settings(max_examples=300)
@given(data=st.data())
def test_it_agrees_with_the_slow_one(axes: int, data: st.DataObject) -> None:
    few = st.integers(1, 2)
    per_axis = st.tuples(*[st.integers(1, 3)] * axes)
    samples, channels, filters = data.draw(few), data.draw(few), data.draw(few)
    kernel, stride = data.draw(per_axis), data.draw(per_axis)
    padding = data.draw(st.tuples(*[st.integers(0, 2)] * axes))
    size = tuple(k + data.draw(st.integers(0, 3)) for k in kernel)
    x = data.draw(integers((samples, channels, *size)))
    w, b = data.draw(integers((filters, channels, *kernel))), data.draw(integers((filters,)))
    answer = slow.convolution(x, w, b, stride, padding)
    dout = data.draw(integers(answer.output.shape))

    traced = trace((Conv1D, Conv2D)[axes - 1](stride, padding), x, w, b, dout=dout)
    (step,) = traced.steps
    assert_array_equal(step.output, answer.output)
    grads = answer.grads(dout)
    reasons = answer.why(dout, grads)
    for position in range(3):
        assert_array_equal(step.grads[position], grads[position])
        assert_array_equal(step.why[position], reasons[position])
        assert not step.kinked[position].any()
        for entry in np.ndindex(*step.inputs[position].shape):
            feeds = step.layer.feeds(position, entry, step.run.cache)
            assert list(feeds) == [output for output, _ in answer.reads[position].get(entry, [])]


@given(data=st.data())
def test_other_layouts_are_the_same_numbers(data: st.DataObject) -> None:
    x, w = data.draw(integers((1, 1, 5))), data.draw(integers((2, 1, 2)))
    b, dout = data.draw(integers((2,))), data.draw(integers((1, 2, 4)))
    full = trace(Conv1D(), x, w, b, dout=dout)
    filters = trace(Conv1D(), x[0, 0], w[:, 0], b, dout=dout[0])
    channels = trace(Conv1D(), x[0], w, b, dout=dout[0])
    for other in (filters, channels):
        assert_array_equal(other.output, full.output[0])
        for mine, theirs in zip(other.grads, full.grads, strict=True):
            assert_array_equal(mine.ravel(), theirs.ravel())
        for codes, same in zip(other.steps[0].why, full.steps[0].why, strict=True):
            assert_array_equal(codes.ravel(), same.ravel())
    single = trace(Conv1D(), x[0, 0], w[0, 0], b[0], dout=dout[0, 0])
    assert_array_equal(single.output, full.output[0, 0])
    assert_array_equal(single.grads[1], full.grads[1][0, 0])


def why(*inputs: object, dout: object, layer: Layer | None = None) -> list[list[Why]]:
    (step,) = trace(layer or Conv1D(), *inputs, dout=dout).steps  # type: ignore[arg-type]
    return [[Why(int(code)) for code in codes.ravel()] for codes in step.why]


def test_reasons_by_hand() -> None:
    assert why([1, 0], 2, dout=[0, 3]) == [[UPSTREAM_ZERO, FLOWS], [ZERO_FACTOR]]
    assert why([1, 2], 0, dout=[1, 1]) == [[ZERO_FACTOR, ZERO_FACTOR], [FLOWS]]
    assert why([1, 1], 1, 0, dout=[1, -1]) == [[FLOWS, FLOWS], [CANCELLED], [CANCELLED]]
    assert why([1, 1], 1, 0, dout=[0, 0]) == [[UPSTREAM_ZERO] * 2, *[[UPSTREAM_ZERO]] * 2]
    # The entry in the middle meets both weights: 1 · 1 + 1 · −1.
    assert why([1, 2, 3], [-1, 1], dout=[1, 1])[0] == [FLOWS, CANCELLED, FLOWS]
    assert why([1, 1, 1, 1], [1], dout=[1, 0], layer=Conv1D(3)) == [
        [FLOWS, NOT_COVERED, NOT_COVERED, UPSTREAM_ZERO],
        [FLOWS],
    ]
    # What no output reads comes first, even where nothing arrives anywhere.
    assert why([1, 1], 1, dout=[0], layer=Conv1D(2))[0] == [UPSTREAM_ZERO, NOT_COVERED]
    # The outer weights meet padding alone, which is a factor of zero.
    assert why([5], [1, 2, 3], dout=[1], layer=Conv1D(1, 1))[1] == [ZERO_FACTOR, FLOWS, ZERO_FACTOR]


def test_underflow_is_neither_a_zero_factor_nor_a_cancellation() -> None:
    assert why([1.0], 1e-200, dout=[1e-200]) == [[UNDERFLOW], [FLOWS]]
    assert why([1e-200], 1.0, dout=[1e-200]) == [[FLOWS], [UNDERFLOW]]
    assert why(np.array([1], dtype=np.float32), 1e-30, dout=[1e-30]) == [[UNDERFLOW], [FLOWS]]
    # One product underflows, the others cancel: the sum is not 0, but it underflows.
    assert why([1, 1, 1e-200], 1, dout=[1, -1, 1e-200])[1] == [UNDERFLOW]


def test_equal_windows_tie_also_where_products_are_rounded() -> None:
    generator = np.random.default_rng(0)
    for size in range(2, 6):
        for _ in range(50):
            period, w = generator.normal(size=size), generator.normal(size=size)
            output = Conv1D().forward(np.tile(period, 8), w)
            assert_array_equal(output[size:], output[:-size])


REFUSED = {
    "x of no axis": ([(), ()], r"Conv1D: needs x \(L,\) with w \(\).*; got x of shape \(\)"),
    "w without channels": ([(2, 5), (3, 2)], r"got x of shape \(2, 5\) with w \(3, 2\)"),
    "x of four axes": ([(1, 1, 1, 5), (3, 2, 1)], r"got x of shape \(1, 1, 1, 5\)"),
    "other channels": ([(2, 5), (4, 3, 2)], r"as many channels as in x \(2, 5\), 2; got w of"),
    "one channel": ([(2, 5), (4, 1, 2)], "as many channels"),
    "wide kernel": ([(3,), (4,)], "Conv1D: needs a window of at most 3 entries.*; got 4"),
    "wide bias": ([(3,), (2,), (1,)], r"needs b of shape \(\) for w of shape \(2,\); got \(1,\)"),
    "scalar bias": ([(3,), (2, 2), ()], r"needs b of shape \(2,\) for w of .*; got \(\)"),
    "bias of another": ([(3,), (2, 2), (3,)], r"needs b of shape \(2,\) .*; got \(3,\)"),
}


@pytest.mark.parametrize(("shapes", "message"), REFUSED.values(), ids=list(REFUSED))
def test_shapes_that_do_not_fit(shapes: list[Shape], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Conv1D().forward(*normals(shapes))


@pytest.mark.parametrize("shapes", [[(4,), (2,)], [(4, 4), ()], [(4, 4), (2,)], [(1, 4), (2, 2)]])
def test_shapes_that_do_not_fit_in_two_dimensions(shapes: list[Shape]) -> None:
    with pytest.raises(ValueError, match=r"Conv2D: needs .*; got"):
        Conv2D().forward(*normals(shapes))


def test_settings() -> None:
    for wrong in (0, -1, 1.0, True, None, "1", (1, 1), ()):
        with pytest.raises(ValueError, match=r"Conv1D: stride needs a whole number.*; got"):
            Conv1D(stride=wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"Conv2D: padding needs .*at least 0; got -1"):
        Conv2D(padding=-1)
    assert repr(Conv1D(2, 1)) == "Conv1D(stride=(2,), padding=(1,))"
    assert repr(Conv2D(2, (0, 1))) == "Conv2D(stride=(2, 2), padding=(0, 1))"
