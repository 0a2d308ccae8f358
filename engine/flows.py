"""The chain rule of one entry, term by term: what each output adds to its gradient."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Index
from engine.trace import Step, Trace


@dataclass(frozen=True, slots=True)
class Term:
    """One term: slope · arriving, for one output of a step that reads the entry.

    slope: ∂output/∂entry under the trace's rule. arriving: the output's upstream gradient.
    amount: their product, as the layer's own pullback has it.
    """

    output: Index
    slope: float
    arriving: float
    amount: float


def terms(trace: Trace, step: int, argument: int, index: Index) -> list[Term]:
    """The terms that sum, up to rounding, to the gradient of an entry; in order of the outputs.

    step and argument: positions; index: into that input. Raises IndexError for one that is not
    there.
    """
    at = trace.steps[step]
    return [
        Term(
            where,
            _pullback(at, trace, argument, index, where, 1.0),
            float(at.dout[where]),
            _pullback(at, trace, argument, index, where, float(at.dout[where])),
        )
        for where in at.layer.feeds(argument, index, at.run.cache)
    ]


def _pullback(
    step: Step, trace: Trace, argument: int, index: Index, where: Index, dout: float
) -> float:
    alone = np.zeros_like(step.dout)
    alone[where] = dout
    return float(step.layer.vjp(alone, step.run.cache, trace.kinks).grads[argument][index])
