"""Questions with a number for an answer: how each is set up, how the engine answers it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np

from engine import Trace
from pages.state.scene import Scene

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


def opened(**changes: Any) -> Callable[[Any], Any]:
    """What the page of a scene opens with, with these fields changed, under the scene's rule."""
    return lambda scene: replace(type(scene)(), **{"rule": scene.rule, **changes})


def changed(**changes: Any) -> Callable[[Any], Any]:
    """The scene with these fields changed."""
    return lambda scene: replace(scene, **changes)
