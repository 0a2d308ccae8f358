"""Quiz questions whose answer is a number: how each is set up, and how the engine answers it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Generic

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
from pages.state.scene import SceneType

FIRST: Final = 4  # how many entries are named if there are very many


@dataclass(frozen=True)
class Question(Generic[SceneType]):
    """A question whose answer is a number."""

    text: str
    answer: Callable[[Trace], int]
    """Reads the answer off the trace of the scene that the question is about. An `Explained` answer
    also gives the reason."""
    because: str = ""  # what to look at
    set_up: Callable[[SceneType], SceneType] = lambda scene: scene
    """Maps the present scene to the one that the question is about."""

    @property
    def exercise(self) -> Exercise:
        """What is hidden until it is answered: the gradients, and marks that give it away."""
        of_units = isinstance(self.answer, Explained) and self.answer.of_units
        return Exercise(marking=False, units=not of_units)


class Explained(ABC):
    """An answer that also explains itself from the trace that it is read off."""

    of_gradients: ClassVar[bool] = False
    """Whether it is about gradients, each of which has its own reason."""
    of_units: ClassVar[bool] = False  # whether the marks of inactive units would give it away

    @abstractmethod
    def __call__(self, trace: Trace) -> int:
        """The answer."""

    @abstractmethod
    def reason(self, trace: Trace, naming: Naming) -> str:
        """Return why that is the answer, in a sentence."""

    def about(self, trace: Trace, naming: Naming) -> str:
        """Return the plain name of the entry that is asked about; "" if there are several."""
        return ""


@dataclass(frozen=True)
class nonzero(Explained):  # noqa: N801, used like a function
    """How many entries of the gradient of an input are nonzero."""

    argument: int
    of_gradients: ClassVar[bool] = True

    def __call__(self, trace: Trace) -> int:
        """The answer."""
        return int(np.count_nonzero(trace.grads[self.argument]))

    def reason(self, trace: Trace, naming: Naming) -> str:
        """Return each entry's gradient and why it is zero; of many, only how many are nonzero."""
        letter, size = letters_of(trace, naming)[self.argument], trace.grads[self.argument].size
        if size > SAID_EACH:
            return say("quiz.many", self(trace), size=size, slope=gradient_of(letter))
        every = describe_graph(trace, naming).cells.values()
        return _gradients_and_zeros([cell for cell in every if cell.letter == letter])


def nonzero_into(step: int) -> Callable[[Trace], int]:
    """Return an answer: how many entries of the gradient of a step's first input are nonzero.

    It gives no reason: it is meant for inputs with very many entries.
    """
    return lambda trace: int(np.count_nonzero(trace.steps[step].grads[0]))


@dataclass(frozen=True)
class influenced(Explained):  # noqa: N801, as above
    """How many outputs of a step one entry of an input can change."""

    step: int
    argument: int
    entry: int | None = None  # its flat index in the input; None for the entry in the middle

    def __call__(self, trace: Trace) -> int:
        """The answer."""
        return len(self._affected(trace))

    def reason(self, trace: Trace, naming: Naming) -> str:
        """Return which outputs they are."""
        letter = naming.inputs[self.step][self.argument]
        made = letters_of(trace, naming)[trace.outside + self.step]
        names = [naming.label(made, index) for index in self._affected(trace)]
        entry = naming.label(letter, self.index(trace))
        at = Entry(trace, naming, self.step, self.argument, self.index(trace))
        key = "quiz.influence" if names else "quiz.influence.none"
        said = say(key, len(names), entry=entry, outputs=_listed(names))
        return f"{said} {muted_line(at)}".strip()

    def about(self, trace: Trace, naming: Naming) -> str:
        """Return the name of that entry."""
        return naming.entry(naming.inputs[self.step][self.argument], self.index(trace))

    def index(self, trace: Trace) -> Index:
        """Return the index of that entry."""
        shape = trace.steps[self.step].inputs[self.argument].shape
        if self.entry is None:
            return tuple(length // 2 for length in shape)
        return tuple(map(int, np.unravel_index(self.entry, shape)))

    def _affected(self, trace: Trace) -> list[Index]:
        return affected(trace.steps[self.step], self.argument, self.index(trace))


@dataclass(frozen=True)
class Counted(Explained):
    """How many entries of a step's first input have a property (see `found`)."""

    step: int
    key: ClassVar[str] = "quiz.entries"

    def __call__(self, trace: Trace) -> int:
        """The answer."""
        return len(self.found(trace))

    def reason(self, trace: Trace, naming: Naming) -> str:
        """Return which entries they are."""
        letter, found = naming.into(self.step), self.found(trace)
        names = [naming.label(letter, index) for index in found]
        return say(self.key, len(found), entries=_listed(names)) if found else say("quiz.nobody")

    @abstractmethod
    def found(self, trace: Trace) -> list[Index]:
        """Return the indices of the entries with the property."""


class inactive(Counted):  # noqa: N801, as above
    """How many units let no gradient through under the trace's rule."""

    key = "quiz.inactive"
    of_units = True

    def found(self, trace: Trace) -> list[Index]:
        """Their indices."""
        step = trace.steps[self.step]
        shut = step.layer.inactive(step.inputs[0], trace.kinks)
        return [] if shut is None else nonzero_at(shut)


class beaten(Counted):  # noqa: N801, as above
    """How many entries are in some window but the maximum of none; a tied maximum counts as one."""

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
    """Return the entries of a step's first input that at least one output reads."""
    at = trace.steps[step]
    every = indices(at.inputs[0].shape)
    return [index for index in every if at.fed(0, index)]


def _gradients_and_zeros(cells: list[Cell]) -> str:
    """Return a list such as "∂L/∂x₁ = +2. Zero: x₂ and x₄ (not max); x₃ (tie lost)."."""
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
    """Return a sentence with the present rule, if under another rule the answer would differ."""
    choices = trace.layer.kink_choices
    answers = {answer(trace.under(rules[0].kinks)) for rules in groups(choices).values()}
    present = briefly(choices, trace.kinks.chosen(choices))
    return [say("quiz.rule", rule=present)] if len(answers) > 1 else []


def opened(**changes: Any) -> Callable[[Any], Any]:
    """Return a set-up: the page's opening scene with these fields changed, under the same rule."""
    return lambda scene: replace(type(scene)(), **{**changes, "rule": scene.rule})


def changed(**changes: Any) -> Callable[[Any], Any]:
    """Return a set-up: the present scene with these fields changed."""
    return lambda scene: replace(scene, **changes)
