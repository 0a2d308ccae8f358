"""All subgradients at a point: which gradients can be defended there, and which cannot.

F(θ) = Σ dout · output, θ = (x, *params), is made of smooth pieces. Clarke's subdifferential is the
convex hull of the gradients that F has next to the point, one for each piece that meets it there.
(F. H. Clarke, "Optimization and Nonsmooth Analysis", Wiley 1983, theorem 2.5.1.)

A piece is a choice at every kink: who of those that tie for a maximum, or of 0 and the input of a
ReLU, is ahead. It meets the point if some direction leads into it, in which everybody chosen grows
faster than those it was chosen from. That settles it wherever the surfaces of the kinks cross; a
piece that touches the point with a cusp alone, between surfaces that are tangent, is not found.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Index, Mask
from engine.check.hull import nearest
from engine.errors import LimitError
from engine.flows import slopes
from engine.kinks import LAB
from engine.layers.pooling import MaxPool, MaxPool2D
from engine.layers.relu import ReLU
from engine.reach import read_by
from engine.trace import Step, Trace

MOST: Final = 256
"""So many combinations of choices are looked at, at most; they multiply from kink to kink. And so
many entries of a layer are followed."""
TOLERANCE: Final = 1e-8
"""Relative to the size of the gradients: what differs by less is the same."""

Rows: TypeAlias = Mapping[Index, Array]
"""By entry (k, n): next to the point it is the largest of k functions with these gradients, each
with respect to all of θ, flattened."""


@dataclass(frozen=True, eq=False)
class Subdifferential:
    """All subgradients at a point, over all entries of x and of the parameters jointly.

    pieces: (P, n), the gradient of each smooth piece that meets the point, each once; the
    subgradients are their convex hull. constant: nothing that is done near the point changes F.
    """

    pieces: Array
    constant: bool

    @property
    def smooth(self) -> bool:
        """Whether there is but one: a gradient in the common sense."""
        return len(self.pieces) == 1

    def contains(self, grads: Iterable[Array]) -> bool:
        """Whether these, one array for x and one for each parameter, are jointly a subgradient."""
        claim = np.concatenate([grad.ravel() for grad in grads])
        size = max(1.0, float(np.abs(self.pieces).max()), float(np.abs(claim).max()))
        return float(np.linalg.norm(nearest(self.pieces - claim))) <= TOLERANCE * size


class _Branch(NamedTuple):
    """Choices that go together: what they make of the entries, and the directions that lead there.

    normals: (k, n); a direction d does if normals @ d > 0.
    """

    rows: Rows
    normals: Array


def subdifferential(trace: Trace, limit: int = MOST) -> Subdifferential:
    """All subgradients of Σ dout · output at the point of a trace.

    Raises LimitError where more than `limit` combinations of choices, or entries of one layer,
    would have to be looked at.
    """
    masks = _that_matter(trace)
    if (most := max(int(mask.sum()) for mask in masks[1:])) > limit:
        raise LimitError(f"check: needs at most {limit} entries of a layer that matter; got {most}")
    sizes = [trace.steps[0].inputs[0].size, *(_size_of_params(step) for step in trace.steps)]
    branches = [_Branch(_units(masks[0], sum(sizes)), np.empty((0, sum(sizes))))]
    for number, fed in enumerate(masks[1:]):
        if _has_kinks(trace.steps[number]):
            step = trace.steps[number]
            branches = [each._replace(rows=_largest(step, fed, each)) for each in branches]
            continue
        first = sum(sizes[: number + 1])
        own = slice(first, first + sizes[number + 1])
        branches = [
            each._replace(rows=_through(trace, number, fed, each, own))
            for each in _decided(branches, limit)
        ]
    found = []
    for end in _decided(branches, limit):
        parts = [trace.dout[at] * row for at, (row,) in end.rows.items()]
        found.append(np.sum([np.zeros(sum(sizes)), *parts], axis=0))
    moves = masks[0].any() or any(
        fed.any() for step, fed in zip(trace.steps, masks[1:], strict=True) if len(step.inputs) > 1
    )
    return Subdifferential(_distinct(np.array(found)), not moves)


def _that_matter(trace: Trace) -> list[Mask]:
    """Who can change F near the point: a mask of each step's first input, and of the output."""
    masks: list[Mask] = [np.asarray(trace.dout != 0)]
    for step in reversed(trace.steps):
        masks.append(_ahead(step, masks[-1]) if _has_kinks(step) else read_by(step, masks[-1]))
    return masks[::-1]


