"""Sentences about a gradient check: of every entry, of the explained one, of all together."""

from collections.abc import Iterator
from math import inf
from typing import Final

from engine import RULES
from engine.arrays import Index
from engine.check.crossings import Crossing
from engine.check.examination import Status
from engine.kinks import groups
from pages.bugs.table import BUGS
from pages.figures.words import number, signed
from pages.gradient_check.check_scene import NO_BUG, CheckScene
from pages.gradient_check.results import Results

HIDDEN: Final = (
    "The layer is wrong, but not at this point: every gradient that it claims here agrees. Check "
    "at other points too."
)
_BESIDE: Final[dict[Status, str]] = {
    "closer": "at a closer look",
    "rounded": "but for rounding",
}
_VERDICTS: Final = {"kink": "KINK", "wrong": "FAILED"}


def slope(scene: CheckScene, argument: int, index: Index) -> str:
    """∂L/∂x₂."""
    label = scene.case.naming.label(scene.case.letters[argument], index)
    return f"∂{'L' if scene.case.sent else scene.case.naming.output}/∂{label}"


def small(value: float) -> str:
    """Two significant digits: 2.1e−11, 0.5, 0."""
    return number(value, 2)


def difference(value: float) -> str:
    """−2.1e−11, 0.375: in full where it matters."""
    return number(value, 4 if abs(value) >= 1e-3 else 2)


def eps_of(step: float) -> str:
    """A step: 1e−6, 1.78e−6."""
    return number(step, 3)


def beside(found: Results, argument: int, index: Index, status: Status) -> str:
    """The few words beside an entry."""
    against = found.examined.disagreement(argument, index)
    if against is None:
        return _BESIDE.get(status, "")
    low, high = sorted((round(against.left, 6), round(against.right, 6)))
    if low == high:
        return f"slope is {number(low, 4)}"
    inside = f"[{number(low, 2)}, {number(high, 2)}]"
    return f"in {inside}" if against.excused else f"not in {inside}"


def findings(found: Results) -> list[str]:
    """What is to be said of all entries together."""
    scene, results = found.scene, found.examined.results
    said: list[str] = []
    by_sentence: dict[str, list[str]] = {}
    for letter, sentence in zip(scene.case.letters, found.patterns, strict=True):
        if sentence:
            by_sentence.setdefault(sentence, []).append(letter)
    for sentence, letters in by_sentence.items():
        said.append(f"{' and '.join(letters)}: {sentence}")
    if said and _by_rule(found):
        whose = "It is no bug" if scene.bug == NO_BUG else "The bug does not show at this point"
        said.append(f"{whose}: the rule itself gives that.")
    for letter, result in zip(scene.case.letters, results, strict=True):
        excused = sum(each.excused for each in result.disagreements)
        if excused:
            entries = "1 entry sits" if excused == 1 else f"{excused} entries sit"
            said.append(f"{letter}: {entries} on a kink; the claim lies between its two slopes.")
    if not said and scene.bug != NO_BUG:
        return [HIDDEN]
    closer = sum(
        found.examined.status(argument, index) == "closer"
        for argument, index in scene.entries.values()
    )
    return said or [f"Every entry agrees{f', {closer} only at a closer look' if closer else ''}."]


def _by_rule(found: Results) -> bool:
    """Whether the right layer claims everything that is wrong too."""
    return all(
        each.excused or each.claimed == float(due[each.index])
        for result, due in zip(found.examined.results, found.right.grads, strict=True)
        for each in result.disagreements
    )


def heading(scene: CheckScene) -> tuple[str, str]:
    """What stands over the pattern: which bug, and its line."""
    if scene.bug == NO_BUG:
        return "The pattern", "No bug: the layer is the engine's own."
    bug = BUGS[scene.bug]
    return f"The bug: {bug.title}", f"{bug.written}, not {bug.meant}"


