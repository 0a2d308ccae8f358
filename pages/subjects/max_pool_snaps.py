"""The snaps of the max pool: the nearest h at which something happens."""

import random
from dataclasses import replace
from typing import Final

from pages.codecs import GRID, HIGH, LOW
from pages.snaps import EPSILON, Impossible, Snap, nudge
from pages.subjects.max_pool import LENGTH, PoolScene


def tie(scene: PoolScene) -> PoolScene | Impossible:
    """In some window two entries share the maximum: a runner-up that is nearest to it rises."""
    read = [
        sorted(range(max(first, 0), min(last, LENGTH - 1) + 1), key=scene.h.__getitem__)[-2:]
        for first, last in scene.pooling.spans
    ]
    pairs = [pair for pair in read if len(pair) == 2]
    if not pairs:
        return Impossible("Every window reads one entry alone: nobody can tie with it.")
    lower, upper = min(pairs, key=lambda pair: scene.h[pair[1]] - scene.h[pair[0]])
    return scene.moved(f"h{lower + 1}", scene.h[upper])


def all_equal(scene: PoolScene) -> PoolScene:
    """Every h is what the middle one of them is."""
    return replace(scene, h=(sorted(scene.h)[LENGTH // 2],) * LENGTH)


def at_random(scene: PoolScene) -> PoolScene:
    """Every h anywhere on the sliders' grid."""
    steps = round((HIGH - LOW) / GRID)
    return replace(scene, h=tuple(LOW + GRID * random.randint(0, steps) for _ in scene.h))


SNAPS: Final[dict[str, Snap[PoolScene]]] = {
    "make a tie": tie,
    "all equal": all_equal,
    "nudge +ε": nudge(EPSILON),
    "nudge −ε": nudge(-EPSILON),
    "random": at_random,
    "reset": lambda scene: PoolScene(),
}
