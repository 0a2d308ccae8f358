"""What a layer's pullback returns."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.arrays import Array, Mask
from engine.why import WhyArray


class Grads(NamedTuple):
    """The gradients of a layer's inputs, and functions that compute more about them on demand."""

    grads: tuple[Array, ...]
    why: Callable[[], tuple[WhyArray, ...]]  # returns per input the reason (a Why) for each entry
    decided: Callable[[], tuple[Mask, ...]] | None = None
    """Returns per input whether the rule decided the entry; None if the layer has no kinks."""

    def kinked(self) -> tuple[Mask, ...]:
        """Return per input whether the rule decided each entry, in the input's shape."""
        if self.decided:
            return self.decided()
        return tuple(np.zeros(grad.shape, dtype=np.bool_) for grad in self.grads)
