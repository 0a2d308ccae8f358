"""Which line of the student's raised an exception, and why."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.grader.blame import Home, blame
from engine.grader.settings import NotTakenError
from engine.grader.wire import Json
from tests.engine.grader.conftest import written
from tests.for_each import for_each

FAULTS = """
def finishing():
    try:
        [][0]
    finally:
        pass

def absent(): import no_such_module
def mixing(): 1 + ''
def leaving(): raise SystemExit
def within(): finishing()
def inlined(): exec("[][0]")
def calling(function): function()
"""


def told(function: Callable[[], Any], file: Path) -> Json:
    """What is told of the exception that a function raises."""
    with pytest.raises(BaseException) as raised:  # noqa: PT011 - each another one
        function()
    return blame(raised.value, Home(file))


@for_each(
    ("name", "line", "text", "deliberate"),
    [
        ("finishing", 4, "[][0]", False),  # not the line at which it was left
        ("within", 4, "[][0]", False),  # not that of the call
        ("absent", 8, "def absent(): import no_such_module", True),  # nothing can be done about it
        ("mixing", 9, "def mixing(): 1 + ''", False),
        ("leaving", 10, "def leaving(): raise SystemExit", False),  # no exception of code
        ("inlined", 12, 'def inlined(): exec("[][0]")', False),  # not the line of what has no file
    ],
)
def test_the_line_that_is_blamed_is_the_one_that_raised(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    line: int,
    text: str,
    deliberate: bool,
) -> None:
    file = written(tmp_path_factory.mktemp("of"), FAULTS)
    monkeypatch.chdir(file.parent)  # as when a file is checked from its own folder
    found = told(runpy.run_path(str(file))[name], file)
    assert (found["place"]["line"], found["place"]["text"]) == (line, text)
    assert (found["deliberate"], found["binding"]) == (deliberate, False)


@for_each("folder", ["site-packages", "dist-packages"])
def test_a_package_beside_the_file_is_not_the_students_but_a_file_within_one_is(
    tmp_path_factory: pytest.TempPathFactory, folder: str
) -> None:
    """The file itself is always theirs: what it raises is raised on purpose."""
    above = tmp_path_factory.mktemp("installed")
    inner = above / folder
    inner.mkdir()
    file = written(inner, "def refuse(): raise ValueError\n")
    refuse = runpy.run_path(str(file))["refuse"]
    assert told(refuse, file)["deliberate"]
    assert told(refuse, above / "mine.py")["place"] is None


@for_each(("folder", "deliberate"), [("helpers", True), ("site-packages", False)])
def test_what_a_module_elsewhere_raises_is_raised_on_purpose_unless_it_is_a_packages(
    tmp_path_factory: pytest.TempPathFactory, folder: str, deliberate: bool
) -> None:
    above = tmp_path_factory.mktemp("both")
    home, elsewhere = above / "mine", above / folder
    home.mkdir()
    elsewhere.mkdir()
    file = written(home, FAULTS)
    calling = runpy.run_path(str(file))["calling"]
    other = written(elsewhere, "def refuse(): raise ValueError\n")
    refuse = runpy.run_path(str(other))["refuse"]
    found = told(lambda: calling(refuse), file)
    assert (found["place"]["function"], found["deliberate"]) == ("calling", deliberate)


class MuteError(Exception):
    def __str__(self) -> str:
        raise KeyError


@for_each(
    ("error", "message"),
    [
        (ValueError("x" * 300), "x" * 300),
        (ValueError("x" * 301), "x" * 300 + "…"),
        (ValueError("\n first\nsecond"), "first"),
        (MuteError(), "(its message cannot be shown)"),
    ],
)
def test_a_message_is_a_short_first_line(tmp_path: Path, error: Exception, message: str) -> None:
    assert blame(error, Home(tmp_path / "mine.py"))["message"] == message


@for_each(
    ("error", "refusal"), [(UnboundLocalError(), True), (NameError(), False), (KeyError(), False)]
)
def test_a_slip_is_no_refusal(tmp_path: Path, error: Exception, refusal: bool) -> None:
    assert blame(error, Home(tmp_path / "mine.py"))["refusal"] == refusal


def test_a_place_is_a_printable_line_of_a_file_within_the_folder(tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    file = written(tmp_path / "layers", "if True:\n\tx = '\x1b\x07y'\n")
    assert Home(tmp_path / "main.py").place(str(file), 2, "forward") == {
        "file": "layers/mine.py",
        "line": 2,
        "text": "x = '  y'",
        "function": "forward",
    }


def test_a_setting_that_is_not_taken_is_told_in_its_own_words(tmp_path: Path) -> None:
    found = blame(NotTakenError("takes no stride"), Home(tmp_path / "mine.py"))
    assert (found["type"], found["message"]) == ("", "takes no stride")
    assert found["refusal"]
    assert found["deliberate"]


def test_an_error_without_a_line_of_theirs_is_no_call_that_failed(tmp_path: Path) -> None:
    """Only a TypeError may come from a call that does not fit."""
    bindings = [
        blame(each, Home(tmp_path / "mine.py"))["binding"] for each in (TypeError(), ValueError())
    ]
    assert bindings == [True, False]


def test_a_syntax_error_is_placed_where_it_says_if_the_file_is_theirs(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    place: Any = (str(file), 3, 5, "    x = (\n")
    found = blame(SyntaxError("never closed", place), Home(file))
    assert found["message"] == "never closed"  # without the file, which is in the place
    assert (found["place"]["line"], found["place"]["text"]) == (3, "x = (")
    elsewhere = blame(SyntaxError("never closed", place), Home(tmp_path / "other" / "mine.py"))
    assert elsewhere["place"] is None
