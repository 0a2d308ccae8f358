"""Layers in a row, and the lab's block."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from engine.arrays import Array, Index
from engine.errors import SettingError, ShapeError
from engine.kinks import Kinks
from engine.layers.base import Grads, Layer, Reasons
from engine.layers.convolution import Conv1D
from engine.layers.pooling import MaxPool
from engine.layers.relu import ReLU


@dataclass(frozen=True, slots=True)
class Run:
    """One layer's part of a forward pass."""

    layer: Layer
    inputs: tuple[Array, ...]
    output: Array
    cache: Any


class Sequential(Layer):
    """output = layer_n(… layer_1(x, w_1) …): (x, *params) -> the last layer's output.

    The parameters are handed in order to the layers that have some: one each (w) or two each
    (w, b), told by their number. A Sequential inside is taken as the layers that it holds.
    Backward: (dx, *dparams).
    """

    def __init__(self, *layers: Layer) -> None:
        """Raises SettingError for no layers, or for something that is no Layer."""
        for layer in layers:
            if not isinstance(layer, Layer):
                raise SettingError(f"{self.title}: needs layers; got {layer!r}")
        self.layers: tuple[Layer, ...] = tuple(
            inner
            for layer in layers
            for inner in (layer.layers if isinstance(layer, Sequential) else (layer,))
        )
        if not self.layers:
            raise SettingError(f"{self.title}: needs at least one layer; got none")
        self._parametrised = sum(len(layer.arguments) > 1 for layer in self.layers)

    def run(self, *inputs: Array) -> tuple[Run, ...]:
        """The forward pass, one Run a layer."""
        flowing, params = inputs[0], iter(inputs[1:])
        each = self._params_each(len(inputs) - 1)
        runs = []
        for layer in self.layers:
            own = (flowing, *(next(params) for _ in range(each if len(layer.arguments) > 1 else 0)))
            flowing, cache = layer.apply(*own)
            runs.append(Run(layer, own, flowing, cache))
        return tuple(runs)

    def apply(self, *inputs: Array) -> tuple[Array, tuple[Run, ...]]:
        """One layer after the other."""
        runs = self.run(*inputs)
        return runs[-1].output, runs

    def vjp(self, dout: Array, cache: tuple[Run, ...], kinks: Kinks) -> Grads:
        """The pullbacks, last layer first: the chain rule."""
        pulled = pull(cache, dout, kinks)
        first, *others = (grads for _, grads in pulled)
        grads = (*first.grads, *(dw for each in others for dw in each.grads[1:]))

        def reasons() -> Reasons:
            first, *others = (grads.reasons() for _, grads in pulled)
            return Reasons(
                (*first.why, *(why for each in others for why in each.why[1:])),
                (*first.kinked, *(kinked for each in others for kinked in each.kinked[1:])),
            )

        return Grads(grads, reasons)

    def feeds(self, argument: int, index: Index, cache: tuple[Run, ...]) -> Iterator[Index]:
        """The outputs that this entry reaches through all the layers."""
        position, own = self.owner(argument, cache)
        reached = list(cache[position].layer.feeds(own, index, cache[position].cache))
        for run in cache[position + 1 :]:
            reached = sorted({to for at in reached for to in run.layer.feeds(0, at, run.cache)})
        return iter(reached)

    @staticmethod
    def owner(argument: int, runs: tuple[Run, ...]) -> tuple[int, int]:
        """Whose input an argument of the whole is: (the layer's position, the input's there)."""
        if argument == 0:
            return 0, 0
        for position, run in enumerate(runs):
            if argument < len(run.inputs):
                return position, argument
            argument -= len(run.inputs) - 1
        raise IndexError("Sequential: no such argument")

    def names(self, count: int) -> tuple[str, ...]:
        """x, then w1, b1, w2, …; the numbers only where several layers have parameters."""
        each = self._params_each(count - 1)
        numbers = range(1, self._parametrised + 1) if self._parametrised > 1 else [""]
        return ("x", *(f"{letter}{number}" for number in numbers for letter in "wb"[:each]))

    def __repr__(self) -> str:
        """The constructor call."""
        return f"{self.title}({', '.join(map(repr, self.layers))})"

    def _params_each(self, count: int) -> int:
        needed = self._parametrised
        if count == needed:
            return 1 if needed else 0
        if count == 2 * needed:
            return 2
        raise ShapeError(
            f"{self.title}: needs x and one parameter (w) or two (w, b) for each of its {needed} "
            f"layers that have some, {needed} or {2 * needed}; got {count}"
        )


class ConvBlock(Sequential):
    """z = max(ReLU(w * x)), the lab's block: x (L,), w () -> (), or any shapes that Conv1D takes.

    Backward: (dx, dw), or (dx, dw, db) with a bias.
    """

    def __init__(self) -> None:
        """Conv1D, ReLU, MaxPool over the whole axis."""
        super().__init__(Conv1D(), ReLU(), MaxPool())

    def __repr__(self) -> str:
        """The constructor call."""
        return f"{self.title}()"


def pull(runs: tuple[Run, ...], dout: Array, kinks: Kinks) -> list[tuple[Array, Grads]]:
    """The backward pass: per layer, in forward order, what arrives at it and what it makes of it."""
    pulled: list[tuple[Array, Grads]] = []
    for run in reversed(runs):
        grads = run.layer.vjp(dout, run.cache, kinks)
        pulled.append((dout, grads))
        dout = grads.grads[0]
    return pulled[::-1]


def as_runs(layer: Layer, inputs: tuple[ArrayLike, ...]) -> tuple[Run, ...]:
    """The forward pass of any layer, one Run for each that it is made of."""
    arrays = tuple(array.copy() for array in layer.admit(inputs))
    if isinstance(layer, Sequential):
        return layer.run(*arrays)
    output, cache = layer.apply(*arrays)
    return (Run(layer, arrays, output, cache),)
