"""What travels between the two processes, and which input a student's gradient belongs to."""

import numpy as np
import pytest

from engine.grader.wire import ENTRIES_SENT, Json, pack, pack_gradients, pack_value, unpack_value
from tests.for_each import for_each

X, W = np.array([1.0, -2.0]), np.array(0.5)
DX, DW = pack(X), pack(W)
NONE: Json = {"odd": "None"}


@pytest.mark.parametrize(
    ("given", "packed"),
    [
        ((X, W), [DX, DW]),
        ([X, W, None], [DX, DW]),  # the None is for a bias that was left out
        ((X, None), [DX, NONE]),
        ((X, None, None), [DX, NONE]),
    ],
)
def test_a_none_stands_for_an_input_only_where_there_is_one(given: object, packed: object) -> None:
    assert pack_gradients(given, [X, W]) == {"values": packed}


@for_each(
    ("given", "packed"),
    [(X, DX), ((X,), DX), ({"da": X}, DX), ((X, None), DX), ((None,), NONE), (None, NONE)],
)
def test_the_gradient_of_a_single_input_may_come_alone_or_in_a_container(
    given: object, packed: Json
) -> None:
    assert pack_gradients(given, [X]) == {"values": [packed]}


def test_a_list_of_numbers_is_one_gradient_even_in_another_shape() -> None:
    numbers = [1.0, 2.0, 3.0]
    for given in (numbers, [*map(np.array, numbers)]):
        assert pack_gradients(given, [X]) == {"values": [pack(np.array(numbers))]}


def test_what_was_left_out_may_have_a_gradient_where_that_is_said() -> None:
    assert pack_gradients((X, W, 3), [X, W]) == {"count": 3}
    assert pack_gradients((X, W, 3), [X, W], 1) == {"values": [DX, DW]}
    assert pack_gradients((X, W, 3, 3), [X, W], 1) == {"count": 4}
    assert pack_gradients((X, W, 3, None), [X, W]) == {"count": 3}
    assert pack_gradients((X,), [X, W], 1) == {"count": 1}


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ([], 0),
        ((), 0),
        ((X, X), 2),
        ([X, X], 2),
        ([X, W], 2),
        ([X, 0.5], 2),
        ((1, 2, 3), 3),
    ],
)
def test_no_gradients_or_several_for_a_single_input_are_sent_as_their_count(
    given: object, count: int
) -> None:
    assert pack_gradients(given, [X]) == {"count": count}


@pytest.mark.parametrize(("more", "sent"), [(0, True), (1, False)])
def test_a_result_with_too_many_entries_is_sent_as_its_shape_alone(more: int, sent: bool) -> None:
    value = unpack_value(pack_value(np.ones(ENTRIES_SENT + more)))
    assert value.shape == (ENTRIES_SENT + more,)
    assert (value.array is not None) == sent


@pytest.mark.parametrize(
    ("given", "odd"),
    [
        (np.array([True, False]), ""),  # a mask counts as 1 and 0
        ([1, 0], ""),
        (np.array([1j, 0]), "complex numbers"),
        (np.array(["1", "0"]), "ndarrays of <U1"),
        ([[1, 0], [1]], "a list whose rows have different lengths"),
        (["1", "0"], "lists of <U1"),
        (("1", "0"), "tuples of <U1"),
        ("10", "something of type str"),
    ],
)
def test_what_is_no_number_is_told_by_its_kind(given: object, odd: str) -> None:
    value = unpack_value(pack_value(given))
    assert value.odd == odd
    assert (None if value.array is None else value.array.tolist()) == (None if odd else [1, 0])
