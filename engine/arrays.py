"""Arrays: checked copies of a caller's input, and helpers for indices, finiteness and memory."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from math import isfinite
from typing import Any, Final, Generic, TypeAlias, TypeVar

import numpy as np
from numpy import ma  # imported early: this fails once some code has set np.bool = bool
from numpy.typing import ArrayLike, DTypeLike, NDArray

from engine.errors import NumberError, ShapeError

Array: TypeAlias = NDArray[np.floating[Any]]
Mask: TypeAlias = NDArray[np.bool_]
Index: TypeAlias = tuple[int, ...]
Extent: TypeAlias = tuple[int, ...]

_FLOAT64: Final[np.dtype[Any]] = np.dtype(np.float64)

ADDED_ONE_BY_ONE: Final = 2**5
"""Python sums up to this many numbers faster than numpy: 5 of them in 0.24 instead of 0.55 µs."""
SMALL: Final = 2**14
"""Arrays of up to this many entries may be compared by eye, so equal sums must round alike."""
ALONE: Final = 2**13
"""BLAS splits longer dot products among threads, which wait for each other on a busy machine."""


Found = TypeVar("Found")


class once(Generic[Found]):  # noqa: N801 - a decorator
    """A property that is computed on first access and then kept, like functools.cached_property.

    It has no lock; that of cached_property costs 0.4 µs a property before Python 3.12, and a trace
    reads twelve such properties.
    """

    def __init__(self, compute: Callable[[Any], Found]) -> None:
        self.compute, self.__doc__ = compute, compute.__doc__

    def __get__(self, owner: Any, kind: type | None = None) -> Found:
        """Compute the value and store it in the owner's `__dict__`, where Python finds it later."""
        found = owner.__dict__[self.compute.__name__] = self.compute(owner)
        return found


def indices(shape: Index) -> Iterator[Index]:
    """Return every index into an array of this shape, the last axis varying fastest.

    Like np.ndindex, which takes ten times as long for a handful of entries.
    """
    return product(*map(range, shape))


def place_in(shape: Extent, index: Index) -> int:
    """Return an entry's position in the flattened array. Raises ValueError for one outside it."""
    # numpy takes no empty index into a single number.
    return int(np.ravel_multi_index(index, shape)) if shape or index else 0


def nonzero_at(array: NDArray[Any]) -> list[Index]:
    """Return the index of every entry that is not 0, in order.

    Like np.argwhere, which takes four times as long for a handful of entries.
    """
    if not array.ndim:
        return [()] if array else []
    return [*zip(*(axis.tolist() for axis in array.nonzero()), strict=True)]


def real_arrays(owner: str, names: Sequence[str], values: Sequence[ArrayLike]) -> tuple[Array, ...]:
    """Return the values as new arrays of one floating dtype: (…) -> (…), each shape kept.

    float32 stays float32. Integers and plain Python numbers take the dtype of the floating arrays
    among the values, or float64 if there are none. Raises NumberError for anything that is not a
    finite real number, ShapeError for an empty or ragged array; both name the owner and argument.
    """
    arrays, doubles = [], True
    for name, value in zip(names, values, strict=True):
        arrays.append(array := _new_array(owner, name, value))
        doubles = doubles and array.dtype == _FLOAT64
    dtype = _FLOAT64 if doubles else _common_dtype(arrays, values)
    return tuple(map(partial(_finite, owner, dtype), names, arrays))


def upstream_array(owner: str, dout: ArrayLike, output: Array, *, spread: bool = False) -> Array:
    """Return the upstream gradient as a new array in the shape and the dtype of the output.

    With `spread`, a single number stands for that number at every output: with 1, the pass
    computes the gradient of the outputs' sum. Without it nothing is broadcast. Raises the errors
    of `real_arrays`, and ShapeError if the shapes differ.
    """
    array = _new_array(owner, "dout", dout)
    if array.shape != output.shape:
        if not (spread and array.ndim == 0):
            raise ShapeError(
                f"{owner}: dout needs the shape of the output, {output.shape}; got {array.shape}"
            )
        array = np.full(output.shape, array)
    return _finite(owner, output.dtype, "dout", array)


