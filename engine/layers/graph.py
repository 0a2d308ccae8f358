"""Layers composed of others, such as Sequential and Graph, and how a pass runs through them.

A pass is a graph: each step reads values from outside (x, parameters) or outputs of earlier steps.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain, islice
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Array, Extent, Mask, all_finite, check_finite
from engine.errors import LimitError, SettingError, ShapeError
from engine.kinks import Kinks
from engine.layers.activations import ReLU
from engine.layers.base import Grads, Layer, Node, Operation
from engine.layers.convolution import Conv1D
from engine.layers.joins import Add
from engine.layers.pooling import MaxPool
from engine.why import Exact, Why, WhyArray, exact, paint, sum_coats


class ForwardStep(NamedTuple):
    """One step of a forward pass."""

    layer: Operation
    inputs: tuple[Array, ...]
    output: Array
    cache: Any
    reads: tuple[int, ...]  # the numbers of its inputs among the pass's values

    def back(self, dout: Array, kinks: Kinks) -> Grads:
        """Return the gradients of its inputs, given the gradient that arrives at its output."""
        return self.layer.vjp(dout, self.cache, kinks)


def run(
    nodes: Sequence[Node], outside: tuple[Array, ...], *, checked: bool = True
) -> tuple[ForwardStep, ...]:
    """Run the forward pass. If checked, raises NumberError for an output that is not finite."""
    values = list(outside)
    runs = []
    for operation, reads, _ in nodes:
        inputs = tuple(map(values.__getitem__, reads))
        output, cache = operation.apply(*inputs)
        if checked and not all_finite(output):  # only then is the call worth its time
            check_finite(operation.title, "the output", output)
        values.append(output)
        runs.append(ForwardStep(operation, inputs, output, cache, reads))
    return tuple(runs)


def pull(
    runs: Sequence[ForwardStep], outside: int, dout: Array, kinks: Kinks
) -> tuple[list[tuple[Array, Grads]], tuple[Array, ...]]:
    """Run the backward pass: the chain rule, and a sum for each value that is read more than once.

    outside: how many values come from outside. -> per step, in forward order, the gradient that
    arrived at its output and the Grads of its inputs; and the gradient of each value from outside.
    """
    arriving: list[Array | None] = [None] * (outside + len(runs))
    arriving[-1] = dout
    pulled: list[tuple[Array, Grads]] = []
    for step in reversed(runs):
        back = arriving.pop()  # complete: all steps that read this output come later
        if back is None:  # in a pass that is cut off before the step that reads this output
            back = np.zeros_like(step.output)
        grads = step.back(back, kinks)
        pulled.append((back, grads))
        for number, grad in zip(step.reads, grads.grads, strict=True):
            before = arriving[number]
            arriving[number] = grad if before is None else np.asarray(before + grad)
    pulled.reverse()
    return pulled, tuple(arriving)  # type: ignore[arg-type]


@lru_cache(maxsize=64)  # every pass through a layer asks for the same
def readings(
    reads: tuple[tuple[int, ...], ...], outside: int
) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return for each value of a pass the steps that read it: (step, argument), in order.

    reads: for each step the numbers of its inputs. outside: how many values come from outside.
    """
    found: list[list[tuple[int, int]]] = [[] for _ in range(outside + len(reads))]
    for position, numbers in enumerate(reads):
        for argument, number in enumerate(numbers):
            found[number].append((position, argument))
    return tuple(map(tuple, found))


def why_summed(grad: Array, parts: Sequence[Array], why: Sequence[WhyArray]) -> WhyArray:
    """Return the reason for each entry of a gradient that is a sum, from those for its summands.

    If all summands are zero: the first reason for which a step itself stops the gradient; if there
    is none, UPSTREAM_ZERO; and NOT_COVERED only if no step reads the entry at all.
    """
    if len(parts) == 1:
        return why[0]

    def exactly() -> Exact:
        numbers, unit = exact(np.stack(parts))
        return Exact(numbers.sum(axis=0), unit)

    codes = why[-1]
    for each in reversed(why):
        said = (each > Why.UPSTREAM_ZERO) | (codes == Why.NOT_COVERED)
        codes = np.where(said, each, codes)
    flows = np.any([each == Why.FLOWS for each in why], axis=0)
    return paint(grad, codes, *sum_coats(grad, flows, exactly))


