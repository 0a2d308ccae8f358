"""A network: an architecture with its parameters, and what it says about images."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, frozen
from engine.errors import ShapeError
from engine.layers import Sequential, SoftmaxCrossEntropy
from engine.mnist import Bytes
from engine.training.architectures import ARCHITECTURES, Architecture
from engine.training.settings import one_of, whole

CHUNK = 250
"""How many images are classified at a time, so that a whole test set needs little memory."""


@dataclass(frozen=True, eq=False)
class Network:
    """An architecture with its parameters: (w1, b1, w2, …), read-only, float32.

    Raises ShapeError where a parameter has another shape than the architecture says.
    """

    architecture: Architecture
    params: tuple[Array, ...]

    def __post_init__(self) -> None:
        """Checks the shapes, and closes the arrays."""
        slug, needed = self.architecture.slug, self.architecture.shapes
        if len(self.params) != len(needed):
            raise ShapeError(f"{slug}: needs {len(needed)} parameters; got {len(self.params)}")
        for name, shape, param in zip(self.names, needed, self.params, strict=True):
            if param.shape != shape:
                raise ShapeError(f"{slug}: {name} needs shape {shape}; got {param.shape}")
        object.__setattr__(self, "params", tuple(map(frozen, self.params)))

    @classmethod
    def new(cls, architecture: str = "cnn", seed: int = 0) -> "Network":
        """One that has learned nothing: He's initialisation from a seed.

        Raises SettingError for an unknown architecture or a seed that is no whole number from 0 on.
        """
        row = ARCHITECTURES[one_of("Network", "architecture", architecture, tuple(ARCHITECTURES))]
        return cls(row, row.initial(whole("Network", "seed", seed, 0)))

    @property
    def layers(self) -> Sequential:
        """The layers, for `trace` and for the pages: `trace(net.layers, x, *net.params)`."""
        return self.architecture.layers

    @property
    def names(self) -> tuple[str, ...]:
        """w1, b1, w2, …"""
        return self.layers.names(1 + len(self.architecture.shapes))[1:]

    def with_loss(self, labels: Sequence[int]) -> Sequential:
        """The layers with the loss at the end, for `trace`: x (N, 1, 28, 28) -> ()."""
        return Sequential(self.layers, SoftmaxCrossEntropy(labels))

    def logits(self, images: Bytes | Array) -> Array:
        """(N, 28, 28) of grey values from 0 to 255, or x (N, 1, 28, 28) from 0 to 1 -> (N, 10)."""
        return np.concatenate(
            [self.layers.apply(x, *self.params)[0] for x in _chunks(images)], axis=0
        )

    def probabilities(self, images: Bytes | Array) -> Array:
        """softmax(logits): (N, 28, 28) or (N, 1, 28, 28) -> (N, 10)."""
        logits = self.logits(images)
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def as_inputs(images: Bytes) -> Array:
    """Grey values as the networks read them: uint8 (N, 28, 28) -> float32 (N, 1, 28, 28), 0 to 1.

    In memory the batch runs fastest, which is how the layers compute.
    """
    side = images.shape[1:]
    columns = np.multiply(images.reshape(len(images), -1).T, np.float32(1 / 255), order="C")
    return columns.reshape(1, *side, len(images)).transpose(3, 0, 1, 2)


def _chunks(images: NDArray[Any]) -> Iterator[Array]:
    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK]
        yield as_inputs(chunk) if chunk.ndim == 3 else chunk
