"""The plain data that a picture of a pass shows, read from a trace before anything is drawn."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np

from engine import Gate, Trace, Why
from engine.arrays import Index, indices, once
from engine.trace import Pattern, Step, back_along, common_reason
from engine.why import WHYS
from pages.figures.words import REASONS, SEVERAL, name

FURTHER: Final = "\N{RIGHTWARDS ARROW} "
"""Precedes the reason under a zero gradient that was stopped further on, towards the output."""

SPLIT: Final = (0.3, 0.7)
"""Between these shares of votes for one answer, a class disagrees: a discussion is worthwhile."""

Known: TypeAlias = Literal["nothing", "value", "gradient"]


def is_split(share: float) -> bool:
    """Whether a class disagrees, of which this share (0 to 1) gives one answer."""
    return SPLIT[0] <= share <= SPLIT[1]


@dataclass(frozen=True)
class Naming:
    """The letters of a picture."""

    inputs: tuple[tuple[str, ...], ...]  # for each step, the letters of its inputs
    output: str  # the letter of the last output
    function: str = ""  # what the loss L is, if the output alone does not tell
    axes: Mapping[str, tuple[int, ...]] = field(default_factory=dict, hash=False)
    """By letter, the axes that its entries' names count, if these are not all axes."""

    def into(self, step: int) -> str:
        """The letter of what flows into a step; the output's, for the position after the last."""
        return self.inputs[step][0] if step < len(self.inputs) else self.output

    def entry(self, letter: str, index: Index) -> str:
        """An entry's plain name, as in sliders and addresses: x2, w1,2, z."""
        return plain(letter, self.counted(letter, index))

    def label(self, letter: str, index: Index) -> str:
        """An entry's name as it is displayed: x₂, w₁,₂, z."""
        return name(letter, *self.counted(letter, index))

    def counted(self, letter: str, index: Index) -> Index:
        """The part of an index that is counted in an entry's name."""
        axes = self.axes.get(letter)
        return index if axes is None else tuple(index[axis] for axis in axes)


@dataclass(frozen=True, eq=False)
class Cell:
    """One entry, and what is known of it."""

    entry: str  # its plain name: x2
    label: str  # its name as displayed: x₂
    letter: str
    index: Index
    known: Known
    value: float
    grad: float
    reason: str  # the words under a zero gradient, after an arrow if it was stopped further on
    given: bool = False  # whether this is the output, whose gradient is sent in, not computed
    guess: bool | None = None
    """Whether the user predicts a nonzero gradient; None if nobody is asked."""
    marked: bool | None = None
    """Whether the user marks the cell in answer to another question; None if nobody is asked."""
    wrong: bool = False  # whether that mark is wrong
    shares: tuple[float, ...] | None = None
    """The share (0 to 1) of a class that predicts a nonzero gradient, in the first vote and in the
    last; () during the vote, None if no class is asked."""

    @once
    def form(self) -> object:
        """An object shared by all cells that differ only in the size of their numbers."""
        sign = (self.grad > 0) - (self.grad < 0)
        of_many = (self.guess, self.marked, self.wrong, self.shares)
        return _alike(self.entry, self.letter, self.known, sign, self.reason, self.given, *of_many)

    @property
    def split(self) -> bool:
        """Whether a class disagrees about the cell."""
        return is_split(self.shares[-1]) if self.shares else False

    @property
    def right(self) -> bool | None:
        """Whether the guess is right; False for a wrong mark; None without a guess or an answer."""
        if self.wrong:
            return False
        asked = self.guess is not None and self.known == "gradient"
        return self.guess == bool(self.grad) if asked else None


@dataclass(frozen=True)
class Edge:
    """An edge from one cell to another, forwards."""

    tail: str
    head: str
    known: Known  # 'value': the forward pass has been here; 'gradient': the backward pass too
    amount: float  # the gradient that flows back along the edge
    term: str = ""  # the amount as a product of named factors, if the picture has room for it

    @once
    def form(self) -> object:
        """An object shared by all edges that differ only in the size of their amount."""
        sign = (self.amount > 0) - (self.amount < 0)
        return _alike(self.tail, self.head, self.known, sign)


