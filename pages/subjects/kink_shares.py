"""Who ties for a maximum, and how each group of rules shares out what arrives at it."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

import numpy as np

from engine import Gate, Trace, slopes
from engine.arrays import Index
from engine.flows import pieces
from engine.kinks import CHOICES, EVERYBODY, Kinks
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
