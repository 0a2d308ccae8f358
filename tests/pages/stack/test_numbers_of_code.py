"""Pasted code with all its numbers gives the same results here as in numpy."""

import random
from typing import Any

import numpy as np
import pytest

from pages.session.page_state import PageState
from pages.stack.editor import Editor
from pages.stack.paste import read_pytorch
from pages.stack.stack_subject import STACK_SUBJECT
from tests.for_each import for_each

X, W = "x = np.array([1.0, -2.0, 3.0])\n", "[[1.0, 0.5, -2.0], [-1.0, 2.0, 5.0]]"
RELUS = (
    *("np.maximum({0}, 0)", "np.maximum(0, {0})", "np.where({0} > 0, {0}, 0)"),
    *("{0} * ({0} > 0)", "np.clip({0}, 0, None)"),
)


def numbers(draw: random.Random, *shape: int) -> object:
    """Random numbers that floating-point numbers represent exactly."""
    drawn = draw.choices((1.0, -2.0, 0.5, 3, -1, 2.5, -0.25, 0.0), k=int(np.prod(shape)))
    return np.reshape(drawn, shape).tolist()


def written(draw: random.Random) -> str:
    """Random layers in numpy on an x of one or two axes; each line is a layer or its numbers."""
    shape = draw.choice(((2,), (4,), (1, 3), (3, 2)))
    scaled = draw.choice(("", "", " * 2", " / 4 - 1", " + 0.5"))
    lines = [f"x = np.array({numbers(draw, *shape)}){scaled}"]
    before = "x"
    for n in range(1, draw.randint(2, 5)):
        kind = draw.choice(("relu", "weight", "linear"))
        if kind == "relu":
            made = draw.choice(RELUS).format(before)
        elif kind == "weight" and len(shape) == 1:
            many = draw.choice(("{}", "np.array({})", "np.array([{}])"))
            lines += [f"{name}{n} = {many.format(numbers(draw))}" for name in "wb"]
            made = draw.choice((f"w{n} * {before}", f"{before} * w{n} + b{n}"))
        else:
            outputs = draw.randint(1, 3)
            turned = len(shape) == 1 and draw.random() < 0.5
            sizes = (outputs, *shape) if turned else (shape[-1], outputs)
            lines += [f"W{n} = np.array({numbers(draw, *sizes)})"]
            lines += [f"b{n} = np.array({numbers(draw, outputs)})"]
            made = f"W{n} @ {before}" if turned else f"{before} @ W{n}"
            made += draw.choice(("", f" + b{n}"))
            shape = (*shape[:-1], outputs)
        before = f"v{n}"
        lines.append(f"{before} = {made}")
    whole = draw.choice(("", ".max()")) if len(shape) == 1 else ""
    return "\n".join([*lines, f"y = {before}{whole}"])


@pytest.mark.parametrize(
    "code",
    [
        f"{X}w = 2.0\na = w * x\ny = np.maximum(a, 0)",
        f"{X}w, b = 0.5, 1\ny = np.maximum(w * x + b, 0)",
        f"{X}w1 = 2\nw2 = np.array([3.0])\ny = np.maximum(w1 * x + w2 * x, 0)",
        f"{X}W = np.array({W})\nb = np.array([0.25, -9.0])\ny = np.maximum(0, W @ x + b)",
        f"x = np.array([[1.0, -2.0]])\ny = np.maximum(x @ np.array({W}) + np.array([1, 2, 3]), 0)",
        f"{X}w = np.array([1, -0.5])\ny = np.maximum(np.convolve(x, w, 'valid'), 0)",
        f"{X}w = np.array([1, -0.5])\ny = np.maximum(np.convolve(x, mode='valid', v=w), 0)",
        f"{X}y = np.maximum(np.convolve(x, np.array([2.0, 1.0, -3.0]), 'same'), 0)",
        f"{X}y = np.correlate(x, np.array([1, -0.5]))",
        f"{X}w = np.array([1, -0.5])\ny = np.convolve(np.maximum(x, 0), w[::-1], mode='valid')",
        f"{X}w = np.array([1, -0.5])\na = np.convolve(x, w)\ny = np.maximum(a, 0).max()",
        f"{X}w = np.array([1, -0.5])\ny = np.maximum(np.convolve(x, w), 0)",
        "x, w = np.arange(4) - 1.5, 2.0\nh = np.maximum(x, 0)\ny = w * h.reshape(2, 2).max(axis=1)",
        f"{X}y = np.maximum(x, 0)\nx.fill(9.0)",
        "x = 2 - np.arange(5) / 2\ny = np.maximum(x, 0)",
        "x = -np.array([[1, 2], [-3, 0]]) ** 2 % 5 * 0.5\ny = np.maximum(x, 0)",
        f"{X}w, b = np.array([1.0, 0.5, -2.0]), 7.5\ny = np.maximum(w @ x + b, 0)",
        f"{X}w = np.array([1.0, 0.5, 2])\ny = np.maximum(np.dot(x, w) + np.array([1]), 0)",
        f"X = np.array({W})\nw, b = np.array([1.0, 0.5, 2]), 3.0\ny = np.maximum(X.dot(w) + b, 0)",
        "x = np.array([1.5, -2.5]).astype(int) + 1\ny = np.maximum(x, 0)",
        "x = np.array([1.5, -2, 3]).astype('float32')\ny = np.maximum(x, 0)",
        "x = np.array([1.5, 2.5]).astype('uint8')\ny = np.maximum(x, 0)",
        "a = np.array([[1.5, -2]])\nx = np.concatenate((a, -a), axis=1)\ny = np.maximum(x, 0)",
        "a = np.array([[1.5], [3]])\nx = np.concatenate((a, -a), axis=1)\ny = np.maximum(x, 0)",
        "a = np.array([[1.5, -2]])\nx = np.concatenate([a, 2 * a], -2)\ny = np.maximum(x, 0)",
        f"{X}w = np.asarray([1.0, -1])\nh = np.array(np.correlate(x, w))\ny = np.maximum(h, 0)",
        *(written(random.Random(seed)) for seed in range(40)),
    ],
)
def test_a_pasted_program_computes_what_numpy_computes(code: str) -> None:
    state, editor = PageState(STACK_SUBJECT.start, {}, STACK_SUBJECT.start), Editor()
    editor.pasted(state, code)
    own: dict[str, Any] = {"np": np}
    exec(code, own)
    assert np.ravel(state.scene.trace.output).tolist() == np.ravel(own["y"]).tolist()
    assert not [each for each in state.problems if "random" in each]


