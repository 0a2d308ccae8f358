"""The page of the lab's block: x -> Conv -> ReLU -> MaxPool.

In the first thirty seconds a lecturer reads "2 of 5 nonzero", drags x3 below x1 and sees the
second arrow vanish, snaps back to a tie, changes the rule to PyTorch's, and clicks the zero that
appears there to read its reason.
"""

from dataclasses import replace
from functools import partial
from typing import Any, Final

from engine import ConvBlock
from pages.derive.derivation import page, preset
from pages.derive.page import Impossible, Snap
from pages.derive.questions import Question, influenced, nonzero, opened
from pages.derive.snaps import ANYWHERE, NUDGES, entries_of, every, one_sided
from pages.figures.ranks import Wishes
from pages.language.catalogue import say
from pages.state.codecs import GRID, HIGH, LOW

X: Final = (1.5, -1.0, 1.5, 0.5, 0.0)
HEADINGS: Final = {
    "x": ("input", "x"),
    "a": ("Conv", "a = w · x"),
    "h": ("ReLU", "h = max(0, a)"),
    "z": ("Max pool", "z = max(h)"),
}
PRESETS: Final = {
    "unique-max": preset("A unique maximum", x=(1.5, -1.0, 1.0, 0.5, 0.0), entry="x2"),
    "max-tie": preset("A tie of two maxima"),
    "three-way-tie": preset("A tie of three maxima", x=(1.5, -1.0, 1.5, 1.5, 0.0)),
    "all-negative": preset(
        "All a are negative", x=(-1.0, -2.0, -3.0, -0.5, -1.5), w=1.0, entry="x1"
    ),
    "all-positive": preset("All a are positive", x=(1.0, 2.0, 3.0, 0.5, 1.5), w=1.0, entry="x3"),
    "relu-zero": preset(
        "A maximum at ReLU's zero", x=(-1.0, 0.0, -2.0, -0.5, -1.5), w=1.0, entry="x2"
    ),
    "zero-weight": preset("A weight of zero", w=0.0, entry="w"),
}


# --- snaps


def tie(scene: Any) -> Any:
    """Make at least two entries share a positive maximum."""
    made = [scene.w * x for x in scene.x]
    if max(made) > 0 and made.count(max(made)) >= 2:
        return scene
    return _tie_of(scene, 2)


def zero_a(scene: Any) -> Any:
    """Make some a zero, by moving the x that is nearest to 0 there."""
    nearest = min(entries_of(scene), key=lambda entry: abs(scene.value(entry)))
    return scene if scene.w == 0 else scene.moved(nearest, 0.0)


def _tie_of(scene: Any, count: int) -> Any:
    """Make exactly `count` entries share a positive maximum, with the least total change of x.

    For each value that they might share, the entries that it changes least take it, and every other
    entry that is not below it moves to the next grid point below. Only values that some entry has
    already, and the grid points beside those, are tried: the best is always among them.
    """
    if scene.w == 0:
        return Impossible(say("snap.weight", weight="w", made="a"))
    toward = 1 if scene.w > 0 else -1
    beside = (x + shift for x in (*scene.x, 0.0) for shift in (-GRID, 0.0, GRID))
    shared = sorted({v for v in beside if LOW <= v <= HIGH and v * toward > 0})
    return min(
        (_sharing(scene, value, count) for value in shared),
        key=lambda found: _distance(scene, found),
    )


def _sharing(scene: Any, value: float, count: int) -> Any:
    """The scene in which exactly `count` entries have this value, and the others are below it."""
    toward = 1 if scene.w > 0 else -1
    below = value - toward * GRID
    apart = [x if x * toward < value * toward else below for x in scene.x]
    cost = [abs(x - value) - abs(x - other) for x, other in zip(scene.x, apart, strict=True)]
    chosen = set(sorted(range(len(cost)), key=cost.__getitem__)[:count])
    return replace(scene, x=tuple(value if i in chosen else apart[i] for i in range(len(apart))))


def _distance(scene: Any, other: Any) -> tuple[float, int]:
    """The sum of |Δx|, then the number of entries that moved."""
    pairs = list(zip(scene.x, other.x, strict=True))
    return sum(abs(a - b) for a, b in pairs), sum(a != b for a, b in pairs)


SNAPS: Final[dict[str, Snap[Any]]] = {
    "unique max": partial(_tie_of, count=1),
    "make a tie": tie,
    "three-way tie": partial(_tie_of, count=3),
    "all negative": one_sided(-1, "w"),
    "all positive": one_sided(+1, "w"),
    "a = 0": zero_a,
    "w = 0": every(0.0, "w"),
    **NUDGES,
    **ANYWHERE,
}


# --- the page


QUESTIONS: Final[tuple[Question[Any], ...]] = (
    Question(
        "The maximum is **unique**. How many entries of ∂L/∂x are nonzero?",
        nonzero(0),
        "Follow the arrows from z.",
        opened(**PRESETS["unique-max"].changes),
    ),
    Question(
        "**Two** entries tie for the maximum. How many entries of ∂L/∂x are nonzero?",
        nonzero(0),
        "Change the rule: not every framework gives this number.",
        opened(),
    ),
    Question(
        "All a are **negative**. How many entries of ∂L/∂x are nonzero?",
        nonzero(0),
        "Look between a and h: which ReLUs are active?",
        opened(**PRESETS["all-negative"].changes),
    ),
    Question(
        "All a are **positive**. How many entries of ∂L/∂x are nonzero?",
        nonzero(0),
        "Every ReLU is active; look at what stops the others.",
        opened(**PRESETS["all-positive"].changes),
    ),
    Question(
        "How many entries of a does **x₃** influence?", influenced(0, 0, 2), "One path leaves x₃."
    ),
    Question(
        "How many entries of a does **w** influence?",
        influenced(0, 1, 0),
        "Count the paths that leave w.",
    ),
)

PAGE: Final = page(
    key="conv-block",
    title="The conv block",
    icon="account_tree",
    layer=ConvBlock(),
    inputs={"x": X, "w": 2.0},
    entry="x3",
    wishes=lambda settings: Wishes(headings=HEADINGS),
    snaps=SNAPS,
    questions=QUESTIONS,
    presets=PRESETS,
)
