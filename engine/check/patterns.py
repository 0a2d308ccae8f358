"""What the wrong entries of a gradient have in common, as a sign of the bug behind them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from engine.arrays import Array, Mask
from engine.check.gradient import CheckResult
from engine.layers.graph import pull
from engine.trace import Trace, reached_from, trace

NUMBERS_CLOSE: Final = 1e-5
"""How far apart two gradients may be and still count as the same: relative to their size from 1 on,
below that absolutely, or relative to the largest right number if that is below 1 too."""
ZERO_NOISE: Final = 1e-9  # what a difference may give instead of 0


@dataclass(frozen=True, eq=False)
class Evidence:
    """The claimed and the right gradient of one param, the entries that differ, the right pass."""

    claimed: Array
    right: Array
    wrong: Mask
    trace: Trace = field(repr=False)
    argument: int

    @property
    def subject(self) -> str:
        """The start of a sentence: "Every wrong entry", or "The wrong entry" if there is one."""
        return "The wrong entry" if np.count_nonzero(self.wrong) == 1 else "Every wrong entry"

    @property
    def claimed_too(self) -> Mask:
        """Which entries a right layer claims too, under the same rule."""
        return self.same(self.claimed, self.right)

    @property
    def by_rule(self) -> bool:
        """Whether a right layer claims all wrong entries too: then the rule is at fault."""
        return bool(self.claimed_too[self.wrong].all())

    @property
    def params(self) -> tuple[Array, ...]:
        """x and every parameter."""
        return self.trace.params

    @cached_property
    def shares(self) -> Array:
        """What each output alone sends back to the param: (outputs, entries)."""
        found = np.empty((self.trace.dout.size, self.claimed.size))
        for row, index in zip(found, np.ndindex(*self.trace.dout.shape), strict=True):
            alone = np.zeros_like(self.trace.dout)
            alone[index] = self.trace.dout[index]
            row[:] = self._gradient(self.params, alone).ravel()
        return found

    @cached_property
    def readers(self) -> list[list[int]]:
        """For each entry, flat, the positions of the outputs that read it, whatever the values."""
        output = len(self.trace.values) - 1
        return [
            np.flatnonzero(reached_from(self.trace, self.argument, index)[output]).tolist()
            for index in np.ndindex(*self.claimed.shape)
        ]

    @cached_property
    def least(self) -> float:
        """What differs by no more than this is the same, whatever its size."""
        return max(ZERO_NOISE, NUMBERS_CLOSE * min(1.0, float(np.abs(self.right).max())))

    def same(self, one: Array, other: Array) -> Mask:
        """Return which entries are the same, apart from what a difference may be off by."""
        return np.asarray(
            np.abs(one - other) <= np.maximum(self.least, NUMBERS_CLOSE * np.abs(other))
        )

    def is_claimed(self, other: Array) -> bool:
        """Whether the claim equals this gradient, in every entry."""
        return other.shape == self.claimed.shape and bool(self.same(self.claimed, other).all())

    def unweighted(self, step: int) -> Array:
        """Return the gradient if 1 arrived at every output of this step, whatever follows it."""
        runs = [each.run for each in self.trace.steps[: step + 1]]
        ones = np.ones_like(runs[-1].output)
        _, grads = pull(runs, self.trace.outside, ones, self.trace.kinks)
        return grads[self.argument]

    def with_param(self, argument: int, other: Array) -> Array:
        """Return the right gradient if another param had this value."""
        params = [*self.params[:argument], other, *self.params[argument + 1 :]]
        return self._gradient(params, self.trace.dout)

    def _gradient(self, params: Sequence[Array], dout: Array) -> Array:
        again = trace(self.trace.layer, *params, dout=dout, kinks=self.trace.kinks)
        return again.grads[self.argument]


def evidence(result: CheckResult, right: Trace) -> Evidence:
    """Return what the check of a param shows; right: as in `pattern`."""
    due = right.grads[result.parameter]
    return Evidence(result.analytic, due, result.wrong, right, result.parameter)


def pattern(result: CheckResult, right: Trace, but: Collection[str] = ()) -> str:
    """Return one sentence about the entries of a param that the check found wrong; "" if none is.

    right: the pass of a right layer at the same point, with the same dout, under the same rule;
    result is about one of the inputs of its first layer. Entries that are excused are not wrong.
    but: those of MISTAKES that are known not to be made; at some points they give the same numbers.
    """
    seen = evidence(result, right)
    if not seen.wrong.any():
        return ""
    if seen.by_rule:
        # The rule gives it: compare it with the differences, and look for no mistake.
        seen, but = replace(seen, right=result.numeric), MISTAKES
    looks = [look for name, look in _LOOKS.items() if name not in but]
    said = next(said for look in looks for said in look(seen))
    return said.replace("e-0", "e-").replace("-", "−")


def _not_multiplied(seen: Evidence) -> Iterator[str]:
    """Look for an upstream gradient that was left out."""
    steps = [
        f"of the {step.name}"
        for position, step in enumerate(seen.trace.steps)
        if seen.is_claimed(seen.unweighted(position))
    ]
    if steps and seen.claimed.any():
        yield (
            f"It is the gradient for 1 arriving at every output {' or '.join(steps)}: "
            "what arrives there is not multiplied in."
        )


def _cut_off(seen: Evidence) -> Iterator[str]:
    # Zeros alone may have come about in any way.
    if seen.claimed[seen.wrong].any() and seen.is_claimed(np.trunc(seen.right)):
        yield f"{seen.subject} is the right one cut off to a whole number."


def _factor(seen: Evidence) -> Iterator[str]:
    claimed, right = seen.claimed[seen.wrong], seen.right[seen.wrong]
    ratio = float(claimed[0] / right[0]) if abs(right[0]) > seen.least else 0.0
    if abs(ratio) < NUMBERS_CLOSE or not seen.same(claimed, ratio * right).all():
        return
    for much, said in ((ratio, "times"), (1 / ratio, "divided by")):
        whole = round(much)  # 0 if much is close to 0
        if whole and abs(much - whole) < NUMBERS_CLOSE and (len(right) > 1 or abs(much) < 10):
            yield f"{seen.subject} is the right one {said} {whole}."
    if len(right) > 1:
        yield f"{seen.subject} is the right one times {ratio:.4g}."


def _overwritten(seen: Evidence) -> Iterator[str]:
    """Look for entries with what one of the outputs that read them sends, not the sum."""
    readers = seen.readers
    # Zeros alone: as above.
    if not all(readers) or not seen.claimed.any():
        return
    for which, said in ((-1, "last"), (0, "first")):
        alone = seen.shares[which]
        if seen.is_claimed(alone.reshape(seen.claimed.shape)):
            yield f"It is what the {said} output alone sends back: the sum over all is missing."
        kept = [seen.shares[several[which], entry] for entry, several in enumerate(readers)]
        if not seen.is_claimed(np.reshape(kept, seen.claimed.shape)):
            continue
        if any(len(several) == 1 for several in readers):
            yield (
                f"Wrong only where windows overlap: each entry has what the {said} window that "
                "reads it sends back, not the sum."
            )
        yield f"Each entry has what the {said} output that reads it sends back, not the sum."


def _transposed(seen: Evidence) -> Iterator[str]:
    if seen.right.ndim == 2 and _several(seen) and seen.is_claimed(seen.right.T):
        yield "They are the right numbers with rows and columns exchanged."


def _reversed(seen: Evidence) -> Iterator[str]:
    if _several(seen) and seen.is_claimed(np.flip(seen.right)):
        yield "They are the right numbers in reverse order."


def _displaced(seen: Evidence) -> Iterator[str]:
    for axis in range(seen.right.ndim if _several(seen) else 0):
        there, due = np.moveaxis(seen.claimed, axis, 0), np.moveaxis(seen.right, axis, 0)
        if len(due) > 2 and seen.same(there[1:], due[:-1]).all():
            yield "They are the right numbers, each one place behind its own."
        if len(due) > 2 and seen.same(there[:-1], due[1:]).all():
            yield "They are the right numbers, each one place before its own."


def _several(seen: Evidence) -> bool:
    """Whether there are several numbers to recognise: a single one may be anywhere by chance."""
    return int(np.count_nonzero(seen.right)) > 1


def _param_transposed(seen: Evidence) -> Iterator[str]:
    for argument, name, param in _other_params(seen):
        if param.ndim == 2 and len(set(param.shape)) == 1 and _is_of(seen, argument, param.T):
            yield f"It is the gradient for {name} with rows and columns exchanged."


def _param_reversed(seen: Evidence) -> Iterator[str]:
    for argument, name, param in _other_params(seen):
        if _is_of(seen, argument, np.flip(param)):
            yield f"It is the gradient for {name} in reverse order."


def _other_params(seen: Evidence) -> Iterator[tuple[int, str, Array]]:
    names = seen.trace.layer.names(len(seen.params))
    for argument, (name, param) in enumerate(zip(names, seen.params, strict=True)):
        if argument != seen.argument and param.ndim:
            yield argument, name, param


def _is_of(seen: Evidence, argument: int, param: Array) -> bool:
    return seen.is_claimed(seen.with_param(argument, param))


def _zero(seen: Evidence) -> Iterator[str]:
    due = np.abs(seen.right[seen.wrong]) > seen.least
    there = seen.claimed[seen.wrong] != 0
    if not there.any():
        yield f"{seen.subject} is 0: nothing comes back where something should."
    if not due.any():
        yield f"{seen.subject} should be 0: something comes back where nothing should."
    if (due != there).all():
        yield "Zeros have changed places: 0 where something should come back, and the other way."


def _shifted(seen: Evidence) -> Iterator[str]:
    off = (seen.claimed - seen.right)[seen.wrong]
    if len(off) > 1 and seen.same(off, off[:1]).all():
        yield f"{seen.subject} is too {'large' if off[0] > 0 else 'small'} by {abs(off[0]):.4g}."


def _misplaced(seen: Evidence) -> Iterator[str]:
    sums = (each.sum(keepdims=True) for each in (seen.claimed, seen.right))
    if np.count_nonzero(seen.wrong) > 1 and seen.same(*sums).all():
        yield "The sum over the entries is right, but not what each of them has of it."


def _where(seen: Evidence) -> Iterator[str]:
    count, size = np.count_nonzero(seen.wrong), seen.wrong.size
    if size == 1:
        yield "It is wrong, in no simple way."
    yield f"{count} of {size} entries {'is' if count == 1 else 'are'} wrong, in no simple way."


_LOOKS: Final[Mapping[str, Callable[[Evidence], Iterator[str]]]] = {
    "not multiplied": _not_multiplied,
    "overwritten": _overwritten,
    "param transposed": _param_transposed,
    "param reversed": _param_reversed,
    "cut off": _cut_off,
    "factor": _factor,
    "transposed": _transposed,
    "reversed": _reversed,
    "displaced": _displaced,
    "zero": _zero,
    "shifted": _shifted,
    "misplaced": _misplaced,
    "where": _where,
}
"""The first that fits is taken."""


MISTAKES: Final = frozenset(_LOOKS) - {"factor", "zero", "shifted", "misplaced", "where"}
"""Looks that name a mistake in the code; the others speak of the numbers alone."""
