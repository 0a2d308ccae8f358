"""The gradient check: its verdicts at kinks, near them and away from them, and its lines."""

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import ArrayLike

from engine import (
    LAB,
    RULES,
    Conv1D,
    ConvBlock,
    Kinks,
    MaxPool,
    ReLU,
    Sequential,
    gradient_check,
    one_sided,
)
from engine.arrays import Array
from engine.check import CheckResult
from engine.check.gradient import Disagreement
from engine.errors import EngineError
from tests.for_each import for_each

FIRST, SPLIT = Kinks(0.0, "first"), Kinks(0.0, "split")


def check_block(x: list[float], w: float, kinks: Kinks = LAB) -> list[str]:
    block = ConvBlock()
    results = gradient_check(block.forward, lambda dz: block.backward(dz, kinks), x, w)
    return [result.verdict for result in results]


def test_the_labs_last_cell(capsys: pytest.CaptureFixture[str]) -> None:
    conv_block, x, w = ConvBlock(), np.random.default_rng(1).normal(size=10), 0.7
    gradient_check(conv_block.forward, conv_block.backward, x, w)
    first, second = capsys.readouterr().out.splitlines()
    line = "Gradient check on param #{} PASSED with frobenius norm difference "
    for number, printed in enumerate((first, second)):
        assert printed.startswith(line.format(number))
        assert printed.endswith("!")
        assert 0 <= float(printed.removeprefix(line.format(number))[:-1]) < 1e-9


@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 1)])
def test_backward_is_handed_the_shape_of_the_output(shape: tuple[int, ...]) -> None:
    handed: list[Any] = []

    def backward(dout: Any) -> Any:
        handed.append(dout)
        return dout

    (result,) = gradient_check(lambda x: x, backward, np.full(shape, 2.0))
    assert result.verdict == "PASSED"
    assert [np.shape(each) for each in handed] == [shape]
    assert isinstance(handed[0], np.ndarray if shape else float)


def test_backward_may_work_in_place() -> None:
    def doubled(dout: Array) -> Array:
        dout *= 2
        return dout

    (result,) = gradient_check(lambda x: 2 * x, doubled, [1.0, 3.0])
    assert result.verdict == "PASSED"


def test_lines_to_the_letter(capsys: pytest.CaptureFixture[str]) -> None:
    block = ConvBlock()
    gradient_check(block.forward, lambda dz: block.backward(dz, LAB), [3, 3, 1], 1)
    assert capsys.readouterr().out == (
        "Gradient check on param #0 KINK with frobenius norm difference 7.071e-01!\n"
        "  entry [0]: claimed 1, between the one-sided derivatives 0 and 1\n"
        "  entry [1]: claimed 1, between the one-sided derivatives 0 and 1\n"
        "Gradient check on param #1 FAILED with frobenius norm difference 3.000e+00!\n"
        "  entry: claimed 6, the differences say 3\n"
    )
    result = CheckResult(0, "PASSED", 2.655e-12, np.zeros(1), np.zeros(1), ())
    assert str(result) == (
        "Gradient check on param #0 PASSED with frobenius norm difference 2.655e-12!"
    )


def test_many_disagreements_are_kept_and_some_printed(capsys: pytest.CaptureFixture[str]) -> None:
    (result,) = gradient_check(lambda x: x.sum(), lambda dz: np.zeros(50), np.ones(50))
    assert [each.index for each in result.disagreements] == [(i,) for i in range(50)]
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 20 + 1
    assert lines[-1] == "  and 30 more entries"


@pytest.mark.parametrize(
    ("count", "last"),
    [(19, "[18]"), (20, "[19]"), (21, "and 1 more entry"), (22, "and 2 more entries")],
)
def test_the_number_of_disagreements_that_are_not_printed_is_given(count: int, last: str) -> None:
    each = [Disagreement((at,), 1.0, 0.0, 0.0, excused=False) for at in range(count)]
    lines = str(CheckResult(0, "FAILED", 1.0, np.ones(9), np.ones(9), (*each,))).splitlines()
    assert len(lines) == 1 + min(count, 21)
    assert last in lines[-1]


