"""The verdict on a class: what fails, which convention it follows at kinks, what else to say."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from engine.check.differences import one_sided
from engine.check.precision import TOLERANCE
from engine.grader.cases import NO_KINKS, SLOPES, Convention, Topic, conventions, layer
from engine.grader.examine import PASS, Asker, Exam, what_it_raised
from engine.grader.hypotheses import MEAN
from engine.grader.interfaces import LOSS
from engine.grader.outcome import OF_FUNCTIONS, SPECIAL, Failure, Outcome, Problem, Special, close
from engine.grader.patterns import Pattern, patterns
from engine.grader.questions import topic
from engine.grader.wire import ABSENT, COARSE, Value, unpack, unpack_value
from engine.grader.words import case_title, listed, literal, number
from engine.kinks import RULES, Ties, called

Verdict: TypeAlias = Literal["PASSED", "FAILED", "NOT CHECKED"]
Fitting = Mapping[Outcome, frozenset[Convention]]
"""For each outcome the conventions under which its gradients are right."""

WINNERS: Final[Mapping[Ties, str]] = {
    "all": "every tied entry gets the gradient",
    "first": "the first tied entry gets the gradient",
    "split": "the tied entries share the gradient",
    "last": "the last tied entry gets the gradient",
}


OF_SHAPES: Final = ("ValueError", "IndexError", "TypeError", "AssertionError", "AxisError")
"""Exceptions that are raised if arrays of other shapes are expected."""
REMEDIES: Final[Mapping[str, str]] = {
    "'float' object cannot be interpreted as an integer": "/ gives a float, // a whole number",
    "only 0-dimensional arrays can be converted": "of an array of one number, .item() is that one",
    "got an unexpected keyword argument": "is that how its name is spelled?",
}
"""What Python and numpy say of slips that have nothing to do with shapes, and how to mend them."""


@dataclass(frozen=True)
class Followed:
    """What a class does at kinks; None if no case showed it, or a class has no such kink."""

    relu_at_zero: float | None
    pool_ties: Ties | None
    slugs: tuple[str, ...]  # the rules of RULES that do the same, as far as is known

    @property
    def sentences(self) -> Iterator[str]:
        """One sentence about ties, one about ReLU's slope."""
        if self.pool_ties is not None:
            whose = _whose("pool_ties", self.pool_ties)
            yield f"at ties {WINNERS[self.pool_ties]}: {whose}"
        if self.relu_at_zero is not None:
            whose = _whose("relu_at_zero", self.relu_at_zero)
            yield f"ReLU's slope at 0 is {number(self.relu_at_zero)}: {whose}"


@dataclass(frozen=True, eq=False)
class Judgement:
    """All that is said about a class."""

    name: str  # its own name
    verdict: Verdict
    cases: int = 0  # how many counted
    failures: tuple[Failure, ...] = ()
    """The cases that fail, in the order in which they were asked; or second passes that fail."""
    found: tuple[Pattern, ...] = ()  # what the failures have in common
    followed: Followed | None = None
    """The rule that it follows at kinks; None if backward fails, at a kink or not (what is right at
    some kinks may then be right by chance), or if forward fails at one."""
    notes: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    forms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """For each form of the inputs what is offered in it, "" for the form itself."""
    refused: dict[str, str] = field(default_factory=dict)  # what is not offered, and why
    checks: dict[str, float] = field(default_factory=dict)
    """For each gradient the largest Frobenius norm of its distance from the differences of forward,
    infinite if a check failed; not there if other cases alone show that the gradient is wrong."""
    checked_for: str = ""  # the only dout of those checks, "" if there were others
    why: str = ""  # a sentence if no case was asked
    convention: Convention = NO_KINKS  # the one that most cases follow at kinks
    topic: str = ""  # which of the engine's classes it is
    taken: tuple[str, ...] = ()  # how it is called, if not in the lab's way

    @property
    def patterns(self) -> tuple[str, ...]:
        """What its failures have in common, in sentences."""
        return tuple(each.sentence for each in self.found)


def with_confirmed(judgement: Judgement, exam: Exam, asker: Asker) -> Judgement:
    """Return the judgement with its first failure, which is shown, as it is when typed in alone."""
    if not judgement.failures:
        return judgement
    first, *others = judgement.failures
    found = confirmed(first, asker, exam.asked, judgement.convention)
    # What cases have in common says nothing if another case decides whether they fail.
    common = judgement.found if found.alone and found.special != "after" else ()
    return replace(judgement, failures=(_placed(found, exam), *others), found=common)


