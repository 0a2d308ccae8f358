"""The base classes of all layers, and the types in which an operation describes itself.

A layer is a pair of pure functions, `apply` and its pullback `vjp`. Around them it has the stateful
`forward` and `backward` of the lab, the exercise that this program grew from. An `Operation` is one
step of a pass; the layers in graph.py are composed of operations. How several passes are computed
at once is a matter of its own, in copies.py.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from inspect import Parameter, signature
from types import MappingProxyType
from typing import Any, ClassVar, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import (
    Array,
    Extent,
    Index,
    Mask,
    all_finite,
    check_finite,
    indices,
    nonzero_at,
    real_arrays,
    upstream_array,
)
from engine.errors import OrderError, ShapeError
from engine.kinks import CHOICES, LAB, Kinks, Rule, check_kinks
from engine.layers.copies import Beside, Copyable, leading
from engine.layers.copies import Grads as Grads  # exported from here too
from engine.layers.spelling import FRAMEWORKS, Framework
from engine.why import Why, paint


class Node(NamedTuple):
    """One step of a pass: an operation, and the numbers of the values that it reads.

    The values of a pass are numbered: first what comes from outside, x and the parameters, then
    each step's output.
    """

    operation: "Operation"
    reads: tuple[int, ...]
    name: str = ""  # the step's name; "" if it is its layer's


@dataclass(frozen=True, slots=True)
class Factor:
    """What multiplies an output's upstream gradient on its way to one entry of an input.

    text and latex: its name, with gaps for other names, {entry}, {output} and {cofactor}; {index},
    the entry's name without its letter; and {value}, the entry's value.
    cofactor: (argument, index) if the factor is an entry of another input, whatever the values are;
    otherwise None, and the factor's number is the slope ∂output/∂entry. slope: that number if it
    does not depend on any value; otherwise None.
    """

    text: str
    latex: str
    cofactor: tuple[int, Index] | None = None
    slope: float | None = None


ONE = Factor("1", "1", slope=1.0)  # the factor of a gradient that is passed on unchanged
SHARE = Factor("(share of {entry} in {output})", r"\mathrm{{share}}({entry} \to {output})")
"""The factor of a maximum's gradient: what share of it an entry gets."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words for an operation: templates with named gaps.

    letter: its output's letter in a formula. name: its name inside a sentence: "max pool". forward
    and backward: what it does, one sentence each, with the gaps {input}, {weight} and {output}, the
    letters of these. value: an output as a formula, with the gaps {inputs}, the entries that it
    reads, and {sum}, the sum of them, or of their products with the parameters; a test works it out
    as Python, unless it has no gaps, or is the name with the inputs: "leaky ReLU({inputs})".
    passes: why a gradient comes from an output to an entry, half a sentence with the factor in it,
    with the gaps {entry} and {its}, the entry's name and its possessive, {factor}, the factor's
    name and number, {slope}, its number, and {share}, the share that the entry gets at a tie,
    "½ of it". chosen: the same at a kink, where the rule has chosen the slope; only for an
    operation with kinks. zeros: what a zero of its gradient is called, half a sentence for each
    reason that not every operation gives, with the gaps {entry} and {subject}, the entry's name
    without and with its value; about windows also {of}, which windows they are, {gradients} and
    {winners}, what the windows carry and which entries get it.
    """

    letter: str
    name: str
    forward: str
    backward: str
    value: str
    passes: str
    chosen: str = ""
    zeros: Mapping[Why, str] = field(default_factory=lambda: MappingProxyType({}))


class Size(NamedTuple):
    """A number that the shapes of an operation's parameters need beside the shape of its input."""

    name: str  # its name in torch.nn, if it has one there
    axes: int = 1  # how many numbers there may be, one per axis
    unstated: int | None = None  # the number if none is stated; None if it must be stated


LinearMap: TypeAlias = Mapping[tuple[int, Index], float]
"""∂output/∂entry by (argument, index), where it is not 0."""

