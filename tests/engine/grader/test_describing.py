"""What is said of a layer that is not checked, since it is not certain how to call it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.check.__main__ import main
from engine.grader.blame import Home
from engine.grader.candidates import Candidate
from engine.grader.describing import (
    ANSWERS,
    DIFFERS,
    FALLS,
    RAISES,
    _answers,
    _answers_as_the_lab,
    _description,
    _fits,
    _fused,
    _lacks_self,
    _reason,
    _unknown,
)
from engine.grader.interfaces import SHAPES, accesses, signature_of
from engine.grader.plan import Axes, Plan
from engine.grader.probe import probe
from engine.grader.settings import NoSettingError, NotTakenError
from engine.grader.trials import Failed
from tests.engine.grader.conftest import STUDENTS, written
from tests.engine.grader.judging import SOURCE, Written, alone, changed, judgements
from tests.for_each import for_each

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


@pytest.mark.parametrize("case", UNCERTAIN)
def test_what_is_not_certain_is_not_checked(tmp_path: Path, case: str) -> None:
    old, new, name, reason = UNCERTAIN[case]
    found = alone(tmp_path, name, changed(SOURCE, old, new))
    assert found.verdict == "NOT CHECKED"
    assert reason in found.why
    mend = "mend that, or " if " raises " in reason else ""
    assert f"To have it checked, {mend}write forward(" in found.why
    assert "write forward(x, w, b)" in found.why or "of its bias" not in reason


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


def test_a_name_of_ours_that_is_no_class_is_said_to_be_none(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, "ReLU = 3")
    assert found.verdict == "NOT CHECKED"
    assert found.why.startswith("ReLU is no class (its type is int). To have it checked, write ")


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


@for_each(
    ("method", "lacks"),
    [
        (lambda x: x, True),
        (lambda self: self, False),
        (lambda self, x: x, False),
        (lambda *args: args, False),  # which has self as its first
        (staticmethod(lambda x: x), False),
    ],
)
def test_a_method_lacks_self_where_its_only_parameter_is_its_input(
    method: Any, lacks: bool
) -> None:
    assert _lacks_self(type("Layer", (), {"forward": method}), "forward") == lacks


@for_each(
    ("topic", "forward", "backward", "taken"),
    [
        ("SoftmaxCrossEntropy", lambda w, x, y: 0, None, "w"),
        ("SoftmaxCrossEntropy", lambda scores, y: 0, None, ""),
        ("SoftmaxCrossEntropy", lambda scores, y, weight=None: 0, None, ""),  # of the classes
        ("Linear", lambda x, w: x, lambda y_true, cache: 0, "y_true"),
        ("Linear", lambda x, w: x, lambda dout, cache: 0, ""),
        ("ReLU", lambda x: x, lambda y, cache: 0, ""),  # its own output, say
    ],
)
def test_a_loss_and_a_layer_seem_to_be_one_by_what_they_have_to_be_given(
    topic: str, forward: Any, backward: Any, taken: str
) -> None:
    things = {"forward": forward, "backward": backward or forward}
    layer = Candidate(things, (topic,), "forward", "backward" if backward else "forward")
    said = _fused(layer)
    assert f" takes {taken}, which by its name " in said if taken else said == ""


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


def test_a_linear_layer_that_is_given_a_dict_of_weights_is_not_failed_for_it(
    tmp_path: Path,
) -> None:
    source = """
class Linear:
    def forward(self, x, params):
        self.x, self.w = x, params["w"]
        return x @ params["w"].T
    def backward(self, dy):
        return dy @ self.w, {"w": dy.T @ self.x}
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert "forward needs a 'w'. To have it checked, write forward(x, w)" in found.why


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
    # So does one that then raises for the last shapes that are tried, (N, D).
    _, other = judgements(tmp_path, changed(HIDING, "x.shape[1]", "x.shape[2]"))
    assert other.verdict == "NOT CHECKED"


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


@for_each(
    "source",
    [
        """
class ReLU:
    def forward(self, x, flag): return [x, [1, [2, 3]]]
    def backward(self, d, flag): return d
""",
        """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out): self.W = np.random.randn(n_in, n_out)
    def forward(self, x): return x @ self.W
    def backward(self, d): return [[1.0], [1.0, 2.0]]
""",
    ],
)
def test_something_ragged_ends_nothing(tmp_path: Path, source: str) -> None:
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert "ends its process" not in found.why


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
        ("Sequential", (1, 99), (0, 1), {}, True),
        ("Sequential", (1, 99), (0, 0), {}, False),
    ],
)
def test_what_can_be_called_as_the_lab_calls_it(
    of: str, forward: Any, backward: Any, more: dict[str, Any], fits: bool
) -> None:
    about = {"settings": {}, "needs": [], "forward": forward, "backward": backward, **more}
    assert _fits(about, of) == fits


def relu(self: Any, a: Any) -> Any:
    self.a = a
    return np.maximum(a, 0)


