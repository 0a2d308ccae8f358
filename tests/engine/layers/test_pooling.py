"""Pooling: exact values by hand at every kind of tie, and the slow implementation."""

import numpy as np
import pytest
from hypothesis import assume
from numpy.testing import assert_allclose, assert_array_equal

from engine import AvgPool, AvgPool2D, Kinks, Layer, MaxPool, MaxPool2D, Why, trace
from engine.kinks import PoolTies
from tests.engine import slow
from tests.engine.cases import Case, on_cases
from tests.engine.rows import TIES, Array, Shape, normals
from tests.for_each import for_each

FLOWS, NOT_COVERED, UPSTREAM_ZERO = Why.FLOWS, Why.NOT_COVERED, Why.UPSTREAM_ZERO
NOT_MAX, TIE_LOST, CANCELLED, UNDERFLOW = Why.NOT_MAX, Why.TIE_LOST, Why.CANCELLED, Why.UNDERFLOW

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
    "rounding up": ([1, 1, 5], MaxPool(2, ceil_mode=True), [[1, 1, 1], [1, 0, 1], [0.5, 0.5, 1]]),
    "gaps in a window": (
        [2, 9, 2, 9, 1],
        MaxPool(3, 1, dilation=2),
        [[1, 0, 1, 0, 0], [1, 0, 0, 0, 0], [0.5, 0, 0.5, 0, 0]],
    ),
    "padding before": ([1, 1, 1], MaxPool(2, 2, (1, 0)), [[1, 1, 1], [1, 1, 0], [1, 0.5, 0.5]]),
}


@for_each(("x", "layer", "expected"), BY_HAND.values(), ids=list(BY_HAND))
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
    # The second entry loses the window whose dout is 1, and wins the one whose dout is 0.
    assert why([3, 2, 1], MaxPool(2, 1), [1, 0]) == [FLOWS, NOT_MAX, UPSTREAM_ZERO]
    # It ties in the window whose dout is 1; winning the other one does not make it NOT_MAX.
    assert why([3, 3, 1], MaxPool(2, 1), [1, 0], "first") == [FLOWS, TIE_LOST, UPSTREAM_ZERO]
    assert why([0, 3, 0], MaxPool(2, 1), [1, -1]) == [NOT_MAX, CANCELLED, NOT_MAX]
    # A dilated window spans more places than it has entries, so these windows overlap.
    assert why([0, 9, 3, 9, 0], MaxPool(2, dilation=2), [1, -1]) == [
        NOT_MAX, NOT_COVERED, CANCELLED, NOT_COVERED, NOT_MAX,
    ]  # fmt: skip
    assert why([3, 3], MaxPool(), 5e-324, "split") == [UNDERFLOW, UNDERFLOW]


def test_kinked_marks_the_ties_at_which_something_arrives() -> None:
    for ties in TIES:
        (step,) = trace(MaxPool(2), [3, 3, 1, 1, 2, 0], dout=[1, 0, 1], kinks=Kinks(0, ties)).steps
        assert_array_equal(step.kinked[0], [True, True, False, False, False, False])


def drawn_windows(case: Case, axes: int, most_apart: int) -> tuple[Shape, slow.Settings, Array]:
    """A size, settings, and an input of which every window sees an entry."""
    size, stride = case.wholes(1, 3, axes), case.wholes(1, 3, axes)
    dilation = case.wholes(1, most_apart, axes)
    reach = [d * (s - 1) + 1 for s, d in zip(size, dilation, strict=True)]
    padding = tuple(case.padding(each - 1) for each in reach)
    how = slow.Settings(stride, padding, dilation, bool(case.whole(0, 1)))
    space = tuple(
        max(1, each - sum(how.around(axis))) + case.whole(0, 3) for axis, each in enumerate(reach)
    )
    for window in np.ndindex(*how.windows(space, size)):
        assume(any(slow.inside(place, space) for _, place in how.window(window, size)))
    return size, how, case.integers((*case.wholes(1, 2, 2), *space))


