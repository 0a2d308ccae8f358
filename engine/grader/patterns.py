"""What a class's failures have in common; the table of mistakes is in `hypotheses`.

The patterns on the page of the gradient check are another module's: `engine.check.patterns`.
A hypothesis is claimed only if it gives the student's numbers in all cases in which a quantity is
wrong, or if two or three hypotheses share these cases among them. If no pattern is found, that is
said.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from engine.grader.cases import NO_KINKS, Convention
from engine.grader.examine import Exam
from engine.grader.hypotheses import GRADIENT, OUTPUT, ZERO, Answer, Hypothesis
from engine.grader.outcome import Failure, Outcome, Problem, close
from engine.grader.wire import Numbers
from engine.grader.words import number


class Pattern(NamedTuple):
    """A sentence about what failures have in common."""

    sentence: str
    raised: bool = False  # whether that is an exception that was raised
    known: bool = True  # False if the sentence says that no pattern is known


def patterns(
    exam: Exam, failures: Sequence[Failure], candidates: Sequence[Convention]
) -> Iterator[Pattern]:
    """Yield exceptions and the like, then each wrong quantity, the output before gradients."""
    numbers: dict[int, dict[Outcome, Numbers]] = {}
    others: dict[str, dict[Outcome, Problem]] = {}
    for failure in failures:
        for problem in failure.problems:
            if problem.kind in ("numbers", "shape") and problem.got is not None:
                numbers.setdefault(problem.argument, {})[failure.outcome] = problem.got
            elif problem.kind != "ended":
                # Messages contain shapes, and differ; the types of exceptions do not.
                raises = f"{problem.method} raises {problem.raised}"
                said = raises if problem.raised else problem.sentence
                others.setdefault(said, {})[failure.outcome] = problem
    yield from _others(exam, others)
    if -1 in numbers:
        outputs = numbers.pop(-1)
        yield from _patterns_of(exam, -1, outputs, candidates)
        checked = any(failure.outcome.checks for failure in failures)
        told = {check["coarse"] for outcome in exam.outcomes for check in outcome.checks}
        right = "PASSED" in told and "FAILED" not in told  # by differences; a kink shows nothing
        if checked and right and not numbers:  # else a gradient itself is wrong
            mend = (
                ": only forward needs mending"
                if _right_behind(exam, outputs, candidates)
                else ", not of the right one: mend forward first"
            )
            yield Pattern(f"backward is the derivative of this forward{mend}")
            return
    of_gradients = [each for each in failures if each.problems[0].argument >= 0]
    under = (
        [replace(each, problems=each.outcome.problems(convention)) for each in of_gradients]
        for convention in candidates
    )
    swapped = next(filter(None, map(_swapped, under)), ())
    if swapped:
        yield Pattern(f"{' and '.join(map(exam.topic.gradient, swapped))} are swapped")
    for argument, wrong in sorted(numbers.items()):
        if argument not in swapped:
            yield from _patterns_of(exam, argument, wrong, candidates)


def _right_behind(exam: Exam, wrong: Collection[Outcome], candidates: Sequence[Convention]) -> bool:
    """Whether backward is right in the cases whose output is wrong.

    If all these outputs have a wrong shape, that cannot be seen. Then it is enough that in another
    case of the same feature nothing is wrong before the gradients.
    """
    telling = [
        each
        for each in wrong
        if each.gradients and each.output and each.output.shape == each.reference.output.shape
    ]
    if telling:
        return any(not any(at.wrong_gradients(each) for at in telling) for each in candidates)
    right = {each.feature for each in exam.outcomes if each.before_gradients is None}
    return any(each.feature in right for each in wrong)


def _others(exam: Exam, others: Mapping[str, Mapping[Outcome, Problem]]) -> Iterator[Pattern]:
    """Yield what is wrong in another way than by its numbers, and where."""
    for sentence, wrong in others.items():
        problem = next(iter(wrong.values()))
        place = _where(wrong, exam.outcomes, forward=problem.method == "forward")
        if place or len(wrong) > 1:
            said = f"{sentence} (wrong {place})" if place else sentence
            yield Pattern(said, raised=bool(problem.raised))


def _swapped(failures: Sequence[Failure]) -> tuple[int, ...]:
    """Return the two inputs whose gradients are exchanged wherever they are wrong; else ()."""
    swapped: set[tuple[int, ...]] = set()
    for failure in failures:
        wrong = [each for each in failure.problems if each.got is not None]
        swapped.add(tuple(each.argument for each in wrong))
        for each, other in zip(wrong, reversed(wrong), strict=True):
            assert each.got is not None
            if other.expected is None or not close(each.got, other.expected):
                return ()
    return swapped.pop() if len(swapped) == 1 else ()


def _patterns_of(
    exam: Exam, argument: int, wrong: Mapping[Outcome, Numbers], candidates: Sequence[Convention]
) -> Iterator[Pattern]:
    """Yield what explains one quantity in all its wrong cases, and where these are.

    If nothing does, yield what explains some of them and what explains the others.
    """
    given = _given(exam, argument)
    answered = {
        each: [Answer(each, argument, got, convention) for convention in candidates]
        for each, got in {**given, **wrong}.items()
    }

    def answers(outcomes: Collection[Outcome]) -> Answers:
        return [answered[each] for each in outcomes]

    right = [each for each in given if each not in wrong]
    found = _explained(answers(wrong), answers(right))
    parts = [] if found.sentence else _apart(answers(wrong), answers(right))
    for part in parts:
        explained = _explained(answers(part), answers(right))
        yield _pattern(exam, argument, part, [*right, *part], explained)
    if not parts:
        yield _pattern(exam, argument, wrong, [*given], found)


def _pattern(
    exam: Exam,
    argument: int,
    wrong: Collection[Outcome],
    given: Sequence[Outcome],
    found: "Explanation",
) -> Pattern:
    """Return what explains one quantity in some wrong cases, in a sentence that says where."""
    place = _where(wrong, given, forward=argument < 0)
    place, exactly = found.where or place, bool(found.where) or place in dict(SHAPES)
    topic = exam.topic
    name = topic.output if argument < 0 else topic.gradient(argument)
    if not found.sentence:
        if place:
            return Pattern(f"{name} is wrong {place}")
        where_wrong = f" in all {len(wrong)} of its wrong cases" if len(wrong) > 1 else ""
        return Pattern(f"no pattern known here explains {name}{where_wrong}", known=False)
    sentence = found.sentence.format(
        d=name, up=topic.upstream, **dict(zip("xw", (*topic.inputs, "w"), strict=False))
    )
    if found.says_where:
        return Pattern(sentence)
    if exactly:
        return Pattern(f"{sentence} (wrong {place})")
    if found.everywhere or 2 * len(wrong) > len(given) or (found.plain and not place):
        return Pattern(sentence)
    return Pattern(f"{sentence}, {place or 'wherever it is wrong'}")


def _given(exam: Exam, argument: int) -> dict[Outcome, Numbers]:
    """Return what the student gave for a quantity, in the cases in which it was compared."""
    given = {}
    for outcome in exam.outcomes:
        if argument < 0:
            value = outcome.output
        else:
            compared = outcome.before_gradients is None and argument < len(outcome.gradients)
            value = outcome.gradients[argument] if compared else None
        if value is not None and value.array is not None:
            given[outcome] = value.array
    return given


# What explains all wrong numbers of one quantity

Answers: TypeAlias = Sequence[Sequence[Answer]]
"""For each case one `Answer` for each convention, which decides what is right at kinks."""


class Explanation(NamedTuple):
    """Why numbers are wrong."""

    sentence: str  # "" if nothing explains them
    everywhere: bool  # whether the sentence is true of all cases
    where: str = ""  # of which cases it is true otherwise, "" if that is not known
    says_where: bool = False  # as in `Hypothesis`
    plain: bool = False  # whether each problem says as much already


def _explained(wrong: Answers, right: Answers) -> Explanation:
    """Return the explanation by a hypothesis that gives the student's numbers in every wrong case.

    everywhere: it gives the right numbers in the right cases, so that it is the same mistake
    everywhere, visible or not. Any other hypothesis is a mistake that is made at times: it is
    believed only if there is a kind of cases in which it is always made. If no hypothesis fits, the
    numbers of all wrong cases are looked at together.
    """
    at_times = Explanation("", False)
    failing = {case[0].outcome for case in wrong}
    kinds = _kinds_around(failing, [case[0].outcome for case in (*wrong, *right)])
    for hypothesis in _possible(wrong[0][0]):
        holding = [
            convention
            for convention in range(len(wrong[0]))
            if all(
                case[convention].matches(case[convention].predicted(hypothesis)) for case in wrong
            )
        ]
        if not holding:
            continue
        if _agrees(hypothesis, right, holding):
            return Explanation(hypothesis.sentence, True, says_where=hypothesis.says_where)
        # Zeros alone fit many a mistake.
        telling = hypothesis is ZERO or any(case[0].got.any() for case in wrong)
        for words, having in kinds if telling and not at_times.sentence else ():
            if _agrees(hypothesis, [case for case in right if case[0].outcome in having], holding):
                at_times = Explanation(hypothesis.sentence, False, words, hypothesis.says_where)
                break
    answers = [case[0] for case in wrong]
    if _are_integers(answers):
        return Explanation("{d} is an array of integers, which drops fractions", True)
    if at_times.sentence:
        return at_times
    found = (
        Explanation(said, not right, "", look is _slope, look is _not_a_number)
        for look in TOGETHER
        for said in look(answers)
    )
    return next(found, Explanation("", False))


def _possible(answer: Answer) -> list[Hypothesis]:
    """Return the hypotheses that apply to such a quantity of such a class."""
    of_quantity = OUTPUT if answer.argument < 0 else GRADIENT
    name = answer.topic.name
    return [each for each in of_quantity if not each.classes or name in each.classes]


def _apart(wrong: Answers, right: Answers) -> list[list[Outcome]]:
    """Divide the wrong cases among two or three mistakes that explain them; [] if that fails.

    Each mistake changes nothing in the parts of the others, nor in the right cases.
    """
    for convention in range(len(wrong[0])):
        answers = [case[convention] for case in wrong]
        parts: list[list[Outcome]] = []
        for hypothesis in _possible(wrong[0][0]):
            part = _made_in_part(hypothesis, answers)
            if part and part not in parts and _agrees(hypothesis, right, [convention]):
                parts.append(part)
        for chosen in (*combinations(parts, 2), *combinations(parts, 3)):
            outcomes = [each for part in chosen for each in part]
            if len(outcomes) == len({*outcomes}) == len(wrong):
                return sorted(chosen, key=len, reverse=True)
    return []


def _made_in_part(hypothesis: Hypothesis, answers: Sequence[Answer]) -> list[Outcome]:
    """Return the cases in which a mistake was made, if it changes nothing in the others."""
    made = []
    for answer in answers:
        predicted = answer.predicted(hypothesis)
        if answer.matches(predicted):
            made.append(answer)
        elif predicted is not None and not close(np.asarray(predicted, float), answer.expected):
            return []
    telling = _nonzero(made) >= NONZERO_LEAST and len(made) < len(answers)
    return [answer.outcome for answer in made] if telling else []


def _agrees(hypothesis: Hypothesis, right: Answers, holding: Sequence[int]) -> bool:
    """Whether a mistake gives the student's numbers also wherever these are right."""
    return all(
        any(case[each].agrees(case[each].predicted(hypothesis)) for each in holding)
        for case in right
    )


