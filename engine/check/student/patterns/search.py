"""Finds the hypotheses that explain every wrong number of a class, and where it goes wrong.

A pattern is claimed only if its numbers are the student's in all the cases that fail in the same
quantity; where none is found, that is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from engine.check.student.examine import Examination
from engine.check.student.outcome import Failure, Outcome
from engine.check.student.patterns import any_layer, loss, pool, product, relu, windows
from engine.check.student.patterns.look import Hypothesis, Look
from engine.check.student.patterns.rest import TOGETHER
from engine.check.student.patterns.where import is_about_shapes, where
from engine.check.student.problem import close
from engine.check.student.reference import Convention
from engine.check.student.wire import Numbers

FAMILIES: Final = (relu, pool, windows, product, loss, any_layer)
"""What belongs to a layer comes before what any layer may have."""
OUTPUT: Final = tuple(each for family in FAMILIES for each in family.OUTPUT)
GRADIENT: Final = tuple(each for family in FAMILIES for each in family.GRADIENT)

Answers: TypeAlias = Sequence[tuple[Outcome, Numbers]]
"""Outcomes, each with what the student gave for one and the same quantity."""


def patterns(
    exam: Examination, failures: Sequence[Failure], candidates: Sequence[Convention]
) -> Iterator[str]:
    """One sentence for each quantity that is wrong somewhere, the output first."""
    numbers: dict[int, list[tuple[Outcome, Numbers]]] = {}
    others: dict[str, list[Outcome]] = {}
    for failure in failures:
        for problem in failure.problems:
            if problem.kind in ("numbers", "shape") and problem.got is not None:
                wrong = numbers.setdefault(problem.argument, [])
                wrong.append((failure.outcome, problem.got))
            elif problem.kind != "ended":
                said = problem.sentence
                # Messages hold shapes, and differ; what is raised does not.
                kind = said.partition(": ")[0] if problem.kind == "raises" else said
                others.setdefault(kind, []).append(failure.outcome)
    yield from _others(exam, others)
    if -1 in numbers:
        yield _pattern(exam, -1, numbers.pop(-1), candidates)
        checked = [failure.outcome for failure in failures if failure.outcome.checks]
        if checked and all(map(_follows, checked)):
            yield "backward is the derivative of this forward: only forward needs mending"
            return
    swapped = _swapped([each for each in failures if each.problems[0].argument >= 0])
    if swapped:
        yield f"{' and '.join(map(exam.subject.gradient, swapped))} are swapped"
        numbers = {argument: each for argument, each in numbers.items() if argument not in swapped}
    for argument, wrong in sorted(numbers.items()):
        yield _pattern(exam, argument, wrong, candidates)


def _follows(outcome: Outcome) -> bool:
    """Whether backward is right for the student's own forward, by differences."""
    return all(result["verdict"] != "FAILED" for result in outcome.checks)


def _pattern(
    exam: Examination, argument: int, wrong: Answers, candidates: Sequence[Convention]
) -> str:
    """What explains one quantity in all its wrong cases, and where these are."""
    counted = _counted(exam, argument)
    place = where([outcome for outcome, _ in wrong], counted)
    bad = {outcome for outcome, _ in wrong}
    right = [(outcome, _answer(outcome, argument)) for outcome in counted if outcome not in bad]
    exactly = is_about_shapes(place)
    found, everywhere = _explained(argument, wrong, right, candidates, limited=exactly)
    subject = exam.subject
    name = subject.output if argument < 0 else subject.gradient(argument)
    if not found:
        if place:
            return f"{name} is wrong {place}"
        where_wrong = f" in all {len(wrong)} of its wrong cases" if len(wrong) > 1 else ""
        return f"no pattern known here explains {name}{where_wrong}"
    sentence = found.format(
        d=name, up=subject.upstream, **dict(zip("xw", (*subject.inputs, "w"), strict=False))
    )
    if "where " in sentence:
        return sentence
    if exactly:
        return f"{sentence} (wrong {place})"
    if everywhere or 2 * len(wrong) > len(counted):
        return sentence
    return f"{sentence}, {place or 'wherever it is wrong'}"


def _explained(
    argument: int,
    wrong: Answers,
    right: Answers,
    candidates: Sequence[Convention],
    *,
    limited: bool,
) -> tuple[str, bool]:
    """A hypothesis whose numbers are the student's in every wrong case: (sentence, everywhere).

    everywhere: in the right cases it gives the right numbers, so that it is the same mistake
    everywhere, seen or not. Another one is a mistake that is made at times: believed only if it is
    known when (limited). "" for none.
    """
    name = wrong[0][0].reference.subject.name
    at_times = ""
    for hypothesis in OUTPUT if argument < 0 else GRADIENT:
        if hypothesis.classes and name not in hypothesis.classes:
            continue
        left = _holding(hypothesis, argument, wrong, candidates)
        if not left:
            continue
        if _unseen(hypothesis, argument, right, left):
            return hypothesis.sentence, True
        at_times = at_times or hypothesis.sentence
    looks = [_look(each, argument, candidates[0]) for each in wrong]
    together = (said for together in TOGETHER for said in together(looks))
    found = at_times if limited and at_times else next(together, "")
    return found, not right


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


def _answer(outcome: Outcome, argument: int) -> Numbers:
    """What the student gave for a quantity that is right."""
    value = outcome.output if argument < 0 else outcome.gradients[argument]
    assert value is not None
    assert value.array is not None
    return value.array


def _look(answer: tuple[Outcome, Numbers], argument: int, convention: Convention) -> Look:
    return Look(answer[0].reference, argument, answer[1], convention)


def _counted(exam: Examination, argument: int) -> list[Outcome]:
    """The cases in which this quantity came as far as being compared."""
    return [
        outcome
        for outcome in exam.outcomes
        if (
            outcome.output is not None and outcome.output.array is not None
            if argument < 0
            else outcome.before_gradients is None
            and argument < len(outcome.gradients)
            and outcome.gradients[argument].array is not None
        )
    ]


def _swapped(failures: Sequence[Failure]) -> tuple[int, ...]:
    """The two inputs whose gradients stand in each other's place wherever they are wrong."""
    swapped: set[tuple[int, ...]] = set()
    for failure in failures:
        wrong = [each for each in failure.problems if each.got is not None]
        swapped.add(tuple(each.argument for each in wrong))
        for each, other in zip(wrong, reversed(wrong), strict=True):
            assert each.got is not None
            if other.expected is None or not close(each.got, other.expected):
                return ()
    found = swapped.pop() if len(swapped) == 1 else ()
    return found if len(found) == 2 else ()


def _others(exam: Examination, others: Mapping[str, Sequence[Outcome]]) -> Iterator[str]:
    """What is wrong in another way than by its numbers, and where."""
    for sentence, wrong in others.items():
        place = where(wrong, exam.outcomes)
        if place or len(wrong) > 1:
            yield f"{sentence} (wrong {place})" if place else sentence