def product(self: Any, x: Any, w: Any) -> Any:
    self.x, self.w = x, w
    return x @ w.T


@for_each(
    ("of", "forward", "backward", "answer"),
    [
        ("ReLU", relu, lambda self, dh: dh * (self.a > 0), ANSWERS),
        ("ReLU", relu, lambda self, dh: {"da": dh}, ANSWERS),  # wrong, in the lab's form
        ("ReLU", relu, lambda self, dh: 1 / None, FALLS),  # type: ignore[operator]
        ("ReLU", relu, lambda self, dh: dh[9], FALLS),
        ("ReLU", relu, lambda self, dh, lr: dh, ""),  # it was not entered
        ("ReLU", relu, lambda self, dh: setattr(self, "dx", dh), ""),  # it may be there
        ("ReLU", relu, lambda self, dh: (dh, dh), ""),
        ("ReLU", lambda self, a: a[0], lambda self, dh: dh, ""),
        ("ReLU", lambda self, a: a / None, lambda self, dh: dh, None),
        ("Linear", product, lambda self, dy: (dy @ self.w, dy.T @ self.x), ANSWERS),
        (  # in lists
            *("Linear", lambda self, x, w: product(self, x, w).tolist()),
            *(lambda self, dy: (dy @ self.w, dy.T @ self.x), ANSWERS),
        ),
        # Only trying shows which of them is of which input, and whose weights these are.
        ("Linear", product, lambda self, dy: {"dw": dy.T @ self.x, "dx": dy @ self.w}, ""),
        ("Linear", lambda self, x, w: x @ np.ones((3, 5)), lambda self, dy: (dy, dy), ""),
    ],
)
def test_what_a_class_does_when_it_is_called_as_the_labs(
    of: str, forward: Any, backward: Any, answer: str | None
) -> None:
    made = type("Layer", (), {"forward": forward, "backward": backward})
    about = {"forward": (2, 2), "backward": (1, 1)}
    asked = probe(of, SHAPES[of][0].ours, bias=False)
    assert _answers(made, of, about, asked, numbers=False) == answer


@for_each(
    ("topic", "minibatch", "vector", "back", "answers"),
    [
        ("Linear", "x @ w.T", "x @ w.T", "d @ self.w, d.T @ self.x", ANSWERS),
        ("Linear", "x @ w.T", "x @ w.T", "1 // 0", FALLS),
        ("Linear", "1 // 0", "x @ w.T", "1 // 0", FALLS),
        ("Linear", "x @ w.T", "x", "1 // 0", DIFFERS),
        ("Linear", "x", "x @ w.T", "1 // 0", DIFFERS),
        ("Linear", "x", "x @ w.T", "d @ self.w, np.outer(d, self.x)", ANSWERS),
        ("Linear", "x", "x", "1 // 0", ""),
        ("Linear", "x", "1 // 0", "1 // 0", ""),
        ("Linear", "1 // 0", "1 // 0", "1 // 0", RAISES),
        ("Conv1D", "1 // 0", "x * w", "d * self.w, (d * self.x).sum()", ANSWERS),  # the lab's own
        ("Conv1D", "1 // 0", "x * w.sum()", "1 // 0", ""),
        ("Conv1D", "1 // 0", "x + w", "d, d.sum()", ""),  # only of a scalar w are the shapes right
    ],
)
def test_what_a_class_does_in_all_shapes_decides_whether_it_is_called_as_the_labs(
    topic: str, minibatch: str, vector: str, back: str, answers: str
) -> None:
    class Layer:
        def forward(self, x: Any, w: Any) -> Any:
            self.x, self.w = x, w
            return eval(minibatch if x.ndim > 1 else vector)

        def backward(self, d: Any) -> Any:
            return eval(back, {"np": np}, {"self": self, "d": d})

    about: Any = {"forward": (2, 2), "backward": (1, 1), "settings": {}, "needs": ()}
    assert _answers_as_the_lab(Layer, topic, about, (), numbers=False) == answers


@for_each(
    ("parameters", "answers"),
    [
        ("size=2", ANSWERS),
        ("n=2", ANSWERS),
        ("n=2, size=2", ANSWERS),
        ("other=0, *, n=2", ""),  # it is not its first parameter
        ("**others", ""),
    ],
)
def test_a_pool_whose_default_is_the_size_that_is_tried_is_told_by_another_size(
    parameters: str, answers: str
) -> None:
    lines = (
        "class Pool:",
        f"    def __init__(self, {parameters}):",
        "        self.size = locals().get('size', locals().get('n', 2))",
        "    def forward(self, h):",
        "        n = h.shape[-1] // self.size",
        "        self.h, kept = h, h[..., :n * self.size]",
        "        return kept.reshape(*h.shape[:-1], n, self.size).max(axis=-1)",
        "    def backward(self, dz):",
        "        return self.h",
    )
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)
    order = ("size", "stride", "padding")
    about: Any = {
        "forward": (1, 1), "backward": (1, 1), "needs": (),
        "settings": accesses(signature_of(names["Pool"]), order),
    }  # fmt: skip
    given = _answers_as_the_lab(names["Pool"], "MaxPool", about, order, numbers=False)
    assert given == answers


