"""Compares what each rule claims at a point with what is true there: brackets and subgradients.

Three things can be asked of a claimed gradient: does every entry lie in the bracket of its
one-sided derivatives; is the whole gradient a subgradient; is it what a central difference gives.
At a smooth point these are the same question; if everything that meets at the point bends upwards,
a subgradient lies in every bracket. Otherwise it need not, since a bracket moves one entry and a
subgradient all of them. For the largest of two leaky ReLUs that bend downwards, from a slope of 2
to 1, (2, 0) is a subgradient at (0, 0), though along each entry alone the slopes are 0 and 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from engine.arrays import Array, Index, place_in
from engine.check.differences import curve, slopes_of
from engine.check.precision import same
from engine.check.subgradient import Subdifferential, subdifferential
from engine.errors import LimitError
from engine.kinks import Kinks, groups
from engine.trace import Trace

Entry: TypeAlias = tuple[int, Index]
"""(argument, index): 0 for x, then the parameters, as in `trace.grads`."""
Verdict: TypeAlias = Literal[
    "derivative", "subgradient", "not jointly", "composed", "nothing", "inside", "outside"
]


@dataclass(frozen=True)
class Bracket:
    """The two one-sided derivatives of one entry, with all others fixed."""

    left: float
    right: float

    @property
    def kinked(self) -> bool:
        """Whether they differ."""
        return not same(self.left, self.right)

    @property
    def central(self) -> float:
        """What a central difference gives, however small its step."""
        return (self.left + self.right) / 2

    def holds(self, slope: float) -> bool:
        """Whether a slope lies between them."""
        low, high = sorted((self.left, self.right))
        return low < slope < high or same(slope, low) or same(slope, high)


def _brackets_of(
    trace: Trace, entries: Iterable[Entry], subgradients: Subdifferential | None
) -> dict[Entry, Bracket]:
    """Return the brackets of these entries of Σ dout · output, at the point of a trace.

    By differences, as in `one_sided`; exact if they are slopes of pieces that are known. Raises
    EngineError if a difference leaves the range of numbers, ValueError for an entry that its param
    does not have.
    """
    looked_at = curve(trace.layer.forward, trace.params, trace.dout)
    places = {entry: looked_at.place(*entry) for entry in entries}
    at = np.array([*places.values()], dtype=np.intp)
    left, right, slack = slopes_of(looked_at, 2.0**looked_at.precision.widest).sides(at)
    if subgradients is not None:
        slopes = subgradients.pieces[:, at]
        left, right = (_nearest(slopes, side, slack) for side in (left, right))
    sides = zip(left.tolist(), right.tolist(), strict=True)
    return {entry: Bracket(*each) for entry, each in zip(places, sides, strict=True)}


def _nearest(slopes: Array, sides: Array, slack: Array) -> Array:
    """Replace each side by the nearest of its entry's slopes, if one is near: (P, E), (E,)."""
    nearest = np.take_along_axis(slopes, np.abs(slopes - sides).argmin(axis=0)[None], axis=0)[0]
    return np.where(np.abs(nearest - sides) <= slack, nearest, sides)


@dataclass(frozen=True, eq=False)
class Claim:
    """One rule's gradient at the point."""

    kinks: Kinks
    grads: tuple[Array, ...]
    outside: tuple[Entry, ...]  # the entries that were looked at whose bracket does not contain it
    jointly: bool | None
    """Whether the whole gradient is a subgradient; None if that was too costly to find out."""
    central: bool  # whether a central difference gives the same for every entry that was looked at
    step_by_step: bool
    """Whether it results from taking at each step a subgradient of that step alone."""

    def at(self, entry: Entry) -> float:
        """Return what it claims for one entry."""
        argument, index = entry
        return float(self.grads[argument][index])


@dataclass(frozen=True, eq=False)
class Point:
    """A point, what is true there, and what each rule claims."""

    trace: Trace
    brackets: Mapping[Entry, Bracket]  # of the entries that were looked at
    subgradients: Subdifferential | None  # None if there are too many pieces to find them
    claims: Mapping[tuple[Any, ...], Claim]
    """Keyed by what rules choose at the kinks that the layers have, as in `engine.kinks.groups`."""

    @property
    def smooth(self) -> bool:
        """Whether there is no kink here, and so only one gradient."""
        if self.subgradients is None:
            return not any(bracket.kinked for bracket in self.brackets.values())
        return self.subgradients.smooth

    @property
    def constant(self) -> bool:
        """Whether it is known that nothing near the point changes the output."""
        return self.subgradients is not None and self.subgradients.constant

    def is_exact(self, entry: Entry) -> bool:
        """Whether both one-sided derivatives of an entry are slopes of pieces that meet here.

        Pieces come of exact ties, while a difference takes a kink that is very near for one at the
        point itself. True if the pieces are not known.
        """
        if self.subgradients is None:
            return True
        (argument, index), params = entry, self.trace.params
        before = sum(each.size for each in params[:argument])
        slopes = self.subgradients.pieces[:, before + place_in(params[argument].shape, index)]
        sides = self.brackets[entry].left, self.brackets[entry].right
        return all(any(same(float(slope), side) for slope in slopes) for side in sides)

    def verdict(self, claim: Claim) -> Verdict:
        """Return what a claim is.

        "not jointly": not a subgradient, though each bracket contains its entry. "composed":
        neither, but at each step a subgradient of that step was taken. "nothing": not even that. If
        the subgradients are not known, "inside" or "outside": whether every bracket contains its
        entry.
        """
        if claim.jointly is None:
            return "outside" if claim.outside else "inside"
        if claim.jointly:
            return "derivative" if self.smooth else "subgradient"
        if not claim.outside:
            return "not jointly"
        return "composed" if claim.step_by_step else "nothing"


def point(trace: Trace, entries: Iterable[Entry]) -> Point:
    """Return what is true at the point of a trace, and what each of RULES claims there.

    The rule of the trace itself plays no part. entries: whose brackets to look at. Rules that do
    the same at kinks are one claim. Raises EngineError if a difference leaves the range of numbers.
    """
    try:
        subgradients = subdifferential(trace)
    except LimitError:
        subgradients = None
    brackets = _brackets_of(trace, entries, subgradients)
    pulled = {
        chosen: trace.under(rules[0].kinks)
        for chosen, rules in groups(trace.layer.kink_choices).items()
    }
    fair = [each.grads for each in pulled.values() if _is_fair(each)]
    claims = {chosen: _claim(each, brackets, subgradients, fair) for chosen, each in pulled.items()}
    return Point(trace, brackets, subgradients, claims)


def _is_fair(pulled: Trace) -> bool:
    """Whether what was sent back at each step is a subgradient of that step."""
    return all(
        not any(mask.any() for mask in step.kinked) or pulled.kinks.gives_subgradient(choice)
        for step in pulled.steps
        for choice in step.layer.kink_choices
    )


def _claim(
    pulled: Trace,
    brackets: Mapping[Entry, Bracket],
    subgradients: Subdifferential | None,
    fair: Sequence[tuple[Array, ...]],
) -> Claim:
    grads = pulled.grads
    slopes = {(argument, index): float(grads[argument][index]) for argument, index in brackets}
    return Claim(
        pulled.kinks,
        grads,
        tuple(entry for entry, bracket in brackets.items() if not bracket.holds(slopes[entry])),
        None if subgradients is None else subgradients.contains(grads),
        all(same(slopes[entry], bracket.central) for entry, bracket in brackets.items()),
        any(all(map(np.array_equal, grads, others)) for others in fair),
    )
