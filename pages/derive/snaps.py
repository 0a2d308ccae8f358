"""The snap buttons: each moves a scene to the nearest one with a property, or says why none is.

Nearest by the sum of |Δx|. The snaps here work on any derived page. Unless stated otherwise they
move the entries of its first input.
"""

import random
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, Final, TypeAlias

import numpy as np

from engine.arrays import indices
from pages.derive.derivation import DerivedScene
from pages.derive.page import Impossible, Snap
from pages.language.catalogue import say
from pages.state.codecs import GRID, ON_GRID
from pages.state.scene import SceneType

Move: TypeAlias = Callable[[DerivedScene], DerivedScene]

EPSILON: Final = 2.0**-10  # the length of a nudge: small, and exact in binary
ULPS: Final = 4  # how many floating-point numbers are tried on either side of a computed place
ROUNDED: Final = 1e-12  # how far rounding may have moved a computed place


def entries_of(scene: DerivedScene, *letters: str) -> list[str]:
    """Return the names of the entries in use of these inputs; without letters, of the first."""
    of = letters or scene.derivation.given_letters[:1]
    return [entry for entry, (letter, _) in scene.entry_names().items() if letter in of]


def each(move: Callable[[float], float], *letters: str) -> Move:
    """Return a snap that applies `move` to every entry."""

    def moved(scene: DerivedScene) -> DerivedScene:
        for entry in entries_of(scene, *letters):
            scene = scene.moved(entry, move(scene.value(entry)))
        return scene

    return moved


def every(value: float, *letters: str) -> Move:
    """Return a snap that sets every entry to this value."""
    return each(lambda before: value, *letters)


def one_sided(sign: int, weight: str = "") -> Snap[DerivedScene]:
    """Return a snap that gives every entry, times the weight if one is named, this sign."""

    def snapped(scene: DerivedScene) -> DerivedScene | Impossible:
        times = scene.value(weight) if weight else 1.0
        if times == 0:
            made = scene.derivation.naming.into(1)
            return Impossible(say("snap.weight", weight=weight, made=made))
        toward = sign if times > 0 else -sign
        return each(lambda x: x if x * toward > 0 else toward * GRID)(scene)

    return snapped


def one_at_zero(scene: DerivedScene) -> DerivedScene:
    """Set the entry nearest to 0 to 0, and move any other that is 0 just above it."""
    entries = entries_of(scene)
    nearest = min(entries, key=lambda entry: abs(scene.value(entry)))
    for entry in entries:
        scene = scene.moved(entry, 0.0 if entry == nearest else scene.value(entry) or GRID)
    return scene


def tie(scene: DerivedScene) -> DerivedScene | Impossible:
    """Make a tie in some window: raise the runner-up that is nearest to its maximum."""
    step, naming = scene.setup.passed.steps[0], scene.derivation.naming
    read: dict[Any, list[str]] = {}
    for index in indices(step.inputs[0].shape):
        for window in step.fed(0, index):
            read.setdefault(window, []).append(naming.entry(naming.into(0), index))
    pairs = [sorted(each, key=scene.value)[-2:] for each in read.values() if len(each) > 1]
    if not pairs:
        return Impossible(say("snap.alone"))
    lower, upper = min(pairs, key=lambda pair: scene.value(pair[1]) - scene.value(pair[0]))
    return scene.moved(lower, scene.value(upper))


def all_equal(scene: DerivedScene) -> DerivedScene:
    """Set every entry to their median (of two, the larger)."""
    values = sorted(map(scene.value, entries_of(scene)))
    return every(values[len(values) // 2])(scene)


def landed(
    scene: SceneType, entry: str, place: float, is_there: Callable[[SceneType], bool]
) -> SceneType | None:
    """Return the scene with an entry at a computed place or on a number next to it, else None.

    is_there: whether the scene has the property, which may depend on the last bit, as a tie does.
    A number on the sliders' grid or already in the scene is tried first, because rounding may have
    moved the place further from it than the neighbouring floats.
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
    """Return a snap that moves the selected entry very slightly, on any page that selects one."""

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
    """Set all inputs to random numbers on the sliders' grid."""
    return each(lambda before: random.choice(ON_GRID), *scene.derivation.given_letters)(scene)


def reset(scene: SceneType) -> SceneType:
    """Return the page's opening scene."""
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
"""The snaps of an elementwise operation."""
POOLING: Final[Mapping[str, Snap[Any]]] = {
    "make a tie": tie,
    "all equal": all_equal,
    **NUDGES,
    **ANYWHERE,
}
"""The snaps of an operation that takes the maximum of each window."""