def test_a_layer_that_is_no_certain_one_has_to_give_the_right_numbers_too() -> None:
    made = type("Layer", (), {"forward": lambda self, a: -a, "backward": lambda self, dh: -dh})
    asked = probe("ReLU", SHAPES["ReLU"][0].ours, bias=False)
    about = {"forward": (1, 1), "backward": (1, 1)}
    assert _answers(made, "ReLU", about, asked, numbers=False) == ANSWERS
    assert not _answers(made, "ReLU", about, asked, numbers=True)


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
    ("error", "of_theirs"),
    [
        (ValueError("backward"), "ValueError in backward"),  # forward was right for these shapes
        (ModuleNotFoundError("backward"), "ModuleNotFoundError"),  # a matter of this machine alone
    ],
)
def test_an_error_behind_a_right_forward_is_that_of_backward_unless_a_module_is_missing(
    error: Exception, of_theirs: str
) -> None:
    layer = Candidate({"": Written}, ("Conv2D",), "forward", "backward")
    failures = [Failed("backward", error, behind=True)]
    found = _unknown(layer, failures, [], Home(STUDENTS / "any.py"))
    assert found["problem"] == f"backward raises {type(error).__name__}: backward"
    assert found["of_theirs"] == of_theirs


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


class AllOptional:
    """Takes an input, which it does not need."""

    def forward(self, x: Any = None) -> None: ...

    def backward(self, dout: Any = None) -> None: ...


def test_an_input_that_may_be_left_out_is_one() -> None:
    layer = Candidate({"": AllOptional}, ("Conv2D",), "forward", "backward")
    found = _unknown(layer, [], [], Home(STUDENTS / "any.py"))
    assert found["problem"] == "its methods take something else"


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
        (
            """def affine(x, w, b, activation):
    return x @ w + b if activation == 'relu' else activation.y
def affine_backward(d, cache): ...""",
            "nothing tells what activation should be: with a guess affine raises AttributeError",
        ),
        (  # forward is right, so this is no matter of shapes
            """def affine(x, w, b): return x @ w + b, (x, w)
def affine_backward(d, cache):
    x, w, b = cache""",
            "(expected 3, got 2) (line 3). To have it checked, mend that, or write forward(",
        ),
        (
            """class Linear:
    def __init__(self, w, b): self.w, self.b = w, b
    def forward(self, x): return x @ self.w + self.b
    def backward(self): ...""",
            "backward takes no gradient that comes back",
        ),
        (  # calling it as __call__ comes further
            """class Relu:
    def __call__(self, x):
        self.out = self.forward(x)
        return self.out
    def forward(self, x): return x.clip(0)
    def backward(self):
        out = self.out
        return out.g""",
            "object has no attribute 'g' (line 8)",
        ),
        (
            "def softmax_loss_naive(W, X, y, reg): return X[0].dot(W), W",
            "softmax_loss_naive takes W, which by its name are weights",
        ),
        (  # one example's axes in another order make a loop without any turns: no such shape
            """import numpy as np
def conv_forward(x, w, b):
    N, H, W, C = x.shape
    K, _, _, F = w.shape
    z = np.zeros((N, max(0, H - K + 1), max(0, W - K + 1), F))
    for n, i, j, f in np.ndindex(*z.shape):
        z[n, i, j, f] = one(x[n, i:i+K, j:j+K], w[:, :, :, f], b[:, :, :, f])
    return z, x
def one(x, w, b):
    each = np.sum(x * w)
    return each + float(b)
def conv_backward(d, cache): ...""",
            "mend that (of an array of one number, .item() is that one)",
        ),
    ],
)
def test_what_forward_lacks_is_said(tmp_path: Path, source: str, reason: str) -> None:
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert reason in found.why


@for_each(
    ("topic", "bias", "counts"),
    [
        ("ReLU", None, (1, 1)),
        ("Linear", None, (2, 2)),
        ("Linear", "b", (2, 3)),  # asked without its bias as well
        ("SoftmaxCrossEntropy", None, (2, 2)),
    ],
)
def test_how_many_arrays_the_forward_of_another_interface_is_handed(
    topic: str, bias: str | None, counts: tuple[int, int]
) -> None:
    layer = Candidate({"": Written}, (topic,), "forward", "backward")
    own: Any = bias and [["attr", bias]]
    axes = Axes(SHAPES[topic][0].ours, SHAPES[topic][0].ours)
    plan = Plan(topic, "forward", "backward", [axes], weight=[["attr", "W"]], bias=own)
    assert _description(plan, layer, Home(STUDENTS / "any.py"))["forward"] == counts


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
