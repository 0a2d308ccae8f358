"""The output along one entry, many copies of a pass in one, and one-sided derivatives.

Many copies in one pass give what one pass after another gives, and a layer's overridden methods are
never bypassed. One-sided derivatives are exact on both sides of every kink of the block.
"""

import tracemalloc
from functools import partial
from itertools import count
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import ArrayLike

from engine import (
    Conv1D,
    Conv2D,
    ConvBlock,
    Kinks,
    Layer,
    Linear,
    MaxPool,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    gradient_check,
    one_sided,
    trace,
)
from engine.arrays import Array
from engine.check import differences
from engine.check.differences import (
    Curve,
    Forward,
    Sides,
    curve,
    layer_behind,
    outputs_of_all,
    slopes_of,
)
from engine.layers.base import Node, Operation
from engine.layers.graph import operations_of
from tests.engine.cases import Case, on_cases
from tests.engine.rows import KINKS, Row, Shape, every_layer, normals
from tests.engine.rows import Array as Numbers
from tests.for_each import for_each

VALUES = np.linspace(-3, 3, 13)
COPIES = 3
BLOCKS: dict[str, tuple[list[float], float, list[list[float]], list[float]]] = {
    # x, w, [left, right] for x, and for w
    "unique maximum": ([1, 3, 2], 2, [[0, 2, 0], [0, 2, 0]], [3, 3]),
    "two-way tie": ([3, 3, 1], 1, [[0, 0, 0], [1, 1, 0]], [3, 3]),
    "tie under a negative weight": ([-3, -3], -1, [[-1, -1], [0, 0]], [-3, -3]),
    "all negative": ([-1, -2, -3], 1, [[0, 0, 0], [0, 0, 0]], [0, 0]),
    "zero among negatives": ([-1, 0], 1, [[0, 0], [0, 1]], [0, 0]),
    "zero weight": ([1, -2], 0, [[0, 0], [0, 0]], [-2, 1]),
}


def along(looked_at: Curve, argument: int, index: tuple[int, ...], values: ArrayLike) -> Array:
    """The curve where one entry has each of these values, all else fixed."""
    place, moved = np.array([looked_at.place(argument, index)]), np.reshape(values, (1, -1))
    ((_, changes),) = looked_at.changes(place, np.asarray(moved, float))
    found: Array = np.vdot(looked_at.output, looked_at.dout) + changes[0] @ looked_at.dout.ravel()
    return found


def test_along_the_labs_block_by_hand() -> None:
    block = curve(ConvBlock().forward, ([1.5, -1.0, 0.5], 2.0), None)
    assert_array_equal(along(block, 0, (2,), [-4, 0, 1.5, 2, 5]), [3, 3, 3, 4, 10])
    assert_array_equal(along(block, 0, (0,), [-1, 0.25, 0.5, 1]), [1, 1, 1, 2])
    assert_array_equal(along(block, 1, (), [-2, -0.5, 0, 1, 4]), [2, 0.5, 0, 1.5, 6])
    assert_array_equal(block.params[0], [1.5, -1, 0.5])


@every_layer
def test_along_every_entry_is_one_call_after_the_other(row: Row) -> None:
    layer, inputs = row.make(), normals(row.shapes)
    for forward in (layer.forward, lambda *given: layer.forward(*given)):
        looked_at = curve(forward, tuple(inputs), None)
        for argument, param in enumerate(inputs):
            for index in list(np.ndindex(*param.shape))[:3]:
                expected = slowly(layer, inputs, argument, index, looked_at.dout)
                assert_allclose(along(looked_at, argument, index, VALUES), expected, atol=1e-12)


def slowly(
    layer: Layer, inputs: list[np.ndarray], argument: int, index: tuple[int, ...], dout: np.ndarray
) -> list[float]:
    """Run one pass for each value."""
    found = []
    for value in VALUES:
        moved = [each.copy() for each in inputs]
        moved[argument][index] = value
        found.append(float((layer.forward(*moved) * dout).sum()))
    return found


def test_a_place_that_is_not_there_is_refused() -> None:
    looked_at = curve(ConvBlock().forward, ([1.0, 2.0], 2.0), None)
    with pytest.raises(ValueError, match="invalid entry in coordinates array"):
        looked_at.place(0, (2,))
    with pytest.raises(ValueError, match="sequence of length 0"):
        looked_at.place(1, (0,))


