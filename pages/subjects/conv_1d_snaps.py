"""The snaps of the one-dimensional convolution: filters and upstream gradients with a point."""

import random
from dataclasses import replace
from typing import Final

from pages.codecs import GRID, HIGH, LOW
from pages.snaps import Impossible, Snap
from pages.subjects.conv_1d_scene import TAPS, ConvScene


def first_filter(*weights: float) -> Snap[ConvScene]:
    """The first filter is this one."""

    def snapped(scene: ConvScene) -> ConvScene | Impossible:
        if scene.kind.kernel != len(weights):
            return Impossible(f"A scalar filter has one entry, this one {len(weights)}.")
        return replace(scene, w=(*weights, *scene.w[TAPS:]))

    return snapped


def zero_w(scene: ConvScene) -> ConvScene:
    """Every entry of w is 0."""
    return replace(scene, w=_instead(scene.w, dict.fromkeys(scene.kind.weights().values(), 0.0)))


def ones(scene: ConvScene) -> ConvScene:
    """1 is sent into every a."""
    return replace(scene, da=(1.0,) * len(scene.da))


def this_alone(scene: ConvScene) -> ConvScene | Impossible:
    """1 is sent into the chosen a, and 0 into every other."""
    at = scene.entry_names().get(f"d{scene.entry}")
    if at is None:
        return Impossible("Choose a cell of a first: 1 is sent into that, 0 into the others.")
    return replace(scene, da=tuple(float(i == at[1]) for i in range(len(scene.da))))


def at_random(scene: ConvScene) -> ConvScene:
    """x, and w where it is in use, anywhere on the sliders' grid."""
    w = {position: _anywhere() for position in scene.kind.weights().values()}
    return replace(scene, x=tuple(_anywhere() for _ in scene.x), w=_instead(scene.w, w))


def _anywhere() -> float:
    return LOW + GRID * random.randint(0, round((HIGH - LOW) / GRID))


def _instead(values: tuple[float, ...], others: dict[int, float]) -> tuple[float, ...]:
    return tuple(others.get(i, value) for i, value in enumerate(values))


SNAPS: Final[dict[str, Snap[ConvScene]]] = {
    "−1 0 1": first_filter(-1.0, 0.0, 1.0),
    "¼ ½ ¼": first_filter(0.25, 0.5, 0.25),
    "w = 0": zero_w,
    "da = 1": ones,
    "only this a": this_alone,
    "random": at_random,
    "reset": lambda scene: ConvScene(),
}
