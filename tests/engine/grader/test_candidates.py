"""Which layers are found in a student's file, and what else is said of its names."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from engine.grader.backward_readings import GRADIENT_NAME
from engine.grader.blame import Home
from engine.grader.candidates import (
    Candidate,
    described,
    gives_several,
    layers,
    names_beside,
    required,
    ways_forward,
)
from engine.grader.interfaces import ANY_NUMBER
from engine.grader.questions import SETTINGS
from tests.engine.grader.conftest import written
from tests.for_each import for_each

Import = Callable[[str], tuple[ModuleType, Home]]


@pytest.fixture
def imported(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Import:
    """A function that imports a source as a student's file."""

    def module(source: str) -> tuple[ModuleType, Home]:
        file = written(tmp_path_factory.mktemp("of"), source)
        made = ModuleType("mine")
        made.__file__ = str(file)
        monkeypatch.setitem(sys.modules, "mine", made)
        exec(compile(source, str(file), "exec"), vars(made))
        return made, Home(file)

    return module


PAIR = "    def forward(self, x): return x\n    def backward(self, d): return d\n"
FORWARD_ALONE = "    def forward(self, x): return x\n"
CAMEL = "    def forwardPass(self, x): ...\n    def backwardPass(self, d): ...\n"
LOSS = ("SoftmaxCrossEntropy",)

FOUND: list[tuple[str, dict[str, tuple[Any, ...]]]] = [
    # a source, and of each layer in it what it may be, forward, backward, slope, exact
    (f"class ReLU:\n{PAIR}", {"ReLU": (("ReLU",), "forward", "backward", False, True)}),
    (f"class Dense:\n{PAIR}", {"Dense": (("Linear",), "forward", "backward", False, False)}),
    (f"class _Dense:\n{PAIR}", {}),
    (f"class MaxPool:\n{PAIR}",
     {"MaxPool": (("MaxPool", "MaxPool2D"), "forward", "backward", False, True)}),
    (
        "class Linear:\n    def Forward(self, x): ...\n    def backPropagate(self, d): ...\n",
        {"Linear": (("Linear",), "Forward", "backPropagate", False, True)},
    ),
    (
        f"class Base:\n{CAMEL}class Linear(Base):\n    pass\n",
        {"Linear": (("Linear",), "forwardPass", "backwardPass", False, True)},
    ),
    (f"class Dense:\n{PAIR}    forward = None\n", {}),
    (
        f"class Base:\n{PAIR}class Linear(Base):\n    def helper(self): ...\n",
        {"Linear": (("Linear",), "forward", "backward", False, True)},
    ),
    (  # a derivative is the backward of an activation, and the gradient of a loss, but of no other
        f"class Relu:\n{FORWARD_ALONE}    def derivative(self, x): ...\n",
        {"Relu": (("ReLU",), "forward", "derivative", True, False)},
    ),
    (f"class Dense:\n{FORWARD_ALONE}    def derivative(self, x): ...\n", {}),
    (
        f"class CrossEntropyLoss:\n{FORWARD_ALONE}    def gradient(self, x): ...\n",
        {"CrossEntropyLoss": (LOSS, "forward", "gradient", False, False)},
    ),
    (  # a backward that takes nothing can only give the slope
        f"class ReLU:\n{FORWARD_ALONE}    def backward(self): ...\n",
        {"ReLU": (("ReLU",), "forward", "backward", True, True)},
    ),
    (
        f"class ReLU:\n{FORWARD_ALONE}    def backward(self, d=None): ...\n",
        {"ReLU": (("ReLU",), "forward", "backward", False, True)},
    ),
    (
        f"class Dense:\n{FORWARD_ALONE}    def backward(self): ...\n",
        {"Dense": (("Linear",), "forward", "backward", False, False)},
    ),
    *(
        (f"def {one}(x): ...\ndef {other}(d): ...\n", {one: (meant, one, other, False, False)})
        for one, other, meant in (
            ("relu_forward", "relu_backward", ("ReLU",)),
            ("conv2d_forward_naive", "conv2d_backward_naive", ("Conv2D",)),
            ("affine", "affine_backward", ("Linear",)),
            ("affine", "affine_back", ("Linear",)),
            ("affine", "affine_backprop", ("Linear",)),
            ("reluForward", "reluBackward", ("ReLU",)),
            ("relu_for", "relu_back", ("ReLU",)),
            ("relu", "relubackward", ("ReLU",)),
        )
    ),
    ("def conv2d_forward_naive(x): ...\ndef conv2d_backward(d): ...\n", {}),
    *(
        (f"def {name}(x, y):\n    return x, y\n", {name: (LOSS, name, name, False, False)})
        for name in ("softmax_loss", "cross_entropy_loss", "softmax_loss_naive")
    ),
    *(  # which gives its gradient too, whatever its source shows
        (f"def {name}(x, y):\n    return both(x, y)\n", {name: (LOSS, name, name, False, False)})
        for name in (
            *("softmax_loss", "softmax_loss_naive", "softmax_loss_vectorized"),
            *("softmaxLoss", "softmax_cross_entropy_loss"),
        )
    ),
    ("def cross_entropy_loss(x, y):\n    return x\n", {}),
    ("def affine(x, y):\n    return x, y\n", {}),
]  # fmt: skip


