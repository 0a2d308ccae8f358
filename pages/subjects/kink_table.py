"""The rules at a kink as a table: who they are, what they claim, what is to be said for it."""

from typing import Final

import numpy as np

from engine import RULES
from engine.arrays import Array
from engine.check.claims import Claim, Point
from pages.figures.words import number
from pages.place import Place
from pages.subjects.kink_info import title_of
from pages.subjects.kink_pass import inputs_of, key_of, looked_at, point_of
from pages.subjects.kink_scene import KinkScene

MARKS: Final = ("✖", "●", "◆", "■", "▲", "★", "⬢")
"""The groups' marks on the picture, as signs."""
SHORT: Final = 12
"""Of more numbers only how many of them are not 0 is written."""


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
                "rule": f"{marks[chosen]} {title_of(chosen, choices)}",
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


def _brackets(claim: Claim, by_key: dict[tuple[int, tuple[int, ...]], Place]) -> str:
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
