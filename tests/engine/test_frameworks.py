"""The engine gives what frameworks gave: values, gradients, and every rule in RULES."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine import (
    RULES,
    Abs,
    AvgPool,
    AvgPool2D,
    Conv1D,
    Conv2D,
    ConvBlock,
    Elementwise,
    Kinks,
    Layer,
    LeakyReLU,
    Linear,
    Maximum,
    MaxPool,
    MaxPool2D,
    ReLU,
    Rule,
    SoftmaxCrossEntropy,
    Softplus,
    trace,
)
from engine.arrays import Array, Mask
from engine.kinks import CHOICES
from tests.fixtures.summary import SHARES, slopes, tie_rule
from tests.for_each import for_each

Case = dict[str, Any]

PRECISIONS = ("float32", "float64")

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
    "leaky_relu": LeakyReLU,
    "abs": Abs,
    "softplus": Softplus,
    "maximum": Maximum,
    "avg_pool1d": AvgPool,
    "avg_pool2d": AvgPool2D,
    "avg_pool1d_padding_uncounted": partial(AvgPool, count_include_pad=False),
    "avg_pool2d_padding_uncounted": partial(AvgPool2D, count_include_pad=False),
    "conv1d_more": Conv1D,
    "conv2d_more": Conv2D,
    "max_pool1d_more": MaxPool,
    "max_pool2d_more": MaxPool2D,
    "avg_pool1d_more": AvgPool,
    "avg_pool2d_more": AvgPool2D,
}
"""For each recorded operation, the layer that computes it."""

WITHOUT: set[str] = {
    "max_first_axis",  # our pools reduce the last axes
    "clip_to_six",
    "maximum_with_zero",
}
"""Recorded operations that no layer computes."""

CLOSE = {
    ("mlx", "softplus"): 1e-5,  # it is exact to six digits only, in double precision too
    ("tensorflow", "leaky_relu"): 1e-9,  # its slope is in single precision
    ("tinygrad", "softplus"): 1e-8,  # log(1 + exp(x)), which is 0 far below 0
    ("torch", "softplus"): 3e-9,  # it returns x itself above a threshold of 20
}
"""How far a framework's double-precision numbers are from exact ones; others: 1e-12."""

MEASURED: dict[str, dict[str, tuple[str, ...]]] = {
    "lab": {"the exercise this tool grew from": ("dh = (h == z) * dz", "max(relu(w * x))")},
    "pytorch-max-pool": {
        "max_pool1d": (
            "torch.nn.functional.max_pool1d",
            "torch.nn.functional.max_pool1d(relu(w * x))",
        ),
        "max_pool2d": ("torch.nn.functional.max_pool2d",),
        "max(dim)": ("torch.max(x, dim=-1).values", "torch.max(x, dim=0).values"),
    },
    "pytorch-amax": {
        "amax": (
            "torch.amax(x)",
            "torch.amax(x, dim=-1)",
            "torch.amax(x, dim=0)",
            "torch.amax(relu(w * x))",
        ),
        "max() of the whole tensor": ("torch.max(x)",),
    },
    "tensorflow-max-pool": {
        "max_pool1d": ("tf.nn.max_pool1d", "tf.nn.max_pool1d(relu(w * x))"),
        "max_pool2d": ("tf.nn.max_pool2d",),
    },
    "tensorflow-reduce-max": {
        "reduce_max": (
            "tf.reduce_max(x)",
            "tf.reduce_max(x, axis=-1)",
            "tf.reduce_max(x, axis=0)",
            "tf.reduce_max(relu(w * x), axis=-1)",
        )
    },
    "jax-reduce-window": {
        "lax.reduce_window": (
            "jax.lax.reduce_window",
            "jax.lax.reduce_window(relu(w * x))",
        )
    },
    "jax-max": {
        "jnp.max": (
            "jax.numpy.max(x)",
            "jax.numpy.max(x, axis=-1)",
            "jax.numpy.max(x, axis=0)",
            "jax.numpy.max(relu(w * x), axis=-1)",
        )
    },
    "tinygrad": {
        "max_pool2d": (
            "tinygrad.Tensor.max_pool2d",
            "tinygrad.Tensor.max_pool2d(relu(w * x))",
        ),
        "max": (
            "tinygrad.Tensor.max()",
            "tinygrad.Tensor.max(axis=-1)",
            "tinygrad.Tensor.max(axis=0)",
            "tinygrad.Tensor.max(relu(w * x), axis=-1)",
        ),
    },
    "mlx": {
        "MaxPool1d": ("mlx.nn.MaxPool1d", "mlx.nn.MaxPool1d(relu(w * x))"),
        "MaxPool2d": ("mlx.nn.MaxPool2d",),
        "max": (
            "mlx.core.max(x)",
            "mlx.core.max(x, axis=-1)",
            "mlx.core.max(x, axis=0)",
            "mlx.core.max(relu(w * x), axis=-1)",
        ),
    },
    "cs231n-fast-layers": {
        "fast layers by reshape (windows that tile)": ("fast layers by reshape",)
    },
    "cs231n-im2col": {"fast layers by im2col (all other windows)": ("fast layers by im2col",)},
}
"""For each rule, the recorded calls of each operation that the rule names."""


