"""Layers with other interfaces: checked if it is certain how, otherwise NOT CHECKED, never FAILED.

A wrong layer is a right one of students/interfaces.py in which a line is replaced.
"""

import ast
import inspect
import runpy
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial, partialmethod
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.check.__main__ import main
from engine.grader.adapter import Adapter, leaves
from engine.grader.blame import Home
from engine.grader.candidates import Candidate, _has, _takes_layers, method_counts
from engine.grader.describing import _fits, _reason, _unknown
from engine.grader.drafts import INPUTS, Drafts, is_guessed
from engine.grader.held import arrays, distinct
from engine.grader.interfaces import (
    PROBED,
    SHAPES,
    accesses,
    arguments,
    axes_in_words,
    counts,
    is_static,
    kinds,
    shape_of,
    signature_of,
)
from engine.grader.judge import Judgement
from engine.grader.plan import HANDED, Axes, Plan, sentences
from engine.grader.report import calls, report
from engine.grader.settings import (
    NoSettingError,
    NotTakenError,
    Parameters,
    parameters,
    setting_for,
)
from engine.grader.student_file import Result, check_in
from engine.grader.trials import Failed
from tests.engine.grader.conftest import RELU, STUDENTS, Here, check, written
from tests.for_each import for_each

SOURCE = (STUDENTS / "interfaces.py").read_text(encoding="utf-8")

TAKEN = {
    "Conv2d": (
        "Conv2D",
        "weights from .W, their gradient from .dW, bias from .b, its gradient from .db",
    ),
    "ConvLayer": ("Conv2D", "x as (N, H, W, C); w as (kh, kw, C, F); output as (N, H, W, F)"),
    "Dense": ("Linear", "x as (in, 1); output as (out, 1); backward with a learning rate of 1"),
    "Layer_Dense": ("Linear", "output from .output, gradient of its input from .dinputs"),
    "Affine": ("Linear", "weights from .W, their gradient from .grads[0]"),
    "MaxPooling": ("MaxPool2D", "x as (H, W, C); output as (H, W, C)"),
    "Relu": ("ReLU", "its gradient is dh times what gradient(a) gives"),
    "CrossEntropyLoss": ("SoftmaxCrossEntropy", "labels one-hot"),
    "conv_forward_naive": ("Conv2D", "conv_backward_naive(dout, cache) as its backward"),
    "affine_forward": ("Linear", "w as (in, out)"),
    "softmax_loss": ("SoftmaxCrossEntropy", ""),
}

WRONG = {
    "Conv2d": [
        ("out[:, :, i, j] = np.einsum(", "out[:, :, i, j] = 2 * np.einsum("),
        ('self.dW += np.einsum("nf', 'self.dW += 2 * np.einsum("nf'),
        ("self.db = grad.sum(axis=(0, 2, 3))", "self.db = grad.sum(axis=(0, 2, 3)) / len(grad)"),
        ("self.db = grad.sum(axis=(0, 2, 3))", "self.db = grad.sum(axis=(2, 3))"),
        ("dx[window] += np.einsum(", "dx[window] = np.einsum("),
        ("rows = (padded.shape[2] - self.k)", "rows = (padded.shape[2] - self.k - self.padding)"),
    ],
    "ConvLayer": [
        ('"nijckl,nijf->klcf", self.seen, grad)', '"nijckl,nijf->klcf", self.seen, grad[::-1])'),
        (
            "top, left = i * self.strides, j * self.strides\n                back",
            "top, left = i, j\n                back",
        ),
        ('self.seen, self.params["kernel"])', 'self.seen, self.params["kernel"] * (kh - kw + 1))'),
    ],
    "Dense": [
        (
            "return input_gradient\n",
            "return self.weights.T @ output_gradient\n",
        ),
        (
            "self.bias -= learning_rate * output_gradient",
            "self.bias += learning_rate * output_gradient",
        ),
    ],
    "Layer_Dense": [
        (
            "self.dweights = self.inputs.T @ dvalues",
            "self.dweights = self.inputs.T @ dvalues / len(dvalues)",
        ),
        ("dvalues.sum(axis=0, keepdims=True)", "dvalues.sum(axis=1, keepdims=True)"),
    ],
    "Affine": [
        ("[self.x.T @ dout, dout.sum(axis=0)]", "[self.x.T @ dout, 2 * dout.sum(axis=0)]"),
        ("[self.x.T @ dout, dout.sum(axis=0)]", "[dout.T @ self.x, dout.sum(axis=0)]"),
        ("[self.x.T @ dout, dout.sum(axis=0)]", "[self.x.T @ dout, dout.sum(axis=1)]"),
        ("return dout @ self.W.T", "return self.W @ dout.T"),
    ],
    "MaxPooling": [("spread = mask * d_L_d_out[:, None, :, None]", "spread = mask * 1.0")],
    "CrossEntropyLoss": [
        ("return (self.p - self.target) / len(self.p)", "return self.p - self.target")
    ],
    "conv_forward_naive": [("return dx, cache.dW, cache.db", "return dx, cache.dW, -cache.db")],
    "affine_forward": [
        (
            "return dx, x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)",
            "return dx, x.reshape(len(x), -1).T @ dout, dout[0]",
        ),
        ("@ dout, dout.sum(axis=0)", "@ dout, dout.sum(axis=1)"),
    ],
    "softmax_loss": [("return loss, p / len(x)", "return loss, p")],
}

UNCERTAIN = {
    "the first layer of a net gives no dx": (
        "return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]",
        "return None",
        "Conv2d",
        "backward gives None",
    ),
    "for one example, or not summed": (
        "self.dbiases = dvalues.sum(axis=0, keepdims=True)",
        "self.dbiases = dvalues",
        "Layer_Dense",
        "no gradient of its bias is found in the shape of the bias: it is not summed over the ",
    ),
    "for one example alone, whatever it is called": (
        "self.dbiases = dvalues.sum(axis=0, keepdims=True)",
        "self.left = dvalues",
        "Layer_Dense",
        "whether it is for one example alone, or a mistake, cannot be told",
    ),
    "the first layer of a net gives dw": (
        "return dout @ self.W.T",
        "return self.grads[0]",
        "Affine",
        "backward gives something else, not the gradient of its input",
    ),
    "an activation within": (
        "return x @ self.W + self.b",
        "return np.tanh(x @ self.W + self.b)",
        "Affine",
        "what forward gives is not linear in x and its weights (there may be an activation, or a ",
    ),
    "an output of another shape": (
        "return x @ self.W + self.b",
        "return (x @ self.W + self.b)[1:]",
        "Affine",
        "forward gives the shape (3, 5) for (4, 3), not (4, 5)",
    ),
    "an activation that changes nothing": (
        "return x @ self.W + self.b",
        "return x",
        "Affine",
        "forward gives back what it is given, as an activation of no effect does",
    ),
    "weights that forward does not read": (
        "self.output = inputs @ self.weights + self.biases",
        "self.output = inputs @ self.hidden + self.biases",
        "Layer_Dense",
        "forward raises AttributeError",
    ),
    "nowhere a gradient": (
        "self.grads = [self.x.T @ dout, dout.sum(axis=0)]",
        "pass",
        "Affine",
        "the gradient of its weights is found neither",
    ),
    "a gradient in the first pass alone": (
        "self.grads = [self.x.T @ dout, dout.sum(axis=0)]",
        "self.grads = getattr(self, 'grads', [self.x.T @ dout, dout.sum(axis=0)])",
        "Affine",
        "the gradient of its weights is found after the first pass only",
    ),
    "a first pass alone": (
        "return x @ self.W + self.b",
        "return self.again if hasattr(self, 'grads') else x @ self.W + self.b",
        "Affine",
        "the gradient of its weights is found after the first pass only",
    ),
    "a slope that is none": (
        "return np.where(x > 0, 1, 0)",
        "return np.where(x > 0, 1, 0.5)",
        "Relu",
        "gradient gives no slope",
    ),
    "probabilities, not logits": (
        "e = np.exp(scores - scores.max(axis=1, keepdims=True))",
        "e = np.abs(scores)",
        "CrossEntropyLoss",
        "neither what forward gives nor its gradient is that of the mean cross entropy of softmax",
    ),
    "a function of a wrong loss and its gradient": (
        "p = e / e.sum(axis=1, keepdims=True)",
        "p = e / e.mean(axis=1, keepdims=True)",
        "softmax_loss",
        "neither what forward gives nor its gradient is that of the mean cross entropy of softmax",
    ),
    "a function of a loss alone": (
        "return loss, p / len(x)",
        "return loss",
        "softmax_loss",
        "softmax_loss gives a loss alone, not the gradient of its input",
    ),
    "a function of a loss and what is no gradient": (
        "return loss, p / len(x)",
        "return loss, len(x)",
        "softmax_loss",
        "softmax_loss gives something else, not the gradient of its input",
    ),
    "a loss among others": (
        "return -np.sum(target * np.log(self.p)) / len(scores)",
        "return {'loss': -np.sum(target * np.log(self.p)) / len(scores), 'p': self.p}",
        "CrossEntropyLoss",
        "forward gives something of type dict, not one number",
    ),
    "each example's loss": (
        "return -np.sum(target * np.log(self.p)) / len(scores)",
        "return -np.sum(target * np.log(self.p), axis=1)",
        "CrossEntropyLoss",
        "forward gives something of type ndarray, not one number",
    ),
}


@pytest.fixture(scope="module")
def right() -> Result:
    return check("interfaces")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MyConv2D", ("Conv2D",)),
        ("Conv1d_stride1", ("Conv1D",)),  # of CMU's course 11-785
        ("conv_forward_strides", ()),
        ("MeanPool2d_stride1", ()),
    ],
)
def test_what_a_name_means(name: str, meant: tuple[str, ...]) -> None:
    assert kinds(name) == meant


def changed(source: str, old: str, new: str) -> str:
    assert source.count(old) >= 1, old
    return source.replace(old, new)


@pytest.mark.parametrize("name", TAKEN)
def test_a_right_layer_passes_and_it_is_said_how_it_was_taken(right: Result, name: str) -> None:
    (found,) = (each for each in right.judgements if each.name == name)
    assert (found.verdict, found.topic) == ("PASSED", TAKEN[name][0])
    assert TAKEN[name][1] in "; ".join(found.taken)
    assert found.cases > 2


def test_every_layer_of_another_interface_is_found(right: Result) -> None:
    assert {each.name for each in right.judgements} == set(TAKEN)
    assert right.status == 0
    text = report(right)
    assert "Conv2d (as Conv2D): PASSED in " in text
    (conv,) = (each for each in right.judgements if each.name == "Conv2d")
    assert any("takes square kernels only" in reason for reason in conv.refused.values())
    (loss,) = (each for each in right.judgements if each.name == "softmax_loss")
    assert "a function takes them with the logits" in loss.refused.values()
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("name", "old", "new"), [(name, *each) for name, lines in WRONG.items() for each in lines]
)
def test_a_wrong_layer_fails_and_what_is_shown_can_be_typed_in(
    tmp_path: Path, name: str, old: str, new: str
) -> None:
    source = changed(SOURCE, old, new)
    found = alone(tmp_path, name, source)
    assert found.verdict == "FAILED"
    problem = found.failures[0].problems[0]
    values = typed_in(tmp_path / "mine.py", found)
    if name not in ("Dense", "MaxPooling"):  # one takes a step, one takes single examples
        assert problem.got is not None
        got = np.sort(problem.got, axis=None)
        assert any(
            each.size == got.size and np.allclose(np.sort(each, axis=None), got) for each in values
        )


@pytest.mark.parametrize(
    ("name", "said", "old", "new"),
    [
        ("Affine", "two instances share ", "self.x = x\n", "type(self).x = x\n"),
        (
            "affine_forward",
            "all calls share ",
            "return x.reshape(len(x), -1) @ w + b, (x, w)",
            (
                'kept = globals().setdefault("kept", []); kept[:] = x, w\n'
                "    return x.reshape(len(x), -1) @ w + b, kept"
            ),
        ),
    ],
)
def test_what_two_instances_share_goes_wrong_as_it_is_shown(
    tmp_path: Path, name: str, said: str, old: str, new: str
) -> None:
    found = alone(tmp_path, name, changed(SOURCE, old, new))
    assert found.failures[0].special == "twin"
    assert found.failures[0].problems[0].sentence.startswith(said)
    with pytest.raises(ValueError, match="mismatch in its core dimension"):
        typed_in(tmp_path / "mine.py", found)


def test_what_a_first_pass_leaves_over_is_shown_with_both_passes(tmp_path: Path) -> None:
    source = RELU.replace("forward", "forward_pass").replace("backward", "backward_pass")
    source = changed(source, "self.a = a\n", 'self.a = getattr(self, "a", a)\n')
    (found,) = judgements(tmp_path, source)
    assert found.failures[0].special == "again"
    with pytest.raises(ValueError, match="could not be broadcast"):  # with what the first pass left
        typed_in(tmp_path / "mine.py", found)


@pytest.mark.parametrize(
    "source",
    [
        """
class ReLU:
    def forward(self, x):
        return np.maximum(x, 0), x
    def backward(self, dh, cache):
        return dh * (cache < 0)
""",
        """
def relu_forward(x):
    return np.maximum(x, 0), x, x > 0
def relu_backward(dh, cache):
    x, mask = cache
    return dh * ~mask * (x != 0)
""",
    ],
)
def test_what_forward_gives_to_backward_has_a_name_where_it_is_typed_in(
    tmp_path: Path, source: str
) -> None:
    (found,) = judgements(tmp_path, f"import numpy as np\n{source}")
    got = found.failures[0].problems[0].got
    assert got is not None
    assert any(np.array_equal(each, got) for each in typed_in(tmp_path / "mine.py", found))


ADDING = """
import numpy as np
class Linear:
    def __init__(self, in_features, out_features):
        self.W, self.b = np.ones((out_features, in_features)), np.ones(out_features)
        self.zero_grad()
    def zero_grad(self):
        self.dW = np.zeros(self.W.shape)
        self.db = np.zeros(self.b.shape)
    def forward(self, x):
        self.x = x
        return x @ self.W.T + self.b
    def backward(self, d):
        self.dW += d.T @ self.x
        self.db += d.sum(axis=0)
        return d @ self.W
"""
W_ANEW, B_ANEW = (
    "        self.dW = np.zeros(self.W.shape)\n",
    "        self.db = np.zeros(self.b.shape)\n",
)
MADE = "self.zero_grad()"
BOTH = f"{MADE}; self.dW, self.db = np.zeros(self.W.shape), np.zeros(self.b.shape)"


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ((), None),
        (((W_ANEW, ""), (B_ANEW, "        return\n"), (MADE, BOTH)), None),
        (((W_ANEW, ""), (MADE, BOTH)), "dw"),
        (((B_ANEW, ""), (MADE, BOTH)), "db"),
        ((("self.dW +=", "self.dW ="), ("zero_grad", "start")), "db"),
        ((("self.db +=", "self.db ="), ("zero_grad", "start")), "dw"),
    ],
)
def test_a_layer_that_resets_one_gradient_alone_fails_for_the_other(
    tmp_path: Path, changes: Sequence[tuple[str, str]], wrong: str | None
) -> None:
    source = ADDING
    for change in changes:
        source = changed(source, *change)
    (found,) = judgements(tmp_path, source)
    assert found.verdict == ("FAILED" if wrong else "PASSED")
    if wrong:
        (failure,) = found.failures
        assert (failure.special, [each.quantity for each in failure.problems]) == ("again", [wrong])
        got, shown = failure.problems[0].got, typed_in(tmp_path / "mine.py", found)
        assert got is not None
        assert any(np.array_equal(each, got) for each in shown)
        forgets = "layer.zero_grad()" in calls(failure, "")
        assert forgets == ("zero_grad" in source)


@pytest.mark.parametrize("again", [False, True])
def test_what_backward_is_given_again_is_typed_in_again_behind_another_pass(
    tmp_path: Path, again: bool
) -> None:
    source = RELU.replace("forward", "forward_pass").replace("backward", "backward_pass")
    source = source.replace("self.a", "ReLU.a")
    if again:
        source = changed(source, "(self, dh)", "(self, a, dh)")
    (found,) = judgements(tmp_path, source)
    assert found.failures[0].special == "twin"
    a = [line for line in calls(found.failures[0], "") if line.startswith("a = ")]
    assert (len(a), a[0] == a[-1]) == (3 if again else 2, again)


def typed_in(file: Path, judgement: Judgement) -> list[Any]:
    """Type in the calls of the first failing case; return all arrays that are then there."""
    shell = runpy.run_path(str(file))
    *before, last = ast.parse("\n".join(calls(judgement.failures[0], ""))).body
    exec(compile(ast.Module(before, []), "shown", "exec"), shell)
    if isinstance(last, ast.Expr):
        shell["given"] = eval(compile(ast.Expression(last.value), "shown", "eval"), shell)
    else:
        exec(compile(ast.Module([last], []), "shown", "exec"), shell)
    there = {name: shell.get(name) for name in ("given", "layer", "out", "loss", "dx")}
    return [array for _, array in arrays(there)] + leaves(there["loss"])


def test_what_lies_within_itself_is_looked_at_once() -> None:
    layer = SimpleNamespace(w=np.ones(2))
    layer.parts = [layer, {"whole": layer}]
    assert [path for path, _ in arrays(layer)] == [[["attr", "w"]]]


def test_an_array_is_looked_for_four_steps_deep() -> None:
    layer = SimpleNamespace(deep=[[[np.ones(1)]]], deeper=[[[[np.ones(1)]]]])
    assert [path for path, _ in arrays(layer)] == [[["attr", "deep"], *[["item", 0]] * 3]]


def test_the_shortest_of_several_paths_to_an_array_is_found() -> None:
    weights = np.ones(2)
    layer = SimpleNamespace(
        params={"w": [weights], "same": weights[:]}, w=weights, other=np.ones(2)
    )
    paths = [path for path, _ in distinct(arrays(layer))]
    assert paths == [[["attr", "w"]], [["attr", "other"]]]


@pytest.mark.parametrize("case", UNCERTAIN)
def test_what_is_not_certain_is_not_checked(tmp_path: Path, case: str) -> None:
    old, new, name, reason = UNCERTAIN[case]
    found = alone(tmp_path, name, changed(SOURCE, old, new))
    assert found.verdict == "NOT CHECKED"
    assert reason in found.why
    mend = "mend that, or " if " raises " in reason else ""
    assert f"To have it checked, {mend}write forward(" in found.why


def test_what_raises_where_none_is_guessed_is_not_theirs_to_mend(tmp_path: Path) -> None:
    source = """
class AffineLayer:
    def __init__(self, input_dim, output_dim):
        self.weights = np.random.randn(output_dim, input_dim)
    def forward(self, inputs):
        return inputs.dot(self.weights.T)
    def backward(self, inputs, outputs, grads_wrt_outputs):
        return grads_wrt_outputs.dot(self.weights)
"""
    (found,) = judgements(tmp_path, f"import numpy as np\n{source}")
    assert (found.verdict, "'NoneType' object has no" in found.why) == ("NOT CHECKED", True)
    assert "To have it checked, write forward(" in found.why


OF_ONE = """
import sys
import numpy as np
class Dense:
    def forward(self, x, w):
        {forward}
        self.x, self.w = x, w
        return x @ w
    def backward(self, d):
        {backward}
        return d @ self.w.T, np.outer(self.x, d)
"""
ONCE = """
import sys
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.x = np.ones((n_in, n_out)), None
    def forward(self, x):
        {forward}
        self.x = x
        return x @ self.W
    def backward(self, d):
        {backward}
        self.dW = self.x.T @ d
        return d @ self.W.T
"""
OF_AN_IMAGE = """
import sys
class Flatten:
    def forward(self, x):
        {forward}
        self.shape = x.shape
        return x.reshape(-1)
    def backward(self, d):
        {backward}
        return d.reshape(self.shape)
"""
LIKE_THE_LABS = OF_ONE.replace("x @ w\n", "x @ w.T\n").replace(
    "d @ self.w.T, np.outer(self.x, d)", "d @ self.w, np.outer(d, self.x)"
)
IMAGES, MINIBATCH = "if x.ndim == 4: sys.exit()", "if d.ndim == 2: sys.exit()"
AGAIN, FIRST = "if hasattr(self, 'dW'): sys.exit()", "after the first pass only"
ENDING: dict[str, tuple[str, str, str, str, str]] = {
    "forward of a minibatch": (
        OF_ONE,
        "if x.ndim == 2: sys.exit()",
        "",
        "PASSED",
        "w as (in, out)",
    ),
    "backward of a minibatch": (OF_ONE, "", MINIBATCH, "PASSED", "w as (in, out)"),
    "backward of the lab's": (LIKE_THE_LABS, "", MINIBATCH, "FAILED", "backward ends the program"),
    "a second pass": (ONCE, "if self.x is not None: sys.exit()", "", "NOT CHECKED", FIRST),
    "a second backward": (ONCE, "", AGAIN, "NOT CHECKED", FIRST),
    "forward of several images": (OF_AN_IMAGE, IMAGES, "", "PASSED", "x as (C, H, W)"),
}


