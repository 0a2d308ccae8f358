"""Sentences about one entry: the formula, its numbers, and where a zero comes from.

Everything said is read off a trace; nothing is worked out here.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from engine import RULES, Gate, ReLU, Trace, Why, slopes
from engine.arrays import Index
from pages.figures.block_info import BLOCK
from pages.figures.info import GraphInfo, Naming
from pages.figures.words import number, signed
from pages.formula import MANY, formula_line, name_of_factor, product
from pages.place import Place, places
from pages.predict import wrong


def explain(trace: Trace, entry: str, naming: Naming = BLOCK) -> list[str]:
    """What to say about an entry, a line each; the first line is the answer. [] for no entry."""
    place = places(trace, naming).get(entry)
    return [] if place is None else explain_place(place)


def explain_place(place: Place) -> list[str]:
    """As `explain`, for a place."""
    if place.step == len(place.trace.steps):
        return [f"{place.slope} = {signed(place.grad)}: it is what was sent in."]
    because = "." if place.grad else f": {reason(place)}."
    lines = [f"{place.slope} = {signed(place.grad)}{because}", formula_line(place), _chain(place)]
    return [line for line in (*lines, _rules(place)) if line]


def reason(place: Place) -> str:
    """Why the gradient of an entry is zero, as half a sentence."""
    step, index, why = place.trace.stop(place.step, place.argument, place.index)
    if step == place.step and why is not Why.UPSTREAM_ZERO:
        return _SAID[why](place)
    said = _SAID[why](place.at(step, index))
    return said + (_everywhere(place, step, why) if place.argument else "")


def answers(info: GraphInfo, there: Mapping[str, Place]) -> list[str]:
    """After a prediction: how many are right, and of each wrong one what is true, and why.

    there: every entry that was asked for, by its plain name.
    """
    mistakes = [there[entry] for entry in wrong(info)]
    guesses = sum(cell.guess is not None for cell in info.cells.values())
    return [
        f"{guesses - len(mistakes)} of {guesses} right.",
        *(
            f"{place.slope} = {signed(place.grad)}, not 0."
            if place.grad
            else f"{place.slope} = 0: {reason(place)}."
            for place in mistakes
        ),
    ]


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
    products = [product(term) for term in at.terms if term.slope and term.arriving]
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
