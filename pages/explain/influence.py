"""Who influences whom: sentences, and what stands on the ways of a chosen entry.

Everything said is read off a trace; who reads whom is told by the engine.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from engine import Trace
from engine.reach import influence
from pages.explain.entry import Place, places
from pages.explain.formula import name_of_factor
from pages.figures.info import Edge, GraphInfo, Naming
from pages.figures.words import factor, number


def influence_lines(trace: Trace, naming: Naming, entry: str) -> list[str]:
    """Of an input of the first step, what it influences; of its output, what influences that."""
    place = places(trace, naming).get(entry)
    if place is None:
        return []
    return [_forwards(place)] if place.step == 0 else _backwards(place)


def with_terms(info: GraphInfo, trace: Trace, naming: Naming, chosen: str) -> GraphInfo:
    """The ways out of the chosen entry with the products that come back along them."""
    there = places(trace, naming)
    place = there.get(chosen)
    if place is None or place.step:
        return info
    terms = {term.output: term for term in place.terms if term.factor.cofactor}

    def named(edge: Edge) -> Edge:
        head = there[edge.head]
        if edge.tail != chosen or head.index not in terms:
            return edge  # a weight over padding has no factor to name
        return replace(edge, term=f"{name_of_factor(place, terms[head.index])}·d{head.name}")

    return replace(info, edges=tuple(map(named, info.edges)))


def _forwards(place: Place) -> str:
    reached = influence(place.trace, place.step, place.argument, place.index)[0]
    letter = place.naming.into(place.step + 1)
    if not reached.any():
        return f"{place.name} influences no entry of {letter}: no window reads it."
    names = [place.naming.label(letter, tuple(map(int, at))) for at in np.argwhere(reached)]
    return f"{place.name} influences {_counted(names, letter)}."


def _backwards(place: Place) -> list[str]:
    """How an output of the first step was made of the entries that influence it."""
    step = place.trace.steps[0]
    weights = [
        each
        for each in (place.at(0, index, 1) for index in np.ndindex(*step.inputs[1].shape))
        if influence(place.trace, 0, 1, each.index)[0][place.index]
    ]
    read = [step.layer.factor(1, w.index, place.index, step.run.cache).cofactor for w in weights]
    factors = [None if each is None else place.at(0, each[1], each[0]) for each in read]
    symbols = [f"{w.name}·{x.name if x else 0}" for w, x in zip(weights, factors, strict=True)]
    numbers = [
        f"{factor(w.value)}·{factor(x.value if x else 0)}"
        for w, x in zip(weights, factors, strict=True)
    ]
    inside = [x.name for x in factors if x]
    said = f"{_counted(inside, place.naming.inputs[0][0])}, and " if inside else ""
    beside = " (0 is padding)" if len(inside) < len(factors) else ""
    sums = f"{' + '.join(symbols)} = {' + '.join(numbers)}"
    return [
        f"{place.name} = {sums} = {number(place.value)}{beside}.",
        f"It is influenced by {said}{_counted([w.name for w in weights], weights[0].letter)}.",
    ]


def _counted(names: Iterable[str], letter: str) -> str:
    """3 entries of a: a₁, a₂, a₃; for one that is all there is of its letter, the letter."""
    listed = list(names)
    if listed == [letter]:
        return letter
    entries = "1 entry" if len(listed) == 1 else f"{len(listed)} entries"
    return f"{entries} of {letter}: {', '.join(listed)}"