@for_each("case", ENDING)
def test_a_class_that_ends_the_program_at_one_attempt_is_tried_in_other_ways(
    tmp_path: Path, case: str
) -> None:
    source, forward, backward, verdict, said = ENDING[case]
    filled = source.format(forward=forward or "pass", backward=backward or "pass")
    (found,) = judgements(tmp_path, filled)
    assert found.verdict == verdict
    problems = [each.sentence for failure in found.failures for each in failure.problems]
    assert any(said in each for each in (found.why, *found.taken, *problems))


BESIDE_DX = """
import numpy as np
class Relu:
    def forward(self, x):
        self.x = x
        return np.maximum(0, x)
    def backward(self, d):
        return self.x, {factor} * d * (self.x > 0), d
"""


@for_each(("factor", "verdict"), [(1, "PASSED"), (2, "FAILED")])
def test_the_right_one_of_several_arrays_in_the_shape_of_x_is_its_gradient(
    tmp_path: Path, factor: int, verdict: str
) -> None:
    (found,) = judgements(tmp_path, BESIDE_DX.format(factor=factor))
    assert found.verdict == verdict


def alone(folder: Path, name: str, source: str) -> Judgement:
    """Return the judgement on one layer of a source, which is cut down to what it needs."""
    needed = {"Layer", name, name.replace("forward", "backward"), f"{name}_backward"}
    if name.startswith("conv_"):
        needed.add("Conv2d")
    body = [each for each in ast.parse(source).body if getattr(each, "name", name) in needed]
    source = ast.unparse(ast.Module(body, []))
    judged = judgements(folder, source)
    (found,) = (each for each in judged if each.name == name)
    return found


def judgements(folder: Path, source: str) -> Sequence[Judgement]:
    """Check every layer of a source, in this process.

    The engine's numbers suffice: differences of the layers' own forward, which cost the most, would
    find nothing more. They are computed for right layers of such interfaces (`right`, `ways`).
    """
    file = written(folder, source)
    return check_in(Here(file, differences=False), file, 60).judgements


ASIDE = """
import numpy as np
def linear_forward(A, W, b):
    return W @ A + b, (A, W)
def linear_backward(dZ, cache):
    A, W = cache
    assert A.shape[1] > 0
    return W.T @ dZ, dZ @ A.T, dZ
class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.ones((n_in, n_out))
        self.m = 0
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, d):
        assert self.x.shape[1] > 0
        self.m = 0.9 * self.m + 0.1 * (self.x.T @ d)
        dx = d @ self.W.T
        self.W = self.W - 0.01 * self.m
        return dx
"""


def test_what_is_raised_in_a_way_that_fits_less_is_no_reason(tmp_path: Path) -> None:
    found = {each.name: each for each in judgements(tmp_path, ASIDE)}
    assert {each.verdict for each in found.values()} == {"NOT CHECKED"}
    assert "is not summed over the examples" in found["linear_forward"].why
    assert "the gradient of its weights is found neither" in found["Dense"].why


WAYS = {
    "Relu": ("PASSED", ""),
    "ReLU": ("FAILED", ""),
    "ReluLayer": ("PASSED", "after build"),
    "Flatten": ("PASSED", ""),
    "FlattenLayer": ("PASSED", "flush_gradients before each further pass"),
    "MaxPoolLayer": ("PASSED", "Forward as forward, Backward as backward"),
    "MaxPooling2D": ("FAILED", ""),
    "Dense": ("PASSED", "l1 and l2 of 0; gradients set to 0 before each pass"),
    "FullyConnected": ("PASSED", "their gradient from .gradients[0]"),
    "SoftmaxCCE": ("PASSED", "gradient of its input from .dinputs"),
    "SoftmaxLoss": ("PASSED", "gradient of its input from .dinputs"),
    "Affine": ("PASSED", "their gradient from .dW"),
    "Linear": ("FAILED", "their gradient from .dW"),
    "CrossEntropyLoss": ("PASSED", "labels one-hot"),
    "pool_forward": ("PASSED", "x as (N, H, W, C); output as (N, H, W, C)"),
    "softmax_loss": ("FAILED", ""),
    "softmax_cross_entropy_forward": (
        "PASSED",
        "softmax_cross_entropy_backward(logits, labels) as its backward",
    ),
}


@pytest.fixture(scope="module")
def ways() -> Result:
    return check("ways")


@pytest.mark.parametrize("name", WAYS)
def test_further_ways_to_write_a_layer(ways: Result, name: str) -> None:
    (found,) = (each for each in ways.judgements if each.name == name)
    verdict, taken = WAYS[name]
    assert found.verdict == verdict
    assert taken in "; ".join(found.taken)


def test_refusals_of_functions_mention_no_constructor(right: Result, ways: Result) -> None:
    found = {each.name: each.refused for each in (*ways.judgements, *right.judgements)}
    assert found["pool_forward"]["padding"] == "forward takes no padding"
    assert found["softmax_loss"]["labels"] == "a function takes them with the logits"
    functions = [reasons for name, reasons in found.items() if name.islower()]
    assert len(functions) >= 4
    assert "constructor" not in str(functions)


def test_what_only_one_reading_of_a_name_or_a_second_pass_shows(ways: Result) -> None:
    found = {each.name: each for each in ways.judgements}
    (stale,) = found["ReLU"].failures
    assert stale.special == "again"
    before, after = (each.case.inputs[0] for each in (stale.other, stale.outcome) if each)
    assert before.shape == after.shape
    overlap = found["MaxPooling2D"].failures[0].outcome
    assert "overlap" in overlap.feature.name
    pairs = found["pool_forward"].refused["a pair as size with minibatches h (N, C, H, W)"]
    assert "forward takes one number as f only" in pairs
    loss = found["SoftmaxLoss"]
    assert "takes no dloss" in " ".join(loss.notes)
    lines = list(calls(found["Linear"].failures[0], ""))
    random = "random_state=np.random.RandomState(0), seed=0"
    assert any(line.startswith("layer = Linear(") and random in line for line in lines), lines
    # Its bias is a row, so that only broadcasting makes its output for one example a row.
    assert "takes x as (N, in) only" in found["Dense"].refused["one example x (D,)"]


def test_the_last_of_the_gradients_appended_to_a_list_is_taken(tmp_path: Path) -> None:
    source = changed(
        SOURCE, "self.W, self.b = W, b", "self.W, self.b, self.dW, self.db = W, b, [], []"
    )
    kept = "self.grads = [self.x.T @ dout, dout.sum(axis=0)]"
    appended = "self.dW.append(self.x.T @ dout); self.db.append(dout.sum(axis=0))"
    found = alone(tmp_path, "Affine", changed(source, kept, appended))
    assert found.verdict == "PASSED"
    assert "their gradient from .dW[-1], bias from .b, its gradient from .db[-1]" in found.taken[0]


def test_what_backward_leaves_as_it_was_is_not_taken_for_a_gradient(tmp_path: Path) -> None:
    named = "self.dW = self.db = None; self.dW_before = np.zeros_like(self.W)"
    source = changed(SOURCE, "self.dW = self.db = None", named)
    wrong = changed(source, 'self.dW += np.einsum("nf', 'self.dW += 2 * np.einsum("nf')
    assert alone(tmp_path, "Conv2d", wrong).verdict == "FAILED"
    zeros = "self.biases = np.zeros((1, n_neurons))"
    source = changed(SOURCE, zeros, f"{zeros}; self.dbiases = np.zeros((2, n_neurons))")
    later = changed(source, "self.dbiases = dvalues.sum(axis=0, keepdims=True)", "self.d = dvalues")
    assert alone(tmp_path, "Layer_Dense", later).verdict == "NOT CHECKED"


STEPPING = """
import copy
import numpy as np
class Dense:
    def __init__(self, n_units, input_shape=None):
        self.n_units, self.input_shape = n_units, input_shape
    def initialize(self, optimizer):
        self.W, self.w0 = np.ones((self.input_shape[0], self.n_units)), np.zeros((1, self.n_units))
        self.W_opt, self.w0_opt = copy.copy(optimizer), copy.copy(optimizer)
    def forward_pass(self, X, training=True):
        self.layer_input = X
        return X.dot(self.W) + self.w0
    def backward_pass(self, accum_grad):
        W, grad_w = self.W, self.layer_input.T.dot(accum_grad)
        grad_w0 = np.sum(accum_grad, axis=0, keepdims=True)
        self.W, self.w0 = self.W_opt.update(W, grad_w), self.w0_opt.update(self.w0, grad_w0)
        return accum_grad.dot(W.T)
"""


def test_the_step_handed_to_an_optimizer_is_taken_as_the_gradient(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, STEPPING)
    assert found.verdict == "PASSED"
    said = "; ".join(found.taken)
    assert "after initialize; weights from .W, their gradient from the step that" in said
    for right in ("np.sum(accum_grad", "self.layer_input.T.dot(accum_grad)"):
        wrong = changed(
            STEPPING, right, right.replace("np.sum(", "2 * np.sum(").replace("self", "2 * self")
        )
        (found,) = judgements(tmp_path, wrong)
        assert found.verdict == "FAILED", right


RATED = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b, self.learning_rate = np.ones((n_in, n_out)), np.zeros(n_out), 0.01
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dy):
        dx = dy @ self.W.T
        self.W -= self.learning_rate * self.x.T @ dy
        self.b -= self.learning_rate * dy.sum(axis=0)
        return dx
"""


def test_the_step_at_rate_1_is_taken_as_the_gradient_of_a_layer_with_its_own_rate(
    tmp_path: Path,
) -> None:
    (found,) = judgements(tmp_path, RATED)
    assert found.verdict == "PASSED"
    assert "backward with a learning rate of 1" in found.taken
    (found,) = judgements(tmp_path, changed(RATED, "dy.sum(axis=0)", "dy.mean(axis=0)"))
    assert found.verdict == "FAILED"
    assert {each.quantity for each in found.failures[0].problems} == {"db"}


def test_a_name_of_ours_that_is_no_class_is_said_to_be_none(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, "ReLU = 3")
    assert found.verdict == "NOT CHECKED"
    assert found.why.startswith("ReLU is no class (its type is int). To have it checked, write ")


OF_BOTH = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.ones((n_in, n_out))
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, dy):
        self.dW = np.atleast_2d(self.x).T @ np.atleast_2d(dy)
        return dy @ self.W.T
"""


def test_a_layer_is_checked_in_every_shape_that_it_takes(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, OF_BOTH)
    assert found.verdict == "PASSED"
    assert {*found.forms} == {"one example x (D,)", "minibatches x (N, D)"}
    (found,) = judgements(tmp_path, changed(OF_BOTH, "dy @", "dy * (2 if dy.ndim == 1 else 1) @"))
    assert found.verdict == "FAILED"
    assert {each.outcome.case.inputs[0].ndim for each in found.failures} == {1}


BESIDES = {
    "an activation": """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out, activation):
        assert activation in (None, "linear", "identity", "none")
        self.W = np.ones((n_in, n_out))
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, dy):
        self.dW = self.x.T @ dy
        return dy @ self.W.T
""",
    "a mode": """
import numpy as np
class Pooling2D:
    def __init__(self, pool_size, mode):
        self.k, self.take = pool_size, {"max": np.max, "avg": np.mean}[mode]
    def forward(self, x):
        n, c, h, w = x.shape
        self.x = x.reshape(n, c, h // self.k, self.k, w // self.k, self.k)
        self.z = self.take(self.x, axis=(3, 5), keepdims=True)
        return self.z[:, :, :, 0, :, 0]
    def backward(self, dz):
        dx = (self.x == self.z) * dz[:, :, :, None, :, None]
        return dx.reshape(len(dx), dx.shape[1], dx.shape[2] * self.k, -1)
""",
    "anything else": """
import numpy as np
def affine_forward(x, w, b, *rest):
    assert not rest
    return x @ w + b, (x, w)
def affine_backward(dout, cache, *rest):
    x, w = cache
    assert not rest
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
""",
    "an upstream gradient of a loss": """
import numpy as np
class CrossEntropyLoss:
    def forward(self, scores, one_hot):
        e = np.exp(scores)
        self.p, self.y = e / e.sum(axis=1, keepdims=True), one_hot
        return -(one_hot * np.log(self.p)).sum() / len(e)
    def backward(self, grad=None):
        assert grad is None
        return (self.p - self.y) / len(self.p)
""",
}


@pytest.mark.parametrize("case", BESIDES)
def test_what_a_layer_may_be_given_besides_leaves_it_as_it_is(tmp_path: Path, case: str) -> None:
    (found,) = judgements(tmp_path, BESIDES[case])
    assert found.verdict == "PASSED"


AGAIN = """
import numpy as np
class ReluModule:
    def __init__(self, alpha=0.0):
        self.alpha = alpha
    def forward(self, input):
        return np.where(input > 0, input, self.alpha * input)
    def backward(self, input, grad_output):
        return grad_output * (input > 0)
class Linear:
    def __init__(self, m, n):
        self.W, self.W0 = np.ones((m, n)), np.zeros((n, 1))
    def forward(self, A):
        return self.W.T @ A + self.W0
    def backward(self, dZ, A, verbose=False):
        self.dW, self.dW0 = A @ dZ.T, dZ.sum(axis=1, keepdims=True)
        return self.W @ dZ
def conv(x, w, b, stride=1):
    return np.einsum("nxcl,fcl->nfx", windows(x, w, stride), w) + b[:, None]
def conv_backward(dout, x, w, b, stride=1):
    dx, length = np.zeros(x.shape), w.shape[2]
    for i in range(dout.shape[2]):
        dx[:, :, i * stride : i * stride + length] += np.einsum("nf,fcl->ncl", dout[:, :, i], w)
    return dx, np.einsum("nxcl,nfx->fcl", windows(x, w, stride), dout), dout.sum(axis=(0, 2))
def windows(x, w, stride):
    starts = range(0, x.shape[2] - w.shape[2] + 1, stride)
    return np.stack([x[:, :, at : at + w.shape[2]] for at in starts], axis=1)
"""
ALSO = {
    "ReluModule": ("backward(x, dout)", "(input > 0)", "(grad_output > 0)"),
    "Linear": ("backward(dout, x)", "self.W @ dZ", "self.W @ dZ / dZ.shape[1]"),
    "conv": ("conv_backward(dout, x, w, b, stride)", "return dx", "return dx * 2"),
}


@pytest.mark.parametrize("wrong", [False, True])
def test_a_backward_may_be_given_again_what_forward_was_given(tmp_path: Path, wrong: bool) -> None:
    source = AGAIN
    for _, line, mistake in ALSO.values() if wrong else ():
        source = changed(source, line, mistake)
    found = {each.name: each for each in judgements(tmp_path, source)}
    assert {name: each.verdict for name, each in found.items()} == dict.fromkeys(
        ALSO, "FAILED" if wrong else "PASSED"
    )
    for name, (said, *_) in ALSO.items():
        assert f"{said} as its backward" in found[name].taken


HANDED_BACK = """
import numpy as np
def views(x, k, l, sh, sw):
    return np.lib.stride_tricks.sliding_window_view(x, (k, l), (2, 3))[:, :, ::sh, ::sw]
def conv_forward(x, w, b, stride=1, pad=0):
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    cols = views(padded, *w.shape[2:], stride, stride)
    return np.einsum("ncyxkl,fckl->nfyx", cols, w) + b[:, None, None], cols, padded
def conv_backward(dout, cols, padded, w, stride=1, pad=0):
    dx, (k, l) = np.zeros(padded.shape), w.shape[2:]
    for i, j in np.ndindex(dout.shape[2:]):
        at = np.s_[:, :, i * stride : i * stride + k, j * stride : j * stride + l]
        dx[at] += np.tensordot(dout[:, :, i, j], w, 1)
    dw = np.einsum("ncyxkl,nfyx->fckl", cols, dout)
    return dx[:, :, pad : dx.shape[2] - pad, pad : dx.shape[3] - pad], dw, dout.sum((0, 2, 3))
def maxpool(x, k=2, stride=2):
    cols = views(x, k, k, stride, stride)
    flat = cols.reshape(*cols.shape[:4], -1)
    return flat.max(axis=4), flat.argmax(axis=4)
def maxpool_backward(dy, x_shape, argmax, k=2, stride=2):
    dx = np.zeros(x_shape)
    for n, c, i, j in np.ndindex(dy.shape):
        row, column = divmod(argmax[n, c, i, j], k)
        dx[n, c, i * stride + row, j * stride + column] += dy[n, c, i, j]
    return dx
def conv2d_forward(before, W, b, activation, padding="same", stride=(1, 1)):
    (k, l), (sh, sw) = W.shape[:2], stride
    p, q = (k // 2, l // 2) if padding == "same" else (0, 0)
    x = np.pad(before, ((0, 0), (p, p), (q, q), (0, 0))).transpose(0, 3, 1, 2)
    return activation(np.einsum("ncyxkl,klcf->nyxf", views(x, k, l, sh, sw), W) + b)
def conv2d_backward(dZ, before, W, b, padding="same", stride=(1, 1)):
    (k, l), (sh, sw), (_, height, width, _) = W.shape[:2], stride, before.shape
    p, q = (k // 2, l // 2) if padding == "same" else (0, 0)
    x = np.pad(before, ((0, 0), (p, p), (q, q), (0, 0)))
    cols, dx = views(x.transpose(0, 3, 1, 2), k, l, sh, sw), np.zeros(x.shape)
    for i, j in np.ndindex(dZ.shape[1:3]):
        at = np.s_[:, i * sh : i * sh + k, j * sw : j * sw + l]
        dx[at] += np.einsum("nf,klcf->nklc", dZ[:, i, j], W)
    dW = np.einsum("ncyxkl,nyxf->klcf", cols, dZ)
    return dx[:, p : p + height, q : q + width], dW, dZ.sum(axis=(0, 1, 2), keepdims=True)
def pool_forward(before, kernel_shape, stride=(1, 1), mode="max"):
    cols = views(before.transpose(0, 3, 1, 2), *kernel_shape, *stride)
    return cols.max(axis=(4, 5)).transpose(0, 2, 3, 1)
def pool_backward(dA, before, kernel_shape, stride=(1, 1), mode="max"):
    dx, (k, l), (sh, sw) = np.zeros(before.shape), kernel_shape, stride
    for n, i, j, c in np.ndindex(dA.shape if mode == "max" else ()):
        at = np.s_[n, i * sh : i * sh + k, j * sw : j * sw + l, c]
        dx[at] += (before[at] == before[at].max()) * dA[n, i, j, c]
    return dx
"""
THERE_AGAIN = {
    "conv_forward": ("dout, cache[0], cache[1], w, stride, padding", "pad:dx.s", "0:dx.s"),
    "maxpool": ("dout, x.shape, cache, size, stride", "i * stride + row", "i + row"),
    "conv2d_forward": ("dout, x, w, b, padding, stride", "(0, 1, 2), k", "(1, 2), k"),
    "pool_forward": ("dout, x, size, stride, 'max'", "dx[at] += (", "dx[at] = ("),
}


def of_function(name: str) -> tuple[str, str]:
    """Return the name of a function's backward, and the source of both."""
    back = f"{name.removesuffix('_forward')}_backward"
    body = ast.parse(HANDED_BACK).body
    its = [each for each in body if getattr(each, "name", back) in ("views", name, back)]
    return back, ast.unparse(ast.Module(its, []))


def test_the_kernels_that_a_function_takes_may_be_called_by_their_letter(tmp_path: Path) -> None:
    _, source = of_function("conv2d_forward")
    (found,) = judgements(tmp_path, source.replace("W", "K"))
    assert found.verdict == "PASSED"


