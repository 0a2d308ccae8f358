"""The ONNX backend's own vectors, for the operators that the engine has.

The `onnx` package makes them in process. Those that ask for something the engine does not offer
(dilations, groups, padding on one side, class weights, more axes) are left out where each
operator is run below; of the rest the first output must come out right.
"""

from collections import Counter
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import onnx
import pytest
from onnx.backend.test.case import node as cases

from engine import Conv1D, Conv2D, Linear, MaxPool, MaxPool2D, ReLU, SoftmaxCrossEntropy

MODULES = {
    "Conv": "conv",
    "MaxPool": "maxpool",
    "Relu": "relu",
    "Gemm": "gemm",
    "SoftmaxCrossEntropyLoss": "softmax_cross_entropy_loss",
}
APPLY = {"Conv": 5, "MaxPool": 9, "Relu": 1, "Gemm": 10, "SoftmaxCrossEntropyLoss": 2}
"""How many of each operator's vectors apply: a change of the package or the engine shows here."""

Arrays = list[np.ndarray[Any, Any]]


def collected() -> list[Any]:
    """The test cases of these operators alone; collecting all of ONNX's takes far longer."""
    for module in MODULES.values():
        import_module(f"{cases.__name__}.{module}")
    return [case for case in cases._NodeTestCases if operator(case) in MODULES]


def operator(case: Any) -> str:
    """'Conv'; '' for a case whose model is more than this one node."""
    nodes = case.model.graph.node
    return str(nodes[0].op_type) if len(nodes) == 1 else ""


def settings(case: Any) -> dict[str, Any]:
    """The node's attributes."""
    return {
        each.name: onnx.helper.get_attribute_value(each)
        for each in case.model.graph.node[0].attribute
    }


def padding(given: dict[str, Any], axes: int) -> tuple[int, ...] | None:
    """One number an axis; None where begin and end differ, or a rule decides."""
    pads = given.get("pads", [0] * 2 * axes)
    named = given.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID")
    return None if named or pads[:axes] != pads[axes:] else tuple(pads[:axes])


def convolution(case: Any, inputs: Arrays) -> Any:
    """Our output, or None where the engine does not offer what is asked."""
    given, axes = settings(case), inputs[0].ndim - 2
    pads = padding(given, axes)
    plain = given.get("group", 1) == 1 and set(given.get("dilations", [1])) == {1}
    if axes not in (1, 2) or pads is None or not plain:
        return None
    stride = tuple(given.get("strides", [1] * axes))
    layer = {1: Conv1D, 2: Conv2D}[axes](stride, pads)
    return layer.forward(*inputs)


def max_pool(case: Any, inputs: Arrays) -> Any:
    """As `convolution`; without rounding up."""
    given, axes = settings(case), inputs[0].ndim - 2
    pads = padding(given, axes)
    rounded_up = given.get("ceil_mode", 0) or set(given.get("dilations", [1])) != {1}
    if axes not in (1, 2) or pads is None or rounded_up:
        return None
    size, stride = tuple(given["kernel_shape"]), tuple(given.get("strides", [1] * axes))
    return {1: MaxPool, 2: MaxPool2D}[axes](size, stride, pads).forward(inputs[0])


def gemm(case: Any, inputs: Arrays) -> Any:
    """alpha · A' · B' + beta · C is Linear where C is one row and the factors are taken in."""
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
    "Conv": convolution,
    "MaxPool": max_pool,
    "Relu": lambda case, inputs: ReLU().forward(inputs[0]),
    "Gemm": gemm,
    "SoftmaxCrossEntropyLoss": loss,
}


def test_every_vector_that_applies() -> None:
    applied: Counter[str] = Counter()
    for case in collected():
        for inputs, outputs in case.data_sets:
            found = RUN[operator(case)](case, list(inputs))
            if found is not None:
                applied[operator(case)] += 1
                np.testing.assert_allclose(
                    found, outputs[0], rtol=1e-4, atol=1e-6, err_msg=case.name
                )
    assert dict(applied) == APPLY


@pytest.mark.parametrize("name", MODULES)
def test_something_is_collected(name: str) -> None:
    assert any(operator(case) == name for case in collected())
