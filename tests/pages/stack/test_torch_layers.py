"""Layers of torch.nn in pasted code: their arguments, and the numbers that torch makes."""

import math
from typing import Any

import pytest

from pages.language.catalogue import say
from pages.stack.known_values import UNKNOWN
from pages.stack.paste import read_pytorch
from pages.stack.stack import ENTRIES_MOST, LAYERS, fields_of, new_item
from pages.stack.torch_layers import (
    Parameter,
    Tensor,
    constant,
    is_true,
    known_layer,
    one_hot,
    side_by_side,
    spaced,
    taken,
    tensor,
    turned,
    unit,
    windows_in,
    without_unknown,
    written,
)
from tests.for_each import for_each
from tests.pages.stack.pasting import in_forward, remarks


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "nn.MaxPool1d(2, return_indices=True)",
            "MaxPool1d cannot have this return_indices here; it was left out.",
        ),
        (
            "nn.Conv1d(1, 2, 3, padding_mode='circular')",
            "Line 1, column 1: Conv1d cannot have this padding_mode here; it was left out.",
        ),
        (
            "nn.Sequential(nn.ReLU(True, 3), nn.Abs())",
            "column 15: ReLU cannot have this second argument here; it was left out.",
        ),
        (
            in_forward("return F.relu(F.relu(x), True, 3)"),
            "relu cannot have this third argument here; it was left out.",
        ),
        (
            "nn.Sequential(nn.Conv1d(1, 2, 0), nn.ReLU())",
            "column 15: this layer was left out: conv1d: kernel_size needs a whole number",
        ),
        ("nn.Sequential(nn.Conv1d(1, 2, '3', padding='same'), nn.ReLU())", "kernel_size needs a"),
        (
            "nn.Sequential(nn.Conv2d(1, 2, 3, padding='same', dilation='2'), nn.ReLU())",
            "dilation needs a whole number",
        ),
        ("nn.Sequential(nn.MaxPool2d(3, padding='same'), nn.ReLU())", "padding needs a whole"),
        ("nn.Sequential(nn.Conv2d(1, 2, (3,)), nn.ReLU())", "kernel_size needs a whole number or"),
        (
            in_forward("return F.linear(F.relu(x), torch.ones(3, 4), made())"),
            "what bias of linear is cannot be told",
        ),
        ("nn.Sequential(nn.Linear(3, 10**10), nn.ReLU())", "linear needs out_features"),
        ("nn.Sequential(nn.Linear(3, 9999), nn.ReLU())", "linear takes at most 2,000"),
        (
            "nn.Sequential(nn.Flatten(), nn.Linear(784, 10))",
            "(10, 784) in the code: an array has at most 2,000 entries here.",
        ),
        ("y = np.maximum(0, np.ones((1, 2)) @ np.ones((2, 3000)))", "linear takes at most 2,000"),
        ("nn.Sequential(nn.Conv2d(3, 64, 7), nn.ReLU())", "(64, 3, 7, 7) in the code: an array"),
        (
            "class Net(nn.Module):\n  def forward(self, x): return torch.cat([x, F.relu(x), y], 1)",
            "Line 2, column 32: cat joins something here that is not read; that was left out.",
        ),
        (
            "class Net(nn.Module):\n    def forward(self, x): return torch.flatten(F.relu(x))",
            "Line 2, column 34: flatten makes one row of each example here.",
        ),
        (
            "nn.Sequential(nn.Conv2d(1, 6, 5), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(216, 3))",
            (
                "(3, 216) in the code. They fit no x that was tried here, where an array has at "
                "most 2,000 entries; here they have shape (3, "
            ),
        ),
        (
            "nn.Sequential(nn.Flatten(), nn.Linear(5, 3), nn.Linear(4, 2))",
            "PyTorch refuses this: linear(2,bias=True) has weights of shape (2, 4)",
        ),
        (
            "nn.Sequential(nn.Linear(5, 3), nn.Linear(4, 2))",
            (
                "PyTorch refuses this: linear(2,bias=True) has weights of shape (2, 4) in the "
                "code, which do not fit what comes before it. Here they have shape (2, 3)."
            ),
        ),
    ],
)
def test_what_a_layer_cannot_have_is_said(code: str, said: str) -> None:
    found = read_pytorch(code)
    assert any(said in each for each in found.remarks), found.remarks
    assert found.stack


def test_a_padding_that_keeps_the_size_has_more_behind() -> None:
    """It needs padding that differs from side to side; otherwise that is reported."""
    found = read_pytorch("nn.Sequential(nn.Conv1d(1, 2, 4, padding='same'), nn.ReLU())")
    if found.remarks:
        assert "padding needs" in found.remarks[0]
    else:
        assert "padding=(1,2)" in str(found.stack)


