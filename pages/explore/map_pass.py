"""A pass whose arrays are shown as maps: its entries by name, what they reach, grids, sentences.

The naming of a pass says which letters it has and what an entry is called; the shape of an array
says how many maps it has. Both pages about images are built on this: the 2-D convolution and Look
inside.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

import numpy as np

from engine import Kinks, Layer, Trace, trace
from engine.arrays import Array, Extent, Index, Mask, indices
from engine.trace import influence, receptive_field
from pages.derive.picture import Grid
from pages.explain.aria import array_summary, marks_in_words, share_in_words
from pages.explain.entry import Entry, first_read
from pages.explain.sentences import explain_entry, reach_line
from pages.explain.steps import value_line
from pages.figures.heat_maps import Packed, pack, pack_words
from pages.figures.info import Cell, GraphInfo, Known, Naming, known_at, letters_of
from pages.figures.maps import Maps, Panel, cell_named
from pages.figures.words import INDEX_COMMA, REASONS


@dataclass(frozen=True, eq=False)
class MapPass:
    """A pass whose arrays are shown as maps."""

    trace: Trace
    naming: Naming
    shapes: Mapping[str, Extent]  # (channels, rows, columns) of each array shown as maps, by letter
    cells: Sequence[str] = ()  # the letters of small arrays whose entries are shown one by one

    @cached_property
    def letters(self) -> list[str]:
        """The letter of each value of the trace."""
        return letters_of(self.trace, self.naming)

    def prefixes(self, letter: str) -> tuple[str, ...]:
        """The prefix of the names of each channel's entries: 'x', 'a2,', 'h1.2,'."""
        return _prefixes(self.naming, letter, self.shapes[letter], self._array(letter).shape)

    def label_of(self, letter: str, channel: int) -> str:
        """The label of one of several maps: a⁽¹⁾₂."""
        first = self.naming.label(letter, self._index(letter, (channel, 0, 0)))
        return first.rsplit(INDEX_COMMA, 2)[0]

    def maps(self, *, why: bool = False, least: float = 0.0) -> dict[str, Maps]:
        """All maps, by letter. why: whether they have the reasons too; least: as in `Maps`."""
        found = {}
        for letter, shape in self.shapes.items():
            value = self.trace.values[self.letters.index(letter)]
            found[letter] = Maps(
                letter,
                self.prefixes(letter),
                value.array.reshape(shape),
                value.grad.reshape(shape),
                value.why.reshape(shape) if why else None,
                given=not value.readers,
                least=least,
            )
        return found

    def place(self, entry: str) -> Entry | None:
        """The entry of this name, or None if there is none."""
        for letter in self.cells:
            for index in indices(self._array(letter).shape):
                if self.naming.entry(letter, index) == entry:
                    return self._place(letter, index)
        for letter, shape in self.shapes.items():
            at = cell_named(entry, self.prefixes(letter), shape)
            if at is not None:
                return self._place(letter, self._index(letter, at))
        return None

    def known_at(self, step: int) -> dict[str, Known]:
        """What is known of each array at a step of the step-through, by letter."""
        return dict(zip(self.letters, known_at(self.trace, step), strict=True))

    @cached_property
    def _still(self) -> "_Still":
        shapes = tuple(value.shape for value in self.trace.params)
        return _Still(_written(self.trace.layer), shapes, self.trace.layer, self.trace.kinks)

    def reach(self, place: Entry) -> dict[str, Mask]:
        """What an entry depends on, and what it affects: masks in the arrays' shapes, by letter."""
        return {self.letters[number]: mask for number, mask in self._reach(place).items()}

    def _reach(self, place: Entry) -> Mapping[int, Mask]:
        return _reach(self._still, place.step, place.argument, place.index, frozenset(place.muted))

    def lit(self, place: Entry) -> dict[str, Mask]:
        """As `reach`, with the masks in the shapes of the maps."""
        reach = self.reach(place)
        return {
            letter: reach[letter].reshape(shape)
            for letter, shape in self.shapes.items()
            if letter in reach
        }

    def said(self, place: Entry) -> list[str]:
        """The sentences about an entry: its gradient, formula, how its value came about, reach."""
        return explain_entry(place, self.forward(place), self._reach(place))

    def forward(self, place: Entry) -> str:
        """How the value came about, what the entry depends on, and what it affects."""
        seen = [*self.shapes, *self.cells]
        reach = {letter: mask for letter, mask in self.reach(place).items() if letter in seen}
        return f"{value_line(place)} {reach_line(place, reach)}".strip()

    def _array(self, letter: str) -> Array:
        return self.trace.values[self.letters.index(letter)].array

    def _index(self, letter: str, at: Index) -> Index:
        """The index in the array of an entry of its maps."""
        return _index(at, self.shapes[letter], self._array(letter).shape)

    def _place(self, letter: str, index: Index) -> Entry:
        return first_read(self.trace, self.naming, self.letters.index(letter), index)


