"""Students' files that do not end, or never give a number: a sentence, with their line."""

import ast
import contextlib
import faulthandler
import io
import json
import os
import queue
import runpy
import signal
import sys
import time
from collections import UserDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.cores import single_threaded
from engine.grader.blame import ENGINE, Home, blame
from engine.grader.candidates import lines
from engine.grader.cases import Reference
from engine.grader.examine import SECONDS_LEFT, Asker
from engine.grader.judge import Judgement
from engine.grader.loading import UnreadableError, _checked, _defines
from engine.grader.outcome import Outcome
from engine.grader.process import (
    LONGEST_STACK,
    EndedError,
    StudentProcess,
    _read_replies,
    _read_stack,
    _status,
)
from engine.grader.questions import SETTINGS, topic
from engine.grader.report import report
from engine.grader.student_file import Result, check_file, check_in
from engine.grader.wire import pack
from engine.grader.worker import Call, Row, _limit_memory, _note_changes
from tests.engine.grader.conftest import RELU, STUDENTS, Here, written
from tests.for_each import for_each

Judged = Callable[[str, str], Judgement]


NOT_WINDOWS = pytest.mark.skipif(os.name == "nt", reason="a backslash parts folders there")


@pytest.fixture(scope="module")
def endless() -> Result:
    return check_file(STUDENTS / "endless.py", timeout=2)


def test_an_endless_loop_names_class_method_case_and_line(endless: Result) -> None:
    conv = endless.judgements[0]
    (failure,) = conv.failures
    (problem,) = failure.problems
    assert problem.sentence == (
        "Conv1D.backward does not come to its end within 2 s (see --timeout); "
        "what follows was not run"
    )
    assert failure.outcome.feature.name == "a scalar w"
    assert problem.place is not None
    assert problem.place["line"] in (14, 15)
    assert problem.place["file"] == "endless.py"


def test_a_crash_and_a_class_after_it(endless: Result) -> None:
    relu, pool = endless.judgements[1:]
    assert relu.failures[0].problems[0].sentence.startswith("ReLU.forward ")
    place = relu.failures[0].problems[0].place
    assert place is not None
    assert place["text"] == "faulthandler._sigsegv()"
    assert pool.verdict == "PASSED"


@pytest.mark.parametrize(
    "name", ["größe", "размер", "\N{ABACUS}", "xfc", pytest.param(r"\xade", marks=NOT_WINDOWS)]
)
def test_the_line_is_found_whatever_the_letters_of_its_folder(tmp_path: Path, name: str) -> None:
    """The line in a stack that faulthandler writes, as it does when a process crashes."""
    folder = tmp_path / name
    folder.mkdir()
    function = name if name.isidentifier() else "size"
    file = written(folder, f"def {function}(call):\n    call()\n")
    defined = runpy.run_path(str(file))
    with (tmp_path / "stack").open("w+", encoding="ascii") as stack:
        defined[function](lambda: faulthandler.dump_traceback(stack, all_threads=False))
        stack.seek(0)
        place = StudentProcess(file, {}, 2)._place(stack.read())
    assert place == {"file": "mine.py", "line": 2, "text": "call()", "function": function}


@pytest.mark.parametrize(
    ("of", "sentence", "line"),
    [
        ("Conv1D", "forward raises NameError: name 'missing_name' is not defined", 18),
        ("ReLU", "backward gives None as da, needs numbers", 26),
        ("MaxPool", "MaxPool.forward ends its process, with exit status 0 (os._exit?)", None),
        ("ConvBlock", "backward gives 1 gradient, needs 2: (dx, dw)", 43),
        ("Conv2D", "forward raises RecursionError: maximum recursion depth exceeded", 49),
        ("MaxPool2D", "forward raises MemoryError: Unable to allocate", 57),
        ("Linear", "forward ends the program (sys.exit, exit or quit)", 65),
        ("Flatten", "dx contains nan", None),
        ("Sequential", "__init__ is not implemented (NotImplementedError)", 90),
        ("SoftmaxCrossEntropy", "forward waits for input(), and nobody is there to type", 82),
    ],
)
def test_their_line_not_our_trace(judged: Judged, of: str, sentence: str, line: int | None) -> None:
    judgement = judged("raising", of)
    assert judgement.verdict == "FAILED"
    problem = judgement.failures[0].problems[0]
    assert problem.sentence.startswith(sentence)
    assert (None if problem.place is None else problem.place["line"]) == line
    if problem.place is not None:
        source = (STUDENTS / "raising.py").read_text(encoding="utf-8").splitlines()
        assert problem.place["text"] == source[problem.place["line"] - 1].strip()