@pytest.mark.parametrize("axes", [1, 2])
@on_cases(150, 1500)  # of which one in ten is rejected
def test_a_max_pool_agrees_with_the_slow_one(axes: int, case: Case) -> None:
    size, how, x = drawn_windows(case, axes, most_apart=3)
    ties = case.one_of(TIES)
    answer = slow.max_pool(x, size, how, ties)
    # Multiples of 2520, which ties of up to nine split into whole numbers.
    dout = 2520 * case.integers(answer.output.shape)

    pool = (MaxPool, MaxPool2D)[axes - 1]
    layer = pool(size, how.stride, how.padding, how.dilation, how.ceil_mode)
    (step,) = trace(layer, x, dout=dout, kinks=Kinks(0.0, ties)).steps
    assert_array_equal(step.output, answer.output)
    assert_allclose(step.grads[0], answer.grads(dout)[0], rtol=1e-14)
    assert_array_equal(step.why[0], answer.why(dout)[0])
    assert_array_equal(step.kinked[0], answer.kinked(dout)[0])
    for entry in np.ndindex(*x.shape):
        feeds = step.layer.feeds(0, entry, step.run.cache)
        assert list(feeds) == [output for output, _ in answer.reads[0].get(entry, [])]


@pytest.mark.parametrize("axes", [1, 2])
@on_cases(60, 1500)
def test_a_mean_agrees_with_the_slow_one(axes: int, case: Case) -> None:
    size, how, x = drawn_windows(case, axes, most_apart=1)
    counts = bool(case.whole(0, 1))
    answer = slow.average_pool(x, size, how, count_include_pad=counts)
    dout = 2520 * case.integers(answer.output.shape)

    pool = (AvgPool, AvgPool2D)[axes - 1]
    layer = pool(size, how.stride, how.padding, how.ceil_mode, counts)
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
    assert [factor.slope for _, factor in step.ways(0, (0,))] == [0.5, 0.5], "whatever x is"
    # Each half of the least number underflows before the two can be added.
    for other in (5e-324, -5e-324):
        (step,) = trace(AvgPool(2, 1), [1, 3, -5], dout=[5e-324, other]).steps
        assert_array_equal(step.why[0], [UNDERFLOW] * 3)
    (step,) = trace(AvgPool(2, 3), [1, 3, -5, 1, 1], dout=[5e-324, 0]).steps
    assert_array_equal(
        step.why[0], [UNDERFLOW, UNDERFLOW, Why.NOT_COVERED, UPSTREAM_ZERO, UPSTREAM_ZERO]
    )


def test_means_of_what_counts_by_hand() -> None:
    # Places beyond the padding do not count; those in the padding count as zeros.
    layer = AvgPool(3, 2, 1, ceil_mode=True)
    assert_array_equal(layer.forward([3, 6, 9, 12]), [3, 9, 6])
    assert_array_equal(layer.backward([3, 3, 2]), [1, 2, 1, 2])
    uncounted = AvgPool(3, 2, 1, ceil_mode=True, count_include_pad=False)
    assert_array_equal(uncounted.forward([3, 6, 9, 12]), [4.5, 9, 12])
    assert_array_equal(uncounted.backward([2, 3, 5]), [1, 2, 1, 6])
    one_sided = AvgPool2D(2, 1, ((1, 0), 0), count_include_pad=False)
    assert_array_equal(one_sided.forward([[2, 4], [6, 8]]), [[3], [5]])
    (step,) = trace(AvgPool(2, 2, 0, ceil_mode=True), [1, 1, 5e-324], dout=[5e-324, 1]).steps
    assert_array_equal(step.why[0], [UNDERFLOW, UNDERFLOW, FLOWS])
    said = (each.words.forward for each in (layer, uncounted))
    assert [sentence.split("whose ")[1] for sentence in said] == [
        "padding counts as 0.",
        "padding does not count.",
    ]


@on_cases()
def test_split_and_first_sum_to_what_arrived(case: Case) -> None:
    layer = case.one_of([MaxPool(), MaxPool(2), MaxPool(3, 1, 1), MaxPool(1, 2)])
    x = case.integers((2, 7))
    dout = case.integers(layer.forward(x).shape)
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
    "rounding up": (MaxPool(3, 2, ceil_mode=True), (6,), (3,)),
    "rounding up a window of none": (MaxPool(1, 3, 0, ceil_mode=True), (4,), (2,)),
    "rounding up a window that begins in the padding": (AvgPool(2, 3, 1, True), (4,), (2,)),
    "rounding up where no window fits": (MaxPool(4, 2, ceil_mode=True), (3,), (1,)),
    "dilation": (MaxPool2D(2, 1, 0, (1, 3)), (4, 5), (3, 2)),
    "padding before": (AvgPool2D(2, 1, ((1, 0), 0)), (4, 5), (4, 4)),
}


