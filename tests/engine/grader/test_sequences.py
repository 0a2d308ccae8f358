"""Sequences of layers: the lab's layers or the file's own run in them, both ways."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.grader.candidates import _takes_layers
from engine.grader.report import report
from engine.grader.student_file import check_in
from tests.engine.grader.conftest import RELU, Here, written
from tests.engine.grader.judging import changed, judgements
from tests.for_each import for_each


@for_each(
    ("parameters", "how"),
    [
        ("", ""),
        ("name='net'", ""),
        ("name='net', layers=()", ""),
        ("layers=()", "list"),
        ("modules=None", "list"),
        ("layers", "list"),
        ("stack", "list"),
        ("stack, name='net'", "list"),
        ("first, second", "each"),
        ("*layers", "each"),
        ("first, *others", "each"),
        ("layers=(), *others", "each"),
    ],
)
def test_how_a_constructor_takes_layers(parameters: str, how: str) -> None:
    shell: dict[str, Any] = {}
    exec(f"class Net:\n def __init__(self, {parameters}): pass", shell)
    assert _takes_layers(shell["Net"]) == how


BACK = "for layer in self.layers: d = layer.backward(d)"
SEQUENCES = {
    "in the same order both ways": ("layers", "", BACK, "FAILED"),
    "only the last": ("layers", "", "d = self.layers[-1].backward(d)", "FAILED"),
    "right": ("layers=()", "", BACK.replace("layers:", "layers[::-1]:"), "PASSED"),
    "which calls its layers": ("layers", "x = layer(x)", BACK, "NOT CHECKED"),
    "whose layers get labels": ("*layers", "", BACK.replace("(d)", "(d, 1, 1)"), "NOT CHECKED"),
    "without a gradient": ("layers", "", "", "NOT CHECKED"),
}


@pytest.mark.parametrize("case", SEQUENCES)
def test_a_sequence_of_layers(tmp_path: Path, case: str) -> None:
    given, forward, backward, verdict = SEQUENCES[case]
    source = f"""
class Sequential:
    def __init__(self, {given}):
        self.layers = layers
    def forward(self, x):
        for layer in self.layers:
            {forward or "x = layer.forward(x)"}
        return x
    def backward(self{", d" if backward else ""}):
        {backward or "d = 1"}
        return d
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == verdict


OWN = f"""{RELU}    go = forward
class MaxPool:
    def forward(self, h):
        self.h, self.z = h, h.max(-1)
        return self.z
    def backward(self, dz):
        return (self.h == self.z[..., None]) * np.asarray(dz)[..., None]
    go = forward
class Sequential:
    def __init__(self, layers):
        self.layers = layers
    def forward(self, x):
        for layer in self.layers:
            x = layer.go(x)
        return x
    def backward(self, d):
        for layer in self.layers[::-1]:
            d = layer.backward(d)
        return d
"""


def test_a_sequence_that_needs_layers_of_its_own_is_given_them(tmp_path: Path) -> None:
    *_, found = judgements(tmp_path, OWN)
    assert (found.name, found.verdict) == ("Sequential", "PASSED")
    assert found.offered == ("layers without w",)


CALLING = f"""{RELU}    __call__ = forward
class MaxPool:
    def __init__(self, size=None):
        self.size = size
    def forward(self, h):
        size = self.size or h.shape[-1]
        self.h = h.reshape(*h.shape[:-1], -1, size)
        self.z = self.h.max(-1)
        return self.z if self.size else self.z[..., 0]
    def backward(self, dz):
        mask = self.h == self.z[..., None]
        return (mask * np.reshape(dz, self.z.shape)[..., None]).reshape(*mask.shape[:-2], -1)
    __call__ = forward
class Sequential:
    def __init__(self, *layers):
        self.layers = layers
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
    def backward(self, d):
        for layer in self.layers[::-1]:
            d = layer.backward(d)
        return d
"""
CALLS_FORWARD = CALLING.replace("x = layer(x)", "x = layer.forward(x)")


