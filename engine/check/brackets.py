"""Brackets: the two one-sided derivatives of an entry, between which its slope has to lie."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from engine.arrays import Array, Index
from engine.check.differences import curve
from engine.check.slopes import slopes_of
from engine.trace import Trace

Entry: TypeAlias = tuple[int, Index]
"""(argument, index): 0 for x, then the parameters, as in `trace.grads`."""
SAME: Final = 1e-6
"""Below 1 absolutely, above it relatively: slopes that differ by less are the same."""


@dataclass(frozen=True)
class Bracket:
    """The two one-sided derivatives of one entry, all others fixed."""

    left: float
    right: float

    @property
    def kinked(self) -> bool:
        """Whether they differ."""
        return not same(self.left, self.right)

    @property
    def central(self) -> float:
        """What a central difference says, however small its step."""
        return (self.left + self.right) / 2

    def holds(self, slope: float) -> bool:
        """Whether a slope lies between them."""
        low, high = sorted((self.left, self.right))
        return low < slope < high or same(slope, low) or same(slope, high)


def brackets_of(trace: Trace, entries: Sequence[Entry]) -> dict[Entry, Bracket]:
    """The brackets of these entries of Σ dout · output, at the point of a trace.

    By differences, as `one_sided` has them. Raises EngineError where one leaves the range of
    numbers, IndexError for an entry that is not there.
    """
    params = trace.params
    looked_at = curve(trace.layer.forward, params, trace.dout)
    starts = looked_at.starts.tolist()
    places = {
        (argument, index): starts[argument] + flat(params[argument], index)
        for argument, index in entries
    }
    in_order = np.array(sorted(set(places.values())), dtype=np.intp)
    left, right, _ = slopes_of(looked_at, 2.0**looked_at.precision.widest).sides(in_order, SAME)
    found = {
        place: Bracket(*map(float, sides))
        for place, *sides in zip(in_order.tolist(), left, right, strict=True)
    }
    return {entry: found[place] for entry, place in places.items()}


def entries_of(trace: Trace) -> Iterator[Entry]:
    """Every entry of x and of the parameters."""
    for argument, array in enumerate(trace.params):
        for index in np.ndindex(*array.shape):
            yield argument, index


def flat(array: Array, index: Index) -> int:
    """Where an entry is in the flattened array."""
    return int(np.arange(array.size).reshape(array.shape)[index])


def same(one: float, other: float) -> bool:
    """Whether two slopes differ by no more than rounding."""
    return abs(one - other) <= SAME * max(1.0, abs(one), abs(other))
