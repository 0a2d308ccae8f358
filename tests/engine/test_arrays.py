"""What the layers compute with: indices, compared with numpy's own, and dtypes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import ArrayLike

from engine.arrays import ADDED_ONE_BY_ONE, ALONE, all_finite, nonzero_at, real_arrays
from engine.errors import NumberError, ShapeError
from tests.for_each import for_each


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
        ([1.5], np.float32),  # a Python float, a float64 too, does not ask for doubles
    ],
)
def test_single_precision_gives_way_to_double_alone(beside: ArrayLike, dtype: type) -> None:
    x = np.array([1.0], np.float32)
    found = real_arrays("test", ("x", "w"), (x, beside))
    assert [array.dtype for array in found] == [dtype] * 2


def test_a_list_of_single_precision_is_that() -> None:
    (found,) = real_arrays("test", ("x",), ([np.float32(1.5)],))
    assert found.dtype == np.float32


def test_what_is_too_large_for_single_precision_is_refused_without_a_warning() -> None:
    with pytest.raises(NumberError, match=r"^test: w needs .* got inf at .* too large for float32"):
        real_arrays("test", ("x", "w"), (np.ones(1, np.float32), [1e300]))
    with pytest.raises(NumberError, match=r"^test: w needs .* got nan at index \(0,\)$"):
        real_arrays("test", ("x", "w"), (np.ones(1, np.float32), [np.nan]))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.inf, "got inf$"),
        ([1.0, -np.inf, np.nan], r"got -inf at index \(1,\)$"),
        ([[1.0, 2.0], [np.nan, np.inf]], r"got nan at index \(1, 0\)$"),
    ],
)
def test_the_first_number_that_is_not_finite_is_told(value: ArrayLike, said: str) -> None:
    with pytest.raises(NumberError, match=f"^test: x needs finite numbers; {said}"):
        real_arrays("test", ("x",), (value,))


class Broken:
    """An object from which numpy cannot make an array."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        raise self.error


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        ([[1.0, 2.0], [3.0]], ShapeError, "rows of one length; got a ragged list"),
        *(
            (Broken(kind(said)), NumberError, f"what numpy makes an array of; got Broken: {said}")
            for kind, said in (
                (ValueError, "the file is closed"),
                (RuntimeError, "the tensor requires grad"),  # as PyTorch raises it
                (TypeError, "can't convert cuda:0 device type tensor to numpy"),
            )
        ),
        (
            np.ma.array([1.0, 2.0], mask=[False, True]),
            NumberError,
            "a number for every entry; got masked",
        ),
        ([1.5, 10**30], NumberError, "real numbers; got dtype object, .* beyond 64 bits: write"),
        ([1.5, "a"], NumberError, "real numbers; got dtype <U32$"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(
    value: ArrayLike, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=f"^test: x needs {said}"):
        real_arrays("test", ("x",), (value,))


def test_a_masked_array_without_masked_entries_is_an_array() -> None:
    (found,) = real_arrays("test", ("x",), (np.ma.array([1.0, 2.0], mask=[False, False]),))
    assert type(found) is np.ndarray
    assert found.tolist() == [1, 2]


@for_each("size", [1, ADDED_ONE_BY_ONE, ADDED_ONE_BY_ONE + 1, ALONE, ALONE + 1, 2 * ALONE + 3])
def test_whether_all_are_finite_depends_on_no_size(size: int) -> None:
    large = np.full(size, 1e300)  # the sum, or the squares, are out of range
    assert all_finite(large)
    for place in (0, size // 2, size - 1):
        for number in (np.nan, -np.inf):
            array = np.zeros(size)
            array[place] = number
            assert not all_finite(array)
