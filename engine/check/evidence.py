"""What is known of a wrong gradient: the claim, the right one, and what the outputs send back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from engine.arrays import Array, Mask
from engine.layers.graph import pull
from engine.reach import influence
from engine.trace import Trace, trace

CLOSE: Final = 1e-5
"""How far two gradients may be apart and count as the same, relatively from 1 on."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """The claimed and the right gradient of one param, where they disagree, and the right pass."""

    claimed: Array
    right: Array
    wrong: Mask
    trace: Trace = field(repr=False)
    argument: int

    @property
    def subject(self) -> str:
        """Every wrong entry, or the only one."""
        return "The wrong entry" if np.count_nonzero(self.wrong) == 1 else "Every wrong entry"

    @property
    def by_rule(self) -> bool:
        """Whether the right pass claims it too: then the rule makes it wrong, not the layer."""
        return self.is_claimed(self.trace.grads[self.argument])

    @property
    def params(self) -> tuple[Array, ...]:
        """x and every parameter."""
        return self.trace.params

    @cached_property
    def shares(self) -> Array:
        """What each output alone sends back to the param: (outputs, entries)."""
        return np.reshape([self._sent_back(dout) for dout in self._one_by_one()], self._table)

    @cached_property
    def readers(self) -> list[list[int]]:
        """For each entry, flat, the positions of the outputs that read it, whatever the values."""
        readers = self.trace.values[self.argument].readers
        found = []
        for index in np.ndindex(*self.claimed.shape):
            reached = np.zeros(self.trace.dout.shape, np.bool_)
            for step, argument in readers:
                reached |= influence(self.trace, step, argument, index)[-1]
            found.append(np.flatnonzero(reached).tolist())
        return found

    def is_claimed(self, other: Array) -> bool:
        """Whether the claim is this, in every entry."""
        return other.shape == self.claimed.shape and bool(same(self.claimed, other).all())

    def unweighted(self, step: int) -> Array:
        """The gradient if 1 arrived at every output of this step, the first ones' input's alone."""
        runs = [each.run for each in self.trace.steps[: step + 1]]
        ones = np.ones_like(runs[-1].output)
        _, grads = pull(runs, self.trace.outside, ones, self.trace.kinks)
        return grads[self.argument]

    def with_param(self, argument: int, other: Array) -> Array:
        """The right gradient if another param were this."""
        params = [*self.params[:argument], other, *self.params[argument + 1 :]]
        return self._gradient(params, self.trace.dout)

    @property
    def _table(self) -> tuple[int, int]:
        return self.trace.dout.size, self.claimed.size

    def _one_by_one(self) -> Iterator[Array]:
        for index in np.ndindex(*self.trace.dout.shape):
            alone = np.zeros_like(self.trace.dout)
            alone[index] = self.trace.dout[index]
            yield alone

    def _sent_back(self, dout: Array) -> Array:
        return self._gradient(self.params, dout)

    def _gradient(self, params: Sequence[Array], dout: Array) -> Array:
        again = trace(self.trace.layer, *params, dout=dout, kinks=self.trace.kinks)
        return again.grads[self.argument]


def same(one: Array, other: Array) -> Mask:
    """Which entries are the same, but for what a difference may be off by."""
    return np.asarray(np.abs(one - other) <= CLOSE * np.maximum(1.0, np.abs(other)))
