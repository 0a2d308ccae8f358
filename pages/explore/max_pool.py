"""The page of max pooling alone: over the whole axis, or window by window.

In the first thirty seconds a lecturer points at h4, which wins two windows and collects two
gradients, drags it below h3 and sees both arrows move elsewhere, sets the stride to 3 and sees an
entry that no window reads, and changes the rule to see a tie resolved in another way.
"""

from dataclasses import replace
from typing import Any, Final

from engine import MaxPool
from pages.derive.derivation import Setting, page, preset
from pages.derive.page import Select
from pages.derive.questions import Question, influenced, nonzero, opened, unread
from pages.derive.snaps import POOLING
from pages.explore.additions import WINDOWS_BEHIND
from pages.figures.ranks import Wishes
from pages.language.catalogue import say
from pages.state.codecs import Choice

H: Final = (3.0, 3.0, 1.0, 3.0, 3.0)
LENGTH: Final = len(H)
WHOLE: Final = "whole"
SIZES: Final = (WHOLE, "1", "2", "3", "4", "5")
STRIDES: Final = ("1", "2", "3", "4", "5")
PADDINGS: Final = ("0", "1", "2")
MOST_OUTPUTS: Final = 7  # the most outputs there can be: windows of 3, stride 1, padding 2


def _possible(scene: Any) -> tuple[Any, list[str]]:
    """Keep the padding below the window's size: a window of padding alone has no maximum."""
    if scene.size == WHOLE or int(scene.padding) < int(scene.size):
        return scene, []
    padding = str(int(scene.size) - 1)
    asked = {"size": scene.size, "padding": scene.padding}
    return replace(scene, padding=padding), [say("scene.padding", instead=padding, **asked)]


def _layer(settings: Any) -> MaxPool:
    """With one window over all, stride and padding are ignored."""
    if settings.size == WHOLE:
        return MaxPool()
    return MaxPool(int(settings.size), int(settings.stride), int(settings.padding))


def _wishes(settings: Any) -> Wishes:
    whole = settings.size == WHOLE
    return Wishes(
        headings={"z": ("Max pool", "z = max(h)" if whole else "z = max of its window")},
        padding={"h": 0 if whole else int(settings.padding)},
        sent="right",
    )


def _controls(scene: Any) -> list[Select]:
    sizes = {each: f"size {each}" for each in SIZES} | {WHOLE: "one window"}
    found = [Select("size", "Size of a window", sizes, 120)]
    if scene.size != WHOLE:
        strides = {each: f"stride {each}" for each in STRIDES}
        found.append(Select("stride", "From one window to the next", strides, 98))
        paddings = {each: f"padding {each}" for each in PADDINGS if int(each) < int(scene.size)}
        found.append(Select("padding", "Padding at either end", paddings, 112))
    return found


PRESETS: Final = {
    "overlap": preset("Windows that overlap"),
    "whole-axis": preset(
        "A tie in one window over everything", h=(1.5, 3.0, -1.0, 3.0, 0.5), size=WHOLE, entry="h4"
    ),
    "two-gradients": preset(
        "The maximum of two windows", h=(0.5, 1.0, 3.0, -1.0, 2.0), size="3", stride="2", entry="h3"
    ),
    "cancelled": preset(
        "Two windows that cancel",
        h=(0.5, 1.0, 3.0, -1.0, 2.0),
        dz=(1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
        size="3",
        stride="2",
        entry="h3",
    ),
    "gaps": preset(
        "Gaps between the windows", h=(1.0, 2.5, 4.0, -0.5, 0.5), stride="3", entry="h3"
    ),
    "left-over": preset(
        "The last entry is in no window", h=(1.0, 2.5, -1.0, 0.5, 4.0), stride="2", entry="h5"
    ),
    "padding": preset(
        "Padding around negative entries",
        h=(-1.0, -2.5, -0.5, -3.0, -1.5),
        size="3",
        stride="2",
        padding="1",
        entry="h1",
    ),
    "all-equal": preset("All entries tie", h=(2.0,) * LENGTH, size=WHOLE, entry="h2"),
}


QUESTIONS: Final[tuple[Question[Any], ...]] = (
    Question(
        "h = [0, 2, 1, 3, 3], windows of 2, one apart. How many entries of ∂L/∂h are nonzero?",
        nonzero(0),
        "Change the rule and look again: where two tie, the frameworks part.",
        opened(h=(0.0, 2.0, 1.0, 3.0, 3.0)),
    ),
    Question(
        "How many windows is **h₃** in?", influenced(0, 0, 2), "Choose h₃: its windows stand out."
    ),
    Question(
        "Every h is the same, one window over all. How many entries of ∂L/∂h are nonzero?",
        nonzero(0),
        "All of them tie.",
        opened(**PRESETS["all-equal"].changes),
    ),
    Question(
        "Windows of 2, **three** apart. How many entries of h are in no window?",
        unread(0),
        "Their gradient is 0 whatever their value: move one, and nothing else moves.",
        opened(**PRESETS["gaps"].changes),
    ),
    Question(
        "Every h is negative, and there is **padding**. How many entries of ∂L/∂h are nonzero?",
        nonzero(0),
        "Padding is no 0 here: it never is the maximum.",
        opened(**PRESETS["padding"].changes),
    ),
)

PAGE: Final = page(
    key="max-pool",
    title="Max pool",
    icon="filter_alt",
    layer=_layer,
    inputs={"h": H},
    settings={
        "size": Setting(Choice(SIZES), "2"),
        "stride": Setting(Choice(STRIDES), "1"),
        "padding": Setting(Choice(PADDINGS), "0"),
    },
    upstream=(1.0,) * MOST_OUTPUTS,
    mend=_possible,
    entry="h4",
    wishes=_wishes,
    additions=(WINDOWS_BEHIND,),
    controls=_controls,
    snaps=POOLING,
    questions=QUESTIONS,
    presets=PRESETS,
)