def test_a_process_ended_from_outside_is_said_not_to_come_to_its_end(tmp_path: Path) -> None:
    """Even if nothing was heard from it, not even that its own clock ran out."""
    with StudentProcess(written(tmp_path, "x = 1\n"), {}, 2.0) as process:
        process.load()
        ended = process._ended("forward", slow=True)
    assert ended.how == "does not come to its end within 2 s (see --timeout)"
    assert (ended.at, ended.place) == ("forward", None)


def test_an_answer_is_waited_for_longer_than_their_own_clock_runs(tmp_path: Path) -> None:
    """Their own clock reports the line that was reached, which is unknown otherwise."""
    waited = list[float]()

    class Replies:
        def get(self, timeout: float) -> dict[str, str]:
            waited.append(timeout)
            return {"at": "forward"} if len(waited) == 1 else {"reply": "its answer"}

    process: Any = StudentProcess(tmp_path / "mine.py", {}, 60)
    process._process, process._replies = SimpleNamespace(stdin=io.StringIO()), Replies()
    assert process._ask({"x": 1}, 60) == "its answer"
    assert json.loads(process._process.stdin.getvalue()) == {"x": 1, "seconds": 60}
    assert min(waited) > 60


def test_an_ended_process_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both what it replied and what it wrote of its stack, which tells how it ended."""
    read = list[str]()
    readers = [
        SimpleNamespace(join=lambda _, what=what: read.append(what)) for what in ("reply", "stack")
    ]
    streams = dict.fromkeys(("stdin", "stdout", "stderr"))
    ended = SimpleNamespace(pid=None, kill=lambda: None, wait=lambda: None, **streams)
    monkeypatch.setattr("os.killpg", lambda *_: None, raising=False)
    process: Any = StudentProcess(tmp_path / "mine.py", {}, 60)
    process._process, process._readers = ended, readers
    process.end()
    assert read == ["reply", "stack"]


class Slow:
    """A process that takes 3 s per answer, and records what it is allowed and asked to check."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.allowed, self.checks = 0.0, list[float](), list[bool]()
        clock = SimpleNamespace(monotonic=lambda: self.now)
        monkeypatch.setattr("engine.grader.examine.time", clock)

    def ask(self, request: Any, seconds: float) -> dict[str, object]:
        self.allowed.append(seconds)
        self.checks.append(request["check"])
        self.now += 3
        return {}

    def end(self) -> None:
        pass

    def asker(self, seconds: float) -> Asker:
        """An asker about a ReLU."""
        description = {"name": "ReLU", "forward": [1, 1], "backward": [1, 1], "settings": {}}
        process: Any = self
        return Asker(topic("ReLU"), {**description, "layers": ""}, process, seconds)


def test_a_class_has_its_time_for_all_that_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asker = (slow := Slow(monkeypatch)).asker(10)
    feature = topic("ReLU").features[0]
    for _ in range(5):
        asker.ask(feature, feature.cases[0])
    assert slow.allowed == [10, 7, 4, 1, SECONDS_LEFT]
    asker.begin_anew()
    asker.ask(feature, feature.cases[0])
    assert slow.allowed[-1] == 10


def test_a_gradient_check_takes_a_quarter_of_the_time_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asker = (slow := Slow(monkeypatch)).asker(200)
    feature = topic("ReLU").features[0]
    case = feature.cases[0]
    for _ in range(4):  # with 200 s, 197 s, 194 s and 191 s left
        asker.ask(feature, case, check=True)
    assert case.inputs[0].shape == (4,)  # each is moved twice in both directions: 16 calls, 48 s
    assert slow.checks == [False, True, True, False]  # the first call shows how long one takes


def test_no_gradient_check_is_taken_at_a_kink(monkeypatch: pytest.MonkeyPatch) -> None:
    asker = (slow := Slow(monkeypatch)).asker(1e6)
    feature = topic("ReLU").features[0]
    for case in feature.cases:
        asker.ask(feature, case)  # shows how long it takes
        asker.ask(feature, case, check=True)
    at_kinks = [bool((case.inputs[0] == 0).any()) for case in feature.cases]
    assert slow.checks[1::2] == [not kinked for kinked in at_kinks]
    assert 0 < sum(at_kinks) < len(at_kinks)


@pytest.mark.parametrize(("entries", "checked"), [(100, True), (101, False)])
def test_no_gradient_check_is_taken_of_more_entries(
    monkeypatch: pytest.MonkeyPatch, entries: int, checked: bool
) -> None:
    asker = (slow := Slow(monkeypatch)).asker(1e6)
    feature = topic("ReLU").features[0]
    ones = np.ones(entries)
    case = replace(feature.cases[0], inputs=(ones,), dout=ones)
    for _ in range(2):
        asker.ask(feature, case, check=True)
    assert slow.checks[-1] == checked


