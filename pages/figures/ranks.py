"""The structure of a pass to be laid out: the column of each value, and which are parameters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from engine import Trace
from engine.arrays import indices
from pages.figures.info import Naming, indices_of, letters_of
from pages.figures.layout import Measures, Side
from pages.figures.primitives import Box
from pages.figures.words import name


@dataclass(frozen=True)
class Wishes:
    """A page's deviations from the layout that follows from its pass."""

    headings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By the letter of a column, a title and a formula."""
    padding: Mapping[str, int] = field(default_factory=dict)
    """By letter, the number of padding places at either end."""
    room: Mapping[str, float] = field(default_factory=dict)
    """By letter, the share of the remaining width that the edges before its column get."""
    sent: Side | None = None
    """The side of the outputs on which the sliders of the upstream gradient stand."""
    room_right: float = 0.0  # the width that stays free right of the columns, for something else
    shapes: bool = False  # whether the arrays' shapes are stated over each column
    aside: tuple[str, ...] = ()  # the letters of parameters that the page places itself


NO_WISHES: Final = Wishes()


def parameters_of(passed: Trace) -> list[int]:
    """The numbers of the values from outside that no operation reads as a flowing input."""
    return [
        number
        for number, value in enumerate(passed.values[: passed.outside])
        if all(argument >= passed.steps[at].layer.flowing for at, argument in value.readers)
    ]


@dataclass(frozen=True)
class Ranks:
    """A pass to be laid out: flowing values by the number of operations before, and parameters."""

    passed: Trace
    naming: Naming
    wishes: Wishes
    measures: Measures

    @cached_property
    def named(self) -> list[str]:
        """The letter of each value."""
        return letters_of(self.passed, self.naming)

    @cached_property
    def columns(self) -> list[list[int]]:
        """The numbers of the flowing values, by the largest number of operations before them."""
        passed, aside = self.passed, parameters_of(self.passed)
        depth = dict.fromkeys((n for n in range(passed.outside) if n not in aside), 0)
        for position, step in enumerate(passed.steps):
            flowing = step.reads[: step.layer.flowing]
            depth[passed.outside + position] = 1 + max(depth[number] for number in flowing)
        columns: list[list[int]] = [[] for _ in range(max(depth.values()) + 1)]
        for number, at in depth.items():
            columns[at].append(number)
        return columns

    @cached_property
    def at(self) -> dict[int, int]:
        """The column of each flowing value."""
        return {number: at for at, column in enumerate(self.columns) for number in column}

    @cached_property
    def parameters(self) -> dict[int, list[int]]:
        """The parameters to be placed, by the column of the first value made with them."""
        found: dict[int, list[int]] = {}
        for number in parameters_of(self.passed):
            if self.named[number] in self.wishes.aside:
                continue
            position, _ = self.passed.values[number].readers[0]
            found.setdefault(self.at[self.passed.outside + position], []).append(number)
        return dict(sorted(found.items()))

    @cached_property
    def passes(self) -> list[tuple[int, int, range]]:
        """Each pair of a flowing value and a value made of it, and the columns between the two."""
        return [
            (number, made, range(column + 1, self.at[made]))
            for number, column in self.at.items()
            for position, _ in self.passed.values[number].readers
            for made in [self.passed.outside + position]
        ]

    @cached_property
    def passed_by(self) -> set[int]:
        """The columns that lie between a value and a value made of it."""
        return {at for _, _, between in self.passes for at in between}

    def shape(self, number: int) -> tuple[int, ...]:
        """The shape of a value."""
        return self.passed.values[number].array.shape

    def size(self, number: int) -> int:
        """The number of a value's entries."""
        return self.passed.values[number].array.size

    def entries(self, number: int) -> list[str]:
        """The plain names of a value's entries."""
        return [*indices_of(self.naming, self.named[number], self.shape(number))]

    def padded(self, numbers: Sequence[int]) -> int:
        """The number of padding places at either end of these values, summed."""
        return sum(self.wishes.padding.get(self.named[number], 0) for number in numbers)

    def has_two_filters(self, numbers: Sequence[int]) -> bool:
        """Whether exactly one of these parameters is a matrix, and it has two rows."""
        shapes = map(self.shape, numbers)
        return [shape[:1] for shape in shapes if len(shape) == 2] == [(2,)]

    def groups(self, number: int) -> int:
        """The number of examples, or filters, of a value; all indices but the last number them."""
        letter = self.named[number]
        return len({self.naming.counted(letter, i)[:-1] for i in indices(self.shape(number))})

    def said(self, column: Sequence[int]) -> tuple[str, str]:
        """The title and the formula over a column: the page's own, or those of the pass."""
        return self.wishes.headings.get(self.named[column[0]]) or self.titles(column)

    def titles(self, column: Sequence[int]) -> tuple[str, str]:
        """The title and the formula that follow from the pass: what made it, and its letters."""
        made = [number - self.passed.outside for number in column if number >= self.passed.outside]
        titles = dict.fromkeys(self.passed.steps[position].layer.words.name for position in made)
        title = ", ".join(titles)
        letters = ", ".join(self._made(number) for number in column)
        return title[:1].upper() + title[1:] or "input", letters

    def _made(self, number: int) -> str:
        """A value's letter; with a formula if several values are joined in it."""
        letter, position = name(self.named[number]), number - self.passed.outside
        if position < 0 or self.passed.steps[position].layer.flowing < 2:
            return letter
        step = self.passed.steps[position]
        joined = [name(self.named[read]) for read in step.reads]
        value = step.layer.words.value.format(inputs=", ".join(joined), sum=" + ".join(joined))
        return f"{letter} = {value}"

    def around(self, cells: Mapping[str, Box], is_map: Callable[[int], bool]) -> dict[str, Box]:
        """By letter, the box around an array's cells; heat maps have none."""
        found = {}
        for number, letter in enumerate(self.named):
            if not is_map(number) and letter not in self.wishes.aside:
                boxes = [cells[entry] for entry in self.entries(number)]
                left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
                right = max(b[0] + b[2] for b in boxes)
                found[letter] = (left, top, right - left, max(b[1] + b[3] for b in boxes) - top)
        return found