def judge(exam: Exam) -> Judgement:
    """Return the verdict on what a class answered."""
    if not exam.outcomes:
        return _nothing_offered(exam)
    candidates = conventions(exam.topic, _slopes(exam))
    fitting = _fitting(exam.outcomes, candidates)
    best = max(candidates, key=partial(_rank, fitting))
    failures = [_placed(each, exam) for each in of_cases(exam.outcomes, best)]
    wrong = {each.quantity for failure in failures for each in failure.problems}
    checked_for = _checked_for(exam)
    checks = {
        name: worst
        for name, worst in _checks(exam).items()
        if math.isinf(worst) or name not in wrong or checked_for
    }
    # A failure that is right by another rule does not share the mistake of the others.
    unexplained = [each for each in failures if not fitting.get(each.outcome)]
    tried = sorted(agreeing(fitting, best), key=str) or candidates
    found = list(patterns(exam, unexplained, tried))
    known = any(each.known for each in found)
    if not known and (*tried,) != candidates:  # what is wrong may look like another rule at a tie
        found = list(patterns(exam, unexplained, candidates))
    # Numbers that are wrong in any case may look like those of another rule.
    if several := "" if unexplained else inconsistent(fitting, best):
        found.append(Pattern(several))
    # At [2, 2] the smallest entry is a largest one: a wrong backward may be right by chance.
    by_chance = any(
        each.problems[0].method == "backward" or each.outcome.reference.kinked for each in failures
    )
    if not failures:
        failures += of_two_passes(exam, best)
        found += [Pattern(each.problems[0].sentence) for each in failures]
    return Judgement(
        exam.about.name,
        "FAILED" if failures else "PASSED",
        cases=len(exam.outcomes),
        failures=tuple(failures),
        found=tuple(dict.fromkeys(found)),
        followed=None if by_chance else followed(exam.topic, fitting, best),
        notes=(*notes(exam, fitting, best, failed=bool(failures)), *_means(exam, found)),
        offered=tuple(each.name for each in exam.offered),
        forms={
            form: [each.what for each in exam.offered if each.form == form]
            for form in dict.fromkeys(each.form for each in exam.offered)
        },
        refused={name: reason for name, (reason, _) in exam.refused.items()},
        checks=checks,
        checked_for=checked_for,
        convention=best,
        topic=exam.topic.name,
        taken=tuple(exam.about.taken),
    )


def not_checked(
    name: str, of: str, reason: str, of_theirs: str = "", *, certain: bool = False, **more: Any
) -> Judgement:
    """Return the verdict on a class whose interface is not known: what to write instead.

    of_theirs: the type of exception that a method of the student's raised, if that is the reason;
    then it can be mended, unless it may come from the shapes that were tried. 'ValueError in
    backward' does not: forward was right for them. certain: whether the reason is that something is
    not there at all.
    """
    about = topic(of)
    names, gives = about.inputs, [about.gradient(i) for i in range(len(about.inputs))]
    named = len(names) if "bias" in reason else 2  # what is in doubt must not be left out
    handed = "logits, labels" if of == LOSS else ", ".join(names[:named])
    returned = gives[0] if len(gives) == 1 else f"({', '.join(gives[:named])})"
    third = f"; if it has {names[-1]} too, forward({', '.join(names)}) and ({', '.join(gives)})"
    settings = f"; what can be set is given to __init__({', '.join(about.settings)})"
    remedy = next((f" ({how})" for says, how in REMEDIES.items() if says in reason), "")
    theirs = of_theirs and (of_theirs not in OF_SHAPES or remedy)
    mend = f"mend that{remedy}, or " if theirs else ""
    why = (
        f"{'' if certain else 'how to call it is not certain: '}{reason}. To have it checked, "
        f"{mend}write forward({handed}), which remembers what it needs, "
        f"and backward({about.upstream}), which gives {returned}"
        f"{third if len(names) > named else ''}"
        f"{settings if about.settings and of != LOSS else ''}"
    )
    if of_theirs == ABSENT:
        why = f"{reason}. To have it checked, do without that module"
    return Judgement(name, "NOT CHECKED", why=why, topic=of, **more)


def _placed(failure: Failure, exam: Exam) -> Failure:
    """Add a method's first line to problems of calls that never entered it or gave no numbers."""
    lines = exam.about.lines
    problems = (
        replace(each, place=lines.get(each.method))
        if each.place is None and each.kind in ("raises", "odd", "count")
        else each
        for each in failure.problems
    )
    return replace(failure, problems=tuple(problems))


