"""What the block's picture shows at each step of the step-through."""

from dataclasses import dataclass
from typing import Final

from engine import Gate, ReLU, Trace
from pages.figures.info import GraphInfo, Known, Naming, describe_graph

BLOCK: Final = Naming((("x", "w"), ("a",), ("h",)), "z")
FORWARD: Final = 3
"""The last step of the forward pass: step k shows the k-th layer's output."""
LAST: Final = 6
"""The last step of the backward pass, which goes through the pool at 4, the ReLU at 5."""


@dataclass(frozen=True)
class BlockInfo(GraphInfo):
    """Everything that the picture of one step shows; gates: what each ReLU does, by row."""

    gates: dict[int, Gate]


def describe(trace: Trace, step: int = LAST) -> BlockInfo:
    """What to show of a block's trace at a step from 0 (inputs alone) to 6 (everything)."""

    def known(position: int) -> Known:
        if step > FORWARD + max(0, len(trace.steps) - 1 - position):
            return "gradient"
        return "value" if step >= position else "nothing"

    info = describe_graph(trace, BLOCK, known)
    a = trace.steps[1].inputs[0]
    gates = {i: ReLU.gate(float(a[i])) for i in range(a.size)} if step >= 2 else {}
    return BlockInfo(info.cells, info.edges, info.counts, gates)