@cache
def cases() -> dict[str, Case]:
    recorded = Path(__file__).parents[1] / "fixtures" / "frameworks.json"
    return {case["id"]: case for case in json.loads(recorded.read_text(encoding="utf-8"))["cases"]}


def is_of(rule: Rule, case: Case) -> bool:
    """Whether a case was recorded from the framework of a rule."""
    return rule.framework.lower().endswith(case["framework"])


def frameworks_own(rule: Rule) -> list[Case]:
    """The cases that were recorded from the framework of a rule."""
    return [case for case in cases().values() if is_of(rule, case)]


def rule_of(case: Case) -> Rule:
    """The rule that a call follows; for a call without ties, any rule of its framework."""
    own = [rule for rule in RULES.values() if is_of(rule, case)]
    return next((each for each in own if case["call"] in calls_of(each)), own[0])


def calls_of(rule: Rule) -> list[str]:
    return [call for calls in MEASURED[rule.slug].values() for call in calls]


def windows(case: Case) -> Iterator[tuple[Array, Array]]:
    """Each window of a case with ties, and its entries' shares of an upstream gradient of 1."""
    x, dx, dout = np.array(case["inputs"]["x"]), np.array(case["grads"]["x"]), case["dout"]
    if case["operation"] == "max_first_axis":
        x, dx = x.T, dx.T
    if case["operation"] in ("max_first_axis", "max_last_axis"):
        yield from zip(x, dx / np.reshape(dout, (-1, 1)), strict=True)
    else:
        yield x.ravel(), (dx / dout).ravel()


COMPARED = {
    (case["framework"], case["operation"]): None
    for case in cases().values()
    if case["operation"] in LAYERS
}


@for_each(("framework", "operation"), COMPARED)
def test_the_engine_agrees_with_what_frameworks_computed(framework: str, operation: str) -> None:
    for name, case in cases().items():
        if (case["framework"], case["operation"]) != (framework, operation):
            continue
        layer = LAYERS[operation](**case["settings"])
        inputs = [np.array(values, dtype=case["dtype"]) for values in case["inputs"].values()]
        traced = trace(layer, *inputs, dout=case["dout"], kinks=rule_of(case).kinks)
        close = CLOSE.get((framework, operation), 1e-12)
        if case["dtype"] == "float32":
            close = max(close, 1e-6)
        assert traced.output.dtype == case["dtype"], name
        told = f"{name}; if it computes less precisely than in float64, it needs a row in CLOSE"
        assert_allclose(traced.output, case["output"], rtol=close, atol=close, err_msg=told)
        for grad, recorded in zip(traced.grads, case["grads"].values(), strict=True):
            assert_allclose(grad, recorded, rtol=close, atol=close, err_msg=told)


