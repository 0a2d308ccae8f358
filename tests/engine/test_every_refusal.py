"""What every layer refuses, and the name by which the error calls it."""

from collections.abc import Callable, Iterator
from functools import partial
from inspect import isabstract, signature
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine import (
    EngineError,
    Layer,
    Operation,
    SettingError,
    ShapeError,
    gradient_check,
    layers,
    trace,
)
from tests.engine.rows import ROWS, Array, Row, every_layer, normals, output_shape
from tests.for_each import for_each

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
NO_SETTINGS: list[object] = [nan, inf, -inf, 1j, "text", b"", {}, object()]
"""Values that no setting may have."""
NUMBERS = (-2, -1, 0, 0.5, 1, 2, 3)


def each_once() -> dict[str, tuple[Layer, list[Array]]]:
    """A layer of every class, with inputs: the layers in ROWS, and those they consist of."""
    found: dict[str, tuple[Layer, list[Array]]] = {}
    for row in ROWS.values():
        traced = trace(row.make(), *normals(row.shapes))
        passes = [(traced.layer, traced.params), *((one.layer, one.inputs) for one in traced.steps)]
        for layer, inputs in passes:
            found[layer.title] = layer, normals([each.shape for each in inputs])
    return found


EACH_ONCE = each_once()
EXPORTED = [getattr(layers, name) for name in layers.__all__]
CLASSES = [each for each in EXPORTED if issubclass(each, Layer) and not isabstract(each)]


def never(setting: object) -> Iterator[object]:
    """Yield values that must be refused in place of a setting with this value."""
    if isinstance(setting, bool):
        yield from (0, 1, "True", None, nan)
        return
    several = [*setting] if isinstance(setting, tuple | np.ndarray) else []  # per axis, or example
    whole = isinstance([*several, setting][0], int | np.integer | tuple)
    each = (*NO_SETTINGS, True, *([1.5] if whole else []))
    yield from each
    if several:
        yield from ((one, *several[1:]) for one in each)


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
        if wrong:  # a trace takes a single number as that number at every output
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
    joins = isinstance(layer, Operation) and layer.flowing > 1  # which take two inputs or more
    for inputs in ([], good[:1] if joins else [*good, *good, *good]):
        with pytest.raises(ValueError, match=rf"{layer.title}: needs .*; got {len(inputs)}"):
            layer.forward(*inputs)


@every_layer
def test_a_bias_with_an_axis_more_is_refused(row: Row) -> None:
    layer, good = row.make(), normals(row.shapes)
    for position, name in enumerate(layer.names(len(good))):
        if not name.startswith("b"):
            continue
        for axis in (0, -1):  # numpy by itself would broadcast it
            inputs = [*good]
            inputs[position] = np.expand_dims(good[position], axis)
            with pytest.raises(ValueError, match=r": needs b of shape .*; got \("):
                layer.forward(*inputs)


@for_each("kind", CLASSES)
def test_a_setting_that_cannot_be_is_refused_by_name(kind: type[Layer]) -> None:
    of_layers, title = not kind.settings, kind.title
    settings = {name: getattr(EACH_ONCE[title][0], name) for name in kind.settings}
    make: Callable[..., Layer] = kind
    for name, parameter in signature(kind).parameters.items():
        for bad in NO_SETTINGS if of_layers else never(settings[name]):
            alone = parameter.kind is parameter.VAR_POSITIONAL
            made = partial(make, bad) if alone else partial(make, **{**settings, name: bad})
            with pytest.raises(EngineError, match=rf"^{title}: .*needs .*; got ") as error:
                made()
            assert of_layers or name in str(error.value)


@for_each(("layer", "inputs"), EACH_ONCE.values(), ids=list(EACH_ONCE))
def test_a_layer_with_the_settings_that_it_takes_works(layer: Layer, inputs: list[Array]) -> None:
    for name in layer.settings:
        for number in NUMBERS:
            settings = {each: getattr(layer, each) for each in layer.settings}
            try:
                made = type(layer)(**{**settings, name: number})
                results = gradient_check(made.forward, made.backward, *inputs)
            except (SettingError, ShapeError):
                continue
            assert {each.verdict for each in results} == {"PASSED"}, (made, results)
