"""A failing case as Python that can be typed in again."""

from collections.abc import Iterator

from engine.check.student.outcome import Failure, Outcome
from engine.check.student.questions.cases import Case
from engine.check.student.words import assignment


def calls(failure: Failure, indent: str) -> Iterator[str]:
    """The layer, what it is given, and what is called, down to where it goes wrong."""
    outcome, problem = failure.outcome, failure.problems[0]
    case, other = outcome.case, failure.other
    back = f"layer.backward({outcome.reference.subject.upstream})"
    made = outcome.made
    yield f"{indent}layer = {made}"
    if other is not None and failure.special == "again":
        yield from _given(outcome, other, indent, upstream=True)
        yield f"{indent}layer.{_forward(outcome)}; {back}"
    wrong_behind = problem.method == "backward" or problem.argument >= 0
    yield from _given(outcome, case, indent, upstream=wrong_behind or failure.special == "twin")
    if other is not None and failure.special == "twin":
        yield f"{indent}layer.{_forward(outcome)}"
        yield from _given(outcome, other, indent, upstream=False)
        yield f"{indent}{made}.{_forward(outcome)}; {back}"
    elif wrong_behind:
        yield f"{indent}layer.{_forward(outcome)}; {back}"
    else:
        yield f"{indent}layer.{_forward(outcome)}"


def _given(outcome: Outcome, case: Case, indent: str, *, upstream: bool) -> Iterator[str]:
    """The inputs, and what comes from above."""
    subject = outcome.reference.subject
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
