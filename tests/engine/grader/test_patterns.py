"""Students' files with one mistake each: it is found, and described in one sentence."""

import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import engine
from engine.grader import patterns
from engine.grader.cases import Convention, Reference
from engine.grader.judge import Judgement, Verdict, _moved
from engine.grader.outcome import Failure, Outcome, Problem
from engine.grader.patterns import Pattern
from engine.grader.questions import topic
from engine.grader.report import calls, record, report
from engine.grader.student_file import Result, check_in
from tests.engine.grader.conftest import (
    STUDENTS,
    Here,
    assert_nothing_is_both_checked_and_not_offered,
    written,
)
from tests.for_each import for_each

Checked = Callable[[str], Result]
Judged = Callable[[str, str], Judgement]

SPREAD = "every entry of a window gets the gradient, not only the largest"
FORWARD_FIRST = (
    "backward is the derivative of this forward, not of the right one: mend forward first"
)
BROKEN: list[tuple[str, str, list[str]]] = [
    ("wrong_lab", "Conv1D", ["dw is not multiplied by the upstream gradient da"]),
    ("wrong_lab", "ReLU", ["da is not multiplied by the upstream gradient dh"]),
    ("wrong_lab", "MaxPool", [SPREAD]),
    (
        "wrong_lab",
        "ConvBlock",
        [f"{grad}: ReLU's mask is missing, everything passes" for grad in ("dx", "dw")],
    ),
    (
        "wrong_lab",
        "Linear",
        [f"{grad} is the mean, not the sum, over the minibatch" for grad in ("dw", "db")],
    ),
    ("wrong_lab", "Flatten", ["dx: the entries are in another order (order='F')"]),
    ("wrong_lab", "SoftmaxCrossEntropy", ["dlogits is not divided by the number of examples"]),
    ("wrong_signs", "Conv1D", ["dx and dw are swapped"]),
    ("wrong_signs", "ReLU", ["da: ReLU's mask is for a < 0, not for a > 0"]),
    ("wrong_signs", "MaxPool", ["the sign of dh is flipped"]),
    (
        "wrong_signs",
        "ConvBlock",
        [
            (
                "it follows no one rule at kinks: the first tied entry gets the gradient in "
                "'a scalar w, a tie of two', but every tied entry gets the gradient in "
                "'a scalar w, a tie of three'"
            )
        ],
    ),
    (
        "wrong_signs",
        "Conv2D",
        [
            "the filter is flipped: a true convolution, not a cross-correlation",
            FORWARD_FIRST,
        ],
    ),
    (
        "wrong_signs",
        "MaxPool2D",
        [
            "z is the minimum, not the maximum",
            FORWARD_FIRST,
        ],
    ),
    ("wrong_signs", "Linear", ["dw is transposed"]),
    (
        "wrong_windows",
        "Conv1D",
        [
            f"{grad}: the stride is ignored on the way back (wrong where stride > 1)"
            for grad in ("dx", "dw")
        ],
    ),
    ("wrong_windows", "ReLU", ["da is right only for the first example of the minibatch"]),
    (
        "wrong_windows",
        "MaxPool",
        ["dh: where windows overlap, contributions are overwritten, not added"],
    ),
    ("wrong_windows", "ConvBlock", ["dx is rounded towards 0: an array of integers holds it"]),
    ("wrong_windows", "Conv2D", ["dw is the mean, not the sum, over positions"]),
    (
        "wrong_windows",
        "MaxPool2D",
        [
            "padding with zeros: they take part in the maximum",
            FORWARD_FIRST,
        ],
    ),
    ("wrong_windows", "Linear", ["the bias b is not added (wrong where there is a bias b)"]),
    (
        "branches",
        "Conv1D",
        [
            "dx: where windows overlap, contributions are overwritten, not added",
            (
                "dw comes from the last position alone: overwritten, not added "
                "(wrong where w is no scalar)"
            ),
        ],
    ),
    ("branches", "Linear", ["dw is an array of integers, which drops fractions"]),
    ("branches", "Conv2D", ["dx: the filter is transposed"]),
    ("branches", "MaxPool2D", ["dh: the winner's row in its window is taken for its column"]),
    ("loops", "ReLU", ["da is not multiplied by the upstream gradient dh"]),
    ("loops", "MaxPool", ["dh is not multiplied by the upstream gradient dz"]),
    (
        "remembering",
        "ConvBlock",
        [f"{each} is the same whatever the input is" for each in ("z", "dx", "dw")],
    ),
]


