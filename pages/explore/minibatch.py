"""A minibatch on the lab's block as a subject: the gradient of w is the sum over the examples.

The batch is one pass of the engine, x (N, 1, L). What an example adds to the gradient of w, its
share, is read off a pass of that example alone.

In the first thirty seconds a lecturer reads the sum under the picture, drags x3,2 up and sees
the third share grow with it, lifts an entry of example 2 above 0 so that it contributes too; then
lets the shares cancel, and asks whether nothing was learnt from that batch.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import product
from typing import Final

import numpy as np

from engine import RULES, ConvBlock, Trace, trace
from engine.arrays import Array
from pages.components.picture import Slider
from pages.explain.catalogue import say
from pages.explain.entry import Entry
from pages.explain.questions import Question, nonzero
from pages.figures.arrangement import Drawing, View
from pages.figures.info import Cell, Edge, GraphInfo, Naming, describe_cell, describe_graph, plain
from pages.figures.minibatch import bands, batch_arrangement
from pages.figures.words import factor, name, signed
from pages.sharing.script import called
from pages.state.codecs import GRID, HIGH, LOW, Choice, Number, Numbers, param
from pages.state.scene import Scene
from pages.state.snaps import Impossible, Snap
from pages.subject import Subject

EXAMPLES: Final = 3
LENGTH: Final = 3
NAMING: Final = Naming(
    (("x", "w"), ("a",), ("h",)),
    "z",
    function="L",
    axes={"x": (0, 2), "w": (), "a": (0, 2), "h": (0, 2), "z": (0,)},
)
_RAISED: Final = "¹²³"
_ARRANGEMENT: Final = batch_arrangement(EXAMPLES, LENGTH)


@dataclass(frozen=True)
class BatchScene(Scene):
    """Each example's x, w, the upstream gradient dz of each example, the rule, the entry."""

    x: tuple[float, ...] = param(
        Numbers(EXAMPLES * LENGTH, columns=LENGTH),
        (1.5, -1.0, 0.5, -1.0, -2.0, -0.5, 0.5, 2.0, -1.5),
    )
    w: float = param(Number(), 2.0)
    dz: tuple[float, ...] = param(Numbers(EXAMPLES), (1.0,) * EXAMPLES)
    rule: str = param(Choice(tuple(RULES)), "lab")
    entry: str = param(Choice(("", *_ARRANGEMENT.boxes)), "w")


PRESETS: Final[dict[str, BatchScene]] = {
    "one-without-share": BatchScene(),
    "all-contribute": BatchScene(x=(1.5, -1.0, 0.5, -1.0, 1.0, -0.5, 0.5, 2.0, -1.5)),
    "all-negative": BatchScene(x=(-1.5, -1.0, -0.5, -1.0, -2.0, -0.5, -0.5, -2.0, -1.5)),
    "shares-cancel": BatchScene(
        x=(1.5, -1.0, 0.5, -1.0, 0.5, -0.5, 0.5, 2.0, -1.5), dz=(1.0, 1.0, -1.0)
    ),
    "tie-in-one": BatchScene(x=(1.5, -1.0, 1.5, -1.0, -2.0, -0.5, 0.5, 2.0, -1.5)),
}


def batch_trace(scene: BatchScene) -> Trace:
    """The pass of the whole batch."""
    x = np.reshape(scene.x, (EXAMPLES, 1, LENGTH))
    w = np.reshape(scene.w, (1, 1, 1))
    dz = np.reshape(scene.dz, (EXAMPLES, 1))
    return trace(ConvBlock(), x, w, dout=dz, kinks=RULES[scene.rule].kinks)


@lru_cache(maxsize=4)  # a picture asks several times
def shares(batch: Trace) -> tuple[Entry, ...]:
    """w as each example uses it, in a pass of that example alone: its gradient is the share."""
    x, w = batch.steps[0].inputs
    found = []
    for n in range(len(x)):
        alone = trace(batch.layer, x[n, 0], w[0, 0, 0], dout=batch.dout[n, 0], kinks=batch.kinks)
        # The example's number is a part of every letter: x₂‚ and then the entry's own.
        x_n, a_n, h_n = (name(letter, n, 0)[:-1] for letter in "xah")
        letters = ((x_n, f"w⁽{_RAISED[n]}⁾"), (a_n,), (h_n,))
        found.append(Entry(alone, Naming(letters, name("z", n), function="L"), 0, 1, ()))
    return tuple(found)