@for_each(
    ("source", "defines"),
    [
        ("k = 3", True),
        ("k: int = 3", True),
        ("k = np.random.rand(3)", True),
        ("k = numpy.ones(3) / 2", True),
        ("k = float('1e-3')", True),
        ("k = np.zeros(train())", False),
        ("k = input()", False),
        ("k = tools.run()", False),
        ("train()", False),
        ("while True: pass", False),
        ("def train(): train()", True),
        ("class Layer: pass", True),
        ("from os import path", True),
        ("if True: k = 3\nelse: train()", False),
        ("try: import cupy\nexcept ImportError: pass", True),
        ("try: pass\nexcept ImportError: train()", False),
        ("try: pass\nfinally: train()", False),
    ],
)
def test_what_only_defines_takes_no_time(source: str, defines: bool) -> None:
    (statement,) = ast.parse(source).body
    assert _defines(statement) == defines


def test_where_definitions_alone_are_run_nothing_else_is_run_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is started again would run into the same endless loop."""
    run, process = list[bool](), StudentProcess(tmp_path / "mine.py", {}, 2)
    monkeypatch.setattr(process, "_start", lambda: None)
    monkeypatch.setattr(process, "_ask", lambda request, _: run.append(request["definitions"]))
    for definitions in (False, True, False):
        process.load(definitions=definitions)
    assert run == [False, True, True]


class Endless(Here):
    """A file that does not end, unless only its definitions are run."""

    definitions = False

    def load(self, *, definitions: bool = False) -> Any:
        self.definitions = self.definitions or definitions
        if not self.definitions:
            raise EndedError("", "does not come to its end", None)
        return super().load(definitions=True)


def test_a_file_that_does_not_end_is_said_to_have_had_its_definitions_run(
    tmp_path: Path,
) -> None:
    source = "class Flatten:\n def forward(self, x): return x\n def backward(self, d): return d\n"
    file = written(tmp_path, f"print(1 / 0)\n{source}")
    result = check_in(Endless(file, differences=False), file, 60)
    assert result.left == ("the file does not come to its end: only what it defines was run",)
    assert [each.name for each in result.judgements] == ["Flatten"]


class Waiting(Here):
    """A class that does not end while the grader tries out how it is called."""

    def ask(self, request: Any, seconds: float = 0) -> Any:
        if "describe" in request:
            raise EndedError("forward", "does not come to its end", None)
        return super().ask(request, seconds)


def test_a_class_that_hangs_as_it_is_tried_is_reported_as_its_likeliest_layer(
    tmp_path: Path,
) -> None:
    """If it cannot be asked like the lab's."""
    signature = "class Conv:\n def forward(self, x, training): return x\n"
    file = written(tmp_path, f"{signature} def backward(self, d): return d\n{RELU}")
    relu, conv = check_in(Waiting(file, differences=False), file, 60).judgements
    assert (relu.name, relu.verdict) == ("ReLU", "PASSED")
    assert (conv.name, conv.topic, conv.verdict) == ("Conv", "Conv2D", "NOT CHECKED")
    assert "trying how it is called does not come to its end" in conv.why


NOTEBOOK = """\
%matplotlib inline
?np.sum
np.sum??
if True:
    !pip install numpy
"""


def test_lines_that_only_a_notebook_understands_are_left_out(tmp_path: Path) -> None:
    file = written(tmp_path, f"{NOTEBOOK}{RELU}")
    result = check_in(Here(file, differences=False), file, 60)
    said = "lines that only a notebook understands (%matplotlib, !pip) were left out"
    assert result.left == (said,)
    assert [each.verdict for each in result.judgements] == ["PASSED"]
    # Any other error is reported at its own line.
    file = written(tmp_path, f"%matplotlib inline\n{RELU}\nclass Linear\n")
    error = check_in(Here(file), file, 60).error
    assert error is not None
    assert error["place"]["text"] == "class Linear"


@pytest.mark.parametrize(
    ("of", "most", "handed"),
    [("ReLU", 0, True), ("ReLU", 1, True), ("ConvBlock", 0, False), ("ConvBlock", 1, True)],
)
def test_only_of_a_single_number_backward_may_take_no_dout(
    of: str, most: int, handed: bool
) -> None:
    about, nobody = topic(of), SimpleNamespace()
    description = {"name": of, "forward": [2, 2], "backward": [0, most], "settings": {}}
    process: Any = nobody
    asker = Asker(about, {**description, "layers": ""}, process, 10)
    case = about.features[0].cases[0]
    assert (asker.given(case)["dout"] is not None) == handed
    dout = case.dout if handed else np.ones_like(case.dout)
    np.testing.assert_array_equal(asker.adapted(case).dout, dout)