SAME = [(layer, kernel) for layer in ("Conv1d", "Conv2d") for kernel in (1, 2, 3, 4)]


@for_each("dilation", [1, 2, 3, (1, 2)])
@for_each(("layer", "kernel"), [*SAME, ("Conv2d", (2, 3)), ("Conv2d", (3, 4))])
def test_padding_same_keeps_the_size(layer: str, kernel: Any, dilation: Any) -> None:
    shape = (1, 1, 11) if layer == "Conv1d" else (1, 1, 11, 12)
    if layer == "Conv1d" and isinstance(dilation, tuple):
        dilation = dilation[1:]
    sizes = f"1, 1, {kernel}, padding='same', dilation={dilation}"
    found = read_pytorch(f"nn.Sequential(nn.{layer}({sizes}), nn.ReLU())")
    assert found.remarks == ()
    assert found.stack.joints(shape)[-1].shape == shape


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_a_filter_reads_the_channels_of_its_group(groups: int) -> None:
    sizes = f"4, 8, 3, groups={groups}, bias=False"
    found = read_pytorch(f"nn.Sequential(nn.Conv1d({sizes}), nn.ReLU())")
    assert found.remarks == ()
    assert found.input
    assert [*found.stack.parameters(found.input).values()] == [(8, 4 // groups, 3)]
    found = read_pytorch(f"nn.Sequential(nn.Conv1d(12, 8, 3, groups={groups}), nn.ReLU())")
    assert found.input
    assert (found.input[1], found.remarks) == (12, ())


TORCH = {
    "Conv1d": (
        "1, 2, 3",
        (
            "stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode='zeros', "
            "device=None, dtype=None"
        ),
        (
            "stride=2, padding=1, dilation=3, groups=1, bias=False, padding_mode='circular', "
            "device='cpu', dtype=torch.float32"
        ),
    ),
    "Linear": (
        "3, 2",
        "bias=True, device=None, dtype=None",
        "bias=False, device='cpu', dtype=torch.float32",
    ),
    "MaxPool1d": (
        "4",
        "stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False",
        "stride=1, padding=2, dilation=3, return_indices=True, ceil_mode=True",
    ),
    "AvgPool1d": (
        "4",
        "stride=None, padding=0, ceil_mode=False, count_include_pad=True",
        "stride=1, padding=2, ceil_mode=True, count_include_pad=False",
    ),
    "AvgPool2d": (
        "4",
        "stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None",
        "stride=1, padding=2, ceil_mode=True, count_include_pad=False, divisor_override=3",
    ),
    "ReLU": ("", "inplace=False", "inplace=True"),
    "LeakyReLU": ("", "negative_slope=0.01, inplace=False", "negative_slope=0.5, inplace=True"),
    "Softplus": ("", "beta=1.0, threshold=20.0", "beta=2.0, threshold=10.0"),
    "Flatten": ("", "start_dim=1, end_dim=-1", "start_dim=2, end_dim=3"),
}
TORCH |= {"Conv2d": TORCH["Conv1d"], "MaxPool2d": TORCH["MaxPool1d"]}
"""Layer -> the arguments that it needs; its other arguments in the order and with the defaults of
torch's documentation; and the same with other values."""


@for_each(
    ("made", "stack"),
    [
        ("nn.LeakyReLU(True)(x)", "leakyrelu(1)"),
        ("Variable(F.relu(x))", "relu"),
        ("F.relu(x).type(torch.FloatTensor)", "relu"),
        ("F.relu(x.type('torch.DoubleTensor'))", "relu"),
        ("F.relu(x.type(kind))", "relu"),
        (
            "nn.Conv2d(1, 2, 3, stride=(2,), padding=[1])(x)",
            "conv2d(3,filters=2,stride=2,padding=1,bias=True)",
        ),
        ("nn.Conv2d(1, 2, 3, padding='valid')(x)", "conv2d(3,filters=2,bias=True)"),
        ("F.conv2d(x, torch.ones(2, 1, 3, 5))", "conv2d((3,5),filters=2)"),
    ],
)
def test_what_scripts_of_old_do_is_what_torch_makes_of_it(made: str, stack: str) -> None:
    code = in_forward(f"return {made}")
    assert remarks(f"kind = torch.FloatTensor\n{code}") == (stack, ())


def test_a_remark_says_where_values_are_made_whole_numbers() -> None:
    stack, said = remarks(in_forward("return F.relu(x).type(torch.LongTensor)"))
    assert stack == "relu"
    assert [each.partition(" was")[0] for each in said] == [
        "Line 5, column 16: type is not known here and"
    ]


@pytest.mark.parametrize("layer", TORCH)
def test_arguments_have_torchs_order_and_its_defaults(layer: str) -> None:
    def made(*arguments: str) -> tuple[str, tuple[str, ...]]:
        return remarks(f"nn.Sequential(nn.{layer}({', '.join(filter(None, arguments))}), nn.Abs())")

    needed, defaults, others = TORCH[layer]
    assert made(needed, defaults) == made(needed)
    assert made(needed)[1] == ()
    by_order = ", ".join(each.partition("=")[2] for each in others.split(", "))
    stack, said = made(needed, by_order)
    assert (stack, [each.partition(": ")[2] for each in said]) == (
        made(needed, others)[0],
        [each.partition(": ")[2] for each in made(needed, others)[1]],
    )


def test_every_layer_of_torch_with_settings_is_among_those_whose_order_is_tried() -> None:
    tried = {known_layer(layer) for layer in TORCH}
    joins = {"concat"}  # torch.cat is a function, whose arguments are read as a join's
    missing = {layer for layer in LAYERS if fields_of(layer)} - tried - joins
    assert missing == set(), (
        "add torch's arguments in their order to TORCH; if they are not the layer's own in theirs "
        "and inplace, also to _POSITIONS in torch_layers.py"
    )


@pytest.mark.parametrize("pool", ["max_pool1d", "max_pool2d"])
def test_a_function_has_an_order_of_its_own(pool: str) -> None:
    """max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)"""
    by_order, named = (
        remarks(in_forward(f"return F.{pool}(F.relu(x), 3, {more})"))
        for more in ("2, 1, 1, True, False", "stride=2, padding=1, ceil_mode=True")
    )
    assert by_order == named
    assert "ceil_mode=True" in by_order[0]
    assert by_order[1] == ()


@for_each(
    "more",
    [
        "dtype=torch.float64",
        "device=torch.device('cuda'), dtype=None",
        "device=device",
        "**{'device': 'cpu', 'dtype': torch.float32}",
    ],
)
def test_where_a_layers_numbers_lie_and_how_exact_they_are_changes_nothing(more: str) -> None:
    code = f"model = nn.Sequential(nn.Linear(2, 2, {more}), nn.ReLU())"
    assert remarks(code) == ("linear(2,bias=True)-relu", ())


@for_each("name", sorted(LAYERS))
def test_every_layer_can_be_pasted_by_its_name(name: str) -> None:
    """This includes any new layer."""
    if LAYERS[name].flowing > 1 or LAYERS[name].data or name in ("maxpool", "avgpool"):
        return
    made = new_item(name)
    sizes = ", ".join(f"{key}={value}" for key, value in made.given)
    found = read_pytorch(f"nn.Sequential(nn.{LAYERS[name].__name__}({sizes}), nn.ReLU())")
    assert [step.item.name for step in found.stack.steps] == [name, "relu"]


@for_each(("number", "whole"), [(-2.5, -2), (2.5, 2), (1e30, None), (-1e30, None)])
def test_numbers_are_made_whole_towards_0(number: float, whole: int | None) -> None:
    made = turned(tensor([number]), "long", ())
    assert (made is UNKNOWN) if whole is None else (made.numbers == [whole])


@for_each(
    ("name", "given", "numbers"),
    [
        ("arange", (3,), [0, 1, 2]),
        ("arange", (1, 8, 3), [1, 4, 7]),
        ("arange", (3, 0, -1), [3, 2, 1]),
        ("linspace", (0, 1, 5), [0, 0.25, 0.5, 0.75, 1]),
        ("linspace", (2, 9, 1), [2]),
        # By the names of arguments in torch and in numpy.
        ("arange", (1, {"end": 3}), [1, 2]),
        ("arange", ({"stop": 2},), [0, 1]),
        ("arange", (6, {"step": 2}), [0, 2, 4]),
        ("arange", (2, 4, 1, {"dtype": float}), [2, 3]),
        ("linspace", (0, 1, {"num": 3}), [0, 0.5, 1]),
        ("linspace", (0, {"end": 2, "steps": 3}), [0, 1, 2]),
        ("linspace", (0, 1, 2, {"endpoint": False}), [0, 0.5]),
        ("linspace", (-49, 0), list(range(-49, 1))),  # as many as numpy makes
    ],
)
def test_numbers_at_equal_distances(name: str, given: Any, numbers: Any) -> None:
    named = given[-1] if isinstance(given[-1], dict) else {}
    made = spaced(name, given[: len(given) - bool(named)], **named)
    assert (made.shape, made.numbers) == ((len(numbers),), numbers)


def test_as_many_numbers_are_counted_as_an_array_may_have() -> None:
    assert spaced("arange", (ENTRIES_MOST,)).shape == (ENTRIES_MOST,)
    assert spaced("arange", (ENTRIES_MOST + 1,)) is UNKNOWN
    most, one = (constant("zeros", (size,)) for size in (ENTRIES_MOST, 1))
    assert most.known == ENTRIES_MOST
    all_but_one = constant("zeros", (ENTRIES_MOST - 1,))
    assert side_by_side([all_but_one, one], 0).known == ENTRIES_MOST
    assert unit(ENTRIES_MOST) is UNKNOWN
    more = (
        constant("zeros", (ENTRIES_MOST + 1,)),
        side_by_side([most, one], 0),
        written(Parameter((ENTRIES_MOST + 1,)), 0, 1.0),
    )
    for each in more:
        assert (each.shape, each.known) == ((ENTRIES_MOST + 1,), 0)


def test_no_more_numbers_are_taken_than_memory_allows() -> None:
    of = tensor([[1.0, 2.0] * 10] * 100)
    rows, columns = tensor([[1]] * 1000), tensor([[1] * 1000])
    assert taken(of, (rows, 1)).shape == (1000, 1)
    assert taken(of, (rows, columns)) is UNKNOWN


@for_each(
    ("shape", "sizes", "windows"),
    [
        ((3, 6), (3, 3, 2), (2,)),
        ((6,), (-1, 2), (2,)),
        ((2, 3, 4), (3, 2, 2, 2), ()),  # other examples, with the channels of several
        ((6,), (4, 2), ()),
        ((6,), (-1, 4), ()),
        ((4,), (-1, 1, 1), ()),  # two axes more than x has
    ],
)
def test_windows_are_what_each_axis_is_split_in(shape: Any, sizes: Any, windows: Any) -> None:
    assert windows_in(shape, sizes) == windows


def test_one_size_that_is_left_open_follows_from_the_others_and_two_do_not() -> None:
    assert without_unknown((2, 6), (-1, 4)) == (3, 4)
    assert without_unknown((2, 2), (-1, -1)) == (-1, -1)


@for_each(("numbers", "truth"), [([2.0], True), ([0.0], False), ([math.nan], None), ([1, 1], None)])
def test_a_condition_is_one_number_that_is_known(numbers: list[float], truth: bool | None) -> None:
    assert is_true(Tensor((len(numbers),), numbers)) is truth


@for_each(
    ("rows", "labels"),
    [
        ([[0, 1, 0], [1, 0, 0]], [1, 0]),
        ([[1, 1, 0], [0, 0, 1]], None),
        ([[0, 0, 0], [0, 0, 1]], None),
        ([[0.5, 0.5], [0, 1]], None),
    ],
)
def test_one_hot_rows_have_a_single_one(rows: Any, labels: Any) -> None:
    assert getattr(one_hot(tensor(rows)), "numbers", None) == labels


def test_a_size_that_is_unknown_in_part() -> None:
    code = "net = nn.Sequential(nn.Conv2d(1, 2, kernel_size=(rows, 3)), nn.ReLU())\n"
    unknown = "what kernel_size of Conv2d is cannot be told from this text; it was left out."
    assert remarks(code) == ("conv2d(filters=2,bias=True)-relu", (f"Line 1, column 21: {unknown}",))


@for_each(
    ("setting", "said"),
    [
        ("net[0].padding = (1,)", True),
        ("net[0].stride = chosen()", True),
        ("net[0].stride = 0", True),
        ("net[0].bias = nn.Parameter(torch.zeros(2))", False),  # no setting: these are numbers
        ("net[0].padding = 0", False),
        ("net[0].kernel_size = [3]", False),
        ("net[0].name = 3", False),
    ],
)
def test_a_setting_that_a_layer_gets_later_is_named(setting: str, said: bool) -> None:
    """Also for a class derived from a layer, unless it has its own forward."""
    name = setting.partition(" =")[0]
    code = f"net = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU())\n{setting}"
    conv, what = "conv1d(3,filters=2,bias=True)", say("paste.statement", what=name)
    assert remarks(code) == (f"{conv}-relu", (f"Line 2, column 1: {what}",) * said)
    code = (
        "class Conv(nn.Conv1d):\n    def __init__(self, *sizes):\n"
        f"        super().__init__(*sizes)\n        {setting.replace('net[0]', 'self')}\n"
    )
    what = what.replace(name, name.replace("net[0]", "self"))
    net = "net = nn.Sequential(Conv(1, 2, 3))"
    assert remarks(code + net) == (conv, (f"Line 4, column 9: {what}",) * said)
    own = "    def forward(self, x):\n        return super().forward(F.relu(x))\n"
    assert remarks(code + own + net) == (f"relu-{conv}", ())
