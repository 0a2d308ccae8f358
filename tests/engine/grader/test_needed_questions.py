"""Each question is needed: a layer that is wrong only there fails, at as many cases as stated.

The layers are those of students/special.py, which are right except in one special case, for which
they have a branch of its own.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.grader.cases import Topic
from engine.grader.examine import Examiner
from engine.grader.judge import judge
from engine.grader.questions import topic
from engine.grader.student_file import check_in
from tests.engine.grader.conftest import STUDENTS, Here, written

FORMS: Mapping[str, tuple[str, ...]] = {
    "Conv1D": (
        "a vector w (K,)",
        "several filters w (F, K)",
        "channels x (C, L)",
        "minibatches x (N, C, L)",
    ),
    "Conv2D": (
        "a matrix w (kh, kw)",
        "several filters w (F, kh, kw)",
        "channels x (C, H, W)",
        "minibatches x (N, C, H, W)",
    ),
    "MaxPool": ("h (L,)", "channels h (C, L)", "minibatches h (N, C, L)"),
    "MaxPool2D": ("h (H, W)", "channels h (C, H, W)", "minibatches h (N, C, H, W)"),
    "ReLU": ("a vector a (L,)", "a matrix a (N, D)", "minibatches a (N, C, L)"),
    "ConvBlock": (
        "a scalar w",
        "a vector w (K,)",
        "several scalar filters w (F, 1)",
        "several filters w (F, K)",
        "channels x (C, L)",
        "minibatches x (N, C, L)",
    ),
}
"""The forms in which the same is asked: a class may have written each of them separately."""
SCALAR = "a scalar w"
FEW = "several scalar filters w (F, 1)"
FOUR = "minibatches a (N, C, H, W)"
GIVEN, BOUND = "labels with the logits", "labels given to the constructor"
ALONE, MANY = "one example x (D,)", "minibatches x (N, D)"


def counts(of: str, *numbers: int) -> dict[str, int]:
    """The number of cases in each form, in the order of FORMS; a single number counts for all."""
    forms = FORMS[of]
    return dict(zip(forms, numbers * len(forms) if len(numbers) == 1 else numbers, strict=True))


# class, where it is wrong, what is asked there ("" for the form as such), its cases in each form
Row = tuple[str, str, str, dict[str, int]]


def in_each_form(of: str, *rows: tuple[str, str, int]) -> Iterator[Row]:
    """Rows with the same number of cases in each form."""
    return ((of, special, what, counts(of, number)) for special, what, number in rows)


def of_convolutions(of: str, long: str) -> Iterator[Row]:
    """What is asked of convolutions along one axis and along two."""
    plain = "square and not oblong and not uneven and size != (1,) * len(size)"
    return in_each_form(
        of,
        ("size == shape and square and not padded and w.ndim", f"a w as {long} as x", 1),
        ("max(size) == 1 and w.ndim", "a w of one entry", 1),
        (f"strided and not padded and not remainder and not skips and {plain}", "stride", 3),
        ("stride[0] == 3 and not remainder and not skips", "stride", 1),
        (f"strided and size[0] == 2 and not skips and not padded and {plain}", "stride", 1),
        ("remainder and not padded and w.ndim", "a stride that leaves a remainder", 2),
        ("remainder and stride[0] == 3 and w.ndim", "a stride that leaves a remainder", 1),
        ("skips and not uneven and w.ndim", "a stride that skips entries", 1),
        (f"padded and not strided and {plain}", "padding", 3),
        ("padding[0] == 2 and w.ndim", "padding", 1),
        (f"padded and not strided and size[0] == 2 and {plain}", "padding", 1),
        (f"padded and strided and {plain}", "stride and padding", 2),
        (f"padded and strided and size[0] == 2 and {plain}", "stride and padding", 1),
    )


OBLONG = in_each_form(
    "Conv2D",
    (
        "not square and not padded and not strided and not oblong and shape[0] < shape[1]",
        "an x that is no square",
        1,
    ),
    (
        "not square and not padded and not strided and not oblong and shape[0] > shape[1]",
        "an x that is no square",
        1,
    ),
    (
        "shape[0] < shape[1] and strided and not padded and not oblong and not uneven",
        "stride, and an x that is no square",
        1,
    ),
    (
        "shape[0] > shape[1] and strided and not padded and not oblong and not uneven",
        "stride, and an x that is no square",
        1,
    ),
    (
        "not square and strided and padded and not oblong and not uneven",
        "stride and padding, and an x that is no square",
        1,
    ),
    ("size[0] > size[1] and not padded and not strided", "a rectangular w", 1),
    (
        "size[0] < size[1] and size != shape and not padded and not strided",
        "a rectangular w",
        1,
    ),
    ("oblong and size == shape and not padded", "a rectangular w as large as x", 1),
    ("oblong and strided and not padded", "a rectangular w and stride", 1),
    ("oblong and padded and not strided", "a rectangular w and padding", 1),
    ("oblong and padded and strided", "a rectangular w, stride and padding", 1),
    ("uneven == ['stride'] and stride[0] == 1", "a pair as stride", 1),
    ("uneven == ['stride'] and stride[1] == 1", "a pair as stride", 1),
    ("uneven == ['padding'] and padding[0] == 0", "a pair as padding", 1),
    ("uneven == ['padding'] and padding[1] == 0", "a pair as padding", 1),
    ("uneven == ['stride', 'padding']", "pairs as stride and padding", 1),
)

# Questions about convolutions that differ from form to form
OF_FORMS: list[Row] = [
    (
        "Conv1D",
        "b is None",
        "",
        {SCALAR: 6, FEW: 2, **counts("Conv1D", 4, 2, 2, 2)},
    ),
    ("Conv1D", "b is not None", "b", {SCALAR: 2, **counts("Conv1D", 2, 1, 1, 2)}),
    ("Conv1D", "not w.ndim and not w", "", {SCALAR: 1}),
    ("Conv1D", "not w.ndim and not x.all() and x.any()", "", {SCALAR: 1}),
    ("Conv1D", "not x.any()", "", {SCALAR: 1}),
    ("Conv1D", "x.size == 1", "", {SCALAR: 1}),
    ("Conv1D", "w.ndim and not w.all()", "", {"a vector w (K,)": 1}),
    ("Conv1D", "not w.ndim and strided and not padded and not remainder", "stride", {SCALAR: 1}),
    ("Conv1D", "not w.ndim and remainder", "a stride that leaves a remainder", {SCALAR: 1}),
    ("Conv1D", "not w.ndim and padding == (1,) and not strided", "padding", {SCALAR: 1}),
    ("Conv1D", "not w.ndim and padding == (2,)", "padding", {SCALAR: 1}),
    ("Conv1D", "not w.ndim and padded and strided", "stride and padding", {SCALAR: 1}),
    ("Conv2D", "b is None", "", counts("Conv2D", 4, 2, 2, 3)),
    ("Conv2D", "b is not None", "b", counts("Conv2D", 2, 1, 1, 1)),
    ("Conv2D", "w.ndim == 2 and not w.all()", "", {"a matrix w (kh, kw)": 1}),
]
WITHIN = "not whole and not padded and not uneven and not pair"


def of_pools(of: str, whole: str, *numbers: int) -> Iterator[Row]:
    """What is asked of pools along one axis and two; numbers: those that differ between them."""
    cases, windows, negative, three = numbers
    return in_each_form(
        of,
        ("whole", whole, cases),
        ("whole and tied == 2 and h.max()", whole, 1),
        ("whole and h.min() == h.max() and h.size > 1 and shape != (1,)", whole, 1),
        ("whole and h.max() < 0", whole, 1),
        (f"stride == size and square and not remainder and {WITHIN}", "windows", windows),
        (f"h.max() < 0 and stride == size and {WITHIN}", "windows", negative),
        ("remainder and stride == size and not padded", "windows that leave a remainder", 2),
        (f"stride < size and {WITHIN}", "windows that overlap", 6),
        (f"stride < size and h.max() < 0 and {WITHIN}", "windows that overlap", 1),
        (f"stride < size and strided and {WITHIN}", "windows that overlap", 1),
        ("skips and not pair and not uneven", "windows that skip entries", 2),
        ("padded and not uneven", "padding", 6),
        ("padded and not uneven and h.max() < 0", "padding", 2),
        ("padded and not uneven and stride == size", "padding", 3),
        ("padded and not strided", "padding", three),
        (f"ties and size[0] == 2 and stride == size and {WITHIN}", "windows", 1),
        (f"ties and size[0] == 3 and stride == size and {WITHIN}", "windows", 1),
        (f"ties and size[0] == 2 and stride < size and {WITHIN}", "windows that overlap", 1),
        (f"ties and size[0] == 3 and stride < size and {WITHIN}", "windows that overlap", 1),
        ("ties and skips and not pair", "windows that skip entries", 1),
        ("ties and padded and not uneven", "padding", 1),
    )


POOLS: list[Row] = [
    *of_pools("MaxPool", "the whole axis", 10, 6, 1, 2),
    *in_each_form(
        "MaxPool",
        ("whole and tied == 3", "the whole axis", 1),
        ("whole and h.max() == 0", "the whole axis", 1),
        ("whole and shape == (1,)", "the whole axis", 1),
        ("not dz.any()", "the whole axis", 1),
    ),
    *of_pools("MaxPool2D", "both axes whole", 6, 7, 2, 1),
    *in_each_form(
        "MaxPool2D",
        (f"shape[0] < shape[1] and stride == size and {WITHIN}", "windows over a rectangle", 1),
        (f"shape[0] > shape[1] and stride == size and {WITHIN}", "windows over a rectangle", 1),
        ("pair and size[0] < size[1]", "a pair as size", 1),
        ("pair and size[0] > size[1]", "a pair as size", 1),
        ("pair and stride[0] == stride[1]", "a pair as size, and a number as stride", 2),
        ("not whole and not pair and stride[0] < stride[1]", "a pair as stride", 1),
        ("not whole and not pair and stride[0] > stride[1]", "a pair as stride", 1),
        ("padding[0] < padding[1]", "a pair as padding", 1),
        ("padding[0] > padding[1]", "a pair as padding", 1),
    ),
]
OTHERS: list[Row] = [
    ("ReLU", "True", "", {**counts("ReLU", 9), FOUR: 6, "a scalar a": 2}),
    ("ReLU", "a.ndim and not a.any()", "", {**counts("ReLU", 1), FOUR: 1}),
    ("ReLU", "a.any() and not a.all()", "", {**counts("ReLU", 1), FOUR: 1}),
    ("ReLU", "a.ndim and a.max() < 0", "", {**counts("ReLU", 1), FOUR: 1}),
    ("ReLU", "a.size > 1 and a.min() > 0", "", {**counts("ReLU", 1, 2, 2), FOUR: 1}),
    ("ReLU", "a.ndim and abs(a).max() > 100", "", counts("ReLU", 1)),
    ("ReLU", "a.ndim and a.shape[-1] == 1", "", counts("ReLU", 1)),
    ("ReLU", "not a.ndim and a < 0", "", {"a scalar a": 1}),
    ("ConvBlock", "not biased", "", counts("ConvBlock", 13)),
    (
        "ConvBlock",
        "biased",
        "b",
        {form: 1 for form in FORMS["ConvBlock"] if form != FEW},
    ),
    ("ConvBlock", "w.any() and row.max() <= 0", "", counts("ConvBlock", 2)),
    ("ConvBlock", "tied > 1 and row.max() > 0", "", counts("ConvBlock", 3)),
    ("ConvBlock", "not w.any()", "", counts("ConvBlock", 1)),
    ("Linear", "not biased", "", {ALONE: 3, MANY: 5}),
    ("Linear", "biased", "b", {ALONE: 1, MANY: 2}),
    ("Linear", "x.shape == (1,)", "", {ALONE: 1}),
    ("Linear", "x.ndim == 2 and len(x) == 1 and not biased", "", {MANY: 1}),
    ("Linear", "x.ndim == 2 and len(x) == 1 and biased", "b", {MANY: 1}),
    ("Linear", "x.ndim == 2 and x.shape == w.shape and x.all()", "", {MANY: 1}),
    ("Linear", "not x.all()", "", {MANY: 1}),
    ("Flatten", "len(shape) == 2", "", {"x (N, D)": 2}),
    ("Flatten", "len(shape) == 3", "", {"x (N, C, L)": 2}),
    ("Flatten", "len(shape) == 4", "", {"x (N, C, H, W)": 2}),
    ("Flatten", "shape[0] == 1", "", {"x (N, C, H, W)": 1, "x (N, D)": 1}),
    ("SoftmaxCrossEntropy", "not bound", GIVEN, {"": 3}),
    ("SoftmaxCrossEntropy", "bound", BOUND, {"": 3}),
    ("SoftmaxCrossEntropy", "dloss == 0.5 and bound", BOUND, {"": 1}),
    ("SoftmaxCrossEntropy", "dloss == 0.5 and not bound", GIVEN, {"": 1}),
    ("SoftmaxCrossEntropy", "logits.min() == logits.max() and not bound", GIVEN, {"": 1}),
    ("Sequential", "kinds == 'ReLU'", "layers without w", {"": 2}),
    ("Sequential", "kinds == 'ReLU' and x.ndim == 1", "layers without w", {"": 1}),
    ("Sequential", "kinds == 'MaxPool ReLU'", "layers without w", {"": 1}),
    ("Sequential", "count == 3", "convolution, ReLU, pool", {"": 2}),
    ("Sequential", "count == 3 and not params[0].ndim", "convolution, ReLU, pool", {"": 1}),
    ("Sequential", "count == 5", "two convolutions", {"": 2}),
    ("Sequential", "params[0].shape == params[1].shape", "two convolutions", {"": 1}),
    (
        "Conv2D",
        "w.ndim == 4 and len(w) < w.shape[1] and b is None",
        "",
        {"minibatches x (N, C, H, W)": 1, "channels x (C, H, W)": 1},
    ),
]
ROWS: list[Row] = [
    *of_convolutions("Conv1D", "long"),
    *of_convolutions("Conv2D", "large"),
    *OBLONG,
    *OF_FORMS,
    *POOLS,
    *OTHERS,
]


@cache
def process() -> Here:
    """Their file, which is run once."""
    here = Here(STUDENTS / "special.py", differences=False)
    here.load()
    return here


@cache
def described(of: str) -> Any:
    return {**process().ask({"describe": of}), "name": of}


@cache  # together with what the engine says at its cases
def asking(about: Topic, what: str) -> Topic:
    """The same topic with only these questions."""
    asked = (replace(each, within="") for each in about.features if each.what == what)
    return replace(about, features=tuple(asked))


@pytest.mark.parametrize(("of", "special", "what", "cases"), ROWS)
def test_what_is_wrong_at_one_question_alone_fails_there(
    monkeypatch: pytest.MonkeyPatch, of: str, special: str, what: str, cases: dict[str, int]
) -> None:
    monkeypatch.setenv("SPECIAL", special)
    # Finding what failures have in common, and second passes, would take longer than all the rest.
    monkeypatch.setattr("engine.grader.judge.patterns", lambda *_: ())
    monkeypatch.setattr(Examiner, "_further", lambda *_: None)
    about = asking(topic(of), what)
    judgement = judge(Examiner(about, described(of), process(), 60).examine())
    assert judgement.verdict == "FAILED"
    failed = Counter(each.outcome.feature.name for each in judgement.failures)
    assert failed == {" with ".join(filter(None, (what, form))): n for form, n in cases.items()}


KEPT = """
import numpy as np