@pytest.mark.parametrize("name", THERE_AGAIN)
def test_a_function_may_be_handed_what_its_parameters_are_called(tmp_path: Path, name: str) -> None:
    said, right, wrong = THERE_AGAIN[name]
    back, source = of_function(name)
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert f"{back}({said}) as its backward" in found.taken
    refused = [each for each in found.refused if each.startswith(f"{name}(")]
    assert all("(padding=" in each for each in refused)  # for which its word means another padding
    (found,) = judgements(tmp_path, changed(source, right, wrong))
    assert found.verdict == "FAILED"
    got = found.failures[0].problems[0].got
    assert got is not None
    values = typed_in(tmp_path / "mine.py", found)
    assert any(
        each.size == got.size and np.allclose(np.sort(each, None), np.sort(got, None))
        for each in values
    )


@pytest.mark.parametrize("handed", ["stride=1, padding='SAME'", "stride, padding"])
def test_a_padding_in_words_is_handed_back_as_one(tmp_path: Path, handed: str) -> None:
    _, source = of_function("conv_forward")
    forward, backward = source.split("def conv_backward")
    told = "pad = w.shape[2] // 2 if padding == 'SAME' else 0"
    one = changed(forward, "stride=1, pad=0):", f"stride=1, padding='SAME'):\n    {told}")
    other = changed(backward, "stride=1, pad=0):", f"{handed}):\n    {told}")
    (found,) = judgements(tmp_path, f"{one}def conv_backward{other}")
    assert found.verdict == "PASSED"


KEPT_TWICE = """
import numpy as np
def relu_forward(x):
    out = np.maximum(x, 0)
    mask = x > 0
    def unused(): return out, out, out
    return out, mask, x
def relu_backward(dout, inputs, mask):
    return dout * mask
"""


@pytest.mark.parametrize(
    ("kept", "gets", "uses", "said"),
    [
        ("mask, x", "inputs, mask", "mask", "relu_backward(dout, cache[1], cache[0])"),
        ("mask, x", "inputs, m", "m", ""),  # no name tells which is which
        ("x, mask", "inputs, m", "m", "relu_backward(dout, cache[0], cache[1])"),
        ("x", "x, out", "np.sign(out)", ""),  # x is called so, but nothing is called out
        ("x > 0", "x, mask", "mask", "relu_backward(dout, x, cache)"),
        ("x, mask", "a_shape, mask", "mask", "relu_backward(dout, x.shape, cache[1])"),
    ],
)
def test_what_forward_keeps_is_handed_back_by_its_name(
    tmp_path: Path, kept: str, gets: str, uses: str, said: str
) -> None:
    source = changed(KEPT_TWICE, "out, mask, x", f"out, {kept}")
    source = changed(source, "inputs, mask", gets)
    (found,) = judgements(tmp_path, changed(source, "dout * mask", f"dout * {uses}"))
    assert found.verdict == ("PASSED" if said else "NOT CHECKED")
    if said:
        assert f"{said} as its backward" in found.taken
    else:
        assert "no reading of its parameters relu_backward gives the gradient of its" in found.why


def test_an_activation_that_a_function_takes_may_be_a_flag(tmp_path: Path) -> None:
    source = """
import numpy as np
def affine_forward(x, w, b, activation):
    z = x @ w + b
    return np.maximum(z, 0) if activation else z, (x, w, z)
def affine_backward(dout, cache, activation):
    x, w, z = cache
    dout = dout * (z > 0) if activation else dout
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"


IN_CONTEXT = """
import numpy as np
class Linear:
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x @ w.T
    @staticmethod
    def backward(ctx, grad_output):
        x, w = ctx.saved_tensors
        return grad_output @ w, grad_output.T @ x
class CrossEntropyLoss:
    @classmethod
    def forward(cls, context, scores, target):
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        context.p, context.at = e / e.sum(axis=1, keepdims=True), (np.arange(len(target)), target)
        return -np.log(context.p[context.at]).mean()
    @classmethod
    def backward(cls, context, grad):
        context.p[context.at] -= 1
        return grad * context.p / len(context.p), None
class MaxPool:
    @staticmethod
    def forward(ctx, h, kernel_size=(2, 2)):
        (n, c, height, width), (k, m) = h.shape, kernel_size
        cut = h[:, :, : height // k * k, : width // m * m]
        windows = cut.reshape(n, c, height // k, k, width // m, m)
        ctx.largest, ctx.shape = windows.max(axis=(3, 5), keepdims=True), h.shape
        ctx.mask = windows == ctx.largest
        return ctx.largest[:, :, :, 0, :, 0]
    @staticmethod
    def backward(ctx, dz):
        spread = (ctx.mask * dz[:, :, :, None, :, None]).reshape(
            *dz.shape[:2], dz.shape[2] * ctx.mask.shape[3], -1
        )
        room = [(0, of - there) for of, there in zip(ctx.shape, spread.shape)]
        return np.pad(spread, room)
"""
BEYOND = {
    "Linear": ("grad_output.T @ x", "grad_output.T @ x / len(x)"),
    "CrossEntropyLoss": ("/ len(context.p)", ""),
    "MaxPool": ("(ctx.mask *", "(~ctx.mask *"),
}


@pytest.mark.parametrize("wrong", [False, True])
def test_static_methods_save_in_a_context(tmp_path: Path, wrong: bool) -> None:
    source = IN_CONTEXT
    for line, mistake in BEYOND.values() if wrong else ():
        source = changed(source, line, mistake)
    found = judgements(tmp_path, source)
    assert {each.name: each.verdict for each in found} == dict.fromkeys(
        BEYOND, "FAILED" if wrong else "PASSED"
    )
    assert {each.taken[0] for each in found} == {"a context that has save_for_backward"}
    pool = next(each for each in found if each.name == "MaxPool")
    assert any(each.startswith("a pair as size") for each in pool.offered)


OWN_CONTEXT = """
class Context:
    def __init__(self):
        self.kept = ()
    def save_for_backward(self, *values):
        self.kept = values
"""


@pytest.mark.parametrize(("needs", "verdict"), [("", "PASSED"), (", device", "NOT CHECKED")])
def test_a_context_is_of_the_files_own_class(tmp_path: Path, needs: str, verdict: str) -> None:
    """If it needs arguments to be made, the layer is not checked."""
    own = changed(OWN_CONTEXT, "(self)", f"(self{needs})")
    source = changed(IN_CONTEXT, "ctx.saved_tensors", "ctx.kept") + own
    found = {each.name: each.verdict for each in judgements(tmp_path, source)}
    assert found["Linear"] == verdict
    assert found["MaxPool"] == "PASSED"


NODE = """
import numpy as np
class ReLU:
    def __init__(self):
        self.saved = []
    def save_for_backward(self, *values):
        self.saved.extend(values)
    def forward(self, a):
        self.save_for_backward(a > 0)
        return np.maximum(0, a)
    def backward(self, dh):
        (mask,) = self.saved
        return dh * mask
"""


@pytest.mark.parametrize(
    ("method", "verdict"), [("save_for_backward", "PASSED"), ("keep", "FAILED")]
)
def test_a_node_of_a_graph_has_one_pass(tmp_path: Path, method: str, verdict: str) -> None:
    source = NODE.replace("save_for_backward", method)
    (found,) = judgements(tmp_path, source)
    assert found.verdict == verdict
    assert bool(found.taken) == (verdict == "PASSED")


WEIGHTS_FIRST = """
import numpy as np
class Conv1D:
    def forward(self, w, x):
        self.w, self.x = w, x
        return w * x
    def backward(self, da):
        return BACK
class ConvBlock:
    @staticmethod
    def forward(kernel, x):
        ConvBlock.seen = kernel, x
        return np.maximum(kernel * x, 0).max()
    @staticmethod
    def backward(dz=1.0):
        kernel, x = ConvBlock.seen
        return (dz * x * (kernel * x == (kernel * x).max())).sum(), kernel
class Linear:
    def forward(self, w, x):
        self.w, self.x = w, x
        return x @ w.T
    def backward(self, dy):
        return dy.T @ self.x, dy @ self.w
"""


@pytest.mark.parametrize(
    ("back", "verdict"),
    [
        ("(self.x * da).sum(), self.w * da", "NOT CHECKED"),
        ("self.x * da, (self.w * da).sum()", "PASSED"),  # as named, w stands for x, and x for w
    ],
)
def test_a_forward_that_takes_its_weights_first_is_told_that_x_comes_first(
    tmp_path: Path, back: str, verdict: str
) -> None:
    conv, block, linear = judgements(tmp_path, WEIGHTS_FIRST.replace("BACK", back))
    assert [each.verdict for each in (conv, block, linear)] == [verdict, *["NOT CHECKED"] * 2]
    assert ("forward takes (w, x), needs (x, w)" in conv.why) == (verdict == "NOT CHECKED")
    assert "forward takes (kernel, x), needs (x, w)" in block.why
    assert "forward takes (w, x), needs (x, w)" in linear.why


ATTRIBUTES_OF_ITS_OWN = """
import numpy as np
class ReLU:
    def __init__(self):
        self.kept = {}
    def __getattr__(self, name):
        return self.__dict__["kept"][name]
    def forward(self, a):
        self.kept["a"] = a
        return np.maximum(0, a)
    def backward(self, dh):
        return dh * (self.a > 0)
"""


def test_what_a_getattr_raises_is_no_method_of_a_layer(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, ATTRIBUTES_OF_ITS_OWN)
    assert (found.verdict, found.taken) == ("PASSED", ())
    for right, says in (("np.maximum(0, a)", "h"), ("dh * (self.a > 0)", "da")):
        wrong = changed(ATTRIBUTES_OF_ITS_OWN, f"return {right}", "return self")
        (found,) = judgements(tmp_path, wrong)
        (problem,) = found.failures[0].problems
        assert f"gives something of type ReLU as {says}, needs numbers" in problem.sentence


BUILT_LATER = """
import numpy as np
class Dense:
    def __init__(self, units):
        self.units = units
    def __getattr__(self, name):
        raise RuntimeError(f"no {name} before forward")
    def forward(self, x):
        if "W" not in vars(self):
            self.W = np.ones((x.shape[1], self.units))
        self.x = x
        return x @ self.W
    def backward(self, dy):
        self.dW = self.x.T @ dy
        return dy @ self.W.T
"""


def test_weights_that_are_asked_for_too_early_may_raise_anything(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, BUILT_LATER)
    assert found.verdict == "PASSED"


@pytest.mark.parametrize("in_init", [False, True])
def test_a_method_by_which_a_layer_forgets_may_be_an_attribute(
    tmp_path: Path, in_init: bool
) -> None:
    """Of the class, which the report says, or only of the instance."""
    source = NODE.replace("self.save_for_backward(a > 0)", "self.saved.append(a > 0)")
    if in_init:
        source = source.replace("self.saved = []", "self.saved = []; self.zero_grad = self.clear")
    source = source.replace("save_for_backward(self, *values)", "clear(self)")
    source = source.replace("self.saved.extend(values)", "self.saved.clear()")
    if not in_init:
        source = source.replace("def clear", "def zero_grad")
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert found.taken == (() if in_init else ("zero_grad before each further pass",))


def test_an_attribute_by_the_name_of_such_a_method_is_none(tmp_path: Path) -> None:
    """It makes the layer neither a node of a graph, which has one pass, nor one that forgets it."""
    flags = "class ReLU:\n    zero_grad, save_for_backward = False, ()\n"
    (found,) = judgements(tmp_path, changed(RELU, "class ReLU:\n", flags))
    assert (found.verdict, found.taken) == ("PASSED", ())


OF_LABELS = """
import numpy as np
class SoftmaxCrossEntropy:
    def forward(self, x, labels):
        e = np.exp(x)
        self.p = e / e.sum(axis=1, keepdims=True)
        return -np.log(self.p[np.arange(len(x)), labels]).mean()
    def backward(self, labels):
        truth = np.arange(self.p.shape[1]) == np.reshape(labels, (-1, 1))
        return (self.p - truth) / len(self.p)
"""


def test_the_backward_of_the_labs_loss_may_be_given_the_labels_again(tmp_path: Path) -> None:
    """Taken for the upstream gradient, a label of 1 would give something of the right shape."""
    (found,) = judgements(tmp_path, OF_LABELS)
    assert found.verdict == "PASSED"
    assert "backward takes no dloss: it was checked for 1 only" in found.notes


OF_PROBABILITIES = """
import numpy as np
class Activation_Softmax_Loss_CategoricalCrossentropy:
    def forward(self, inputs, y_true):
        e = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self.output = e / e.sum(axis=1, keepdims=True)
        return -np.log(self.output[range(len(inputs)), y_true]).mean(), self.output
    def backward(self, dvalues, y_true):
        self.dinputs = dvalues.copy()
        self.dinputs[range(len(dvalues)), y_true] -= 1
        self.dinputs /= len(dvalues)
"""


def test_the_backward_of_a_loss_may_be_given_probabilities(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, OF_PROBABILITIES)
    assert (found.verdict, found.cases) == ("PASSED", 3)
    assert found.taken[0] == "backward(probabilities, labels) as its backward"
    for other in ("-= 2", "= 0"):
        (found,) = judgements(tmp_path, changed(OF_PROBABILITIES, "-= 1", other))
        assert found.verdict == "NOT CHECKED"
        assert "in no reading of its parameters backward gives dlogits" in found.why
    (found,) = judgements(tmp_path, changed(OF_PROBABILITIES, "/= len(dvalues)", "/= 1"))
    assert found.verdict == "FAILED"  # it is the gradient except for a factor, which is enough
    assert found.found[0].sentence == "dlogits is not divided by the number of examples"


def test_a_loss_may_have_to_be_built(tmp_path: Path) -> None:
    build = "    def build(self, input_shape):\n        self.count = input_shape[0]\n"
    source = changed(OF_PROBABILITIES, "    def forward", f"{build}    def forward")
    source = changed(source, "return -np", "return -np.sign(self.count) * np")
    (found,) = judgements(tmp_path, source)
    assert (found.verdict, found.cases) == ("PASSED", 3)
    assert "after build" in found.taken


WITH_A_CACHE = """
import numpy as np
def softmax_loss_forward(x, y):
    p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean(), (p, y)
def softmax_loss_backward(PARAMETERS):
    p, y = KEPT
    g = p.copy()
    g[np.arange(len(y)), y] -= 1
    return dout * g / len(y)
"""


@pytest.mark.parametrize(
    ("parameters", "kept", "taken"),
    [
        ("dout, cache", "cache", "dout, cache"),
        ("cache, dout", "cache", "cache, dout"),
        ("dout, cache, eps=0", "cache", "dout, cache"),
        ("dout, saved", "saved", "dout, cache"),
    ],
)
def test_the_backward_of_a_loss_may_be_given_a_cache(
    tmp_path: Path, parameters: str, kept: str, taken: str
) -> None:
    source = WITH_A_CACHE.replace("PARAMETERS", parameters).replace("KEPT", kept)
    (found,) = judgements(tmp_path, source)
    assert (found.verdict, found.taken) == (
        "PASSED",
        (f"softmax_loss_backward({taken}) as its backward",),
    )
    for right, wrong in (("-= 1", "-= 2"), ("return dout *", "return"), ("/ len(y)", "")):
        (found,) = judgements(tmp_path, changed(source, right, wrong))
        assert found.verdict == ("FAILED" if kept == "cache" else "NOT CHECKED")


@pytest.mark.parametrize(
    ("given", "parameters", "kept", "verdict"),
    [
        ("loss, (p, y)", "dout, cache", "p, y = cache", "PASSED"),
        ("p, loss", "cache, y", "p, dout = cache, 1", "NOT CHECKED"),
    ],
)
def test_what_a_loss_calls_its_cache_is_no_logits(
    tmp_path: Path, given: str, parameters: str, kept: str, verdict: str
) -> None:
    source = f"""
import numpy as np
class SoftmaxLoss:
    def forward(self, x, y):
        p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(len(y)), y]).mean()
        return {given}
    def backward(self, {parameters}):
        {kept}
        return dout * (p - np.eye(p.shape[1])[y]) / len(y)
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == verdict


def test_a_function_may_give_its_cache_before_the_loss(tmp_path: Path) -> None:
    source = WITH_A_CACHE.replace("PARAMETERS", "dout, cache").replace("KEPT", "cache")
    loss = "-np.log(p[np.arange(len(y)), y]).mean()"
    (found,) = judgements(tmp_path, changed(source, f"{loss}, (p, y)", f"(p, y), {loss}"))
    assert found.verdict == "PASSED"


def test_a_tuple_of_rows_is_an_output_of_its_own(tmp_path: Path) -> None:
    """Its first row is not taken for the output, nor the rest for what it remembers."""
    source = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.weights, self.biases = np.zeros((n_in, n_out)), np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return tuple(map(tuple, (x @ self.weights + self.biases).tolist()))
    def backward(self, dy):
        self.dweights, self.dbiases = self.x.T @ dy, dy.sum(axis=0)
        return dy @ self.weights.T
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert "minibatches x (N, D)" in found.forms


BOTH = """
import numpy as np
def NAME(logits, labels):
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    at = range(len(labels)), labels
    loss = -np.log(p[at]).mean()
    p[at] -= 1
    return loss, p / len(labels)
"""


@pytest.mark.parametrize(
    "name",
    [
        "softmax_loss_naive",
        "softmax_cross_entropy",
        "softmax_cross_entropy_loss",
        "softmax_ce",
        "cross_entropy",
        "cross_entropy_loss",
    ],
)
def test_a_function_may_give_a_loss_and_its_gradient(tmp_path: Path, name: str) -> None:
    source = BOTH.replace("NAME", name)
    (found,) = judgements(tmp_path, source)
    assert (found.name, found.verdict) == (name, "PASSED")
    (found,) = judgements(tmp_path, changed(source, "-= 1", "+= 1"))
    assert found.verdict == "FAILED"
    *_, line = shown = [*calls(found.failures[0], "")]
    assert line == f"loss, dx = {name}(logits, labels=labels)"
    assert sum(name in each for each in shown) == 1  # a single call gives both


def test_a_function_that_gives_a_loss_alone_is_no_layer(tmp_path: Path) -> None:
    source = BOTH.replace("NAME", "cross_entropy").replace(
        "return loss, p / len(labels)", "return loss"
    )
    assert judgements(tmp_path, source) == ()


@pytest.mark.parametrize("given", ["p", "np.log(p)"])
def test_probabilities_beside_a_loss_are_no_wrong_gradient(tmp_path: Path, given: str) -> None:
    source = changed(BOTH.replace("NAME", "cross_entropy"), "    p[at] -= 1\n", "")
    (found,) = judgements(tmp_path, changed(source, "p / len(labels)", given))
    assert found.verdict == "NOT CHECKED"
    assert "cross_entropy gives probabilities, not dlogits" in found.why


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ("logits - logits.max(axis=1, keepdims=True)", "NOT CHECKED"),
        ("np.eye(logits.shape[1])[labels]", "NOT CHECKED"),
        ("np.log(p) + p", "NOT CHECKED"),
        ("p - np.eye(logits.shape[1])[labels]", "FAILED"),  # a gradient, though not of the mean
        ("(2 * np.eye(logits.shape[1])[labels] - p) / len(p)", "FAILED"),
        ("dlogits", "FAILED"),  # whatever it is, it has that name
    ],
)
def test_what_is_no_gradient_beside_a_loss_is_no_wrong_one(
    tmp_path: Path, given: str, verdict: str
) -> None:
    source = changed(
        BOTH.replace("NAME", "cross_entropy"), "    p[at] -= 1\n", "    dlogits = p * p\n"
    )
    (found,) = judgements(tmp_path, changed(source, "p / len(labels)", given))
    assert found.verdict == verdict
    said = "what cross_entropy gives beside the loss is not dlogits, nor called so"
    assert (said in found.why) == (verdict == "NOT CHECKED")


FUSED = """
import numpy as np
class Linear:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_in, n_out)), np.zeros(n_out)
    def forward(self, x):
        self.x = x
        self.y = x @ self.W + self.b
        return self.y
    def backward(self, GIVEN):
        d = UPSTREAM
        self.dW, self.db = self.x.T @ d, d.sum(axis=0)
        return d @ self.W.T
class Dense:
    def forward(self, x, w):
        self.x, self.w = x, w
        return x @ w.T
    def backward(self, GIVEN):
        p = np.exp(self.x @ self.w.T)
        p = p / p.sum(axis=1, keepdims=True) - np.eye(len(self.w))[GIVEN]
        return p @ self.w, p.T @ self.x
"""


