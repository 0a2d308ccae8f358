"""Every mutant is caught, at random and at special points, and no kink excuses it."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from numpy.typing import ArrayLike

from engine import LAB, Kinks, Layer, gradient_check
from engine.check import CheckResult
from engine.check.differences import Forward
from tests.engine.check.mutants import entrywise, networks, pools, products
from tests.engine.check.mutants.family import FIRST, Family, Inputs, Mutant, right
from tests.engine.rows import Array

FAMILIES = {
    "relu": entrywise.RELU,
    "flatten": entrywise.FLATTEN,
    "conv1d": products.CONV1D,
    "conv2d": products.CONV2D,
    "linear": products.LINEAR,
    "max pool": pools.MAX_POOL,
    "max pool 2d": pools.MAX_POOL_2D,
    "whole pool": pools.WHOLE_POOL,
    "loss": networks.LOSS,
    "block": networks.BLOCK,
    "network": networks.NETWORK,
}

MUTANTS = [
    pytest.param(family, mutant, name, id=f"{title}-{name}")
    for title, family in FAMILIES.items()
    for name, mutant in family.mutants.items()
]


def test_there_are_at_least_ninety_mutants() -> None:
    assert len(MUTANTS) >= 90


@pytest.mark.parametrize(("family", "mutant", "name"), MUTANTS)
def test_a_mutant_is_caught(family: Family, mutant: Mutant, name: str) -> None:
    for point, inputs in family.points().items():
        hidden = (name, point) in family.hidden or (
            name in family.at_kinks_only and point not in family.special
        )
        layer = family.make()
        forwards: list[Forward] = [layer.forward]
        first = next(iter(family.mutants))  # all mutants of a family share their forward
        if (name, point) == (first, [*family.special][-1]):  # once in the other way too
            forwards.append(one_by_one(layer))
        for forward in forwards:
            pairs = list(checked(forward, layer, inputs, mutant))
            assert any(is_wrong for is_wrong, _ in pairs) != hidden, f"at {point}"
            for is_wrong, result in pairs:
                expected = {"FAILED"} if is_wrong else {"PASSED", "KINK"}
                assert result.verdict in expected, f"at {point}: {result}"


def one_by_one(layer: Layer) -> Forward:
    """The layer's forward, wrapped so that its copies cannot be computed together."""
    return lambda *given: layer.forward(*given)


def checked(
    forward: Forward, layer: Layer, inputs: Inputs, mutant: Mutant
) -> Iterator[tuple[bool, CheckResult]]:
    """For each input whether the mutant's gradient is wrong, and the result of the check."""
    pairs: list[tuple[Array, Array]] = []

    def backward(dout: ArrayLike) -> Inputs:
        given = np.asarray(dout)
        wrong = mutant(layer, inputs, given)
        pairs.extend(zip(wrong, right(layer, inputs, given), strict=True))
        return wrong

    results = gradient_check(forward, backward, *inputs)
    for (given, expected), result in zip(pairs, results, strict=True):
        near = np.allclose(given, expected, rtol=1e-5, atol=1e-6)
        yield not near, result


# What the lab's rule gives a weight at a tie is no derivative.
RIGHT = [
    pytest.param(family, kinks, id=f"{title}-{kinks.pool_ties}")
    for title, family in FAMILIES.items()
    for kinks in (FIRST, Kinks(0.5, "split"), LAB)
    if kinks is not LAB or len(family.shapes) == 1
]


@pytest.mark.parametrize(("family", "kinks"), RIGHT)
def test_the_right_layer_passes_at_the_same_points(family: Family, kinks: Kinks) -> None:
    for point, inputs in family.points().items():
        layer = family.make()
        results = gradient_check(layer.forward, partial(layer.backward, kinks=kinks), *inputs)
        kinked = point in family.special and not point.startswith("near")
        allowed = {"PASSED", "KINK"} if kinked else {"PASSED"}
        assert {result.verdict for result in results} <= allowed, f"at {point}"
