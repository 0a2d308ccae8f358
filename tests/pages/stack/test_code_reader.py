"""Statements of pasted code: lists, dicts, names and loops are what Python's are."""

import ast
import textwrap
from contextlib import suppress
from types import ModuleType
from typing import Any

import pytest

from pages.stack import code_calls, code_changes, code_reader, operations, paste
from pages.stack.paste import read_pytorch
from pages.stack.stack import StackError
from tests.for_each import for_each
from tests.pages.stack.pasting import AROUND, OF_LINEAR, TWO_LINEAR, in_forward, remarks


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
        ("n\nfor n in [i for i in range(3000)]:\n    if n == 9:\n        break", 9),
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
        (
            "nn.Sequential(nn.ReLU() if not n else nn.Softplus())",
            "relu",
            [
                (
                    "column 23: nn.ReLU() if not n else nn.Softplus() is not known here, and that "
                    "was left out: nn.ReLU() goes on as it is."
                )
            ],
        ),
        (
            "nn.Sequential(*[nn.ReLU() for _ in [1] if n], nn.Softplus())",
            "softplus",
            ["column 24: for is not read here: what stands in it was left out."],
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
        ("sizes.clear(); sizes += [4, 3]", "linear(3,bias=True)"),
        ("sizes += [4, 3]; del sizes[0], sizes[0]", "linear(3,bias=True)"),
        ("sizes += [4, 3]; del (sizes[0], sizes[0])", "linear(3,bias=True)"),
        ("sizes += [4, 3]; del [sizes[0], sizes[0]]", "linear(3,bias=True)"),
    ],
)
def test_a_list_is_what_its_methods_make_of_it(changes: str, stack: str) -> None:
    made = "[nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)]"
    found = read_pytorch(f"sizes = [4, 2]; {changes}\nmodel = nn.Sequential(*{made})")
    assert (str(found.stack), found.remarks) == (stack, ())


@for_each(
    "changes",
    [
        "sizes = [*sizes, *n]",
        "sizes = (*n, 4)",
        "d = dict(n)\nd['a'] = 4\nsizes = list(d.values())",
        "for i in n:\n    sizes.append(i)",
        "for i in n:\n    sizes[0] += 1",
        "for i in n:\n    sizes += [i]",
        "for i in n:\n    del sizes[0]",
        "other = sizes\nwhile n:\n    other.append(2)",
        "match n:\n    case 1:\n        sizes.append(2)",
        "def f(sizes):\n    if n:\n        sizes.append(3)\nf(sizes)",
        "def f(more):\n    for i in n:\n        more.append(i)\n    return more\nsizes = f([4])",
        "def f():\n    for i in 4, 2:\n        if n: break\n    return [i]\nsizes = f()",
        "def f():\n    if n:\n        return [3]\n    return [4]\nsizes = f()",
    ],
)
def test_sizes_that_code_may_change_which_is_not_read_are_not_known(changes: str) -> None:
    """n is a name that the code does not define."""
    code = f"sizes = [4, 2]\n{changes}\nmodel = nn.Sequential(nn.ReLU())\n"
    found = read_pytorch(f"{code}for size in sizes:\n    model.append(nn.Linear(2, size))")
    line = code.count("\n") + 1
    assert str(found.stack) == "relu"
    said = {each.partition(",")[0] for each in found.remarks}
    assert said in ({f"Line {line}"}, {f"Line {line + 1}"})


@for_each(
    ("changes", "stack"),
    [
        ("other = copy.copy(sizes)\nother.append(3)", "linear(2,bias=True)"),
        ("other = sizes\nother.append(3)", "linear(2,bias=True)-linear(3,bias=True)"),
        ("d = {'a': 4}\ne = copy.copy(d)\ne['a'] = 3\nsizes[1] = d['a']", "linear(4,bias=True)"),
        # What a branch changes at the top level may be an option: the code around it is meant.
        ("if n:\n    sizes.append(3)", "linear(2,bias=True)"),
        ("def f():\n    print(n)\n    return [4, 3]\nsizes = f()", "linear(3,bias=True)"),
        ("layers = []\nfor i in [0]:\n    if n: continue", "linear(2,bias=True)"),
    ],
)
def test_sizes_that_nothing_else_changes_are_known(changes: str, stack: str) -> None:
    made = "[nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)]"
    found = read_pytorch(f"sizes = [4, 2]\n{changes}\nmodel = nn.Sequential(*{made})")
    assert (str(found.stack), found.remarks) == (stack, ())


