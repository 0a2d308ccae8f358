"""Puts a class through all that may be asked of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise

import numpy as np

from engine.check.student.ask import Asker
from engine.check.student.offers import refusal, refuses
from engine.check.student.outcome import CHECKING, Outcome, Special
from engine.check.student.process import StudentProcess
from engine.check.student.questions.cases import Feature, Subject
from engine.check.student.reference import Convention, Reference
from engine.check.student.wire import Message, unpack


@dataclass(eq=False)
class Examination:
    """What a class answered.

    asked: everything, in order. outcomes: of the features that it offers. refused: the others, each
    with the outcome that says so, None where it was clear from the signatures. again and twin: a
    second pass of the same instance, and one with another instance in between, which both saw
    `other`. integers: with whole numbers as x.
    """

    subject: Subject
    description: Message
    asked: list[Outcome] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    refused: dict[str, tuple[str, Outcome | None]] = field(default_factory=dict)
    offered: list[Feature] = field(default_factory=list)
    passes: list[tuple[Special, Outcome, Outcome]] = field(default_factory=list)
    integers: Outcome | None = None
    advised: list[Outcome] = field(default_factory=list)


class Examiner:
    """Asks one class, within its time."""

    def __init__(
        self, subject: Subject, description: Message, process: StudentProcess, seconds: float
    ) -> None:
        self._subject, self._description = subject, description
        self.asker = Asker(subject, description, process, seconds)
        self._checked: set[str] = set()

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
            exam.asked += outcomes
            reasons = [refusal(each, self._description) for each in outcomes]
            counted = _counted(outcomes, reasons)
            if not counted:
                exam.refused[feature.name] = _first(outcomes, reasons)
                continue
            if feature.advice:
                exam.advised += counted
                continue
            lenient = [refusal(each, self._description, leniently=True) for each in outcomes]
            if not feature.within and not _counted(outcomes, lenient):
                postponed.append((feature, outcomes, lenient[0]))
                continue
            for outcome, reason in zip(outcomes, reasons, strict=True):
                if outcome not in counted:
                    exam.refused[_described(outcome)] = (reason, outcome)
            exam.offered.append(feature)
            exam.outcomes += counted
            if _has_ended(outcomes[-1]):
                return exam
            exam.outcomes += filter(None, map(self._by_check, counted))
        self._settle(exam, postponed)
        for setting in self.asker.pairs:
            exam.refused[f"a number as {setting}"] = ("it needs a pair", None)
        self._further(exam)
        return exam

    def _settle(
        self, exam: Examination, postponed: Sequence[tuple[Feature, list[Outcome], str]]
    ) -> None:
        """What a class claims, it must do in one form: if in none, the nearest one is wrong."""
        for feature, outcomes, reason in postponed:
            alike = [each for each in postponed if each[0].what == feature.what]
            nearest = max(alike, key=lambda each: max(answer.progress for answer in each[1]))
            elsewhere = any(each.what == feature.what for each in exam.offered)
            if elsewhere or nearest[0] is not feature:
                exam.refused[feature.name] = (reason, outcomes[0])
        for feature, outcomes, _ in postponed:
            if feature.name not in exam.refused:
                exam.offered.append(feature)
                exam.outcomes += outcomes

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
        """The outcomes of a feature's cases, in the way in which the class takes them."""
        outcomes = self._asked(feature)
        if self._subject.axes == 2:
            return self._in_pairs(feature, outcomes)
        sequence = self._subject.name == "Sequential" and not self.asker.own
        if sequence and self._are_refused(outcomes):
            self.asker.own = True  # it may need something that only their layers have
            return self._asked(feature)
        return outcomes

    def _asked(self, feature: Feature) -> list[Outcome]:
        """The outcomes of a feature's cases, of the first two only where both are refused."""
        outcomes: list[Outcome] = []
        for case in feature.cases:
            check = (feature.what or feature.form) not in self._checked
            outcome = self.asker.ask(feature, self.asker.adapted(case), check=check)
            outcome = self._where_it_fell(self._carried_through(outcome))
            outcomes.append(outcome)
            if outcome.checks:
                self._checked.add(feature.what or feature.form)
            if _has_ended(outcome):
                break
            if len(outcomes) == 2 and self._are_refused(outcomes):
                break
        return outcomes

    def _carried_through(self, outcome: Outcome) -> Outcome:
        """Without an error that comes only of a gradient in our output's shape, not in theirs.

        Who takes a pair and pools by its first number alone has not refused it.
        """
        output, feature = outcome.output, outcome.feature
        asked = feature.free and feature.within and "error" in outcome.reply
        if not asked or output is None:
            return outcome
        if output.odd or output.shape == outcome.reference.output.shape:
            return outcome
        theirs = replace(outcome.case, dout=np.ones(output.shape))
        if "error" in self.asker.ask(feature, theirs).reply:
            return outcome
        return replace(outcome, reply=_without_error(outcome.reply))

    def _where_it_fell(self, outcome: Outcome) -> Outcome:
        """The case at which a gradient check raised something, in the place of the first one.

        What a class itself refuses there is no error: the check goes beyond what was asked.
        """
        if outcome.reply.get("at") != CHECKING or "error" not in outcome.reply:
            return outcome
        if outcome.reply["error"]["deliberate"]:
            return replace(outcome, reply=_without_error(outcome.reply))
        *inputs, dout = (None if each is None else unpack(each) for each in outcome.reply["moved"])
        case = replace(
            outcome.case,
            point=CHECKING,
            inputs=tuple(each for each in inputs if each is not None),
            dout=outcome.case.dout if dout is None else dout,
        )
        again = self.asker.ask(outcome.feature, case)
        return again if "error" in again.reply else outcome

    def _are_refused(self, outcomes: Sequence[Outcome]) -> bool:
        return all(refusal(each, self._description, leniently=True) for each in outcomes)

    def _in_pairs(self, feature: Feature, outcomes: list[Outcome]) -> list[Outcome]:
        """The same again with pairs for numbers, for a class that takes nothing else."""
        values = [value for case in feature.cases for value in case.settings.values()]
        if not all(isinstance(each, int) for each in values) or not self._are_refused(outcomes):
            return outcomes
        before = self.asker.pairs
        for count in range(1, len(feature.settings) + 1):
            for settings in combinations(feature.settings, count):
                self.asker.pairs = settings
                again = self._asked(feature)
                if not self._are_refused(again):
                    return again
        self.asker.pairs = before
        return outcomes

    def _by_check(self, outcome: Outcome) -> Outcome | None:
        """A failure that only the gradient check's own dout brought to light.

        Asked once more with that dout, as few digits of it as show the failure.
        """
        found = outcome.as_checked
        if found is None or outcome.before_gradients or outcome.wrong_gradients(Convention()):
            return None
        if not found.wrong_gradients(Convention()):
            return None
        for digits in (1, 2, 4):
            shorter = replace(found.case, dout=np.round(found.case.dout, digits))
            again = self.asker.ask(outcome.feature, shorter)
            if not again.before_gradients and again.wrong_gradients(Convention()):
                return again
        return found

    def _further(self, exam: Examination) -> None:
        """What only two passes show, and whole numbers: of the first feature that has them."""
        for one, another in _pairs(exam.outcomes):
            feature, case, other = one.feature, one.case, another.case
            given = self.asker.given(other)
            exam.passes.append(("again", self.asker.ask(feature, case, first=given), another))
            exam.passes.append(("twin", self.asker.ask(feature, case, other=given), another))
            # What is kept as long as shapes are alike, only a pass of the same shapes shows.
            turned = replace(case, inputs=tuple(-each for each in case.inputs))
            before = self.asker.ask(feature, turned)
            again = self.asker.ask(feature, case, first=self.asker.given(turned))
            exam.passes.append(("again", again, before))
            whole = np.rint(4 * other.inputs[0]).astype(np.int64)  # as distinct, and nowhere 0
            integers = replace(other, inputs=(whole, *other.inputs[1:]))  # type: ignore[arg-type]
            if not Reference(self._subject, integers).kinked:
                exam.integers = self.asker.ask(feature, integers)
            return


