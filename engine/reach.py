"""Who reads whom through several layers: receptive fields, and what an entry influences.

Told by the layers' shapes and settings, never by the values: an entry behind a closed gate is read.
"""

import numpy as np

from engine.arrays import Index, Mask
from engine.kinks import Kinks
from engine.trace import Step, Trace

_EVERYONE_WINS = Kinks(1.0, "all")


def receptive_field(trace: Trace, step: int, index: Index) -> list[Mask]:
    """What is read by an entry of a step's first input: a mask over x of each step before it.

    -> [over the first step's x, over the second's, …], `step` of them. step: a position; the
    number of steps means the output.
    """
    before = trace.steps[:step]
    marked = np.zeros((before[-1].output if before else trace.steps[0].inputs[0]).shape, bool)
    marked[index] = True
    fields: list[Mask] = []
    for each in reversed(before):
        marked = read_by(each, marked)
        fields.append(marked)
    return fields[::-1]


def read_by(step: Step, marked: Mask) -> Mask:
    """What the marked outputs of a step read: a mask over its first input."""
    # At ones alone every window ties and every slope is positive: what is sent back then
    # reaches exactly what is read, and cannot cancel.
    ones = tuple(np.ones_like(array) for array in step.inputs)
    _, cache = step.layer.apply(*ones)
    pulled = step.layer.vjp(marked.astype(ones[0].dtype), cache, _EVERYONE_WINS)
    return np.asarray(pulled.grads[0] != 0)


def influence(trace: Trace, step: int, argument: int, index: Index) -> list[Mask]:
    """What reads an entry of a step's input: a mask over the output of that step and of each after.

    step and argument: positions.
    """
    reached, entries = [], [index]
    for each in trace.steps[step:]:
        entries = each.run.fed_by(argument, entries)
        mask = np.zeros(each.output.shape, bool)
        if entries:
            mask[tuple(zip(*entries, strict=True))] = True
        reached.append(mask)
        argument = 0
    return reached
