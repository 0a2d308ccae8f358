"""The subject of the page Learn: each lesson shows the picture of another page, in its own state.

An address has `lesson`, the number from 1, then the keys of the scene that the lesson shows, so
that it also records how the user changed the picture.
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
"""The most sentences about an entry below a lesson's text; the entry's own page shows them all."""
NUMBER: Final = Whole(1, len(LESSONS))


@dataclass(frozen=True)
class LearnScene(SceneAround):
    """A scene of a lesson. Its `inner` scene is that of the page it shows."""

    lesson: int  # its number, from 1

    @classmethod
    def begun(cls, lesson: int) -> Self:
        """Return the scene with which a lesson begins."""
        return cls(LESSONS[lesson - 1].scene, lesson)

    @property
    def told(self) -> Lesson:
        """The lesson itself."""
        return LESSONS[self.lesson - 1]

    @property
    def step(self) -> int | None:
        """The step of the step-through; None if the lesson has none."""
        return getattr(self.inner, STEP) if self.told.subject.steps(self.inner) else None

    def codecs(self) -> dict[str, Codec]:
        """Return the codecs of the lesson's number and of the inner scene."""
        return {"lesson": NUMBER, **self.inner.codecs()}

    def keys(self) -> set[str]:
        """Return the keys of the scenes of all lessons."""
        return {"lesson"}.union(*(lesson.scene.keys() for lesson in LESSONS))

    def query(self) -> dict[str, str]:
        """Return the whole state as an address has it."""
        return {"lesson": NUMBER.write(self.lesson), **self.inner.query()}

    def updated(self, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """Update as every scene does; another lesson begins with its own scene."""
        lesson, problems = taken("lesson", NUMBER, query, self.lesson)
        before = self if lesson == self.lesson else self.begun(lesson)
        inner, more = before.inner.updated(query)
        return replace(before, inner=inner), problems + more

    def possible(self) -> tuple[Self, list[str]]:
        """Return the scene with an inner scene whose settings go together, and the problems."""
        inner, problems = self.inner.possible()
        return replace(self, inner=inner), problems

    def under(self, rule: str) -> Self:
        """Return the scene itself: a lesson is about the rule that it has."""
        return self

    def chosen(self, entry: str) -> Self:
        """Select an entry as on the page that the lesson shows."""
        return replace(self, inner=self.inner.chosen(entry))


class LearnSubject:
    """A PageSubject that hands each scene to the subject of the page that its lesson shows."""

    key: Final = "learn"
    start: Final = LearnScene.begun(1)
    presets: Final[Mapping[str, LearnScene]] = {
        f"lesson-{number}": LearnScene.begun(number) for number in range(1, len(LESSONS) + 1)
    }

    def steps(self, scene: LearnScene) -> Sequence[str]:
        """Return the steps as on the page that the lesson shows."""
        return scene.told.subject.steps(scene.inner)

    def trace(self, scene: LearnScene) -> Trace:
        """Return the pass of the inner scene."""
        return scene.told.subject.trace(scene.inner)

    def describe(self, traced: Trace, scene: LearnScene) -> GraphInfo:
        """Return what is in the figure of the page that the lesson shows."""
        return scene.told.subject.describe(traced, scene.inner)

    def sliders(self, scene: LearnScene) -> list[Slider]:
        """Return the sliders of the page that the lesson shows."""
        return scene.told.subject.sliders(scene.inner)

    def picture(self, scene: LearnScene, screen: Screen = SCREEN) -> Picture:
        """Return the picture of the page that the lesson shows, with at most SAID sentences.

        Without a selected entry there is no explanation.
        """
        return _said(scene, scene.told.subject.picture(scene.inner, screen))

    def pictures(self, scenes: Sequence[LearnScene], screen: Screen = SCREEN) -> Iterator[Picture]:
        """Yield the pictures of scenes that differ in one entry, which is moved."""
        inner = [scene.inner for scene in scenes]
        return map(_said, scenes, scenes[0].told.subject.pictures(inner, screen))

    def script(self, scene: LearnScene) -> Script:
        """Return the script of the page that the lesson shows."""
        return scene.told.subject.script(scene.inner)


def _said(scene: LearnScene, there: Picture) -> Picture:
    if not scene.entry:
        return replace(there, explanation=[], latex=lambda: "")
    return replace(there, explanation=there.explanation[:SAID])


LEARN_SUBJECT: Final = LearnSubject()
