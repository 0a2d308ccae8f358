"""The question that a class is asked, the course of the poll about it, and its results.

A poll is open, closed, perhaps asked again, and revealed. All of it is data, for the store and for
phones.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal, Self, TypeAlias

from pages.language.catalogue import say

Phase: TypeAlias = Literal["open", "closed", "revealed", "ended", "done"]
"""ended: closed for good without an answer. done: over after its answer was revealed."""
OVER: Final[tuple[Phase, ...]] = ("ended", "done")
Marks: TypeAlias = str
"""A vote, '1' for a marked cell and '0' for another, in the ballot's order: '10010'. A store keeps
it as text that means nothing there; it is written by `Poll.marks` and read by `results_of`."""

MOST_ROUNDS: Final = 200  # the most rounds under one code


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


class WrongPhaseError(ValueError):
    """A step that is impossible in the present phase. The text says why, and what is possible."""


@dataclass(frozen=True)
class Poll:
    """What a code stands for: the present question, and its phase.

    It knows no time but its end, `until`, which no step changes; and no step has a clock.
    """

    ballot: Ballot
    truth: Truth
    owner: str  # the SHA-256 of the token of whoever opened it
    until: float  # when it ends on its own, in seconds as of time.time()
    phase: Phase = "open"
    round: int = 1
    """Counts the votes under this code and never goes back, so that a late vote cannot count for
    another question."""
    first: int = 1  # the round in which the present question was first asked

    @property
    def attempt(self) -> int:
        """1 in the first vote on the present question, 2 in the second."""
        return self.round - self.first + 1

    @property
    def over(self) -> bool:
        """Whether nothing more will happen, unless another question is asked."""
        return self.phase in OVER

    @property
    def answered(self) -> bool:
        """Whether phones may know the answer."""
        return self.phase in ("revealed", "done")

    def closed(self) -> Self:
        """Return the poll closed, even if it is already. WrongPhaseError once answered or over."""
        if self.phase != "open":
            self._needs_closed()
        return replace(self, phase="closed")

    def again(self) -> Self:
        """Return the poll with the same question in another round.

        WrongPhaseError unless it is closed, or after MOST_ROUNDS.
        """
        self._needs_closed()
        return self._next(self.first)

    def revealed(self) -> Self:
        """Return the poll revealed, even if it is already. WrongPhaseError: open or over."""
        if self.phase != "revealed":
            self._needs_closed()
        return replace(self, phase="revealed")

    def ended(self) -> Self:
        """Return the poll ended, so that phones waiting for an answer or a question are told.

        WrongPhaseError while it is open, or if it is already over.
        """
        if self.phase == "revealed":
            return replace(self, phase="done")
        self._needs_closed()
        return replace(self, phase="ended")

    def asking(self, ballot: Ballot, truth: Truth, after: int | None = None) -> Self:
        """Return the poll with the next question, in any phase, even if it asks that already.

        after: the last round that the asker knows of, if only that may be followed.
        WrongPhaseError at MOST_ROUNDS, or if another question has been asked since.
        """
        if after is not None and self.round != after:
            if (self.ballot, self.truth, self.phase) == (ballot, truth, "open"):
                return self
            raise WrongPhaseError(say("vote.class.other"))
        return replace(self._next(self.round + 1), ballot=ballot, truth=truth)

    def _needs_closed(self) -> None:
        if self.phase != "closed":
            raise WrongPhaseError(say(f"vote.not_closed.{'over' if self.over else self.phase}"))

    def _next(self, first: int) -> Self:
        if self.round >= MOST_ROUNDS:
            raise WrongPhaseError(say("vote.rounds", most=MOST_ROUNDS))
        return replace(self, phase="open", round=self.round + 1, first=first)

    @cached_property
    def for_phones(self) -> Mapping[str, Any]:
        """Everything that a phone may know of the question, as JSON."""
        asked = [asdict(cell) for cell in self.ballot.cells]
        if self.answered:
            for cell, nonzero, reasons in zip(
                asked, self.truth.nonzero, self.truth.reasons, strict=True
            ):
                cell |= {"nonzero": nonzero, "reasons": list(reasons)}
        arrays = map(asdict, self.ballot.arrays)
        return {
            "phase": self.phase,
            "round": self.round,
            "attempt": self.attempt,
            "title": self.ballot.title,
            "rule": self.ballot.rule,
            "ask": self.ballot.ask,
            "cells": asked,
            "arrays": [
                {**array, "cells": [cell["name"] for cell in array["cells"]]}
                if array["asked"]
                else array
                for array in arrays
            ],
        }

    def marks(self, names: Sequence[str]) -> Marks:
        """Return the vote that marks these cells. KeyError for a cell that is not asked for."""
        places = {name: place for place, name in enumerate(self.ballot.names)}
        marked = {places[name] for name in names}
        return "".join("1" if place in marked else "0" for place in range(len(places)))


@dataclass(frozen=True)
class RoundResult:
    """The result of one round."""

    votes: int  # their number
    marked: tuple[int, ...]  # how many marked each cell, in the ballot's order
    all_right: int | None  # how many had every cell right; None before the reveal

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of voters that marked each cell, from 0 to 1; 0 if nobody voted."""
        return tuple(count / self.votes if self.votes else 0.0 for count in self.marked)


