"""ReLU, at its kink above all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from engine import Gate, Kinks, ReLU, Why, trace
from tests.engine import slow
from tests.engine.rows import integers

A = [-2.0, -0.0, 0.0, 1.0]


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


@given(data=st.data())
def test_it_agrees_with_the_slow_one(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from([(), (4,), (2, 3), (2, 2, 2)]))
    a, dout = data.draw(integers(shape)), data.draw(integers(shape))
    slope = data.draw(st.sampled_from([0.0, 0.25, 1.0]))
    answer = slow.relu(a, slope)
    (step,) = trace(ReLU(), a, dout=dout, kinks=Kinks(slope, "all")).steps
    assert_array_equal(step.output, answer.output)
    assert_array_equal(step.grads[0], answer.grads(dout)[0])
    assert_array_equal(step.why[0], answer.why(dout)[0])
    assert_array_equal(step.kinked[0], answer.kinked(dout)[0])


def test_the_gate_tells_without_a_gradient() -> None:
    assert [ReLU.gate(a) for a in A] == [Gate.CLOSED, Gate.KINK, Gate.KINK, Gate.OPEN]
    assert ReLU.gate(float(np.float32(1e-45))) is Gate.OPEN
