"""Where the page about kinks can go: onto a kink, and a little off it."""

from typing import Final

import numpy as np

from pages.kink.kink_scene import PRESETS, KinkScene
from pages.kink.point import inputs_of, key_of, movable, point_of, slice_of
from pages.state.snaps import EPSILON, Impossible, Snap, nudge

ULPS: Final = 4
"""So many floating-point numbers to either side of a computed kink are tried."""


def to_a_kink(scene: KinkScene) -> KinkScene | Impossible:
    """The chosen entry goes to the nearest kink along the slice that it is not at already."""
    of, inner, entry = scene.of, scene.inner, scene.entry
    name = inputs_of(of, inner)[entry].name
    if entry not in scene.entry_names():
        return Impossible(f"{name} has no slider: it cannot be moved.")
    along = slice_of(of, inner, entry)
    kink = None if along is None else along.nearest_kink(scene.value(entry), *movable(inner, entry))
    if kink is None:
        return Impossible(f"There is no other kink along {name}, as far as the slider reaches.")
    for ulps in sorted(range(-ULPS, ULPS + 1), key=abs):
        there = scene.moved(entry, kink + ulps * float(np.spacing(kink)))
        if _is_there(there):
            return there
    return Impossible(f"The kink is near {name} = {kink:.6g}: no floating-point number hits it.")


def _is_there(scene: KinkScene) -> bool:
    """Whether the point is on a kink of its slice: a tie is one to the last bit, or none."""
    key = key_of(inputs_of(scene.of, scene.inner)[scene.entry])
    there = point_of(scene.of, scene.inner, (scene.entry,))
    return there.brackets[key].kinked and there.is_exact(key)


def fitted(scene: KinkScene) -> KinkScene | Impossible:
    """The axes hold what is there."""
    there = scene.fitted()
    return Impossible("The axes fit as they are.") if there == scene else there


SNAPS: Final[dict[str, Snap[KinkScene]]] = {
    "to the nearest kink": to_a_kink,
    "nudge +ε": nudge(EPSILON),
    "nudge −ε": nudge(-EPSILON),
    "fit the axes": fitted,
    "reset": lambda scene: PRESETS["two-way-tie"],
}