NETWORK = """
X = np.array([[1.0, -2.0, 0.5], [0.0, 1.0, 2.0]])
Y, labels, N = np.array([[1, 0, 0], [0, 0, 1]]), np.array([0, 2]), 2
W1, b1 = np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]]), np.ones(2)
W2 = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 2.0]])
for step in range(2):
    h = np.maximum(0, X.dot(W1) + b1)
    s = h @ W2
"""
BACKWARD = """
    ds = p.copy()
    ds[range(N), labels] -= 1
    ds /= N
    dW2 = h.T.dot(ds)
    dh = ds.dot(W2.T)
    dh[h <= 0] = 0
    W1 -= 0.1 * X.T.dot(dh)
    W2 -= 0.1 * dW2
    b1 -= 0.1 * dh.sum(axis=0)
"""
SOFTMAX = (
    "e = np.exp(s)\n    p = e / np.sum(e, axis=1, keepdims=True)",
    "e = np.exp(s - s.max(axis=1, keepdims=True))\n    p = e / e.sum(axis=-1, keepdims=True)",
    (
        "m = s - np.max(s, axis=1, keepdims=True)\n"
        "    p = np.exp(m) / np.exp(m).sum(axis=1, keepdims=True)"
    ),
    "e = np.exp(s)\n    p = e / e.sum(axis=1)[:, None]",
    "q = s - np.log(np.exp(s).sum(axis=1))[:, None]\n    p = np.exp(q)",
    (
        "m = s - s.max(axis=1, keepdims=True)\n    Z = np.sum(np.exp(m), axis=1, keepdims=True)\n"
        "    q = m - np.log(Z)\n    p = np.exp(q)"
    ),
)


LOSS = "-softmaxcrossentropy(0,2)"
LOSSES = (
    "-np.mean(np.log(p[range(N), labels]))",
    "-np.log(p[np.arange(N), labels]).mean()",
    "np.sum(-np.log(p[range(len(X)), labels])) / N",
    "-np.log(p)[range(N), labels].sum() / X.shape[0]",
    "-np.mean(np.log(p[range(N), labels]))\n    right = p[range(N), labels]",
    "-(np.log(p[range(N), labels]).sum() / N)",
    "-np.sum(Y * np.log(p)) / len(X)",
    "np.mean(np.sum(-(Y * np.log(p)), axis=1))",
    "-np.mean(np.sum(np.log(p) * Y, axis=1))",
    "0.0\n    y += -np.log(p[range(N), labels]).sum()\n    y /= N",
)


@pytest.mark.parametrize(
    ("softmax", "loss"),
    [*((each, LOSSES[0]) for each in SOFTMAX), *((SOFTMAX[0], each) for each in LOSSES[1:])],
)
def test_a_loss_and_a_backward_that_are_written_out(softmax: str, loss: str) -> None:
    """The loss is that of the first step; the backward pass is no part of the network."""
    code = f"{NETWORK}    {softmax}\n    y = {loss}{BACKWARD}"
    state, editor = PageState(STACK_SUBJECT.start, {}, STACK_SUBJECT.start), Editor()
    editor.pasted(state, code)
    own: dict[str, Any] = {"np": np}
    exec(code.removesuffix(BACKWARD).replace("range(2)", "range(1)"), own)
    network = f"linear(2,bias=True)-relu-linear(3){LOSS}"
    assert (str(state.scene.stack), read_pytorch(code).remarks) == (network, ())
    np.testing.assert_allclose(state.scene.trace.output, own["y"], rtol=1e-12)


BEFORE = ("exp is", "sum is", "e / np.sum(e, axis=1, keepdims=True) is")


@pytest.mark.parametrize(
    ("loss", "end", "said"),
    [
        (
            f"{LOSSES[0]} + 0.1 * np.sum(W1 * W1)",
            LOSS,
            ["-np.mean(np.log(p[range(N), labels])) + "],
        ),
        (
            "-np.log(p[range(N), labels]).sum() / 3",
            "",
            [*BEFORE, "p[range(N), labels] is", "log is", "sum is", "-np.log("],
        ),
        (
            "-np.mean(np.log(p[range(N), labels] + 1e-9))",
            LOSS,
            ["p[range(N), labels] + 1e-09 is not known here, where only sums"],
        ),
        (
            "-np.mean(np.log(p[range(N), labels] + 1e-6))",
            LOSS,
            ["p[range(N), labels] + 1e-06 is not known here, where only sums"],
        ),
        (
            "-np.sum(np.log(p[range(N), labels]))",
            "",
            [*BEFORE, "p[range(N), labels] is", "log is", "sum is", "-np.sum("],
        ),
        (
            "-np.mean(np.log(p[0, labels]))",
            "",
            [
                *BEFORE,
                "p[0, labels] is",
                "log is",
                "mean is",
                "-np.mean(",
                "ds[range(N), labels] is",
            ],
        ),
        ("-np.mean(Y * np.log(p))", "", [*BEFORE, "log is", "Y * np.log(p) is"]),
        ("-np.sum(Y * np.log(p), axis=0) / N", "", [*BEFORE, "log is", "Y * np.log(p) is"]),
        (
            "np.log(p[range(N), labels]).mean().sum()",
            "",
            [*BEFORE, "p[range(N), labels] is", "log is", "mean is"],
        ),
        (
            "-np.mean(np.log(p[range(N), labels] + -0.5))",
            "",
            [*BEFORE, "p[range(N), labels] is"],
        ),
        *(
            (
                f"-np.mean(np.log(p[{each}]))",
                "",
                [
                    *BEFORE,
                    f"p[{each}] is",
                    "log is",
                    "mean is",
                    "-np.mean(",
                    "ds[range(N), labels] is",
                ],
            )
            for each in ("[1, 0], labels", "range(1), labels", "labels, range(N)", "..., labels")
        ),
    ],
)
def test_what_of_a_written_loss_is_another_is_said(loss: str, end: str, said: list[str]) -> None:
    """The parts of the backward pass are not reported."""
    found = read_pytorch(f"{NETWORK}    {SOFTMAX[0]}\n    y = {loss}{BACKWARD}")
    assert str(found.stack) == f"linear(2,bias=True)-relu-linear(3){end}"
    each = [remark.partition(": ")[2] for remark in found.remarks]
    assert [one.startswith(its) for one, its in zip(each, said, strict=True)] == [True] * len(said)


PLAIN = """
x = np.array([[1.0, -2.0, 3.0]])
W1, W2 = np.array([[1.0, 2.0], [0.0, 1.0], [1.0, -1.0]]), np.array([[1.0, 2.0], [0.0, 1.0]])
h = np.maximum(x @ {}, 0)
y = h.dot({})
"""


