"""A student's file from beginning to end: load it, examine each of its classes, judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.check.student.examine import Examiner
from engine.check.student.judge import Judgement, Verdict, judge, with_confirmed
from engine.check.student.problem import said
from engine.check.student.process import EndedError, StudentProcess
from engine.check.student.questions.subjects import SETTINGS, subject
from engine.check.student.wire import Message

PARTS: Final = ("Conv1D", "ReLU", "MaxPool")
"""What a ConvBlock is made of, or may be."""


@dataclass(frozen=True, eq=False)
class Result:
    """What was found in a file.

    error: why it could not even be run: {"sentence", "place"}. missing, imported, alike: names of
    ours that it has not, takes from elsewhere, or writes otherwise.
    """

    file: Path
    judgements: tuple[Judgement, ...] = ()
    missing: tuple[str, ...] = ()
    imported: Mapping[str, str] = field(default_factory=dict)
    alike: Mapping[str, str] = field(default_factory=dict)
    error: Message | None = None

    @property
    def passed(self) -> bool:
        """Whether something passed, and nothing failed."""
        verdicts = {each.verdict for each in self.judgements}
        return self.error is None and "PASSED" in verdicts and "FAILED" not in verdicts

    def beneath(self, judgement: Judgement) -> tuple[str, ...]:
        """The parts that have failed themselves, of a block that has: it is they that may be wrong.

        Whether a block really uses them is not known.
        """
        if judgement.name != "ConvBlock" or judgement.verdict != "FAILED":
            return ()
        failed = {each.name for each in self.judgements if each.verdict == "FAILED"}
        return tuple(name for name in PARTS if name in failed)


def check_file(file: Path, timeout: float) -> Result:
    """Runs the file in a process of its own, and gives a verdict on each class of ours in it.

    timeout: seconds, for running the file and again for each class. Never raises for anything
    that the file does.
    """
    with StudentProcess(file, SETTINGS, timeout) as process:
        try:
            loaded = process.load()
        except EndedError as ended:
            return Result(file, error={"sentence": ended.how, "place": ended.place})
        if "error" in loaded:
            error = loaded["error"]
            return Result(file, error={"sentence": said(error), "place": error["place"]})
        classes: Mapping[str, Message] = loaded["classes"]
        judgements = tuple(
            _judged(name, classes[name], process, timeout)
            for name in SETTINGS
            if name in classes and not classes[name].keys() & {"missing", "imported"}
        )
    return Result(
        file,
        judgements,
        tuple(name for name in SETTINGS if name not in classes),
        {name: each["imported"] for name, each in classes.items() if "imported" in each},
        {name: each["alike"] for name, each in classes.items() if "alike" in each},
    )


def _judged(name: str, described: Message, process: StudentProcess, timeout: float) -> Judgement:
    about = subject(name)
    if "problem" in described:
        verdict: Verdict = "FAILED" if about.lab else "NOT CHECKED"
        return Judgement(name, verdict, why=described["problem"])
    examiner = Examiner(about, described, process, timeout)
    exam = examiner.examine()
    return with_confirmed(judge(exam), exam, examiner.asker)
