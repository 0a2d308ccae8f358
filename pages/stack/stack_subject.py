"""The stack page and its subject, which hands each scene to the subject derived from its stack."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from engine import Trace
from pages.derive.page import SECTION, PicturePage
from pages.derive.picture import SCREEN, Picture, Screen, Slider
from pages.derive.script import Script
from pages.explain.sentences import weighted_loss
from pages.figures.info import GraphInfo, Naming
from pages.figures.layout import Layout
from pages.stack.cases import CASES, TITLES
from pages.stack.snaps import SNAPS
from pages.stack.stack_questions import questions_of
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
