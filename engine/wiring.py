"""Which outputs of an operation read which entries of its inputs, and the factors on the way.

The shapes of the inputs and the operation's settings alone decide this, never the values: the
output of an inactive unit is read like any other. So it is worked out once for all passes.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Extent, Index, indices
from engine.layers.base import Factor, Operation

RESULTS_MOST: Final = 256  # wires, or ways, that are remembered
Key = TypeVar("Key")
Result = TypeVar("Result")


class Wires(NamedTuple):
    """Which outputs of an operation read which entries of one of its inputs."""

    ends: Sequence[tuple[Index, Index]]  # (entry, output) of each wire, entry by entry
    entries: NDArray[np.intp]  # the entries of the wires, as positions in the raveled input
    outputs: NDArray[np.intp]  # the outputs of the wires, as positions in the raveled output
    into: Mapping[Index, NDArray[np.intp]]  # for each output, the wires that lead to it
    single: bool  # whether every entry has at most one wire
    factors: tuple[int, NDArray[np.intp]] | None
    """(another input, positions in it) if what multiplies the gradient along each wire is an entry
    of that input; otherwise None."""


class Ways(NamedTuple):
    """The outputs that read an entry, and the factors there."""

    each: Sequence[tuple[Index, Factor]]
    known: bool
    """Whether each factor is an entry of another input, or a number that no value changes."""
    places: NDArray[np.intp]  # the outputs as positions in the raveled output
    factors: tuple[int, NDArray[np.intp]] | None  # as in `Wires`


@dataclass(eq=False)
class Wiring:
    """Which outputs of an operation read which entries of inputs of these shapes.

    cache, of its methods: that of any pass on such inputs. It is not kept, since it may hold large
    arrays.
    """

    layer: Operation
    shapes: tuple[Extent, ...]

    def wires(self, argument: int, cache: Any) -> Wires:
        """Return the wires of an input."""
        return _known(_WIRES, (self, argument), lambda: self._all_wires(argument, cache))

    def ways(self, argument: int, index: Index, cache: Any) -> Ways:
        """Return the outputs that read an entry, and the factors."""
        return _known(
            _WAYS, (self, argument, index), lambda: self._all_ways(argument, index, cache)
        )

    def _all_wires(self, argument: int, cache: Any) -> Wires:
        shape = self.shapes[argument]
        ends, factors = [], []
        for entry in indices(shape):
            for output, factor in self._read(argument, entry, cache):
                ends.append((entry, output))
                factors.append(factor)
        into: defaultdict[Index, list[int]] = defaultdict(list)
        for wire, (_, output) in enumerate(ends):
            into[output].append(wire)
        return Wires(
            ends,
            _places(shape, [entry for entry, _ in ends]),
            _places(self._output, [output for _, output in ends]),
            {output: np.array(wires, np.intp) for output, wires in into.items()},
            single=len({entry for entry, _ in ends}) == len(ends),
            factors=self._entries_of_another(factors),
        )

    def _all_ways(self, argument: int, index: Index, cache: Any) -> Ways:
        each = self._read(argument, index, cache)
        return Ways(
            each,
            all(factor.cofactor or factor.slope is not None for _, factor in each),
            _places(self._output, [output for output, _ in each]),
            self._entries_of_another([factor for _, factor in each]),
        )

    def _read(self, argument: int, entry: Index, cache: Any) -> list[tuple[Index, Factor]]:
        outputs = self.layer.feeds(argument, entry, cache)
        return [(it, self.layer.factor(argument, entry, it, cache)) for it in outputs]

    @property
    def _output(self) -> Extent:
        return self.layer.output_shape(*self.shapes)

    def _entries_of_another(self, factors: Sequence[Factor]) -> tuple[int, NDArray[np.intp]] | None:
        """Return `factors` of `Wires`: None unless all factors are entries of one other input."""
        found = [each.cofactor for each in factors if each.cofactor]
        others = {other for other, _ in found}
        if len(others) != 1 or len(found) < len(factors):
            return None
        (other,) = others
        return other, _places(self.shapes[other], [index for _, index in found])


wiring_of = lru_cache(maxsize=128)(Wiring)  # a picture asks for the same whatever the values are
_WIRES: Final[dict[tuple[Wiring, int], Wires]] = {}
_WAYS: Final[dict[tuple[Wiring, int, Index], Ways]] = {}


def _known(results: dict[Key, Result], key: Key, compute: Callable[[], Result]) -> Result:
    """Return the result for a key, computed if it is not among the latest."""
    found = results.get(key)
    if found is None:
        if len(results) >= RESULTS_MOST:
            results.clear()
        found = results[key] = compute()
    return found


def _places(shape: Extent, entries: Sequence[Index]) -> NDArray[np.intp]:
    """Return the positions of these entries in a raveled array of this shape."""
    if not shape or not entries:
        return np.zeros(len(entries), np.intp)
    places: NDArray[np.intp] = np.ravel_multi_index(tuple(np.transpose(entries)), shape)
    return places
