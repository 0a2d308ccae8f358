"""What meets at a kink: the linear maps next to a point, and where along a line a step bends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Index

LinearMap: TypeAlias = Mapping[tuple[int, Index], float]
"""∂output/∂entry by (argument, index), where it is not 0."""

Bends: TypeAlias = tuple[NDArray[np.intp], Array]
"""(stretches, shares): the stretch, counted, that each lies on, and the share of it before it."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The linear maps that meet at one output, at a point; away from kinks there is but one.

    Next to the point the output is the largest of them, or, where `largest` is False, the smallest.
    """

    maps: tuple[LinearMap, ...]
    largest: bool = True

    @classmethod
    def of(cls, slopes: tuple[Array, ...]) -> "Pieces":
        """One map: the slopes ∂output/∂input, one array for each input."""
        found = {
            (argument, tuple(map(int, index))): float(each[tuple(index)])
            for argument, each in enumerate(slopes)
            for index in np.argwhere(each)
        }
        return cls((found,))

    @property
    def entries(self) -> set[tuple[int, Index]]:
        """All entries that have a part in any of them."""
        return {entry for each in self.maps for entry in each}


def through_zero(values: Array) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """Where columns pass 0 between two rows, (M, N): the rows before, the columns, the shares."""
    row, column = np.nonzero(values[:-1] * values[1:] < 0)
    before, after = values[row, column], values[row + 1, column]
    return row, column, before / (before - after)
