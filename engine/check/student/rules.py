"""Which convention a class follows at kinks, in words, and who else does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.check.student.outcome import Outcome
from engine.check.student.questions.cases import Subject
from engine.check.student.reference import Convention, Ties
from engine.check.student.words import case_title, listed, number
from engine.kinks import RULES, Rule

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


def followed(subject: Subject, fitting: Fitting, best: Convention) -> Followed | None:
    """What the cases at kinks have in common that follow the convention which most of them do."""
    told = [fits for at, fits in fitting.items() if at.reference.kinked and best in fits]
    if not told:
        return None
    fits = frozenset.intersection(*told)
    slopes, ties = {each.relu_at_zero for each in fits}, {each.pool_ties for each in fits}
    slope = best.relu_at_zero if subject.relu and len(slopes) == 1 else None
    tie = best.pool_ties if subject.pool and len(ties) == 1 else None
    if slope is None and tie is None:
        return None
    slugs = tuple(
        slug
        for slug, rule in RULES.items()
        if slope in (None, rule.kinks.relu_at_zero) and tie in (None, rule.kinks.pool_ties)
    )
    return Followed(slope, tie, slugs)


def inconsistent(subject: Subject, fitting: Fitting, best: Convention) -> str:
    """That a class does one thing at one kink and another at another; "" where it does not."""
    other = next((at for at, fits in fitting.items() if fits and best not in fits), None)
    if other is None:
        return ""
    usual = next(at for at, fits in fitting.items() if at.reference.kinked and best in fits)
    does = _difference(subject, fitting[usual], best, fitting[other])
    return (
        f"it follows no one rule at kinks: {does[0]} in '{case_title(usual)}', "
        f"but {does[1]} in '{case_title(other)}'"
    )


def _difference(
    subject: Subject,
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
    if subject.pool and near.pool_ties != best.pool_ties:
        return WINNERS[best.pool_ties], WINNERS[near.pool_ties]
    return tuple(  # type: ignore[return-value]
        f"ReLU's slope at 0 is {number(each.relu_at_zero)}" for each in (best, near)
    )


def _whose(rules: Sequence[Rule]) -> str:
    """Whose rule that is."""
    if not rules:
        return "a subgradient, though no framework in our table does so"
    names = list(dict.fromkeys(_name(rules, rule) for rule in rules if rule.slug != "lab"))
    lab = ["the lab's rule"] if any(rule.slug == "lab" for rule in rules) else []
    return ", ".join([*lab, *([f"as in {listed(names)}"] if names else [])])


def _name(rules: Sequence[Rule], rule: Rule) -> str:
    """The framework, where all that it does is so; else the operation with it."""
    every = [each for each in RULES.values() if each.framework == rule.framework]
    return rule.framework if all(each in rules for each in every) else rule.short
