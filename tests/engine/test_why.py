"""Sums that come to 0: exactly, by rounding, by underflow."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from engine import (
    AvgPool,
    Conv1D,
    Kinks,
    Layer,
    Linear,
    MaxPool,
    Sequential,
    SoftmaxCrossEntropy,
    Why,
    trace,
)
from engine.arrays import Array
from engine.why import SETTLED_MOST, exact, paint, paint_sum, product_coats, settle
from tests.engine import slow
from tests.engine.cases import Case, on_cases
from tests.engine.rows import TIES
from tests.for_each import for_each

CANCELLED, ROUNDED, UNDERFLOW, FLOWS = Why.CANCELLED, Why.ROUNDED, Why.UNDERFLOW, Why.FLOWS

THIRTY: float = 0.1 * 3
"""0.1 · 3 rounded: 0.30000000000000004, more than 0.1 · 3 by 2.8e-17."""

SUMS: dict[str, tuple[list[float], list[float], Why]] = {
    # factors, what arrives, and the code if Σ factor · arriving has been computed as 0
    "a pair": ([1, 1], [1, -1], CANCELLED),
    "a pair of which each is too large": ([1e308, 1e308], [2, -2], CANCELLED),
    "a pair whose products are rounded": ([0.1, 0.1], [3, -3], CANCELLED),
    "terms far apart": ([1e17, 1, -1e17], [1, 1, 1], ROUNDED),
    "terms far apart that cancel": ([1e17, 1, -1e17, -1], [1, 1, 1, 1], CANCELLED),
    "a product that is rounded": ([3, 1], [0.1, -THIRTY], ROUNDED),
    "what is left underflows": ([1, 1, 1e-200], [1, -1, 1e-200], UNDERFLOW),
    "half of the least number is left": ([1, 1, 5e-324], [1, -1, 0.5], UNDERFLOW),
    "the least number is left": ([1, 1, 5e-324], [1, -1, 1], ROUNDED),
    "all products underflow": ([1e-200, 1e-200], [1e-200, 1e-200], UNDERFLOW),
    "products with a zero": ([0, 0], [1, 1], Why.ZERO_FACTOR),
}


# The order of additions in a sum, and whether its products are rounded first, depend on the
# processor. So the sums by hand are stated to be 0, not computed.
@for_each(("factors", "arriving", "code"), SUMS.values(), ids=list(SUMS))
def test_sums_of_products_that_came_to_0(
    factors: list[float], arriving: list[float], code: Why
) -> None:
    exact = sum(Fraction(f) * Fraction(a) for f, a in zip(factors, arriving, strict=True))
    assert (exact == 0) == (code in (CANCELLED, Why.ZERO_FACTOR))
    nothing, arrives = np.zeros(1), np.ones(1, np.bool_)
    given = np.array([factors], np.float64).T, np.array([arriving], np.float64)
    coats = product_coats(nothing, arrives, lambda f, da: (da @ f)[0], *given)
    assert paint(nothing, Why.UPSTREAM_ZERO, *coats) == code


def test_sums_that_came_to_0() -> None:
    far, left = [1e17, 1, -1e17, -1], [1e17, 1, -1e17, 0]
    codes = paint_sum(np.zeros(4), np.array([far, left, [0.1, -0.1, 0, 0], np.zeros(4)]))
    assert codes.tolist() == [CANCELLED, ROUNDED, CANCELLED, Why.UPSTREAM_ZERO]
    assert paint_sum(np.ones(1), np.array([left])) == FLOWS


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_what_underflows_depends_on_the_dtype(dtype: type) -> None:
    nothing: NDArray[Any] = np.zeros(1, dtype)
    arrives = np.ones(1, np.bool_)
    least = np.finfo(dtype).smallest_subnormal
    for factor, code in ((0.5, UNDERFLOW), (1, ROUNDED)):
        factors: NDArray[Any] = np.array([[1, 1, least]], dtype).T
        arriving: NDArray[Any] = np.array([[1, -1, factor]], dtype)
        coats = product_coats(nothing, arrives, lambda f, da: (da @ f)[0], factors, arriving)
        assert paint(nothing, Why.UPSTREAM_ZERO, *coats) == code


def test_shares_of_a_tie_are_exact_parts() -> None:
    # The second entry has half of the first window and a third of the second.
    def middle(*dout: float) -> int:
        layer, x = MaxPool(3, 1), [0, 1, 1, 1]
        return int(trace(layer, x, dout=dout, kinks=Kinks(0, "split")).steps[0].why[0][1])

    assert middle(2, -3) == CANCELLED
    assert middle(2 / 3, -1) == ROUNDED, "2/3 is rounded before it comes here"
    assert middle(2, 3) == FLOWS


def test_parts_of_a_mean_are_exact_too() -> None:
    # The second entry has a third of what arrives at either window.
    least = 5e-324
    for thirds, code in (([3, -3], CANCELLED), ([4, -3], UNDERFLOW), ([2, -4], ROUNDED)):
        (step,) = trace(AvgPool(3, 1), [1, 1, 1, 1], dout=np.multiply(thirds, least)).steps
        assert step.grads[0][1] == 0
        assert step.why[0][1] == code


FEW = (0, 1, -1, 3, 0.1, -0.1, 0.3, THIRTY, -THIRTY, 1 / 3, 1e17, -1e17, 1e-200, 5e-324)


@on_cases(300)
def test_products_and_sums_agree_with_fractions(case: Case) -> None:
    x, w, b = case.floats((2, 1, 4), FEW), case.floats((2, 1, 2), FEW), np.zeros(2)
    dout = case.floats((2, 2, 3), FEW)
    (step,) = trace(Conv1D(), x, w, b, dout=dout).steps
    answer = slow.convolution(x, w, b, slow.Settings())
    for why, expected in zip(step.why, answer.why(dout, step.grads), strict=True):
        assert_array_equal(why, expected)


@on_cases(200)
def test_linear_agrees_with_fractions(case: Case) -> None:
    x, w, b = case.floats((3, 2), FEW), case.floats((3, 2), FEW), np.zeros(3)
    dout = case.floats((3, 3), FEW)
    (step,) = trace(Linear(), x, w, b, dout=dout).steps
    answer = slow.convolution(x[..., None], w[..., None], b, slow.Settings())
    grads = [step.grads[0][..., None], step.grads[1][..., None], step.grads[2]]
    for why, expected in zip(step.why, answer.why(dout[..., None], grads), strict=True):
        assert_array_equal(why.ravel(), expected.ravel())


@on_cases(200)
def test_shares_agree_with_fractions(case: Case) -> None:
    x, dout = case.floats((1, 1, 5), (0, 1)), case.floats((1, 1, 3), FEW)
    ties = case.one_of(TIES)
    (step,) = trace(MaxPool(3, 1), x, dout=dout, kinks=Kinks(0, ties)).steps
    answer = slow.max_pool(x, (3,), slow.Settings(), ties)
    assert_array_equal(step.why[0], answer.why(dout, step.grads)[0])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_whole_numbers_are_the_same_numbers(dtype: type) -> None:
    least, most = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max
    array: NDArray[Any] = np.array([[0, -0.0, 1, -1.5], [0.1, least, -most, 3]], dtype)
    numbers, unit = exact(array)
    for number, value in zip(numbers.ravel(), array.ravel(), strict=True):
        assert number * unit == Fraction(*value.as_integer_ratio())


THIRD = np.array([[1 / 3, 1 / 3, 1]])


@pytest.mark.parametrize(
    ("weights", "got", "settled"),
    [
        # 5/4 · 1/3 − 5/4 · 1/3 = 0, but a fused multiply-add leaves the rounding error of 5/12.
        ([1.25, -1.25, 0], 2.0**-55, 0),
        ([1.25, -1.25, 2.0**-55], 2.0**-55, 2.0**-55),
        # 3 · (1/3 as a floating-point number) − 1 = −2⁻⁵⁴.
        ([1, 2, -1], -(2.0**-54), -(2.0**-54)),
        ([1.25, -1.25, 1], 1, 1),
        ([np.inf, -np.inf, 0], 2.0**-55, 2.0**-55),
    ],
)
def test_terms_that_cancel_make_a_zero(weights: list[float], got: float, settled: float) -> None:
    grad, w = np.array([[got, 1.0]]), np.array([weights, [0, 0, 1]], dtype=float).T
    settle(grad, THIRD, lambda: (lambda factors, da: da @ factors, w, THIRD))
    assert grad.tolist() == [[settled, 1]]


@pytest.mark.parametrize("count", [SETTLED_MOST, SETTLED_MOST + 1])
@pytest.mark.parametrize("many", ["sums", "terms"])
def test_sums_of_large_arrays_are_not_computed_again(count: int, many: str) -> None:
    sums, terms = (count, 2) if many == "sums" else (1, count)
    grad, da, asked = np.full((1, sums), 2.0**-55), np.ones((1, terms)), []
    factors = np.zeros((terms, sums))
    factors[:2] = [[1.0], [-1.0]]

    def products() -> tuple[Callable[[Array, Array], Array], Array, Array]:
        asked.append(count)
        return lambda factors, da: da @ factors, factors, da

    settle(grad, da, products)
    assert (bool(asked), bool(grad.any())) == (count == SETTLED_MOST, count > SETTLED_MOST)


APART = [1 / 3, 0.1, 0.7, -1 / 3, -0.7, -0.1]
"""They cancel exactly; added one after another they leave 6e-17 or 8e-17."""

ROWS, ONES = [[each] for each in APART], [1.0] * len(APART)


@pytest.mark.parametrize(
    ("layer", "x", "w", "dout", "argument"),
    [
        (Conv1D(), [1.0], ROWS, 1.0, 0),
        (Conv1D(), APART, [1.0], ONES, 1),
        (Linear(), [1.0], ROWS, ONES, 0),
        (Linear(), ROWS, [[1.0]], 1.0, 1),
    ],
)
def test_what_cancels_in_a_layer_is_zero(
    layer: Layer, x: Any, w: Any, dout: Any, argument: int
) -> None:
    (step,) = trace(layer, x, w, dout=dout).steps
    assert step.grads[argument].item() == 0
    assert step.why[argument].item() == CANCELLED


def test_rows_that_are_alike_pass_nothing_on_from_two_classes() -> None:
    """dx = Σ w · dlogits, where the two dlogits are opposite: exactly 0 on every machine."""
    x, w = [[0.75, 1.0, -2.0]], [[0.75, -1.25, 1.75], [-0.25, -1.25, 1.75]]
    net = Sequential(Linear(), SoftmaxCrossEntropy([0]))
    for first in np.arange(-2, 2, 0.25):
        passed = trace(net, x, [[first, *w[0][1:]], w[1]])
        assert passed.grads[0][0, 1:].tolist() == [0, 0]
        assert passed.steps[0].why[0][0, 1:].tolist() == [Why.CANCELLED] * 2


def test_pixels_whose_outputs_cancel_give_a_filter_nothing() -> None:
    """dw = Σ da · x, here ⅓ · 5/4 − ⅓ · 5/4 for both of its weights."""
    x, da = [1.25, 1.25, 1.25, 0.5, 1.25, 1.25], np.array([1, 0, 0, 0, -1]) / 3
    assert trace(Conv1D(), x, [1.0, 1.0], dout=da).grads[1].tolist() == [0, 0]
