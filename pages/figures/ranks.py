"""A pass that is to be laid out: in which column each array flows, and which are parameters."""

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
    """What a page wants otherwise than it follows from its pass.

    headings: a title and a formula, by the letter of a column. padding: by letter, how many places
    at either end of it windows read. room: by letter, the share of the room that is left which
    the edges before its column get. sent: on which side of the outputs sliders of what is sent into
    them are. beside: how much stays free right of all that, for something else. shapes: whether
    it is said over each column. aside: the letters of parameters that somebody else places.
    """

    headings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    padding: Mapping[str, int] = field(default_factory=dict)
    room: Mapping[str, float] = field(default_factory=dict)
    sent: Side | None = None
    beside: float = 0.0
    shapes: bool = False
    aside: tuple[str, ...] = ()


NO_WISHES: Final = Wishes()


def parameters_of(passed: Trace) -> list[int]:
    """The numbers of those values from outside that nobody reads as one that flows."""
    return [
        number
        for number, value in enumerate(passed.values[: passed.outside])
        if all(argument >= passed.steps[at].layer.flowing for at, argument in value.readers)
    ]


@dataclass(frozen=True)
class Ranks:
    """A pass to be laid out: what flows, by how many operations lie before it; and parameters."""

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
        """The numbers of the values that flow, by how many operations lie before them."""
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
        """The column of each value that flows."""
        return {number: at for at, column in enumerate(self.columns) for number in column}

    @cached_property
    def parameters(self) -> dict[int, list[int]]:
        """The parameters that have a place, by the column of what is first made with them."""
        found: dict[int, list[int]] = {}
        for number in parameters_of(self.passed):
            if self.named[number] in self.wishes.aside:
                continue
            position, _ = self.passed.values[number].readers[0]
            found.setdefault(self.at[self.passed.outside + position], []).append(number)
        return dict(sorted(found.items()))

    @cached_property
    def passes(self) -> list[tuple[int, int, range]]:
        """Each value that flows with what is made of it, and the columns between the two."""
        return [
            (number, made, range(column + 1, self.at[made]))
            for number, column in self.at.items()
            for position, _ in self.passed.values[number].readers
            for made in [self.passed.outside + position]
        ]

    @cached_property
    def passed_by(self) -> set[int]:
        """The columns that lie between a value and somebody who reads it."""
        return {at for _, _, between in self.passes for at in between}

    def shape(self, number: int) -> tuple[int, ...]:
        """Of a value."""
        return self.passed.values[number].array.shape

    def size(self, number: int) -> int:
        """How many entries a value has."""
        return self.passed.values[number].array.size

    def entries(self, number: int) -> list[str]:
        """Those of a value, by their plain names."""
        return [*indices_of(self.naming, self.named[number], self.shape(number))]

    def padded(self, numbers: Sequence[int]) -> int:
        """How many places windows read beyond either end of these values together."""
        return sum(self.wishes.padding.get(self.named[number], 0) for number in numbers)

    def has_two_filters(self, numbers: Sequence[int]) -> bool:
        """Whether of these parameters one has two rows, and no other has rows."""
        shapes = map(self.shape, numbers)
        return [shape[:1] for shape in shapes if len(shape) == 2] == [(2,)]

    def groups(self, number: int) -> int:
        """How many examples, or filters, a value has: all but the last number tells one."""
        letter = self.named[number]
        return len({self.naming.counted(letter, i)[:-1] for i in indices(self.shape(number))})

    def said(self, column: Sequence[int]) -> tuple[str, str]:
        """What stands over a column: a title, and a formula."""
        return self.wishes.headings.get(self.named[column[0]]) or self.titles(column)

    def titles(self, column: Sequence[int]) -> tuple[str, str]:
        """What follows from its pass: what made it, and its letters."""
        made = [number - self.passed.outside for number in column if number >= self.passed.outside]
        titles = dict.fromkeys(self.passed.steps[position].layer.words.name for position in made)
        title = ", ".join(titles)
        letters = ", ".join(self._made(number) for number in column)
        return title[:1].upper() + title[1:] or "input", letters

    def _made(self, number: int) -> str:
        """A value's letter; of one that several are joined to, how."""
        letter, position = name(self.named[number]), number - self.passed.outside
        if position < 0 or self.passed.steps[position].layer.flowing < 2:
            return letter
        step = self.passed.steps[position]
        joined = [name(self.named[read]) for read in step.reads]
        value = step.layer.words.value.format(inputs=", ".join(joined), sum=" + ".join(joined))
        return f"{letter} = {value}"

    def around(self, cells: Mapping[str, Box], is_map: Callable[[int], bool]) -> dict[str, Box]:
        """By letter what is drawn around its cells; heat maps have none."""
        found = {}
        for number, letter in enumerate(self.named):
            if not is_map(number) and letter not in self.wishes.aside:
                boxes = [cells[entry] for entry in self.entries(number)]
                left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
                right = max(b[0] + b[2] for b in boxes)
                found[letter] = (left, top, right - left, max(b[1] + b[3] for b in boxes) - top)
        return found
