"""What a family of wrong backward passes is, and what the families share.

A mutant takes the layer, its inputs and dout, and returns the gradients of a wrong backward pass.
Most of these are the right gradients of slightly different inputs.
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
    """A layer, its mutants, and the points at which these are checked: random and special ones.

    at_kinks_only: mutants that are wrong only at kinks. hidden: pairs of a mutant and a point at
    which the mutant happens to be right.
    """

    make: Callable[[], Layer]
    shapes: tuple[Shape, ...]
    special: Mapping[str, Inputs]
    mutants: Mapping[str, Mutant]
    at_kinks_only: frozenset[str] = frozenset()
    hidden: frozenset[tuple[str, str]] = field(default=frozenset())

    def points(self) -> dict[str, Inputs]:
        """The random inputs and the special ones, by name."""
        drawn = {
            f"random {seed}": tuple(3 * x for x in normals(self.shapes, seed)) for seed in (1, 2)
        }
        return drawn | dict(self.special)


def right(layer: Layer, inputs: Inputs, dout: Array, kinks: Kinks = FIRST) -> Inputs:
    """The right gradients, under a rule that gives all of a tie to one winner."""
    grads = trace(layer, *inputs, dout=dout, kinks=kinks).grads
    return tuple(np.asarray(grad, dtype=np.float64) for grad in grads)


def only(dout: Array, *where: int | slice) -> Array:
    """dout at some outputs, counted along the last axes, and 0 at all others."""
    kept = np.zeros_like(dout)
    kept[(..., *where)] = dout[(..., *where)]
    return kept


def of_dout(change: Callable[[Array], Array], argument: int | None = None) -> Mutant:
    """The right gradients of a changed dout; with an argument, only its gradient is wrong."""

    def mutant(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
        wrong = right(layer, inputs, change(dout))
        if argument is None:
            return wrong
        grads = list(right(layer, inputs, dout))
        grads[argument] = wrong[argument]
        return tuple(grads)

    return mutant


def of_grad(change: Callable[[Array], Array], argument: int = 0) -> Mutant:
    """The right gradients, of which one is changed."""

    def mutant(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
        grads = list(right(layer, inputs, dout))
        grads[argument] = change(grads[argument])
        return tuple(grads)

    return mutant


def of_inputs(argument: int, change: Callable[[Inputs], Inputs]) -> Mutant:
    """The right gradients, of which one is computed from other inputs."""

    def mutant(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
        grads = list(right(layer, inputs, dout))
        grads[argument] = right(layer, change(inputs), dout)[argument]
        return tuple(grads)

    return mutant


def whole_numbers(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
    """The gradients truncated, as if written into arrays of whole numbers."""
    return tuple(np.trunc(each) for each in right(layer, inputs, dout))


def negative(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
    """The gradients with the opposite sign."""
    return tuple(-each for each in right(layer, inputs, dout))


COMMON: dict[str, Mutant] = {
    "whole numbers": whole_numbers,
    "negative": negative,
    "dout forgotten": of_dout(np.ones_like),
}
