"""The networks that can be trained by name, each a row of the layers that the pages show."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod, sqrt
from types import MappingProxyType
from typing import Final

import numpy as np

from engine.arrays import Array, Extent
from engine.layers import Conv2D, Flatten, Linear, MaxPool2D, ReLU, Sequential

CLASSES: Final = 10
"""How many classes an image may have: MNIST's digits, Fashion-MNIST's clothes."""


@dataclass(frozen=True)
class Architecture:
    """A row of layers, and the shape of each weight in it; each weight has a bias of its length.

    label: what a list of choices calls it.
    """

    slug: str
    label: str
    layers: Sequential
    weights: tuple[Extent, ...]

    @property
    def shapes(self) -> tuple[Extent, ...]:
        """The shapes of all parameters in order: w1, b1, w2, …"""
        return tuple(shape for weight in self.weights for shape in (weight, weight[:1]))

    @property
    def parameters(self) -> int:
        """How many numbers are learned."""
        return sum(map(prod, self.shapes))

    def initial(self, seed: int) -> tuple[Array, ...]:
        """He's initialisation: w normal with standard deviation √(2 / fan-in), b zero; float32.

        Source: He et al., Delving deep into rectifiers, 2015.
        """
        generator = np.random.default_rng(seed)
        return tuple(
            np.asarray(generator.normal(0, sqrt(2 / prod(shape[1:])), shape), dtype=np.float32)
            if len(shape) > 1
            else np.zeros(shape, dtype=np.float32)
            for shape in self.shapes
        )


_ROWS: Final = (
    Architecture(
        "cnn",
        "Two convolutions",
        Sequential(
            Conv2D(), ReLU(), MaxPool2D(2), Conv2D(), ReLU(), MaxPool2D(2), Flatten(), Linear()
        ),
        ((8, 1, 3, 3), (16, 8, 3, 3), (CLASSES, 16 * 5 * 5)),
    ),
    Architecture(
        "one-conv",
        "One convolution",
        Sequential(Conv2D(), ReLU(), MaxPool2D(2), Flatten(), Linear()),
        ((8, 1, 3, 3), (CLASSES, 8 * 13 * 13)),
    ),
    Architecture(
        "linear",
        "Linear, no hidden layer",
        Sequential(Flatten(), Linear()),
        ((CLASSES, 28 * 28),),
    ),
    Architecture(
        "deeper",
        "Three convolutions",
        Sequential(
            *(Conv2D(padding=1), ReLU(), MaxPool2D(2)),
            *(Conv2D(padding=1), ReLU(), MaxPool2D(2)),
            *(Conv2D(padding=1), ReLU(), MaxPool2D(2)),
            *(Flatten(), Linear()),
        ),
        ((8, 1, 3, 3), (16, 8, 3, 3), (32, 16, 3, 3), (CLASSES, 32 * 3 * 3)),
    ),
)

ARCHITECTURES: Final[Mapping[str, Architecture]] = MappingProxyType(
    {row.slug: row for row in _ROWS}
)