def _are_integers(answers: Sequence[Answer]) -> bool:
    """Whether the student's arrays hold integers where fractions should be; masks do not count."""
    plain = [replace(answer, convention=NO_KINKS) for answer in answers]
    values = [
        each.outcome.output if each.argument < 0 else each.outcome.gradients[each.argument]
        for each in plain
    ]
    return (
        all(value is not None and value.dtype.startswith(("int", "uint")) for value in values)
        and all(each.got.shape == each.expected.shape for each in plain)
        and any((each.expected % 1).any() for each in plain)
        and any((np.abs(each.got) > 1).any() for each in plain)
    )


# What is found by looking at all wrong numbers together, if no hypothesis fits

NONZERO_LEAST: Final = 4


def _not_a_number(answers: Sequence[Answer]) -> Iterator[str]:
    """Look for nan in every case."""
    if all(np.isnan(each.got).any() for each in answers):
        yield "{d} contains nan"


def _reshaped(answers: Sequence[Answer]) -> Iterator[str]:
    """Look for the right numbers in too many axes, too few, or with lengths in another order."""
    if all(
        each.got.shape != each.expected.shape
        and each.got.size == each.expected.size
        and close(each.got.ravel(), each.expected.ravel())
        for each in answers
    ):
        yield "{d} has the right numbers in the wrong shape"


