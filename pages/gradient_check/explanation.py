"""The texts about a gradient check: beside each entry, about the explained one, about all."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Final

from engine import RULES
from engine.arrays import Index
from engine.check.crossings import Crossing
from engine.check.examination import Status
from engine.check.gradient import CheckResult, Disagreement
from engine.check.patterns import evidence
from engine.kinks import called, groups
from pages.bugs.table import BUGS
from pages.explain.sentences import loss_lines
from pages.figures.words import number, signed
from pages.gradient_check.check_scene import NO_BUG, CheckScene
from pages.gradient_check.results import Results
from pages.language.catalogue import as_sentence, listed, say, words_of

VERDICTS: Final = {"kink": "KINK", "wrong": "FAILED"}
ROUNDED: Final = 1e-7
"""Smaller steps may be lost in rounding; if one from here on disagrees, a smaller one may agree."""
NOISE: Final = 1e-6  # what rounding may make of a slope of 0, relative to the entry's largest slope
MATTERS: Final = 1e-3  # errors and slopes from here on are written with more digits
LONG: Final = 10  # from here on four decimals of a slope have no room beside a row, and matter less
CLOSER: Final = 9  # digits of a difference that with fewer would look like what the layer gives


def small(value: float) -> str:
    """An error, with more digits if it is large enough to matter: 2.1e−11, 0.375, 0."""
    return number(value, 4 if abs(value) >= MATTERS else 2)


def step_of(value: float) -> str:
    """A step: 1e−6, 1.78e−6."""
    return number(value, 3)


# --- about every entry, and about all together


def beside(found: Results, argument: int, index: Index, status: Status) -> str:
    """The few words beside an entry."""
    against = found.examined.disagreement(argument, index)
    if against is None and status == "closer":
        return say("beside.closer" if is_coarse(found) else "beside.closer.other")
    if against is None:
        return say("beside.rounded") if status == "rounded" else ""
    left, right = _sides(against)
    if left == right:
        return say("beside.slope", slope=_slope_as_in_its_cell(left))
    low, high = sorted((left, right))
    bracket = f"[{number(low, 2)}, {number(high, 2)}]"
    return say("beside.inside" if against.excused else "beside.outside", bracket=bracket)


def _sides(against: Disagreement) -> list[float]:
    """The one-sided derivatives of an entry that disagrees."""
    return _without_noise(against.left, against.right, against.claimed)[:2]


def _without_noise(*slopes: float) -> list[float]:
    """The slopes of one entry; those that rounding alone may have made of 0 are 0."""
    least = NOISE * max(map(abs, slopes))
    return [slope if abs(slope) > least else 0.0 for slope in slopes]


def _slope_as_in_its_cell(slope: float) -> str:
    """A slope, written as in the cell beside it: with four decimals, if there is room for them."""
    if abs(slope) < MATTERS:
        return signed(slope, 2)
    return signed(round(slope, 4), 6 if abs(slope) < LONG else 4)


def is_coarse(found: Results) -> bool:
    """Whether a closer look takes a smaller step than the present one."""
    return found.scene.step >= ROUNDED


def _other(found: Results) -> str:
    return say("closer.smaller" if is_coarse(found) else "closer.other")


def heading(scene: CheckScene) -> tuple[str, str]:
    """The heading over the pattern: which bug there is, and its line of code."""
    if scene.bug == NO_BUG:
        return say("heading.right"), say("heading.right.code")
    bug = BUGS[scene.bug]
    written, meant = bug.lines(scene.layer)
    code = say("heading.bug.code", written=written, meant=meant)
    return say("heading.bug", bug=bug.title), code


def findings(found: Results) -> list[str]:
    """The sentences about all entries together that the explanation does not say already."""
    scene, results = found.scene, found.examined.results
    by_pattern: dict[str, list[str]] = {}
    by_rule: list[str] = []
    explained = False
    for letter, result, pattern in zip(scene.checked.letters, results, found.patterns, strict=True):
        if pattern and _origin_is_told(found, result, pattern):
            explained = True
        elif pattern and evidence(result, found.right).by_rule:
            by_rule.append(letter)
        elif pattern:
            by_pattern.setdefault(pattern, []).append(letter)
    said = [
        say("finding.pattern", letters=say("list.and").join(letters), pattern=pattern)
        for pattern, letters in by_pattern.items()
    ]
    if by_rule:
        key = "finding.rule" if scene.bug == NO_BUG else "finding.rule.bug"
        said.append(say(key, letters=say("list.and").join(by_rule)))
    for letter, result in zip(scene.checked.letters, results, strict=True):
        if excused := sum(each.excused for each in result.disagreements):
            said.append(say("finding.kink", excused, letter=letter))
    if said or explained:
        return said
    if scene.bug != NO_BUG:
        return [say("finding.hidden")]
    status = found.examined.status
    closer = sum(status(*entry) == "closer" for entry in scene.entries.values())
    return [say("finding.closer" if closer else "finding.agrees", closer, other=_other(found))]


def _origin_is_told(found: Results, result: CheckResult, pattern: str) -> bool:
    """Whether the explanation already says where the wrong entries of a param come from."""
    if not found.scene.entry or found.status != "wrong":
        return False
    if found.by_rule:
        return result.parameter == found.entry[0] and evidence(result, found.right).by_rule
    return pattern == _pattern_of_bug(found)


# --- about the explained entry


def explanation(found: Results) -> list[str]:
    """The sentences about the explained entry."""
    if not found.scene.entry:
        return [say("check.choose")]
    lines = [_comparison(found), *_kinks(found), *_origin(found), *_steps(found), *_float32(found)]
    return lines + loss_lines(found.scene.checked.function)


def _cause(found: Results) -> str:
    """Why the central difference is off at this step: a word that ends a key of the catalogue."""
    if found.crossings:
        return "kink"
    return "coarse" if is_coarse(found) else "fine"


def _comparison(found: Results) -> str:
    """The claimed gradient against the central difference, and which of the two is right."""
    against, key = found.against, f"check.{found.status}"
    if against is not None and against.left == against.right:
        key = "check.wrong"
    elif against is not None:
        key = "check.inside" if against.excused else "check.outside"
    elif found.status == "closer" and found.bracket.kinked:
        key = "check.closer.kinked"
    left, right = map(signed, _sides(against)) if against else ("", "")
    claimed, numeric = signed(found.claimed), signed(found.numeric)
    if claimed == numeric and found.status == "closer":
        numeric = signed(found.numeric, CLOSER)
    return say(
        key,
        other=_other(found),
        because=say(f"closer.{_cause(found)}"),
        slope=found.slope,
        claimed=claimed,
        numeric=numeric,
        step=step_of(found.scene.step),
        left=left,
        right=right,
        verdict=VERDICTS.get(found.status),
    )


def _kinks(found: Results) -> Iterator[str]:
    """Which kinks lie within the step, and whether a central difference fails to see one."""
    for position in dict.fromkeys(crossing.step for crossing in found.crossings):
        here = [crossing for crossing in found.crossings if crossing.step == position]
        alone = all(len(crossing.entries) == 1 for crossing in here)
        crossings = _passing(found, here) if alone else _winners(found, here)
        yield say("crossing", crossings=crossings, step=step_of(found.scene.step))
    bracket = found.bracket
    if bracket.kinked and found.against is None:
        left, right = map(signed, _without_noise(bracket.left, bracket.right))
        yield say("crossing.mean", left=left, right=right)


def _passing(found: Results, crossings: Sequence[Crossing]) -> str:
    step, naming = found.right.steps[crossings[0].step], found.scene.checked.naming
    letter = naming.into(crossings[0].step)
    values = {
        naming.label(letter, crossing.output): float(step.inputs[0][crossing.output])
        for crossing in crossings
    }
    zero = not any(values.values())
    each = values if zero else (f"{label} = {number(x, 4)}" for label, x in values.items())
    key = "crossing.zero" if zero else "crossing.passing"
    return say(key, len(values), entries=listed(each), unit=words_of(step.layer).name)


def _winners(found: Results, crossings: Sequence[Crossing]) -> str:
    step, naming = found.right.steps[crossings[0].step], found.scene.checked.naming
    letters = naming.inputs[crossings[0].step]
    said: dict[str, None] = {}
    for entries in dict.fromkeys(crossing.entries for crossing in crossings):
        names = listed(naming.label(letters[argument], entry) for argument, entry in entries)
        tied = len({step.inputs[argument][entry] for argument, entry in entries}) == 1
        said[say("crossing.tie" if tied else "crossing.change", entries=names)] = None
    return say("crossing.inside", crossings="; ".join(said), unit=words_of(step.layer).name)


def _pattern_of_bug(found: Results) -> str:
    """What the wrong entries of the explained entry's param have in common, if a bug causes it."""
    by_bug = found.scene.bug != NO_BUG and not found.by_rule
    return found.patterns[found.entry[0]] if by_bug else ""


