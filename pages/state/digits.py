"""Handwritten digits (MNIST test images) as pixels: rounded, and painted over by the user.

A pixel goes from 0, paper, to 1, ink, in quarters. So sums of products with a filter's numbers are
exact, and two windows that look alike tie.
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

IMAGES: Final = 10_000  # how many test images there are
LEVELS: Final = 4  # the number of steps from paper to ink
SIGNS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""The digits of base 64, all of which an address may hold unescaped."""
WIDTH: Final = 3  # how many base-64 digits one painted pixel takes


@lru_cache(maxsize=256)
def digit(number: int) -> Pixels:
    """Return a test image by its number: (28, 28), read-only."""
    pixels: Pixels = np.round(load().images[number] * (LEVELS / 255)) / LEVELS
    pixels.setflags(write=False)
    return pixels


def spoken_label(number: int) -> str:
    """Return what a test image shows: "a 7", "an 8"."""
    return spoken(int(load().labels[number]))


def spoken(shown: int) -> str:
    """Return a digit with its article."""
    return say(f"image.digit.{shown}")


def next_of(wanted: int, after: int, among: Sequence[int] = range(IMAGES)) -> int:
    """Return the number of the next test image that shows a digit, starting over at the end.

    wanted: the digit. after: the present image. among: the images to choose from, in order, at
    least one of which shows the digit; if the present one is not among them, from the first on.
    """
    labels = load().labels
    start = among.index(after) + 1 if after in among else 0
    return next(each for each in chain(among[start:], among[:start]) if labels[each] == wanted)


@dataclass(frozen=True, order=True)
class Dot:
    """A painted pixel."""

    of: int  # the digit of the minibatch
    row: int  # from 0
    column: int  # from 0
    ink: bool


@dataclass(frozen=True)
class Dots:
    """Reads and writes painted pixels, three base-64 digits each."""

    of: int  # the number of digits in the minibatch
    most: int  # the most pixels that may be painted

    @property
    def needs(self) -> str:
        """For messages."""
        return f"at most {self.most} painted pixels, {WIDTH} signs each"

    def read(self, text: str) -> tuple[Dot, ...]:
        """Return the dots in order, each pixel once."""
        if len(text) % WIDTH or len(text) > WIDTH * self.most:
            raise ValueError(text)
        parts = (text[i : i + WIDTH] for i in range(0, len(text), WIDTH))
        dots = sorted(map(self._dot, parts))
        if len({(dot.of, dot.row, dot.column) for dot in dots}) < len(dots):
            raise ValueError(text)
        return tuple(dots)

    def write(self, value: tuple[Dot, ...]) -> str:
        """Return each dot as a number in base 64."""
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
    code = 2 * (SIDE * (SIDE * dot.of + dot.row) + dot.column) + int(dot.ink)
    signs = ""
    for _ in range(WIDTH):
        code, sign = divmod(code, len(SIGNS))
        signs = SIGNS[sign] + signs
    return signs


def painted(pixels: Pixels, dots: tuple[Dot, ...], of: int) -> Pixels:
    """Return a digit with what was painted over it. of: which digit of the minibatch it is."""
    result = pixels.copy()
    for dot in dots:
        if dot.of == of:
            result[dot.row, dot.column] = dot.ink
    return result


def toggled(dots: tuple[Dot, ...], of: int, at: tuple[int, int], pixels: Pixels) -> tuple[Dot, ...]:
    """Return the dots after a click on a pixel, which turns ink into paper and paper into ink.

    pixels: the original digit; a pixel that is back at its original value is no longer painted.
    """
    ink = bool(painted(pixels, dots, of)[at] < 0.5)
    others = [dot for dot in dots if (dot.of, dot.row, dot.column) != (of, *at)]
    if pixels[at] != ink:
        others.append(Dot(of, *at, ink=ink))
    return tuple(sorted(others))
