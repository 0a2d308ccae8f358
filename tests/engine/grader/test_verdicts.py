"""Students' files that are right: they pass, whatever they leave out and whatever rule they follow.

Those that fail, and the patterns in them, are in test_patterns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import sleep
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from engine import RULES
from engine.grader.cases import Case, Convention, Reference, conventions
from engine.grader.examine import Asker, Exam, Examiner, _described
from engine.grader.judge import (
    Judgement,
    _about_integers,
    _checked_for,
    _checks,
    _foreign,
    _full_precision,
    _placed,
    _precision,
    _rank,
    _rounded,
    _written,
    agreeing,
    as_special,
    confirmed,
    followed,
    inconsistent,
    judge,
    not_checked,
    notes,
    of_cases,
    of_two_passes,
)
from engine.grader.outcome import (
    Failure,
    Kind,
    Outcome,
    Problem,
    Special,
    compared,
)
from engine.grader.patterns import Pattern
from engine.grader.process import EndedError
from engine.grader.questions import SETTINGS, topic
from engine.grader.student_file import Result, check_in
from engine.grader.wire import Description, Raised, pack, pack_value, unpack_value
from tests.engine.grader.conftest import (
    RELU,
    Here,
    assert_nothing_is_both_checked_and_not_offered,
    written,
)
from tests.for_each import for_each

Checked = Callable[[str], Result]
Judged = Callable[[str, str], Judgement]


def test_the_labs_own_code_passes_as_it_stands(checked: Checked, judged: Judged) -> None:
    result = checked("lab")
    assert result.verdict == "PASSED"
    assert {each.name for each in result.judgements} == {"Conv1D", "ReLU", "MaxPool", "ConvBlock"}
    block = judged("lab", "ConvBlock")
    assert block.followed is not None
    assert list(block.followed.sentences) == [
        "at ties every tied entry gets the gradient: the lab's rule",
        "ReLU's slope at 0 is 1: the lab's rule",
    ]
    assert block.followed.slugs == ("lab",)
    (note,) = block.notes
    assert "(x = [3, 3, 1], w = 1, dz = 1) dw = 6 is no derivative: the slope there is 3." in note


@pytest.mark.parametrize("name", ["lab", "everything", "limited", "conventions"])
def test_nothing_is_both_checked_and_not_offered(checked: Checked, name: str) -> None:
    assert_nothing_is_both_checked_and_not_offered(checked(name))


def test_what_the_lab_does_not_offer_is_listed(judged: Judged) -> None:
    conv = judged("lab", "Conv1D")
    assert conv.offered == ("a scalar w",)
    assert conv.refused["a vector w (K,)"] == "forward raises ValueError (line 10)"
    # numpy's broadcasting gives the right output by accident, as the gradients show.
    assert conv.refused["several scalar filters w (F, 1)"].startswith("dx has the shape (3, 4)")
    assert conv.refused["stride"] == "the constructor takes no stride"
    assert conv.refused["a bias b"] == "forward takes none"
    assert "the whole axis with minibatches h (N, C, L)" in judged("lab", "MaxPool").refused


def test_a_shape_like_ours_by_chance_is_no_offer(judged: Judged) -> None:
    # A loop over len(w), given several filters, gives an array with the right number of axes.
    conv = judged("loops", "Conv1D")
    assert conv.verdict == "PASSED"
    assert conv.forms == {
        "a scalar w": [""],
        "a vector w (K,)": ["", "a w as long as x", "a w of one entry"],
    }
    assert conv.refused["several filters w (F, K)"].startswith("a has the shape (5, 3)")


def test_a_form_by_chance_between_others_is_no_offer(tmp_path: Path) -> None:
    source = """
import numpy as np
class Conv1D:
    def forward(self, x, w):
        self.x, self.w, k = x, w, w.shape[-1] if w.ndim else 1
        self.windows = np.lib.stride_tricks.sliding_window_view(x, k)
        return w * x if w.ndim == 0 else w @ self.windows.T
    def backward(self, da):
        if self.w.ndim == 0:
            return da * self.w, da @ self.x
        dx, dw = np.zeros_like(self.x), da @ self.windows
        for at, each in enumerate(da.T):
            dx[at : at + dw.shape[-1]] += each @ self.w if self.w.ndim > 1 else each * self.w
        return dx, dw if self.w.ndim > 1 else dw.sum()
"""
    file = written(tmp_path, source)
    (conv,) = check_in(Here(file), file, 60).judgements
    assert conv.verdict == "PASSED"
    assert {"a scalar w", "several filters w (F, K)"} < {*conv.forms}
    assert conv.refused["a vector w (K,)"] == "dw has the shape (), such a case needs (3,)"


def test_no_form_is_left_out_when_the_shapes_are_wrong_in_every_form(tmp_path: Path) -> None:
    source = """
import numpy as np
class Linear:
    def forward(self, x, w):
        self.x, self.w = x, w
        return x @ w.T
    def backward(self, dy):
        dw = np.outer(dy, self.x) if dy.ndim == 1 else dy.T @ self.x
        return (dy @ self.w).sum(), dw
