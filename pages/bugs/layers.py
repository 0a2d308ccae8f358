"""The layers and blocks that can be checked, in sizes for teaching, with points to start from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from typing import Final, TypeAlias

import numpy as np

from engine import (
    Conv1D,
    Conv2D,
    ConvBlock,
    Layer,
    Linear,
    MaxPool,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    trace,
)
from engine.arrays import Array
from pages.derive.derivation import letters
from pages.figures.info import Naming, places_of
from pages.figures.words import LOSS

Shape: TypeAlias = tuple[int, ...]
Values: TypeAlias = tuple[tuple[float, ...], ...]
UPSTREAM: Final = (0.5, 1.25, 1.5, 0.75, 1.0, 0.5)
"""The upstream gradients of several outputs, in turn; no two neighbours are equal."""
FREE: Final = (2, 6)
"""The least and the greatest length of x for layers that take a vector of any length."""


@dataclass(frozen=True)
class CheckedLayer:
    """A layer, the shapes of its params, and points at which it is smooth or at a kink.

    A point is the values of each param, flat.
    """

    title: str
    layer: Callable[[], Layer]
    shapes: tuple[Shape, ...]  # of x, w, b, as many as there are
    formula: str  # the function whose gradient is checked
    smooth: Values
    kink: Values | None  # None if the function has no kink
    entry: str  # the entry that is selected first
    free: bool = False  # whether x may be a vector of any length in FREE
    weighted: bool = False  # whether dout is UPSTREAM, for several outputs; otherwise it is 1
    about: str = ""  # a remark on the function, if dout is 1
    given_letters: tuple[str, ...] = ()
    """The params' letters, if the layer itself does not determine them."""
    axes: Mapping[str, Shape] = field(default_factory=dict)  # as in `Naming`

    @cached_property
    def naming(self) -> Naming:
        """The letters of its pass."""
        passed = trace(self.layer(), *self.params(self.smooth))
        return replace(letters(passed, self.given_letters), axes=self.axes)

    @property
    def function(self) -> str:
        """The letter of the checked function: the output's, or L for several weighted outputs."""
        return LOSS if self.weighted else self.naming.output

    @property
    def letters(self) -> tuple[str, ...]:
        """The params' letters: x, w, b."""
        return self.naming.inputs[0]

    def label(self, argument: int, index: Shape) -> str:
        """Return an entry of a param as it is written: x₂."""
        return self.naming.label(self.letters[argument], index)

    def shapes_of(self, values: Values) -> tuple[Shape, ...]:
        """Return the params' shapes for these values, whose number is the length of a free x."""
        return ((len(values[0]),), *self.shapes[1:]) if self.free else self.shapes

    def params(self, values: Values) -> list[Array]:
        """Return the params as arrays."""
        pairs = zip(values, self.shapes_of(values), strict=True)
        return [np.reshape(np.array(each, dtype=np.float64), shape) for each, shape in pairs]

    def counts(self) -> tuple[range, ...]:
        """Return how many values each param may have."""
        fixed = [range(prod(shape), prod(shape) + 1) for shape in self.shapes]
        return (range(FREE[0], FREE[1] + 1), *fixed[1:]) if self.free else tuple(fixed)

    def entries(self, values: Values) -> Mapping[str, tuple[int, Shape]]:
        """Return the params' entries by plain name, each as its param's position and its index."""
        return places_of(self.naming, self.letters, self.shapes_of(values))

    @property
    def every_entry(self) -> tuple[str, ...]:
        """The names of all entries that there can be, with x at its greatest length."""
        longest = ((0.0,) * FREE[1], *self.smooth[1:]) if self.free else self.smooth
        return tuple(self.entries(longest))

    def dout(self, values: Values) -> Array:
        """Return the upstream gradient, in the shape of the output."""
        if not self.weighted:
            return np.array(1.0)
        output, _ = self.layer().apply(*self.params(values))
        return np.resize(UPSTREAM, output.shape)