@lru_cache(maxsize=8192)
def _alike(*parts: object) -> object:
    """An object that is the same for equal arguments, so that comparing it is fast."""
    return object()


@dataclass(frozen=True)
class GateMark:
    """The gate of a unit, which passes or stops a gradient, on the edge between two cells."""

    tail: str
    head: str
    gate: Gate


@dataclass(frozen=True)
class GraphInfo:
    """Cells by entry, the edges between them, and the gates on these."""

    cells: dict[str, Cell]
    edges: tuple[Edge, ...]
    gates: tuple[GateMark, ...]
    counts: dict[str, tuple[int, int] | None]
    """By letter, (nonzero, entries) of the gradient; None if it is not known."""
    inputs: frozenset[str] = frozenset()  # the letters of the values from outside
    now: frozenset[str] | None = None
    """The letters of what is computed at this step of the step-through, none at its first and last
    step; None if there is no step-through."""
    merged: frozenset[str] = frozenset()  # the letters of arrays that are heat maps

    @once
    def form(self) -> "Form":
        """An object shared by all graphs that differ only in the size of their numbers."""
        return Form(
            self,
            *[cell.form for cell in self.cells.values()],
            *[edge.form for edge in self.edges],
            self.gates,
            *self.counts.items(),
            self.inputs,
            self.now,
            self.merged,
        ).kept()


Form: TypeAlias = Pattern[GraphInfo]
"""All that a picture shows except the size of its numbers: signs, reasons, gates, counts."""


def numbered(letters: Sequence[str]) -> list[str]:
    """The letters, with a number behind each that occurs several times: a1, h, a2."""
    seen: Counter[str] = Counter()
    several, named = Counter(letters), []
    for letter in letters:
        seen[letter] += 1
        named.append(f"{letter}{seen[letter]}" if several[letter] > 1 else letter)
    return named


def letters_of(trace: Trace, naming: Naming) -> list[str]:
    """The letter of each value of a trace, given by the first step that reads it."""
    first = (value.readers[0] if value.readers else None for value in trace.values)
    return [naming.output if at is None else naming.inputs[at[0]][at[1]] for at in first]


def describe_graph(
    trace: Trace, naming: Naming, step: int | None = None, merged: Collection[str] = ()
) -> GraphInfo:
    """Describe everything that a trace has to show.

    step: of the step-through. 0 shows the inputs alone; k, in the forward pass, the outputs of the
    first k operations; 2 · operations, or None, everything. A gradient is known once it has come
    back from all readers of the value. merged: the letters of arrays with so many entries that one
    edge, from letter to letter, stands for all of theirs; their reasons are those of the next
    operation alone.
    """
    outline = _outline(trace.pattern, naming, step, frozenset(merged))
    cells: dict[str, Cell] = {}
    counts: dict[str, tuple[int, int] | None] = {}
    for of in outline.arrays:
        value = trace.values[of.number]
        own, grads = value.array.ravel().tolist(), value.grad.ravel().tolist()
        cells |= _cells(of, tuple(own), tuple(grads))
        nonzero = len(grads) - grads.count(0.0)
        counts[of.letter] = (nonzero, len(grads)) if of.known == "gradient" else None
    edges = chain.from_iterable(
        _edges(bundle, tuple(_amounts(trace, bundle))) for bundle in outline.bundles
    )
    gates = chain.from_iterable(
        _gate_marks(units, tuple(_gates(trace.steps[units.step]))) for units in outline.units
    )
    inputs, now = outline.inputs, outline.now
    return GraphInfo(cells, (*edges,), (*gates,), counts, inputs, now, frozenset(merged))


# While something moves, most of a picture stays the same. The caches return the same objects for
# that part, by which the later steps find again what they have drawn.


@lru_cache(maxsize=512)
def _cells(of: "_Array", own: Sequence[float], grads: Sequence[float]) -> Mapping[str, Cell]:
    return {
        entry: _cell(entry, label, of.letter, index, of.known, number, grad, reason, of.given)
        for (entry, label, index, reason), number, grad in zip(of.entries, own, grads, strict=True)
    }


