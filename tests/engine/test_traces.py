"""Many passes at once; test_every_layer.py checks that each equals the one traced alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import engine.traces
from engine import (
    Add,
    AvgPool,
    AvgPool2D,
    Conv1D,
    Conv2D,
    ConvBlock,
    Flatten,
    Graph,
    Kinks,
    Layer,
    Linear,
    MaxPool,
    NumberError,
    Operation,
    ReLU,
    Sequential,
    ShapeError,
    Why,
    trace,
)
from engine.arrays import Array
from engine.layers.base import Grads
from engine.traces import traces
from tests.engine.rows import normals


def assert_each_alone(layer: Layer, *inputs: Array, dout: Array) -> None:
    together = [*traces(layer, *inputs, dout=dout)]
    assert len(together) == len(dout)
    for one, *given, sent in zip(together, *inputs, dout, strict=True):
        alone = trace(layer, *given, dout=sent)
        assert_array_equal(one.output, alone.output)
        for left, right in zip(one.grads, alone.grads, strict=True):
            assert_array_equal(left, right)


# Sums of several numbers, over arrays that earlier operations leave in another memory order.
SUMS: dict[str, tuple[Layer, Sequence[tuple[int, ...]]]] = {
    "means of nine": (Sequential(MaxPool(3, 1, 1), AvgPool()), [(1, 1, 9)]),
    "means, then windows": (Sequential(AvgPool(2), Conv1D()), [(6,), (3,)]),
    "weights over a batch": (Sequential(AvgPool(4), MaxPool(2), Conv1D()), [(4, 2, 9), (1, 2, 1)]),
    "one window": (Sequential(MaxPool(), ReLU(), Conv1D()), [(1, 1, 8), (1, 1, 1)]),
    "all of an example": (Sequential(Conv1D(), Conv1D()), [(3, 2, 9), (2, 2, 3), (3, 2, 7)]),
    "images": (Sequential(AvgPool2D(2), Conv2D(), AvgPool2D()), [(2, 6, 7), (2, 2, 2, 2)]),
    "rows": (Sequential(Conv1D(), Flatten(), Linear()), [(3, 2, 6), (2, 2, 3), (2, 8)]),
}


@pytest.mark.parametrize(("layer", "shapes"), SUMS.values(), ids=list(SUMS))
def test_what_is_rounded_is_rounded_as_alone(
    layer: Layer, shapes: Sequence[tuple[int, ...]]
) -> None:
    output = trace(layer, *map(np.ones, shapes)).output.shape
    for seed in range(40):
        *inputs, dout = normals([(5, *shape) for shape in (*shapes, output)], seed)
        inputs = [np.round(each, 1) for each in inputs]
        for one, *given, sent in zip(traces(layer, *inputs, dout=dout), *inputs, dout, strict=True):
            alone = trace(layer, *given, dout=sent)
            assert one.output.tobytes() == alone.output.tobytes()
            for left, right in zip(one.steps, alone.steps, strict=True):
                for mine, theirs in zip(left.grads, right.grads, strict=True):
                    assert mine.tobytes() == theirs.tobytes(), left.name


def test_the_order_in_memory_changes_no_bit() -> None:
    """In another one numpy may add up in another order."""
    layer, shapes = SUMS["means, then windows"]
    for seed in range(5):
        inputs = normals([(5, *shape) for shape in shapes], seed)
        turned = map(np.asfortranarray, inputs)
        both = (traces(layer, *each, dout=np.ones((5, 1))) for each in (inputs, turned))
        for one, other in zip(*both, strict=True):
            assert one.output.tobytes() == other.output.tobytes()


class Leaky(ReLU):
    """Computes something else, but inherits a ReLU's way to compute many passes at once."""

    def apply(self, *inputs: Array) -> tuple[Any, Any]:
        """Leak by an amount that depends on the whole input."""
        output, cache = super().apply(*inputs)
        return output + np.minimum(inputs[0], 0) * inputs[0].max(), cache


class Clipped(ReLU):
    """Has another gradient than a ReLU."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Divide the gradient by the sum of all |dout|."""
        pulled = super().vjp(dout, cache, kinks)
        return pulled._replace(grads=(pulled.grads[0] / np.abs(dout).sum(),))


class Stopping(ReLU):
    """Lets no gradient through, be it out of range."""

    def vjp(self, dout: Array, cache: Any, kinks: Kinks) -> Grads:
        """Go on as if nothing had arrived."""
        return super().vjp(np.zeros_like(dout), cache, kinks)


@pytest.mark.parametrize("layer", [Leaky(), Clipped(), Sequential(Leaky(), Clipped())])
def test_a_layer_that_computes_something_else_does_one_after_the_other(layer: Layer) -> None:
    x, dout = normals([(4, 3), (4, 3)])
    assert_each_alone(layer, x, dout=dout)


def test_the_engines_own_layers_compute_many_passes_as_one() -> None:
    rows: dict[Operation, list[tuple[int, ...]]] = {
        ReLU(): [(3,)], Add(): [(3,), (3,)], Conv1D(): [(3,), ()],
        MaxPool(): [(3,)], AvgPool(2): [(3,)], Linear(): [(3,), (2, 3)], Flatten(): [(3,)],
    }  # fmt: skip
    for layer, shapes in rows.items():
        assert isinstance(layer.passes(4, *shapes).wide, Operation), layer