def _fitting(outcomes: Sequence[Outcome], candidates: Sequence[Convention]) -> Fitting:
    """Return for each outcome that has gradients the conventions under which they are right."""
    fitting = {}
    for outcome in outcomes:
        if outcome.before_gradients is not None:
            continue
        tried = candidates if outcome.reference.kinked else candidates[:1]
        right = [each for each in tried if not outcome.wrong_gradients(each)]
        everywhere = right and not outcome.reference.kinked
        fitting[outcome] = frozenset(candidates if everywhere else right)
    return fitting


def _rank(fitting: Fitting, convention: Convention) -> tuple[int, int]:
    """Return how well a convention fits: by whole cases, or by single gradients first.

    Where no convention fits some case, a gradient is wrong anyhow, say dw, while dx may follow a
    rule. Then a whole case may be right by chance.
    """
    cases = sum(convention in fits for fits in fitting.values())
    if all(fitting.values()):
        return cases, 0
    kinked = (at for at in fitting if at.reference.kinked)
    return -sum(len(at.wrong_gradients(convention)) for at in kinked), cases


def _slopes(exam: Exam) -> tuple[float, ...]:
    """Return the slopes at 0 that are tried, and the ones that a ReLU seems to have itself."""
    found = []
    for outcome in exam.outcomes if exam.topic.name == "ReLU" else ():
        a, gradients = outcome.case.inputs[0], outcome.gradients
        if outcome.before_gradients is None and gradients[0].array is not None:
            at_zero = (a == 0) & (gradients[0].shape == a.shape)
            if at_zero.any():
                found.append(float((gradients[0].array[at_zero] / outcome.case.dout[at_zero])[0]))
    return tuple(dict.fromkeys((*SLOPES, *(slope for slope in found if 0 <= slope <= 1))))


def _checks(exam: Exam) -> dict[str, float]:
    """Return for each gradient the largest difference; infinite if its own check failed.

    A check that fails with a small step alone, while this gradient is right, shows rounding. A
    check at a kink of the student's own forward, with a difference above the tolerance, has neither
    passed nor failed.
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
            if result["verdict"] == "KINK" and difference > TOLERANCE:
                continue
            worst[name] = max(worst.get(name, 0.0), difference)
    return worst


def _checked_for(exam: Exam) -> str:
    """Return 'dz = 1' if every output checked is one number: then a forgotten dz goes unseen."""
    douts = [each.as_checked.case.dout for each in exam.outcomes if each.as_checked is not None]
    return "" if any(dout.ndim for dout in douts) else f"{exam.topic.upstream} = 1"


def _nothing_offered(exam: Exam) -> Judgement:
    """Return the verdict if all was refused: the refusal that came furthest counts as wrong."""
    tried = [outcome for _, outcome in exam.refused.values() if outcome is not None]
    if _foreign(tried):
        needs = exam.about.needs
        refused = {name: reason for name, (reason, _) in exam.refused.items()}
        reason, first = next(iter(exam.refused.values()), ("", None))
        theirs = first and reason == what_it_raised(first) and not first.error.of_layers
        of_theirs = first.error.name if first and theirs else ""
        if needs and exam.about.layers != "list":
            reason, of_theirs = f"its constructor needs ({', '.join(needs)})", ""
        name = exam.about.name
        certain = first is not None and first.error.of_layers == "theirs"
        return not_checked(
            name, exam.topic.name, reason, of_theirs, certain=certain, refused=refused
        )
    # An outcome says little if a setting was passed to a parameter of another name.
    plain = [each for each in tried if not each.vague]
    furthest = max(plain or tried, key=lambda each: each.progress)
    failure = _placed(Failure(furthest, furthest.problems(NO_KINKS)), exam)
    refused = {name: reason for name, (reason, at) in exam.refused.items() if at is not furthest}
    return Judgement(
        exam.about.name,
        "FAILED",
        cases=1,
        failures=(failure,),
        found=tuple(patterns(exam, [failure], conventions(exam.topic))),
        refused=refused,
        topic=exam.topic.name,
        taken=tuple(exam.about.taken),
    )


def _foreign(tried: Sequence[Outcome]) -> bool:
    """Whether no call came as far as the student's code, or all calls that did were refused by it.

    Or if they failed because of the engine's layers in place of its own, or of a module that is not
    installed here. An entrywise layer has no shape to refuse.
    """
    entrywise = any(each.topic.name == "ReLU" for each in tried)
    return all(
        each.binding
        or each.of_layers
        or each.type == ABSENT
        or (each.deliberate and each.type != "NotImplementedError" and not entrywise)
        for each in (outcome.error for outcome in tried)
    )


# What fails: cases, and what only a second pass or a second instance brings to light

STEPS: Final = (COARSE, 2.0**-20)


def of_cases(outcomes: Sequence[Outcome], convention: Convention) -> Iterator[Failure]:
    """Yield the cases that fail, under a convention at kinks."""
    for outcome in outcomes:
        if problems := outcome.problems(convention):
            yield Failure(outcome, problems)
        elif problem := _unconfirmed(outcome):
            assert outcome.as_checked is not None
            yield Failure(outcome.as_checked, (problem,))


def _unconfirmed(outcome: Outcome) -> Problem | None:
    """Return a problem if differences of forward do not confirm right gradients, however coarse.

    Then forward is right at this point alone: it rounds, or knows the answer by heart.
    """
    again = outcome.as_checked
    for argument, result in enumerate(outcome.checks):
        if result["coarse"] == "FAILED" and _full_precision(outcome):
            assert again is not None
            if again.wrong_gradients(NO_KINKS):
                return None  # backward is wrong, which is a case of its own
            name = outcome.topic.gradient(argument)
            sentence = (
                f"{name} is right here, but forward does not move as it says when an entry is "
                "moved a little (does forward round?)"
            )
            got, due = unpack_value(result["numeric"]).array, again.gradients[argument].array
            return Problem(
                "differences", "forward", sentence, f"{name} by differences", argument, got, due
            )
    return None


def _full_precision(outcome: Outcome) -> bool:
    return outcome.output is not None and outcome.output.dtype not in ("float32", "float16")


def of_two_passes(exam: Exam, best: Convention) -> Iterator[Failure]:
    """Yield what only a second pass, or a second instance, brings to light."""
    shown: set[Special] = set()
    for special, outcome, other in exam.passes:
        for failure in of_cases([outcome], best) if special not in shown else ():
            shown.add(special)
            yield as_special(failure, special, other)


def as_special(failure: Failure, special: Special, other: Outcome | None) -> Failure:
    """Return the failure with a sentence about the other pass in place of its own first one."""
    first, *others = failure.problems
    functions = failure.outcome.reply.get("typed", {}).get("made") == []
    sentence = (OF_FUNCTIONS if functions else SPECIAL)[special]
    problems = (replace(first, sentence=sentence), *others)
    return replace(failure, problems=problems, special=special, other=other)


def confirmed(
    failure: Failure, asker: Asker, asked: Sequence[Outcome], best: Convention
) -> Failure:
    """Return the failure as it is in a process that has seen nothing else, as when typed in.

    asked: all that the class was asked, in order. If the case by itself is right, an earlier one is
    sought that makes it fail; alone is False if there is none.
    """
    outcome, other = failure.outcome, failure.other
    if outcome.ended is not None:
        return failure
    if failure.problems[0].kind == "differences":
        moved = (_moved(failure, asker, step) for step in STEPS)
        return max(moved, key=lambda each: float(each.problems[0].off.max(initial=0)))
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
    """Return the failure with forward's slopes over one step, for each entry of the input."""
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


