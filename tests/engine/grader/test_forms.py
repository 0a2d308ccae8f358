"""Layers that take only one form of their inputs, and what they refuse.

A wrong layer is a right one in which a line is replaced.
"""

from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from engine.grader.cases import Feature, Reference
from engine.grader.examine import SHAPELESS, Asker, Examiner, _pairs
from engine.grader.judge import Judgement, judge
from engine.grader.outcome import Outcome
from engine.grader.questions import SETTINGS, topic
from engine.grader.report import calls
from tests.engine.grader.conftest import RELU, STUDENTS, Here, written
from tests.engine.grader.judging import judgements
from tests.for_each import for_each

POOL = """
import numpy as np

def pair(value):
    return value if isinstance(value, tuple) else (value, value)

class MaxPool2D:
    def __init__(self, size, stride=None, padding=0):
        self.size, self.stride, self.padding = size, size if stride is None else stride, padding
    def forward(self, h):
        *lead, height, width = h.shape
        self.shape = h.shape
        (kh, kw), (sh, sw), (ph, pw) = pair(self.size), pair(self.stride), pair(self.padding)
        h = h.reshape(-1, height, width)
        self.h = np.full((len(h), height + 2 * ph, width + 2 * pw), -np.inf)
        self.h[:, ph : ph + height, pw : pw + width] = h
        rows, columns = (height + 2 * ph - kh) // sh + 1, (width + 2 * pw - kw) // sw + 1
        self.z = np.zeros((len(self.h), rows, columns))
        for n, i, j in np.ndindex(*self.z.shape):
            self.z[n, i, j] = self.h[n, i * sh : i * sh + kh, j * sw : j * sw + kw].max()
        return self.z.reshape(*lead, rows, columns)
    def backward(self, dz):
        (kh, kw), (sh, sw), (ph, pw) = pair(self.size), pair(self.stride), pair(self.padding)
        dz = dz.reshape(self.z.shape)
        dh = np.zeros_like(self.h)
        for n, i, j in np.ndindex(*self.z.shape):
            window = self.h[n, i * sh : i * sh + kh, j * sw : j * sw + kw]
            row, column = np.unravel_index(window.argmax(), window.shape)
            dh[n, i * sh + row, j * sw + column] += dz[n, i, j]
        dh = dh[:, ph : dh.shape[1] - ph, pw : dh.shape[2] - pw]
        return dh.reshape(self.shape)
"""

SHAPE, FORWARD = "        self.shape = h.shape", "        *lead, height, width = h.shape"
BACKWARD = "        dh = np.zeros_like(self.h)"
WINNER = "            row, column = np.unravel_index(window.argmax(), window.shape)"
ADDED = "            dh[n, i * sh + row, j * sw + column] += dz[n, i, j]"
LAST = "np.unravel_index(window.size - 1 - window[::-1, ::-1].argmax(), window.shape)"
WHOLE = "            dh[n, i * sh : i * sh + kh, j * sw : j * sw + kw] += dz[n, i, j]"
ALL = f"{WHOLE} * (window == window.max())"

WRONG_POOLS: dict[str, tuple[str, str]] = {
    "padding with zeros beats negatives": ("-np.inf", "0.0"),
    "padding with the smallest entry": ("-np.inf", "h.min()"),
    "the last where they overlap": (
        WINNER,
        f"{WINNER}\n            if sh < kh:\n                row, column = {LAST}",
    ),
    "all of a tie where they meet": (
        ADDED,
        f"            if sh == kh and ph == 0:\n    {ALL}\n            else:\n    {ADDED}",
    ),
    "all of a tie where they skip": (
        ADDED,
        f"            if sh > kh:\n    {ALL}\n            else:\n    {ADDED}",
    ),
    "all of a tie where there is padding": (
        ADDED,
        f"            if ph:\n    {ALL}\n            else:\n    {ADDED}",
    ),
    "backward for size 2 alone": (BACKWARD, f"{BACKWARD}\n        kh = kw = 2"),
    "forward for size 2 alone": (FORWARD, f"{FORWARD}\n        self.size = 2"),
    "crash at size 3": (BACKWARD, f"{BACKWARD}\n        [0, 1, 2][kh]"),
    "backward for stride 2 alone": (BACKWARD, f"{BACKWARD}\n        sh = sw = 2"),
    "stride is size, on the way back": (BACKWARD, f"{BACKWARD}\n        sh, sw = kh, kw"),
    "stride is size": (FORWARD, f"{FORWARD}\n        self.stride = self.size"),
    "windows as long as the stride": (
        BACKWARD,
        f"{BACKWARD}\n        kh, kw = min(kh, sh), min(kw, sw)",
    ),
    "squares for pairs": (FORWARD, f"{FORWARD}\n        self.size = pair(self.size)[0]"),
    "one stride for pairs": (FORWARD, f"{FORWARD}\n        self.stride = pair(self.stride)[0]"),
    "one padding for pairs": (
        FORWARD,
        f"{FORWARD}\n        self.padding = max(pair(self.padding))",
    ),
    "strides exchanged": (BACKWARD, f"{BACKWARD}\n        sh, sw = sw, sh"),
    "only the first": (ADDED, f"            if n == 0 or len(self.h) == 1:\n    {ADDED}"),
    "only the last": (ADDED, f"            if n == len(self.h) - 1:\n    {ADDED}"),
    "overwritten": (ADDED, ADDED.replace("+=", "=")),
    "row for column": (WINNER, f"{WINNER}\n            row, column = column, row"),
    "the whole picture for the window": (
        ADDED,
        "            dh[n] += dz[n, i, j] * (self.h[n] >= self.z[n, i, j])",
    ),
    "the remainder gets the last row": (
        "        dh = dh[:, ph",
        "        if not ph and (len(dh[0]) - kh) % sh: dh[:, -1] = dh[:, 0]\n        dh = dh[:, ph",
    ),
    "a remainder is one more window": (
        "rows, columns = (height + 2 * ph - kh) // sh + 1",
        "rows, columns = -(-(height + 2 * ph - kh) // sh) + 1",
    ),
    "cut off at the wrong end": (
        "dh = dh[:, ph : dh.shape[1] - ph",
        "dh = dh[:, : dh.shape[1] - 2 * ph",
    ),
    "height for width": (
        "dh = np.zeros_like(self.h)",
        "dh = np.zeros((len(self.h), self.h.shape[1], self.h.shape[1]))",
    ),
    "the mean": (
        ADDED,
        "            dh[n, i * sh : i * sh + kh, j * sw : j * sw + kw] += dz[n, i, j] / (kh * kw)",
    ),
    "axes of length 1 are lost": (
        "reshape(*lead, rows, columns)",
        "reshape(*lead, rows, columns).squeeze()",
    ),
    "paddings exchanged": (BACKWARD, f"{BACKWARD}\n        ph, pw = pw, ph"),
}

FORMS = {
    "h (H, W)": "        _, _ = h.shape",
    "channels h (C, H, W)": "        _, _, _ = h.shape",
    "minibatches h (N, C, H, W)": "        _, _, _, _ = h.shape",
}
BATCH = FORMS["minibatches h (N, C, H, W)"]