class Shifted(Conv1D):
    """Computes something else, but inherits a convolution's way to many outputs at once."""

    def apply(self, *inputs: Array) -> tuple[Any, Any]:
        """Add the largest entry of the whole input."""
        output, cache = super().apply(*inputs)
        return output + inputs[0].max(), cache


def test_the_outputs_of_copies_are_those_of_the_layer_itself() -> None:
    copies, w = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.ones(2)
    assert_array_equal(Conv1D().outputs((0,), (copies, w)), [[3, 5], [9, 11]])
    assert_array_equal(Shifted().outputs((0,), (copies, w)), [[6, 8], [15, 17]])


@pytest.mark.parametrize("name", ["apply", "vjp"])
def test_a_layer_with_a_replaced_method_does_one_pass_after_the_other(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    layer, other = ReLU(), {"apply": Leaky(), "vjp": Clipped()}[name]
    monkeypatch.setattr(layer, name, getattr(other, name))
    x, dout = normals([(4, 3), (4, 3)])
    assert_each_alone(layer, x, dout=dout)


def test_large_passes_go_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    x, w, dout = normals([(7, 6), (7, 2, 3), (7, 2)])
    asked: list[int] = []
    together = engine.traces._together

    def counted(layer: Layer, inputs: Any, dout: Any, kinks: Kinks) -> Any:
        made = together(layer, inputs, dout, kinks)
        asked.append(len(made))
        return made

    monkeypatch.setattr(engine.traces, "_together", counted)
    widest = 3 * 4  # entries: the four windows of three in one pass
    for room, parts in ((3 * widest, [3, 3]), (7 * widest, [7]), (widest - 1, [])):
        monkeypatch.setattr(engine.traces, "ROOM", room)
        asked.clear()
        assert_each_alone(ConvBlock(), x, w, dout=dout)
        assert asked == parts, "one that is left over goes alone"


def test_a_number_out_of_range_is_refused_in_the_words_of_a_single_pass() -> None:
    x, w = np.array([[1.0, 2.0], [3e307, 1e308], [1.0, 1.0]]), np.full((3,), 9.0)
    dout = np.ones(3)
    with pytest.raises(NumberError) as alone:
        trace(ConvBlock(), x[1], w[1])
    with pytest.raises(NumberError) as together:
        [*traces(ConvBlock(), x, w, dout=dout)]
    assert str(together.value) == str(alone.value)
    assert "Conv1D: the output needs" in str(alone.value)
    for layer in (MaxPool(2, 1), Sequential(Stopping(), MaxPool(2, 1))):
        with pytest.raises(NumberError, match="the gradient of"):
            [*traces(layer, np.ones((2, 3)), dout=np.array([[1.0, 1.0], [1.7e308, 1.7e308]]))]


@pytest.mark.parametrize(
    ("shapes", "dout"), [(((3, 5), (2,)), (3,)), (((3, 5), (3,)), (2,)), (((3, 5), ()), (3,))]
)
def test_another_number_of_one_input_or_of_dout_is_refused(shapes: Any, dout: Any) -> None:
    x, w, sent = normals([*shapes, dout])
    with pytest.raises(ShapeError, match=r"as many of each input and of dout; got \(3, 5\), \("):
        [*traces(ConvBlock(), x, w, dout=sent)]


@pytest.mark.parametrize(("a", "dout"), [(2.0, 1.0), ([2.0], 1.0), (2.0, [1.0])])
def test_a_single_number_is_no_pass(a: Any, dout: Any) -> None:
    with pytest.raises(ShapeError, match=r"ReLU: needs as many of each input and of dout; got \("):
        [*traces(ReLU(), a, dout=dout)]


def test_an_upstream_gradient_has_the_outputs_shape() -> None:
    x, w = normals([(3, 5), (3, 2)])
    for layer in (Conv1D(), ConvBlock()):  # a stack is named itself, not its last layer
        with pytest.raises(ShapeError, match=f"^{layer.title}: dout needs the shape of the output"):
            [*traces(layer, x, w, dout=np.ones((3, 5)))]


def test_what_is_handed_over_is_neither_kept_nor_changed() -> None:
    x, dout = normals([(3, 4), (3, 4)])
    before = x.copy(), dout.copy()
    found = [*traces(ReLU(), x, dout=dout)]
    x[...], dout[...] = 0, 0
    for one, own, sent in zip(found, *before, strict=True):
        assert_array_equal(one.steps[0].inputs[0], own)
        assert_array_equal(one.dout, sent)
        for array in (one.output, one.dout, *one.grads, *one.steps[0].inputs, *one.steps[0].why):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 1


def test_a_scalar_that_several_read_has_a_reason() -> None:
    branches = Graph(
        ("z", MaxPool(), "x"), ("h", ReLU(), "z"), ("g", ReLU(), "z"), ("s", Add(), "h", "g")
    )
    some = traces(branches, [[-1.0, -2.0], [3.0, 2.0]], dout=[1.0, 1.0])
    whys = [each.values[1].why for each in some]
    assert [(why.shape, why.item()) for why in whys] == [((), Why.GATE_CLOSED), ((), Why.FLOWS)]