LAYERS: Final[Mapping[str, CheckedLayer]] = {
    "block-loss": CheckedLayer(
        "Conv block + loss",
        lambda: Sequential(Conv1D(), ReLU(), MaxPool(), SoftmaxCrossEntropy((1,))),
        ((1, 1, 4), (2, 1, 1)),
        "L = −log softmax₂(max ReLU(w * x))",
        ((1.5, -1.0, 2.0, 0.5), (1.0, -1.0)),
        ((2.0, -1.0, 2.0, 0.5), (1.0, -1.0)),
        "x3",
        about="w₁ and w₂ are two filters of one weight each; the label is 2",
        axes={"x": (2,), "w": (0,), "a": (1, 2), "h": (1, 2), "z": (1,)},
    ),
    "conv-block": CheckedLayer(
        "Conv block",
        ConvBlock,
        ((5,), ()),
        "z = max ReLU(w · x)",
        ((1.5, -1.0, 3.0, 0.5, -2.0), (2.0,)),
        ((3.0, -1.0, 3.0, 0.5, -2.0), (2.0,)),
        "x3",
        free=True,
    ),
    "relu": CheckedLayer(
        "ReLU",
        ReLU,
        ((5,),),
        "L = Σ ∂L/∂h · h, h = max(0, a)",
        ((1.5, -1.0, 0.5, 3.0, -2.5),),
        ((1.5, -1.0, 0.0, 3.0, -2.5),),
        "a3",
        free=True,
        weighted=True,
        given_letters=("a",),
    ),
    "max-pool": CheckedLayer(
        "Max pool",
        lambda: MaxPool(2, 1),
        ((5,),),
        "L = Σ ∂L/∂z · z, z = max of 2, stride 1",
        ((1.0, 2.5, -1.0, 0.5, 2.0),),
        ((1.0, 2.5, 2.5, 0.5, 2.0),),
        "h2",
        free=True,
        weighted=True,
        given_letters=("h",),
    ),
    "conv-1d": CheckedLayer(
        "Convolution, 1-D",
        lambda: Conv1D(padding=1),
        ((4,), (3,), ()),
        "L = Σ ∂L/∂a · a, a = w * x + b, padding 1",
        ((1.5, -1.0, 2.0, 0.5), (1.0, -2.0, 0.5), (0.25,)),
        None,
        "x2",
        weighted=True,
    ),
    "conv-2d": CheckedLayer(
        "Convolution, 2-D",
        Conv2D,
        ((3, 3), (2, 2)),
        "L = Σ ∂L/∂a · a, a = w * x",
        ((1.5, -1.0, 2.0, 0.5, 3.0, -0.5, 1.0, 0.25, -2.0), (1.0, -2.0, 0.5, 1.5)),
        None,
        "x2,2",
        weighted=True,
    ),
    "max-pool-2d": CheckedLayer(
        "Max pool, 2-D",
        lambda: MaxPool2D(2, 1),
        ((3, 3),),
        "L = Σ ∂L/∂z · z, z = max of 2 × 2, stride 1",
        ((1.0, -1.0, 2.0, 0.5, 3.0, -0.5, 1.5, 0.25, -2.0),),
        ((1.0, -1.0, 3.0, 0.5, 3.0, -0.5, 1.5, 0.25, -2.0),),
        "h2,2",
        weighted=True,
        given_letters=("h",),
    ),
    "linear": CheckedLayer(
        "Linear",
        Linear,
        ((2, 2), (2, 2), (2,)),
        "L = Σ ∂L/∂y · y, y = x · wᵀ + b, 2 examples",
        ((1.5, -1.0, 2.0, 0.5), (1.0, -2.0, 0.5, 1.5), (0.25, -0.5)),
        None,
        "w1,2",
        weighted=True,
    ),
    "loss": CheckedLayer(
        "Softmax loss",
        lambda: SoftmaxCrossEntropy((0, 2)),
        ((2, 3),),
        "L = mean of −log softmax(s), labels 1 and 3",
        ((1.0, 2.0, 0.5, -1.0, 0.0, 2.0),),
        None,
        "s1,1",
        given_letters=("s",),
    ),
    "minibatch": CheckedLayer(
        "Minibatch of blocks",
        ConvBlock,
        ((3, 1, 3), (1, 1, 1)),
        "L = Σ ∂L/∂z · z, z = max ReLU(w · x)",
        ((1.5, -1.0, 0.5, -1.0, 1.0, -0.5, 0.5, 2.0, -1.5), (2.0,)),
        ((1.5, -1.0, 1.5, -1.0, 1.0, -0.5, 0.5, 2.0, -1.5), (2.0,)),
        "x1,1",
        weighted=True,
        axes={"x": (0, 2), "w": (), "a": (0, 2), "h": (0, 2), "z": (0,)},
    ),
}
