"""The ONNX backend's own vectors, for the operators that the engine has.

The `onnx` package generates them when this runs. Vectors that ask for something that the engine
does not offer (three axes to slide along, class weights, broadcasting, …) are left out by the
functions below, one for each operator; for all others the first output must come out right.
"""

from collections import Counter
from collections.abc import Callable
from importlib import import_module
from math import prod
from typing import Any

import numpy as np
import onnx
import pytest
from onnx.backend.test.case import base
from onnx.backend.test.case import node as cases

from engine import (
    Abs,
    Add,
    AvgPool,
    AvgPool2D,
    Concat,
    Conv1D,
    Conv2D,
    Flatten,
    Layer,
    LeakyReLU,
    Linear,
    Maximum,
    MaxPool,
    MaxPool2D,
    ReLU,
    SoftmaxCrossEntropy,
    Softplus,
)
from engine.layers.windows import Padding

MODULES = {
    "Abs": "abs",
    "Add": "add",
    "AveragePool": "averagepool",
    "Concat": "concat",
    "Conv": "conv",
    "Flatten": "flatten",
    "Gemm": "gemm",
    "GlobalAveragePool": "globalaveragepool",
    "GlobalMaxPool": "globalmaxpool",
    "LeakyRelu": "leakyrelu",
    "Max": "max",
    "MaxPool": "maxpool",
    "Relu": "relu",
    "SoftmaxCrossEntropyLoss": "softmax_cross_entropy_loss",
    "Softplus": "softplus",
    "Sum": "sum",
}
APPLY = {
    "Abs": (1, 1),
    "Add": (1, 8),
    "AveragePool": (13, 14),
    "Concat": (12, 12),
    "Conv": (6, 6),
    "Flatten": (3, 9),
    "Gemm": (10, 11),
    "GlobalAveragePool": (2, 2),
    "GlobalMaxPool": (2, 2),
    "LeakyRelu": (3, 3),
    "Max": (5, 14),
    "MaxPool": (15, 15),
    "Relu": (1, 1),
    "SoftmaxCrossEntropyLoss": (2, 34),
    "Softplus": (2, 2),
    "Sum": (2, 3),
}
"""How many of each operator's vectors apply, and how many there are, to notice changes."""

CLOSE = {"test_averagepool_2d_ceil_last_window_starts_on_pad": 1e-4}
"""The absolute tolerance of vectors whose outputs are written with four digits."""

EXPORT = base._Exporter.__init__
Arrays = list[np.ndarray[Any, Any]]


def collected() -> list[Any]:
    """Collect the test cases of these operators alone; all of ONNX's would take far longer.

    Pools along three axes, which no layer has, are left out: ONNX computes them for seconds.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base._Exporter, "__init__", exported)
        for module in MODULES.values():
            import_module(f"{cases.__name__}.{module}")
    return [case for case in cases._NodeTestCases if operator(case) in MODULES]


def exported(cls: Any, name: str, bases: Any, methods: dict[str, Any]) -> None:
    EXPORT(cls, name, bases, {each: methods[each] for each in methods if "pool_3d_" not in each})


def operator(case: Any) -> str:
    """The operator's name, such as 'Conv'; '' if the model has more than this one node."""
    nodes = case.model.graph.node
    return str(nodes[0].op_type) if len(nodes) == 1 else ""


def settings(case: Any) -> dict[str, Any]:
    """The node's attributes."""
    return {
        each.name: onnx.helper.get_attribute_value(each)
        for each in case.model.graph.node[0].attribute
    }


