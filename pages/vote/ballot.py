"""The question that is put to a class, and its truth, as data: what is kept, and sent to phones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class VoteCell:
    """An entry that a voter sees: its name, how it is written, its value as the page writes it.

    name: 'x2', what is sent when it is marked. label: 'x₂'. number: '−1.5'; "" before the forward
    pass has been there. row, column: where it lies in its array, from 0.
    """

    name: str
    label: str
    number: str
    row: int
    column: int


@dataclass(frozen=True)
class VoteArray:
    """An array as it is laid out: (rows, columns), the last axis being the columns.

    asked: whether its cells can be marked; others are shown with their numbers only.
    """

    label: str
    rows: int
    columns: int
    asked: bool
    cells: tuple[VoteCell, ...]


@dataclass(frozen=True)
class Ballot:
    """The question. Nothing in it tells the answer: all of it goes to every phone.

    title: of the page. rule: its settings, then what is done at ties and kinks, in words; "" where
    nothing is to be chosen. ask: the sentence of the question. arrays: those asked for first, what
    is sent back last.
    """

    title: str
    rule: str
    ask: str
    arrays: tuple[VoteArray, ...]

    @property
    def cells(self) -> tuple[VoteCell, ...]:
        """Those that can be marked, in the order in which all votes and results have them."""
        return tuple(cell for array in self.arrays if array.asked for cell in array.cells)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the cells that can be marked: 'x1', …, 'w'."""
        return tuple(cell.name for cell in self.cells)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """The ballot of what `asdict` gave."""
        arrays = tuple(
            VoteArray(**{**array, "cells": tuple(VoteCell(**cell) for cell in array["cells"])})
            for array in said["arrays"]
        )
        return cls(said["title"], said["rule"], said["ask"], arrays)


@dataclass(frozen=True)
class Truth:
    """The answer, cell by cell in the ballot's order. It does not leave the server unrevealed.

    nonzero: whether the gradient is. reasons: the sentences that the page says of the entry.
    """

    nonzero: tuple[bool, ...]
    reasons: tuple[tuple[str, ...], ...]

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """The truth of what `asdict` gave."""
        return cls(tuple(said["nonzero"]), tuple(map(tuple, said["reasons"])))
