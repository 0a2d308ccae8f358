"""Branches and joins of pasted code, what it changes in place, and where gradients stop."""

from typing import Any

import pytest

from pages.language.catalogue import say
from pages.stack.code_text import NOWHERE
from pages.stack.dataflow import Flow, Node, every_node
from pages.stack.paste import read_pytorch
from pages.stack.stack import item
from pages.stack.torch_layers import Leaf
from tests.for_each import for_each
from tests.pages.stack.pasting import AROUND, OF_LINEAR, ON, SHARED, in_forward, remarks


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


@pytest.mark.parametrize("more", ["load()", "3", "torch.zeros(1, 1, 5)"])
def test_what_a_join_does_not_read_is_said(more: str) -> None:
    found = read_pytorch(f"x = torch.ones(1, 1, 5)\nh = torch.cat((F.relu(x), x, {more}), 1)")
    assert str(found.stack) == "concat(relu|,dim=1)"
    assert found.remarks == (f"Line 2, column 5: {say('paste.joined', name='cat')}",)


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
        "F.linear(h, a.weight.data, a.bias)",
        "h @ a.weight",
        "h @ a.weight.T",
    ],
)
def test_a_function_may_be_given_the_weights_of_a_layer(again: str) -> None:
    code = f"a = nn.Linear(4, 4)\nh = F.relu(a(torch.randn(2, 4)))\ny = {again}\n"
    assert remarks(code)[1] == (f"Line 3, column 5: {SHARED}",)
    assert remarks(code.replace("a(", "nn.Linear(4, 4)("))[1] == ()


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
        ("y = [x]\n        x.relu_()\n        return self.c(y[0])", "relu-linear(2,bias=True)"),
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
        (
            "with torch.inference_mode():\n            return self.c(x)",
            "column 14: torch.inference_mode()",
        ),
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


def test_where_it_is_stopped_twice_both_are_said() -> None:
    said = remarks(in_forward("return F.relu(self.a(x).detach().data)"))[1]
    stops = ("self.a(x).detach()", "self.a(x).detach().data")
    assert said == tuple(
        f"Line 5, column 23: {NO_WAY_BACK} {stop}; here it goes on." for stop in stops
    )


def test_a_network_that_is_looked_at_without_gradients_has_them_here() -> None:
    code = f"{AROUND}\nx = torch.randn(1, 2)\nwith torch.no_grad():\n    y = model(x)\n    print(y)"
    assert remarks(code) == ("linear(2,bias=True)-relu", ())


def test_an_x_is_joined_with_itself_in_the_network() -> None:
    code = "x = torch.tensor([[1.5, -2]])\ny = F.relu(torch.cat((x, x), 1))"
    assert remarks(code) == ("concat(|,dim=1)-relu", ())


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


def test_an_axis_from_the_last_is_that_of_the_x_in_the_code_whatever_else_would_fit() -> None:
    """An x of one axis would fit first, then one of three, in which the axis is the second."""
    pasted = read_pytorch("x = torch.randn(2, 4)\ny = F.max_pool1d(torch.cat([x, x.abs()], -2), 2)")
    assert (str(pasted.stack), pasted.remarks) == ("concat(|abs)-maxpool(2)", ())
    assert pasted.input == (2, 4)
    assert pasted.stack.shape(pasted.input) == (4, 2)


@for_each(
    ("layer", "begins", "axes"),
    [
        ("nn.Conv2d(2, 3, 3)", "concat(|abs,dim=3)-conv2d", 4),
        ("nn.Conv1d(1, 3, 3)", "concat(|abs,dim=1)-conv1d", 2),
        ("nn.Linear(8, 3)", "concat(|abs)-linear", 1),
    ],
)
def test_an_axis_from_the_last_is_the_last_of_what_the_next_layer_reads(
    layer: str, begins: str, axes: int
) -> None:
    pasted = read_pytorch(in_forward(f"return {layer}(torch.cat([x, x.abs()], -1))"))
    assert str(pasted.stack).startswith(begins)
    assert pasted.input
    assert len(pasted.input) == axes
    assert pasted.remarks == ()


