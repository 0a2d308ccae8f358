"""Reports what was found: as text in 80 columns, each class's verdict first, or as JSON."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

import engine
from engine.grader.cases import Case
from engine.grader.judge import Judgement
from engine.grader.outcome import CHECKING, Failure, Outcome, Problem
from engine.grader.patterns import Pattern
from engine.grader.student_file import Result
from engine.grader.wire import Json, Numbers
from engine.grader.words import assignment, case_title, exact, listed, wrapped

INDENT = "  "
LAYER = re.compile(r"^layer\b")
ASSIGNED = re.compile(r"\S+, \S+ = ")


def report(result: Result) -> str:
    """Return the whole report as text."""
    lines: list[str] = []
    if result.error is not None:
        lines += _wrapped(f"{result.file.name}: {result.error['sentence']}", "")
        lines += _place(result.error["place"], INDENT)
    for sentence in result.left:
        lines += _wrapped(f"note: {sentence}", "")
    for judgement in result.judgements:
        lines += [*_class(judgement, result.beneath(judgement)), ""]
    lines += _missing(result)
    lines += _wrapped(_last(result), "")
    return "\n".join(lines)


def _class(judgement: Judgement, beneath: Sequence[str]) -> Iterator[str]:
    yield _verdict(judgement)
    if beneath:
        has, them = ("has", "it") if len(beneath) == 1 else ("have", "them")
        yield from _wrapped(
            f"{listed(beneath)} {has} failed: if this one is made of {them}, mend {them} first"
        )
    if judgement.why:
        yield from _wrapped(judgement.why)
    if judgement.taken:
        yield from _wrapped(f"taken as: {'; '.join(judgement.taken)}")
    told = [each for each in judgement.found if not _is_shown(each, judgement.failures)]
    for each in told:
        if each.known and not each.raised:
            yield from _wrapped(f"pattern: {each.sentence}")
    if judgement.failures:
        yield from _failure(judgement.failures[0])
    for each in told:
        if each.raised:  # what is raised comes before where it is
            yield from _wrapped(f"pattern: {each.sentence}")
    for each in told:
        if not each.known and not beneath:
            yield from _wrapped(each.sentence)
    for sentence in judgement.followed.sentences if judgement.followed else ():
        yield from _wrapped(sentence)
    if judgement.checks:
        checks = (
            f"{name} {'FAILED' if math.isinf(worst) else f'PASSED ({worst:.1e})'}"
            for name, worst in judgement.checks.items()
        )
        at = f" with {judgement.checked_for}" if judgement.checked_for else ""
        yield from _wrapped(f"gradient check{at}: {', '.join(checks)}")
    for note in judgement.notes:
        yield from _wrapped(f"note: {note}")
    yield from _checked(judgement)
    for reason, names in _by_reason(judgement.refused).items():
        yield from _wrapped(f"not offered: {'; '.join(names)}: {reason}")


def _checked(judgement: Judgement) -> Iterator[str]:
    """Yield what is offered, on a line for each form of the inputs in which anything is asked."""
    alone = [form for form, what in judgement.forms.items() if form and what == [""]]
    if formless := [*judgement.forms.get("", ()), *alone]:
        yield from _wrapped(f"checked: {'; '.join(formless)}")
    for form, what in judgement.forms.items():
        if form and form not in alone:
            yield from _wrapped(f"checked with {form}: {'; '.join(filter(None, what))}")


def _is_shown(pattern: Pattern, failures: Sequence[Failure]) -> bool:
    """Whether the failure that is shown, the first one, already says the same."""
    if not failures:
        return False
    shown, said = failures[0].problems[0], pattern.sentence
    same = shown.sentence.startswith(said)
    return same or (shown.kind == "changed" and said.startswith(shown.sentence))


def _verdict(judgement: Judgement) -> str:
    cases = f"{judgement.cases} case{'' if judgement.cases == 1 else 's'}"
    name, verdict = judgement.name, judgement.verdict
    if judgement.topic not in ("", name):
        name = f"{name} (as {judgement.topic})"
    if verdict == "PASSED":
        return f"{name}: PASSED in {cases}"
    if not judgement.failures:
        return f"{name}: {verdict}"
    wrong = sum(each.special not in ("again", "twin") for each in judgement.failures)
    if not wrong:
        return f"{name}: FAILED, though right in {cases} taken one by one"
    return f"{name}: FAILED in {wrong} of {cases}"


AFTERWARDS: Final = (
    "went wrong after all that was asked before it (is something left over in a class attribute, "
    "a global?)"
)
ONCE_MORE: Final = "goes wrong where forward is called again (is something left over in the layer?)"


def _failure(failure: Failure) -> Iterator[str]:
    """Yield the first failing case, as it can be typed in again, and what was wrong with it."""
    yield from _wrapped(f"first failing case: {case_title(failure.outcome)}")
    deep = INDENT * 2
    yield from calls(failure, deep)
    if not failure.alone:
        when = ONCE_MORE if failure.outcome.reply.get("at") == CHECKING else AFTERWARDS
        yield from _wrapped(f"typed in by itself this case is right: it {when}")
    for each in failure.problems:
        yield from _wrapped(f"-> {each.sentence}")
    yield from _place(failure.problems[0].place, deep)
    for each in failure.problems:
        if each.got is not None and each.expected is not None:
            yield from assignment(f"got      {each.quantity}", each.got, deep)
            yield from assignment(f"expected {each.quantity}", each.expected, deep)


def _place(place: Json | None, indent: str) -> Iterator[str]:
    """Yield the student's line, with its text."""
    if place is not None:
        text = f": {place['text']}" if place["text"] else ""
        yield from _wrapped(f"{place['file']}, line {place['line']}{text}", indent)


