"""`python -m engine.check`: exit status, text, JSON, help."""

import contextlib
import io
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from engine.check.__main__ import main
from engine.grader.cases import Convention, reference_at
from engine.grader.judge import Followed, Judgement, Verdict
from engine.grader.outcome import CHECKING, Failure, Kind, Outcome, Problem, Special
from engine.grader.patterns import Pattern
from engine.grader.questions import TOPICS, topic
from engine.grader.report import FIELDS, _failure, _is_shown, _verdict, calls, record, report
from engine.grader.student_file import Result, check_in
from engine.kinks import Ties
from tests.engine.grader.conftest import RELU, STUDENTS, Here, written
from tests.for_each import for_each

Checked = Callable[[str], Result]

FILE = {
    "file", "verdict", "status", "error", "left", "missing", "others", "imported", "alike",
    "classes",
}  # fmt: skip
FAILURE = {
    "feature", "point", "settings", "inputs", "labels", "upstream", "other", "alone", "problems",
}  # fmt: skip
PROBLEM = {"kind", "method", "quantity", "sentence", "got", "expected", "place"}
CLASS = {
    "is",
    "taken",
    "verdict",
    "cases",
    "failing",
    "sentence",
    "first_failure",
    "patterns",
    "at_kinks",
    "gradient_check",
    "notes",
    "checked",
    "not_offered",
    "mend_first",
}


def failing(*specials: Special) -> tuple[Failure, ...]:
    """Failures of these kinds, whose outcomes are not looked at."""
    nobody: Any = None
    return tuple(Failure(nobody, (), special) for special in specials)


def as_json(capsys: pytest.CaptureFixture[str], file: str) -> tuple[int, Any]:
    status = main(["--json", str(STUDENTS / file)])
    return status, json.loads(capsys.readouterr().out)


def test_from_the_command_line_the_same_file_gives_the_same_report(checked: Checked) -> None:
    file = str(STUDENTS / "wrong_lab.py")
    arguments = [sys.executable, "-m", "engine.check", file, "--timeout", "60"]
    run = subprocess.run(arguments, capture_output=True, encoding="utf-8", timeout=120)
    assert run.returncode == 1
    assert run.stderr == ""
    assert run.stdout == report(checked("wrong_lab")) + "\n"


MEAN_OF_DB = """
import numpy as np
class Dense:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.mean(axis=0)
        return dout @ self.W.T
"""


def test_the_report_in_the_readme_is_the_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("\nDense (as Linear): ")[2].partition("```")[0]
    assert main([str(written(tmp_path, MEAN_OF_DB))]) == 1
    rounding = re.compile(r"\d\.\de-\d\d")  # this differs from machine to machine
    report = rounding.sub("", capsys.readouterr().out)
    for part in filter(None, rounding.sub("", shown).split("  …\n")):
        _, found, report = report.partition(part)
        assert found == part


