"""A gradient check that tells a kink from a bug."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from math import inf
from numbers import Real
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import Array, Index, Mask, nonzero_at
from engine.check.differences import Curve, Forward, Places, Sides, curve, slopes_of
from engine.check.precision import AS_SINGLE, DOUBLE, TOLERANCE, precision_of, roughest
from engine.errors import NumberError, SettingError, ShapeError

Verdict: TypeAlias = Literal["PASSED", "FAILED", "KINK"]

PRINTED: Final = 20  # the most disagreeing entries of a param that are printed; a result has all


@dataclass(frozen=True)
class Disagreement:
    """One entry whose claimed gradient is not what the differences give."""

    index: Index
    claimed: float
    left: float  # the one-sided derivatives, from the left
    right: float  # and from the right
    excused: bool  # whether they differ and the claim lies between

    def __str__(self) -> str:
        """Return one line of text."""
        entry = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        said = f"  entry {entry}".rstrip() + f": claimed {self.claimed:.6g}, "
        if self.left == self.right:
            return f"{said}the differences say {self.left:.6g}"
        place = "between" if self.excused else "outside"
        return f"{said}{place} the one-sided derivatives {self.left:.6g} and {self.right:.6g}"


@dataclass(frozen=True, eq=False)
class CheckResult:
    """What the check found for one parameter."""

    parameter: int
    verdict: Verdict
    """PASSED if no entry disagrees; KINK if every entry that does is on a kink and lies between its
    one-sided derivatives; otherwise FAILED."""
    difference: float  # the Frobenius norm of analytic − numeric
    analytic: Array
    numeric: Array
    disagreements: tuple[Disagreement, ...]  # in index order
    eps: float = 1e-6  # the step that was taken

    @property
    def wrong(self) -> Mask:
        """Which entries disagree and are not excused."""
        wrong = np.zeros(self.analytic.shape, dtype=np.bool_)
        for each in self.disagreements:
            wrong[each.index] = not each.excused
        return wrong

    def __str__(self) -> str:
        """Return the lab's line, and below it the first of the entries that disagree."""
        line = (
            f"Gradient check on param #{self.parameter} {self.verdict} "
            f"with frobenius norm difference {self.difference:.3e}!"
        )
        lines = [line, *map(str, self.disagreements[:PRINTED])]
        if (more := len(self.disagreements) - PRINTED) > 0:
            lines.append(f"  and {more} more {'entry' if more == 1 else 'entries'}")
        return "\n".join(lines)


def gradient_check(
    forward: Forward,
    backward: Callable[[Any], Any],
    *params: ArrayLike,
    eps: float = 1e-6,
    tol: float = TOLERANCE,
) -> list[CheckResult]:
    """Compare backward(dout) with differences of forward(*params), entry by entry; print it.

    forward takes the params; backward takes dout in the output's shape and gives one gradient for
    each param, as the layers' own do. The gradient of a single param may be an array or a list of
    numbers. backward is called after forward(*params). Everything is computed in float64.
    eps: the step of the central difference, relative to the entry for entries of 2 or more. tol:
    how far a slope may be off, relative to it, to 1 or to the largest of the param if all are below
    1; what rounding may do comes on top. If the output is not a scalar, dout is random in [0.5,
    1.5], from a fixed seed.
    If forward or backward computes in float32 or float16 all the same, it is checked with a larger
    eps and tol if these are too small for that, which is printed too.
    A kink within the step is looked at closely: one that is merely near, like a ReLU's input of
    1e-9, neither fails nor excuses a claim, and the gradient of that side alone has PASSED; one
    nearer than float64 can tell (see `one_sided`) counts as one at the point.
    -> one result for each param. Raises EngineError for bad input, also if backward gives another
    number of gradients, another shape, or something that is not real numbers, and if forward gives
    two outputs for the same params, or outputs so large that a slope of 1 or more is lost in their
    rounding; a gradient of NaN or inf is one that FAILED.
    """
    looked_at = curve(forward, params, None)
    # Now, while forward remembers the params themselves: the differences will move them.
    dout = looked_at.dout
    grads = backward(dout.copy() if dout.ndim else 1.0)
    results = judged(looked_at, grads, eps, tol)
    for result in results:
        _check_seen(result, tol)
    for result in results:
        print(result)
    for sentence in _about_precision(looked_at, grads, eps, tol):
        print(sentence)
    return results


@np.errstate(all="ignore")  # an output out of range is an error, a slope of inf is what it is
def judged(
    looked_at: Curve, grads: Any, eps: float = 1e-6, tol: float = TOLERANCE
) -> list[CheckResult]:
    """Return what the differences say about these gradients, one for each param.

    eps, tol and the results are those of `gradient_check`.
    """
    numbers = (isinstance(each, Real) and not isinstance(each, bool) for each in (eps, tol))
    if not (all(numbers) and 0 < eps < inf and 0 < tol < inf):
        raise SettingError(f"check: needs eps and tol above 0; got eps={eps!r}, tol={tol!r}")
    claims = _claims(grads, looked_at)
    eps, tol = _possible(looked_at, grads, eps, tol)
    slopes = slopes_of(looked_at, eps)
    claimed = np.concatenate([claim.ravel() for claim in claims])
    left, right = slopes.wide.T
    numeric = (left + right) / 2
    allowed = tol * slopes.magnitude + looked_at.precision.bend
    agree = (np.abs(left - right) <= allowed) & (np.abs(claimed - numeric) <= allowed)
    found: list[list[Disagreement]] = [[] for _ in claims]
    if not agree.all():
        # A wrong claim, or a kink or a bend within the step: look closer, so that a kink that is
        # merely near fails no claim, and one that is here excuses only what lies in its bracket.
        suspects = np.flatnonzero(~agree)
        sides = slopes.sides(suspects, tol)
        numeric[suspects] = (sides.left + sides.right) / 2
        for argument, disagreement in _disagreements(looked_at, suspects, claims, sides):
            found[argument].append(disagreement)
    found_out = zip(count(), claims, looked_at.split(numeric), found)
    return [_result(*each, eps) for each in found_out]