def _alike(answers: Sequence[Answer]) -> Iterator[str]:
    """Look for the same answer to different inputs: not where only labels or dout differ."""
    first, *others = answers
    same = all(np.array_equal(first.got, other.got) for other in others)
    asked = any(
        not (
            close(other.expected, first.expected)
            or all(map(np.array_equal, other.case.inputs, first.case.inputs))
        )
        for other in others
    )
    if _nonzero(answers) >= NONZERO_LEAST and same and asked:
        yield "{d} is the same whatever the input is"


def _factor_or_offset(answers: Sequence[Answer]) -> Iterator[str]:
    """Look for a constant factor, or a constant that is added."""
    got, expected = answers[0].got, answers[0].expected
    if _nonzero(answers) < NONZERO_LEAST or got.shape != expected.shape:
        return
    if expected.any():
        at = np.unravel_index(np.abs(expected).argmax(), expected.shape)
        factor = float(got[at] / expected[at])
        possible = factor and np.isfinite(factor)
        if possible and all(each.matches(factor * each.expected) for each in answers):
            yield f"{{d}} is {number(factor)} times what it should be"
    offset = float((got - expected).flat[0])
    if np.isfinite(offset) and all(each.matches(each.expected + offset) for each in answers):
        yield f"{{d}} is {number(abs(offset))} too {'large' if offset > 0 else 'small'}, everywhere"


