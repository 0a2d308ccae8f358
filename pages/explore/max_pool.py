"""Max pooling alone as a subject: over the whole axis, or window by window.

In the first thirty seconds a lecturer points at h4, which wins two windows and collects two
gradients, drags it below h5 and sees both arrows go elsewhere, sets the stride to 3 and sees an
entry that no window reads, and changes the rule to see a tie shared out in another way.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from engine import RULES, MaxPool, Trace, Why, trace
from engine.layers.windows import windows as fitting
from pages.components.picture import Slider
from pages.derive import Layout, sliders_beside
from pages.explain.questions import Question, influenced, nonzero
from pages.figures.arrangement import Arrangement, Drawing, View
from pages.figures.info import Naming
from pages.figures.max_pool import Pooling, pool_arrangement, windows
from pages.state.codecs import GRID, HIGH, LOW, Choice, Numbers, param
from pages.state.scene import Scene
from pages.state.snaps import EPSILON, Impossible, Snap, nudge
from pages.subject import Subject

LENGTH: Final = 5
WHOLE: Final = "whole"
SIZES: Final = (WHOLE, "1", "2", "3", "4", "5")
STRIDES: Final = ("1", "2", "3", "4", "5")
PADDINGS: Final = ("0", "1", "2")
MOST_OUTPUTS: Final = 7
"""Windows of 3, one apart, with a padding of 2."""
NAMING: Final = Naming((("h",),), "z")


@dataclass(frozen=True)
class PoolScene(Scene):
    """h, the upstream gradient of each output, the windows, the rule, the entry explained.

    Over the whole axis stride and padding have no say; of dz as many count as there are outputs.
    """

    h: tuple[float, ...] = param(Numbers(LENGTH), (3.0, 3.0, 1.0, 3.0, 3.0))
    dz: tuple[float, ...] = param(Numbers(MOST_OUTPUTS), (1.0,) * MOST_OUTPUTS)
    size: str = param(Choice(SIZES), "2")
    stride: str = param(Choice(STRIDES), "1")
    padding: str = param(Choice(PADDINGS), "0")
    rule: str = param(Choice(tuple(RULES)), "pytorch-max-pool")
    entry: str = param(
        Choice(
            (
                "",
                *(f"h{i + 1}" for i in range(LENGTH)),
                "z",
                *(f"z{i + 1}" for i in range(MOST_OUTPUTS)),
            )
        ),
        "h4",
    )

    def possible(self) -> tuple[Self, list[str]]:
        """Padding stays below the window's size: a window of padding alone has no maximum."""
        if self.size == WHOLE or int(self.padding) < int(self.size):
            return self, []
        padding = str(int(self.size) - 1)
        sentence = (
            f"A window of {self.size} with a padding of {self.padding} might see padding alone, "
            f"which has no maximum: the padding is {padding} instead."
        )
        return replace(self, padding=padding), [sentence]

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """h1 … h5, and the upstream gradients of the outputs that there are: dz1, …, or dz."""
        outputs = len(self.pooling.spans)
        upstream = ["dz"] if self.size == WHOLE else [f"dz{i + 1}" for i in range(outputs)]
        named: dict[str, tuple[str, int | None]] = {f"h{i + 1}": ("h", i) for i in range(LENGTH)}
        return named | {entry: ("dz", i) for i, entry in enumerate(upstream)}

    @property
    def pooling(self) -> Pooling:
        """The windows."""
        if self.size == WHOLE:
            return Pooling(LENGTH, 0, ((0, LENGTH - 1),), whole=True)
        size, stride, padding = int(self.size), int(self.stride), int(self.padding)
        (outputs,) = fitting("The page", (LENGTH,), (size,), (stride,), (padding,)).output
        firsts = [stride * position - padding for position in range(outputs)]
        return Pooling(LENGTH, padding, tuple((at, at + size - 1) for at in firsts), stride)


def pool_trace(scene: PoolScene) -> Trace:
    """The pass that the scene describes."""
    kinks = RULES[scene.rule].kinks
    if scene.size == WHOLE:
        return trace(MaxPool(), scene.h, dout=scene.dz[0], kinks=kinks)
    layer = MaxPool(int(scene.size), int(scene.stride), int(scene.padding))
    return trace(layer, scene.h, dout=scene.dz[: len(scene.pooling.spans)], kinks=kinks)


def _arrangement(scene: PoolScene) -> Arrangement:
    return pool_arrangement(scene.pooling)


def _sliders(scene: PoolScene) -> list[Slider]:
    return sliders_beside(scene, NAMING, Layout(_arrangement(scene)), "right", 280)