@for_each(
    "changes",
    [
        "layers = [nn.ReLU()]\nfor i in n:\n    layers.append(f(i))",
        "layers = nn.Sequential(nn.ReLU())\nfor i in n:\n    layers.append(f(i))",
        "layers = []\nfor i in n:\n    layers.append(nn.Abs(i))\nlayers.append(nn.ReLU())",
    ],
)
def test_layers_stay_where_code_may_change_them_which_is_not_read(changes: str) -> None:
    """n and f are names that the code does not define."""
    found = read_pytorch(f"{changes}\nmodel = nn.Sequential(*layers)")
    said = "Line 2, column 1: for is not read here: what stands in it was left out."
    assert (str(found.stack), found.remarks) == ("relu", (said,))


def test_a_method_of_the_codes_own_changes_no_layers_by_its_name() -> None:
    code = "class Net(nn.Sequential):\n    def update(self): pass\nnet = Net(nn.ReLU())\n"
    assert remarks(f"{code}for i in n:\n    net.update()") == ("relu", ())


def test_numbers_that_a_function_makes_stay_if_it_is_not_read_throughout() -> None:
    code = "def f():\n    k = 0\n    if n:\n        k = 1\n    return np.array([[1.0, -2.0]])\n"
    found = read_pytorch(f"{code}y = np.maximum(f(), 0)\nx = f()\nz = np.maximum(x, 0)")
    assert found.x == [[1.0, -2.0]]