def test_a_pipe_of_another_encoding_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a file or a pipe may take the letters of only some countries."""
    file = written(tmp_path, 'raise ValueError("größe")\n')
    for arguments, said in (["--help"], "forward(x, \\u2026)"), ([str(file)], "gr\\xf6\\xdfe"):
        printed = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", printed)
        with contextlib.suppress(SystemExit):
            main(arguments)
        printed.seek(0)
        assert said in printed.read()


def test_a_reader_that_closes_the_pipe_causes_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "w", encoding="utf-8") as printed:
        monkeypatch.setattr(sys, "stdout", printed)
        assert main([str(written(tmp_path, "raise ValueError\n"))]) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_an_output_that_takes_nothing_is_one_sentence(tmp_path: Path) -> None:
    file = written(tmp_path, "raise ValueError\n")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        run = subprocess.run(
            [sys.executable, "-m", "engine.check", file],
            stdout=full, stderr=subprocess.PIPE, encoding="utf-8", timeout=120,
        )  # fmt: skip
    assert run.stderr == "Standard output cannot be written to: No space left on device.\n"
    assert run.returncode == 2


def test_without_an_output_the_status_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert main([str(written(tmp_path, "raise ValueError\n"))]) == 1


def test_the_report_of_a_failure(checked: Checked) -> None:
    text = report(checked("wrong_lab"))
    assert text.startswith(
        "Conv1D: FAILED in 5 of 6 cases\n"
        "  pattern: dw is not multiplied by the upstream gradient da\n"
        "  first failing case: a scalar w, by hand\n"
        "    layer = Conv1D()\n"
        "    x = np.array([1, -2, 3, 0.5], float)\n"
        "    w = np.float64(2)\n"
        "    da = np.array([1, 0.5, -1, 2], float)\n"
        "    layer.forward(x, w); layer.backward(da)\n"
        "  -> dw is wrong\n"
        "    got      dw = 2.5\n"
        "    expected dw = -2\n"
    )
    assert "missing, which is no failure: Conv2D, MaxPool2D and Sequential\n" in text
    assert max(map(len, text.splitlines())) <= 80


def test_json_of_a_failure(checked: Checked) -> None:
    found = json.loads(json.dumps(record(checked("raising")), allow_nan=False))
    assert found["status"] == 1
    assert found["verdict"] == "FAILED"
    assert found["error"] is None
    assert found.keys() == FILE
    assert all(each.keys() == CLASS for each in found["classes"].values())
    for each in checked("raising").judgements:
        told = found["classes"][each.name]
        assert (told["checked"], told["not_offered"]) == ([*each.offered], each.refused)
        assert (told["patterns"], told["notes"]) == ([*each.patterns], [*each.notes])
        assert (told["cases"], told["failing"]) == (each.cases, len(each.failures))
    first = found["classes"]["Flatten"]["first_failure"]
    assert first["feature"] == "x (N, C, L)"
    assert first.keys() == FAILURE
    assert all(each.keys() == PROBLEM for each in first["problems"])
    assert first["problems"][0]["got"][0][0] == ["nan", "nan"]
    loss = found["classes"]["SoftmaxCrossEntropy"]["first_failure"]
    assert (loss["inputs"], loss["labels"], loss["upstream"]) == (
        {"logits": [[1, -2, 3], [0.5, 4, -1]]},
        [2, 0],
        1,
    )
    assert {*re.findall(r"\w+", FIELDS)} >= FILE | CLASS | FAILURE - {"settings"} | PROBLEM
    values = {*get_args(Kind), *get_args(Verdict), *get_args(Special), *get_args(Ties)} - {""}
    assert {*re.findall(r'"([^"]+)"', FIELDS)} >= values
    place = found["classes"]["Conv1D"]["first_failure"]["problems"][0]["place"]
    assert place == {
        "file": "raising.py",
        "line": 18,
        "text": "return a / len(missing_name)",
        "function": "helper",
    }


def test_classes_come_in_the_order_of_the_lab_whatever_is_said_of_them(tmp_path: Path) -> None:
    half = "class MyReLU:\n def forward(self, a): pass\n"
    file = written(tmp_path, f"{half}{RELU}class Conv1D: pass\n")
    judgements = check_in(Here(file, differences=False), file, 60).judgements
    assert [each.name for each in judgements] == ["Conv1D", "ReLU", "MyReLU"]
    assert [each.verdict for each in judgements] == ["NOT CHECKED", "PASSED", "NOT CHECKED"]


def test_json_has_what_the_other_pass_was_given(checked: Checked) -> None:
    classes = record(checked("remembering"))["classes"]
    for judgement in checked("remembering").judgements:
        other = judgement.failures[0].other if judgement.failures else None
        if other is None:
            continue
        told = classes[judgement.name]["first_failure"]
        assert told["other"]["pass"] == judgement.failures[0].special
        x = other.topic.inputs[0]
        assert told["other"]["inputs"][x] == other.case.inputs[0].tolist() != told["inputs"][x]
        assert told["other"]["upstream"] == other.case.dout.tolist()


MADE = ["layer = Dense()", "layer.W[...] = w"]
FORWARD, BACK = "out, cache = layer.forward(x)", "layer.backward(dy, cache, x)"


def of_another_interface(special: Special) -> list[str]:
    """What is shown of a layer with weights of its own: its calls, and the names of what is set."""
    about = topic("Linear")
    typed = {"made": MADE, "forward": FORWARD, "back": BACK}
    one, another = (
        Outcome(about.features[0], reference_at(about, each), "", {"typed": typed})
        for each in about.features[0].cases[:2]
    )
    failure = Failure(one, (Problem("numbers", "backward", ""),), special, another)
    lines = [each.partition(" = np.array")[0] for each in calls(failure, "")]
    return [each for each in lines if not each.startswith((" ", "]"))]


def test_a_second_pass_of_another_interface_is_shown_with_one_instance() -> None:
    given, passes = ["x", "w", "dy"], [FORWARD, BACK]
    assert of_another_interface("again") == [*given, *MADE, *passes, *given, MADE[1], *passes]


def test_a_twin_is_shown_with_the_gradient_that_comes_back_whatever_is_wrong() -> None:
    relu = topic("ReLU")
    one, other = (
        Outcome(relu.features[0], reference_at(relu, case), "ReLU()")
        for case in relu.features[0].cases[:2]
    )
    for method in ("forward", "backward"):
        failure = Failure(one, (Problem("numbers", method, "it is wrong"),), "twin", other)
        names = [line.split(" = ")[0] for line in calls(failure, "")]
        last = "ReLU().forward(a); layer.backward(dh)"
        assert names == ["layer", "a", "dh", "layer.forward(a)", "a", last]


@pytest.mark.parametrize("special", ["again", "after"])
def test_a_pass_that_came_before_is_shown_of_its_own_layer(special: Special) -> None:
    """Of the one that is asked again, or of another one, which is made first."""
    relu = topic("ReLU")
    before, one = (
        Outcome(relu.features[0], reference_at(relu, case), f"ReLU({place})")
        for place, case in enumerate(relu.features[0].cases[:2])
    )
    failure = Failure(one, (Problem("numbers", "backward", "it is wrong"),), special, before)
    made = [line for line in calls(failure, "") if line.startswith("layer = ")]
    assert made == ["layer = ReLU(0)", *(["layer = ReLU(1)"] if special == "after" else [])]


@for_each(
    ("at", "alone", "said"),
    [
        (CHECKING, False, "it goes wrong where forward is called again"),
        ("backward", False, "it went wrong after all that was asked before it"),
        (CHECKING, True, ""),
    ],
)
def test_of_a_case_that_is_right_by_itself_it_is_said_when_it_goes_wrong(
    at: str, alone: bool, said: str
) -> None:
    relu = topic("ReLU")
    reference = reference_at(relu, relu.features[0].cases[0])
    outcome = Outcome(relu.features[0], reference, "ReLU()", {"at": at})
    problems = (Problem("numbers", "backward", "it is wrong"),)
    told = " ".join(map(str.strip, _failure(Failure(outcome, problems, alone=alone))))
    assert ("typed in by itself this case is right:" in told) is not alone
    assert said in told


def test_a_twin_of_another_interface_is_shown_by_another_name() -> None:
    """What the first one has kept is not overwritten, and what it is given is given anew."""
    twin = ["another = Dense()", "another.W[...] = w", "another.forward(x)"]
    shown = ["x", "w", "dy", *MADE, FORWARD, "x", "w", *twin, "x", "w", BACK]
    assert of_another_interface("twin") == shown


@pytest.mark.parametrize(("argument", "entry"), [(0, "[3]"), (1, "")])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_step_that_shows_a_slope_is_shown_in_full(argument: int, entry: str, sign: int) -> None:
    about = topic("Conv1D")
    reference = reference_at(about, about.features[0].cases[0])
    outcome = Outcome(about.features[0], reference, "Conv1D()")
    right = reference.grads(Convention())[argument]
    got = right.copy()
    got.flat[-1] += sign
    problem = Problem("differences", "forward", "", "", argument, got, right)
    lines = [*calls(Failure(outcome, (problem,), step=2.0**-20), "")]
    (step,) = (each for each in lines if each.startswith("eps = "))
    assert float(step.removeprefix("eps = ")) == 2.0**-20
    name = about.gradient(argument)
    assert lines[-1] == f"np.sum((end - start) * da) / (2 * eps)  # {name}{entry}"


def test_the_verdict_on_a_file_is_that_of_the_layers_that_could_be_called() -> None:
    cases: list[tuple[list[Verdict], Verdict, int]] = [
        (["PASSED", "NOT CHECKED"], "PASSED", 0),
        (["NOT CHECKED", "NOT CHECKED"], "NOT CHECKED", 3),
        (["NOT CHECKED", "FAILED", "PASSED"], "FAILED", 1),
        ([], "FAILED", 1),
    ]
    for verdicts, verdict, status in cases:
        result = Result(Path("mine.py"), tuple(Judgement(each, each) for each in verdicts))
        assert (result.verdict, result.status) == (verdict, status)


def test_json_has_the_labels_that_a_constructor_got_and_no_empty_quantity() -> None:
    about = topic("SoftmaxCrossEntropy")
    (feature,) = (each for each in about.features if "constructor" in each.what)
    outcome = Outcome(feature, reference_at(about, feature.cases[0]), "SoftmaxCrossEntropy(labels)")
    raised = Problem("raises", "forward", "forward raises ValueError")
    numbers = Problem("numbers", "forward", "", "loss", got=np.array(1.5), expected=np.array(2.5))
    failure = Failure(outcome, (raised, numbers))
    found = record(Result(Path("mine.py"), (Judgement("Loss", "FAILED", failures=(failure,)),)))
    first = found["classes"]["Loss"]["first_failure"]
    labels = feature.cases[0].labels
    assert labels is not None
    assert first["labels"] == labels.tolist()
    assert [each["quantity"] for each in first["problems"]] == [None, "loss"]
    assert [each["got"] for each in first["problems"]] == [None, 1.5]
    assert [each["expected"] for each in first["problems"]] == [None, 2.5]
    assert not any("labels" in line for line in [*calls(failure, "")][1:]), "forward gets none"


def test_json_has_what_is_said_of_a_class_and_of_the_rest_of_its_file() -> None:
    block = Judgement(
        "ConvBlock",
        "FAILED",
        3,
        followed=Followed(0.5, "split", ("mlx",)),
        notes=("a note",),
        offered=("stride",),
        refused={"padding": "no"},
        checks={"dx": 0.25, "dw": math.inf},
        why="a sentence",
        topic="Conv1D",
        taken=("a context",),
    )
    result = Result(
        Path("any.py"),
        (block, Judgement("MaxPool", "FAILED")),
        missing=("Linear",),
        imported={"Flatten": "torch.nn"},
        alike={"Conv2D": "Conv2_D"},
        error={"sentence": "is no text", "place": None},
        left=("line 3",),
        others=("Dropout",),
    )
    found = record(result)
    classes = found.pop("classes")
    assert found == {
        "file": "any.py",
        "verdict": "FAILED",
        "status": 1,
        "error": {"sentence": "is no text", "place": None},
        "left": ["line 3"],
        "missing": ["Linear"],
        "others": ["Dropout"],
        "imported": {"Flatten": "torch.nn"},
        "alike": {"Conv2D": "Conv2_D"},
    }
    assert [*classes] == ["ConvBlock", "MaxPool"]
    sentences = classes["ConvBlock"]["at_kinks"].pop("sentences")
    assert [each.partition(":")[0] for each in sentences] == [
        "at ties the tied entries share the gradient",
        "ReLU's slope at 0 is 0.5",
    ]
    assert classes["ConvBlock"] == {
        "is": "Conv1D",
        "taken": ["a context"],
        "verdict": "FAILED",
        "cases": 3,
        "failing": 0,
        "sentence": "a sentence",
        "first_failure": None,
        "patterns": [],
        "at_kinks": {"relu_at_zero": 0.5, "pool_ties": "split", "rules": ["mlx"]},
        "gradient_check": {"dx": 0.25, "dw": "inf"},
        "notes": ["a note"],
        "checked": ["stride"],
        "not_offered": {"padding": "no"},
        "mend_first": ["MaxPool"],
    }
    assert (classes["MaxPool"]["sentence"], classes["MaxPool"]["at_kinks"]) == (None, None)


def test_json_is_alone_whatever_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    status, found = as_json(capsys, "odd name-2.py")
    assert status == found["status"] == 0
    relu = found["classes"]["ReLU"]
    assert relu["verdict"] == "PASSED"
    assert relu["at_kinks"]["relu_at_zero"] == 0
    assert "Conv1D" in found["missing"]


@pytest.mark.parametrize(
    ("judgement", "said"),
    [
        (Judgement("ReLU", "PASSED", 1), "ReLU: PASSED in 1 case"),
        (Judgement("Relu", "PASSED", 3, topic="ReLU"), "Relu (as ReLU): PASSED in 3 cases"),
        (Judgement("ReLU", "FAILED", 3, failing("", "after")), "ReLU: FAILED in 2 of 3 cases"),
        (
            Judgement("ReLU", "FAILED", 3, failing("again", "twin")),
            "ReLU: FAILED, though right in 3 cases taken one by one",
        ),
        (Judgement("ReLU", "NOT CHECKED"), "ReLU: NOT CHECKED"),
    ],
)
def test_the_verdict_in_words(judgement: Judgement, said: str) -> None:
    assert _verdict(judgement) == said


def test_a_pattern_is_told_once_and_that_none_is_known_where_no_part_has_failed() -> None:
    found = (Pattern("A", raised=True), Pattern("B", known=False), Pattern("C"))
    alone = Result(STUDENTS / "any.py", (Judgement("ConvBlock", "FAILED", found=found),))
    assert report(alone).splitlines()[1:4] == ["  pattern: C", "  pattern: A", "  B"]
    both = replace(alone, judgements=(*alone.judgements, Judgement("ReLU", "FAILED")))
    lines = report(both).splitlines()
    assert lines[1].startswith("  ReLU has failed: ")
    assert lines[lines.index("  pattern: C") :][:3] == ["  pattern: C", "  pattern: A", ""]


@pytest.mark.parametrize(
    ("kind", "said", "is_shown"),
    [
        ("numbers", "dx is", True),
        ("numbers", "dx is wrong", True),
        ("numbers", "dx is wrong everywhere", False),
        ("changed", "dx is wrong everywhere", True),
        ("changed", "dw is wrong", False),
    ],
)
def test_a_pattern_is_shown_already_where_the_first_failure_says_as_much(
    kind: Kind, said: str, is_shown: bool
) -> None:
    nobody: Any = None
    shown = Failure(nobody, (Problem(kind, "backward", "dx is wrong"),))
    assert _is_shown(Pattern(said), (shown, *failing(""))) == is_shown
    assert not _is_shown(Pattern(said), ())


def test_what_is_not_there_and_what_came_of_the_rest() -> None:
    one = Result(
        STUDENTS / "any.py",
        tuple(Judgement(name, "PASSED", 2) for name in ("ReLU", "MaxPool")),
        missing=("Conv1D", "Linear"),
        imported={"Flatten": "torch.nn"},
        alike={"Conv2D": "Conv2_D"},
        left=("line 3 raises ValueError",),
        others=("Dropout", "Network"),
    )
    assert report(one).splitlines() == [
        "note: line 3 raises ValueError",
        "ReLU: PASSED in 2 cases",
        "",
        "MaxPool: PASSED in 2 cases",
        "",
        "Flatten comes from torch.nn: it is not in the file, not checked",
        "Conv2D is missing; is Conv2_D meant?",
        "not checked, as no layer that is known here is called so: Dropout and Network",
        "missing, which is no failure: Conv1D and Linear",
        "PASSED: ReLU and MaxPool",
    ]
    verdicts: list[Verdict] = ["PASSED", "FAILED", "NOT CHECKED"]
    mixed = tuple(Judgement(each.lower(), each) for each in verdicts)
    last = report(Result(STUDENTS / "any.py", mixed)).splitlines()[-1]
    assert last == "FAILED: failed; passed: passed; not checked: not checked"
    at: Any = {"file": "any.py", "line": 3}
    for place, lines in (
        (None, []),
        ({**at, "text": ""}, ["  any.py, line 3"]),
        ({**at, "text": "x ="}, ["  any.py, line 3: x ="]),
    ):
        broken = Result(STUDENTS / "any.py", error={"sentence": "is no text", "place": place})
        assert report(broken).splitlines() == [
            "any.py: is no text",
            *lines,
            "FAILED: the file could not be run",
        ]


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ([], 10),
        (["--json"], 10),
        (["--timeout", "0.5"], 0.5),
        (["--timeout", "3600"], 3600),
    ],  # 10 is the default in the help
)
def test_the_exit_status_is_that_of_the_file(
    options: list[str],
    seconds: float,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def unreadable(file: Path, timeout: float) -> Result:
        assert timeout == seconds
        return Result(file, error={"sentence": "the file is no text", "place": None})

    monkeypatch.setattr("engine.check.__main__.check_file", unreadable)
    assert main([*options, str(STUDENTS / "lab.py")]) == 1
    assert "the file is no text" in capsys.readouterr().out


def test_a_file_without_any_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "empty.py"
    file.write_text("", encoding="utf-8")
    assert main([str(file)]) == 1
    text = capsys.readouterr().out
    assert text.startswith("missing: Conv1D, ReLU, ")
    assert "FAILED: nothing to check" in text
    assert "or two functions: linear_forward and" in text


@pytest.mark.parametrize(
    ("failed", "said"),
    [
        ((), ""),
        (("ReLU",), "ReLU has failed: if this one is made of it, mend it first"),
        (
            ("ReLU", "Conv1D"),
            "Conv1D and ReLU have failed: if this one is made of them, mend them first",
        ),
    ],
)
def test_parts_that_have_failed_are_to_be_mended_first(failed: tuple[str, ...], said: str) -> None:
    parts = [Judgement(name, "FAILED") for name in failed]
    parts.append(Judgement("MaxPool", "NOT CHECKED"))
    unexplained = Pattern("no pattern known here explains dx", known=False)
    block = Judgement("ConvBlock", "FAILED", found=(unexplained,))
    lines = [each.strip() for each in report(Result(Path("mine.py"), (*parts, block))).splitlines()]
    assert [line for line in lines if "mend" in line] == ([said] if said else [])
    assert (unexplained.sentence in lines) == (not failed), "it is explained by its parts"


@pytest.mark.parametrize(
    ("checked_for", "said"),
    [
        ("", "gradient check: dx PASSED (1.1e-09), dw FAILED"),
        ("dz = 1", "gradient check with dz = 1: dx PASSED (1.1e-09), dw FAILED"),
    ],
)
def test_the_gradient_check_has_a_line(checked_for: str, said: str) -> None:
    checks = {"dx": 1.06e-9, "dw": float("inf")}
    block = Judgement("ConvBlock", "FAILED", checks=checks, checked_for=checked_for)
    assert f"  {said}" in report(Result(Path("mine.py"), (block,))).splitlines()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: FILE"),
        (["no_such_file.py"], "there is no no_such_file.py"),
        ([str(STUDENTS)], "is a folder"),
        ([f"{'a' * 300}.py"], "a.py: File name too long"),
        ([os.devnull], f"{os.devnull} is a device or a pipe"),
        ([str(STUDENTS / "lab.py"), "--timeout", "0"], "needs seconds above 0"),
        ([str(STUDENTS / "lab.py"), "--timeout", "inf"], "at most 3600; got 'inf'"),
        ([str(STUDENTS / "lab.py"), "--timeout", "soon"], "needs seconds above 0"),
    ],
)
def test_wrong_usage(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_said_to_be_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def closed(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", closed)
    with pytest.raises(SystemExit) as stop:
        main([str(STUDENTS / "lab.py")])
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert "needs a file that can be read; " in said
    assert said.endswith("lab.py: Permission denied\n")


def test_an_interrupted_command_prints_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> Result:
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.check.__main__.check_file", stopped)
    assert main([str(STUDENTS / "lab.py")]) == 130
    assert capsys.readouterr() == ("", "stopped\n")


def test_a_notebook_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.ipynb"
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(SystemExit):
        main([str(file)])
    assert "nbconvert" in capsys.readouterr().err


def test_the_example_in_the_help_is_true(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    for said in ("a Python file of yours", "one JSON object instead", "each class (default: 10)"):
        assert said in " ".join(text.split())
    named = text.partition("similar ones:\n")[2].partition("each with")[0]
    assert {*re.findall(r"\w+", named)} == {*TOPICS}
    example = text.partition("mine.py\n")[2].partition("one calls")[0]
    file = tmp_path / "mine.py"
    file.write_text("\n".join(line[2:] for line in example.splitlines()), encoding="utf-8")
    assert main([str(file)]) == 1
    shown = capsys.readouterr().out
    promised = text.partition("with its numbers,\n")[2].partition("\n\nexit")[0]
    assert all(line.strip() in shown for line in promised.splitlines())
    assert max(map(len, text.splitlines())) <= 80
