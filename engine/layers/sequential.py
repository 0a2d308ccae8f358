"""Layers in a row, and the lab's block."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from numpy.typing import ArrayLike

from engine.arrays import Array, Index, check_finite
from engine.errors import SettingError, ShapeError
from engine.kinks import Kinks
from engine.layers.base import Grads, Layer, Reasons
from engine.layers.convolution import Conv1D
from engine.layers.pooling import MaxPool
from engine.layers.relu import ReLU


class Run(NamedTuple):
    """One layer's part of a forward pass."""

    layer: Layer
    inputs: tuple[Array, ...]
    output: Array
    cache: Any

    @classmethod
    def of(cls, layer: Layer, inputs: tuple[Array, ...]) -> "Run":
        """The layer applied; raises EngineError where its output leaves the range of its dtype."""
        output, cache = layer.apply(*inputs)
        check_finite(layer.title, "the output", output)
        return cls(layer, inputs, output, cache)

    def fed_by(self, argument: int, entries: list[Index]) -> list[Index]:
        """The outputs that read any of these entries of an input, in index order."""
        fed = (self.layer.feeds(argument, entry, self.cache) for entry in entries)
        return sorted({output for outputs in fed for output in outputs})


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
        flowing, params = inputs[:1], inputs[1:]
        runs = []
        for layer, own in zip(self.layers, self.handed_out(params), strict=True):
            runs.append(Run.of(layer, (*flowing, *own)))
            flowing = (runs[-1].output,)
        return tuple(runs)

    def handed_out(self, params: Sequence[Array]) -> list[tuple[Array, ...]]:
        """The parameters, one tuple a layer; empty for a layer that has none."""
        each, waiting = self._params_each(len(params)), iter(params)
        return [
            tuple(islice(waiting, each)) if len(layer.arguments) > 1 else ()
            for layer in self.layers
        ]

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
        runs = list(cache)
        while argument >= len(runs[0].inputs):
            argument -= len(runs.pop(0).inputs) - 1
        entries = [index]
        for run in runs:
            entries = run.fed_by(argument, entries)
            argument = 0
        return iter(entries)

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
        if count in (needed, 2 * needed):
            return count // needed if needed else 0
        raise ShapeError(
            f"{self.title}: needs x, and one parameter (w) or two (w, b) for each of its layers "
            f"that have some, of which there are {needed}; got {count + 1} inputs in all"
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
    """The backward pass: per layer, in forward order, what arrives and what it makes of it."""
    pulled: list[tuple[Array, Grads]] = []
    for run in reversed(runs):
        grads = run.layer.vjp(dout, run.cache, kinks)
        pulled.append((dout, grads))
        dout = grads.grads[0]
    return pulled[::-1]


def as_runs(layer: Layer, inputs: tuple[ArrayLike, ...]) -> tuple[Run, ...]:
    """The forward pass of any layer, one Run for each that it is made of."""
    layer, inputs = layer.bind(inputs)
    arrays = layer.admit(inputs)
    return layer.run(*arrays) if isinstance(layer, Sequential) else (Run.of(layer, arrays),)
