"""Which convention a class follows at kinks, in words, and what else is no failure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.check.differences import one_sided
from engine.grader.cases import NO_KINKS, Convention, Ties, Topic, layer
from engine.grader.examine import Exam
from engine.grader.outcome import Outcome, close
from engine.grader.wire import Value, unpack
from engine.grader.words import case_title, listed, literal, number
from engine.kinks import RULES, Rule, called

Fitting = Mapping[Outcome, frozenset[Convention]]
"""For each outcome the conventions under which its gradients are right."""

WINNERS: Final[Mapping[Ties, str]] = {
    "all": "every tied entry gets the gradient",
    "first": "the first tied entry gets the gradient",
    "split": "the tied entries share the gradient",
    "last": "the last tied entry gets the gradient",
}


@dataclass(frozen=True)
class Followed:
    """What a class does at kinks; None where no case told, or a class has no such kink.

    slugs: the rules of RULES that do the same as far as it is known.
    """

    relu_at_zero: float | None
    pool_ties: Ties | None
    slugs: tuple[str, ...]

    @property
    def sentences(self) -> Iterator[str]:
        """One for ties, one for ReLU's slope."""
        if self.pool_ties is not None:
            who = [rule for rule in RULES.values() if rule.kinks.pool_ties == self.pool_ties]
            yield f"at ties {WINNERS[self.pool_ties]}: {_whose(who)}"
        if self.relu_at_zero is not None:
            who = [rule for rule in RULES.values() if rule.kinks.relu_at_zero == self.relu_at_zero]
            yield f"ReLU's slope at 0 is {number(self.relu_at_zero)}: {_whose(who)}"


def agreeing(fitting: Fitting, best: Convention) -> frozenset[Convention]:
    """The conventions that are left after all kinks at which the best one is right."""
    told = [fits for at, fits in fitting.items() if at.reference.kinked and best in fits]
    return frozenset.intersection(*told) if told else frozenset()


def followed(topic: Topic, fitting: Fitting, best: Convention) -> Followed | None:
    """What the cases at kinks have in common that follow the convention which most of them do."""
    fits = agreeing(fitting, best)
    slopes, ties = {each.relu_at_zero for each in fits}, {each.pool_ties for each in fits}
    slope = best.relu_at_zero if topic.relu and len(slopes) == 1 else None
    tie = best.pool_ties if topic.pool and len(ties) == 1 else None
    if slope is None and tie is None:
        return None
    slugs = tuple(
        slug
        for slug, rule in RULES.items()
        if slope in (None, rule.kinks.relu_at_zero) and tie in (None, rule.kinks.pool_ties)
    )
    return Followed(slope, tie, slugs)


def inconsistent(topic: Topic, fitting: Fitting, best: Convention) -> str:
    """That a class does one thing at one kink and another at another; "" where it does not."""
    other = next((at for at, fits in fitting.items() if fits and best not in fits), None)
    if other is None:
        return ""
    usual = next(at for at, fits in fitting.items() if at.reference.kinked and best in fits)
    does = _difference(topic, fitting[usual], best, fitting[other])
    return (
        f"it follows no one rule at kinks: {does[0]} in '{case_title(usual)}', "
        f"but {does[1]} in '{case_title(other)}'"
    )


def _difference(
    topic: Topic,
    usual: frozenset[Convention],
    best: Convention,
    other: frozenset[Convention],
) -> tuple[str, str]:
    """What is done at the one and at the other."""
    near = min(
        sorted(other, key=str),
        key=lambda each: (
            (each.pool_ties != best.pool_ties) + (each.relu_at_zero != best.relu_at_zero)
        ),
    )
    if topic.pool and near.pool_ties != best.pool_ties:
        return WINNERS[best.pool_ties], WINNERS[near.pool_ties]
    return tuple(  # type: ignore[return-value]
        f"ReLU's slope at 0 is {number(each.relu_at_zero)}" for each in (best, near)
    )


def _whose(rules: Sequence[Rule]) -> str:
    """Whose rule that is."""
    if not rules:
        return "a subgradient, though no framework in our table does so"
    names = list(dict.fromkeys(called(rule, rules) for rule in rules if rule.slug != "lab"))
    lab = ["the lab's rule"] if any(rule.slug == "lab" for rule in rules) else []
    return ", ".join([*lab, *([f"as in {listed(names)}"] if names else [])])


OUTSIDE = 1e-6
"""So far outside its bracket an entry is no derivative."""
FINE = 1e-6
"""The step of a gradient check, and its tolerance."""
OF = {"forward": "fine", "backward": "analytic"}
"""What a gradient check has of each method: its differences, and what it gave."""
SHOWN = 10
"""Of more numbers a note says only that they are wrong."""


def notes(exam: Exam, fitting: Fitting, best: Convention, *, failed: bool) -> Iterator[str]:
    """One sentence each."""
    topic = exam.topic
    if not failed:
        yield from _no_derivatives(fitting, best)
    yield from _written(exam)
    if topic.scalar and exam.description["backward"][1] == 0:
        yield f"backward takes no {topic.upstream}: it was checked for 1 only"
    yield from _precision(exam, failed=failed)
    if not failed:
        yield from _about_integers(exam, best)
    for outcome in [] if failed else exam.advised:
        if problem := outcome.before_gradients or next(iter(outcome.wrong_gradients(best)), None):
            yield f"at {outcome.case.point} {problem.sentence}: {outcome.feature.advice}"


