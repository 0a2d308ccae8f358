"""What every layer is: a pure pair of functions, and the lab's forward and backward around it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import (
    Array,
    Index,
    Mask,
    all_finite,
    check_finite,
    real_arrays,
    upstream_array,
)
from engine.errors import OrderError, ShapeError
from engine.kinks import LAB, Kinks
from engine.why import WhyArray


class Reasons(NamedTuple):
    """Per input of a layer: the code of each gradient entry, and whether the rule decided it."""

    why: tuple[WhyArray, ...]
    kinked: tuple[Mask, ...]


class Grads(NamedTuple):
    """The gradients of a layer's inputs; their reasons are computed when they are asked for."""

    grads: tuple[Array, ...]
    reasons: Callable[[], Reasons]


class Layer(ABC):
    """A layer: `apply` and its pullback `vjp`, both pure; `forward` and `backward` remember.

    A layer has no parameters of its own: weights are inputs like x. One layer may be shared by
    any number of threads as long as they use the pure pair; `forward` and `backward` keep what
    they remember on the layer, as in the lab.
    """

    arguments: ClassVar[tuple[str, ...]] = ("x",)
    """The names of the inputs, in order."""
    optional: ClassVar[int] = 0
    """How many of the last inputs may be left out."""

    _remembered: tuple[Array, Any] | None = None

    @abstractmethod
    def apply(self, *inputs: Array) -> tuple[Array, Any]:
        """The output, and what the pullback needs, which may be the inputs themselves.

        Checks shapes; values are checked before (`admit`).
        """

    @abstractmethod
    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """The gradients of the sum of dout * output, one for each input, under a rule at kinks."""

    def param_grads(self, dout: Array, cache: Any, kinks: Kinks) -> tuple[Array, ...]:
        """The gradients of all inputs but the first: all that the first layer of a network needs.

        For a layer that can save the work for dx.
        """
        return self.vjp(dout, cache, kinks).grads[1:]

    def bind(self, inputs: tuple[ArrayLike, ...]) -> tuple["Layer", tuple[ArrayLike, ...]]:
        """The layer and the inputs that a pass is about; data that has no gradient is bound."""
        return self, inputs

    @abstractmethod
    def feeds(self, argument: int, index: Index, cache: Any) -> Iterator[Index]:
        """The outputs that read this entry of an input, in index order."""

    def partner(self, argument: int, index: Index, output: Index, cache: Any) -> Index | None:
        """Which entry of the other input multiplies this one in this output; None for no product.

        The other input of x is w, and the other way round.
        """
        return None

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

    def check_gradients(self, owner: str, grads: tuple[Array, ...]) -> None:
        """Raises NumberError, naming owner and input, where one left the range of its dtype."""
        for position, grad in enumerate(grads):
            if not all_finite(grad):  # only then is a name worth its time
                name = self.names(len(grads))[position]
                check_finite(owner, f"the gradient of {name}", grad)

    @property
    def title(self) -> str:
        """What messages and traces call this layer."""
        return type(self).__name__

    def __repr__(self) -> str:
        """The constructor call, for messages and notebooks."""
        return f"{self.title}()"


def nothing_kinked(grads: tuple[Array, ...]) -> tuple[Mask, ...]:
    """For a layer that is smooth everywhere."""
    return tuple(np.zeros(grad.shape, dtype=np.bool_) for grad in grads)
