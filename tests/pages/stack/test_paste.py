"""PyTorch and numpy code as a stack, compared with its meaning and with PyTorch's numbers."""

import ast
import json
import random
import re
import textwrap
from contextlib import suppress
from math import prod
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine import RULES, trace
from pages.derive.derivation import letters
from pages.derive.script import Script
from pages.derive.subject import Subject
from pages.language.catalogue import say
from pages.sharing.frameworks import FrameworkScript
from pages.stack import code_calls, code_changes, code_reader, operations
from pages.stack.cases import CASES
from pages.stack.grammar import read_stack
from pages.stack.known_values import UNKNOWN
from pages.stack.paste import read_pytorch
from pages.stack.stack import ENTRIES_MOST, LAYERS, Stack, StackError, new_item
from pages.stack.stack_subject import STACK_SUBJECT
from pages.stack.start import input_shape
from pages.stack.torch_layers import spaced, tensor, turned
from tests.for_each import for_each
from tests.pages.scenes import BATCH, BLOCK
from tests.pages.stack.networks import NETWORKS, RECORDED, numbers
from tests.pages.stack.test_stack import random_stacks

RECORDS: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))["networks"]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_the_stack_that_is_meant_and_computes_what_pytorch_does(name: str) -> None:
    code, text, shape = NETWORKS[name]
    pasted = read_pytorch(code)
    assert str(pasted.stack) == text
    assert pasted.remarks == ()
    recorded = RECORDS[name]
    parameters = pasted.stack.parameters(shape)
    assert [list(each) for each in parameters.values()] == recorded["parameters"]
    assert pasted.stack.joints(shape)[-1].shape == tuple(recorded["shape"])
    arrays = [
        np.reshape(numbers(int(np.prod(each)), start), each)
        for start, each in enumerate((shape, *parameters.values()))
    ]
    output = pasted.stack.layer.forward(*arrays)
    np.testing.assert_allclose(output.ravel(), recorded["output"], rtol=1e-5, atol=1e-6)
    assert pasted.input
    assert [*pasted.stack.parameters(pasted.input).values()] == [*parameters.values()]


def remarks(code: str) -> tuple[str, tuple[str, ...]]:
    pasted = read_pytorch(code)
    return str(pasted.stack), pasted.remarks


def test_what_is_not_known_is_named_and_the_rest_is_kept() -> None:
    code = (
        "import torch.nn as nn\n"
        "model = nn.Sequential(\n"
        "    nn.Linear(3, 2),\n"
        "    nn.Dropout(0.5),\n"
        "    nn.Identity(), nn.Softmax(dim=1),\n"
        "    nn.ReLU())\n"
    )
    assert remarks(code) == (
        "linear(2,bias=True)-relu",
        (
            "Line 4, column 5: Dropout is not known here and was left out.",
            "Line 5, column 20: Softmax is not known here and was left out.",
        ),
    )


CLASSES = (
    "class Net(nn.Module):\n    def __init__(self):\n        self.fc = nn.Linear(4, 3)\n"
    "    def forward(self, x):\n        return {}\nnet = Net()\n"
)


@for_each(
    "loss",
    [
        "loss = F.nll_loss(net(x), torch.tensor([2, 0]))",
        "loss = nn.NLLLoss()(net(x), torch.tensor([2, 0]))",
        "loss_of = nn.NLLLoss()\nloss = loss_of(net(x), torch.tensor([2, 0]))",
    ],
)
@for_each(
    "last",
    [
        "F.log_softmax(self.fc(x), dim=1)",
        "self.fc(x).log_softmax(-1)",
        "nn.LogSoftmax(dim=1)(self.fc(x))",
    ],
)
def test_log_softmax_and_its_loss_are_the_cross_entropy(last: str, loss: str) -> None:
    found = remarks(f"{CLASSES.format(last)}x = torch.randn(2, 4)\n{loss}")
    assert found == ("linear(3,bias=True)-softmaxcrossentropy(2,0)", ())


@for_each("after", ["", "net.cuda()", "net = net.to(d)", "other = Net()", "net(torch.ones(4))"])
def test_what_is_left_out_is_said_however_often_the_network_is_named(after: str) -> None:
    (said,) = remarks(CLASSES.format("F.relu(torch.tanh(self.fc(x)))") + after)[1]
    assert said.startswith("Line 5, column 23: tanh is not known here")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("np.array(F.relu(x))", []),
        ("torch.tensor(F.relu(x))", ["no gradient back through torch.tensor(F.relu(x)); here it"]),
        ("np.array([F.relu(x), x])", ["array is not known here and was left out: its input goes"]),
        ("torch.zero_(F.relu(x))", ["zero_ is not known here and was left out: its input goes"]),
    ],
)
def test_an_array_that_is_made_of_a_value_is_that_value(made: str, said: list[str]) -> None:
    code = f"x = torch.from_numpy(np.asarray([1.0, -2.0]))\nh = {made}\ny = nn.Linear(2, 2)(h)"
    found = read_pytorch(code)
    assert (str(found.stack), found.x) == ("relu-linear(2,bias=True)", [1.0, -2.0])
    assert [one in each for one, each in zip(said, found.remarks, strict=True)] == [True] * len(
        said
    )


LEFT_OUT = "is not known here and was left out"
ON = f"{LEFT_OUT}: its input goes on as it is."


@for_each(
    ("last", "loss", "end", "said"),
    [
        ("F.log_softmax(self.fc(x), 1)", "", "", (f"Line 5, column 16: log_softmax {ON}",)),
        (
            "F.relu(F.log_softmax(self.fc(x), 1))",
            "",
            "-relu",
            (f"Line 5, column 23: log_softmax {ON}",),
        ),
        (
            "F.log_softmax(self.fc(x), dim=0)",
            "loss = F.nll_loss(net(x), y)",
            "",
            (f"Line 5, column 16: log_softmax {ON}", f"Line 7, column 8: nll_loss {ON}"),
        ),
        (
            "nn.LogSoftmax(dim=0)(self.fc(x))",
            "loss = F.nll_loss(net(x), y)",
            "",
            (f"Line 5, column 16: LogSoftmax {LEFT_OUT}.", f"Line 7, column 8: nll_loss {ON}"),
        ),
        (
            "self.fc(x)",
            "loss_of = nn.NLLLoss()",
            "",
            (f"Line 7, column 11: NLLLoss {LEFT_OUT}.",),
        ),
        (
            "nn.LogSoftmax(1)(self.fc(x))",
            "loss = F.cross_entropy(net(x), torch.tensor([1]))",
            "-softmaxcrossentropy(1)",
            (f"Line 5, column 16: LogSoftmax {LEFT_OUT}.",),
        ),
    ],
)
def test_half_of_a_cross_entropy_is_said(
    last: str, loss: str, end: str, said: tuple[str, ...]
) -> None:
    assert remarks(f"{CLASSES.format(last)}{loss}") == (f"linear(3,bias=True){end}", said)


def test_what_a_forward_leaves_out_is_said_line_by_line() -> None:
    code = (
        "class Net(nn.Module):\n"
        "    def forward(self, x):\n"
        "        x = F.dropout(x, 0.5)\n"
        "        if self.training:\n"
        "            x = F.relu(x)\n"
        "        x = x * 2\n"
        "        return F.log_softmax(F.relu(x), dim=1)\n"
    )
    stack, said = remarks(code)
    assert stack == "relu"
    assert said == (
        (
            "Line 3, column 13: dropout is not known here and was left out: its input goes on as "
            "it is."
        ),
        "Line 4, column 9: if is not read here: what stands in it was left out.",
        (
            "Line 6, column 13: x * 2 is not known here, where only sums of values are: x goes on "
            "alone."
        ),
        (
            "Line 7, column 16: log_softmax is not known here and was left out: its input goes on "
            "as it is."
        ),
    )


@for_each(
    ("alone", "changes"),
    [
        ("F.dropout(x, 0.5, inplace=True)", True),
        ("F.dropout(x, 0.5, inplace=False)", False),
        ("F.dropout(x, training=True)", False),
    ],
)
def test_an_unknown_call_on_its_own_line_is_reported_if_it_changes_its_input(
    alone: str, changes: bool
) -> None:
    stack, said = remarks(in_forward(f"x = F.relu(x)\n        {alone}\n        return x"))
    assert (stack, ["dropout" in each for each in said]) == ("relu", [True] * changes)


@for_each(
    ("test", "named"),
    [
        ("load()", False),
        ("n := load()", True),
        ("(n := load()) > 2", True),
        ("n := torch.rand(1)", True),
        ("n := torch.ones(2)", True),
    ],
)
def test_an_if_that_is_not_known_is_told_of_where_it_may_make_something(
    test: str, named: bool
) -> None:
    code = in_forward(f"if {test}:\n            print(x)\n        return F.relu(x)")
    assert ["if is not read here" in each for each in remarks(code)[1]] == [True] * named


def test_what_a_function_leaves_out_of_the_network_that_it_makes_is_said() -> None:
    stack, (said,) = remarks("def made():\n    return nn.Sequential(nn.ReLU(), nn.Fancy())")
    assert (stack, said) == ("relu", f"Line 2, column 37: Fancy {LEFT_OUT}.")


def test_what_is_divided_is_said_where_it_has_no_rows_too() -> None:
    """For example in a forward whose x is not known, and for a loss, which is one number."""
    (said,) = remarks("class A(nn.Module):\n    def forward(self, x): return F.relu(x) / 2")[1]
    assert said.startswith("Line 2, column 34: F.relu(x) / 2 is not known here")
    loss = "F.cross_entropy(F.relu(torch.randn(2, 4)), torch.tensor([1, 2]))"
    (said,) = remarks(f"L = {loss} / 2")[1]
    assert said.startswith(f"Line 1, column 5: {loss[:40]}")


def test_shared_weights_and_joins_that_cross_are_said() -> None:
    code = (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a = nn.Linear(3, 3)\n"
        "        self.b = nn.Linear(3, 3)\n"
        "    def forward(self, x):\n"
        "        u, v = self.a(x), self.b(x)\n"
        "        s = u + v\n"
        "        t = s + u\n"
        "        return self.a(t)\n"
    )
    stack, said = remarks(code)
    assert stack == "add(linear(3,bias=True)|linear(3,bias=True))-linear(3,bias=True)"
    assert said == (
        (
            "Line 9, column 13: a stack cannot join what comes from the middle of another branch: "
            "the first value goes on alone."
        ),
        (
            "Line 10, column 16: linear is used twice with the same weights; here the second has "
            "its own."
        ),
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "nn.MaxPool1d(2, return_indices=True)",
            "MaxPool1d cannot have this return_indices here; it was left out.",
        ),
        (
            "nn.Conv1d(1, 2, 3, padding_mode='circular')",
            "Line 1, column 1: Conv1d cannot have this padding_mode here; it was left out.",
        ),
        (
            "nn.Sequential(nn.Conv1d(1, 2, 0), nn.ReLU())",
            "column 15: this layer was left out: conv1d: kernel_size needs a whole number",
        ),
        ("nn.Sequential(nn.Conv1d(1, 2, '3', padding='same'), nn.ReLU())", "kernel_size needs a"),
        (
            "nn.Sequential(nn.Conv2d(1, 2, 3, padding='same', dilation='2'), nn.ReLU())",
            "dilation needs a whole number",
        ),
        ("nn.Sequential(nn.MaxPool2d(3, padding='same'), nn.ReLU())", "padding needs a whole"),
        ("nn.Sequential(nn.Linear(3, 10**10), nn.ReLU())", "linear needs out_features"),
        ("nn.Sequential(nn.Linear(3, 9999), nn.ReLU())", "linear takes at most 2,000"),
        (
            "nn.Sequential(nn.Flatten(), nn.Linear(784, 10))",
            "(10, 784) in the code: an array has at most 2,000 entries here.",
        ),
        ("y = np.maximum(0, np.ones((1, 2)) @ np.ones((2, 3000)))", "linear takes at most 2,000"),
        ("nn.Sequential(nn.Conv2d(3, 64, 7), nn.ReLU())", "(64, 3, 7, 7) in the code: an array"),
        (
            "class Net(nn.Module):\n  def forward(self, x): return torch.cat([x, F.relu(x), y], 1)",
            "Line 2, column 32: cat joins something here that is not read; that was left out.",
        ),
        (
            "class Net(nn.Module):\n    def forward(self, x): return torch.flatten(F.relu(x))",
            "Line 2, column 34: flatten makes one row of each example here.",
        ),
        (
            "nn.Sequential(nn.Conv2d(1, 6, 5), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(216, 3))",
            (
                "(3, 216) in the code. They fit no x that was tried here, where an array has at "
                "most 2,000 entries; here they have shape (3, "
            ),
        ),
        (
            "nn.Sequential(nn.Flatten(), nn.Linear(5, 3), nn.Linear(4, 2))",
            "PyTorch refuses this: linear(2,bias=True) has weights of shape (2, 4)",
        ),
        (
            "nn.Sequential(nn.Linear(5, 3), nn.Linear(4, 2))",
            (
                "PyTorch refuses this: linear(2,bias=True) has weights of shape (2, 4) in the "
                "code, which do not fit what comes before it. Here they have shape (2, 3)."
            ),
        ),
    ],
)
def test_what_a_layer_cannot_have_is_said(code: str, said: str) -> None:
    found = read_pytorch(code)
    assert any(said in each for each in found.remarks), found.remarks
    assert found.stack


def test_a_padding_that_keeps_the_size_has_more_behind() -> None:
    """It needs padding that differs from side to side; otherwise that is reported."""
    found = read_pytorch("nn.Sequential(nn.Conv1d(1, 2, 4, padding='same'), nn.ReLU())")
    if found.remarks:
        assert "padding needs" in found.remarks[0]
    else:
        assert "padding=(1,2)" in str(found.stack)


SAME = [(layer, kernel) for layer in ("Conv1d", "Conv2d") for kernel in (1, 2, 3, 4)]


@for_each("dilation", [1, 2, 3, (1, 2)])
@for_each(("layer", "kernel"), [*SAME, ("Conv2d", (2, 3)), ("Conv2d", (3, 4))])
def test_padding_same_keeps_the_size(layer: str, kernel: Any, dilation: Any) -> None:
    shape = (1, 1, 11) if layer == "Conv1d" else (1, 1, 11, 12)
    if layer == "Conv1d" and isinstance(dilation, tuple):
        dilation = dilation[1:]
    sizes = f"1, 1, {kernel}, padding='same', dilation={dilation}"
    found = read_pytorch(f"nn.Sequential(nn.{layer}({sizes}), nn.ReLU())")
    assert found.remarks == ()
    assert found.stack.joints(shape)[-1].shape == shape


@for_each(
    "code",
    [
        "x.view(-1, 4)",
        "x.view(x.size(0), -1)",
        "x.reshape((-1, 4))",
        "x.view([x.shape[0], -1])",
        "x.view(len(x), -1)",
        "x.view(x.size(0), 32)",
        "x.reshape(x.shape[0], 2 * 4 * 4)",
        "x.view(len(x), 32)",
        "x.view(x.size()[0], 32)",
        "torch.reshape(x, (x.shape[0], 32))",
        "x.flatten(1)",
        "torch.flatten(x, start_dim=1)",
        "nn.Flatten()(x)",
    ],
)
def test_rows_of_examples_are_made_in_many_ways(code: str) -> None:
    code = f"class Net(nn.Module):\n    def forward(self, x): return F.relu({code})"
    assert remarks(code) == ("flatten-relu", ())


def test_the_first_size_that_a_shape_is_taken_apart_into_is_that_of_the_examples() -> None:
    view = "n, *_ = x.shape\n        return F.relu(x.view({}, 32))"
    assert remarks(in_forward(view.format("n"))) == ("flatten-relu", ())
    for other in ("x.shape[1]", "x.size(1)", "x.size()[1]", "x.size(dim)"):
        assert remarks(in_forward(view.format(other)))[0] == "relu"
    assert remarks(in_forward(view.format("n, 1")))[0] == "relu"


def test_a_row_of_all_examples_is_one_of_each_here() -> None:
    (said,) = remarks(in_forward("return F.relu(x.reshape(-1))"))[1]
    assert said.endswith(say("paste.examples"))


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_a_filter_reads_the_channels_of_its_group(groups: int) -> None:
    sizes = f"4, 8, 3, groups={groups}, bias=False"
    found = read_pytorch(f"nn.Sequential(nn.Conv1d({sizes}), nn.ReLU())")
    assert found.remarks == ()
    assert found.input
    assert [*found.stack.parameters(found.input).values()] == [(8, 4 // groups, 3)]


TORCH = {
    "Conv1d": (
        "1, 2, 3",
        "stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode='zeros'",
        "stride=2, padding=1, dilation=3, groups=1, bias=False, padding_mode='circular'",
    ),
    "Linear": ("3, 2", "bias=True", "bias=False"),
    "MaxPool1d": (
        "4",
        "stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False",
        "stride=1, padding=2, dilation=3, return_indices=True, ceil_mode=True",
    ),
    "AvgPool1d": (
        "4",
        "stride=None, padding=0, ceil_mode=False, count_include_pad=True",
        "stride=1, padding=2, ceil_mode=True, count_include_pad=False",
    ),
    "AvgPool2d": (
        "4",
        "stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None",
        "stride=1, padding=2, ceil_mode=True, count_include_pad=False, divisor_override=3",
    ),
    "LeakyReLU": ("", "negative_slope=0.01, inplace=False", "negative_slope=0.5, inplace=True"),
    "Softplus": ("", "beta=1.0, threshold=20.0", "beta=2.0, threshold=10.0"),
    "Flatten": ("", "start_dim=1, end_dim=-1", "start_dim=2, end_dim=3"),
}
TORCH |= {"Conv2d": TORCH["Conv1d"], "MaxPool2d": TORCH["MaxPool1d"]}
"""Layer -> the arguments that it needs; its other arguments in the order and with the defaults of
torch's documentation; and the same with other values."""


@for_each(
    ("made", "stack"),
    [
        ("nn.LeakyReLU(True)(x)", "leakyrelu(1)"),
        ("Variable(F.relu(x))", "relu"),
        ("F.relu(x).type(torch.FloatTensor)", "relu"),
        ("F.relu(x.type('torch.DoubleTensor'))", "relu"),
        ("F.relu(x.type(kind))", "relu"),
        (
            "nn.Conv2d(1, 2, 3, stride=(2,), padding=[1])(x)",
            "conv2d(3,filters=2,stride=2,padding=1,bias=True)",
        ),
    ],
)
def test_what_scripts_of_old_do_is_what_torch_makes_of_it(made: str, stack: str) -> None:
    code = in_forward(f"return {made}")
    assert remarks(f"kind = torch.FloatTensor\n{code}") == (stack, ())


def test_a_remark_says_where_values_are_made_whole_numbers() -> None:
    stack, said = remarks(in_forward("return F.relu(x).type(torch.LongTensor)"))
    assert stack == "relu"
    assert [each.partition(" was")[0] for each in said] == [
        "Line 5, column 16: type is not known here and"
    ]


@pytest.mark.parametrize("layer", TORCH)
def test_arguments_have_torchs_order_and_its_defaults(layer: str) -> None:
    def made(*arguments: str) -> tuple[str, tuple[str, ...]]:
        return remarks(f"nn.Sequential(nn.{layer}({', '.join(filter(None, arguments))}), nn.Abs())")

    needed, defaults, others = TORCH[layer]
    assert made(needed, defaults) == made(needed)
    assert made(needed)[1] == ()
    by_order = ", ".join(each.partition("=")[2] for each in others.split(", "))
    stack, said = made(needed, by_order)
    assert (stack, [each.partition(": ")[2] for each in said]) == (
        made(needed, others)[0],
        [each.partition(": ")[2] for each in made(needed, others)[1]],
    )


@pytest.mark.parametrize("pool", ["max_pool1d", "max_pool2d"])
def test_a_function_has_an_order_of_its_own(pool: str) -> None:
    """max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)"""
    by_order, named = (
        remarks(in_forward(f"return F.{pool}(F.relu(x), 3, {more})"))
        for more in ("2, 1, 1, True, False", "stride=2, padding=1, ceil_mode=True")
    )
    assert by_order == named
    assert "ceil_mode=True" in by_order[0]
    assert by_order[1] == ()


@for_each(
    "more",
    [
        "dtype=torch.float64",
        "device=torch.device('cuda'), dtype=None",
        "device=device",
        "**{'device': 'cpu', 'dtype': torch.float32}",
    ],
)
def test_where_a_layers_numbers_lie_and_how_exact_they_are_changes_nothing(more: str) -> None:
    code = f"model = nn.Sequential(nn.Linear(2, 2, {more}), nn.ReLU())"
    assert remarks(code) == ("linear(2,bias=True)-relu", ())


AROUND = "model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())"


@for_each(
    "text",
    [
        f"```python\n{AROUND}\n```",
        f"Hi! Here's my network:\n\n```\nimport torch\n{AROUND}\n```\nIt doesn't learn :(",
        f">>> import torch\n>>> {AROUND}\n>>> model\nSequential(\n  (0): nothing",
        ">>> model = nn.Sequential(\n...     nn.Linear(2, 2),\n...     nn.ReLU(),\n... )",
        f"    {AROUND}",
        f"I don't see why\n{AROUND}\nIt's my (first one",
        f"%matplotlib inline\n!pip install\n{AROUND}\nfor epoch in range(3):\n    train(model)",
        "nn.Linear(2, 2),\nnn.ReLU(),",
        "Sequential(\n  (0): Linear(in_features=2, out_features=2, bias=True)\n  (act): ReLU()\n)",
        f"if __name__ == '__main__':\n    {AROUND}\n    model = model.to('cuda')\n",
        AROUND.replace(", ", ",\r\n"),
        f"digit = '\\d'\n{AROUND.replace('2)', '2if digit else 3)')}",  # warnings of Python's own
        f"1  import torch\n2\n9  if True:\n10     {AROUND}\n11     train(model)",
        f"9 if True:\n10     {AROUND}\n11     train(model)",
        f" 9 | if True:\n10 |     {AROUND}\n11 |",
        f"> if True:\n>\n>     {AROUND}",
        f">>> import torch\n>>> {AROUND}",
        f"+if True:\n+    {AROUND}.requires_grad_(False)\n",
        (
            "sizes = pairwise([2, 2])\n"
            "a = nn.Sequential(*[nn.Linear(*each) for each in sizes], nn.ReLU())"
        ),
        f"In [3]: import torch\nIn [4]: {AROUND}\nIn [5]: model\nOut[5]:\nSequential(",
        "In [1]: model = nn.Sequential(\n   ...:     nn.Linear(2, 2),\n   ...:     nn.ReLU())",
        f"In [ ]:\n{AROUND}\nOut [4]:\nNone",
        "\ufeff模型 = nn.Sequential（\n    nn.Linear（2，2），\n    nn.ReLU（）\u200b\n）",
        AROUND.replace("(2, 2)", "(2, 2, device=“cpu”)").replace(" ", "\u00a0"),
        "l1 = nn.Linear(2, 2)\nx = torch.randn(1, 2)\nh = F.relu(l1(x))\nprint(h.shape)",
        f"{AROUND}\nx = torch.zeros((3, 2))\nprint(model(x))",
        "def block(n):\n    return nn.Linear(n, n), nn.ReLU()\nmodel = nn.Sequential(*block(2**1))",
        (
            "layers = []\nfor n in range(1):\n    layers.append(nn.Linear(2, 2))\n"
            "layers += [nn.ReLU()]\n"
            "model = nn.Sequential(*layers)"
        ),
        f"{AROUND}\nx = torch.rand(size=(1, 2))\nfor layer in model:\n    x = layer(x)",
        (
            f"def train(model, x):\n    for each in x:\n        x = x * 2\n    print(model(x))\n"
            f"{AROUND}\n"
            "train(model, torch.rand(3, 2))"
        ),
        (
            "class A(nn.Module):\n    def __init__(me):\n        me.one = me.make(2)\n"
            "    def make(me, n):\n        return nn.LazyLinear(n)\n"
            "    def forward(me, x):\n        return me.one(x).relu()\n"
            "a = A()"
        ),
    ],
)
def test_what_stands_around_the_code_does_not_matter(text: str) -> None:
    found = read_pytorch(text)
    assert str(found.stack) == "linear(2,bias=True)-relu"
    assert found.input in {(2,), (1, 2), (3, 2), (5,)}


INIT = (
    "    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.a = nn.Linear(4, 3)\n"
    "        self.act = nn.ReLU()\n"
)
FORWARD = "    def forward(self, x):\n        return self.act(self.a(x))\n"


@for_each(
    "text",
    [
        "self.net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())",
        f"{INIT}{FORWARD}",
        f"@decorated\n{INIT}{FORWARD}",
        f"{INIT}{FORWARD}".lstrip(),
        f"{INIT}{FORWARD}".partition("super().__init__()\n")[2],
        f"{INIT}{FORWARD}".partition("super().__init__()\n")[2].lstrip(),
        "# mine\n    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())",
        "    net = nn.Sequential(\n        nn.Linear(4, 3),\n        nn.ReLU(),\n)\n    y = net(x)",
        "net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())\n        y = net(x)\n        y.sum()",
        f"class A(nn.Module):\n{INIT}# mine\n{FORWARD}net = A()",
    ],
)
def test_what_is_cut_out_of_a_class_or_of_a_line_is_read(text: str) -> None:
    assert remarks(text) == ("linear(3,bias=True)-relu", ())


def test_a_remark_about_a_moved_line_gives_its_place_in_the_text() -> None:
    stack, said = remarks(
        f"{INIT}{FORWARD.replace('(self.a', '(torch.exp(self.a')}    )\n".lstrip()
    )
    assert stack == "linear(3,bias=True)-relu"
    assert said == (f"Line 6, column 25: {say('paste.function', name='exp')}",)


def test_behind_a_line_of_a_class_that_is_no_python_its_methods_are_read() -> None:
    assert remarks(f"clas A(nn.Module):\n{INIT}{FORWARD}net = A()") == (
        "linear(3,bias=True)-relu",
        ("Line 1 is no Python and was left out.",),
    )
    code = f"class A(nn.Module):\n{INIT}{FORWARD}      x = 1\nnet = A()"
    assert remarks(code)[1] == ("Line 8 is no Python and was left out.",)


def test_a_list_of_2000_entries_is_read_and_a_longer_one_is_not() -> None:
    assert str(read_pytorch("nn.Linear(3, range(2000)[1999])").stack) == "linear(1999,bias=True)"
    for index in (0, 255, 1999, 2000):
        with pytest.raises(StackError):
            read_pytorch(f"nn.Linear(3, range(2001)[{index}])")


@pytest.mark.parametrize(
    ("numbers", "n"),
    [
        ("x = [0.5] * {n}", 2000),
        ("x = [0.5] * 9 + [0.5] * ({n} - 9)", 2000),
        ("x = [0.5 for i in range({n})]", 2000),
        ("x = []\nfor i in range({n}):\n    x.append(0.5)", 784),
        ("x = []\nfor i in range({n}):\n    x += [0.5]", 784),
        ("x = []\nwhile len(x) < {n}:\n    x = x + [0.5]", 784),
    ],
)
def test_a_list_is_known_whole_or_not_at_all(numbers: str, n: int) -> None:
    code = f"{numbers}\nx = torch.tensor(x)\nmodel = nn.Linear({{n}}, 1)\nmodel(x)"
    found = read_pytorch(code.format(n=n))
    assert (found.input, found.x, found.remarks) == ((n,), [0.5] * n, ())
    found = read_pytorch(code.format(n=2001))
    assert (found.x, any("With (" in each for each in found.remarks)) == (None, False)


@pytest.mark.parametrize(
    ("size", "known"),
    [
        ("len(range(300))", 300),
        ("max(range(400))", 399),
        ("len([i for i in range(900) if i % 3 == 0])", 300),
        ("n\nn = len([i for i in range(3000) if i % 10 == 0])", None),
        ("len(range(3000))", None),
        ("max(*range(3000))", None),
        ("len([*range(1500), *range(1500)])", None),
        ("len([[0] * 1500 + [0] * 1500][0])", None),
        ("n\nn = 0\nwhile n < 300:\n    n += 1", 300),
        ("n\nn = 0\nwhile n < 3000:\n    n += 1", None),
        ("n\nfor n in range(2001):\n    pass", None),
        ("n\nfor i in range(200):\n    n = i", 199),
        ("len(a)\na = {}\nfor i in range(3000):\n    a[i] = i", None),
        ("len(a)\na = b = []\nfor i in range(3000):\n    b.append(i)", None),
        (
            "len(a)\na = [0] * 1990\ndef f(b):\n    for i in range(20):\n        b.append(i)\nf(a)",
            None,
        ),
    ],
)
def test_a_size_of_what_is_cut_is_not_known(size: str, known: int | None) -> None:
    size, _, before = size.partition("\n")
    stack, said = remarks(f"{before}\nnn.Sequential(nn.ReLU(), nn.Linear(4, {size}))")
    assert stack == (f"relu-linear({known},bias=True)" if known else "relu")
    assert ["out_features" in each for each in said] == ([] if known else [True, True])


def test_labels_are_as_many_as_the_code_has() -> None:
    code = "y = torch.tensor([i % 3 for i in range(300)])\nx = torch.randn(300, 4)\n"
    found = read_pytorch(f"{code}loss = F.cross_entropy(nn.Linear(4, 3)(x), y)")
    assert (found.stack.at((1,)).data, found.input) == ((0, 1, 2) * 100, (300, 4))


def test_lines_that_are_no_python_are_named() -> None:
    found = read_pytorch(f"{AROUND}\nthis does not work, why?")
    assert found.remarks == ("Line 2 is no Python and was left out.",)
    found = read_pytorch(f"Dear all,\n{AROUND}\nthis does not work, why?")
    assert found.remarks == ("Lines 1, 3 are no Python and were left out.",)


def test_a_line_that_goes_back_halfway_is_no_python() -> None:
    """Python refuses it; but code that as a whole was copied with an indentation is read."""
    found = read_pytorch(f"{AROUND}\nif True:\n        n = 1\n    model = nn.Abs()")
    assert (str(found.stack), found.remarks) == (
        "linear(2,bias=True)-relu",
        ("Line 4 is no Python and was left out.",),
    )


@for_each(
    "first",
    ["9 if True:", "9  if True:", " 9 if True:", "8  if True:\n9      pass", "8 \n9  if 1:"],
)
def test_the_numbers_of_lines_are_no_part_of_them(first: str) -> None:
    """The text may begin in one column, or one space after each number, however wide it is."""
    assert remarks(f"{first}\n10     {AROUND}\n11 net = model") == ("linear(2,bias=True)-relu", ())


@for_each("prompt", [">>> ", ">>>", "In [3]: ", "  In [3]:"])
def test_each_line_of_a_console_is_read_behind_its_prompt(prompt: str) -> None:
    lines = ["import torch", "model = nn.Sequential(", AROUND.partition("Sequential(")[2]]
    text = f"{prompt}{lines[0]}\n{prompt}{lines[1]}\n   ...: {lines[2]}"
    assert remarks(text) == ("linear(2,bias=True)-relu", ())


@for_each("margin", ["1 ", "1: ", "  1  | "])
def test_a_place_behind_the_number_of_a_line_is_counted_from_it(margin: str) -> None:
    text = f"{margin}model = nn.Sequential(nn.Tanh(),\n{margin.replace('1', '2')}    nn.ReLU())"
    stack, (said,) = remarks(text)
    assert (stack, said.partition(":")[0]) == ("relu", f"Line 1, column {text.index('nn.T') + 1}")


def test_a_loss_ends_the_stack() -> None:
    ends = "linear(2,bias=True)-relu-softmaxcrossentropy"
    assert remarks(f"{AROUND}\ncriterion = nn.CrossEntropyLoss()") == (f"{ends}(0)", ())
    labelled = f"{AROUND}\nloss = F.cross_entropy(model(torch.randn(2, 2)), torch.tensor([1, 0]))"
    found = read_pytorch(labelled)
    assert str(found.stack) == f"{ends}(1,0)"
    assert found.input == (2, 2)


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        ("1, 1, 6", None),
        (
            "1, 1, 20",
            "linear(3,bias=True) would need weights of shape (3, 18), and has (3, 4) in the code.",
        ),
        ("64, 1, 6", None),
        ("900, 1, 6", "x has shape (900, 1, 6), 5,400 entries: an array has at most 2,000."),
        ("1, 1, 6, 6", "conv1d(3,filters=2,bias=True) does not fit: it needs x (L,) with w (), "),
    ],
)
def test_a_remark_says_why_x_has_another_shape_than_in_the_code(
    shape: str, why: str | None
) -> None:
    net = "nn.Conv1d(1, 2, 3), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(4, 3)"
    for call in ("y = net(x)", ""):
        found = read_pytorch(f"net = nn.Sequential({net})\nx = torch.randn({shape})\n{call}")
        if why is None:
            assert (found.input, found.remarks) == (tuple(map(int, shape.split(","))), ())
        else:
            assert found.input == (1, 1, 6)
            (said,) = found.remarks
            assert said.startswith(
                f"Here x has shape (1, 1, 6). With ({shape}), as in the code: {why}"
            )