@for_each("sign", [1, -1])
@for_each(("beyond", "verdict"), [(-1e-8, "KINK"), (1e-8, "KINK"), (1e-3, "FAILED")])
def test_a_claim_at_either_end_of_its_bracket_is_excused_up_to_rounding(
    sign: int, beyond: float, verdict: str
) -> None:
    claim = sign * (1.0 + beyond)  # of |x|, whose slopes at 0 are -1 and 1
    (result,) = gradient_check(lambda x: np.abs(x).sum(), lambda dz: [[claim]], [0.0])
    assert result.verdict == verdict


@for_each("slope", [1e3, -1e3])
@for_each(("beyond", "verdict"), [(0.5e-6, "KINK"), (2e-6, "FAILED")])
def test_at_a_kink_the_tolerance_is_a_part_of_the_steeper_side(
    slope: float, beyond: float, verdict: str
) -> None:
    claim = slope * (1 + beyond)  # its slope on the other side is 0
    (result,) = gradient_check(lambda x: slope * np.maximum(x, 0).sum(), lambda dz: [[claim]], [0])
    assert result.verdict == verdict


@for_each("slope", [0.005, 1.0, 20.0])
@for_each("bend", [-4.0, 4.0])
def test_a_claim_at_either_end_of_its_bracket_is_excused_where_a_curve_bends_there(
    slope: float, bend: float
) -> None:
    def forward(x: Array) -> Array:  # with the one-sided slopes 0 and `slope` at 0
        return np.asarray(10 + slope * np.maximum(x + bend / 2 * x**2, 0).sum())

    def verdict(claim: float) -> str:
        (result,) = gradient_check(forward, lambda dz: [[claim]], [0.0])
        (against,) = result.disagreements
        assert (claim in (against.left, against.right)) == against.excused
        return result.verdict

    assert [verdict(each) for each in (0.0, slope, 1.001 * slope)] == ["KINK", "KINK", "FAILED"]


def test_a_tie() -> None:
    assert check_block([3, 3, 1], 1, FIRST) == ["KINK", "PASSED"]
    assert check_block([3, 3, 1], 1, SPLIT) == ["PASSED", "PASSED"]  # half is the central slope
    assert check_block([3, 3, 1], 1, LAB) == ["KINK", "FAILED"]


@for_each("slug", RULES)
def test_all_negative_is_no_kink_though_every_h_ties(slug: str) -> None:
    assert check_block([-1, -2, -3], 1, RULES[slug].kinks) == ["PASSED", "PASSED"]


@pytest.mark.parametrize("shift", [2e6, 2e9, 2e13])  # beside these a step of 1e-6 moves nothing
def test_large_entries_are_moved_all_the_same(shift: float) -> None:
    assert check_block([shift, 1, shift], 1, LAB) == ["KINK", "FAILED"]
    assert check_block([shift, 1, -shift], 1, LAB) == ["PASSED", "PASSED"]


@for_each("slope", [0.01, 1.0, 300.0])
@for_each("tol", [1e-6, 1e-4])
@for_each(("off", "verdict"), [(0.5, "PASSED"), (2, "FAILED")])
def test_a_slope_may_be_off_by_the_tolerance_and_no_more(
    slope: float, tol: float, off: float, verdict: str
) -> None:
    given = {} if tol == 1e-6 else {"tol": tol}
    for share in (1 + off * tol, 1 - off * tol):
        claim = np.array(slope * share)
        (result,) = gradient_check(lambda x: slope * x, claim.__mul__, 0.5, **given)
        assert result.verdict == verdict


@for_each("factor", [-1, 0, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 4 / 3, 3 / 2, 2, 3])
def test_a_multiple_of_the_slope_fails(factor: float) -> None:
    (result,) = gradient_check(lambda x: 6 * x, lambda dout: 6 * factor * dout, 0.5)
    assert result.verdict == "FAILED"
    assert result.numeric == pytest.approx(6)


