"""Rules at kinks: what counts as one, and the table of what frameworks do."""

import re
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from engine import LAB, RULES, AvgPool, Kinks, Layer, MaxPool, MaxPool2D, ReLU, Sequential, trace
from engine.errors import SettingError
from engine.kinks import CHOICES, Ties, briefly, called
from tests.for_each import for_each


@pytest.mark.parametrize(
    "slope",
    [
        -0.5,
        1.5,
        pytest.param(10**400, id="10**400"),
        float("nan"),
        float("inf"),
        True,
        None,
        "1",
        1j,
    ],
)
def test_a_slope_is_a_number_from_0_to_1(slope: object) -> None:
    with pytest.raises(ValueError, match=r"Kinks: relu_at_zero needs a number from 0 to 1; got"):
        Kinks(slope, "all")  # type: ignore[arg-type]


@for_each(("choice", "least"), [("leaky_relu_at_zero", 0), ("abs_at_zero", -1)])
def test_other_slopes_are_numbers_up_to_1_from_their_least(choice: str, least: int) -> None:
    for slope in (least, 1):
        assert getattr(Kinks(0.0, "all", **{choice: slope}), choice) == slope  # type: ignore[arg-type]
    for wrong in (least - 0.5, 1.5, True, "1"):
        with pytest.raises(ValueError, match=f"{choice} needs a number from {least} to 1; got"):
            Kinks(0.0, "all", **{choice: wrong})  # type: ignore[arg-type]


@for_each("ties", ["last", "ALL", "", None, 0, ["all"]])
def test_ties_are_one_of_three(ties: object) -> None:
    with pytest.raises(ValueError, match=r"Kinks: pool_ties needs one of .*'first'.*; got"):
        Kinks(0.0, ties)  # type: ignore[arg-type]


def test_kinks_are_values() -> None:
    assert Kinks(1, "all") == LAB == Kinks(np.float32(1), "all")  # type: ignore[arg-type]
    assert len({Kinks(0.5, "split"), Kinks(0.5, "split"), LAB}) == 2
    assert type(Kinks(np.float64(0.5), "split").relu_at_zero) is float
    for name in ("relu_at_zero", "pool_ties"):
        with pytest.raises(FrozenInstanceError):
            setattr(LAB, name, 0)


@for_each("kinks", ["lab", RULES["lab"], None])
@for_each("layer", [ReLU(), AvgPool()])  # of which the second reads no choice
def test_what_is_no_rule_is_refused(layer: Layer, kinks: Any) -> None:
    said = r'{}: kinks needs a rule like LAB or RULES\["lab"\].kinks; got ' + re.escape(repr(kinks))
    with pytest.raises(SettingError, match=said.format("trace")):
        trace(layer, [1.0], kinks=kinks)
    with pytest.raises(SettingError, match=said.format("trace")):
        trace(layer, [1.0]).under(kinks)
    output = layer.forward([1.0])
    with pytest.raises(SettingError, match=said.format(layer.title)):
        layer.backward(output, kinks)


@pytest.mark.parametrize(
    ("ties", "is_one"), [("all", False), ("first", True), ("last", True), ("split", True)]
)
def test_shares_of_a_tie_that_sum_to_1_are_a_subgradient(ties: Ties, is_one: bool) -> None:
    rule = Kinks(0.5, "all", leaky_relu_at_zero=0.25, abs_at_zero=-1.0, maximum_ties=ties)
    assert rule.gives_subgradient("maximum_ties") == is_one
    assert not rule.gives_subgradient("pool_ties")
    for slope in ("relu_at_zero", "leaky_relu_at_zero", "abs_at_zero"):
        assert rule.gives_subgradient(slope)
    with pytest.raises(SettingError, match="maximum_ties needs to be stated"):
        LAB.gives_subgradient("maximum_ties")


def test_the_table_is_frozen() -> None:
    assert not hasattr(RULES, "__setitem__")
    with pytest.raises(FrozenInstanceError):
        RULES["lab"].kinks = LAB  # type: ignore[misc]


def test_rules_of_the_table() -> None:
    assert next(iter(RULES)) == "lab"
    assert RULES["lab"].kinks == LAB == Kinks(1.0, "all")
    assert {rule.kinks.relu_at_zero for slug, rule in RULES.items() if slug != "lab"} == {0.0}
    ties = {slug: rule.kinks.pool_ties for slug, rule in RULES.items()}
    assert ties == {
        "lab": "all",
        "pytorch-max-pool": "first",
        "pytorch-amax": "split",
        "tensorflow-max-pool": "first",
        "tensorflow-reduce-max": "split",
        "jax-reduce-window": "first",
        "jax-max": "split",
        "tinygrad": "split",
        "mlx": "split",
        "cs231n-fast-layers": "split",
        "cs231n-im2col": "first",
    }


