"""The pass of an image through a network, and what one step of gradient descent makes of both."""

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
from pages.inside.painting import painted
from pages.inside.scene import BLANK, LookScene
from pages.inside.stages import LookNaming, inputs_of, located, naming
from pages.place import Place

CLASSES: Final = 10


@dataclass(frozen=True, eq=False)
class Look:
    """A network on an image.

    network: the one that is seen. trace: its pass, of which the loss or a logit is differentiated.
    label: the right answer. probabilities (10,) and loss: what it says. other: the network before
    or after the step of gradient descent, with what that says; None where no step is taken.
    fallen_back: whether another network was asked for, which fails on this image.
    """

    network: Network
    trace: Trace
    naming: LookNaming
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

    def place(self, entry: str) -> Place | None:
        """Where an entry is; None for none, or for one that this network does not have."""
        there = located(self.slug, entry) if entry else None
        return None if there is None else Place(self.trace, self.naming, *there)


@dataclass(frozen=True, eq=False)
class Answer:
    """What a network says of an image: probabilities (10,), and the loss."""

    probabilities: Array
    loss: float


def image_of(scene: LookScene) -> Array:
    """The image with what was drawn over it: (28, 28), float32, 0 to 1."""
    return painted(plain_image(scene.image), scene.painting)


@lru_cache(maxsize=256)
def plain_image(number: int) -> Array:
    """A test image as the networks read it, (28, 28); a blank sheet for BLANK."""
    if number == BLANK:
        return np.zeros((SIDE, SIDE), np.float32)
    return np.ascontiguousarray(as_inputs(load().images[number : number + 1])[0, 0])


def label_of(scene: LookScene, network: Network) -> int:
    """The digit that is taken for right: of a blank sheet what the network itself says."""
    if scene.label:
        return int(scene.label)
    if scene.image != BLANK:
        return int(load().labels[scene.image])
    return int(network.probabilities(image_of(scene)[None, None])[0].argmax())


def look(network: Network, scene: LookScene) -> Look:
    """What there is to see of a scene."""
    # Of these nothing that is seen depends.
    return _look(network, replace(scene, net="shipped", tool="look", only="all", show="activations",
                                  entry=""))  # fmt: skip


@lru_cache(maxsize=64)
@np.errstate(all="ignore")  # a number out of range is an error here, not a warning
def _look(network: Network, scene: LookScene) -> Look:
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
    return Look(network, traced, names, label, own.probabilities, own.loss, other)


def after_step(network: Network, scene: LookScene) -> Network:
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
