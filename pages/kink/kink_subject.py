"""A kink as a subject: a slice through another page's scene, and what every rule claims there."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from engine import Trace
from pages.components.picture import Picture, Slider, Target
from pages.explain.formula import latex_number, latex_slope
from pages.explore import pages as explore
from pages.figures.info import GraphInfo
from pages.figures.kink import FRAME, SLIDER, kink_figure
from pages.figures.kink_claims import ROW_SLIDER, Scale, label_boxes, row_middles
from pages.figures.kink_info import KinkInfo, Row
from pages.figures.theme import Theme
from pages.figures.words import number
from pages.kink.claims import read_kink
from pages.kink.explanation import sentences
from pages.kink.kink_scene import PRESETS, KinkScene
from pages.kink.point import drawn, inputs_of, looked_at, movable, trace_of
from pages.sharing.script import Script, script_of
from pages.state.predict import Exercise

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
        info: GraphInfo = explore.PAGES[scene.of].subject.describe(traced, scene.inner)
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
            Target(row.entry, _aria(row), boxes[row.entry], valued=False) for row in info.rows
        ]
        return Picture(
            kink_figure(info, theme),
            targets,
            sentences(scene, info),
            latex=partial(_latex, scene, info),
            left=0,
        )

    def script(self, scene: KinkScene) -> Script:
        """The scene as a script."""
        return _script(scene)


def _under_the_slice(scene: KinkScene, said: str, ends: tuple[float, float]) -> Slider:
    """The slider whose thumb is below the point, which can be dragged itself."""
    x = Scale(*drawn(scene.inner, scene.entry), FRAME.left, FRAME.right)
    left, right = map(x, ends)
    place = (left - THUMB / 2, SLIDER, right - left + THUMB + FIELD)
    area = (left, FRAME.top, right - left, FRAME.bottom - FRAME.top)
    return Slider(scene.entry, said, scene.value(scene.entry), *place, *ends, area=area)


def _aria(row: Row) -> str:
    """The bracket in words."""
    if row.kinked:
        return f"{row.entry}, left derivative {number(row.left)}, right {number(row.right)}"
    return f"{row.entry}, derivative {number(row.left)}"


def _script(scene: KinkScene) -> Script:
    """The script of the scene that is looked at, and after it what is true there, and claimed."""
    script = script_of(explore.PAGES[scene.of].subject, scene.inner)
    return replace(script, after=[*script.after, *_brackets(script)])


def _latex(scene: KinkScene, info: KinkInfo) -> str:
    r"""∂z/∂x_{1} \in [0, 1]: the bracket of the entry along which the slice is taken."""
    row = next(row for row in info.rows if row.entry == scene.entry)
    name = latex_slope(inputs_of(scene.of, scene.inner)[scene.entry].slope)
    low, high = map(latex_number, sorted((row.left, row.right)))
    return rf"{name} \in [{low}, {high}]" if row.kinked else f"{name} = {low}"


def _brackets(script: Script) -> Iterator[str]:
    letters, sent = script.naming.inputs[0], f"d{script.naming.output}"
    yield ""
    yield f"sides = one_sided(layer.forward, {', '.join(letters)}, dout={sent})"
    for argument, letter in enumerate(letters):
        yield f'print("d{letter} from the left =", sides[{argument}][0])'
        yield f'print("d{letter} from the right =", sides[{argument}][1])'
    yield "for slug, rule in RULES.items():"
    for argument, letter in enumerate(letters):
        claimed = f"result.under(rule.kinks).grads[{argument}]"
        yield f'    print(slug, "claims d{letter} =", {claimed})'


KINK_SUBJECT: Final = KinkSubject()
