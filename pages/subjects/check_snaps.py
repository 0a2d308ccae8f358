"""The snap buttons of the gradient check: smooth, at a kink, near one, anywhere."""

from dataclasses import replace
from typing import Final

from pages.snaps import Impossible, Snap
from pages.subjects.check_results import results
from pages.subjects.check_scene import SEEDS, CheckScene

NEAR: Final = 1e-7
"""How far beside the kink: within the step that a check usually takes."""


def smooth(scene: CheckScene) -> CheckScene:
    """The layer's own point, at which there is no kink."""
    return scene.at(scene.case.smooth)


def at_a_kink(scene: CheckScene) -> CheckScene | Impossible:
    """A tie, or a ReLU's 0; its entry is the one explained."""
    kink = scene.case.kink
    if kink is None:
        return Impossible(f"{scene.case.title} has no kink: it is smooth everywhere.")
    return replace(scene.at(kink), entry=scene.case.entry)


def near_a_kink(scene: CheckScene) -> CheckScene | Impossible:
    """1e-7 beside it."""
    there = at_a_kink(scene)
    if isinstance(there, Impossible):
        return there
    return there.moved(there.entry, there.value(there.entry) + NEAR)


def at_random(scene: CheckScene) -> CheckScene:
    """The point of the next seed, which the address has."""
    return scene.at_random(scene.seed % SEEDS + 1)


def to_a_wrong_entry(scene: CheckScene) -> CheckScene:
    """What is explained is wrong, where anything is."""
    status = results(scene).examined.status
    wrong = [entry for entry, place in scene.entries.items() if status(*place) == "wrong"]
    return replace(scene, entry=wrong[0]) if wrong and scene.entry not in wrong else scene


SNAPS: Final[dict[str, Snap[CheckScene]]] = {
    "smooth point": smooth,
    "at a kink": at_a_kink,
    "near a kink": near_a_kink,
    "random point": at_random,
}
