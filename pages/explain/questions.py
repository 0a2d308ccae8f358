"""Questions with a number for an answer: how each is set up, how the engine answers it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np

from engine import Trace
from engine.arrays import Index
from pages.explain.aria import LONGEST, array_summary
from pages.explain.catalogue import listed, say
from pages.figures.info import Naming, describe_graph, letters_of
from pages.state.scene import Scene

SceneType = TypeVar("SceneType", bound=Scene)


@dataclass(frozen=True)
class Question(Generic[SceneType]):
    """A question with a number for an answer.

    set_up: from the present scene to one in which it is asked. answer: read off its trace; an
    `Explained` one tells what decides it too. because: what to look at.
    """

    text: str
    answer: Callable[[Trace], int]
    because: str = ""
    set_up: Callable[[SceneType], SceneType] = lambda scene: scene


class Explained(ABC):
    """An answer that tells, of the very trace that it is read off, what decides it."""

    @abstractmethod
    def __call__(self, trace: Trace) -> int:
        """The answer."""

    @abstractmethod
    def reason(self, trace: Trace, naming: Naming) -> str:
        """Why it is so, a sentence."""


@dataclass(frozen=True)
class nonzero(Explained):  # noqa: N801, it reads as the function that it is
    """How many entries of the gradient of an input are nonzero."""

    argument: int

    def __call__(self, trace: Trace) -> int:
        """The answer."""
        return int(np.count_nonzero(trace.grads[self.argument]))

    def reason(self, trace: Trace, naming: Naming) -> str:
        """Each entry's gradient, and why it is zero; of many only how many are nonzero."""
        letter, size = letters_of(trace, naming)[self.argument], trace.grads[self.argument].size
        every = describe_graph(trace, naming).cells.values() if size <= LONGEST else ()
        cells = [cell for cell in every if cell.letter == letter]
        return array_summary(letter, self(trace), size, cells)


@dataclass(frozen=True)
class influenced(Explained):  # noqa: N801, as above
    """How many outputs of a step read an entry of an input (the first, second … one of it)."""

    step: int
    argument: int
    entry: int

    def __call__(self, trace: Trace) -> int:
        """The answer."""
        return len(self._fed(trace))

    def reason(self, trace: Trace, naming: Naming) -> str:
        """Which ones they are."""
        letter, made = naming.inputs[self.step][self.argument], naming.into(self.step + 1)
        names = [naming.label(made, index) for index in self._fed(trace)]
        entry = naming.label(letter, self._index(trace))
        return say("quiz.influence", len(names), entry=entry, outputs=listed(names, LONGEST))

    def _index(self, trace: Trace) -> Index:
        shape = trace.steps[self.step].inputs[self.argument].shape
        return tuple(map(int, np.unravel_index(self.entry, shape)))

    def _fed(self, trace: Trace) -> list[Index]:
        at = trace.steps[self.step]
        return [*at.layer.feeds(self.argument, self._index(trace), at.run.cache)]


def opened(**changes: Any) -> Callable[[Any], Any]:
    """What the page of a scene opens with, with these fields changed, under the scene's rule."""
    return lambda scene: replace(type(scene)(), **{**changes, "rule": scene.rule})


def changed(**changes: Any) -> Callable[[Any], Any]:
    """The scene with these fields changed."""
    return lambda scene: replace(scene, **changes)
