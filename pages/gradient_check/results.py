"""What the engine computes for a scene of the gradient check: passes, verdicts, errors."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import inf
from typing import Any, Final

import numpy as np

from engine import RULES, Trace, trace
from engine.arrays import Index
from engine.check.claims import Bracket, Point, point
from engine.check.crossings import Crossing, crossed, nearest
from engine.check.examination import (
    Differences,
    Examination,
    Regimes,
    Status,
    Total,
    differences,
    examine,
)
from engine.check.gradient import Disagreement
from engine.check.patterns import MISTAKES, evidence, pattern
from pages.bugs.layers import LAYERS, Values
from pages.bugs.table import BUGS
from pages.figures.check_curve import STEPS, DType
from pages.figures.words import gradient_of
from pages.gradient_check.check_scene import NO_BUG, CheckScene


def _steps(each_decade: int) -> tuple[float, ...]:
    least, most = (int(power * each_decade) for power in STEPS)
    return tuple(float(10.0 ** (k / each_decade)) for k in range(least, most + 1))


GRID: Final = _steps(2)
"""The steps of a curve, two a decade."""
FINE: Final = _steps(200)
"""The steps within which a kink is sought, two hundred a decade."""


@dataclass(frozen=True, eq=False)
class Results:
    """A scene and all that is found out about it, each when it is first asked for."""

    scene: CheckScene
    right: Trace  # the pass of the layer as it should be
    examined: Examination  # the pass of the layer as it is, checked

    @cached_property
    def entry(self) -> tuple[int, Index]:
        """The explained entry, or the first if none is: its param's position, its index."""
        entries = self.scene.entries
        return entries.get(self.scene.entry) or next(iter(entries.values()))

    @property
    def label(self) -> str:
        """That entry as it is written: x₂."""
        return self.scene.checked.label(*self.entry)

    @property
    def slope(self) -> str:
        """∂L/∂x₂."""
        return gradient_of(self.label)

    @property
    def status(self) -> Status:
        """What the check says of that entry."""
        return self.examined.status(*self.entry)

    @property
    def against(self) -> Disagreement | None:
        """How that entry disagrees with the differences, or None if it does not."""
        return self.examined.disagreement(*self.entry)

    @property
    def numeric(self) -> float:
        """Its central difference at the present step."""
        argument, index = self.entry
        return float(self.examined.central[argument][index])

    @property
    def claimed(self) -> float:
        """What the layer claims for that entry."""
        argument, index = self.entry
        return float(self.examined.passed.grads[argument][index])

    @cached_property
    def patterns(self) -> list[str]:
        """For each param, what its wrong entries have in common; "" if it has none."""
        bug = self.scene.bug
        but = () if bug == NO_BUG else MISTAKES - BUGS[bug].leaves
        return [pattern(result, self.right, but) for result in self.examined.results]

    @property
    def by_rule(self) -> bool:
        """Whether the right layer claims the same gradient of that entry, under this rule."""
        argument, index = self.entry
        return bool(evidence(self.examined.results[argument], self.right).claimed_too[index])

    def curve(self, dtype: DType, steps: tuple[float, ...] = GRID) -> Differences:
        """The differences of that entry at some steps, by default those of GRID."""
        return _differences(self.scene.layer, self.scene.values, *self.entry, dtype, steps)

    def here(self, dtype: DType) -> Differences:
        """The differences of that entry at the present step alone."""
        return self.curve(dtype, (self.scene.step,))

    def best(self, dtype: DType, below: float = inf) -> tuple[float, float] | None:
        """As `Differences.best` for that entry, with the present step among the steps."""
        each = (found.best(self.claimed, below) for found in (self.curve(dtype), self.here(dtype)))
        return min((best for best in each if best), key=lambda best: best[1], default=None)

    @cached_property
    def regimes(self) -> Regimes:
        """The powers of eps in the errors in float64, at steps within which no kink lies."""
        return self.curve("float64").regimes(self.claimed, self.kink or inf)

    @property
    def bracket(self) -> Bracket:
        """The two one-sided derivatives of that entry."""
        return self.point.brackets[self.entry]

    @property
    def kink(self) -> float | None:
        """The smallest step of FINE within which that entry has a kink; None if it has none."""
        return _nearest(self.scene.layer, self.scene.values, *self.entry)

    @cached_property
    def crossings(self) -> list[Crossing]:
        """The kinks within the present step of that entry."""
        layer, values = self.scene.checked, self.scene.values
        return crossed(
            layer.layer(), layer.params(values), *self.entry, self.scene.step, layer.dout(values)
        )

    @cached_property
    def point(self) -> Point:
        """What is true of that entry, and what each rule claims about it."""
        return point(self.right, [self.entry])


@lru_cache(maxsize=64)
def results(scene: CheckScene) -> Results:
    """What the engine says of a scene."""
    # The check does not depend on the explained entry, nor on the seed.
    right, examined = _checked(replace(scene, entry="", seed=0))
    return Results(scene, right, examined)


def to_a_wrong_entry(scene: CheckScene) -> CheckScene:
    """The scene with a wrong entry explained, if any entry is wrong."""
    status = results(scene).examined.status
    wrong = [entry for entry, place in scene.entries.items() if status(*place) == "wrong"]
    return replace(scene, entry=wrong[0]) if wrong and scene.entry not in wrong else scene


@lru_cache(maxsize=64)
def _checked(scene: CheckScene) -> tuple[Trace, Examination]:
    layer, values, kinks = scene.checked, scene.values, RULES[scene.rule].kinks
    params, dout = layer.params(values), layer.dout(values)
    broken = layer.layer if scene.bug == NO_BUG else BUGS[scene.bug].layers[scene.layer]
    return (
        trace(layer.layer(), *params, dout=dout, kinks=kinks),
        examine(broken(), params, dout, kinks, eps=scene.step),
    )


@lru_cache(maxsize=256)
def _differences(
    slug: str,
    values: Values,
    argument: int,
    index: Index,
    dtype: DType,
    steps: tuple[float, ...],
) -> Differences:
    layer, kind = LAYERS[slug], np.dtype[Any](dtype)
    value = Total(layer.layer(), layer.dout(values))
    return differences(value, layer.params(values), argument, index, steps, kind)


@lru_cache(maxsize=256)
def _nearest(slug: str, values: Values, argument: int, index: Index) -> float | None:
    layer, dout = LAYERS[slug], LAYERS[slug].dout(values)
    return nearest(layer.layer(), layer.params(values), argument, index, FINE, dout)
