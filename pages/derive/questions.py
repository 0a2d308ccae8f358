"""Questions with a number for an answer: how each is set up, how the engine answers it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Generic, TypeVar

import numpy as np

from engine import Trace
from engine.arrays import Index, indices, nonzero_at
from engine.kinks import briefly, groups
from engine.trace import affected, pieces
from pages.explain.aria import SAID_EACH
from pages.explain.entry import Entry
from pages.explain.sentences import muted_line
from pages.figures.info import FURTHER, Cell, Naming, describe_graph, letters_of
from pages.figures.words import gradient_of, signed
from pages.language.catalogue import listed, say
from pages.state.predict import Exercise
from pages.state.scene import Scene

FIRST: Final = 4
"""So many of very many entries are named."""
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

    @property
    def exercise(self) -> Exercise:
        """What may be seen until it is answered: no gradient, and nothing to count instead."""
        of_units = isinstance(self.answer, Explained) and self.answer.of_units
        return Exercise(marking=False, units=not of_units)


class Explained(ABC):
    """An answer that tells, of the very trace that it is read off, what decides it."""

    of_gradients: ClassVar[bool] = False
    """Whether it is about gradients, each of which has a reason of its own."""
    of_units: ClassVar[bool] = False
    """Whether it is to be counted off the marks of inactive units."""

    @abstractmethod
    def __call__(self, trace: Trace) -> int:
        """The answer."""

    @abstractmethod
    def reason(self, trace: Trace, naming: Naming) -> str:
        """Why it is so, a sentence."""

    def about(self, trace: Trace, naming: Naming) -> str:
        """The entry that is asked about, by its plain name; "" where there are several."""
        return ""


@dataclass(frozen=True)
class nonzero(Explained):  # noqa: N801, it reads as the function that it is
    """How many entries of the gradient of an input are nonzero."""

    argument: int
    of_gradients: ClassVar[bool] = True

    def __call__(self, trace: Trace) -> int:
        """The answer."""
        return int(np.count_nonzero(trace.grads[self.argument]))

    def reason(self, trace: Trace, naming: Naming) -> str:
        """Each entry's gradient, and why it is zero; of many only how many are nonzero."""
        letter, size = letters_of(trace, naming)[self.argument], trace.grads[self.argument].size
        if size > SAID_EACH:
            return say("quiz.many", self(trace), size=size, slope=gradient_of(letter))
        every = describe_graph(trace, naming).cells.values()
        return _told([cell for cell in every if cell.letter == letter])


def nonzero_into(step: int) -> Callable[[Trace], int]:
    """How many entries of the gradient of what flows into a step are nonzero: of very many."""
    return lambda trace: int(np.count_nonzero(trace.steps[step].grads[0]))