def _nonzero(answers: Sequence[Answer]) -> int:
    """Count the right numbers that are not 0: a few fit one factor or offset by chance."""
    return sum(int(np.count_nonzero(each.expected)) for each in answers)


def _slope(answers: Sequence[Answer]) -> Iterator[str]:
    """Look for a ReLU whose slope at 0 is not between 0 and 1, or which is leaky."""
    first = answers[0]
    if first.topic.name != "ReLU" or first.got.shape != first.x.shape:
        return

    def factor(answer: Answer) -> Numbers:
        return answer.dout if answer.argument == 0 else answer.x

    for is_there, sentence in (
        (np.equal, "where a = 0 the slope is {}, which is not between 0 and 1"),
        (np.less, "{{d}}: a leaky ReLU's, with slope {} where a < 0"),
    ):
        there = is_there(first.x, 0)
        if not there.any() or (is_there is np.equal and first.argument < 0):
            continue
        slope = float(first.got[there][0] / factor(first)[there][0])
        at_zero = first.convention.relu_at_zero
        slopes = [
            np.where(is_there(each.x, 0), slope, np.heaviside(each.x, at_zero)) for each in answers
        ]
        pairs = zip(answers, slopes, strict=True)
        if all(each.matches(factor(each) * of_entries) for each, of_entries in pairs):
            yield sentence.format(number(slope))


def _at_ends(answers: Sequence[Answer]) -> Iterator[str]:
    """Look for mistakes at one end of the last axis alone."""
    for rest, name in ((slice(None, -1), "last"), (slice(1, None), "first")):
        if all(_right_at(rest, each) for each in answers):
            yield f"{{d}} is wrong at the {name} entry only"


def _right_at(rest: slice, answer: Answer) -> bool:
    """Whether an array is right except at one end of its last axis."""
    got, expected = answer.got, answer.expected
    if got.shape != expected.shape or not got.ndim or got.shape[-1] < 3:
        return False
    return close(got[..., rest], expected[..., rest])


TOGETHER: Final[Sequence[Callable[[Sequence[Answer]], Iterator[str]]]] = (
    _not_a_number,
    _reshaped,
    _alike,
    _factor_or_offset,
    _slope,
    _at_ends,
)

# Where a class goes wrong: the property that its failing cases have, and the others lack

Property: TypeAlias = Callable[[Outcome], bool]


def _setting(outcome: Outcome, name: str) -> int:
    value = outcome.case.settings.get(name, 0)
    return max(value) if isinstance(value, tuple) else value


def _pair(outcome: Outcome, name: str) -> tuple[int, ...]:
    """Return a setting along each axis if it is a pair, else ()."""
    value = outcome.case.settings.get(name, 0)
    return value if isinstance(value, tuple) else ()


def _stride(outcome: Outcome) -> bool:
    return not outcome.topic.pool and _setting(outcome, "stride") > 1


def _padding(outcome: Outcome) -> bool:
    return _setting(outcome, "padding") > 0


def _leaves_remainder(outcome: Outcome) -> bool:
    """Whether along some axis entries are left over, too few for another window."""
    case, axes = outcome.case, outcome.topic.axes
    if "stride" not in case.settings:
        return False
    window, stride, padding = (
        np.broadcast_to(case.settings.get(each, 0), axes) for each in ("size", "stride", "padding")
    )
    if not outcome.topic.pool:
        window = np.array((*[1] * axes, *case.inputs[1].shape)[-axes:])
    left = case.inputs[0].shape[-axes:] + 2 * padding - window
    return bool((left % stride).any())


def _is_oblong(outcome: Outcome, argument: int) -> bool:
    """Whether an input has a height and a width that differ."""
    return outcome.topic.axes > 1 and len({*outcome.case.inputs[argument].shape[-2:]}) > 1


