"""What is said of all that is wrong with a class: in which pattern, and where.

A hypothesis is claimed only if its numbers are the student's in all the cases that fail in this
quantity. Where no pattern is found, that is said.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from engine.grader.cases import Convention
from engine.grader.examine import Examination
from engine.grader.hypotheses import GRADIENT, OUTPUT, ZERO, Hypothesis, Look
from engine.grader.outcome import Failure, Outcome, close
from engine.grader.wire import Numbers
from engine.grader.words import number

Property: TypeAlias = Callable[[Outcome], bool]


def _setting(outcome: Outcome, name: str) -> int:
    value = outcome.case.settings.get(name, 0)
    return max(value) if isinstance(value, tuple) else value


def _stride(outcome: Outcome) -> bool:
    return not outcome.reference.subject.pool and _setting(outcome, "stride") > 1


def _overlap(outcome: Outcome) -> bool:
    return 0 < _setting(outcome, "stride") < _setting(outcome, "size")


def _gaps(outcome: Outcome) -> bool:
    return 0 < _setting(outcome, "size") < _setting(outcome, "stride")


def _minibatch(outcome: Outcome) -> bool:
    return outcome.reference.subject.batched(outcome.case.inputs[0])


def _scalar_w(outcome: Outcome) -> bool:
    return len(outcome.case.inputs) > 1 and outcome.case.inputs[1].ndim == 0


def _long_w(outcome: Outcome) -> bool:
    return len(outcome.case.inputs) > 1 and outcome.case.inputs[1].ndim > 0


def _filters(outcome: Outcome) -> bool:
    axes = outcome.reference.subject.axes
    return _long_w(outcome) and outcome.case.inputs[1].ndim > axes


def _channels(outcome: Outcome) -> bool:
    axes = outcome.reference.subject.axes
    return _long_w(outcome) and outcome.case.inputs[1].ndim == axes + 2


def _ties(outcome: Outcome) -> bool:
    subject = outcome.reference.subject
    return subject.pool and not subject.relu and outcome.reference.kinked


def _at_zero(outcome: Outcome) -> bool:
    subject = outcome.reference.subject
    return subject.relu and not subject.pool and outcome.reference.kinked


def _at_kink(outcome: Outcome) -> bool:
    subject = outcome.reference.subject
    return subject.relu and subject.pool and outcome.reference.kinked


SHAPES: Final[Sequence[tuple[str, Property]]] = (
    ("where stride > 1", _stride),
    ("where there is padding", lambda each: _setting(each, "padding") > 0),
    (
        "where there is both a stride and padding",
        lambda each: _stride(each) and _setting(each, "padding") > 0,
    ),
    ("where windows overlap", _overlap),
    ("where windows skip entries", _gaps),
    ("where windows leave a remainder", lambda each: "remainder" in each.feature.name),
    ("where windows are smaller than the axis", lambda each: _setting(each, "size") > 0),
    ("for minibatches", _minibatch),
    ("where there are several filters", _filters),
    ("where there are channels", _channels),
    ("where w is no scalar", _long_w),
    ("where w is a scalar", _scalar_w),
    ("where there is a bias b", lambda each: len(each.case.inputs) == 3),
    ("at ties", _ties),
    ("where an a is exactly 0", _at_zero),
    ("at a kink: a tie, or an a of exactly 0", _at_kink),
)
"""What a layer is asked to do: worth saying even where a hypothesis says it, too."""
MANY: Final = 6

NUMBERS: Final[Sequence[tuple[str, Property]]] = (
    (
        "where the upstream gradient is not 1",
        lambda each: not np.array_equal(each.case.dout, np.ones_like(each.case.dout)),
    ),
    ("where an upstream gradient is negative", lambda each: bool((each.case.dout < 0).any())),
    (
        "where w is negative",
        lambda each: _scalar_w(each) and bool(each.case.inputs[1] < 0),
    ),
    ("where every entry is negative", lambda each: bool((each.case.inputs[0] < 0).all())),
    ("where some entry is negative", lambda each: bool((each.case.inputs[0] < 0).any())),
    ("where some entry is 0", lambda each: bool((each.case.inputs[0] == 0).any())),
    ("where there is a single entry", lambda each: each.case.inputs[0].size == 1),
    ("where there is more than one entry", lambda each: each.case.inputs[0].size > 1),
    (
        "where the examples or the matrix have more than one axis",
        lambda each: each.case.inputs[0].ndim > 1,
    ),
)


def where(failing: Collection[Outcome], counted: Sequence[Outcome]) -> str:
    """'where stride > 1' if exactly those of the counted cases fail; "" where nothing fits.

    'only where stride > 1' if all that fail are such cases, and at least half of those fail.
    """
    if len(failing) == len(counted):
        return ""
    wrong, best, fewest = set(failing), "", 2 * len(failing) + 1
    # Of few cases some number or other has the same property by chance.
    for words, has in (*SHAPES, *(NUMBERS if len(counted) >= MANY else ())):
        having = {each for each in counted if has(each)}
        if having == wrong:
            return words
        if wrong < having and len(having) < min(fewest, len(counted)):
            best, fewest = f"only {words}", len(having)
    return best


def narrower(
    failing: Collection[Outcome], counted: Sequence[Outcome]
) -> list[tuple[str, set[Outcome]]]:
    """The kinds of cases to which all that fail belong, not all cases, the narrowest first."""
    kinds = [(words, {each for each in counted if has(each)}) for words, has in SHAPES]
    holding = [kind for kind in kinds if set(failing) <= kind[1] and len(kind[1]) < len(counted)]
    return sorted(holding, key=lambda kind: len(kind[1]))


def is_about_shapes(words: str) -> bool:
    """Whether `where` found exactly the cases of one kind."""
    return words in dict(SHAPES)


FEW: Final = 4

Together: TypeAlias = Callable[[Sequence[Look]], Iterator[str]]


def _alike(looks: Sequence[Look]) -> Iterator[str]:
    """The same answer whatever is asked."""
    first, *others = looks
    if _nonzero(looks) < 2:
        return
    same = all(np.array_equal(first.got, other.got, equal_nan=True) for other in others)
    asked = any(
        other.expected.shape != first.expected.shape or not close(other.expected, first.expected)
        for other in others
    )
    if same and asked:
        yield "{d} is the same whatever the input is"


def _not_a_number(looks: Sequence[Look]) -> Iterator[str]:
    """Something that is no number in every case."""
    if all(np.isnan(look.got).any() for look in looks):
        yield "{d} contains nan"


def _reshaped(looks: Sequence[Look]) -> Iterator[str]:
    """The right numbers, with axes too many, too few or in another order of lengths."""
    if all(
        look.got.shape != look.expected.shape
        and look.got.size == look.expected.size
        and close(look.got.ravel(), look.expected.ravel())
        for look in looks
    ):
        yield "{d} has the right numbers in the wrong shape"


def _factor(looks: Sequence[Look]) -> Iterator[str]:
    """A constant factor."""
    first = looks[0]
    if _nonzero(looks) < FEW or first.got.shape != first.expected.shape or not first.expected.any():
        return
    at = np.unravel_index(np.abs(first.expected).argmax(), first.expected.shape)
    factor = float(first.got[at] / first.expected[at])
    if (
        factor
        and np.isfinite(factor)
        and all(look.matches(factor * look.expected) for look in looks)
    ):
        yield f"{{d}} is {number(factor)} times what it should be"


def _offset(looks: Sequence[Look]) -> Iterator[str]:
    """A constant that is added."""
    first = looks[0]
    if _nonzero(looks) < FEW or first.got.shape != first.expected.shape:
        return
    offset = float((first.got - first.expected).flat[0])
    if np.isfinite(offset) and all(look.matches(look.expected + offset) for look in looks):
        yield f"{{d}} is {number(abs(offset))} too {'large' if offset > 0 else 'small'}, everywhere"


def _nonzero(looks: Sequence[Look]) -> int:
    """How many numbers are not 0: a few differ by one factor, or one offset, by chance."""
    return sum(int(np.count_nonzero(look.expected)) for look in looks)


def _slope_at_zero(looks: Sequence[Look]) -> Iterator[str]:
    """A ReLU whose slope at 0 is none that lies between its slopes on both sides."""
    first = looks[0]
    if first.subject.name != "ReLU" or first.argument != 0 or first.got.shape != first.x.shape:
        return
    if (first.x == 0).any():
        slope = float((first.got / first.dout)[first.x == 0][0])
        slopes = (np.where(look.x == 0, slope, look.x > 0) for look in looks)
        if all(look.matches(look.dout * each) for look, each in zip(looks, slopes, strict=True)):
            yield f"where a = 0 the slope is {number(slope)}, which is not between 0 and 1"


def _slope_below_zero(looks: Sequence[Look]) -> Iterator[str]:
    """A leaky ReLU, forward or backward."""
    first = looks[0]
    if first.subject.name != "ReLU" or first.got.shape != first.x.shape or not (first.x < 0).any():
        return

    def factor(look: Look) -> Numbers:
        return look.dout if look.argument == 0 else look.x

    slope = float((first.got / factor(first))[first.x < 0][0])
    slopes = (np.where(look.x < 0, slope, look.x > 0) for look in looks)
    if all(look.matches(factor(look) * each) for look, each in zip(looks, slopes, strict=True)):
        yield f"{{d}}: a leaky ReLU's, with slope {number(slope)} where a < 0"


def _at_ends(looks: Sequence[Look]) -> Iterator[str]:
    """Wrong at one end of the last axis alone."""
    for place, name in ((-1, "last"), (0, "first")):
        if all(_wrong_only_at(look, place) for look in looks):
            yield f"{{d}} is wrong at the {name} entry only"
            return


def _wrong_only_at(look: Look, place: int) -> bool:
    if look.got.shape != look.expected.shape or not look.got.ndim or look.got.shape[-1] < 3:
        return False
    wrong = ~np.isclose(look.got, look.expected, rtol=1e-5, atol=1e-5)
    rest = wrong[..., :-1] if place == -1 else wrong[..., 1:]
    return not bool(rest.any())


TOGETHER: Final[tuple[Together, ...]] = (
    _not_a_number,
    _reshaped,
    _alike,
    _factor,
    _offset,
    _slope_at_zero,
    _slope_below_zero,
    _at_ends,
)


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
        telling = hypothesis is ZERO or any(got.any() for _, got in wrong)
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
