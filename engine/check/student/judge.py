"""The verdict on a class: what fails, which convention it follows at kinks, and in what pattern."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from engine.check.student.ask import Asker
from engine.check.student.examine import Examination
from engine.check.student.failures import confirmed, of_cases, of_two_passes
from engine.check.student.notes import notes
from engine.check.student.offers import vague
from engine.check.student.outcome import Failure, Outcome
from engine.check.student.patterns.search import patterns
from engine.check.student.questions.subjects import subject
from engine.check.student.reference import SLOPES, Convention, conventions
from engine.check.student.rules import Fitting, Followed, followed, inconsistent

NO_KINKS: Final = Convention()
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
    subject: which of our classes it is; name: its own name. taken: how it is taken, where that is
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
    subject: str = ""
    taken: tuple[str, ...] = ()


def with_confirmed(judgement: Judgement, exam: Examination, asker: Asker) -> Judgement:
    """With the first failure, which is shown, as it is when typed in by itself."""
    if not judgement.failures:
        return judgement
    first, *others = judgement.failures
    found = confirmed(first, asker, exam.asked, judgement.convention)
    # What cases have in common tells nothing where another one decides whether they fail.
    patterns = judgement.patterns if found.alone and found.special != "after" else ()
    return replace(judgement, failures=(_placed(found, exam), *others), patterns=patterns)


def judge(exam: Examination) -> Judgement:
    """The verdict on what a class answered."""
    if not exam.outcomes:
        return _nothing_offered(exam)
    candidates = conventions(exam.subject, _slopes(exam))
    fitting = _fitting(exam.outcomes, candidates)
    best = max(candidates, key=lambda each: sum(each in fits for fits in fitting.values()))
    failures = [_placed(each, exam) for each in of_cases(exam.outcomes, best)]
    # Those that are right by another rule are not wrong in the manner of the others.
    unexplained = [each for each in failures if not fitting.get(each.outcome)]
    tried = _told(fitting, best) or candidates
    found = list(patterns(exam, unexplained, tried))
    if not unexplained:  # else numbers that are wrong anyhow may look like another rule's
        found.insert(0, inconsistent(exam.subject, fitting, best))
    if not failures:
        failures += of_two_passes(exam, best)
        found += [each.problems[0].sentence for each in failures]
    return Judgement(
        exam.description["name"],
        "FAILED" if failures else "PASSED",
        len(exam.outcomes),
        tuple(failures),
        tuple(dict.fromkeys(filter(None, found))),
        followed(exam.subject, fitting, best),
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
        subject=exam.subject.name,
        taken=tuple(exam.description.get("taken", ())),
    )


def not_checked(name: str, of: str, reason: str, **more: Any) -> Judgement:
    """The verdict on a class of an interface that is not known: what to write instead."""
    about = subject(of)
    inputs = ", ".join(about.inputs[:2])
    gives = [about.gradient(i) for i in range(len(about.inputs[:2]))]
    handed = "logits, labels" if of == "SoftmaxCrossEntropy" else inputs
    returned = gives[0] if len(gives) == 1 else f"({', '.join(gives)})"
    why = (
        f"how to call it is not certain: {reason}. To have it checked, write forward({handed}), "
        f"which remembers what it needs, and backward({about.upstream}), which gives {returned}"
    )
    return Judgement(name, "NOT CHECKED", why=why, subject=of, **more)


def _placed(failure: Failure, exam: Examination) -> Failure:
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


def _told(fitting: Fitting, best: Convention) -> tuple[Convention, ...]:
    """The conventions that are left after the kinks at which the class is right."""
    told = [fits for at, fits in fitting.items() if at.reference.kinked and best in fits]
    return tuple(sorted(frozenset.intersection(*told), key=str)) if told else ()


def _slopes(exam: Examination) -> tuple[float, ...]:
    """The slopes at 0 that are tried, and the one that a ReLU seems to have itself."""
    found = []
    for outcome in exam.outcomes if exam.subject.name == "ReLU" else ():
        a, gradients = outcome.case.inputs[0], outcome.gradients
        if outcome.before_gradients is None and gradients[0].array is not None:
            at_zero = (a == 0) & (gradients[0].shape == a.shape)
            if at_zero.any():
                found.append(float((gradients[0].array[at_zero] / outcome.case.dout[at_zero])[0]))
    return tuple(dict.fromkeys((*SLOPES, *(slope for slope in found if 0 <= slope <= 1))))


def _checks(exam: Examination) -> dict[str, float]:
    """For each gradient the largest difference; infinite where its own check failed.

    One that fails with a small step alone, where this gradient is right, is rounding.
    """
    worst: dict[str, float] = {}
    for outcome in exam.outcomes:
        again = outcome.as_checked
        wrong = {each.argument for each in again.wrong_gradients(Convention())} if again else set()
        for argument, result in enumerate(outcome.checks):
            name = exam.subject.gradient(argument)
            failed = result["verdict"] == "FAILED"
            if failed and argument not in wrong and result["coarse"] != "FAILED":
                continue
            difference = math.inf if failed else result["difference"]["values"][0]
            worst[name] = max(worst.get(name, 0.0), difference)
    return worst


def _checked_for(exam: Examination) -> str:
    """'dz = 1': of a single number there is no other check, so that a forgotten dz escapes it."""
    douts = [each.as_checked.case.dout for each in exam.outcomes if each.as_checked is not None]
    return "" if any(dout.ndim for dout in douts) else f"{exam.subject.upstream} = 1"


def _nothing_offered(exam: Examination) -> Judgement:
    """The class refused everything: the refusal that came furthest is what is wrong with it."""
    tried = [outcome for _, outcome in exam.refused.values() if outcome is not None]
    if _foreign(tried):
        needs = exam.description["needs"]
        refused = {name: reason for name, (reason, _) in exam.refused.items()}
        said = next(iter(refused.values()), "")
        unmet = needs and exam.description["layers"] != "list"
        reason = f"its constructor needs ({', '.join(needs)})" if unmet else said
        return not_checked(exam.description["name"], exam.subject.name, reason, refused=refused)
    # What was handed to a parameter of another name says little.
    plain = [each for each in tried if not vague(each, exam.description)]
    furthest = max(plain or tried, key=lambda each: each.progress)
    problem = furthest.before_gradients
    problems = (problem,) if problem else tuple(furthest.wrong_gradients(Convention()))
    failure = _placed(Failure(furthest, problems), exam)
    refused = {name: reason for name, (reason, at) in exam.refused.items() if at is not furthest}
    found = patterns(exam, [failure], conventions(exam.subject))
    return Judgement(
        exam.description["name"],
        "FAILED",
        1,
        (failure,),
        tuple(found),
        refused=refused,
        subject=exam.subject.name,
        taken=tuple(exam.description.get("taken", ())),
    )


def _foreign(tried: Sequence[Outcome]) -> bool:
    """Whether no call came as far as the student's code, or all that did was refused by it.

    Or failed at layers of ours in the place of its own.
    An entrywise layer has no shape to refuse.
    """
    errors = [each.reply.get("error") or {} for each in tried]
    entrywise = any(each.reference.subject.name == "ReLU" for each in tried)
    return all(
        each.get("binding")
        or each.get("foreign")
        or (each.get("deliberate") and each["type"] != "NotImplementedError" and not entrywise)
        for each in errors
    )
