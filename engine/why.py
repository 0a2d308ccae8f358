"""Why a gradient entry is zero: one code an entry, read off the masks that the pullback used."""

from collections.abc import Callable
from enum import IntEnum
from typing import Final

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
    """The ReLU's input is below 0."""
    AT_KINK = 4
    """The ReLU's input is 0, and the rule's slope there is 0."""
    NOT_MAX = 5
    """It wins no window that carries a gradient."""
    TIE_LOST = 6
    """It equals the maximum of such a window, but the rule gave the gradient to another."""
    ZERO_FACTOR = 7
    """What arrives is multiplied by zeros only: the weight for dx, the input for dw."""
    CANCELLED = 8
    """Nonzero contributions sum to exactly 0."""
    UNDERFLOW = 9
    """Nonzero factors, but a product too small for the dtype."""


WhyArray = NDArray[np.uint8]

WHYS: Final = tuple(Why)
"""The reasons by their codes; to call Why takes ten times as long."""


def paint(grad: Array, ground: Why | WhyArray, *coats: tuple[Mask, Why]) -> WhyArray:
    """The reasons for a gradient of any shape: the ground, under coats in order, under FLOWS.

    The ground is one code, or codes that broadcast; a coat is a mask in the gradient's shape, and
    the code that it lays over the earlier ones.
    FLOWS comes last and from the gradient itself, so the two can never disagree.
    """
    why = np.empty(grad.shape, dtype=np.uint8)
    why[...] = ground
    for mask, code in coats:
        why[mask] = code
    why[grad.astype(np.bool_)] = Why.FLOWS
    return why


@np.errstate(all="ignore")
def product_coats(
    grad: Array,
    arrives: Mask,
    combine: Callable[[Array, Array], Array],
    factors: Array,
    da: Array,
) -> list[tuple[Mask, Why]]:
    """What tells apart the zeros of a sum of products, factors · da, where something arrives.

    Pairs of nonzero factors tell a product that underflowed from one with a zero in it; sums of
    absolute values cannot cancel, so they tell a sum that cancelled from one of zeros.
    """
    coats = [(arrives, Why.ZERO_FACTOR)]
    if np.count_nonzero(arrives & (grad == 0)):
        pairs = combine((factors != 0).astype(da.dtype), (da != 0).astype(da.dtype))
        sizes = combine(np.abs(factors), np.abs(da))
        coats += [(pairs > 0, Why.UNDERFLOW), (sizes > 0, Why.CANCELLED)]
    return coats
