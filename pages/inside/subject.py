"""A trained network as a subject: a PageSubject of maps, which can be drawn on."""

from dataclasses import replace
from functools import partial
from typing import Final, get_args

import numpy as np

from engine import Trace
from engine.errors import NumberError
from engine.training import Network
from pages.figures.info import Cell, GraphInfo
from pages.figures.inside import InsideView, Show, StageMaps, inside_figure, legend, reasons_legend
from pages.figures.inside_layout import SLIDER, X
from pages.figures.theme import Theme
from pages.figures.words import name
from pages.inside.captions import texts
from pages.inside.choices import grids, pad, targets
from pages.inside.code import latex_of, script_of
from pages.inside.passes import Look, look, shipped_network
from pages.inside.presets import PRESETS, START
from pages.inside.reading import (
    cell_of,
    layout_of,
    lit_maps,
    read_classes,
    read_maps,
    stage_of,
    ways,
)
from pages.inside.scene import RATES, LookScene
from pages.inside.stages import stages, written
from pages.inside.words import said_of
from pages.picture import Picture, Slider
from pages.predict import Exercise
from pages.sharing.script import Script

SHOWN: Final[dict[str, Show]] = {each: each for each in get_args(Show)}


class InsideSubject:
    """What the page is about. own: the session's network; None where there is none."""

    key: Final = "look-inside"
    start: Final = START
    presets: Final = PRESETS
    steps: Final = ()

    def __init__(self, own: Network | None = None) -> None:
        self._own = own

    @property
    def has_own(self) -> bool:
        """Whether there is a network of the session's own."""
        return self._own is not None

    def network(self, scene: LookScene) -> Network:
        """The one that is looked at: the shipped one where there is no other."""
        return self._own if scene.net == "yours" and self._own is not None else shipped_network()

    def look(self, scene: LookScene) -> Look:
        """What there is to see."""
        network = self.network(scene)
        try:
            return look(network, scene)
        except NumberError:
            if network is shipped_network():
                raise
            return replace(look(shipped_network(), scene), fallen_back=True)

    def trace(self, scene: LookScene) -> Trace:
        """The pass of the image."""
        return self.look(scene).trace

    def describe(self, traced: Trace, scene: LookScene) -> GraphInfo:
        """The logits, which are few enough to be cells of their own."""
        seen = self.look(scene)
        cells: dict[str, Cell] = {}
        for digit, grad in enumerate(read_classes(seen).gradients):
            place = seen.place(f"s{digit}")
            assert place is not None
            cells[f"s{digit}"] = Cell(
                f"s{digit}", place.name, "s", (digit,), "gradient", place.value, float(grad), ""
            )
        return GraphInfo(cells, (), (), {"s": None})

    def sliders(self, scene: LookScene) -> list[Slider]:
        """The learning rate, where a step is taken."""
        if scene.sgd == "off":
            return []
        said = "learning rate"
        return [Slider("rate", "η", scene.rate, *SLIDER, *RATES, 0.25, said=said, power=True)]

    def picture(
        self, scene: LookScene, theme: Theme = "light", exercise: Exercise | None = None
    ) -> Picture:
        """The scene's maps, what can be chosen on them, and what is to be said."""
        seen = self.look(scene)
        layout, show = layout_of(seen.slug), SHOWN[scene.show]
        maps = read_maps(seen, show)
        own = self._is_own(scene, seen)
        place, cell = seen.place(scene.entry), cell_of(seen, scene.entry)
        masks = lit_maps(seen.slug, scene.entry) if cell else {}
        enlarged = _enlarged(seen, cell[0] if cell else "", cell[1][0] if cell else 0)
        view = InsideView(
            theme=theme,
            show=show,
            enlarged=enlarged,
            chosen=cell,
            lit=masks,
            ways=ways(seen, place),
            texts=texts(scene, seen, _called(seen, *enlarged), maps["x"].nonzero, own=own),
            legend=_legend(scene, maps, theme),
        )
        figure = inside_figure(maps, read_classes(seen), layout, view)
        return Picture(
            figure,
            targets(seen),
            said_of(scene, seen),
            grids(seen, layout, maps, enlarged),
            partial(latex_of, seen, scene.entry),
            X[0],
            pad(scene, theme),
        )

    def script(self, scene: LookScene) -> Script:
        """The scene as a script."""
        seen = self.look(scene)
        return script_of(seen, scene, own=self._is_own(scene, seen))

    def _is_own(self, scene: LookScene, seen: Look) -> bool:
        """Whether it is the session's own network that is seen."""
        return self.has_own and scene.net == "yours" and not seen.fallen_back


def _enlarged(seen: Look, letter: str, channel: int) -> tuple[str, int]:
    """The map of the chosen entry; the first one where it has none of its own."""
    if letter and letter not in ("x", "s"):
        return letter, channel
    first = next(each for each in stages(seen.slug) if each.letter != "x")
    letters = [each.letter for each in stages(seen.slug)]
    return ("a1" if "a1" in letters else first.letter), 0


def _called(seen: Look, letter: str, channel: int) -> str:
    """a⁽¹⁾₂."""
    return name(written(letter), channel + stage_of(seen, letter).first - 1)


def _legend(scene: LookScene, maps: dict[str, StageMaps], theme: Theme) -> str:
    if scene.show == "reasons":
        present: set[int] = set()
        for each in maps.values():
            present |= set() if each.why is None else {*map(int, np.unique(each.why))}
        return reasons_legend(theme, present)
    return legend(theme)


INSIDE_SUBJECT: Final = InsideSubject()
