"""Trial calls of one layer with another interface, to find out how it is called."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from engine.grader.adapter import Adapter
from engine.grader.candidates import Candidate
from engine.grader.drafts import Drafts
from engine.grader.interfaces import LOSS, SHAPES, WEIGHTED, Shapes
from engine.grader.plan import Axes, Plan, roles_in
from engine.grader.probe import SETTINGS_TRIED, Probe, probe, same

MOST_CALLS: Final = 1500  # the search ends after so many calls of one layer


class Failed(NamedTuple):
    """A call of the student's code raised."""

    at: str  # in which method
    error: BaseException
    guessed: bool = False  # whether an argument, such as None, may not be what is meant
    prepared: bool = False  # whether the methods that prepare a layer had been called
    unclear: tuple[str, ...] = ()  # the parameters of which nothing tells what they are given
    behind: bool = False  # whether forward had given the right numbers


@dataclass
class Told:
    """Why there is no plan."""

    failures: list[Failed] = field(default_factory=list)  # what was raised
    reasons: list[str] = field(default_factory=list)  # what was found instead of what is needed


class Tried(NamedTuple):
    """What a layer is tried with."""

    shapes: Sequence[Shapes]
    settings: Mapping[str, int]
    sizes: Mapping[str, int] = {}  # replace those of `PROBED`


class Trials:
    """Calls a layer in the shapes that are tried now.

    topic: which of the engine's layers it is tried as.
    """

    def __init__(self, layer: Candidate, topic: str) -> None:
        self.layer, self.topic = layer, topic
        self.drafts = Drafts(layer, topic)  # how it may be called
        self.weighted, self.loss = topic in WEIGHTED, topic == LOSS
        self.tried = Tried(SHAPES[topic], SETTINGS_TRIED.get(topic, {}))
        self.told = Told()  # why there is no plan so far
        self._calls = 0

    @property
    def spent(self) -> bool:
        """Whether the layer has been called so often that the search ends."""
        return self._calls > MOST_CALLS

    def tell(self, reason: str) -> None:
        """Note what was found instead of what is needed."""
        self.told.reasons.append(reason)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Forget what is noted meanwhile."""
        told, self.told = self.told, Told()
        try:
            yield
        finally:
            self.told = told

    def shapes_of(self, axes: Axes) -> Shapes:
        """Return the set of shapes, among those that are tried, that has these axes."""
        return next(each for each in self.tried.shapes if each.ours == axes.ours)

    def asked(self, axes: Axes, *, bias: Any, seed: int = 1, **sizes: int) -> Probe:
        """Return the inputs of a call with these axes; sizes: changes to those that are tried."""
        _, settings, known = self.tried
        known = {**known, **sizes}
        return probe(
            self.topic, axes.ours, bias=bool(bias), seed=seed, settings=settings, sizes=known
        )

    def adapter(self, plan: Plan) -> Adapter:
        """Return the layer as this plan calls it."""
        return Adapter(self.layer.things, plan, self.tried.settings)

    def called(self, adapter: Adapter, asked: Probe) -> Any:
        """Return what forward gives, unchanged; None if it raises."""
        self._calls += 1
        with self.noting(adapter):
            adapter.begin(*asked.inputs)
            return adapter.call(adapter.inputs.axes.first(np.copy(asked.x)))

    @contextlib.contextmanager
    def noting(self, adapter: Adapter) -> Iterator[None]:
        """Note whatever the layer raises, and go on."""
        try:
            yield
        except BaseException as error:  # noqa: BLE001 - the layer may raise anything
            plan = adapter.plan
            given = [*plan.arguments, *plan.back]
            # A cache is None if forward gives its output alone; an activation may be expected as
            # a word.
            no_cache = adapter.keeps_nothing and "cache" in roles_in(given)
            guesses = (["role", "identity"], ["value", None])
            unclear = tuple(name for name, what in given if what in guesses)
            guessed, prepared = bool(unclear) or no_cache, bool(plan.prepare)
            self.told.failures.append(Failed(adapter.at, error, guessed, prepared, unclear))

    def is_right(self, plan: Plan, asked: Probe) -> bool:
        """Whether forward gives the engine's numbers."""
        raw = self.called(self.adapter(plan), asked)
        return raw is not None and same(raw, asked.theirs(asked.output, plan.forms[0], 2))