@pytest.mark.parametrize(
    ("source", "old", "new", "verdicts"),
    [
        # If a Sequential works with our layers, its verdict does not depend on the file's own.
        (CALLS_FORWARD, "dh * (self.a > 0)", "dh", ["FAILED", "PASSED", "PASSED"]),
        (CALLS_FORWARD, "self.a = a", "n, d = a.shape; self.a = a", ["PASSED"] * 3),
        (CALLS_FORWARD, "self.layers[::-1]", "self.layers", ["PASSED", "PASSED", "FAILED"]),
        # If it calls its layers, only the file's own serve: it is judged as far as these are right.
        (CALLING, "a", "a", ["PASSED"] * 3),
        (CALLING, "self.layers[::-1]", "self.layers", ["PASSED", "PASSED", "FAILED"]),
        (CALLING, "dh * (self.a > 0)", "dh", ["FAILED", "PASSED", "NOT CHECKED"]),
        (CALLING, "self.a = a", "n, d = a.shape; self.a = a", ["PASSED", "PASSED", "NOT CHECKED"]),
        (CALLING, "size=None", "size=1", ["PASSED", "PASSED", "NOT CHECKED"]),
        (CALLING, "self.a", "ReLU.a", ["FAILED", "PASSED", "PASSED"]),
    ],
)
def test_a_sequence_is_not_failed_for_its_layers(
    tmp_path: Path, source: str, old: str, new: str, verdicts: Sequence[str]
) -> None:
    found = judgements(tmp_path, changed(source, old, new))
    assert [(each.name, each.verdict) for each in found] == [
        *zip(("ReLU", "MaxPool", "Sequential"), verdicts, strict=True)
    ]
    if verdicts[2] == "NOT CHECKED":
        assert found[2].why.startswith("it cannot be judged with the file's own ")
        assert "(): gone through by hand, these too give something else than ours" in found[2].why


def test_a_sequence_that_is_wrong_with_any_layers_is_shown_with_ours(tmp_path: Path) -> None:
    source = f"""{RELU}
class Sequential:
    def __init__(self, *layers):
        self.layers = layers
    def forward(self, x, *weights):
        x = self.layers[0].forward(x, weights[0])
        for layer in self.layers[1:]:
            x = layer.forward(x)
        return np.array([x, x, x])
    def backward(self, d):
        return d, d
"""
    file = written(tmp_path, source)
    result = check_in(Here(file, differences=False), file, 60)
    relu, sequence = result.judgements
    assert (relu.verdict, sequence.verdict) == ("PASSED", "FAILED")
    assert "Sequential(engine.Conv1D(), engine.ReLU(), engine.MaxPool())" in report(result)


def test_what_a_sequence_itself_lacks_is_not_put_down_to_our_layers(tmp_path: Path) -> None:
    source = """
class Sequential:
    def __init__(self, *layers):
        self.layers = layers
    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x
    def backward(self, d):
        for layer in reversed(self.layer):
            d = layer.backward(d)
        return d
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "FAILED"
    assert "no attribute 'layer'" in found.failures[0].problems[0].sentence
    (found,) = judgements(tmp_path, changed(source, "self.layer)", "self.layers)"))
    assert found.verdict == "PASSED"


def test_a_sequence_for_which_a_layer_of_its_own_is_lacking_is_not_checked(tmp_path: Path) -> None:
    # A row of one ReLU is right in whatever order its layers are run.
    before, _, after = OWN.partition("class MaxPool")
    source = f"{before}class Sequential{after.partition('class Sequential')[2]}"
    relu, found = judgements(tmp_path, source)
    assert (relu.verdict, found.verdict) == ("PASSED", "NOT CHECKED")
    assert "'MaxPool' object has no attribute 'go' (line 15), of a layer that is ours" in found.why
    assert found.why.startswith("how to call it is not certain: ")
    assert "To have it checked, write" in found.why


def test_a_sequence_with_methods_of_other_names_is_told_their_names(tmp_path: Path) -> None:
    source = """
class Sequential:
    def __init__(self, layers):
        self.layers = layers
    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert "its methods are called __call__ and backward. To have it checked" in found.why
