"""What becomes of a question: open, closed, perhaps asked again, revealed; and its results."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal, Self, TypeAlias

from pages.language.catalogue import say
from pages.vote.ballot import Ballot, Truth

Phase: TypeAlias = Literal["open", "closed", "revealed", "ended", "done"]
"""Ended: closed for good, and never to be answered; done: answered, and for good."""
OVER: Final[tuple[Phase, ...]] = ("ended", "done")
Marks: TypeAlias = str
"""A vote, '1' for a marked cell and '0' for another, in the ballot's order: '10010'."""

MOST_ROUNDS: Final = 200
"""So many times a class can be asked under one code."""


class WrongPhaseError(ValueError):
    """What was asked for cannot be done at present; the text says why, and what can be."""


@dataclass(frozen=True)
class Poll:
    """What a code stands for: the present question, and how far it is.

    owner: the SHA-256 of the token of whoever may close it. until: when it ends by itself, in
    seconds as of time.time(). round: how often votes were called for under this code; it never
    goes back, so that a late vote counts for no other question. first: the round in which the
    present question was asked first.
    """

    ballot: Ballot
    truth: Truth
    owner: str
    until: float
    phase: Phase = "open"
    round: int = 1
    first: int = 1

    @property
    def attempt(self) -> int:
        """1 in the first vote on the present question, 2 in the second."""
        return self.round - self.first + 1

    @property
    def over(self) -> bool:
        """Whether nothing comes any more, but for another question."""
        return self.phase in OVER

    @property
    def answered(self) -> bool:
        """Whether phones may know the answer."""
        return self.phase in ("revealed", "done")

    def closed(self) -> Self:
        """No more votes; itself where that is so already. WrongPhaseError once answered or over."""
        if self.phase != "open":
            self._needs_closed()
        return replace(self, phase="closed")

    def again(self) -> Self:
        """The same question in another round.

        WrongPhaseError unless it is closed, and after MOST_ROUNDS.
        """
        self._needs_closed()
        return self._next(self.first)

    def revealed(self) -> Self:
        """Answered; itself where that is so already. WrongPhaseError while open, and once over."""
        if self.phase != "revealed":
            self._needs_closed()
        return replace(self, phase="revealed")

    def ended(self) -> Self:
        """Over, which all who wait for an answer or for a question are told.

        WrongPhaseError while it is open, or where it is over already.
        """
        if self.phase == "revealed":
            return replace(self, phase="done")
        self._needs_closed()
        return replace(self, phase="ended")

    def asking(self, ballot: Ballot, truth: Truth) -> Self:
        """The next question, whatever became of the last one. WrongPhaseError after MOST_ROUNDS."""
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
        """All that a phone may know of the question, as JSON."""
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
        """A vote by its cells' names. KeyError for one that is not asked for."""
        places = {name: place for place, name in enumerate(self.ballot.names)}
        marked = {places[name] for name in names}
        return "".join("01"[place in marked] for place in range(len(places)))


@dataclass(frozen=True)
class RoundResult:
    """One round: how many voted, and by cell in the ballot's order how many marked it.

    all_right: how many had every cell right; None before the reveal.
    """

    votes: int
    marked: tuple[int, ...]
    all_right: int | None

    @property
    def shares(self) -> tuple[float, ...]:
        """By cell the share of the voters that marked it, from 0 to 1; 0 where nobody voted."""
        return tuple(count / self.votes if self.votes else 0.0 for count in self.marked)


@dataclass(frozen=True)
class Change:
    """From the first vote to the last, of those who voted in both: how many had all right.

    stayed_right, became_right, became_wrong, stayed_wrong.
    """

    stayed_right: int
    became_right: int
    became_wrong: int
    stayed_wrong: int


@dataclass(frozen=True)
class Results:
    """The votes on the present question, round by round; no voter can be told from them.

    title: of the page; case: what the case is called that was asked about, "" for none. names: of
    the cells. nonzero: the truth, cell by cell, and change: of those who voted twice, who may be
    nobody; both None before the reveal, change also where fewer than two rounds have votes.
    """

    title: str
    names: tuple[str, ...]
    labels: tuple[str, ...]
    rounds: tuple[RoundResult, ...]
    nonzero: tuple[bool, ...] | None
    change: Change | None
    case: str = ""

    @property
    def voted(self) -> tuple[RoundResult, ...]:
        """The first vote and the last, of those in which somebody voted; () where nobody ever."""
        rounds = [each for each in self.rounds if each.votes]
        return (*rounds[:1], *rounds[1:][-1:])

    def to_json(self) -> dict[str, Any]:
        """As plain data, to be kept."""
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
        """A row for each round and cell; each says which question it is about."""
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
    """What came of the present question. votes: by voter, of each of its rounds in turn."""
    known = poll.answered
    right = "".join("01"[nonzero] for nonzero in poll.truth.nonzero)
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
