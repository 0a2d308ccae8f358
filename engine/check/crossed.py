"""Which kinks lie within a step: where a gate or a winner is another one on the other side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Index, Mask
from engine.flows import slopes
from engine.kinks import LAB
from engine.layers import Layer, MaxPool, MaxPool2D, ReLU
from engine.trace import Step, Trace, trace


@dataclass(frozen=True)
class Crossing:
    """A kink between two points at which a block was looked at.

    step: the position of the layer whose kink it is. entries: of its input, the one whose gate
    is open at one of the two points alone; of a pool those that win the window at one of the two
    alone, in index order. output: the entry or window of its output.
    """

    step: int
    entries: tuple[Index, ...]
    output: Index


def crossed(
    layer: Layer,
    params: Sequence[ArrayLike],
    argument: int,
    index: Index,
    eps: float,
    dout: ArrayLike = 1.0,
) -> list[Crossing]:
    """The kinks strictly between an entry − eps and the entry + eps, all else fixed, in step order.

    Only those on which something of dout arrives, on either side: others change nothing. argument
    and index: which entry of which param. Raises EngineError for bad input.
    """
    left, right = (
        _at(layer, params, argument, index, shift, dout) for shift in (-abs(eps), abs(eps))
    )
    return [
        crossing
        for position, (below, above) in enumerate(zip(left.steps, right.steps, strict=True))
        for crossing in _between(position, below, above, left, right)
    ]


def nearest(
    layer: Layer,
    params: Sequence[ArrayLike],
    argument: int,
    index: Index,
    steps: Sequence[float],
    dout: ArrayLike = 1.0,
) -> float | None:
    """The smallest of the steps, given in rising order, within which a kink lies; None for none.

    Taken to lie within every larger step too.
    """
    if not crossed(layer, params, argument, index, steps[-1], dout):
        return None
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        if crossed(layer, params, argument, index, steps[middle], dout):
            high = middle
        else:
            low = middle + 1
    return steps[low]


def _at(
    layer: Layer,
    params: Sequence[ArrayLike],
    argument: int,
    index: Index,
    shift: float,
    dout: ArrayLike,
) -> Trace:
    moved = [np.array(param, dtype=np.float64) for param in params]
    moved[argument][index] += shift
    # Under this rule a gradient arrives wherever some rule lets one arrive.
    return trace(layer, *moved, dout=dout, kinks=LAB)


def _between(
    position: int, below: Step, above: Step, left: Trace, right: Trace
) -> Iterator[Crossing]:
    felt = (below.dout != 0) | (above.dout != 0)
    if isinstance(below.layer, ReLU):
        turned = felt & (np.sign(below.inputs[0]) * np.sign(above.inputs[0]) < 0)
        for at in _indices(turned):
            yield Crossing(position, (at,), at)
    elif isinstance(below.layer, MaxPool | MaxPool2D):
        for window in _indices(felt):
            before, after = (slopes(each, position, window)[0] != 0 for each in (left, right))
            # A tie at one of the two points is not yet behind it.
            if not (before & after).any():
                yield Crossing(position, tuple(_indices(before | after)), window)


def _indices(mask: Mask) -> list[Index]:
    return [tuple(map(int, at)) for at in np.argwhere(mask)]