Bends: TypeAlias = tuple[NDArray[np.intp], Array]
"""(stretches, shares): for each bend the number of the stretch between two points on which it lies,
and the fraction of that stretch before the bend."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The linear maps that meet at one output, at a point; away from kinks there is only one.

    Near the point the output is the largest of them or, if `largest` is False, the smallest.
    """

    maps: tuple[LinearMap, ...]
    largest: bool = True

    @classmethod
    def of(cls, slopes: tuple[Array, ...]) -> "Pieces":
        """Return a single map, given the slopes ∂output/∂input, one array for each input."""
        found = {
            (argument, index): float(each[index])
            for argument, each in enumerate(slopes)
            for index in nonzero_at(each)
        }
        return cls((found,))

    @property
    def entries(self) -> set[tuple[int, Index]]:
        """All entries that occur in any of the maps."""
        return {entry for each in self.maps for entry in each}


class Gate(Enum):
    """What a unit, one entry of an elementwise operation, does with a gradient."""

    OPEN = "open"
    CLOSED = "closed"
    KINK = "kink"


class Layer(ABC):
    """A layer: `apply` and its pullback `vjp`, both pure; `forward` and `backward` remember.

    A layer has no parameters of its own: weights are inputs like x. One layer may be shared by
    any number of threads as long as they use the pure pair; `forward` and `backward` keep what
    they remember on the layer, as in the lab. A layer is either an `Operation`, one step of a pass,
    or composed of operations.
    """

    title: ClassVar[str]  # the class's name, used in messages and traces
    settings: ClassVar[tuple[str, ...]] = ()
    """The constructor's arguments, each kept as an attribute of the same name."""
    unsaid: ClassVar[Mapping[str, object]] = MappingProxyType({})
    """Settings that `repr` leaves out if they have this value along every axis."""
    _remembered: tuple[Array, Any] | None = None

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Give the class its title."""
        super().__init_subclass__(**keywords)
        cls.title = cls.__name__

    @abstractmethod
    def apply(self, *inputs: Array) -> tuple[Array, Any]:
        """Return the output, and what the pullback needs, which may be the inputs themselves.

        Checks shapes; values have been checked before (`admit`).
        """

    @abstractmethod
    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Return the gradients of Σ dout · output, one for each input, under a rule at kinks."""

    @abstractmethod
    def plan(self, count: int) -> tuple[Node, ...]:
        """Return the steps of a pass with `count` inputs. Raises ShapeError for a wrong number."""

    @abstractmethod
    def names(self, count: int) -> tuple[str, ...]:
        """Return the names of `count` inputs. Raises ShapeError for a wrong number."""

    @abstractmethod
    def parameter_names(self, each: int) -> tuple[tuple[str, ...], ...]:
        """Return the names of its parameters in a Sequential, for each part of it that has some.

        each: how many parameters an operation has that may have one (w) or two (w, b).
        """

    @property
    def parametrised(self) -> int:
        """How many of its parts have parameters."""
        return len(self.parameter_names(1))

    @property
    @abstractmethod
    def kink_choices(self) -> tuple[str, ...]:
        """The choices of a rule that its pullback reads, fields of `Kinks`; () without kinks."""

    def bind(self, inputs: tuple[ArrayLike, ...]) -> tuple["Layer", tuple[ArrayLike, ...]]:
        """Return the layer and the inputs for a pass; data without a gradient is bound to it."""
        return self, inputs

    @np.errstate(all="ignore")  # a result out of range is an error here, not a warning
    def forward(self, *inputs: ArrayLike) -> Array:
        """Return the output for these inputs. Raises EngineError (a ValueError) for bad input."""
        self._remembered = None
        bound, inputs = self.bind(inputs)
        output, cache = bound.apply(*bound.admit(inputs))
        check_finite(self.title, "the output", output)
        self._remembered = (output, cache)
        return output.copy(order="K")  # the pullback may read the output too

    @np.errstate(all="ignore")
    def backward(self, dout: ArrayLike, kinks: Kinks = LAB) -> Any:
        """Return the gradients for the inputs that `forward` saw: dx, or (dx, dw, …) for several.

        dout has the shape of the output. Raises OrderError if the last `forward` did not succeed or
        there was none, EngineError for bad input.
        """
        check_kinks(self.title, kinks)
        if self._remembered is None:
            raise OrderError(
                f"{self.title}: backward needs a forward that succeeded before it; got none"
            )
        output, cache = self._remembered
        grads = self.vjp(upstream_array(self.title, dout, output), cache, kinks).grads
        self.check_gradients(self.title, grads)
        return grads[0] if len(grads) == 1 else grads

    def admit(self, inputs: tuple[ArrayLike, ...]) -> tuple[Array, ...]:
        """Return the inputs as new, finite arrays of one floating dtype, or raise EngineError."""
        return real_arrays(self.title, self.names(len(inputs)), inputs)

    def check_gradients(self, owner: str, grads: tuple[Array, ...]) -> None:
        """Raise NumberError, naming owner and input, if a gradient left the range of its dtype."""
        for position, grad in enumerate(grads):
            if not all_finite(grad):  # only then is the name worth its time
                name = self.names(len(grads))[position]
                check_finite(owner, f"the gradient of {name}", grad)

    def __repr__(self) -> str:
        """Return the constructor call, for messages and notebooks."""
        given = {name: getattr(self, name) for name in self.settings}
        said = (f"{name}={value}" for name, value in given.items() if not self._goes(name, value))
        return f"{self.title}({', '.join(said)})"

    def _goes(self, name: str, value: Any) -> bool:
        """Return whether `repr` leaves a setting out."""
        each = value if isinstance(value, tuple) else (value,)
        return name in self.unsaid and {*each} == {self.unsaid[name]}


