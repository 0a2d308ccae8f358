"""The engine gives what five frameworks gave: values, gradients, and every rule in RULES."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine import (
    RULES,
    Conv1D,
    Conv2D,
    ConvBlock,
    Layer,
    Linear,
    MaxPool,
    MaxPool2D,
    ReLU,
    SoftmaxCrossEntropy,
    trace,
)

Case = dict[str, Any]

LAYERS: dict[str, Callable[..., Layer]] = {
    "conv1d": Conv1D,
    "conv2d": Conv2D,
    "relu": ReLU,
    "max": MaxPool,
    "max_last_axis": MaxPool,
    "max_all_axes": MaxPool2D,
    "max_pool1d": MaxPool,
    "max_pool2d": MaxPool2D,
    "block": ConvBlock,
    "linear": Linear,
    "softmax_cross_entropy": SoftmaxCrossEntropy,
}
"""For each recorded operation, the layer that does it."""

RULE_OF = {
    ("torch", "pooling"): "pytorch-max-pool",
    ("torch", "reduction"): "pytorch-amax",
    ("tensorflow", "pooling"): "tensorflow-max-pool",
    ("tensorflow", "reduction"): "tensorflow-reduce-max",
    ("jax", "pooling"): "jax-reduce-window",
    ("jax", "reduction"): "jax-max",
    ("tinygrad", "pooling"): "tinygrad",
    ("tinygrad", "reduction"): "tinygrad",
    ("mlx", "pooling"): "mlx",
    ("mlx", "reduction"): "mlx",
    ("lab", "reduction"): "lab",
}


@cache
def cases() -> dict[str, Case]:
    recorded = Path(__file__).parents[1] / "fixtures" / "frameworks.json"
    return {case["id"]: case for case in json.loads(recorded.read_text(encoding="utf-8"))["cases"]}


def rule_of(case: Case) -> str:
    """The slug of the rule that this call follows."""
    # torch.max(x, dim).values remembers an index, as its pooling does.
    by_index = ("pool", "Pool", "reduce_window", ".values")
    way = "pooling" if any(part in case["call"] for part in by_index) else "reduction"
    return RULE_OF[case["framework"], way]


@pytest.mark.parametrize(
    "name", [name for name, case in cases().items() if case["operation"] in LAYERS]
)
def test_the_engine_agrees(name: str) -> None:
    case = cases()[name]
    layer = LAYERS[case["operation"]](**case["settings"])
    inputs = [np.array(values, dtype=case["dtype"]) for values in case["inputs"].values()]
    rule = RULES[rule_of(case)]
    traced = trace(layer, *inputs, dout=case["dout"], kinks=rule.kinks)
    close = 1e-6 if case["dtype"] == "float32" else 1e-12
    assert traced.output.dtype == case["dtype"]
    assert_allclose(traced.output, case["output"], rtol=close, atol=close)
    for grad, recorded in zip(traced.grads, case["grads"].values(), strict=True):
        assert_allclose(grad, recorded, rtol=close, atol=close)


def test_every_rule_was_measured_at_a_tie() -> None:
    tied = {
        rule_of(case): case
        for case in cases().values()
        if case["operation"] in LAYERS and "three-way-tie" in case["id"]
    }
    assert set(RULES) - set(tied) == {"cs231n-fast-layers"}  # code that was read, not run


def test_versions_are_those_that_were_measured() -> None:
    for case in cases().values():
        rule = RULES[rule_of(case)]
        if rule.version:  # formulas written anew in numpy have none
            assert case["version"].startswith(f"{rule.version}.")
        assert rule.framework.lower().endswith(case["framework"])
