"""A slice: the output as a function of one entry alone, and exactly where it bends.

With all else fixed, Σ dout · output is piecewise linear in any one entry of x or of a parameter:
a convolution is linear in it, a ReLU bends where its input passes 0, a pool where its winner
changes. Where a step bends is found from its inputs at the ends of the stretches over which these
are straight; no grid is needed, and no bend is missed between its points.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Index, Mask
from engine.check.copies import outputs
from engine.errors import LimitError, SettingError
from engine.layers.loss import SoftmaxCrossEntropy
from engine.layers.pooling import MaxPool, MaxPool2D
from engine.layers.relu import ReLU
from engine.layers.windows import inward
from engine.reach import read_by
from engine.trace import Step, Trace

MOST: Final = 2048
"""Bends of the steps, along a slice."""
NEAR: Final = 2.0**-30
"""Relative to the slice's length: bends that lie closer together than this are one."""
BENT: Final = 1e-6
"""Relative to the largest slope: where two differ by more, there is a kink between them."""

Bends: TypeAlias = tuple[NDArray[np.intp], Array]
"""(stretches, shares): the stretch, counted, that each lies on, and the share of it before it."""


@dataclass(frozen=True, eq=False)
class Slice:
    """Σ dout · output over one entry, from `at[0]` to `at[-1]`: straight between neighbours.

    at, values: (K,) each. kinks: (k,), those places between the ends where the slope changes.
    """

    at: Array
    values: Array
    kinks: Array

    def nearest_kink(self, place: float, low: float, high: float) -> float | None:
        """Of the kinks from low to high that which is nearest to a place, and not that place.

        None where there is none.
        """
        apart = np.abs(self.kinks - place)
        elsewhere = apart > NEAR * (self.at[-1] - self.at[0])
        there = elsewhere & (low <= self.kinks) & (self.kinks <= high)
        return float(self.kinks[there][apart[there].argmin()]) if there.any() else None


@np.errstate(all="ignore")  # a result out of range is an error here, not a warning
def slice_along(trace: Trace, argument: int, index: Index, low: float, high: float) -> Slice:
    """The slice of a trace over one entry, from low to high, whatever the entry is there.

    argument: 0 for x, then the parameters, as in `trace.grads`; index: a tuple, into it. Raises
    LimitError where the steps bend too often to be followed, SettingError for a step that is not
    piecewise linear, NumberError where an output leaves the range of its dtype.
    """
    owner, own = _owner(trace, argument)
    at: Array = np.array([low, high], dtype=np.float64)
    flowing: Array = np.empty(0)
    for step, fed in list(zip(trace.steps, _that_reach(trace), strict=True))[owner:]:
        if isinstance(step.layer, SoftmaxCrossEntropy):
            raise SettingError(f"check: needs steps that are piecewise linear; got {step.name}")
        inputs, copied = list(step.inputs), 0
        if step is trace.steps[owner]:
            copied = own
            flowing = np.repeat(inputs[own][None].astype(np.float64), 2, axis=0)
            np.moveaxis(flowing, 0, -1)[index] = at
        at, flowing = _refined(at, flowing, _bends(step, flowing, fed))
        inputs[copied] = flowing
        flowing = outputs(step.layer, copied, tuple(inputs))
    values = flowing.reshape(len(at), -1) @ trace.dout.ravel()
    slopes = np.diff(values) / np.diff(at)
    bent = np.abs(np.diff(slopes)) > BENT * max(1.0, float(np.abs(slopes).max()))
    return Slice(at, values, at[1:-1][bent])


def _owner(trace: Trace, argument: int) -> tuple[int, int]:
    """Whose input it is: the step's position, and which of its inputs."""
    places = [(0, 0)]
    for position, step in enumerate(trace.steps):
        places += [(position, own) for own in range(1, len(step.inputs))]
    return places[argument]


def _that_reach(trace: Trace) -> list[Mask]:
    """For each step which of its outputs anything reads that is sent a gradient."""
    masks: list[Mask] = [np.asarray(trace.dout != 0)]
    for step in reversed(trace.steps[1:]):
        masks.append(read_by(step, masks[-1]))
    return masks[::-1]


def _refined(at: Array, flowing: Array, bends: list[Bends]) -> tuple[Array, Array]:
    """With a place more for each bend, given as the stretch that it is on and the share of it."""
    if not bends:
        return at, flowing
    stretch, share = (np.concatenate(group) for group in zip(*bends, strict=True))
    found = at[stretch] + (at[stretch + 1] - at[stretch]) * share
    order = np.argsort(found, kind="stable")
    near = NEAR * (at[-1] - at[0])
    kept: list[int] = []
    for each in order:
        apart = np.abs(found[each] - at[stretch[each] : stretch[each] + 2]).min()
        if apart > near and (not kept or found[each] - found[kept[-1]] > near):
            kept.append(int(each))
    if len(kept) + len(at) > MOST:
        raise LimitError(f"check: needs at most {MOST} bends along a slice; got {len(kept)} more")
    before, after = flowing[stretch[kept]], flowing[stretch[kept] + 1]
    shares = share[kept].reshape(-1, *[1] * (flowing.ndim - 1))
    places = np.concatenate([at, found[kept]])
    between = before + (after - before) * shares
    order = np.argsort(places, kind="stable")
    return places[order], np.concatenate([flowing, between])[order]


def _bends(step: Step, flowing: Array, fed: Mask) -> list[Bends]:
    """Where a step bends between the places of its first input, (M, *shape).

    -> in groups.
    """
    if isinstance(step.layer, ReLU):
        stretch, _, share = _through_zero(flowing[:, fed])
        return [(stretch, share)]
    if isinstance(step.layer, MaxPool | MaxPool2D):
        return list(_changes(step, step.layer.axes, flowing, fed))
    return []


def _changes(step: Step, axes: int, flowing: Array, fed: Mask) -> Iterator[Bends]:
    """Where two entries of a window pass each other, and nobody is above them."""
    places, where = len(flowing), step.run.cache.windows
    each = inward(flowing.reshape(-1, *flowing.shape[flowing.ndim - axes :]), axes)
    seen = where.gather(each, fill=float(flowing.min()) - 1)  # padding is below all that there is
    seen = seen.reshape(places, -1, where.area, int(np.prod(where.output)))
    windows = np.moveaxis(seen, 2, 1)[:, :, fed.reshape(seen.shape[1], -1)]
    for one, other in combinations(range(where.area), 2):
        stretch, window, share = _through_zero(windows[:, one] - windows[:, other])
        before, after = windows[stretch, :, window], windows[stretch + 1, :, window]
        there = before + (after - before) * share[:, None]
        tops = there.max(axis=1, initial=-np.inf)
        highest = there[:, one] >= tops - NEAR * np.maximum(1, np.abs(tops))
        yield stretch[highest], share[highest]


def _through_zero(values: Array) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """Where columns pass 0 between two rows, (M, N): the rows before, the columns, the shares."""
    row, column = np.nonzero(values[:-1] * values[1:] < 0)
    before, after = values[row, column], values[row + 1, column]
    return row, column, before / (before - after)
