"""One entry's gradient term by term, and one output's share of every gradient."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine import Conv1D, Term, flows, terms, trace
from tests.engine.rows import KINKS, ROWS, Row, integers, normals, small_integers


def test_terms_by_hand() -> None:
    traced = trace(Conv1D(), [1, 2, 3], [10, 1], dout=[5, 7])
    assert terms(traced, 0, 0, (1,)) == [Term((0,), 1.0, 5.0), Term((1,), 10.0, 7.0)]
    assert terms(traced, 0, 1, (0,)) == [Term((0,), 1.0, 5.0), Term((1,), 2.0, 7.0)]


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
@given(data=st.data())
def test_both_sum_to_the_gradient(row: Row, data: st.DataObject) -> None:
    layer, kinks = row.make(), data.draw(st.sampled_from(KINKS))
    inputs = data.draw(small_integers(*row.shapes))
    dout = data.draw(integers(trace(layer, *normals(row.shapes)).output.shape))
    traced = trace(layer, *inputs, dout=dout, kinks=kinks)
    position = data.draw(st.integers(0, len(traced.steps) - 1))
    step = traced.steps[position]
    for argument, grad in enumerate(step.grads):
        shares = [share[argument] for share in flows(traced, position).values()]
        assert_allclose(np.sum(shares, axis=0), grad, atol=1e-12)
        index = data.draw(st.sampled_from(list(np.ndindex(*grad.shape))))
        found = terms(traced, position, argument, index)
        assert_allclose(sum(term.slope * term.arriving for term in found), grad[index], atol=1e-12)