@pytest.mark.parametrize(("name", "of", "patterns"), BROKEN, ids=lambda each: str(each)[:20])
def test_the_pattern_of_a_mistake(judged: Judged, name: str, of: str, patterns: list[str]) -> None:
    judgement = judged(name, of)
    assert judgement.verdict == "FAILED"
    assert [each for each in judgement.patterns if "right here" not in each] == patterns


def test_means_are_told_to_be_a_convention_if_all_gradients_but_dx_are_means(
    judged: Judged,
) -> None:
    (note,) = judged("wrong_lab", "Linear").notes
    assert note.startswith("to divide dw and db by the number of examples is the convention of")
    assert not any("convention" in each for each in judged("wrong_signs", "Linear").notes)


def test_means_are_right_where_the_upstream_gradient_is_that_of_the_sum(judged: Judged) -> None:
    (note,) = judged("wrong_lab", "Linear").notes
    assert "right where dy is the gradient of the sum of the losses" in note


def test_a_block_of_broken_parts_points_to_them(checked: Checked, judged: Judged) -> None:
    block = judged("loops", "ConvBlock")
    assert block.verdict == "FAILED"
    assert checked("loops").beneath(block) == ("ReLU", "MaxPool")
    assert checked("wrong_signs").beneath(judged("wrong_signs", "Linear")) == ()


@pytest.mark.parametrize(
    ("verdict", "beneath"),
    [("FAILED", ("ReLU", "MaxPool")), ("PASSED", ()), ("NOT CHECKED", ())],
)
def test_parts_are_to_be_mended_first_only_where_the_block_has_failed(
    verdict: Verdict, beneath: tuple[str, ...]
) -> None:
    block = Judgement("ConvBlock", verdict)
    parts = [Judgement("Conv1D", "PASSED"), *(Judgement(n, "FAILED") for n in ("MaxPool", "ReLU"))]
    assert Result(STUDENTS / "any.py", (*parts, block)).beneath(block) == beneath


def test_a_pattern_is_claimed_only_where_it_explains_everything(judged: Judged) -> None:
    flatten = judged("remembering", "Flatten")  # it rounds to quarters, which is no hypothesis
    assert flatten.patterns == ("no pattern known here explains dx in all 3 of its wrong cases",)
    assert {each.outcome.case.point for each in flatten.failures} == {"gradient check"}


IGNORING = """
import numpy as np
class Conv1D:
    def __init__(self, stride=1, padding=0):
        self.stride, self.padding = stride, padding
    def forward(self, x, w, b=None):
        self.x, self.w = x, w
        return np.convolve(x, w[::-1], "valid")
    def backward(self, d):
        dx, dw = np.zeros_like(self.x), np.zeros_like(self.w)
        for i, each in enumerate(d):
            dx[i : i + len(self.w)] += each * self.w
            dw += each * self.x[i : i + len(self.w)]
        return dx, dw
class MaxPool:
    def forward(self, h):
        self.h = h
        return h.max()
    def backward(self, dz):
        return dz * (self.h == self.h.max()) / len(self.h)
"""


def test_each_of_two_mistakes_is_said_where_none_explains_all(tmp_path: Path) -> None:
    file = written(tmp_path, IGNORING)
    conv, pool = check_in(Here(file, differences=False), file, 60).judgements
    assert conv.patterns == (
        "stride and padding are ignored",
        "the bias b is not added (wrong where there is a bias b)",
    )
    # If all entries tie, this is the same as sharing, but sharing is not the rule that is found.
    assert pool.patterns == ("the gradient is divided by the number of entries of the window",)


