"""A batch forward and backward, in parts: its loss, and the gradient of every parameter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.kinks import RULES
from engine.layers import Sequential, SoftmaxCrossEntropy
from engine.layers.graph import ForwardStep, run
from engine.mnist import Bytes
from engine.training.network import as_inputs

RULE: Final = RULES["pytorch-max-pool"].kinks
"""What a trainer does at kinks: ReLU's slope at 0 is 0, and the first of tied maxima wins."""

PART: Final = 64
"""The most images in a part.

Few enough that what a part leaves behind nearly fits the cache, and that a batch of any size needs
little memory; many enough that the overhead of numpy calls costs little.
"""

Labels: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Zeros:
    """How many entries of a gradient are exactly 0, and how many there are."""

    zero: int
    entries: int

    def __add__(self, other: "Zeros") -> "Zeros":
        """Return the counts of both together."""
        return Zeros(self.zero + other.zero, self.entries + other.entries)

    @property
    def fraction(self) -> float:
        """The fraction of zeros: 0 if there are none, 1 if there is nothing else."""
        return self.zero / self.entries


@dataclass(frozen=True, slots=True)
class Pass:
    """The result of a batch, or of a part of one."""

    images: int  # how many
    loss: float  # the part that these have in the batch's mean loss
    correct: int  # how many images were classified correctly
    grads: tuple[Array, ...]  # ∂loss/∂p for each parameter
    zeros: tuple[Zeros | None, ...]
    """For each layer, those of the gradient of its output; None for layers before the first that
    learns, and for all unless watched."""

    def __add__(self, other: "Pass") -> "Pass":
        """Return the result of both parts together."""
        return Pass(
            self.images + other.images,
            self.loss + other.loss,
            self.correct + other.correct,
            tuple(one + two for one, two in zip(self.grads, other.grads, strict=True)),
            tuple(
                one + two if one and two else None
                for one, two in zip(self.zeros, other.zeros, strict=True)
            ),
        )


def learn(
    layers: Sequential,
    params: Sequence[Array],
    images: Bytes,
    labels: Labels,
    share: float = 1.0,
    watched: bool = False,
) -> Pass:
    """Run forward and backward on these images, which are the fraction `share` of a batch.

    The loss is this share's part of the batch's mean loss. The images are taken in parts, whose
    results are summed in order. watched: whether to count zeros.
    """
    count = len(labels)
    parts = [slice(start, start + PART) for start in range(0, count, PART)]
    done = (
        _part(
            layers, params, images[part], labels[part], share * len(labels[part]) / count, watched
        )
        for part in parts
    )
    return reduce(add, done)


@np.errstate(all="ignore")  # the trainer raises an error for a loss out of range
def _part(
    layers: Sequential,
    params: Sequence[Array],
    images: Bytes,
    labels: Labels,
    share: float,
    watched: bool,
) -> Pass:
    """Run one part with the layers' `apply` and `vjp`, without checks and without reasons."""
    runs = run(layers.plan(1 + len(params)), (as_inputs(images), *params), checked=False)
    x = runs[-1].output
    loss, seen = (ending := SoftmaxCrossEntropy(labels)).apply(x)
    dout = ending.vjp(np.asarray(share, dtype=x.dtype), seen, RULE).grads[0]
    grads: list[Array] = [np.zeros(0)] * len(params)
    zeros: list[Zeros | None] = [None] * len(runs)
    for at, arriving in _pulled(runs, dout, grads):
        if watched:
            zeros[at] = Zeros(arriving.size - int(np.count_nonzero(arriving)), arriving.size)
    correct = int(np.count_nonzero(x.argmax(axis=1) == labels))
    return Pass(len(labels), float(loss) * share, correct, tuple(grads), tuple(zeros))


def _pulled(
    runs: Sequence[ForwardStep], dout: Array, grads: list[Array]
) -> Iterator[tuple[int, Array]]:
    """Yield (step's position, gradient that arrives), from the last step to the first that learns.

    grads: one for each parameter, filled on the way, with the sum if several steps read one.
    """
    arriving: dict[int, Array] = {len(grads) + len(runs): dout}
    learns = (any(1 <= n <= len(grads) for n in step.reads) for step in runs)
    first = next(at for at, found in enumerate(learns) if found)
    for at in range(len(runs) - 1, first - 1, -1):
        layer, _, _, cache, reads = runs[at]
        back = arriving.pop(1 + len(grads) + at)
        yield at, back
        if at > first:
            found = zip(reads, layer.vjp(back, cache, RULE).grads, strict=True)
        else:
            found = zip(reads[1:], layer.param_grads(back, cache, RULE), strict=True)
        for number, grad in found:
            if 1 <= number <= len(grads):
                before = grads[number - 1]
                grads[number - 1] = before + grad if before.size else grad
            elif number > len(grads):
                arriving[number] = arriving[number] + grad if number in arriving else grad


def warm_the_heap() -> None:
    """Make glibc keep the memory of arrays that are freed.

    It returns that of large arrays to the system and pays for every page of the next one again,
    half of a training step's time, until an array nearly as large as its limit of 2²⁵ bytes has
    been freed. This frees one, no page of which is touched. Other C libraries ignore it.
    """
    np.empty(2**25 - 2**16, dtype=np.uint8)