@pytest.mark.parametrize(
    ("ways", "made"),
    [
        ({"size": ("window", "named", "POSITIONAL_OR_KEYWORD")}, "Pool(window=2)"),
        ({"size": ("window", "position", "POSITIONAL_ONLY")}, "Pool(2)"),
        ({"size": (a := ("a", "any", "VAR_POSITIONAL")), "stride": a, "padding": a}, "Pool(2, 2)"),
        ({"size": (a := ("a", "any", "VAR_KEYWORD")), "stride": a}, "Pool(size=2, stride=2)"),
    ],
)
def test_a_case_without_an_answer_says_how_the_instance_was_made(
    ways: dict[str, Any], made: str
) -> None:
    class Ending:
        def ask(self, request: object, seconds: float) -> None:
            raise EndedError("forward", "stops answering", None)

    pool, ending = topic("MaxPool"), Ending()
    description = {"name": "Pool", "forward": [1, 1], "backward": [1, 1], "layers": ""}
    process: Any = ending
    asker = Asker(pool, {**description, "settings": ways}, process, 10)
    feature = next(each for each in pool.features if each.name == "windows with h (L,)")
    outcome = asker.ask(feature, feature.cases[0])
    assert outcome.ended is not None
    assert outcome.made == made


def test_each_layer_of_a_row_takes_the_weights_that_it_must_have() -> None:
    class Times:
        def forward(self, x: float, w: float, b: float = 0.0) -> float:
            self.x, self.w = x, w
            return x * w + b

        def backward(self, dy: float) -> tuple[float, float]:
            return dy * self.w, dy * self.x

    row = Row([Times(), Times()])
    assert row.forward(5.0, 2.0, 3.0) == 30
    assert row.backward(1.0) == (6, 15, 10)


@pytest.mark.parametrize(
    ("at", "method", "said"),
    [
        ("", "forward", "ReLU.forward"),
        ("backward", "backward", "ReLU.backward"),
        (
            "gradient check",
            "forward",
            "ReLU.forward, called again for each entry that is moved a little,",
        ),
    ],
)
def test_it_is_told_which_method_a_process_ended_in(at: str, method: str, said: str) -> None:
    about = topic("ReLU")
    reference = Reference(about, about.features[0].cases[0])
    ended = EndedError(at, "stops answering", None)
    problem = Outcome(about.features[0], reference, "ReLU()", ended=ended).before_gradients
    assert problem is not None
    assert (problem.kind, problem.method) == ("ended", method)
    assert problem.sentence == f"{said} stops answering; what follows was not run"


def test_what_a_gradient_check_raised_was_raised_by_forward() -> None:
    about = topic("ReLU")
    reference = Reference(about, about.features[0].cases[0])
    reply = {"at": "gradient check", "error": {"type": "ValueError", "message": "no"}}
    problem = Outcome(about.features[0], reference, "ReLU()", reply).before_gradients
    assert problem is not None
    assert problem.method == "forward"
    said = "(while one entry after the other was moved a little)"
    assert problem.sentence == f"forward raises ValueError: no {said}"


def test_the_innermost_line_of_the_students_file_in_a_dump_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, "def helper():\n    while True: pass\n\n\nhelper()\n")
    dump = f"""Timeout (0:00:02)!
Thread 0x0000 (most recent call first):
  File "{np.__file__}", line 7 in dot
  File "{file}", line 2 in helper
  File "{file}", line 5 in <module>
"""
    place = StudentProcess(file, {}, 2)._place(dump)
    told = {"line": 2, "text": "while True: pass", "function": "helper"}
    assert place == {"file": "mine.py", **told}


@pytest.mark.parametrize(
    ("code", "stack", "how"),
    [
        (None, "", "stops answering"),
        (-int(signal.SIGABRT), "at last\n", "crashes with SIGABRT"),
        (0, "", "ends its process, with exit status 0 (os._exit?)"),
        (3, "at first\nat last\n\n", "ends its process, with exit status 3 (at last)"),
        (-9999, "", "ends its process, with exit status -9999 (os._exit?)"),
    ],
)
def test_how_a_process_has_ended(code: int | None, stack: str, how: str) -> None:
    assert _status(code, stack) == how


def test_the_beginning_of_a_long_stack_that_a_process_writes_is_kept() -> None:
    lines, kept = [f"{number:9}\n" for number in range(LONGEST_STACK)], list[str]()
    _read_stack(iter(lines), kept)
    assert kept == lines[: len(kept)]
    assert 0.9 * LONGEST_STACK < len("".join(kept)) <= LONGEST_STACK


@pytest.mark.parametrize("of", ["MaxPool", "MaxPool2D"])
def test_after_the_end_of_a_process_or_of_memory_nothing_more_is_asked(
    judged: Judged, of: str
) -> None:
    assert judged("raising", of).cases == 1


