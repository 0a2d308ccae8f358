"""What the engine finds at a point of another page's scene: the pass, a slice, brackets, ties.

Cached by scene, because the picture, its axes, its sentences and the table all need it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from engine import Gate, Trace
from engine.arrays import Index
from engine.check.claims import Bracket, Point, point
from engine.check.claims import Entry as Key
from engine.check.slices import Slice, slice_along
from engine.errors import LimitError
from engine.kinks import EVERYBODY
from engine.trace import pieces, reached_from
from pages.derive.page import PicturePage
from pages.explain.entry import Entry, first_read
from pages.explore import pages as explore
from pages.figures.axes import reach
from pages.figures.info import Naming, letters_of, places_of
from pages.stack.stack_subject import PAGE as STACK
from pages.state.codecs import HIGH, LOW
from pages.state.scene import Scene

PAGES_WITH_A_SLICE: Final[Mapping[str, PicturePage]] = {**explore.PAGES, STACK.key: STACK}
"""The pages whose scenes can be sliced along an entry of x or of a parameter: by their keys, in the
menu's order."""
Reach: TypeAlias = tuple[float, float]
BRACKETS_MOST: Final = 12  # the most entries of which each gets a bracket
BRACKETS_NEAR: Final = 9  # how many get one if there are more: those near the chosen entry
BEYOND: Final = (0.5, 2.5)
"""How far the slice extends left and right of the slider's range, for the tangents and their
names."""
KINK_BESIDE: Final = 2.0**-14  # how far to either side of a kink a second, finer slice reaches
AXIS_LEAST: Final = 1e-6
"""The least span of an axis; with less, a point off the axis might be too far away for a float."""
AXIS_WIDE: Final = 2.0  # the span of an axis if its contents need less
AXIS_SPARE: Final = 2.0  # how many times the span of its contents an axis may be widened to
DRAWN: Final = (2, 3)  # numbers of tied entries of which there is a picture
WINDOWS_MOST: Final = 64
"""How many windows of a pool are examined, those that depend on the chosen entry first."""


@lru_cache(maxsize=64)
def trace_of(page: str, inner: Scene) -> Trace:
    """Return the pass of a scene of the page with this key."""
    trace: Trace = PAGES_WITH_A_SLICE[page].subject.trace(inner)
    return trace


def inputs_of(page: str, inner: Scene) -> Mapping[str, Key]:
    """Return the place of every entry of x and of the parameters, by its plain name, x first."""
    trace, naming = trace_of(page, inner), PAGES_WITH_A_SLICE[page].naming(inner)
    letters = letters_of(trace, naming)[: trace.outside]
    return places_of(naming, tuple(letters), tuple(each.shape for each in trace.params))


class Tie(NamedTuple):
    """Entries that share the maximum of a window."""

    step: int  # the pooling step
    output: Index  # of the window
    entries: tuple[Key, ...]  # (number of the input, index) of each
    shut: bool  # whether all are behind closed gates, so that no small change can break the tie

    def labels(self, naming: Naming) -> list[str]:
        """Return the labels of its entries."""
        return [naming.label(naming.inputs[self.step][each], at) for each, at in self.entries]


