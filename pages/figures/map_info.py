"""What a picture of maps shows, as plain data: a trace's arrays, one map for each channel."""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from engine import Trace
from engine.arrays import Array, Mask
from pages.figures.info import Naming

AnyArray = TypeVar("AnyArray", Array, Mask)


@dataclass(frozen=True, eq=False)
class Map:
    """One channel: its letter, its numbers and their gradient, (rows, columns) each.

    gradients: None where they are not to be seen. given: they were sent in, not computed. marks:
    where somebody predicts a nonzero gradient; None where nobody is asked.
    """

    letter: str
    values: Array
    gradients: Array | None
    given: bool = False
    marks: Mask | None = None

    @property
    def nonzero(self) -> int | None:
        """How many gradients are nonzero; None where they are not to be seen."""
        return None if self.gradients is None else int(np.count_nonzero(self.gradients))

    @property
    def right(self) -> Mask | None:
        """Which guesses came true; None where there are none, or no answers yet."""
        if self.marks is None or self.gradients is None:
            return None
        return np.asarray(self.marks == (self.gradients != 0))


def read_maps(trace: Trace, naming: Naming) -> dict[str, Map]:
    """Every map of a trace, by the prefix of its cells' names: 'x', 'w1,', 'a2,'."""
    maps: dict[str, Map] = {}
    for step, letters in zip(trace.steps, naming.inputs, strict=True):
        for letter, values, grads in zip(letters, step.inputs, step.grads, strict=True):
            maps |= channels(letter, values, grads)
    given = channels(naming.output, trace.output, trace.dout)
    return maps | {prefix: replace(each, given=True) for prefix, each in given.items()}


def channels(letter: str, values: Array, gradients: Array | None) -> dict[str, Map]:
    """The maps of one array and its gradient, by prefix."""
    grads = {} if gradients is None else by_prefix(letter, gradients)
    return {
        prefix: Map(letter, each, grads.get(prefix))
        for prefix, each in by_prefix(letter, values).items()
    }


def by_prefix(letter: str, array: AnyArray) -> dict[str, AnyArray]:
    """The channels of an array by prefix: (rows, columns) is one, (F, rows, columns) are F."""
    if array.ndim == 2:
        return {letter: array}
    return {f"{letter}{channel + 1},": each for channel, each in enumerate(array)}


def guessed(maps: dict[str, Map], marked: frozenset[str], *, revealed: bool) -> dict[str, Map]:
    """The same with a guess at each gradient, and those hidden until they are revealed.

    marked: the cells whose gradient is predicted to be nonzero.
    """
    return {
        prefix: each
        if each.given or each.gradients is None
        else replace(
            each,
            marks=_marks(prefix, each.values.shape, marked),
            gradients=each.gradients if revealed else None,
        )
        for prefix, each in maps.items()
    }


def _marks(prefix: str, shape: tuple[int, ...], marked: frozenset[str]) -> Mask:
    marks = np.zeros(shape, np.bool_)
    for row, column in np.ndindex(*shape):
        marks[row, column] = f"{prefix}{row + 1},{column + 1}" in marked
    return marks
