"""Any stack as a subject, for each the picture that is derived from it; and its page."""

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
    """What the page is about: a PageSubject over the subjects of all stacks."""

    key: Final = KEY
    start: Final = next(iter(CASES.values()))
    presets: Final[Mapping[str, StackScene]] = CASES

    def steps(self, scene: StackScene) -> Sequence[str]:
        """Those of its layers, there and back."""
        return scene.subject.steps(scene.inner)

    def trace(self, scene: StackScene) -> Trace:
        """The pass of a scene."""
        return scene.trace

    def describe(self, traced: Trace, scene: StackScene) -> GraphInfo:
        """What there is to show of it."""
        return scene.subject.describe(traced, scene.inner)

    def layout(self, scene: StackScene) -> Layout:
        """Where everything lies."""
        return scene.subject.layout(scene.inner)

    def narrow(self, scene: StackScene) -> Layout:
        """The same on a phone."""
        return scene.subject.narrow(scene.inner)

    def sliders(self, scene: StackScene) -> list[Slider]:
        """One beside each cell, as far as the numbers of its array go."""
        named = scene.entry_names()
        return [
            replace(each, low=-reach, high=reach, grid=GRID * reach / HIGH)
            for each in scene.subject.sliders(scene.inner)
            for reach in [scene.values(named[each.name][0]).reach]
        ]

    def picture(self, scene: StackScene, screen: Screen = SCREEN) -> Picture:
        """The scene's figure, what can be chosen on it, and what is to be said."""
        return _drawn(scene, scene.trace, screen)

    def pictures(self, scenes: Sequence[StackScene], screen: Screen = SCREEN) -> Iterator[Picture]:
        """The same of each scene; they are alike but for one entry, which is moved."""
        traces = scenes[0].subject.traces([scene.inner for scene in scenes])
        return map(partial(_drawn, screen=screen), scenes, traces)

    def script(self, scene: StackScene) -> Script:
        """The scene as a script."""
        return scene.subject.script(scene.inner)

    def naming(self, scene: StackScene) -> Naming:
        """The letters of its pass."""
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