@for_each(
    "drawn",
    [
        "torch.randn(4, 3)",
        "torch.normal(torch.ones(4, 3), 1)",
        "np.random.normal(np.zeros(3), 1, size=(4, 3))",
        "torch.cat((torch.randn(4, 1), torch.randn(4, 2)), dim=1)",
        "torch.cat((torch.randn(1, 3, 1), torch.randn(1, 3, 3)), -1)[0].T",
    ],
)
def test_numbers_that_are_drawn_beside_a_network_have_the_shape_of_x(drawn: str) -> None:
    found = read_pytorch(f"net = nn.Sequential(nn.Linear(3, 2))\nbatch = {drawn}\n")
    assert (str(found.stack), found.input) == ("linear(2,bias=True)", (4, 3))


@pytest.mark.parametrize("more", ["", "z = torch.randn(4, 3)\n", "[] = () = '{3}'\n"])
def test_numbers_that_are_called_x_are_x_before_the_network_is_applied(more: str) -> None:
    code = "x = torch.tensor([[1., 2., 3.]])\nnet = nn.Sequential(nn.Linear(3, 2), nn.ReLU())\n"
    found = read_pytorch(more + code)
    assert (str(found.stack), found.input, found.remarks) == (
        "linear(2,bias=True)-relu",
        (1, 3),
        (),
    )


@for_each("name", sorted(LAYERS))
def test_every_layer_can_be_pasted_by_its_name(name: str) -> None:
    """This includes any new layer."""
    if LAYERS[name].flowing > 1 or LAYERS[name].data or name in ("maxpool", "avgpool"):
        return
    made = new_item(name)
    sizes = ", ".join(f"{key}={value}" for key, value in made.given)
    found = read_pytorch(f"nn.Sequential(nn.{LAYERS[name].__name__}({sizes}), nn.ReLU())")
    assert [step.item.name for step in found.stack.steps] == [name, "relu"]


KERAS = (
    "This is code for Keras; what is read here is PyTorch's: nn.Sequential(…), or a class with a "
    "forward."
)
JAX = KERAS.replace("Keras", "JAX")
NO_LAYER = "There is no network in this text: it needs nn.Sequential(…), or a class with a forward."
TOO_DEEP = (
    "This text is nested too deep to be read; brackets may lie at most 40 deep in each other."
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", NO_LAYER),
        ("hello", NO_LAYER),
        ("import os; os.system('rm -rf /')", NO_LAYER),
        ("x = 10**10**10", NO_LAYER),
        ("isinstance(*[], *[])", NO_LAYER),
        ("x = 9" + "9" * 6000, "Line 1 is no Python: Exceeds the limit"),
        ("nn.ReLU(\x00)", "no Python"),
        ("half_a_sign = '\ud800'", "Line 1 is no Python: 'utf-8' codec can't encode"),
        ("-" * 49_000 + "1", TOO_DEEP),
        ("a" + ".b" * 20_000, TOO_DEEP),
        ("(" * 49_000, TOO_DEEP),
        ("[" * 41 + "]" * 41, TOO_DEEP),
        ("-" * 100_000, "At most 50,000 characters are read; this text has 100,000."),
        ("y = 1\n" * 8_000, NO_LAYER),
        ("1 1\n" * 100, "is no Python"),
        ("def f():\n" * 100, "is no Python"),
        (
            "nn.Sequential(nn.ReLU(), nn.Linear(4 3))",
            "Line 1 is no Python: invalid syntax. Perhaps",
        ),
        (
            "class B:\n def __init__(self):\n  self.b = B()\n def forward(self, x):\n  return x",
            "Classes may call each other at most 8 deep.",
        ),
        (
            "model = nn.ReLU()\ndef f(x):\n    return f(x)\nf(1)",
            "Classes may call each other at most 8 deep.",
        ),
        (
            "\n".join(f"{' ' * i}for i{i} in {list(range(30))}:" for i in range(6))
            + "\n"
            + " " * 6
            + "y = 1",
            "At most 100,000 expressions are looked at; this text has more.",
        ),
        (
            "x = np.arange(1000)\n" + "x = -x\n" * 101,
            "At most 100,000 expressions are looked at; this text has more.",
        ),
        (
            "w = np.arange(1000)\n" + "w = -w\n" * 98 + "w[0]\n" * 150,
            "At most 100,000 expressions are looked at; this text has more.",
        ),
        (
            f"a = list(range(2000))\nmany = [{'a, ' * 4800}]",
            "At most 100,000 expressions are looked at; this text has more.",
        ),
        ("many = nn.Sequential(*[nn.ReLU()] * 10**6)", "at most 64 layers"),
        (
            "model = nn.Sequential(nn.Tanh())",
            "No layer that is known here is applied in this text. Line 1, column 23: Tanh is not ",
        ),
        (
            "class B:\n def forward(self, x):\n  a = nn.Linear(4, 2)\n  return Bert()(x)",
            "No layer that is known here is applied in this text. Line 4, column 10: Bert is not ",
        ),
        ("x = [1]\nfor i in range(99):\n    x = [x, x]\nm = nn.Sequential(*x)", NO_LAYER),
        ("at = [1]\nfor i in range(30):\n    at = [at, at]\nnp.eye(2)[at]", NO_LAYER),
        ("at = (1,)\nfor i in range(30):\n    at = (at, at)\nnp.eye(2)[at]", NO_LAYER),
        ("k = [1]\nfor i in range(30):\n    k = [k, k]\nnn.Linear(2, k)", "out_features"),
        ("w, at = np.eye(2), [1]\nfor i in range(30):\n    at = [at, at]\nw[at] = 1", NO_LAYER),
        ("loss = nn.CrossEntropyLoss()(model(x), y)", NO_LAYER),
        ("s = 'a'\nfor i in range(99):\n    s = f'{s}{s}'", NO_LAYER),
        ("model = keras.Sequential([Input((4,))])", KERAS),
        ("model.add(Dense(10, activation='relu'))", KERAS),
        ("model = Sequential([Conv2D(8, 3, activation='relu'), Flatten()])", KERAS),
        ("from jax.example_libraries import stax\nstax.serial(stax.Dense(4))", JAX),
        ("def f(x, w):\n    return jnp.max(jax.nn.relu(w * x))", JAX),
        (
            (
                "class CNN(nn.Module):\n  @nn.compact\n  def __call__(self, x):\n"
                "    return nn.relu(nn.Conv(features=2, kernel_size=(3, 3))(x))"
            ),
            JAX,
        ),
        ("clf = MLPClassifier((10,), activation='relu')", NO_LAYER),
        ("from mxnet.gluon import nn\nnet.add(nn.Dense(8))", "9: Dense is not known here"),
        ("self.linear = nnx.Linear(3, 2, rngs=rngs)", JAX),
        ("mlp = hk.Sequential([hk.Linear(300), jax.nn.relu])", JAX),
        ("h = tf.nn.relu(tf.nn.conv1d(x, w, 1, 'VALID'))", KERAS.replace("Keras", "TensorFlow")),
        (f"model = nn.Sequential({'nn.ReLU(),' * 200})", "at most 64 layers"),
        (
            f"model = nn.Sequential({'nn.ReLU(),' * 65})",
            "A stack has at most 64 layers; this one has 65.",
        ),
    ],
    ids=lambda it: it[:12],
)
def test_hostile_texts_are_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(StackError) as raised:
        read_pytorch(text)
    assert said in str(raised.value)


@pytest.mark.parametrize("more", ["# as tf.nn.relu", "\nimport torch, tensorflow"])
def test_what_pytorch_is_compared_with_does_not_make_it_that(more: str) -> None:
    assert str(read_pytorch(f"model = nn.Sequential(nn.ReLU())  {more}").stack) == "relu"
    assert str(read_pytorch("I come from keras.\nmodel = nn.Sequential(nn.ReLU())").stack) == "relu"


def test_a_remark_about_keras_does_not_make_it_keras() -> None:
    assert str(read_pytorch("model = nn.Sequential(nn.ReLU())  # Dense() of keras").stack) == "relu"


def test_a_dense_layer_of_ones_own_is_not_keras() -> None:
    code = (
        "class Dense:\n    def __init__(self, d_in, d_out):\n"
        "        self.W = np.random.randn(d_in, d_out) * 0.1\n        self.b = np.zeros(d_out)\n"
        "    def forward(self, x):\n        return np.dot(x, self.W) + self.b\n"
        "h = np.maximum(0, Dense(4, 3).forward(np.random.randn(2, 4)))\n"
    )
    found = read_pytorch(code)
    assert (str(found.stack), found.input, found.remarks) == (OF_LINEAR, (2, 4), ())


def test_the_last_class_is_the_network_where_none_is_instantiated() -> None:
    """It is the one that uses the others."""
    code = (
        "class Block(nn.Module):\n    def forward(self, x): return F.relu(x)\n"
        "class Net(nn.Module):\n"
        "    def __init__(self): self.block = Block(); self.linear = nn.Linear(4, 2)\n"
        "    def forward(self, x): return self.linear(self.block(x))\n"
    )
    assert remarks(code) == ("relu-linear(2,bias=True)", ())


def test_one_sentence_asks_for_the_sizes_of_a_class_that_are_not_in_the_text() -> None:
    code = (
        "class MLP(nn.Module):\n    def __init__(self, d_in, d_hidden, d_out, bias=True):\n"
        "        super().__init__()\n        self.a = nn.Linear(d_in, d_hidden, bias)\n"
        "        self.b = nn.Linear(d_hidden, d_out, bias)\n"
        "    def forward(self, x): return self.b(F.relu(self.a(x)))\n"
    )
    said = "The sizes of MLP are not in this text: add a line such as MLP(4, 3, 2) below it."
    with pytest.raises(StackError, match=re.escape(said)):
        read_pytorch(code)
    expected = "linear(3,bias=True)-relu-linear(2,bias=True)"
    assert remarks(f"{code}MLP(4, 3, 2)") == (expected, ())
    assert (
        remarks(code.replace("d_in, d_hidden, d_out", "d_in, d_hidden=3, d_out=2"))[0] == expected
    )
    within = textwrap.indent(code, "    ")
    assert remarks(f"def main():\n{within}    train(MLP)")[0] == "relu"


@pytest.mark.parametrize("use", ["print(net(x))", "net(x).sum().backward()", "y = net(x).tolist()"])
def test_what_is_only_looked_at_may_be_the_network(use: str) -> None:
    code = "w = torch.randn(3, 4)\ndef net(x): return F.relu(F.linear(x, w))\n"
    found = read_pytorch(f"{code}x = torch.randn(2, 4)\nprint(x)\n{use}\n")
    assert (str(found.stack), found.input) == ("linear(3)-relu", (2, 4))


def test_the_last_of_several_equally_large_networks_is_read() -> None:
    nets = (f"nn.Sequential(nn.Linear(2, {n}), nn.ReLU())" for n in (3, 4))
    assert remarks("\n".join(f"net = {each}" for each in nets)) == ("linear(4,bias=True)-relu", ())


WHOLE = (
    "full = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), nn.Softplus())\n"
    "x = torch.randn(2, 3)\n"
)
ALL, PART = "linear(4,bias=True)-relu-linear(2,bias=True)-softplus", "linear(4,bias=True)-relu"


@for_each(
    ("code", "stack"),
    [
        # Nothing else is left of the whole network.
        ("full = full[:2]", PART),
        ("full = nn.Sequential(*list(full.children())[:2])", PART),
        # With new weights after some of the layers.
        ("model = nn.Sequential(*full[:2], nn.Linear(4, 1))", f"{PART}-linear(1,bias=True)"),
        (
            (
                "class Other(nn.Module):\n    def __init__(self, of):\n        super().__init__()\n"
                "        self.first, self.last = of[0], nn.Linear(4, 1)\n"
                "    def forward(self, x): return self.last(self.first(x))\nmodel = Other(full)"
            ),
            "linear(4,bias=True)-linear(1,bias=True)",
        ),
        # The part is applied, and the whole is not.
        ("model = full[:2]\ny = model(x)", PART),
        # The part is only looked at.
        ("part = full[:2]", ALL),
        ("y = full(x)\npart = full[:2]\nprint(part(x))", ALL),
        ("y = full(x)\nfull = full[:2]", ALL),
        ("def train(m): m(x).sum().backward()\ntrain(full)\nprint(full[:2](x))", ALL),
        ("def train(m): m(x).sum().backward()\ntrain(full)\npart = full[:2]\ny = part(x)", ALL),
        ("h = full[:2](x)", ALL),
        ("look = nn.Sequential(full[0], nn.ReLU(), nn.MaxPool1d(2))", ALL),
        ("model = nn.Sequential(full, nn.Linear(2, 1))", f"{ALL}-linear(1,bias=True)"),
    ],
)
def test_what_is_made_of_layers_of_another_network_is_meant_and_a_part_is_not(
    code: str, stack: str
) -> None:
    assert remarks(WHOLE + code) == (stack, ())


@for_each(
    ("code", "stack", "said"),
    [
        ("full += nn.Sequential(nn.ReLU())", f"{ALL}-relu", None),
        ("full = full + nn.Sequential(nn.ReLU())", f"{ALL}-relu", None),
        (
            "full = nn.Sequential(nn.ReLU(), nn.Softplus()) * 3",
            "-".join(["relu-softplus"] * 3),
            None,
        ),
        # Torch's methods return the row; a name is one module's.
        (
            "full.append(nn.Abs()).extend([nn.ReLU()]).insert(0, nn.Softplus())",
            f"softplus-{ALL}-abs-relu",
            None,
        ),
        (
            (
                "full = nn.Sequential(full).append(nn.Abs())\n"
                "full.append(*nn.ModuleList([nn.ReLU()]).append(nn.Softplus()).extend([])[1:])"
            ),
            f"{ALL}-abs-softplus",
            None,
        ),
        (
            (
                "full.add_module('a', nn.Abs())\nfull.add_module('b', nn.ReLU())\n"
                "full.add_module(module=nn.Softplus(), name='a')"
            ),
            f"{ALL}-softplus-relu",
            None,
        ),
        (
            (
                "full = nn.Sequential(OrderedDict(a=full, b=nn.Abs()))\n"
                "full = deepcopy(full)\nfull.add_module('b', nn.ReLU())"
            ),
            f"{ALL}-relu",
            None,
        ),
        (
            (
                "class Made(nn.Sequential):\n    def __init__(self):\n"
                "        super().__init__(full, nn.Abs())\n"
                "        self.add_module('1', nn.ReLU())\n"
                "        self.a = nn.Abs()\n        self.a = nn.Softplus()\nmade = Made()"
            ),
            f"{ALL}-relu-softplus",
            None,
        ),
        ("delattr(full, '1')", ALL, "delattr(full, '1') is not read here"),
        ("setattr(full, '1', nn.Softplus())", ALL, "setattr(full, '1', nn.Softplus()) is not read"),
        ("full._modules['1'] = nn.Softplus()", ALL, "full._modules['1'] is not read here"),
    ],
)
def test_a_row_of_modules_may_be_made_longer_and_what_else_is_put_in_is_said(
    code: str, stack: str, said: str | None
) -> None:
    found, remark = remarks(WHOLE + code)
    assert found == stack
    assert [said in each for each in remark if said] == [True] * bool(said)


@pytest.mark.parametrize("indent", ["", "    "])
def test_a_place_is_that_in_the_text_as_it_was_pasted(indent: str) -> None:
    line = f"{indent}model = nn.Sequential(nn.ReLU(), nn.Fancy())"
    (said,) = remarks(line)[1]
    assert said.startswith(f"Line 1, column {line.index('nn.Fancy') + 1}: Fancy ")


@pytest.mark.parametrize("behind", ["", "  # the gate", "\n"])
def test_a_comma_that_is_missing_behind_a_layer_is_read_as_if_it_were_there(behind: str) -> None:
    layers = ("nn.Linear(4, 3),", f"nn.ReLU(){behind}", "nn.Linear(3, 1)")
    found = read_pytorch("\n  ".join(("nn.Sequential(", *layers)) + "\n)")
    assert str(found.stack) == "linear(3,bias=True)-relu-linear(1,bias=True)"
    assert found.remarks == ("Behind line 3 a comma is missing; it was read as if it were there.",)
    found = read_pytorch("nn.Sequential(nn.Abs(),\nnn.ReLU()\nnn.Abs()\nnn.ReLU())")
    assert found.remarks == (
        "Behind lines 2, 3 commas are missing; they were read as if they were there.",
    )