@pytest.mark.parametrize("name", ["y", "targets", "labels"])
def test_a_layer_that_a_loss_is_part_of_is_not_checked(tmp_path: Path, name: str) -> None:
    source = FUSED.replace("GIVEN", name)
    said = f"backward takes {name}, which by its name is no gradient that comes back"
    for found in judgements(tmp_path, changed(source, "UPSTREAM", f"2 * (self.y - {name})")):
        assert found.verdict == "NOT CHECKED"
        assert said in found.why
    right, _ = judgements(tmp_path, changed(source, "UPSTREAM", name))
    assert right.verdict == "PASSED"  # only the name is odd
    wrong = changed(changed(source, "UPSTREAM", name), "d.sum(axis=0)", "d.mean(axis=0)")
    assert judgements(tmp_path, wrong)[0].verdict == "FAILED"
    upstream = changed(FUSED.replace("GIVEN", "dout"), "UPSTREAM", "2 * (self.y - dout)")
    assert judgements(tmp_path, upstream)[0].verdict == "FAILED"


def test_a_loss_of_several_in_columns_is_not_taken_one_at_a_time(tmp_path: Path) -> None:
    """If taken so, a gradient that is not divided by their number would be right."""
    source = """
import numpy as np
class SoftmaxCrossEntropy:
    def forward(self, Z, Y):
        self.P, self.Y = np.exp(Z) / np.exp(Z).sum(axis=0), Y
        return -np.sum(Y * np.log(self.P)) / Z.shape[1]
    def backward(self):
        return (self.P - self.Y) / self.Y.shape[1]
"""
    (found,) = judgements(tmp_path, source)
    assert (found.verdict, found.taken[:1]) == ("PASSED", ("x as (in, N)",))
    wrong = changed(source, "(self.P - self.Y) / self.Y.shape[1]", "self.P - self.Y")
    (found,) = judgements(tmp_path, wrong)
    assert found.verdict == "FAILED"
    assert "dlogits is not divided by the number of examples" in found.patterns


OF_ONE_EXAMPLE = """
import numpy as np
class SoftmaxCrossEntropy:
    def forward(self, logits, label):
        e = np.exp(logits - logits.max())
        self.p, self.label = e / e.sum(), label
        return -np.log(self.p[label])
    def backward(self, dout=1.0):
        g = self.p.copy()
        g[self.label] -= 1
        return g * dout
class CrossEntropyLoss:
    def forward(self, logits, y):
        e = np.exp(logits - logits.max(axis=-1, keepdims=True))
        self.p, self.y = e / e.sum(), y
        return -np.sum(y * np.log(self.p))
    def backward(self):
        return self.p - self.y
class SoftmaxLoss:
    def forward(self, logits, target):
        return -logits[target] + np.log(np.exp(logits).sum())
    def backward(self, p, target):
        d = p.copy()
        d[target] -= 1
        return d
class SoftmaxCCE:
    def forward(self, z, y):
        self.p, self.y = np.exp(z) / np.exp(z).sum(), y
        return -np.log(self.p[np.argmax(y), 0])
    def backward(self):
        return self.p - self.y
def softmax_loss(x, y):
    p = np.exp(x - x.max())
    p /= p.sum()
    dx = p.copy()
    dx[y] -= 1
    return -np.log(p[y]), dx
"""


def test_a_loss_of_one_example_is_taken_one_at_a_time(tmp_path: Path) -> None:
    found = judgements(tmp_path, OF_ONE_EXAMPLE)
    assert [each.verdict for each in found] == ["PASSED"] * 5
    for each in found:
        assert "a minibatch one example at a time, then their mean" in each.taken
    assert "labels one-hot" in found[1].taken
    assert "backward(probabilities, labels) as its backward" in found[2].taken
    assert {"x as (in, 1)", "labels one-hot"} < {*found[3].taken}


@pytest.mark.parametrize(
    ("old", "new", "wrong", "name"),
    [
        ("return g * dout", "return g", "dlogits", "SoftmaxCrossEntropy"),
        ("g[self.label] -= 1", "g[self.label] += 1", "dlogits", "SoftmaxCrossEntropy"),
        (
            "return -np.log(self.p[label])",
            "return np.log(self.p[label])",
            "",
            "SoftmaxCrossEntropy",
        ),
        ("return self.p - self.y", "return self.y - self.p", "dlogits", "CrossEntropyLoss"),
        ("return -np.sum(y", "return np.sum(y", "", "CrossEntropyLoss"),
        ("-np.log(self.p[np.argmax", "np.log(self.p[np.argmax", "", "SoftmaxCCE"),
        ("return -np.log(p[y]), dx", "return np.log(p[y]), dx", "", "softmax_loss"),
        ("return -np.log(p[y]), dx", "return -np.log(p[y]), 2 * dx", "dlogits", "softmax_loss"),
    ],
)
def test_a_wrong_loss_of_one_example_fails(
    tmp_path: Path, old: str, new: str, wrong: str, name: str
) -> None:
    found = alone(tmp_path, name, changed(OF_ONE_EXAMPLE, old, new))
    assert found.verdict == "FAILED"
    problem = found.failures[0].problems[0]
    assert problem.quantity == (wrong or "loss")
    assert "for n in range(len(logits)): " in "\n".join(calls(found.failures[0], ""))
    typed_in(tmp_path / "mine.py", found)


@pytest.mark.parametrize("name", ["CrossEntropyLoss", "SoftmaxCrossEntropy"])
def test_the_sum_over_examples_is_no_loss_of_one(tmp_path: Path, name: str) -> None:
    _, _, source = OF_ONE_EXAMPLE.partition("class CrossEntropyLoss")
    source = f"import numpy as np\nclass {name}{source.partition('class SoftmaxLoss')[0]}"
    source = changed(source, "e / e.sum()", "e / e.sum(axis=-1, keepdims=True)")
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert "neither what forward gives nor its gradient is that of the mean" in found.why


@pytest.mark.parametrize(
    ("forward", "backward", "said"),
    [
        ("a", "dh", "forward and backward have no self, the first parameter of a method"),
        ("self, a", "dh", "backward has no self, the first parameter of a method"),
    ],
)
def test_a_method_without_self_is_reported(
    tmp_path: Path, forward: str, backward: str, said: str
) -> None:
    source = f"""
class ReLU:
    def forward({forward}):
        return a * (a > 0)
    def backward({backward}):
        return dh
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert said in found.why


def test_a_static_method_lacks_no_self(tmp_path: Path) -> None:
    static = " @staticmethod\n def {}: raise KeyError(3)\n"
    source = f"class Relu:\n{static.format('forward(a)')}{static.format('backward(dh)')}"
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert "certain: forward raises KeyError: 3 (line 3). To have it checked, mend" in found.why


OF_A_NUMBER = """
import numpy as np
class Conv1d:
    def __init__(self, w):
        self.w = w
    def forward(self, x):
        self.x = x
        return self.w * x
    def backward(self, da):
        self.dw = np.sum(da * self.x)
        return da * self.w
class Conv1D:
    def forward(self, x, w):
        self.x, self.w = x, w
        return w * x
    def backward(self, da):
        self.dw = np.sum(da * self.x)
        return da * self.w
"""


def test_the_gradient_of_a_scalar_w_may_be_an_attribute(tmp_path: Path) -> None:
    ours, theirs = judgements(tmp_path, OF_A_NUMBER)
    assert ours.verdict == theirs.verdict == "PASSED"
    assert ours.taken == ("gradient of the weights from .dw",)
    assert theirs.taken == ("weights from .w, their gradient from .dw",)
    for wrong in judgements(tmp_path, OF_A_NUMBER.replace("np.sum", "2 * np.sum")):
        assert wrong.verdict == "FAILED"
        assert wrong.patterns == ("dw is 2 times what it should be",)
        typed_in(tmp_path / "mine.py", wrong)


@pytest.mark.parametrize(
    "given", ["{'dx': da * self.w, 'dw': dw}", "{'dw': dw, 'dx': da * self.w}"]
)
def test_gradients_may_come_in_a_dict(tmp_path: Path, given: str) -> None:
    source = changed(OF_A_NUMBER, "self.dw = np.sum", "dw = np.sum")
    source = changed(source, "return da * self.w", f"return {given}")
    assert [each.verdict for each in judgements(tmp_path, source)] == ["PASSED"] * 2


INITIALIZED = """
import numpy as np
class Linear:
    def __init__(self, in_feature, out_feature, weight_init_fn, bias_init_fn):
        self.W = weight_init_fn(in_feature, out_feature)
        self.b = bias_init_fn(out_feature)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, delta):
        self.dW, self.db = self.x.T @ delta, delta.sum(axis=0)
        return -delta @ self.W.T
"""


def test_a_constructor_may_need_what_makes_its_weights(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, INITIALIZED)
    assert found.patterns == ("the sign of dx is flipped",)
    made = (
        "layer = Linear(in_feature=3, out_feature=2, "
        "weight_init_fn=np.random.randn, bias_init_fn=np.random.rand)"
    )
    assert made in "\n".join(calls(found.failures[0], ""))
    typed_in(tmp_path / "mine.py", found)


FOR_ONE_PASS = """
import numpy as np
class MaxPool2d:
    def __init__(self, kernel, stride):
        self.kernel, self.stride, self.passes = kernel, stride, []
    def windows(self, x):
        views = np.lib.stride_tricks.sliding_window_view(x, (self.kernel, self.kernel), (2, 3))
        return views[:, :, :: self.stride, :: self.stride]
    def forward(self, x):
        self.passes.append(x)
        self.passes = np.array(self.passes)
        return self.windows(x).max(axis=(4, 5))
    def backward(self, dz):
        (x,) = self.passes
        dx, k, s = np.zeros(x.shape), self.kernel, self.stride
        for n, c, i, j in np.ndindex(*dz.shape):
            at = n, c, slice(i * s, i * s + k), slice(j * s, j * s + k)
            dx[at] += dz[n, c, i, j] * (x[at] == x[at].max())
        return dx
"""


def test_a_layer_that_fails_when_forward_is_called_again_is_told_so(tmp_path: Path) -> None:
    file = written(tmp_path, FOR_ONE_PASS)
    said = " ".join(report(check_in(Here(file), file, 60)).split())
    assert "MaxPool2d (as MaxPool2D): FAILED" in said
    assert "this case is right: it goes wrong where forward is called again (is something" in said


OTHERWISE_CALLED = """
import numpy as np
class Linear:
    def __init__(self, n_in, n_out):
        self.weight, self.bias = np.ones((n_out, n_in)), np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias
    def backward(self, dout):
        self.dw, self.db = dout.T @ self.x, dout.sum(axis=1)
        return dout @ self.weight
"""


def test_the_gradient_of_a_bias_may_be_called_as_that_of_the_weights(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, OTHERWISE_CALLED)
    assert found.patterns == ("db is summed over the wrong axes",)


TWICE = """
import numpy as np
class Linear:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_in, n_out)), np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return 2 * x @ self.W + self.b
    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T
def affine_forward(x, w, b):
    return 2 * x @ w + b, (x, w)
