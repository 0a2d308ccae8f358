"""One entry's gradient term by term, and one output's share of every gradient."""

import gc
import weakref
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine import Conv1D, ConvBlock, Kinks, LeakyReLU, Term, Trace, flows, slopes, terms, trace
from engine.arrays import Array, Extent, Index
from engine.layers.base import ONE, Factor, Grads, passed_on
from engine.trace import back_along
from engine.wiring import RESULTS_MOST, _known, wiring_of
from tests.engine.cases import Case, on_cases
from tests.engine.rows import KINKS, ROWS, Row, normals
from tests.engine.test_leaving_out import Double
from tests.for_each import for_each


def test_terms_by_hand() -> None:
    traced = trace(Conv1D(), [1, 2, 3], [10, 1], dout=[5, 7])
    assert terms(traced, 0, 0, (1,)) == [Term((0,), 1.0, 5.0), Term((1,), 10.0, 7.0)]
    assert terms(traced, 0, 1, (0,)) == [Term((0,), 1.0, 5.0), Term((1,), 2.0, 7.0)]
    assert terms(traced, 0, 1, (0,), only=[1]) == [Term((1,), 2.0, 7.0)]
    assert terms(traced, 0, 1, (0,), only=[]) == []


def test_a_step_is_asked_for_by_its_name_or_its_place() -> None:
    traced = trace(ConvBlock(), [1.0, 2.0, 3.0], 2.0)
    for step in ("Conv1D", 0, -3):
        assert_allclose(slopes(traced, step, (2,))[0], [0, 0, 2])
        assert_allclose(slopes(traced, step, (-1,))[1], 3)
        assert_allclose(flows(traced, step)[2,][1], 3)
    for ask in (partial(flows, traced), lambda step: slopes(traced, step, (0,))):
        with pytest.raises(KeyError, match="the steps are Conv1D, ReLU, MaxPool; got 'conv'"):
            ask("conv")
        with pytest.raises(IndexError, match="the steps are Conv1D, ReLU, MaxPool; got 3"):
            ask(3)
    with pytest.raises(IndexError, match=r"shape \(3,\) needs to lie within; got \(3,\)"):
        slopes(traced, "Conv1D", (3,))


def passed(row: Row, case: Case) -> tuple[Trace, int]:
    """A pass through a layer, and the position of one of its steps."""
    layer, kinks = row.make(), case.one_of(KINKS)
    inputs = case.inputs(*row.shapes)
    dout = case.integers(trace(layer, *normals(row.shapes)).output.shape)
    traced = trace(layer, *inputs, dout=dout, kinks=kinks)
    return traced, case.whole(0, len(traced.steps) - 1)


@for_each("row", ROWS.values(), ids=list(ROWS))
@on_cases(6)
def test_flows_and_terms_sum_to_the_gradient_and_come_along_the_wires(row: Row, case: Case) -> None:
    traced, position = passed(row, case)
    step, added = traced.steps[position], flows(traced, position)
    for argument, grad in enumerate(step.grads):
        ends = step.wires(argument).ends
        expected = [added[output][argument][entry] for entry, output in ends]
        assert_allclose(back_along(traced, position, argument), expected, atol=1e-12)
        shares = [share[argument] for share in added.values()]
        assert_allclose(np.sum(shares, axis=0), grad, atol=1e-12)
        index = case.one_of(list(np.ndindex(*grad.shape)))
        found = terms(traced, position, argument, index)
        assert_allclose(sum(term.slope * term.arriving for term in found), grad[index], atol=1e-12)


def test_what_a_slope_is_called_is_not_that_of_a_pass_with_the_same_zeros() -> None:
    layer = LeakyReLU(0.5)
    above, below = trace(layer, [2.0]), trace(layer, [-2.0])
    assert above.pattern == below.pattern
    called = [terms(each, 0, 0, (0,))[0].factor.text for each in (above, below)]
    assert called == [f"(slope of leaky ReLU at {{entry}} {side} 0)" for side in "><"]


def test_a_layer_has_other_wires_where_its_input_has_another_shape() -> None:
    layer = Conv1D()
    for length in (3, 5):
        ends = trace(layer, np.ones(length), [1.0, 1.0]).steps[0].wires(0).ends
        assert len(ends) == 2 * (length - 1)


class Framed(Double):
    """y = (0, 2 x, 2 x): each entry feeds two outputs, and the first output reads nothing."""

    def apply(self, *inputs: Array) -> tuple[Array, Extent]:
        return np.concatenate([[0], 2 * inputs[0], 2 * inputs[0]]), inputs[0].shape

    def vjp(self, dout: Array, cache: Extent, kinks: Kinks) -> Grads:
        return passed_on((2 * dout[1:].reshape(2, -1).sum(axis=0),))

    def output_shape(self, *shapes: Extent) -> Extent:
        return (1 + 2 * shapes[0][0],)

    def feeds(self, argument: int, index: Index, cache: Extent) -> Iterator[Index]:
        yield from ((1 + index[0],), (1 + cache[0] + index[0],))


def test_nothing_comes_back_from_an_output_that_reads_nothing() -> None:
    traced = trace(Framed(), [1.0, -1.0], dout=[7, 1, 2, 3, 4])
    assert traced.steps[0].wires(0).ends == [((0,), (1,)), ((0,), (3,)), ((1,), (2,)), ((1,), (4,))]
    assert back_along(traced, 0, 0).tolist() == [2, 6, 4, 8]


def test_factors_are_entries_of_another_input_only_if_all_are_of_one() -> None:
    wiring = wiring_of(Conv1D(), ((3,), (2,)))
    x, w = (Factor("{cofactor}", "{cofactor}", (argument, (1,))) for argument in (0, 1))
    assert wiring._entries_of_another([ONE, w]) is None
    assert wiring._entries_of_another([x, w]) is None
    other, places = wiring._entries_of_another([w, w]) or (None, np.zeros(0))
    assert (other, places.tolist()) == (1, [1, 1])


def test_only_so_many_wires_are_remembered() -> None:
    results: dict[int, int] = {}
    for key in range(2 * RESULTS_MOST + 1):
        assert _known(results, key, lambda key=key: -key) == -key  # type: ignore[misc]
        assert len(results) <= RESULTS_MOST


def test_what_reads_what_is_known_without_keeping_a_pass_alive() -> None:
    step = trace(ConvBlock(), np.ones(23), [1.0, 2.0], 0.0).steps[0]
    step.wires(0)
    step.ways(0, (3,))
    step.products(0, (3,))
    arrays = [weakref.ref(each) for each in (*step.run.inputs, step.run.output)]
    del step
    gc.collect()
    assert all(each() is None for each in arrays)
