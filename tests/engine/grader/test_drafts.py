"""What the parameters of constructors and methods are tried with, by their names."""

import inspect
from pathlib import Path
from typing import Any

import pytest

from engine.grader.candidates import Candidate
from engine.grader.drafts import (
    BIASES,
    INPUTS,
    PREPARE,
    UPSTREAM_NAME,
    Drafts,
    is_cache,
    is_guessed,
)
from engine.grader.interfaces import LOSS, SHAPES, roles
from engine.grader.plan import HANDED, Arguments, Plan
from engine.grader.probing import PADS, STRIDES
from engine.grader.report import calls
from tests.engine.grader.judging import Written, changed, judgements, typed_in
from tests.for_each import for_each

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


def test_what_is_guessed_for_a_constructor_may_be_why_the_numbers_are_wrong(tmp_path: Path) -> None:
    source = """
import numpy as np
class FC_layer:
    def __init__(self, input_size, output_size, scale):
        self.weights = np.random.randn(input_size, output_size)
        self.scale = 2 if scale is None else scale
    def forward(self, x):
        self.x = x
        return self.scale * (x @ self.weights)
    def backward(self, d):
        self.weights_grads = self.scale * (self.x.T @ d)
        return self.scale * (d @ self.weights.T)
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    (found,) = judgements(tmp_path, changed(source, "size, scale):", "size, scale=None):"))
    assert found.verdict == "FAILED"


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
        (lambda dout, x_shape, unknown=1: None, ["dout, cache", "dout, x.shape"]),
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


AGAIN = ["scores, labels", "dout, labels", "probabilities, labels", "labels, scores"]
"""What a backward of two parameters may be given, none of which is called a cache."""


@for_each(
    ("backward", "ways"),
    [
        (lambda self: None, [""]),
        (lambda self, dout: None, ["dout"]),
        (lambda self, _: None, ["dout"]),  # it cannot be called without
        (lambda self, _=1.0: None, [""]),
        (lambda self, dout=None: None, [""]),
        (lambda self, dout=1.0: None, ["dout"]),
        (lambda self, y: None, ["labels", "dout"]),
        (lambda self, one, other: None, AGAIN),
        (lambda kept: None, ["cache"]),
        (lambda y: None, ["labels", "cache"]),
        (lambda one, other: None, [*AGAIN, "dout, cache"]),
        (lambda cache, one: None, ["cache, dout"]),
        (lambda one, cache, lr: None, ["dout, cache, 1"]),
    ],
)
def test_what_the_backward_of_a_loss_may_be_given(backward: Any, ways: list[str]) -> None:
    of_class = "self" in inspect.signature(backward).parameters
    forward = (lambda self, x, y: None) if of_class else (lambda x, y: None)
    methods = {"forward": forward, "backward": backward}
    things = {"": type("Loss", (), methods)} if of_class else methods
    one = Drafts(Candidate(things, (LOSS,), "forward", "backward"), LOSS)
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


def test_a_penalty_is_left_out_whatever_its_default_is_written_as() -> None:
    by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD
    for default in (1, 0.01, inspect.Parameter.empty):
        parameter = inspect.Parameter("weight_decay", by_name, default=default)
        assert [*drafts("Linear")._choices(parameter)] == [["value", 0.0]]


@for_each("name", ["optimizer", "optim", "Optimiser"])
def test_a_method_that_prepares_a_layer_may_be_given_an_optimizer(name: str) -> None:
    by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(each, by_name) for each in ("self", "input_shape", name)]

    def build(self: Any) -> None: ...

    build.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    methods = {"build": build, "forward": lambda self, x: x, "backward": lambda self, d: d}
    nothing, (prepared, *_), *_ = drafts("Linear", type("Layer", (), methods))._preparations()
    assert not nothing
    assert [what for _, what in prepared[1]] == [["role", "D"], ["role", "optimizer"]]


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


@pytest.mark.parametrize(
    ("name", "told"), [("stride", STRIDES), ("padding", PADS), ("hparameters", STRIDES & PADS)]
)
def test_it_is_known_which_parameters_tell_a_layer_how_to_move_and_to_pad(
    name: str, told: set[str]
) -> None:
    (role,) = roles(name, ("stride", "padding", "parameters"))
    assert role in told


@pytest.mark.parametrize("word", ["valid", "SAME"])
def test_a_padding_is_worded_as_it_is_by_default(word: str) -> None:
    by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD
    (given,) = drafts("Conv2D")._choices(inspect.Parameter("pad", by_name, default=word))
    assert given == ["role", "padding-WORD" if word.isupper() else "padding-word"]
    assert given[1] in PADS  # so that it is tried with padding, where it may fail without


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


@for_each(
    ("made", "ways"),
    [
        # By how many of the parameters may be D, M, w or b, each once: 1 + 3 · 4 + 3 · 12 + 24.
        (lambda one, other, third: None, 73),
        # 1 + 5 · 4 + 10 · 12 + 10 · 24 + 5 · 24 would be 501.
        (lambda one, other, third, fourth, fifth: None, 200),
    ],
)
def test_a_constructor_is_tried_in_every_way_unless_there_are_very_many(
    made: Any, ways: int
) -> None:
    found = [str(given) for given, _ in drafts("Linear", made)._constructors()]
    assert len(found) == len({*found}) == ways


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
    " channels:C height:size[0] width:size[1] stride_h:stride[0] stride_w:stride[1]",
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


def of_functions(topic: str, forward: Any, backward: Any = lambda dout, cache: None) -> Drafts:
    things = {"forward": forward, "backward": backward}
    return Drafts(Candidate(things, (topic,), "forward", "backward"), topic)


def of_methods(topic: str, **methods: Any) -> Drafts:
    made = {"forward": lambda self, x: x, "backward": lambda self, dout: dout, **methods}
    return drafts(topic, type("Layer", (), made))


def shown(arguments: Arguments) -> str:
    return ", ".join(str(what) for _, (_, what) in arguments)


@for_each(
    ("made", "axes"),
    [
        (lambda self, w: None, ["F"]),
        (lambda self, w, b: None, [*BIASES]),
    ],
)
def test_a_bias_that_a_constructor_takes_may_have_further_axes(made: Any, axes: list[str]) -> None:
    plans = of_methods("Linear", __init__=made).plans()
    assert [*dict.fromkeys(each.bias_axes for each in plans)] == axes


def test_labels_may_come_first_and_be_one_hot_along_either_axis() -> None:
    plans = [*of_functions(LOSS, lambda one, other: None).plans()]
    assert [(shown(each.arguments), each.one_hot) for each in plans] == [
        (given, one_hot) for given in ("x, labels", "labels, x") for one_hot in ("", "ND", "DN")
    ]
    assert {each.one_hot for each in of_methods("Linear").plans()} == {""}


@for_each(
    ("forward", "pairs"),
    [
        (lambda x, size, stride: None, [[]]),
        (lambda x, size, stride=(1, 1): None, [["stride"], ["size", "stride"]]),
        (lambda x, size=(2, 2): None, [["size"]]),
        (lambda x, stride=(1, 1): None, [["stride"]]),
    ],
)
def test_a_size_that_forward_is_given_is_a_pair_where_another_setting_is_one(
    forward: Any, pairs: list[list[str]]
) -> None:
    assert [each.pairs for each in of_functions("MaxPool2D", forward).plans()] == pairs


@for_each(
    ("build", "called"),
    [
        (lambda self: None, True),
        (lambda self, unknown=1: None, True),
        (lambda self, unknown: None, False),
        (lambda self, input_shape, unknown: None, False),
    ],
)
def test_a_layer_is_prepared_only_by_what_can_be_called(build: Any, called: bool) -> None:
    nothing, *calls = of_methods("ReLU", build=build)._preparations()
    assert nothing == []
    assert [name for each in calls for name, _ in each] == ["build"] * 2 * called


@for_each(
    ("made", "whole"),
    [
        (lambda self, kernel_size: None, True),
        (lambda self, filters, kernel_size: None, False),
    ],
)
def test_a_shape_of_all_filters_is_tried_where_their_number_is_not_told(
    made: Any, whole: bool
) -> None:
    tried = {shown(given) for given, _ in of_methods("Conv2D", __init__=made)._constructors()}
    assert ("FCKL" in tried) is whole
    assert any("FCKL" in each for each in tried) is whole


def test_an_activation_by_default_is_left_out_first() -> None:
    by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD
    for default, first in (("relu", None), (inspect.Parameter.empty, ["value", "linear"])):
        parameter = inspect.Parameter("activation", by_name, default=default)
        assert next(drafts("Linear")._choices(parameter)) == first


def test_n_may_be_a_number_of_neurons_as_well_as_of_examples() -> None:
    def made(n: int, batch_size: int) -> None: ...

    parameters = inspect.signature(made).parameters
    neurons, examples = (drafts("Linear")._choices(each) for each in parameters.values())
    assert [*neurons] == [*(["role", each] for each in "NDMwb"), ["value", None]]
    assert [*examples] == [["role", "N"]]


def test_a_loss_is_given_what_it_needs_besides_logits_and_labels() -> None:
    def loss(scores: Any, target: Any, mode: Any, unknown: Any, training: bool = False) -> None: ...

    more = "max, None, True"
    given = [shown(each) for each in of_functions(LOSS, loss)._argument_lists()]
    assert given == [f"x, labels, {more}", f"labels, x, {more}"]


def test_an_activation_that_a_function_calls_may_be_the_identity() -> None:
    of_function = of_functions("Linear", lambda x, w, b, activation: None)
    assert [shown(each) for each in of_function._argument_lists()] == [
        "x, w, b, None",
        "x, w, b, identity",
    ]
    of_class = of_methods("Linear", forward=lambda self, x, activation: x)
    assert [shown(each) for each in of_class._argument_lists()] == ["x, None"]


@for_each(
    ("forward", "given"),
    [
        (lambda self, x, stride=1: None, "x"),  # what a method does not need it is not given
        (staticmethod(lambda ctx, x, w, stride=1: None), "context, x, w, stride"),
        (staticmethod(lambda x, w: None), "x, w"),
        (lambda *args: None, "x"),  # what decorates a method may take self there, too
    ],
)
def test_what_a_method_is_given_besides_itself(forward: Any, given: str) -> None:
    plan = next(of_methods("Conv2D", forward=forward).plans())
    assert shown(plan.arguments) == given


@for_each(
    ("word", "told"),
    [("SAME", "padding-WORD"), ("same", "padding-word"), (1, "padding")],
)
def test_a_backward_is_given_the_padding_as_forward_is(word: Any, told: str) -> None:
    def forward(x: Any, w: Any, padding: Any = word) -> None: ...
    def backward(dout: Any, cache: Any, padding: Any) -> None: ...

    one = of_functions("Conv2D", forward, backward)
    plan = next(one.plans())
    assert shown(plan.arguments) == f"x, w, {told}"
    assert shown(next(one.backwards(plan))) == f"dout, cache, {told}"


@for_each(
    ("forward", "backward", "plain"),
    [
        (lambda x, w, b: None, lambda dout, cache: None, True),
        (lambda x, w, b: None, lambda dout, kept: None, False),
        (lambda x, w, b: None, lambda upper, cache: None, False),
        (lambda x, w, b, remember=False: None, lambda dout, cache: None, False),
        (lambda x, w, b, other: None, lambda dout, cache: None, False),
        (lambda x, w, b, other=1: None, lambda dout, cache: None, False),
        (lambda x, w, b: None, lambda dout, cache, other=1: None, False),
    ],
)
def test_what_is_given_is_certain_where_every_parameter_gets_something_by_its_name(
    forward: Any, backward: Any, plain: bool
) -> None:
    one = of_functions("Linear", forward, backward)
    plan = next(one.plans())
    assert one.is_plain(plan, next(one.backwards(plan))) is plain


@for_each(
    ("names", "are"),
    [
        ("dout dy d_out grad grad_output delta err output_error upstream_gradient dL_dy", True),
        ("x cache kept w data mask depth", False),
    ],
)
def test_an_upstream_gradient_is_told_by_its_name(names: str, are: bool) -> None:
    for each in names.split():
        assert bool(UPSTREAM_NAME.fullmatch(each)) is are, each


def test_of_two_names_of_an_upstream_gradient_the_first_is_it() -> None:
    one = of_functions("Linear", lambda x, w: None, lambda dout, gradient, w: None)
    *_, by_names = one.backwards(next(one.plans()))
    assert shown(by_names) == "dout, cache, w"


@for_each(
    ("back", "doubtful"),
    [
        ("dout cache", False),
        ("dout kept", False),  # a single value is what forward returned
        ("dout kept x", False),
        ("dout kept w", True),  # forward itself returns a w
        ("dout cache w", False),
        ("dout kept cache", True),
        ("dout w cache", False),
    ],
)
def test_what_forward_kept_is_doubtful_where_it_does_not_call_it_so(
    back: str, doubtful: bool
) -> None:
    def forward(x: Any, w: Any) -> Any:
        cache = x
        return x, cache, w

    given = [
        [each, ["role", each if each in ("dout", "x", "w") else "cache[0]"]]
        for each in back.split()
    ]
    assert of_functions("Linear", forward).is_doubtful(given) is doubtful


@for_each(
    ("forward", "fixed"),
    [
        (lambda x: None, True),
        (lambda x, pool_param: None, False),
        (lambda x, pool_size: None, False),
        (lambda x, pool_height, pool_width: None, True),  # which a function is not given
    ],
)
def test_a_pool_has_fixed_settings_where_it_is_told_none(forward: Any, fixed: bool) -> None:
    plan = next(of_functions("MaxPool2D", forward).plans())
    assert bool(plan.fixed) is fixed


def test_all_methods_that_prepare_a_layer_are_called_in_their_order() -> None:
    methods = {name: lambda self: None for name in PREPARE.split()[:2]}
    *_, last = of_methods("ReLU", **methods).plans()
    assert [name for name, _ in last.prepare] == [*methods]


@for_each(
    ("made", "forward", "bias"),
    [
        (lambda self: None, lambda self, x, w, b: None, HANDED),
        (lambda self, b: None, lambda self, x, w: None, None),
    ],
)
def test_a_bias_that_the_constructor_gets_is_not_handed_to_forward(
    made: Any, forward: Any, bias: str | None
) -> None:
    plans = of_methods("Linear", __init__=made, forward=forward).plans()
    assert {each.bias for each in plans} == {bias}


@for_each(("name", "cache"), [("conv_cache", True), ("Cache", True), ("case", False)])
def test_what_a_cache_may_be_called(name: str, cache: bool) -> None:
    assert is_cache(name) is cache