@for_each(
    ("pool", "missing"),
    [(MaxPool(2), "cs231n-im2col"), (MaxPool(), "cs231n-im2col"),
     (MaxPool(2, stride=1), "cs231n-fast-layers"), (MaxPool(3), "cs231n-fast-layers"),
     (MaxPool2D((1, 3)), "cs231n-fast-layers"),  # they tile the input along one axis alone
     (Sequential(MaxPool(2), MaxPool(1, 2)), "cs231n-im2col cs231n-fast-layers"),
     (AvgPool(2), ""), (ReLU(), "")],
)  # fmt: skip
def test_a_rule_for_windows_that_tile_is_for_no_others(pool: Layer, missing: str) -> None:
    # CS231n's fast max pool takes its reshape path if windows tile the input, otherwise im2col.
    found = [rule.slug for rule in trace(pool, [[1.0, 1.0, 0.0, 2.0]]).rules]
    assert found == [slug for slug in RULES if slug not in missing.split()]


@for_each(
    ("choices", "chosen", "said"),
    [
        (["pool_ties"], ["all"], "all get it"),
        (["pool_ties", "maximum_ties"], ["split", "last"], "split, the last"),
        (["relu_at_zero"], [0.0], "slope 0 at 0"),
        (["relu_at_zero", "pool_ties"], [1.0, "first"], "slope 1 at 0, ties: the first"),
        (["leaky_relu_at_zero"], [0.0], "the left slope at 0"),
        (["leaky_relu_at_zero"], [1.0], "the right slope at 0"),
        (["leaky_relu_at_zero"], [0.25], "slope 0.25 of the way at 0"),
    ],
)
def test_a_choice_in_brief(choices: list[str], chosen: list[Any], said: str) -> None:
    assert briefly(choices, chosen) == said


def test_ties_are_called_that_where_no_label_does() -> None:
    assert briefly(["pool_ties"], ["first"], labelled=False) == "ties: the first"
    assert briefly(["relu_at_zero"], [0.0], labelled=False) == "slope 0 at 0"


@pytest.mark.parametrize(
    ("slug", "choices", "label"),
    [
        ("jax-max", ["relu_at_zero"], "JAX 0.10 · relu"),
        ("mlx", ["relu_at_zero", "leaky_relu_at_zero"], "MLX 0.32 · relu, leaky_relu"),
        ("mlx", ["abs_at_zero", "abs_at_zero"], "MLX 0.32 · abs"),  # two kinks of one operation
        ("jax-max", ["relu_at_zero", "pool_ties"], "JAX 0.10 · jnp.max"),
        ("lab", ["relu_at_zero"], "Lab · the exercise this tool grew from"),
    ],
)
def test_where_no_pool_is_its_operation_is_not_named(
    slug: str, choices: list[str], label: str
) -> None:
    assert RULES[slug].label_for(choices) == label


def test_a_label_names_framework_version_and_operation() -> None:
    for slug, rule in RULES.items():
        assert rule.slug == slug
        assert all(part in rule.label for part in (rule.framework, rule.version, rule.operation))
        if slug != "lab":  # a sentence names it by its framework, if need be with its operation
            *_, last = rule.short.split()
            assert rule.short.startswith(rule.framework)
            assert slug.startswith(rule.framework.lower())
            assert last in rule.operation or last == rule.framework
    for told in ("label", "short"):
        assert len({getattr(rule, told) for rule in RULES.values()}) == len(RULES)


def test_a_framework_is_named_where_all_its_rules_do_it() -> None:
    both = [RULES["pytorch-max-pool"], RULES["pytorch-amax"]]
    assert [called(each, both) for each in both] == ["PyTorch"] * 2
    assert called(both[1], [both[1], RULES["jax-max"]]) == "PyTorch amax"
    assert called(RULES["mlx"], [RULES["mlx"]]) == "MLX"
    assert called(RULES["lab"], [RULES["lab"]]) == "the lab"


@for_each(
    ("choice", "value", "said", "briefly_said"),
    [
        ("relu_at_zero", 0.5, "slope of ReLU at 0 is 0.5", "slope 0.5 at 0"),
        ("abs_at_zero", -1.0, "slope of |a| at 0 is -1", "slope -1 at 0"),
        (
            "leaky_relu_at_zero",
            0.25,
            "slope of leaky ReLU at 0 is 0.25 of the way from its left to its right",
            "slope 0.25 of the way at 0",
        ),
        (
            "leaky_relu_at_zero",
            0.0,
            "slope of leaky ReLU at 0 is that on its left",
            "the left slope at 0",
        ),
        (
            "leaky_relu_at_zero",
            1.0,
            "slope of leaky ReLU at 0 is that on its right",
            "the right slope at 0",
        ),
        ("pool_ties", "all", "each of a tie gets all", "all get it"),
        ("pool_ties", "first", "the first of a tie gets all", "the first"),
        ("pool_ties", "split", "a tie gets equal shares", "split"),
        ("maximum_ties", "last", "the last of a tie gets all", "the last"),
    ],
)
def test_a_choice_in_words(choice: str, value: object, said: str, briefly_said: str) -> None:
    assert CHOICES[choice].describe(value) == said
    assert CHOICES[choice].short(value) == briefly([choice], [value]) == briefly_said


def test_the_same_choice_for_several_operations_is_said_once() -> None:
    choices = ["relu_at_zero", "pool_ties", "maximum_ties"]
    assert briefly(choices, [0.0, "first", "first"]) == "slope 0 at 0, ties: the first"
