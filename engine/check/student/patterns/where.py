"""Where a class goes wrong: the property that its failing cases have, and the others have not."""

from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeAlias

import numpy as np

from engine.check.student.outcome import Outcome

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
