"""Which kinks lie within a step: where a gate or a winner differs between its two ends."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Index, nonzero_at
from engine.kinks import EVERYBODY
from engine.layers import Layer
from engine.trace import Trace, pieces, trace


@dataclass(frozen=True)
class Crossing:
    """A kink between two points at which a layer was looked at."""

    step: int  # the position of the layer that has the kink
    entries: tuple[tuple[int, Index], ...]
    """(argument, index) of those inputs of the step that take part in its output at one of the two
    points, in order: the one that a ReLU passes at one of them alone, those of a pool's window that
    win at one or the other."""
    output: Index  # the entry of the layer's output


def crossed(
    layer: Layer,
    params: Sequence[ArrayLike],
    argument: int,
    index: Index,
    eps: float,
    dout: ArrayLike = 1.0,
) -> list[Crossing]:
    """Return the kinks strictly between an entry − eps and the entry + eps, in step order.

    All else is fixed. Kinks at which nothing of dout arrives, on either side, are left out: they
    change nothing. argument and index: which entry of which param. Raises EngineError for bad
    input.
    """
    ends = []
    for shift in (-eps, eps):
        moved = [np.array(param, dtype=np.float64) for param in params]
        moved[argument][index] += shift
        # Under this rule a gradient arrives wherever some rule lets one arrive.
        ends.append(trace(layer, *moved, dout=dout, kinks=EVERYBODY))
    left, right = ends
    return [
        crossing
        for position in range(len(left.steps))
        for crossing in _between(position, left, right)
    ]


def nearest(
    layer: Layer,
    params: Sequence[ArrayLike],
    argument: int,
    index: Index,
    steps: Sequence[float],
    dout: ArrayLike = 1.0,
) -> float | None:
    """Return the smallest of the steps, given in rising order, within which a kink lies, or None.

    A kink is taken to lie within every larger step too.
    """

    def holds_one(step: float) -> bool:
        return bool(crossed(layer, params, argument, index, step, dout))

    if not holds_one(steps[-1]):
        return None
    return steps[bisect_left(steps, True, 0, len(steps) - 1, key=holds_one)]


def _between(position: int, left: Trace, right: Trace) -> Iterator[Crossing]:
    below, above = left.steps[position], right.steps[position]
    if not below.layer.kink_choices:
        return
    for output in nonzero_at((below.dout != 0) | (above.dout != 0)):
        before, after = (pieces(each, position, output) for each in (left, right))
        if below.layer.straight:
            # If one of the two points is at the kink, both maps are there: it is not crossed.
            passed = not any(each in after.maps for each in before.maps)
        else:  # a curve's slopes differ everywhere
            ends = tuple(map(np.stack, zip(below.inputs, above.inputs, strict=True)))
            alone = np.zeros(below.output.shape, np.bool_)
            alone[output] = True
            bends = below.layer.bends(ends, alone, below.run.cache)
            passed = any(stretches.size for stretches, _ in bends)
        if passed:
            yield Crossing(position, tuple(sorted(before.entries | after.entries)), output)