def _windows(scene: PoolScene, traced: Trace, view: View) -> list[Drawing]:
    """The windows behind the cells; those of the chosen entry stand out."""
    chosen: set[int] = set()
    letter, number = view.entry[:1], view.entry[1:]
    if letter == "z":
        chosen = {int(number or 1) - 1}
    elif letter == "h":
        (step,) = traced.steps
        feeds = step.layer.feeds(0, (int(number) - 1,), step.run.cache)
        chosen = {index[0] if index else 0 for index in feeds}
    return windows(scene.pooling, chosen, view)


PRESETS: Final[dict[str, PoolScene]] = {
    "overlap": PoolScene(),
    "whole-axis": PoolScene(h=(1.5, 3.0, -1.0, 3.0, 0.5), size=WHOLE, rule="lab", entry="h2"),
    "two-gradients": PoolScene(h=(0.5, 1.0, 3.0, -1.0, 2.0), size="3", stride="2", entry="h3"),
    "cancelled": PoolScene(
        h=(0.5, 1.0, 3.0, -1.0, 2.0),
        dz=(1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
        size="3",
        stride="2",
        entry="h3",
    ),
    "gaps": PoolScene(h=(1.0, 2.5, 4.0, -0.5, 0.5), stride="3", entry="h3"),
    "left-over": PoolScene(h=(1.0, 2.5, -1.0, 0.5, 4.0), stride="2", entry="h5"),
    "padding": PoolScene(
        h=(-1.0, -2.5, -0.5, -3.0, -1.5), size="3", stride="2", padding="1", entry="h1"
    ),
    "all-equal": PoolScene(h=(2.0,) * LENGTH, size=WHOLE, entry="h1"),
}

POOL_SUBJECT: Final = Subject(
    key="max-pool",
    start=PoolScene(),
    presets=PRESETS,
    trace=pool_trace,
    naming=NAMING,
    arrangement=_arrangement,
    sliders=_sliders,
    extra=_windows,
)


def _preset(slug: str) -> Callable[[PoolScene], PoolScene]:
    """The values and windows of a preset, under the rule of the scene."""
    return lambda scene: replace(PRESETS[slug], rule=scene.rule)


def _not_read(traced: Trace) -> int:
    return int(np.count_nonzero(traced.steps[0].why[0] == Why.NOT_COVERED))


QUESTIONS: Final[tuple[Question[PoolScene], ...]] = (
    Question(
        "h = [3, 3, 1, 3, 3], windows of 2, one apart. How many entries of ∂L/∂h are nonzero?",
        nonzero(0),
        "Change the rule and look again: where two tie, the frameworks part.",
        _preset("overlap"),
    ),
    Question(
        "How many windows read **h₃**?",
        influenced(0, 0, 2),
        "Choose h₃: its windows stand out.",
    ),
    Question(
        "Every h is the same, one window over all. How many entries of ∂z/∂h are nonzero?",
        nonzero(0),
        "All of them tie.",
        _preset("all-equal"),
    ),
    Question(
        "Windows of 2, **three** apart. How many entries of h does no window read?",
        _not_read,
        "Their gradient is 0 whatever their value: move one, and nothing else moves.",
        _preset("gaps"),
    ),
    Question(
        "Every h is negative, and there is **padding**. How many z are 0?",
        lambda traced: int(np.count_nonzero(traced.output == 0)),
        "Padding is no 0 here: it never is the maximum.",
        _preset("padding"),
    ),
)


def tie(scene: PoolScene) -> PoolScene | Impossible:
    """In some window two entries share the maximum: a runner-up that is nearest to it rises."""
    read = [
        sorted(range(max(first, 0), min(last, LENGTH - 1) + 1), key=scene.h.__getitem__)[-2:]
        for first, last in scene.pooling.spans
    ]
    pairs = [pair for pair in read if len(pair) == 2]
    if not pairs:
        return Impossible("Every window reads one entry alone: nobody can tie with it.")
    lower, upper = min(pairs, key=lambda pair: scene.h[pair[1]] - scene.h[pair[0]])
    return scene.moved(f"h{lower + 1}", scene.h[upper])


def all_equal(scene: PoolScene) -> PoolScene:
    """Every h is what the middle one of them is."""
    return replace(scene, h=(sorted(scene.h)[LENGTH // 2],) * LENGTH)


def at_random(scene: PoolScene) -> PoolScene:
    """Every h anywhere on the sliders' grid."""
    steps = round((HIGH - LOW) / GRID)
    return replace(scene, h=tuple(LOW + GRID * random.randint(0, steps) for _ in scene.h))


SNAPS: Final[dict[str, Snap[PoolScene]]] = {
    "make a tie": tie,
    "all equal": all_equal,
    "nudge +ε": nudge(EPSILON),
    "nudge −ε": nudge(-EPSILON),
    "random": at_random,
    "reset": lambda scene: PoolScene(),
}