CONV = """
import numpy as np

class OddError(Exception):
    pass

class Conv2D:
    def __init__(self, stride=1, padding=0):
        self.stride, self.padding = stride, padding
    def forward(self, x, w):
        n, channels, height, width = x.shape
        filters, _, kh, kw = w.shape
        s, p = self.stride, self.padding
        self.x, self.w = np.zeros((n, channels, height + 2 * p, width + 2 * p)), w
        self.x[:, :, p : p + height, p : p + width] = x
        rows, columns = (height + 2 * p - kh) // s + 1, (width + 2 * p - kw) // s + 1
        a = np.zeros((n, filters, rows, columns))
        for i, j in np.ndindex(rows, columns):
            window = self.x[:, :, i * s : i * s + kh, j * s : j * s + kw]
            a[:, :, i, j] = window.reshape(n, -1) @ w.reshape(filters, -1).T
        return a
    def backward(self, da):
        s, p, (kh, kw) = self.stride, self.padding, self.w.shape[2:]
        dx, dw = np.zeros_like(self.x), np.zeros_like(self.w)
        for i, j in np.ndindex(*da.shape[2:]):
            at = ..., slice(i * s, i * s + kh), slice(j * s, j * s + kw)
            window = self.x[at]
            dx[at] += (da[:, :, i, j] @ self.w.reshape(len(dw), -1)).reshape(window.shape)
            dw += (da[:, :, i, j].T @ window.reshape(len(window), -1)).reshape(dw.shape)
        return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p], dw
"""

READ = "        s, p = self.stride, self.padding\n"
BACK = "        dx, dw = np.zeros_like(self.x), np.zeros_like(self.w)\n"
MINIBATCHES = "minibatches x (N, C, H, W)"
RECTANGULAR = {
    "a rectangular w",
    "a rectangular w as large as x",
    "a rectangular w and stride",
    "a rectangular w and padding",
    "a rectangular w, stride and padding",
}

NO_SQUARES = {
    "an x that is no square",
    "stride, and an x that is no square",
    "stride and padding, and an x that is no square",
}

REFUSED: dict[str, tuple[str, str, set[str]]] = {
    "one line": (READ, "if kh != kw: raise ValueError('only square kernels')", RECTANGULAR),
    "any exception": (
        READ,
        "if (height + 2 * p - kh) % s or (width + 2 * p - kw) % s: raise Exception('Dimensions!')",
        {"a stride that leaves a remainder"},
    ),
    "of their own": (
        READ,
        "if p and s > 1: raise OddError",
        {
            "stride and padding",
            "stride and padding, and an x that is no square",
            "a rectangular w, stride and padding",
        },
    ),
    "over lines": (
        READ,
        "if kh == 1:\n            raise KeyError(\n                kh\n            )",
        {"a w of one entry"},
    ),
    "not implemented": (
        READ,
        "if p: raise NotImplementedError('padding')",
        {
            "padding",
            "stride and padding",
            "stride and padding, and an x that is no square",
            "a rectangular w and padding",
            "a rectangular w, stride and padding",
        },
    ),
    "assert": (READ, "assert height == width", {*NO_SQUARES, *RECTANGULAR}),
    "in backward": (
        BACK,
        "if s > 1: raise RuntimeError('not yet')",
        {
            "stride",
            "a stride that leaves a remainder",
            "a stride that skips entries",
            "stride and padding",
            "stride, and an x that is no square",
            "stride and padding, and an x that is no square",
            "a rectangular w and stride",
            "a rectangular w, stride and padding",
        },
    ),
}

BROKEN_CONVS: dict[str, tuple[str, str]] = {
    "everything is refused": (READ, "raise NotImplementedError"),
    "everything is refused in words": (READ, "raise ValueError('no')"),
    "no backward": (BACK, "raise NotImplementedError"),
    "what is ordinary is refused": (READ, "assert (w == 0).any()"),
    "an accident with a stride": (READ, "[0, 1][s]"),
    "an accident with padding": (READ, "np.zeros(2 + p) + np.zeros(2)"),
    "an accident on the way back": (BACK, "{1: 1}[s]"),
    "a wrong output and a refusal": (READ, "self.no = s > 1; s = 1"),
    "the stride of squares alone": (BACK, "s = s if kh != kw else 1"),
    "the stride of square images alone": (
        BACK,
        "da = da if s == 1 else da[:, :, :, : da.shape[2]]",
    ),
    "the padding of squares alone": (READ, "p = p if kh != kw else 0"),
    "the first channel alone": (READ, "w = w * (np.arange(channels)[:, None, None] == 0)"),
    "the first example alone": (BACK, "da = da * (np.arange(len(da)) == 0)[:, None, None, None]"),
}


@pytest.fixture
def judged(tmp_path: Path) -> "Judged":
    """A function that returns the judgement on a class in a source."""

    def judgement(name: str, source: str, *, differences: bool = False) -> Judgement:
        here = Here(written(tmp_path, source), differences=differences)
        here.load()
        described = {**here.ask({"describe": name}), "name": name}
        return judge(Examiner(topic(name), described, here, 60).examine())

    return judgement


@pytest.fixture
def verdicts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not look for what failures have in common, which takes a third of the time."""
    monkeypatch.setattr("engine.grader.judge.patterns", lambda *_: ())


class Judged(Protocol):
    """Judges a class in a source, on request by differences of its own forward, too.

    These cost the most, and the engine's numbers suffice nearly everywhere.
    """

    def __call__(self, name: str, source: str, *, differences: bool = False) -> Judgement: ...


def fails(judged: Judged, name: str, source: str) -> Judgement:
    judgement = judged(name, source)
    assert judgement.verdict == "FAILED"
    return judgement


def changed(source: str, old: str, new: str) -> str:
    assert source.count(old) == 1
    return source.replace(old, new)


def refusing(line: str, statement: str) -> str:
    """The convolution with a further statement after one of its lines."""
    return changed(CONV, line, f"{line}        {statement}\n")


@pytest.mark.parametrize("form", FORMS)
def test_a_right_pool_is_asked_for_everything_in_its_form(judged: Judged, form: str) -> None:
    judgement = judged(
        "MaxPool2D", changed(POOL, SHAPE, f"{FORMS[form]}\n{SHAPE}"), differences=True
    )
    assert judgement.verdict == "PASSED"
    wanted = {each.name for each in topic("MaxPool2D").features if each.form == form}
    assert set(judgement.offered) == wanted - {f"both axes whole with {form}"}
    assert set(judgement.refused) == {
        each.name
        for each in topic("MaxPool2D").features
        if not each.within and each.name not in judgement.offered
    }


@pytest.mark.usefixtures("verdicts_alone")
@pytest.mark.parametrize("mistake", WRONG_POOLS)
def test_a_wrong_pool_of_minibatches_alone_fails(judged: Judged, mistake: str) -> None:
    source = changed(changed(POOL, *WRONG_POOLS[mistake]), SHAPE, f"{BATCH}\n{SHAPE}")
    fails(judged, "MaxPool2D", source)


@pytest.mark.usefixtures("verdicts_alone")
@pytest.mark.parametrize("form", [*FORMS][:2])
@pytest.mark.parametrize("mistake", [*WRONG_POOLS][::8])
def test_a_wrong_pool_of_another_form_fails(judged: Judged, mistake: str, form: str) -> None:
    source = changed(changed(POOL, *WRONG_POOLS[mistake]), SHAPE, f"{FORMS[form]}\n{SHAPE}")
    fails(judged, "MaxPool2D", source)


@pytest.mark.parametrize("how", REFUSED)
def test_what_a_class_itself_refuses_counts_neither_way(judged: Judged, how: str) -> None:
    line, statement, refused = REFUSED[how]
    judgement = judged("Conv2D", refusing(line, statement))
    assert judgement.verdict == "PASSED"
    never = {"b", "a pair as stride", "a pair as padding", "pairs as stride and padding"}
    asked = {each.what for each in topic("Conv2D").features if each.form == MINIBATCHES}
    assert set(judgement.forms[MINIBATCHES]) == asked - refused - never
    for what in refused - (RECTANGULAR if "a rectangular w" in refused else set()):
        assert f"{what} with {MINIBATCHES}" in judgement.refused


@pytest.mark.parametrize("mistake", BROKEN_CONVS)
def test_an_accident_is_no_refusal_and_refusing_everything_fails(
    judged: Judged, mistake: str
) -> None:
    source = refusing(*BROKEN_CONVS[mistake])
    if mistake.startswith("a wrong output"):
        source = changed(source, BACK, f"{BACK}        assert not self.no\n")
    judgement = fails(judged, "Conv2D", source)
    assert judgement.failures[0].outcome.feature.name not in judgement.refused


PADDED_ALIKE = """
import numpy as np

