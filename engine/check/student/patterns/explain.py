"""Finds the hypothesis that explains every wrong number of one quantity.

It is claimed only if its numbers are the student's in all the cases that fail in this quantity.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from engine.check.student.outcome import Outcome
from engine.check.student.patterns import any_layer, loss, pool, product, relu, windows
from engine.check.student.patterns.look import Hypothesis, Look
from engine.check.student.patterns.rest import TOGETHER
from engine.check.student.patterns.where import narrower
from engine.check.student.reference import Convention
from engine.check.student.wire import Numbers

FAMILIES: Final = (relu, pool, windows, product, loss, any_layer)
"""What belongs to a layer comes before what any layer may have."""
OUTPUT: Final = tuple(each for family in FAMILIES for each in family.OUTPUT)
GRADIENT: Final = tuple(each for family in FAMILIES for each in family.GRADIENT)

Answers: TypeAlias = Sequence[tuple[Outcome, Numbers]]
"""Outcomes, each with what the student gave for one and the same quantity."""


class Explanation(NamedTuple):
    """A sentence, "" for none; whether it holds everywhere; else where, "" if that is not known."""

    sentence: str
    everywhere: bool
    where: str


def explained(
    argument: int, wrong: Answers, right: Answers, candidates: Sequence[Convention]
) -> Explanation:
    """A hypothesis whose numbers are the student's in every wrong case.

    everywhere: in the right cases it gives the right numbers, so that it is the same mistake
    everywhere, seen or not. Another one is a mistake that is made at times: believed only if there
    is a kind of cases in which it is always made.
    """
    name = wrong[0][0].reference.subject.name
    at_times = Explanation("", False, "")
    kinds = narrower([each for each, _ in wrong], [each for each, _ in (*wrong, *right)])
    for hypothesis in OUTPUT if argument < 0 else GRADIENT:
        if hypothesis.classes and name not in hypothesis.classes:
            continue
        left = _holding(hypothesis, argument, wrong, candidates)
        if not left:
            continue
        if _unseen(hypothesis, argument, right, left):
            return Explanation(hypothesis.sentence, True, "")
        # Zeros alone fit many a mistake.
        telling = hypothesis is any_layer.ZERO or any(got.any() for _, got in wrong)
        for words, having in kinds if telling and not at_times.sentence else ():
            inside = [each for each in right if each[0] in having]
            if _unseen(hypothesis, argument, inside, left):
                at_times = Explanation(hypothesis.sentence, False, words)
                break
    if _integers(argument, wrong):
        return Explanation("{d} is an array of integers, which drops fractions", True, "")
    if at_times.sentence:
        return at_times
    looks = [_look(each, argument, candidates[0]) for each in wrong]
    together = (said for together in TOGETHER for said in together(looks))
    return Explanation(next(together, ""), not right, "")


def _holding(
    hypothesis: Hypothesis, argument: int, wrong: Answers, candidates: Sequence[Convention]
) -> list[Convention]:
    """The conventions at kinks under which it explains them all."""
    left = list(candidates)
    for each in wrong:
        looks = (_look(each, argument, convention) for convention in left)
        left = [look.convention for look in looks if look.matches(hypothesis.predict(look))]
        if not left:
            break
    return left


def _unseen(
    hypothesis: Hypothesis, argument: int, right: Answers, conventions: Sequence[Convention]
) -> bool:
    """Whether it would have been right, too, wherever the student's numbers are right."""
    for each in right:
        looks = [_look(each, argument, convention) for convention in conventions]
        if not any(look.agrees(hypothesis.predict(look)) for look in looks):
            return False
    return True


def _integers(argument: int, wrong: Answers) -> bool:
    """Whether the student's arrays hold whole numbers where fractions should be."""
    looks = [_look(each, argument, Convention()) for each in wrong]
    values = [each.output if argument < 0 else each.gradients[argument] for each, _ in wrong]
    return (
        all(value is not None and value.dtype.startswith(("int", "uint")) for value in values)
        and all(look.got.shape == look.expected.shape for look in looks)
        and any((look.expected % 1).any() for look in looks)
    )


def _look(answer: tuple[Outcome, Numbers], argument: int, convention: Convention) -> Look:
    return Look(answer[0].reference, argument, answer[1], convention)
