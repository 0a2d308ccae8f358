"""What is asked of a case: in which mode; a quiz's questions with their verdicts; a list's."""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple, TypeAlias

Mode: TypeAlias = Literal["look", "predict", "quiz", "step"]
"""What somebody does here; on a phone, whose foot has no room for more at once, also stepping."""

MODE: Final = "mode"
"""The key of what is done here, in the address of a presenter who asks something."""

QUESTION: Final = "question"
"""In the name that a list has for a case, the key of what it asks there; no part of a scene."""


class Verdict(NamedTuple):
    """What came of an answer, in the state in which it was asked for.

    because: what decided it, a sentence each. there: that state.
    """

    given: int
    right: bool
    answer: int
    because: tuple[str, ...]
    there: Any


@dataclass(frozen=True)
class ListQuestion:
    """What a list of somebody's own asks of a case, and whether the answer may be seen."""

    text: str
    revealed: bool = False


@dataclass(frozen=True)
class Quiz:
    """Of these questions the one that is asked (its position), and the verdicts by position.

    before: the scene in which it was begun, and past what Undo brought back there; there: that in
    which the present question is asked.
    """

    questions: tuple[str, ...]
    before: Any = None
    at: int = 0
    verdicts: tuple[tuple[int, Verdict], ...] = ()
    there: Any = None
    past: tuple[Any, ...] = ()

    def verdict(self) -> Verdict | None:
        """That of the present question, once it was answered: it never changes."""
        return dict(self.verdicts).get(self.at)

    @property
    def done(self) -> bool:
        """Whether none is left."""
        return self.at >= len(self.questions)

    @property
    def waiting(self) -> bool:
        """Whether a question is asked that was not answered yet."""
        return not self.done and self.verdict() is None

    def answered(self, verdict: Verdict) -> "Quiz":
        """The same with an answer to the present question; itself where none is asked for."""
        if not self.waiting:
            return self
        return replace(self, verdicts=(*self.verdicts, (self.at, verdict)))

    def next(self) -> "Quiz":
        """The same at the next question; itself where this one was not answered, or there is none.

        A button that is pressed twice leaves out no question. Behind one that is looked at again,
        all being answered, is the end.
        """
        if self.done or self.waiting:
            return self
        return replace(self, at=max(self.at + 1, len(self.verdicts)))

    def again(self, at: int) -> "Quiz":
        """The same back at a question that was answered, to look at it; itself before the end."""
        return replace(self, at=at) if self.done and at in dict(self.verdicts) else self

    def missed(self) -> list[int]:
        """The positions of the questions that were answered wrongly."""
        return [at for at, verdict in self.verdicts if not verdict.right]
