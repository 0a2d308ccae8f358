"""What the user is asked: the mode, a quiz with its verdicts, the question of a case in a list."""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple, TypeAlias

Mode: TypeAlias = Literal["look", "predict", "quiz", "step"]
"""What the user does here; "step" is a mode only on a phone, whose foot shows one row of tools."""

MODE: Final = "mode"  # the key of the mode in the address of a presenter who asks a question

QUESTION: Final = "question"
"""The key of a question in a list's name for a case. It is not part of the scene."""


class Verdict(NamedTuple):
    """The verdict on an answer."""

    given: int  # the user's answer
    right: bool
    answer: int  # the right one
    because: tuple[str, ...]  # sentences that explain it
    there: Any  # the scene in which it was asked


@dataclass(frozen=True)
class ListQuestion:
    """A question that a user's own list asks about a case."""

    text: str
    revealed: bool = False  # whether the answer is shown


@dataclass(frozen=True)
class Quiz:
    """A quiz under way."""

    questions: tuple[str, ...]
    before: Any = None  # the scene in which the quiz was begun
    at: int = 0  # the position of the present question
    verdicts: tuple[tuple[int, Verdict], ...] = ()  # so far, with the questions' positions
    there: Any = None  # the scene in which the present question is asked
    past: tuple[Any, ...] = ()  # what Undo could bring back when the quiz was begun

    def verdict(self) -> Verdict | None:
        """Return the verdict on the present question, or None before it is answered."""
        return dict(self.verdicts).get(self.at)

    @property
    def done(self) -> bool:
        """Whether no question is left."""
        return self.at >= len(self.questions)

    @property
    def waiting(self) -> bool:
        """Whether the present question is not answered yet."""
        return not self.done and self.verdict() is None

    def answered(self, verdict: Verdict) -> "Quiz":
        """Return it with an answer to the present question; unchanged if none is asked."""
        if not self.waiting:
            return self
        return replace(self, verdicts=(*self.verdicts, (self.at, verdict)))

    def next(self) -> "Quiz":
        """Return it at the next question; unchanged if the present one is not answered yet.

        So a button pressed twice skips no question. After a question that is looked at again when
        all are answered comes the end.
        """
        if self.done or self.waiting:
            return self
        return replace(self, at=max(self.at + 1, len(self.verdicts)))

    def again(self, at: int) -> "Quiz":
        """Return it back at an answered question, to look at it again; unchanged before the end."""
        return replace(self, at=at) if self.done and at in dict(self.verdicts) else self

    def missed(self) -> list[int]:
        """Return the positions of the questions that were answered wrongly."""
        return [at for at, verdict in self.verdicts if not verdict.right]