@for_each("leaves", ["break", "continue"])
def test_a_loop_that_makes_layers_and_may_be_left_earlier_is_said(leaves: str) -> None:
    code = f"layers = []\nfor i in 0, 1:\n    for _ in [0]: pass\n    if n:\n        {leaves}\n"
    made = "    layers.append(nn.Linear(2, 2))\nmodel = nn.Sequential(*layers)"
    found = read_pytorch(f"{code}{made}")
    said = "Line 4, column 5: if is not read here: what stands in it was left out."
    assert (str(found.stack), found.remarks) == ("linear(2,bias=True)-linear(2,bias=True)", (said,))


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
        ("forward_hook(lambda module, given, made: F.relu(made))", 1),
        ("forward_hook(replace)", 1),
        ("forward_pre_hook(lambda module, given: F.relu(given))", 1),
        ("forward_hook(see)", 0),
    ],
)
def test_a_hook_that_may_replace_an_output_is_said_not_to_be_read(hook: str, said: int) -> None:
    code = (
        f"{OPTIONAL}def see(module, given, made):\n    print(made)\n    return\n"
        "def replace(module, given, made):\n    return made + 1\n"
        f"net.first.register_{hook}"
    )
    found = read_pytorch(code)
    assert str(found.stack) == "linear(4,bias=True)-relu"
    method = hook.partition("(")[0]
    unread = f"net.first.register_{method} is not read here: what stands in it was left out."
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
        (  # children() returns each module once
            "a = nn.ReLU()\nmodel = nn.Sequential(nn.Linear(4, 3), a, nn.Linear(3, 2), a)\n"
            "model = nn.Sequential(*model.children())"
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
        "each child once",
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
        "    return 0 if isinstance(n, int | float | str) and not isinstance(None, float) else 1",
        "    class Sequence: pass\n    return 1 if isinstance([], (Sequence, str)) else 0",
        "    return 1 if isinstance([], nn.ModuleList) else 0",
        "    return 1 if isinstance(nn.ModuleList(), list) else 0",
        (
            "    try:\n        assert f(n)\n        return 0\n"
            "    except AssertionError:\n        return 1"
        ),
        (
            "    try:\n        try:\n            raise KeyError\n        finally:\n"
            "            return 0\n    except KeyError:\n        return 1"
        ),
        (
            "    class A(ValueError): pass\n    class B(A): pass\n    try:\n        raise B\n"
            "    except ValueError:\n        return 0\n    return 1"
        ),
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


def test_the_parameters_of_a_module_that_lies_in_itself_are_found() -> None:
    code = (
        "class Net(nn.Module):\n    def __init__(self):\n        self.fc = nn.Linear(2, 1)\n"
        "        self.all = [self, self.fc]\n"
        "    def forward(self, x):\n        return self.fc(x).relu()\n"
        "net = Net()\nfor p in net.parameters():\n    nn.init.constant_(p, 3.0)\n"
    )
    found = read_pytorch(code)
    assert (str(found.stack), found.remarks) == ("linear(1,bias=True)-relu", ())
    assert found.numbers == {"w": [[3.0, 3.0]], "b": [3.0]}


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


def test_a_property_that_sets_itself_ends() -> None:
    code = (
        "class A:\n    @property\n    def n(self): return 3\n"
        "    @n.setter\n    def n(self, n): self.n = n\n"
        "a = A()\na.n = 4\nmodel = nn.Sequential(nn.Linear(4, 3), nn.ReLU())"
    )
    assert remarks(code) == (OF_LINEAR, ())


def test_a_loop_without_an_end_ends() -> None:
    """For example one that trains."""
    for loop in ("while True:", "while n < 10**8:\n    n += 1"):
        code = f"n = 0\nmodel = nn.Sequential(nn.Linear(4, 3), nn.ReLU())\n{loop}\n    model(x)"
        assert remarks(code) == (OF_LINEAR, ())


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


def test_what_is_counted_in_a_loop_that_is_not_read_to_the_end_is_not_known() -> None:
    net = "net = nn.Sequential(nn.Linear(4, n - 1998), nn.ReLU())"
    code = f"n = 0\nfor i in range({{}}):\n    n += 1\n{net}"
    assert remarks(code.format(2000)) == ("linear(2,bias=True)-relu", ())
    stack, said = remarks(code.format(3000))
    assert stack == "relu"
    assert "what out_features of Linear is cannot be told" in said[0]


@for_each(
    "code",
    [
        "row = [nn.Linear(4, 3)]\nif act:\n    row.append(act)\nmodel = nn.Sequential(*row)",
        "model = nn.Sequential(nn.Linear(4, 3), act if act else nn.Abs())",
        "model = nn.Sequential(nn.Linear(4, 3), nn.Abs() if not act else act)",
    ],
)
def test_a_layer_is_true(code: str) -> None:
    assert remarks(f"act = nn.ReLU()\n{code}") == (OF_LINEAR, ())


@for_each("sizes", ["n, m = [4, 5, 6]", "n, m = (4,)", "n, *k, m = [4]"])
def test_what_is_taken_apart_into_as_many_names_as_it_has_not_is_not_known(sizes: str) -> None:
    stack, said = remarks(f"{sizes}\nmodel = nn.Sequential(nn.ReLU(), nn.Linear(3, n))")
    assert stack == "relu"
    assert "what out_features of Linear is cannot be told from this text" in said[0]


def test_a_size_is_looked_up_by_a_fraction() -> None:
    code = "sizes = {0.5: 3, 1: 6}\nnet = nn.Sequential(nn.Linear(2, sizes[0.5]), nn.ReLU())\n"
    assert remarks(code) == ("linear(3,bias=True)-relu", ())


def test_a_loop_whose_condition_cannot_be_told_any_more_is_named() -> None:
    forward = ["n = 2", "while n:", "    x = F.relu(x)", "    n = steps(n)", "return x"]
    said = "Line 6, column 9: while is not read here: what stands in it was left out."
    assert said in remarks(in_forward(f"\n{' ' * 8}".join(forward)))[1]
    forward[3] = "    n = n - 1"
    assert remarks(in_forward(f"\n{' ' * 8}".join(forward))) == ("relu-relu", ())
    net = "net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())"
    trained = f"{net}\nloss = 2\nwhile loss:\n    loss = step(net)\n"
    assert remarks(trained) == ("linear(3,bias=True)-relu", ()), "it makes no layer"


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


def test_behind_a_text_that_is_too_long_a_function_is_read_as_one_outside_of_classes() -> None:
    """The class whose body was too long is left: main() may make what is no layer."""
    code = (
        "nn.ReLU()\ndef main():\n    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())\n"
        "    data = Loader(3)\n"
        "class Config:\n    for row in range(250):\n        for column in range(250):\n"
        "            size = row * column\n"
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(operations, "WORK_MOST", 1_000)
        patched.setattr(paste, "WORK_MOST", 1_000)
        read = remarks(code)
    most = "At most 1,000 expressions are looked at; this text has more."
    assert read == ("linear(2,bias=True)-relu", (most,))


@for_each(("turns", "told"), [(2, False), (30, True)])
@for_each("given", ["size{0} = {0}", "of[{0}] = {0}"])
def test_what_a_left_out_branch_gives_is_counted_in_each_turn(
    given: str, turns: int, told: bool
) -> None:
    given = "".join(f"        {given.format(number)}\n" for number in range(100))
    code = f"{AROUND}\nof = []\nfor i in range({turns}):\n    if q:\n{given}        r = nn.ReLU()\n"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(operations, "WORK_MOST", 1_000)
        patched.setattr(paste, "WORK_MOST", 1_000)
        said = remarks(code)[1]
    most = "At most 1,000 expressions are looked at; this text has more."
    assert (most in said) == told


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