def describe(batch: Trace, scene: BatchScene) -> GraphInfo:
    """The batch, with a copy of w for each example between w and the example's outputs."""
    info = describe_graph(batch, NAMING)
    own = shares(batch)
    copies = {plain("share", (n,)): _copy(n, share) for n, share in enumerate(own)}
    return replace(
        info,
        cells=info.cells | copies,
        edges=tuple(_through_copies(info.edges, own)),
        counts=info.counts | {"share": (sum(bool(share.grad) for share in own), len(own))},
    )


def _copy(n: int, share: Entry) -> Cell:
    cell = describe_cell(share.trace, share.naming, 0, 1, (), "gradient")
    return replace(cell, entry=plain("share", (n,)), letter="share")


def _through_copies(edges: tuple[Edge, ...], own: tuple[Entry, ...]) -> Iterator[Edge]:
    for edge in edges:
        example = edge.head[1:].partition(",")[0]  # a2,1 belongs to example 2
        yield replace(edge, tail=f"share{example}") if edge.tail == "w" else edge
    for n, share in enumerate(own):
        yield Edge("w", plain("share", (n,)), "gradient", share.grad)


def sum_of_shares(batch: Trace) -> str:
    """∂L/∂w = +3 + 0 + (−1.5) = +1.5: the shares, and the gradient of the batch."""
    total = signed(float(batch.grads[1].sum()))
    return f"∂L/∂w = {' + '.join(factor(share.grad) for share in shares(batch))} = {total}"


def _remarks(batch: Trace, entry: str) -> list[str]:
    own = shares(batch)
    if entry == "w":
        giving = sum(bool(share.grad) for share in own)
        names = " + ".join(share.slope for share in own)
        sums = sum_of_shares(batch).replace("∂L/∂w", f"∂L/∂w = {names}", 1)
        return [say("minibatch.sum", len(own), sum=sums, giving=giving)]
    if entry.startswith("share"):
        return [say("minibatch.share", example=entry.removeprefix("share"))]
    return []


def _shares_as_code(scene: BatchScene) -> Iterator[str]:
    """The lines that print each example's share."""
    yield ""
    yield f"for n in range({EXAMPLES}):"
    alone = ("x[n, 0]", "w[0, 0, 0]")
    yield f"    {called('alone', alone, 'dz[n, 0]', scene.rule)}"
    yield '    print("example", n + 1, "adds to dw", alone.grads[1])'


def _sliders(scene: BatchScene) -> list[Slider]:
    """One level with each x, one above w, one under each z."""
    boxes = _ARRANGEMENT.boxes
    sliders = []
    for position, value in enumerate(scene.x):
        index = divmod(position, LENGTH)
        left, top, _, height = boxes[entry := plain("x", index)]
        sliders.append(Slider(entry, name("x", *index), value, 4, top + height / 2, left - 12))
    left, top, width, height = boxes["w"]
    sliders.append(Slider("w", "w", scene.w, left, top - 18, width))
    for n, value in enumerate(scene.dz):
        left, top, width, height = boxes[plain("z", (n,))]
        place = (left - 60, top + 1.6 * height, width + 60)
        sliders.append(Slider(plain("dz", (n,)), name("dz", n), value, *place, named=True))
    return sliders


def _extra(scene: BatchScene, batch: Trace, view: View) -> list[Drawing]:
    return bands(EXAMPLES, LENGTH, "" if view.hidden else sum_of_shares(batch), view)


BATCH_SUBJECT: Final = Subject(
    key="minibatch",
    start=BatchScene(),
    presets=PRESETS,
    trace=batch_trace,
    naming=NAMING,
    special=describe,
    arrangement=lambda scene: _ARRANGEMENT,
    sliders=_sliders,
    extra=_extra,
    others=lambda batch: {plain("share", (n,)): own for n, own in enumerate(shares(batch))},
    remarks=_remarks,
    more_code=_shares_as_code,
)


_STEPS: Final = round((HIGH - LOW) / GRID)