def test_nothing_of_the_text_is_run(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    code = f"{AROUND}\n__import__('pathlib').Path({str(trap)!r}).touch()\nexec('1/0')\n"
    for kind in ("class A(print('!')):\n    pass", "@exit\ndef f(): pass", "[exit() for _ in '1']"):
        assert str(read_pytorch(code + kind).stack) == "linear(2,bias=True)-relu"
    assert not trap.exists()


def test_a_mangled_network_is_a_stack_or_a_sentence() -> None:
    draw = random.Random(17)
    codes = [code for code, *_ in NETWORKS.values()]
    for _ in range(150):
        code = draw.choice(codes)
        for _ in range(draw.randint(1, 3)):
            at = draw.randrange(len(code))
            code = (
                code[:at]
                + draw.choice(["", "(", ")", "x", "\n", ",", "-", "0", "é", "'"])
                + (code[at + draw.randint(0, 2) :])
            )
        with suppress(StackError):
            found = read_pytorch(code)
            assert read_stack(str(found.stack)) == found.stack


def is_told_by_a_script(stack: Stack, shape: tuple[int, ...]) -> bool:
    """Whether a script can show it: every flatten computes, sums have two parts, none x itself."""
    for step, joint in zip(stack.steps, stack.joints(shape), strict=True):
        name, branches = step.item.name, step.item.branches
        if name == "flatten" and len(joint.reads[0] or ()) < 3:
            return False
        if name in ("add", "residual") and not (all(branches) and len(branches) < 3):
            return False
    return True


def test_a_script_for_pytorch_is_pasted_as_the_stack_that_it_is_of() -> None:
    same, rule = 0, RULES["pytorch-max-pool"]
    for stack, _ in zip(random_stacks(200), range(200), strict=False):
        shape = input_shape(stack)
        if shape is None or not stack or not is_told_by_a_script(stack, shape):
            continue
        every = [np.ones(each) for each in (shape, *stack.parameters(shape).values())]
        passed = trace(stack.layer, *every, kinks=rule.kinks)
        script = FrameworkScript(Script(passed, letters(passed), rule.slug), "torch")
        with suppress(StackError):  # if even the first layer is written differently
            found = read_pytorch(str(script))
            if found.remarks:
                continue
            assert found.input == shape
            assert repr(found.stack.layer) == repr(stack.layer)
            assert found.stack.parameters(shape) == stack.parameters(shape)
            same += 1
    assert same > 25


def test_layers_applied_to_a_loss_follow_it_in_the_stack() -> None:
    found = read_pytorch(
        "x = torch.tensor([[1.0, -2.0]])\nh = torch.relu(x)\n"
        "loss = F.cross_entropy(h, torch.tensor([1]))\ny = torch.abs(loss)"
    )
    assert (str(found.stack), found.remarks) == ("relu-softmaxcrossentropy(1)-abs", ())


@pytest.mark.parametrize("slug", CASES)
def test_a_case_is_pasted_from_its_script(slug: str) -> None:
    scene = CASES[slug]
    found = read_pytorch(str(FrameworkScript(STACK_SUBJECT.script(scene), "torch")))
    assert (found.stack, found.input, found.remarks) == (scene.stack, scene.shape, ())


@pytest.mark.parametrize(
    ("subject", "stack", "shape"),
    [
        (BLOCK, "conv1d-relu-maxpool", (5,)),
        (BATCH, "conv1d(1,filters=1)-relu-maxpool", (3, 1, 3)),
    ],
    ids=["conv block", "minibatch"],
)
def test_the_lab_is_pasted_from_its_script(subject: Subject[Any], stack: str, shape: Any) -> None:
    found = read_pytorch(str(FrameworkScript(subject.script(subject.start), "torch")))
    assert (str(found.stack), found.input, found.remarks) == (stack, shape, ())


MAXIMA = "x = torch.randn({})\nh = F.relu(nn.Linear(3, 2)(x))\nz = {}"


@for_each(
    ("shape", "maxima", "rule"),
    [
        ("4, 3", "h.max(dim=-1).values", "pytorch-max-pool"),
        ("4, 3", "h.max(1)[0]", "pytorch-max-pool"),
        ("4, 3", "torch.max(h, -1)[0]", "pytorch-max-pool"),
        ("4, 3", "h.amax(-1)", "pytorch-amax"),
        ("4, 3", "torch.amax(h, dim=1)", "pytorch-amax"),
        ("4, 3", "np.max(h, axis=1)", "pytorch-max-pool"),
        ("3", "h.max()", "pytorch-amax"),
        ("3", "torch.max(h)", "pytorch-amax"),
        ("3", "h.max(0)[0]", "pytorch-max-pool"),
    ],
)
def test_maxima_of_rows_are_a_pool(shape: str, maxima: str, rule: str) -> None:
    """A tie's gradient goes to one entry, or to all, as torch's documentation says of each."""
    found = read_pytorch(MAXIMA.format(shape, f"{maxima}\ny = z.abs()"))
    assert (str(found.stack), found.remarks) == ("linear(2,bias=True)-relu-maxpool-abs", ())
    assert found.rule == rule


@for_each("maxima", ["_, predicted = h.max(1)", "[_, predicted] = torch.max(h, dim=1)"])
def test_maxima_of_which_the_places_alone_are_taken_are_no_layer(maxima: str) -> None:
    code = f"{MAXIMA.format('4, 3', 0)}\n{maxima}\n"
    assert remarks(code) == ("linear(2,bias=True)-relu", ())
    assert remarks(f"{code}L = nn.CrossEntropyLoss()")[0].endswith("-relu-softmaxcrossentropy(0)")
    assert remarks(f"_ = 0\n{code}z = _.abs()")[0] == "linear(2,bias=True)-relu-maxpool-abs"


@pytest.mark.parametrize("maxima", ["h.max()", "h.max(0)[0]", "h.amax(1, keepdim=True)", "max(h)"])
def test_other_maxima_are_said(maxima: str) -> None:
    stack, said = remarks(MAXIMA.format("4, 3", maxima))
    assert stack == "linear(2,bias=True)-relu"
    assert said


@for_each(
    ("x", "pool", "layer"),
    [
        ("(6,)", "h.reshape(-1, 2).max(axis=1)", "maxpool(2)"),
        ("(6,)", "np.max(h.reshape(len(h) // 3, 3), axis=-1)", "maxpool(3)"),
        ("(6,)", "h.reshape(3, -1).mean(1)", "avgpool(2)"),
        ("(2, 6)", "h.reshape(2, 3, 2).max(axis=2)", "maxpool(2)"),
        ("(4, 6)", "h.reshape(2, 2, 2, 3).max(axis=(1, 3))", "maxpool2d((2,3))"),
        ("(2, 3, 4, 6)", "h.reshape(n, c, p // 2, 2, q // 2, 2).max((3, 5))", "maxpool2d(2)"),
        ("(2, 3, 4, 6)", "h.reshape(2, 3, 2, 2, 3, 2).mean(axis=(-1, -3))", "avgpool2d(2)"),
    ],
)
def test_a_pool_of_windows_side_by_side(x: str, pool: str, layer: str) -> None:
    """The layer gives what numpy gives, and code with other windows is not read as one."""
    shape = ast.literal_eval(x)
    given = np.random.default_rng(1).permutation(np.arange(1.0, 1 + prod(shape))).reshape(shape)
    names = {"np": np, "h": given, **dict(zip("ncpq", shape, strict=False))}
    code = f"x = np.random.randn{x}\nh = np.maximum(x, 0)\nn, c, p, q = h.shape\ny = np.abs({pool})"
    found = read_pytorch(code)
    assert (str(found.stack), found.input, found.remarks) == (f"relu-{layer}-abs", shape, ())
    made = trace(found.stack.layer, given, kinks=RULES["mlx"].kinks).output
    np.testing.assert_allclose(made, eval(pool, names), rtol=1e-15)


@for_each(
    ("x", "other", "said"),
    [
        ("2, 6", "h.reshape(2, 3, 2).max(axis=1)", ["reshape"]),
        ("4, 6", "h.reshape(2, 2, 2, 3).max(axis=(0, 2))", ["reshape", "max"]),
        ("4, 6", "h.reshape(2, 2, 2, 3).max(axis=(1, 3), keepdims=True)", ["reshape", "max"]),
        ("6,", "h.reshape(3, 2).reshape(2, 3).max(axis=1)", ["reshape", "max"]),
        ("6,", "h.reshape(3, 2).prod(axis=1)", ["reshape", "prod"]),
        ("6,", "np.abs(h.reshape(3, 2))", ["reshape"]),
        ("6,", "h.reshape(3, 2)", ["reshape"]),
    ],
)
def test_other_windows_are_said(x: str, other: str, said: list[str]) -> None:
    """Maxima along the wrong axis, or of another value, are not read as a pool."""
    code = f"x = np.random.randn({x})\nh = np.maximum(x, 0)\ny = {other}"
    found = read_pytorch(code)
    assert [each.split()[4] for each in found.remarks] == said


@for_each(
    ("x", "maxima", "said"),
    [
        ("(4,)", "h.reshape(1, 4).max(axis=1)", None),
        ("(4,)", "h.reshape(1, -1).max(axis=1)", None),
        ("(4, 2)", "h.reshape(4, 1, 2).max(axis=-1)", None),
        ("(4,)", "h.reshape(1, 4).max(axis=0)", "max"),
        ("(4, 2)", "h.reshape(1, 4, 2).max(axis=1)", "max"),
        ("(4, 3)", "h.reshape(4, 3, 1).max(axis=-1)", "max"),
        ("(4, 1)", "h.reshape(1, 4).max(axis=1)", "max"),
        ("(3, 1)", "h.max(axis=-1)", None),
        ("(3, 1)", "h.max(axis=0)", "max"),
        ("(4, 6)", "h.reshape(2, -1).max(axis=1)", "reshape"),
        ("(3, 2, 4)", "h.reshape(-1, 4).max(axis=1)", "reshape"),
    ],
)
def test_maxima_are_along_the_axes_that_a_reshape_has_made(
    x: str, maxima: str, said: str | None
) -> None:
    """Code is read if the layer's output has the size of numpy's; otherwise that is reported."""
    shape = ast.literal_eval(x)
    given = np.random.default_rng(2).permutation(np.arange(1.0, 1 + prod(shape))).reshape(shape)
    found = read_pytorch(f"x = np.random.randn{x}\nh = np.maximum(x, 0)\ny = {maxima}")
    if said is None:
        assert (str(found.stack).split("(")[0], found.remarks) == ("relu-maxpool", ())
        made = trace(found.stack.layer, given, kinks=RULES["mlx"].kinks).output
        np.testing.assert_array_equal(made.ravel(), eval(maxima, {"h": given}).ravel())
    else:
        assert [each.split()[4] for each in found.remarks][:1] == [said]


OWN_LAYERS = """
class Conv:
    def forward(self, x, w):
        self.x, self.w = x, w
        return {}
class ReLU:
    def forward(self, a):
        self.a = a
        return np.maximum(a, 0)
    def backward(self, dh):
        return dh * (self.a >= 0)
class MaxPool:
    def forward(self, h):
        self.h = h
        return h.max()
class ConvBlock:
    def __init__(self):
        self.conv, self.relu, self.pool = Conv(), ReLU(), MaxPool()
    def forward(self, x, w):
        return self.pool.forward(self.relu.forward(self.conv.forward(x, w)))
x = np.array([1.0, -2.0, 3.0, 3.0, 0.5])
block = ConvBlock()
z = block.forward(x, 2.0)
"""


def test_layers_of_ones_own_are_read_with_all_that_they_are_given() -> None:
    """Reports about them do not claim that x is all; what is not read of them is reported."""
    found = read_pytorch(OWN_LAYERS.format("w * x"))
    assert (str(found.stack), found.remarks) == ("conv1d-relu-maxpool", ())
    assert (found.x, found.numbers) == ([1.0, -2.0, 3.0, 3.0, 0.5], {"w": 2.0})
    stack, said = remarks(OWN_LAYERS.format("np.sin(w * x)"))
    assert stack == "relu"
    assert any("sin is not known" in each for each in said)


@for_each("w", ["torch.tensor(2.0)", "nn.Parameter(torch.randn(1))", "torch.ones(())"])
@for_each("product", ["w * x", "x * w"])
def test_a_row_times_a_weight_is_a_convolution(w: str, product: str) -> None:
    """a = w x, whose gradients are dx = w da and dw = Σ x da."""
    code = f"x = torch.randn(4)\nw = {w}\nh = torch.relu({product})"
    found = read_pytorch(code)
    assert (found.input, found.remarks) == ((4,), ())
    x = np.array([1.0, -2.0, 0.5, 3.0])
    (shape,) = found.stack.parameters((4,)).values()
    passed = trace(found.stack.layer, x, np.full(shape, 2.0), kinks=RULES["mlx"].kinks, dout=x)
    np.testing.assert_array_equal(passed.output, [2, 0, 1, 6])
    np.testing.assert_array_equal(passed.grads[0], [2, 0, 1, 6])
    np.testing.assert_array_equal(passed.grads[1].ravel(), [1 + 0.25 + 9])


def test_an_x_of_one_number_is_a_row() -> None:
    """A neuron, as in a first autograd example: h = relu(w x + b) = relu(2 · 1.5 − 1)."""
    code = "x, w = torch.tensor(1.5), torch.tensor(2.0, requires_grad=True)\nb = torch.tensor(-1.0)"
    found = read_pytorch(f"{code}\nh = torch.relu(w * x + b)")
    assert (str(found.stack), found.remarks) == ("conv1d(bias=True)-relu", ())
    assert (found.input, found.x, found.numbers) == ((1,), [1.5], {"w": 2.0, "b": -1.0})


WEIGHTED = "x = np.array([1.5, -1, 1.5])\nw = 2.0\n"


@for_each(
    ("given", "a", "stack"),
    [
        ("", "w * x", "conv1d"),
        ("", "x * w", "conv1d"),
        ("", "w * x + 0", "conv1d"),
        ("", "f(x, 3)", "conv1d"),
        ("w1, W2 = 2, -1.5\n", "W2 * (x * w1)", "conv1d-conv1d"),
        ("b = 0.5\n", "w * x + b", "conv1d(bias=True)"),
        ("b = np.array([0.5])\n", "b + w * x", "conv1d(bias=True)"),
        ("", "w * x + x", "residual(conv1d)"),
        ("w2 = 3.0\n", "w * x + w2 * x", "add(conv1d|conv1d)"),
    ],
)
def test_a_number_that_is_called_w_is_a_weight(given: str, a: str, stack: str) -> None:
    code = f"{WEIGHTED}{given}def f(x, w):\n    return w * x\nh = np.maximum({a}, 0)"
    found = read_pytorch(code)
    assert (str(found.stack), found.input, found.remarks) == (f"{stack}-relu", (3,), ())


ONES = [[[1.0, 1.0]]]
ROW, COLUMNS = [[[1.0, -1.0]]], [[1.0, 0.0], [-1.0, 2.0], [1.0, 0.5]]


@for_each(
    ("code", "numbers"),
    [
        (f"y = F.relu(F.conv1d(x, torch.tensor({ROW})))", {"w": ROW}),
        (f"y = F.relu(F.conv1d(x, torch.as_tensor({ROW})))", {"w": ROW}),
        (f"y = F.relu(F.conv1d(x, torch.FloatTensor({ROW})))", {"w": ROW}),
        (f"y = F.conv1d(x, torch.tensor({ROW}), bias=torch.tensor([2.0]))", {"w": ROW, "b": [2.0]}),
        (f"c = nn.Conv1d(1, 1, 2)\nc.weight.data = torch.tensor({ROW})\ny = c(x)", {"w": ROW}),
        (f"c = nn.Conv1d(1, 1, 2)\ny = c(x)\nc.weight.copy_(torch.tensor({ROW}))", {"w": ROW}),
        (
            """n = nn.Sequential(nn.Conv1d(1, 1, 2), nn.ReLU())
n[0].bias = nn.Parameter(torch.tensor([3.0]))
y = n(x)""",
            {"b": [3.0]},
        ),
        (
            f"""c = nn.Conv1d(1, 1, 2)
d = copy.deepcopy(c)
d.weight.data.copy_(torch.tensor({ROW}))
y = d(c(x))""",
            {"w2": ROW},
        ),
        (
            f"y = x.view(1, 3).relu() @ torch.tensor({COLUMNS})",
            {"w": [[1.0, -1.0, 1.0], [0.0, 2.0, 0.5]]},
        ),
        ("c = nn.Conv1d(1, 1, 2)\nnn.init.normal_(c.weight)\ny = c(x)", {}),
        ("y = F.conv1d(x, torch.ones(1, 1, 2), torch.zeros(1))", {"w": ONES, "b": [0.0]}),
        ("y = F.conv1d(x, torch.full((1, 1, 2), 0.5) * 2)", {"w": ONES}),
        (
            "y = F.conv1d(x, torch.ones(1, 1, 2), torch.full(size=(1,), fill_value=0))",
            {"w": ONES, "b": [0.0]},
        ),
        ("y = F.conv1d(x, torch.empty(1, 1, 2).fill_(n))", {}),
        ("w = torch.empty(1, 1, 2)\nw.fill_(1.0)\ny = F.conv1d(x, w)", {"w": ONES}),
        (
            (
                "w = torch.zeros(1, 1, 2)\nw[0, 0, 0] = 1\nw[..., 1:] = torch.tensor(-1.0)\n"
                "y = F.conv1d(x, w)"
            ),
            {"w": ROW},
        ),
        ("w = torch.zeros(1, 1, 2)\nw[0, 0, 0] = load()\ny = F.conv1d(x, w)", {}),
        (f"c = nn.Conv1d(1, 1, 2)\nc.weight[:] = torch.tensor({ROW})\ny = c(x)", {"w": ROW}),
        (
            (
                "c = nn.Conv1d(1, 1, 2)\nnn.init.constant_(c.weight, val=0.5)\n"
                "c.bias.data.zero_()\ny = c(x)"
            ),
            {"w": [[[0.5, 0.5]]], "b": [0.0]},
        ),
        (
            "c = nn.Conv1d(1, 1, 2)\nnn.init.ones_(c.weight)\nc.bias.fill_(2)\ny = c(x)",
            {"w": ONES, "b": [2]},
        ),
        (
            "c = nn.LazyConv1d(1, 2)\nnn.init.ones_(c.weight)\ny = c(x)",
            {"w": 1.0},
        ),
        (
            (
                "c = nn.Conv1d(1, 2, 2)\nc.weight[0, 0] = torch.tensor([1.0, -1.0])\n"
                "c.weight.data[1] = torch.ones(1, 2)\ny = c(x)"
            ),
            {"w": [ROW[0], ONES[0]]},
        ),
        ("c = nn.Conv1d(1, 2, 2)\nc.weight[0, 0] = torch.tensor([1.0, -1.0])\ny = c(x)", {}),
        ("c = nn.Conv1d(1, 1, 2)\ny = F.relu(F.conv1d(x, c.weight * 0 + 1))", {}),
        (f"c = nn.Conv1d(1, 1, 2)\nc.weight[0, 0, 0] = 1{'0' * 400}\ny = c(x)", {}),
        (f"c = nn.Conv1d(1, 1, 2)\nc.weight.fill_(1{'0' * 400})\ny = c(x)", {}),
        ("w = torch.tensor(0.0)\ny = F.conv1d(x, w[None, None, None])", {"w": [[[0.0]]]}),
        ("w = torch.tensor(0.0)\ny = F.conv1d(x, w.unsqueeze(0)[None, None])", {"w": [[[0.0]]]}),
    ],
)
def test_numbers_that_the_code_gives_weights_are_theirs(code: str, numbers: Any) -> None:
    assert read_pytorch(f"x = torch.randn(1, 1, 3)\n{code}").numbers == numbers


@pytest.mark.parametrize(
    ("weight", "x"),
    [("c.weight.data.fill_(0.5)", [[[1.0] * 4]]), ("nn.init.normal_(c.weight)", None)],
)
def test_an_x_of_ones_may_be_there_for_its_shape(weight: str, x: Any) -> None:
    """If the code gives all numbers, its x of ones is taken as numbers too."""
    code = f"c = nn.Conv1d(1, 1, 2, bias=False)\n{weight}\ny = c(torch.ones(1, 1, 4)).relu()"
    found = read_pytorch(code)
    assert (found.input, found.x, found.remarks) == ((1, 1, 4), x, ())


@for_each("axis", ["9", "axis_of(x)"])
def test_an_axis_more_at_a_place_that_is_none_or_not_known_is_left_out(axis: str) -> None:
    code = in_forward(f"return self.a(x.unsqueeze({axis}))")
    found = read_pytorch(f"x = torch.randn(4)\n{code}\nh = model(x)")
    assert (str(found.stack), found.input) == ("linear(3,bias=True)", (4,))


@for_each("shape", ["view(1, 1, 6)", "reshape((1, 1, 6))", "unsqueeze(0)[None]"])
@for_each("made", ["x = torch.arange(6.).{}", "x = torch.arange(6.)\nx = x.{}"])
def test_an_x_of_other_axes_has_its_numbers(made: str, shape: str) -> None:
    found = read_pytorch(f"{made.format(shape)}\nh = nn.Conv1d(1, 1, 2)(x).relu()")
    assert (found.input, found.remarks) == ((1, 1, 6), ())
    assert np.ravel(found.x).tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("taken", "numbers"),
    [
        ("X[1]", [3, 0, 5]),
        ("X[:, 1:]", [[-2, 1], [0, 5]]),
        ("X[0, ::2][None]", [[1, 1]]),
        ("X.ravel()", [1, -2, 1, 3, 0, 5]),
    ],
)
def test_a_part_of_an_array_is_an_array(taken: str, numbers: Any) -> None:
    code = f"X = np.array([[1, -2, 1], [3, 0, 5]])\nx = {taken}\nh = np.maximum(x, 0)"
    found = read_pytorch(code)
    assert (found.input, found.x, found.remarks) == (np.shape(numbers), numbers, ())


@for_each("more", ["", ", v", ", w, [1]", ", w, 'same'", ", w[None]", ", w, mode=x"])
def test_a_convolution_that_cannot_be_told_is_said(more: str) -> None:
    code = f"x, w = np.ones(3), np.ones(2)\ny = np.maximum(np.convolve(x{more}), 0)"
    stack, said = remarks(code)
    assert (stack, ["convolve" in each for each in said]) == ("relu", [True])


def test_an_array_that_is_filled_from_x_is_not_read() -> None:
    """In a loop too. Read as another x it would silently be another network."""
    code = f"{WEIGHTED}a = np.zeros(2)\nfor i in range(2):\n    a[i] = np.sum(w * x[i:i+2])\n"
    with pytest.raises(StackError, match=r"Line 5, column 5: a\[i\] is not read here"):
        read_pytorch(f"{code}h = np.maximum(a, 0)")
    filled = "x = np.zeros(3)\nx[0] = 2\nx[1:] = f()\nh = np.maximum(x, 0)"
    assert remarks(filled) == ("relu", ())


@for_each("product", ["x * v", "v * x", "x - v", "2 * x", "x ** 2", "1 - x"])
def test_a_product_of_x_with_other_numbers_is_said(product: str) -> None:
    """Its gradient differs from that of x."""
    given = "x = torch.tensor([[1.0, 2.0]])\nv = torch.ones(1, 2)\n"
    found = read_pytorch(f"{given}h = F.relu({product})")
    told = f"one side of {product} is not known here, and the other goes on alone."
    assert (str(found.stack), found.remarks) == ("relu", (f"Line 3, column 12: {told}",))
    assert found.x == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("made", "numbers"),
    [
        ("x / 4", [0.25, 0.5]),
        ("2 * x - 1", [1.0, 3.0]),
        ("x + 0", [1.0, 2.0]),
        ("-x", [-1.0, -2.0]),
    ],
)
def test_an_x_that_is_made_of_x_is_the_input(made: str, numbers: list[float]) -> None:
    found = read_pytorch(f"x = torch.tensor([1.0, 2.0])\nx = {made}\nh = F.relu(x)")
    assert (str(found.stack), found.x, found.remarks) == ("relu", numbers, ())


@pytest.mark.parametrize(
    ("negative", "of", "kept", "layers"),
    [
        ("-x", "-x", "x", "relu"),
        ("w * -x", "-x", "x", "conv1d-relu"),
        ("-(w * x)", "-(w * x)", "w * x", "conv1d-relu"),
    ],
)
def test_a_minus_before_x_is_said(negative: str, of: str, kept: str, layers: str) -> None:
    stack, said = remarks(f"{WEIGHTED}a = {negative}\nh = np.maximum(a, 0)")
    told = f"{of} is not known here, and that was left out: {kept} goes on as it is."
    column = 5 + negative.index(of)
    assert (stack, said) == (layers, (f"Line 3, column {column}: {told}",))


@for_each(
    ("over", "layers", "place"),
    [
        ("a[a < 0] = 0", "conv1d-relu-maxpool", ""),
        ("mask = a <= 0\na[mask] = 0", "conv1d-relu-maxpool", ""),
        ("a *= a > 0", "conv1d-relu-maxpool", ""),
        ("a = a * (a > 0)", "conv1d-relu-maxpool", ""),
        ("np.maximum(a, 0, out=a)", "conv1d-relu-maxpool", ""),
        *(
            (f"h = {of}\n{over}", f"conv1d-{relu}maxpool", "")
            for of, relu in (("a", "relu-"), ("a.copy()", ""))
            for over in ("h[h < 0] = 0", "h *= h > 0", "np.maximum(h, 0, out=h)")
        ),
        *((f"{place} = 0", "conv1d-maxpool", place) for place in ("a[a > 0]", "a[a < 1]", "a[0]")),
    ],
)
def test_what_is_written_over_a_row_times_a_weight_is_read_or_said(
    over: str, layers: str, place: str
) -> None:
    stack, said = remarks(f"{WEIGHTED}a = w * x\n{over}\nz = np.max(a)")
    told = f"{place} is not known here, and that was left out: a goes on as it is."
    assert (stack, said) == (layers, (f"Line 4, column 1: {told}",) if place else ())


@pytest.mark.parametrize("sign", "*+-/")
def test_what_is_done_in_place_with_a_row_times_a_weight_is_no_step_of_an_optimizer(
    sign: str,
) -> None:
    stack, said = remarks(f"{WEIGHTED}a = w * x\na {sign}= 2\nz = np.max(a)")
    told = f"one side of a {sign} 2 is not known here, and the other goes on alone."
    assert (stack, said) == ("conv1d-maxpool", (f"Line 4, column 1: {told}",))


@for_each(
    "other",
    ["w * x / 2", "w * x - noise()", "w * x + 1", "1 - w * x", "w * x - x"]
    # True is not a size: numpy and torch refuse it.
    + [f"w * x + {made}" for made in ("np.ones(True)", "np.full((True,), 2)", "torch.rand(True)")],
)
def test_what_else_is_done_with_a_row_times_a_weight_is_said(other: str) -> None:
    stack, said = remarks(f"{WEIGHTED}h = np.maximum({other}, 0)")
    told = f"one side of {other} is not known here, and the other goes on alone."
    assert (stack, said) == ("conv1d-relu", (f"Line 3, column 16: {told}",))


@for_each(
    ("more", "stack"),
    [("", "conv1d"), ("W2 = 3.0\nb = W2 * a\n", "conv1d-conv1d")],
)
def test_a_row_times_a_weight_is_a_network_where_there_is_nothing_else(
    more: str, stack: str
) -> None:
    assert remarks(f"{WEIGHTED}a = w * x\n{more}") == (stack, ())


def test_a_second_bias_is_said_and_the_first_stays() -> None:
    code = "W, b, c = np.ones((2, 3)), np.ones(3), np.zeros(3)\ny = np.ones((1, 2)) @ W + b + c"
    found = read_pytorch(code)
    assert (str(found.stack), found.numbers["b"]) == ("linear(3,bias=True)", [1.0] * 3)
    (said,) = found.remarks
    assert said.startswith("Line 2, column 5: np.ones((1, 2)) @ W + b + c is not known here")


def test_numbers_that_are_scaled_before_a_network_reads_others_are_no_layer() -> None:
    code = "x = torch.randn(9)\nw = torch.tensor(2.0)\ny = w * x\nnet = nn.Linear(3, 2)"
    assert remarks(f"{code}\nnet(torch.randn(1, 3)).relu()") == (LINEAR + "-relu", ())


LINEAR = "linear(2,bias=True)"
ROWS = "flatten-relu-linear(4,bias=True)"


@pytest.mark.parametrize(
    ("code", "stack"),
    [
        ("h = F.conv1d(x, w, None, 2)", "conv1d(3,filters=2,stride=2)"),
        ("h = F.conv1d(x, weight=w, bias=b, padding=1)", "conv1d(3,filters=2,padding=1,bias=True)"),
        ("h = torch.cat((x, F.conv1d(x, w)), 1)", "concat(|conv1d(3,filters=2),dim=1)"),
        ("h = x.reshape(1, 5).relu()", "flatten-relu"),
        ("h = F.linear(x.view(1, 5), torch.ones(4, 5)).relu()", "flatten-linear(4)-relu"),
        ("h = F.relu(x.reshape(1, 1, 1, 5)).requires_grad_()", "relu"),
        ("h = F.conv1d(x, w).clamp(min=0)", "conv1d(3,filters=2)-relu"),
        ("h = F.conv1d(x, w).contiguous().double().clamp_(0)", "conv1d(3,filters=2)-relu"),
        ("h = F.relu(x)\nprint(h.is_leaf, h.is_cuda, h.nbytes, h.itemsize)", "relu"),
        ("h = torch.clamp(F.conv1d(x, w), 0)", "conv1d(3,filters=2)-relu"),
        ("h = x.view(1, 5).relu() @ (torch.randn(5, 4) * 0.1) + torch.zeros(4)", ROWS),
        ("h = torch.ones(4) + torch.mm(F.relu(x.view(1, 5)), torch.randn(5, 4) / n)", ROWS),
        ("h = x.view(1, 5).relu().matmul(torch.randn(5, 4))\nh = h + torch.ones(4)", ROWS),
        ("h = F.relu(x) + x\nh.sum().backward()\nprint(h.tolist())", "residual(relu)"),
    ],
)
def test_functions_with_weights_are_layers(code: str, stack: str) -> None:
    given = (
        "x = torch.tensor([[[1., 2, -3, 0, 5]]], requires_grad=True)\n"
        "w = nn.Parameter(torch.randn(2, 1, 3))\nb = torch.tensor(np.array([1, 2.5]))\n"
    )
    found = read_pytorch(given + code)
    assert (str(found.stack), found.input) == (stack, (1, 1, 5))
    assert [each for each in found.remarks if "sum" not in each] == []


@pytest.mark.parametrize("more", ["load()", "3", "torch.zeros(1, 1, 5)"])
def test_what_a_join_does_not_read_is_said(more: str) -> None:
    found = read_pytorch(f"x = torch.ones(1, 1, 5)\nh = torch.cat((F.relu(x), x, {more}), 1)")
    assert str(found.stack) == "concat(relu|,dim=1)"
    assert found.remarks == (f"Line 2, column 5: {say('paste.joined', name='cat')}",)


def test_a_function_without_its_weights_is_named() -> None:
    found = read_pytorch("x = torch.ones(1, 1, 5)\nh = F.relu(F.conv1d(x, load()))")
    assert str(found.stack) == "relu"
    assert found.remarks[0].startswith("Line 2, column 12: conv1d is not known here")


@for_each(
    "function",
    ["F.linear(torch.ones(2, 3), h)", "F.conv1d(torch.ones(1, 1, 4), h)", "F.leaky_relu(0.1, h)"],
)
def test_what_comes_from_x_is_no_weight(function: str) -> None:
    name = function.partition("(")[0].removeprefix("F.")
    said = say("paste.function", name=name)
    code = f"h = F.relu(torch.ones(1, 1, 3))\ny = {function}"
    assert remarks(code) == ("relu", (f"Line 2, column 5: {said}",))


@for_each("size", ["-1", "0", "10**5", "2.0", "True", "n"])
def test_a_unit_matrix_of_no_size_is_not_known(size: str) -> None:
    """For F.one_hot, -1 is torch's own default."""
    code = f"y, z = np.eye({size}), F.one_hot(torch.tensor([0, 1]), {size})"
    assert remarks(f"{AROUND}\n{code}") == ("linear(2,bias=True)-relu", ())


@for_each(("number", "whole"), [(-2.5, -2), (2.5, 2), (1e30, None), (-1e30, None)])
def test_numbers_are_made_whole_towards_0(number: float, whole: int | None) -> None:
    made = turned(tensor([number]), "long", ())
    assert (made is UNKNOWN) if whole is None else (made.numbers == [whole])


def test_a_product_of_a_list_is_named() -> None:
    code = "x = np.ones(2)\nh = np.maximum(0, x)\ny = np.dot([h, h], np.ones((2, 3)))"
    assert remarks(code) == ("relu", (f"Line 3, column 5: dot {ON}",))


