"""The chain rule's line for one entry, with its names and its numbers.

Everything said is read off a trace; nothing is worked out here.
"""

from collections.abc import Iterable
from typing import Final

from engine import Term
from pages.explain.entry import Place
from pages.figures.words import factor, signed

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
        (term,) = every
        arriving = place.output(term.step, term.output).slope
        return f"{place.slope} = {name_of_factor(place, term)} · {arriving} = {numbers} = {total}"
    symbols = " + ".join(
        f"{name_of_factor(place, term)}·d{place.output(term.step, term.output).name}"
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


def name_of_factor(place: Place, term: Term) -> str:
    """What multiplies the gradient that arrives at a term's output, by name: w₂, or in words."""
    return place.filled(term.factor.text, term)


def sum_of(terms: Iterable[Term], more: int) -> str:
    """2·(−1) + 1·3 + 4 more: the numbers of terms, and how many are left out."""
    products = (f"{factor(term.slope)}·{factor(term.arriving)}" for term in terms)
    return " + ".join(products) + _left_out(more)


def _left_out(more: int) -> str:
    return f" + {more} more" if more else ""
