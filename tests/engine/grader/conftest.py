"""Students' files, each run once for all tests."""

import json
import linecache
import sys
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.grader.judge import Judgement
from engine.grader.loading import _AbsentName
from engine.grader.process import StudentProcess
from engine.grader.questions import SETTINGS
from engine.grader.student_file import Result, check_file, check_in
from engine.grader.worker import Session

STUDENTS = Path(__file__).with_name("students")
RELU = """
import numpy as np
class ReLU:
    def forward(self, a):
        self.a = a
        return np.maximum(0, a)
    def backward(self, dh):
        return dh * (self.a > 0)
"""
"""A right layer."""


class Here(StudentProcess):
    """A stand-in for a student's process: it does what is asked at once, in this process.

    differences: whether gradients are also compared with differences of the class's own forward.
    """

    def __init__(self, file: Path, *, differences: bool = True) -> None:
        super().__init__(file, SETTINGS, 60)
        self._session: Session | None = None
        self._differences = differences

    def load(self, *, definitions: bool = False) -> Any:
        linecache.clearcache()
        _AbsentName.needed = False  # as in a process that has just started
        self._session = Session(self._home)
        before = {*sys.modules}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "path", [*sys.path])
            patch.setattr(sys, "argv", [*sys.argv])
            try:
                return self.ask({**self._load, "definitions": definitions})
            finally:
                for name in {*sys.modules} - before:
                    del sys.modules[name]

    def ask(self, request: Any, seconds: float = 0) -> Any:
        if self._session is None:
            self.load()
        assert self._session is not None
        if not self._differences:
            request = {**request, "check": False}
        with warnings.catch_warnings(action="ignore"):
            reply = self._session.answer(json.loads(json.dumps(request)), lambda _: None)
        return json.loads(json.dumps(reply))

    def end(self) -> None:
        self._session = None


def written(folder: Path, source: str) -> Path:
    """Write a student's file into a folder, and return its path."""
    file = folder / "mine.py"
    file.write_text(source, encoding="utf-8")
    return file


APART = ("raising", "odd name-2")
"""Files that end the process in which they run, or move it to another folder."""


@cache
def check(name: str) -> Result:
    file = STUDENTS / f"{name}.py"
    return check_file(file, 60) if name in APART else check_in(Here(file), file, 60)


def assert_nothing_is_both_checked_and_not_offered(result: Result) -> None:
    for judgement in result.judgements:
        assert not set(judgement.offered) & set(judgement.refused)
        assert all(judgement.refused.values())  # each has a reason


@pytest.fixture
def checked() -> Callable[[str], Result]:
    """A function that returns the result for a file in students/, named without its ending."""
    return check


@pytest.fixture
def judged() -> Callable[[str, str], Judgement]:
    """A function that returns the judgement on a class in such a file."""

    def judgement(name: str, of: str) -> Judgement:
        (found,) = (each for each in check(name).judgements if each.name == of)
        return found

    return judgement