@for_each(
    ("joined", "stack"),
    [
        # Rows of one length are joined as columns with the columns of another value.
        ("[torch.cat([x, x.abs()], -1), F.relu(x)], 1", "concat(concat(|abs,dim=1)|relu,dim=1)"),
        # It fits neither one axis nor two.
        (
            "[nn.Conv2d(1, 1, 3)(x), nn.Conv2d(3, 1, 3)(x)], -1",
            "concat(conv2d(3,filters=1,bias=True)|conv2d(3,filters=1,bias=True),dim=3)",
        ),
    ],
)
def test_an_axis_from_the_last_is_another_where_x_has_one_more_if_it_fits_then(
    joined: str, stack: str
) -> None:
    assert remarks(in_forward(f"return torch.cat({joined})"))[0] == stack


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


def test_of_several_layers_that_do_not_fit_the_first_is_named() -> None:
    (said,) = remarks("nn.Sequential(nn.Linear(4, 3), nn.Linear(7, 2), nn.Linear(5, 1))")[1]
    assert said.startswith("PyTorch refuses this: linear(2,bias=True) has weights of shape (2, 7)")


def test_behind_what_is_left_out_pytorch_refuses_nothing() -> None:
    layers = "nn.Linear(4, 3), {between}nn.Linear(7, 2)"
    _, (said,) = remarks(f"nn.Sequential({layers.format(between='')})")
    assert said.startswith("PyTorch refuses this: linear(2,bias=True) has weights of shape (2, 7)")
    _, (_, said) = remarks(f"nn.Sequential({layers.format(between='nn.Upsample(7), ')})")
    assert said == (
        "linear(2,bias=True) would need weights of shape (2, 3), and has (2, 7) in the code."
    )


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


def test_an_x_that_the_text_makes_is_changed_in_place() -> None:
    code = "x = torch.ones(1, 4)\nact = nn.ReLU(inplace=True)\nact(x)\ny = nn.Linear(4, 3)(x)"
    assert remarks(code) == ("relu-linear(3,bias=True)", ())


def test_what_is_left_out_made_another_value_and_that_one_is_changed() -> None:
    code = in_forward("h = self.a(x)\n        return F.relu(nn.Dropout(0.1)(h), inplace=True) + h")
    stack, said = remarks(code)
    assert stack == "linear(3,bias=True)-residual(relu)"
    assert [each.endswith("Dropout is not known here and was left out.") for each in said] == [True]


def test_a_sum_may_go_on_in_lines_that_begin_with_its_sign() -> None:
    code = in_forward("return (F.relu(x)\n            + F.softplus(x)\n            + x)")
    assert remarks(code) == ("residual(add(relu|softplus))", ())


def test_a_sum_of_a_list_and_one_from_zero_are_sums() -> None:
    each = "[F.relu(x), torch.abs(x), F.softplus(x)]"
    start = f"return sum({each[:-15]}], start=F.softplus(x))"
    for code in (f"return sum({each})", f"return sum(a for a in {each})", start):
        assert remarks(in_forward(code)) == ("add(relu|abs|softplus)", ())
    said = f"Line 5, column 16: sum {ON}"  # it adds up the entries
    assert remarks(in_forward("return sum(F.relu(x))")) == ("relu", (said,))
    code = "y = 0\n        for each in (F.relu(x), x):\n            y = y + each\n        return y"
    assert remarks(in_forward(code)) == ("residual(relu)", ())


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


def test_the_nodes_of_a_value_are_those_in_all_branches_too() -> None:
    leaf = Leaf(item("relu"))
    first, second = Node(leaf, NOWHERE), Node(leaf, NOWHERE)
    inner = Node(leaf, NOWHERE, (Flow((first,)), Flow((second,))))
    outer = Node(leaf, NOWHERE, (Flow((inner,)), Flow()))
    assert every_node(Flow((outer,))) == [outer, inner, first, second]
