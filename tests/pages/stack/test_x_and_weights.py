"""Arrays in pasted code as x, as weights and as sizes; what a row times a weight is."""

from typing import Any

import numpy as np
import pytest

from engine import RULES, trace
from pages.stack.paste import read_pytorch
from pages.stack.stack import StackError
from tests.for_each import for_each
from tests.pages.stack.pasting import AROUND, LABELS, OF_LINEAR, TWO_LINEAR, in_forward, remarks


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


@for_each("made", ["torch.rand(3)", "load().reshape(3)"])
def test_an_x_of_which_one_number_alone_is_known_has_none_here(made: str) -> None:
    code = f"x = {made}\nx[0] = 2.0\nnet = nn.Sequential(nn.Linear(3, 2), nn.ReLU())\nnet(x)\n"
    found = read_pytorch(code)
    assert (found.x, found.remarks) == (None, ())


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


def test_the_logits_of_a_single_example_are_its_x() -> None:
    """PyTorch's cross entropy also takes them without the axis of the examples."""
    found = read_pytorch(
        "x = torch.tensor([0.5, -1.0, 2.0])\nloss = F.cross_entropy(x, torch.tensor(2))"
    )
    assert (str(found.stack), found.input, found.x) == (
        "softmaxcrossentropy(2)",
        (1, 3),
        [0.5, -1.0, 2.0],
    )


ONES = [[[1.0, 1.0]]]
ROW, COLUMNS = [[[1.0, -1.0]]], [[1.0, 0.0], [-1.0, 2.0], [1.0, 0.5]]


