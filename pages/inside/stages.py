"""What flows through a network, stage by stage: its letters, and how its entries are called.

x is the image; a convolution makes a1 of it, a ReLU h1, a pool p1, and so on; f is what Flatten
makes, s are the logits, L the loss. An entry is called x5,3 in row 5 and column 3, a1.2,5,3 in
those of the second map, s7 for the digit 7: digits count from 0, all else from 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from engine.arrays import Index
from engine.mnist import SIDE
from engine.training import ARCHITECTURES, Network
from pages.figures.info import Naming
from pages.figures.words import name

LETTERS: Final = {"z": "p", "y": "s"}
"""Here z is no output: a pool's are p, and the last layer's are the scores s."""
TITLES: Final = {"Conv2D": "Conv", "MaxPool2D": "Pool"}
"""Where a short one will do."""
_RAISED: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹"


@dataclass(frozen=True)
class Stage:
    """What flows into a step of the trace, or a weight: maps (channels, side, side).

    letter: x, a1, w1. step and argument: whose input it is. title: what made it. flat: whether its
    numbers stand in a row for each channel, as a linear layer's weights do.
    """

    letter: str
    step: int
    argument: int
    title: str
    channels: int
    side: int
    flat: bool = False

    @property
    def weights(self) -> bool:
        """Whether it is learned."""
        return self.argument > 0

    @property
    def first(self) -> int:
        """The number of the first channel: classes count from 0."""
        return 0 if self.flat else 1

    def prefixes(self) -> list[str]:
        """What the names of each channel's entries begin with: a1.2,"""
        if self.letter == "x":
            return ["x"]
        return [f"{self.letter}.{channel + self.first}," for channel in range(self.channels)]

    def index(self, channel: int, row: int, column: int) -> Index:
        """Where in the array an entry of a map is."""
        if self.flat:
            return channel, row * self.side + column
        return (channel, 0, row, column) if self.weights else (0, channel, row, column)


@dataclass(frozen=True)
class InsideNaming(Naming):
    """The names of a network's entries, without the axis of the batch."""

    def entry(self, letter: str, index: Index) -> str:
        """As an address has it: x5,3, a1.2,5,3, s7."""
        counted = ",".join(map(str, _counted(self, letter, index)))
        return f"{letter}.{counted}" if len(letter) > 1 else f"{letter}{counted}"

    def label(self, letter: str, index: Index) -> str:
        """As it is written: x₅‚₃, a⁽¹⁾₂‚₅‚₃, s₇."""
        return name(written(letter), *(number - 1 for number in _counted(self, letter, index)))


def written(letter: str) -> str:
    """a1 -> a⁽¹⁾."""
    return letter[0] + "".join(f"⁽{_RAISED[int(digit)]}⁾" for digit in letter[1:])


def inputs_of(slug: str) -> tuple[tuple[str, ...], ...]:
    """The letters of each step's inputs, up to the logits'."""
    return tuple(
        (letter, *(f"{kind}{number}" for kind in "wb" if weighted))
        for letter, number, weighted, _ in _flowing(slug)
    )


def naming(slug: str, back: str) -> InsideNaming:
    """The names, and what is differentiated: back is "loss", or the digit of a logit."""
    inputs = inputs_of(slug)
    if back == "loss":
        return InsideNaming((*inputs, ("s",)), "L")
    return InsideNaming(inputs, "s", name("s", int(back) - 1))


@lru_cache(maxsize=16)
def stages(slug: str) -> tuple[Stage, ...]:
    """The stages of an architecture that are maps, and its first weights."""
    network = Network.new(slug)
    runs = network.layers.run(np.zeros((1, 1, SIDE, SIDE), np.float32), *network.params)
    found = []
    title = "Image"
    for step, (run, (letter, number, weighted, made)) in enumerate(
        zip(runs, _flowing(slug), strict=True)
    ):
        shape = run.inputs[0].shape
        if len(shape) == 4:
            found.append(Stage(letter, step, 0, title, shape[1], shape[2]))
        if weighted and number == 1:
            flat = run.inputs[1].ndim == 2
            channels = run.inputs[1].shape[0]
            side = SIDE if flat else run.inputs[1].shape[-1]
            title_there = "Weights" if flat else "Filters"
            found.append(Stage("w1", step, 1, title_there, channels, side, flat))
        title = made
    return tuple(found)


def located(slug: str, entry: str) -> tuple[int, int, Index] | None:
    """The step, the argument and the index of an entry; None for one that is not there."""
    if entry[:1] == "s" and entry[1:].isdigit() and int(entry[1:]) < 10:
        return len(_flowing(slug)), 0, (0, int(entry[1:]))
    letter, _, numbers = ("x", "", entry[1:]) if entry[:1] == "x" else entry.partition(".")
    for stage in stages(slug):
        if stage.letter != letter:
            continue
        counted = [int(number) for number in numbers.split(",")]
        channel, row, column = (1, *counted)[-3:]
        channel -= stage.first
        inside = 0 <= channel < stage.channels and all(
            1 <= each <= stage.side for each in (row, column)
        )
        if inside:
            return stage.step, stage.argument, stage.index(channel, row - 1, column - 1)
    return None


def _counted(naming: Naming, letter: str, index: Index) -> Iterator[int]:
    """The numbers in an entry's name: what is not the batch's, classes from 0."""
    last = naming.inputs[-1 if naming.output != "L" else -2]
    if letter == "L":
        return
    if letter in ("x", "s", "f") or letter[0] in "ahp":
        own = index[2:] if letter == "x" else index[1:]
        yield from (number + (letter != "s") for number in own)
    elif letter in last[1:]:
        yield index[0]
        yield from (number + 1 for number in index[1:])
    else:
        own = (index[0], *index[2:]) if letter == "w1" else index
        yield from (number + 1 for number in own)


@lru_cache(maxsize=16)
def _flowing(slug: str) -> tuple[tuple[str, int, bool, str], ...]:
    """For each layer the letter of its input, its number, whether it has weights, its title.

    The number is among those that have weights.
    """
    letter, number, found = "x", 0, []
    for layer in ARCHITECTURES[slug].layers.operations:
        weighted = bool(layer.parametrised)
        number += weighted
        found.append((letter, number, weighted, TITLES.get(layer.title, layer.title)))
        kind = LETTERS.get(layer.words.letter, layer.words.letter)
        letter = kind if kind in "fs" else f"{kind}{number}"
    return tuple(found)
