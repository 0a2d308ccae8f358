"""What stands around pasted code, lines that are no Python, and texts that are refused."""

from pathlib import Path

import pytest

from pages.language.catalogue import say
from pages.stack.paste import read_pytorch
from pages.stack.stack import StackError
from tests.for_each import for_each
from tests.pages.stack.pasting import AROUND, NET, OF_LINEAR, SOFTMAX, remarks


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
        f"if True:\n\tn = 2\n    {AROUND}",
        f"Mine:\n\n  ```\n  {AROUND}\n  ```\n  model = nn.Sequential(nn.Abs(), nn.Abs(), nn.Abs())",
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
        AROUND.replace("(2, 2)", "(2, 2, device=„cpu“, dtype=‘float’)"),
        f"sizes = [{'{},' * 41}]\n{AROUND}",
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


def test_the_fences_of_markdown_are_no_lines_of_code() -> None:
    text = (
        "Two layers:\n```python\nmodel = nn.Sequential(\n    nn.Linear(2, 2),\n```\nand then\n```\n"
    )
    found = read_pytorch(f"{text}    nn.ReLU())\n```\nThat is all.")
    assert (str(found.stack), found.remarks) == ("linear(2,bias=True)-relu", ())


@for_each(
    "text",
    [
        "self.net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())",
        f"{INIT}{FORWARD}",
        f"@decorated\n{INIT}{FORWARD}",
        f"{INIT}{FORWARD}".lstrip(),
        f"{INIT}    async def fit(self):\n        pass\n{FORWARD}".lstrip(),
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


def test_a_remark_about_a_line_that_is_moved_twice_gives_its_place_in_the_text() -> None:
    text = f"    {AROUND}\n        other = nn.Fancy()"
    (said,) = remarks(text)[1]
    assert said == f"Line 2, column 17: {say('paste.layer', name='Fancy')}"


def test_behind_a_line_of_a_class_that_is_no_python_its_methods_are_read() -> None:
    assert remarks(f"clas A(nn.Module):\n{INIT}{FORWARD}net = A()") == (
        "linear(3,bias=True)-relu",
        ("Line 1 is no Python and was left out.",),
    )
    code = f"class A(nn.Module):\n{INIT}{FORWARD}      x = 1\nnet = A()"
    assert remarks(code)[1] == ("Line 8 is no Python and was left out.",)
    code = f"class A(nn.Module):\n{INIT}          x = 1\n{FORWARD}net = A()"
    assert remarks(code) == (OF_LINEAR, ("Line 6 is no Python and was left out.",))


def test_lines_that_are_no_python_are_named() -> None:
    found = read_pytorch(f"{AROUND}\nthis does not work, why?")
    assert found.remarks == ("Line 2 is no Python and was left out.",)
    code = "x = (4 3)\nmodel = nn.Sequential(nn.Linear(4, 3), nn.ReLU())"
    assert remarks(code) == (OF_LINEAR, ("Line 1 is no Python and was left out.",))
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


@for_each(
    "text",
    [
        "9 n = 4 \n10 model = nn.Sequential(nn.Linear(n, 3 ), nn.ReLU())",
        "+n = 3 + 1\n+model = nn.Sequential(nn.Linear(n, 3), nn.ReLU())",
        "+n = 3\n+\n++ n\n+model = nn.Sequential(nn.Linear(4, n), nn.ReLU())",
    ],
)
def test_what_a_line_has_behind_its_margin_stays_even_if_it_looks_like_one(text: str) -> None:
    assert remarks(text) == (OF_LINEAR, ())


@for_each("prompt", [">>> ", ">>>", "In [3]: ", "  In [3]:"])
def test_each_line_of_a_console_is_read_behind_its_prompt(prompt: str) -> None:
    lines = ["import torch", "model = nn.Sequential(", AROUND.partition("Sequential(")[2]]
    text = f"{prompt}{lines[0]}\n{prompt}{lines[1]}\n   ...: {lines[2]}"
    assert remarks(text) == ("linear(2,bias=True)-relu", ())


@for_each("number", ["[1]", " [1]"])
def test_what_a_notebook_answers_is_no_code(number: str) -> None:
    text = f"In{number}:\n{AROUND}\nOut{number}:\n"
    assert remarks(text) == ("linear(2,bias=True)-relu", ())


@for_each("margin", ["1 ", "1: ", "1. ", "  1  | "])
def test_a_place_behind_the_number_of_a_line_is_counted_from_it(margin: str) -> None:
    text = f"{margin}model = nn.Sequential(nn.Fold(),\n{margin.replace('1', '2')}    nn.ReLU())"
    stack, (said,) = remarks(text)
    assert (stack, said.partition(":")[0]) == ("relu", f"Line 1, column {text.index('nn.F') + 1}")


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
            "model = nn.Sequential(nn.Fold())",
            "No layer that is known here is applied in this text. Line 1, column 23: Fold is not ",
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
        ("self.layers = [eqx.nn.Linear(4, 3, key=key), jax.nn.relu]", JAX),
        ("net = eqx.nn.MLP(4, 3, 8, 1, key=key)", JAX),
        ("model.add(MaxPooling2D(2))", KERAS),
        ("clf = MLPClassifier((10,), activation='relu')", NO_LAYER),
        ("from mxnet.gluon import nn\nnet.add(nn.Dense(8))", "9: Dense is not known here"),
        ("self.linear = nnx.Linear(3, 2, rngs=rngs)", JAX),
        ("mlp = hk.Sequential([hk.Linear(300), jax.nn.relu])", JAX),
        ("h = tf.nn.relu(tf.nn.conv1d(x, w, 1, 'VALID'))", KERAS.replace("Keras", "TensorFlow")),
        ("7" * 5000, "Line 1 is no Python: Exceeds the limit (4300 digits)"),
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


def test_a_place_in_a_printed_network_is_counted_from_the_beginning_of_its_line() -> None:
    (said,) = remarks("Sequential(\n  (0): ReLU()\n  (12): Fold()\n)")[1]
    assert said == f"Line 3, column 9: {say('paste.layer', name='Fold')}"


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
    for indent in ("", "  "):
        code = f"nn.Sequential(nn.Linear(4, 3)\n{indent}nn.Fancy(),\n{indent}nn.ReLU())"
        (_, said) = remarks(code)[1]
        assert said.startswith(f"Line 2, column {len(indent) + 1}: ")
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


@pytest.mark.parametrize("line", ["x = 3 €", "x = “3” €"])
def test_a_sign_that_stands_for_none_of_pythons_leaves_its_line_out(line: str) -> None:
    code = f"{line}\nmodel = nn.Sequential(nn.Linear(4, 3), nn.ReLU())"
    assert remarks(code) == (OF_LINEAR, ("Line 1 is no Python and was left out.",))


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
    code += "trainer = Trainer(net, nn.CrossEntropyLoss())\n"
    assert remarks(code + printed) == (OF_LINEAR, ())


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
