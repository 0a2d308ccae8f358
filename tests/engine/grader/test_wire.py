"""What travels between the two processes: which of a student's gradients is whose."""

import numpy as np
import pytest

from engine.grader.wire import Json, pack, pack_gradients

X, W = np.array([1.0, -2.0]), np.array(0.5)
DX, DW = pack(X), pack(W)
NONE: Json = {"odd": "None"}


@pytest.mark.parametrize(
    ("given", "packed"),
    [
        ((X, W), [DX, DW]),
        ([X, W, None], [DX, DW]),  # for a bias that was left out
        ((X, None), [DX, NONE]),
        ((X, None, None), [DX, NONE]),
    ],
)
def test_a_none_stands_for_an_input_only_where_there_is_one(given: object, packed: object) -> None:
    assert pack_gradients(given, [X, W]) == {"values": packed}


@pytest.mark.parametrize(
    ("given", "packed"), [(X, DX), ((X,), DX), ((X, None), DX), ((None,), NONE), (None, NONE)]
)
def test_of_one_input_the_gradient_may_be_alone_in_a_tuple(given: object, packed: Json) -> None:
    assert pack_gradients(given, [X]) == {"values": [packed]}
