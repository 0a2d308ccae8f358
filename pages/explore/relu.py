"""ReLU alone as a subject: a -> h forward, dh -> da back, entry by entry.

In the first thirty seconds a lecturer drags a1 through 0 and sees its point go round the bend,
the tangent fall flat and the arrow back to a1 vanish; then points at a3, which sits on the kink,
changes the rule, and sees the slope there jump from one end of [0, 1] to the other.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from engine import RULES, ReLU, Trace, trace
from pages.derive import Layout, sliders_beside
from pages.explain.questions import Question, influenced, nonzero
from pages.figures.arrangement import Drawing, View
from pages.figures.info import Naming
from pages.figures.relu import curve_points, relu_arrangement, relu_curve
from pages.state.codecs import GRID, HIGH, LOW, Choice, Numbers, param
from pages.state.scene import Scene
from pages.state.snaps import EPSILON, Snap, nudge
from pages.subject import Subject

LENGTH: Final = 5
NAMING: Final = Naming((("a",),), "h")
_ARRANGEMENT: Final = relu_arrangement(LENGTH)


@dataclass(frozen=True)
class ReLUScene(Scene):
    """a, the upstream gradient dh, the rule, the entry explained."""

    a: tuple[float, ...] = param(Numbers(LENGTH), (1.5, -1.0, 0.0, 3.0, -2.5))
    dh: tuple[float, ...] = param(Numbers(LENGTH), (1.0, 2.0, 1.0, -1.5, -1.0))
    rule: str = param(Choice(tuple(RULES)), "lab")
    entry: str = param(
        Choice(("", *(f"{letter}{i + 1}" for letter in "ah" for i in range(LENGTH)))), "a3"
    )


PRESETS: Final[dict[str, ReLUScene]] = {
    "one-at-zero": ReLUScene(),
    "all-positive": ReLUScene(a=(0.5, 1.25, 2.0, 2.75, 3.5), entry="a1"),
    "all-negative": ReLUScene(a=(-0.5, -1.25, -2.0, -2.75, -3.5), entry="a1"),
    "all-at-zero": ReLUScene(a=(0.0,) * LENGTH, entry="a1"),
    "nothing-sent-back": ReLUScene(dh=(0.0,) * LENGTH, entry="a1"),
}


def relu_trace(scene: ReLUScene) -> Trace:
    """The pass that the scene describes."""
    return trace(ReLU(), scene.a, dout=scene.dh, kinks=RULES[scene.rule].kinks)


def _curve(scene: ReLUScene, traced: Trace, view: View) -> list[Drawing]:
    """The curve beside the cells."""
    chosen = int(view.entry[1:]) - 1 if view.entry else None
    rule = RULES[scene.rule]
    return relu_curve(curve_points(traced), rule.kinks.relu_at_zero, rule.short, chosen, view)


RELU_SUBJECT: Final = Subject(
    key="relu",
    start=ReLUScene(),
    presets=PRESETS,
    trace=relu_trace,
    naming=NAMING,
    arrangement=lambda scene: _ARRANGEMENT,
    sliders=lambda scene: sliders_beside(scene, NAMING, Layout(_ARRANGEMENT)),
    extra=_curve,
)


def _each(move: Callable[[float], float]) -> Snap[ReLUScene]:
    return lambda scene: replace(scene, a=tuple(map(move, scene.a)))


def one_at_zero(scene: ReLUScene) -> ReLUScene:
    """Exactly one a is 0: the one that is nearest to it; another that is there goes just above."""
    nearest = min(range(LENGTH), key=lambda i: abs(scene.a[i]))
    return replace(
        scene,
        a=tuple(0.0 if i == nearest else a or GRID for i, a in enumerate(scene.a)),
    )


def at_random(scene: ReLUScene) -> ReLUScene:
    """Every a anywhere on the sliders' grid."""
    steps = round((HIGH - LOW) / GRID)
    return replace(scene, a=tuple(LOW + GRID * random.randint(0, steps) for _ in scene.a))


SNAPS: Final[dict[str, Snap[ReLUScene]]] = {
    "all negative": _each(lambda a: a if a < 0 else -GRID),
    "all positive": _each(lambda a: a if a > 0 else GRID),
    "one at zero": one_at_zero,
    "all at zero": _each(lambda a: 0.0),
    "nudge +ε": nudge(EPSILON),
    "nudge −ε": nudge(-EPSILON),
    "random": at_random,
    "reset": lambda scene: ReLUScene(),
}


def _preset(slug: str) -> Callable[[ReLUScene], ReLUScene]:
    """The values of a preset, under the rule of the scene."""
    return lambda scene: replace(PRESETS[slug], rule=scene.rule)


QUESTIONS: Final[tuple[Question[ReLUScene], ...]] = (
    Question(
        "All a are **positive**. How many entries of ∂L/∂a are nonzero?",
        nonzero(0),
        "Every gate is open: what arrives at h goes on to a as it is.",
        _preset("all-positive"),
    ),
    Question(
        "All a are **negative**. How many entries of ∂L/∂a are nonzero?",
        nonzero(0),
        "No gradient passes a closed gate, however large it is.",
        _preset("all-negative"),
    ),
    Question(
        "Two a are positive, two negative, and one is **exactly 0**. How many entries of ∂L/∂a "
        "are nonzero?",
        nonzero(0),
        "Change the rule: at the kink any slope from 0 to 1 would do, and each has chosen one.",
        _preset("one-at-zero"),
    ),
    Question(
        "**All** a are exactly 0. How many entries of ∂L/∂a are nonzero?",
        nonzero(0),
        "Nudge one of them by ε, up and down: there no rule has a say.",
        _preset("all-at-zero"),
    ),
    Question(
        "How many entries of h does **a₃** influence?", influenced(0, 0, 2), "One way leaves a₃."
    ),
)
