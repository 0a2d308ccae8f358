"""What a picture shows, as plain data: read off a trace, before anything is drawn."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, TypeAlias

from engine import Gate, Trace, Why, flows
from engine.arrays import Index, indices
from engine.trace import common_reason
from engine.why import WHYS
from pages.figures.words import REASONS, SEVERAL, name

Known: TypeAlias = Literal["nothing", "value", "gradient"]


@dataclass(frozen=True)
class Naming:
    """The letters of a picture: those of each step's inputs, and that of the last output.

    function: whose gradient it is said to be, where that is not told by the output alone. axes:
    by letter the axes that its entries' names count, where that is not all of them.
    """

    inputs: tuple[tuple[str, ...], ...]
    output: str
    function: str = ""
    axes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def into(self, step: int) -> str:
        """The letter of what flows into a step; of the output, behind the last one."""
        return self.inputs[step][0] if step < len(self.inputs) else self.output

    def entry(self, letter: str, index: Index) -> str:
        """An entry's plain name, as sliders and addresses have it: x2, w1,2, z."""
        return plain(letter, self._counted(letter, index))

    def label(self, letter: str, index: Index) -> str:
        """An entry's name as it is written: x₂, w₁,₂, z."""
        return name(letter, *self._counted(letter, index))

    def _counted(self, letter: str, index: Index) -> Index:
        axes = self.axes.get(letter)
        return index if axes is None else tuple(index[axis] for axis in axes)


@dataclass(frozen=True)
class Cell:
    """One entry: its plain name ('x2'), its letter and index, and what is known of it.

    reason: the words under a zero, with an arrow before them where it was stopped further on.
    given: the output, whose gradient was sent in, not computed. guess: whether somebody predicts
    a nonzero gradient; None where nobody is asked.
    """

    entry: str
    label: str
    letter: str
    index: Index
    known: Known
    value: float
    grad: float
    reason: str
    given: bool = False
    guess: bool | None = None

    @property
    def right(self) -> bool:
        """Whether the guess is the truth."""
        return self.guess == bool(self.grad)


@dataclass(frozen=True)
class Edge:
    """From one cell to another, forwards; amount: what comes back along it.

    known 'value': the forward pass has been here; 'gradient': the backward pass too. term: the
    amount as a product, with its factors' names, where a picture has room to say it.
    """

    tail: str
    head: str
    known: Known
    amount: float
    term: str = ""


@dataclass(frozen=True)
class GateMark:
    """What a unit does with a gradient, on the way from one cell to another."""

    tail: str
    head: str
    gate: Gate


@dataclass(frozen=True)
class GraphInfo:
    """Cells by entry, the ways between them, and what stands on these.

    counts: by letter how many gradients are nonzero, (nonzero, entries); None where the gradient
    is not known.
    """

    cells: dict[str, Cell]
    edges: tuple[Edge, ...]
    gates: tuple[GateMark, ...]
    counts: dict[str, tuple[int, int] | None]


def describe_graph(
    trace: Trace, naming: Naming, known: Callable[[int], Known] = lambda position: "gradient"
) -> GraphInfo:
    """Everything that a trace has to show.

    known: of what flows into the layer at a position; of the output, behind the last one.
    """
    cells = {}
    for position, step in enumerate(trace.steps):
        for argument in range(len(step.inputs)):
            for index in indices(step.inputs[argument].shape):
                cell = describe_cell(trace, naming, position, argument, index, known(position))
                cells[cell.entry] = cell
    last = known(len(trace.steps))
    for index in indices(trace.output.shape):
        value, grad = float(trace.output[index]), float(trace.dout[index])
        entry, label = naming.entry(naming.output, index), naming.label(naming.output, index)
        cells[entry] = Cell(entry, label, naming.output, index, last, value, grad, "", given=True)
    edges, gates = tuple(_edges(trace, naming, known)), tuple(_gates(trace, naming, known))
    return GraphInfo(cells, edges, gates, _counts(cells))


@lru_cache(maxsize=4096)
def plain(letter: str, index: Index) -> str:
    """A plain name of a letter and all of an index."""
    return letter + ",".join(str(i + 1) for i in index)


def describe_cell(
    trace: Trace, naming: Naming, position: int, argument: int, index: Index, known: Known
) -> Cell:
    """One entry of what flows into the layer at a position."""
    step, letter = trace.steps[position], naming.inputs[position][argument]
    own = WHYS[step.why[argument][index]]
    reason = "" if own is Why.FLOWS else REASONS[own]
    if own is Why.UPSTREAM_ZERO:
        stops = trace.stops(position, argument, index)
        why = common_reason(stops)
        reason = SEVERAL if why is None else REASONS[why]
        if stops[-1].step != position:
            reason = f"\N{RIGHTWARDS ARROW} {reason}"
    return Cell(
        naming.entry(letter, index),
        naming.label(letter, index),
        letter,
        index,
        known,
        float(step.inputs[argument][index]),
        float(step.grads[argument][index]),
        reason,
    )


def _edges(trace: Trace, naming: Naming, known: Callable[[int], Known]) -> list[Edge]:
    edges = []
    for position, step in enumerate(trace.steps):
        amounts = flows(trace, position)
        on_the_way: Known = "value" if known(position + 1) != "nothing" else "nothing"
        at: Known = "gradient" if known(position) == "gradient" else on_the_way
        for argument, letter in enumerate(naming.inputs[position]):
            for index in indices(step.inputs[argument].shape):
                for where in step.layer.feeds(argument, index, step.run.cache):
                    head = naming.entry(naming.into(position + 1), where)
                    amount = float(amounts[where][argument][index])
                    edges.append(Edge(naming.entry(letter, index), head, at, amount))
    return edges


def _gates(trace: Trace, naming: Naming, known: Callable[[int], Known]) -> Iterator[GateMark]:
    for position, step in enumerate(trace.steps):
        if known(position + 1) == "nothing":
            continue
        tail, head = naming.into(position), naming.into(position + 1)
        for index in indices(step.output.shape):
            if gate := step.layer.gate(index, step.run.cache):
                yield GateMark(naming.entry(tail, index), naming.entry(head, index), gate)


def _counts(cells: dict[str, Cell]) -> dict[str, tuple[int, int] | None]:
    counts: dict[str, tuple[int, int] | None] = {}
    for letter in dict.fromkeys(cell.letter for cell in cells.values()):
        of_it = [cell for cell in cells.values() if cell.letter == letter]
        nonzero = sum(bool(cell.grad) for cell in of_it)
        counts[letter] = (nonzero, len(of_it)) if of_it[0].known == "gradient" else None
    return counts