@for_each(
    ("code", "numbers"),
    [
        (f"y = F.relu(F.conv1d(x, torch.tensor({ROW})))", {"w": ROW}),
        (f"y = F.relu(F.conv1d(x, torch.as_tensor({ROW})))", {"w": ROW}),
        (f"y = F.relu(F.conv1d(x, torch.FloatTensor({ROW})))", {"w": ROW}),
        (f"y = F.relu(F.conv1d(x, torch.Tensor({ROW})))", {"w": ROW}),
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


@pytest.mark.parametrize("x", ["3", "3, 1"], ids=["row", "column"])
@pytest.mark.parametrize("b", ["4", "4, 1"], ids=["row", "column"])
def test_a_bias_is_a_row_or_a_column_as_x_is(x: str, b: str) -> None:
    """The sum of a column and a row is a matrix."""
    given = f"x = np.ones(({x}))\nW = np.ones((4, 3))\nb = np.ones(({b}))\n"
    stack, said = remarks(f"{given}h = np.maximum(W @ x + b, 0)")
    alike = ("1" in x) == ("1" in b)
    assert (stack, len(said)) == (
        ("linear(4,bias=True)-relu", 0) if alike else ("linear(4)-relu", 1)
    )


def test_what_is_not_known_plus_a_bias_is_no_x() -> None:
    given = "x = torch.ones(3)\nw = torch.ones(3)\nb = torch.tensor(0.5)\n"
    with pytest.raises(StackError):
        read_pytorch(f"{given}h = torch.relu(torch.sum(w * x) + b)")


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
    ("square", "stack"),
    [("x * x", "relu"), ("w * x * x", "conv1d-relu"), ("w * x * (w * x)", "conv1d-relu")],
)
def test_x_is_no_weight_of_its_own(square: str, stack: str) -> None:
    """The gradient of x² is 2x, and that of w * x for w = x would be x."""
    code = f"x = torch.tensor([3.0])\nw = torch.tensor([2.0])\nh = torch.relu({square})"
    told = f"one side of {square} is not known here, and the other goes on alone."
    assert remarks(code) == (stack, (f"Line 3, column 16: {told}",))


@for_each(
    ("whole", "parts", "stack"),
    [
        ("x + x / 2", ["x / 2"], "residual()-relu"),
        ("0.5 * x + (x - 1)", ["0.5 * x", "x - 1"], "residual()-relu"),
        ("w * x - 1 + x", ["w * x - 1"], "residual(conv1d)-relu"),
        ("-(w * x - 1)", ["w * x - 1", "-(w * x - 1)"], "conv1d-relu"),
    ],
)
def test_what_is_left_out_of_each_part_is_said(whole: str, parts: list[str], stack: str) -> None:
    """As x + x, x + x / 2 would have the slope 2."""
    found, said = remarks(f"{WEIGHTED}h = np.maximum({whole}, 0)")
    assert found == stack
    assert all(f"{it} is not known here" in each for it, each in zip(parts, said, strict=True))


def test_what_a_loop_leaves_out_of_x_again_and_again_is_said_once() -> None:
    code = f"{WEIGHTED}a = x / 2\nfor _ in range(40):\n    a = -(a + a)\nh = np.maximum(a, 0)"
    assert len(remarks(code)[1]) == 2


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


@for_each("size", ["-1", "0", "10**5", "2.0", "True", "n"])
def test_a_unit_matrix_of_no_size_is_not_known(size: str) -> None:
    """For F.one_hot, -1 is torch's own default."""
    code = f"y, z = np.eye({size}), F.one_hot(torch.tensor([0, 1]), {size})"
    assert remarks(f"{AROUND}\n{code}") == ("linear(2,bias=True)-relu", ())


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


def test_an_example_has_no_shape_behind_a_layer_that_does_not_fit() -> None:
    code = "conv = nn.Conv1d(1, 2, 9)\nh = conv(torch.randn(5, 1, 6))\nn = h[0].shape[0]\n"
    stack, said = remarks(f"{code}net = nn.Sequential(conv, nn.ReLU())")
    assert stack == "conv1d(9,filters=2,bias=True)-relu"
    assert said


def test_x_may_be_given_by_its_name() -> None:
    code = f"{in_forward('return F.leaky_relu(negative_slope=0.3, input=self.a(x))')}\n"
    found = read_pytorch(f"{code}y = model(x=torch.randn(2, 4))")
    assert (str(found.stack), found.input) == ("linear(3,bias=True)-leakyrelu(0.3)", (2, 4))
    assert found.remarks == ()


def test_the_product_of_a_shape() -> None:
    for product in ("np.prod(shape)", "math.prod(shape)", "int(np.prod(shape))"):
        code = f"shape = (1, 2, 3)\nnet = nn.Sequential(nn.Linear(2, {product}), nn.ReLU())\n"
        assert remarks(code) == ("linear(6,bias=True)-relu", ())


@for_each(
    "product",
    [
        "F.linear(x, torch.tensor([1.0, 2.0, 3.0]).view(1, 3))",
        "x @ torch.tensor([[1.0, 2.0, 3.0]]).reshape(3, 1)",
    ],
)
def test_a_row_of_weights_that_is_reshaped_is_the_matrix_of_one_output(product: str) -> None:
    found = read_pytorch(f"x = torch.ones(2, 3)\nh = torch.relu({product})")
    assert (str(found.stack), found.input, found.remarks) == ("linear(1)-relu", (2, 3), ())
    assert found.numbers == {"w": [[1.0, 2.0, 3.0]]}


@for_each(
    ("sizes", "two"),
    [
        ("examples, features = x.shape", "x.shape[1]"),
        ("examples, features = x.size()", "x.size(1)"),
        ("features = x.size(dim=-1)", "x.dim()"),
        ("features = x.numel() // len(x)", "x.ndim"),
    ],
)
def test_a_size_that_comes_from_the_shape_of_numbers(sizes: str, two: str) -> None:
    code = (
        "x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])\n"
        f"{sizes}\n"
        f"model = nn.Sequential(nn.Linear(features, {two}), nn.ReLU())\n"
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


@pytest.mark.parametrize(
    "w",
    [
        "np.random.uniform(-1, 1, (3, 2))",
        "np.random.normal(0, 0.1, size=(3, 2))",
        "2 * np.random.random((3, 2)) - 1",
        "rng.standard_normal((3, 2))",
        "nn.Parameter(torch.Tensor(3, 2))",
        "torch.FloatTensor(3, 2).uniform_(-1, 1)",
    ],
)
def test_weights_may_be_drawn_in_many_ways(w: str) -> None:
    found = read_pytorch(f"x = np.random.randn(4, 3)\nw = {w}\nh = np.maximum(x @ w, 0)")
    assert (str(found.stack), found.input, found.remarks) == ("linear(2)-relu", (4, 3), ())


@for_each("name", ["width", "alpha"])
def test_a_factor_that_is_no_weight_by_its_name_is_said(name: str) -> None:
    code = f"x = torch.tensor([1.0, -2.0])\n{name} = 2.0\nh = torch.relu({name} * x)"
    said = f"one side of {name} * x is not known here, and the other goes on alone."
    assert remarks(code) == ("relu", (f"Line 3, column 16: {said}",))


def test_a_weight_times_rows_is_said() -> None:
    code = "x = torch.ones(2, 3)\nw = 2.0\nh = torch.relu(w * x)"
    said = "one side of w * x is not known here, and the other goes on alone."
    assert remarks(code) == ("relu", (f"Line 3, column 16: {said}",))


@for_each("other", ["w", "np.eye(2, k=1)"])
def test_a_product_of_other_numbers_with_what_is_not_known_is_said(other: str) -> None:
    said = f"one side of a @ {other} is not known here, and the other goes on alone."
    code = f"a = torch.tensor([[1.0, -2.0]])\nh = torch.relu(a @ {other})"
    assert remarks(code) == ("relu", (f"Line 2, column 16: {said}",))


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


@for_each("use", ["relu(fc.weight)", "w = relu(fc.weight)", "h = model(fc.weight)"])
def test_weights_that_a_module_is_given_are_no_x(use: str) -> None:
    code = f"fc, relu = nn.Linear(4, 3), nn.ReLU()\nmodel = nn.Sequential(fc, relu)\n{use}"
    assert remarks(code) == (OF_LINEAR, ())


def test_a_product_with_another_x_in_a_function_is_no_layer() -> None:
    code = (
        "x, X, w = np.ones((1, 3)), np.ones((2, 3)), np.ones((3, 2))\nh = np.maximum(x @ w, 0)\n"
        "def of(w):\n    return w @ X\nz = of(w)\ny = h @ np.ones((2, 2))"
    )
    assert remarks(code) == ("linear(2)-relu-linear(2)", ())


def test_a_matrix_times_a_row_of_which_neither_is_x_is_no_layer() -> None:
    with pytest.raises(StackError, match="no network"):
        read_pytorch("m, v = np.ones((3, 2)), np.ones(2)\nb = np.maximum(m @ v, 0)")


def test_an_x_that_has_the_shape_of_the_code_is_not_said_to_have_another() -> None:
    net = "net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(5, 2))"
    found = read_pytorch(f"x = torch.ones(4)\n{net}\ny = net(x)")
    assert found.input == (4,)
    (said,) = found.remarks
    assert said.startswith("PyTorch refuses this: linear(2,bias=True) has weights of shape (2, 5)")


def test_numbers_times_a_row_are_no_layer() -> None:
    code = "x = torch.randn(4, 3)\nv = torch.randn(3)\ny = x @ v\nnet = nn.Linear(5, 2)\n"
    assert "not known" not in " ".join(remarks(code)[1])


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


def test_the_axis_is_there_also_in_a_module_that_nothing_calls() -> None:
    code = (
        "x = torch.tensor([1.0, 2.0, 3.0])\nh = F.relu(x)\n"
        "class A(nn.Module):\n    def __init__(self):\n        self.a = nn.Linear(3, 2)\n"
        "    def forward(self, x):\n        return self.a(x.unsqueeze(0)).relu()\nnet = A()\n"
    )
    found = read_pytorch(code)
    assert (str(found.stack), found.input) == ("linear(2,bias=True)-relu", (1, 3))


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


def test_a_column_of_biases_is_none_of_rows() -> None:
    sizes = "x, w, b = torch.randn(3, 1), torch.randn(1, 3), torch.randn(3, 1)\n"
    found = read_pytorch(f"{sizes}h = torch.relu(x @ w + b)")
    (said,) = found.remarks
    assert (str(found.stack), found.input) == ("linear(3)-relu", (3, 1))
    assert "x @ w + b is not known here" in said


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


def test_an_x_of_zeros_of_which_one_is_set_is_there_for_its_numbers() -> None:
    code = "x = torch.zeros(4)\nx[0] = 2.0\ny = F.relu(nn.Linear(4, 3)(x))"
    assert read_pytorch(code).x == [2.0, 0.0, 0.0, 0.0]


@for_each(
    ("full", "numbers"),
    [("(2, 3), 0.5", [[0.5] * 3] * 2), ("2, 3", [3, 3]), ("[3], -1.0", [-1.0] * 3)],
)
def test_an_array_is_filled_with_the_number_behind_its_sizes(full: str, numbers: Any) -> None:
    assert read_pytorch(f"x = np.full({full})\ny = np.maximum(x, 0)").x == numbers


def test_weights_are_no_input_where_the_columns_are_examples() -> None:
    code = "X = np.random.randn(3, 10)\nh = np.maximum(np.random.randn(2, 3) @ X, 0)"
    found = read_pytorch(code)
    (said,) = found.remarks
    assert (str(found.stack), found.input) == ("relu", (3, 10))
    assert said.endswith("where only sums of values are: X goes on alone.")


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


def test_no_shape_of_x_is_given_where_none_fits() -> None:
    code = "x = torch.randn(1, 1, 400, 400)\nnet = nn.Sequential(nn.Conv2d(1, 2000, 300))"
    assert read_pytorch(code).input is None