# Which convention a class follows at kinks


def agreeing(fitting: Fitting, best: Convention) -> frozenset[Convention]:
    """Return the conventions that are left after all kinks at which the best one is right."""
    told = [fits for at, fits in fitting.items() if at.reference.kinked and best in fits]
    return frozenset.intersection(*told) if told else frozenset()


def followed(topic: Topic, fitting: Fitting, best: Convention) -> Followed | None:
    """Return what the cases that follow the best convention agree on at kinks; None if nothing."""
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


def inconsistent(fitting: Fitting, best: Convention) -> str:
    """Return a sentence if a class follows different rules at different kinks; else ""."""
    other = next((at for at, fits in fitting.items() if fits and best not in fits), None)
    if other is None:
        return ""
    usual = next(at for at, fits in fitting.items() if at.reference.kinked and best in fits)
    near = min(
        sorted(fitting[other], key=str),
        key=lambda each: (
            int(each.pool_ties != best.pool_ties) + int(each.relu_at_zero != best.relu_at_zero)
        ),
    )
    by_ties = near.pool_ties != best.pool_ties
    usually, there = (
        WINNERS[each.pool_ties] if by_ties else f"ReLU's slope at 0 is {number(each.relu_at_zero)}"
        for each in (best, near)
    )
    return (
        f"it follows no one rule at kinks: {usually} in '{case_title(usual)}', "
        f"but {there} in '{case_title(other)}'"
    )


def _whose(choice: str, chosen: float | Ties) -> str:
    """Return whose rule it is."""
    rules = [rule for rule in RULES.values() if getattr(rule.kinks, choice) == chosen]
    if not rules:
        return "a subgradient, though no framework in our table does so"
    names = list(dict.fromkeys(called(rule, rules) for rule in rules if rule.slug != "lab"))
    lab = ["the lab's rule"] if any(rule.slug == "lab" for rule in rules) else []
    others = [f"as in {listed(names)}"] if names else []
    return ", ".join(lab + others)


