"""What a layer with another interface is handed: arrays, axes, settings, and as Python."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.grader.adapter import Adapter, begin_anew, leaves
from engine.grader.given import Inputs
from engine.grader.interfaces import restored
from engine.grader.plan import HANDED, Axes, Plan
from engine.grader.settings import NotTakenError, Parameters, parameters, setting_for
from tests.engine.grader.judging import BATCH, judgements
from tests.for_each import for_each

POOLED = """
import numpy as np
def max_pool_forward(x, pool_param):
    k, s = pool_param["pool_height"], pool_param["stride"]
    rows, columns = (x.shape[2] - k) // s + 1, (x.shape[3] - k) // s + 1
    windows = [x[:, :, s*i:s*i+k, s*j:s*j+k] for i in range(rows) for j in range(columns)]
    out = np.stack([each.min(axis=(2, 3)) for each in windows], axis=-1)
    return out.reshape(*x.shape[:2], rows, columns), (x, pool_param)
def max_pool_backward(dout, cache):
    return np.zeros(cache[0].shape)
"""


def test_the_settings_that_a_wrong_layer_looks_up_in_a_dict_are_asked_for(
    tmp_path: Path,
) -> None:
    (pool,) = judgements(tmp_path, POOLED)
    assert pool.verdict == "FAILED"
    assert pool.patterns[0] == "z is the minimum, not the maximum"
    # It is written for squares, and reads the length of one side only.
    uneven = pool.refused[f"a pair as size, and a number as stride with {BATCH}"]
    assert uneven == "forward takes one number as pool_height only"


ONE, OTHER, NUMBERS = np.ones(2), np.zeros((2, 2)), [[1.0, 2.0], [3.0, 4.0]]


@for_each(
    ("given", "each"),
    [
        (None, []),
        (ONE, [ONE]),
        ((ONE, (OTHER, ONE)), [ONE, OTHER, ONE]),
        ((ONE, [OTHER, ONE]), [ONE, OTHER, ONE]),
        ([ONE, OTHER], [ONE, OTHER]),
        ({"dx": ONE, "dw": OTHER}, [ONE, OTHER]),
        (NUMBERS, [NUMBERS]),  # an array as lists of lists is one gradient
        (NUMBERS[0], [NUMBERS[0]]),
        ((NUMBERS, ONE), [NUMBERS, ONE]),
        ((ONE, None), [ONE]),
    ],
)
def test_each_array_in_what_a_method_gives_counts_as_one(given: object, each: list[object]) -> None:
    found = leaves(given)
    assert len(found) == len(each)
    assert all(one is other for one, other in zip(found, each, strict=True))


@for_each(("is_loss", "each"), [(True, [[1.0, 0.5], [1.5, 0.0]]), (False, [[2, 1], [3, 0]])])
def test_gradients_of_one_example_at_a_time_are_those_of_the_mean_loss(
    is_loss: bool, each: list[list[float]]
) -> None:
    rows = iter([np.array([2, 1]), np.array([3, 0])])  # whole numbers, as they may be
    examples = ["a", "b"]
    inputs = SimpleNamespace(
        axes=SimpleNamespace(singly=True), x=examples, is_loss=is_loss, examples=lambda: examples
    )
    layer: Any = SimpleNamespace(
        inputs=inputs, _restored_output=lambda _: None, _gradients=lambda *_: next(rows)
    )
    assert Adapter.backward(layer, [1, 1]).tolist() == each


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (((2, 3), (4, 3), (4,)), "has no bias"),
        (((3,), (4, 3)), r"takes x as \(N, in\) only"),
        (((2, 3), (4, 3)), "takes 2 as stride only"),
    ],
)
def test_what_an_interface_does_not_take_is_refused_in_words(
    given: Sequence[tuple[int, ...]], said: str
) -> None:
    forms = [Axes(("ND", "MD", "NM"), ("ND", "MD", "NM"))]
    fixed = {"stride": 2} if "stride" in said else {}
    plan = Plan("Linear", "forward", "backward", forms, weight=HANDED, fixed=fixed)
    with pytest.raises(NotTakenError, match=f"^{said}$"):
        Adapter({}, plan, {}).begin(*map(np.ones, given))


IMAGE = {"N": 2, "C": 4, "H": 8, "W": 9, "D": 6, "F": 5, "K": 3, "L": 3}
SETTINGS: list[tuple[str, str, dict[str, Any], dict[str, int], object]] = [
    # what a parameter stands for, in which class, the settings, the sizes, what it gets
    ("k", "Conv2D", {}, {}, 3),
    ("k", "Conv2D", {}, {"L": 2}, (3, 2)),
    ("k", "Conv1D", {}, {"K": 2, "L": 2}, 2),
    ("FCKL", "Conv2D", {}, {}, (5, 4, 3, 3)),
    ("KLCF", "Conv2D", {}, {}, (3, 3, 4, 5)),
    ("stride", "Conv2D", {}, {}, 1),
    ("stride", "MaxPool", {"size": 3}, {}, 3),
    ("stride", "MaxPool", {"size": 3, "stride": 2}, {}, 2),
    ("padding", "MaxPool", {"size": 3}, {}, 0),
    ("size", "MaxPool", {}, {}, "takes windows of some size only"),
    ("size[0]", "MaxPool2D", {"size": (2, 3)}, {}, 2),
    ("stride[0]", "MaxPool2D", {"size": (2, 3)}, {}, 2),
    ("stride[1]", "MaxPool2D", {"size": 2, "stride": (3, 1)}, {}, 1),
    ("size[1]", "MaxPool2D", {"size": (2, 3)}, {}, 3),
    ("size[1]", "MaxPool2D", {}, {}, "takes windows of some size only"),
    ("padding-word", "Conv2D", {}, {}, "valid"),
    ("padding-word", "Conv2D", {"padding": 1}, {}, "same"),
    ("padding-WORD", "Conv2D", {"padding": 1}, {}, "SAME"),
    ("padding-word", "Conv2D", {"padding": 1}, {"L": 2}, "takes 'valid' and 'same' as padding"),
    ("padding-word", "Conv2D", {"padding": 1, "stride": 2}, {}, "takes 'valid' and 'same'"),
    ("1", "Linear", {}, {}, 1.0),
    ("CHW", "Conv2D", {}, {}, (4, 8, 9)),
    ("D,", "Linear", {}, {}, (6,)),
    ("F", "Conv2D", {}, {}, 5),
]


@for_each(("role", "of", "settings", "sizes", "found"), SETTINGS)
def test_what_a_parameter_gets(
    role: str, of: str, settings: dict[str, Any], sizes: dict[str, int], found: object
) -> None:
    known = {**IMAGE, **sizes}
    if isinstance(found, str) and found.startswith("takes "):
        with pytest.raises(NotTakenError, match=found):
            setting_for(role, of, settings, known)
        return
    assert setting_for(role, of, settings, known) == found
    if role in ("stride", "padding"):
        assert setting_for(role, of, settings, known, [role]) == (found, found)


def test_an_unknown_role_raises() -> None:
    with pytest.raises(KeyError, match="colour"):
        setting_for("colour", "Conv2D", {}, IMAGE)


def test_a_word_is_handed_over_interned_so_that_it_can_be_compared_by_is() -> None:
    adapter = Adapter({}, Plan("MaxPool2D", "forward", "backward"), {})
    assert adapter.value(["value", "".join(["m", "ax"])]) is sys.intern("max")


@pytest.mark.parametrize(
    ("ours", "theirs", "gets"),
    [("NCHW", "NHWC", (2, 4, 5, 3)), ("NCHW", "CHW", (3, 4, 5)), ("NCHW", "NCHW", (2, 3, 4, 5))],
)
def test_a_shape_is_handed_over_as_x_is(ours: str, theirs: str, gets: tuple[int, ...]) -> None:
    axes = Axes((ours, "", "N(CHW)"), (theirs, "", "N(CHW)"))
    adapter = Adapter({}, Plan("Flatten", "forward", "backward", forms=[axes]), {})
    adapter.begin(np.zeros((2, 3, 4, 5)))
    assert adapter.value(["role", "x.shape"]) == gets


@for_each(
    ("axes", "length", "gets"),
    [("", (), 1), ("", (7,), 7), ("", (2, 7), 2), ("D", (7,), 1), ("ND", (2, 7), 2)],
)
def test_a_number_of_examples_is_known_of_any_x(
    axes: str, length: tuple[int, ...], gets: int
) -> None:
    plan = Plan("ReLU", "forward", "backward", forms=[Axes((axes, "", axes), (axes, "", axes))])
    adapter = Adapter({}, plan, {})
    adapter.begin(np.zeros(length))
    assert adapter.value(["role", "N"]) == gets


def test_backward_cannot_be_handed_what_forward_does_not_give() -> None:
    axes = Axes(("", "", ""), ("", "", ""))
    plan = Plan("ReLU", "forward", "backward", functions=True, forms=[axes])
    plan = replace(plan, arguments=[["x", ["role", "x"]]])
    several, one = (
        Adapter({"forward": partial(lambda kept, x: (x, *kept), kept), "backward": None}, plan, {})
        for kept in ((1, 2), ((1, 2),))
    )
    several.forward(np.zeros(3))
    one.forward(np.zeros(3))
    assert [several.value(["role", f"cache[{place}]"]) for place in range(2)] == [1, 2]
    for adapter, place in ((several, 2), (one, 0)):
        with pytest.raises(NotTakenError, match="gives less beside its output than backward takes"):
            adapter.value(["role", f"cache[{place}]"])


def test_what_a_layer_looks_up_among_its_settings_is_noted() -> None:
    read, names = set[str](), set[str]()
    given = Parameters({"stride": 2, "pad": 1, "pool_height": 3}, read, names)
    assert given.get("dropout", 7) == 7
    assert (read, names) == (set(), set())
    assert given.get("stride") == 2
    assert (read, names) == ({"stride"}, {"stride"})
    assert given["pad"] == 1
    assert given["pool_height"] == 3
    assert (read, names) == ({"stride", "padding", "size"}, {"stride", "pad", "pool_height"})


def test_a_dict_of_settings_has_the_height_and_the_width_of_a_window() -> None:
    found = parameters("MaxPool2D", {"size": (2, 3), "padding": 1}, {})
    assert (found["pool_height"], found["pool_width"]) == (2, 3)
    assert (found["stride"], found["strides"], found["s"]) == (2, 2, 2)
    assert (found["pad"], found["padding"], found["p"]) == (1, 1, 1)
    assert not {"size", "f"} & {*found}, "there is no one number for both"
    assert parameters("MaxPool2D", {"size": 3, "stride": 1}, {})["f"] == 3
    assert parameters("Conv2D", {}, {"K": 3, "L": 3})["f"] == 3
    assert "f" not in parameters("Conv2D", {}, {"K": 3, "L": 2})
    assert parameters("Conv1D", {}, {"L": 3})["f"] == 3


@for_each(("read", "there"), [([], False), (["size", "size[1]"], True)])
def test_a_height_is_one_of_two_numbers_only_for_what_looks_up_a_width(
    read: list[str], there: bool
) -> None:
    plan = Plan("MaxPool2D", "forward", "backward", read=read)
    inputs = Inputs(plan, {"size": (2, 3), "stride": 1}, ("x", "dout"))
    inputs.sizes = {}
    given = inputs.value(["role", "parameters"])
    assert ("pool_height" in given) == there
    assert given["pool_width"] == 3
    assert inputs.text(["role", "parameters"]) == "{'pool_width': 3}", "what was looked up"


@for_each(
    ("theirs", "given", "put"),
    [
        ("FKLC", (2, 4, 5, 3), (2, 3, 4, 5)),
        ("FKLC", (2, 4, 5, 9), (2, 9, 4, 5)),  # only a length is wrong
        ("F(CKL)", (2, 60), (2, 3, 4, 5)),
        ("F(CKL)", (2, 61), (2, 61)),
        ("F(CKL)", (2, 3, 4, 5), (120,)),  # the lab's shape is wrong there
    ],
)
def test_a_wrong_shape_remains_wrong_in_the_labs_order_of_axes(
    theirs: str, given: tuple[int, ...], put: tuple[int, ...]
) -> None:
    sizes = {"F": 2, "C": 3, "K": 4, "L": 5}
    assert restored(np.zeros(given), "FCKL", theirs, sizes).shape == put


def test_a_layer_that_cannot_forget_its_last_pass_goes_on() -> None:
    begin_anew(SimpleNamespace(zero_grad=lambda: 1 / 0))


def test_a_layer_that_makes_its_weights_in_forward_forgets_that_pass_before_it_is_asked() -> None:
    class Dense:
        def __init__(self) -> None:
            self.weight: Any = None
            self.seen: list[Any] = []

        def forward(self, x: Any) -> Any:
            if self.weight is None:
                self.weight = np.zeros((4, x.shape[1]))
            self.seen.append(x)
            return x @ self.weight.T

        def zero_grad(self) -> None:
            self.seen.clear()

    plan = Plan(
        "Linear", "forward", "backward", [Axes(("ND", "MD", "NM"), ("ND", "MD", "NM"))],
        arguments=[["x", ["role", "x"]]], weight=[["attr", "weight"]], builds=True,
    )  # fmt: skip
    adapter = Adapter({"": Dense}, plan, {}, "Dense")
    for _ in range(2):
        adapter.forward(np.ones((2, 3)), np.ones((4, 3)))
        assert len(adapter.instance.seen) == 1


def test_one_example_at_a_time_is_written_as_a_loop_over_all_of_both() -> None:
    forms = [Axes(("ND", "MD", "NM"), ("D", "DM", "M"))]
    given: list[list[Any]] = [["x", ["role", "x"]], ["w", ["role", "w"]]]
    back: list[list[Any]] = [["dout", ["role", "dout"]]]
    plan = Plan("Linear", "forward", "backward", forms, arguments=given, back=back, weight=HANDED)
    adapter = Adapter({}, plan, {}, "Dense")
    adapter.begin(np.ones((2, 3)), np.ones((4, 3)))
    loop = "for n in range(len(x)): layer.forward(x[n], w=w.transpose(1, 0))"
    assert adapter.as_python() == {
        "made": ["layer = Dense()"],
        "forward": loop,
        "back": f"{loop}; layer.backward(dout[n])",
    }
    # If only forward creates the weights, it is first called with one example.
    built = Adapter({}, replace(plan, builds=True), {}, "Dense")
    built.begin(np.ones((2, 3)), np.ones((4, 3)))
    *_, line = built.as_python()["made"]
    assert line == "layer.forward(x[0], w=w.transpose(1, 0))"
    built.instance = SimpleNamespace(zero_grad=list)
    assert built.as_python()["made"] == ["layer = Dense()", line, "layer.zero_grad()"]


class Recorder:
    """A loss that records whatever it is handed."""

    def __init__(self) -> None:
        self.handed: list[Any] = []

    def forward(self, x: Any, y: Any) -> float:
        self.handed += [x, y]
        return 0.0

    def backward(self, p: Any, y: Any) -> Any:
        self.handed += [p, y]
        return p


@for_each("theirs", ["ND", "DN", "D", "D1"])
@for_each("one_hot", ["", "ND", "DN"])
def test_what_is_shown_of_a_loss_hands_over_what_was_handed_over(theirs: str, one_hot: str) -> None:
    x, labels = np.arange(12.0).reshape(3, 4) ** 2 / 9, np.array([2, 0, 3])
    given, back = (
        [[name, ["role", role]], ["y", ["role", "labels"]]]
        for name, role in (("x", "scores"), ("p", "probabilities"))
    )
    forms = [Axes(("ND", "", ""), (theirs, "", ""))]
    plan = Plan(
        "SoftmaxCrossEntropy", "forward", "backward", forms,
        arguments=given, back=back, one_hot=one_hot,
    )  # fmt: skip
    adapter = Adapter({"": Recorder}, plan, {}, "Recorder")
    adapter.forward(x, labels)
    adapter.backward(np.float64(1.0))
    lines = adapter.as_python()
    shell = {"np": np, "x": x, "labels": labels, "Recorder": Recorder}
    exec("\n".join((*lines["made"], lines["forward"], lines["back"])), shell)
    shown: Any = shell["layer"]
    assert len(shown.handed) == len(adapter.instance.handed) > 3
    for typed, handed in zip(shown.handed, adapter.instance.handed, strict=True):
        assert typed.shape == handed.shape
        np.testing.assert_allclose(typed, handed, rtol=1e-12)


@pytest.mark.parametrize(
    ("axes", "given", "typed"),
    [
        ("1F", False, "np.zeros((1, 4))"),
        ("1F", True, "b.reshape((1, 4))"),
        ("F", False, "np.zeros((4,))"),
        ("F", True, "b"),
    ],
)
def test_a_bias_is_handed_over_in_the_shape_that_it_has_there(
    axes: str, given: bool, typed: str
) -> None:
    handed: list[list[Any]] = [["x", ["role", "x"]], ["bias", ["role", "b"]]]
    plan = Plan(
        "Linear", "forward", "backward", [Axes(("ND", "MD", "NM"), ("ND", "MD", "NM"))],
        arguments=handed, weight=HANDED, bias=HANDED, bias_axes=axes,
    )  # fmt: skip
    adapter = Adapter({}, plan, {}, "Dense")
    adapter.begin(np.ones((2, 3)), np.ones((4, 3)), *([np.ones(4)] if given else []))
    assert adapter.as_python()["forward"] == f"layer.forward(x, bias={typed})"


@pytest.mark.parametrize(
    ("shape", "given", "typed"),
    [((4,), True, "b"), ((1, 4), True, "b.reshape((1, 4))"), ((4,), False, "0")],
)
def test_a_bias_is_written_in_the_shape_that_it_has_there(
    shape: tuple[int, ...], given: bool, typed: str
) -> None:
    class Dense:
        def __init__(self) -> None:
            self.weight, self.bias = np.zeros((4, 3)), np.zeros(shape)

        def forward(self, x: Any) -> Any:
            return x @ self.weight.T

    plan = Plan(
        "Linear", "forward", "backward", [Axes(("ND", "MD", "NM"), ("ND", "MD", "NM"))],
        arguments=[["x", ["role", "x"]]], weight=[["attr", "weight"]], bias=[["attr", "bias"]],
    )  # fmt: skip
    adapter = Adapter({"": Dense}, plan, {}, "Dense")
    adapter.forward(np.ones((2, 3)), np.ones((4, 3)), *([np.ones(4)] if given else []))
    assert adapter.as_python()["made"][-1] == f"layer.bias[...] = {typed}"