class Operation(Layer, Copyable):
    """A layer that is one step of a pass, and that describes itself to the rest of the program.

    A class that leaves out one of the abstract methods, those of `Layer` or those below, cannot be
    instantiated: Python's own TypeError names it. A class with parameters also needs
    `parameter_shapes`; one with kinks needs `pieces`, `bends` and `words.chosen`. Without these,
    defining the class raises TypeError. How several passes are computed at once, by `beside` and
    `apply_to_copies`, is inherited from `Copyable`.
    """

    arguments: ClassVar[tuple[str, ...]] = ("x",)  # the names of the inputs, in order
    sizes: ClassVar[tuple[Size, ...]] = ()
    """The sizes that its parameters' shapes need beside the shape of its input."""
    data: ClassVar[str] = ""
    """The constructor's argument that is data, not an input with a gradient; "" for no data."""
    torch_names: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """The names in torch.nn of those settings that have another name there."""
    optional: ClassVar[int] = 0  # how many of the last inputs may be left out
    flowing: ClassVar[int] = 1
    """How many of the first inputs are activations, such as x; those after them are parameters."""

    @property
    @abstractmethod
    def straight(self) -> bool:
        """Whether the output is piecewise linear in each input, the others being fixed."""

    @property
    @abstractmethod
    def words(self) -> Words:
        """The words for the operation."""

    @property
    def picks(self) -> bool:
        """Whether an output is one of its inputs, such as the maximum, so that some may tie."""
        return any(CHOICES[choice].of_ties for choice in self.kink_choices)

    @property
    def is_level(self) -> bool:
        """Whether its own slope may be 0 away from kinks, where a unit is inactive: see `words`."""
        return Why.GATE_CLOSED in self.words.zeros

    @abstractmethod
    def output_shape(self, *shapes: Extent) -> Extent:
        """Return the output's shape, given the inputs'. Raises ShapeError if they do not fit."""

    @abstractmethod
    def feeds(self, argument: int, index: Index, cache: Any) -> Iterator[Index]:
        """Return the outputs that read this entry, regardless of the values, in index order."""

    @abstractmethod
    def factor(self, argument: int, index: Index, output: Index, cache: Any) -> Factor:
        """Return what multiplies the output's upstream gradient on its way to this entry."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Raise TypeError for a class that lacks what its parameters or kinks need."""
        super().__init_subclass__(**keywords)
        _check_construction(cls)
        choices: object = cls.kink_choices
        if choices is Operation.kink_choices or choices == ():  # not defined yet, or no kink
            return
        if not isinstance(choices, property) and not _are_choices(choices):
            raise TypeError(
                f"{cls.__name__}: kink_choices needs to be a tuple of fields of Kinks; "
                f"got {choices!r}"
            )
        missing = [name for name in ("pieces", "bends") if _inherited(cls, name)]
        if missing:
            raise TypeError(
                f"{cls.__name__}: has kinks and needs {' and '.join(missing)}, to say what meets "
                "there"
            )
        words: object = cls.words  # still a property if each instance has its own
        if isinstance(words, Words) and not words.chosen:
            raise TypeError(f"{cls.__name__}: has kinks and its words need to say what is chosen")

    def plan(self, count: int) -> tuple[Node, ...]:
        """Return the only step."""
        self.names(count)
        return (Node(self, tuple(range(count))),)

    def parameter_names(self, each: int) -> tuple[tuple[str, ...], ...]:
        """Return the names of its own parameters as one part; () if it has none."""
        most = len(self.arguments) - self.flowing
        own = self.arguments[self.flowing :][: max(each, most - self.optional)]
        return (own,) if own else ()

    def names(self, count: int) -> tuple[str, ...]:
        """Return the names of `count` inputs. Raises ShapeError for a wrong number."""
        most = len(self.arguments)
        if not most - self.optional <= count <= most:
            raise ShapeError(
                f"{self.title}: needs the inputs ({', '.join(self.arguments)})"
                + (f", the last {self.optional} optional" if self.optional else "")
                + f"; got {count} of them"
            )
        return self.arguments[:count]

    def parameter_shapes(
        self, x: Extent, sizes: Mapping[str, Extent], *, bias: bool
    ) -> tuple[Extent, ...]:
        """Return the shapes of its parameters for an x of this shape, the optional ones if bias.

        sizes: the stated ones, each with a number for every axis. `output_shape` checks whether all
        of it fits together. () for an operation without parameters.
        """
        return ()

    def param_grads(self, dout: Array, cache: Any, kinks: Kinks) -> tuple[Array, ...]:
        """Return the gradients of all inputs except the first, all that a first layer needs.

        A layer that can save the work for dx overrides this.
        """
        return self.vjp(dout, cache, kinks).grads[1:]

    def spelled(
        self, framework: Framework, names: Sequence[str], shapes: Sequence[Extent], kinks: Kinks
    ) -> str:
        """Return the operation as a framework's expression of variables: "F.relu(a)".

        names and shapes: of its inputs. kinks: one of the framework's rules, which decides between
        several ways to write it there. Only for an operation that both frameworks know; for others,
        raises NotImplementedError.
        """
        raise NotImplementedError(
            f"{self.title}: does not say how it is written in {FRAMEWORKS[framework]}"
        )

    def pieces(self, output: Index, cache: Any) -> Pieces:
        """Return the linear maps that meet at an output; only for an operation with kinks."""
        raise NotImplementedError(f"{self.title}: has no kinks, so its slopes are its only piece")

    def bends(self, inputs: tuple[Array, ...], marked: Mask, cache: Any) -> list[Bends]:
        """Return where outputs bend between neighbours of M points on a line, in groups.

        inputs: each (M, *shape), linear between neighbouring points. marked: which outputs count.
        Only for an operation with kinks.
        """
        raise NotImplementedError(f"{self.title}: has no kinks, so it does not bend")

    def takes(self, rule: Rule, cache: Any) -> bool:
        """Return whether the operation of a row of RULES could take its place on these inputs."""
        return True

    def read_by(self, marked: Mask, inputs: tuple[Array, ...], cache: Any) -> tuple[Mask, ...]:
        """Return which entries of each input are read by the outputs that are marked.

        Here entry by entry, from `feeds`; an operation with a faster way overrides this.
        """
        return tuple(
            np.reshape(
                [
                    any(marked[output] for output in self.feeds(argument, index, cache))
                    for index in indices(each.shape)
                ],
                each.shape,
            )
            for argument, each in enumerate(inputs)
        )

    def unfolded(self, *shapes: Extent) -> int:
        """Return how many entries a pass copies in order to work on windows; 0 without windows."""
        return 0

    def gates(self, x: Array) -> NDArray[np.object_] | None:
        """Return what the unit at each output does with this input, a Gate; None without units."""
        return None

    def inactive(self, x: Array, kinks: Kinks) -> Mask | None:
        """Return which units let no gradient through with this input; None without units."""
        return None


