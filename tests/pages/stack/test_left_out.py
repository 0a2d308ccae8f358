"""What is not known of pasted code is named with its place, and the rest is kept."""

import re

import pytest

from pages.language.catalogue import say
from pages.stack.paste import read_pytorch
from pages.stack.stack import StackError
from tests.for_each import for_each
from tests.pages.stack.pasting import AROUND, CLASSES, LEFT_OUT, OF_LINEAR, in_forward, remarks


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


@for_each("after", ["", "net.cuda()", "net = net.to(d)", "other = Net()", "net(torch.ones(4))"])
def test_what_is_left_out_is_said_however_often_the_network_is_named(after: str) -> None:
    (said,) = remarks(CLASSES.format("F.relu(torch.fold(self.fc(x)))") + after)[1]
    assert said.startswith("Line 5, column 23: fold is not known here")


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
    ("body", "named"),
    [
        ("setattr(self, 'b', nn.ReLU())", True),
        ("each.append(x)", True),
        ("y: Tensor = x", True),
        ("continue", True),
        ("print(x)", False),
    ],
)
def test_an_if_that_is_not_known_is_told_of_for_what_it_may_do(body: str, named: bool) -> None:
    lines = ("for each in [[x]]:", "    if load():", f"        {body}", "return F.relu(x)")
    code = in_forward("\n        ".join(lines))
    assert ["if is not read here" in each for each in remarks(code)[1]] == [True] * named


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


@for_each(
    "code",
    [
        "def f(h):\n    return F.fancy(h)\nh = {}(torch.ones(1, 4))\ny = F.relu(f(h))",
        "def f(m):\n    return weight_norm(m)\nfc = {}\nmodel = nn.Sequential(f(fc), nn.ReLU())",
    ],
)
def test_what_a_function_leaves_out_of_what_it_is_given_is_said(code: str) -> None:
    stack, (said,) = remarks(code.format("nn.Linear(4, 3)"))
    assert stack == OF_LINEAR
    assert said.startswith("Line 2, column 12: ")


def test_what_is_divided_is_said_where_it_has_no_rows_too() -> None:
    """For example in a forward whose x is not known, and for a loss, which is one number."""
    (said,) = remarks("class A(nn.Module):\n    def forward(self, x): return F.relu(x) / 2")[1]
    assert said.startswith("Line 2, column 34: F.relu(x) / 2 is not known here")
    loss = "F.cross_entropy(F.relu(torch.randn(2, 4)), torch.tensor([1, 2]))"
    (said,) = remarks(f"L = {loss} / 2")[1]
    assert said.startswith(f"Line 1, column 5: {loss[:40]}")


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
        ("F.relu(x.view(2, 3, 8))", "relu", f"column 41: {say('paste.function', name='view')}"),
        (
            "torch.exp(F.relu(x)) + x",
            "residual(relu)",
            f"column 34: {say('paste.function', name='exp')}",
        ),
        (
            "F.relu(x) if load() else x",
            "relu",
            (
                "column 34: F.relu(x) if load() else x is not known here, and that was left out: "
                "F.relu(x) goes on as it is."
            ),
        ),
        (
            "torch.fold(sum([x, F.relu(x), F.softplus(x)]))",
            "add(|relu|softplus)",
            f"column 34: {say('paste.function', name='fold')}",
        ),
        (
            "F.relu(x).abs() - (F.relu(x.abs().abs()) + x)",
            "residual(abs-abs-relu)",
            (
                "column 34: F.relu(x).abs() - (F.relu(x.abs().abs())… is not known here, where "
                "only sums of values are: F.relu(x.abs().abs()) + x goes on alone."
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
        (
            "def act(h): return F.relu(h)\nnn.Sequential(nn.Linear(2, 2), act, nn.Linear(2, 2))",
            f"act {NO_LAYER}",
        ),
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
    ids=[
        "not called",
        "unknown",
        "a function",
        "of what is not there",
        "tied",
        "turned",
        "two networks",
    ],
)
def test_what_is_left_out_is_said(code: str, said: str) -> None:
    stack, remark = remarks(code)
    assert stack == "linear(2,bias=True)-linear(2,bias=True)"
    assert [said in each for each in remark] == [True]


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
    described = abstract.replace("raise", "'To be made.'\n        raise")
    for code in (LINEAR_CLASS.format(**PLAIN | wrong), abstract, described):
        with pytest.raises(StackError, match=re.escape(said)):
            read_pytorch(code)


@pytest.mark.parametrize(
    ("code", "stack", "said"),
    [
        (
            "nn.Sequential(nn.Linear(n, 3), nn.ReLU())",
            OF_LINEAR,
            "what in_features of Linear is cannot be told from this text; it was left out.",
        ),
        (in_forward("return net[0](self.a(x))"), OF_LINEAR[:-5], "net[0] is not known here and"),
        (
            in_forward("y, at = torch.sort(self.a(x))\n        return F.relu(y)"),
            OF_LINEAR,
            "sort is not known here and",
        ),
        (in_forward("x = self.a(x)\n        x.fold_()\n        return x"), OF_LINEAR[:-5], "fold_"),
        (f"if big:\n    model = nn.Sequential()\n{AROUND}", "linear(2,bias=True)-relu", ": if is"),
    ],
)
def test_what_a_code_has_from_elsewhere_is_said(code: str, stack: str, said: str) -> None:
    found, (remark,) = remarks(code)
    assert (found, said in remark) == (stack, True)


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
            "class A(nn.Module):\n    def forward(self, x): return F.relu([x, *more][0])",
            "Line 2, column 45: *more is not read here: what stands in it was left out.",
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
            (
                "class Keep:\n    def __init__(self, f):\n        self.f = f\n@Keep\ndef act():\n"
                "    return nn.ReLU()\nmodel = nn.Sequential(act())"
            ),
            "Line 4, column 2: @Keep is not read here: what stands in it was left out.",
        ),
        (
            (
                "def other(of):\n    return nn.Softplus\n@other\nclass Act(nn.Module):\n"
                "    def forward(self, x): return F.relu(x)\n"
                "class Mine(Act):\n    pass\nmodel = Mine()"
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
        (
            "net = nn.Sequential(OrderedDict([('a', linear), ('b', chosen())]))",
            "5, column 7",
            "Sequential",
        ),
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
        "        self.each.append(nn.Fold())\n"
        "    def fit(self, data):\n"
        "        self.built()\n"
        "    def forward(self, x):\n"
        "        for one in self.each:\n"
        "            x = one(x)\n"
        "        return x\n"
        f"net = Net()\nnet.{method}"
    )
    fold = f"Line 6, column 26: {say('paste.layer', name='Fold')}"
    assert remarks(code) == ("linear(3,bias=True)", (fold,))


@for_each("norm", ["weight_norm", "spectral_norm"])
def test_what_stays_of_a_layer_whose_weights_are_normed_is_said_by_its_keyword(norm: str) -> None:
    code = f"net = nn.Sequential({norm}(name='weight', module=nn.Linear(4, 3)), nn.ReLU())"
    stack, (said,) = remarks(code)
    assert stack == OF_LINEAR
    assert said.endswith("nn.Linear(4, 3) goes on as it is.")


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
