"""A slice: the output as a function of one entry alone, and exactly where it bends.

With all else fixed, Σ dout · output is in most passes piecewise linear in any one entry of x or of
a parameter: a convolution is linear in it, a ReLU bends where its input passes 0, a pool where its
winner changes. The bends of a step are found from its inputs at the ends of the stretches over
which these are straight; no grid is needed, and no bend is missed between its points. If a step is
curved, or two of its inputs move together, the stretches are short, and each bend is located in
several rounds.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.arrays import Array, Index
from engine.errors import LimitError
from engine.layers.base import Bends
from engine.trace import Trace, reading_masks

BENDS_MOST: Final = 2048  # the most bends of the steps along a slice
BENDS_NEAR: Final = 2.0**-30  # relative to the slice's length: bends closer than this count as one
BENT: Final = 1e-6
"""Relative to the largest slope, or to 1 if that is more: two slopes further apart have a kink
between them."""
STRETCHES: Final = 256  # the number of stretches, at least, in which a curved slice is looked at
OFF: Final = 0.3819660112501051
"""The part of a stretch by which its ends are moved: 2 less the golden ratio."""
ROUNDS: Final = 8  # the most rounds in which the bends of a curved slice are located
SLOPES_BESIDE: Final = 2.0**-13
"""Relative to the slice's length: how far to both sides of a bend a curve's slopes are taken."""


@dataclass(frozen=True, eq=False)
class Slice:
    """Σ dout · output over one entry, from `at[0]` to `at[-1]`: straight between neighbours."""

    at: Array  # (K,)
    values: Array  # (K,)
    kinks: Array  # (k,): the places between the ends at which the slope jumps
    curved: bool = False  # whether it is only nearly straight between neighbours

    def nearest_kink(self, place: float, low: float, high: float) -> float | None:
        """Return the kink from low to high that is nearest to a place, but not at that place.

        None if there is none.
        """
        near = BENDS_NEAR * (self.at[-1] - self.at[0])
        apart = np.abs(self.kinks - place)
        within = (low - near <= self.kinks) & (self.kinks <= high + near)
        there = within & (apart > near)
        return float(self.kinks[there][apart[there].argmin()]) if there.any() else None


@np.errstate(all="ignore")  # a result out of range is an error here, not a warning
def slice_along(trace: Trace, argument: int, index: Index, low: float, high: float) -> Slice:
    """Return the slice of a trace over one entry, from low to high, whatever its value there.

    argument: 0 for x, then the parameters, as in `trace.grads`; index: a tuple, into it. Raises
    LimitError if the steps bend too often to be followed, NumberError if an output leaves the range
    of its dtype.
    """
    line = _Line(trace, argument, index)
    at: Array = np.array([low, high], dtype=np.float64)
    if line.curved:
        # Away from round numbers, where kinks often are: a bend is only seen between places.
        inner = (np.arange(1, STRETCHES) - OFF) / STRETCHES
        at = np.array([low, *(low + (high - low) * inner), high])
    found: list[float] = []
    flowing: dict[int, Array] = {argument: line.moved(at)}
    for position in line.moving:
        if trace.steps[position].layer.kink_choices:
            at, flowing, bends = line.refined(at, flowing, position)
            found += bends
        flowing[trace.outside + position] = line.made(position, flowing)
    values = line.total(flowing)
    if line.curved:
        return Slice(at, values, line.kinks(found, at), curved=True)
    slopes = np.diff(values) / np.diff(at)
    bent = np.abs(np.diff(slopes)) > BENT * max(1.0, float(np.abs(slopes).max()))
    return Slice(at, values, at[1:-1][bent])


class _Line:
    """A pass in which one entry moves, and with it whatever reads it."""

    def __init__(self, trace: Trace, argument: int, index: Index) -> None:
        """Find out what moves; argument and index: as in `slice_along`."""
        self.trace, self.argument, self.index = trace, argument, index
        self.felt = reading_masks(trace, {len(trace.values) - 1: np.asarray(trace.dout != 0)})
        self.moving: dict[int, tuple[int, ...]] = {}
        """For each step with inputs that move, by its position: which of them move."""
        self.curved, numbers = False, {argument}
        for position, step in enumerate(trace.steps):
            if moving := tuple(i for i, number in enumerate(step.reads) if number in numbers):
                self.moving[position] = moving
                numbers.add(trace.outside + position)
                # Straight in each input alone, but a parameter that moves with another is a factor.
                together = len(moving) > 1 and moving[-1] >= step.layer.flowing
                self.curved |= together or not step.layer.straight

    def moved(self, at: Array) -> Array:
        """Return the input with the entry at each of these: (M,) -> (M, *shape)."""
        own = self.trace.values[self.argument].array.astype(np.float64)
        copies: Array = np.repeat(own[None], len(at), axis=0)
        np.moveaxis(copies, 0, -1)[self.index] = at
        return copies

    def made(self, position: int, flowing: dict[int, Array]) -> Array:
        """Return what a step makes at each place from its inputs, moving or not: (M, *shape)."""
        layer = self.trace.steps[position].layer
        return layer.outputs(self.moving[position], self._inputs(position, flowing))

    def along(self, at: Array, steps: int) -> dict[int, Array]:
        """Return all values that move, at these places, up to a step."""
        flowing = {self.argument: self.moved(at)}
        for position in self.moving:
            if position < steps:
                flowing[self.trace.outside + position] = self.made(position, flowing)
        return flowing

    def refined(
        self, at: Array, flowing: dict[int, Array], position: int
    ) -> tuple[Array, dict[int, Array], list[float]]:
        """Add a place wherever a step bends -> (places, what flows there, the bends)."""
        step, found = self.trace.steps[position], []
        felt = self.felt[self.trace.outside + position]
        for _ in range(ROUNDS if self.curved else 1):
            given = zip(self._inputs(position, flowing), step.inputs, strict=True)
            every = tuple(np.broadcast_to(each, (len(at), *still.shape)) for each, still in given)
            bends = step.layer.bends(every, felt, step.run.cache)
            before = len(at)
            at, flowing, new = _refined(at, flowing, bends)
            found += new
            if self.curved:
                flowing = self.along(at, position)
            if len(at) == before:
                break
        return at, flowing, found

    def kinks(self, bends: list[float], at: Array) -> Array:
        """Return a curve's bends at which its slope jumps, in order; of close ones the last."""
        beside = SLOPES_BESIDE * (at[-1] - at[0])
        kept: list[float] = []
        for bend in reversed(bends):  # the later it was found, the more precisely
            if all(abs(bend - other) > 3 * beside for other in kept):
                kept.append(bend)
        around = np.add.outer(np.array(sorted(kept)), beside * np.arange(-2, 3))
        if not around.size:
            return np.empty(0)
        flowing = self.along(around.ravel(), len(self.trace.steps))
        values = self.total(flowing).reshape(around.shape)
        # One-sided slopes of second order: what the curvature adds to them cancels.
        left = (3 * values[:, 2] - 4 * values[:, 1] + values[:, 0]) / (2 * beside)
        right = (-3 * values[:, 2] + 4 * values[:, 3] - values[:, 4]) / (2 * beside)
        steepest = np.maximum(np.abs(left), np.abs(right))
        jumps = np.abs(right - left) > 1e-4 * np.maximum(1.0, steepest)
        found: Array = around[jumps, 2]
        return found

    def total(self, flowing: dict[int, Array]) -> Array:
        """Return Σ dout · output at each place: (M,)."""
        output = flowing[len(self.trace.values) - 1]  # it moves: every value is read
        return np.asarray(output.reshape(len(output), -1) @ self.trace.dout.ravel())

    def _inputs(self, position: int, flowing: dict[int, Array]) -> tuple[Array, ...]:
        step = self.trace.steps[position]
        return tuple(
            flowing.get(number, array)
            for number, array in zip(step.reads, step.inputs, strict=True)
        )