@for_each("bias", ["", " + np.array([1.0, -1.0])"])
@for_each(
    ("w1", "w2", "dy", "remarks"),
    [
        ("W1", "W2", "np.array([[1.0, 1.0]])", 0),
        ("W1", "W2", "np.ones_like(y)", 0),
        ("W1", "W2", "np.ones(y.shape)", 0),
        ("W1", "W2", "y - target", 1),
        ("W1", "W2", "np.sign(y)", 1),
        ("W1", "W2.T", "y - target", 1),
        ("W1", "np.transpose(W2)", "2 * (y - target) / 2", 3),
    ],
)
def test_a_backward_pass_is_no_layer(bias: str, w1: str, w2: str, dy: str, remarks: int) -> None:
    """It multiplies by the transpose of the matrix by which x was multiplied."""
    back = "W2" if "T" in w2 or "transpose" in w2 else "W2.T"
    code = f"{PLAIN.format(w1, w2).rstrip()}{bias}\n"
    found = read_pytorch(f"{code}dh = ({dy}) @ {back}\nda = dh * (h > 0)\ndx = da.dot({w1}.T)\n")
    alone = read_pytorch(code)
    assert (found.stack, found.x, found.numbers) == (alone.stack, alone.x, alone.numbers)
    assert len(found.remarks) == remarks


SHARED = "is used twice with the same weights; here the second has its own."


def test_weights_may_be_shared_with_their_transpose() -> None:
    found = read_pytorch(PLAIN.format("W1", "W1.T"))
    said = f"Line 5, column 5: linear {SHARED}"
    assert (str(found.stack), found.remarks) == ("linear(2)-relu-linear(3)", (said,))


@for_each(
    ("one", "again", "layer"),
    [
        ("x @ w", "h @ w + b", "linear"),
        ("x @ w + b", "h @ w", "linear"),
        ("x @ w", "h @ w.reshape(2, 2)", "linear"),
        ("x @ w", "h @ w.copy()", ""),
        ("x @ w[:, 0]", "h * w[0]", ""),
        ("np.correlate(x, b)", "np.correlate(h, b)", "conv1d"),
        ("b[0] * x", "v * h", ""),
        ("x @ w[:, :1]", "h @ w[:1]", ""),
        ("x @ w", "h @ w.T[:]", "linear"),
        ("v * x", "v * h", "conv1d"),
    ],
)
def test_where_the_code_takes_its_numbers_for_weights_twice_it_is_said(
    one: str, again: str, layer: str
) -> None:
    """The gradient of these numbers is the sum over both layers."""
    code = "x, b, v = np.array([1.0, -2.0]), np.array([0.5, 1.0]), np.array(2.0)\n"
    code += "w = np.array([[1.0, 2.0], [0.5, -1.0]])\n"
    remarks = read_pytorch(f"{code}h = np.maximum({one}, 0)\ny = {again}\n").remarks
    assert [each for each in remarks if SHARED in each] == [
        f"Line 4, column 5: {layer} {SHARED}"
    ] * bool(layer)


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("X_test", ""),
        ("X", ""),
        ("X", "\npredicted = X @ W1"),
        ("x", "\npredicted = np.maximum(0, x @ W1)"),
    ],
)
def test_x_is_what_the_network_that_is_read_is_given(line: str, more: str) -> None:
    """It is not the x with which the same weights are tried later."""
    code = NETWORK.replace("for step in range(2):\n    h", "h").replace("    s =", "s =")
    later = f"{line} = np.array([[5.0, 5.0, 5.0], [1.0, 1.0, -3.0]])\n"
    found = read_pytorch(f"{code}{later}predicted = np.maximum(0, {line} @ W1){more}")
    assert str(found.stack) == "linear(2,bias=True)-relu-linear(3)"
    assert (found.x, found.remarks) == ([[1.0, -2.0, 0.5], [0.0, 1.0, 2.0]], ())


def test_x_and_labels_are_those_of_one_minibatch() -> None:
    """They are those of the first one, which meets the weights that the code begins with."""
    code = (
        "X, y = np.array([[1.0, -2.0], [3.0, 4.0], [0.0, 1.0]]), np.array([0, 1, 1])\n"
        "W = np.array([[1.0, 2.0], [0.5, -1.0]])\n"
        "for at in range(3):\n"
        "    s = X[at : at + 1] @ W\n    p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)\n"
        "    loss = -np.log(p[np.arange(1), y[at : at + 1]]).mean()\n"
    )
    found = read_pytorch(code)
    assert (str(found.stack), found.x) == ("linear(2)-softmaxcrossentropy(0)", [[1.0, -2.0]])
    assert found.remarks == ()


@for_each(
    ("changed", "w"),
    [
        ("v = w\nv[0, 0] = 10.0", [[10.0, 2.0], [0.5, -1.0]]),
        ("v = {'w': w}\nv['w'][0, 0] = 10.0", [[10.0, 2.0], [0.5, -1.0]]),
        ("v = w.copy()\nv[0, 0] = 10.0", [[1.0, 2.0], [0.5, -1.0]]),
        ("v = np.array(w)\nv[0, 0] = 10.0", [[1.0, 2.0], [0.5, -1.0]]),
        ("v = np.array(input())", [[1.0, 2.0], [0.5, -1.0]]),
        ("v = copy.deepcopy([w])\nv[0][0, 0] = 10.0", [[1.0, 2.0], [0.5, -1.0]]),
        ("v = np.asarray(w)\nv[0] = 3", [[3.0, 3.0], [0.5, -1.0]]),
        ("v = w\nv -= 0.5 * np.ones((2, 2))", None),
        ("for v, dv in [(w, np.ones((2, 2)))]:\n    v -= 0.5 * dv", None),
        ("def step(v, dv):\n    v -= 0.1 * dv\nstep(w, np.ones((2, 2)))", None),
        ("v = w\nv = v - 0.5 * np.ones((2, 2))", [[1.0, 2.0], [0.5, -1.0]]),
        ("np.copyto(w, np.array([[3.0, 2.0], [1.0, 0.0]]))", [[3.0, 2.0], [1.0, 0.0]]),
        ("w.fill(0.25)", [[0.25, 0.25], [0.25, 0.25]]),
        ("v = np.sum(a=w)", [[1.0, 2.0], [0.5, -1.0]]),
        *((changes, None) for changes in ("w.sort()", "np.fill_diagonal(w, 9)", "w.mul_(2)")),
        ("w.partition(1)", None),
        *((changes, None) for changes in ("np.put(w, 0, 9)", "np.random.shuffle(w)")),
        ("nn.init.zeros_(w)", [[0.0, 0.0], [0.0, 0.0]]),
        *((changes, None) for changes in ("np.exp(w, out=w)", "w.data.sub_(lr * w.grad)")),
        ("w[2] = 10.0", None),
        ("w[np.array([True, False])] = 3.0", [[3.0, 3.0], [0.5, -1.0]]),
        ("w[[1, 0], [0, 1]] = 3.0", [[1.0, 3.0], [3.0, -1.0]]),
        *(
            (f"v = {v}\nv[np.array([0, 1])] = 3", [[1, 2], [0.5, -1]])
            for v in ("input()", "[3, 4]")
        ),
        ("w[0][0] = 10.0", [[10.0, 2.0], [0.5, -1.0]]),
        ("v = w[0].copy()\nv[:] = 5.0", [[1.0, 2.0], [0.5, -1.0]]),
        ("v = w[[0, 1]]\nv[:] = 5.0", [[1.0, 2.0], [0.5, -1.0]]),
        ("v = w[0]\nw[0, 0] = 10.0", [[10.0, 2.0], [0.5, -1.0]]),
        # It is not recorded which entries of w a view has.
        *((f"v = {view}\nv[0] = 5.0", None) for view in ("w[0]", "w[:, 1]", "w.T", "w.ravel()")),
        *((changes, None) for changes in ("w.T[0] = 5.0", "v, w = w, w[:]\nv[0] = 5.0")),
    ],
)
def test_numbers_are_others_under_each_of_their_names(changed: str, w: Any) -> None:
    """None: the numbers are not known any more, and are drawn at random."""
    code = f"x, w = np.array([[1.0, -2.0]]), np.array([[1.0, 2.0], [0.5, -1.0]])\n{changed}\n"
    found = read_pytorch(f"{code}y = np.maximum(0, x @ w)")
    transposed = w and np.transpose(w).tolist()
    assert (str(found.stack), found.remarks) == ("linear(2)-relu", ())
    assert found.numbers.get("w") == transposed