def test_every_recorded_operation_is_compared() -> None:
    assert {case["operation"] for case in cases().values()} == set(LAYERS) | WITHOUT


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_every_operation_that_a_rule_names_was_run(rule: Rule) -> None:
    assert rule.slug in MEASURED, "MEASURED needs what was run for each rule"
    assert rule.operation == ", ".join(MEASURED[rule.slug])
    slugs = ("two-way-tie", "three-way-tie", "ties-of-two-and-three")
    for calls in MEASURED[rule.slug].values():
        shown = {
            (case["call"], case["dtype"], int(np.sum(x == x.max()))): tie_rule(x, shares)
            for case in frameworks_own(rule)
            if case["call"] in calls and case["operation"] != "block"
            if case["id"].split("/")[2].removesuffix("-float32") in slugs
            for x, shares in windows(case)
        }
        assert set(shown.values()) == {rule.kinks.pool_ties}
        assert {call for call, _, _ in shown} == {call for call in calls if "relu" not in call}
        for call, dtype, ties in product({call for call, _, _ in shown}, PRECISIONS, (2, 3)):
            assert (call, dtype, ties) in shown


def slope_itself(case: Case, met: Mask, slope: float) -> bool:
    """Whether a record shows this slope at the kink; the next two do so for other kinks."""
    return slopes(case, met) == f"{slope:g}"


def slope_of_leaky_relu(case: Case, met: Mask, share: float) -> bool:
    below = case["settings"]["slope"]
    return slopes(case, met) == f"{below + share * (1 - below):g}"


def shares_of_maximum(case: Case, met: Mask, ties: str) -> bool:
    shown = [slopes(case, met, argument) for argument in "xy"]
    return shown == [f"{share:g}" for share in SHARES[ties](2)]


SHOWN: dict[str, tuple[set[str], Callable[[Case, Mask, Any], bool]]] = {
    "relu_at_zero": ({"around-zero"}, slope_itself),
    "leaky_relu_at_zero": ({"slope-0.01", "slope-0.25"}, slope_of_leaky_relu),
    "abs_at_zero": ({"around-zero"}, slope_itself),
    "maximum_ties": ({"ties", "with-zero"}, shares_of_maximum),
}
"""For each choice of a rule: the slugs of its operation's records, and how they show it."""


def meeting(case: Case) -> Mask:
    """Where the inputs of a case are at a kink of its layer."""
    layer, (x, *others) = LAYERS[case["operation"]](**case["settings"]), case["inputs"].values()
    if isinstance(layer, Elementwise):
        return np.isin(x, [*layer.breaks])
    return np.asarray(np.equal(x, *others))


@for_each("choice", SHOWN)
@for_each("rule", RULES.values(), ids=list(RULES))
def test_every_choice_of_a_rule_was_run(rule: Rule, choice: str) -> None:
    operation, (slugs, shows) = CHOICES[choice].operation, SHOWN[choice]
    found = [
        case
        for case in frameworks_own(rule)
        if case["operation"] == operation
        if re.sub("-mixed|-float32", "", case["id"].split("/")[2]) in slugs
    ]
    if not rule.kinks.states([choice]):
        assert not found
        return
    assert found, f"{rule.slug} states {choice}, and nothing recorded shows it"
    assert {case["dtype"] for case in found} == set(PRECISIONS)
    assert {re.sub("-mixed|-float32", "", case["id"].split("/")[2]) for case in found} == slugs
    for case in found:
        met = meeting(case)
        assert met.any()
        assert shows(case, met, getattr(rule.kinks, choice))


def test_every_choice_is_shown_by_records() -> None:
    shown = {*SHOWN, "pool_ties"}
    assert {each.name for each in fields(Kinks)} == shown, (
        "a kind of kink needs a row of SHOWN, and records: tests/fixtures/__init__.py says how"
    )


def test_versions_are_those_that_were_measured() -> None:
    for case in cases().values():
        version = rule_of(case).version
        if version:  # a formula in numpy has none
            assert case["version"].startswith(f"{version}.")


def test_a_tie_of_three_by_the_courses_formulas() -> None:
    # h = [[1, 3], [3, 3]]: by reshape each 3 gets a third, by im2col the first one gets all.
    reshape, im2col = (
        np.ravel(cases()[f"cs231n/max_pool2d/three-way-tie/{path}"]["grads"]["x"])
        for path in ("reshape", "im2col")
    )
    assert_allclose(reshape, [0, 1 / 3, 1 / 3, 1 / 3])
    assert_allclose(im2col, [0, 1, 0, 0])