UNUSABLE: dict[str, tuple[bytes, str, int | None]] = {
    "syntax": (b"x = 1\nclass ReLU\n    pass\n", "raises SyntaxError: ", 2),
    "import": (b"\nimport no_such_module_as_this\n", "raises ModuleNotFoundError: No module", 2),
    "exit": (b"import sys\nsys.exit(0)\n", "ends the program (sys.exit, exit or quit)", 2),
    "bytes": (b"# caf\xe9\nx = 1\n", "the file is not UTF-8: byte 0xe9 in line 1", 1),
    "UTF-16": ("x = 1".encode("utf-16"), "the file is UTF-16, which Python does not read", 1),
    "UTF-16 of another machine": (
        b"\xfe\xff\0x",
        "the file is UTF-16, which Python does not read",
        1,
    ),
    "zeros": (b"x = 1\0\n", "the file is no text: it contains zero bytes", 1),
    "endless": (b"while True:\n    pass\n", "does not come to its end within 0.5 s", None),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_that_cannot_be_run(tmp_path: Path, name: str) -> None:
    source, sentence, line = UNUSABLE[name]
    file = tmp_path / f"{name}.py"
    file.write_bytes(source)
    # In a process of its own if it would never return.
    result = check_file(file, 0.5) if name == "endless" else check_in(Here(file), file, 60)
    assert result.error is not None
    assert result.error["sentence"].startswith(sentence)
    assert file.name not in result.error["sentence"]  # the place says it
    assert result.verdict != "PASSED"
    if line is not None:
        assert result.error["place"]["line"] == line
    assert [each.name for each in tmp_path.iterdir()] == [file.name]  # nothing is left behind


def test_a_file_whose_definitions_end_it_too_is_said_to_end_as_it_did_at_first(
    tmp_path: Path,
) -> None:
    class Ending(StudentProcess):
        def load(self, *, definitions: bool = False) -> Any:
            raise EndedError("", "ends again" if definitions else "ends", {"line": 1})

    file = tmp_path / "mine.py"
    result = check_in(Ending(file, {}, 1), file, 1)
    assert result.error == {"sentence": "ends", "place": {"line": 1}}


@for_each(
    ("folder", "filename", "own"),
    [
        (ENGINE.parent, ENGINE / "layers" / "pooling.py", False),  # their file lies beside ours
        (ENGINE.parent, ENGINE.parent / "helpers" / "windows.py", True),
        (ENGINE, ENGINE / "layers" / "pooling.py", False),
        (ENGINE, ENGINE / "mine.py", True),  # the file itself, wherever it lies
        (Path(os.__file__).parent, Path(os.__file__), False),
        (Path(np.__file__).parents[1], Path(np.__file__), False),
        (STUDENTS, STUDENTS / "helper.py", True),
        (STUDENTS, STUDENTS / "notes.txt", False),
        (STUDENTS, STUDENTS.parent / "helper.py", False),
    ],
)
def test_a_file_is_the_students_own_if_it_lies_beside_theirs_and_belongs_to_nobody_else(
    folder: Path, filename: Path, own: bool
) -> None:
    assert Home(folder / "mine.py").owns(str(filename)) == own


def checked_source(folder: Path, source: str) -> Result:
    return check_file(written(folder, source), timeout=60)


def test_nothing_appears_beside_what_a_file_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    (tmp_path / "helper.py").write_text("import numpy as np\n", encoding="utf-8")
    source = RELU.replace("import numpy as np", "from helper import np")
    assert checked_source(tmp_path, source).verdict == "PASSED"
    assert {each.name for each in tmp_path.iterdir()} == {"helper.py", "mine.py"}


@pytest.mark.parametrize(
    "first", ["import sys; sys.path.clear()\n", "import numpy; numpy.bool = bool\n"]
)
def test_what_a_file_does_is_not_in_the_way_of_what_numpy_needs(tmp_path: Path, first: str) -> None:
    """numpy imports more when it is first used: numpy.random Python's secrets, numpy.ma bool."""
    (tmp_path / "secrets.py").write_text("PASSWORD = 'x'\n", encoding="utf-8")
    assert checked_source(tmp_path, first + RELU).verdict == "PASSED"


def test_a_layer_of_which_there_are_no_more_is_told_of(tmp_path: Path) -> None:
    making = "    names = [*'ab']\n    def __init__(self): self.name = self.names.pop()\n"
    file = written(tmp_path, RELU.replace("class ReLU:\n", f"class ReLU:\n{making}"))
    (relu,) = check_in(Here(file), file, 60).judgements
    (problem,) = relu.failures[0].problems
    assert problem.sentence == "__init__ raises IndexError: pop from empty list"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited by the system")
@pytest.mark.parametrize(("hard", "limit"), [(-1, 1000), (2000, 1000), (500, 500)])
def test_memory_is_limited_to_what_the_system_lets_a_process_have(
    monkeypatch: pytest.MonkeyPatch, hard: int, limit: int
) -> None:
    """A limit beyond the hard one would be refused, and then there were none; -1 is infinity."""
    resource = pytest.importorskip("resource")
    limits: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "getrlimit", lambda which: (-1, hard))
    monkeypatch.setattr(resource, "setrlimit", limits.__setitem__)
    _limit_memory(1000)
    assert limits == {resource.RLIMIT_CORE: (0, 0), resource.RLIMIT_AS: (limit, hard)}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited by the system")