def test_a_tolerance_above_1_excuses_what_is_off_by_less() -> None:
    (result,) = gradient_check(lambda x: x, lambda dout: 3 * dout, 1.0, tol=5.0)
    assert result.verdict == "PASSED"


def test_a_slope_beside_a_large_one_is_held_to_its_own_size() -> None:
    for off, verdict in ((0.5e-6, "PASSED"), (1e-4, "FAILED")):
        claim = np.array([1000.0, 1.0 + off])
        (result,) = gradient_check(lambda x: x @ [1000.0, 1.0], claim.__mul__, [0.5, 0.5])
        assert result.verdict == verdict


def check_relu(x: float, slope: float) -> str:
    (result,) = gradient_check(lambda a: np.maximum(a, 0), lambda dout: slope * dout, x)
    return result.verdict


@pytest.mark.parametrize("x", [1e-9, 1e-7, -1e-9, -1e-7, 3e-7])
def test_a_kink_that_is_merely_near_neither_condemns_nor_excuses(x: float) -> None:
    slope = float(x > 0)
    assert check_relu(x, slope) == "PASSED"
    for wrong in (0.5, 1 - slope, 2.0, -1.0):
        assert check_relu(x, wrong) == "FAILED"


def test_at_the_kink_only_its_bracket_is_excused() -> None:
    for slope, verdict in ((0, "KINK"), (1, "KINK"), (0.25, "KINK"), (0.5, "PASSED")):
        assert check_relu(0.0, slope) == verdict
    for wrong in (-0.01, 1.01, 2, -1, float("nan"), float("inf")):
        assert check_relu(0.0, wrong) == "FAILED"


def test_a_gradient_of_inf_fails_where_both_sides_are_infinite_too() -> None:
    (result,) = gradient_check(lambda x: 1e307 * np.sign(x), lambda dz: float("inf"), 0.0)
    assert result.verdict == "FAILED"


def test_one_entry_outside_its_bracket_fails_the_param() -> None:
    results = gradient_check(np.max, lambda dz: [np.array([1.0, 1.1, 0.0])], [3.0, 3.0, 1.0])
    assert results[0].verdict == "FAILED"
    assert [each.excused for each in results[0].disagreements] == [True, False]
    assert results[0].wrong.tolist() == [False, True, False]
    results = gradient_check(np.max, lambda dz: [np.array([1.0, 0.0, 0.1])], [3.0, 3.0, 1.0])
    assert results[0].verdict == "FAILED"  # the third entry is on no kink


def test_a_rule_composed_is_not_a_derivative() -> None:
    # relu(x) − relu(−x) has slope 1 at 0; with a slope of 0 for each ReLU there it becomes 0.
    (result,) = gradient_check(lambda x: np.maximum(x, 0) - np.maximum(-x, 0), lambda dz: 0.0, 0.0)
    assert result.verdict == "FAILED"


def test_an_output_of_any_shape() -> None:
    network = Sequential(Conv1D(padding=1), ReLU(), MaxPool(2, 1))
    generator = np.random.default_rng(2)
    inputs = [generator.normal(size=shape) for shape in ((2, 3, 6), (2, 3, 3), (2,))]
    results = gradient_check(network.forward, network.backward, *inputs)
    assert [result.verdict for result in results] == ["PASSED"] * 3
    for result, given in zip(results, inputs, strict=True):
        assert result.analytic.shape == result.numeric.shape == given.shape
        assert result.difference == np.linalg.norm(result.analytic - result.numeric) < 1e-7


@pytest.mark.parametrize(
    ("kinks", "verdict"),
    [(FIRST, "KINK"), (LAB, "KINK"), (SPLIT, "PASSED")],  # half of each window is its central slope
)
def test_overlapping_windows_in_a_tie_lie_in_their_brackets(kinks: Kinks, verdict: str) -> None:
    pool = MaxPool(2, 1)
    (result,) = gradient_check(pool.forward, lambda dz: pool.backward(dz, kinks), [3.0, 3.0, 3.0])
    assert result.verdict == verdict


