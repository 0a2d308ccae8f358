"""Slopes by differences: how much the output moves when one entry does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import frexp
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Array, Index, real_arrays, upstream_array
from engine.errors import SettingError, ShapeError

Forward = Callable[..., ArrayLike]

STEPS: Final = (2.0**-20, 2.0**-27, 2.0**-34)
"""Steps of a one-sided difference, the widest first. Powers of two: on dyadic values they are
exact. A kink nearer than the last of them counts as being at the point itself."""


class Slope(NamedTuple):
    """A slope, and how far rounding alone may have moved it."""

    value: float
    noise: float


@dataclass(frozen=True, eq=False)
class Curve:
    """The output, weighted with dout and summed, as a function of single entries of the params.

    params are float64: a difference in float32 is mostly rounding. value: at the params
    themselves. scale: the size of what is summed there, by which rounding is judged.
    """

    forward: Forward
    params: tuple[Array, ...]
    dout: Array
    value: float
    scale: float

    def entries(self, argument: int) -> Iterator[Index]:
        """The indices of one parameter."""
        return np.ndindex(*self.params[argument].shape)

    def slope(self, argument: int, index: Index, step: float) -> Slope:
        """(value(step) − value(0)) / step; a negative step looks to the left.

        An entry of 2 or more is moved by its own power of two times the step, so that no step is
        lost in rounding. Raises SettingError for one that is too small all the same.
        """
        moved = tuple(each.copy() for each in self.params)
        at = float(moved[argument][index])
        moved[argument][index] += step * 2.0 ** max(0, frexp(at)[1] - 1)
        shift = float(moved[argument][index]) - at
        if shift == 0:
            raise SettingError(f"check: needs a step that moves an entry of {at}; got {step}")
        value = float(np.sum(_evaluated(self.forward, moved, self.dout.shape) * self.dout))
        noise = 8 * float(np.finfo(np.float64).eps) * self.scale / abs(shift)
        return Slope((value - self.value) / shift + 0.0, noise)  # + 0.0: no negative zero

    def side(self, argument: int, index: Index, sign: int) -> Slope:
        """The one-sided derivative to the right (+1) or to the left (−1).

        The widest step is the most precise, unless a kink lies within it: then its slope differs
        from those of the narrower steps by more than rounding, and a narrower one is taken.
        """
        slopes = [self.slope(argument, index, sign * step) for step in STEPS]
        for slope, narrower in pairwise(slopes):
            others = (narrower, slopes[-1])
            if all(abs(slope.value - other.value) <= other.noise for other in others):
                return slope
        return slopes[-1]


def curve(forward: Forward, params: tuple[ArrayLike, ...], dout: ArrayLike | None) -> Curve:
    """The curve of a function at its params.

    dout: in the shape of the output, or one number for every output. None: 1 for a scalar
    output, else random in [0.5, 1.5] from a fixed seed; with mixed signs the right gradient of
    overlapping windows can lie outside the bracket of its one-sided derivatives.
    Raises EngineError for bad input, or an output that is not finite.
    """
    if not params:
        raise ShapeError("check: needs at least one param; got none")
    names = [f"param #{i}" for i in range(len(params))]
    doubles = tuple(array.astype(np.float64) for array in real_arrays("check", names, params))
    output = _evaluated(forward, tuple(param.copy() for param in doubles))
    if dout is None:
        dout = 1.0 if output.ndim == 0 else np.random.default_rng(0).uniform(0.5, 1.5, output.shape)
    weights = upstream_array("check", dout, output, spread=True)
    weighted = output * weights
    scale = 1.0 + float(np.abs(weighted).sum()) + max(float(np.abs(p).max()) for p in doubles)
    return Curve(forward, doubles, weights, float(weighted.sum()), scale)


def _evaluated(forward: Forward, params: tuple[Array, ...], shape: Index | None = None) -> Array:
    (output,) = real_arrays("forward", ["the output"], [forward(*params)])
    if shape is not None and output.shape != shape:
        raise ShapeError(
            f"forward: needs an output of one shape whatever the numbers; got {output.shape} "
            f"after {shape}"
        )
    return output.astype(np.float64)


def one_sided(
    forward: Forward, *params: ArrayLike, dout: ArrayLike = 1.0
) -> list[tuple[Array, Array]]:
    """The two one-sided derivatives of sum(dout * forward(*params)), for each entry.

    -> one (left, right) for each parameter, each in the parameter's shape. They differ exactly
    where the entry sits on a kink, which counts so from a distance of 2^-34 on. dout: in the
    shape of the output; a single number stands for that number at every output, as in `trace`.
    Raises EngineError (a ValueError) for bad input.
    """
    looked_at = curve(forward, params, dout)
    sides = []
    for argument, param in enumerate(looked_at.params):
        left, right = np.empty_like(param), np.empty_like(param)
        for index in looked_at.entries(argument):
            left[index] = looked_at.side(argument, index, -1).value
            right[index] = looked_at.side(argument, index, +1).value
        sides.append((left, right))
    return sides
