"""Several passes of an operation at once, each with its own copy of the inputs.

A copy is one of M sets of inputs that have the same shapes. The gradient check computes a pass for
each copy in which one entry is moved a little; a slider needs the pass for each of its values. With
few entries nearly all the cost of a pass is the overhead of numpy calls, which is the same for many
passes as for one. So the copies are laid side by side in one array, of which each numpy call
computes all entries.

How they lie there depends on the operation, which overrides `Copyable.beside`, or, if it has a
faster way to the outputs alone, `Copyable.apply_to_copies`. An operation that overrides neither
computes its copies one after the other.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Extent, Mask, check_finite
from engine.kinks import Kinks
from engine.why import WhyArray

Number = TypeVar("Number", bound=np.generic)


class Grads(NamedTuple):
    """What a pullback returns: the gradients of the inputs, and functions that say more of them."""

    grads: tuple[Array, ...]
    why: Callable[[], tuple[WhyArray, ...]]  # returns per input the reason (a Why) for each entry
    decided: Callable[[], tuple[Mask, ...]] | None = None
    """Returns per input whether the rule decided the entry; None if the layer has no kinks."""

    def kinked(self) -> tuple[Mask, ...]:
        """Return per input whether the rule decided each entry, in the input's shape."""
        if self.decided:
            return self.decided()
        return tuple(np.zeros(grad.shape, dtype=np.bool_) for grad in self.grads)


