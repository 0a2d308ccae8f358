"""What was found, for people: plain text in 80 columns, each class's verdict first."""

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from engine.check.student.judge import Judgement
from engine.check.student.outcome import Failure
from engine.check.student.patterns.search import UNKNOWN
from engine.check.student.replay import calls
from engine.check.student.run import Result
from engine.check.student.wire import Message
from engine.check.student.words import (
    WIDTH,
    assignment,
    case_title,
    listed,
)

INDENT = "  "


def report(result: Result) -> str:
    """All of it."""
    lines: list[str] = []
    if result.error is not None:
        lines += _wrapped(f"{result.file.name}: {result.error['sentence']}", "")
        lines += _place(result.error.get("place"), INDENT)
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
    shown = judgement.failures[0].problems[0].sentence if judgement.failures else ""
    told = [each for each in judgement.patterns if not _says_the_same(each, shown)]
    known = [each for each in told if not each.startswith(UNKNOWN)]
    raised = [each for each in known if " raises " in each]  # what is raised comes before where
    for pattern in known:
        if pattern not in raised:
            yield from _wrapped(f"pattern: {pattern}")
    if judgement.failures:
        yield from _failure(judgement.failures[0])
    for pattern in raised:
        yield from _wrapped(f"pattern: {pattern}")
    for pattern in told:
        if pattern not in known and not beneath:
            yield from _wrapped(pattern)
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
    """What is offered, a line for each form of the inputs in which there is anything to ask."""
    alone = [form for form, what in judgement.forms.items() if form and what == [""]]
    if formless := [*judgement.forms.get("", ()), *alone]:
        yield from _wrapped(f"checked: {'; '.join(formless)}")
    for form, what in judgement.forms.items():
        if form and form not in alone:
            yield from _wrapped(f"checked with {form}: {'; '.join(filter(None, what))}")


def _says_the_same(pattern: str, shown: str) -> bool:
    return shown.startswith(pattern) or (" writes into " in shown and pattern.startswith(shown))


def _verdict(judgement: Judgement) -> str:
    cases = f"{judgement.cases} case{'s' * (judgement.cases != 1)}"
    name = judgement.name
    if judgement.subject not in ("", name):
        name = f"{name} (as {judgement.subject})"
    match judgement.verdict:
        case "PASSED":
            return f"{name}: PASSED in {cases}"
        case "FAILED" if judgement.failures:
            wrong = len(
                [each for each in judgement.failures if each.special not in ("again", "twin")]
            )
            if not wrong:
                return f"{name}: FAILED, though right in {cases} taken one by one"
            return f"{name}: FAILED in {wrong} of {cases}"
        case verdict:
            return f"{name}: {verdict}"


def _failure(failure: Failure) -> Iterator[str]:
    """The first failing case, as it can be typed in again, and what was wrong with it."""
    yield from _wrapped(f"first failing case: {case_title(failure.outcome)}")
    deep = INDENT * 2
    yield from calls(failure, deep)
    if not failure.alone:
        yield from _wrapped(
            "typed in by itself this case is right: it went wrong after all that was asked before "
            "it (is something left over in a class attribute, a global?)"
        )
    for each in failure.problems:
        yield from _wrapped(f"-> {each.sentence}")
    yield from _place(failure.problems[0].place, deep)
    for each in failure.problems:
        if each.got is not None and each.expected is not None:
            yield from assignment(f"got      {each.quantity}", each.got, deep)
            yield from assignment(f"expected {each.quantity}", each.expected, deep)


def _place(place: Message | None, indent: str) -> Iterator[str]:
    """Their line, with its text."""
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
    if result.missing:
        counts = ", which is no failure" if result.judgements else ""
        yield from _wrapped(f"missing{counts}: {listed(result.missing)}", "")


def _last(result: Result) -> str:
    """The verdict on the file."""
    if result.error is not None:
        return "FAILED: the file could not be run"
    wrong = [each.name for each in result.judgements if each.verdict == "FAILED"]
    right = [each.name for each in result.judgements if each.verdict == "PASSED"]
    other = [each.name for each in result.judgements if each.verdict == "NOT CHECKED"]
    said = [
        f"{word}: {listed(names)}"
        for word, names in (("FAILED", wrong), ("passed", right), ("not checked", other))
        if names
    ]
    if said:
        first, colon, names = "; ".join(said).partition(":")
        return f"{first.upper()}{colon}{names}"
    return (
        "FAILED: nothing to check; the file needs a class with one of these names, "
        "with the methods forward and backward"
    )


def _wrapped(text: str, indent: str = INDENT) -> Sequence[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