@lru_cache(maxsize=512)
def _edges(bundle: "_Bundle", amounts: Sequence[float]) -> Sequence[Edge]:
    ends = zip(bundle.ends, amounts, strict=True)
    return [edge_of(tail, head, bundle.known, amount) for (tail, head), amount in ends]


@lru_cache(maxsize=512)
def _gate_marks(bundle: "_Bundle", gates: Sequence[Gate]) -> Sequence[GateMark]:
    return [_mark(tail, head, gate) for (tail, head), gate in zip(bundle.ends, gates, strict=True)]


_cell = lru_cache(maxsize=4096)(Cell)
edge_of = lru_cache(maxsize=4096)(Edge)
_mark = lru_cache(maxsize=1024)(GateMark)


@dataclass(frozen=True, eq=False)
class _Array:
    """A value of a trace."""

    number: int
    letter: str
    known: Known
    given: bool  # whether it is the output
    entries: Sequence[tuple[str, str, Index, str]]
    """For each entry, its plain name, displayed name, index, and the words under a zero."""


@dataclass(frozen=True, eq=False)
class _Bundle:
    """The edges from one input of a step to its output."""

    step: int
    argument: int
    known: Known
    ends: Sequence[tuple[str, str]]
    merged: bool  # whether one edge stands for all


class _Outline(NamedTuple):
    """The common part of the pictures of all passes with one pattern, whatever their numbers."""

    arrays: Sequence[_Array]
    bundles: Sequence[_Bundle]
    units: Sequence[_Bundle]  # those whose edges carry the gates of a step's units
    inputs: frozenset[str]
    now: frozenset[str] | None


@lru_cache(maxsize=128)  # while a picture moves, its pattern mostly stays the same
def _outline(
    pattern: Pattern[Trace], naming: Naming, step: int | None, merged: frozenset[str]
) -> _Outline:
    trace = pattern.of
    letters, known = letters_of(trace, naming), known_at(trace, step)
    read = dict.fromkeys(number for each in trace.steps for number in each.reads)
    names = [
        names_of(naming, letter, value.array.shape)
        for letter, value in zip(letters, trace.values, strict=True)
    ]
    arrays = [
        _Array(
            number,
            letters[number],
            known[number],
            not trace.values[number].readers,
            [
                (*both, at, _reason(trace, number, at, further=letters[number] not in merged))
                for at, both in names[number].items()
            ],
        )
        for number in (*read, len(trace.values) - 1)  # in the order of first reading; output last
    ]
    bundles, units = [], []
    for position, each in enumerate(trace.steps):
        made = trace.outside + position
        on_the_way: Known = "value" if known[made] != "nothing" else "nothing"
        for argument, number in enumerate(each.reads):
            whole = not merged.isdisjoint((letters[number], letters[made]))
            ends = (
                [(letters[number], letters[made])]
                if whole
                else [
                    (names[number][i][0], names[made][o][0]) for i, o in each.wires(argument).ends
                ]
            )
            at: Known = "gradient" if known[number] == "gradient" else on_the_way
            bundles.append(_Bundle(position, argument, at, ends, whole))
            if not (argument or whole or known[made] == "nothing") and _gates(each):
                units.append(bundles[-1])
    now = None if step is None else frozenset(letters[n] for n in _computed(trace, step))
    return _Outline(arrays, bundles, units, frozenset(letters[: trace.outside]), now)


def _amounts(trace: Trace, bundle: _Bundle) -> Sequence[float]:
    """The gradient that flows back along each edge; if merged, the sum of all absolute values."""
    if bundle.merged:
        return [float(np.abs(trace.steps[bundle.step].grads[bundle.argument]).sum())]
    amounts: list[float] = back_along(trace, bundle.step, bundle.argument).tolist()
    return amounts


def _gates(step: Step) -> Sequence[Gate]:
    """The gate of each unit of a step; () if it has no gates."""
    return () if step.gates is None else step.gates.ravel().tolist()


@lru_cache(maxsize=32768)
def plain(letter: str, index: Index) -> str:
    """The plain name of a letter with a whole index: x2, w1,2; a2.1 for the second of several a."""
    apart = "." if index and letter[-1].isdigit() else ""
    return letter + apart + ",".join(str(i + 1) for i in index)


