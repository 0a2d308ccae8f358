"""Who ties for a maximum, and how each group of rules shares out what arrives at it."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

import numpy as np

from engine import LAB, MaxPool, MaxPool2D, ReLU, Trace, slopes
from engine.arrays import Index
from engine.kinks import Kinks
from engine.reach import influence
from pages.figures.kink_info import Shares
from pages.place import Place

DRAWN: Final = (2, 3)
"""Of so many that tie there is a picture."""
MOST: Final = 64
"""So many windows of a pool are looked at, those first that the chosen entry has a part in."""


class Tie(NamedTuple):
    """Entries of a pool's input that share the maximum of a window, its output.

    shut: whether all of them are behind closed gates, so that nothing near the point can part them.
    """

    step: int
    output: Index
    entries: tuple[Index, ...]
    shut: bool


def ties(place: Place) -> list[Tie]:
    """The ties that a gradient arrives at; those first that an entry of x or w has a part in."""
    return list(islice(_ties(place), MOST))


def shares_of(place: Place, there: Sequence[Tie], groups: Sequence[Kinks]) -> Shares:
    """What part of a tie's gradient each group of rules gives to each: of the first open tie."""
    tie = next((tie for tie in there if not tie.shut), None)
    if tie is None or len(tie.entries) not in DRAWN:
        return Shares((), "", ())
    naming = place.naming
    labels = tuple(naming.label(naming.into(tie.step), index) for index in tie.entries)
    parts = [slopes(place.trace.under(kinks), tie.step, tie.output)[0] for kinks in groups]
    given = tuple(tuple(float(part[index]) for index in tie.entries) for part in parts)
    return Shares(labels, naming.label(naming.into(tie.step + 1), tie.output), given)


def _ties(place: Place) -> Iterator[Tie]:
    everybody = place.trace.under(LAB)
    for position, step in enumerate(everybody.steps):
        if not (isinstance(step.layer, MaxPool | MaxPool2D) and step.kinked[0].any()):
            continue
        reached = influence(place.trace, place.step, place.argument, place.index)[position]
        windows = sorted(
            (at for at in np.ndindex(*step.dout.shape) if step.dout[at]),
            key=lambda at: not reached[at],
        )
        for output in islice(windows, MOST):
            tied = np.argwhere(slopes(everybody, position, output)[0])
            if len(tied) > 1:
                entries = tuple(tuple(map(int, each)) for each in tied)
                yield Tie(position, output, entries, _shut(everybody, position, entries))


def _shut(trace: Trace, position: int, entries: tuple[Index, ...]) -> bool:
    before = trace.steps[position - 1] if position else None
    if before is None or not isinstance(before.layer, ReLU):
        return False
    return all(before.inputs[0][index] < 0 for index in entries)
