"""All subgradients at a point: which gradients can be defended there, and which cannot.

F(θ) = Σ dout · output, θ = (x, *params), is made of smooth pieces. Clarke's subdifferential is the
convex hull of the gradients that F has next to the point, one for each piece that meets it there.
(F. H. Clarke, "Optimization and Nonsmooth Analysis", Wiley 1983, theorem 2.5.1.)

A piece is a choice at every kink: which of the entries that tie for a maximum, or which of 0 and
the input of a ReLU, is ahead. It meets the point if some direction leads into it, along which every
chosen entry grows faster than those it was chosen from. That finds all pieces if the surfaces of
the kinks cross; a piece that touches the point only with a cusp, between surfaces that are tangent,
is not found.

Whether a hull contains a point, and whether a direction leads into a piece, is read from the point
of a hull that is nearest to the origin. (P. Wolfe, "Finding the nearest point in a polytope",
Mathematical Programming 11 (1976), 128–149.)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from engine.arrays import Array, Index, Mask, nonzero_at, place_in
from engine.errors import LimitError
from engine.layers.base import LinearMap
from engine.trace import Trace, pieces, read_by

COMBINATIONS_MOST: Final = 256
"""The most combinations of choices that are looked at; they multiply from kink to kink. Also the
most entries of a layer that are followed."""
GRADIENTS_CLOSE: Final = 1e-8
"""Relative to the gradients' largest entry, or to 1 if that is more: what differs by less is the
same."""
Key: TypeAlias = tuple[int, Index]
"""An entry of a value of the pass: (its position in `trace.values`, index)."""
Rows: TypeAlias = Mapping[Key, Array]
"""For each entry (k, n): next to the point the entry is the largest (or smallest) of k functions
with these gradients, each with respect to all of θ, flattened."""
AT_THE_ORIGIN: Final = 1e-9
"""Relative to the largest point of a hull: a point nearer to the origin than this counts as 0."""
LEADS: Final = 1e-6  # relative to the normals' length, 1: a larger rise is not due to rounding
ROUNDING: Final = 1e-14


@dataclass(frozen=True, eq=False)
class Subdifferential:
    """All subgradients at a point, over all entries of x and of the parameters jointly."""

    pieces: Array
    """(P, n): the gradient of each smooth piece that meets the point, each once. The subgradients
    are their convex hull."""
    constant: bool  # whether nothing done near the point changes F

    @property
    def smooth(self) -> bool:
        """Whether there is only one: a gradient in the usual sense."""
        return len(self.pieces) == 1

    def contains(self, grads: Iterable[Array]) -> bool:
        """Whether these, one array for x and one for each parameter, are jointly a subgradient."""
        claim = np.concatenate([grad.ravel() for grad in grads])
        size = max(1.0, float(np.abs(self.pieces).max()))
        return float(np.linalg.norm(nearest(self.pieces - claim))) <= GRADIENTS_CLOSE * size


class _Branch(NamedTuple):
    """Choices that go together: the entries' gradients then, and the directions that lead there."""

    rows: Rows
    normals: Array  # (k, n); a direction d leads there if normals @ d > 0


def subdifferential(trace: Trace, limit: int = COMBINATIONS_MOST) -> Subdifferential:
    """Return all subgradients of Σ dout · output at the point of a trace.

    Raises LimitError if more than `limit` combinations of choices, or entries of one layer, would
    have to be looked at.
    """
    masks = _that_matter(trace)
    outside = trace.outside
    if (most := max(int(mask.sum()) for mask in masks[outside:])) > limit:
        raise LimitError(f"check: needs at most {limit} entries of a layer that matter; got {most}")
    theta = _Theta(trace)
    branches = [_Branch({}, np.empty((0, theta.size)))]
    for position in range(len(trace.steps)):
        made = outside + position
        met = {
            (made, output): pieces(trace, position, output) for output in nonzero_at(masks[made])
        }
        reads = trace.steps[position].reads
        maps = {at: [_of_values(each, reads) for each in found.maps] for at, found in met.items()}
        waits = trace.steps[position].layer.kink_choices and all(
            found.largest and _rises(maps[at]) for at, found in met.items()
        )
        if not waits:
            read = {key for each in maps.values() for one in each for key in one}
            branches = _decided(branches, read, limit)
        branches = [
            each._replace(
                rows={**each.rows, **{at: theta.through(of, each.rows) for at, of in maps.items()}}
            )
            for each in branches
        ]
        if smallest := [at for at, found in met.items() if not found.largest]:
            branches = _decided(branches, smallest, limit, largest=False)
    found = []
    last = outside + len(trace.steps) - 1
    ends = {(last, at) for at in nonzero_at(masks[last])}
    for end in _decided(branches, ends, limit):
        parts = [trace.dout[at] * end.rows[last, at][0] for _, at in ends]
        found.append(np.sum([np.zeros(theta.size), *parts], axis=0))
    moves = any(mask.any() for mask in masks[:outside])
    return Subdifferential(_distinct(np.array(found)), not moves)