@for_each(
    ("code", "stack", "remark"),
    [
        (
            "F.relu(x) + F.relu(-x)",
            "add(relu|relu)",
            "column 53: -x is not known here, and that was left out: x goes on as it is.",
        ),
        (
            "F.relu(x)[:, 0]",
            "relu",
            (
                "column 34: "
                "F.relu(x)[:, 0] is not known here, and that was left out: F.relu(x) goes "
                "on as it is."
            ),
        ),
        (
            "2 * F.relu(x)",
            "relu",
            (
                "column 34: "
                "2 * F.relu(x) is not known here, where only sums of values are: F.relu(x) "
                "goes on alone."
            ),
        ),
        (
            "x * F.relu(x)",
            "relu",
            (
                "column 34: "
                "x * F.relu(x) is not known here, where only sums of values are: F.relu(x) "
                "goes on alone."
            ),
        ),
        (
            "F.relu(x).real",
            "relu",
            (
                "column 34: F.relu(x).real is not known here, and that was left out: F.relu(x) "
                "goes on as it is."
            ),
        ),
        ("torch.mul(x, F.relu(x))", "relu", f"column 34: {say('paste.function', name='mul')}"),
        ("F.relu(x, F.relu(x))", "relu", f"column 34: {say('paste.function', name='relu')}"),
        (
            "torch.add(x, F.relu(x), alpha=0.5)",
            "relu",
            ("column 34: this layer was left out: residual has no argument alpha; it has none."),
        ),
        (
            "F.relu(x) - x",
            "relu",
            (
                "column 34: "
                "F.relu(x) - x is not known here, where only sums of values are: F.relu(x) "
                "goes on alone."
            ),
        ),
    ],
)
def test_an_operator_that_is_not_known_is_named_with_what_came_of_it(
    code: str, stack: str, remark: str
) -> None:
    found = read_pytorch(f"class A(nn.Module):\n    def forward(self, x): return {code}")
    assert str(found.stack) == stack
    assert found.remarks == (f"Line 2, {remark}",)


@for_each(
    ("line", "stack", "said"),
    [
        (
            "nn.Sequential(*make(3), nn.ReLU())",
            "relu",
            ["column 23: *make(3) is not read here: what stands in it was left out."],
        ),
        (
            "nn.Sequential(*(nn.ReLU() for _ in range(n)), nn.Softplus())",
            "softplus",
            ["column 24: for is not read here: what stands in it was left out."],
        ),
        (
            "nn.Sequential(*(nn.ReLU() for _ in [1, 2] for _ in range(n)), nn.Softplus())",
            "softplus",
            ["column 24: for is not read here: what stands in it was left out."],
        ),
        (
            "nn.Sequential(nn.ReLU() if n else nn.Softplus())",
            "relu",
            [
                (
                    "column 23: nn.ReLU() if n else nn.Softplus() is not known here, and that was "
                    "left out: nn.ReLU() goes on as it is."
                )
            ],
        ),
        ("nn.Sequential(nn.ReLU() if 2 > 1 else nn.Softplus())", "relu", []),
        ("nn.Sequential(nn.ReLU() if not 2 > 1 else nn.Softplus())", "softplus", []),
        ("nn.Sequential(nn.ReLU() if n and None else nn.Softplus())", "softplus", []),
        ("nn.Sequential(nn.ReLU() if n or 1 else nn.Softplus())", "relu", []),
        ("nn.Sequential(nn.ReLU(), nn.Softplus())[1]", "softplus", []),
        ("nn.Sequential(nn.ReLU(), nn.Softplus(), nn.ReLU())[1:]", "softplus-relu", []),
    ],
)
def test_what_is_not_known_of_a_list_is_said(line: str, stack: str, said: list[str]) -> None:
    """n is a name that the code does not define."""
    found = read_pytorch(f"model = {line}")
    assert str(found.stack) == stack
    assert list(found.remarks) == [f"Line 1, {each}" for each in said]


@for_each(
    ("changes", "stack"),
    [
        ("sizes.append(3)", "linear(2,bias=True)-linear(3,bias=True)"),
        ("sizes.extend([3, 1])", "linear(2,bias=True)-linear(3,bias=True)-linear(1,bias=True)"),
        ("sizes.insert(1, 5)", "linear(5,bias=True)-linear(2,bias=True)"),
        ("sizes.append(3); sizes.reverse()", "linear(2,bias=True)-linear(4,bias=True)"),
        ("sizes.append(3); sizes.pop(1)", "linear(3,bias=True)"),
        ("sizes += [3]; sizes.remove(2)", "linear(3,bias=True)"),
        ("sizes.append(3); sizes.sort()", "linear(3,bias=True)-linear(4,bias=True)"),
        ("sizes += [4, 3]; del sizes[0], sizes[0]", "linear(3,bias=True)"),
        ("sizes += [4, 3]; del (sizes[0], sizes[0])", "linear(3,bias=True)"),
    ],
)
def test_a_list_is_what_its_methods_make_of_it(changes: str, stack: str) -> None:
    made = "[nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)]"
    found = read_pytorch(f"sizes = [4, 2]; {changes}\nmodel = nn.Sequential(*{made})")
    assert (str(found.stack), found.remarks) == (stack, ())


def test_a_list_that_is_no_longer_known_is_said_to_be_left_out() -> None:
    found = read_pytorch(
        "layers = [nn.ReLU()]\nlayers.extend(make())\nmodel = nn.Sequential(*layers, nn.Softplus())"
    )
    assert str(found.stack) == "softplus"
    (said,) = found.remarks
    assert "*layers is not read here: what stands in it was left out." in said


SORTED_BY = "key=lambda layer: isinstance(layer, nn.Linear)"


def test_the_order_that_layers_are_sorted_into_is_not_known() -> None:
    made = f"layers = [nn.Linear(4, 4), nn.ReLU()]\nlayers.sort({SORTED_BY})"
    found = read_pytorch(f"{made}\nmodel = nn.Sequential(*layers, nn.Softplus())")
    assert str(found.stack) == "softplus"
    assert found.remarks == (
        "Line 3, column 23: *layers is not read here: what stands in it was left out.",
    )


@for_each(
    ("code", "stack"),
    [
        (
            "n = 2\ndef f():\n    global n\n    n = 3\nf()\nmodel = nn.Sequential(nn.Linear(4, n))",
            "linear(3,bias=True)",
        ),
        (
            (
                "model = nn.Sequential(nn.ReLU())\n"
                "def f():\n    global model\n    model = nn.Sequential(nn.Softplus())\nf()"
            ),
            "softplus",
        ),
        (
            (
                "def make():\n    act = nn.ReLU()\n"
                "    def f():\n        nonlocal act\n        act = nn.Softplus()\n"
                "    f()\n    return nn.Sequential(act)\nact = None\nmodel = make()"
            ),
            "softplus",
        ),
        (  # without either keyword the name is local to the function
            "n = 2\ndef f():\n    n = 3\nf()\nmodel = nn.Sequential(nn.Linear(4, n))",
            "linear(2,bias=True)",
        ),
    ],
)
def test_a_name_of_another_scope_is_assigned_there(code: str, stack: str) -> None:
    found = read_pytorch(code)
    assert (str(found.stack), found.remarks) == (stack, ())


OPTIONAL = (
    "class Net(nn.Module):\n"
    "    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.first, self.second = nn.Linear(4, 4), nn.ReLU()\n"
    "    def forward(self, x):\n"
    "        x = self.first(x)\n"
    "        return self.second(x) if hasattr(self, 'second') else x\n"
    "net = Net()\n"
)


def test_a_layer_that_is_deleted_is_gone() -> None:
    assert str(read_pytorch(OPTIONAL).stack) == "linear(4,bias=True)-relu"
    code = OPTIONAL.replace("nn.Module", "Block").replace("__init__()", "__init__(4)")
    assert remarks(f"{code}delattr(net, 'second')") == ("linear(4,bias=True)", ())
    assert str(read_pytorch(f"{OPTIONAL}del net.second").stack) == "linear(4,bias=True)"


@for_each(
    ("hook", "said"),
    [
        ("lambda module, given, made: F.relu(made)", 1),
        ("replace", 1),
        ("see", 0),
    ],
)
def test_a_hook_that_may_replace_an_output_is_said_not_to_be_read(hook: str, said: int) -> None:
    code = (
        f"{OPTIONAL}def see(module, given, made):\n    print(made)\n    return\n"
        "def replace(module, given, made):\n    return made + 1\n"
        f"net.first.register_forward_hook({hook})"
    )
    found = read_pytorch(code)
    assert str(found.stack) == "linear(4,bias=True)-relu"
    unread = "net.first.register_forward_hook is not read here: what stands in it was left out."
    assert [each.partition(": ")[2] for each in found.remarks] == said * [unread]


DOUBLED = "a, b = [0], [0]\n" + "a, b = [a, a], [b, b]\n" * 40


@pytest.mark.parametrize(
    "code",
    [
        "c = a == b",
        "c = a in [b]",
        "c = {0: a} == {0: b}",
        "c = [b]\nc.remove(a)",
        "c = {}\nc[a] = 1\nd = c.get(b)",
        "c = torch.tensor(a)",
    ],
)
def test_lists_of_lists_of_lists_are_not_gone_through_to_the_end(code: str) -> None:
    """Python takes days to compare, hash or count 2⁴⁰ numbers."""
    found = read_pytorch(f"{DOUBLED}{code}\nmodel = nn.Sequential(nn.ReLU())")
    assert str(found.stack) == "relu"


def test_classes_that_all_have_the_same_two_bases_are_looked_through_once() -> None:
    """There are 2⁴⁰ ways from the last class to the first, and 82 classes."""
    code = "class A0(nn.Module):\n def forward(self, x): return F.relu(x)\nclass B0: pass\n"
    for at in range(40):
        code += "".join(f"class {each}{at + 1}(A{at}, B{at}): pass\n" for each in "AB")
    assert remarks(f"{code}net = A40()\nnet.size") == ("relu", ())


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("r = range(256)\nfor i in r:\n for j in r:\n  for k in r:\n   pass", "^At most 100,000"),
        ("r = range(256)\nc = [0 for i in r for j in r for k in r if 0]", "^At most 100,000"),
        ("x = torch.ones(1, 3)\na = [x]\n" + "a = [a, a]\n" * 40 + "y = torch.cat(a)", "100,000"),
        (
            (
                "class A(nn.Module):\n def forward(self, x):\n"
                "  for i in range(200):\n   x = x + x\n  return x\nmodel = A()"
            ),
            "64 layers",
        ),
    ],
)
def test_a_short_text_that_makes_much_of_itself_is_refused(code: str, refused: str) -> None:
    with pytest.raises(StackError, match=refused):
        read_pytorch(code)


CALLED = (
    *("load_state_dict", "apply", "next", "clamp", "unsqueeze"),
    *("reshape", "view", "squeeze", "permute", "transpose", "int", "zeros", "randn", "normal"),
    *("tensor", "array", "eye", "one_hot", "arange", "linspace", "field", "len", "round", "max"),
    *("zip", "dict", "ModuleList", "constant_", "normal_", "partial", "setattr", "isinstance"),
    *("sum", "pop", "append", "copy_", "children", "format", "relu", "cat", "matmul", "where"),
    *("weight_norm", "compile", "deepcopy", "getattr", "hasattr", "add_module", "add_argument"),
)


@pytest.mark.parametrize("of", ["", "torch.", "x.", "model."])
def test_what_is_called_with_nothing_is_passed_over(of: str) -> None:
    called = "\n".join(f"{of}{name}()" for name in CALLED)
    code = f"x = torch.ones(1, 3)\nmodel = nn.Sequential(nn.Linear(3, 3))\n{called}"
    found = read_pytorch(f"{code}\nmodel = nn.Sequential(nn.Linear(3, 3), nn.ReLU())")
    assert str(found.stack) == OF_LINEAR


@for_each("given", ["-1", "True", "1e400", "h, -1", "[h], w", "w, h", "h, w[0, 0]", "h, None, 'a'"])
def test_what_is_called_with_what_it_cannot_take_ends_no_page(given: str) -> None:
    names = (*CALLED, "cross_entropy", "dot", "linear", "conv1d", "max_pool1d", "clamp", "amax")
    called = "\n".join(f"F.{name}({given})" for name in names)
    code = "w = np.ones((2, 2))\nh = F.relu(np.ones((1, 2)))\n"
    assert read_pytorch(f"{code}{called}").stack


OF_LINEAR = "linear(3,bias=True)-relu"


@for_each(
    ("code", "stack", "said"),
    [
        ("f = lambda t: F.relu(t)\nx = torch.ones(1, 4)\ny = f(nn.Linear(4, 3)(x))", OF_LINEAR, []),
        (
            (
                "def make(i, *sizes):\n    return nn.Linear(i, *sizes), nn.ReLU()\n"
                "model = nn.Sequential(*make(4, 3, False))"
            ),
            "linear(3)-relu",
            [],
        ),
        (
            (
                "def make(i, /, *, out=3, act):\n    return nn.Sequential(nn.Linear(i, out), act)\n"
                "model = make(4, act=nn.ReLU())"
            ),
            OF_LINEAR,
            [],
        ),
        (
            (
                "def outer(n):\n    def inner():\n        return nn.Linear(4, n)\n"
                "    return nn.Sequential(inner(), nn.ReLU())\nmodel = outer(3)"
            ),
            OF_LINEAR,
            [],
        ),
        ("model = nn.Sequential(nn.Linear(4, (n := 3)), nn.ReLU())", OF_LINEAR, []),
        (
            (
                "fs, n = [lambda: nn.Linear(4, n) for n in (2, 3)], 1\n"
                "[n := n + i for i in (0, 1) for _ in range(1)]\n"
                "model = nn.Sequential(fs[0](), nn.ReLU() if n == 2 else nn.Abs())"
            ),
            OF_LINEAR,
            [],
        ),
        (
            (
                "layers = []\nfor a, *rest in [(4, 3, 'relu'), (3, 2)]:\n"
                "    layers.append(nn.Linear(a, rest[0]))\nmodel = nn.Sequential(*layers)"
            ),
            "linear(3,bias=True)-linear(2,bias=True)",
            [],
        ),
        (  # a default is what it is at the definition
            (
                "fs = [nn.ReLU]\nfor n in (3, 2):\n    fs.append(lambda n=n: nn.Linear(4, n))\n"
                "model = nn.Sequential(fs[1](), fs[0]())"
            ),
            OF_LINEAR,
            [],
        ),
        (
            (
                "n = 3\ndef make(i=4, *, o=n):\n    return nn.Linear(i, o), nn.ReLU()\nn = 2\n"
                "model = nn.Sequential(*make())"
            ),
            OF_LINEAR,
            [],
        ),
        (
            (
                "fs = []\nfor n in (3, 2):\n    fs.append(partial(nn.Linear, 4, n, bias=n > 2))\n"
                "model = nn.Sequential(fs[0](), nn.ReLU())"
            ),
            OF_LINEAR,
            [],
        ),
        (
            (
                "o = 3\ndef f(i, /, **sizes): return nn.Linear(i, sizes['i']), nn.Linear(3, o)\n"
                "model = nn.Sequential(*f(4, i=3, o=2), nn.ReLU())"
            ),
            "linear(3,bias=True)-linear(3,bias=True)-relu",
            [],
        ),
        (
            (
                "table = {}\ndef named(name):\n    def keep(f):\n        table[name] = f\n"
                "        return f\n    return keep\ndef same(f): return f\n"
                "@same\n@named('a')\ndef make(n): return nn.Linear(4, n)\n"
                "model = nn.Sequential(table['a'](3), nn.ReLU())"
            ),
            OF_LINEAR,
            [],
        ),
        (
            (
                "sizes = [4, 3]\nlayers = []\nfor i, n in enumerate(sizes[1:], start=1):\n"
                "    layers += [nn.Linear(sizes[i - 1], n), nn.ReLU() if i == 1 else nn.Abs()]\n"
                "model = nn.Sequential(*layers)"
            ),
            OF_LINEAR,
            [],
        ),
        (
            (
                "n = sum([int(np.prod([2, 1], axis=0, dtype=int))], start=1)\n"
                "model = nn.DataParallel(module=nn.Sequential(nn.Linear(4, n), nn.ReLU()))"
            ),
            OF_LINEAR,
            [],
        ),
        (
            "def make():\n    return [nn.Dropout(), nn.ReLU()]\nmodel = nn.Sequential(*make())",
            "relu",
            ["Line 2, column 13: Dropout is not known here and was left out."],
        ),
    ],
)
def test_functions_take_and_give_what_pythons_do(code: str, stack: str, said: list[str]) -> None:
    assert remarks(code) == (stack, tuple(said))


@pytest.mark.parametrize(
    "code",
    [
        (
            "class B(nn.Module):\n    def __init__(self, n):\n        self.a = nn.Linear(4, n)\n"
            "    def forward(self, x): return self.a(x)\n"
            "class A(B):\n    def __init__(self):\n        super(A, self).__init__(3)\n"
            "    def forward(self, x): return F.relu(super().forward(x))\n"
        ),
        (
            "class B(nn.Module):\n    def __init__(self): self.net = self.make()\n"
            "    def forward(self, x): return self.net(x)\n"
            "class A(B):\n    def make(self): return nn.Sequential(nn.Linear(4, 3), nn.ReLU())\n"
        ),
        (
            "class A(nn.Module):\n    n = 3\n"
            "    @staticmethod\n    def act(x): return F.relu(x)\n"
            "    @classmethod\n    def layer(cls, i): return nn.Linear(i, cls.n)\n"
            "    @property\n    def last(self): return self.a\n"
            "    def __init__(self): self.a = self.layer(4)\n"
            "    def forward(self, x): return A.act(self.last(x))\n"
        ),
        (
            "class B(nn.Module):\n    def __init__(self, n): self.a = nn.Linear(4, n)\n"
            "    @classmethod\n    def of(cls, n): return cls(n)\n"
            "class C(B):\n    @classmethod\n    def tiny(cls): return super().of(3)\n"
            "    def forward(self, x): return self.a(x).relu()\ndef A(): return C.tiny()\n"
        ),
        (
            "@dataclass\nclass Sizes:\n    into: int\n    out: int = 2\n"
            "class A(nn.Module):\n    def __init__(self, sizes=Sizes(4, out=3)):\n"
            "        self.a = nn.Linear(sizes.into, sizes.out)\n"
            "    def forward(self, x): return F.relu(self.a(x))\n"
        ),
        (
            "class Block(nn.Module):\n    gain = 1\n    def __init__(self, n):\n"
            "        self.a = nn.Linear(4, n)\n"
            "    def forward(self, x): return self.a(x).relu()\n"
            "class A(nn.Module):\n    def __init__(self, block=Block):\n"
            "        self.a = block(3 * block.gain)\n    def forward(self, x): return self.a(x)\n"
        ),
        (
            "class A(nn.Sequential):\n    def __init__(self):\n"
            "        super().__init__(nn.Linear(4, 3))\n"
            "    def forward(self, x): return super().forward(x).relu()\n"
        ),
        (
            "class A(nn.ModuleList):\n    def __init__(self):\n"
            "        super().__init__([nn.Linear(4, 3), nn.ReLU()])\n"
            "    def forward(self, x):\n        for each in self:\n            x = each(x)\n"
            "        return x\n"
        ),
        (
            "class A(nn.Module):\n    def __init__(self, data=3):\n"
            "        self.data = data\n        self.a = nn.Linear(4, self.data)\n"
            "    def forward(self, x): return F.relu(self.a(x))\n"
        ),
        (
            "class A(nn.Module):\n    size = 3\n"
            "    def __init__(self, size=size, *, act=nn.ReLU(), options=Options()):\n"
            "        self.a, self.act = nn.Linear(4, size), act\n"
            "    size = 2\n    def forward(self, x): return self.act(self.a(x))\n"
        ),
        (
            "class D(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            "        self.a = nn.Linear(4, 3)\n    def act(self, x): return x\n"
            "    def forward(self, x): return self.act(self.a(x))\nclass B(D): pass\n"
            "class C(D):\n    def act(self, x): return F.relu(super().act(x))\n"
            "class A(B, C): pass\n"
        ),
        (
            "class A(nn.Module):\n    def __init__(self): self.a = nn.Linear(4, 3)\n"
            "    def forward(self, x): return self.a(x)\n"
            "    def __call__(self, x): return super().__call__(x).relu()\n"
        ),
        (
            "class A:\n    def __init__(self): self.a = nn.Linear(4, 3)\n"
            "    def forward(self, x): return x\n"
            "    def __call__(self, x): return self.forward(self.a(x).relu())\n"
        ),
        (
            "class A(nn.Linear):\n    def __init__(self): super().__init__(4, 3)\n"
            "    def __call__(self, x): return F.relu(super().__call__(x))\n"
        ),
        (
            "class P:\n    n = 9\nclass Q(P): pass\nclass R(P): n = 1\nclass S(P): pass\n"
            "class T(P): n = 2\nclass U(P): pass\nclass B(S, Q, R): pass\nclass C(Q, T, U): pass\n"
            "class D(Q, U): n = 3\nclass E(B, C, D): pass\n"
            "def A(): return nn.Sequential(nn.Linear(4, E.n), nn.ReLU())\n"
        ),
        (
            "class A(nn.Module):\n    @property\n    def n(self): return self.m\n"
            "    @n.setter\n    def n(self, n): self.m = n + 1\n"
            "    def __init__(self):\n        self.n = 2\n        self.a = nn.Linear(4, self.n)\n"
            "    def forward(self, x): return self.a(x).relu()\n"
        ),
        (
            "def made(n):\n    return lambda self, x: self.a(x) if n else x\n"
            "class A(nn.Module):\n    apply_a, layer = made(1), partial(nn.Linear, 4)\n"
            "    @cached_property\n    def a(self): return self.layer(3)\n"
            "    def forward(self, x): return self.apply_a(x).relu()\n"
        ),
    ],
    ids=[
        *("super", "template", "kinds", "of a class", "dataclass", "class as value", "row", "list"),
        *(
            "data",
            "defaults",
            "diamond",
            "called",
            "called with",
            "called as",
            "order",
            "setter",
            "closure",
        ),
    ],
)
def test_classes_have_what_their_bases_have(code: str) -> None:
    assert remarks(f"{code}model = A()") == (OF_LINEAR, ())


TWO_LINEAR = "linear(3,bias=True)-relu-linear(2,bias=True)"
SIZES = "sizes = [4, 3, 2]\n"


@pytest.mark.parametrize(
    "code",
    [
        (
            "cfg = {'in': 4, 'out': 2}\ncfg['hidden'] = 3\ncfg.update({'act': 'relu'})\n"
            "act = {'relu': nn.ReLU, 'abs': nn.Abs}\nlayers = {'a': nn.Linear(cfg['in'], 3)}\n"
            "if cfg.get('act', 'abs') in ('relu', 'gelu'):\n    layers['b'] = nn.ReLU()\n"
            "model = nn.Sequential(OrderedDict(**layers, c=nn.Linear(cfg['hidden'], cfg['out'])))"
        ),
        (
            "class A(nn.Module):\n    def __init__(self, n=3, out=0):\n"
            "        self.layers = nn.ModuleDict({'a': nn.Linear(4, n), 'b': nn.ReLU()})\n"
            "        self.layers['c'] = nn.Linear(n, out)\n    def forward(self, x):\n"
            "        x = self.layers['a'](x)\n"
            "        for name, layer in self.layers.items():\n"
            "            if name == 'a':\n                continue\n            x = layer(x)\n"
            "        return x\nmodel = A(**dict(out=2))"
        ),
        (
            f"{SIZES}class A(nn.Module):\n    def __init__(self):\n"
            "        for i, (a, b) in enumerate(zip(sizes, sizes[1:])):\n"
            "            setattr(self, f'fc{i}', nn.Linear(a, b))\n"
            "    def forward(self, x):\n"
            "        return getattr(self, 'fc1')(F.relu(getattr(self, f'fc{0}')(x)))\nmodel = A()"
        ),
        (
            f"{SIZES}layers = {{i: nn.Linear(sizes[i], sizes[i + 1]) for i in range(2)}}\n"
            "model = nn.Sequential(layers[0], nn.ReLU(), layers[1])"
        ),
        (
            f"{SIZES}i, layers = 0, []\nwhile i < 5:\n    layers.append(nn.Linear(sizes[i], "
            "sizes[i + 1]))\n    i += 1\n    if i == 2:\n        break\n"
            "    layers.append(nn.ReLU())\nmodel = nn.Sequential(*layers)"
        ),
        (
            f"{SIZES}layers = []\nfor i in range(1):\n    layers.append(nn.Linear(4, 3))\n"
            "else:\n    layers.append(nn.ReLU())\nwhile len(layers) < 4:\n    if len(layers) > 2:\n"
            "        break\n    layers.append(nn.Linear(3, 2))\nelse:\n    layers += [nn.Abs()]\n"
            "model = nn.Sequential(*layers)"
        ),
        (
            f"{SIZES}def make():\n    layers = []\n    for i in range(5):\n"
            "        layers.append(nn.Linear(sizes[i], sizes[i + 1]))\n        if i == 1:\n"
            "            return layers\n        layers.append(nn.ReLU())\n"
            "model = nn.Sequential(*make())"
        ),
        (
            "class A(nn.Module):\n    def __init__(self, last=None):\n"
            "        self.a, self.last = nn.Linear(4, 3), last\n    def forward(self, x):\n"
            "        if isinstance(self.a, nn.Linear) and isinstance(3, int):\n"
            "            x = self.a(x).relu()\n"
            "        return self.last(x) if self.last is not None else x\n"
            "model = A(nn.Linear(3, 2))"
        ),
        (
            "class A(nn.Module):\n    def __init__(self, *layers):\n"
            "        self.layers = nn.ModuleList(layers)\n    def forward(self, x):\n"
            "        for each in (4, self.layers):\n"
            "            if isinstance(each, nn.ModuleList):\n"
            "                for layer in each:\n                    x = layer(x)\n"
            "        return x\nmodel = A(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))"
        ),
        (
            f"{SIZES}layers = []\nfor i in range(2):\n    if 0 < i <= 1 != 3 > 2:\n"
            "        layers.append(nn.ReLU())\n"
            "    layers.append(nn.Linear(sizes[i], sizes[i + 1]))\n"
            "    if 2 > 1 > i == unknown:\n        layers.pop()\nmodel = nn.Sequential(*layers)"
        ),
        (
            "class A(nn.Module):\n    def __init__(self):\n"
            "        self.layers = nn.ModuleList([nn.Linear(4, 3), nn.Linear(3, 2)])\n"
            "    def forward(self, x):\n        for layer in self.layers:\n"
            "            x = layer(x)\n            if layer is not self.layers[-1]:\n"
            "                x = x.relu()\n            if layer == self.layers[0] != layer:\n"
            "                x = x.abs()\n        return x\nmodel = A()"
        ),
        (
            f"{SIZES}class A(nn.Module):\n    def __init__(self):\n"
            "        for i in range(2):\n"
            "            self.add_module('fc%d' % (i + 1), nn.Linear(sizes[i], sizes[i + 1]))\n"
            "            setattr(self, f'act{i:02d}', nn.ReLU())\n"
            "    def forward(self, x):\n"
            "        x = getattr(self, 'act{:02d}'.format(0))(getattr(self, 'fc' + str(1))(x))\n"
            "        return self._modules['{}{}'.format('fc', 2)](x)\nmodel = A()"
        ),
        (
            "class A(nn.Module):\n    def __init__(self, *layers):\n"
            "        for i, layer in enumerate(layers):\n"
            "            self._modules[str(i)] = layer\n    def forward(self, x):\n"
            "        for layer in self._modules.values():\n            x = layer(x)\n"
            "        return x\nmodel = A(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))"
        ),
        (
            "class A(nn.Module):\n    def __init__(self, *layers):\n"
            "        for i, layer in enumerate(layers, start=0):\n"
            "            self.add_module(name=str(i), module=layer)\n    def forward(self, x):\n"
            "        for layer in self.children():\n            x = layer(x)\n"
            "        return x\nmodel = A(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))"
        ),
        (
            "options = argparse.ArgumentParser()\n"
            "options.add_argument('--n', dest='size', default=7)\noptions.set_defaults(size=3)\n"
            "options.add_argument('--flat', action='store_false')\n"
            "size = options.parse_args().size if options.parse_args().flat else 9\nlayers = {}\n"
            "layers.setdefault('a', nn.Linear(4, size))\nlayers.setdefault('b', nn.ReLU())\n"
            "layers.setdefault('a', nn.Abs())\n"
            "model = nn.Sequential(*nn.ModuleDict(modules=layers).values())\n"
            "model.extend(nn.ModuleList(modules=[nn.Linear(3, 2)]))"
        ),
        (
            "sizes = {'a': 4, 'b': 3, 'c': 2}\nnames = list(sizes)\nlayers = nn.Sequential()\n"
            "for i in range(len(sizes) - 1):\n"
            "    layers.append(nn.Linear(sizes[names[i]], sizes[names[i + 1]]))\n"
            "    if i + 2 < len(names):\n        layers.append(nn.ReLU())\n"
            "model = nn.Sequential(*[layers[i] for i in range(len(layers))])"
        ),
        (
            "r = nn.ReLU()\nmodel = nn.Sequential(OrderedDict(a=nn.Linear(4, 3), r=r, b=r))\n"
            "model.add_module('b', nn.Linear(3, 5))\nmodel[2] = nn.Linear(3, 6)\n"
            "model.add_module('b', nn.Linear(3, 7))\nmodel.append(nn.Linear(7, 8))\n"
            "model.add_module('3', nn.Linear(7, 9))\nmodel = model[:3]\n"
            "model.add_module('b', nn.Linear(3, 2))"
        ),
        (
            "several = nn.ModuleDict()\nseveral.add_module('a', nn.Linear(4, 3))\n"
            "several.register_module('b', nn.ReLU())\n"
            "model = nn.Sequential(*several.values(), nn.Linear(3, 2))"
        ),
        (
            "base = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 9))\n"
            "model = nn.Sequential(*list(base.children())[:-1], nn.Linear(3, round(9 / 4)))"
        ),
        (
            "class A(nn.Module):\n    def __init__(self, more=()):\n"
            "        self.a, self.b = nn.Linear(4, 3), nn.Linear(3, 2)\n"
            "        self.more = nn.ModuleList(more)\n    def forward(self, x):\n"
            "        x = self.a(x).relu()\n        for layer in self.more:\n"
            "            x = layer(x).abs()\n        return self.b(x)\nmodel = A()"
        ),
    ],
    ids=[
        *("dict", "ModuleDict", "names", "comprehension", "while", "else", "return", "not None"),
        *(
            "ModuleList",
            "chained",
            "identity",
            "written names",
            "_modules",
            "children",
            "options",
            "counted",
            "replaced",
            "added",
            "cut off",
        ),
        "no turn",
    ],
)
def test_dicts_names_and_loops_are_what_pythons_are(code: str) -> None:
    assert remarks(code) == (TWO_LINEAR, ())


