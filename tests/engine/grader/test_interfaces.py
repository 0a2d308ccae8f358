"""Layers with other interfaces pass or fail as the lab's do; their names and signatures.

A layer is checked if it is certain how, otherwise it is NOT CHECKED, never FAILED.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partialmethod
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.grader.candidates import _has, method_counts
from engine.grader.held import arrays, distinct, put
from engine.grader.interfaces import (
    PROBED,
    SHAPES,
    accesses,
    arguments,
    arranged,
    axes_in_words,
    counts,
    is_static,
    kinds,
    restored,
    shape_of,
    signature_of,
)
from engine.grader.plan import HANDED, Axes, Plan, sentences
from engine.grader.report import calls, report
from engine.grader.settings import NotTakenError
from engine.grader.student_file import Result, check_in
from tests.engine.grader.conftest import RELU, Here, check, written
from tests.engine.grader.judging import SOURCE, alone, changed, judgements, typed_in
from tests.for_each import for_each

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
    assert ("zero_grad before each further pass" in found.taken) == ("zero_grad" in source)
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


def test_one_place_in_memory_is_several_arrays_if_their_shapes_differ() -> None:
    w = np.ones((2, 3))
    held = SimpleNamespace(w=w, same=w.view(), flat=w.ravel())
    assert [path for path, _ in distinct(arrays(held))] == [[["attr", "w"]], [["attr", "flat"]]]


def test_an_array_that_cannot_be_written_to_is_replaced() -> None:
    layer = SimpleNamespace(w=np.zeros(2), fixed=np.zeros(2))
    layer.fixed.flags.writeable = False
    before = layer.w
    for name in ("w", "fixed"):
        put(layer, [["attr", name]], np.ones(2))
        np.testing.assert_array_equal(getattr(layer, name), [1, 1])
    assert layer.w is before


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
        (
            lambda **more: more,
            SLIDING,
            {"padding": 2, "stride": 3},
            {"padding": 2, "stride": 3},
        ),
        (lambda stride, pad=0: (stride, pad), SLIDING, {"padding": 2, "stride": 3}, (3, 2)),
        (dict, SLIDING, {"padding": 2}, {"padding": 2}),  # whose parameters Python does not know
    ],
)
def test_a_constructor_without_names_is_handed_a_default_for_each_setting_before_the_last(
    constructor: Any, order: Sequence[str], settings: dict[str, int], handed: Any
) -> None:
    given, named = arguments(signature_of(constructor), order, settings)
    assert constructor(*given, **named) == handed
    assert arguments(signature_of(constructor), order, {}) == ((), {})


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
    (
        {"back": [["p", ["role", "probabilities"]]]},
        ["backward(probabilities) as its backward"],
    ),
    ({"functions": True, "backward": "forward"}, []),  # one function for both
    ({"arguments": [["ctx", ["role", "context"]]]}, ["a context that has save_for_backward"]),
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
        {"weight": HANDED, "returned": 1, "gradients": [["returned", 0], ["returned", 2]]},
        ["(dw, dx, db) as what backward gives"],
    ),
    ({"weight": HANDED, "gradients": [["returned", 1], ["returned", 2]]}, []),
    (
        {"weight": HANDED, "gradients": [["attribute", W]]},
        ["gradient of the weights from .W"],
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


@for_each(
    ("ours", "theirs", "of_one"),
    [
        (("NCL", "FCK", "NFP"), ("NCL", "FCK", "NFP"), ["CL", "FCK", "FP"]),
        (("NCL", "", "NCP"), ("NCL", "", "NCP"), ["L", "", "P"]),  # channels are alike there
        (("ND", "MD", "NM"), ("D1", "MD", "M1"), ["D", "MD", "M"]),
    ],
)
def test_the_axes_of_one_example(
    ours: tuple[str, str, str], theirs: tuple[str, str, str], of_one: list[str]
) -> None:
    assert Axes(ours, theirs).of_one == of_one


@for_each(("changed", "said"), SAID)
def test_how_a_layer_is_taken_in_words(changed: dict[str, Any], said: list[str]) -> None:
    plan = Plan("Conv2D", "forward", "backward", [Axes(OURS, OURS)])
    assert [*sentences(replace(plan, **changed))] == said


OF_ONE = Axes(["W", "", ""], ["W", "", ""])
OF_SEVERAL = Axes(["NCW", "FCL", "NFX"], ["NWC", "LCF", "NXF"])


@for_each(
    ("x", "w", "taken"),
    [
        ((5,), (), OF_ONE),
        ((5,), None, OF_ONE),
        ((2, 3, 5), (4, 3, 2), OF_SEVERAL),
        ((5,), (2,), "takes w as a number only"),
        ((2, 3, 5), (4, 3), "takes w as (K, C, F) only"),
        ((3, 5), (4, 3), "takes x as (L,) or (N, L, C) only"),
    ],
)
def test_the_form_that_fits_or_what_is_taken_instead(
    x: tuple[int, ...], w: tuple[int, ...] | None, taken: Axes | str
) -> None:
    plan = Plan("Conv1D", "forward", "backward", [OF_ONE, OF_SEVERAL])
    weights = None if w is None else np.ones(w)
    if isinstance(taken, Axes):
        assert plan.fitting(np.ones(x), weights) == taken
    else:
        with pytest.raises(NotTakenError) as raised:
            plan.fitting(np.ones(x), weights)
        assert str(raised.value) == taken


def test_a_plan_travels_as_a_message() -> None:
    back: list[list[Any]] = [["dout", ["role", "dout"]]]
    plan = Plan(
        "Conv1D", "forward", "backward", [OF_ONE, OF_SEVERAL], back=back, weight=W, bias=HANDED,
        gradients=[("attribute", W), ("step", None)], prepare=[("build", back)],
    )  # fmt: skip
    assert Plan.of(json.loads(json.dumps(asdict(plan)))) == plan


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
        (lambda pool_h=2, pool_w=2: None, {}),  # each is one half of a size
        (lambda pool_w=2: None, {"stride": ("pool_w", "position")}),  # along a single axis
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
                assert there.flags.c_contiguous
                np.testing.assert_array_equal(axes.restored(there, place, sizes), given)
                # A wrong array with another number of axes is left as it is.
                odd = np.ones((2,) * 5)
                assert axes.restored(odd, place, sizes).shape == odd.shape


def test_a_gradient_that_is_too_long_is_left_as_it_is() -> None:
    axes, sizes = Axes(["D", "MD", "M"], ["D1", "MD", "M1"]), {"D": 3, "M": 5}
    assert axes.restored(np.ones((7, 1)), 0, sizes).shape == (7, 1)
    assert axes.restored(np.ones((7, 1)), 2, sizes).shape == (7,)  # an output may have any length


def test_an_array_in_the_right_order_is_not_copied() -> None:
    given = np.ones((4, 6))[:, ::2]
    for ordered in (arranged, restored):
        assert ordered(given, "NC", "NC", {"N": 4, "C": 3}) is given
