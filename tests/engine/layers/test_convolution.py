"""Convolution: exact values by hand, every shape, and the slow implementation."""

import re
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine import Conv1D, Conv2D, Layer, Why, trace
from tests.engine import slow
from tests.engine.cases import Case, on_cases
from tests.engine.rows import Shape, normals
from tests.for_each import for_each

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
    "padding before": (Conv1D(padding=(2, 0)), [(5,), (3,), ()], (5,)),
    "padding after": (Conv2D(padding=(0, (0, 2))), [(3, 4), (1, 3), ()], (3, 4)),
    "dilation": (Conv1D(dilation=3), [(8,), (3,), ()], (2,)),
    "dilations": (Conv2D(1, 0, (1, 2)), [(4, 5), (2, 2), ()], (3, 3)),
    "groups": (Conv1D(groups=2), [(4, 5), (6, 2, 2), (6,)], (6, 4)),
    "depthwise": (Conv2D(groups=3), [(2, 3, 4, 4), (3, 1, 2, 2), (3,)], (2, 3, 3, 3)),
}


@for_each(("layer", "shapes", "expected"), SHAPES.values(), ids=list(SHAPES))
def test_shapes(layer: Layer, shapes: list[Shape], expected: Shape) -> None:
    x, w, b = normals(shapes)
    with_bias, without = layer.forward(x, w, b), layer.forward(x, w)
    assert with_bias.shape == without.shape == expected
    assert [grad.shape for grad in layer.backward(np.ones(expected))] == shapes[:2]
    layer.forward(x, w, b)
    assert [grad.shape for grad in layer.backward(np.ones(expected))] == shapes


@pytest.mark.parametrize("axes", [1, 2])
@on_cases(120, 4000)
def test_a_convolution_agrees_with_the_slow_one(axes: int, case: Case) -> None:
    samples, channels, filters = case.wholes(1, 2, 3)
    kernel, stride, dilation = (case.wholes(1, 3, axes) for _ in range(3))
    padding, groups = case.paddings(2, axes), case.one_of([1, 1, 2, 3])
    size = tuple(d * (k - 1) + 1 + case.whole(0, 3) for k, d in zip(kernel, dilation, strict=True))
    x = case.integers((samples, groups * channels, *size))
    w = case.integers((groups * filters, channels, *kernel))
    b = case.integers((groups * filters,))
    answer = slow.convolution(x, w, b, slow.Settings(stride, padding, dilation), groups)
    dout = case.integers(answer.output.shape)

    layer = (Conv1D, Conv2D)[axes - 1](stride, padding, dilation, groups)
    traced = trace(layer, x, w, b, dout=dout)
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


@on_cases()
def test_other_layouts_are_the_same_numbers(case: Case) -> None:
    x, w = case.integers((1, 1, 5)), case.integers((2, 1, 2))
    b, dout = case.integers((2,)), case.integers((1, 2, 4))
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


def test_gaps_in_a_window_by_hand() -> None:
    # a_i = 1 x_i + 10 x_(i+2), with a zero before x.
    layer = Conv1D(padding=(1, 0), dilation=2)
    assert_array_equal(layer.forward([1, 2, 4], [1, 10]), [20, 41])
    dx, dw = layer.backward([1, 1])
    assert_array_equal(dx, [1, 10, 10])
    assert_array_equal(dw, [0 + 1, 2 + 4])
    # One window of x1, x3 and x5; the entries between them are not read.
    one = trace(Conv1D(dilation=2), [1, 2, 3, 4, 5], [1, 1, 1]).steps[0]
    assert_array_equal(one.why[0], [FLOWS, NOT_COVERED, FLOWS, NOT_COVERED, FLOWS])


def test_groups_by_hand() -> None:
    # Two channels, each with two filters of its own.
    layer = Conv1D(groups=2)
    x, w = [[1, 2], [3, 4]], [[[1]], [[10]], [[100]], [[1000]]]
    assert_array_equal(layer.forward(x, w), [[1, 2], [10, 20], [300, 400], [3000, 4000]])
    dx, dw = layer.backward([[1, 1], [0, 1], [1, 0], [0, 0]])
    assert_array_equal(dx, [[1, 11], [100, 0]])
    assert_array_equal(np.ravel(dw), [1 + 2, 2, 3, 0])
    (step,) = trace(layer, x, w, dout=[[1, 1], [0, 1], [0, 0], [0, 0]]).steps
    assert_array_equal(step.why[0], [[FLOWS, FLOWS], [UPSTREAM_ZERO, UPSTREAM_ZERO]])


