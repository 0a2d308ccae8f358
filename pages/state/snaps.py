"""The snap buttons: the nearest state at which something happens, or why there is none.

Each takes a scene to the nearest one, by the sum of |Δx|, of which its name is true.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, TypeVar

from pages.explore.conv_block import block_trace
from pages.state.codecs import GRID, HIGH, LOW
from pages.state.scene import BlockScene, Scene

SceneType = TypeVar("SceneType", bound=Scene)

EPSILON: Final = 2.0**-10
"""How far a nudge goes: small, and exact."""


@dataclass(frozen=True)
class Impossible:
    """Why a snap cannot be had here."""

    reason: str


Snap: TypeAlias = Callable[[SceneType], SceneType | Impossible]


def tie(scene: BlockScene) -> BlockScene | Impossible:
    """Two entries at least share a positive maximum."""
    activations = block_trace(scene).steps[0].output
    largest = activations.max()
    if largest > 0 and (activations == largest).sum() >= 2:
        return scene
    return _tie_of(scene, 2)


def three_way_tie(scene: BlockScene) -> BlockScene | Impossible:
    """Exactly three entries share a positive maximum."""
    return _tie_of(scene, 3)


def unique_maximum(scene: BlockScene) -> BlockScene | Impossible:
    """One entry alone has the positive maximum."""
    return _tie_of(scene, 1)


def all_negative(scene: BlockScene) -> BlockScene | Impossible:
    """Every a is below 0."""
    return _one_sided(scene, -1)


def all_positive(scene: BlockScene) -> BlockScene | Impossible:
    """Every a is above 0."""
    return _one_sided(scene, +1)


def zero_a(scene: BlockScene) -> BlockScene | Impossible:
    """Some a is 0: the x that is nearest to 0 goes there."""
    nearest = min(range(len(scene.x)), key=lambda i: abs(scene.x[i]))
    return scene if scene.w == 0 else scene.moved(f"x{nearest + 1}", 0.0)


def zero_w(scene: BlockScene) -> BlockScene | Impossible:
    """w is 0, and with it every a."""
    return replace(scene, w=0.0)


def nudge(shift: float) -> Snap[Any]:
    """The selected entry moves by a very little; for the scene of any page that selects one."""

    def nudged(scene: Any) -> Any:
        if scene.entry not in scene.entry_names():
            return Impossible(
                "Choose a cell that has a slider first: all others follow from these."
            )
        moved = scene.value(scene.entry) + shift
        if not LOW <= moved <= HIGH:
            return Impossible(f"{scene.entry} is at the end of its range.")
        return scene.moved(scene.entry, moved)

    return nudged


def at_random(scene: BlockScene) -> BlockScene:
    """x and w anywhere on the sliders' grid."""
    steps = round((HIGH - LOW) / GRID)
    x = tuple(LOW + GRID * random.randint(0, steps) for _ in scene.x)
    return replace(scene, x=x, w=LOW + GRID * random.randint(0, steps))


def reset(scene: BlockScene) -> BlockScene:
    """What the page opens with."""
    return BlockScene()


SNAPS: Final[dict[str, Snap[BlockScene]]] = {
    "unique max": unique_maximum,
    "make a tie": tie,
    "three-way tie": three_way_tie,
    "all negative": all_negative,
    "all positive": all_positive,
    "a = 0": zero_a,
    "w = 0": zero_w,
    "nudge +ε": nudge(EPSILON),
    "nudge −ε": nudge(-EPSILON),
    "random": at_random,
    "reset": reset,
}


_AT_ZERO: Final = Impossible("At w = 0 every a is 0: move w first.")


def _one_sided(scene: BlockScene, sign: int) -> BlockScene | Impossible:
    if scene.w == 0:
        return _AT_ZERO
    toward = sign if scene.w > 0 else -sign
    return replace(scene, x=tuple(x if x * toward > 0 else toward * GRID for x in scene.x))


def _tie_of(scene: BlockScene, count: int) -> BlockScene | Impossible:
    """Exactly `count` entries share a positive maximum.

    For each value that they might share, those stay or go there to whom it makes the least
    difference, and whoever would still be above goes to the next grid point below. A shared value
    of the least total change is one that some entry has already, or a grid point beside it.
    """
    if scene.w == 0:
        return _AT_ZERO
    toward = 1 if scene.w > 0 else -1
    beside = (x + shift for x in (*scene.x, 0.0) for shift in (-GRID, 0.0, GRID))
    shared = sorted({v for v in beside if LOW <= v <= HIGH and v * toward > 0})
    return min(
        (_sharing(scene, value, value - toward * GRID, count) for value in shared),
        key=lambda found: _distance(scene, found),
    )


def _sharing(scene: BlockScene, value: float, below: float, count: int) -> BlockScene:
    toward = 1 if scene.w > 0 else -1
    apart = [x if x * toward < value * toward else below for x in scene.x]
    cost = [abs(x - value) - abs(x - other) for x, other in zip(scene.x, apart, strict=True)]
    chosen = set(sorted(range(len(cost)), key=cost.__getitem__)[:count])
    return replace(scene, x=tuple(value if i in chosen else apart[i] for i in range(len(apart))))


def _distance(scene: BlockScene, other: BlockScene) -> tuple[float, int]:
    """The sum of |Δx|, then the number of entries that moved."""
    pairs = list(zip(scene.x, other.x, strict=True))
    return sum(abs(a - b) for a, b in pairs), sum(a != b for a, b in pairs)