def shares_cancel(scene: BatchScene) -> BatchScene | Impossible:
    """∂L/∂w is 0 though examples contribute: the upstream gradients move as little as they can."""
    ones = replace(scene, dz=(1.0,) * EXAMPLES)
    each = [share.grad for share in shares(batch_trace(ones))]
    if np.count_nonzero(each) < 2:
        return Impossible("Fewer than two examples can contribute: nothing cancels.")
    choices = _every_dz()
    contributing = np.count_nonzero(choices * each, axis=1)
    cancelling = choices[(choices @ each == 0) & (contributing >= 2)]
    far = np.abs(cancelling - scene.dz).sum(axis=1)
    for found in cancelling[np.argsort(far, kind="stable")[:1]].tolist():
        return replace(scene, dz=tuple(found))
    return Impossible("No upstream gradients on the sliders' grid let these shares cancel.")


@cache
def _every_dz() -> Array:
    """All upstream gradients on the sliders' grid: (33³, 3)."""
    grid = [LOW + GRID * step for step in range(_STEPS + 1)]
    return np.array(list(product(grid, repeat=EXAMPLES)))


def one_negative(scene: BatchScene) -> BatchScene | Impossible:
    """All a of some example are negative, so that its share is 0: the one that has it least far."""
    if scene.w == 0:
        return Impossible("At w = 0 every a is 0: move w first.")
    below = -GRID if scene.w > 0 else GRID

    def sunk(n: int) -> BatchScene:
        own = range(n * LENGTH, (n + 1) * LENGTH)
        x = [below if i in own and x * below <= 0 else x for i, x in enumerate(scene.x)]
        return replace(scene, x=tuple(x))

    return min(
        map(sunk, range(EXAMPLES)), key=lambda it: float(np.abs(np.subtract(it.x, scene.x)).sum())
    )


def ones(scene: BatchScene) -> BatchScene:
    """L is the sum of the examples' z."""
    return replace(scene, dz=(1.0,) * EXAMPLES)


def at_random(scene: BatchScene) -> BatchScene:
    """x and w anywhere on the sliders' grid."""
    x = tuple(LOW + GRID * random.randint(0, _STEPS) for _ in scene.x)
    return replace(scene, x=x, w=LOW + GRID * random.randint(0, _STEPS))


SNAPS: Final[dict[str, Snap[BatchScene]]] = {
    "shares cancel": shares_cancel,
    "one all negative": one_negative,
    "dz = 1": ones,
    "random": at_random,
    "reset": lambda scene: BatchScene(),
}


def contributing(batch: Trace) -> int:
    """How many examples have a share that is not 0."""
    return int(np.count_nonzero([share.grad for share in shares(batch)]))


def differing(batch: Trace) -> int:
    """In how many entries of w the sum of the examples' own gradients is not that of the batch."""
    total = np.sum([share.grad for share in shares(batch)])
    return int(np.count_nonzero(~np.isclose(batch.grads[1], total)))


def _preset(slug: str) -> Callable[[BatchScene], BatchScene]:
    return lambda scene: replace(PRESETS[slug], rule=scene.rule)


QUESTIONS: Final[tuple[Question[BatchScene], ...]] = (
    Question(
        "How many of the three examples contribute to **∂L/∂w**?",
        contributing,
        "Follow the arrows into w.",
    ),
    Question(
        "All entries of **one example** are negative. How many examples contribute?",
        contributing,
        "Its gates are closed: no gradient comes as far as its w.",
        _preset("one-without-share"),
    ),
    Question(
        "∂L/∂w is **0**. How many examples contribute all the same?",
        contributing,
        "A gradient of 0 may be a sum whose terms cancel.",
        _preset("shares-cancel"),
    ),
    Question(
        "Three students each take **one example** and add up their ∂L/∂w. In how many entries of "
        "w do they miss the gradient of the **batch**?",
        differing,
        "The gradient of a sum is the sum of the gradients: that is why a batch can be split.",
    ),
    Question(
        "How many of the **nine** entries of ∂L/∂x are nonzero?",
        nonzero(0),
        "What an example passes back concerns its own x alone.",
        _preset("all-contribute"),
    ),
)
