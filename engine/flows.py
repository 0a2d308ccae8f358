"""The chain rule term by term: what each output of a step adds to the gradients of its inputs."""

from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Array, Index, indices
from engine.layers.base import ONE, Factor, Pieces
from engine.trace import Trace


@dataclass(frozen=True, slots=True)
class Term:
    """One term of an entry's gradient: slope · arriving, for one output that reads the entry.

    slope: ∂output/∂entry under the trace's rule. arriving: the output's upstream gradient.
    step: the position of the step that makes the output. factor: the slope by name.
    """

    output: Index
    slope: float
    arriving: float
    step: int = field(default=0, compare=False)
    factor: Factor = field(default=ONE, compare=False)


def terms(trace: Trace, step: int, argument: int, index: Index) -> list[Term]:
    """The terms that sum, up to rounding, to the gradient of an entry; in order of the outputs.

    step and argument: positions; index: into that input. Raises IndexError for one that is not
    there.
    """
    at = trace.steps[step]
    found = []
    for where in at.layer.feeds(argument, index, at.run.cache):
        # In a product the slope is the other factor, and a sum may have a thousand of them.
        factor = at.layer.factor(argument, index, where, at.run.cache)
        slope = (
            slopes(trace, step, where)[argument][index]
            if factor.cofactor is None
            else at.inputs[factor.cofactor[0]][factor.cofactor[1]]
        )
        found.append(Term(where, float(slope), float(at.dout[where]), step, factor))
    return found


def slopes(trace: Trace, step: int, output: Index) -> tuple[Array, ...]:
    """∂output/∂input for one output of a step and each of its inputs, under the trace's rule."""
    at = trace.steps[step]
    alone = np.zeros_like(at.dout)
    alone[output] = 1.0
    return at.layer.vjp(alone, at.run.cache, trace.kinks).grads


def pieces(trace: Trace, step: int, output: Index) -> Pieces:
    """The linear maps that meet at an output of a step; one where the step is smooth there."""
    at = trace.steps[step]
    if at.layer.kink_choices:
        return at.layer.pieces(output, at.run.cache)
    return Pieces.of(slopes(trace, step, output))


def flows(trace: Trace, step: int) -> dict[Index, tuple[Array, ...]]:
    """For each output of a step: what its upstream gradient alone adds to each input's gradient.

    -> {the output's index: one array for each input, in its shape}. Their sum over the outputs
    is, up to rounding, the step's gradients.
    """
    at = trace.steps[step]
    nothing = tuple(map(np.zeros_like, at.inputs))
    found = {}
    for where in indices(at.dout.shape):
        if not at.dout[where]:
            found[where] = nothing  # as most of a picture's: no pass backward is needed for them
            continue
        alone = np.zeros_like(at.dout)
        alone[where] = at.dout[where]
        found[where] = at.layer.vjp(alone, at.run.cache, trace.kinks).grads
    return found
