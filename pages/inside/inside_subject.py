"""The subject of "Look inside": a trained network in heat maps, on an image one can draw on."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from engine import Trace
from engine.errors import NumberError
from engine.training import Network
from engine.training.network import CLASSES
from pages.derive.picture import SCREEN, Pad, Picture, Screen, Slider, Target
from pages.derive.script import Script, traced_as, why_zero
from pages.derive.subject import OneByOne
from pages.explain.aria import legend_in_words
from pages.explain.entry import Entry
from pages.explain.formula import latex_formula, latex_number, latex_slope
from pages.explore.map_pass import grids
from pages.figures.info import Cell, GraphInfo
from pages.figures.inside import (
    HIDDEN,
    PHONE,
    PROJECTOR,
    SCORES,
    NetworkLayout,
    inside_figure,
    inside_legend,
    network_layout,
)
from pages.figures.layout import View
from pages.figures.maps import Kind, Maps, shown_on
from pages.figures.primitives import Box
from pages.figures.theme import PALETTES, Theme
from pages.figures.words import number, probability, signed
from pages.inside.captions import captions, is_the_difference, over_the_classes, sentences
from pages.inside.image_pass import ImagePass, image_pass, plain_image, shipped_network, ways
from pages.inside.inside_scene import BLANK, PRESETS, RATES, START, InsideScene
from pages.inside.painting import INK, PAPER, states
from pages.language.catalogue import say

_SCRIPT_IMPORTS: Final = ("from engine.mnist import load",)
_OWN_NETWORK: Final = (
    "network = weights.load('network.npz').network  # python -m engine.train --save network.npz"
)

SHOWN: Final[dict[str, Kind]] = {
    "activations": "values",
    "gradients": "gradients",
    "reasons": "reasons",
}


class InsideSubject(OneByOne[InsideScene]):
    """The page's subject."""

    key: Final = "look-inside"
    start: Final = START
    presets: Final = PRESETS

    def __init__(self, own: Network | None = None, about: str = "") -> None:
        """own: the user's own network, or None. about: a sentence about it."""
        self._own = own
        self._about = about

    @property
    def has_own(self) -> bool:
        """Whether the user has a network of their own."""
        return self._own is not None

    def network(self, scene: InsideScene) -> Network:
        """Return the network asked for; the shipped one if the user has none."""
        return self._own if scene.net == "yours" and self._own is not None else shipped_network()

    def image_pass(self, scene: InsideScene) -> ImagePass:
        """Return the image's pass; through the shipped network if the one asked for fails."""
        network = self.network(scene)
        try:
            return image_pass(network, scene)
        except NumberError:
            return replace(image_pass(shipped_network(), scene), fallen_back=True)

    def trace(self, scene: InsideScene) -> Trace:
        """Return the trace of the image's pass."""
        return self.image_pass(scene).trace

    def describe(self, traced: Trace, scene: InsideScene) -> GraphInfo:
        """Return the logits: few enough to be shown as cells."""
        scores = _scores(self.image_pass(scene))
        cells = {
            entry: Cell(entry, at.name, "s", at.index[1:], "gradient", at.value, at.grad, "")
            for entry, at in scores.items()
        }
        return GraphInfo(cells, (), (), {"s": None})

    def sliders(self, scene: InsideScene) -> list[Slider]:
        """Return the learning rate's slider, if a step is taken."""
        if scene.sgd == "off":
            return []
        where, said = PROJECTOR.rate_slider, "learning rate"
        return [Slider("rate", "η", scene.rate, *where, *RATES, 0.25, said=said, power=True)]

    def picture(self, scene: InsideScene, screen: Screen = SCREEN) -> Picture:
        """See `PageSubject.picture`."""
        hidden = screen.hidden
        if hidden:
            scene = replace(scene, show="activations", entry="")
        passed, kind = self.image_pass(scene), SHOWN[scene.show]
        maps, classes = passed.maps(why=kind == "reasons"), passed.classes
        if hidden:
            maps = {letter: each.guessed(None, revealed=False) for letter, each in maps.items()}
            classes = replace(classes, gradients=None)
        place, enlarged = passed.place(scene.entry), _enlarged(maps, scene.entry)
        layout = network_layout(
            passed.stages, kind, enlarged, PHONE if screen.narrow else PROJECTOR
        )
        view, lit = View(scene.entry, screen.theme), passed.lit(place) if place else {}
        through = ways(passed, place)
        said = over_the_classes(scene, passed, own=self._is_own(scene, passed))
        shown = [shown_on(panel, maps) for panel in layout.panels]
        before = scene.sgd == "before"
        signs = inside_legend(
            shown, maps, classes, layout, view, lit=lit, ways=through, before=before
        )
        figure = inside_figure(
            shown,
            maps,
            classes,
            layout,
            view,
            lit=lit,
            ways=through,
            # On a phone, the slider's number field already shows the rate.
            said={at: text for at, text in said.items() if not (screen.narrow and at == "rate")},
            captions=captions(scene, passed, *enlarged, hidden=hidden),
        )
        image = layout.panels[0].box
        return Picture(
            figure,
            partial(_targets, passed, layout, scene.entry, hidden=hidden),
            [] if hidden else self._sentences(scene, passed),
            partial(grids, layout.panels, maps),
            (lambda: "") if hidden else partial(latex_of, passed, scene.entry),
            image[0],
            _pad(scene, image, screen.theme),
            legend=legend_in_words(signs),
        )

    def script(self, scene: InsideScene) -> Script:
        """Return the script of the pass; the user's own network is loaded from a file there."""
        passed = self.image_pass(scene)
        own = self._is_own(scene, passed)
        letters = [letter for row in passed.naming.inputs for letter in row[1:]]
        inputs = {"x": tuple(_input_lines(passed, scene, own=own))}
        inputs |= {
            letter: (f"{letter} = network.params[{number}]",)
            for number, letter in enumerate(letters)
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

    def _sentences(self, scene: InsideScene, passed: ImagePass) -> list[str]:
        """Return the sentences; also that a network "of yours" in an address was the sender's."""
        missing = [say("inside.none_of_yours")] if scene.net == "yours" and not self.has_own else []
        return [*sentences(scene, passed, self.about(scene, passed)), *missing]

    def about(self, scene: InsideScene, passed: ImagePass) -> str:
        """Return the sentence about the network shown, if it is the user's own; otherwise ""."""
        return self._about if self._is_own(scene, passed) else ""

    def _is_own(self, scene: InsideScene, passed: ImagePass) -> bool:
        """Whether the network shown is the user's own."""
        return self.has_own and scene.net == "yours" and not passed.fallen_back


INSIDE_SUBJECT: Final = InsideSubject()


def _scores(passed: ImagePass) -> dict[str, Entry]:
    """Return the logits by name."""
    found = {f"s{digit}": passed.place(f"s{digit}") for digit in range(CLASSES)}
    return {entry: place for entry, place in found.items() if place}


def _targets(
    passed: ImagePass, layout: NetworkLayout, chosen: str, *, hidden: bool
) -> Iterator[Target]:
    """Yield the digits; on a phone the stages, by their middle entries, and the next digit."""
    if not layout.chips:
        for entry in _scores(passed):
            said = _class_label(passed, entry, hidden=hidden)
            yield Target(entry, said, layout.boxes[entry])
        return
    for letter, box in layout.chips.items():
        if letter == SCORES:
            digit = int(chosen[1:]) + 1 if chosen in layout.boxes else passed.answer
            entry = f"{SCORES}{digit % CLASSES}"
            yield Target(entry, _class_label(passed, entry, hidden=hidden), box, valued=False)
            continue
        maps = passed.shapes[letter]
        entry = f"{passed.prefixes(letter)[0]}{maps[1] // 2 + 1},{maps[2] // 2 + 1}"
        yield Target(entry, say("inside.stage", stage=letter), box, valued=False)


def _class_label(passed: ImagePass, entry: str, *, hidden: bool) -> str:
    """Return what a screen reader says of a digit."""
    place, digit = _scores(passed)[entry], int(entry[1:])
    return say(
        "inside.class",
        entry=entry,
        value=number(place.value),
        gradient=HIDDEN if hidden else signed(place.grad),
        percent=probability(float(passed.probabilities[digit])),
    )


def _enlarged(maps: Mapping[str, Maps], entry: str) -> tuple[str, int]:
    """Return the array and channel shown large: the chosen entry's, or else the first map."""
    for letter, each in maps.items():
        at = each.cell(entry)
        if at is not None and letter != "x":
            return letter, at[0]
    return ("a1" if "a1" in maps else next(letter for letter in maps if letter != "x")), 0


def _pad(scene: InsideScene, box: Box, theme: Theme) -> Pad:
    grey = np.round(plain_image(scene.image) * 255).astype(np.uint8)
    image = base64.b64encode(grey.tobytes()).decode()
    palette = PALETTES[theme]
    ends = (palette.paper, palette.ink)
    return Pad("painting", scene.painting, "x", box, scene.tool, image, ends)


def latex_of(passed: ImagePass, entry: str) -> str:
    """Return the explained formula; "" if no entry is chosen."""
    place = passed.place(entry)
    if place is None:
        return ""
    if place.letter != "s" or passed.naming.output == "s":
        return latex_formula(place)
    digit = place.index[1]
    truth = int(digit == passed.label)
    probability = float(passed.probabilities[digit])
    parts = [latex_slope(place.slope), f"p_{{{digit}}} - {truth}"]
    if is_the_difference(place.grad, probability, truth):
        parts.append(f"{latex_number(probability)} - {truth}")
    return " = ".join([*parts, latex_number(place.grad)])


def _input_lines(passed: ImagePass, scene: InsideScene, *, own: bool) -> Iterator[str]:
    """Yield the lines that make the image and the network."""
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
        yield traced_as("before", ("x", "*network.params"), "1.0", scene.rule)
        yield f"descent = SGD(learning_rate={10.0**scene.rate!r}, momentum=0.0)"
        yield "start = descent.start(network.params)"
        yield "params, _ = descent.step(network.params, before.grads[1:], start)"
        yield "network = type(network)(network.architecture, tuple(params))"


def _pixel_lines(rows: list[int], columns: list[int], level: float) -> Iterator[str]:
    """Yield the lines that set pixels to a level, one line per row."""
    for row in dict.fromkeys(rows):
        there = [column for at, column in zip(rows, columns, strict=True) if at == row]
        yield f"x[0, 0, {row}, {there}] = {level}"


def _why_lines(passed: ImagePass, entry: str) -> Iterator[str]:
    """Yield the lines that print why the explained entry's gradient is zero, if it is."""
    place = passed.place(entry)
    if place is None or place.grad or place.step >= len(passed.trace.steps):
        return
    yield from why_zero(place, f"{place.letter}[{', '.join(map(str, place.index))}]")
