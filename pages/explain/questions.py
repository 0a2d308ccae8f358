"""The lab's questions: how each is set up, and how the engine answers it, here and now."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np

from engine import Trace
from pages.state.scene import PRESETS, BlockScene, Scene

SceneType = TypeVar("SceneType", bound=Scene)


@dataclass(frozen=True)
class Question(Generic[SceneType]):
    """A question with a number for an answer.

    setting: from the present scene to one in which it is asked; None where any will do. answer:
    read off a trace, so that it is true of what is on the screen. because: what to look at.
    """

    text: str
    answer: Callable[[Trace], int]
    because: str = ""
    setting: Callable[[SceneType], SceneType] | None = None


def nonzero(argument: int) -> Callable[[Trace], int]:
    """How many entries of the gradient of an input are nonzero."""
    return lambda trace: int(np.count_nonzero(trace.grads[argument]))


def influenced(step: int, argument: int, entry: int) -> Callable[[Trace], int]:
    """How many outputs of a step read an entry of an input (the first, second … one of it)."""

    def count(trace: Trace) -> int:
        at = trace.steps[step]
        index = np.unravel_index(entry, at.inputs[argument].shape)
        fed = at.layer.feeds(argument, tuple(map(int, index)), at.run.cache)
        return sum(1 for _ in fed)

    return count


def _preset(slug: str) -> Callable[[BlockScene], BlockScene]:
    return lambda scene: PRESETS[slug].scene


BLOCK_QUESTIONS: Final[tuple[Question[BlockScene], ...]] = (
    Question(
        "The maximum is **unique**. How many entries of ∂z/∂x are nonzero?",
        nonzero(0),
        "Follow the arrows from z.",
        _preset("unique-max"),
    ),
    Question(
        "**Two** entries tie for the maximum. How many entries of ∂z/∂x are nonzero?",
        nonzero(0),
        "Change the rule: not every framework gives this number.",
        _preset("max-tie"),
    ),
    Question(
        "All a are **negative**. How many entries of ∂z/∂x are nonzero?",
        nonzero(0),
        "Look at the gates between a and h.",
        _preset("all-negative"),
    ),
    Question(
        "All a are **positive**. How many entries of ∂z/∂x are nonzero?",
        nonzero(0),
        "Every gate is open; look at what stops the others.",
        _preset("all-positive"),
    ),
    Question(
        "How many entries of a does **x₃** influence?", influenced(0, 0, 2), "One way leaves x₃."
    ),
    Question("And **w**?", influenced(0, 1, 0), "Count the ways that leave w."),
)
