"""Checks a layer's gradients at a point, and measures what differences are off by, step by step.

The point, the rule and what is sent back can be chosen. The errors of one entry's differences are
truncation at large steps, rounding at small ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from engine.arrays import Array, Index, Mask, check_finite, real_arrays
from engine.check.differences import Forward, as_planned, curve, outputs_of_all
from engine.check.gradient import CheckResult, Disagreement, judged
from engine.check.precision import same
from engine.errors import SettingError, ShapeError
from engine.kinks import LAB, Kinks
from engine.layers import Layer
from engine.trace import Trace, trace

Status: TypeAlias = Literal["agrees", "closer", "rounded", "kink", "wrong"]
"""For an entry: the central difference gives what is claimed; it does not, but a closer look does;
no look does, but rounding explains that; the claim lies between two slopes; the claim is wrong."""
# Errors follow a power of eps if none is further from it than by this factor.
STRAIGHT: Final = 1.5  # for truncation, which is a smooth line
SCATTERED: Final = 100.0  # for rounding, which scatters below a line, by chance down to almost 0


@dataclass(frozen=True, eq=False)
class Examination:
    """A pass, the check of its gradients, and what the central differences alone give."""

    passed: Trace
    results: Sequence[CheckResult]  # one for each param
    central: Sequence[Array]
    """(f(x + eps) − f(x − eps)) / 2 eps for each entry, in the params' shapes, also for entries at
    which the check itself has looked closer."""

    def disagreement(self, argument: int, index: Index) -> Disagreement | None:
        """Return what speaks against the claim, if anything does."""
        found = (each for each in self.results[argument].disagreements if each.index == index)
        return next(found, None)

    def difference(self, argument: int, index: Index) -> float:
        """Return by how much the claim exceeds the central difference."""
        claimed = self.results[argument].analytic[index]
        return float(claimed - self.central[argument][index])

    def status(self, argument: int, index: Index) -> Status:
        """Return the result for one entry."""
        against = self.disagreement(argument, index)
        if against is not None:
            return "kink" if against.excused else "wrong"
        result = self.results[argument]
        if same(result.analytic[index], self.central[argument][index]):
            return "agrees"
        return "closer" if same(result.analytic[index], result.numeric[index]) else "rounded"


def examine(
    layer: Layer,
    params: Sequence[ArrayLike],
    dout: ArrayLike = 1.0,
    kinks: Kinks = LAB,
    *,
    eps: float = 1e-6,
) -> Examination:
    """Return the pass of a layer at its params, and the check of its gradients.

    As `gradient_check`, for the sum of dout * output, but nothing is printed. The layer itself
    remembers its pass at the params. Raises EngineError for bad input.
    """
    passed = trace(layer, *params, dout=dout, kinks=kinks)
    looked_at = curve(layer.forward, tuple(params), passed.dout)
    results = judged(looked_at, passed.grads, eps)
    value = Total(layer, passed.dout)
    central = [np.empty_like(param) for param in looked_at.params]
    for argument, param in enumerate(looked_at.params):
        for index in np.ndindex(*param.shape):
            alone = differences(value, looked_at.params, argument, index, eps)
            central[argument][index] = alone.central[0]
    return Examination(passed, results, central)


class Total:
    """The sum of dout * output as a function of the params, in their dtype: (*params) -> ().

    Pure; the params are arrays of one floating dtype.
    """

    def __init__(self, layer: Layer, dout: ArrayLike = 1.0) -> None:
        self.layer = layer
        self.weights = np.asarray(dout, dtype=np.float64)

    def __call__(self, *params: Array) -> Array:
        """Return the sum, without any checks."""
        return self._weighted(self.layer.apply(*params)[0])

    def of_copies(self, argument: int, copies: Array, params: tuple[Array, ...]) -> Array:
        """Return the sums for M copies of one param side by side: (M, *shape) -> (M,)."""
        if as_planned(self.layer):
            outputs = outputs_of_all(self.layer, params, {argument: copies})
            return np.array([self._weighted(each) for each in outputs])
        moved = ((*params[:argument], each, *params[argument + 1 :]) for each in copies)
        return np.array([self(*each) for each in moved])

    def _weighted(self, output: Array) -> Array:
        return np.asarray((output * self.weights.astype(output.dtype)).sum())


@dataclass(frozen=True, eq=False)
class Differences:
    """Slopes of one entry by differences, one for each of the steps, all (S,) in float64.

    The slopes are computed in dtype, over the distance that x really moved; 0 if it did not move.
    """

    steps: Array
    central: Array  # (f(x + eps) − f(x − eps)) / 2 eps
    forward: Array  # (f(x + eps) − f(x)) / eps
    dtype: np.dtype[Any]
    lost: Mask  # (2, S): the steps at which x did not move, for central and for forward differences
    felt: Mask
    """(S,): the steps at which the output changed on either side. At the others a central
    difference of 0 is exact if f is constant, and otherwise lost in rounding too."""

    def errors(self, claimed: float) -> tuple[Array, Array]:
        """Return |slope − claimed| of the central and of the forward differences."""
        return np.abs(self.central - claimed), np.abs(self.forward - claimed)

    def regimes(self, claimed: float, below: float = np.inf) -> "Regimes":
        """Return how the errors grow at steps below this one, where no kink is; see Regimes."""
        smooth = self.steps < below
        steps, errors = self.steps[smooth], [each[smooth] for each in self.errors(claimed)]
        return Regimes(
            _exponent(steps, errors[0], 1e-3, 1e-1, STRAIGHT),
            _exponent(steps, errors[1], 1e-5, 1e-1, STRAIGHT),
            _exponent(steps, errors[0], 1e-13, 1e-8, SCATTERED),
        )

    def best(self, claimed: float, below: float = np.inf) -> tuple[float, float] | None:
        """Return the step at which the central difference is off by least, and by how much.

        Only steps below this one count, and not those lost in rounding of x, or of the output,
        which then did not change; None if all were lost.
        """
        central, _ = self.errors(claimed)
        measured = (self.steps < below) & self.felt
        if not measured.any():
            return None
        at = int(np.where(measured, central, np.inf).argmin())
        return float(self.steps[at]), float(central[at])

    def exact(self, claimed: float, below: float = np.inf) -> bool:
        """Whether the central differences are exactly what is claimed, at steps below this one."""
        return bool((self.central[self.steps < below] == claimed).all())

    @property
    def constant(self) -> bool:
        """Whether no step moves the function."""
        return not (self.central.any() or self.forward.any())

    def straight(self, below: float = np.inf) -> bool:
        """Whether no bend is seen: at steps below this one, both differences are the same.

        Only steps from 1e-5 on count: at smaller ones rounding would hide a bend.
        """
        seen = (self.steps >= 1e-5 * 0.99) & (self.steps < below)
        slopes = np.concatenate([self.central[seen], self.forward[seen]])
        if not slopes.size:
            return False
        return bool(np.ptp(slopes) <= 1e-8 * max(1.0, float(np.abs(slopes).max())))


@dataclass(frozen=True)
class Regimes:
    """The k of error ∝ eps^k, fitted; None if the errors have no such branch."""

    central: float | None  # at large steps: 2 for a smooth function, whose Taylor series is cut off
    forward: float | None  # at large steps: 1 for a smooth function
    rounding: float | None  # of the central difference at small steps, where k is about −1

    @property
    def truncation(self) -> bool:
        """Whether the errors of both differences fall with eps, as truncation errors do."""
        return min(self.central or 0, self.forward or 0) > 0.5


def differences(
    forward: Forward,
    params: Sequence[ArrayLike],
    argument: int,
    index: Index,
    steps: ArrayLike,
    dtype: DTypeLike = np.float64,
) -> Differences:
    """Return the central and the forward differences of forward(*params) -> () along one entry.

    steps: (S,), each above 0. dtype: what everything is computed in, float64 or float32. Raises
    SettingError for steps that are not finite or not above 0, ShapeError if the output is not a
    scalar, and EngineError if an input or an output is not finite.
    """
    sizes = np.atleast_1d(np.asarray(steps, dtype=np.float64))
    if not (np.isfinite(sizes).all() and (sizes > 0).all()):
        raise SettingError(f"differences: needs finite steps above 0; got {steps!r}")
    names = [f"param #{i}" for i in range(len(params))]
    arrays = [each.astype(dtype) for each in real_arrays("differences", names, params)]
    at = arrays[argument][index]
    right, left = at + sizes.astype(dtype), at - sizes.astype(dtype)
    copies = np.repeat(arrays[argument][None], 1 + 2 * len(sizes), axis=0)
    moving: tuple[Any, ...] = (slice(None), *index)
    copies[moving] = np.concatenate([[at], right, left])
    if isinstance(forward, Total):
        values = forward.of_copies(argument, copies, tuple(arrays))
    else:
        before, after = arrays[:argument], arrays[argument + 1 :]
        moved = ([*map(np.copy, before), each, *map(np.copy, after)] for each in copies)
        values = np.array([forward(*each) for each in moved])
    if values.ndim > 1:
        raise ShapeError(f"differences: needs a scalar output; got shape {values.shape[1:]}")
    check_finite("differences", "the output", values)
    here, (above, below) = values[0].astype(dtype), np.split(values[1:].astype(dtype), 2)
    changes, ways = (above - below, above - here), (right - left, right - at)
    central, onward = (
        np.divide(change, way, out=np.zeros_like(way), where=way != 0).astype(np.float64)
        for change, way in zip(changes, ways, strict=True)
    )
    lost, felt = np.equal(ways, 0), (above != here) | (below != here)
    return Differences(sizes, central, onward, np.dtype(dtype), lost, felt)


def _exponent(steps: Array, errors: Array, low: float, high: float, scatter: float) -> float | None:
    """Return the k of error ∝ eps^k between two steps; None if the errors follow no power."""
    shown = (errors > 0) & (steps >= low * 0.99) & (steps <= high * 1.01)
    if np.count_nonzero(shown) < 4:
        return None
    x, y = np.log10(steps[shown]), np.log10(errors[shown])
    k, offset = np.polyfit(x, y, 1)
    if np.abs(k * x + offset - y).max() > np.log10(scatter):
        return None
    return float(k)
