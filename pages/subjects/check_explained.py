"""Sentences about one entry of a gradient check: its verdict, its kinks, its step size."""

from collections.abc import Iterator
from typing import Final

from engine import RULES, ReLU
from engine.check.crossed import Crossing
from pages.bugs.table import BUGS
from pages.figures.words import number, signed
from pages.subjects.check_results import Results
from pages.subjects.check_scene import RIGHT
from pages.subjects.check_words import eps_of, slope, small

_VERDICTS: Final = {"kink": "KINK", "wrong": "FAILED"}


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
        if left == right:
            return f"{name}: claimed {claimed}, but the slope is {left} on both sides: FAILED."
        where = "lies between" if against.excused else "lies outside"
        return (
            f"{name}: claimed {claimed} {where} the one-sided derivatives, {left} on the left and "
            f"{right} on the right: {_VERDICTS[status]}."
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
    crossings = found.crossings
    if not crossings:
        return
    for position in dict.fromkeys(crossing.step for crossing in crossings):
        here = [crossing for crossing in crossings if crossing.step == position]
        layer = found.right.steps[position].layer
        said = _gates(found, here) if isinstance(layer, ReLU) else _winners(found, here)
        yield f"{said}: that kink lies within eps = {eps_of(found.scene.step)}."
    if found.examined.status(*found.entry) == "agrees":
        bracket = found.point.brackets[found.entry]
        if bracket.kinked:
            left, right = (signed(round(each, 6)) for each in (bracket.left, bracket.right))
            yield (
                f"So there is no derivative: the slope is {left} on the left, {right} on the "
                "right. The claim is their mean, which a central difference cannot tell from one."
            )


def _gates(found: Results, crossings: list[Crossing]) -> str:
    step = found.right.steps[crossings[0].step]
    letter = found.scene.case.naming.inputs[crossings[0].step][0]
    named = {
        found.scene.case.naming.label(letter, crossing.output): float(
            step.inputs[0][crossing.output]
        )
        for crossing in crossings
    }
    if not any(named.values()):
        return f"{_listed(list(named))} of the ReLU {'is' if len(named) == 1 else 'are'} 0"
    values = _listed([f"{label} = {number(value, 4)}" for label, value in named.items()])
    return f"{values} of the ReLU {'passes' if len(named) == 1 else 'pass'} 0"


def _winners(found: Results, crossings: list[Crossing]) -> str:
    step = found.right.steps[crossings[0].step]
    naming, letter = found.scene.case.naming, found.scene.case.naming.inputs[crossings[0].step][0]
    entries = sorted({entry for crossing in crossings for entry in crossing.entries})
    names = _listed([naming.label(letter, entry) for entry in entries])
    tied = len({float(step.inputs[0][entry]) for entry in entries}) == 1
    return f"{names} {'tie' if tied else 'change places'} in the max pool"


def _origin(found: Results) -> Iterator[str]:
    """Where a wrong entry comes from: the bug, or the rule."""
    argument, index = found.entry
    if found.examined.status(argument, index) != "wrong":
        return
    if found.scene.bug != RIGHT:
        bug = BUGS[found.scene.bug]
        yield f"The bug is “{bug.title}”. {found.patterns[argument]}"
        return
    kinks = RULES[found.scene.rule].kinks
    alike = ", ".join(rule.short for rule in RULES.values() if rule.kinks == kinks)
    composed = found.point.verdict(found.point.claims[kinks]) == "composed"
    yield (
        f"The layer is right: it is the rule ({alike}) that gives {signed(found.claimed)} here"
        + (
            ". At each step it takes a slope that could be: rules composed."
            if composed
            else ", where ties make it send back more than arrives. No derivative is that."
        )
    )


def _steps(found: Results) -> Iterator[str]:
    """How the error goes with the step."""
    claimed, curve, regimes = found.claimed, found.curve("float64"), found.regimes
    best_step, best = curve.best(claimed)
    argument, index = found.entry
    status = found.examined.status(argument, index)
    kink = found.kink
    below = kink or float("inf")
    least = f"{small(best)} at eps = {eps_of(best_step)}" if best else "0"
    if status == "wrong":
        yield f"No eps helps: the error is never below {small(best)}, so the claim is wrong."
    elif not found.claimed and curve.constant:
        yield (
            f"No kink: along {_label(found)} the function is constant here, so that every "
            "difference is exactly 0."
        )
    elif kink and kink <= curve.steps[0]:
        yield "No eps helps: at a kink a central difference is the mean of the two slopes."
    elif curve.straight(below):
        until = f", until a kink lies within eps, from eps = {eps_of(kink)} on" if kink else ""
        exact = curve.exact(claimed, below)
        rest = "every difference is exact" if exact else "all error is rounding, as 1/eps"
        yield (
            f"No truncation: along {_label(found)} the function is a straight line{until}. Before "
            f"that, {rest}."
            if kink
            else f"No truncation: along {_label(found)} the function is a straight line; {rest}."
        )
    elif regimes.central and regimes.forward:
        yield (
            f"Large eps: truncation, which on these axes has slope {regimes.central:.2f} for the "
            f"central difference, {regimes.forward:.2f} for the one-sided. Small eps: rounding, "
            f"which grows as 1/eps. The smallest error is {least}."
        )
    elif kink:
        yield (
            f"From eps = {eps_of(kink)} on a kink lies within eps, and the difference mixes the "
            f"slopes on its two sides; below that the smallest error is {least}."
        )
    else:
        yield f"The smallest error is {least}."


def _float32(found: Results) -> Iterator[str]:
    """Where truncation is seen, what float32 makes of it."""
    if found.examined.status(*found.entry) == "wrong" or not found.regimes.central:
        return
    step, error = found.curve("float32").best(found.claimed)
    yield f"In float32 the smallest error is {small(error)}, at eps = {eps_of(step)}."


def _label(found: Results) -> str:
    argument, index = found.entry
    return found.scene.case.naming.label(found.scene.case.letters[argument], index)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
