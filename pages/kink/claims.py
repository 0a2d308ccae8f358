"""What is true at a kink and what each rule claims there, as the picture and the table show it."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from engine import RULES, slopes
from engine.arrays import Array
from engine.check.claims import Bracket, Claim, Point
from engine.kinks import CHOICES, Kinks, groups
from pages.explain.entry import Entry
from pages.figures.kink_info import KinkInfo, Line, Row, RuleGroup, Shares, SliceInfo
from pages.figures.words import number
from pages.kink.kink_scene import KinkScene
from pages.kink.point import (
    DRAWN,
    Tie,
    drawn,
    inputs_of,
    key_of,
    looked_at,
    movable,
    point_of,
    slice_of,
    ties,
)

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
MARKS: Final = ("✖", "●", "◆", "■", "▲", "★", "⬢")
"""The groups' marks on the picture, as signs."""
SHORT: Final = 12
"""Of more numbers only how many of them are not 0 is written."""


def _title_of(chosen: Chosen, choices: Sequence[str]) -> str:
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
        _shares(inputs[entry], ties(inputs[entry]), [c.kinks for c in there.claims.values()]),
        len(inputs) - len(rows),
    )


def _function_of(place: Entry) -> str:
    """What the slice shows: z; L = Σ dz·z where the outputs are several, or weighted."""
    trace, output, function = place.trace, place.naming.output, place.function
    if output in function:
        return function
    if trace.output.ndim == 0:
        return f"{function} = {number(float(trace.dout))}·{output}"
    return f"{function} = Σ d{output}·{output}"


def _slice(scene: KinkScene, place: Entry, there: Point) -> SliceInfo:
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
        function=_function_of(place),
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


def _lines(place: Entry, bracket: Bracket, there: Point, rule: str) -> list[Line]:
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


def _row(name: str, place: Entry, there: Point) -> Row:
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


def _group(chosen: Chosen, there: Point, rule: str, *, every: bool) -> RuleGroup:
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
    return RuleGroup(_title_of(chosen, choices), who, verdict, said, _chosen(there, rule) == chosen)


def _shares(place: Entry, there: Sequence[Tie], alike: Sequence[Kinks]) -> Shares:
    """What part of a tie's gradient each group of rules gives to each: of the first open tie."""
    tie = next((tie for tie in there if not tie.shut), None)
    if tie is None or len(tie.entries) not in DRAWN:
        return Shares((), "", ())
    naming = place.naming
    labels = tuple(naming.label(naming.into(tie.step), index) for index in tie.entries)
    parts = [slopes(place.trace.under(kinks), tie.step, tie.output)[0] for kinks in alike]
    given = tuple(tuple(float(part[index]) for index in tie.entries) for part in parts)
    return Shares(labels, naming.label(naming.into(tie.step + 1), tie.output), given)


def kink_table(scene: KinkScene) -> list[dict[str, str]]:
    """A row for each of RULES that states the choices of this pass, by column."""
    inputs = inputs_of(scene.of, scene.inner)
    names = looked_at(scene.of, scene.inner, scene.entry)
    there = point_of(scene.of, scene.inner, tuple(names))
    by_key = {key_of(inputs[name]): inputs[name] for name in names}
    letters = [f"d{letter}" for letter in next(iter(inputs.values())).naming.inputs[0]]
    choices = there.trace.layer.kink_choices
    marks = {chosen: MARKS[i % len(MARKS)] for i, chosen in enumerate(there.claims)}
    yes = "yes" if len(names) == len(inputs) else "yes, where shown"
    rows = []
    for rule in RULES.values():
        if not rule.kinks.states(choices):
            continue
        chosen = rule.kinks.chosen(choices)
        claim = there.claims[chosen]
        rows.append(
            {
                "rule": f"{marks[chosen]} {_title_of(chosen, choices)}",
                "framework": f"{rule.framework} {rule.version}".strip(),
                "operation": rule.operation,
                **dict(zip(letters, map(_numbers, claim.grads), strict=True)),
                "in every bracket": _brackets(claim, by_key) or yes,
                "jointly a subgradient": _jointly(claim, there),
                "central difference agrees": yes if claim.central else "no",
            }
        )
    return rows


def _numbers(grad: Array) -> str:
    if grad.size > SHORT:
        return f"{np.count_nonzero(grad)} of {grad.size} nonzero"
    each = [number(float(value)) for value in grad.ravel()]
    return each[0] if grad.size == 1 else ", ".join(each)


def _brackets(claim: Claim, by_key: dict[tuple[int, tuple[int, ...]], Entry]) -> str:
    """Which entry's bracket does not hold its claim; "" for none."""
    if not claim.outside:
        return ""
    first, *others = [by_key[key].name for key in claim.outside]
    return f"no: outside at {first}" + (f" and {len(others)} more" if others else "")


def _jointly(claim: Claim, there: Point) -> str:
    if claim.jointly is None:
        return "not computed"
    if not claim.jointly:
        return "no: rules composed" if there.verdict(claim) == "composed" else "no"
    return "yes, the derivative" if there.smooth else "yes"
