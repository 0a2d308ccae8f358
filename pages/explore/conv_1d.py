"""One-dimensional convolution as a subject: filters of several kinds, and who influences whom.

In the first thirty seconds a lecturer clicks x3 and counts three ways to a, with what comes back
along each, drags w2 and sees one of them turn round, clicks w2 and counts again; then makes the
stride 2, and asks the room before looking.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Self

import numpy as np

from engine import RULES, Conv1D, Trace, trace
from engine.arrays import Index
from engine.layers.windows import windows
from pages.components.picture import Slider
from pages.explain.formula import with_terms
from pages.explain.questions import Question, influenced, nonzero
from pages.explain.sentences import influence_lines
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
from pages.state.codecs import GRID, HIGH, LOW, Choice, Numbers, Whole, param
from pages.state.scene import Scene
from pages.state.snaps import Impossible, Snap
from pages.subject import Subject

LENGTH: Final = 5
TAPS: Final = 3
FILTERS: Final = 2
STRIDES: Final = (1, 2, 3)
PADDINGS: Final = (0, 1, 2)
MOST: Final = LENGTH + 2 * PADDINGS[-1]
"""As many outputs as a filter may have."""


@dataclass(frozen=True)
class Kind:
    """A kind of filters: w's shape, which of the scene's FILTERS × TAPS numbers are its entries."""

    title: str
    shape: tuple[int, ...]
    formula: str

    @property
    def kernel(self) -> int:
        """How many entries of x a window reads."""
        return self.shape[-1] if self.shape else 1

    @property
    def filters(self) -> tuple[int, ...]:
        """The axis of the filters, () where there is one filter without."""
        return self.shape[:-1] if len(self.shape) == 2 else ()

    def weights(self) -> dict[Index, int]:
        """Each entry's index into w, and where its number is kept."""
        return {
            index: TAPS * (index[0] if self.filters else 0) + (index[-1] if self.shape else 0)
            for index in np.ndindex(*self.shape)
        }


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "scalar": Kind("one scalar filter", (), "a = w · x"),
        "scalars": Kind("several scalar filters", (FILTERS, 1), "aᶠ = wᶠ · x"),
        "vector": Kind("one vector filter", (TAPS,), "a = w ∗ x"),
        "vectors": Kind("a set of vector filters", (FILTERS, TAPS), "aᶠ = wᶠ ∗ x"),
    }
)


def _named(letter: str, indices: Iterable[Index]) -> list[str]:
    return [plain(letter, index) for index in indices]


_X: Final = _named("x", np.ndindex(LENGTH))
_W: Final = dict.fromkeys(name for kind in KINDS.values() for name in _named("w", kind.weights()))
_A: Final = [*_named("a", np.ndindex(MOST)), *_named("a", np.ndindex(FILTERS, MOST))]


@dataclass(frozen=True)
class ConvScene(Scene):
    """x, the filters and their weights, the upstream gradient of a, stride and padding, the entry.

    Of w and da only the numbers that the filters have a use for count. A convolution has no
    kink: the rule is kept as on every page, and changes nothing.
    """

    x: tuple[float, ...] = param(Numbers(LENGTH), (1.0, -2.0, 3.0, 0.5, -1.0))
    filters: str = param(Choice(tuple(KINDS)), "vector")
    w: tuple[float, ...] = param(
        Numbers(FILTERS * TAPS, columns=TAPS), (1.0, -0.5, 2.0, 0.5, 1.5, -1.0)
    )
    stride: int = param(Whole(STRIDES[0], STRIDES[-1]), 1)
    padding: int = param(Whole(PADDINGS[0], PADDINGS[-1]), 0)
    da: tuple[float, ...] = param(Numbers(FILTERS * MOST, columns=MOST), (1.0,) * FILTERS * MOST)
    rule: str = param(Choice(tuple(RULES)), "lab")
    entry: str = param(Choice(("", *_X, *_W, *_A)), "x3")

    @property
    def kind(self) -> Kind:
        """The filters."""
        return KINDS[self.filters]

    @cached_property
    def output(self) -> tuple[int, ...]:
        """The shape of a."""
        settings = ((self.kind.kernel,), (self.stride,), (self.padding,))
        return (*self.kind.filters, *windows("Conv1D", (LENGTH,), *settings).output)

    def upstream(self) -> dict[Index, int]:
        """Each output's index into a, and where the number that is sent into it is kept."""
        return {
            index: MOST * (index[0] if self.kind.filters else 0) + index[-1]
            for index in np.ndindex(*self.output)
        }

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """x1 …; of w and da the numbers in use, under the names that the filters give them."""
        named = {name: at for name, at in super().entry_names().items() if at[0] not in ("w", "da")}
        named |= {plain("w", index): ("w", at) for index, at in self.kind.weights().items()}
        return named | {plain("da", index): ("da", at) for index, at in self.upstream().items()}

    def possible(self) -> tuple[Self, list[str]]:
        """Where the chosen entry is not there under other settings, its counterpart is chosen."""
        there = [*_X, *_named("w", self.kind.weights()), *_named("a", self.upstream())]
        if not self.entry or self.entry in there:
            return self, []
        alike = [entry for entry in there if entry[0] == self.entry[0]]
        return replace(self, entry=min(alike, key=lambda it: _apart(it, self.entry))), []


