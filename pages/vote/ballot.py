"""The question that is put to a class, and its truth, as data for the store and for phones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class VoteCell:
    """An entry that a voter sees."""

    name: str  # 'x2', sent when it is marked
    label: str  # 'x₂'
    number: str  # '−1.5', as the page writes it; "" if the forward pass has not reached it
    row: int  # in its array, from 0
    column: int


@dataclass(frozen=True)
class VoteArray:
    """An array laid out in rows and columns, the last axis being the columns."""

    label: str
    rows: int
    columns: int
    asked: bool  # whether its cells can be marked; otherwise they are only shown with their numbers
    cells: tuple[VoteCell, ...]


@dataclass(frozen=True)
class Ballot:
    """The question. All of it goes to every phone, so nothing in it gives away the answer."""

    title: str  # of the page
    rule: str  # its settings and what is done at ties and kinks, in words; "" without a choice
    ask: str  # the sentence that asks
    arrays: tuple[VoteArray, ...]  # those asked for first, the upstream gradient last

    @property
    def cells(self) -> tuple[VoteCell, ...]:
        """The cells that can be marked, in the order used by all votes and results."""
        return tuple(cell for array in self.arrays if array.asked for cell in array.cells)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the cells that can be marked: 'x1', …, 'w'."""
        return tuple(cell.name for cell in self.cells)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Return the ballot from what `asdict` made of it."""
        arrays = tuple(
            VoteArray(**{**array, "cells": tuple(VoteCell(**cell) for cell in array["cells"])})
            for array in said["arrays"]
        )
        return cls(said["title"], said["rule"], said["ask"], arrays)


@dataclass(frozen=True)
class Truth:
    """The answer, cell by cell in the ballot's order. It stays on the server until the reveal."""

    nonzero: tuple[bool, ...]  # whether the gradient is nonzero
    reasons: tuple[tuple[str, ...], ...]  # the page's sentences about the entry

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Return the truth from what `asdict` made of it."""
        return cls(tuple(said["nonzero"]), tuple(map(tuple, said["reasons"])))