def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
"""


CHANNELS_LAST = """
import numpy as np
class MaxPool:
    def __init__(self, size):
        self.size = size
    def forward(self, x):
        (n, h, w, c), k = x.shape, self.size
        out = x.reshape(n, h // k, k, w // k, k, c).mean(axis=(2, 4))
        self.mask = out.repeat(k, axis=1).repeat(k, axis=2) == x
        return out
    def backward(self, grad):
        return grad.repeat(self.size, axis=1).repeat(self.size, axis=2) * self.mask
"""


def test_examples_and_channels_of_a_pool_are_no_two_readings(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, CHANNELS_LAST)
    assert (found.verdict, found.taken[0]) == ("FAILED", "x as (N, H, W, C)")
    assert found.patterns[0] == "z is the mean, not the maximum"


def test_one_example_and_several_are_no_two_readings_of_weights(tmp_path: Path) -> None:
    found = judgements(tmp_path, TWICE)
    assert [each.verdict for each in found] == ["FAILED"] * 2
    assert all("w as (in, out)" in each.taken for each in found)


FORGETFUL = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.bias = np.ones((n_in, n_out)), np.zeros(n_out)
        self.velocity = np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T
"""


def test_a_bias_of_which_there_is_a_gradient_has_to_be_added(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, FORGETFUL)
    assert found.verdict == "FAILED"
    assert found.patterns == ("the bias b is not added (wrong where there is a bias b)",)
    assert "bias from .bias, its gradient from .db" in found.taken[0]
    (found,) = judgements(tmp_path, changed(FORGETFUL, ", dout.sum(axis=0)", ", 0"))
    assert (found.verdict, "bias" in found.taken[0]) == ("PASSED", False)


WITHOUT_CACHE = """
import numpy as np
def dense_forward(X, W, B):
    return X @ W + B
def dense_backward(dout, X, W):
    return dout @ W.T, X.T @ dout, 2 * dout.sum(axis=0)
"""


def test_a_function_that_gives_no_cache_is_shown_without_one(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, WITHOUT_CACHE)
    assert "out = dense_forward(x" in "\n".join(calls(found.failures[0], ""))
    np.testing.assert_equal(
        typed_in(tmp_path / "mine.py", found)[2], found.failures[0].problems[0].got
    )


CALLED = """
import numpy as np
class Layer:
    def __call__(self, x):
        self.x = x
        return self.forward(x)
class ReLU(Layer):
    def forward(self, x):
        return np.maximum(x, 0)
    def backward(self, dout):
        return dout * (self.x > 0)
class Linear(Layer):
    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_in, n_out)), np.zeros(n_out)
    def forward(self, x):
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T
"""


def test_a_layer_may_remember_in_its_call_and_not_in_forward(tmp_path: Path) -> None:
    for found in judgements(tmp_path, CALLED):
        assert (found.verdict, found.taken[0]) == (
            "PASSED",
            "__call__ as forward, backward as backward",
        )
    wrong = changed(changed(CALLED, "> 0", "< 0"), "self.W.T", "-self.W.T")
    assert [each.verdict for each in judgements(tmp_path, wrong)] == ["FAILED"] * 2


def test_how_to_call_what_refuses_everything_is_not_certain(tmp_path: Path) -> None:
    refusing = "def forward(self, h): raise ValueError('not like this')"
    source = f"class MaxPool:\n {refusing}\n def backward(self, dz): return dz\n"
    (found,) = judgements(tmp_path, source)
    raises = "forward raises ValueError: not like this (line 2)"
    assert found.why.startswith(f"how to call it is not certain: {raises}. To have it checked, ")
    assert {*found.refused.values()} == {raises, "the constructor takes no size"}


@for_each("raising", ["raise RuntimeError('not yet')", "import no_such_module"])
def test_what_backward_raises_is_no_reason_where_forward_gives_another_shape(
    tmp_path: Path, raising: str
) -> None:
    source = (
        f"class MaxPool:\n def forward(self, h): return h\n def backward(self, dz): {raising}\n"
    )
    (found,) = judgements(tmp_path, source)
    # There is neither an exception to mend nor a module to do without.
    assert "needs (). To have it checked, write forward(h)" in found.why


WHOLE_AXIS = """
class MaxPool1D:
    def forward(self, inputs):
        self.inputs = inputs
        return inputs.max(axis=-1)
    def backprop(self, grad):
        return (self.inputs == self.inputs.max(axis=-1)[..., None]) * grad[..., None]
"""


def test_a_pool_of_another_interface_may_be_of_the_whole_axis_alone(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, WHOLE_AXIS)
    assert (found.topic, found.verdict) == ("MaxPool", "PASSED")
    assert {each.partition(" with ")[0] for each in found.offered} == {"the whole axis"}
    assert found.refused == {"size": "the constructor takes no size"}
    (wrong,) = judgements(tmp_path, changed(WHOLE_AXIS, "* grad", "* -grad"))
    assert wrong.verdict == "FAILED"


SIZED_BY_CHANCE = """
import numpy as np
class MaxPool:
    def __init__(self, *sizes):
        self.sizes = sizes
    def forward(self, h):
        if not self.sizes:
            return h[0, 0, 0, 0, 0]
        size = self.sizes[0]
        return np.lib.stride_tricks.sliding_window_view(h, size, -1)[..., ::size, :].max(-1)
    def backward(self, dz):
        return dz[0, 0, 0, 0, 0]
"""


def test_what_no_parameter_names_says_little_of_what_refuses_everything(tmp_path: Path) -> None:
    """Though, with a size that it is not known to take, it gets as far as backward."""
    (found,) = judgements(tmp_path, SIZED_BY_CHANCE)
    assert (found.verdict, found.cases) == ("FAILED", 1)
    assert found.failures[0].outcome.feature.name.startswith("the whole axis")
    assert found.failures[0].problems[0].method == "forward"


@pytest.mark.parametrize("name", ["ReLU", "MyReLU"])
def test_a_backward_that_gives_and_keeps_nothing_is_wrong(tmp_path: Path, name: str) -> None:
    """Whatever the name is: this is not another way to hand a gradient back."""
    source = changed(changed(RELU, "return dh *", "dh *"), "class ReLU", f"class {name}")
    (found,) = judgements(tmp_path, source)
    assert (found.verdict, found.failures[0].problems[0].method) == ("FAILED", "backward")


GIVES_MORE = """
import numpy as np
class Linear:
    def forward(self, x, w):
        self.x, self.w = x, w
        return x @ w.T
    def backward(self, dy):
        return dy @ self.w, np.atleast_2d(dy).T @ np.atleast_2d(self.x), dy.sum(axis=0)
"""


def test_backward_may_give_the_gradient_of_a_bias_that_forward_does_not_take(
    tmp_path: Path,
) -> None:
    (found,) = judgements(tmp_path, GIVES_MORE)
    assert found.verdict == "PASSED"
    assert found.refused["a bias b"] == "forward takes none"


def test_where_forward_remembers_itself_no_call_is_spoken_of(tmp_path: Path) -> None:
    source = changed(CALLED, "        self.x = x\n", "")
    for made in ("np.maximum", "x @"):
        source = changed(source, f"return {made}", f"self.x = x\n        return {made}")
    for found in judgements(tmp_path, source):
        assert found.verdict == "PASSED"
        assert not any("__call__" in each for each in found.taken)


BOTH_OF_PROBABILITIES = """
import numpy as np
class CrossEntropyLoss:
    def forward(self, predictions, targets):
        return -np.log(np.abs(predictions[range(len(targets)), targets])).mean()
    def backward(self, predictions, targets):
        return (predictions - np.eye(predictions.shape[1])[targets]) / len(targets)
"""


def test_a_loss_of_probabilities_is_not_failed_for_its_forward(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, BOTH_OF_PROBABILITIES)
    assert found.verdict == "NOT CHECKED"
    assert "(it may take probabilities)" in found.why


def test_a_loss_of_each_example_is_not_failed_for_its_labels(tmp_path: Path) -> None:
    source = """
import numpy as np
class SoftmaxCrossEntropy:
    def forward(self, logits, one_hot):
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        self.p, self.one_hot = e / e.sum(axis=1, keepdims=True), one_hot
        return -(one_hot * np.log(self.p)).sum(axis=1)
    def backward(self):
        return self.p - self.one_hot
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert "forward gives something of type ndarray, not one number" in found.why


BEHIND_PROBABILITIES = """
import numpy as np
class SoftmaxCrossEntropy:
    def forward(self, x, y):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p, self.y = e / e.sum(axis=1, keepdims=True), y
        return self.p, -np.log(self.p[range(len(x)), y]).mean()
    def backward(self):
        self.dx = self.p.copy()
        self.dx[range(len(self.y)), self.y] -= 1
        self.dx /= len(self.y)
"""
BEHIND_ITS_GRADIENT = """
import numpy as np
def softmax_loss(x, y):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return (p - np.eye(p.shape[1])[y]) / len(x), -np.log(p[range(len(x)), y]).mean()
"""


@pytest.mark.parametrize("source", [BEHIND_PROBABILITIES, BEHIND_ITS_GRADIENT])
def test_a_loss_may_be_given_behind_something_else(tmp_path: Path, source: str) -> None:
    (found,) = judgements(tmp_path, source)
    assert (found.verdict, found.cases) == ("PASSED", 3)
    (found,) = judgements(tmp_path, changed(source, ".mean()", ".sum()"))
    assert found.verdict == "FAILED"
    assert found.patterns[0] == "loss is the sum over the examples, not the mean"
    back = ("self.dx /= len(self.y)", "pass") if "self" in source else (" / len(x)", "")
    (found,) = judgements(tmp_path, changed(source, *back))
    assert found.patterns == ("dlogits is not divided by the number of examples",)
    said = "\n".join(calls(found.failures[0], ""))
    assert ("dx, loss = softmax_loss(" in said) == ("self" not in source)


IN_MATRICES = """
import numpy as np
class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A, self.Y, (N, C) = A, Y, A.shape
        self.softmax = np.exp(A) / np.exp(A).sum(axis=1, keepdims=True)
        return np.ones((1, N)) @ (-Y * np.log(self.softmax)) @ np.ones((C, 1)) / N
    def backward(self):
        return (self.softmax - self.Y) / len(self.Y)
"""


@pytest.mark.parametrize(("factor", "verdict"), [("", "PASSED"), (" / C", "FAILED")])
def test_a_loss_may_be_a_matrix_of_one_entry(tmp_path: Path, factor: str, verdict: str) -> None:
    (found,) = judgements(tmp_path, changed(IN_MATRICES, "/ N", f"/ N{factor}"))
    assert found.verdict == verdict


SLOPE = """
import numpy as np
class ReLU:
    def forward(self, Z):
        self.Z = Z
        return np.maximum(0, Z)
    def backward(self):
        return np.where(self.Z > 0, 1.0, 0.0)
"""


@pytest.mark.parametrize(("least", "verdict"), [(0, "PASSED"), (1, "FAILED")])
def test_a_backward_without_arguments_is_a_slope(tmp_path: Path, least: int, verdict: str) -> None:
    (found,) = judgements(tmp_path, changed(SLOPE, "self.Z > 0", f"self.Z > {least}"))
    assert found.verdict == verdict
    assert found.taken == ("its gradient is dh times what backward() gives",)
    for failure in found.failures[:1]:
        assert [*calls(failure, "")][-1] == "dh * layer.backward()"


SINGLY = """
class Flattening:
    def forward(self, image):
        channels, height, width = image.shape
        self.shapes = [image.shape]
        return image.reshape(-1)
    def backward(self, d):
        return d.reshape(self.shapes.pop())
"""


def test_a_minibatch_is_handed_over_one_example_at_a_time(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, SINGLY)
    assert found.verdict == "PASSED"
    assert "a minibatch one example at a time" in "; ".join(found.taken)
    assert found.notes == ()  # a whole one is refused
    whole = changed(SINGLY, "        channels, height, width = image.shape\n", "")
    (found,) = judgements(tmp_path, whole)
    assert found.verdict == "PASSED"
    said = "it is right for one example at a time alone: of a whole minibatch (2, 3, 4, 5) it makes"
    assert found.notes == (f"{said} the shape (120,), in which the examples are not kept apart",)


@pytest.mark.parametrize("given", ["x.reshape(*x.shape[:2], -1)", "x[..., None]"])
def test_what_flattens_nothing_is_wrong_whatever_it_makes_of_a_row(
    tmp_path: Path, given: str
) -> None:
    source = f"""
class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return {given}
    def backward(self, d):
        return d.reshape(self.shape)
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "FAILED"
    assert found.failures[0].problems[0].sentence.startswith("y has the wrong shape: got (2, 2, 2")


FALLING = """
import numpy as np
class Relu:
    def forward(self, a):
        return np.maximum(0, a)
    def backward(self, dh):
        return dh * self.mask
"""


def test_a_layer_like_the_labs_whose_backward_crashes_is_wrong(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, FALLING)
    assert found.verdict == "FAILED"
    assert found.failures[0].problems[0].sentence.startswith("backward raises AttributeError")


RARE = """
import numpy as np
class Linear:
    __slots__ = ("W", "b", "dW", "db", "x")
    def __init__(self, n_in, n_out):
        self.W, self.b = np.matrix(np.ones((n_out, n_in))), np.matrix(np.zeros((n_out, 1)))
    def forward(self, *, x):
        self.x = np.matrix(x)
        return self.W * self.x + self.b
    def backward(self, *, d, scale=1.0):
        self.dW, self.db = np.matrix(d) * self.x.T, np.matrix(d).sum(axis=1)
        return self.W.T * d
class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.ones((n_in + 1, n_out))
    def forward(self, x):
        self.x = np.hstack([x, np.ones((len(x), 1))])
        return self.x @ self.W
    def backward(self, d):
        self.dW = self.x.T @ d
        return d @ self.W[:-1].T
"""


def test_slots_matrices_and_arguments_by_name_alone(tmp_path: Path) -> None:
    linear, dense = judgements(tmp_path, RARE)
    assert linear.verdict == "PASSED"
    assert "weights from .W, their gradient from .dW, bias from .b" in "; ".join(linear.taken)
    assert dense.verdict == "NOT CHECKED"
    assert "its weights as one array of the shape (5, 3), in whatever order of axes" in dense.why


DICT = """
class Linear:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        return x @ w.T + b
    def backward(self, dy):
        return {"dw": dy.T @ self.x, "db": dy.sum(axis=0), "dx": dy @ self.w}
"""


@pytest.mark.parametrize(("dx", "pattern"), [("dy", ()), ("-dy", ("the sign of dx is flipped",))])
def test_gradients_may_be_in_a_dict_in_any_order(
    tmp_path: Path, dx: str, pattern: tuple[str, ...]
) -> None:
    source = DICT.replace("dy @", f"{dx} @")
    (linear,) = judgements(tmp_path, source)
    assert linear.verdict == ("FAILED" if pattern else "PASSED")
    assert linear.patterns == pattern


POOLED = """
import numpy as np
def max_pool_forward(x, pool_param):
    k, s = pool_param["pool_height"], pool_param["stride"]
    rows, columns = (x.shape[2] - k) // s + 1, (x.shape[3] - k) // s + 1
    windows = [x[:, :, s*i:s*i+k, s*j:s*j+k] for i in range(rows) for j in range(columns)]
    out = np.stack([each.min(axis=(2, 3)) for each in windows], axis=-1)
    return out.reshape(*x.shape[:2], rows, columns), (x, pool_param)
def max_pool_backward(dout, cache):
    return np.zeros(cache[0].shape)
"""


def test_the_settings_that_a_wrong_layer_looks_up_in_a_dict_are_asked_for(
    tmp_path: Path,
) -> None:
    (pool,) = judgements(tmp_path, POOLED)
    assert pool.verdict == "FAILED"
    assert pool.patterns[0] == "z is the minimum, not the maximum"
    # It is written for squares, and reads the length of one side only.
    uneven = pool.refused[f"a pair as size, and a number as stride with {BATCH}"]
    assert uneven == "forward takes one number as pool_height only"


WITH_ITS_BIAS = """
import numpy as np
class Conv1D:
    def forward(self, x, w, b=0.0):
        self.x, self.w = x, w
        return (np.correlate(x, w, "valid") if np.ndim(w) else x * w) + b
    def backward(self, da):
        if np.ndim(self.w):
            return np.convolve(da, self.w), np.correlate(self.x, da, "valid"), np.sum(da)
        return da * self.w, np.sum(da * self.x), np.sum(da)
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("", ""),
        ("np.sum(da * self.x)", "np.mean(da * self.x)"),
        ("np.convolve(da, self.w)", "np.convolve(da, self.kernel)"),
    ],
)
def test_a_layer_that_always_gives_the_gradient_of_a_bias_is_asked_for_every_w(
    tmp_path: Path, right: str, wrong: str
) -> None:
    (conv,) = judgements(tmp_path, WITH_ITS_BIAS.replace(right, wrong))
    assert conv.verdict == ("FAILED" if wrong else "PASSED")
    assert set(conv.forms) == {"a scalar w", "a vector w (K,)"}


WITHOUT_ITS_BIAS = """
class Linear:
    def forward(self, x, w, b=None):
        self.x, self.w, self.b = x, w, b
        return x @ w.T if b is None else x @ w.T + b
    def backward(self, dy):
        dx, dw = dy @ self.w, dy.T @ self.x
        return (dx, dw) if self.b is None else (dx, dw, dy.sum(axis=0))
"""


@pytest.mark.parametrize(
    ("right", "wrong"), [("", ""), ("(dx, dw) if", "(dx, dW) if"), ("b is None", "w is None")]
)
def test_a_layer_with_an_optional_bias_is_asked_without_one(
    tmp_path: Path, right: str, wrong: str
) -> None:
    source = WITHOUT_ITS_BIAS.replace(right, wrong, 1)
    (linear,) = judgements(tmp_path, source)
    assert linear.verdict == ("FAILED" if wrong else "PASSED")


EXAMPLES_LAST = """
import numpy as np
class Conv2D:
    def __init__(self, in_channels, num_filters, filter_size):
        sizes = {"c": in_channels, "k": filter_size, "l": filter_size, "f": num_filters}
        self.W = np.random.randn(*(sizes[each] for each in "ORDER"))
        self.size = filter_size
    def forward(self, x):
        self.x, size = x, (self.size, self.size)
        self.windows = np.lib.stride_tricks.sliding_window_view(x, size, (1, 2))
        return np.einsum("cyxnkl,ORDER->fyxn", self.windows, self.W)
    def backward(self, d):
        self.dW = np.einsum("cyxnkl,fyxn->ORDER", self.windows, d)
        dx, shares = np.zeros_like(self.x), np.einsum("fyxn,ORDER->cyxnkl", d, self.W)
        for k, l in np.ndindex(self.size, self.size):
            dx[:, k : k + d.shape[1], l : l + d.shape[2]] += shares[..., k, l]
        return dx
"""


@pytest.mark.parametrize("order", ["cklf", "klcf"])
def test_a_convolution_may_have_its_examples_last(tmp_path: Path, order: str) -> None:
    """As in cuda-convnet, whose filters are (C, kh, kw, F)."""
    (conv,) = judgements(tmp_path, EXAMPLES_LAST.replace("ORDER", order))
    assert conv.verdict == "PASSED"
    assert "x as (C, H, W, N)" in conv.taken


BATCH = "minibatches h (N, C, H, W)"


def test_a_layer_whose_forward_raises_is_shown_called_in_its_own_way(tmp_path: Path) -> None:
    """For an input that is larger than the one with which it was tried."""
    source = changed(UPRIGHT, "self.x = x.reshape", "[0][len(x) - 3]; self.x = x.reshape")
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "FAILED"
    assert found.failures[0].problems[0].sentence.startswith("forward raises IndexError")
    shown = list(calls(found.failures[0], ""))
    assert shown[-1] == "layer.forward(x.reshape(4, 1))", shown
    assert "layer.W[...] = w" in shown


SQUARES = """
import numpy as np
class MaxPool:
    def forward(self, x):
        side = x.shape[1] // 2
        self.x, out = x, np.zeros((len(x), side, side, x.shape[3]))
        for i, j in np.ndindex(side, side):
            out[:, i, j] = x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max(axis=(1, 2))
        return out
    def backward(self, d):
        dx = np.zeros(self.x.shape)
        for i, j in np.ndindex(d.shape[1:3]):
            part = np.s_[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            window = self.x[part]
            best = window == window.max(axis=(1, 2), keepdims=True)
            dx[part] += best * d[:, i : i + 1, j : j + 1]
        return dx
"""


@pytest.mark.parametrize(("factor", "verdict"), [("1", "PASSED"), ("2", "FAILED")])
def test_a_layer_may_be_for_square_images_alone(tmp_path: Path, factor: str, verdict: str) -> None:
    source = SQUARES.replace("return dx", f"return {factor} * dx")
    (found,) = judgements(tmp_path, source)
    assert found.verdict == verdict
    assert "takes square images only" in found.refused[f"windows over a rectangle with {BATCH}"]


def test_a_pool_that_may_be_no_maximum_is_told_that_its_shapes_are_right(tmp_path: Path) -> None:
    source = changed(SQUARES, "class MaxPool", "class Pooling")
    source = changed(source, "side, side,", "side, x.shape[2] // 2,")
    source = changed(source, "(side, side)", "(out.shape[1:3])")
    (found,) = judgements(tmp_path, changed(source, "] = x[", "] = 2 * x["))
    assert found.verdict == "NOT CHECKED"
    assert "certain: forward gives the shapes of MaxPool2D, not its numbers. To have" in found.why


ONE_CHANNEL = """
import numpy as np
class Conv2D:
    def __init__(self, num_filters, size):
        self.filters = np.zeros((num_filters, 1, size, size))
    def windows(self):
        _, height, width = self.x.shape
        size = self.filters.shape[-1]
        for i, j in np.ndindex(height - size + 1, width - size + 1):
            yield i, j, np.s_[0, i : i + size, j : j + size]
    def forward(self, x):
        assert len(x) == 1
        self.x = x
        height, width = np.array(x.shape[1:]) - self.filters.shape[-1] + 1
        out = np.zeros((len(self.filters), height, width))
        for i, j, window in self.windows():
            out[:, i, j] = (self.filters[:, 0] * x[window]).sum(axis=(1, 2))
        return out
    def backward(self, d):
        dx, self.gradients = np.zeros(self.x.shape), np.zeros(self.filters.shape)
        for i, j, window in self.windows():
            self.gradients[:, 0] += d[:, i, j, None, None] * self.x[window]
            dx[window] += (d[:, i, j, None, None] * self.filters[:, 0]).sum(axis=0)
        return dx
"""


def test_an_axis_of_the_one_channel_that_a_layer_takes_is_no_other_axis(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, ONE_CHANNEL)
    assert found.verdict == "PASSED"
    assert "x as (1, H, W); w as (F, 1, kh, kw)" in "; ".join(found.taken)
    wrong = ONE_CHANNEL.replace("dx[window] +=", "dx[window] =")
    (found,) = judgements(tmp_path, wrong)
    assert found.verdict == "FAILED"
    assert "dx: where windows overlap, contributions are overwritten, not added" in found.patterns


@pytest.mark.parametrize("order", ["KLCF", "FCKL"])
def test_a_kernel_may_be_the_shape_of_all_filters(tmp_path: Path, order: str) -> None:
    source = changed(SOURCE, "filters, kernel_size=(3, 3), strides", "kernel, strides")
    shape = "kernel" if order == "KLCF" else "(*kernel[2:], kernel[1], kernel[0])"
    filters = "kernel[3]" if order == "KLCF" else "kernel[0]"
    source = changed(source, "= filters, kernel_size, strides", f"= {filters}, {shape}, strides")
    source = source.replace("= self.kernel_size", "= self.kernel_size[:2]")
    found = alone(tmp_path, "ConvLayer", source)
    assert found.verdict == "PASSED"
    assert "a rectangular w with minibatches x (N, C, H, W)" in found.offered
    given = {"KLCF": "kernel=(2, 2, 1, 2)", "FCKL": "kernel=(2, 1, 2, 2)"}[order]
    wrong = alone(tmp_path, "ConvLayer", changed(source, "+= back", "= back"))
    assert wrong.verdict == "FAILED"
    assert given in "".join(calls(wrong.failures[0], ""))


UNTIED = """
import numpy as np
class Convolutional:
    def __init__(self, input_shape, kernel_size, depth):
        channels, height, width = input_shape
        self.kernels = np.random.randn(depth, channels, kernel_size, kernel_size)
        self.biases = np.random.randn(depth, height - kernel_size + 1, width - kernel_size + 1)
    def windows(self):
        size = self.kernels.shape[-1]
        for i, j in np.ndindex(self.biases.shape[1:]):
            yield i, j, np.s_[:, i : i + size, j : j + size]
    def forward(self, x):
        self.x, out = x, self.biases.copy()
        for i, j, window in self.windows():
            out[:, i, j] += (self.kernels * x[window]).sum(axis=(1, 2, 3))
        return out
    def backward(self, grad, learning_rate):
        d_kernels, dx = np.zeros(self.kernels.shape), np.zeros(self.x.shape)
        for i, j, window in self.windows():
            back = grad[:, i, j, None, None, None]
            d_kernels += back * self.x[window]
            dx[window] += (back * self.kernels).sum(axis=0)
        self.kernels -= learning_rate * d_kernels
        self.biases -= learning_rate * grad
        return dx
"""


@pytest.mark.parametrize("first", ["random.randn", "zeros"])
def test_each_entry_of_an_output_may_have_a_bias(tmp_path: Path, first: str) -> None:
    source = UNTIED
    if first == "zeros":
        source = source.replace("np.random.randn(depth, height", "np.zeros((depth, height")
        source = source.replace("width - kernel_size + 1)", "width - kernel_size + 1))")
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert "bias from .biases, its gradient from the step" in "; ".join(found.taken)
    assert "a bias for each entry of the output" in found.taken
    assert "b with channels x (C, H, W)" in found.offered
    for right, wrong, quantity in (
        ("learning_rate * grad\n", "learning_rate * grad.mean()\n", "db"),
        ("dx[window] += ", "dx[window] = ", "dx"),
    ):
        other = changed(source, right, wrong)
        (found,) = judgements(tmp_path, other)
        assert found.verdict == "FAILED"
        assert found.failures[0].problems[0].quantity == quantity
        assert any(line.startswith("layer.biases[...] = ") for line in calls(found.failures[0], ""))


UPRIGHT = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.zeros((n_out, n_in)), np.zeros((n_out, 1))
    def forward(self, x):
        self.x = x.reshape(-1, 1)
        return self.W @ self.x + self.b
    def backward(self, d):
        self.dW, self.db = d @ self.x.T, d
        return self.W.T @ d
"""


@pytest.mark.parametrize("backward", ["backward", "_compute_gradients"])
def test_a_layer_that_makes_a_column_of_its_input_is_given_a_column(
    tmp_path: Path, backward: str
) -> None:
    source = UPRIGHT.replace("backward", backward)
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert "x as (in, 1); output as (out, 1)" in "; ".join(found.taken)


ALONG_AXIS_1 = """
import numpy as np
class MaxPool1D:
    def __init__(self, pool_size=2, strides=None):
        self.k, self.s = pool_size, strides or pool_size
    def forward(self, x):
        starts = range(0, x.shape[1] - self.k + 1, self.s)
        self.shape = x.shape
        self.at = np.stack([i + x[:, i : i + self.k].argmax(axis=1) for i in starts], axis=1)
        return np.take_along_axis(x, self.at, axis=1)
    def backward(self, d):
        dx = np.zeros(self.shape)
        n, c = np.indices((d.shape[0], d.shape[2]))
        for i in range(d.shape[1]):
            dx[n, self.at[:, i], c] += d[:, i]
        return dx
"""


def test_a_forward_right_for_another_layout_by_chance_is_taken_in_the_layout_of_backward(
    tmp_path: Path,
) -> None:
    """Its forward is also right for channels (C, L), for which its backward is not written."""
    (found,) = judgements(tmp_path, ALONG_AXIS_1)
    assert (found.verdict, "; ".join(found.taken)) == (
        "PASSED",
        "x as (N, L, C); output as (N, L, C)",
    )


HIDING = """
import numpy as np
class ReLU:
    def forward(self, a):
        self.a, self.output = a, np.maximum(0, a)
    def backward(self, dh):
        self.found = dh * (self.a > 0)
class Flatten:
    def forward(self, x):
        self.output = x.reshape(-1, x.shape[-1])
        self.size = x.shape[1]
    def backward(self, d):
        self.found = d
"""


def test_a_layer_that_leaves_its_output_in_an_attribute_is_not_failed_for_giving_none(
    tmp_path: Path,
) -> None:
    found, other = judgements(tmp_path, HIDING)
    assert found.verdict == other.verdict == "NOT CHECKED"
    assert "backward gives nothing of the shape of its input" in found.why


UNTRANSPOSED = """
import numpy as np
class Linear:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_in, n_out)), np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, d):
        self.dW, self.db = self.x.T @ d, d.sum(axis=0)
        return d @ self.W.T
class Conv2D:
    def __init__(self, channels, filters, k):
        self.W, self.b = np.ones((filters, channels, k, k)), np.zeros(filters)
    def windows(self, out):
        k = self.W.shape[2]
        for i, j in np.ndindex(out.shape[2], out.shape[3]):
            yield i, j, np.s_[:, :, i : i + k, j : j + k]
    def forward(self, x):
        self.x, k = x, self.W.shape[2]
        out = np.zeros((len(x), len(self.W), x.shape[2] - k + 1, x.shape[3] - k + 1))
        for i, j, at in self.windows(out):
            out[:, :, i, j] = np.tensordot(x[at], self.W, ((1, 2, 3), (1, 2, 3))) + self.b
        return out
    def backward(self, d):
        dx, self.dW, self.db = np.zeros_like(self.x), np.zeros_like(self.W), d.sum((0, 2, 3))
        for i, j, at in self.windows(d):
            dx[at] += np.tensordot(d[:, :, i, j], self.W, (1, 0))
            self.dW += np.tensordot(d[:, :, i, j], self.x[at], (0, 0))
        return dx
def affine_forward(x, w, b):
    return x @ w + b, (x, w)
def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
"""
FORGOTTEN = {
    "a transpose of w": ("Linear", "d @ self.W.T", "d @ self.W"),
    "a transpose of x": ("Linear", "self.x.T @ d", "np.dot(self.x, d)"),
    "the order": ("Linear", "return d @ self.W.T", "return self.W.T @ d"),
    "an axis of w": ("Conv2D", "self.W, (1, 0)", "self.W, (1, 1)"),
    "an axis of x": ("Conv2D", "(0, 0))", "(1, 0))"),
    "a transpose, of a function": ("affine_forward", "dout @ w.T", "dout @ w"),
}
LIMITED = {
    "the output's gradient in columns": (
        ("self.x.T @ d, d.sum(axis=0)", "self.x.T @ d.T, d.sum(axis=1)"),
        ("d @ self.W.T", "self.W @ d"),
    ),
    "one neuron": (("d @ self.W.T", "d * self.W[:, 0]"),),
    "minibatches of 32": (("d.sum(axis=0)", "(np.ones((1, 32)) @ d)[0]"),),
    "sequences": (("self.x.T @ d", "np.einsum('nti,nto->io', self.x, d)"),),
    "sequences, transposed": (("self.x.T @ d", "(self.x.transpose(0, 2, 1) @ d).sum(0)"),),
    "who keeps x on demand": (
        ("forward(self, x)", "forward(self, x, keep=False)"),
        ("self.x = x", "self.x = x if keep else np.zeros((1, 1))"),
    ),
    "who looks at the shape": (
        ("        self.dW, self.db", "        if len(d) < 9: raise ValueError('mismatch')\n{}"),
    ),
    "who is told something else": (("(self, d):", "(self, others):\n        d = others[:, :1]"),),
}


@pytest.mark.parametrize("case", FORGOTTEN)
def test_a_backward_that_raises_for_any_lengths_is_wrong(tmp_path: Path, case: str) -> None:
    name, right, wrong = FORGOTTEN[case]
    source = changed(UNTRANSPOSED, right, wrong)
    verdicts = {each.name: each for each in judgements(tmp_path, source)}
    found = verdicts.pop(name)
    assert {each.verdict for each in verdicts.values()} == {"PASSED"}
    assert found.verdict == "FAILED"
    problem = found.failures[0].problems[0]
    assert (problem.kind, problem.method, problem.raised) == ("raises", "backward", "ValueError")
    assert problem.place is not None
    assert wrong in problem.place["text"]
    with pytest.raises(ValueError, match=r"mismatch|not aligned"):
        typed_in(tmp_path / "mine.py", found)


BESIDE = """
import numpy as np
class Linear:
    def __init__(self, in_features, out_features):
        self.W, self.b = np.ones((out_features, in_features)), np.zeros(out_features)
    def forward(self, A):
        self.A = A
        return A @ self.W.T + self.b
    def backward(self, dLdZ):
        self.dLdW, self.dLdb = dLdZ.T @ self.A, dLdZ.sum(axis=0)
        return dLdZ @ self.W
class Layer_Dense:
    def __init__(self, n_inputs, n_neurons):
        self.weights, self.biases = np.ones((n_inputs, n_neurons)), np.zeros((1, n_neurons))
    def forward(self, inputs):
        self.inputs, self.output = inputs, inputs @ self.weights + self.biases
    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = dvalues.sum(axis=0, keepdims=True)
        self.dinputs = dvalues @ self.weights.T
class Convolution:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.W = np.ones((out_channels, in_channels, kernel_size, kernel_size))
    def forward(self, x):
        self.shape, (f, c, k, _) = x.shape, self.W.shape
        views = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))
        self.cols = views.transpose(0, 2, 3, 1, 4, 5).reshape(-1, c * k * k)
        out = self.cols @ self.W.reshape(f, -1).T
        return out.reshape(len(x), *views.shape[2:4], f).transpose(0, 3, 1, 2)
    def backward(self, d):
        dx, (f, c, k, _) = np.zeros(self.shape), self.W.shape
        flat = d.transpose(0, 2, 3, 1).reshape(-1, f)
        self.dW = (flat.T @ self.cols).reshape(self.W.shape)
        dcols = (flat @ self.W.reshape(f, -1)).reshape(len(d), *d.shape[2:], c, k, k)
        for i, j in np.ndindex(d.shape[2:]):
            dx[:, :, i : i + k, j : j + k] += dcols[:, i, j]
        return dx
"""
BEYOND_ROWS = {
    "one example as a row": ("Linear", "dLdZ.T @ self.A"),
    "dx is left beside dw": ("Layer_Dense", "self.inputs.T"),
    "windows lie in rows": ("Convolution", "flat.T @ self.cols"),
}


@pytest.mark.parametrize("case", BEYOND_ROWS)
def test_a_transpose_that_is_forgotten_anywhere_is_wrong(tmp_path: Path, case: str) -> None:
    name, right = BEYOND_ROWS[case]
    (found,) = (
        each
        for each in judgements(tmp_path, changed(BESIDE, right, right.replace(".T", "")))
        if each.verdict != "PASSED"
    )
    assert (found.name, found.verdict) == (name, "FAILED")
    assert found.failures[0].problems[0].raised == "ValueError"


@pytest.mark.parametrize("case", LIMITED)
def test_a_backward_that_may_be_for_others_is_not_failed(tmp_path: Path, case: str) -> None:
    source = UNTRANSPOSED
    for old, new in LIMITED[case]:
        source = changed(source, old, new.replace("{}", old))
    found = alone(tmp_path, "Linear", source)
    assert found.verdict == "NOT CHECKED"
    assert "how to call it is not certain: backward raises " in found.why


def test_a_backward_for_square_images_alone_is_taken_for_these(tmp_path: Path) -> None:
    rows = "for i, j, at in self.windows(d[:, :, :1].repeat(d.shape[3], axis=2)):"
    source = changed(UNTRANSPOSED, "for i, j, at in self.windows(d):", rows)
    found = alone(tmp_path, "Conv2D", source)
    assert found.verdict == "PASSED"
    assert any("takes square images only" in each for each in found.refused.values())


def test_what_is_guessed_for_a_constructor_may_not_do_for_other_sizes(tmp_path: Path) -> None:
    source = """
import numpy as np
class FC_layer:
    def __init__(self, input_size, output_size, init_range):
        self.weights = np.random.uniform(init_range[0], init_range[1], (input_size, output_size))
    def forward(self, x):
        self.x = x
        return x @ self.weights
    def backward(self, d):
        self.weights_grads = np.outer(self.x, d)  # of one example
        return d @ self.weights.T
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    says = "cannot be tried for such sizes: what its constructor is given raises IndexError"
    assert f"forward {says}" in found.refused.values()
    (found,) = judgements(tmp_path, changed(source, "init_range[1]", "init_range[5]"))
    assert "its constructor raises IndexError" in found.why  # for the sizes tried first, too
    known = changed(source, "init_range[0]", "{3: 0}[input_size]")
    unnamed = changed(source, "(input_size, out", "(input_size if input_size == 3 else inputs, out")
    without = changed(changed(known, ", init_range)", ")"), "init_range[1]", "1")
    for wrong, raised in ((unnamed, "NameError"), (without, "KeyError")):  # not because of a guess
        (found,) = judgements(tmp_path, wrong)
        assert found.verdict == "FAILED"
        assert found.failures[0].problems[0].raised == raised


@pytest.mark.parametrize("name", ["ReLU", "ReluLayer"])
def test_a_layer_is_told_to_remember_for_training_whatever_its_name(
    tmp_path: Path, name: str
) -> None:
    source = f"""
import numpy as np
class {name}:
    kept = None
    def forward(self, x, training=False):
        self.kept = x if training else self.kept
        return np.maximum(x, 0)
    def backward(self, d, training=False):
        return d * np.heaviside(self.kept, 0)
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"


@pytest.mark.parametrize(
    ("name", "cut", "verdict"),
    [
        ("MaxPool2d_stride1", "", "PASSED"),
        ("MaxPool2dStride_1", "", "PASSED"),
        ("MaxPool2d_stride1", "[:, :, 1:, 1:]", "FAILED"),
        ("MaxPooling2d", "", "NOT CHECKED"),
    ],
)
def test_a_pool_may_always_move_by_one_entry_as_its_name_says(
    tmp_path: Path, name: str, cut: str, verdict: str
) -> None:
    source = f"""
import numpy as np
class {name}:
    def __init__(self, kernel):
        self.shape = (kernel, kernel)
    def forward(self, x):
        windows = np.lib.stride_tricks.sliding_window_view(x, self.shape, (2, 3))
        self.x, self.windows = x, windows.reshape(*windows.shape[:4], -1)
        return self.windows.max(axis=4)
    def backward(self, dz):
        dx = np.zeros_like(self.x)
        for n, c, i, j in np.ndindex(dz{cut}.shape):
            k, l = divmod(self.windows[n, c, i, j].argmax(), self.shape[0])
            dx[n, c, i + k, j + l] += dz[n, c, i, j]
        return dx
"""
    fixed = changed(changed(source, "self, kernel", "self"), "kernel, kernel", "2, 2")
    for each in (source, fixed):
        (found,) = judgements(tmp_path, each)
        assert found.verdict == verdict
        if verdict == "NOT CHECKED":
            continue
        assert [*found.offered] == ["windows that overlap with minibatches h (N, C, H, W)"]
        assert found.refused["another stride than 1"] == "forward has no other"
    told = changed(source, "kernel):", "kernel, stride=2):")
    (found,) = judgements(tmp_path, told)  # with a stride to choose, it need not always be 1
    assert found.verdict == "NOT CHECKED"


def test_what_always_pads_is_not_tried_with_padding(tmp_path: Path) -> None:
    padded = "x = np.pad(x, [(0, 0)] * 2 + [(1, 1)] * 2)"
    source = changed(BESIDE, "self.shape, (f", f"{padded}\n        self.shape, (f")
    source = changed(source, "return dx\n", "return dx[:, :, 1:-1, 1:-1]\n")
    found = {each.name: each.verdict for each in judgements(tmp_path, source)}
    assert found["Convolution"] == "NOT CHECKED"


@pytest.mark.parametrize("bias", ["+ self.b", "+ 2 * self.b"])
def test_a_backward_that_cuts_everything_off_without_padding_is_wrong(
    tmp_path: Path, bias: str
) -> None:
    right = "return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]"
    uncut = "(len(dx), dx.shape[1], dx.shape[2] - 2 * p, dx.shape[3] - 2 * p)"
    wrong = f"return np.zeros({uncut}) + dx[:, :, p:-p, p:-p]"
    source = changed(changed(SOURCE, right, wrong), "+ self.b", bias)
    found = alone(tmp_path, "Conv2d", source)
    assert found.verdict == "FAILED"
    assert found.failures[0].problems[0].raised == "ValueError"
    given = [each.outcome.case for each in found.failures]
    assert {len(each.inputs) > 2 for each in given if each.settings.get("padding")} <= {True}
    assert any("padding" in each for each in found.offered)


def test_a_layer_that_crashes_for_square_images_without_padding_takes_other_images(
    tmp_path: Path,
) -> None:
    cut = "return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]"
    wrong = (
        "1 // (p or grad.shape[2] - grad.shape[3])\n"
        "        left = np.zeros((*dx.shape[:2], dx.shape[2] - 2 * p, dx.shape[3] - 2 * p))\n"
        "        return left + dx[:, :, p:-p, p:-p]"
    )
    found = alone(tmp_path, "Conv2d", changed(SOURCE, cut, wrong))
    assert (found.verdict, found.failures[0].problems[0].raised) == ("FAILED", "ZeroDivisionError")
    assert "square images" not in str(found.refused)


class Kinds:
    """Has a method of each kind."""

    @staticmethod
    def free(x: Any) -> None:
        """Take no self."""

    @classmethod
    def shared(cls, x: Any) -> None:
        """Take the class automatically."""

    def own(self, x: Any) -> None:
        """Take self."""

    given = partialmethod(own, None)


class Inheriting(Kinds):
    """Inherits its methods, except one."""

    def free(self, x: Any) -> None:  # type: ignore[override]
        """Take self, unlike the base's."""


@pytest.mark.parametrize(
    ("thing", "static"), [(Kinds, {"free", "shared"}), (Inheriting, {"shared"})]
)
def test_which_methods_take_no_self(thing: type, static: set[str]) -> None:
    assert {each for each in ("free", "shared", "own") if is_static(thing, each)} == static


def test_a_method_is_one_however_it_is_made() -> None:
    methods = ("free", "shared", "own", "given", "__call__")  # that one is type's
    assert [_has(Inheriting, each) for each in methods] == [True, True, True, True, False]


class Counted:
    """Has methods with other numbers of parameters."""

    @staticmethod
    def free(x: Any, more: Any = None) -> None:
        """Take one argument, or two."""

    @classmethod
    def shared(cls, x: Any, more: Any = None) -> None:
        """Take one argument, or two, besides the class."""

    def own(self, x: Any, more: Any = None, _: Any = None) -> None:
        """Take one argument, or two, besides self."""

    def rest(self, *rest: Any) -> None:
        """Take any number of arguments."""

    def all(*rest: Any) -> None:
        """Take any number of arguments, self among them."""


@for_each(
    ("method", "least", "most"),
    [("free", 1, 2), ("shared", 1, 2), ("own", 1, 2), ("rest", 0, 99), ("all", 0, 99)],
)
def test_self_is_none_of_the_arguments_that_are_counted(method: str, least: int, most: int) -> None:
    assert method_counts(Counted, method) == (least, most)


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


OFF_BY_ONE = """
import numpy as np
class Relu:
    def forward(self, a):
        self.a = a
        return np.maximum(a, 0) + 1
    def backward(self, dh):
        return dh * (self.a > 0)
class Flattening:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1) + 1
    def backward(self, dy):
        return dy.reshape(self.shape)
class MaxPooling:
    def forward(self, h):
        self.h = h
        return h.max() + 1
    def backward(self, dz):
        return dz * (self.h == self.h.max())
"""


def test_wrong_numbers_are_wrong_where_a_name_and_shapes_leave_no_doubt(tmp_path: Path) -> None:
    found = judgements(tmp_path, OFF_BY_ONE)
    assert {each.name: each.verdict for each in found} == dict.fromkeys(
        ("Relu", "Flattening", "MaxPooling"), "FAILED"
    )


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


def test_a_sequence_for_which_a_layer_of_its_own_is_lacking_is_not_checked(tmp_path: Path) -> None:
    # A row of one ReLU is right in whatever order its layers are run.
    before, _, after = OWN.partition("class MaxPool")
    source = f"{before}class Sequential{after.partition('class Sequential')[2]}"
    relu, found = judgements(tmp_path, source)
    assert (relu.verdict, found.verdict) == ("PASSED", "NOT CHECKED")
    assert "'MaxPool' object has no attribute 'go' (line 15), of a layer that is ours" in found.why
    assert "To have it checked, write" in found.why


def test_something_ragged_ends_nothing(tmp_path: Path) -> None:
    source = (
        "class ReLU:\n"
        "    def forward(self, x, flag): return [x, [1, [2, 3]]]\n"
        "    def backward(self, d, flag): return d\n"
    )
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert "ends its process" not in found.why


FILES = {
    "a package's own, by its __init__.py": (
        {
            "net/layers/__init__.py": "from .base import Layer\nfrom .relu import ReLU\n",
            "net/layers/base.py": "class Layer:\n    pass\n",
        },
        "net/layers/relu.py",
        "from . import Layer\n",
        "PASSED",
    ),
    "a package's own, relatively": (
        {"net/layer.py": "class Layer:\n    pass\n"},
        "net/relu.py",
        "from .layer import Layer\n",
        "PASSED",
    ),
    "a package's own, by an __init__.py that looks further up": (
        {
            "net/base.py": "class Layer:\n    pass\n",
            "net/layers/__init__.py": "from ..base import Layer\n",
        },
        "net/layers/relu.py",
        "from . import Layer\n",
        "PASSED",
    ),
    "a package's own, where another is not there and its __init__.py raises": (
        {"net/__init__.py": "raise OSError", "net/layer.py": "class Layer:\n    pass\n"},
        "net/relu.py",
        "from . import other\nfrom .layer import Layer\n",
        "PASSED",
    ),
    "a package's own, from its root": (
        {"net/layers/layer.py": "class Layer:\n    pass\n"},
        "net/layers/relu.py",
        "from net.layers.layer import Layer\n",
        "PASSED",
    ),
    "a module that is not there and not needed": (
        {},
        "relu.py",
        """import no_such_plots as plt
from no_such_data import load
plt.rcParams["figure"]["dpi"] = 100
with plt.style.context("dark"):
    class Layer:
        pass
""",
        "PASSED",
    ),
    "of a module that is not there more than is known": (
        {},
        "relu.py",
        "import no_such_plots as plt\nfigure, axes = plt.subplots()\nclass Layer:\n    pass\n",
        "PASSED",
    ),
    "data that are not there": (
        {},
        "relu.py",
        "class Layer:\n    pass\nopen('no_such_file')\n",
        "PASSED",
    ),
    "data that are not there, and then what it needs": (
        {},
        "relu.py",
        """open("no_such_file")
try:
    import no_such_net
except ImportError:
    Layer = type("Layer", (), {})
if True:
    pixels = open("no_such_file").read()
    Layer = None
""",
        "PASSED",
    ),
    "a module that is not there and needed": (
        {},
        "relu.py",
        "from no_such_net import Layer\n",
        "",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_files_of_packages_and_with_modules_that_are_missing(tmp_path: Path, case: str) -> None:
    beside, name, head, verdict = FILES[case]
    for each, source in {**beside, name: head + DERIVED}.items():
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).write_text(source, encoding="utf-8")
    result = check_in(Here(tmp_path / name), tmp_path / name, 60)
    assert [each.verdict for each in result.judgements] == ([verdict] if verdict else [])
    assert (result.error is None) == bool(verdict)
    assert bool(result.left) == ("not there" in case and bool(verdict))
    assert "Absent" not in str(result.left)


@pytest.mark.parametrize("beside", ["parts/__init__.py", "parts/other.py", "parts.py"])
def test_what_a_module_beside_the_file_lacks_is_an_error_of_theirs(
    tmp_path: Path, beside: str
) -> None:
    """Such a module does not count as one that is not installed here."""
    (tmp_path / beside).parent.mkdir(exist_ok=True)
    (tmp_path / beside).touch()
    file = written(tmp_path, f"import parts.missing{RELU}")
    result = check_in(Here(file), file, 60)
    assert [each.verdict for each in result.judgements] == ["PASSED"]
    (left,) = result.left
    assert left.startswith("line 1 raises ModuleNotFoundError: No module named 'parts.missing'")


ABSENT = """
from no_such_bars import bar
import numpy as np
class ReLU:
    def forward(self, a):
        self.a = a
        for _ in bar(range(3)):
            pass
        return np.maximum(a, 0)
    def backward(self, dh):
        return dh * (self.a > 0)
class Dense:
    def __init__(self, inputs, outputs):
        self.W = np.ones((inputs, outputs))
    def forward(self, x):
        import no_such_products
        return x @ self.W
    def backward(self, dy):
        return dy @ self.W.T
class Flatten:
    def forward(self, x):
        self.shape = x.shape
        bar.update(len(x))
        return x.reshape(len(x), -1)
    def backward(self, dy):
        return dy.reshape(self.shape)
"""


def test_what_is_named_like_ours_of_a_missing_module_is_imported(tmp_path: Path) -> None:
    file = written(tmp_path, f"from nowhere.layers import Linear{RELU}")
    result = check_in(Here(file, differences=False), file, 60)
    assert result.imported == {"Linear": "nowhere.layers"}
    assert [each.name for each in result.judgements] == ["ReLU"]


def test_a_layer_that_calls_a_module_not_installed_here_is_not_checked(tmp_path: Path) -> None:
    found = judgements(tmp_path, ABSENT)
    assert {each.name: (each.verdict, each.why) for each in found} == {
        name: ("NOT CHECKED", f"forward raises ModuleNotFoundError: {says}, do without that module")
        for name, says in (
            ("ReLU", "no_such_bars.bar is not installed (line 7). To have it checked"),
            ("Dense", "No module named 'no_such_products' (line 16). To have it checked"),
            ("Flatten", "no_such_bars.bar.update is not installed (line 23). To have it checked"),
        )
    }


BESIDE_ABSENT = """import no_such.tensors
import no_such.tensors.linear as F
from no_such_jit import njit, prange
import numpy as np
@njit(parallel=True)
def cut(a, out):
    for i in prange(a.size):
        out.flat[i] = max(0, a.flat[i])
    return out
class ReLU:
    def forward(self, a):
        self.a = a.numpy() if isinstance(a, no_such.tensors.Tensor) else a
        return cut(self.a, np.zeros_like(self.a))
    def backward(self, dh):
        return dh * (self.a > 0)
assert abs(ReLU().forward(np.ones(1)) - F.relu(1)) < 1
"""


def test_what_is_not_installed_here_and_not_needed_is_told_once_each(tmp_path: Path) -> None:
    file = written(tmp_path, BESIDE_ABSENT)
    result = check_in(Here(file), file, 60)
    assert [each.verdict for each in result.judgements] == ["PASSED"]
    *absent, raising = result.left
    assert absent == [
        f"the module {each} is not installed here: what needs it was left out"
        for each in ("no_such", "no_such_jit")
    ]
    assert raising.startswith("line 16 raises ModuleNotFoundError: no_such.tensors.linear.relu is")


def test_the_statement_that_raises_is_named_after_which_only_definitions_are_run(
    tmp_path: Path,
) -> None:
    """Not the line of the function that it calls; nor is what came before defined again."""
    tried = "def tried():\n    raise ValueError('no')\n"
    after = "print(1 / 0)\nclass Unfounded(Nobody): pass"
    source = f"{tried}kept = 0\nfor kept in [1]: pass\ntried()\n{after}{RELU}"
    file = written(tmp_path, changed(source, "(self.a > 0)", "(self.a > 0) * kept"))
    result = check_in(Here(file), file, 60)
    assert [each.verdict for each in result.judgements] == ["PASSED"]
    said = "line 5 raises ValueError: no: of what follows only definitions were run"
    assert result.left == (said,)
    # What can be said of a class that cannot be tried is said nevertheless.
    file = written(tmp_path, "class Dense:\n    def forward(self, x): return x\nprint(1 / 0)\n")
    result = check_in(Here(file), file, 60)
    assert result.error is None
    assert [each.name for each in result.judgements] == ["Dense"]


DERIVED = RELU.replace("class ReLU:", "class ReLU(Layer):")


def test_the_exit_status_of_what_is_not_certain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "class Dense:\n    def forward(self, x): return x\n    def backward(self, d): return d\n"
    )
    file = written(tmp_path, source)
    assert main([str(file)]) == 3
    text = capsys.readouterr().out
    assert text.startswith("Dense (as Linear): NOT CHECKED\n")
    assert text.endswith("NOT CHECKED: Dense\n")


@pytest.mark.parametrize("name", ["Conv2D", "ReLU", "Linear", "MaxPool2D"])
def test_a_class_without_methods_is_told_what_to_write(tmp_path: Path, name: str) -> None:
    (found,) = judgements(tmp_path, f"class {name}:\n    pass\n")
    assert found.verdict == "NOT CHECKED"
    assert found.why.startswith(f"{name} has no method forward and no method backward. To")
    assert "To have it checked, write forward(" in found.why


FORWARD_ONLY = """
class Dense:
    def forward(self, x): return x
class Loss: pass
class Pooling:
    def forward(self, h): return h
class MaxPooling(Pooling):
    def backward(self, dz): return dz + self.h
def relu_forward_slow(a): return a
def step_forward(a): return a
"""


def test_a_layer_that_only_goes_forward_is_told_what_is_missing(tmp_path: Path) -> None:
    found = judgements(tmp_path, FORWARD_ONLY)
    said = {each.name: each.why.partition(". To have it checked, ")[0] for each in found}
    assert said == {
        "MaxPooling": (
            "how to call it is not certain: "
            "forward gives the shape (2, 3, 8, 10) for (2, 3, 8, 10), not (2, 3, 4, 5)"
        ),
        "Dense": "Dense has no method backward",
        "relu_forward_slow": "there is no function relu_backward_slow",
    }
    assert {each.name: each.topic for each in found}["Dense"] == "Linear"


ONE, OTHER, NUMBERS = np.ones(2), np.zeros((2, 2)), [[1.0, 2.0], [3.0, 4.0]]


@for_each(
    ("given", "each"),
    [
        (None, []),
        (ONE, [ONE]),
        ((ONE, (OTHER, ONE)), [ONE, OTHER, ONE]),
        ((ONE, [OTHER, ONE]), [ONE, OTHER, ONE]),
        ([ONE, OTHER], [ONE, OTHER]),
        ({"dx": ONE, "dw": OTHER}, [ONE, OTHER]),
        (NUMBERS, [NUMBERS]),  # an array as lists of lists is one gradient
        (NUMBERS[0], [NUMBERS[0]]),
        ((NUMBERS, ONE), [NUMBERS, ONE]),
        ((ONE, None), [ONE]),
    ],
)
def test_each_array_in_what_a_method_gives_counts_as_one(given: object, each: list[object]) -> None:
    found = leaves(given)
    assert len(found) == len(each)
    assert all(one is other for one, other in zip(found, each, strict=True))


POOLING, SLIDING = ("size", "stride", "padding"), ("stride", "padding")


@for_each(
    ("constructor", "order", "settings", "handed"),
    [
        (lambda *args: args, POOLING, {"size": 2, "padding": 1}, (2, None, 1)),  # by position
        (lambda *args: args, POOLING, {"size": 2}, (2,)),
        (lambda *args: args, POOLING, {"padding": 1, "stride": 3}, (None, 3, 1)),
        (lambda size, *rest: (size, *rest), POOLING, {"size": 2, "padding": 1}, (2, None, 1)),
        (lambda *args: args, SLIDING, {"padding": 1}, (1, 1)),
        (lambda *args: args, SLIDING, {"stride": 2}, (2,)),
        (lambda stride=1, *rest: (stride, *rest), SLIDING, {"padding": 2}, (1, 2)),
        (lambda *args, **more: (args, more), SLIDING, {"padding": 2}, ((1, 2), {})),
        (lambda **more: more, SLIDING, {"padding": 2}, {"padding": 2}),
        (lambda stride, pad=0: (stride, pad), SLIDING, {"padding": 2, "stride": 3}, (3, 2)),
        (dict, SLIDING, {"padding": 2}, {"padding": 2}),  # whose parameters Python does not know
    ],
)
def test_a_constructor_without_names_is_handed_a_default_for_each_setting_before_the_last(
    constructor: Any, order: Sequence[str], settings: dict[str, int], handed: Any
) -> None:
    given, named = arguments(signature_of(constructor), order, settings)
    assert constructor(*given, **named) == handed


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (((2, 3), (4, 3), (4,)), "has no bias"),
        (((3,), (4, 3)), r"takes x as \(N, in\) only"),
        (((2, 3), (4, 3)), "takes 2 as stride only"),
    ],
)
def test_what_an_interface_does_not_take_is_refused_in_words(
    given: Sequence[tuple[int, ...]], said: str
) -> None:
    forms = [Axes(("ND", "MD", "NM"), ("ND", "MD", "NM"))]
    fixed = {"stride": 2} if "stride" in said else {}
    plan = Plan("Linear", "forward", "backward", forms, weight=HANDED, fixed=fixed)
    with pytest.raises(NotTakenError, match=f"^{said}$"):
        Adapter({}, plan, {}).begin(*map(np.ones, given))