def test_a_smooth_bend_is_no_kink() -> None:
    x = np.array([0.5, -20.0, 3.0])
    (result,) = gradient_check(lambda x: (x**3).sum(), lambda dz: 3 * x**2, x)
    assert result.verdict == "PASSED"
    (result,) = gradient_check(lambda x: (x**3).sum(), lambda dz: 3.001 * x**2, x)
    assert result.verdict == "FAILED"


def test_float32_and_integers_are_checked_in_float64() -> None:
    block = ConvBlock()
    seen = []

    def forward(x: np.ndarray, w: np.ndarray) -> np.ndarray:
        seen.append({x.dtype, w.dtype})
        return block.forward(x, w)

    results = gradient_check(forward, block.backward, np.array([1, 3, 2], dtype=np.float32), 2)
    assert [result.verdict for result in results] == ["PASSED", "PASSED"]
    assert all(dtypes == {np.dtype(np.float64)} for dtypes in seen)


def test_backward_sees_what_forward_saw_last() -> None:
    x = np.array([1.0, 2.0])
    block = ConvBlock()
    gradient_check(block.forward, block.backward, x, 2.0)
    assert_allclose(x, [1, 2])

    def careless(given: np.ndarray) -> float:
        given *= given  # a student's forward may change its input in place
        return float(given.sum())

    (result,) = gradient_check(careless, lambda dz: np.array([2.0, 4.0]), x)
    assert result.verdict == "PASSED"
    assert_allclose(result.numeric, [2, 4], atol=1e-6)
    assert_allclose(x, [1, 2])


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "no params": (lambda: gradient_check(np.sum, np.ones_like), "needs at least one param"),
    "nan": (lambda: gradient_check(np.sum, np.ones_like, [np.nan]), "param #0 needs finite"),
    "text": (lambda: gradient_check(np.sum, np.ones_like, 1.0, "a"), "param #1 needs real"),
    "eps": (lambda: gradient_check(np.sum, np.ones_like, 1.0, eps=0), "needs eps and tol above 0"),
    "no eps": (
        lambda: gradient_check(np.sum, np.ones_like, 1.0, eps="a"),  # type: ignore[arg-type]
        "needs eps and tol above 0; got eps='a'",
    ),
    "true as eps": (
        lambda: gradient_check(np.sum, np.ones_like, 1.0, eps=True),
        "needs eps and tol above 0; got eps=True",
    ),
    "tol": (lambda: gradient_check(np.sum, np.ones_like, 1.0, tol=-1), "needs eps and tol above"),
    "infinite eps": (
        lambda: gradient_check(np.sum, np.ones_like, 1.0, eps=np.inf),
        "needs eps and tol above 0; got eps=inf",
    ),
    "infinite tol": (
        lambda: gradient_check(np.sum, np.ones_like, 1.0, tol=np.inf),
        "needs eps and tol above 0; got .*tol=inf",
    ),
    "tiny eps": (lambda: gradient_check(np.sum, np.ones_like, 1.0, eps=1e-20), "needs a step"),
    "eps too small for one": (
        lambda: gradient_check(np.copy, np.ones_like, [0.25, 1.0], eps=1e-16),
        "needs a step that moves an entry of 1.0; got 1e-16",
    ),
    "infinite output": (
        lambda: gradient_check(lambda x: np.inf, np.ones_like, 1.0),
        "forward: the output needs finite numbers; got inf",
    ),
    "text as output": (
        lambda: gradient_check(lambda x: "a", np.ones_like, 1.0),
        "forward: the output needs real numbers",
    ),
    "too few": (lambda: gradient_check(max, lambda dz: [1.0], 1.0, 2.0), "give 2 gradients.*got 1"),
    "too many": (lambda: gradient_check(abs, lambda dz: (1.0, 2.0), 1.0), "1 gradients.*got 2"),
    "shape": (
        lambda: gradient_check(np.sum, lambda dz: np.ones((2, 1)), [1.0, 2.0]),
        r"backward: needs a gradient of shape \(2,\) for param #0; got \(2, 1\)",
    ),
    "complex": (lambda: gradient_check(abs, lambda dz: 1j, 1.0), "real numbers as the gradient"),
    "true": (lambda: gradient_check(abs, lambda dz: True, 1.0), "got dtype bool"),
    "nothing": (
        lambda: gradient_check(abs, lambda dz: None, 1.0),
        "real numbers as the gradient of param #0; got None",
    ),
    "nothing for two": (lambda: gradient_check(max, lambda dz: None, 1.0, 2.0), "2 gr.*got None"),
    "nothing for one of two": (
        lambda: gradient_check(max, lambda dz: (0.0, None), 1.0, 2.0),
        "gradient of param #1; got None",
    ),
    "a longer list": (
        lambda: gradient_check(np.sum, lambda dz: [1.0, 1.0, 1.0], [1.0, 2.0]),
        r"needs a gradient of shape \(2,\) for param #0; got \(3,\)",
    ),
    "a ragged list": (
        lambda: gradient_check(np.sum, lambda dz: [[1.0], [1.0, 1.0]], [1.0, 2.0]),
        "backward: needs rows of one length; got a ragged list",
    ),
    "changing shape": (
        lambda: gradient_check(lambda x: x[x > 1], lambda dz: np.ones(2), [1.0, 2.0]),
        r"forward: needs an output of one shape whatever the numbers; got \(2,\) after \(1,\)",
    ),
}


