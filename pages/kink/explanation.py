"""The sentences at a kink: whether it is one and why, which rules are right, what is unknown."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from engine import Gate
from engine.arrays import Index, nonzero_at
from engine.check.precision import same
from engine.kinks import EVERYBODY
from pages.explain.sentences import loss_lines
from pages.figures.kink_info import BracketRow, KinkInfo, RuleGroup
from pages.figures.words import name, number, signed
from pages.kink.results import DRAWN, Results
from pages.language.catalogue import listed, say, words_of

NAMED_MOST: Final = 3  # how many things a list names; the rest are counted


def explanation(found: Results, info: KinkInfo) -> list[str]:
    """Return the sentences about a scene, one string per line; the first line is the answer."""
    why = "; ".join(islice(_reasons(found), NAMED_MOST))
    lines = [
        _derivatives(found, info.rows),
        f"{why}." if why and not found.point.constant else "",
        " ".join(_verdicts(info)),
        _central(found, info.groups),
        " ".join(_not_computed(found)),
    ]
    return [line for line in lines if line] + loss_lines(found.chosen.function)


def _derivatives(found: Results, rows: Sequence[BracketRow]) -> str:
    """Return the sentence about the chosen entry's derivative, or its two one-sided ones."""
    entry, bracket = found.chosen, found.bracket
    left, right = signed(bracket.left), signed(bracket.right)
    if found.point.constant:
        return say("kink.constant", because=_because(found))
    if bracket.kinked:
        return say("kink.kink", slope=entry.slope, left=left, right=right)
    if found.point.smooth and found.point.subgradients is not None:
        return say("kink.smooth", slope=entry.slope, value=left)
    along = [row.label.rpartition("∂")[2] for row in rows if row.kinked]
    return say(
        "kink.elsewhere" if along else "kink.along",
        entry=entry.name,
        slope=entry.slope,
        value=left,
        entries=listed(along, NAMED_MOST),
    )


def _because(found: Results) -> str:
    """Return why the output does not change at all, even if entries look tied."""
    if not found.trace.dout.any():
        return say("kink.zero")
    shut = next((tie for tie in found.ties if tie.shut), None)
    if shut is None:
        steps = ((step.gates, step.dout) for step in found.trace.steps)
        met = [gate for gates, dout in steps if gates is not None for gate in gates[dout != 0]]
        inactive = met and all(gate is Gate.CLOSED for gate in met)
        return say("kink.inactive" if inactive else "kink.unreached")
    reads, naming = found.trace.steps[shut.step].reads, found.naming
    arguments = dict.fromkeys(argument for argument, _ in shut.entries)
    letters = (naming.inputs[shut.step][each] for each in arguments)
    before = (naming.into(reads[each] - found.trace.outside) for each in arguments)
    return say("kink.shut", len(shut.entries), letter=_arrays(letters), before=_arrays(before))


def _arrays(letters: Iterable[str]) -> str:
    """Return the names of arrays, each once."""
    return listed(map(name, dict.fromkeys(letters)))


def _reasons(found: Results) -> Iterator[str]:
    """Yield which units are at their kink and which entries tie, wherever a gradient arrives."""
    trace = found.trace.under(EVERYBODY)
    for position, step in enumerate(trace.steps):
        by_value: dict[float, list[Index]] = {}
        if step.gates is not None:
            for index in nonzero_at(step.kinked[0]):
                by_value.setdefault(float(step.inputs[0][index]), []).append(index)
        for value, at in by_value.items():
            yield say(
                "kink.unit",
                len(at),
                entries=_named(found, position, at),
                value=number(value),
                unit=words_of(step.layer).name,
            )
    for tie in found.ties:
        if not tie.shut:
            value = float(trace.steps[tie.step].output[tie.output])
            entries = listed(tie.labels(found.naming), NAMED_MOST)
            yield say("kink.tie", entries=entries, value=number(value))


def _named(found: Results, step: int, entries: Sequence[Index]) -> str:
    """Return the names of entries of a step's first input."""
    letter = found.naming.into(step)
    return listed((found.naming.label(letter, index) for index in entries), NAMED_MOST)


def _verdicts(info: KinkInfo) -> Iterator[str]:
    """Yield for each outcome the rules that have it, and what it means here."""
    for outcome in dict.fromkeys(group.outcome for group in info.groups):
        members = [i for i, group in enumerate(info.groups) if group.outcome == outcome]
        key, claims = f"verdict.{outcome}", ""
        if outcome == "derivative" and len(members) == len(info.groups):
            key = "verdict.derivative.everybody"
        elif outcome == "not jointly" and info.left_out:
            key = "verdict.not jointly.shown"
        elif outcome in ("nothing", "outside", "composed"):
            claims = _outside(info, members)
        who, why = _titles(info, members), _sum(info, members)
        yield say(key, len(members), who=who, claims=claims, sum=why)
        if outcome == "subgradient":
            yield from islice(_valid_outside(info, members), 1)


def _titles(info: KinkInfo, members: Sequence[int]) -> str:
    return listed((info.groups[each].title for each in members), NAMED_MOST)


def _outside(info: KinkInfo, members: Sequence[int]) -> str:
    """Return what these rules claim of the first entry whose bracket their claim is outside of."""
    claims: dict[tuple[str, float], list[int]] = {}
    for member in members:
        row = next(row for row in info.rows if member in row.outside)
        claims.setdefault((row.entry, row.claims[member]), []).append(member)
    return "; ".join(
        say(
            "verdict.claim.kinked" if row.kinked else "verdict.claim",
            who=_titles(info, who),
            slope=row.label,
            claim=signed(value),
            truth=row.interval() if row.kinked else signed(row.left),
        )
        for (entry, value), who in claims.items()
        for row in [info.row(entry)]
    )


def _valid_outside(info: KinkInfo, members: Sequence[int]) -> Iterator[str]:
    """Yield each entry whose bracket a valid subgradient is outside of."""
    for row in info.rows:
        for member in row.beside & {*members}:
            yield say(
                "verdict.beside",
                who=info.groups[member].title,
                slope=row.label,
                claim=signed(row.claims[member]),
                bracket=row.interval(),
            )


def _sum(info: KinkInfo, members: Sequence[int]) -> str:
    """Return the sum of a tie's shares, if it is not 1."""
    sums = {sum(info.shares.parts[member]) for member in members if info.shares.parts}
    if len(sums) != 1 or sums == {1.0}:
        return ""
    entries = listed(info.shares.labels, NAMED_MOST)
    return say("verdict.sum", entries=entries, sum=number(sums.pop()))


def _central(found: Results, groups: Sequence[RuleGroup]) -> str:
    """Return the central difference at a kink, and which rules claim the same of this entry."""
    bracket, claims = found.bracket, found.point.claims.values()
    if not bracket.kinked:
        return ""
    alike = [
        group.title
        for group, claim in zip(groups, claims, strict=True)
        if same(claim.at(found.inputs[found.name]), bracket.central)
    ]
    return say(
        "kink.central" if alike else "kink.central.nobody",
        len(alike),
        value=signed(bracket.central),
        slope=found.chosen.slope,
        who=listed(alike, NAMED_MOST),
    )


def _not_computed(found: Results) -> Iterator[str]:
    if found.point.subgradients is None:
        yield say("kink.uncomputed")
    if found.slice is None:
        yield say("kink.bends")
    open_ties = [len(tie.entries) for tie in found.ties if not tie.shut]
    if open_ties and open_ties[0] not in DRAWN:
        yield say("kink.shares", open_ties[0])