def _w_has(outcome: Outcome, least: int, most: int = 9) -> bool:
    """Whether there is a w, with at least and at most so many axes."""
    return len(outcome.case.inputs) > 1 and least <= outcome.case.inputs[1].ndim <= most


def _at_kink(outcome: Outcome, *, relu: bool, pool: bool) -> bool:
    """Whether a case is at a kink, for a class that has such kinks and no others."""
    topic = outcome.topic
    return (topic.relu, topic.pool) == (relu, pool) and outcome.reference.kinked


SHAPES: Final[Sequence[tuple[str, Property]]] = (
    ("where stride > 1", _stride),
    ("where there is padding", _padding),
    ("where there is both a stride and padding", lambda each: _stride(each) and _padding(each)),
    ("where windows overlap", lambda each: _setting(each, "stride") < _setting(each, "size")),
    (
        "where windows skip entries",
        lambda each: 0 < _setting(each, "size") < _setting(each, "stride"),
    ),
    ("where windows leave a remainder", _leaves_remainder),
    ("where windows are smaller than the axis", lambda each: _setting(each, "size") > 0),
    ("where windows are no squares", lambda each: len({*_pair(each, "size")}) > 1),
    ("where images are no squares", partial(_is_oblong, argument=0)),
    ("where w is no square", lambda each: _w_has(each, 2) and _is_oblong(each, 1)),
    ("for minibatches", lambda each: each.topic.batched(each.case.inputs[0])),
    ("where there are several filters", lambda each: _w_has(each, each.topic.axes + 1)),
    ("where there are channels", lambda each: _w_has(each, axes := each.topic.axes + 2, axes)),
    ("where w is no scalar", lambda each: _w_has(each, 1)),
    ("where w is a scalar", lambda each: _w_has(each, 0, 0)),
    ("where there is a bias b", lambda each: len(each.case.inputs) == 3),
    ("at ties", partial(_at_kink, relu=False, pool=True)),
    ("where an a is exactly 0", partial(_at_kink, relu=True, pool=False)),
    ("at a kink: a tie, or an a of exactly 0", partial(_at_kink, relu=True, pool=True)),
    ("where there is no padding", lambda each: not _padding(each)),
)
"""What a layer is asked to do: said even if a hypothesis explains the failures."""
NUMBERED_FROM: Final = 6

UPSTREAM: Final[Sequence[tuple[str, Property]]] = (
    ("where the upstream gradient is not 1", lambda each: bool((each.case.dout != 1).any())),
    ("where an upstream gradient is negative", lambda each: bool((each.case.dout < 0).any())),
)
NUMBERS: Final[Sequence[tuple[str, Property]]] = (
    *UPSTREAM,
    ("where w is negative", lambda each: _w_has(each, 0, 0) and bool(each.case.inputs[1] < 0)),
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


def _where(
    failing: Collection[Outcome], counted: Sequence[Outcome], *, forward: bool = False
) -> str:
    """Return 'where stride > 1' if exactly those of the counted cases fail; "" if nothing fits.

    'only where stride > 1' if all that fail are such cases, and at least half of those fail; not
    said of properties of the numbers.
    forward: whether it is forward that fails, which does not depend on the upstream gradient.
    """
    if len(failing) == len(counted):
        return ""
    wrong, best, fewest = set(failing), "", 2 * len(failing) + 1
    # If there are few cases, or all but one fail, some property of the numbers fits by chance.
    telling = len(counted) >= NUMBERED_FROM and len(failing) < len(counted) - 1
    numbers = NUMBERS[len(UPSTREAM) * forward :] if telling else ()
    for words, has in (*SHAPES, *numbers):
        having = {each for each in counted if has(each)}
        if having == wrong:
            return words
        # Nearly all random cases have a negative number: "only where" would say nothing there.
        by_numbers = (words, has) in NUMBERS
        if wrong < having and len(having) < min(fewest, len(counted)) and not by_numbers:
            best, fewest = f"only {words}", len(having)
    return best


def _kinds_around(
    failing: set[Outcome], counted: Sequence[Outcome]
) -> list[tuple[str, set[Outcome]]]:
    """Return the kinds of cases that include all failing ones but not all, the narrowest first."""
    kinds = [(words, {each for each in counted if has(each)}) for words, has in SHAPES]
    holding = [kind for kind in kinds if failing <= kind[1] and len(kind[1]) < len(counted)]
    return sorted(holding, key=lambda kind: len(kind[1]))