IMAGE = {"N": 2, "C": 4, "H": 8, "W": 9, "D": 6, "F": 5, "K": 3, "L": 3}
SETTINGS: list[tuple[str, str, dict[str, Any], dict[str, int], object]] = [
    # what a parameter stands for, in which class, the settings, the sizes, what it gets
    ("k", "Conv2D", {}, {}, 3),
    ("k", "Conv2D", {}, {"L": 2}, (3, 2)),
    ("k", "Conv1D", {}, {"K": 2, "L": 2}, 2),
    ("FCKL", "Conv2D", {}, {}, (5, 4, 3, 3)),
    ("KLCF", "Conv2D", {}, {}, (3, 3, 4, 5)),
    ("stride", "Conv2D", {}, {}, 1),
    ("stride", "MaxPool", {"size": 3}, {}, 3),
    ("stride", "MaxPool", {"size": 3, "stride": 2}, {}, 2),
    ("padding", "MaxPool", {"size": 3}, {}, 0),
    ("size", "MaxPool", {}, {}, "takes windows of some size only"),
    ("size[0]", "MaxPool2D", {"size": (2, 3)}, {}, 2),
    ("size[1]", "MaxPool2D", {"size": (2, 3)}, {}, 3),
    ("size[1]", "MaxPool2D", {}, {}, "takes windows of some size only"),
    ("padding-word", "Conv2D", {}, {}, "valid"),
    ("padding-word", "Conv2D", {"padding": 1}, {}, "same"),
    ("padding-WORD", "Conv2D", {"padding": 1}, {}, "SAME"),
    ("padding-word", "Conv2D", {"padding": 1}, {"L": 2}, "takes 'valid' and 'same' as padding"),
    ("padding-word", "Conv2D", {"padding": 1, "stride": 2}, {}, "takes 'valid' and 'same'"),
    ("1", "Linear", {}, {}, 1.0),
    ("CHW", "Conv2D", {}, {}, (4, 8, 9)),
    ("D,", "Linear", {}, {}, (6,)),
    ("F", "Conv2D", {}, {}, 5),
]