def test_reasons_by_hand() -> None:
    assert why([1, 0], 2, dout=[0, 3]) == [[UPSTREAM_ZERO, FLOWS], [ZERO_FACTOR]]
    assert why([1, 2], 0, dout=[1, 1]) == [[ZERO_FACTOR, ZERO_FACTOR], [FLOWS]]
    assert why([1, 1], 1, 0, dout=[1, -1]) == [[FLOWS, FLOWS], [CANCELLED], [CANCELLED]]
    assert why([1, 1], 1, 0, dout=[0, 0]) == [[UPSTREAM_ZERO] * 2, *[[UPSTREAM_ZERO]] * 2]
    # The middle entry meets both weights: 1 · 1 + 1 · −1.
    assert why([1, 2, 3], [-1, 1], dout=[1, 1])[0] == [FLOWS, CANCELLED, FLOWS]
    assert why([1, 1, 1, 1], [1], dout=[1, 0], layer=Conv1D(3)) == [
        [FLOWS, NOT_COVERED, NOT_COVERED, UPSTREAM_ZERO],
        [FLOWS],
    ]
    # An entry that no output reads is NOT_COVERED, even if nothing arrives anywhere.
    assert why([1, 1], 1, dout=[0], layer=Conv1D(2))[0] == [UPSTREAM_ZERO, NOT_COVERED]
    # The outer weights meet only padding: no output depends on them.
    assert why([5], [1, 2, 3], dout=[1], layer=Conv1D(1, 1))[1] == [NOT_COVERED, FLOWS, NOT_COVERED]
    # The first weight meets the input only at the second output, at which nothing arrives.
    assert why([1, 2], [1, 2, 3], dout=[1, 0], layer=Conv1D(1, 1))[1][0] == UPSTREAM_ZERO


def test_underflow_is_neither_a_zero_factor_nor_a_cancellation() -> None:
    assert why([1.0], 1e-200, dout=[1e-200]) == [[UNDERFLOW], [FLOWS]]
    assert why([1e-200], 1.0, dout=[1e-200]) == [[FLOWS], [UNDERFLOW]]
    assert why(np.array([1], dtype=np.float32), 1e-30, dout=[1e-30]) == [[UNDERFLOW], [FLOWS]]
    # One product underflows, the others cancel: the exact sum is not 0, but it underflows.
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
    "channels in w alone": ([(5,), (1, 1, 2)], r"got x of shape \(5,\) with w \(1, 1, 2\)"),
    "no w": ([(5,)], r"Conv1D: needs the inputs \(x, w, b\), the last 1 optional; got 1 of them"),
    "other channels": ([(2, 5), (4, 3, 2)], r"as many channels as in x \(2, 5\), 2; got w of"),
    "one channel": ([(4, 2, 5), (4, 1, 2)], r"as many channels as in x \(4, 2, 5\), 2; got w of"),
    "wide kernel": ([(3,), (4,)], "Conv1D: needs a window of at most 3 entries.*; got 4"),
    "wide bias": ([(3,), (2,), (1,)], r"needs b of shape \(\) for w of shape \(2,\); got \(1,\)"),
    "scalar bias": ([(3,), (2, 2), ()], r"needs b of shape \(2,\) for w of .*; got \(\)"),
    "bias of another": ([(3,), (2, 2), (3,)], r"needs b of shape \(2,\) .*; got \(3,\)"),
}


