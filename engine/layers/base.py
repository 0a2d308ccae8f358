"""What every layer is, and what an operation says about itself.

A layer is a pure pair of functions, with the lab's forward and backward around it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from functools import lru_cache, partial
from inspect import Parameter, signature
from types import MappingProxyType
from typing import Any, ClassVar, Final, NamedTuple, TypeAlias, TypeVar

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
from engine.kinks import LAB, Kinks, Rule, check_kinks
from engine.layers.spelling import FRAMEWORKS, Framework
from engine.why import Why, WhyArray, paint

Number = TypeVar("Number", bound=np.generic)


class Grads(NamedTuple):
    """The gradients of a layer's inputs; all else is computed when it is asked for.

    why: per input the reason (a Why) for each entry. decided: per input whether the rule decided
    the entry; None for a layer that is smooth everywhere.
    """

    grads: tuple[Array, ...]
    why: Callable[[], tuple[WhyArray, ...]]
    decided: Callable[[], tuple[Mask, ...]] | None = None

    def kinked(self) -> tuple[Mask, ...]:
        """Per input whether the rule decided the entry, in the input's shape."""
        if self.decided:
            return self.decided()
        return tuple(np.zeros(grad.shape, dtype=np.bool_) for grad in self.grads)


class Node(NamedTuple):
    """One step of a pass: an operation, and the numbers of the values that it reads.

    The values of a pass are numbered: first what comes from outside, x and the parameters, then
    what each step makes. name: what the step is called; "" where its layer's name will do.
    """

    operation: "Operation"
    reads: tuple[int, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Factor:
    """What multiplies an output's upstream gradient on its way to one entry of an input.

    text and latex: its name, with gaps for other names: {entry}, {output} and {cofactor}; {index},
    the entry's name without its letter; and {value}, the entry's.
    cofactor: (argument, index), where the factor is an entry of another input, whatever the values
    are; else None, and its number is the slope ∂output/∂entry: the one that is said here, where no
    value has a say in it.
    """

    text: str
    latex: str
    cofactor: tuple[int, Index] | None = None
    slope: float | None = None


ONE = Factor("1", "1", slope=1.0)
"""Of what is passed on as it came."""
SHARE = Factor("(share of {entry} in {output})", r"\mathrm{{share}}({entry} \to {output})")
"""Of what a maximum hands to those that tie for it."""


@dataclass(frozen=True, slots=True)
class Words:
    """How an operation is spoken of.

    letter: of what it makes, in a formula. name: inside a sentence: "max pool". forward and
    backward: what it does, a sentence each, with the gaps {input}, {weight} and {output}, the
    letters of these. value: what an output is, as a formula, with the gaps {inputs}, those that it
    reads, and {sum}, the sum of them, or of their products with the parameters. passes: why a
    gradient comes from an output to an entry, half a sentence with the factor in it, with the gaps
    {entry} and {its}, the entry's name and possessive, {factor}, the factor's name and number,
    {slope}, its number, and {share}, what it gets of a tie, "½ of it". chosen: the same at a kink,
    where the rule has chosen the slope; of an operation with kinks. zeros: what a zero of its
    gradient is called, by those reasons that this operation alone gives, half a sentence each, with
    the gaps {entry} and {subject}, its name without and with its value; for what is about windows
    {of}, which they are, {gradients} and {winners}, what they carry and who gets it.
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
    """A number that the shapes of an operation's parameters need beside the shape of its input.

    name: as torch.nn has it, where it does. axes: how many numbers there may be, one for each.
    unstated: what is meant where it is not stated; None where it has to be.
    """

    name: str
    axes: int = 1
    unstated: int | None = None


class Side(NamedTuple):
    """How M copies of an array, (M, *shape), lie in one array.

    axis: before which of a copy's axes theirs comes. between: the shape then. whole: that of the
    one array.
    """

    axis: int
    between: Extent
    whole: Extent

    @classmethod
    def of(cls, copies: int, shape: Extent, whole: Extent = (), axis: int = 0) -> "Side":
        """whole: left out where it is that of the copies with their axis."""
        between = (*shape[:axis], copies, *shape[axis:])
        return cls(axis, between, whole or between)

    def together(self, copies: NDArray[Number]) -> NDArray[Number]:
        """(M, *shape) -> whole."""
        moved = np.moveaxis(copies, 0, self.axis) if self.axis else copies
        return moved.reshape(self.whole)

    def apart(self, whole: NDArray[Number]) -> NDArray[Number]:
        """whole -> (M, *shape)."""
        copies = whole.reshape(self.between)
        return np.moveaxis(copies, self.axis, 0) if self.axis else copies


class Beside(NamedTuple):
    """M passes of an operation side by side: (M, *shape) of each input -> (M, *shape).

    wide: what does them all in one. inputs, output: how their arrays lie in its own.
    """

    wide: "Operation | _OneByOne"
    inputs: Sequence[Side]
    output: Side

    def apply(self, *inputs: Array) -> tuple[Array, Any]:
        """The outputs, and what the pullback needs."""
        together = (side.together(x) for side, x in zip(self.inputs, inputs, strict=True))
        output, cache = self.wide.apply(*together)
        return self.output.apart(output), cache

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """The gradients, and the reasons for them."""
        pulled = self.wide.vjp(self.output.together(dout), cache, kinks)

        def apart(arrays: Iterable[NDArray[Number]]) -> tuple[NDArray[Number], ...]:
            both = zip(self.inputs, arrays, strict=True)
            return tuple(side.apart(whole) for side, whole in both)

        return Grads(
            apart(pulled.grads), lambda: apart(pulled.why()), lambda: apart(pulled.kinked())
        )


class _OneByOne(NamedTuple):
    """M passes of an operation, one after the other: (M, *shape) of each input -> (M, *shape)."""

    operation: "Operation"

    def apply(self, *inputs: Array) -> tuple[Array, list[Any]]:
        """The outputs, and what each pullback needs."""
        each = [self.operation.apply(*one) for one in zip(*inputs, strict=True)]
        return np.stack([output for output, _ in each]), [cache for _, cache in each]

    def vjp(self, dout: Array, cache: list[Any], kinks: Kinks) -> Grads:
        """The gradients, and the reasons for them."""
        both = zip(dout, cache, strict=True)
        each = [self.operation.vjp(np.asarray(sent), seen, kinks) for sent, seen in both]

        def stacked(rows: Iterable[tuple[NDArray[Number], ...]]) -> tuple[NDArray[Number], ...]:
            return tuple(map(np.stack, zip(*rows, strict=True)))

        return Grads(
            stacked(one.grads for one in each),
            lambda: stacked(one.why() for one in each),
            lambda: stacked(one.kinked() for one in each),
        )


LinearMap: TypeAlias = Mapping[tuple[int, Index], float]
"""∂output/∂entry by (argument, index), where it is not 0."""

Bends: TypeAlias = tuple[NDArray[np.intp], Array]
"""(stretches, shares): the stretch, counted, that each lies on, and the share of it before it."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The linear maps that meet at one output, at a point; away from kinks there is but one.

    Next to the point the output is the largest of them, or, where `largest` is False, the smallest.
    """

    maps: tuple[LinearMap, ...]
    largest: bool = True

    @classmethod
    def of(cls, slopes: tuple[Array, ...]) -> "Pieces":
        """One map: the slopes ∂output/∂input, one array for each input."""
        found = {
            (argument, index): float(each[index])
            for argument, each in enumerate(slopes)
            for index in nonzero_at(each)
        }
        return cls((found,))

    @property
    def entries(self) -> set[tuple[int, Index]]:
        """All entries that have a part in any of them."""
        return {entry for each in self.maps for entry in each}


class Gate(Enum):
    """What a unit, one entry of an operation that works entry by entry, does with a gradient."""

    OPEN = "open"
    CLOSED = "closed"
    KINK = "kink"


class Layer(ABC):
    """A layer: `apply` and its pullback `vjp`, both pure; `forward` and `backward` remember.

    A layer has no parameters of its own: weights are inputs like x. One layer may be shared by
    any number of threads as long as they use the pure pair; `forward` and `backward` keep what
    they remember on the layer, as in the lab. It is an `Operation`, one step of a pass, or it is
    composed of some.
    """

    title: ClassVar[str]
    """What messages and traces call it: its class's name."""
    settings: ClassVar[tuple[str, ...]] = ()
    """The constructor's arguments, each of them kept under its own name."""
    unsaid: ClassVar[Mapping[str, object]] = MappingProxyType({})
    """Settings that go without saying where they are this, along every axis."""
    _remembered: tuple[Array, Any] | None = None

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Gives the class its title."""
        super().__init_subclass__(**keywords)
        cls.title = cls.__name__

    @abstractmethod
    def apply(self, *inputs: Array) -> tuple[Array, Any]:
        """The output, and what the pullback needs, which may be the inputs themselves.

        Checks shapes; values are checked before (`admit`).
        """

    @abstractmethod
    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """The gradients of the sum of dout * output, one for each input, under a rule at kinks."""

    @abstractmethod
    def plan(self, count: int) -> tuple[Node, ...]:
        """The steps of a pass with `count` inputs; ShapeError where it cannot take that many."""

    @abstractmethod
    def names(self, count: int) -> tuple[str, ...]:
        """The names of `count` inputs; ShapeError where the layer cannot take that many."""

    @abstractmethod
    def parameter_names(self, each: int) -> tuple[tuple[str, ...], ...]:
        """The names of its parameters in a row of layers, for each part of it that has some.

        each: how many an operation has that may have one (w) or two (w, b).
        """

    @property
    def parametrised(self) -> int:
        """How many of its parts have parameters."""
        return len(self.parameter_names(1))

    @property
    @abstractmethod
    def kink_choices(self) -> tuple[str, ...]:
        """Which choices of a rule its pullback reads, fields of `Kinks`; () if it has no kink."""

    def bind(self, inputs: tuple[ArrayLike, ...]) -> tuple["Layer", tuple[ArrayLike, ...]]:
        """The layer and the inputs that a pass is about; data that has no gradient is bound."""
        return self, inputs

    @np.errstate(all="ignore")  # a result out of range is an error here, not a warning
    def forward(self, *inputs: ArrayLike) -> Array:
        """The output for these inputs. Raises EngineError (a ValueError) for bad input."""
        self._remembered = None
        bound, inputs = self.bind(inputs)
        output, cache = bound.apply(*bound.admit(inputs))
        check_finite(self.title, "the output", output)
        self._remembered = (output, cache)
        return output.copy(order="K")  # the pullback may read the output too

    @np.errstate(all="ignore")
    def backward(self, dout: ArrayLike, kinks: Kinks = LAB) -> Any:
        """The gradients for the inputs that `forward` saw: dx, or (dx, dw, …) where there are more.

        dout has the shape of the output. Raises OrderError before a forward that succeeded,
        EngineError for bad input.
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
        """The inputs as new, finite arrays of one floating dtype; raises EngineError for others."""
        return real_arrays(self.title, self.names(len(inputs)), inputs)

    def check_gradients(self, owner: str, grads: tuple[Array, ...]) -> None:
        """Raises NumberError, naming owner and input, where one left the range of its dtype."""
        for position, grad in enumerate(grads):
            if not all_finite(grad):  # only then is a name worth its time
                name = self.names(len(grads))[position]
                check_finite(owner, f"the gradient of {name}", grad)

    def __repr__(self) -> str:
        """The constructor call, for messages and notebooks."""
        given = {name: getattr(self, name) for name in self.settings}
        said = (f"{name}={value}" for name, value in given.items() if not self._goes(name, value))
        return f"{self.title}({', '.join(said)})"

    def _goes(self, name: str, value: Any) -> bool:
        """Whether a setting goes without saying."""
        each = value if isinstance(value, tuple) else (value,)
        return name in self.unsaid and {*each} == {self.unsaid[name]}


class Operation(Layer):
    """A layer that is one step of a pass, and says all that others need to know of it.

    A class that leaves out one of the abstract methods, of `Layer` or below, cannot be
    instantiated: Python's own TypeError names it. One with parameters also needs
    `parameter_shapes`; one with kinks `pieces` and `bends`, and `words.chosen`; without these there
    is no class. One that replaces `apply` or `vjp` without a `beside` of its own computes its
    copies one by one, and one that replaces `apply` has no other's `apply_to_copies`.
    """

    arguments: ClassVar[tuple[str, ...]] = ("x",)
    """The names of the inputs, in order."""
    sizes: ClassVar[tuple[Size, ...]] = ()
    """What the shapes of its parameters need beside that of its input: where it has some."""
    data: ClassVar[str] = ""
    """The constructor's argument that is data, and never an input with a gradient; "" for none."""
    torch_names: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Those of its settings that torch.nn calls otherwise."""
    optional: ClassVar[int] = 0
    """How many of the last inputs may be left out."""
    flowing: ClassVar[int] = 1
    """How many of the first inputs are values that flow; those after them are parameters."""
    _when_made: ClassVar[Mapping[str, Callable[..., Any]]]

    @property
    @abstractmethod
    def straight(self) -> bool:
        """Whether the output is piecewise linear in each input, the others being fixed."""

    @property
    @abstractmethod
    def words(self) -> Words:
        """How it is spoken of."""

    @abstractmethod
    def output_shape(self, *shapes: Extent) -> Extent:
        """The output's shape, from the inputs' alone; raises ShapeError where they do not fit."""

    @abstractmethod
    def feeds(self, argument: int, index: Index, cache: Any) -> Iterator[Index]:
        """The outputs that read this entry of an input, whatever the values are, in index order."""

    @abstractmethod
    def factor(self, argument: int, index: Index, output: Index, cache: Any) -> Factor:
        """What multiplies the output's upstream gradient on its way to this entry of an input."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Raises TypeError for a class that lacks what its parameters or kinks need.

        Resets `beside` and `apply_to_copies` where they are inherited and compute something else.
        """
        super().__init_subclass__(**keywords)
        own = [name for name in ("apply", "vjp") if _overridden(cls, name)]
        # Who computes something else may not inherit how it is computed many times at once.
        if own and "beside" not in vars(cls):
            cls.beside = Operation.beside  # type: ignore[method-assign]
        if "apply" in own and "apply_to_copies" not in vars(cls):
            cls.apply_to_copies = Operation.apply_to_copies  # type: ignore[method-assign]
        cls._when_made = {"apply": cls.apply, "vjp": cls.vjp}
        _check_construction(cls)
        choices: object = cls.kink_choices
        if choices is Operation.kink_choices or choices == ():  # not said yet, or no kink
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
        words: object = cls.words  # still a property where each instance has its own
        if isinstance(words, Words) and not words.chosen:
            raise TypeError(f"{cls.__name__}: has kinks and its words need to say what is chosen")

    def plan(self, count: int) -> tuple[Node, ...]:
        """One step."""
        self.names(count)
        return (Node(self, tuple(range(count))),)

    def parameter_names(self, each: int) -> tuple[tuple[str, ...], ...]:
        """Its own, as far as it has some."""
        most = len(self.arguments) - self.flowing
        own = self.arguments[self.flowing :][: max(each, most - self.optional)]
        return (own,) if own else ()

    def names(self, count: int) -> tuple[str, ...]:
        """The names of `count` inputs; ShapeError where the layer cannot take that many."""
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
        """The shapes of its parameters for an x of this shape, those that may be left out if bias.

        sizes: those that are stated of `sizes`, each with a number for every axis. Whether all of
        it fits together, `output_shape` tells. () of an operation without parameters.
        """
        return ()

    def param_grads(self, dout: Array, cache: Any, kinks: Kinks) -> tuple[Array, ...]:
        """The gradients of all inputs but the first: all that the first layer of a network needs.

        For a layer that can save the work for dx.
        """
        return self.vjp(dout, cache, kinks).grads[1:]

    def spelled(
        self, framework: Framework, names: Sequence[str], shapes: Sequence[Extent], kinks: Kinks
    ) -> str:
        """The operation in a framework, an expression of variables: "F.relu(a)".

        names and shapes: of its inputs. kinks: a rule of the framework's own, which chooses between
        the ways to write it there. Of an operation that is known in both.
        """
        raise NotImplementedError(
            f"{self.title}: does not say how it is written in {FRAMEWORKS[framework]}"
        )

    def pieces(self, output: Index, cache: Any) -> Pieces:
        """The linear maps that meet at an output: of an operation that has kinks."""
        raise NotImplementedError(f"{self.title}: has no kinks, so its slopes are its only piece")

    def bends(self, inputs: tuple[Array, ...], marked: Mask, cache: Any) -> list[Bends]:
        """Where it bends between neighbours of M points on a line that keeps its inputs straight.

        inputs: each (M, *shape). marked: which outputs count. -> in groups. Of an operation that
        has kinks.
        """
        raise NotImplementedError(f"{self.title}: has no kinks, so it does not bend")

    def takes(self, rule: Rule, cache: Any) -> bool:
        """Whether the operation of this row of RULES could stand in its place, on these inputs."""
        return True

    def read_by(self, marked: Mask, inputs: tuple[Array, ...], cache: Any) -> tuple[Mask, ...]:
        """Which entries of each input the marked outputs read: a mask in the output's shape.

        Here entry by entry, from `feeds`; an operation that knows a quicker way has its own.
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
        """How many entries a pass copies beside its output, so that windows can be worked on."""
        return 0

    def beside(self, copies: int, *shapes: Extent) -> Beside:
        """So many passes on inputs of these shapes side by side, each as it is alone.

        Here one after the other; an operation that can do them in one has its own.
        """
        return leading(self, copies, *shapes, wide=_OneByOne(self))

    def passes(self, copies: int, *shapes: Extent) -> Beside:
        """As `beside`; one after the other where somebody has replaced `apply` or `vjp` since."""
        own = self._has_its_own("apply") and self._has_its_own("vjp")
        return (_beside if own else Operation.beside)(self, copies, *shapes)

    def _has_its_own(self, method: str) -> bool:
        """Whether a method is the one that the class was made with."""
        return getattr(getattr(self, method), "__func__", None) is self._when_made[method]

    def apply_to_copies(self, copied: tuple[int, ...], inputs: tuple[Array, ...]) -> Array:
        """The outputs for M copies: the copied inputs have a leading axis of M, others are shared.

        Here these are repeated; an operation that need not has its own.
        """
        copies = len(inputs[copied[0]])
        every = [
            each if i in copied else np.broadcast_to(each, (copies, *each.shape))
            for i, each in enumerate(inputs)
        ]
        return self.passes(copies, *(each.shape[1:] for each in every)).apply(*every)[0]

    def outputs(self, copied: tuple[int, ...], inputs: tuple[Array, ...]) -> Array:
        """As `apply_to_copies`; copy by copy where somebody has replaced `apply` since.

        Raises EngineError where an output leaves the range of its dtype.
        """
        own = self._has_its_own("apply")
        many = self.apply_to_copies if own else partial(Operation.apply_to_copies, self)
        result = many(copied, inputs)
        check_finite(self.title, "the output", result)
        return result

    def gates(self, x: Array) -> NDArray[np.object_] | None:
        """What the unit at each output does where this is its input, a Gate; None for no units."""
        return None

    def inactive(self, x: Array, kinks: Kinks) -> Mask | None:
        """Which units let no gradient through where this is their input; None for no units."""
        return None


def _check_construction(cls: type[Operation]) -> None:
    """Raises TypeError where a class leaves out what it is constructed from, or its shapes."""
    if len(cls.arguments) > cls.flowing and _inherited(cls, "parameter_shapes"):
        raise TypeError(f"{cls.__name__}: has parameters and needs parameter_shapes")
    if not cls.__name__.startswith("_"):  # what several share may take more than each of them
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


def _overridden(cls: type[Operation], name: str) -> bool:
    """Whether a class replaces a method that it would have inherited."""
    abstract = getattr(getattr(super(cls, cls), name), "__isabstractmethod__", False)
    return name in vars(cls) and not abstract


def _inherited(cls: type[Operation], name: str) -> bool:
    return getattr(cls, name) is getattr(Operation, name)


def passed_on(grads: tuple[Array, ...]) -> Grads:
    """Of a layer that hands on what arrives as it came, each entry of it to one of an input."""
    return Grads(grads, lambda: tuple(paint(grad, Why.UPSTREAM_ZERO) for grad in grads))


@lru_cache(maxsize=64)  # a slider is moved again and again
def _beside(operation: Operation, copies: int, *shapes: Extent) -> Beside:
    return operation.beside(copies, *shapes)


def leading(
    operation: Operation, copies: int, *shapes: Extent, wide: Operation | _OneByOne | None = None
) -> Beside:
    """Passes side by side along one axis more before all others.

    wide: what does them; left out where to the operation such an axis makes no difference.
    """
    *inputs, output = (
        Side.of(copies, shape) for shape in (*shapes, operation.output_shape(*shapes))
    )
    return Beside(wide or operation, inputs, output)


class EntryByEntry(Operation):
    """What operations share whose every output depends on the entries in its place alone."""

    def output_shape(self, *shapes: Extent) -> Extent:
        """That of every input."""
        self.names(len(shapes))
        if len(set(shapes)) > 1:
            got = ", ".join(map(str, shapes))
            raise ShapeError(f"{self.title}: needs inputs of one shape; got {got}")
        return shapes[0]

    def feeds(self, argument: int, index: Index, cache: Any) -> Iterator[Index]:
        """Each entry feeds the output in its place."""
        yield index

    def beside(self, copies: int, *shapes: Extent) -> Beside:
        """Along one axis more."""
        return leading(self, copies, *shapes)

    def read_by(self, marked: Mask, inputs: tuple[Array, ...], cache: Any) -> tuple[Mask, ...]:
        """The entries in the same places, of every input."""
        return (marked,) * len(inputs)


def through_zero(values: Array) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """Where columns pass 0 between two rows, (M, N): the rows before, the columns, the shares."""
    signs = np.sign(values)  # the product of two small numbers would be 0
    row, column = np.nonzero(signs[:-1] * signs[1:] < 0)
    before, after = values[row, column], values[row + 1, column]
    return row, column, before / (before - after)
