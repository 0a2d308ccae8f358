"""From what the engine says to what the picture of a kink shows."""

from typing import Final

import numpy as np

from engine import RULES, Rule
from engine.check.brackets import Bracket
from engine.check.claims import Point
from engine.kinks import Kinks
from pages.figures.kink_info import Group, KinkInfo, Line, Row, SliceInfo
from pages.figures.words import number
from pages.place import Place
from pages.subjects.kink_pass import (
    drawn,
    inputs_of,
    key_of,
    looked_at,
    movable,
    point_of,
    slice_of,
)
from pages.subjects.kink_scene import KinkScene
from pages.subjects.kink_shares import shares_of, ties

OUTCOMES: Final = {
    "derivative": "the derivative",
    "subgradient": "a subgradient",
    "not jointly": "in every bracket, but not jointly",
    "composed": "rules composed, no derivative",
    "nothing": "no derivative at all",
    "inside": "in every bracket shown",
    "outside": "outside a bracket",
}
TIES: Final = {
    "all": "each of a tie gets all",
    "first": "the first of a tie gets all",
    "split": "a tie gets equal shares",
}
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
"""Keeps a rule's name in one line."""


def grouped() -> dict[Kinks, list[Rule]]:
    """The rules that do the same at kinks, together, in the order of RULES."""
    groups: dict[Kinks, list[Rule]] = {}
    for rule in RULES.values():
        groups.setdefault(rule.kinks, []).append(rule)
    return groups


def title_of(kinks: Kinks) -> str:
    """What a group is called: by what it does at ties; one that has but one member by that."""
    members = grouped()[kinks]
    return kinks.pool_ties.capitalize() if len(members) > 1 else members[0].framework


def read_kink(scene: KinkScene) -> KinkInfo:
    """The whole picture of a scene."""
    of, inner, entry = scene.of, scene.inner, scene.entry
    inputs = inputs_of(of, inner)
    names = looked_at(of, inner, entry)
    there = point_of(of, inner, tuple(names))
    rows = [_row(name, inputs[name], there) for name in names]
    groups = [
        _group(kinks, there, scene.rule, every=len(rows) == len(inputs)) for kinks in there.claims
    ]
    return KinkInfo(
        _slice(scene, inputs[entry], there),
        rows,
        scene.slopes,
        groups,
        shares_of(inputs[entry], ties(inputs[entry]), list(there.claims)),
        len(inputs) - len(rows),
    )


def function_of(place: Place) -> str:
    """What the slice shows: z; L = Σ dz·z where the outputs are several, or weighted."""
    trace, output, function = place.trace, place.naming.output, place.function
    if output in function:
        return function
    if trace.output.ndim == 0:
        return f"{function} = {number(float(trace.dout))}·{output}"
    return f"{function} = Σ d{output}·{output}"


def _slice(scene: KinkScene, place: Place, there: Point) -> SliceInfo:
    along = slice_of(scene.of, scene.inner, scene.entry)
    bracket = there.brackets[key_of(place)]
    at, values = ([], []) if along is None else (along.at.tolist(), along.values.tolist())
    kinks = (
        []
        if along is None
        else [pair for pair in zip(at, values, strict=True) if pair[0] in along.kinks]
    )
    height = float(np.vdot(place.trace.output, place.trace.dout))
    return SliceInfo(
        entry=scene.entry,
        label=place.name,
        function=function_of(place),
        reach=drawn(scene.inner, scene.entry),
        movable=movable(scene.inner, scene.entry),
        heights=scene.heights,
        at=at,
        values=values,
        kinks=kinks,
        point=(place.value, height),
        left=bracket.left,
        right=bracket.right,
        kinked=bracket.kinked,
        lines=_lines(place, bracket, there, scene.rule),
    )


def _lines(place: Place, bracket: Bracket, there: Point, rule: str) -> list[Line]:
    """The slopes that are claimed, each once; and that of a central difference."""
    by_slope: dict[str, tuple[float, list[int]]] = {}
    chosen = list(there.claims).index(RULES[rule].kinks)
    for group, claim in enumerate(there.claims.values()):
        slope = claim.at(key_of(place))
        by_slope.setdefault(number(slope), (slope, []))[1].append(group)
    central = number(bracket.central)
    by_slope.setdefault(central, (bracket.central, []))
    lines = [
        Line(slope, tuple(groups), said == central, chosen in groups)
        for said, (slope, groups) in by_slope.items()
    ]
    return sorted(lines, key=lambda line: -line.slope)


def _row(name: str, place: Place, there: Point) -> Row:
    key = key_of(place)
    bracket = there.brackets[key]
    strays = [i for i, claim in enumerate(there.claims.values()) if key in claim.outside]
    fits = [claim.jointly is True for claim in there.claims.values()]
    function = place.function if len(place.function) <= 2 else ""
    return Row(
        name,
        f"∂{function}/∂{place.name}",
        bracket.left,
        bracket.right,
        bracket.kinked,
        tuple(claim.at(key) for claim in there.claims.values()),
        frozenset(i for i in strays if not fits[i]),
        frozenset(i for i in strays if fits[i]),
    )


def _group(kinks: Kinks, there: Point, rule: str, *, every: bool) -> Group:
    """every: whether the bracket of every entry is shown."""
    members = grouped()[kinks]
    verdict = there.verdict(there.claims[kinks])
    said = OUTCOMES[verdict]
    if not every:
        said = said.replace("every bracket,", "every bracket shown,")
    who = ", ".join(member.short.replace(" ", NO_BREAK) for member in members)
    if len(members) == 1:
        slope = number(kinks.relu_at_zero)
        who = f"{members[0].operation}: {TIES[kinks.pool_ties]}, slope of ReLU at 0 is {slope}"
    return Group(title_of(kinks), who, verdict, said, RULES[rule].kinks == kinks)
