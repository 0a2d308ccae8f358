"""Slopes by differences: how much the output moves when one entry does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Array, Index, check_finite, real_arrays, upstream_array

Forward = Callable[..., ArrayLike]

STEPS: Final = (2.0**-20, 2.0**-27, 2.0**-34)
"""Steps of a one-sided difference, the widest first. Powers of two: on dyadic values they are
exact. A kink nearer than the last of them counts as being at the point itself."""


@dataclass(frozen=True)
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

    def at(self, argument: int, index: Index, shift: float) -> tuple[float, float]:
        """(value, the shift as it really was after rounding) with one entry moved."""
        moved = tuple(each.copy() for each in self.params)
        moved[argument][index] += shift
        actual = float(moved[argument][index] - self.params[argument][index])
        return self._weighted(self._output(moved)), actual

    def entries(self, argument: int) -> Iterator[Index]:
        """The indices of one parameter."""
        return np.ndindex(*self.params[argument].shape)

    def noise(self, step: float) -> float:
        """How far rounding alone may move a slope that was taken over this step."""
        return 8 * float(np.finfo(np.float64).eps) * self.scale / abs(step)

    def slope(self, argument: int, index: Index, step: float) -> float:
        """(value(step) − value(0)) / step; negative steps look to the left."""
        value, actual = self.at(argument, index, step)
        return (value - self.value) / actual + 0.0  # no negative zero

    def side(self, argument: int, index: Index, sign: int) -> tuple[float, float]:
        """The one-sided derivative to the right (+1) or left (−1), and how sure it is.

        The widest step is the most precise, unless a kink lies within it: then its slope differs
        from those of the narrower steps by more than rounding, and a narrower one is taken.
        """
        slopes = [self.slope(argument, index, sign * step) for step in STEPS]
        trusts = [self.noise(step) for step in STEPS]
        for slope, trust, narrower, its_trust in zip(
            slopes, trusts, slopes[1:], trusts[1:], strict=False
        ):
            if abs(slope - slopes[-1]) <= trusts[-1] and abs(slope - narrower) <= its_trust:
                return slope, trust
        return slopes[-1], trusts[-1]

    def _output(self, params: tuple[Array, ...]) -> Array:
        output = np.asarray(self.forward(*params), dtype=np.float64)
        check_finite("forward", "the output", output)
        return output

    def _weighted(self, output: Array) -> float:
        return float(np.sum(output * self.dout))


def curve(forward: Forward, params: tuple[ArrayLike, ...], dout: ArrayLike | None) -> Curve:
    """The curve of a function at its params.

    dout: in the shape of the output, or one number for every output. None: 1 for a scalar
    output, else random in [0.5, 1.5] from a fixed seed; with mixed signs the right gradient of
    overlapping windows can lie outside the bracket of its one-sided derivatives.
    Raises EngineError for bad input, or an output that is not finite.
    """
    names = [f"param #{i}" for i in range(len(params))]
    doubles = tuple(
        array.astype(np.float64) for array in real_arrays("check", names, params)
    )
    (output,) = real_arrays("forward", ["the output"], [forward(*(p.copy() for p in doubles))])
    output = output.astype(np.float64)
    if dout is None:
        dout = 1.0 if output.ndim == 0 else np.random.default_rng(0).uniform(0.5, 1.5, output.shape)
    weights = upstream_array("check", dout, output, spread=True)
    weighted = output * weights
    scale = 1.0 + float(np.abs(weighted).sum()) + max(float(np.abs(p).max()) for p in doubles)
    return Curve(forward, doubles, weights, float(weighted.sum()), scale)


def one_sided(
    forward: Forward, *params: ArrayLike, dout: ArrayLike | None = None
) -> list[tuple[Array, Array]]:
    """The two one-sided derivatives of sum(dout * forward(*params)), for each entry.

    -> one (left, right) for each parameter, each in the parameter's shape. They differ exactly
    where the entry sits on a kink, which counts so from a distance of 2^-34 on. dout: see
    `curve`. Raises EngineError (a ValueError) for bad input.
    """
    looked_at = curve(forward, params, dout)
    sides = []
    for argument, param in enumerate(looked_at.params):
        left, right = np.empty_like(param), np.empty_like(param)
        for index in looked_at.entries(argument):
            left[index], _ = looked_at.side(argument, index, -1)
            right[index], _ = looked_at.side(argument, index, +1)
        sides.append((left, right))
    return sides
