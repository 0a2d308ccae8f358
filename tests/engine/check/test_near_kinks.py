"""Verdicts near kinks and on every scale: the right gradient passes, the wrong one fails."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from engine import (
    LAB,
    Conv1D,
    ConvBlock,
    Kinks,
    Layer,
    Linear,
    MaxPool,
    MaxPool2D,
    ReLU,
    Sequential,
    gradient_check,
    one_sided,
    trace,
)
from engine.arrays import Array
from tests.engine.rows import normals
from tests.for_each import for_each

WRONG: dict[str, Callable[[Array], Array]] = {
    "doubled": lambda grad: 2 * grad,
    "halved": lambda grad: grad / 2,
    "negative": lambda grad: -grad,
    "in another place": lambda grad: np.roll(grad, 1),
    "a little off": lambda grad: 1.05 * grad,
}


def verdicts(
    layer: Layer,
    inputs: Sequence[ArrayLike],
    change: Callable[[Array], Array] = lambda grad: grad,
    kinks: Kinks = LAB,
) -> list[str]:
    """The verdicts of the check on the layer's own gradients, changed."""

    def backward(dout: ArrayLike) -> list[Array]:
        return [change(grad) for grad in trace(layer, *inputs, dout=dout, kinks=kinks).grads]

    return [result.verdict for result in gradient_check(layer.forward, backward, *inputs)]


NEAR: dict[str, tuple[Layer, Callable[[float], list[ArrayLike]]]] = {
    "relu": (ReLU(), lambda d: [[d, 1.5, -2]]),
    "max pool": (MaxPool(), lambda d: [[3, 3 + d, 1]]),
    "overlapping windows": (MaxPool(2, 1), lambda d: [[1, 3, 3 + d, 3 + 2 * d, 0]]),
    "max pool 2d": (MaxPool2D(2, 1), lambda d: [np.array([[3, 1, 0], [2, 3 + d, 1]])]),
    "block, near a tie": (ConvBlock(), lambda d: [[2, 2 + d, 1], 1.5]),
    "block, near relu's 0": (ConvBlock(), lambda d: [[d, 0.5 + d, -2], [2.0, -1.0]]),
    "relu of a sum that cancels": (
        Sequential(Conv1D(), ReLU()),
        lambda d: [[1, -2, 3], [2, 1 + d]],
    ),
}


@pytest.mark.parametrize(("layer", "at"), NEAR.values(), ids=list(NEAR))
@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-7, 7.5e-9, 1e-9, 1e-10, 2e-12])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_kink_that_is_merely_near(
    layer: Layer, at: Callable[[float], list[ArrayLike]], distance: float, sign: int
) -> None:
    inputs = at(sign * distance)
    assert set(verdicts(layer, inputs)) == {"PASSED"}
    grads = trace(layer, *inputs, dout=1.0).grads
    for name, change in WRONG.items():
        for verdict, grad in zip(verdicts(layer, inputs, change), grads, strict=True):
            same = np.allclose(grad, change(grad), rtol=0, atol=1e-5)
            assert verdict == ("PASSED" if same else "FAILED"), name


@pytest.mark.parametrize("distance", [1e-13, 1e-15, 4e-16])
def test_a_kink_too_near_to_be_told_from_one_at_the_point(distance: float) -> None:
    """Beside numbers of about 3, whose last digit is 4e-16, right gradients are not condemned."""
    inputs: list[ArrayLike] = [[3, 3 + distance, 1], 1.0]
    assert verdicts(ConvBlock(), inputs) == ["KINK", "PASSED"]
    for change in (WRONG["doubled"], WRONG["negative"]):
        assert verdicts(ConvBlock(), inputs, change) == ["FAILED", "FAILED"]


@pytest.mark.parametrize("x", [1e-12, -1e-12, 1e-20, -1e-40, 2.0**-195])
def test_near_is_near_beside_what_is_added_up(x: float) -> None:
    """A ReLU adds nothing to its input, so that x is off the kink, however small it is."""
    assert verdicts(ReLU(), [[x, 1.5]]) == ["PASSED"]
    assert verdicts(ReLU(), [[x, 1.5]], lambda grad: 1 - grad) == ["FAILED"]


@for_each("x", [1e-21, -1e-21, -1e-23, 2.0**-72, -(2.0**-78), -1e-40])
def test_a_function_that_is_no_layer_is_off_its_kink_by_any_small_distance_too(x: float) -> None:
    """Its outputs show what it may have lost in rounding on the way: here nothing."""
    ((left, right),) = one_sided(lambda x: np.maximum(x, 0), [x, 1.5])
    assert left.tolist() == right.tolist() == [float(x > 0), 1.0]


