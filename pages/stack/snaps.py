"""The snap buttons of the stack page. Kinks are searched for along the entry that is selected."""

import random
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from engine import Layer, trace
from engine.arrays import Index, nonzero_at
from engine.check.slices import slice_along
from engine.errors import LimitError
from engine.kinks import CHOICES, EVERYBODY
from pages.derive.page import Impossible, Snap
from pages.derive.snaps import NUDGES, landed
from pages.figures.words import number
from pages.language.catalogue import say
from pages.stack.array_codec import SEED
from pages.stack.cases import CASES
from pages.stack.stack_scene import StackScene
from pages.state.codecs import GRID

SEEDS: Final = 10_000  # the number of seeds from which one is taken at random for each array
NEARLY: Final = 9  # numbers that agree to so many decimals are taken to differ by rounding only
STRETCH: Final = 2.0**-20
"""How far to both sides of a kink the search is repeated, to find its place more exactly."""


def signed(sign: int) -> Snap[StackScene]:
    """Give every entry of x this sign; an entry without it goes to ±GRID."""

    def snapped(scene: StackScene) -> StackScene:
        letter = scene.letters[0]
        values = scene.values(letter)
        now = np.array(values.numbers)
        return scene.numbered(letter, np.where(now * sign > 0, now, sign * GRID), values.origin)

    return snapped


def to_a_kink(of_ties: bool, key: str) -> Snap[StackScene]:
    """Move the selected entry to the nearest place where something ties, or a unit is at its kink.

    The place has to be a kink of L too; a tie that changes no slope of L would show nothing. key:
    the message if there is none.
    """

    def snapped(scene: StackScene) -> StackScene | Impossible:
        entry, place = scene.entry, scene.place(scene.entry)
        if place is None:
            return Impossible(say("stack.snap.still"))
        label = scene.derivation.naming.label(scene.letters[place[0]], place[1])
        if not _can_kink(scene.trace.layer, of_ties):
            return Impossible(say(key, entry=label))
        reach, now = scene.arrays[place[0]].reach, scene.value(entry)
        try:
            along = slice_along(scene.trace, *place, -reach, reach)
        except LimitError:
            return Impossible(say("stack.snap.bends", entry=label))
        before = _kinked(scene, of_ties)

        def is_there(there: StackScene) -> bool:
            return bool(_kinked(there, of_ties) - before)

        kinks = sorted(map(float, along.kinks), key=lambda it: abs(it - now))
        for kink in kinks:
            for at in _seen_closer(scene, place, kink):
                if there := landed(scene, entry, at, is_there):
                    return there
        nearly = _kinked(scene, of_ties, NEARLY)
        for kink in kinks:
            if _kinked(scene.moved(entry, kink), of_ties, NEARLY) - nearly:
                return Impossible(say("kink.between", entry=label, value=number(kink)))
        return Impossible(say(key, entry=label))

    return snapped


def _seen_closer(scene: StackScene, place: tuple[int, Index], kink: float) -> Iterator[float]:
    """Yield where a kink was found, then where it is found near there, with less rounding."""
    yield kink
    around = slice_along(scene.trace, *place, kink - STRETCH, kink + STRETCH)
    yield from map(float, around.kinks)


def _can_kink(layer: Layer, of_ties: bool) -> bool:
    return any(CHOICES[choice].of_ties == of_ties for choice in layer.kink_choices)


def _kinked(
    scene: StackScene, of_ties: bool, decimals: int | None = None
) -> set[tuple[int, int, Index]]:
    """Return the entries that are at a tie, or at another kink: (step, argument, index).

    decimals: to how many decimals the layers' inputs are rounded first; None for no rounding.
    """
    found: set[tuple[int, int, Index]] = set()
    for at, step in enumerate(scene.trace.under(EVERYBODY).steps):
        if _can_kink(step.layer, of_ties):
            if decimals is not None:
                read = [np.round(each, decimals) for each in step.inputs]
                (step,) = trace(step.layer, *read, dout=step.dout, kinks=EVERYBODY).steps
            for argument, mask in enumerate(step.kinked):
                found |= {(at, argument, index) for index in nonzero_at(mask)}
    return found


def at_random(scene: StackScene) -> StackScene:
    """Draw x and all parameters from random seeds."""
    for letter in scene.letters[:-1]:
        origin = f"{SEED}:{random.randrange(SEEDS)}"
        scene = scene.having(letter, scene.array_codecs[letter].of(origin))
    return scene


def reset(scene: StackScene) -> StackScene:
    """Return the preset with these layers; without one, the scene that they open with."""
    mine = (scene.stack, scene.shape)
    cases = [case for case in CASES.values() if (case.stack, case.shape) == mine]
    return cases[0] if cases else StackScene.opened(*mine)


SNAPS: Final[Mapping[str, Snap[StackScene]]] = {
    "make a tie": to_a_kink(True, "stack.snap.tie"),
    "to a kink": to_a_kink(False, "stack.snap.zero"),
    "all negative": signed(-1),
    "all positive": signed(+1),
    **NUDGES,
    "random": at_random,
    "reset": reset,
}
