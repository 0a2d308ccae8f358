"""The names of a network's arrays and entries, and which arrays are drawn as maps.

x is the image. A convolution turns it into a1, a ReLU into h1, a pool into p1, and so on; f is the
output of Flatten, s are the logits, L is the loss. x5,3 is the entry in row 5 and column 3,
a1.2,5,3 the same in the second map of a1, s7 the logit of the digit 7: digits count from 0,
everything else from 1.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Final

import numpy as np

from engine import Trace, trace
from engine.arrays import Extent, Index
from engine.mnist import SIDE
from engine.training import Network
from engine.training.network import CLASSES
from pages.derive.derivation import letters
from pages.explore.map_pass import MapPass
from pages.figures.info import Naming, letters_of
from pages.figures.inside import Stage
from pages.figures.words import name

LETTERS: Final = {"z": "p", "y": "s"}
"""The letters used here instead of z and y: a pool's output is p, the last layer's scores are s."""
NUMBERED: Final = "wbahp"  # letters that are numbered even if there is only one of them
TITLES: Final = {"Conv2D": "Conv", "MaxPool2D": "Pool"}  # short titles of layers


@dataclass(frozen=True)
class NetworkNaming(Naming):
    """The names of a network's entries, without the axis of the batch."""

    digits: frozenset[str] = frozenset()  # the letters whose first number is a digit
    images: frozenset[str] = frozenset()  # the letters whose rows are images

    def counted(self, letter: str, index: Index) -> Index:
        """See `Naming.counted`; without the batch, and a pixel by its row and column."""
        index = super().counted(letter, index)
        if letter in self.images:
            index = (*index[:-1], *divmod(index[-1], SIDE))
        return (index[0] - 1, *index[1:]) if letter in self.digits else index


@lru_cache(maxsize=64)
def naming(slug: str, back: str) -> NetworkNaming:
    """Return the names in an architecture's pass. back: "loss", or the digit of a logit."""
    traced = _of_zeros(slug, loss=back == "loss")
    plain = letters(traced)
    names = Naming(tuple(tuple(map(_own, row)) for row in plain.inputs), _own(plain.output))
    shapes = {
        letter: value.array.shape
        for letter, value in zip(letters_of(traced, names), traced.values, strict=True)
    }
    weights = [letter for letter in shapes if letter[0] in "wb"]
    return NetworkNaming(
        names.inputs,
        names.output,
        "" if back == "loss" else name("s", int(back) - 1),
        {
            letter: tuple(axis for axis, size in enumerate(shape) if size > 1)
            for letter, shape in shapes.items()
        },
        digits=frozenset({"s", *weights[-2:]}),
        images=frozenset(letter for letter in weights if _rows_are_images(shapes[letter])),
    )


@lru_cache(maxsize=16)
def stages(slug: str) -> dict[str, Stage]:
    """Return the arrays that are maps, by letter: the image, the first weights, activations."""
    traced = _of_zeros(slug, loss=False)
    named = letters_of(traced, naming(slug, "0"))
    found = {}
    for number in dict.fromkeys(number for step in traced.steps for number in step.reads):
        shape = traced.values[number].array.shape
        if len(shape) == 4 and 1 in shape[:2]:
            maps: Extent = (prod(shape[:2]), *shape[2:])
        elif _rows_are_images(shape):
            maps = (shape[0], SIDE, SIDE)
        else:
            continue
        filters = 0 < number < traced.outside and len(shape) == 4
        title = "Image" if number == 0 else "Filters" if filters else "Weights"
        if number >= traced.outside:
            made = traced.steps[number - traced.outside].layer.title
            title = TITLES.get(made, made)
        found[named[number]] = Stage(title, maps, filters)
    return found


@lru_cache(maxsize=16)
def empty_pass(slug: str) -> MapPass:
    """Return the pass of a blank image, which has every entry that there is."""
    shapes = {letter: stage.shape for letter, stage in stages(slug).items()}
    return MapPass(_of_zeros(slug, loss=False), naming(slug, "0"), shapes, ("s",))


def _own(letter: str) -> str:
    """Return the letter used here: z2 -> p2, and a -> a1 if there is only one."""
    kind = LETTERS.get(letter[0], letter[0])
    alone = "1" if kind in NUMBERED else ""
    return kind + (letter[1:] or alone)


def _rows_are_images(shape: Extent) -> bool:
    return shape == (CLASSES, SIDE * SIDE)


@lru_cache(maxsize=16)
def _of_zeros(slug: str, *, loss: bool) -> Trace:
    network = Network.new(slug)
    layers = network.with_loss([0]) if loss else network.layers
    return trace(layers, np.zeros((1, 1, SIDE, SIDE), np.float32), *network.params)
