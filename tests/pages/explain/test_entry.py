"""The largest terms of a gradient, compared with computing and sorting all terms."""

import numpy as np
import pytest

from engine import Conv2D, Trace, trace
from pages.derive.derivation import letters
from pages.explain.entry import Entry, entry_of
from pages.stack.grammar import read_stack

RANDOM = np.random.default_rng(8)
MOST = 4


def summed(x: list[float], da: list[float], shape: tuple[int, int]) -> Entry:
    """The weight of a filter of one entry: its gradient is the sum of x · da."""
    traced: Trace = trace(
        Conv2D(), np.reshape(x, shape), np.array([[[2.0]]]), dout=np.reshape(da, (1, *shape))
    )
    return Entry(traced, letters(traced), 0, 1, (0, 0, 0))


@pytest.mark.parametrize("shape", [(1, 5), (4, 8), (3, 11), (9, 9)])
def test_the_largest_terms_are_those_that_sorting_all_of_them_finds(shape: tuple[int, int]) -> None:
    """Includes zeros and ties, and few and many terms, for which the method differs.

    The products differ enough that the largest are in no order, and not those of the largest x.
    """
    count = shape[0] * shape[1]
    x = RANDOM.integers(-9, 10, count).astype(float).tolist()
    da = RANDOM.choice([-3.0, -1.0, 0.0, 1.0, 2.0], count).tolist()
    entry = summed(x, da, shape)
    there = [at for at in range(count) if x[at] != 0 and da[at] != 0]
    ranked = sorted(there, key=lambda at: (-abs(x[at] * da[at]), at))[:MOST]
    shown, more = entry.largest_terms(MOST)
    assert [(term.slope, term.arriving) for term in shown] == [
        (x[at], da[at]) for at in sorted(ranked)
    ]
    assert [term.output[1] * shape[1] + term.output[2] for term in shown] == sorted(ranked)
    assert more == len(there) - len(ranked)
    assert entry.term_count == len(entry.terms) == count


@pytest.mark.parametrize("count", [2, 30])
def test_the_largest_terms_are_those_of_all_readers_of_an_entry(count: int) -> None:
    first, second = RANDOM.choice([-2.0, -1.0, 0.0, 1.0, 2.0], (2, count, 1))
    dout = RANDOM.choice([-1.0, 0.5, 1.0], count)
    layer = read_stack(f"add(linear({count})|linear({count}))").layer
    traced = trace(layer, [1.0], first, second, dout=dout)
    entry = Entry(traced, letters(traced), 0, 0, (0,))
    every = [
        (float(w), float(d)) for each in (first, second) for (w,), d in zip(each, dout, strict=True)
    ]
    there = [at for at, (w, _) in enumerate(every) if w]
    ranked = sorted(there, key=lambda at: (-abs(every[at][0] * every[at][1]), at))[:MOST]
    shown, more = entry.largest_terms(MOST)
    assert [(term.slope, term.arriving) for term in shown] == [every[at] for at in sorted(ranked)]
    assert more == len(there) - len(ranked)


@pytest.mark.parametrize("count", [5, 40])
def test_a_product_that_underflows_is_a_term_that_is_not_zero(count: int) -> None:
    entry = summed([1e-200] * count, [1e-200] * count, (1, count))
    shown, more = entry.largest_terms(MOST)
    assert len(shown) == MOST
    assert more == count - MOST


def test_an_entry_that_several_steps_read_is_the_input_of_the_first() -> None:
    read = read_stack("add(linear(2)|linear(2))").layer
    traced = trace(read, [1.0], np.ones((2, 1)), np.ones((2, 1)), dout=np.ones(2))
    first, second = traced.values[0].readers
    assert first[0] < second[0]
    entry = entry_of(traced, letters(traced), "x1")
    assert entry
    assert (entry.step, entry.argument) == first
