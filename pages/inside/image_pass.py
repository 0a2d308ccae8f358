"""The pass of an image through a network, before or after one step of SGD."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from engine import RULES, Trace, trace
from engine.arrays import Array, Index, Mask, nonzero_at
from engine.errors import NumberError
from engine.kinks import EVERYBODY
from engine.mnist import SIDE, load
from engine.training import SGD, Evaluation, Network, as_inputs, shipped
from engine.training.network import CLASSES
from pages.explain.entry import Entry
from pages.explore.map_pass import MapPass
from pages.figures.inside import Classes, Stage, Way
from pages.inside.inside_scene import BLANK, InsideScene
from pages.inside.network_maps import naming, stages
from pages.inside.painting import painted

MOST_WAYS: Final = 160  # the most ways through a pool of which all are drawn
STRONGEST: Final = 48  # if there are more ways, this many of the strongest are drawn


@dataclass(frozen=True, eq=False, kw_only=True)
class ImagePass(MapPass):
    """The pass of an image through a network, in which the loss or a logit is differentiated."""

    network: Network  # the one shown
    label: int  # the right answer
    probabilities: Array  # (10,)
    loss: float
    other: "Prediction | None" = None
    """If a step of gradient descent is taken, the prediction of the network before or after it,
    whichever is not shown."""
    fallen_back: bool = False
    """Whether the network asked for fails on this image, so that the shipped one is shown."""

    @property
    def stages(self) -> dict[str, Stage]:
        """The stages whose arrays are maps."""
        return stages(self.network.architecture.slug)

    @property
    def answer(self) -> int:
        """The digit that the network takes the image for."""
        return int(self.probabilities.argmax())

    @property
    def classes(self) -> Classes:
        """What the picture shows for each digit."""
        scores = self.trace.values[self.letters.index("s")]
        other = None if self.other is None else self.other.probabilities
        return Classes(self.probabilities, scores.grad[0], self.label, self.answer, other)


@dataclass(frozen=True, eq=False)
class Prediction:
    """A network's prediction for an image."""

    probabilities: Array  # (10,)
    loss: float


def image_of(scene: InsideScene) -> Array:
    """Return the image with what was drawn over it: (28, 28), float32, 0 to 1."""
    return painted(plain_image(scene.image), scene.painting)


@lru_cache(maxsize=256)
def plain_image(number: int) -> Array:
    """Return a test image as the networks read it, (28, 28); a blank sheet for BLANK."""
    if number == BLANK:
        return np.zeros((SIDE, SIDE), np.float32)
    return np.ascontiguousarray(as_inputs(load().images[number : number + 1])[0, 0])


def label_of(scene: InsideScene, network: Network) -> int:
    """Return the digit that counts as right: for a drawing, the network's own answer."""
    if scene.label:
        return int(scene.label)
    if scene.image != BLANK:
        return int(load().labels[scene.image])
    return int(network.probabilities(image_of(scene)[None, None])[0].argmax())


def image_pass(network: Network, scene: InsideScene) -> ImagePass:
    """Return the pass of a scene."""
    # The pass does not depend on these, so that scenes differing in them share a cache entry.
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
        network, other = seen, _prediction(unseen, x, label)
    own = _prediction(network, x, label)
    kinks = RULES[scene.rule].kinks
    if scene.back == "loss":
        traced = trace(network.with_loss([label]), x, *network.params, kinks=kinks)
    else:
        sent = np.eye(CLASSES, dtype=np.float32)[[int(scene.back)]]
        traced = trace(network.layers, x, *network.params, dout=sent, kinks=kinks)
    traced.under(EVERYBODY)  # sentences compare the rules: if one of them fails, fail here
    slug = network.architecture.slug
    return ImagePass(
        traced,
        naming(slug, scene.back),
        {letter: stage.shape for letter, stage in stages(slug).items()},
        ("s",),
        network=network,
        label=label,
        probabilities=own.probabilities,
        loss=own.loss,
        other=other,
    )