def test_a_large_sum_may_be_taken_in_another_order_in_a_later_call() -> None:
    x, calls = np.array([1e6, 0.1, 0.2, 0.7]), count()
    assert x.sum() != x[::-1].sum()
    assert curve(lambda x: (x[::-1] if next(calls) else x).sum(), (x,), None).output == x.sum()


@every_layer
@on_cases(6)
def test_the_outputs_of_many_copies_at_once_are_those_of_each_alone(row: Row, case: Case) -> None:
    inputs = case.inputs(*row.shapes)
    layer = row.make()
    for copied, shape in enumerate(row.shapes):
        stacked = np.stack(case.inputs(*[shape] * COPIES))
        together = outputs_of_all(layer, inputs, {copied: stacked})
        for copy, output in zip(stacked, together, strict=True):
            alone, _ = layer.apply(*inputs[:copied], copy, *inputs[copied + 1 :])
            assert output.shape == alone.shape
            # Whole numbers are exact, so that both ways have the same ties.
            assert_allclose(output, alone, rtol=1e-14)


@every_layer
def test_the_check_says_the_same_of_copies_at_once_as_of_each_alone(row: Row) -> None:
    for inputs in (normals(row.shapes), [np.round(each) for each in normals(row.shapes, 3)]):
        layer = row.make()
        backward = partial(layer.backward, kinks=KINKS[0])
        together = gradient_check(layer.forward, backward, *inputs)
        alone = gradient_check(lambda *x, layer=layer: layer.forward(*x), backward, *inputs)
        for one, other in zip(together, alone, strict=True):
            assert one.verdict == other.verdict
            assert_allclose(one.numeric, other.numeric, atol=1e-8)
            assert [each.index for each in one.disagreements] == [
                each.index for each in other.disagreements
            ]


@every_layer
def test_one_sided_slopes_of_copies_at_once_are_those_of_each_alone(row: Row) -> None:
    inputs, layer = [np.round(each) for each in normals(row.shapes, 3)], row.make()
    alone = one_sided(lambda *x: layer.forward(*x), *inputs)
    for one, other in zip(one_sided(layer.forward, *inputs), alone, strict=True):
        assert_allclose(one, other, atol=1e-8)


@every_layer
def test_no_layer_of_the_engine_is_called_copy_by_copy(row: Row) -> None:
    layer = row.make()
    assert layer_behind(layer.forward, tuple(normals(row.shapes))) is layer
    operations = operations_of(layer)
    assert operations
    for operation in operations:
        one, other = type(operation), Operation
        own = (one.apply_to_copies, one.beside) != (other.apply_to_copies, other.beside)
        assert own, f"{one.title} needs `beside` or `apply_to_copies`, for many copies in one"


class Leaky(ReLU):
    """Computes something else, but keeps the backward pass of a ReLU."""

    def apply(self, *inputs: Array) -> tuple[Any, Any]:
        """Leak below 0."""
        output, cache = super().apply(*inputs)
        return output + 0.25 * np.minimum(inputs[0], 0), cache


class OverBatch(MaxPool):
    """Right for one example, but mixes several."""

    def apply(self, *inputs: Array) -> tuple[Any, Any]:
        """Give each example the largest value of all of them."""
        output, cache = super().apply(*inputs)
        return np.full_like(output, output.max()), cache