def test_the_first_failing_case_has_its_numbers(judged: Judged) -> None:
    failure = judged("wrong_lab", "Conv1D").failures[0]
    case = failure.outcome.case
    assert case.inputs[0].tolist() == [1, -2, 3, 0.5]
    assert case.inputs[1] == 2
    (problem,) = failure.problems
    assert problem.quantity == "dw"
    assert problem.got == np.sum(case.inputs[0]) == 2.5
    assert problem.expected == np.sum(case.dout * case.inputs[0]) == -2


FAILING = (
    "wrong_lab",
    "wrong_signs",
    "wrong_windows",
    "branches",
    "loops",
    "remembering",
    "raising",
    "leaking",
)


WORDS = {
    "SystemExit": "ends the program",
    "NotImplementedError": "is not implemented",
    "OSError": "waits for input()",  # since pytest forbids it
}


def shown(text: str, of: str) -> tuple[str, str]:
    """What a report shows to be typed in for a class, and what it says below."""
    _, _, found = f"\n{text}".partition(f"\n{of}: FAILED")
    _, _, found = found.partition("\n\n")[0].partition("  first failing case: ")
    lines, said = found.splitlines()[1:], 0
    while lines[said].startswith("    "):
        said += 1
    return "\n".join(line[4:] for line in lines[:said]), "\n".join(lines[said:])


@pytest.mark.parametrize("name", FAILING)
def test_what_is_shown_fails_when_it_is_typed_in(checked: Checked, name: str) -> None:
    result = checked(name)
    text = report(result)
    for judgement in result.judgements:
        failure = judgement.failures[0] if judgement.failures else None
        if failure is None or not failure.alone or failure.outcome.ended:
            continue
        lines, _ = shown(text, judgement.name)
        before, _, last = lines.rpartition("; " if "; " in lines.splitlines()[-1] else "\n")
        shell = runpy.run_path(str(STUDENTS / f"{name}.py")) | {"np": np}
        problem = failure.problems[0]
        assert ("layer.backward(" in last) == (problem.method == "backward")
        if problem.kind == "raises":
            with pytest.raises(BaseException) as error:  # noqa: PT011 - whatever they say
                exec(lines, shell)
            kind = error.type.__name__
            assert (
                failure.special
                or WORDS.get(kind, f"raises {kind}: {error.value}"[:40]) in problem.sentence
            )
            continue
        exec(before, shell)
        found = eval(last.partition("  #")[0], shell)
        if problem.kind in ("odd", "count"):
            assert problem.sentence.startswith(
                "backward gives None" if found is None else "backward gives 1 gradient"
            )
            continue
        assert problem.expected is not None
        if problem.kind == "differences":
            assert problem.got is not None
            worst = np.abs(problem.got - problem.expected).argmax()
            assert found == problem.got.flat[worst]
            assert abs(found - problem.expected.flat[worst]) > 0.1
            continue
        got = found if not isinstance(found, tuple) else found[problem.argument]
        assert np.shape(got) != problem.expected.shape or not np.allclose(got, problem.expected)
        np.testing.assert_array_equal(got, problem.got)


def test_a_wrong_shape_says_both(judged: Judged) -> None:
    sentences = [each.sentence for each in judged("wrong_signs", "Conv1D").failures[0].problems]
    assert sentences == [
        "dx has the wrong shape: got (), needs (4,)",
        "dw has the wrong shape: got (4,), needs (), a single number",
    ]


def test_the_gradient_check_tells_dx_from_dw(judged: Judged) -> None:
    checks = judged("wrong_lab", "Conv1D").checks
    assert checks["dx"] < 1e-6
    assert checks["dw"] == np.inf


