"""What a picture of a network on an image shows, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Index, Mask

Show: TypeAlias = Literal["activations", "gradients", "reasons"]


@dataclass(frozen=True)
class Shape:
    """The maps of one stage: how they are called, how many they are, how large.

    letter: as entries have it; title: what made them; written: the letter as it is written.
    """

    letter: str
    title: str
    written: str
    channels: int
    side: int


@dataclass(frozen=True, eq=False)
class Maps:
    """The numbers of one stage and their gradient, (channels, side, side) each.

    why: the reason for each entry of the gradient; None where it is not shown.
    """

    values: Array
    gradients: Array
    why: NDArray[np.uint8] | None = None

    @property
    def nonzero(self) -> int:
        """How many gradients are nonzero."""
        return int(np.count_nonzero(self.gradients))


@dataclass(frozen=True)
class Classes:
    """What the network says of each digit, and the gradient in its logits: (10,) each.

    label: the right answer. answer: the likeliest. other: the probabilities before or after a step
    of gradient descent; None where no step is taken.
    """

    probabilities: Array
    gradients: Array
    label: int
    answer: int
    other: Array | None = None


@dataclass(frozen=True)
class Seen:
    """How it is looked at, besides the theme.

    chosen: the letter and the place (channel, row, column) of the explained entry, or "s" and the
    digit; None for none. enlarged: which map is shown large, its letter and channel. lit: by letter
    what the chosen entry reads and what reads it. ways: from a pool's cell to who won its window:
    (letter, channel, row, column) twice, and whether a gradient goes that way. texts: what is to
    be said, by where it is said.
    """

    show: Show
    enlarged: tuple[str, int]
    chosen: tuple[str, Index] | None = None
    lit: Mapping[str, Mask] = field(default_factory=dict)
    ways: Sequence[tuple[str, Index, str, Index, bool]] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    legend: str = ""
