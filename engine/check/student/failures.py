"""What fails: cases, and what only a second pass or a second instance brings to light."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, Literal

from engine.check.student.examine import Examination
from engine.check.student.outcome import Failure, Outcome
from engine.check.student.problem import Problem
from engine.check.student.reference import Convention
from engine.check.student.wire import unpack_value

AGAIN: Final = (
    "the second pass through one instance goes wrong: something is left over from the first "
    "(is a gradient added to what was there?)"
)
TWIN: Final = (
    "two instances share what forward remembers (a class attribute, a global?): after another "
    "one's forward this one's backward goes wrong"
)


def of_cases(outcomes: Sequence[Outcome], convention: Convention) -> Iterator[Failure]:
    """The cases that fail, under a convention at kinks."""
    for outcome in outcomes:
        if problem := outcome.before_gradients:
            yield Failure(outcome, (problem,))
        elif problems := outcome.wrong_gradients(convention):
            yield Failure(outcome, tuple(problems))
        elif problem := _unconfirmed(outcome):
            yield Failure(outcome, (problem,))


def _unconfirmed(outcome: Outcome) -> Problem | None:
    """Right numbers that differences of the student's own forward do not confirm, however coarse.

    Then forward is right at this point alone: it rounds, or knows the answer by heart.
    """
    again = outcome.as_checked
    for argument, result in enumerate(outcome.checks):
        if result["coarse"] == "FAILED" and _full_precision(outcome):
            assert again is not None
            if again.wrong_gradients(Convention()):
                return None  # it is backward that is wrong; that is a case by itself
            name = outcome.reference.subject.gradient(argument)
            sentence = (
                f"{name} is right here, but forward does not move as it says when an entry is "
                "moved a little (does forward round?)"
            )
            got, right = again.gradients[argument].array, unpack_value(result["numeric"]).array
            return Problem(
                "differences", "forward", sentence, f"{name} by differences", argument, right, got
            )
    return None


def _full_precision(outcome: Outcome) -> bool:
    return outcome.output is not None and outcome.output.dtype not in ("float32", "float16")


def of_two_passes(exam: Examination, best: Convention) -> Iterator[Failure]:
    """What only a second pass, or a second instance, brings to light."""
    reasons: tuple[tuple[Literal["again", "twin"], Outcome | None, str], ...]
    reasons = (("again", exam.again, AGAIN), ("twin", exam.twin, TWIN))
    for special, outcome, sentence in reasons:
        if outcome is None:
            continue
        problem = outcome.before_gradients
        problems = [problem] if problem else outcome.wrong_gradients(best)
        if problems:
            told = replace(problems[0], sentence=sentence)
            yield Failure(outcome, (told, *problems[1:]), special, exam.other)
