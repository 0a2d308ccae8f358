"""The scene of the page about the gradient check."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np

from engine import RULES
from pages.bugs.table import BUGS
from pages.gradient_check.layers import CASES, Case, Values
from pages.state.codecs import Choice, Codec, Number, Power, UpTo, Whole, kept
from pages.state.scene import Scene

NO_BUG: Final = "none"
"""The bug of a layer that has none."""
FIELDS: Final = ("x", "w", "b")
"""Where the params' values are kept, whatever they are called."""
SEEDS: Final = 999
_MOST: Final = (9, 4, 2)
_START: Final = "block-loss"


@dataclass(frozen=True)
class CheckScene(Scene):
    """The layer, its bug, the values, the step eps (its exponent), the rule, the entry explained.

    x, w and b are the layer's first, second and third param, whatever they are called, flat.
    seed: of the last random point; an address without values has that point, 0 the layer's own.
    """

    layer: str = kept(Choice(tuple(CASES)), _START)
    bug: str = kept(Choice((NO_BUG, *BUGS)), NO_BUG)
    rule: str = kept(Choice(tuple(RULES)), "pytorch-max-pool")
    x: tuple[float, ...] = kept(UpTo(_MOST[0]), CASES[_START].smooth[0])
    w: tuple[float, ...] = kept(UpTo(_MOST[1]), CASES[_START].smooth[1])
    b: tuple[float, ...] = kept(UpTo(_MOST[2]), ())
    eps: float = kept(Power(-13, -1), -6.0)
    entry: str = kept(Choice(("",)), CASES[_START].entry)
    seed: int = kept(Whole(0, SEEDS), 0)

    def codecs(self) -> dict[str, Codec]:
        """As every scene; which entries there are is the layer's."""
        return super().codecs() | {"entry": Choice(("", *self.case.every_entry))}

    @property
    def case(self) -> Case:
        """The layer, as the page knows it."""
        return CASES[self.layer]

    @property
    def values(self) -> Values:
        """The values of its params."""
        return (self.x, self.w, self.b)[: len(self.case.letters)]

    @property
    def step(self) -> float:
        """eps itself."""
        return float(10.0**self.eps)

    def at(self, values: Values) -> Self:
        """At another point of the same layer."""
        x, w, b = (*values, (), ())[: len(FIELDS)]
        return replace(self, x=x, w=w, b=b)

    def having(self, name: str, value: Any) -> Self:
        """As every scene; another layer comes with values of its own."""
        return self.on(value) if name == "layer" else super().having(name, value)

    def on(self, layer: str) -> Self:
        """On another layer, at a point where it is smooth; the bug stays where it fits."""
        case = CASES[layer]
        bug = self.bug if self.bug in fitting(layer) else NO_BUG
        return replace(self, layer=layer, bug=bug, entry=case.entry, seed=0).at(case.smooth)

    def at_random(self, seed: int) -> Self:
        """At the random point of this seed: two decimals, from −3 to 3."""
        generator = np.random.default_rng(seed)
        drawn = (generator.uniform(-3, 3, len(each)).round(2) for each in self.values)
        return replace(self, seed=seed).at(tuple(tuple(map(float, each)) for each in drawn))

    def updated(self, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """As every scene; a layer without values has its own point, or that of the seed."""
        layer = query.get("layer", self.layer)
        base = self.on(layer) if layer in CASES and layer != self.layer else self
        scene, problems = super(CheckScene, base).updated(query)
        if scene.seed and "seed" in query and not query.keys() & set(FIELDS):
            scene = scene.at_random(scene.seed)
        return scene, problems

    def possible(self) -> tuple[Self, list[str]]:
        """As many values as the layer takes, a bug that fits it, an entry that it has."""
        filled, problems = [], []
        for letter, given, counts, own in zip(
            self.case.letters, self.values, self.case.counts(), self.case.smooth, strict=True
        ):
            wanted = min(max(len(given), counts[0]), counts[-1])
            filled.append((*given, *own[len(given) :])[:wanted])
            if wanted != len(given):
                problems.append(
                    f"{self.case.title} takes {_counted(counts)} for {letter}, not {len(given)}: "
                    f"{letter} is {','.join(map(Number().write, filled[-1]))} instead."
                )
        scene = self.at(tuple(filled))
        if scene.bug != NO_BUG and scene.bug not in fitting(scene.layer):
            problems.append(
                f"The bug “{BUGS[scene.bug].title}” is none of {scene.case.title}: there is none."
            )
            scene = replace(scene, bug=NO_BUG)
        if scene.entry and scene.entry not in scene.entries:
            scene = replace(scene, entry=next(iter(scene.entries)))
        return scene, problems

    @property
    def entries(self) -> dict[str, tuple[int, tuple[int, ...]]]:
        """Every entry by name, with its param's position and its index."""
        return self.case.entries(self.values)

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
        return f"{counts[0]} to {counts[-1]} values"
    return "1 value" if counts[0] == 1 else f"{counts[0]} values"
