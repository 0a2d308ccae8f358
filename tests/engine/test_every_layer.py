"""What holds for every layer; a new layer only needs a row in rows.py."""

import copy
import pickle
import re
from concurrent.futures import ThreadPoolExecutor
from inspect import isabstract
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from engine import LAB, ConvBlock, Kinks, Layer, Trace, Why, gradient_check, layers, trace
from engine.traces import traces
from tests.engine.cases import Case, on_cases
from tests.engine.rows import (
    KINKS,
    ROWS,
    Array,
    Row,
    every_layer,
    normals,
    output_shape,
)
from tests.for_each import for_each

BATCHED = {name: row for name, row in ROWS.items() if row.batched}


def backward(layer: Layer, dout: object, kinks: Kinks = LAB) -> tuple[Array, ...]:
    grads = layer.backward(dout, kinks)  # type: ignore[arg-type]
    return grads if isinstance(grads, tuple) else (grads,)


def assert_same(one: Trace, other: Trace) -> None:
    assert np.array_equal(one.output, other.output)
    for first, second in zip(one.steps, other.steps, strict=True):
        for name in ("inputs", "grads", "why", "kinked"):
            for left, right in zip(getattr(first, name), getattr(second, name), strict=True):
                assert left.shape == right.shape
                assert left.tobytes() == right.tobytes(), (first.name, name)


@every_layer
@on_cases(9)
def test_flows_where_the_gradient_is_not_zero(row: Row, case: Case) -> None:
    inputs = case.inputs(*row.shapes)
    kinks = case.one_of(KINKS)
    layer, dout = row.make(), case.integers(output_shape(row))
    traced, negated = (trace(layer, *inputs, dout=sign * dout, kinks=kinks) for sign in (1, -1))
    for step, other in zip(traced.steps, negated.steps, strict=True):
        for grad, why, kinked in zip(step.grads, step.why, step.kinked, strict=True):
            assert grad.shape == why.shape == kinked.shape
            assert np.array_equal(why == Why.FLOWS, grad != 0)
        for one, of_the_negative in ((step.why, other.why), (step.kinked, other.kinked)):
            assert all(map(np.array_equal, one, of_the_negative)), "a reason has no sign"


@every_layer
@on_cases(9)
def test_the_shell_and_the_trace_are_the_pure_pair(row: Row, case: Case) -> None:
    layer, kinks = row.make(), case.one_of(KINKS)
    inputs = case.inputs(*row.shapes)
    dout = case.integers(output_shape(row))
    output, cache = layer.apply(*inputs)
    grads = layer.vjp(dout, cache, kinks).grads
    assert np.array_equal(layer.forward(*inputs), output)
    traced = trace(layer, *inputs, dout=dout, kinks=kinks)
    assert np.array_equal(traced.output, output)
    for pure, shell, kept in zip(grads, backward(layer, dout, kinks), traced.grads, strict=True):
        assert np.array_equal(shell, pure)
        assert np.array_equal(kept, pure)


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_trace_that_was_pickled_or_copied_is_the_same(row: Row, dtype: type) -> None:
    shapes = (*row.shapes, output_shape(row))
    arrays: list[Array] = [array.astype(dtype) for array in normals(shapes)]
    *inputs, dout = arrays
    traced = trace(row.make(), *inputs, dout=dout, kinks=KINKS[-1])
    for other in (pickle.loads(pickle.dumps(traced)), copy.deepcopy(traced)):
        assert_same(traced, other)
        assert_array_equal(other.dout, traced.dout)
        assert other.kinks == traced.kinks
        assert not other.output.flags.writeable


@every_layer
@on_cases(5, 3000)
def test_passes_made_at_once_are_the_same_as_each_made_alone(row: Row, case: Case) -> None:
    layer, (kinks, others), count = row.make(), (case.one_of(KINKS), case.one_of(KINKS)), 3
    # Tenths, since their sums depend on the order of addition. An array of length 1 is shared.
    *inputs, dout = (
        case.floats((case.one_of((count, 1)), *shape), (0, 0.1, -0.1, 0.3, 0.7, -1.1))
        for shape in (*row.shapes, output_shape(row))
    )
    together = [*traces(layer, *inputs, dout=dout, kinks=kinks)]
    every = [np.broadcast_to(each, (count, *each.shape[1:])) for each in (*inputs, dout)]
    for number, one in enumerate(together):
        *given, sent = (each[number] for each in every)
        alone = trace(layer, *given, dout=sent, kinks=kinks)
        assert_same(one, alone)
        assert_same(one.under(others), alone.under(others))
        assert (one.kinks, one.dout.tobytes()) == (kinks, alone.dout.tobytes())
        for left, right in zip(one.grads, alone.grads, strict=True):
            assert left.tobytes() == right.tobytes()
    assert len(together) == max(map(len, (*inputs, dout)))


