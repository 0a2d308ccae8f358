"""From what a caller hands over to arrays that the layers can compute with."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from math import isfinite
from typing import Any, Final, Generic, TypeAlias, TypeVar

import numpy as np
from numpy import ma  # at once: it could not be imported once somebody has set np.bool = bool
from numpy.typing import ArrayLike, DTypeLike, NDArray

from engine.errors import NumberError, ShapeError

Array: TypeAlias = NDArray[np.floating[Any]]
Mask: TypeAlias = NDArray[np.bool_]
Index: TypeAlias = tuple[int, ...]
Extent: TypeAlias = tuple[int, ...]

_FLOAT64: Final[np.dtype[Any]] = np.dtype(np.float64)

ADDED_ONE_BY_ONE: Final = 2**5
"""So many numbers Python adds up in less time than numpy needs for any: 5 in 0.24 of 0.55 µs."""
SMALL: Final = 2**14
"""So many entries an array may have that somebody looks at beside others like it."""
ALONE: Final = 2**13
"""Longer products BLAS shares among threads, which wait for each other on a busy machine."""


Found = TypeVar("Found")


class once(Generic[Found]):  # noqa: N801 - a decorator
    """A property that is computed once, as functools.cached_property.

    Without the lock that this has before Python 3.12: a trace asks for twelve, at 0.4 µs each.
    """

    def __init__(self, compute: Callable[[Any], Found]) -> None:
        self.compute, self.__doc__ = compute, compute.__doc__

    def __get__(self, owner: Any, kind: type | None = None) -> Found:
        """Computes it; from then on the owner's own entry is found first."""
        found = owner.__dict__[self.compute.__name__] = self.compute(owner)
        return found


def indices(shape: Index) -> Iterator[Index]:
    """Every index into an array of this shape, the last axis fastest.

    As np.ndindex, which takes ten times as long for a handful of entries.
    """
    return product(*map(range, shape))


def place_in(shape: Extent, index: Index) -> int:
    """Where an entry is in the flattened array. ValueError for an index outside it."""
    return int(np.ravel_multi_index(index, shape)) if shape else 0


def nonzero_at(array: NDArray[Any]) -> list[Index]:
    """The index of every entry that is not 0, in order.

    As np.argwhere, which takes four times as long for a handful of entries.
    """
    if not array.ndim:
        return [()] if array else []
    return [*zip(*(axis.tolist() for axis in array.nonzero()), strict=True)]


def real_arrays(owner: str, names: Sequence[str], values: Sequence[ArrayLike]) -> tuple[Array, ...]:
    """The values as new arrays of one floating dtype: (…) -> (…), each shape kept.

    float32 stays float32. Integers and plain Python numbers take the dtype of the floating arrays
    beside them, float64 where there are none. Raises NumberError for anything that is not a finite
    real number, ShapeError for an empty or ragged array; both name the owner and the argument.
    """
    arrays, doubles = [], True
    for name, value in zip(names, values, strict=True):
        arrays.append(array := _new_array(owner, name, value))
        doubles = doubles and array.dtype == _FLOAT64
    dtype = _FLOAT64 if doubles else _common_dtype(arrays, values)
    return tuple(map(partial(_finite, owner, dtype), names, arrays))


def upstream_array(owner: str, dout: ArrayLike, output: Array, *, spread: bool = False) -> Array:
    """The upstream gradient as a new array in the shape and the dtype of the output.

    With `spread`, a single number stands for that number at every output: the gradient of the
    sum. Without it nothing is broadcast. Raises as `real_arrays` does, ShapeError too where the
    shapes differ.
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
    """Raises NumberError where a result has left the range of its dtype."""
    if not all_finite(array):
        raise NumberError(
            f"{owner}: {what} needs to stay within the range of {array.dtype}; "
            f"got {_first_infinite(array)}"
        )


def all_finite(array: NDArray[Any]) -> bool:
    """Whether no entry is NaN or inf."""
    # A sum, or a sum of squares, is finite only if every entry is, and costs a third of looking at
    # each; where it is not, an honest entry may merely be large.
    if array.size <= ADDED_ONE_BY_ONE:
        total = sum(array.ravel().tolist())
    else:
        flat = array.ravel(order="K")  # as it lies in memory: no copy of a transposed array
        total = np.vdot(flat, flat) if flat.size <= ALONE else _squares(flat)
    return isfinite(total) or bool(np.isfinite(array).all())


def in_order(array: Array) -> Array:
    """The same numbers, in memory in the order of the axes; of large arrays as they lie.

    By how its numbers lie numpy chooses in which order it adds them up, and so how it rounds.
    """
    return array if array.size > SMALL else np.asarray(array, order="C")


def frozen(array: Array) -> Array:
    """A read-only view: writing through it raises numpy's own ValueError."""
    if not array.flags.writeable:  # a view of each costs a sweep a thirtieth of its time
        return array
    view = array.view()
    view.setflags(write=False)
    return view


def _new_array(owner: str, name: str, value: ArrayLike) -> NDArray[Any]:
    try:
        # A copy: what the caller does to theirs later must not reach a backward pass or a trace.
        array = np.array(value)
    except Exception as error:
        if "inhomogeneous" not in str(error):  # whatever their own __array__ raises
            raise NumberError(
                f"{owner}: {name} needs what numpy makes an array of; got {type(value).__name__}: "
                f"{error}"
            ) from error
        raise ShapeError(f"{owner}: {name} needs rows of one length; got a ragged list") from error
    if ma.is_masked(value):
        raise NumberError(f"{owner}: {name} needs a number for every entry; got masked ones")
    if array.dtype.kind not in "fiu":
        of = ", as of None, or of a whole number beyond 64 bits: write that as a float"
        said = f"{array.dtype}{of * (array.dtype == object)}"
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
        # A Python float becomes a float64 too, but asks for nothing.
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


@np.errstate(all="ignore")  # as np.vdot has it
def _squares(flat: NDArray[Any]) -> float:
    """The sum of squares, in blocks, none of which BLAS shares among threads."""
    whole = flat.size // ALONE * ALONE
    blocks, rest = flat[:whole].reshape(-1, ALONE), flat[whole:]
    return float(np.vecdot(blocks, blocks).sum() + np.vdot(rest, rest))


def _first_infinite(array: Array) -> str:
    at = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
    return f"{array[at]}" + (f" at index {at}" if at else "")