@for_each(("role", "of", "settings", "sizes", "found"), SETTINGS)
def test_what_a_parameter_gets(
    role: str, of: str, settings: dict[str, Any], sizes: dict[str, int], found: object
) -> None:
    known = {**IMAGE, **sizes}
    if isinstance(found, str) and found.startswith("takes "):
        with pytest.raises(NotTakenError, match=found):
            setting_for(role, of, settings, known)
        return
    assert setting_for(role, of, settings, known) == found
    if role in ("stride", "padding"):
        assert setting_for(role, of, settings, known, [role]) == (found, found)


def test_an_unknown_role_raises() -> None:
    with pytest.raises(KeyError, match="colour"):
        setting_for("colour", "Conv2D", {}, IMAGE)


def test_a_word_is_handed_over_interned_so_that_it_can_be_compared_by_is() -> None:
    adapter = Adapter({}, Plan("MaxPool2D", "forward", "backward"), {})
    assert adapter.value(["value", "".join(["m", "ax"])]) is sys.intern("max")


@pytest.mark.parametrize(
    ("ours", "theirs", "gets"),
    [("NCHW", "NHWC", (2, 4, 5, 3)), ("NCHW", "CHW", (3, 4, 5)), ("NCHW", "NCHW", (2, 3, 4, 5))],
)
def test_a_shape_is_handed_over_as_x_is(ours: str, theirs: str, gets: tuple[int, ...]) -> None:
    axes = Axes((ours, "", "N(CHW)"), (theirs, "", "N(CHW)"))
    adapter = Adapter({}, Plan("Flatten", "forward", "backward", forms=[axes]), {})
    adapter.begin(np.zeros((2, 3, 4, 5)))
    assert adapter.value(["role", "x.shape"]) == gets


@for_each(
    ("axes", "length", "gets"),
    [("", (), 1), ("", (7,), 7), ("", (2, 7), 2), ("D", (7,), 1), ("ND", (2, 7), 2)],
)
def test_a_number_of_examples_is_known_of_any_x(
    axes: str, length: tuple[int, ...], gets: int
) -> None:
    plan = Plan("ReLU", "forward", "backward", forms=[Axes((axes, "", axes), (axes, "", axes))])
    adapter = Adapter({}, plan, {})
    adapter.begin(np.zeros(length))
    assert adapter.value(["role", "N"]) == gets


def test_backward_cannot_be_handed_what_forward_does_not_give() -> None:
    axes = Axes(("", "", ""), ("", "", ""))
    plan = Plan("ReLU", "forward", "backward", functions=True, forms=[axes])
    plan = replace(plan, arguments=[["x", ["role", "x"]]])
    several, one = (
        Adapter({"forward": partial(lambda kept, x: (x, *kept), kept), "backward": None}, plan, {})
        for kept in ((1, 2), ((1, 2),))
    )
    several.forward(np.zeros(3))
    one.forward(np.zeros(3))
    assert [several.value(["role", f"cache[{place}]"]) for place in range(2)] == [1, 2]
    for adapter, place in ((several, 2), (one, 0)):
        with pytest.raises(NotTakenError, match="gives less beside its output than backward takes"):
            adapter.value(["role", f"cache[{place}]"])


OURS = ("NCHW", "FCKL", "NFYX")
W, B = [["attr", "W"]], [["attr", "params"], ["item", "b"]]
SAID: list[tuple[dict[str, Any], list[str]]] = [
    # in what a plan differs from the lab's, and how that is said
    ({}, []),
    ({"forward": "fprop"}, ["fprop as forward, backward as backward"]),
    ({"slope": True}, ["its gradient is dh times what backward() gives"]),
    (
        {"slope": True, "back": [["a", ["role", "scores"]]]},
        ["its gradient is dh times what backward(a) gives"],
    ),
    (
        {"functions": True, "back": [["dout", ["role", "dout"]], ["cache", ["role", "cache"]]]},
        ["backward(dout, cache) as its backward"],
    ),
    *(
        ({"functions": True, "back": [["a", what]]}, [f"backward({said}) as its backward"])
        for what, said in (
            (["role", "scores"], "logits"),
            (["role", "padding-word"], "padding"),
            (["role", "padding-WORD"], "padding"),
            (["value", "max"], "'max'"),
            (["value", None], "None"),
        )
    ),
    ({"output": W}, ["output from .W"]),
    ({"output": W, "dx": B}, ["output from .W, gradient of its input from .params['b']"]),
    ({"prepare": [["build", []], ["init", []]]}, ["after build and init"]),
    (
        {"weight": W, "bias": B, "gradients": [["attribute", B], ["returned", 1]]},
        ["weights from .W, their gradient from .params['b'], bias from .params['b']"],
    ),
    (
        {"weight": W, "gradients": [["step", None]]},
        [
            "weights from .W, their gradient from the step that backward takes",
            "backward with a learning rate of 1",
        ],
    ),
    (
        {"forms": [Axes(OURS, ("NHWC", "KLCF", "NYXF"))]},
        ["x as (N, H, W, C)", "w as (kh, kw, C, F)", "output as (N, H, W, F)"],
    ),
    (
        {"forms": [Axes(OURS, ("CHW", "F(CKL)", "FYX"))]},
        [
            "x as (C, H, W)", "w as (F, C·kh·kw)", "output as (F, H, W)",
            "a minibatch one example at a time",
        ],
    ),
    ({"one_hot": "ND"}, ["labels one-hot"]),
    (
        {"constructor": [[each, ["value", 0.0]] for each in ("l1", "l2")]},
        ["l1 and l2 of 0"],
    ),
    ({"cleared": True}, ["gradients set to 0 before each pass, since backward adds to them"]),
]  # fmt: skip


@for_each(("changed", "said"), SAID)
def test_how_a_layer_is_taken_in_words(changed: dict[str, Any], said: list[str]) -> None:
    plan = Plan("Conv2D", "forward", "backward", [Axes(OURS, OURS)])
    assert [*sentences(replace(plan, **changed))] == said


# --- what is tried, and what a layer looks up


def test_what_a_layer_looks_up_among_its_settings_is_noted() -> None:
    read, names = set[str](), set[str]()
    given = Parameters({"stride": 2, "pad": 1, "pool_height": 3}, read, names)
    assert given.get("dropout", 7) == 7
    assert (read, names) == (set(), set())
    assert given.get("stride") == 2
    assert (read, names) == ({"stride"}, {"stride"})
    assert given["pad"] == 1
    assert given["pool_height"] == 3
    assert (read, names) == ({"stride", "padding", "size"}, {"stride", "pad", "pool_height"})


def test_a_dict_of_settings_has_the_height_and_the_width_of_a_window() -> None:
    found = parameters("MaxPool2D", {"size": (2, 3), "padding": 1}, {})
    assert (found["pool_height"], found["pool_width"]) == (2, 3)
    assert (found["stride"], found["pad"], found["p"]) == (2, 1, 1)
    assert not {"size", "f"} & {*found}, "there is no one number for both"
    assert parameters("MaxPool2D", {"size": 3, "stride": 1}, {})["f"] == 3
    assert parameters("Conv2D", {}, {"K": 3, "L": 3})["f"] == 3
    assert "f" not in parameters("Conv2D", {}, {"K": 3, "L": 2})
    assert parameters("Conv1D", {}, {"L": 3})["f"] == 3


def test_one_example_at_a_time_is_written_as_a_loop_over_all_of_both() -> None:
    forms = [Axes(("ND", "MD", "NM"), ("D", "DM", "M"))]
    given: list[list[Any]] = [["x", ["role", "x"]], ["w", ["role", "w"]]]
    back: list[list[Any]] = [["dout", ["role", "dout"]]]
    plan = Plan("Linear", "forward", "backward", forms, arguments=given, back=back, weight=HANDED)
    adapter = Adapter({}, plan, {}, "Dense")
    adapter.begin(np.ones((2, 3)), np.ones((4, 3)))
    loop = "for n in range(len(x)): layer.forward(x[n], w=w.transpose(1, 0))"
    assert adapter.as_python() == {
        "made": ["layer = Dense()"],
        "forward": loop,
        "back": f"{loop}; layer.backward(dout[n])",
    }
    # If only forward creates the weights, it is first called with one example.
    built = Adapter({}, replace(plan, builds=True), {}, "Dense")
    built.begin(np.ones((2, 3)), np.ones((4, 3)))
    *_, line = built.as_python()["made"]
    assert line == "layer.forward(x[0], w=w.transpose(1, 0))"
    built.instance = SimpleNamespace(zero_grad=list)
    assert built.as_python()["made"] == ["layer = Dense()", line, "layer.zero_grad()"]


class Recorder:
    """A loss that records whatever it is handed."""

    def __init__(self) -> None:
        self.handed: list[Any] = []

    def forward(self, x: Any, y: Any) -> float:
        self.handed += [x, y]
        return 0.0

    def backward(self, p: Any, y: Any) -> Any:
        self.handed += [p, y]
        return p


@for_each("theirs", ["ND", "DN", "D", "D1"])
@for_each("one_hot", ["", "ND", "DN"])
def test_what_is_shown_of_a_loss_hands_over_what_was_handed_over(theirs: str, one_hot: str) -> None:
    x, labels = np.arange(12.0).reshape(3, 4) ** 2 / 9, np.array([2, 0, 3])
    given, back = (
        [[name, ["role", role]], ["y", ["role", "labels"]]]
        for name, role in (("x", "scores"), ("p", "probabilities"))
    )
    forms = [Axes(("ND", "", ""), (theirs, "", ""))]
    plan = Plan(
        "SoftmaxCrossEntropy", "forward", "backward", forms,
        arguments=given, back=back, one_hot=one_hot,
    )  # fmt: skip
    adapter = Adapter({"": Recorder}, plan, {}, "Recorder")
    adapter.forward(x, labels)
    adapter.backward(np.float64(1.0))
    lines = adapter.as_python()
    shell = {"np": np, "x": x, "labels": labels, "Recorder": Recorder}
    exec("\n".join((*lines["made"], lines["forward"], lines["back"])), shell)
    shown: Any = shell["layer"]
    assert len(shown.handed) == len(adapter.instance.handed) > 3
    for typed, handed in zip(shown.handed, adapter.instance.handed, strict=True):
        assert typed.shape == handed.shape
        np.testing.assert_allclose(typed, handed, rtol=1e-12)


