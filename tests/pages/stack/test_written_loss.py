"""Losses and labels in pasted code."""

import pytest

from pages.language.catalogue import say
from pages.stack.paste import read_pytorch
from pages.stack.written_loss import event_of_index
from tests.for_each import for_each
from tests.pages.stack.pasting import (
    AROUND,
    CLASSES,
    LABELS,
    LEFT_OUT,
    OF_LINEAR,
    ON,
    in_forward,
    remarks,
)


@for_each(
    "loss",
    [
        "loss = F.nll_loss(net(x), torch.tensor([2, 0]))",
        "loss = nn.NLLLoss()(net(x), torch.tensor([2, 0]))",
        "loss_of = nn.NLLLoss()\nloss = loss_of(net(x), torch.tensor([2, 0]))",
        "def loss(h):\n    return nn.NLLLoss()(net(h), torch.tensor([2, 0]))",
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
            "F.softmax(self.fc(x), 1)",
            "loss = nn.NLLLoss()(net(x), y)",
            "",
            (f"Line 7, column 8: NLLLoss {LEFT_OUT}.", f"Line 5, column 16: softmax {ON}"),
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


def test_labels_are_as_many_as_the_code_has() -> None:
    code = "y = torch.tensor([i % 3 for i in range(300)])\nx = torch.randn(300, 4)\n"
    found = read_pytorch(f"{code}loss = F.cross_entropy(nn.Linear(4, 3)(x), y)")
    assert (found.stack.at((1,)).data, found.input) == ((0, 1, 2) * 100, (300, 4))


def test_a_loss_ends_the_stack() -> None:
    ends = "linear(2,bias=True)-relu-softmaxcrossentropy"
    assert remarks(f"{AROUND}\ncriterion = nn.CrossEntropyLoss()") == (f"{ends}(0)", ())
    labelled = f"{AROUND}\nloss = F.cross_entropy(model(torch.randn(2, 2)), torch.tensor([1, 0]))"
    found = read_pytorch(labelled)
    assert str(found.stack) == f"{ends}(1,0)"
    assert found.input == (2, 2)


def test_layers_applied_to_a_loss_follow_it_in_the_stack() -> None:
    found = read_pytorch(
        "x = torch.tensor([[1.0, -2.0]])\nh = torch.relu(x)\n"
        "loss = F.cross_entropy(h, torch.tensor([1]))\ny = torch.abs(loss)"
    )
    assert (str(found.stack), found.remarks) == ("relu-softmaxcrossentropy(1)-abs", ())


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


def test_a_loss_that_is_computed_in_two_ways_is_one() -> None:
    code = (
        "x, w, y = np.ones((1, 3)), np.ones((3, 2)), np.array([1])\ns = x @ w\n"
        "p = np.exp(s) / np.sum(np.exp(s), axis=1, keepdims=True)\n"
        "loss = np.mean(-np.log(p[range(1), y]))\nother = F.cross_entropy(s, y)\n"
    )
    assert remarks(code) == ("linear(2)-softmaxcrossentropy(1)", ())
    assert remarks(f"{code}ds = p - 1\ndx = ds @ w.T") == remarks(code)


def test_labels_in_a_column_are_labels() -> None:
    code = (
        "y = torch.tensor([[2], [0]]).squeeze(1)\n"
        "net = nn.Linear(4, 3)\n"
        "loss = F.cross_entropy(net(torch.randn(2, 4)), y)\n"
    )
    assert str(read_pytorch(code).stack) == "linear(3,bias=True)-softmaxcrossentropy(2,0)"


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


@for_each(
    ("other", "end"),
    [
        ("F.cross_entropy(a, torch.tensor([2]))", "-softmaxcrossentropy(1)"),
        ("F.mse_loss(a, b)", "-softmaxcrossentropy(1)"),
    ],
)
def test_a_loss_of_the_text_itself_comes_before_one_in_a_function(other: str, end: str) -> None:
    code = (
        f"def check(a, b): return {other}\nnet = nn.Sequential(nn.Linear(4, 3))\n"
        "for x, y in data:\n    loss = F.cross_entropy(net(x), torch.tensor([1]))\n"
    )
    assert remarks(code) == (f"linear(3,bias=True){end}", ())


def test_maxima_are_the_first_of_what_torchs_max_returns_and_their_places_the_second() -> None:
    assert [event_of_index(place) for place in (0, 1)] == ["values", ""]
