"""A case that a class is asked, and what the engine says about it, under each convention."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from itertools import product, starmap
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

import engine
from engine.arrays import Array, Index, indices, nonzero_at
from engine.grader.interfaces import LOSS
from engine.kinks import Kinks, Ties
from engine.layers import Layer, Sequential, SoftmaxCrossEntropy
from engine.trace import Trace, receptive_field, trace

Setting: TypeAlias = int | tuple[int, int]
Settings: TypeAlias = Mapping[str, Setting]

NO_SETTINGS: Final[Settings] = MappingProxyType({})
RANDOM: Final = "random"
BY_HAND: Final = "by hand"


@dataclass(frozen=True, eq=False)
class Case:
    """One pass: the inputs, each of which has a gradient, and what comes back from above.

    point: what is special about the numbers. spare: the bias of a class that demands one.
    labels: for a loss; bound tells that its constructor gets them. layers: what a class is built
    on that takes layers.
    """

    point: str
    inputs: tuple[Array, ...]
    dout: Array
    settings: Settings
    spare: Array | None = None
    labels: NDArray[np.int64] | None = None
    bound: bool = False
    layers: tuple[str, ...] = ()

    @property
    def ordinary(self) -> bool:
        """Whether nothing is special about the numbers: who refuses these refuses the feature."""
        return self.point in (RANDOM, BY_HAND)

    @property
    def handed(self) -> NDArray[np.int64] | None:
        """The labels that forward is given; None where the constructor gets them, or none are."""
        return None if self.bound else self.labels

    @property
    def kind(self) -> tuple[Any, ...]:
        """All but its numbers: the shapes and the settings."""
        return (*(each.shape for each in self.inputs), *self.settings.items())


@dataclass(frozen=True, eq=False)
class Feature:
    """Something that a class may offer or not.

    what: what it is asked to do; "" where that is to take a form at all. form: the shapes of what
    it is given; a class may take one alone, and is then asked for everything in that one. within:
    the feature that must be offered before this one is asked for. bias: whether it hands over b.
    claimed: a constructor that names its settings claims it, so that a wrong shape is wrong. free:
    numpy's broadcasting may give the right output to a class that never thought of it; then
    gradients of the wrong shape at all these inputs say "not offered". advice: what is said in a
    note where it fails, since failing here is not wrong.
    """

    what: str
    cases: tuple[Case, ...]
    form: str = ""
    within: str = ""
    bias: bool = False
    claimed: bool = True
    free: tuple[int, ...] = ()
    advice: str = ""

    @property
    def name(self) -> str:
        """'padding with h (N, C, L)'."""
        return " with ".join(filter(None, (self.what, self.form)))

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings of the constructor that it needs."""
        bound = ("labels",) if any(case.bound for case in self.cases) else ()
        return (*{setting: None for case in self.cases for setting in case.settings}, *bound)


@dataclass(frozen=True, eq=False)
class Topic:
    """A class of the lab's interface.

    inputs and output: their names in the lab's formulas. settings: of the constructor, in order.
    relu and pool: whether a rule at kinks can decide a gradient. axes: the spatial ones. scalar:
    whether backward may go without dout, the output being one number.
    """

    name: str
    inputs: tuple[str, ...]
    output: str
    settings: tuple[str, ...] = ()
    relu: bool = False
    pool: bool = False
    axes: int = 1
    scalar: bool = False
    features: tuple[Feature, ...] = field(default=(), repr=False)

    @property
    def upstream(self) -> str:
        """What the gradient that comes back is called."""
        return f"d{self.output}"

    def batched(self, x: Array) -> bool:
        """Whether the first axis of x counts examples; of a ReLU it may as well be another."""
        axes = {"Linear": 2, "ReLU": 2, "Flatten": 1, LOSS: 2}
        return x.ndim >= axes.get(self.name, self.axes + 2)

    def gradient(self, argument: int) -> str:
        """What the gradient of an input is called."""
        return f"d{self.inputs[argument]}"


SLOPES: Final = (0.0, 1.0, 0.5)
TIES: Final[tuple[Ties, ...]] = ("all", "first", "split", "last")


@dataclass(frozen=True)
class Convention(Kinks):
    """What somebody may do at kinks: as `Kinks`, and of a pool's tied entries also the last.

    No framework does that, but a loop that keeps the largest so far with >= does, and it is a
    subgradient like the first.
    """

    relu_at_zero: float = 0.0
    pool_ties: Ties = "first"  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Nothing is checked: no rule has the last."""


NO_KINKS: Final = Convention()
"""Away from kinks: there all conventions give the same."""


def conventions(topic: Topic, slopes: tuple[float, ...] = SLOPES) -> tuple[Convention, ...]:
    """Those that make a difference to a class."""
    ties: tuple[Ties, ...] = TIES if topic.pool else ("first",)
    return tuple(starmap(Convention, product(slopes if topic.relu else (0.0,), ties)))


def layer(name: str, case: Case, **changed: Any) -> Layer:
    """The engine's layer for a case; changed: settings that a hypothesis changes."""
    if name == "Sequential":
        return Sequential(*(getattr(engine, each)() for each in case.layers))
    if name == LOSS:
        return SoftmaxCrossEntropy(case.labels)
    made: Layer = getattr(engine, name)(**{**case.settings, **changed})
    return made


@lru_cache(512)
def reference_at(topic: Topic, case: Case) -> "Reference":
    """The engine at a case, which more than one class may be asked."""
    return Reference(topic, case)


@dataclass(frozen=True, eq=False)
class Reference:
    """The engine at one case of one class."""

    topic: Topic
    case: Case

    @cached_property
    def _trace(self) -> Trace:
        return self.traced()

    @property
    def output(self) -> Array:
        """What forward gives."""
        return self._trace.output

    @cached_property
    def passed(self) -> Callable[[Convention], Trace]:
        """The pass under a convention, worked out once."""
        return cache(self._trace.under)

    def grads(self, convention: Convention) -> tuple[Array, ...]:
        """What backward gives under a convention."""
        return self.passed(convention).grads

    @cached_property
    def grads_of(self) -> Callable[[Convention, Any], tuple[Array, ...]]:
        """What backward would give under a convention, had only some outputs sent anything back.

        Kept, since every hypothesis on how shares come together asks for all of them.
        """

        def grads(convention: Convention, where: Any) -> tuple[Array, ...]:
            alone = np.zeros_like(self.case.dout)
            alone[where] = self.case.dout[where]
            return self.traced(convention, dout=alone).grads

        return cache(grads)

    @cached_property
    def kinked(self) -> bool:
        """Whether the convention makes a difference here."""
        first, *others = (self.grads(each) for each in conventions(self.topic))
        return any(
            not np.array_equal(mine, theirs)
            for other in others
            for mine, theirs in zip(first, other, strict=True)
        )

    @cached_property
    def readers(self) -> dict[Index, list[Index]]:
        """For each output the entries of x that it reads."""
        passed, position = self._trace, len(self._trace.steps)
        return {
            index: nonzero_at(receptive_field(passed, position, index)[0])
            for index in indices(self.output.shape)
        }

    def traced(
        self,
        convention: Convention = NO_KINKS,
        inputs: tuple[Array, ...] | None = None,
        dout: Array | None = None,
        **changed: Any,
    ) -> Trace:
        """A pass, also with other inputs, another dout, other settings: for hypotheses."""
        return trace(
            layer(self.topic.name, self.case, **changed),
            *(self.case.inputs if inputs is None else inputs),
            dout=self.case.dout if dout is None else dout,
            kinks=convention,
        )