@for_each(
    "body",
    [
        "    return 0",
        "    with torch.no_grad():\n        return 0\n    return 1",
        "    for i in range(3):\n        return i\n    return 1",
        "    while n < 5:\n        return 0\n    return 1",
        "    while n < 3:\n        n += 1\n    return n - 4",
        "    if n < 5:\n        return 0\n    return 1",
        "    try:\n        return 0\n    finally:\n        n = 3\n    return 1",
        "    try:\n        raise IOError(n)\n    except OSError:\n        return 0\n    return 1",
        "    try:\n        assert n == 3\n    except Exception:\n        return 0\n    return 1",
        (
            "    try:\n        try:\n            raise KeyError\n        except TypeError:\n"
            "            return 1\n        except (ValueError, LookupError):\n"
            "            raise\n        else:\n            n = 5\n        finally:\n"
            "            n -= 1\n    except KeyError:\n        return n - 3\n    return 1"
        ),
        (
            "    class Own(Exception): pass\n    def f(): raise Own(n)\n"
            "    try:\n        f()\n    except KeyError:\n        return 1\n"
            "    except Own:\n        return 0\n    return 1"
        ),
        (
            "    class Own(KeyError): pass\n    try:\n        raise Own\n    except ValueError:\n"
            "        return 1\n    except LookupError:\n        return 0\n    return 1"
        ),
        (
            "    class Own(BaseException): pass\n    try:\n        raise Own\n"
            "    except Exception:\n        return 1\n    except BaseException:\n"
            "        return 0\n    return 1"
        ),
        (
            "    kinds = (ValueError, KeyError)\n    try:\n        raise KeyError\n"
            "    except kinds:\n        return 0\n    except Exception:\n        return 1\n"
            "    return 1"
        ),
        (
            "    try:\n        try:\n            raise KeyError\n        except KeyError:\n"
            "            try:\n                raise TypeError\n            except TypeError:\n"
            "                n = 3\n            raise\n    except KeyError:\n        return n - 3\n"
            "    except TypeError:\n        return 1\n    return 1"
        ),
        "    return 0 if isinstance(True, int) and isinstance([], Sequence) else 1",
        "    return 0 if isinstance(n, str | int) and not isinstance(None, float) else 1",
        "    class Sequence: pass\n    return 1 if isinstance([], (Sequence, str)) else 0",
        "    return 1 if isinstance([], nn.ModuleList) else 0",
        "    return 1 if isinstance(nn.ModuleList(), list) else 0",
        "    return [0, 1][not n]",
        "    return len([each for each in []])",
        "    return len(list())",
        "    return 1 if nn.ModuleList() else 0",
        "    return 1 if torch.tensor(0.0) or not torch.tensor([[2]]) else 0",
        "    return deepcopy(0, {})",
        "    return cast(val=copy.copy(x=0), typ=int)",
    ],
)
def test_a_0_and_what_is_empty_are_known(body: str) -> None:
    made = "nn.Sequential(nn.Linear(4, sizes[at() + 1]), nn.ReLU(), nn.Linear(3, 2))"
    code = f"{SIZES}def at(n=4):\n{body}\nmodel = {made}"
    assert remarks(code) == (TWO_LINEAR, ())


@pytest.mark.parametrize(
    "code",
    [
        (
            "def more(layers, i, o):\n    layers.append(nn.Linear(i, o))\n"
            "    layers += [nn.ReLU()]\n"
            "layers = []\nmore(layers, 4, 3)\nlayers.append(nn.Linear(3, 2))\n"
            "model = nn.Sequential(*layers)"
        ),
        (
            "class A(nn.Module):\n    def __init__(self):\n        layers = nn.ModuleList()\n"
            "        self.layers = layers\n        layers.append(nn.Linear(4, 3))\n"
            "        def add(layer):\n            layers.extend([nn.ReLU(), layer])\n"
            "        add(nn.Linear(3, 2))\n    def forward(self, x):\n"
            "        for layer in self.layers:\n            x = layer(x)\n        return x\n"
            "model = A()"
        ),
        (
            "a = {'sizes': [4, 2]}\nb = a\nb['more'] = 3\nb['sizes'][1:] = [3]\ndel b['more']\n"
            "b.update(out=2)\nlast = nn.Sequential()\n"
            "model = nn.Sequential(nn.Linear(*a['sizes']), nn.ReLU(), last)\n"
            "last.append(nn.Linear(3, a['out']))"
        ),
        (
            "layers = more = [nn.Linear(4, 3)]\nmore += (nn.ReLU(),)\nmore.append("
            "nn.Linear(3, 2))\nmodel = nn.Sequential(*layers)"
        ),
        (
            "sizes = [2, 3, 4]\nlayers = [nn.Linear(sizes.pop(), sizes[-1]), nn.ReLU()]\n"
            "layers.append(nn.Linear(sizes.pop(), sizes.pop()))\nmodel = nn.Sequential(*layers)"
        ),
        (
            "class C:\n    n = 5\nC.n = 3\n"
            "model = nn.Sequential(nn.Linear(4, C.n), nn.ReLU(), nn.Linear(C().n, 2))"
        ),
    ],
    ids=["argument", "attribute", "dict", "tuple", "pop", "class"],
)
def test_what_has_two_names_is_changed_under_both(code: str) -> None:
    assert remarks(code) == (TWO_LINEAR, ())


def test_a_number_that_has_two_names_is_counted_on_under_one() -> None:
    code = "a = b = 4\nb += 1\nmodel = nn.Sequential(nn.Linear(3, a), nn.ReLU(), nn.Linear(4, b))"
    assert remarks(code) == ("linear(4,bias=True)-relu-linear(5,bias=True)", ())


@for_each(
    ("made", "stack"),
    [
        ("nn.Linear(4, 3)", "linear(3,bias=True)"),
        ("nn.Sequential(nn.Linear(4, 3), nn.ReLU())", "linear(3,bias=True)-relu"),
        ("Row()", "linear(3,bias=True)-relu"),
        ("Own()", "linear(2,bias=True)"),
        ("Heir()", "linear(2,bias=True)"),
    ],
)
def test_a_forward_that_is_called_by_name_is_that_of_the_module(made: str, stack: str) -> None:
    code = (
        "class Row(nn.Sequential):\n    def __init__(self):\n"
        "        super().__init__(nn.Linear(4, 3), nn.ReLU())\n"
        "class Own(nn.Linear):\n    def __init__(self):\n        super().__init__(4, 2)\n"
        "    def forward(self, x):\n        return super().forward(x)\nclass Heir(Own): pass\n"
        f"class A(nn.Module):\n    def __init__(self):\n        self.a = {made}\n"
        "    def forward(self, x):\n        return self.a.forward(x)\nmodel = A()"
    )
    assert remarks(code) == (stack, ())


@pytest.mark.parametrize("kind", ["A", "(nn.Linear, A)", "nn.Sequential"])
def test_whether_an_object_is_of_a_class_of_the_code_is_left_open(kind: str) -> None:
    code = (
        "class A(nn.Module):\n    def __init__(self):\n        self.a = nn.Linear(4, 3)\n"
        "    def forward(self, x):\n        x = self.a(x)\n"
        f"        if isinstance(self, {kind}):\n            x = x.relu()\n        return x\n"
        "model = A()"
    )
    said = "Line 6, column 9: if is not read here: what stands in it was left out."
    assert remarks(code) == ("linear(3,bias=True)", (said,))


def test_a_copy_has_weights_of_its_own() -> None:
    code = (
        "class A(nn.Module):\n    def __init__(self, one, n):\n        super().__init__()\n"
        "        self.each = nn.ModuleList([{copied} for _ in range(n)])\n"
        "    def forward(self, x):\n        for one in self.each:\n            x = one(x)\n"
        "        return x\nmodel = A({one}, 2)"
    )
    linear = "nn.Sequential(nn.Linear(4, 4), nn.ReLU())"
    two = "linear(4,bias=True)-relu-linear(4,bias=True)-relu"
    assert remarks(code.format(copied="copy.deepcopy(one)", one=linear)) == (two, ())
    stack, (said,) = remarks(code.format(copied="copy.copy(one)", one=linear))
    assert (stack, "linear is used twice with the same weights" in said) == (two, True)
    # A layer that is in the copy twice is reported at the place where the original is made.
    twice = "a = nn.Linear(4, 4)\nnet = nn.Sequential(a, nn.ReLU(), a)\nmodel = copy.deepcopy(net)"
    assert remarks(twice)[1] == (f"Line 2, column 7: {SHARED}",)


SHARED = "linear is used twice with the same weights; here the second has its own."


@pytest.mark.parametrize(
    ("net", "place"),
    [("nn.Sequential(a, b, a)", "Line 3, column 7: "), ("nn.Sequential(a, b, a)[:]", "")],
)
def test_what_is_applied_nowhere_is_named_where_it_is_made(net: str, place: str) -> None:
    code = f"a = nn.Linear(2, 2)\nb = nn.ReLU()\nnet = {net}"
    assert remarks(code)[1] == (f"{place}{SHARED}",)


@for_each(
    "again",
    [
        "F.linear(h, a.weight, a.bias)",
        "F.linear(h, a.weight.t())",
        "h @ a.weight",
        "h @ a.weight.T",
    ],
)
def test_a_function_may_be_given_the_weights_of_a_layer(again: str) -> None:
    code = f"a = nn.Linear(4, 4)\nh = F.relu(a(torch.randn(2, 4)))\ny = {again}\n"
    assert remarks(code)[1] == (f"Line 3, column 5: {SHARED}",)
    assert remarks(code.replace("a(", "nn.Linear(4, 4)("))[1] == ()


LINEAR_CLASS = (
    "class A(nn.Module):\n    def __init__(self):\n        self.a = nn.Linear(2, 2)\n"
    "        self.b = nn.Linear(2, 2)\n{more}    def forward({given}):\n"
    "        {returned}self.b(self.a({x}))\n"
)
NO_LAYER = "is no layer that this text makes, as nn.ReLU() makes one; it was left out."
PLAIN = {"more": "", "given": "self, x", "returned": "return ", "x": "x"}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("nn.Sequential(nn.Linear(2, 2), nn.ReLU, nn.Linear(2, 2))", f"nn.ReLU {NO_LAYER}"),
        ("nn.Sequential(nn.Linear(2, 2), act, nn.Linear(2, 2))", f"act {NO_LAYER}"),
        ("nn.Sequential(nn.Linear(2, 2), made(3), nn.Linear(2, 2))", f"made(3) {NO_LAYER}"),
        (
            LINEAR_CLASS.format(**PLAIN | {"more": "        self.b.weight = self.a.weight\n"}),
            "self.b.weight is not read here: what stands in it was left out.",
        ),
        (LINEAR_CLASS.format(**PLAIN | {"x": "x.T"}), "x.T is not known here, and that was left"),
        (
            (
                "a = nn.Sequential(nn.Linear(1, 2), nn.ReLU())\n"
                "b = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))\n"
                "c = nn.Sequential(b)"
            ),
            "There are several networks in this text: the largest is read.",
        ),
    ],
    ids=["not called", "unknown", "of what is not there", "tied", "turned", "two networks"],
)
def test_what_is_left_out_is_said(code: str, said: str) -> None:
    stack, remark = remarks(code)
    assert stack == "linear(2,bias=True)-linear(2,bias=True)"
    assert [said in each for each in remark] == [True]


@pytest.mark.parametrize(
    ("forward", "stack"),
    [
        ("y = x\n        y += self.a(x)\n        return x.relu()", "residual(linear(4))-relu"),
        ("y = x.clone()\n        y += self.a(x)\n        return x.relu()", "relu"),
        ("y = x\n        y = y + self.a(x)\n        return x.relu()", "relu"),
    ],
)
def test_what_is_added_to_in_place_is_changed_under_its_other_names(
    forward: str, stack: str
) -> None:
    code = in_forward(forward).replace("nn.Linear(4, 3)", "nn.Linear(4, 4, bias=False)")
    assert remarks(code) == (stack, ())


@pytest.mark.parametrize(
    ("forward", "place"),
    [
        ("x = self.a(x)\n        x[:, 0] = 0\n        return F.relu(x)", "x[:, 0]"),
        ("x = self.a(x)\n        x[x > 1] *= 2\n        return x.relu()", "x[x > 1]"),
    ],
)
def test_where_a_part_of_a_value_is_set_the_value_goes_on(forward: str, place: str) -> None:
    stack, said = remarks(in_forward(forward))
    assert stack == OF_LINEAR
    assert any(say("paste.left_out", code=place, kept="x") in each for each in said)


def test_numbers_of_which_some_are_set_keep_their_shape() -> None:
    code = "x = np.zeros((2, 3))\nx[0, 1] = 1.0\ny = torch.tensor([0, 0])\ny[1] = 1\n"
    code += "L = F.cross_entropy(nn.Linear(3, 2)(x), y)"
    found = read_pytorch(code)
    assert found.input == (2, 3)
    assert found.stack.at((1,)).data == (0, 0)
    assert [LABELS in each for each in found.remarks] == [True]


@pytest.mark.parametrize("noise", ["torch.randn(3).abs()", "torch.zeros(1, 3).relu().view(1, 3)"])
def test_numbers_of_a_forwards_own_are_no_x(noise: str) -> None:
    code = in_forward(f"m = {noise}\n        return self.a(x).relu()")
    found = read_pytorch(f"{code}\nx = torch.randn(2, 4)\nmodel(x)")
    assert (str(found.stack), found.input, found.remarks) == (OF_LINEAR, (2, 4), ())


NO_WAY_BACK = "PyTorch sends no gradient back through"
NO_GRAD = "column 14: torch.no_grad()"


BOTH = "relu-residual(linear(2,bias=True))"


@for_each(
    ("forward", "stack"),
    [
        ("return x + self.c(self.relu(x))", BOTH),
        ("return self.c(F.relu(x, inplace=True)) + x", BOTH),
        ("y = x.relu_()\n        return self.c(y) + x", BOTH),
        (
            "y = x\n        x.relu_()\n        return self.c(x) + y",
            BOTH,
        ),
        ("x.relu_()\n        return self.c(x) + x", BOTH),
        ("return x + self.relu(self.c(x))", "residual(linear(2,bias=True)-relu)"),
        ("return x + self.c(self.relu(self.bn(x)))", "residual(relu-linear(2,bias=True))"),
        ("return x + self.c(F.relu(x))", "residual(relu-linear(2,bias=True))"),
        ("y = x\n        y += x\n        return self.c(x)", "residual()-linear(2,bias=True)"),
        ("y = self.relu(x)\n        y += y\n        return x.abs()", "relu-residual()-abs"),
        ("y = [x]\n        y[0].relu_()\n        return x + x", "relu-residual()"),
        ("return torch.maximum(x, x.relu_())", "relu-maximum(|)"),
        ("y = x.clone()\n        x.relu_()\n        return y.abs()", "abs"),
        ("y = x\n        x.relu_()\n        return y.clone().abs()", "relu-abs"),
        ("self.s(x)\n        return x.abs()", "abs"),
        ("self.h(self.h(x))\n        return x", "leakyrelu(0.5)-leakyrelu(0.5)"),
        ("self.h(x)\n        return torch.cat([x])", "leakyrelu(0.5)"),
        ("self.h(x)\n        return torch.cat([x, x], 1)", "leakyrelu(0.5)-concat(|,dim=1)"),
    ],
)
def test_what_is_overwritten_is_another_one_under_all_its_names(forward: str, stack: str) -> None:
    """Includes a sequence of two layers, of which the second overwrites the first one's output."""
    code = (
        "class A(nn.Module):\n    def __init__(self):\n        self.c = nn.Linear(2, 2)\n"
        "        self.relu, self.bn = nn.ReLU(True), nn.BatchNorm1d(2)\n"
        "        self.s = nn.Sequential(nn.LeakyReLU(), nn.ReLU(True))\n"
        "    def h(self, a):\n        b = a\n        F.leaky_relu_(b, 0.5)\n        return b\n"
        f"    def forward(self, x):\n        {forward}\n"
    )
    found, said = remarks(code)
    assert found == stack
    assert [each for each in said if "BatchNorm1d" not in each] == []


@for_each(
    ("forward", "stop"),
    [
        ("return self.c(self.c(x).relu().detach())", "column 23: self.c(x).relu().detach()"),
        ("return self.c(F.relu(self.c(x).data))", "column 30: self.c(x).data"),
        ("return self.c(x).detach() + x", "column 16: self.c(x).detach()"),
        ("return x + self.c(x).detach()", "column 20: self.c(x).detach()"),
        ("return self.c(Variable(self.c(x)))", "column 23: Variable(self.c(x))"),
        ("return self.c(Variable(self.c(x).data))", "column 32: self.c(x).data"),
        ("return self.c(Variable(x))", ""),
        ("with torch.no_grad():\n            x = self.c(x)\n        return x.relu()", NO_GRAD),
        ("with torch.no_grad():\n            return self.c(x)", NO_GRAD),
        ("print(self.c(x).detach().numpy())\n        return self.c(x).relu()", ""),
        ("return self.c(x.detach())", ""),
        ("with torch.no_grad():\n            y = self.c(x)\n        return self.c(x)", ""),
        ("with torch.autocast('cuda'):\n            x = self.c(x)\n        return x.relu()", ""),
    ],
)
def test_where_pytorch_stops_the_gradient_it_is_said(forward: str, stop: str) -> None:
    """A stop on values that are only looked at, or with no layer before it, does not count."""
    code = (
        "class A(nn.Module):\n    def __init__(self):\n        self.c = nn.Linear(2, 2)\n"
        f"    def forward(self, x):\n        {forward}\nmodel = nn.Sequential(A(), nn.Abs())\n"
    )
    said = [each for each in remarks(code)[1] if "gradient" in each]
    expected = f"Line 5, {stop}; here it goes on.".replace(": ", f": {NO_WAY_BACK} ", 1)
    assert said == [expected][: bool(stop)]


def test_a_network_that_is_looked_at_without_gradients_has_them_here() -> None:
    code = f"{AROUND}\nx = torch.randn(1, 2)\nwith torch.no_grad():\n    y = model(x)\n    print(y)"
    assert remarks(code) == ("linear(2,bias=True)-relu", ())


def test_a_text_with_one_network_brings_no_remark() -> None:
    plain = LINEAR_CLASS.format(**PLAIN)
    for code in (f"{plain}m = A()\nn = m", LINEAR_CLASS.format(**PLAIN | {"x": "x.data"}), plain):
        assert remarks(code) == ("linear(2,bias=True)-linear(2,bias=True)", ())


@pytest.mark.parametrize("wrong", [{"returned": ""}, {"given": "x"}])
def test_a_forward_that_gives_nothing_back_is_called_so(wrong: dict[str, str]) -> None:
    said = (
        "Nothing that a layer makes is returned in this text: it needs nn.Sequential(…), or a "
        "class whose forward(self, x) returns what it makes of x."
    )
    abstract = "class A(nn.Module):\n    def forward(self, x):\n        raise NotImplementedError"
    for code in (LINEAR_CLASS.format(**PLAIN | wrong), abstract):
        with pytest.raises(StackError, match=re.escape(said)):
            read_pytorch(code)


@for_each(
    ("given", "said"),
    [
        ("F.cross_entropy(net(x), torch.tensor([1, 2]))", ""),
        ("F.cross_entropy(net(x), target=torch.tensor([1, 2]), reduction='mean')", ""),
        ("F.cross_entropy(net(x), torch.LongTensor([1, 2]), None, None, -100, None)", ""),
        ("F.cross_entropy(net(x), torch.tensor([1, 2]), size_average=False)", "size_average"),
        ("F.cross_entropy(net(x), torch.tensor([1, 2]), ignore_index=1)", "ignore_index"),
        ("F.cross_entropy(net(x), torch.tensor([1, 2]), reduce=False)", "reduce"),
        ("F.cross_entropy(net(x), torch.tensor([1, 2]), reduction='sum')", "reduction"),
        ("F.cross_entropy(net(x), torch.tensor([1, 2]), torch.ones(4))", "weight"),
        ("F.cross_entropy(net(x), torch.tensor([1, 2]), label_smoothing=0.1)", "label_smoothing"),
        ("nn.CrossEntropyLoss(torch.ones(4))(net(x), torch.tensor([1, 2]))", "weight"),
    ],
)
def test_what_a_loss_is_given_is_read_or_said(given: str, said: str) -> None:
    code = f"net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())\nx = torch.randn(2, 3)\nL = {given}"
    stack, remark = remarks(code)
    assert stack == "linear(4,bias=True)-relu-softmaxcrossentropy(1,2)"
    assert [f"cannot have this {said} here" in each for each in remark] == [True] * bool(said)


LABELS = "the labels are not read here: each is 0."
OF_LOADER = "for xb, yb in loader:\n    loss = {}\n    loss.backward()"
MSE = f"column 8: {say('paste.function', name='mse_loss')}"


@pytest.mark.parametrize(
    "labels",
    [
        "torch.tensor([0.0, 2.0]).long()",
        "np.array([0.0, 2.0]).astype(np.int64)",
        "torch.tensor([0, 2]).int()",
        "torch.tensor([0.0, 2.0]).type(torch.LongTensor)",
        "torch.tensor([0.0, 2.0]).type((kind := torch.LongTensor))",
        "torch.autograd.Variable(torch.LongTensor([0, 2]), requires_grad=False)",
    ],
)
def test_labels_are_made_whole_numbers(labels: str) -> None:
    code = f"net = nn.Linear(4, 3)\nL = F.cross_entropy(net(torch.randn(2, 4)), {labels})"
    assert remarks(code) == ("linear(3,bias=True)-softmaxcrossentropy(0,2)", ())


def test_data_of_two_kinds_are_made_one_array() -> None:
    code = (
        "mean = torch.ones(3, 2)\n"
        "x0, x1 = torch.normal(2 * mean, 1), torch.normal(-2 * mean, 1)\n"
        "x = torch.cat((x0, x1), 0).type(torch.FloatTensor)\n"
        "y = torch.cat((torch.zeros(3), torch.ones(3)), ).type(torch.LongTensor)\n"
        "net = nn.Linear(2, 2)\n"
        "L = F.cross_entropy(net(x), y)\n"
    )
    found = read_pytorch(code)
    assert str(found.stack) == "linear(2,bias=True)-softmaxcrossentropy(0,0,0,1,1,1)"
    assert (found.input, found.x, found.remarks) == ((6, 2), None, ())


def test_an_x_is_joined_with_itself_in_the_network() -> None:
    code = "x = torch.tensor([[1.5, -2]])\ny = F.relu(torch.cat((x, x), 1))"
    assert remarks(code) == ("concat(|,dim=1)-relu", ())


@for_each(
    "given",
    [
        "(torch.ones(3, 2), torch.ones(3)), 1",
        "(torch.ones(2), torch.ones(1, 2))",
        "(torch.ones(2), torch.ones(3)), 1",
        "[torch.ones(()),]",
    ],
)
def test_arrays_that_are_none_together_are_not_known(given: str) -> None:
    code = f"n = torch.cat({given})\nnet = nn.Sequential(nn.Linear(n, 2), nn.ReLU())"
    assert remarks(code)[0] == "linear(2,bias=True)-relu"


@for_each(("label", "read"), [("2", True), ("0", True), ("-1", False), ("1.5", False)])
def test_a_row_alone_has_a_label_alone(label: str, read: bool) -> None:
    """Here it is a batch of one, which is reported."""
    code = "net = nn.Linear(4, 3)\nx = torch.tensor([1.0, -2.0, 0.5, 3.0])\n"
    found = read_pytorch(f"{code}L = F.cross_entropy(net(x), torch.tensor({label}))")
    of = f"softmaxcrossentropy({label if read else 0})"
    assert (str(found.stack), found.input) == (f"linear(3,bias=True)-{of}", (1, 4))
    assert [each for each in found.remarks if not each.startswith("Here x has shape (1, 4).")] == (
        [] if read else [f"Line 3, column 5: {LABELS}"]
    )


@pytest.mark.parametrize("labels", ["torch.randint(0, 3, (5,))", "torch.eye(3)[y]", "y"])
def test_labels_that_are_not_read_are_as_many_as_the_examples(labels: str) -> None:
    code = f"net = nn.Linear(4, 3)\nL = nn.CrossEntropyLoss()(net(torch.randn(5, 4)), {labels})"
    found = read_pytorch(code)
    assert (found.input, found.stack.at((1,)).data) == ((5, 4), (0,) * 5)
    assert found.remarks == (f"Line 2, column 5: {LABELS}",)