class Side(NamedTuple):
    """How M copies of an array, (M, *shape), lie in one array."""

    axis: int  # the position at which the axis of copies is inserted among a copy's axes
    between: Extent  # the shape after that
    whole: Extent  # the shape of the one array, with the same entries in that order

    @classmethod
    def of(cls, copies: int, shape: Extent, whole: Extent = (), axis: int = 0) -> "Side":
        """Build it for copies of this shape; whole: may be left out if it equals `between`."""
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
    """M passes of an operation side by side: (M, *shape) of each input -> (M, *shape)."""

    wide: "Copyable | _OneByOne"  # what computes all of them at once
    inputs: Sequence[Side]  # how the arrays of the M passes lie in those of `wide`
    output: Side  # the same for the output

    def apply(self, *inputs: Array) -> tuple[Array, Any]:
        """Return the outputs, and what the pullback needs."""
        together = (side.together(x) for side, x in zip(self.inputs, inputs, strict=True))
        output, cache = self.wide.apply(*together)
        return self.output.apart(output), cache

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Return the gradients, and the reasons for them."""
        pulled = self.wide.vjp(self.output.together(dout), cache, kinks)

        def apart(arrays: Iterable[NDArray[Number]]) -> tuple[NDArray[Number], ...]:
            both = zip(self.inputs, arrays, strict=True)
            return tuple(side.apart(whole) for side, whole in both)

        return Grads(
            apart(pulled.grads), lambda: apart(pulled.why()), lambda: apart(pulled.kinked())
        )


class _OneByOne(NamedTuple):
    """M passes of an operation, one after the other: (M, *shape) of each input -> (M, *shape)."""

    operation: "Copyable"

    def apply(self, *inputs: Array) -> tuple[Array, list[Any]]:
        """Return the outputs, and what each pullback needs."""
        each = [self.operation.apply(*one) for one in zip(*inputs, strict=True)]
        return np.stack([output for output, _ in each]), [cache for _, cache in each]

    def vjp(self, dout: Array, cache: list[Any], kinks: Kinks) -> Grads:
        """Return the gradients, and the reasons for them."""
        both = zip(dout, cache, strict=True)
        each = [self.operation.vjp(np.asarray(sent), seen, kinks) for sent, seen in both]

        def stacked(rows: Iterable[tuple[NDArray[Number], ...]]) -> tuple[NDArray[Number], ...]:
            return tuple(map(np.stack, zip(*rows, strict=True)))

        return Grads(
            stacked(one.grads for one in each),
            lambda: stacked(one.why() for one in each),
            lambda: stacked(one.kinked() for one in each),
        )


class Copyable(ABC):
    """A pass and its pullback, and how they are computed for M copies of the inputs at once.

    A class that overrides `apply` or `vjp` computes something else than its base, so it does not
    inherit the base's `beside`; if it overrides `apply`, it does not inherit `apply_to_copies`
    either. It has the defaults of these, unless it overrides them too. `passes` and `outputs` also
    take the defaults if the methods have been replaced since, on the class or on an instance.
    """

    title: ClassVar[str]
    _when_made: ClassVar[Mapping[str, Callable[..., Any]]]
    """`apply` and `vjp` as they were when the class was defined."""

    @abstractmethod
    def apply(self, *inputs: Array) -> tuple[Array, Any]:
        """Return the output, and what the pullback needs."""

    @abstractmethod
    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Return the gradients of Σ dout · output, one for each input."""

    @abstractmethod
    def output_shape(self, *shapes: Extent) -> Extent:
        """Return the output's shape, given the inputs'."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Reset `beside` and `apply_to_copies` if the inherited ones may compute something else."""
        super().__init_subclass__(**keywords)
        own = [name for name in ("apply", "vjp") if _overridden(cls, name)]
        if own and "beside" not in vars(cls):
            cls.beside = Copyable.beside  # type: ignore[method-assign]
        if "apply" in own and "apply_to_copies" not in vars(cls):
            cls.apply_to_copies = Copyable.apply_to_copies  # type: ignore[method-assign]
        cls._when_made = {"apply": cls.apply, "vjp": cls.vjp}

    def beside(self, copies: int, *shapes: Extent) -> Beside:
        """Return what computes this many passes on inputs of these shapes, each as if alone.

        Here one after the other; an operation that can compute all in one pass overrides this.
        """
        return leading(self, copies, *shapes, wide=_OneByOne(self))

    def apply_to_copies(self, copied: tuple[int, ...], inputs: tuple[Array, ...]) -> Array:
        """Return the outputs of M copies: `copied` inputs have a first axis M, others are shared.

        Here the shared ones are repeated; an operation that can avoid that overrides this.
        """
        copies = len(inputs[copied[0]])
        every = [
            each if i in copied else np.broadcast_to(each, (copies, *each.shape))
            for i, each in enumerate(inputs)
        ]
        return self.passes(copies, *(each.shape[1:] for each in every)).apply(*every)[0]

    def passes(self, copies: int, *shapes: Extent) -> Beside:
        """Return `beside`, or its default if `apply` or `vjp` was replaced."""
        if self._replaced("apply", "vjp"):
            return Copyable.beside(self, copies, *shapes)
        return _beside(self, copies, *shapes)

    def outputs(self, copied: tuple[int, ...], inputs: tuple[Array, ...]) -> Array:
        """Return `apply_to_copies`, or its default if `apply` was replaced.

        Raises EngineError if an output leaves the range of its dtype.
        """
        if self._replaced("apply"):
            result = Copyable.apply_to_copies(self, copied, inputs)
        else:
            result = self.apply_to_copies(copied, inputs)
        check_finite(self.title, "the output", result)
        return result

    def _replaced(self, *methods: str) -> bool:
        """Return whether one of these is no longer the method that the class was defined with."""
        return any(
            getattr(getattr(self, name), "__func__", None) is not self._when_made[name]
            for name in methods
        )


def _overridden(cls: type[Copyable], name: str) -> bool:
    """Return whether a class replaces a method that it would have inherited."""
    abstract = getattr(getattr(super(cls, cls), name), "__isabstractmethod__", False)
    return name in vars(cls) and not abstract


@lru_cache(maxsize=64)  # a slider moves again and again
def _beside(operation: Copyable, copies: int, *shapes: Extent) -> Beside:
    return operation.beside(copies, *shapes)


def leading(
    operation: Copyable, copies: int, *shapes: Extent, wide: Copyable | _OneByOne | None = None
) -> Beside:
    """Return passes side by side along an additional first axis.

    wide: what computes them; by default the operation itself, to which such an axis makes no
    difference.
    """
    *inputs, output = (
        Side.of(copies, shape) for shape in (*shapes, operation.output_shape(*shapes))
    )
    return Beside(wide or operation, inputs, output)
