"""Sentences about a kink, computed from the case."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np

from engine.arrays import Index
from engine.check.claims import Point, same
from engine.kinks import EVERYBODY
from pages.explain.entry import Entry
from pages.figures.kink_info import KinkInfo, Row, RuleGroup
from pages.figures.words import number, signed
from pages.kink.kink_scene import KinkScene
from pages.kink.point import DRAWN, Tie, inputs_of, key_of, looked_at, point_of, slice_of, ties

MANY: Final = 3
"""Of more things than these the others are counted."""


def sentences(scene: KinkScene, info: KinkInfo) -> list[str]:
    """What is to be said about a scene, a line each; the first line is the answer."""
    place = inputs_of(scene.of, scene.inner)[scene.entry]
    there = point_of(scene.of, scene.inner, tuple(looked_at(scene.of, scene.inner, scene.entry)))
    tied = ties(place)
    why = "; ".join(islice(_reasons(place, tied), MANY))
    lines = [
        _answer(place, there, info.rows, tied),
        f"{why}." if why and not there.constant else "",
        " ".join(_verdicts(info)),
        _central(place, there, info.groups),
        " ".join(_not_computed(scene, there, tied)),
    ]
    return [line for line in lines if line]


def _listed(things: Iterable[str]) -> str:
    """a, b and c; of very many the first, and how many more."""
    every = list(things)
    if len(every) > MANY + 1:
        every = [*every[:MANY], f"{len(every) - MANY} more"]
    return " and ".join(part for part in (", ".join(every[:-1]), *every[-1:]) if part)


def _answer(place: Entry, there: Point, rows: Sequence[Row], tied: Sequence[Tie]) -> str:
    bracket = there.brackets[key_of(place)]
    if there.constant:
        return f"No kink: {place.function} is constant here{_because(place, tied)}."
    if bracket.kinked:
        left, right = signed(bracket.left), signed(bracket.right)
        return f"A kink: {place.slope} is {left} from the left and {right} from the right."
    slope = f"{place.slope} = {signed(bracket.left)}"
    if there.smooth and there.subgradients is not None:
        return f"No kink: {slope} from both sides."
    along = [_entry(row) for row in rows if row.kinked]
    elsewhere = f"; there is one along {_listed(along)}" if along else ""
    return f"No kink along {place.name}: {slope} from both sides{elsewhere}."


def _because(place: Entry, tied: Sequence[Tie]) -> str:
    """Why nothing changes: what looks like a tie is none that could be broken."""
    if not place.trace.dout.any():
        return ": nothing is sent back"
    shut = next((tie for tie in tied if tie.shut), None)
    if shut is None:
        return ": every gate that a gradient arrives at is closed"
    letter, before = place.naming.into(shut.step), place.naming.into(shut.step - 1)
    count = len(shut.entries)
    return f": {count} entries of {letter} tie at 0, but every {before} behind them is negative"


def _reasons(place: Entry, tied: Sequence[Tie]) -> Iterator[str]:
    """Which units are at their kink, and who ties for a maximum, where a gradient arrives."""
    trace, naming = place.trace.under(EVERYBODY), place.naming
    for position, step in enumerate(trace.steps):
        found = [tuple(map(int, index)) for index in np.argwhere(step.kinked[0])]
        found = [index for index in found if step.layer.gate(index, step.run.cache)]
        by_value: dict[float, list[Index]] = {}
        for index in found:
            by_value.setdefault(float(step.inputs[0][index]), []).append(index)
        for value, at in by_value.items():
            names = [naming.label(naming.into(position), index) for index in at]
            unit = step.layer.words.name
            kink = f"the kink of its {unit}" if len(names) == 1 else f"a {unit}'s kink"
            yield f"{_listed(names)} {'is' if len(names) == 1 else 'are'} {number(value)}, {kink}"
    for tie in tied:
        if not tie.shut:
            step = trace.steps[tie.step]
            names = [naming.label(naming.into(tie.step), index) for index in tie.entries]
            yield f"{_listed(names)} tie at {number(float(step.output[tie.output]))}"


def _verdicts(info: KinkInfo) -> Iterator[str]:
    """For each outcome whose claims have it, and what that means here."""
    for outcome in dict.fromkeys(group.outcome for group in info.groups):
        members = [i for i, group in enumerate(info.groups) if group.outcome == outcome]
        who = _listed(info.groups[i].title for i in members)
        alone = len(members) == 1
        if outcome == "derivative":
            everybody = len(members) == len(info.groups)
            yield f"{'Every rule gives' if everybody else who + ' give' + 's' * alone} that."
        elif outcome == "subgradient":
            yield f"{who} give{'s' * alone} a subgradient.{_beside(info, members)}"
        elif outcome == "not jointly":
            shown = " that is shown" * bool(info.left_out)
            yield f"{who}: every entry{shown} in its bracket, but not jointly{_sum(info, members)}."
        elif outcome == "nothing":
            yield f"{_outside(info, members)}: no derivative at all."
        elif outcome == "outside":
            yield f"{_outside(info, members)}."
        elif outcome == "inside":
            yield f"{who}: in every bracket that is shown."
        else:
            yield (
                f"{_outside(info, members)}. At each step that slope is allowed; rules composed "
                "give no derivative here, and none of them has a bug."
            )


def _outside(info: KinkInfo, members: Sequence[int]) -> str:
    """Who claims what of the first entry whose bracket does not hold it: those alike together."""
    claims: dict[tuple[str, float], list[int]] = {}
    rows = {row.entry: row for row in info.rows}
    for member in members:
        row = next(row for row in info.rows if member in row.outside)
        claims.setdefault((row.entry, row.claims[member]), []).append(member)
    said = []
    for (entry, value), who in claims.items():
        row = rows[entry]
        names = _listed(info.groups[each].title for each in who)
        truth = f"it is {signed(row.left)} from both sides"
        if row.kinked:
            truth = f"its bracket is {_interval(row)}"
        said.append(f"{names}: {row.label} = {signed(value)}, but {truth}")
    return "; ".join(said)


def _beside(info: KinkInfo, members: Sequence[int]) -> str:
    """Where a subgradient leaves the bracket of an entry."""
    for row in info.rows:
        for member in row.beside & {*members}:
            return (
                f" {info.groups[member].title}: {row.label} = {signed(row.claims[member])} lies "
                f"outside its bracket {_interval(row)}; together with the other entries it is a "
                "subgradient all the same."
            )
    return ""


def _sum(info: KinkInfo, members: Sequence[int]) -> str:
    """What the shares of a tie sum to, if not to 1."""
    sums = {sum(info.shares.parts[member]) for member in members if info.shares.parts}
    if len(sums) != 1 or sums == {1.0}:
        return ""
    return f": the shares of {_listed(info.shares.labels)} sum to {number(sums.pop())}, not to 1"


def _interval(row: Row) -> str:
    """[0, 1]."""
    return f"[{', '.join(map(number, sorted((row.left, row.right))))}]"


def _central(place: Entry, there: Point, groups: Sequence[RuleGroup]) -> str:
    """What a central difference says at a kink, and who says the same of this entry."""
    key = key_of(place)
    bracket = there.brackets[key]
    if not bracket.kinked:
        return ""
    alike = [
        group.title
        for group, claim in zip(groups, there.claims.values(), strict=True)
        if same(claim.at(key), bracket.central)
    ]
    who = f"as {_listed(alike)} do{'es' * (len(alike) == 1)}" if alike else "as no rule does"
    return f"A central difference says {signed(bracket.central)} for {place.slope}, {who}."


def _not_computed(scene: KinkScene, there: Point, tied: Sequence[Tie]) -> Iterator[str]:
    if there.subgradients is None:
        yield (
            "More meets here than is looked at: whether all entries of a claim fit together is not "
            "computed."
        )
    if slice_of(scene.of, scene.inner, scene.entry) is None:
        yield "The output bends too often along this entry to be drawn."
    open_ties = [len(tie.entries) for tie in tied if not tie.shut]
    if open_ties and open_ties[0] not in DRAWN:
        yield f"{open_ties[0]} entries tie: their shares are drawn for two or three."


def _entry(row: Row) -> str:
    return row.label.rpartition("∂")[2]