@pytest.mark.parametrize(
    "rows",
    ["[[1.0, 2.0], [3.0]]", "[[1.0, 2.0], [3.0, 4, 5]]", "[[1.0, 2.0], 3.0]", "[1.0, [2.0]]"],
)
def test_rows_that_are_no_array_are_no_numbers(rows: str) -> None:
    found = read_pytorch(f"model = nn.Sequential(nn.Linear(2, 2))\ny = model(torch.tensor({rows}))")
    assert (str(found.stack), found.x) == ("linear(2,bias=True)", None)


NAMED = "net = nn.Sequential(OrderedDict([('a', fc)]))\n"
CHANGES_OF_ALL = (
    ("for name, p in net.named_parameters():\n    p.data.fill_(0.25)", 0.25),
    ("for name, p in net.named_parameters():\n    if 'bias' in name:\n        p.data.zero_()", 0.5),
    (
        "for m in net.modules():\n    if isinstance(m, nn.Linear):\n        m.weight.data.fill_(2)",
        2,
    ),
    ("for name, m in net.named_modules():\n    if name == '0':\n        m.weight.data.fill_(2)", 2),
    ("next(net.parameters()).data.fill_(2)", 2),
    ("next(net.parameters(), None).data.fill_(2)", 2),
    ("next(iter(net.parameters())).data.fill_(2)", None),
    ("for p in net.parameters():\n    if p.dim() > 1:\n        nn.init.constant_(p, 2)", 2),
    (
        "for p in net.parameters():\n    if p.ndim == 1 or p.size(0) > 1:\n        p.data.zero_()",
        0.5,
    ),
    ("for p in net.parameters():\n    p.data = torch.ones(1, 2)", 1),
    ("for p in net.parameters():\n    p.data = torch.ones(2, 1)", None),
    (
        "def init(m):\n    if isinstance(m, nn.Linear):\n        ones_(m.weight)\nnet.apply(init)",
        1,
    ),
    (
        "def init(m):\n    if type(m) is kind:\n        m.weight.data.fill_(2)\nnet.apply(init)",
        None,
    ),
    *(
        (its, None)
        for its in (
            *("torch.abs_(fc.weight)", "fc.weight.data.relu_()", "net.apply(init)"),
            *("F.relu(fc.weight, inplace=True)", "nn.ReLU(inplace=True)(fc.weight)"),
            "F.relu(input=fc.weight, inplace=True)",
        )
    ),
    ("init(net)", None),
    ("net.initialize()", None),
    ("net.initialize_()", None),
    ("while input():\n    fc.weight.data.mul_(2)", None),
    (
        (
            "for name, p in nn.Sequential(fc, fc).named_parameters():\n"
            "    if name == '0.weight':\n        p.data.fill_(2)"
        ),
        2,
    ),
    (
        (
            "more = nn.Linear(1, 1)\ndef init(m):\n    if m is fc or m is more:\n"
            "        fc.weight.data.fill_(2 if m is more else 3)\n"
            "nn.Sequential(fc, more).apply(init)"
        ),
        2,
    ),
    *(
        (f"if isinstance({kind}):\n    fc.weight.data.fill_(2)", numbers)
        for kind, numbers in (
            *(("fc, nn.Module", 2), ("net, nn.Module", 2), ("nn.ModuleList([fc]), nn.Module", 2)),
            *(("3, numbers.Number", 2), ("OrderedDict(), OrderedDict", None)),
            *(("fc, (nn.ReLU, kind())", None), ("fc, (nn.ReLU, nn.Abs)", 0.5)),
        )
    ),
    ("each = iter(net.parameters())\nnext(each).data.fill_(2)", None),
    (
        (
            "net = nn.Sequential(fc, nn.Linear(1, 1))\neach = net.parameters()\n"
            "next(each)\nnext(each).data.fill_(2)"
        ),
        None,
    ),
    ("for p in net.parameters(recurse=True):\n    p.data.fill_(2)", 2),
    ("for p in net.parameters(recurse=False):\n    p.data.fill_(2)", None),
    ("def init(m):\n    fc.weight.data.fill_(2 if m is net else 3)\nnet.apply(init)", 2),
    (
        (
            "net = nn.Sequential(OrderedDict([('a', fc), ('b', nn.Linear(1, 1))]))\n"
            "for p in net.state_dict().values():\n    p.fill_(2)"
        ),
        2,
    ),
    ("with torch.no_grad():\n    fc.weight.copy_(src=torch.ones(1, 2))", 1),
    ("w = fc.weight\ntorch.abs_(w)", None),
    ("net.state_dict()['0.weight'].fill_(1)", 1),
    ("net.state_dict()[name].copy_(w)", None),
    ("net = nn.Sequential()\nnet.append(fc)\nnet.state_dict()['0.weight'].fill_(1)", 1),
    ("net.load_state_dict({'0.weight': torch.ones(1, 2)})", 1),
    ("net.load_state_dict({'0.weight': w})", None),
    ("fc.weight = nn.Parameter(torch.ones(1, 2))\ninit(net)", None),
    ("kept = net.state_dict()\nfc.weight.data.fill_(2)\nnet.load_state_dict(kept)", 2),
    ("kept = deepcopy(net.state_dict())\nnet.apply(init)\nnet.load_state_dict(kept)", 0.5),
    ("w = fc.weight[:]\nnet.load_state_dict(net.state_dict())\nfc.weight.data.copy_(2 * w)", 1),
    ("w = fc.weight\nnn.init.ones_(fc.weight)\nw.data[0, 0] = 1", 1),
    ("w = fc.weight\nfc.weight.data = torch.ones(1, 2)\nw.data[0, 1] = 1", 1),
    ("w = fc.weight\nfc.weight = nn.Parameter(torch.ones(1, 2))\nw.data[0, 1] = 2", 1),
    (f"{NAMED}net.state_dict()['a.weight'].fill_(1)", None),
    (f"{NAMED}net.a.weight.data.fill_(1)", None),
    (
        (
            f"{NAMED}net += nn.Sequential()\nfor name, m in net.named_modules():\n"
            "    if name == '0':\n        m.weight.data.fill_(2)"
        ),
        None,
    ),
    (
        f"{NAMED}net.load_state_dict({{n: torch.ones(1, 2) for n, p in net.named_parameters()}})",
        None,
    ),
    ("for name, m in net.named_children():\n    m.weight.data.fill_(1)", None),
    ("parts = dict(net.named_children())\nparts['0'].weight.data.fill_(1)", None),
    ("fc.children()\nnet.get_submodule('0')", 0.5),
    ("for p in filter(f, net.parameters()):\n    p.data.fill_(1)", None),
    ("if input():\n    net.load_state_dict(saved)", None),
    ("if input():\n    for p in net.parameters():\n        p.data.fill_(1)", None),
    ("if input():\n    for p in net.parameters():\n        p -= 0.1", None),
    ("if input():\n    init(net)", None),
    ("if input():\n    init(module=net)", None),
    ("if input():\n    v.resize_(fc.weight.shape)", 0.5),
    ("each = [*net.parameters()]\neach.sort(key=by)\nfor p in each:\n    p.data.fill_(2)", None),
    (f"{NAMED}net.append(nn.Abs())\nnet.pop(1)\nnet.state_dict()['0.weight'].fill_(1)", 1),
    (f"{NAMED}net.load_state_dict({{'a.weight': torch.ones(1, 2)}})", None),
    (
        (
            "other = nn.Sequential(OrderedDict([('0', nn.Linear(2, 1, bias=False))]))\n"
            "net.load_state_dict(other.state_dict())"
        ),
        None,
    ),
    ("if input():\n    fc.reset_parameters()", None),
    ("if input():\n    fc.weight = w", None),
    ("if input():\n    w = v\n    w = fc.weight\n    w.data.fill_(1)", None),
    ("if input():\n    [p.data.fill_(1) for p in net.parameters()]", None),
    (
        (
            "if input():\n    for p in net.parameters():\n        p.grad.zero_()\n"
            "        p.requires_grad = False"
        ),
        0.5,
    ),
    ("fc.weight.data.fill_(1) if input() else None", None),
    ("input() and fc.weight.data.fill_(1)", None),
    ("[m.reset_parameters() for m in net.modules() if kind(m)]", None),
    ("[m.weight.data.fill_(2) for m in net[k:]]", None),
    ("for n in range(5000):\n    fc.weight.data[0] = n + 1 - 1 + 1 - 1 + 1 - 1 + 1 - 1", None),
    ("for data in loader:\n    loss(net(data)).backward()\n    optimizer.step()", None),
    ("for data in loader:\n    total += loss(net(data)).item()\n    many[0] += 1", 0.5),
    *(
        (leaves, 0.5)
        for leaves in (
            *("net.train()", "net.eval()", "net.zero_grad()", "print(net)", "net.to(device)"),
            *("o = optim.SGD(net.parameters(), 0.1)", "o = optim.SGD(filter(f, net.parameters()))"),
            *("loss.backward()", "summary(net)", "torch.save(net.state_dict(), 'net.pt')"),
            *("nn.utils.clip_grad_norm_(net.parameters(), 1)", "kept = deepcopy(net.state_dict())"),
            "for p in net.parameters():\n    p.requires_grad = False\n    p.grad.zero_()",
            *("nn.utils.clip_grad_value_(net.parameters(), 1)", "net.get_parameter('0.weight')"),
            *("v = nn.utils.parameters_to_vector(net.parameters())", "net.share_memory()"),
            *("parts = dict(net.named_children())", "print(type(net), repr(net))"),
            *("net.register_buffer('n', torch.zeros(1))", "net.named_buffers()", "net.buffers()"),
            *("net.register_forward_hook(hook)", "net.register_full_backward_hook(hook)"),
            *("writer.add_graph(net, x)", "callable(net)", "n = torch.norm(fc.weight)"),
            *(
                "v = F.relu(fc.weight)",
                "v = F.relu(fc.weight, inplace=False)",
                "nn.ReLU()(fc.weight)",
            ),
            *("o = optim.SGD(chain(net.parameters()), 0.1)", "fc.weight.retain_grad()"),
            *("ok = all(map(is_small, net.parameters()))", "net.compile()", "print(id(net))"),
            "for p in filter(f, net.parameters()):\n    p.requires_grad = False",
            "class Game:\n    def step(self): return 3\nGame().step()",
        )
    ),
)
"""(changes to a network, one of whose layers has the weights 0.5; that layer's later weights)."""


