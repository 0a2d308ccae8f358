"""Functions and operators on values: ReLUs, pools, maxima, products, changes of shape."""

import ast
import json
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import RULES, trace
from pages.language.catalogue import say
from pages.stack.paste import read_pytorch
from tests.for_each import for_each
from tests.pages.stack.pasting import ON, in_forward, remarks


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


@for_each(
    ("code", "rule"),
    [
        ("Sequential(\n  (0): ReLU()\n)", "pytorch-max-pool"),
        ("x = np.array([1.0, -2.0])\ny = np.maximum(x, 0)", ""),
        ("x = np.array([1.0, -2.0])\ny = np.maximum(x, 0)  # as torch.relu does", ""),
        ("x = torch.tensor(np.ones(2))\ny = F.relu(x)", "pytorch-max-pool"),
        ("x = torch.ones(2)  # not np.ones(2)\ny = torch.relu(x)", "pytorch-max-pool"),
    ],
)
def test_the_rule_is_pytorchs_unless_the_code_is_numpys_alone(code: str, rule: str) -> None:
    assert read_pytorch(code).rule == rule


@pytest.mark.parametrize(
    "maxima", ["h.max()", "h.max(0)[0]", "h.amax(1, keepdim=True)", "max(h)", "h.mean(1)"]
)
def test_other_maxima_are_said(maxima: str) -> None:
    stack, said = remarks(MAXIMA.format("4, 3", maxima))
    assert stack == "linear(2,bias=True)-relu"
    assert said


def test_a_maximum_over_an_axis_of_what_may_have_several_is_said() -> None:
    code = (
        "class A(nn.Module):\n    def forward(self, x):\n        return relu(x).max(0)[0]\na = A()"
    )
    stack, said = remarks(code)
    assert stack == "relu"
    assert said


def test_where_without_a_comparison_makes_no_x() -> None:
    code = "a = np.array([1.0, 0.0])\nplaces = np.where(a)\nx = np.array([3.0, 4.0])\n"
    found = read_pytorch(f"{code}y = np.maximum(x, 0)")
    assert (str(found.stack), found.remarks, found.x) == ("relu", (), [3.0, 4.0])


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
    assert found.slopes == ()
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
        ("h = F.relu(x)\nprint(h.is_leaf, h.is_cuda, h.nbytes, h.itemsize, h.device)", "relu"),
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


def test_a_product_of_a_list_is_named() -> None:
    code = "x = np.ones(2)\nh = np.maximum(0, x)\ny = np.dot([h, h], np.ones((2, 3)))"
    assert remarks(code) == ("relu", (f"Line 3, column 5: dot {ON}",))


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


def test_a_maximum_of_0_and_x_is_one_of_x() -> None:
    found = read_pytorch("x = np.array([1.0, -2.0, 3.0])\nh = np.maximum(0, x)\n")
    assert (str(found.stack), found.input, found.remarks) == ("relu", (3,), ())


@for_each(
    "other",
    [
        "torch.maximum(a, torch.tensor(1.0))",
        "torch.maximum(a, torch.ones_like(a))",
        "torch.clamp(a, 0, 6)",
        "a.clip(min=0, max=6)",
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