@for_each(
    ("loss", "ends", "said"),
    [
        ("loss = F.cross_entropy(net(x), y)", True, f"column 8: {LABELS}"),
        ("loss = F.cross_entropy(input=net(x), target=y)", True, f"column 8: {LABELS}"),
        ("loss = nn.CrossEntropyLoss()(net(x), y)", True, f"column 8: {LABELS}"),
        ("loss = F.cross_entropy(net(x), torch.tensor([0]))", True, ""),
        ("x = torch.randn(1, 4)\nloss = F.cross_entropy(net(x), y)", True, f"column 8: {LABELS}"),
        (
            (
                "x = torch.randn(1, 4)\ny = torch.tensor([[0.0, 1.0, 0.0]])\n"
                "loss = F.cross_entropy(net(x), y)"
            ),
            True,
            f"column 8: {LABELS}",
        ),
        (OF_LOADER.format("F.cross_entropy(net(xb), yb)"), True, f"column 12: {LABELS}"),
        ("loss = F.mse_loss(net(x), y)", False, MSE),
        ("x = torch.randn(1, 4)\nloss = F.mse_loss(net(x), y)", False, MSE),
        (OF_LOADER.format("F.mse_loss(net(xb), yb)"), False, MSE.replace("8", "12", 1)),
        (
            "loss = F.binary_cross_entropy(net(x), y)",
            False,
            MSE.replace("mse_loss", "binary_cross_entropy"),
        ),
        (
            "loss = nn.MSELoss()(net(x), y)",
            False,
            f"column 8: {say('paste.layer', name='MSELoss')}",
        ),
    ],
)
def test_a_loss_of_what_is_not_in_the_text_is_kept_or_said(
    loss: str, ends: bool, said: str
) -> None:
    code = f"net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())\n{loss}"
    stack, remark = remarks(code)
    assert stack == OF_LINEAR + "-softmaxcrossentropy(0)" * ends
    assert [each.partition(", ")[2] for each in remark] == [said][: bool(said)]


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ("nn.Conv2d(1, 2, 3, padding=1), nn.ReLU()", (1, 1, 6, 6)),
        ("nn.Conv2d(1, 2, 3, padding=1), nn.Flatten(), nn.Linear(32, 3)", (1, 1, 4, 4)),
        ("nn.Conv2d(3, 2, 3), nn.ReLU(), nn.MaxPool2d(2)", (1, 3, 6, 6)),
        ("nn.Conv1d(1, 2, 3, padding=1), nn.ReLU()", (1, 1, 5)),
        ("nn.Conv1d(2, 2, 3), nn.MaxPool1d(2)", (1, 2, 6)),
        ("nn.Linear(7, 2), nn.ReLU()", (7,)),
        ("nn.Conv1d(1, 1, 3), nn.ReLU(), nn.Flatten(), nn.Linear(98, 2)", (1, 1, 100)),
        ("nn.Conv1d(2, 2, 5), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(250, 2)", (1, 2, 254)),
        ("nn.Conv1d(1, 1, 70), nn.ReLU()", (1, 1, 71)),
        ("nn.MaxPool1d(100), nn.ReLU()", (200,)),
    ],
)
def test_x_is_a_picture_for_layers_of_pictures_and_a_row_for_layers_of_rows(
    layers: str, shape: Any
) -> None:
    assert read_pytorch(f"nn.Sequential({layers})").input == shape


@pytest.mark.parametrize(
    ("layer", "x", "stack", "shape"),
    [
        ("nn.Linear(4, 3)", "", "concat({0}|{0})", (6,)),
        ("nn.Linear(4, 3)", "x = torch.randn(2, 4)\n", "concat({0}|{0},dim=1)", (2, 6)),
        ("nn.Conv2d(1, 1, 3)", "", "concat({0}|{0},dim=3)", (1, 1, 4, 8)),
        (
            "nn.Linear(4, 3)",
            "loss = nn.CrossEntropyLoss()\n",
            "concat({0}|{0},dim=1)-softmaxcrossentropy(0)",
            (),
        ),
    ],
)
def test_an_axis_that_is_counted_from_the_last(layer: str, x: str, stack: str, shape: Any) -> None:
    code = (
        f"{x}class A(nn.Module):\n    def __init__(self):\n        self.a = {layer}\n"
        f"        self.b = {layer}\n    def forward(self, x):\n"
        "        return torch.cat([self.a(x), self.b(x)], dim=-1)\n"
        f"{'A()(x)' if x.startswith('x') else 'm = A()'}"
    )
    pasted = read_pytorch(code)
    name = "conv2d(3,filters=1,bias=True)" if "Conv" in layer else "linear(3,bias=True)"
    assert (str(pasted.stack), pasted.remarks) == (stack.format(name), ())
    assert pasted.input
    assert pasted.stack.shape(pasted.input) == shape


@pytest.mark.parametrize(
    ("layer", "x", "problem"),
    [
        ("nn.Linear(4, 1)", "(4,)", "it needs inputs of one shape; got (1,), (4,)."),
        ("nn.Linear(4, 3)", "(4,)", "it needs inputs of one shape; got (3,), (4,)."),
        (
            "nn.Conv1d(1, 4, 3, padding=1)",
            "(1, 1, 5)",
            "it needs inputs of one shape; got (1, 4, 5), (1, 1, 5).",
        ),
    ],
)
def test_where_a_sum_does_not_fit_no_layer_is_blamed(layer: str, x: str, problem: str) -> None:
    """In the first case and the last, PyTorch broadcasts the smaller value."""
    code = (
        f"class A(nn.Module):\n    def __init__(self):\n        self.a = {layer}\n"
        "    def forward(self, x): return F.relu(x + self.a(x))\nmodel = A()"
    )
    (said,) = remarks(code)[1]
    assert f"With {x}, as in the code: residual(" in said
    assert f"does not fit: {problem}" in said


@pytest.mark.parametrize(
    ("joined", "needed"), [("x + self.a(x)", 4), ("torch.cat((x, self.a(x)), 1)", 8)]
)
def test_behind_a_join_pytorch_is_not_said_to_refuse(joined: str, needed: int) -> None:
    code = (
        "class A(nn.Module):\n    def __init__(self):\n"
        "        self.a, self.b = nn.Linear(4, 4), nn.Linear(3, 2)\n"
        f"    def forward(self, x): return self.b({joined})\nmodel = A()"
    )
    shapes = f"would need weights of shape (2, {needed}), and has (2, 3) in the code."
    assert remarks(code)[1] == (f"linear(2,bias=True) {shapes}",)


def test_behind_what_is_left_out_pytorch_refuses_nothing() -> None:
    layers = "nn.Linear(4, 3), {between}nn.Linear(7, 2)"
    _, (said,) = remarks(f"nn.Sequential({layers.format(between='')})")
    assert said.startswith("PyTorch refuses this: linear(2,bias=True) has weights of shape (2, 7)")
    _, (_, said) = remarks(f"nn.Sequential({layers.format(between='nn.Upsample(7), ')})")
    assert said == (
        "linear(2,bias=True) would need weights of shape (2, 3), and has (2, 7) in the code."
    )


def test_a_list_that_lies_in_itself_ends() -> None:
    for more in (
        "n = 2\nn *= [1]",
        "a.append(a)",
        "a[0] = a",
        "b = copy.deepcopy(a)",
        "x = torch.tensor(a)",
    ):
        code = f"a = [1]\na.append(a)\n{more}\nmodel = nn.Sequential(nn.Linear(4, 3), nn.ReLU())"
        with suppress(StackError):
            assert remarks(code) == (OF_LINEAR, ())


@pytest.mark.parametrize("line", ["x = 3 €", "x = “3” €"])
def test_a_sign_that_stands_for_none_of_pythons_leaves_its_line_out(line: str) -> None:
    code = f"{line}\nmodel = nn.Sequential(nn.Linear(4, 3), nn.ReLU())"
    assert remarks(code) == (OF_LINEAR, ("Line 1 is no Python and was left out.",))


def test_a_loop_without_an_end_ends() -> None:
    """For example one that trains."""
    for loop in ("while True:", "while n < 10**8:\n    n += 1"):
        code = f"n = 0\nmodel = nn.Sequential(nn.Linear(4, 3), nn.ReLU())\n{loop}\n    model(x)"
        assert remarks(code) == (OF_LINEAR, ())


@for_each(
    ("forward", "stack", "said"),
    [
        (
            "def forward(self, x):\n        return [F.relu(x), self.a(x)]",
            "relu",
            (
                "Line 5, column 9: 2 values are returned here, and a stack has one output: what "
                "leads to the others was left out."
            ),
        ),
        (
            "def forward(self, x):\n        y = self.a(x)\n        return {'y': y, 'z': y.relu()}",
            OF_LINEAR,
            "",
        ),
        (
            "def forward(self, x, y, z=None):\n        return F.relu(self.a(x) + self.a(y))",
            "linear(3,bias=True)-relu",
            (
                "Line 4, column 26: y is one more input, and a stack has one: what comes from it "
                "was left out."
            ),
        ),
    ],
)
@for_each(
    "used",
    ["model = A()"] + [f"out = A()(torch.{x}(1, 4), torch.{x}(1, 4))" for x in ("ones", "randn")],
)
def test_a_network_with_several_inputs_or_outputs_brings_a_remark(
    forward: str, stack: str, said: str, used: str
) -> None:
    code = "class A(nn.Module):\n    def __init__(self):\n        self.a = nn.Linear(4, 3)\n"
    found, every = remarks(f"{code}    {forward}\n{used}")
    assert found == stack
    assert [each for each in every if "only sums" not in each] == [said][: len(said)]


@pytest.mark.parametrize("w", [0.0, 2.0])
def test_a_weight_that_a_forward_is_given_is_no_other_input(w: float) -> None:
    code = "class A(nn.Module):\n    def forward(self, x, w):\n        return F.relu(w * x).max()\n"
    found = read_pytorch(f"{code}z = A()(torch.tensor([1.0, 2.0]), torch.tensor({w}))")
    assert (str(found.stack), found.numbers) == ("conv1d-relu-maxpool", {"w": w})
    assert found.remarks == ()


def test_what_a_class_returns_is_taken_apart() -> None:
    code = (
        "class A(nn.Module):\n    def forward(self, x): return F.relu(x), torch.abs(x)\n"
        "class B(nn.Module):\n    def __init__(self):\n"
        "        self.pairs = nn.ModuleList([nn.ModuleList([nn.Softplus(), A()])])\n"
        "    def forward(self, x):\n"
        "        for one, two in self.pairs:\n            a, b = two(one(x))\n"
        "        return b\nmodel = B()"
    )
    assert remarks(code) == ("softplus-abs", ())
    code = code.replace("return b", "return nn.Sequential(A(), nn.Abs())(b)")
    stack, (said,) = remarks(code)
    assert stack == "softplus-abs-relu-abs"
    assert said == (
        "Line 9, column 16: several values come from here, and a layer behind it reads one: the "
        "first goes on alone."
    )


def in_forward(code: str) -> str:
    return (
        "class A(nn.Module):\n    def __init__(self):\n        self.a = nn.Linear(4, 3)\n"
        f"    def forward(self, x):\n        {code}\nmodel = A()"
    )


@for_each(
    "code",
    [
        "x = self.a(x)\n        x.relu_()\n        return x",
        "x = self.a(x)\n        F.relu(x, inplace=True)\n        return x",
        "x = self.a(x)\n        torch.relu_(x)\n        print(x)\n        return x",
        "x = self.a(x)\n        nn.ReLU(inplace=True)(x)\n        return x",
        "x = self.a(x)\n        F.relu(input=x, inplace=True)\n        return x",
        "x = self.a(x)\n        y = x\n        F.relu_(y)\n        return x",
        "x = self.a(x)\n        each = [x]\n        x.relu_()\n        return each[0]",
        "return torch.cat([self.a(x)], 1).relu()",
        "return F.relu(input=self.a(input=x))",
        "return torch.cat(tensors=[F.relu(input=self.a(x))], dim=1)",
        "if x.dim() != 2:\n            raise ValueError(x)\n        return F.relu(self.a(x))",
        "try:\n            y = self.a(x)\n        finally:\n            return y.relu()",
        (
            "try:\n            y = self.a(x)\n        except ValueError:\n            y = x.abs()\n"
            "        else:\n            y = y.relu()\n        return y"
        ),
        "x = self.a(x)\n        torch.sigmoid(x)\n        x.abs()\n        return x.relu()",
    ],
)
def test_what_changes_its_input_is_a_layer_and_what_only_looks_is_none(code: str) -> None:
    assert remarks(in_forward(code)) == (OF_LINEAR, ())


@pytest.mark.parametrize(
    ("before", "behind", "stack"),
    [
        ("x", "self.a(x)", "relu-linear(3,bias=True)"),
        ("self.a(x).abs()", "x", "linear(3,bias=True)-abs-relu"),
        ("h = x", "self.a(h)", "relu-linear(3,bias=True)"),
        ("h = self.a(x)", "h.abs()", "linear(3,bias=True)-relu-abs"),
    ],
)
def test_wherever_its_input_comes_from_it_is_changed(before: str, behind: str, stack: str) -> None:
    code = f"x = {before}\n        nn.ReLU(inplace=True)(x)\n        return {behind}"
    assert remarks(in_forward(code)) == (stack, ())


def test_what_is_left_out_made_another_value_and_that_one_is_changed() -> None:
    code = in_forward("h = self.a(x)\n        return F.relu(nn.Dropout(0.1)(h), inplace=True) + h")
    stack, said = remarks(code)
    assert stack == "linear(3,bias=True)-residual(relu)"
    assert [each.endswith("Dropout is not known here and was left out.") for each in said] == [True]


def test_what_is_asked_of_a_value_is_no_value_and_another_attribute_is() -> None:
    code = in_forward(
        "h = self.a(x).relu()\n        if h.ndim != x.ndim or h.grad is not None:\n"
        "            print(h.device, h.shape)\n        return h"
    )
    assert remarks(code) == (OF_LINEAR, ())
    stack, said = remarks(in_forward("return self.a(x).relu().max(dim=-1).values"))
    assert (stack, len(said)) == (OF_LINEAR, 2)


@for_each("summed", ["y[i, j]", "y[i, 0]", "x[i, j]"])
def test_a_sum_of_single_entries_is_no_layer(summed: str) -> None:
    code = (
        "net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())\nx = torch.randn(6, 3)\ny = net(x)\n"
        "s = 0\nfor i in range(6):\n    for j in range(2):\n        s = s + {}\n"
    )
    stack, said = remarks(code.format(summed))
    assert stack == "linear(2,bias=True)-relu"
    assert [each.partition(" is not")[0] for each in said] == [
        f"Line 7, column 17: {summed}",
        f"Line 7, column 13: s + {summed}",
    ]


@for_each(("asked", "said"), [("h.data[0]", 0), ("h.data[1]", 1), ("h[0]", 1), ("h[0].shape", 0)])
def test_the_first_number_of_data_is_looked_at_alone(asked: str, said: int) -> None:
    """It is like h.item(), as old scripts print a loss."""
    code = "net = nn.Linear(4, 3)\nh = F.relu(net(torch.randn(2, 4)))\n"
    stack, each = remarks(f"{code}print({asked})")
    assert (stack, len(each)) == (OF_LINEAR, said)


def test_how_many_entries_an_example_has_is_told_by_its_shape() -> None:
    code = (
        "conv = nn.Conv1d(1, 2, 3)\nh = conv(torch.randn(5, 1, 6))\n"
        "n = h[0].shape[0] * h[0].shape[1]\n"
        "net = nn.Sequential(conv, nn.Flatten(), nn.Linear(n, 4 + n))"
    )
    assert remarks(code) == ("conv1d(3,filters=2,bias=True)-flatten-linear(12,bias=True)", ())


def test_a_sum_may_go_on_in_lines_that_begin_with_its_sign() -> None:
    code = in_forward("return (F.relu(x)\n            + F.softplus(x)\n            + x)")
    assert remarks(code) == ("residual(add(relu|softplus))", ())


def test_x_may_be_given_by_its_name() -> None:
    code = f"{in_forward('return F.leaky_relu(negative_slope=0.3, input=self.a(x))')}\n"
    found = read_pytorch(f"{code}y = model(x=torch.randn(2, 4))")
    assert (str(found.stack), found.input) == ("linear(3,bias=True)-leakyrelu(0.3)", (2, 4))
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("code", "stack", "said"),
    [
        (
            "nn.Sequential(nn.Linear(n, 3), nn.ReLU())",
            OF_LINEAR,
            "what in_features of Linear is cannot be told from this text; it was left out.",
        ),
        (in_forward("return net[0](self.a(x))"), OF_LINEAR[:-5], "net[0] is not known here and"),
        (in_forward("x = self.a(x)\n        x.tanh_()\n        return x"), OF_LINEAR[:-5], "tanh_"),
        (f"if big:\n    model = nn.Sequential()\n{AROUND}", "linear(2,bias=True)-relu", ": if is"),
    ],
)
def test_what_a_code_has_from_elsewhere_is_said(code: str, stack: str, said: str) -> None:
    found, (remark,) = remarks(code)
    assert (found, said in remark) == (stack, True)


@pytest.mark.parametrize(
    "code",
    [
        "def main():\n    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())\n    train(model)\n",
        (
            "class A(nn.Module):\n    def __init__(self, sizes):\n"
            "        self.net = nn.Sequential(*[nn.Linear(4, 3)] * sizes[0], nn.ReLU())\n"
            "    def forward(self, x): return self.net(x)\n"
            "def a():\n    return A([1] * 2)\n"
            "def test():\n    for each in range(n):\n        y = a()(x)\n"
        ),
    ],
)
@pytest.mark.parametrize("run", ["", "if __name__ == '__main__':\n    main()"])
def test_a_network_may_be_made_within_a_function(code: str, run: str) -> None:
    assert remarks(code + run) == (OF_LINEAR, ())


@pytest.mark.parametrize(
    ("printed", "stack"),
    [
        ("  (0): Sequential(\n    (0): {}\n    (1): ReLU()\n  )", OF_LINEAR),
        ("  (0): ModuleList(\n    (0): {}\n    (1): ReLU()\n  )", OF_LINEAR),
        ("  (0): {}\n  (1): ModuleList(\n    (0-1): 2 x ReLU()\n  )", f"{OF_LINEAR}-relu"),
        (
            (
                "  (a): {}\n  (b): ReLU()\n  (c): ModuleList(\n    (0-1): 2 x Sequential(\n"
                "      (0): {}\n      (1): ReLU()\n    )\n    (2): ReLU()\n  )"
            ),
            f"{OF_LINEAR}-{OF_LINEAR}-{OF_LINEAR}-relu",
        ),
    ],
)
def test_a_remark_says_that_the_layers_of_a_printed_network_follow_one_another(
    printed: str, stack: str
) -> None:
    linear = "Linear(in_features={}, out_features=3, bias=True)".format
    code = f"CNN(\n{printed.format(linear(4), linear(3))}\n  (out): {linear(3)}\n)"
    said = "what CNN does with its layers is not printed: here they follow one another."
    assert remarks(code) == (f"{stack}-linear(3,bias=True)", (f"Line 1, column 1: {said}",))


def test_what_is_asked_of_a_network_that_is_printed_too_is_not_its_print() -> None:
    code = "net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())\nsummary(net)\n"
    printed = (
        "Sequential(\n  (0): Linear(in_features=4, out_features=3, bias=True)\n  (1): ReLU()\n)"
    )
    assert remarks(code + printed) == (OF_LINEAR, ())


@pytest.mark.parametrize(
    "code",
    [
        (
            "def mlp(sizes, act=nn.ReLU, last=nn.Identity):\n    layers = []\n"
            "    for j in range(len(sizes) - 1):\n        "
            "it = act if j < len(sizes) - 2 else last\n"
            "        layers += [nn.Linear(sizes[j], sizes[j + 1]), it()]\n"
            "    return nn.Sequential(*layers)\nmodel = mlp([4, 3, 2])"
        ),
        (
            "from torch.nn import Linear as L\nacts = {'relu': nn.ReLU}\n"
            "model = nn.Sequential(L(4, max(3, 1)), acts['relu'](), L(3, 2, bias=not False))"
        ),
        (
            "Layer = partial(nn.Linear, bias=not 0)\nact = getattr(nn, 'ReLU')()\n"
            "model = nn.DataParallel(nn.Sequential(Layer(4, 3), act, Layer(3, 2)))"
        ),
        (
            "from torch.nn.parallel import DistributedDataParallel as DDP\n"
            "config = SimpleNamespace(a=4, b=argparse.Namespace(c=3))\n"
            "layers = nn.Linear(config.a, config.b.c), nn.ReLU(), nn.Linear(3, 2)\n"
            "model = DDP(nn.Sequential(*layers).double(), device_ids=[0])"
        ),
        (
            "class Named(nn.Linear):\n    def forward(self, x): return super().forward(x).relu()\n"
            "model = nn.Sequential(Named(4, 3), nn.Linear(3, 2))"
        ),
        (
            "class Square(nn.Linear):\n    def __init__(self, n):\n"
            "        super().__init__(n + 1, n)\n"
            "model = nn.Sequential(Square(3), nn.ReLU(), nn.Linear(3, None or cast(int, 2)))"
        ),
        (
            "class Net:\n    def __init__(self, act=F.relu):\n        self.act = act\n"
            "        self.a, self.b = nn.Linear(4, 3), nn.Linear(3, 2)\n"
            "    def __call__(self, x): return self.b(self.act(self.a(x)))\nmodel = Net()"
        ),
        (
            "layers = [nn.Linear(4, 3), nn.ReLU(), nn.Abs(), nn.Linear(3, 2)]\ndel layers[2]\n"
            "model = nn.Sequential(*layers)"
        ),
    ],
    ids=["value", "dict", "partial", "options", "base", "super", "call", "del"],
)
def test_a_layer_of_torch_is_a_value(code: str) -> None:
    assert remarks(code) == (TWO_LINEAR, ())


def test_a_sum_of_a_list_and_one_from_zero_are_sums() -> None:
    each = "[F.relu(x), torch.abs(x), F.softplus(x)]"
    start = f"return sum({each[:-15]}], start=F.softplus(x))"
    for code in (f"return sum({each})", f"return sum(a for a in {each})", start):
        assert remarks(in_forward(code)) == ("add(relu|abs|softplus)", ())
    code = "y = 0\n        for each in (F.relu(x), x):\n            y = y + each\n        return y"
    assert remarks(in_forward(code)) == ("residual(relu)", ())


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            (
                "def make(n):\n    match n:\n        case _:\n            return nn.Abs()\n"
                "model = nn.Sequential(make(3), nn.ReLU())"
            ),
            "Line 2, column 5: match is not read here: what stands in it was left out.",
        ),
        (
            "class A(nn.Module):\n    def forward(self, x): return torch.cat([F.relu(x), y], 1)",
            f"Line 2, column 34: {say('paste.joined', name='cat')}",
        ),
        (
            (
                "def act(kind):\n    if kind == 'relu':\n        return nn.ReLU()\n"
                "    raise ValueError\n"
                "model = nn.Sequential(act('relu'))\nother = act('gelu')"
            ),
            "Line 4, column 5: raise ValueError is not read here: what stands in it was left out.",
        ),
        (
            (
                "layers = []\nerror = ValueError()\ntry:\n    raise error\nexcept KeyError:\n"
                "    layers.append(nn.ReLU())\nmodel = nn.Sequential(*layers)"
            ),
            "Line 4, column 5: raise error is not read here: what stands in it was left out.",
        ),
        (
            (
                "layers = []\nif layers.append(nn.ReLU()) is None:\n    layers.append(nn.Abs())\n"
                "model = nn.Sequential(*layers)"
            ),
            "Line 2, column 1: if is not read here: what stands in it was left out.",
        ),
        (
            (
                "a = nn.ModuleList([nn.ReLU()])\na.add_module('1', nn.ReLU())\n"
                "model = nn.Sequential(*a)"
            ),
            "Line 2, column 1: a.add_module is not read here: what stands in it was left out.",
        ),
        (
            (
                "def other(f):\n    return nn.Softplus\n@other\ndef act():\n    return nn.ReLU()\n"
                "model = nn.Sequential(act())"
            ),
            "Line 3, column 2: @other is not read here: what stands in it was left out.",
        ),
        (
            (
                "def other(of):\n    return nn.Softplus\n@other\nclass Act(nn.Module):\n"
                "    def forward(self, x): return F.relu(x)\nmodel = Act()"
            ),
            "Line 3, column 2: @other is not read here: what stands in it was left out.",
        ),
        (
            "model = nn.Sequential(nn.ReLU())\nmodel.fc = nn.Linear(4, 3)",
            "Line 2, column 1: model.fc is not read here: what stands in it was left out.",
        ),
    ],
)
def test_a_statement_that_is_not_read_is_named(code: str, said: str) -> None:
    assert remarks(code) == ("relu", (said,))


def test_a_number_that_is_not_read_to_the_end_is_not_known() -> None:
    code = (
        "class A(nn.Module):\n    def __init__(self, sizes):\n        n = 1\n"
        "        for size in sizes:\n            n = size\n        self.a = nn.Linear(n, 3)\n"
        "    def forward(self, x): return self.a(x).relu()"
    )
    stack, (loop, size) = remarks(code)
    assert (stack, loop) == (
        OF_LINEAR,
        "Line 4, column 9: for is not read here: what stands in it was left out.",
    )
    assert "what in_features of Linear is cannot be told" in size
    code = code.replace("n = 1", "n = None").replace("(n, 3)", "(4, 3, n is None)")
    assert "what bias of Linear is cannot be told" in " ".join(remarks(code)[1])


COURSE = Path(__file__).with_name("course")
"""Networks of exercises, as their sheets write them."""


@pytest.mark.parametrize(
    ("name", "stack", "shape"),
    [
        (
            "sequential",
            "conv1d(3,filters=2,bias=True)-relu-maxpool(2)-flatten-linear(3,bias=True)",
            (1, 1, 6),
        ),
        (
            "two_layers",
            "linear(5,bias=True)-relu-linear(3,bias=True)-softmaxcrossentropy(0)",
            (1, 4),
        ),
        (
            "residual",
            "residual(conv1d(3,filters=2,padding=1)-relu-conv1d(3,filters=2,padding=1))-relu",
            (1, 2, 6),
        ),
        (
            "lenet",
            (
                "conv2d(3,filters=4,padding=1,bias=True)-relu-maxpool2d(2)"
                "-conv2d(3,filters=6,bias=True)-relu-maxpool2d(2)-flatten-linear(10,bias=True)"
            ),
            (1, 1, 12, 12),
        ),
        (
            "branches",
            (
                "concat(conv1d(1,filters=1,bias=True)-relu"
                "|conv1d(3,filters=1,padding=1,bias=True)-relu,dim=1)"
                "-maxpool(2)-flatten-linear(2,bias=True)"
            ),
            (1, 1, 6),
        ),
    ],
)
def test_an_exercise_is_pasted_as_it_is(name: str, stack: str, shape: tuple[int, ...]) -> None:
    found = read_pytorch((COURSE / f"{name}.py").read_text(encoding="utf-8"))
    assert (str(found.stack), found.input) == (stack, shape)


NET = (
    "class Net(nn.Module):\n"
    "    def __init__(self, hidden=3):\n"
    "        super().__init__()\n"
    "        self.fc = nn.Linear(4, hidden)\n"
    "        self.soft = nn.Softmax()\n"
    "    def forward(self, x):\n"
    "        return F.relu(self.fc(x))\n"
)
SOFTMAX = "Line 5, column 21: Softmax is not known here and was left out."


def test_a_network_in_main_is_found_beside_its_loss_and_optimizer() -> None:
    code = (
        f"{NET}"
        "def main():\n"
        "    model = Net()\n"
        "    criterion = nn.CrossEntropyLoss()\n"
        "    optimizer = optim.SGD(model.parameters(), lr=0.1)\n"
        "if __name__ == '__main__':\n"
        "    main()\n"
    )
    expected = (
        "linear(3,bias=True)-relu-softmaxcrossentropy(0)",
        (SOFTMAX,),
    )
    assert remarks(code) == expected
    assert remarks(code.replace("if __name__ == '__main__':\n    main()\n", "")) == expected