"""
    file = written(tmp_path, source)
    (linear,) = check_in(Here(file), file, 60).judgements
    assert linear.verdict == "FAILED"
    assert linear.offered == ("one example x (D,)", "minibatches x (N, D)")


def test_the_form_nearest_to_right_is_judged_wrong_when_none_is_right() -> None:
    exam: Any = SimpleNamespace(offered=[SimpleNamespace(what="stride")], outcomes=[], refused={})
    progress = {
        "windows, one": ("windows", [0, 2]),
        "windows, several": ("windows", [0, 3]),
        "axis, one": ("axis", [1]),
        "axis, several": ("axis", [0]),
        "stride, one": ("stride", [9]),
    }
    postponed: Any = [
        (
            SimpleNamespace(what=what, name=name),
            [SimpleNamespace(progress=each) for each in far],
            "it is not right",
        )
        for name, (what, far) in progress.items()
    ]
    examiner: Any = SimpleNamespace()
    Examiner._settle(examiner, exam, postponed)
    assert [each.name for each in exam.offered[1:]] == ["windows, several", "axis, one"]
    assert [each.progress for each in exam.outcomes] == [0, 3, 1]
    assert {*exam.refused} == {"windows, one", "axis, several", "stride, one"}


OF_FUNCTIONS: Any = {"functions": True}
OF_A_CLASS: Any = {"functions": False}


@for_each(
    ("of", "feature", "takes", "plan", "missing"),
    [
        ("Conv1D", "stride", (), None, ("stride", "the constructor takes no stride")),
        ("Conv1D", "stride", (), OF_A_CLASS, ("stride", "the constructor takes no stride")),
        ("Conv1D", "stride", (), OF_FUNCTIONS, ("stride", "forward takes no stride")),
        ("Conv1D", "stride", ("stride",), None, None),
        ("Conv1D", "b", (), None, ("a bias b", "forward takes none")),
        ("MaxPool", "windows", ("size",), None, None),  # the stride is the size
        ("MaxPool", "windows", ("stride",), None, ("size", "the constructor takes no size")),
        (
            *("MaxPool", "padding", ("size", "padding"), None),
            ("stride", "the constructor takes no stride"),  # it is the size in the first case alone
        ),
        (
            *("SoftmaxCrossEntropy", "labels given to the constructor", (), OF_A_CLASS),
            ("labels", "the constructor takes no labels"),
        ),
        (
            *("SoftmaxCrossEntropy", "labels given to the constructor", (), OF_FUNCTIONS),
            ("labels", "a function takes them with the logits"),
        ),
    ],
)
def test_what_signatures_show_not_to_be_offered(
    of: str, feature: str, takes: Sequence[str], plan: Any, missing: object
) -> None:
    about = Description(
        settings={each: [each, "named"] for each in takes}, plan=plan, forward=(2, 2)
    )
    examiner: Any = SimpleNamespace(_exam=SimpleNamespace(about=about))
    asked = next(each for each in topic(of).features if each.what == feature)
    assert Examiner._missing(examiner, asked) == missing


def test_all_classes_with_all_features_pass(checked: Checked) -> None:
    result = checked("everything")
    assert result.verdict == "PASSED"
    assert [each.name for each in result.judgements] == list(SETTINGS)
    for judgement in result.judgements:
        features = topic(judgement.name).features
        assert judgement.refused == {}
        assert set(judgement.offered) == {each.name for each in features if not each.advice}


@pytest.mark.parametrize(
    ("name", "of", "slope", "ties", "slugs"),
    [
        ("lab", "ReLU", 1, None, ["lab"]),
        ("lab", "MaxPool", None, "all", ["lab"]),
        ("lab", "Conv1D", None, None, []),
        ("everything", "ReLU", 0, None, [slug for slug in RULES if slug != "lab"]),
        ("everything", "MaxPool", None, "first", ["pytorch-max-pool"]),
        ("everything", "MaxPool2D", None, "first", ["jax-reduce-window"]),
        ("everything", "ConvBlock", 0, "first", ["tensorflow-max-pool"]),
        ("conventions", "ReLU", 0.5, None, []),
        ("conventions", "MaxPool", None, "split", ["jax-max", "mlx", "tinygrad", "pytorch-amax"]),
        ("conventions", "MaxPool2D", None, "last", []),
        ("conventions", "ConvBlock", 0, "split", ["tensorflow-reduce-max"]),
    ],
)
def test_a_class_that_follows_one_rule_passes_and_the_rule_is_named(
    judged: Judged, name: str, of: str, slope: float | None, ties: str | None, slugs: list[str]
) -> None:
    judgement = judged(name, of)
    assert judgement.verdict == "PASSED"
    if slope is None and ties is None:
        assert judgement.followed is None
        return
    assert judgement.followed is not None
    assert judgement.followed.relu_at_zero == slope
    assert judgement.followed.pool_ties == ties
    assert set(slugs) <= set(judgement.followed.slugs)
    if not slugs:
        assert judgement.followed.slugs == ()


@pytest.mark.parametrize(
    ("slope", "verdict"),
    [(0.25, "PASSED"), (0.75, "PASSED"), (-0.25, "FAILED"), (1.25, "FAILED")],
)
def test_any_slope_between_those_of_both_sides_is_a_rule_of_a_relu_at_zero(
    tmp_path: Path, slope: float, verdict: str
) -> None:
    """No framework has such a slope: it is found in what the class gives at 0."""
    backward = f"dh * np.where(self.a == 0, {slope}, self.a > 0)"
    file = written(tmp_path, RELU.replace("dh * (self.a > 0)", backward))
    (found,) = check_in(Here(file), file, 60).judgements
    assert found.verdict == verdict
    if verdict == "PASSED":
        assert found.followed is not None
        assert (found.followed.relu_at_zero, found.followed.slugs) == (slope, ())
        whose = "a subgradient, though no framework in our table does so"
        assert [*found.followed.sentences] == [f"ReLU's slope at 0 is {slope}: {whose}"]


@pytest.mark.parametrize(
    ("of", "offered"),
    [
        ("Conv1D", {"minibatches x (N, C, L)", "padding with minibatches x (N, C, L)"}),
        ("ReLU", {"a vector a (L,)"}),
        ("MaxPool", {"windows with minibatches h (N, C, L)"}),
        ("MaxPool2D", {"both axes whole with h (H, W)"}),
        ("ConvBlock", {"a vector w (K,)"}),
        ("Linear", {"minibatches x (N, D)"}),
        ("Conv2D", {"a matrix w (kh, kw)"}),
    ],
)
def test_a_class_may_offer_little(judged: Judged, of: str, offered: set[str]) -> None:
    judgement = judged("limited", of)
    assert judgement.verdict == "PASSED"
    assert offered <= set(judgement.offered)
    assert judgement.refused


def test_reasons_for_not_offering(judged: Judged) -> None:
    pool = judged("limited", "MaxPool2D")
    assert "AssertionError: no windows here (line 61)" in pool.refused["windows with h (H, W)"]
    assert (
        "nothing comes of it"
        in judged("limited", "Conv2D").refused["stride with a matrix w (kh, kw)"]
    )
    assert judged("limited", "ConvBlock").notes == (
        "backward takes no dz: it was checked for 1 only",
    )
    assert "forward gives float32" in judged("limited", "Conv2D").notes


MOVING = """
import numpy as np
class Conv1D:
    def __init__(self, TAKEN):
        self.step = STEP
    def forward(self, x, w):
        self.x, self.w = x, w
        return np.lib.stride_tricks.sliding_window_view(x, len(w))[:: self.step] @ w
    def backward(self, da):
        dx, dw = np.zeros(len(self.x)), np.zeros(len(self.w))
        for at, each in zip(range(0, len(dx), self.step), da):
            dx[at : at + len(dw)] += each * self.w
            dw += each * self.x[at : at + len(dw)]
        return dx, dw
"""
NOTHING_OF_IT = "the constructor takes it, under no name that tells so, and nothing comes of it"


@pytest.mark.parametrize("taken", ["*rest", "**rest", "reach=1, edge=0", "reach=1, *rest"])
def test_a_setting_under_no_name_of_which_nothing_comes_is_not_offered(
    tmp_path: Path, taken: str
) -> None:
    file = written(tmp_path, MOVING.replace("TAKEN", taken).replace("STEP", "1"))
    (found,) = check_in(Here(file, differences=False), file, 60).judgements
    assert found.verdict == "PASSED"
    settings = "stride", "padding", "stride and padding"
    refused = [found.refused[f"{each} with a vector w (K,)"] for each in settings]
    assert refused == [NOTHING_OF_IT] * 3


@pytest.mark.parametrize(
    ("taken", "step"),
    [("reach=1, edge=0", "reach"), ("*rest", "(*rest, 1)[0]"), ("**all", "all.get('stride', 1)")],
)
def test_a_setting_under_no_name_that_is_read_is_offered(
    tmp_path: Path, taken: str, step: str
) -> None:
    file = written(tmp_path, MOVING.replace("TAKEN", taken).replace("STEP", step))
    (found,) = check_in(Here(file, differences=False), file, 60).judgements
    assert found.verdict == "PASSED"
    assert "stride with a vector w (K,)" in found.offered
    assert found.refused["padding with a vector w (K,)"] == NOTHING_OF_IT


TAKES_ANY = """
import numpy as np
class ConvBlock:
    def forward(self, x, w, *rest):
        self.x, self.w, self.rest = x, w, rest
        return np.maximum(0, x * w).max()
    def backward(self, dz):
        h = np.maximum(0, self.x * self.w)
        da = dz * (h == h.max()) * (h > 0)
        return da * self.w, (da * self.x).sum()
