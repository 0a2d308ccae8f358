"""The trace of a pass: its steps, other rules, and where a gradient was stopped."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine import (
    LAB,
    Conv1D,
    ConvBlock,
    Kinks,
    MaxPool,
    ReLU,
    Sequential,
    Step,
    Stop,
    Term,
    Trace,
    Why,
    terms,
    trace,
)
from engine.errors import SettingError
from engine.trace import arriving, common_reason
from tests.engine.cases import Case, on_cases
from tests.engine.rows import KINKS, Row, every_layer, normals
from tests.for_each import for_each

FIRST = Kinks(0.0, "first")
Place = tuple[int, tuple[int, ...], Why]


def test_every_step_of_the_block_by_hand() -> None:
    traced = trace(ConvBlock(), [3, 3, -1, 0], 1, dout=-2)
    conv, relu, pool = traced.steps
    assert [step.name for step in traced.steps] == ["Conv1D", "ReLU", "MaxPool"]
    assert [step.arguments for step in traced.steps] == [("x", "w"), ("x",), ("x",)]
    assert_array_equal(conv.output, relu.inputs[0])
    assert_array_equal(relu.output, [3, 3, 0, 0])
    assert_array_equal(pool.dout, -2)
    assert_array_equal(relu.dout, [-2, -2, 0, 0])
    assert_array_equal(conv.dout, relu.grads[0])
    assert_array_equal(traced.output, 3)
    assert_array_equal(traced.grads[0], [-2, -2, 0, 0])
    assert_array_equal(traced.grads[1], -12)
    assert_array_equal(pool.why[0], [Why.FLOWS, Why.FLOWS, Why.NOT_MAX, Why.NOT_MAX])
    assert_array_equal(relu.why[0], [Why.FLOWS, Why.FLOWS] + [Why.UPSTREAM_ZERO] * 2)
    assert_array_equal(pool.kinked[0], [True, True, False, False])
    assert_array_equal(relu.kinked[0], [False] * 4)


def test_gradients_come_in_the_order_of_the_inputs() -> None:
    network = Sequential(Conv1D(), ReLU(), Conv1D())
    traced = trace(network, [1.0, 2.0], 3.0, 1.0, 5.0, 0.0)
    assert [float(np.sum(grad)) for grad in traced.grads] == [30, 15, 10, 11, 2]


def test_steps_have_names_of_their_own() -> None:
    network = Sequential(Conv1D(), ReLU(), Conv1D(), ReLU(), ReLU())
    names = [step.name for step in trace(network, [1.0], 1.0, 1.0).steps]
    assert names == ["Conv1D", "ReLU", "Conv1D 2", "ReLU 2", "ReLU 3"]
    assert [step.name for step in trace(ReLU(), 1.0).steps] == ["ReLU"]


@on_cases()
def test_under_another_rule_is_a_trace_under_it(case: Case) -> None:
    x, w = case.integers((6,)), case.integers((2,))
    network = Sequential(Conv1D(), ReLU(), MaxPool(3, 1, 1))
    one, other = case.one_of(KINKS), case.one_of(KINKS)
    dout = case.integers((5,))
    moved, fresh = (
        trace(network, x, w, dout=dout, kinks=one).under(other),
        trace(network, x, w, dout=dout, kinks=other),
    )
    assert moved.kinks == other
    assert moved.steps[0].run is not fresh.steps[0].run
    for mine, theirs in zip(moved.steps, fresh.steps, strict=True):
        assert_array_equal(mine.output, theirs.output)
        assert_array_equal(mine.grads[0], theirs.grads[0])
        assert_array_equal(mine.why[0], theirs.why[0])


def test_a_trace_is_frozen_and_leaves_the_layer_alone() -> None:
    block = ConvBlock()
    block.forward([1, 5], 2)
    traced = trace(block, [3, 1], 1)
    assert_array_equal(block.backward(1.0)[0], [0, 2])
    for thing, name in ((traced, "dout"), (traced.steps[0], "name")):
        with pytest.raises(AttributeError):
            setattr(thing, name, None)
    assert traced == traced
    assert len({traced, traced.under(FIRST)}) == 2


def cause(traced: Trace, argument: str | int, *index: int) -> tuple[str, Why]:
    return traced.cause(0, argument, index)


def test_causes_in_the_block() -> None:
    traced = trace(ConvBlock(), [3, 3, -1], 1, kinks=FIRST)
    assert cause(traced, "x", 0) == ("Conv1D", Why.FLOWS)
    assert cause(traced, "x", 1) == ("MaxPool", Why.TIE_LOST)
    assert cause(traced, "x", 2) == ("MaxPool", Why.NOT_MAX)
    negative = trace(ConvBlock(), [-1, -2], 1)
    assert cause(negative, "x", 0) == cause(negative, "w") == ("ReLU", Why.GATE_CLOSED)
    no_weight = trace(ConvBlock(), [1, -2], 0)
    assert cause(no_weight, "x", 1) == ("Conv1D", Why.ZERO_FACTOR)
    assert cause(no_weight.under(FIRST), "x", 0) == ("ReLU", Why.AT_KINK)
    nothing = trace(ConvBlock(), [1, -2], 1, dout=0)
    assert nothing.cause("Conv1D", "x", (0,)) == ("MaxPool", Why.UPSTREAM_ZERO)
    assert nothing.stop(0, 0, (1,)) == (2, (1,), Why.UPSTREAM_ZERO)


def test_the_nearest_stop_on_several_routes_is_the_cause() -> None:
    # a = [5, 1, -1, -2]: x3 feeds a2, which loses its window, and a3, whose gate is closed.
    traced = trace(Sequential(Conv1D(), ReLU(), MaxPool(2)), [2, 3, -2, 1, -3], [1, 1])
    assert_array_equal(traced.steps[0].output, [5, 1, -1, -2])
    assert cause(traced, "x", 2) == ("ReLU", Why.GATE_CLOSED)
    assert traced.stop(0, "x", (2,)) == (1, (2,), Why.GATE_CLOSED)
    assert traced.under(FIRST).cause(0, "x", (4,)) == ("MaxPool", Why.TIE_LOST)


def test_the_stop_of_lowest_index_counts_among_those_equally_near() -> None:
    network = Sequential(Conv1D(), ReLU())
    for x, code in (([1, -1, 0], Why.AT_KINK), ([0, -1, 1], Why.GATE_CLOSED)):
        traced = trace(network, x, [1, 1], kinks=FIRST)
        assert sorted(traced.steps[0].output) == [-1, 0]
        assert traced.stop(0, "x", (1,)) == (1, (0,), code)


def test_a_cause_across_a_batch_stays_in_its_sample() -> None:
    x = np.array([[[1.0, 2.0]], [[-1.0, -2.0]]])
    traced = trace(ConvBlock(), x, np.ones((1, 1, 1)))
    assert cause(traced, "x", 0, 0, 0) == ("MaxPool", Why.NOT_MAX)
    assert traced.stop(0, "x", (1, 0, 1)) == (1, (1, 0, 1), Why.GATE_CLOSED)


def test_places_of_a_cause_by_name_by_position_and_from_the_end() -> None:
    traced = trace(ConvBlock(), [-1, 2, 5], 1)
    for step in ("ReLU", 1, np.int64(1), -2):
        for argument in ("x", 0, -1):
            for index in ((1,), (-2,)):
                assert traced.stop(step, argument, index) == (2, (1,), Why.NOT_MAX)  # type: ignore[arg-type]


@for_each(
    ("place", "error", "said"),
    [
        (("Conv2D", "x", (0,)), KeyError, "the steps are Conv1D, ReLU, MaxPool; got 'Conv2D'"),
        ((0, "b", (0,)), KeyError, "the inputs are x, w; got 'b'"),
        ((3, "x", (0,)), IndexError, "the steps are Conv1D, ReLU, MaxPool; got 3"),
        ((-4, "x", (0,)), IndexError, "the steps are Conv1D, ReLU, MaxPool; got -4"),
        ((0, 2, (0,)), IndexError, "the inputs are x, w; got 2"),
        ((0, "x", (3,)), IndexError, r"shape \(3,\) needs to lie within; got \(3,\)"),
        ((0, "x", (-4,)), IndexError, r"shape \(3,\) needs to lie within; got \(-4,\)"),
        ((0, "x", ()), IndexError, r"shape \(3,\) needs 1 numbers; got \(\)"),
        ((0, "x", (0, 0)), IndexError, r"shape \(3,\) needs 1 numbers; got \(0, 0\)"),
        ((0, "w", (0,)), IndexError, r"shape \(\) needs 0 numbers; got \(0,\)"),
        ((0.5, "x", (0,)), IndexError, "the steps are Conv1D, ReLU, MaxPool; got 0.5"),
        ((0, None, (0,)), IndexError, "the inputs are x, w; got None"),
        ((0, "x", (0.5,)), IndexError, r"needs 1 whole numbers in a tuple; got \(0.5,\)"),
        ((0, "x", 0), IndexError, "needs 1 whole numbers in a tuple; got 0"),
    ],
)
def test_places_that_are_not_there(
    place: tuple[Any, Any, Any], error: type[Exception], said: str
) -> None:
    traced = trace(ConvBlock(), [-1, 2, 5], 1)
    for ask in (traced.cause, traced.stops, partial(terms, traced), partial(arriving, traced)):
        with pytest.raises(error, match=said):
            ask(*place)


def test_an_entry_may_be_counted_from_the_end_and_named() -> None:
    traced = trace(Conv1D(), [2, 3], [5, 7])  # a = 5 x1 + 7 x2
    for step, argument, index in ((0, 0, (1,)), (-1, -2, (-1,)), ("Conv1D", "x", (1,))):
        assert terms(traced, step, argument, index) == [Term((0,), 7.0, 1.0)]
        (found,) = terms(traced, step, argument, index)
        assert (found.step, found.argument) == (0, 0)
        assert arriving(traced, step, argument, index) == [((0,), 1.0)]
    (found,) = terms(trace(Sequential(ReLU(), Conv1D()), [2, 3], [5, 7]), -1, "w", (0,))
    assert (found.step, found.argument) == (1, 1)


def test_the_products_of_an_entry_are_its_factors_and_what_arrives() -> None:
    conv, relu = trace(Sequential(Conv1D(), ReLU()), [1, 2, 3], [5, 7], dout=[11, 13]).steps
    assert [each.tolist() for each in conv.products(0, (1,)) or ()] == [[7, 5], [11, 13]]
    assert [each.tolist() for each in conv.products(1, (1,)) or ()] == [[2, 3], [11, 13]]
    assert relu.products(0, (0,)) is None, "a slope is no entry of another input"


@pytest.mark.parametrize("layer", [ReLU, ReLU().forward, "relu"])
def test_what_is_no_layer_is_refused(layer: Any) -> None:
    with pytest.raises(SettingError, match=r"trace: needs a layer like ReLU\(\); got "):
        trace(layer, [1.0])


def test_a_gradient_out_of_range_is_refused_under_its_step() -> None:
    with pytest.raises(ValueError, match="Conv1D 2: the gradient of x needs to stay within"):
        trace(Sequential(Conv1D(), Conv1D()), [1e-300], 1.0, 1e300, dout=1e300)
    tied = trace(ConvBlock(), [1e308, 1e308], 0.5, kinks=FIRST)
    with pytest.raises(ValueError, match="Conv1D: the gradient of w needs to stay within"):
        tied.under(LAB)


@on_cases()
def test_a_cause_is_never_what_it_follows(case: Case) -> None:
    network = Sequential(Conv1D(2, 1), ReLU(), MaxPool(2, 1), Conv1D(), MaxPool())
    x, w = case.integers((7,)), case.integers((3,))
    kinks = case.one_of(KINKS)
    traced = trace(network, x, w, case.integers((2,)), kinks=kinks)
    names = [step.name for step in traced.steps]
    for position, step in enumerate(traced.steps):
        for argument, grad in enumerate(step.grads):
            for index in np.ndindex(*grad.shape):
                name, code = traced.cause(position, argument, index)
                assert code is not Why.UPSTREAM_ZERO
                assert (code is Why.FLOWS) == (grad[index] != 0)
                assert names.index(name) >= position


def ways(traced: Trace, position: int, argument: int, index: tuple[int, ...]) -> Iterator[Place]:
    """Yield where each way from an entry ends, by trying all outputs of each layer."""
    step = traced.steps[position]
    code = Why(int(step.why[argument][index]))
    if code is not Why.UPSTREAM_ZERO or position == len(traced.steps) - 1:
        yield position, index, code
        return
    for output in np.ndindex(*step.output.shape):
        if reads(step, argument, index, output):
            yield from ways(traced, position + 1, 0, output)


def reads(step: Step, argument: int, index: tuple[int, ...], output: tuple[int, ...]) -> bool:
    """Whether an output reads an entry, in one dimension, by the place of its window."""
    layer, (at,) = step.layer, output or (0,)
    if isinstance(layer, ReLU):
        return output == index
    if isinstance(layer, MaxPool) and layer.size is None:
        return True
    assert isinstance(layer, Conv1D | MaxPool)
    (stride,), (padding,) = layer.stride or (1,), layer.padding
    assert isinstance(padding, int)
    length = len(step.inputs[1]) if isinstance(layer, Conv1D) else (layer.size or (0,))[0]
    start = at * stride - padding
    if argument == 1:  # a weight is used at every position, where it meets the input or its padding
        return 0 <= start + index[0] < len(step.inputs[0])
    return start <= index[0] < start + length


@on_cases()
def test_all_stops_are_where_the_ways_end_one_by_one(case: Case) -> None:
    network = Sequential(Conv1D(2, 1), ReLU(), MaxPool(2, 1), Conv1D(padding=1), MaxPool(2))
    x, w = case.integers((7,)), case.integers((3,))
    dout = case.integers((2,), most=1)
    kinks = case.one_of(KINKS)
    traced = trace(network, x, w, case.integers((2,)), dout=dout, kinks=kinks)
    for position, step in enumerate(traced.steps):
        for argument, grad in enumerate(step.grads):
            for index in np.ndindex(*grad.shape):
                found = traced.stops(position, argument, index)
                expected = Counter(ways(traced, position, argument, index))
                assert {(stop.step, stop.index, stop.why): stop.ways for stop in found} == expected
                places = [(stop.step, stop.index) for stop in found]
                assert places == sorted(places)
                stopped = [each for each in expected if each[2] is not Why.UPSTREAM_ZERO]
                assert traced.stop(position, argument, index) == min(stopped or expected)


def test_ways_that_end_for_different_reasons() -> None:
    # a = [5, 1, -1, -2]: a1 wins the first window of two, and two zeros tie in the second.
    traced = trace(Sequential(Conv1D(), ReLU(), MaxPool(2)), [2, 3, -2, 1, -3], [1, 1])
    assert traced.stops("Conv1D", "x", (2,)) == [
        Stop(1, (2,), Why.GATE_CLOSED, 1),
        Stop(2, (1,), Why.NOT_MAX, 1),
    ]
    assert traced.stops(0, "x", (0,)) == [Stop(0, (0,), Why.FLOWS, 1)]
    # a = [1, 1, 1, 5], then 1, 1, 5: two ways of x2 meet in the first 1.
    pools = Sequential(Conv1D(), MaxPool(2, 1), MaxPool())
    traced = trace(pools, [1, 1, 1, 5, 5], [1, 0])
    assert traced.stops(0, 0, (1,)) == [
        Stop(2, (0,), Why.NOT_MAX, 2),
        Stop(2, (1,), Why.NOT_MAX, 1),
    ]


@for_each(
    ("reasons", "common"),
    [
        ([Why.NOT_MAX, Why.NOT_MAX], Why.NOT_MAX),
        ([Why.NOT_MAX, Why.GATE_CLOSED], None),
        ([Why.NOT_COVERED], Why.NOT_COVERED),
        ([Why.NOT_COVERED, Why.UPSTREAM_ZERO], Why.UPSTREAM_ZERO),
        ([Why.NOT_COVERED, Why.GATE_CLOSED], None),
        ([Why.NOT_COVERED, Why.UPSTREAM_ZERO, Why.GATE_CLOSED], None),
        ([], None),
    ],
)
def test_what_is_not_covered_has_a_reason_in_common_with_what_gets_nothing_alone(
    reasons: list[Why], common: Why | None
) -> None:
    assert common_reason([Stop(0, (0,), why, 1) for why in reasons]) is common


def test_the_stop_is_the_lowest_end_of_several_ways_without_a_gradient() -> None:
    # x2 feeds a1 and a2, and dout is 0 at both of them.
    traced = trace(Sequential(Conv1D(), ReLU()), [1.0, 2.0, 3.0], [1.0, 1.0], dout=[0.0, 0.0])
    assert traced.stop(0, "x", (1,)) == (1, (0,), Why.UPSTREAM_ZERO)
    assert [stop.index for stop in traced.stops(0, "x", (1,))] == [(0,), (1,)]


@pytest.mark.parametrize("told", [None, (), {}, 0, "ways"])
def test_what_is_remembered_of_a_trace_is_computed_once(told: object) -> None:
    passed, asked = trace(ReLU(), [1.0]), list[str]()

    def computed(key: str) -> object:
        asked.append(key)
        return told

    for key in ("one", "one", "other", "one"):
        assert passed.remembered(key, partial(computed, key)) == told
    assert asked == ["one", "other"]


def test_traces_of_one_pattern_remember_together() -> None:
    """What is said about a moving picture is computed once, until another gradient is 0."""
    layer, told = ReLU(), list[float]()
    for entry in (1.0, 2.0, 3.0, -1.0):
        passed = trace(layer, [entry, -2.0])
        assert passed.pattern is passed.pattern.of.pattern
        passed.remembered("told", partial(told.append, entry))
    assert told == [1.0, -1.0]


@every_layer
def test_what_reads_an_entry_and_what_multiplies_there_are_those_of_other_values_too(
    row: Row,
) -> None:
    """A picture asks only once, for all values, what an entry feeds and with which cofactors."""
    layer = row.make()
    one, other = (trace(layer, *normals(row.shapes, seed), kinks=KINKS[0]) for seed in (0, 1))
    for step, again in zip(one.steps, other.steps, strict=True):
        for argument, x in enumerate(step.inputs):
            for index in [*np.ndindex(*x.shape)][:8]:
                known = [
                    (at, factor.cofactor, factor.slope)
                    for each in (step, again)
                    for at in each.layer.feeds(argument, index, each.run.cache)
                    for factor in [each.layer.factor(argument, index, at, each.run.cache)]
                ]
                half = len(known) // 2
                assert known[:half] == known[half:], "they depend on the values"
