"""The page of ReLU alone: a -> h forward, dh -> da back, entry by entry.

In the first thirty seconds a lecturer drags a1 through 0 and sees its point pass the bend of the
curve, the tangent become level and the arrow back to a1 vanish; then points at a3, which is at the
kink, changes the rule, and sees the slope there jump from one end of [0, 1] to the other.
"""

from typing import Any, Final

from engine import ReLU
from pages.derive.derivation import page, preset
from pages.derive.questions import Question, influenced, nonzero, opened
from pages.derive.snaps import ELEMENTWISE
from pages.explore.additions import ACTIVATION_CURVE
from pages.figures.ranks import Wishes

PRESETS: Final = {
    "one-at-zero": preset("One a is exactly at ReLU's zero"),
    "all-positive": preset("All a are positive", a=(0.5, 1.25, 2.0, 2.75, 3.5), entry="a1"),
    "all-negative": preset("All a are negative", a=(-0.5, -1.25, -2.0, -2.75, -3.5), entry="a1"),
    "all-at-zero": preset("All a are exactly at ReLU's zero", a=(0.0,) * 5, entry="a1"),
    "nothing-sent-back": preset("An upstream gradient of zero", dh=(0.0,) * 5, entry="a1"),
}
QUESTIONS: Final[tuple[Question[Any], ...]] = (
    Question(
        "All a are **positive**. How many entries of ∂L/∂a are nonzero?",
        nonzero(0),
        "Every ReLU is active: the gradient of h goes on to a as it is.",
        opened(**PRESETS["all-positive"].changes),
    ),
    Question(
        "All a are **negative**. How many entries of ∂L/∂a are nonzero?",
        nonzero(0),
        "No gradient passes an inactive ReLU, however large it is.",
        opened(**PRESETS["all-negative"].changes),
    ),
    Question(
        "Two a are positive, two negative, and one is **exactly 0**. How many entries of ∂L/∂a "
        "are nonzero?",
        nonzero(0),
        "Change the rule: at the kink any slope from 0 to 1 would do, and each has chosen one.",
        opened(),
    ),
    Question(
        "**All** a are exactly 0. How many entries of ∂L/∂a are nonzero?",
        nonzero(0),
        "Nudge one of them by ε, up and down: there every rule agrees.",
        opened(**PRESETS["all-at-zero"].changes),
    ),
    Question(
        "How many entries of h does **a₃** influence?", influenced(0, 0, 2), "One path leaves a₃."
    ),
)

PAGE: Final = page(
    key="relu",
    title="ReLU",
    icon="show_chart",
    layer=ReLU(),
    inputs={"a": (1.5, -1.0, 0.0, 3.0, -2.5)},
    upstream=(1.0, 2.0, 1.0, -1.5, -1.0),
    entry="a3",
    wishes=lambda settings: Wishes(headings={"h": ("ReLU", "h = max(0, a)")}),
    additions=(ACTIVATION_CURVE,),
    snaps=ELEMENTWISE,
    questions=QUESTIONS,
    presets=PRESETS,
)
