"""The stack page as data: its subject, which asks that of each stack, its snaps, its questions."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Final

import numpy as np

from engine import Layer, Trace, trace
from engine.arrays import Extent, Index, nonzero_at
from engine.check.slices import slice_along
from engine.errors import LimitError
from engine.kinks import CHOICES, EVERYBODY
from pages.derive.page import SECTION, Impossible, PicturePage, Snap
from pages.derive.picture import SCREEN, Picture, Screen, Slider
from pages.derive.questions import Question, beaten, inactive, influenced, nonzero, unread
from pages.derive.script import Script
from pages.derive.snaps import NUDGES, landed
from pages.explain.sentences import weighted_loss
from pages.figures.info import GraphInfo, Naming, letters_of
from pages.figures.layout import Layout
from pages.figures.words import gradient_of, name, number
from pages.language.catalogue import say, words_of
from pages.stack.array_codec import SEED
from pages.stack.cases import CASES, TITLES
from pages.stack.stack import Stack
from pages.stack.stack_scene import KEY, StackScene
from pages.state.codecs import GRID, HIGH


class StackSubject:
    """A PageSubject for scenes of any stack; it asks the subject that is derived from the stack."""

    key: Final = KEY
    start: Final = next(iter(CASES.values()))
    presets: Final[Mapping[str, StackScene]] = CASES

    def steps(self, scene: StackScene) -> Sequence[str]:
        """Return the names of the steps through its layers, forward and backward."""
        return scene.subject.steps(scene.inner)

    def trace(self, scene: StackScene) -> Trace:
        """Return the pass of a scene."""
        return scene.trace

    def describe(self, traced: Trace, scene: StackScene) -> GraphInfo:
        """Return what a figure shows of a pass."""
        return scene.subject.describe(traced, scene.inner)

    def layout(self, scene: StackScene) -> Layout:
        """Return the layout of the figure."""
        return scene.subject.layout(scene.inner)

    def narrow(self, scene: StackScene) -> Layout:
        """Return the layout on a phone."""
        return scene.subject.narrow(scene.inner)

    def sliders(self, scene: StackScene) -> list[Slider]:
        """Return a slider for each cell, with the range of its array."""
        named = scene.entry_names()
        return [
            replace(each, low=-reach, high=reach, grid=GRID * reach / HIGH)
            for each in scene.subject.sliders(scene.inner)
            for reach in [scene.values(named[each.name][0]).reach]
        ]

    def picture(self, scene: StackScene, screen: Screen = SCREEN) -> Picture:
        """Return the scene's figure, what can be selected in it, and the explanation."""
        return _drawn(scene, scene.trace, screen)

    def pictures(self, scenes: Sequence[StackScene], screen: Screen = SCREEN) -> Iterator[Picture]:
        """Yield the pictures of scenes that differ in one entry, which is moved."""
        traces = scenes[0].subject.traces([scene.inner for scene in scenes])
        return map(partial(_drawn, screen=screen), scenes, traces)

    def script(self, scene: StackScene) -> Script:
        """Return the scene as a script."""
        return scene.subject.script(scene.inner)

    def naming(self, scene: StackScene) -> Naming:
        """Return the letters of the pass."""
        return scene.derivation.naming


def _drawn(scene: StackScene, passed: Trace, screen: Screen) -> Picture:
    picture = scene.subject.drawn(scene.inner, passed, screen)
    said = picture.explanation
    weighted = weighted_loss(passed, scene.derivation.naming) if said else []
    return replace(picture, explanation=[*dict.fromkeys([*said, *weighted])])


STACK_SUBJECT: Final = StackSubject()


# --- snaps; kinks are searched for along the entry that is selected

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


# --- questions, made from the pass: the lab's, and some about its layers

ALIKE: Final = 2  # the most questions of one kind, each about another layer


def questions_of(scene: StackScene) -> Sequence[Question[Any]]:
    """Return the questions about a scene's stack; they do not depend on its numbers."""
    return _questions(scene.stack, scene.shape)


@lru_cache(maxsize=32)
def _questions(stack: Stack, shape: Extent) -> tuple[Question[Any], ...]:
    opened = reset(StackScene.opened(stack, shape))
    passed, naming = opened.trace, opened.derivation.naming
    made = (*_of_the_lab(passed, naming), *_of_its_layers(passed, naming))
    return tuple(replace(each, set_up=partial(_of_this, opened)) for each in made)


def _of_this(opened: StackScene, scene: StackScene) -> StackScene:
    """Return the scene if it has the stack that is asked about; otherwise one that has it."""
    if (scene.stack, scene.shape) == (opened.stack, opened.shape):
        return scene
    return opened.under(scene.rule)


def _of_the_lab(passed: Trace, naming: Naming) -> Iterator[Question[Any]]:
    """Ask how many gradients are nonzero, and what the middle entries of x and w influence."""
    letters = letters_of(passed, naming)
    yield Question(say("stack.ask.nonzero", slope=gradient_of(letters[0])), nonzero(0))
    for value in passed.values[: min(passed.outside, 2)]:
        step, argument = value.readers[0]
        asked = influenced(step, argument)
        entry = naming.label(naming.inputs[step][argument], asked.index(passed))
        made = name(letters[passed.outside + step])
        yield Question(say("stack.ask.influence", made=made, entry=entry), asked)


def _of_its_layers(passed: Trace, naming: Naming) -> Iterator[Question[Any]]:
    """Ask how many units are inactive, how many entries lose, and how many no window reads."""
    asked: list[tuple[str, Question[Any]]] = []
    for at, step in enumerate(passed.steps):
        letter, words = name(naming.into(at)), words_of(step.layer)
        if step.layer.is_level:
            text = say("stack.ask.inactive", step.output.size, unit=words.name, letter=letter)
            asked.append(("inactive", Question(text, inactive(at))))
        if step.layer.picks and step.layer.flowing == 1:
            text = say("stack.ask.beaten", letter=letter, pool=words.name)
            asked.append(("beaten", Question(text, beaten(at))))
        if unread(at)(passed):
            text = say("stack.ask.unread", letter=letter, layer=words.name)
            asked.append(("unread", Question(text, unread(at))))
    for kind in dict.fromkeys(kind for kind, _ in asked):
        yield from [question for of, question in asked if of == kind][:ALIKE]


# --- the page

PAGE: Final = PicturePage(
    key=KEY,
    title="Your own stack",
    icon="layers",
    section=SECTION,
    subject=STACK_SUBJECT,
    naming=STACK_SUBJECT.naming,
    show="pages.views.stack_page:show",
    snaps=SNAPS,
    questions=questions_of(STACK_SUBJECT.start),
    questions_of=questions_of,
    predicts=True,
    titles=TITLES,
)
