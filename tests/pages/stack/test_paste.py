"""Which network of a pasted text is read, compared with its meaning and PyTorch's numbers."""

import json
import random
import re
import textwrap
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import RULES, trace
from pages.derive.derivation import letters
from pages.derive.script import Script
from pages.derive.subject import Subject
from pages.sharing.frameworks import FrameworkScript
from pages.stack.cases import CASES
from pages.stack.grammar import read_stack
from pages.stack.paste import read_pytorch
from pages.stack.stack import Stack, StackError
from pages.stack.stack_subject import STACK_SUBJECT
from pages.stack.start import input_shape
from tests.for_each import for_each
from tests.pages.scenes import BATCH, BLOCK
from tests.pages.stack.networks import NETWORKS, RECORDED, numbers
from tests.pages.stack.pasting import AROUND, NET, OF_LINEAR, SOFTMAX, in_forward, remarks
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


def test_sizes_are_not_asked_for_where_only_a_layer_outside_of_the_class_is_refused() -> None:
    code = (
        "class A(nn.Module):\n    def __init__(self, size):\n        self.a = nn.Linear(4, 3)\n"
        "    def forward(self, x): return F.relu(self.a(x))\n"
    )
    stack, (said,) = remarks(f"lost = nn.Linear(5, 0)\n{code}")
    assert stack == OF_LINEAR
    assert said.startswith("Line 1, column 8: this layer was left out")


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
        ("full = deepcopy(full)\nfull = full[:2]", PART),
        ("full = deepcopy(full)\ndel full[2:]", PART),
        ("part = deepcopy(full)[:2]", ALL),
        ("full = pruned(deepcopy(full))", ALL),
        ("y = full(x)\nfull = deepcopy(full)\nfull.pop(3)", ALL),
        # Also if all its layers are left, one of them less often.
        ("full.append(full[1])\nfull = full[:-1]\ny = full(x)", ALL),
        ("full.append(full[1])\nfull = nn.Sequential(*list(full)[:-1])\ny = full(x)", ALL),
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
        ("full = full - nn.Sequential(nn.ReLU())", ALL, None),  # which torch refuses
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


def test_what_is_left_out_of_another_network_is_said_too() -> None:
    code = (
        "class Small(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.fc = nn.Linear(4, 2)\n"
        "    def forward(self, x):\n"
        "        return torch.special.zeta(self.fc(x))\n"
        "small = Small()\n"
        "net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())\n"
    )
    found, (said,) = remarks(code)
    assert found == "linear(3,bias=True)-relu"
    assert said.startswith("Line 6, column 16: zeta is not known here")


def test_of_what_is_not_known_the_first_three_are_named_where_no_layer_is() -> None:
    with pytest.raises(StackError) as raised:
        read_pytorch(f"nn.Sequential({', '.join(f'nn.Fancy{n}()' for n in range(4))})")
    assert re.findall(r"Fancy\d", str(raised.value)) == ["Fancy0", "Fancy1", "Fancy2"]


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


def test_one_layer_in_a_script_is_a_network() -> None:
    code = (
        "data = load()\n"
        "model = nn.Linear(4, 1)\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "optimizer.step()\n"
        "print(model(data))\n"
    )
    assert remarks(code) == ("linear(1,bias=True)", ())


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


def test_a_loss_made_of_a_known_one_is_not_the_network_that_is_only_written_down() -> None:
    loss = (
        "class Loss(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.of = nn.CrossEntropyLoss()\n"
        "    def forward(self, logits, labels):\n"
        "        return self.of(logits, labels)\n"
    )
    assert remarks(f"{NET}{loss}criterion = Loss()")[0] == "linear(3,bias=True)-relu"


def test_a_loss_of_ones_own_behind_the_network_is_not_read_for_it() -> None:
    loss = (
        "class Loss(nn.Module):\n"
        "    def forward(self, first, second):\n"
        "        return F.relu(first - second).mean()\n"
    )
    assert remarks(f"{NET}{loss}") == ("linear(3,bias=True)-relu", (SOFTMAX,))


def test_strings_classes_and_none_are_known_where_a_function_makes_a_network() -> None:
    net = NET.replace("hidden=3", "hidden, act, norm").replace("nn.Softmax()", "act")
    code = f"{net}def main(args):\n    train(Net(7, 'relu', None))\n"
    assert remarks(code) == ("linear(7,bias=True)-relu", ())


@for_each(
    ("functions", "stack"),
    [
        # The last of several functions that each make a network.
        (
            (
                "def a(): return nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))\n"
                "def b(): return nn.Sequential(nn.Linear(4, 5), nn.ReLU())\n"
            ),
            "linear(5,bias=True)-relu",
        ),
        # It cannot be called without n.
        (
            (
                "def a(*, n): return nn.Sequential(nn.Linear(n, 3), nn.ReLU(), nn.Linear(3, 2))\n"
                "class A(nn.Module):\n    def forward(self, x): return F.softplus(x)\n"
            ),
            "softplus",
        ),
        # A function, though it is called like a method.
        (
            "net = nn.Sequential(nn.Linear(4, 3))\ndef forward(model, x): return model(x).relu()\n",
            "linear(3,bias=True)",
        ),
        # The names of a constructor are its own.
        (
            (
                "class A(nn.Module):\n    def __init__(self):\n"
                "        whole = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))\n"
                "        self.first = whole[0]\n"
                "    def forward(self, x): return F.relu(self.first(x))\ndef main(): A()\n"
            ),
            "linear(3,bias=True)-relu",
        ),
        # A class that nothing makes, beside what the text computes.
        (f"{NET}y = F.relu(torch.randn(2, 4))\n", "relu"),
        # A layer that stands alone is one of all.
        ("act = nn.ReLU()\nnn.Linear(2, 2)\n", "relu-linear(2,bias=True)"),
    ],
)
def test_which_of_what_a_text_defines_is_the_network(functions: str, stack: str) -> None:
    assert remarks(functions) == (stack, ())


def test_of_two_networks_that_are_alike_the_one_with_numbers_is_read() -> None:
    net = "nn.Sequential(nn.Linear(2, 2), nn.ReLU())"
    found = read_pytorch(f"a = {net}\nb = {net}\na[0].weight.data.fill_(1.0)\n")
    assert found.numbers == {"w": [[1.0, 1.0], [1.0, 1.0]]}


def test_numbers_before_a_step_of_training_are_those_of_the_network() -> None:
    code = (
        "net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())\nnet[0].weight.data.fill_(1.0)\n"
        "optimizer = torch.optim.SGD(net.parameters())\noptimizer.step()\n"
    )
    assert read_pytorch(code).numbers == {"w": [[1.0, 1.0], [1.0, 1.0]]}


def test_the_weights_of_a_layer_are_no_shape_of_x() -> None:
    code = "fc = nn.Linear(3, 3, bias=False)\nw = fc.weight\nnet = nn.Sequential(fc, nn.ReLU())\n"
    assert read_pytorch(code).input == (3,)


def test_a_network_that_also_returns_x_is_another_one() -> None:
    code = in_forward("return x, nn.Linear(3, 2)(self.a(x))")
    large = "nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 5), nn.ReLU())"
    several = "There are several networks in this text: the largest is read."
    assert remarks(f"{code}\nnet = {large}")[1] == (several,)


def test_of_several_lines_that_are_no_python_the_first_is_named() -> None:
    with pytest.raises(StackError, match=r"^Line 1 is no Python"):
        read_pytorch("a b\nc d\n")
