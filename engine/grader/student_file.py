"""Checks a student's file from beginning to end: loads it, examines its classes, judges them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.grader.examine import Examiner
from engine.grader.judge import Judgement, Verdict, judge, not_checked, with_confirmed
from engine.grader.process import EndedError, StudentProcess
from engine.grader.questions import PARTS, SETTINGS, topic
from engine.grader.wire import Description, Json, Raised


@dataclass(frozen=True, eq=False)
class Result:
    """What was found in a file."""

    file: Path
    judgements: tuple[Judgement, ...] = ()
    missing: tuple[str, ...] = ()  # names of the engine's classes that the file lacks
    imported: Mapping[str, str] = field(default_factory=dict)  # those that it takes from elsewhere
    alike: Mapping[str, str] = field(default_factory=dict)  # those that it spells differently
    error: Json | None = None  # why it could not even be run: {"sentence", "place"}
    left: tuple[str, ...] = ()  # what was not run of the file, in sentences
    others: tuple[str, ...] = ()  # classes with the methods of a layer, but with the name of none

    @property
    def verdict(self) -> Verdict:
        """FAILED if anything is wrong, or nothing is there; NOT CHECKED if none could be called."""
        verdicts = {each.verdict for each in self.judgements}
        if self.error is not None or not verdicts or "FAILED" in verdicts:
            return "FAILED"
        return "PASSED" if "PASSED" in verdicts else "NOT CHECKED"

    @property
    def status(self) -> int:
        """The exit status of the command."""
        return {"PASSED": 0, "FAILED": 1, "NOT CHECKED": 3}[self.verdict]

    def beneath(self, judgement: Judgement) -> tuple[str, ...]:
        """Return the parts of a failed block that have failed too: they may be what is wrong.

        Whether a block really uses them is not known.
        """
        if judgement.name != "ConvBlock" or judgement.verdict != "FAILED":
            return ()
        failed = {each.name for each in self.judgements if each.verdict == "FAILED"}
        return tuple(name for name in PARTS if name in failed)


def check_file(file: Path, timeout: float) -> Result:
    """Run the file in a process of its own, and return a verdict on each of its layers.

    timeout: seconds, for running the file; for each class for trying how it is called, for its
    cases, and for each time that its first failure is repeated. Never raises for anything that the
    file does.
    """
    with StudentProcess(file, SETTINGS, timeout) as process:
        return check_in(process, file, timeout)


def check_in(process: StudentProcess, file: Path, timeout: float) -> Result:
    """Do the same in a process that exists already."""
    try:
        loaded = process.load()
    except EndedError as ended:
        loaded = _definitions(process)
        if not loaded.get("layers"):
            return Result(file, error={"sentence": ended.how, "place": ended.place})
        loaded["left"].append(f"the file {ended.how}: only what it defines was run")
    if "error" in loaded:
        raised = Raised(**loaded["error"])
        return Result(file, error={"sentence": raised.words, "place": raised.place})
    names, layers = loaded["classes"], loaded["layers"]
    told = [*layers, *(name for name, each in names.items() if "problem" in each)]
    order = sorted(told, key=[*SETTINGS, *told].index)
    described = {
        name: _described(name, layers[name], process, timeout)
        if name in layers
        else {"topic": name, **names[name]}
        for name in order
    }
    process.end()  # what trying has left behind in the student's code must not affect the exam
    judgements = tuple(
        _judged({**about, "name": name}, process, timeout, name not in layers)
        for name, about in described.items()
    )
    covered = {each.topic for each in judgements}
    return Result(
        file,
        judgements,
        missing=tuple(name for name in SETTINGS if name not in covered and name not in names),
        imported={name: each["imported"] for name, each in names.items() if "imported" in each},
        alike={name: each["alike"] for name, each in names.items() if "alike" in each},
        left=tuple(loaded["left"]),
        others=tuple(name for name, each in names.items() if "other" in each),
    )


def _definitions(process: StudentProcess) -> Json:
    """Return what a file defines if running it comes to no end."""
    try:
        return process.load(definitions=True)
    except EndedError:
        return {}


def _described(name: str, layer: Sequence[Any], process: StudentProcess, timeout: float) -> Json:
    """Return how a layer is to be asked, or why that is not certain.

    If trying ends the process, the layer is asked as the lab's if it can be: a case shows best why.
    """
    try:
        return process.ask({"describe": name}, timeout)
    except EndedError as ended:
        topics, lab = layer
        problem = f"trying how it is called {ended.how}"
        return dict(lab) if lab else {"problem": problem, "topic": topics[0]}


def _judged(described: Json, process: StudentProcess, timeout: float, certain: bool) -> Judgement:
    """Return the verdict on a class; certain: as in `not_checked`."""
    about = Description(**described)
    if about.problem:
        return not_checked(about.name, about.topic, about.problem, about.of_theirs, certain=certain)
    ours = topic(about.topic)
    examiner = Examiner(ours, described, process, timeout)
    exam = examiner.examine()
    judgement = judge(exam)
    # A class that is wrong for (x, w) may be right for (w, x).
    turned = about.turned if "w" in ours.inputs else ""
    fused = about.fused if exam.never_gives_dx else ""
    if judgement.verdict == "FAILED" and (meant := turned or fused):
        return not_checked(about.name, about.topic, meant)
    return with_confirmed(judgement, exam, examiner.asker)