def _check_construction(cls: type[Operation]) -> None:
    """Raise TypeError for a missing `parameter_shapes`, or an argument not among the settings."""
    if len(cls.arguments) > cls.flowing and _inherited(cls, "parameter_shapes"):
        raise TypeError(f"{cls.__name__}: has parameters and needs parameter_shapes")
    if not cls.__name__.startswith("_"):  # a shared base may take more than each class does
        taken = [each for each in signature(cls).parameters.values() if each.kind in _NAMED]
        unsaid = {each.name for each in taken} - {*cls.settings, cls.data}
        if unsaid:
            raise TypeError(
                f"{cls.__name__}: needs every argument of its constructor among its settings, or "
                f"as its data; got {', '.join(sorted(unsaid))} besides"
            )


_NAMED: Final = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


def _are_choices(choices: object) -> bool:
    return isinstance(choices, tuple) and {each.name for each in fields(Kinks)}.issuperset(choices)


def _inherited(cls: type[Operation], name: str) -> bool:
    return getattr(cls, name) is getattr(Operation, name)


def passed_on(grads: tuple[Array, ...]) -> Grads:
    """Return the Grads of a layer that passes gradients on unchanged: a zero is UPSTREAM_ZERO."""
    return Grads(grads, lambda: tuple(paint(grad, Why.UPSTREAM_ZERO) for grad in grads))


