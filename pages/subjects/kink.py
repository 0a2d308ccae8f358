"""A kink as a subject: a slice through another page's scene, and what every rule claims there."""

from functools import partial
from typing import Final

from engine import Trace
from pages.figures.info import GraphInfo
from pages.figures.kink import kink_figure
from pages.figures.kink_brackets import label_boxes
from pages.figures.kink_info import Row
from pages.figures.kink_places import FRAME, ROW_SLIDER, SLIDER, Scale, row_middles
from pages.figures.theme import Theme
from pages.figures.words import number
from pages.picture import Picture, Slider, Target
from pages.predict import Exercise
from pages.sharing.script import Script
from pages.subjects.explore import EXPLORED
from pages.subjects.kink_code import latex_of, script_of_kink
from pages.subjects.kink_info import read_kink
from pages.subjects.kink_pass import drawn, inputs_of, looked_at, movable, trace_of
from pages.subjects.kink_presets import PRESETS
from pages.subjects.kink_scene import KinkScene
from pages.subjects.kink_words import said_of

THUMB: Final = 16.0
FIELD: Final = 84.0
"""Beside a slider: the field for its exact value."""


class KinkSubject:
    """What the page is about: a PageSubject over the scenes of other pages."""

    key: Final = "at-a-kink"
    start: Final = PRESETS["two-way-tie"]
    presets: Final = PRESETS
    steps: Final = ()

    def trace(self, scene: KinkScene) -> Trace:
        """The pass of the scene that is looked at."""
        return trace_of(scene.of, scene.inner)

    def describe(self, traced: Trace, scene: KinkScene) -> GraphInfo:
        """What there is to show of it on its own page."""
        info: GraphInfo = EXPLORED[scene.of].subject.describe(traced, scene.inner)
        return info

    def sliders(self, scene: KinkScene) -> list[Slider]:
        """Under the slice that of its entry; in each other's row its own."""
        names = looked_at(scene.of, scene.inner, scene.entry)
        inputs, there = inputs_of(scene.of, scene.inner), scene.entry_names()
        sliders = []
        for name, middle in zip(names, row_middles(len(names)), strict=True):
            if name not in there:
                continue
            ends, said = movable(scene.inner, name), inputs[name].name
            if name == scene.entry:
                sliders.append(_under_the_slice(scene, said, ends))
                continue
            place = (ROW_SLIDER[0], middle, ROW_SLIDER[1])
            sliders.append(Slider(name, said, scene.value(name), *place, *ends))
        return sliders

    def picture(
        self, scene: KinkScene, theme: Theme = "light", exercise: Exercise | None = None
    ) -> Picture:
        """The scene's figure, what can be chosen on it, and what is to be said."""
        info = read_kink(scene)
        boxes = label_boxes(info.rows)
        targets = [
            Target(row.entry, _heard(row), boxes[row.entry], valued=False) for row in info.rows
        ]
        return Picture(
            kink_figure(info, theme),
            targets,
            said_of(scene, info),
            latex=partial(latex_of, scene, info),
            left=0,
        )

    def script(self, scene: KinkScene) -> Script:
        """The scene as a script."""
        return script_of_kink(scene)


def _under_the_slice(scene: KinkScene, said: str, ends: tuple[float, float]) -> Slider:
    """The slider whose thumb is below the point, which can be dragged itself."""
    x = Scale(*drawn(scene.inner, scene.entry), FRAME.left, FRAME.right)
    left, right = map(x, ends)
    place = (left - THUMB / 2, SLIDER, right - left + THUMB + FIELD)
    area = (left, FRAME.top, right - left, FRAME.bottom - FRAME.top)
    return Slider(scene.entry, said, scene.value(scene.entry), *place, *ends, area=area)


def _heard(row: Row) -> str:
    """The bracket in words."""
    if row.kinked:
        return f"{row.entry}, left derivative {number(row.left)}, right {number(row.right)}"
    return f"{row.entry}, derivative {number(row.left)}"


KINK_SUBJECT: Final = KinkSubject()
