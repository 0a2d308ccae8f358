"""Which outputs of an operation read which entries of its inputs, and the factors on the way.

The shapes of the inputs and the operation's settings alone decide this, never the values: the
output of an inactive unit is read like any other. So it is worked out once for all passes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Extent, Index, indices
from engine.layers.base import Factor, Operation


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


@dataclass(eq=False)
class Wiring:
    """An operation on inputs of these shapes, which decide which outputs read which entries."""

    layer: Operation
    shapes: tuple[Extent, ...]
    cache: Any = None  # of some pass on such inputs: `feeds` says the same for all of them


_known = lru_cache(maxsize=128)(Wiring)


def wiring_of(layer: Operation, shapes: tuple[Extent, ...], cache: Any) -> Wiring:
    """Return the wiring for inputs of these shapes. cache: that of any pass on such inputs."""
    wiring = _known(layer, shapes)
    if wiring.cache is None:
        wiring.cache = cache
    return wiring


def _read(wiring: Wiring, argument: int, entry: Index) -> list[tuple[Index, Factor]]:
    """Return the outputs that read an entry, each with the factor of its gradient."""
    layer, cache = wiring.layer, wiring.cache
    outputs = layer.feeds(argument, entry, cache)
    return [(output, layer.factor(argument, entry, output, cache)) for output in outputs]


@lru_cache(maxsize=256)  # a picture asks for the same wires whatever the values are
def wires_of(wiring: Wiring, argument: int) -> Wires:
    """Return the wires of an input."""
    shape = wiring.shapes[argument]
    ends, factors = [], []
    for entry in indices(shape):
        for output, factor in _read(wiring, argument, entry):
            ends.append((entry, output))
            factors.append(factor)
    into: defaultdict[Index, list[int]] = defaultdict(list)
    for wire, (_, output) in enumerate(ends):
        into[output].append(wire)
    return Wires(
        ends,
        _places(shape, [entry for entry, _ in ends]),
        _places(wiring.layer.output_shape(*wiring.shapes), [output for _, output in ends]),
        {output: np.array(wires, np.intp) for output, wires in into.items()},
        single=len({entry for entry, _ in ends}) == len(ends),
        factors=_entries_of_another(factors, wiring.shapes),
    )


class Ways(NamedTuple):
    """The outputs that read an entry, and the factors there."""

    each: Sequence[tuple[Index, Factor]]
    known: bool
    """Whether each factor is an entry of another input, or a number that no value changes."""


@lru_cache(maxsize=128)
def ways_of(wiring: Wiring, argument: int, index: Index) -> Ways:
    """Return the outputs that read an entry, and the factors."""
    each = _read(wiring, argument, index)
    return Ways(each, all(factor.cofactor or factor.slope is not None for _, factor in each))


@lru_cache(maxsize=128)
def places_of(
    wiring: Wiring, argument: int, index: Index
) -> tuple[NDArray[np.intp], tuple[int, NDArray[np.intp]] | None]:
    """Return the outputs that read an entry, as raveled positions; the factors as in `Wires`."""
    ways = ways_of(wiring, argument, index).each
    made = wiring.layer.output_shape(*wiring.shapes)
    outputs = _places(made, [output for output, _ in ways])
    return outputs, _entries_of_another([factor for _, factor in ways], wiring.shapes)


def _places(shape: Extent, entries: Iterable[Index]) -> NDArray[np.intp]:
    """Return the positions of these entries in a raveled array of this shape."""
    place = dict(zip(indices(shape), range(prod(shape)), strict=True))
    return np.array([place[entry] for entry in entries], np.intp)


def _entries_of_another(
    factors: Sequence[Factor], shapes: Sequence[Extent]
) -> tuple[int, NDArray[np.intp]] | None:
    """Return `factors` of `Wires`: None unless all factors are entries of one other input."""
    found = [each.cofactor for each in factors if each.cofactor]
    others = {other for other, _ in found}
    if len(others) != 1 or len(found) < len(factors):
        return None
    (other,) = others
    return other, _places(shapes[other], [index for _, index in found])
