"""What the block's picture shows at each step of the step-through."""

from typing import Final

from engine import Trace
from pages.figures.info import GraphInfo, Known, Naming, describe_graph

BLOCK: Final = Naming((("x", "w"), ("a",), ("h",)), "z")
FORWARD: Final = 3
"""The last step of the forward pass: step k shows the k-th layer's output."""
LAST: Final = 6
"""The last step of the backward pass, which goes through the pool at 4, the ReLU at 5."""


def describe(trace: Trace, step: int = LAST) -> GraphInfo:
    """What to show of a block's trace at a step from 0 (inputs alone) to 6 (everything)."""

    def known(position: int) -> Known:
        if step > FORWARD + max(0, len(trace.steps) - 1 - position):
            return "gradient"
        return "value" if step >= position else "nothing"

    return describe_graph(trace, BLOCK, known)