def after_step(network: Network, scene: InsideScene) -> Network:
    """Return the network after one step of plain gradient descent on this image alone."""
    x, label = image_of(scene)[None, None], label_of(scene, network)
    loss = trace(network.with_loss([label]), x, *network.params, kinks=RULES[scene.rule].kinks)
    descent = SGD(learning_rate=10.0**scene.rate, momentum=0.0)
    params, _ = descent.step(network.params, loss.grads[1:], descent.start(network.params))
    return Network(network.architecture, tuple(params))


def _prediction(network: Network, x: Array, label: int) -> Prediction:
    loss, _ = network.with_loss([label]).apply(x, *network.params)
    return Prediction(network.probabilities(x)[0], float(loss))


@lru_cache(maxsize=8)
def wrong_ones(network: Network) -> tuple[int, ...]:
    """Return the test images that the network gets wrong, the most confident error first.

    () if its numbers leave the range of float32. Takes half a second, then is cached.
    """
    try:
        with np.errstate(all="ignore"):
            return tuple(map(int, Evaluation.of(network, load()).wrong))
    except NumberError:
        return ()


PART: Final = 5
"""The side, in pixels, of the square that is covered to see whether it decides the answer."""


class Part(NamedTuple):
    """A part of an image."""

    at: tuple[int, int]  # its first row and column
    probability: float  # of the label, when the part is covered


def decisive_part(network: Network, image: Array, label: int) -> Part | None:
    """Return the part of an image (28, 28) whose covering makes the label most probable.

    None if the network takes the image for something else whichever part is covered.
    """
    return _decisive_part(network, image.astype(np.float32).tobytes(), label)


@lru_cache(maxsize=64)
def _decisive_part(network: Network, pixels: bytes, label: int) -> Part | None:
    image, count = np.frombuffer(pixels, np.float32).reshape(1, SIDE, SIDE), SIDE - PART + 1
    covered = np.repeat(image, count * count, axis=0)
    for place, each in enumerate(covered):
        top, left = divmod(place, count)
        each[top : top + PART, left : left + PART] = 0
    found = network.probabilities(covered[:, None])
    likely = np.where(found.argmax(axis=1) == label, found[:, label], -1)
    place = int(likely.argmax())
    return Part(divmod(place, count), float(likely[place])) if likely[place] > 0 else None


def winners(traced: Trace, step: int, outputs: Mask) -> list[tuple[Index, Index]]:
    """Return the maxima of these windows of a pool under the trace's rule, as (entry, output).

    The windows of these networks' pools do not overlap: an entry is in at most one of them.
    """
    pool = traced.steps[step]
    sent = outputs.astype(pool.output.dtype)
    shares = pool.layer.vjp(sent, pool.run.cache, traced.kinks).grads[0]
    return [(entry, output) for entry in nonzero_at(shares) for output in pool.fed(0, entry)]


def shipped_network() -> Network:
    """Return the network that comes with the program."""
    return shipped().network


def ways(passed: ImagePass, place: Entry | None) -> list[Way]:
    """Return the ways through pools to and from an entry, each to the maximum of its window."""
    if place is None:
        return []
    found: list[Way] = []
    reach = passed.reach(place)
    for position, step in enumerate(passed.trace.steps):
        if not step.layer.picks:
            continue
        ends = passed.trace.outside + position, step.reads[0]
        (tail, outputs), (head, entries) = (
            (passed.letters[number], _concerned(passed, reach, place, number)) for number in ends
        )
        pairs = [pair for pair in winners(passed.trace, position, outputs) if entries[pair[0]]]
        pairs.sort(key=lambda pair: -abs(float(step.dout[pair[1]])))
        found += [
            Way(tail, output[1:], head, winner[1:], bool(step.dout[output]))
            for winner, output in (pairs if len(pairs) <= MOST_WAYS else pairs[:STRONGEST])
        ]
    return found


def _concerned(passed: ImagePass, reach: Mapping[str, Mask], place: Entry, number: int) -> Mask:
    """Return which entries of a value the chosen entry reads, or read it, or are itself."""
    none = np.zeros(passed.trace.values[number].array.shape, np.bool_)
    if place.number != number:
        return reach.get(passed.letters[number], none)
    none[place.index] = True
    return none
