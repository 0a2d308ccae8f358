"""Elementwise layers, above all at their kinks."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine import (
    Abs,
    Gate,
    Kinks,
    Layer,
    LeakyReLU,
    MaxPool,
    Operation,
    ReLU,
    SettingError,
    Softplus,
    Why,
    trace,
)
from engine.layers.base import Pieces, through_zero
from tests.engine import slow
from tests.engine.cases import Case, on_cases
from tests.engine.rows import KINKS, Array
from tests.for_each import for_each

A = [-2.0, -0.0, 0.0, 1.0]


def test_pieces_have_no_entry_without_a_slope() -> None:
    found = [ReLU().pieces((at,), np.array([-2.0, 0.0, 3.0])) for at in range(3)]
    slopes = [({},), ({}, {(0, (1,)): 1.0}), ({(0, (2,)): 1.0},)]
    assert [each.maps for each in found] == slopes
    smooth = Pieces.of((np.array([2.0, 0.0]), np.array(-1.0)))
    assert smooth.maps == ({(0, (0,)): 2.0, (1, ()): -1.0},)


def test_a_line_passes_zero_between_numbers_however_small() -> None:
    """The product of the two small numbers is rounded to 0; a 0 itself is no place between two."""
    values = np.array([[-1e-200, 0.0, 1.0], [3e-200, 1.0, 2.0], [3e-200, -3.0, 0.0]])
    rows, columns, shares = through_zero(values)
    assert (rows.tolist(), columns.tolist()) == ([0, 1], [0, 1])
    assert_allclose(shares, [0.25, 0.25])


@pytest.mark.parametrize(("slope", "at_zero"), [(0.0, 0.0), (0.5, -1.0), (1.0, -2.0)])
def test_the_kink_by_hand(slope: float, at_zero: float) -> None:
    layer = ReLU()
    assert_array_equal(layer.forward(A), [0, 0, 0, 1])
    assert_array_equal(layer.backward([-2] * 4, Kinks(slope, "all")), [0, at_zero, at_zero, -2])


def test_reasons_by_hand() -> None:
    def why(kinks: Kinks, dout: list[float]) -> list[Why]:
        return [Why(code) for code in trace(ReLU(), A, dout=dout, kinks=kinks).steps[0].why[0]]

    closed, at_kink, flows = Why.GATE_CLOSED, Why.AT_KINK, Why.FLOWS
    assert why(Kinks(0, "all"), [1, 1, 1, 1]) == [closed, at_kink, at_kink, flows]
    assert why(Kinks(1, "all"), [1, 1, 1, 1]) == [closed, flows, flows, flows]
    assert why(Kinks(0, "all"), [0, 0, 0, 0]) == [Why.UPSTREAM_ZERO] * 4
    assert why(Kinks(0.25, "all"), [1, 5e-324, 1, 1]) == [closed, Why.UNDERFLOW, flows, flows]


def test_kinked_is_where_something_arrives_at_zero() -> None:
    for slope in (0.0, 1.0):
        (step,) = trace(ReLU(), A, dout=[1, 1, 0, 1], kinks=Kinks(slope, "all")).steps
        assert_array_equal(step.kinked[0], [False, True, False, False])


def leaky(slope: float) -> Callable[[Array, Kinks], slow.Answer]:
    """The slow leaky ReLU; its slope at 0 is the chosen share of the way from left to right."""
    return lambda a, kinks: slow.bent_at_0(
        a, slope, 1.0, slope + (1 - slope) * kinks.stated("leaky_relu_at_zero")
    )


CURVES: dict[str, tuple[Layer, Callable[[Array, Kinks], slow.Answer]]] = {
    "relu": (ReLU(), lambda a, kinks: slow.relu(a, kinks.relu_at_zero)),
    **{repr(slope): (LeakyReLU(slope), leaky(slope)) for slope in (0.25, 0.0, -1.0, 1.0, 2.5)},
    "abs": (Abs(), lambda a, kinks: slow.bent_at_0(a, -1.0, 1.0, kinks.stated("abs_at_zero"))),
    "softplus": (Softplus(), lambda a, kinks: slow.softplus(a)),
}


@pytest.mark.parametrize(("layer", "slowly"), CURVES.values(), ids=list(CURVES))
@on_cases()
def test_each_activation_agrees_with_the_slow_one(
    layer: Layer, slowly: Callable[[Array, Kinks], slow.Answer], case: Case
) -> None:
    shape = case.one_of([(), (4,), (2, 3), (2, 2, 2)])
    a, dout = case.integers(shape), case.integers(shape)
    kinks = case.one_of(KINKS)
    answer = slowly(a, kinks)
    (step,) = trace(layer, a, dout=dout, kinks=kinks).steps
    assert_allclose(step.output, answer.output, rtol=1e-14)
    assert_allclose(step.grads[0], answer.grads(dout)[0], rtol=1e-14)
    assert_array_equal(step.why[0], answer.why(dout)[0])
    assert_array_equal(step.kinked[0], answer.kinked(dout)[0])


def test_a_product_too_small_underflows() -> None:
    for layer, a in ((LeakyReLU(0.01), -1.0), (Softplus(), -800.0), (Softplus(), -3.0)):
        (step,) = trace(layer, a, dout=5e-324).steps
        assert step.grads[0] == 0
        assert step.why[0] == Why.UNDERFLOW


def test_softplus_far_away_is_exact() -> None:
    a = np.array([-1000.0, -745.0, -40.0, 40.0, 1000.0])
    layer = Softplus()
    with np.errstate(under="ignore"):
        assert_allclose(layer.forward(a), [0.0, *np.exp(a[1:3]), 40.0, 1000.0], rtol=1e-14)
        assert_allclose(layer.backward(np.ones(5)), [0.0, *np.exp(a[1:3]), 1.0, 1.0], rtol=1e-14)


@for_each("slope", [-3.98, -0.1, 0.3, 1e-9, 3e16])
@for_each("share", [0.0, 1.0])
def test_the_slope_of_one_side_at_0_is_exactly_that(share: float, slope: float) -> None:
    layer = LeakyReLU(slope)
    layer.forward([0.0])
    (claimed,) = layer.backward([1.0], Kinks(0.0, "first", leaky_relu_at_zero=share))
    assert claimed == [slope, 1.0][int(share)]


def test_a_leaky_relu_of_large_numbers_is_exact() -> None:
    large = np.array([1e20, -1e20, 1e308, -1e308])
    assert_array_equal(LeakyReLU(0.25).forward(large), [1e20, -2.5e19, 1e308, -2.5e307])
    # The formula of the other side would be out of range here, which does not matter.
    assert_array_equal(LeakyReLU(2.5).forward(large[:3]), [1e20, -2.5e20, 1e308])
    layer = LeakyReLU(0.25)
    layer.forward(large)
    assert_array_equal(layer.backward([4.0] * 4), [4, 1, 4, 1])


def test_a_slope_of_1_has_no_kink() -> None:
    (step,) = trace(LeakyReLU(1), A).steps  # without a kink no rule is asked, not even the lab's
    assert_array_equal(step.output, A)
    assert_array_equal(step.grads[0], [1, 1, 1, 1])
    assert not step.kinked[0].any()


@pytest.mark.parametrize(
    "slope",
    [float("nan"), float("inf"), pytest.param(10**400, id="10**400"), None, "1", True, 1j, [0.5]],
)
def test_a_slope_is_a_finite_number(slope: object) -> None:
    with pytest.raises(SettingError, match="LeakyReLU: slope needs a finite number; got"):
        LeakyReLU(slope)  # type: ignore[arg-type]


def test_the_gate_tells_without_a_gradient() -> None:
    gates = ReLU().gates(np.array(A))
    assert gates.tolist() == [Gate.CLOSED, Gate.KINK, Gate.KINK, Gate.OPEN]
    assert ReLU().gates(np.array(1e-45, dtype=np.float32)).item() is Gate.OPEN


def test_what_is_inactive_at_a_kink_the_rule_decides() -> None:
    assert_array_equal(ReLU().inactive(np.array(A), Kinks(0.0, "all")), [1, 1, 1, 0])
    assert_array_equal(ReLU().inactive(np.array(A), Kinks(1.0, "all")), [1, 0, 0, 0])
    assert_array_equal(LeakyReLU(0).inactive(np.array(A), Kinks(0.0, "all", 1.0)), [1, 0, 0, 0])
    # A slope below 0 lets the gradient through.
    assert_array_equal(Abs().inactive(np.array(A), Kinks(0.0, "all", None, 0.0)), [0, 1, 1, 0])


def test_the_gate_of_each() -> None:
    def gates(layer: Operation) -> list[Gate]:
        found = layer.gates(np.array(A))
        assert found is not None
        return [*found]

    closed, kink, opened = Gate.CLOSED, Gate.KINK, Gate.OPEN
    assert gates(LeakyReLU()) == gates(Abs()) == [opened, kink, kink, opened]
    assert gates(LeakyReLU(0)) == [closed, kink, kink, opened]
    assert gates(LeakyReLU(1)) == gates(Softplus()) == [opened] * 4
    assert MaxPool().gates(np.array(A)) is None
    # 1 / (1 + e^800) is 0 in every dtype, yet softplus has no level side that could close a gate.
    assert Softplus().gates(np.array([-800.0, 0, 800])).tolist() == [opened] * 3