@lru_cache(maxsize=64)  # a page asks for the same in every picture
def check_size(layer: Layer, *shapes: Extent, limit: int) -> None:
    """Raise LimitError, which names the limit, if a layer would unfold more entries than that.

    For a server, before anything is allocated: a convolution and a pool copy what each of their
    windows sees. Layers themselves have no limit; a server that computes for strangers sets one.
    shapes: those of x and of each parameter. Raises ShapeError if they do not fit.
    """
    for title, size in unfolded_sizes(layer, *shapes):
        if size > limit:
            raise LimitError(
                f"{title}: needs at most {limit:,} unfolded entries (N·C·kernel·output); "
                f"got {size:,}"
            )


def unfolded_sizes(layer: Layer, *shapes: Extent) -> list[tuple[str, int]]:
    """Return the title of each operation with windows, and how many entries its windows see."""
    return [
        (operation.title, size)
        for operation, read, _ in _shapes(layer, *shapes)
        if (size := operation.unfolded(*read))
    ]


def widest(layer: Layer, *shapes: Extent) -> int:
    """Return the size of the largest array in a pass: an input, an output, or what windows see."""
    made = (
        (operation.unfolded(*read), prod(output))
        for operation, read, output in _shapes(layer, *shapes)
    )
    return max(chain(map(prod, shapes), *made))


def _shapes(layer: Layer, *shapes: Extent) -> Iterator[tuple[Operation, list[Extent], Extent]]:
    """Yield each operation of a pass, and the shapes of its inputs and of its output."""
    values = list(shapes)
    for operation, reads, _ in layer.plan(len(shapes)):
        read = [values[number] for number in reads]
        values.append(operation.output_shape(*read))
        yield operation, read, values[-1]


class Inlined:
    """Nodes under construction: layers are added, and split into their operations."""

    def __init__(self, outside: int) -> None:
        """outside: how many values there are before the first node."""
        self.outside = outside
        self.nodes: list[Node] = []

    def add(self, layer: Layer, reads: Sequence[int], name: str = "") -> int:
        """Add a layer that reads the values with these numbers; return the number of its output."""
        first = self.outside + len(self.nodes)
        inner = layer.plan(len(reads))
        for position, node in enumerate(inner):
            numbers = tuple(
                reads[n] if n < len(reads) else first + n - len(reads) for n in node.reads
            )
            own = name if position == len(inner) - 1 else ""
            self.nodes.append(Node(node.operation, numbers, own or node.name))
        return self.outside + len(self.nodes) - 1


class Composite(Layer):
    """A layer composed of operations; its plan says what it computes."""

    def __init__(self, *layers: Layer) -> None:
        """layers: this layer is composed of their operations, in order; no plan is made yet."""
        self.operations = tuple(each for layer in layers for each in operations_of(layer))
        self._plans: dict[int, tuple[Node, ...]] = {}

    @abstractmethod
    def lay_out(self, inlined: Inlined) -> None:
        """Add the steps of a pass with `inlined.outside` inputs, a number that `names` accepts."""

    def bind(self, inputs: tuple[ArrayLike, ...]) -> tuple[Layer, tuple[ArrayLike, ...]]:
        """Bind nothing. Raises SettingError if an operation lacks its data, such as labels."""
        for each in self.operations:
            if each.data and getattr(each, each.data) is None:
                raise SettingError(
                    f"{each.title}: needs {each.title}({each.data}) among other layers, of which "
                    "every further input is a parameter; got none"
                )
        return self, inputs

    def plan(self, count: int) -> tuple[Node, ...]:
        """Return the steps, which are made once. Raises ShapeError for a wrong number of inputs."""
        if count not in self._plans:
            self.names(count)
            self.lay_out(inlined := Inlined(count))
            self._plans[count] = tuple(inlined.nodes)
        return self._plans[count]

    def run(self, *inputs: Array) -> tuple[ForwardStep, ...]:
        """Run the forward pass; return one ForwardStep per step."""
        return run(self.plan(len(inputs)), inputs)

    def apply(self, *inputs: Array) -> tuple[Array, tuple[int, tuple[ForwardStep, ...]]]:
        """Run one step after the other -> (output, (how many inputs, the steps))."""
        runs = self.run(*inputs)
        return runs[-1].output, (len(inputs), runs)

    def vjp(self, dout: Array, cache: tuple[int, tuple[ForwardStep, ...]], kinks: Kinks) -> Grads:
        """Run the pullbacks, last step first: the chain rule."""
        outside, runs = cache
        pulled, totals = pull(runs, outside, dout, kinks)
        readers = readings(tuple([step.reads for step in runs]), outside)[:outside]

        def why() -> tuple[WhyArray, ...]:
            each = [grads.why() for _, grads in pulled]
            return tuple(
                why_summed(
                    grad,
                    [pulled[step][1].grads[argument] for step, argument in places],
                    [each[step][argument] for step, argument in places],
                )
                for grad, places in zip(totals, readers, strict=True)
            )

        def kinked() -> tuple[Mask, ...]:
            each = [grads.kinked() for _, grads in pulled]
            return tuple(
                np.any([each[step][argument] for step, argument in places], axis=0)
                for places in readers
            )

        return Grads(totals, why, kinked)

    @property
    def kink_choices(self) -> tuple[str, ...]:
        """The choices of all its operations, each once."""
        choices = (each.kink_choices for each in self.operations)
        return tuple(dict.fromkeys(chain.from_iterable(choices)))


