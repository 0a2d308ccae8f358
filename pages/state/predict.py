"""Predict, then look: a guess at which gradients are nonzero, and how good it was."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

from pages.figures.info import Cell, GraphInfo, parsed
from pages.figures.words import name
from pages.language.catalogue import listed, say

MANY: Final = 40  # the most entries of a heat map that the user is asked to mark one by one
FEW: Final = 4  # how many entries are asked for if there are more


@dataclass(frozen=True)
class Tally:
    """How good a guess was.

    Marking nothing misses them all; marking everything makes every zero a false alarm.
    """

    found: int = 0  # how many nonzero gradients were marked
    missed: int = 0  # how many nonzero gradients were not
    false_alarms: int = 0  # how many zeros were marked

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.found + other.found,
            self.missed + other.missed,
            self.false_alarms + other.false_alarms,
        )

    @property
    def nonzero(self) -> int:
        """How many nonzero gradients there were to find."""
        return self.found + self.missed

    @property
    def perfect(self) -> bool:
        """Whether the whole guess was right."""
        return not (self.missed or self.false_alarms)


@dataclass(frozen=True)
class Exercise:
    """A prediction under way: the entries marked as nonzero, and whether it has been revealed.

    For a question that is not about gradients, `among` are the entries that can be marked as its
    answer.
    """

    marked: frozenset[str] = frozenset()
    revealed: bool = False
    everywhere: bool = False  # whether all gradients are asked for, not only those of the inputs
    tallies: tuple[tuple[str, Tally], ...] = ()  # once revealed, the results by letter
    marking: bool = True  # whether the user marks gradients; otherwise they are only hidden
    units: bool = True  # whether it is shown which units are inactive or at a kink
    among: frozenset[str] | None = None
    alone: bool = False  # whether at most one of `among` can be marked
    wrong: frozenset[str] = frozenset()  # once revealed, which of `among` were marked wrongly
    shares: tuple[tuple[str, tuple[float, ...]], ...] | None = None
    """If a class predicts instead, `Cell.shares` by entry, or () while it votes."""

    def toggled(self, entry: str) -> "Exercise":
        """Return it with one entry's mark set or removed; unchanged once it has been revealed."""
        if self.revealed or (self.among is not None and entry not in self.among):
            return self
        others = self.marked & {entry} if self.alone else self.marked
        return replace(self, marked=others ^ {entry})

    def again(self) -> "Exercise":
        """Return a new exercise that asks for the same gradients."""
        return replace(self, marked=frozenset(), revealed=False, tallies=())

    def covers(self, letter: str, inputs: Collection[str]) -> bool:
        """Whether entries of this letter are to be marked. inputs: the letters of the inputs."""
        if self.among is not None:
            return letter in {parsed(entry)[0] for entry in self.among}
        return self.marking and (self.everywhere or letter in inputs)

    def over(self, info: GraphInfo) -> GraphInfo:
        """Return what may be shown: the marks, and no gradient until they are revealed."""
        if self.among is not None and self.revealed:
            wrong = {entry: replace(info.cells[entry], wrong=True) for entry in self.wrong}
            return replace(info, cells={**info.cells, **wrong})
        known = self._known(info)
        cells = {
            entry: replace(cell, **known[entry]) if entry in known else cell
            for entry, cell in info.cells.items()
        }
        found = replace(info, cells=cells)
        if self.revealed:
            return found
        return _hidden(found if self.units else replace(found, gates=()))

    def _known(self, info: GraphInfo) -> dict[str, dict[str, Any]]:
        """Return the marks, or the class's shares, of the cells that are asked for."""
        if self.among is not None:
            return {entry: {"marked": entry in self.marked} for entry in self.among}
        entries = chain.from_iterable(self.entries(info).values())
        if self.shares is not None:
            shares = dict(self.shares)
            return {entry: {"shares": shares.get(entry, ())} for entry in entries}
        return {entry: {"guess": entry in self.marked} for entry in entries}

    def entries(self, info: GraphInfo) -> dict[str, list[str]]:
        """Return the entries that are asked for, by letter: all, or a few of a large input."""
        found: dict[str, list[Cell]] = {}
        for cell in info.cells.values():
            if not cell.given and self.covers(cell.letter, info.inputs):
                found.setdefault(cell.letter, []).append(cell)
        large = {letter for letter in found.keys() & info.merged if len(found[letter]) > MANY}
        return {
            letter: [cell.entry for cell in (telling(cells) if letter in large else cells)]
            for letter, cells in found.items()
            if letter in info.inputs or letter not in large
        }

    def sentence(self, info: GraphInfo) -> str:
        """Return the sentence that asks for marks: which arrays, and which few of large ones."""
        asked, sizes = self.entries(info), Counter(cell.letter for cell in info.cells.values())
        large = [letter for letter in asked if len(asked[letter]) < sizes[letter]]
        others = [letter for letter in asked if letter not in large]
        entries = listed(info.cells[entry].label for letter in large for entry in asked[letter])
        arrays = (
            say("predict.any") if self.everywhere and not info.merged else listed(map(name, others))
        )
        some = "predict.ask.both" if others else "predict.ask.some"
        key = some if large else "predict.ask"
        return say(key, arrays=arrays, entries=entries)

    def tallied(self, tallies: Mapping[str, Tally]) -> "Exercise":
        """Return it revealed, with these results."""
        return replace(self, revealed=True, tallies=tuple(tallies.items()))


def telling(cells: Sequence[Cell]) -> list[Cell]:
    """Return a few cells of an array, in order: some for each reason for a zero, some nonzero.

    Of each kind the middle cell comes first, then cells between that one and the ends.
    """
    alike: dict[str, list[Cell]] = {}
    for cell in cells:
        alike.setdefault(cell.reason, []).append(cell)
    each = [[of[int(part * len(of))] for part in (0.5, 0.25, 0.75, 0.1)] for of in alike.values()]
    found = [cell for turn in zip(*each, strict=True) for cell in turn]
    chosen = {cell.entry for cell in [*{cell.entry: cell for cell in found}.values()][:FEW]}
    return [cell for cell in cells if cell.entry in chosen]


def _hidden(info: GraphInfo) -> GraphInfo:
    """Return it without any gradient except the upstream gradient that was sent in."""
    cells = {
        entry: replace(cell, known="value") if cell.known == "gradient" and not cell.given else cell
        for entry, cell in info.cells.items()
    }
    edges = tuple(
        replace(edge, known="value") if edge.known == "gradient" else edge for edge in info.edges
    )
    return replace(info, cells=cells, edges=edges, counts=dict.fromkeys(info.counts))


def tallies(info: GraphInfo) -> dict[str, Tally]:
    """Return how good the guesses were, by letter."""
    found: dict[str, Counter[tuple[bool, bool]]] = {}
    for cell in info.cells.values():
        if cell.guess is not None:
            found.setdefault(cell.letter, Counter())[cell.guess, bool(cell.grad)] += 1
    return {
        letter: Tally(found=of[True, True], missed=of[False, True], false_alarms=of[True, False])
        for letter, of in found.items()
    }


def wrong(info: GraphInfo) -> list[str]:
    """Return the entries that were guessed wrongly."""
    return [cell.entry for cell in info.cells.values() if cell.right is False]