def _written(exam: Exam) -> Iterator[str]:
    """What their methods wrote into, unless that is what is wrong."""
    topic = exam.topic
    problems = (outcome.before_gradients for outcome in exam.outcomes)
    told = any(problem is not None and problem.kind == "changed" for problem in problems)
    changes = [each for outcome in exam.outcomes for each in outcome.reply.get("changed", [])]
    names = {
        topic.upstream if each["dout"] else topic.inputs[each["argument"]]: each["method"]
        for each in changes
        if each["dout"] or not told
    }
    for name, method in names.items():
        yield (
            f"{method} writes into {name}, which belongs to the caller: where it is needed twice, "
            "the second one gets other numbers; work on a copy"
        )


def _precision(exam: Exam, *, failed: bool) -> Iterator[str]:
    """Which method gives less than double precision, by its dtype or by its numbers."""
    for method in ("forward", "backward"):
        dtypes = {each.dtype for outcome in exam.outcomes for each in _given(outcome, method)}
        if single := sorted(dtypes & {"float16", "float32"}):
            yield f"{method} gives {' and '.join(single)}"
        elif not failed and (off := _rounded(exam, method)):
            yield f"{method} rounds: {off}"


def _given(outcome: Outcome, method: str) -> Sequence[Value]:
    if method == "backward":
        return outcome.gradients
    return () if outcome.output is None else (outcome.output,)


def _rounded(exam: Exam, method: str) -> str:
    """What a fine check condemned for what this method gave, or would have; "" for nothing."""
    for outcome in exam.outcomes:
        for argument, result in enumerate(outcome.checks):
            again, name = outcome.as_checked, exam.topic.gradient(argument)
            too_fine = f"a step of 1e-6 is too small to check {name}, a larger one agrees"
            if method == "forward" and result["verdict"] != "FAILED" and result["eps"] > FINE:
                return too_fine
            if again is None or result["verdict"] != "FAILED" or result["coarse"] == "FAILED":
                continue
            right = again.reference.grads(NO_KINKS)[argument]
            off = np.abs(unpack(result[OF[method]]) - right).max()
            if off > FINE * max(1.0, np.abs(right).max()):
                if method == "forward":
                    return too_fine
                return f"{name} is off by {number(off)}, which is allowed"
    return ""


def _no_derivatives(fitting: Fitting, best: Convention) -> Iterator[str]:
    """The first gradient that a convention makes right and calculus does not."""
    for outcome, fits in fitting.items():
        reference = outcome.reference
        if best not in fits or not reference.kinked:
            continue
        case, topic = outcome.case, reference.topic
        forward = layer(topic.name, case).forward
        sides = one_sided(forward, *case.inputs, dout=case.dout)
        for argument, (left, right) in enumerate(sides):
            grad = reference.grads(best)[argument]
            low, high = np.minimum(left, right), np.maximum(left, right)
            wrong = (grad < low - OUTSIDE) | (grad > high + OUTSIDE)
            if wrong.any():
                at = tuple(np.argwhere(wrong)[0])
                slopes = sorted({number(round(float(side[at]), 6)) for side in (left, right)})
                has = "the slope there is" if len(slopes) == 1 else "the slopes beside it are"
                given = ", ".join(
                    f"{name} = {literal(each)}"
                    for name, each in zip(topic.inputs, case.inputs, strict=False)
                )
                yield (
                    f"in '{case_title(outcome)}' ({given}, {topic.upstream} = "
                    f"{literal(case.dout)}) {topic.gradient(argument)} = {number(grad[at])} is "
                    f"no derivative: {has} {' and '.join(slopes)}. The rule makes it so, which is "
                    "no failure"
                )
                return


def _about_integers(exam: Exam, best: Convention) -> Iterator[str]:
    """With an integer array as x, np.zeros_like(x) holds integers, and gradients are cut off."""
    outcome = exam.integers
    if outcome is None or outcome.ended is not None:
        return
    x = exam.topic.inputs[0]
    problem = outcome.before_gradients
    if problem is None:
        found = outcome.wrong_gradients(best)
        problem = found[0] if found else None
    if problem is None:
        return
    got, expected = problem.got, problem.expected
    if got is None or expected is None or got.shape != expected.shape:
        yield f"with whole numbers as {x} (an array of integers): {problem.sentence}"
        return
    reason = ""
    whole = problem.argument >= 0 and "int" in outcome.gradients[problem.argument].dtype
    if whole or close(got, np.trunc(expected)):
        reason = f": np.zeros_like({x}), say, is then an array of integers, which drops fractions"
    numbers = (
        f" = {literal(got)}, expected {literal(expected)}" if got.size <= SHOWN else " is wrong"
    )
    yield f"with whole numbers as {x} (an array of integers) {problem.quantity}{numbers}{reason}"
