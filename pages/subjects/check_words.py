"""Words about a gradient check: beside an entry, and about all of them together."""

from typing import Final

from engine.arrays import Index
from engine.check.examination import Status
from pages.bugs.table import BUGS
from pages.figures.words import number
from pages.subjects.check_results import Results
from pages.subjects.check_scene import RIGHT, CheckScene

HIDDEN: Final = (
    "The layer is wrong, but not at this point: every gradient that it claims here agrees. Check "
    "at other points too."
)
_BESIDE: Final[dict[Status, str]] = {
    "closer": "at a closer look",
    "rounded": "but for rounding",
}


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
        whose = "It is no bug" if scene.bug == RIGHT else "The bug does not show at this point"
        said.append(f"{whose}: the rule itself gives that.")
    for letter, result in zip(scene.case.letters, results, strict=True):
        excused = sum(each.excused for each in result.disagreements)
        if excused:
            entries = "1 entry sits" if excused == 1 else f"{excused} entries sit"
            said.append(f"{letter}: {entries} on a kink; the claim lies between its two slopes.")
    if not said and scene.bug != RIGHT:
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
    if scene.bug == RIGHT:
        return "The pattern", "No bug: the layer is the engine's own."
    bug = BUGS[scene.bug]
    return f"The bug: {bug.title}", f"{bug.written}, not {bug.meant}"
