"""Handwritten digits as pixels of a picture: cut out, rounded, painted over.

A pixel is 0 for the paper to 1 for the ink, rounded to quarters: sums of products with a filter's
numbers are exact then, and two windows that look alike tie.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.mnist import SIDE, load
from pages.language.catalogue import say

Pixels: TypeAlias = NDArray[np.float64]

IMAGES: Final = 10_000
"""How many test images there are."""
LEVELS: Final = 4
"""Steps from paper to ink."""
SIGNS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""What an address may hold without escapes: 64 digits."""
WIDTH: Final = 3
"""Signs for one painted pixel."""


@lru_cache(maxsize=256)
def digit(number: int) -> Pixels:
    """A test image, by its number: (28, 28), read-only."""
    pixels: Pixels = np.round(load().images[number] * (LEVELS / 255)) / LEVELS
    pixels.setflags(write=False)
    return pixels


def called(number: int) -> str:
    """What a test image shows: "a 7", "an 8"."""
    return spoken(int(load().labels[number]))


def spoken(shown: int) -> str:
    """A digit with its article."""
    return say(f"image.digit.{shown}")


def next_of(wanted: int, after: int, among: Sequence[int] = range(IMAGES)) -> int:
    """The number of the first test image behind this one that shows a digit; from the start again.

    wanted: 0 to 9. among: the images that are gone through, in their order, one of which shows it;
    from their start where the present one is none of them.
    """
    labels = load().labels
    start = among.index(after) + 1 if after in among else 0
    return next(each for each in chain(among[start:], among[:start]) if labels[each] == wanted)


@dataclass(frozen=True, order=True)
class Dot:
    """A painted pixel: of which digit of the minibatch, where (from 0), and whether it is ink."""

    of: int
    row: int
    column: int
    ink: bool


@dataclass(frozen=True)
class Dots:
    """Reads and writes painted pixels, three signs each."""

    of: int
    most: int

    @property
    def needs(self) -> str:
        """For messages."""
        return f"at most {self.most} painted pixels, {WIDTH} signs each"

    def read(self, text: str) -> tuple[Dot, ...]:
        """The dots in order, each pixel once."""
        if len(text) % WIDTH or len(text) > WIDTH * self.most:
            raise ValueError(text)
        parts = (text[i : i + WIDTH] for i in range(0, len(text), WIDTH))
        dots = sorted(map(self._dot, parts))
        if len({(dot.of, dot.row, dot.column) for dot in dots}) < len(dots):
            raise ValueError(text)
        return tuple(dots)

    def write(self, value: tuple[Dot, ...]) -> str:
        """Each dot as a number in base 64."""
        return "".join(map(_signs, value))

    def _dot(self, text: str) -> Dot:
        code = 0
        for sign in text:
            code = len(SIGNS) * code + SIGNS.index(sign)  # ValueError for another sign
        place, ink = divmod(code, 2)
        of, place = divmod(place, SIDE * SIDE)
        if of >= self.of:
            raise ValueError(text)
        return Dot(of, *divmod(place, SIDE), ink=bool(ink))


def _signs(dot: Dot) -> str:
    code = 2 * (SIDE * (SIDE * dot.of + dot.row) + dot.column) + dot.ink
    signs = ""
    for _ in range(WIDTH):
        code, sign = divmod(code, len(SIGNS))
        signs = SIGNS[sign] + signs
    return signs


def painted(pixels: Pixels, dots: tuple[Dot, ...], of: int) -> Pixels:
    """The digit with what was painted over it; of: which one of the minibatch it is."""
    result = pixels.copy()
    for dot in dots:
        if dot.of == of:
            result[dot.row, dot.column] = dot.ink
    return result


def toggled(dots: tuple[Dot, ...], of: int, at: tuple[int, int], pixels: Pixels) -> tuple[Dot, ...]:
    """After a click on a pixel: ink becomes paper, and the other way round.

    pixels: the digit as it was; a pixel that is again what it was is no longer painted.
    """
    ink = bool(painted(pixels, dots, of)[at] < 0.5)
    others = [dot for dot in dots if (dot.of, dot.row, dot.column) != (of, *at)]
    if pixels[at] != ink:
        others.append(Dot(of, *at, ink=ink))
    return tuple(sorted(others))
