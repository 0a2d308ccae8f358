"""A vote as the page has it that opened it: what is asked, what may be seen, what was before."""

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
    """A class votes, or has voted, on a scene.

    address: the phones'. scene: what was asked about. everywhere: whether about all gradients, not
    only those of the inputs. case: the name of the scene's case; "" for none. called: how people
    call the case that was asked about. poll: as the server had it last; votes: how many there were
    then. results: once a round is closed. earlier: those of former questions under the same code.
    """

    opened: Opened
    address: str
    scene: Scene | None
    everywhere: bool
    case: str
    poll: Poll
    votes: int = 0
    results: Results | None = None
    earlier: tuple[Results, ...] = ()
    called: str = ""

    @property
    def locked(self) -> bool:
        """Whether the scene has to stay as it is: until the answer is known."""
        return self.poll.phase != "revealed"

    def asks_about(self, scene: Any) -> bool:
        """Whether a scene is the one asked about but for its step and what is explained."""
        return self.scene is not None and self.scene.is_but_for(("entry", STEP), scene)

    def is_next(self, scene: Any, case: str) -> bool:
        """Whether a scene may be asked about next: another case; of one's own, one tries things."""
        return not self.locked and case not in ("", self.case) and not self.asks_about(scene)

    def exercise(self, scene: Any, case: str) -> Exercise | None:
        """What hides the scene's gradients, and shows the shares; None where nothing does.

        case: the name of the scene's.
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
        """The same further on."""
        results = results and replace(results, case=self.called)
        return replace(self, poll=poll, votes=votes, results=results)

    def files(self) -> dict[str, str]:
        """All questions so far as CSV and JSON: counts and shares, no voters."""
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
    """What was done before a class was to be asked, and in which scene; asked: about which one."""

    mode: Mode
    scene: Scene
    asked: Scene


@dataclass
class Classroom:
    """What a page remembers of the class that is asked there.

    vote: the class's; None while there is none. problem: why something could not be done with it.
    ended: the code of the last one that is over. origin: while it is told that no phone can reach
    it, the address at which a vote is to be opened; before: what to go back to if it is not.
    """

    vote: ClassVote | None = None
    problem: str = ""
    ended: str = ""
    origin: str = ""
    before: BeforeVote | None = None
