"""What the engine says about a scene of another page: its pass, a slice, the brackets, the ties.

Remembered by scene: a picture, its axes, its sentences and the table ask for the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from engine import Gate, Trace
from engine.arrays import Index
from engine.check.claims import Entry as Key
from engine.check.claims import Point, point
from engine.check.slices import Slice, slice_along
from engine.errors import LimitError
from engine.flows import pieces
from engine.kinks import CHOICES, EVERYBODY
from engine.reach import influence
from pages.explain.entry import Entry
from pages.explore import pages as explore
from pages.figures.info import Naming
from pages.figures.ticks import reach
from pages.state.codecs import HIGH, LOW
from pages.state.scene import Scene

Reach: TypeAlias = tuple[float, float]
ALL: Final = 12
"""So many entries have a bracket each; of more, so many as are near the chosen one:"""
NEAR: Final = 9
BEYOND: Final = (0.5, 2.5)
"""How far the slice goes on to the left and to the right of what a slider reaches: there is room
for the tangents, and their names."""
DRAWN: Final = (2, 3)
"""Of so many that tie there is a picture."""
MOST: Final = 64
"""So many windows of a pool are looked at, those first that the chosen entry has a part in."""


@lru_cache(maxsize=64)
def trace_of(of: str, inner: Scene) -> Trace:
    """The pass of a scene of the page with this key."""
    trace: Trace = explore.PAGES[of].subject.trace(inner)
    return trace


class Inputs(Mapping[str, Entry]):
    """Every entry of x and of the parameters, by its plain name; its place when it is asked for."""

    def __init__(self, trace: Trace, naming: Naming, entries: Mapping[str, Key]) -> None:
        """entries: where each is, by its name."""
        self.trace, self.naming, self.entries = trace, naming, entries

    def __getitem__(self, name: str) -> Entry:
        """Where it is in the pass. Raises KeyError for another name."""
        return Entry(self.trace, self.naming, 0, *self.entries[name])

    def __iter__(self) -> Iterator[str]:
        """The names, x first."""
        return iter(self.entries)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.entries)


def inputs_of(of: str, inner: Scene) -> Inputs:
    """Every entry of x and of the parameters of a scene."""
    trace = trace_of(of, inner)
    shapes = tuple(each.shape for each in trace.steps[0].inputs)
    return Inputs(trace, explore.PAGES[of].naming(inner), _entries(of, shapes))


@lru_cache(maxsize=64)  # they are the same for all values, and a digit has hundreds
def _entries(of: str, shapes: tuple[Index, ...]) -> Mapping[str, Key]:
    naming = explore.PAGES[of].naming(explore.PAGES[of].subject.start)
    return MappingProxyType(
        {
            naming.entry(letter, index): (argument, index)
            for argument, (letter, shape) in enumerate(zip(naming.inputs[0], shapes, strict=True))
            for index in np.ndindex(*shape)
        }
    )


def looked_at(of: str, inner: Scene, entry: str) -> list[str]:
    """The entries whose brackets are shown: all, or those of the same letter around the chosen."""
    entries = inputs_of(of, inner).entries
    if len(entries) <= ALL:
        return list(entries)
    argument, chosen = entries[entry]

    def far(name: str) -> tuple[bool, int]:
        apart = np.abs(np.subtract(entries[name][1], chosen))
        return bool(apart[:-2].any()), int(apart[-2:].max())

    alike = [name for name, (of_it, _) in entries.items() if of_it == argument]
    near = set(sorted(alike, key=far)[:NEAR])
    return [name for name in alike if name in near]


def movable(inner: Scene, entry: str) -> Reach:
    """From where to where a slider moves an entry; one without a slider has no more than its own.

    What has no slider is a pixel, from 0 to 1.
    """
    named = inner.entry_names()
    if entry not in named:
        return 0.0, 1.0
    codec = inner.codecs()[named[entry][0]]
    each = getattr(codec, "each", codec)
    return getattr(each, "low", LOW), getattr(each, "high", HIGH)


def drawn(inner: Scene, entry: str) -> Reach:
    """From where to where the slice over an entry is drawn."""
    low, high = movable(inner, entry)
    unit = (high - low) / (HIGH - LOW)
    return low - BEYOND[0] * unit, high + BEYOND[1] * unit


def slice_of(of: str, inner: Scene, entry: str) -> Slice | None:
    """The output over one entry, whatever it is now; None where it bends too often."""
    still = inner.moved(entry, 0.0) if entry in inner.entry_names() else inner
    return _slice_of(of, still, entry)


@lru_cache(maxsize=64)
def _slice_of(of: str, inner: Scene, entry: str) -> Slice | None:
    place = inputs_of(of, inner)[entry]
    try:
        return slice_along(place.trace, place.argument, place.index, *drawn(inner, entry))
    except LimitError:
        return None


@lru_cache(maxsize=64)
def point_of(of: str, inner: Scene, names: tuple[str, ...]) -> Point:
    """What is true at the point, and what each rule claims; the brackets of these entries."""
    inputs = inputs_of(of, inner)
    return point(trace_of(of, inner), [key_of(inputs[name]) for name in names])


def key_of(place: Entry) -> Key:
    """An entry as the engine names it: of the first step, that has all the parameters."""
    return place.argument, place.index


def fitted(of: str, inner: Scene, entry: str) -> tuple[Reach, Reach]:
    """Axes that hold what is there: the slice, and all brackets and claims."""
    along = slice_of(of, inner, entry)
    trace = trace_of(of, inner)
    heights = [float(np.vdot(trace.output, trace.dout))] if along is None else along.values
    there = point_of(of, inner, tuple(looked_at(of, inner, entry)))
    brackets = there.brackets
    slopes = [side for each in brackets.values() for side in (each.left, each.right)]
    slopes += [claim.at(each) for claim in there.claims.values() for each in brackets]
    return reach(heights, 2, 0.25, 0.12), reach([0, *slopes], 2, 0.08, 0.08)


class Tie(NamedTuple):
    """Entries of a pool's input that share the maximum of a window, its output.

    shut: whether all of them are behind closed gates, so that nothing near the point can part them.
    """

    step: int
    output: Index
    entries: tuple[Index, ...]
    shut: bool


def ties(place: Entry) -> list[Tie]:
    """The ties that a gradient arrives at; those first that an entry of x or w has a part in."""
    return list(islice(_ties(place), MOST))


def _ties(place: Entry) -> Iterator[Tie]:
    everybody = place.trace.under(EVERYBODY)
    for position, step in enumerate(everybody.steps):
        of_ties = any(CHOICES[choice].of_ties for choice in step.layer.kink_choices)
        if not (of_ties and step.kinked[0].any()):
            continue
        reached = influence(place.trace, place.step, place.argument, place.index)[position]
        windows = sorted(
            (at for at in np.ndindex(*step.dout.shape) if step.dout[at]),
            key=lambda at: not reached[at],
        )
        for output in islice(windows, MOST):
            tied = sorted(index for _, index in pieces(everybody, position, output).entries)
            if len(tied) > 1:
                yield Tie(position, output, tuple(tied), _shut(everybody, position, tied))


def _shut(trace: Trace, position: int, entries: Sequence[Index]) -> bool:
    made_by = trace.steps[position].reads[0] - trace.outside
    if made_by < 0:
        return False
    before = trace.steps[made_by]
    return all(before.layer.gate(index, before.run.cache) is Gate.CLOSED for index in entries)
