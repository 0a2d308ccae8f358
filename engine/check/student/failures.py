"""What fails: cases, and what only a second pass or a second instance brings to light."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from engine.check.student.ask import Asker
from engine.check.student.examine import Examination
from engine.check.student.outcome import SPECIAL, Failure, Outcome, Special
from engine.check.student.problem import Problem
from engine.check.student.reference import Convention
from engine.check.student.wire import COARSE, unpack_value

STEPS: Final = (COARSE, 2.0**-20)
PASS: Final[Mapping[str, str]] = {"again": "first", "twin": "other"}
"""What a request calls the other pass."""


def of_cases(outcomes: Sequence[Outcome], convention: Convention) -> Iterator[Failure]:
    """The cases that fail, under a convention at kinks."""
    for outcome in outcomes:
        if problem := outcome.before_gradients:
            yield Failure(outcome, (problem,))
        elif problems := outcome.wrong_gradients(convention):
            yield Failure(outcome, tuple(problems))
        elif problem := _unconfirmed(outcome):
            assert outcome.as_checked is not None
            yield Failure(outcome.as_checked, (problem,))


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
    shown: set[Special] = set()
    for special, outcome, other in exam.passes:
        for failure in of_cases([outcome], best) if special not in shown else ():
            shown.add(special)
            yield told(failure, special, other)


def told(failure: Failure, special: Special, other: Outcome | None) -> Failure:
    """With the sentence about the other pass in the place of its own first one."""
    first, *others = failure.problems
    problems = (replace(first, sentence=SPECIAL[special]), *others)
    return replace(failure, problems=problems, special=special, other=other)


def confirmed(
    failure: Failure, asker: Asker, asked: Sequence[Outcome], best: Convention
) -> Failure:
    """The failure as a process shows it that has seen nothing else: as it is when typed in.

    asked: all that the class was asked, in order. Where the case by itself is right, one before
    it is sought that makes it fail; alone is False where there is none.
    """
    outcome, other = failure.outcome, failure.other
    if outcome.ended is not None:
        return failure
    if failure.problems[0].kind == "differences":
        return max((_moved(failure, asker, step) for step in STEPS), key=_off)
    passes = {} if other is None else {PASS[failure.special]: asker.given(other.case)}

    def anew(*before: Outcome) -> Failure | None:
        asker.begin_anew()
        for each in before:
            asker.ask(each.feature, each.case)
        again = asker.ask(outcome.feature, outcome.case, check=False, **passes)
        return next(of_cases([again], best), None)

    if outcome is asked[0]:
        return failure  # it was the first of all
    if found := anew():
        return told(found, failure.special, other) if failure.special else found
    place = next((i for i, each in enumerate(asked) if each is outcome), len(asked))
    for before in dict.fromkeys(asked[at] for at in (place - 1, 0) if not failure.special):
        if found := anew(before):
            return told(found, "after", before)
    return replace(failure, alone=False)


def _moved(failure: Failure, asker: Asker, step: float) -> Failure:
    """With the slopes of forward over one step, for each entry of what is not confirmed."""
    outcome, problem = failure.outcome, failure.problems[0]
    assert problem.expected is not None
    slopes = np.zeros_like(problem.expected)
    for index in np.ndindex(*slopes.shape):
        ends = []
        for side in (step, -step):
            inputs = [each.copy() for each in outcome.case.inputs]
            inputs[problem.argument][index] += side
            case = replace(outcome.case, inputs=tuple(inputs))
            output = asker.ask(outcome.feature, case).output
            ends.append(np.nan if output is None or output.array is None else output.array)
        slopes[index] = np.sum((ends[0] - ends[1]) * outcome.case.dout) / (2 * step)
    return replace(failure, problems=(replace(problem, got=slopes),), step=step)


def _off(failure: Failure) -> float:
    """How far the slopes are from the gradient."""
    (problem,) = failure.problems
    assert problem.got is not None
    assert problem.expected is not None
    return float(np.abs(problem.got - problem.expected).max(initial=0))
