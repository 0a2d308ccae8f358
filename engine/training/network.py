"""The networks that can be trained, by name: layers, parameters, and answers to images."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod, sqrt
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Extent, frozen, real_arrays
from engine.errors import NumberError, ShapeError, one_of, whole_number
from engine.layers import Conv2D, Flatten, Linear, MaxPool2D, ReLU, Sequential, SoftmaxCrossEntropy
from engine.layers.loss import softmax
from engine.mnist import SIDE, Bytes, Digits, check_digits, check_grey

CLASSES: Final = 10  # how many classes an image may have: MNIST's digits, Fashion-MNIST's clothes

CHUNK = 100
"""How many images are classified at a time.

Few enough that a whole test set needs little memory, and that BLAS does not split products among
cores and then wait for them.
"""


@dataclass(frozen=True)
class Architecture:
    """A sequence of layers, and the shape of each weight; each weight has a bias of its length."""

    slug: str
    label: str  # its name in a list of choices
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
        """Return He's initialisation: w normal with standard deviation √(2 / fan-in), b zero.

        Source: He et al., Delving deep into rectifiers, 2015.
        """
        generator = np.random.default_rng(seed)
        return tuple(
            generator.normal(0, sqrt(2 / prod(shape[1:])), shape)
            if len(shape) > 1
            else np.zeros(shape)
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
            Conv2D(padding=1), ReLU(), MaxPool2D(2),
            Conv2D(padding=1), ReLU(), MaxPool2D(2),
            Conv2D(padding=1), ReLU(), MaxPool2D(2),
            Flatten(), Linear(),
        ),
        ((8, 1, 3, 3), (16, 8, 3, 3), (32, 16, 3, 3), (CLASSES, 32 * 3 * 3)),
    ),
)  # fmt: skip

ARCHITECTURES: Final[Mapping[str, Architecture]] = MappingProxyType(
    {row.slug: row for row in _ROWS}
)


@dataclass(frozen=True, eq=False)
class Network:
    """An architecture with its parameters: (w1, b1, w2, …), copies, read-only, float32.

    Raises NumberError for a parameter that is not an array of real numbers, ShapeError for another
    shape or number of parameters than the architecture's.
    """

    architecture: Architecture
    params: tuple[Array, ...]

    def __post_init__(self) -> None:
        """Check the shapes, and make read-only copies of the arrays."""
        slug, needed = self.architecture.slug, self.architecture.shapes
        if len(self.params) != len(needed):
            raise ShapeError(f"{slug}: needs {len(needed)} parameters; got {len(self.params)}")
        for name, shape, param in zip(self.names, needed, self.params, strict=True):
            if not isinstance(param, np.ndarray) or param.dtype.kind not in "fiu":
                got = param.dtype if isinstance(param, np.ndarray) else type(param).__name__
                raise NumberError(f"{slug}: {name} needs an array of real numbers; got {got}")
            if param.shape != shape:
                raise ShapeError(f"{slug}: {name} needs shape {shape}; got {param.shape}")
        with np.errstate(over="ignore"):  # as after too large a step; the next pass reports it
            params = [np.array(param, dtype=np.float32) for param in self.params]
        object.__setattr__(self, "params", tuple(map(frozen, params)))

    @classmethod
    def new(cls, architecture: str = "cnn", seed: int = 0) -> "Network":
        """Return an untrained network: He's initialisation from a seed.

        Raises SettingError for an unknown architecture, or a seed that is not a whole number ≥ 0.
        """
        row = ARCHITECTURES[one_of("Network", "architecture", architecture, tuple(ARCHITECTURES))]
        return cls(row, row.initial(whole_number("Network", "seed", seed, 0)))

    @property
    def layers(self) -> Sequential:
        """The layers, for `trace` and for the pages: `trace(net.layers, x, *net.params)`."""
        return self.architecture.layers

    @property
    def names(self) -> tuple[str, ...]:
        """w1, b1, w2, …"""
        return self.layers.names(1 + len(self.architecture.shapes))[1:]

    def with_loss(self, labels: Sequence[int]) -> Sequential:
        """Return the layers with the loss at the end, for `trace`: x (N, 1, 28, 28) -> ()."""
        return Sequential(self.layers, SoftmaxCrossEntropy(labels))

    def logits(self, images: Bytes | Array) -> Array:
        """(N, 28, 28) of grey values from 0 to 255, or x (N, 1, 28, 28) from 0 to 1 -> (N, 10).

        Grey values are uint8, x is floating; raises EngineError for others, and for no images.
        """
        return np.concatenate([self.layers.apply(x, *self.params)[0] for x in _chunks(images)])

    def probabilities(self, images: Bytes | Array) -> Array:
        """softmax(logits): (N, 28, 28) or (N, 1, 28, 28) -> (N, 10)."""
        return softmax(self.logits(images))


def as_inputs(images: Bytes) -> Array:
    """Grey values as the networks read them: uint8 (N, 28, 28) -> float32 (N, 1, 28, 28), 0 to 1.

    In memory the batch axis runs fastest, which is how the layers compute. Raises DataError for
    images of another dtype or number of axes.
    """
    check_grey("as_inputs", images)
    side = images.shape[1:]
    columns = np.multiply(images.reshape(len(images), -1).T, np.float32(1 / 255), order="C")
    return columns.reshape(1, *side, len(images)).transpose(3, 0, 1, 2)


def _chunks(images: NDArray[Any]) -> Iterator[Array]:
    is_x = isinstance(images, np.ndarray) and images.dtype.kind == "f" and images.ndim == 4
    if not is_x:
        check_grey("Network", images)
    elif images.shape[1:] != (1, SIDE, SIDE) or not len(images):
        raise ShapeError(f"Network: needs x (N, 1, {SIDE}, {SIDE}); got shape {images.shape}")
    else:  # so that the error names the network, not a layer
        (images,) = real_arrays("Network", ("x",), (images,))
    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK]
        yield chunk if is_x else as_inputs(chunk)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A network's answers."""

    labels: NDArray[np.uint8]  # (N,)
    predicted: NDArray[np.intp]  # (N,)
    confidence: NDArray[np.floating]  # (N,): the largest probability

    @classmethod
    def of(cls, network: Network, digits: Digits) -> "Evaluation":
        """Classify all the images. Raises DataError unless images and labels are as in `Digits`."""
        check_digits("Evaluation", *digits)
        probabilities = network.probabilities(digits.images)
        return cls(digits.labels, probabilities.argmax(axis=1), probabilities.max(axis=1))

    @property
    def accuracy(self) -> float:
        """The fraction of images that are classified correctly."""
        return float(np.mean(self.predicted == self.labels))

    @cached_property
    def confusion(self) -> NDArray[np.intp]:
        """The confusion matrix (10, 10): row t, column p: how many of label t were taken for p."""
        pairs = self.labels.astype(np.intp) * CLASSES + self.predicted
        return np.bincount(pairs, minlength=CLASSES * CLASSES).reshape(CLASSES, CLASSES)

    @cached_property
    def wrong(self) -> NDArray[np.intp]:
        """The positions of wrongly classified images, the most confident mistake first."""
        found = np.flatnonzero(self.predicted != self.labels)
        return found[np.argsort(-self.confidence[found], kind="stable")]