def _refined(
    at: Array, flowing: dict[int, Array], bends: list[Bends]
) -> tuple[Array, dict[int, Array], list[float]]:
    """Add a place for each bend, which is given by its stretch and the share of the stretch."""
    if not bends:
        return at, flowing, []
    stretch, share = (np.concatenate(group) for group in zip(*bends, strict=True))
    found = at[stretch] + (at[stretch + 1] - at[stretch]) * share
    order = np.argsort(found, kind="stable")
    near = BENDS_NEAR * (at[-1] - at[0])
    kept: list[int] = []
    for each in order:
        apart = np.abs(found[each] - at[stretch[each] : stretch[each] + 2]).min()
        if apart > near and (not kept or found[each] - found[kept[-1]] > near):
            kept.append(int(each))
    if len(kept) + len(at) > BENDS_MOST:
        raise LimitError(
            f"check: needs at most {BENDS_MOST} bends along a slice; got {len(kept)} more"
        )
    places = np.concatenate([at, found[kept]])
    in_order = np.argsort(places)

    def between(values: Array) -> Array:
        before, after = values[stretch[kept]], values[stretch[kept] + 1]
        shares = share[kept].reshape(-1, *[1] * (values.ndim - 1))
        return np.concatenate([values, before + (after - before) * shares])[in_order]

    refined = {number: between(values) for number, values in flowing.items()}
    return places[in_order], refined, [float(place) for place in found[kept]]