"""


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("*rest):", "*rest):", "PASSED"),
        # A bias that is read, and one that has a gradient, is meant to be added.
        ("x * w)", "x * w - sum(rest))", "FAILED"),
        (".sum()", ".sum(), *(da.sum() for _ in self.rest)", "FAILED"),
    ],
)
def test_a_bias_under_no_name_that_is_not_read_is_not_offered(
    tmp_path: Path, old: str, new: str, verdict: str
) -> None:
    file = written(tmp_path, TAKES_ANY.replace(old, new))
    (found,) = check_in(Here(file, differences=False), file, 60).judgements
    assert found.verdict == verdict
    says = "forward takes it, under no name that tells so, and nothing comes of it"
    assert (found.refused.get("b with a scalar w") == says) == (verdict == "PASSED")


def test_another_interface_is_not_checked(judged: Judged) -> None:
    other = judged("limited", "Sequential")
    assert other.verdict == "NOT CHECKED"
    assert "its constructor needs (layers, optimizer)" in other.why
    assert "write forward(x, w1)" in other.why
    assert other.refused


def test_files_with_odd_names_noise_and_neighbours(checked: Checked, judged: Judged) -> None:
    result = checked("odd name-2")
    assert result.verdict == "PASSED"
    assert [each.name for each in result.judgements] == ["ReLU"]
    assert result.alike == {"MaxPool": "Max_Pool"}
    assert "MaxPool" not in result.missing
    (note,) = judged("odd name-2", "ReLU").notes
    assert note.startswith("backward writes into dh, which belongs to the caller")


def test_a_class_imported_from_the_engine_is_not_taken_for_the_students_own(
    checked: Checked,
) -> None:
    result = checked("beside_it")
    assert result.imported == {"Conv1D": "engine.layers.convolution"}
    assert "Conv1D" not in result.missing
    assert result.verdict != "PASSED"


def test_a_built_in_class_is_not_taken_for_the_students_own_either(tmp_path: Path) -> None:
    file = written(tmp_path, "ReLU = dict\n")
    result = check_in(Here(file), file, 60)
    assert (result.imported, result.judgements) == ({"ReLU": "builtins"}, ())


DERIVED = """
from abc import ABC
import engine
import numpy as np
class Base:
    def forward(self, a):
        self.a = a
        return np.maximum(0, a)
    def backward(self, dh):
        return dh * (self.a > 0)
"""


@pytest.mark.parametrize(
    ("head", "body", "source"),
    [
        ("ReLU(engine.ReLU)", "pass", "engine.layers.activations"),
        ("Relu(engine.ReLU)", "pass", "engine.layers.activations"),
        (
            "ReLU(engine.ReLU)",
            "def __init__(self): super().__init__()",
            "engine.layers.activations",
        ),
        ("ReLU(Base)", "pass", ""),
        ("ReLU(ABC, Base)", "pass", ""),
        ("ReLU(engine.ReLU)", "def backward(self, dh): return super().backward(dh)", ""),
        ("ReLU(engine.ReLU)", "def vjp(self, *args): return super().vjp(*args)", ""),
        ("ReLU(engine.ReLU, Base)", "pass", ""),
    ],
)
def test_a_class_that_inherits_all_its_methods_from_elsewhere_is_not_judged(
    tmp_path: Path, head: str, body: str, source: str
) -> None:
    file = written(tmp_path, f"{DERIVED}class {head}:\n    {body}\n")
    result = check_in(Here(file, differences=False), file, 60)
    name = head.partition("(")[0]
    assert result.imported == ({name: source} if source else {})
    assert [each.verdict for each in result.judgements] == ([] if source else ["PASSED"])


def test_a_layer_by_no_name_of_ours_is_said_not_to_be_checked(tmp_path: Path) -> None:
    methods = "    def forward(self, x): return x\n    def backward(self, dy): return dy\n"
    classes = ("Layer", "LeakyReLU(Layer)", "Loader", "_Hidden", "ReLU")
    bodies = {"Loader": "    pass\n", "LeakyReLU(Layer)": "    pass\n"}
    text = "".join(f"class {each}:\n{bodies.get(each, methods)}" for each in classes)
    result = check_in(Here(written(tmp_path, text)), tmp_path, 60)
    assert result.others == ("LeakyReLU",)
    assert [each.name for each in result.judgements] == ["ReLU"]


# With logits four times as large, the 1e-7 shows in the loss.
NEVER_LOG_OF_ZERO = """
import numpy as np

class SoftmaxCrossEntropy:
    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p, self.t = e / e.sum(axis=1, keepdims=True), t
        return -np.log(self.p[np.arange(len(x)), t] + 1e-7).mean()

    def backward(self, dout=1):
        return dout * (self.p - np.eye(self.p.shape[1])[self.t]) / len(self.p)
