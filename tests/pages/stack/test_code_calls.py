"""Functions, classes and their objects in pasted code are what Python's are."""

from typing import Final

import pytest

from pages.language.catalogue import say
from pages.stack.paste import read_pytorch
from tests.for_each import for_each
from tests.pages.stack.pasting import NET, OF_LINEAR, SHARED, TWO_LINEAR, remarks

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


@for_each("method", ["title()", "startswith()", "lower('a')", "conjugate()"])
def test_a_method_that_a_text_has_not_or_that_is_not_known_ends_no_page(method: str) -> None:
    code = f"name = 'relu'.{method}\nmodel = nn.Sequential(nn.Linear(4, 3), nn.ReLU())"
    assert remarks(code) == (OF_LINEAR, ())


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
        *(
            (f"model = {wrapper}nn.Sequential(nn.Linear(4, 3), nn.ReLU()))", OF_LINEAR, [])
            for wrapper in ("torch.compile(", "torch.jit.script(obj=")
        ),
        ("net = nn.Linear(4, 3)\nx = torch.ones(1, 4)\nh = net(input=x).relu()", OF_LINEAR, []),
        ("net = nn.Linear(4, 3)\nh = net.__call__(torch.ones(1, 4)).relu()", OF_LINEAR, []),
        *(
            (f"{made}\nmodel = nn.Sequential(nn.Linear(4, n), nn.ReLU())", OF_LINEAR, [])
            for made in (
                "n = math.prod([3, 1])",
                "n = np.prod((3, 1), axis=-1)",
                "n = dict({'a': 4}, a=3)['a']",
                "def f(n, **others): return n + len(others)\nn = f(n=2, o=3)",
                "@dataclass\nclass A:\n    i: int\nclass B(A):\n    o: int\nn = B(4, 3).o",
                (
                    "class A:\n    n = 2\n    @property\n    def o(self): return self.n\n"
                    "a = A()\na.n += a.o - 1\nn = a.o"
                ),
            )
        ),
        (
            (
                "parts = nn.ModuleDict(modules={'a': nn.Linear(4, 3)})\n"
                "model = nn.Sequential(parts['a'], nn.ReLU())"
            ),
            OF_LINEAR,
            [],
        ),
        (
            (
                "class Row(nn.Sequential): pass\nclass Rows(Row): pass\n"
                "model = Rows(nn.Linear(4, 3), nn.ReLU())"
            ),
            OF_LINEAR,
            [],
        ),
        (
            "model = nn.Sequential(nn.ReLU()).insert(index=0, module=nn.Linear(4, 3))",
            OF_LINEAR,
            [],
        ),
        (
            (
                "class C:\n    def __init__(self): self.a = load()\n"
                "act = nn.ReLU() if hasattr(C(), 'a') else nn.Abs()\n"
                "model = nn.Sequential(nn.Linear(4, getattr(C(), 'n', 3)), act)"
            ),
            OF_LINEAR,
            [],
        ),
        (
            (
                "class C:\n    n = 3\n    def layers(self, i):\n"
                "        return nn.Linear(i, getattr(self, 'n', 2)), nn.ReLU()\n"
                "model = nn.Sequential(*C().layers(4) if hasattr(C(), 'layers') else [])"
            ),
            OF_LINEAR,
            [],
        ),
        ("model = nn.Sequential(nn.Linear(4 or 2, None or 3), nn.ReLU())", OF_LINEAR, []),
        ("model = nn.Sequential(nn.Linear(2 and 4, 3 or 2), nn.ReLU())", OF_LINEAR, []),
        (
            (
                "a = {'o': 3}\nb = {'i': 4, **a}\n"
                "model = nn.Sequential(nn.Linear(b['i'], b['o']), nn.ReLU())"
            ),
            OF_LINEAR,
            [],
        ),
        (
            (
                "fs, n = [lambda: nn.Linear(4, n) for n in (2, 3)], 1\n"
                "[(n := n + i) + 1 for i in (0, 1) for _ in range(1)]\n"
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
        (  # a method of the code's own that is called as one of a dict's is
            (
                "class Meter:\n    n = 2\n    def update(self, n):\n        self.n = n\n"
                "meter = Meter()\nmeter.update(3)\n"
                "model = nn.Sequential(nn.Linear(4, meter.n), nn.ReLU())"
            ),
            OF_LINEAR,
            [],
        ),
        (  # a copy of an object of the code's own has layers of its own
            (
                "class One(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
                "        self.fc = nn.Linear(4, 4)\n    def forward(self, x):\n"
                "        return F.relu(self.fc(x))\n"
                "one = One()\nmodel = nn.Sequential(one, copy.deepcopy(one))"
            ),
            "linear(4,bias=True)-relu-linear(4,bias=True)-relu",
            [],
        ),
        (
            (
                "class One(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
                "        self.fc = nn.Linear(4, 3)\n    def forward(self, x):\n"
                "        return F.relu(self.fc(x))\n    def __call__(self, x):\n"
                "        return self.forward(x)\nmodel = One()"
            ),
            OF_LINEAR,
            [],
        ),
        (  # an array that is not known is, once all of it was written
            (
                "class One(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
                "        self.w = load()\n        self.w[:] = torch.ones(3, 4)\n"
                "    def forward(self, x):\n        return F.relu(F.linear(x, self.w))\n"
                "model = One()"
            ),
            "linear(3)-relu",
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
        (
            "class B(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            "        self.a, self.b = nn.Linear(4, 3), nn.ReLU()\n"
            "def A(): return nn.Sequential(*B().children())\n"
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
            "children",
        ),
    ],
)
def test_classes_have_what_their_bases_have(code: str) -> None:
    assert remarks(f"{code}model = A()") == (OF_LINEAR, ())


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


@for_each(
    ("kind", "sizes"),
    [("nn.Linear", 2), ("(nn.ReLU, nn.Linear)", 2), ("nn.ReLU", 5), ("nn.ReLU | nn.Conv1d", 5)],
)
def test_an_object_of_a_class_of_the_code_is_of_the_layer_that_it_derives_from(
    kind: str, sizes: int
) -> None:
    code = (
        "class Own(nn.Linear):\n    def forward(self, x):\n        return super().forward(x)\n"
        "class Heir(Own): pass\nown = Heir(4, 3)\n"
        f"model = nn.Sequential(own, nn.Linear(3, 2 if isinstance(own, {kind}) else 5))"
    )
    assert remarks(code) == (f"linear(3,bias=True)-linear({sizes},bias=True)", ())


# As in PyTorch 2.13.0.
BASES: Final = {
    "Conv1d(1, 1, 2)": {"_ConvNd"},
    "Conv2d(1, 1, 2)": {"_ConvNd"},
    "MaxPool1d(2)": {"_MaxPoolNd"},
    "MaxPool2d(2)": {"_MaxPoolNd"},
    "AvgPool1d(2)": {"_AvgPoolNd"},
    "AvgPool2d(2)": {"_AvgPoolNd"},
    "CrossEntropyLoss()": {"_WeightedLoss", "_Loss"},
    "Linear(2, 2)": set[str](),
    "LeakyReLU()": set[str](),
}


@pytest.mark.parametrize("layer", BASES)
def test_a_layer_is_of_the_bases_that_it_has_in_torch(layer: str) -> None:
    for kind in ("_BatchNorm", "_BatchNormNd", *set[str]().union(*BASES.values())):
        size = 2 if kind in BASES[layer] else 5
        code = f"k = 2 if isinstance(nn.{layer}, {kind}) else 5\nnn.Sequential(nn.Linear(4, k))"
        assert remarks(code) == (f"linear({size},bias=True)", ()), kind


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


@for_each(("given", "last", "said"), [("", "", ["Fold"]), ("nn.ReLU()", "-relu", [])])
def test_a_default_that_is_not_known_is_said_where_it_is_used(
    given: str, last: str, said: list[str]
) -> None:
    code = (
        "class Net(nn.Module):\n    def __init__(self, act=nn.Fold()):\n"
        "        self.fc = nn.Linear(4, 3)\n        self.act = act\n"
        f"    def forward(self, x): return self.act(self.fc(x))\nnet = Net({given})"
    )
    expected = [f"Line 2, column 28: {say('paste.layer', name=name)}" for name in said]
    assert remarks(code) == (f"linear(3,bias=True){last}", tuple(expected))


def test_options_have_the_values_of_a_run_without_any() -> None:
    code = (
        "parser = argparse.ArgumentParser(description='a run')\n"
        "parser.add_argument('-n', '--hidden-size', type=int, default=7, help='units')\n"
        "parser.add_argument('--deep', action='store_true')\n"
        "parser.add_argument('--size', type=int, required=True)\n"
        "parser.add_argument('--last', dest='outputs', default=2)\n"
        "parser.set_defaults(hidden_size=3)\n"
        "args = parser.parse_args()\n"
        "layers = [nn.Linear(4, args.hidden_size), nn.ReLU()]\n"
        "if args.deep:\n"
        "    layers.append(nn.Linear(3, 3))\n"
        "layers.append(nn.Linear(3, args.outputs))\n"
        "net = nn.Sequential(*layers)\n"
    )
    assert remarks(code) == ("linear(3,bias=True)-relu-linear(2,bias=True)", ())
    unknown = "what out_features of Linear is cannot be told from this text; it was left out."
    for one, other in (("args.hidden", "args.size"), ("parse_args()", "parse_args(given)")):
        assert any(unknown in it for it in remarks(code.replace(one, other))[1])
    own = "class Options:\n    def parse_args(self):\n        return unknown\n"
    code = own + code.replace("argparse.ArgumentParser(description='a run')", "Options()")
    assert any(unknown in it for it in remarks(code)[1])


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
