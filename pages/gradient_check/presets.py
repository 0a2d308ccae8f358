"""What one can go to on the gradient check: presets, snaps to a point, questions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from engine import Trace
from engine.check import CheckResult
from engine.check.examination import examine
from pages.explain.questions import Question
from pages.gradient_check.check_scene import NO_BUG, SEEDS, CheckScene
from pages.gradient_check.layers import CASES
from pages.gradient_check.results import results
from pages.state.snaps import Impossible, Snap

NEAR: Final = 1e-7
"""How far beside the kink: within the step that a check usually takes."""


def _on(layer: str, bug: str = NO_BUG, *, entry: str = "", rule: str = "") -> CheckScene:
    scene = CheckScene().on(layer)
    return replace(scene, bug=bug, entry=entry or scene.entry, rule=rule or scene.rule)


def _three(*x: float, entry: str, rule: str, w: float = 1.0) -> CheckScene:
    """The block on three entries, few enough to be worked out by hand."""
    return _on("conv-block", entry=entry, rule=rule).at((x, (w,)))


_FIRST: Final = "pytorch-max-pool"


PRESETS: Final[dict[str, CheckScene]] = {
    "smooth": CheckScene(),
    "tie-first": _three(3.0, 3.0, 1.0, entry="x1", rule=_FIRST),
    "tie-lab": _three(3.0, 3.0, 1.0, entry="w", rule="lab"),
    "all-negative": _three(-1.0, -2.0, -3.0, entry="x1", rule="lab"),
    "near-a-kink": _three(3.0000001, 3.0, 1.0, entry="x1", rule=_FIRST),
    "relu-zero": _on("relu", rule="lab").at(CASES["relu"].kink or ()),
    "step-size": _on("loss"),
    "no-truncation": _three(3.0, 2.99, 1.0, entry="x1", rule=_FIRST, w=0.7),
    "hidden-bug": _on("conv-block", "no-mask"),
    "forgotten-factor": _on("relu", "forgotten-factor", entry="a1"),
    "wrong-mask": _on("relu", "wrong-mask", entry="a2"),
    "no-mask": _on("relu", "no-mask", entry="a2"),
    "sign": _on("loss", "sign"),
    "missing-sum": _on("conv-1d", "missing-sum", entry="w2"),
    "flipped-filter": _on("conv-1d", "flipped-filter"),
    "not-transposed": _on("linear", "not-transposed", entry="x1,1"),
    "exchanged": _on("linear", "exchanged", entry="w1,2"),
    "padding-off-by-one": _on("conv-1d", "padding-off-by-one", entry="x1"),
    "overwritten-overlaps": _on("conv-2d", "overwritten-overlaps"),
    "place-in-window": _on("max-pool", "place-in-window"),
    "integer-gradient": _on("max-pool", "integer-gradient"),
    "forgotten-mean": _on("loss", "forgotten-mean"),
    "no-truth": _on("loss", "no-truth"),
}


def smooth(scene: CheckScene) -> CheckScene:
    """The layer's own point, at which there is no kink."""
    return scene.at(scene.case.smooth)


def at_a_kink(scene: CheckScene) -> CheckScene | Impossible:
    """A tie, or a ReLU's 0; its entry is the one explained."""
    kink = scene.case.kink
    if kink is None:
        return Impossible(f"{scene.case.title} has no kink: it is smooth everywhere.")
    return replace(scene.at(kink), entry=scene.case.entry)


def near_a_kink(scene: CheckScene) -> CheckScene | Impossible:
    """1e-7 beside it."""
    there = at_a_kink(scene)
    if isinstance(there, Impossible):
        return there
    return there.moved(there.entry, there.value(there.entry) + NEAR)


def at_random(scene: CheckScene) -> CheckScene:
    """The point of the next seed, which the address has."""
    return scene.at_random(scene.seed % SEEDS + 1)


def to_a_wrong_entry(scene: CheckScene) -> CheckScene:
    """What is explained is wrong, where anything is."""
    status = results(scene).examined.status
    wrong = [entry for entry, place in scene.entries.items() if status(*place) == "wrong"]
    return replace(scene, entry=wrong[0]) if wrong and scene.entry not in wrong else scene


SNAPS: Final[dict[str, Snap[CheckScene]]] = {
    "smooth point": smooth,
    "at a kink": at_a_kink,
    "near a kink": near_a_kink,
    "random point": at_random,
}


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


QUESTIONS: Final[tuple[Question[CheckScene], ...]] = (
    Question(
        "x₁ and x₂ **tie**, and the rule takes the first. With how many entries of ∂z/∂x does a "
        "central difference disagree?",
        _disagreeing,
        "It says ½ for both: the mean of the slopes on the left and on the right.",
        _preset("tie-first"),
    ),
    Question(
        "The same tie under **the lab's rule**. For how many of x and w does the check say FAILED?",
        _failed,
        "z = 3w has slope 3 along w, on both sides; the rule says 6.",
        _preset("tie-lab"),
    ),
    Question(
        "All a are **negative**, so all h are 0 and tie. With how many entries of ∂z/∂x does a "
        "central difference disagree?",
        _disagreeing,
        "z stays 0 whichever x moves: a tie alone makes no kink.",
        _preset("all-negative"),
    ),
    Question(
        "The ReLU **forgets dh**. How many entries of ∂L/∂a are wrong?",
        _disagreeing,
        "Where the gate is closed, 0 is right without any factor.",
        _preset("forgotten-factor"),
    ),
    Question(
        "The block's ReLU has **no mask**. How many of x and w does the check find wrong?",
        _failed,
        "Its one gradient goes through an open gate: a check speaks of one point alone. Make all x "
        "negative, and it shows.",
        _preset("hidden-bug"),
    ),
)
