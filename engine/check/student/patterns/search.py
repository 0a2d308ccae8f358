"""What is said of all that is wrong with a class: in which pattern, and where.

Where no pattern is found, that is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine.check.student.examine import Examination
from engine.check.student.outcome import Failure, Outcome
from engine.check.student.patterns.explain import Answers, explained
from engine.check.student.patterns.where import is_about_shapes, where
from engine.check.student.problem import close
from engine.check.student.reference import Convention
from engine.check.student.wire import Numbers

UNKNOWN: Final = "no pattern known here explains"


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
    bad = [outcome for outcome, _ in wrong]
    place = where(bad, counted)
    right = [(each, _answer(each, argument)) for each in counted if each not in set(bad)]
    found, everywhere, narrower = explained(argument, wrong, right, candidates)
    place, exactly = narrower or place, bool(narrower) or is_about_shapes(place)
    subject = exam.subject
    name = subject.output if argument < 0 else subject.gradient(argument)
    if not found:
        if place:
            return f"{name} is wrong {place}"
        where_wrong = f" in all {len(wrong)} of its wrong cases" if len(wrong) > 1 else ""
        return f"{UNKNOWN} {name}{where_wrong}"
    sentence = found.format(
        d=name, up=subject.upstream, **dict(zip("xw", (*subject.inputs, "w"), strict=False))
    )
    if "where " in sentence:
        return sentence
    if exactly:
        return f"{sentence} (wrong {place})"
    if everywhere or 2 * len(wrong) > len(counted):
        return sentence
    if sentence.endswith("nan") and not place:
        return sentence  # a problem says no more
    return f"{sentence}, {place or 'wherever it is wrong'}"


def _answer(outcome: Outcome, argument: int) -> Numbers:
    """What the student gave for a quantity that is right."""
    value = outcome.output if argument < 0 else outcome.gradients[argument]
    assert value is not None
    assert value.array is not None
    return value.array


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