@pytest.mark.parametrize(
    ("of", "sentence", "typed"),
    [
        (
            "Conv1D",
            "the second pass through one instance goes wrong: something is left over",
            ["layer = Conv1D()", *["layer.forward(x, w); layer.backward(da)"] * 2],
        ),
        (
            "ReLU",
            "two instances share what forward remembers (a class attribute, a global?)",
            ["layer = ReLU()", "layer.forward(a)", "ReLU().forward(a); layer.backward(dh)"],
        ),
    ],
)
def test_what_only_a_second_pass_shows(
    judged: Judged, of: str, sentence: str, typed: list[str]
) -> None:
    judgement = judged("remembering", of)
    assert judgement.verdict == "FAILED"
    (failure,) = judgement.failures
    assert failure.special == ("again" if of == "Conv1D" else "twin")
    assert failure.other is not None  # the input of the other pass
    assert failure.problems[0].sentence.startswith(sentence)
    assert [line for line in calls(failure, "") if "layer" in line] == typed


@for_each(
    ("of", "stride", "strides"),
    [("Conv2D", 1, False), ("Conv2D", 2, True), ("Conv2D", (1, 2), True), ("MaxPool2D", 2, False)],
)
def test_a_case_has_a_stride_from_two_on_and_a_pool_always_one(
    of: str, stride: Any, strides: bool
) -> None:
    case = SimpleNamespace(settings={"stride": stride})
    outcome: Any = SimpleNamespace(topic=topic(of), case=case)
    assert patterns._stride(outcome) == strides


def test_work_in_place_is_told(judged: Judged) -> None:
    judgement = judged("remembering", "MaxPool2D")
    assert judgement.verdict == "FAILED"
    assert judgement.notes[-1].startswith("forward writes into h, which belongs to the caller")


def test_a_forward_that_rounds_is_found_by_differences(judged: Judged) -> None:
    judgement = judged("remembering", "Linear")
    assert judgement.verdict == "FAILED"
    problem = judgement.failures[0].problems[0]
    assert problem.kind == "differences"
    assert problem.sentence.endswith("(does forward round?)")
    right = judgement.failures[0].outcome.reference.grads(Convention())[problem.argument]
    assert problem.expected is not None
    np.testing.assert_allclose(problem.expected, right, rtol=1e-12)
    assert problem.got is not None
    assert not problem.got.any()  # at the step that shows it best all is rounded away


@pytest.mark.parametrize(("of", "argument"), [("Conv1D", 0), ("Conv1D", 1), ("Linear", 1)])
def test_what_shows_it_is_the_slope_of_forward(of: str, argument: int) -> None:
    """Typed in for a right layer, it gives the right gradient."""
    about = topic(of)
    reference = Reference(about, about.features[0].cases[0])
    right = reference.grads(Convention())[argument]
    got = right.copy()
    got.flat[-1] += 1
    problem = Problem("differences", "forward", "", "", argument, got, right)
    outcome = Outcome(about.features[0], reference, f"engine.{of}()")
    *before, last = calls(Failure(outcome, (problem,), step=2.0**-7), "")
    shell = {"np": np}
    exec("\n".join(before), shell)
    assert eval(last.partition("  #")[0], shell) == right.flat[-1]


@pytest.mark.parametrize(("of", "argument"), [("Conv1D", 0), ("Conv1D", 1), ("Linear", 1)])
def test_the_slopes_of_forward_are_those_of_each_entry(of: str, argument: int) -> None:
    about = topic(of)
    reference = Reference(about, about.features[0].cases[0])
    right = reference.grads(Convention())[argument]
    problem = Problem("differences", "forward", "", "", argument, right + 1, right)
    failure = Failure(Outcome(about.features[0], reference, f"engine.{of}()"), (problem,))

    def ask(_: Any, case: Any) -> Any:
        output = getattr(engine, of)().forward(*case.inputs)
        return SimpleNamespace(output=SimpleNamespace(array=output))

    asker: Any = SimpleNamespace(ask=ask)
    moved = _moved(failure, asker, 2.0**-7)
    assert moved.step == 2.0**-7
    assert moved.problems[0].got is not None
    np.testing.assert_allclose(moved.problems[0].got, right, atol=1e-9)


