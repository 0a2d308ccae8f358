"""Traces of many passes at once, such as those for all the values that a slider can take.

Each trace equals what `trace` makes of its pass alone, number by number and reason by reason. For a
handful of entries nearly all the cost of a pass is the overhead of numpy calls, which is the same
for thirty passes. So all passes go through each operation side by side (`Operation.beside`).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import SMALL, Array, all_finite, once, upstream_array
from engine.errors import ShapeError
from engine.kinks import LAB, Kinks
from engine.layers.base import Grads, Layer
from engine.layers.graph import ForwardStep, pull, widest
from engine.trace import Step, Trace, step_names, trace

ROOM: Final = SMALL
"""The most entries of an array over all passes: with more, nothing is gained, and the passes would
not be rounded as they are alone."""


def traces(
    layer: Layer, *inputs: ArrayLike, dout: ArrayLike, kinks: Kinks = LAB
) -> Iterator[Trace]:
    """Trace M passes through a layer: x and each parameter (M, *shape), dout (M, *output shape).

    An array that is the same for all passes may be (1, *shape). -> what `trace` makes of each.
    Raises EngineError (a ValueError) as `trace` does, and if the numbers of passes differ.
    """
    arrays = (*layer.admit(inputs), np.asarray(dout))
    counts = {each.shape[:1] for each in arrays}
    if () in counts or len(counts - {(1,)}) > 1:
        got = ", ".join(str(each.shape) for each in arrays)
        raise ShapeError(f"{layer.title}: needs as many of each input and of dout; got {got}")
    (count,) = max(counts)
    every = [np.broadcast_to(each, (count, *each.shape[1:])) for each in arrays]
    some = max(1, ROOM // widest(layer, *(each.shape[1:] for each in every[:-1])))
    for first in range(0, count, some):
        # Each pass contiguous in memory: in another layout numpy may add up in another order.
        *given, sent = (np.ascontiguousarray(each[first : first + some]) for each in every)
        together = _together(layer, given, sent, kinks) if len(sent) > 1 else []
        # If a number is out of range, the passes run alone, and the first bad one raises its error.
        yield from together or (
            trace(layer, *own, dout=back, kinks=kinks)
            for *own, back in zip(*given, sent, strict=True)
        )


@np.errstate(all="ignore")
def _together(layer: Layer, inputs: Sequence[Array], dout: Array, kinks: Kinks) -> list[Trace]:
    """Trace these passes side by side; return [] if a number leaves the range of its dtype."""
    nodes, values = layer.plan(len(inputs)), [*inputs]
    passes: list[_Passes] = []
    for operation, reads, _ in nodes:
        given = tuple([values[number] for number in reads])
        beside = operation.passes(len(dout), *(each.shape[1:] for each in given))
        output, kept = beside.apply(*given)
        passes.append(_Passes(operation, given, output, (beside, kept), reads))
        values.append(output)
    arriving = upstream_array(layer.title, dout, values[-1])
    pulled, grads = pull(passes, len(inputs), arriving, kinks)
    backward = [*grads, *(each for each, _ in pulled)]
    told = [_of_one(own) for _, own in pulled]
    made = (*values, *backward)  # a sum is finite only if each reader's part is
    if not all(map(all_finite, made)):
        return []
    for each in made:
        each.setflags(write=False)
    names, outside = step_names(nodes), len(inputs)

    def one(m: int) -> Trace:
        own, back = [each[m] for each in values], [each[m] for each in backward]
        steps = []
        for position, (operation, reads, _) in enumerate(nodes):
            given = tuple([own[number] for number in reads])
            run = _Run(operation, given, own[outside + position], None, reads)
            steps.append(Step(names[position], run, back[outside + position], told[position](m)))
        return Trace(layer, tuple(steps), tuple(back[:outside]), back[-1], kinks)

    return [one(m) for m in range(len(dout))]


class _Passes(ForwardStep):
    """One step of all passes: (M, *shape) for each input and for the output.

    cache: (the `Beside` that computes the passes side by side, what its pullback needs).
    """

    def back(self, dout: Array, kinks: Kinks) -> Grads:
        """Return the gradients of each input."""
        beside, kept = self.cache
        grads: Grads = beside.vjp(dout, kept, kinks)
        return grads


def _of_one(grads: Grads) -> Callable[[int], Grads]:
    """Return a function from a pass's number to a step's Grads in it, given those in all passes."""
    why, kinked = cache(grads.why), cache(grads.kinked)
    return lambda m: Grads(
        tuple([each[m] for each in grads.grads]),
        lambda: tuple([each[m] for each in why()]),
        lambda: tuple([each[m] for each in kinked()]),
    )


class _Run(ForwardStep):
    """A step of one of the passes; what its own pullback needs is computed when first read."""

    @once
    def cache(self) -> Any:
        """What the operation's pullback needs."""
        return self.layer.apply(*self.inputs)[1]