def operations_of(layer: Layer) -> tuple[Operation, ...]:
    """Return the operations that a layer is composed of; for an operation, only itself."""
    if isinstance(layer, Composite):
        return layer.operations
    assert isinstance(layer, Operation)
    return (layer,)


class Graph(Composite):
    """output = the last node's: (x, *others) -> its output; each node reads values by their names.

    A node is (name, layer, *names): the name of its output, its layer, and the names of the values
    that it reads. A name that no node makes is an input of the graph; the inputs are passed in the
    order in which they are first read.

        Graph(("a", Conv1D(padding=1), "x", "w"), ("h", ReLU(), "a"), ("s", Add(), "h", "x"))

    Backward: the gradient of each input, the sum over all nodes that read it.
    """

    def __init__(self, *nodes: tuple[Any, ...]) -> None:
        """Raises SettingError for nodes that do not form a graph with one output."""
        if not nodes:
            raise SettingError(f"{self.title}: needs at least one node; got none")
        for node in nodes:
            several = isinstance(node, tuple | list) and len(node) > 2
            named = several and all(isinstance(each, str) and each for each in (node[0], *node[2:]))
            if not (named and isinstance(node[1], Layer)):
                raise SettingError(
                    f"{self.title}: needs nodes (name, layer, *names that it reads); got {node!r}"
                )
        self.nodes = tuple(map(tuple, nodes))
        made = [node[0] for node in self.nodes]
        inputs: dict[str, None] = {}
        for position, (name, _, *read) in enumerate(self.nodes):
            if name in made[:position]:
                raise SettingError(
                    f"{self.title}: needs a name of its own for each value; got {name!r} twice"
                )
            inputs.update(dict.fromkeys(each for each in read if each not in made[:position]))
        if late := set(inputs) & set(made):
            raise SettingError(
                f"{self.title}: needs what is read to be made before; got {min(late)!r} later"
            )
        if idle := set(made[:-1]) - {each for _, _, *read in self.nodes for each in read}:
            raise SettingError(
                f"{self.title}: needs every value but the last to be read; got {min(idle)!r}"
            )
        self._inputs = tuple(inputs)
        super().__init__(*(layer for _, layer, *_ in self.nodes))

    def names(self, count: int) -> tuple[str, ...]:
        """Return the names of the inputs, in the order in which they are first read."""
        if count != len(self._inputs):
            raise ShapeError(
                f"{self.title}: needs the inputs ({', '.join(self._inputs)}); got {count} of them"
            )
        return self._inputs

    def parameter_names(self, each: int) -> tuple[tuple[str, ...], ...]:
        """Return all inputs except the first, as one part, whichever nodes read them."""
        return (self._inputs[1:],) if len(self._inputs) > 1 else ()

    def lay_out(self, inlined: Inlined) -> None:
        """Add the nodes, with composed layers split into operations."""
        numbers = {name: number for number, name in enumerate(self._inputs)}
        for name, layer, *read in self.nodes:
            numbers[name] = inlined.add(layer, [numbers[each] for each in read], name)

    def __repr__(self) -> str:
        """Return the constructor call."""
        return f"{self.title}({', '.join(map(repr, self.nodes))})"