def test_memory_is_limited_once_the_file_is_loaded(tmp_path: Path) -> None:
    # 1 GiB: less than loading may take, but more than a layer may. None of it is touched.
    source = """
import numpy as np
room = np.empty(2**27)
class ReLU:
    def forward(self, a):
        np.empty(2**27)
        return np.maximum(0, a)
    def backward(self, dh):
        return dh
"""
    (relu,) = checked_source(tmp_path, source).judgements
    assert relu.failures[0].problems[0].sentence.startswith("forward raises MemoryError: ")


def test_their_process_takes_one_thread_and_goes_over_sets_in_the_same_order_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = list[Any]()

    def start(command: object, **named: object) -> None:
        started.append(named["env"])
        raise OSError("none is started")

    monkeypatch.setattr("engine.grader.process.subprocess.Popen", start)
    with pytest.raises(OSError, match="none is started"):
        StudentProcess(written(tmp_path, RELU), SETTINGS, 60).load()
    assert started == [{**single_threaded(), "PYTHONHASHSEED": "0"}]


@pytest.mark.parametrize(
    ("slow", "how"),
    [
        (False, "ends its process, with exit status 3 (os._exit?)"),
        (True, "does not come to its end within 60 s (see --timeout)"),
    ],
)
def test_a_process_is_waited_for_only_if_it_ends_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow: bool, how: str
) -> None:
    """Its replies end a little before the process does, which then has no status yet."""
    waited = list[float]()
    process: Any = StudentProcess(tmp_path / "mine.py", {}, 60)
    monkeypatch.setattr(process, "end", lambda: None)
    process._process = SimpleNamespace(wait=waited.append, poll=lambda: 3 if waited else None)
    process._stack = []
    assert process._ended("forward", slow=slow).how == how
    assert bool(waited) != slow


def test_what_a_file_prints_is_no_reply() -> None:
    printed = [b"7", b"[1]", b'{"loss": 0.5}', b"forward", b"\xff"]
    replies = queue.SimpleQueue[Any]()
    _read_replies([*printed, b'{"reply": 1}', b'{"at": "forward"}'], replies)
    got = [replies.get(timeout=1) for _ in range(3)]
    assert got == [{"reply": 1}, {"at": "forward"}, None]


@pytest.mark.skipif(os.name != "posix", reason="starts a shell")
def test_a_process_that_writes_no_text_is_said_to_end_as_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nprintf 'no \\377le' >&2\nexit 3\n", encoding="utf-8")
    python.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(python))
    with pytest.raises(EndedError, match=r"exit status 3 \(no \ufffdle\)"):
        StudentProcess(written(tmp_path, RELU), SETTINGS, 60).load()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_a_file_starts_itself_ends_with_it(tmp_path: Path) -> None:
    source = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
open("PID", "w").write(str(child.pid))
""".replace("PID", str(tmp_path / "pid"))
    checked_source(tmp_path, source)
    pid = int((tmp_path / "pid").read_text(encoding="utf-8"))
    try:
        assert _ends(pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _ends(pid: int) -> bool:
    """Whether a process has ended within two seconds, even if it is still listed as a zombie."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state.split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_what_trying_a_class_left_behind_is_not_examined(tmp_path: Path) -> None:
    class Counted(Here):
        loads = 0

        def load(self, *, definitions: bool = False) -> Any:
            self.loads += 1
            return super().load(definitions=definitions)

    source = """
class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)
    def backward(self, dout):
        return dout.reshape(self.shape)
"""
    file = written(tmp_path, source)
    process = Counted(file, differences=False)
    assert check_in(process, file, 60).verdict == "PASSED"
    assert process.loads == 2, "to try how its classes are called, and to examine them"


@pytest.mark.parametrize("draw", ["np.random.random()", "random.random()"])
def test_a_class_that_draws_random_numbers_gets_the_same_ones_again(
    tmp_path: Path, draw: str
) -> None:
    source = f"""
import random
import numpy as np
class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1) + {draw}
    def backward(self, dout):
        return dout.reshape(self.shape)
"""
    file = written(tmp_path, source)
    one, other = (report(check_in(Here(file, differences=False), file, 60)) for _ in range(2))
    assert "Flatten: FAILED" in one
    assert one == other


