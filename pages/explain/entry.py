"""One entry of a trace, as a page speaks of it: its name, its value, its gradient."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine import Term, Trace, terms
from engine.arrays import Index, once
from engine.trace import Stop, arriving, muted, pieces
from engine.why import Why
from pages.figures.info import Naming, indices_of, letters_of
from pages.figures.words import LOSS, gradient_of, name, number, subscript

TERMS_AT_ONCE: Final = 32
"""If there are more terms, the largest are found in arrays of products, before any is made."""


@dataclass(eq=False)  # a picture makes dozens: frozen, each would take three times as long
class Entry:
    """One entry of a trace: an input of a step, or the output of the trace."""

    trace: Trace
    naming: Naming
    step: int
    """The position of the step that reads it; for the output, the number of steps."""
    argument: int  # the position, among the inputs of the step, of the array that it is in
    index: Index  # its place in that array

    @property
    def letter(self) -> str:
        """x, a, w."""
        if self.step == len(self.trace.steps):
            return self.naming.output
        return self.naming.inputs[self.step][self.argument]

    @once
    def name(self) -> str:
        """x₂, w."""
        return self.naming.label(self.letter, self.index)

    @property
    def function(self) -> str:
        """What the loss L is here: z if the output is a scalar z with dout = 1; otherwise L.

        A naming with a `function` of its own takes precedence.
        """
        own = self.trace.output.ndim == 0 and float(self.trace.dout) == 1
        return self.naming.function or (name(self.naming.output) if own else LOSS)

    @once
    def slope(self) -> str:
        """∂L/∂x₂."""
        return gradient_of(self.name)

    @property
    def value(self) -> float:
        """The value of the entry."""
        return float(self.trace.values[self.number].array[self.index])

    @once
    def number(self) -> int:
        """The position, in the trace's values, of the value that the entry belongs to."""
        if self.step == len(self.trace.steps):
            return self.trace.outside + self.step - 1
        return self.trace.steps[self.step].reads[self.argument]

    @property
    def readers(self) -> Sequence[tuple[int, int]]:
        """The steps that read the entry's value, each with the position of that input."""
        return self.trace.values[self.number].readers

    @once
    def grad(self) -> float:
        """The gradient of the entry."""
        return float(self.trace.grad(self.number)[self.index])

    @once
    def terms(self) -> list[Term]:
        """The terms of its gradient, from all steps that read it."""
        return [term for at in self.readers for term in terms(self.trace, *at, self.index)]

    @once
    def term_count(self) -> int:
        """The number of terms, counted without making them."""
        steps = self.trace.steps
        return sum(len(steps[at].ways(argument, self.index)) for at, argument in self.readers)

    def largest_terms(self, most: int) -> tuple[Sequence[Term], int]:
        """The nonzero terms that contribute most, and how many more nonzero terms there are.

        The terms stay in their order; among equal contributions the first are taken. A filter's
        weight has a thousand terms: only those that are taken are made.
        """
        products = None
        if len(self.readers) == 1 and self.term_count > TERMS_AT_ONCE:
            (at, argument), *_ = self.readers
            products = self.trace.steps[at].products(argument, self.index)
        if products is None:
            there = [term for term in self.terms if term.slope and term.arriving]
            if len(there) <= most:
                return there, 0
            size = [abs(term.slope * term.arriving) for term in there]
            taken = sorted(range(len(there)), key=size.__getitem__, reverse=True)[:most]
            return [there[at] for at in sorted(taken)], len(there) - len(taken)
        slopes, arriving_there = products
        found = np.flatnonzero((slopes != 0) & (arriving_there != 0))
        amounts = np.abs(slopes * arriving_there)[found]
        largest = found[np.argsort(-amounts, kind="stable")[:most]]
        chosen = np.sort(largest).tolist()
        return terms(self.trace, at, argument, self.index, chosen), len(found) - len(chosen)

    @once
    def arriving(self) -> list[tuple[Index, float]]:
        """The outputs that read the entry, in all steps, and the gradient that arrives at each."""
        return [each for at in self.readers for each in arriving(self.trace, *at, self.index)]

    @property
    def arrives_at(self) -> list[Index]:
        """The outputs that read the entry and at which a nonzero gradient arrives."""
        return [output for output, gradient in self.arriving if gradient]

    @once
    def muted(self) -> list[Index]:
        """The outputs of its step that multiply the entry by 0, so that it does not affect them."""
        steps = self.trace.steps
        return muted(steps[self.step], self.argument, self.index) if self.step < len(steps) else []

    @once
    def stops(self) -> list[Stop]:
        """The places where its gradient was stopped, the nearest first."""
        return self.trace.stops_of(self.number, self.index)

    @once
    def paths(self) -> Counter[Why]:
        """How many paths from the entry end for each reason, if its gradient is zero.

        Each term of its gradient is one path, or leads on to several. If nothing arrives at a term,
        its path ends for that reason, even if the step has another for the terms at which something
        arrives.
        """
        found: Counter[Why] = Counter()
        for stop in self.stops:
            at = (stop.step, stop.argument)
            if at not in self.readers or stop.why is Why.NOT_COVERED:
                found[stop.why] += stop.ways
                continue
            for _, gradient in arriving(self.trace, *at, self.index):
                found[stop.why if gradient else Why.UPSTREAM_ZERO] += 1
        return found

    def at(self, step: int, index: Index, argument: int = 0) -> "Entry":
        """Another entry of the same trace."""
        return Entry(self.trace, self.naming, step, argument, index)

    def output(self, step: int, index: Index) -> "Entry":
        """An entry of a step's output, as the input of the first step that reads it."""
        return first_read(self.trace, self.naming, self.trace.outside + step, index)

    def cofactor(self, term: Term) -> "Entry | None":
        """The entry of another input that is a term's factor, or None if no entry is."""
        if term.factor.cofactor is None:
            return None
        argument, index = term.factor.cofactor
        return self.at(term.step, index, argument)

    def at_kink(self, term: Term) -> bool:
        """Whether the rule has chosen a term's slope."""
        step = self.trace.steps[term.step]
        if not (step.layer.kink_choices and step.kinked[term.argument][self.index]):
            return False
        maps = pieces(self.trace, term.step, term.output).maps
        return len({each.get((term.argument, self.index), 0.0) for each in maps}) > 1

    def filled(self, template: str, term: Term, write: Callable[[str], str] = str) -> str:
        """The name of a term's factor, made from its template. write: how an entry is written."""
        return template.format_map(_Gaps(self, term, write))