def parsed(entry: str) -> tuple[str, Index]:
    """The letter and the index of a plain name: w1,2 -> ("w", (0, 1)), a2.1 -> ("a2", (0,)).

    The name of a numbered scalar has no index, but reads as if it had: a2 -> ("a", (1,)).
    """
    letter, numbered, numbers = entry.rpartition(".")
    if not numbered:
        letter = entry.rstrip("0123456789,")
        numbers = entry[len(letter) :]
    return letter, tuple(int(each) - 1 for each in numbers.split(",") if each)


def describe_cell(
    trace: Trace, naming: Naming, position: int, argument: int, index: Index, known: Known
) -> Cell:
    """Describe one entry of an input (`argument`) of the layer at a position."""
    number, letter = trace.steps[position].reads[argument], naming.inputs[position][argument]
    value = trace.values[number]
    named = names_of(naming, letter, value.array.shape)[index]
    numbers = float(value.array[index]), float(value.grad[index])
    reason = _reason(trace, number, index)
    return _cell(*named, letter, index, known, *numbers, reason, not value.readers)


def known_at(trace: Trace, step: int | None) -> list[Known]:
    """What is known of each value at a step of the step-through."""
    step = 2 * len(trace.steps) if step is None else step
    known: list[Known] = []
    for made, back in _made_and_back(trace):
        if step >= back:
            known.append("gradient")
        elif step >= made:
            known.append("value")
        else:
            known.append("nothing")
    return known


def _made_and_back(trace: Trace) -> Iterator[tuple[int, int]]:
    """For each value, the step that makes it and the first at which its gradient is known."""
    last = len(trace.steps)
    for number, value in enumerate(trace.values):
        made = max(0, number - trace.outside + 1)
        yield made, 2 * last - min((at for at, _ in value.readers), default=last - 1)


def _computed(trace: Trace, step: int) -> Iterator[int]:
    """The numbers of the values that a step makes, or whose gradients it computes."""
    if not 0 < step < 2 * len(trace.steps):
        return
    for number, (made, back) in enumerate(_made_and_back(trace)):
        given = not trace.values[number].readers
        if made == step or (back == step and not given):
            yield number


@lru_cache(maxsize=256)  # every picture asks for the same names
def names_of(naming: Naming, letter: str, shape: Index) -> Mapping[Index, tuple[str, str]]:
    """The plain and the displayed name of each entry of an array, by its index, in order."""
    return {
        index: (naming.entry(letter, index), naming.label(letter, index))
        for index in indices(shape)
    }


@lru_cache(maxsize=256)
def indices_of(naming: Naming, letter: str, shape: Index) -> Mapping[str, Index]:
    """The index of each entry of an array, by its plain name, in order."""
    return {entry: index for index, (entry, _) in names_of(naming, letter, shape).items()}


@lru_cache(maxsize=64)  # the same for all values, and an image has hundreds
def places_of(
    naming: Naming, letters: tuple[str, ...], shapes: tuple[Index, ...]
) -> Mapping[str, tuple[int, Index]]:
    """The array and the index of each entry of several arrays, by its plain name, in order."""
    return {
        entry: (number, index)
        for number, (letter, shape) in enumerate(zip(letters, shapes, strict=True))
        for entry, index in indices_of(naming, letter, shape).items()
    }


def _reason(trace: Trace, number: int, index: Index, *, further: bool = True) -> str:
    """The words under a zero gradient; "" if it is not zero, or was sent in.

    further: whether the reason may lie further on, where the gradient was stopped.
    """
    value = trace.values[number]
    if value.grad[index] or not value.readers:
        return ""
    own = WHYS[value.why[index]]
    if not further or (own is not Why.UPSTREAM_ZERO and len(value.readers) == 1):
        return REASONS[own]
    stops = trace.stops_of(number, index)
    why = common_reason(stops)
    reason = SEVERAL if why is None else REASONS[why]
    here = {position for position, _ in value.readers}
    return reason if stops[-1].step in here else f"{FURTHER}{reason}"