def _origin(found: Results) -> Iterator[str]:
    """Where the gradient of a wrong entry comes from: the bug, or the rule."""
    if found.status != "wrong":
        return
    scene = found.scene
    if pattern := _pattern_of_bug(found):
        yield say("origin.bug", bug=BUGS[scene.bug].title, pattern=pattern)
        return
    choices = found.right.layer.kink_choices
    chosen = RULES[scene.rule].kinks.chosen(choices)
    composed = found.point.verdict(found.point.claims[chosen]) == "composed"
    alike = groups(choices)[chosen]
    yield say(
        "origin.composed" if composed else "origin.ties",
        layer=say("origin.right" if scene.bug == NO_BUG else "origin.hidden"),
        rules=", ".join(dict.fromkeys(called(rule, alike) for rule in alike)),
        claimed=signed(found.claimed),
    )


def _steps(found: Results) -> Iterator[str]:
    """How the error depends on the step."""
    claimed, curve, regimes = found.claimed, found.curve("float64"), found.regimes
    against, kink = found.against, found.kink
    if kink and kink <= curve.steps[0]:
        kink = None  # it is here: the bracket is about it, unless it makes no difference here
    below = kink or inf
    best = found.best("float64", below)
    least = say("step.least", error=small(best[1]), step=step_of(best[0])) if best else ""
    exact = say("step.exact") if curve.exact(claimed, below) else ""
    if against and not against.excused:
        key = "step.rule" if found.by_rule else "step.wrong"
        yield say(key, error=small(abs(claimed - (against.left + against.right) / 2)))
    elif against or found.bracket.kinked:
        if against:
            yield say("step.kink")
    elif not claimed and curve.constant:
        key = "step.constant.kink" if found.crossings else "step.constant"
        yield say(key, entry=found.label)
    elif all(step.layer.straight for step in found.right.steps) and curve.straight(below):
        key = "step.straight.kink" if kink else "step.straight"
        error = exact or say("step.rounding")
        yield say(key, entry=found.label, kink=step_of(below), error=error)
    elif kink:
        error = exact or least
        yield say("step.mixed.below" if error else "step.mixed", kink=step_of(kink), error=error)
    elif regimes.truncation:
        central, one_sided = f"{regimes.central:.2f}", f"{regimes.forward:.2f}"
        growth = say("step.truncation", central=central, one_sided=one_sided)
        yield f"{growth} {as_sentence(least)}" if least else growth
    elif least:
        yield as_sentence(least)


def _float32(found: Results) -> Iterator[str]:
    """The smallest error in float32, if truncation can be seen."""
    if found.status == "wrong" or not found.regimes.truncation:
        return
    if best := found.best("float32"):
        yield say("step.float32", error=small(best[1]), step=step_of(best[0]))