class Doubling(ReLU):
    """Doubles its inputs before it computes with them."""

    def admit(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Double the inputs."""
        return tuple(2 * each for each in super().admit(inputs))


class OwnForward(ReLU):
    """Overrides forward, not apply."""

    def forward(self, *inputs: Any) -> Any:
        """Run a ReLU on the square."""
        return super().forward(inputs[0] ** 2)


class Reordered(Sequential):
    """Runs another network than its layers are."""

    def run(self, *inputs: Any) -> Any:
        """Run the layers on the negative input."""
        return super().run(-inputs[0], *inputs[1:])


class Negated(Sequential):
    """Turns round what its layers make."""

    def apply(self, *inputs: Array) -> tuple[Any, Any]:
        """Give the negative output."""
        output, cache = super().apply(*inputs)
        return -output, cache


class OwnPlan(ReLU):
    """Has another plan than the operation that it is."""

    def plan(self, count: int) -> tuple[Node, ...]:
        """Give that of a leaky ReLU."""
        return Leaky().plan(count)


class WithOwnCopies(Leaky):
    """Defines how its copies are computed."""

    def __init__(self) -> None:
        """Start without any calls."""
        self.calls: list[tuple[int, ...]] = []

    def apply_to_copies(self, copied: tuple[int, ...], inputs: tuple[Array, ...]) -> Array:
        """Compute all at once, which is right for an elementwise layer."""
        self.calls.append(inputs[0].shape)
        output: Array = self.apply(*inputs)[0]
        return output


FOREIGN = {
    "apply overridden": (Leaky(), ()),
    "examples mixed": (OverBatch(), ()),
    "inputs changed": (Doubling(), ()),
    "forward overridden": (OwnForward(), ()),
    "network overridden": (Reordered(Conv1D(), ReLU()), ((),)),
    "network's output overridden": (Negated(Conv1D(), ReLU()), ((),)),
}


@pytest.mark.parametrize(("layer", "shapes"), FOREIGN.values(), ids=list(FOREIGN))
def test_what_is_checked_is_what_was_handed_in(layer: Layer, shapes: Any) -> None:
    inputs = normals(((2, 4) if not shapes else (4,), *shapes))
    together = gradient_check(layer.forward, layer.backward, *inputs)
    alone = gradient_check(lambda *x: layer.forward(*x), layer.backward, *inputs)
    assert "FAILED" in {result.verdict for result in together}
    for one, other in zip(together, alone, strict=True):
        assert_array_equal(one.numeric, other.numeric)


def test_a_method_replaced_on_the_layer_or_its_class_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x, w = normals([(5,), ()])
    relu, conv = ReLU(), Conv1D()
    assert layer_behind(relu.forward, (x,)) is relu
    assert layer_behind(OwnPlan().forward, (x,)) is None
    monkeypatch.setattr(relu, "apply", Leaky().apply)
    left, _ = one_sided(relu.forward, x)[0]
    assert_allclose(left, np.where(x > 0, 1, 0.25), atol=1e-8)
    monkeypatch.setattr(Conv1D, "apply", lambda self, x, w: (w * x**2, None))
    left, _ = one_sided(conv.forward, x, w)[0]
    assert_allclose(left, 2 * w * x, atol=1e-6)


def test_one_foreign_layer_among_others_is_called_copy_by_copy() -> None:
    network, inputs = Sequential(Conv1D(), Leaky()), normals([(5,), (2, 2)])
    assert layer_behind(network.forward, tuple(inputs)) is network
    sides = one_sided(network.forward, *inputs)
    for (left, right), grad in zip(sides, leaky_gradients(*inputs), strict=True):
        assert_allclose(left, grad, atol=1e-8)
        assert_allclose(right, grad, atol=1e-8)
    results = gradient_check(network.forward, network.backward, *inputs)
    assert [result.verdict for result in results] == ["FAILED", "FAILED"]


def leaky_gradients(x: Numbers, w: Numbers) -> tuple[Numbers, Numbers]:
    """∂/∂x and ∂/∂w of Σ leaky(w * x), one product at a time."""
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for f, i in np.ndindex(2, 4):
        slope = 1.0 if w[f] @ x[i : i + 2] > 0 else 0.25
        dx[i : i + 2] += slope * w[f]
        dw[f] += slope * x[i : i + 2]
    return dx, dw


def test_a_way_of_ones_own_is_used() -> None:
    layer = WithOwnCopies()
    gradient_check(layer.forward, layer.backward, [1.0, 2.0])
    assert layer.calls == [(4, 2)]


def test_labels_that_are_handed_over_are_called_with() -> None:
    loss = SoftmaxCrossEntropy()
    logits, labels = normals([(2, 3)])[0], np.array([0.0, 2.0])
    assert layer_behind(loss.forward, (logits, labels)) is None
    assert layer_behind(SoftmaxCrossEntropy([0, 2]).forward, (logits,)) is not None


def test_a_result_out_of_range_is_refused_as_in_a_single_pass() -> None:
    conv = Conv1D()
    for forward in (conv.forward, lambda *x: conv.forward(*x)):
        with pytest.raises(ValueError, match=r"Conv1D: the output needs to stay within the range"):
            along(curve(forward, ([1.0, 1.0], 1e300), None), 0, (0,), [1.0, 1e300])
    network = Sequential(Conv1D(), ReLU())
    with pytest.raises(ValueError, match=r"Conv1D: the output needs to stay within the range"):
        along(curve(network.forward, ([1.0, 1.0], -1e300), None), 0, (0,), [1e300])


def test_the_layer_still_remembers_the_params_afterwards() -> None:
    block = ConvBlock()
    x, w = normals([(5,), ()])
    gradient_check(block.forward, block.backward, x, w)
    assert_allclose(block.backward(1.0)[0], trace(block, x, w).grads[0])


@pytest.mark.parametrize(
    ("forward", "shapes"),
    [
        # All at once, the windows of 1152 copies would see 9 · 22 · 22 numbers each: 40 MB.
        (Sequential(Conv2D(), ReLU(), MaxPool2D(2)).forward, [(24, 24), (4, 3, 3)]),
        # And 400 copies would have 200 · 50 numbers each on their way: 32 MB.
        (Sequential(Linear(), ReLU(), Linear()).forward, [(200, 2), (50, 2), (1, 50)]),
        # And a function's 200 outputs of 20,000 numbers would be 32 MB.
        (lambda x: np.repeat(x, 200), [(100,)]),
    ],
    ids=["windows", "on the way", "outputs of a function"],
)
def test_no_array_of_copies_is_large(forward: Forward, shapes: list[Shape]) -> None:
    looked_at = curve(forward, tuple(normals(shapes)), None)
    tracemalloc.start()
    slopes_of(looked_at, 1e-6)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12e6


def test_a_copy_for_which_there_is_no_room_is_computed_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(differences, "ROOM", 1)
    monkeypatch.setattr(differences, "ENTRIES_FEW", 0)
    left, right = one_sided(ReLU().forward, [0.0, 2.0])[0]
    assert (left.tolist(), right.tolist()) == ([0, 1], [1, 1])


@pytest.mark.parametrize(
    ("layer", "shapes"),
    [(Linear(), [(2, 3), (4, 3), (4,)]), (Conv1D(padding=1), [(2, 3, 5), (4, 3, 2), (4,)])],
    ids=["linear", "convolution"],
)
def test_what_is_added_up_in_an_output_is_itself_and_every_entry_times_its_slope(
    layer: Layer, shapes: list[Shape]
) -> None:
    inputs = normals(shapes)
    added_up = np.abs(layer.forward(*inputs))
    for argument, param in enumerate(inputs):  # linear in each: one entry at a time, the rest 0
        nothing = layer.forward(*inputs[:argument], 0 * param, *inputs[argument + 1 :])
        for index in np.ndindex(*param.shape):
            alone = np.zeros_like(param)
            alone[index] = param[index]
            made = layer.forward(*inputs[:argument], alone, *inputs[argument + 1 :])
            added_up += np.abs(made - nothing)
    found = slopes_of(curve(layer.forward, tuple(inputs), None), 2.0**-20)
    assert_allclose(found.sizes, added_up.ravel(), rtol=1e-8)


def test_how_far_off_a_slope_may_be_has_nothing_to_do_with_its_sign() -> None:
    *inputs, dout = normals([(2, 3), (4, 3), (2, 4)])

    def sides(arriving: Array) -> Sides:
        looked_at = curve(Linear().forward, tuple(inputs), arriving)
        return slopes_of(looked_at, 2.0**-20).sides(np.arange(looked_at.entries.size))

    one, other = sides(np.abs(dout)), sides(-np.abs(dout))
    assert_array_equal(other.left, -one.left)
    assert_array_equal(other.slack, one.slack)


def test_what_an_output_loses_on_the_way_counts_alike_for_either_sign_of_dout() -> None:
    """1 + tanh(x) moves in grains of 1.1e-16 at -18, while it is as small as 4.4e-16 itself."""
    one, other = (
        slopes_of(curve(lambda x: np.tanh(x) + 1, ([-18.0],), dout), 2.0**-20).sides(np.arange(1))
        for dout in (1.0, -1.0)
    )
    assert one.slack > 1e-11, "far more than the rounding of so small an output"
    assert_array_equal(other.slack, one.slack)


@for_each(("x", "w", "of_x", "of_w"), BLOCKS.values(), ids=list(BLOCKS))
def test_the_block_by_hand(
    x: list[float], w: float, of_x: list[list[float]], of_w: list[float]
) -> None:
    sides_x, sides_w = one_sided(ConvBlock().forward, x, w)
    assert_allclose(sides_x, of_x, atol=1e-9)
    assert_allclose(sides_w, of_w, atol=1e-9)
    for sides in (*sides_x, *sides_w):
        assert not np.signbit(sides[sides == 0]).any(), "0, not −0"


def test_shapes_and_dtypes() -> None:
    inputs = normals([(2, 3, 5), (2, 3, 2)])
    for (left, right), given_ in zip(one_sided(Conv1D().forward, *inputs), inputs, strict=True):
        assert left.shape == right.shape == given_.shape
    ((left, _),) = one_sided(ReLU().forward, np.float32(2))
    assert left.dtype == np.float64
    assert left == 1


def test_away_from_kinks_both_sides_are_precise() -> None:
    inputs = normals([(2, 3, 5), (2, 3, 2)])
    network = Sequential(Conv1D(), ReLU(), MaxPool(2))
    expected = trace(network, *inputs).grads
    for sides, grad in zip(one_sided(network.forward, *inputs), expected, strict=True):
        assert_allclose(sides, [grad, grad], atol=1e-7)


def test_a_slope_is_over_how_far_the_entry_really_moved() -> None:
    """Above 1 numbers are half as dense as below, so a step that ends there is rounded."""
    entries = [1 - 2.0**-53, 2.0**-53 - 1]
    ((left, right),) = one_sided(lambda x: x, entries)
    assert left.tolist() == right.tolist() == [1, 1]
    wide = slopes_of(curve(lambda x: x, (entries,), 1.0), 2.0**-20).wide
    assert wide.tolist() == [[1, 1], [1, 1]]


def test_a_kink_that_is_slight_beside_its_slopes_is_one() -> None:
    ((left, right),) = one_sided(lambda x: 1024 * x + np.maximum(x, 0) / 2, 0.0)
    assert [float(left), float(right)] == [1024, 1024.5]


@pytest.mark.parametrize("x", [1e-7, 1e-9, -1e-9, 2.0**-33])
def test_a_kink_nearby_is_not_here(x: float) -> None:
    ((left, right),) = one_sided(ReLU().forward, x)
    assert_allclose([left, right], [x > 0] * 2, atol=1e-4)


def test_dout_weighs_the_outputs() -> None:
    relu = ReLU()
    for dout, slope in ((1.0, 1), (-2, -2), ([3.0, 0.0], [3, 0])):
        ((left, right),) = one_sided(relu.forward, [0.0, 0.0], dout=dout)
        assert_allclose(left, [0, 0], atol=1e-9)
        assert_allclose(right, np.broadcast_to(slope, 2), atol=1e-9)
    with pytest.raises(ValueError, match=r"check: dout needs the shape of the output, \(2,\)"):
        one_sided(relu.forward, [0.0, 0.0], dout=[1.0])


@on_cases()
def test_every_gradient_lies_in_its_bracket_with_windows_of_one_sign(case: Case) -> None:
    network = Sequential(ReLU(), MaxPool(2, 1))
    x, dout = case.integers((5,)), np.abs(case.integers((4,)))
    ((left, right),) = one_sided(network.forward, x, dout=dout)
    for ties in ("first", "split"):
        grad = trace(network, x, dout=dout, kinks=Kinks(0.0, ties)).grads[0]
        assert (np.minimum(left, right) - 1e-8 <= grad).all()
        assert (grad <= np.maximum(left, right) + 1e-8).all()


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^check: param #0 needs finite numbers; got nan"):
        one_sided(ReLU().forward, [np.nan])
    with pytest.raises(ValueError, match=r"^check: needs at least one param"):
        one_sided(ReLU().forward)


def test_a_large_output_hides_a_kink_that_does_not_reach_it() -> None:
    for large, sides in ((2.0**29, (0, 1)), (2.0**31, (0.5, 0.5))):
        ((left, right),) = one_sided(ReLU().forward, [0, large])
        assert (left[0], right[0]) == sides
