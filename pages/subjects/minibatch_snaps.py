"""The snaps of the minibatch: the nearest state at which shares cancel, or one is 0."""

import random
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Final

import numpy as np

from engine.arrays import Array
from pages.codecs import GRID, HIGH, LOW
from pages.snaps import Impossible, Snap
from pages.subjects.minibatch import EXAMPLES, LENGTH, BatchScene, batch_trace, shares

_STEPS: Final = round((HIGH - LOW) / GRID)


def shares_cancel(scene: BatchScene) -> BatchScene | Impossible:
    """∂L/∂w is 0 though examples contribute: the upstream gradients move as little as they can."""
    ones = replace(scene, dz=(1.0,) * EXAMPLES)
    each = [share.grad for share in shares(batch_trace(ones))]
    if np.count_nonzero(each) < 2:
        return Impossible("Fewer than two examples can contribute: nothing cancels.")
    choices = _every_dz()
    contributing = np.count_nonzero(choices * each, axis=1)
    cancelling = choices[(choices @ each == 0) & (contributing >= 2)]
    far = np.abs(cancelling - scene.dz).sum(axis=1)
    for found in cancelling[np.argsort(far, kind="stable")[:1]].tolist():
        return replace(scene, dz=tuple(found))
    return Impossible("No upstream gradients on the sliders' grid let these shares cancel.")


@cache
def _every_dz() -> Array:
    """All upstream gradients on the sliders' grid: (33³, 3)."""
    grid = [LOW + GRID * step for step in range(_STEPS + 1)]
    return np.array(list(product(grid, repeat=EXAMPLES)))


def one_negative(scene: BatchScene) -> BatchScene | Impossible:
    """All a of some example are negative, so that its share is 0: the one that has it least far."""
    if scene.w == 0:
        return Impossible("At w = 0 every a is 0: move w first.")
    below = -GRID if scene.w > 0 else GRID

    def sunk(n: int) -> BatchScene:
        own = range(n * LENGTH, (n + 1) * LENGTH)
        x = [below if i in own and x * below <= 0 else x for i, x in enumerate(scene.x)]
        return replace(scene, x=tuple(x))

    return min(
        map(sunk, range(EXAMPLES)), key=lambda it: float(np.abs(np.subtract(it.x, scene.x)).sum())
    )


def ones(scene: BatchScene) -> BatchScene:
    """L is the sum of the examples' z."""
    return replace(scene, dz=(1.0,) * EXAMPLES)


def at_random(scene: BatchScene) -> BatchScene:
    """x and w anywhere on the sliders' grid."""
    x = tuple(LOW + GRID * random.randint(0, _STEPS) for _ in scene.x)
    return replace(scene, x=x, w=LOW + GRID * random.randint(0, _STEPS))


SNAPS: Final[dict[str, Snap[BatchScene]]] = {
    "shares cancel": shares_cancel,
    "one all negative": one_negative,
    "dz = 1": ones,
    "random": at_random,
    "reset": lambda scene: BatchScene(),
}
