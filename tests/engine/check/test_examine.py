"""The check of a layer at a point: the verdicts of gradient_check, and what the step alone says."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine import (
    LAB,
    RULES,
    Conv1D,
    ConvBlock,
    Kinks,
    Linear,
    MaxPool,
    ReLU,
    SoftmaxCrossEntropy,
    gradient_check,
)
from engine.check.examine import Examination, examine, total
from tests.engine.rows import ROWS, normals

FIRST = RULES["pytorch-max-pool"].kinks


def block(x: list[float], w: float, kinks: Kinks = FIRST, eps: float = 1e-6) -> Examination:
    return examine(ConvBlock(), (x, w), kinks=kinks, eps=eps)


def test_it_is_the_gradient_check_without_the_printing(capsys: pytest.CaptureFixture[str]) -> None:
    layer = ConvBlock()
    for x in ([3, 3, 1], [1, -2, 3], [-1, -2, -3], [3.0000001, 3, 1]):
        for kinks in (LAB, FIRST):
            found = examine(ConvBlock(), (x, 1.5), kinks=kinks).results
            assert capsys.readouterr().out == ""
            backward = lambda dz, kinks=kinks: layer.backward(dz, kinks)  # noqa: E731
            due = gradient_check(layer.forward, backward, x, 1.5)
            assert [str(each) for each in found] == [str(each) for each in due]
            capsys.readouterr()


@pytest.mark.parametrize("name", ["conv1d-batch", "max-pool-2d-windows", "network", "classifier"])
def test_every_entry_agrees_where_the_function_is_smooth(name: str) -> None:
    row = ROWS[name]
    inputs = normals(row.shapes)
    found = examine(row.make(), inputs, dout=1.0)
    assert [each.verdict for each in found.results] == ["PASSED"] * len(inputs)
    for argument, central in enumerate(found.central):
        assert_allclose(central, found.passed.grads[argument], atol=1e-7)
        for index in np.ndindex(*central.shape):
            assert found.status(argument, index) == "agrees"


def test_what_came_of_an_entry() -> None:
    assert block([3, 3, 1], 1).status(0, (0,)) == "kink"
    assert block([3, 3, 1], 1).status(0, (2,)) == "agrees"
    assert block([3, 3, 1], 1, LAB).status(1, ()) == "wrong"
    near = block([3 + 1e-7, 3, 1], 1)
    assert near.status(0, (0,)) == "closer"
    assert near.central[0][0] == pytest.approx(0.55)
    assert near.difference(0, (0,)) == pytest.approx(0.45)
    assert near.results[0].verdict == "PASSED"
    rounded = examine(Conv1D(), ([0.1, 0.2, 0.3], 0.7), dout=[1.0, 0.7, 0.3], eps=1e-13)
    assert rounded.status(1, ()) == "closer"
    # Beside 1e12, what moves the output by 1e-9 is lost in rounding.
    rounded = examine(Linear(), ([1e12, 1.0], [[1.0, 1e-3]]))
    assert rounded.status(0, (1,)) == "rounded"
    assert rounded.results[0].verdict == "PASSED"
    # log Σ exp(s) has a third derivative: at eps = 0.1 a central difference is off by some 1e-4.
    logits = [[1.0, 2.0, 0.5], [-1.0, 0.0, 2.0]]
    loss = examine(SoftmaxCrossEntropy([0, 2]), (logits,), eps=0.1)
    assert loss.status(0, (0, 0)) == "closer"
    assert 1e-5 < abs(loss.difference(0, (0, 0))) < 1e-3
    assert loss.results[0].verdict == "PASSED"


def test_dout_weighs_the_outputs() -> None:
    dout = [0.5, 2.0]
    found = examine(ReLU(), ([1.0, 3.0],), dout=dout)
    assert_allclose(found.central[0], dout, atol=1e-9)
    assert found.results[0].verdict == "PASSED"
    assert total(ReLU(), dout)(np.array([1.0, 3.0])) == 6.5


def test_the_total_stays_in_its_dtype() -> None:
    value = total(MaxPool(2, 1), [1.0, 0.5])(np.array([1, 2, 3], dtype=np.float32))
    assert value == 3.5
    assert np.asarray(value).dtype == np.float32