@for_each(("source", "expected"), FOUND)
def test_a_layer_is_found_by_its_name_and_its_methods(
    imported: Import, source: str, expected: dict[str, tuple[Any, ...]]
) -> None:
    module, home = imported(source)
    found, _ = layers(module, [*SETTINGS], home)
    told = {
        name: (each.topics, each.forward, each.backward, each.slope, each.exact)
        for name, each in found.items()
    }
    assert told == expected


TAKEN = "from engine.layers import ReLU as Theirs\n"
THEIRS = {"imported": "engine.layers.activations"}
SAID: list[tuple[str, dict[str, Any]]] = [
    # a source, and what is said of its names that are no layers
    ("MaxPool = 3", {"MaxPool": {"problem": "MaxPool is no class (its type is int)"}}),
    ("class Conv1D:\n    pass\n",
     {"Conv1D": {"problem": "Conv1D has no method forward and no method backward"}}),
    (f"class Conv1D:\n{FORWARD_ALONE}", {"Conv1D": {"problem": "Conv1D has no method backward"}}),
    (f"class Dense:\n{FORWARD_ALONE}",
     {"Dense": {"problem": "Dense has no method backward", "topic": "Linear"}}),
    (f"class conv_1d:\n{FORWARD_ALONE}",  # of which no more has to be said
     {"conv_1d": {"problem": "conv_1d has no method backward", "topic": "Conv1D"}}),
    ("class Dense:\n    pass\n", {}),
    ("class conv_1d:\n    pass\n", {"Conv1D": {"alike": "conv_1d"}}),
    (f"class Dense:\n{FORWARD_ALONE}class Mine(Dense):\n    pass\n", {}),  # looked at itself
    ("def relu_forward_fast(x): ...\n",
     {"relu_forward_fast": {"problem": "there is no function relu_backward_fast",
                            "topic": "ReLU"}}),
    ("def softmax_loss_forward(x, y):\n    return x, y\n",
     {"softmax_loss_forward": {"problem": "there is no function softmax_loss_backward",
                               "topic": "SoftmaxCrossEntropy"}}),
    (f"class Helper:\n{PAIR}", {"Helper": {"other": "Helper"}}),
    (f"class Base:\n{PAIR}class ReLU(Base):\n    pass\n", {}),
    ("class convBlock:\n    pass\n", {"ConvBlock": {"alike": "convBlock"}}),
    ("class conv_block:\n    pass\n", {"ConvBlock": {"alike": "conv_block"}}),
    ("conv_block = 3\n", {}),
    ("class sequential:\n    pass\nSequential = 3\n",
     {"Sequential": {"problem": "Sequential is no class (its type is int)"}}),
    ("from collections import OrderedDict as ReLU\n", {"ReLU": {"imported": "collections"}}),
    (f"{TAKEN}class ReLU(Theirs):\n    pass\n", {"ReLU": THEIRS}),
    (f"{TAKEN}class Relu(Theirs):\n    pass\n", {"Relu": THEIRS}),
    ("from engine.layers import Linear as Dense\n", {}),
    ("from engine.layers import Linear\n", {"Linear": {"imported": "engine.layers.linear"}}),
    ("from types import SimpleNamespace as ReLU\n", {"ReLU": {"imported": "types"}}),
    (f"{TAKEN}from collections import UserDict\nclass ReLU(UserDict, Theirs):\n    pass\n",
     {"ReLU": THEIRS}),
    (  # which only adds a constructor
        f"{TAKEN}class ReLU(Theirs):\n    def __init__(self): super().__init__()\n",
        {"ReLU": THEIRS},
    ),
    (f"{TAKEN}class ReLU(Theirs):\n    def forward(self, x): ...\n", {}),
    (f"{TAKEN}class ReLU(Theirs):\n    def __call__(self, x): ...\n", {}),
    (f"{TAKEN}class ReLU(Theirs):\n    @classmethod\n    def helper(cls): ...\n", {}),
    (f"{TAKEN}class Base(Theirs):\n    def help(self): ...\nclass ReLU(Base):\n    pass\n", {}),
    (f"from engine.layers import Layer\nclass ReLU(Layer):\n{PAIR}", {}),
]  # fmt: skip


@for_each(("source", "expected"), SAID)
def test_what_is_no_layer_of_theirs_is_said_to_be_so(
    imported: Import, source: str, expected: dict[str, Any]
) -> None:
    module, home = imported(source)
    _, said = layers(module, [*SETTINGS], home)
    assert said == expected


