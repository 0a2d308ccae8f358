"""What the engine says about a case: the output, and the gradients under each convention."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, ClassVar, Final, Literal, TypeAlias

import numpy as np

import engine
from engine.arrays import Array
from engine.check.student.questions.cases import Case, Subject
from engine.kinks import Kinks
from engine.layers import (
    Conv1D,
    ConvBlock,
    Layer,
    MaxPool,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from engine.trace import Trace, trace

Ties: TypeAlias = Literal["all", "first", "split", "last"]

SLOPES: Final = (0.0, 1.0, 0.5)
TIES: Final[tuple[Ties, ...]] = ("all", "first", "split", "last")
NUDGE: Final = 2.0**-30


@dataclass(frozen=True)
class Convention:
    """What somebody may do at kinks: as `Kinks`, and also the last of tied entries.

    No framework does that, but a loop that keeps the largest so far with >= does, and it is a
    subgradient like the first.
    """

    relu_at_zero: float = 0.0
    pool_ties: Ties = "first"

    @property
    def kinks(self) -> Kinks:
        """The engine's own; of "last", what a mask with one entry a window needs."""
        ties = "first" if self.pool_ties == "last" else self.pool_ties
        return Kinks(self.relu_at_zero, ties)


def conventions(subject: Subject, slopes: tuple[float, ...] = SLOPES) -> tuple[Convention, ...]:
    """Those that make a difference to a class."""
    return tuple(
        Convention(slope, ties)
        for slope, ties in product(
            slopes if subject.relu else (0.0,), TIES if subject.pool else ("first",)
        )
    )


class _LastWins(Layer):
    """A pool in which the later of two alike entries counts as the larger one."""

    axes: ClassVar[int]

    def apply(self, *inputs: Array) -> tuple[Array, Any]:
        """The pool's output; what the pullback sees is nudged, far less than entries differ."""
        (x,) = inputs
        output, _ = super().apply(x)  # type: ignore[safe-super]
        steps = np.arange(prod(x.shape[-self.axes :])).reshape(x.shape[-self.axes :])
        _, nudged = super().apply(x + NUDGE * steps)  # type: ignore[safe-super]
        return output, nudged


class _LastMaxPool(_LastWins, MaxPool):
    pass


class _LastMaxPool2D(_LastWins, MaxPool2D):
    pass


def layer(name: str, case: Case, *, last: bool = False, **changed: Any) -> Layer:
    """The engine's layer for a case; changed: settings that a hypothesis changes."""
    settings = {**case.settings, **changed}
    pools = {"MaxPool": _LastMaxPool, "MaxPool2D": _LastMaxPool2D} if last else {}
    if name == "ConvBlock":
        return Sequential(Conv1D(), ReLU(), _LastMaxPool()) if last else ConvBlock()
    if name == "Sequential":
        return Sequential(*(getattr(engine, each)() for each in case.layers))
    if name == "SoftmaxCrossEntropy":
        return SoftmaxCrossEntropy(case.labels)
    made: Layer = pools.get(name, getattr(engine, name))(**settings)
    return made


@dataclass(frozen=True, eq=False)
class Reference:
    """The engine at one case of one class."""

    subject: Subject
    case: Case

    @cached_property
    def _trace(self) -> Trace:
        return self.traced()

    @cached_property
    def _grads(self) -> dict[Convention, tuple[Array, ...]]:
        return {}

    @property
    def output(self) -> Array:
        """What forward gives."""
        return self._trace.output

    def grads(self, convention: Convention) -> tuple[Array, ...]:
        """What backward gives under a convention."""
        if convention not in self._grads:
            if convention.pool_ties == "last" and self.subject.pool:
                passed = self.traced(convention)
            else:
                passed = self._trace.under(convention.kinks)
            self._grads[convention] = passed.grads
        return self._grads[convention]

    @cached_property
    def kinked(self) -> bool:
        """Whether the convention makes a difference here."""
        first, *others = (self.grads(each) for each in conventions(self.subject))
        return any(
            not np.array_equal(mine, theirs)
            for other in others
            for mine, theirs in zip(first, other, strict=True)
        )

    def traced(
        self,
        convention: Convention = Convention(),
        inputs: tuple[Array, ...] | None = None,
        dout: Array | None = None,
        **changed: Any,
    ) -> Trace:
        """A pass, also with other inputs, another dout, other settings: for hypotheses."""
        last = convention.pool_ties == "last"
        return trace(
            layer(self.subject.name, self.case, last=last, **changed),
            *(self.case.inputs if inputs is None else inputs),
            dout=self.case.dout if dout is None else dout,
            kinks=convention.kinks,
        )
