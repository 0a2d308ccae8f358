"""The verdict on a class: what fails, which convention it follows at kinks, and in what pattern."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from engine.grader.cases import NO_KINKS, SLOPES, Convention, conventions
from engine.grader.examine import Asker, Exam, vague
from engine.grader.notes import Fitting, Followed, agreeing, followed, inconsistent, notes
from engine.grader.outcome import SPECIAL, Failure, Outcome, Problem, Special
from engine.grader.patterns import patterns
from engine.grader.questions import topic
from engine.grader.wire import COARSE, unpack_value

Verdict: TypeAlias = Literal["PASSED", "FAILED", "NOT CHECKED"]


@dataclass(frozen=True, eq=False)
class Judgement:
    """What is said about a class.

    cases: how many counted. failures: those of them that fail, in the order in which they were
    asked. forms: for each form of the inputs what is offered in it, "" for the form by itself.
    refused: what is not offered, and why. checks: for each gradient the largest Frobenius
    norm between it and the differences of forward, infinite where a check failed. checked_for: the
    one dout of those checks, "" where there were others. why: a sentence where no case was begun.
    convention: at kinks, the one that most cases follow.
    topic: which of our classes it is; name: its own name. taken: how it is taken, where that is
    not the lab's way.
    """

    name: str
    verdict: Verdict
    cases: int = 0
    failures: tuple[Failure, ...] = ()
    patterns: tuple[str, ...] = ()
    followed: Followed | None = None
    notes: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    forms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    checks: dict[str, float] = field(default_factory=dict)
    checked_for: str = ""
    why: str = ""
    convention: Convention = NO_KINKS
    topic: str = ""
    taken: tuple[str, ...] = ()


def with_confirmed(judgement: Judgement, exam: Exam, asker: Asker) -> Judgement:
    """With the first failure, which is shown, as it is when typed in by itself."""
    if not judgement.failures:
        return judgement
    first, *others = judgement.failures
    found = confirmed(first, asker, exam.asked, judgement.convention)
    # What cases have in common tells nothing where another one decides whether they fail.
    patterns = judgement.patterns if found.alone and found.special != "after" else ()
    return replace(judgement, failures=(_placed(found, exam), *others), patterns=patterns)


def judge(exam: Exam) -> Judgement:
    """The verdict on what a class answered."""
    if not exam.outcomes:
        return _nothing_offered(exam)
    candidates = conventions(exam.topic, _slopes(exam))
    fitting = _fitting(exam.outcomes, candidates)
    best = max(candidates, key=lambda each: sum(each in fits for fits in fitting.values()))
    failures = [_placed(each, exam) for each in of_cases(exam.outcomes, best)]
    # Those that are right by another rule are not wrong in the manner of the others.
    unexplained = [each for each in failures if not fitting.get(each.outcome)]
    tried = sorted(agreeing(fitting, best), key=str) or candidates
    found = list(patterns(exam, unexplained, tried))
    if not unexplained:  # else numbers that are wrong anyhow may look like another rule's
        found.insert(0, inconsistent(exam.topic, fitting, best))
    if not failures:
        failures += of_two_passes(exam, best)
        found += [each.problems[0].sentence for each in failures]
    return Judgement(
        exam.description["name"],
        "FAILED" if failures else "PASSED",
        len(exam.outcomes),
        tuple(failures),
        tuple(dict.fromkeys(filter(None, found))),
        followed(exam.topic, fitting, best),
        tuple(notes(exam, fitting, best, failed=bool(failures))),
        tuple(each.name for each in exam.offered),
        {
            form: [each.what for each in exam.offered if each.form == form]
            for form in dict.fromkeys(each.form for each in exam.offered)
        },
        {name: reason for name, (reason, _) in exam.refused.items()},
        _checks(exam),
        _checked_for(exam),
        convention=best,
        topic=exam.topic.name,
        taken=tuple(exam.description.get("taken", ())),
    )


def not_checked(name: str, of: str, reason: str, **more: Any) -> Judgement:
    """The verdict on a class of an interface that is not known: what to write instead."""
    about = topic(of)
    inputs = ", ".join(about.inputs[:2])
    gives = [about.gradient(i) for i in range(len(about.inputs[:2]))]
    handed = "logits, labels" if of == "SoftmaxCrossEntropy" else inputs
    returned = gives[0] if len(gives) == 1 else f"({', '.join(gives)})"
    why = (
        f"how to call it is not certain: {reason}. To have it checked, write forward({handed}), "
        f"which remembers what it needs, and backward({about.upstream}), which gives {returned}"
    )
    return Judgement(name, "NOT CHECKED", why=why, topic=of, **more)


def _placed(failure: Failure, exam: Exam) -> Failure:
    """With the line where a method begins, of a call that never entered it or gave no numbers."""
    lines = exam.description["lines"]
    problems = (
        replace(each, place=lines.get(each.method))
        if each.place is None and each.kind in ("raises", "odd", "count")
        else each
        for each in failure.problems
    )
    return replace(failure, problems=tuple(problems))


def _fitting(outcomes: Sequence[Outcome], candidates: Sequence[Convention]) -> Fitting:
    """For each outcome that has gradients, the conventions under which they are right."""
    fitting = {}
    for outcome in outcomes:
        if outcome.before_gradients is not None:
            continue
        tried = candidates if outcome.reference.kinked else candidates[:1]
        right = [each for each in tried if not outcome.wrong_gradients(each)]
        everywhere = right and not outcome.reference.kinked
        fitting[outcome] = frozenset(candidates if everywhere else right)
    return fitting


def _slopes(exam: Exam) -> tuple[float, ...]:
    """The slopes at 0 that are tried, and the one that a ReLU seems to have itself."""
    found = []
    for outcome in exam.outcomes if exam.topic.name == "ReLU" else ():
        a, gradients = outcome.case.inputs[0], outcome.gradients
        if outcome.before_gradients is None and gradients[0].array is not None:
            at_zero = (a == 0) & (gradients[0].shape == a.shape)
            if at_zero.any():
                found.append(float((gradients[0].array[at_zero] / outcome.case.dout[at_zero])[0]))
    return tuple(dict.fromkeys((*SLOPES, *(slope for slope in found if 0 <= slope <= 1))))


def _checks(exam: Exam) -> dict[str, float]:
    """For each gradient the largest difference; infinite where its own check failed.

    One that fails with a small step alone, where this gradient is right, is rounding.
    """
    worst: dict[str, float] = {}
    for outcome in exam.outcomes:
        again = outcome.as_checked
        wrong = {each.argument for each in again.wrong_gradients(NO_KINKS)} if again else set()
        for argument, result in enumerate(outcome.checks):
            name = exam.topic.gradient(argument)
            failed = result["verdict"] == "FAILED"
            if failed and argument not in wrong and result["coarse"] != "FAILED":
                continue
            difference = math.inf if failed else result["difference"]["values"][0]
            worst[name] = max(worst.get(name, 0.0), difference)
    return worst


def _checked_for(exam: Exam) -> str:
    """'dz = 1': of a single number there is no other check, so that a forgotten dz escapes it."""
    douts = [each.as_checked.case.dout for each in exam.outcomes if each.as_checked is not None]
    return "" if any(dout.ndim for dout in douts) else f"{exam.topic.upstream} = 1"


def _nothing_offered(exam: Exam) -> Judgement:
    """The class refused everything: the refusal that came furthest is what is wrong with it."""
    tried = [outcome for _, outcome in exam.refused.values() if outcome is not None]
    if _foreign(tried):
        needs = exam.description["needs"]
        refused = {name: reason for name, (reason, _) in exam.refused.items()}
        said = next(iter(refused.values()), "")
        unmet = needs and exam.description["layers"] != "list"
        reason = f"its constructor needs ({', '.join(needs)})" if unmet else said
        return not_checked(exam.description["name"], exam.topic.name, reason, refused=refused)
    # What was handed to a parameter of another name says little.
    plain = [each for each in tried if not vague(each, exam.description)]
    furthest = max(plain or tried, key=lambda each: each.progress)
    problem = furthest.before_gradients
    problems = (problem,) if problem else tuple(furthest.wrong_gradients(NO_KINKS))
    failure = _placed(Failure(furthest, problems), exam)
    refused = {name: reason for name, (reason, at) in exam.refused.items() if at is not furthest}
    found = patterns(exam, [failure], conventions(exam.topic))
    return Judgement(
        exam.description["name"],
        "FAILED",
        1,
        (failure,),
        tuple(found),
        refused=refused,
        topic=exam.topic.name,
        taken=tuple(exam.description.get("taken", ())),
    )


def _foreign(tried: Sequence[Outcome]) -> bool:
    """Whether no call came as far as the student's code, or all that did was refused by it.

    Or failed at layers of ours in the place of its own.
    An entrywise layer has no shape to refuse.
    """
    errors = [each.reply.get("error") or {} for each in tried]
    entrywise = any(each.reference.topic.name == "ReLU" for each in tried)
    return all(
        each.get("binding")
        or each.get("foreign")
        or (each.get("deliberate") and each["type"] != "NotImplementedError" and not entrywise)
        for each in errors
    )


# What fails: cases, and what only a second pass or a second instance brings to light

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
            if again.wrong_gradients(NO_KINKS):
                return None  # it is backward that is wrong; that is a case by itself
            name = outcome.reference.topic.gradient(argument)
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


def of_two_passes(exam: Exam, best: Convention) -> Iterator[Failure]:
    """What only a second pass, or a second instance, brings to light."""
    shown: set[Special] = set()
    for special, outcome, other in exam.passes:
        for failure in of_cases([outcome], best) if special not in shown else ():
            shown.add(special)
            yield as_special(failure, special, other)


def as_special(failure: Failure, special: Special, other: Outcome | None) -> Failure:
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
        return as_special(found, failure.special, other) if failure.special else found
    place = next((i for i, each in enumerate(asked) if each is outcome), len(asked))
    for before in dict.fromkeys(asked[at] for at in (place - 1, 0) if not failure.special):
        if found := anew(before):
            return as_special(found, "after", before)
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
