"""One-dimensional convolution as a subject: filters of several kinds, and who influences whom.

In the first thirty seconds a lecturer clicks x3 and counts three ways to a, with what comes back
along each, drags w2 and sees one of them turn round, clicks w2 and counts again; then makes the
stride 2, and asks the room before looking.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from engine import RULES, Conv1D, Trace, trace
from engine.layers.windows import windows
from pages.cards import Card, influenced, nonzero
from pages.figures.arrangement import Arrangement, Drawing, View
from pages.figures.conv_1d import (
    DA_PLACE,
    W_TOPS,
    Padding,
    conv_arrangement,
    hint,
    padding_boxes,
    padding_drawings,
)
from pages.figures.info import GraphInfo, Naming, describe_graph, plain
from pages.figures.words import name
from pages.influence import influence_lines, with_terms
from pages.picture import Slider
from pages.subject import Subject
from pages.subjects.conv_1d_scene import LENGTH, PRESETS, ConvScene

NAMING: Final = Naming((("x", "w"),), "a", function="z")


def conv_boxes(scene: ConvScene) -> Arrangement:
    """Where everything lies under the scene's settings."""
    kind = scene.kind
    return conv_arrangement(LENGTH, kind.shape, scene.output, scene.padding, kind.formula)


def conv_trace(scene: ConvScene) -> Trace:
    """The pass that the scene describes."""
    w = np.reshape([scene.w[at] for at in scene.kind.weights().values()], scene.kind.shape)
    da = np.reshape([scene.da[at] for at in scene.upstream().values()], scene.output)
    layer = Conv1D(scene.stride, scene.padding)
    return trace(layer, scene.x, w, dout=da, kinks=RULES[scene.rule].kinks)


def _describe(traced: Trace, scene: ConvScene) -> GraphInfo:
    return with_terms(describe_graph(traced, NAMING), traced, NAMING, scene.entry)


def _sliders(scene: ConvScene) -> list[Slider]:
    """One level with each x, one beside each w, and under a one for the chosen output's da."""
    boxes = conv_boxes(scene).boxes
    sliders = []
    for i, value in enumerate(scene.x):
        _, top, _, height = boxes[entry := plain("x", (i,))]
        sliders.append(Slider(entry, name("x", i), value, 4, top + height / 2, 276))
    for index, at in scene.kind.weights().items():
        left, top, width, height = boxes[plain("w", index)]
        beside = top - 18 if top == W_TOPS[0] else top + height + 18
        sliders.append(
            Slider(plain("w", index), name("w", *index), scene.w[at], left, beside, width)
        )
    return sliders + [
        Slider(plain("da", i), name("da", *i), scene.da[at], *DA_PLACE, named=True)
        for i, at in scene.upstream().items()
        if plain("a", i) == scene.entry
    ]


def _extra(scene: ConvScene, traced: Trace, view: View) -> list[Drawing]:
    """The padding, with its ways to the windows that read it; where to find da."""
    length = LENGTH + 2 * scene.padding
    reading = windows("Conv1D", (length,), (scene.kind.kernel,), (scene.stride,), (0,))
    places = [*range(scene.padding), *range(length - scene.padding, length)]
    paddings = [
        Padding(
            box,
            tuple(
                plain("a", (*f, *at))
                for f in np.ndindex(*scene.kind.filters)
                for at in reading.readers((place,))
            ),
        )
        for place, box in zip(places, padding_boxes(LENGTH, scene.padding), strict=True)
    ]
    chosen = scene.entry.startswith("a")
    return [
        *padding_drawings(paddings, conv_boxes(scene).boxes, view),
        hint("" if chosen else "choose an a to set its da", view),
    ]


CONV_SUBJECT: Final = Subject(
    key="conv-1d",
    start=ConvScene(),
    presets=PRESETS,
    trace=conv_trace,
    naming=NAMING,
    special=_describe,
    arrangement=conv_boxes,
    sliders=_sliders,
    extra=_extra,
    focus=True,
    remarks=lambda traced, entry: influence_lines(traced, NAMING, entry),
)


def _middle_weight(traced: Trace) -> int:
    """How many outputs the middle entry of the first filter influences."""
    taps = traced.steps[0].inputs[1].shape[-1:] or (1,)
    return influenced(0, 1, taps[0] // 2)(traced)


def _set(**settings: Any) -> Callable[[ConvScene], ConvScene]:
    """The scene under these settings."""
    return lambda scene: replace(scene, **settings)


CARDS: Final[tuple[Card[ConvScene], ...]] = (
    Card(
        "**One scalar filter.** How many entries of a does **x₃** influence?",
        influenced(0, 0, 2),
        "One way leaves x₃.",
        _set(filters="scalar", stride=1, padding=0, entry="x3"),
    ),
    Card(
        "And how many does **w** influence?",
        influenced(0, 1, 0),
        "The same w is used at every place.",
        _set(filters="scalar", stride=1, padding=0, entry="w"),
    ),
    Card(
        "**One vector filter** of three entries. How many entries of a does **x₃** influence?",
        influenced(0, 0, 2),
        "As many windows read it as the filter has entries, fewer towards the ends.",
        _set(filters="vector", stride=1, padding=0, entry="x3"),
    ),
    Card(
        "And its middle entry, **w₂**?",
        _middle_weight,
        "It is used in every window.",
        _set(filters="vector", stride=1, padding=0, entry="w2"),
    ),
    Card(
        "**With stride 2**: how many does **x₃** influence?",
        influenced(0, 0, 2),
        "A window starts at every second entry only.",
        _set(filters="vector", stride=2, padding=0, entry="x3"),
    ),
    Card(
        "And **w₂** with stride 2?",
        _middle_weight,
        "As many as there are windows.",
        _set(filters="vector", stride=2, padding=0, entry="w2"),
    ),
    Card(
        "**Two filters** of three entries, stride 1. How many entries of a does **x₃** influence?",
        influenced(0, 0, 2),
        "Every filter reads it.",
        _set(filters="vectors", stride=1, padding=0, entry="x3"),
    ),
    Card(
        "The filter is **−1, 0, 1**, and 1 is sent into every a. How many entries of ∂z/∂x are "
        "nonzero?",
        nonzero(0),
        "Choose a zero: it lies in three windows, whose contributions cancel.",
        lambda scene: replace(PRESETS["cancelled"], rule=scene.rule),
    ),
)
