"""Large arrays are computed in another way; their numbers, reasons and rules must be the same.

The thresholds are lowered, so that small arrays take both ways.
"""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine import Conv1D, Conv2D, Kinks, MaxPool, MaxPool2D, ReLU, Sequential, Trace, trace
from engine.layers import patches, pooling
from engine.layers.patches import across, along
from engine.layers.windows import windows
from tests.engine import slow
from tests.engine.cases import Case, on_cases
from tests.engine.rows import KINKS, normals

FIRST = Kinks(0.0, "first")


@pytest.fixture
def large() -> Iterator[None]:
    """Lower the thresholds, so that every array counts as large."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("PICTURE", 0), ("BLOCK", 24), ("NARROW", 1), ("ROWS_FROM", 1)):
            patch.setattr(patches, name, value)
        patch.setattr(pooling, "ENTRIES_FROM", 1)
        yield


@pytest.mark.usefixtures("large")
@on_cases(60, 3000)
def test_a_convolution_by_rows_agrees_with_the_slow_one(case: Case) -> None:
    samples, channels, filters = case.wholes(1, 3, 3)
    kernel = (case.whole(2, 3), case.whole(1, 3))
    padding, groups = case.paddings(2, 2), case.whole(1, 2)
    size = tuple(k + case.whole(0, 3) for k in kernel)
    x = case.integers((samples, groups * channels, *size))
    w = case.integers((groups * filters, channels, *kernel))
    b = case.integers((groups * filters,))
    answer = slow.convolution(x, w, b, slow.Settings((1, 1), padding), groups)
    dout = case.integers(answer.output.shape)

    (step,) = trace(Conv2D(1, padding, groups=groups), x, w, b, dout=dout).steps
    seen = step.run.cache.patches
    assert type(seen) is (patches._Rows if groups == 1 else patches._Matrix)
    assert_array_equal(step.output, answer.output)
    grads = answer.grads(dout)
    reasons = answer.why(dout, grads)
    for position in range(3):
        assert_array_equal(step.grads[position], grads[position])
        assert_array_equal(step.why[position], reasons[position])
    inner = Conv2D(1, padding, groups=groups)
    only = inner.param_grads(dout, inner.apply(x, w, b)[1], FIRST)
    for mine, theirs in zip(only, step.grads[1:], strict=True):
        assert_array_equal(mine, theirs)


@pytest.mark.usefixtures("large")
def test_windows_with_gaps_are_not_taken_by_rows() -> None:
    x = np.arange(25.0).reshape(1, 1, 5, 5)
    w = np.reshape([1.0, 0.0, 0.0, -1.0], (1, 1, 2, 2))
    # x[i, j] − x[i + 2, j + 2] is −12 everywhere; the 3 × 3 entries at the top left sum to 9 · 6.
    passed = trace(Conv2D(dilation=2), x, w)
    assert_array_equal(passed.output, np.full((1, 1, 3, 3), -12.0))
    assert_array_equal(passed.grads[1][0, 0], [[54, 54 + 9 * 2], [54 + 9 * 10, 54 + 9 * 12]])
    # Nor are those that skip entries: four windows, which begin at 0, 2, 10 and 12.
    passed = trace(Conv2D(2), x, w)
    assert_array_equal(passed.output, np.full((1, 1, 2, 2), -6.0))
    assert_array_equal(passed.grads[1][0, 0], [[24, 24 + 4], [24 + 4 * 5, 24 + 4 * 6]])


@pytest.mark.usefixtures("large")
def test_windows_along_one_axis_are_not_taken_by_rows() -> None:
    # For i² and 3 i: the differences of neighbours; dw sums the entries that each weight meets.
    x = np.array([[np.arange(6.0) ** 2], [3 * np.arange(6.0)]])
    passed = trace(Conv1D(), x, [[[-1.0, 1.0]]])
    assert_array_equal(passed.output[:, 0], [[1, 3, 5, 7, 9], [3] * 5])
    assert_array_equal(passed.grads[0][:, 0], [[-1, 0, 0, 0, 0, 1]] * 2)
    assert_array_equal(passed.grads[1], [[[30 + 30, 55 + 45]]])


@pytest.mark.usefixtures("large")
@on_cases(60, 500)
def test_a_pool_entry_by_entry_agrees_with_the_slow_one(case: Case) -> None:
    size = case.wholes(1, 3, 2)
    stride = tuple(extent + case.whole(0, 1) for extent in size)
    padded = case.whole(0, 1)  # windows that see padding take the other way
    padding = tuple(case.whole(0, extent - 1) if padded else 0 for extent in size)
    space = tuple(extent + case.whole(0, 4) for extent in size)
    kinks = case.one_of(KINKS)
    x = case.integers((2, 2, *space))
    answer = slow.max_pool(x, size, slow.Settings(stride, padding), kinks.pool_ties)
    dout = 2520 * case.integers(answer.output.shape)
    (step,) = trace(MaxPool2D(size, stride, padding), x, dout=dout, kinks=kinks).steps
    assert_array_equal(step.output, answer.output)
    assert_allclose(step.grads[0], answer.grads(dout)[0], rtol=1e-14)
    assert_array_equal(step.why[0], answer.why(dout)[0])
    assert_array_equal(step.kinked[0], answer.kinked(dout)[0])


@pytest.mark.usefixtures("large")
def test_the_first_of_tied_maxima_in_reading_order_wins() -> None:
    x = np.array([[0, 7, 0, 0], [7, 7, 0, 0]], dtype=np.float32)
    (step,) = trace(MaxPool2D(2), x, dout=[[3, 5]], kinks=FIRST).steps
    assert_array_equal(step.grads[0], [[0, 3, 5, 0], [0, 0, 0, 0]])


def test_pools_of_one_axis_and_overlapping_ones_too() -> None:
    x = np.round(normals([(20, 30, 12)])[0])
    layers = MaxPool(2), MaxPool(3, 1), MaxPool(4, 2, 1), MaxPool(), MaxPool(2, 5)
    for layer in (*layers, MaxPool(2, dilation=2)):
        for kinks in KINKS:
            whole = trace(layer, x, dout=2.0, kinks=kinks)
            for n in (0, 19):
                single = trace(layer, x[n, :2], dout=2.0, kinks=kinks)
                assert_array_equal(whole.output[n, :2], single.output)
                assert_array_equal(whole.grads[0][n, :2], single.grads[0])
                assert_array_equal(whole.steps[0].why[0][n, :2], single.steps[0].why[0])


@on_cases(size=400)
def test_products_in_blocks_are_products(case: Case) -> None:
    filters, entries = case.whole(1, 4), case.whole(1, 4)
    columns = case.whole(1, 40)
    weights, matrix = (
        case.integers((filters, entries)),
        case.integers((entries, columns)),
    )
    other = case.integers((filters, columns))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patches, "PICTURE", 0)
        patch.setattr(patches, "NARROW", case.whole(1, 3))
        patch.setattr(patches, "BLOCK", case.whole(1, 60))
        assert_array_equal(across(weights, matrix), weights @ matrix)
        assert_array_equal(along(other, matrix), other @ matrix.T)


def of_images(count: int) -> Trace:
    shapes = [(64, 2, 12, 12), (4, 2, 3, 3), (4,)]
    x, w, b = (each.astype(np.float32) for each in normals(shapes))
    return trace(Conv2D(), x[:count], w, b)


def test_real_sizes_in_single_precision() -> None:
    single = of_images(1)
    assert type(single.steps[0].run.cache.patches) is patches._Matrix
    for count in (64, 41, 37):
        whole = of_images(count)
        seen = whole.steps[0].run.cache
        assert type(seen.patches) is patches._Rows
        assert_allclose(whole.output[:1], single.output, rtol=1e-5, atol=1e-5)
        assert_allclose(whole.grads[0][:1], single.grads[0], rtol=1e-5, atol=1e-5)
        columns = np.ones((4, seen.patches.matrix().shape[1]), dtype=np.float32)
        expected = (columns @ seen.patches.matrix().T).reshape(4, 2, 3, 3)
        assert_allclose(whole.grads[1], expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(("padding", "itself"), [(0, True), (1, False)])
def test_without_padding_windows_look_at_the_input_itself(padding: int, itself: bool) -> None:
    x = np.ones((2, 5, 3))
    assert (windows("", (5,), (2,), (1,), (padding,)).padded(x) is x) is itself


def test_in_memory_the_batch_runs_fastest() -> None:
    x, w = normals([(5, 2, 8, 8), (3, 2, 3, 3)])
    conv, relu, pool = trace(Sequential(Conv2D(), ReLU(), MaxPool2D(2)), x, w).steps
    for array in (conv.output, relu.output, pool.output, relu.grads[0], pool.grads[0]):
        assert array.shape[0] == 5
        assert array.strides[0] == array.itemsize
        assert array.strides[1] == max(array.strides)
