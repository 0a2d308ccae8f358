"""The chain rule term by term: what each output of a step adds to the gradients of its inputs."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Index, indices
from engine.trace import Trace


@dataclass(frozen=True, slots=True)
class Term:
    """One term of an entry's gradient: slope · arriving, for one output that reads the entry.

    slope: ∂output/∂entry under the trace's rule. arriving: the output's upstream gradient.
    """

    output: Index
    slope: float
    arriving: float


def terms(trace: Trace, step: int, argument: int, index: Index) -> list[Term]:
    """The terms that sum, up to rounding, to the gradient of an entry; in order of the outputs.

    step and argument: positions; index: into that input. Raises IndexError for one that is not
    there.
    """
    at = trace.steps[step]
    found = []
    for where in at.layer.feeds(argument, index, at.run.cache):
        # In a product the slope is the other factor, and a sum may have a thousand of them.
        other = at.layer.partner(argument, index, where, at.run.cache)
        slope = (
            slopes(trace, step, where)[argument][index]
            if other is None
            else at.inputs[1 - argument][other]
        )
        found.append(Term(where, float(slope), float(at.dout[where])))
    return found


def slopes(trace: Trace, step: int, output: Index) -> tuple[Array, ...]:
    """∂output/∂input for one output of a step and each of its inputs, under the trace's rule."""
    at = trace.steps[step]
    alone = np.zeros_like(at.dout)
    alone[output] = 1.0
    return at.layer.vjp(alone, at.run.cache, trace.kinks).grads


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
