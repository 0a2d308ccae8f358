"""What was found, for programs: one JSON object."""

import math
from typing import Any

from engine.check.student.judge import Judgement
from engine.check.student.outcome import Failure
from engine.check.student.problem import Problem
from engine.check.student.questions.cases import Case
from engine.check.student.run import Result
from engine.check.student.wire import Message, Numbers

FIELDS = """\
fields of --json:
  file, verdict ("PASSED", "FAILED" or "NOT CHECKED"), status (0, 1 or 3),
  error (null, or sentence and place, when the file could not be run), left
  (sentences on what of it was not run), missing (names), imported and alike
  (name: what is there instead), classes: for each name in the file
    is            which of ours it is; taken: sentences on how it is called and
                  where its weights and gradients are, where not as the lab's
    verdict       "PASSED", "FAILED" or "NOT CHECKED" (another interface)
    cases         how many counted; failing: how many of them failed
    sentence      why no case was run, else null
    mend_first    of a ConvBlock the parts that failed themselves
    first_failure null, or: feature, point, constructor settings, inputs,
                  labels, upstream (the gradient from above), other (null, or
                  what another pass was given, and which: of the same instance
                  before it, "again", of another in between, "twin", or of
                  another before it, "after"), alone (whether it fails without
                  all that was asked before it), and problems, the first one
                  first: kind ("raises", "ended", "odd", "count", "shape",
                  "numbers", "changed", "differences"), method, quantity,
                  sentence, got, expected, place (file, line, text, function)
    patterns      sentences, each true of all the cases that it speaks of
    at_kinks      null, or: relu_at_zero, pool_ties ("all", "first", "split",
                  "last"), rules (slugs of engine.RULES that do the same),
                  sentences
    gradient_check  for each gradient the Frobenius norm of the largest
                  difference that passed; "inf" where a check failed
    notes         sentences
    checked       names of features; not_offered: feature: why
  Numbers that JSON has not are the strings "nan", "inf" and "-inf"."""


def record(result: Result) -> Message:
    """All of it; whatever is not there is null or empty, never left out."""
    return {
        "file": str(result.file),
        "verdict": result.verdict,
        "status": result.status,
        "error": result.error,
        "left": list(result.left),
        "missing": list(result.missing),
        "imported": dict(result.imported),
        "alike": dict(result.alike),
        "classes": {
            each.name: {**_class(each), "mend_first": list(result.beneath(each))}
            for each in result.judgements
        },
    }


def _class(judgement: Judgement) -> Message:
    followed = judgement.followed
    first = judgement.failures[0] if judgement.failures else None
    return {
        "is": judgement.subject,
        "taken": list(judgement.taken),
        "verdict": judgement.verdict,
        "cases": judgement.cases,
        "failing": len(judgement.failures),
        "sentence": judgement.why or None,
        "first_failure": None if first is None else _failure(first),
        "patterns": list(judgement.patterns),
        "at_kinks": None
        if followed is None
        else {
            "relu_at_zero": followed.relu_at_zero,
            "pool_ties": followed.pool_ties,
            "rules": list(followed.slugs),
            "sentences": list(followed.sentences),
        },
        "gradient_check": {name: _finite(each) for name, each in judgement.checks.items()},
        "notes": list(judgement.notes),
        "checked": list(judgement.offered),
        "not_offered": judgement.refused,
    }


def _failure(failure: Failure) -> Message:
    outcome = failure.outcome
    case, subject = outcome.case, outcome.reference.subject

    def problem(each: Problem) -> Message:
        return {
            "kind": each.kind,
            "method": each.method,
            "quantity": each.quantity or None,
            "sentence": each.sentence,
            "got": _plain(each.got),
            "expected": _plain(each.expected),
            "place": each.place,
        }

    def given(case: Case) -> Message:
        return {
            "inputs": {
                name: _plain(each) for name, each in zip(subject.inputs, case.inputs, strict=False)
            },
            "labels": _plain(case.labels),
            "upstream": _plain(case.dout),
        }

    other = failure.other
    return {
        "feature": outcome.feature.name,
        "point": case.point,
        "settings": dict(case.settings),
        **given(case),
        "other": None
        if other is None
        else {"pass": failure.special, "settings": dict(other.case.settings), **given(other.case)},
        "alone": failure.alone,
        "problems": [problem(each) for each in failure.problems],
    }


def _plain(array: Numbers | None) -> Any:
    return None if array is None else _finite(array.tolist())


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return value if math.isfinite(value) else str(value)