def explanation(found: Results) -> list[str]:
    """What is to be said of the explained entry."""
    if not found.scene.entry:
        return ["Choose an entry to see what the check says about it, and how its error goes."]
    return [_answer(found), *_kinks(found), *_origin(found), *_steps(found), *_float32(found)]


def _answer(found: Results) -> str:
    argument, index = found.entry
    name, claimed = slope(found.scene, argument, index), signed(found.claimed)
    central = signed(float(found.examined.central[argument][index]))
    step = eps_of(found.scene.step)
    status = found.examined.status(argument, index)
    against = found.examined.disagreement(argument, index)
    if against is not None:
        left, right = (signed(round(each, 6)) for each in (against.left, against.right))
        if against.left == against.right:
            return f"{name}: claimed {claimed}, but the slope is {left} on both sides: FAILED."
        where = "lies between" if against.excused else "lies outside"
        return (
            f"{name}: claimed {claimed} {where} the one-sided derivatives, {left} on the left and "
            f"{right} on the right: {_VERDICTS[status]}."
        )
    if status == "closer" and found.bracket.kinked:
        return (
            f"{name}: claimed {claimed}. The central difference with eps = {step} says {central}; "
            "with other steps it agrees with the claim, so the check passes it, though the slopes "
            "on the two sides differ."
        )
    if status == "closer":
        return (
            f"{name}: claimed {claimed}. The central difference with eps = {step} says {central}; "
            "other steps agree with the claim on both sides, so the check passes it."
        )
    if status == "rounded":
        return (
            f"{name}: claimed {claimed}. The central difference with eps = {step} says {central}, "
            "which is as near as rounding lets it be."
        )
    return f"{name}: claimed {claimed}, and the central difference says the same."


def _kinks(found: Results) -> Iterator[str]:
    """Which kinks lie within the step, and whether a central difference can see them."""
    within = f"that kink lies within eps = {eps_of(found.scene.step)}."
    for position in dict.fromkeys(crossing.step for crossing in found.crossings):
        here = [crossing for crossing in found.crossings if crossing.step == position]
        alone = all(len(crossing.entries) == 1 for crossing in here)
        said = _passing(found, here) if alone else _winners(found, here)
        yield f"{said}: {within}"
    bracket = found.bracket
    if bracket.kinked and found.examined.disagreement(*found.entry) is None:
        left, right = (signed(round(each, 6)) for each in (bracket.left, bracket.right))
        yield (
            f"So there is no derivative: the slope is {left} on the left, {right} on the "
            "right. The claim is their mean, which a central difference cannot tell from one."
        )


def _passing(found: Results, crossings: list[Crossing]) -> str:
    step = found.right.steps[crossings[0].step]
    name = step.layer.words.name
    letter = found.scene.case.naming.inputs[crossings[0].step][0]
    named = {
        found.scene.case.naming.label(letter, crossing.output): float(
            step.inputs[0][crossing.output]
        )
        for crossing in crossings
    }
    if not any(named.values()):
        return f"{_listed(list(named))} of the {name} {'is' if len(named) == 1 else 'are'} 0"
    values = _listed([f"{label} = {number(value, 4)}" for label, value in named.items()])
    return f"{values} of the {name} {'passes' if len(named) == 1 else 'pass'} 0"


def _winners(found: Results, crossings: list[Crossing]) -> str:
    step = found.right.steps[crossings[0].step]
    naming = found.scene.case.naming
    letters = naming.inputs[crossings[0].step]
    said: dict[str, None] = {}
    for entries in dict.fromkeys(crossing.entries for crossing in crossings):
        names = _listed([naming.label(letters[argument], entry) for argument, entry in entries])
        tied = len({float(step.inputs[argument][entry]) for argument, entry in entries}) == 1
        said[f"{names} {'tie' if tied else 'change places'}"] = None
    return f"{'; '.join(said)} in the {step.layer.words.name}"