@for_each(
    ("behind", "numbers"),
    [
        ("h = relu(fc(x))\nnn.init.ones_(fc.weight)\nfc(x)", 0.5),
        ("h = relu(fc(x))\nfc.weight.data.mul_(2)\nfc(x)", 0.5),
        ("nn.init.xavier_uniform_(fc.weight)\nh = relu(fc(x))", None),
        ("fc.weight.data.normal_(0, 0.1)\nh = relu(fc(x))", None),
        ("fc.reset_parameters()\nh = relu(fc(x))", None),
        ("nn.init.constant_(tensor=fc.weight, val=0.25)\nh = relu(fc(x))", 0.25),
        ("w = fc.weight\nfc.weight.data = torch.ones(1, 2)\nh = relu(F.linear(x, w))", 1),
        ("v = fc.weight.data\nv.fill_(0.25)\nh = relu(fc(x))", 0.25),
        ("with torch.no_grad():\n    v = fc.weight\n    v[:] = 0.25\nh = relu(fc(x))", 0.25),
        ("fc.weight.data[0].fill_(0.25)\nh = relu(fc(x))", 0.25),
        ("for p in fc.parameters():\n    p.data.fill_(0.25)\nh = relu(fc(x))", 0.25),
        ("v = fc.weight.clone()\nv.fill_(0.25)\nh = relu(fc(x))", 0.5),
        ("v = fc.weight.data[0]\nv.fill_(0.25)\nh = relu(fc(x))", None),
        ("net = nn.Sequential(fc)\nnet.load_state_dict(saved)\nh = relu(fc(x))", None),
        *(
            (f"net = nn.Sequential(fc)\n{changes}\nh = relu(fc(x))", numbers)
            for changes, numbers in CHANGES_OF_ALL
        ),
    ],
)
def test_a_layer_has_the_numbers_that_it_has_when_it_is_applied(behind: str, numbers: Any) -> None:
    """Neither earlier nor later numbers count."""
    code = "x = torch.tensor([[1.0, -2.0]])\nfc = nn.Linear(2, 1, bias=False)\n"
    found = read_pytorch(f"{code}nn.init.constant_(fc.weight, 0.5)\n{behind}")
    assert (str(found.stack), found.remarks) == ("linear(1)-relu", ())
    assert found.numbers == ({"w": [[numbers, numbers]]} if numbers else {})


