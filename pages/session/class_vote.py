"""A class vote as seen by the page that opened it: the question, what is shown, the results."""

import json
from dataclasses import dataclass, replace
from typing import Any, Self

from pages.state.predict import Exercise
from pages.state.quiz import Mode
from pages.state.scene import STEP, Scene
from pages.vote.box import Opened
from pages.vote.poll import Poll, Results


@dataclass(frozen=True)
class ClassVote:
    """A class's vote on a scene, under way or finished."""

    opened: Opened  # its code and token
    address: str  # what phones open
    scene: Scene | None
    everywhere: bool  # whether about all gradients, not only those of the inputs
    case: str  # the name of the scene's case, or ""
    poll: Poll  # the last known state on the server
    votes: int = 0  # their number then
    results: Results | None = None  # once a round is closed
    earlier: tuple[Results, ...] = ()  # of earlier questions under the same code
    called: str = ""  # the title of the case

    @property
    def locked(self) -> bool:
        """Whether the scene must not change, because the answer is not revealed yet."""
        return self.poll.phase != "revealed"

    def asks_about(self, scene: Any) -> bool:
        """Whether a scene is the one asked about, except for its step and the entry explained."""
        return self.scene is not None and self.scene.is_but_for(("entry", STEP), scene)

    def is_next(self, scene: Any, case: str) -> bool:
        """Whether a scene is the next question: another named case, not one the user made."""
        return not self.locked and case not in ("", self.case) and not self.asks_about(scene)

    def exercise(self, scene: Any, case: str) -> Exercise | None:
        """Return what hides the scene's gradients and shows the class's shares, or None.

        case: the name of the scene's case.
        """
        if self.is_next(scene, case):
            return Exercise(everywhere=self.everywhere, shares=())
        if not self.locked and not self.asks_about(scene):
            return None
        results = self.results
        shares: tuple[tuple[str, tuple[float, ...]], ...] = ()
        if results and (rounds := results.voted):
            shares = tuple(
                (name, tuple(each.shares[at] for each in rounds))
                for at, name in enumerate(results.names)
            )
        return Exercise(revealed=not self.locked, everywhere=self.everywhere, shares=shares)

    def at(self, poll: Poll, votes: int, results: Results | None) -> Self:
        """Return the vote in a later state."""
        results = results and replace(results, case=self.called)
        return replace(self, poll=poll, votes=votes, results=results)

    def files(self) -> dict[str, str]:
        """Return the results of all questions so far as CSV and JSON: counts and shares only."""
        every = [*self.earlier, *([self.results] if self.results else [])]
        rows = [
            (f"{at}," if line else "question,") + row
            for at, each in enumerate(every, 1)
            for line, row in enumerate(each.to_csv().splitlines())
            if line or at == 1
        ]
        questions = [each.to_json() for each in every]
        return {
            "name": f"votes-{self.opened.code}",
            "csv": "".join(f"{row}\n" for row in rows),
            "json": json.dumps({"questions": questions}, ensure_ascii=False, indent=1),
        }


@dataclass(frozen=True)
class BeforeVote:
    """The mode and the scene before a class was asked; asked: the scene it was asked about."""

    mode: Mode
    scene: Scene
    asked: Scene


@dataclass
class Classroom:
    """What a page remembers of asking a class.

    vote: the present vote, or None. problem: why something could not be done with it. ended: the
    code of the last vote that is over. origin: while the page warns that no phone can reach it, the
    address at which the vote would be opened; before: what to return to if it is not opened.
    """

    vote: ClassVote | None = None
    problem: str = ""
    ended: str = ""
    origin: str = ""
    before: BeforeVote | None = None