class Mute(Exception):  # noqa: N818 - a student's
    def __str__(self) -> str:
        raise ValueError


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError(" wrong\nand more"), "wrong"),
        (ValueError("w" * 300), "w" * 300),
        (ValueError("w" * 301), "w" * 300 + "…"),
        (ValueError(), ""),
        (Mute(), "(its message cannot be shown)"),
    ],
)
def test_an_error_message_is_told_in_one_line(
    error: Exception, message: str, tmp_path: Path
) -> None:
    assert blame(error, Home(tmp_path / "mine.py"))["message"] == message


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        *((kind("no"), True) for kind in (TypeError, ValueError, IndexError, AttributeError)),
        *((kind("no"), True) for kind in (AssertionError, NotImplementedError)),
        (UnboundLocalError("no"), True),  # from a branch that was not written for such inputs
        *((kind("no"), False) for kind in (NameError, ZeroDivisionError, RecursionError, KeyError)),
    ],
)
def test_a_refusal_is_what_code_raises_that_was_not_written_for_such_inputs(
    error: Exception, refusal: bool, tmp_path: Path
) -> None:
    assert blame(error, Home(tmp_path / "mine.py"))["refusal"] == refusal


RAISERS = """
import numpy as np

def own(_=0): raise ValueError("no")
def sure(_=0): assert False
def within(): sorted([1], key=own)
def accident(): [][0]
def library(): np.linalg.inv(np.zeros((2, 2)))
def unknown(): nobody
"""


@pytest.mark.parametrize(
    ("name", "deliberate"),
    [
        ("own", True),
        ("sure", True),
        ("within", True),  # called by a function that is not theirs
        ("accident", False),
        ("library", False),  # raised on purpose, but not by their code
        ("unknown", False),
    ],
)
def test_what_they_raise_themselves_is_told_from_what_happens_to_them(
    tmp_path: Path, name: str, deliberate: bool
) -> None:
    file = written(tmp_path, RAISERS)
    function = runpy.run_path(str(file))[name]
    try:
        function()
    except Exception as error:  # noqa: BLE001 - each another one
        found = blame(error, Home(file))
    assert (found["deliberate"], found["binding"]) == (deliberate, False)
    at = name if name != "within" else "own"
    assert (found["place"]["function"], found["place"]["text"].partition("(")[0]) == (
        at,
        f"def {at}",
    )


def test_what_a_module_from_further_up_raises_is_theirs_too(tmp_path: Path) -> None:
    helper = runpy.run_path(str(written(tmp_path, RAISERS)))
    file = tmp_path / "layers" / "conv.py"
    file.parent.mkdir()
    file.write_text("def forward(helper):\n    helper()\n", encoding="utf-8")
    forward = runpy.run_path(str(file))["forward"]
    for name, deliberate in (("sure", True), ("accident", False), ("library", False)):
        with pytest.raises(Exception) as raised:  # noqa: PT011 - each another one
            forward(helper[name])
        found = blame(raised.value, Home(file))
        assert (found["deliberate"], found["place"]["line"]) == (deliberate, 2)


def test_a_call_that_never_came_to_their_code_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, RAISERS)
    with pytest.raises(TypeError) as raised:
        runpy.run_path(str(file))["accident"](1)
    found = blame(raised.value, Home(file))
    assert (found["binding"], found["deliberate"], found["place"]) == (True, False, None)


def test_a_file_by_the_name_of_a_module_of_python_is_not_imported_for_it(tmp_path: Path) -> None:
    file = tmp_path / "colorsys.py"
    file.write_text("assert __name__ != 'colorsys'\nclass ReLU: pass\n", encoding="utf-8")
    assert "colorsys" not in sys.modules
    assert Here(file).load()["left"] == []


LATIN = b"name = '\xe9'\n"


@pytest.mark.parametrize(
    "before", [b"# coding: latin-1\n", b"#!python\n# -*- coding: latin-1 -*-\n"]
)
def test_a_file_may_say_in_one_of_its_first_two_lines_how_it_is_written(before: bytes) -> None:
    assert _checked(before + LATIN) == before + LATIN


@pytest.mark.parametrize("before", [b"", b"#!python\n\n# coding: latin-1\n"])
def test_the_line_of_a_byte_that_is_no_text_is_named(before: bytes) -> None:
    line = before.count(b"\n") + 1
    with pytest.raises(UnreadableError, match=f"byte 0xe9 in line {line}"):
        _checked(before + LATIN)


def test_a_method_begins_at_its_own_line_whatever_decorates_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "import functools\n"
        "def noted(method):\n"
        "    return functools.wraps(method)(lambda *given: method(*given))\n"
        "class ReLU:\n"
        "    @noted\n"
        "    @functools.partial(\n"
        "        noted\n"
        "    )\n"
        "    @noted\n"
        "    def forward(self, a): return a\n"
        "    @noted\n"
        "    def backward(self, dh): return dh\n"
    )
    found = lines(runpy.run_path(str(file))["ReLU"], "forward", "backward", Home(file))
    assert [found[each]["line"] for each in ("forward", "backward")] == [10, 12]
    assert lines(UserDict, "get", "copy", Home(file)) == {"forward": None, "backward": None}


