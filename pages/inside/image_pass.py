"""An image's pass through a network, before or after a step of SGD, and what is shown of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from engine import RULES, Trace, trace
from engine.arrays import Array, Index, Mask
from engine.errors import NumberError
from engine.mnist import SIDE, load
from engine.reach import influence, receptive_field
from engine.training import SGD, Evaluation, Network, as_inputs, shipped
from engine.training.network import CLASSES
from pages.explain.entry import Entry
from pages.figures.inside import Classes, Show, StageMaps
from pages.figures.inside_layout import InsideLayout, StageShape, inside_layout
from pages.inside.painting import painted
from pages.inside.scene import BLANK, InsideScene
from pages.inside.stages import InsideNaming, Stage, inputs_of, located, naming, stages, written

MOST_WAYS: Final = 160
STRONGEST: Final = 48
"""Of more ways through one pool than that, so many of the strongest are drawn."""


@dataclass(frozen=True, eq=False)
class ImagePass:
    """A network on an image.

    network: the one that is seen. trace: its pass, of which the loss or a logit is differentiated.
    label: the right answer. probabilities (10,) and loss: what it says. other: the network before
    or after the step of gradient descent, with what that says; None where no step is taken.
    fallen_back: whether another network was asked for, which fails on this image.
    """

    network: Network
    trace: Trace
    naming: InsideNaming
    label: int
    probabilities: Array
    loss: float
    other: "Answer | None" = None
    fallen_back: bool = False

    @property
    def slug(self) -> str:
        """The architecture's."""
        return self.network.architecture.slug

    @property
    def answer(self) -> int:
        """What the network takes the image for."""
        return int(self.probabilities.argmax())

    def place(self, entry: str) -> Entry | None:
        """Where an entry is; None for none, or for one that this network does not have."""
        there = located(self.slug, entry) if entry else None
        return None if there is None else Entry(self.trace, self.naming, *there)


@dataclass(frozen=True, eq=False)
class Answer:
    """What a network says of an image: probabilities (10,), and the loss."""

    probabilities: Array
    loss: float


def image_of(scene: InsideScene) -> Array:
    """The image with what was drawn over it: (28, 28), float32, 0 to 1."""
    return painted(plain_image(scene.image), scene.painting)


@lru_cache(maxsize=256)
def plain_image(number: int) -> Array:
    """A test image as the networks read it, (28, 28); a blank sheet for BLANK."""
    if number == BLANK:
        return np.zeros((SIDE, SIDE), np.float32)
    return np.ascontiguousarray(as_inputs(load().images[number : number + 1])[0, 0])


def label_of(scene: InsideScene, network: Network) -> int:
    """The digit that is taken for right: of a blank sheet what the network itself says."""
    if scene.label:
        return int(scene.label)
    if scene.image != BLANK:
        return int(load().labels[scene.image])
    return int(network.probabilities(image_of(scene)[None, None])[0].argmax())


def image_pass(network: Network, scene: InsideScene) -> ImagePass:
    """What there is to see of a scene."""
    # Of these nothing that is seen depends.
    alike = replace(scene, net="shipped", tool="look", only="all", show="activations", entry="")
    return _image_pass(network, alike)


@lru_cache(maxsize=64)
@np.errstate(all="ignore")  # a number out of range is an error here, not a warning
def _image_pass(network: Network, scene: InsideScene) -> ImagePass:
    x, label = image_of(scene)[None, None], label_of(scene, network)
    other = None
    if scene.sgd != "off":
        stepped = after_step(network, scene)
        seen, unseen = (network, stepped) if scene.sgd == "before" else (stepped, network)
        network, other = seen, _answer(unseen, x, label)
    own = _answer(network, x, label)
    kinks = RULES[scene.rule].kinks
    if scene.back == "loss":
        traced = trace(network.with_loss([label]), x, *network.params, kinks=kinks)
    else:
        sent = np.eye(CLASSES, dtype=np.float32)[[int(scene.back)]]
        traced = trace(network.layers, x, *network.params, dout=sent, kinks=kinks)
    names = naming(network.architecture.slug, scene.back)
    return ImagePass(network, traced, names, label, own.probabilities, own.loss, other)


def after_step(network: Network, scene: InsideScene) -> Network:
    """The network after one step of plain gradient descent on this one image."""
    x, label = image_of(scene)[None, None], label_of(scene, network)
    loss = trace(network.with_loss([label]), x, *network.params, kinks=RULES[scene.rule].kinks)
    descent = SGD(learning_rate=10.0**scene.rate, momentum=0.0)
    params, _ = descent.step(network.params, loss.grads[1:], descent.start(network.params))
    return Network(network.architecture, tuple(params))


def _answer(network: Network, x: Array, label: int) -> Answer:
    loss, _ = network.with_loss([label]).apply(x, *network.params)
    return Answer(network.probabilities(x)[0], float(loss))


@lru_cache(maxsize=8)
def wrong_ones(network: Network) -> tuple[int, ...]:
    """The test images that it gets wrong, the surest mistake first: a second or two, once.

    None where its numbers leave the range of float32, so that it has no answers.
    """
    try:
        with np.errstate(all="ignore"):
            return tuple(map(int, Evaluation.of(network, load()).wrong))
    except NumberError:
        return ()


@lru_cache(maxsize=512)
def lit(slug: str, entry: str) -> dict[str, Mask]:
    """What an entry reads, and what reads it: masks by letter, in the arrays' own shapes."""
    # Told by the shapes alone.
    there = located(slug, entry)
    if there is None:
        return {}
    step, argument, index = there
    traced = _empty(slug)
    letters = [*(row[0] for row in inputs_of(slug)), "s"]
    masks: dict[str, Mask] = {}
    if argument == 0:
        masks |= dict(zip(letters, receptive_field(traced, step, index), strict=False))
    if step < len(traced.steps):
        reached = influence(traced, step, argument, index)
        masks |= dict(zip(letters[step + 1 :], reached, strict=True))
    return masks


