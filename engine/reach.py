"""Who reads whom through several layers: receptive fields, and what an entry influences.

Told by the layers' shapes and settings, never by the values: an inactive unit is read all the same.
"""

import numpy as np

from engine.arrays import Index, Mask
from engine.trace import Step, Trace


def receptive_field(trace: Trace, step: int, index: Index) -> list[Mask]:
    """What is read by an entry of a step's first input: a mask over x of each step before it.

    -> [over the first step's first input, over the second's, …], `step` of them. step: a position;
    the number of steps means the output.
    """
    number = trace.steps[step].reads[0] if step < len(trace.steps) else len(trace.values) - 1
    marked = np.zeros(trace.values[number].array.shape, bool)
    marked[index] = True
    masks = reading_masks(trace, {number: marked})
    return [masks[each.reads[0]] for each in trace.steps[:step]]


def reading_masks(trace: Trace, marked: dict[int, Mask]) -> list[Mask]:
    """Which entries of each value are marked, or are read by something that is.

    marked: masks by the positions of values. -> a mask for each of trace.values.
    """
    masks = [np.zeros(value.array.shape, bool) for value in trace.values]
    for number, mask in marked.items():
        masks[number] |= mask
    for position in reversed(range(len(trace.steps))):
        made = masks[trace.outside + position]
        if made.any():
            step = trace.steps[position]
            for number, mask in zip(step.reads, read_by(step, made), strict=True):
                masks[number] |= mask
    return masks


def read_by(step: Step, marked: Mask) -> tuple[Mask, ...]:
    """What the marked outputs of a step read: a mask over each of its inputs."""
    return step.layer.read_by(marked, step.run.inputs, step.run.cache)


def influence(trace: Trace, step: int, argument: int, index: Index) -> list[Mask]:
    """What reads an entry of a step's input: a mask over the output of that step and of each after.

    step and argument: positions. Through what this step makes alone, where others read the entry
    too.
    """
    first = trace.steps[step]
    reached: dict[int, list[Index]] = {trace.outside + step: first.run.fed_by(argument, [index])}
    for position, each in enumerate(trace.steps[step + 1 :], step + 1):
        found: set[Index] = set()
        for fed, number in enumerate(each.reads):
            found.update(each.run.fed_by(fed, reached.get(number, [])))
        reached[trace.outside + position] = sorted(found)
    masks = []
    for position, each in enumerate(trace.steps[step:], step):
        mask = np.zeros(each.output.shape, bool)
        if entries := reached[trace.outside + position]:
            mask[tuple(zip(*entries, strict=True))] = True
        masks.append(mask)
    return masks
