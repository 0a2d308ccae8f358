"""The conv block's scene -> its picture: trace -> figure, sentences, what can be chosen."""

from typing import Final

from engine import RULES, ConvBlock, Trace, trace
from pages.components.live_figure import Picture, Slider, Target
from pages.explain import explain
from pages.figures.arrangement import View
from pages.figures.block import block_arrangement, block_graph
from pages.figures.block_info import describe
from pages.figures.info import Cell
from pages.figures.theme import Theme
from pages.figures.words import name, number, signed
from pages.scene import LENGTH, BlockScene

STEPS: Final = (
    "Inputs: nothing is computed yet",
    "Forward 1 of 3: convolution, a = w · x",
    "Forward 2 of 3: ReLU, h = max(0, a)",
    "Forward 3 of 3: max pool, z = max(h)",
    "Backward 1 of 3: max pool, from z to h",
    "Backward 2 of 3: ReLU, from h to a",
    "Backward 3 of 3: convolution, from a to x and w",
)

BOXES: Final = block_arrangement(LENGTH).boxes


def block_trace(scene: BlockScene) -> Trace:
    """The pass that the scene describes."""
    return trace(ConvBlock(), scene.x, scene.w, dout=scene.dz, kinks=RULES[scene.rule].kinks)


def block_picture(scene: BlockScene, theme: Theme) -> Picture:
    """The scene's figure, what can be chosen on it, and the sentences about what is chosen."""
    traced = block_trace(scene)
    info = describe(traced, scene.step)
    targets = [Target(entry, _said(info.cells[entry]), box) for entry, box in BOXES.items()]
    chosen = info.cells.get(scene.entry)
    if chosen is not None and chosen.known != "gradient":
        explanation = [f"The gradient of {chosen.label} is not computed yet at this step."]
    else:
        explanation = explain(traced, scene.entry)
    return Picture(
        block_graph(info, View(scene.entry, theme)),
        targets,
        explanation or ["Choose a cell to see its formula, its numbers, and why it is what it is."],
    )


def block_sliders(scene: BlockScene) -> list[Slider]:
    """A slider for each entry of x, level with its cell; w's above it, dz's below z."""
    sliders = []
    for i, value in enumerate(scene.x):
        _, top, _, height = BOXES[f"x{i + 1}"]
        sliders.append(Slider(f"x{i + 1}", name("x", i), value, 4, top + height / 2, 276))
    left, top, width, height = BOXES["w"]
    sliders.append(Slider("w", "w", scene.w, left, top - 20, width))
    left, top, width, height = BOXES["z"]
    sliders.append(Slider("dz", "dz", scene.dz, left - 36, top + height + 34, width + 36))
    return sliders


def _said(cell: Cell) -> str:
    """The cell in words, for those who hear it."""
    if cell.known == "nothing":
        return f"{cell.entry}, not computed yet"
    if cell.known == "value":
        return f"{cell.entry} = {number(cell.value)}, gradient not computed yet"
    why = f", {cell.reason}" if cell.reason else ""
    return f"{cell.entry} = {number(cell.value)}, gradient {signed(cell.grad)}{why}"
