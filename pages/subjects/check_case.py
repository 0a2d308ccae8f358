"""One layer or block that can be checked: its params, their names, points to start from."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Final, TypeAlias

import numpy as np

from engine import Layer
from engine.arrays import Array
from pages.figures.info import Naming

Shape: TypeAlias = tuple[int, ...]
Values: TypeAlias = tuple[tuple[float, ...], ...]

SENT: Final = (0.5, 1.25, 1.5, 0.75, 1.0, 0.5)
"""What is sent back to the outputs, in turn, where there are several: no two neighbours alike."""
FREE: Final = (2, 6)
"""Of a layer that takes a vector of any length, the lengths that the page has."""


@dataclass(frozen=True)
class Case:
    """A layer, the shapes of its params, and points at which it is smooth or at a kink.

    shapes: of x, w, b, as many as there are; where free, x is a vector of any length that the
    page has. formula: the function whose gradient is checked. sent: whether dout is SENT, since
    there are several outputs, or 1. smooth, kink: values of each param, flat; kink None where
    the function has no kink. entry: the one that is looked at first.
    """

    title: str
    layer: Callable[[], Layer]
    naming: Naming
    shapes: tuple[Shape, ...]
    formula: str
    smooth: Values
    kink: Values | None
    entry: str
    free: bool = False
    sent: bool = False

    @property
    def letters(self) -> tuple[str, ...]:
        """The params' letters: x, w, b."""
        return self.naming.inputs[0]

    def shapes_of(self, values: Values) -> tuple[Shape, ...]:
        """The params' shapes for so many values."""
        return ((len(values[0]),), *self.shapes[1:]) if self.free else self.shapes

    def params(self, values: Values) -> list[Array]:
        """The params themselves."""
        pairs = zip(values, self.shapes_of(values), strict=True)
        return [np.reshape(np.array(each, dtype=np.float64), shape) for each, shape in pairs]

    def counts(self) -> tuple[range, ...]:
        """How many values each param takes."""
        fixed = [range(prod(shape), prod(shape) + 1) for shape in self.shapes]
        return (range(FREE[0], FREE[1] + 1), *fixed[1:]) if self.free else tuple(fixed)

    def entries(self, values: Values) -> dict[str, tuple[int, Shape]]:
        """Every entry by its plain name, with its param's position and its index."""
        return {
            self.naming.entry(letter, index): (argument, index)
            for argument, (letter, shape) in enumerate(
                zip(self.letters, self.shapes_of(values), strict=True)
            )
            for index in np.ndindex(*shape)
        }

    @property
    def every_entry(self) -> tuple[str, ...]:
        """The names of as many entries as there can be."""
        longest = ((0.0,) * FREE[1], *self.smooth[1:]) if self.free else self.smooth
        return tuple(self.entries(longest))

    def dout(self, values: Values) -> Array:
        """What is sent back, in the shape of the output."""
        if not self.sent:
            return np.array(1.0)
        output, _ = self.layer().apply(*self.params(values))
        return np.resize(SENT, output.shape)