@dataclass(frozen=True)
class Change:
    """How many voters had all cells right in the first and in the last vote, if they voted in both.

    "became_right" counts those who were wrong in the first vote and right in the last.
    """

    stayed_right: int
    became_right: int
    became_wrong: int
    stayed_wrong: int


@dataclass(frozen=True)
class Results:
    """The votes on the present question, round by round; they do not identify any voter."""

    title: str  # of the page
    names: tuple[str, ...]  # of the cells
    labels: tuple[str, ...]
    rounds: tuple[RoundResult, ...]
    nonzero: tuple[bool, ...] | None  # the truth, cell by cell; None before the reveal
    change: Change | None  # None before the reveal, or if fewer than two rounds have votes
    case: str = ""  # the title of the case that was asked about

    @property
    def voted(self) -> tuple[RoundResult, ...]:
        """The first and the last of the rounds in which somebody voted; () if there is none."""
        rounds = [each for each in self.rounds if each.votes]
        return (*rounds[:1], *rounds[1:][-1:])

    def to_json(self) -> dict[str, Any]:
        """Return the results as plain data."""
        return {
            "title": self.title,
            "case": self.case,
            "cells": list(self.names),
            "nonzero": None if self.nonzero is None else list(self.nonzero),
            "rounds": [
                {
                    "votes": each.votes,
                    "marked": dict(zip(self.names, each.marked, strict=True)),
                    "share": dict(zip(self.names, each.shares, strict=True)),
                    "all_right": each.all_right,
                }
                for each in self.rounds
            ],
            "change": None if self.change is None else asdict(self.change),
        }

    def to_csv(self) -> str:
        """Return a CSV row for each round and cell; each row names its question."""
        title = f"{self.title}: {self.case}" if self.case else self.title
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["title", "round", "cell", "votes", "marked", "share", "nonzero"])
        for at, each in enumerate(self.rounds, 1):
            for place, cell in enumerate(self.names):
                truth = "" if self.nonzero is None else int(self.nonzero[place])
                share = f"{each.shares[place]:.4f}"
                rows.writerow([title, at, cell, each.votes, each.marked[place], share, truth])
        return text.getvalue()


def results_of(poll: Poll, votes: Sequence[Mapping[str, Marks]]) -> Results:
    """Return the results of the present question. votes: by voter, for each of its rounds."""
    known = poll.answered
    right = "".join("1" if nonzero else "0" for nonzero in poll.truth.nonzero)
    rounds = tuple(
        RoundResult(
            len(each),
            tuple(
                sum(marks[place] == "1" for marks in each.values()) for place in range(len(right))
            ),
            sum(marks == right for marks in each.values()) if known else None,
        )
        for each in votes
    )
    change = None
    if known and len(voted := [*filter(None, votes)]) > 1:
        before, after = voted[0], voted[-1]
        pairs = [(before[voter] == right, after[voter] == right) for voter in before.keys() & after]
        change = Change(
            pairs.count((True, True)),
            pairs.count((False, True)),
            pairs.count((True, False)),
            pairs.count((False, False)),
        )
    return Results(
        poll.ballot.title,
        poll.ballot.names,
        tuple(cell.label for cell in poll.ballot.cells),
        rounds,
        poll.truth.nonzero if known else None,
        change,
    )
