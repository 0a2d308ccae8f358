"""A drawing over an image, as text short enough for an address.

A pixel is untouched, or has one of five levels of ink from 0, paper, to 1. The text has the box
around all touched pixels (top, left, rows, columns, one base-64 digit each), then the box's pixels
row by row, two per base-64 digit. browser/pad.js writes the same.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.mnist import SIDE
from pages.state.digits import SIGNS

States: TypeAlias = NDArray[np.uint8]  # (28, 28): 0 for untouched, 1 to 5 for the levels of ink

UNTOUCHED: Final = 0
PAPER: Final = 1
INK: Final = 5
_HEAD: Final = 4
_LONGEST: Final = _HEAD + SIDE * SIDE // 2
_EACH: Final = 8


@dataclass(frozen=True)
class Painting:
    """Reads and writes a drawing; a scene keeps it as the text that `written` makes."""

    needs: str = "a drawing as the page writes it, or nothing"

    def read(self, text: str) -> str:
        """Return the drawing in its shortest form."""
        return written(states(text))

    def write(self, value: str) -> str:
        """Return the text itself."""
        return value


def written(pixels: States) -> str:
    """Return the text of a drawing; "" if nothing is touched."""
    if not pixels.any():
        return ""
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    top, left, height, width = rows[0], columns[0], np.ptp(rows) + 1, np.ptp(columns) + 1
    inside = pixels[top : top + height, left : left + width].ravel()
    pairs = np.pad(inside, (0, inside.size % 2)).reshape(-1, 2)
    return "".join(SIGNS[number] for number in (top, left, height, width, *(pairs @ (_EACH, 1))))


@lru_cache(maxsize=256)
def states(text: str) -> States:
    """Return the drawing that a text describes. Raises ValueError if it describes none."""
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    if len(text) > _LONGEST:
        raise ValueError(text[:_LONGEST])
    if text:
        numbers = [SIGNS.index(sign) for sign in text]  # ValueError for any other character
        top, left, height, width = (numbers + [SIDE + 1] * _HEAD)[:_HEAD]
        inside = [state for number in numbers[_HEAD:] for state in divmod(number, _EACH)]
        count = height * width
        if top + height > SIDE or left + width > SIDE or len(inside) != count + count % 2:
            raise ValueError(text)
        if max(inside, default=0) > INK or any(inside[count:]):
            raise ValueError(text)
        box = pixels[top : top + height, left : left + width]
        box[:] = np.reshape(inside[:count], box.shape)
    pixels.setflags(write=False)
    return pixels


def painted(image: Array, text: str) -> Array:
    """Return an image (28, 28) from 0 to 1 with a drawing over it."""
    over = states(text)
    levels = (over.astype(image.dtype) - PAPER) / (INK - PAPER)
    return np.where(over == UNTOUCHED, image, levels).astype(image.dtype)


def cover(top: int, left: int, side: int) -> str:
    """Return the drawing that covers a square of an image with paper."""
    over = np.zeros((SIDE, SIDE), np.uint8)
    over[top : top + side, left : left + side] = PAPER
    return written(over)


def is_cover(text: str) -> bool:
    """Whether a drawing has no ink, so that it only covers."""
    return bool((states(text) <= PAPER).all())


def centred(text: str) -> str:
    """Return the drawing with its centre of ink in the middle, as MNIST's digits are.

    It is moved only so far that nothing crosses the edge.
    """
    over = states(text)
    ink = np.where(over > PAPER, over - PAPER, 0).astype(float)
    if not ink.any():
        return text
    rows, columns = np.nonzero(over)
    shifts = []
    for axis, touched in enumerate((rows, columns)):
        along = ink.sum(axis=1 - axis)
        centre = float(along @ np.arange(SIDE) / along.sum())
        wanted = round((SIDE - 1) / 2 - centre)
        shifts.append(int(np.clip(wanted, -touched.min(), SIDE - 1 - touched.max())))
    return written(np.roll(over, shifts, axis=(0, 1)))