class EntryByEntry(Operation):
    """The base of operations whose outputs depend only on the input entries in the same place."""

    def output_shape(self, *shapes: Extent) -> Extent:
        """Return the shape that all inputs have. Raises ShapeError if they differ."""
        self.names(len(shapes))
        if len(set(shapes)) > 1:
            got = ", ".join(map(str, shapes))
            raise ShapeError(f"{self.title}: needs inputs of one shape; got {got}")
        return shapes[0]

    def feeds(self, argument: int, index: Index, cache: Any) -> Iterator[Index]:
        """Yield the output in the entry's place, which is all that it feeds."""
        yield index

    def beside(self, copies: int, *shapes: Extent) -> Beside:
        """Return passes side by side along an additional axis."""
        return leading(self, copies, *shapes)

    def read_by(self, marked: Mask, inputs: tuple[Array, ...], cache: Any) -> tuple[Mask, ...]:
        """Return the entries in the same places, of every input."""
        return (marked,) * len(inputs)


def through_zero(values: Array) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """Return where columns of (M, N) pass 0 between two rows: the rows before, the columns, shares.

    A share is the fraction of the way from one row to the next at which the column is 0.
    """
    signs = np.sign(values)  # the product of two small numbers may round to 0
    row, column = np.nonzero(signs[:-1] * signs[1:] < 0)
    before, after = values[row, column], values[row + 1, column]
    return row, column, before / (before - after)