@for_each(
    ("joined", "name"),
    [
        ("net = named + nn.Sequential(nn.ReLU())", "0.weight"),
        ("net = nn.Sequential(nn.ReLU()) + named", "1.weight"),
        ("net = named * 2", "0.weight"),
        ("net = nn.Sequential()\nnet += named", "0.weight"),
        ("net = nn.Sequential(nn.ReLU())\nother = net\nother += named", "1.weight"),
    ],
)
def test_rows_that_are_added_are_numbered_anew_as_in_torch(joined: str, name: str) -> None:
    """PyTorch 2.13.0, run, names them so."""
    code = (
        "x, fc = torch.tensor([[1.0, -2.0]]), nn.Linear(2, 2, bias=False)\n"
        f"named = nn.Sequential(OrderedDict([('a', fc)]))\n{joined}\n"
        f"net.load_state_dict({{'{name}': torch.ones(2, 2)}}, strict=False)\ny = fc(x).relu()"
    )
    found = read_pytorch(code)
    assert (found.remarks, found.numbers) == ((), {"w": [[1.0, 1.0], [1.0, 1.0]]})


def test_a_module_added_to_a_part_of_a_row_replaces_the_one_of_its_number() -> None:
    """PyTorch 2.13.0, run: the ReLU is number 1 in the part too, and the second number is free."""
    code = "net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())[1:]\n"
    found = read_pytorch(f"{code}net += nn.Sequential(nn.Linear(2, 3), nn.Softplus())")
    assert (str(found.stack), found.remarks) == ("linear(3,bias=True)-softplus", ())


@for_each("given", ["fc.weight.data = v", "fc.weight = nn.Parameter(v)", "p.data = v"])
@for_each(
    ("behind", "numbers"),
    [
        ("v[0, 1] = 2", [[1.0, 2.0]]),
        ("v *= 2\nv.add_(torch.ones(1, 2))", None),
        ("v.copy_(torch.zeros(1, 2))", [[0.0, 0.0]]),
        ("v[0].fill_(3)", [[3.0, 3.0]]),
        ("u = v[0]\nu.fill_(3)", None),
        ("v = v * 2", [[1.0, 1.0]]),
        ("fc.weight.data.fill_(2)\nother.weight.data = v", [[2.0, 2.0]]),
        ("fc.weight.data = fc.weight.data.clone()\nv.fill_(2)", [[1.0, 1.0]]),
        ("fc.weight.data = torch.zeros(1, 2)\nv.fill_(2)", [[0.0, 0.0]]),
        ("fc.weight = nn.Parameter(torch.zeros(1, 2))\nv.fill_(2)", [[0.0, 0.0]]),
        ("other.weight.data = fc.weight.data\nother.weight.data.fill_(3)", [[3.0, 3.0]]),
        ("other.load_state_dict({'weight': v})\nother.weight.data.fill_(3)", [[1.0, 1.0]]),
        (
            (
                "other.weight.data.fill_(2)\n"
                "other.weight.data, fc.weight.data = fc.weight.data, other.weight.data\n"
                "v.fill_(5)"
            ),
            [[2.0, 2.0]],
        ),
        ("m = v.numpy()\nm[0, 0] = 4", [[4.0, 1.0]]),
        ("m = fc.weight.detach().numpy()\nm[0, 0] = 4", [[4.0, 1.0]]),
        ("m = fc.weight.detach().numpy().copy()\nm[0, 0] = 4", [[1.0, 1.0]]),
        ("setattr(fc, 'weight', nn.Parameter(3 * v))\nv.fill_(5)", [[3.0, 3.0]]),
    ],
)
def test_a_weight_keeps_its_numbers_where_the_code_does(
    given: str, behind: str, numbers: Any
) -> None:
    """PyTorch 2.13.0, run, shares the memory of v. None: the numbers are not known any more."""
    code = (
        "x, v = torch.tensor([[1.0, -2.0]]), torch.ones(1, 2)\n"
        "fc, other = nn.Linear(2, 1, bias=False), nn.Linear(2, 1, bias=False)\n"
        f"p = fc.weight\n{given}\n{behind}\ny = relu(fc(x))"
    )
    found = read_pytorch(code)
    assert (str(found.stack), found.remarks) == ("linear(1)-relu", ())
    assert found.numbers.get("w") == numbers


@for_each(
    ("given", "named", "numbers"),
    [
        ("fc.weight.data = torch.ones(3, 2)", "fc.weight", {"b": [0.25]}),
        ("fc.weight = nn.Parameter(torch.ones(3, 2))", "fc.weight", {"b": [0.25]}),
        ("fc.bias = nn.Parameter(torch.ones(2))", "fc.bias", {"w": [[0.5, 0.5]]}),
        ("fc.bias = None", "fc.bias", {"w": [[0.5, 0.5]]}),
        ("fc.weight = other.weight", "fc.weight", {"b": [0.25]}),
        ("fc.weight.data = f()", "fc.weight", {"b": [0.25]}),
        (
            "setattr(fc, 'bias', nn.Parameter(torch.ones(2)))",
            "setattr(fc, 'bias', nn.Parameter(torch.o…",
            {"w": [[0.5, 0.5]]},
        ),
    ],
)
def test_a_weight_that_the_layer_cannot_take_is_said_and_leaves_no_numbers(
    given: str, named: str, numbers: Any
) -> None:
    code = (
        "x, other = torch.tensor([[1.0, -2.0]]), nn.Linear(2, 1)\nfc = nn.Linear(2, 1)\n"
        "nn.init.constant_(fc.weight, 0.5)\nnn.init.constant_(fc.bias, 0.25)\n"
    )
    found = read_pytorch(f"{code}{given}\ny = relu(fc(x))")
    said = f"Line 5, column 1: {named} is not read here: what stands in it was left out."
    assert (str(found.stack), found.remarks) == ("linear(1,bias=True)-relu", (said,))
    assert found.numbers == numbers


