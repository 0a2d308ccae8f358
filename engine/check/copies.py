"""Many copies of a pass in one: a copy is an example of a minibatch, or a filter, of its own.

A difference needs the same pass again and again, with one entry moved. Each operation says how it
computes its copies side by side (`apply_to_copies`); here they go through a whole pass.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Array
from engine.layers.base import Layer, Operation
from engine.layers.graph import Composite, run
from engine.limits import unfolded_sizes

Inputs: TypeAlias = tuple[Array, ...]


def layer_behind(forward: Callable[..., ArrayLike], params: Inputs) -> Layer | None:
    """The layer whose own forward this is; None where it has to be called copy by copy.

    So has any other function, and the forward of a layer that overrides what it is made of: what
    is evaluated must be what was handed in.
    """
    layer = getattr(forward, "__self__", None)
    if not isinstance(layer, Layer) or not _is(forward, Layer.forward):
        return None
    if not _is(layer.admit, Layer.admit) or not _as_planned(layer):
        return None
    bound, inputs = layer.bind(params)
    return layer if bound is layer and inputs is params else None


def outputs_of_all(layer: Layer, inputs: Inputs, copies: Mapping[int, Array]) -> Array:
    """The outputs for copies of several inputs in turn, all others being as they are.

    copies: by argument, in order, each with a leading axis. -> (ΣM, *output.shape), one argument's
    after the other's. Raises EngineError where an output leaves the range of its dtype.
    """
    nodes, values = layer.plan(len(inputs)), list(inputs)

    def still(number: int) -> Array:
        """A value where nothing is moved; the pass is run only where a step's is asked for."""
        if number >= len(values):
            values.extend(each.output for each in run(nodes, inputs))
        return values[number]

    # By value: the arguments whose copies reach it, and those copies, one argument's after another.
    moving = {number: {number: copy} for number, copy in copies.items()}
    for position, (operation, reads, _) in enumerate(nodes):
        # Arguments that move the same inputs of this operation go through it together.
        alike: dict[tuple[int, ...], list[int]] = {}
        for argument in copies:
            copied = tuple(i for i, n in enumerate(reads) if argument in moving.get(n, {}))
            if copied:
                alike.setdefault(copied, []).append(argument)
        made: dict[int, Array] = {}
        for copied, arguments in alike.items():
            stacked = tuple(
                _joined([moving[number][argument] for argument in arguments])
                if i in copied
                else still(number)
                for i, number in enumerate(reads)
            )
            result = operation.outputs(copied, stacked)
            start = 0
            for argument in arguments:
                stop = start + len(copies[argument])
                made[argument], start = result[start:stop], stop
        moving[len(inputs) + position] = made
    end = len(inputs) + len(nodes) - 1
    for argument, copy in copies.items():
        if argument not in moving[end]:  # it does not reach the output
            output = still(end)
            moving[end][argument] = np.broadcast_to(output, (len(copy), *output.shape))
    return _joined([moving[end][argument] for argument in copies])


def width(layer: Layer, inputs: Inputs) -> int:
    """Entries of the largest array in a pass: an output, or what a layer's windows see."""
    runs = run(layer.plan(len(inputs)), inputs)
    unfolded = unfolded_sizes(layer, *(each.shape for each in inputs))
    return max(*(each.output.size for each in runs), *(size for _, size in unfolded), 0)


def _joined(parts: list[Array]) -> Array:
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


def _is(method: Callable[..., Any], function: Callable[..., Any]) -> bool:
    return getattr(method, "__func__", None) is function


def _as_planned(layer: Layer) -> bool:
    """Whether what it computes is what its plan says."""
    if isinstance(layer, Operation):
        return _is(layer.plan, Operation.plan)
    return (
        isinstance(layer, Composite)
        and _is(layer.apply, Composite.apply)
        and _is(layer.run, Composite.run)
    )