"""


def test_whole_numbers_are_worth_a_note(judged: Judged) -> None:
    pool = judged("remembering", "MaxPool")
    assert pool.verdict == "PASSED"
    assert "np.zeros_like(h), say, is then an array of integers" in pool.notes[0]
    loss = judged("remembering", "SoftmaxCrossEntropy")
    assert loss.verdict == "PASSED"
    assert loss.notes[0].startswith("at logits of 1000 loss contains ")


def test_what_is_wrong_of_the_same_numbers_as_floats_is_not_so_for_being_whole(
    tmp_path: Path,
) -> None:
    file = written(tmp_path, NEVER_LOG_OF_ZERO)
    (loss,) = check_in(Here(file, differences=False), file, 60).judgements
    assert loss.verdict == "PASSED"
    assert not any("whole numbers" in note for note in loss.notes)
    assert any(note.startswith("at logits of 1000 loss is wrong") for note in loss.notes)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_table_of_cases(name: str) -> None:
    about = topic(name)
    assert about.settings == SETTINGS[name]
    names = [feature.name for feature in about.features]
    assert len(set(names)) == len(names)
    kinked = 0
    for feature in about.features:
        assert feature.within in ("", *names)
        assert feature.advice or any(case.ordinary for case in feature.cases)
        for case in feature.cases:
            reference = Reference(about, case)
            assert case.dout.shape == reference.output.shape
            kinked += reference.kinked
            if case.point == "random":
                assert not reference.kinked
                assert (case.dout != 0).all()
    assert (kinked > 2) == (len(conventions(about)) > 1)


WRITE = "write forward(x, w), which remembers what it needs, and backward(dy), which gives (dx, dw)"


@pytest.mark.parametrize(
    ("raised", "says", "advice"),
    [
        ("", "something", WRITE),
        ("KeyError", "something", f"mend that, or {WRITE}"),
        ("ValueError", "something", WRITE),  # the shapes that were tried may be the cause
        ("AxisError", "something", WRITE),
        ("ModuleNotFoundError", "something", "do without that module"),
        (
            "TypeError",
            "'float' object cannot be interpreted as an integer",
            f"mend that (/ gives a float, // a whole number), or {WRITE}",
        ),
        (
            "TypeError",
            "only 0-dimensional arrays can be converted to Python scalars",
            f"mend that (of an array of one number, .item() is that one), or {WRITE}",
        ),
        (
            "TypeError",
            "sum() got an unexpected keyword argument 'keepdim'",
            f"mend that (is that how its name is spelled?), or {WRITE}",
        ),
    ],
)
def test_what_a_method_raised_is_to_be_mended_unless_it_may_come_of_the_shapes(
    raised: str, says: str, advice: str
) -> None:
    why = not_checked("Dense", "Linear", f"forward raises {says}", raised).why
    assert f"forward raises {says}. To have it checked, {advice}" in why


@for_each(
    ("of", "error", "foreign"),
    [
        ("Conv1D", {"type": "ValueError", "deliberate": True}, True),
        ("Conv1D", {"type": "ValueError"}, False),
        ("Conv1D", {"type": "NotImplementedError", "deliberate": True}, False),
        ("Conv1D", {"type": "ModuleNotFoundError"}, True),
        ("Conv1D", {"type": "TypeError", "binding": True}, True),
        ("Conv1D", {"type": "TypeError", "of_layers": "ours"}, True),
        ("ReLU", {"type": "ValueError", "deliberate": True}, False),
        ("ReLU", {"type": "TypeError", "binding": True}, True),
    ],
)
def test_a_class_that_refuses_everything_is_foreign_where_it_was_not_meant_to_answer(
    of: str, error: dict[str, Any], foreign: bool
) -> None:
    tried: Any = SimpleNamespace(topic=topic(of), error=Raised(**error))
    assert _foreign([tried]) is foreign
    slip: Any = SimpleNamespace(topic=topic(of), error=Raised("NameError"))
    assert not _foreign([tried, slip])


@for_each(
    ("reply", "instances"),
    [
        ({}, True),
        ({"typed": {"made": ["layer = Dense(3, 2)"]}}, True),
        ({"typed": {"made": []}}, False),
    ],
)
def test_of_two_passes_no_instances_are_spoken_of_where_there_are_none(
    reply: dict[str, Any], instances: bool
) -> None:
    outcome: Any = SimpleNamespace(reply=reply)
    failure = Failure(outcome, (Problem("numbers", "backward", "dx is wrong", "dx"),))
    specials: tuple[Special, ...] = ("again", "twin", "after")
    for special in specials:
        (problem,) = as_special(failure, special, None).problems
        assert ("instance" in problem.sentence) is instances
        second = Problem("numbers", "backward", "dw is wrong", "dw", 1)
        several = replace(failure, problems=(*failure.problems, second))
        assert as_special(several, special, None).problems[1:] == (second,)


def test_each_kind_of_second_pass_is_shown_once() -> None:
    relu = topic("ReLU")
    right, wrong = (
        exam_of_a_relu({}, dict.fromkeys(("by hand", "random", "zeros"), (0, off))).outcomes
        for off in (0, 1)
    )
    exam = Exam(relu, {"backward": (1, 1)})
    specials: tuple[Special, ...] = ("again", "twin", "again", "twin")
    exam.passes += zip(specials, wrong[:4], right[:4], strict=True)
    found = [*of_two_passes(exam, Convention())]
    assert [(each.special, each.outcome, each.other) for each in found] == [
        ("again", wrong[0], right[0]),
        ("twin", wrong[1], right[1]),
    ]


@for_each(("by_shape", "mend"), [(False, True), (True, False)])
def test_only_what_a_class_raises_is_to_be_mended(by_shape: bool, mend: bool) -> None:
    conv = topic("Conv1D")
    reference = Reference(conv, conv.features[0].cases[0])
    error = {"type": "KeyError", "deliberate": True, "refusal": True}
    reply = {"at": "backward", "error": error, "output": pack_value(np.ones(9)), "changed": []}
    outcome = Outcome(conv.features[0], reference, "Conv1D()", reply)
    exam = Exam(conv, {"name": "Conv1D", "backward": (1, 1)})
    reason = "a has the shape (9,)" if by_shape else "backward raises KeyError"
    exam.refused["a scalar w"] = reason, outcome
    found = judge(exam)
    assert found.verdict == "NOT CHECKED"
    assert f"{reason}. To have it checked, {'mend that, or ' * mend}write" in found.why


def test_where_all_is_refused_by_accident_what_came_furthest_by_its_name_is_wrong() -> None:
    conv = topic("Conv1D")
    plain, vague = (
        Outcome(
            conv.features[0],
            Reference(conv, conv.features[0].cases[0]),
            "Conv1D()",
            {"at": at, "error": {"type": "IndexError", "refusal": True}, "changed": []},
            ways=frozenset({how}),
        )
        for at, how in (("forward", "named"), ("backward", "any"))
    )
    exam = Exam(conv, {"name": "Conv1D", "backward": (1, 1)})
    exam.refused |= {
        "stride": ("backward raises IndexError", vague),
        "a vector w (K,)": ("forward raises IndexError", plain),
        "b": ("forward takes none", None),
    }
    found = judge(exam)
    assert (found.verdict, found.cases) == ("FAILED", 1)
    assert [each.outcome for each in found.failures] == [plain]
    assert found.refused == {
        "stride": "backward raises IndexError",
        "b": "forward takes none",
    }
    del exam.refused["a vector w (K,)"]
    assert [each.outcome for each in judge(exam).failures] == [vague]


@for_each("known", [True, False])
def test_patterns_by_another_rule_are_sought_where_none_is_known(
    monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    sought: list[int] = []

    def patterns(_: Exam, __: object, candidates: Sequence[Convention]) -> Sequence[Pattern]:
        sought.append(len(candidates))
        return [Pattern("da is wrong", known=known)]

    monkeypatch.setattr("engine.grader.judge.patterns", patterns)
    judge(exam_of_a_relu({}, {"all negative": (0, 1)}))
    assert sought == ([1] if known else [1, 3])


def test_of_whole_numbers_at_which_the_process_ends_nothing_is_told() -> None:
    relu = topic("ReLU")
    reference = Reference(relu, relu.features[0].cases[0])
    end = EndedError("forward", "does not end", None)
    integers = Outcome(relu.features[0], reference, "ReLU()", {}, end)
    exam: Any = SimpleNamespace(integers=integers, topic=relu)
    assert [*_about_integers(exam, Convention())] == []


def test_a_rule_is_followed_only_where_a_kink_tells_it_from_the_others() -> None:
    relu = topic("ReLU")
    references = [Reference(relu, case) for case in relu.features[0].cases]
    at = Outcome(relu.features[0], next(each for each in references if each.kinked), "ReLU()", {})
    rules = [Convention(slope) for slope in (0.0, 1.0)]
    told = followed(relu, {at: frozenset(rules[:1])}, rules[0])
    assert told is not None
    assert (told.relu_at_zero, told.pool_ties) == (0, None)
    (sentence,) = told.sentences
    assert sentence.startswith("ReLU's slope at 0 is 0: as in ")
    assert followed(relu, {at: frozenset(rules)}, rules[0]) is None
    other = replace(at)  # a kink at which another rule is followed tells nothing of this one
    fitting = {at: frozenset(rules[:1]), other: frozenset(rules[1:])}
    assert agreeing(fitting, rules[0]) == frozenset(rules[:1])


@for_each(
    ("kind", "at"), [("raises", 7), ("odd", 7), ("count", 7), ("numbers", None), ("shape", None)]
)
def test_a_call_that_gave_no_numbers_is_placed_at_its_method(kind: Kind, at: int | None) -> None:
    exam: Any = SimpleNamespace(about=SimpleNamespace(lines={"backward": {"line": 7}}))
    outcome: Any = None
    problem = Problem(kind, "backward", "it is wrong")
    placed = (problem, replace(problem, place={"line": 9}))
    places = [each.place for each in _placed(Failure(outcome, placed), exam).problems]
    assert places == [None if at is None else {"line": at}, {"line": 9}]


@for_each(("raised", "held"), [("ValueError", False), ("UFuncTypeError", True)])
def test_an_array_of_integers_is_spoken_of_where_numpy_names_its_type(
    raised: str, held: bool
) -> None:
    relu = topic("ReLU")
    reference = Reference(relu, relu.features[0].cases[0])
    reply = {"at": "forward", "error": {"type": raised}}
    integers = Outcome(relu.features[0], reference, "ReLU()", reply)
    exam: Any = SimpleNamespace(integers=integers, topic=relu)
    (note,) = _about_integers(exam, Convention())
    assert f"forward raises {raised}" in note
    assert ("np.zeros_like(a)" in note) is held


def test_what_one_answer_takes_of_the_time_is_left_to_no_other_until_all_begins_anew() -> None:
    seconds: list[float] = []

    def ask(_: Any, left: float) -> dict[str, Any]:
        seconds.append(left)
        sleep(0.001)
        return {}

    process: Any = SimpleNamespace(ask=ask, end=lambda: None)
    relu = topic("ReLU")
    about = {"name": "ReLU", "forward": (1, 1), "backward": (1, 1)}
    asker = Asker(relu, about, process, 5)
    asker.ask(relu.features[0], relu.features[0].cases[0])
    asker.ask(relu.features[0], relu.features[0].cases[0])
    asker.begin_anew()
    asker.ask(relu.features[0], relu.features[0].cases[0])
    first, second, anew = seconds
    assert second <= first - 0.001
    assert first == anew == 5


BIAS = "no gradient of its bias is found"
ADVISED = [
    ("Linear", "", "x, w", "dy", "(dx, dw); if it has b too, forward(x, w, b) and (dx, dw, db)"),
    ("Linear", BIAS, "x, w, b", "dy", "(dx, dw, db)"),
    (
        "Conv2D",
        BIAS,
        "x, w, b",
        "da",
        "(dx, dw, db); what can be set is given to __init__(stride, padding)",
    ),
    ("MaxPool", "", "h", "dz", "dh; what can be set is given to __init__(size, stride, padding)"),
    (
        "Sequential",
        "",
        "x, w1",
        "doutput",
        "(dx, dw1); if it has w2 too, forward(x, w1, w2) and (dx, dw1, dw2)",
    ),
    ("SoftmaxCrossEntropy", "", "logits, labels", "dloss", "dlogits"),
]


@for_each(("name", "reason", "inputs", "upstream", "gives"), ADVISED)
def test_what_is_to_be_written_leaves_out_nothing_that_would_go_unchecked(
    name: str, reason: str, inputs: str, upstream: str, gives: str
) -> None:
    advice = f"forward({inputs}), which remembers what it needs, and backward({upstream}), which"
    why = not_checked("Mine", name, reason).why
    assert why.endswith(f". To have it checked, write {advice} gives {gives}")


BY_THE_LAB = Convention(1.0, "all")


def noted(
    x: list[float], w: ArrayLike, dz: float, right_by: Convention = BY_THE_LAB
) -> Sequence[str]:
    """The notes on a block whose rule is the lab's, of which one case is right by this rule."""
    about = topic("ConvBlock")
    case = Case("ties", (np.array(x, float), np.array(w, float)), np.array(dz, float), {})
    outcome = Outcome(about.features[0], Reference(about, case), "ConvBlock()")
    exam = Exam(about, {"backward": (1, 1)})
    return [*notes(exam, {outcome: frozenset({right_by})}, BY_THE_LAB, failed=False)]


