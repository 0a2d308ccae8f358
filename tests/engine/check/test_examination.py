"""The check of a layer at a point, and the error of differences as a function of their step.

The verdicts must be those of gradient_check; the errors must follow Taylor series and rounding.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine import (
    LAB,
    RULES,
    Conv1D,
    ConvBlock,
    Kinks,
    Linear,
    MaxPool,
    ReLU,
    SoftmaxCrossEntropy,
    gradient_check,
    trace,
)
from engine.arrays import Array
from engine.check.examination import Differences, Examination, Total, differences, examine
from tests.engine.rows import ROWS, normals

FIRST = RULES["pytorch-max-pool"].kinks
STEPS = 10.0 ** np.arange(-13, -0.9, 0.5)
UNIT = 2.0**-53


def block(x: list[float], w: float, kinks: Kinks = FIRST, eps: float = 1e-6) -> Examination:
    return examine(ConvBlock(), (x, w), kinks=kinks, eps=eps)


def test_an_examination_is_the_gradient_check_without_the_printing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    layer = ConvBlock()
    for x in ([3, 3, 1], [1, -2, 3], [-1, -2, -3], [3.0000001, 3, 1]):
        for kinks in (LAB, FIRST):
            found = examine(ConvBlock(), (x, 1.5), kinks=kinks).results
            assert capsys.readouterr().out == ""
            backward = lambda dz, kinks=kinks: layer.backward(dz, kinks)  # noqa: E731
            due = gradient_check(layer.forward, backward, x, 1.5)
            assert [str(each) for each in found] == [str(each) for each in due]
            capsys.readouterr()


@pytest.mark.parametrize("name", ["conv1d-batch", "max-pool-2d-windows", "network", "classifier"])
def test_every_entry_agrees_where_the_function_is_smooth(name: str) -> None:
    row = ROWS[name]
    inputs = normals(row.shapes)
    found = examine(row.make(), inputs, dout=1.0)
    assert [each.verdict for each in found.results] == ["PASSED"] * len(inputs)
    for argument, central in enumerate(found.central):
        assert_allclose(central, found.passed.grads[argument], atol=1e-7)
        for index in np.ndindex(*central.shape):
            assert found.status(argument, index) == "agrees"


def test_an_entry_has_the_status_of_what_its_check_found() -> None:
    assert block([3, 3, 1], 1).status(0, (0,)) == "kink"
    assert block([3, 3, 1], 1).status(0, (2,)) == "agrees"
    assert block([3, 3, 1], 1, LAB).status(1, ()) == "wrong"
    last = block([1, 3, 3], 1)
    assert last.disagreement(0, (0,)) is None
    assert last.disagreement(0, (1,)) == last.results[0].disagreements[0]
    near = block([3 + 1e-7, 3, 1], 1)
    assert near.status(0, (0,)) == "closer"
    assert near.central[0][0] == pytest.approx(0.55)
    assert near.difference(0, (0,)) == pytest.approx(0.45)
    assert near.results[0].verdict == "PASSED"
    rounded = examine(Conv1D(), ([0.1, 0.2, 0.3], 0.7), dout=[1.0, 0.7, 0.3], eps=1e-13)
    assert rounded.status(1, ()) == "closer"
    # Beside 1e12, a change of the output by 1e-9 is lost in rounding.
    rounded = examine(Linear(), ([1e12, 1.0], [[1.0, 1e-3]]))
    assert rounded.status(0, (1,)) == "rounded"
    assert rounded.results[0].verdict == "PASSED"
    # The last place of 3e7 is 4e-9: a step of 1e-6 leaves the slope off by 1e-3, little beside 3e8.
    large = examine(Linear(), ([0.1], [[1e9 / 3]]))
    assert large.status(0, (0,)) == "agrees"
    assert abs(large.difference(0, (0,))) > 1e-6
    # log Σ exp(s) has a third derivative: with eps = 0.1 a central difference is off by about 1e-4.
    logits = [[1.0, 2.0, 0.5], [-1.0, 0.0, 2.0]]
    loss = examine(SoftmaxCrossEntropy([0, 2]), (logits,), eps=0.1)
    assert loss.status(0, (0, 0)) == "closer"
    assert 1e-5 < abs(loss.difference(0, (0, 0))) < 1e-3
    assert loss.results[0].verdict == "PASSED"
    assert loss.results[0].eps == 0.1


def test_dout_weighs_the_outputs() -> None:
    dout = [0.5, 2.0]
    found = examine(ReLU(), ([1.0, 3.0],), dout=dout)
    assert_allclose(found.central[0], dout, atol=1e-9)
    assert found.results[0].verdict == "PASSED"
    assert Total(ReLU(), dout)(np.array([1.0, 3.0])) == 6.5


def test_the_total_stays_in_its_dtype() -> None:
    value = Total(MaxPool(2, 1), [1.0, 0.5])(np.array([1, 2, 3], dtype=np.float32))
    assert value == 3.5
    assert np.asarray(value).dtype == np.float32


def test_the_total_of_copies_is_that_of_each() -> None:
    copies, w = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [-1.0, 0.0, 4.0]]), np.array(2.0)
    pooled = Total(MaxPool(2, 1), [1.0, 0.5])
    # 2 + 3 / 2, 3 + 2 / 2, 0 + 4 / 2
    assert pooled.of_copies(0, copies, (copies[0],)).tolist() == [3.5, 4.0, 2.0]
    assert Total(ConvBlock()).of_copies(0, copies, (copies[0], w)).tolist() == [6.0, 6.0, 8.0]
    weights = np.array([1.0, -1.0])
    assert Total(ConvBlock()).of_copies(1, weights, (copies[0], w)).tolist() == [3.0, 0.0]


def test_the_total_of_copies_is_of_what_was_handed_in() -> None:
    class Doubled(ConvBlock):
        def apply(self, *inputs: Array) -> tuple[Array, Any]:
            output, cache = super().apply(*inputs)
            return 2 * output, cache

    x, weights = np.array([1.0, 3.0]), np.array([1.0, 2.0])
    assert Total(Doubled()).of_copies(1, weights, (x, weights[0])).tolist() == [6.0, 12.0]
    copies = np.array([[1.0, 3.0], [5.0, 2.0]])
    assert Total(Doubled()).of_copies(0, copies, (x, weights[1])).tolist() == [12.0, 20.0]


def exponential(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(x))


def test_truncation_is_that_of_the_series() -> None:
    # (e^h − e^−h) / 2h = sinh(h) / h, and (e^h − 1) / h; both times e^x.
    found = differences(exponential, [1.0], 0, (), STEPS)
    central, forward = found.errors(np.e)
    large = STEPS > 1e-3
    h = STEPS[large]
    assert_allclose(central[large], np.e * (np.sinh(h) / h - 1), rtol=1e-4)
    assert_allclose(forward[large], np.e * (np.expm1(h) / h - 1), rtol=1e-6)


def test_rounding_is_bounded_by_one_over_the_step() -> None:
    central, forward = differences(exponential, [1.0], 0, (), STEPS).errors(np.e)
    small = STEPS < 1e-8
    for errors in (central, forward):
        assert (errors[small] <= 8 * np.e * UNIT / STEPS[small] + np.e * STEPS[small]).all()
        assert errors[0] > 1e-5


def test_the_regimes_of_a_smooth_function() -> None:
    found = differences(exponential, [1.0], 0, (), STEPS)
    regimes = found.regimes(np.e)
    assert regimes.central == pytest.approx(2, abs=0.01)
    assert regimes.forward == pytest.approx(1, abs=0.02)
    assert regimes.rounding == pytest.approx(-1, abs=0.3)
    best = found.best(np.e)
    assert best is not None
    step, error = best
    assert 1e-8 < step < 1e-3
    assert 0 < error < 1e-9
    assert not found.straight()


def test_the_third_derivative_of_the_loss() -> None:
    # Along a logit, softmax has p' = p(1 − p), so the loss has L''' = p(1 − p)(1 − 2p) / N.
    logits, labels = np.array([[1.0, 2.0, 0.5], [-1.0, 0.0, 2.0]]), [0, 2]
    p = np.exp(logits[0, 0]) / np.exp(logits[0]).sum()
    layer = SoftmaxCrossEntropy(labels)
    gradient = float(trace(layer, logits).grads[0][0, 0])
    found = differences(lambda s: layer.apply(s)[0], [logits], 0, (0, 0), [1e-2, 1e-3])
    central, forward = found.errors(gradient)
    assert_allclose(central, p * (1 - p) * (1 - 2 * p) / 2 / 6 * found.steps**2, rtol=1e-3)
    assert_allclose(forward, p * (1 - p) / 2 / 2 * found.steps, rtol=1e-2)


def test_float32_loses_the_step_and_then_says_0() -> None:
    found = differences(exponential, [1.0], 0, (), [1e-2, 1e-9], np.float32)
    assert found.dtype == np.float32
    assert 1e-7 < abs(found.central[0] - np.e) < 1e-3
    assert (found.central[1], found.forward[1]) == (0, 0)  # 1 + 1e-9 is 1
    both = differences(exponential, [1.0], 0, (), [1e-2])
    assert abs(both.central[0] - np.e) < 1e-4


@pytest.mark.parametrize("slope", [1e9 / 3, 1 / 3, 1e-9 / 3])
def test_a_line_is_straight_however_steep(slope: float) -> None:
    assert differences(lambda x: slope * x + slope, [0.3], 0, (), STEPS).straight()


def test_in_float32_a_slope_is_over_how_far_x_really_moved() -> None:
    # The differences of a line are exact, however much of the step is rounded away.
    steps = [1e-6, 3e-5, 1e-3, 0.1]
    found = differences(lambda x: x, [1.0], 0, (), steps, np.float32)
    assert found.central.tolist() == found.forward.tolist() == [1, 1, 1, 1]


def test_a_straight_line_has_no_truncation() -> None:
    layer = ConvBlock()
    found = differences(lambda x, w: layer.apply(x, w)[0], [[3, 2.99, 1], 0.7], 0, (0,), STEPS)
    assert found.straight(below=0.01)
    assert not found.straight()  # a tie lies 0.01 away
    regimes = found.regimes(0.7)
    assert regimes.central is None
    assert regimes.rounding is not None
    assert -1.3 < regimes.rounding < -0.6
    assert not found.constant


def test_a_constant_is_constant_and_exact() -> None:
    layer = ConvBlock()
    found = differences(lambda x: layer.apply(x, np.array(1.0))[0], [[-1, -2]], 0, (1,), STEPS)
    assert found.constant
    assert found.exact(0.0)
    assert not found.exact(1.0)
    even = differences(np.abs, [0.0], 0, (), STEPS)  # it grows by as much in either direction
    assert not even.central.any()
    assert not even.constant


def test_what_is_exact_below_a_step_is_so_without_it() -> None:
    # (max(0, 0.5 + 1) − max(0, 0.5 − 1)) / 2 = 0.75
    found = differences(lambda x: np.maximum(x, 0), [0.5], 0, (), [0.25, 0.5, 1.0])
    assert found.central.tolist() == [1, 1, 0.75]
    assert found.exact(1.0, below=1.0)
    assert not found.exact(1.0)
    assert found.straight(below=1.0)
    assert not found.straight()
    assert found.best(0.75, below=1.0) == (0.25, 0.25)
    assert found.best(0.75) == (1.0, 0.0)


@pytest.mark.parametrize(("argument", "slope"), [(0, 3), (1, 6), (2, 2)])
def test_a_function_may_work_in_place(argument: int, slope: float) -> None:
    def product(x: Array, y: Array, z: Array) -> Array:
        y *= x * z
        x *= z
        z *= x
        return np.asarray(y[0])

    params = np.array([2.0]), np.array([1.0]), np.array([3.0])
    found = differences(product, params, argument, (0,), [0.25, 0.5])
    assert found.central.tolist() == found.forward.tolist() == [slope, slope]
    assert_allclose(params, [[2], [1], [3]])


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "step 0": (lambda: differences(exponential, [1.0], 0, (), [0.0]), "finite steps above 0"),
    "nan": (lambda: differences(exponential, [1.0], 0, (), [np.nan]), "finite steps above 0"),
    "inf": (lambda: differences(exponential, [1.0], 0, (), [np.inf]), "finite steps above 0"),
    "vector": (
        lambda: differences(exponential, [[1.0, 2.0]], 0, (0,), [0.1]),
        r"needs a scalar output; got shape \(2,\)",
    ),
    "param": (lambda: differences(exponential, [np.inf], 0, (), [0.1]), "needs finite numbers"),
    "output": (
        lambda: differences(lambda x: np.asarray(np.inf), [1.0], 0, (), [0.1]),
        "the output needs to stay within the range of float64",
    ),
}


@pytest.mark.parametrize(("act", "message"), REFUSED.values(), ids=list(REFUSED))
def test_what_has_no_difference_is_refused(act: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act()


def test_a_step_that_is_lost_in_rounding_is_no_measurement() -> None:
    def square(x: np.ndarray) -> np.ndarray:
        return np.asarray((x - 1) ** 2)  # slope 0 at 1: a lost step would look exact

    steps = [1e-9, 1e-5, 1e-2]
    found = differences(square, [1.0], 0, (), steps, np.float32)
    assert found.lost.tolist() == [[True, False, False]] * 2  # 1 + 1e-9 is 1 in float32
    assert found.felt.tolist() == [False, True, True]
    best = found.best(0.0)
    assert best is not None
    assert best[0] in steps[1:]
    assert found.best(0.0, below=1e-8) is None
    # The step is not lost, but its effect on the output is: 1 + 1e-20 is 1.
    flat = differences(lambda x: np.asarray(1 + x**2), [0.0], 0, (), [1e-10, 1e-3])
    assert not flat.lost.any()
    assert flat.felt.tolist() == [False, True]
    assert flat.best(1e-30) == (1e-3, 1e-30)


def test_a_step_that_is_lost_to_one_side_alone_is_a_central_measurement() -> None:
    # Below 1 numbers are twice as dense as above: 1 + 2⁻²⁴ is 1 in float32, 1 − 2⁻²⁴ is not.
    found = differences(np.asarray, [1.0], 0, (), [2.0**-24], np.float32)
    assert found.lost.tolist() == [[False], [True]]
    assert found.best(1.0) == (2.0**-24, 0.0)


def test_a_step_that_ends_on_the_kink_is_none_of_the_smooth_part() -> None:
    steps = 10.0 ** np.arange(-4, -0.9, 0.25)
    for at in range(5, len(steps)):
        central, forward = 1 + steps**2, 1 + steps
        central[at:], forward[at:] = 5, 5
        lost, felt = np.zeros((2, len(steps)), bool), np.ones(len(steps), bool)
        found = Differences(steps, central, forward, np.dtype(float), lost, felt)
        below = float(steps[at])
        best = found.best(1.0, below)
        assert best
        assert best[0] < below
        if at > 9:  # enough large steps are left
            assert found.regimes(1.0, below).central == pytest.approx(2)
            assert found.regimes(1.0, below).forward == pytest.approx(1)


def test_regimes_are_those_of_the_smooth_part() -> None:
    def bent(x: np.ndarray) -> np.ndarray:
        return np.asarray(np.exp(x) + np.maximum(0, x - 1.01))

    found = differences(bent, [1.0], 0, (), 10.0 ** np.arange(-13, -0.9, 0.25))
    assert not found.regimes(np.e).truncation  # beyond 0.01 the kink decides the errors
    smooth = found.regimes(np.e, below=0.01)
    assert smooth.truncation
    assert smooth.central == pytest.approx(2, abs=0.05)
    # x² has no third derivative, and 3 x no second: only rounding, or nothing, is left there.
    for function, slope in ((lambda x: np.asarray(x**2), 0.6), (lambda x: np.asarray(3 * x), 3)):
        assert not differences(function, [0.3], 0, (), STEPS).regimes(slope).truncation


def by_hand(steps: list[float], central: list[float], forward: list[float]) -> Differences:
    at, one, other = (np.array(each) for each in (steps, central, forward))
    nowhere = np.zeros((2, len(steps)), np.bool_)
    return Differences(at, one, other, np.dtype(np.float64), nowhere, ~nowhere[0])


@pytest.mark.parametrize(("least", "straight"), [(1e-5, False), (9.999999e-6, False), (9e-6, True)])
def test_a_bend_is_looked_for_from_a_hundred_thousandth_on(least: float, straight: bool) -> None:
    assert by_hand([least, 1e-3], [1.0, 2.0], [1.0, 2.0]).straight() == straight
    assert by_hand([least, 1e-3], [1.0, 1.0], [2.0, 1.0]).straight() == straight  # it may be even


@pytest.mark.parametrize("off", [-1e-9, 0.0, 1e-9])
def test_the_steps_at_both_ends_count_but_for_rounding(off: float) -> None:
    steps = np.array([1e-3, 1e-2, 3e-2, 1e-1]) * (1 + off)  # a power takes at least four steps
    regimes = by_hand([*steps], [*(1 + steps**2)], [*(1 + steps)]).regimes(1.0)
    assert regimes.central == pytest.approx(2)
    assert regimes.forward == pytest.approx(1)
    assert by_hand([*steps[:3]], [*(1 + steps[:3] ** 2)], [1.0] * 3).regimes(1.0).central is None
    steps /= 100  # a forward difference is off by more, and so shows it at smaller steps
    regimes = by_hand([*steps], [*(1 + steps**2)], [*(1 + steps)]).regimes(1.0)
    assert regimes.central is None
    assert regimes.forward == pytest.approx(1)


@pytest.mark.parametrize(("off", "follows"), [(1.3, True), (3.0, False)])
def test_truncation_follows_a_power_closely(off: float, follows: bool) -> None:
    steps = np.logspace(-5, -1, 17)
    errors = steps * np.where(np.arange(17) == 13, off, 1.0)
    found = by_hand([*steps], [*(1 + errors**2)], [*(1 + errors)]).regimes(1.0)
    assert (found.forward is not None) == follows


@pytest.mark.parametrize(("off", "follows"), [(1 / 30, True), (1e-3, False)])
def test_rounding_may_scatter_below_its_power(off: float, follows: bool) -> None:
    steps = np.logspace(-13, -8, 21)
    errors = 1e-16 / steps * np.where(np.arange(21) == 10, off, 1.0)
    # Where a forward difference is cut off instead, it shows no rounding.
    found = by_hand([*steps], [*errors], [*steps]).regimes(0.0)
    assert found.rounding == (pytest.approx(-1) if follows else None)