@lru_cache(maxsize=8)
def _empty(slug: str) -> Trace:
    network = Network.new(slug)
    return trace(network.layers, np.zeros((1, 1, SIDE, SIDE), np.float32), *network.params)


def winners(traced: Trace, step: int, outputs: Mask) -> list[tuple[Index, Index]]:
    """Who won the windows of a pool under the trace's rule: (entry, output), of these outputs.

    The windows of these networks' pools do not overlap: an entry is in one at most.
    """
    pool = traced.steps[step]
    sent = outputs.astype(pool.output.dtype)
    shares = pool.layer.vjp(sent, pool.run.cache, traced.kinks).grads[0]
    return [
        (entry, output)
        for entry in (tuple(map(int, at)) for at in np.argwhere(shares))
        for output in pool.layer.feeds(0, entry, pool.run.cache)
    ]


def shipped_network() -> Network:
    """The one that comes with the program."""
    return shipped().network


@lru_cache(maxsize=16)
def layout_of(slug: str) -> InsideLayout:
    """Where everything lies on the picture of an architecture."""
    return inside_layout(
        [
            StageShape(each.letter, each.title, written(each.letter), each.channels, each.side)
            for each in stages(slug)
            if each.letter != "x"
        ]
    )


def read_maps(passed: ImagePass, show: Show) -> dict[str, StageMaps]:
    """Every stage by its letter."""
    return {each.letter: _maps(passed, each, show) for each in stages(passed.slug)}


def read_classes(passed: ImagePass) -> Classes:
    """What is said of each digit."""
    logits = len(passed.network.layers.layers)
    steps = passed.trace.steps
    grads = steps[logits].grads[0] if len(steps) > logits else passed.trace.dout
    other = None if passed.other is None else passed.other.probabilities
    return Classes(passed.probabilities, grads[0], passed.label, passed.answer, other)


def lit_maps(slug: str, entry: str) -> dict[str, Mask]:
    """What an entry reads, and what reads it, by letter: (channels, rows, columns) each."""
    found = lit(slug, entry)
    return {
        each.letter: found[each.letter][0]
        for each in stages(slug)
        if each.letter in found and not each.weights
    }


def ways(passed: ImagePass, place: Entry | None) -> list[tuple[str, Index, str, Index, bool]]:
    """From the cells of pools that the entry reads, or that read it, to who won their windows."""
    if place is None:
        return []
    found: list[tuple[str, Index, str, Index, bool]] = []
    entry = passed.naming.entry(place.letter, place.index)
    for step, (tail, head) in _pools(passed):
        outputs = _concerned(passed, entry, place, tail, step + 1)
        entries = _concerned(passed, entry, place, head, step)
        if not outputs.any():
            continue
        arriving = passed.trace.steps[step].dout
        pairs = [pair for pair in winners(passed.trace, step, outputs) if entries[pair[0]]]
        pairs.sort(key=lambda pair: -abs(float(arriving[pair[1]])))
        found += [
            (tail, output[1:], head, winner[1:], bool(arriving[output]))
            for winner, output in (pairs if len(pairs) <= MOST_WAYS else pairs[:STRONGEST])
        ]
    return found


def stage_of(passed: ImagePass, letter: str) -> Stage:
    """The stage with this letter."""
    return next(each for each in stages(passed.slug) if each.letter == letter)


def cell_of(passed: ImagePass, entry: str) -> tuple[str, Index] | None:
    """The letter and the place (channel, row, column) of an entry; the digit of a logit."""
    if passed.place(entry) is None:
        return None
    if entry[0] == "s":
        return "s", (int(entry[1:]),)
    letter, _, numbers = ("x", "", entry[1:]) if entry[0] == "x" else entry.partition(".")
    counted = [int(number) for number in numbers.split(",")]
    if letter == "x":
        return letter, (0, counted[0] - 1, counted[1] - 1)
    stage = stage_of(passed, letter)
    return letter, (counted[0] - stage.first, counted[1] - 1, counted[2] - 1)


def _maps(passed: ImagePass, stage: Stage, show: Show) -> StageMaps:
    step = passed.trace.steps[stage.step]
    shape = (stage.channels, stage.side, stage.side)

    def as_maps(array: Array) -> Array:
        return array.reshape(shape)

    why = step.why[stage.argument].reshape(shape) if show == "reasons" else None
    values, grads = step.inputs[stage.argument], step.grads[stage.argument]
    return StageMaps(as_maps(values), as_maps(grads), why)


def _pools(passed: ImagePass) -> Iterator[tuple[int, tuple[str, str]]]:
    """Each pool's step, and the letters of its output and of its input."""
    for number, step in enumerate(passed.trace.steps):
        if "pool_ties" in step.layer.kink_choices:
            head = passed.naming.inputs[number][0]
            yield number, (f"p{head[1:]}", head)


def _concerned(passed: ImagePass, entry: str, place: Entry, letter: str, step: int) -> Mask:
    """What of a step's first input the entry reads, or reads it; the entry itself."""
    array = passed.trace.steps[step].inputs[0]
    if place.step == step and not place.argument:
        mask = np.zeros(array.shape, np.bool_)
        mask[place.index] = True
        return mask
    found = lit(passed.slug, entry)
    name = letter if letter in found else passed.naming.inputs[step][0]
    if name in found:
        return found[name]
    return np.zeros(array.shape, np.bool_)