def test_the_largest_of_several_networks_in_main_is_read() -> None:
    code = (
        "def main():\n"
        "    generator = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 4))\n"
        "    critic = nn.Sequential(nn.Linear(4, 1), nn.ReLU())\n"
        "main()\n"
    )
    assert remarks(code) == (
        "linear(3,bias=True)-relu-linear(4,bias=True)",
        ("There are several networks in this text: the largest is read.",),
    )


@for_each(
    "both",
    [
        f"def made(n): return {AROUND[8:].replace('(2, 2)', '(2, n)')}\na, b = made(3), made(2)",
        f"a, b = [{AROUND[8:].replace('(2, 2)', '(2, n)')} for n in (3, 2)]",
        (
            "class Net(nn.Module):\n"
            " def __init__(self, n):\n"
            "  self.layers = nn.ModuleList([nn.Linear(2, n), nn.ReLU()])\n"
            " def forward(self, x):\n"
            "  for each in self.layers:\n   x = each(x)\n"
            "  return x\n"
            "a, b = Net(3), Net(2)\n"
        ),
    ],
)
def test_networks_that_are_made_by_the_same_words_are_several(both: str) -> None:
    assert remarks(both) == (
        "linear(2,bias=True)-relu",
        ("There are several networks in this text: the largest is read.",),
    )


def test_a_network_of_functions_alone_that_is_applied_is_one_network() -> None:
    code = (
        "class Net(nn.Module):\n"
        "    def forward(self, x):\n"
        "        return F.relu(F.max_pool1d(x, 2))\n"
        "net = Net()\n"
        "x = torch.randn(1, 2, 6)\n"
        "y = net(x)\n"
    )
    assert remarks(code) == ("maxpool(2)-relu", ())


def test_how_many_axes_there_are_may_be_told_by_any_of_the_values_that_are_joined() -> None:
    code = (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.conv = nn.Conv1d(2, 1, 3, padding=1)\n"
        "    def forward(self, x):\n"
        "        return torch.cat([F.relu(x), self.conv(x)], dim=-2)\n"
    )
    assert remarks(code) == ("concat(relu|conv1d(3,filters=1,padding=1,bias=True),dim=1)", ())


def test_the_last_class_that_is_no_part_of_another_is_read_without_an_instance() -> None:
    part = (
        "class Part(nn.Module):\n"
        "    def __init__(self, size):\n"
        "        super().__init__()\n"
        "        self.fc = nn.Linear(size, size)\n"
        "    def forward(self, x):\n"
        "        return F.relu(self.fc(x))\n"
    )
    code = (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super(Net, self).__init__()\n"
        "        self.net = nn.Sequential(Part(4), nn.Linear(4, 2))\n"
        "    def forward(self, x):\n"
        "        return self.net(x)\n"
        f"{part}"
    )
    assert remarks(code) == ("linear(4,bias=True)-relu-linear(2,bias=True)", ())


def test_options_have_the_values_of_a_run_without_any() -> None:
    code = (
        "parser = argparse.ArgumentParser(description='a run')\n"
        "parser.add_argument('-n', '--hidden-size', type=int, default=3, help='units')\n"
        "parser.add_argument('--deep', action='store_true')\n"
        "parser.add_argument('--size', type=int, required=True)\n"
        "args = parser.parse_args()\n"
        "layers = [nn.Linear(4, args.hidden_size), nn.ReLU()]\n"
        "if args.deep:\n"
        "    layers.append(nn.Linear(3, 3))\n"
        "layers.append(nn.Linear(3, 2))\n"
        "net = nn.Sequential(*layers)\n"
    )
    assert remarks(code) == ("linear(3,bias=True)-relu-linear(2,bias=True)", ())
    unknown = "what out_features of Linear is cannot be told from this text; it was left out."
    for one, other in (("args.hidden", "args.size"), ("parse_args()", "parse_args(given)")):
        assert any(unknown in it for it in remarks(code.replace(one, other))[1])
    own = "class Options:\n    def parse_args(self):\n        return unknown\n"
    code = own + code.replace("argparse.ArgumentParser(description='a run')", "Options()")
    assert any(unknown in it for it in remarks(code)[1])


def test_the_product_of_a_shape() -> None:
    for product in ("np.prod(shape)", "math.prod(shape)", "int(np.prod(shape))"):
        code = f"shape = (1, 2, 3)\nnet = nn.Sequential(nn.Linear(2, {product}), nn.ReLU())\n"
        assert remarks(code) == ("linear(6,bias=True)-relu", ())


def test_an_attribute_that_is_there_or_not() -> None:
    code = (
        "class Block(nn.Module):\n"
        "    def __init__(self, change):\n"
        "        super().__init__()\n"
        "        self.conv = nn.Conv1d(2, 2, 3, padding=1)\n"
        "        if change:\n"
        "            self.shortcut = nn.Conv1d(2, 2, 1)\n"
        "    def forward(self, x):\n"
        "        shortcut = self.shortcut(x) if hasattr(self, 'shortcut') else x\n"
        "        return F.relu(self.conv(x) + shortcut)\n"
        "net = nn.Sequential(Block(False), Block(True))\n"
    )
    conv = "conv1d(3,filters=2,padding=1,bias=True)"
    shortcut = "conv1d(1,filters=2,bias=True)"
    assert remarks(code) == (f"residual({conv})-relu-add({conv}|{shortcut})-relu", ())


@for_each("sizes", ["n, m = [4, 5, 6]", "n, m = (4,)", "n, *k, m = [4]"])
def test_what_is_taken_apart_into_as_many_names_as_it_has_not_is_not_known(sizes: str) -> None:
    stack, said = remarks(f"{sizes}\nmodel = nn.Sequential(nn.ReLU(), nn.Linear(3, n))")
    assert stack == "relu"
    assert "what out_features of Linear is cannot be told from this text" in said[0]


def test_a_size_is_looked_up_by_a_fraction() -> None:
    code = "sizes = {0.5: 3, 1: 6}\nnet = nn.Sequential(nn.Linear(2, sizes[0.5]), nn.ReLU())\n"
    assert remarks(code) == ("linear(3,bias=True)-relu", ())


def test_an_expression_that_goes_on_behind_a_percent_sign_is_no_command() -> None:
    code = (
        "%matplotlib inline\n"
        "%%time\n"
        "!pip install torch\n"
        "net = nn.Sequential(nn.Linear(2, 3), nn.ReLU())\n"
        "print('%d of %d'\n"
        "      % (1, 2))\n"
    )
    assert remarks(code) == ("linear(3,bias=True)-relu", ())


def test_print_of_a_network_is_no_layer_of_what_is_printed() -> None:
    code = (
        "net = nn.Sequential(nn.Linear(2, 3), nn.ReLU())\n"
        "print(net)\n"
        '"""\n'
        "Sequential (\n"
        "  (0): Linear (2 -> 3)\n"
        ")\n"
        '"""\n'
    )
    assert remarks(code) == ("linear(3,bias=True)-relu", ())


@pytest.mark.parametrize(
    "body",
    [
        "self.add_module('a', LAYERS[0]); self.add_module('b', LAYERS[1])",
        "self.a, self.b = LAYERS",
        "for i, layer in enumerate(LAYERS): self.add_module('part%d' % i, layer)",
        "for i, layer in enumerate(LAYERS): self.register_module(f'part{i}', layer)",
        "for i, layer in enumerate(LAYERS): setattr(self, f'part{i}', layer)",
    ],
)
def test_modules_of_a_class_that_derives_from_sequential_follow_one_another(body: str) -> None:
    code = (
        "LAYERS = [nn.Linear(4, 3), nn.ReLU()]\n"
        "class Block(nn.Sequential):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        f"        {body}\n"
        "net = nn.Sequential(Block(), nn.Linear(3, 2))\n"
    )
    assert remarks(code) == ("linear(3,bias=True)-relu-linear(2,bias=True)", ())


def test_a_class_that_is_sequential_alone() -> None:
    code = "class Block(nn.Sequential):\n    pass\nnet = Block(nn.Linear(4, 3), nn.ReLU())\n"
    assert remarks(code) == ("linear(3,bias=True)-relu", ())


def test_a_dense_layer_joins_what_its_modules_make_with_what_it_reads() -> None:
    code = (
        "class Dense(nn.Sequential):\n"
        "    def __init__(self, read):\n"
        "        super(Dense, self).__init__()\n"
        "        self.add_module('relu', nn.ReLU())\n"
        "        self.add_module('conv', nn.Conv1d(read, 2, 1))\n"
        "    def forward(self, x):\n"
        "        return torch.cat([x, super(Dense, self).forward(x)], 1)\n"
        "class Block(nn.Sequential):\n"
        "    def __init__(self):\n"
        "        super(Block, self).__init__()\n"
        "        for i in range(2):\n"
        "            self.add_module('dense%d' % (i + 1), Dense(2 + 2 * i))\n"
        "net = Block()\n"
    )
    dense = "concat(|relu-conv1d(1,filters=2,bias=True),dim=1)"
    assert remarks(code) == (f"{dense}-{dense}", ())


def test_an_object_of_a_class_without_a_forward_is_left_out_with_a_remark() -> None:
    code = (
        "class Norm(LayerOfALibrary):\n"
        "    pass\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.norm = Norm()\n"
        "    def forward(self, x):\n"
        "        return F.relu(self.norm(x))\n"
    )
    norm = "self.norm is not known here and was left out: its input goes on as it is."
    assert remarks(code) == ("relu", (f"Line 8, column 23: {norm}",))


def test_a_docstring_with_a_prompt_in_it_is_no_console() -> None:
    code = (
        "import torch.nn as nn\n"
        "def area(size):\n"
        '    """The square.\n'
        "    >>> area(2)\n"
        "    4\n"
        '    """\n'
        "    return size ** 2\n"
        "net = nn.Sequential(nn.Linear(area(2), 3), nn.ReLU())\n"
    )
    assert remarks(code) == ("linear(3,bias=True)-relu", ())


PRINTED_NET = (
    "class Net(nn.Module):\n"
    "    def __init__(self, sizes=(4, 3)):\n"
    "        super().__init__()\n"
    "        self.fc = nn.Linear(*sizes)\n"
    "    def forward(self, x):\n"
    "        return F.relu(\n"
    "            self.fc(x)\n"
    "        )\n"
    "net = Net()\n"
)


@pytest.mark.parametrize(
    "printed",
    [
        "Net(\n  (fc): Linear(in_features=4, out_features=3, bias=True)\n)\n",
        "Net(  \n  (fc): Linear(4, 3, bias=True)  \n  (act): ReLU()  \n)  \n",
        "Outer(\n  (net): Net(\n    (fc): Linear(4, 3, bias=True)\n  )\n)\n",
        '"""Results.\n    (dict): Results of the network.\n"""\n',
    ],
)
def test_code_beside_what_print_writes_is_read_as_it_is(printed: str) -> None:
    outer = "class Outer(nn.Module):\n    pass\n"
    assert remarks(outer + PRINTED_NET + printed) == ("linear(3,bias=True)-relu", ())


def test_one_layer_in_a_script_is_a_network() -> None:
    code = (
        "data = load()\n"
        "model = nn.Linear(4, 1)\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "optimizer.step()\n"
        "print(model(data))\n"
    )
    assert remarks(code) == ("linear(1,bias=True)", ())


def test_a_size_that_comes_from_the_shape_of_numbers() -> None:
    code = (
        "x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])\n"
        "examples, features = x.shape\n"
        "model = nn.Sequential(nn.Linear(features, x.shape[1]), nn.ReLU())\n"
        "y = model(x)\n"
    )
    assert read_pytorch(code).input == (3, 2)
    assert remarks(code) == ("linear(2,bias=True)-relu", ())


# The shapes are those that PyTorch 2.13 gives.
@for_each(
    ("x", "shape"),
    [
        ("torch.arange(6.0)", (6,)),
        ("torch.arange(1, 8, 2)", (4,)),
        ("torch.arange(0, 1, 0.125)", (8,)),
        ("torch.linspace(-1, 1, 5)", (5,)),
        ("torch.linspace(-1, 1, steps=5).unsqueeze(1)", (5, 1)),
        ("torch.unsqueeze(torch.linspace(-1, 1, 5), dim=1)", (5, 1)),
        ("torch.randn(3, 4).T", (4, 3)),
        ("torch.randn(3, 4).t()", (4, 3)),
        ("torch.randn(2, 3, 4).mT", (2, 4, 3)),
        ("torch.randn(2, 3, 4).permute(2, 0, 1)", (4, 2, 3)),
        ("torch.randn(2, 3, 4).permute((2, 0, 1))", (4, 2, 3)),
        ("torch.transpose(torch.randn(2, 3, 4), 0, -1)", (4, 3, 2)),
        ("np.transpose(np.random.randn(2, 3, 4), (0, 2, 1))", (2, 4, 3)),
        ("np.transpose(np.random.randn(2, 3, 4))", (4, 3, 2)),
        ("torch.randn(1, 3, 1).squeeze()", (3,)),
        ("torch.randn(1, 3, 1).squeeze(0)", (3, 1)),
        ("torch.randn(1, 3, 1).squeeze(1)", (1, 3, 1)),
        ("torch.arange(16.0).reshape(1, 1, 4, 4)", (1, 1, 4, 4)),
        ("torch.arange(6.0).view(2, -1)", (2, 3)),
        # However many numbers there are of which only the count is known.
        ("torch.randn(60000, 28, 28)[:2, :3, 0]", (2, 3)),
        ("torch.randn(10**4, 3)[[1, 2]]", (2, 3)),
        ("(torch.randn(60000, 784) / 255)[:2, 5]", (2,)),
        ("torch.randn(10**6, 10**6).ravel()[:4]", (4,)),
        ("torch.randn(10**6, 10**6).long()[0, :3]", (3,)),
    ],
)
def test_numbers_have_the_shape_that_their_methods_give_them(x: str, shape: Any) -> None:
    found = read_pytorch(f"x = {x}\ny = F.relu(x)\n")
    assert (str(found.stack), found.input, found.remarks) == ("relu", shape, ())


def test_what_is_joined_has_the_shape_of_what_it_comes_from() -> None:
    joined = "x = np.ones(4)\nt = np.ones(6)\ny = np.maximum(x, 0) + np.abs(x)\n"
    found = read_pytorch(f"{joined}u = np.maximum(t, 0)\ny")
    assert (str(found.stack), found.input, found.remarks) == ("add(relu|abs)", (4,), ())


@for_each(
    "x",
    [
        *("torch.arange(10**9)", "torch.arange(1e400)", "torch.arange(1, 5, 0)", "torch.arange()"),
        *("torch.linspace(0, 1)", "torch.linspace(0, 1, 2.5)", "torch.arange('a')"),
        *("torch.randn(10**6, 10**6).reshape(7, 3)", "torch.randn(2, 3).permute(0, 5)"),
        *("torch.randn(2).squeeze(4)", "torch.randn(2, 3).transpose(0)", "torch.randn(2).mT"),
        *("torch.randn(*[1] * 70).squeeze()", "np.ones([1] * 70)"),
        *("torch.randn(True, 3).t()", "torch.randn(1, 10**9)[torch.zeros(2000).long()]"),
    ],
)
def test_numbers_of_which_nothing_can_be_told_are_no_x(x: str) -> None:
    found = read_pytorch(f"x = {x}\nnet = nn.Sequential(nn.Linear(3, 2), nn.ReLU())\nnet(x)\n")
    assert (str(found.stack), found.input) == ("linear(2,bias=True)-relu", (3,))


@for_each(
    ("name", "given", "numbers"),
    [
        ("arange", (3,), [0, 1, 2]),
        ("arange", (1, 8, 3), [1, 4, 7]),
        ("arange", (3, 0, -1), [3, 2, 1]),
        ("linspace", (0, 1, 5), [0, 0.25, 0.5, 0.75, 1]),
        ("linspace", (2, 9, 1), [2]),
        # By the names of arguments in torch and in numpy.
        ("arange", (1, {"end": 3}), [1, 2]),
        ("arange", ({"stop": 2},), [0, 1]),
        ("arange", (6, {"step": 2}), [0, 2, 4]),
        ("arange", (2, 4, 1, {"dtype": float}), [2, 3]),
        ("linspace", (0, 1, {"num": 3}), [0, 0.5, 1]),
        ("linspace", (0, {"end": 2, "steps": 3}), [0, 1, 2]),
        ("linspace", (0, 1, 2, {"endpoint": False}), [0, 0.5]),
        ("linspace", (-49, 0), list(range(-49, 1))),  # as many as numpy makes
    ],
)
def test_numbers_at_equal_distances(name: str, given: Any, numbers: Any) -> None:
    named = given[-1] if isinstance(given[-1], dict) else {}
    made = spaced(name, given[: len(given) - bool(named)], **named)
    assert (made.shape, made.numbers) == ((len(numbers),), numbers)


def test_as_many_numbers_are_counted_as_an_array_may_have() -> None:
    assert spaced("arange", (ENTRIES_MOST,)).shape == (ENTRIES_MOST,)
    assert spaced("arange", (ENTRIES_MOST + 1,)) is UNKNOWN


def test_labels_in_a_column_are_labels() -> None:
    code = (
        "y = torch.tensor([[2], [0]]).squeeze(1)\n"
        "net = nn.Linear(4, 3)\n"
        "loss = F.cross_entropy(net(torch.randn(2, 4)), y)\n"
    )
    assert str(read_pytorch(code).stack) == "linear(3,bias=True)-softmaxcrossentropy(2,0)"


@pytest.mark.parametrize(
    "w",
    [
        "np.random.uniform(-1, 1, (3, 2))",
        "np.random.normal(0, 0.1, size=(3, 2))",
        "2 * np.random.random((3, 2)) - 1",
        "rng.standard_normal((3, 2))",
    ],
)
def test_weights_may_be_drawn_in_many_ways(w: str) -> None:
    found = read_pytorch(f"x = np.random.randn(4, 3)\nw = {w}\nh = np.maximum(x @ w, 0)")
    assert (str(found.stack), found.input, found.remarks) == ("linear(2)-relu", (4, 3), ())


@pytest.mark.parametrize("product", ["x @ w", "w @ x"])
def test_a_product_with_what_is_not_known_is_said_where_it_is_read(product: str) -> None:
    code = f"x = np.random.randn(4, 3)\na = {product}\n"
    said = f"one side of {product} is not known here, and the other goes on alone."
    assert remarks(f"{code}h = np.maximum(a, 0)") == ("relu", (f"Line 2, column 5: {said}",))
    assert remarks(f"{code}net = nn.Linear(3, 2)") == (LINEAR, ())


STEPS = """
x = np.random.randn(4, 3)
w = np.random.randn(3, 2)
v = np.random.randn(2, 1)
for step in range({steps}):
    h = np.maximum(x @ w, 0)
    y = h @ v
    {step}
"""


TRAINED = ("w -= 0.1 * x.T @ y", "w = w - 0.1 * x.T @ y", "v += h.T @ y", "v = v * 0.9 - h.T @ y")


@pytest.mark.parametrize(
    ("steps", "step"), [*((n, step) for n in (1, 3) for step in TRAINED), (1000, TRAINED[-1])]
)
def test_a_step_of_training_makes_no_layers_of_weights(steps: int, step: str) -> None:
    found = read_pytorch(STEPS.format(steps=steps, step=step))
    assert (str(found.stack), found.input) == ("linear(2)-relu-linear(1)", (4, 3))


@pytest.mark.parametrize("labels", ["[1, -100]", "[True, False]", "[1, 2000000]", "[0.5, 1.0]"])
def test_labels_that_are_none_are_told_and_the_rest_is_read(labels: str) -> None:
    code = f"x = torch.randn(2, 3)\nL = F.cross_entropy(nn.Linear(3, 2)(x), torch.tensor({labels}))"
    stack, said = remarks(code)
    assert stack == "linear(2,bias=True)-softmaxcrossentropy(0,0)"
    assert said == (f"Line 2, column 5: {LABELS}",)


@pytest.mark.parametrize("step", ["y -= 1", "y = y - 1"])
def test_labels_that_are_changed_are_not_known_any_more(step: str) -> None:
    code = f"x = torch.randn(2, 3)\ny = torch.tensor([1, 2])\n{step}\n"
    found = read_pytorch(f"{code}L = F.cross_entropy(nn.Linear(3, 2)(x), y)")
    assert found.stack.at((1,)).data == (0, 0)
    assert [LABELS in each for each in found.remarks] == [True]


def test_what_is_added_to_x_is_no_step_of_training() -> None:
    code = "net = nn.Linear(3, 3)\nx = torch.randn(4, 3)\nx += net(x)\nx = x + x.relu()"
    found = read_pytorch(code)
    assert str(found.stack) == "residual(linear(3,bias=True))-residual(relu)"
    assert found.input == (4, 3)


def test_what_layers_of_ones_own_keep_is_what_they_make() -> None:
    code = (
        "class Dense:\n    def __init__(self, i, o):\n"
        "        self.w, self.b = np.random.randn(i, o), np.zeros((1, o))\n"
        "    def forward(self, inputs):\n"
        "        self.inputs = inputs\n        self.output = np.dot(inputs, self.w) + self.b\n"
        "class ReLU:\n    def forward(self, inputs):\n"
        "        self.output = np.maximum(0, inputs)\n"
        "a, relu, b = Dense(4, 3), ReLU(), Dense(3, 2)\n"
        "a.forward(np.random.randn(5, 4))\nrelu.forward(a.output)\nb.forward(relu.output)\n"
    )
    found = read_pytorch(code)
    assert (str(found.stack), found.input, found.remarks) == (TWO_LINEAR, (5, 4), ())


def test_numbers_times_a_row_are_no_layer() -> None:
    code = "x = torch.randn(4, 3)\nv = torch.randn(3)\ny = x @ v\nnet = nn.Linear(5, 2)\n"
    assert "not known" not in " ".join(remarks(code)[1])


def test_a_loop_whose_condition_cannot_be_told_any_more_is_named() -> None:
    forward = ["n = 2", "while n:", "    x = F.relu(x)", "    n = steps(n)", "return x"]
    said = "Line 6, column 9: while is not read here: what stands in it was left out."
    assert said in remarks(in_forward(f"\n{' ' * 8}".join(forward)))[1]


@pytest.mark.parametrize(
    ("x", "unsqueezed", "shape"),
    [
        ("x = torch.randn(5, 6)\n", "x.unsqueeze(1)", (5, 1, 6)),
        ("x = torch.randn(6)\n", "x.unsqueeze(0).unsqueeze(0)", (1, 6)),
        ("", "x.unsqueeze(dim=1)", (1, 1, 5)),
    ],
)
def test_an_x_that_gets_an_axis_first_has_it(x: str, unsqueezed: str, shape: Any) -> None:
    """An axis of length 1 changes no number: Conv1d reads (N, 1, L), or (1, L)."""
    code = (
        "class A(nn.Module):\n    def __init__(self):\n        self.a = nn.Conv1d(1, 2, 3)\n"
        f"    def forward(self, x):\n        y = {unsqueezed}\n        return self.a(y).relu()\n"
        f"{x}A()(x)\n"
    )
    found = read_pytorch(code)
    assert (str(found.stack), found.input) == ("conv1d(3,filters=2,bias=True)-relu", shape)
    assert found.remarks == ()


def test_a_weight_is_turned_round_before_it_is_read() -> None:
    code = "x = torch.randn(1, 8)\nw = torch.randn(3, 1, 2)\n"
    code += "y = F.relu(F.conv1d(x.unsqueeze(0), w.permute(2, 1, 0)))\n"
    found = read_pytorch(code)
    assert (str(found.stack), found.input) == ("conv1d(3,filters=2)-relu", (1, 1, 8))


@for_each(
    "layer",
    [
        "torch.relu(x @ w + b)",
        "(x @ w + b).clamp(min=0)",
        "torch.relu(x.t().t() @ w + b)",
        "torch.relu(torch.matmul(x, w) + b)",
        "(x.mm(w) + b).relu()",
        "torch.relu(np.dot(x, w) + b)",
        "(x.dot(w) + b).relu()",
        "torch.relu(x @ w + torch.zeros(1, 2))",
    ],
)
def test_numbers_times_weights_are_a_linear_layer(layer: str) -> None:
    sizes = "x = torch.randn(4, 3)\nw = torch.randn(3, 2)\nb = torch.zeros(2)\n"
    found = read_pytorch(f"{sizes}y = {layer}\n")
    assert (str(found.stack), found.input) == ("linear(2,bias=True)-relu", (4, 3))


@for_each("x", ["3", "3, 1"])
@for_each("product", ["w @ x", "w.dot(x)", "np.dot(w, x)", "torch.mv(w, x)", "torch.matmul(w, x)"])
def test_weights_times_a_column_are_a_linear_layer(product: str, x: str) -> None:
    """As in books: h = W x + b, where W has a row for each output."""
    b = "2" + x[1:]
    sizes = f"x = torch.randn({x})\nw = torch.randn(2, 3)\nb = torch.zeros({b})\n"
    found = read_pytorch(f"{sizes}h = torch.relu({product} + b)\ny = torch.randn(4, 2) @ h")
    assert str(found.stack) == "linear(2,bias=True)-relu-linear(4)"
    assert (found.input, found.remarks) == ((3,), ())
    assert found.stack.parameters((3,)) == {"w1": (2, 3), "b": (2,), "w2": (4, 2)}


def test_weights_are_no_input_where_the_columns_are_examples() -> None:
    code = "X = np.random.randn(3, 10)\nh = np.maximum(np.random.randn(2, 3) @ X, 0)"
    found = read_pytorch(code)
    (said,) = found.remarks
    assert (str(found.stack), found.input) == ("relu", (3, 10))
    assert said.endswith("where only sums of values are: X goes on alone.")


@for_each(
    "relu",
    [
        "np.maximum(0, a)",
        "np.maximum(a, 0.0)",
        "torch.maximum(a, torch.tensor(0.0))",
        "torch.maximum(torch.zeros_like(a), a)",
        "torch.max(a, torch.tensor(0.0))",
        "torch.where(a > 0, a, 0.0)",
        "torch.where(a >= 0, a, torch.zeros_like(a))",
        "a\nmask = a > 0\nh = np.where(mask, a, 0)",
        "a * (a > 0)",
        "(a >= 0).astype(float) * a",
        "a\nmask = h > 0\nh = h * mask.float()",
        "a\nh *= h > 0",
        "a.copy()\nh[h < 0] = 0",
        "a\nmask = a <= 0\nh[mask] = 0.0",
        "a\nnp.maximum(h, 0, out=h)",
        "a\nh.clip(0, out=h)",
        "torch.clamp(a, 0, None)",
        "torch.clamp(a, min=0, max=None)",
        "np.clip(a, a_min=0, a_max=None)",
    ],
)
def test_a_maximum_with_0_is_a_relu(relu: str) -> None:
    code = f"x = torch.randn(4, 3)\na = x @ torch.randn(3, 2)\nh = {relu}\ny = h @ torch.ones(2, 1)"
    found = read_pytorch(code)
    assert str(found.stack) == "linear(2)-relu-linear(1)"
    assert (found.input, found.remarks) == ((4, 3), ())


MEASURED = Path(__file__).parents[2] / "fixtures" / "frameworks.json"
WITH_ZERO = [
    (each["call"], np.divide(each["grads"]["x"], each["dout"])[np.array(each["inputs"]["x"]) == 0])
    for each in json.loads(MEASURED.read_text(encoding="utf-8"))["cases"]
    if each["operation"] == "maximum_with_zero" and each["dtype"] == "float64"
]
WRITTEN = {
    "torch.clamp": "(a, min=0)",
    "torch.clamp_min": "(a, 0)",
    "torch.clip": "(a, min=0)",
    "torch.max": "(a, torch.zeros_like(a))",
    "torch.maximum": "(a, torch.zeros_like(a))",
    "torch.where(x > 0)": "(a > 0, a, 0)",
    "torch.where(x >= 0)": "(a >= 0, a, 0)",
}


