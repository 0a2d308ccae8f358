"""Why a gradient entry is zero: one code an entry, read off the masks that the pullback used."""

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

    In this order: what no output reads comes before what nothing arrives at, and that before
    what this step itself stops.
    """

    FLOWS = 0
    """The gradient is nonzero."""
    NOT_COVERED = 1
    """No output reads this entry."""
    UPSTREAM_ZERO = 2
    """Nothing arrives at any output that this entry feeds."""
    GATE_CLOSED = 3
    """The activation is level at its input, as a ReLU is below 0."""
    AT_KINK = 4
    """Its input is at the activation's kink, a ReLU's at 0, and the rule's slope there is 0."""
    NOT_MAX = 5
    """It wins no window that carries a gradient."""
    TIE_LOST = 6
    """It equals the maximum of such a window, but the rule gave the gradient to another."""
    ZERO_FACTOR = 7
    """What arrives is multiplied by zeros only: the weight for dx, the input for dw."""
    CANCELLED = 8
    """Nonzero contributions sum to exactly 0."""
    UNDERFLOW = 9
    """Nonzero factors, but what they make is too small for the dtype."""
    ROUNDED = 10
    """Nonzero contributions whose sum is not 0, but so small beside them that rounding took it."""


WhyArray = NDArray[np.uint8]

Combine: TypeAlias = Callable[[Array, Array], Array]
Products: TypeAlias = tuple[Combine, Array, Array]
"""How the products of factors and da are summed, and these."""

WHYS: Final = tuple(Why)
"""The reasons by their codes; to call Why takes ten times as long."""

SETTLED_MOST: Final = 2048
"""Entries of an array of which every one can be seen."""
TINY: Final = 2.0**-30
"""So small beside what arrives a sum is looked at: few are."""
SLACK: Final = 64
"""So many times the rounding of its terms a sum of them may be beside 0."""

_PAINTS: Final = tuple(np.array(code, dtype=np.uint8) for code in WHYS)
"""The codes as numpy takes them: half the time of making a number of a Why in every coat."""


def paint(grad: Array, ground: Why | WhyArray, *coats: tuple[Mask, Why]) -> WhyArray:
    """The reasons for a gradient of any shape: the ground, under coats in order, under FLOWS.

    The ground is one code, or codes that broadcast; a coat is a mask in the gradient's shape, and
    the code that it lays over the earlier ones.
    FLOWS comes last and from the gradient itself, so the two can never disagree.
    """
    why = np.empty(grad.shape, dtype=np.uint8)
    why[...] = _PAINTS[ground] if isinstance(ground, Why) else ground
    for mask, code in coats:
        why[mask] = _PAINTS[code]
    why[grad.astype(np.bool_)] = _PAINTS[Why.FLOWS]
    return why


def paint_sum(grad: Array, arriving: Array) -> WhyArray:
    """The reasons for a gradient that is the sum of what arrives, as a bias's: (…), (M, L)."""

    def exactly() -> Exact:
        numbers, unit = exact(arriving)
        return Exact(numbers.sum(axis=1).reshape(grad.shape), unit)

    arrives = np.reshape(arriving.astype(np.bool_).any(axis=1), grad.shape)
    return paint(grad, Why.UPSTREAM_ZERO, *sum_coats(grad, arrives, exactly))


@np.errstate(all="ignore")
def product_coats(
    grad: Array, arrives: Mask, combine: Combine, factors: Array, da: Array
) -> list[tuple[Mask, Why]]:
    """What tells apart the zeros of a sum of products, factors · da, where something arrives.

    Pairs of nonzero factors tell a product that underflowed from one with a zero in it; sums of
    absolute values cannot cancel, so they tell a sum that came to nothing from one of zeros.
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
    """Numbers without rounding: Python's own, each so many times the unit."""

    numbers: NDArray[Any]
    unit: Fraction


def exact_sums(combine: Combine, factors: Array, da: Array) -> Exact:
    """The sums of products once more, without rounding."""
    (ones, unit), (others, other_unit) = exact(factors), exact(da)
    return Exact(combine(ones, others), unit * other_unit)


@np.errstate(all="ignore")
def settle(grad: Array, da: Array, products: Callable[[], Products]) -> None:
    """Writes 0 where the terms of a sum of products, factors · da, cancel.

    What multiplies and adds in one step rounds the sum, but not its products: of 5/4 · 1/3 less as
    much it leaves 2e-17, on some machines. Looked for where that could be seen: in small arrays.
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
    """What tells apart the zeros of a sum with terms that are not 0, in the gradient's shape.

    met: where it has such terms. exactly: the sums once more, without rounding; they are slow,
    and asked for only where a sum came to nothing.
    """
    nothing = met & np.logical_not(grad)
    if not np.count_nonzero(nothing):
        return []
    numbers, unit = exactly()
    # Half of the least number there is rounds to 0. The numbers are whole, and so is what they are
    # compared with: with a fraction a digit's take fifty times as long.
    least = Fraction(*np.finfo(grad.dtype).smallest_subnormal.as_integer_ratio()) / 2 // unit
    return [
        (nothing, Why.UNDERFLOW),
        (nothing & (numbers == 0), Why.CANCELLED),
        (nothing & (np.abs(numbers) > least), Why.ROUNDED),
    ]


def exact(array: Array) -> Exact:
    """The same numbers, each as so many times a unit that all of them share: (…) -> (…)."""
    mantissas, exponents = np.frexp(array)
    digits = np.finfo(array.dtype).nmant + 1
    lowest = int(exponents.min())
    ones = np.frompyfunc(int, 1, 1)(np.ldexp(mantissas, digits))
    return Exact(ones << (exponents - lowest).astype(object), Fraction(2) ** (lowest - digits))