def test_what_needs_another_pass_shows_both(judged: Judged) -> None:
    judgement = judged("leaking", "Conv1D")
    conv = judgement.failures[0]
    assert (conv.special, conv.alone, judgement.patterns) == ("after", True, ())
    assert conv.other is not None
    before, here = conv.other.case, conv.outcome.case
    sums = [np.sum(case.dout * case.inputs[0]) for case in (before, here)]
    assert conv.problems[0].got == sum(sums)  # it adds to what was there before
    assert conv.problems[0].expected == sums[1]
    made = [line for line in calls(conv, "") if line.startswith("layer = ")]
    assert made == ["layer = Conv1D()"] * 2  # a new layer, which remembers it, too


def test_what_needs_more_than_one_pass_is_not_said_to_fail_by_itself(
    checked: Checked, judged: Judged
) -> None:
    pool = judged("leaking", "MaxPool")
    assert pool.verdict == "FAILED"
    assert not pool.failures[0].alone
    assert pool.patterns == ()
    told = record(checked("leaking"))["classes"]
    alone = {name: told[name]["first_failure"]["alone"] for name in ("MaxPool", "ReLU")}
    assert alone == {"MaxPool": False, "ReLU": True}
    _, said = shown(report(checked("leaking")), "MaxPool")
    assert said.startswith("  typed in by itself this case is right: ")


def test_the_case_that_crashes_is_the_one_that_is_shown(judged: Judged) -> None:
    failure = judged("leaking", "ReLU").failures[0]
    a = failure.outcome.case.inputs[0]
    assert (a * 1024 % 1 != 0).any()  # such numbers this class does not know
    assert failure.problems[0].sentence == "forward raises IndexError: list index out of range"


def test_a_gradient_check_fails_the_gradient_that_is_wrong(judged: Judged) -> None:
    # Its forward is in single precision, in which a step of 1e-6 is too small for dx, too.
    checks = judged("leaking", "Linear").checks
    assert checks["dw"] == np.inf
    assert checks["dx"] < 1e-3


@pytest.mark.parametrize(("of", "method"), [("Conv2D", "forward"), ("Flatten", "backward")])
def test_the_method_that_rounds_is_named(judged: Judged, of: str, method: str) -> None:
    judgement = judged("leaking", of)
    assert judgement.verdict == "PASSED"
    assert [each.partition(":")[0] for each in judgement.notes if " rounds: " in each] == [
        f"{method} rounds"
    ]


@pytest.mark.parametrize("name", FAILING)
def test_nothing_is_both_checked_and_not_offered(checked: Checked, name: str) -> None:
    assert_nothing_is_both_checked_and_not_offered(checked(name))


@pytest.mark.parametrize(
    ("dx", "said"),
    [("0 * self.x", "dx is 0 everywhere"), ("7 * dy @ self.w", "dx is 7 times what it should be")],
)
def test_what_is_so_at_times_is_told_with_where(tmp_path: Path, dx: str, said: str) -> None:
    source = f"""
import numpy as np
class Linear:
    def forward(self, x, w):
        self.x, self.w = x, w
        return x @ w.T
    def backward(self, dy):
        if dy.ndim == 1:
            return dy @ self.w, np.outer(dy, self.x)
        return {dx}, dy.T @ self.x
"""
    file = written(tmp_path, source)
    (linear,) = check_in(Here(file, differences=False), file, 60).judgements
    assert [each.sentence for each in linear.found] == [f"{said} (wrong for minibatches)"]


