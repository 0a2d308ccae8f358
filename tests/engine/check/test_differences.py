"""The output along one entry, at many of its values at once."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine import ConvBlock, Layer
from engine.check.differences import curve
from tests.engine.rows import Row, every_layer, normals

VALUES = np.linspace(-3, 3, 13)


def test_along_the_labs_block_by_hand() -> None:
    along = curve(ConvBlock().forward, ([1.5, -1.0, 0.5], 2.0), None).along
    assert_array_equal(along(0, (2,), [-4, 0, 1.5, 2, 5]), [3, 3, 3, 4, 10])
    assert_array_equal(along(0, (0,), [-1, 0.25, 0.5, 1]), [1, 1, 1, 2])
    assert_array_equal(along(1, (), [-2, -0.5, 0, 1, 4]), [2, 0.5, 0, 1.5, 6])


@every_layer
def test_along_every_entry_is_one_call_after_the_other(row: Row) -> None:
    layer, inputs = row.make(), normals(row.shapes)
    for forward in (layer.forward, lambda *given: layer.forward(*given)):
        looked_at = curve(forward, tuple(inputs), None)
        for argument, param in enumerate(inputs):
            for index in list(np.ndindex(*param.shape))[:3]:
                expected = slowly(layer, inputs, argument, index, looked_at.dout)
                assert_allclose(looked_at.along(argument, index, VALUES), expected, atol=1e-13)
                assert_allclose(looked_at.along(argument, index, param[index]), looked_at.value)


def slowly(
    layer: Layer, inputs: list[np.ndarray], argument: int, index: tuple[int, ...], dout: np.ndarray
) -> list[float]:
    """One pass for each value."""
    found = []
    for value in VALUES:
        moved = [each.copy() for each in inputs]
        moved[argument][index] = value
        found.append(float((layer.forward(*moved) * dout).sum()))
    return found


def test_the_shape_of_the_values_is_kept() -> None:
    looked_at = curve(ConvBlock().forward, ([1.0, 2.0], 2.0), None)
    assert looked_at.along(0, (0,), 5.0).shape == ()
    assert looked_at.along(0, (0,), VALUES.reshape(1, 13, 1)).shape == (1, 13, 1)
    assert_array_equal(looked_at.params[0], [1, 2])


def test_so_many_values_that_they_are_evaluated_in_parts() -> None:
    values = np.arange(200_000) / 1000
    looked_at = curve(ConvBlock().forward, ([1.0, 2.0, 3.0], 2.0), None)
    assert_array_equal(looked_at.along(0, (0,), values), 2 * np.maximum(values, 3))


def test_bad_values_are_refused() -> None:
    looked_at = curve(ConvBlock().forward, ([1.0, 2.0], 2.0), None)
    with pytest.raises(ValueError, match="the values along an entry needs finite numbers"):
        looked_at.along(0, (0,), [1.0, np.nan])
    with pytest.raises(ValueError, match="invalid entry in coordinates array"):
        looked_at.along(0, (2,), [1.0])
