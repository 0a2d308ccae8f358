"""A trained network as a subject: a PageSubject of maps, which can be drawn on."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final, get_args

import numpy as np

from engine import Trace
from engine.errors import NumberError
from engine.mnist import SIDE
from engine.training import Network
from pages.components.picture import Grid, Pad, Picture, Slider, Target, Tile
from pages.explain.formula import latex_formula, latex_number, latex_slope
from pages.figures.heat_maps import Packed, colours, pack
from pages.figures.info import Cell, GraphInfo
from pages.figures.inside import InsideView, Show, StageMaps, inside_figure, legend, reasons_legend
from pages.figures.inside_layout import LARGE, SLIDER, X_GRADIENT, InsideLayout, X, bar_box
from pages.figures.theme import PALETTES, Theme
from pages.figures.words import REASONS, name, number, percent, signed
from pages.inside.captions import captions, sentences
from pages.inside.image_pass import (
    ImagePass,
    cell_of,
    image_pass,
    layout_of,
    lit_maps,
    plain_image,
    read_classes,
    read_maps,
    shipped_network,
    stage_of,
    ways,
)
from pages.inside.painting import INK, PAPER, states
from pages.inside.scene import BLANK, PRESETS, RATES, START, InsideScene
from pages.inside.stages import stages, written
from pages.sharing.script import Script, called, why_zero
from pages.state.predict import Exercise

_SCRIPT_IMPORTS: Final = ("from engine.mnist import load",)
_OWN_NETWORK: Final = (
    "network = weights.load('network.npz').network  # python -m engine.train --save network.npz"
)

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

    def network(self, scene: InsideScene) -> Network:
        """The one that is looked at: the shipped one where there is no other."""
        return self._own if scene.net == "yours" and self._own is not None else shipped_network()

    def image_pass(self, scene: InsideScene) -> ImagePass:
        """What there is to see."""
        network = self.network(scene)
        try:
            return image_pass(network, scene)
        except NumberError:
            if network is shipped_network():
                raise
            return replace(image_pass(shipped_network(), scene), fallen_back=True)

    def trace(self, scene: InsideScene) -> Trace:
        """The pass of the image."""
        return self.image_pass(scene).trace

    def describe(self, traced: Trace, scene: InsideScene) -> GraphInfo:
        """The logits, which are few enough to be cells of their own."""
        passed = self.image_pass(scene)
        cells: dict[str, Cell] = {}
        for digit, grad in enumerate(read_classes(passed).gradients):
            place = passed.place(f"s{digit}")
            assert place is not None
            cells[f"s{digit}"] = Cell(
                f"s{digit}", place.name, "s", (digit,), "gradient", place.value, float(grad), ""
            )
        return GraphInfo(cells, (), (), {"s": None})

    def sliders(self, scene: InsideScene) -> list[Slider]:
        """The learning rate, where a step is taken."""
        if scene.sgd == "off":
            return []
        said = "learning rate"
        return [Slider("rate", "η", scene.rate, *SLIDER, *RATES, 0.25, said=said, power=True)]

    def picture(
        self, scene: InsideScene, theme: Theme = "light", exercise: Exercise | None = None
    ) -> Picture:
        """The scene's maps, what can be chosen on them, and what is to be said."""
        passed = self.image_pass(scene)
        layout, show = layout_of(passed.slug), SHOWN[scene.show]
        maps = read_maps(passed, show)
        own = self._is_own(scene, passed)
        place, cell = passed.place(scene.entry), cell_of(passed, scene.entry)
        masks = lit_maps(passed.slug, scene.entry) if cell else {}
        enlarged = _enlarged(passed, cell[0] if cell else "", cell[1][0] if cell else 0)
        view = InsideView(
            theme=theme,
            show=show,
            enlarged=enlarged,
            chosen=cell,
            lit=masks,
            ways=ways(passed, place),
            texts=captions(scene, passed, _called(passed, *enlarged), maps["x"].nonzero, own=own),
            legend=_legend(scene, maps, theme),
        )
        figure = inside_figure(maps, read_classes(passed), layout, view)
        return Picture(
            figure,
            _targets(passed),
            sentences(scene, passed),
            _grids(passed, layout, maps, enlarged),
            partial(latex_of, passed, scene.entry),
            X[0],
            _pad(scene, theme),
        )

    def script(self, scene: InsideScene) -> Script:
        """The scene as a script."""
        passed = self.image_pass(scene)
        return script_of(passed, scene, own=self._is_own(scene, passed))

    def _is_own(self, scene: InsideScene, passed: ImagePass) -> bool:
        """Whether it is the session's own network that is seen."""
        return self.has_own and scene.net == "yours" and not passed.fallen_back


INSIDE_SUBJECT: Final = InsideSubject()


def _enlarged(passed: ImagePass, letter: str, channel: int) -> tuple[str, int]:
    """The map of the chosen entry; the first one where it has none of its own."""
    if letter and letter not in ("x", "s"):
        return letter, channel
    first = next(each for each in stages(passed.slug) if each.letter != "x")
    letters = [each.letter for each in stages(passed.slug)]
    return ("a1" if "a1" in letters else first.letter), 0


def _called(passed: ImagePass, letter: str, channel: int) -> str:
    """a⁽¹⁾₂."""
    return name(written(letter), channel + stage_of(passed, letter).first - 1)


def _legend(scene: InsideScene, maps: dict[str, StageMaps], theme: Theme) -> str:
    if scene.show == "reasons":
        present: set[int] = set()
        for each in maps.values():
            present |= set() if each.why is None else {*map(int, np.unique(each.why))}
        return reasons_legend(theme, present)
    return legend(theme)