def _without_error(reply: Message) -> Message:
    return {name: each for name, each in reply.items() if name != "error"}


def _first(outcomes: Sequence[Outcome], reasons: Sequence[str]) -> tuple[str, Outcome]:
    """The first of them that is refused, with its reason."""
    return next((reason, each) for each, reason in zip(outcomes, reasons, strict=True) if reason)


def _counted(outcomes: Sequence[Outcome], reasons: Sequence[str]) -> list[Outcome]:
    """Those that count: all, without what the class itself refuses; none where it offers nothing.

    It offers nothing where it refuses all of it, or all that is ordinary, or one ordinary case and
    not another that differs in its numbers alone; or where some output is of another kind and none
    is right: a loop over len(w) makes of several filters something whose shape is, at times, like
    ours.
    """
    foreign = any(
        reason and each.output is not None and each.output.shape != each.reference.output.shape
        for each, reason in zip(outcomes, reasons, strict=True)
    )
    if all(reasons) or (foreign and all(each.before_gradients for each in outcomes)):
        return []
    counted = [each for each in outcomes if not refuses(each)]
    ordinary = [each.case.kind for each in outcomes if each.case.ordinary]
    answered = [each.case.kind for each in counted if each.case.ordinary]
    by_numbers = any(ordinary.count(kind) > answered.count(kind) for kind in answered)
    return [] if ordinary and (by_numbers or not answered) else counted


def _described(outcome: Outcome) -> str:
    """One case of a feature: 'MaxPool2D(size=3) for h of shape (3, 3)'."""
    case, names = outcome.case, outcome.reference.subject.inputs
    shapes = " and ".join(
        f"{name} of shape {each.shape}" for name, each in zip(names, case.inputs, strict=False)
    )
    return f"{outcome.made} for {shapes}" + ("" if case.ordinary else f", {case.point}")


def _has_ended(outcome: Outcome) -> bool:
    """Whether to stop here: their process is gone, or would fill the memory again and again."""
    full = (outcome.reply.get("error") or {}).get("type") == "MemoryError"
    return full or outcome.ended is not None


def _pairs(outcomes: Sequence[Outcome]) -> Iterator[tuple[Outcome, Outcome]]:
    """Two cases of one feature, away from kinks, with the same settings."""
    for first, second in pairwise(outcomes):
        same = first.feature is second.feature and first.case.settings == second.case.settings
        if same and not (first.reference.kinked or second.reference.kinked):
            yield first, second
