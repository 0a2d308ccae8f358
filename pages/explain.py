"""Sentences about one entry: the formula, its numbers, and where a zero comes from.

Everything said is read off a trace; nothing is worked out here.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from engine import RULES, Gate, MaxPool, MaxPool2D, ReLU, Term, Trace, Why, slopes
from engine.arrays import Index
from pages.figures.block_info import BLOCK
from pages.figures.info import Naming
from pages.figures.words import factor, number, signed
from pages.place import Place, places

MANY: Final = 6
"""Of a longer sum only the terms that are not zero are written out, and of those so many."""


def explain(trace: Trace, entry: str, naming: Naming = BLOCK) -> list[str]:
    """What to say about an entry, a line each; the first line is the answer. [] for no entry."""
    place = places(trace, naming).get(entry)
    return [] if place is None else explain_place(place)


def explain_place(place: Place) -> list[str]:
    """As `explain`, for a place."""
    if place.step == len(place.trace.steps):
        return [f"{place.slope} = {signed(place.grad)}: it is what was sent in."]
    because = "." if place.grad else f": {reason(place)}."
    lines = [f"{place.slope} = {signed(place.grad)}{because}", _formula(place), _chain(place)]
    return [line for line in (*lines, _rules(place)) if line]


def reason(place: Place) -> str:
    """Why the gradient of an entry is zero, as half a sentence."""
    step, index, why = place.trace.stop(place.step, place.argument, place.index)
    if step == place.step and why is not Why.UPSTREAM_ZERO:
        return _SAID[why](place)
    said = _SAID[why](place.at(step, index))
    return said + (_everywhere(place, step, why) if place.argument else "")


def _not_max(at: Place) -> str:
    windows = {term.output for term in at.terms if term.arriving}
    said = f"{at.name} = {number(at.value)} is not the maximum"
    if at.trace.steps[at.step].output.ndim:
        said += f" of {_listed(at, sorted(windows))}"
    before = at.trace.steps[at.step - 1] if at.step else None
    if before is not None and isinstance(before.layer, ReLU):
        behind = at.at(at.step - 1, at.index)
        gate = ReLU.gate(behind.value)
        if gate is Gate.CLOSED:
            said += f"; its ReLU is closed too ({behind.name} = {number(behind.value)})"
        elif gate is Gate.KINK:
            said += f"; its ReLU is at its kink too ({behind.name} = 0)"
    return said


def _tie_lost(at: Place) -> str:
    # Of the windows that read it the one in which it ties; the winner is the first entry
    # that this window's gradient goes to.
    step = at.trace.steps[at.step]
    tied = (term for term in at.terms if term.arriving and step.output[term.output] == at.value)
    share = slopes(at.trace, at.step, next(tied).output)[0]
    winner = tuple(map(int, np.argwhere(share)[0]))
    return (
        f"{at.name} = {number(at.value)} ties for the maximum, but this rule gives the gradient "
        f"to {at.at(at.step, winner).name} alone"
    )


def _zero_factor(at: Place) -> str:
    zeros = {name_of_factor(at, term.output): None for term in at.terms if term.arriving}
    names = sorted(zeros) if len(zeros) <= MANY else [*list(zeros)[:MANY], "…"]
    return f"what arrives is multiplied by {' = '.join(names)} = 0"


def _cancelled(at: Place) -> str:
    products = [_product(term) for term in at.terms if term.slope and term.arriving]
    return f"the contributions cancel: {' + '.join(products[:MANY])} = 0"


def _everywhere(place: Place, step: int, why: Why) -> str:
    """For w, whose ways are many: whether all of them end alike."""
    everywhere = bool((place.trace.steps[step].why[0] == why).all())
    return ", and at every other a" if why is Why.GATE_CLOSED and everywhere else ""


_SAID: Final[dict[Why, Callable[[Place], str]]] = {
    Why.NOT_COVERED: lambda at: f"no output reads {at.name}",
    Why.UPSTREAM_ZERO: lambda at: (
        f"d{at.naming.output} = 0, so nothing is sent back"
        if at.trace.output.ndim == 0
        else "nothing is sent back to any output that it feeds"
    ),
    Why.GATE_CLOSED: lambda at: f"the ReLU is closed at {at.name} = {number(at.value)}",
    Why.AT_KINK: lambda at: f"{at.name} = 0 is the ReLU's kink, and this rule's slope there is 0",
    Why.NOT_MAX: _not_max,
    Why.TIE_LOST: _tie_lost,
    Why.ZERO_FACTOR: _zero_factor,
    Why.CANCELLED: _cancelled,
    Why.UNDERFLOW: lambda at: f"a product of nonzero factors at {at.name} underflows to 0",
}


def _formula(place: Place) -> str:
    """The chain rule's line for this entry, with the numbers plugged in."""
    every = place.terms
    if not every:
        return ""
    there = every if len(every) <= MANY else [t for t in every if t.slope and t.arriving]
    if not there:
        return f"{place.slope} is a sum of {len(every)} products, each of them 0"
    shown = there[:MANY]
    left_out = f" + {len(there) - len(shown)} more" if len(shown) < len(there) else ""
    zeros = f" (the other {len(every) - len(there)} are 0)" if len(there) < len(every) else ""
    numbers = " + ".join(map(_product, shown)) + left_out
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
    return f"{place.slope} = {symbols}{left_out} = {numbers} = {total}{zeros}"