def test_a_gradient_below_its_bracket_is_no_derivative_either() -> None:
    # z = max relu(w x) is -2 w here and dz 0.5: the slope is -1, but two tied entries make it -2.
    (note,) = noted([-2, 1, -2], -1.5, 0.5)
    assert "dw = -2 is no derivative: the slope there is -1." in note


def test_the_smaller_of_two_slopes_beside_a_gradient_comes_first() -> None:
    # z = max(2 w1 + 10 w2, 11 w1 + w2) here; both tied entries give dw1 = 2 + 11, dw2 = 10 + 1.
    (note,) = noted([2, 10, -20, 11, 1], [1, 1], 1)
    assert "dw = 13 is no derivative: the slopes beside it are 2 and 11." in note


def test_a_gradient_within_its_bracket_or_by_another_rule_is_not_noted() -> None:
    # dx is 2 dz at x = 0, where it is 0 from the left and 2 dz from the right.
    assert noted([0], 2, 1) == noted([0], 2, -1) == []
    assert noted([-2, 1, -2], -1.5, 0.5, Convention(0.0, "first")) == []


@pytest.mark.parametrize(("wrong", "told"), [("changed", ["dh"]), ("numbers", ["a", "dh"])])
def test_a_note_says_what_is_written_into_but_where_that_is_what_is_wrong(
    wrong: str, told: list[str]
) -> None:
    changed = [
        {"method": "forward", "argument": 0, "dout": False},
        {"method": "backward", "argument": 1, "dout": True},
    ]
    outcome = SimpleNamespace(
        before_gradients=SimpleNamespace(kind=wrong), reply={"changed": changed}
    )
    exam: Any = SimpleNamespace(outcomes=[outcome], topic=topic("ReLU"))
    assert [note.partition(",")[0].split()[-1] for note in _written(exam)] == told


@pytest.mark.parametrize("method", ["forward", "backward"])
@for_each(("of", "argument", "name"), [("ReLU", 0, "a"), ("Conv1D", 1, "w")])
def test_the_method_that_writes_into_an_input_is_named(
    method: str, of: str, argument: int, name: str
) -> None:
    about = topic(of)
    feature = about.features[0]
    reference = Reference(about, feature.cases[0])
    given = reference.case.inputs[argument]
    changed = {"method": method, "argument": argument, "dout": False, "now": pack(given + 1)}
    reply = {
        "output": pack_value(reference.output),
        "gradients": {"values": [*map(pack_value, reference.grads(Convention()))]},
        "changed": [changed],
    }
    problem = Outcome(feature, reference, f"{of}()", reply).before_gradients
    assert problem is not None
    assert (problem.kind, problem.method, problem.quantity) == ("changed", method, name)
    np.testing.assert_array_equal(problem.got, given + 1)
    np.testing.assert_array_equal(problem.expected, given)


@for_each(
    ("off", "reply", "ended", "told"),
    [
        (1, {"at": "backward", "error": {"type": "ValueError"}}, None, "a is wrong"),
        (0, {"at": "backward", "error": {"type": "KeyError"}}, None, "backward raises KeyError"),
        (0, {"gradients": {"count": 1}}, None, "backward gives 1 gradient, needs 2: (dx, dw)"),
        (0, {"gradients": {"count": 3}}, None, "backward gives 3 gradients, needs 2: (dx, dw)"),
        (0, {}, "", "Conv1D.forward stops; what follows was not run"),
        (0, {}, "backward", "Conv1D.backward stops; what follows was not run"),
    ],
)
def test_what_went_wrong_first_is_told(
    off: int, reply: dict[str, Any], ended: str | None, told: str
) -> None:
    conv = topic("Conv1D")
    reference = Reference(conv, conv.features[0].cases[0])
    given = {"output": pack_value(reference.output + off), "changed": [], **reply}
    end = None if ended is None else EndedError(ended, "stops", None)
    outcome = Outcome(conv.features[0], reference, "Conv1D()", given, end)
    assert outcome.before_gradients is not None
    assert outcome.before_gradients.sentence == told


def test_a_single_number_is_needed_only_where_there_is_no_axis() -> None:
    for right, needed in ((np.ones(1), "(1,)"), (np.ones(()), "(), a single number")):
        problem = compared("forward", "z", unpack_value(pack_value(np.ones((2, 2)))), right)
        assert problem is not None
        assert problem.sentence == f"z has the wrong shape: got (2, 2), needs {needed}"


@pytest.mark.parametrize(
    ("dtype", "full"),
    [("float64", True), ("int64", True), ("float32", False), ("float16", False), ("", False)],
)
def test_forward_is_held_to_differences_where_it_computes_in_full_precision(
    dtype: str, full: bool
) -> None:
    about = topic("ReLU")
    reply = {"output": pack_value(np.ones(2, dtype))} if dtype else {}
    reference = Reference(about, about.features[0].cases[0])
    assert _full_precision(Outcome(about.features[0], reference, "ReLU()", reply)) == full


