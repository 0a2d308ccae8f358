"""The gradient check of functions in single precision: it notices, says so, and still tells."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from engine import (
    Conv1D,
    Conv2D,
    ConvBlock,
    Kinks,
    Layer,
    Linear,
    MaxPool,
    ReLU,
    SoftmaxCrossEntropy,
    gradient_check,
    one_sided,
)
from engine.arrays import Array
from engine.check.precision import DOUBLE, HALF, SINGLE, Precision, precision_of, rounds_within
from tests.engine.rows import Shape
from tests.for_each import for_each

Forward = Callable[..., Any]
Rounded = Callable[[Layer], Forward]


def returned(layer: Layer) -> Forward:
    return lambda *params: layer.forward(*(np.asarray(each, np.float32) for each in params))


def hidden(layer: Layer) -> Forward:
    return lambda *params: np.float64(returned(layer)(*params))


def scaled_after(layer: Layer) -> Forward:
    # The outputs are no numbers of single precision, only the inputs were.
    return lambda *params: returned(layer)(*params).astype(np.float64) * np.float64(1)


def rounded_after(layer: Layer) -> Forward:
    return lambda *params: np.float64(np.float32(layer.forward(*params)))


ROUNDED: tuple[Rounded, ...] = (returned, hidden, scaled_after, rounded_after)
LAYERS: dict[str, tuple[Layer, list[Shape]]] = {
    "convolution": (Conv1D(), [(2, 2, 6), (3, 2, 2), (3,)]),
    "2-D convolution": (Conv2D(padding=1), [(1, 2, 4, 4), (2, 2, 3, 3), (2,)]),
    "ReLU": (ReLU(), [(5, 7)]),
    "pool": (MaxPool(2), [(3, 12)]),
    "linear": (Linear(), [(3, 8), (4, 8), (4,)]),
    "loss": (SoftmaxCrossEntropy([1, 2, 0]), [(3, 5)]),
    "block": (ConvBlock(), [(10,), ()]),
}


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([np.float32(1), np.float16(1), 1.0], HALF),
        ([1.0, np.float32(1)], SINGLE),
        ([np.float64(1), 1, np.int8(1)], DOUBLE),
    ],
)
def test_the_roughest_of_several_dtypes_tells(numbers: list[Any], told: Precision) -> None:
    assert precision_of(numbers) is told


@pytest.mark.parametrize(
    ("precision", "part"), [(DOUBLE, 8 * 2.0**-52), (SINGLE, 2 * 2.0**-23), (HALF, 2 * 2.0**-10)]
)
def test_rounding_moves_an_output_by_so_many_units_of_the_last_place(
    precision: Precision, part: float
) -> None:
    assert precision.rounding == part


def drawn(shapes: list[Shape]) -> Iterator[list[Array]]:
    """Parameters from a few seeds, from small to large."""
    for seed, size in enumerate((0.1, 1, 30)):
        generator = np.random.default_rng(seed)
        yield [size * generator.normal(size=shape) for shape in shapes]


@pytest.mark.parametrize("rounded", ROUNDED)
@pytest.mark.parametrize(("layer", "shapes"), LAYERS.values(), ids=list(LAYERS))
def test_a_right_layer_does_not_fail(
    layer: Layer, shapes: list[Shape], rounded: Rounded, capsys: pytest.CaptureFixture[str]
) -> None:
    verdicts = []
    for params in drawn(shapes):
        results = gradient_check(rounded(layer), layer.backward, *params)
        assert {result.eps for result in results} == {2.0**-8}
        verdicts += [result.verdict for result in results]
        *lines, last = capsys.readouterr().out.splitlines()
        assert lines[0].startswith("Gradient check on param #0 ")
        assert "forward" in last
        assert "in float32" in last
        assert last.endswith("checked with eps = 0.00391 and tol = 0.001.")
    assert set(verdicts) <= {"PASSED", "KINK"}  # a kink may be nearer than float32 can tell
    assert verdicts.count("PASSED") >= 0.9 * len(verdicts)


@pytest.mark.parametrize("rounded", ROUNDED)
@pytest.mark.parametrize(("layer", "shapes"), LAYERS.values(), ids=list(LAYERS))
def test_a_wrong_layer_that_rounds_fails(
    layer: Layer, shapes: list[Shape], rounded: Rounded
) -> None:
    def doubled(dout: Any) -> list[Array]:
        grads = layer.backward(dout)
        return [2 * each for each in (grads if isinstance(grads, tuple) else [grads])]

    for params in list(drawn(shapes))[:2]:
        results = gradient_check(rounded(layer), doubled, *params)
        assert {result.verdict for result in results} == {"FAILED"}


@pytest.mark.parametrize(("off", "verdict"), [(5e-4, "PASSED"), (2e-3, "FAILED")])
@pytest.mark.parametrize("x", [0.0, 0.5, 3.0])
def test_a_straight_line_hides_no_more_than_the_tolerance(
    x: float, off: float, verdict: str
) -> None:
    """Rounding, 3 · 3 · 2^-23 in a step of 2^-8, is 0.01 % of the slope, the tolerance 0.1 %."""
    (result,) = gradient_check(lambda x: 3 * np.float32(x), lambda dout: 3 * (1 + off) * dout, x)
    assert result.verdict == verdict


def test_a_gradient_of_zero_does_not_pass_where_the_step_is_lost() -> None:
    # In float32, 100 + x is not moved by 1e-6.
    for forward in (
        lambda x: np.float32(100) + np.float32(x),
        lambda x: np.float64(np.float32(100) + np.float32(x)),
    ):
        (result,) = gradient_check(forward, lambda dout: 0.0, 0.3)
        assert result.verdict == "FAILED"
        (result,) = gradient_check(forward, lambda dout: 1.0, 0.3)
        assert result.verdict == "PASSED"


@pytest.mark.parametrize(("dtype", "bias", "off"), [(np.float32, 1000, 10), (np.float16, 10, 30)])
def test_roundings_of_many_outputs_add_up_as_chance_has_it(
    dtype: type, bias: float, off: float
) -> None:
    # If all 400 were rounded to one side, the slope would be off by 24, or by 62; chance leaves a
    # twentieth of that.
    x = np.random.default_rng(0).normal(size=400)

    def verdict(wrong: float) -> str:
        (result,) = gradient_check(
            lambda w: (w * x + bias).astype(dtype), lambda dout: np.vdot(x, dout) + wrong, 0.3
        )
        return result.verdict

    assert (verdict(0), verdict(off)) == ("PASSED", "FAILED")


@pytest.mark.parametrize("rounded", ROUNDED)
def test_a_kink_is_told_from_a_bug(rounded: Rounded) -> None:
    block = ConvBlock()
    for ties, expected in (("all", ["KINK", "FAILED"]), ("first", ["KINK", "PASSED"])):
        kinks = Kinks(0.0, ties)  # type: ignore[arg-type]
        results = gradient_check(rounded(block), lambda dz: block.backward(dz, kinks), [3, 3, 1], 1)  # noqa: B023
        assert [result.verdict for result in results] == expected
    ((left, right),) = one_sided(rounded(MaxPool()), [3.0, 3.0, 1.0])
    np.testing.assert_allclose([left, right], [[0, 0, 0], [1, 1, 0]], atol=1e-3)


def test_backward_alone_may_be_rough(capsys: pytest.CaptureFixture[str]) -> None:
    layer = Linear()
    generator = np.random.default_rng(0)
    params = [30 * generator.normal(size=shape) for shape in ((40, 30), (20, 30))]

    def rough(dout: Array) -> list[Array]:
        return [each.astype(np.float32) for each in layer.backward(dout)]

    results = gradient_check(layer.forward, rough, *params)
    assert [result.verdict for result in results] == ["PASSED", "PASSED"]
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("backward computes in float32")
    assert last.endswith("checked with eps = 1e-06 and tol = 0.001.")


def test_what_rounds_beside_a_large_number_computes_in_double_precision(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for backward, said in (
        (np.copy, "forward rounds as if it computed in float32, where "),
        (np.float32, "forward and backward round as if they computed in float32, where "),
    ):
        (result,) = gradient_check(lambda x: 1e9 + x - 1e9, backward, [0.3, 1.0])
        assert result.verdict == "PASSED"
        assert capsys.readouterr().out.splitlines()[1].startswith(said)


def test_a_larger_step_of_ones_own_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    relu = ReLU()
    gradient_check(returned(relu), relu.backward, [1.0, -2.0], eps=0.125, tol=0.01)
    assert capsys.readouterr().out.splitlines()[1:] == ["forward and backward compute in float32."]


def test_half_precision(capsys: pytest.CaptureFixture[str]) -> None:
    params = [np.random.default_rng(0).normal(size=6), np.array(0.75)]

    def forward(x: Array, w: Array) -> Any:
        return np.float16(w) * x.astype(np.float16)

    def backward(dout: Array) -> list[Array]:
        return [params[1] * dout, np.asarray(np.vdot(params[0], dout))]

    results = gradient_check(forward, backward, *params)
    assert [result.verdict for result in results] == ["PASSED", "PASSED"]
    assert "forward computes in float16" in capsys.readouterr().out


DOUBLES: dict[str, Callable[[Array], Any]] = {
    "a line": lambda x: 3 * x,
    "a sum": np.sum,
    "a bend": np.exp,
    "a large number beside it": lambda x: 1e9 + x,
    "a very large one": lambda x: 1e15 + x,
    "more digits than it was computed with": lambda x: np.longdouble(1e9 + x),
    "a kink": lambda x: np.maximum(x - 1e-7, 0),
    "nothing moves": np.zeros_like,
    "steps": lambda x: np.round(x, 3),
    "coarse steps": np.floor,
    "chance": lambda x: x + np.random.default_rng().normal(size=np.shape(x)),
    "a little of it": lambda x: x + np.random.default_rng().uniform(-1e-8, 1e-8, np.shape(x)),
    "small": lambda x: 1e-30 * x,
    "ill-conditioned": lambda x: (x + 1e6) - 1e6,
}


@for_each("function", DOUBLES.values(), ids=list(DOUBLES))
@for_each("x", [np.array(0.3), np.linspace(-1, 2, 50), np.arange(4.0)])
def test_double_precision_is_not_taken_for_single(
    function: Callable[[Array], Any], x: Array
) -> None:
    assert not rounds_within(function, [x])
    assert rounds_within(lambda x: np.float64(np.float32(x) * np.float32(3)), [x])


@for_each("size", [1e-6, 1.0, 1e3, 1e9])
def test_single_precision_is_told_at_numbers_of_any_size(size: float) -> None:
    x = size * np.array([1.0, -3.0, 0.7])
    assert rounds_within(lambda x: np.float64(np.float32(1.5) * x.astype(np.float32)), [x])
    assert not rounds_within(lambda x: 1.5 * x, [x])


def test_a_function_that_refuses_other_points_is_not_asked() -> None:
    def only_here(x: Array) -> Array:
        if x.item() != 2:
            raise ZeroDivisionError
        return x

    assert not rounds_within(only_here, [np.array(2.0)])


def test_rounding_is_told_at_another_point_where_one_is_refused() -> None:
    refused = iter([True])

    def single(x: Array) -> Any:
        if next(refused, False):
            raise ZeroDivisionError
        return np.float64(np.float32(x) * np.float32(3))

    assert rounds_within(single, [np.array(2.0)])


def test_rounding_near_the_params_counts_where_numbers_of_ordinary_size_are_refused() -> None:
    def single(x: Array) -> Any:
        if x.item() < 100:
            raise ZeroDivisionError
        return np.float64(np.float32(x) * np.float32(3))

    assert rounds_within(single, [np.array(1000.0)])


def test_forward_is_last_called_with_the_params_themselves() -> None:
    remembered: list[Array] = []

    def forward(x: Array) -> Array:
        remembered[:] = [x]
        return x**2

    (result,) = gradient_check(forward, lambda dout: 2 * remembered[0] * dout, [1.0, -2.0])
    assert result.verdict == "PASSED"