@for_each(
    ("x", "grads"),
    [
        ([1.0, 2.0], [1.0, 1.0]),
        ([1.0], [1.0]),
        ([[1.0, 2.0]], [[1.0, 1.0]]),
        (1.0, [1.0]),
        ([1.0, 2.0], [np.ones(2)]),
        ([1.0, 2.0], (np.ones(2),)),
    ],
)
def test_the_gradient_of_one_param_may_be_a_list_or_stand_in_one(
    x: ArrayLike, grads: object
) -> None:
    (result,) = gradient_check(np.sum, lambda dz: grads, x)
    assert (result.verdict, result.analytic.shape) == ("PASSED", np.shape(x))


class Dropout(ReLU):
    """Drops other entries in each call."""

    def __init__(self) -> None:
        self.draw = np.random.default_rng(0)

    def apply(self, *inputs: np.ndarray) -> tuple[np.ndarray, Any]:
        """Run a ReLU on a random half of the entries, doubled."""
        return super().apply(inputs[0] * self.draw.choice([0.0, 2.0], inputs[0].shape))


@for_each("size", [1e15, 1e200])  # beside these a step of 1e-6 is lost
@for_each(("forward", "claim"), [(np.sum, 1.0), (np.sum, 20.0), (np.sum, -20.0), (np.copy, 20.0)])
def test_a_claim_that_rounding_alone_excuses_has_not_passed(
    forward: Callable[[np.ndarray], np.ndarray], claim: float, size: float
) -> None:
    said = r"check: needs outputs .* #0 at index \(1,\) got a claim of .* cannot be told from"
    with pytest.raises(EngineError, match=said):
        gradient_check(forward, lambda dout: dout * np.array([1, claim, claim]), [size, 3, 3])


@pytest.mark.parametrize("size", [1.0, 1e-9])
def test_an_output_that_is_not_always_the_same_cannot_be_checked(size: float) -> None:
    draw, calls = np.random.default_rng(0), count(1.0)
    for random in (lambda: draw.random(2), lambda: next(calls)):
        with pytest.raises(EngineError, match="needs the same output for the same params; got"):
            gradient_check(
                lambda x: (x * (1 + size * random())).sum(),  # noqa: B023
                np.ones_like,
                [1.0, 3.0],
            )
        with pytest.raises(EngineError, match=r", then .* at index \(0,\): what is random in it"):
            gradient_check(lambda x: x * (1 + size * random()), np.ones_like, [1.0, 3.0])  # noqa: B023


def test_a_refusal_gives_the_first_of_two_outputs_for_the_same_params_first() -> None:
    calls = count(0.0)
    with pytest.raises(EngineError, match=r"got 0\.0, then [1-9]\d*\.0: what is random in it"):
        gradient_check(lambda x: next(calls), np.ones_like, 1.0)