def _apart(one: str, other: str) -> tuple[int, int]:
    """How far two entries of a letter are apart: within a filter first, then between filters."""
    (f, i), (g, j) = map(_numbers, (one, other))
    return abs(i - j), abs(f - g)


def _numbers(entry: str) -> tuple[int, int]:
    """The filter and the place in it: (2, 3) for w2,3; (1, 3) for w3; (1, 1) for w alone."""
    f, _, i = entry[1:].rpartition(",")
    return int(f or 1), int(i or 1)


_DIFFERENCE: Final = (-1.0, 0.0, 1.0, 0.5, 1.5, -1.0)

PRESETS: Final[Mapping[str, ConvScene]] = MappingProxyType(
    {
        "one-scalar": ConvScene(filters="scalar", entry="w"),
        "several-scalars": ConvScene(filters="scalars"),
        "one-vector": ConvScene(),
        "set-of-vectors": ConvScene(filters="vectors"),
        "stride-2": ConvScene(stride=2),
        "padding-1": ConvScene(padding=1, entry="w1"),
        "not-read": ConvScene(stride=3, entry="x5"),
        "cancelled": ConvScene(w=_DIFFERENCE),
        "zero-weight": ConvScene(filters="scalar", w=(0.0,) * FILTERS * TAPS),
        "zero-input": ConvScene(filters="scalar", x=(0.0,) * LENGTH, entry="w"),
    }
)


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


QUESTIONS: Final[tuple[Question[ConvScene], ...]] = (
    Question(
        "**One scalar filter.** How many entries of a does **x₃** influence?",
        influenced(0, 0, 2),
        "One way leaves x₃.",
        _set(filters="scalar", stride=1, padding=0, entry="x3"),
    ),
    Question(
        "And how many does **w** influence?",
        influenced(0, 1, 0),
        "The same w is used at every place.",
        _set(filters="scalar", stride=1, padding=0, entry="w"),
    ),
    Question(
        "**One vector filter** of three entries. How many entries of a does **x₃** influence?",
        influenced(0, 0, 2),
        "As many windows read it as the filter has entries, fewer towards the ends.",
        _set(filters="vector", stride=1, padding=0, entry="x3"),
    ),
    Question(
        "And its middle entry, **w₂**?",
        _middle_weight,
        "It is used in every window.",
        _set(filters="vector", stride=1, padding=0, entry="w2"),
    ),
    Question(
        "**With stride 2**: how many does **x₃** influence?",
        influenced(0, 0, 2),
        "A window starts at every second entry only.",
        _set(filters="vector", stride=2, padding=0, entry="x3"),
    ),
    Question(
        "And **w₂** with stride 2?",
        _middle_weight,
        "As many as there are windows.",
        _set(filters="vector", stride=2, padding=0, entry="w2"),
    ),
    Question(
        "**Two filters** of three entries, stride 1. How many entries of a does **x₃** influence?",
        influenced(0, 0, 2),
        "Every filter reads it.",
        _set(filters="vectors", stride=1, padding=0, entry="x3"),
    ),
    Question(
        "The filter is **−1, 0, 1**, and 1 is sent into every a. How many entries of ∂z/∂x are "
        "nonzero?",
        nonzero(0),
        "Choose a zero: it lies in three windows, whose contributions cancel.",
        lambda scene: replace(PRESETS["cancelled"], rule=scene.rule),
    ),
)


def first_filter(*weights: float) -> Snap[ConvScene]:
    """The first filter is this one."""

    def snapped(scene: ConvScene) -> ConvScene | Impossible:
        if scene.kind.kernel != len(weights):
            return Impossible(f"A scalar filter has one entry, this one {len(weights)}.")
        return replace(scene, w=(*weights, *scene.w[TAPS:]))

    return snapped


def zero_w(scene: ConvScene) -> ConvScene:
    """Every entry of w is 0."""
    return replace(scene, w=_instead(scene.w, dict.fromkeys(scene.kind.weights().values(), 0.0)))


def ones(scene: ConvScene) -> ConvScene:
    """1 is sent into every a."""
    return replace(scene, da=(1.0,) * len(scene.da))


def this_alone(scene: ConvScene) -> ConvScene | Impossible:
    """1 is sent into the chosen a, and 0 into every other."""
    at = scene.entry_names().get(f"d{scene.entry}")
    if at is None:
        return Impossible("Choose a cell of a first: 1 is sent into that, 0 into the others.")
    return replace(scene, da=tuple(float(i == at[1]) for i in range(len(scene.da))))


def at_random(scene: ConvScene) -> ConvScene:
    """x, and w where it is in use, anywhere on the sliders' grid."""
    w = {position: _anywhere() for position in scene.kind.weights().values()}
    return replace(scene, x=tuple(_anywhere() for _ in scene.x), w=_instead(scene.w, w))


def _anywhere() -> float:
    return LOW + GRID * random.randint(0, round((HIGH - LOW) / GRID))


def _instead(values: tuple[float, ...], others: dict[int, float]) -> tuple[float, ...]:
    return tuple(others.get(i, value) for i, value in enumerate(values))


SNAPS: Final[dict[str, Snap[ConvScene]]] = {
    "−1 0 1": first_filter(-1.0, 0.0, 1.0),
    "¼ ½ ¼": first_filter(0.25, 0.5, 0.25),
    "w = 0": zero_w,
    "da = 1": ones,
    "only this a": this_alone,
    "random": at_random,
    "reset": lambda scene: ConvScene(),
}
