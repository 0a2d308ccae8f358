"""A failing case as Python that can be typed in again."""

from collections.abc import Iterator

import numpy as np

import engine
from engine.check.student.outcome import Failure, Outcome
from engine.check.student.words import assignment, exact


def calls(failure: Failure, indent: str) -> Iterator[str]:
    """The layer, what it is given, and what is called, down to where it goes wrong."""
    outcome, problem, other = failure.outcome, failure.problems[0], failure.other
    special = failure.special if other is not None else ""
    back = f"layer.backward({outcome.reference.subject.upstream})"
    wrong_behind = problem.method == "backward" or problem.argument >= 0
    if "typed" in outcome.reply:
        yield from _of_another_interface(failure, indent, wrong_behind=wrong_behind)
        return
    if f"{engine.__name__}." in outcome.made:
        yield f"{indent}import {engine.__name__}"
    if other is not None and special in ("again", "after"):
        yield f"{indent}layer = {other.made}"
        yield from _given(other, indent, upstream=True)
        yield f"{indent}layer.{_forward(other)}; {back}"
    if special != "again":
        yield f"{indent}layer = {outcome.made}"
    yield from _given(outcome, indent, upstream=wrong_behind or special == "twin")
    if problem.kind == "differences":
        yield from _moved(failure, indent)
    elif other is not None and special == "twin":
        yield f"{indent}layer.{_forward(outcome)}"
        yield from _given(other, indent, upstream=False)
        yield f"{indent}{other.made}.{_forward(other)}; {back}"
    elif wrong_behind:
        yield f"{indent}layer.{_forward(outcome)}; {back}"
    else:
        yield f"{indent}layer.{_forward(outcome)}"


def _of_another_interface(failure: Failure, indent: str, *, wrong_behind: bool) -> Iterator[str]:
    """The calls that were made in the lab's place."""
    outcome, other = failure.outcome, failure.other
    special = failure.special if other is not None else ""
    lines = outcome.reply["typed"]
    if other is not None and special in ("again", "after") and "typed" in other.reply:
        before = other.reply["typed"]
        yield from _given(other, indent, upstream=True)
        yield from (f"{indent}{line}" for line in (*before["made"], before["forward"]))
        yield f"{indent}{before['back']}"
    yield from _given(outcome, indent, upstream=wrong_behind or special == "twin")
    made = [line for line in lines["made"] if special != "again" or " = " not in line[:8]]
    yield from (f"{indent}{line}" for line in made)
    if not wrong_behind or "for n in" not in lines["back"]:
        yield f"{indent}{lines['forward']}"
    if wrong_behind:
        yield f"{indent}{lines['back']}"


def _moved(failure: Failure, indent: str) -> Iterator[str]:
    """What forward says when one entry is moved to both sides, and what its slope is then."""
    outcome, problem = failure.outcome, failure.problems[0]
    subject = outcome.reference.subject
    name = subject.inputs[problem.argument]
    assert problem.got is not None
    assert problem.expected is not None
    off = np.abs(problem.got - problem.expected)
    entry = ", ".join(map(str, np.unravel_index(off.argmax(), off.shape)))
    yield f"{indent}eps = {exact(failure.step)}"
    for ends, step in (("end", "eps"), ("start", "-2 * eps")):
        yield (
            f"{indent}{name} = {name} + {step}"
            if not entry
            else (f"{indent}{name}[{entry}] += {step}")
        )
        yield f"{indent}{ends} = layer.{_forward(outcome)}"
    slope = f"np.sum((end - start) * {subject.upstream}) / (2 * eps)"
    yield f"{indent}{slope}  # {subject.gradient(problem.argument)}[{entry}]".replace("[]", "")


def _given(outcome: Outcome, indent: str, *, upstream: bool) -> Iterator[str]:
    """The inputs, and what comes from above."""
    subject, case = outcome.reference.subject, outcome.case
    for name, values in zip(subject.inputs, case.inputs, strict=False):
        yield from assignment(name, values, indent, typed=True)
    if case.labels is not None and not case.bound:
        yield from assignment("labels", case.labels, indent, typed=True)
    if upstream:
        yield from assignment(subject.upstream, case.dout, indent, typed=True)


def _forward(outcome: Outcome) -> str:
    case, names = outcome.case, outcome.reference.subject.inputs
    handed = [*names[: len(case.inputs)]]
    if case.labels is not None and not case.bound:
        handed.append("labels")
    return f"forward({', '.join(handed)})"
