"""The scene of the gradient check's page, with its presets, its snaps and its quiz questions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Self

import numpy as np

from engine import RULES, Trace
from engine.arrays import Index
from engine.check import CheckResult
from engine.check.examination import examine
from pages.bugs.layers import LAYERS, CheckedLayer, Values
from pages.bugs.table import BUGS
from pages.derive.page import Impossible, Snap
from pages.derive.questions import Question
from pages.figures.check_curve import STEPS
from pages.language.catalogue import say
from pages.state.codecs import Choice, Codec, Number, Power, UpTo, Whole, param
from pages.state.scene import Scene

NO_BUG: Final = "none"  # the slug that stands for no bug
FIELDS: Final = ("x", "w", "b")  # the scene's fields for the params' values, whatever their letters
SEEDS: Final = 999
FIRST: Final = "pytorch-max-pool"
NEAR_A_KINK: Final = 1e-7  # the distance from a kink: less than the step that a check usually takes
_START: Final = "block-loss"


def _values_at(position: int) -> UpTo:
    """The codec for the values of the param in this position, counted from 0, of any layer."""
    counts = (checked.counts() for checked in LAYERS.values())
    return UpTo(max(each[position][-1] for each in counts if position < len(each)))


@dataclass(frozen=True)
class CheckScene(Scene):
    """A layer, possibly with a bug, the point at which it is checked, and the explained entry.

    x, w and b are the layer's first, second and third param, flat, whatever their letters are.
    """

    layer: str = param(Choice(tuple(LAYERS)), _START)
    bug: str = param(Choice((NO_BUG, *BUGS)), NO_BUG)
    rule: str = param(Choice(tuple(RULES)), "lab")
    x: tuple[float, ...] = param(_values_at(0), LAYERS[_START].smooth[0])
    w: tuple[float, ...] = param(_values_at(1), LAYERS[_START].smooth[1])
    b: tuple[float, ...] = param(_values_at(2), ())
    eps: float = param(Power(*STEPS), -6.0)  # the exponent of the step
    entry: str = param(Choice(("",)), LAYERS[_START].entry)
    seed: int = param(Whole(0, SEEDS), 0)
    """The last random point's, or 0. An address without values means the point of its seed or, with
    seed 0, the layer's own."""

    def codecs(self) -> dict[str, Codec]:
        """As every scene; the layer decides which entries there are."""
        return super().codecs() | {"entry": Choice(("", *self.checked.every_entry))}

    @property
    def checked(self) -> CheckedLayer:
        """The layer, as the page knows it."""
        return LAYERS[self.layer]

    @property
    def values(self) -> Values:
        """The values of its params."""
        return (self.x, self.w, self.b)[: len(self.checked.letters)]

    @property
    def step(self) -> float:
        """eps itself."""
        return float(10.0**self.eps)

    def at(self, values: Values) -> Self:
        """The scene at another point of the same layer."""
        x, w, b = (*values, (), ())[: len(FIELDS)]  # () if the layer has no such param
        return replace(self, x=x, w=w, b=b)

    def having(self, name: str, value: Any) -> Self:
        """As every scene; another layer comes with values of its own."""
        return self.on(value) if name == "layer" else super().having(name, value)

    def on(self, layer: str) -> Self:
        """The scene on another layer, at a point where it is smooth; the bug stays if it fits."""
        checked = LAYERS[layer]
        bug = self.bug if self.bug in fitting(layer) else NO_BUG
        return replace(self, layer=layer, bug=bug, entry=checked.entry, seed=0).at(checked.smooth)

    def at_random(self, seed: int) -> Self:
        """The scene at the random point of this seed: values with two decimals, from −3 to 3."""
        generator = np.random.default_rng(seed)
        drawn = (generator.uniform(-3, 3, len(each)).round(2) for each in self.values)
        return replace(self, seed=seed).at(tuple(tuple(map(float, each)) for each in drawn))

    def updated(self, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """As every scene; a layer without values has its own point, or that of the seed."""
        layer = query.get("layer", self.layer)
        base = self.on(layer) if layer in LAYERS and layer != self.layer else self
        scene, problems = super(CheckScene, base).updated(query)
        if scene.seed and "seed" in query and not query.keys() & set(FIELDS):
            scene = scene.at_random(scene.seed)
        return scene, problems

    def possible(self) -> tuple[Self, list[str]]:
        """As every scene: with as many values as the layer takes, and a bug and an entry of it."""
        filled, problems = [], []
        for letter, given, counts, own in zip(
            self.checked.letters,
            self.values,
            self.checked.counts(),
            self.checked.smooth,
            strict=True,
        ):
            wanted = min(max(len(given), counts[0]), counts[-1])
            filled.append((*given, *own[len(given) :])[:wanted])
            if wanted != len(given):
                problems.append(
                    say(
                        "check.values",
                        layer=self.checked.title,
                        values=_counted(counts),
                        letter=letter,
                        given=len(given),
                        now=",".join(map(Number().write, filled[-1])),
                    )
                )
        scene = self.at(tuple(filled))
        if scene.bug != NO_BUG and scene.bug not in fitting(scene.layer):
            bug, layer = BUGS[scene.bug].title, scene.checked.title
            problems.append(say("check.bug", bug=bug, layer=layer))
            scene = replace(scene, bug=NO_BUG)
        if scene.entry and scene.entry not in scene.entries:
            scene = replace(scene, entry=next(iter(scene.entries)))
        return scene, problems

    @cached_property
    def entries(self) -> Mapping[str, tuple[int, Index]]:
        """Every entry by name, with its param's position and its index."""
        return self.checked.entries(self.values)

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """Every entry of the layer's params, and eps."""
        positions = dict.fromkeys(FIELDS, 0)
        named: dict[str, tuple[str, int | None]] = {}
        for entry, (argument, _) in self.entries.items():
            name = FIELDS[argument]
            named[entry] = (name, positions[name])
            positions[name] += 1
        return named | {"eps": ("eps", None)}


def fitting(layer: str) -> list[str]:
    """The bugs that a layer can have."""
    return [slug for slug, bug in BUGS.items() if layer in bug.layers]


def _counted(counts: range) -> str:
    if len(counts) > 1:
        return say("check.range", counts[-1], least=counts[0])
    return say("check.count", counts[0])


# --- presets and snaps


def _on(layer: str, bug: str = NO_BUG, *, entry: str = "", rule: str = "") -> CheckScene:
    scene = CheckScene().on(layer)
    return replace(scene, bug=bug, entry=entry or scene.entry, rule=rule or FIRST)


def _three(*x: float, entry: str, rule: str, w: float = 1.0) -> CheckScene:
    """The block on three entries, few enough to be worked out by hand."""
    return _on("conv-block", entry=entry, rule=rule).at((x, (w,)))


_CASES: Final = {
    "smooth": ("A point with no kink nearby", CheckScene()),
    "tie-first": (
        "A tie, where the rule takes the first",
        _three(3.0, 3.0, 1.0, entry="x1", rule=FIRST),
    ),
    "tie-lab": ("A tie under the lab's rule", _three(3.0, 3.0, 1.0, entry="w", rule="lab")),
    "all-negative": (
        "All a are negative, so all h tie",
        _three(-1.0, -2.0, -3.0, entry="x1", rule="lab"),
    ),
    "near-a-kink": ("A kink closer than eps", _three(3.0000001, 3.0, 1.0, entry="x1", rule=FIRST)),
    "relu-zero": (
        "ReLU exactly at its zero",
        _on("relu", rule="lab").at(LAYERS["relu"].kink or ()),
    ),
    "step-size": ("The error against the step size", _on("loss")),
    "no-truncation": (
        "A straight line: nothing but rounding",
        _three(3.0, 2.99, 1.0, entry="x1", rule=FIRST, w=0.7),
    ),
    "hidden-bug": ("Bug: the block's ReLU has no mask", _on("conv-block", "no-mask")),
    "forgotten-factor": ("Bug: no upstream gradient", _on("relu", "forgotten-factor", entry="a1")),
    "wrong-mask": ("Bug: ReLU's mask is inverted", _on("relu", "wrong-mask", entry="a2")),
    "no-mask": ("Bug: ReLU has no mask", _on("relu", "no-mask", entry="a2")),
    "sign": ("Bug: the sign is wrong", _on("loss", "sign")),
    "missing-sum": ("Bug: the sum is missing", _on("conv-1d", "missing-sum", entry="w2")),
    "flipped-filter": ("Bug: the filter is reversed", _on("conv-1d", "flipped-filter")),
    "not-transposed": (
        "Bug: the weights are transposed",
        _on("linear", "not-transposed", entry="x1,1"),
    ),
    "exchanged": ("Bug: x and ∂L/∂y are exchanged", _on("linear", "exchanged", entry="w1,2")),
    "padding-off-by-one": (
        "Bug: the padding is off by one",
        _on("conv-1d", "padding-off-by-one", entry="x1"),
    ),
    "overwritten-overlaps": (
        "Bug: windows overwrite each other",
        _on("conv-2d", "overwritten-overlaps"),
    ),
    "place-in-window": ("Bug: an index within the window", _on("max-pool", "place-in-window")),
    "integer-gradient": (
        "Bug: the gradient is cut to integers",
        _on("max-pool", "integer-gradient"),
    ),
    "forgotten-mean": ("Bug: the mean is forgotten", _on("loss", "forgotten-mean")),
    "no-truth": ("Bug: the labels are forgotten", _on("loss", "no-truth")),
}
TITLES: Final = {slug: title for slug, (title, _) in _CASES.items()}
PRESETS: Final = {slug: scene for slug, (_, scene) in _CASES.items()}


def smooth(scene: CheckScene) -> CheckScene:
    """Go to the layer's own point, at which there is no kink."""
    return scene.at(scene.checked.smooth)


def at_a_kink(scene: CheckScene) -> CheckScene | Impossible:
    """Go to a tie, or to a ReLU's 0, and explain the entry with which the layer opens."""
    kink = scene.checked.kink
    if kink is None:
        return Impossible(say("check.smooth", layer=scene.checked.title))
    return replace(scene.at(kink), entry=scene.checked.entry)


def near_a_kink(scene: CheckScene) -> CheckScene | Impossible:
    """Go to the point 1e-7 beside the kink."""
    there = at_a_kink(scene)
    if isinstance(there, Impossible):
        return there
    return there.moved(there.entry, there.value(there.entry) + NEAR_A_KINK)


def at_random(scene: CheckScene) -> CheckScene:
    """Go to the random point of the next seed, which the address contains."""
    return scene.at_random(scene.seed % SEEDS + 1)


SNAPS: Final[dict[str, Snap[CheckScene]]] = {
    "smooth point": smooth,
    "at a kink": at_a_kink,
    "near a kink": near_a_kink,
    "random point": at_random,
}


# --- questions


def _checked(traced: Trace) -> Sequence[CheckResult]:
    return examine(traced.layer, traced.params, traced.dout, traced.kinks).results


def _disagreeing(traced: Trace) -> int:
    """How many entries of the first param's gradient disagree with the differences."""
    return len(_checked(traced)[0].disagreements)


def _failed(traced: Trace) -> int:
    """For how many params the check says FAILED."""
    return sum(result.verdict == "FAILED" for result in _checked(traced))


def _preset(slug: str) -> Callable[[CheckScene], CheckScene]:
    return lambda scene: replace(PRESETS[slug], eps=scene.eps)


QUESTIONS: Final[tuple[Question[CheckScene], ...]] = (
    Question(
        "x₁ and x₂ **tie**, and the rule takes the first. With how many entries of ∂L/∂x does a "
        "central difference disagree?",
        _disagreeing,
        "It gives ½ for both: the mean of the slopes on the left and on the right.",
        _preset("tie-first"),
    ),
    Question(
        "The same tie under **the lab's rule**. For how many of x and w does the check say FAILED?",
        _failed,
        "z = 3w has slope 3 along w, on both sides; the rule gives 6.",
        _preset("tie-lab"),
    ),
    Question(
        "All a are **negative**, so all h are 0 and tie. With how many entries of ∂L/∂x does a "
        "central difference disagree?",
        _disagreeing,
        "z stays 0 whichever x moves: a tie alone makes no kink.",
        _preset("all-negative"),
    ),
    Question(
        "The ReLU **forgets ∂L/∂h**. How many entries of ∂L/∂a are wrong?",
        _disagreeing,
        "Where the ReLU is inactive, 0 is right without any factor.",
        _preset("forgotten-factor"),
    ),
    Question(
        "The block's ReLU has **no mask**. How many of x and w does the check find wrong?",
        _failed,
        "Its one gradient goes through an active ReLU: a check holds at one point alone. Make all "
        "x negative, and it shows.",
        _preset("hidden-bug"),
    ),
)