@for_each(("off", "held"), [(0, True), (1, False)])
def test_a_right_gradient_is_held_to_differences_unless_the_checks_own_shows_it_wrong(
    off: float, held: bool
) -> None:
    relu = topic("ReLU")
    reference = Reference(relu, relu.features[0].cases[0])
    right = reference.grads(Convention())[0]
    slopes = {"analytic": pack_value(right + off), "numeric": pack_value(right + 2)}
    reply = {
        "output": pack_value(reference.output),
        "gradients": {"values": [pack_value(right)]},
        "changed": [],
        "check": {"dout": pack(reference.case.dout), "results": [{"coarse": "FAILED", **slopes}]},
    }
    failures = [*of_cases([Outcome(relu.features[0], reference, "ReLU()", reply)], Convention())]
    assert [each.problems[0].kind for each in failures] == ["differences"] * held
    for each in failures:
        np.testing.assert_array_equal(each.problems[0].got, right + 2)
        np.testing.assert_array_equal(each.problems[0].expected, right)


def test_the_worst_of_several_gradient_checks_is_told() -> None:
    def checked(*results: tuple[str, float]) -> dict[str, float]:
        outcomes = [
            SimpleNamespace(
                as_checked=None,
                checks=[{"verdict": each, "coarse": each, "difference": {"values": [off]}}],
            )
            for each, off in results
        ]
        exam: Any = SimpleNamespace(outcomes=outcomes, topic=topic("ReLU"))
        return _checks(exam)

    assert checked(("PASSED", 1e-9), ("KINK", 3e-8), ("PASSED", 2e-9)) == {"da": 3e-8}
    assert checked(("PASSED", 1e-9), ("FAILED", 0.5), ("PASSED", 2e-9)) == {"da": np.inf}
    assert checked(("PASSED", 1e-9), ("KINK", 0.1)) == {"da": 1e-9}  # a kink of their own forward
    assert checked(("KINK", 2e12)) == {}


@for_each(
    ("off", "coarse", "told"),
    [
        (1e-4, "FAILED", np.inf),
        (1e-4, "PASSED", np.inf),  # it is wrong by less than a coarse step sees
        (0, "FAILED", np.inf),
        (0, "PASSED", None),  # forward rounds
    ],
)
def test_a_check_that_fails_with_a_fine_step_alone_is_told_where_the_gradient_is_wrong(
    off: float, coarse: str, told: float | None
) -> None:
    relu = topic("ReLU")
    reference = Reference(relu, relu.features[0].cases[0])
    analytic = pack_value(reference.grads(Convention())[0] + off)
    result = {"verdict": "FAILED", "coarse": coarse, "analytic": analytic}
    check = {"dout": pack(reference.case.dout), "results": [result]}
    reply = {"output": pack_value(reference.output), "check": check}
    outcome = Outcome(relu.features[0], reference, "ReLU()", reply)
    exam: Any = SimpleNamespace(outcomes=[outcome], topic=relu)
    assert _checks(exam) == ({} if told is None else {"da": told})


@for_each(
    ("wrong", "best"),
    [
        ([(1, 1), (0, 1), (3, 1)], 1),  # the first is right in one case by chance
        ([(0, 1), (0, 1), (3, 0)], 0),  # nothing is wrong by every rule
    ],
)
def test_a_rule_is_told_by_single_gradients_where_some_case_is_wrong_by_all(
    wrong: list[tuple[int, int]], best: int
) -> None:
    """wrong: for each case how many of its gradients are, by the first rule and by the second."""
    rules = [Convention(0.0), Convention(1.0)]

    @dataclass(eq=False)
    class Kink:
        counts: Sequence[int]
        reference: Any = field(default_factory=lambda: SimpleNamespace(kinked=True))

        def wrong_gradients(self, rule: Convention) -> Sequence[str]:
            return ["dx"] * self.counts[rules.index(rule)]

    cases: Any = [Kink(each) for each in wrong]
    fitting = {
        at: frozenset(rule for rule in rules if not at.wrong_gradients(rule)) for at in cases
    }
    assert max(rules, key=lambda rule: _rank(fitting, rule)) == rules[best]


def exam_of_a_relu(slopes: dict[str, float], off: dict[str, tuple[float, float]]) -> Exam:
    """Return what a ReLU answers that has these slopes at the zeros of each point.

    off: by how much its output and its gradient are wrong at a point.
    """
    relu = topic("ReLU")
    exam = Exam(relu, {"name": "ReLU", "forward": (1, 1), "backward": (1, 1)})
    for case in relu.features[0].cases:
        reference = Reference(relu, case)
        of_output, of_gradient = off.get(case.point, (0, 0))
        dx = reference.grads(Convention(slopes.get(case.point, 0.0)))[0] + of_gradient
        reply = {
            "at": "backward",
            "output": pack_value(reference.output + of_output),
            "gradients": {"values": [pack_value(dx)]},
            "changed": [],
        }
        exam.outcomes.append(Outcome(relu.features[0], reference, "ReLU()", reply))
    return exam


@for_each(
    ("slopes", "off", "slope", "rules"),
    [
        ({}, {}, 0, False),
        ({"all 0": 1}, {}, None, True),
        ({"all 0": 1}, {"all negative": (0, 1)}, None, False),  # what is wrong may look like it
        ({}, {"all negative": (1, 0)}, 0, False),
        ({}, {"zeros": (1, 0)}, None, False),  # there is a kink at which forward is wrong
        ({}, {"all negative": (0, 1)}, None, False),
    ],
)
def test_a_rule_is_told_where_backward_is_right_and_several_where_nothing_else_is_wrong(
    slopes: dict[str, float], off: dict[str, tuple[float, float]], slope: float, rules: bool
) -> None:
    found = judge(exam_of_a_relu(slopes, off))
    assert (found.followed and found.followed.relu_at_zero) == slope
    assert any(each.startswith("it follows no one rule") for each in found.patterns) is rules


def test_the_result_of_a_check_that_misses_a_forgotten_dz_is_told_with_its_dz(
    tmp_path: Path,
) -> None:
    forgets = "def backward(self, dz): return 1.0 * self.mask"
    forward = "def forward(self, h): self.mask = h == h.max(); return h.max()"
    file = written(tmp_path, f"class MaxPool:\n {forward}\n {forgets}\n")
    (found,) = check_in(Here(file), file, 60).judgements
    assert (found.verdict, found.checked_for) == ("FAILED", "dz = 1")
    assert found.checks["dh"] < 1e-6


def test_the_dout_of_the_checks_is_told_where_it_was_one_alone() -> None:
    def told(*douts: Any) -> str:
        outcomes = [
            SimpleNamespace(as_checked=dout and SimpleNamespace(case=SimpleNamespace(dout=dout[0])))
            for dout in douts
        ]
        exam: Any = SimpleNamespace(outcomes=outcomes, topic=topic("MaxPool"))
        return _checked_for(exam)

    single, several = [np.ones(())], [np.ones(3)]
    assert told(single, None, single) == "dz = 1"
    assert told(single, several) == told(several, single) == told(several) == ""


@pytest.mark.parametrize("single", ["float16", "float32"])
def test_less_than_double_precision_is_told(single: str) -> None:
    given = [SimpleNamespace(dtype=each) for each in ("float64", single, "int64")]
    outcomes = [SimpleNamespace(output=each, gradients=given) for each in given]
    exam: Any = SimpleNamespace(outcomes=outcomes)
    told = [f"{method} gives {single}" for method in ("forward", "backward")]
    assert [*_precision(exam, failed=True)] == told


