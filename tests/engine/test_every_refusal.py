"""What every layer refuses, and by which name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine import Operation, trace
from tests.engine.rows import Array, Row, every_layer, normals, output_shape

BAD: dict[str, tuple[Callable[[Array], Any], str]] = {
    "booleans": (lambda good: good > 0, "real numbers; got dtype bool"),
    "complex": (lambda good: good * 1j, "real numbers; got dtype complex128"),
    "text": (lambda good: good.astype(str), "real numbers; got dtype <U"),
    "objects": (lambda good: good.astype(object), "real numbers; got dtype object"),
    "times": (lambda good: good.astype("m8[s]"), "real numbers; got dtype timedelta64"),
    "nan": (lambda good: np.where(good == good.max(), np.nan, good), "finite numbers; got nan"),
    "inf": (lambda good: np.where(good == good.max(), -np.inf, good), "finite numbers; got -inf"),
    "empty": (lambda good: np.zeros((0, 3)), "got an empty array of shape"),
    "ragged": (lambda good: [[1.0, 2.0], [3.0]], "rows of one length; got a ragged list"),
    "huge": (lambda good: [1.0, 10**400], "real numbers; got"),
}


@every_layer
def test_bad_numbers_are_refused_by_name(row: Row) -> None:
    layer, good = row.make(), normals(row.shapes)
    dout = np.ones(output_shape(row))
    for make, message in BAD.values():
        for position, name in enumerate(layer.names(len(good))):
            inputs: list[object] = [*good]
            inputs[position] = make(good[position])
            for act in (layer.forward, lambda *given_: trace(layer, *given_)):
                with pytest.raises(ValueError, match=f"{layer.title}: {name} needs .*{message}"):
                    act(*inputs)  # type: ignore[arg-type]
        layer.forward(*good)
        with pytest.raises(ValueError, match=f"{layer.title}: dout needs .*{message}"):
            layer.backward(make(dout))
        with pytest.raises(ValueError, match=f"{layer.title}: dout needs .*{message}"):
            trace(layer, *good, dout=make(dout))


@every_layer
def test_dout_of_another_shape_is_refused(row: Row) -> None:
    layer, good, shape = row.make(), normals(row.shapes), output_shape(row)
    layer.forward(*good)
    for wrong in {(*shape, 1), (1, *shape), shape[1:], (), (7, 7)} - {shape}:
        with pytest.raises(ValueError, match=rf"{layer.title}: dout needs .*; got \("):
            layer.backward(np.ones(wrong))
        if wrong:  # to a trace a single number is that number at every output
            with pytest.raises(ValueError, match=rf"{layer.title}: dout needs .*; got \("):
                trace(layer, *good, dout=np.ones(wrong))
    one, full = (trace(layer, *good, dout=dout) for dout in (2, np.full(shape, 2.0)))
    for left, right in zip(one.grads, full.grads, strict=True):
        assert_array_equal(left, right)


@every_layer
def test_backward_needs_a_forward_that_succeeded(row: Row) -> None:
    layer, good = row.make(), normals(row.shapes)
    dout = np.ones(output_shape(row))
    with pytest.raises(ValueError, match=f"{layer.title}: backward needs a forward"):
        layer.backward(dout)
    layer.forward(*good)
    layer.backward(dout)
    with pytest.raises(ValueError, match="finite"):
        layer.forward(good[0] * np.nan, *good[1:])
    with pytest.raises(ValueError, match=f"{layer.title}: backward needs a forward"):
        layer.backward(dout)


@every_layer
def test_another_number_of_inputs_is_refused(row: Row) -> None:
    layer, good = row.make(), normals(row.shapes)
    joins = isinstance(layer, Operation) and layer.flowing > 1  # which take any number from two on
    for inputs in ([], good[:1] if joins else [*good, *good, *good]):
        with pytest.raises(ValueError, match=rf"{layer.title}: needs .*; got {len(inputs)}"):
            layer.forward(*inputs)


@every_layer
def test_a_bias_with_an_axis_more_is_refused(row: Row) -> None:
    layer, good = row.make(), normals(row.shapes)
    for position, name in enumerate(layer.names(len(good))):
        if not name.startswith("b"):
            continue
        for axis in (0, -1):  # numpy alone would add it up, or repeat it
            inputs = [*good]
            inputs[position] = np.expand_dims(good[position], axis)
            with pytest.raises(ValueError, match=r": needs b of shape .*; got \("):
                layer.forward(*inputs)
