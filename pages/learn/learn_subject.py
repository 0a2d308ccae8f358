"""A lesson as a subject: the picture of another page, in the state that the lesson sets up.

The address has `lesson`, its number from 1, then the keys of the scene that is looked at, so that
whatever somebody made of a lesson's picture is an address too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from engine import Trace
from pages.derive.picture import SCREEN, Picture, Screen, Slider
from pages.derive.script import Script
from pages.figures.info import GraphInfo
from pages.learn.lessons import LESSONS, Lesson
from pages.state.codecs import Codec, Whole
from pages.state.scene import STEP, SceneAround, taken

SAID: Final = 2
"""So many of the sentences about an entry stand beneath a lesson's own; all on its own page."""
NUMBER: Final = Whole(1, len(LESSONS))


@dataclass(frozen=True)
class LearnScene(SceneAround):
    """lesson: its number, from 1; inner is of the lesson's own page."""

    lesson: int

    @classmethod
    def begun(cls, lesson: int) -> Self:
        """As a lesson begins."""
        return cls(LESSONS[lesson - 1].scene, lesson)

    @property
    def told(self) -> Lesson:
        """The lesson itself."""
        return LESSONS[self.lesson - 1]

    @property
    def step(self) -> int | None:
        """Of the step-through, where the lesson has one."""
        return getattr(self.inner, STEP) if self.told.subject.steps(self.inner) else None

    def codecs(self) -> dict[str, Codec]:
        """The lesson's, and those of the scene that is looked at."""
        return {"lesson": NUMBER, **self.inner.codecs()}

    def keys(self) -> set[str]:
        """Those of every scene that there may be."""
        return {"lesson"}.union(*(lesson.scene.keys() for lesson in LESSONS))

    def query(self) -> dict[str, str]:
        """The whole state as an address has it."""
        return {"lesson": NUMBER.write(self.lesson), **self.inner.query()}

    def updated(self, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """As every scene; another lesson than before begins with its own scene."""
        lesson, problems = taken("lesson", NUMBER, query, self.lesson)
        before = self if lesson == self.lesson else self.begun(lesson)
        inner, more = before.inner.updated(query)
        return replace(before, inner=inner), problems + more

    def possible(self) -> tuple[Self, list[str]]:
        """As far as the scene that is looked at is possible."""
        inner, problems = self.inner.possible()
        return replace(self, inner=inner), problems

    def chosen(self, entry: str) -> Self:
        """As on the lesson's own page."""
        return replace(self, inner=self.inner.chosen(entry))


class LearnSubject:
    """What the page is about: a PageSubject over those of other pages."""

    key: Final = "learn"
    start: Final = LearnScene.begun(1)
    presets: Final[Mapping[str, LearnScene]] = {
        f"lesson-{number}": LearnScene.begun(number) for number in range(1, len(LESSONS) + 1)
    }

    def steps(self, scene: LearnScene) -> Sequence[str]:
        """Those of the lesson's own page."""
        return scene.told.subject.steps(scene.inner)

    def trace(self, scene: LearnScene) -> Trace:
        """The pass of the scene that is looked at."""
        return scene.told.subject.trace(scene.inner)

    def describe(self, traced: Trace, scene: LearnScene) -> GraphInfo:
        """What there is to show of it on its own page."""
        return scene.told.subject.describe(traced, scene.inner)

    def sliders(self, scene: LearnScene) -> list[Slider]:
        """As on the lesson's own page."""
        return scene.told.subject.sliders(scene.inner)

    def picture(self, scene: LearnScene, screen: Screen = SCREEN) -> Picture:
        """As on the lesson's own page; nothing is said where no entry was chosen."""
        return _said(scene, scene.told.subject.picture(scene.inner, screen))

    def pictures(self, scenes: Sequence[LearnScene], screen: Screen = SCREEN) -> Iterator[Picture]:
        """The same of each scene; they are alike but for one entry, which is moved."""
        inner = [scene.inner for scene in scenes]
        return map(_said, scenes, scenes[0].told.subject.pictures(inner, screen))

    def script(self, scene: LearnScene) -> Script:
        """As on the lesson's own page."""
        return scene.told.subject.script(scene.inner)


def _said(scene: LearnScene, there: Picture) -> Picture:
    if not scene.entry:
        return replace(there, explanation=[], latex=lambda: "")
    return replace(there, explanation=there.explanation[:SAID])


LEARN_SUBJECT: Final = LearnSubject()