@pytest.mark.parametrize("culprit", ["first", "another", "before", "first before"])
def test_what_makes_a_case_fail_is_sought_in_the_one_before_and_the_first(culprit: str) -> None:
    wrong = Problem("numbers", "backward", "dx is wrong")

    class Answered(SimpleNamespace):
        __hash__ = object.__hash__  # type: ignore[assignment]

    def answered(case: str, problem: Problem | None = None) -> Any:
        given: dict[str, Any] = {
            "feature": None,
            "case": case,
            "ended": None,
            "checks": [],
            "reply": {},
        }
        problems = () if problem is None else (problem,)
        return Answered(**given, as_checked=None, problems=lambda _: problems)

    class Leaking:
        def begin_anew(self) -> None:
            self.seen: list[str] = []

        def ask(self, feature: object, case: str, **_: object) -> Any:
            self.seen.append(case)
            made = case == "this" and {*culprit.split()} & {*self.seen}
            return answered(case, wrong if made else None)

    failure = Failure(answered("this", wrong), (wrong,))
    asked = [*map(answered, ("first", "another", "before")), failure.outcome]
    asker: Any = Leaking()
    found = confirmed(failure, asker, asked, Convention())
    if culprit == "another":  # trying all would take too long
        assert not found.alone
    else:
        other: Any = found.other
        assert (found.special, other.case) == ("after", culprit.split()[-1])
    # What a second pass shows is not sought in the cases before.
    twin = replace(failure, special="twin", other=asked[1])
    given: list[str] = []
    asker.given = given.append
    found = confirmed(twin, asker, asked, Convention())
    assert (found.special, found.other, found.alone) == ("twin", asked[1], False)
    assert given == ["another"]


def test_a_case_that_ends_the_process_is_not_asked_again() -> None:
    outcome: Any = SimpleNamespace(ended=EndedError("forward", "does not end", None))
    failure = Failure(outcome, (Problem("ended", "forward", "forward does not end"),))
    asker: Any = None
    assert confirmed(failure, asker, [], Convention()) is failure


def test_what_a_layer_is_right_for_alone_is_told_only_where_nothing_is_wrong() -> None:
    exam = Exam(topic("Flatten"), {"backward": (1, 1), "alone": "for one example at a time"})
    assert [*notes(exam, {}, Convention(), failed=True)] == []
    assert [*notes(exam, {}, Convention(), failed=False)] == ["for one example at a time"]


def test_advice_is_given_only_where_nothing_is_wrong() -> None:
    advised: Any = SimpleNamespace(
        problems=lambda _: [SimpleNamespace(sentence="loss is wrong")] * 2,
        case=SimpleNamespace(point="logits of 1000"),
        feature=SimpleNamespace(advice="take the largest off"),
    )
    exam = Exam(topic("SoftmaxCrossEntropy"), {"backward": (1, 1)}, advised=[advised])
    assert [*notes(exam, {}, Convention(), failed=True)] == []
    (note,) = notes(exam, {}, Convention(), failed=False)
    assert note == "at logits of 1000 loss is wrong: take the largest off"


@for_each(
    ("of", "takes", "noted"), [("ConvBlock", 0, True), ("ConvBlock", 1, False), ("ReLU", 0, False)]
)
def test_a_backward_may_be_checked_for_1_only_where_the_output_is_one_number(
    of: str, takes: int, noted: bool
) -> None:
    exam = Exam(topic(of), {"backward": (0, takes)})
    said = [*notes(exam, {}, Convention(), failed=True)]
    assert said == ["backward takes no dz: it was checked for 1 only"] * noted


def test_rounding_is_noted_only_where_nothing_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.grader.judge._rounded", lambda exam, method: "off")
    exam = Exam(topic("ReLU"), {"backward": (1, 1)})
    assert [*_precision(exam, failed=False)] == ["forward rounds: off", "backward rounds: off"]
    assert [*_precision(exam, failed=True)] == []


@pytest.mark.parametrize(
    ("nearest", "usual", "said"),
    [
        (
            Convention(1.0, "last"),
            "the first tied entry gets the gradient",
            "the last tied entry gets the gradient",
        ),
        (Convention(0.0), "ReLU's slope at 0 is 1", "ReLU's slope at 0 is 0"),
    ],
)
def test_the_rule_that_differs_least_is_told_where_several_would_do(
    nearest: Convention, usual: str, said: str
) -> None:
    block, best = topic("ConvBlock"), Convention(1.0)
    feature = block.features[0]
    references = [Reference(block, case) for case in feature.cases]
    smooth = next(each for each in references if not each.kinked)
    of_two, _, of_three, *_ = [each for each in references if each.kinked]
    nowhere, usually, there = (
        Outcome(feature, each, "ConvBlock()", {}) for each in (smooth, of_two, of_three)
    )
    further = Convention(0.0, "all")
    fitting = {nowhere: frozenset({best}), usually: frozenset({best})}
    sentence = inconsistent({**fitting, there: frozenset({nearest, further})}, best)
    assert f"{usual} in '{feature.name}, {usually.case.point}'" in sentence
    assert f"but {said} in '{feature.name}, {there.case.point}'" in sentence


def test_a_case_is_told_by_its_shapes_and_by_what_is_special_about_its_numbers() -> None:
    relu = topic("ReLU")
    for case in relu.features[0].cases:
        told = _described(Outcome(relu.features[0], Reference(relu, case), "ReLU()"))
        start = f"ReLU() for a of shape {case.inputs[0].shape}"
        assert told == (start if case.ordinary else f"{start}, {case.point}")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Convention(1.0), ["ReLU's slope at 0 is 0", "ReLU's slope at 0 is 1"]),
        (
            Convention(0.0, "all"),
            ["the first tied entry gets the gradient", "every tied entry gets the gradient"],
        ),
    ],
)
def test_a_class_that_follows_no_one_rule_is_told_at_which_kinks_it_differs(
    other: Convention, said: list[str]
) -> None:
    block, best = topic("ConvBlock"), Convention(0.0)
    feature = block.features[0]
    references = [Reference(block, case) for case in feature.cases]
    one, _, two, *_ = [each for each in references if each.kinked]
    usually, there = [Outcome(feature, each, "ConvBlock()", {}) for each in (one, two)]
    fitting = {usually: frozenset({best}), there: frozenset({other})}
    for told in (fitting, dict(reversed(fitting.items()))):
        assert inconsistent(told, best) == (
            f"it follows no one rule at kinks: {said[0]} in 'a scalar w, {one.case.point}', but "
            f"{said[1]} in 'a scalar w, {two.case.point}'"
        )


def test_an_answer_has_come_further_where_less_is_wrong() -> None:
    relu = topic("ReLU")
    reference = Reference(relu, relu.features[0].cases[0])
    error = {"type": "ValueError", "message": "", "place": None}
    raised = [{"at": at, "error": error} for at in ("__init__", "forward", "backward")]
    gradients = {"values": [pack_value(reference.grads(Convention())[0])]}
    answered = [
        {"output": pack_value(reference.output + off), "gradients": gradients, "changed": []}
        for off in (1, 0)
    ]
    found = [Outcome(relu.features[0], reference, "ReLU()", reply) for reply in raised + answered]
    assert [each.progress for each in found] == [0, 1, 2, 3, 4]
    early, late = (
        Outcome(
            relu.features[0],
            reference,
            "ReLU()",
            {"at": "forward", "error": {**error, "place": {"line": line}}},
        ).progress
        for line in (23, 26)
    )
    assert 1 < early < late < 2


@for_each(
    ("off", "never"),
    [
        ([], False),
        ([(0, 1)], True),
        ([(0, None)], True),
        ([(0, 1), (1, 1)], True),
        ([(1, 1), (0, None), (None, None)], True),
        ([(1, 1)], False),
        ([(None, None)], False),
        ([(0, 1), (0, 0)], False),
        ([(0, 0), (0, 1)], False),
    ],
)
def test_a_class_never_gives_dx_whose_forward_is_right_somewhere_and_its_dx_nowhere(
    off: list[tuple[int | None, int | None]], never: bool
) -> None:
    """off: how far forward and dx are off in each case; None if it does not get that far."""
    relu = topic("ReLU")
    reference = Reference(relu, relu.features[0].cases[0])
    exam = Exam(relu, {"backward": (1, 1)})
    for forward, backward in off:
        reply: dict[str, Any] = {}
        if forward is not None:
            reply["output"] = pack_value(reference.output + forward)
        if backward is not None:
            dx = reference.grads(Convention())[0] + backward
            reply["gradients"] = {"values": [pack_value(dx)]}
        exam.asked.append(Outcome(relu.features[0], reference, "ReLU()", reply))
    assert exam.never_gives_dx == never


