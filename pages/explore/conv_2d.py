"""Convolution and pooling of pictures as a subject: x -> Conv2D -> ReLU -> MaxPool2D."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np

from engine import Trace
from engine.arrays import Mask
from engine.mnist import SIDE
from pages.components.picture import Grid, Picture, Slider
from pages.explain.aria import array_summary
from pages.explore.cell_names import split
from pages.explore.conv_2d_code import latex_of, script_of
from pages.explore.conv_2d_pass import (
    batch_trace,
    conv_2d_trace,
    lit,
    naming,
    weights,
    whole_digit,
)
from pages.explore.conv_2d_presets import PRESETS
from pages.explore.conv_2d_scene import KERNEL, Conv2DScene
from pages.explore.conv_2d_words import ASK, answers, captions, cells_of, said_of
from pages.figures.conv_2d import PITCH, W_WIDTH, Plan, conv_2d_arrangement, corner_sliders
from pages.figures.heat_maps import Packed, pack
from pages.figures.info import GraphInfo
from pages.figures.maps import (
    Kind,
    Map,
    MapArrangement,
    MapView,
    Panel,
    channels,
    guessed,
    maps_figure,
    read_maps,
)
from pages.figures.theme import Theme
from pages.figures.words import name
from pages.sharing.script import Script
from pages.state.predict import Exercise

MARKED: Final = ("not marked", "marked as nonzero")
_KINDS: Final[dict[str, tuple[Kind, ...]]] = {
    "both": ("values", "gradients"),
    "values": ("values",),
    "gradients": ("gradients",),
}


class Conv2DSubject:
    """What the page is about: a PageSubject of maps instead of single cells."""

    key: Final = "conv-2d"
    start: Final = Conv2DScene()
    presets: Final = PRESETS
    steps: Final = ()

    def trace(self, scene: Conv2DScene) -> Trace:
        """The pass of the digit that is looked at."""
        return conv_2d_trace(scene)

    def describe(self, traced: Trace, scene: Conv2DScene) -> GraphInfo:
        """The cells whose gradients can be predicted."""
        return cells_of(read_maps(traced, naming(scene)))

    def sliders(self, scene: Conv2DScene) -> list[Slider]:
        """One for each number of a filter, and two that move the crop."""
        arrangement = _arrangement(scene)
        left, top = arrangement.sliders
        sliders = []
        for i, value in enumerate(scene.own()):
            at = divmod(i, KERNEL)
            entry = f"w{scene.filter},{at[0] + 1},{at[1] + 1}"
            said = f"w{at[0] + 1},{at[1] + 1}"
            label = name("w", *((scene.filter - 1, *at) if scene.filters > 1 else at))
            sliders.append(
                Slider(entry, label, value, left, top + i * PITCH, W_WIDTH, named=True, said=said)
            )
        if scene.side < SIDE:
            last = SIDE - scene.side + 1
            corner = (scene.corner[0] + 1, scene.corner[1] + 1)
            for (entry, arrow), value, (x, y, width) in zip(
                {"row": "↕", "column": "↔"}.items(), corner, corner_sliders(), strict=True
            ):
                sliders.append(Slider(entry, arrow, value, x, y, width, 1, last, 1, named=True))
        return sliders

    def picture(
        self, scene: Conv2DScene, theme: Theme = "light", exercise: Exercise | None = None
    ) -> Picture:
        """The scene's maps, what can be chosen on them, and what is to be said."""
        maps = self._maps(scene)
        masks: Mapping[str, Mask] = {}
        if exercise:
            maps = guessed(maps, exercise.marked, revealed=exercise.revealed)
            said = answers(scene, maps) if exercise.revealed else [ASK]
        else:
            masks = lit(scene, scene.entry) if scene.entry else {}
            said = said_of(scene, masks)
        arrangement = _arrangement(scene, both=exercise is not None)
        chosen = _cell(maps, "" if exercise else scene.entry)
        if scene.side < SIDE:
            chosen["d"] = _cut(scene)
        view = MapView(
            theme=theme,
            chosen=chosen,
            lit=masks,
            sent=_cell(maps, scene.source if scene.back == "one" else ""),
            captions=captions(scene, arrangement.panels),
        )
        figure = maps_figure(maps, arrangement, view)
        formula = (lambda: "") if exercise else partial(latex_of, scene)
        grids = _grids(arrangement.panels, maps)
        return Picture(figure, [], said, grids, formula, summary=partial(_summary, maps))

    def script(self, scene: Conv2DScene) -> Script:
        """The scene as a script."""
        return script_of(scene)

    def _maps(self, scene: Conv2DScene) -> dict[str, Map]:
        maps = read_maps(conv_2d_trace(scene), naming(scene))
        if scene.side < SIDE:
            maps |= channels("d", whole_digit(scene, scene.shown - 1), None)
        if scene.digits > 1:
            maps |= channels("b", weights(scene), batch_trace(scene).grads[1][:, 0])
        return maps


def _arrangement(scene: Conv2DScene, *, both: bool = False) -> MapArrangement:
    """both: what is predicted needs the gradients' maps, whatever else is shown."""
    kinds = _KINDS["both" if both else scene.show]
    plan = Plan(scene.sides, scene.filters, kinds, scene.side < SIDE, scene.digits > 1)
    return conv_2d_arrangement(plan)


def _summary(maps: Mapping[str, Map]) -> str:
    """How many gradients of each map are nonzero, where they may be seen."""
    counts = {prefix: each.nonzero for prefix, each in maps.items()}
    return " ".join(
        array_summary(prefix.rstrip(","), nonzero, maps[prefix].values.size)
        for prefix, nonzero in counts.items()
        if nonzero is not None
    )


def _cell(maps: Mapping[str, Map], entry: str) -> dict[str, Mask]:
    """A mask of one cell, by its map's prefix; {} for no entry."""
    if not entry:
        return {}
    letter, (*channel, row, column) = split(entry)
    prefix = letter + "".join(f"{i + 1}," for i in channel)
    mask = np.zeros(maps[prefix].values.shape, np.bool_)
    mask[row, column] = True
    return {prefix: mask}


def _cut(scene: Conv2DScene) -> Mask:
    """What of the whole digit x is."""
    top, left = scene.corner
    mask = np.zeros((SIDE, SIDE), np.bool_)
    mask[top : top + scene.side, left : left + scene.side] = True
    return mask


def _grids(panels: Sequence[Panel], maps: Mapping[str, Map]) -> list[Grid]:
    """One for each panel; the first of a map carries its numbers."""
    grids: list[Grid] = []
    for panel in panels:
        here = maps[panel.prefix]
        said = f"{panel.prefix.removesuffix(',')}, {panel.kind}"
        rows, columns = here.values.shape
        numbers = {} if any(grid.prefix == panel.prefix for grid in grids) else _numbers(here)
        grids.append(Grid(panel.prefix, said, rows, columns, panel.box, **numbers))
    return grids


def _numbers(here: Map) -> dict[str, Packed]:
    numbers = {"values": pack(here.values)}
    if here.gradients is not None:
        numbers["gradients"] = pack(here.gradients)
    elif here.marks is not None:
        numbers["gradients"] = pack(here.marks.astype(np.float64), MARKED)
    return numbers


CONV_2D_SUBJECT: Final = Conv2DSubject()