def test_a_bias_given_to_a_layer_that_has_none_is_said() -> None:
    code = "x, fc = torch.tensor([[1.0, -2.0]]), nn.Linear(2, 1, bias=False)\n"
    found = read_pytorch(f"{code}fc.bias = nn.Parameter(torch.ones(1))\ny = relu(fc(x))")
    said = "Line 2, column 1: fc.bias is not read here: what stands in it was left out."
    assert (str(found.stack), found.remarks) == ("linear(1)-relu", (said,))


@for_each("given", ["fc.weight = fc.weight", "fc.bias = None"])
def test_a_weight_given_as_it_is_stays(given: str) -> None:
    code = "x = torch.tensor([[1.0, -2.0]])\nfc = nn.Linear(2, 1, bias=False)\nw = fc.weight\n"
    found = read_pytorch(f"{code}{given}\nnn.init.constant_(w, 0.5)\ny = relu(fc(x))")
    assert (found.remarks, found.numbers) == ((), {"w": [[0.5, 0.5]]})


def test_a_weight_has_the_shape_of_the_data_that_it_is_given() -> None:
    code = "x = torch.tensor([[1.0, -2.0]])\nclass A: pass\na = A()\na.w = torch.zeros(1, 2)\n"
    found = read_pytorch(f"{code}a.w.data = torch.ones(3, 2)\ny = relu(F.linear(x, a.w))")
    assert (str(found.stack), found.remarks) == ("linear(3)-relu", ())
    assert found.numbers == {"w": [[1.0, 1.0]] * 3}


@for_each(
    ("bias", "changes", "numbers"),
    [
        ("", "for p in fc.parameters():\n    p.data.fill_(0.25)", {"w": 0.25, "b": 0.25}),
        ("", "w, b = fc.parameters()\nb.data.fill_(0.25)", {"w": 0.5, "b": 0.25}),
        (", bias=False", "(w,) = fc.parameters()\nw.data.fill_(0.25)", {"w": 0.25}),
        (
            "",
            "w, b = nn.Sequential(fc, fc).parameters()\nb.data.fill_(0.25)",
            {"w": 0.5, "b": 0.25},
        ),
        (
            "",
            "def init(m):\n    for p in m.parameters():\n        p.data.fill_(2)\nfc.apply(init)",
            {"w": 2, "b": 2},
        ),
        ("", "fc.load_state_dict({'bias': torch.ones(1)}, strict=False)", {"w": 0.5, "b": 1}),
        ("", "fc.bias.data.fill_(0.25)\nF.relu_(fc.weight)", {"b": 0.25}),
        (
            "",
            "fc = nn.LazyLinear(1)\nfor p in fc.parameters():\n    p.data.fill_(p.dim())",
            {},  # the code does not say how many there are
        ),
        (
            "",
            "n = [2, 3]\ndef init(m):\n    fc.weight.fill_(n.pop())\nSequential(fc).apply(init)",
            {"w": 2},
        ),
    ],
)
def test_a_layer_has_as_many_parameters_as_in_torch(
    bias: str, changes: str, numbers: dict[str, float]
) -> None:
    begun = f"x = torch.tensor([[1.0]])\nfc = nn.Linear(1, 1{bias})\nfc.weight.data.fill_(0.5)\n"
    found = read_pytorch(f"{begun}{changes}\nh = relu(fc(x))")
    assert found.remarks == ()
    assert {name: np.ravel(it).item() for name, it in found.numbers.items()} == numbers


@pytest.mark.parametrize(
    ("joined", "kept"),
    [
        ("a @ w + b @ v", "linear(2)-relu"),
        ("a @ w + a @ v", "add(linear(2)|linear(2))-relu"),
        ("np.concatenate([b @ w, a @ v], axis=1)", "linear(2)-relu"),
        ("a @ w + a.copy() @ v", "add(linear(2)|linear(2))-relu"),
        ("a[0] @ w + a @ v", "add(linear(2)|linear(2))-relu"),
    ],
)
def test_what_comes_from_another_input_is_told_and_left_out(joined: str, kept: str) -> None:
    code = (
        "a, b = np.array([[1.0, -2.0]]), np.array([[3.0, 3.0]])\n"
        "w, v = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[1.0, 2.0], [0.5, -2.0]])\n"
    )
    found = read_pytorch(f"{code}y = np.maximum(0, {joined})")
    name = "concat" if "con" in joined else "add"
    said = f"{name} joins something here that is not read; that was left out."
    assert str(found.stack) == kept
    assert [it.partition(": ")[2] for it in found.remarks] == [said] * ("b @" in joined)


@pytest.mark.parametrize(
    "p", ["np.exp(s) / e.sum(axis=1, keepdims=True)", "np.exp(s - np.log(e.sum(axis=1)[:, None]))"]
)
def test_what_of_logits_is_over_what_of_their_differences_is_no_softmax(p: str) -> None:
    code = f"{NETWORK}    e = np.exp(s - s.max(axis=1, keepdims=True))\n    p = {p}\n"
    found = read_pytorch(f"{code}    y = {LOSSES[0]}")
    assert str(found.stack) == "linear(2,bias=True)-relu-linear(3)"
    assert len(found.remarks) > 3


@for_each(
    "p",
    [
        "e / e.sum(axis=0, keepdims=True)",
        "e / e.sum(axis=1)",
        "e / e.sum()",
        "np.exp(s - np.log(e.sum(axis=0))[:, None])",
        "e / np.exp(h).sum(axis=1, keepdims=True)",
    ],
)
def test_what_sums_to_1_along_another_axis_is_no_softmax(p: str) -> None:
    found = read_pytorch(f"{NETWORK}    e = np.exp(s)\n    p = {p}\n    y = {LOSSES[0]}")
    assert str(found.stack) == "linear(2,bias=True)-relu-linear(3)"
    assert len(found.remarks) > 2


