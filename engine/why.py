"""Why a gradient entry is zero: one code per entry, read off the masks that the pullback used."""

from collections.abc import Callable
from enum import IntEnum
from fractions import Fraction
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Mask


class Why(IntEnum):
    """The reason for one gradient entry. Always: `(why == FLOWS) == (grad != 0)`.

    NOT_COVERED takes precedence over UPSTREAM_ZERO, which takes precedence over the reasons for
    which this step itself stops the gradient.
    """

    FLOWS = 0  # the gradient is nonzero
    NOT_COVERED = 1  # no output reads this entry
    UPSTREAM_ZERO = 2  # nothing arrives at any output that this entry feeds
    GATE_CLOSED = 3  # the slope of the operation itself is 0 there, as a ReLU's is below 0
    AT_KINK = 4  # the input is at the activation's kink (0 for a ReLU), where the rule's slope is 0
    NOT_MAX = 5  # the entry is not the maximum of any window that carries a gradient
    TIE_LOST = 6  # it equals such a maximum, but the rule gave the gradient to another entry
    ZERO_FACTOR = 7  # what arrives is multiplied by zeros only: weights for dx, inputs for dw
    CANCELLED = 8  # nonzero contributions sum to exactly 0
    UNDERFLOW = 9  # the factors are nonzero, but the result is too small for the dtype
    ROUNDED = 10  # the exact sum is not 0, but so small beside its terms that it rounds to 0


WhyArray = NDArray[np.uint8]

Combine: TypeAlias = Callable[[Array, Array], Array]
Products: TypeAlias = tuple[Combine, Array, Array]
"""(combine, factors, da): the function that sums the products of two arrays, and the arrays."""

WHYS: Final = tuple(Why)  # the reasons by their codes; calling Why(code) takes ten times as long

SETTLED_MOST: Final = 2048
"""The most entries of an array in which a user can see every one; larger ones are not settled."""
TINY: Final = 2.0**-30
"""Only sums smaller than this fraction of the largest da are checked, which are few."""
SLACK: Final = 64  # a sum within this many times the rounding error of its terms may be 0 exactly

_PAINTS: Final = tuple(np.array(code, dtype=np.uint8) for code in WHYS)
"""The codes as numpy arrays: converting a Why in every coat takes twice as long."""


def paint(grad: Array, ground: Why | WhyArray, *coats: tuple[Mask, Why]) -> WhyArray:
    """Return the reasons for a gradient of any shape: the ground, the coats over it, then FLOWS.

    The ground is one code, or an array of codes that broadcasts. A coat is a mask in the gradient's
    shape, and the code that replaces the earlier ones where the mask is True.
    FLOWS comes last and from the gradient itself, so the two can never disagree.
    """
    why = np.empty(grad.shape, dtype=np.uint8)
    why[...] = _PAINTS[ground] if isinstance(ground, Why) else ground
    for mask, code in coats:
        why[mask] = _PAINTS[code]
    why[grad.astype(np.bool_)] = _PAINTS[Why.FLOWS]
    return why


def paint_sum(grad: Array, arriving: Array) -> WhyArray:
    """Return the reasons for a gradient that is the sum of what arrives, as a bias's: (…), (M, L).

    Each of the M entries of the gradient sums the L entries of its row.
    """

    def exactly() -> Exact:
        numbers, unit = exact(arriving)
        return Exact(numbers.sum(axis=1).reshape(grad.shape), unit)

    arrives = np.reshape(arriving.astype(np.bool_).any(axis=1), grad.shape)
    return paint(grad, Why.UPSTREAM_ZERO, *sum_coats(grad, arrives, exactly))


@np.errstate(all="ignore")
def product_coats(
    grad: Array, arrives: Mask, combine: Combine, factors: Array, da: Array
) -> list[tuple[Mask, Why]]:
    """Return `paint`'s coats for a sum of products, factors · da, where something arrives.

    Pairs of nonzero factors distinguish a product that underflowed from one with a zero in it. Sums
    of absolute values cannot cancel, so they distinguish a sum that came to 0 from one of zeros.
    """
    coats = [(arrives, Why.ZERO_FACTOR)]
    zeros = arrives & np.logical_not(grad)
    if not np.count_nonzero(zeros):
        return coats
    there = (each.astype(np.bool_).astype(da.dtype) for each in (factors, da))
    pairs = combine(*there).astype(np.bool_)
    if np.count_nonzero(pairs & zeros):
        met = combine(np.abs(factors), np.abs(da)).astype(np.bool_)
        coats += [
            (pairs, Why.UNDERFLOW),
            *sum_coats(grad, met, partial(exact_sums, combine, factors, da)),
        ]
    return coats


class Exact(NamedTuple):
    """Numbers without rounding: Python's own integers or fractions, in multiples of the unit."""

    numbers: NDArray[Any]
    unit: Fraction


def exact_sums(combine: Combine, factors: Array, da: Array) -> Exact:
    """Compute the sums of products again, without rounding."""
    (ones, unit), (others, other_unit) = exact(factors), exact(da)
    return Exact(combine(ones, others), unit * other_unit)


@np.errstate(all="ignore")
def settle(grad: Array, da: Array, products: Callable[[], Products]) -> None:
    """Write 0 into grad where the terms of a sum of products, factors · da, cancel.

    A fused multiply-add rounds the sum, but not every product: 5/4 · 1/3 − 5/4 · 1/3 leaves 2e-17
    on some machines. Only small arrays are checked, since it could be seen only there.
    """
    if max(grad.size, da.size) > SETTLED_MOST:
        return
    sizes = np.abs(grad)
    tiny = (sizes < TINY * np.abs(da).max()) & (sizes > 0)
    if not np.count_nonzero(tiny):
        return
    combine, factors, da = products()
    near = tiny & (sizes <= SLACK * np.finfo(grad.dtype).eps * combine(np.abs(factors), np.abs(da)))
    if np.count_nonzero(near) and np.isfinite(factors).all() and np.isfinite(da).all():
        grad[near & (exact_sums(combine, factors, da).numbers == 0)] = 0


def sum_coats(grad: Array, met: Mask, exactly: Callable[[], Exact]) -> list[tuple[Mask, Why]]:
    """Return `paint`'s coats for the zeros of a sum with nonzero terms, in the gradient's shape.

    met: where there are such terms. exactly: computes the sums again, without rounding; it is slow
    and called only if a sum came to 0.
    """
    nothing = met & np.logical_not(grad)
    if not np.count_nonzero(nothing):
        return []
    numbers, unit = exactly()
    # Half of the smallest subnormal rounds to 0. The bound is whole, as the numbers mostly are: to
    # compare a digit's gradients with a Fraction takes fifty times as long.
    least = Fraction(*np.finfo(grad.dtype).smallest_subnormal.as_integer_ratio()) / 2 // unit
    return [
        (nothing, Why.UNDERFLOW),
        (nothing & (numbers == 0), Why.CANCELLED),
        (nothing & (np.abs(numbers) > least), Why.ROUNDED),
    ]


def exact(array: Array) -> Exact:
    """Return the numbers exactly, as whole multiples of one common unit: (…) -> (…)."""
    mantissas, exponents = np.frexp(array)
    digits = np.finfo(array.dtype).nmant + 1
    lowest = int(exponents.min())
    ones = np.frompyfunc(int, 1, 1)(np.ldexp(mantissas, digits))
    return Exact(ones << (exponents - lowest).astype(object), Fraction(2) ** (lowest - digits))
