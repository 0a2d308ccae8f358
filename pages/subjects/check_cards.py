"""Questions about the gradient check, each with a number for an answer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from engine import Trace
from engine.check import CheckResult
from engine.check.examination import examine
from pages.cards import Card
from pages.subjects.check_presets import PRESETS
from pages.subjects.check_scene import CheckScene


def _checked(traced: Trace) -> Sequence[CheckResult]:
    return examine(traced.layer, traced.params, traced.dout, traced.kinks).results


def _disagreeing(traced: Trace) -> int:
    """How many entries of the first param's gradient disagree with the differences."""
    return len(_checked(traced)[0].disagreements)


def _failed(traced: Trace) -> int:
    """Of how many params the check says FAILED."""
    return sum(result.verdict == "FAILED" for result in _checked(traced))


def _preset(slug: str) -> Callable[[CheckScene], CheckScene]:
    return lambda scene: replace(PRESETS[slug], eps=scene.eps)


CARDS: Final[tuple[Card[CheckScene], ...]] = (
    Card(
        "x₁ and x₂ **tie**, and the rule takes the first. With how many entries of ∂z/∂x does a "
        "central difference disagree?",
        _disagreeing,
        "It says ½ for both: the mean of the slopes on the left and on the right.",
        _preset("tie-first"),
    ),
    Card(
        "The same tie under **the lab's rule**. For how many of x and w does the check say FAILED?",
        _failed,
        "z = 3w has slope 3 along w, on both sides; the rule says 6.",
        _preset("tie-lab"),
    ),
    Card(
        "All a are **negative**, so all h are 0 and tie. With how many entries of ∂z/∂x does a "
        "central difference disagree?",
        _disagreeing,
        "z stays 0 whichever x moves: a tie alone makes no kink.",
        _preset("all-negative"),
    ),
    Card(
        "The ReLU **forgets dh**. How many entries of ∂L/∂a are wrong?",
        _disagreeing,
        "Where the gate is closed, 0 is right without any factor.",
        _preset("forgotten-factor"),
    ),
    Card(
        "The block's ReLU has **no mask**. How many of x and w does the check find wrong?",
        _failed,
        "Its one gradient goes through an open gate: a check speaks of one point alone. Make all x "
        "negative, and it shows.",
        _preset("hidden-bug"),
    ),
)