def test_gradients_are_swapped_whatever_forward_does_wrong_elsewhere(tmp_path: Path) -> None:
    source = """
import numpy as np
class Conv1D:
    def forward(self, x, w):
        self.x, self.w = x, w
        return abs(w) * x
    def backward(self, da):
        return (self.x * da).sum(), self.w * da
"""
    file = written(tmp_path, source)
    (conv,) = check_in(Here(file, differences=False), file, 60).judgements
    assert conv.patterns == ("a is wrong where w is negative", "dx and dw are swapped")


def test_the_narrowest_kind_of_cases_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: Any = {"wide": "ab", "none": "b", "narrow": "a", "all": "abc"}
    shapes = [(words, of.__contains__) for words, of in kinds.items()]
    monkeypatch.setattr(patterns, "SHAPES", shapes)
    failing: Any = {"a"}
    counted: Any = [*"abc"]
    found: Any = patterns._kinds_around(failing, counted)
    assert found == [("narrow", {*"a"}), ("wide", {*"ab"})]


def test_what_is_raised_once_is_no_pattern() -> None:
    one, other = object(), object()
    exam: Any = SimpleNamespace(outcomes=[one, other])
    sentence = "forward raises ValueError"
    problem = Problem("raises", "forward", sentence, raised="ValueError")
    failing: Any = {sentence: {one: problem, other: problem}}
    assert [*patterns._others(exam, failing)] == [Pattern(sentence, raised=True)]
    del failing[sentence][other]
    exam.outcomes = [one]
    assert [*patterns._others(exam, failing)] == []


def test_two_gradients_are_swapped_where_they_are_so_everywhere() -> None:
    numbers = np.array([1.0, 2.0]), np.array([3.0, 4.0])

    def failing(one: int, other: int, *, swapped: bool = True) -> Any:
        given = numbers[::-1] if swapped else numbers
        problems = [
            Problem("numbers", "backward", "", "", argument, got, right)
            for argument, got, right in zip((one, other), given, numbers, strict=True)
        ]
        return SimpleNamespace(problems=problems)

    assert patterns._swapped([failing(0, 1), failing(0, 1)]) == (0, 1)
    assert patterns._swapped([failing(0, 1), failing(1, 2)]) == ()
    assert patterns._swapped([failing(0, 1), failing(0, 1, swapped=False)]) == ()
    assert patterns._swapped([]) == ()


@for_each(
    ("made", "wrong", "parts"),
    [
        (["a", "bc"], 3, ["bc", "a"]),  # what explains the most comes first
        (["a", "b", "c"], 3, ["a", "b", "c"]),
        (["a", "b", "bc"], 3, ["bc", "a"]),
        (["ab", "bc"], 3, []),  # b would have two mistakes
        (["a", "ab"], 3, []),  # so would a, and nothing explains a third case
        (["a", "b"], 3, []),  # nothing explains a third case
        (["a", "b", "c", "d"], 4, []),  # so many mistakes would fit anything
    ],
)
def test_wrong_cases_are_divided_among_two_or_three_mistakes(
    made: list[str], wrong: int, parts: list[str]
) -> None:
    """The numbers fit under one of two conventions only."""
    fit: Any = lambda part, answers: [*part] if answers[0] == 1 else []  # noqa: E731
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patterns, "_possible", lambda _: made)
        patch.setattr(patterns, "_made_in_part", fit)
        patch.setattr(patterns, "_agrees", lambda *_: True)
        answers: Any = [[0, 1]] * wrong
        assert patterns._apart(answers, []) == [[*each] for each in parts]


def test_a_mistake_agrees_with_right_cases_by_a_rule_that_it_holds_for() -> None:
    yes, no = (
        SimpleNamespace(agrees=lambda it: it, predicted=lambda _, it=it: it) for it in (1, 0)
    )
    cases: Any = [[yes, no], [no, yes]]
    hypothesis: Any = None
    assert patterns._agrees(hypothesis, cases[:1], [0])
    assert not patterns._agrees(hypothesis, cases[:1], [1])
    assert not patterns._agrees(hypothesis, cases, [0])
    assert patterns._agrees(hypothesis, cases, [0, 1])