class _Theta:
    """θ: x and the parameters, flattened, one after the other."""

    def __init__(self, trace: Trace) -> None:
        self.shapes = [value.array.shape for value in trace.values[: trace.outside]]
        self.starts = np.cumsum([0, *(prod(shape) for shape in self.shapes)])
        self.size = int(self.starts[-1])

    def through(self, maps: Iterable[Mapping[Key, float]], rows: Rows) -> Array:
        """Return the gradients of maps of entries whose gradients are rows, by the chain rule.

        (k, n). Only a map of one entry may read an entry that is not decided yet.
        """
        found = []
        for each in maps:
            total: Array = np.zeros((1, self.size))
            for (number, index), slope in each.items():
                if number < len(self.shapes):
                    total[:, self._place(number, index)] += slope
                else:
                    total = total + slope * rows[number, index]
            found.append(total)
        return _distinct(np.concatenate(found))

    def _place(self, number: int, index: Index) -> int:
        return int(self.starts[number]) + place_in(self.shapes[number], index)


def _of_values(each: LinearMap, reads: Sequence[int]) -> dict[Key, float]:
    """Return a step's map as one of entries of values; the step may read a value twice."""
    found: dict[Key, float] = {}
    for (argument, index), slope in each.items():
        key = reads[argument], index
        found[key] = found.get(key, 0.0) + slope
    return found


def _rises(maps: Iterable[Mapping[Key, float]]) -> bool:
    """Whether the largest of these may be taken before the entries that it reads are decided.

    It may if each map has one entry at most, with a slope that is not negative: the largest of
    several maxima is one of their candidates.
    """
    return all(len(each) <= 1 and min(each.values(), default=0) >= 0 for each in maps)


def _that_matter(trace: Trace) -> list[Mask]:
    """Return for each value a mask of the entries that can change F near the point."""
    masks = [np.zeros(value.array.shape, np.bool_) for value in trace.values]
    masks[-1] = np.asarray(trace.dout != 0)
    for position in reversed(range(len(trace.steps))):
        step, marked = trace.steps[position], masks[trace.outside + position]
        if not step.layer.kink_choices:
            for number, mask in zip(step.reads, read_by(step, marked), strict=True):
                masks[number] |= mask
            continue
        for output in nonzero_at(marked):
            for argument, index in pieces(trace, position, output).entries:
                masks[step.reads[argument]][index] = True
    return masks


def _decided(
    branches: Iterable[_Branch], keys: Iterable[Key], limit: int, *, largest: bool = True
) -> list[_Branch]:
    """Choose, for each of these entries, one of those that it is the largest (or smallest) of.

    Returns a branch for each way in which the choices go together.
    """
    branches = list(branches)
    open_ = sorted(key for key in keys if key in branches[0].rows)
    most = sum(prod(len(branch.rows[key]) for key in open_) for branch in branches)
    if most > limit:  # before any time is spent on finding out how many go together
        raise LimitError(f"check: needs at most {limit} combinations of choices; got {most:,}")
    for at in open_:
        branches = [chosen for each in branches for chosen in _chosen(each, at, largest)]
    return branches


def _chosen(branch: _Branch, at: Key, largest: bool) -> Iterator[_Branch]:
    rows = branch.rows[at]
    if len(rows) == 1:
        yield branch
        return
    for i, row in enumerate(rows):
        ahead = row - np.delete(rows, i, axis=0) if largest else np.delete(rows, i, axis=0) - row
        normals = np.concatenate([branch.normals, ahead / np.linalg.norm(ahead, axis=1)[:, None]])
        if _leads_somewhere(normals):
            yield _Branch({**branch.rows, at: row[None]}, normals)


