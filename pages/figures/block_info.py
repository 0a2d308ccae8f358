"""What the block's picture shows, as plain data: read off a trace, before anything is drawn."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from engine import Gate, ReLU, Trace, Why, flows
from engine.arrays import Index
from pages.figures.words import REASONS, name

COLUMNS: Final = ("x", "a", "h", "z")
FORWARD: Final = 3
"""The last step of the forward pass: step k shows the k-th layer's output."""
LAST: Final = 6
"""The last step of the backward pass, which goes through the pool at 4, the ReLU at 5."""

Known: TypeAlias = Literal["nothing", "value", "gradient"]


@dataclass(frozen=True)
class Cell:
    """One entry: its plain name ('x2'), its column and row, and what is known of it at this step.

    reason: the words under a zero, with an arrow before them where it was stopped further on.
    """

    entry: str
    label: str
    column: str
    row: int
    known: Known
    value: float
    grad: float
    reason: str


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
class BlockInfo:
    """Everything that the picture of one step shows.

    gates: what each ReLU does with its input, by row. counts: (nonzero, entries) by column;
    None where the gradient is not known yet.
    """

    cells: dict[str, Cell]
    edges: tuple[Edge, ...]
    gates: dict[int, Gate]
    counts: dict[str, tuple[int, int] | None]


def describe(trace: Trace, step: int = LAST) -> BlockInfo:
    """What to show of a block's trace at a step from 0 (inputs alone) to 6 (everything)."""
    cells = {cell.entry: cell for cell in _cells(trace, step)}
    counts: dict[str, tuple[int, int] | None] = {}
    for column in COLUMNS:
        of_it = [cell for cell in cells.values() if cell.column == column]
        nonzero = sum(bool(cell.grad) for cell in of_it)
        counts[column] = (nonzero, len(of_it)) if of_it[0].known == "gradient" else None
    gates = {}
    if step >= 2:
        a = trace.steps[1].inputs[0]
        gates = {i: ReLU.gate(float(a[i])) for i in range(a.size)}
    return BlockInfo(cells, tuple(_edges(trace, step)), gates, counts)


def _cells(trace: Trace, step: int) -> list[Cell]:
    cells = []
    for position, column in enumerate(COLUMNS):
        known = _known(position, step)
        if position == len(trace.steps):
            grad = float(trace.dout)
            cells.append(Cell("z", "z", "z", 0, known, float(trace.output), grad, ""))
            continue
        for row in range(trace.steps[position].inputs[0].size):
            cells.append(_cell(trace, position, 0, (row,), column, known))
    cells.append(_cell(trace, 0, 1, (), "w", _known(0, step)))
    return cells


def _cell(
    trace: Trace, position: int, argument: int, index: Index, column: str, known: Known
) -> Cell:
    step = trace.steps[position]
    stopped, _, why = trace.stop(position, argument, index)
    arrow = "\N{RIGHTWARDS ARROW} " if stopped != position else ""
    return Cell(
        _entry(column, index),
        name(column, *index),
        column,
        index[0] if index else 0,
        known,
        float(step.inputs[argument][index]),
        float(step.grads[argument][index]),
        "" if why is Why.FLOWS else arrow + REASONS[why],
    )


def _edges(trace: Trace, step: int) -> list[Edge]:
    edges = []
    for position, at in enumerate(trace.steps):
        known = _edge_known(position, step)
        amounts = flows(trace, position)
        arguments = (COLUMNS[position], "w")[: len(at.inputs)]
        for argument, column in enumerate(arguments):
            for index in np.ndindex(*at.inputs[argument].shape):
                for where in at.layer.feeds(argument, index, at.run.cache):
                    amount = float(amounts[where][argument][index])
                    head = _entry(COLUMNS[position + 1], where)
                    edges.append(Edge(_entry(column, index), head, known, amount))
    return edges


def _entry(column: str, index: Index) -> str:
    return column + "".join(str(i + 1) for i in index)


def _known(position: int, step: int) -> Known:
    """What is known at this step of what flows into the layer at a position."""
    if step >= FORWARD + 1 + max(0, len(COLUMNS) - 2 - position):
        return "gradient"
    return "value" if step >= position else "nothing"


def _edge_known(position: int, step: int) -> Known:
    """What is known at this step of the way through the layer at a position."""
    if _known(position, step) == "gradient":
        return "gradient"
    return "value" if step > position else "nothing"