@for_each(("shapes", "message"), REFUSED.values(), ids=list(REFUSED))
def test_shapes_that_do_not_fit(shapes: list[Shape], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Conv1D().forward(*normals(shapes))


def test_groups_that_do_not_fit() -> None:
    for shapes in ([(4, 5), (6, 4, 2)], [(4, 5), (3, 2, 2)], [(3, 5), (2, 1, 2)], [(5,), (2,)]):
        x, w = (re.escape(str(shape)) for shape in shapes)
        with pytest.raises(
            ValueError, match=rf"Conv1D: needs, for 2 groups, .*; got x of shape {x} with w {w}$"
        ):
            Conv1D(groups=2).forward(*normals(shapes))
    with pytest.raises(ValueError, match=r"at most 3 entries.*; got 5, 3 with a dilation between"):
        Conv1D(dilation=2).forward(*normals([(3,), (3,)]))
    for stride in (1, 2):  # no window reaches beyond the padding
        with pytest.raises(
            ValueError, match="at most 6 entries, the input's 3 and 3 of padding; got 7"
        ):
            Conv1D(stride, (1, 2)).forward(*normals([(3,), (7,)]))


@pytest.mark.parametrize("shapes", [[(4,), (2,)], [(4, 4), ()], [(4, 4), (2,)], [(1, 4), (2, 2)]])
def test_shapes_that_do_not_fit_in_two_dimensions(shapes: list[Shape]) -> None:
    with pytest.raises(ValueError, match=r"Conv2D: needs .*; got"):
        Conv2D().forward(*normals(shapes))


@pytest.mark.parametrize("layer", [Conv1D(), Conv2D()])
def test_a_size_that_is_not_stated_is_what_it_says(layer: Conv1D | Conv2D) -> None:
    x = (1, 3, 8, 8)[: layer.axes + 2]
    stated = {each.name: (each.unstated or 0,) * each.axes for each in layer.sizes}
    assert layer.parameter_shapes(x, {}, bias=True) == layer.parameter_shapes(x, stated, bias=True)


@for_each(
    ("x", "sizes", "shapes"),
    [
        ((8,), {}, ((), ())),
        ((8,), {"filters": (2,)}, ((2, 1), (2,))),
        ((8,), {"kernel_size": (3,)}, ((3,), ())),
        ((8, 8), {}, ((1, 1), ())),
        ((8, 8), {"filters": (2,)}, ((2, 1, 1), (2,))),
        ((8, 8), {"kernel_size": (3, 2)}, ((3, 2), ())),
    ],
)
def test_the_parameters_of_an_input_without_channels(
    x: Shape, sizes: dict[str, Shape], shapes: tuple[Shape, Shape]
) -> None:
    layer = (Conv1D if len(x) == 1 else Conv2D)()
    assert layer.parameter_shapes(x, sizes, bias=True) == shapes
    assert layer.parameter_shapes(x, sizes, bias=False) == shapes[:1]


def test_settings() -> None:
    for wrong in (0, -1, 1.0, True, None, "1", (1, 1), ()):
        with pytest.raises(
            ValueError, match="Conv1D: stride needs a whole number, at least 1; got"
        ):
            Conv1D(stride=wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Conv2D: stride needs a whole number or 2 of them, at le"):
        Conv2D(stride=(1, 1, 1))
    with pytest.raises(ValueError, match=r"Conv2D: padding needs .*at least 0; got -1"):
        Conv2D(padding=-1)
    assert repr(Conv1D(2, 1)) == "Conv1D(stride=(2,), padding=(1,))"
    assert repr(Conv2D(2, (0, 1))) == "Conv2D(stride=(2, 2), padding=(0, 1))"
    unfit: Any
    for unfit in (-1, 1.0, (1, 2, 3), (0, -1), ((0, 1), (0, 1)), "1", None, (True, 0), ()):
        with pytest.raises(
            ValueError, match=r"Conv1D: padding needs .* or a pair \(.*\), at least 0; got"
        ):
            Conv1D(padding=unfit)
    for unfit in (((0, 1),), ((0, 1), (0, 1), 0), (0, (1, 2, 3)), (0, ())):
        with pytest.raises(
            ValueError, match=r"Conv2D: padding .* pair \(.*\), or one of these for each"
        ):
            Conv2D(padding=unfit)
    with pytest.raises(ValueError, match=r"Conv1D: dilation needs a whole number.*; got 0"):
        Conv1D(dilation=0)
    with pytest.raises(ValueError, match=r"Conv1D: groups needs a whole number from 1 on; got 0"):
        Conv1D(groups=0)


def test_a_constructor_call_says_what_is_set() -> None:
    said = {
        "Conv1D(stride=(1,), padding=((0, 1),), dilation=(2,))": Conv1D(1, (0, 1), 2),
        "Conv1D(stride=(1,), padding=(1,), groups=2)": Conv1D(padding=((1, 1),), groups=2),
        "Conv2D(stride=(1, 1), padding=(0, (1, 2)), dilation=(1, 2))": Conv2D(
            1, (0, (1, 2)), (1, 2)
        ),
    }
    for written, layer in said.items():
        assert repr(layer) == written
        again = eval(written, {"Conv1D": Conv1D, "Conv2D": Conv2D})
        assert vars(again) == vars(layer)