# What else is said, though it is no failure

OUTSIDE: Final = 1e-6
"""An entry that is so far outside its bracket is not a derivative: the engine computes both in
double precision."""
FINE: Final = 1e-6  # the step of a gradient check, and its tolerance, beyond which a gradient fails
OF = {"forward": "fine", "backward": "analytic"}
"""What a gradient check has from each method: differences of forward, and backward's gradient."""
SHOWN = 10  # if there are more numbers, a note only says that they are wrong


def notes(exam: Exam, fitting: Fitting, best: Convention, *, failed: bool) -> Iterator[str]:
    """Yield the notes, one sentence each."""
    topic = exam.topic
    if not failed:
        yield from filter(None, [exam.about.alone, exam.about.unlike])
        yield from _no_derivatives(fitting, best)
    yield from _written(exam)
    if topic.scalar and exam.about.backward[1] == 0:
        yield f"backward takes no {topic.upstream}: it was checked for 1 only"
    yield from _precision(exam, failed=failed)
    if not failed:
        yield from _about_integers(exam, best)
    for outcome in [] if failed else exam.advised:
        for problem in outcome.problems(best)[:1]:
            yield f"at {outcome.case.point} {problem.sentence}: {outcome.feature.advice}"


def _means(exam: Exam, found: Sequence[Pattern]) -> Iterator[str]:
    """Yield where it is right that all gradients but dx are means, if this is what failures say."""
    weights = max(len(each.case.inputs) for each in exam.outcomes) - 1
    if len(found) == weights > 0 and all(each.sentence.endswith(MEAN) for each in found):
        gradients = [exam.topic.gradient(argument + 1) for argument in range(weights)]
        upstream = exam.topic.upstream
        yield (
            f"to divide {' and '.join(gradients)} by the number of examples is the convention of "
            f"Coursera's linear_backward: right where {upstream} is the gradient of the sum of the "
            "losses, while the gradients of their mean are wanted; a gradient check finds it wrong"
        )


def _written(exam: Exam) -> Iterator[str]:
    """Yield what the methods wrote into, unless that is the failure itself."""
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
    """Yield which method gives less than double precision, by its dtype or by its numbers."""
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
    """Return what a fine check fails, or would fail, because this method rounds; else ""."""
    for outcome in exam.outcomes:
        for argument, result in enumerate(outcome.checks):
            again, name = outcome.as_checked, exam.topic.gradient(argument)
            too_fine = f"a step of 1e-6 is too small to check {name}, a larger one agrees"
            if method == "forward" and result["verdict"] != "FAILED" and result["eps"] > FINE:
                return too_fine
            if again is None or result["verdict"] != "FAILED" or result["coarse"] == "FAILED":
                continue
            right = again.reference.grads(NO_KINKS)[argument]
            given = unpack(result[OF[method]])
            if not close(given, right, FINE):
                if method == "forward":
                    return too_fine
                return f"{name} is off by {number(np.abs(given - right).max())}, which is allowed"
    return ""


def _no_derivatives(fitting: Fitting, best: Convention) -> Iterator[str]:
    """Yield the first gradient that is right by a convention, but not by calculus."""
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
                slopes = dict.fromkeys(number(round(float(side[at]), 6)) for side in (low, high))
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
    """Yield what goes wrong if x is an integer array: np.zeros_like(x) then drops fractions."""
    outcome = exam.integers
    if outcome is None or outcome.ended is not None:
        return
    x = exam.topic.inputs[0]
    problem = next(iter(outcome.problems(best)), None)
    if problem is None:
        return
    got, expected = problem.got, problem.expected
    if got is None or expected is None or got.shape != expected.shape:
        reason = ""
        if problem.raised in ("UFuncTypeError", "_UFuncOutputCastingError"):
            reason = f" (np.zeros_like({x}), say, is then an array of integers too)"
        yield f"with whole numbers as {x} (an array of integers): {problem.sentence}{reason}"
        return
    reason = ""
    whole = problem.argument >= 0 and "int" in outcome.gradients[problem.argument].dtype
    if whole or close(got, np.trunc(expected)):
        reason = f": np.zeros_like({x}), say, is then an array of integers, which drops fractions"
    numbers = (
        f" = {literal(got)}, expected {literal(expected)}" if got.size <= SHOWN else " is wrong"
    )
    yield f"with whole numbers as {x} (an array of integers) {problem.quantity}{numbers}{reason}"
