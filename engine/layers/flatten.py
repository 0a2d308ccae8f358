"""Flatten: each example's entries in one row."""

from collections.abc import Iterator
from math import prod

import numpy as np

from engine.arrays import Array, Extent, Index, Mask
from engine.errors import ShapeError
from engine.kinks import Kinks
from engine.layers.base import ONE, Factor, Grads, Operation, Reasons, Words, nothing_kinked
from engine.why import Why, paint


class Flatten(Operation):
    """(N, …) -> (N, D): each example's entries in one row, the last axis running fastest.

    Backward: what arrives, in the old shape.
    """

    kink_choices = ()
    straight = True
    words = Words(
        letter="f",
        name="flatten",
        forward="Flatten lays the entries of each example in one row.",
        backward="Flatten gives the gradient its old shape back.",
    )

    def apply(self, *inputs: Array) -> tuple[Array, Extent]:
        """The same numbers in another shape."""
        (x,) = inputs
        return x.reshape(self.output_shape(x.shape)), x.shape

    def output_shape(self, *shapes: Extent) -> Extent:
        """(N, D)."""
        (shape,) = shapes
        if not shape:
            raise ShapeError(f"{self.title}: needs a first axis for the examples; got shape ()")
        return shape[0], prod(shape[1:])

    def vjp(self, dout: Array, cache: Extent, kinks: Kinks) -> Grads:
        """dx = dout."""
        grads = (dout.reshape(cache),)
        return Grads(
            grads,
            lambda: Reasons((paint(grads[0], Why.UPSTREAM_ZERO),), nothing_kinked(grads)),
        )

    def feeds(self, argument: int, index: Index, cache: Extent) -> Iterator[Index]:
        """Each entry feeds one output."""
        place = int(np.ravel_multi_index(index[1:], cache[1:])) if len(cache) > 1 else 0
        yield index[0], place

    def factor(self, argument: int, index: Index, output: Index, cache: Extent) -> Factor:
        """1."""
        return ONE

    def read_by(self, marked: Mask, inputs: tuple[Array, ...], cache: Extent) -> tuple[Mask, ...]:
        """The same, in the old shape."""
        return (marked.reshape(cache),)

    def apply_to_copies(self, copied: tuple[int, ...], inputs: tuple[Array, ...]) -> Array:
        """A copy's examples are examples among others."""
        (x,) = inputs
        return self.apply(x.reshape(-1, *x.shape[2:]))[0].reshape(*x.shape[:2], -1)