def test_a_class_with_a_name_of_the_engines_that_is_found_as_another_is_not_alike_it(
    imported: Import,
) -> None:
    module, home = imported(f"class conv_1d:\n{PAIR}class Dense:\n{PAIR}class linear:\n    pass\n")
    found, said = layers(module, [*SETTINGS], home)
    assert [*found] == ["conv_1d", "Dense"]
    assert said == {}
    module, home = imported(f"class Pool:\n{PAIR}class maxpool:\n    pass\n")
    found, said = layers(module, [*SETTINGS], home)  # which of two pools it is may not be known yet
    assert ([*found], said) == (["Pool"], {})


def test_a_layer_from_a_file_further_up_is_theirs(
    imported: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper, _ = imported(f"class Base:\n{PAIR}")
    monkeypatch.setitem(sys.modules, "helper", helper)
    helper.Base.__module__ = "helper"
    module, home = imported("from helper import Base\nclass ReLU(Base):\n    pass\n")
    found, said = layers(module, [*SETTINGS], home)
    assert ([*found], said) == (["ReLU"], {})


class Called:
    """Is called."""

    def forward(self) -> None:
        """Do nothing."""

    def __call__(self) -> None:
        """Do nothing."""


@for_each(
    ("things", "forward", "ways"),
    [
        ({"": Called}, "forward", ["forward", "__call__"]),
        ({"": Called}, "__call__", ["__call__"]),
        ({"": int}, "forward", ["forward"]),
        ({"affine": Called}, "affine", ["affine"]),
    ],
)
def test_a_class_may_be_called_instead_of_its_forward(
    things: dict[str, Any], forward: str, ways: list[str]
) -> None:
    layer = Candidate(things, ("Linear",), forward, "backward")
    assert [each.forward for each in ways_forward(layer)] == ways


def test_of_what_a_function_returns_the_values_after_the_first_are_read(imported: Import) -> None:
    source = """
def alone(x):
    return x
def loss(x):
    def inner():
        return x, other
    if x is None:
        return x
    return x, dx, x.T
def early(x):
    if x:
        return x, early_cache
    return x, cache
def several(x):
    return x, gradient
def named(x):
    return x, scores, dscores
def longer(x):
    return x, not_dx
def of(function):
    return function
part = of(
    lambda x: (x, 1))
"""
    mine, _ = imported(source)
    functions = [vars(mine)[name] for name in ("alone", "loss", "several", "named", "longer")]
    assert [gives_several(each) for each in functions] == [False, True, True, True, True]
    gradients = [gives_several(each, GRADIENT_NAME) for each in functions]
    assert gradients == [False, True, True, False, False]
    assert [names_beside(each) for each in functions[:2]] == [[], ["dx", ""]]
    assert names_beside(vars(mine)["early"]) == ["cache"]
    assert names_beside(len) == []  # type: ignore[arg-type]
    assert not gives_several(vars(mine)["part"])  # whose source cannot be read by itself
    made_up: dict[str, Any] = {}
    exec("def unseen(x): return x, 1", made_up)  # of which there is no source
    assert not gives_several(made_up["unseen"])


TURNED = f"""
{TAKEN}
class Upright:
    def forward(self, x, w): ...
    def backward(self, d, more=1): ...
class Turned:
    def forward(self, w, x): ...
    def backward(self, d): ...
class Static:
    @staticmethod
    def forward(weights, x): ...
    @staticmethod
    def backward(d): ...
class Both:
    def forward(self, w, weights): ...
    def backward(self): ...
class Half:
    def forward(self, w, x): ...
class Any:
    def forward(*given): ...
    def backward(self, *given): ...
class Partly(Theirs):
    def backward(self, d): ...
"""


def test_a_description_tells_of_weights_that_come_first_and_counts_arguments(
    imported: Import,
) -> None:
    module, home = imported(TURNED)
    told = {
        name: described(vars(module)[name], (), home)
        for name in ("Upright", "Turned", "Static", "Both")
    }
    assert {name: each and each["turned"] for name, each in told.items()} == {
        "Upright": "",
        "Turned": "forward takes (w, x), needs (x, w)",
        "Static": "forward takes (weights, x), needs (x, w)",
        "Both": "",
    }
    upright, static = told["Upright"], told["Static"]
    assert upright
    assert static
    assert (upright["forward"], upright["backward"]) == ((2, 2), (1, 2))
    assert (static["forward"], static["backward"]) == ((2, 2), (1, 1))
    places = [upright["lines"][each] for each in ("forward", "backward")]
    assert [(each["function"], each["line"]) for each in places] == [
        ("forward", 5),
        ("backward", 6),
    ]
    anything = described(module.Any, (), home)
    assert anything
    assert anything["forward"] == anything["backward"] == (0, ANY_NUMBER)
    partly = described(module.Partly, (), home)
    assert partly
    assert partly["lines"]["forward"] is None  # it begins in a file that is not theirs
    assert partly["lines"]["backward"]["function"] == "backward"
    assert described(module.Half, (), home) is None


class Needing:
    """Needs two arguments."""

    def __init__(self, a: int, b: int = 1, *rest: int, c: int, d: int = 2, **more: int) -> None:
        """Take arguments of every kind."""


def test_a_constructor_needs_what_has_no_default() -> None:
    assert [*required(Needing)] == ["a", "c"]
