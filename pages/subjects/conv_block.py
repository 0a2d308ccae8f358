"""The lab's block as a subject: x -> Conv -> ReLU -> MaxPool.

In the first thirty seconds a lecturer reads "2 of 5 nonzero", drags x3 below x1 and sees the
second arrow go, snaps back to a tie, changes the rule to PyTorch's, and clicks the zero that
appeared to have its reason on the screen.
"""

from typing import Final

from engine import RULES, ConvBlock, Trace, trace
from pages.figures.block import block_arrangement
from pages.figures.info import BLOCK, describe_graph
from pages.figures.words import name
from pages.picture import Slider
from pages.scene import LENGTH, PRESETS, BlockScene
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


def block_sliders(scene: BlockScene) -> list[Slider]:
    """A slider for each entry of x, level with its cell; w's above it, dz's below z."""
    boxes = _ARRANGEMENT.boxes
    sliders = []
    for i, value in enumerate(scene.x):
        _, top, _, height = boxes[f"x{i + 1}"]
        sliders.append(Slider(f"x{i + 1}", name("x", i), value, 4, top + height / 2, 276))
    left, top, width, height = boxes["w"]
    sliders.append(Slider("w", "w", scene.w, left, top - 20, width))
    left, top, width, height = boxes["z"]
    below = top + height + 34
    sliders.append(Slider("dz", "dz", scene.dz, left - 36, below, width + 36, named=True))
    return sliders


BLOCK_SUBJECT: Final = Subject(
    key="conv-block",
    start=BlockScene(),
    presets={slug: preset.scene for slug, preset in PRESETS.items()},
    trace=block_trace,
    naming=BLOCK,
    describe=lambda traced, scene: describe_graph(traced, BLOCK, scene.step),
    arrangement=lambda scene: _ARRANGEMENT,
    sliders=block_sliders,
    steps=STEPS,
)