def _check_seen(result: CheckResult, tol: float) -> None:
    """Raise NumberError if a claim has passed that is off by as much as the slope itself.

    And by 1 at least: only rounding can excuse that, if the step is lost in the output.
    """
    if result.verdict != "PASSED":
        return
    off = np.abs(result.analytic - result.numeric)
    hidden = off >= max(1, tol) * np.maximum(1, np.abs(result.numeric))
    if hidden.any():
        at = nonzero_at(hidden)[0]
        raise NumberError(
            "check: needs outputs so small that their rounding hides no slope; of param "
            f"#{result.parameter} at index {at} got a claim of {result.analytic[at]:.6g} that "
            f"cannot be told from {result.numeric[at]:.6g}"
        )


def _possible(looked_at: Curve, grads: Any, eps: float, tol: float) -> tuple[float, float]:
    """Return eps and tol, or the least that forward's precision allows; for tol also backward's."""
    least = roughest(looked_at.precision, precision_of(_given(grads, looked_at)))
    return max(eps, looked_at.precision.eps), max(tol, least.tol)


def _about_precision(looked_at: Curve, grads: Any, eps: float, tol: float) -> Iterator[str]:
    """Yield a sentence if something computes in less than float64, on how it was checked."""
    backward = precision_of(_given(grads, looked_at))
    methods = {"forward": looked_at.precision, "backward": backward}
    rough = [method for method, precision in methods.items() if precision is not DOUBLE]
    if rough:
        dtype = roughest(*methods.values()).dtype
        s, it = ("s", "it") if len(rough) == 1 else ("", "they")
        rounds = looked_at.precision is AS_SINGLE  # which is all that is known
        does = f"round{s} as if {it} computed" if rounds else f"compute{s}"
        said = f"{' and '.join(rough)} {does} in {dtype}"
        used = _possible(looked_at, grads, eps, tol)
        if used != (eps, tol):
            said += f", where rounding takes up more: checked with eps = {used[0]:.3g}"
            said += f" and tol = {used[1]:.3g}"
        yield f"{said}."


def _given(grads: Any, looked_at: Curve) -> list[NDArray[Any]]:
    """Return backward's gradients; for a single param a list of numbers is one gradient."""
    several = isinstance(grads, tuple | list)
    try:
        if isinstance(grads, list) and len(looked_at.params) == 1:
            several = len(grads) == 1 and np.ndim(grads[0]) >= looked_at.params[0].ndim
        return [np.asarray(each) for each in (grads if several else [grads])]
    except ValueError as error:
        raise ShapeError("backward: needs rows of one length; got a ragged list") from error


def _claims(grads: Any, looked_at: Curve) -> list[Array]:
    given = _given(grads, looked_at)
    if len(given) != len(looked_at.params):
        raise ShapeError(
            f"backward: needs to give {len(looked_at.params)} gradients, one for each param; "
            f"got {len(given) if grads is not None else None}"
        )
    claims: list[Array] = []
    for i, (claim, param) in enumerate(zip(given, looked_at.params, strict=True)):
        if claim.dtype.kind not in "fiu":
            got = "None" if claim[()] is None else f"dtype {claim.dtype}"
            raise NumberError(
                f"backward: needs real numbers as the gradient of param #{i}; got {got}"
            )
        if claim.shape != param.shape:
            raise ShapeError(
                f"backward: needs a gradient of shape {param.shape} for param #{i}; "
                f"got {claim.shape}"
            )
        claims.append(claim.astype(np.float64))
    return claims


def _disagreements(
    looked_at: Curve, suspects: Places, claims: list[Array], sides: Sides
) -> Iterator[tuple[int, Disagreement]]:
    """Yield what speaks against the claims, if anything does, each with its argument."""
    arguments = np.searchsorted(looked_at.starts, suspects, side="right") - 1
    for argument, place, left, right, slack in zip(arguments, suspects, *sides, strict=True):
        claim = claims[argument]
        index = tuple(map(int, np.unravel_index(place - looked_at.starts[argument], claim.shape)))
        claimed = float(claim[index])
        if not abs(claimed - (left + right) / 2) <= slack:
            # A side that cannot be told from the claim counts as the claim.
            left, right = (
                claimed if abs(side - claimed) <= slack else float(side) for side in (left, right)
            )
            excused = left != right and min(left, right) <= claimed <= max(left, right)
            yield argument, Disagreement(index, claimed, left, right, excused)


def _result(
    argument: int, claim: Array, numeric: Array, disagreements: list[Disagreement], eps: float
) -> CheckResult:
    verdict: Verdict = "PASSED"
    if disagreements:
        verdict = "KINK" if all(each.excused for each in disagreements) else "FAILED"
    difference = float(np.linalg.norm(claim - numeric))
    return CheckResult(argument, verdict, difference, claim, numeric, tuple(disagreements), eps)
