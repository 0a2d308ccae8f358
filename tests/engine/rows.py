"""The table of layers, one row each; a test under `every_layer` runs for every row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import (
    Abs,
    Add,
    AvgPool,
    AvgPool2D,
    Concat,
    Conv1D,
    Conv2D,
    ConvBlock,
    Flatten,
    Graph,
    Kinks,
    Layer,
    LeakyReLU,
    Linear,
    Maximum,
    MaxPool,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
    Softplus,
    trace,
)
from engine.kinks import CHOICES, PoolTies
from tests.for_each import for_each

Array = NDArray[np.float64]
Shape = tuple[int, ...]

TIES: list[PoolTies] = ["all", "first", "split"]


def stating(ties: PoolTies, part: float) -> Kinks:
    """A rule that states every choice; part: how far each lies from the least to the largest."""
    kinks: dict[str, Any] = {
        name: ties if each.of_ties else (1 - part) * each.allowed[0] + part * each.allowed[1]
        for name, each in CHOICES.items()
    }
    return Kinks(**kinks)


KINKS = [stating(ties, part) for part in (0.0, 0.5, 1.0) for ties in TIES]


@dataclass(frozen=True)
class Row:
    """A layer, and input shapes that it takes; batched: whether x starts with a batch axis."""

    make: Callable[[], Layer]
    shapes: tuple[Shape, ...]
    batched: bool = False


ROWS = {
    "conv1d-scalar": Row(Conv1D, ((5,), ())),
    "conv1d-scalar-filters": Row(Conv1D, ((4,), (3, 1), (3,))),
    "conv1d-vector": Row(lambda: Conv1D(2, 1), ((6,), (3,), ())),
    "conv1d-gaps": Row(lambda: Conv1D(stride=3), ((8,), (2, 2))),
    "conv1d-channels": Row(lambda: Conv1D(padding=2), ((2, 4), (3, 2, 3))),
    "conv1d-batch": Row(lambda: Conv1D(2, 1), ((3, 2, 5), (2, 2, 3), (2,)), batched=True),
    "conv2d-matrix": Row(lambda: Conv2D((2, 1), (0, 1)), ((4, 3), (2, 2), ())),
    "conv2d-filters": Row(Conv2D, ((3, 4), (2, 2, 3))),
    "conv2d-batch": Row(lambda: Conv2D(2, 1), ((2, 2, 3, 4), (2, 2, 2, 2), (2,)), batched=True),
    "conv1d-dilated": Row(lambda: Conv1D(1, (0, 2), 2), ((6,), (2, 3), (2,))),
    "conv1d-groups": Row(
        lambda: Conv1D(2, 1, groups=2), ((3, 4, 5), (6, 2, 3), (6,)), batched=True
    ),
    "conv2d-depthwise": Row(
        lambda: Conv2D(1, (0, (1, 0)), (1, 2), 2), ((2, 2, 3, 4), (4, 1, 2, 2)), batched=True
    ),
    "relu": Row(ReLU, ((2, 3),), batched=True),
    "relu-scalar": Row(ReLU, ((),)),
    "leaky-relu": Row(LeakyReLU, ((2, 3),), batched=True),
    "leaky-relu-steep": Row(lambda: LeakyReLU(2.5), ((4,),)),
    "leaky-relu-level": Row(lambda: LeakyReLU(0), ((4,),)),
    "abs": Row(Abs, ((2, 3),), batched=True),
    "softplus": Row(Softplus, ((2, 3),), batched=True),
    "average-pool": Row(AvgPool, ((3, 2, 4),), batched=True),
    "average-pool-windows": Row(lambda: AvgPool(3, 2, 1), ((2, 2, 7),), batched=True),
    "average-pool-gaps": Row(lambda: AvgPool(1, 3), ((8,),)),
    "average-pool-2d": Row(lambda: AvgPool2D((2, 3), 1, (1, 0)), ((2, 2, 3, 4),), batched=True),
    "average-pool-up": Row(lambda: AvgPool(3, 2, (0, 1), True, False), ((2, 2, 6),), batched=True),
    "average-pool-2d-up": Row(lambda: AvgPool2D(2, 2, (1, 0), True), ((4, 3),)),
    "add": Row(Add, ((2, 3), (2, 3))),
    "add-three": Row(Add, ((3,), (3,), (3,))),
    "maximum": Row(Maximum, ((2, 3), (2, 3))),
    "maximum-three": Row(Maximum, ((3,), (3,), (3,))),
    "concat": Row(lambda: Concat(1), ((2, 1, 3), (2, 2, 3))),
    "max-pool": Row(MaxPool, ((5,),)),
    "max-pool-batch": Row(MaxPool, ((3, 2, 4),), batched=True),
    "max-pool-windows": Row(lambda: MaxPool(3, 2, 1), ((2, 2, 7),), batched=True),
    "max-pool-gaps": Row(lambda: MaxPool(1, 3), ((8,),)),
    "max-pool-2d": Row(MaxPool2D, ((2, 3),)),
    "max-pool-2d-windows": Row(lambda: MaxPool2D((2, 3), 1, (1, 0)), ((2, 2, 3, 4),), batched=True),
    "max-pool-dilated": Row(lambda: MaxPool(2, 1, (1, 0), 2), ((2, 2, 5),), batched=True),
    "max-pool-2d-up": Row(
        lambda: MaxPool2D((2, 1), 2, ((0, 1), 0), (2, 1), True), ((2, 2, 4, 4),), batched=True
    ),
    "block": Row(ConvBlock, ((5,), ())),
    "block-batch": Row(ConvBlock, ((3, 2, 5), (2, 2, 2), (2,)), batched=True),
    "network": Row(
        lambda: Sequential(Conv1D(padding=1), ReLU(), MaxPool(2), Conv1D(), ReLU(), MaxPool()),
        ((2, 1, 6), (2, 1, 3), (2, 2, 2)),
        batched=True,
    ),
    "residual": Row(
        lambda: Sequential(Residual(Sequential(Conv1D(padding=1), LeakyReLU(0.25))), MaxPool(2)),
        ((2, 4), (2, 2, 3)),
    ),
    "shared-weight": Row(
        lambda: Graph(
            ("a", Conv1D(padding=1), "x", "w"),
            ("h", ReLU(), "a"),
            ("c", Conv1D(padding=1), "h", "w"),
            ("s", Add(), "c", "x"),
        ),
        ((4,), (3,)),
    ),
    "three-readers": Row(
        lambda: Graph(
            ("h", ReLU(), "x"),
            ("s", Add(), "h", "x", "h"),
            ("m", Maximum(), "s", "h"),
        ),
        ((3,),),
    ),
    "branches": Row(
        lambda: Graph(
            ("l", Abs(), "x"),
            ("a", Conv1D(), "x", "w"),
            ("m", Maximum(), "l", "a"),
            ("c", Concat(), "m", "a"),
            ("z", AvgPool(3, 2), "c"),
        ),
        ((4,), ()),
    ),
    "curved": Row(
        lambda: Sequential(Conv1D(), Softplus(), AvgPool(2, 1), ReLU(), MaxPool()),
        ((4,), ()),
    ),
    "linear": Row(Linear, ((3,), (2, 3))),
    "linear-batch": Row(Linear, ((3, 2), (4, 2), (4,)), batched=True),
    "flatten": Row(Flatten, ((3, 2, 2),), batched=True),
    "loss": Row(lambda: SoftmaxCrossEntropy([0, 2]), ((2, 3),)),
    "classifier": Row(
        lambda: Sequential(
            Conv2D(padding=1),
            ReLU(),
            MaxPool2D(2),
            Flatten(),
            Linear(),
            SoftmaxCrossEntropy([0, 2]),
        ),
        ((2, 1, 4, 4), (2, 1, 3, 3), (3, 8)),
    ),
}

every_layer = for_each("row", ROWS.values(), ids=list(ROWS))


def normals(shapes: Sequence[Shape], seed: int = 0) -> list[Array]:
    """Arrays of normal samples, at which no layer has a kink."""
    generator = np.random.default_rng(seed)
    return [np.asarray(generator.normal(size=shape)) for shape in shapes]


def output_shape(row: Row) -> Shape:
    """The shape of the layer's output for inputs of the row's shapes."""
    return trace(row.make(), *normals(row.shapes)).output.shape