def test_a_layer_that_is_not_always_the_same_cannot_be_checked() -> None:
    layer = Dropout()
    with pytest.raises(EngineError, match="needs the same output for the same params; got"):
        gradient_check(layer.forward, layer.backward, np.arange(1.0, 9))


def test_rounding_in_another_order_is_the_same_output() -> None:
    order = np.random.default_rng(0)
    for dtype in (np.float64, np.float32):  # as if threads did the addition
        x = np.random.default_rng(1).normal(size=1000)
        results = gradient_check(
            lambda x, dtype=dtype: order.permutation(x).astype(dtype).cumsum()[-1],
            lambda dout: np.ones(1000),
            x,
        )
        assert [result.verdict for result in results] == ["PASSED"]


SATURATED: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array], float]] = {
    "tanh(x) + 1": (lambda x: np.tanh(x) + 1, lambda x: 1 / np.cosh(x) ** 2, 1.0),
    "ten times it": (lambda x: 10 * (np.tanh(x) + 1), lambda x: 10 / np.cosh(x) ** 2, 1.0),
    "1 - tanh(x)": (lambda x: 1 - np.tanh(x), lambda x: -1 / np.cosh(x) ** 2, -1.0),
    "log(1 + exp(x))": (lambda x: np.log(1 + np.exp(x)), lambda x: 1 / (1 + np.exp(-x)), 1.0),
    "sigmoid - 1": (
        lambda x: 1 / (1 + np.exp(-x)) - 1,
        lambda x: np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2,
        -1.0,
    ),
}
"""The function, its derivative, and the side on which it saturates."""


@pytest.mark.parametrize(("function", "slope", "side"), SATURATED.values(), ids=list(SATURATED))
def test_what_saturation_loses_is_neither_a_kink_nor_a_bug(
    function: Callable[[Array], Array],
    slope: Callable[[Array], Array],
    side: float,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for at in np.arange(0.0, 25, 0.125):
        x = np.array([-side * at])
        (result,) = gradient_check(function, lambda dout: dout * slope(x), x)  # noqa: B023
        assert result.verdict == "PASSED", x
        if at <= 8:  # there a step moves the output by far more than its rounding
            (result,) = gradient_check(function, lambda dout: 1.1 * dout * slope(x), x)  # noqa: B023
            assert result.verdict == "FAILED", x
    assert "float32" not in capsys.readouterr().out


def test_an_output_that_nothing_moves_hides_no_more_than_its_own_rounding() -> None:
    """Its last place, 0.25 · 2^-52, in the widest step, 2^-20, to either side: 1.2e-10 in all."""
    for claimed, verdict in ((1e-10, "PASSED"), (5e-10, "FAILED")):
        (result,) = gradient_check(lambda x: 0 * x + 0.25, lambda d: 0 * d + claimed, [1.0])  # noqa: B023
        assert result.verdict == verdict, claimed


@pytest.mark.parametrize("height", [100.0, 1.0, -1e-6])
def test_a_jump_is_not_taken_for_rounding(height: float) -> None:
    for x, verdict in ((1e-7, "PASSED"), (1e-9, "PASSED"), (-1e-9, "PASSED"), (0.0, "KINK")):
        (result,) = gradient_check(lambda x: (x > 0) * height, np.zeros_like, [x, 1.0])
        assert result.verdict == verdict, x
        if x:
            (off,) = gradient_check(lambda x: (x > 0) * height, lambda d: 0 * d + 0.5, [x, 1.0])
            assert [each.index for each in off.disagreements] == [(0,), (1,)]
        ((left, right),) = one_sided(lambda x: (x > 0) * height, [x, 1.0])
        assert left.tolist() == [0, 0]
        assert right[1] == 0
        # The difference quotient height / h grows without bound at the jump, and is 0 beside it.
        assert abs(right[0]) > 1e6 * abs(height) if x == 0 else right[0] == 0


@for_each(("act", "message"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_checked(act: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act()