def further(of: str, outcomes: Sequence[Outcome]) -> tuple[list[Any], list[Case]]:
    """Return the second passes, each (how, turned, layers, a bias), and the other cases asked."""
    about = topic(of)
    passes: list[Any] = []
    asked: list[Case] = []
    exam = Exam(about, {"backward": (1, 1)})
    exam.outcomes += outcomes

    def ask(_: Any, case: Case) -> Any:
        asked.append(case)
        return SimpleNamespace(problems=lambda _: ())

    def pass_twice(_: Exam, special: str, one: Outcome, another: Any) -> None:
        turned = another is one.case  # as `_turned` above returns it
        passes.append((special, turned, len(one.case.layers), one.feature.bias))

    examiner: Any = SimpleNamespace(
        _topic=about,
        asker=SimpleNamespace(ask=ask),
        _pass_twice=pass_twice,
        _turned=lambda outcome: outcome.case,
    )
    Examiner._further(examiner, exam)
    return passes, asked


@for_each(
    ("of", "longest", "biased"),
    [("Sequential", 5, 0), ("Linear", 0, 1), ("ReLU", 0, 0)],
)
def test_two_passes_are_of_the_longest_row_and_of_a_bias(
    of: str, longest: int, biased: int
) -> None:
    about = topic(of)
    cases = ((each, case) for each in about.features for case in each.cases)
    outcomes = [Outcome(each, Reference(about, case), of) for each, case in cases]
    passes, (whole,) = further(of, outcomes)
    others = [("again", False), ("twin", False), ("again", True)]
    assert passes == [
        *((*each, longest, False) for each in others),
        *[("again", True, 0, True)] * biased,
    ]
    assert whole.inputs[0].dtype == np.int64
    assert whole.inputs[0].all()


@for_each(("least", "asked"), [(0.1, 0), (0.2, 1)])
def test_whole_numbers_are_not_asked_for_at_a_kink(least: float, asked: int) -> None:
    """The numbers are made four times as large and rounded: a ReLU's 0.1 becomes 0."""
    relu = topic("ReLU")
    case = Case("random", (np.array([least, -2.0]),), np.ones(2), {})
    outcome = Outcome(relu.features[0], Reference(relu, case), "ReLU()")
    assert len(further("ReLU", [outcome] * 2)[1]) == asked


HALVES = [1.5, 0.5]


@for_each(
    ("argument", "dtype", "got", "expected", "said"),
    [
        (0, "int64", [1, 0], HALVES, " da = [1, 0], expected [1.5, 0.5]: np.zeros_like(a), say,"),
        (0, "int64", [2, 1], HALVES, " da = [2, 1], expected [1.5, 0.5]: np.zeros_like(a), say,"),
        (0, "float64", [1, 0], HALVES, " da = [1, 0], expected [1.5, 0.5]: np.zeros_like(a), say,"),
        (0, "float64", [2, 0.5], HALVES, " da = [2, 0.5], expected [1.5, 0.5]"),
        (-1, "int64", [1, 0], HALVES, " da = [1, 0], expected [1.5, 0.5]: np.zeros_like(a), say,"),
        (-1, "int64", [2, 1], HALVES, " da = [2, 1], expected [1.5, 0.5]"),
        (0, "float64", [0.0] * 11, [0.25] * 11, " da is wrong: np.zeros_like(a), say,"),
        (0, "float64", [1.0] * 11, [0.25] * 11, " da is wrong"),
        (
            0,
            "float64",
            [-1, 0],
            [-1.5, -0.5],
            " da = [-1, 0], expected [-1.5, -0.5]: np.zeros_like(a), say,",
        ),
        (0, "float64", [1.0] * 10, [0.25] * 10, f" da = {[1] * 10}, expected {[0.25] * 10}"),
        (0, "float64", [[1, 0]], HALVES, ": da is off"),
        (0, "float64", None, None, ": da is off"),
    ],
)
def test_a_note_says_how_fractions_are_lost_when_the_input_is_whole_numbers(
    argument: int, dtype: str, got: Any, expected: Any, said: str
) -> None:
    given, right = (None if each is None else np.array(each) for each in (got, expected))
    problem = Problem("numbers", "backward", "da is off", "da", argument, given, right)
    outcome = SimpleNamespace(
        ended=None, problems=lambda _: (problem,), gradients=[SimpleNamespace(dtype=dtype)]
    )
    exam: Any = SimpleNamespace(topic=topic("ReLU"), integers=outcome)
    (note,) = _about_integers(exam, Convention())
    start, rest = "with whole numbers as a (an array of integers)", " is then an array of integers"
    assert note.partition(rest)[0] == start + said
    assert (rest in note) == said.endswith("say,")


def test_a_note_says_why_fractions_cannot_be_added_to_an_array_of_whole_numbers() -> None:
    said = "backward raises UFuncTypeError: Cannot cast"
    problem = Problem("raises", "backward", said, raised="UFuncTypeError")
    exam: Any = SimpleNamespace(
        topic=topic("ReLU"), integers=SimpleNamespace(ended=None, problems=lambda _: (problem,))
    )
    (note,) = _about_integers(exam, Convention())
    reason = "(np.zeros_like(a), say, is then an array of integers too)"
    assert note == f"with whole numbers as a (an array of integers): {said} {reason}"


TOO_FINE = "a step of 1e-6 is too small to check {}, a larger one agrees"


@for_each(
    ("method", "at", "changed", "said"),
    [
        ("backward", 0, {"verdict": "FAILED", "analytic": 1.001}, "dx is off by 0.001, which is"),
        ("backward", 1, {"verdict": "FAILED", "analytic": 5.001}, "dw is off by 0.001, which is"),
        ("backward", 1, {"verdict": "FAILED", "fine": 5.001}, ""),
        ("forward", 1, {"verdict": "FAILED", "fine": 5.001}, TOO_FINE.format("dw")),
        ("forward", 1, {"verdict": "FAILED", "analytic": 5.001}, ""),
        ("forward", 0, {"verdict": "FAILED", "fine": 1.001, "coarse": "FAILED"}, ""),
        ("forward", 1, {"eps": 2e-6}, TOO_FINE.format("dw")),
        ("backward", 1, {"eps": 2e-6}, ""),
        ("forward", 0, {}, ""),
    ],
)
def test_rounding_is_told_by_the_gradient_that_a_fine_check_fails(
    method: str, at: int, changed: dict[str, Any], said: str
) -> None:
    right, results = (np.ones(3), np.full(2, 5.0)), []
    for argument, grad in enumerate(right):
        result: dict[str, Any] = {"verdict": "PASSED", "coarse": "PASSED", "eps": 1e-6}
        result |= {"analytic": grad, "fine": grad, **(changed if argument == at else {})}
        for name in ("analytic", "fine"):
            result[name] = pack(np.broadcast_to(result[name], grad.shape))
        results.append(result)
    again = SimpleNamespace(reference=SimpleNamespace(grads=lambda _: right))
    outcome = SimpleNamespace(checks=results, as_checked=again)
    exam: Any = SimpleNamespace(outcomes=[outcome], topic=topic("Conv1D"))
    found = _rounded(exam, method)
    assert found.startswith(said) if said else found == ""
