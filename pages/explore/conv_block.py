"""The lab's block as a subject: x -> Conv -> ReLU -> MaxPool.

In the first thirty seconds a lecturer reads "2 of 5 nonzero", drags x3 below x1 and sees the
second arrow go, snaps back to a tie, changes the rule to PyTorch's, and clicks the zero that
appeared to have its reason on the screen.
"""

from typing import Final

from engine import RULES, ConvBlock, Trace, trace
from pages.derive import Layout, sliders_beside
from pages.figures.block import block_arrangement
from pages.figures.info import BLOCK
from pages.state.scene import LENGTH, PRESETS, BlockScene
from pages.subject import Subject

STEPS: Final = (
    "Inputs: nothing is computed yet",
    "Forward 1 of 3: convolution, a = w · x",
    "Forward 2 of 3: ReLU, h = max(0, a)",
    "Forward 3 of 3: max pool, z = max(h)",
    "Backward 1 of 3: max pool, from z to h",
    "Backward 2 of 3: ReLU, from h to a",
    "Backward 3 of 3: convolution, from a to x and w",
)
_ARRANGEMENT: Final = block_arrangement(LENGTH)


def block_trace(scene: BlockScene) -> Trace:
    """The pass that the scene describes."""
    return trace(ConvBlock(), scene.x, scene.w, dout=scene.dz, kinks=RULES[scene.rule].kinks)


BLOCK_SUBJECT: Final = Subject(
    key="conv-block",
    start=BlockScene(),
    presets={slug: preset.scene for slug, preset in PRESETS.items()},
    trace=block_trace,
    naming=BLOCK,
    arrangement=lambda scene: _ARRANGEMENT,
    sliders=lambda scene: sliders_beside(scene, BLOCK, Layout(_ARRANGEMENT)),
    steps=STEPS,
)
