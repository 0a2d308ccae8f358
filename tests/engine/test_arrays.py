"""What the layers compute with: indices, against numpy's own; dtypes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import ArrayLike

from engine.arrays import nonzero_at, real_arrays


@given(arrays(np.float64, array_shapes(max_dims=4, max_side=4), elements=st.sampled_from((0, -2))))
def test_the_indices_of_what_is_not_zero_are_numpys(array: np.ndarray) -> None:
    assert nonzero_at(array) == [tuple(map(int, at)) for at in np.argwhere(array)]


@pytest.mark.parametrize(("number", "expected"), [(0.0, []), (-1.5, [()])])
def test_a_single_number_has_the_empty_index(number: float, expected: list[tuple[()]]) -> None:
    assert nonzero_at(np.array(number)) == expected


@pytest.mark.parametrize(
    ("beside", "dtype"),
    [
        (np.array([1.5]), np.float64),
        (np.array([1.5], np.float32), np.float32),
        (np.array([1]), np.float32),
        ([1.5], np.float32),  # a Python float becomes a float64 too, but asks for nothing
    ],
)
def test_single_precision_gives_way_to_double_alone(beside: ArrayLike, dtype: type) -> None:
    x = np.array([1.0], np.float32)
    found = real_arrays("test", ("x", "w"), (x, beside))
    assert [array.dtype for array in found] == [dtype] * 2