def _has_kinks(step: Step) -> bool:
    return isinstance(step.layer, ReLU | MaxPool | MaxPool2D)


def _ahead(step: Step, marked: Mask) -> Mask:
    """Of the input of a ReLU or a pool: who is, or shares, one of the marked outputs."""
    # The lab's rule hands something to everybody who has a part in it.
    sent = step.layer.vjp(marked.astype(step.output.dtype), step.run.cache, LAB).grads[0]
    return np.asarray(sent != 0)


def _units(mask: Mask, width: int) -> Rows:
    """An entry of x is itself: its gradient is 1 for itself."""
    units = np.zeros((int(mask.sum()), 1, width))
    units[np.arange(len(units)), 0, np.flatnonzero(mask)] = 1
    return dict(zip(map(_index, np.argwhere(mask)), units, strict=True))


def _size_of_params(step: Step) -> int:
    return sum(each.size for each in step.inputs[1:])


def _largest(step: Step, fed: Mask, branch: _Branch) -> Rows:
    """The outputs of a ReLU or a pool: each is the largest of all that its inputs may be."""
    found = {}
    for at in map(_index, np.argwhere(fed)):
        alone = np.zeros(fed.shape, np.bool_)
        alone[at] = True
        tied = [branch.rows[_index(entry)] for entry in np.argwhere(_ahead(step, alone))]
        if isinstance(step.layer, ReLU) and step.output[at] == 0:
            tied.append(np.zeros((1, branch.normals.shape[1])))
        found[at] = _distinct(np.concatenate(tied))
    return found


def _through(trace: Trace, number: int, fed: Mask, branch: _Branch, own: slice) -> Rows:
    """The outputs of a smooth step, whose inputs are decided: the chain rule, forward."""
    found = {}
    for at in map(_index, np.argwhere(fed)):
        of_input, *of_params = slopes(trace, number, at)
        row = np.zeros(branch.normals.shape[1])
        for entry in map(_index, np.argwhere(of_input)):
            row += of_input[entry] * branch.rows[entry][0]
        row[own] += np.concatenate([np.empty(0), *(each.ravel() for each in of_params)])
        found[at] = row[None]
    return found


def _decided(branches: Iterable[_Branch], limit: int) -> list[_Branch]:
    """Every entry becomes one of those that it is the largest of, in all ways that go together."""
    branches = list(branches)
    most = sum(prod(map(len, branch.rows.values())) for branch in branches)
    if most > limit:  # before any time is spent on finding out how many go together
        raise LimitError(f"check: needs at most {limit} combinations of choices; got {most:,}")
    for at in branches[0].rows:
        branches = [chosen for each in branches for chosen in _chosen(each, at)]
    return branches


def _chosen(branch: _Branch, at: Index) -> Iterator[_Branch]:
    rows = branch.rows[at]
    if len(rows) == 1:
        yield branch
        return
    for i, row in enumerate(rows):
        ahead = row - np.delete(rows, i, axis=0)
        normals = np.concatenate([branch.normals, ahead / np.linalg.norm(ahead, axis=1)[:, None]])
        # By Gordan's theorem a direction with normals @ d > 0 is there unless their hull holds 0.
        if nearest(normals).any():
            yield _Branch({**branch.rows, at: row[None]}, normals)


def _distinct(rows: Array) -> Array:
    """Each row once: (k, n) -> (K, n)."""
    kept: list[Array] = []
    near = TOLERANCE * max(1.0, float(np.abs(rows).max()))
    for row in rows:
        if not any(np.abs(row - other).max() <= near for other in kept):
            kept.append(row)
    return np.array(kept)


def _index(at: NDArray[np.intp]) -> Index:
    return tuple(map(int, at))
