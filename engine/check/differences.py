"""The output as a function of single entries, all else fixed: its values, and its changes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import Array, Index, Mask, real_arrays, upstream_array
from engine.check.copies import layer_behind, outputs_of_all, width
from engine.check.precision import DOUBLE, SINGLE, Precision, precision_of, rounds_within
from engine.errors import ShapeError
from engine.layers import Layer

Forward = Callable[..., ArrayLike]
Places: TypeAlias = NDArray[np.intp]
"""Entries, counted through all params, one after the other."""

ROOM: Final = 2**18
"""No array of copies has more entries than that (2 MB), unless one copy alone has."""
FEW: Final = 2**12
"""Copies that have so many entries together are not asked for their widths."""


@dataclass(frozen=True, eq=False)
class Curve:
    """The output, weighted with dout and summed, as a function of single entries of the params.

    params are float64: a difference in float32 is mostly rounding. output and dout: at the params
    themselves, in the output's shape. layer: whose forward this is, where its copies can be
    evaluated together; else forward is called for one after the other. precision: in which it
    computes, whatever it is given.
    """

    forward: Forward
    params: tuple[Array, ...]
    dout: Array
    output: Array
    layer: Layer | None
    precision: Precision

    @property
    def value(self) -> float:
        """At the params themselves."""
        return float(np.vdot(self.output, self.dout))

    def along(self, argument: int, index: Index, values: ArrayLike) -> Array:
        """The curve along one entry: its value where that entry is each of these, all else fixed.

        index: a tuple, into that param. -> one number for each of values, in their shape; they
        are evaluated together where forward is a layer's own. Raises EngineError where a value or
        an output is not finite, ValueError for an index outside the param.
        """
        (given,) = real_arrays("check", ["the values along an entry"], [values])
        place, flat = (
            np.array([self.place(argument, index)]),
            given.astype(np.float64).reshape(1, -1),
        )
        found = np.empty(given.size)
        for part in self._parts(given.size):
            found[part] = weighed(self._outputs(place, flat[:, part]), self.dout)
        return found.reshape(given.shape)

    def place(self, argument: int, index: Index) -> int:
        """Where an entry is among all; ValueError for an index outside the param."""
        inside = np.ravel_multi_index(index, self.params[argument].shape) if index else 0
        return int(self.starts[argument] + inside)

    @cached_property
    def starts(self) -> Places:
        """The place of each param's first entry, and how many there are in all."""
        return np.cumsum([0, *(param.size for param in self.params)])

    @cached_property
    def entries(self) -> Array:
        """All entries, of one param after the other."""
        return np.concatenate([param.ravel() for param in self.params])

    def split(self, each: Array) -> list[Array]:
        """Numbers for all entries, (…, entries), as one array a param, (…, *shape)."""
        return [
            each[..., start : start + param.size].reshape((*each.shape[:-1], *param.shape))
            for start, param in zip(self.starts, self.params, strict=False)
        ]

    def changes(self, places: Places, values: Array) -> Iterator[tuple[slice, Array]]:
        """How the outputs change as entries become other values, in parts that fit into memory.

        places: (E,), the entries, in order; values: (E, S), what each becomes, one after the
        other. Yields which n of the places it is about, and the changes, (n, S, outputs).
        """
        for part in self._parts(*values.shape):
            yield part, self._outputs(places[part], values[part]) - self.output.ravel()

    def _outputs(self, places: Places, values: Array) -> Array:
        """The outputs with one entry moved each time: (E,), (E, S) -> (E, S, outputs)."""
        if self.layer is None:
            rows = zip(places, values, strict=True)
            called = [[self._called(place, value) for value in row] for place, row in rows]
            return np.array(called)
        bounds = np.searchsorted(places, self.starts)
        copies = {
            argument: self._copies(argument, places[first:last], values[first:last])
            for argument, (first, last) in enumerate(pairwise(bounds))
            if first < last
        }
        with np.errstate(all="ignore"):  # a result out of range is an error, not a warning
            return outputs_of_all(self.layer, self.params, copies).reshape(*values.shape, -1)

    def _copies(self, argument: int, places: Places, values: Array) -> Array:
        """A param with one entry moved each time: (E,), (E, S) -> (E·S, *shape)."""
        param = self.params[argument]
        copies = np.empty((param.size, *values.shape))  # this way round: the layers' batch is last
        copies[...] = param.reshape(-1, 1, 1)
        copies[places - self.starts[argument], np.arange(len(places))] = values
        return copies.reshape(param.size, -1).T.reshape((-1, *param.shape))

    def _called(self, place: int, value: float) -> Array:
        moved = self.entries.copy()
        moved[place] = value
        output = _evaluated(self.forward, self.split(moved))
        if output.shape != self.output.shape:
            raise ShapeError(
                f"forward: needs an output of one shape whatever the numbers; got {output.shape} "
                f"after {self.output.shape}"
            )
        return output.ravel()

    def _parts(self, count: int, each: int = 1) -> Iterator[slice]:
        """Slices of `count` things, of which each needs `each` copies, that fit into ROOM."""
        # Few small copies fit at any rate, and to ask how wide they are would cost as much.
        few = count * each * (self.output.size + self.starts[-1]) <= FEW
        size = count if few else max(1, ROOM // (each * self._width))
        return (slice(start, start + size) for start in range(0, count, size))

    @cached_property
    def _width(self) -> int:
        """Entries of the largest array in the pass of one copy."""
        passing = 0 if self.layer is None else width(self.layer, self.params)
        return max(passing, self.output.size, *(param.size for param in self.params))


def weighed(outputs: Array | Mask, weights: Array) -> Array:
    """Σ output · weight: (…, outputs), in the output's shape or flat -> (…)."""
    # Not by BLAS: its threads wait for each other where the machine has other things to do.
    return np.asarray(np.einsum("...p,p->...", outputs, weights.ravel()))


def curve(forward: Forward, params: tuple[ArrayLike, ...], dout: ArrayLike | None) -> Curve:
    """The curve of a function at its params.

    dout: in the shape of the output, or one number for every output. None: 1 for a scalar
    output, else random in [0.5, 1.5] from a fixed seed; with mixed signs the right gradient of
    overlapping windows can lie outside the bracket of its one-sided derivatives.
    Raises EngineError for bad input, or an output that is not finite.
    """
    if not params:
        raise ShapeError("check: needs at least one param; got none")
    names = [f"param #{i}" for i in range(len(params))]
    doubles = tuple(array.astype(np.float64) for array in real_arrays("check", names, params))
    layer, output = layer_behind(forward, doubles), _evaluated(forward, doubles)
    precision = precision_of([output])
    if precision is DOUBLE and layer is None:
        precision = SINGLE if rounds_within(forward, doubles) else DOUBLE
        output = _evaluated(forward, doubles)  # once more: forward may remember its params
    output = output.astype(np.float64)
    if dout is None:
        dout = 1.0 if output.ndim == 0 else np.random.default_rng(0).uniform(0.5, 1.5, output.shape)
    weights = upstream_array("check", dout, output, spread=True)
    return Curve(forward, doubles, weights, output, layer, precision)


def _evaluated(forward: Forward, params: Sequence[Array]) -> Array:
    """In the dtype that it has. Of copies: a student's forward may work in place."""
    (output,) = real_arrays("forward", ["the output"], [forward(*(each.copy() for each in params))])
    return output
