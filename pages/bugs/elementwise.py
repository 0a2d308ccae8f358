"""A ReLU and a loss that compute the right output and a wrong gradient."""

from typing import Any

import numpy as np

from engine import Kinks, ReLU, SoftmaxCrossEntropy
from engine.arrays import Array
from engine.layers.base import Grads
from pages.bugs.made import cut_off, made


class ForgetfulReLU(ReLU):
    """da = (a > 0): what is sent back is forgotten."""

    def vjp(self, dout: Array, cache: Array, kinks: Kinks) -> Grads:
        """Not multiplied with dout."""
        return made(np.asarray(cache > 0, dtype=dout.dtype))


class ReversedReLU(ReLU):
    """da = dh · (a < 0): the mask the wrong way round."""

    def vjp(self, dout: Array, cache: Array, kinks: Kinks) -> Grads:
        """Through the closed gates alone."""
        return made(np.asarray(dout * (cache < 0)))


class OpenReLU(ReLU):
    """da = dh: no mask at all."""

    def vjp(self, dout: Array, cache: Array, kinks: Kinks) -> Grads:
        """Through all gates."""
        return made(dout.copy())


class IntegerReLU(ReLU):
    """da is an array of whole numbers, into which the gradient is written."""

    def vjp(self, dout: Array, cache: Array, kinks: Kinks) -> Grads:
        """Cut off."""
        return cut_off(super().vjp(dout, cache, kinks))


class NegatedLoss(SoftmaxCrossEntropy):
    """dlogits = (truth − softmax) / N."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Uphill."""
        return made(-super().vjp(dout, cache, kinks).grads[0])


class SummedLoss(SoftmaxCrossEntropy):
    """dlogits = softmax − truth, though the loss is a mean over N."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """N times too large."""
        return made(super().vjp(dout, cache, kinks).grads[0] * len(cache.truth))


class TruthlessLoss(SoftmaxCrossEntropy):
    """dlogits = softmax / N: the 1 at the label is not taken off."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Wrong at the labels alone."""
        return made(cache.probabilities * (dout / len(cache.truth)))
