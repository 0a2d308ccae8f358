"""What the layers compute with: indices, against numpy's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from engine.arrays import nonzero_at


@given(arrays(np.float64, array_shapes(max_dims=4, max_side=4), elements=st.sampled_from((0, -2))))
def test_the_indices_of_what_is_not_zero_are_numpys(array: np.ndarray) -> None:
    assert nonzero_at(array) == [tuple(map(int, at)) for at in np.argwhere(array)]


@pytest.mark.parametrize(("number", "expected"), [(0.0, []), (-1.5, [()])])
def test_a_single_number_has_the_empty_index(number: float, expected: list[tuple[()]]) -> None:
    assert nonzero_at(np.array(number)) == expected
