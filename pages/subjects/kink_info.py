"""From what the engine says to what the picture of a kink shows."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from engine import RULES
from engine.check.claims import Bracket, Point
from engine.kinks import CHOICES, groups
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
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
"""Keeps a rule's name in one line."""


Chosen: TypeAlias = tuple[Any, ...]
"""What a group of rules chooses, as in `engine.kinks.groups`."""


def title_of(chosen: Chosen, choices: Sequence[str]) -> str:
    """What a group is called: by what it does at ties, or by its slope; a single member by itself.

    choices: the kinds of kink that the choices are for.
    """
    members = groups(choices)[chosen]
    if len(members) == 1:
        return members[0].framework
    for choice, value in zip(choices, chosen, strict=True):
        if CHOICES[choice].of_ties:
            return str(value).capitalize()
    return f"Slope {number(chosen[0])}" if chosen else "Every rule"


def read_kink(scene: KinkScene) -> KinkInfo:
    """The whole picture of a scene."""
    of, inner, entry = scene.of, scene.inner, scene.entry
    inputs = inputs_of(of, inner)
    names = looked_at(of, inner, entry)
    there = point_of(of, inner, tuple(names))
    rows = [_row(name, inputs[name], there) for name in names]
    alike = [
        _group(chosen, there, scene.rule, every=len(rows) == len(inputs)) for chosen in there.claims
    ]
    return KinkInfo(
        _slice(scene, inputs[entry], there),
        rows,
        scene.slopes,
        alike,
        shares_of(inputs[entry], ties(inputs[entry]), [c.kinks for c in there.claims.values()]),
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
    chosen = list(there.claims).index(_chosen(there, rule))
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


def _chosen(there: Point, rule: str) -> Chosen:
    return RULES[rule].kinks.chosen(there.trace.layer.kink_choices)


def _group(chosen: Chosen, there: Point, rule: str, *, every: bool) -> Group:
    """every: whether the bracket of every entry is shown."""
    choices = there.trace.layer.kink_choices
    members = groups(choices)[chosen]
    verdict = there.verdict(there.claims[chosen])
    said = OUTCOMES[verdict]
    if not every:
        said = said.replace("every bracket,", "every bracket shown,")
    who = ", ".join(member.short.replace(" ", NO_BREAK) for member in members)
    if len(members) == 1:
        done = zip(choices, chosen, strict=True)
        ties_first = sorted(done, key=lambda each: not CHOICES[each[0]].of_ties)
        how = ", ".join(CHOICES[choice].describe(value) for choice, value in ties_first)
        who = f"{members[0].operation}: {how}"
    return Group(title_of(chosen, choices), who, verdict, said, _chosen(there, rule) == chosen)
