"""Patterns that are found by looking at all wrong numbers together, where no hypothesis fits."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

import numpy as np

from engine.check.student.patterns.look import Look
from engine.check.student.problem import close
from engine.check.student.wire import Numbers
from engine.check.student.words import number

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
