"""The page of the 1-D convolution: filters of several kinds, and which entries influence which.

In the first thirty seconds a lecturer clicks x3 and counts three paths to a, with the product that
comes back along each, drags w2 and sees one product change its sign, clicks w2 and counts again;
then sets the stride to 2, and asks the class before looking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from engine import Conv1D
from pages.derive.derivation import Setting, page, preset
from pages.derive.page import Impossible, Select, Snap
from pages.derive.questions import Question, changed, influenced, nonzero, opened
from pages.derive.snaps import ANYWHERE, entries_of, every
from pages.explore.additions import INFLUENCE, ZERO_PADDING
from pages.figures.ranks import Wishes
from pages.language.catalogue import say
from pages.state.codecs import Choice, Whole

X: Final = (1.0, -2.0, 3.0, 0.5, -1.0)
LENGTH: Final = len(X)
TAPS: Final = 3
FILTERS: Final = 2
STRIDES: Final = (1, 2, 3)
PADDINGS: Final = (0, 1, 2)
OUTPUTS_MOST: Final = LENGTH + 2 * PADDINGS[-1]  # the most outputs that a filter may have


@dataclass(frozen=True)
class Kind:
    """A kind of filters."""

    title: str
    shape: tuple[int, ...]  # of w
    formula: str


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "scalar": Kind("one scalar filter", (), "a = w · x"),
        "scalars": Kind("several scalar filters", (FILTERS, 1), "aᶠ = wᶠ · x"),
        "vector": Kind("one vector filter", (TAPS,), "a = w ∗ x"),
        "pair": Kind("a vector filter of two", (2,), "a = w ∗ x"),
        "vectors": Kind("a set of vector filters", (FILTERS, TAPS), "aᶠ = wᶠ ∗ x"),
    }
)


def _shape(scene: Any) -> tuple[int, ...]:
    return KINDS[scene.filters].shape


def _wishes(settings: Any) -> Wishes:
    return Wishes(
        headings={"a": ("Conv", KINDS[settings.filters].formula)},
        padding={"x": settings.padding},
        sent="chosen",
    )


def _controls(scene: Any) -> list[Select]:
    return [
        Select("filters", "Filters", {slug: kind.title for slug, kind in KINDS.items()}, 195),
        Select("stride", "Stride", {each: f"stride {each}" for each in STRIDES}, 105),
        Select("padding", "Padding", {each: f"padding {each}" for each in PADDINGS}, 118),
    ]


_DIFFERENCE: Final = (-1.0, 0.0, 1.0, 0.5, 1.5, -1.0)
_PAIR: Final = (1.0, -1.0, 1.0, 0.5, 1.5, -1.0)
_ZEROS: Final = (0.0,) * FILTERS * TAPS

PRESETS: Final = {
    "one-scalar": preset("One scalar filter", filters="scalar", entry="w"),
    "several-scalars": preset("Several scalar filters", filters="scalars"),
    "one-vector": preset("One vector filter"),
    "set-of-vectors": preset("A set of vector filters", filters="vectors"),
    "pair": preset("A filter of two entries", filters="pair", w=_PAIR, entry="w1"),
    "stride-2": preset("A vector filter with stride 2", stride=2),
    "padding-1": preset("A vector filter with padding 1", padding=1, entry="w1"),
    "not-read": preset("An entry that is in no window", stride=3, entry="x5"),
    "cancelled": preset("A filter that takes differences", w=_DIFFERENCE),
    "zero-weight": preset("A weight of zero", filters="scalar", w=_ZEROS),
    "zero-input": preset("An input of zeros", filters="scalar", x=(0.0,) * LENGTH, entry="w"),
}


QUESTIONS: Final[tuple[Question[Any], ...]] = (
    Question(
        "**One scalar filter.** How many entries of a does **x₃** influence?",
        influenced(0, 0, 2),
        "One path leaves x₃.",
        changed(filters="scalar", stride=1, padding=0, entry="x3"),
    ),
    Question(
        "**One scalar filter.** And how many entries of a does **w** influence?",
        influenced(0, 1, 0),
        "The same w is used at every place.",
        changed(filters="scalar", stride=1, padding=0, entry="w"),
    ),
    Question(
        "**One vector filter** of three entries. How many entries of a does **x₃** influence?",
        influenced(0, 0, 2),
        "It is in as many windows as the filter has entries, fewer towards the ends.",
        changed(filters="vector", stride=1, padding=0, entry="x3"),
    ),
    Question(
        "**One vector filter** of three entries. And how many does its middle one, **w₂**, "
        "influence?",
        influenced(0, 1),
        "It is used in every window.",
        changed(filters="vector", stride=1, padding=0, entry="w2"),
    ),
    Question(
        "**With stride 2**: how many does **x₃** influence?",
        influenced(0, 0, 2),
        "A window starts at every second entry only.",
        changed(filters="vector", stride=2, padding=0, entry="x3"),
    ),
    Question(
        "**With stride 2**: how many does **w₂** influence?",
        influenced(0, 1),
        "It is used in every window, and there are two.",
        changed(filters="vector", stride=2, padding=0, entry="w2"),
    ),
    Question(
        "**Two filters** of three entries, stride 1. How many entries of a does **x₃** influence?",
        influenced(0, 0, 2),
        "Every filter reads it.",
        changed(filters="vectors", stride=1, padding=0, entry="x3"),
    ),
    Question(
        "The filter is **−1, 0, 1**, and the upstream gradient of every a is 1. How many entries "
        "of ∂L/∂x are nonzero?",
        nonzero(0),
        "Choose a zero: it lies in three windows, whose contributions cancel.",
        opened(**PRESETS["cancelled"].changes),
    ),
)


def first_filter(*weights: float) -> Snap[Any]:
    """The snap that sets the first filter to these weights."""

    def snapped(scene: Any) -> Any:
        taps = (_shape(scene) or (1,))[-1]
        if len(weights) != taps:
            return Impossible(say("snap.filter", needed=len(weights), taps=taps))
        for entry, weight in zip(entries_of(scene, "w"), weights, strict=False):
            scene = scene.moved(entry, weight)
        return scene

    return snapped


def this_alone(scene: Any) -> Any:
    """Set the upstream gradient of the chosen a to 1, and that of every other a to 0."""
    chosen = f"d{scene.entry}"
    if chosen not in entries_of(scene, "da"):
        return Impossible(say("snap.this_alone"))
    return every(0.0, "da")(scene).moved(chosen, 1.0)


SNAPS: Final[dict[str, Snap[Any]]] = {
    "−1 0 1": first_filter(-1.0, 0.0, 1.0),
    "¼ ½ ¼": first_filter(0.25, 0.5, 0.25),
    "w = 0": every(0.0, "w"),
    "∂L/∂a = 1": every(1.0, "da"),
    "only this a": this_alone,
    **ANYWHERE,
}

PAGE: Final = page(
    key="conv-1d",
    title="Convolution, 1-D",
    icon="linear_scale",
    layer=lambda settings: Conv1D(settings.stride, settings.padding),
    inputs={"x": X, "w": ((1.0, -0.5, 2.0), (0.5, 1.5, -1.0))},
    settings={
        "filters": Setting(Choice(tuple(KINDS)), "vector"),
        "stride": Setting(Whole(STRIDES[0], STRIDES[-1]), 1),
        "padding": Setting(Whole(PADDINGS[0], PADDINGS[-1]), 0),
    },
    shapes=lambda settings: {"w": _shape(settings)},
    upstream=np.ones((FILTERS, OUTPUTS_MOST)),
    entry="x3",
    wishes=_wishes,
    additions=(ZERO_PADDING, INFLUENCE),
    controls=_controls,
    snaps=SNAPS,
    questions=QUESTIONS,
    presets=PRESETS,
)