@dataclass(frozen=True, eq=False)
class Results:
    """What is true at a scene of a page, along an entry of an input.

    Each result is computed when it is first needed.
    """

    page: str  # its key
    inner: Scene
    name: str  # of the entry

    @cached_property
    def trace(self) -> Trace:
        """The pass of the scene."""
        return trace_of(self.page, self.inner)

    @cached_property
    def naming(self) -> Naming:
        """The letters of the pass."""
        return PAGES_WITH_A_SLICE[self.page].naming(self.inner)

    @cached_property
    def inputs(self) -> Mapping[str, Key]:
        """The place of every entry of x and of the parameters, by its plain name."""
        return inputs_of(self.page, self.inner)

    def entry(self, name: str) -> Entry:
        """Return the input entry with this name. Raises KeyError if there is none."""
        number, index = self.inputs[name]
        return first_read(self.trace, self.naming, number, index)

    @cached_property
    def chosen(self) -> Entry:
        """The entry along which the slice is taken."""
        return self.entry(self.name)

    @cached_property
    def shown(self) -> list[str]:
        """The entries whose brackets are shown: all, or those of the chosen one's array near it."""
        inputs = self.inputs
        if len(inputs) <= BRACKETS_MOST:
            return list(inputs)
        argument, chosen = inputs[self.name]

        def far(name: str) -> tuple[bool, int]:
            apart = np.abs(np.subtract(inputs[name][1], chosen))
            return bool(apart[:-2].any()), int(apart[-2:].max(initial=0))

        alike = [name for name, (of_it, _) in inputs.items() if of_it == argument]
        near = set(sorted(alike, key=far)[:BRACKETS_NEAR])
        return [name for name in alike if name in near]

    @cached_property
    def point(self) -> Point:
        """The brackets of the entries shown, and what each rule claims."""
        return point(self.trace, [self.inputs[name] for name in self.shown])

    @property
    def bracket(self) -> Bracket:
        """The bracket of the chosen entry."""
        return self.point.brackets[self.inputs[self.name]]

    @cached_property
    def ties(self) -> list[Tie]:
        """The ties that a gradient arrives at, those that depend on the chosen entry first."""
        return list(islice(_ties(self.chosen), WINDOWS_MOST))

    def movable(self, name: str) -> Reach:
        """Return the range of an entry's slider; 0 to 1 for a pixel, which has no slider."""
        if name not in self.inner.entry_names():
            return 0.0, 1.0
        codec = self.inner.codec_of(name)
        return codec.low, codec.high

    @property
    def drawn(self) -> Reach:
        """The range over which the slice is drawn."""
        low, high = self.movable(self.name)
        unit = (high - low) / (HIGH - LOW)
        return low - BEYOND[0] * unit, high + BEYOND[1] * unit

    @property
    def slice(self) -> Slice | None:
        """The output as a function of the chosen entry; None if it has too many kinks."""
        named = self.inner.entry_names()
        still = self.inner.moved(self.name, 0.0) if self.name in named else self.inner
        return _slice_of(self.page, still, self.name)

    def place_of(self, kink: float) -> float:
        """Return where a kink of the slice is, to the last bit or nearly so.

        A slice over the whole range of a slider places its kinks only as precisely as that allows,
        so a short slice around the kink is taken again.
        """
        closer = _sliced(self, kink - KINK_BESIDE, kink + KINK_BESIDE)
        if closer is None or not closer.kinks.size:
            return kink
        return float(closer.kinks[np.abs(closer.kinks - kink).argmin()])

    @property
    def height(self) -> float:
        """The value of the slice at the point: the output weighted with the upstream gradient."""
        return float(np.vdot(self.trace.output, self.trace.dout))

    @property
    def axes(self) -> tuple[Reach, Reach]:
        """The ranges that hold the slice, and all brackets and claims."""
        heights = [self.height] if self.slice is None else self.slice.values
        brackets, claims = self.point.brackets, self.point.claims
        slopes = [side for each in brackets.values() for side in (each.left, each.right)]
        slopes += [claim.at(key) for claim in claims.values() for key in brackets]
        return _axis(heights, 0.25, 0.12), _axis([0, *slopes], 0.08, 0.08)


def _axis(values: Iterable[float], below: float, above: float) -> Reach:
    """Return a range that holds these values, with shares of it free below and above them."""
    found = list(values)
    span = max(found) - min(found)
    least = min(AXIS_WIDE, AXIS_SPARE * span) if span > AXIS_LEAST else AXIS_WIDE
    return reach(found, least, below, above)


@lru_cache(maxsize=64)
def results(page: str, inner: Scene, name: str) -> Results:
    """Return what the engine finds at a scene, along the entry with this name."""
    return Results(page, inner, name)


@lru_cache(maxsize=64)
def _slice_of(page: str, inner: Scene, name: str) -> Slice | None:
    found = results(page, inner, name)
    return _sliced(found, *found.drawn)


def _sliced(found: Results, low: float, high: float) -> Slice | None:
    try:
        return slice_along(found.trace, *found.inputs[found.name], low, high)
    except LimitError:
        return None


def _ties(entry: Entry) -> Iterator[Tie]:
    everybody = entry.trace.under(EVERYBODY)
    readers = reached_from(entry.trace, entry.number, entry.index)
    for position, step in enumerate(everybody.steps):
        if not (step.layer.picks and any(mask.any() for mask in step.kinked)):
            continue
        reached = readers.get(everybody.outside + position, np.zeros(step.dout.shape, np.bool_))
        windows = sorted(
            (at for at in np.ndindex(*step.dout.shape) if step.dout[at]),
            key=lambda at: not reached[at],
        )
        for output in islice(windows, WINDOWS_MOST):
            tied = sorted(pieces(everybody, position, output).entries)
            if len(tied) > 1:
                yield Tie(position, output, tuple(tied), _shut(everybody, position, tied))


def _shut(trace: Trace, position: int, entries: Sequence[Key]) -> bool:
    for argument, index in entries:
        made_by = trace.steps[position].reads[argument] - trace.outside
        if made_by < 0:
            return False
        before = trace.steps[made_by]
        if before.gates is None or before.gates[index] is not Gate.CLOSED:
            return False
    return True