@pytest.mark.parametrize(
    ("axes", "given", "typed"),
    [
        ("1F", False, "np.zeros((1, 4))"),
        ("1F", True, "b.reshape((1, 4))"),
        ("F", False, "np.zeros((4,))"),
        ("F", True, "b"),
    ],
)
def test_a_bias_is_handed_over_in_the_shape_that_it_has_there(
    axes: str, given: bool, typed: str
) -> None:
    handed: list[list[Any]] = [["x", ["role", "x"]], ["bias", ["role", "b"]]]
    plan = Plan(
        "Linear", "forward", "backward", [Axes(("ND", "MD", "NM"), ("ND", "MD", "NM"))],
        arguments=handed, weight=HANDED, bias=HANDED, bias_axes=axes,
    )  # fmt: skip
    adapter = Adapter({}, plan, {}, "Dense")
    adapter.begin(np.ones((2, 3)), np.ones((4, 3)), *([np.ones(4)] if given else []))
    assert adapter.as_python()["forward"] == f"layer.forward(x, bias={typed})"


@pytest.mark.parametrize(
    ("shape", "given", "typed"),
    [((4,), True, "b"), ((1, 4), True, "b.reshape((1, 4))"), ((4,), False, "0")],
)
def test_a_bias_is_written_in_the_shape_that_it_has_there(
    shape: tuple[int, ...], given: bool, typed: str
) -> None:
    class Dense:
        def __init__(self) -> None:
            self.weight, self.bias = np.zeros((4, 3)), np.zeros(shape)

        def forward(self, x: Any) -> Any:
            return x @ self.weight.T

    plan = Plan(
        "Linear", "forward", "backward", [Axes(("ND", "MD", "NM"), ("ND", "MD", "NM"))],
        arguments=[["x", ["role", "x"]]], weight=[["attr", "weight"]], bias=[["attr", "bias"]],
    )  # fmt: skip
    adapter = Adapter({"": Dense}, plan, {}, "Dense")
    adapter.forward(np.ones((2, 3)), np.ones((4, 3)), *([np.ones(4)] if given else []))
    assert adapter.as_python()["made"][-1] == f"layer.bias[...] = {typed}"


class Written:
    """Has a parameter of each kind that a layer may have."""

    def __init__(
        self, depth: int, gewichte: Any, channels: int = 3, alpha: float = 0.1, l2: float = 0.0,
        regularization: Any = None,
    ) -> None:  # fmt: skip
        pass

    def forward(
        self, x: Any, training: bool = False, is_train: bool = True, mode: str = "avg",
        batch_size: int = 1, lr: float = 0.1, stride: int = 1, other: int = 0,
    ) -> Any:  # fmt: skip
        pass

    def backward(self, dout: Any, train: Any, n_images: int, unknown: Any) -> Any:
        pass


def drafts(topic: str, thing: Any = Written) -> Drafts:
    return Drafts(Candidate({"": thing}, (topic,), "forward", "backward"), topic)


@pytest.mark.parametrize(
    ("method", "handed"),
    [
        ("forward", {"training": True, "mode": "max", "lr": "1"}),
        ("backward", {"train": True, "n_images": "N", "unknown": None}),
    ],
)
def test_further_parameters_are_handed_over_only_if_they_matter_or_are_required(
    method: str, handed: dict[str, object]
) -> None:
    one = drafts("Conv2D")
    found = one._further(one._parameters(method)[1:])
    assert {name: value for name, (_, value) in found} == handed


@for_each(
    ("forward", "given"),
    [
        (lambda x, k: None, "x w"),
        (lambda x, w, k: None, "x w size"),  # a bias is never called so
        (lambda self, x, k: None, "x None"),  # in a class it may be a size
    ],
)
def test_kernels_are_called_k_where_a_function_has_no_others(forward: Any, given: str) -> None:
    methods = {"forward": forward, "backward": lambda self, dout: None}
    of_class = "self" in inspect.signature(forward).parameters
    things = {"": type("Layer", (), methods)} if of_class else methods
    plan = next(Drafts(Candidate(things, ("Conv2D",), "forward", "backward"), "Conv2D").plans())
    assert " ".join(str(what) for _, (_, what) in plan.arguments) == given


@for_each(
    ("backward", "ways"),
    [
        # a function may be given what forward kept, or what forward was given
        (lambda dout, kept: None, ["dout, cache"]),
        (lambda dout, kept, x: None, ["dout, cache, None", "dout, None, x", "dout, cache, x"]),
        (
            lambda dout, a, b, w: None,
            ["dout, cache, None, None", "dout, None, None, w", "dout, cache[0], cache[1], w"],
        ),
        (lambda dout, x_shape, kept: None, ["dout, cache, None", "dout, x.shape, cache"]),
        (lambda dout, kept, mode: None, ["dout, cache, max"]),
        (lambda dout, x_shape: None, ["dout, cache", "dout, x.shape"]),
        (lambda dout, reshaped: None, ["dout, cache"]),
        (lambda cache, dout: None, ["cache, dout"]),
        (lambda cache, x: None, ["cache, dout"]),
        (lambda x, w: None, ["dout, cache"]),
        (lambda dout, x: None, ["dout, cache", "dout, x"]),
        (lambda dout, x, w: None, ["dout, cache, None", "dout, x, w"]),
        # a method is given only what it cannot do without
        (lambda self, dout, x, w: None, ["dout, x, w"]),
        (lambda self, dout, x=None: None, ["dout"]),
        (lambda self, dout, unknown: None, ["dout, None"]),
    ],
)
def test_what_a_backward_may_be_given(backward: Any, ways: list[str]) -> None:
    def forward(x: Any, w: Any) -> None: ...

    methods = {"forward": staticmethod(forward), "backward": backward}
    of_class = "self" in inspect.signature(backward).parameters
    things = {"": type("Layer", (), methods)} if of_class else {**methods, "forward": forward}
    one = Drafts(Candidate(things, ("Linear",), "forward", "backward"), "Linear")
    given = one.backwards(next(one.plans()))
    assert [", ".join(str(what) for _, (_, what) in each) for each in given] == ways


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("depth", [["role", "C"], ["role", "F"]]),
        ("gewichte", [*(["role", each] for each in "FCkwb"), ["value", None]]),
        ("channels", [["role", "C"], None]),  # it may read its channels from x
        ("alpha", [["role", "1"]]),
        ("l2", [["value", 0.0]]),
        ("regularization", [None]),  # perhaps a function
    ],
)
def test_what_a_constructors_parameter_may_get(name: str, choices: list[object]) -> None:
    parameter = inspect.signature(Written).parameters[name]
    assert [*drafts("Conv2D")._choices(parameter)] == choices


@for_each(
    ("name", "given", "guessed"),
    [
        ("gewichte", ["value", None], True),
        ("activation", ["value", None], False),
        ("l2", ["value", 0.0], False),
        ("gewichte", ["role", "C"], True),
        ("channels", ["role", "C"], False),
        ("alpha", ["role", "1"], False),
    ],
)
def test_a_parameter_is_guessed_that_gets_what_its_name_does_not_tell(
    name: str, given: list[Any], guessed: bool
) -> None:
    plan = Plan("Conv2D", "forward", "backward", [], constructor=[[name, given]])
    assert is_guessed(plan) == guessed


@pytest.mark.parametrize("word", ["valid", "SAME"])
def test_a_padding_is_worded_as_it_is_by_default(word: str) -> None:
    by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD
    (given,) = drafts("Conv2D")._choices(inspect.Parameter("pad", by_name, default=word))
    assert given == ["role", "padding-WORD" if word.isupper() else "padding-word"]


@pytest.mark.parametrize(
    ("default", "given"), [("average", ["value", "max"]), (ord, None), (None, None)]
)
def test_a_mode_that_is_no_word_by_default_is_left_out(default: Any, given: Any) -> None:
    """If it is a member of an enum, or a function, the default stays."""
    by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD
    mode = inspect.Parameter("mode", by_name, default=default)
    assert [*drafts("MaxPool2D")._choices(mode)] == [given]


def test_what_is_a_pair_by_default_is_given_as_one() -> None:
    def made(k: int, stride: Any = (1, 1), pad: Any = (0, 0)) -> None: ...

    found = drafts("Conv2D", made)._constructors()
    assert [pairs for _, pairs in found][:1] == [["stride", "padding"]]


KERNELS = ["", "k", "size", "k stride", "size stride"]  # if a name may mean k or size


@for_each(
    ("topic", "made", "pairs"),
    [
        ("MaxPool2D", lambda pool_size, strides: None, ["", "size", "stride", "size stride"]),
        ("MaxPool2D", lambda pool_size, pad: None, ["", "size"]),
        ("Conv2D", lambda filter_dim, strides, pad: None, KERNELS),
        ("Conv2D", lambda filters, pad: None, [""]),
        (
            "MaxPool2D",
            lambda pool_size, strides=(1, 1): None,
            ["stride", "", "size", "size stride"],
        ),
    ],
)
def test_which_settings_may_be_pairs(topic: str, made: Any, pairs: list[str]) -> None:
    found = drafts(topic, made)._constructors()
    assert [*dict.fromkeys(" ".join(each) for _, each in found)] == pairs


NAMED = {
    "Conv2D": "in_channels:C filters:F kernel_size:k kernel_height:K kernel_width:L"
    " weights:w bias:b strides:stride pad:padding",
    "Conv1D": "in_channels:C filters:F kernel_size:k kernel_width:L weights:w bias:b strides:stride"
    " pad:padding",
    "Linear": "in_features:D units:M weights:w bias:b",
    "MaxPool2D": "pool_size:size pool_height:size[0] pool_width:size[1] strides:stride pad:padding"
    " channels:C",
    "MaxPool": "pool_size:size strides:stride pad:padding channels:C",
    "SoftmaxCrossEntropy": "batch_size:N",
}


@for_each(("of", "named"), [(of, each) for of, names in NAMED.items() for each in names.split()])
def test_what_has_a_default_is_given_all_the_same_where_its_name_tells(of: str, named: str) -> None:
    name, role = named.split(":")
    default = inspect.Parameter.empty if role in ("w", "b") else 1  # with a default, theirs serve
    parameter = inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)
    choices = [*drafts(of)._choices(parameter)]
    assert ["role", role] in choices
    assert ["value", None] not in choices  # as it would be for a guess


@for_each("of", [each for each in SHAPES if each != "SoftmaxCrossEntropy"])
@for_each(("name", "role"), [("batch_size", "N"), ("batchSize", "N"), ("input_shape", "input")])
def test_any_layer_may_be_told_what_it_will_be_given(of: str, name: str, role: str) -> None:
    required = inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    told = [each for kind, each in filter(None, drafts(of)._choices(required)) if kind == "role"]
    assert told == (["N"] if role == "N" else [*INPUTS[of]])


def test_channels_may_come_before_and_behind_what_windows_slide_over() -> None:
    for of, axes in (("Conv1D", "W"), ("MaxPool", "W"), ("Conv2D", "HW"), ("MaxPool2D", "HW")):
        assert {f"C{axes}", f"{axes}C"} <= {*INPUTS[of]}
        batches = {each[1:] for each in INPUTS[of] if each.startswith("N")}
        assert batches <= {f"C{axes}", f"{axes}C"}
        assert of == "MaxPool" or len(batches) == 2


@for_each(
    ("constructor", "found"),
    [
        (lambda step=1, stride=1: None, {"stride": ("step", "named")}),  # the first of several
        (lambda stride=1, step=1: None, {"stride": ("stride", "named")}),  # step is no padding
        (lambda padding=0, q=1: None, {"padding": ("padding", "named")}),
        (
            lambda stride=1, q=1: None,
            {"stride": ("stride", "named"), "padding": ("q", "position")},
        ),
        (lambda stride=1, padding="valid": None, {"stride": ("stride", "named")}),
        (lambda *, q=1: None, {}),  # q has no position
        (lambda q, *rest: None, {"stride": ("q", "position"), "padding": ("rest", "any")}),
        (lambda **rest: None, {"stride": ("rest", "any"), "padding": ("rest", "any")}),
    ],
)
def test_the_way_to_each_setting(constructor: Any, found: dict[str, tuple[str, str]]) -> None:
    ways = accesses(signature_of(constructor), ("stride", "padding"))
    assert {setting: (way.parameter, way.how) for setting, way in ways.items()} == found


@for_each(
    ("function", "found"),
    [
        (lambda x: x, (1, 1)),
        (lambda x, w, b=None: x, (2, 3)),
        (lambda dout=None: dout, (0, 1)),
        (lambda x, _=None: x, (1, 1)),  # takes anything that may be given
        (lambda _: 0, (1, 1)),
        (lambda *args: args, (0, 99)),
        (lambda x, *, more=1: x, (1, 1)),
    ],
)
def test_how_many_arguments_a_method_takes(function: Any, found: tuple[int, int]) -> None:
    assert counts(signature_of(function)) == found
    assert counts(None) == (0, 99)  # if Python knows no signature


@for_each(
    ("of", "forward", "backward", "more", "fits"),
    [
        ("ReLU", (1, 1), (1, 1), {}, True),
        ("ReLU", (1, 2), (0, 1), {}, True),
        ("ReLU", (2, 2), (1, 1), {}, False),
        ("ReLU", (0, 0), (1, 1), {}, False),
        ("ReLU", (1, 1), (2, 2), {}, False),  # perhaps a cache
        ("Linear", (2, 2), (1, 1), {}, True),
        ("Linear", (3, 3), (1, 1), {}, True),
        ("Linear", (1, 1), (1, 1), {}, False),  # it has weights of its own
        ("Linear", (4, 4), (1, 1), {}, False),
        ("SoftmaxCrossEntropy", (1, 1), (0, 1), {}, False),
        ("SoftmaxCrossEntropy", (2, 2), (0, 1), {}, True),
        ("SoftmaxCrossEntropy", (3, 3), (0, 1), {}, False),
        ("SoftmaxCrossEntropy", (1, 1), (0, 1), {"settings": {"labels": ("labels",)}}, True),
        ("MaxPool", (1, 1), (1, 1), {"settings": {"size": ("k",)}, "needs": ["k"]}, True),
        ("MaxPool", (1, 1), (1, 1), {"settings": {"size": ("k",)}, "needs": ["k", "c"]}, False),
        ("Sequential", (1, 99), (1, 1), {"needs": ["layers"]}, True),
        ("Sequential", (1, 99), (0, 0), {}, False),
    ],
)
def test_what_can_be_called_as_the_lab_calls_it(
    of: str, forward: Any, backward: Any, more: dict[str, Any], fits: bool
) -> None:
    about = {"settings": {}, "needs": [], "forward": forward, "backward": backward, **more}
    assert _fits(about, of) == fits


@pytest.mark.parametrize(
    ("raised", "reasons", "told", "of_theirs"),
    [
        (("__init__", "forward"), [], "forward raises ValueError: forward", "ValueError"),
        (("backward", "forward"), [], "backward raises ValueError: backward", "ValueError"),
        (("forward", "backward"), ["no w"], "backward raises ValueError: backward", "ValueError"),
        (("__init__", "forward"), ["its weights", "its axes"], "its axes", ""),
        ((), [], "its constructor needs (depth, gewichte)", ""),
    ],
)
def test_the_problem_told_is_that_of_the_attempt_that_came_furthest(
    raised: Sequence[str], reasons: list[str], told: str, of_theirs: str
) -> None:
    layer = Candidate({"": Written}, ("Conv2D",), "forward", "backward")
    failures = [Failed(at, ValueError(at)) for at in raised]
    failures.append(Failed("backward", NotTakenError("takes 2 as stride only")))
    found = _unknown(layer, failures, reasons, Home(STUDENTS / "any.py"))
    assert found == {"problem": told, "topic": "Conv2D", "of_theirs": of_theirs}


@for_each(
    ("failures", "told"),
    [
        (
            [
                Failed("forward", ValueError("unbuilt")),
                Failed("forward", KeyError(), prepared=True),
            ],
            "forward raises KeyError",
        ),
        (
            [Failed("forward", NoSettingError("needs a 'step'")), Failed("forward", ValueError())],
            "forward needs a 'step'",
        ),
        (
            [Failed("backward", ValueError("None"), guessed=True), Failed("backward", KeyError())],
            "backward raises KeyError",
        ),
    ],
)
def test_what_a_layer_lacks_is_told_before_what_it_raises_otherwise(
    failures: Sequence[Failed], told: str
) -> None:
    layer = Candidate({"": Written}, ("Conv2D",), "forward", "backward")
    assert _unknown(layer, failures, [], Home(STUDENTS / "any.py"))["problem"] == told


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            "class Dense:\n    def forward(self): ...\n    def backward(self): ...",
            "forward takes no",
        ),
        ("def affine(): ...\ndef affine_backward(d, cache): ...", "affine takes no input"),
        (
            "def affine(x, w, b): return None, x\ndef affine_backward(d, cache): ...",
            "affine gives None, not its output",
        ),
        (  # that x is missing is not backward's mistake
            "def affine(x, w, b): return x @ w + b\ndef affine_backward(d, cache): cache.x",
            "has no attribute 'x' (line 2). To have it checked, write forward(",
        ),
        (  # activation may have to be a certain word, so there is nothing to mend
            """def affine(x, w, b, activation):
    if activation == 'relu': z = x
    return z
def affine_backward(d, cache): ...""",
            "value (line 3). To have it checked, write forward(",
        ),
    ],
)
def test_what_forward_lacks_is_said(tmp_path: Path, source: str, reason: str) -> None:
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert reason in found.why


@for_each(
    ("axes", "words"),
    [
        ("NHWC", "(N, H, W, C)"),
        ("NYXF", "(N, H, W, F)"),
        ("F(CKL)", "(F, C·kh·kw)"),
        ("NWC", "(N, L, C)"),
        ("W", "(L,)"),
        ("NFX", "(N, F, L)"),
        ("LCF", "(K, C, F)"),
        ("DM", "(in, out)"),
    ],
)
def test_axes_have_the_letters_of_the_lab(axes: str, words: str) -> None:
    assert axes_in_words(axes) == words


@for_each("of", [each for each in SHAPES if each != "ReLU"])
def test_what_is_arranged_for_a_layer_can_be_restored(of: str) -> None:
    sizes, draw = PROBED[of], np.random.default_rng(0)
    for shapes in SHAPES[of]:
        if of == "Flatten":  # a minibatch, or one example at a time
            assert {"N" in each for each in shapes.inputs} == {True, False}
        for place, orders in enumerate((shapes.inputs, shapes.weights, shapes.outputs)):
            for theirs in filter(None, orders):
                ours, several = shapes.ours, place == 1 or "N" in theirs
                x = next(each for each in shapes.inputs if place == 1 or ("N" in each) == several)
                axes = Axes(ours, [theirs if place == at else x for at in range(3)])
                given = np.asarray(draw.normal(size=shape_of(ours[place], sizes)))
                given = axes.first(given) if place != 1 else given
                there = axes.arranged(given, place, sizes)
                assert there.shape == shape_of(theirs, sizes)
                np.testing.assert_array_equal(axes.restored(there, place, sizes), given)
                # A wrong array with another number of axes is left as it is.
                odd = np.ones((2,) * 5)
                assert axes.restored(odd, place, sizes).shape == odd.shape


NO: dict[str, Any] = {"type": "ValueError", "message": "no", "binding": False, "place": None}


@for_each(
    ("needs", "at", "error", "said", "of_theirs"),
    [
        ("a, b", None, None, "its constructor needs (a, b)", ""),
        ("", None, None, "its methods take something else", ""),
        ("", "forward", {**NO, "binding": True}, "its methods take something else", ""),
        ("a", "forward", {**NO, "binding": True}, "its constructor needs (a)", ""),
        ("a", "forward", NO, "forward raises ValueError: no", "ValueError"),
        (
            *("", "forward", {**NO, "type": "NotImplementedError"}),
            *("forward is not implemented (NotImplementedError)", ""),
        ),
        (
            *("", "__init__", {**NO, "place": {"line": 3}}),
            *("its constructor raises ValueError: no (line 3)", ""),
        ),
        (
            *("", "__init__", {**NO, "type": "ModuleNotFoundError"}),
            *("its constructor raises ModuleNotFoundError: no", "ModuleNotFoundError"),
        ),
    ],
)
def test_why_no_way_was_found_to_take_a_layer(
    needs: str, at: Any, error: Any, said: str, of_theirs: str
) -> None:
    assert _reason(needs, at, error) == (said, of_theirs)