@for_each(("layer", "shape", "expected"), SHAPES.values(), ids=list(SHAPES))
def test_shapes(layer: Layer, shape: Shape, expected: Shape) -> None:
    (x,) = normals([shape])
    assert layer.forward(x).shape == expected
    assert layer.backward(np.ones(expected)).shape == shape


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"MaxPool: needs x with an axis or more; got .*\(\)"):
        MaxPool().forward(1.0)
    with pytest.raises(ValueError, match=r"MaxPool2D: needs x with 2 axes or more; got .*\(3,\)"):
        MaxPool2D().forward([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"MaxPool: needs a window of at most 2 entries.*; got 3$"):
        MaxPool(3).forward([1.0, 2.0])
    with pytest.raises(ValueError, match=r"at most 2 entries.* and 1 beyond; got 3"):
        MaxPool(3, 2, ceil_mode=True).forward([1.0])
    with pytest.raises(ValueError, match=r"at most 1 entries.* 0 of padding; got 3"):
        MaxPool(3, 1, ceil_mode=True).forward([1.0])
    # Its only window would see padding on both sides of the input, and nothing of the input.
    with pytest.raises(ValueError, match=r"needs in each window an entry of the input.*dilation"):
        MaxPool(2, 1, 1, 2).forward([1.0])


def test_settings() -> None:
    for unfit, got in (
        ({"stride": 2}, "stride 2, padding 0, dilation 1, ceil_mode False"),
        ({"padding": 1}, "stride None, padding 1, dilation 1, ceil_mode False"),
        ({"dilation": 2}, "stride None, padding 0, dilation 2, ceil_mode False"),
        ({"ceil_mode": True}, "stride None, padding 0, dilation 1, ceil_mode True"),
    ):
        with pytest.raises(ValueError, match=rf"MaxPool: without a size .*; got {got}"):
            MaxPool(**unfit)
    told = "no stride, no padding and no ceil mode; got stride 2, padding 0, ceil_mode False"
    with pytest.raises(ValueError, match=f"AvgPool: without a size .* needs {told}"):
        AvgPool(stride=2)
    for size, padding in ((2, 2), (1, 1), (2, 5)):
        with pytest.raises(ValueError, match=r"MaxPool: needs a padding below its size .*; got"):
            MaxPool(size, padding=padding)
    with pytest.raises(ValueError, match=r"MaxPool2D: needs a padding below its size .*; got"):
        MaxPool2D((3, 2), padding=(1, 2))
    for wrong in (0, -1, 1.5, True, "2", (2, 2, 2)):
        with pytest.raises(ValueError, match=r"MaxPool2D: size needs .*; got"):
            MaxPool2D(wrong)  # type: ignore[arg-type]
    for given_, message in (
        ({"padding": (0, 2)}, "needs a padding below its size"),
        ({"padding": 3, "dilation": 2}, r"below its size \(2,\), over \(3,\) places"),
        ({"ceil_mode": 1}, "ceil_mode needs True or False; got 1"),
    ):
        with pytest.raises(ValueError, match=message):
            MaxPool(2, **given_)
    with pytest.raises(ValueError, match="count_include_pad needs True or False; got 'no'"):
        AvgPool(2, count_include_pad="no")  # type: ignore[arg-type]
    MaxPool(2, 1, 2, 2)
    assert repr(MaxPool(np.int64(2), (np.uint8(1),))) == repr(MaxPool(2, 1))  # type: ignore[arg-type]
    written = repr(AvgPool(2, 1, (1, 0), True, False))
    assert written.endswith("padding=((1, 0),), ceil_mode=True, count_include_pad=False)")
    assert vars(eval(written)) == vars(AvgPool(2, 1, (1, 0), True, False))
    assert repr(MaxPool()) == "MaxPool()"
    assert repr(MaxPool(2)) == "MaxPool(size=(2,), stride=(2,), padding=(0,))"