@for_each(("call", "slopes"), WITH_ZERO)
def test_a_slope_at_0_other_than_that_of_a_relu_is_told(call: str, slopes: Any) -> None:
    """As PyTorch gave it at 0 and -0; a user's own backward, in numpy, may give any slope."""
    (slope,) = {*slopes.tolist()}
    called = call.partition("(")[0]
    code = f"x = torch.randn(4, 3)\na = nn.Linear(3, 2)(x)\nh = {called}{WRITTEN[call]}\n"
    found = read_pytorch(code)
    said = {0.5: "1/2", 1: "1"}.get(slope)
    assert (str(found.stack), found.remarks) == ("linear(2,bias=True)-relu", ())
    told = f"PyTorch's slope of {called} at 0 is {said}; that of the ReLU as which it is read is 0."
    assert found.slopes == ((f"Line 3, column 5: {told}",) if said else ())
    ours = code.replace("torch.max(", "torch.maximum(").replace("h = torch", "h = np")
    assert read_pytorch(ours).slopes == ()


@for_each(
    "relu",
    [
        "torch.clamp(a, min=0)",
        "a.clamp(min=0)",
        "a.clip(0)",
        "np.maximum(0, a)",
        "np.where(a > 0, a, 0)",
        "a * (a > 0)",
        "(a > 0) * a",
    ],
)
def test_the_labs_relu_is_one_however_it_is_written(relu: str) -> None:
    """The ReLU may be the first operation on numbers that the code gives."""
    code = f"x = np.array([1.5, -1, 1.5])\nw = np.array(2.0)\na = w * x\nh = {relu}\nz = h.max()\n"
    found = read_pytorch(code)
    assert (str(found.stack), found.input, found.remarks) == ("conv1d-relu-maxpool", (3,), ())


def test_a_relu_of_ones_own_may_keep_its_mask() -> None:
    code = (
        "class Relu:\n    def forward(self, x):\n        self.mask = x <= 0\n"
        "        out = x.copy()\n        out[self.mask] = 0\n        return out\n"
        "y = Relu().forward(np.random.randn(2, 4) @ np.random.randn(4, 3))"
    )
    found = read_pytorch(code)
    assert (str(found.stack), found.input, found.remarks) == ("linear(3)-relu", (2, 4), ())


@pytest.mark.parametrize(
    "use", ["y.sum().backward()", "L = torch.sum(y)\nL.backward()", "print(y.sum().item())"]
)
def test_the_sum_of_the_output_is_what_is_differentiated_here_too(use: str) -> None:
    code = f"y = nn.Linear(4, 3)(torch.randn(2, 4)).relu()\n{use}\n"
    assert remarks(code) == (OF_LINEAR, ())
    assert remarks(in_forward("return self.a(x).relu().sum()")) == (OF_LINEAR, ())


@pytest.mark.parametrize(
    "use",
    ["(y.sum() + 1).backward()", "z = y.sum().abs()", "z = y.sum(1)", "z = nn.Abs()(y.sum())"],
)
def test_another_sum_is_said(use: str) -> None:
    code = f"y = nn.Linear(4, 3)(torch.randn(2, 4)).relu()\n{use}\n"
    assert any(say("paste.function", name="sum") in each for each in remarks(code)[1])


def test_a_maximum_of_0_and_x_is_one_of_x() -> None:
    found = read_pytorch("x = np.array([1.0, -2.0, 3.0])\nh = np.maximum(0, x)\n")
    assert (str(found.stack), found.input, found.remarks) == ("relu", (3,), ())


@for_each(
    "other",
    [
        "torch.maximum(a, torch.tensor(1.0))",
        "a.max(0)",
        "torch.max(a, 0)",
        "torch.where(a > 1, a, 0)",
        "torch.where(a > 0, b, 0)",
        "torch.where(a > 0, a, 1)",
        "torch.where(a < 0, a, 0)",
        "a * (a < 0)",
        "a * (b > 0)",
        "a * (a > 1)",
        "a\nh[h > 0] = 0",
        "a\nh[b < 0] = 0",
        "a\nh[h < 0] = 1",
        "torch.clamp(a, None, 0)",
        "a.clip(None, 0)",
        "np.clip(a, a_min=None, a_max=0)",
        "a\nnp.minimum(h, 0, out=h)",
    ],
)
def test_another_maximum_is_none(other: str) -> None:
    code = f"x = torch.randn(4, 3)\na = x @ torch.randn(3, 2)\nb = torch.abs(a)\nh = {other}\n"
    stack, said = remarks(code)
    assert "relu" not in stack
    assert said


def test_the_largest_of_ones_own_numbers_is_no_layer() -> None:
    code = "a = torch.arange(8.0)\nb = a.max()\nc = torch.max(a)\nnet = nn.Linear(3, 2)\n"
    assert remarks(code) == ("linear(2,bias=True)", ())


def test_a_class_that_derives_from_sequential_is_read_without_an_instance() -> None:
    part = (
        "class Part(nn.Sequential):\n"
        "    def __init__(self, size):\n"
        "        super().__init__(nn.Linear(size, size), nn.ReLU())\n"
    )
    code = (
        "class Net(nn.Sequential):\n"
        "    def __init__(self):\n"
        "        super().__init__(Part(4), nn.Linear(4, 2))\n"
    )
    assert remarks(part + code) == ("linear(4,bias=True)-relu-linear(2,bias=True)", ())
    assert remarks(code + part) == ("linear(4,bias=True)-relu-linear(2,bias=True)", ())


def test_a_size_that_is_unknown_in_part() -> None:
    code = "net = nn.Sequential(nn.Conv2d(1, 2, kernel_size=(rows, 3)), nn.ReLU())\n"
    unknown = "what kernel_size of Conv2d is cannot be told from this text; it was left out."
    assert remarks(code) == ("conv2d(filters=2,bias=True)-relu", (f"Line 1, column 21: {unknown}",))


def test_what_comes_before_a_long_computation_is_read() -> None:
    code = (
        "net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())\n"
        "found = 0\n"
        "for row in range(200):\n"
        "    for column in range(200):\n"
        "        found += row * column\n"
    )
    most = "At most 100,000 expressions are looked at; this text has more."
    assert remarks(code) == ("linear(3,bias=True)-relu", (most,))


@for_each(
    ("turns", "each", "after", "stack"),
    [
        (250, "pass", "net = nn.Sequential(nn.Linear(4, 3))", "linear(3,bias=True)"),
        (60, "layers.append(nn.ReLU())", "net = nn.Sequential(*layers)", "-".join(["relu"] * 30)),
        (
            60,
            "if episode == 25: last = nn.Abs()",
            "net = nn.Sequential(nn.Linear(4, 3), last)",
            "linear(3,bias=True)-abs",
        ),
    ],
)
def test_what_comes_behind_a_long_training_is_read(
    turns: int, each: str, after: str, stack: str
) -> None:
    """A few iterations show what the loop does, unless it makes a list of layers longer."""
    code = (
        "layers = []\n"
        "for episode in range(30):\n"
        "    state, total = env.reset(), 0\n"
        f"    {each}\n"
        f"    for turn in range({turns}):\n"
        "        state, reward = env.step(choose(state))\n"
        "        total += reward\n"
        "        if turn % 10 == 0:\n"
        "            optimizer.step()\n"
    )
    assert remarks(code + after) == (stack, ())


@for_each(
    ("asked", "by"),
    [
        ("net.modules()", (code_changes, "modules_of")),
        ("net.named_modules()", (code_changes, "modules_of")),
        ("net.children()", (code_calls, "children_of")),
    ],
)
def test_what_lies_in_a_network_is_counted_each_time_that_it_is_asked_for(
    asked: str, by: tuple[ModuleType, str]
) -> None:
    given, of = [], getattr(*by)

    def counted(*which: Any, **how: Any) -> Any:
        given.append(len(found := of(*which, **how)))
        return found

    code = (
        "net = nn.Sequential(*[nn.ReLU() for _ in range(50)])\n"
        "for row in range(250):\n"
        "    for column in range(250):\n"
        f"        {asked}\n"
    )
    with pytest.MonkeyPatch.context() as patched, suppress(StackError):
        patched.setattr(*by, counted)
        patched.setattr(operations, "WORK_MOST", 10_000)
        read_pytorch(code)
    assert 100 < sum(given) <= 10_000 + max(given)


@for_each(
    "layer",
    [
        "def pool(size=2): return nn.MaxPool1d(size)",
        "def pool(size=2):\n    pooled = nn.MaxPool1d(size)\n    return [pooled]",
        "class Pool(nn.MaxPool1d): pass\npool = partial(Pool, kernel_size=2)",
    ],
)
def test_a_function_that_makes_a_layer_alone_stands_not_in_the_way_of_a_class(layer: str) -> None:
    code = in_forward("return self.a(x).relu()").removesuffix("\nmodel = A()")
    assert remarks(f"{layer}\n{code}") == (OF_LINEAR, ())
    nothing = "class B(nn.Module):\n    def forward(self, x): return 0"
    assert remarks(layer) == remarks(f"{layer}\n{nothing}") == ("maxpool(2)", ())


@for_each(
    ("setting", "said"),
    [
        ("net[0].padding = (1,)", True),
        ("net[0].stride = chosen()", True),
        ("net[0].padding = 0", False),
        ("net[0].kernel_size = [3]", False),
        ("net[0].name = 3", False),
    ],
)
def test_a_setting_that_a_layer_gets_later_is_named(setting: str, said: bool) -> None:
    """Also for a class derived from a layer, unless it has its own forward."""
    name = setting.partition(" =")[0]
    code = f"net = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU())\n{setting}"
    conv, what = "conv1d(3,filters=2,bias=True)", say("paste.statement", what=name)
    assert remarks(code) == (f"{conv}-relu", (f"Line 2, column 1: {what}",) * said)
    code = (
        "class Conv(nn.Conv1d):\n    def __init__(self, *sizes):\n"
        f"        super().__init__(*sizes)\n        {setting.replace('net[0]', 'self')}\n"
    )
    what = what.replace(name, name.replace("net[0]", "self"))
    net = "net = nn.Sequential(Conv(1, 2, 3))"
    assert remarks(code + net) == (conv, (f"Line 4, column 9: {what}",) * said)
    own = "    def forward(self, x):\n        return super().forward(F.relu(x))\n"
    assert remarks(code + own + net) == (f"relu-{conv}", ())


def test_a_function_that_makes_no_network_stands_not_in_the_way_of_a_class() -> None:
    code = f"{NET}def fit():\n    trainer = pl.Trainer(max_epochs=3)\nfit()\n"
    assert remarks(code) == ("linear(3,bias=True)-relu", (SOFTMAX,))
    assert remarks(f"{NET}def main():\n    loss_of = nn.MSELoss()\n")[0] == remarks(code)[0]


@for_each(
    ("code", "stack"),
    [
        ("def main(args):\n    net = Net(7)", "linear(7,bias=True)-relu"),
        ("SIZE = 7\ndef main(args):\n    net = Net(hidden=SIZE)", "linear(7,bias=True)-relu"),
        ("SIZE = 7\ndef main(SIZE):\n    net = Net(hidden=SIZE)", "linear(3,bias=True)-relu"),
        ("SIZE = 7\nasync def f(SIZE):\n    net = Net(SIZE)", "linear(3,bias=True)-relu"),
        ("SIZE = 7\nmade = lambda SIZE: Net(SIZE)", "linear(3,bias=True)-relu"),
        ("SIZE = 7\nnets = [Net(SIZE) for SIZE in given()]", "linear(3,bias=True)-relu"),
        ("def main(args):\n    net = Net(args.hidden)", "linear(3,bias=True)-relu"),
        ("def main(args):\n    net = Net(config.hidden)", "linear(3,bias=True)-relu"),
        ("def main(args):\n    net = Net()\n    other = Net(7)", "linear(7,bias=True)-relu"),
    ],
)
def test_the_sizes_that_a_function_says_are_read_though_what_it_is_given_is_not_known(
    code: str, stack: str
) -> None:
    assert remarks(NET + code) == (stack, (SOFTMAX,))
    needed = NET.replace("hidden=3", "hidden")
    if "(7" in stack:
        assert remarks(needed + code) == (stack, (SOFTMAX,))
    else:
        with pytest.raises(StackError, match="The sizes of Net are not in this text"):
            read_pytorch(needed + code)


@for_each(
    ("test", "read"),
    [
        ("torch.cuda.is_available()", True),
        ("self.is_available()", False),
        ("kind.lower() == 'gpu'", False),
        ("isinstance(self.custom, nn.Linear)", False),
        ("isinstance(self.same, nn.Identity)", True),
        ("isinstance(self.soft, Kind)", True),
        ("isinstance(self.soft, nn.RNNBase)", False),
        ("not isinstance(self.soft, nn.Linear)", True),
        ("isinstance(self.soft, (nn.Linear, nn.Softmax))", True),
        ("isinstance(self.soft, nn.Module)", True),
        ("isinstance(self.soft, _WeightedLoss)", False),
    ],
)
def test_the_class_of_a_layer_that_is_left_out_is_known_to_isinstance(
    test: str, read: bool
) -> None:
    """Also, a GPU changes nothing: x.cuda() is x."""
    code = NET.replace("return", f"if {test}:\n            x = torch.abs(x.cuda())\n        return")
    code = code.replace("nn.Softmax()", "nn.Softmax(); self.same = nn.Identity()")
    code = code.replace("nn.Identity()", "nn.Identity(); self.custom = blocks.Custom()")
    stack, said = remarks(f"{code}Kind = nn.Softmax")
    said = tuple(it for it in said if "Custom is not known" not in it)
    assert (stack, len(said)) == ("abs-" * read + "linear(3,bias=True)-relu", 1 + (not read))


@for_each(
    ("test", "layer"),
    [
        ("kind.lower() == 'leakyrelu'", "relu"),
        ("kind.upper() == 'LEAKYRELU'", "relu"),
        ("kind.startswith('Leaky')", "relu"),
        ("kind.endswith('Leaky')", "softplus"),
        ("kind.lower() in ('relu', 'none')", "softplus"),
    ],
)
def test_a_layer_is_chosen_by_a_word(test: str, layer: str) -> None:
    block = (
        "def block(size, kind):\n"
        "    layers = [nn.Linear(4, size)]\n"
        f"    layers.append(nn.ReLU() if {test} else nn.Softplus())\n"
        "    return nn.Sequential(*layers)\n"
    )
    code = f"{block}net = block(3, kind='LeakyReLU')"
    assert remarks(code) == (f"linear(3,bias=True)-{layer}", ())


@for_each(
    ("block", "line"),
    [
        ("if epoch:\n    print 'a', epoch", "9"),  # of Python 2
        ("for i in range(3):\n    if i:  # now:\n        print i\n    i += 1", "10"),
        ("if epoch:\n    # now:\n\n    print 'a', epoch", "11"),
        ("for i in [1,\n          2]:\n    print i", "10"),
        ("def trained(\n    net,\n):\n    # to do", "8"),
        ("class Later(nn.Module):\n    # to do", "8"),
    ],
)
@for_each("behind", ["", "\nnet = Net(7)\n"])
def test_a_block_of_which_nothing_is_there_takes_nothing_with_it(
    block: str, line: str, behind: str
) -> None:
    """The block is empty, or its only line is left out."""
    stack, said = remarks(f"{NET}{block}{behind}")
    assert said == (f"Line {line} is no Python and was left out.", SOFTMAX)
    assert stack == f"linear({7 if behind else 3},bias=True)-relu"


def test_an_empty_block_is_told_of_beside_another_line_that_is_no_python() -> None:
    said = remarks(f"{NET}if epoch:\nx = 1\ny = 'a\n")[1]
    assert said == ("Lines 8, 10 are no Python and were left out.", SOFTMAX)


@for_each(
    ("layer", "between"),
    [
        ("nn.L1Loss()", ""),
        ("nn.CrossEntropyLoss()", ""),
        ("nn.Flatten()", ""),
        ("nn.Flatten(), nn.Bilinear(3, 3, 3)", ""),
        ("nn.Flatten()", in_forward("return self.a(x)").replace("Linear(4, 3)", "ReLU()")),
    ],
)
def test_a_loss_behind_the_network_that_is_a_class_is_not_read_for_it(
    layer: str, between: str
) -> None:
    """Nor is an activation between them."""
    between = between.removesuffix("model = A()")
    loss = (
        "class Loss(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        f"        self.of = {layer}\n"
        "    def forward(self, output, target):\n"
        "        return compared(target, self.weights)\n"
    )
    assert remarks(NET + between + loss) == ("linear(3,bias=True)-relu", (SOFTMAX,))


@for_each(
    ("made", "says"),
    [
        ("loss_of = nn.MSELoss()", "Line 8, column 11: MSELoss is not known here"),
        ("loss_of = Distance()", "Line 12, column 16: compared is not known here"),
    ],
)
def test_a_loss_is_made_where_the_network_is_not(made: str, says: str) -> None:
    distance = (
        "class Distance(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "    def forward(self, output):\n"
        "        return compared(output)\n"
    )
    code = f"{NET}{distance * ('Distance' in made)}{made}\ndef train(net):\n    loss_of(net(x), y)"
    stack, said = remarks(code)
    assert (stack, said[1:]) == ("linear(3,bias=True)-relu", (SOFTMAX,))
    assert said[0].startswith(says)


def test_a_class_is_not_instantiated_for_a_text_that_computes_something_itself() -> None:
    code = (
        "class Distance(nn.Module):\n"
        "    def forward(self, output):\n"
        "        return compared(output)\n"
        "loss_of = Distance()\n"
        "y = torch.relu(torch.tensor([[1.0, 2.0]]))\n"
    )
    assert remarks(f"{NET}{code}")[0] == "relu"


def test_no_second_object_is_made_of_a_class_that_the_text_instantiates() -> None:
    code = NET.replace("hidden=3", "hidden").replace("F.relu(self.fc(x))", "None")
    with pytest.raises(StackError, match="No layer that is known here"):
        read_pytorch(f"{code}net = Net(size)")
    code = NET.replace("nn.Softmax()", "hidden").replace("x))", "x)) if self.soft == 3 else x")
    assert remarks(f"{code}net = Net(3)") == (OF_LINEAR, ())
    with pytest.raises(StackError, match="Nothing that a layer makes is returned"):
        read_pytorch(f"{code}net = Net(5)")


@for_each("made", ["Agent(env)", "Agent(env).act(state)"])
@for_each("layer", ["Net(7)", "nn.Sequential(nn.Linear(4, 7), nn.ReLU())"])
def test_the_network_of_an_agent_is_read(layer: str, made: str) -> None:
    agent = (
        "class Agent:\n"
        "    def __init__(self, env):\n"
        f"        self.net = {layer}\n"
        "        self.optimizer = optim.Adam(self.net.parameters())\n"
        "        self.scale = transforms.Compose([transforms.Resize(84)])\n"
        "        self.memory = torch.Tensor(4, env.size)\n"
        "        self.noise = Noise()\n"
        "        self.rest = [torch.cuda.Event(), optim.lr_scheduler.StepLR(self.optimizer, 3)]\n"
        "        self.rest += [data.DataLoader(datasets.MNIST('.'))]\n"
        "    def act(self, state):\n"
        "        return env.step(state)\n"
    )
    noise = "class Noise:\n    def forward(self, x):\n        return F.relu(x).abs().relu() + x\n"
    stack, said = remarks(f"{NET}{noise}{agent}agent = {made}")
    assert (stack, {*said} - {SOFTMAX}) == ("linear(7,bias=True)-relu", set())


def test_what_a_network_keeps_and_does_not_apply_is_no_other_one() -> None:
    other = "nn.Sequential(nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, 2), nn.ReLU())"
    code = NET.replace("nn.Softmax()", f"nn.Softmax(); self.other = {other}")
    assert remarks(f"{code}def main(): net = Net()\nmain()") == (OF_LINEAR, (SOFTMAX,))


def test_what_main_makes_and_trains_besides_is_no_part_of_the_network() -> None:
    code = (
        f"{NET}"
        "def train(model, loader, optimizer):\n"
        "    for data, target in loader:\n"
        "        loss = F.nll_loss(model(data), target)\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "def main():\n"
        "    transform = transforms.Compose([transforms.ToTensor()])\n"
        "    loader = DataLoader(datasets.MNIST('data', transform=transform))\n"
        "    model = Net().to(device)\n"
        "    optimizer = optim.SGD(model.parameters(), lr=0.1)\n"
        "    for epoch in range(3):\n"
        "        train(model, loader, optimizer)\n"
        "main()\n"
    )
    assert remarks(code) == ("linear(3,bias=True)-relu", (SOFTMAX,))


def test_what_a_function_makes_of_the_unknown_is_said_where_it_is_joined() -> None:
    code = (
        "def built():\n"
        "    layers = [nn.Linear(4, 3), Mish()]\n"
        "    return nn.Sequential(*layers)\n"
        "net = built()\n"
    )
    joined = "Line 3, column 12: Sequential joins something here that is not read; that was left"
    stack, said = remarks(code)
    assert stack == "linear(3,bias=True)"
    assert [each.partition(" out.")[0] for each in said] == [joined]


@for_each("name", ["add", "maximum"])
def test_numbers_joined_with_a_value_computed_from_x_are_not_taken_for_x(name: str) -> None:
    code = (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        self.fc = nn.Linear(4, 3)\n"
        "        self.least = torch.tensor([[1.0, 2.0, 3.0]])\n"
        "    def forward(self, x):\n"
        f"        return torch.{name}(self.least, self.fc(x))\n"
        "net = Net()\n"
    )
    joins = f"Line 6, column 16: {name} joins something here that is not read; that was left out."
    found = read_pytorch(code)
    assert (str(found.stack), found.remarks, found.x) == ("linear(3,bias=True)", (joins,), None)


@for_each(("behind", "left_out"), [("small", True), ("torch.abs(small)", False)])
def test_an_operation_left_out_behind_another_networks_loss_is_not_put_down_to_this_one(
    behind: str, left_out: bool
) -> None:
    code = (
        "x, y = torch.randn(2, 4), torch.tensor([2, 0])\n"
        "loss = F.cross_entropy(nn.Linear(4, 3)(x).abs().relu().abs(), y)\n"
        "small = F.cross_entropy(nn.Linear(4, 3)(x), y)\n"
        f"z = {behind}.sqrt()\n"
    )
    said = "Line 4, column 5: sqrt is not known here and was left out: its input goes on as it is."
    of_larger = "linear(3,bias=True)-abs-relu-abs-softmaxcrossentropy(2,0)"
    assert remarks(code) == (of_larger, (said,) * left_out)


def test_no_shape_of_x_is_given_where_none_fits() -> None:
    code = "x = torch.randn(1, 1, 400, 400)\nnet = nn.Sequential(nn.Conv2d(1, 2000, 300))"
    assert read_pytorch(code).input is None


def test_a_list_of_layers_of_which_one_is_unknown() -> None:
    layers = "[nn.Linear(4, 3), chosen(), nn.Linear(3, 2)]"
    other = "joins something here that is not read; that was left out."
    for listed, name, column in (
        (f"layers = {layers}\nnet = nn.Sequential(*layers)\n", "Sequential", 7),
        (f"net = nn.Sequential(\n*nn.ModuleList({layers}))\n", "ModuleList", 2),
    ):
        expected = f"Line 2, column {column}: {name} {other}"
        stack, said = remarks(listed)
        assert stack == "linear(3,bias=True)-linear(2,bias=True)"
        assert expected in said


@for_each(
    ("made", "place", "name"),
    [
        ("net = nn.Sequential(linear)\nnet.append(chosen())", "6, column 1", "net"),
        ("net = nn.Sequential(linear)\nnet.add_module('a', chosen())", "6, column 1", "net"),
        ("net = Row(linear, chosen())", "5, column 7", "Row"),
        ("net = Row(linear)\nnet.add_module('b', chosen())", "6, column 1", "net"),
        ("net = Made(linear, chosen())", "3, column 32", "super().__init__"),
    ],
)
def test_what_is_unknown_in_a_row_is_said_wherever_the_row_gets_it(
    made: str, place: str, name: str
) -> None:
    code = (
        "class Row(nn.Sequential): pass\n"
        "class Made(nn.Sequential):\n"
        "    def __init__(self, *each): super().__init__(*each)\n"
        "linear = nn.Linear(4, 3)\n"
    )
    stack, said = remarks(f"{code}{made}")
    assert stack == "linear(3,bias=True)"
    assert said == (f"Line {place}: {say('paste.joined', name=name)}",)


@for_each("method", ["fit(data)", "built()"])
def test_what_a_method_leaves_out_of_the_layers_that_it_makes_is_said(method: str) -> None:
    code = (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        self.each = nn.ModuleList()\n"
        "    def built(self):\n"
        "        self.each.append(nn.Linear(4, 3))\n"
        "        self.each.append(nn.Tanh())\n"
        "    def fit(self, data):\n"
        "        self.built()\n"
        "    def forward(self, x):\n"
        "        for one in self.each:\n"
        "            x = one(x)\n"
        "        return x\n"
        f"net = Net()\nnet.{method}"
    )
    tanh = f"Line 6, column 26: {say('paste.layer', name='Tanh')}"
    assert remarks(code) == ("linear(3,bias=True)", (tanh,))


def test_a_field_of_a_dataclass_has_its_default() -> None:
    code = (
        "@dataclass\n"
        "class Config:\n"
        "    size: int\n"
        "    activation: type = field(default=nn.ReLU)\n"
        "class Net(nn.Module):\n"
        "    def __init__(self, config):\n"
        "        self.config = config\n"
        "        self.net = nn.Sequential(nn.Linear(4, config.size), self.config.activation())\n"
        "    def forward(self, x):\n"
        "        return self.net(x)\n"
        "net = Net(Config(3))\n"
    )
    assert remarks(code) == ("linear(3,bias=True)-relu", ())


def test_a_loss_of_ones_own_behind_the_network_is_not_read_for_it() -> None:
    loss = (
        "class Loss(nn.Module):\n"
        "    def forward(self, first, second):\n"
        "        return F.relu(first - second).mean()\n"
    )
    assert remarks(f"{NET}{loss}") == ("linear(3,bias=True)-relu", (SOFTMAX,))


@for_each("norm", ["weight_norm", "spectral_norm"])
def test_a_layer_whose_weights_are_normed_stays_with_a_remark(norm: str) -> None:
    code = (
        f"from torch.nn.utils import {norm}\n"
        f"net = nn.Sequential({norm}(nn.Linear(4, 3)), nn.ReLU())\n"
    )
    norm += "(nn.Linear(4, 3)) is not known here, and that was left out: "
    assert remarks(code) == (
        "linear(3,bias=True)-relu",
        (f"Line 2, column 21: {norm}nn.Linear(4, 3) goes on as it is.",),
    )


@pytest.mark.parametrize("look", ["called_in", "given_in", "matters"])
def test_a_statement_that_is_not_read_is_looked_through_once_however_long_the_loops(
    look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, of = [], getattr(code_reader, look)

    def counted(statement: ast.AST) -> Any:
        looked.append(statement)
        return of(statement)

    monkeypatch.setattr(code_reader, look, counted)
    within = look == "matters"
    code = "for i in range(99):\n    if q:\n        r = Linear(2, 2)\n"
    if within:
        code = f"def net(q):\n{textwrap.indent(code, '    ')}    return 1\nnet(x)\n"
    with suppress(StackError):
        read_pytorch(code)
    assert len(looked) == 1