@dataclass(frozen=True)
class _Gaps:
    """The texts for the gaps in a factor's name; each is made only if the name has that gap."""

    entry: Entry
    term: Term
    write: Callable[[str], str]

    def __getitem__(self, gap: str) -> str:
        """The text for a gap. Raises KeyError for an unknown gap."""
        entry, term = self.entry, self.term
        match gap:
            case "entry":
                return self.write(entry.name)
            case "output":
                return self.write(entry.output(term.step, term.output).name)
            case "cofactor":
                cofactor = entry.cofactor(term)
                return self.write(cofactor.name) if cofactor else ""
            case "index":
                return self.write(subscript(entry.name))
            case "value":
                return number(entry.value)
        raise KeyError(gap)


def first_read(trace: Trace, naming: Naming, of: int, index: Index) -> Entry:
    """An entry of a value, given the value's number, as the input of its first reader."""
    readers = trace.values[of].readers
    step, argument = readers[0] if readers else (len(trace.steps), 0)
    return Entry(trace, naming, step, argument, index)


def entries(trace: Trace, naming: Naming) -> dict[str, Entry]:
    """Every entry of a trace, made by `first_read`, by its plain name: 'x2', 'a1', 'w', 'z'."""
    return {
        entry: first_read(trace, naming, of, index)
        for of, indices in enumerate(_indices(trace, naming))
        for entry, index in indices.items()
    }


def entry_of(trace: Trace, naming: Naming, name: str) -> Entry | None:
    """The entry with this plain name, or None if there is none."""
    for of, indices in enumerate(_indices(trace, naming)):
        if name in indices:
            return first_read(trace, naming, of, indices[name])
    return None


def _indices(trace: Trace, naming: Naming) -> Iterator[Mapping[str, Index]]:
    """For each value, the indices of its entries by their plain names."""
    for letter, value in zip(letters_of(trace, naming), trace.values, strict=True):
        yield indices_of(naming, letter, value.array.shape)