@pytest.mark.parametrize(
    ("writes", "told"),
    [
        ((), []),
        (((0, "forward"),), [("forward", 0, False)]),  # and it still is after backward
        (((0, "forward"), (0, "backward")), [("forward", 0, False)]),
        (((0, "backward"), (1, "forward")), [("forward", 1, False), ("backward", 0, False)]),
        (((2, "backward"),), [("backward", 2, True)]),
    ],
)
def test_an_array_is_told_once_with_the_method_that_first_wrote_into_it(
    writes: tuple[tuple[int, str], ...], told: list[tuple[str, int, bool]]
) -> None:
    arrays = [np.array([1.0, 2.0]), np.array([3.0]), np.array([np.nan, 4.0])]
    packed = [pack(each) for each in arrays]
    request = {"inputs": packed[:2], "dout": packed[2]}
    call, reply = Call.of(request), {"changed": list[dict[str, Any]]()}
    given = (*call.inputs, call.dout)
    for method in ("forward", "backward"):
        for argument, by in writes:
            if by == method:
                given[argument][-1] += 1
        _note_changes(reply, method, call, request)
    found = [(each["method"], each["argument"], each["dout"]) for each in reply["changed"]]
    assert found == told


OVERWRITING = """
import numpy as np
class ReLU:
    def forward(self, a):
        self.active = a > 0
        a *= self.active
        return a.copy()
    def backward(self, dh):
        dh *= self.active
        return dh.copy()
"""


def replied(folder: Path, source: str) -> tuple[Any, list[str]]:
    """The reply to all that a request may ask of a ReLU, and the methods announced meanwhile."""
    here = Here(written(folder, source))
    here.load()
    session = here._session
    assert session is not None
    once = {"inputs": [pack(np.array([1.0, -2.0]))], "dout": pack(np.array([3.0, 5.0]))}
    request = {"class": "ReLU", "topic": "ReLU", "settings": {}, **once, "check": True}
    heard: list[str] = []
    return session.answer({**request, "first": once, "other": once}, heard.append), heard


def test_every_call_is_heard_of_before_it_is_made(tmp_path: Path) -> None:
    _, heard = replied(tmp_path, OVERWRITING)
    first, own = ["__init__", "forward", "backward"], ["forward"]
    other, rest = ["__init__", "forward"], ["backward", "gradient check"]
    assert heard == [*first, *own, *other, *rest]


@pytest.mark.parametrize("further", ["", "assert a[0] == 1; "])  # the check alone moves it
def test_what_a_class_overwrites_is_new_in_each_call(tmp_path: Path, further: str) -> None:
    source = OVERWRITING.replace("return a.copy()", f"{further}return a.copy()")
    keeping = source.replace("a *= ", "a = a * ").replace("dh *= ", "dh = dh * ")
    (one, _), (other, _) = (replied(tmp_path, source) for source in (source, keeping))
    assert bool(further) == ("moved" in one)
    assert one.pop("changed")
    assert not other.pop("changed")
    assert one == other


def test_nothing_was_moved_where_no_instance_can_be_made_for_a_check(tmp_path: Path) -> None:
    counting = "made = []\n    def __init__(self): self.made.append(1 / (2 - len(self.made)))"
    start = "class ReLU:\n"
    reply, _ = replied(tmp_path, OVERWRITING.replace(start, f"{start}    {counting}\n"))
    assert (reply["at"], reply["error"]["type"]) == ("gradient check", "ZeroDivisionError")
    assert "moved" not in reply


def test_how_a_class_is_taken_does_not_depend_on_what_it_overwrites(tmp_path: Path) -> None:
    source = """
class MaxPool2D:
    def __init__(self, size=2, stride=2):
        self.size = size
    def forward(self, h):
        n, c, height, width = h.shape
        self.h = h.reshape(n, c, height // self.size, self.size, width // self.size, self.size)
        self.z = self.h.max((3, 5), keepdims=True)
        return self.z[:, :, :, 0, :, 0]
    def backward(self, dz):
        dz -= 0
        dz = dz[:, :, :, None, :, None] * (self.h == self.z)
        return dz.reshape(*dz.shape[:2], dz.shape[2] * self.size, dz.shape[4] * self.size)
"""
    overwriting, keeping = (
        Here(written(tmp_path, each)).ask({"describe": "MaxPool2D"})
        for each in (source, source.replace("dz -= 0", "dz = dz"))
    )
    assert overwriting == keeping
    assert overwriting["plan"] is None