def name_of_factor(place: Place, output: Index) -> str:
    """What multiplies the gradient that arrives at an output, by name: w₂, or in words."""
    step = place.trace.steps[place.step]
    if isinstance(step.layer, ReLU):
        sign = {Gate.OPEN: "> 0", Gate.CLOSED: "< 0", Gate.KINK: "= 0"}[ReLU.gate(place.value)]
        return f"(slope of ReLU at {place.name} {sign})"
    if isinstance(step.layer, MaxPool | MaxPool2D):
        letter = place.naming.into(place.step + 1)
        return f"(share of {place.name} in {place.naming.label(letter, output)})"
    other = step.layer.partner(place.argument, place.index, output, step.run.cache)
    if other is None:
        return "(padding)" if place.argument == 1 else "1"
    return place.at(place.step, other, 1 - place.argument).name


def _product(term: Term) -> str:
    return f"{factor(term.slope)}·{factor(term.arriving)}"


def _chain(place: Place) -> str:
    """For a zero that was stopped further on: from the entry to where it was."""
    stopped, index, _ = place.trace.stop(place.step, place.argument, place.index)
    if stopped == place.step or place.grad:
        return ""
    links = [place]
    while links[-1].step < stopped - 1:
        here = links[-1]
        links.append(here.at(here.step + 1, _towards(here, stopped, index)))
    links.append(place.at(stopped, index))
    return "Followed back: " + " ← ".join(f"{link.slope} = 0" for link in links)


def _towards(here: Place, stopped: int, index: Index) -> Index:
    """The output of a step by which one comes to the entry that was stopped."""
    return next(
        term.output
        for term in here.terms
        if here.trace.stop(here.step + 1, 0, term.output)[:2] == (stopped, index)
    )


def _listed(at: Place, outputs: list[Index]) -> str:
    letter = at.naming.into(at.step + 1)
    return " or ".join(f"{at.naming.label(letter, index)}'s window" for index in outputs)


def _rules(place: Place) -> str:
    """Where the rule decides: what each would give. '' where all give the same."""
    if not any(kinked.any() for step in place.trace.steps for kinked in step.kinked):
        return ""  # going back, two rules can first differ only where a gradient meets a kink
    grads = {
        kinks: signed(Place(place.trace.under(kinks), *_where(place)).grad)
        for kinks in {rule.kinks for rule in RULES.values()} - {place.trace.kinks}
    }
    grads[place.trace.kinks] = signed(place.grad)
    by_number: dict[str, list[str]] = {}
    for rule in RULES.values():
        by_number.setdefault(grads[rule.kinks], []).append(rule.short)
    if len(by_number) == 1:
        return ""
    said = "; ".join(f"{value} in {', '.join(rules)}" for value, rules in by_number.items())
    return f"The rule decides here: {said}."


def _where(place: Place) -> tuple[Naming, int, int, Index]:
    return place.naming, place.step, place.argument, place.index