def sliding(case: Any, x: Any, kernel: tuple[int, ...]) -> dict[str, Any] | None:
    """Stride, padding and dilation by our names; None for more axes than the engine has."""
    given, axes = settings(case), x.ndim - 2
    stride = tuple(given.get("strides", [1] * axes))
    dilation = tuple(given.get("dilations", [1] * axes))
    rule, pads = given.get("auto_pad", b"NOTSET"), given.get("pads", [0] * 2 * axes)
    padding: Padding = tuple(zip(pads[:axes], pads[axes:], strict=True))
    if rule in (b"SAME_UPPER", b"SAME_LOWER"):
        # ⌈size / stride⌉ outputs; the odd one of the padding lies after, or for LOWER before.
        lacking = (
            max(0, (-(-size // step) - 1) * step + (k - 1) * apart + 1 - size)
            for size, step, k, apart in zip(x.shape[2:], stride, kernel, dilation, strict=True)
        )
        more, less = (1, 0) if rule == b"SAME_LOWER" else (0, 1)
        padding = tuple(((each + more) // 2, (each + less) // 2) for each in lacking)
    found = {"stride": stride, "padding": padding, "dilation": dilation}
    return found if axes in (1, 2) else None


def convolution(case: Any, inputs: Arrays) -> Any:
    """Our output, or None if the engine does not offer what is asked."""
    x, w = inputs[:2]
    found = sliding(case, x, w.shape[2:])
    if found is None:
        return None
    groups = settings(case).get("group", 1)
    return {1: Conv1D, 2: Conv2D}[x.ndim - 2](**found, groups=groups).forward(*inputs)


def max_pool(case: Any, inputs: Arrays) -> Any:
    """The same for max pooling."""
    (x,), given = inputs, settings(case)
    size = tuple(given["kernel_shape"])
    found = sliding(case, x, size)
    if found is None:
        return None
    pool = {1: MaxPool, 2: MaxPool2D}[x.ndim - 2]
    return pool(size, **found, ceil_mode=bool(given.get("ceil_mode"))).forward(x)


def average_pool(case: Any, inputs: Arrays) -> Any:
    """The same for average pooling, which in the engine has no dilation."""
    (x,), given = inputs, settings(case)
    size = tuple(given["kernel_shape"])
    found = sliding(case, x, size)
    if found is None or prod(found.pop("dilation")) != 1:
        return None
    pool = {1: AvgPool, 2: AvgPool2D}[x.ndim - 2]
    up, counts = bool(given.get("ceil_mode")), bool(given.get("count_include_pad"))
    return pool(size, **found, ceil_mode=up, count_include_pad=counts).forward(x)


def of_whole_axes(one: type[Layer], two: type[Layer]) -> Callable[[Any, Arrays], Any]:
    """A pool over whole axes, which ONNX keeps with length 1."""
    return lambda case, inputs: (
        {1: one, 2: two}[inputs[0].ndim - 2]()
        .forward(inputs[0])
        .reshape(*inputs[0].shape[:2], *(1,) * (inputs[0].ndim - 2))
    )


def plain(layer: type[Layer]) -> Callable[[Any, Arrays], Any]:
    """A layer without settings, for floating-point numbers."""
    return lambda case, inputs: layer().forward(*inputs) if inputs[0].dtype.kind == "f" else None


def joined(layer: type[Layer]) -> Callable[[Any, Arrays], Any]:
    """A layer that joins two inputs or more, here of one shape."""
    return lambda case, inputs: (
        plain(layer)(case, inputs)
        if len(inputs) > 1 and len({x.shape for x in inputs}) == 1
        else None
    )


def concat(case: Any, inputs: Arrays) -> Any:
    """Along an axis, which the engine counts from the front."""
    return Concat(settings(case)["axis"] % inputs[0].ndim).forward(*inputs)


def flatten(case: Any, inputs: Arrays) -> Any:
    """Flatten all axes but the first; None for any other axis."""
    x, axis = inputs[0], settings(case).get("axis", 1)
    return Flatten().forward(x) if axis % x.ndim == 1 else None


def gemm(case: Any, inputs: Arrays) -> Any:
    """alpha · A' · B' + beta · C as Linear, if C is one row; the factors go into w and b."""
    given = settings(case)
    a = inputs[0].T if given.get("transA") else inputs[0]
    w = inputs[1] if given.get("transB") else inputs[1].T
    weights = [np.float32(given.get("alpha", 1.0)) * w]
    if len(inputs) == 3:
        bias = np.float32(given.get("beta", 1.0)) * inputs[2]
        if bias.ndim == 2 and len(bias) > 1:
            return None  # a bias for each example
        weights.append(np.broadcast_to(bias.reshape(-1), w.shape[:1]))
    return Linear().forward(a, *weights)


def loss(case: Any, inputs: Arrays) -> Any:
    """The mean over plain logits (N, K), without weights or ignored labels."""
    given = settings(case)
    more = len(inputs) > 2 or "ignore_index" in given
    if inputs[0].ndim != 2 or given.get("reduction", b"mean") != b"mean" or more:
        return None
    return SoftmaxCrossEntropy().forward(*inputs)


RUN: dict[str, Callable[[Any, Arrays], Any]] = {
    "Abs": plain(Abs),
    "Add": joined(Add),
    "AveragePool": average_pool,
    "Concat": concat,
    "Conv": convolution,
    "Flatten": flatten,
    "Gemm": gemm,
    "GlobalAveragePool": of_whole_axes(AvgPool, AvgPool2D),
    "GlobalMaxPool": of_whole_axes(MaxPool, MaxPool2D),
    "LeakyRelu": lambda case, inputs: LeakyReLU(settings(case).get("alpha", 0.01)).forward(*inputs),
    "Max": joined(Maximum),
    "MaxPool": max_pool,
    "Relu": plain(ReLU),
    "SoftmaxCrossEntropyLoss": loss,
    "Softplus": plain(Softplus),
    "Sum": joined(Add),
}


def test_every_vector_that_applies() -> None:
    applied: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for case in collected():
        for inputs, outputs in case.data_sets:
            there[operator(case)] += 1
            found = RUN[operator(case)](case, list(inputs))
            if found is not None:
                applied[operator(case)] += 1
                close = CLOSE.get(case.name, 1e-6)
                np.testing.assert_allclose(
                    found, outputs[0], rtol=1e-4, atol=close, err_msg=case.name
                )
    assert {name: (applied[name], there[name]) for name in MODULES} == APPLY
