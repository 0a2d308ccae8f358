"""The layers and blocks that can be checked, in teaching sizes."""

from collections.abc import Mapping
from typing import Final

from engine import (
    Conv1D,
    Conv2D,
    ConvBlock,
    Linear,
    MaxPool,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from pages.bugs.table import LABEL, LABELS
from pages.figures.info import Naming
from pages.subjects.check_case import Case, Shape


def _named(*inputs: tuple[str, ...], output: str = "L", **axes: Shape) -> Naming:
    return Naming(inputs, output, axes=axes)


CASES: Final[Mapping[str, Case]] = {
    "block-loss": Case(
        "Conv block + loss",
        lambda: Sequential(Conv1D(), ReLU(), MaxPool(), SoftmaxCrossEntropy(LABEL)),
        _named(("x", "w"), ("a",), ("h",), ("z",), x=(2,), w=(0,), a=(1, 2), h=(1, 2), z=(1,)),
        ((1, 1, 4), (2, 1, 1)),
        "L = −log softmax(max ReLU(w * x)), two filters",
        ((1.5, -1.0, 2.0, 0.5), (1.0, -1.0)),
        ((2.0, -1.0, 2.0, 0.5), (1.0, -1.0)),
        "x3",
    ),
    "conv-block": Case(
        "Conv block",
        ConvBlock,
        _named(("x", "w"), ("a",), ("h",), output="z"),
        ((5,), ()),
        "z = max ReLU(w · x)",
        ((1.5, -1.0, 3.0, 0.5, -2.0), (2.0,)),
        ((3.0, -1.0, 3.0, 0.5, -2.0), (2.0,)),
        "x3",
        free=True,
    ),
    "relu": Case(
        "ReLU",
        ReLU,
        _named(("a",), output="h"),
        ((5,),),
        "L = Σ dh · h, h = max(0, a)",
        ((1.5, -1.0, 0.5, 3.0, -2.5),),
        ((1.5, -1.0, 0.0, 3.0, -2.5),),
        "a3",
        free=True,
        sent=True,
    ),
    "max-pool": Case(
        "Max pool",
        lambda: MaxPool(2, 1),
        _named(("h",), output="z"),
        ((5,),),
        "L = Σ dz · z, z = max of 2, stride 1",
        ((1.0, 2.5, -1.0, 0.5, 2.0),),
        ((1.0, 2.5, 2.5, 0.5, 2.0),),
        "h2",
        free=True,
        sent=True,
    ),
    "conv-1d": Case(
        "Convolution, 1-D",
        lambda: Conv1D(padding=1),
        _named(("x", "w", "b"), output="a"),
        ((4,), (3,), ()),
        "L = Σ da · a, a = w * x + b, padding 1",
        ((1.5, -1.0, 2.0, 0.5), (1.0, -2.0, 0.5), (0.25,)),
        None,
        "x2",
        sent=True,
    ),
    "conv-2d": Case(
        "Convolution, 2-D",
        Conv2D,
        _named(("x", "w"), output="a"),
        ((3, 3), (2, 2)),
        "L = Σ da · a, a = w * x",
        ((1.5, -1.0, 2.0, 0.5, 3.0, -0.5, 1.0, 0.25, -2.0), (1.0, -2.0, 0.5, 1.5)),
        None,
        "x2,2",
        sent=True,
    ),
    "max-pool-2d": Case(
        "Max pool, 2-D",
        lambda: MaxPool2D(2, 1),
        _named(("h",), output="z"),
        ((3, 3),),
        "L = Σ dz · z, z = max of 2 × 2, stride 1",
        ((1.0, -1.0, 2.0, 0.5, 3.0, -0.5, 1.5, 0.25, -2.0),),
        ((1.0, -1.0, 3.0, 0.5, 3.0, -0.5, 1.5, 0.25, -2.0),),
        "h2,2",
        sent=True,
    ),
    "linear": Case(
        "Linear",
        Linear,
        _named(("x", "w", "b"), output="y"),
        ((2, 2), (2, 2), (2,)),
        "L = Σ dy · y, y = x · wᵀ + b, 2 examples",
        ((1.5, -1.0, 2.0, 0.5), (1.0, -2.0, 0.5, 1.5), (0.25, -0.5)),
        None,
        "w1,2",
        sent=True,
    ),
    "loss": Case(
        "Softmax loss",
        lambda: SoftmaxCrossEntropy(LABELS),
        _named(("s",)),
        ((2, 3),),
        "L = mean of −log softmax(s), labels 1 and 3",
        ((1.0, 2.0, 0.5, -1.0, 0.0, 2.0),),
        None,
        "s1,1",
    ),
    "minibatch": Case(
        "Minibatch of blocks",
        ConvBlock,
        _named(("x", "w"), ("a",), ("h",), output="z", x=(0, 2), w=(), a=(0, 2), h=(0, 2), z=(0,)),
        ((3, 1, 3), (1, 1, 1)),
        "L = Σ dz · z, z = max ReLU(w · x)",
        ((1.5, -1.0, 0.5, -1.0, 1.0, -0.5, 0.5, 2.0, -1.5), (2.0,)),
        ((1.5, -1.0, 1.5, -1.0, 1.0, -0.5, 0.5, 2.0, -1.5), (2.0,)),
        "x1,1",
        sent=True,
    ),
}