class ReLU:
    mask = None

    def forward(self, a):
        if self.mask is None:
            self.mask = np.zeros(a.shape)
        self.mask[...] = a > 0
        return a * self.mask

    def backward(self, dh):
        return dh * self.mask
"""


def test_what_is_kept_in_the_first_shape_fails_at_a_second_pass(tmp_path: Path) -> None:
    file = written(tmp_path, KEPT)
    (judgement,) = check_in(Here(file, differences=False), file, 60).judgements
    assert judgement.verdict == "FAILED"
    assert {each.special for each in judgement.failures} == {"again"}
    assert judgement.patterns == (judgement.failures[0].problems[0].sentence,)


COUNTED = """
class Linear:
    passes = 0

    def forward(self, x, w, b):
        assert x.ndim == 2
        self.x, self.w = x, w
        self.passes += 1
        return x @ w.T + b

    def backward(self, dy):
        return dy @ self.w, self.passes * dy.T @ self.x, self.passes * dy.sum(axis=0)
"""


def test_a_report_says_everything_that_goes_wrong_in_a_second_pass(tmp_path: Path) -> None:
    file = written(tmp_path, COUNTED)
    (judgement,) = check_in(Here(file, differences=False), file, 60).judgements
    failure = judgement.failures[0]
    assert failure.special == "again"
    assert [each.quantity for each in failure.problems] == ["dw", "db"]


TURNED = """
class Sequential:
    def __init__(self, *layers):
        self.layers = list(layers)
    def forward(self, x, *params):
        given = iter(params)
        for each in self.layers:
            conv = type(each).__name__ == "Conv1D"
            x = each.forward(x, next(given)) if conv else each.forward(x)
        return x
    def backward(self, d):
        grads = []
        self.layers.reverse()
        for each in self.layers:
            d, *more = each.backward(d) if type(each).__name__ == "Conv1D" else [each.backward(d)]
            grads = more + grads
        return d, *grads
"""


def test_a_row_that_is_turned_round_fails_at_a_second_pass(tmp_path: Path) -> None:
    """A row of a single layer would pass it."""
    file = written(tmp_path, TURNED)
    (judgement,) = check_in(Here(file, differences=False), file, 60).judgements
    assert {(each.special, each.outcome.feature.name) for each in judgement.failures} == {
        ("again", "two convolutions")
    }
