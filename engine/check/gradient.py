"""A gradient check that tells a kink from a bug."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Array, Index
from engine.check.differences import Curve, Forward, Slope, curve
from engine.errors import NumberError, SettingError, ShapeError

Verdict: TypeAlias = Literal["PASSED", "FAILED", "KINK"]

PRINTED: Final = 20
"""So many disagreeing entries of a param are printed; a result has them all."""


@dataclass(frozen=True)
class Disagreement:
    """One entry whose claimed gradient is not what the differences say.

    left and right: its one-sided derivatives. excused: they differ, and the claim lies between.
    """

    index: Index
    claimed: float
    left: float
    right: float
    excused: bool

    def __str__(self) -> str:
        """One line for people."""
        entry = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        said = f"  entry {entry}".rstrip() + f": claimed {self.claimed:.6g}, "
        if self.left == self.right:
            return f"{said}the differences say {self.left:.6g}"
        place = "between" if self.excused else "outside"
        return f"{said}{place} the one-sided derivatives {self.left:.6g} and {self.right:.6g}"


@dataclass(frozen=True, eq=False)
class CheckResult:
    """What the check found for one parameter.

    verdict: PASSED where no entry disagrees; KINK where every entry that does sits on a kink and
    lies between its one-sided derivatives; else FAILED. difference: the Frobenius norm of
    analytic − numeric. disagreements: the entries, in index order.
    """

    parameter: int
    verdict: Verdict
    difference: float
    analytic: Array
    numeric: Array
    disagreements: tuple[Disagreement, ...]

    def __str__(self) -> str:
        """The lab's line, and beneath it the first of the entries that disagree."""
        line = (
            f"Gradient check on param #{self.parameter} {self.verdict} "
            f"with frobenius norm difference {self.difference:.3e}!"
        )
        lines = [line, *map(str, self.disagreements[:PRINTED])]
        if len(self.disagreements) > PRINTED:
            lines.append(f"  and {len(self.disagreements) - PRINTED} more entries")
        return "\n".join(lines)


def gradient_check(
    forward: Forward,
    backward: Callable[[Any], Any],
    *params: ArrayLike,
    eps: float = 1e-6,
    tol: float = 1e-6,
) -> list[CheckResult]:
    """Compares backward(dout) with differences of forward(*params), entry by entry; prints it.

    forward takes the params; backward takes dout in the output's shape and gives one gradient
    for each param, as the layers' own do; it is called after forward(*params). Everything is
    computed in float64. eps: the step of the central difference, from an entry of 2 on relative
    to it. tol: how far a slope may be off, absolutely below 1 and relatively above. For an output
    that is no scalar dout is random in [0.5, 1.5], from a fixed seed.
    -> one result for each param. Raises EngineError for bad input, also where backward gives
    another number of gradients, another shape, or something that is no real number; a gradient
    of NaN or inf is one that FAILED.
    """
    if not (np.isfinite(eps) and eps > 0 and np.isfinite(tol) and tol > 0):
        raise SettingError(f"check: needs eps and tol above 0; got eps={eps!r}, tol={tol!r}")
    looked_at = curve(forward, params, None)
    # Now, while forward remembers the params themselves: the differences will move them.
    dout = looked_at.dout
    claims = _claims(backward(dout.copy() if dout.ndim else 1.0), looked_at)
    results = [
        _checked(looked_at, argument, claim, eps, tol) for argument, claim in enumerate(claims)
    ]
    for result in results:
        print(result)
    return results


def _claims(grads: Any, looked_at: Curve) -> list[Array]:
    given = list(grads) if isinstance(grads, tuple | list) else [grads]
    if len(given) != len(looked_at.params):
        raise ShapeError(
            f"backward: needs to give {len(looked_at.params)} gradients, one for each param; "
            f"got {len(given)}"
        )
    claims: list[Array] = []
    for i, (grad, param) in enumerate(zip(given, looked_at.params, strict=True)):
        claim = np.asarray(grad)
        if claim.dtype.kind not in "fiu":
            raise NumberError(
                f"backward: needs real numbers as the gradient of param #{i}; "
                f"got dtype {claim.dtype}"
            )
        if claim.shape != param.shape:
            raise ShapeError(
                f"backward: needs a gradient of shape {param.shape} for param #{i}; "
                f"got {claim.shape}"
            )
        claims.append(claim.astype(np.float64))
    return claims


def _checked(looked_at: Curve, argument: int, claim: Array, eps: float, tol: float) -> CheckResult:
    numeric = np.empty_like(claim)
    disagreements = []
    for index in looked_at.entries(argument):
        numeric[index], found = _entry(looked_at, argument, index, float(claim[index]), eps, tol)
        if found is not None:
            disagreements.append(found)
    verdict: Verdict = "PASSED"
    if disagreements:
        verdict = "KINK" if all(each.excused for each in disagreements) else "FAILED"
    return CheckResult(
        argument,
        verdict,
        float(np.linalg.norm(claim - numeric)),
        claim,
        numeric,
        tuple(disagreements),
    )


def _entry(
    looked_at: Curve, argument: int, index: Index, claimed: float, eps: float, tol: float
) -> tuple[float, Disagreement | None]:
    """The numeric slope of one entry, and what speaks against the claim, if anything does."""
    left = looked_at.slope(argument, index, -eps)
    right = looked_at.slope(argument, index, eps)
    if abs(left.value - right.value) > _allowed(left, right, tol):
        # A kink, or a bend, within the step: look closer, so that a kink that is merely near
        # condemns nobody and one that is here excuses only what lies in its bracket.
        left = looked_at.side(argument, index, -1)
        right = looked_at.side(argument, index, +1)
    allowed = _allowed(left, right, tol)
    central = (left.value + right.value) / 2
    if abs(claimed - central) <= allowed:
        return central, None
    if abs(left.value - right.value) <= allowed:
        return central, Disagreement(index, claimed, central, central, excused=False)
    low, high = sorted((left.value, right.value))
    excused = low - allowed <= claimed <= high + allowed
    return central, Disagreement(index, claimed, left.value, right.value, excused)


def _allowed(left: Slope, right: Slope, tol: float) -> float:
    """How far two slopes here may lie apart without meaning it."""
    return tol * max(1.0, abs(left.value), abs(right.value)) + left.noise + right.noise
