"""Many numbers in few characters, for the browser to say them."""

import base64
from dataclasses import dataclass
from math import ceil, log2

import numpy as np

from engine.arrays import Array


@dataclass(frozen=True)
class Packed:
    """An array row by row: whole numbers of `size` bytes in base 64, times scale.

    words: what is said instead of 0, 1, …; () for the numbers themselves.
    """

    size: int
    data: str
    scale: float
    words: tuple[str, ...] = ()


def pack(array: Array, words: tuple[str, ...] = ()) -> Packed:
    """The array with a scale of 2^k: one byte for each number, two or four.

    The fewest that hold every number exactly, as far as four can. A number is never packed as 0
    that is not 0.
    """
    top = float(np.abs(array).max()) or 1.0
    size = next((size for size in (1, 2) if _is_exact(array, _scale(top, size))), 4)
    scale = _scale(top, size)
    whole = np.round(array / scale)
    whole = np.where((whole == 0) & (array != 0), np.sign(array), whole)
    data = base64.b64encode(whole.astype(f"<i{size}").tobytes()).decode()
    return Packed(size, data, scale, words)


def _scale(top: float, size: int) -> float:
    """The least power of 2 of which so many bytes can count to the top."""
    return 2.0 ** ceil(log2(top / (2 ** (8 * size - 1) - 1)))


def _is_exact(array: Array, scale: float) -> bool:
    return np.array_equal(np.round(array / scale) * scale, array)
