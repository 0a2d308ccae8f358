"""Flatten: each example's entries in one row."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array, Index
from engine.errors import ShapeError
from engine.kinks import Kinks
from engine.layers.base import Grads, Layer, Reasons, nothing_kinked
from engine.why import Why, paint

Shape = tuple[int, ...]


class Flatten(Layer):
    """(N, …) -> (N, D): each example's entries in one row, the last axis running fastest.

    Backward: what arrives, in the old shape.
    """

    def apply(self, *inputs: Array) -> tuple[Array, Shape]:
        """The same numbers in another shape."""
        (x,) = inputs
        if x.ndim == 0:
            raise ShapeError(f"{self.title}: needs a first axis for the examples; got shape ()")
        return x.reshape(len(x), -1), x.shape

    def vjp(self, dout: Array, cache: Shape, kinks: Kinks) -> Grads:
        """dx = dout."""
        grads = (dout.reshape(cache),)
        return Grads(
            grads,
            lambda: Reasons((paint(grads[0], Why.UPSTREAM_ZERO),), nothing_kinked(grads)),
        )

    def feeds(self, argument: int, index: Index, cache: Shape) -> Iterator[Index]:
        """Each entry feeds one output."""
        place = int(np.ravel_multi_index(index[1:], cache[1:])) if len(cache) > 1 else 0
        yield index[0], place