def _targets(passed: ImagePass) -> list[Target]:
    """The digits."""
    classes = read_classes(passed)
    found = []
    for digit in range(len(classes.probabilities)):
        place = passed.place(f"s{digit}")
        assert place is not None
        said = (
            f"s{digit} = {number(place.value)}, gradient {signed(place.grad)}, probability "
            f"{percent(float(classes.probabilities[digit]))}"
        )
        found.append(Target(f"s{digit}", said, bar_box(digit)))
    return found


def _grids(
    passed: ImagePass,
    layout: InsideLayout,
    maps: dict[str, StageMaps],
    enlarged: tuple[str, int],
) -> list[Grid]:
    """The image and the large map with their numbers; every tile, whose numbers would be many."""
    x = Grid("x", "image", SIDE, SIDE, X, **_numbers(maps["x"], 0))
    found = [x, Grid("x", "image, gradient", SIDE, SIDE, X_GRADIENT)]
    for stage in stages(passed.slug):
        if stage.letter == "x":
            continue
        for channel, prefix in enumerate(stage.prefixes()):
            box = layout.tiles[stage.letter][channel]
            said = prefix.removesuffix(",")
            found.append(Tile(prefix, said, stage.side, stage.side, box, group=stage.letter))
    letter, channel = enlarged
    stage = stage_of(passed, letter)
    prefix = stage.prefixes()[channel]
    said = f"{prefix.removesuffix(',')}, enlarged"
    numbers = _numbers(maps[letter], channel)
    return [*found, Grid(prefix, said, stage.side, stage.side, LARGE, **numbers)]


def _numbers(maps: StageMaps, channel: int) -> dict[str, Packed]:
    values = pack(np.asarray(maps.values[channel], np.float64))
    if maps.why is not None:
        words = tuple(REASONS.values())
        return {"values": values, "gradients": pack(maps.why[channel].astype(np.float64), words)}
    gradients = np.asarray(maps.gradients[channel], np.float64)
    return {"values": values, "gradients": pack(gradients)}


def _pad(scene: InsideScene, theme: Theme) -> Pad:
    """The image."""
    grey = np.round(plain_image(scene.image) * 255).astype(np.uint8)
    image = base64.b64encode(grey.tobytes()).decode()
    shades = colours(theme, "values", pale=False)
    ends = (PALETTES[theme].paper, shades[-1])
    return Pad("painting", scene.painting, "x", X, scene.tool, image, ends)


def script_of(passed: ImagePass, scene: InsideScene, *, own: bool) -> Script:
    """The pass of the image. own: whether the network is of somebody's own, and not at hand."""
    letters = [letter for row in passed.naming.inputs for letter in row[1:]]
    inputs = {"x": tuple(_input_lines(passed, scene, own=own, letters=letters))}
    inputs |= {
        letter: (f"{letter} = network.params[{number}]",) for number, letter in enumerate(letters)
    }
    loss = passed.naming.output == "L"
    names = ["as_inputs", "weights"] if own else ["as_inputs", "shipped"]
    return Script(
        passed.trace,
        passed.naming,
        scene.rule,
        inputs=inputs,
        layer=f"network.with_loss([{passed.label}])" if loss else "network.layers",
        after=tuple(_why_lines(passed, scene.entry)),
        imports=(*_SCRIPT_IMPORTS, f"from engine.training import {', '.join(names)}"),
    )


def latex_of(passed: ImagePass, entry: str) -> str:
    """The explained formula; "" where no entry is chosen."""
    place = passed.place(entry)
    if place is None:
        return ""
    if place.letter != "s" or passed.naming.output == "s":
        return latex_formula(place)
    digit = place.index[1]
    truth = int(digit == passed.label)
    probability = latex_number(float(passed.probabilities[digit]))
    parts = (latex_slope(place.slope), f"p_{{{digit}}} - {truth}", f"{probability} - {truth}")
    return " = ".join((*parts, latex_number(place.grad)))


def _input_lines(
    passed: ImagePass, scene: InsideScene, *, own: bool, letters: list[str]
) -> Iterator[str]:
    """The lines that make the image and the network."""
    yield _OWN_NETWORK if own else "network = shipped().network"
    if scene.image == BLANK:
        yield "x = np.zeros((1, 1, 28, 28), np.float32)"
    else:
        yield f"x = as_inputs(load().images[{scene.image} : {scene.image + 1}])"
    over = states(scene.painting)
    for state in range(PAPER, INK + 1):
        rows, columns = np.nonzero(over == state)
        if rows.size:
            level = (state - PAPER) / (INK - PAPER)
            yield from _pixel_lines(rows.tolist(), columns.tolist(), level)
    if scene.sgd == "after":
        yield f"layer = network.with_loss([{passed.label}])"
        yield called("before", ("x", "*network.params"), "1.0", scene.rule)
        yield f"descent = SGD(learning_rate={10.0**scene.rate!r}, momentum=0.0)"
        yield "start = descent.start(network.params)"
        yield "params, _ = descent.step(network.params, before.grads[1:], start)"
        yield "network = type(network)(network.architecture, tuple(params))"


def _pixel_lines(rows: list[int], columns: list[int], level: float) -> Iterator[str]:
    """The lines that give pixels a level, each row's in one."""
    for row in dict.fromkeys(rows):
        there = [column for at, column in zip(rows, columns, strict=True) if at == row]
        yield f"x[0, 0, {row}, {there}] = {level}"


def _why_lines(passed: ImagePass, entry: str) -> Iterator[str]:
    """Why the gradient of the explained entry is zero, where it is."""
    place = passed.place(entry)
    if place is None or place.grad or place.step >= len(passed.trace.steps):
        return
    yield from why_zero(place, f"{place.letter}[{', '.join(map(str, place.index))}]")
