"""The gradient check of a layer at a point, under a rule, with what is sent back chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Array, Index
from engine.check.differences import Forward, curve
from engine.check.gradient import CheckResult, Disagreement, judged
from engine.check.step_size import differences
from engine.kinks import LAB, Kinks
from engine.layers import Layer
from engine.trace import Trace, trace

Status: TypeAlias = Literal["agrees", "closer", "rounded", "kink", "wrong"]
"""Of an entry: the central difference says what is claimed; it does not, but a closer look does;
no look does, but rounding explains it; the claim lies between two slopes; it is wrong."""


@dataclass(frozen=True, eq=False)
class Examination:
    """A pass, the check of its gradients, and what the central differences alone say.

    results: one a param. central: (f(x + eps) − f(x − eps)) / 2 eps for each entry, in the params'
    shapes, where the check itself may have looked closer.
    """

    passed: Trace
    results: Sequence[CheckResult]
    central: Sequence[Array]
    tol: float

    def disagreement(self, argument: int, index: Index) -> Disagreement | None:
        """What speaks against the claim, if anything does."""
        found = (each for each in self.results[argument].disagreements if each.index == index)
        return next(found, None)

    def difference(self, argument: int, index: Index) -> float:
        """What the claim is too large by, as the central difference has it."""
        claimed = self.results[argument].analytic[index]
        return float(claimed - self.central[argument][index])

    def status(self, argument: int, index: Index) -> Status:
        """What came of one entry."""
        against = self.disagreement(argument, index)
        if against is not None:
            return "kink" if against.excused else "wrong"
        result = self.results[argument]
        claimed = float(result.analytic[index])
        allowed = self.tol * max(1.0, abs(claimed))
        if abs(self.difference(argument, index)) <= allowed:
            return "agrees"
        return "closer" if abs(float(result.numeric[index]) - claimed) <= allowed else "rounded"


def examine(
    layer: Layer,
    params: Sequence[ArrayLike],
    dout: ArrayLike = 1.0,
    kinks: Kinks = LAB,
    *,
    eps: float = 1e-6,
    tol: float = 1e-6,
) -> Examination:
    """The pass of a layer at its params, and the check of its gradients.

    As `gradient_check`, of the sum of dout * output, but nothing is printed. Pure: nobody else's
    layer remembers anything of it. Raises EngineError for bad input.
    """
    passed = trace(layer, *params, dout=dout, kinks=kinks)
    looked_at = curve(layer.forward, tuple(params), passed.dout)
    results = judged(looked_at, passed.grads, eps, tol)
    value = total(layer, passed.dout)
    central = [np.empty_like(param) for param in looked_at.params]
    for argument, param in enumerate(looked_at.params):
        for index in np.ndindex(*param.shape):
            alone = differences(value, looked_at.params, argument, index, eps)
            central[argument][index] = alone.central[0]
    return Examination(passed, results, central, tol)


def total(layer: Layer, dout: ArrayLike = 1.0) -> Forward:
    """The sum of dout * output as a function of the params, in their dtype: (*params) -> ().

    Pure; the params are arrays of one floating dtype, and nothing is checked.
    """
    weights = np.asarray(dout, dtype=np.float64)

    def value(*params: Array) -> Array:
        output, _ = layer.apply(*params)
        return np.asarray((output * weights.astype(output.dtype)).sum())

    return value
