"""What a family of wrong backward passes is, and what they have in common.

A mutant takes the layer, its inputs and dout, and gives the gradients that a wrong backward would
give. Most are the right ones of slightly other inputs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from engine import Kinks, Layer, trace
from tests.engine.rows import Array, Shape, normals

Inputs = tuple[Array, ...]
Mutant = Callable[[Layer, Inputs, Array], Inputs]

FIRST = Kinks(0.0, "first")


@dataclass(frozen=True)
class Family:
    """A layer, its mutants, and where they are looked at: at random, and at special points.

    at_kinks_only: mutants that are right elsewhere. hidden: pairs of a mutant and a point, one at
    which it happens to be right.
    """

    make: Callable[[], Layer]
    shapes: tuple[Shape, ...]
    special: Mapping[str, Inputs]
    mutants: Mapping[str, Mutant]
    at_kinks_only: frozenset[str] = frozenset()
    hidden: frozenset[tuple[str, str]] = field(default=frozenset())

    def points(self) -> dict[str, Inputs]:
        """Random inputs, and the special ones."""
        drawn = {
            f"random {seed}": tuple(3 * x for x in normals(self.shapes, seed)) for seed in (1, 2)
        }
        return drawn | dict(self.special)


def right(layer: Layer, inputs: Inputs, dout: Array, kinks: Kinks = FIRST) -> Inputs:
    """The gradients as they should be, under a rule whose ties have one winner."""
    grads = trace(layer, *inputs, dout=dout, kinks=kinks).grads
    return tuple(np.asarray(grad, dtype=np.float64) for grad in grads)


def only(dout: Array, *where: int | slice) -> Array:
    """dout at some outputs, counted along the last axes, and 0 at all others."""
    kept = np.zeros_like(dout)
    kept[(..., *where)] = dout[(..., *where)]
    return kept


def of_dout(change: Callable[[Array], Array], argument: int | None = None) -> Mutant:
    """The right gradients of a changed dout; with an argument, that one alone is wrong."""

    def mutant(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
        wrong = right(layer, inputs, change(dout))
        if argument is None:
            return wrong
        grads = list(right(layer, inputs, dout))
        grads[argument] = wrong[argument]
        return tuple(grads)

    return mutant


def of_grad(change: Callable[[Array], Array], argument: int = 0) -> Mutant:
    """One right gradient, changed."""

    def mutant(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
        grads = list(right(layer, inputs, dout))
        grads[argument] = change(grads[argument])
        return tuple(grads)

    return mutant


def of_inputs(argument: int, change: Callable[[Inputs], Inputs]) -> Mutant:
    """One gradient of other inputs than the forward pass had."""

    def mutant(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
        grads = list(right(layer, inputs, dout))
        grads[argument] = right(layer, change(inputs), dout)[argument]
        return tuple(grads)

    return mutant


def whole_numbers(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
    """Written into arrays of whole numbers, which cut them off."""
    return tuple(np.trunc(each) for each in right(layer, inputs, dout))


def negative(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
    """Downhill for uphill."""
    return tuple(-each for each in right(layer, inputs, dout))


COMMON: dict[str, Mutant] = {
    "whole numbers": whole_numbers,
    "negative": negative,
    "dout forgotten": of_dout(np.ones_like),
}
