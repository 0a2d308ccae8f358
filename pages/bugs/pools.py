"""Max pools that compute the right output and a wrong gradient."""

from typing import Any

import numpy as np

from engine import Kinks, MaxPool, MaxPool2D
from engine.arrays import Array
from engine.layers.base import Grads
from pages.bugs.made import cut_off, made, overwritten


class ForgetfulPool(MaxPool):
    """dh = (h == max): what is sent back is forgotten."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """As if dout were 1."""
        return super().vjp(np.ones_like(dout), cache, kinks)


class OverwritingPool(MaxPool):
    """dh[window] = … in a loop over the windows, not dh[window] += …."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """The last window that reads an entry has it."""
        return made(_overwritten_pool(dout, cache))


class OverwritingPool2D(MaxPool2D):
    """The same in two dimensions."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """The last window that reads an entry has it."""
        return made(_overwritten_pool(dout, cache))


class LocalIndexPool(MaxPool):
    """dh[argmax(window)] += dz: the place in the window is taken for the place in h (L,)."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """All of it lands in the first entries."""
        dh = np.zeros(cache.x.size)
        for k, arrives in zip(cache.largest[0].argmax(axis=0).ravel(), dout, strict=True):
            dh[k] += arrives
        return made(dh)


class IntegerPool(MaxPool):
    """dh is an array of whole numbers, into which the gradient is written."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Cut off."""
        return cut_off(super().vjp(dout, cache, kinks))


def _overwritten_pool(dout: Array, cache: Any) -> Array:
    where, x, output = cache.geometry
    parts = cache.largest * output.inward(dout)[:, None]
    return np.asarray(x.outward(overwritten(where, parts)))
