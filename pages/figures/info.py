"""What a picture shows, as plain data: read off a trace, before anything is drawn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np

from engine import Gate, ReLU, Trace, Why, flows
from engine.arrays import Index
from pages.figures.words import REASONS, name

Known: TypeAlias = Literal["nothing", "value", "gradient"]


@dataclass(frozen=True)
class Naming:
    """The letters of a picture: those of each step's inputs, and that of the last output.

    function: whose gradient it is said to be, where that is not told by the output alone.
    """

    inputs: tuple[tuple[str, ...], ...]
    output: str
    function: str = ""

    def into(self, step: int) -> str:
        """The letter of what flows into a step; of the output, behind the last one."""
        return self.inputs[step][0] if step < len(self.inputs) else self.output


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

    known 'value': the forward pass has been here; 'gradient': the backward pass too.
    """

    tail: str
    head: str
    known: Known
    amount: float


@dataclass(frozen=True)
class GateMark:
    """What a ReLU does with its input, on the way from one cell to another."""

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
        for argument, letter in enumerate(naming.inputs[position]):
            for index in np.ndindex(*step.inputs[argument].shape):
                cell = _cell(trace, position, argument, index, letter, known(position))
                cells[cell.entry] = cell
    last = known(len(trace.steps))
    for index in np.ndindex(*trace.output.shape):
        value, grad = float(trace.output[index]), float(trace.dout[index])
        entry, label = plain(naming.output, index), name(naming.output, *index)
        cells[entry] = Cell(entry, label, naming.output, index, last, value, grad, "", given=True)
    edges, gates = tuple(_edges(trace, naming, known)), tuple(_gates(trace, naming, known))
    return GraphInfo(cells, edges, gates, _counts(cells))


def asked(info: GraphInfo, guessed: frozenset[str], *, revealed: bool) -> GraphInfo:
    """The same with a guess at each gradient, and those hidden until they are revealed.

    guessed: the entries whose gradient is predicted to be nonzero.
    """
    cells = {
        entry: cell
        if cell.given
        else replace(
            cell,
            guess=entry in guessed,
            known=cell.known if revealed or cell.known == "nothing" else "value",
        )
        for entry, cell in info.cells.items()
    }
    if revealed:
        return replace(info, cells=cells)
    edges = tuple(
        replace(edge, known="value") if edge.known == "gradient" else edge for edge in info.edges
    )
    return replace(info, cells=cells, edges=edges, counts=dict.fromkeys(info.counts))


@lru_cache(maxsize=4096)
def plain(letter: str, index: Index) -> str:
    """An entry's plain name, as sliders and addresses have it: x2, w1,2, z."""
    return letter + ",".join(str(i + 1) for i in index)


def _cell(
    trace: Trace, position: int, argument: int, index: Index, letter: str, known: Known
) -> Cell:
    step = trace.steps[position]
    why, arrow = Why(step.why[argument][index]), ""
    if why is Why.UPSTREAM_ZERO:
        stopped, _, why = trace.stop(position, argument, index)
        arrow = "\N{RIGHTWARDS ARROW} " if stopped != position else ""
    return Cell(
        plain(letter, index),
        name(letter, *index),
        letter,
        index,
        known,
        float(step.inputs[argument][index]),
        float(step.grads[argument][index]),
        "" if why is Why.FLOWS else arrow + REASONS[why],
    )


def _edges(trace: Trace, naming: Naming, known: Callable[[int], Known]) -> list[Edge]:
    edges = []
    for position, step in enumerate(trace.steps):
        amounts = flows(trace, position)
        on_the_way: Known = "value" if known(position + 1) != "nothing" else "nothing"
        at: Known = "gradient" if known(position) == "gradient" else on_the_way
        for argument, letter in enumerate(naming.inputs[position]):
            for index in np.ndindex(*step.inputs[argument].shape):
                for where in step.layer.feeds(argument, index, step.run.cache):
                    head = plain(naming.into(position + 1), where)
                    amount = float(amounts[where][argument][index])
                    edges.append(Edge(plain(letter, index), head, at, amount))
    return edges


def _gates(trace: Trace, naming: Naming, known: Callable[[int], Known]) -> Iterator[GateMark]:
    for position, step in enumerate(trace.steps):
        if isinstance(step.layer, ReLU) and known(position + 1) != "nothing":
            tail, head = naming.into(position), naming.into(position + 1)
            for index in np.ndindex(*step.output.shape):
                gate = ReLU.gate(float(step.inputs[0][index]))
                yield GateMark(plain(tail, index), plain(head, index), gate)


def _counts(cells: dict[str, Cell]) -> dict[str, tuple[int, int] | None]:
    counts: dict[str, tuple[int, int] | None] = {}
    for letter in dict.fromkeys(cell.letter for cell in cells.values()):
        of_it = [cell for cell in cells.values() if cell.letter == letter]
        nonzero = sum(bool(cell.grad) for cell in of_it)
        counts[letter] = (nonzero, len(of_it)) if of_it[0].known == "gradient" else None
    return counts