SCALES: dict[str, list[float]] = {
    "large": [1e6],
    "small": [1e-6],
    "mixed": [1e6, 1, 1e-6, 1e3],
    "mixed, small": [1, 1e-3, 1e-6],
}

LAYERS: dict[str, tuple[Callable[[], Layer], list[tuple[int, ...]]]] = {
    "relu": (ReLU, [(7,)]),
    "max pool": (lambda: MaxPool(3, 2), [(2, 7)]),
    "conv1d": (lambda: Conv1D(2, 1), [(2, 3, 5), (2, 3, 2)]),
    "linear": (Linear, [(3, 4), (2, 4)]),
    "block": (ConvBlock, [(5,), ()]),
    "block of filters": (ConvBlock, [(2, 2, 5), (2, 2, 2), (2,)]),
    "network": (
        lambda: Sequential(Conv1D(), ReLU(), MaxPool(2, 1), Conv1D(), ReLU(), MaxPool()),
        [(2, 1, 7), (2, 1, 2), (2, 2, 2)],
    ),
}


@pytest.mark.parametrize(("make", "shapes"), LAYERS.values(), ids=list(LAYERS))
@pytest.mark.parametrize("scale", SCALES.values(), ids=list(SCALES))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_on_every_scale_the_right_gradient_passes_and_a_wrong_one_fails(
    make: Callable[[], Layer],
    shapes: list[tuple[int, ...]],
    scale: list[float],
    dtype: type[np.floating],
) -> None:
    for seed in range(2):
        x, *params = normals(shapes, seed)
        scaled: NDArray[np.float64] = x * np.resize(scale, x.shape)
        inputs = [each.astype(dtype) for each in (scaled, *params)]
        assert set(verdicts(make(), [each.astype(np.float64) for each in inputs])) == {"PASSED"}
        layer = make()  # its own backward, after its own forward
        results = gradient_check(layer.forward, layer.backward, *inputs)
        assert {result.verdict for result in results} == {"PASSED"}
        for name in ("doubled", "negative"):
            found = verdicts(make(), [each.astype(np.float64) for each in inputs], WRONG[name])
            for verdict, result in zip(found, results, strict=True):
                assert verdict == ("FAILED" if result.analytic.any() else "PASSED"), name


def test_a_small_gradient_is_held_to_its_own_size() -> None:
    x, w = [1e-6, 3e-6, -2e-6], 1.0
    assert verdicts(ConvBlock(), [x, w]) == ["PASSED", "PASSED"]
    assert verdicts(ConvBlock(), [x, w], lambda grad: grad * 1.01) == ["FAILED", "FAILED"]


def test_dust_beside_a_constant_is_no_gradient() -> None:
    results = gradient_check(
        ConvBlock().forward, lambda dz: (np.full(3, 1e-17), 1e-17), [-1, -2, -3], 1
    )
    assert [result.verdict for result in results] == ["PASSED", "PASSED"]
    results = gradient_check(
        ConvBlock().forward, lambda dz: (np.full(3, 1e-9), 0.0), [-1, -2, -3], 1
    )
    assert [result.verdict for result in results] == ["FAILED", "PASSED"]


def test_all_negative_is_zero_on_both_sides() -> None:
    block = ConvBlock()
    results = gradient_check(block.forward, block.backward, [-1, -2, -3], 1)
    for result in results:
        assert (result.verdict, result.difference) == ("PASSED", 0.0)
        assert not result.numeric.any()
    for left, right in one_sided(block.forward, [-1, -2, -3], 1):
        assert not left.any()
        assert not right.any()


def test_what_is_sent_back_weighs_the_sides() -> None:
    # If dout has mixed signs, the right gradient of overlapping windows may be outside its bracket.
    pool, h = MaxPool(2, 1), [3.0, 3.0, 3.0]
    ((left, right),) = one_sided(pool.forward, h, dout=[1, -0.3])
    np.testing.assert_allclose(left, [0, 0, 0], atol=1e-9)
    np.testing.assert_allclose(right, [1, 0.7, -0.3], atol=1e-9)
    first = trace(pool, h, dout=[1, -0.3], kinks=Kinks(0.0, "first")).grads[0]
    np.testing.assert_allclose(first, [1, -0.3, 0])


@pytest.mark.parametrize("claim", [[0.3, 0.4, 0.2], [0.5, 0.5, -0.1], [1, 1.1, 0], [-0.1, 1, 0]])
def test_a_claim_between_its_sides_in_one_entry_and_wrong_in_another_fails(
    claim: list[float],
) -> None:
    (result,) = gradient_check(np.max, lambda dz: [np.array(claim)], [3.0, 3.0, 1.0])
    assert result.verdict == "FAILED"
