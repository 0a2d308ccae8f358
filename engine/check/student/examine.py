"""Puts a class through all that may be asked of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from engine.check.student.ask import Asker
from engine.check.student.offers import refusal
from engine.check.student.outcome import Outcome
from engine.check.student.process import StudentProcess
from engine.check.student.questions.cases import Case, Feature, Subject
from engine.check.student.reference import Convention, Reference
from engine.check.student.wire import Message


@dataclass(eq=False)
class Examination:
    """What a class answered.

    outcomes: of the features that it offers. refused: the others, each with the outcome that says
    so, None where it was clear from the signatures. again and twin: a second pass of the same
    instance, and one with another instance in between, which both saw `other`. integers: with
    whole numbers as x.
    """

    subject: Subject
    description: Message
    outcomes: list[Outcome] = field(default_factory=list)
    refused: dict[str, tuple[str, Outcome | None]] = field(default_factory=dict)
    offered: list[Feature] = field(default_factory=list)
    again: Outcome | None = None
    twin: Outcome | None = None
    other: Case | None = None
    integers: Outcome | None = None
    advised: list[Outcome] = field(default_factory=list)


class Examiner:
    """Asks one class, within its time."""

    def __init__(
        self, subject: Subject, description: Message, process: StudentProcess, seconds: float
    ) -> None:
        self._subject, self._description = subject, description
        self._asker = Asker(subject, description, process, seconds)

    def examine(self) -> Examination:
        """Feature after feature; ends early where their process does."""
        exam = Examination(self._subject, self._description)
        postponed: list[tuple[Feature, list[Outcome], str]] = []
        for feature in self._subject.features:
            names = {each.name for each in exam.offered}
            if feature.within and feature.within not in names:
                continue
            if missing := self._missing(feature):
                exam.refused[missing[0]] = (missing[1], None)
                continue
            outcomes = self._answers(feature)
            reasons = [refusal(each, self._description) for each in outcomes]
            if all(reasons) or _only_by_chance(outcomes, reasons):
                exam.refused[feature.name] = next(
                    (reason, each) for each, reason in zip(outcomes, reasons, strict=True) if reason
                )
                continue
            if feature.advice:
                exam.advised += outcomes
                continue
            lenient = [refusal(each, self._description, leniently=True) for each in outcomes]
            if feature.instead and all(lenient):
                postponed.append((feature, outcomes, lenient[0]))
                continue
            exam.offered.append(feature)
            exam.outcomes += outcomes
            if _has_ended(outcomes[-1]):
                return exam
            exam.outcomes += filter(None, map(_found_by_check, outcomes))
        for feature, outcomes, reason in postponed:
            if any(each.name == feature.instead for each in exam.offered):
                exam.refused[feature.name] = (reason, outcomes[0])
            else:
                exam.offered.append(feature)
                exam.outcomes += outcomes
        self._further(exam)
        return exam

    def _missing(self, feature: Feature) -> tuple[str, str] | None:
        """What the signatures say against a feature: what is not offered, and why."""
        settings = self._description["settings"]
        for setting in feature.settings:
            default = setting == "stride" and all(
                each.settings.get("size") == each.settings["stride"] for each in feature.cases
            )
            if setting not in settings and not default:
                return setting, f"the constructor takes no {setting}"
        takes = self._description["forward"][1]
        return ("a bias b", "forward takes none") if feature.bias and takes < 3 else None

    def _answers(self, feature: Feature) -> list[Outcome]:
        """The outcomes of a feature's cases, of the first two only where both are refused."""
        outcomes: list[Outcome] = []
        checked = False
        for case in feature.cases:
            outcome = self._asker.ask(feature, self._asker.adapted(case), check=not checked)
            outcomes.append(outcome)
            checked = checked or bool(outcome.checks)
            if _has_ended(outcome):
                break
            if len(outcomes) == 2 and all(refusal(o, self._description) for o in outcomes):
                break
        refused = all(refusal(each, self._description) for each in outcomes)
        if refused and self._subject.name == "Sequential" and not self._asker.own:
            self._asker.own = True  # it may need something that only their layers have
            return self._answers(feature)
        return outcomes

    def _further(self, exam: Examination) -> None:
        """What only two passes show, and whole numbers: of the first feature that has them."""
        for feature, case, other in _pairs(exam.outcomes):
            given, exam.other = self._asker.given(other), other
            exam.again = self._asker.ask(feature, case, first=given)
            exam.twin = self._asker.ask(feature, case, other=given)
            whole = np.rint(4 * other.inputs[0]).astype(np.int64)  # as distinct, and nowhere 0
            integers = replace(other, inputs=(whole, *other.inputs[1:]))  # type: ignore[arg-type]
            if not Reference(self._subject, integers).kinked:
                exam.integers = self._asker.ask(feature, integers)
            return


def _found_by_check(outcome: Outcome) -> Outcome | None:
    """A failure that only the gradient check's own dout brought to light."""
    again = outcome.as_checked
    if again is None or outcome.before_gradients or outcome.wrong_gradients(Convention()):
        return None
    return again if again.wrong_gradients(Convention()) else None


def _only_by_chance(outcomes: Sequence[Outcome], reasons: Sequence[str]) -> bool:
    """Whether some output is of another kind, and none is right.

    A loop over len(w) makes of several filters something whose shape is, at times, like ours.
    """
    foreign = any(
        reason and each.output is not None and each.output.shape != each.reference.output.shape
        for each, reason in zip(outcomes, reasons, strict=True)
    )
    return foreign and all(each.before_gradients is not None for each in outcomes)


def _has_ended(outcome: Outcome) -> bool:
    """Whether to stop here: their process is gone, or would fill the memory again and again."""
    full = (outcome.reply.get("error") or {}).get("type") == "MemoryError"
    return full or outcome.ended is not None


def _pairs(outcomes: Sequence[Outcome]) -> Iterator[tuple[Feature, Case, Case]]:
    """Two cases of one feature, away from kinks, with the same settings."""
    for first, second in pairwise(outcomes):
        same = first.feature is second.feature and first.case.settings == second.case.settings
        if same and not (first.reference.kinked or second.reference.kinked):
            yield first.feature, first.case, second.case
