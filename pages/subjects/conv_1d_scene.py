"""The state of the page about one-dimensional convolution, and its presets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Final, Self

import numpy as np

from engine import RULES
from engine.arrays import Index
from engine.layers.windows import windows
from pages.codecs import Choice, Numbers, Whole, kept
from pages.figures.info import plain
from pages.scene import Scene

LENGTH: Final = 5
TAPS: Final = 3
FILTERS: Final = 2
STRIDES: Final = (1, 2, 3)
PADDINGS: Final = (0, 1, 2)
MOST: Final = LENGTH + 2 * PADDINGS[-1]
"""As many outputs as a filter may have."""


@dataclass(frozen=True)
class Kind:
    """A kind of filters: w's shape, which of the scene's FILTERS × TAPS numbers are its entries."""

    title: str
    shape: tuple[int, ...]
    formula: str

    @property
    def kernel(self) -> int:
        """How many entries of x a window reads."""
        return self.shape[-1] if self.shape else 1

    @property
    def filters(self) -> tuple[int, ...]:
        """The axis of the filters, () where there is one filter without."""
        return self.shape[:-1] if len(self.shape) == 2 else ()

    def weights(self) -> dict[Index, int]:
        """Each entry's index into w, and where its number is kept."""
        return {
            index: TAPS * (index[0] if self.filters else 0) + (index[-1] if self.shape else 0)
            for index in np.ndindex(*self.shape)
        }


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "scalar": Kind("one scalar filter", (), "a = w · x"),
        "scalars": Kind("several scalar filters", (FILTERS, 1), "aᶠ = wᶠ · x"),
        "vector": Kind("one vector filter", (TAPS,), "a = w ∗ x"),
        "vectors": Kind("a set of vector filters", (FILTERS, TAPS), "aᶠ = wᶠ ∗ x"),
    }
)


def _named(letter: str, indices: Iterable[Index]) -> list[str]:
    return [plain(letter, index) for index in indices]


_X: Final = _named("x", np.ndindex(LENGTH))
_W: Final = dict.fromkeys(name for kind in KINDS.values() for name in _named("w", kind.weights()))
_A: Final = [*_named("a", np.ndindex(MOST)), *_named("a", np.ndindex(FILTERS, MOST))]


@dataclass(frozen=True)
class ConvScene(Scene):
    """x, the filters and their weights, the upstream gradient of a, stride and padding, the entry.

    Of w and da only the numbers that the filters have a use for count. A convolution has no
    kink: the rule is kept as on every page, and changes nothing.
    """

    x: tuple[float, ...] = kept(Numbers(LENGTH), (1.0, -2.0, 3.0, 0.5, -1.0))
    filters: str = kept(Choice(tuple(KINDS)), "vector")
    w: tuple[float, ...] = kept(
        Numbers(FILTERS * TAPS, columns=TAPS), (1.0, -0.5, 2.0, 0.5, 1.5, -1.0)
    )
    stride: int = kept(Whole(STRIDES[0], STRIDES[-1]), 1)
    padding: int = kept(Whole(PADDINGS[0], PADDINGS[-1]), 0)
    da: tuple[float, ...] = kept(Numbers(FILTERS * MOST, columns=MOST), (1.0,) * FILTERS * MOST)
    rule: str = kept(Choice(tuple(RULES)), "lab")
    entry: str = kept(Choice(("", *_X, *_W, *_A)), "x3")

    @property
    def kind(self) -> Kind:
        """The filters."""
        return KINDS[self.filters]

    @cached_property
    def output(self) -> tuple[int, ...]:
        """The shape of a."""
        settings = ((self.kind.kernel,), (self.stride,), (self.padding,))
        return (*self.kind.filters, *windows("Conv1D", (LENGTH,), *settings).output)

    def upstream(self) -> dict[Index, int]:
        """Each output's index into a, and where the number that is sent into it is kept."""
        return {
            index: MOST * (index[0] if self.kind.filters else 0) + index[-1]
            for index in np.ndindex(*self.output)
        }

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """x1 …; of w and da the numbers in use, under the names that the filters give them."""
        named = {name: at for name, at in super().entry_names().items() if at[0] not in ("w", "da")}
        named |= {plain("w", index): ("w", at) for index, at in self.kind.weights().items()}
        return named | {plain("da", index): ("da", at) for index, at in self.upstream().items()}

    def possible(self) -> tuple[Self, list[str]]:
        """Where the chosen entry is not there under other settings, its counterpart is chosen."""
        there = [*_X, *_named("w", self.kind.weights()), *_named("a", self.upstream())]
        if not self.entry or self.entry in there:
            return self, []
        alike = [entry for entry in there if entry[0] == self.entry[0]]
        return replace(self, entry=min(alike, key=lambda it: _apart(it, self.entry))), []


def _apart(one: str, other: str) -> tuple[int, int]:
    """How far two entries of a letter are apart: within a filter first, then between filters."""
    (f, i), (g, j) = map(_numbers, (one, other))
    return abs(i - j), abs(f - g)


def _numbers(entry: str) -> tuple[int, int]:
    """The filter and the place in it: (2, 3) for w2,3; (1, 3) for w3; (1, 1) for w alone."""
    f, _, i = entry[1:].rpartition(",")
    return int(f or 1), int(i or 1)


_DIFFERENCE: Final = (-1.0, 0.0, 1.0, 0.5, 1.5, -1.0)

PRESETS: Final[Mapping[str, ConvScene]] = MappingProxyType(
    {
        "one-scalar": ConvScene(filters="scalar", entry="w"),
        "several-scalars": ConvScene(filters="scalars"),
        "one-vector": ConvScene(),
        "set-of-vectors": ConvScene(filters="vectors"),
        "stride-2": ConvScene(stride=2),
        "padding-1": ConvScene(padding=1, entry="w1"),
        "not-read": ConvScene(stride=3, entry="x5"),
        "cancelled": ConvScene(w=_DIFFERENCE),
        "zero-weight": ConvScene(filters="scalar", w=(0.0,) * FILTERS * TAPS),
        "zero-input": ConvScene(filters="scalar", x=(0.0,) * LENGTH, entry="w"),
    }
)