class Conv2D:
    def __init__(self, stride=1, padding=0):
        self.stride, self.padding = stride, padding
    def forward(self, x, w):
        self.x, self.w = np.pad(x, self.padding), w
        s, (kh, kw) = self.stride, w.shape
        rows, columns = ((n - k) // s + 1 for n, k in zip(self.x.shape, w.shape))
        a = np.zeros((rows, columns))
        for i, j in np.ndindex(rows, columns):
            a[i, j] = (self.x[i * s : i * s + kh, j * s : j * s + kw] * w).sum()
        return a
    def backward(self, da):
        s, p, (kh, kw) = self.stride, self.padding, self.w.shape
        dx, dw = np.zeros_like(self.x), np.zeros_like(self.w)
        for i, j in np.ndindex(*da.shape):
            at = slice(i * s, i * s + kh), slice(j * s, j * s + kw)
            dx[at] += da[i, j] * self.w
            dw += da[i, j] * self.x[at]
        return dx[p : dx.shape[0] - p, p : dx.shape[1] - p], dw
"""


POOLED_ALIKE = """
import numpy as np

class MaxPool2D:
    def __init__(self, size, stride, padding=0):
        self.size, self.stride, self.padding = size, stride, padding
    def forward(self, h):
        k, s = self.size, self.stride
        self.h = np.pad(h, self.padding, constant_values=-np.inf)
        z = np.zeros([(n - k) // s + 1 for n in self.h.shape])
        for i, j in np.ndindex(*z.shape):
            z[i, j] = self.h[i * s : i * s + k, j * s : j * s + k].max()
        return z
    def backward(self, dz):
        k, s, p = self.size, self.stride, self.padding
        dh = np.zeros_like(self.h)
        for i, j in np.ndindex(*dz.shape):
            window = self.h[i * s : i * s + k, j * s : j * s + k]
            row, column = np.unravel_index(window.argmax(), window.shape)
            dh[i * s + row, j * s + column] += dz[i, j]
        return dh[p : dh.shape[0] - p, p : dh.shape[1] - p]
"""
AT_LEAST_A_VECTOR = """
import numpy as np

class ReLU:
    def forward(self, a):
        self.a = a
        return np.maximum(0, a)
    def backward(self, dh):
        return (np.atleast_1d(self.a) > 0) * dh
"""


@for_each(
    ("name", "source", "feature"),
    [
        ("Conv2D", PADDED_ALIKE, "a pair as padding with a matrix w (kh, kw)"),
        ("MaxPool2D", POOLED_ALIKE, "a pair as padding with h (H, W)"),
        ("ReLU", AT_LEAST_A_VECTOR, "a scalar a"),
    ],
    ids=("convolution", "pool", "activation"),
)
def test_inputs_that_only_broadcasting_takes_are_not_offered(
    judged: Judged, name: str, source: str, feature: str
) -> None:
    """To np.pad (1, 0) is 1 before and 0 behind along each axis."""
    judgement = judged(name, source)
    assert judgement.verdict == "PASSED"
    assert feature in judgement.refused


@for_each(
    ("given", "gives"),
    [
        ("None", "None, needs (dx, dw)"),
        ("'dx'", "something of type str, needs (dx, dw)"),
        ("dx", "1 gradient, needs 2: (dx, dw)"),
    ],
)
def test_a_backward_that_returns_no_row_of_gradients_is_told_what_is_needed(
    judged: Judged, given: str, gives: str
) -> None:
    (first, *_) = judged("Conv2D", refusing(BACK, f"return {given}")).failures
    assert first.problems[0].sentence == f"backward gives {gives}"


WHOLE = """import numpy as np


class MaxPool:
    def __init__(self, size=None):
        self.size = size

    def forward(self, h):
        {accident}
        self.h, self.z = h, h.max(-1)
        return self.z

    def backward(self, dz):
        return (self.h == self.z[..., None]) * np.asarray(dz)[..., None]
"""


def test_what_a_class_claims_it_must_do_in_one_form(judged: Judged) -> None:
    """If each form ends in an accident, the form in which it came farthest counts as wrong."""
    right = judged("MaxPool", WHOLE.format(accident="assert self.size is None"))
    assert right.verdict == "PASSED"
    accident = "h.ndim == 3 or self.size is None or [0, 1][self.size]"
    wrong = judged("MaxPool", WHOLE.format(accident=accident))
    assert wrong.verdict == "FAILED"
    features = {each.outcome.feature.name for each in wrong.failures}
    assert features == {"windows with minibatches h (N, C, L)"}
    assert all(wrong.refused.values())


def test_one_case_that_is_refused_is_told_by_itself(judged: Judged) -> None:
    source = changed(POOL, SHAPE, f"{BATCH}\n        assert self.size != 3\n{SHAPE}")
    judgement = judged("MaxPool2D", source)
    assert judgement.verdict == "PASSED"
    assert "windows with minibatches h (N, C, H, W)" in judgement.offered
    case = next(
        each for each in judgement.refused if each.startswith("MaxPool2D(size=3, stride=3)")
    )
    assert case.endswith(", 6, 6)")
    assert judgement.refused[case].startswith("forward raises AssertionError")


def test_one_setting_may_be_refused_of_a_shape_that_is_taken_with_another(judged: Judged) -> None:
    source = """
import numpy as np
class MaxPool:
    def __init__(self, size, stride):
        assert size == stride == 2
    def forward(self, h):
        self.pairs = h[..., : h.shape[-1] // 2 * 2].reshape(*h.shape[:-1], -1, 2)
        self.h, self.z = h, self.pairs.max(-1)
        return self.z
    def backward(self, dz):
        dh = np.zeros_like(self.h)
        won = (self.pairs == self.z[..., None]) * np.asarray(dz)[..., None]
        dh[..., : dh.shape[-1] // 2 * 2] = won.reshape(*dh.shape[:-1], -1)
        return dh
"""
    judgement = judged("MaxPool", source)
    assert judgement.verdict == "PASSED"
    assert "windows with h (L,)" in judgement.offered
    # Windows of two are asked of six entries as well.
    assert "MaxPool(size=3, stride=3) for h of shape (6,)" in judgement.refused


def test_what_is_no_output_is_wrong_where_a_class_names_the_setting(judged: Judged) -> None:
    source = """
import numpy as np
class MaxPool:
    def __init__(self, size, stride):
        self.size, self.stride = size, stride
    def forward(self, h):
        windows = h.reshape(*h.shape[:-1], -1, self.size)
        self.won = windows == windows.max(axis=-1, keepdims=True)
        return windows.max(axis=-1) if self.stride == self.size else None
    def backward(self, dz):
        return (self.won * dz[..., None]).reshape(*dz.shape[:-1], -1)
"""
    judgement = fails(judged, "MaxPool", source)
    assert judgement.failures[0].problems[0].sentence == "forward gives None as z, needs numbers"
    assert "windows that overlap with h (L,)" in judgement.offered


def test_a_class_that_refuses_the_first_case_of_a_feature_is_asked_another(judged: Judged) -> None:
    source = """
class Flatten:
    def forward(self, x):
        assert x.shape not in ((2, 2, 2), (3, 2, 2, 2))
        self.shape = x.shape
        return x.reshape(len(x), -1)
    def backward(self, dy):
        return dy.reshape(self.shape)
"""
    judgement = judged("Flatten", source)
    assert set(judgement.offered) == {each.name for each in topic("Flatten").features}
    assert set(judgement.refused) == {
        "Flatten() for x of shape (2, 2, 2)",
        "Flatten() for x of shape (3, 2, 2, 2)",
    }


@pytest.mark.parametrize("settings", ["(kh, kw), (sh, sw), (ph, pw)", "(kh, kw), sh, (ph, pw)"])
def test_a_pool_that_takes_pairs_alone_is_asked_with_pairs(judged: Judged, settings: str) -> None:
    ours = "(kh, kw), (sh, sw), (ph, pw) = pair(self.size), pair(self.stride), pair(self.padding)"
    theirs = f"{settings} = self.size, self.stride, self.padding or (0, 0)"
    if "sh," not in settings.replace("(sh, sw)", ""):
        source = POOL.replace(ours, theirs)
    else:
        source = POOL.replace(ours, f"{theirs}; sw = sh")
    judgement = judged("MaxPool2D", source)
    assert judgement.verdict == "PASSED"
    assert "windows that overlap with h (H, W)" in judgement.offered
    single = {each for each in judgement.refused if each.startswith("a number as")}
    assert single == {"a number as size", "a number as padding"} | (
        {"a number as stride"} if "(sh, sw)" in settings else set()
    )


def test_a_relu_that_refuses_half_of_its_numbers_offers_nothing(judged: Judged) -> None:
    source = """
import numpy as np
class ReLU:
    def forward(self, a):
        assert (a > 0).all()
        return a
    def backward(self, dh):
        return dh
"""
    judgement = judged("ReLU", source)
    assert judgement.verdict == "FAILED"


def test_a_gradient_in_another_shape_is_wrong_at_0_too(judged: Judged) -> None:
    source = """
import numpy as np
class ReLU:
    def forward(self, a):
        self.a = a
        return np.maximum(0, a)
    def backward(self, dh):
        return (dh * (self.a > 0)).sum()
"""
    judgement = fails(judged, "ReLU", source)
    assert {each.problems[0].kind for each in judgement.failures} >= {"shape"}


def test_a_check_fails_what_is_wrong_by_less_than_its_coarse_step_sees(judged: Judged) -> None:
    line = "        return dx[:, :, p"
    judgement = judged(
        "Conv2D", changed(CONV, line, line.replace("dx", "1.0001 * dx")), differences=True
    )
    assert judgement.verdict == "FAILED"
    assert judgement.checks["dx"] == np.inf
    assert judgement.checks["dw"] < 1e-6


@pytest.mark.parametrize(("per", "digits"), [(4, 1), (20, 2), (400, 4)])
def test_what_a_check_alone_finds_is_shown_with_as_few_digits_as_do(
    judged: Judged, per: int, digits: int
) -> None:
    """Right if all of dout are multiples of 1 / per, as the quarters in the cases are."""
    judgement = judged(
        "Flatten",
        f"""
class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)
    def backward(self, dout):
        return (dout * {per}).round().reshape(self.shape) / {per}
""",
        differences=True,
    )
    shown = judgement.failures[0].outcome.case.dout
    assert (shown == shown.round(digits)).all()
    assert (shown != shown.round(digits - 1)).any()


def test_the_dout_at_which_backward_crashes_in_a_check_is_shown(judged: Judged) -> None:
    source = """
class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)
    def backward(self, dout):
        [0][int((4 * dout % 1).any())]
        return dout.reshape(self.shape)
"""
    failure = judged("Flatten", source, differences=True).failures[0]
    assert failure.problems[0].sentence == "backward raises IndexError: list index out of range"
    assert (4 * failure.outcome.case.dout % 1).any()


def test_a_crash_at_a_dout_in_the_shape_of_a_wrong_output_is_not_asked_for(judged: Judged) -> None:
    """That of the check, which has theirs; the wrong shape is what is to be told."""
    source = """
class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.ravel()
    def backward(self, dout):
        len(dout[0])
        return dout.reshape(self.shape)
"""
    failure = judged("Flatten", source, differences=True).failures[0]
    assert failure.problems[0].sentence == "y has the wrong shape: got (8,), needs (2, 4)"


@for_each(
    ("crash", "sentence"),
    [
        ("{}[()]", "forward raises KeyError: ()"),
        ("int('')", "forward raises ValueError: invalid literal for int() with base 10: ''"),
        ("1 // 0", "forward raises ZeroDivisionError: integer division or modulo by zero"),
    ],
)
def test_whatever_is_raised_in_a_check_alone_is_a_failure(
    judged: Judged, crash: str, sentence: str
) -> None:
    source = f"""
class ReLU:
    def forward(self, a):
        self.a = a
        if (a * 1024 % 1).any():  # which is so in a check alone
            {crash}
        return a * (a > 0)
    def backward(self, dh):
        return (self.a >= 0) * dh
"""
    failure = judged("ReLU", source, differences=True).failures[0]
    assert failure.problems[0].sentence == sentence


def test_another_rule_is_not_spoken_of_beside_numbers_that_are_wrong_anyhow(judged: Judged) -> None:
    other = changed(POOL, *WRONG_POOLS["the last where they overlap"])
    alone = judged("MaxPool2D", other, differences=True)
    assert any(each.startswith("it follows no one rule") for each in alone.patterns)
    both = judged("MaxPool2D", changed(other, *WRONG_POOLS["strides exchanged"]), differences=True)
    assert both.verdict == "FAILED"
    assert not any("no one rule" in each for each in both.patterns)


SHORT = """
import numpy as np
class MaxPool2D:
    def __init__(self, size, stride):
        self.size, self.stride = size, stride
    def forward(self, h):
        self.h, self.at, stride = h, {}, self.stride
        z = np.zeros([*h.shape[:2], h.shape[2] // stride, h.shape[3] // stride])
        for n, c, i, j in np.ndindex(z.shape):
            window = h[n, c, stride * i :, stride * j :][: self.size, : self.size]
            z[n, c, i, j] = window.max()
            row, column = np.argwhere(window == window.max())[0]
            self.at[n, c, i, j] = n, c, stride * i + row, stride * j + column
        return z
    def backward(self, dz):
        dh = np.zeros(self.h.shape)
        for window, entry in self.at.items():
            dh[entry] = dz[window]
        return dh
"""


@pytest.mark.parametrize("added", ["", "+"])
def test_backward_needs_mending_where_it_is_wrong_though_the_output_is_right(
    judged: Judged, added: str
) -> None:
    """Forward counts windows wrongly; one of the two backwards overwrites instead of adding."""
    found = judged("MaxPool2D", SHORT.replace("] = dz", f"] {added}= dz"), differences=True)
    assert found.verdict == "FAILED"
    only_forward = "backward is the derivative of this forward: only forward needs mending"
    assert (only_forward in found.patterns) == bool(added)


OWN_DERIVATIVE = """
import numpy as np
class ReLU:
    def forward(self, a):
        self.a = a
        return FORWARD
    def backward(self, dh):
        return BACKWARD
"""


@pytest.mark.parametrize(
    ("forward", "backward", "mend"),
    [
        ("np.maximum(a, 0) + 1", "dh * (self.a > 0)", ": only forward needs mending"),
        ("np.maximum(a, 0) + 1", "dh * (self.a >= 0)", ": only forward needs mending"),
        ("np.abs(a)", "dh * np.sign(self.a)", ", not of the right one: mend forward first"),
        ("2 * np.maximum(a, 0)", "2 * dh * (self.a > 0)", ", not of the right one: mend for"),
    ],
)
def test_a_report_says_whether_the_derivative_of_a_wrong_forward_is_right(
    judged: Judged, forward: str, backward: str, mend: str
) -> None:
    """The derivative of max(0, a) + 1 is that of max(0, a), under either rule; |a|'s is not."""
    source = OWN_DERIVATIVE.replace("FORWARD", forward).replace("BACKWARD", backward)
    found = judged("ReLU", source, differences=True)
    assert found.verdict == "FAILED"
    said = [each for each in found.patterns if each.startswith("backward is")]
    assert len(said) == 1
    assert said[0].startswith(f"backward is the derivative of this forward{mend}")


BESIDE = """
import numpy as np
class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        self.p, self.at = e / (e.sum(axis=1, keepdims=True) + 1), (np.arange(len(labels)), labels)
        return -np.log(self.p[self.at]).mean()
    def backward(self, dloss=1):
        d = self.p.copy()
        d[self.at] -= 1
        return dloss * d / len(d)
"""


def test_a_kink_of_a_wrong_forward_does_not_tell_that_its_derivative_is_right(
    judged: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If one of several equal logits is moved, it becomes the largest, but only on one side."""
    at_kink = "equal logits"
    monkeypatch.setattr(Asker, "_affordable", lambda _, case: case.point == at_kink)
    found = judged("SoftmaxCrossEntropy", BESIDE, differences=True)
    assert found.verdict == "FAILED"
    assert not found.checks
    assert not any("derivative" in each for each in found.patterns)


FULL = """
import numpy as np
class Conv1D:
    def forward(self, x, w):
        self.x, self.w, self.shape = x, np.atleast_1d(w), np.shape(w)
        return np.convolve(x, self.w)
    def backward(self, da):
        dw = np.correlate(da, self.x, "valid").reshape(self.shape)
        return np.correlate(da, self.w, "valid"), dw
"""


def test_the_derivative_of_a_convolution_that_pads_is_not_that_of_one_that_does_not(
    judged: Judged,
) -> None:
    """Both are right for a scalar w; for vectors forward's shape is wrong, so nothing tells."""
    found = judged("Conv1D", FULL, differences=True)
    assert found.verdict == "FAILED"
    assert found.patterns[1] == (
        "backward is the derivative of this forward, not of the right one: mend forward first"
    )


FILTERS = """
import numpy as np
class Conv1D:
    def forward(self, x, w):
        self.x, self.w = x, w
        self.n = x.shape[-1] + w.shape[-1] - 1
        both = np.fft.rfft(x, self.n) * np.conj(np.fft.rfft(w, self.n))
        return np.fft.irfft(both, self.n)[..., : x.shape[-1] - w.shape[-1] + 1]
    def backward(self, da):
        n, back = self.n, np.fft.rfft(da, self.n)
        dx = DX
        dw = np.fft.irfft(np.fft.rfft(self.x, n) * np.conj(back), n)[..., : self.w.shape[-1]]
        return dx, dw
"""
EACH = "np.fft.irfft(back * np.fft.rfft(self.w, n), n)"


@pytest.mark.parametrize(
    ("dx", "why"),
    [
        (f"{EACH}[:, :len(self.x)].sum(axis=0)", "backward raises IndexError (line 11)"),
        (f"{EACH}[..., :len(self.x)].sum(axis=0)", "dx has the shape (), such a case needs (5,)"),
        (f"sum({EACH})[:len(self.x)]", "backward raises IndexError (line 11)"),
    ],
)
def test_a_form_that_only_forward_takes_by_chance_is_not_offered(
    judged: Judged, dx: str, why: str
) -> None:
    """That form is a vector w, for which the products happen to have the right shape."""
    source = FILTERS.replace("DX", dx)
    judgement = judged("Conv1D", source)
    assert judgement.verdict == "PASSED"
    assert set(judgement.forms) == {"several scalar filters w (F, 1)", "several filters w (F, K)"}
    assert judgement.refused["a vector w (K,)"] == why
    failed = fails(judged, "Conv1D", changed(source, dx, f"2 * {dx}"))  # in its own forms it fails
    assert failed.patterns == ("dx is 2 times what it should be",)


NO_TURNS = """
import numpy as np
class Conv1D:
    def forward(self, x, w):
        self.x, self.w = x, w
        return np.array([[part @ each for part in self.parts()] for each in w])
    def parts(self):
        k = self.w.shape[-1]
        return [self.x[i : i + k] for i in range(len(self.x) - k + 1)]
    def backward(self, da):
        dx, k = np.zeros(len(self.x)), self.w.shape[-1]
        for i in range(da.shape[1]):
            dx[i : i + k] += da[:, i] @ self.w
        return dx, da @ np.array(self.parts())
"""


def test_an_output_in_which_there_is_nothing_is_of_no_such_form(judged: Judged) -> None:
    """For several channels it has as many rows as there are filters, as it should."""
    judgement = judged("Conv1D", NO_TURNS)
    assert judgement.verdict == "PASSED"
    why = "a has the shape (3, 0), such a case needs (3, 3)"
    assert judgement.refused["channels x (C, L)"] == why
    wrong = changed(NO_TURNS, "len(self.x) - k + 1", "len(self.x) - k - 2")
    fails(judged, "Conv1D", wrong)  # here some output is empty that must not be


def test_a_maximum_that_other_windows_have_too_is_theirs_no_maximum(judged: Judged) -> None:
    source = """
import numpy as np
class MaxPool:
    def __init__(self, size):
        self.size = size
    def forward(self, h):
        self.h = h
        self.z = h.reshape(-1, self.size).max(axis=1)
        return self.z
    def backward(self, dz):
        dh = np.zeros_like(self.h)
        for z, gradient in zip(self.z, dz):
            dh[self.h == z] += gradient
        return dh
"""
    failed = fails(judged, "MaxPool", source)
    assert failed.failures[0].outcome.case.point == "by hand"
    assert failed.patterns == (
        "dh: entries of other windows that are as large get the gradient too",
    )


def test_gradients_are_swapped_by_whatever_rule_they_are_right(judged: Judged) -> None:
    source = """
import numpy as np
class ConvBlock:
    def forward(self, x, w):
        self.x, self.w = x, w
        self.h = np.maximum(w * x, 0)
        return self.h.max()
    def backward(self, dz):
        dx = np.zeros_like(self.x)
        first = self.h.argmax()
        dz = dz * (self.h[first] > 0)
        dx[first] = dz * self.w
        return dz * self.x[first], dx
"""
    assert fails(judged, "ConvBlock", source).patterns == ("dx and dw are swapped",)


def test_the_right_sum_in_another_shape_is_not_over_the_wrong_axes(judged: Judged) -> None:
    source = """
class Linear:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        return x @ w.T + b
    def backward(self, dy):
        return dy @ self.w, dy.T @ self.x, dy.sum(axis=0, keepdims=True)
"""
    said = "db has the right numbers in the wrong shape"
    assert fails(judged, "Linear", source).patterns == (said,)


ONE_ENTRY = """
import numpy as np
class Conv1D:
    def forward(self, x, w):
        self.x, self.w = x, w
        return np.convolve(x, np.flip(w), "valid")
    def backward(self, da):
        return np.convolve(da, self.w), np.convolve(self.x, np.flip(da), "valid")
"""


def test_a_number_that_numpy_takes_for_an_array_is_not_offered(judged: Judged) -> None:
    judgement = judged("Conv1D", ONE_ENTRY)
    assert judgement.verdict == "PASSED"
    assert judgement.refused["a scalar w"] == "dw has the shape (1,), such a case needs ()"
    of_each = changed(ONE_ENTRY, "return np.convolve(da", "if not np.ndim(self.w):\n            "
                      "return da * self.w, da * self.x\n        return np.convolve(da")  # fmt: skip
    fails(judged, "Conv1D", of_each)  # for a scalar w, dw is not a scalar


TURNED = """
import numpy as np
class Linear:
    def forward(self, x, w):
        self.x, self.w = x, w
        return x @ w.T
    def backward(self, dy):
        dw = np.outer(dy, self.x) if dy.ndim == 1 else self.x.T @ dy
        return dy @ self.w, dw
"""


def test_a_gradient_that_is_transposed_has_not_been_made_by_broadcasting(judged: Judged) -> None:
    found = judged("Linear", TURNED)
    assert found.verdict == "FAILED"
    assert found.patterns == ("dw is transposed (wrong for minibatches)",)


def test_a_gradient_of_each_example_has_not_been_made_by_broadcasting(judged: Judged) -> None:
    source = TURNED.replace("self.x.T @ dy", "np.einsum('nm,nd->nmd', dy, self.x)")
    found = judged("Linear", source)
    assert found.verdict == "FAILED"
    assert found.patterns == ("dw is wrong for minibatches",)


SUMMED = """
import numpy as np
class Linear:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        return x @ w.T + b
    def backward(self, dy):
        dw = np.atleast_2d(dy).T @ np.atleast_2d(self.x)
        if self.x.ndim == AXES:
            dw = dw.sum(axis=1, keepdims=True)
        return dy @ self.w, dw, np.atleast_2d(dy).sum(axis=0)
"""


@for_each("axes", [1, 2])
def test_a_wrong_dw_beside_a_right_db_fails_and_is_no_refusal_of_such_inputs(
    judged: Judged, axes: int
) -> None:
    failed = fails(judged, "Linear", SUMMED.replace("AXES", str(axes)))
    assert {each.outcome.case.inputs[0].ndim for each in failed.failures} == {axes}


SCALARS = """
import numpy as np
class Conv1D:
    def forward(self, x, w):
        self.x, self.w = x, w
        return x * w
    def backward(self, da):
        if not np.ndim(self.w):
            return da * self.w, np.sum(da * self.x)
        dx, dw = self.w * da, self.x * da
        return dx.sum(axis=0), dw.sum(axis=1, keepdims=True)
class ConvBlock:
    def forward(self, x, w):
        self.conv = Conv1D()
        self.h = np.maximum(self.conv.forward(x, w), 0)
        return self.h.max(axis=-1)
    def backward(self, dz):
        won = (self.h == self.h.max(axis=-1, keepdims=True)) & (self.h > 0)
        return self.conv.backward(won * np.expand_dims(dz, -1))
"""


@pytest.mark.usefixtures("verdicts_alone")
@for_each("of", ["Conv1D", "ConvBlock"])
@for_each(
    ("old", "new", "wrong"),
    [("dx.sum(axis=0)", "dx", "dx"), ("dw.sum(axis=1, keepdims=True)", "dw.sum(axis=1)", "dw")],
)
def test_a_wrong_shape_beside_a_right_gradient_fails_and_is_no_refusal_of_filters(
    judged: Judged, of: str, old: str, new: str, wrong: str
) -> None:
    found = fails(judged, of, changed(SCALARS, old, new))
    problem = found.failures[0].problems[0]
    assert (problem.kind, problem.quantity) == ("shape", wrong)


@pytest.mark.usefixtures("verdicts_alone")
@for_each("of", ["Conv1D", "ConvBlock"])
def test_without_a_gradient_of_the_right_shape_several_filters_are_refused(
    judged: Judged, of: str
) -> None:
    neither = changed(SCALARS, "dx.sum(axis=0), dw.sum(axis=1, keepdims=True)", "dx, dw")
    found = judged(of, neither)
    assert found.verdict == "PASSED"
    assert "several scalar filters w (F, 1)" in found.refused


@pytest.mark.usefixtures("verdicts_alone")
def test_an_axis_that_is_lost_fails_where_longer_ones_are_kept(judged: Judged) -> None:
    """A w as long as x gives one number, of which squeeze() makes the shape ()."""
    source = """
import numpy as np
class Conv1D:
    def forward(self, x, w):
        self.x, self.w = x, w
        return np.correlate(x, w, "valid").squeeze()
    def backward(self, da):
        da = np.atleast_1d(da)
        return np.convolve(da, self.w), np.correlate(self.x, da, "valid")
"""
    problem = fails(judged, "Conv1D", source).failures[0].problems[0]
    assert problem.sentence == "a has the wrong shape: got (), needs (1,)"
    assert judged("Conv1D", changed(source, ".squeeze()", "")).verdict == "PASSED"


def test_no_check_is_said_to_have_passed_for_a_wrong_gradient(judged: Judged) -> None:
    """For one example dw is right; for a minibatch its shape alone says that it is not."""
    source = TURNED.replace("self.x.T @ dy", "np.einsum('nm,nd->nmd', dy, self.x)")
    checks = judged("Linear", source, differences=True).checks
    assert [*checks] == ["dx"]
    assert checks["dx"] < 1e-6


UNASKED = """
import numpy as np
class ConvBlock:
    def forward(self, x, w):
        self.x, self.w = x, w
        return np.maximum(w * x, 0).max()
    def backward(self):
        winner = np.arange(len(self.x)) == (self.w * self.x).argmax()
        return winner * self.w, -np.sum(winner * self.x)
"""


def test_a_backward_without_an_upstream_gradient_is_shown_called_without_one(
    judged: Judged,
) -> None:
    failure = judged("ConvBlock", UNASKED).failures[0]
    *lines, last = calls(failure, "")
    assert last == "layer.forward(x, w); layer.backward()"
    assert not any(each.startswith("dz") for each in lines)


LABELLED = """
import numpy as np
class SoftmaxCrossEntropy:
    def __init__(self, labels):
        self.labels = labels
    def forward(self, logits):
        e = np.exp(logits)
        self.p = e / e.sum(axis=1, keepdims=True)
        return -np.log(self.p[np.arange(len(e)), self.labels]).mean()
    def backward(self):
        return (self.p - np.eye(self.p.shape[1])[self.labels]) / len(self.p)
"""


def test_a_backward_without_an_upstream_gradient_is_given_none_in_a_gradient_check(
    judged: Judged,
) -> None:
    found = judged("SoftmaxCrossEntropy", LABELLED, differences=True)
    assert found.verdict == "PASSED"
    assert found.checks["dlogits"] < 1e-6


NAMED = """
import numpy as np
class SoftmaxCrossEntropy:
    def __init__(self, labels=None):
        self.names = labels
    def forward(self, logits, truth=None):
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        self.seen = np.arange(len(truth)), truth
        return -np.log(self.p[self.seen]).mean()
    def backward(self, dloss):
        grad = self.p.copy()
        grad[self.seen] -= 1
        return dloss * grad / len(grad)
"""


def test_what_a_constructor_calls_labels_may_be_something_else(judged: Judged) -> None:
    found = judged("SoftmaxCrossEntropy", NAMED)
    assert found.verdict == "PASSED"
    assert [*found.refused] == ["labels given to the constructor"]


ROUNDED = """
import numpy as np
class ReLU:
    def forward(self, a):
        self.a = a
        return np.round(np.maximum(a, 0), 1)
    def backward(self, dh):
        return dh * (self.a > 0)
"""


def test_what_a_class_refuses_in_its_gradient_check_alone_is_no_refusal(judged: Judged) -> None:
    """The check goes beyond what was asked: it moves the entries by a little."""
    fine = ROUNDED.replace("self.a = a", "self.a = a; assert (a == np.round(a, 4)).all()")
    source = fine.replace("np.round(np.maximum(a, 0), 1)", "np.maximum(a, 0)")
    found = judged("ReLU", source, differences=True)
    assert found.verdict == "PASSED"
    assert found.cases == judged("ReLU", source).cases


def test_backward_is_no_derivative_of_a_forward_that_rounds(judged: Judged) -> None:
    """At 0.25, between two rounded values, any slope lies between the slopes on either side."""
    found = judged("ReLU", ROUNDED, differences=True)
    assert "(does forward round?)" in found.patterns[0]
    assert not any("only forward needs mending" in each for each in found.patterns)


BLOCK = """
import numpy as np
class ConvBlock:
    def forward(self, x, w):
        self.x, self.w, self.h = x, w, np.maximum(0, w * x)
        return self.h.max()
    def backward(self, dz):
        da = dz * (self.h == self.h.max()) * (self.w * self.x >= 0)
        if np.count_nonzero(da) > MOST:
            da[da.argmax() + 1 :] = 0
        return da * self.w, (da * self.x).sum()
"""


@pytest.mark.parametrize(("most", "verdict"), [(9, "PASSED"), (2, "FAILED")])
def test_what_follows_from_a_rule_is_noted_only_of_a_class_that_follows_it_everywhere(
    judged: Judged, most: int, verdict: str
) -> None:
    judgement = judged("ConvBlock", BLOCK.replace("MOST", str(most)))
    assert judgement.verdict == verdict
    assert judgement.convention.pool_ties == "all"
    assert any(each.startswith("it follows no one rule") for each in judgement.patterns) == (
        most < 9
    )
    assert (judgement.followed is None) == (most < 9)
    assert any("no derivative" in each for each in judgement.notes) == (most == 9)


def test_one_gradient_may_follow_a_rule_where_the_other_one_is_always_wrong(judged: Judged) -> None:
    """dx follows PyTorch at every kink; nothing shows which rule at ties dw would follow."""
    source = changed(BLOCK.replace("MOST", "1"), "self.x >= 0", "self.x > 0")
    right = judged("ConvBlock", source)
    assert (right.verdict, right.convention.pool_ties) == ("PASSED", "first")
    wrong = judged("ConvBlock", changed(source, "(da * self.x).sum()", "da.sum()"))
    assert wrong.patterns == ("dw is not multiplied by x",)


def test_a_rule_by_which_a_case_is_right_by_chance_is_not_taken_for_that_of_the_class(
    judged: Judged,
) -> None:
    """dw = dz is right by another rule at x = [1, −2], w = 0; dx is right by its own everywhere."""
    source = changed(BLOCK.replace("MOST", "9"), "self.x >= 0", "self.x > 0")
    wrong = judged("ConvBlock", changed(source, "(da * self.x).sum()", "dz"))
    assert wrong.patterns == ("dw is the upstream gradient dz itself, unchanged",)
    assert wrong.convention.pool_ties == "all"
    assert wrong.followed is None


def test_no_rule_is_named_where_each_window_has_another_one(judged: Judged) -> None:
    source = """
import numpy as np
class MaxPool2D:
    def __init__(self, size):
        self.k = size
    def forward(self, h):
        self.h = h
        return self.windows().max(axis=(1, 3))
    def windows(self):
        rows, columns = (n // self.k for n in self.h.shape)
        kept = self.h[: rows * self.k, : columns * self.k]
        return kept.reshape(rows, self.k, columns, self.k)
    def backward(self, dz):
        d = np.zeros_like(self.h)
        for i, j in np.ndindex(dz.shape):
            window = self.windows()[i, :, j]
            winners = np.argwhere(window == window.max())
            row, column = winners[0 if (i + j) % 2 else -1]
            d[i * self.k + row, j * self.k + column] = dz[i, j]
        return d
"""
    found = judged("MaxPool2D", source)
    assert (found.verdict, found.followed) == ("FAILED", None)
    assert any("at ties" in each for each in found.patterns)


MAX_POOL = """
import numpy as np
class MaxPool:
    def forward(self, h):
        self.h = h
        return h.max()
    def backward(self, dz):
        return np.where(WINS, dz, 0)
"""
FIRST = "np.arange(len(self.h)) == 0"


@for_each(
    ("of", "source", "old", "new"),
    [
        ("MaxPool", MAX_POOL, "WINS", "self.h == self.h.min()"),  # all entries may be alike
        ("MaxPool", MAX_POOL, "WINS", FIRST),  # the first one of a tie may be the first of all
        ("MaxPool", MAX_POOL, "WINS", "self.h < 9"),
        ("ReLU", RELU, "(self.a > 0)", "(self.a >= 0) / 2"),  # all entries may be 0
    ],
)
def test_what_is_right_at_a_kink_by_chance_is_not_said_to_be_a_rule(
    judged: Judged, of: str, source: str, old: str, new: str
) -> None:
    found = judged(of, changed(source, old, new))
    assert (found.verdict, found.followed) == ("FAILED", None)


def test_a_wrong_output_away_from_kinks_does_not_hide_the_rule_of_a_right_backward(
    judged: Judged,
) -> None:
    found = judged("ReLU", changed(RELU, "np.maximum(0, a)", "np.clip(a, 0, 3.5)"))
    assert found.verdict == "FAILED"
    assert found.followed is not None
    assert found.followed.relu_at_zero == 0


def test_an_output_of_another_shape_is_wrong_whatever_its_differences_say(judged: Judged) -> None:
    source = """
import numpy as np
class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)[:, 1:]
    def backward(self, dy):
        size = np.prod(self.shape[1:])
        return np.pad(dy, ((0, 0), (1, 0)))[:, -size:].reshape(self.shape)
"""
    judgement = judged("Flatten", source, differences=True)
    assert judgement.verdict == "FAILED"
    assert judgement.checks["dx"] < 1e-6  # right for a wrong forward


EVERYTHING = (STUDENTS / "everything.py").read_text(encoding="utf-8")
ONLY = """
class _Whole(NAME):
    pass

class NAME(_Whole):
    def forward(self, *args):
        [0][[np.ndim(each) for each in args[:2]] != AXES]
        self.given = args[0]
        return super().forward(*args)
    def backward(self, *args):
        return MISTAKE(super().backward(*args), self.given)

def right(grads, x):
    return grads

def wrong_where_all_is_negative(grads, x):
    if np.any(x >= 0):
        return grads
    return (grads[0] + 1, *grads[1:]) if isinstance(grads, tuple) else grads + 1
"""
ONE_FORM = [
    (name, form)
    for name in SETTINGS
    for form in dict.fromkeys(each.form for each in topic(name).features)
    if form and name not in ("SoftmaxCrossEntropy", "Sequential")
]
WITH_DIFFERENCES = {name: (name, form) for name, form in ONE_FORM}.values()
"""The last form of each class only, since differences cost the most."""


def axes(feature: Feature) -> list[int]:
    return [each.ndim for each in feature.cases[0].inputs[:2]]


def restricted(name: str, form: str, mistake: str) -> tuple[str, list[int]]:
    """The class with all features, but only for one form; other inputs end in an accident."""
    taken = axes(next(each for each in topic(name).features if each.form == form))
    more = ONLY.replace("NAME", name).replace("AXES", str(taken)).replace("MISTAKE", mistake)
    return EVERYTHING + more, taken


@pytest.mark.parametrize(("name", "form"), ONE_FORM)
def test_whatever_form_a_class_takes_it_is_asked_for_everything_in_it(
    judged: Judged, name: str, form: str
) -> None:
    source, taken = restricted(name, form, "right")
    judgement = judged(name, source, differences=(name, form) in WITH_DIFFERENCES)
    assert judgement.verdict == "PASSED"
    features = topic(name).features
    assert set(judgement.offered) == {each.name for each in features if axes(each) == taken}
    others = {each.name for each in features if axes(each) != taken and not each.within}
    assert set(judgement.refused) == others


@pytest.mark.parametrize(
    ("name", "form"), [each for each in WITH_DIFFERENCES if each[0] in SHAPELESS]
)
def test_a_backward_for_one_form_may_have_a_forward_for_all(
    judged: Judged, name: str, form: str
) -> None:
    """np.maximum(0, a) takes every shape, the loops of its backward only one."""
    source, taken = restricted(name, form, "right")
    forward = changed(source, f"[0][[np.ndim(each) for each in args[:2]] != {taken}]", "pass")
    back = "return right(super()"

    def accident(axes: list[int]) -> str:
        return changed(forward, back, f"[0][[np.ndim(self.given)] != {axes}]\n        {back}")

    judgement = judged(name, accident(taken))
    assert judgement.verdict == "PASSED"
    features = topic(name).features
    assert set(judgement.offered) == {each.name for each in features if each.form == form}
    fails(judged, name, accident([9]))


@pytest.mark.parametrize(
    ("name", "form"), [each for each in ONE_FORM if each[0] in ("ReLU", "MaxPool", "ConvBlock")]
)
def test_whatever_form_a_class_takes_it_is_asked_where_all_is_negative(
    judged: Judged, name: str, form: str
) -> None:
    source, _ = restricted(name, form, "wrong_where_all_is_negative")
    fails(judged, name, source)


@pytest.mark.parametrize("name", ["Conv1D", "MaxPool", "Sequential"])
def test_two_passes_are_of_one_feature_with_the_same_settings_away_from_kinks(name: str) -> None:
    about = topic(name)
    answers = [
        Outcome(feature, Reference(about, case), "")
        for feature in about.features
        for case in feature.cases
    ]
    pairs = [*_pairs(answers)]
    assert pairs
    for one, other in pairs:
        assert one.feature.name == other.feature.name
        assert one.case.settings == other.case.settings
        assert one.case.layers == other.case.layers
        assert not one.reference.kinked
        assert not other.reference.kinked


@pytest.mark.parametrize(("dw", "verdict"), [("x * dout", "PASSED"), ("dout", "FAILED")])
def test_a_function_that_also_takes_a_number_as_its_filter_is_checked_with_one(
    tmp_path: Path, dw: str, verdict: str
) -> None:
    source = f"""
import numpy as np
def conv1d_forward(x, w):
    if np.ndim(w) == 0:
        return w * x, (x, w)
    K = w.shape[2]
    windows = [x[:, :, i:i+K] for i in range(x.shape[2] - K + 1)]
    return np.stack([np.einsum("nck,fck->nf", each, w) for each in windows], axis=2), (x, w)
def conv1d_backward(dout, cache):
    x, w = cache
    if np.ndim(w) == 0:
        return w * dout, np.sum({dw})
    dx, dw, K = np.zeros_like(x), np.zeros_like(w), w.shape[2]
    for i in range(dout.shape[2]):
        dx[:, :, i:i+K] += np.einsum("nf,fck->nck", dout[:, :, i], w)
        dw += np.einsum("nf,nck->fck", dout[:, :, i], x[:, :, i:i+K])
    return dx, dw
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == verdict
    assert "a scalar w" not in found.refused