@for_each("row", BATCHED.values(), ids=list(BATCHED))
@on_cases(9)
def test_a_batch_is_its_samples_one_by_one(row: Row, case: Case) -> None:
    layer, kinks = row.make(), case.one_of(KINKS)
    x, *params = case.inputs(*row.shapes)
    dout = case.integers(output_shape(row))
    whole = trace(layer, x, *params, dout=dout, kinks=kinks)
    singles = [
        trace(layer, x[n : n + 1], *params, dout=dout[n : n + 1], kinks=kinks)
        for n in range(len(x))
    ]
    assert np.array_equal(whole.output, np.concatenate([single.output for single in singles]))
    assert np.array_equal(whole.grads[0], np.concatenate([single.grads[0] for single in singles]))
    for position, grad in enumerate(whole.grads[1:], 1):
        assert_allclose(grad, sum(single.grads[position] for single in singles), atol=1e-12)


@every_layer
def test_the_gradients_of_every_layer_pass_the_check(row: Row) -> None:
    layer = row.make()
    results = gradient_check(layer.forward, layer.backward, *normals(row.shapes))
    assert [result.verdict for result in results] == ["PASSED"] * len(row.shapes)


@every_layer
def test_float32_stays_float32(row: Row) -> None:
    layer = row.make()
    inputs = [each.astype(np.float32) for each in normals(row.shapes)]
    shape = output_shape(row)
    for given_ in (inputs, [inputs[0], *(each.tolist() for each in inputs[1:])]):
        output = layer.forward(*given_)
        grads = backward(layer, np.ones(shape))
        traced = trace(layer, *given_, kinks=Kinks(0.5, "split"))
        kept = [array for step in traced.steps for array in (*step.inputs, *step.grads)]
        assert {each.dtype for each in (output, *grads, *kept)} == {np.dtype(np.float32)}


@every_layer
def test_integers_are_computed_as_floats(row: Row) -> None:
    layer = row.make()
    inputs = [np.round(3 * each).astype(np.int8) for each in normals(row.shapes)]
    exact = trace(layer, *(each.astype(np.float64) for each in inputs), kinks=KINKS[0])
    for given_ in (inputs, [each.tolist() for each in inputs]):
        assert_same(trace(layer, *given_, kinks=KINKS[0]), exact)
    assert layer.forward(*inputs).dtype == np.float64


@every_layer
def test_later_changes_by_the_caller_reach_nothing(row: Row) -> None:
    layer = row.make()
    inputs, dout = normals(row.shapes), np.ones(output_shape(row))
    kept, untouched = trace(layer, *inputs, dout=dout), trace(layer, *normals(row.shapes))
    output = layer.forward(*inputs)
    for array in (*inputs, output, dout):
        array[...] = -7.0
    assert_same(kept, untouched)
    assert_same(kept.under(LAB), untouched)
    for left, right in zip(backward(layer, dout + 8), untouched.grads, strict=True):
        assert_array_equal(left, right)


@every_layer
def test_a_trace_is_read_only(row: Row) -> None:
    traced = trace(row.make(), *normals(row.shapes))
    arrays: list[NDArray[Any]] = [traced.output, traced.dout, *traced.grads]
    for step in traced.steps:
        arrays += [*step.inputs, step.output, step.dout, *step.grads, *step.why, *step.kinked]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 1


@every_layer
def test_many_threads_trace_what_one_does(row: Row) -> None:
    layer = row.make()
    # Each slope and each rule at ties once: how they are combined makes no difference to threads.
    work = [(normals(row.shapes, seed), kinks) for seed in range(4) for kinks in KINKS[::4]]

    def one(job: tuple[list[Array], Kinks]) -> Trace:
        return trace(layer, *job[0], kinks=job[1])

    alone = [one(job) for job in work]
    with ThreadPoolExecutor(8) as pool:
        for parallel, expected in zip(pool.map(one, work * 3), alone * 3, strict=True):
            assert_same(parallel, expected)


def test_the_readme_names_every_one() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^Layers: .*$", readme, re.MULTILINE)
    kinds = [each for each in map(vars(layers).get, layers.__all__) if isinstance(each, type)]
    whole = {each.title for each in kinds if issubclass(each, Layer) and not isabstract(each)}
    # The conv block is named in the example before the list.
    named = {*re.findall(r"`([A-Z]\w+)", listed), ConvBlock.title}
    assert named == whole, "the line 'Layers:' of README.md has to name every layer of the engine"