@dataclass(frozen=True)
class influenced(Explained):  # noqa: N801, as above
    """How many outputs of a step an entry of an input can change.

    entry: the first, second … of it, from 0; None: the one in the middle.
    """

    step: int
    argument: int
    entry: int | None = None

    def __call__(self, trace: Trace) -> int:
        """The answer."""
        return len(self._affected(trace))

    def reason(self, trace: Trace, naming: Naming) -> str:
        """Which ones they are."""
        letter = naming.inputs[self.step][self.argument]
        made = letters_of(trace, naming)[trace.outside + self.step]
        names = [naming.label(made, index) for index in self._affected(trace)]
        entry = naming.label(letter, self.index(trace))
        at = Entry(trace, naming, self.step, self.argument, self.index(trace))
        key = "quiz.influence" if names else "quiz.influence.none"
        said = say(key, len(names), entry=entry, outputs=_listed(names))
        return f"{said} {muted_line(at)}".strip()

    def about(self, trace: Trace, naming: Naming) -> str:
        """The entry itself."""
        return naming.entry(naming.inputs[self.step][self.argument], self.index(trace))

    def index(self, trace: Trace) -> Index:
        """Where the entry is."""
        shape = trace.steps[self.step].inputs[self.argument].shape
        if self.entry is None:
            return tuple(length // 2 for length in shape)
        return tuple(map(int, np.unravel_index(self.entry, shape)))

    def _affected(self, trace: Trace) -> list[Index]:
        return affected(trace.steps[self.step], self.argument, self.index(trace))


@dataclass(frozen=True)
class Counted(Explained):
    """How many entries of what flows into a step are such."""

    step: int
    key: ClassVar[str] = "quiz.entries"

    def __call__(self, trace: Trace) -> int:
        """The answer."""
        return len(self.found(trace))

    def reason(self, trace: Trace, naming: Naming) -> str:
        """Which ones they are."""
        letter, found = naming.into(self.step), self.found(trace)
        names = [naming.label(letter, index) for index in found]
        return say(self.key, len(found), entries=_listed(names)) if found else say("quiz.nobody")

    @abstractmethod
    def found(self, trace: Trace) -> list[Index]:
        """Their indices."""


class inactive(Counted):  # noqa: N801, as above
    """How many units let no gradient through, under the rule of the trace."""

    key = "quiz.inactive"
    of_units = True

    def found(self, trace: Trace) -> list[Index]:
        """Their indices."""
        step = trace.steps[self.step]
        shut = step.layer.inactive(step.inputs[0], trace.kinks)
        return [] if shut is None else nonzero_at(shut)


class beaten(Counted):  # noqa: N801, as above
    """How many entries are in some window, and the maximum of none; one that ties is one."""

    def found(self, trace: Trace) -> list[Index]:
        """Their indices."""
        step = trace.steps[self.step]
        outputs = indices(step.output.shape)
        best = {index for at in outputs for _, index in pieces(trace, self.step, at).entries}
        return [index for index in _read(trace, self.step) if index not in best]


class unread(Counted):  # noqa: N801, as above
    """How many entries are in no window."""

    def found(self, trace: Trace) -> list[Index]:
        """Their indices."""
        read = {*_read(trace, self.step)}
        return [at for at in indices(trace.steps[self.step].inputs[0].shape) if at not in read]


def _listed(names: Sequence[str]) -> str:
    return listed(names, FIRST if len(names) > SAID_EACH else None)


def _read(trace: Trace, step: int) -> list[Index]:
    """Those entries of what flows into a step that some output reads."""
    at = trace.steps[step]
    every = indices(at.inputs[0].shape)
    return [index for index in every if any(True for _ in at.layer.feeds(0, index, at.run.cache))]


def _told(cells: list[Cell]) -> str:
    """∂L/∂x₁ = +2. Zero: x₂ and x₄ (not max); x₃ (tie lost)."""
    gradients = [f"{gradient_of(cell.label)} = {signed(cell.grad)}" for cell in cells if cell.grad]
    zeros: dict[str, list[str]] = {}
    for cell in cells:
        if not cell.grad:
            zeros.setdefault(cell.reason.removeprefix(FURTHER), []).append(cell.label)
    each = (
        say("quiz.zeros", entries=listed(names), reason=reason) for reason, names in zeros.items()
    )
    said = [
        *([say("quiz.nonzero", gradients=listed(gradients))] if gradients else []),
        *([say("quiz.zero", zeros="; ".join(each))] if zeros else []),
    ]
    return " ".join(said)


def by_the_rule(trace: Trace, answer: Callable[[Trace], Hashable]) -> list[str]:
    """Under which rule a question is asked, where another would answer otherwise."""
    choices = trace.layer.kink_choices
    answers = {answer(trace.under(rules[0].kinks)) for rules in groups(choices).values()}
    present = briefly(choices, trace.kinks.chosen(choices))
    return [say("quiz.rule", rule=present)] if len(answers) > 1 else []


def opened(**changes: Any) -> Callable[[Any], Any]:
    """What the page of a scene opens with, with these fields changed, under the scene's rule."""
    return lambda scene: replace(type(scene)(), **{**changes, "rule": scene.rule})


def changed(**changes: Any) -> Callable[[Any], Any]:
    """The scene with these fields changed."""
    return lambda scene: replace(scene, **changes)