def _leads_somewhere(normals: Array) -> bool:
    """Whether there is a direction d with normals @ d > 0: (k, n).

    By Gordan's theorem there is one unless their hull contains 0. The sum of the normals often is
    one, as in every tie of entries that move freely; to try it costs next to nothing.
    """
    along = normals.sum(axis=0)
    if (normals @ along > LEADS * np.linalg.norm(along)).all():
        return True
    return bool(_searched(normals).any())  # all normals have length 1


def _distinct(rows: Array) -> Array:
    """Return each row once: (k, n) -> (K, n)."""
    kept: list[Array] = []
    near = GRADIENTS_CLOSE * max(1.0, float(np.abs(rows).max()))
    for row in rows:
        if not any(np.abs(row - other).max() <= near for other in kept):
            kept.append(row)
    return np.array(kept)


def nearest(points: Array) -> Array:
    """Return argmin |p| over the convex hull of the rows: (P, n) -> (n,).

    It is the origin exactly, zeros, if the hull contains the origin up to rounding. Otherwise every
    point lies beyond it: points @ p >= |p|², so that all points lie ahead in the direction p.
    """
    sizes = np.linalg.norm(points, axis=1)
    if not sizes.all():
        return np.zeros(points.shape[1])
    # Whether the hull contains the origin does not depend on how long the points are: if unequal,
    # the search would lose the short ones' shares in rounding.
    if not _searched(points / sizes[:, None]).any():
        return np.zeros(points.shape[1])
    scale = sizes.max()
    return np.asarray(_searched(points / scale) * scale)


def _searched(points: Array) -> Array:
    """Return the nearest point of a hull, by Wolfe's steps; zeros if that is the origin.

    The points are at most 1 away from the origin. Each step adds the point with the least
    projection on the one found, and drops those in the way of the nearest point of their plane.
    """
    sizes = np.linalg.norm(points, axis=1)
    corral: list[int] = [int(sizes.argmin())]
    weights: Array = np.ones(1)
    if len(points) <= points.shape[1] + 1:
        # For a few points, as in a tie, that of their plane often lies between them all.
        wanted = _of_the_plane(points)
        if (wanted > 0).all():
            corral, weights = [*range(len(points))], wanted
    point: Array = weights @ points[corral]
    while (size := float(point @ point)) > AT_THE_ORIGIN**2:
        heights = points @ point
        lowest = int(heights.argmin())
        if heights[lowest] >= size - ROUNDING or lowest in corral:
            return point
        corral, weights = _within(points, [*corral, lowest], np.append(weights, 0.0))
        nearer = weights @ points[corral]
        if nearer @ nearer >= size:  # only rounding is left
            return point
        point = nearer
    return np.zeros(points.shape[1])


def _within(points: Array, corral: list[int], weights: Array) -> tuple[list[int], Array]:
    """Return which of the corral have the nearest point of their hull between them, with weights.

    Moves towards the nearest point of the plane through all of them, and drops those in the way.
    """
    while True:
        wanted = _of_the_plane(points[corral])
        if (wanted > AT_THE_ORIGIN).all():
            return corral, wanted
        falls = np.where(wanted > AT_THE_ORIGIN, 0, weights - wanted)
        shares = np.divide(weights, falls, out=np.ones_like(weights), where=falls > 0)
        weights = weights + min(1.0, float(shares.min())) * (wanted - weights)
        kept = weights > AT_THE_ORIGIN
        corral = [each for each, keeps in zip(corral, kept, strict=True) if keeps]
        weights = weights[kept]


def _of_the_plane(points: Array) -> Array:
    """Return the affine weights of the plane's point nearest to the origin: (k, n) -> (k,)."""
    count = len(points)
    system = np.ones((count + 1, count + 1))
    system[0, 0] = 0
    system[1:, 1:] = points @ points.T
    right = np.zeros(count + 1)
    right[0] = 1
    try:
        solution: Array = np.linalg.solve(system, right)
    except np.linalg.LinAlgError:  # up to rounding, some lie in the plane of the others
        solution = np.linalg.lstsq(system, right, rcond=None)[0]
    return solution[1:]
