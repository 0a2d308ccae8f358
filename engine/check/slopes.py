"""Slopes from both sides, and how far rounding may have moved them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Array
from engine.check.differences import Curve, Forward, Places, curve, weighed
from engine.check.precision import unit
from engine.errors import SettingError

SLIGHT: Final = 2.0**-10
"""By less than that part of a slope a bend, or a kink at a step's very end, may part the sides."""


class Sides(NamedTuple):
    """Entries' one-sided derivatives, equal where they cannot be told apart: (E,) each.

    slack: how far from them a right gradient may lie.
    """

    left: Array
    right: Array
    slack: Array


@dataclass(frozen=True, eq=False)
class Slopes:
    """What one step to either side of every entry says, and what to judge narrower steps by.

    wide: the slopes to the left and to the right, (entries, 2). sizes: for each output what is
    added up in it, |output| + Σ |entry · slope|; rounding moves it by a part of that, however
    small the output itself is.
    """

    curve: Curve
    wide: Array
    sizes: Array

    @cached_property
    def magnitude(self) -> Array:
        """What each slope's error is relative to: itself; at least 1, or its param's largest."""
        own = np.abs(self.wide).max(axis=1)
        least = np.minimum(1, np.maximum.reduceat(own, self.curve.starts[:-1]))
        return np.asarray(np.maximum(own, least.repeat(np.diff(self.curve.starts))))

    def sides(self, places: Places, tol: float = 1e-6) -> Sides:
        """The one-sided derivatives of these entries, in order.

        A kink that is near, but not here, lies within the wider steps only: the widest that
        agrees with all narrower ones is taken, since it is the most precise. tol: how far a right
        gradient may be off beside that, relative to the magnitude.
        """
        found = np.empty((3, len(places), 2))
        at = self.curve.entries[places, None, None]
        values = at + self._ladder(at)
        shifts = values - at
        for part, changes in self.curve.changes(places, values.reshape(len(places), -1)):
            changes = changes.reshape(*shifts[part].shape, -1)
            slopes = weighed(changes, self.curve.dout) / shifts[part] + 0.0  # no negative zero
            found[:, part] = _settled(slopes, self._noise(changes, np.abs(shifts[part])))
        sides, noise, doubt = found[0], found[1].sum(axis=1), found[2].sum(axis=1)
        magnitude = np.maximum(self.magnitude[places], np.abs(sides).max(axis=1))
        slack = tol * magnitude + self.curve.precision.bend + noise
        apart = np.abs(sides[:, 1] - sides[:, 0])
        one = apart <= slack + np.minimum(doubt, SLIGHT * magnitude)
        sides[one] = sides[one].mean(axis=1, keepdims=True)
        return Sides(sides[:, 0], sides[:, 1], np.where(one, slack + apart / 2, slack))

    def _noise(self, changes: Array, shifts: Array) -> Array:
        """How far rounding may have moved slopes: (E, 2, S, outputs), (E, 2, S) -> (E, 2, S).

        It moves each output that a side's steps change. One that none of them changes is left
        alone by all of them, or the widest was lost in it: then its slope is as small as that.
        """
        weights, precision = np.abs(self.curve.dout.ravel()), self.curve.precision
        added_up = (weights * self.sizes) ** precision.norm
        changed = weighed(np.asarray(changes.any(axis=2, keepdims=True)), added_up)
        left, changed = (
            each ** (1 / precision.norm) for each in (added_up.sum() - changed, changed)
        )
        lost = left / (8 * shifts[..., :1])
        moved = changed + weighed(np.abs(changes), weights)
        return np.asarray(precision.rounding * (moved / shifts + lost))

    def _ladder(self, at: Array) -> Array:
        """The steps that entries make to the left and to the right, widest first.

        (E, 1, 1) -> (E, 2, S).
        """
        sizes, precision = self.sizes[self.sizes > 0], self.curve.precision
        smallest = min(0, int(np.frexp(sizes.min())[1])) if sizes.size else 0
        last = max(precision.narrowest + smallest, precision.last)
        steps = np.exp2(np.arange(precision.widest, last - 1, precision.ratio))
        # A step that is narrow for a small number would be lost in a large one.
        steps = np.maximum(unit(at) * steps, np.abs(at) * 2.0 ** (precision.narrowest - 1))
        return np.asarray(steps * [[-1.0], [1.0]])


def slopes_of(looked_at: Curve, step: float) -> Slopes:
    """One step to either side of every entry, as `Slopes` has them.

    An entry of 2 or more is moved by its own power of two times the step, so that no step is lost
    in rounding. Raises SettingError for one that is too small all the same.
    """
    at = looked_at.entries[:, None]
    values = at + unit(at) * [-step, step]
    shifts = values - at
    if not shifts.all():
        lost = at[(shifts == 0).any(axis=1)][0, 0]
        raise SettingError(f"check: needs a step that moves an entry of {lost}; got {step}")
    slopes, sizes = np.empty_like(values), np.abs(looked_at.output.ravel())
    for part, changes in looked_at.changes(np.arange(at.size), values):
        slopes[part] = weighed(changes, looked_at.dout) / shifts[part] + 0.0
        sizes += np.einsum("es,esp->p", np.abs(at[part] / shifts[part]) / 2, np.abs(changes))
    return Slopes(looked_at, slopes, sizes)


def one_sided(
    forward: Forward, *params: ArrayLike, dout: ArrayLike = 1.0
) -> list[tuple[Array, Array]]:
    """The two one-sided derivatives of sum(dout * forward(*params)), for each entry.

    -> one (left, right) for each parameter, each in the parameter's shape. They differ exactly
    where the entry sits on a kink, or so near to one that float64 cannot tell: nearer than 2^-41
    (5e-13) of what is added up in the output. A pool of 3 and 3 + 1e-12 has a derivative, one of 3
    and 3 + 1e-13 is as good as a tie; a ReLU adds nothing, and no input but 0 is a kink. Of a
    forward that computes in float32 it is what float32 can tell: 2^-12 of what is added up.
    dout: in the shape of the output; a single number stands for that number at every output, as
    in `trace`. Raises EngineError (a ValueError) for bad input.
    """
    return both_sides(curve(forward, params, dout))


@np.errstate(all="ignore")  # an output out of range is an error, a slope of inf is what it is
def both_sides(looked_at: Curve) -> list[tuple[Array, Array]]:
    """As `one_sided`, of a curve: one (left, right) for each parameter."""
    widest = 2.0**looked_at.precision.widest
    sides = slopes_of(looked_at, widest).sides(
        np.arange(looked_at.entries.size), max(1e-6, looked_at.precision.tol)
    )
    return list(zip(*map(looked_at.split, (sides.left, sides.right)), strict=True))


def _settled(slopes: Array, noise: Array) -> tuple[Array, Array, Array]:
    """(E, 2, S) twice -> of the step that is taken: the slope, its noise and its doubt, (E, 2).

    The doubt is how far its slope lies from the next narrower step's.
    """
    steps = np.arange(slopes.shape[-1])
    apart = np.abs(slopes[..., :, None] - slopes[..., None, :])
    narrower = np.less.outer(steps, steps)
    agrees = (~narrower | (apart <= noise[..., None, :])).all(axis=-1)
    taken = agrees.argmax(axis=-1)[..., None]
    beside = np.minimum(taken + 1, steps[-1])
    slope, other = (np.take_along_axis(slopes, each, axis=-1)[..., 0] for each in (taken, beside))
    return slope, np.take_along_axis(noise, taken, axis=-1)[..., 0], np.abs(slope - other)
