"""In which precision a function computes, and which differences that allows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import isclose
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Array, Mask

TOLERANCE: Final = 1e-6
"""How far a slope by differences in float64 may be off: below 1 absolutely, above it relatively."""


def same(one: float, other: float) -> bool:
    """Whether two slopes differ by no more than TOLERANCE."""
    return isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


@dataclass(frozen=True)
class Precision:
    """What differences can show of a function that computes in a dtype.

    The steps of a one-sided difference are 2^widest, 2^(widest + ratio), … to 2^narrowest: on
    dyadic values powers of two are exact.
    """

    dtype: str
    widest: int
    narrowest: int
    ratio: int
    last: int  # if an output adds up small numbers, narrower steps follow, to 2^last
    eps: float = 0.0  # the least step of a central difference that is not lost in rounding
    tol: float = 0.0  # the least tolerance, which rounding takes up
    units: int = 8  # by so many units of the last place rounding may move an output
    norm: int = 1
    """How the roundings of several outputs add up: 1 in the worst case, 2 by chance. If rounding is
    coarse, the worst case would excuse everything."""

    @property
    def rounding(self) -> float:
        """How far rounding may move an output, as a part of what is added up in it."""
        return self.units * float(np.finfo(self.dtype).eps)

    @property
    def bend(self) -> float:
        """How far a smooth bend may move a central difference over the widest step h: about h²."""
        return float(2.0 ** (2 * self.widest))


DOUBLE: Final = Precision("float64", -20, -41, -7, -200)
SINGLE: Final = Precision("float32", -8, -14, -2, -64, eps=2.0**-8, tol=1e-3, units=2, norm=2)
AS_SINGLE: Final = replace(SINGLE)
"""For float64 that is rounded as coarsely as float32: on the way, or beside a large number."""
HALF: Final = Precision("float16", -3, -5, -1, -10, eps=2.0**-3, tol=0.1, units=2, norm=2)

POINTS: Final = 3  # the most points tried until one shows in which precision a function computes
# Steps by which all params are moved at once
FAR: Final = 2.0**-8
MORE: Final = 2.0**-14
LITTLE: Final = 2.0**-31  # lost in single precision


def precision_of(numbers: Sequence[ArrayLike]) -> Precision:
    """Return the precision of the roughest dtype among these."""
    dtypes = {np.asarray(each).dtype.name for each in numbers}
    return next((each for each in (HALF, SINGLE) if each.dtype in dtypes), DOUBLE)


def roughest(*precisions: Precision) -> Precision:
    """Return the precision that needs the largest step."""
    return max(precisions, key=lambda each: each.widest)


def unit(at: Array) -> Array:
    """Return what a step is relative to: 1, or an entry's own power of two if that is more."""
    return np.asarray(np.exp2(np.maximum(0, np.frexp(at)[1] - 1)))


@np.errstate(all="ignore")
def rounds_within(forward: Callable[..., ArrayLike], params: Sequence[Array]) -> bool:
    """Whether a function that returns float64 computes in single precision all the same.

    It is tried near the params, at random points so that no kink is in the way, and also at numbers
    of ordinary size, if it takes these: a saturated function, such as tanh(x) + 1 at -18, has lost
    its digits there alone. False if nothing can be told near the params.
    """
    generator = np.random.default_rng(0)

    def rounds(near: bool) -> bool | None:
        """Whether it does so near the params, or at ordinary numbers; None if no point tells."""
        for _ in range(POINTS):
            # Away from 0, where single precision is finer than elsewhere.
            signs = [generator.choice([-1.0, 1.0], each.shape) * unit(each) for each in params]
            shifts = [generator.uniform(0.125, 0.25, each.shape) for each in params]
            pairs = zip(params, signs, shifts, strict=True)
            at = [
                each + sign * by if near else np.sign(sign) * (2 * by) for each, sign, by in pairs
            ]
            told = _rounds_at(forward, at, signs if near else [*map(np.sign, signs)])
            if told is not None:
                return told
        return None

    return bool(rounds(near=True)) and rounds(near=False) is not False


def _rounds_at(
    forward: Callable[..., ArrayLike], at: Sequence[Array], signs: Sequence[Array]
) -> bool | None:
    """Whether it does so at one point; None if that cannot be told.

    All params are moved at once, by more and by less: it does if the outputs go along with the
    larger steps, but not with one that single precision loses.
    """

    def moved(step: float) -> Array:
        there = [each + step * sign for each, sign in zip(at, signs, strict=True)]
        return np.asarray(forward(*there), dtype=np.float64)

    try:
        here, again = moved(0), moved(0)
        far, more, little = (moved(step) - here for step in (FAR, MORE, LITTLE))
    except Exception:  # noqa: BLE001 - forward may raise at points that are not the caller's
        return None
    if not np.array_equal(here, again):
        return False
    seen = np.abs(far) * (LITTLE / FAR) > 2 * np.spacing(np.abs(here))  # in float64
    goes_along = seen & _in_step(more, far, MORE / FAR)
    if 2 * np.count_nonzero(goes_along) <= np.count_nonzero(seen):
        return None
    stays = goes_along & ~_in_step(little, more, LITTLE / MORE)
    return bool(2 * np.count_nonzero(stays) > np.count_nonzero(goes_along))


def _in_step(change: Array, larger: Array, ratio: float) -> Mask:
    """Whether a change is that part of a larger one, within half of it."""
    return np.asarray(np.abs(change - ratio * larger) <= np.abs(ratio * larger) / 2)