class Residual(Composite):
    """y = x + layer(x, *params): (…) -> (…), the layer's output in the shape of x.

    Backward: dx is the sum of what arrives and of the layer's own gradient for x.
    """

    def __init__(self, layer: Layer) -> None:
        """Raises SettingError for something that is not a layer."""
        if not isinstance(layer, Layer):
            raise SettingError(f"{self.title}: needs a layer; got {layer!r}")
        self.layer = layer
        super().__init__(layer, Add())

    def names(self, count: int) -> tuple[str, ...]:
        """Return the names of the layer's inputs."""
        return self.layer.names(count)

    def parameter_names(self, each: int) -> tuple[tuple[str, ...], ...]:
        """Return the names of the layer's parameters."""
        return self.layer.parameter_names(each)

    def lay_out(self, inlined: Inlined) -> None:
        """Add the layer's steps, and the sum."""
        inlined.add(Add(), (inlined.add(self.layer, range(inlined.outside)), 0))

    def __repr__(self) -> str:
        """Return the constructor call."""
        return f"{self.title}({self.layer!r})"


class Sequential(Composite):
    """output = layer_n(… layer_1(x, w_1) …): (x, *params) -> the last layer's output.

    The parameters are passed in order to the operations that have some: one each (w) or two each
    (w, b), depending on how many there are. A Graph inside gets all of its inputs except the first;
    a Sequential inside counts as the layers that it contains.
    Backward: (dx, *dparams).
    """

    def __init__(self, *layers: Layer) -> None:
        """Raises SettingError for no layers, or for something that cannot stand in a sequence."""
        for layer in layers:
            if not isinstance(layer, Layer):
                raise SettingError(f"{self.title}: needs layers; got {layer!r}")
            if isinstance(layer, Operation) and layer.flowing != 1:
                raise SettingError(
                    f"{self.title}: needs layers of one value; got {layer!r}, which joins several"
                )
        self.layers: tuple[Layer, ...] = tuple(
            inner
            for layer in layers
            for inner in (layer.layers if isinstance(layer, Sequential) else (layer,))
        )
        if not self.layers:
            raise SettingError(f"{self.title}: needs at least one layer; got none")
        self._names: dict[int, tuple[str, ...]] = {}
        super().__init__(*self.layers)

    def names(self, count: int) -> tuple[str, ...]:
        """Return x, w1, b1, w2, …; without the numbers if only one part has parameters."""
        if count not in self._names:
            parts = self.parameter_names(self._params_each(count))
            numbers = [""] if len(parts) == 1 else range(1, len(parts) + 1)
            named = zip(parts, numbers, strict=True)
            params = (f"{name}{number}" for names, number in named for name in names)
            self._names[count] = ("x", *params)
        return self._names[count]

    def parameter_names(self, each: int) -> tuple[tuple[str, ...], ...]:
        """Return the names of all layers' parameters, in order."""
        return self._parts[each]

    def lay_out(self, inlined: Inlined) -> None:
        """Add one layer after the other."""
        flowing, each = 0, self._params_each(inlined.outside)
        waiting = iter(range(1, inlined.outside))
        for layer in self.layers:
            own = islice(waiting, sum(map(len, layer.parameter_names(each))))
            flowing = inlined.add(layer, (flowing, *own))

    def __repr__(self) -> str:
        """Return the constructor call."""
        return f"{self.title}({', '.join(map(repr, self.layers))})"

    @cached_property
    def _parts(self) -> dict[int, tuple[tuple[str, ...], ...]]:
        """`parameter_names` for one parameter each, and for two."""
        return {
            each: tuple(part for layer in self.layers for part in layer.parameter_names(each))
            for each in (1, 2)
        }

    def _params_each(self, count: int) -> int:
        """Return how many parameters each operation that takes some gets, given `count` inputs."""
        for each in (1, 2):
            if count - 1 == sum(map(len, self._parts[each])):
                return each
        raise ShapeError(
            f"{self.title}: needs x, and one parameter (w) or two (w, b) for each of its layers "
            f"that have some, of which there are {self.parametrised}; got {count} inputs in all"
        )


class ConvBlock(Sequential):
    """z = max(ReLU(w * x)), the lab's block: x (L,), w () -> (), or any shapes that Conv1D takes.

    Backward: (dx, dw), or (dx, dw, db) with a bias.
    """

    def __init__(self) -> None:
        """Conv1D, ReLU, MaxPool over the whole axis."""
        super().__init__(Conv1D(), ReLU(), MaxPool())

    def __repr__(self) -> str:
        """Return the constructor call."""
        return f"{self.title}()"