def check_finite(owner: str, what: str, array: Array) -> None:
    """Raise NumberError if a result has left the range of its dtype."""
    if not all_finite(array):
        raise NumberError(
            f"{owner}: {what} needs to stay within the range of {array.dtype}; "
            f"got {_first_infinite(array)}"
        )


def all_finite(array: NDArray[Any]) -> bool:
    """Return whether every entry is finite: none is NaN or inf."""
    # A sum, or a sum of squares, is finite only if every entry is, and takes a third of the time of
    # checking each. If it is not finite, the entries may merely be large, so each is checked.
    if array.size <= ADDED_ONE_BY_ONE:
        total = sum(array.ravel().tolist())
    else:
        flat = array.ravel(order="K")  # in memory order: a transposed array is not copied
        total = np.vdot(flat, flat) if flat.size <= ALONE else _squares(flat)
    return isfinite(total) or bool(np.isfinite(array).all())


def in_order(array: Array) -> Array:
    """Return the array in C order; a large one is returned as it is.

    The memory layout decides in which order numpy adds numbers up, and so how it rounds.
    """
    return array if array.size > SMALL else np.asarray(array, order="C")


def frozen(array: Array) -> Array:
    """Return the array if it is read-only, otherwise a read-only view; writes raise ValueError."""
    if not array.flags.writeable:  # needless views take 1/30 of the time of a slider's traces
        return array
    view = array.view()
    view.setflags(write=False)
    return view


def _new_array(owner: str, name: str, value: ArrayLike) -> NDArray[Any]:
    try:
        # A copy: later changes to the caller's array must not reach a backward pass or a trace.
        array = np.array(value)
    except Exception as error:
        if "inhomogeneous" not in str(error):  # such as any error of the value's own __array__
            raise NumberError(
                f"{owner}: {name} needs what numpy makes an array of; got {type(value).__name__}: "
                f"{error}"
            ) from error
        raise ShapeError(f"{owner}: {name} needs rows of one length; got a ragged list") from error
    if ma.is_masked(value):
        raise NumberError(f"{owner}: {name} needs a number for every entry; got masked ones")
    if array.dtype.kind not in "fiu":
        said = str(array.dtype)
        if array.dtype == object:
            said += ", as of None, or of a whole number beyond 64 bits: write that as a float"
        raise NumberError(f"{owner}: {name} needs real numbers; got dtype {said}")
    if array.size == 0:
        raise ShapeError(
            f"{owner}: {name} needs at least one entry; got an empty array of shape {array.shape}"
        )
    return array


def _common_dtype(arrays: Sequence[NDArray[Any]], values: Sequence[ArrayLike]) -> np.dtype[Any]:
    floating = [
        array.dtype
        for array, value in zip(arrays, values, strict=True)
        # A Python float becomes a float64 array as well, but does not ask for that dtype.
        if array.dtype.kind == "f" and (array.dtype != _FLOAT64 or hasattr(value, "dtype"))
    ]
    return np.result_type(*floating) if floating else _FLOAT64


def _finite(owner: str, dtype: DTypeLike, name: str, array: NDArray[Any]) -> Array:
    result: Array = array
    if array.dtype != dtype:
        with np.errstate(all="ignore"):
            result = array.astype(dtype)
    if not all_finite(result):
        cast = f", from a {array.dtype} too large for {dtype}" if all_finite(array) else ""
        raise NumberError(
            f"{owner}: {name} needs finite numbers; got {_first_infinite(result)}{cast}"
        )
    return result


@np.errstate(all="ignore")  # np.vdot does not warn either
def _squares(flat: NDArray[Any]) -> float:
    """Return the sum of squares, in blocks that BLAS does not split among threads."""
    whole = flat.size // ALONE * ALONE
    blocks, rest = flat[:whole].reshape(-1, ALONE), flat[whole:]
    return float(np.vecdot(blocks, blocks).sum() + np.vdot(rest, rest))


def _first_infinite(array: Array) -> str:
    at = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
    return f"{array[at]}" + (f" at index {at}" if at else "")
