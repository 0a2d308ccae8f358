"""What the engine says about a scene of another page: its pass, a slice, the brackets, the ties.

Remembered by scene: a picture, its axes, its sentences and the table ask for the same.
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
from engine.kinks import CHOICES, EVERYBODY
from engine.trace import pieces, reached_from
from pages.explain.entry import Entry, first_read
from pages.figures.axes import reach
from pages.figures.info import Naming
from pages.kink.pages import PAGES_WITH_A_SLICE, inputs_of, trace_of
from pages.state.codecs import HIGH, LOW
from pages.state.scene import Scene

Reach: TypeAlias = tuple[float, float]
BRACKETS_MOST: Final = 12
"""Of so many entries each has a bracket, at most."""
BRACKETS_NEAR: Final = 9
"""Of more entries so many have one, those near the chosen one."""
BEYOND: Final = (0.5, 2.5)
"""How far the slice goes on to the left and to the right of what a slider reaches: there is room
for the tangents, and their names."""
KINK_BESIDE: Final = 2.0**-14
"""How far to both sides a kink is looked at once more."""
AXIS_LEAST: Final = 1e-6
"""An axis spans that at least: of less, what lies beyond it may be further away than floats go."""
AXIS_WIDE: Final = 2.0
"""An axis spans so much where what is on it needs less."""
AXIS_SPARE: Final = 2.0
"""No axis is widened beyond so many times what is on it."""
DRAWN: Final = (2, 3)
"""Of so many that tie there is a picture."""
WINDOWS_MOST: Final = 64
"""So many windows of a pool are looked at, those first that the chosen entry has a part in."""


class Tie(NamedTuple):
    """Entries that share the maximum of a window, an output of a step: of which input, and where.

    shut: whether all of them are behind closed gates, so that nothing near the point can part them.
    """

    step: int
    output: Index
    entries: tuple[Key, ...]
    shut: bool

    def labels(self, naming: Naming) -> list[str]:
        """Of its entries."""
        return [naming.label(naming.inputs[self.step][each], at) for each, at in self.entries]


@dataclass(frozen=True, eq=False)
class Results:
    """A scene of the page with this key, along one of its inputs' entries, and what is true there.

    What is found out is found out when it is asked for.
    """

    page: str
    inner: Scene
    name: str

    @cached_property
    def trace(self) -> Trace:
        """The pass."""
        return trace_of(self.page, self.inner)

    @cached_property
    def naming(self) -> Naming:
        """Its letters."""
        return PAGES_WITH_A_SLICE[self.page].naming(self.inner)

    @cached_property
    def inputs(self) -> Mapping[str, Key]:
        """Where every entry of x and of the parameters is, by its plain name."""
        return inputs_of(self.page, self.inner)

    def entry(self, name: str) -> Entry:
        """One of these. Raises KeyError for another name."""
        number, index = self.inputs[name]
        return first_read(self.trace, self.naming, number, index)

    @cached_property
    def chosen(self) -> Entry:
        """The one along which the slice is taken."""
        return self.entry(self.name)

    @cached_property
    def shown(self) -> list[str]:
        """Those whose brackets are shown: all, or those of the same letter around the chosen."""
        inputs = self.inputs
        if len(inputs) <= BRACKETS_MOST:
            return list(inputs)
        argument, chosen = inputs[self.name]

        def far(name: str) -> tuple[bool, int]:
            apart = np.abs(np.subtract(inputs[name][1], chosen))
            return bool(apart[:-2].any()), int(apart[-2:].max())

        alike = [name for name, (of_it, _) in inputs.items() if of_it == argument]
        near = set(sorted(alike, key=far)[:BRACKETS_NEAR])
        return [name for name in alike if name in near]

    @cached_property
    def point(self) -> Point:
        """What is true there, and what each rule claims; the brackets of what is shown."""
        return point(self.trace, [self.inputs[name] for name in self.shown])

    @property
    def bracket(self) -> Bracket:
        """That of the chosen entry."""
        return self.point.brackets[self.inputs[self.name]]

    @cached_property
    def ties(self) -> list[Tie]:
        """Those that a gradient arrives at; first those that the chosen entry has a part in."""
        return list(islice(_ties(self.chosen), WINDOWS_MOST))

    def movable(self, name: str) -> Reach:
        """From where to where a slider moves an entry; a pixel has none, and goes from 0 to 1."""
        if name not in self.inner.entry_names():
            return 0.0, 1.0
        codec = self.inner.codec_of(name)
        return codec.low, codec.high

    @property
    def drawn(self) -> Reach:
        """From where to where the slice is drawn."""
        low, high = self.movable(self.name)
        unit = (high - low) / (HIGH - LOW)
        return low - BEYOND[0] * unit, high + BEYOND[1] * unit

    @property
    def slice(self) -> Slice | None:
        """The output over the chosen entry, whatever it is now; None where it bends too often."""
        named = self.inner.entry_names()
        still = self.inner.moved(self.name, 0.0) if self.name in named else self.inner
        return _slice_of(self.page, still, self.name)

    def place_of(self, kink: float) -> float:
        """Where a kink of the slice is, to the last bit or nearly so.

        A slice is as long as the slider, and what lies along it is placed as precisely as that.
        """
        closer = _sliced(self, kink - KINK_BESIDE, kink + KINK_BESIDE)
        if closer is None or not closer.kinks.size:
            return kink
        return float(closer.kinks[np.abs(closer.kinks - kink).argmin()])

    @property
    def height(self) -> float:
        """What the slice shows at the point: the output, weighted with what is sent back."""
        return float(np.vdot(self.trace.output, self.trace.dout))

    @property
    def axes(self) -> tuple[Reach, Reach]:
        """Axes that hold what is there: the slice, and all brackets and claims."""
        heights = [self.height] if self.slice is None else self.slice.values
        brackets, claims = self.point.brackets, self.point.claims
        slopes = [side for each in brackets.values() for side in (each.left, each.right)]
        slopes += [claim.at(key) for claim in claims.values() for key in brackets]
        return _axis(heights, 0.25, 0.12), _axis([0, *slopes], 0.08, 0.08)


def _axis(values: Iterable[float], below: float, above: float) -> Reach:
    """One that holds these values, with shares of it free, on which they can be told apart."""
    found = list(values)
    span = max(found) - min(found)
    least = min(AXIS_WIDE, AXIS_SPARE * span) if span > AXIS_LEAST else AXIS_WIDE
    return reach(found, least, below, above)


@lru_cache(maxsize=64)
def results(page: str, inner: Scene, name: str) -> Results:
    """What the engine says about a scene, along the entry of this name."""
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
        of_ties = any(CHOICES[choice].of_ties for choice in step.layer.kink_choices)
        if not (of_ties and any(mask.any() for mask in step.kinked)):
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
