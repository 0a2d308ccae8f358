"""How a network does on images whose labels are known."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.mnist import Digits
from engine.training.architectures import CLASSES
from engine.training.network import Network


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A network's answers: predicted and labels (N,), confidence (N,), the largest probability."""

    labels: NDArray[np.uint8]
    predicted: NDArray[np.intp]
    confidence: NDArray[np.floating]

    @classmethod
    def of(cls, network: Network, digits: Digits) -> "Evaluation":
        """Of all the images."""
        probabilities = network.probabilities(digits.images)
        return cls(digits.labels, probabilities.argmax(axis=1), probabilities.max(axis=1))

    @property
    def accuracy(self) -> float:
        """The fraction that is right."""
        return float(np.mean(self.predicted == self.labels))

    @cached_property
    def confusion(self) -> NDArray[np.intp]:
        """(10, 10): in row t and column p, how many of label t were taken for p."""
        pairs = self.labels.astype(np.intp) * CLASSES + self.predicted
        return np.bincount(pairs, minlength=CLASSES * CLASSES).reshape(CLASSES, CLASSES)

    @cached_property
    def wrong(self) -> NDArray[np.intp]:
        """The positions of what it gets wrong, the most confident mistake first."""
        found = np.flatnonzero(self.predicted != self.labels)
        return found[np.argsort(-self.confidence[found], kind="stable")]
