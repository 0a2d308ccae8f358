"""The chain rule's line for one entry, with its names and its numbers.

Everything said is read off a trace; nothing is worked out here.
"""

from collections.abc import Iterable
from typing import Final

from engine import Gate, MaxPool, MaxPool2D, ReLU, Term
from engine.arrays import Index
from pages.figures.words import factor, signed
from pages.place import Place

MANY: Final = 6
"""Of a longer sum only the terms that are not zero are written out, and of those so many."""


def formula_line(place: Place) -> str:
    """The chain rule's line for this entry, with the numbers plugged in."""
    every = place.terms
    if not every:
        return ""
    shown, more = written_out(every)
    if not shown:
        return f"{place.slope} is a sum of {len(every)} products, each of them 0"
    none = len(every) - len(shown) - more
    zeros = f" (the other {none} are 0)" if none else ""
    numbers = sum_of(shown, more)
    total = signed(place.grad)
    if len(every) == 1:
        arriving = place.at(place.step + 1, every[0].output).slope
        factor_name = name_of_factor(place, every[0].output)
        return f"{place.slope} = {factor_name} · {arriving} = {numbers} = {total}"
    letter = place.naming.into(place.step + 1)
    symbols = " + ".join(
        f"{name_of_factor(place, term.output)}·d{place.naming.label(letter, term.output)}"
        for term in shown
    )
    return f"{place.slope} = {symbols}{_left_out(more)} = {numbers} = {total}{zeros}"


def written_out(every: list[Term]) -> tuple[list[Term], int]:
    """Of a gradient's terms those that are written out, and how many more are not 0."""
    return (every, 0) if len(every) <= MANY else nonzero(every)


def nonzero(every: list[Term]) -> tuple[list[Term], int]:
    """Of the terms that are not zero the first, and how many more there are."""
    there = [term for term in every if term.slope and term.arriving]
    return there[:MANY], len(there[MANY:])


def name_of_factor(place: Place, output: Index) -> str:
    """What multiplies the gradient that arrives at an output, by name: w₂, or in words."""
    step = place.trace.steps[place.step]
    if isinstance(step.layer, ReLU):
        sign = {Gate.OPEN: "> 0", Gate.CLOSED: "< 0", Gate.KINK: "= 0"}[ReLU.gate(place.value)]
        return f"(slope of ReLU at {place.name} {sign})"
    if isinstance(step.layer, MaxPool | MaxPool2D):
        letter = place.naming.into(place.step + 1)
        return f"(share of {place.name} in {place.naming.label(letter, output)})"
    other = place.partner(output)
    if other is None:
        return "(padding)" if place.argument == 1 else "1"
    return other.name


def sum_of(terms: Iterable[Term], more: int) -> str:
    """2·(−1) + 1·3 + 4 more: the numbers of terms, and how many are left out."""
    products = (f"{factor(term.slope)}·{factor(term.arriving)}" for term in terms)
    return " + ".join(products) + _left_out(more)


def _left_out(more: int) -> str:
    return f" + {more} more" if more else ""
