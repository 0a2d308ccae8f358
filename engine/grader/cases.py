"""Cases that a class is tested on, and the engine's results for them under each convention."""

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
    """One pass: the inputs, each of which has a gradient, and the upstream gradient."""

    point: str  # what is special about the numbers
    inputs: tuple[Array, ...]
    dout: Array
    settings: Settings
    spare: Array | None = None  # the bias for a class that demands one
    labels: NDArray[np.int64] | None = None  # for a loss
    bound: bool = False  # whether the constructor gets the labels
    layers: tuple[str, ...] = ()  # those that a class is built on, if it takes layers

    @property
    def ordinary(self) -> bool:
        """Whether the numbers are not special: a class that refuses them refuses the feature."""
        return self.point in (RANDOM, BY_HAND)

    @property
    def handed(self) -> NDArray[np.int64] | None:
        """The labels that forward is given; None if there are none or the constructor gets them."""
        return None if self.bound else self.labels

    @property
    def kind(self) -> tuple[Any, ...]:
        """The case without its numbers: the shapes and the settings."""
        return (*(each.shape for each in self.inputs), *self.settings.items())


@dataclass(frozen=True, eq=False)
class Feature:
    """Something that a class may offer or not."""

    what: str  # what it is asked to do; "" if that is only to take a form
    cases: tuple[Case, ...]
    form: str = ""
    """The shapes of its inputs; a class may take a single form, and is then asked for everything in
    that one."""
    within: str = ""  # the feature that must be offered before this one is asked for
    bias: bool = False  # whether b is passed
    claimed: bool = True
    """Whether a constructor that names the settings claims the feature, so that a wrong shape is
    wrong."""
    free: tuple[int, ...] = ()
    """Inputs for which numpy's broadcasting may give the right output to a class that was not
    written for them; then gradients of the wrong shape at all of these mean "not offered"."""
    advice: str = ""  # what a note says if the feature fails, since failing here is not wrong

    @property
    def name(self) -> str:
        """The feature in words: 'padding with h (N, C, L)'."""
        return " with ".join(filter(None, (self.what, self.form)))

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings of the constructor that the feature needs."""
        bound = ("labels",) if any(case.bound for case in self.cases) else ()
        return (*{setting: None for case in self.cases for setting in case.settings}, *bound)


@dataclass(frozen=True, eq=False)
class Topic:
    """A class of the lab's interface."""

    name: str
    inputs: tuple[str, ...]  # their names in the lab's formulas
    output: str  # its name in them
    settings: tuple[str, ...] = ()  # of the constructor, in order
    relu: bool = False  # whether a rule at kinks of a ReLU can decide a gradient
    pool: bool = False  # whether a rule at ties of a pool can decide a gradient
    axes: int = 1  # how many are spatial
    scalar: bool = False  # whether backward may do without dout, since the output is one number
    features: tuple[Feature, ...] = field(default=(), repr=False)

    @property
    def upstream(self) -> str:
        """The name of the upstream gradient."""
        return f"d{self.output}"

    def batched(self, x: Array) -> bool:
        """Whether the first axis of x counts examples; in a ReLU it may just as well be another."""
        axes = {"Linear": 2, "ReLU": 2, "Flatten": 1, LOSS: 2}
        return x.ndim >= axes.get(self.name, self.axes + 2)

    def gradient(self, argument: int) -> str:
        """Return the name of the gradient of an input."""
        return f"d{self.inputs[argument]}"


SLOPES: Final = (0.0, 1.0, 0.5)
TIES: Final[tuple[Ties, ...]] = ("all", "first", "split", "last")


@dataclass(frozen=True)
class Convention(Kinks):
    """What a class may do at kinks: what `Kinks` allows, and a pool may choose the last tied entry.

    No framework chooses the last, but a loop that keeps the largest so far with >= does, and the
    result is a subgradient just as with the first.
    """

    relu_at_zero: float = 0.0
    pool_ties: Ties = "first"  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Check nothing: `Kinks` knows no rule that gives a pool's last entry the gradient."""


NO_KINKS: Final = Convention()  # the convention away from kinks, where all give the same


def conventions(topic: Topic, slopes: tuple[float, ...] = SLOPES) -> tuple[Convention, ...]:
    """Return the conventions that make a difference to a class."""
    ties: tuple[Ties, ...] = TIES if topic.pool else ("first",)
    return tuple(starmap(Convention, product(slopes if topic.relu else (0.0,), ties)))


def layer(name: str, case: Case, **changed: Any) -> Layer:
    """Return the engine's layer for a case; changed: settings that a hypothesis changes."""
    if name == "Sequential":
        return Sequential(*(getattr(engine, each)() for each in case.layers))
    if name == LOSS:
        return SoftmaxCrossEntropy(case.labels)
    made: Layer = getattr(engine, name)(**{**case.settings, **changed})
    return made


@lru_cache(512)
def reference_at(topic: Topic, case: Case) -> "Reference":
    """Return the engine's results for a case, cached since several classes may be asked it."""
    return Reference(topic, case)


@dataclass(frozen=True, eq=False)
class Reference:
    """The engine's results for one case of one class."""

    topic: Topic
    case: Case

    @cached_property
    def _trace(self) -> Trace:
        return self.traced()

    @property
    def output(self) -> Array:
        """The output of forward."""
        return self._trace.output

    @cached_property
    def passed(self) -> Callable[[Convention], Trace]:
        """The pass under a convention, computed once."""
        return cache(self._trace.under)

    def grads(self, convention: Convention) -> tuple[Array, ...]:
        """Return the gradients under a convention."""
        return self.passed(convention).grads

    @cached_property
    def grads_of(self) -> Callable[[Convention, Any], tuple[Array, ...]]:
        """The gradients under a convention if only some outputs sent anything back.

        Cached, since every hypothesis about how shares are put together asks for all of them.
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
        """Return a pass, for hypotheses also with other inputs, another dout or other settings."""
        return trace(
            layer(self.topic.name, self.case, **changed),
            *(self.case.inputs if inputs is None else inputs),
            dout=self.case.dout if dout is None else dout,
            kinks=convention,
        )