@for_each(
    ("log_softmax", "end"),
    [
        ("x - x.exp().sum(-1).log().unsqueeze(-1)", "-softmaxcrossentropy(1,0)"),
        (
            "(m := x - x.amax(1, keepdim=True)) - m.exp().sum(1, True).log()",
            "-softmaxcrossentropy(1,0)",
        ),
        ("x - x.exp().sum(-1).log().unsqueeze(0)", ""),
        ("F.log_softmax(x, 0)", ""),
        (
            "(m := x - x.max(1, True)[0]) - m.exp().sum(1, True).log()",
            "-softmaxcrossentropy(1,0)",
        ),
    ],
)
def test_logarithms_of_probabilities_in_torch_and_labels_in_a_list(
    log_softmax: str, end: str
) -> None:
    code = (
        "x = torch.tensor([[1.0, -2.0], [3.0, 4.0]])\nw = torch.tensor([[1.0, 2.0], [0.5, -1.0]])\n"
        f"def log_softmax(x):\n    return {log_softmax}\n"
        "loss = -log_softmax(x @ w)[range(2), [1, 0]].mean()\n"
    )
    found = read_pytorch(code)
    assert (str(found.stack), bool(found.remarks)) == (f"linear(2){end}", not end)


@pytest.mark.parametrize(
    ("layer", "update"), [("fc({})", "optimizer.step()"), ("{} @ w", "w -= 0.1 * w.grad")]
)
def test_a_loss_before_a_step_of_training_is_meant_not_one_behind(layer: str, update: str) -> None:
    """The weights after the step are not known; a later loss is of test data, with other labels."""
    code = (
        "x, y = torch.tensor([[1.0, -2.0], [3.0, 4.0]]), torch.tensor([0, 1])\n"
        "w, fc = torch.tensor([[1.0, 2.0], [2.0, -1.0]]), nn.Linear(2, 2, bias=False)\n"
        "fc.weight.data.copy_(w)\nfor epoch in range(3):\n"
        f"    loss = F.cross_entropy({layer.format('x')}, y)\n"
        f"    loss.backward()\n    {update}\n"
        "test, y = torch.tensor([[7.0, 7.0]]), torch.tensor([1])\n"
        f"F.cross_entropy({layer.format('test')}, y)\n"
    )
    found = read_pytorch(code)
    assert (str(found.stack), found.remarks) == ("linear(2)-softmaxcrossentropy(0,1)", ())
    assert (found.x, found.numbers) == ([[1, -2], [3, 4]], {"w": [[1, 2], [2, -1]]})


def test_a_network_whose_loss_is_read_is_one_network() -> None:
    code = (
        "class Net:\n    w = np.array([[1.0, 2.0], [0.5, -1.0]])\n"
        "    def forward(self, x):\n        return np.maximum(0, x @ self.w) @ self.w\n"
        "    def backward(self, ds):\n        return ds @ self.w.T\n"
        "net, x, y = Net(), np.array([[1.0, -2.0], [3.0, 4.0]]), [1, 0]\n"
        "e = np.exp(net.forward(x))\np = e / e.sum(axis=1, keepdims=True)\n"
        "loss = -np.log(p[range(2), y]).mean()\nnet.backward((p - np.eye(2)[y]) / 2)\n"
    )
    found = read_pytorch(code)
    assert str(found.stack) == "linear(2)-relu-linear(2)-softmaxcrossentropy(1,0)"
    assert found.remarks == (f"Line 4, column 16: linear {SHARED}",)


@pytest.mark.parametrize(
    ("gradient", "said"),
    [
        ("dW = h.T @ np.ones((1, 2))", ["h.T is not known here"]),
        ("dW = np.dot(h.T, dy)", ["h.T is not known here"]),
        ("dW = np.transpose(h).dot(dy)", ["transpose is not known here"]),
        ("dW = h.transpose(1, 0) @ dy", ["transpose is not known here"]),
        ("dW = x.T @ np.ones((1, 2))", []),
        ("dW = np.ones((2, 1)) @ x.T", []),
    ],
)
def test_the_gradient_of_weights_is_no_layer(gradient: str, said: list[str]) -> None:
    """The upstream gradient is given in numbers; a value in between is reported."""
    code = PLAIN.format("W1", "W2") + "dy = np.array([[3.0, 4.0]])\n"
    found, alone = read_pytorch(f"{code}{gradient}\nz = np.maximum(dW, 0)"), read_pytorch(code)
    assert (found.stack, found.x, found.numbers) == (alone.stack, alone.x, alone.numbers)
    each = [remark.partition(": ")[2] for remark in found.remarks]
    assert [one[: len(its)] for one, its in zip(each, said, strict=True)] == said


@pytest.mark.parametrize(
    "unread", ["if input():", "while input():", "for _ in range(int(input())):"]
)
def test_what_is_changed_in_a_statement_that_is_not_read_is_not_known(unread: str) -> None:
    code = PLAIN.format("W1", "W2")
    found = read_pytorch(code.replace("h =", f"{unread}\n    W1[0, 1] = 5\n    W2 *= 2\nh ="))
    assert (str(found.stack), found.numbers, found.remarks) == ("linear(2)-relu-linear(2)", {}, ())
    said = read_pytorch(code.replace("y =", f"{unread}\n    h = 2 - h\ny =")).remarks
    what = unread.split()[0]
    assert said == (f"Line 5, column 1: {what} is not read here: what stands in it was left out.",)


@pytest.mark.parametrize(
    "rows",
    [
        "np.eye(3)[labels]",
        "np.identity(3)[labels]",
        "np.zeros((N, 3))\nY[np.arange(N), labels] = 1",
        "F.one_hot(torch.tensor([0, 2]), num_classes=3)",
        "F.one_hot(torch.tensor([0, 2]), 3).float()",
    ],
)
def test_labels_are_one_hot(rows: str) -> None:
    code = NETWORK.replace("for step in range(2):\n    h", f"Y = {rows}\nh").replace(
        "    s =", "s ="
    )
    softmax, loss = SOFTMAX[0].replace("\n    ", "\n"), "-np.sum(Y * np.log(p)) / N"
    found = read_pytorch(f"{code}{softmax}\ny = {loss}\n")
    assert str(found.stack) == f"linear(2,bias=True)-relu-linear(3){LOSS}"
    assert found.remarks == ()


def test_rows_of_x_and_their_labels_are_taken_by_their_places() -> None:
    code = (
        "X, y = np.array([[1.0, -2.0], [3.0, 4.0], [0.0, 1.0]]), np.array([0, 1, 2])\n"
        "at = np.array([2, 0])\nloss = F.cross_entropy(X[at] @ torch.ones(2, 3), y[at])\n"
    )
    found = read_pytorch(code)
    assert (str(found.stack), found.remarks) == ("linear(3)-softmaxcrossentropy(2,0)", ())
    assert found.x == [[0.0, 1.0], [1.0, -2.0]]
