"""The snap buttons: the nearest state at which something happens, or why there is none.

Each takes a scene to the nearest one, by the sum of |Δx|, of which its name is true. Those here are
for any derived page; where nothing else is said, they move the entries of its first input.
"""

import random
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np

from engine.arrays import indices
from pages.derive.derivation import DerivedScene
from pages.derive.page import Impossible, Snap
from pages.language.catalogue import say
from pages.state.codecs import GRID, ON_GRID
from pages.state.scene import Scene

SceneType = TypeVar("SceneType", bound=Scene)
Move: TypeAlias = Callable[[DerivedScene], DerivedScene]

EPSILON: Final = 2.0**-10
"""How far a nudge goes: small, and exact."""
ULPS: Final = 4
"""So many floating-point numbers to either side of a computed place are tried."""
ROUNDED: Final = 1e-12
"""So far rounding may have moved a computed place, at most."""


def entries_of(scene: DerivedScene, *letters: str) -> list[str]:
    """The names of the entries in use of these inputs, of the first one without letters."""
    of = letters or scene.derivation.given_letters[:1]
    return [entry for entry, (letter, _) in scene.entry_names().items() if letter in of]


def each(move: Callable[[float], float], *letters: str) -> Move:
    """Every entry goes where `move` takes it."""

    def moved(scene: DerivedScene) -> DerivedScene:
        for entry in entries_of(scene, *letters):
            scene = scene.moved(entry, move(scene.value(entry)))
        return scene

    return moved


def every(value: float, *letters: str) -> Move:
    """Every entry is this."""
    return each(lambda before: value, *letters)


def one_sided(sign: int, weight: str = "") -> Snap[DerivedScene]:
    """Every entry, times a weight where there is one, has this sign."""

    def snapped(scene: DerivedScene) -> DerivedScene | Impossible:
        times = scene.value(weight) if weight else 1.0
        if times == 0:
            made = scene.derivation.naming.into(1)
            return Impossible(say("snap.weight", weight=weight, made=made))
        toward = sign if times > 0 else -sign
        return each(lambda x: x if x * toward > 0 else toward * GRID)(scene)

    return snapped


def one_at_zero(scene: DerivedScene) -> DerivedScene:
    """Exactly one is 0: the one that is nearest to it; another that is there goes just above."""
    entries = entries_of(scene)
    nearest = min(entries, key=lambda entry: abs(scene.value(entry)))
    for entry in entries:
        scene = scene.moved(entry, 0.0 if entry == nearest else scene.value(entry) or GRID)
    return scene


def tie(scene: DerivedScene) -> DerivedScene | Impossible:
    """In some window two entries share the maximum: a runner-up that is nearest to it rises."""
    step, naming = scene.setup.passed.steps[0], scene.derivation.naming
    read: dict[Any, list[str]] = {}
    for index in indices(step.inputs[0].shape):
        for window in step.layer.feeds(0, index, step.run.cache):
            read.setdefault(window, []).append(naming.entry(naming.into(0), index))
    pairs = [sorted(each, key=scene.value)[-2:] for each in read.values() if len(each) > 1]
    if not pairs:
        return Impossible(say("snap.alone"))
    lower, upper = min(pairs, key=lambda pair: scene.value(pair[1]) - scene.value(pair[0]))
    return scene.moved(lower, scene.value(upper))


def all_equal(scene: DerivedScene) -> DerivedScene:
    """Every entry is what the middle one of them is."""
    values = sorted(map(scene.value, entries_of(scene)))
    return every(values[len(values) // 2])(scene)


def landed(
    scene: SceneType, entry: str, place: float, is_there: Callable[[SceneType], bool]
) -> SceneType | None:
    """The scene with an entry at a computed place, or on a number right beside it; None for none.

    A tie is one to the last bit, or none: is_there tells. A number of the sliders' grid, or one
    that stands in the scene, is tried first: rounding may have come further from it than to the
    next floats.
    """
    likely = (GRID * round(place / GRID), *map(scene.value, scene.entry_names()))
    meant = (value for value in likely if abs(value - place) <= ROUNDED)
    spacing = float(np.spacing(place))
    beside = (place + ulps * spacing for ulps in sorted(range(-ULPS, ULPS + 1), key=abs))
    for number in dict.fromkeys(chain(meant, beside)):
        there = scene.moved(entry, number)
        if is_there(there):
            return there
    return None


def nudge(shift: float) -> Snap[Any]:
    """The selected entry moves by a very little; for the scene of any page that selects one."""

    def nudged(scene: SceneType) -> SceneType | Impossible:
        if scene.entry not in scene.entry_names():
            return Impossible(say("snap.no_slider"))
        moved = scene.value(scene.entry) + shift
        codec = scene.codec_of(scene.entry)
        if not codec.low <= moved <= codec.high:
            return Impossible(say("snap.end", entry=scene.entry))
        return scene.moved(scene.entry, moved)

    return nudged


def at_random(scene: DerivedScene) -> DerivedScene:
    """All inputs anywhere on the sliders' grid."""
    return each(lambda before: random.choice(ON_GRID), *scene.derivation.given_letters)(scene)


def reset(scene: SceneType) -> SceneType:
    """What the page opens with."""
    return type(scene)()


NUDGES: Final[Mapping[str, Snap[Any]]] = {"nudge +ε": nudge(EPSILON), "nudge −ε": nudge(-EPSILON)}
ANYWHERE: Final[Mapping[str, Snap[Any]]] = {"random": at_random, "reset": reset}
ELEMENTWISE: Final[Mapping[str, Snap[Any]]] = {
    "all negative": one_sided(-1),
    "all positive": one_sided(+1),
    "one at zero": one_at_zero,
    "all at zero": every(0.0),
    **NUDGES,
    **ANYWHERE,
}
"""Of an operation that works entry by entry."""
POOLING: Final[Mapping[str, Snap[Any]]] = {
    "make a tie": tie,
    "all equal": all_equal,
    **NUDGES,
    **ANYWHERE,
}
"""Of an operation that takes the maximum of each window."""
