"""Students' files, each run once for all tests."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from engine.grader.judge import Judgement
from engine.grader.student_file import Result, check_file

STUDENTS = Path(__file__).with_name("students")


@cache
def check(name: str) -> Result:
    return check_file(STUDENTS / f"{name}.py", timeout=60)


@pytest.fixture
def checked() -> Callable[[str], Result]:
    """The result for a file of students/, named without its ending."""
    return check


@pytest.fixture
def judged() -> Callable[[str, str], Judgement]:
    """The judgement on a class in such a file."""

    def judgement(name: str, of: str) -> Judgement:
        (found,) = (each for each in check(name).judgements if each.name == of)
        return found

    return judgement
