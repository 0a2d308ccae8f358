"""Stochastic gradient descent: v = μ·v + (∂L/∂p + λ·p), p = p − η·v."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.errors import real_number


@dataclass(frozen=True, slots=True)
class SGD:
    """v = μ·v + (∂L/∂p + λ·p), then p = p − η·v, for each parameter p; v starts at 0.

    Raises SettingError for settings outside their ranges.
    Source: Sutskever et al., On the importance of initialization and momentum in deep learning,
    2013; in this form as in PyTorch's `torch.optim.SGD`.
    """

    learning_rate: float = 0.1  # η, above 0
    momentum: float = 0.9  # μ, from 0 to below 1; 0 is plain gradient descent
    weight_decay: float = 0.0  # λ, 0 or more, on weights and biases alike

    def __post_init__(self) -> None:
        """Check the three settings."""
        for name, needs, bounds in (
            ("learning_rate", "a finite number above 0", {"above": 0.0}),
            ("momentum", "a number from 0 to below 1", {"least": 0.0, "below": 1.0}),
            ("weight_decay", "a finite number, 0 or more", {"least": 0.0}),
        ):
            # A Python float leaves a float32 parameter float32; an np.float64 does not.
            checked = real_number("SGD", name, getattr(self, name), needs, **bounds)
            object.__setattr__(self, name, checked)

    def start(self, params: Sequence[Array]) -> list[Array]:
        """Return the velocities before the first step: zeros, shaped like the parameters."""
        return [np.zeros_like(param) for param in params]

    @np.errstate(all="ignore")  # the trainer raises an error for a parameter out of range
    def step(
        self,
        params: Sequence[Array],
        grads: Sequence[Array],
        velocities: Sequence[Array],
        rate: float = 1.0,
    ) -> tuple[list[Array], list[Array]]:
        """Take one step, pure: return the new parameters and the new velocities.

        rate: what the learning rate is multiplied by in this step, as a schedule says.
        """
        if self.weight_decay:
            grads = [
                grad + self.weight_decay * param for grad, param in zip(grads, params, strict=True)
            ]
        velocities = [
            self.momentum * velocity + grad
            for velocity, grad in zip(velocities, grads, strict=True)
        ]
        size = self.learning_rate * rate
        moved = [
            param - size * velocity for param, velocity in zip(params, velocities, strict=True)
        ]
        return moved, velocities