def _origin(found: Results) -> Iterator[str]:
    """Where a wrong entry comes from: the bug, or the rule."""
    argument, index = found.entry
    if found.examined.status(argument, index) != "wrong":
        return
    if found.scene.bug != NO_BUG and not found.by_rule:
        bug = BUGS[found.scene.bug]
        yield f"The bug is “{bug.title}”. {found.patterns[argument]}"
        return
    whose = "The layer is right" if found.scene.bug == NO_BUG else "The bug does not show here"
    choices = found.right.layer.kink_choices
    chosen = RULES[found.scene.rule].kinks.chosen(choices)
    alike = ", ".join(rule.short for rule in groups(choices)[chosen])
    composed = found.point.verdict(found.point.claims[chosen]) == "composed"
    yield (
        f"{whose}: it is the rule ({alike}) that gives {signed(found.claimed)} here"
        + (
            ". At each step it takes a slope that could be: rules composed."
            if composed
            else ", where ties make it send back more than arrives. No derivative is that."
        )
    )


def _steps(found: Results) -> Iterator[str]:
    """How the error goes with the step."""
    claimed, curve, regimes = found.claimed, found.curve("float64"), found.regimes
    against = found.examined.disagreement(*found.entry)
    kink = found.kink
    if kink and kink <= curve.steps[0] and not found.bracket.kinked:
        kink = None  # it is here, but along this entry it makes no difference
    below = kink or inf
    best = found.best("float64", below)
    least = best and f"the smallest error is {small(best[1])}, at eps = {eps_of(best[0])}"
    if against and not against.excused:
        off = small(abs(claimed - (against.left + against.right) / 2))
        yield (
            f"A smaller eps does not help: the error tends to {off}, not to 0, so the claim is "
            "wrong."
        )
    elif found.bracket.kinked:
        if against:
            yield (
                "A smaller eps does not help: at a kink a central difference tends to the mean of "
                "the two slopes."
            )
    elif not claimed and curve.constant:
        yield (
            f"No kink: along {_label(found)} the function is constant here, so that every "
            "difference is exactly 0."
        )
    elif _is_piecewise_linear(found) and curve.straight(below):
        until = f", until a kink lies within eps, from eps = {eps_of(kink)} on" if kink else ""
        exact = curve.exact(claimed, below)
        rest = "every difference is exact" if exact else "all error is rounding, as 1/eps"
        yield (
            f"No truncation: along {_label(found)} the function is a straight line{until}. Before "
            f"that, {rest}."
            if kink
            else f"No truncation: along {_label(found)} the function is a straight line; {rest}."
        )
    elif kink:
        said = (
            f"From eps = {eps_of(kink)} on a kink lies within eps, and the difference mixes the "
            "slopes on its two sides"
        )
        if curve.exact(claimed, below):
            said += "; below that every difference is exact"
        elif least:
            said += f"; below that {least}"
        yield f"{said}."
    elif found.kink is None and regimes.truncation:
        yield (
            f"Large eps: truncation, which on these axes has slope {regimes.central:.2f} for the "
            f"central difference, {regimes.forward:.2f} for the one-sided. Small eps: rounding, "
            "which grows as 1/eps." + (f" {_as_sentence(least)}" if least else "")
        )
    elif least:
        yield _as_sentence(least)


def _is_piecewise_linear(found: Results) -> bool:
    return all(step.layer.straight for step in found.right.steps)


def _as_sentence(said: str) -> str:
    return f"{said[0].upper()}{said[1:]}."


def _float32(found: Results) -> Iterator[str]:
    """Where truncation is seen, what float32 makes of it."""
    if found.examined.status(*found.entry) == "wrong" or not found.regimes.truncation:
        return
    best = found.best("float32")
    if best:
        yield f"In float32 the smallest error is {small(best[1])}, at eps = {eps_of(best[0])}."


def _label(found: Results) -> str:
    argument, index = found.entry
    return found.scene.case.naming.label(found.scene.case.letters[argument], index)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
