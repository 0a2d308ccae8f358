"""Add, Maximum and Concat: by hand, and against the slow implementations."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine import Add, Concat, Kinks, Layer, Maximum, SettingError, ShapeError, Why, trace
from engine.kinks import Ties
from tests.engine import slow
from tests.engine.cases import Case, on_cases
from tests.engine.rows import Shape
from tests.for_each import for_each

TIES: tuple[Ties, ...] = ("all", "first", "last", "split")
JOINS: dict[str, tuple[Layer, Callable[..., slow.Answer], list[Shape]]] = {
    "add": (Add(), lambda *x, ties: slow.add(*x), [(2, 3)] * 2),
    "add three": (Add(), lambda *x, ties: slow.add(*x), [(3,)] * 3),
    "maximum": (Maximum(), slow.maximum, [(2, 3)] * 2),
    "maximum of four": (Maximum(), slow.maximum, [()] * 4),
    "concat": (Concat(), lambda *x, ties: slow.concat(*x, axis=0), [(2,), (1,), (3,)]),
    "concat within": (
        Concat(1),
        lambda *x, ties: slow.concat(*x, axis=1),
        [(2, 1, 2), (2, 2, 2)],
    ),
}


@pytest.mark.parametrize(("layer", "slowly", "shapes"), JOINS.values(), ids=list(JOINS))
@on_cases()
def test_joins_agree_with_the_slow_ones(
    layer: Layer, slowly: Callable[..., slow.Answer], shapes: list[Shape], case: Case
) -> None:
    inputs = case.inputs(*shapes)
    ties = case.one_of(TIES)
    answer = slowly(*inputs, ties=ties)
    dout = 12 * case.integers(answer.output.shape)  # so that every share is a whole number
    (step,) = trace(layer, *inputs, dout=dout, kinks=Kinks(0, "all", maximum_ties=ties)).steps
    assert_array_equal(step.output, answer.output)
    for position, _ in enumerate(shapes):
        assert_allclose(step.grads[position], answer.grads(dout)[position], rtol=1e-14)
        assert_array_equal(step.why[position], answer.why(dout)[position])
        assert_array_equal(step.kinked[position], answer.kinked(dout)[position])
        for entry in np.ndindex(*step.inputs[position].shape):
            feeds = step.layer.feeds(position, entry, step.run.cache)
            assert list(feeds) == [output for output, _ in answer.reads[position][entry]]


def test_a_tie_of_three_by_hand() -> None:
    for ties, shares in zip(TIES, ([1, 1, 1], [1, 0, 0], [0, 0, 1], [1 / 3] * 3), strict=True):
        (step,) = trace(Maximum(), 2, 2, 2, dout=-1, kinks=Kinks(0, "all", maximum_ties=ties)).steps
        assert [float(-grad) for grad in step.grads] == shares
    small = trace(Maximum(), 2, 2, dout=5e-324, kinks=Kinks(0, "all", maximum_ties="split"))
    assert [int(why) for why in small.steps[0].why] == [Why.UNDERFLOW] * 2


def test_an_input_that_is_the_same_array_twice() -> None:
    x = np.array([1.0, -2.0])
    assert_array_equal(Add().forward(x, x), [2, -4])
    one, other = trace(Add(), x, x, dout=[1, 3]).grads
    assert_array_equal(one, other)
    assert not np.shares_memory(one, other)


@for_each(
    ("layer", "shapes", "said"),
    [
        (Add(), [(2,)], "Add: needs two inputs or more; got 1"),
        (Maximum(), [], "Maximum: needs two inputs or more; got 0"),
        (Add(), [(2,), (1,)], r"Add: needs inputs of one shape; got \(2,\), \(1,\)"),
        (Maximum(), [(2,), ()], r"Maximum: needs inputs of one shape; got \(2,\), \(\)"),
        (
            Concat(),
            [(), ()],
            r"Concat: needs inputs that differ along axis 0 alone; got \(\), \(\)",
        ),
        (Concat(1), [(3, 2), (3,)], r"Concat: .* axis 1 alone; got \(3, 2\), \(3,\)"),
        (Concat(1), [(3, 2), (2, 2)], "Concat: .* axis 1 alone"),
        (Add(), [(2,), (2,), (1,)], r"Add: .* got \(2,\), \(2,\), \(1,\)"),
        (Maximum(), [(2,), (2,), ()], r"Maximum: .* got \(2,\), \(2,\), \(\)"),
        (Concat(1), [(3, 2), (3, 1), (2, 2)], r"Concat: .* \(3, 1\), \(2, 2\)"),
        (Concat(), [(3, 2), (2,)], "Concat: .* axis 0 alone"),
    ],
)
def test_bad_shapes_are_named(layer: Layer, shapes: list[Shape], said: str) -> None:
    with pytest.raises(ShapeError, match=said):
        layer.forward(*map(np.ones, shapes))


@for_each("axis", [-1, 1.0, True, None, "0", (0,)])
def test_an_axis_is_a_whole_number_from_0(axis: object) -> None:
    with pytest.raises(SettingError, match="Concat: axis needs a whole number from 0 on; got"):
        Concat(axis)  # type: ignore[arg-type]
    assert repr(Concat(np.int64(1))) == "Concat(axis=1)"  # type: ignore[arg-type]