def _by_reason(refused: Mapping[str, str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, reason in refused.items():
        grouped.setdefault(reason, []).append(name)
    return grouped


def _missing(result: Result) -> Iterator[str]:
    for name, other in result.imported.items():
        yield from _wrapped(f"{name} comes from {other}: it is not in the file, not checked", "")
    for name, other in result.alike.items():
        yield from _wrapped(f"{name} is missing; is {other} meant?", "")
    if result.others:
        others = (
            f"not checked, as no layer that is known here is called so: {listed(result.others)}"
        )
        yield from _wrapped(others, "")
    if result.missing:
        counts = ", which is no failure" if result.judgements else ""
        yield from _wrapped(f"missing{counts}: {listed(result.missing)}", "")


def _last(result: Result) -> str:
    """Return the verdict on the file."""
    if result.error is not None:
        return "FAILED: the file could not be run"
    words = {"FAILED": "FAILED", "PASSED": "passed", "NOT CHECKED": "not checked"}
    said = [
        f"{word}: {listed(names)}"
        for verdict, word in words.items()
        if (names := [each.name for each in result.judgements if each.verdict == verdict])
    ]
    if said:
        first, colon, rest = "; ".join(said).partition(":")
        return f"{first.upper()}{colon}{rest}"
    return (
        "FAILED: nothing to check; the file needs a class with one of these names, "
        "with the methods forward and backward, or two functions: linear_forward and "
        "linear_backward, say"
    )


def _wrapped(text: str, indent: str = INDENT) -> Sequence[str]:
    return wrapped(text, indent, indent + INDENT)


# A failing case as Python that can be typed in again


def calls(failure: Failure, indent: str) -> Iterator[str]:
    """Yield the layer, its inputs, and what is called, up to where it goes wrong."""
    outcome, problem = failure.outcome, failure.problems[0]
    special, other = failure.special, failure.other
    back = f"layer.backward({outcome.topic.upstream if outcome.takes_dout else ''})"
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
        yield from _forgotten(failure, indent)
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
    """Yield the calls that were made instead of the lab's."""
    outcome, special, other = failure.outcome, failure.special, failure.other
    lines = outcome.reply["typed"]
    if other is not None and special in ("again", "after") and "typed" in other.reply:
        before = other.reply["typed"]
        yield from _given(other, indent, upstream=True)
        for line in (*before["made"], before["forward"], before["back"]):
            yield f"{indent}{line}"
        yield from _forgotten(failure, indent)
    yield from _given(outcome, indent, upstream=wrong_behind)
    made = lines["made"]
    if special == "again":  # the instance, which is made first, is the same
        made = made[1:]
    for line in made:
        yield f"{indent}{line}"
    if not wrong_behind or not lines["back"].startswith(lines["forward"]):
        yield f"{indent}{lines['forward']}"
    if other is not None and special == "twin" and "typed" in other.reply:
        between = other.reply["typed"]
        yield from _given(other, indent, upstream=False)
        for line in (*between["made"], ASSIGNED.sub("", between["forward"])):
            yield f"{indent}{LAYER.sub('another', line)}"
        if {*outcome.topic.inputs} & {*re.findall(r"\w+", lines["back"])}:
            yield from _given(outcome, indent, upstream=False)
    if wrong_behind:
        yield f"{indent}{lines['back']}"


def _forgotten(failure: Failure, indent: str) -> Iterator[str]:
    """Yield the call with which a layer clears its first pass, if it has such a method."""
    if name := failure.outcome.reply.get("anew"):
        yield f"{indent}layer.{name}()"


def _moved(failure: Failure, indent: str) -> Iterator[str]:
    """Yield what forward gives with one entry moved to both sides, and the slope from that."""
    outcome, problem = failure.outcome, failure.problems[0]
    topic = outcome.topic
    name = topic.inputs[problem.argument]
    entry = ", ".join(map(str, np.unravel_index(problem.off.argmax(), problem.off.shape)))
    yield f"{indent}eps = {exact(failure.step)}"
    for ends, step in (("end", "eps"), ("start", "-2 * eps")):
        moved = f"{name}[{entry}] += {step}" if entry else f"{name} = {name} + {step}"
        yield f"{indent}{moved}"
        yield f"{indent}{ends} = layer.{_forward(outcome)}"
    slope = f"np.sum((end - start) * {topic.upstream}) / (2 * eps)"
    yield f"{indent}{slope}  # {topic.gradient(problem.argument)}[{entry}]".replace("[]", "")


def _given(outcome: Outcome, indent: str, *, upstream: bool) -> Iterator[str]:
    """Yield the inputs, and the upstream gradient."""
    topic, case = outcome.topic, outcome.case
    for name, values in zip(topic.inputs, case.inputs, strict=False):
        yield from assignment(name, values, indent, typed=True)
    if case.handed is not None:
        yield from assignment("labels", case.handed, indent, typed=True)
    if upstream and outcome.takes_dout:
        yield from assignment(topic.upstream, case.dout, indent, typed=True)


def _forward(outcome: Outcome) -> str:
    names = outcome.topic.inputs[: len(outcome.case.inputs)]
    labels = () if outcome.case.handed is None else ("labels",)
    return f"forward({', '.join((*names, *labels))})"


# For programs

FIELDS = """\
fields of --json:
  file, verdict ("PASSED", "FAILED" or "NOT CHECKED"), status (0, 1 or 3),
  error (null, or sentence and place, when the file could not be run), left
  (sentences on what of it was not run), missing (names), others (layers by
  their methods, but none of ours by their names), imported and alike (name:
  what is there instead), classes: for each name in the file
    is            which of ours it is; taken: sentences on how it is called and
                  where its weights and gradients are, where not as the lab's
    verdict       "PASSED", "FAILED" or "NOT CHECKED" (another interface)
    cases         how many counted; failing: how many failures there are, of
                  these and of a second pass of one (see other)
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
                  difference that passed; "inf" where a check failed; none where
                  other cases alone show that it is wrong
    notes         sentences
    checked       names of features; not_offered: feature: why
  Numbers that JSON has not are the strings "nan", "inf" and "-inf"."""


def record(result: Result) -> Json:
    """Return everything, for JSON; what is not there is null or empty, never left out."""
    return {
        "file": str(result.file),
        "verdict": result.verdict,
        "status": result.status,
        "error": result.error,
        "left": list(result.left),
        "missing": list(result.missing),
        "others": list(result.others),
        "imported": dict(result.imported),
        "alike": dict(result.alike),
        "classes": {
            each.name: {**_class_record(each), "mend_first": list(result.beneath(each))}
            for each in result.judgements
        },
    }


def _class_record(judgement: Judgement) -> Json:
    followed, failures = judgement.followed, judgement.failures
    return {
        "is": judgement.topic,
        "taken": list(judgement.taken),
        "verdict": judgement.verdict,
        "cases": judgement.cases,
        "failing": len(failures),
        "sentence": judgement.why or None,
        "first_failure": _failure_record(failures[0]) if failures else None,
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


def _failure_record(failure: Failure) -> Json:
    outcome = failure.outcome
    case, topic = outcome.case, outcome.topic

    def problem(each: Problem) -> Json:
        return {
            "kind": each.kind,
            "method": each.method,
            "quantity": each.quantity or None,
            "sentence": each.sentence,
            "got": _plain(each.got),
            "expected": _plain(each.expected),
            "place": each.place,
        }

    def given(case: Case) -> Json:
        named = zip(topic.inputs, case.inputs, strict=False)
        return {
            "settings": dict(case.settings),
            "inputs": {name: _plain(each) for name, each in named},
            "labels": _plain(case.labels),
            "upstream": _plain(case.dout),
        }

    other = failure.other
    return {
        "feature": outcome.feature.name,
        "point": case.point,
        **given(case),
        "other": None if other is None else {"pass": failure.special, **given(other.case)},
        "alone": failure.alone,
        "problems": [problem(each) for each in failure.problems],
    }


def _plain(array: Numbers | None) -> Any:
    return None if array is None else _finite(array.tolist())


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return value if math.isfinite(value) else str(value)
