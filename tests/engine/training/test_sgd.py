"""SGD: steps by hand, one after another, and what it refuses."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine import SGD
from tests.for_each import for_each


def test_plain_descent_by_hand() -> None:
    optimizer = SGD(0.5, momentum=0.0)
    params = [np.array([1.0, 2.0]), np.array(4.0)]
    moved, _ = optimizer.step(
        params, [np.array([2.0, -2.0]), np.array(8.0)], optimizer.start(params)
    )
    assert_array_equal(moved[0], [0, 3])
    assert_array_equal(moved[1], 0)


def test_momentum_and_weight_decay_by_hand() -> None:
    # v1 = 2 + 0.5 · 4 = 4, p1 = 4 − 0.25 · 4 = 3; v2 = 0.5 · 4 + (2 + 0.5 · 3) = 5.5.
    optimizer = SGD(0.25, momentum=0.5, weight_decay=0.5)
    params, grads = [np.array([4.0])], [np.array([2.0])]
    params, velocities = optimizer.step(params, grads, optimizer.start(params))
    assert_array_equal(velocities[0], [4])
    assert_array_equal(params[0], [3])
    params, velocities = optimizer.step(params, grads, velocities)
    assert_array_equal(velocities[0], [5.5])
    assert_array_equal(params[0], [3 - 0.25 * 5.5])
    params, velocities = optimizer.step(params, grads, velocities, rate=0.0)
    assert_array_equal(params[0], [3 - 0.25 * 5.5])
    assert_array_equal(velocities[0], [0.5 * 5.5 + 2 + 0.5 * 1.625])


def test_a_step_changes_nothing_that_it_is_given_and_keeps_the_dtype() -> None:
    optimizer = SGD(np.float64(0.1), np.float64(0.9), np.float64(0.01))
    params, grads = [np.ones(3, np.float32)], [np.ones(3, np.float32)]
    velocities = optimizer.start(params)
    moved, after = optimizer.step(params, grads, velocities, rate=0.5)
    assert_array_equal([params[0], grads[0], velocities[0]], [[1] * 3, [1] * 3, [0] * 3])
    assert moved[0].dtype == after[0].dtype == np.float32


@for_each(
    ("settings", "said"),
    [
        ({"learning_rate": 0}, "learning_rate needs a finite number above 0; got 0"),
        ({"learning_rate": float("nan")}, "learning_rate needs .*; got nan"),
        ({"learning_rate": float("inf")}, "learning_rate needs .*; got inf"),
        ({"learning_rate": 10**400}, "learning_rate needs .*; got 10+"),
        ({"learning_rate": "0.1"}, "learning_rate needs .*; got '0.1'"),
        ({"learning_rate": True}, "learning_rate needs .*; got True"),
        ({"momentum": 1}, "momentum needs a number from 0 to below 1; got 1"),
        ({"momentum": -0.1}, "momentum needs .*; got -0.1"),
        ({"weight_decay": -1e-9}, "weight_decay needs a finite number, 0 or more; got -1e-09"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=f"^SGD: {said}$"):
        SGD(**settings)


def test_the_settings_of_sgd_are_frozen() -> None:
    with pytest.raises(AttributeError):
        SGD().momentum = 0.5  # type: ignore[misc]