@lru_cache(maxsize=256)  # every picture asks for the same ones
def _prefixes(naming: Naming, letter: str, shape: Extent, own: Extent) -> tuple[str, ...]:
    firsts = (naming.entry(letter, _index((each, 0, 0), shape, own)) for each in range(shape[0]))
    return tuple(first.removesuffix("1,1") for first in firsts)


@lru_cache(maxsize=4096)
def _index(at: Index, shape: Extent, own: Extent) -> Index:
    """The index, in an array of its own shape, of an entry of its maps."""
    return tuple(map(int, np.unravel_index(np.ravel_multi_index(at, shape), own)))


@dataclass(frozen=True)
class _Still:
    """A layer and the shapes of its inputs, which alone decide which entry reads which."""

    written: str
    shapes: tuple[Extent, ...]
    layer: Layer = field(compare=False)
    kinks: Kinks = field(compare=False)


_written: Final = lru_cache(maxsize=64)(repr)  # which takes as long as all the rest


@lru_cache(maxsize=512)
def _reach(
    still: _Still, step: int, argument: int, index: Index, but: frozenset[Index]
) -> dict[int, Mask]:
    """The masks of `MapPass.reach`, by the values' numbers. but: outputs that are left out."""
    traced = _of_zeros(still)
    masks: dict[int, Mask] = {}
    if argument == 0:
        fields = receptive_field(traced, step, index)
        masks |= {each.reads[0]: mask for each, mask in zip(traced.steps, fields, strict=False)}
    if step < len(traced.steps):
        reached = influence(traced, step, argument, index, but)
        masks |= dict(enumerate(reached, traced.outside + step))
    return masks


@lru_cache(maxsize=16)
def _of_zeros(still: _Still) -> Trace:
    zeros = (np.zeros(shape, np.float32) for shape in still.shapes)
    return trace(still.layer, *zeros, kinks=still.kinks)


# --- predictions


def cells_of(
    maps: Iterable[Maps], naming: Naming, inputs: frozenset[str] = frozenset()
) -> GraphInfo:
    """The maps' cells, for a prediction; there are too many edges between them to show."""
    cells: dict[str, Cell] = {}
    for each in maps:
        for at in indices(each.values.shape):
            entry = each.entry(at)
            grad = 0.0 if each.gradients is None else float(each.gradients[at])
            index = at if len(each.prefixes) > 1 or each.prefixes[0] != each.letter else at[1:]
            cells[entry] = Cell(
                entry,
                naming.label(each.letter, index),
                each.letter,
                index,
                "gradient",
                float(each.values[at]),
                grad,
                "",
                given=each.given,
            )
    counts = dict.fromkeys(cell.letter for cell in cells.values())
    return GraphInfo(cells, (), (), counts, inputs)


# --- what can be chosen, and what a screen reader says


def grids(panels: Iterable[Panel], maps: Mapping[str, Maps]) -> list[Grid]:
    """A grid for each map shown; the first panel that shows a map alone carries its numbers."""
    found: list[Grid] = []
    carried: set[str] = set()
    for panel in panels:
        here = maps[panel.letter]
        for channel, box in panel.boxes.items():
            prefix = here.prefixes[channel]
            said = panel.said.format(map=prefix.removesuffix(","), kind=panel.kind)
            alone = panel.count == 1
            numbers = _packed_numbers(here, channel) if alone and prefix not in carried else {}
            carried |= {prefix} if alone else set()
            rows, columns = here.values.shape[1:]
            group = "" if alone else panel.letter
            found.append(
                Grid(prefix, said, rows, columns, box, group=group, lined=False, **numbers)
            )
    return found


def _packed_numbers(here: Maps, channel: int) -> dict[str, Packed]:
    if not here.is_known("values"):
        return {}
    numbers = {"values": pack(here.values[channel])}
    if here.why is not None:
        numbers["gradients"] = pack(here.why[channel].astype(np.float64), (*REASONS.values(),))
    elif here.gradients is not None:
        numbers["gradients"] = pack(here.gradients[channel])
    elif here.shares is not None:
        shares = here.shares[channel].ravel().tolist()
        numbers["gradients"] = pack_words([share_in_words((share,)) for share in shares])
    elif here.marks is not None:
        numbers["gradients"] = pack(here.marks[channel].astype(np.float64), marks_in_words())
    return numbers


def summary(maps: Iterable[Maps]) -> str:
    """How many gradients of each map are nonzero, if they may be seen."""
    return " ".join(
        array_summary(prefix.rstrip(","), nonzero, each.values[0].size)
        for each in maps
        for prefix, nonzero in zip(each.prefixes, each.nonzero or (), strict=False)
    )
